/* sqlite_forget.c: one person is erased, because he asked for it.
 *
 * It is a transaction of its own. Rows that are deleted are overwritten (secure_delete), and afterwards the log is written back
 * and cut, so that nothing of him is left in the files. Opt-outs are kept by hash in a table of their own: whoever had opted
 * out stays left in peace. */
#include "state/sqlite.h"

/* Inside the transaction; s->who is he, or nobody. */
static weir_status erase(struct weir_sqlite *s, const struct weir_contact *contact, weir_error *err) {
  uint64_t timers = 0, entries = 0;
  int64_t person = s->who.id;
  weir_status status = weir_sq_forget_timers(s, contact, person, &timers, err);
  if (status == WEIR_OK) status = weir_sq_forget_ledger(s, contact, person, &entries, err);
  if (status == WEIR_OK && person != 0) status = weir_sq_drop_person(s, person, err);
  if (status != WEIR_OK) return status;
  if (person == 0 && timers + entries == 0) return WEIR_NONE;
  s->wrote = s->counted = true;
  return WEIR_OK;
}

weir_status weir_sq_forget(struct weir_store *store, const struct weir_contact *contact, const struct weir_forgetting *with, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  if (s->open) return weir_fail(err, WEIR_E_SEQUENCE, "nobody can be forgotten inside a transaction");
  weir_status status = weir_sq_begin(store, err);
  if (status != WEIR_OK) return status;
  if (with && with->first) status = with->first(with->ctx, err);
  if (status == WEIR_OK) status = weir_sq_find(s, contact, err);
  if (status == WEIR_OK && s->who.id != 0 && with && with->cnt != 0) {
    const struct weir_changeset set = { .contact = *contact, .now_ms = s->now.now_ms, .items = with->items, .cnt = with->cnt, .cap = with->cnt };
    status = weir_sq_apply(store, &set, err);
    if (status == WEIR_OK) status = weir_sq_find(s, contact, err);
  }
  if (status == WEIR_OK) status = erase(s, contact, err);
  bool known = status == WEIR_OK;
  if (status == WEIR_OK || status == WEIR_NONE) status = weir_sq_commit(store, err);
  if (status != WEIR_OK) {
    weir_sq_rollback(store);
    return status;
  }
  weir_sq_empty_log(s);
  return known ? WEIR_OK : WEIR_NONE;
}
