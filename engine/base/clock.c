/* clock.c: RFC 3339 times and durations, read and written by hand.
 *
 * No clock is asked and no time zone looked up: the C library's calendar depends on TZ and the locale, and a decision
 * must not. The calendar is the proleptic Gregorian one, counted in days from 1970-01-01; years begin in March inside
 * the arithmetic so that the leap day is the last of the year. */
#include "base/clock.h"

#include "limits.h"

#define DAY_MS INT64_C(86400000)
#define DAY_S INT64_C(86400)

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static int days_in(int year, int month) {
  static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  return days[month - 1] + (month == 2 && is_leap(year));
}

int64_t weir_days_of_date(int year, int month, int day) {
  int y = year - (month <= 2) + 400; /* a multiple of 400 years more keeps it above zero */
  int era = y / 400, year_of_era = y % 400;
  int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return (int64_t)(era - 1) * 146097 + day_of_era - 719468;
}

void weir_date_of_days(int64_t days, int *year, int *month, int *day) {
  int64_t z = days + 719468;
  int era = (int)(z / 146097), day_of_era = (int)(z % 146097);
  int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int m = (5 * day_of_year + 2) / 153;
  *day = day_of_year - (153 * m + 2) / 5 + 1;
  *month = m < 10 ? m + 3 : m - 9;
  *year = year_of_era + era * 400 + (*month <= 2);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* `cnt` digits at `at`; false when there are not so many. */
static bool read_digits(weir_str text, size_t *at, size_t cnt, int *out) {
  int value = 0;
  *out = 0;
  if (text.len < cnt || *at > text.len - cnt) return false;
  for (size_t i = 0; i < cnt; i++) {
    char c = text.ptr[*at + i];
    if (!is_digit(c)) return false;
    value = value * 10 + (c - '0');
  }
  *at += cnt;
  *out = value;
  return true;
}

/* One byte, `a` or `b`. */
static bool read_byte(weir_str text, size_t *at, char a, char b) {
  if (*at >= text.len || (text.ptr[*at] != a && text.ptr[*at] != b)) return false;
  (*at)++;
  return true;
}

/* ".5", ".250", ".123456": milliseconds, the rest cut off. Nothing there is 0. */
static bool read_fraction(weir_str text, size_t *at, int *ms) {
  int scale = 100;
  *ms = 0;
  if (!read_byte(text, at, '.', '.')) return true;
  if (*at >= text.len || !is_digit(text.ptr[*at])) return false;
  for (; *at < text.len && is_digit(text.ptr[*at]); (*at)++, scale /= 10) *ms += scale * (text.ptr[*at] - '0');
  return true;
}

/* "Z" or "+08:00": minutes east of Greenwich. */
static bool read_offset(weir_str text, size_t *at, int *minutes) {
  int h, m;
  *minutes = 0;
  if (read_byte(text, at, 'Z', 'z')) return true;
  if (!read_byte(text, at, '+', '-')) return false;
  bool west = text.ptr[*at - 1] == '-';
  if (!read_digits(text, at, 2, &h) || !read_byte(text, at, ':', ':') || !read_digits(text, at, 2, &m)) return false;
  if (h > 23 || m > 59) return false;
  *minutes = west ? -(h * 60 + m) : h * 60 + m;
  return true;
}

/* Leap seconds are put in at the end of a month in UTC, nowhere else. `before` is the second before, since 1970. */
static bool may_be_leap_second(int64_t before) {
  int year, month, day;
  if (before < 0 || before % DAY_S != DAY_S - 1) return false;
  weir_date_of_days(before / DAY_S, &year, &month, &day);
  return day == days_in(year, month);
}

bool weir_time_parse(weir_str text, int64_t *ms) {
  int year, month, day, hour, minute, second, fraction, offset;
  size_t at = 0;
  *ms = 0;
  bool date = read_digits(text, &at, 4, &year) && read_byte(text, &at, '-', '-') && read_digits(text, &at, 2, &month) &&
              read_byte(text, &at, '-', '-') && read_digits(text, &at, 2, &day) && read_byte(text, &at, 'T', 't');
  if (!date || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return false;
  bool time = read_digits(text, &at, 2, &hour) && read_byte(text, &at, ':', ':') && read_digits(text, &at, 2, &minute) &&
              read_byte(text, &at, ':', ':') && read_digits(text, &at, 2, &second) && read_fraction(text, &at, &fraction);
  if (!time || hour > 23 || minute > 59 || second > 60) return false;
  if (!read_offset(text, &at, &offset) || at != text.len) return false;

  bool leap = second == 60;
  int64_t seconds = weir_days_of_date(year, month, day) * DAY_S + hour * 3600 + minute * 60 + (leap ? 59 : second);
  seconds -= (int64_t)offset * 60;
  if (leap && !may_be_leap_second(seconds)) return false;
  int64_t value = seconds * 1000 + fraction;
  if (value < WEIR_TIME_MIN_MS || value > WEIR_TIME_MAX_MS) return false;
  *ms = value;
  return true;
}

static char *put_digits(char *out, int value, int cnt) {
  for (int i = cnt - 1; i >= 0; i--, value /= 10) out[i] = (char)('0' + value % 10);
  return out + cnt;
}

static char *put_byte(char *out, char c) {
  *out = c;
  return out + 1;
}

size_t weir_time_format(int64_t ms, char out[WEIR_TIME_CHARS]) {
  int year, month, day;
  out[0] = '\0';
  if (ms < WEIR_TIME_MIN_MS || ms > WEIR_TIME_MAX_MS) return 0;
  weir_date_of_days(ms / DAY_MS, &year, &month, &day);
  int of_day = (int)(ms % DAY_MS), second = of_day / 1000;
  char *to = put_digits(out, year, 4);
  to = put_digits(put_byte(to, '-'), month, 2);
  to = put_digits(put_byte(to, '-'), day, 2);
  to = put_digits(put_byte(to, 'T'), second / 3600, 2);
  to = put_digits(put_byte(to, ':'), second / 60 % 60, 2);
  to = put_digits(put_byte(to, ':'), second % 60, 2);
  if (of_day % 1000 != 0) to = put_digits(put_byte(to, '.'), of_day % 1000, 3);
  to = put_byte(to, 'Z');
  *to = '\0';
  return (size_t)(to - out);
}

/* ---- durations */

#define DURATION_MAX_MS (WEIR_DELAY_MAX_MS * 2)

static const struct unit {
  char name[3];
  int64_t ms;
} units[] = { { "w", 7 * DAY_MS }, { "d", DAY_MS }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 } };

#define UNIT_CNT (sizeof units / sizeof units[0])

/* The letters at `at` as a unit; UNIT_CNT when they are none. */
static size_t read_unit(weir_str text, size_t *at) {
  size_t begin = *at;
  while (*at < text.len && text.ptr[*at] >= 'a' && text.ptr[*at] <= 'z') (*at)++;
  weir_str name = { text.ptr + begin, *at - begin };
  for (size_t i = 0; i < UNIT_CNT; i++) {
    if (weir_str_eq(name, weir_str_of(units[i].name))) return i;
  }
  return UNIT_CNT;
}

bool weir_duration_parse(weir_str text, int64_t *ms) {
  int64_t sum = 0;
  size_t at = 0, next = 0; /* units come from large to small, each once: "5m5m" is a slip, not ten minutes */
  *ms = 0;
  if (text.len == 0) return false;
  while (at < text.len) {
    int64_t value = 0;
    size_t begin = at;
    for (; at < text.len && is_digit(text.ptr[at]); at++) {
      value = value * 10 + (text.ptr[at] - '0');
      if (value > DURATION_MAX_MS) return false;
    }
    if (at == begin) return false;
    size_t unit = read_unit(text, &at);
    if (unit == UNIT_CNT || unit < next) return false;
    next = unit + 1;
    if (value > (DURATION_MAX_MS - sum) / units[unit].ms) return false;
    sum += value * units[unit].ms;
  }
  *ms = sum;
  return true;
}

bool weir_duration_range_parse(weir_str text, int64_t *from_ms, int64_t *to_ms) {
  weir_str from = text, to = text;
  *from_ms = 0;
  *to_ms = 0;
  for (size_t i = 0; i + 1 < text.len; i++) {
    if (text.ptr[i] != '.' || text.ptr[i + 1] != '.') continue;
    from.len = i;
    to = (weir_str){ text.ptr + i + 2, text.len - i - 2 };
    break;
  }
  int64_t a, b;
  if (!weir_duration_parse(from, &a) || !weir_duration_parse(to, &b) || a > b) return false;
  *from_ms = a;
  *to_ms = b;
  return true;
}

int64_t weir_day_of(int64_t ms, int32_t offset_s) { return floor_div(floor_div(ms, 1000) + offset_s, DAY_S); }
