/* The store in memory takes back bit by bit, however much was changed. */
#include "state_inside.h"

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

static const struct CMUnitTest tests[] = {
  TEST_SMALL(test_undo_is_exact), TEST_SMALL(test_log_full), TEST_SMALL(test_largest_join),
};

int main(void) { return cmocka_run_group_tests_name("memory undo", tests, NULL, NULL); }
