/* changeset.h: all that one decision changes. The rooms that decide never write state: they build one of these, and the
 * store applies it, all or nothing. So every store behaves alike, a dry run is a changeset thrown away, and a failure
 * leaves nothing behind. */
#ifndef WEIR_MODEL_CHANGESET_H
#define WEIR_MODEL_CHANGESET_H

#include "model/person.h"

enum weir_change_kind {
  WEIR_CHANGE_SEEN = 1, /* the contact was here: makes the person when nobody is known; name = display name (may be empty), at_ms = time */
  WEIR_CHANGE_JOIN,     /* the contact is the same human as person `number` */
  WEIR_CHANGE_TAG,      /* name */
  WEIR_CHANGE_UNTAG,    /* name */
  WEIR_CHANGE_FIELD,    /* name, value; an empty value removes the field */
  WEIR_CHANGE_COUNTER,  /* name, number is added; a field that holds no integer counts as 0 */
  WEIR_CHANGE_STAGE,    /* name = "pack/funnel", value = stage, at_ms = entry time; standing in that stage already changes nothing */
  WEIR_CHANGE_UNSTAGE,  /* name = "pack/funnel" */
  WEIR_CHANGE_CLAIM,    /* key, until_ms, origin: the claim is held until then (made anew or prolonged) */
  WEIR_CHANGE_UNCLAIM,  /* key */
  WEIR_CHANGE_POOL,     /* name = "pack/pool", value = member, number = day: he has that member from now on; one of the day's slots is used */
  WEIR_CHANGE_CODE,     /* value = code, until_ms: it leads to this person; an older one of his ends */
  WEIR_CHANGE_CODE_USED,/* value = code */
  WEIR_CHANGE_TIMER,    /* `timer` */
  WEIR_CHANGE_TIMER_DONE, /* number = timer id */
  WEIR_CHANGE_OPT_OUT,  /* value empty: everywhere; "channel": on the contact's channel only */
  WEIR_CHANGE_OPT_IN,
  WEIR_CHANGE_HANDOFF,  /* until_ms; 0 hands back */
  WEIR_CHANGE_DEDUPE,   /* key = the event's identity, value = the decision's id (may be empty), at_ms, until_ms */
  WEIR_CHANGE_LEDGER,   /* `ledger` */
  WEIR_CHANGE_LEDGER_STATUS, /* key, number = its status from now on, until_ms prolongs it; number 0 takes the entry out */
  WEIR_CHANGE_UNCLAIM_ORIGIN, /* key = origin: every claim of his that was made with it ends */
  WEIR_CHANGE_SAID,     /* at_ms: he wrote to us; later than before counts */
  WEIR_CHANGE_ROUND,    /* key = whose, at_ms = when its next step is due, until_ms = of which round (0: none is under way), number = the person it has come to */
  WEIR_CHANGE_COUNT,      /* name = whose ("pack/rule"), value = what, number = day (from 1970): it happened once more on that day */
  WEIR_CHANGE_METER,      /* key, at_ms, number = width of a slot (model/meter.h), until_ms: one use more */
  WEIR_CHANGE_METER_BACK, /* key, at_ms, number: the use made then, in a slot of that width, does not count after all */
  WEIR_CHANGE_METER_OPEN, /* key, at_ms, until_ms: opened then; uses count from 0 again, unless it was opened later already */
  WEIR_CHANGE_PART,     /* the contact turns out to be another human than the person's other contacts; at_ms */
  WEIR_CHANGE_TOTAL,    /* key, number is added, until_ms: the shop's own count, kept until then (made anew when its time was over) */
  WEIR_CHANGE_INVITED   /* he was invited by whoever stands behind the contact `inviter`, at_ms */
};

enum weir_timer_kind {
  WEIR_TIMER_ACTION = 1, /* payload: the action as a JSON object without "n", perhaps with a head (decide/act.c) */
  WEIR_TIMER_RULE,       /* rule: the rule to run, which has on = "timer" */
  WEIR_TIMER_RETRY,      /* the action `occurrence` of decision `origin` is tried again: its entry in the ledger says how */
  WEIR_TIMER_ECHO        /* whether somebody wrote in our name: payload is the platform's id of what was said */
};

struct weir_timer {
  uint64_t id;                 /* given by the store, from 1, in the order of applying; 0 in a changeset */
  enum weir_timer_kind kind;
  int64_t due_ms;
  int64_t set_ms;              /* when it was set, first */
  bool unless_reply;           /* an action that does not go out when he has written since; of rules their gates say that */
  struct weir_contact contact; /* whom it is for, as the account saw him */
  weir_str rule;               /* "pack/rule": the rule that set it, or the one to run */
  weir_str origin;             /* id of the decision that set it */
  weir_str cause;              /* that decision's cause: the event's id */
  weir_str post;               /* of the event that set it; may be empty */
  uint32_t occurrence;         /* which of the timers of that decision: from 1 */
  weir_str payload;
};

/* The ledger: what became of the outbound actions of each decision. An entry is made with the decision, learns from outcomes,
 * and is forgotten after WEIR_LEDGER_MS. */
enum weir_ledger_status {
  WEIR_LEDGER_WAITING = 1, /* not out yet: a timer waits for it, and no outcome can name it */
  WEIR_LEDGER_OPEN,        /* went out; nothing was heard of it */
  WEIR_LEDGER_RETRYING,    /* rejected for now: a timer will try it again, as a new decision */
  WEIR_LEDGER_UNCONFIRMED, /* nobody knows: it is taken for sent, and never sent again by itself */
  WEIR_LEDGER_REJECTED,    /* for good, or tried again under another decision */
  WEIR_LEDGER_SENT
};

struct weir_ledger_entry {
  unsigned char key[WEIR_ID_BYTES];    /* as of weir_ledger_key */
  unsigned char origin[WEIR_ID_BYTES]; /* as of weir_ledger_origin: the rule's claims of that decision hang on it */
  struct weir_contact contact;
  weir_str decision; /* id; at most WEIR_ID_CHARS */
  uint32_t n;        /* of the action in it; WAITING: the timer's occurrence */
  weir_str rule, cause, post;
  weir_str payload;  /* as a timer would have it; WAITING: empty, the timer has it */
  weir_str taken;    /* what it used up of windows and quotas, as of weir_meter_taken */
  uint32_t attempt;  /* from 1 */
  enum weir_ledger_status status;
  int64_t until_ms;
};

/* Of action `n` of a decision, or of the action that waits as timer `n` of it. */
static inline void weir_ledger_key(weir_str decision, uint32_t n, bool waiting, unsigned char key[WEIR_ID_BYTES]) {
  const char number[] = { (char)(n & 0xff), (char)(n >> 8 & 0xff), (char)(n >> 16 & 0xff), (char)(n >> 24 & 0xff) };
  const weir_str parts[] = { decision, { number, sizeof number } };
  weir_id_hash(waiting ? WEIR_STR("weir ledger: waits") : WEIR_STR("weir ledger"), parts, 2, key);
}
/* Of all that a rule did for one event, retries and what waited included. `decision` is the first one's id. */
static inline void weir_ledger_origin(weir_str decision, const unsigned char rule_id[WEIR_ID_BYTES], unsigned char origin[WEIR_ID_BYTES]) {
  const weir_str parts[] = { decision, { (const char *)rule_id, WEIR_ID_BYTES } };
  weir_id_hash(WEIR_STR("weir origin"), parts, 2, origin);
}

struct weir_change {
  enum weir_change_kind kind;
  weir_str name, value;
  int64_t number, at_ms, until_ms;
  unsigned char key[WEIR_ID_BYTES];
  unsigned char origin[WEIR_ID_BYTES]; /* all zero: none */
  const struct weir_timer *timer;
  const struct weir_ledger_entry *ledger;
  const struct weir_contact *inviter;
};

struct weir_changeset {
  struct weir_contact contact; /* whom it is about; the changes are applied in order, to his person */
  int64_t now_ms;
  struct weir_change *items;
  uint32_t cnt, cap;
};

#endif
