/* sqlite_invites.c: who was invited by whom. Each person counts once, for whoever invited him first, and nobody counts for
 * himself or for one who was brought, straight or through others, by him. */
#include "state/sqlite.h"

/* Who invited person `invitee`; 0: nobody. */
static weir_status inviter_of(struct weir_sqlite *s, int64_t invitee, int64_t *inviter, int64_t *at_ms, weir_error *err) {
  bool row;
  *inviter = *at_ms = 0;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_INVITE, WEIR_SQ_ARGS(weir_sq_int(invitee)));
  weir_status status = weir_sq_next(s, stmt, &row, err);
  if (!row) return status;
  *inviter = sqlite3_column_int64(stmt, 0);
  *at_ms = sqlite3_column_int64(stmt, 1);
  weir_sq_done(stmt);
  return WEIR_OK;
}

/* Walks up the line of inviters from `who`; whether `invitee` stands in it. */
static weir_status walk_up(struct weir_sqlite *s, int64_t who, int64_t invitee, enum weir_invite_answer *out, weir_error *err) {
  for (int n = 0; n < WEIR_INVITE_LINE_MAX; n++) {
    int64_t next, at_ms;
    *out = who == invitee ? WEIR_INVITE_CIRCLE : WEIR_INVITE_COUNTS;
    if (who == invitee) return WEIR_OK;
    weir_status status = inviter_of(s, who, &next, &at_ms, err);
    if (status != WEIR_OK || next == 0) return status;
    who = next;
  }
  *out = WEIR_INVITE_TOO_LONG;
  return WEIR_OK;
}

/* 0: nobody is known there (yet). */
static weir_status judge(struct weir_sqlite *s, int64_t invitee, int64_t inviter, enum weir_invite_answer *out, weir_error *err) {
  int64_t before, at_ms;
  *out = invitee != 0 && invitee == inviter ? WEIR_INVITE_SELF : WEIR_INVITE_COUNTS;
  if (invitee == 0 || invitee == inviter) return WEIR_OK;
  weir_status status = inviter_of(s, invitee, &before, &at_ms, err);
  if (status != WEIR_OK) return status;
  if (before != 0) {
    *out = WEIR_INVITE_AGAIN;
    return WEIR_OK;
  }
  return inviter ? walk_up(s, inviter, invitee, out, err) : WEIR_OK;
}

weir_status weir_sq_invited(struct weir_sqlite *s, const struct weir_contact *contact, const struct weir_change *change, weir_error *err) {
  int64_t invitee = s->who.id;
  enum weir_invite_answer answer;
  weir_status status = weir_sq_find(s, change->inviter, err);
  if (status == WEIR_OK) status = weir_sq_see(s, change->inviter, (weir_str){ NULL, 0 }, change->at_ms, err);
  int64_t inviter = s->who.id;
  if (status == WEIR_OK) status = weir_sq_find(s, contact, err);
  if (status == WEIR_OK) status = judge(s, invitee, inviter, &answer, err);
  if (status != WEIR_OK || answer != WEIR_INVITE_COUNTS) return status;
  return weir_sq_run(s, WEIR_SQ_INVITE_ADD, WEIR_SQ_ARGS(weir_sq_int(invitee), weir_sq_int(inviter), weir_sq_int(change->at_ms)), err);
}

weir_status weir_sq_ask_invited(struct weir_store *store, const struct weir_contact *contact, uint32_t *cnt, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  int64_t person = 0, found = 0;
  *cnt = 0;
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK) status = weir_sq_find_id(s, contact, &person, err);
  if (status != WEIR_OK || person == 0) return status;
  status = weir_sq_ask(s, WEIR_SQ_INVITES_CNT, WEIR_SQ_ARGS(weir_sq_int(person)), 0, &found, err);
  *cnt = (uint32_t)found;
  return status;
}

weir_status weir_sq_ask_invites(struct weir_store *store, const struct weir_contact *contact, const struct weir_contact *inviter,
                                enum weir_invite_answer *out, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  int64_t one = 0, other = 0;
  bool same = weir_str_eq(contact->id, inviter->id) && weir_str_eq(contact->account, inviter->account) && weir_str_eq(contact->channel, inviter->channel);
  *out = WEIR_INVITE_SELF;
  weir_status status = weir_sq_usable(s, err);
  if (same || status != WEIR_OK) return status;
  status = weir_sq_find_id(s, contact, &one, err);
  if (status == WEIR_OK) status = weir_sq_find_id(s, inviter, &other, err);
  return status == WEIR_OK ? judge(s, one, other, out, err) : status;
}

/* ---- joining */

/* Of two invitations of one human the earlier counts, of two at the same time the one of the lower number. */
static weir_status join_own(struct weir_sqlite *s, int64_t to, int64_t from, weir_error *err) {
  int64_t his, his_ms, others, others_ms;
  weir_status status = inviter_of(s, to, &his, &his_ms, err);
  if (status == WEIR_OK) status = inviter_of(s, from, &others, &others_ms, err);
  if (status != WEIR_OK || others == 0) return status;
  bool first = his != 0 && (his_ms != others_ms ? his_ms < others_ms : his <= others);
  if (first) return weir_sq_run(s, WEIR_SQ_INVITE_DROP, WEIR_SQ_ARGS(weir_sq_int(from)), err);
  if (his != 0) status = weir_sq_run(s, WEIR_SQ_INVITE_DROP, WEIR_SQ_ARGS(weir_sq_int(to)), err);
  if (status != WEIR_OK) return status;
  return weir_sq_run(s, WEIR_SQ_INVITE_MOVE, WEIR_SQ_ARGS(weir_sq_int(to), weir_sq_int(from)), err);
}

weir_status weir_sq_join_invites(struct weir_sqlite *s, int64_t to, int64_t from, weir_error *err) {
  int64_t his = 0, at_ms;
  enum weir_invite_answer answer = WEIR_INVITE_COUNTS;
  weir_status status = weir_sq_run(s, WEIR_SQ_INVITES_MOVE, WEIR_SQ_ARGS(weir_sq_int(to), weir_sq_int(from)), err);
  if (status == WEIR_OK) status = join_own(s, to, from, err);
  if (status == WEIR_OK) status = inviter_of(s, to, &his, &at_ms, err);
  /* he may have invited himself now, or the one who brought him */
  if (status == WEIR_OK && his != 0) status = walk_up(s, his, to, &answer, err);
  if (status != WEIR_OK || answer == WEIR_INVITE_COUNTS) return status;
  return weir_sq_run(s, WEIR_SQ_INVITE_DROP, WEIR_SQ_ARGS(weir_sq_int(to)), err);
}
