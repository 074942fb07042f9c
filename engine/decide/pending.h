/* pending.h: what a person will be when the changes of the decision at hand are applied. For this room only.
 *
 * Gates never ask this: they see the state before the event. Actions do, so that one that changes nothing is not written, and
 * one that undoes another of the same decision is. */
#ifndef WEIR_DECIDE_PENDING_H
#define WEIR_DECIDE_PENDING_H

#include "decide/decide.h"

/* Whether this action changes if he is opted out. */
bool weir_decide_opts(const struct weir_decide *d, const struct weir_action_kind *kind);

bool weir_pending_tag(const struct weir_decide *d, weir_str tag);
/* Whether a field surely has this value ("" for one he does not have); after an incr nobody knows. */
bool weir_pending_field_is(const struct weir_decide *d, weir_str name, weir_str value);
bool weir_pending_has_field(const struct weir_decide *d, weir_str name);
/* The stage he stands in; empty when in none of that funnel. */
weir_str weir_pending_stage(const struct weir_decide *d, weir_str funnel);
int64_t weir_pending_handoff(const struct weir_decide *d);
bool weir_pending_opted_out(const struct weir_decide *d);
bool weir_pending_out_everywhere(const struct weir_decide *d);
/* How many he will have: what the store has room for is bounded. */
uint32_t weir_pending_tag_cnt(const struct weir_decide *d);
uint32_t weir_pending_field_cnt(const struct weir_decide *d);
/* Pool members, coupons and variants: at most so many. */
uint32_t weir_pending_pool_cnt(const struct weir_decide *d);
uint32_t weir_pending_stage_cnt(const struct weir_decide *d);
/* The newest change of this kind (and name, unless empty), or NULL. */
const struct weir_change *weir_pending_change(const struct weir_decide *d, enum weir_change_kind kind, weir_str name);

#endif
