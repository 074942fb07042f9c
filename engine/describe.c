/* describe.c: what a ruleset, and weir itself, tell of themselves to programs that show, test or complete rules. */
#include "engine.h"
#include "load/load.h"
#include "script/script.h"

/* ---- words */

static weir_word_info word(const char *name, const char *takes, const char *says) {
  return (weir_word_info){ weir_str_of(name), weir_str_of(takes), weir_str_of(says) };
}

/* The loader's own words. */
static bool key(enum weir_load_key_table table, size_t index, weir_word_info *out) {
  size_t cnt;
  const struct weir_load_key *keys = weir_load_keys(table, &cnt);
  if (index < cnt) *out = word(keys[index].name, keys[index].takes, keys[index].says);
  return index < cnt;
}

/* Accounts and channels: their own, then what both have. */
static bool key_of_both(enum weir_load_key_table own, size_t index, weir_word_info *out) {
  size_t cnt;
  (void)weir_load_keys(own, &cnt);
  return index < cnt ? key(own, index, out) : key(WEIR_LOAD_KEYS_TERMS, index - cnt, out);
}

static bool gate(size_t index, weir_word_info *out) {
  size_t cnt;
  const struct weir_gate_kind *const *kinds = weir_gate_kinds(&cnt);
  if (index < cnt) *out = word(kinds[index]->name, kinds[index]->takes, kinds[index]->says);
  return index < cnt;
}

static bool action(size_t index, weir_word_info *out) {
  size_t cnt;
  const struct weir_action_kind *const *kinds = weir_action_kinds(&cnt);
  if (index < cnt) *out = word(kinds[index]->name, kinds[index]->takes, kinds[index]->says);
  return index < cnt;
}

static bool event(size_t index, weir_word_info *out) {
  size_t cnt;
  const weir_str *names = weir_event_kind_names(&cnt);
  if (index < cnt) *out = (weir_word_info){ names[index], { NULL, 0 }, weir_str_of(weir_event_kind_says(names[index])) };
  return index < cnt;
}

static bool field(size_t index, weir_word_info *out) {
  const char *name, *is, *says;
  if (!weir_script_field(index, &name, &is, &says)) return false;
  *out = word(name, is, says);
  return true;
}

bool weir_word(weir_word_sort sort, size_t index, weir_word_info *out) {
  if (!out) return false;
  *out = (weir_word_info){ { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
  switch (sort) {
    case WEIR_WORD_GATE: return gate(index, out);
    case WEIR_WORD_ACTION: return action(index, out);
    case WEIR_WORD_EVENT: return event(index, out);
    case WEIR_WORD_DECLARATION: return key(WEIR_LOAD_KEYS_DECLARATION, index, out);
    case WEIR_WORD_RULE: return key(WEIR_LOAD_KEYS_RULE, index, out);
    case WEIR_WORD_PACK: return key(WEIR_LOAD_KEYS_PACK, index, out);
    case WEIR_WORD_ACCOUNT: return key_of_both(WEIR_LOAD_KEYS_ACCOUNT, index, out);
    case WEIR_WORD_CHANNEL: return key_of_both(WEIR_LOAD_KEYS_CHANNEL, index, out);
    case WEIR_WORD_FUNNEL: return key(WEIR_LOAD_KEYS_FUNNEL, index, out);
    case WEIR_WORD_POOL: return key(WEIR_LOAD_KEYS_POOL, index, out);
    case WEIR_WORD_COUPON: return key(WEIR_LOAD_KEYS_COUPON, index, out);
    case WEIR_WORD_SEGMENT: return key(WEIR_LOAD_KEYS_SEGMENT, index, out);
    case WEIR_WORD_HANDLER: return field(index, out);
  }
  return false;
}

/* ---- a ruleset */

weir_str weir_ruleset_timezone(const weir_ruleset *ruleset) {
  for (uint32_t i = 0; ruleset && i < ruleset->pack_cnt; i++) {
    if (ruleset->packs[i].zone) return ruleset->packs[i].zone->name;
  }
  return (weir_str){ NULL, 0 };
}

/* The type of event on which the rule is tried: a text if it listens to any. */
static weir_str type_of(const struct weir_rule *rule) {
  for (int kind = 0; kind < WEIR_EVENT_KINDS; kind++) {
    if (!(rule->kinds & UINT32_C(1) << kind)) continue;
    if (kind == WEIR_EVENT_OWN && rule->own_kind_cnt) return rule->own_kinds[0];
    return weir_event_kind_name((enum weir_event_kind)kind);
  }
  return (weir_str){ NULL, 0 };
}

static bool account_fits(const weir_ruleset *rs, const struct weir_rule *rule, const struct weir_account *account, weir_str type) {
  weir_event event = { .struct_size = sizeof event, .channel = account->channel, .account = account->account, .type = type };
  struct weir_decide d = { .ruleset = rs, .rule = rule, .event = &event, .contact = { account->channel, account->account, { NULL, 0 } } };
  for (uint32_t i = 0; i < rule->static_gate_cnt; i++) {
    const struct weir_gate_kind *kind = rule->gates[i].kind;
    bool about = strcmp(kind->name, "account") == 0 || strcmp(kind->name, "channel") == 0;
    if (about && kind->ask(rule->gates[i].data, &d, NULL) != WEIR_GATE_PASS) return false;
  }
  return true;
}

bool weir_ruleset_example(const weir_ruleset *ruleset, size_t rule, size_t index, weir_example *out) {
  if (!out) return false;
  *out = (weir_example){ .yes = false };
  if (!ruleset || rule >= ruleset->rule_cnt) return false;
  const struct weir_rule *r = &ruleset->rules[rule];
  if (index >= (size_t)r->yes_cnt + r->no_cnt) return false;
  out->yes = index < r->yes_cnt;
  out->text = out->yes ? r->yes[index] : r->no[index - r->yes_cnt];
  out->type = type_of(r);
  for (uint32_t i = 0; i < r->gate_cnt; i++) out->needs_past |= r->gates[i].kind->needs_past;
  for (uint32_t i = 0; i < ruleset->account_cnt; i++) {
    if (!account_fits(ruleset, r, &ruleset->accounts[i], out->type)) continue;
    out->channel = ruleset->accounts[i].channel;
    out->account = ruleset->accounts[i].account;
    break;
  }
  return true;
}
