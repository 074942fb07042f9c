/* sqlite_outbox.c: finished records until they are acknowledged, and the last record of each account's chain.
 *
 * A record's number `n` is the order of all of them. Handing out moves a mark along the numbers; whatever is in the table
 * when the store is opened is handed out again from the first.
 *
 * Acknowledgements are no part of a transaction and are not worth an fsync of their own: they are kept in memory, and the
 * next transaction drops the rows. One that is rolled back drops them again the next time. */
#include <inttypes.h>

#include "state/sqlite.h"

size_t weir_sq_outbox_room(const struct weir_store *store) {
  const struct weir_sqlite *s = (const struct weir_sqlite *)store;
  return s->now.outbox_bytes < s->outbox_cap ? (size_t)(s->outbox_cap - s->now.outbox_bytes) : 0;
}

struct chain {
  int64_t id, seq; /* id 0: none yet */
  bool has_hash;
  unsigned char hash[WEIR_SHA256_BYTES];
};

static weir_status find_chain(struct weir_sqlite *s, weir_str aud, struct chain *out, weir_error *err) {
  bool row;
  *out = (struct chain){ 0, 0, false, { 0 } };
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_CHAIN, WEIR_SQ_ARGS(weir_sq_text(aud)));
  weir_status status = weir_sq_next(s, stmt, &row, err);
  if (!row) return status;
  out->id = sqlite3_column_int64(stmt, 0);
  out->seq = sqlite3_column_int64(stmt, 1);
  weir_str hash = weir_sq_column(stmt, 2);
  out->has_hash = hash.len == WEIR_SHA256_BYTES;
  if (out->has_hash) memcpy(out->hash, hash.ptr, WEIR_SHA256_BYTES);
  weir_sq_done(stmt);
  return WEIR_OK;
}

weir_status weir_sq_chain_head(struct weir_store *store, weir_str aud, struct weir_chain_head *out, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  struct chain chain;
  *out = (struct weir_chain_head){ 0 };
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK) status = find_chain(s, aud, &chain, err);
  if (status != WEIR_OK) return status;
  out->iat_s = s->now.iat_s;
  out->seq = (uint64_t)chain.seq;
  out->has_hash = chain.has_hash;
  memcpy(out->hash, chain.hash, WEIR_SHA256_BYTES);
  return WEIR_OK;
}

weir_status weir_sq_chain_next(struct weir_store *store, uint64_t after, uint64_t *n, struct weir_arena *arena, weir_str *aud, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  bool row;
  *n = 0;
  *aud = (weir_str){ NULL, 0 };
  weir_status status = weir_sq_usable(s, err);
  if (status != WEIR_OK) return status;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_CHAIN_NEXT, WEIR_SQ_ARGS(weir_sq_int((int64_t)after)));
  if ((status = weir_sq_next(s, stmt, &row, err)) != WEIR_OK || !row) return status == WEIR_OK ? WEIR_NONE : status;
  *n = (uint64_t)sqlite3_column_int64(stmt, 0);
  status = weir_arena_str(arena, weir_sq_column(stmt, 1), aud) ? WEIR_OK : weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  weir_sq_done(stmt);
  return status;
}

weir_status weir_sq_sign_as(struct weir_store *store, weir_str kid, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK && !s->open) status = weir_fail(err, WEIR_E_SEQUENCE, "the key can be noted inside begin and commit only");
  if (status != WEIR_OK) return status;
  s->wrote = s->counted = true;
  if ((status = weir_sq_run(s, WEIR_SQ_META_KID, WEIR_SQ_ARGS(weir_sq_text(kid)), err)) != WEIR_OK) weir_sq_tear(s, status, err ? err->message : "");
  return status;
}

/* ---- putting */

static weir_status move_head(struct weir_sqlite *s, weir_str aud, const struct weir_chain_head *head, struct chain *chain,
                             weir_error *err) {
  weir_str hash = { (const char *)head->hash, WEIR_SHA256_BYTES };
  const struct weir_sq_arg seq = weir_sq_int((int64_t)head->seq);
  const struct weir_sq_arg arg = { WEIR_SQ_BLOB, 0, head->has_hash ? hash : (weir_str){ NULL, 0 } };
  if (chain->id != 0) return weir_sq_run(s, WEIR_SQ_CHAIN_PUT, WEIR_SQ_ARGS(weir_sq_int(chain->id), seq, arg), err);
  weir_status status = weir_sq_run(s, WEIR_SQ_CHAIN_ADD, WEIR_SQ_ARGS(weir_sq_text(aud), seq, arg), err);
  chain->id = sqlite3_last_insert_rowid(s->db);
  return status;
}

static weir_status put(struct weir_sqlite *s, weir_str aud, const struct weir_chain_head *head, struct chain *chain,
                       weir_str line,
                       weir_error *err) {
  weir_status status = move_head(s, aud, head, chain, err);
  if (status != WEIR_OK) return status;
  s->now.outbox_bytes += line.len;
  s->now.outbox_cnt++;
  if (head->iat_s > s->now.iat_s) s->now.iat_s = head->iat_s;
  return weir_sq_run(s, WEIR_SQ_OUT_PUT,
                     WEIR_SQ_ARGS(weir_sq_int(++s->now.outbox_last), weir_sq_int(chain->id), weir_sq_int((int64_t)head->seq),
                                  weir_sq_int(head->exp_s), weir_sq_int((int64_t)line.len), weir_sq_text(line)), err);
}

weir_status weir_sq_outbox_put(struct weir_store *store, weir_str aud, const struct weir_chain_head *head, weir_str line,
                               weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  struct chain chain;
  weir_error local;
  if (!err) err = &local;
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK && !s->open) status = weir_fail(err, WEIR_E_SEQUENCE, "a record can be put inside begin and commit only");
  if (status == WEIR_OK) status = weir_check_text(line, WEIR_JWS_MAX, "a record", err);
  if (status == WEIR_OK) status = weir_check_text(aud, 2 * WEIR_ID_MAX + 1, "a record's aud", err);
  if (status == WEIR_OK) status = find_chain(s, aud, &chain, err);
  if (status != WEIR_OK) return status;
  if (head->seq != (uint64_t)chain.seq + 1 || head->seq > INT64_MAX) {
    return weir_fail(err, WEIR_E_ARG, "record %" PRIu64 " does not follow record %" PRId64 " of its chain", head->seq, chain.seq);
  }
  if (line.len > weir_sq_outbox_room(store)) return weir_fail(err, WEIR_E_FULL, "the outbox is full; acknowledge records");
  status = weir_sq_need_pages(s, WEIR_SQ_CHANGE_PAGES + (int64_t)line.len / (WEIR_SQLITE_PAGE_BYTES - 4), err);
  if (status != WEIR_OK) return status;
  s->wrote = s->counted = true;
  if ((status = put(s, aud, head, &chain, line, err)) != WEIR_OK) weir_sq_tear(s, status, err->message);
  return status;
}

/* ---- handing out */

weir_status weir_sq_outbox_next(struct weir_store *store, struct weir_stored_record *out, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  bool row;
  *out = (struct weir_stored_record){ 0 };
  weir_status status = weir_sq_usable(s, err);
  if (status != WEIR_OK) return status;
  int64_t last = s->open ? s->at_begin.outbox_last : s->now.outbox_last; /* what was put since begin is not there yet */
  if (s->handed >= last) return WEIR_NONE;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_OUT_NEXT, WEIR_SQ_ARGS(weir_sq_int(s->handed), weir_sq_int(last)));
  if ((status = weir_sq_next(s, stmt, &row, err)) != WEIR_OK) return status;
  if (!row) {
    s->handed = last;
    return WEIR_NONE;
  }
  int64_t n = sqlite3_column_int64(stmt, 0), seq = sqlite3_column_int64(stmt, 1);
  weir_str line = weir_sq_column(stmt, 2), aud = weir_sq_column(stmt, 3);
  bool fits = line.len <= sizeof s->line && aud.len <= sizeof s->aud;
  if (fits && line.len) memcpy(s->line, line.ptr, line.len);
  if (fits && aud.len) memcpy(s->aud, aud.ptr, aud.len);
  weir_sq_done(stmt);
  if (!fits) return weir_sq_damaged(s, "a record is too long", err);
  *out = (struct weir_stored_record){ { s->aud, aud.len }, { s->line, line.len }, (uint64_t)seq };
  s->handed = n;
  return WEIR_OK;
}

/* ---- somebody in it is erased */

weir_status weir_sq_outbox_look(struct weir_store *store, uint64_t after, uint64_t *n, struct weir_stored_record *out, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  bool row;
  *n = 0;
  *out = (struct weir_stored_record){ 0 };
  weir_status status = weir_sq_usable(s, err);
  if (status != WEIR_OK) return status;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_OUT_LOOK, WEIR_SQ_ARGS(weir_sq_int((int64_t)after)));
  if ((status = weir_sq_next(s, stmt, &row, err)) != WEIR_OK || !row) return status == WEIR_OK ? WEIR_NONE : status;
  *n = (uint64_t)sqlite3_column_int64(stmt, 0);
  int64_t seq = sqlite3_column_int64(stmt, 1);
  weir_str line = weir_sq_column(stmt, 2), aud = weir_sq_column(stmt, 3);
  bool fits = line.len <= sizeof s->line && aud.len <= sizeof s->aud;
  if (fits && line.len) memcpy(s->line, line.ptr, line.len);
  if (fits && aud.len) memcpy(s->aud, aud.ptr, aud.len);
  weir_sq_done(stmt);
  if (!fits) return weir_sq_damaged(s, "a record is too long", err);
  *out = (struct weir_stored_record){ { s->aud, aud.len }, { s->line, line.len }, (uint64_t)seq };
  return WEIR_OK;
}

weir_status weir_sq_outbox_replace(struct weir_store *store, uint64_t n, weir_str line, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  int64_t before = 0, after = 0;
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK && !s->open) status = weir_fail(err, WEIR_E_SEQUENCE, "a record can be replaced inside begin and commit only");
  if (status == WEIR_OK) status = weir_sq_ask(s, WEIR_SQ_OUT_TOTAL, WEIR_SQ_NO_ARGS, 0, &before, err);
  if (status == WEIR_OK) {
    status = weir_sq_run(s, WEIR_SQ_OUT_REPLACE, WEIR_SQ_ARGS(weir_sq_int((int64_t)n), weir_sq_text(line), weir_sq_int((int64_t)line.len)), err);
  }
  if (status == WEIR_OK && sqlite3_changes(s->db) == 0) return weir_fail(err, WEIR_E_LIMIT, "a record can be replaced by a shorter one only");
  if (status == WEIR_OK) status = weir_sq_ask(s, WEIR_SQ_OUT_TOTAL, WEIR_SQ_NO_ARGS, 0, &after, err);
  if (status != WEIR_OK) return status;
  s->now.outbox_bytes -= (uint64_t)(before - after);
  s->wrote = true;
  memset(s->line, 0, sizeof s->line);
  return WEIR_OK;
}

/* ---- acknowledging */

static struct weir_sq_ack *find_ack(struct weir_sqlite *s, int64_t chain) {
  for (uint32_t i = 0; i < s->ack_cnt; i++) {
    if (s->acks[i].chain == chain) return &s->acks[i];
  }
  return NULL;
}

/* Up to where the records of a chain were handed out: everything but what waits behind the mark. */
static weir_status handed_of(struct weir_sqlite *s, const struct chain *chain, int64_t *seq, weir_error *err) {
  weir_status status = weir_sq_ask(s, WEIR_SQ_OUT_WAITING, WEIR_SQ_ARGS(weir_sq_int(chain->id), weir_sq_int(s->handed)),
                                   chain->seq + 1, seq, err);
  if (status == WEIR_OK) --*seq;
  return status;
}

weir_status weir_sq_write_acks(struct weir_sqlite *s, weir_error *err) {
  if (s->open) return weir_fail(err, WEIR_E_FULL, "too many accounts were acknowledged inside one transaction; commit first");
  weir_status status = weir_sq_begin(&s->store, err);
  if (status == WEIR_OK && (status = weir_sq_commit(&s->store, err)) != WEIR_OK) weir_sq_rollback(&s->store);
  return status;
}

/* How many records of a chain there are behind `from`, up to `to`, and their bytes. */
static weir_status measure(struct weir_sqlite *s, int64_t chain, int64_t from, int64_t to, uint64_t *cnt, uint64_t *bytes,
                           weir_error *err) {
  const struct weir_sq_arg args[] = { weir_sq_int(chain), weir_sq_int(from), weir_sq_int(to) };
  bool row;
  *cnt = *bytes = 0;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_OUT_SIZE, args, 3);
  weir_status status = weir_sq_next(s, stmt, &row, err);
  if (!row) return status;
  *cnt = (uint64_t)sqlite3_column_int64(stmt, 0);
  *bytes = (uint64_t)sqlite3_column_int64(stmt, 1);
  weir_sq_done(stmt);
  return WEIR_OK;
}

static weir_status note(struct weir_sqlite *s, int64_t chain, int64_t seq, weir_error *err) {
  struct weir_sq_ack *ack = find_ack(s, chain);
  uint64_t cnt, bytes;
  weir_status status = WEIR_OK;
  if (ack && seq <= ack->seq) return WEIR_OK;
  /* the list is full: what waits is written now */
  if (!ack && s->ack_cnt == WEIR_SQ_ACKS_MAX && (status = weir_sq_write_acks(s, err)) != WEIR_OK) return status;
  status = measure(s, chain, ack ? ack->seq : 0, seq, &cnt, &bytes, err);
  if (status != WEIR_OK || cnt == 0) return status; /* gone before */
  if (!ack) {
    ack = &s->acks[s->ack_cnt++];
    *ack = (struct weir_sq_ack){ chain, 0, 0 };
  }
  ack->seq = seq;
  if (s->open) {
    s->ack_bytes += bytes;
    s->ack_records += cnt;
  } else {
    s->now.outbox_bytes -= bytes;
    s->now.outbox_cnt -= cnt;
  }
  return WEIR_OK;
}

weir_status weir_sq_outbox_ack(struct weir_store *store, weir_str aud, uint64_t seq, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  struct chain chain;
  int64_t handed = 0;
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK) status = find_chain(s, aud, &chain, err);
  if (status == WEIR_OK && chain.id != 0) status = handed_of(s, &chain, &handed, err);
  if (status != WEIR_OK) return status;
  if (seq == 0 || handed < 0 || seq > (uint64_t)handed) {
    return weir_fail(err, WEIR_E_ARG, "record %" PRIu64 " of %.*s was never handed out", seq, WEIR_FMT(aud));
  }
  return note(s, chain.id, (int64_t)seq, err);
}

weir_status weir_sq_drop_acked(struct weir_sqlite *s, weir_error *err) {
  weir_status status = WEIR_OK;
  for (uint32_t i = 0; i < s->ack_cnt && status == WEIR_OK; i++) {
    status = weir_sq_run(s, WEIR_SQ_OUT_ACKED, WEIR_SQ_ARGS(weir_sq_int(s->acks[i].chain), weir_sq_int(s->acks[i].seq)), err);
    s->acks[i].dropped = s->acks[i].seq;
  }
  return status;
}

void weir_sq_settle_acks(struct weir_sqlite *s, bool committed) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < s->ack_cnt; i++) {
    struct weir_sq_ack ack = s->acks[i];
    if (committed && ack.dropped == ack.seq) continue;
    ack.dropped = 0;
    s->acks[kept++] = ack;
  }
  s->ack_cnt = kept;
  s->now.outbox_bytes -= s->ack_bytes;
  s->now.outbox_cnt -= s->ack_records;
  s->ack_bytes = s->ack_records = 0;
}

/* ---- records whose time is over */

/* The oldest record, if its time is over. */
static weir_status find_over(struct weir_sqlite *s, int64_t now_s, int64_t *n, int64_t *size, bool *over, weir_error *err) {
  bool row;
  *over = false;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_OUT_FIRST, WEIR_SQ_NO_ARGS);
  weir_status status = weir_sq_next(s, stmt, &row, err);
  if (!row) return status;
  *n = sqlite3_column_int64(stmt, 0);
  *size = sqlite3_column_int64(stmt, 1);
  int64_t exp_s = sqlite3_column_int64(stmt, 2);
  weir_sq_done(stmt);
  *over = exp_s != 0 && exp_s <= now_s;
  return WEIR_OK;
}

/* Inside a transaction of its own, in which what was acknowledged is gone already: what is over now is unconfirmed. */
static weir_status close_over(struct weir_sqlite *s, int64_t now_s, uint64_t *closed, weir_error *err) {
  int64_t n, size;
  bool over;
  weir_status status;
  while ((status = find_over(s, now_s, &n, &size, &over, err)) == WEIR_OK && over) {
    if ((status = weir_sq_run(s, WEIR_SQ_OUT_DROP, WEIR_SQ_ARGS(weir_sq_int(n)), err)) != WEIR_OK) return status;
    s->now.outbox_bytes -= (uint64_t)size;
    s->now.outbox_cnt--;
    s->now.unconfirmed++;
    s->wrote = true;
    ++*closed;
  }
  return status;
}

weir_status weir_sq_outbox_expire(struct weir_store *store, int64_t now_s, uint64_t *closed, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  int64_t n, size;
  bool over;
  *closed = 0;
  if (s->open) return weir_fail(err, WEIR_E_SEQUENCE, "a transaction is open; records are closed outside begin and commit");
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK) status = find_over(s, now_s, &n, &size, &over, err);
  if (status != WEIR_OK || (!over && s->ack_cnt == 0)) return status; /* what was acknowledged may stand before what is over */
  if ((status = weir_sq_begin(store, err)) != WEIR_OK) return status;
  status = close_over(s, now_s, closed, err);
  if (status == WEIR_OK) status = weir_sq_commit(store, err);
  if (status != WEIR_OK) {
    weir_sq_rollback(store);
    *closed = 0;
  }
  return status;
}
