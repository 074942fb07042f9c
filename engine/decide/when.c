/* when.c: the clock of the person, and what the gates hours and weekdays of the rule at hand say about a moment. */
#include "decide/when.h"

#include "decide/gates.h"

static const struct weir_zone *zone_named(const struct weir_ruleset *ruleset, weir_str name) {
  for (uint32_t i = 0; i < ruleset->zone_cnt; i++) {
    if (weir_str_eq(ruleset->zones[i]->name, name)) return ruleset->zones[i];
  }
  return NULL;
}

static const struct weir_zone *of_account(const struct weir_decide *d) {
  for (uint32_t i = 0; i < d->ruleset->account_cnt; i++) {
    const struct weir_account *account = &d->ruleset->accounts[i];
    if (account->zone && weir_str_eq(account->account, d->contact.account) && weir_str_eq(account->channel, d->contact.channel)) return account->zone;
  }
  return NULL;
}

const struct weir_zone *weir_when_zone(const struct weir_decide *d) {
  const struct weir_zone *zone = NULL;
  for (uint32_t i = 0; i < d->person.field_cnt && d->ruleset->zone_cnt; i++) {
    if (weir_str_eq(d->person.fields[i].key, WEIR_STR("timezone"))) zone = zone_named(d->ruleset, d->person.fields[i].value);
  }
  if (!zone) zone = of_account(d);
  return zone || !d->rule ? zone : d->ruleset->packs[d->rule->pack].zone;
}

/* Hours and days together: what one opens the other may close. */
static struct weir_opening opening_of(const struct weir_rule *rule) {
  struct weir_opening opening = { NULL, 0, 0 };
  for (uint32_t i = 0; i < rule->gate_cnt; i++) {
    const struct weir_opening *part = rule->gates[i].data;
    if (rule->gates[i].kind == &weir_gate_hours) {
      opening.spans = part->spans;
      opening.span_cnt = part->span_cnt;
    } else if (rule->gates[i].kind == &weir_gate_weekdays) {
      opening.days = part->days;
    }
  }
  return opening;
}

bool weir_rule_opens(const struct weir_rule *rule, int32_t wall_ms) {
  struct weir_opening opening = opening_of(rule);
  bool open = opening.span_cnt == 0;
  for (uint32_t i = 0; i < opening.span_cnt; i++) open = open || (wall_ms >= opening.spans[i].from_ms && wall_ms < opening.spans[i].to_ms);
  return open;
}

int64_t weir_when_open(const struct weir_decide *d, int64_t ms) {
  if (!d->rule || !d->rule->defer) return ms;
  struct weir_opening opening = opening_of(d->rule);
  if (!opening.span_cnt && !opening.days) return ms;
  return weir_next_open(&opening, weir_when_zone(d), ms);
}

enum weir_gate_answer weir_when_ask(const struct weir_opening *opening, struct weir_decide *d, weir_error *err) {
  if (weir_gate_person(d, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  if (d->rule->defer) return WEIR_GATE_PASS; /* its actions wait */
  return weir_open_at(opening, weir_when_zone(d), d->now_ms) ? WEIR_GATE_PASS : WEIR_GATE_FAIL;
}
