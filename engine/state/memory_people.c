/* memory_people.c: persons and the contacts they are known by.
 *
 * A person who holds nothing (no claim, no code, no timer) stands in the queue of those who may go, ordered by the hour he
 * was last seen; weir_mem_settle moves him in and out. */
#include "state/memory.h"

static struct weir_mem_person *person(const struct weir_memory *s, uint32_t who) {
  return weir_mem_row(s, WEIR_MEM_PERSONS, who);
}
static struct weir_mem_contact *contact_at(const struct weir_memory *s, uint32_t row) {
  return weir_mem_row(s, WEIR_MEM_CONTACTS, row);
}

static uint64_t contact_hash(const struct weir_memory *s, uint32_t channel, uint32_t account, uint32_t id) {
  return weir_mem_mix(s, (uint64_t)channel << 32 | account, id);
}

uint32_t weir_mem_find_contact(const struct weir_memory *s, const struct weir_contact *contact) {
  bool known;
  /* the id first: a stranger's is the one that is not there */
  uint32_t id = weir_mem_find_text(s, contact->id, &known);
  if (!known || id == 0) return 0;
  uint32_t account = weir_mem_find_text(s, contact->account, &known);
  if (!known) return 0;
  uint32_t channel = weir_mem_find_text(s, contact->channel, &known);
  if (!known) return 0;
  uint32_t row = weir_mem_chain(s, WEIR_MEM_CONTACTS, contact_hash(s, channel, account, id));
  for (; row != 0; row = contact_at(s, row)->next) {
    const struct weir_mem_contact *c = contact_at(s, row);
    if (c->id == id && c->account == account && c->channel == channel) return row;
  }
  return 0;
}

uint32_t weir_mem_person_of(const struct weir_memory *s, const struct weir_contact *contact) {
  uint32_t row = weir_mem_find_contact(s, contact);
  return row ? contact_at(s, row)->person : 0;
}

uint32_t weir_mem_person_by_id(const struct weir_memory *s, uint64_t id) {
  uint32_t row = weir_mem_chain(s, WEIR_MEM_PERSONS, weir_mem_mix(s, id, 0));
  while (row != 0 && person(s, row)->id != id) row = person(s, row)->head.next;
  return row;
}

void weir_mem_settle(struct weir_memory *s, uint32_t who) {
  const struct weir_mem_person *p = person(s, who);
  if (p->claim_cnt || p->code_cnt || p->timer_cnt) {
    weir_mem_unqueue(s, WEIR_MEM_PERSONS, who);
  } else {
    weir_mem_queue(s, WEIR_MEM_PERSONS, who);
  }
}

weir_status weir_mem_add_contact(struct weir_memory *s, const struct weir_contact *contact, uint32_t who, weir_error *err) {
  struct weir_mem_person *p = person(s, who);
  uint32_t channel, account, id, row;
  if (p->contact_cnt >= WEIR_CONTACTS_MAX) {
    return weir_fail(err, WEIR_E_LIMIT, "a person may have %d contacts (WEIR_CONTACTS_MAX)", WEIR_CONTACTS_MAX);
  }
  weir_status status = weir_mem_use_text(s, contact->channel, &channel, err);
  if (status == WEIR_OK) status = weir_mem_use_text(s, contact->account, &account, err);
  if (status == WEIR_OK) status = weir_mem_use_text(s, contact->id, &id, err);
  if (status == WEIR_OK) status = weir_mem_take(s, WEIR_MEM_CONTACTS, &row, err);
  if (status != WEIR_OK) return status;
  *contact_at(s, row) = (struct weir_mem_contact){ 0, channel, account, id, who, 0 };
  weir_mem_link(s, WEIR_MEM_CONTACTS, contact_hash(s, channel, account, id), row);

  uint32_t *link = &p->contacts; /* at the end: the contact he came by first stays first */
  while (*link != 0) link = &contact_at(s, *link)->sibling;
  WEIR_MEM_SET(s, *link, row);
  WEIR_MEM_SET(s, p->contact_cnt, (uint16_t)(p->contact_cnt + 1));
  return WEIR_OK;
}

static weir_status make(struct weir_memory *s, const struct weir_contact *contact, int64_t at_ms, uint32_t *who,
                        weir_error *err) {
  weir_status status = weir_mem_take(s, WEIR_MEM_PERSONS, who, err);
  if (status != WEIR_OK) return status;
  struct weir_mem_person *p = person(s, *who);
  WEIR_MEM_SET(s, s->last_person, s->last_person + 1);
  p->id = s->last_person;
  p->first_seen_ms = at_ms;
  p->head.due = at_ms - at_ms % WEIR_MEM_HOUR_MS;
  p->opted_out = weir_mem_is_opted_out(s, contact, WEIR_MEM_EVERYWHERE);
  weir_mem_link(s, WEIR_MEM_PERSONS, weir_mem_mix(s, p->id, 0), *who);
  if ((status = weir_mem_add_contact(s, contact, *who, err)) != WEIR_OK) return status;
  weir_mem_settle(s, *who);
  return WEIR_OK;
}

weir_status weir_mem_see(struct weir_memory *s, const struct weir_contact *contact, weir_str name, int64_t at_ms, uint32_t *who,
                         weir_error *err) {
  weir_status status;
  bool known;
  uint32_t text;
  if (*who == 0 && (status = make(s, contact, at_ms, who, err)) != WEIR_OK) return status;
  if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
  struct weir_mem_person *p = person(s, *who);
  if (at_ms < p->first_seen_ms) WEIR_MEM_SET(s, p->first_seen_ms, at_ms);
  if (at_ms - at_ms % WEIR_MEM_HOUR_MS > p->head.due) weir_mem_set_due(s, WEIR_MEM_PERSONS, *who, at_ms - at_ms % WEIR_MEM_HOUR_MS);
  if (name.len == 0) return WEIR_OK;
  text = weir_mem_find_text(s, name, &known);
  if (known && text == p->name) return WEIR_OK;
  if ((status = weir_mem_use_text(s, name, &text, err)) != WEIR_OK) return status;
  weir_mem_drop_text(s, p->name);
  WEIR_MEM_SET(s, p->name, text);
  return WEIR_OK;
}

void weir_mem_drop_contact(struct weir_memory *s, uint32_t row) {
  struct weir_mem_contact *c = contact_at(s, row);
  struct weir_mem_person *p = person(s, c->person);
  uint32_t *link = &p->contacts;
  while (*link != row) link = &contact_at(s, *link)->sibling;
  WEIR_MEM_SET(s, *link, c->sibling);
  WEIR_MEM_SET(s, p->contact_cnt, (uint16_t)(p->contact_cnt - 1));
  weir_mem_unlink(s, WEIR_MEM_CONTACTS, contact_hash(s, c->channel, c->account, c->id), row);
  weir_mem_drop_text(s, c->channel);
  weir_mem_drop_text(s, c->account);
  weir_mem_drop_text(s, c->id);
  weir_mem_give(s, WEIR_MEM_CONTACTS, row);
}

void weir_mem_drop_person(struct weir_memory *s, uint32_t who) {
  struct weir_mem_person *p = person(s, who);
  weir_mem_unqueue(s, WEIR_MEM_PERSONS, who);
  weir_mem_unlink(s, WEIR_MEM_PERSONS, weir_mem_mix(s, p->id, 0), who);
  weir_mem_drop_text(s, p->name);
  weir_mem_give(s, WEIR_MEM_PERSONS, who);
}

/* ---- loading */

static weir_status load_contacts(const struct weir_memory *s, const struct weir_mem_person *p, struct weir_arena *arena,
                                 struct weir_person *out, weir_error *err) {
  struct weir_contact *list = weir_arena_array(arena, p->contact_cnt, sizeof *list);
  uint32_t cnt = 0;
  weir_status status = WEIR_OK;
  if (!list) return weir_fail(err, WEIR_E_NOMEM, "the arena has no room for what the store knows");
  for (uint32_t row = p->contacts; row != 0 && status == WEIR_OK; row = contact_at(s, row)->sibling, cnt++) {
    const struct weir_mem_contact *c = contact_at(s, row);
    status = weir_mem_copy_text(s, c->channel, arena, &list[cnt].channel, err);
    if (status == WEIR_OK) status = weir_mem_copy_text(s, c->account, arena, &list[cnt].account, err);
    if (status == WEIR_OK) status = weir_mem_copy_text(s, c->id, arena, &list[cnt].id, err);
  }
  out->contacts = list;
  out->contact_cnt = cnt;
  return status;
}

static weir_status load_row(const struct weir_memory *s, uint32_t who, struct weir_arena *arena, struct weir_person *out, weir_error *err) {
  const struct weir_mem_person *p = person(s, who);
  weir_status status = load_contacts(s, p, arena, out, err);
  if (status == WEIR_OK) status = weir_mem_load_attrs(s, p, arena, out, err);
  if (status == WEIR_OK) status = weir_mem_copy_text(s, p->name, arena, &out->name, err);
  if (status == WEIR_OK) status = weir_mem_copy_text(s, weir_mem_latest_code(s, p), arena, &out->code, err);
  if (status != WEIR_OK) {
    *out = (struct weir_person){ 0 };
    return status;
  }
  out->id = p->id;
  out->opted_out = out->out_everywhere = p->opted_out;
  out->first_seen_ms = p->first_seen_ms;
  out->last_seen_ms = p->head.due;
  out->handoff_until_ms = p->handoff_until_ms;
  out->said_ms = p->said_ms;
  out->awaits_ms = p->awaits_ms;
  return WEIR_OK;
}

weir_status weir_mem_load_person(struct weir_store *store, uint64_t number, struct weir_arena *arena, struct weir_person *out,
                                 weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t who = weir_mem_person_by_id(s, number);
  *out = (struct weir_person){ 0 };
  return who ? load_row(s, who, arena, out, err) : WEIR_OK;
}

weir_status weir_mem_load(struct weir_store *store, const struct weir_contact *contact, struct weir_arena *arena,
                          struct weir_person *out,
                          weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t who = weir_mem_person_of(s, contact);
  *out = (struct weir_person){ 0 };
  if (who == 0) {
    out->out_everywhere = weir_mem_is_opted_out(s, contact, WEIR_MEM_EVERYWHERE);
    out->opted_out = out->out_everywhere || weir_mem_is_opted_out(s, contact, WEIR_MEM_CHANNEL);
    return WEIR_OK;
  }
  weir_status status = load_row(s, who, arena, out, err);
  if (status == WEIR_OK && weir_mem_is_opted_out(s, contact, WEIR_MEM_CHANNEL)) out->opted_out = true;
  return status;
}
