/* sqlite_tx.c: transactions, savepoints, and the moment when the log's pages go to their places. */
#include <limits.h>

#include "state/sqlite.h"

weir_status weir_sq_begin(struct weir_store *store, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  if (s->open) return weir_fail(err, WEIR_E_SEQUENCE, "a transaction is open already");
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_BEGIN, WEIR_SQ_NO_ARGS, err);
  if (status != WEIR_OK) return status;
  s->open = true;
  s->wrote = s->counted = s->refused = false;
  s->pages_left = 0;
  s->marks_added = s->ledger_added = 0;
  s->at_begin = s->now;
  if ((status = weir_sq_drop_acked(s, err)) != WEIR_OK) weir_sq_rollback(store);
  return status;
}

/* The log is written back here and not inside COMMIT, where SQLite would pass over a failed fsync. That the disk is full, or
 * that a file system has hiccups, is no harm: the log keeps everything, and the next commit tries again. */
static void checkpoint(struct weir_sqlite *s, int how) {
  int rc = sqlite3_wal_checkpoint_v2(s->db, "main", how, NULL, NULL);
  if (rc == SQLITE_IOERR_FSYNC || (rc & 0xff) == SQLITE_CORRUPT) (void)weir_sq_fail(s, rc, NULL);
}

static weir_status write_rest(struct weir_sqlite *s, weir_error *err) {
  weir_status status = weir_sq_write_meters(s, err);
  if (status == WEIR_OK) status = weir_sq_sweep(s, err);
  if (status == WEIR_OK) status = weir_sq_write_deltas(s, err);
  if (status != WEIR_OK) return status;
  if (s->counted) s->now.commits++;
  return weir_sq_run(s, WEIR_SQ_META_PUT,
                     WEIR_SQ_ARGS(weir_sq_int(s->now.born_ms), weir_sq_int(s->now.now_ms), weir_sq_int(s->now.iat_s),
                                  weir_sq_int(s->now.last_person), weir_sq_int(s->now.last_timer),
                                  weir_sq_int(s->now.unconfirmed), weir_sq_int(s->now.commits)),
                     err);
}

weir_status weir_sq_commit(struct weir_store *store, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  if (!s->open) return weir_fail(err, WEIR_E_SEQUENCE, "no transaction is open");
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK && (s->wrote || s->refused)) status = write_rest(s, err);
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_COMMIT, WEIR_SQ_NO_ARGS, err);
  if (status != WEIR_OK) {
    weir_sq_tear(s, status, "the transaction could not be committed");
    return status;
  }
  s->open = false;
  s->info.born_ms = s->now.born_ms;
  weir_sq_settle_acks(s, true);
  if (s->wal_pages >= WEIR_SQLITE_WAL_PAGES) checkpoint(s, SQLITE_CHECKPOINT_PASSIVE);
  return WEIR_OK;
}

void weir_sq_empty_log(struct weir_sqlite *s) { checkpoint(s, SQLITE_CHECKPOINT_TRUNCATE); }

void weir_sq_rollback(struct weir_store *store) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  if (!s->open) return;
  if (sqlite3_get_autocommit(s->db) == 0) {
    sqlite3_stmt *stmt = s->stmts[WEIR_SQ_ROLLBACK];
    (void)sqlite3_step(stmt); /* when it fails the pages in memory are dropped all the same */
    weir_sq_done(stmt);
  }
  s->open = s->saved = false;
  s->torn = WEIR_OK;
  s->now = s->at_begin;
  s->delta_cnt = 0;
  weir_sq_forget_who(s);
  weir_sq_forget_meters(s);
  weir_sq_settle_acks(s, false);
}

weir_status weir_sq_save(struct weir_sqlite *s, weir_error *err) {
  weir_status status = weir_sq_write_meters(s, err); /* so that what is at hand can be forgotten if it comes to that */
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_SAVE, WEIR_SQ_NO_ARGS, err);
  if (status != WEIR_OK) return status;
  s->saved = true;
  s->at_save = s->now;
  s->saved_delta_cnt = s->delta_cnt;
  memcpy(s->saved_deltas, s->deltas, s->delta_cnt * sizeof *s->deltas);
  return WEIR_OK;
}

weir_status weir_sq_keep(struct weir_sqlite *s, weir_error *err) {
  weir_status status = weir_sq_run(s, WEIR_SQ_SAVE_KEEP, WEIR_SQ_NO_ARGS, err);
  if (status == WEIR_OK) s->saved = false;
  return status;
}

void weir_sq_undo(struct weir_sqlite *s) {
  weir_error why;
  weir_status status = weir_sq_run(s, WEIR_SQ_SAVE_BACK, WEIR_SQ_NO_ARGS, &why);
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_SAVE_KEEP, WEIR_SQ_NO_ARGS, &why);
  s->saved = false;
  s->now = s->at_save;
  s->delta_cnt = s->saved_delta_cnt;
  memcpy(s->deltas, s->saved_deltas, s->delta_cnt * sizeof *s->deltas);
  weir_sq_forget_who(s);
  weir_sq_forget_meters(s);
  if (status != WEIR_OK) weir_sq_tear(s, status, why.message);
}

/* A file that may not grow any more is noticed before anything is written, so that whoever waits in the group is not lost.
 * SQLite is asked only when what it said last is used up. */
weir_status weir_sq_need_pages(struct weir_sqlite *s, int64_t pages, weir_error *err) {
  int64_t used, idle;
  if (s->pages_left < pages) {
    weir_status status = weir_sq_ask(s, WEIR_SQ_PAGES, WEIR_SQ_NO_ARGS, 0, &used, err);
    if (status == WEIR_OK) status = weir_sq_ask(s, WEIR_SQ_PAGES_FREE, WEIR_SQ_NO_ARGS, 0, &idle, err);
    if (status != WEIR_OK) return status;
    s->pages_left = s->max_pages - used + idle;
  }
  if (s->pages_left < pages) {
    return weir_fail(err, WEIR_E_FULL, "the state file is as large as it may become; acknowledge records, or allow it more "
                                       "bytes");
  }
  s->pages_left -= pages;
  return WEIR_OK;
}
