/* sqlite_tallies.c: what happened how often on a day. */
#include "state/sqlite.h"

#define DAY_MS INT64_C(86400000)

static int64_t last_gone(int64_t now_ms) { return now_ms / DAY_MS - WEIR_COUNT_DAYS_KEPT; }

weir_status weir_sq_count(struct weir_sqlite *s, weir_str name, weir_str what, int64_t day, weir_error *err) {
  if (day <= last_gone(s->now.now_ms)) return WEIR_OK; /* forgotten already */
  return weir_sq_run(s, WEIR_SQ_TALLY_COUNT, WEIR_SQ_ARGS(weir_sq_int(day), weir_sq_text(name), weir_sq_text(what)), err);
}

weir_status weir_sq_sweep_tallies(struct weir_sqlite *s, weir_error *err) {
  int64_t over = last_gone(s->now.now_ms);
  if (over <= s->now.tallies_day) return WEIR_OK;
  s->now.tallies_day = over;
  return weir_sq_run(s, WEIR_SQ_TALLIES_DROP, WEIR_SQ_ARGS(weir_sq_int(over)), err);
}

weir_status weir_sq_ask_counted(const struct weir_store *store, int64_t first_day,
                                void (*tell)(void *ctx, const struct weir_counted *counted), void *ctx, weir_error *err) {
  /* asking moves a statement and may find the disk broken, no more */
  struct weir_sqlite *s = (struct weir_sqlite *)(uintptr_t)store;
  bool row;
  weir_status status = weir_sq_usable(s, err);
  if (status != WEIR_OK) return status;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_TALLIES, WEIR_SQ_ARGS(weir_sq_int(first_day)));
  while ((status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row) {
    struct weir_counted counted = { weir_sq_column(stmt, 0), weir_sq_column(stmt, 1), sqlite3_column_int64(stmt, 2),
                                    (uint64_t)sqlite3_column_int64(stmt, 3) };
    tell(ctx, &counted);
  }
  return status;
}
