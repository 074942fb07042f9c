/* clock.h: reading and writing times and durations. There is no clock in here: time comes from the host. */
#ifndef WEIR_BASE_CLOCK_H
#define WEIR_BASE_CLOCK_H

#include "base/status.h"

/* RFC 3339 date-time ("2026-11-22T09:00:00+08:00", fraction to milliseconds, 'T' and 'Z' in either case, a leap second
 * counts as the second before) to milliseconds since 1970. false: not one, or outside WEIR_TIME_MIN_MS .. MAX. */
bool weir_time_parse(weir_str text, int64_t *ms);
/* "2026-11-22T01:00:00Z", 20 characters and a NUL; with milliseconds "2026-11-22T01:00:00.250Z" when there are any. */
#define WEIR_TIME_CHARS 25
size_t weir_time_format(int64_t ms, char out[WEIR_TIME_CHARS]);

/* "90s", "5m", "2h", "1d", "1w", "250ms", and sums such as "1h30m". Not negative, at most WEIR_DELAY_MAX_MS * 2. */
bool weir_duration_parse(weir_str text, int64_t *ms);
/* "5s..30s", or one duration: then both are equal. false also when from > to. */
bool weir_duration_range_parse(weir_str text, int64_t *from_ms, int64_t *to_ms);
/* Days from 1970-01-01 to a date, month and day from 1, and the date of a day. Proleptic Gregorian, years 1 to 10000. */
int64_t weir_days_of_date(int year, int month, int day);
void weir_date_of_days(int64_t days, int *year, int *month, int *day);
/* Days since 1970-01-01 of a time in a zone `offset_s` east of Greenwich. */
int64_t weir_day_of(int64_t ms, int32_t offset_s);

#endif
