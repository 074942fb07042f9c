/* Regexes: folding, word lists inside them, edges, refusals, and where errors are. */
#include "match_kit.h"

#include "limits.h"

static const weir_str wants[] = { { "求", 3 }, { "want", 4 }, { "wanted", 6 }, { "Ｃan I have", 12 }, { "WANT", 4 } };
static const weir_str papers[] = { { "电子版", 9 }, { "資料", 6 }, { "pdf", 3 }, { "c++", 3 } };
static const weir_str contacts[] = { { "{phone}", 7 }, { "加v", 4 } };
static const struct kit_list lists[] = { { "want", wants, 5 }, { "paper", papers, 4 }, { "contact", contacts, 2 } };

static enum weir_match_answer ask(const char *regex, bool loose, const char *text, struct weir_match_found *found) {
  weir_str source = weir_str_of(regex);
  struct weir_pattern_spec spec = { .regexes = &source, .regex_cnt = 1, .loose = loose };
  enum weir_match_answer answer;
  struct kit kit;
  kit_begin(&kit, lists, 3);
  if (kit_add(&kit, &spec) != WEIR_OK) fail_msg("%s: %s at %zu", regex, kit.bad.message, kit.bad.offset);
  kit_finish(&kit);
  answer = kit_ask(&kit, 0, weir_str_of(text), found);
  kit_end(&kit);
  return answer;
}

struct row { const char *regex, *text, *found; };

static void check(const struct row *rows, size_t row_cnt, bool loose) {
  for (size_t i = 0; i < row_cnt; i++) {
    struct weir_match_found found;
    enum weir_match_answer answer = ask(rows[i].regex, loose, rows[i].text, &found);
    if (answer != (rows[i].found ? WEIR_MATCH_YES : WEIR_MATCH_NO)) fail_msg("%s on %s: answer %d", rows[i].regex, rows[i].text, (int)answer);
    if (!rows[i].found) continue;
    size_t len = found.group[0].end - found.group[0].start;
    if (len != strlen(rows[i].found) || memcmp(rows[i].text + found.group[0].start, rows[i].found, len) != 0) {
      fail_msg("%s on %s: found %zu..%zu", rows[i].regex, rows[i].text, found.group[0].start, found.group[0].end);
    }
  }
}
#define CHECK(rows, loose) check(rows, sizeof rows / sizeof rows[0], loose)

static void interpolation(void **state) {
  static const struct row rows[] = {
    { "{want}.{0,12}{paper}", "我想求一份电子版谢谢", "求一份电子版" },
    { "{want}.{0,12}{paper}", "求 PDF", "求 PDF" },
    { "{want}.{0,12}{paper}", "求 PDFs", NULL },           /* each word in word mode */
    { "{want}.{0,12}{paper}", "unwanted pdf", NULL },
    { "{want}", "i wanted it", "wanted" },                 /* longest first */
    { "{want}x?", "i want", "want" },
    { "({want}) ({paper})", "can i have C++", "can i have C++" },
    { "{want}{2}", "求求你", "求求" },                     /* quantifiers stay quantifiers */
    { "a{2,3}", "caaat", "aaa" },
    { "a{,3}", "a{,3}", "a{,3}" },                         /* PCRE2 10.42: literal */
    { "\\{want}", "a {want} b", "{want}" },                /* never after a backslash */
    { "\\Q{want}\\E", "{want}", "{want}" },
    { "[{want}]", "t", "t" },                              /* in a class braces are characters */
    { "\\p{Han}+", "abc求资料", "求资料" },
    { "\\x{6c42}", "求", "求" },
    { "{contact}", "加V", "加V" },
    { "{contact}", "tel 13800138000", "13800138000" },
    { "要{number}份", "要12份", "要12份" },
    { "(?i){email}", "A@B.COM", "A@B.COM" },
    { "(?x) {want} \\  {paper} # comment {nothing}", "want pdf", "want pdf" },
  };
  (void)state;
  CHECK(rows, false);
}

static void folding(void **state) {
  static const struct row rows[] = {
    { "ＰＤＦ", "pdf", "pdf" }, { "資料", "资料", "资料" }, { "[Ａ-Ｚ]+", "pdf", "pdf" }, { "[A-Z]+", "PDF", "PDF" }, { "[^A-Z]", "a1", "1" },
    { "？", "真的?", "?" }, { "（.）", "(a)", "(a)" }, { "．", "a.b", "." }, { "x．y", "xzy", NULL },  /* full-width punctuation is a literal */
    { "ß", "STRASSE", "SS" }, { "ß+x", "ssssx", "ssssx" }, { "[ßa]x", "ssx", "ssx" }, { "\\x41", "a", "a" }, { "[資]", "资", "资" },
    { "1\\x{20}?2", "12", "12" }, { "\\d+", "１２", "１２" }, { "\\d+", "٣٤", "٣٤" }, { "[٠-٩]+", "12", "12" }, { "e\xCC\x81?x", "x", "x" }, { "e\xCC\x81?x", "éx", "éx" },
    { "a\xE2\x80\x8B" "b", "ab", "ab" }, { "a\xE2\x80\x8B*b", "ab", "ab" }, { "a[\xE2\x80\x8B\xE2\x80\x8C]+b", "ab", "ab" },
    { "(?i)ABC", "abc", "abc" }, { "(?i:A)B", "ab", "ab" }, { "(?-i)A", "a", "a" }, { "K", "\xE2\x84\xAA", "\xE2\x84\xAA" },
    { "\\w+", "ñandú!", "ñandú" }, { "\\D", "１a", "a" }, { "[\\d]", "x2", "2" }, { "[[:alpha:]]+", "12é", "é" }, { "[]a]", "]", "]" }, { "[^]a]", "]b", "b" },
    { "[a-]", "-", "-" }, { "[\\w-]+", "a-b", "a-b" }, { "[\\Qa-c\\E]", "-", "-" }, { "\\Qa.b\\E+", "a.bb", "a.bb" }, { "👍🏽", "👍", "👍" },
    { "(?s)a.b", "a\nb", "a\nb" }, { "a.b", "a\nb", NULL }, { "(?m)^b$", "a\nb\nc", "b" }, { "\\N{U+6C42}", "求", "求" }, { "\\t", "\t", "\t" },
    { "(?<y>\\d+)-\\k<y>", "12-12", "12-12" }, { "(a|b)\\1", "abb", "bb" }, { "(?>a+)b", "aab", "aab" }, { "a++b", "aab", "aab" }, { "(?|(a)|(b))c", "bc", "bc" },
    { "(?=a)x?a[bc]", "abc", "ab" }, { "\\s?(?>a??|b)[^a]c", " c", " c" }, { "\\Ga", "ba", NULL }, { "(a|b)c\\1", "acb bcb", "bcb" }, /* PCRE2 10.42 alone fails on some */
    { "a(?#x)b", "ab", "ab" }, { "(?=ab)a", "ab", "a" }, { "(?<!x)a", "xaba", "a" }, { "a\\Kb", "ab", "b" }, { "", "", NULL },
  };
  (void)state;
  check(rows, sizeof rows / sizeof rows[0] - 1, false);
}

static void edges(void **state) {
  static const struct row rows[] = {
    { "\\bpdf\\b", "求pdf吗", "pdf" }, { "\\bpdf\\b", "PDF를", "PDF" }, { "\\bpdf\\b", "pdfs", NULL }, { "\\bpdf\\b", "a_pdf_b", "pdf" }, { "\\bhi\\b", "this", NULL },
    { "\\b求", "我求", "求" }, { "a\\Bb", "ab", "ab" }, { "a\\Bb", "a b", NULL }, { "\\Bi\\B", "this", "i" }, { "\\b", "!!", NULL }, { "\\ba", "ña", NULL },
    { "[[:<:]]hi[[:>:]]", "hi this", "hi" }, { "(?:\\bfoo|bar\\b)", "xfoo bar", "bar" }, { "\\b\\d{3}\\b", "a123b 456", "456" },
  };
  (void)state;
  CHECK(rows, false);
}

static void loose(void **state) {
  static const struct row rows[] = {
    { "求 ?电子版", "求 电 子 版", "求 电 子 版" }, { "p\\.d\\.f", "pdf", "pdf" }, { "want (the|a) pdf", "want the p-d-f", "want the p-d-f" },
    { "v\\W*x", "v . x", "v . x" }, { "v\\s+x", "v x", "v x" }, { "\\bpdf\\b", "a p d f now", "p d f" }, { "\\bpdf\\b", "a pdfs", NULL }, { "{want}", "w.a.n.t", "w.a.n.t" },
  };
  (void)state;
  CHECK(rows, true);
}

static void groups(void **state) {
  struct weir_match_found found;
  (void)state;
  assert_int_equal(ask("(求)(x)?(?<what>{paper})", false, "我求ＰＤＦ", &found), WEIR_MATCH_YES);
  assert_int_equal(found.group_cnt, 4);
  assert_int_equal(found.group[0].start, 3);
  assert_int_equal(found.group[0].end, 15);
  assert_int_equal(found.group[1].start, 3);
  assert_int_equal(found.group[1].end, 6);
  assert_int_equal(found.group[2].start, 0);
  assert_int_equal(found.group[2].end, 0);
  assert_int_equal(found.group[3].start, 6);
  assert_int_equal(found.group[3].end, 15);
}

/* Keywords before regexes; of several regexes the leftmost place. */
static void order(void **state) {
  weir_str regexes[] = { WEIR_STR("b"), WEIR_STR("a") }, keyword = WEIR_STR("c");
  struct weir_pattern_spec spec = { .keywords = &keyword, .keyword_cnt = 1, .regexes = regexes, .regex_cnt = 2 };
  struct weir_match_found found;
  struct kit kit;
  (void)state;
  kit_begin(&kit, NULL, 0);
  assert_int_equal(kit_add(&kit, &spec), WEIR_OK);
  kit_finish(&kit);
  assert_int_equal(kit_ask(&kit, 0, WEIR_STR("a b c"), &found), WEIR_MATCH_YES);
  assert_int_equal(found.group[0].start, 4);
  assert_int_equal(kit_ask(&kit, 0, WEIR_STR("x a b"), &found), WEIR_MATCH_YES);
  assert_int_equal(found.group[0].start, 2);
  assert_int_equal(kit_ask(&kit, 0, WEIR_STR("x"), &found), WEIR_MATCH_NO);
  kit_end(&kit);
}

static void refused(void **state) {
  static const struct { const char *regex, *message; size_t offset; } table[] = {
    { "(*NO_START_OPT)a", "a verb (*...) cannot be used in rules", 0 },
    { "a(*FAIL)", "a verb (*...) cannot be used in rules", 1 },
    { "x(?C1)y", "a callout (?C...) cannot be used in rules", 1 },
    { "a\\Cb", "\\C (a single byte) cannot be used in rules", 1 },
    { "(a)(?R)", "recursion (?R) cannot be used in rules", 3 },
    { "(a)(?1)", "calling a group (?1) cannot be used in rules", 3 },
    { "(a)(?-1)", "calling a group (?1) cannot be used in rules", 3 },
    { "(a)(?+1)(b)", "calling a group (?1) cannot be used in rules", 3 },
    { "(?<n>a)(?&n)", "calling a group (?&...) cannot be used in rules", 7 },
    { "(?<n>a)(?P>n)", "calling a group (?P>...) cannot be used in rules", 7 },
    { "(?<n>a)\\g<n>", "calling a group (\\g<...>) cannot be used in rules", 7 },
    { "(a)?(?(1)b|c)", "a condition (?(...) cannot be used in rules", 4 },
    { "(?J)a", "(?J), names used twice, cannot be used in rules", 0 },
    { "(?i-J:a)", "(?J), names used twice, cannot be used in rules", 0 },
    { "(?=a\\K)b", NULL, 0 },
    { "(?<=a+)b", "lookbehind assertion is not fixed length", 0 },
    { "a(b", "missing closing parenthesis", 3 },
    { "a)b", "unmatched closing parenthesis", 1 },
    { "求[a", "missing terminating ] for character class", 5 },
    { "ab**", NULL, 0 },
    { "*a", "quantifier does not follow a repeatable item", 0 },
    { "求\\p{Nope}", "unknown property after \\P or \\p", 11 },
    { "a{3,2}", "numbers out of order in {} quantifier", 5 },
    { "[b-a]", "range out of order in character class", 3 },
    { "\\", "\\ at end of pattern", 1 },
    { "(a)\\2", "reference to non-existent subpattern", 4 },
    { "求{papr}", "there is no word list {papr}", 3 },
    { "a\x08z", "a control character (0x08)", 1 },
    { "", "an empty regex", 0 },
    { "\xE2\x80\x8B", "the regex folds to nothing", 0 },
    { "\xEF\xB8\x8F\xE2\x80\x8D", "the regex folds to nothing", 0 },
    { "ab\xFF", "not valid UTF-8", 2 },
    { "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)(l)(m)(n)(o)(p)(q)", "more than 16 capture groups", 0 },
    { "((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))", "parentheses are nested more than 32 deep", 32 },
    { "(?<=.{256})a", "a lookbehind of more than 255 characters", 0 },
    { "(?:(?:a{0,99}){0,99}){0,99}", NULL, 0 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    weir_str source = weir_str_of(table[i].regex);
    struct weir_pattern_spec spec = { .regexes = &source, .regex_cnt = 1 };
    struct kit kit;
    weir_status status;
    kit_begin(&kit, lists, 3);
    status = kit_add(&kit, &spec);
    if (status != WEIR_E_RULES && status != WEIR_E_LIMIT) fail_msg("%s: accepted", table[i].regex);
    if (table[i].message && (strcmp(kit.bad.message, table[i].message) != 0 || kit.bad.offset != table[i].offset)) {
      fail_msg("%s: \"%s\" at %zu", table[i].regex, kit.bad.message, kit.bad.offset);
    }
    assert_true(kit.bad.message[0]);
    assert_ptr_equal(kit.bad.source.ptr, source.ptr);
    assert_true(kit.bad.offset <= source.len);
    kit_end(&kit);
  }
}

/* Whatever slip of a person PCRE2 refuses, there is a word on what to write. */
static void every_slip_has_a_hint(void **state) {
  static const char *const slips[] = {
    "a(b", "a[b", "a{2,1}", "a\\", "*a", "a**", "\\q", "[z-a]", "[[:alpha:]", "[[:foo:]]", "(?<n>a)(?<n>b)", "(?<1a>b)", "(?<n", "(?Pn)", "(?z)", "(?", "a)",
    "(?<=a+)b", "\\p{Foo}", "\\p{", "\\x{110000}", "\\x{zz}", "\\2", "\\g", "\\k", "(*FOO)a", "(?#a", "a{99999}", "[\\b\\B]", "[a-\\d]", "\\u1234", "\\c", "\\o{9}",
    "(?R", "[]", "a|*", "(?i-", "(?=\\K)", "[\\R]", "(?(x)a)", "x{1,2}{3}", "(?(1)a|b|c)(d)", "[\\w-z]", "(?P>x)", "(?<=a|b*)", "(?'n)",
  };
  (void)state;
  for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
    weir_str source = weir_str_of(slips[i]);
    struct weir_pattern_spec spec = { .regexes = &source, .regex_cnt = 1 };
    struct kit kit;
    kit_begin(&kit, lists, 3);
    if (kit_add(&kit, &spec) != WEIR_E_RULES || !kit.bad.hint[0]) fail_msg("%s: %s: %s", slips[i], kit.bad.message, kit.bad.hint);
    kit_end(&kit);
  }
}

/* PCRE2's word is said before ours; our hint does not stay behind. */
static void hint_belongs_to_message(void **state) {
  static const struct { const char *regex, *message, *hint; } table[] = {
    { "a{papr}", "there is no word list {papr}", "did you mean {paper}?" },
    { "a{papr}[z-a]", "range out of order in character class",
      "a range begins with the lower one, as in [a-z] or [0-9]; a hyphen that is meant as such comes last: [ab-]" },
    { "a{papr}(?<=a+)", "lookbehind assertion is not fixed length", "what stands in (?<=...) must have one length, or be (?<=a|bc) with one length each" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    weir_str source = weir_str_of(table[i].regex);
    struct weir_pattern_spec spec = { .regexes = &source, .regex_cnt = 1 };
    struct kit kit;
    kit_begin(&kit, lists, 3);
    assert_int_equal(kit_add(&kit, &spec), WEIR_E_RULES);
    assert_string_equal(kit.bad.message, table[i].message);
    assert_string_equal(kit.bad.hint, table[i].hint);
    kit_end(&kit);
  }
}

static void too_large(void **state) {
  static char text[WEIR_PATTERN_SOURCE_MAX + 2];
  static weir_str words[WEIR_WORDS_MAX];
  static char room[WEIR_WORDS_MAX][16];
  struct kit_list big = { "big", words, WEIR_WORDS_MAX };
  weir_str source = { text, sizeof text - 1 };
  struct weir_pattern_spec spec = { .regexes = &source, .regex_cnt = 1 };
  struct kit kit;
  (void)state;
  memset(text, 'a', sizeof text - 1);
  for (size_t i = 0; i < WEIR_WORDS_MAX; i++) words[i] = (weir_str){ room[i], (size_t)snprintf(room[i], sizeof room[i], "word%06zu", i) };
  kit_begin(&kit, &big, 1);
  assert_int_equal(kit_add(&kit, &spec), WEIR_E_LIMIT);
  source = WEIR_STR("{big}{big}");
  assert_int_equal(kit_add(&kit, &spec), WEIR_E_LIMIT);
  assert_true(kit.bad.hint[0]);
  /* Nothing is left behind. */
  source = WEIR_STR("a");
  assert_int_equal(kit_add(&kit, &spec), WEIR_OK);
  kit_end(&kit);
}

/* Every failing allocation while building is a clean refusal. */
static void out_of_memory(void **state) {
  weir_str regex = WEIR_STR("{want}.{0,12}(?<x>{paper})"), keyword = WEIR_STR("电子版");
  struct weir_pattern_spec spec = { .keywords = &keyword, .keyword_cnt = 1, .regexes = &regex, .regex_cnt = 1 };
  size_t failed = 0;
  (void)state;
  for (size_t limit = 64; limit < 65536; limit += 32) {
    struct kit kit;
    uint32_t pattern;
    weir_status status;
    unsigned char *block = malloc(limit);
    kit_begin(&kit, lists, 3);
    weir_arena_release(&kit.arena);
    weir_arena_fixed(&kit.arena, block, limit);
    status = weir_matcher_add(kit.builder, &spec, &pattern, &kit.bad, &kit.err);
    if (status == WEIR_OK) status = weir_matcher_finish(kit.builder, &kit.matcher, &kit.err);
    assert_true(status == WEIR_OK || status == WEIR_E_NOMEM);
    failed += status == WEIR_E_NOMEM;
    weir_matcher_abandon(kit.builder);
    weir_arena_release(&kit.work);
    free(block);
    if (status == WEIR_OK) break;
  }
  assert_true(failed > 0);
}

static void version(void **state) {
  char buf[64];
  weir_str text = weir_match_version(buf, sizeof buf);
  (void)state;
  assert_true(weir_str_starts(text, WEIR_STR("pcre2 10.")));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(interpolation), cmocka_unit_test(folding), cmocka_unit_test(edges), cmocka_unit_test(loose), cmocka_unit_test(groups),
    cmocka_unit_test(order), cmocka_unit_test(refused), cmocka_unit_test(hint_belongs_to_message), cmocka_unit_test(every_slip_has_a_hint), cmocka_unit_test(too_large), cmocka_unit_test(out_of_memory), cmocka_unit_test(version),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
