/* steps.h: what a step in a funnel brings with it: it is counted, and what follows is set. For this room only. */
#ifndef WEIR_DECIDE_STEPS_H
#define WEIR_DECIDE_STEPS_H

#include "decide/decide.h"

/* The rule at hand led the person from the stage `from` (empty: none of the funnel) to stage `index`: counts it, and sets the timers
 * of the rules that on_enter and follow_up name. */
weir_status weir_steps_entered(struct weir_decide *d, const struct weir_funnel *funnel, weir_str from, uint32_t index, weir_error *err);
/* The person opts out: he leaves every funnel. */
weir_status weir_steps_leave_all(struct weir_decide *d, weir_error *err);

#endif
