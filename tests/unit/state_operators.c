/* What operators ask of a store: to forget somebody, to close records whose time is over, to write a snapshot. On every store. */
#include "state_help.h"

static struct cs cs;

static weir_status forget(struct weir_contact contact) {
  memset(&err, 0, sizeof err);
  return st->ops->forget(st, &contact, NULL, &err);
}

static void set_timer(const char *id, int64_t due) {
  static struct weir_timer t;
  t = (struct weir_timer){ .kind = WEIR_TIMER_RULE, .due_ms = due, .contact = contact_of(id), .rule = WEIR_STR("p/r"),
                           .origin = WEIR_STR("m3kdecision-22-letters"), .cause = WEIR_STR("e1"), .occurrence = 1 };
  add(about(&cs, t.contact, T0), WEIR_CHANGE_TIMER)->timer = &t;
  change(&cs);
}

/* Somebody with one of everything. */
static void make_somebody(const char *id, const char *code) {
  about(&cs, contact_of(id), T0);
  seen_at(&cs, T0, "Lin");
  named(&cs, WEIR_CHANGE_TAG, "wants:paper", NULL);
  named(&cs, WEIR_CHANGE_FIELD, "city", "Wuhan");
  named(&cs, WEIR_CHANGE_STAGE, "p/papers", "asked")->at_ms = T0;
  named(&cs, WEIR_CHANGE_POOL, "p/wechat", "tutor_li")->number = T0 / DAY;
  keyed(&cs, WEIR_CHANGE_CLAIM, "once", T0 + DAY);
  named(&cs, WEIR_CHANGE_CODE, NULL, code)->until_ms = T0 + DAY;
  keyed(&cs, WEIR_CHANGE_DEDUPE, id, T0 + DAY)->at_ms = T0;
  change(&cs);
}

static void test_forget_takes_everything_of_one(void **state) {
  (void)state;
  make_somebody("u1", "K7QX2M");
  make_somebody("u2", "K7QX3M");
  set_timer("u1", T0 + 10);
  set_timer("u2", T0 + 20);
  OK(forget(contact_of("u1")));
  assert_true(who(contact_of("u1")).id == 0);
  assert_false(holds(contact_of("u1"), "once", T0, NULL));
  assert_true(whose_code("K7QX2M", T0) == 0);
  assert_stage_count("p/papers", "asked", 1, 2);
  assert_true(was_seen("u1", T0, NULL)); /* or the event would be answered again */
  assert_true(st->ops->next_due(st) == T0 + 20);
  struct weir_person other = who(contact_of("u2"));
  assert_true(other.id != 0 && has_tag(&other, "wants:paper") && is(field_of(&other, "city"), "Wuhan"));
  assert_true(holds(contact_of("u2"), "once", T0, NULL) && whose_code("K7QX3M", T0) == other.id);
  struct weir_store_counts c = count_all();
  assert_true(c.persons == 1 && c.contacts == 1 && c.timers == 1 && c.claims == 1);
  assert_int_equal(forget(contact_of("u1")), WEIR_NONE);
  make_somebody("u1", "K7QX2M"); /* a stranger who can be known again */
  assert_true(who(contact_of("u1")).id > other.id);
  assert_stage_count("p/papers", "asked", 2, 3);
}

static void test_forget_takes_all_contacts_and_keeps_the_opt_out(void **state) {
  (void)state;
  make_somebody("u1", "K7QX2M");
  int64_t number = (int64_t)who(contact_of("u1")).id;
  about(&cs, contact_of("u1b"), T0);
  add(&cs, WEIR_CHANGE_JOIN)->number = number;
  add(&cs, WEIR_CHANGE_OPT_OUT);
  change(&cs);
  set_timer("u1b", T0 + 10);
  OK(forget(contact_of("u1")));
  assert_true(who(contact_of("u1b")).id == 0 && st->ops->next_due(st) == INT64_MAX);
  assert_true(who(contact_of("u1")).opted_out && who(contact_of("u1b")).opted_out);
  assert_int_equal(count_all().opted_out, 2);
  assert_int_equal(count_all().contacts, 0);
}

static void test_forget_takes_a_strangers_timers(void **state) {
  (void)state;
  set_timer("u9", T0 + 10);
  set_timer("u9", T0 + 11);
  set_timer("u8", T0 + 12);
  OK(forget(contact_of("u9")));
  assert_true(st->ops->next_due(st) == T0 + 12);
  assert_int_equal(forget(contact_of("u9")), WEIR_NONE);
  assert_int_equal(forget(contact_of("nobody")), WEIR_NONE);
}

/* A timer that was set before he was known names him all the same, whoever he was joined to since; one of the same id at another
 * account does not. */
static void test_forget_takes_timers_from_before_he_was_known(void **state) {
  (void)state;
  static struct weir_timer elsewhere = { .kind = WEIR_TIMER_RULE, .due_ms = T0 + 30, .rule = { "p/r", 3 }, .occurrence = 1 };
  set_timer("u1", T0 + 10);
  make_somebody("u1", "K7QX2M");
  set_timer("u1", T0 + 11);
  set_timer("u1b", T0 + 12);
  make_somebody("u1b", "K7QX3M");
  set_timer("u1b", T0 + 13);
  elsewhere.contact = (struct weir_contact){ WEIR_STR("douyin"), WEIR_STR("elsewhere"), WEIR_STR("u1") };
  add(about(&cs, elsewhere.contact, T0), WEIR_CHANGE_TIMER)->timer = &elsewhere;
  change(&cs);
  about(&cs, contact_of("u1b"), T0);
  add(&cs, WEIR_CHANGE_JOIN)->number = (int64_t)who(contact_of("u1")).id;
  change(&cs);
  assert_int_equal(count_all().timers, 5);
  OK(forget(contact_of("u1b")));
  assert_int_equal(count_all().timers, 1);
  assert_true(st->ops->next_due(st) == T0 + 30);
}

static void put(const char *aud, uint64_t seq, int64_t exp_s) {
  struct weir_chain_head head = { .seq = seq, .has_hash = true, .iat_s = 1, .exp_s = exp_s };
  begin();
  OK(st->ops->outbox_put(st, weir_str_of(aud), &head, WEIR_STR("line"), &err));
  commit();
}

static uint64_t expire(int64_t now_s) {
  uint64_t closed = 99;
  OK(st->ops->outbox_expire(st, now_s, &closed, &err));
  return closed;
}

static void test_records_run_out(void **state) {
  (void)state;
  struct weir_stored_record got;
  put("a/1", 1, 100);
  put("b/1", 1, 100);
  put("a/1", 2, 200);
  put("a/1", 3, 0);
  assert_int_equal(count_all().outbox, 4);
  assert_int_equal(expire(99), 0);
  OK(st->ops->outbox_next(st, &got, &err)); /* handed out or not makes no difference */
  assert_int_equal(expire(100), 2);
  assert_int_equal(count_all().outbox, 2);
  OK(st->ops->outbox_next(st, &got, &err));
  assert_true(got.seq == 2 && is(got.aud, "a/1"));
  assert_int_equal(expire(1000), 1);
  OK(st->ops->outbox_next(st, &got, &err));
  assert_true(got.seq == 3);
  assert_int_equal(st->ops->outbox_next(st, &got, &err), WEIR_NONE);
  assert_int_equal(expire(INT64_MAX / 1000), 0); /* exp 0: never */
  OK(st->ops->outbox_ack(st, WEIR_STR("b/1"), 1, &err)); /* late, and harmless */
  OK(st->ops->outbox_ack(st, WEIR_STR("a/1"), 3, &err));
  assert_int_equal(count_all().outbox, 0);
  put("b/1", 2, 100);
  OK(st->ops->outbox_next(st, &got, &err));
  assert_true(got.seq == 2 && is(got.aud, "b/1"));
}

static void test_never_inside_a_transaction(void **state) {
  (void)state;
  uint64_t closed;
  make_somebody("u1", "K7QX2M");
  put("a/1", 1, 100);
  begin();
  FAILS(WEIR_E_SEQUENCE, forget(contact_of("u1")));
  memset(&err, 0, sizeof err);
  FAILS(WEIR_E_SEQUENCE, st->ops->outbox_expire(st, 200, &closed, &err));
  assert_int_equal(closed, 0);
  commit();
  assert_true(who(contact_of("u1")).id != 0);
}

static void test_snapshot_into_nowhere(void **state) {
  (void)state;
  memset(&err, 0, sizeof err);
  FAILS(WEIR_E_STATE, snapshot("/nowhere/at/all"));
}

static const struct CMUnitTest tests[] = {
  TEST(test_forget_takes_everything_of_one), TEST(test_forget_takes_all_contacts_and_keeps_the_opt_out),
  TEST(test_forget_takes_a_strangers_timers), TEST(test_forget_takes_timers_from_before_he_was_known), TEST(test_records_run_out),
  TEST(test_never_inside_a_transaction), TEST(test_snapshot_into_nowhere),
};

RUN_ON_ALL_STORES(tests)
