/* policy.c: the checks every action passes, in the order of policy.h.
 *
 * Reasons are constants: they are counted by name and shown to people. Nothing here looks at the rule that made an action:
 * what may go out does not depend on who wants it. */
#include "policy/policy.h"

#include "limits.h"

static bool is(weir_str s, const char *word) { return weir_str_eq(s, weir_str_of(word)); }

/* Several packs may declare the same account: one that says "none" is enough. */
static bool able(const struct weir_policy_ask *ask, const struct weir_terms *terms) {
  if (!weir_policy_able(terms, ask->kind)) return false;
  for (uint32_t i = 0; i < ask->ruleset->account_cnt; i++) {
    const struct weir_account *account = &ask->ruleset->accounts[i];
    if (!weir_str_eq(account->channel, ask->channel) || !weir_str_eq(account->account, ask->account)) continue;
    for (uint32_t k = 0; k < account->ability_cnt; k++) {
      const struct weir_member *ability = &account->abilities[k];
      if (!weir_str_eq(ability->key, ask->kind) || ability->value.kind != WEIR_VALUE_STR) continue;
      if (is(ability->value.u.s, "none")) return false;
    }
  }
  return true;
}

/* Done about him, where he does not see it: hiding an insult must work on somebody who opted out. */
static bool unseen(weir_str kind) { return is(kind, "hide") || is(kind, "remark"); }

/* The reason why an outbound action may not go, before counts and texts are looked at. */
static const char *check_person(const struct weir_policy_ask *ask, const struct weir_policy_tally *tally) {
  if (unseen(ask->kind)) return NULL;
  bool says = is(ask->kind, "reply") || is(ask->kind, "message"), out = ask->opted_out || ask->person->opted_out;
  if (ask->opting_out && !says) return "the person opts out";
  if (ask->opting_out && tally->replies + tally->messages > 0) return "one confirmation is enough";
  if (out && !ask->opting_out) return "opted out";
  if (ask->person->handoff_until_ms > ask->now_ms) return "human took over";
  return NULL;
}

static bool too_long(const struct weir_policy_ask *ask, const struct weir_terms *terms) {
  for (uint32_t i = 0; terms && i < terms->text_cnt; i++) {
    const struct weir_text_limit *limit = &terms->texts[i];
    if (weir_str_eq(limit->action, ask->kind) && weir_policy_text_units(ask->text, limit->unit) > limit->max) return true;
  }
  return false;
}

static bool host_refuses(const struct weir_policy_ask *ask) {
  const weir_config *config = ask->config;
  if (ask->text.len == 0 || !config || !config->contact_info_allowed) return false;
  return !config->contact_info_allowed(config->contact_info_ctx, ask->channel, ask->account, ask->kind, ask->text);
}

const char *weir_policy_check(const struct weir_policy_ask *ask, struct weir_policy_tally *tally) {
  bool reply = is(ask->kind, "reply"), message = is(ask->kind, "message");
  const struct weir_terms *terms = ask->outbound ? weir_policy_terms(ask->ruleset, ask->channel, ask->account) : NULL;
  if (ask->outbound) {
    if (!able(ask, terms)) return "account cannot do this";
    const char *reason = check_person(ask, tally);
    if (reason) return reason;
    if (reply && tally->replies > 0 && !ask->part) return "one reply an event";
    if (message && tally->messages > 0 && !ask->part) return "one message an event";
  }
  if (tally->actions >= WEIR_ACTIONS_MAX) return "too many actions";
  if (ask->outbound) {
    if (ask->text.len > WEIR_TEXT_OUT_MAX) return "text too long";
    if (too_long(ask, terms)) return "text too long for the platform";
    if (host_refuses(ask)) return "contact info";
  }
  tally->actions++;
  if (reply) tally->replies++;
  if (message) tally->messages++;
  return NULL;
}

bool weir_policy_is_own(const weir_event *event, enum weir_event_kind kind) {
  if (kind == WEIR_EVENT_ECHO) return true;
  return event->contact_id.len > 0 && weir_str_eq(event->contact_id, event->account);
}
