/* sqlite_stages.c: stages and pool members of s->who, and what is counted of them. Counters of stages are hot rows: their
 * changes are collected, and written once a group. */
#include "state/sqlite.h"

#define DAY_MS INT64_C(86400000)

/* ---- counters of stages */

static struct weir_sq_delta *find_delta(const struct weir_sqlite *s, weir_str funnel, weir_str stage) {
  for (uint32_t i = 0; i < s->delta_cnt; i++) {
    const struct weir_sq_delta *d = &s->deltas[i];
    if (weir_str_eq(stage, (weir_str){ d->stage, d->stage_len }) && weir_str_eq(funnel, (weir_str){ d->funnel, d->funnel_len })) {
      return (struct weir_sq_delta *)(uintptr_t)d;
    }
  }
  return NULL;
}

static weir_status write_delta(struct weir_sqlite *s, weir_str funnel, weir_str stage, int64_t now, int64_t entered,
                               weir_error *err) {
  return weir_sq_run(s, WEIR_SQ_STAGE_COUNT,
                     WEIR_SQ_ARGS(weir_sq_text(funnel), weir_sq_text(stage), weir_sq_int(now), weir_sq_int(entered)), err);
}

weir_status weir_sq_count_stage(struct weir_sqlite *s, weir_str funnel, weir_str stage, int64_t now, int64_t entered,
                                weir_error *err) {
  struct weir_sq_delta *d = find_delta(s, funnel, stage);
  bool fits = funnel.len <= sizeof d->funnel && stage.len <= sizeof d->stage;
  if (!d && (s->delta_cnt == WEIR_SQ_DELTAS_MAX || !fits)) return write_delta(s, funnel, stage, now, entered, err);
  if (!d) {
    d = &s->deltas[s->delta_cnt++];
    memset(d, 0, sizeof *d);
    memcpy(d->funnel, funnel.ptr, funnel.len);
    memcpy(d->stage, stage.ptr, stage.len);
    d->funnel_len = (uint16_t)funnel.len;
    d->stage_len = (uint16_t)stage.len;
  }
  d->now += now;
  d->entered += entered;
  return WEIR_OK;
}

weir_status weir_sq_write_deltas(struct weir_sqlite *s, weir_error *err) {
  weir_status status = WEIR_OK;
  for (uint32_t i = 0; i < s->delta_cnt && status == WEIR_OK; i++) {
    const struct weir_sq_delta *d = &s->deltas[i];
    if (d->now == 0 && d->entered == 0) continue;
    status = write_delta(s, (weir_str){ d->funnel, d->funnel_len }, (weir_str){ d->stage, d->stage_len }, d->now, d->entered,
                         err);
  }
  if (status == WEIR_OK) s->delta_cnt = 0;
  return status;
}

weir_status weir_sq_ask_stage(const struct weir_store *store, weir_str funnel, weir_str stage, uint64_t *now, uint64_t *entered,
                              weir_error *err) {
  /* asking moves a statement and may find the disk broken, no more */
  struct weir_sqlite *s = (struct weir_sqlite *)(uintptr_t)store;
  int64_t counts[2] = { 0, 0 };
  bool row;
  *now = *entered = 0;
  weir_status status = weir_sq_usable(s, err);
  if (status != WEIR_OK) return status;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_STAGE, WEIR_SQ_ARGS(weir_sq_text(funnel), weir_sq_text(stage)));
  if ((status = weir_sq_next(s, stmt, &row, err)) != WEIR_OK) return status;
  if (row) {
    counts[0] = sqlite3_column_int64(stmt, 0);
    counts[1] = sqlite3_column_int64(stmt, 1);
    weir_sq_done(stmt);
  }
  const struct weir_sq_delta *d = find_delta(s, funnel, stage);
  *now = (uint64_t)(counts[0] + (d ? d->now : 0));
  *entered = (uint64_t)(counts[1] + (d ? d->entered : 0));
  return WEIR_OK;
}

/* ---- stages of s->who */

weir_status weir_sq_entered_cnt(struct weir_sqlite *s, weir_error *err) {
  int64_t cnt;
  if (s->who.entered >= 0) return WEIR_OK;
  weir_status status = weir_sq_ask(s, WEIR_SQ_ENTERED_CNT, WEIR_SQ_ARGS(weir_sq_int(s->who.id)), 0, &cnt, err);
  if (status == WEIR_OK) s->who.entered = (int32_t)cnt;
  return status;
}

/* Sees to the row that says he has stood in this stage; *at_ms becomes the time of his first entry. */
static weir_status enter(struct weir_sqlite *s, weir_str funnel, weir_str stage, int64_t *at_ms, weir_error *err) {
  weir_status status = weir_sq_entered_cnt(s, err);
  if (status != WEIR_OK) return status;
  const struct weir_sq_arg args[] = { weir_sq_int(s->who.id), weir_sq_text(funnel), weir_sq_text(stage), weir_sq_int(*at_ms) };
  if ((status = weir_sq_run(s, WEIR_SQ_ENTERED_ADD, args, 4, err)) != WEIR_OK) return status;
  if (sqlite3_changes(s->db) == 0) return weir_sq_ask(s, WEIR_SQ_ENTERED, args, 3, *at_ms, at_ms, err);
  if (s->who.entered >= WEIR_ENTERED_MAX) {
    return weir_fail(err, WEIR_E_LIMIT, "a person may have %d stages ever entered (WEIR_ENTERED_MAX)", WEIR_ENTERED_MAX);
  }
  s->who.entered++;
  return weir_sq_count_stage(s, funnel, stage, 0, 1, err);
}

weir_status weir_sq_stage(struct weir_sqlite *s, weir_str funnel, weir_str stage, int64_t at_ms, weir_error *err) {
  char buf[WEIR_TAG_MAX];
  weir_str old;
  weir_status status = weir_sq_trait_value(s, WEIR_SQ_STAGES, funnel, buf, sizeof buf, &old, err);
  if (status != WEIR_OK || weir_str_eq(old, stage)) return status;
  if ((status = enter(s, funnel, stage, &at_ms, err)) != WEIR_OK) return status;
  if ((status = weir_sq_count_stage(s, funnel, stage, 1, 0, err)) != WEIR_OK) return status;
  if (old.len && (status = weir_sq_count_stage(s, funnel, old, -1, 0, err)) != WEIR_OK) return status;
  return weir_sq_put_trait(s, WEIR_SQ_STAGES, funnel, stage, at_ms, err);
}

weir_status weir_sq_unstage(struct weir_sqlite *s, weir_str funnel, weir_error *err) {
  char buf[WEIR_TAG_MAX];
  weir_str old;
  weir_status status = weir_sq_trait_value(s, WEIR_SQ_STAGES, funnel, buf, sizeof buf, &old, err);
  if (status != WEIR_OK || old.len == 0) return status;
  if ((status = weir_sq_count_stage(s, funnel, old, -1, 0, err)) != WEIR_OK) return status;
  return weir_sq_drop_trait(s, WEIR_SQ_STAGES, funnel, err);
}

/* ---- pools */

weir_status weir_sq_pool(struct weir_sqlite *s, weir_str pool, weir_str member, int64_t day, weir_error *err) {
  const struct weir_sq_arg args[] = { weir_sq_int(day), weir_sq_text(pool), weir_sq_text(member) };
  weir_status status = weir_sq_run(s, WEIR_SQ_POOL_COUNT, args, 3, err);
  return status == WEIR_OK ? weir_sq_put_trait(s, WEIR_SQ_POOLS, pool, member, s->now.now_ms, err) : status;
}

weir_status weir_sq_ask_pool(struct weir_store *store, weir_str pool, weir_str member, int64_t day, uint32_t *used,
                             weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  int64_t cnt;
  *used = 0;
  weir_status status = weir_sq_usable(s, err);
  if (status != WEIR_OK || day <= s->now.now_ms / DAY_MS - WEIR_POOL_DAYS_KEPT) return status; /* gone, or soon */
  const struct weir_sq_arg args[] = { weir_sq_int(day), weir_sq_text(pool), weir_sq_text(member) };
  status = weir_sq_ask(s, WEIR_SQ_POOL, args, 3, 0, &cnt, err);
  *used = cnt > UINT32_MAX ? UINT32_MAX : (uint32_t)(cnt < 0 ? 0 : cnt);
  return status;
}
