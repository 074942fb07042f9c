/* sqlite_rounds.c: walks over all people: how far each has come, and its next step. */
#include "state/sqlite.h"

weir_status weir_sq_set_round(struct weir_sqlite *s, const struct weir_change *c, weir_error *err) {
  return weir_sq_run(s, WEIR_SQ_ROUND_PUT, WEIR_SQ_ARGS(weir_sq_key(c->key), weir_sq_int(c->at_ms), weir_sq_int(c->until_ms),
                                                        weir_sq_int(c->number)), err);
}

weir_status weir_sq_ask_round(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], struct weir_round *out, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  bool row;
  *out = (struct weir_round){ 0 };
  weir_status status = weir_sq_usable(s, err);
  if (status != WEIR_OK) return status;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_ROUND, WEIR_SQ_ARGS(weir_sq_key(key)));
  if ((status = weir_sq_next(s, stmt, &row, err)) != WEIR_OK) return status;
  if (!row) return WEIR_NONE;
  *out = (struct weir_round){ sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1), sqlite3_column_int64(stmt, 2) };
  weir_sq_done(stmt);
  return WEIR_OK;
}

weir_status weir_sq_glance(struct weir_store *store, const struct weir_contact *contact, struct weir_glance *out, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  *out = (struct weir_glance){ 0 };
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK) status = weir_sq_find(s, contact, err);
  if (status != WEIR_OK || s->who.id == 0) return status;
  *out = (struct weir_glance){ (uint64_t)s->who.id, s->who.last_seen_ms, s->who.awaits_ms };
  return WEIR_OK;
}

weir_status weir_sq_walk(struct weir_store *store, int64_t after, int64_t cnt, int64_t seen_before_ms, struct weir_arena *arena,
                         struct weir_walked *out, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  int64_t last = s->now.last_person, to = last - after < cnt ? last : after + cnt;
  bool row;
  *out = (struct weir_walked){ .upto = to, .end = to >= last };
  weir_status status = weir_sq_usable(s, err);
  if (status != WEIR_OK) return status;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_PERSON_BEHIND, WEIR_SQ_ARGS(weir_sq_int(after), weir_sq_int(to), weir_sq_int(seen_before_ms)));
  if ((status = weir_sq_next(s, stmt, &row, err)) != WEIR_OK || !row) return status;
  out->upto = sqlite3_column_int64(stmt, 0);
  out->end = out->upto >= last;
  out->person = (uint64_t)out->upto;
  status = weir_sq_copy(stmt, 1, arena, &out->contact.channel, err);
  if (status == WEIR_OK) status = weir_sq_copy(stmt, 2, arena, &out->contact.account, err);
  if (status == WEIR_OK) status = weir_sq_copy(stmt, 3, arena, &out->contact.id, err);
  weir_sq_done(stmt);
  return status;
}
