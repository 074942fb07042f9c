/* decide/: gates and actions, one file for each kind: how it is written in a rule, and what it does. Uses the rooms below
 * (match/, state/, policy/, text/, model/, base/). Never writes state: it reads the store and adds to a changeset. Knows
 * nothing of Lua: rules and handlers reach it as weir_value.
 *
 * decide.h: what is at hand while one event is decided, and the two tables where the project grows. To add a gate or an
 * action: one new file with one weir_gate_kind or weir_action_kind, and one line in gates.c or actions.c. The reference
 * documentation and the loader's hints read the tables. */
#ifndef WEIR_DECIDE_DECIDE_H
#define WEIR_DECIDE_DECIDE_H

#include "base/arena.h"
#include "base/buf.h"
#include "limits.h"
#include "match/match.h"
#include "model/changeset.h"
#include "model/ruleset.h"
#include "policy/policy.h"
#include "state/store.h"

/* ---- One event being decided */

/* What an event's code came to. */
enum weir_code_state {
  WEIR_CODE_NONE = 0, /* there is nothing like a code */
  WEIR_CODE_OK,       /* it led to somebody, and both are one now */
  WEIR_CODE_OWN,      /* it is his own */
  WEIR_CODE_USED,
  WEIR_CODE_EXPIRED,
  WEIR_CODE_UNKNOWN,
  WEIR_CODE_LIMITED,  /* too many wrong ones: it was not looked at */
  WEIR_CODE_REFUSED   /* it led to somebody, but both cannot be one */
};

struct weir_trace_log {
  weir_trace *items;
  uint32_t cnt, cap;
  bool all;    /* every rule is wanted, not only what fired, failed, was dropped or waits */
};

struct weir_decide {
  const struct weir_ruleset *ruleset;
  const weir_config *config;
  struct weir_store *store;
  struct weir_arena *arena;        /* the event's: gone with the next event */
  const weir_event *event;         /* for timers: what is left of the event that set it */
  enum weir_event_kind kind;
  struct weir_contact contact;
  weir_str id;                     /* of this decision */
  uint64_t seed;                   /* of all choices: from the decision's id */
  int64_t now_ms;                  /* the call's time */
  weir_str secret;                 /* 32 bytes; for codes */

  struct weir_person person;       /* valid when person_loaded; as before the event */
  bool person_loaded;
  enum weir_code_state code;       /* in the event's text */
  bool state_asked;                /* some state gate was asked: the event will leave a dedupe mark */

  const struct weir_rule *rule;    /* at hand */
  uint32_t place;                  /* of the action at hand among the rule's actions or its handler's calls, from 0 */
  struct weir_match_found found;   /* of its pattern */

  struct weir_changeset changes;
  struct weir_policy_tally tally;
  struct weir_trace_log trace;
  bool opting_out;                 /* the rule at hand opts the person out, or in again */

  struct weir_buf *actions_json;   /* the decision's actions, comma-joined, as they go into the record */
  weir_action *actions;            /* the same, for the verdict; WEIR_ACTIONS_MAX of them */
  uint32_t action_cnt;
  uint32_t waiting_cnt, dropped_cnt; /* of this event */
  uint32_t attempt;                /* 0; which retry of an action this decision is */
  weir_str retry_of;               /* retries: id of the decision before */
  bool origin_given;               /* for what an earlier decision made wait, or made first */
  unsigned char origin[WEIR_ID_BYTES]; /* its origin */
  int64_t since_ms;                /* timers: when it was set; 0: this is no timer's decision */
  const char *used_up;             /* what the rule at hand promises and nobody has any more ("pool x is used up for today"); NULL: nothing */
  bool used_up_handoff;            /* then a human is to take over */
  uint32_t rule_said, rule_silenced; /* outbound actions of the rule at hand: that go or wait; that the person must not hear. Set to 0 by who fires it */
  uint32_t rule_done, rule_dropped;  /* of the rule at hand, its handler's calls included; weir_decide_fire ends them */
};

/* Loads the person once. */
weir_status weir_decide_person(struct weir_decide *d, weir_error *err);

/* The text of capture `group` in the original text; empty when absent. */
weir_str weir_decide_group(const struct weir_decide *d, uint32_t group);

/* The day (from 1970) that it is for the person, where he lives. */
weir_status weir_decide_day(struct weir_decide *d, int64_t *day, weir_error *err);

/* Adds a change; WEIR_E_LIMIT when the changeset is full. The change's strings must live in d->arena, the ruleset or the
 * event. */
weir_status weir_decide_change(struct weir_decide *d, const struct weir_change *change, weir_error *err);

/* One of `cnt` by hash of the decision's id, the rule, the action's place and `what` ("variant", "delay"): 0 .. cnt - 1. */
uint64_t weir_decide_choose(const struct weir_decide *d, const char *what, uint64_t cnt);

/* On what the claims and outbound actions of the rule at hand hang, as of weir_ledger_origin. */
void weir_decide_origin(const struct weir_decide *d, unsigned char origin[WEIR_ID_BYTES]);

/* Adds a trace line; `format` may be NULL. Lines of the rule at hand that FIRED or met EXCEPT or LIMIT show the matched place.
 * Without d->trace.all only lines of FIRED, LIMIT, ERROR, ACTION_* are kept. Lost silently when the log is full: a trace
 * never changes a decision. A line for which the event's memory has no room is kept, and says that instead of its detail. */
void weir_decide_trace(struct weir_decide *d, weir_str rule, weir_reason reason, const char *format, ...) WEIR_PRINTF(4, 5);

/* Tells the host's test that the event reached a part of the rule at hand. */
void weir_decide_reached(struct weir_decide *d, weir_part_kind kind, uint32_t index);

/* Counts, for the day at hand in the time zone of the rule's pack, what became of an action: "dropped message: opted out". Says
 * nothing about people. Lost when the changeset has hardly room left: counting never makes a decision fail. */
void weir_decide_count(struct weir_decide *d, weir_str rule, const char *format, ...) WEIR_PRINTF(3, 4);

/* ---- Reading what a rule says (load time, and calls of handlers) */

struct weir_parse {
  struct weir_arena *arena;
  const struct weir_ruleset *ruleset; /* packs, funnels, pools and accounts are complete; rules and matcher are not */
  const struct weir_pack *pack;
  weir_str rule;                      /* "pack/rule" */
  uint32_t kinds;                     /* the rule's event kinds, as in weir_rule */
  bool handler;                       /* the value comes from a handler: texts are taken as they are, not as templates */
  /* Takes one finding. `key` is the place inside the rule, such as "message" or "message.after". */
  void (*report)(void *ctx, weir_str key, const char *message);
  void *ctx;
  weir_str key;                       /* the gate's or action's own name, set by the caller */
  bool no_memory;                     /* the arena is full */
  bool needs_outbound;                /* said by an action that waits for what another one sends */
};

/* Reports "`key`: message" and returns WEIR_E_RULES (WEIR_E_NOMEM when p->no_memory). `field` may be NULL: the whole value. */
weir_status weir_parse_bad(struct weir_parse *p, const char *field, const char *format, ...) WEIR_PRINTF(3, 4);
/* Common forms; each reports what was expected itself. */
/* "a" or { "a", "b" } */
weir_status weir_parse_strings(struct weir_parse *p, const char *field, const struct weir_value *value, const weir_str **out,
                               uint32_t *cnt);
weir_status weir_parse_bool(struct weir_parse *p, const char *field, const struct weir_value *value, bool *out);
weir_status weir_parse_int(struct weir_parse *p, const char *field, const struct weir_value *value, int64_t min, int64_t max,
                           int64_t *out);
weir_status weir_parse_duration(struct weir_parse *p, const char *field, const struct weir_value *value, int64_t *from_ms,
                                int64_t *to_ms);
/* "09:30" or "09:30..10:15": times of day. */
weir_status weir_parse_wall(struct weir_parse *p, const char *field, const struct weir_value *value, int32_t *from_ms, int32_t *to_ms);
/* A funnel and stage of this pack ("papers/asked") or another ("pack:papers/asked"); gives it and the stage's index. */
weir_status weir_parse_stage(struct weir_parse *p, const char *field, weir_str name, const struct weir_funnel **funnel,
                             uint32_t *stage);
/* Reports every member of `value` whose key is not in `known` (with the nearest that is); WEIR_OK when there is none. */
weir_status weir_parse_known(struct weir_parse *p, const struct weir_value *value, const weir_str *known, size_t known_cnt);

/* ---- Gates */

enum weir_gate_answer { WEIR_GATE_PASS = 0, WEIR_GATE_FAIL, WEIR_GATE_BROKEN /* the store failed: *err says why */ };

struct weir_gate_kind {
  const char *name;
  bool on_state;      /* asks person or store: asked after the pattern matched */
  bool needs_past;    /* somebody new does not pass it */
  const char *takes;  /* for the reference: 'true, "person", "post" or "room"' */
  const char *says;   /* for the reference: one sentence */
  weir_status (*parse)(struct weir_parse *p, const struct weir_value *value, const void **data);
  enum weir_gate_answer (*ask)(const void *data, struct weir_decide *d, weir_error *err);
  /* Marks that the rule fired (once, cooldown); NULL: nothing to mark. */
  weir_status (*claim)(const void *data, struct weir_decide *d, weir_error *err);
  /* Why it said no, for people: "stage is papers/added, not papers/asked or none". */
  void (*explain)(const void *data, const struct weir_decide *d, struct weir_buf *out);
};

/* For how long a rule's gates want a person to have been silent; 0: they do not say. */
int64_t weir_gate_silence(const struct weir_rule *rule);
/* Whether the rule is for people who did not write to us: follow_up, unless_reply, silent_for. */
bool weir_gate_wants_silence(const struct weir_rule *rule);

/* All gates in the order in which they are asked: those without state first. */
const struct weir_gate_kind *const *weir_gate_kinds(size_t *cnt);
const struct weir_gate_kind *weir_gate_kind_find(weir_str name);

/* ---- Actions */

struct weir_action_kind {
  const char *name;
  bool outbound;       /* the platform will see it */
  bool state;          /* it changes the person (tag, stage, set ...) */
  const char *takes;   /* for the reference */
  const char *says;    /* for the reference */
  weir_status (*parse)(struct weir_parse *p, const struct weir_value *value, const void **data);
  /* Makes the action, or several ({ all = ... }), by weir_act_emit. */
  weir_status (*perform)(const struct weir_action_kind *kind, const void *data, struct weir_decide *d, weir_error *err);
};

const struct weir_action_kind *const *weir_action_kinds(size_t *cnt);
const struct weir_action_kind *weir_action_kind_find(weir_str name);

/* One finished action. */
struct weir_act {
  const struct weir_action_kind *kind;
  weir_str text;              /* what is said; may be empty */
  weir_str members;           /* JSON members beside n, kind, rule: "\"to\":\"c1\",\"text\":\"..\"" */
  struct weir_delay delay;    /* all zero: at once */
  bool unless_reply;          /* not when the person writes while it waits */
  bool part;                  /* a further text of an action that was let through ({ all = ... }) */
  const weir_str *via;        /* accounts, "channel/account": the first that may is used; none: the event's own */
  uint32_t via_cnt;
};

/* Lets policy look at the action and then writes it into the decision, or as a timer into the changes, or drops it; the
 * trace says which. What is outbound goes into the ledger, too, unless the engine is dry. When it is dropped, the changes since `changes_before` are taken back: what belongs to an action (a pool
 * slot, a code, a tag) goes with it. */
weir_status weir_act_emit(struct weir_decide *d, const struct weir_act *act, uint32_t changes_before, weir_error *err);
/* When something is due that waits so long from `from_ms` on; chosen by hash where it is a range. The person must have been loaded. */
int64_t weir_decide_due(const struct weir_decide *d, const struct weir_delay *delay, int64_t from_ms);
/* Whether the account at hand counts how often it says the same. */
bool weir_act_minds_repeats(const struct weir_decide *d);
/* Whether the account said this text so often lately that another would be better. */
weir_status weir_act_repeats(struct weir_decide *d, const struct weir_action_kind *kind, weir_str text, bool *repeats, weir_error *err);
/* Adds a timer for the contact at hand. `payload` as in struct weir_timer. */
weir_status weir_act_timer(struct weir_decide *d, enum weir_timer_kind kind, int64_t due_ms, weir_str rule, weir_str payload,
                           weir_error *err);
/* Drops what cannot even be made ("pool wechat is used up for today"): counted and traced like what policy drops. */
void weir_act_drop(struct weir_decide *d, const struct weir_action_kind *kind, const char *reason, uint32_t changes_before);
/* An action with nothing to do (the tag is there already): written nowhere, not counted as dropped, but traced. */
void weir_act_skip(struct weir_decide *d, const struct weir_action_kind *kind, const char *format, ...) WEIR_PRINTF(3, 4);

/* ---- Firing */

/* Where a decision stands, so that a rule which turns out to be unable to keep what it says can be taken back whole. */
struct weir_decide_mark {
  struct weir_policy_tally tally;
  size_t json_len;
  uint32_t change_cnt, action_cnt, waiting_cnt, dropped_cnt, trace_cnt;
};
struct weir_decide_mark weir_decide_here(const struct weir_decide *d);
void weir_decide_back(struct weir_decide *d, const struct weir_decide_mark *mark);

/* Performs the actions of the rule at hand and makes its claims; nothing is claimed when policy dropped every action. For a
 * rule without handler the line that it fired is the caller's to trace, before. Errors leave changes and actions half made:
 * the caller throws the decision away. WEIR_E_LIMIT: more changes than WEIR_CHANGES_MAX. */
weir_status weir_decide_fire(struct weir_decide *d, weir_error *err);

/* Performs the calls of a handler as actions of the rule at hand; weir_decide_fire then makes its claims. Traces that the rule
 * fired, before what came of it. A call that is wrong (unknown field, wrong type) makes the whole handler fail: *failed is
 * set, `bad` gets the message, and nothing was done or traced. */
struct weir_call;
weir_status weir_decide_calls(struct weir_decide *d, const struct weir_call *calls, uint32_t call_cnt, bool *failed, char *bad,
                              size_t bad_cap, weir_error *err);

/* The verbs handlers have: all action names, and "after". */
const weir_str *weir_decide_verbs(uint32_t *cnt);

/* ---- Timers that fell due (their rules go the ordinary way; their actions come here) */

/* Asks policy again for an action that waited, and writes it into the decision. That the timer is done is the caller's to add
 * to the changes, as for rules. */
weir_status weir_decide_timer_action(struct weir_decide *d, const struct weir_timer *timer, weir_error *err);

/* ---- Pools: under which keys the store counts how often a member was given in all, and that it is taken out */

void weir_pool_total_key(weir_str pool, weir_str member, unsigned char key[WEIR_ID_BYTES]);
void weir_pool_out_key(weir_str pool, weir_str member, unsigned char key[WEIR_ID_BYTES]);

/* ---- Segments */

/* Adds the changes that move the person at hand between buckets, as the changes at hand move his counters. To be called last. */
weir_status weir_decide_segments(struct weir_decide *d, weir_error *err);
/* The same for somebody whose counter of a segment went from one value to another. */
weir_status weir_segment_moved(const struct weir_ruleset *rs, uint32_t segment, int64_t before, int64_t after, struct weir_changeset *changes, weir_error *err);
/* Takes a person out of every bucket that he may stand in, whatever rules are loaded: which counters make segments is not asked, since
 * counts that are not there stay so. Room for WEIR_FIELDS_MAX changes is needed. */
void weir_segment_left(const struct weir_person *person, struct weir_changeset *changes);
void weir_segment_key(weir_str by, unsigned char key[WEIR_ID_BYTES]); /* of the buckets of a counter */
int64_t weir_segment_value(const struct weir_person *person, const struct weir_segment *segment);
/* Which layer the person at hand belongs to, from 0; who is not active at all to the last. */
weir_status weir_segment_layer(struct weir_decide *d, const struct weir_segment *segment, uint32_t *layer, weir_error *err);

/* ---- Experiments: what is counted of a rule's variants */

enum weir_variant_count { WEIR_VARIANT_PERSONS = 0, WEIR_VARIANT_SENT, WEIR_VARIANT_REJECTED, WEIR_VARIANT_GOALS };
void weir_variant_key(weir_str rule, weir_str variant, enum weir_variant_count what, unsigned char key[WEIR_ID_BYTES]);
/* The variant that he was given of a rule; NULL: none. */
const struct weir_variant *weir_variant_of(const struct weir_person *person, const struct weir_rule *rule);
/* Counts what became of an action of that rule. */
weir_status weir_variant_outcome(struct weir_changeset *changes, const struct weir_person *person, const struct weir_rule *rule,
                                 enum weir_ledger_status outcome, weir_error *err);

/* ---- Codes */

struct weir_code_found {
  enum weir_code_state state;
  uint64_t person;                  /* OK: whose it is */
  char code[WEIR_CODE_LEN_MAX + 1]; /* OK: as the store has it; else empty */
};

/* The code in a folded text. Looks at runs of letters and digits of a code's length, and at such that spaces, hyphens or dots
 * divide, at most WEIR_CODE_TRIES of them; what was typed for a look-alike is read as that. Of several the first live one
 * counts. State OK: whoever's it is, also his own. A contact or account with too many wrong ones in this hour is LIMITED. */
weir_status weir_decide_find_code(struct weir_decide *d, weir_str folded, struct weir_code_found *out, weir_error *err);
/* Adds the changes that count a wrong code. */
weir_status weir_decide_wrong_code(struct weir_decide *d, weir_error *err);
/* Under which mark it is remembered what became of a code. */
void weir_code_mark(weir_str code, unsigned char key[WEIR_ID_BYTES]);
/* The look of the codes of a ruleset. */
const struct weir_code_spec *weir_code_spec_of(const struct weir_ruleset *ruleset);
/* Reads { alphabet, length, valid } of a pack; reports what is wrong. */
weir_status weir_code_parse(struct weir_parse *p, const struct weir_value *value, struct weir_code_spec *out);

/* Whether the hours of a rule, where it has some, are open at that time of the day. */
bool weir_rule_opens(const struct weir_rule *rule, int32_t wall_ms);

#endif
