/* Words: where they begin and end, in a table and against Unicode's WordBreakTest.txt where our rule is the same as its
 * rule; classes of characters; the core of a text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/fold.h"
#include "text/utf8.h"
#include "text/words.h"

static weir_str fold(const char *text, char *out, size_t cap) {
  size_t len, consumed;
  assert_int_equal(weir_fold(weir_str_of(text), out, cap, &len, &consumed), WEIR_FOLD_OK);
  return (weir_str){ out, len };
}

/* As the matcher looks for a keyword in word mode: somewhere it stands between a start and an end. */
static bool contains_word(const char *text, const char *word) {
  char text_out[1024], word_out[512];
  weir_str t = fold(text, text_out, sizeof text_out), w = fold(word, word_out, sizeof word_out);
  for (size_t at = 0; at + w.len <= t.len; at++) {
    if (memcmp(t.ptr + at, w.ptr, w.len) == 0 && weir_word_starts(t, at) && weir_word_ends(t, at + w.len)) return true;
  }
  return false;
}

static const struct { const char *text, *word; bool there; } cases[] = {
  /* Latin and digits */
  { "this", "hi", false }, { "hi there", "hi", true }, { "say HI!", "hi", true }, { "hi", "hi", true }, { "(hi)", "hi", true },
  { "hi_there", "hi", true }, { "don't", "don", true }, { "p.d.f", "d", true }, { "e-mail", "mail", true },
  { "iphone15", "iphone", false }, { "iphone15", "15", false }, { "iphone15", "iphone15", true }, { "iphone 15", "15", true },
  { "15kg", "15", false }, { "3.14", "14", true }, { "mp3", "mp", false }, { "2026", "202", false }, { "２０２６", "2026", true },
  { "quiero", "quier", false }, { "él", "l", false }, { "señor", "se", false }, { "¿quiero?", "quiero", true },
  { "link😀", "link", true }, { "😀", "😀", true }, { "a😀b", "😀", true }, { "👍🏽👍", "👍", true },
  { "\xE2\x80\x8Bhi\xE2\x80\x8B", "hi", true },
  /* Han, kana, Thai and what stands beside them */
  { "发pdf给我", "pdf", true }, { "求电子版", "电子", true }, { "要15份", "15", true }, { "有iphone15吗", "iphone15", true },
  { "有iphone15吗", "iphone", false }, { "發PDF給我", "pdf", true }, { "pdf", "求", false },
  { "資料がほしい", "資料", true }, { "リンクください", "リンク", true }, { "サーバー", "サーバ", true }, { "ｐｄｆをください", "pdf", true },
  { "ขอไฟล์pdfหน่อย", "pdf", true }, { "ขอไฟล์หน่อย", "ไฟล์", true }, { "ขอไฟล์หน่อย", "ไฟล", false },
  /* no letter without its marks */
  { "ขอน้ำ", "น้ำ", true }, { "ລິ້ງລິ້ງ", "ລິ້ງ", true }, { "ស្រី", "ស", false },
  /* Hangul: particles */
  { "pdf를", "pdf", true }, { "pdf를 주세요", "pdf", true }, { "자료를 주세요", "자료", true }, { "자료가", "자료", true }, { "자료는", "자료", true },
  { "파일을", "파일", true }, { "파일로", "파일", true }, { "링크로", "링크", true }, { "책으로", "책", true }, { "자료까지만요", "자료", true },
  { "선생님에게서", "선생님", true }, { "선생님에게나무", "선생님", false }, { "선생님으로서", "선생님", true },
  { "선생님에게는", "선생님", true }, { "학교에서는", "학교", true }, { "자료의", "자료", true }, { "자료랑 파일", "자료", true }, { "책이랑", "책", true },
  { "자료좀요", "자료", true }, { "자료, 파일", "자료", true },
  { "자료실", "자료", false }, { "자료를받다", "자료", false }, { "사과", "사", false }, { "자료을", "자료", false }, { "책를", "책", false },
  { "책로", "책", false }, { "파일으로", "파일", false }, { "무료자료", "자료", false }, { "한국어", "한", false },
  { "15를", "15", true }, { "3개", "3", false }, { "3까지", "3", true }, { "版를", "版", true },
  { "\xE1\x84\x8C\xE1\x85\xA1\xE1\x84\x85\xE1\x85\xAD를", "자료", true }, /* typed as jamo */
  /* scripts beside each other */
  { "рdf", "df", true }, { "привет", "при", false }, { "Привет, мир", "мир", true }, { "αβγ", "αβ", false },
  { "linkпривет", "link", true },
  { "कखग", "क", false }, { "हिन्दी pdf", "pdf", true }, { "हिन्दी", "हि", false }, { "שלום", "של", false },
  { "السلام", "سلام", false },
  { "٣كتب", "3", false }, { "ℌi", "hi", true },
};

static void test_words(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    if (contains_word(cases[i].text, cases[i].word) != cases[i].there) {
      fail_msg("\"%s\" %s the word \"%s\"", cases[i].text, cases[i].there ? "should contain" : "should not contain",
        cases[i].word);
    }
  }
}

static void test_places(void **state) {
  (void)state;
  assert_true(weir_word_starts(WEIR_STR(""), 0) && weir_word_ends(WEIR_STR(""), 0));
  assert_true(weir_word_starts((weir_str){ NULL, 0 }, 0) && weir_word_ends((weir_str){ NULL, 0 }, 0));
  assert_true(weir_word_starts(WEIR_STR("ab"), 0) && weir_word_ends(WEIR_STR("ab"), 2));
  assert_false(weir_word_starts(WEIR_STR("ab"), 1) || weir_word_ends(WEIR_STR("ab"), 1));
  /* inside a code point there is nothing */
  for (size_t at = 1; at < 6; at++) {
    if (at == 3) continue;
    assert_false(weir_word_starts(WEIR_STR("电子"), at) || weir_word_ends(WEIR_STR("电子"), at));
  }
  assert_true(weir_word_starts(WEIR_STR("电子"), 3) && weir_word_ends(WEIR_STR("电子"), 3));
  /* particles end a word, they do not begin one */
  assert_true(weir_word_ends(WEIR_STR("자료를"), 6));
  assert_false(weir_word_starts(WEIR_STR("자료를"), 6));
  /* a mark without a letter before it */
  assert_false(weir_word_starts(WEIR_STR(" \xCC\x81"), 1));
  assert_true(weir_word_starts(WEIR_STR("\xCC\x81" "a b"), 2) && weir_word_starts(WEIR_STR("\xCC\x81" "a b"), 4));
}

static void test_classes(void **state) {
  static const struct { uint32_t cp; unsigned class; } classes[] = {
    { 'a', WEIR_CHAR_LETTER }, { 'Z', WEIR_CHAR_LETTER }, { '0', WEIR_CHAR_DIGIT }, { '9', WEIR_CHAR_DIGIT },
    { ' ', WEIR_CHAR_SPACE }, { '\t', WEIR_CHAR_SPACE | WEIR_CHAR_CONTROL }, { '\n', WEIR_CHAR_SPACE | WEIR_CHAR_CONTROL },
    { 0, WEIR_CHAR_CONTROL }, { 0x7F, WEIR_CHAR_CONTROL }, { '.', WEIR_CHAR_PUNCT }, { '_', WEIR_CHAR_PUNCT },
    { '+', WEIR_CHAR_PUNCT }, { '#', WEIR_CHAR_PUNCT }, { '*', WEIR_CHAR_PUNCT }, { 0xE9, WEIR_CHAR_LETTER },
    { 0x301, WEIR_CHAR_LETTER }, { 0x661, WEIR_CHAR_DIGIT }, { 0x416, WEIR_CHAR_LETTER },
    { 0x7535, WEIR_CHAR_LETTER | WEIR_CHAR_DENSE }, { 0x3042, WEIR_CHAR_LETTER | WEIR_CHAR_DENSE },
    { 0x30FC, WEIR_CHAR_LETTER | WEIR_CHAR_DENSE }, { 0x3007, WEIR_CHAR_LETTER | WEIR_CHAR_DENSE },
    { 0xE01, WEIR_CHAR_LETTER | WEIR_CHAR_DENSE }, { 0x1780, WEIR_CHAR_LETTER | WEIR_CHAR_DENSE },
    { 0x1000, WEIR_CHAR_LETTER | WEIR_CHAR_DENSE }, { 0xE81, WEIR_CHAR_LETTER | WEIR_CHAR_DENSE },
    { 0xAC00, WEIR_CHAR_LETTER }, { 0x1F600, WEIR_CHAR_EMOJI }, { 0x2764, WEIR_CHAR_EMOJI }, { 0x1F1E8, WEIR_CHAR_EMOJI },
    { 0x1F3FB, WEIR_CHAR_EMOJI }, { 0x2605, WEIR_CHAR_PUNCT }, { 0x3002, WEIR_CHAR_PUNCT }, { 0xA5, WEIR_CHAR_PUNCT },
    { 0xFFFD, WEIR_CHAR_PUNCT }, { 0x3000, WEIR_CHAR_SPACE }, { 0x2028, WEIR_CHAR_SPACE }, { 0x202E, WEIR_CHAR_CONTROL },
    { 0x200D, WEIR_CHAR_CONTROL }, { 0x378, WEIR_CHAR_CONTROL }, { 0xD800, WEIR_CHAR_CONTROL }, { 0xE000, WEIR_CHAR_PUNCT },
    { 0x10FFFF, WEIR_CHAR_CONTROL }, { 0x110000, WEIR_CHAR_CONTROL }, { 0xFFFFFFFF, WEIR_CHAR_CONTROL },
  };
  (void)state;
  for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
    if (weir_char_class(classes[i].cp) != classes[i].class) {
      fail_msg("U+%04X is %u, not %u", classes[i].cp, weir_char_class(classes[i].cp), classes[i].class);
    }
  }
  /* Everything is something, and only one thing beside SPACE|CONTROL and LETTER|DENSE. */
  for (uint32_t cp = 0; cp < 0x110000; cp++) {
    unsigned c = weir_char_class(cp), one = c & ~(unsigned)WEIR_CHAR_DENSE;
    if (one == (WEIR_CHAR_SPACE | WEIR_CHAR_CONTROL)) one = WEIR_CHAR_SPACE;
    assert_true(one != 0 && (one & (one - 1)) == 0 && one < WEIR_CHAR_DENSE);
    if (c & WEIR_CHAR_DENSE) assert_true(c & WEIR_CHAR_LETTER);
  }
}

static void test_core(void **state) {
  static const struct { const char *text, *core; } cores[] = {
    { "求电子版！！！", "求电子版" }, { "  hi. ", "hi" }, { "😀求😀", "求" }, { "hi", "hi" }, { "a.b", "a.b" }, { "", "" }, { "...", "" },
    { "😀", "" }, { "👍🏽 ok 👍🏽", "ok" }, { "\"quiero\"", "quiero" }, { "hi\n", "hi" }, { "#e\xCC\x81#", "é" },
    { "x.\xCC\x81", "x" }, { ".\xCC\x81x", "x" }, { "\xCC\x81x", "\xCC\x81x" }, { "[求]", "求" }, { "~1~", "1" },
    { "★链接★", "链接" }, { "🇨🇳中国🇨🇳", "中国" }, { "❤️", "" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cores / sizeof cores[0]; i++) {
    char text_out[512], core_out[512];
    weir_str text = fold(cores[i].text, text_out, sizeof text_out), want = fold(cores[i].core, core_out, sizeof core_out);
    size_t start = 99, end = 0;
    weir_text_core(text, &start, &end);
    assert_true(start <= end && end <= text.len);
    if (!weir_str_eq((weir_str){ text.ptr + start, end - start }, want)) {
      fail_msg("core of \"%s\" is \"%.*s\"", cores[i].text, (int)(end - start), text.ptr + start);
    }
  }
}

/* ---- WordBreakTest.txt */

/* The characters about which both rules say the same: letters, marks and digits of scripts with spaces, and what is no part
 * of words at all. Left out: format characters (folding removes them), emoji and regional indicators, dense scripts (kana,
 * Han), underscore (a letter there), joiners inside words such as the apostrophe (there "don't" is one word). Hebrew
 * letters too, because they stand beside Latin ones in the file, where we see a boundary. */
enum kind { LEFT_OUT, WORD, NO_WORD, ON_BASE };
static enum kind kind_of(uint32_t cp) {
  static const uint32_t joiners[] = { '_', ':', '\'', '"', ',', '.', ';', 0xB7, 0x2018, 0x2019, 0x2024, 0x2027, 0x202F, 0x3031 };
  unsigned class = weir_char_class(cp);
  for (size_t i = 0; i < sizeof joiners / sizeof joiners[0]; i++) {
    if (cp == joiners[i]) return LEFT_OUT;
  }
  if (cp == 0x5D0 || (class & (WEIR_CHAR_DENSE | WEIR_CHAR_EMOJI)) || (cp >= 0x80 &&
    (class & WEIR_CHAR_CONTROL))) return LEFT_OUT;
  if (cp == 0x300 || cp == 0x308 || cp == 0x903) return ON_BASE;
  return class & (WEIR_CHAR_LETTER | WEIR_CHAR_DIGIT) ? WORD : NO_WORD;
}

static void test_word_break_file(void **state) {
  char line[2048];
  size_t compared = 0;
  FILE *f = fopen("/usr/share/unicode/auxiliary/WordBreakTest.txt", "r");
  (void)state;
  if (!f) skip();
  while (fgets(line, sizeof line, f)) {
    char text[256], *at = line;
    size_t len = 0, cnt = 0, start[64];
    uint32_t cps[64];
    bool breaks[64];
    if (line[0] == '#') continue;
    /* "÷ 0061 × 0308 ÷ 0062 ÷": the sign before a code point tells of the place before it. */
    while (*at && *at != '#' && cnt < 63) {
      bool sign = memcmp(at, "\xC3\xB7", 2) == 0;
      at += 3;
      if (!strchr("0123456789ABCDEF", *at) || !*at) break;
      breaks[cnt] = sign;
      cps[cnt] = (uint32_t)strtoul(at, &at, 16);
      start[cnt] = len;
      len += weir_utf8_put(cps[cnt], text + len);
      cnt++;
      at++;
    }
    enum kind before = cnt && kind_of(cps[0]) != ON_BASE ? kind_of(cps[0]) : NO_WORD;
    for (size_t i = 1; i < cnt; i++) {
      enum kind kind = kind_of(cps[i]), a = before;
      bool spaces = weir_char_class(cps[i - 1]) & weir_char_class(cps[i]) & WEIR_CHAR_SPACE;
      weir_str t = { text, len };
      if (kind != ON_BASE) before = kind;
      else if (cps[i - 1] < ' ' || cps[i - 1] == 0x85) before = a = LEFT_OUT; /* there it stands alone after a line end */
      if (a == LEFT_OUT || kind == LEFT_OUT || spaces) continue; /* there, spaces and CR LF hang together */
      if (weir_word_starts(t, start[i]) != breaks[i] || weir_word_ends(t, start[i]) != breaks[i]) {
        fail_msg("place %zu of: %s", i, line);
      }
      compared++;
    }
  }
  fclose(f);
  assert_true(compared > 300);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_words), cmocka_unit_test(test_places), cmocka_unit_test(test_classes), cmocka_unit_test(test_core),
    cmocka_unit_test(test_word_break_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
