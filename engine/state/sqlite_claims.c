/* sqlite_claims.c: what ends by itself: claims and codes of people, marks of events. */
#include "state/sqlite.h"

/* ---- claims of s->who
 *
 * How many somebody may hold at most is known without counting, from a table that many share a slot of. Nothing is taken
 * from it when claims end; the sweep's walk fills a second one, which takes over when it arrives. */

uint16_t *weir_sq_claims_slot(struct weir_sqlite *s, unsigned which, int64_t person) {
  return &s->claims_bound[which][(uint64_t)person % WEIR_SQ_BOUND_SLOTS];
}

void weir_sq_bound_claims(struct weir_sqlite *s, int64_t person, uint32_t more) {
  for (unsigned which = 0; which < 2; which++) {
    uint16_t *slot = weir_sq_claims_slot(s, which, person);
    *slot = more < (uint32_t)(UINT16_MAX - *slot) ? (uint16_t)(*slot + more) : UINT16_MAX;
  }
}

weir_status weir_sq_claims_cnt(struct weir_sqlite *s, weir_error *err) {
  int64_t cnt;
  if (s->who.claims >= 0) return WEIR_OK;
  s->who.claims = *weir_sq_claims_slot(s, s->now.claims_bound, s->who.id);
  if (s->who.claims + WEIR_CHANGES_MAX <= WEIR_CLAIMS_MAX) return WEIR_OK;
  s->who.claims = -1;
  weir_status status = weir_sq_ask(s, WEIR_SQ_CLAIMS_CNT, WEIR_SQ_ARGS(weir_sq_int(s->who.id)), 0, &cnt, err);
  if (status == WEIR_OK) s->who.claims = (int32_t)cnt;
  return status;
}

weir_status weir_sq_drop_ended_claims(struct weir_sqlite *s, int64_t person, weir_error *err) {
  weir_status status = weir_sq_run(s, WEIR_SQ_CLAIMS_ENDED, WEIR_SQ_ARGS(weir_sq_int(person), weir_sq_int(s->now.now_ms)), err);
  if (status != WEIR_OK) return status;
  s->now.claims -= (uint64_t)sqlite3_changes(s->db);
  if (person == s->who.id) s->who.claims = -1;
  return WEIR_OK;
}

/* One more than he may hold: those that ran out make room. */
static weir_status make_room(struct weir_sqlite *s, weir_error *err) {
  weir_status status = weir_sq_drop_ended_claims(s, s->who.id, err);
  if (status == WEIR_OK) status = weir_sq_claims_cnt(s, err);
  if (status != WEIR_OK || s->who.claims <= WEIR_CLAIMS_MAX) return status;
  return weir_fail(err, WEIR_E_LIMIT, "a person may hold %d claims (WEIR_CLAIMS_MAX)", WEIR_CLAIMS_MAX);
}

static bool is_none(const unsigned char origin[WEIR_ID_BYTES]) {
  static const unsigned char none[WEIR_ID_BYTES];
  return memcmp(origin, none, WEIR_ID_BYTES) == 0;
}

weir_status weir_sq_claim(struct weir_sqlite *s, const struct weir_change *claim, weir_error *err) {
  int64_t until_ms = claim->until_ms;
  const struct weir_sq_arg none = { WEIR_SQ_BLOB, 0, { NULL, 0 } };
  const struct weir_sq_arg args[] = { weir_sq_int(s->who.id), weir_sq_key(claim->key), weir_sq_int(until_ms),
                                      is_none(claim->origin) ? none : weir_sq_key(claim->origin) };
  bool ended = until_ms <= s->now.now_ms; /* before it began: it may prolong one, no more */
  weir_status status = weir_sq_claims_cnt(s, err);
  if (status == WEIR_OK && !ended) status = weir_sq_run(s, WEIR_SQ_CLAIM_ADD, args, 4, err);
  if (status != WEIR_OK) return status;
  if (ended || sqlite3_changes(s->db) == 0) return weir_sq_run(s, WEIR_SQ_CLAIM_PUT, args, 4, err);
  s->now.claims++;
  s->who.claims++;
  weir_sq_bound_claims(s, s->who.id, 1);
  weir_sq_ends_at(s, WEIR_SQ_WALK_CLAIMS, until_ms);
  return s->who.claims > WEIR_CLAIMS_MAX ? make_room(s, err) : WEIR_OK;
}

weir_status weir_sq_unclaim(struct weir_sqlite *s, const unsigned char key[WEIR_ID_BYTES], weir_error *err) {
  weir_status status = weir_sq_run(s, WEIR_SQ_CLAIM_DROP, WEIR_SQ_ARGS(weir_sq_int(s->who.id), weir_sq_key(key)), err);
  if (status != WEIR_OK || sqlite3_changes(s->db) == 0) return status;
  s->now.claims--;
  if (s->who.claims > 0) s->who.claims--;
  return WEIR_OK;
}

weir_status weir_sq_unclaim_origin(struct weir_sqlite *s, const unsigned char origin[WEIR_ID_BYTES], weir_error *err) {
  if (is_none(origin)) return WEIR_OK;
  const struct weir_sq_arg args[] = { weir_sq_int(s->who.id), weir_sq_key(origin) };
  weir_status status = weir_sq_run(s, WEIR_SQ_CLAIMS_ORIGIN_DROP, args, 2, err);
  if (status != WEIR_OK) return status;
  s->now.claims -= (uint64_t)sqlite3_changes(s->db);
  s->who.claims = -1;
  return WEIR_OK;
}

weir_status weir_sq_ask_claim(struct weir_store *store, const struct weir_contact *contact,
                              const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, bool *held, int64_t *until_ms,
                              weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  *held = false;
  *until_ms = 0;
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK) status = weir_sq_find(s, contact, err);
  if (status == WEIR_OK && s->who.id != 0) status = weir_sq_claims_cnt(s, err);
  if (status != WEIR_OK || s->who.id == 0 || s->who.claims == 0) return status;
  status = weir_sq_ask(s, WEIR_SQ_CLAIM, WEIR_SQ_ARGS(weir_sq_int(s->who.id), weir_sq_key(key)), 0, until_ms, err);
  *held = *until_ms > now_ms;
  if (!*held) *until_ms = 0;
  return status;
}

/* ---- codes */

weir_status weir_sq_code_owner(struct weir_sqlite *s, weir_str code, int64_t *person, int64_t *until_ms, weir_error *err) {
  bool row;
  *person = *until_ms = 0;
  if (s->now.codes_end == INT64_MAX) return WEIR_OK; /* there is no code at all */
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_CODE, WEIR_SQ_ARGS(weir_sq_text(code)));
  weir_status status = weir_sq_next(s, stmt, &row, err);
  if (!row) return status;
  *person = sqlite3_column_int64(stmt, 0);
  *until_ms = sqlite3_column_int64(stmt, 1);
  weir_sq_done(stmt);
  return WEIR_OK;
}

weir_status weir_sq_drop_code(struct weir_sqlite *s, weir_str code, weir_error *err) {
  int64_t person, until;
  weir_status status = weir_sq_code_owner(s, code, &person, &until, err);
  if (status != WEIR_OK || person == 0) return status;
  status = weir_sq_run(s, WEIR_SQ_CODE_DROP, WEIR_SQ_ARGS(weir_sq_text(code)), err);
  if (status != WEIR_OK) return status;
  if (person == s->who.id) return weir_sq_drop_trait(s, WEIR_SQ_CODES, code, err);
  return weir_sq_run(s, WEIR_SQ_TRAIT_DROP, WEIR_SQ_ARGS(weir_sq_int(person), weir_sq_text(WEIR_STR("code")), weir_sq_text(code)),
                     err);
}

/* An older code of s->who ends. */
static weir_status drop_his(struct weir_sqlite *s, weir_error *err) {
  weir_status status = weir_sq_list(s, err);
  if (status != WEIR_OK || s->who.cnt[WEIR_SQ_CODES] == 0) return status;
  status = weir_sq_run(s, WEIR_SQ_CODES_DROP, WEIR_SQ_ARGS(weir_sq_int(s->who.id)), err);
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_CODES_TRAITS_DROP, WEIR_SQ_ARGS(weir_sq_int(s->who.id)), err);
  s->who.listed = false;
  return status;
}

weir_status weir_sq_code(struct weir_sqlite *s, weir_str code, int64_t until_ms, weir_error *err) {
  int64_t person, until;
  weir_status status = weir_sq_code_owner(s, code, &person, &until, err);
  if (status != WEIR_OK) return status;
  if (person != 0 && person != s->who.id) {
    if (until > s->now.now_ms) return weir_fail(err, WEIR_E_ARG, "this code is somebody else's; choose another");
    if ((status = weir_sq_drop_code(s, code, err)) != WEIR_OK) return status;
  }
  if ((status = drop_his(s, err)) != WEIR_OK || until_ms <= s->now.now_ms) return status;
  const struct weir_sq_arg args[] = { weir_sq_text(code), weir_sq_int(s->who.id), weir_sq_int(until_ms) };
  if ((status = weir_sq_run(s, WEIR_SQ_CODE_ADD, args, 3, err)) != WEIR_OK) return status;
  if (until_ms < s->now.codes_end) s->now.codes_end = until_ms;
  return weir_sq_put_trait(s, WEIR_SQ_CODES, code, (weir_str){ NULL, 0 }, until_ms, err);
}

weir_status weir_sq_ask_code(struct weir_store *store, weir_str code, int64_t now_ms, uint64_t *person, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  int64_t owner = 0, until = 0;
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK) status = weir_sq_code_owner(s, code, &owner, &until, err);
  *person = until > now_ms ? (uint64_t)owner : 0;
  return status;
}

/* ---- marks of events */

uint64_t weir_sq_key_hash(const unsigned char key[WEIR_ID_BYTES]) {
  uint64_t hash; /* keys are hashes already */
  memcpy(&hash, key, sizeof hash);
  return hash;
}

weir_status weir_sq_mark(struct weir_sqlite *s, const unsigned char key[WEIR_ID_BYTES], weir_str decision, int64_t until_ms,
                         weir_error *err) {
  const struct weir_sq_arg args[] = { weir_sq_key(key), weir_sq_int(until_ms), weir_sq_text(decision) };
  weir_status status = WEIR_OK;
  bool ended = until_ms <= s->now.now_ms;
  if (!ended) status = weir_sq_run(s, WEIR_SQ_MARK_ADD, args, 3, err);
  if (status != WEIR_OK) return status;
  if (ended || sqlite3_changes(s->db) == 0) return weir_sq_run(s, WEIR_SQ_MARK_PUT, args, 3, err);
  uint64_t hash = weir_sq_key_hash(key);
  weir_filter_add(&s->marks[0], hash);
  weir_filter_add(&s->marks[1], hash);
  weir_sq_ends_at(s, WEIR_SQ_WALK_MARKS, until_ms);
  s->marks_added++;
  return WEIR_OK;
}

weir_status weir_sq_ask_seen(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms,
                             struct weir_arena *arena, bool *seen, weir_str *decision, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  bool row;
  *seen = false;
  *decision = (weir_str){ NULL, 0 };
  weir_status status = weir_sq_usable(s, err);
  if (status != WEIR_OK || !weir_filter_may_hold(&s->marks[s->now.marks_filter], weir_sq_key_hash(key))) return status;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_MARK, WEIR_SQ_ARGS(weir_sq_key(key)));
  if ((status = weir_sq_next(s, stmt, &row, err)) != WEIR_OK || !row) return status;
  if (sqlite3_column_int64(stmt, 0) > now_ms) {
    status = weir_sq_copy(stmt, 1, arena, decision, err);
    *seen = status == WEIR_OK;
  }
  weir_sq_done(stmt);
  return status;
}
