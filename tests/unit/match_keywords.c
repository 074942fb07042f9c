/* Keywords in their modes: what counts, where it is found, what is refused. */
#include "match_kit.h"

#include "shared_data.h"
#include "text/fold.h"
#include "text/utf8.h"
#include "text/words.h"

static enum weir_match_answer ask(enum weir_word_mode mode, bool loose, const char *keywords, const char *excepts, const char *text,
                                  struct weir_match_found *found) {
  weir_str words[16], forbidden[16];
  struct weir_pattern_spec spec = { .keywords = words, .mode = mode, .excepts = forbidden, .loose = loose };
  enum weir_match_answer answer;
  struct kit kit;
  spec.keyword_cnt = kit_split(keywords, words, 16);
  spec.except_cnt = kit_split(excepts, forbidden, 16);
  kit_begin(&kit, NULL, 0);
  if (kit_add(&kit, &spec) != WEIR_OK) fail_msg("%s: %s", keywords, kit.bad.message);
  kit_finish(&kit);
  answer = kit_ask(&kit, 0, weir_str_of(text), found);
  kit_end(&kit);
  return answer;
}

struct row { enum weir_word_mode mode; const char *keywords, *text, *found; /* NULL: no match */ };

static const struct row rows[] = {
  { WEIR_MODE_WORD, "pdf", "发pdf给我", "pdf" },
  { WEIR_MODE_WORD, "pdf", "发ＰＤＦ给我", "ＰＤＦ" },
  { WEIR_MODE_WORD, "pdf", "pdf를 주세요", "pdf" },
  { WEIR_MODE_WORD, "pdf", "pdfs please", NULL },
  { WEIR_MODE_WORD, "pdf", "a pdf.", "pdf" },
  { WEIR_MODE_WORD, "hi", "this", NULL },
  { WEIR_MODE_WORD, "hi", "oh, hi!", "hi" },
  { WEIR_MODE_WORD, "hi", "HI", "HI" },
  { WEIR_MODE_WORD, "링크", "링크를 주세요", "링크" },
  { WEIR_MODE_WORD, "求", "我求你了", "求" },
  { WEIR_MODE_WORD, "資料", "求资料", "资料" },
  { WEIR_MODE_WORD, "资料", "求資料", "資料" },
  { WEIR_MODE_WORD, "c++", "learn C++ now", "C++" },
  { WEIR_MODE_WORD, "can i have", "Can I have it?", "Can I have" },
  { WEIR_MODE_WORD, "👍", "good👍🏽job", "👍" },
  { WEIR_MODE_WORD, "👍🏿", "👍", "👍" },
  { WEIR_MODE_WORD, "❤️", "i ❤ you", "❤" },
  { WEIR_MODE_WORD, "1", "扣1", "1" },
  { WEIR_MODE_WORD, "1", "扣11", NULL },
  { WEIR_MODE_WORD, "1", "扣１！", "１" },
  { WEIR_MODE_WORD, "a b", "a b", "a b" },
  { WEIR_MODE_WORD, "straße", "die STRASSE", "STRASSE" },
  { WEIR_MODE_WORD, "información", "quiero INFORMACIÓN", "INFORMACIÓN" },
  { WEIR_MODE_WORD, "want,wanted", "i wanted it", "wanted" },
  { WEIR_MODE_WORD, "电子,电子版", "求电子版", "电子版" },
  { WEIR_MODE_WORD, "b,a", "x b a", "b" },
  { WEIR_MODE_CONTAINS, "hi", "this", "hi" },
  { WEIR_MODE_CONTAINS, "hi,is", "this", "hi" },
  { WEIR_MODE_CONTAINS, "!!", "wow!!", "!!" },
  { WEIR_MODE_CONTAINS, "x", "", NULL },
  { WEIR_MODE_EQUAL, "link", "Link!!! 😀", "Link" },
  { WEIR_MODE_EQUAL, "link", "the link", NULL },
  { WEIR_MODE_EQUAL, "link?", " link", "link" },
  { WEIR_MODE_EQUAL, "👍", " 👍 ", "👍" },
  { WEIR_MODE_EQUAL, "👍", "👍👍", NULL },
  { WEIR_MODE_EQUAL, "?", "?", "?" },
  { WEIR_MODE_EQUAL, "1", "1。", "1" },
  { WEIR_MODE_EQUAL, "1", "11", NULL },
  { WEIR_MODE_PREFIX, "加", "加微信", "加" },
  { WEIR_MODE_PREFIX, "加", "“加微信”", "加" },
  { WEIR_MODE_PREFIX, "加", "请加", NULL },
  { WEIR_MODE_PREFIX, "/start", "  /start now", "/start" },
  { WEIR_MODE_PREFIX, "/start", "x /start", NULL },
  { WEIR_MODE_PREFIX, "link", "linked", "link" },
};

static void modes(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const struct row *r = &rows[i];
    struct weir_match_found found;
    enum weir_match_answer answer = ask(r->mode, false, r->keywords, NULL, r->text, &found);
    if (answer != (r->found ? WEIR_MATCH_YES : WEIR_MATCH_NO)) fail_msg("%s in %s (mode %d): answer %d", r->keywords, r->text, (int)r->mode, (int)answer);
    if (!r->found) continue;
    size_t len = found.group[0].end - found.group[0].start;
    if (len != strlen(r->found) || memcmp(r->text + found.group[0].start, r->found, len) != 0) {
      fail_msg("%s in %s: found %zu..%zu", r->keywords, r->text, found.group[0].start, found.group[0].end);
    }
  }
}

static void loose(void **state) {
  static const struct { const char *keyword, *text, *found; } table[] = {
    { "电子版", "求电 子 版谢谢", "电 子 版" }, { "电子版", "求电-子-版", "电-子-版" }, { "pdf", "send p.d.f please", "p.d.f" },
    { "pdf", "send pdfs please", NULL }, { "pdf", "一份 p d f", "p d f" }, { "pdf", "help d f", NULL }, { "p.d.f", "pdf", "pdf" },
    { "电子版", "电子", NULL },
  };
  struct weir_match_found found;
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    enum weir_match_answer answer = ask(WEIR_MODE_WORD, true, table[i].keyword, NULL, table[i].text, &found);
    if (answer != (table[i].found ? WEIR_MATCH_YES : WEIR_MATCH_NO)) fail_msg("%s in %s: answer %d", table[i].keyword, table[i].text, (int)answer);
    if (!table[i].found) continue;
    assert_int_equal(found.group[0].end - found.group[0].start, strlen(table[i].found));
    assert_memory_equal(table[i].text + found.group[0].start, table[i].found, strlen(table[i].found));
  }
  /* Without loose a gap is a gap. */
  assert_int_equal(ask(WEIR_MODE_WORD, false, "电子版", NULL, "电 子 版", &found), WEIR_MATCH_NO);
}

static void excepts(void **state) {
  struct weir_match_found found;
  (void)state;
  assert_int_equal(ask(WEIR_MODE_WORD, false, "资料", "不要", "不要资料", &found), WEIR_MATCH_EXCEPT);
  assert_int_equal(found.group[0].start, 0);
  assert_int_equal(found.group[0].end, 6);
  assert_int_equal(ask(WEIR_MODE_WORD, false, "资料", "不要", "要资料", &found), WEIR_MATCH_YES);
  assert_int_equal(ask(WEIR_MODE_WORD, false, "资料", "不要", "不要", &found), WEIR_MATCH_NO);
  /* Excepts are in word mode, whatever the keywords' mode is. */
  assert_int_equal(ask(WEIR_MODE_CONTAINS, false, "link", "no", "link now", &found), WEIR_MATCH_YES);
  assert_int_equal(ask(WEIR_MODE_CONTAINS, false, "link", "no", "no links", &found), WEIR_MATCH_EXCEPT);
  assert_int_equal(ask(WEIR_MODE_WORD, false, "加我", "{phone}", "加我 13800138000", &found), WEIR_MATCH_EXCEPT);
  assert_int_equal(found.group[0].start, 7);
  assert_int_equal(found.group[0].end, 18);
  assert_int_equal(ask(WEIR_MODE_WORD, false, "加我", "{phone}", "加我 1380", &found), WEIR_MATCH_YES);
}

static void classes(void **state) {
  static const struct { const char *class, *text, *found; } table[] = {
    { "{number}", "要3份", "3" }, { "{number}", "1,234.5元", "1,234.5" }, { "{number}", "没有", NULL }, { "{number}", "٣", "٣" },
    { "{money}", "原价99元", "99元" }, { "{money}", "￥ 1,299", "￥ 1,299" }, { "{money}", "cost $5.50 only", "$5.50" }, { "{money}", "99 份", NULL },
    { "{phone}", "电话13800138000。", "13800138000" }, { "{phone}", "138-0013-8000", "138-0013-8000" }, { "{phone}", "+86 13800138000", "+86 13800138000" },
    { "{phone}", "+34 600 123 456", "+34 600 123 456" }, { "{phone}", "(415) 555-1234", "(415) 555-1234" }, { "{phone}", "01234567890123456", NULL },
    { "{wechat_id}", "加我abc_12345", "abc_12345" }, { "{wechat_id}", "微信 liuxiaoming", "liuxiaoming" }, { "{wechat_id}", "please answer", NULL },
    { "{wechat_id}", "加我ab12", NULL },
    { "{url}", "see https://example.org/a?b=c ok", "https://example.org/a?b=c" }, { "{url}", "看www.taobao.com吧", "www.taobao.com吧" },
    { "{url}", "my-shop.com", "my-shop.com" }, { "{url}", "e.g. this", NULL },
    { "{email}", "mail me: Some.One+x@Example.co.uk!", "Some.One+x@Example.co.uk" }, { "{email}", "@home", NULL },
  };
  struct weir_match_found found;
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    enum weir_match_answer answer = ask(WEIR_MODE_WORD, false, table[i].class, NULL, table[i].text, &found);
    if (answer != (table[i].found ? WEIR_MATCH_YES : WEIR_MATCH_NO)) fail_msg("%s in %s: answer %d", table[i].class, table[i].text, (int)answer);
    if (!table[i].found) continue;
    if (found.group[0].end - found.group[0].start != strlen(table[i].found) ||
        memcmp(table[i].text + found.group[0].start, table[i].found, strlen(table[i].found)) != 0) {
      fail_msg("%s in %s: found %zu..%zu", table[i].class, table[i].text, found.group[0].start, found.group[0].end);
    }
  }
  assert_int_equal(ask(WEIR_MODE_EQUAL, false, "{phone}", NULL, " 13800138000! ", &found), WEIR_MATCH_YES);
  assert_int_equal(ask(WEIR_MODE_EQUAL, false, "{phone}", NULL, "tel 13800138000", &found), WEIR_MATCH_NO);
  assert_int_equal(ask(WEIR_MODE_PREFIX, false, "{phone}", NULL, "13800138000 tel", &found), WEIR_MATCH_YES);
  assert_int_equal(ask(WEIR_MODE_PREFIX, false, "{phone}", NULL, "tel 13800138000", &found), WEIR_MATCH_NO);
}

static void refused(void **state) {
  static const struct { const char *keywords, *excepts, *message; size_t offset; } table[] = {
    { "a,,b", NULL, "an empty keyword", 0 },
    { "\xE2\x80\x8B", NULL, "the word folds to nothing", 0 },
    { "PDF,pdf", NULL, "the same keyword as \"PDF\"", 0 },
    { "资料,資料", NULL, "the same keyword as \"资料\"", 0 },
    { "ok", "no,NO", "the same keyword as \"no\"", 0 },
    { "{wnat}", NULL, "there is no word list {wnat}", 0 },
    { "a\x08z", NULL, "a control character (0x08)", 1 },
    { "ab\xFFz", NULL, "not valid UTF-8", 2 },
    { "{empty}", NULL, "the word list {empty} is empty", 0 },
    { "{self}", NULL, "word lists stand in each other more than 4 deep", 0 },
  };
  static const weir_str wants[] = { { "want", 4 } }, selves[] = { { "{self}", 6 } };
  static const struct kit_list lists[] = { { "want", wants, 1 }, { "empty", wants, 0 }, { "self", selves, 1 } };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    weir_str words[8], forbidden[8];
    struct weir_pattern_spec spec = { .keywords = words, .excepts = forbidden };
    struct kit kit;
    spec.keyword_cnt = kit_split(table[i].keywords, words, 8);
    spec.except_cnt = kit_split(table[i].excepts, forbidden, 8);
    kit_begin(&kit, lists, 3);
    assert_int_equal(kit_add(&kit, &spec), WEIR_E_RULES);
    assert_string_equal(kit.bad.message, table[i].message);
    assert_int_equal(kit.bad.offset, table[i].offset);
    /* The builder goes on with others. */
    words[0] = WEIR_STR("fine");
    spec = (struct weir_pattern_spec){ .keywords = words, .keyword_cnt = 1 };
    assert_int_equal(kit_add(&kit, &spec), WEIR_OK);
    kit_finish(&kit);
    kit_end(&kit);
  }
}

static void nearest_is_named(void **state) {
  static const weir_str wants[] = { { "want", 4 } };
  static const struct kit_list lists[] = { { "want", wants, 1 } };
  weir_str word = WEIR_STR("{wnat}");
  struct weir_pattern_spec spec = { .keywords = &word, .keyword_cnt = 1 };
  struct kit kit;
  (void)state;
  kit_begin(&kit, lists, 1);
  assert_int_equal(kit_add(&kit, &spec), WEIR_E_RULES);
  assert_string_equal(kit.bad.hint, "did you mean {want}?");
  word = WEIR_STR("{phnoe}");
  assert_int_equal(kit_add(&kit, &spec), WEIR_E_RULES);
  assert_string_equal(kit.bad.hint, "did you mean {phone}?");
  kit_end(&kit);
}

/* ---- An oracle of its own: every place of every keyword, by the letter of the documentation. */

static bool oracle(enum weir_word_mode mode, const weir_str *folded, size_t cnt, weir_str text, size_t *start, size_t *end) {
  bool found = false;
  size_t core_start, core_end;
  weir_text_core(text, &core_start, &core_end);
  for (size_t at = 0; at < text.len && !found; at++) {
    for (size_t i = 0; i < cnt; i++) {
      weir_str w = folded[i];
      bool ok = at + w.len <= text.len && strncmp(text.ptr + at, w.ptr, w.len) == 0;
      if (ok && mode == WEIR_MODE_WORD) ok = weir_word_starts(text, at) && weir_word_ends(text, at + w.len);
      if (ok && mode == WEIR_MODE_EQUAL) ok = at == core_start && at + w.len == core_end;
      if (ok && mode == WEIR_MODE_PREFIX) ok = at == core_start;
      if (!ok || (found && at + w.len <= *end)) continue;
      found = true;
      *start = at;
      *end = at + w.len;
    }
  }
  return found;
}

static uint64_t seed = 20251122;

static uint32_t below(uint32_t n) {
  seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
  return (uint32_t)((seed >> 16) % n);
}

/* Words of letters that meet often, and texts made of the same. */
static void make_text(char *out, size_t parts) {
  static const char *const pieces[] = { "a", "b", "ab", "1", "2", "求", "资", "料", "ㅋ", "링", "를", "é", " ", "!", "👍", "я", "ก" };
  out[0] = '\0';
  for (size_t i = 0; i < parts; i++) strcat(out, pieces[below(sizeof pieces / sizeof pieces[0])]);
}

static void random_against_oracle(void **state) {
  (void)state;
  print_message("seed %llu\n", (unsigned long long)seed);
  for (int round = 0; round < 300; round++) {
    char written[12][64], folded_room[12][256], text[512];
    weir_str words[12], folded[12];
    struct weir_pattern_spec spec = { .keywords = words, .keyword_cnt = 1 + below(12), .mode = (enum weir_word_mode)below(4) };
    size_t consumed;
    struct kit kit;
    for (size_t i = 0; i < spec.keyword_cnt; i++) {
      make_text(written[i], 1 + below(4));
      words[i] = weir_str_of(written[i]);
      folded[i].ptr = folded_room[i];
      assert_int_equal(weir_fold(words[i], folded_room[i], sizeof folded_room[i], &folded[i].len, &consumed), WEIR_FOLD_OK);
      /* In the modes that look at the core, words without one have a rule of their own: not this oracle's. */
      if (spec.mode >= WEIR_MODE_EQUAL) {
        size_t start, end;
        weir_text_core(folded[i], &start, &end);
        if (start != 0 || end != folded[i].len) memcpy(written[i], "q", 2), words[i] = folded[i] = WEIR_STR("q");
      }
    }
    kit_begin(&kit, NULL, 0);
    if (kit_add(&kit, &spec) != WEIR_OK) {
      kit_end(&kit);
      continue;
    }
    kit_finish(&kit);
    for (int t = 0; t < 60; t++) {
      size_t start = 0, end = 0;
      struct weir_match_found found;
      make_text(text, below(14));
      bool expected, cut;
      enum weir_match_answer answer = kit_ask(&kit, 0, weir_str_of(text), &found);
      assert_int_equal(weir_match_text(kit.match, weir_str_of(text), true, &cut, &kit.err), WEIR_OK);
      expected = oracle(spec.mode, folded, spec.keyword_cnt, weir_match_folded(kit.match), &start, &end);
      if (expected) weir_fold_span(weir_str_of(text), false, start, end, &start, &end);
      if (answer != (expected ? WEIR_MATCH_YES : WEIR_MATCH_NO) || (expected && (found.group[0].start != start || found.group[0].end != end))) {
        fail_msg("round %d text \"%s\" mode %d: %d %zu..%zu, expected %d %zu..%zu", round, text, (int)spec.mode, (int)answer, found.group[0].start,
                 found.group[0].end, expected, start, end);
      }
    }
    kit_end(&kit);
  }
}

static void bad_texts(void **state) {
  weir_str word = WEIR_STR("资料");
  struct weir_pattern_spec spec = { .keywords = &word, .keyword_cnt = 1 };
  struct weir_match_found found;
  static char text[20000];
  struct kit kit;
  bool cut;
  (void)state;
  kit_begin(&kit, NULL, 0);
  assert_int_equal(kit_add(&kit, &spec), WEIR_OK);
  kit_finish(&kit);
  assert_int_equal(weir_match_text(kit.match, (weir_str){ "资料\xC0", 7 }, true, &cut, &kit.err), WEIR_E_FORMAT);
  assert_non_null(strstr(kit.err.message, "byte 6"));
  assert_int_equal(weir_match_next(kit.match, 0), UINT32_MAX);
  /* Cut at a code point: 8192 = 2730 * 3 + 2. */
  for (size_t i = 0; i < sizeof text - 2; i += 3) memcpy(text + i, "好", 3);
  memcpy(text + 8193, "资料", 6);
  assert_int_equal(weir_match_text(kit.match, (weir_str){ text, 9000 }, false, &cut, &kit.err), WEIR_OK);
  assert_true(cut);
  assert_int_equal(weir_match_folded(kit.match).len, 8190);
  assert_int_equal(weir_match_pattern(kit.match, 0, &found), WEIR_MATCH_NO);
  memcpy(text + 8184, "资料", 6);
  assert_int_equal(weir_match_text(kit.match, (weir_str){ text, 9000 }, false, &cut, &kit.err), WEIR_OK);
  assert_int_equal(weir_match_pattern(kit.match, 0, &found), WEIR_MATCH_YES);
  assert_int_equal(weir_match_text(kit.match, (weir_str){ "", 0 }, true, &cut, &kit.err), WEIR_OK);
  assert_false(cut);
  assert_int_equal(weir_match_pattern(kit.match, 0, &found), WEIR_MATCH_NO);
  kit_end(&kit);
}

int main(void) {
  if (getenv("WEIR_SEED")) seed = strtoull(getenv("WEIR_SEED"), NULL, 10) * 2654435761u + 1; /* others than the fixed one */
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(modes), cmocka_unit_test(loose), cmocka_unit_test(excepts), cmocka_unit_test(classes), cmocka_unit_test(refused),
    cmocka_unit_test(nearest_is_named), cmocka_unit_test(random_against_oracle), cmocka_unit_test(bad_texts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
