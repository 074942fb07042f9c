/* engine_peace.c: who wants to hear nothing hears nothing, and to whom a human talks no rule speaks. */
#include "people_support.h"

static const char rules[] =
  "pack { name = 'shop', version = '1' }\n"
  "rule 'stop' { on = { 'comment', 'message' }, priority = 100, keywords = { 'stop' }, mode = 'equal', opt_out = true, reply = 'bye', message = 'bye bye', follow = true, continue = true }\n"
  "rule 'not here' { on = 'message', priority = 100, keywords = { 'not here' }, mode = 'equal', opt_out = 'channel', message = 'not here any more' }\n"
  "rule 'start' { on = 'message', priority = 100, keywords = { 'start' }, mode = 'equal', opt_in = true, message = 'welcome back', follow = true }\n"
  "rule 'later' { on = 'message', keywords = { 'later' }, message = { 'it is later', after = '10m' }, tag = 'waits' }\n"
  "rule 'soon' { on = 'message', keywords = { 'soon' }, run = function(e) e:after('5m', 'due') end }\n"
  "rule 'due' { on = 'timer', message = 'due' }\n"
  "rule 'human' { on = 'x-takeover', handoff = { ['for'] = '2h' } }\n"
  "rule 'back' { on = 'x-handback', handback = true }\n"
  "rule 'all' { on = { 'comment', 'message' }, any = true, message = 'hello' }\n";

static void one_word_and_then_silence(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, rules);
  says(&r, "wechat/li", "w1", "hi");
  assert_said("hello");
  says(&r, "wechat/li", "w1", "later");
  says(&r, "wechat/li", "w1", "STOP!");
  assert_int_equal(told.cnt, 2); /* one word, and the note that he opted out; not the second, no follow, not the next rule's */
  assert_said("bye");
  assert_string_equal(told.kind[1], "opt_out");
  says(&r, "wechat/li", "w1", "stop");
  assert_silent();
  says(&r, "wechat/li", "w1", "hi");
  assert_silent();
  r.now += HOUR;
  assert_true(tick(&r)); /* what was waiting for him */
  assert_silent();
  says(&r, "wechat/li", "w1", "start");
  assert_said("welcome back");
  assert_int_equal(told.cnt, 2); /* no follow: he was asked nothing about that */
  says(&r, "wechat/li", "w1", "hi");
  assert_said("hello");
  story_close(&r);
}

static void everywhere_means_later_channels_too(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, rules);
  says(&r, "wechat/li", "w1", "hi");
  says(&r, "douyin/papers", "u1", "stop");
  happens(&r, "wechat/li", "link", "w1", "", "douyin/papers/u1", NULL);
  says(&r, "wechat/li", "w1", "hi");
  assert_silent();
  happens(&r, "mail/shop", "link", "m1", "", "wechat/li/w1", NULL);
  says(&r, "mail/shop", "m1", "hi");
  assert_silent();
  happens(&r, "mail/shop", "unlink", "m1", "", NULL, NULL);
  says(&r, "mail/shop", "m1", "hi");
  assert_silent(); /* parting opts nobody in */
  says(&r, "wechat/li", "w1", "start");
  says(&r, "douyin/papers", "u1", "hi");
  assert_said("hello");
  story_close(&r);
}

static void a_channel_alone_can_be_silenced(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, rules);
  says(&r, "wechat/li", "w1", "hi");
  says(&r, "douyin/papers", "u1", "hi");
  happens(&r, "wechat/li", "link", "w1", "", "douyin/papers/u1", NULL);
  says(&r, "wechat/li", "w1", "not here");
  assert_said("not here any more");
  says(&r, "wechat/li", "w1", "hi");
  assert_silent();
  says(&r, "douyin/papers", "u1", "hi");
  assert_said("hello");
  says(&r, "wechat/wang", "w9", "hi");
  happens(&r, "wechat/wang", "link", "w9", "", "wechat/li/w1", NULL);
  says(&r, "wechat/wang", "w9", "hi"); /* the same channel, another account */
  assert_silent();
  says(&r, "douyin/papers", "u1", "start");
  says(&r, "wechat/li", "w1", "hi");
  assert_said("hello");
  story_close(&r);
}

static void it_outlives_forgetting_and_reload(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, rules);
  says(&r, "wechat/li", "w1", "stop");
  says(&r, "wechat/wang", "w2", "not here");
  assert_int_equal(weir_forget(r.engine, S("wechat"), S("li"), S("w1"), &r.err), WEIR_OK);
  assert_int_equal(weir_forget(r.engine, S("wechat"), S("wang"), S("w2"), &r.err), WEIR_OK);
  weir_ruleset *again = rules_of(rules);
  assert_int_equal(weir_swap(r.engine, again, &r.err), WEIR_OK);
  weir_ruleset_free(r.rules);
  r.rules = again;
  kill_and_start(&r);
  says(&r, "wechat/li", "w1", "hi");
  assert_silent();
  says(&r, "wechat/wang", "w2", "hi");
  assert_silent();
  says(&r, "wechat/li", "w1", "start");
  assert_said("welcome back");
  story_close(&r);
}

/* A store in memory lets idle people go; that they opted out it keeps. */
static void it_outlives_eviction(void **state) {
  (void)state;
  struct rig r;
  char id[16];
  if (on_disk) return; /* nobody is evicted there */
  rig_open(&r, "rule 'stop' { on = 'message', keywords = { 'stop' }, opt_out = true, message = 'bye' }\n"
               "rule 'all' { on = { 'message', 'comment' }, any = true, message = 'hello', tag = 't' }\n", (weir_config){ .state_memory = 1u << 20 });
  decide(&r, "first", "message", "w1", "stop");
  for (int i = 0; i < 600; i++) {
    weir_record record;
    r.now += 9 * DAY; /* what was answered long ago is not kept */
    snprintf(id, sizeof id, "u%d", i);
    decide(&r, id, "message", id, "hi");
    while (weir_next_record(r.engine, &record, &r.err) == WEIR_OK) assert_int_equal(weir_ack(r.engine, record.aud, record.seq, &r.err), WEIR_OK);
  }
  assert_true(stats_of(&r).persons < 600);
  decide(&r, "last", "message", "w1", "hi");
  assert_int_equal(r.verdict.action_cnt, 0);
  rig_close(&r);
}

/* ---- take-over */

static void while_a_human_talks_timers_wait(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, rules);
  says(&r, "wechat/li", "w1", "later");
  says(&r, "wechat/li", "w1", "soon");
  happens(&r, "wechat/li", "x-takeover", "w1", "", NULL, NULL);
  assert_string_equal(told.kind[0], "handoff");
  says(&r, "wechat/li", "w1", "hi");
  assert_silent();
  says(&r, "wechat/li", "w2", "hi"); /* others are spoken to */
  assert_said("hello");
  for (int i = 0; i < 18; i++) { /* an hour and a half, asked again and again */
    r.now += 5 * 60 * 1000;
    while (tick(&r)) assert_silent();
    if (i % 5 == 0) kill_and_start(&r);
  }
  happens(&r, "wechat/li", "x-handback", "w1", "", NULL, NULL);
  assert_string_equal(told.kind[0], "handback");
  r.now += 6 * 60 * 1000;
  int late = 0, due = 0;
  while (tick(&r)) late += strcmp(told.text[0], "it is later") == 0, due += strcmp(told.text[0], "due") == 0;
  assert_true(late == 1 && due == 1); /* each once */
  says(&r, "wechat/li", "w1", "hi");
  assert_said("hello");
  story_close(&r);
}

static void an_echo_that_nothing_explains_is_a_human(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, rules);
  says(&r, "wechat/li", "w1", "hi");
  happens(&r, "wechat/li", "echo", "w1", "written by hand", NULL, NULL);
  assert_int_equal(told.result, WEIR_RESULT_IGNORED);
  says(&r, "wechat/li", "w1", "hi"); /* not yet: the outcome may be on its way */
  assert_said("hello");
  r.now += 60 * 1000;
  assert_true(tick(&r));
  assert_traced("a human took over");
  says(&r, "wechat/li", "w1", "hi");
  assert_silent();
  r.now += 12 * HOUR;
  says(&r, "wechat/li", "w1", "hi");
  assert_said("hello");
  story_close(&r);
}

static void our_own_echo_is_none(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, rules);
  weir_event ask = event_of(&r, "e1", "message", "wx1", "hi");
  assert_int_equal(weir_decide(r.engine, &ask, r.now, &r.verdict, &r.err), WEIR_OK);
  char id[64];
  snprintf(id, sizeof id, "%.*s", (int)r.verdict.id.len, r.verdict.id.ptr);
  weir_event echo = event_of(&r, "platform-7", "echo", "wx1", "hello");
  assert_int_equal(weir_decide(r.engine, &echo, r.now, &r.verdict, &r.err), WEIR_OK); /* before the outcome that explains it */
  kill_and_start(&r);
  weir_event outcome = event_of(&r, "o1", "outcome", "wx1", "");
  outcome.outcome = (weir_event_outcome){ .decision = { id, strlen(id) }, .n = 1, .status = S("sent"), .platform_id = S("platform-7") };
  assert_int_equal(weir_decide(r.engine, &outcome, r.now, &r.verdict, &r.err), WEIR_OK);
  r.now += 61 * 1000;
  while (tick(&r)) continue;
  assert_int_equal(stats_of(&r).takeovers, 0);
  weir_event again = event_of(&r, "e2", "message", "wx1", "hi");
  assert_int_equal(weir_decide(r.engine, &again, r.now, &r.verdict, &r.err), WEIR_OK);
  assert_int_equal(r.verdict.action_cnt, 1);
  story_close(&r);
}

static const struct CMUnitTest tests[] = {
  STORY(one_word_and_then_silence),
  STORY(everywhere_means_later_channels_too),
  STORY(a_channel_alone_can_be_silenced),
  STORY(it_outlives_forgetting_and_reload),
  STORY(it_outlives_eviction),
  STORY(while_a_human_talks_timers_wait),
  STORY(an_echo_that_nothing_explains_is_a_human),
  STORY(our_own_echo_is_none),
};
RUN_ON_BOTH(tests)
