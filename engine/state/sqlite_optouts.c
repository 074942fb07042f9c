/* sqlite_optouts.c: who wants to hear nothing. Kept by hash and apart from people, so that somebody who was forgotten stays
 * left in peace. The filter of contacts holds these hashes too. */
#include "state/sqlite.h"

static void key_of(const struct weir_contact *contact, enum weir_sq_scope scope, unsigned char key[WEIR_ID_BYTES]) {
  weir_str parts[] = { contact->channel, contact->account, contact->id };
  weir_id_hash(scope == WEIR_SQ_CHANNEL ? WEIR_STR("weir opt-out: channel") : WEIR_STR("weir opt-out"), parts, 3, key);
}

void weir_sq_learn_optout(struct weir_sqlite *s, const unsigned char key[WEIR_ID_BYTES]) {
  weir_filter_add(&s->contacts, weir_sq_key_hash(key));
}

weir_status weir_sq_is_opted_out(struct weir_sqlite *s, const struct weir_contact *contact, enum weir_sq_scope scope, bool *out,
                                 weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  int64_t found;
  *out = false;
  if (s->now.optouts == 0) return WEIR_OK;
  key_of(contact, scope, key);
  if (!weir_filter_may_hold(&s->contacts, weir_sq_key_hash(key))) return WEIR_OK;
  weir_status status = weir_sq_ask(s, WEIR_SQ_OPTOUT, WEIR_SQ_ARGS(weir_sq_key(key)), 0, &found, err);
  *out = found != 0;
  return status;
}

weir_status weir_sq_opt_out(struct weir_sqlite *s, const struct weir_contact *contact, enum weir_sq_scope scope, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  key_of(contact, scope, key);
  weir_status status = weir_sq_run(s, WEIR_SQ_OPTOUT_ADD, WEIR_SQ_ARGS(weir_sq_key(key)), err);
  if (status != WEIR_OK || sqlite3_changes(s->db) == 0) return status;
  s->now.optouts++;
  weir_sq_learn_optout(s, key);
  return WEIR_OK;
}

weir_status weir_sq_opt_in(struct weir_sqlite *s, const struct weir_contact *contact, weir_error *err) {
  weir_status status = WEIR_OK;
  for (int scope = WEIR_SQ_EVERYWHERE; scope <= WEIR_SQ_CHANNEL && status == WEIR_OK; scope++) {
    unsigned char key[WEIR_ID_BYTES];
    key_of(contact, (enum weir_sq_scope)scope, key);
    status = weir_sq_run(s, WEIR_SQ_OPTOUT_DROP, WEIR_SQ_ARGS(weir_sq_key(key)), err);
    if (status == WEIR_OK && sqlite3_changes(s->db) != 0) s->now.optouts--;
  }
  return status;
}

/* Calls for each contact of s->who. Another table is changed between the steps, which moves nothing under the question. */
static weir_status each(struct weir_sqlite *s, weir_status (*call)(struct weir_sqlite *s, const struct weir_contact *contact, void *ctx, weir_error *err),
                        void *ctx, weir_error *err) {
  weir_status status = WEIR_OK;
  bool row;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_CONTACTS, WEIR_SQ_ARGS(weir_sq_int(s->who.id)));
  while (status == WEIR_OK && (status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row) {
    struct weir_contact contact = { weir_sq_column(stmt, 0), weir_sq_column(stmt, 1), weir_sq_column(stmt, 2) };
    status = call(s, &contact, ctx, err);
  }
  weir_sq_done(stmt);
  return status;
}

static weir_status opt_one(struct weir_sqlite *s, const struct weir_contact *contact, void *ctx, weir_error *err) {
  return *(const bool *)ctx ? weir_sq_opt_out(s, contact, WEIR_SQ_EVERYWHERE, err) : weir_sq_opt_in(s, contact, err);
}

weir_status weir_sq_opt_who(struct weir_sqlite *s, bool out, weir_error *err) {
  weir_status status = WEIR_OK;
  if (s->who.opted_out != out) {
    s->who.opted_out = out;
    status = weir_sq_put_who(s, err);
  }
  return status == WEIR_OK ? each(s, opt_one, &out, err) : status;
}

static weir_status opt_there(struct weir_sqlite *s, const struct weir_contact *contact, void *ctx, weir_error *err) {
  if (!weir_str_eq(contact->channel, *(const weir_str *)ctx)) return WEIR_OK;
  return weir_sq_opt_out(s, contact, WEIR_SQ_CHANNEL, err);
}

weir_status weir_sq_opt_channel(struct weir_sqlite *s, weir_str channel, weir_error *err) { return each(s, opt_there, &channel, err); }

/* Channels on which he opted out. */
struct channels {
  char names[WEIR_CONTACTS_MAX][WEIR_ID_MAX];
  size_t lens[WEIR_CONTACTS_MAX];
  uint32_t cnt;
};

static weir_status note_channel(struct weir_sqlite *s, const struct weir_contact *contact, void *ctx, weir_error *err) {
  struct channels *channels = ctx;
  bool out;
  weir_status status = weir_sq_is_opted_out(s, contact, WEIR_SQ_CHANNEL, &out, err);
  if (status != WEIR_OK || !out || channels->cnt == WEIR_CONTACTS_MAX || contact->channel.len > WEIR_ID_MAX) return status;
  memcpy(channels->names[channels->cnt], contact->channel.ptr, contact->channel.len);
  channels->lens[channels->cnt++] = contact->channel.len;
  return WEIR_OK;
}

weir_status weir_sq_spread_channels(struct weir_sqlite *s, weir_error *err) {
  struct channels channels = { .cnt = 0 };
  if (s->now.optouts == 0) return WEIR_OK;
  weir_status status = each(s, note_channel, &channels, err);
  for (uint32_t i = 0; i < channels.cnt && status == WEIR_OK; i++) {
    status = weir_sq_opt_channel(s, (weir_str){ channels.names[i], channels.lens[i] }, err);
  }
  return status;
}
