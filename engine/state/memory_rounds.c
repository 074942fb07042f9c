/* memory_rounds.c: walks over all people: how far each has come, and its next step. People are found by number, one after the
 * other; a number that nobody has any more costs a look. */
#include "state/memory.h"

static struct weir_mem_round *round_at(const struct weir_memory *s, uint32_t row) { return weir_mem_row(s, WEIR_MEM_ROUNDS, row); }

static uint32_t find(const struct weir_memory *s, const unsigned char key[WEIR_ID_BYTES]) {
  uint32_t row = weir_mem_chain(s, WEIR_MEM_ROUNDS, weir_mem_key(s, key));
  while (row != 0 && memcmp(round_at(s, row)->key, key, WEIR_ID_BYTES) != 0) row = round_at(s, row)->head.next;
  return row;
}

weir_status weir_mem_set_round(struct weir_memory *s, const struct weir_change *change, weir_error *err) {
  uint32_t row = find(s, change->key);
  weir_status status = weir_mem_step(s, err);
  if (status != WEIR_OK) return status;
  if (row != 0) {
    weir_mem_set_due(s, WEIR_MEM_ROUNDS, row, change->at_ms);
    WEIR_MEM_SET(s, round_at(s, row)->of_ms, change->until_ms);
    WEIR_MEM_SET(s, round_at(s, row)->person, change->number);
    return WEIR_OK;
  }
  if ((status = weir_mem_take(s, WEIR_MEM_ROUNDS, &row, err)) != WEIR_OK) return status;
  struct weir_mem_round *r = round_at(s, row);
  *r = (struct weir_mem_round){ .head = { 0, 0, change->at_ms }, .of_ms = change->until_ms, .person = change->number };
  memcpy(r->key, change->key, WEIR_ID_BYTES);
  weir_mem_link(s, WEIR_MEM_ROUNDS, weir_mem_key(s, change->key), row);
  weir_mem_queue(s, WEIR_MEM_ROUNDS, row);
  return WEIR_OK;
}

void weir_mem_drop_round(struct weir_memory *s, uint32_t row) {
  weir_mem_unlink(s, WEIR_MEM_ROUNDS, weir_mem_key(s, round_at(s, row)->key), row);
  weir_mem_unqueue(s, WEIR_MEM_ROUNDS, row);
  weir_mem_give(s, WEIR_MEM_ROUNDS, row);
}

weir_status weir_mem_ask_round(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], struct weir_round *out, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t row = find(s, key);
  (void)err; /* reading memory cannot fail */
  *out = (struct weir_round){ 0 };
  if (row == 0) return WEIR_NONE;
  *out = (struct weir_round){ round_at(s, row)->head.due, round_at(s, row)->of_ms, round_at(s, row)->person };
  return WEIR_OK;
}

weir_status weir_mem_glance(struct weir_store *store, const struct weir_contact *contact, struct weir_glance *out, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t who = weir_mem_person_of(s, contact);
  (void)err;
  *out = (struct weir_glance){ 0 };
  if (who == 0) return WEIR_OK;
  const struct weir_mem_person *p = weir_mem_row(s, WEIR_MEM_PERSONS, who);
  *out = (struct weir_glance){ p->id, p->head.due, p->awaits_ms };
  return WEIR_OK;
}

weir_status weir_mem_walk(struct weir_store *store, int64_t after, int64_t cnt, int64_t seen_before_ms, struct weir_arena *arena,
                          struct weir_walked *out, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  int64_t last = (int64_t)s->last_person, to = last - after < cnt ? last : after + cnt;
  *out = (struct weir_walked){ .upto = to, .end = to >= last };
  for (int64_t id = after + 1; id <= to; id++) {
    uint32_t who = weir_mem_person_by_id(s, (uint64_t)id);
    const struct weir_mem_person *p = who ? weir_mem_row(s, WEIR_MEM_PERSONS, who) : NULL;
    if (!p || p->head.due > seen_before_ms || p->contacts == 0) continue;
    const struct weir_mem_contact *c = weir_mem_row(s, WEIR_MEM_CONTACTS, p->contacts);
    out->upto = id;
    out->end = id >= last;
    out->person = p->id;
    weir_status status = weir_mem_copy_text(s, c->channel, arena, &out->contact.channel, err);
    if (status == WEIR_OK) status = weir_mem_copy_text(s, c->account, arena, &out->contact.account, err);
    return status == WEIR_OK ? weir_mem_copy_text(s, c->id, arena, &out->contact.id, err) : status;
  }
  return WEIR_OK;
}
