/* The store in memory, full: it never leaves its block, evicts whom it says, and refuses cleanly when nobody may go. */
#include "state_inside.h"

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

static const struct CMUnitTest tests[] = {
  TEST_SMALL(test_eviction_order), TEST_SMALL(test_named_stay), TEST_SMALL(test_full_of_held),
  TEST_SMALL(test_full_ledger), TEST_SMALL(test_texts_of_the_ledger), TEST_SMALL(test_attrs_of_the_idlest),
  TEST_SMALL(test_fill_tables), TEST_SMALL(test_fill_texts),
};

int main(void) { return cmocka_run_group_tests_name("memory full", tests, NULL, NULL); }
