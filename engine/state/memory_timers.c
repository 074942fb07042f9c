/* memory_timers.c: what is to happen later, ordered by due time, then by number. A timer holds the person it is for. */
#include "state/memory.h"

static struct weir_mem_timer *timer_at(const struct weir_memory *s, uint32_t row) {
  return weir_mem_row(s, WEIR_MEM_TIMERS, row);
}

/* The person behind the contact that the timer was set for; joining moves contacts, so the timer goes along. */
static uint32_t person_row(const struct weir_memory *s, uint32_t contact) {
  return contact ? ((const struct weir_mem_contact *)weir_mem_row(s, WEIR_MEM_CONTACTS, contact))->person : 0;
}

static void count(struct weir_memory *s, uint32_t contact, bool more) {
  uint32_t who = person_row(s, contact);
  if (who == 0) return;
  struct weir_mem_person *p = weir_mem_row(s, WEIR_MEM_PERSONS, who);
  WEIR_MEM_SET(s, p->timer_cnt, more ? p->timer_cnt + 1 : p->timer_cnt - 1);
  weir_mem_settle(s, who);
}

static weir_status check(const struct weir_timer *t, weir_error *err) {
  const struct {
    weir_str text;
    size_t max;
    const char *what;
  } parts[] = {
    { t->rule, WEIR_TIMER_STRING_MAX, "rule" },     { t->origin, WEIR_TIMER_STRING_MAX, "origin" },
    { t->cause, WEIR_TIMER_STRING_MAX, "cause" },   { t->post, WEIR_TIMER_STRING_MAX, "post" },
    { t->payload, WEIR_DECISION_JSON_MAX, "payload" },
  };
  if (t->kind < WEIR_TIMER_ACTION || t->kind > WEIR_TIMER_ECHO) return weir_fail(err, WEIR_E_ARG, "a timer of no known kind");
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (parts[i].text.len > parts[i].max) {
      return weir_fail(err, WEIR_E_LIMIT, "a timer's %s has %zu bytes; %zu are allowed", parts[i].what, parts[i].text.len,
                       parts[i].max);
    }
  }
  return weir_mem_check_contact(&t->contact, err);
}

weir_status weir_mem_add_timer(struct weir_memory *s, const struct weir_timer *timer, weir_error *err) {
  struct weir_mem_timer new = { { 0, 0, 0 }, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
  uint32_t row;
  if (!timer) return weir_fail(err, WEIR_E_ARG, "a change without its timer");
  weir_status status = check(timer, err);
  if (status == WEIR_OK) status = weir_mem_use_text(s, timer->contact.channel, &new.channel, err);
  if (status == WEIR_OK) status = weir_mem_use_text(s, timer->contact.account, &new.account, err);
  if (status == WEIR_OK) status = weir_mem_use_text(s, timer->contact.id, &new.contact_id, err);
  if (status == WEIR_OK) status = weir_mem_use_text(s, timer->rule, &new.rule, err);
  if (status == WEIR_OK) status = weir_mem_use_text(s, timer->origin, &new.origin, err);
  if (status == WEIR_OK) status = weir_mem_use_text(s, timer->cause, &new.cause, err);
  if (status == WEIR_OK) status = weir_mem_use_text(s, timer->post, &new.post, err);
  if (status == WEIR_OK) status = weir_mem_use_text(s, timer->payload, &new.payload, err);
  if (status == WEIR_OK) status = weir_mem_take(s, WEIR_MEM_TIMERS, &row, err);
  if (status != WEIR_OK) return status;
  new.contact = weir_mem_find_contact(s, &timer->contact);
  uint32_t who = person_row(s, new.contact);
  if (who != 0 && ((const struct weir_mem_person *)weir_mem_row(s, WEIR_MEM_PERSONS, who))->timer_cnt >= WEIR_TIMERS_MAX) {
    return weir_fail(err, WEIR_E_LIMIT, "a person may have %d timers (WEIR_TIMERS_MAX)", WEIR_TIMERS_MAX);
  }
  WEIR_MEM_SET(s, s->last_timer, s->last_timer + 1);
  new.id = s->last_timer;
  new.kind = timer->kind;
  new.occurrence = timer->occurrence;
  new.head.due = timer->due_ms;
  *timer_at(s, row) = new;
  weir_mem_link(s, WEIR_MEM_TIMERS, weir_mem_mix(s, new.id, 0), row);
  weir_mem_queue(s, WEIR_MEM_TIMERS, row);
  count(s, new.contact, true);
  return WEIR_OK;
}

weir_status weir_mem_timer_done(struct weir_memory *s, int64_t id, weir_error *err) {
  uint32_t row = weir_mem_chain(s, WEIR_MEM_TIMERS, weir_mem_mix(s, (uint64_t)id, 0));
  weir_status status = weir_mem_step(s, err);
  while (row != 0 && timer_at(s, row)->id != (uint64_t)id) row = timer_at(s, row)->head.next;
  if (status != WEIR_OK || row == 0) return status;
  const struct weir_mem_timer *t = timer_at(s, row);
  const uint32_t texts[] = { t->channel, t->account, t->contact_id, t->rule, t->origin, t->cause, t->post, t->payload };
  weir_mem_unlink(s, WEIR_MEM_TIMERS, weir_mem_mix(s, t->id, 0), row);
  weir_mem_unqueue(s, WEIR_MEM_TIMERS, row);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) weir_mem_drop_text(s, texts[i]);
  count(s, t->contact, false);
  weir_mem_give(s, WEIR_MEM_TIMERS, row);
  return WEIR_OK;
}

weir_status weir_mem_ask_timer(struct weir_store *store, int64_t now_ms, struct weir_arena *arena, struct weir_timer *out,
                               weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t row = weir_mem_top(s, WEIR_MEM_TIMERS);
  *out = (struct weir_timer){ 0 };
  if (row == 0 || timer_at(s, row)->head.due > now_ms) return WEIR_NONE;
  const struct weir_mem_timer *t = timer_at(s, row);
  weir_status status = weir_mem_copy_text(s, t->channel, arena, &out->contact.channel, err);
  if (status == WEIR_OK) status = weir_mem_copy_text(s, t->account, arena, &out->contact.account, err);
  if (status == WEIR_OK) status = weir_mem_copy_text(s, t->contact_id, arena, &out->contact.id, err);
  if (status == WEIR_OK) status = weir_mem_copy_text(s, t->rule, arena, &out->rule, err);
  if (status == WEIR_OK) status = weir_mem_copy_text(s, t->origin, arena, &out->origin, err);
  if (status == WEIR_OK) status = weir_mem_copy_text(s, t->cause, arena, &out->cause, err);
  if (status == WEIR_OK) status = weir_mem_copy_text(s, t->post, arena, &out->post, err);
  if (status == WEIR_OK) status = weir_mem_copy_text(s, t->payload, arena, &out->payload, err);
  if (status != WEIR_OK) {
    *out = (struct weir_timer){ 0 };
    return status;
  }
  out->id = t->id;
  out->kind = (enum weir_timer_kind)t->kind;
  out->due_ms = t->head.due;
  out->occurrence = t->occurrence;
  return WEIR_OK;
}

int64_t weir_mem_next_due(const struct weir_store *store) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t row = weir_mem_top(s, WEIR_MEM_TIMERS);
  return row ? timer_at(s, row)->head.due : INT64_MAX;
}
