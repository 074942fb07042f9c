/* Patterns put together from pieces, whole and broken ones, as somebody might mistype them: each is either refused, at a place in it and
 * with words, or finds the same with the prefilter and without. Every prefix of a pattern that uses everything, too. ROUNDS=n tries more. */
#include "match_kit.h"

#include "limits.h"

static const weir_str wants[] = { { "求", 3 }, { "want", 4 } };
static const struct kit_list lists[] = { { "want", wants, 2 } };

static const char *const pieces[] = {
  /* plain */
  "a", "b", "Z", "7", "电子", "é", "ß", "\xE2\x80\x8B", " ", "\t", "#", "-", "]", "}", ",", "'", "<", ">", "=", "!", "K", "_",
  /* what repeats, and what stands at an edge */
  "*", "+", "?", "*?", "++", "{2}", "{2,3}", "{,3}", "{3,2}", "{0}", "{70000}", "{99999999999}", "{2,", "{2", "^", "$", ".", "|", "\\b", "\\B", "\\A", "\\z", "\\Z", "\\G", "\\K", "\\R", "\\X",
  /* groups */
  "(", ")", "(?:", "(?>", "(?|", "(?=", "(?!", "(?<=", "(?<!", "(?<n>", "(?P<n>", "(?'n'", "(?<n", "(?<", "(?P", "(?P=n)", "(?P=", "(?P>n)", "(?&n)", "(?R)", "(?1)", "(?-1)", "(?+1)", "(?#x)", "(?#",
  "(?", "(*UTF)", "(*FAIL)", "(?C1)", "(?(1)a|b)", "(?(", "(?(DEFINE)",
  /* options */
  "(?i)", "(?-i)", "(?x)", "(?xx)", "(?^)", "(?^i:", "(?s)", "(?m)", "(?n)", "(?U)", "(?J)", "(?i-", "(?--i)", "(?q)", "(?i:", "(?xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx)",
  /* escapes */
  "\\", "\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "\\h", "\\H", "\\v", "\\V", "\\N", "\\C", "\\n", "\\r", "\\t", "\\f", "\\a", "\\e", "\\x", "\\x4", "\\x41", "\\x{41}", "\\x{110000}", "\\x{D800}",
  "\\x{", "\\x{}", "\\x{4g}", "\\x{6c42}", "\\o{101}", "\\o{", "\\o{8}", "\\o", "\\0", "\\012", "\\101", "\\377", "\\1", "\\2", "\\8", "\\81", "\\99", "\\1000", "\\cA", "\\ca", "\\c", "\\c\x01",
  "\\cé", "\\N{U+6C42}", "\\N{U+", "\\N{name}", "\\p{Han}", "\\P{Han}", "\\pL", "\\p", "\\p{", "\\p{Nothing}", "\\Q", "\\E", "\\Qa.b\\E", "\\k<n>", "\\k'n'", "\\k{n}", "\\k", "\\k<", "\\g1", "\\g{1}",
  "\\g{-1}", "\\g{n}", "\\g<n>", "\\g'1'", "\\g", "\\g{", "\\g+1", "\\y", "\\i", "\\u0041", "\\L", "\\U", "\\l", "\\{", "\\[", "\\.", "\\ ", "\\#", "\\é",
  /* classes */
  "[", "[^", "[]", "[^]", "[a-z]", "[z-a]", "[a-]", "[-a]", "[\\d-z]", "[a-\\d]", "[^a]", "[电-资]", "[é]", "[ß]", "[[:alpha:]]", "[[:^digit:]]", "[[:nothing:]]", "[[:alpha:", "[[.a.]]", "[[=a=]]",
  "[\\b]", "[\\B]", "[\\R]", "[\\x{41}-\\x{5a}]", "[\\101]", "[\\Qa-c\\E]", "[\\Q]", "[\\E]", "[\\cA]", "[\\o{101}]", "[\\N]", "[\\p{Han}a]", "[\\p{", "[\\", "[a\\", "[\\1]", "[\\8]", "[ \t#]", "[\\h\\v]",
  "[\xE2\x80\x8B]", "[^\xE2\x80\x8B]", "[\\x{200b}-\\x{200d}]", "[\\x{D7FF}-\\x{E000}]", "[^\\w\\s]", "[\\D\\d]", "[A-Za-z0-9_]", "[a-z-9]",
  /* word lists */
  "{want}", "{wnat}", "{}", "{want", "{number}", "{phone}", "{email}", "[{want}]", "\\{want}", "({want}){2}",
};
enum { PIECES = sizeof pieces / sizeof *pieces };

static const char *const texts[] = { "", "a", "ab电子7Z", "want 求 éßss", "a-b_c [x] {want}", "line\nab\taab77" };

static unsigned refused, taken;

static void try_pattern(const char *text, size_t len, bool loose) {
  const weir_str source = { text, len };
  const struct weir_pattern_spec spec = { .regexes = &source, .regex_cnt = 1, .loose = loose };
  struct kit kit;
  kit_begin(&kit, lists, 1);
  weir_status status = kit_add(&kit, &spec);
  if (status != WEIR_OK) {
    if (status != WEIR_E_RULES && status != WEIR_E_LIMIT) fail_msg("%.*s: %d", (int)len, text, (int)status);
    if (kit.bad.offset > len) fail_msg("%.*s: told at %zu", (int)len, text, kit.bad.offset);
    if (strlen(kit.bad.message) < 5) fail_msg("%.*s: refused without a word", (int)len, text);
    refused++;
  } else {
    kit_finish(&kit);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
      struct weir_match_found found;
      (void)kit_ask(&kit, 0, weir_str_of(texts[i]), &found); /* asserts that both ways say the same */
    }
    taken++;
  }
  kit_end(&kit);
}

static uint64_t dice = 20261122;
static uint64_t roll(uint64_t below) {
  dice ^= dice << 13;
  dice ^= dice >> 7;
  dice ^= dice << 17;
  return dice % below;
}

/* Each piece by itself, behind something, before something, and in a group. */
static void each_piece(void **state) {
  (void)state;
  static const char *const frames[] = { "%s", "a%s", "%sb", "(%s)", "(a)(?<n>b)%s", "[%s]", "a|%s", "(?x)%s c", "(?xx)[a %s]", "\\Q%s", "(?i:%s)", "%s{2}" };
  for (size_t i = 0; i < PIECES; i++) {
    for (size_t f = 0; f < sizeof frames / sizeof *frames; f++) {
      char text[256];
      int len = snprintf(text, sizeof text, frames[f], pieces[i]);
      try_pattern(text, (size_t)len, f % 2 == 1);
    }
  }
  assert_true(refused > PIECES && taken > PIECES);
}

static void pieces_put_together(void **state) {
  (void)state;
  const char *rounds = getenv("ROUNDS");
  unsigned cnt = rounds && *rounds ? (unsigned)atoi(rounds) : 3000;
  for (unsigned i = 0; i < cnt; i++) {
    char text[1024];
    size_t len = 0;
    for (uint64_t n = roll(6) + 1; n > 0; n--) len += (size_t)snprintf(text + len, sizeof text - len, "%s", pieces[roll(PIECES)]);
    try_pattern(text, len, roll(2) == 1);
  }
}

static void every_prefix(void **state) {
  (void)state;
  static const char whole[] = "(?x)(?<name>{want}|\\x{6c42}\\o{101})\\g{-1}?[[:alpha:]\\p{Han}-\\]a-z]{2,3}+(?#note)\\k<name>(?i:\\N{U+41}|\\Qa.b\\E)(?P<x>y)(?P=x)(?>a|b)(?=c)\\cA\\101$";
  for (size_t len = 0; len < sizeof whole; len++) {
    try_pattern(whole, len, false);
    try_pattern(whole + len, sizeof whole - 1 - len, true);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(each_piece), cmocka_unit_test(pieces_put_together), cmocka_unit_test(every_prefix) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
