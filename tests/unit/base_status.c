/* Statuses, errors, and the nearest word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/status.h"
#include "limits.h"

static void every_status_has_a_name_of_its_own(void **state) {
  static const weir_status all[] = { WEIR_OK, WEIR_NONE, WEIR_E_ARG, WEIR_E_SEQUENCE, WEIR_E_NOMEM, WEIR_E_LIMIT, WEIR_E_FORMAT,
                                     WEIR_E_EVENT, WEIR_E_RULES, WEIR_E_TRUST, WEIR_E_KEY, WEIR_E_STATE, WEIR_E_FULL,
                                     WEIR_E_TOO_OLD, WEIR_E_SCRIPT, WEIR_E_IO, WEIR_E_INTERNAL };
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    assert_string_not_equal(weir_status_name(all[i]), "unknown");
    for (size_t j = 0; j < i; j++) assert_string_not_equal(weir_status_name(all[i]), weir_status_name(all[j]));
  }
  assert_string_equal(weir_status_name(WEIR_E_FORMAT), "format");
  assert_string_equal(weir_status_name((weir_status)-12345), "unknown");
  assert_string_equal(weir_version(), WEIR_VERSION);
}

static void fail_fills_and_clears(void **state) {
  weir_error err;
  (void)state;
  memset(&err, 0x55, sizeof err);
  assert_int_equal(weir_fail(&err, WEIR_E_LIMIT, "%d of %s", 3, "four"), WEIR_E_LIMIT);
  assert_int_equal(err.status, WEIR_E_LIMIT);
  assert_string_equal(err.message, "3 of four");
  assert_int_equal(err.line, 0);
  assert_int_equal(err.column, 0);
  assert_string_equal(err.file, "");
  assert_string_equal(err.rule, "");
  assert_int_equal(weir_fail(NULL, WEIR_E_IO, "nobody reads this"), WEIR_E_IO);
  weir_error_clear(&err);
  assert_int_equal(err.status, WEIR_OK);
  assert_string_equal(err.message, "");
  weir_error_clear(NULL);
}

static void place_is_added(void **state) {
  weir_error err;
  (void)state;
  weir_fail(&err, WEIR_E_RULES, "no");
  weir_fail_place(&err, WEIR_STR("a.lua"), 7, 3, WEIR_STR("p/r"));
  weir_fail_place(&err, (weir_str){ NULL, 0 }, 8, 4, (weir_str){ NULL, 0 });
  assert_string_equal(err.file, "a.lua");
  assert_string_equal(err.rule, "p/r");
  assert_int_equal(err.line, 8);
  assert_int_equal(err.column, 4);
  assert_string_equal(err.message, "no");
  weir_fail_place(NULL, WEIR_STR("a"), 1, 1, WEIR_STR("b"));
}

/* A text of `len` bytes out of "电" (3 bytes each), shifted by `shift` ASCII letters, must be cut between characters. */
static void long_texts_are_cut_between_characters(void **state) {
  (void)state;
  for (size_t shift = 0; shift < 3; shift++) {
    char text[900];
    weir_error err;
    size_t len = 0;
    while (len < shift) text[len++] = 'x';
    while (len + 3 < sizeof text) {
      memcpy(text + len, "电", 3);
      len += 3;
    }
    text[len] = '\0';
    weir_fail(&err, WEIR_E_IO, "%s", text);
    size_t got = strlen(err.message);
    assert_int_equal((got - shift) % 3, 0);
    assert_true(got < sizeof err.message && got + 3 >= sizeof err.message);
    weir_fail_place(&err, (weir_str){ text, len }, 0, 0, (weir_str){ text, len });
    got = strlen(err.file);
    assert_int_equal((got - shift) % 3, 0);
    assert_true(got < sizeof err.file && got + 3 >= sizeof err.file);
    got = strlen(err.rule);
    assert_int_equal((got - shift) % 3, 0);
    assert_true(got < sizeof err.rule && got + 3 >= sizeof err.rule);
  }
}

static void exact_fit_is_not_cut(void **state) {
  char text[sizeof ((weir_error *)0)->rule];
  weir_error err;
  (void)state;
  memset(text, 'r', sizeof text);
  weir_fail(&err, WEIR_E_IO, "x");
  weir_fail_place(&err, (weir_str){ NULL, 0 }, 0, 0, (weir_str){ text, sizeof text - 1 });
  assert_int_equal(strlen(err.rule), sizeof text - 1);
  weir_fail_place(&err, (weir_str){ NULL, 0 }, 0, 0, (weir_str){ text, sizeof text });
  assert_int_equal(strlen(err.rule), sizeof text - 1);
}

static void order_of_strings(void **state) {
  (void)state;
  assert_true(weir_str_cmp(WEIR_STR("a"), WEIR_STR("b")) < 0);
  assert_true(weir_str_cmp(WEIR_STR("b"), WEIR_STR("a")) > 0);
  assert_true(weir_str_cmp(WEIR_STR("a"), WEIR_STR("ab")) < 0);
  assert_true(weir_str_cmp(WEIR_STR("ab"), WEIR_STR("a")) > 0);
  assert_true(weir_str_cmp(WEIR_STR("\xFF"), WEIR_STR("a")) > 0);
  assert_int_equal(weir_str_cmp(WEIR_STR(""), (weir_str){ NULL, 0 }), 0);
  assert_int_equal(weir_str_cmp(WEIR_STR("ab"), WEIR_STR("ab")), 0);
}

static const char *nearest(const char *word) {
  static const weir_str words[] = { { "reply", 5 }, { "message", 7 }, { "follow", 6 }, { "tag", 3 }, { "untag", 5 }, { "on", 2 },
                                    { "keywords", 8 }, { "stage_is", 8 }, { "stage_not", 9 }, { "", 0 }, { "first_time", 10 } };
  weir_str found = weir_nearest(weir_str_of(word), words, sizeof words / sizeof words[0]);
  return found.len ? found.ptr : "";
}

static void slips_are_recognised(void **state) {
  static const char *const table[][2] = {
    { "repyl", "reply" },     { "replay", "reply" },   { "Reply", "reply" },    { "REPLY", "reply" },    { "rply", "reply" },
    { "mesage", "message" },  { "massages", "message" }, { "folow", "follow" }, { "flolow", "follow" },  { "tags", "tag" },
    { "no", "on" },           { "keyword", "keywords" }, { "stage-is", "stage_is" }, { "stagenot", "stage_not" },
    { "firsttime", "first_time" }, { "tag", "tag" },
    { "", "" },               { "x", "" },             { "xy", "" },            { "cat", "" },           { "enabled", "" },
    { "meadow", "" },         { "电子版", "" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) assert_string_equal(nearest(table[i][0]), table[i][1]);
}

static void nearest_word_edges(void **state) {
  char text[WEIR_SLIP_WORD_MAX + 1];
  weir_str equal[] = { { "abcx", 4 }, { "abcy", 4 }, { "abcd", 4 } };
  (void)state;
  memset(text, 'a', sizeof text);
  weir_str longest = { text, WEIR_SLIP_WORD_MAX }, longer = { text, sizeof text };
  assert_int_equal(weir_nearest(longest, &longest, 1).len, WEIR_SLIP_WORD_MAX);
  assert_int_equal(weir_nearest(longer, &longest, 1).len, 0);
  assert_int_equal(weir_nearest(longest, &longer, 1).len, 0);
  assert_int_equal(weir_nearest(longest, NULL, 0).len, 0);
  /* a word whose every letter would change is no slip */
  assert_int_equal(weir_nearest(WEIR_STR("x"), &(weir_str){ "y", 1 }, 1).len, 0);
  assert_int_equal(weir_nearest(WEIR_STR("x"), &(weir_str){ "xy", 2 }, 1).len, 0);
  assert_int_equal(weir_nearest(WEIR_STR("x"), &(weir_str){ "X", 1 }, 1).len, 1);
  /* the first of equally near ones, but the word itself before all */
  assert_string_equal(weir_nearest(WEIR_STR("abcz"), equal, 3).ptr, "abcx");
  assert_string_equal(weir_nearest(WEIR_STR("abcd"), equal, 3).ptr, "abcd");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_status_has_a_name_of_its_own), cmocka_unit_test(fail_fills_and_clears),
    cmocka_unit_test(place_is_added), cmocka_unit_test(long_texts_are_cut_between_characters),
    cmocka_unit_test(exact_fit_is_not_cut), cmocka_unit_test(order_of_strings), cmocka_unit_test(slips_are_recognised),
    cmocka_unit_test(nearest_word_edges),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
