/* RFC 3339 times, durations, days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "limits.h"

/* Values made with Python's datetime. */
static void good_times(void **state) {
  static const struct { const char *text; int64_t ms; } table[] = {
    { "1970-01-01T00:00:00Z", 0 },
    { "1970-01-01T00:00:00.001Z", 1 },
    { "2026-11-22T09:00:00+08:00", 1795309200000 },
    { "2026-11-22T01:00:00Z", 1795309200000 },
    { "2026-11-22t01:00:00z", 1795309200000 },
    { "2026-11-21T20:30:00-04:30", 1795309200000 },
    { "2026-11-22T01:00:00-00:00", 1795309200000 },
    { "2026-11-22T01:00:00.5Z", 1795309200500 },
    { "2026-11-22T01:00:00.25Z", 1795309200250 },
    { "2026-11-22T01:00:00.1239999999999Z", 1795309200123 },
    { "2024-02-29T12:00:00Z", 1709208000000 },
    { "2000-02-29T23:59:59Z", 951868799000 },
    { "1972-06-30T23:59:60Z", 78796799000 },
    { "1990-12-31T23:59:60Z", 662687999000 },
    { "1990-12-31T15:59:60-08:00", 662687999000 },
    { "1991-01-01T07:59:60+08:00", 662687999000 },
    { "1990-12-31T23:59:60.250Z", 662687999250 },
    { "9999-12-31T23:59:59.999Z", WEIR_TIME_MAX_MS },
    { "9999-12-31T23:59:59.9999Z", WEIR_TIME_MAX_MS },
    { "1969-12-31T16:00:00-08:00", 0 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    int64_t ms = -1;
    if (!weir_time_parse(weir_str_of(table[i].text), &ms)) fail_msg("refused: %s", table[i].text);
    if (ms != table[i].ms) fail_msg("%s: %lld", table[i].text, (long long)ms);
  }
}

static void bad_times(void **state) {
  static const char *const table[] = {
    "", "2026", "2026-11-22", "2026-11-22T09:00:00", "2026-11-22T09:00Z", "2026-11-22 09:00:00Z", "2026-11-22T09:00:00 Z",
    " 2026-11-22T09:00:00Z", "2026-11-22T09:00:00Z ", "2026-11-22T09:00:00ZZ", "2026-11-22T09:00:00+0800",
    "2026-11-22T09:00:00+08",
    "2026-11-22T09:00:00+8:00", "2026-11-22T09:00:00+24:00", "2026-11-22T09:00:00+08:60", "2026-11-22T09:00:00.Z",
    "2026-11-22T09:00:00,5Z", "2026-11-22T09:00:00.", "2026-11-22T24:00:00Z", "2026-11-22T09:60:00Z", "2026-11-22T09:00:61Z",
    "2026-11-22T09:00:60Z", "2026-11-22T23:59:60Z", "2026-12-31T23:59:60+08:00", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-04-31T00:00:00Z", "2025-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z", "2024-02-30T00:00:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01", "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59-00:01", "10000-01-01T00:00:00Z", "+2026-11-22T09:00:00Z", "2026-1-22T09:00:00Z", "2026-11-22T9:00:00Z",
    "20261122T090000Z", "2026-11-22T09-00-00Z", "2026/11/22T09:00:00Z", "2026-11-22T09:00:00−08:00", "now", "-1",
    "2026-11-22T-9:00:00Z", "2026-11-22T09:00:00Z\n", "1969-12-31T23:59:60Z",
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    int64_t ms = 77;
    if (weir_time_parse(weir_str_of(table[i]), &ms)) fail_msg("accepted: %s", table[i]);
    assert_int_equal(ms, 0);
  }
  int64_t ms;
  assert_false(weir_time_parse((weir_str){ "2026-11-22T09:00:00Z\0", 21 }, &ms));
  assert_false(weir_time_parse((weir_str){ NULL, 0 }, &ms));
}

static void every_prefix_is_refused(void **state) {
  weir_str whole = WEIR_STR("2026-11-22T09:00:00.123+08:00");
  int64_t ms;
  (void)state;
  for (size_t len = 0; len < whole.len; len++) assert_false(weir_time_parse((weir_str){ whole.ptr, len }, &ms));
  assert_true(weir_time_parse(whole, &ms));
}

/* Days counted one by one, against the arithmetic. */
static void every_day_of_four_centuries(void **state) {
  static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  int year = 1970, month = 1, day = 1;
  (void)state;
  for (int64_t days = 0; year < 2403; days++) {
    char out[WEIR_TIME_CHARS];
    int64_t ms;
    assert_int_equal(weir_time_format(days * 86400000 + 3600000, out), 20);
    int y = (out[0] - '0') * 1000 + (out[1] - '0') * 100 + (out[2] - '0') * 10 + (out[3] - '0');
    int m = (out[5] - '0') * 10 + (out[6] - '0'), d = (out[8] - '0') * 10 + (out[9] - '0');
    if (y != year || m != month || d != day) fail_msg("day %lld is %s", (long long)days, out);
    assert_true(weir_time_parse((weir_str){ out, 20 }, &ms));
    assert_int_equal(ms, days * 86400000 + 3600000);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (++day > lengths[month - 1] + (leap && month == 2)) {
      day = 1;
      if (++month > 12) {
        month = 1;
        year++;
      }
    }
  }
}

static void times_are_written(void **state) {
  static const struct { int64_t ms; const char *text; } table[] = {
    { 0, "1970-01-01T00:00:00Z" }, { 1, "1970-01-01T00:00:00.001Z" }, { 1795309200250, "2026-11-22T01:00:00.250Z" },
    { 1795309200000, "2026-11-22T01:00:00Z" }, { WEIR_TIME_MAX_MS, "9999-12-31T23:59:59.999Z" }, { -1, "" },
    { WEIR_TIME_MAX_MS + 1, "" }, { INT64_MIN, "" }, { INT64_MAX, "" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    char out[WEIR_TIME_CHARS];
    assert_int_equal(weir_time_format(table[i].ms, out), strlen(table[i].text));
    assert_string_equal(out, table[i].text);
  }
}

static void durations(void **state) {
  static const struct { const char *text; int64_t ms; } good[] = {
    { "0s", 0 }, { "250ms", 250 }, { "90s", 90000 }, { "5m", 300000 }, { "2h", 7200000 }, { "1d", 86400000 }, { "1w", 604800000 },
    { "1h30m", 5400000 }, { "1w2d3h4m5s6ms", 788645006 }, { "1m500ms", 60500 }, { "730d", 730 * INT64_C(86400000) },
    { "007s", 7000 }, { "63072000s", 730 * INT64_C(86400000) },
  };
  static const char *const bad[] = {
    "", "5", "s", "5 s", " 5s", "5s ", "-5s", "+5s", "1.5h", "5S", "5min", "5sec", "5mss", "1h30", "30m1h", "5m5m", "5s5", "731d",
    "730d1ms", "105w", "9223372036854775807s", "99999999999999999999999w", "63072000001ms", "1h 30m", "5s..6s", "五秒", "1y",
  };
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    int64_t ms = -1;
    if (!weir_duration_parse(weir_str_of(good[i].text), &ms)) fail_msg("refused: %s", good[i].text);
    assert_int_equal(ms, good[i].ms);
  }
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    int64_t ms = 77;
    if (weir_duration_parse(weir_str_of(bad[i]), &ms)) fail_msg("accepted: %s", bad[i]);
    assert_int_equal(ms, 0);
  }
  assert_int_equal(WEIR_DELAY_MAX_MS * 2, 730 * INT64_C(86400000));
}

static void duration_ranges(void **state) {
  static const char *const bad[] = { "", "..", "5s..", "..5s", "30s..5s", "5s.30s", "5s...30s", "5s..6s..7s", "5s .. 6s", "5..6s",
  "x" };
  int64_t from, to;
  (void)state;
  assert_true(weir_duration_range_parse(WEIR_STR("5s..30s"), &from, &to));
  assert_int_equal(from, 5000);
  assert_int_equal(to, 30000);
  assert_true(weir_duration_range_parse(WEIR_STR("1h30m"), &from, &to));
  assert_int_equal(from, 5400000);
  assert_int_equal(to, 5400000);
  assert_true(weir_duration_range_parse(WEIR_STR("1m..60s"), &from, &to));
  assert_int_equal(from, to);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    from = to = 77;
    if (weir_duration_range_parse(weir_str_of(bad[i]), &from, &to)) fail_msg("accepted: %s", bad[i]);
    assert_int_equal(from, 0);
    assert_int_equal(to, 0);
  }
}

static void days(void **state) {
  (void)state;
  assert_int_equal(weir_day_of(0, 0), 0);
  assert_int_equal(weir_day_of(86399999, 0), 0);
  assert_int_equal(weir_day_of(86400000, 0), 1);
  assert_int_equal(weir_day_of(0, -1), -1);
  assert_int_equal(weir_day_of(-1, 0), -1);
  assert_int_equal(weir_day_of(-86400000, 0), -1);
  assert_int_equal(weir_day_of(-86400001, 0), -2);
  assert_int_equal(weir_day_of(57599999, 8 * 3600), 0); /* 15:59:59.999Z is 23:59:59.999 in Shanghai */
  assert_int_equal(weir_day_of(57600000, 8 * 3600), 1);
  assert_int_equal(weir_day_of(INT64_MAX, INT32_MAX), (INT64_MAX / 1000 + INT32_MAX) / 86400);
  assert_true(weir_day_of(INT64_MIN, INT32_MIN) < 0);
}

static void walls(void **state) {
  static const struct { const char *text; int32_t ms; } good[] = { { "00:00", 0 }, { "9:30", 34200000 }, { "09:30", 34200000 }, { "23:59", 86340000 }, { "24:00", 86400000 } };
  static const char *const bad[] = { "", "9", "9:3", "09:60", "24:01", "25:00", "009:30", "09:30 ", " 09:30", "-1:00", "09-30", "9.30", "09:300", "ab:cd" };
  int32_t ms, to;
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    assert_true(weir_wall_parse(weir_str_of(good[i].text), &ms));
    assert_int_equal(ms, good[i].ms);
  }
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    if (weir_wall_parse(weir_str_of(bad[i]), &ms)) fail_msg("taken: %s", bad[i]);
  }
  assert_true(weir_wall_range_parse(WEIR_STR("09:30..10:00"), false, &ms, &to) && ms == 34200000 && to == 36000000);
  assert_true(weir_wall_range_parse(WEIR_STR("22:00-02:00"), true, &ms, &to) && ms == 79200000 && to == 7200000);
  assert_true(weir_wall_range_parse(WEIR_STR("09:30"), true, &ms, &to) && ms == to);
  assert_false(weir_wall_range_parse(WEIR_STR("09:30-10:00"), false, &ms, &to));
  assert_false(weir_wall_range_parse(WEIR_STR("09:30.."), false, &ms, &to));
  assert_false(weir_wall_range_parse(WEIR_STR("-10:00"), true, &ms, &to));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(good_times), cmocka_unit_test(bad_times), cmocka_unit_test(every_prefix_is_refused),
    cmocka_unit_test(every_day_of_four_centuries), cmocka_unit_test(times_are_written), cmocka_unit_test(durations),
    cmocka_unit_test(duration_ranges), cmocka_unit_test(days), cmocka_unit_test(walls),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
