/* What only the store in memory promises: it never leaves its block, evicts whom it says, refuses cleanly when it is full,
 * and takes back bit by bit. Looks inside through state/memory.h. */
#include "state_help.h"

#include "state/memory.h"

static struct cs cs;

/* ---- looking inside */

static struct weir_memory *inside(void) { return (struct weir_memory *)st; }

struct use {
  unsigned char *seen[WEIR_MEM_TABLES]; /* a mark for each row */
  uint32_t *refs;                       /* uses of each text */
};

static uint32_t next_of(enum weir_mem_id id, uint32_t row) { return *(const uint32_t *)weir_mem_row(inside(), id, row); }

static void mark(struct use *use, enum weir_mem_id id, uint32_t row) {
  assert_in_range(row, 1, inside()->tables[id].used);
  assert_int_equal(use->seen[id][row], 0);
  use->seen[id][row] = 1;
}

static void mark_chains(struct use *use, enum weir_mem_id id) {
  const struct weir_mem_table *t = &inside()->tables[id];
  for (uint32_t b = 0; b < t->bucket_cnt; b++) {
    for (uint32_t row = t->buckets[b]; row != 0; row = next_of(id, row)) mark(use, id, row);
  }
}

static void check_queue(const struct use *use, enum weir_mem_id id) {
  const struct weir_mem_table *t = &inside()->tables[id];
  for (uint32_t i = 0; i < t->queued; i++) {
    const struct weir_mem_due *d = weir_mem_row(inside(), id, t->queue[i]);
    assert_int_equal(d->slot, i + 1);
    assert_int_equal(use->seen[id][t->queue[i]], 1); /* a row that is in use */
    if (i > 0) assert_true(((const struct weir_mem_due *)weir_mem_row(inside(), id, t->queue[(i + 1) / 2 - 1]))->due <= d->due);
  }
}

static void use_text(struct use *use, uint32_t text) { use->refs[text]++; }

static void check_persons(struct use *use) {
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
static void check_ledger(struct use *use) {
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

static void check_others(struct use *use) {
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
static void check_inside(void) {
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

static void keep(struct picture *p, const void *at, size_t len) {
  memcpy(p->bytes + p->len, at, len);
  p->len += len;
}

static struct picture take_picture(void) {
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

static void assert_same_picture(struct picture before) {
  struct picture now = take_picture();
  assert_int_equal(before.len, now.len);
  assert_memory_equal(before.bytes, now.bytes, now.len);
  free(before.bytes);
  free(now.bytes);
}

/* ---- opening */

static void test_open(void **state) {
  (void)state;
  struct weir_store *s = st;
  static _Alignas(16) unsigned char block[64];
  assert_int_equal(weir_memory_store_min(), WEIR_STATE_BYTES_MIN);
  FAILS(WEIR_E_ARG, weir_memory_store_open(&s, NULL, WEIR_STATE_BYTES_MIN, &err));
  assert_null(s);
  FAILS(WEIR_E_ARG, weir_memory_store_open(&s, block, sizeof block, &err));
  FAILS(WEIR_E_ARG, weir_memory_store_open(&s, block + 8, WEIR_STATE_BYTES_MIN, &err));
  assert_int_equal(weir_memory_store_open(&s, block, 0, NULL), WEIR_E_ARG);
}

/* Blocks of every size are divided without overlap, and nearly all of the block is used. */
static void test_division(void **state) {
  (void)state;
  static const size_t sizes[] = {
    WEIR_STATE_BYTES_MIN, WEIR_STATE_BYTES_MIN + 1, 1234567, 3u << 20, WEIR_STATE_BYTES_DEFAULT, 64u << 20,
  };
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct store_box b;
    open_memory(&b, sizes[i]);
    const struct weir_memory *s = (const struct weir_memory *)b.store;
    size_t sum = sizeof *s + s->log_cap + WEIR_MEM_SCRATCH_BYTES;
    for (int id = 0; id < WEIR_MEM_TABLES; id++) {
      const struct weir_mem_table *t = &s->tables[id];
      assert_true(t->cap > 0 && t->live == 0);
      size_t end = (size_t)(t->rows - (const unsigned char *)s) + (size_t)t->cap * t->size;
      assert_true(end <= sizes[i]);
      sum += (size_t)t->cap * (t->size + (t->buckets ? 4u : 0) + (t->queue ? 4u : 0));
    }
    assert_true(sum <= sizes[i] && sum > sizes[i] - sizes[i] / 64);
    print_message("# %zu bytes: %" PRIu32 " persons, %" PRIu32 " claims, %" PRIu32 " marks, %" PRIu32 " timers, "
                  "%" PRIu32 " text cells\n",
                  sizes[i], s->tables[WEIR_MEM_PERSONS].cap, s->tables[WEIR_MEM_CLAIMS].cap, s->tables[WEIR_MEM_MARKS].cap,
                  s->tables[WEIR_MEM_TIMERS].cap, s->tables[WEIR_MEM_TEXTS].cap);
    if (sizes[i] == WEIR_STATE_BYTES_DEFAULT) assert_in_range(s->tables[WEIR_MEM_PERSONS].cap, 7500, 8500);
    close_memory(&b);
  }
}

/* ---- eviction */

static weir_status see(int number, int64_t at) {
  static char id[32];
  snprintf(id, sizeof id, "u%d", number);
  seen_at(about(&cs, contact_of(id), at), at, NULL);
  named(&cs, WEIR_CHANGE_TAG, "known", NULL);
  named(&cs, WEIR_CHANGE_STAGE, "p/f", "asked")->at_ms = at;
  begin();
  weir_status status = try_apply(&cs);
  commit();
  return status;
}

static bool known(int number) {
  char id[32];
  snprintf(id, sizeof id, "u%d", number);
  return who(contact_of(id)).id != 0;
}

static void give(int number, enum weir_change_kind change_kind, int64_t now, int64_t until) {
  static char id[32]; /* cs is looked at after this returned */
  static struct weir_timer timer;
  snprintf(id, sizeof id, "u%d", number);
  named(about(&cs, contact_of(id), now), change_kind, NULL, id)->until_ms = until;
  timer = (struct weir_timer){ .kind = WEIR_TIMER_ACTION, .due_ms = until, .contact = cs.set.contact };
  cs.items[0].timer = &timer;
  change(&cs);
}

static void test_eviction_order(void **state) {
  (void)state;
  int cap = (int)inside()->tables[WEIR_MEM_PERSONS].cap;
  /* the later the number, the longer ago */
  for (int i = 0; i < cap; i++) OK(see(i, T0 - i * HOUR));
  assert_int_equal(count_all().persons, cap);
  give(cap - 1, WEIR_CHANGE_CLAIM, T0, T0 + 1000);
  give(cap - 2, WEIR_CHANGE_CODE, T0, T0 + 2000);
  give(cap - 3, WEIR_CHANGE_TIMER, T0, T0 + 3000);
  give(cap - 4, WEIR_CHANGE_OPT_OUT, T0, 0);
  give(cap - 5, WEIR_CHANGE_SEEN, T0, 0);
  cs.items[0].at_ms = T0;
  change(&cs);
  assert_stage_count("p/f", "asked", (uint64_t)cap, (uint64_t)cap);

  int newcomer = cap;
  OK(see(newcomer++, T0));
  assert_false(known(cap - 4)); /* idle for longest of those who hold nothing; his opt-out stays */
  assert_true(known(cap - 1) && known(cap - 2) && known(cap - 3) && known(cap - 5) && known(cap - 6));
  char id[32];
  snprintf(id, sizeof id, "u%d", cap - 4);
  assert_true(who(contact_of(id)).opted_out);
  OK(see(newcomer++, T0));
  assert_false(known(cap - 6));
  assert_true(known(cap - 7) && known(cap - 5));
  assert_stage_count("p/f", "asked", (uint64_t)cap, (uint64_t)cap + 2);
  /* what held them ends: now they are first */
  OK(see(newcomer++, T0 + 1000));
  assert_false(known(cap - 1));
  assert_true(known(cap - 2) && known(cap - 7));
  OK(see(newcomer++, T0 + 2000));
  assert_false(known(cap - 2));
  assert_true(known(cap - 3) && known(cap - 7));
  add(about(&cs, contact_of("x"), T0 + 2000), WEIR_CHANGE_TIMER_DONE)->number = 1;
  change(&cs);
  OK(see(newcomer++, T0 + 2000));
  assert_false(known(cap - 3));
  assert_true(known(cap - 7));
  assert_int_equal(count_all().persons, cap);
  check_inside();
}

/* Whom a change names is not evicted for that change. */
static void test_named_stay(void **state) {
  (void)state;
  int cap = (int)inside()->tables[WEIR_MEM_PERSONS].cap;
  for (int i = 0; i < cap; i++) OK(see(i, T0 + i * HOUR)); /* u0, person 1, is the idlest */
  seen_at(about(&cs, contact_of("new"), T0), T0, NULL);
  add(&cs, WEIR_CHANGE_JOIN)->number = 1;
  change(&cs);
  assert_true(known(0) && !known(1) && known(2));
  assert_int_equal(who(contact_of("new")).id, 1);
  assert_int_equal(count_all().persons, cap - 1);
  check_inside();
}

/* A store full of people whom nothing lets go answers nobody new, and says so; it goes on for those it knows. */
static void test_full_of_held(void **state) {
  (void)state;
  int cap = (int)inside()->tables[WEIR_MEM_PERSONS].cap;
  for (int i = 0; i < cap; i++) {
    OK(see(i, T0));
    give(i, WEIR_CHANGE_CLAIM, T0, T0 + DAY);
  }
  struct picture before = take_picture();
  for (int i = 0; i < 3; i++) {
    FAILS(WEIR_E_FULL, see(cap + i, T0));
    assert_non_null(strstr(err.message, "persons"));
    assert_false(known(cap + i));
  }
  assert_same_picture(before);
  give(0, WEIR_CHANGE_OPT_OUT, T0, 0);
  OK(see(0, T0));
  OK(see(cap, T0 + DAY)); /* the claims are over */
  assert_true(known(cap));
  check_inside();
}

/* ---- every table, filled to its end */

static weir_status one_more(enum weir_mem_id id, int i) {
  static char name[64];
  static struct weir_timer timer;
  snprintf(name, sizeof name, "name-%d", i);
  about(&cs, contact_of("u"), T0);
  struct weir_change *c;
  switch (id) {
    case WEIR_MEM_MARKS: keyed(&cs, WEIR_CHANGE_DEDUPE, name, T0 + DAY); break;
    case WEIR_MEM_OPTOUTS:
      about(&cs, contact_of(name), T0);
      add(&cs, WEIR_CHANGE_OPT_OUT);
      break;
    case WEIR_MEM_TIMERS:
      timer = (struct weir_timer){ .kind = WEIR_TIMER_RULE, .due_ms = T0 + i, .contact = contact_of("stranger") };
      add(&cs, WEIR_CHANGE_TIMER)->timer = &timer;
      break;
    case WEIR_MEM_DAYS:
      c = named(&cs, WEIR_CHANGE_POOL, "p/p", name);
      c->number = T0 / DAY;
      break;
    case WEIR_MEM_COUNTERS:
      about(&cs, contact_of(name), T0 + i);
      seen_at(&cs, T0 + i * HOUR, NULL);
      named(&cs, WEIR_CHANGE_STAGE, name, "s");
      break;
    default: /* claims of many */
      about(&cs, contact_of(name), T0);
      seen_at(&cs, T0, NULL);
      keyed(&cs, WEIR_CHANGE_CLAIM, "a", T0 + DAY), keyed(&cs, WEIR_CHANGE_CLAIM, "b", T0 + DAY);
      keyed(&cs, WEIR_CHANGE_CLAIM, "c", T0 + DAY), keyed(&cs, WEIR_CHANGE_CLAIM, "d", T0 + DAY);
      break;
  }
  begin();
  weir_status status = try_apply(&cs);
  commit();
  return status;
}

/* A full ledger forgets: what is over, then what is final in the order in which it became so, then what ends first; never what a
 * timer waits for. What was forgotten still counts for its origin while another entry of it is there. */
static struct weir_ledger_entry entry_no(int i, enum weir_ledger_status status, int64_t until) {
  struct weir_ledger_entry e = { .contact = contact_of("u"), .decision = WEIR_STR("d"), .rule = WEIR_STR("p/r"), .n = 1, .attempt = 1,
                                 .payload = WEIR_STR("{}"), .status = status, .until_ms = until };
  snprintf((char *)e.key, WEIR_ID_BYTES, "k%d", i);
  snprintf((char *)e.origin, WEIR_ID_BYTES, "o%d", i / 2);
  return e;
}

static weir_status add_entry(int i, enum weir_ledger_status status, int64_t now, int64_t until) {
  struct weir_ledger_entry e = entry_no(i, status, until);
  add(about(&cs, contact_of("u"), now), WEIR_CHANGE_LEDGER)->ledger = &e;
  begin();
  weir_status got = try_apply(&cs);
  commit();
  return got;
}

static bool has_entry(int i) {
  struct weir_ledger_entry e = entry_no(i, WEIR_LEDGER_OPEN, 0), found;
  weir_arena_fixed(&arena, arena_block, sizeof arena_block);
  return st->ops->ledger(st, e.key, &arena, &found, &err) == WEIR_OK;
}

static void test_full_ledger(void **state) {
  (void)state;
  int cap = (int)inside()->tables[WEIR_MEM_LEDGER].cap;
  OK(add_entry(0, WEIR_LEDGER_WAITING, T0, T0 + 1));
  for (int i = 1; i < cap; i++) OK(add_entry(i, WEIR_LEDGER_OPEN, T0, T0 + DAY + i));
  struct weir_change *c = add(about(&cs, contact_of("u"), T0), WEIR_CHANGE_LEDGER_STATUS);
  struct weir_ledger_entry e = entry_no(9, WEIR_LEDGER_OPEN, 0);
  memcpy(c->key, e.key, sizeof c->key), c->number = WEIR_LEDGER_SENT;
  c = add(&cs, WEIR_CHANGE_LEDGER_STATUS);
  e = entry_no(5, WEIR_LEDGER_OPEN, 0);
  memcpy(c->key, e.key, sizeof c->key), c->number = WEIR_LEDGER_REJECTED;
  change(&cs);
  static const int order[] = { 9, 5, 1, 2, 3 };
  for (int i = 0; i < 5; i++) {
    assert_true(has_entry(order[i]));
    OK(add_entry(cap + i, WEIR_LEDGER_OPEN, T0, T0 + 2 * DAY));
    assert_false(has_entry(order[i]));
  }
  assert_true(has_entry(0) && has_entry(4));
  struct weir_ledger_counts n;
  OK(st->ops->ledger_origin(st, entry_no(8, WEIR_LEDGER_OPEN, 0).origin, &n, &err));
  assert_true(n.sent == 1 && n.open == 1);
  OK(st->ops->ledger_origin(st, entry_no(2, WEIR_LEDGER_OPEN, 0).origin, &n, &err)); /* both gone */
  assert_true(n.sent + n.open + n.rejected + n.unconfirmed == 0);
  check_inside();
  for (int i = 0; i < cap / WEIR_SWEEP_ROWS + 2; i++) change(about(&cs, contact_of("u"), T0 + 9 * DAY));
  assert_int_equal(count_all().ledger, 1);
  assert_true(has_entry(0));
  /* rows that timers wait for never go */
  for (int i = 1; i < cap; i++) OK(add_entry(i, WEIR_LEDGER_RETRYING, T0, T0));
  FAILS(WEIR_E_FULL, add_entry(cap, WEIR_LEDGER_OPEN, T0 + 9 * DAY, T0 + 10 * DAY));
  check_inside();
}

/* Texts that the ledger holds: people who were only answered go not one after the other for nothing, until the undo log is full. */
static void test_texts_of_the_ledger(void **state) {
  (void)state;
  static char payload[2000], id[32];
  int cap = (int)inside()->tables[WEIR_MEM_PERSONS].cap, open_cnt = 0;
  for (int i = 0; i < cap; i++) {
    struct weir_ledger_entry e = entry_no(i, WEIR_LEDGER_OPEN, T0 + WEIR_LEDGER_MS + i);
    snprintf(id, sizeof id, "u%d", i);
    memset(payload, 'x', sizeof payload);
    snprintf(payload, 32, "%d", i);
    e.contact = contact_of(id);
    e.cause = weir_str_of(id);
    e.payload = (weir_str){ payload, sizeof payload };
    seen_at(about(&cs, e.contact, T0 + i), T0 + i, NULL);
    add(&cs, WEIR_CHANGE_LEDGER)->ledger = &e;
    change(&cs);
    assert_true(has_entry(i));
  }
  for (int i = 0; i < cap; i++) open_cnt += has_entry(i);
  assert_in_range(open_cnt, 20, cap / 2); /* the last ones: the table of texts takes no more */
  assert_true(has_entry(cap - open_cnt));
  assert_int_equal(count_all().persons, cap);
  check_inside();
}

/* Room for attributes comes from who has some. */
static void test_attrs_of_the_idlest(void **state) {
  (void)state;
  static char id[32];
  static char tag[WEIR_TAGS_MAX][16];
  int bare = (int)inside()->tables[WEIR_MEM_PERSONS].cap - 100;
  int tagged = (int)inside()->tables[WEIR_MEM_ATTRS].cap / WEIR_TAGS_MAX;
  for (int i = 0; i < bare + tagged + 2; i++) {
    snprintf(id, sizeof id, "u%d", i);
    seen_at(about(&cs, contact_of(id), T0), T0 + i * HOUR, NULL);
    for (int k = 0; i >= bare && k < WEIR_TAGS_MAX; k++) {
      snprintf(tag[k], sizeof tag[k], "t%d", k);
      named(&cs, WEIR_CHANGE_TAG, tag[k], NULL);
    }
    change(&cs);
  }
  assert_true(!known(bare) && !known(bare + 1) && known(bare + 2));
  for (int i = 0; i < bare; i++) assert_true(known(i));
  check_inside();
}

static void test_fill_tables(void **state) {
  (void)state;
  static const enum weir_mem_id filled[] = { WEIR_MEM_MARKS, WEIR_MEM_OPTOUTS, WEIR_MEM_TIMERS, WEIR_MEM_DAYS, WEIR_MEM_COUNTERS,
                                             WEIR_MEM_CLAIMS };
  for (size_t k = 0; k < sizeof filled / sizeof *filled; k++) {
    seen_at(about(&cs, contact_of("u"), T0), T0 + 10000 * HOUR, NULL);
    change(&cs);
    const struct weir_mem_table *t = &inside()->tables[filled[k]];
    int i = 0;
    for (weir_status status = WEIR_OK; status == WEIR_OK; i++) {
      assert_in_range(i, 0, (int)t->cap + 1);
      status = one_more(filled[k], i);
      if (status != WEIR_OK) FAILS(WEIR_E_FULL, status);
    }
    assert_true(t->live > t->cap - 4); /* claims are made four at a time */
    struct picture before = take_picture();
    FAILS(WEIR_E_FULL, one_more(filled[k], i));
    assert_same_picture(before);
    check_inside();
    if (filled[k] == WEIR_MEM_OPTOUTS) {
      assert_true(who(contact_of("name-0")).opted_out);
      assert_int_equal(count_all().opted_out, t->cap);
    }
    if (filled[k] == WEIR_MEM_MARKS) { /* a live mark is never forgotten; one that ran out makes room */
      assert_true(was_seen("name-0", T0, NULL));
      about(&cs, contact_of("u"), T0 + DAY);
      keyed(&cs, WEIR_CHANGE_DEDUPE, "after", T0 + 2 * DAY);
      change(&cs);
      assert_true(was_seen("after", T0 + DAY, NULL));
    }
    /* when all of it ran out it is swept, a bounded number of rows a commit, and nothing is left behind */
    about(&cs, contact_of("u"), T0 + 30 * DAY);
    for (int n = 0; n < 10; n++) change(&cs);
    bool ends = filled[k] == WEIR_MEM_MARKS || filled[k] == WEIR_MEM_DAYS || filled[k] == WEIR_MEM_CLAIMS;
    assert_int_equal(t->live == 0, ends);
    check_inside();
    teardown(NULL);
    setup_small(NULL);
  }
}

/* Texts and attributes run out before persons do: the idle make room, the newest stay whole. */
static void test_fill_texts(void **state) {
  (void)state;
  static char name[64], value[WEIR_FIELD_VALUE_MAX + 1];
  static const char *const fields[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l" };
  for (int i = 0; i < 3000; i++) {
    snprintf(name, sizeof name, "u%d", i);
    seen_at(about(&cs, contact_of(name), T0 + i), T0 + i * HOUR, name);
    snprintf(value, sizeof value, "%0*d", i % 7 ? 200 : 20, i);
    for (int f = 0; f < 12; f++) named(&cs, WEIR_CHANGE_FIELD, fields[f], value + f);
    change(&cs);
    if (i % 500 == 0) check_inside();
    struct weir_person p = who(contact_of(name));
    assert_int_equal(p.field_cnt, 12);
    assert_true(is(field_of(&p, "a"), value));
  }
  check_inside();
  assert_true(count_all().persons > 20);
  assert_true(count_all().bytes_live < count_all().bytes_cap);
}

/* ---- undo */

static uint32_t dice;
static int roll(int sides) {
  dice = dice * 1664525u + 1013904223u;
  return (int)((dice >> 8) % (uint32_t)sides);
}

static void random_set(int64_t now) {
  static char names[WEIR_CHANGES_MAX][2][300];
  static struct weir_timer timers[WEIR_CHANGES_MAX];
  static struct weir_ledger_entry entries[WEIR_CHANGES_MAX];
  char id[32];
  snprintf(id, sizeof id, "u%d", roll(2000));
  memcpy(names[0][0], id, sizeof id);
  about(&cs, contact_of(names[0][0]), now);
  seen_at(&cs, now - roll(100) * HOUR, NULL);
  for (int n = 1 + roll(7); n > 0; n--) {
    enum weir_change_kind k = (enum weir_change_kind)(1 + roll(WEIR_CHANGE_UNCLAIM_ORIGIN));
    char *name = names[n][0], *value = names[n][1], key[16];
    snprintf(key, sizeof key, "k%d", roll(roll(2) ? 3000 : 10));
    snprintf(name, 300, "%s-%d", roll(2) ? "a" : "a/longer-name", roll(20));
    snprintf(value, 300, "%0*d", 1 + roll(roll(5) ? 8 : 64), roll(20));
    struct weir_change *c = keyed(&cs, k, key, now + roll(2000000));
    c->name = weir_str_of(name);
    c->value = weir_str_of(value);
    c->at_ms = now;
    c->number = k == WEIR_CHANGE_POOL   ? now / DAY
                : k == WEIR_CHANGE_JOIN ? (int64_t)inside()->last_person - roll(400)
                                        : roll(3000);
    if (k == WEIR_CHANGE_SEEN) c->name.len = 3;
    if (k == WEIR_CHANGE_DEDUPE && c->value.len > 22) c->value.len = 22;
    timers[n] = (struct weir_timer){ .kind = WEIR_TIMER_ACTION, .due_ms = now + roll(1000), .contact = cs.set.contact,
                                     .rule = c->name, .payload = c->value };
    c->timer = &timers[n];
    c->origin[0] = (unsigned char)roll(50);
    if (k == WEIR_CHANGE_UNCLAIM_ORIGIN) memset(c->key + 1, 0, sizeof c->key - 1), c->key[0] = (unsigned char)roll(50);
    if (k == WEIR_CHANGE_LEDGER_STATUS) c->number = roll(WEIR_LEDGER_SENT + 1);
    entries[n] = (struct weir_ledger_entry){ .contact = cs.set.contact, .decision = WEIR_STR("decision"), .rule = c->name, .payload = c->value,
                                             .n = 1, .status = (enum weir_ledger_status)(1 + roll(WEIR_LEDGER_SENT)), .until_ms = now + roll(2000000) };
    memcpy(entries[n].key, c->key, WEIR_ID_BYTES);
    snprintf((char *)entries[n].origin, WEIR_ID_BYTES, "o%d", roll(300));
    c->ledger = &entries[n];
  }
}

static void maybe_put(void) {
  static char bytes[4000];
  struct weir_chain_head head;
  char aud[16];
  snprintf(aud, sizeof aud, "a/%d", roll(5));
  OK(st->ops->chain_head(st, weir_str_of(aud), &head, &err));
  head.seq++;
  head.has_hash = true;
  weir_status status = st->ops->outbox_put(st, weir_str_of(aud), &head, (weir_str){ bytes, 1 + (size_t)roll(3999) }, &err);
  assert_true(status == WEIR_OK || status == WEIR_E_FULL);
}

/* Random histories in a store too small for them, so that eviction and refusal are part of it. A change that fails, and a
 * transaction that is rolled back, leave every bit as it was. */
static void test_undo_is_exact(void **state) {
  (void)state;
  int64_t now = T0;
  uint32_t failed = 0, rolled_back = 0, full = 0;
  struct weir_stored_record r;
  dice = 42;
  for (int tx = 0; tx < 3000; tx++) {
    bool give_up = roll(3) == 0;
    struct picture before = take_picture();
    begin();
    for (int n = 1 + roll(4); n > 0; n--) {
      bool look = roll(8) == 0;
      struct picture inner = { NULL, 0 };
      now += roll(3000);
      random_set(now);
      if (look) inner = take_picture();
      weir_status status = try_apply(&cs);
      failed += status != WEIR_OK;
      full += status == WEIR_E_FULL;
      if (status != WEIR_OK && look) assert_same_picture(inner);
      else free(inner.bytes);
      if (roll(3) == 0) maybe_put();
    }
    if (give_up) {
      st->ops->rollback(st);
      assert_same_picture(before);
      rolled_back++;
    } else {
      commit();
      free(before.bytes);
    }
    while (st->ops->outbox_next(st, &r, &err) == WEIR_OK) {
      if (roll(2)) OK(st->ops->outbox_ack(st, r.aud, r.seq, &err));
    }
    if (tx % 100 == 0) check_inside();
  }
  print_message("# %" PRIu32 " failed, %" PRIu32 " of them full, %" PRIu32 " rolled back, %" PRIu64 " persons of %" PRIu64 "\n",
                failed, full,
                rolled_back, count_all().persons, inside()->last_person);
  assert_true(failed > 500 && rolled_back > 500);
  assert_true(inside()->last_person > 2 * count_all().persons); /* eviction was part of it */
  assert_false(inside()->torn);
}

/* A transaction longer than the log says so; what was applied stands, and after a commit it goes on. */
static void test_log_full(void **state) {
  (void)state;
  weir_status status = WEIR_OK;
  char id[32];
  int i = 0;
  begin();
  for (; status == WEIR_OK; i++) {
    assert_in_range(i, 0, 100000);
    snprintf(id, sizeof id, "u%d", i % 100);
    seen_at(about(&cs, contact_of(id), T0), T0, NULL);
    named(&cs, WEIR_CHANGE_COUNTER, "n", NULL)->number = 1;
    status = try_apply(&cs);
  }
  FAILS(WEIR_E_FULL, status);
  assert_non_null(strstr(err.message, "commit"));
  assert_true(i > 100);
  uint64_t sum = 0;
  for (int k = 0; k < 100; k++) {
    char known_id[32];
    snprintf(known_id, sizeof known_id, "u%d", k);
    struct weir_person p = who(contact_of(known_id));
    weir_str n = field_of(&p, "n"); /* not NUL-terminated */
    char digits[24];
    snprintf(digits, sizeof digits, "%.*s", (int)n.len, n.ptr);
    sum += strtoull(digits, NULL, 10);
  }
  assert_int_equal(sum, i - 1);
  commit();
  change(&cs);
  check_inside();

  /* one change that an empty log cannot take is not a matter of committing */
  static char payload[WEIR_DECISION_JSON_MAX];
  static struct weir_timer timers[8];
  about(&cs, contact_of("u0"), T0);
  for (int k = 0; k < 8; k++) {
    memset(payload, 'a', sizeof payload);
    timers[k] = (struct weir_timer){ .kind = WEIR_TIMER_RULE, .due_ms = T0, .contact = cs.set.contact };
    timers[k].payload = (weir_str){ payload + k, sizeof payload - (size_t)k };
    add(&cs, WEIR_CHANGE_TIMER)->timer = &timers[k];
  }
  begin();
  status = try_apply(&cs);
  assert_true(status == WEIR_E_LIMIT || status == WEIR_E_FULL);
  commit();
  assert_int_equal(count_all().timers, 0);
}

static void give_code(const char *id) {
  char code[32];
  snprintf(code, sizeof code, "code of %s", id);
  named(about(&cs, contact_of(id), T0), WEIR_CHANGE_CODE, NULL, code)->until_ms = T0 + DAY;
  change(&cs);
}

/* The largest person that the limits allow can be joined to another in the smallest store. */
static void test_largest_join(void **state) {
  (void)state;
  char name[64];
  for (int i = 0; i < 2; i++) {
    const char *id = i ? "b" : "a";
    int tags = WEIR_TAGS_MAX / 2, claims = WEIR_CLAIMS_MAX / 2;
    seen_at(about(&cs, contact_of(id), T0), T0, NULL);
    change(&cs);
    for (int k = 0; k < claims; k++) {
      snprintf(name, sizeof name, "%s%d", id, k);
      about(&cs, contact_of(id), T0);
      keyed(&cs, WEIR_CHANGE_CLAIM, k ? name : "both", T0 + DAY + k);
      if (k < tags) named(&cs, WEIR_CHANGE_TAG, name, NULL), named(&cs, WEIR_CHANGE_FIELD, name, name);
      if (k < WEIR_STAGES_MAX / 2) named(&cs, WEIR_CHANGE_STAGE, name, "s")->at_ms = T0;
      if (k < WEIR_POOLS_MAX / 2) named(&cs, WEIR_CHANGE_POOL, name, "m")->number = T0 / DAY;
      change(&cs);
    }
  }
  give_code("a");
  give_code("b");
  /* somebody new is joined, and it is taken back */
  add(about(&cs, contact_of("new"), T0), WEIR_CHANGE_JOIN)->number = 1;
  struct picture before = take_picture();
  begin();
  apply(&cs);
  st->ops->rollback(st);
  assert_same_picture(before);

  add(about(&cs, contact_of("b"), T0), WEIR_CHANGE_OPT_OUT);
  add(&cs, WEIR_CHANGE_JOIN)->number = 1;
  before = take_picture();
  begin();
  apply(&cs);
  print_message("# the largest join takes %zu bytes of a log of %zu\n", inside()->log_len, inside()->log_cap);
  st->ops->rollback(st);
  assert_same_picture(before);
  change(&cs);
  struct weir_person p = who(contact_of("a"));
  assert_true(p.tag_cnt == WEIR_TAGS_MAX && p.field_cnt == WEIR_TAGS_MAX && p.stage_cnt == WEIR_STAGES_MAX);
  assert_true(p.pool_cnt == WEIR_POOLS_MAX && p.contact_cnt == 2 && p.opted_out);
  assert_int_equal(count_all().claims, WEIR_CLAIMS_MAX - 1);
  assert_true(whose_code("code of a", T0) == 1 && whose_code("code of b", T0) == 1);
  check_inside();
}

/* Keys that differ in one bit, ids that differ in one byte: long chains would show as time, wrong equality as people
 * taken for others. */
static void test_many(void **state) {
  (void)state;
  char id[32];
  for (int i = 0; i < 1000; i++) {
    snprintf(id, sizeof id, "u%d", i);
    seen_at(about(&cs, contact_of(id), T0), T0, NULL);
    keyed(&cs, WEIR_CHANGE_CLAIM, "same key for all", T0 + i + 1);
    change(&cs);
  }
  for (int i = 0; i < 1000; i++) {
    int64_t until;
    snprintf(id, sizeof id, "u%d", i);
    assert_int_equal(who(contact_of(id)).id, i + 1);
    assert_true(holds(contact_of(id), "same key for all", T0, &until) && until == T0 + i + 1);
  }
  check_inside();
}

static const struct CMUnitTest tests[] = {
  TEST_SMALL(test_open),         TEST_SMALL(test_division),    TEST_SMALL(test_eviction_order), TEST_SMALL(test_named_stay),
  TEST_SMALL(test_full_of_held), TEST_SMALL(test_full_ledger), TEST_SMALL(test_texts_of_the_ledger),
  TEST_SMALL(test_attrs_of_the_idlest), TEST_SMALL(test_fill_tables), TEST_SMALL(test_fill_texts),
    TEST_SMALL(test_undo_is_exact),
  TEST_SMALL(test_log_full),     TEST_SMALL(test_largest_join), TEST(test_many),
};

int main(void) { return cmocka_run_group_tests_name("memory", tests, NULL, NULL); }
