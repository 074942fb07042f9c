/* meter.h: how often something was done lately: what quotas and windows are reckoned from.
 *
 * A meter has room for a few slots of time. All uses in one slot count as if they had been made at the time of its last one, so a
 * use may count for longer than it should, by the width of a slot at most, and never for a shorter time: what is asked of a meter
 * errs on the side of silence. No slot is given up before WEIR_METER_SLOTS - 1 of its widths have passed. */
#ifndef WEIR_MODEL_METER_H
#define WEIR_MODEL_METER_H

#include <stdint.h>

#define WEIR_METER_SLOTS 8
/* A slot that never ends: all uses are one sum. */
#define WEIR_METER_WHOLE (INT64_C(1) << 58)

struct weir_meter_slot {
  int64_t last_ms; /* of the last use in it */
  uint32_t uses;
};

struct weir_meter {
  int64_t until_ms;  /* then all of it is forgotten; 0: there is nothing */
  int64_t opened_ms; /* when it was last opened; 0: never */
  uint32_t slot_cnt; /* oldest first */
  struct weir_meter_slot slots[WEIR_METER_SLOTS];
};

#endif
