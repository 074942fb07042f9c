/* sqlite_timers.c: what is to happen later, by due time, then by number. When the next one is due is kept in memory: it is
 * asked for with every event. */
#include "state/sqlite.h"

weir_status weir_sq_timers_cnt(struct weir_sqlite *s, int64_t person, int32_t *cnt, weir_error *err) {
  int64_t found;
  weir_status status = weir_sq_ask(s, WEIR_SQ_TIMERS_CNT, WEIR_SQ_ARGS(weir_sq_int(person)), 0, &found, err);
  if (status == WEIR_OK) *cnt = (int32_t)found;
  return status;
}

/* Counts one more for him who has it, if he may have it. */
static weir_status count(struct weir_sqlite *s, int64_t person, weir_error *err) {
  int32_t cnt = -1;
  if (person == 0) return WEIR_OK;
  if (person == s->who.id) cnt = s->who.timers;
  weir_status status = cnt < 0 ? weir_sq_timers_cnt(s, person, &cnt, err) : WEIR_OK;
  if (status != WEIR_OK) return status;
  if (cnt >= WEIR_TIMERS_MAX) return weir_fail(err, WEIR_E_LIMIT, "a person may have %d timers (WEIR_TIMERS_MAX)",
                                               WEIR_TIMERS_MAX);
  if (person == s->who.id) s->who.timers = cnt + 1;
  return WEIR_OK;
}

weir_status weir_sq_add_timer(struct weir_sqlite *s, const struct weir_timer *t, weir_error *err) {
  int64_t person;
  weir_status status = weir_sq_find_id(s, &t->contact, &person, err);
  if (status == WEIR_OK) status = count(s, person, err);
  if (status != WEIR_OK) return status;
  const struct weir_sq_arg args[] = {
    weir_sq_int(++s->now.last_timer), weir_sq_int(t->due_ms),         weir_sq_int((int64_t)t->kind), weir_sq_int(person),
    weir_sq_text(t->contact.channel), weir_sq_text(t->contact.account), weir_sq_text(t->contact.id),  weir_sq_text(t->rule),
    weir_sq_text(t->origin),          weir_sq_text(t->cause),         weir_sq_text(t->post),         weir_sq_int(t->occurrence),
    weir_sq_text(t->payload),         weir_sq_int(t->set_ms),         weir_sq_int(t->unless_reply),
  };
  s->now.timers++;
  if (t->due_ms < s->now.next_due) s->now.next_due = t->due_ms;
  bool awaits = person != 0 && (t->unless_reply || t->kind == WEIR_TIMER_RULE);
  if (awaits) status = weir_sq_await(s, person, t->due_ms, err);
  return status == WEIR_OK ? weir_sq_run(s, WEIR_SQ_TIMER_ADD, args, sizeof args / sizeof *args, err) : status;
}

weir_status weir_sq_timer_done(struct weir_sqlite *s, int64_t id, weir_error *err) {
  bool row;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_TIMER, WEIR_SQ_ARGS(weir_sq_int(id)));
  weir_status status = weir_sq_next(s, stmt, &row, err);
  if (!row) return status;
  int64_t due = sqlite3_column_int64(stmt, 0), person = sqlite3_column_int64(stmt, 1);
  weir_sq_done(stmt);
  if ((status = weir_sq_run(s, WEIR_SQ_TIMER_DROP, WEIR_SQ_ARGS(weir_sq_int(id)), err)) != WEIR_OK) return status;
  s->now.timers--;
  if (person != 0 && person == s->who.id && s->who.timers > 0) s->who.timers--;
  if (due > s->now.next_due) return WEIR_OK;
  return weir_sq_ask(s, WEIR_SQ_TIMER_DUE, WEIR_SQ_NO_ARGS, INT64_MAX, &s->now.next_due, err);
}

weir_status weir_sq_ask_timer(struct weir_store *store, int64_t now_ms, struct weir_arena *arena, struct weir_timer *out,
                              weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  bool row;
  *out = (struct weir_timer){ 0 };
  weir_status status = weir_sq_usable(s, err);
  if (status != WEIR_OK) return status;
  if (s->now.next_due > now_ms) return WEIR_NONE;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_TIMER_NEXT, WEIR_SQ_NO_ARGS);
  if ((status = weir_sq_next(s, stmt, &row, err)) != WEIR_OK) return status;
  if (!row) return WEIR_NONE;
  struct weir_timer t = { .id = (uint64_t)sqlite3_column_int64(stmt, 0), .due_ms = sqlite3_column_int64(stmt, 1) };
  weir_str *const texts[] = {
    &t.contact.channel, &t.contact.account, &t.contact.id, &t.rule, &t.origin, &t.cause, &t.post, NULL, &t.payload,
  };
  t.kind = (enum weir_timer_kind)sqlite3_column_int(stmt, 2);
  t.occurrence = (uint32_t)sqlite3_column_int64(stmt, 10);
  t.set_ms = sqlite3_column_int64(stmt, 12);
  t.unless_reply = sqlite3_column_int64(stmt, 13) != 0;
  for (int i = 0; i < 9 && status == WEIR_OK; i++) {
    if (texts[i]) status = weir_sq_copy(stmt, 3 + i, arena, texts[i], err);
  }
  weir_sq_done(stmt);
  if (status == WEIR_OK) *out = t;
  return status;
}

weir_status weir_sq_forget_timers(struct weir_sqlite *s, const struct weir_contact *contact, int64_t person, uint64_t *cnt,
                                  weir_error *err) {
  const struct weir_sq_arg args[] = { weir_sq_text(contact->channel), weir_sq_text(contact->account), weir_sq_text(contact->id),
                                      weir_sq_int(person) };
  weir_status status = WEIR_OK;
  *cnt = 0;
  if (person != 0) { /* those that were set when he was known */
    status = weir_sq_run(s, WEIR_SQ_TIMERS_FORGET, WEIR_SQ_ARGS(weir_sq_int(person)), err);
    if (status == WEIR_OK) *cnt = (uint64_t)sqlite3_changes(s->db);
  }
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_TIMERS_FORGET_STRANGERS, args, 4, err);
  if (status != WEIR_OK) return status;
  *cnt += (uint64_t)sqlite3_changes(s->db);
  s->now.timers -= *cnt;
  s->who.timers = -1;
  return weir_sq_ask(s, WEIR_SQ_TIMER_DUE, WEIR_SQ_NO_ARGS, INT64_MAX, &s->now.next_due, err);
}

int64_t weir_sq_next_due(const struct weir_store *store) { return ((const struct weir_sqlite *)store)->now.next_due; }
