/* engine.h: what an engine consists of. Only the files directly in engine/ (the top floor) include this.
 *
 *   open.c    takes the memory, opens the rooms, swaps rulesets, closes
 *   open_json.c  the same from a configuration in JSON, with the rules and the key that it names
 *   engine.c  the way of an event, step by step
 *   who.c     whom an event is about: codes and links join contacts, unlink parts them; who was invited by whom
 *   timers.c  what falls due: waiting actions, rules, retries
 *   rounds.c  rules that come round to everybody: silent_for = "14d", every = "1d"
 *   outcomes.c what became of actions: outcomes, echoes
 *   export.c  what is known of a person
 *   erase.c   a person is erased, records that wait included
 *   rotate.c  another key takes over
 *   operators.c  what operators ask beside events
 *   rules.c   one event through the rules: candidates, gates, handlers
 *   strikes.c rules whose handlers are killed again and again
 *   log.c     what an engine says beside its answers
 *   report.c  what the state holds, for reports
 *   commit.c  the group: decisions become signed records, in one transaction with their changes
 */
#ifndef WEIR_ENGINE_H
#define WEIR_ENGINE_H

#include "decide/decide.h"
#include "limits.h"
#include "record/record.h"
#include "script/script.h"

/* One decision that waits for its commit. Its texts are in the group's bytes. */
struct weir_group_entry {
  weir_str aud, json;
};

struct weir_group {
  struct weir_group_entry entries[WEIR_GROUP_MAX + WEIR_ACTIONS_MAX]; /* a decision may go to several accounts */
  uint32_t cnt;
  struct weir_buf bytes;
};

/* Kills of one handler that count yet, and until when its rule is put aside (0: it is not). */
struct weir_strikes {
  int64_t at_ms[WEIR_STRIKES_MAX - 1];
  int64_t aside_until_ms;
  uint32_t cnt;
};

/* What stands at the beginning of the changes whatever the rules say: that the contact was here, and the windows that this opens.
 * Of the changes from `first` on, those before `lasting` are about the contact, those before `end` about this event alone. */
struct weir_opened {
  uint32_t first, lasting, end;
  bool keyed; /* the windows have their keys: not before anything is to come of the event */
};

/* What hangs on the ruleset: taken anew by a swap. */
struct weir_rooms {
  const weir_ruleset *ruleset;
  void *block;
  struct weir_match *match;
  struct weir_script *script; /* NULL when no rule has a handler */
  struct weir_strikes *strikes; /* one for each handler */
  uint32_t *struck;             /* handlers killed by the event at hand */
  uint32_t struck_cnt;
  weir_trace *trace;
  uint32_t trace_cap;
  void *arena_block;
  size_t arena_len;
};

struct weir_engine {
  weir_config config;
  struct weir_rooms rooms;
  void *block;                /* store, group, record buffers */
  weir_ruleset *own_ruleset;  /* what weir_engine_open_json brought, until another takes its place; else NULL */
  weir_key *own_key;
  struct weir_arena arena;    /* the event at hand */
  struct weir_store *store;
  bool open;                  /* a transaction is open: changes or a group wait for commit */
  bool joined;                /* the event at hand joined two contacts: nothing else is in the transaction */
  uint32_t applied;           /* changesets since the last commit */
  int64_t rounds_due;         /* when the next step of a round is; INT64_MAX: no rule comes round */
  bool born;
  int64_t born_ms;            /* time of the first call: older events cannot have been seen before then */
  struct weir_group group;
  bool signer_noted;          /* the state knows whose key signs its records */
  int64_t group_ms;           /* time of the last call that was not refused: a refused event must leave no trace in the group's records */
  bool struck;                /* the host's deadline, in the call at hand */
  bool told_behind;           /* and that was said */
  bool behind;                /* the time of the call at hand lies before latest_ms */
  int64_t latest_ms;          /* the latest time of a call, or of a record */
  size_t group_peak;          /* bytes of the largest group there was */
  struct weir_buf decisions, payload, line; /* a record in the making */
  struct weir_decide decide;
  struct weir_opened opened;
  weir_action actions[WEIR_ACTIONS_MAX];
  struct weir_change changes[WEIR_CHANGES_MAX];
  struct weir_buf actions_json;
  unsigned char secret[32];
  char chain[WEIR_ID_MAX];
  char issuer[WEIR_ID_MAX];
  char env[WEIR_ID_CHARS + 1];
  char id[WEIR_ID_CHARS + 1];
  unsigned char identity[WEIR_ID_BYTES]; /* of what is decided about */
  weir_stats stats;            /* now */
  weir_stats entered;          /* when the call at hand began: a refused event counts as nothing but refused */
  weir_stats committed;        /* before the first call of the transaction at hand */
};

/* Every call that decides begins with it: an empty event arena, and what is counted from here on can be taken back. */
void weir_engine_enter(weir_engine *e);
/* Puts the ordinary state of a decision in place for `event`; the arena must have been reset. `identity` and `attempt` (0: the
 * first, then counting up) make the id. */
void weir_engine_prepare(weir_engine *e, const weir_event *event, enum weir_event_kind kind, const unsigned char identity[WEIR_ID_BYTES],
                         uint32_t attempt, int64_t now_ms);
/* Gives the decision its id, if it has none yet. Most events come to nothing and need none: it is two hashes. Before a gate, a
 * rule's handler or an action is asked, it has one. */
void weir_engine_name(weir_engine *e);
/* Gives the windows that the event opens their keys, if they have none yet: before any action is asked whether it may go out. */
void weir_engine_key_windows(weir_engine *e);
/* Makes changes and decision part of the group (or forgets them, when dry), commits when no batch is open, fills the verdict. */
weir_status weir_engine_finish(weir_engine *e, weir_str cause, weir_verdict *verdict, weir_error *err);
/* The host's deadline struck: aborts the event at hand, which then is undecided and leaves nothing behind. */
void weir_engine_strike(weir_engine *e, weir_str cause, weir_verdict *verdict);
/* Takes back a transaction that holds nothing but the event at hand, or nothing at all. */
void weir_engine_leave(weir_engine *e);
/* Leaves nothing of an event that failed; returns st. */
weir_status weir_engine_refuse(weir_engine *e, weir_status st, weir_verdict *verdict);

/* Says in d->person who it is: follows a code in the text or a link event. May join contacts. Two who cannot be one are left as they
 * are: traced, counted, and the event goes on.
 * WEIR_E_FULL: a join must be the first thing of its transaction, so that it can be taken back alone; commit first. */
weir_status weir_who_follow_code(weir_engine *e, weir_error *err);
weir_status weir_who_follow_link(weir_engine *e, weir_error *err);
/* An unlink event: the contact parts from its person again. */
weir_status weir_who_unlink(weir_engine *e, weir_error *err);

/* A join, link or friend_added event that names an inviter: adds the changes that count it, if it counts. */
weir_status weir_who_invited(weir_engine *e, weir_error *err);

/* Finds out when the next step of a round is due: after whatever may have changed it. */
void weir_rounds_refresh(weir_engine *e);
/* Takes one step of the round that is due first. */
weir_status weir_rounds_step(weir_engine *e, int64_t now_ms, weir_verdict *verdict, weir_error *err);
/* A status that would come back with every try of the same thing. */
bool weir_engine_is_hopeless(const weir_engine *e, weir_status st);

/* An event of kind outcome that was not seen before: no rule sees it, what follows is settled. When it says nothing new it
 * leaves nothing behind. */
weir_status weir_engine_outcome(weir_engine *e, const weir_event *event, const unsigned char identity[WEIR_ID_BYTES], weir_verdict *verdict,
                                weir_error *err);
/* Our own doing, shown back to us: counts whether we know of it. */
weir_status weir_engine_echo(weir_engine *e, const weir_event *event, weir_error *err);
/* An echo that nothing explains yet: adds the changes that ask again in WEIR_ECHO_WAIT_MS whether a human took over. */
weir_status weir_engine_unexplained(weir_engine *e, const unsigned char identity[WEIR_ID_BYTES], weir_error *err);
/* That time is over. */
weir_status weir_engine_echo_due(weir_engine *e, const struct weir_timer *timer, weir_error *err);

/* ---- log.c */
bool weir_engine_listens(const weir_engine *e, weir_log_level level);
/* `about` without its message. */
void weir_engine_log(weir_engine *e, const weir_log_entry *about, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* What of a decision is worth saying. */
void weir_engine_log_verdict(weir_engine *e, const weir_verdict *v);

/* ---- strikes.c */
/* `block` has weir_strikes_bytes for the ruleset's handlers. */
size_t weir_strikes_bytes(uint32_t handler_cnt);
void weir_strikes_open(struct weir_rooms *rooms, void *block);
/* For how long the handler's rule is still put aside; 0: it is not. */
int64_t weir_strikes_aside_ms(const weir_engine *e, uint32_t handler);
/* The handler was killed; true: too often, its rule will be put aside when the event is done. */
bool weir_strikes_add(weir_engine *e, uint32_t handler);
/* The event at hand begins; it is done. */
void weir_strikes_enter(weir_engine *e);
void weir_strikes_settle(weir_engine *e);

struct weir_rules_outcome {
  bool fired, limit;
};
void weir_engine_result(const struct weir_rules_outcome *rules, weir_verdict *verdict);
/* Tries the rules in order until one fires and ends the search. */
weir_status weir_rules_run(weir_engine *e, struct weir_rules_outcome *out, weir_error *err);
/* Tries one rule: a timer's. */
/* Whether its gates that need no state let the event at hand through. */
bool weir_rules_suits(weir_engine *e, const struct weir_rule *rule, weir_error *err);
weir_status weir_rules_run_one(weir_engine *e, const struct weir_rule *rule, struct weir_rules_outcome *out, weir_error *err);

/* ---- experiments.c: tells each variant of each rule */
weir_status weir_experiments_each(const weir_ruleset *rs, struct weir_store *store, int64_t now_ms, void (*tell)(void *ctx, const weir_variant_info *variant),
                                  void *ctx, weir_error *err);

/* WEIR_OK when the time of a call lies in the years that can be written, else WEIR_E_ARG. */
weir_status weir_engine_check_now(int64_t now_ms, weir_error *err);

/* WEIR_OK between two groups; WEIR_E_SEQUENCE while decisions wait for a commit. */
weir_status weir_engine_at_rest(const weir_engine *e, weir_error *err);

/* Whether one more decision fits into the group, and with `record` into the outbox: WEIR_OK, or WEIR_E_FULL. */
weir_status weir_group_make_room(weir_engine *e, bool record, weir_error *err);
/* Signs e->decisions as the next record of the account, and puts it into the outbox. next_kid: it changes the key; else empty. */
weir_status weir_engine_sign(weir_engine *e, weir_str aud, weir_str next_kid, int64_t now_s, weir_error *err);
weir_status weir_group_add(weir_engine *e, weir_str cause, weir_error *err);

#endif
