/* sqlite_report.c: what reports are made of: everybody's steps, all stages, the ledger. One question each, row by row: nothing is
 * sorted or kept, so a report of a large state takes time and no memory. */
#include "state/sqlite.h"

/* Asks, unless a transaction is open: counters of stages that wait for the commit would be missing. */
static weir_status ask(struct weir_sqlite *s, enum weir_sq_id id, sqlite3_stmt **out, weir_error *err) {
  weir_status status = weir_sq_usable(s, err);
  *out = NULL;
  if (status == WEIR_OK && s->open) status = weir_fail(err, WEIR_E_SEQUENCE, "no report can be made inside a transaction");
  if (status == WEIR_OK) *out = weir_sq_bind(s, id, WEIR_SQ_NO_ARGS);
  return status;
}

weir_status weir_sq_each_step(struct weir_store *store, void (*tell)(void *ctx, const struct weir_stepped *stepped), void *ctx, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  sqlite3_stmt *stmt;
  bool row;
  weir_status status = ask(s, WEIR_SQ_EACH_STEP, &stmt, err);
  while (status == WEIR_OK && (status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row) {
    const struct weir_stepped stepped = { (uint64_t)sqlite3_column_int64(stmt, 0), weir_sq_column(stmt, 1), weir_sq_column(stmt, 2),
                                          sqlite3_column_int64(stmt, 3) };
    tell(ctx, &stepped);
  }
  return status;
}

weir_status weir_sq_each_stage(struct weir_store *store, void (*tell)(void *ctx, const struct weir_standing *standing), void *ctx, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  sqlite3_stmt *stmt;
  bool row;
  weir_status status = ask(s, WEIR_SQ_EACH_STAGE, &stmt, err);
  while (status == WEIR_OK && (status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row) {
    const struct weir_standing standing = { weir_sq_column(stmt, 0), weir_sq_column(stmt, 1), (uint64_t)sqlite3_column_int64(stmt, 2),
                                            (uint64_t)sqlite3_column_int64(stmt, 3) };
    tell(ctx, &standing);
  }
  return status;
}

weir_status weir_sq_each_entry(struct weir_store *store, void (*tell)(void *ctx, const struct weir_ledger_line *line), void *ctx, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  sqlite3_stmt *stmt;
  bool row;
  weir_status status = ask(s, WEIR_SQ_EACH_ENTRY, &stmt, err);
  while (status == WEIR_OK && (status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row) {
    const struct weir_ledger_line line = { weir_sq_column(stmt, 0), weir_sq_column(stmt, 1),
                                           (enum weir_ledger_status)sqlite3_column_int(stmt, 2), sqlite3_column_int64(stmt, 3) };
    tell(ctx, &line);
  }
  return status;
}
