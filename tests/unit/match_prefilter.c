/* The prefilter changes nothing but the time: with it and without it every rule answers the same, and both answer what
 * plain PCRE2 answers on the folded text. Random rules and texts over small alphabets, so that they meet often; generated
 * rules and those of others over real comments, when they are there. */
#include "match_compare.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "match_rules.h"
#include "shared_data.h"
#include "text/fold.h"

/* ---- Random regexes */

static const char *const letters[] = { "a", "b", "ab", "c", "1", "2", "求", "资", "料", "é", "👍", " ", "-" };
#define LETTERS (sizeof letters / sizeof letters[0])

static int groups;

static void put_branches(char *out, int depth);

static void put_atom(char *out, int depth) {
  char buf[16];
  switch (below(depth > 0 ? 16 : 9)) {
  case 0: put(out, "."); break;
  case 1: put(out, "[ab求]"); break;
  case 2: put(out, "[^a资]"); break;
  case 3: put(out, "\\d"); break;
  case 4: put(out, below(2) ? "\\w" : "\\s"); break;
  case 9: put(out, "(?:"), put_branches(out, depth - 1), put(out, ")"); break;
  case 10: put(out, "("), groups++, put_branches(out, depth - 1), put(out, ")"); break;
  case 11: put(out, below(2) ? "(?=" : "(?!"), put_branches(out, depth - 1), put(out, ")"); break;
  case 12: put(out, "(?>"), put_branches(out, depth - 1), put(out, ")"); break;
  case 13: put(out, below(2) ? "(?<=a)" : "(?<!求)"); break;
  case 14:
    if (groups == 0 || depth < 2) break; /* not inside the group itself: PCRE2 has its own ideas there */
    (void)snprintf(buf, sizeof buf, "\\%u", 1 + below((uint32_t)groups));
    put(out, buf);
    break;
  default: put(out, letters[below(LETTERS)]); break;
  }
}

static void put_sequence(char *out, int depth) {
  static const char *const quantifiers[] = { "?", "*", "+", "{2}", "{0,2}", "{1,3}", "??", "+?", "*+", "{3,}" };
  uint32_t cnt = 1 + below(4);
  if (below(12) == 0) put(out, "^");
  for (uint32_t i = 0; i < cnt; i++) {
    size_t before = strlen(out);
    put_atom(out, depth);
    if (strlen(out) > before && below(4) == 0) put(out, quantifiers[below(10)]);
  }
  if (below(12) == 0) put(out, "$");
}

static void put_branches(char *out, int depth) {
  put_sequence(out, depth);
  while (below(4) == 0) put(out, "|"), put_sequence(out, depth);
}

static void random_text(char *out, uint32_t parts) {
  out[0] = '\0';
  for (uint32_t i = 0; i < parts; i++) put(out, letters[below(LETTERS)]);
}

/* What PCRE2 says about the regex as it was made: its letters fold to themselves. */
static int by_pcre2(const pcre2_code *code, weir_str text, size_t *start, size_t *end) {
  pcre2_match_data *data = pcre2_match_data_create(32, NULL);
  pcre2_match_context *context = pcre2_match_context_create(NULL);
  (void)pcre2_set_match_limit(context, 20000);
  int rc = pcre2_match(code, (PCRE2_SPTR)text.ptr, text.len, 0, 0, data, context);
  *start = pcre2_get_ovector_pointer(data)[0];
  *end = pcre2_get_ovector_pointer(data)[1];
  pcre2_match_context_free(context);
  pcre2_match_data_free(data);
  return rc;
}

static void random_regexes(void **state) {
  size_t yes = 0, tried = 0;
  (void)state;
  print_message("seed %llu\n", (unsigned long long)seed);
  room_for(40);
  for (int round = 0; round < 60; round++) {
    static char sources[40][1024];
    pcre2_code *codes[40];
    uint32_t cnt = 0;
    struct kit kit;
    kit_begin(&kit, NULL, 0);
    for (int i = 0; i < 40; i++) {
      weir_str source;
      struct weir_pattern_spec spec = { .regexes = &source, .regex_cnt = 1 };
      PCRE2_SIZE offset;
      int error;
      sources[cnt][0] = '\0';
      groups = 0;
      put_branches(sources[cnt], 2);
      source = weir_str_of(sources[cnt]);
      /* Without optimisations: those of 10.42 lose a match now and then. */
      codes[cnt] = pcre2_compile((PCRE2_SPTR)source.ptr, source.len, PCRE2_UTF | PCRE2_UCP | PCRE2_NO_AUTO_POSSESS | PCRE2_NO_START_OPTIMIZE, &error, &offset, NULL);
      if (kit_add(&kit, &spec) != WEIR_OK) {
        if (codes[cnt] && source.len && kit.err.status == WEIR_E_RULES) fail_msg("%s: %s at %zu, but PCRE2 takes it", sources[cnt], kit.bad.message, kit.bad.offset);
        pcre2_code_free(codes[cnt]);
        continue;
      }
      assert_non_null(codes[cnt]);
      cnt++;
    }
    kit_finish(&kit);
    for (int t = 0; t < 60; t++) {
      char text[1024];
      random_text(text, below(16));
      compare(&kit, weir_str_of(text), &yes);
      for (uint32_t i = 0; i < cnt; i++) {
        size_t start, end;
        int rc = by_pcre2(codes[i], weir_str_of(text), &start, &end);
        if (rc == PCRE2_ERROR_MATCHLIMIT || plain_answers[i] == WEIR_MATCH_LIMIT) continue;
        tried++;
        if ((rc >= 0) != (plain_answers[i] == WEIR_MATCH_YES)) fail_msg("%s on \"%s\": %d, PCRE2 %d", sources[i], text, (int)plain_answers[i], rc);
        if (rc < 0) continue;
        if (plain_found[i].group[0].start != start || plain_found[i].group[0].end != end) {
          fail_msg("%s on \"%s\": %zu..%zu, PCRE2 %zu..%zu", sources[i], text, plain_found[i].group[0].start, plain_found[i].group[0].end, start, end);
        }
      }
    }
    kit_end(&kit);
    for (uint32_t i = 0; i < cnt; i++) pcre2_code_free(codes[i]);
  }
  print_message("%zu tried, %zu matches\n", tried, yes);
  assert_true(yes > 1000);
  give_room_back();
}

/* ---- Random rules with everything in them */

static void random_rules(void **state) {
  size_t yes = 0;
  (void)state;
  room_for(200);
  for (int round = 0; round < 20; round++) {
    static char room[200][16][64];
    struct kit kit;
    kit_begin(&kit, NULL, 0);
    for (int i = 0; i < 200; i++) {
      weir_str words[8], excepts[2], regexes[3];
      struct weir_pattern_spec spec = { .keywords = words, .excepts = excepts, .regexes = regexes, .mode = (enum weir_word_mode)below(4) };
      spec.loose = below(5) == 0;
      spec.keyword_cnt = below(8);
      spec.except_cnt = below(8) == 0;
      spec.regex_cnt = spec.keyword_cnt == 0 || below(4) == 0 ? 1 + below(3) : 0;
      for (size_t k = 0; k < spec.keyword_cnt; k++) random_text(room[i][k], 1 + below(4)), words[k] = weir_str_of(room[i][k]);
      for (size_t k = 0; k < spec.except_cnt; k++) random_text(room[i][8], 1), excepts[k] = weir_str_of(room[i][8]);
      for (size_t k = 0; k < spec.regex_cnt; k++) {
        random_text(room[i][9 + k], 1 + below(2));
        strcat(room[i][9 + k], below(2) ? ".{0,3}" : below(2) ? "\\b" : "[ab]?");
        strcat(room[i][9 + k], letters[below(LETTERS)]);
        regexes[k] = weir_str_of(room[i][9 + k]);
      }
      (void)kit_add(&kit, &spec);
    }
    kit_finish(&kit);
    for (int t = 0; t < 100; t++) {
      char text[1024];
      random_text(text, below(30));
      compare(&kit, weir_str_of(text), &yes);
    }
    kit_end(&kit);
  }
  assert_true(yes > 1000);
  give_room_back();
}

/* ---- Comments */

static void add_made(struct kit *kit, struct rule_maker *maker) {
  struct made_rule rule;
  weir_str words[RULE_WORDS_MAX], regex;
  struct weir_pattern_spec spec = { .keywords = words, .mode = maker->state % 3 ? WEIR_MODE_CONTAINS : WEIR_MODE_WORD, .regexes = &regex };
  rule_make(maker, &rule);
  for (int i = 0; i < rule.keyword_cnt; i++) words[i] = weir_str_of(rule.keywords[i]);
  spec.keyword_cnt = (size_t)rule.keyword_cnt;
  spec.regex_cnt = rule.keyword_cnt == 0;
  regex = weir_str_of(rule.regex);
  if (kit_add(kit, &spec) != WEIR_OK) fail_msg("%s: %s", rule.regex, kit->bad.message);
}

/* Every `every`-th line of a file under shared/. */
static size_t over_comments(struct kit *kit, const char *rel, size_t every, size_t *yes) {
  char path[512];
  const char *file = shared_path(path, sizeof path, rel);
  size_t len, cnt = 0, number = 0;
  char *data, *line, *next;
  if (!file) return 0;
  assert_non_null(data = shared_read(file, &len));
  for (line = data; line && *line; line = next) {
    size_t line_len = strcspn(line, "\n");
    next = line[line_len] ? line + line_len + 1 : NULL;
    if (number++ % every || line_len > 4000) continue;
    compare(kit, (weir_str){ line, line_len }, yes);
    cnt++;
  }
  free(data);
  return cnt;
}

static const char *const comments[] = {
  "corpora/comments/zh-bilibili.txt", "corpora/comments/zh-shop.txt", "corpora/comments/en-reddit.txt", "corpora/comments/en-instagram.txt",
  "corpora/comments/es-tweets.txt", "corpora/comments/ja-board.txt", "corpora/comments/ko-movie.txt", "corpora/comments/th-questions.txt", "corpora/comments/ar-tweets.txt",
};

static void made_rules_over_comments(void **state) {
  struct rule_maker maker = { .state = 99 };
  size_t cnt = 0, yes = 0;
  struct kit kit;
  (void)state;
  kit_begin(&kit, NULL, 0);
  for (int i = 0; i < 1000; i++) add_made(&kit, &maker);
  kit_finish(&kit);
  room_for(1000);
  for (size_t i = 0; i < sizeof comments / sizeof comments[0]; i++) cnt += over_comments(&kit, comments[i], 601, &yes);
  print_message("%zu comments, %zu matches\n", cnt, yes);
  give_room_back();
  kit_end(&kit);
  if (cnt == 0) skip();
  assert_true(yes > 0);
}

static void others_rules_over_comments(void **state) {
  char path[512], *data, *line, *next;
  const char *file = shared_path(path, sizeof path, "corpora/patterns/smokedetector_watched_keywords.txt");
  size_t len, number = 0, accepted = 0, refused = 0, yes = 0;
  struct kit kit;
  (void)state;
  if (!file) skip();
  assert_non_null(data = shared_read(file, &len));
  kit_begin(&kit, NULL, 0);
  for (line = data; line && *line; line = next) {
    size_t line_len = strcspn(line, "\n");
    weir_str regex = { line, line_len };
    struct weir_pattern_spec spec = { .regexes = &regex, .regex_cnt = 1 };
    next = line[line_len] ? line + line_len + 1 : NULL;
    if (number++ % 29 || line_len == 0) continue;
    if (kit_add(&kit, &spec) == WEIR_OK) accepted++;
    else refused++;
  }
  kit_finish(&kit);
  room_for(accepted);
  for (size_t i = 0; i < sizeof comments / sizeof comments[0]; i++) (void)over_comments(&kit, comments[i], 901, &yes);
  print_message("%zu rules, %zu refused, %zu unfiltered\n", accepted, refused, weir_matcher_unfiltered(kit.matcher, NULL, 0));
  assert_true(refused * 20 < accepted);
  give_room_back();
  kit_end(&kit);
  free(data);
}

/* ---- Spans, work, candidates */

/* The quick way to a span and the full one. */
static void spans(void **state) {
  static const char *const pieces[] = { "a", "B", "求", "資", "Ａ", "，", "！", "…", "é", "E\xCC\x81", "\xE2\x80\x8B", "👍🏽", "ﬁ", " ", "　", "1" };
  weir_str words[] = { { "a", 1 }, { "求", 3 }, { "1", 1 }, { "é", 2 }, { "资", 3 }, { "f", 1 }, { "👍", 4 } };
  struct kit kit;
  (void)state;
  kit_begin(&kit, NULL, 0);
  for (size_t i = 0; i < 7; i++) {
    struct weir_pattern_spec spec = { .keywords = &words[i], .keyword_cnt = 1, .mode = WEIR_MODE_CONTAINS };
    assert_int_equal(kit_add(&kit, &spec), WEIR_OK);
  }
  kit_finish(&kit);
  for (int t = 0; t < 4000; t++) {
    char text[512] = "";
    bool cut;
    for (uint32_t i = below(12); i > 0; i--) strcat(text, pieces[below(16)]);
    assert_int_equal(weir_match_text(kit.match, weir_str_of(text), true, &cut, &kit.err), WEIR_OK);
    for (uint32_t p = 0; p < 7; p++) {
      struct weir_match_found found;
      weir_str folded = weir_match_folded(kit.match);
      size_t at, start, end;
      if (weir_match_pattern(kit.match, p, &found) != WEIR_MATCH_YES) continue;
      for (at = 0; memcmp(folded.ptr + at, words[p].ptr, words[p].len) != 0; at++) assert_true(at < folded.len);
      weir_fold_span(weir_str_of(text), false, at, at + words[p].len, &start, &end);
      if (found.group[0].start != start || found.group[0].end != end) {
        fail_msg("%s in \"%s\": %zu..%zu, not %zu..%zu", words[p].ptr, text, found.group[0].start, found.group[0].end, start, end);
      }
    }
  }
  kit_end(&kit);
}

/* A ruleset made to keep the prefilter busy: it gives up, and every rule is tried. */
static void prefilter_gives_up(void **state) {
  static char room[4000][24], text[8192];
  struct weir_match_found found;
  struct kit kit;
  bool cut;
  (void)state;
  kit_begin(&kit, NULL, 0);
  for (int i = 0; i < 4000; i++) {
    weir_str word = { room[i], (size_t)snprintf(room[i], sizeof room[i], "zqzq%05d", i) };
    struct weir_pattern_spec spec = { .keywords = &word, .keyword_cnt = 1, .mode = WEIR_MODE_CONTAINS };
    assert_int_equal(kit_add(&kit, &spec), WEIR_OK);
  }
  kit_finish(&kit);
  for (size_t i = 0; i < sizeof text; i++) text[i] = "zqzq0"[i % 5];
  memcpy(text + 8000, "zqzq03999", 9);
  assert_int_equal(weir_match_text(kit.match, (weir_str){ text, sizeof text }, true, &cut, &kit.err), WEIR_OK);
  if (!kit.match->known) assert_int_equal(weir_match_next(kit.match, 17), 17);
  assert_int_equal(weir_match_next(kit.match, 3999), 3999);
  assert_int_equal(weir_match_pattern(kit.match, 3999, &found), WEIR_MATCH_YES);
  assert_int_equal(found.group[0].start, 8000);
  kit_end(&kit);
}

/* A regex that needs its words several times is no candidate before so many are found; what assertions see is not counted. */
static void words_again(void **state) {
  static const struct { const char *regex, *text; bool candidate, yes; } table[] = {
    { "(?:one|two)(?:\\W+(?:two|one)){3}", "one two one", false, false },
    { "(?:one|two)(?:\\W+(?:two|one)){3}", "one two two one", true, true },
    { "(?:one|two)(?:\\W+(?:two|one)){3}", "one two x two one", true, false },
    { "lorem\\d*(?=.*lorem)", "lorem", true, false },
    { "lorem(?=.*lorem).*", "lorem 1 lorem", true, true },
    { "(?=lorem)lorem\\d", "lorem1", true, true },
    { "lorem\\d+(?<=lorem1)(?<=lorem1)!", "lorem1!", true, true },
    { "lorem\\d+lorem\\d+", "lorem1", false, false },
    { "lorem\\d+lorem\\d+", "lorem1lorem2", true, true },
    { "(?:lorem\\d+|ipsum\\d+){2,}", "ipsum1lorem2", true, true },
    { "(?:lorem\\d+|ipsum\\d+){2,}", "ipsum1", false, false },
    { "(?:lorem\\d+lorem\\d+|lorem\\D)", "lorem-", true, true },
    { "(?:lorem\\d+){0,4}lorem\\D", "lorem-", true, true },
    { "aba\\d?\\D?aba", "ababa", false, false }, /* they overlap: the gate of literals close together sees it */
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    weir_str regex = weir_str_of(table[i].regex);
    struct weir_pattern_spec spec = { .regexes = &regex, .regex_cnt = 1 };
    struct weir_match_found found;
    struct kit kit;
    bool cut, candidate;
    kit_begin(&kit, NULL, 0);
    assert_int_equal(kit_add(&kit, &spec), WEIR_OK);
    kit_finish(&kit);
    for (int round = 0; round < 3; round++) { /* what one text held does not count for the next */
      if (round == 2) kit.match->text_number = UINT32_MAX;
      assert_int_equal(weir_match_text(kit.match, weir_str_of(table[i].text), true, &cut, &kit.err), WEIR_OK);
      candidate = weir_match_next(kit.match, 0) == 0;
      if (candidate != table[i].candidate) fail_msg("%s on \"%s\": candidate %d", table[i].regex, table[i].text, candidate);
      if (candidate) assert_int_equal(weir_match_pattern(kit.match, 0, &found), table[i].yes ? WEIR_MATCH_YES : WEIR_MATCH_NO);
    }
    kit_end(&kit);
  }
}

/* Which rules no literal and no gate keeps away. */
static void unfiltered(void **state) {
  static const struct { const char *regex; bool unfiltered; } table[] = {
    { "求.{0,4}资料", false }, { ".+", true }, { "\\w\\W\\w", true }, { "\\d{5}", false }, { "[a-z]+", true }, { "a|.", true }, { "[0-9]", false }, { "^.{0,5}$", false },
    { "V\\W*S", false }, { "[^\\x00-\\x7f]", true },
  };
  uint32_t which[16];
  struct kit kit;
  size_t cnt;
  (void)state;
  kit_begin(&kit, NULL, 0);
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    weir_str regex = weir_str_of(table[i].regex);
    struct weir_pattern_spec spec = { .regexes = &regex, .regex_cnt = 1 };
    assert_int_equal(kit_add(&kit, &spec), WEIR_OK);
  }
  kit_finish(&kit);
  cnt = weir_matcher_unfiltered(kit.matcher, which, 16);
  for (uint32_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    bool named = false;
    for (size_t k = 0; k < cnt; k++) named |= which[k] == i;
    if (named != table[i].unfiltered) fail_msg("%s: %d", table[i].regex, named);
  }
  kit_end(&kit);
}

int main(void) {
  take_seed();
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(random_regexes), cmocka_unit_test(random_rules), cmocka_unit_test(made_rules_over_comments), cmocka_unit_test(others_rules_over_comments),
    cmocka_unit_test(spans), cmocka_unit_test(prefilter_gives_up), cmocka_unit_test(words_again), cmocka_unit_test(unfiltered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
