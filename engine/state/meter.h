/* meter.h: what each kind of change does to a meter: the same in every store, and for who asks what a meter will say when the
 * changes of a decision are applied. */
#ifndef WEIR_STATE_METER_H
#define WEIR_STATE_METER_H

#include "model/changeset.h"
#include "model/meter.h"

/* One after the other in a ledger entry's `taken`, 40 bytes each: the uses that the action made. */
#define WEIR_METER_TAKEN_BYTES 40
void weir_meter_put_taken(const struct weir_change *change, char out[WEIR_METER_TAKEN_BYTES]);
/* The i-th of them as a METER change; false: there are no more. */
bool weir_meter_taken(weir_str taken, uint32_t i, struct weir_change *out);

/* Whether a change is one of a meter: METER, METER_BACK, METER_OPEN. */
bool weir_meter_is_change(const struct weir_change *change);
/* What is wrong with such a change; NULL: nothing. */
const char *weir_meter_fault(const struct weir_change *change);
/* A meter whose time is over at now_ms begins anew. Afterwards one whose until_ms is 0 need not be kept. */
void weir_meter_change(struct weir_meter *meter, const struct weir_change *change, int64_t now_ms);
/* The width of a slot for a window that slides: uses count longer by a sixth of the window at most, and a clock that is set back by no
 * more than that makes none count for a shorter time. */
static inline int64_t weir_meter_width(int64_t window_ms) { return window_ms / (WEIR_METER_SLOTS - 2) + 1; }
/* Uses whose slot is later than since_ms. */
uint64_t weir_meter_uses(const struct weir_meter *meter, int64_t since_ms);

#endif
