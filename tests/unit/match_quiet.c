/* Texts known to hold nothing before they are folded: what is called plain is plain, what is called quiet is UTF-8 and matches
 * nothing, whatever is written how; and most texts in which nothing matches are called so. make diff compares real comments. */
#include "match_compare.h"

#include "match_rules.h"
#include "text/fold.h"
#include "text/plain.h"
#include "text/utf8.h"

static weir_str folded(weir_str text, char *out, size_t cap) {
  size_t len, consumed;
  assert_int_equal(weir_fold(text, out, cap, &len, &consumed), WEIR_FOLD_OK);
  return (weir_str){ out, len };
}

static bool ascii_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/* Each folds to one character wherever it stands. */
static void plain_characters(void **state) {
  static uint32_t plain[0x10000];
  char text[16], out[1024], one[256];
  size_t cnt = 0;
  (void)state;
  for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
    if (!weir_plain_char(cp)) continue;
    assert_true(cp <= WEIR_PLAIN_MAX);
    weir_str f = folded((weir_str){ text, weir_utf8_put(cp, text) }, out, sizeof out);
    assert_int_equal(weir_utf8_count(f), 1);
    if (cp >= 0x80 && ascii_word(f.ptr[0])) fail_msg("U+%04X folds to a letter or digit of ASCII", cp);
    plain[cnt++] = cp;
  }
  assert_true(cnt > 24000);
  for (int i = 0; i < 200000; i++) {
    size_t a = weir_utf8_put(plain[below((uint32_t)cnt)], text), b = weir_utf8_put(below(2) ? plain[below((uint32_t)cnt)] : below(128), text + a);
    weir_str first = folded((weir_str){ text, a }, out, sizeof out), second = folded((weir_str){ text + a, b }, out + first.len, sizeof out - first.len);
    weir_str both = folded((weir_str){ text, a + b }, one, sizeof one);
    assert_true(weir_str_eq(both, (weir_str){ out, first.len + second.len }));
  }
}

/* What the scanner takes for plain is plain: every code point, at each of many places, and bytes that are no code point. */
static void add_keyword(struct kit *kit, const char *word, enum weir_word_mode mode) {
  weir_str keyword = weir_str_of(word);
  struct weir_pattern_spec spec = { .keywords = &keyword, .keyword_cnt = 1, .mode = mode };
  assert_int_equal(kit_add(kit, &spec), WEIR_OK);
}

static void scanner_knows_plain(void **state) {
  static const size_t places[] = { 0, 1, 13, 29, 30, 31, 32, 33, 34, 35, 62, 63, 64, 95 };
  char text[140];
  size_t quiet = 0;
  struct kit kit;
  (void)state;
  kit_begin(&kit, NULL, 0);
  add_keyword(&kit, "zzzzqq", WEIR_MODE_CONTAINS);
  kit_finish(&kit);
  assert_non_null(kit.matcher->quiet);
  if (!kit.match->quiet) {
    kit_end(&kit);
    skip();
  }
  for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
    size_t place = places[cp % (sizeof places / sizeof *places)], len;
    if (cp >= 0xD800 && cp <= 0xDFFF) continue;
    memset(text, 'x', sizeof text);
    len = weir_utf8_put(cp, text + place);
    if (kit.match->quiet(kit.matcher->quiet, (weir_str){ text, place + len + below(40) })) {
      quiet++;
      if (!weir_plain_char(cp) && cp != 0x2026) fail_msg("U+%04X is not plain", cp);
    } else if (cp >= 0x4000 && cp <= 0x9FFF) fail_msg("U+%04X is not known to be plain", cp);
  }
  assert_true(quiet > 24000);
  for (int i = 0; i < 3000000; i++) {
    static const unsigned char bytes[] = { 0x80, 0xBF, 0xE4, 0xE5, 0xE9, 0xE3, 0xEF, 0xE2, 0xBC, 0xC3, 0xF0, 0xFF, 0xC0, 'a', 0xA0, 0x90 };
    size_t len = 1 + below(70), from = below((uint32_t)len);
    memset(text, 'x', sizeof text);
    for (size_t k = from; k < len && k < from + 8; k++) text[k] = (char)bytes[below(16)];
    if (!kit.match->quiet(kit.matcher->quiet, (weir_str){ text, len })) continue;
    if (weir_utf8_valid((weir_str){ text, len }) != len) fail_msg("not UTF-8, and quiet: %zu bytes, change %d", len, i);
  }
  kit_end(&kit);
}

/* ---- Rules, and texts made of their words, written in all ways */

/* Characters that fold to one: some of what people write instead. */
static const char *const spellings[][4] = {
  { "电", "電" }, { "学", "學" }, { "国", "國" }, { "书", "書" }, { "爱", "愛" }, { "马", "馬" }, { "台", "臺", "檯" }, { ",", "，" }, { "!", "！" }, { " ", "　" },
  { ":", "：" }, { "?", "？" }, { "(", "（" }, { "a", "A", "ａ" }, { "b", "B" }, { "1", "１" }, { ".", "．" }, { "k", "K", "\xE2\x84\xAA" },
};

static void respell(char *out, size_t cap, const char *word) {
  size_t len = 0;
  for (const char *p = word; *p && len + 8 < cap;) {
    size_t cp_len, row;
    const char *with = NULL;
    (void)weir_utf8_at(weir_str_of(p), 0, &cp_len);
    for (row = 0; row < sizeof spellings / sizeof *spellings && !with; row++) {
      for (int i = 0; i < 4 && spellings[row][i] && !with; i++) {
        if (strncmp(p, spellings[row][i], cp_len) == 0 && strlen(spellings[row][i]) == cp_len) {
          int cnt = 0;
          while (cnt < 4 && spellings[row][cnt]) cnt++;
          with = spellings[row][below((uint32_t)cnt)];
        }
      }
    }
    if (!with && *p >= 'a' && *p <= 'z' && below(3) == 0) out[len++] = (char)(*p - 32);
    else if (with) memcpy(out + len, with, strlen(with)), len += strlen(with);
    else memcpy(out + len, p, cp_len), len += cp_len;
    p += cp_len;
  }
  out[len] = '\0';
}

static const char *const own_words[] = { "电子书", "爱国", "台湾", "link", "free book", "a,b", "what?", "马", "电 子", "(学)", "Kk1", /* with dots: */ "v1.2 x", "...", "…" };
#define WITHOUT_DOTS 11

static void add_made(struct kit *kit, struct rule_maker *maker, struct made_rule *rule) {
  weir_str words[RULE_WORDS_MAX], regex;
  struct weir_pattern_spec spec = { .keywords = words };
  rule_make(maker, rule);
  regex = weir_str_of(rule->regex);
  for (int i = 0; i < rule->keyword_cnt; i++) words[i] = weir_str_of(rule->keywords[i]);
  spec.keyword_cnt = (size_t)rule->keyword_cnt;
  spec.regexes = &regex;
  spec.regex_cnt = rule->keyword_cnt == 0;
  spec.mode = (enum weir_word_mode)below(4);
  assert_int_equal(kit_add(kit, &spec), WEIR_OK);
}

static void make_text(const struct made_rule *rules, size_t cnt, char *text) {
  static const char *const between[] = { "", "", " ", "，", "的", "x", "。", "我", "a ", "、“", "12", "\xF0\x9F\x98\x82", "…" };
  uint32_t pieces = 1 + below(8);
  text[0] = '\0';
  for (uint32_t i = 0; i < pieces; i++) {
    const struct made_rule *rule = &rules[below((uint32_t)cnt)];
    char piece[160], noise[64];
    uint32_t kind = below(8);
    struct rule_maker maker = { 1 + below(1000000) };
    rule_chinese(&maker, noise, 1 + (int)below(8));
    if (kind < 2) respell(piece, sizeof piece, own_words[below(sizeof own_words / sizeof *own_words)]);
    else if (kind < 4 && rule->keyword_cnt) respell(piece, sizeof piece, rule->keywords[below((uint32_t)rule->keyword_cnt)]);
    else if (kind < 5 && !rule->keyword_cnt) respell(piece, sizeof piece, rule->regex);
    else if (kind < 6) (void)snprintf(piece, sizeof piece, "%s", rule_word(&maker));
    else (void)snprintf(piece, sizeof piece, "%s", noise);
    put(text, piece);
    put(text, between[below(sizeof between / sizeof *between)]);
  }
}

static void quiet_texts_match_nothing(void **state) {
  size_t quiet = 0, yes = 0, tried = 0, noisy = 0;
  (void)state;
  take_seed();
  for (int round = 0; round < 60; round++) {
    static struct made_rule rules[400];
    struct rule_maker maker = { 7 + below(100000) };
    size_t cnt = (size_t[]){ 3, 12, 60, 300 }[round % 4];
    struct kit kit;
    kit_begin(&kit, NULL, 0);
    for (size_t i = 0; i < cnt; i++) add_made(&kit, &maker, &rules[i]);
    for (size_t i = 0; i < (round & 4 ? sizeof own_words / sizeof *own_words : WITHOUT_DOTS); i++) add_keyword(&kit, own_words[i], (enum weir_word_mode)(i % 4));
    kit_finish(&kit);
    room_for(kit.matcher->pattern_cnt);
    for (int i = 0; i < 300; i++) {
      char text[2048];
      size_t before = yes;
      make_text(rules, cnt, text);
      compare(&kit, weir_str_of(text), &yes);
      tried++;
      if (!kit.match->quiet || !kit.matcher->quiet) continue;
      bool is = kit.match->quiet(kit.matcher->quiet, weir_str_of(text));
      quiet += is;
      if (is && yes > before) fail_msg("quiet, and matches: %s", text);
      noisy += yes > before;
    }
    give_room_back();
    kit_end(&kit);
  }
  print_message("%zu texts, %zu quiet, %zu with matches\n", tried, quiet, noisy);
  assert_true(yes > 100);
  assert_true(quiet == 0 ? noisy == 0 : quiet > 300);
}

/* The text of a quiet event can be had, and a pattern tried on it, as ever. */
static void folded_when_asked(void **state) {
  struct weir_match_found found;
  struct kit kit;
  bool cut;
  (void)state;
  kit_begin(&kit, NULL, 0);
  add_keyword(&kit, "资料", WEIR_MODE_WORD);
  kit_finish(&kit);
  assert_int_equal(weir_match_text(kit.match, WEIR_STR("電子版 ABC！"), true, &cut, &kit.err), WEIR_OK);
  assert_int_equal(weir_match_next(kit.match, 0), UINT32_MAX);
  assert_int_equal(weir_match_pattern(kit.match, 0, &found), WEIR_MATCH_NO);
  assert_true(weir_str_eq(weir_match_folded(kit.match), WEIR_STR("电子版 abc!")));
  assert_int_equal(weir_match_text(kit.match, WEIR_STR("\xE7\x94"), true, &cut, &kit.err), WEIR_E_FORMAT);
  assert_int_equal(weir_match_text(kit.match, WEIR_STR(""), true, &cut, &kit.err), WEIR_OK);
  assert_int_equal(weir_match_folded(kit.match).len, 0);
  kit_end(&kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(plain_characters), cmocka_unit_test(scanner_knows_plain), cmocka_unit_test(quiet_texts_match_nothing), cmocka_unit_test(folded_when_asked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
