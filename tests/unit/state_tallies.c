/* What happened how often on a day: on every store. */
#include "state_help.h"

static struct cs cs;

static void count_once(const char *name, const char *what, int64_t day, int64_t now) {
  named(about(&cs, contact_of("u1"), now), WEIR_CHANGE_COUNT, name, what)->number = day;
  change(&cs);
}

struct sought {
  const char *name, *what;
  int64_t day;
  uint64_t cnt;
  unsigned rows;
};

static void look(void *ctx, const struct weir_counted *counted) {
  struct sought *sought = ctx;
  sought->rows++;
  if (is(counted->name, sought->name) && is(counted->what, sought->what) && counted->day == sought->day) sought->cnt += counted->cnt;
}

static struct sought counted(const char *name, const char *what, int64_t day, int64_t first_day) {
  struct sought sought = { name, what, day, 0, 0 };
  OK(st->ops->counted(st, first_day, look, &sought, &err));
  return sought;
}

static void test_counts(void **state) {
  (void)state;
  const int64_t today = T0 / DAY;
  assert_int_equal(counted("p/ask", "x", today, 0).rows, 0);
  for (int i = 0; i < 3; i++) count_once("p/ask", "message: opted out", today, T0);
  count_once("p/ask", "message: opted out", today + 1, T0 + DAY);
  count_once("p/ask", "reply: opted out", today, T0);
  count_once("p/papers", "entered asked", today, T0);
  assert_int_equal(counted("p/ask", "message: opted out", today, 0).cnt, 3);
  assert_int_equal(counted("p/ask", "message: opted out", today + 1, 0).cnt, 1);
  assert_int_equal(counted("p/papers", "entered asked", today, 0).cnt, 1);
  assert_int_equal(counted("p/ask", "", 0, 0).rows, 4);
  assert_int_equal(counted("p/ask", "", 0, today + 1).rows, 1);
  assert_int_equal(count_all().persons, 0); /* it names nobody */
}

static void test_rollback(void **state) {
  (void)state;
  const int64_t today = T0 / DAY;
  count_once("p/ask", "x", today, T0);
  begin();
  named(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_COUNT, "p/ask", "x")->number = today;
  named(&cs, WEIR_CHANGE_COUNT, "p/new", "y")->number = today;
  apply(&cs);
  assert_int_equal(counted("p/ask", "x", today, 0).cnt, 2);
  st->ops->rollback(st);
  assert_int_equal(counted("p/ask", "x", today, 0).cnt, 1);
  assert_int_equal(counted("p/new", "y", today, 0).rows, 1);
}

static void test_refused(void **state) {
  (void)state;
  char long_name[WEIR_SCOPED_NAME_MAX + 2];
  memset(long_name, 'n', sizeof long_name - 1);
  long_name[sizeof long_name - 1] = '\0';
  named(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_COUNT, "", "x");
  refuse(WEIR_E_ARG, &cs, "missing");
  named(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_COUNT, "p/ask", "");
  refuse(WEIR_E_ARG, &cs, "missing");
  named(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_COUNT, long_name, "x");
  refuse(WEIR_E_LIMIT, &cs, "allowed");
  named(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_COUNT, "p/ask", "x")->number = -2;
  refuse(WEIR_E_ARG, &cs, "day");
}

static void test_old_days_go(void **state) {
  (void)state;
  const int64_t today = T0 / DAY;
  const int64_t later = T0 + WEIR_COUNT_DAYS_KEPT * DAY;
  count_once("p/ask", "x", today, T0);
  count_once("p/ask", "x", today + WEIR_COUNT_DAYS_KEPT, later);
  assert_int_equal(counted("p/ask", "x", today, 0).cnt, 0);
  assert_int_equal(counted("p/ask", "x", today + WEIR_COUNT_DAYS_KEPT, 0).cnt, 1);
  count_once("p/ask", "x", today, later); /* it would be forgotten at once */
  assert_int_equal(counted("p/ask", "", 0, 0).rows, 1);
}

/* Counting goes on when more was counted than there is room for: the oldest days go. */
static void test_full(void **state) {
  (void)state;
  const int64_t today = T0 / DAY;
  char what[32];
  for (int day = 0; day < 30; day++) {
    for (int i = 0; i < 20; i++) {
      snprintf(what, sizeof what, "reason %d", i);
      count_once("p/ask", what, today + day, T0 + day * DAY);
    }
  }
  assert_int_equal(counted("p/ask", "reason 19", today + 29, 0).cnt, 1);
  assert_int_equal(counted("p/ask", "reason 0", today + 29, 0).cnt, 1);
}

static const struct CMUnitTest tests[] = { TEST(test_counts), TEST(test_rollback), TEST(test_refused), TEST(test_old_days_go), TEST_SMALL(test_full) };
RUN_ON_ALL_STORES(tests)
