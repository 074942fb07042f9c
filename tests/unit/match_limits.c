/* Limits: no pattern that loads, on no text, does more than its budget allows; what it could not decide it says. Verdicts
 * depend on counts alone, so these tests look at counts. */
#include "match_kit.h"

#include <time.h>

#include "limits.h"
#include "shared_data.h"

static bool by_jit;

static struct kit *one_regex(struct kit *kit, weir_str source) {
  struct weir_pattern_spec spec = { .regexes = &source, .regex_cnt = 1 };
  kit_begin(kit, NULL, 0);
  if (by_jit) assert_int_equal(weir_matcher_jit(kit->builder, &kit->err), WEIR_OK);
  if (kit_add(kit, &spec) != WEIR_OK) {
    kit_end(kit);
    return NULL;
  }
  kit_finish(kit);
  return kit;
}

static enum weir_match_answer run(struct kit *kit, weir_str text, struct weir_match_found *found) {
  bool cut;
  assert_int_equal(weir_match_text(kit->match, text, true, &cut, &kit->err), WEIR_OK);
  return weir_match_pattern(kit->match, 0, found);
}

static void repeat(char *out, const char *piece, size_t len) {
  size_t piece_len = strlen(piece);
  for (size_t i = 0; i < len; i++) out[i] = piece[i % piece_len];
  while (len > 0 && ((unsigned char)out[len - 1] & 0x80)) out[--len] = ' ';
}

static void named_limits(void **state) {
  static const struct { const char *regex, *piece, *limit; } table[] = {
    { "(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "match steps" },
    { "(?:a|aa)+[0-9]", "a", "match depth" },
    { "(?:(a)|b)+[cd]", "ab", "match depth" },
    { ".*.*.*x$", "y x", "match steps" },
    { "(\\w+)\\s+\\1-", "a ", NULL },
    { "[ab]{2000}[xy]", "a", "match steps" },
  };
  static char text[WEIR_TEXT_MAX];
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    struct weir_match_found found;
    struct kit kit;
    repeat(text, table[i].piece, sizeof text);
    memcpy(text, "0 x c ", 6); /* so that no gate keeps the regex away */
    assert_non_null(one_regex(&kit, weir_str_of(table[i].regex)));
    enum weir_match_answer answer = run(&kit, (weir_str){ text, sizeof text }, &found);
    if (answer != (table[i].limit ? WEIR_MATCH_LIMIT : WEIR_MATCH_NO) || (table[i].limit && !weir_str_eq(found.limit, weir_str_of(table[i].limit)))) {
      fail_msg("%s: answer %d, limit \"%.*s\"", table[i].regex, (int)answer, WEIR_FMT(found.limit));
    }
    assert_true(weir_match_steps(kit.match) <= WEIR_MATCH_EVENT_STEPS + 32768);
    kit_end(&kit);
  }
}

/* What a match may use does not depend on those before it. */
static void memory_is_given_back(void **state) {
  static char text[WEIR_TEXT_MAX];
  struct weir_match_found found;
  struct kit kit;
  (void)state;
  repeat(text, "ab", sizeof text);
  assert_non_null(one_regex(&kit, WEIR_STR("^(?:(a)|b)*[cd]")));
  enum weir_match_answer before = run(&kit, WEIR_STR("ababababababababababababababababababababab"), &found);
  uint64_t steps = weir_match_steps(kit.match);
  for (int i = 0; i < 20; i++) assert_int_equal(run(&kit, (weir_str){ text, sizeof text }, &found), WEIR_MATCH_LIMIT);
  assert_int_equal(run(&kit, WEIR_STR("ababababababababababababababababababababab"), &found), before);
  assert_int_equal(weir_match_steps(kit.match), steps);
  kit_end(&kit);
}

static void event_budget(void **state) {
  enum { CNT = 64 };
  static char sources[CNT][32], text[4000];
  struct weir_match_found found;
  struct kit kit;
  bool cut, struck = false;
  (void)state;
  kit_begin(&kit, NULL, 0);
  for (int i = 0; i < CNT; i++) {
    weir_str source = { sources[i], (size_t)snprintf(sources[i], sizeof sources[i], "(?:a+)+%d$", i) };
    struct weir_pattern_spec spec = { .regexes = &source, .regex_cnt = 1 };
    assert_int_equal(kit_add(&kit, &spec), WEIR_OK);
  }
  kit_finish(&kit);
  repeat(text, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0123456789 ", sizeof text);
  assert_int_equal(weir_match_text(kit.match, (weir_str){ text, sizeof text }, true, &cut, &kit.err), WEIR_OK);
  for (uint32_t p = weir_match_next(kit.match, 0); p != UINT32_MAX; p = weir_match_next(kit.match, p + 1)) {
    if (weir_match_pattern(kit.match, p, &found) == WEIR_MATCH_LIMIT && weir_str_eq(found.limit, WEIR_STR("steps of this event"))) struck = true;
    else if (struck) fail_msg("decided after the budget was used up");
  }
  assert_true(struck);
  assert_true(weir_match_steps(kit.match) < WEIR_MATCH_EVENT_STEPS + CNT * (WEIR_MATCH_CALL_COST + 4000 / 64 + 1) + 32768);
  /* The next text has a budget of its own. */
  assert_int_equal(weir_match_text(kit.match, WEIR_STR("aa7"), true, &cut, &kit.err), WEIR_OK);
  assert_int_equal(weir_match_pattern(kit.match, 7, &found), WEIR_MATCH_YES);
  kit_end(&kit);
}

static bool struck(void *ctx) { return ++*(int *)ctx >= 3; }

static void deadline(void **state) {
  static char text[4000];
  struct weir_match_found found;
  struct kit kit;
  int asked = 0;
  (void)state;
  repeat(text, "a", sizeof text);
  assert_non_null(one_regex(&kit, WEIR_STR("(?:a+)+b?$c?0")));
  weir_match_deadline(kit.match, struck, &asked);
  text[sizeof text - 1] = '0';
  text[sizeof text - 2] = ' ';
  assert_int_equal(run(&kit, (weir_str){ text, sizeof text }, &found), WEIR_MATCH_LIMIT);
  assert_true(weir_str_eq(found.limit, WEIR_STR("deadline")));
  assert_int_equal(asked, 3);
  kit_end(&kit);
}

/* ---- Known attacks */

struct attack { weir_str regex, text; };

/* "AttackString:"..."+"..."*10000+"..."" */
static size_t build_attack(weir_str line, char *out, size_t cap) {
  size_t len = 0, at = 0;
  while (at < line.len && line.ptr[at] == '"') {
    size_t end = ++at, times = 1;
    while (end < line.len && !(line.ptr[end] == '"' && (end + 1 == line.len || line.ptr[end + 1] == '+' || line.ptr[end + 1] == '*'))) end++;
    weir_str piece = { line.ptr + at, end - at };
    at = end + 1;
    if (at < line.len && line.ptr[at] == '*') times = strtoul(line.ptr + at + 1, NULL, 10);
    while (at < line.len && line.ptr[at] != '+') at++;
    at++;
    for (size_t i = 0; i < times && piece.len && len + piece.len < cap / 2 + (times == 1 ? cap / 2 : 0); i++) memcpy(out + len, piece.ptr, piece.len), len += piece.len;
  }
  return len;
}

static uint64_t seed = 7;

static uint32_t below(uint32_t n) {
  seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
  return (uint32_t)((seed >> 16) % n);
}

/* A text out of the characters of the regex: runs, repeats of a piece, noise. */
static size_t hostile(weir_str regex, int kind, char *out, size_t cap) {
  static const char *const pieces[] = { "a", "0", " ", "a ", "0,", "aA0_-.", "www.", "x@", "http://a.", "<a>", "\"", "\\\\", "()", "1-", "求", "a1 ", "=;", "''" };
  size_t len = 64u << below(8), from = below((uint32_t)regex.len), piece_len = 1 + below(6);
  if (len > cap) len = cap;
  for (size_t i = 0; i < len; i++) {
    if (kind % 4 == 0) out[i] = regex.ptr[from];
    else if (kind % 4 == 1) out[i] = regex.ptr[(from + i % piece_len) % regex.len];
    else if (kind % 4 == 2) out[i] = regex.ptr[below((uint32_t)regex.len)];
    else out[i] = pieces[from % 18][i % strlen(pieces[from % 18])];
  }
  for (size_t i = 0; i < len; i++) if ((unsigned char)out[i] >= 0x80) out[i] = 'z';
  if (below(2)) out[len - 1] = '!';
  return len;
}

static double now_ms(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* WEIR_MATCH_TIMES=1 prints how long the worst took: for people, not asserted. */
static void redos(void **state) {
  static char text[16384];
  char path[512];
  const char *file = shared_path(path, sizeof path, "corpora/patterns/redos-known.txt");
  size_t len, regexes = 0, runs = 0, limits = 0;
  double worst = 0;
  char *data, *line, *next;
  weir_str regex = { NULL, 0 };
  struct kit kit;
  bool loaded = false;
  (void)state;
  if (!file) skip();
  assert_non_null(data = shared_read(file, &len));
  print_message("seed %llu\n", (unsigned long long)seed);
  for (line = data; line && *line; line = next) {
    int number = 0;
    if ((next = strchr(line, '\n')) != NULL) *next++ = '\0';
    size_t line_len = strcspn(line, "\r");
    char *attack = strstr(line, "AttackString:");
    if (strncmp(line, "++++++++", 8) == 0) {
      if (loaded) kit_end(&kit);
      loaded = false;
      regex.ptr = NULL;
      continue;
    }
    if (!regex.ptr && line_len && strspn(line, "0123456789") == line_len && next) {
      regex = (weir_str){ next, strcspn(next, "\r\n") };
      if ((next = strchr(next, '\n')) != NULL) next++;
      if (regex.len) loaded = one_regex(&kit, regex) != NULL;
      regexes += loaded;
      number = 40;
    }
    if (!loaded) continue;
    for (int i = 0; i < number || (attack && i < 1); i++) {
      struct weir_match_found found;
      size_t text_len = attack ? build_attack((weir_str){ attack + 13, strcspn(attack + 13, "\r") }, text, WEIR_TEXT_MAX) : hostile(regex, i, text, WEIR_TEXT_MAX);
      double start = now_ms();
      bool cut;
      if (weir_match_text(kit.match, (weir_str){ text, text_len }, true, &cut, &kit.err) != WEIR_OK) continue;
      limits += weir_match_pattern(kit.match, 0, &found) == WEIR_MATCH_LIMIT;
      start = now_ms() - start;
      runs++;
      if (start > worst) {
        worst = start;
        if (getenv("WEIR_MATCH_TIMES")) print_message("%.2f ms, %llu steps: %.*s\n", start, (unsigned long long)weir_match_steps(kit.match), WEIR_FMT(regex));
      }
      assert_true(weir_match_steps(kit.match) <= WEIR_MATCH_CALL_STEPS + 32768 + 2 * WEIR_FOLD_MAX);
    }
  }
  print_message("%zu regexes, %zu texts, %zu limits\n", regexes, runs, limits);
  if (loaded) kit_end(&kit);
  free(data);
  assert_true(regexes > 100 && limits > 0 && limits < runs / 2);
}

static void redos_jit(void **state) {
  struct kit kit;
  kit_begin(&kit, NULL, 0);
  by_jit = weir_matcher_jit(kit.builder, &kit.err) == WEIR_OK;
  kit_end(&kit);
  if (!by_jit) skip();
  redos(state);
  by_jit = false;
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(named_limits), cmocka_unit_test(memory_is_given_back), cmocka_unit_test(event_budget), cmocka_unit_test(deadline),
    cmocka_unit_test(redos), cmocka_unit_test(redos_jit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
