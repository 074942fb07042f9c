/* memory_part.c: a contact was joined to a person by mistake, or by a guess, and goes its own way again. What came with it cannot
 * be told from the rest any more, so it takes along only what protects: store.h says what. */
#include "state/memory.h"

static struct weir_mem_person *person(const struct weir_memory *s, uint32_t who) { return weir_mem_row(s, WEIR_MEM_PERSONS, who); }

static uint32_t timers_of(const struct weir_memory *s, uint32_t contact) {
  uint32_t cnt = 0;
  for (uint32_t row = 1; row <= s->tables[WEIR_MEM_TIMERS].used; row++) {
    const struct weir_mem_timer *t = weir_mem_row(s, WEIR_MEM_TIMERS, row);
    if (t->head.slot != 0 && t->contact == contact) cnt++; /* the others are free rows */
  }
  return cnt;
}

/* A person of his own, without a contact yet. */
static weir_status make(struct weir_memory *s, uint32_t from, int64_t at_ms, uint32_t *out, weir_error *err) {
  weir_status status = weir_mem_take(s, WEIR_MEM_PERSONS, out, err);
  if (status != WEIR_OK) return status;
  struct weir_mem_person *p = person(s, *out);
  WEIR_MEM_SET(s, s->last_person, s->last_person + 1);
  p->id = s->last_person;
  p->first_seen_ms = at_ms;
  p->head.due = at_ms - at_ms % WEIR_MEM_HOUR_MS;
  p->handoff_until_ms = person(s, from)->handoff_until_ms;
  p->opted_out = person(s, from)->opted_out;
  p->said_ms = person(s, from)->said_ms;
  p->awaits_ms = person(s, from)->awaits_ms;
  weir_mem_link(s, WEIR_MEM_PERSONS, weir_mem_mix(s, p->id, 0), *out);
  return WEIR_OK;
}

static void move_contact(struct weir_memory *s, uint32_t row, uint32_t from, uint32_t to) {
  struct weir_mem_contact *c = weir_mem_row(s, WEIR_MEM_CONTACTS, row);
  struct weir_mem_person *p = person(s, from), *q = person(s, to);
  uint32_t *link = &p->contacts;
  while (*link != row) link = &((struct weir_mem_contact *)weir_mem_row(s, WEIR_MEM_CONTACTS, *link))->sibling;
  WEIR_MEM_SET(s, *link, c->sibling);
  WEIR_MEM_SET(s, p->contact_cnt, (uint16_t)(p->contact_cnt - 1));
  WEIR_MEM_SET(s, c->sibling, 0);
  WEIR_MEM_SET(s, c->person, to);
  WEIR_MEM_SET(s, q->contacts, row);
  WEIR_MEM_SET(s, q->contact_cnt, 1);
}

static weir_status copy_pools(struct weir_memory *s, uint32_t from, uint32_t to, weir_error *err) {
  weir_status status = WEIR_OK;
  for (uint32_t row = person(s, from)->attrs[WEIR_MEM_POOL]; row != 0 && status == WEIR_OK;) {
    const struct weir_mem_attr *a = weir_mem_row(s, WEIR_MEM_ATTRS, row);
    if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
    weir_mem_again_text(s, a->name);
    weir_mem_again_text(s, a->value);
    status = weir_mem_add_attr(s, to, WEIR_MEM_POOL, a->name, a->value, a->at_ms, err);
    row = a->sibling;
  }
  return status;
}

weir_status weir_mem_part(struct weir_memory *s, const struct weir_contact *contact, int64_t at_ms, uint32_t *who, weir_error *err) {
  uint32_t row = weir_mem_find_contact(s, contact), from = *who, to;
  if (person(s, from)->contact_cnt < 2) return WEIR_OK;
  weir_status status = make(s, from, at_ms, &to, err);
  if (status == WEIR_OK) status = weir_mem_step(s, err);
  if (status != WEIR_OK) return status;
  uint32_t timers = timers_of(s, row);
  move_contact(s, row, from, to);
  WEIR_MEM_SET(s, person(s, from)->timer_cnt, person(s, from)->timer_cnt - timers);
  WEIR_MEM_SET(s, person(s, to)->timer_cnt, timers);
  if ((status = weir_mem_copy_claims(s, to, from, err)) != WEIR_OK) return status;
  if ((status = copy_pools(s, from, to, err)) != WEIR_OK) return status;
  if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
  weir_mem_settle(s, from);
  weir_mem_settle(s, to);
  *who = to;
  return WEIR_OK;
}
