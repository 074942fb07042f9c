/* What reports are made of: steps, stages, the ledger; on every store. */
#include "state_help.h"

static struct cs cs;

static void come(const char *id, const char *funnel, const char *stage, int64_t at_ms) {
  struct weir_change *c;
  seen_at(about(&cs, contact_of(id), at_ms), at_ms, "");
  c = named(&cs, WEIR_CHANGE_STAGE, funnel, stage);
  c->at_ms = at_ms;
  change(&cs);
}

static void put_entry(const char *decision, enum weir_ledger_status status, const char *payload) {
  struct weir_ledger_entry entry = { .contact = contact_of("u1"), .decision = weir_str_of(decision), .n = 1, .rule = WEIR_STR("p/ask"),
                                     .cause = WEIR_STR("c1"), .payload = weir_str_of(payload), .attempt = 1, .status = status, .until_ms = T0 + DAY };
  weir_ledger_key(entry.decision, 1, false, entry.key);
  memcpy(entry.origin, entry.key, WEIR_ID_BYTES);
  add(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_LEDGER)->ledger = &entry;
  change(&cs);
}

struct told {
  unsigned rows, persons, matching;
  uint64_t last, sum;
};

static void on_step(void *ctx, const struct weir_stepped *s) {
  struct told *told = ctx;
  told->rows++;
  if (s->person != told->last) told->persons++;
  told->last = s->person;
  if (is(s->funnel, "p/way") && is(s->stage, "added") && s->at_ms == T0 + HOUR) told->matching++;
}

static void on_stage(void *ctx, const struct weir_standing *s) {
  struct told *told = ctx;
  told->rows++;
  if (is(s->funnel, "p/way") && is(s->stage, "asked") && s->now == 1 && s->entered == 2) told->matching++;
  if (is(s->funnel, "p/way") && is(s->stage, "added") && s->now == 1 && s->entered == 1) told->matching++;
}

static void on_entry(void *ctx, const struct weir_ledger_line *line) {
  struct told *told = ctx;
  told->rows++;
  told->sum += (uint64_t)line->status;
  if (is(line->rule, "p/ask") && weir_str_starts(line->payload, WEIR_STR("{\"kind\":\"message\"")) && line->until_ms == T0 + DAY) told->matching++;
}

static void test_steps_and_stages(void **state) {
  (void)state;
  struct told told = { 0 };
  OK(st->ops->each_step(st, on_step, &told, &err));
  assert_int_equal(told.rows, 0);
  come("u1", "p/way", "asked", T0);
  come("u2", "p/way", "asked", T0);
  come("u1", "p/way", "added", T0 + HOUR);
  come("u2", "p/other", "new", T0 + HOUR);
  OK(st->ops->each_step(st, on_step, &told, &err));
  assert_int_equal(told.rows, 4);
  assert_int_equal(told.persons, 2); /* those of one person come together */
  assert_int_equal(told.matching, 1);
  told = (struct told){ 0 };
  OK(st->ops->each_stage(st, on_stage, &told, &err));
  assert_int_equal(told.rows, 3);
  assert_int_equal(told.matching, 2);
  assert_int_equal(count_all().latest_ms, T0 + HOUR);
}

static void test_ledger(void **state) {
  (void)state;
  struct told told = { 0 };
  char payload[600];
  int head = snprintf(payload, sizeof payload, "{\"kind\":\"message\",\"rule\":\"p/ask\",\"text\":\"");
  memset(payload + head, 'x', sizeof payload - (size_t)head);
  snprintf(payload + sizeof payload - 3, 3, "\"}");
  put_entry("one", WEIR_LEDGER_OPEN, payload);
  put_entry("two", WEIR_LEDGER_SENT, payload);
  OK(st->ops->each_entry(st, on_entry, &told, &err));
  assert_int_equal(told.rows, 2);
  assert_int_equal(told.matching, 2);
  assert_int_equal(told.sum, WEIR_LEDGER_OPEN + WEIR_LEDGER_SENT);
}

/* Inside a transaction counters are not where they will be. */
static void test_not_inside(void **state) {
  (void)state;
  struct told told = { 0 };
  begin();
  FAILS(WEIR_E_SEQUENCE, st->ops->each_step(st, on_step, &told, &err));
  FAILS(WEIR_E_SEQUENCE, st->ops->each_stage(st, on_stage, &told, &err));
  FAILS(WEIR_E_SEQUENCE, st->ops->each_entry(st, on_entry, &told, &err));
  commit();
}

static const struct CMUnitTest tests[] = { TEST(test_steps_and_stages), TEST(test_ledger), TEST(test_not_inside) };
RUN_ON_ALL_STORES(tests)
