/* pool.c: which of several equal resources a person gets. He keeps the one he was given for as long as the pool has it: who
 * added one tutor is not sent to another, unless his is taken out for a while. Newcomers are spread by hash over the members and,
 * where one is used up, go to the next. A day is a day of UTC, for all time zones of a shop the same.
 *
 * A coupon is a pool whose members are given once each: which are gone the store's counts know by the code itself, so that a
 * list may grow, shrink or change its order without a code being given twice. */
#include "decide/pool.h"

#include "base/clock.h"
#include "decide/pending.h"
#include "limits.h"

static bool has_member(const struct weir_pool *pool, weir_str member, weir_str *out) {
  for (uint32_t i = 0; i < pool->member_cnt; i++) {
    if (!weir_str_eq(pool->members[i], member)) continue;
    *out = pool->members[i];
    return true;
  }
  return false;
}

void weir_pool_total_key(weir_str pool, weir_str member, unsigned char key[WEIR_ID_BYTES]) {
  weir_str parts[] = { pool, member };
  weir_id_hash(WEIR_STR("weir pool total"), parts, 2, key);
}

void weir_pool_out_key(weir_str pool, weir_str member, unsigned char key[WEIR_ID_BYTES]) {
  weir_str parts[] = { pool, member };
  weir_id_hash(WEIR_STR("weir pool out"), parts, 2, key);
}

static weir_status count_of(const struct weir_decide *d, const struct weir_pool *pool, weir_str member, int64_t *count, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  weir_pool_total_key(pool->name, member, key);
  return d->store->ops->total(d->store, key, d->now_ms, count, err);
}

/* Whether a member was taken out, by the rules or for a while. */
static weir_status is_out(const struct weir_decide *d, const struct weir_pool *pool, weir_str member, bool *out, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  int64_t count = 0;
  *out = false;
  for (uint32_t i = 0; pool->out && i < pool->member_cnt; i++) *out = *out || (pool->out[i] && weir_str_eq(pool->members[i], member));
  if (*out || pool->coupon) return WEIR_OK;
  weir_pool_out_key(pool->name, member, key);
  weir_status status = d->store->ops->total(d->store, key, d->now_ms, &count, err);
  *out = count > 0;
  return status;
}

/* The member he has already. A coupon stays his when its list has it no more. */
static bool kept_member(const struct weir_decide *d, const struct weir_pool *pool, weir_str *out) {
  const struct weir_change *given = weir_pending_change(d, WEIR_CHANGE_POOL, pool->name);
  weir_str member = { NULL, 0 };
  if (given) member = given->value;
  for (uint32_t i = 0; i < d->person.pool_cnt && !given; i++) {
    if (weir_str_eq(d->person.pools[i].key, pool->name)) member = d->person.pools[i].value;
  }
  if (!pool->coupon) return member.len && has_member(pool, member, out);
  *out = member;
  return member.len > 0;
}

/* Whether one more person may get this member today. */
static weir_status is_free(const struct weir_decide *d, const struct weir_pool *pool, weir_str member, int64_t day, bool *free, weir_error *err) {
  bool out = false;
  uint32_t used = 0;
  int64_t total = 0;
  *free = false;
  weir_status status = is_out(d, pool, member, &out, err);
  if (status != WEIR_OK || out) return status;
  if (pool->per_day > 0) status = d->store->ops->pool_used(d->store, pool->name, member, day, &used, err);
  if (status == WEIR_OK && pool->total > 0) status = count_of(d, pool, member, &total, err);
  *free = (pool->per_day == 0 || used < pool->per_day) && (pool->total == 0 || total < pool->total);
  return status;
}

static weir_status take(struct weir_decide *d, const struct weir_pool *pool, weir_str member, int64_t day, weir_error *err) {
  struct weir_change change = { .kind = WEIR_CHANGE_POOL, .name = pool->name, .value = member, .number = day };
  struct weir_change count = { .kind = WEIR_CHANGE_TOTAL, .number = 1, .until_ms = INT64_MAX };
  weir_pool_total_key(pool->name, member, count.key);
  weir_status status = weir_decide_change(d, &change, err);
  if (status == WEIR_OK) status = weir_decide_change(d, &count, err);
  if (status != WEIR_OK || !pool->coupon) return status;
  weir_pool_total_key(pool->name, (weir_str){ NULL, 0 }, count.key); /* how many of them were given: where to look first */
  return weir_decide_change(d, &count, err);
}

weir_status weir_pool_give(struct weir_decide *d, const struct weir_pool *pool, weir_str *out, weir_error *err) {
  weir_str kept;
  bool gone = false;
  *out = (weir_str){ NULL, 0 };
  weir_status status = weir_decide_person(d, err);
  if (status != WEIR_OK) return status;
  if (kept_member(d, pool, &kept)) {
    status = is_out(d, pool, kept, &gone, err);
    if (status == WEIR_OK && (!gone || pool->coupon)) *out = kept;
    if (status != WEIR_OK || out->len) return status;
  }
  if (weir_pending_pool_cnt(d) >= WEIR_POOLS_MAX) return WEIR_OK;
  weir_str parts[] = { pool->name, d->contact.channel, d->contact.account, d->contact.id };
  uint64_t start = weir_hash64((weir_str){ NULL, 0 }, parts, sizeof parts / sizeof parts[0]);
  int64_t day = weir_day_of(d->now_ms, 0), given = 0;
  if (pool->coupon) {
    status = count_of(d, pool, (weir_str){ NULL, 0 }, &given, err);
    start = (uint64_t)given;
  }
  for (uint32_t i = 0; status == WEIR_OK && i < pool->member_cnt && i < WEIR_COUPON_TRIES; i++) {
    weir_str member = pool->members[(start % pool->member_cnt + i) % pool->member_cnt];
    bool free = false;
    status = is_free(d, pool, member, day, &free, err);
    if (status != WEIR_OK || !free) continue;
    status = take(d, pool, member, day, err);
    if (status == WEIR_OK) *out = member;
    return status;
  }
  return status;
}
