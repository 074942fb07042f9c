/* sqlite_ledger.c: what became of the outbound actions, found by key; and for each origin, how many of its actions were sent,
 * rejected and so on.
 *
 * An origin's counts outlive its entries: when an entry goes because its time is over, or because somebody is forgotten, what
 * it was still counts as long as another entry of the origin is there. Otherwise a forgotten "sent" could give a claim back,
 * and somebody would be answered twice. What is taken out on purpose does not count any more. */
#include "state/sqlite.h"

/* What is needed of an entry to change it. */
struct entry {
  int64_t id, until_ms; /* id 0: there is none */
  unsigned char origin[WEIR_ID_BYTES];
  enum weir_ledger_status status;
};

static weir_status find_entry(struct weir_sqlite *s, const unsigned char key[WEIR_ID_BYTES], struct entry *out, weir_error *err) {
  bool row;
  *out = (struct entry){ .id = 0 };
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_LEDGER, WEIR_SQ_ARGS(weir_sq_key(key)));
  weir_status status = weir_sq_next(s, stmt, &row, err);
  if (!row) return status;
  weir_str origin = weir_sq_column(stmt, 1);
  if (origin.len == WEIR_ID_BYTES) memcpy(out->origin, origin.ptr, WEIR_ID_BYTES);
  out->id = sqlite3_column_int64(stmt, 0);
  out->status = (enum weir_ledger_status)sqlite3_column_int(stmt, 2);
  out->until_ms = sqlite3_column_int64(stmt, 3);
  weir_sq_done(stmt);
  return WEIR_OK;
}

static bool waited_for(enum weir_ledger_status status) { return status == WEIR_LEDGER_WAITING || status == WEIR_LEDGER_RETRYING; }

/* An entry that may go when its time is over. */
static void ends_at(struct weir_sqlite *s, enum weir_ledger_status status, int64_t until_ms) {
  if (!waited_for(status) && until_ms < s->now.ledger_end) s->now.ledger_end = until_ms;
}

/* Adds to what an origin counts: entries, and what `was` and `is` stand for (0: nothing). */
static weir_status count(struct weir_sqlite *s, const unsigned char origin[WEIR_ID_BYTES], int64_t entries, int was, int is,
                         weir_error *err) {
  enum { OPEN, SENT, REJECTED, UNCONFIRMED };
  static const int kinds[WEIR_LEDGER_SENT + 1] = {
    [WEIR_LEDGER_SENT] = SENT, [WEIR_LEDGER_REJECTED] = REJECTED, [WEIR_LEDGER_UNCONFIRMED] = UNCONFIRMED,
  };
  int64_t more[4] = { 0 };
  if (was != 0) more[kinds[was]]--;
  if (is != 0) more[kinds[is]]++;
  return weir_sq_run(s, WEIR_SQ_ORIGIN_COUNT, WEIR_SQ_ARGS(weir_sq_key(origin), weir_sq_int(entries),
                                                                         weir_sq_int(more[OPEN]), weir_sq_int(more[SENT]),
                                                                         weir_sq_int(more[REJECTED]),
                                                                         weir_sq_int(more[UNCONFIRMED])), err);
}

/* `counted`: its status, when it does not count any more; 0: it counts on. */
static weir_status drop_entry(struct weir_sqlite *s, int64_t id, const unsigned char origin[WEIR_ID_BYTES], int counted,
                              weir_error *err) {
  weir_status status = weir_sq_run(s, WEIR_SQ_LEDGER_DROP, WEIR_SQ_ARGS(weir_sq_int(id)), err);
  if (status != WEIR_OK) return status;
  s->now.ledger--;
  status = weir_sq_run(s, WEIR_SQ_ORIGIN_DROP, WEIR_SQ_ARGS(weir_sq_key(origin)), err); /* if it was its last entry */
  if (status != WEIR_OK || sqlite3_changes(s->db) != 0) return status;
  return count(s, origin, -1, counted, 0, err);
}

weir_status weir_sq_add_ledger(struct weir_sqlite *s, const struct weir_ledger_entry *e, weir_error *err) {
  const struct weir_sq_arg args[] = {
    weir_sq_key(e->key),               weir_sq_key(e->origin),           weir_sq_text(e->contact.channel),
    weir_sq_text(e->contact.account),  weir_sq_text(e->contact.id),      weir_sq_text(e->decision),
    weir_sq_int(e->n),                 weir_sq_text(e->rule),            weir_sq_text(e->cause),
    weir_sq_text(e->post),             weir_sq_text(e->payload),         weir_sq_int(e->attempt),
    weir_sq_int((int64_t)e->status),   weir_sq_int(e->until_ms),       { WEIR_SQ_BLOB, 0, e->taken },
  };
  weir_status status = weir_sq_run(s, WEIR_SQ_LEDGER_ADD, args, sizeof args / sizeof *args, err);
  if (status == WEIR_OK && sqlite3_changes(s->db) == 0) { /* seldom: there is one with this key */
    struct entry old;
    status = find_entry(s, e->key, &old, err);
    if (status == WEIR_OK) status = drop_entry(s, old.id, old.origin, (int)old.status, err);
    if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_LEDGER_ADD, args, sizeof args / sizeof *args, err);
  }
  if (status != WEIR_OK) return status;
  s->now.ledger++;
  s->ledger_added++;
  ends_at(s, e->status, e->until_ms);
  return count(s, e->origin, 1, 0, (int)e->status, err);
}

weir_status weir_sq_set_ledger(struct weir_sqlite *s, const struct weir_change *change, weir_error *err) {
  struct entry e;
  weir_status status = find_entry(s, change->key, &e, err);
  if (status != WEIR_OK || e.id == 0) return status;
  if (change->number == 0) return drop_entry(s, e.id, e.origin, (int)e.status, err);
  int64_t until = change->until_ms > e.until_ms ? change->until_ms : e.until_ms;
  if (until == e.until_ms && change->number == (int64_t)e.status) return WEIR_OK;
  status = weir_sq_run(s, WEIR_SQ_LEDGER_PUT, WEIR_SQ_ARGS(weir_sq_int(e.id), weir_sq_int(change->number), weir_sq_int(until)), err);
  if (status != WEIR_OK) return status;
  ends_at(s, (enum weir_ledger_status)change->number, until);
  if (change->number == (int64_t)e.status) return WEIR_OK;
  return count(s, e.origin, 0, (int)e.status, (int)change->number, err);
}

/* ---- what goes */

/* The entry a question found: its number, and its origin copied. */
static bool take_row(sqlite3_stmt *stmt, struct entry *e) {
  weir_str origin = weir_sq_column(stmt, 1);
  *e = (struct entry){ .id = sqlite3_column_int64(stmt, 0) };
  if (origin.len != WEIR_ID_BYTES) return false;
  memcpy(e->origin, origin.ptr, WEIR_ID_BYTES);
  return true;
}

weir_status weir_sq_sweep_ledger(struct weir_sqlite *s, weir_error *err) {
  struct entry over[WEIR_SQ_LEDGER_SWEPT];
  uint32_t most = WEIR_SQ_LEDGER_ROWS + s->ledger_added, cnt = 0;
  bool row = false, sound = true;
  if (s->now.ledger_end > s->now.now_ms) return WEIR_OK;
  if (most > WEIR_SQ_LEDGER_SWEPT) most = WEIR_SQ_LEDGER_SWEPT;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_LEDGER_OVER, WEIR_SQ_ARGS(weir_sq_int((int64_t)most + 1))); /* the last says when to come again */
  weir_status status;
  s->now.ledger_end = INT64_MAX;
  while ((status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row && sound) {
    s->now.ledger_end = sqlite3_column_int64(stmt, 2);
    if (s->now.ledger_end > s->now.now_ms || cnt == most) break;
    sound = take_row(stmt, &over[cnt++]);
  }
  weir_sq_done(stmt);
  if (!sound) return weir_sq_damaged(s, "a ledger entry without origin", err);
  if (status == WEIR_OK && !row) s->now.ledger_end = INT64_MAX;
  for (uint32_t i = 0; i < cnt && status == WEIR_OK; i++) status = drop_entry(s, over[i].id, over[i].origin, 0, err);
  return status;
}

weir_status weir_sq_forget_ledger(struct weir_sqlite *s, const struct weir_contact *contact, int64_t person, uint64_t *cnt,
                                  weir_error *err) {
  struct entry e = { .id = 0 };
  weir_status status;
  bool row;
  for (*cnt = 0;; ++*cnt) {
    const struct weir_sq_arg args[] = { weir_sq_text(contact->channel), weir_sq_text(contact->account), weir_sq_text(contact->id),
                                        weir_sq_int(person) };
    sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_LEDGER_OF, args, 4);
    if ((status = weir_sq_next(s, stmt, &row, err)) != WEIR_OK || !row) return status;
    bool sound = take_row(stmt, &e);
    weir_sq_done(stmt);
    if (!sound) return weir_sq_damaged(s, "a ledger entry without origin", err);
    if ((status = drop_entry(s, e.id, e.origin, 0, err)) != WEIR_OK) return status;
  }
}

/* ---- asking */

weir_status weir_sq_ask_ledger(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], struct weir_arena *arena,
                               struct weir_ledger_entry *out, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  struct weir_ledger_entry e = { .n = 0 };
  weir_str *const texts[] = { &e.contact.channel, &e.contact.account, &e.contact.id, &e.decision, &e.rule, &e.cause, &e.post,
                              &e.payload };
  struct entry head;
  bool row;
  *out = e;
  weir_status status = weir_sq_usable(s, err);
  if (status != WEIR_OK) return status;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_LEDGER, WEIR_SQ_ARGS(weir_sq_key(key)));
  if ((status = weir_sq_next(s, stmt, &row, err)) != WEIR_OK) return status;
  if (!row) return WEIR_NONE;
  bool sound = take_row(stmt, &head);
  e.status = (enum weir_ledger_status)sqlite3_column_int(stmt, 2);
  e.until_ms = sqlite3_column_int64(stmt, 3);
  for (int i = 0; i < 8 && status == WEIR_OK; i++) status = weir_sq_copy(stmt, 4 + i, arena, texts[i], err);
  e.n = (uint32_t)sqlite3_column_int64(stmt, 12);
  e.attempt = (uint32_t)sqlite3_column_int64(stmt, 13);
  if (status == WEIR_OK) status = weir_sq_copy(stmt, 14, arena, &e.taken, err);
  weir_sq_done(stmt);
  if (!sound) return weir_sq_damaged(s, "a ledger entry without origin", err);
  if (status != WEIR_OK) return status;
  memcpy(e.key, key, WEIR_ID_BYTES);
  memcpy(e.origin, head.origin, WEIR_ID_BYTES);
  *out = e;
  return WEIR_OK;
}

weir_status weir_sq_ask_origin(struct weir_store *store, const unsigned char origin[WEIR_ID_BYTES],
                               struct weir_ledger_counts *out, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  bool row;
  *out = (struct weir_ledger_counts){ 0, 0, 0, 0 };
  weir_status status = weir_sq_usable(s, err);
  if (status != WEIR_OK) return status;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_ORIGIN, WEIR_SQ_ARGS(weir_sq_key(origin)));
  if ((status = weir_sq_next(s, stmt, &row, err)) != WEIR_OK || !row) return status;
  uint32_t *const counts[] = { &out->open, &out->sent, &out->rejected, &out->unconfirmed };
  for (int i = 0; i < 4; i++) *counts[i] = (uint32_t)sqlite3_column_int64(stmt, i);
  weir_sq_done(stmt);
  return WEIR_OK;
}
