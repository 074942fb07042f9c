/* sqlite_part.c: a contact was joined to a person by mistake, or by a guess, and goes its own way again. What came with it cannot
 * be told from the rest any more, so it takes along only what protects: store.h says what. */
#include "state/sqlite.h"

/* A new row for a person with what s->who has of himself; s->now.last_person is his number. */
static weir_status make(struct weir_sqlite *s, int64_t at_ms, weir_error *err) {
  const struct weir_sq_who *who = &s->who;
  int64_t seen = at_ms - at_ms % INT64_C(3600000);
  s->now.last_person++;
  s->now.persons++;
  weir_sq_ends_at(s, WEIR_SQ_WALK_PERSONS, seen + WEIR_IDLE_MS);
  return weir_sq_run(s, WEIR_SQ_PERSON_ADD, WEIR_SQ_ARGS(weir_sq_int(s->now.last_person), weir_sq_text((weir_str){ NULL, 0 }), weir_sq_int(at_ms),
                                                         weir_sq_int(seen), weir_sq_int(who->handoff_until_ms), weir_sq_int(who->opted_out),
                                                         weir_sq_int(1), weir_sq_int(who->said_ms), weir_sq_int(who->awaits_ms)), err);
}

/* The contact with its timers goes to person `to`; the others close up. */
static weir_status move(struct weir_sqlite *s, const struct weir_contact *contact, int64_t from, int64_t to, weir_error *err) {
  int64_t place;
  const struct weir_sq_arg args[] = { weir_sq_text(contact->channel), weir_sq_text(contact->account), weir_sq_text(contact->id), weir_sq_int(to),
                                      weir_sq_int(from) };
  weir_status status = weir_sq_ask(s, WEIR_SQ_PART_PLACE, args, 3, 0, &place, err);
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_PART_CONTACT, args, 4, err);
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_PART_TIMERS, args, 5, err);
  if (status == WEIR_OK) status = weir_sq_run(s, WEIR_SQ_PART_PLACES, WEIR_SQ_ARGS(weir_sq_int(from), weir_sq_int(place)), err);
  s->who.contacts--;
  return status == WEIR_OK ? weir_sq_put_who(s, err) : status;
}

static weir_status copy(struct weir_sqlite *s, int64_t from, int64_t to, weir_error *err) {
  weir_status status = weir_sq_run(s, WEIR_SQ_PART_CLAIMS, WEIR_SQ_ARGS(weir_sq_int(to), weir_sq_int(from), weir_sq_int(s->now.now_ms)), err);
  if (status != WEIR_OK) return status;
  int copied = sqlite3_changes(s->db);
  s->now.claims += (uint64_t)copied;
  weir_sq_bound_claims(s, to, (uint32_t)copied);
  return weir_sq_run(s, WEIR_SQ_PART_POOLS, WEIR_SQ_ARGS(weir_sq_int(to), weir_sq_int(from)), err);
}

weir_status weir_sq_part(struct weir_sqlite *s, const struct weir_contact *contact, int64_t at_ms, weir_error *err) {
  int64_t from = s->who.id;
  if (s->who.contacts < 2) return WEIR_OK;
  weir_status status = make(s, at_ms, err);
  if (status == WEIR_OK) status = move(s, contact, from, s->now.last_person, err);
  if (status == WEIR_OK) status = copy(s, from, s->now.last_person, err);
  weir_sq_forget_who(s);
  return status == WEIR_OK ? weir_sq_find(s, contact, err) : status;
}
