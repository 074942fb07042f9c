/* memory_ledger.c: what became of the outbound actions, found by key; and for each origin, how many of its actions were sent,
 * rejected and so on.
 *
 * An origin's counts outlive its entries: when an entry goes for room or because its time is over, what it was still counts
 * as long as another entry of the origin is there. Otherwise a forgotten "sent" could give a claim back, and somebody would be
 * answered twice. What is taken out on purpose does not count any more. */
#include "state/memory.h"

static struct weir_mem_ledger *entry_at(const struct weir_memory *s, uint32_t row) { return weir_mem_row(s, WEIR_MEM_LEDGER, row); }
static struct weir_mem_origin *origin_at(const struct weir_memory *s, uint32_t row) { return weir_mem_row(s, WEIR_MEM_ORIGINS, row); }

static uint32_t find_entry(const struct weir_memory *s, const unsigned char key[WEIR_ID_BYTES]) {
  uint32_t row = weir_mem_chain(s, WEIR_MEM_LEDGER, weir_mem_key(s, key));
  while (row != 0 && memcmp(entry_at(s, row)->key, key, WEIR_ID_BYTES) != 0) row = entry_at(s, row)->head.next;
  return row;
}

static uint32_t find_origin(const struct weir_memory *s, const unsigned char key[WEIR_ID_BYTES]) {
  uint32_t row = weir_mem_chain(s, WEIR_MEM_ORIGINS, weir_mem_key(s, key));
  while (row != 0 && memcmp(origin_at(s, row)->key, key, WEIR_ID_BYTES) != 0) row = origin_at(s, row)->next;
  return row;
}

static bool waited_for(uint8_t status) { return status == WEIR_LEDGER_WAITING || status == WEIR_LEDGER_RETRYING; }
static bool is_final(uint8_t status) { return status == WEIR_LEDGER_SENT || status == WEIR_LEDGER_REJECTED; }

/* ---- what a status brings with it: the origin's count, the queue, the list of what is final */

static uint32_t *count_of(struct weir_ledger_counts *counts, uint8_t status) {
  switch (status) {
    case WEIR_LEDGER_SENT: return &counts->sent;
    case WEIR_LEDGER_REJECTED: return &counts->rejected;
    case WEIR_LEDGER_UNCONFIRMED: return &counts->unconfirmed;
    default: return &counts->open;
  }
}

static void count(struct weir_memory *s, uint32_t row, bool more) {
  uint32_t *cnt = count_of(&origin_at(s, entry_at(s, row)->origin)->counts, entry_at(s, row)->status);
  WEIR_MEM_SET(s, *cnt, more ? *cnt + 1 : *cnt - 1);
}

static void list_final(struct weir_memory *s, uint32_t row) {
  struct weir_mem_ledger *e = entry_at(s, row);
  WEIR_MEM_SET(s, e->before, s->final_last);
  WEIR_MEM_SET(s, e->after, 0);
  if (s->final_last != 0) WEIR_MEM_SET(s, entry_at(s, s->final_last)->after, row);
  else WEIR_MEM_SET(s, s->final_first, row);
  WEIR_MEM_SET(s, s->final_last, row);
}

static void unlist_final(struct weir_memory *s, uint32_t row) {
  const struct weir_mem_ledger *e = entry_at(s, row);
  if (e->before != 0) WEIR_MEM_SET(s, entry_at(s, e->before)->after, e->after);
  else WEIR_MEM_SET(s, s->final_first, e->after);
  if (e->after != 0) WEIR_MEM_SET(s, entry_at(s, e->after)->before, e->before);
  else WEIR_MEM_SET(s, s->final_last, e->before);
}

static void enter_status(struct weir_memory *s, uint32_t row, uint8_t status) {
  WEIR_MEM_SET(s, entry_at(s, row)->status, status);
  count(s, row, true);
  if (!waited_for(status)) weir_mem_queue(s, WEIR_MEM_LEDGER, row);
  if (is_final(status)) list_final(s, row);
}

static void leave_queues(struct weir_memory *s, uint32_t row) {
  weir_mem_unqueue(s, WEIR_MEM_LEDGER, row);
  if (is_final(entry_at(s, row)->status)) unlist_final(s, row);
}

/* ---- entries */

void weir_mem_drop_ledger(struct weir_memory *s, uint32_t row) {
  const struct weir_mem_ledger *e = entry_at(s, row);
  const uint32_t texts[] = { e->channel, e->account, e->contact_id, e->rule, e->cause, e->post, e->payload, e->taken };
  struct weir_mem_origin *o = origin_at(s, e->origin);
  leave_queues(s, row);
  WEIR_MEM_SET(s, o->entries, o->entries - 1);
  if (o->entries == 0) {
    weir_mem_unlink(s, WEIR_MEM_ORIGINS, weir_mem_key(s, o->key), e->origin);
    weir_mem_give(s, WEIR_MEM_ORIGINS, e->origin);
  }
  weir_mem_unlink(s, WEIR_MEM_LEDGER, weir_mem_key(s, e->key), row);
  WEIR_MEM_SET(s, entry_at(s, row)->status, 0); /* a free row */
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) weir_mem_drop_text(s, texts[i]);
  weir_mem_give(s, WEIR_MEM_LEDGER, row);
}

static void take_out(struct weir_memory *s, uint32_t row) {
  count(s, row, false);
  weir_mem_drop_ledger(s, row);
}

/* The row of an origin with one entry more. It is counted at once: making room for the entry must not take it away. */
static weir_status hold_origin(struct weir_memory *s, const unsigned char key[WEIR_ID_BYTES], uint32_t *row, weir_error *err) {
  weir_status status = weir_mem_step(s, err);
  *row = find_origin(s, key);
  if (status != WEIR_OK) return status;
  if (*row == 0) {
    if ((status = weir_mem_take(s, WEIR_MEM_ORIGINS, row, err)) != WEIR_OK) return status;
    memcpy(origin_at(s, *row)->key, key, WEIR_ID_BYTES);
    weir_mem_link(s, WEIR_MEM_ORIGINS, weir_mem_key(s, key), *row);
  }
  WEIR_MEM_SET(s, origin_at(s, *row)->entries, origin_at(s, *row)->entries + 1);
  return WEIR_OK;
}

static weir_status use_texts(struct weir_memory *s, const struct weir_ledger_entry *from, struct weir_mem_ledger *to, weir_error *err) {
  const struct {
    weir_str text;
    uint32_t *row;
  } uses[] = {
    { from->contact.channel, &to->channel }, { from->contact.account, &to->account }, { from->contact.id, &to->contact_id },
    { from->rule, &to->rule }, { from->cause, &to->cause }, { from->post, &to->post }, { from->payload, &to->payload },
    { from->taken, &to->taken },
  };
  weir_status status = WEIR_OK;
  for (size_t i = 0; i < sizeof uses / sizeof *uses && status == WEIR_OK; i++) status = weir_mem_use_text(s, uses[i].text, uses[i].row, err);
  return status;
}

weir_status weir_mem_add_ledger(struct weir_memory *s, const struct weir_ledger_entry *entry, weir_error *err) {
  struct weir_mem_ledger new = { .len = 0 };
  uint32_t row;
  weir_status status = weir_mem_step(s, err);
  if (status != WEIR_OK) return status;
  uint32_t old = find_entry(s, entry->key);
  if (old != 0) take_out(s, old);
  status = hold_origin(s, entry->origin, &new.origin, err);
  if (status == WEIR_OK) status = use_texts(s, entry, &new, err);
  if (status == WEIR_OK) status = weir_mem_take(s, WEIR_MEM_LEDGER, &row, err);
  if (status == WEIR_OK) status = weir_mem_step(s, err);
  if (status != WEIR_OK) return status;
  memcpy(new.key, entry->key, WEIR_ID_BYTES);
  new.head.due = entry->until_ms;
  new.n = entry->n;
  new.attempt = entry->attempt;
  new.len = (uint8_t)entry->decision.len;
  if (new.len != 0) memcpy(new.decision, entry->decision.ptr, new.len);
  *entry_at(s, row) = new;
  weir_mem_link(s, WEIR_MEM_LEDGER, weir_mem_key(s, new.key), row);
  enter_status(s, row, (uint8_t)entry->status);
  return WEIR_OK;
}

weir_status weir_mem_set_ledger(struct weir_memory *s, const struct weir_change *change, weir_error *err) {
  uint32_t row = find_entry(s, change->key);
  weir_status status = weir_mem_step(s, err);
  if (status != WEIR_OK || row == 0) return status;
  if (change->number == 0) {
    take_out(s, row);
    return WEIR_OK;
  }
  if (change->until_ms > entry_at(s, row)->head.due) weir_mem_set_due(s, WEIR_MEM_LEDGER, row, change->until_ms);
  if (change->number == entry_at(s, row)->status) return WEIR_OK;
  count(s, row, false);
  leave_queues(s, row);
  enter_status(s, row, (uint8_t)change->number);
  return WEIR_OK;
}

uint64_t weir_mem_forget_ledger(struct weir_memory *s, uint32_t channel, uint32_t account, uint32_t id) {
  uint64_t cnt = 0;
  for (uint32_t row = 1; row <= s->tables[WEIR_MEM_LEDGER].used; row++) {
    const struct weir_mem_ledger *e = entry_at(s, row);
    if (e->status == 0 || e->channel != channel || e->account != account || e->contact_id != id) continue;
    weir_mem_drop_ledger(s, row);
    cnt++;
  }
  return cnt;
}

/* ---- asking */

weir_status weir_mem_ask_ledger(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], struct weir_arena *arena,
                                struct weir_ledger_entry *out, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t row = find_entry(s, key);
  *out = (struct weir_ledger_entry){ .n = 0 };
  if (row == 0) return WEIR_NONE;
  const struct weir_mem_ledger *e = entry_at(s, row);
  struct weir_ledger_entry found = { .n = e->n, .attempt = e->attempt, .status = (enum weir_ledger_status)e->status, .until_ms = e->head.due };
  const struct {
    uint32_t row;
    weir_str *text;
  } texts[] = {
    { e->channel, &found.contact.channel }, { e->account, &found.contact.account }, { e->contact_id, &found.contact.id },
    { e->rule, &found.rule }, { e->cause, &found.cause }, { e->post, &found.post }, { e->payload, &found.payload },
    { e->taken, &found.taken },
  };
  memcpy(found.key, key, WEIR_ID_BYTES);
  memcpy(found.origin, origin_at(s, e->origin)->key, WEIR_ID_BYTES);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    weir_status status = weir_mem_copy_text(s, texts[i].row, arena, texts[i].text, err);
    if (status != WEIR_OK) return status;
  }
  if (!weir_arena_str(arena, (weir_str){ e->decision, e->len }, &found.decision)) {
    return weir_fail(err, WEIR_E_NOMEM, "the arena has no room for a decision's id");
  }
  *out = found;
  return WEIR_OK;
}

weir_status weir_mem_ask_origin(struct weir_store *store, const unsigned char origin[WEIR_ID_BYTES], struct weir_ledger_counts *out,
                                weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t row = find_origin(s, origin);
  (void)err; /* reading memory cannot fail */
  *out = row ? origin_at(s, row)->counts : (struct weir_ledger_counts){ 0, 0, 0, 0 };
  return WEIR_OK;
}
