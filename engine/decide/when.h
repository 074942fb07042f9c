/* when.h: when the rule at hand may act, by the clock of the person. For this room only. */
#ifndef WEIR_DECIDE_WHEN_H
#define WEIR_DECIDE_WHEN_H

#include "decide/decide.h"
#include "flow/calendar.h"

/* The zone that the person's field "timezone" names, else that of the account, else that of the rule's pack. The person must have
 * been loaded. */
const struct weir_zone *weir_when_zone(const struct weir_decide *d);
/* The moment from `ms` on at which the hours and weekdays of the rule at hand are open, if it defers; else `ms`. */
int64_t weir_when_open(const struct weir_decide *d, int64_t ms);

/* Whether hours or weekdays let the event through now: closed ones do when the rule defers. */
enum weir_gate_answer weir_when_ask(const struct weir_opening *opening, struct weir_decide *d, weir_error *err);

#endif
