/* policy/: what may go out, whoever decided it. Uses state/, model/, text/ and base/. Every action passes here after it was
 * made and before it is written down; the answer is go, wait until a time, or drop, with a reason, and says nothing about rules.
 * Reads the store; what an action uses up comes back as changes, for the caller to add when it goes.
 *
 * The order of the checks is the order of this list, so that the reason is always the first that applies:
 *   ability       the account cannot do this: it says so, or its channel does (ability.c)
 *   opt-out       the person does not want to hear from us; one word of the rule that opts him out, or in again, may pass
 *   take-over     a human is talking to him
 *                 (both let `hide` and `remark` pass: they are about him, not to him)
 *   once an event one reply and one message an event; the parts of one { all = ... } are one
 *   count         WEIR_ACTIONS_MAX actions a decision
 *   length        WEIR_TEXT_OUT_MAX bytes, and the platform's own limit in its own unit (text_limit.c)
 *   contact info  the host's own check
 *
 * and, when it would go out now, not while it waits (weir_policy_limits):
 *   window        a message or file to somebody who was silent for too long (window.c); a push, where the platform has such
 *   unasked       messages that nobody asked for, a person and 24 hours (quota.c)
 *   quotas        of account, contact, post, trigger or text (quota.c); over one of them an action waits for its turn
 *   spacing       the pause between two actions of one account (quota.c)
 *
 * Unasked is a message, file or invitation that a timer sends, unless it answers an event: it was made for one, and was to wait for no
 * longer than WEIR_ANSWER_MS. An answer that had to wait longer for its quota stays an answer.
 *
 * No window and no quota is ever exceeded, as long as the clock is not set back by more than a sixth of it: see model/meter.h. */
#ifndef WEIR_POLICY_POLICY_H
#define WEIR_POLICY_POLICY_H

#include "model/changeset.h"
#include "model/person.h"
#include "model/ruleset.h"
#include "state/store.h"
#include "limits.h"

/* What was let through so far for the event at hand. */
struct weir_policy_tally {
  uint32_t actions, replies, messages;
};

struct weir_policy_ask {
  const struct weir_ruleset *ruleset;
  const weir_config *config;        /* the contact-info hook */
  const struct weir_person *person; /* as before the event */
  weir_str channel, account;
  weir_str kind;                    /* action kind */
  bool outbound;                    /* the platform will see it; inner actions (tag, stage ...) pass all but the count */
  bool opting_out;                  /* the rule at hand opts the person out, or in: one reply or message of it confirms that, and nothing else goes */
  bool opted_out;                   /* he is opted out there, or was by this very decision */
  bool part;                        /* a further text of a reply or message that was let through ({ all = ... }) */
  int64_t now_ms;
  weir_str text;                    /* what would be said; may be empty */

  /* for weir_policy_limits only */
  struct weir_store *store;
  const struct weir_changeset *changes; /* of the decision so far: what they use up counts */
  weir_str contact;                 /* id, as the account knows him */
  weir_str trigger, post;           /* the event that all this goes back to, and its post; may be empty */
  uint64_t seed;                    /* of jitter */
  bool unasked;
  uint32_t unasked_max;             /* a person and 24 hours */
  bool reserved;                    /* it waited for its place behind the account's other actions, and this is it */
  int64_t until_ms;                 /* it waits no longer than that; 0: as long as the quota says */
};

/* NULL: it may go out, and the tally has counted it. Otherwise the reason, a constant such as "opted out". */
const char *weir_policy_check(const struct weir_policy_ask *ask, struct weir_policy_tally *tally);


enum weir_policy_answer { WEIR_POLICY_GO = 0, WEIR_POLICY_WAIT, WEIR_POLICY_DROP };

struct weir_policy_limits {
  enum weir_policy_answer answer;
  const char *reason;      /* WAIT, DROP; lives as long as the ruleset */
  weir_str which;          /* the quota: "40 in 1h per account"; may be empty */
  int64_t due_ms;          /* WAIT: when to ask again */
  int64_t until_ms;        /* WAIT: when to give up */
  bool reserved;           /* WAIT: its place is taken; say so when asking again */
  struct weir_change changes[WEIR_POLICY_METERS_MAX]; /* GO: what it uses up; WAIT: the place it took */
  uint32_t change_cnt;
};

/* Whether an outbound action that passed weir_policy_check may go out now. Errors: those of the store. */
weir_status weir_policy_limits(const struct weir_policy_ask *ask, struct weir_policy_limits *out, weir_error *err);

/* Whether this text went to so many people already that another would be better. */
weir_status weir_policy_repeats(const struct weir_policy_ask *ask, bool *repeats, weir_error *err);

/* Tells for each declared account how much of each quota of its own (not those per contact, post ...) is used. */
weir_status weir_policy_each_use(const struct weir_ruleset *rs, struct weir_store *store, int64_t now_ms,
                                 void (*tell)(void *ctx, const struct weir_account *account, const struct weir_quota *quota, uint64_t used), void *ctx,
                                 weir_error *err);

/* Tells the windows that are open for a contact, but those of single events: until when, and how often each was used. */
weir_status weir_policy_each_window(const struct weir_ruleset *rs, struct weir_store *store, const struct weir_contact *contact, int64_t now_ms,
                                    void (*tell)(void *ctx, const struct weir_contact *contact, const struct weir_window *window, int64_t until_ms, uint64_t used),
                                    void *ctx, weir_error *err);

/* The windows that an event opens: one change for each. Those per trigger come last; *lasting says how many are not. Their keys are hashes,
 * dear beside an event that comes to nothing: without `keyed` they stay empty, and another call with the same event fills them in. */
uint32_t weir_policy_opens(const struct weir_ruleset *ruleset, const weir_event *event, enum weir_event_kind kind, int64_t now_ms,
                           bool keyed, struct weir_change out[WEIR_POLICY_OPENS_MAX], uint32_t *lasting);

/* What an action used up, for its ledger entry: weir_meter_taken reads it. Returns the bytes. */
#define WEIR_POLICY_TAKEN_BYTES (WEIR_POLICY_METERS_MAX * 40)
size_t weir_policy_taken(const struct weir_policy_limits *limits, char out[WEIR_POLICY_TAKEN_BYTES]);

/* The terms of an account: its own, those of its channel, or NULL: nothing is known of either. */
const struct weir_terms *weir_policy_terms(const struct weir_ruleset *ruleset, weir_str channel, weir_str account);
/* Whether terms let an account do something. */
bool weir_policy_able(const struct weir_terms *terms, weir_str kind);
/* How long a text is in a platform's unit. */
size_t weir_policy_text_units(weir_str text, enum weir_unit unit);

/* Whether the event is our own doing: an echo, or written by the account itself. Rules never see those. */
bool weir_policy_is_own(const weir_event *event, enum weir_event_kind kind);

/* Text a user wrote, made safe to repeat: at most WEIR_USER_TEXT_MAX code points, control and bidi characters removed, white
 * space runs to one space, and where `is_public` everything that looks like a URL taken out. Writes to out[0..cap), returns
 * the bytes; cap of WEIR_USER_TEXT_MAX * 4 always suffices. Input must be valid UTF-8. */
size_t weir_policy_user_text(weir_str text, bool is_public, char *out, size_t cap);

/* A display name, as it is remembered and shown to handlers: control and bidi characters removed, white space runs to one space. Writes
 * to out[0..cap), never more than name.len bytes; returns the bytes. Input must be valid UTF-8. */
size_t weir_policy_user_name(weir_str name, char *out, size_t cap);

/* Text a script made, which may contain what a user wrote: control and bidi characters are removed (line ends stay), and where
 * `is_public` every URL that also stands in one of `said`, the texts of the user. Shop's own links stay. Writes to
 * out[0..cap), never more than text.len bytes; returns the bytes. */
size_t weir_policy_script_text(weir_str text, bool is_public, const weir_str *said, size_t said_cnt, char *out, size_t cap);

#endif
