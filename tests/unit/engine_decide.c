/* engine_decide.c: the whole way of an event, through the public API: order, continue, repeats, claims, limits, timers, dry runs,
 * groups, swaps. */
#include "engine_support.h"

static weir_config plain(void) { return (weir_config){ .struct_size = sizeof(weir_config) }; }

static void first_rule_that_passes_ends_the_search(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "rule 'a' { on = 'comment', keywords = { 'xyz' }, reply = 'a' }\n"
               "rule 'b' { on = 'comment', keywords = { '电子版' }, reply = 'b' }\n"
               "rule 'c' { on = 'comment', keywords = { '电子版' }, reply = 'c' }\n"
               "rule 'top' { on = 'comment', keywords = { '试卷' }, priority = 5, reply = 'top' }\n", plain());
  comment(&r, "1", "u1", "求电子版");
  assert_int_equal(r.verdict.result, WEIR_RESULT_DECIDED);
  assert_int_equal(r.verdict.action_cnt, 1);
  assert_action(&r, 0, "reply", "b");
  comment(&r, "2", "u1", "电子版和试卷");
  assert_action(&r, 0, "reply", "top");
  comment(&r, "3", "u1", "nothing");
  assert_int_equal(r.verdict.result, WEIR_RESULT_NOTHING);
  rig_close(&r);
}

static void after_continue_the_state_before_the_event_is_seen(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "rule 'mark' { on = 'comment', any = true, continue = true, tag = 'seen', reply = 'first' }\n"
               "rule 'new' { on = 'comment', any = true, tag_not = 'seen', tag = 'second', reply = 'second' }\n"
               "rule 'old' { on = 'comment', any = true, tag_has = 'seen', message = 'again' }\n", plain());
  comment(&r, "1", "u1", "x");
  assert_int_equal(r.verdict.action_cnt, 3); /* the second reply is dropped: one reply an event */
  assert_action(&r, 0, "reply", "first");
  comment(&r, "2", "u1", "x");
  assert_action(&r, r.verdict.action_cnt - 1, "message", "again");
  rig_close(&r);
}

static void the_same_event_again_is_a_repeat(void **state) {
  (void)state;
  struct rig r;
  char first[64];
  rig_open(&r, "rule 'a' { on = 'comment', keywords = { 'pdf' }, reply = 'a' }\n", plain());
  comment(&r, "1", "u1", "pdf");
  snprintf(first, sizeof first, "%.*s", (int)r.verdict.id.len, r.verdict.id.ptr);
  comment(&r, "1", "u1", "pdf");
  assert_int_equal(r.verdict.result, WEIR_RESULT_REPEAT);
  assert_int_equal(r.verdict.action_cnt, 0);
  assert_int_equal(r.verdict.id.len, strlen(first));
  assert_memory_equal(r.verdict.id.ptr, first, strlen(first));
  weir_event edited = event_of(&r, "1", "comment", "u1", "pdf");
  edited.revision = 1;
  assert_int_equal(weir_decide(r.engine, &edited, r.now, &r.verdict, &r.err), WEIR_OK);
  assert_int_equal(r.verdict.result, WEIR_RESULT_DECIDED);
  rig_close(&r);
}

static void our_own_doing_is_never_answered(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "rule 'a' { on = { 'comment', 'message' }, any = true, reply = 'a' }\n", plain());
  comment(&r, "1", "papers", "pdf");
  assert_int_equal(r.verdict.result, WEIR_RESULT_IGNORED);
  decide(&r, "2", "echo", "u1", "pdf");
  assert_int_equal(r.verdict.result, WEIR_RESULT_IGNORED);
  rig_close(&r);
}

static void a_limit_is_neither_yes_nor_no(void **state) {
  (void)state;
  char text[4001];
  struct rig r;
  memset(text, 'a', sizeof text - 1);
  memcpy(text + sizeof text - 3, "!b", 2); /* the pattern's literal is there, so it must be tried */
  text[sizeof text - 1] = '\0';
  rig_open(&r, "rule 'slow' { on = 'comment', match = [[(a|aa)+!$]], reply = 'slow' }\n", plain());
  comment(&r, "1", "u1", text);
  assert_int_equal(r.verdict.result, WEIR_RESULT_UNDECIDED);
  assert_true(r.verdict.limit);
  rig_close(&r);
  rig_open(&r, "rule 'slow' { on = 'comment', match = [[(a|aa)+!$]], reply = 'slow' }\n"
               "rule 'next' { on = 'comment', any = true, reply = 'next' }\n", plain());
  comment(&r, "1", "u1", text);
  assert_int_equal(r.verdict.result, WEIR_RESULT_DECIDED);
  assert_true(r.verdict.limit);
  assert_action(&r, 0, "reply", "next");
  rig_close(&r);
  rig_open(&r, "rule 'slow' { on = 'comment', match = [[(a|aa)+!$]], reply = 'slow', on_limit = 'handoff' }\n"
               "rule 'next' { on = 'comment', any = true, reply = 'next' }\n", plain());
  comment(&r, "1", "u1", text);
  assert_int_equal(r.verdict.action_cnt, 1);
  assert_action(&r, 0, "handoff", NULL);
  rig_close(&r);
}

static void handlers_act_decline_fail_and_are_killed(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "rule 'act' { on = 'join', run = function(e) e:message('hi ' .. e.person.name) end }\n"
               "rule 'decline' { on = 'leave', run = function(e) return false end }\n"
               "rule 'after decline' { on = 'leave', message = 'declined' }\n"
               "rule 'fail' { on = 'scan', run = function(e) e:message('x') error('oh') end }\n"
               "rule 'wrong' { on = 'click', run = function(e) e:tag('t') e:message { txt = 'x' } end }\n"
               "rule 'spin' { on = 'enter', run = function(e) e:message('x') while true do end end }\n", plain());
  decide(&r, "1", "join", "u1", "");
  assert_action(&r, 0, "message", "hi Lin");
  decide(&r, "2", "leave", "u1", "");
  assert_action(&r, 0, "message", "declined");
  decide(&r, "3", "scan", "u1", "");
  assert_int_equal(r.verdict.action_cnt, 0);
  assert_int_equal(r.verdict.trace[0].reason, WEIR_REASON_ERROR);
  decide(&r, "4", "click", "u1", "");
  assert_int_equal(r.verdict.action_cnt, 0); /* not even the tag: a wrong call undoes the handler */
  assert_int_equal(r.verdict.trace[0].reason, WEIR_REASON_ERROR);
  decide(&r, "5", "enter", "u1", "");
  assert_int_equal(r.verdict.result, WEIR_RESULT_UNDECIDED);
  assert_int_equal(r.verdict.action_cnt, 0);
  decide(&r, "6", "join", "u1", "");
  assert_action(&r, 0, "message", "hi Lin");
  rig_close(&r);
}

static void a_full_pool_silences_the_rule_that_promises_it(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "pool 'ids' { 'one', per_day = 1 }\n"
               "rule 'ask' { on = 'comment', keywords = { 'pdf' }, once = true, reply = 'look at your messages', message = 'add {pool.ids}', tag = 't' }\n"
               "rule 'tomorrow' { on = 'comment', keywords = { 'pdf' }, reply = 'tomorrow' }\n", plain());
  comment(&r, "1", "u1", "pdf");
  assert_action(&r, 0, "reply", "look at your messages");
  comment(&r, "2", "u2", "pdf");
  assert_int_equal(r.verdict.action_cnt, 1);
  assert_action(&r, 0, "reply", "tomorrow");
  r.now += INT64_C(86400000);
  comment(&r, "3", "u2", "pdf");
  assert_action(&r, 0, "reply", "look at your messages");
  rig_close(&r);
}

static void timers_fire_when_due_and_are_asked_again(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "rule 'ask' { on = 'comment', keywords = { 'pdf' }, reply = 'yes', message = { 'later {person.name}', after = '10s' } }\n"
               "rule 'stop' { on = 'comment', keywords = { 'stop' }, opt_out = true }\n", plain());
  assert_true(weir_next_due(r.engine) == INT64_MAX);
  comment(&r, "1", "u1", "pdf");
  assert_int_equal(r.verdict.action_cnt, 1);
  assert_true(weir_next_due(r.engine) == r.now + 10000);
  assert_int_equal(weir_tick(r.engine, r.now + 9999, &r.verdict, &r.err), WEIR_NONE);
  r.now += 10000;
  assert_int_equal(weir_tick(r.engine, r.now, &r.verdict, &r.err), WEIR_OK);
  assert_action(&r, 0, "message", "later Lin");
  assert_int_equal(weir_tick(r.engine, r.now, &r.verdict, &r.err), WEIR_NONE);
  comment(&r, "2", "u2", "pdf");
  comment(&r, "3", "u2", "stop");
  r.now += 10000;
  assert_int_equal(weir_tick(r.engine, r.now, &r.verdict, &r.err), WEIR_OK);
  assert_int_equal(r.verdict.action_cnt, 0); /* he opted out meanwhile */
  rig_close(&r);
}

static void a_dry_engine_changes_nothing(void **state) {
  (void)state;
  struct rig r;
  weir_record record;
  rig_open(&r, "rule 'a' { on = 'comment', keywords = { 'pdf' }, once = true, reply = 'a', tag = 't', message = { 'b', after = '1s' } }\n", (weir_config){ .dry = true });
  for (int i = 0; i < 3; i++) {
    comment(&r, "1", "u1", "pdf");
    assert_int_equal(r.verdict.result, WEIR_RESULT_DECIDED);
    assert_int_equal(r.verdict.action_cnt, 2);
  }
  assert_int_equal(weir_next_record(r.engine, &record, &r.err), WEIR_NONE);
  assert_true(weir_next_due(r.engine) == INT64_MAX);
  weir_stats s = { .struct_size = sizeof s };
  weir_engine_stats(r.engine, &s);
  assert_int_equal(s.persons, 0);
  rig_close(&r);
}

static void strangers_leave_no_trace(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "rule 'a' { on = 'comment', keywords = { 'pdf' }, reply = 'a' }\n", plain());
  for (int i = 0; i < 100; i++) {
    char id[16];
    snprintf(id, sizeof id, "q%d", i);
    comment(&r, id, id, "only chatting");
  }
  weir_stats s = { .struct_size = sizeof s };
  weir_engine_stats(r.engine, &s);
  assert_int_equal(s.persons, 0);
  assert_int_equal(s.nothing, 100);
  rig_close(&r);
}

static void a_group_shares_a_record_and_an_account_has_its_own(void **state) {
  (void)state;
  struct rig r;
  weir_record record;
  rig_open(&r, "rule 'a' { on = 'comment', keywords = { 'pdf' }, reply = 'a' }\n", (weir_config){ .batch = true });
  for (int i = 0; i < 10; i++) {
    char id[16];
    snprintf(id, sizeof id, "c%d", i);
    weir_event e = event_of(&r, id, "comment", id, "pdf");
    if (i % 2) e.account = S("second");
    assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_OK);
  }
  assert_int_equal(weir_pending(r.engine), 10);
  assert_int_equal(weir_next_record(r.engine, &record, &r.err), WEIR_NONE);
  assert_int_equal(weir_commit(r.engine, &r.err), WEIR_OK);
  assert_int_equal(weir_pending(r.engine), 0);
  int records = 0;
  while (weir_next_record(r.engine, &record, &r.err) == WEIR_OK) {
    assert_int_equal(record.seq, 1);
    records++;
  }
  assert_int_equal(records, 2);
  rig_close(&r);
}

static void a_full_outbox_refuses_loudly_and_goes_on_after_an_ack(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "rule 'a' { on = 'comment', keywords = { 'pdf' }, reply = 'a' }\n", (weir_config){ .state_memory = 1u << 20 });
  weir_status st = WEIR_OK;
  char id[16];
  int i = 0;
  for (; i < 100000 && st == WEIR_OK; i++) {
    snprintf(id, sizeof id, "c%d", i);
    weir_event e = event_of(&r, id, "comment", "u1", "pdf");
    st = weir_decide(r.engine, &e, r.now, &r.verdict, &r.err);
  }
  assert_int_equal(st, WEIR_E_FULL);
  weir_record record;
  uint64_t last = 0;
  while (weir_next_record(r.engine, &record, &r.err) == WEIR_OK) last = record.seq;
  assert_int_equal(last, i - 1); /* every decision before has its record */
  assert_int_equal(weir_ack(r.engine, S("douyin/papers"), last, &r.err), WEIR_OK);
  comment(&r, id, "u1", "pdf");
  assert_int_equal(r.verdict.result, WEIR_RESULT_DECIDED);
  rig_close(&r);
}

static void a_swap_keeps_the_state(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "pack { name = 'p' }\nrule 'a' { on = 'comment', keywords = { 'pdf' }, once = true, reply = 'old', tag = 't' }\n", plain());
  comment(&r, "1", "u1", "pdf");
  assert_action(&r, 0, "reply", "old");
  weir_ruleset *newer = rules_of("pack { name = 'p' }\nrule 'b' { on = 'comment', was = 'a', keywords = { 'pdf' }, once = true, reply = 'new' }\n"
                                 "rule 'c' { on = 'comment', any = true, tag_has = 't', reply = 'known' }\n");
  assert_int_equal(weir_swap(r.engine, newer, &r.err), WEIR_OK);
  comment(&r, "2", "u1", "pdf");
  assert_action(&r, 0, "reply", "known"); /* the claim of "a" holds for "b", and the tag is still there */
  comment(&r, "3", "u2", "pdf");
  assert_action(&r, 0, "reply", "new");
  weir_engine_close(r.engine);
  weir_ruleset_free(newer);
  r.engine = NULL;
  rig_close(&r);
}

static void old_events_are_refused_once_marks_may_be_gone(void **state) {
  (void)state;
  const int64_t day = INT64_C(86400000);
  struct rig r;
  rig_open(&r, "rule 'a' { on = 'comment', keywords = { 'pdf' }, reply = 'a' }\n", plain());
  weir_event e = event_of(&r, "old", "comment", "u1", "pdf");
  e.time_ms = r.now - 100 * day;
  assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_OK); /* a young state has forgotten nothing */
  assert_int_equal(weir_decide(r.engine, &e, r.now + 7 * day, &r.verdict, &r.err), WEIR_OK);
  assert_int_equal(r.verdict.result, WEIR_RESULT_REPEAT);
  assert_int_equal(weir_decide(r.engine, &e, r.now + 9 * day, &r.verdict, &r.err), WEIR_E_TOO_OLD);
  rig_close(&r);
}

static void wrong_calls_and_wrong_events(void **state) {
  (void)state;
  struct rig r;
  weir_engine *none = (weir_engine *)1;
  weir_error err;
  weir_config config = plain();
  assert_int_equal(weir_engine_open(&none, &config, &err), WEIR_E_ARG);
  assert_null(none);
  rig_open(&r, "rule 'a' { on = 'comment', keywords = { 'pdf' }, reply = 'a' }\n", plain());
  weir_event e = event_of(&r, "1", "comment", "u1", "pdf\xff");
  assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_E_FORMAT);
  e = event_of(&r, "", "comment", "u1", "pdf");
  assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_E_EVENT);
  e = event_of(&r, "1", "comment", "", "pdf");
  assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_E_EVENT);
  e = event_of(&r, "1", "timer", "u1", "pdf");
  assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_E_EVENT);
  e = event_of(&r, "1\n", "comment", "u1", "pdf");
  assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_E_EVENT);
  comment(&r, "1", "u1", "pdf"); /* none of them left anything behind */
  assert_int_equal(r.verdict.result, WEIR_RESULT_DECIDED);
  rig_close(&r);
}

static void the_bound_is_what_is_taken(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "rule 'a' { on = 'comment', keywords = { 'pdf' }, reply = 'a' }\n", plain());
  weir_config config = plain();
  config.ruleset = r.rules;
  assert_true(weir_engine_bound(&config) > (16u << 20));
  config.state_memory = 1u << 20;
  assert_true(weir_engine_bound(&config) < (8u << 20));
  assert_int_equal(weir_engine_bound(NULL), 0);
  rig_close(&r);
}

/* Found by fuzzing (fuzz/seeds): a literal cut inside a character, an empty option, a dry engine that counted its undone changes. */
static void what_fuzzing_found(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "rule 'long' { on = 'comment', match = [[abcdefghijklmnopqrstuv电子版]], reply = 'long' }\n"
               "rule 'many' { on = 'comment', match = [[求求求求求求求求求求求求求求求求求求求求求求求求求求求求求求求求求求求求求求求求求求]], reply = 'many' }\n"
               "rule 'option' { on = 'comment', match = [[(?)xyz]], reply = 'option', tag = 'x' }\n", (weir_config){ .dry = true });
  comment(&r, "1", "u1", "abcdefghijklmnopqrstuv电子版");
  assert_action(&r, 0, "reply", "long");
  for (int i = 0; i < 3; i++) comment(&r, "2", "u1", "xyz");
  assert_action(&r, 0, "reply", "option");
  assert_int_equal(weir_pending(r.engine), 0);
  rig_close(&r);
}

static unsigned deadline_asked;
static bool every_deadline(void *ctx) {
  (void)ctx;
  deadline_asked++;
  return true;
}

/* A deadline aborts the handler at hand; the next event is decided all the same. */
static void a_deadline_leaves_the_event_undecided(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "rule 'spin' { on = 'join', run = function(e) while true do end end }\n"
               "rule 'plain' { on = 'leave', message = 'bye' }\n", (weir_config){ .deadline = every_deadline });
  for (int i = 0; i < 3; i++) {
    char id[16];
    snprintf(id, sizeof id, "j%d", i);
    decide(&r, id, "join", "u1", "");
    assert_int_equal(r.verdict.result, WEIR_RESULT_UNDECIDED);
    assert_true(r.verdict.limit && r.verdict.struck);
    assert_int_equal(weir_pending(r.engine), 0);
  }
  assert_true(deadline_asked > 0);
  decide(&r, "l", "leave", "u1", "");
  assert_action(&r, 0, "message", "bye");
  rig_close(&r);
}

/* What the deadline strikes leaves nothing behind: not what a rule before it did, not a join, not a timer that would come back. */
static bool strikes;
static bool when_asked(void *ctx) {
  (void)ctx;
  return strikes;
}

static void a_struck_event_leaves_nothing(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "rule 'first' { on = 'message', any = true, continue = true, tag = 'seen' }\n"
               "rule 'spin' { on = 'message', any = true, run = function(e) for i = 1, 1500 do local s = 'x' .. i end e:message('done') end }\n"
               "rule 'start' { on = 'join', run = function(e) e:after('10s', 'tick') end }\n"
               "rule 'tick' { on = 'timer', run = function(e) for i = 1, 1500 do local s = 'x' .. i end e:message('tick') end }\n",
           (weir_config){ .deadline = when_asked, .batch = true });
  strikes = true;
  decide(&r, "m1", "message", "u1", "x");
  assert_int_equal(r.verdict.result, WEIR_RESULT_UNDECIDED);
  assert_true(r.verdict.struck);
  assert_int_equal(r.verdict.action_cnt, 0);
  assert_int_equal(weir_pending(r.engine), 0);
  strikes = false;
  decide(&r, "m1", "message", "u1", "x"); /* no repeat */
  assert_int_equal(r.verdict.action_cnt, 2);
  assert_false(r.verdict.struck);
  decide(&r, "j1", "join", "u1", "");
  strikes = true;
  r.now += 10000;
  assert_int_equal(weir_tick(r.engine, r.now, &r.verdict, &r.err), WEIR_OK);
  assert_true(r.verdict.struck);
  assert_int_equal(r.verdict.action_cnt, 0);
  assert_true(weir_next_due(r.engine) == INT64_MAX);
  strikes = false;
  assert_int_equal(weir_commit(r.engine, &r.err), WEIR_OK);
  rig_close(&r);
}

static void a_rollback_takes_all_of_the_group_back(void **state) {
  (void)state;
  struct rig r;
  weir_stats s = { .struct_size = sizeof s };
  rig_open(&r, "rule 'ask' { on = 'comment', keywords = { 'pdf' }, once = true, reply = 'yes' }\n", (weir_config){ .batch = true });
  comment(&r, "1", "u1", "pdf");
  assert_int_equal(weir_commit(r.engine, &r.err), WEIR_OK);
  assert_int_equal(weir_engine_commits(r.engine), 1);
  comment(&r, "2", "u2", "pdf");
  comment(&r, "3", "u3", "pdf");
  weir_rollback(r.engine);
  assert_int_equal(weir_pending(r.engine), 0);
  weir_engine_stats(r.engine, &s);
  assert_int_equal(s.decided, 1);
  assert_int_equal(weir_commit(r.engine, &r.err), WEIR_OK); /* nothing to commit is no commit */
  assert_int_equal(weir_engine_commits(r.engine), 1);
  comment(&r, "2", "u2", "pdf");
  assert_int_equal(r.verdict.result, WEIR_RESULT_DECIDED);
  assert_int_equal(weir_commit(r.engine, &r.err), WEIR_OK);
  assert_int_equal(weir_engine_commits(r.engine), 2);
  assert_int_equal(weir_forget(r.engine, S("douyin"), S("papers"), S("u2"), &r.err), WEIR_OK);
  assert_int_equal(weir_forget(r.engine, S("douyin"), S("papers"), S("u2"), &r.err), WEIR_NONE);
  assert_int_equal(weir_engine_commits(r.engine), 3);
  weir_rollback(r.engine);
  weir_rollback(NULL);
  rig_close(&r);
}

/* ---- clocks */

static uint64_t outbox_of(const struct rig *r) {
  weir_stats s = { .struct_size = sizeof s };
  weir_engine_stats(r->engine, &s);
  return s.outbox;
}

/* "iat" and "seq" of the next record. */
static void next_times(struct rig *r, long long *iat, long long *seq) {
  static char claims[65536];
  weir_record record;
  size_t len = 0;
  assert_int_equal(weir_next_record(r->engine, &record, &r->err), WEIR_OK);
  assert_int_equal(weir_record_claims(record.jws, claims, sizeof claims - 1, &len, &r->err), WEIR_OK);
  claims[len] = '\0';
  assert_int_equal(sscanf(strstr(claims, "\"iat\":"), "\"iat\":%lld", iat), 1);
  assert_int_equal(sscanf(strstr(claims, "\"seq\":"), "\"seq\":%lld", seq), 1);
}

static void clock_backwards(const char *file) {
  struct rig r;
  long long iat, seq;
  static const char ask[] = "rule 'ask' { on = 'comment', keywords = { 'pdf' }, reply = 'yes' }\n";
  rig_open(&r, ask, (weir_config){ .state = file });
  const int64_t right = r.now, times[] = { right, right - 3600000, 1000, 0, right + 5000, right + 4999 };
  const bool behind[] = { false, true, true, true, false, true };
  const long long shown[] = { right / 1000, right / 1000, right / 1000, right / 1000, right / 1000 + 5, right / 1000 + 5 };
  for (int i = 0; i < 6; i++) {
    char id[16];
    snprintf(id, sizeof id, "c%d", i);
    r.now = times[i];
    comment(&r, id, "u1", "pdf");
    assert_int_equal(r.verdict.clock_behind, behind[i]);
    next_times(&r, &iat, &seq);
    assert_int_equal(iat, shown[i]);
    assert_int_equal(seq, i + 1);
  }
  if (file) { /* the next engine knows it from the state */
    weir_stats s = { .struct_size = sizeof s };
    weir_config config = { .struct_size = sizeof config, .ruleset = r.rules, .key = r.key, .state = file };
    weir_engine_close(r.engine);
    assert_int_equal(weir_engine_open(&r.engine, &config, &r.err), WEIR_OK);
    weir_engine_stats(r.engine, &s);
    assert_int_equal(s.latest_ms, shown[5] * 1000);
    r.now = 86400000;
    comment(&r, "last", "u1", "pdf");
    assert_true(r.verdict.clock_behind);
    while (outbox_of(&r) > 1) next_times(&r, &iat, &seq), assert_int_equal(weir_ack(r.engine, S("douyin/papers"), (uint64_t)seq, &r.err), WEIR_OK);
    next_times(&r, &iat, &seq);
    assert_int_equal(iat, shown[5]);
    assert_int_equal(seq, 7);
  }
  rig_close(&r);
}

static void times_never_run_backwards(void **state) {
  (void)state;
  char folder[] = "/tmp/weir-test-XXXXXX", file[64];
  static const char *const ends[] = { "", "-wal", "-shm" };
  clock_backwards(NULL);
  assert_non_null(mkdtemp(folder));
  snprintf(file, sizeof file, "%s/state.db", folder);
  clock_backwards(file);
  for (size_t i = 0; i < 3; i++) {
    char name[80];
    snprintf(name, sizeof name, "%s%s", file, ends[i]);
    unlink(name);
  }
  assert_int_equal(rmdir(folder), 0);
}

/* ---- found by review */

static void a_first_time_is_once(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "rule 'hi' { on = 'comment', any = true, first_time = true, reply = 'welcome' }\n", plain());
  comment(&r, "1", "u1", "x");
  assert_int_equal(r.verdict.action_cnt, 1);
  comment(&r, "2", "u1", "y");
  assert_int_equal(r.verdict.action_cnt, 0);
  rig_close(&r);
}

static void stop_is_confirmed_once(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "rule 'stop' { on = 'comment', keywords = { 'stop' }, opt_out = true, message = 'bye' }\n"
               "rule 'ask' { on = 'comment', keywords = { 'pdf' }, once = true, reply = 'yes', tag = 'asked' }\n"
               "rule 'tagged' { on = 'comment', any = true, tag_has = 'asked', reply = 'tagged' }\n", plain());
  comment(&r, "1", "u1", "stop");
  assert_int_equal(r.verdict.action_cnt, 2);
  comment(&r, "2", "u1", "stop");
  assert_int_equal(r.verdict.action_cnt, 0);
  comment(&r, "3", "u1", "pdf"); /* nothing may be said: then nothing of the rule is true, not even the tag */
  assert_int_equal(r.verdict.result, WEIR_RESULT_DECIDED);
  assert_int_equal(r.verdict.action_cnt, 0);
  rig_close(&r);
}

static const char joining[] =
  "funnel 'f' { stages = { 'asked', 'added', 'done' } }\n"
  "rule 'ask' { on = 'comment', keywords = { 'pdf' }, message = '{code}', stage = 'f/asked' }\n"
  "rule 'far' { on = 'scan', message = 'far', stage = 'f/done' }\n"
  "rule 'known' { on = { 'friend_request', 'message' }, any = true, stage_is = 'f/asked', message = 'known' }\n"
  "rule 'end' { on = { 'friend_request', 'message' }, any = true, stage_is = 'f/done', message = 'end' }\n"
  "rule 'stranger' { on = { 'friend_request', 'message' }, any = true, message = 'stranger' }\n";

static void ask_for_code(struct rig *r, const char *id, const char *who, char code[16]) {
  comment(r, id, who, "pdf");
  snprintf(code, 16, "%.*s", (int)r->verdict.actions[0].text.len, r->verdict.actions[0].text.ptr);
  assert_int_equal(strlen(code), 6);
}

static void ones_own_code_is_not_used_up(void **state) {
  (void)state;
  struct rig r;
  char code[16];
  rig_open(&r, joining, plain());
  ask_for_code(&r, "1", "u1", code);
  decide(&r, "2", "message", "u1", code);
  assert_action(&r, 0, "message", "known");
  decide(&r, "3", "friend_request", "wx1", code);
  assert_action(&r, 0, "message", "known");
  decide(&r, "4", "friend_request", "wx2", code); /* but it leads to one other contact only */
  assert_action(&r, 0, "message", "stranger");
  rig_close(&r);
}

static void joining_never_moves_back(void **state) {
  (void)state;
  struct rig r;
  char code[16];
  rig_open(&r, joining, plain());
  decide(&r, "1", "scan", "wx1", "");
  ask_for_code(&r, "2", "u1", code);
  decide(&r, "3", "message", "wx1", code);
  assert_action(&r, 0, "message", "end");
  rig_close(&r);
}

static void a_join_goes_with_its_event(void **state) {
  (void)state;
  struct rig r;
  char code[16], many[4096] = "rule 'many' { on = 'friend_request', keywords = { 'boom' }, message = 'x', continue = true, tag = {";
  for (int i = 0; i < 60; i++) snprintf(many + strlen(many), sizeof many - strlen(many), "'t%d',", i);
  strcat(many, "} }\n");
  for (int i = 0; i < 2; i++) { /* more changes than a decision may have */
    snprintf(many + strlen(many), sizeof many - strlen(many), "rule 'more%d' { on = 'friend_request', keywords = { 'boom' }, continue = true, set = {", i);
    for (int k = 0; k < 40; k++) snprintf(many + strlen(many), sizeof many - strlen(many), "f%d_%d = 1,", i, k);
    strcat(many, "} }\n");
  }
  strcat(many, joining);
  rig_open(&r, many, plain());
  ask_for_code(&r, "1", "u1", code);
  char text[32];
  snprintf(text, sizeof text, "boom %s", code);
  weir_event e = event_of(&r, "2", "friend_request", "wx1", text);
  weir_status st = weir_decide(r.engine, &e, r.now, &r.verdict, &r.err);
  if (st == WEIR_OK) { /* the changes fitted: then this test says nothing */
    rig_close(&r);
    skip();
  }
  assert_int_equal(st, WEIR_E_LIMIT);
  assert_int_equal(weir_pending(r.engine), 0);
  decide(&r, "3", "friend_request", "wx1", "hello");
  assert_action(&r, 0, "message", "stranger");
  rig_close(&r);
}

static void a_link_joins_whoever_is_known(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, joining, plain());
  comment(&r, "1", "u1", "pdf");
  weir_pair with = { S("with"), S("wechat/tutor/wx1") };
  weir_event link = event_of(&r, "2", "link", "u1", "");
  link.attrs = &with;
  link.attr_cnt = 1;
  assert_int_equal(weir_decide(r.engine, &link, r.now, &r.verdict, &r.err), WEIR_OK);
  weir_event added = event_of(&r, "3", "friend_request", "wx1", "hello");
  added.channel = S("wechat");
  added.account = S("tutor");
  assert_int_equal(weir_decide(r.engine, &added, r.now, &r.verdict, &r.err), WEIR_OK);
  assert_action(&r, 0, "message", "known");
  rig_close(&r);
}

/* A timer that cannot be carried out must not keep the others from their turn. */
static void a_hopeless_timer_is_given_up(void **state) {
  (void)state;
  struct rig r;
  char many[4096] = "rule 'late' { on = 'timer', continue = true, message = 'x', set = {";
  for (int k = 0; k < 40; k++) snprintf(many + strlen(many), sizeof many - strlen(many), "f%d = 1,", k);
  strcat(many, "}, incr = {");
  for (int k = 0; k < 24; k++) snprintf(many + strlen(many), sizeof many - strlen(many), "g%d = 1,", k);
  strcat(many, "}, tag = {");
  for (int k = 0; k < 64; k++) snprintf(many + strlen(many), sizeof many - strlen(many), "'t%d',", k);
  strcat(many, "} }\nrule 'set' { on = 'join', run = function(e) e:after('1s', 'late') end }\n");
  rig_open(&r, many, plain());
  decide(&r, "1", "join", "u1", "");
  for (int i = 0; i < 3 && weir_next_due(r.engine) != INT64_MAX; i++) {
    r.now = weir_next_due(r.engine);
    assert_int_equal(weir_tick(r.engine, r.now, &r.verdict, &r.err), WEIR_OK);
  }
  assert_true(weir_next_due(r.engine) == INT64_MAX);
  comment(&r, "2", "u1", "x");
  rig_close(&r);
}

static void commit_and_acknowledge(struct rig *r) {
  weir_record record;
  assert_int_equal(weir_commit(r->engine, &r->err), WEIR_OK);
  while (weir_next_record(r->engine, &record, &r->err) == WEIR_OK) {
    uint64_t seq = record.seq;
    assert_int_equal(weir_ack(r->engine, S("douyin/papers"), seq, &r->err), WEIR_OK);
  }
}

/* What finds no room in the transaction is refused, once, and counts when it is given again and decided, once. */
static void what_is_refused_counts_once(void **state) {
  (void)state;
  struct rig r;
  char tags[512] = "", rules[2048], id[16]; /* many: each takes some of the transaction's room */
  for (int k = 0; k < 60; k++) snprintf(tags + strlen(tags), sizeof tags - strlen(tags), "'t%d',", k);
  snprintf(rules, sizeof rules,
           "account 'douyin/papers' { push = true }\n"
           "rule 'bad' { on = 'comment', any = true, continue = true, run = function(e) e:tag(nil) end }\n"
           "rule 'many' { on = 'comment', any = true, message = 'a', tag = { %s } }\n"
           "rule 'late' { on = 'timer', message = 'b', tag = { %s } }\n"
           "rule 'set' { on = 'join', run = function(e) e:after('1s', 'late') end }\n", tags, tags);
  rig_open(&r, rules, (weir_config){ .batch = true, .state_memory = 1 << 20 });
  weir_stats s = { .struct_size = sizeof s };
  uint64_t refused = 0, done = 0;
  for (uint64_t i = 0; i < 40; i++) {
    snprintf(id, sizeof id, "u%d", (int)i);
    weir_event e = event_of(&r, id, "comment", id, "hello");
    weir_status st = weir_decide(r.engine, &e, r.now, &r.verdict, &r.err);
    if (st == WEIR_E_FULL) {
      assert_non_null(strstr(r.err.message, "undo log"));
      refused++;
      commit_and_acknowledge(&r);
      st = weir_decide(r.engine, &e, r.now, &r.verdict, &r.err);
    }
    assert_int_equal(st, WEIR_OK);
    weir_engine_stats(r.engine, &s);
    assert_true(s.events == i + 1 && s.decided == i + 1 && s.actions == 2 * (i + 1) && s.script_errors == i + 1 && s.refused == refused);
  }
  assert_true(refused > 0);
  commit_and_acknowledge(&r);

  for (int i = 0; i < 40; i++) {
    snprintf(id, sizeof id, "j%d", i);
    decide(&r, id, "join", id, "");
    commit_and_acknowledge(&r);
  }
  r.now += 1000;
  refused = 0;
  while (weir_next_due(r.engine) <= r.now) {
    uint64_t before = s.refused;
    weir_status st = weir_tick(r.engine, r.now, &r.verdict, &r.err);
    weir_engine_stats(r.engine, &s);
    if (st == WEIR_OK) done++;
    else assert_true(st == WEIR_E_FULL && s.refused == before + 1 && ++refused < 40);
    assert_true(s.timers == done && s.actions == 2 * (40 + done));
    if (st) commit_and_acknowledge(&r);
  }
  assert_true(refused > 0 && done == 40);
  rig_close(&r);
}

/* Long accounts, causes and contacts: a group is never cut. */
static void a_group_takes_the_largest_decisions(void **state) {
  (void)state;
  struct rig r;
  char name[129], rules[6000] = "account 'douyin/papers' { push = true }\nrule 'long' { on = 'comment', any = true, continue = true, message = '";
  memset(name, '"', 128);
  name[128] = '\0';
  for (int i = 0; i < 4000; i++) strcat(rules, "x");
  strcat(rules, "', reply = '");
  for (int i = 0; i < 1000; i++) strcat(rules, "y");
  strcat(rules, "' }\n");
  rig_open(&r, rules, (weir_config){ .batch = true });
  int decided = 0, records = 0;
  for (int i = 0; i < 300; i++) {
    char id[129];
    memcpy(id, name, sizeof id);
    id[0] = (char)('a' + i % 26);
    id[1] = (char)('a' + i / 26);
    weir_event e = event_of(&r, id, "comment", name, "x");
    weir_status st = weir_decide(r.engine, &e, r.now, &r.verdict, &r.err);
    if (st == WEIR_E_FULL) {
      assert_int_equal(weir_commit(r.engine, &r.err), WEIR_OK);
      weir_record record;
      while (weir_next_record(r.engine, &record, &r.err) == WEIR_OK) {
        records++;
        char *claims = malloc(70000);
        size_t len = 0;
        assert_int_equal(weir_record_claims(record.jws, claims, 70000, &len, &r.err), WEIR_OK);
        assert_memory_equal(claims + len - 2, "]}", 2);
        free(claims);
        assert_int_equal(weir_ack(r.engine, S("douyin/papers"), record.seq, &r.err), WEIR_OK);
      }
      st = weir_decide(r.engine, &e, r.now, &r.verdict, &r.err);
    }
    assert_int_equal(st, WEIR_OK);
    decided += r.verdict.result == WEIR_RESULT_DECIDED;
  }
  assert_int_equal(decided, 300);
  assert_true(records > 3);
  rig_close(&r);
}

static void the_verdict_keeps_nothing_of_the_caller(void **state) {
  (void)state;
  struct rig r;
  char json[] = "{\"id\":\"c7\",\"time\":1795309200000,\"channel\":\"douyin\",\"account\":\"papers\",\"type\":\"comment\",\"contact\":{\"id\":\"u1\"},\"text\":\"pdf\"}";
  rig_open(&r, "rule 'a' { on = 'comment', keywords = { 'pdf' }, reply = 'a' }\n", plain());
  assert_int_equal(weir_decide_json(r.engine, (weir_str){ json, strlen(json) }, r.now, &r.verdict, &r.err), WEIR_OK);
  memset(json, '#', sizeof json);
  assert_int_equal(r.verdict.cause.len, 2);
  assert_memory_equal(r.verdict.cause.ptr, "c7", 2);
  assert_memory_equal(r.verdict.contact.ptr, "u1", 2);
  rig_close(&r);
}

/* What people call themselves is theirs: it is cleaned, and they are answered. Ids are the platform's. */
static void an_odd_name_is_cleaned_and_answered(void **state) {
  (void)state;
  static const char rules[] = "rule 'hi' { on = 'comment', any = true, run = function(e) e:reply((e.person.name or 'nobody') .. ' ' .. #(e.person.name or '')) end }\n";
  const struct {
    weir_str name;
    const char *said;
  } names[] = { { S("L\x01i\x07n\x7f"), "Lin 3" }, { S("\xe2\x80\xaegnaW"), "gnaW 4" }, { S("\xe2\x81\xa7\xc2\x9bWang"), "Wang 4" }, { S("\tLi\r\nHua "), "Li Hua 6" },
                { S("小\0红"), "小红 6" }, { S("\x01\x02"), "小红 6" }, { S(""), "小红 6" } }; /* of the last two nothing is left: the one he had counts */
  struct rig r;
  rig_open(&r, rules, (weir_config){ 0 });
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char id[8];
    snprintf(id, sizeof id, "n%zu", i);
    weir_event e = event_of(&r, id, "comment", "u1", "hello");
    e.contact_name = names[i].name;
    assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_OK);
    assert_action(&r, 0, "reply", names[i].said);
  }
  weir_str json = S("{\"id\":\"j1\",\"time\":1795309200000,\"channel\":\"douyin\",\"account\":\"papers\",\"type\":\"comment\","
                    "\"contact\":{\"id\":\"u2\",\"name\":\"A\\u0000\\u202eB\"},\"text\":\"hello\"}");
  assert_int_equal(weir_decide_json(r.engine, json, r.now, &r.verdict, &r.err), WEIR_OK);
  assert_action(&r, 0, "reply", "AB 2");
  weir_event e = event_of(&r, "odd", "comment", "u\x01", "hello");
  assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_E_EVENT);
  e = event_of(&r, "odd", "comment", "u1", "hello");
  e.contact_name = S("\xff");
  assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_E_FORMAT);
  rig_close(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_odd_name_is_cleaned_and_answered),
    cmocka_unit_test(first_rule_that_passes_ends_the_search),
    cmocka_unit_test(after_continue_the_state_before_the_event_is_seen),
    cmocka_unit_test(the_same_event_again_is_a_repeat),
    cmocka_unit_test(our_own_doing_is_never_answered),
    cmocka_unit_test(a_limit_is_neither_yes_nor_no),
    cmocka_unit_test(handlers_act_decline_fail_and_are_killed),
    cmocka_unit_test(a_full_pool_silences_the_rule_that_promises_it),
    cmocka_unit_test(timers_fire_when_due_and_are_asked_again),
    cmocka_unit_test(a_dry_engine_changes_nothing),
    cmocka_unit_test(strangers_leave_no_trace),
    cmocka_unit_test(a_group_shares_a_record_and_an_account_has_its_own),
    cmocka_unit_test(a_full_outbox_refuses_loudly_and_goes_on_after_an_ack),
    cmocka_unit_test(a_swap_keeps_the_state),
    cmocka_unit_test(old_events_are_refused_once_marks_may_be_gone),
    cmocka_unit_test(wrong_calls_and_wrong_events),
    cmocka_unit_test(the_bound_is_what_is_taken),
    cmocka_unit_test(what_fuzzing_found),
    cmocka_unit_test(a_first_time_is_once),
    cmocka_unit_test(stop_is_confirmed_once),
    cmocka_unit_test(ones_own_code_is_not_used_up),
    cmocka_unit_test(joining_never_moves_back),
    cmocka_unit_test(a_join_goes_with_its_event),
    cmocka_unit_test(a_link_joins_whoever_is_known),
    cmocka_unit_test(a_hopeless_timer_is_given_up),
    cmocka_unit_test(what_is_refused_counts_once),
    cmocka_unit_test(a_group_takes_the_largest_decisions),
    cmocka_unit_test(the_verdict_keeps_nothing_of_the_caller),
    cmocka_unit_test(a_deadline_leaves_the_event_undecided),
    cmocka_unit_test(a_struck_event_leaves_nothing),
    cmocka_unit_test(times_never_run_backwards),
    cmocka_unit_test(a_rollback_takes_all_of_the_group_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
