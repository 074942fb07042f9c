/* calendar.c: opening hours and times of day, in a zone. */
#include "flow/calendar.h"
#include "limits.h"

#define DAY_MS INT64_C(86400000)

static bool on_day(const struct weir_opening *opening, int weekday) { return opening->days == 0 || (opening->days >> (weekday - 1) & 1); }

bool weir_open_at(const struct weir_opening *opening, const struct weir_zone *zone, int64_t ms) {
  struct weir_local_time t;
  weir_zone_local(zone, ms, &t);
  if (!on_day(opening, t.weekday)) return false;
  for (uint32_t i = 0; i < opening->span_cnt; i++) {
    if (t.ms_of_day >= opening->spans[i].from_ms && t.ms_of_day < opening->spans[i].to_ms) return true;
  }
  return opening->span_cnt == 0;
}

int64_t weir_next_open(const struct weir_opening *opening, const struct weir_zone *zone, int64_t ms) {
  static const struct weir_hours_span all_day = { 0, 86400000 };
  const struct weir_hours_span *spans = opening->span_cnt ? opening->spans : &all_day;
  uint32_t cnt = opening->span_cnt ? opening->span_cnt : 1;
  if (weir_open_at(opening, zone, ms)) return ms;
  int64_t today = weir_zone_day(zone, ms);
  for (int64_t day = today; day < today + WEIR_OPENING_DAYS; day++) {
    for (uint32_t i = 0; i < cnt; i++) {
      int64_t at = weir_zone_utc(zone, day, spans[i].from_ms);
      if (at >= ms && weir_open_at(opening, zone, at)) return at;
    }
  }
  return ms + WEIR_OPENING_DAYS * DAY_MS; /* an opening that no calendar has; asked again then */
}

int64_t weir_next_wall(const struct weir_zone *zone, int64_t ms, int32_t wall_ms) {
  int64_t day = weir_zone_day(zone, ms), at = weir_zone_utc(zone, day, wall_ms);
  while (at < ms) at = weir_zone_utc(zone, ++day, wall_ms);
  return at;
}

int64_t weir_next_period(const struct weir_zone *zone, int64_t ms, int64_t every_ms, int32_t wall_ms) {
  if (every_ms % DAY_MS != 0) return (ms / every_ms + 1) * every_ms;
  int64_t days = every_ms / DAY_MS, day = weir_zone_day(zone, ms);
  int64_t of_period = (day % days + days) % days;
  int64_t at = weir_zone_utc(zone, day - of_period, wall_ms);
  for (day -= of_period; at <= ms; at = weir_zone_utc(zone, day, wall_ms)) day += days;
  return at;
}
