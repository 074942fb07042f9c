/* memory_forget.c: one person is erased, because he asked for it.
 *
 * It happens outside a transaction, where nothing is logged: taking rows away needs no room and cannot fail half way. Opt-outs
 * are kept by hash in a table of their own, so whoever had opted out stays left in peace. */
#include "state/memory.h"

static struct weir_mem_person *person(const struct weir_memory *s, uint32_t who) {
  return weir_mem_row(s, WEIR_MEM_PERSONS, who);
}

/* A contact as the numbers of its texts: equal texts have equal numbers. */
struct name {
  uint32_t channel, account, id;
};

/* Drops all timers for one contact, and what the ledger knows of him; a timer set before the contact was known names him only by his texts. */
static weir_status drop_waiting(struct weir_memory *s, struct name name, uint64_t *cnt, weir_error *err) {
  for (uint32_t row = 1; row <= s->tables[WEIR_MEM_TIMERS].used; row++) {
    const struct weir_mem_timer *t = weir_mem_row(s, WEIR_MEM_TIMERS, row);
    if (t->head.slot == 0) continue; /* a timer that waits stands in the queue; the others are free rows */
    if (t->channel != name.channel || t->account != name.account || t->contact_id != name.id) continue;
    weir_status status = weir_mem_timer_done(s, (int64_t)t->id, err);
    if (status != WEIR_OK) return status;
    (*cnt)++;
  }
  *cnt += weir_mem_forget_ledger(s, name.channel, name.account, name.id);
  return WEIR_OK;
}

static weir_status drop_stranger(struct weir_memory *s, const struct weir_contact *contact, weir_error *err) {
  bool channel, account, id;
  uint64_t cnt = 0;
  struct name name = { weir_mem_find_text(s, contact->channel, &channel), weir_mem_find_text(s, contact->account, &account),
                       weir_mem_find_text(s, contact->id, &id) };
  if (!channel || !account || !id) return WEIR_NONE;
  weir_status status = drop_waiting(s, name, &cnt, err);
  return status != WEIR_OK ? status : cnt ? WEIR_OK : WEIR_NONE;
}

static weir_status forget_person(struct weir_memory *s, uint32_t who, weir_error *err) {
  uint64_t timers = 0;
  for (uint32_t row = person(s, who)->contacts; row != 0;) {
    const struct weir_mem_contact *c = weir_mem_row(s, WEIR_MEM_CONTACTS, row);
    weir_status status = drop_waiting(s, (struct name){ c->channel, c->account, c->id }, &timers, err);
    if (status != WEIR_OK) return status;
    row = c->sibling;
  }
  while (person(s, who)->claims != 0) weir_mem_drop_claim(s, person(s, who)->claims);
  while (person(s, who)->codes != 0) weir_mem_drop_code(s, person(s, who)->codes);
  return weir_mem_evict(s, who, err);
}

/* What goes before, in a transaction that is none of its own: it is not counted. */
static weir_status begin_with(struct weir_memory *s, const struct weir_contact *contact, const struct weir_forgetting *with, weir_error *err) {
  struct weir_store *store = &s->store;
  const struct weir_changeset set = { .contact = *contact, .now_ms = s->now_ms, .items = with->items, .cnt = with->cnt, .cap = with->cnt };
  weir_status status = store->ops->begin(store, err);
  if (status != WEIR_OK) return status;
  if (with->first) status = with->first(with->ctx, err);
  if (status == WEIR_OK && with->cnt && weir_mem_person_of(s, contact)) status = store->ops->apply(store, &set, err);
  s->counted = false;
  if (status == WEIR_OK) status = store->ops->commit(store, err);
  if (status != WEIR_OK) store->ops->rollback(store);
  return status;
}

weir_status weir_mem_forget(struct weir_store *store, const struct weir_contact *contact, const struct weir_forgetting *with, weir_error *err) {
  struct weir_memory *s = (struct weir_memory *)store;
  if (s->torn) return weir_fail(err, WEIR_E_INTERNAL, "a change of the store could not be logged; open it anew");
  if (s->open) return weir_fail(err, WEIR_E_SEQUENCE, "nobody can be forgotten inside a transaction");
  weir_status status = with ? begin_with(s, contact, with, err) : WEIR_OK;
  if (status != WEIR_OK) return status;
  uint32_t who = weir_mem_person_of(s, contact);
  status = who ? forget_person(s, who, err) : drop_stranger(s, contact, err);
  if (status == WEIR_OK) s->commits++;
  return status;
}
