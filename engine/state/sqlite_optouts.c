/* sqlite_optouts.c: who wants to hear nothing. Kept by hash and apart from people, so that somebody who was forgotten stays
 * left in peace. The filter of contacts holds these hashes too. */
#include "state/sqlite.h"

static void key_of(const struct weir_contact *contact, unsigned char key[WEIR_ID_BYTES]) {
  weir_str parts[] = { contact->channel, contact->account, contact->id };
  weir_id_hash(WEIR_STR("weir opt-out"), parts, 3, key);
}

void weir_sq_learn_optout(struct weir_sqlite *s, const unsigned char key[WEIR_ID_BYTES]) {
  weir_filter_add(&s->contacts, weir_sq_key_hash(key));
}

weir_status weir_sq_is_opted_out(struct weir_sqlite *s, const struct weir_contact *contact, bool *out, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  int64_t found;
  *out = false;
  if (s->now.optouts == 0) return WEIR_OK;
  key_of(contact, key);
  if (!weir_filter_may_hold(&s->contacts, weir_sq_key_hash(key))) return WEIR_OK;
  weir_status status = weir_sq_ask(s, WEIR_SQ_OPTOUT, WEIR_SQ_ARGS(weir_sq_key(key)), 0, &found, err);
  *out = found != 0;
  return status;
}

weir_status weir_sq_opt(struct weir_sqlite *s, const struct weir_contact *contact, bool out, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  key_of(contact, key);
  enum weir_sq_id id = out ? WEIR_SQ_OPTOUT_ADD : WEIR_SQ_OPTOUT_DROP;
  weir_status status = weir_sq_run(s, id, WEIR_SQ_ARGS(weir_sq_key(key)), err);
  if (status != WEIR_OK || sqlite3_changes(s->db) == 0) return status;
  if (out) {
    s->now.optouts++;
    weir_sq_learn_optout(s, key);
  } else {
    s->now.optouts--;
  }
  return WEIR_OK;
}

weir_status weir_sq_opt_who(struct weir_sqlite *s, bool out, weir_error *err) {
  weir_status status = WEIR_OK;
  bool row;
  if (s->who.opted_out != out) {
    s->who.opted_out = out;
    status = weir_sq_put_who(s, err);
  }
  if (status != WEIR_OK) return status;
  /* another table is changed between the steps, which moves nothing under the question */
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_CONTACTS, WEIR_SQ_ARGS(weir_sq_int(s->who.id)));
  while (status == WEIR_OK && (status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row) {
    struct weir_contact contact = { weir_sq_column(stmt, 0), weir_sq_column(stmt, 1), weir_sq_column(stmt, 2) };
    status = weir_sq_opt(s, &contact, out, err);
  }
  weir_sq_done(stmt);
  return status;
}
