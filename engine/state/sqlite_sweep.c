/* sqlite_sweep.c: what has run out goes, a little at each commit, so that no event waits for it.
 *
 * Marks and claims have no index by their end, which would cost as much as the rows themselves: a walk through the table, a
 * few rows at each commit, finds what is over. It begins when the earliest end that is known has passed, and learns the next
 * one on its way. The walk through the marks fills the second filter; when it arrives, that one holds what is left and
 * takes over: so the filter does not fill up with the past. */
#include "state/sqlite.h"

#define DAY_MS INT64_C(86400000)

struct found {
  int64_t person;
  unsigned char key[WEIR_ID_BYTES];
};

/* The walk over a table begins, or goes on; false: nothing in it can be over. */
static bool walk_on(struct weir_sqlite *s, enum weir_sq_walk id) {
  struct weir_sq_walker *w = &s->now.walks[id];
  if (w->walking) return true;
  if (w->ends > s->now.now_ms) return false;
  *w = (struct weir_sq_walker){ .ends = w->ends, .walking = true, .left = INT64_MAX };
  if (id == WEIR_SQ_WALK_MARKS) weir_filter_clear(&s->marks[1 - s->now.marks_filter]);
  if (id == WEIR_SQ_WALK_CLAIMS) memset(s->claims_bound[1 - s->now.claims_bound], 0, sizeof s->claims_bound[0]);
  return true;
}

static void arrive(struct weir_sqlite *s, enum weir_sq_walk id) {
  struct weir_sq_walker *w = &s->now.walks[id];
  w->walking = false;
  w->ends = w->left;
  if (id == WEIR_SQ_WALK_MARKS) s->now.marks_filter = 1 - s->now.marks_filter;
  if (id == WEIR_SQ_WALK_CLAIMS) s->now.claims_bound = 1 - s->now.claims_bound;
}

/* A row that the walk passes: over, or seen to. */
static bool is_over(struct weir_sqlite *s, enum weir_sq_walk id, int64_t end_ms) {
  struct weir_sq_walker *w = &s->now.walks[id];
  if (end_ms <= s->now.now_ms) return true;
  if (end_ms < w->left) w->left = end_ms;
  return false;
}

/* ---- marks and claims */

static weir_status walk_marks(struct weir_sqlite *s, weir_error *err) {
  struct weir_sq_walker *w = &s->now.walks[WEIR_SQ_WALK_MARKS];
  struct found over[2 * WEIR_SQ_WALK_ROWS];
  uint32_t cnt = 0, most = WEIR_SQ_WALK_ROWS + s->marks_added, rows = 0;
  bool row;
  weir_status status;
  if (!walk_on(s, WEIR_SQ_WALK_MARKS)) return WEIR_OK;
  if (most > 2 * WEIR_SQ_WALK_ROWS) most = 2 * WEIR_SQ_WALK_ROWS;
  /* the first walk begins before every key, the next step behind the last one seen */
  weir_str from = { (const char *)w->key, w->person ? WEIR_ID_BYTES : 0 };
  const struct weir_sq_arg args[] = { { WEIR_SQ_BLOB, 0, from }, weir_sq_int(most) };
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_MARKS_WALK, args, 2);
  unsigned char last[WEIR_ID_BYTES];
  while ((status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row) {
    weir_str key = weir_sq_column(stmt, 0);
    rows++;
    if (key.len != WEIR_ID_BYTES) continue;
    memcpy(last, key.ptr, WEIR_ID_BYTES);
    if (is_over(s, WEIR_SQ_WALK_MARKS, sqlite3_column_int64(stmt, 1))) memcpy(over[cnt++].key, key.ptr, WEIR_ID_BYTES);
    else weir_filter_add(&s->marks[1 - s->now.marks_filter], weir_sq_key_hash(last));
  }
  for (uint32_t i = 0; i < cnt && status == WEIR_OK; i++) {
    status = weir_sq_run(s, WEIR_SQ_MARK_DROP, WEIR_SQ_ARGS(weir_sq_key(over[i].key)), err);
  }
  if (status != WEIR_OK) return status;
  w->person = 1; /* under way */
  if (rows) memcpy(w->key, last, WEIR_ID_BYTES);
  if (rows < most) arrive(s, WEIR_SQ_WALK_MARKS);
  return WEIR_OK;
}

static weir_status walk_claims(struct weir_sqlite *s, weir_error *err) {
  struct weir_sq_walker *w = &s->now.walks[WEIR_SQ_WALK_CLAIMS];
  struct found over[WEIR_SQ_WALK_ROWS];
  uint32_t cnt = 0, rows = 0;
  bool row;
  weir_status status;
  if (!walk_on(s, WEIR_SQ_WALK_CLAIMS)) return WEIR_OK;
  struct found last = { w->person, { 0 } };
  memcpy(last.key, w->key, WEIR_ID_BYTES);
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_CLAIMS_WALK, WEIR_SQ_ARGS(weir_sq_int(w->person), weir_sq_key(w->key),
                                                                         weir_sq_int(WEIR_SQ_WALK_ROWS)));
  while ((status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row) {
    weir_str key = weir_sq_column(stmt, 1);
    rows++;
    if (key.len != WEIR_ID_BYTES) continue;
    last.person = sqlite3_column_int64(stmt, 0);
    memcpy(last.key, key.ptr, WEIR_ID_BYTES);
    uint16_t *slot = weir_sq_claims_slot(s, 1 - s->now.claims_bound, last.person);
    if (is_over(s, WEIR_SQ_WALK_CLAIMS, sqlite3_column_int64(stmt, 2))) over[cnt++] = last;
    else if (*slot < UINT16_MAX) ++*slot;
  }
  for (uint32_t i = 0; i < cnt && status == WEIR_OK; i++) {
    status = weir_sq_run(s, WEIR_SQ_CLAIM_DROP, WEIR_SQ_ARGS(weir_sq_int(over[i].person), weir_sq_key(over[i].key)), err);
  }
  if (status != WEIR_OK) return status;
  if (cnt) s->who.claims = -1;
  s->now.claims -= cnt;
  w->person = last.person;
  memcpy(w->key, last.key, WEIR_ID_BYTES);
  if (rows < WEIR_SQ_WALK_ROWS) arrive(s, WEIR_SQ_WALK_CLAIMS);
  return WEIR_OK;
}

/* ---- persons */

static weir_status holds_nothing(struct weir_sqlite *s, int64_t person, bool *yes, weir_error *err) {
  int64_t claims;
  int32_t timers = 0;
  const struct weir_sq_arg args[] = { weir_sq_int(person), weir_sq_int(s->now.now_ms) };
  weir_status status = weir_sq_ask(s, WEIR_SQ_CLAIMS_LIVE, args, 2, 0, &claims, err);
  if (status == WEIR_OK) status = weir_sq_timers_cnt(s, person, &timers, err);
  *yes = claims == 0 && timers == 0;
  return status;
}

weir_status weir_sq_drop_person(struct weir_sqlite *s, int64_t person, weir_error *err) {
  const struct weir_sq_arg arg[] = { weir_sq_int(person) };
  static const enum weir_sq_id rest[] = {
    WEIR_SQ_CODES_DROP, WEIR_SQ_TRAITS_DROP, WEIR_SQ_ENTERED_DROP, WEIR_SQ_INVITES_DROP, WEIR_SQ_PERSON_DROP,
  };
  bool row;
  weir_status status = WEIR_OK;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_STAGES_OF, arg, 1);
  while (status == WEIR_OK && (status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row) {
    status = weir_sq_count_stage(s, weir_sq_column(stmt, 0), weir_sq_column(stmt, 1), -1, 0, err);
  }
  weir_sq_done(stmt);
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_CONTACTS_DROP, arg, 1, err);
  if (status != WEIR_OK) return status;
  s->now.contacts -= (uint64_t)sqlite3_changes(s->db);
  if ((status = weir_sq_run(s, WEIR_SQ_CLAIMS_DROP, arg, 1, err)) != WEIR_OK) return status;
  s->now.claims -= (uint64_t)sqlite3_changes(s->db);
  for (size_t i = 0; i < sizeof rest / sizeof *rest && status == WEIR_OK; i++) status = weir_sq_run(s, rest[i], arg, 1, err);
  s->now.persons--;
  if (s->who.id == person) weir_sq_forget_who(s);
  return status;
}

static weir_status walk_persons(struct weir_sqlite *s, weir_error *err) {
  struct weir_sq_walker *w = &s->now.walks[WEIR_SQ_WALK_PERSONS];
  int64_t idle[WEIR_SQ_DROP_PERSONS], last = w->person;
  uint32_t cnt = 0, rows = 0;
  bool row;
  weir_status status;
  if (!walk_on(s, WEIR_SQ_WALK_PERSONS)) return WEIR_OK;
  last = w->person;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_PERSONS_WALK, WEIR_SQ_ARGS(weir_sq_int(w->person),
                                                                          weir_sq_int(WEIR_SQ_PERSON_ROWS)));
  while ((status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row && cnt < WEIR_SQ_DROP_PERSONS) {
    rows++;
    last = sqlite3_column_int64(stmt, 0);
    if (is_over(s, WEIR_SQ_WALK_PERSONS, sqlite3_column_int64(stmt, 1) + WEIR_IDLE_MS)) idle[cnt++] = last;
  }
  weir_sq_done(stmt);
  bool all = rows < WEIR_SQ_PERSON_ROWS && cnt < WEIR_SQ_DROP_PERSONS;
  for (uint32_t i = 0; i < cnt && status == WEIR_OK; i++) {
    bool free_to_go = false;
    status = holds_nothing(s, idle[i], &free_to_go, err);
    if (status == WEIR_OK && free_to_go) status = weir_sq_drop_person(s, idle[i], err);
    else if (s->now.now_ms + DAY_MS < w->left) w->left = s->now.now_ms + DAY_MS; /* asked again tomorrow */
  }
  w->person = last;
  if (all && status == WEIR_OK) arrive(s, WEIR_SQ_WALK_PERSONS);
  return status;
}

/* ---- codes and days of pools */

static weir_status drop_codes(struct weir_sqlite *s, weir_error *err) {
  weir_status status = WEIR_OK;
  for (int n = 0; n < WEIR_SQ_PERSON_ROWS && s->now.codes_end <= s->now.now_ms && status == WEIR_OK; n++) {
    char code[WEIR_TAG_MAX];
    bool row;
    sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_CODES_ENDED, WEIR_SQ_NO_ARGS);
    if ((status = weir_sq_next(s, stmt, &row, err)) != WEIR_OK) return status;
    s->now.codes_end = row ? sqlite3_column_int64(stmt, 1) : INT64_MAX;
    if (!row) return WEIR_OK;
    weir_str text = weir_sq_column(stmt, 0);
    size_t len = text.len <= sizeof code ? text.len : 0;
    if (len) memcpy(code, text.ptr, len);
    weir_sq_done(stmt);
    if (len == 0) return weir_sq_damaged(s, "a code is too long", err);
    if (s->now.codes_end <= s->now.now_ms) status = weir_sq_drop_code(s, (weir_str){ code, len }, err);
  }
  return status;
}

static weir_status drop_days(struct weir_sqlite *s, weir_error *err) {
  int64_t over = s->now.now_ms / DAY_MS - WEIR_POOL_DAYS_KEPT;
  if (over <= s->now.pools_day) return WEIR_OK;
  s->now.pools_day = over;
  return weir_sq_run(s, WEIR_SQ_POOLS_DROP, WEIR_SQ_ARGS(weir_sq_int(over)), err);
}

weir_status weir_sq_sweep(struct weir_sqlite *s, weir_error *err) {
  weir_status status = walk_marks(s, err);
  if (status == WEIR_OK) status = walk_claims(s, err);
  if (status == WEIR_OK) status = walk_persons(s, err);
  if (status == WEIR_OK) status = drop_codes(s, err);
  if (status == WEIR_OK) status = weir_sq_sweep_totals(s, err);
  if (status == WEIR_OK) status = weir_sq_sweep_ledger(s, err);
  if (status == WEIR_OK) status = weir_sq_sweep_meters(s, err);
  if (status == WEIR_OK) status = weir_sq_sweep_tallies(s, err);
  return status == WEIR_OK ? drop_days(s, err) : status;
}
