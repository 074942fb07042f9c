/* operators.c: what an operator asks of a running engine beside events. */
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
  weir_status st = weir_engine_check_now(now_ms, err);
  if (st) return st;
  if (!has_member(engine->rooms.ruleset, pool, member)) {
    return weir_fail(err, WEIR_E_ARG, "the rules have no pool \"%.*s\" with a member \"%.*s\"; pools are named pack/pool", WEIR_FMT(pool), WEIR_FMT(member));
  }
  st = weir_engine_at_rest(engine, err);
  if (st) return st;
  struct weir_change items[2] = {
    { .kind = WEIR_CHANGE_TOTAL, .number = -INT64_MAX, .until_ms = now_ms },
    { .kind = WEIR_CHANGE_TOTAL, .number = 1, .until_ms = until_ms },
  };
  weir_pool_out_key(pool, member, items[0].key);
  weir_pool_out_key(pool, member, items[1].key);
  return change(engine, items, until_ms > now_ms ? 2 : 1, now_ms, err);
}
