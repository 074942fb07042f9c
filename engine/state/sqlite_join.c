/* sqlite_join.c: two persons turn out to be one. Always under a savepoint.
 *
 * The one joined to keeps his id. From the other he gets what he has not; of what both have one counts that does not depend on
 * who was joined to whom (store.h says which). Rows are moved by few statements, whatever their number; what both have, and is
 * counted, is taken back from the counters first. */
#include "state/sqlite.h"

/* Takes back what the stages of a question (to, from) counted for. */
static weir_status uncount(struct weir_sqlite *s, enum weir_sq_id id, int64_t to, int64_t from, int64_t now, int64_t entered,
                           weir_error *err) {
  sqlite3_stmt *stmt = weir_sq_bind(s, id, WEIR_SQ_ARGS(weir_sq_int(to), weir_sq_int(from)));
  weir_status status = WEIR_OK;
  bool row;
  while (status == WEIR_OK && (status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row) {
    status = weir_sq_count_stage(s, weir_sq_column(stmt, 0), weir_sq_column(stmt, 1), now, entered, err);
  }
  weir_sq_done(stmt);
  return status;
}

/* Statements that take (to, from), in this order. */
static weir_status run_each(struct weir_sqlite *s, const enum weir_sq_id *ids, size_t cnt, int64_t to, int64_t from,
                            weir_error *err) {
  weir_status status = WEIR_OK;
  for (size_t i = 0; i < cnt && status == WEIR_OK; i++) {
    status = weir_sq_run(s, ids[i], WEIR_SQ_ARGS(weir_sq_int(to), weir_sq_int(from)), err);
  }
  return status;
}

static weir_status join_contacts(struct weir_sqlite *s, const struct weir_sq_who *gone, weir_error *err) {
  int64_t his = s->who.contacts;
  if (his + gone->contacts > WEIR_CONTACTS_MAX) return weir_sq_too_many_contacts(err);
  s->who.contacts += gone->contacts;
  return weir_sq_run(s, WEIR_SQ_CONTACTS_MOVE, WEIR_SQ_ARGS(weir_sq_int(s->who.id), weir_sq_int(gone->id), weir_sq_int(his)),
                     err);
}

/* Counters that both have are added up. They are read first: a table that is changed must not be under a question. */
static weir_status add_counters(struct weir_sqlite *s, int64_t to, int64_t from, weir_error *err) {
  struct {
    char name[WEIR_TAG_MAX];
    size_t len;
    int64_t number;
  } both[WEIR_FIELDS_MAX];
  uint32_t cnt = 0;
  bool row;
  weir_status status = WEIR_OK;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_COUNTERS_BOTH, WEIR_SQ_ARGS(weir_sq_int(to), weir_sq_int(from)));
  while ((status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row && cnt < WEIR_FIELDS_MAX) {
    weir_str name = weir_sq_column(stmt, 0);
    if (name.len > sizeof both[cnt].name) continue;
    memcpy(both[cnt].name, name.ptr, name.len);
    both[cnt].len = name.len;
    both[cnt++].number = weir_integer(weir_sq_column(stmt, 1));
  }
  weir_sq_done(stmt);
  for (uint32_t i = 0; i < cnt && status == WEIR_OK; i++) {
    status = weir_sq_count_field(s, (weir_str){ both[i].name, both[i].len }, both[i].number, err);
  }
  return status;
}

static weir_status join_traits(struct weir_sqlite *s, int64_t to, int64_t from, weir_error *err) {
  static const enum weir_sq_id moves[] = { WEIR_SQ_TRAITS_BOTH, WEIR_SQ_CODES_MOVE, WEIR_SQ_TRAITS_MOVE, WEIR_SQ_ENTERED_MIN,
                                           WEIR_SQ_ENTERED_MOVE };
  weir_status status = add_counters(s, to, from, err);
  if (status == WEIR_OK) status = uncount(s, WEIR_SQ_STAGES_BOTH, to, from, -1, 0, err);
  if (status == WEIR_OK) status = uncount(s, WEIR_SQ_ENTERED_BOTH, to, from, 0, -1, err);
  if (status == WEIR_OK) status = run_each(s, moves, sizeof moves / sizeof *moves, to, from, err);
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_STAGES_DATE, WEIR_SQ_ARGS(weir_sq_int(to)), err);
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_TRAITS_DROP, WEIR_SQ_ARGS(weir_sq_int(from)), err);
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_ENTERED_DROP, WEIR_SQ_ARGS(weir_sq_int(from)), err);
  return status;
}

static weir_status join_claims(struct weir_sqlite *s, int64_t to, int64_t from, weir_error *err) {
  int64_t his, others, both;
  weir_status status = weir_sq_ask(s, WEIR_SQ_CLAIMS_CNT, WEIR_SQ_ARGS(weir_sq_int(to)), 0, &his, err);
  if (status == WEIR_OK) status = weir_sq_ask(s, WEIR_SQ_CLAIMS_CNT, WEIR_SQ_ARGS(weir_sq_int(from)), 0, &others, err);
  if (status == WEIR_OK && his + others > WEIR_CLAIMS_MAX) status = weir_sq_drop_ended_claims(s, to, err);
  if (status == WEIR_OK && his + others > WEIR_CLAIMS_MAX) status = weir_sq_drop_ended_claims(s, from, err);
  if (status == WEIR_OK) status = weir_sq_ask(s, WEIR_SQ_CLAIMS_CNT, WEIR_SQ_ARGS(weir_sq_int(to)), 0, &his, err);
  if (status == WEIR_OK) status = weir_sq_ask(s, WEIR_SQ_CLAIMS_CNT, WEIR_SQ_ARGS(weir_sq_int(from)), 0, &others, err);
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_CLAIMS_MOVE, WEIR_SQ_ARGS(weir_sq_int(to), weir_sq_int(from)), err);
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_CLAIMS_DROP, WEIR_SQ_ARGS(weir_sq_int(from)), err);
  if (status == WEIR_OK) status = weir_sq_ask(s, WEIR_SQ_CLAIMS_CNT, WEIR_SQ_ARGS(weir_sq_int(to)), 0, &both, err);
  if (status != WEIR_OK) return status;
  s->now.claims -= (uint64_t)(his + others - both);
  weir_sq_bound_claims(s, to, (uint32_t)others);
  if (both <= WEIR_CLAIMS_MAX) return WEIR_OK;
  return weir_fail(err, WEIR_E_LIMIT, "a person may hold %d claims (WEIR_CLAIMS_MAX)", WEIR_CLAIMS_MAX);
}

/* What he has now of everything that is bounded. */
static weir_status check_limits(struct weir_sqlite *s, weir_error *err) {
  s->who.listed = false;
  s->who.claims = s->who.timers = s->who.entered = -1;
  weir_status status = weir_sq_recount(s, err);
  for (int k = 0; k < WEIR_SQ_KINDS && status == WEIR_OK; k++) {
    if (s->who.cnt[k] > weir_sq_kind_max((enum weir_sq_kind)k)) status = weir_sq_too_many((enum weir_sq_kind)k, err);
  }
  if (status == WEIR_OK) status = weir_sq_entered_cnt(s, err);
  if (status != WEIR_OK || s->who.entered <= WEIR_ENTERED_MAX) return status;
  return weir_fail(err, WEIR_E_LIMIT, "a person may have %d stages ever entered (WEIR_ENTERED_MAX)", WEIR_ENTERED_MAX);
}

/* s->who is the one who stays; `gone` is what was known of the other. */
static weir_status join_self(struct weir_sqlite *s, const struct weir_sq_who *gone, weir_error *err) {
  struct weir_sq_who *who = &s->who;
  if (gone->first_seen_ms < who->first_seen_ms) who->first_seen_ms = gone->first_seen_ms;
  if (gone->last_seen_ms > who->last_seen_ms) who->last_seen_ms = gone->last_seen_ms;
  if (gone->said_ms > who->said_ms) who->said_ms = gone->said_ms;
  if (gone->awaits_ms > who->awaits_ms) who->awaits_ms = gone->awaits_ms;
  if (gone->handoff_until_ms > who->handoff_until_ms) who->handoff_until_ms = gone->handoff_until_ms;
  if (weir_str_cmp((weir_str){ gone->name, gone->name_len }, (weir_str){ who->name, who->name_len }) > 0) {
    memcpy(who->name, gone->name, gone->name_len);
    who->name_len = gone->name_len;
  }
  weir_status status = weir_sq_put_who(s, err);
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_PERSON_DROP, WEIR_SQ_ARGS(weir_sq_int(gone->id)), err);
  s->now.persons--;
  return status;
}

static weir_status merge(struct weir_sqlite *s, const struct weir_sq_who *gone, weir_error *err) {
  int64_t to = s->who.id, from = gone->id;
  static const enum weir_sq_id timers[] = { WEIR_SQ_TIMERS_MOVE };
  weir_status status = join_contacts(s, gone, err);
  if (status == WEIR_OK) status = join_traits(s, to, from, err);
  if (status == WEIR_OK) status = join_claims(s, to, from, err);
  if (status == WEIR_OK) status = weir_sq_join_invites(s, to, from, err);
  if (status == WEIR_OK) status = run_each(s, timers, 1, to, from, err);
  if (status == WEIR_OK) status = join_self(s, gone, err);
  return status == WEIR_OK ? check_limits(s, err) : status;
}

weir_status weir_sq_join(struct weir_sqlite *s, const struct weir_contact *contact, int64_t number, weir_error *err) {
  struct weir_sq_who *gone = &s->other;
  bool known = false, out;
  if (number > 0 && number == s->who.id) return WEIR_OK;
  *gone = s->who;
  weir_status status = number > 0 ? weir_sq_find_number(s, number, &known, err) : WEIR_OK;
  if (status != WEIR_OK) return status;
  if (!known) return weir_fail(err, WEIR_E_ARG, "there is no person %lld to join", (long long)number);
  out = gone->opted_out;
  if (gone->id == 0) {
    if ((status = weir_sq_is_opted_out(s, contact, WEIR_SQ_EVERYWHERE, &out, err)) != WEIR_OK) return status;
    status = weir_sq_add_contact(s, contact, err);
  } else {
    status = merge(s, gone, err);
  }
  if (status == WEIR_OK) status = weir_sq_spread_channels(s, err);
  if (status != WEIR_OK || !(out || s->who.opted_out)) return status;
  return weir_sq_opt_who(s, true, err);
}
