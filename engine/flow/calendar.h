/* calendar.h: when something may happen by the clock on the wall: opening hours, days of the week, the next half past nine. All in
 * a zone (NULL: UTC), with summer time as the zone has it: a time that the clocks skip is the moment after the gap, one that
 * they pass twice is the first. */
#ifndef WEIR_FLOW_CALENDAR_H
#define WEIR_FLOW_CALENDAR_H

#include "base/zone.h"

/* Of one day, end exclusive; 0 to 86,400,000. */
struct weir_hours_span {
  int32_t from_ms, to_ms;
};

struct weir_opening {
  const struct weir_hours_span *spans; /* ascending, none overlaps; without any it is open all day */
  uint32_t span_cnt;
  uint8_t days;                  /* bit 0 Monday to bit 6 Sunday; 0: every day */
};

bool weir_open_at(const struct weir_opening *opening, const struct weir_zone *zone, int64_t ms);
/* The first moment from `ms` on that is open. */
int64_t weir_next_open(const struct weir_opening *opening, const struct weir_zone *zone, int64_t ms);
/* The first moment from `ms` on at which the wall shows wall_ms. */
int64_t weir_next_wall(const struct weir_zone *zone, int64_t ms, int32_t wall_ms);
/* The first moment after `ms` that begins a period: whole days begin at wall_ms and count from 1970 in the zone, anything shorter
 * counts from 1970 UTC. */
int64_t weir_next_period(const struct weir_zone *zone, int64_t ms, int64_t every_ms, int32_t wall_ms);

#endif
