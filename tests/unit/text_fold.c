/* What folding promises, case by case: what becomes equal, what stays, where texts are cut, which bytes are refused, and
 * how spans find back. tests/unit/text_unicode.c compares with the rest of the world. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "limits.h"
#include "text/fold.h"
#include "text/utf8.h"
#include "text/words.h"

#define CAP 4096

static char out[CAP];

static weir_str fold(weir_str text) {
  size_t len, consumed;
  assert_int_equal(weir_fold(text, out, CAP, &len, &consumed), WEIR_FOLD_OK);
  assert_int_equal(consumed, text.len);
  return (weir_str){ out, len };
}

static weir_str fold_loose(weir_str text) {
  size_t len, consumed;
  assert_int_equal(weir_fold_loose(text, out, CAP, &len, &consumed), WEIR_FOLD_OK);
  assert_int_equal(consumed, text.len);
  return (weir_str){ out, len };
}

static void expect(weir_str got, const char *text, const char *want) {
  if (!weir_str_eq(got, weir_str_of(want))) fail_msg("\"%s\" gives \"%.*s\", not \"%s\"", text, WEIR_FMT(got), want);
}

static const struct { const char *text, *want; } pairs[] = {
  { "", "" },
  { "Requesting for INFORMATION, 09:45?", "requesting for information, 09:45?" },
  { "abcdefgH", "abcdefgh" }, { "ABCDEFGHIJKLMNOPQRSTUVWXYZ[@`{", "abcdefghijklmnopqrstuvwxyz[@`{" },
  { "求电子版", "求电子版" }, { "求電子版", "求电子版" }, { "有沒有資料", "有没有资料" },
  { "後", "后" }, { "髮", "发" }, { "發", "发" }, { "裏面", "里面" }, { "裡面", "里面" }, { "這裡乾淨", "这里干净" },
  { "回覆", "回复" }, { "為甚麼", "为甚么" }, { "爲", "为" },
  { "ＰＤＦ", "pdf" }, { "（电子版）！", "(电子版)!" }, { "　", " " }, { "ｶﾞｷﾞﾊﾟ", "ガギパ" }, { "ひらカタ", "ひらカタ" },
  { "３８元", "38元" }, { "١٢٣", "123" }, { "৪২", "42" }, { "𝟙𝟚", "12" }, { "①⑫", "112" }, { "x²", "x2" }, { "一二", "一二" },
  { "ﬁn", "fin" }, { "STRASSE", "strasse" }, { "Straße", "strasse" }, { "ẞ", "ss" }, { "Σίσυφος", "σίσυφοσ" }, { "İ", "i̇" },
  { "ı", "ı" },
  { "ÉCOLE", "école" }, { "E\xCC\x81" "COLE", "école" }, { "ǅ", "dž" }, { "\xE2\x84\xAA", "k" }, { "ſ", "s" },
  { "微\xE2\x80\x8B信", "微信" }, { "微\xEF\xBB\xBF信", "微信" }, { "v\xC2\xADx", "vx" }, { "\xE2\x80\xAE" "abc\xE2\x80\xAC", "abc" },
  { "❤️", "❤" }, { "👍🏽", "👍" }, { "👨‍👩‍👧", "👨👩👧" }, { "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴" }, { "🇨🇳", "🇨🇳" }, { "1️⃣", "1⃣" },
  { "가", "가" }, { "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8", "각" }, { "\xE1\x84\x80\xE2\x80\x8D\xE1\x85\xA1", "가" },
  { "ㅎㅏㄴ", "하\xE1\x84\x82" }, { "ㅋㅋ", "\xE1\x84\x8F\xE1\x84\x8F" }, { "ㅠㅠ", "\xE1\x85\xB2\xE1\x85\xB2" },
  { "น้ำ", "น\xE0\xB9\x89\xE0\xB9\x8Dา" }, { "क़", "क\xE0\xA4\xBC" }, { "ো", "ো" },
  { "\xE0\xA6\x95\xE0\xA7\x87\xE0\xA6\xBE", "কো" },
  { "ﷺ", "صلى الله عليه وسلم" }, { "㎏", "kg" }, { "㍿", "株式会社" }, { "™", "tm" }, { "…", "..." }, { "\xC2\xA0", " " },
  /* marks in any order, and the one that becomes a letter only after all are in order */
  { "q\xCC\x87\xCC\xA3", "q\xCC\xA3\xCC\x87" }, { "q\xCC\xA3\xCC\x87", "q\xCC\xA3\xCC\x87" }, { "é\xCC\xA3", "ẹ\xCC\x81" },
  { "α\xCD\x85\xCC\x81", "άι" }, { "α\xCC\x81\xCD\x85", "άι" }, { "ᾴ", "άι" }, { "ᾳ\xCC\x81", "άι" },
  { "\xCC\x81", "\xCC\x81" }, { "\xCD\x85", "ι" }, { "a\xE2\x80\x8D\xCC\x81", "á" },
  { "\xF0\x9D\x85\x9E", "\xF0\x9D\x85\x97\xF0\x9D\x85\xA5" },
  { "\x01\x7F\t\n", "\x01\x7F\t\n" },
};

static void test_what_becomes_equal(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    char once[CAP];
    weir_str folded = fold(weir_str_of(pairs[i].text));
    expect(folded, pairs[i].text, pairs[i].want);
    memcpy(once, folded.ptr, folded.len);
    expect(fold((weir_str){ once, folded.len }), pairs[i].want, pairs[i].want);
  }
}

/* The eight-byte steps must not depend on where a text begins or ends. */
static void test_every_alignment(void **state) {
  static const char line[] = "Ab Cd EF 电 gHI é jklMNOPQ 版, RSTUVWXYZ 😀 Zz";
  static const char want[] = "ab cd ef 电 ghi é jklmnopq 版, rstuvwxyz 😀 zz";
  (void)state;
  for (size_t from = 0; from < sizeof line - 1; from++) {
    if (((unsigned char)line[from] & 0xC0) == 0x80) continue;
    for (size_t to = from; to < sizeof line; to++) {
      size_t len, consumed;
      char *exact;
      if (((unsigned char)line[to] & 0xC0) == 0x80) continue;
      exact = malloc(to - from + 1); /* its own block, so that reading beyond is seen by the sanitizer */
      assert_non_null(exact);
      memcpy(exact, line + from, to - from);
      assert_int_equal(weir_fold((weir_str){ exact, to - from }, out, CAP, &len, &consumed), WEIR_FOLD_OK);
      assert_int_equal(len, to - from);
      assert_memory_equal(out, want + from, len);
      free(exact);
    }
  }
}

static void test_loose(void **state) {
  static const struct { const char *text, *want; } cases[] = {
    { "电 子 版", "电子版" }, { "p.d.f", "pdf" }, { "P . D - F", "pdf" }, { "加 v:a_b_c", "加vabc" }, { "1 3 8-0013", "1380013" },
    { "电★子★版", "电子版" }, { "电\n子", "电子" }, { "  pdf!  ", "  pdf!  " }, { "...", "..." }, { "", "" },
    { "电😀子", "电😀子" }, { "电 😀 子", "电 😀 子" }, { "电 . 😀", "电 . 😀" }, { "é . f", "éf" },
    { "a .\xCC\x81 b", "a .\xCC\x81 b" },                       /* a mark on the dot holds it */
    { "\xE1\x84\x80 \xE1\x85\xA1", "\xE1\x84\x80 \xE1\x85\xA1" }, /* would become one syllable */
    { "网 盘 , 链接", "网盘炼接" }, { "中 文 abc 3", "中文abc3" }, { "क ी", "की" }, { "น ้ า", "น ้ า" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char once[CAP];
    weir_str folded = fold_loose(weir_str_of(cases[i].text));
    expect(folded, cases[i].text, cases[i].want);
    memcpy(once, folded.ptr, folded.len);
    expect(fold_loose((weir_str){ once, folded.len }), cases[i].want, cases[i].want);
    expect(fold((weir_str){ once, folded.len }), cases[i].want, cases[i].want);
  }
}

/* Each code point of ASCII between two letters is left out just when it is a space, punctuation or symbol. */
static void test_loose_ascii(void **state) {
  (void)state;
  for (unsigned c = 0; c < 0x80; c++) {
    char text[3] = { 'x', (char)c, 'y' };
    size_t gap = weir_char_class(c) & (WEIR_CHAR_SPACE | WEIR_CHAR_PUNCT) ? 1 : 0;
    assert_int_equal(fold_loose((weir_str){ text, 3 }).len, 3 - gap);
  }
}

/* More marks than the window holds, on letters that have some already: bounded, and stable. */
static void test_stacked_marks(void **state) {
  static const char *const marks[] = { "\xCC\x81", "\xCC\xA3", "\xCC\xB8", "\xCC\x96", "\xCD\x85", "\xE0\xB9\x88" };
  static const char *const letters[] = { "e", "é", "ǘ", "ᾳ" };
  (void)state;
  for (size_t cnt = 1; cnt < 100; cnt += cnt < 40 ? 1 : 13) {
    for (size_t kind = 0; kind < 7 * 4; kind++) {
      char text[CAP], once[CAP], tight[CAP];
      const char *letter = letters[kind / 7];
      size_t len = strlen(letter), n, tight_n, consumed;
      memcpy(text, letter, len);
      for (size_t i = 0; i < cnt; i++) {
        const char *mark = marks[kind % 7 < 6 ? kind % 7 : i * i % 6];
        memcpy(text + len, mark, strlen(mark));
        len += strlen(mark);
      }
      text[len++] = 'Z';
      weir_str folded = fold((weir_str){ text, len });
      n = folded.len;
      memcpy(once, folded.ptr, n);
      assert_true(n <= 3 + 4 * WEIR_FOLD_RUN_MAX);
      assert_int_equal(once[n - 1], 'z');
      assert_true(weir_str_eq(fold((weir_str){ once, n }), (weir_str){ once, n }));
      assert_int_equal(weir_fold((weir_str){ text, len }, tight, n, &tight_n, &consumed), WEIR_FOLD_OK);
      assert_int_equal(tight_n, n);
      assert_memory_equal(tight, once, n);
    }
  }
  char stack[1 + 2 * 40] = "b"; /* b and the acute make no one character */
  for (size_t i = 0; i < 40; i++) memcpy(stack + 1 + 2 * i, marks[0], 2);
  assert_int_equal(fold((weir_str){ stack, sizeof stack }).len, 1 + 2 * WEIR_FOLD_RUN_MAX);
}

/* At every capacity: a prefix of whole letters, which folds by itself to what was written. */
static void test_cut(void **state) {
  static const char *const texts[] = {
    "Requesting for information", "求電子版，謝謝", "ﷺﷺ", "e\xCC\x81\xCC\xA3 q\xCC\x87\xCC\xA3 é",
    "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8가", "😀👍🏽x", "α\xCD\x85\xCC\x81β", "น้ำตก", "\xE2\x80\x8B\xE2\x80\x8B\x61\xE2\x80\x8B",
    "\xCC\x81\xCC\x81\xCC\x81", "ﬁﬁ\xCC\x81",
  };
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    weir_str text = weir_str_of(texts[i]);
    char whole[CAP];
    size_t whole_len = fold(text).len, last = 0;
    memcpy(whole, out, whole_len);
    for (size_t cap = 0; cap <= whole_len; cap++) {
      char *exact = malloc(cap + 1);
      size_t len, consumed;
      enum weir_fold_result result;
      assert_non_null(exact);
      result = weir_fold(text, cap ? exact : NULL, cap, &len, &consumed);
      assert_int_equal(result, cap < whole_len ? WEIR_FOLD_CUT : WEIR_FOLD_OK);
      assert_true(len <= cap && len >= last && consumed <= text.len);
      assert_memory_equal(exact, whole, len);
      assert_int_equal(fold((weir_str){ text.ptr, consumed }).len, len);
      if (cap == whole_len) assert_int_equal(len, whole_len);
      last = len;
      free(exact);
    }
  }
}

/* A text whose folding is longer than the room, also when the fast way has begun it. */
static void test_cut_long(void **state) {
  static char text[8190], room[WEIR_FOLD_MAX];
  size_t len, consumed;
  (void)state;
  for (size_t i = 0; i < sizeof text; i += 3) memcpy(text + i, "\xEF\xB7\xBA", 3); /* 33 bytes each */
  assert_int_equal(weir_fold((weir_str){ text, sizeof text }, room, sizeof room, &len, &consumed), WEIR_FOLD_CUT);
  assert_int_equal(len, sizeof room / 33 * 33);
  assert_int_equal(consumed, sizeof room / 33 * 3);
  for (size_t i = 0; i < sizeof text; i++) text[i] = 'A';
  assert_int_equal(weir_fold((weir_str){ text, sizeof text }, room, 8000, &len, &consumed), WEIR_FOLD_CUT);
  assert_int_equal(len, 8000);
  assert_int_equal(consumed, 8000);
  assert_int_equal(room[7999], 'a');
}

static const char *const invalid[] = {
  "\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xC3\xC3", "\xDF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xE4",
  "\xE4\xB8", "\xE4\xB8\x41", "\xE4\x41\xB8", "\xED\xA0\x80", "\xED\xAF\xBF", "\xED\xBF\xBF", "\xF0\x80\x80\x80",
  "\xF0\x8F\xBF\xBF", "\xF0\x9F", "\xF0\x9F\x98", "\xF0\x9F\x98\x41", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
  "\xF8\x88\x80\x80\x80", "\xFE", "\xFF",
};

/* Everywhere: alone, behind and before any kind of text, with room and without. */
static void test_invalid(void **state) {
  static const char *const before[] = { "", "a", "abcdefgh", "Abcdefghijk", "电", "电子版", "é", "e\xCC\x81", "e\xE0\xB9\x88",
    "\xE2\x80\x8B", "😀", "\xE1\x84\x80\xE1\x85\xA1", "α\xCD\x85" };
  static const char *const after[] = { "", "x", "abcdefghi", "电子版资料" };
  (void)state;
  for (size_t b = 0; b < sizeof before / sizeof before[0]; b++) {
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
      for (size_t a = 0; a < 4; a++) {
        char text[64], tight[64];
        size_t at = strlen(before[b]), len, consumed, want_len;
        int n = snprintf(text, sizeof text, "%s%s%s", before[b], invalid[i], after[a]);
        want_len = fold(weir_str_of(before[b])).len;
        assert_int_equal(weir_fold((weir_str){ text, (size_t)n }, out, CAP, &len, &consumed), WEIR_FOLD_INVALID);
        assert_int_equal(consumed, at);
        assert_int_equal(len, want_len);
        assert_int_equal(weir_fold((weir_str){ text, (size_t)n }, tight, sizeof tight, &len, &consumed), WEIR_FOLD_INVALID);
        assert_int_equal(consumed, at);
        assert_int_equal(len, want_len);
        assert_memory_equal(tight, out, len);
        assert_int_equal(weir_fold_loose((weir_str){ text, (size_t)n }, out, CAP, &len, &consumed), WEIR_FOLD_INVALID);
        assert_int_equal(consumed, at);
      }
    }
  }
}

/* Every sequence of two bytes, and of three and four with interesting ones, is judged as by the definition. */
static void test_validity_against_definition(void **state) {
  static const unsigned char edge[] = { 0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xE1, 0xFF };
  (void)state;
  for (unsigned a = 0x80; a < 0x100; a++) {
    for (size_t b = 0; b < sizeof edge; b++) {
      for (size_t c = 0; c < sizeof edge; c++) {
        for (size_t d = 0; d < sizeof edge; d++) {
          char text[4] = { (char)a, (char)edge[b], (char)edge[c], (char)edge[d] };
          size_t len, consumed, valid = weir_utf8_valid((weir_str){ text, 4 });
          enum weir_fold_result result = weir_fold((weir_str){ text, 4 }, out, CAP, &len, &consumed);
          assert_int_equal(result, valid == 4 ? WEIR_FOLD_OK : WEIR_FOLD_INVALID);
          if (result == WEIR_FOLD_INVALID) assert_int_equal(consumed, valid);
        }
      }
    }
  }
}

static uint32_t seed = 77;
static uint32_t draw(uint32_t below) {
  seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
  return seed % below;
}

/* Pieces of text and of nonsense, in blocks of their own size: the same prefix is valid for all, and both ways agree. */
static void test_random_bytes(void **state) {
  static const char *const parts[] = { "abcdefgh", "Z", "电", "，", "é", "\xCC\x81", "\xCD\x85", "😀", "\xE0\xB9\x88",
    "\xE1\x84\x80", "\xE1\x85\xA1", "ﷺ", "\xE0\xA7\x87",
    "\xE0\xA6\xBE", "\xE2\x80\x8D", "ﬁ", "ᾳ", "\xE4\xB8", "\xF0\x9F", "\xED\xA0\x80", " " };
  (void)state;
  for (int round = 0; round < 20000; round++) {
    char built[256], *text, *tight;
    size_t n = 0, len, consumed, tight_len, tight_consumed, cap;
    enum weir_fold_result result;
    for (size_t i = draw(12); i > 0; i--) {
      const char *part = parts[draw(sizeof parts / sizeof parts[0])];
      memcpy(built + n, part, strlen(part));
      n += strlen(part);
      if (draw(16) == 0) built[n++] = (char)draw(256);
    }
    text = malloc(n + !n);
    assert_non_null(text);
    memcpy(text, built, n);
    result = weir_fold((weir_str){ text, n }, out, CAP, &len, &consumed);
    assert_int_equal(consumed, weir_utf8_valid((weir_str){ text, n }));
    assert_int_equal(result, consumed == n ? WEIR_FOLD_OK : WEIR_FOLD_INVALID);
    for (int try = 0; try < 3; try++) {
      cap = try == 0 ? len : draw((uint32_t)len + 200);
      tight = malloc(cap + !cap);
      assert_non_null(tight);
      if (weir_fold((weir_str){ text, n }, tight, cap, &tight_len, &tight_consumed) == WEIR_FOLD_CUT) {
        assert_true(cap < len && tight_len <= cap && tight_consumed < consumed);
      } else {
        assert_int_equal(tight_len, len);
        assert_int_equal(tight_consumed, consumed);
      }
      assert_memory_equal(tight, out, tight_len);
      free(tight);
    }
    free(text);
  }
}

static void expect_span(const char *text, bool loose, size_t start, size_t end, const char *want, size_t want_start) {
  size_t from, to;
  weir_fold_span(weir_str_of(text), loose, start, end, &from, &to);
  if (from != want_start || to - from != strlen(want) || memcmp(text + from, want, to - from) != 0) {
    fail_msg("[%zu,%zu) of \"%s\" gives [%zu,%zu), not \"%s\" at %zu", start, end, text, from, to, want, want_start);
  }
}

static void test_span(void **state) {
  (void)state;
  expect_span("hello PDF!", false, 6, 9, "PDF", 6);
  expect_span("求電子版", false, 3, 12, "電子版", 3);
  expect_span("ＰＤＦ给我", false, 0, 3, "ＰＤＦ", 0);
  expect_span("ＰＤＦ给我", false, 1, 2, "Ｄ", 3);
  expect_span("xﬁy", false, 1, 2, "ﬁ", 1);   /* half of what one character gives */
  expect_span("xﬁy", false, 2, 4, "ﬁy", 1);
  expect_span("xe\xCC\x81y", false, 1, 3, "e\xCC\x81", 1);
  expect_span("q\xCC\x87\xCC\xA3.", false, 1, 3, "\xCC\xA3", 3); /* marks changed places */
  expect_span("q\xCC\x87\xCC\xA3.", false, 0, 1, "q", 0);
  expect_span("微\xE2\x80\x8B信", false, 0, 6, "微\xE2\x80\x8B信", 0);
  expect_span("微\xE2\x80\x8B信", false, 0, 3, "微", 0);  /* nothing invisible at the ends */
  expect_span("微\xE2\x80\x8B信", false, 3, 6, "信", 6);
  expect_span("a\xE1\x84\x80\xE1\x85\xA1z", false, 1, 4, "\xE1\x84\x80\xE1\x85\xA1", 1);
  expect_span("要 p.d.f 吗", true, 3, 6, "p.d.f", 4);
  expect_span("要 p.d.f 吗", true, 6, 9, "吗", 10);
  expect_span("要 p.d.f 吗", true, 0, 9, "要 p.d.f 吗", 0);
  expect_span("要 p.d.f 吗", false, 4, 9, "p.d.f", 4);
  /* empty spans and what is beyond */
  expect_span("abc", false, 1, 1, "", 1);
  expect_span("\xE2\x80\x8B" "abc", false, 0, 0, "", 3);
  expect_span("abc", false, 3, 3, "", 3);
  expect_span("abc", false, 9, 12, "", 3);
  expect_span("", false, 0, 0, "", 0);
}

/* Texts without marks: every span, and the longest prefix that fits, is found by trying all. */
static void test_span_by_trying(void **state) {
  static const char *const parts[] = { "a", "B", " ", ".", "电", "電", "ﬁ", "Ｐ", "\xE2\x80\x8B", "ﷺ", "😀", "É", "🏽", "가", "ß" };
  (void)state;
  for (int round = 0; round < 3000; round++) {
    char text[256];
    size_t at[16], folded_at[16], cnt = 1 + draw(8), len = 0, start, end, from = 0, to = 0, got_from, got_to;
    bool some = false;
    for (size_t i = 0; i < cnt; i++) {
      const char *part = parts[draw(sizeof parts / sizeof parts[0])];
      at[i] = len;
      folded_at[i] = fold((weir_str){ text, len }).len;
      memcpy(text + len, part, strlen(part));
      len += strlen(part);
    }
    at[cnt] = len;
    folded_at[cnt] = fold((weir_str){ text, len }).len;
    if (folded_at[cnt] == 0) continue;
    start = draw((uint32_t)folded_at[cnt]);
    end = start + 1 + draw((uint32_t)(folded_at[cnt] - start));
    for (size_t i = 0; i < cnt; i++) {
      if (folded_at[i + 1] <= start || folded_at[i] >= end || folded_at[i] == folded_at[i + 1]) continue;
      if (!some) from = at[i];
      some = true;
      to = at[i + 1];
    }
    weir_fold_span((weir_str){ text, len }, false, start, end, &got_from, &got_to);
    assert_int_equal(got_from, from);
    assert_int_equal(got_to, to);
    for (size_t i = 0; i <= cnt && folded_at[i] <= start; i++) to = folded_at[i];
    (void)weir_fold((weir_str){ text, len }, out, start, &got_to, &got_from);
    assert_int_equal(got_to, to);
  }
}

/* Loose folding and its spans: they agree in length, and folding what a span covers gives what stands in it. */
static void test_loose_by_trying(void **state) {
  static const char *const parts[] = { "a", "B", " ", ".", "-", "电", "電", "ﬁ", "，", "\xE2\x80\x8B", "😀", "É", "\xCC\x81",
    "\xE1\x84\x80", "\xE1\x85\xA1", "3", "\t", "ी", "\xE0\xB9\x88", "ㅠ" };
  (void)state;
  for (int round = 0; round < 20000; round++) {
    char text[256], once[CAP], plain[CAP];
    size_t len = 0, n, plain_n, from, to;
    for (size_t i = 1 + draw(12); i > 0; i--) {
      const char *part = parts[draw(sizeof parts / sizeof parts[0])];
      memcpy(text + len, part, strlen(part));
      len += strlen(part);
    }
    n = fold_loose((weir_str){ text, len }).len;
    memcpy(once, out, n);
    assert_true(weir_str_eq(fold_loose((weir_str){ once, n }), (weir_str){ once, n }));
    assert_true(weir_str_eq(fold((weir_str){ once, n }), (weir_str){ once, n }));
    plain_n = fold((weir_str){ text, len }).len;
    memcpy(plain, out, plain_n);
    assert_true(weir_str_eq(fold_loose((weir_str){ plain, plain_n }), (weir_str){ once, n }));
    if (n == 0) continue;
    weir_fold_span((weir_str){ text, len }, true, 0, n, &from, &to);
    assert_true(weir_str_eq(fold_loose((weir_str){ text + from, to - from }), (weir_str){ once, n }));
    weir_fold_span((weir_str){ text, len }, true, n, n, &from, &to);
    assert_int_equal(from, len);
    weir_fold_span((weir_str){ text, len }, true, n - 1, n, &from, &to);
    assert_true(from < to && to <= len);
  }
}

static void test_version(void **state) {
  weir_str version = weir_fold_version();
  (void)state;
  assert_true(version.len > 18 && version.len < 64);
  assert_true(version.ptr[0] >= '1' && version.ptr[0] <= '9');
  assert_int_equal(version.ptr[version.len - 17], '/');
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_what_becomes_equal), cmocka_unit_test(test_every_alignment), cmocka_unit_test(test_loose),
    cmocka_unit_test(test_stacked_marks),      cmocka_unit_test(test_cut),             cmocka_unit_test(test_cut_long),
    cmocka_unit_test(test_invalid),            cmocka_unit_test(test_validity_against_definition),
    cmocka_unit_test(test_span),               cmocka_unit_test(test_span_by_trying),  cmocka_unit_test(test_loose_by_trying),
    cmocka_unit_test(test_random_bytes),       cmocka_unit_test(test_loose_ascii),     cmocka_unit_test(test_version),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
