/* follow_up.h: what rules say about funnels, for the loader: which stages they lead to, and what they do about who stays in one. */
#ifndef WEIR_DECIDE_FOLLOW_UP_H
#define WEIR_DECIDE_FOLLOW_UP_H

#include "model/ruleset.h"

struct weir_decide;

struct weir_follow_up {
  const struct weir_funnel *funnel;
  uint32_t stage;
  struct weir_delay delay;
  bool unless_reply;
};

/* What a rule follows up; NULL: nothing. */
const struct weir_follow_up *weir_rule_follow_up(const struct weir_rule *rule);
/* Whether what the rule at hand, which follows up, decided at `set_ms` still concerns the person: he stands where he stood, or where this rule put him. */
bool weir_follow_up_stands(const struct weir_decide *d, int64_t set_ms);
/* The stage that an action leads to; NULL: it is no `stage`. */
const struct weir_funnel *weir_action_leads_to(const struct weir_action_def *action, uint32_t *stage);
/* Whether an action of the rule, or of one of its variants, leads to that stage. */
bool weir_rule_leads_to(const struct weir_rule *rule, const struct weir_funnel *funnel, uint32_t stage);
/* Whether the rule may fire for who stands in that stage, as far as its gates about stages say; WEIR_NO_INDEX: in none of the funnel. */
bool weir_rule_lets_stand(const struct weir_rule *rule, const struct weir_funnel *funnel, uint32_t stage);

#endif
