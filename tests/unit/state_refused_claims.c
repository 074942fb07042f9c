/* Claims and codes at their limits, while any one step is refused: those that ran out make room, also when two persons with as many as they
 * may have turn out to be one; a code that ran out is anybody's. */
#include "state_refused.h"

static struct cs cs;
static int64_t now;

/* `cnt` claims of somebody, all with names of their own; every second one ends in an hour. */
static void claims_of(const char *id, int cnt) {
  for (int i = 0; i < cnt;) {
    char names[100][16];
    about(&cs, contact_of(id), now);
    seen_at(&cs, now, NULL);
    for (int k = 0; k < 100 && i < cnt; k++, i++) {
      snprintf(names[k], sizeof names[k], "%s-%d", id, i);
      keyed(&cs, WEIR_CHANGE_CLAIM, names[k], now + (i % 2 ? HOUR : 10 * DAY));
    }
    change(&cs);
  }
}

static void code_of_his(const char *id, const char *code, int64_t until) {
  about(&cs, contact_of(id), now);
  seen_at(&cs, now, NULL);
  named(&cs, WEIR_CHANGE_CODE, NULL, code)->until_ms = until;
  change(&cs);
}

static weir_status one_more(void) {
  about(&cs, contact_of("full"), now);
  keyed(&cs, WEIR_CHANGE_UNCLAIM_ORIGIN, "of no claim", 0); /* how many he holds is not known behind it */
  keyed(&cs, WEIR_CHANGE_CLAIM, "more", now + DAY);
  return try_apply(&cs);
}

static weir_status become_one(const char *one, const char *other) {
  struct weir_person p;
  struct weir_contact contact = contact_of(one);
  weir_arena_fixed(&arena, arena_block, sizeof arena_block);
  weir_status status = st->ops->load(st, &contact, &arena, &p, &err);
  if (status != WEIR_OK) return status;
  about(&cs, contact_of(other), now);
  add(&cs, WEIR_CHANGE_JOIN)->number = (int64_t)p.id;
  return try_apply(&cs);
}
static weir_status joined(void) { return become_one("full", "other"); }
static weir_status joined_codes(void) {
  weir_status status = become_one("b", "a");
  if (status == WEIR_OK) status = become_one("c", "d");
  return status == WEIR_OK ? become_one("e", "f") : status;
}

/* It was somebody else's, and ran out. */
static weir_status taken_over(void) {
  about(&cs, contact_of("a"), now);
  named(&cs, WEIR_CHANGE_CODE, NULL, "old")->until_ms = now + DAY;
  return try_apply(&cs);
}

/* Before a commit sweeps it away. */
static weir_status what_ran_out(void) {
  weir_status status = taken_over();
  return status == WEIR_OK ? one_more() : status;
}

static weir_status asked(void) {
  static const char *const ids[] = { "full", "a", "nobody" };
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    struct weir_contact contact = contact_of(ids[i]);
    unsigned char key[WEIR_ID_BYTES];
    weir_str part = WEIR_STR("more");
    int64_t until;
    bool held;
    weir_id_hash(WEIR_STR(""), &part, 1, key);
    weir_status status = st->ops->claim(st, &contact, key, now, &held, &until, &err);
    if (status != WEIR_OK) return status;
    assert_int_equal(held, i == 0);
    assert_int_equal(until, i == 0 ? T0 + 2 * HOUR + DAY : 0);
  }
  return WEIR_OK;
}

static void at_the_limits(void) {
  now = T0;
  claims_of("full", WEIR_CLAIMS_MAX);
  claims_of("other", WEIR_CLAIMS_MAX);
  code_of_his("a", "aaa111", now + DAY);
  code_of_his("b", "bbb111", now + DAY);
  code_of_his("c", "ccc111", now + DAY);
  code_of_his("d", "ddd111", now + DAY);
  code_of_his("e", "fff111", now + DAY);
  code_of_his("f", "eee111", now + DAY);
  code_of_his("other", "old", now + HOUR);
}

static void live(void) {
  now = T0 + 2 * HOUR;
  whole(what_ran_out);
  once(asked);
  whole(joined_codes);
  plan.at = 0;
  assert_true(holds(contact_of("full"), "full-0", now, NULL) && !holds(contact_of("full"), "full-1", now, NULL));
  assert_true(whose_code("old", now) == who(contact_of("a")).id);
  assert_true(is(who(contact_of("b")).code, "old")); /* the one that lasts longest is shown */
  assert_true(is(who(contact_of("d")).code, "ccc111")); /* of two that last equally long the first by its bytes; both lead to him */
  assert_true(is(who(contact_of("f")).code, "eee111"));
  assert_true(whose_code("ddd111", now) == who(contact_of("c")).id && whose_code("ccc111", now) == who(contact_of("d")).id);
}

static bool one_life(unsigned at, int code) {
  struct store_box own;
  again = NULL;
  open_life(&own);
  at_the_limits();
  strike(at, code);
  live();
  close_life(&own);
  return plan.struck;
}

static void every_step_refused(void **state) {
  (void)state;
  unsigned at = 1;
  assert_false(one_life(0, 0));
  while (one_life(at, code_of(at))) at++;
  print_message("# %s: %u calls\n", kind->name, at);
  assert_true(at > 20);
}

/* Two who have half as many each that still hold become one, who has as many as he may; with one more they cannot. */
static void too_many_of_two(void **state) {
  (void)state;
  for (int more = 0; more < 2; more++) {
    struct store_box own;
    unsigned at = 0;
    do {
      open_life(&own);
      at_the_limits();
      now = T0 + 2 * HOUR;
      if (more) change((one_more(), &cs));
      if (at > 0) strike(at, code_of(at));
      if (!more) {
        whole(joined);
        plan.at = 0;
        assert_int_equal(count_all().claims, WEIR_CLAIMS_MAX);
        assert_true(holds(contact_of("full"), "other-0", now, NULL) && !holds(contact_of("full"), "other-1", now, NULL));
      } else {
        begin();
        FAILS(WEIR_E_LIMIT, joined());
        commit();
        assert_true(who(contact_of("full")).id != who(contact_of("other")).id);
        assert_true(holds(contact_of("full"), "more", now, NULL));
      }
      close_life(&own);
      at += at < 20 ? 1 : 37; /* in memory each claim is a step */
    } while (!more && (at <= 2 || plan.struck));
  }
}

static const struct CMUnitTest tests[] = { cmocka_unit_test(every_step_refused), cmocka_unit_test(too_many_of_two) };
RUN_ON_ALL_STORES(tests)
