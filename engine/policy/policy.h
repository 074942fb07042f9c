/* policy/: what may go out, whoever decided it. Uses state/, model/, text/ and base/. Every action passes here after it was
 * made and before it is written down; the answer is go or drop with a reason, and says nothing about rules.
 *
 * The order of the checks is the order of this list, so that the reason is always the first that applies:
 *   ability       the account is declared not to be able to (account "x/y" { follow = "none" })
 *   opt-out       the person does not want to hear from us; one word of the rule that opts him out, or in again, may pass
 *   take-over     a human is talking to him
 *                 (both let `hide` and `remark` pass: they are about him, not to him)
 *   once an event one reply and one message an event; the parts of one { all = ... } are one
 *   count         WEIR_ACTIONS_MAX actions a decision
 *   length        WEIR_TEXT_OUT_MAX bytes
 *   contact info  the host's own check */
#ifndef WEIR_POLICY_POLICY_H
#define WEIR_POLICY_POLICY_H

#include "model/person.h"
#include "model/ruleset.h"

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
  bool opted_out;                   /* he is opted out, or was by this very decision */
  bool part;                        /* a further text of a reply or message that was let through ({ all = ... }) */
  int64_t now_ms;
  weir_str text;                    /* what would be said; may be empty */
};

/* NULL: it may go out, and the tally has counted it. Otherwise the reason, a constant such as "opted out". */
const char *weir_policy_check(const struct weir_policy_ask *ask, struct weir_policy_tally *tally);

/* Whether the event is our own doing: an echo, or written by the account itself. Rules never see those. */
bool weir_policy_is_own(const weir_event *event, enum weir_event_kind kind);

/* Text a user wrote, made safe to repeat: at most WEIR_USER_TEXT_MAX code points, control and bidi characters removed, white
 * space runs to one space, and where `is_public` everything that looks like a URL taken out. Writes to out[0..cap), returns
 * the bytes; cap of WEIR_USER_TEXT_MAX * 4 always suffices. Input must be valid UTF-8. */
size_t weir_policy_user_text(weir_str text, bool is_public, char *out, size_t cap);

/* Text a script made, which may contain what a user wrote: control and bidi characters are removed (line ends stay), and where
 * `is_public` every URL that also stands in one of `said`, the texts of the user. Shop's own links stay. Writes to
 * out[0..cap), never more than text.len bytes; returns the bytes. */
size_t weir_policy_script_text(weir_str text, bool is_public, const weir_str *said, size_t said_cnt, char *out, size_t cap);

#endif
