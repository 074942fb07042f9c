/* memory_marks.c: small things found by their key: marks of events seen, opt-outs, pool members handed out on a day, and
 * how many persons stand in a stage. */
#include "state/memory.h"

#define DAY_MS INT64_C(86400000)

static weir_str bytes_of(const unsigned char key[WEIR_ID_BYTES]) { return (weir_str){ (const char *)key, WEIR_ID_BYTES }; }

/* ---- marks of events */

static struct weir_mem_mark *mark_at(const struct weir_memory *s, uint32_t row) { return weir_mem_row(s, WEIR_MEM_MARKS, row); }

static uint32_t find_mark(const struct weir_memory *s, const unsigned char key[WEIR_ID_BYTES]) {
  uint32_t row = weir_mem_chain(s, WEIR_MEM_MARKS, weir_mem_key(s, key));
  while (row != 0 && memcmp(mark_at(s, row)->key, key, WEIR_ID_BYTES) != 0) row = mark_at(s, row)->head.next;
  return row;
}

weir_status weir_mem_mark(struct weir_memory *s, const unsigned char key[WEIR_ID_BYTES], weir_str decision, int64_t until_ms,
                          weir_error *err) {
  uint32_t row = find_mark(s, key);
  weir_status status = weir_mem_step(s, err);
  if (status != WEIR_OK || (row == 0 && until_ms <= s->now_ms)) return status;
  if (row != 0) {
    weir_mem_log(s, mark_at(s, row), sizeof(struct weir_mem_mark));
    if (until_ms > mark_at(s, row)->head.due) weir_mem_set_due(s, WEIR_MEM_MARKS, row, until_ms);
  } else {
    if ((status = weir_mem_take(s, WEIR_MEM_MARKS, &row, err)) != WEIR_OK) return status;
    mark_at(s, row)->head.due = until_ms;
    memcpy(mark_at(s, row)->key, key, WEIR_ID_BYTES);
    weir_mem_link(s, WEIR_MEM_MARKS, weir_mem_key(s, key), row);
    weir_mem_queue(s, WEIR_MEM_MARKS, row);
  }
  mark_at(s, row)->len = (uint8_t)decision.len;
  memset(mark_at(s, row)->decision, 0, WEIR_ID_CHARS);
  if (decision.len != 0) memcpy(mark_at(s, row)->decision, decision.ptr, decision.len);
  return WEIR_OK;
}

weir_status weir_mem_ask_seen(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms,
                              struct weir_arena *arena,
                              bool *seen, weir_str *decision, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t row = find_mark(s, key);
  *seen = false;
  *decision = (weir_str){ NULL, 0 };
  if (row == 0 || mark_at(s, row)->head.due <= now_ms) return WEIR_OK;
  if (!weir_arena_str(arena, (weir_str){ mark_at(s, row)->decision, mark_at(s, row)->len }, decision)) {
    return weir_fail(err, WEIR_E_NOMEM, "the arena has no room for a decision's id");
  }
  *seen = true;
  return WEIR_OK;
}

/* ---- opt-outs: kept by hash, so that somebody who was forgotten stays left in peace */

static struct weir_mem_optout *optout_at(const struct weir_memory *s, uint32_t row) {
  return weir_mem_row(s, WEIR_MEM_OPTOUTS, row);
}

static void optout_key(const struct weir_contact *contact, enum weir_mem_scope scope, unsigned char key[WEIR_ID_BYTES]) {
  weir_str parts[] = { contact->channel, contact->account, contact->id };
  weir_id_hash(scope == WEIR_MEM_CHANNEL ? WEIR_STR("weir opt-out: channel") : WEIR_STR("weir opt-out"), parts, 3, key);
}

static uint32_t find_optout(const struct weir_memory *s, const unsigned char key[WEIR_ID_BYTES]) {
  uint32_t row = weir_mem_chain(s, WEIR_MEM_OPTOUTS, weir_mem_key(s, key));
  while (row != 0 && !weir_str_eq(bytes_of(optout_at(s, row)->key), bytes_of(key))) row = optout_at(s, row)->next;
  return row;
}

bool weir_mem_is_opted_out(const struct weir_memory *s, const struct weir_contact *contact, enum weir_mem_scope scope) {
  unsigned char key[WEIR_ID_BYTES];
  if (s->tables[WEIR_MEM_OPTOUTS].live == 0) return false;
  optout_key(contact, scope, key);
  return find_optout(s, key) != 0;
}

weir_status weir_mem_opt_out(struct weir_memory *s, const struct weir_contact *contact, enum weir_mem_scope scope, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  uint32_t row;
  optout_key(contact, scope, key);
  if (find_optout(s, key) != 0) return WEIR_OK;
  weir_status status = weir_mem_take(s, WEIR_MEM_OPTOUTS, &row, err);
  if (status != WEIR_OK) return status;
  memcpy(optout_at(s, row)->key, key, WEIR_ID_BYTES);
  weir_mem_link(s, WEIR_MEM_OPTOUTS, weir_mem_key(s, key), row);
  return WEIR_OK;
}

weir_status weir_mem_opt_in(struct weir_memory *s, const struct weir_contact *contact, weir_error *err) {
  weir_status status = weir_mem_step(s, err);
  for (int scope = WEIR_MEM_EVERYWHERE; scope <= WEIR_MEM_CHANNEL && status == WEIR_OK; scope++) {
    unsigned char key[WEIR_ID_BYTES];
    optout_key(contact, (enum weir_mem_scope)scope, key);
    uint32_t row = find_optout(s, key);
    if (row == 0) continue;
    weir_mem_unlink(s, WEIR_MEM_OPTOUTS, weir_mem_key(s, key), row);
    weir_mem_give(s, WEIR_MEM_OPTOUTS, row);
  }
  return status;
}

/* ---- pool members, a day */

static struct weir_mem_day *day_at(const struct weir_memory *s, uint32_t row) { return weir_mem_row(s, WEIR_MEM_DAYS, row); }

static uint64_t day_hash(const struct weir_memory *s, uint32_t pool, uint32_t member, int64_t day) {
  return weir_mem_mix(s, (uint64_t)pool << 32 | member, (uint64_t)day);
}

static uint32_t find_day(const struct weir_memory *s, weir_str pool, weir_str member, int64_t day) {
  bool pool_known, member_known;
  uint32_t p = weir_mem_find_text(s, pool, &pool_known), m = weir_mem_find_text(s, member, &member_known);
  if (!pool_known || !member_known) return 0;
  uint32_t row = weir_mem_chain(s, WEIR_MEM_DAYS, day_hash(s, p, m, day));
  for (; row != 0; row = day_at(s, row)->head.next) {
    if (day_at(s, row)->pool == p && day_at(s, row)->member == m && day_at(s, row)->day == day) return row;
  }
  return 0;
}

weir_status weir_mem_count_day(struct weir_memory *s, weir_str pool, weir_str member, int64_t day, weir_error *err) {
  uint32_t p, m, row = find_day(s, pool, member, day);
  weir_status status = weir_mem_step(s, err);
  if (status != WEIR_OK) return status;
  if (row != 0) {
    if (day_at(s, row)->used < UINT32_MAX) WEIR_MEM_SET(s, day_at(s, row)->used, day_at(s, row)->used + 1);
    return WEIR_OK;
  }
  if ((status = weir_mem_use_text(s, pool, &p, err)) != WEIR_OK) return status;
  if ((status = weir_mem_use_text(s, member, &m, err)) != WEIR_OK) return status;
  if ((status = weir_mem_take(s, WEIR_MEM_DAYS, &row, err)) != WEIR_OK) return status;
  *day_at(s, row) = (struct weir_mem_day){ { 0, 0, (day + WEIR_POOL_DAYS_KEPT) * DAY_MS }, day, p, m, 1 };
  weir_mem_link(s, WEIR_MEM_DAYS, day_hash(s, p, m, day), row);
  weir_mem_queue(s, WEIR_MEM_DAYS, row);
  return WEIR_OK;
}

void weir_mem_drop_day(struct weir_memory *s, uint32_t row) {
  struct weir_mem_day *d = day_at(s, row);
  weir_mem_unlink(s, WEIR_MEM_DAYS, day_hash(s, d->pool, d->member, d->day), row);
  weir_mem_unqueue(s, WEIR_MEM_DAYS, row);
  weir_mem_drop_text(s, d->pool);
  weir_mem_drop_text(s, d->member);
  weir_mem_give(s, WEIR_MEM_DAYS, row);
}

void weir_mem_drop_mark(struct weir_memory *s, uint32_t row) {
  weir_mem_unlink(s, WEIR_MEM_MARKS, weir_mem_key(s, mark_at(s, row)->key), row);
  weir_mem_unqueue(s, WEIR_MEM_MARKS, row);
  weir_mem_give(s, WEIR_MEM_MARKS, row);
}

weir_status weir_mem_ask_pool(struct weir_store *store, weir_str pool, weir_str member, int64_t day, uint32_t *used,
                              weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t row = find_day(s, pool, member, day);
  (void)err; /* reading memory cannot fail */
  *used = row ? day_at(s, row)->used : 0;
  return WEIR_OK;
}

/* ---- counters of stages */

static struct weir_mem_counter *counter_at(const struct weir_memory *s, uint32_t row) {
  return weir_mem_row(s, WEIR_MEM_COUNTERS, row);
}

static uint32_t find_counter(const struct weir_memory *s, uint32_t funnel, uint32_t stage) {
  uint32_t row = weir_mem_chain(s, WEIR_MEM_COUNTERS, weir_mem_mix(s, funnel, stage));
  while (row != 0 && (counter_at(s, row)->funnel != funnel || counter_at(s, row)->stage != stage)) row = counter_at(s, row)->next;
  return row;
}

weir_status weir_mem_count_stage(struct weir_memory *s, uint32_t funnel, uint32_t stage, int now, int entered, weir_error *err) {
  uint32_t row = find_counter(s, funnel, stage);
  weir_status status = weir_mem_step(s, err);
  if (status != WEIR_OK) return status;
  if (row == 0) {
    if ((status = weir_mem_take(s, WEIR_MEM_COUNTERS, &row, err)) != WEIR_OK) return status;
    *counter_at(s, row) = (struct weir_mem_counter){ 0, funnel, stage, 0, 0 };
    weir_mem_again_text(s, funnel);
    weir_mem_again_text(s, stage);
    weir_mem_link(s, WEIR_MEM_COUNTERS, weir_mem_mix(s, funnel, stage), row);
  }
  struct weir_mem_counter *c = counter_at(s, row);
  WEIR_MEM_SET(s, c->now, c->now + (uint64_t)(int64_t)now);
  WEIR_MEM_SET(s, c->entered, c->entered + (uint64_t)(int64_t)entered);
  return WEIR_OK;
}

weir_status weir_mem_ask_stage(const struct weir_store *store, weir_str funnel, weir_str stage, uint64_t *now, uint64_t *entered,
                               weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  bool funnel_known, stage_known;
  uint32_t f = weir_mem_find_text(s, funnel, &funnel_known), v = weir_mem_find_text(s, stage, &stage_known);
  uint32_t row = funnel_known && stage_known ? find_counter(s, f, v) : 0;
  (void)err; /* reading memory cannot fail */
  *now = row ? counter_at(s, row)->now : 0;
  *entered = row ? counter_at(s, row)->entered : 0;
  return WEIR_OK;
}
