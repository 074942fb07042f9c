/* ability.c: what an account can do at all. */
#include "policy/policy.h"

const struct weir_terms *weir_policy_terms(const struct weir_ruleset *ruleset, weir_str channel, weir_str account) {
  for (uint32_t i = 0; i < ruleset->account_cnt; i++) {
    const struct weir_account *a = &ruleset->accounts[i];
    if (a->terms && weir_str_eq(a->account, account) && weir_str_eq(a->channel, channel)) return a->terms;
  }
  for (uint32_t i = 0; i < ruleset->channel_cnt; i++) {
    if (weir_str_eq(ruleset->channels[i].name, channel)) return &ruleset->channels[i];
  }
  return NULL;
}

bool weir_policy_able(const struct weir_terms *terms, weir_str kind) {
  for (uint32_t i = 0; terms && i < terms->ability_cnt; i++) {
    const struct weir_member *ability = &terms->abilities[i];
    if (weir_str_eq(ability->key, kind)) return !weir_str_eq(ability->value.u.s, WEIR_STR("none"));
  }
  return true;
}
