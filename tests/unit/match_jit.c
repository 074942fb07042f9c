/* Machine code on request: the same answers wherever no limit strikes, bounded, counted, given back, and a clear answer where
 * there can be none. make diff compares it on real comments; match_limits.c has the known hostile patterns for it too. */
#include "match_kit.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "limits.h"

static bool there; /* PCRE2 makes machine code here */

static bool kit_jit(struct kit *kit) {
  kit_begin(kit, NULL, 0);
  return weir_matcher_jit(kit->builder, &kit->err) == WEIR_OK;
}

static int look(void **state) {
  struct kit kit;
  (void)state;
  there = kit_jit(&kit);
  if (!there) print_message("# %s\n", kit.err.message);
  kit_end(&kit);
  return 0;
}

static void add_regex(struct kit *kit, weir_str source) {
  struct weir_pattern_spec spec = { .regexes = &source, .regex_cnt = 1 };
  assert_int_equal(kit_add(kit, &spec), WEIR_OK);
}

/* Beginnings, edges of words, lookarounds, references back, classes, and what two optimisations of PCRE2 10.42 get wrong. */
static const char *const regexes[] = {
  "\\bpdf\\b", "求.{0,4}(资料|电子版)", "(?<!不)要(?!钱)", "(a|b)\\1+c", "(?<!\\d)\\d{5}(?!\\d)", "^.{1,4}$", "(?=a)x?ab", "\\s?(?>a??|b)[^a]c",
  "(?i)what'?s\\s?app", "[\\p{L}]+\\d", "(\\w+) \\1", "x{2,}?y", "\\d+$", "(?:电|電)子", "(?<=我)的", "a*?b|c+d", "[^\\s]{6,}!",
};

static const char *const texts[] = {
  "", "pdf", "发pdf给我", "xpdfx", "求一份电子版资料", "求资料", "不要", "我要", "要钱", "aac", "bbbc", "12345", "123456", "我的12345", "你好吗", "xab ab", "  c bc ac",
  "WHAT'S APP whatsapp", "abc1", "the the", "xxy xxxxy", "号码 99", "電子", "我的天", "aaab cccd", "abcdef! xyz!", "ＰＤＦ 電 子 版", "a\nb 12\n",
};

static void same_answers(void **state) {
  enum { CNT = sizeof regexes / sizeof *regexes };
  struct kit plain, jit;
  size_t yes = 0;
  (void)state;
  if (!there) skip();
  kit_begin(&plain, NULL, 0);
  assert_true(kit_jit(&jit));
  for (size_t i = 0; i < CNT; i++) {
    add_regex(&plain, weir_str_of(regexes[i]));
    add_regex(&jit, weir_str_of(regexes[i]));
  }
  kit_finish(&plain);
  kit_finish(&jit);
  assert_int_equal(weir_matcher_jit_bytes(plain.matcher), 0);
  assert_true(weir_matcher_jit_bytes(jit.matcher) > CNT * 100);
  assert_true(jit.arena.taken >= weir_matcher_jit_bytes(jit.matcher));
  for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
    for (uint32_t p = 0; p < CNT; p++) {
      struct weir_match_found a, b;
      enum weir_match_answer answer = kit_ask(&plain, p, weir_str_of(texts[t]), &a);
      if (kit_ask(&jit, p, weir_str_of(texts[t]), &b) != answer) fail_msg("%s on \"%s\"", regexes[p], texts[t]);
      if (answer != WEIR_MATCH_YES) continue;
      yes++;
      assert_int_equal(a.group_cnt, b.group_cnt);
      assert_memory_equal(a.group, b.group, sizeof a.group);
    }
  }
  assert_true(yes > CNT);
  kit_end(&plain);
  kit_end(&jit);
}

/* Depth and heap do not bound machine code; its own stack, the match limit and the charges of callouts do. */
static void limits_hold(void **state) {
  static const struct { const char *regex, *piece; } table[] = {
    { "(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" }, { "(?:a|aa)+[0-9]", "a" }, { "(?:(a)|b)+[cd]", "ab" }, { ".*.*.*x$", "y x" }, { "[ab]{2000}[xy]", "a" },
  };
  static char text[WEIR_TEXT_MAX];
  (void)state;
  if (!there) skip();
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    size_t len = strlen(table[i].piece);
    struct weir_match_found found;
    struct kit kit;
    bool cut;
    for (size_t k = 0; k < sizeof text; k++) text[k] = table[i].piece[k % len];
    memcpy(text, "0 x c ", 6);
    assert_true(kit_jit(&kit));
    add_regex(&kit, weir_str_of(table[i].regex));
    kit_finish(&kit);
    assert_int_equal(weir_match_text(kit.match, (weir_str){ text, sizeof text }, true, &cut, &kit.err), WEIR_OK);
    assert_int_equal(weir_match_pattern(kit.match, 0, &found), WEIR_MATCH_LIMIT);
    assert_true(found.limit.len > 0);
    assert_true(weir_match_steps(kit.match) <= WEIR_MATCH_EVENT_STEPS + 32768);
    kit_end(&kit);
  }
}

/* What machine code takes is part of what a ruleset may take. */
static void counts_against_the_limit(void **state) {
  struct weir_word_lists lists = { kit_find, kit_nearest, NULL };
  weir_str source = WEIR_STR("(?i)\\bwant\\b.{0,20}\\b(book|paper|link)\\b");
  struct weir_pattern_spec spec = { .regexes = &source, .regex_cnt = 1 };
  struct weir_pattern_error bad;
  weir_status status = WEIR_OK;
  uint32_t pattern, cnt = 0;
  struct kit kit = { .err = { .status = WEIR_OK } };
  (void)state;
  if (!there) skip();
  weir_arena_growing(&kit.arena, 64 << 10);
  weir_arena_growing(&kit.work, (size_t)64 << 20);
  assert_int_equal(weir_matcher_begin(&kit.builder, &kit.arena, &kit.work, &lists, &kit.err), WEIR_OK);
  assert_int_equal(weir_matcher_jit(kit.builder, &kit.err), WEIR_OK);
  for (; status == WEIR_OK && cnt < 1000; cnt++) status = weir_matcher_add(kit.builder, &spec, &pattern, &bad, &kit.err);
  assert_int_equal(status, WEIR_E_NOMEM);
  assert_true(cnt > 1 && cnt < 64);
  assert_true(kit.arena.taken <= 64 << 10);
  weir_matcher_abandon(kit.builder);
  weir_arena_release(&kit.work);
  weir_arena_release(&kit.arena);
}

/* Where no memory may be writable and executable, asking for machine code says so. 0: so it was; 1: not; 2: this kernel cannot
 * be asked for it. */
static int ask_without_such_memory(void) {
  enum { SET_MDWE = 65, REFUSE_EXEC_GAIN = 1 };
  struct kit kit;
  if (prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0) != 0) return 2;
  kit_begin(&kit, NULL, 0);
  bool told = weir_matcher_jit(kit.builder, &kit.err) == WEIR_E_ARG && strstr(kit.err.message, "writable and executable");
  kit_end(&kit);
  return !told;
}

static void refused_memory_is_told(void **state) {
  int status;
  pid_t child;
  (void)state;
  if (!there) skip();
  child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    /* Anew: pages that PCRE2 has already would do. */
    (void)execl("/proc/self/exe", "match_jit", "without", (char *)NULL);
    _exit(2);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  if (WEXITSTATUS(status) == 2) skip();
  assert_int_equal(WEXITSTATUS(status), 0);
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "without") == 0) return ask_without_such_memory();
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(same_answers), cmocka_unit_test(limits_hold), cmocka_unit_test(counts_against_the_limit),
    cmocka_unit_test(refused_memory_is_told),
  };
  return cmocka_run_group_tests(tests, look, NULL);
}
