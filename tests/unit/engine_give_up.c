/* engine_give_up.c: a waiting action that cannot be carried out is given up, and the ledger does not wait for it: what hangs on
 * its origin is decided without it. What cannot be carried out comes from a state file that somebody has damaged by hand. */
#include <sqlite3.h>

#include "engine_support.h"

static char path[64];

static const char rules[] = "rule 'ask' { on = 'comment', keywords = { 'pdf' }, once = true, reply = 'yes', message = { 'look', after = '10s' } }\n"
                            "rule 'now' { on = 'comment', keywords = { 'now' }, once = true, message = 'look' }\n";

static void open_file(struct rig *r) { rig_open(r, rules, (weir_config){ .state = path }); }

static void new_file(void) {
  snprintf(path, sizeof path, "/tmp/weir-test-XXXXXX");
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  close(fd);
  unlink(path);
}

/* A post longer than any that an event may have: an entry of the ledger with it is refused. */
static void damage_first_timer(void) {
  sqlite3 *db;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "UPDATE timers SET post = hex(zeroblob(4000)) WHERE id = 1", NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_changes(db), 1);
  sqlite3_close(db);
}

static int64_t ask(const char *sql) {
  sqlite3 *db;
  sqlite3_stmt *stmt;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
  int64_t value = sqlite3_column_int64(stmt, 0);
  sqlite3_finalize(stmt);
  sqlite3_close(db);
  return value;
}

static void tick(struct rig *r) {
  r->now = weir_next_due(r->engine);
  assert_true(r->now < INT64_MAX);
  assert_int_equal(weir_tick(r->engine, r->now, &r->verdict, &r->err), WEIR_OK);
}

static void assert_given_up(const struct rig *r) {
  assert_int_equal(r->verdict.action_cnt, 0);
  for (size_t i = 0; i < r->verdict.trace_cnt; i++) {
    weir_str detail = r->verdict.trace[i].detail;
    if (detail.len > 20 && memcmp(detail.ptr, "what was to happen n", 20) == 0) return;
  }
  fail_msg("the trace does not say that it was given up");
}

static uint64_t claims_returned(const struct rig *r) {
  weir_stats s = { .struct_size = sizeof s };
  weir_engine_stats(r->engine, &s);
  return s.claims_returned;
}

/* The verdict's decision, whose first action is rejected, or rejected for now. */
static void reject(struct rig *r, const char *event, int64_t retry_after_ms) {
  char id[32];
  snprintf(id, sizeof id, "%.*s", (int)r->verdict.id.len, r->verdict.id.ptr);
  weir_event e = event_of(r, event, "outcome", "", "");
  e.contact_name = e.post = (weir_str){ NULL, 0 };
  e.outcome = (weir_event_outcome){ .decision = { id, strlen(id) }, .n = 1, .status = S("rejected"), .retry_after_ms = retry_after_ms };
  assert_int_equal(weir_decide(r->engine, &e, r->now, &r->verdict, &r->err), WEIR_OK);
}

static void a_waiting_action_is_given_up(void **state) {
  (void)state;
  struct rig r;
  new_file();
  open_file(&r);
  comment(&r, "1", "u1", "pdf");
  assert_action(&r, 0, "reply", "yes");
  reject(&r, "o1", 0); /* for good; but the message waits still */
  assert_int_equal(claims_returned(&r), 0);
  r.now += 3600000;
  comment(&r, "2", "u2", "pdf"); /* who waits behind him has his turn */
  rig_close(&r);
  assert_int_equal(ask("SELECT count(*) FROM ledger WHERE status = 1"), 2);
  damage_first_timer();
  open_file(&r);
  tick(&r);
  assert_given_up(&r);
  assert_int_equal(claims_returned(&r), 1);
  tick(&r);
  assert_action(&r, 0, "message", "look");
  assert_true(weir_next_due(r.engine) == INT64_MAX);
  comment(&r, "3", "u1", "pdf"); /* nothing came of it, so the rule fires for him again */
  assert_int_equal(r.verdict.result, WEIR_RESULT_DECIDED);
  comment(&r, "4", "u2", "pdf"); /* who was answered is not answered again */
  assert_int_equal(r.verdict.result, WEIR_RESULT_NOTHING);
  rig_close(&r);
  assert_int_equal(ask("SELECT count(*) FROM ledger WHERE status = 1"), 1); /* u1's new one; the old one is out */
  unlink(path);
}

static void a_retry_is_given_up(void **state) {
  (void)state;
  struct rig r;
  new_file();
  open_file(&r);
  comment(&r, "1", "u1", "now");
  reject(&r, "o1", 5000);
  rig_close(&r);
  assert_int_equal(ask("SELECT count(*) FROM ledger WHERE status = 3"), 1);
  damage_first_timer();
  open_file(&r);
  tick(&r);
  assert_given_up(&r);
  assert_true(weir_next_due(r.engine) == INT64_MAX);
  assert_int_equal(claims_returned(&r), 1);
  comment(&r, "2", "u1", "now");
  assert_action(&r, 0, "message", "look");
  rig_close(&r);
  assert_int_equal(ask("SELECT count(*) FROM ledger WHERE status = 5"), 1); /* rejected for good */
  unlink(path);
}

static const struct CMUnitTest tests[] = {
  cmocka_unit_test(a_waiting_action_is_given_up),
  cmocka_unit_test(a_retry_is_given_up),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
