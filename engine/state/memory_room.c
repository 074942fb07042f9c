/* memory_room.c: who and what goes when room is needed.
 *
 * What has run out goes first, then what became final in the ledger. Then the person idle for longest who holds nothing, with
 * his contacts and attributes; never one whom the change at hand names. Where texts are wanted the oldest of the ledger goes
 * instead of him, if no timer waits for it and he was seen since: its payload may be as long as a hundred people's texts.
 * Nobody goes whose going makes no room where it is needed (he has no attributes, or his texts stand in the ledger, too): else
 * all would go for nothing, and the undo log would be full before there was any room. Opt-outs, claims, timers, live marks, counters and chains are never given up for room: when they fill their table the
 * answer is WEIR_E_FULL. Inside a transaction evictions are undone with the rest. */
#include "state/memory.h"

static struct weir_mem_person *person(const struct weir_memory *s, uint32_t who) {
  return weir_mem_row(s, WEIR_MEM_PERSONS, who);
}

/* Drops the row on top of a queue if its time is over. */
static bool drop_ended(struct weir_memory *s, enum weir_mem_id id) {
  uint32_t row = weir_mem_top(s, id);
  if (row == 0) return false;
  const struct weir_mem_due *head = weir_mem_row(s, id, row);
  if (head->due > s->now_ms) return false;
  if (id == WEIR_MEM_CLAIMS) weir_mem_drop_claim(s, row);
  else if (id == WEIR_MEM_CODES) weir_mem_drop_code(s, row);
  else if (id == WEIR_MEM_MARKS) weir_mem_drop_mark(s, row);
  else if (id == WEIR_MEM_LEDGER) weir_mem_drop_ledger(s, row);
  else if (id == WEIR_MEM_TALLIES) weir_mem_drop_tally(s, row);
  else if (id == WEIR_MEM_METERS) weir_mem_drop_meter(s, row);
  else if (id == WEIR_MEM_TOTALS) weir_mem_drop_total(s, row);
  else weir_mem_drop_day(s, row);
  return true;
}

void weir_mem_sweep(struct weir_memory *s) {
  static const enum weir_mem_id swept[] = { WEIR_MEM_CLAIMS, WEIR_MEM_CODES, WEIR_MEM_MARKS, WEIR_MEM_DAYS, WEIR_MEM_LEDGER, WEIR_MEM_TALLIES, WEIR_MEM_METERS, WEIR_MEM_TOTALS };
  for (size_t i = 0; i < sizeof swept / sizeof *swept; i++) {
    for (int n = 0; n < WEIR_SWEEP_ROWS && drop_ended(s, swept[i]); n++) continue;
  }
}

/* Whether the changes being applied are about this person, or join him. */
static bool named(const struct weir_memory *s, uint32_t who) {
  const struct weir_changeset *changes = s->changes;
  if (!changes) return false;
  if (weir_mem_person_of(s, &changes->contact) == who) return true;
  for (uint32_t i = 0; i < changes->cnt; i++) {
    const struct weir_change *c = &changes->items[i];
    if (c->kind == WEIR_CHANGE_JOIN && (uint64_t)c->number == person(s, who)->id) return true;
    if (c->kind == WEIR_CHANGE_INVITED && weir_mem_person_of(s, c->inviter) == who) return true;
  }
  return false;
}

/* The person idle for longest whom nothing names; 0: nobody may go. */
static uint32_t idlest(struct weir_memory *s) {
  uint32_t aside[WEIR_CHANGES_MAX + 1], cnt = 0, who;
  while ((who = weir_mem_top(s, WEIR_MEM_PERSONS)) != 0 && named(s, who)) {
    if (cnt == sizeof aside / sizeof *aside) break;
    weir_mem_unqueue(s, WEIR_MEM_PERSONS, who);
    aside[cnt++] = who;
  }
  if (who != 0 && cnt == sizeof aside / sizeof *aside && named(s, who)) who = 0;
  while (cnt > 0) weir_mem_queue(s, WEIR_MEM_PERSONS, aside[--cnt]);
  return who;
}

/* Whether room for texts comes when this person goes: one of them is his alone. */
static bool has_own_text(const struct weir_memory *s, uint32_t who) {
  const struct weir_mem_person *p = person(s, who);
  if (weir_mem_only_use(s, p->name)) return true;
  for (uint32_t row = p->contacts; row != 0;) {
    const struct weir_mem_contact *c = weir_mem_row(s, WEIR_MEM_CONTACTS, row);
    if (weir_mem_only_use(s, c->id) || weir_mem_only_use(s, c->account) || weir_mem_only_use(s, c->channel)) return true;
    row = c->sibling;
  }
  for (int kind = 0; kind < WEIR_MEM_ATTR_KINDS; kind++) {
    for (uint32_t row = p->attrs[kind]; row != 0;) {
      const struct weir_mem_attr *a = weir_mem_row(s, WEIR_MEM_ATTRS, row);
      if (weir_mem_only_use(s, a->name) || weir_mem_only_use(s, a->value)) return true;
      row = a->sibling;
    }
  }
  return false;
}

static bool has_attrs(const struct weir_memory *s, uint32_t who) {
  for (int kind = 0; kind < WEIR_MEM_ATTR_KINDS; kind++) {
    if (person(s, who)->attrs[kind] != 0) return true;
  }
  return false;
}

/* Whether the oldest of the ledger was made no later than in the hour in which this person was last seen. */
static bool outlives_ledger(const struct weir_memory *s, uint32_t who) {
  uint32_t row = weir_mem_top(s, WEIR_MEM_LEDGER);
  if (row == 0) return false;
  const struct weir_mem_ledger *e = weir_mem_row(s, WEIR_MEM_LEDGER, row);
  return e->head.due - WEIR_LEDGER_MS < person(s, who)->head.due + WEIR_MEM_HOUR_MS;
}

/* The person idle for longest who has attributes; looked for among all, which is needed only when the idlest has none. */
static uint32_t idlest_with_attrs(const struct weir_memory *s) {
  const struct weir_mem_table *t = &s->tables[WEIR_MEM_PERSONS];
  uint32_t best = 0;
  for (uint32_t i = 0; i < t->queued; i++) {
    uint32_t who = t->queue[i];
    if (!has_attrs(s, who) || (best != 0 && !weir_mem_earlier(s, WEIR_MEM_PERSONS, who, best))) continue;
    if (!named(s, who)) best = who;
  }
  return best;
}

weir_status weir_mem_evict(struct weir_memory *s, uint32_t who, weir_error *err) {
  struct weir_mem_person *p = person(s, who);
  weir_status status;
  while (p->contacts != 0) {
    if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
    weir_mem_drop_contact(s, p->contacts);
  }
  for (int kind = 0; kind < WEIR_MEM_ATTR_KINDS; kind++) {
    while (p->attrs[kind] != 0) {
      const struct weir_mem_attr *a = weir_mem_row(s, WEIR_MEM_ATTRS, p->attrs[kind]);
      status = kind == WEIR_MEM_STAGE ? weir_mem_count_stage(s, a->name, a->value, -1, 0, err) : weir_mem_step(s, err);
      if (status != WEIR_OK) return status;
      weir_mem_drop_attr(s, who, (enum weir_mem_attr_kind)kind, p->attrs[kind]);
    }
  }
  while (p->invites != 0) {
    if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
    weir_mem_drop_invite(s, p->invites);
  }
  if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
  weir_mem_drop_person(s, who);
  return WEIR_OK;
}

/* Lets an entry of the ledger go whose time is over or which is final; with `any` else the one that ends first. */
static bool drop_entry(struct weir_memory *s, bool any) {
  if (drop_ended(s, WEIR_MEM_LEDGER)) return true;
  uint32_t row = s->final_first != 0 || !any ? s->final_first : weir_mem_top(s, WEIR_MEM_LEDGER);
  if (row != 0) weir_mem_drop_ledger(s, row);
  return row != 0;
}

static weir_status full(const struct weir_memory *s, enum weir_mem_id id, weir_error *err) {
  const char *what = s->tables[id].what;
  return weir_fail(err, WEIR_E_FULL, "the store is full of %s that may not go; acknowledge records, or open it with more memory",
                   what);
}

weir_status weir_mem_make_room(struct weir_memory *s, enum weir_mem_id id, weir_error *err) {
  bool people = id == WEIR_MEM_PERSONS || id == WEIR_MEM_CONTACTS || id == WEIR_MEM_ATTRS || id == WEIR_MEM_TEXTS;
  weir_status status;
  if (id == WEIR_MEM_CLAIMS || id == WEIR_MEM_CODES || id == WEIR_MEM_MARKS || id == WEIR_MEM_DAYS || id == WEIR_MEM_METERS || id == WEIR_MEM_TOTALS) {
    return drop_ended(s, id) ? WEIR_OK : full(s, id, err);
  }
  if (id == WEIR_MEM_INVITES && weir_mem_top(s, id) != 0) {
    weir_mem_drop_invite(s, weir_mem_top(s, id));
    return WEIR_OK;
  }
  if (id == WEIR_MEM_LEDGER || id == WEIR_MEM_ORIGINS) return drop_entry(s, true) ? WEIR_OK : full(s, id, err);
  if (id == WEIR_MEM_ROUNDS) {
    weir_mem_drop_round(s, weir_mem_top(s, id)); /* of a rule that is gone: those that are there have their steps in time */
    return WEIR_OK;
  }
  if (id == WEIR_MEM_TALLIES) {
    weir_mem_drop_tally(s, weir_mem_top(s, id)); /* the oldest day's: the table is full, so there is one */
    return WEIR_OK;
  }
  if (!people) return full(s, id, err);
  if (id == WEIR_MEM_TEXTS && drop_entry(s, false)) return WEIR_OK;
  /* Claims and codes that ran out hold nobody any more: a few of them go before it is asked who is idle, and more only
   * while nobody is; a commit sweeps the rest. */
  uint32_t who = 0;
  for (int n = 0; n < WEIR_SWEEP_INSIDE || (who = idlest(s)) == 0; n++) {
    if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
    if (!drop_ended(s, WEIR_MEM_CLAIMS) && !drop_ended(s, WEIR_MEM_CODES)) break;
  }
  if (who == 0) who = idlest(s);
  if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
  if (id == WEIR_MEM_ATTRS && who != 0 && !has_attrs(s, who)) who = idlest_with_attrs(s);
  if (id == WEIR_MEM_TEXTS && (who == 0 || outlives_ledger(s, who) || !has_own_text(s, who)) && drop_entry(s, true)) return WEIR_OK;
  return who != 0 ? weir_mem_evict(s, who, err) : full(s, id, err);
}
