/* Time zones: both directions of summer time, half-hour changes, leap days, the ends of years, years behind the file's last step,
 * files that are damaged; and beside libc's localtime. */
#define _DEFAULT_SOURCE 1 /* tm_gmtoff */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/zone.h"

#define FOLDER "/usr/share/zoneinfo/"
#define HOUR_MS INT64_C(3600000)

static unsigned char block[1 << 20];
static struct weir_arena arena;

static int begin(void **state) {
  (void)state;
  weir_arena_fixed(&arena, block, sizeof block);
  return 0;
}

static size_t read_zone(const char *name, char *bytes, size_t cap) {
  char path[256];
  snprintf(path, sizeof path, FOLDER "%s", name);
  FILE *f = fopen(path, "rb");
  if (!f) fail_msg("no %s", path);
  size_t len = fread(bytes, 1, cap, f);
  fclose(f);
  return len;
}

static const struct weir_zone *zone_named(const char *name) {
  static char bytes[WEIR_ZONE_FILE_MAX];
  const struct weir_zone *zone;
  weir_error err;
  size_t len = read_zone(name, bytes, sizeof bytes);
  if (weir_zone_parse(&arena, weir_str_of(name), (weir_str){ bytes, len }, &zone, &err)) fail_msg("%s: %s", name, err.message);
  return zone;
}

static int64_t at(const char *text) {
  int64_t ms;
  if (!weir_time_parse(weir_str_of(text), &ms)) fail_msg("%s", text);
  return ms;
}

/* The first moment of a new offset, and the offsets before and from then on. From tzdata's own rules. */
static void changes(void **state) {
  static const struct { const char *zone, *utc; int32_t before_min, after_min; } table[] = {
    { "Europe/Berlin", "2026-03-29T01:00:00Z", 60, 120 },
    { "Europe/Berlin", "2026-10-25T01:00:00Z", 120, 60 },
    { "Europe/Berlin", "2099-03-29T01:00:00Z", 60, 120 },
    { "Europe/Berlin", "2099-10-25T01:00:00Z", 120, 60 },
    { "America/New_York", "2026-03-08T07:00:00Z", -300, -240 },
    { "America/New_York", "2026-11-01T06:00:00Z", -240, -300 },
    { "America/New_York", "2061-03-13T07:00:00Z", -300, -240 },
    { "Australia/Lord_Howe", "2026-04-04T15:00:00Z", 660, 630 },
    { "Australia/Lord_Howe", "2026-10-03T15:30:00Z", 630, 660 },
    { "Australia/Lord_Howe", "2071-10-03T15:30:00Z", 630, 660 },
    { "Asia/Shanghai", "1986-05-03T18:00:00Z", 480, 540 },
    { "Asia/Shanghai", "1991-09-14T17:00:00Z", 540, 480 },
    { "America/Sao_Paulo", "2019-02-17T02:00:00Z", -120, -180 },
    { "Europe/Dublin", "2050-03-27T01:00:00Z", 0, 60 },  /* winter time is the exception there */
    { "Europe/Dublin", "2050-10-30T01:00:00Z", 60, 0 },
    { "America/Nuuk", "2040-03-25T01:00:00Z", -120, -60 }, /* its footer's change lies on the day before Sunday */
    { "Pacific/Apia", "2011-12-30T10:00:00Z", -600, 840 }, /* a day that nobody lived */
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    const struct weir_zone *zone = zone_named(table[i].zone);
    int64_t ms = at(table[i].utc);
    int32_t before = weir_zone_offset(zone, ms - 1), after = weir_zone_offset(zone, ms);
    if (before != table[i].before_min * 60 || after != table[i].after_min * 60)
      fail_msg("%s %s: %d -> %d", table[i].zone, table[i].utc, before, after);
  }
}

static void constant_offsets(void **state) {
  static const struct { const char *zone; int32_t offset_min; } table[] = {
    { "Asia/Kathmandu", 345 }, { "America/Sao_Paulo", -180 }, { "Asia/Shanghai", 480 }, { "Etc/UTC", 0 }, { "Etc/GMT+12", -720 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    const struct weir_zone *zone = zone_named(table[i].zone);
    for (int64_t ms = at("2020-01-01T00:00:00Z"); ms < at("2120-01-01T00:00:00Z"); ms += 37 * HOUR_MS + 1)
      assert_int_equal(weir_zone_offset(zone, ms), table[i].offset_min * 60);
  }
  assert_int_equal(weir_zone_offset(NULL, at("2026-11-22T01:00:00Z")), 0);
}

static void local_parts(void **state) {
  static const struct { const char *zone, *utc; int year, month, mday, weekday, hour, minute; } table[] = {
    { "Asia/Shanghai", "2024-02-28T16:00:00Z", 2024, 2, 29, 4, 0, 0 },   /* leap day */
    { "Asia/Shanghai", "2024-02-29T15:59:00Z", 2024, 2, 29, 4, 23, 59 },
    { "Asia/Shanghai", "2024-02-29T16:00:00Z", 2024, 3, 1, 5, 0, 0 },
    { "Asia/Shanghai", "2026-02-28T16:00:00Z", 2026, 3, 1, 7, 0, 0 },
    { "America/New_York", "2027-01-01T04:59:00Z", 2026, 12, 31, 4, 23, 59 }, /* year end */
    { "America/New_York", "2027-01-01T05:00:00Z", 2027, 1, 1, 5, 0, 0 },
    { "Asia/Kathmandu", "2026-12-31T18:15:00Z", 2027, 1, 1, 5, 0, 0 },
    { "Europe/Berlin", "2100-02-28T23:00:00Z", 2100, 3, 1, 1, 0, 0 },    /* 2100 has no leap day */
    { "America/New_York", "1970-01-01T00:00:00Z", 1969, 12, 31, 3, 19, 0 },
    { "Pacific/Kiritimati", "9999-12-31T23:59:59Z", 10000, 1, 1, 6, 13, 59 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    struct weir_local_time t;
    const struct weir_zone *zone = zone_named(table[i].zone);
    weir_zone_local(zone, at(table[i].utc), &t);
    if (t.year != table[i].year || t.month != table[i].month || t.mday != table[i].mday || t.weekday != table[i].weekday ||
        t.ms_of_day / 60000 != table[i].hour * 60 + table[i].minute)
      fail_msg("%s %s: %d-%d-%d (%d) %d min", table[i].zone, table[i].utc, t.year, t.month, t.mday, t.weekday, t.ms_of_day / 60000);
    assert_int_equal(t.day, weir_days_of_date(t.year, t.month, t.mday));
    assert_int_equal(t.day, weir_zone_day(zone, at(table[i].utc)));
  }
}

/* From a time on the wall to a moment: plain, in a gap, in an overlap. */
static void wall_times(void **state) {
  static const struct { const char *zone; int y, m, d, hour, minute; const char *utc; } table[] = {
    { "Asia/Shanghai", 2026, 11, 22, 9, 30, "2026-11-22T01:30:00Z" },
    { "Europe/Berlin", 2026, 3, 29, 1, 59, "2026-03-29T00:59:00Z" },
    { "Europe/Berlin", 2026, 3, 29, 2, 0, "2026-03-29T01:00:00Z" },   /* skipped: the first moment after */
    { "Europe/Berlin", 2026, 3, 29, 2, 30, "2026-03-29T01:00:00Z" },
    { "Europe/Berlin", 2026, 3, 29, 3, 0, "2026-03-29T01:00:00Z" },
    { "Europe/Berlin", 2026, 3, 29, 3, 1, "2026-03-29T01:01:00Z" },
    { "Europe/Berlin", 2026, 10, 25, 2, 0, "2026-10-25T00:00:00Z" },  /* twice: the first */
    { "Europe/Berlin", 2026, 10, 25, 2, 30, "2026-10-25T00:30:00Z" },
    { "Europe/Berlin", 2026, 10, 25, 3, 0, "2026-10-25T02:00:00Z" },
    { "Europe/Berlin", 2077, 3, 28, 2, 30, "2077-03-28T01:00:00Z" },
    { "Europe/Berlin", 2077, 10, 31, 2, 30, "2077-10-31T00:30:00Z" },
    { "America/New_York", 2026, 3, 8, 2, 15, "2026-03-08T07:00:00Z" },
    { "America/New_York", 2026, 11, 1, 1, 15, "2026-11-01T05:15:00Z" },
    { "Australia/Lord_Howe", 2026, 10, 4, 2, 15, "2026-10-03T15:30:00Z" },
    { "Australia/Lord_Howe", 2026, 4, 5, 1, 45, "2026-04-04T14:45:00Z" },
    { "Pacific/Apia", 2011, 12, 30, 9, 30, "2011-12-30T10:00:00Z" },  /* all of the day is a gap */
    { "America/Sao_Paulo", 2018, 11, 4, 0, 0, "2018-11-04T03:00:00Z" }, /* midnight itself is skipped */
    { "Asia/Shanghai", 2024, 2, 29, 9, 30, "2024-02-29T01:30:00Z" },
    { "Asia/Kathmandu", 2026, 12, 31, 23, 59, "2026-12-31T18:14:00Z" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    int64_t day = weir_days_of_date(table[i].y, table[i].m, table[i].d);
    int64_t ms = weir_zone_utc(zone_named(table[i].zone), day, (table[i].hour * 60 + table[i].minute) * 60000);
    char text[WEIR_TIME_CHARS];
    weir_time_format(ms, text);
    if (ms != at(table[i].utc)) fail_msg("%s %d-%d-%d %d:%02d: %s", table[i].zone, table[i].y, table[i].m, table[i].d, table[i].hour, table[i].minute, text);
  }
  assert_int_equal(weir_zone_utc(NULL, 1, 1), 86400001);
}

static uint64_t random_64(uint64_t *seed) {
  *seed += UINT64_C(0x9e3779b97f4a7c15);
  uint64_t z = *seed;
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static const char *const many[] = {
  "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "America/Sao_Paulo", "Asia/Kathmandu", "Europe/Dublin",
  "Africa/Casablanca", "Africa/Cairo", "America/Nuuk", "America/Santiago", "America/Havana", "Asia/Tehran", "Asia/Gaza", "Asia/Kolkata",
  "Pacific/Apia", "Pacific/Chatham", "Antarctica/Troll", "Asia/Pyongyang", "America/Caracas", "Europe/London", "Asia/Tokyo", "EST5EDT",
  "Pacific/Kiritimati", "America/St_Johns", "Asia/Jerusalem", "Etc/GMT-14",
};
#define MANY (sizeof many / sizeof many[0])

static void beside_libc(void **state) {
  uint64_t seed = 20261122;
  (void)state;
  for (size_t i = 0; i < MANY; i++) {
    const struct weir_zone *zone = zone_named(many[i]);
    assert_int_equal(setenv("TZ", many[i], 1), 0);
    tzset();
    for (int k = 0; k < 10000; k++) {
      time_t t = (time_t)(random_64(&seed) % UINT64_C(4102444800)); /* 1970 to 2099 */
      struct tm tm;
      struct weir_local_time mine;
      assert_non_null(localtime_r(&t, &tm));
      weir_zone_local(zone, (int64_t)t * 1000, &mine);
      bool same = weir_zone_offset(zone, (int64_t)t * 1000) == tm.tm_gmtoff && mine.year == tm.tm_year + 1900 && mine.month == tm.tm_mon + 1 &&
                  mine.mday == tm.tm_mday && mine.weekday % 7 == tm.tm_wday && mine.ms_of_day / 1000 == tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
      if (!same) fail_msg("%s at %lld: %d, libc %ld", many[i], (long long)t, weir_zone_offset(zone, (int64_t)t * 1000), tm.tm_gmtoff);
    }
  }
  assert_int_equal(unsetenv("TZ"), 0);
  tzset();
}

/* Every time on the wall leads to the first moment that shows it, or where none does to the end of the gap. */
static void there_and_back(void **state) {
  uint64_t seed = 7;
  (void)state;
  for (size_t i = 0; i < MANY; i++) {
    const struct weir_zone *zone = zone_named(many[i]);
    for (int k = 0; k < 4000; k++) {
      int64_t day = (int64_t)(random_64(&seed) % 47000) + 2;
      int32_t ms = (int32_t)(random_64(&seed) % 1440) * 60000;
      int64_t utc = weir_zone_utc(zone, day, ms);
      struct weir_local_time t;
      weir_zone_local(zone, utc, &t);
      int64_t wanted = day * 86400000 + ms, shown = t.day * 86400000 + t.ms_of_day;
      assert_true(shown >= wanted);
      if (shown > wanted) { /* a gap: one moment before, the wall showed an earlier time */
        weir_zone_local(zone, utc - 1, &t);
        assert_true(t.day * 86400000 + t.ms_of_day < wanted);
      }
      for (int64_t back = 1; back <= 4; back++) { /* no earlier moment shows it */
        weir_zone_local(zone, utc - back * HOUR_MS / 2, &t);
        assert_true(t.day * 86400000 + t.ms_of_day != wanted);
      }
    }
  }
}

/* ---- names and damaged files */

static void names(void **state) {
  static const char *const good[] = { "Asia/Shanghai", "America/Argentina/Buenos_Aires", "Etc/GMT+12", "UTC", "EST5EDT", "America/Port-au-Prince" };
  static const char *const bad[] = { "", "/", "/etc/passwd", "../Asia/Shanghai", "Asia/../x", "Asia//Shanghai", "Asia/", "Asia.Shanghai", "A B", "Ж",
                                     "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) assert_true(weir_zone_name_good(weir_str_of(good[i])));
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_false(weir_zone_name_good(weir_str_of(bad[i])));
}

struct file {
  char bytes[4096];
  size_t len;
};

static void put(struct file *f, const void *bytes, size_t len) {
  memcpy(f->bytes + f->len, bytes, len);
  f->len += len;
}
static void put_int(struct file *f, uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; i--) {
    char c = (char)(value >> (8 * i));
    put(f, &c, 1);
  }
}
static void put_header(struct file *f, char version, uint32_t leaps, uint32_t times, uint32_t types) {
  char zeros[15] = { 0 };
  put(f, "TZif", 4);
  put(f, &version, 1);
  put(f, zeros, sizeof zeros);
  const uint32_t counts[] = { 0, 0, leaps, times, types, 4 };
  for (int i = 0; i < 6; i++) put_int(f, counts[i], 4);
}

/* A zone with one offset, two steps and the footer. */
static struct file made(const char *footer, int64_t first, int64_t second, int32_t offset, unsigned char type) {
  struct file f = { .len = 0 };
  put_header(&f, '2', 0, 0, 1);
  put_int(&f, 0, 6);
  put(&f, "LMT\0", 4);
  put_header(&f, '2', 0, 2, 1);
  put_int(&f, (uint64_t)first, 8);
  put_int(&f, (uint64_t)second, 8);
  put(&f, &type, 1);
  put(&f, &type, 1);
  put_int(&f, (uint32_t)offset, 4);
  put_int(&f, 0, 2);
  put(&f, "LMT\0", 4);
  put(&f, "\n", 1);
  put(&f, footer, strlen(footer));
  put(&f, "\n", 1);
  return f;
}

static weir_status parse(const struct file *f, size_t len, const struct weir_zone **zone) {
  weir_error err;
  weir_arena_reset(&arena);
  weir_status st = weir_zone_parse(&arena, WEIR_STR("Test/Zone"), (weir_str){ f->bytes, len }, zone, &err);
  assert_true((st == WEIR_OK) == (*zone != NULL));
  return st;
}

static void footers(void **state) {
  static const char *const good[] = { "", "UTC0", "<+0330>-3:30", "EST5EDT,M3.2.0,M11.1.0", "IST-2IDT,M3.4.4/26,M10.5.0", "XXX-2YYY-1,J60/-2,364/25:30:15",
                                      "EST5EDT,0/0,J365/25" };
  static const char *const bad[] = { "U0", "UTC", "UTC25", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0",
                                     "EST5EDT,J0,J1", "EST5EDT,366,1", "EST5EDT,M3.2.0/168,M11.1.0", "<+0330-3:30", "UTC0x", "EST5EDT,M3.2.0,M11.1.0x", "<>0", "UTC99999999999" };
  const struct weir_zone *zone;
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    struct file f = made(good[i], 0, 10, 0, 0);
    if (parse(&f, f.len, &zone)) fail_msg("refused: %s", good[i]);
  }
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct file f = made(bad[i], 0, 10, 0, 0);
    if (parse(&f, f.len, &zone) != WEIR_E_FORMAT) fail_msg("taken: %s", bad[i]);
  }
  struct file f = made("EST5EDT,0/0,J365/25", 0, 10, 0, 0); /* summer all year */
  assert_int_equal(parse(&f, f.len, &zone), WEIR_OK);
  for (int64_t ms = at("2026-12-20T00:00:00Z"); ms < at("2029-01-10T00:00:00Z"); ms += HOUR_MS) assert_int_equal(weir_zone_offset(zone, ms), -4 * 3600);
  f = made("XXX0YYY,J60,J61", 0, 10, 0, 0); /* J60 is the first of March in every year */
  assert_int_equal(parse(&f, f.len, &zone), WEIR_OK);
  assert_int_equal(weir_zone_offset(zone, at("2028-02-29T12:00:00Z")), 0);
  assert_int_equal(weir_zone_offset(zone, at("2028-03-01T12:00:00Z")), 3600);
  assert_int_equal(weir_zone_offset(zone, at("2026-03-01T12:00:00Z")), 3600);
}

/* A time that the clocks skip and are set back to later (found by fuzzing): the end of the gap is the first moment that is not too early. */
static void a_gap_that_is_come_back_to(void **state) {
  const struct weir_zone *zone;
  struct weir_local_time t;
  struct file f = made("XXX-5YYY14,0/6,0/12", 0, 10, 0, 0); /* from the 10th second on five hours east, from 1:00 UTC on 14 west */
  (void)state;
  assert_int_equal(parse(&f, f.len, &zone), WEIR_OK);
  weir_zone_local(zone, 17 * HOUR_MS, &t);
  assert_true(t.day == 0 && t.ms_of_day == 3 * HOUR_MS);
  assert_int_equal(weir_zone_utc(zone, 0, (int32_t)(3 * HOUR_MS)), 10000);
  assert_int_equal(weir_zone_utc(zone, 0, 9000), 9000);
}

static void damaged(void **state) {
  const struct weir_zone *zone;
  struct file f = made("UTC0", 0, 10, 0, 0);
  (void)state;
  assert_int_equal(parse(&f, f.len, &zone), WEIR_OK);
  for (size_t len = 0; len < f.len; len++) {
    if (parse(&f, len, &zone) != WEIR_E_FORMAT) fail_msg("%zu of %zu bytes were enough", len, f.len);
  }
  f = made("UTC0", 10, 10, 0, 0);
  assert_int_equal(parse(&f, f.len, &zone), WEIR_E_FORMAT); /* steps must ascend */
  f = made("UTC0", 0, 10, 0, 1);
  assert_int_equal(parse(&f, f.len, &zone), WEIR_E_FORMAT); /* a type that is not there */
  f = made("UTC0", 0, 10, 26 * 3600, 0);
  assert_int_equal(parse(&f, f.len, &zone), WEIR_E_FORMAT); /* too far from Greenwich */
  f = made("UTC0", 0, 10, 0, 0);
  f.bytes[4] = 0;
  assert_int_equal(parse(&f, f.len, &zone), WEIR_E_FORMAT); /* the first version */
  f = made("UTC0", 0, 10, 0, 0);
  memset(f.bytes + 20, 0xff, 24);
  assert_int_equal(parse(&f, f.len, &zone), WEIR_E_FORMAT); /* counts beyond the file */
  assert_int_equal(zone, NULL);
}

/* Real files with bytes changed: whatever comes out must be answerable. */
static void scribbled(void **state) {
  static char original[WEIR_ZONE_FILE_MAX], bytes[WEIR_ZONE_FILE_MAX];
  size_t len = read_zone("Europe/Berlin", original, sizeof original);
  uint64_t seed = 99;
  (void)state;
  for (int round = 0; round < 20000; round++) {
    const struct weir_zone *zone;
    memcpy(bytes, original, len);
    for (uint64_t i = 0, cnt = 1 + random_64(&seed) % 3; i < cnt; i++) bytes[random_64(&seed) % len] = (char)random_64(&seed);
    weir_arena_reset(&arena);
    if (weir_zone_parse(&arena, WEIR_STR("x"), (weir_str){ bytes, random_64(&seed) % 4 ? len : (size_t)(random_64(&seed) % len) }, &zone, NULL)) continue;
    int64_t ms = (int64_t)(random_64(&seed) % (uint64_t)WEIR_TIME_MAX_MS);
    int32_t offset = weir_zone_offset(zone, ms);
    assert_in_range(offset + 30 * 3600, 0, 60 * 3600);
    (void)weir_zone_utc(zone, weir_zone_day(zone, ms), 34200000);
  }
}

static void leap_seconds(void **state) {
  static char bytes[WEIR_ZONE_FILE_MAX];
  const struct weir_zone *zone;
  (void)state;
  FILE *f = fopen(FOLDER "right/Europe/Berlin", "rb");
  if (!f) skip();
  size_t len = fread(bytes, 1, sizeof bytes, f);
  fclose(f);
  assert_int_equal(weir_zone_parse(&arena, WEIR_STR("right/Europe/Berlin"), (weir_str){ bytes, len }, &zone, NULL), WEIR_E_FORMAT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(changes, begin),   cmocka_unit_test_setup(constant_offsets, begin), cmocka_unit_test_setup(local_parts, begin),
    cmocka_unit_test_setup(wall_times, begin), cmocka_unit_test_setup(beside_libc, begin),     cmocka_unit_test_setup(there_and_back, begin),
    cmocka_unit_test(names),                  cmocka_unit_test_setup(footers, begin),          cmocka_unit_test_setup(damaged, begin),
    cmocka_unit_test_setup(a_gap_that_is_come_back_to, begin),
    cmocka_unit_test_setup(scribbled, begin), cmocka_unit_test_setup(leap_seconds, begin),
  };
  return cmocka_run_group_tests_name("zones", tests, NULL, NULL);
}
