/* operators.c: what an operator asks of a running engine beside events. */
#include <math.h>

#include "engine.h"

static bool has_member(const struct weir_ruleset *rs, weir_str pool, weir_str member) {
  for (uint32_t i = 0; i < rs->pool_cnt; i++) {
    if (!weir_str_eq(rs->pools[i].name, pool) || rs->pools[i].coupon) continue;
    for (uint32_t k = 0; k < rs->pools[i].member_cnt; k++) {
      if (weir_str_eq(rs->pools[i].members[k], member)) return true;
    }
  }
  return false;
}

/* One changeset as a transaction of its own. */
static weir_status change(weir_engine *e, struct weir_change *items, uint32_t cnt, int64_t now_ms, weir_error *err) {
  struct weir_changeset set = { .now_ms = now_ms, .items = items, .cnt = cnt, .cap = cnt };
  weir_status st = e->store->ops->begin(e->store, err);
  if (st) return st;
  st = e->store->ops->apply(e->store, &set, err);
  if (!st) st = e->store->ops->commit(e->store, err);
  if (st) e->store->ops->rollback(e->store);
  return st;
}

weir_status weir_pool_out(weir_engine *engine, weir_str pool, weir_str member, int64_t now_ms, int64_t until_ms, weir_error *err) {
  if (!engine) return weir_fail(err, WEIR_E_ARG, "weir_pool_out needs an engine");
  if (now_ms < WEIR_TIME_MIN_MS || now_ms > WEIR_TIME_MAX_MS) return weir_fail(err, WEIR_E_ARG, "the time of the call lies outside the years 1970 to 9999");
  if (!has_member(engine->rooms.ruleset, pool, member)) {
    return weir_fail(err, WEIR_E_ARG, "the rules have no pool \"%.*s\" with a member \"%.*s\"; pools are named pack/pool", WEIR_FMT(pool), WEIR_FMT(member));
  }
  weir_status st = weir_engine_at_rest(engine, err);
  if (st) return st;
  struct weir_change items[2] = {
    { .kind = WEIR_CHANGE_TOTAL, .number = -INT64_MAX, .until_ms = now_ms },
    { .kind = WEIR_CHANGE_TOTAL, .number = 1, .until_ms = until_ms },
  };
  weir_pool_out_key(pool, member, items[0].key);
  weir_pool_out_key(pool, member, items[1].key);
  return change(engine, items, until_ms > now_ms ? 2 : 1, now_ms, err);
}

/* ---- experiments */

/* The interval in which the true rate lies with 95 %: Wilson's, which is right for few people and rates near 0 and 1, too. */
static void wilson(uint64_t hits, uint64_t all, double *low, double *high) {
  const double z = 1.959963984540054;
  *low = 0;
  *high = 1;
  if (all == 0) return;
  double n = (double)all, p = (double)hits / n, z2 = z * z;
  double middle = (p + z2 / (2 * n)) / (1 + z2 / n), half = z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  *low = middle - half > 0 ? middle - half : 0;
  *high = middle + half < 1 ? middle + half : 1;
}

static weir_status count_of(const weir_engine *e, weir_str rule, weir_str variant, enum weir_variant_count what, uint64_t *out, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  int64_t count = 0;
  weir_variant_key(rule, variant, what, key);
  weir_status st = e->store->ops->total(e->store, key, e->decide.now_ms, &count, err);
  *out = (uint64_t)count;
  return st;
}

static weir_status tell_variant(const weir_engine *e, const struct weir_rule *rule, const struct weir_variant *variant, weir_variant_info *out, weir_error *err) {
  uint64_t counts[WEIR_VARIANT_GOALS + 1];
  for (int what = 0; what <= WEIR_VARIANT_GOALS; what++) {
    weir_status st = count_of(e, rule->name, variant->name, (enum weir_variant_count)what, &counts[what], err);
    if (st) return st;
  }
  *out = (weir_variant_info){ .rule = rule->name, .variant = variant->name, .weight = variant->weight, .persons = counts[WEIR_VARIANT_PERSONS],
                              .sent = counts[WEIR_VARIANT_SENT], .rejected = counts[WEIR_VARIANT_REJECTED], .goals = counts[WEIR_VARIANT_GOALS] };
  if (out->goals > out->persons) out->goals = out->persons; /* persons that were joined count once from then on */
  if (out->persons) out->rate = (double)out->goals / (double)out->persons;
  wilson(out->goals, out->persons, &out->low, &out->high);
  return WEIR_OK;
}

weir_status weir_engine_variant(const weir_engine *engine, size_t index, weir_variant_info *out, weir_error *err) {
  if (!engine || !out) return weir_fail(err, WEIR_E_ARG, "weir_engine_variant needs an engine and a place for the answer");
  memset(out, 0, sizeof *out);
  const weir_ruleset *rs = engine->rooms.ruleset;
  for (uint32_t i = 0; i < rs->rule_cnt; i++) {
    const struct weir_rule *rule = &rs->rules[i];
    if (index < rule->variant_cnt) return tell_variant(engine, rule, &rule->variants[index], out, err);
    index -= rule->variant_cnt;
  }
  return WEIR_NONE;
}
