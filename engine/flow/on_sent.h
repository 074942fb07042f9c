/* on_sent.h: stage = { "papers/asked", on = "sent" }: the person moves on only when the platform has taken one of the rule's
 * outbound actions for that event: the first "sent" counts. When all of them were finally rejected he stays where he is.
 *
 * While it waits the stage is a claim: it hangs on the same origin as the rule's claims and its actions in the ledger, so it ends
 * with them, goes with the person when he is joined or forgotten, and is in every store. Its key is a hash of origin, funnel and
 * stage, so which stage waits is found by asking for each that the ruleset has. */
#ifndef WEIR_FLOW_ON_SENT_H
#define WEIR_FLOW_ON_SENT_H

#include "model/ruleset.h"
#include "state/store.h"

/* Adds to `changes` that a stage waits. WEIR_E_LIMIT: there is no room for two more. */
weir_status weir_on_sent_wait(struct weir_changeset *changes, const unsigned char origin[WEIR_ID_BYTES], weir_str funnel, weir_str stage, bool back,
                              weir_error *err);
/* One of the actions of `origin` was sent to `changes->contact`: adds the stages that waited for it, *moved says how many. */
weir_status weir_on_sent_take(struct weir_store *store, struct weir_arena *arena, const weir_ruleset *ruleset,
                              const unsigned char origin[WEIR_ID_BYTES], struct weir_changeset *changes, uint32_t *moved, weir_error *err);

#endif
