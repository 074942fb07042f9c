/* day.c: which day it is for somebody: in the zone his field "timezone" names, else his account's, else his pack's, else UTC. */
#include "base/zone.h"
#include "decide/decide.h"

static const struct weir_zone *zone_named(const struct weir_ruleset *rs, weir_str name) {
  for (uint32_t i = 0; name.len && i < rs->zone_cnt; i++) {
    if (weir_str_eq(rs->zones[i]->name, name)) return rs->zones[i];
  }
  return NULL;
}

static const struct weir_zone *zone_of_account(const struct weir_decide *d) {
  for (uint32_t i = 0; i < d->ruleset->account_cnt; i++) {
    const struct weir_account *a = &d->ruleset->accounts[i];
    if (a->zone && weir_str_eq(a->account, d->contact.account) && weir_str_eq(a->channel, d->contact.channel)) return a->zone;
  }
  return NULL;
}

weir_status weir_decide_day(struct weir_decide *d, int64_t *day, weir_error *err) {
  const struct weir_zone *zone = NULL;
  *day = 0;
  weir_status status = weir_decide_person(d, err);
  if (status != WEIR_OK) return status;
  for (uint32_t i = 0; i < d->person.field_cnt && !zone; i++) {
    if (weir_str_eq(d->person.fields[i].key, WEIR_STR("timezone"))) zone = zone_named(d->ruleset, d->person.fields[i].value);
  }
  if (!zone) zone = zone_of_account(d);
  if (!zone && d->rule) zone = d->ruleset->packs[d->rule->pack].zone;
  *day = weir_zone_day(zone, d->now_ms);
  return WEIR_OK;
}
