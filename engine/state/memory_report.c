/* memory_report.c: what reports are made of: everybody's steps, all stages, the ledger. Rows are found through their hash chains, which hold
 * just those that are in use. */
#include "state/memory.h"

static weir_status usable(const struct weir_memory *s, weir_error *err) {
  return s->open ? weir_fail(err, WEIR_E_SEQUENCE, "no report can be made inside a transaction") : WEIR_OK;
}

/* Calls `row` for each row of an indexed table. */
static void each(const struct weir_memory *s, enum weir_mem_id id, void (*row)(const struct weir_memory *s, uint32_t row, const void *to), const void *to) {
  const struct weir_mem_table *t = &s->tables[id];
  for (uint32_t i = 0; i < t->bucket_cnt; i++) {
    for (uint32_t at = t->buckets[i], next; at != 0; at = next) {
      memcpy(&next, weir_mem_row(s, id, at), sizeof next); /* what every row begins with */
      row(s, at, to);
    }
  }
}

struct steps {
  void (*tell)(void *ctx, const struct weir_stepped *stepped);
  void *ctx;
};

static void steps_of(const struct weir_memory *s, uint32_t row, const void *to) {
  const struct steps *steps = to;
  const struct weir_mem_person *p = weir_mem_row(s, WEIR_MEM_PERSONS, row);
  char funnel[WEIR_SCOPED_NAME_MAX], stage[WEIR_TAG_MAX];
  for (uint32_t at = p->attrs[WEIR_MEM_ENTERED]; at != 0;) {
    const struct weir_mem_attr *a = weir_mem_row(s, WEIR_MEM_ATTRS, at);
    const struct weir_stepped stepped = { p->id, weir_mem_read_text(s, a->name, funnel, sizeof funnel),
                                          weir_mem_read_text(s, a->value, stage, sizeof stage), a->at_ms };
    steps->tell(steps->ctx, &stepped);
    at = a->sibling;
  }
}

weir_status weir_mem_each_step(struct weir_store *store, void (*tell)(void *ctx, const struct weir_stepped *stepped), void *ctx, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  const struct steps steps = { tell, ctx };
  weir_status status = usable(s, err);
  if (status == WEIR_OK) each(s, WEIR_MEM_PERSONS, steps_of, &steps);
  return status;
}

struct stages {
  void (*tell)(void *ctx, const struct weir_standing *standing);
  void *ctx;
};

static void one_stage(const struct weir_memory *s, uint32_t row, const void *to) {
  const struct stages *stages = to;
  const struct weir_mem_counter *c = weir_mem_row(s, WEIR_MEM_COUNTERS, row);
  char funnel[WEIR_SCOPED_NAME_MAX], stage[WEIR_TAG_MAX];
  const struct weir_standing standing = { weir_mem_read_text(s, c->funnel, funnel, sizeof funnel), weir_mem_read_text(s, c->stage, stage, sizeof stage),
                                          c->now, c->entered };
  stages->tell(stages->ctx, &standing);
}

weir_status weir_mem_each_stage(struct weir_store *store, void (*tell)(void *ctx, const struct weir_standing *standing), void *ctx, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  const struct stages stages = { tell, ctx };
  weir_status status = usable(s, err);
  if (status == WEIR_OK) each(s, WEIR_MEM_COUNTERS, one_stage, &stages);
  return status;
}

struct entries {
  void (*tell)(void *ctx, const struct weir_ledger_line *line);
  void *ctx;
};

static void one_entry(const struct weir_memory *s, uint32_t row, const void *to) {
  const struct entries *entries = to;
  const struct weir_mem_ledger *l = weir_mem_row(s, WEIR_MEM_LEDGER, row);
  char rule[WEIR_TIMER_STRING_MAX], payload[WEIR_REPORT_PAYLOAD];
  const struct weir_ledger_line line = { weir_mem_read_text(s, l->rule, rule, sizeof rule), weir_mem_read_text(s, l->payload, payload, sizeof payload),
                                         (enum weir_ledger_status)l->status, l->head.due };
  entries->tell(entries->ctx, &line);
}

weir_status weir_mem_each_entry(struct weir_store *store, void (*tell)(void *ctx, const struct weir_ledger_line *line), void *ctx, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  const struct entries entries = { tell, ctx };
  weir_status status = usable(s, err);
  if (status == WEIR_OK) each(s, WEIR_MEM_LEDGER, one_entry, &entries);
  return status;
}
