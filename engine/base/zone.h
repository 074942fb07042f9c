/* zone.h: time zones by name. A zone is parsed once from the bytes of a TZif file (RFC 8536, version 2 or later, with its footer);
 * afterwards it is constant data, and asking it touches neither files nor the process's TZ.
 *
 * A NULL zone is UTC everywhere here. Times are milliseconds since 1970 UTC; a day is counted from 1970-01-01 of the zone's own
 * calendar. Good for the years 1970 to 9999. */
#ifndef WEIR_BASE_ZONE_H
#define WEIR_BASE_ZONE_H

#include "base/arena.h"
#include "limits.h"

/* From from_s on, until the next step, local time is UTC + offset_s. */
struct weir_zone_step {
  int64_t from_s;
  int32_t offset_s;
};

/* On which day of any year the offset changes, and when: "M3.5.0/3" and its like. */
struct weir_zone_date {
  char form;                    /* 'M' month week weekday, 'J' day 1 to 365 without leap days, '0' day 0 to 365 */
  int16_t month, week, weekday; /* weekday 0 is Sunday */
  int16_t day;
  int32_t time_s;               /* of the local time before the change; from -167 to 167 hours */
};

/* A zone's footer: what holds after its last step. */
struct weir_zone_rule {
  bool given, summer;           /* given: there is a footer; summer: it has a second offset */
  int32_t offset_s, summer_offset_s;
  struct weir_zone_date begin, end;
};

struct weir_zone {
  weir_str name;
  const struct weir_zone_step *steps; /* ascending; those before 1970 are left out */
  uint32_t step_cnt;
  int32_t first_offset_s;       /* before the first step */
  struct weir_zone_rule rule;
};

/* Whether `name` can be the name of a zone: letters, digits, `_`, `-` and `+` in parts divided by `/`. No dots: as a path it cannot
 * lead out of its folder. */
bool weir_zone_name_good(weir_str name);

/* Reads the bytes of a TZif file; the zone lies in `arena`. *out is NULL after a failure.
 * Errors: WEIR_E_FORMAT (no TZif, damaged, without footer, with leap seconds), WEIR_E_NOMEM. */
weir_status weir_zone_parse(struct weir_arena *arena, weir_str name, weir_str bytes, const struct weir_zone **out, weir_error *err);

/* Seconds east of Greenwich. */
int32_t weir_zone_offset(const struct weir_zone *zone, int64_t utc_ms);

struct weir_local_time {
  int64_t day;         /* since 1970-01-01 */
  int32_t ms_of_day;   /* what a clock on the wall shows: 0 to 86,399,999 */
  int32_t year;
  int8_t month, mday;  /* from 1 */
  int8_t weekday;      /* 1 Monday to 7 Sunday */
};
void weir_zone_local(const struct weir_zone *zone, int64_t utc_ms, struct weir_local_time *out);
int64_t weir_zone_day(const struct weir_zone *zone, int64_t utc_ms);
/* When the wall shows ms_of_day on that day. A time that the clocks pass twice: the first of both. One that they skip: the first
 * moment after the gap, even if they are set back to it later. */
int64_t weir_zone_utc(const struct weir_zone *zone, int64_t day, int32_t ms_of_day);

#endif
