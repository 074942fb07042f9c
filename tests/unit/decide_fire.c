/* Firing: claims, drops and what goes with them, actions that wait, timers that fell due, limits, a broken store. */
#include "decide_help.h"

#define RULE "'rule':'shop/ask'"

static void nothing_is_claimed_when_all_was_dropped(void **state) {
  (void)state;
  run("{'opt_out':true}", "u1", "hi");
  keep();
  run("{'once':true,'cooldown':'1h','reply':'a','follow':true}", "u1", "hi");
  assert_int_equal(d.dropped_cnt, 2);
  assert_int_equal(changes_of(WEIR_CHANGE_CLAIM), 0);
  /* one action that passes is enough */
  run("{'once':true,'cooldown':'1h','reply':'a','tag':'x'}", "u1", "hi");
  assert_int_equal(changes_of(WEIR_CHANGE_CLAIM), 2);
  keep();
  /* and so is a rule that wanted nothing, or found everything done */
  run("{'once':true,'tag':'x'}", "u1", "hi");
  assert_int_equal(d.action_cnt, 0);
  assert_int_equal(changes_of(WEIR_CHANGE_CLAIM), 1);
  run("{'once':true}", "u1", "hi");
  assert_int_equal(changes_of(WEIR_CHANGE_CLAIM), 1);
}

static void counts_are_per_rule(void **state) {
  (void)state;
  run("{'once':true,'reply':'a'}", "u1", "hi");
  assert_int_equal(changes_of(WEIR_CHANGE_CLAIM), 1);
  /* the second rule of the event may not reply: it claims nothing, whatever the first did */
  read_rule("{'once':'post','reply':'b'}");
  fire();
  assert_int_equal(changes_of(WEIR_CHANGE_CLAIM), 1);
  assert_int_equal(d.dropped_cnt, 1);
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "reply: one reply an event"));
  read_rule("{'cooldown':'1m','message':'c'}");
  fire();
  assert_int_equal(changes_of(WEIR_CHANGE_CLAIM), 2);
}

static void too_many_actions(void **state) {
  (void)state;
  run("{'reply':'a','message':{'all':['1','2','3','4','5','6','7','8','9','10','11','12','13','14','15','16']},'tag':'x'}", "u1",
      "hi");
  assert_int_equal(d.action_cnt, WEIR_ACTIONS_MAX);
  assert_int_equal(d.dropped_cnt, 2);
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "message: too many actions"));
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "tag: too many actions"));
  assert_int_equal(changes_of(WEIR_CHANGE_TAG), 0);
}

static void too_many_changes(void **state) {
  (void)state;
  char text[8192];
  size_t at = (size_t)snprintf(text, sizeof text, "{'incr':{");
  for (int i = 0; i < WEIR_FIELDS_MAX; i++) at += (size_t)snprintf(text + at, sizeof text - at, "%s'c%d':1", i ? "," : "", i);
  (void)snprintf(text + at, sizeof text - at, "}}");
  read_rule(text);
  comment("u1", "hi");
  begin(WEIR_EVENT_COMMENT, NOW);
  assert_int_equal(weir_decide_fire(&d, &err), WEIR_OK);
  assert_int_equal(weir_decide_fire(&d, &err), WEIR_E_LIMIT); /* 1 + 64 + 64 > WEIR_CHANGES_MAX */
  assert_int_equal(err.status, WEIR_E_LIMIT);
  assert_true(strlen(err.message) > 0);
  assert_int_equal(d.changes.cnt, WEIR_CHANGES_MAX);
}

/* A record that is full drops what does not fit, and what belonged to it, and nothing else. */
static void full_record(void **state) {
  (void)state;
  read_rule("{'message':'{code}','tag':'x','reply':'a reply of some length, longer than what is left'}");
  comment("u1", "hi");
  begin(WEIR_EVENT_COMMENT, NOW);
  json_buf.cap = 150;
  fire();
  assert_int_equal(d.action_cnt, 2);
  assert_int_equal(d.dropped_cnt, 1);
  assert_int_equal(d.tally.replies, 0);
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "reply: record is full"));
  assert_false(json_buf.full);
  assert_true(json_buf.ptr[json_buf.len - 1] == '}');
}

static void written_into_what_stands_there(void **state) {
  (void)state;
  read_rule("{'follow':true,'like':true}");
  comment("u1", "hi");
  begin(WEIR_EVENT_COMMENT, NOW);
  weir_buf_text(&json_buf, "{\"actions\":[");
  fire();
  weir_json_close(&json_buf, ']');
  weir_json_close(&json_buf, '}');
  assert_string_equal(written(), "{'actions':[{'n':1,'kind':'follow'," RULE "},{'n':2,'kind':'like'," RULE ",'to':'c1'}]}");
}

/* ---- Actions that wait */

static void an_action_waits(void **state) {
  (void)state;
  run("{'message':{'text':'for {person.name}: {pool.wechat}','after':'5s..30s'},'follow':{'after':'2s'},'like':{'after':'0s'}}",
      "u1", "hi");
  assert_string_equal(written(), "{'n':1,'kind':'like'," RULE ",'to':'c1'}"); /* no time at all is at once */
  assert_int_equal(d.waiting_cnt, 2);
  assert_int_equal(changes_of(WEIR_CHANGE_TIMER), 2);
  assert_int_equal(changes_of(WEIR_CHANGE_POOL), 1); /* fixed now */
  const struct weir_timer *timer = change_of(WEIR_CHANGE_TIMER, 0)->timer;
  assert_int_equal(timer->kind, WEIR_TIMER_ACTION);
  assert_in_range(timer->due_ms, NOW + 5000, NOW + 30000);
  assert_str(timer->rule, "shop/ask");
  assert_str(timer->cause, "c1");
  assert_str(timer->post, "v1");
  assert_true(weir_str_eq(timer->origin, d.id));
  assert_str(timer->contact.id, "u1");
  assert_int_equal(timer->occurrence, 1);
  assert_int_equal(timer->id, 0);
  assert_true(weir_str_starts(timer->payload, WEIR_STR("{\"kind\":\"message\",\"rule\":\"shop/ask\",\"text\":\"for Lin: ")));
  assert_int_equal(change_of(WEIR_CHANGE_TIMER, 1)->timer->occurrence, 2);
  assert_int_equal(change_of(WEIR_CHANGE_TIMER, 1)->timer->due_ms, NOW + 2000);
  assert_true(traced(WEIR_REASON_ACTION_WAITS, "follow: in 2 s"));
}

static void delays_differ(void **state) {
  (void)state;
  int64_t least = INT64_MAX, most = 0;
  for (int i = 0; i < 200; i++) {
    run("{'message':{'text':'a','after':'5s..30s'}}", "u1", "hi");
    int64_t delay = change_of(WEIR_CHANGE_TIMER, 0)->timer->due_ms - NOW;
    assert_in_range(delay, 5000, 30000);
    if (delay < least) least = delay;
    if (delay > most) most = delay;
  }
  assert_true(least < 7000 && most > 28000);
}

static void waiting_counts_as_done(void **state) {
  (void)state;
  run("{'once':true,'message':{'text':'a','after':'1h'}}", "u1", "hi");
  assert_int_equal(changes_of(WEIR_CHANGE_CLAIM), 1);
  /* and as the one message of the event */
  read_rule("{'message':'b'}");
  fire();
  assert_int_equal(d.action_cnt, 0);
}

static void an_action_that_may_not_go_does_not_wait(void **state) {
  (void)state;
  run("{'opt_out':true}", "u1", "hi");
  keep();
  run("{'message':{'text':'{code}','after':'1h'}}", "u1", "hi");
  assert_int_equal(changes_of(WEIR_CHANGE_TIMER) + changes_of(WEIR_CHANGE_CODE), 0);
  assert_int_equal(d.dropped_cnt, 1);
}

/* Lets the waiting action of `rule_text` fall due; `between` is a rule that fires in the meantime. */
static void due(const char *rule_text, const char *between) {
  static struct weir_timer timer;
  run(rule_text, "u1", "hi");
  keep();
  if (between) {
    run(between, "u1", "hi");
    keep();
  }
  weir_status status = store->ops->timer(store, NOW + 2 * HOUR, &rule_arena, &timer, &err);
  assert_int_equal(status, WEIR_OK);
  begin(WEIR_EVENT_TIMER, NOW + 2 * HOUR);
  assert_int_equal(weir_decide_timer_action(&d, &timer, &err), WEIR_OK);
}

static void a_due_action_goes_out(void **state) {
  (void)state;
  due("{'reply':{'_':['for \\\"{person.name}\\\"'],'media':'m','after':'1h'}}", NULL);
  assert_string_equal(written(), "{'n':1,'kind':'reply'," RULE ",'to':'c1','text':'for \\'Lin\\'','media':['m']}");
  assert_str(actions[0].text, "for \"Lin\"");
  assert_str(actions[0].kind, "reply");
  assert_str(actions[0].rule, "shop/ask");
  assert_int_equal(d.action_cnt, 1);
  assert_int_equal(changes_of(WEIR_CHANGE_TIMER), 0);
}

static void a_due_action_is_asked_again(void **state) {
  (void)state;
  due("{'message':{'text':'a','after':'1h'}}", "{'opt_out':true}");
  assert_int_equal(d.action_cnt, 0);
  assert_int_equal(d.dropped_cnt, 1);
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "message: opted out"));
}

static void take_over_while_waiting(void **state) {
  (void)state;
  due("{'message':{'text':'a','after':'1h'}}", "{'handoff':true}");
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "message: human took over"));
}

static void take_over_that_ended(void **state) {
  (void)state;
  due("{'message':{'text':'a','after':'1h'}}", "{'handoff':{'for':'1h'}}");
  assert_int_equal(d.action_cnt, 1);
}

static void damaged_payloads(void **state) {
  (void)state;
  static const char *const payloads[] = {
    "",
    "{",
    "[]",
    "null",
    " {\"kind\":\"follow\",\"rule\":\"a/b\"}",
    "{\"rule\":\"a/b\"}",
    "{\"kind\":1}",
    "{\"kind\":\"fly\"}",
    "{\"kind\":\"follow\",\"kind\":\"follow\"}",
    "{\"kind\":\"message\",\"text\":7}",
    "{\"kind\":\"follow\"}x",
    "{\"kind\":\"\xff\"}",
  };
  comment("u1", "hi");
  read_rule("{}");
  for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
    struct weir_timer timer = { .kind = WEIR_TIMER_ACTION, .rule = WEIR_STR("shop/gone"), .payload = weir_str_of(payloads[i]) };
    begin(WEIR_EVENT_TIMER, NOW);
    assert_int_equal(weir_decide_timer_action(&d, &timer, &err), WEIR_OK);
    assert_int_equal(d.action_cnt, 0);
    assert_int_equal(d.dropped_cnt, 1);
    assert_true(traced(WEIR_REASON_ACTION_DROPPED, "timer: the waiting action cannot be read"));
    assert_int_equal(json_buf.len, 0);
  }
}

/* ---- The trace */

static void trace_lines(void **state) {
  (void)state;
  read_rule("{}");
  comment("u1", "buy tea");
  begin(WEIR_EVENT_COMMENT, NOW);
  rule.pattern = 0;
  d.found = (struct weir_match_found){ .group_cnt = 1 };
  d.found.group[0].start = 4;
  d.found.group[0].end = 7;
  d.trace.all = false;
  weir_decide_trace(&d, rule.name, WEIR_REASON_GATE, "no");
  weir_decide_trace(&d, rule.name, WEIR_REASON_NO_MATCH, NULL);
  assert_int_equal(d.trace.cnt, 0);
  weir_decide_trace(&d, rule.name, WEIR_REASON_FIRED, NULL);
  weir_decide_trace(&d, WEIR_STR("shop/other"), WEIR_REASON_FIRED, "because %d", 3);
  assert_int_equal(d.trace.cnt, 2);
  assert_int_equal(trace[0].match_start, 4);
  assert_int_equal(trace[0].match_end, 7);
  assert_int_equal(trace[1].match_end, 0);
  assert_str(trace[1].detail, "because 3");
  d.trace.all = true;
  weir_decide_trace(&d, rule.name, WEIR_REASON_GATE, "no");
  assert_int_equal(d.trace.cnt, 3);
  assert_str(weir_decide_group(&d, 0), "tea");
  assert_int_equal(weir_decide_group(&d, 1).len, 0);
  /* cut between characters */
  char text[1000];
  for (size_t i = 0; i + 3 < sizeof text; i += 3) memcpy(text + i, "电", 4);
  weir_decide_trace(&d, rule.name, WEIR_REASON_GATE, "x%s", text);
  assert_int_equal(trace[3].detail.len % 3, 1);
  assert_in_range(trace[3].detail.len, WEIR_TRACE_DETAIL_MAX - 4, WEIR_TRACE_DETAIL_MAX - 1);
  /* a full log loses lines and nothing else */
  d.trace.cap = 4;
  weir_decide_trace(&d, rule.name, WEIR_REASON_ERROR, "lost");
  assert_int_equal(d.trace.cnt, 4);
}

/* ---- Limits */

/* An action that is dropped, or waits, is never silent: not even when the event's memory has no room for the reason. */
static void trace_without_memory(void **state) {
  (void)state;
  char few[16];
  read_rule("{}");
  comment("u1", "buy tea");
  begin(WEIR_EVENT_COMMENT, NOW);
  d.trace.all = false;
  struct weir_arena full, *whole = d.arena;
  weir_arena_fixed(&full, few, sizeof few);
  d.arena = &full;
  weir_decide_trace(&d, WEIR_STR("shop/ask"), WEIR_REASON_ACTION_DROPPED, "%s: opted out", "message");
  d.arena = whole;
  assert_int_equal(d.trace.cnt, 1);
  assert_string_equal(d.trace.items[0].rule.ptr, "shop/ask");
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "memory is used up"));
}

static void no_memory(void **state) {
  (void)state;
  read_rule("{'once':true,'reply':['a {person.name}','b {code}'],'message':{'text':'{pool.wechat}','after':'5s'},'tag':['x','y'],"
            "'stage':'papers/"
            "asked','set':{'a':1,'b':'{event.text}'},'incr':'n','emit':{'_':['e'],'data':{'k':'{person.name}'}},'handoff':true}");
  comment("u1", "hi");
  size_t failed = 0, passed = 0;
  for (size_t room = 0; room <= 16384; room += 64) {
    struct weir_arena small;
    begin(WEIR_EVENT_COMMENT, NOW);
    weir_arena_fixed(&small, event_block + sizeof event_block / 2, room);
    d.arena = &small;
    weir_status status = weir_decide_fire(&d, &err);
    if (status == WEIR_OK) passed++;
    else failed++;
    assert_true(status == WEIR_OK || (status == WEIR_E_NOMEM && err.status == WEIR_E_NOMEM));
  }
  assert_true(failed > 10 && passed > 10);
}

static weir_status broken_load(struct weir_store *s, const struct weir_contact *contact, struct weir_arena *a,
                               struct weir_person *out, weir_error *e) {
  (void)s, (void)contact, (void)a;
  memset(out, 0xFF, sizeof *out);
  return weir_fail(e, WEIR_E_STATE, "broken");
}

static weir_status broken_pool(struct weir_store *s, weir_str pool, weir_str member, int64_t day, uint32_t *used, weir_error *e) {
  (void)s, (void)pool, (void)member, (void)day;
  *used = 0;
  return weir_fail(e, WEIR_E_STATE, "broken");
}

static void broken_store(void **state) {
  (void)state;
  static struct weir_store_ops ops; /* outlives a test that fails: the store is closed after it */
  ops = *store->ops;
  const struct weir_store_ops *real = store->ops;
  store->ops = &ops;
  ops.pool_used = broken_pool;
  read_rule("{'reply':'{pool.wechat|x}'}");
  comment("u1", "hi");
  begin(WEIR_EVENT_COMMENT, NOW);
  assert_int_equal(weir_decide_fire(&d, &err), WEIR_E_STATE);
  ops.load = broken_load;
  read_rule("{'reply':'a'}");
  begin(WEIR_EVENT_COMMENT, NOW);
  assert_int_equal(weir_decide_fire(&d, &err), WEIR_E_STATE);
  assert_string_equal(err.message, "broken");
  assert_int_equal(d.person.id, 0);
  assert_int_equal(d.action_cnt, 0);
  struct weir_timer timer = { .payload = WEIR_STR("{\"kind\":\"follow\"}") };
  assert_int_equal(weir_decide_timer_action(&d, &timer, &err), WEIR_E_STATE);
  store->ops = real;
}

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(nothing_is_claimed_when_all_was_dropped),
    TEST(counts_are_per_rule),
    TEST(too_many_actions),
    TEST(too_many_changes),
    TEST(full_record),
    TEST(written_into_what_stands_there),
    TEST(an_action_waits),
    TEST(delays_differ),
    TEST(waiting_counts_as_done),
    TEST(an_action_that_may_not_go_does_not_wait),
    TEST(a_due_action_goes_out),
    TEST(a_due_action_is_asked_again),
    TEST(take_over_while_waiting),
    TEST(take_over_that_ended),
    TEST(damaged_payloads),
    TEST(trace_lines),
    TEST(trace_without_memory),
    TEST(no_memory),
    TEST(broken_store),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
