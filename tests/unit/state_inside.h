/* state_inside.h: looks inside the store in memory: every row is in use once or free once, every text is used as often as it
 * counts, queues and lists are in order; and pictures of all that undo restores. */
#ifndef WEIR_TESTS_STATE_INSIDE_H
#define WEIR_TESTS_STATE_INSIDE_H

#include "state/memory.h"
#include "state_help.h"

static struct cs cs;

static inline struct weir_memory *inside(void) { return (struct weir_memory *)st; }

struct use {
  unsigned char *seen[WEIR_MEM_TABLES]; /* a mark for each row */
  uint32_t *refs;                       /* uses of each text */
};

static inline uint32_t next_of(enum weir_mem_id id, uint32_t row) { return *(const uint32_t *)weir_mem_row(inside(), id, row); }

static inline void mark(struct use *use, enum weir_mem_id id, uint32_t row) {
  assert_in_range(row, 1, inside()->tables[id].used);
  assert_int_equal(use->seen[id][row], 0);
  use->seen[id][row] = 1;
}

static inline void mark_chains(struct use *use, enum weir_mem_id id) {
  const struct weir_mem_table *t = &inside()->tables[id];
  for (uint32_t b = 0; b < t->bucket_cnt; b++) {
    for (uint32_t row = t->buckets[b]; row != 0; row = next_of(id, row)) mark(use, id, row);
  }
}

static inline void check_queue(const struct use *use, enum weir_mem_id id) {
  const struct weir_mem_table *t = &inside()->tables[id];
  for (uint32_t i = 0; i < t->queued; i++) {
    const struct weir_mem_due *d = weir_mem_row(inside(), id, t->queue[i]);
    assert_int_equal(d->slot, i + 1);
    assert_int_equal(use->seen[id][t->queue[i]], 1); /* a row that is in use */
    if (i > 0) assert_true(((const struct weir_mem_due *)weir_mem_row(inside(), id, t->queue[(i + 1) / 2 - 1]))->due <= d->due);
  }
}

static inline void use_text(struct use *use, uint32_t text) { use->refs[text]++; }

static inline void check_persons(struct use *use) {
  struct weir_memory *s = inside();
  const struct weir_mem_table *t = &s->tables[WEIR_MEM_PERSONS];
  uint32_t contacts = 0, claims = 0, codes = 0;
  for (uint32_t who_row = 1; who_row <= t->used; who_row++) {
    if (!use->seen[WEIR_MEM_PERSONS][who_row]) continue;
    const struct weir_mem_person *p = weir_mem_row(s, WEIR_MEM_PERSONS, who_row);
    uint32_t n = 0;
    use_text(use, p->name);
    for (uint32_t row = p->contacts; row != 0; n++) {
      const struct weir_mem_contact *c = weir_mem_row(s, WEIR_MEM_CONTACTS, row);
      assert_int_equal(c->person, who_row);
      use_text(use, c->channel), use_text(use, c->account), use_text(use, c->id);
      row = c->sibling;
    }
    assert_int_equal(n, p->contact_cnt);
    contacts += n;
    for (int k = 0; k < WEIR_MEM_ATTR_KINDS; k++) {
      n = 0;
      for (uint32_t row = p->attrs[k]; row != 0; n++) {
        const struct weir_mem_attr *a = weir_mem_row(s, WEIR_MEM_ATTRS, row);
        mark(use, WEIR_MEM_ATTRS, row);
        use_text(use, a->name), use_text(use, a->value);
        row = a->sibling;
      }
      assert_int_equal(n, p->attr_cnt[k]);
    }
    n = 0;
    for (uint32_t row = p->claims, newer = 0; row != 0; n++) {
      const struct weir_mem_claim *c = weir_mem_row(s, WEIR_MEM_CLAIMS, row);
      assert_true(c->person == who_row && c->newer == newer && c->head.slot != 0);
      newer = row;
      row = c->older;
    }
    assert_int_equal(n, p->claim_cnt);
    claims += n;
    n = 0;
    for (uint32_t row = p->codes; row != 0; n++) {
      const struct weir_mem_code *c = weir_mem_row(s, WEIR_MEM_CODES, row);
      assert_int_equal(c->person, who_row);
      use_text(use, c->text);
      row = c->sibling;
    }
    assert_int_equal(n, p->code_cnt);
    codes += n;
    assert_int_equal(p->head.slot == 0, p->claim_cnt || p->code_cnt || p->timer_cnt);
  }
  assert_int_equal(contacts, s->tables[WEIR_MEM_CONTACTS].live);
  assert_int_equal(claims, s->tables[WEIR_MEM_CLAIMS].live);
  assert_int_equal(codes, s->tables[WEIR_MEM_CODES].live);
}

/* Each entry hangs on an origin that counts it, stands in the queue unless a timer waits for it, and in the list if final. */
static inline void check_ledger(struct use *use) {
  struct weir_memory *s = inside();
  uint32_t finals = 0, listed = 0, origins = 0, before = 0;
  uint32_t *entries = calloc(s->tables[WEIR_MEM_ORIGINS].cap + 1, sizeof *entries);
  assert_non_null(entries);
  for (uint32_t row = 1; row <= s->tables[WEIR_MEM_LEDGER].used; row++) {
    const struct weir_mem_ledger *e = weir_mem_row(s, WEIR_MEM_LEDGER, row);
    assert_int_equal(e->status != 0, use->seen[WEIR_MEM_LEDGER][row] != 0);
    if (e->status == 0) continue;
    const uint32_t texts[] = { e->channel, e->account, e->contact_id, e->rule, e->cause, e->post, e->payload };
    for (int i = 0; i < 7; i++) use_text(use, texts[i]);
    entries[e->origin]++;
    finals += e->status == WEIR_LEDGER_SENT || e->status == WEIR_LEDGER_REJECTED;
    assert_int_equal(e->head.slot == 0, e->status == WEIR_LEDGER_WAITING || e->status == WEIR_LEDGER_RETRYING);
  }
  for (uint32_t row = s->final_first; row != 0; listed++) {
    const struct weir_mem_ledger *e = weir_mem_row(s, WEIR_MEM_LEDGER, row);
    assert_true(e->before == before && (e->status == WEIR_LEDGER_SENT || e->status == WEIR_LEDGER_REJECTED));
    before = row;
    row = e->after;
  }
  assert_true(before == s->final_last && listed == finals);
  for (uint32_t row = 1; row <= s->tables[WEIR_MEM_ORIGINS].used; row++) {
    const struct weir_mem_origin *o = weir_mem_row(s, WEIR_MEM_ORIGINS, row);
    if (!use->seen[WEIR_MEM_ORIGINS][row]) continue;
    origins++;
    assert_true(o->entries > 0 && o->entries == entries[row]);
    assert_true(o->counts.open + o->counts.sent + o->counts.rejected + o->counts.unconfirmed >= o->entries);
  }
  assert_int_equal(origins, s->tables[WEIR_MEM_ORIGINS].live);
  free(entries);
}

static inline void check_others(struct use *use) {
  struct weir_memory *s = inside();
  for (uint32_t row = 1; row <= s->tables[WEIR_MEM_TIMERS].used; row++) {
    const struct weir_mem_timer *t = weir_mem_row(s, WEIR_MEM_TIMERS, row);
    if (!use->seen[WEIR_MEM_TIMERS][row]) continue;
    const uint32_t texts[] = { t->channel, t->account, t->contact_id, t->rule, t->origin, t->cause, t->post, t->payload };
    for (int i = 0; i < 8; i++) use_text(use, texts[i]);
  }
  for (uint32_t row = 1; row <= s->tables[WEIR_MEM_DAYS].used; row++) {
    const struct weir_mem_day *d = weir_mem_row(s, WEIR_MEM_DAYS, row);
    if (use->seen[WEIR_MEM_DAYS][row]) use_text(use, d->pool), use_text(use, d->member);
  }
  for (uint32_t row = 1; row <= s->tables[WEIR_MEM_COUNTERS].used; row++) {
    const struct weir_mem_counter *c = weir_mem_row(s, WEIR_MEM_COUNTERS, row);
    if (use->seen[WEIR_MEM_COUNTERS][row]) use_text(use, c->funnel), use_text(use, c->stage);
  }
  for (uint32_t row = 1; row <= s->tables[WEIR_MEM_CHAINS].used; row++) {
    use_text(use, ((const struct weir_mem_chain *)weir_mem_row(s, WEIR_MEM_CHAINS, row))->aud);
  }
  check_ledger(use);
  uint32_t before = 0;
  for (uint32_t row = s->outbox_first; row != 0;) {
    const struct weir_mem_record *r = weir_mem_row(s, WEIR_MEM_PAGES, row);
    assert_int_equal(r->before, before);
    for (uint32_t page = row; page != 0; page = next_of(WEIR_MEM_PAGES, page)) mark(use, WEIR_MEM_PAGES, page);
    before = row;
    row = r->after;
  }
  assert_int_equal(before, s->outbox_last);
}

/* Every row is either in use exactly once or in the free list exactly once, and every text is used as often as it counts. */
static inline void check_inside(void) {
  struct weir_memory *s = inside();
  struct use use;
  for (int id = 0; id < WEIR_MEM_TABLES; id++) {
    use.seen[id] = calloc(1, s->tables[id].cap + 1);
    assert_non_null(use.seen[id]);
    if (id != WEIR_MEM_ATTRS && id != WEIR_MEM_PAGES) mark_chains(&use, (enum weir_mem_id)id);
    if (s->tables[id].queue) check_queue(&use, (enum weir_mem_id)id);
  }
  use.refs = calloc(s->tables[WEIR_MEM_TEXTS].cap + 1, sizeof *use.refs);
  assert_non_null(use.refs);
  check_persons(&use);
  check_others(&use);
  for (uint32_t row = 1; row <= s->tables[WEIR_MEM_TEXTS].used; row++) {
    const struct weir_mem_text *t = weir_mem_row(s, WEIR_MEM_TEXTS, row);
    if (use.seen[WEIR_MEM_TEXTS][row] != 1) continue;
    assert_true(t->refs > 0);
    assert_int_equal(t->refs, use.refs[row]);
    for (uint32_t cell = t->more; cell != 0; cell = next_of(WEIR_MEM_TEXTS, cell)) {
      assert_int_equal(use.seen[WEIR_MEM_TEXTS][cell], 0);
      use.seen[WEIR_MEM_TEXTS][cell] = 2;
    }
  }
  for (int id = 0; id < WEIR_MEM_TABLES; id++) {
    const struct weir_mem_table *t = &s->tables[id];
    uint32_t used = 0;
    for (uint32_t row = 1; row <= t->used; row++) used += use.seen[id][row] != 0;
    assert_int_equal(used, t->live);
    for (uint32_t row = t->free; row != 0; row = next_of((enum weir_mem_id)id, row)) {
      mark(&use, (enum weir_mem_id)id, row);
      used++;
    }
    assert_int_equal(used, t->used);
    free(use.seen[id]);
  }
  free(use.refs);
}

/* A copy of all that undo restores: the logged members, and of each table its rows so far, its index and its queue. */
struct picture {
  unsigned char *bytes;
  size_t len;
};

static inline void keep(struct picture *p, const void *at, size_t len) {
  memcpy(p->bytes + p->len, at, len);
  p->len += len;
}

static inline struct picture take_picture(void) {
  const struct weir_memory *s = inside();
  struct picture p = { malloc(s->len), 0 }; /* all of it lies in the block, so that is enough */
  assert_non_null(p.bytes);
  keep(&p, &s->now_ms, offsetof(struct weir_memory, log_len) - offsetof(struct weir_memory, now_ms));
  for (int id = 0; id < WEIR_MEM_TABLES; id++) {
    const struct weir_mem_table *t = &s->tables[id];
    keep(&p, &t->used, 4 * sizeof(uint32_t));
    for (uint32_t row = 1; row <= t->used; row++) keep(&p, weir_mem_row(s, (enum weir_mem_id)id, row), t->logged);
    if (t->buckets) keep(&p, t->buckets, t->bucket_cnt * sizeof(uint32_t));
    if (t->queue) keep(&p, t->queue, t->queued * sizeof(uint32_t));
  }
  return p;
}

static inline void assert_same_picture(struct picture before) {
  struct picture now = take_picture();
  assert_int_equal(before.len, now.len);
  assert_memory_equal(before.bytes, now.bytes, now.len);
  free(before.bytes);
  free(now.bytes);
}

#endif
