/* What handlers call: the same forms as in rules but for templates, "after", and errors that leave nothing half done. */
#include "decide_help.h"

#include "script/script.h"

#define RULE "'rule':'shop/ask'"

static bool failed;
static char bad[256];

static struct weir_call call(const char *verb, const char *arg) {
  struct weir_call made = { .verb = weir_str_of(verb) };
  if (arg) made.args[made.arg_cnt++] = *V(arg);
  return made;
}

static struct weir_call after(const char *when, const char *name) {
  struct weir_call made = call("after", when);
  made.args[made.arg_cnt++] = *V(name);
  return made;
}

/* Runs the calls for a comment under the rule at hand (gates of `rule_text`). */
static void calls(const char *rule_text, const struct weir_call *made, uint32_t cnt) {
  read_rule(rule_text);
  rule.handler = 0;
  rule.kinds = UINT32_C(1) << WEIR_EVENT_COMMENT;
  comment("u1", "see evil.com");
  begin(WEIR_EVENT_COMMENT, NOW);
  if (weir_decide_calls(&d, made, cnt, &failed, bad, sizeof bad, &err) != WEIR_OK) fail_msg("calls: %s", err.message);
}

static const char *error_of(struct weir_call made) {
  calls("{}", &made, 1);
  assert_true(failed);
  assert_int_equal(d.changes.cnt, 1);
  assert_int_equal(d.action_cnt + d.dropped_cnt + d.waiting_cnt + d.trace.cnt, 0);
  return bad;
}

static void verbs(void **state) {
  (void)state;
  struct weir_call made[] = { call("reply", "'{code} {{ you said evil.com, see shop.example'"),
                              call("message", "['a']"),
                              call("follow", NULL),
                              call("like", "null"),
                              call("tag", "'x'"),
                              call("set", "{'city':'{code}','n':2}"),
                              call("deliver", "{'file':'p.pdf','text':'for you'}") };
  calls("{'once':true}", made, 7);
  assert_false(failed);
  assert_string_equal(bad, "");
  assert_string_equal(written(), "{'n':1,'kind':'reply'," RULE ",'to':'c1','text':'{code} {{ you said  , see shop.example'},"
                                 "{'n':2,'kind':'message'," RULE ",'text':'a'},{'n':3,'kind':'follow'," RULE "},"
                                 "{'n':4,'kind':'like'," RULE ",'to':'c1'},{'n':5,'kind':'tag'," RULE ",'add':['x']},"
                                 "{'n':6,'kind':'set'," RULE ",'fields':{'city':'{code}','n':2}},"
                                 "{'n':7,'kind':'deliver'," RULE ",'file':'p.pdf','text':'for you'}");
  assert_int_equal(changes_of(WEIR_CHANGE_CODE), 0);
  assert_int_equal(changes_of(WEIR_CHANGE_CLAIM), 0); /* not yet */
  assert_int_equal(d.trace.items[0].reason, WEIR_REASON_FIRED);
  fire();
  assert_int_equal(changes_of(WEIR_CHANGE_CLAIM), 1);
  assert_int_equal(d.action_cnt, 7);
}

static void no_calls(void **state) {
  (void)state;
  calls("{'once':true}", NULL, 0);
  assert_false(failed);
  assert_true(traced(WEIR_REASON_FIRED, ""));
  fire();
  assert_int_equal(changes_of(WEIR_CHANGE_CLAIM), 1); /* it fired */
}

static void all_dropped(void **state) {
  (void)state;
  run("{'opt_out':true}", "u1", "hi");
  keep();
  struct weir_call made[] = { call("reply", "'a'"), call("follow", NULL) };
  calls("{'once':true}", made, 2);
  fire();
  assert_int_equal(d.dropped_cnt, 2);
  assert_int_equal(changes_of(WEIR_CHANGE_CLAIM), 0);
}

static void confirming_an_opt_out(void **state) {
  (void)state;
  struct weir_call made[] = { call("message", "{'text':'bye','after':'1h'}"), call("opt_out", NULL) };
  calls("{}", made, 2);
  fire();
  assert_int_equal(d.action_cnt, 2);
  assert_int_equal(d.waiting_cnt, 0);
  assert_false(d.opting_out);
}

static void one_reply_an_event(void **state) {
  (void)state;
  struct weir_call made[] = { call("reply", "'a'"), call("reply", "'b'") };
  calls("{}", made, 2);
  assert_int_equal(d.action_cnt, 1);
  assert_int_equal(d.dropped_cnt, 1);
}

static void same_call_twice_chooses_anew(void **state) {
  (void)state;
  bool differ = false;
  for (int i = 0; i < 32 && !differ; i++) {
    struct weir_call made[] = { call("deliver", "{'file':'p','text':['a','b']}"),
                                call("deliver", "{'file':'p','text':['a','b']}") };
    calls("{}", made, 2);
    differ = !weir_str_eq(actions[0].text, actions[1].text);
  }
  assert_true(differ);
}

static void after_sets_a_timer(void **state) {
  (void)state;
  struct weir_call made[] = { after("'2h'", "'offer the group'"), after("'1m..2m'", "'offer the group'") };
  calls("{'once':true}", made, 2);
  assert_false(failed);
  assert_int_equal(changes_of(WEIR_CHANGE_TIMER), 2);
  const struct weir_timer *timer = change_of(WEIR_CHANGE_TIMER, 0)->timer;
  assert_int_equal(timer->kind, WEIR_TIMER_RULE);
  assert_int_equal(timer->due_ms, NOW + 2 * HOUR);
  assert_str(timer->rule, "shop/offer the group");
  assert_str(timer->cause, "c1");
  assert_str(timer->post, "v1");
  assert_int_equal(timer->occurrence, 1);
  assert_int_equal(timer->payload.len, 0);
  timer = change_of(WEIR_CHANGE_TIMER, 1)->timer;
  assert_in_range(timer->due_ms, NOW + 60000, NOW + 120000);
  assert_int_equal(timer->occurrence, 2);
  assert_true(traced(WEIR_REASON_ACTION_WAITS, "after: rule shop/offer the group in 7200 s"));
  fire();
  assert_int_equal(changes_of(WEIR_CHANGE_CLAIM), 1);
}

static void after_errors(void **state) {
  (void)state;
  assert_string_equal(error_of(after("'2h'", "'offer the grup'")),
                      "e:after: there is no rule \"offer the grup\" in this pack; did you mean \"offer the group\"?");
  assert_string_equal(error_of(after("'2h'", "'remind'")),
                      "e:after: there is no rule \"remind\" in this pack; write one with on = \"timer\"");
  assert_string_equal(error_of(after("'2h'", "'ask'")),
                      "e:after: the rule \"ask\" does not listen to timers: give it on = \"timer\"");
  assert_non_null(strstr(error_of(after("'soon'", "'offer the group'")), "e:after: \"soon\" is no time: write"));
  assert_non_null(strstr(error_of(after("7200", "'offer the group'")), "not a number"));
  assert_non_null(strstr(error_of(after("'2h'", "7")), "such as e:after("));
  assert_non_null(strstr(error_of(call("after", "'2h'")), "such as e:after("));
  assert_non_null(strstr(error_of(call("after", NULL)), "such as e:after("));
}

static void wrong_calls(void **state) {
  (void)state;
  struct weir_call two = call("tag", "'a'");
  two.args[two.arg_cnt++] = *V("'b'");
  assert_string_equal(error_of(two), "e:tag: takes one value: put several into a table, { ... }");
  assert_string_equal(error_of(call("fly", NULL)), "e:fly: there is no such verb");
  assert_string_equal(error_of(call("reply", NULL)),
                      "e:reply: true is not enough: expected a text, texts to choose one from, or { text, all, media, after, at, unless_reply }");
  assert_string_equal(error_of(call("reply", "''")), "e:reply.text: the text is empty");
  assert_string_equal(error_of(call("reply", "{'txt':'a'}")), "e:reply: knows no `txt`; did you mean `text`?");
  assert_string_equal(
      error_of(call("accept", NULL)),
      "e:accept: answers a friend request or a request to join, and this rule listens to nothing of the kind: look at its `on`");
}

static void a_wrong_call_undoes_the_good_ones(void **state) {
  (void)state;
  struct weir_call made[] = { call("reply", "'a'"), call("tag", "'x'"), call("stage", "'papers/askd'") };
  calls("{}", made, 3);
  assert_true(failed);
  assert_string_equal(bad, "e:stage: funnel \"papers\" has no stage \"askd\"; did you mean \"asked\"?");
  assert_int_equal(d.action_cnt, 0);
  assert_int_equal(d.changes.cnt, 1);
  assert_int_equal(d.trace.cnt, 0);
}

static void too_many_calls(void **state) {
  (void)state;
  struct weir_call made[WEIR_SCRIPT_CALLS_MAX + 1];
  for (size_t i = 0; i <= WEIR_SCRIPT_CALLS_MAX; i++) made[i] = call("emit", "'x'");
  calls("{}", made, WEIR_SCRIPT_CALLS_MAX);
  assert_false(failed);
  assert_int_equal(d.action_cnt, WEIR_SCRIPT_CALLS_MAX);
  calls("{}", made, WEIR_SCRIPT_CALLS_MAX + 1);
  assert_true(failed);
  assert_string_equal(bad, "e:handler: 17 calls are too many: at most 16");
}

static void small_room_for_the_message(void **state) {
  (void)state;
  struct weir_call made = call("fly", NULL);
  char tiny[8];
  read_rule("{}");
  comment("u1", "hi");
  begin(WEIR_EVENT_COMMENT, NOW);
  assert_int_equal(weir_decide_calls(&d, &made, 1, &failed, tiny, sizeof tiny, &err), WEIR_OK);
  assert_true(failed);
  assert_string_equal(tiny, "e:fly: ");
  assert_int_equal(weir_decide_calls(&d, &made, 1, &failed, tiny, 0, &err), WEIR_OK);
  assert_true(failed);
}

static void no_memory(void **state) {
  (void)state;
  struct weir_call made[] = { call("reply", "'hello'"), call("set", "{'city':'x','n':2}"), after("'2h'", "'offer the group'") };
  size_t passed = 0, ran_out = 0;
  read_rule("{}");
  comment("u1", "hi");
  for (size_t room = 0; room <= 8192; room += 32) {
    struct weir_arena small;
    begin(WEIR_EVENT_COMMENT, NOW);
    weir_arena_fixed(&small, event_block + sizeof event_block / 2, room);
    d.arena = &small;
    weir_status status = weir_decide_calls(&d, made, 3, &failed, bad, sizeof bad, &err);
    assert_false(failed);
    assert_true(status == WEIR_OK || (status == WEIR_E_NOMEM && err.status == WEIR_E_NOMEM));
    if (status == WEIR_OK) passed++;
    else ran_out++;
  }
  assert_true(passed > 10 && ran_out > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(verbs),
    TEST(no_calls),
    TEST(all_dropped),
    TEST(confirming_an_opt_out),
    TEST(one_reply_an_event),
    TEST(same_call_twice_chooses_anew),
    TEST(after_sets_a_timer),
    TEST(after_errors),
    TEST(wrong_calls),
    TEST(a_wrong_call_undoes_the_good_ones),
    TEST(too_many_calls),
    TEST(small_room_for_the_message),
    TEST(no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
