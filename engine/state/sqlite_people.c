/* sqlite_people.c: persons and the contacts they are known by.
 *
 * The person that was asked for last stays in s->who: an event asks for the same one several times, and then changes him.
 * A filter of all contacts, and of those opted out, knows nearly every stranger without a question to the file. */
#include "state/sqlite.h"
#include "text/utf8.h"

#define HOUR_MS INT64_C(3600000)

/* ---- contacts */

static uint64_t contact_hash(const struct weir_sqlite *s, const struct weir_contact *c) {
  uint64_t hash = weir_slot_hash(s->seed, c->channel);
  hash = weir_slot_hash(hash, c->account);
  return weir_slot_hash(hash, c->id);
}

void weir_sq_learn_contact(struct weir_sqlite *s, const struct weir_contact *contact) {
  weir_filter_add(&s->contacts, contact_hash(s, contact));
}

static bool is_name(const struct weir_contact *c) {
  return c->channel.len - 1 < WEIR_ID_MAX && c->account.len - 1 < WEIR_ID_MAX && c->id.len - 1 < WEIR_ID_MAX;
}

void weir_sq_forget_who(struct weir_sqlite *s) {
  s->who.valid = s->who.listed = false;
  s->who.id = 0;
}

static bool is_who(const struct weir_sqlite *s, const struct weir_contact *c) {
  const weir_str parts[3] = { c->channel, c->account, c->id };
  for (int i = 2; i >= 0; i--) { /* ids differ most */
    if (!weir_str_eq(parts[i], (weir_str){ s->who.contact[i], s->who.contact_len[i] })) return false;
  }
  return s->who.valid;
}

/* Nobody, under this contact. */
static void set_contact(struct weir_sqlite *s, const struct weir_contact *c) {
  const weir_str parts[3] = { c->channel, c->account, c->id };
  struct weir_sq_who *who = &s->who;
  for (int i = 0; i < 3; i++) {
    size_t len = parts[i].len <= WEIR_ID_MAX ? parts[i].len : 0;
    if (len) memcpy(who->contact[i], parts[i].ptr, len);
    who->contact_len[i] = len;
  }
  who->id = 0;
  who->name_len = 0;
  who->first_seen_ms = who->last_seen_ms = who->handoff_until_ms = who->said_ms = who->awaits_ms = 0;
  who->opted_out = who->listed = false;
  who->contacts = 0;
  who->claims = who->timers = who->entered = -1;
  who->valid = is_name(c);
}

/* From a row of WEIR_SQ_PERSON or WEIR_SQ_PERSON_BY_ID. */
static weir_status fill_who(struct weir_sqlite *s, sqlite3_stmt *stmt, weir_error *err) {
  struct weir_sq_who *who = &s->who;
  weir_str name = weir_sq_column(stmt, 1);
  if (name.len > sizeof who->name || weir_utf8_valid(name) != name.len) {
    who->valid = false;
    return weir_sq_damaged(s, "a person's name is no text", err);
  }
  who->id = sqlite3_column_int64(stmt, 0);
  who->name_len = name.len;
  if (who->name_len) memcpy(who->name, name.ptr, who->name_len);
  who->first_seen_ms = sqlite3_column_int64(stmt, 2);
  who->last_seen_ms = sqlite3_column_int64(stmt, 3);
  who->handoff_until_ms = sqlite3_column_int64(stmt, 4);
  who->opted_out = sqlite3_column_int64(stmt, 5) != 0;
  who->contacts = sqlite3_column_int64(stmt, 6);
  who->said_ms = sqlite3_column_int64(stmt, 7);
  who->awaits_ms = sqlite3_column_int64(stmt, 8);
  who->claims = who->timers = who->entered = -1;
  who->listed = false;
  return WEIR_OK;
}

weir_status weir_sq_find(struct weir_sqlite *s, const struct weir_contact *contact, weir_error *err) {
  bool row;
  if (is_who(s, contact)) return WEIR_OK;
  set_contact(s, contact);
  if (!is_name(contact) || !weir_filter_may_hold(&s->contacts, contact_hash(s, contact))) return WEIR_OK;
  s->who.valid = false;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_PERSON, WEIR_SQ_ARGS(weir_sq_text(contact->channel),
                                                                    weir_sq_text(contact->account),
                                                                    weir_sq_text(contact->id)));
  weir_status status = weir_sq_next(s, stmt, &row, err);
  if (status != WEIR_OK) return status;
  s->who.valid = true;
  if (!row) return WEIR_OK;
  status = fill_who(s, stmt, err);
  weir_sq_done(stmt);
  return status;
}

weir_status weir_sq_find_number(struct weir_sqlite *s, int64_t id, bool *known, weir_error *err) {
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_PERSON_BY_ID, WEIR_SQ_ARGS(weir_sq_int(id)));
  weir_status status = weir_sq_next(s, stmt, known, err);
  if (!*known) return status;
  status = fill_who(s, stmt, err);
  weir_sq_done(stmt);
  return status;
}

weir_status weir_sq_find_id(struct weir_sqlite *s, const struct weir_contact *contact, int64_t *id, weir_error *err) {
  *id = 0;
  if (is_who(s, contact)) {
    *id = s->who.id;
    return WEIR_OK;
  }
  if (!weir_filter_may_hold(&s->contacts, contact_hash(s, contact))) return WEIR_OK;
  return weir_sq_ask(s, WEIR_SQ_CONTACT, WEIR_SQ_ARGS(weir_sq_text(contact->channel), weir_sq_text(contact->account),
                                                      weir_sq_text(contact->id)), 0, id, err);
}

/* ---- changes */

static weir_status insert_contact(struct weir_sqlite *s, const struct weir_contact *c, int64_t person, int64_t place,
                                  weir_error *err) {
  weir_sq_learn_contact(s, c);
  s->now.contacts++;
  return weir_sq_run(s, WEIR_SQ_CONTACT_ADD, WEIR_SQ_ARGS(weir_sq_text(c->channel), weir_sq_text(c->account), weir_sq_text(c->id),
                                                          weir_sq_int(person), weir_sq_int(place)), err);
}

static weir_status write_who(struct weir_sqlite *s, enum weir_sq_id id, weir_error *err) {
  const struct weir_sq_who *who = &s->who;
  return weir_sq_run(s, id, WEIR_SQ_ARGS(weir_sq_int(who->id), weir_sq_text((weir_str){ who->name, who->name_len }),
                                         weir_sq_int(who->first_seen_ms), weir_sq_int(who->last_seen_ms),
                                         weir_sq_int(who->handoff_until_ms), weir_sq_int(who->opted_out),
                                         weir_sq_int(who->contacts), weir_sq_int(who->said_ms), weir_sq_int(who->awaits_ms)), err);
}

weir_status weir_sq_put_who(struct weir_sqlite *s, weir_error *err) { return write_who(s, WEIR_SQ_PERSON_PUT, err); }

weir_status weir_sq_too_many_contacts(weir_error *err) {
  return weir_fail(err, WEIR_E_LIMIT, "a person may have %d contacts (WEIR_CONTACTS_MAX)", WEIR_CONTACTS_MAX);
}

weir_status weir_sq_add_contact(struct weir_sqlite *s, const struct weir_contact *contact, weir_error *err) {
  if (s->who.contacts >= WEIR_CONTACTS_MAX) return weir_sq_too_many_contacts(err);
  weir_status status = insert_contact(s, contact, s->who.id, ++s->who.contacts, err);
  return status == WEIR_OK ? weir_sq_put_who(s, err) : status;
}

/* Somebody new. He has nothing yet, so nothing needs to be counted. */
static weir_status make(struct weir_sqlite *s, const struct weir_contact *contact, weir_str name, int64_t at_ms,
                        weir_error *err) {
  struct weir_sq_who *who = &s->who;
  bool out;
  weir_status status = weir_sq_is_opted_out(s, contact, WEIR_SQ_EVERYWHERE, &out, err);
  if (status != WEIR_OK) return status;
  set_contact(s, contact);
  who->id = ++s->now.last_person;
  who->first_seen_ms = at_ms;
  who->last_seen_ms = at_ms - at_ms % HOUR_MS;
  who->opted_out = out;
  who->name_len = name.len;
  if (name.len) memcpy(who->name, name.ptr, name.len);
  who->claims = who->timers = who->entered = 0;
  who->listed = true;
  who->has_cnt = who->text_len = 0;
  memset(who->cnt, 0, sizeof who->cnt);
  s->now.persons++;
  weir_sq_ends_at(s, WEIR_SQ_WALK_PERSONS, who->last_seen_ms + WEIR_IDLE_MS);
  who->contacts = 1;
  status = write_who(s, WEIR_SQ_PERSON_ADD, err);
  return status == WEIR_OK ? insert_contact(s, contact, who->id, 1, err) : status;
}

weir_status weir_sq_see(struct weir_sqlite *s, const struct weir_contact *contact, weir_str name, int64_t at_ms,
                        weir_error *err) {
  struct weir_sq_who *who = &s->who;
  bool changed = false;
  if (who->id == 0) return make(s, contact, name, at_ms, err);
  if (at_ms < who->first_seen_ms) {
    who->first_seen_ms = at_ms;
    changed = true;
  }
  if (at_ms - at_ms % HOUR_MS > who->last_seen_ms) {
    who->last_seen_ms = at_ms - at_ms % HOUR_MS;
    changed = true;
  }
  if (name.len && !weir_str_eq(name, (weir_str){ who->name, who->name_len })) {
    memcpy(who->name, name.ptr, name.len);
    who->name_len = name.len;
    changed = true;
  }
  return changed ? weir_sq_put_who(s, err) : WEIR_OK;
}

weir_status weir_sq_said(struct weir_sqlite *s, int64_t at_ms, weir_error *err) {
  if (at_ms <= s->who.said_ms) return WEIR_OK;
  s->who.said_ms = at_ms;
  return weir_sq_put_who(s, err);
}

weir_status weir_sq_await(struct weir_sqlite *s, int64_t person, int64_t until_ms, weir_error *err) {
  if (person == s->who.id) {
    if (until_ms <= s->who.awaits_ms) return WEIR_OK;
    s->who.awaits_ms = until_ms;
  }
  return weir_sq_run(s, WEIR_SQ_PERSON_AWAIT, WEIR_SQ_ARGS(weir_sq_int(person), weir_sq_int(until_ms)), err);
}

/* ---- loading */

static weir_status copy_str(struct weir_arena *arena, weir_str text, weir_str *out, weir_error *err) {
  *out = (weir_str){ NULL, 0 };
  if (text.len == 0) return WEIR_OK;
  char *to = weir_arena_bytes(arena, text.len);
  if (!to) return weir_fail(err, WEIR_E_NOMEM, "the arena has no room for what the store knows");
  memcpy(to, text.ptr, text.len);
  *out = (weir_str){ to, text.len };
  return WEIR_OK;
}

/* Most people have one contact: that which was asked for. */
static weir_status only_contact(struct weir_sqlite *s, struct weir_arena *arena, weir_error *err) {
  struct weir_contact *c = &s->places[0];
  weir_str *const parts[3] = { &c->channel, &c->account, &c->id };
  weir_status status = WEIR_OK;
  for (int i = 0; i < 3 && status == WEIR_OK; i++) {
    status = copy_str(arena, (weir_str){ s->who.contact[i], s->who.contact_len[i] }, parts[i], err);
  }
  return status;
}

static weir_status read_contacts(struct weir_sqlite *s, struct weir_arena *arena, uint32_t *cnt, weir_error *err) {
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_CONTACTS, WEIR_SQ_ARGS(weir_sq_int(s->who.id)));
  bool row;
  weir_status status;
  while ((status = weir_sq_next(s, stmt, &row, err)) == WEIR_OK && row && *cnt < WEIR_CONTACTS_MAX) {
    struct weir_contact *c = &s->places[(*cnt)++];
    status = weir_sq_copy(stmt, 0, arena, &c->channel, err);
    if (status == WEIR_OK) status = weir_sq_copy(stmt, 1, arena, &c->account, err);
    if (status == WEIR_OK) status = weir_sq_copy(stmt, 2, arena, &c->id, err);
    if (status != WEIR_OK) break;
  }
  weir_sq_done(stmt);
  return status;
}

static weir_status load_contacts(struct weir_sqlite *s, struct weir_arena *arena, struct weir_person *out, weir_error *err) {
  uint32_t cnt = s->who.contacts == 1 && s->who.valid ? 1 : 0;
  weir_status status = cnt ? only_contact(s, arena, err) : read_contacts(s, arena, &cnt, err);
  if (status != WEIR_OK) return status;
  struct weir_contact *list = weir_arena_array(arena, cnt, sizeof *list);
  if (!list) return weir_fail(err, WEIR_E_NOMEM, "the arena has no room for what the store knows");
  memcpy(list, s->places, cnt * sizeof *list);
  out->contacts = list;
  out->contact_cnt = cnt;
  return WEIR_OK;
}

/* His live code that ends last, of two the bytewise first; rows come in the order of their names. */
static weir_str latest_code(const struct weir_sqlite *s, uint32_t cnt) {
  const struct weir_sq_trait *best = NULL;
  for (uint32_t i = 0; i < cnt; i++) {
    const struct weir_sq_trait *t = &s->traits[i];
    if (t->kind == WEIR_SQ_CODES && t->at_ms > s->now.now_ms && (!best || t->at_ms > best->at_ms)) best = t;
  }
  return best ? best->name : (weir_str){ NULL, 0 };
}

/* Rows come by kind, and in each by name: each kind is a stretch of s->traits. */
static weir_status share_out(const struct weir_sqlite *s, uint32_t cnt, struct weir_arena *arena, struct weir_person *out,
                             weir_error *err) {
  const struct weir_sq_who *who = &s->who;
  weir_str *tags = weir_arena_array(arena, who->cnt[WEIR_SQ_TAGS], sizeof *tags);
  weir_pair *fields = weir_arena_array(arena, who->cnt[WEIR_SQ_FIELDS], sizeof *fields);
  weir_pair *pools = weir_arena_array(arena, who->cnt[WEIR_SQ_POOLS], sizeof *pools);
  struct weir_stage_entry *stages = weir_arena_array(arena, who->cnt[WEIR_SQ_STAGES], sizeof *stages);
  if (!tags || !fields || !pools || !stages) return weir_fail(err, WEIR_E_NOMEM, "the arena has no room for what the store "
                                                                                 "knows");
  for (uint32_t i = 0; i < cnt; i++) {
    const struct weir_sq_trait *t = &s->traits[i];
    switch (t->kind) {
      case WEIR_SQ_TAGS: tags[out->tag_cnt++] = t->name; break;
      case WEIR_SQ_FIELDS: fields[out->field_cnt++] = (weir_pair){ t->name, t->value }; break;
      case WEIR_SQ_POOLS: pools[out->pool_cnt++] = (weir_pair){ t->name, t->value }; break;
      case WEIR_SQ_STAGES: stages[out->stage_cnt++] = (struct weir_stage_entry){ t->name, t->value, t->at_ms }; break;
      default: break;
    }
  }
  out->tags = tags;
  out->fields = fields;
  out->pools = pools;
  out->stages = stages;
  out->code = latest_code(s, cnt);
  return WEIR_OK;
}

static weir_status load_known(struct weir_sqlite *s, struct weir_arena *arena, struct weir_person *out, weir_error *err) {
  const struct weir_sq_who *who = &s->who;
  uint32_t cnt;
  weir_status status = weir_sq_load_traits(s, arena, &cnt, err);
  if (status == WEIR_OK) status = share_out(s, cnt, arena, out, err);
  if (status == WEIR_OK) status = load_contacts(s, arena, out, err);
  if (status == WEIR_OK) status = copy_str(arena, (weir_str){ who->name, who->name_len }, &out->name, err);
  if (status != WEIR_OK) return status;
  out->id = (uint64_t)who->id;
  out->opted_out = out->out_everywhere = who->opted_out;
  out->first_seen_ms = who->first_seen_ms;
  out->last_seen_ms = who->last_seen_ms;
  out->handoff_until_ms = who->handoff_until_ms;
  out->said_ms = who->said_ms;
  out->awaits_ms = who->awaits_ms;
  return WEIR_OK;
}

weir_status weir_sq_load_person(struct weir_store *store, uint64_t number, struct weir_arena *arena, struct weir_person *out,
                                weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  bool known = false;
  *out = (struct weir_person){ 0 };
  weir_status status = weir_sq_usable(s, err);
  weir_sq_forget_who(s);
  if (status == WEIR_OK) status = weir_sq_find_number(s, (int64_t)number, &known, err);
  if (status == WEIR_OK && known) status = load_known(s, arena, out, err);
  weir_sq_forget_who(s); /* no contact was asked for: the next question begins anew */
  if (status != WEIR_OK) *out = (struct weir_person){ 0 };
  return status;
}

weir_status weir_sq_load(struct weir_store *store, const struct weir_contact *contact, struct weir_arena *arena,
                         struct weir_person *out, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  *out = (struct weir_person){ 0 };
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK) status = weir_sq_find(s, contact, err);
  if (status != WEIR_OK) return status;
  bool everywhere = false, there = false;
  if (s->who.id == 0) status = weir_sq_is_opted_out(s, contact, WEIR_SQ_EVERYWHERE, &everywhere, err);
  if (status == WEIR_OK) status = weir_sq_is_opted_out(s, contact, WEIR_SQ_CHANNEL, &there, err);
  if (status == WEIR_OK && s->who.id != 0) status = load_known(s, arena, out, err);
  if (everywhere) out->out_everywhere = true;
  if (everywhere || there) out->opted_out = true;
  if (status != WEIR_OK) *out = (struct weir_person){ 0 };
  return status;
}
