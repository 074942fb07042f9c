/* abilities.c: rules whose accounts cannot do what the rules say. A rule runs on the declared accounts that its `channel` and `account`
 * let through and on whose platform there are events of its kinds; where it names channels of which no account is declared, on those.
 * When none of them can, the rule is wrong; when some can, the others drop the action, which is worth a warning. What handlers do is not
 * known before they run. */
#include <stdio.h>

#include "limits.h"
#include "load/load.h"

#define NAME_BYTES (2 * WEIR_ID_MAX + 2)

/* Accounts, or channels, that a rule may run on. */
struct reach {
  uint32_t can, cannot;
  char name[NAME_BYTES]; /* the first that cannot */
};

static bool is_place_gate(const struct weir_gate *gate, bool account_too) {
  return strcmp(gate->kind->name, "channel") == 0 || (account_too && strcmp(gate->kind->name, "account") == 0);
}

/* Whether the rule says on which channels or accounts it runs. */
static bool is_gated(const struct weir_rule *rule) {
  for (uint32_t i = 0; i < rule->static_gate_cnt; i++)
    if (is_place_gate(&rule->gates[i], true)) return true;
  return false;
}

/* `account` empty: what `account` says of a channel's accounts is left open. */
static bool gates_pass(const struct weir_rule *rule, weir_str channel, weir_str account) {
  weir_event event = { .channel = channel, .account = account };
  struct weir_decide d = { .event = &event, .contact = { channel, account, { NULL, 0 } } };
  for (uint32_t i = 0; i < rule->static_gate_cnt; i++) {
    const struct weir_gate *gate = &rule->gates[i];
    if (is_place_gate(gate, account.len > 0) && gate->kind->ask(gate->data, &d, NULL) != WEIR_GATE_PASS) return false;
  }
  return true;
}

/* Whether there are events on the platform that the rule is for. A timer may have been set by any. */
static bool has_events(const struct weir_rule *rule, const struct weir_terms *terms) {
  const uint32_t anywhere = UINT32_C(1) << WEIR_EVENT_TIMER | UINT32_C(1) << WEIR_EVENT_OWN;
  return terms->events == 0 || (rule->kinds & (terms->events | anywhere)) != 0;
}

bool weir_load_runs_on(const struct weir_rule *rule, const struct weir_account *account) {
  return account->terms && has_events(rule, account->terms) && gates_pass(rule, account->channel, account->account);
}

static void count(struct reach *reach, const struct weir_terms *terms, weir_str action, weir_str channel, weir_str account) {
  if (weir_policy_able(terms, action)) {
    reach->can++;
    return;
  }
  if (reach->cannot++ == 0) (void)snprintf(reach->name, sizeof reach->name, "%.*s%s%.*s", WEIR_FMT(channel), account.len ? "/" : "", WEIR_FMT(account));
}

static void reach_of(const struct weir_ruleset *rs, const struct weir_rule *rule, weir_str action, struct reach *reach) {
  weir_str none = { NULL, 0 };
  bool gated = is_gated(rule);
  for (uint32_t i = 0; i < rs->account_cnt; i++) {
    const struct weir_account *a = &rs->accounts[i];
    if (weir_load_runs_on(rule, a)) count(reach, a->terms, action, a->channel, a->account);
  }
  /* accounts that nobody declared: a rule that does not say where it runs, runs on them too */
  if (gated ? reach->can + reach->cannot > 0 : reach->can > 0 || reach->cannot == 0) return;
  for (uint32_t i = 0; i < rs->channel_cnt; i++) {
    const struct weir_terms *t = &rs->channels[i];
    if (memchr(t->name.ptr, ':', t->name.len) || !has_events(rule, t) || !gates_pass(rule, t->name, none)) continue;
    if (gated || weir_policy_able(t, action)) count(reach, t, action, t->name, none);
  }
}

/* The accounts that an action names itself. false: it names none. */
static bool reach_of_via(const struct weir_ruleset *rs, const struct weir_value *action, weir_str kind, struct reach *reach) {
  const struct weir_value *via = weir_value_get(action, "via");
  const struct weir_value *items = via;
  uint32_t cnt = 1;
  if (!via) return false;
  if (via->kind == WEIR_VALUE_TABLE) {
    items = via->u.t->list;
    cnt = via->u.t->list_cnt;
  }
  for (uint32_t i = 0; i < cnt; i++) {
    for (uint32_t k = 0; k < rs->account_cnt && items[i].kind == WEIR_VALUE_STR; k++) {
      const struct weir_account *a = &rs->accounts[k];
      char name[NAME_BYTES];
      int n = snprintf(name, sizeof name, "%.*s/%.*s", WEIR_FMT(a->channel), WEIR_FMT(a->account));
      if (n > 0 && weir_str_eq(items[i].u.s, weir_str_of(name))) count(reach, a->terms, kind, a->channel, a->account);
    }
  }
  return true;
}

static void check_action(struct weir_load *load, const struct weir_decl *decl, const struct weir_rule *rule, const struct weir_action_kind *kind) {
  struct reach reach = { 0, 0, { 0 } };
  const struct weir_value *value = weir_value_get(&decl->body, kind->name);
  if (!value) return;
  if (!reach_of_via(load->ruleset, value, weir_str_of(kind->name), &reach)) reach_of(load->ruleset, rule, weir_str_of(kind->name), &reach);
  if (reach.cannot == 0) return;
  struct weir_place place = weir_load_place(load, decl, kind->name);
  if (reach.can == 0)
    weir_load_error(load, &place, "`%s`: no account that this rule runs on can do that: on %s it is \"none\"", kind->name, reach.name);
  else
    weir_load_warning(load, &place, "`%s`: %s cannot do that (\"none\"): there the action is dropped", kind->name, reach.name);
}

/* ---- accounts that nobody declared, where others of their channel are: probably misspelled */

static bool same_channel(weir_str a, weir_str b) {
  const char *x = memchr(a.ptr, '/', a.len), *y = memchr(b.ptr, '/', b.len);
  return x && y && x - a.ptr == y - b.ptr && memcmp(a.ptr, b.ptr, (size_t)(x - a.ptr)) == 0;
}

static void check_name(struct weir_load *load, const struct weir_decl *rule, weir_str name) {
  bool any = false;
  weir_str near = { NULL, 0 };
  if (!name.len || memchr(name.ptr, '*', name.len)) return;
  for (const struct weir_decl *d = load->decls[WEIR_DECL_ACCOUNT].first; d; d = d->next) {
    if (weir_str_eq(d->name, name)) return;
    if (!d->name.len || !same_channel(d->name, name)) continue;
    any = true;
    if (!near.len) near = weir_nearest(name, &d->name, 1);
  }
  if (!any) return;
  struct weir_place place = weir_load_place(load, rule, "account");
  if (near.len)
    weir_load_warning(load, &place, "`account`: no account \"%.*s\" is declared; did you mean \"%.*s\"?", WEIR_FMT(name), WEIR_FMT(near));
  else
    weir_load_warning(load, &place, "`account`: no account \"%.*s\" is declared, and others of its channel are", WEIR_FMT(name));
}

static void check_account(struct weir_load *load, const struct weir_decl *rule) {
  const struct weir_value *value = weir_value_get(&rule->body, "account");
  if (value && value->kind == WEIR_VALUE_STR) check_name(load, rule, value->u.s);
  for (uint32_t i = 0; value && value->kind == WEIR_VALUE_TABLE && i < value->u.t->list_cnt; i++)
    if (value->u.t->list[i].kind == WEIR_VALUE_STR) check_name(load, rule, value->u.t->list[i].u.s);
}

weir_status weir_load_check_abilities(struct weir_load *load) {
  for (uint32_t i = 0; i < load->ruleset->rule_cnt; i++) {
    const struct weir_rule *rule = &load->ruleset->rules[i];
    check_account(load, load->order[i]);
    for (uint32_t k = 0; k < rule->action_cnt; k++) {
      if (rule->enabled && rule->actions[k].kind->outbound) check_action(load, load->order[i], rule, rule->actions[k].kind);
    }
  }
  return load->fatal.status;
}
