/* variant.c: the inside of variant.h. */
#include "decide/variant.h"

#include "decide/parse.h"
#include "decide/pending.h"
#include "limits.h"

#define PREFIX "variant "

/* Under which name his variant of a rule is kept among his pool members. */
static bool name_of(struct weir_decide *d, weir_str rule, weir_str *out) {
  char *bytes = weir_arena_bytes(d->arena, sizeof PREFIX + rule.len);
  if (!bytes) return false;
  memcpy(bytes, PREFIX, sizeof PREFIX - 1);
  memcpy(bytes + sizeof PREFIX - 1, rule.ptr, rule.len);
  *out = (weir_str){ bytes, sizeof PREFIX - 1 + rule.len };
  return true;
}

static bool is_name_of(weir_str name, weir_str rule) {
  return name.len == sizeof PREFIX - 1 + rule.len && weir_str_starts(name, WEIR_STR(PREFIX)) &&
         memcmp(name.ptr + sizeof PREFIX - 1, rule.ptr, rule.len) == 0;
}

void weir_variant_key(weir_str rule, weir_str variant, enum weir_variant_count what, unsigned char key[WEIR_ID_BYTES]) {
  const char number = (char)what;
  weir_str parts[] = { rule, variant, { &number, 1 } };
  weir_id_hash(WEIR_STR("weir variant"), parts, 3, key);
}

static const struct weir_variant *find(const struct weir_rule *rule, weir_str name) {
  for (uint32_t i = 0; i < rule->variant_cnt; i++) {
    if (weir_str_eq(rule->variants[i].name, name)) return &rule->variants[i];
  }
  return NULL;
}

const struct weir_variant *weir_variant_of(const struct weir_person *person, const struct weir_rule *rule) {
  for (uint32_t i = 0; i < person->pool_cnt; i++) {
    if (is_name_of(person->pools[i].key, rule->name)) return find(rule, person->pools[i].value);
  }
  return NULL;
}

const struct weir_variant *weir_variant_choose(const struct weir_decide *d, bool *fresh) {
  const struct weir_rule *rule = d->rule;
  uint64_t sum = 0;
  *fresh = false;
  if (!rule->variant_cnt) return NULL;
  const struct weir_variant *his = weir_variant_of(&d->person, rule);
  if (his) return his;
  *fresh = true;
  weir_str parts[] = { { (const char *)rule->id, sizeof rule->id }, d->contact.channel, d->contact.account, d->contact.id };
  for (uint32_t i = 0; i < rule->variant_cnt; i++) sum += rule->variants[i].weight;
  uint64_t at = weir_hash64(WEIR_STR("weir variant"), parts, sizeof parts / sizeof parts[0]) % sum;
  for (uint32_t i = 0; i + 1 < rule->variant_cnt; i++) {
    if (at < rule->variants[i].weight) return &rule->variants[i];
    at -= rule->variants[i].weight;
  }
  return &rule->variants[rule->variant_cnt - 1];
}

static weir_status count(struct weir_decide *d, weir_str rule, weir_str variant, enum weir_variant_count what, weir_error *err) {
  struct weir_change change = { .kind = WEIR_CHANGE_TOTAL, .number = 1, .until_ms = INT64_MAX };
  weir_variant_key(rule, variant, what, change.key);
  return weir_decide_change(d, &change, err);
}

weir_status weir_variant_keep(struct weir_decide *d, const struct weir_variant *variant, weir_error *err) {
  struct weir_change keep = { .kind = WEIR_CHANGE_POOL, .value = variant->name, .number = d->now_ms / (INT64_C(86400) * 1000) };
  if (weir_pending_pool_cnt(d) >= WEIR_POOLS_MAX) return WEIR_OK; /* the hash chooses the same one again */
  if (!name_of(d, d->rule->name, &keep.name)) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  weir_status status = weir_decide_change(d, &keep, err);
  return status == WEIR_OK ? count(d, d->rule->name, variant->name, WEIR_VARIANT_PERSONS, err) : status;
}

weir_status weir_variant_outcome(struct weir_changeset *changes, const struct weir_person *person, const struct weir_rule *rule,
                                 enum weir_ledger_status outcome, weir_error *err) {
  const struct weir_variant *variant = weir_variant_of(person, rule);
  if (!variant || (outcome != WEIR_LEDGER_SENT && outcome != WEIR_LEDGER_REJECTED)) return WEIR_OK;
  if (changes->cnt >= changes->cap) return weir_fail(err, WEIR_E_LIMIT, "an outcome changes too many things at once");
  struct weir_change change = { .kind = WEIR_CHANGE_TOTAL, .number = 1, .until_ms = INT64_MAX };
  weir_variant_key(rule->name, variant->name, outcome == WEIR_LEDGER_SENT ? WEIR_VARIANT_SENT : WEIR_VARIANT_REJECTED, change.key);
  changes->items[changes->cnt++] = change;
  return WEIR_OK;
}

/* Once for each person: the claim says that he was counted, and goes with him when he is joined. */
static weir_status reached(struct weir_decide *d, weir_str rule, weir_str variant, weir_error *err) {
  struct weir_change claim = { .kind = WEIR_CHANGE_CLAIM, .until_ms = d->now_ms + WEIR_CLAIM_MS };
  bool held = false;
  int64_t until;
  weir_id_hash(WEIR_STR("weir variant goal"), &rule, 1, claim.key);
  weir_status status = d->store->ops->claim(d->store, &d->contact, claim.key, d->now_ms, &held, &until, err);
  for (uint32_t i = 0; i < d->changes.cnt && !held; i++) {
    const struct weir_change *c = &d->changes.items[i];
    held = c->kind == WEIR_CHANGE_CLAIM && memcmp(c->key, claim.key, sizeof claim.key) == 0;
  }
  if (status != WEIR_OK || held) return status;
  status = weir_decide_change(d, &claim, err);
  return status == WEIR_OK ? count(d, rule, variant, WEIR_VARIANT_GOALS, err) : status;
}

/* One of his variants, kept as `name` = `value`. */
static weir_status reach_for(struct weir_decide *d, weir_str name, weir_str value, const struct weir_funnel *funnel, weir_error *err) {
  if (!weir_str_starts(name, WEIR_STR(PREFIX))) return WEIR_OK;
  weir_str rule = { name.ptr + sizeof PREFIX - 1, name.len - sizeof PREFIX + 1 };
  weir_str own = weir_parse_own_name(funnel->name), pack = { funnel->name.ptr, funnel->name.len - own.len - 1 };
  return weir_parse_in_pack(rule, pack) ? reached(d, rule, value, err) : WEIR_OK;
}

weir_status weir_variant_goal(struct weir_decide *d, const struct weir_funnel *funnel, weir_error *err) {
  weir_status status = WEIR_OK;
  const uint32_t cnt = d->changes.cnt;
  if (!d->ruleset->has_variants) return WEIR_OK;
  for (uint32_t i = 0; i < d->person.pool_cnt && status == WEIR_OK; i++) {
    status = reach_for(d, d->person.pools[i].key, d->person.pools[i].value, funnel, err);
  }
  for (uint32_t i = 0; i < cnt && status == WEIR_OK; i++) {
    const struct weir_change c = d->changes.items[i];
    if (c.kind == WEIR_CHANGE_POOL) status = reach_for(d, c.name, c.value, funnel, err);
  }
  return status;
}
