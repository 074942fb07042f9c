/* Gates keep regexes from texts that they cannot match, and never from one that they match: random regexes of the shapes that
 * gates know, over the pieces they are made of, answer the same with and without them. */
#include "match_compare.h"

/* ---- What gates ask for: rows of digits, letters in order, literals close to each other */

static const char *const pieces[] = { "r", "a", "p", "e", "求", "资", "1", "12", "345", "9", " ", "-", ".", "&amp;", "é", "的" };
#define PIECES (sizeof pieces / sizeof pieces[0])

static const char *piece(uint32_t from, uint32_t cnt) { return pieces[from + below(cnt)]; }

static void put_gated(char *out) {
  static const char *const gaps[] = { "\\W*", "[\\W_]*+", "(?:[\\W_]|&#?\\w+;)*", "\\s?", "\\d*", "[^a-z]*?", ".?", "(?:-|\\.|\\b)?", "e?", "(?:a|p)*" };
  static const char *const nears[] = { ".{0,4}", ".{0,2}?", "\\w?", "(?:的|a){1,2}", "[^求]{1,3}", "\\s*", "(?:求|)" };
  static const char *const before[] = { "(?<!\\d)", "(?<![\\d.])", "\\D", "求", "", "(?<!\\d|a)", "(?:a|-)", "[a求]", "^", "\\b" };
  static const char *const behind[] = { "(?!\\d)", "(?![\\d.])", "\\D", "资", "", "(?!\\d|a)", "\\s", "[ap]", "$", "\\d?", "(?=资)" };
  static const char *const digits[] = { "\\d{%u}", "\\d{%u,}", "[0-9]{%u,4}", "1\\d{%u}", "\\d\\d?", "\\d{2}9", "[12]{%u}", "(?:\\d{3})+", "\\d+" };
  char buf[64];
  out[0] = '\0';
  switch (below(5)) {
  case 0: case 1:
    if (below(3) == 0) put(out, below(2) ? "\\b" : "\\w*");
    for (uint32_t i = 3 + below(3); i > 0; i--) {
      bool group = below(5) == 0;
      put(out, group ? "(?:" : ""), put(out, piece(0, below(4) ? 4 : PIECES - 5));
      if (below(2)) put(out, gaps[below(10)]);
      put(out, group ? below(2) ? ")+" : ")" : "");
    }
    break;
  case 2: case 3:
    put(out, piece(0, 6)), put(out, nears[below(7)]);
    put(out, below(4) ? piece(0, 6) : below(2) ? "(?=.{0,3}资)" : "(?=a.?求)a");
    break;
  default:
    (void)snprintf(buf, sizeof buf, digits[below(9)], 2 + below(3));
    put(out, before[below(10)]), put(out, buf), put(out, behind[below(11)]);
    break;
  }
}

static void gated_regexes(void **state) {
  size_t yes = 0;
  (void)state;
  room_for(60);
  for (int round = 0; round < 40; round++) {
    static char sources[60][1024];
    struct kit kit;
    kit_begin(&kit, NULL, 0);
    for (int i = 0; i < 60; i++) {
      weir_str source;
      struct weir_pattern_spec spec = { .regexes = &source, .regex_cnt = 1, .loose = below(6) == 0 };
      put_gated(sources[i]);
      source = weir_str_of(sources[i]);
      if (kit_add(&kit, &spec) != WEIR_OK) fail_msg("%s: %s", sources[i], kit.bad.message);
    }
    kit_finish(&kit);
    for (int t = 0; t < 60; t++) {
      char text[1024] = "";
      for (uint32_t parts = below(18); parts > 0; parts--) put(text, piece(0, below(2) ? 4 : PIECES));
      compare(&kit, weir_str_of(text), &yes);
    }
    kit_end(&kit);
  }
  print_message("%zu matches\n", yes);
  assert_true(yes > 1000);
  give_room_back();
}

/* Texts that hold what literals and counts ask for, but not as the regex asks for it, reach no PCRE2. */
static void gates_keep_away(void **state) {
  static const struct { const char *regex, *text; bool asked; } table[] = {
    { "(?<!\\d)\\d{6}(?!\\d)", "999999999999", false }, { "(?<!\\d)\\d{6}(?!\\d)", "12345 1234567", false }, { "(?<!\\d)\\d{6}(?!\\d)", "a123456", true },
    { "(?<!\\d)\\d{5,6}(?!\\d)", "123456", true }, { "(?<!\\d)\\d{5,6}(?!\\d)", "1234 1234567", false }, { "(?<!a)\\d{6}(?!\\d)", "1234567", true },
    { "\\d{3,}求", "123 求", false }, { "\\d{3,}求", "12求 123资", false }, { "\\d{3,}求", "1234求", true }, { "\\d{3,}\\s*求", "123 求", true },
    { "r\\W*a\\W*p\\W*e", "pear tree", false }, { "r\\W*a\\W*p\\W*e", "rope a gap ear", false }, { "r\\W*a\\W*p\\W*e", "see r-a p.e", true },
    { "r\\w*a(?:\\W|&#?\\w+;)*p\\w*e", "epar", false }, { "r\\w*a(?:\\W|&#?\\w+;)*p\\w*e", "ra&amp;pe", true },
    { "求.{0,4}资", "求资", true }, { "求.{0,4}资", "求一下这个资", true }, { "求.{0,4}资", "求 abcdefghijklmnopq 资", false },
    { "求.{0,4}资", "资求", false }, { "求.{0,4}资", "求求求求求求求求求求求资", true }, { "求(?=.{0,3}资)", "求的资", true },
    { "求(?=.{0,3}资)", "资的求", false }, { "a.{2}b", "axb", false }, { "a.{2}b", "axxb", true },
    { "ab了?.{0,1}cd", "abcd", true }, { "ab了?.{0,1}cd", "ab1234567890cd", false },
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    weir_str regex = weir_str_of(table[i].regex);
    struct weir_pattern_spec spec = { .regexes = &regex, .regex_cnt = 1 };
    struct kit kit;
    bool cut;
    (void)state;
    kit_begin(&kit, NULL, 0);
    assert_int_equal(kit_add(&kit, &spec), WEIR_OK);
    kit_finish(&kit);
    assert_int_equal(weir_match_text(kit.match, weir_str_of(table[i].text), true, &cut, &kit.err), WEIR_OK);
    if ((weir_match_next(kit.match, 0) == 0) != table[i].asked) fail_msg("%s on \"%s\"", table[i].regex, table[i].text);
    kit_end(&kit);
  }
}

/* Rules whose numbers of digits differ by one, and a long row of digits: none of them is tried, so no limit strikes. */
static void long_rows_cost_nothing(void **state) {
  static char text[8000];
  struct weir_match_found found;
  struct kit kit;
  bool cut;
  (void)state;
  kit_begin(&kit, NULL, 0);
  for (int i = 0; i < 80; i++) {
    char room[64];
    weir_str regex = { room, (size_t)snprintf(room, sizeof room, "(?<!\\d)\\d{%d}(?!\\d)", 5 + i % 8) };
    struct weir_pattern_spec spec = { .regexes = &regex, .regex_cnt = 1 };
    assert_int_equal(kit_add(&kit, &spec), WEIR_OK);
  }
  kit_finish(&kit);
  memset(text, '9', sizeof text);
  assert_int_equal(weir_match_text(kit.match, (weir_str){ text, sizeof text }, true, &cut, &kit.err), WEIR_OK);
  assert_int_equal(weir_match_next(kit.match, 0), UINT32_MAX);
  text[4000] = text[4007] = ' ';
  assert_int_equal(weir_match_text(kit.match, (weir_str){ text, sizeof text }, true, &cut, &kit.err), WEIR_OK);
  assert_int_equal(weir_match_next(kit.match, 0), 1);
  assert_int_equal(weir_match_pattern(kit.match, 1, &found), WEIR_MATCH_YES);
  assert_int_equal(found.group[0].start, 4001);
  kit_end(&kit);
}

int main(void) {
  take_seed();
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(gated_regexes), cmocka_unit_test(gates_keep_away), cmocka_unit_test(long_rows_cost_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
