/* zone.c: asking a zone. Its life is a row of spans with one offset each: those of the file's steps, and behind the last step
 * those that its footer makes, two a year at most. Every question is answered by walking or searching spans. */
#include "base/zone.h"

#include "base/clock.h"

#define DAY_S INT64_C(86400)
#define DAY_MS INT64_C(86400000)
/* More than any zone is off Greenwich: a local time as if it were UTC lies within this of the moment meant. */
#define REACH_S (26 * INT64_C(3600))

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/* From `from_s` to before `end_s` (INT64_MAX: for ever). */
struct span {
  int64_t from_s, end_s;
  int32_t offset_s;
};

/* ---- the footer */

static int64_t weekday_of(int64_t day) { return ((day + 4) % 7 + 7) % 7; } /* 0 is Sunday; 1970-01-01 was a Thursday */

static int64_t day_of_rule(const struct weir_zone_date *date, int year) {
  if (date->form == 'J') { /* the 60th is always the first of March */
    int64_t first = weir_days_of_date(year, 1, 1);
    bool leap = weir_days_of_date(year, 3, 1) - first == 60;
    return first + date->day - 1 + (leap && date->day >= 60);
  }
  if (date->form != 'M') return weir_days_of_date(year, 1, 1) + date->day;
  int64_t first = weir_days_of_date(year, date->month, 1);
  int64_t next = date->month == 12 ? weir_days_of_date(year + 1, 1, 1) : weir_days_of_date(year, date->month + 1, 1);
  int64_t day = first + (date->weekday - weekday_of(first) + 7) % 7 + 7 * (date->week - 1);
  return day < next ? day : day - 7; /* week 5 is the last there is */
}

static int64_t change_s(const struct weir_zone_date *date, int year, int32_t offset_before_s) {
  return day_of_rule(date, year) * DAY_S + date->time_s - offset_before_s;
}

static int year_of(int64_t utc_s, int32_t offset_s) {
  int year, month, day;
  weir_date_of_days(floor_div(utc_s + offset_s, DAY_S), &year, &month, &day);
  return year;
}

/* The span of the footer that holds at `utc_s`. Changes may lie a week outside their year, so the years beside it count too. Where
 * two fall together the later year's holds: so is summer time written that lasts all year. */
static struct span rule_span(const struct weir_zone_rule *rule, int64_t utc_s) {
  struct span span = { INT64_MIN, INT64_MAX, rule->offset_s };
  if (!rule->summer) return span;
  int year = year_of(utc_s, rule->offset_s);
  for (int y = year - 1; y <= year + 1; y++) {
    struct span changes[2] = {
      { change_s(&rule->begin, y, rule->offset_s), 0, rule->summer_offset_s },
      { change_s(&rule->end, y, rule->summer_offset_s), 0, rule->offset_s },
    };
    for (int i = 0; i < 2; i++) {
      if (changes[i].from_s <= utc_s && changes[i].from_s >= span.from_s) {
        span.from_s = changes[i].from_s;
        span.offset_s = changes[i].offset_s;
      }
      if (changes[i].from_s > utc_s && changes[i].from_s < span.end_s) span.end_s = changes[i].from_s;
    }
  }
  return span;
}

/* ---- spans */

static struct span span_at(const struct weir_zone *zone, int64_t utc_s) {
  if (!zone) return (struct span){ INT64_MIN, INT64_MAX, 0 };
  uint32_t low = 0, high = zone->step_cnt; /* steps [0, low) have begun */
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (zone->steps[middle].from_s <= utc_s) low = middle + 1;
    else high = middle;
  }
  int64_t from_s = low > 0 ? zone->steps[low - 1].from_s : INT64_MIN;
  if (low == zone->step_cnt && zone->rule.given) {
    struct span span = rule_span(&zone->rule, utc_s);
    if (span.from_s < from_s) span.from_s = from_s;
    return span;
  }
  int64_t end_s = low < zone->step_cnt ? zone->steps[low].from_s : INT64_MAX;
  return (struct span){ from_s, end_s, low > 0 ? zone->steps[low - 1].offset_s : zone->first_offset_s };
}

int32_t weir_zone_offset(const struct weir_zone *zone, int64_t utc_ms) { return span_at(zone, floor_div(utc_ms, 1000)).offset_s; }

void weir_zone_local(const struct weir_zone *zone, int64_t utc_ms, struct weir_local_time *out) {
  int64_t local_ms = utc_ms + (int64_t)weir_zone_offset(zone, utc_ms) * 1000;
  int year, month, mday;
  out->day = floor_div(local_ms, DAY_MS);
  out->ms_of_day = (int32_t)(local_ms - out->day * DAY_MS);
  weir_date_of_days(out->day, &year, &month, &mday);
  out->year = year;
  out->month = (int8_t)month;
  out->mday = (int8_t)mday;
  out->weekday = (int8_t)((weekday_of(out->day) + 6) % 7 + 1);
}

int64_t weir_zone_day(const struct weir_zone *zone, int64_t utc_ms) {
  return floor_div(utc_ms + (int64_t)weir_zone_offset(zone, utc_ms) * 1000, DAY_MS);
}

int64_t weir_zone_utc(const struct weir_zone *zone, int64_t day, int32_t ms_of_day) {
  int64_t local_ms = day * DAY_MS + ms_of_day, local_s = floor_div(local_ms, 1000);
  struct span span = span_at(zone, local_s - REACH_S);
  while (true) {
    int64_t utc_s = local_s - span.offset_s;
    if (utc_s < span.from_s) return span.from_s * 1000; /* the span before ended too early, this one begins too late: a gap */
    if (utc_s < span.end_s) return local_ms - (int64_t)span.offset_s * 1000;
    span = span_at(zone, span.end_s);
  }
}
