/* flow/: what happens between decisions. Uses state/, model/, base/. Reads the store and adds to changesets; never writes state.
 *
 * outcome.h: what became of an action, as its executor tells it. The ledger knows the action; what follows is only changes:
 *
 *   sent         the rule's claims stay, and the platform's id of the message is remembered, so that its echo is known as ours;
 *                stages that waited for it are reached (on_sent.h)
 *   unconfirmed  the claims stay; it is never sent again by itself, because it may have arrived
 *   rejected     with retry_after: tried again, later each time, WEIR_RETRIES_MAX times at most; else it is rejected for good.
 *                When all that the rule sent for that event was rejected for good, its claims are given back: the person may be
 *                answered again, by another event. What the action used up of windows and quotas is given back at once, also
 *                when it is tried again: the retry asks for it anew. Stage, tags and pool member stay: they say what was wanted, not what arrived.
 *
 * Which word counts, when there are several about one action. "sent" beats all others, also a "rejected" that came before it:
 * the platform says that people have seen it. If that comes after claims were given back, they stay given back: nobody
 * knows what happened since. "rejected" and "unconfirmed" beat nothing that is final; "rejected" settles what was
 * unconfirmed; "unconfirmed" and "sent" stop a retry that still waits. */
#ifndef WEIR_FLOW_OUTCOME_H
#define WEIR_FLOW_OUTCOME_H

#include "flow/on_sent.h"

enum weir_outcome_result {
  WEIR_OUTCOME_UNKNOWN = 0, /* no such action, or one so old that it is forgotten */
  WEIR_OUTCOME_FOREIGN,     /* the action of another account */
  WEIR_OUTCOME_OLD,         /* says nothing new */
  WEIR_OUTCOME_TAKEN        /* its changes were added */
};

struct weir_outcome {
  enum weir_outcome_result result;
  struct weir_ledger_entry entry; /* as it was; unless UNKNOWN */
  enum weir_ledger_status status; /* as it is now */
  int64_t retry_ms;               /* RETRYING: in how long */
  bool freed;                     /* the rule's claims are given back */
  uint32_t moved;                 /* stages that were reached by it */
};

/* Reads an outcome event, by which stages of `ruleset` may be reached, and adds what follows to `changes`, whose contact becomes the action's. Strings live in `arena`.
 * Errors: those of the store; WEIR_E_LIMIT, WEIR_E_NOMEM. */
weir_status weir_outcome_take(struct weir_store *store, struct weir_arena *arena, const weir_ruleset *ruleset, const weir_event *event,
                              struct weir_changeset *changes, struct weir_outcome *out, weir_error *err);

/* Adds the change that an entry's status becomes `status` (0: it is taken out). When with that all that hangs on its origin was
 * rejected for good, the claims are given back, too. */
weir_status weir_outcome_settle(struct weir_store *store, const struct weir_ledger_entry *entry, int status, struct weir_changeset *changes,
                                bool *freed, weir_error *err);

/* The kind of the action that a ledger entry's payload holds; empty: it holds none. */
weir_str weir_outcome_kind(weir_str payload);

/* Under which mark a message of ours is remembered. */
void weir_echo_key(weir_str channel, weir_str account, weir_str platform_id, unsigned char key[WEIR_ID_BYTES]);

#endif
