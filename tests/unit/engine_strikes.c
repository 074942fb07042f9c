/* engine_strikes.c: a handler that its limits stop emits nothing and has a strike; three within ten minutes put its rule aside
 * for ten minutes, and that is said. */
#include "engine_support.h"

#define MINUTE INT64_C(60000)

static const char pack[] =
  "rule 'spin' { on = 'comment', keywords = { 'spin' }, run = function(e) e:reply('never') e:tag('never') if #e.text > 4 then while true do end end end }\n"
  "rule 'eat' { on = 'comment', keywords = { 'eat' }, on_limit = 'handoff', run = function(e) e:reply('x') local t = {} for i = 1, 1e9 do t[i] = { i } end end }\n"
  "rule 'err' { on = 'comment', keywords = { 'err' }, run = function(e) e:reply('x') error('broken') end }\n"
  "rule 'later' { on = 'comment', keywords = { 'later' }, run = function(e) e:after('1s', 'tick') end }\n"
  "rule 'tick' { on = 'timer', run = function(e) while true do end end }\n"
  "rule 'else' { on = 'comment', keywords = { 'else' }, reply = 'else' }\n";

static weir_stats stats_of(const struct rig *r) {
  weir_stats s = { .struct_size = sizeof s };
  weir_engine_stats(r->engine, &s);
  return s;
}

static bool told(const struct rig *r, weir_reason reason, const char *part) {
  for (size_t i = 0; i < r->verdict.trace_cnt; i++) {
    char detail[512];
    snprintf(detail, sizeof detail, "%.*s", (int)r->verdict.trace[i].detail.len, r->verdict.trace[i].detail.ptr);
    if (r->verdict.trace[i].reason == reason && strstr(detail, part)) return true;
  }
  return false;
}

static void give(struct rig *r, const char *text) {
  static unsigned number;
  char id[24];
  snprintf(id, sizeof id, "e%u", number++);
  comment(r, id, "u1", text);
}

static void stopped(struct rig *r, const char *text, const char *limit) {
  give(r, text);
  assert_int_equal(r->verdict.result, WEIR_RESULT_UNDECIDED);
  assert_int_equal(r->verdict.action_cnt, 0);
  assert_true(r->verdict.limit);
  assert_true(told(r, WEIR_REASON_LIMIT, limit));
}

static void three_strikes(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, pack, (weir_config){ 0 });
  stopped(&r, "spin on", "work");
  assert_false(told(&r, WEIR_REASON_ASIDE, ""));
  r.now += MINUTE;
  give(&r, "spin"); /* a good run between takes no strike back */
  assert_action(&r, 0, "reply", "never");
  stopped(&r, "spin on", "work");
  r.now += 8 * MINUTE;
  stopped(&r, "spin on", "work");
  assert_true(told(&r, WEIR_REASON_ASIDE, "put aside for 10 minutes"));
  assert_int_equal(stats_of(&r).strikes, 3);
  assert_int_equal(stats_of(&r).put_aside, 1);
  /* aside: not run, and not "no match" */
  stopped(&r, "spin", "put aside for 600 s");
  give(&r, "spin else");
  assert_action(&r, 0, "reply", "else");
  assert_true(r.verdict.limit);
  give(&r, "else");
  assert_false(r.verdict.limit);
  assert_int_equal(stats_of(&r).strikes, 3);
  r.now += 10 * MINUTE - 1;
  stopped(&r, "spin", "put aside for 1 s");
  r.now += 1;
  give(&r, "spin");
  assert_action(&r, 0, "reply", "never");
  /* and all begins anew */
  stopped(&r, "spin on", "work");
  stopped(&r, "spin on", "work");
  assert_int_equal(stats_of(&r).put_aside, 1);
  stopped(&r, "spin on", "work");
  assert_int_equal(stats_of(&r).put_aside, 2);
  rig_close(&r);
}

static void strikes_run_out(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, pack, (weir_config){ 0 });
  for (int i = 0; i < 12; i++) {
    stopped(&r, "spin on", "work");
    assert_false(told(&r, WEIR_REASON_ASIDE, ""));
    r.now += 5 * MINUTE; /* never three within ten minutes */
  }
  assert_int_equal(stats_of(&r).strikes, 12);
  assert_int_equal(stats_of(&r).put_aside, 0);
  rig_close(&r);
}

static void each_rule_for_itself(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, pack, (weir_config){ 0 });
  for (int i = 0; i < 3; i++) stopped(&r, "spin on", "work");
  give(&r, "eat");
  assert_true(told(&r, WEIR_REASON_LIMIT, "memory") || told(&r, WEIR_REASON_LIMIT, "work"));
  assert_int_equal(r.verdict.result, WEIR_RESULT_DECIDED); /* on_limit = "handoff" */
  assert_action(&r, 0, "handoff", NULL);
  for (int i = 0; i < 9; i++) give(&r, "err"); /* an error is no strike: it costs what it costs */
  assert_true(told(&r, WEIR_REASON_ERROR, "broken"));
  assert_int_equal(stats_of(&r).strikes, 4);
  rig_close(&r);
}

static void a_rule_put_aside_hands_off_too(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, pack, (weir_config){ 0 });
  for (int i = 0; i < 4; i++) {
    char who[24], id[24];
    snprintf(who, sizeof who, "w%d", i);
    snprintf(id, sizeof id, "h%d", i);
    comment(&r, id, who, "eat");
    assert_action(&r, 0, "handoff", NULL);
  }
  assert_true(told(&r, WEIR_REASON_LIMIT, "put aside"));
  rig_close(&r);
}

static void timers_strike_too(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, pack, (weir_config){ 0 });
  for (int i = 0; i < 4; i++) {
    give(&r, "later");
    r.now += 2000;
    assert_int_equal(weir_tick(r.engine, r.now, &r.verdict, &r.err), WEIR_OK);
    assert_int_equal(r.verdict.action_cnt, 0);
  }
  assert_int_equal(stats_of(&r).strikes, 3);
  assert_int_equal(stats_of(&r).put_aside, 1);
  rig_close(&r);
}

static void a_swap_begins_anew(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, pack, (weir_config){ 0 });
  weir_ruleset *same = rules_of(pack);
  for (int i = 0; i < 3; i++) stopped(&r, "spin on", "work");
  assert_int_equal(weir_swap(r.engine, same, &r.err), WEIR_OK);
  give(&r, "spin");
  assert_action(&r, 0, "reply", "never");
  assert_int_equal(stats_of(&r).put_aside, 1);
  rig_close(&r);
  weir_ruleset_free(same);
}

static bool at_once(void *ctx) { return ++*(unsigned *)ctx > 2; }

static void the_deadline_strikes_nobody(void **state) {
  (void)state;
  struct rig r;
  unsigned asked = 0;
  rig_open(&r, pack, (weir_config){ .deadline = at_once, .deadline_ctx = &asked });
  for (int i = 0; i < 5; i++) {
    asked = 0;
    stopped(&r, "spin on", "deadline");
  }
  assert_int_equal(stats_of(&r).strikes, 0);
  rig_close(&r);
}

/* The host's clock may be set back. */
static void time_runs_back(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, pack, (weir_config){ 0 });
  stopped(&r, "spin on", "work");
  stopped(&r, "spin on", "work");
  r.now -= 60 * MINUTE;
  stopped(&r, "spin on", "work");
  assert_int_equal(stats_of(&r).put_aside, 0);
  rig_close(&r);
}

/* An event that was refused did nothing, and struck nobody. */
static void a_refused_event_strikes_nobody(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "rule 'spin' { on = 'comment', keywords = { 'spin' }, priority = 2, run = function(e) while true do end end }\n"
               "rule 'fill' { on = 'comment', keywords = { 'spin' }, reply = 'x' }\n", (weir_config){ .state_memory = 1u << 20, .batch = true });
  /* Records are never taken, until the outbox is full. */
  uint64_t done = 0, refused = 0;
  char id[24], who[24];
  for (int i = 0; i < 200000 && refused < 5; i++) {
    snprintf(id, sizeof id, "f%d", i);
    snprintf(who, sizeof who, "p%d", i);
    weir_event e = event_of(&r, id, "comment", who, "spin");
    r.now += 6 * MINUTE; /* two of them stand within ten minutes */
    e.time_ms = r.now;
    weir_status st = weir_decide(r.engine, &e, r.now, &r.verdict, &r.err);
    if (st == WEIR_OK) done++;
    else {
      assert_int_equal(st, WEIR_E_FULL);
      refused++;
    }
    if (!st && i % 20 == 19 && weir_commit(r.engine, &r.err)) refused++;
  }
  assert_true(refused >= 5);
  assert_true(stats_of(&r).strikes <= done);
  rig_close(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(three_strikes), cmocka_unit_test(strikes_run_out), cmocka_unit_test(each_rule_for_itself),
    cmocka_unit_test(a_rule_put_aside_hands_off_too), cmocka_unit_test(timers_strike_too), cmocka_unit_test(a_swap_begins_anew),
    cmocka_unit_test(the_deadline_strikes_nobody), cmocka_unit_test(time_runs_back), cmocka_unit_test(a_refused_event_strikes_nobody),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
