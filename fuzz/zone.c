/* zone.c: any bytes as a time zone file. What is accepted answers for every time: offsets are possible, a time on the wall leads to the
 * first moment that shows it, or to the end of the first gap that skips it. */
#include "base/zone.h"
#include "fuzz.h"

#define DAY_MS INT64_C(86400000)

static unsigned char room[2 * WEIR_ZONE_FILE_MAX];

static int64_t shown(const struct weir_zone *zone, int64_t utc_ms) {
  struct weir_local_time t;
  weir_zone_local(zone, utc_ms, &t);
  MUST(t.month >= 1 && t.month <= 12 && t.mday >= 1 && t.mday <= 31 && t.weekday >= 1 && t.weekday <= 7);
  MUST(t.ms_of_day >= 0 && t.ms_of_day < DAY_MS && t.day == weir_zone_day(zone, utc_ms));
  return t.day * DAY_MS + t.ms_of_day;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int64_t ms = 0;
  if (size < 8 || size > WEIR_ZONE_FILE_MAX) return 0;
  for (int i = 0; i < 7; i++) ms = ms * 256 + data[size - 1 - (size_t)i]; /* the last bytes say when */
  ms %= WEIR_TIME_MAX_MS - 4 * DAY_MS;
  weir_str copy = fuzz_copy((weir_str){ (const char *)data, size - 7 });
  const struct weir_zone *zone;
  struct weir_arena arena;
  weir_arena_fixed(&arena, room, sizeof room);
  weir_status st = weir_zone_parse(&arena, WEIR_STR("Any/Where"), copy, &zone, NULL);
  fuzz_drop(copy); /* nothing may point into the file */
  MUST((st == WEIR_OK) == (zone != NULL));
  if (st) return 0;
  MUST(weir_zone_offset(zone, ms) > -30 * 3600 && weir_zone_offset(zone, ms) < 30 * 3600);
  int64_t wanted = shown(zone, ms + 2 * DAY_MS), day = wanted / DAY_MS;
  int64_t utc = weir_zone_utc(zone, day, (int32_t)(wanted % DAY_MS));
  MUST(utc <= ms + 2 * DAY_MS); /* that moment shows it, so the first that does is not later */
  MUST(shown(zone, utc) >= wanted && shown(zone, utc - 1) < wanted); /* later: clocks skip it, before they come back to it */
  int64_t other = weir_zone_utc(zone, day, (int32_t)(ms % DAY_MS));
  MUST(shown(zone, other) >= day * DAY_MS + ms % DAY_MS);
  MUST(shown(zone, other - 1) < day * DAY_MS + ms % DAY_MS);
  return 0;
}
