/* UTF-8 by hand: every code point there and back, every kind of invalid bytes, cutting, and repair as Unicode recommends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/utf8.h"

static void test_every_code_point(void **state) {
  (void)state;
  for (uint32_t cp = 0; cp < 0x110000; cp++) {
    char bytes[12] = "<";
    size_t n, len;
    if (cp >= 0xD800 && cp < 0xE000) continue;
    n = weir_utf8_put(cp, bytes + 1);
    assert_int_equal(n, cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4);
    bytes[n + 1] = '>';
    assert_int_equal(weir_utf8_valid((weir_str){ bytes, n + 2 }), n + 2);
    assert_int_equal(weir_utf8_at((weir_str){ bytes, n + 2 }, 1, &len), cp);
    assert_int_equal(len, n);
    assert_int_equal(weir_utf8_before((weir_str){ bytes, n + 2 }, n + 1), 1);
    assert_int_equal(weir_utf8_count((weir_str){ bytes, n + 2 }), 3);
    for (size_t part = 1; part < n; part++) assert_int_equal(weir_utf8_valid((weir_str){ bytes, 1 + part }), 1);
  }
}

static void test_valid_prefix(void **state) {
  static const struct { const char *text; size_t len, valid; } cases[] = {
    { "", 0, 0 }, { "abc", 3, 3 }, { "a\0b", 3, 3 }, { "abcdefghijklmnop\xFFq", 18, 16 }, { "电\x80", 4, 3 }, { "\xC0\x80", 2, 0 },
    { "\xED\xA0\x80", 3, 0 }, { "x\xF4\x90\x80\x80", 5, 1 }, { "\xF4\x8F\xBF\xBF", 4, 4 }, { "\xEF\xBF\xBF", 3, 3 },
    { "abcdefg\xC3", 8, 7 },
    { "\xE0\xA0\x80\xE0\x9F\xBF", 6, 3 }, { "\xF0\x90\x80\x80\xF0\x8F\xBF\xBF", 8, 4 }, { "\xF8\x88\x80\x80\x80", 5, 0 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_int_equal(weir_utf8_valid((weir_str){ cases[i].text, cases[i].len }), cases[i].valid);
  }
  assert_int_equal(weir_utf8_valid((weir_str){ NULL, 0 }), 0);
}

static void test_cut(void **state) {
  weir_str text = WEIR_STR("a电😀é");
  static const size_t want[] = { 0, 1, 1, 1, 4, 4, 4, 4, 8, 8, 10, 10 };
  (void)state;
  for (size_t max = 0; max < sizeof want / sizeof want[0]; max++) assert_int_equal(weir_utf8_cut(text, max), want[max]);
  assert_int_equal(weir_utf8_cut((weir_str){ NULL, 0 }, 5), 0);
  assert_int_equal(weir_utf8_count(text), 4);
  assert_int_equal(weir_utf8_count((weir_str){ NULL, 0 }), 0);
}

/* Unicode 15, section 3.9, tables 3-8 to 3-11, and more. R stands for U+FFFD. */
static void test_repair(void **state) {
  static const struct { const char *text, *want; } cases[] = {
    { "plain", "plain" }, { "电子版", "电子版" },
    { "\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", "RRRRRRRRA" },
    { "\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", "RRRRRRRRA" },
    { "\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", "RRRRRARRB" },
    { "\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", "RRRRA" },
    { "\xC2", "R" }, { "a\xE4\xB8", "aR" }, { "\xF0\x9F\x98", "R" }, { "\xF0\x9F\x98x", "Rx" }, { "\xC2\xC2\x80", "R\xC2\x80" },
    { "\xFE\xFF", "RR" }, { "\xE4\xB8\xE4\xB8\xAD", "R中" }, { "电\xFF子", "电R子" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    weir_str text = weir_str_of(cases[i].text);
    char want[64], got[64];
    size_t want_len = 0, len = 99;
    for (const char *c = cases[i].want; *c; c++) {
      if (*c == 'R') {
        memcpy(want + want_len, "\xEF\xBF\xBD", 3);
        want_len += 3;
      } else {
        want[want_len++] = *c;
      }
    }
    assert_true(weir_utf8_repair(text, got, sizeof got, &len));
    assert_int_equal(len, want_len);
    assert_memory_equal(got, want, len);
    assert_int_equal(weir_utf8_valid((weir_str){ got, len }), len);
    assert_true(weir_utf8_repair(text, got, want_len, &len));
    for (size_t cap = 0; cap < want_len; cap++) {
      char *exact = malloc(cap + 1);
      assert_non_null(exact);
      assert_false(weir_utf8_repair(text, exact, cap, &len));
      assert_int_equal(len, 0);
      free(exact);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_every_code_point), cmocka_unit_test(test_valid_prefix), cmocka_unit_test(test_cut),
    cmocka_unit_test(test_repair),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
