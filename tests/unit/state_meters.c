/* Meters: how often something was done lately, on every store, against a list of all uses. */
#include "state/meter.h"
#include "state_help.h"

enum { METERS = 4, USES = 4096 };

static struct cs cs;

static struct weir_change *meter(enum weir_change_kind change, const char *key, int64_t at, int64_t width, int64_t until) {
  struct weir_change *c = keyed(&cs, change, key, until);
  c->at_ms = at;
  c->number = width;
  return c;
}

static struct weir_meter ask_meter(const char *key, int64_t now) {
  struct weir_meter m;
  unsigned char k[WEIR_ID_BYTES];
  weir_str part = weir_str_of(key);
  weir_id_hash(WEIR_STR(""), &part, 1, k);
  OK(st->ops->meter(st, k, now, &m, &err));
  return m;
}

static void use(const char *key, int64_t at, int64_t width, int64_t until) {
  about(&cs, contact_of("u1"), at);
  meter(WEIR_CHANGE_METER, key, at, width, until);
  change(&cs);
}

static void test_uses(void **state) {
  (void)state;
  assert_int_equal(ask_meter("k", T0).slot_cnt, 0);
  use("k", T0, HOUR, T0 + DAY);
  use("k", T0 + 5, HOUR, T0 + DAY);
  use("k", T0 + 2 * HOUR, HOUR, T0 + DAY);
  struct weir_meter m = ask_meter("k", T0 + 2 * HOUR);
  assert_int_equal(m.slot_cnt, 2);
  assert_int_equal(weir_meter_uses(&m, 0), 3);
  assert_int_equal(weir_meter_uses(&m, T0 + 4), 3); /* with the last of its slot */
  assert_int_equal(weir_meter_uses(&m, T0 + 5), 1);
  assert_int_equal(ask_meter("k", T0 + DAY).slot_cnt, 0); /* its time is over */
  assert_int_equal(ask_meter("other", T0).slot_cnt, 0);
  use("k", T0 + DAY, HOUR, T0 + 2 * DAY);
  m = ask_meter("k", T0 + DAY);
  assert_int_equal(weir_meter_uses(&m, 0), 1);
  assert_int_equal(count_all().persons, 0);
}

static void test_back(void **state) {
  (void)state;
  use("k", T0, HOUR, T0 + DAY);
  use("k", T0 + HOUR, HOUR, T0 + DAY);
  about(&cs, contact_of("u1"), T0 + HOUR);
  meter(WEIR_CHANGE_METER_BACK, "k", T0 + 7, HOUR, 0);
  meter(WEIR_CHANGE_METER_BACK, "k", T0 + 5 * HOUR, HOUR, 0);    /* nothing was used then */
  meter(WEIR_CHANGE_METER_BACK, "nobody's", T0 + HOUR, HOUR, 0); /* nor of this one */
  change(&cs);
  struct weir_meter m = ask_meter("k", T0 + HOUR);
  assert_int_equal(weir_meter_uses(&m, 0), 1);
  assert_true(m.slots[0].last_ms == T0 + HOUR);
}

static void test_open(void **state) {
  (void)state;
  use("k", T0, WEIR_METER_WHOLE, T0 + DAY);
  about(&cs, contact_of("u1"), T0 + 1);
  meter(WEIR_CHANGE_METER_OPEN, "k", T0 + 1, 0, T0 + 2 * DAY);
  change(&cs);
  struct weir_meter m = ask_meter("k", T0 + 2);
  assert_true(m.opened_ms == T0 + 1 && m.slot_cnt == 0 && m.until_ms == T0 + 2 * DAY);
  use("k", T0 + 3, WEIR_METER_WHOLE, T0 + DAY);
  about(&cs, contact_of("u1"), T0 + 4);
  meter(WEIR_CHANGE_METER_OPEN, "k", T0 + 1, 0, T0 + DAY); /* late news */
  change(&cs);
  m = ask_meter("k", T0 + 4);
  assert_true(m.opened_ms == T0 + 1 && weir_meter_uses(&m, 0) == 1 && m.until_ms == T0 + 2 * DAY);
}

static void test_rollback(void **state) {
  (void)state;
  use("k", T0, HOUR, T0 + DAY);
  begin();
  about(&cs, contact_of("u1"), T0 + HOUR);
  meter(WEIR_CHANGE_METER, "k", T0 + HOUR, HOUR, T0 + 2 * DAY);
  meter(WEIR_CHANGE_METER, "new", T0 + HOUR, HOUR, T0 + 2 * DAY);
  apply(&cs);
  struct weir_meter m = ask_meter("k", T0 + HOUR);
  assert_int_equal(weir_meter_uses(&m, 0), 2);
  st->ops->rollback(st);
  m = ask_meter("k", T0 + HOUR);
  assert_true(weir_meter_uses(&m, 0) == 1 && m.until_ms == T0 + DAY);
  assert_int_equal(ask_meter("new", T0 + HOUR).slot_cnt, 0);
}

static void test_refused(void **state) {
  (void)state;
  about(&cs, contact_of("u1"), T0);
  meter(WEIR_CHANGE_METER, "k", T0, 0, T0 + DAY);
  refuse(WEIR_E_ARG, &cs, "width");
  about(&cs, contact_of("u1"), T0);
  meter(WEIR_CHANGE_METER, "k", -1, HOUR, T0 + DAY);
  refuse(WEIR_E_ARG, &cs, "1970");
}

/* What has run out makes room again; what has not is never given up. */
static void test_room(void **state) {
  (void)state;
  char key[32];
  for (int round = 0; round < 20; round++) {
    for (int i = 0; i < 60; i++) {
      snprintf(key, sizeof key, "k%d-%d", round, i);
      use(key, T0 + round * HOUR, HOUR, T0 + (round + 1) * HOUR);
    }
  }
  for (int i = 0; i < 60; i++) {
    snprintf(key, sizeof key, "k19-%d", i);
    assert_int_equal(ask_meter(key, T0 + 19 * HOUR).slot_cnt, 1);
  }
}

/* More meters in one transaction than a store keeps at hand, and the same again after a changeset that failed. */
static void test_many(void **state) {
  (void)state;
  char key[32];
  begin();
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 300; i++) {
      snprintf(key, sizeof key, "k%d", i);
      about(&cs, contact_of("u1"), T0 + round);
      meter(WEIR_CHANGE_METER, key, T0 + round, HOUR, T0 + DAY);
      apply(&cs);
    }
    about(&cs, contact_of("u1"), T0 + round); /* all or nothing: this one meets a limit behind its first change */
    meter(WEIR_CHANGE_METER, "k7", T0 + round, HOUR, T0 + DAY);
    add(&cs, WEIR_CHANGE_JOIN)->number = 77;
    FAILS(WEIR_E_ARG, try_apply(&cs));
  }
  commit();
  for (int i = 0; i < 300; i++) {
    snprintf(key, sizeof key, "k%d", i);
    struct weir_meter m = ask_meter(key, T0 + 3);
    assert_int_equal(weir_meter_uses(&m, 0), 3);
  }
}

/* ---- random uses: a window never sees fewer than there were, and more only by the width of a slot */

static uint64_t seed = 88172645463325252u;
static uint64_t roll(uint64_t below) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed % below;
}

static int64_t times[METERS][USES];
static int use_cnt[METERS];

static uint64_t truth(int m, int64_t since) {
  uint64_t cnt = 0;
  for (int i = 0; i < use_cnt[m]; i++) cnt += times[m][i] > since;
  return cnt;
}

static void test_windows(void **state) {
  (void)state;
  static const int64_t windows[METERS] = { 7000, HOUR, DAY, 31 * DAY };
  static const char *const keys[METERS] = { "a", "b", "c", "d" };
  int64_t now = T0, newest = T0;
  memset(use_cnt, 0, sizeof use_cnt);
  for (int step = 0; step < 3000; step++) {
    int m = (int)roll(METERS);
    int64_t width = weir_meter_width(windows[m]);
    now += (int64_t)roll((uint64_t)windows[m] / 20 + 2);
    newest = now > newest ? now : newest;
    if (roll(20) == 0) now -= (int64_t)roll(1000); /* a clock that is set back, by no more than the narrowest slot */
    if (now < newest - 1000) now = newest - 1000;
    if (use_cnt[m] < USES && roll(3)) {
      use(keys[m], now, width, now + windows[m] + width);
      times[m][use_cnt[m]++] = now;
    }
    struct weir_meter meter_now = ask_meter(keys[m], now);
    uint64_t says = weir_meter_uses(&meter_now, now - windows[m]);
    assert_true(says >= truth(m, now - windows[m]));
    assert_true(says <= truth(m, now - windows[m] - width - 1000));
  }
}

static const struct CMUnitTest tests[] = { TEST(test_uses),    TEST(test_back),    TEST(test_open),   TEST(test_rollback),
                                           TEST(test_refused), TEST_SMALL(test_room), TEST(test_many), TEST(test_windows) };
RUN_ON_ALL_STORES(tests)
