/* pool.c: which of several equal resources a person gets. He keeps the one he was given for as long as the pool has it: who
 * added one tutor is not sent to another. Newcomers are spread by hash over the members and, where one is used up for the
 * day, go to the next. A day is a day of UTC, for all time zones of a shop the same. */
#include "decide/pool.h"

#include "base/clock.h"
#include "decide/pending.h"

static bool has_member(const struct weir_pool *pool, weir_str member, weir_str *out) {
  for (uint32_t i = 0; i < pool->member_cnt; i++) {
    if (!weir_str_eq(pool->members[i], member)) continue;
    *out = pool->members[i];
    return true;
  }
  return false;
}

/* The member he has already. */
static bool kept_member(const struct weir_decide *d, const struct weir_pool *pool, weir_str *out) {
  const struct weir_change *given = weir_pending_change(d, WEIR_CHANGE_POOL, pool->name);
  if (given) return has_member(pool, given->value, out);
  for (uint32_t i = 0; i < d->person.pool_cnt; i++) {
    if (weir_str_eq(d->person.pools[i].key, pool->name)) return has_member(pool, d->person.pools[i].value, out);
  }
  return false;
}

weir_status weir_pool_give(struct weir_decide *d, const struct weir_pool *pool, weir_str *out, weir_error *err) {
  *out = (weir_str){ NULL, 0 };
  weir_status status = weir_decide_person(d, err);
  if (status != WEIR_OK || kept_member(d, pool, out)) return status;
  weir_str parts[] = { pool->name, d->contact.channel, d->contact.account, d->contact.id };
  uint64_t start = weir_hash64((weir_str){ NULL, 0 }, parts, sizeof parts / sizeof parts[0]);
  int64_t day = weir_day_of(d->now_ms, 0);
  for (uint32_t i = 0; i < pool->member_cnt; i++) {
    weir_str member = pool->members[(start % pool->member_cnt + i) % pool->member_cnt];
    uint32_t used = 0;
    if (pool->per_day > 0) status = d->store->ops->pool_used(d->store, pool->name, member, day, &used, err);
    if (status != WEIR_OK) return status;
    if (pool->per_day > 0 && used >= pool->per_day) continue;
    struct weir_change change = { .kind = WEIR_CHANGE_POOL, .name = pool->name, .value = member, .number = day };
    status = weir_decide_change(d, &change, err);
    if (status == WEIR_OK) *out = member;
    return status;
  }
  return WEIR_OK;
}
