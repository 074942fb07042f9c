/* sqlite_total.c: counts of the shop, by key: how many of a pool's members were ever given, which coupons are gone, how often
 * somebody guessed. They end by themselves, or never. */
#include "state/sqlite.h"

/* What stands there, ended or not; 0: nothing. */
static weir_status find(struct weir_sqlite *s, const unsigned char key[WEIR_ID_BYTES], int64_t *count, int64_t *until_ms, weir_error *err) {
  bool row;
  *count = *until_ms = 0;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_TOTAL, WEIR_SQ_ARGS(weir_sq_key(key)));
  weir_status status = weir_sq_next(s, stmt, &row, err);
  if (!row) return status;
  *count = sqlite3_column_int64(stmt, 0);
  *until_ms = sqlite3_column_int64(stmt, 1);
  weir_sq_done(stmt);
  return WEIR_OK;
}

static int64_t plus(int64_t count, int64_t number) {
  if (number > 0 && count > INT64_MAX - number) return INT64_MAX;
  return count + number > 0 ? count + number : 0; /* counts are never negative, so this cannot overflow */
}

weir_status weir_sq_total(struct weir_sqlite *s, const struct weir_change *change, weir_error *err) {
  int64_t count, until;
  weir_status status = find(s, change->key, &count, &until, err);
  if (status != WEIR_OK) return status;
  bool there = count != 0;
  if (until <= s->now.now_ms) count = until = 0;
  bool fresh = count == 0;
  count = plus(count, change->number);
  if (change->until_ms > until) until = change->until_ms;
  if (count == 0 || (fresh && until <= s->now.now_ms)) {
    return there ? weir_sq_run(s, WEIR_SQ_TOTAL_DROP, WEIR_SQ_ARGS(weir_sq_key(change->key)), err) : WEIR_OK;
  }
  if (until < s->now.totals_end) s->now.totals_end = until;
  return weir_sq_run(s, WEIR_SQ_TOTAL_PUT, WEIR_SQ_ARGS(weir_sq_key(change->key), weir_sq_int(count), weir_sq_int(until)), err);
}

weir_status weir_sq_ask_total(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, int64_t *count,
                              weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  int64_t until = 0;
  *count = 0;
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK) status = find(s, key, count, &until, err);
  if (until <= now_ms) *count = 0;
  return status;
}

weir_status weir_sq_sweep_totals(struct weir_sqlite *s, weir_error *err) {
  weir_status status = WEIR_OK;
  for (int n = 0; n < WEIR_SQ_WALK_ROWS && s->now.totals_end <= s->now.now_ms && status == WEIR_OK; n++) {
    unsigned char key[WEIR_ID_BYTES];
    bool row;
    sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_TOTAL_ENDED, WEIR_SQ_NO_ARGS);
    if ((status = weir_sq_next(s, stmt, &row, err)) != WEIR_OK) return status;
    s->now.totals_end = row ? sqlite3_column_int64(stmt, 1) : INT64_MAX;
    if (!row) return WEIR_OK;
    weir_str text = weir_sq_column(stmt, 0);
    bool good = text.len == sizeof key;
    if (good) memcpy(key, text.ptr, sizeof key);
    weir_sq_done(stmt);
    if (!good) return weir_sq_damaged(s, "a count's key has a wrong length", err);
    if (s->now.totals_end <= s->now.now_ms) status = weir_sq_run(s, WEIR_SQ_TOTAL_DROP, WEIR_SQ_ARGS(weir_sq_key(key)), err);
  }
  return status;
}
