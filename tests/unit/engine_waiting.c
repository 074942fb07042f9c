/* What waits, and what happens meanwhile: quotas beside follow-ups, opt-outs and several accounts of one person. In memory and in a file. */
#include "engine_support.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static const char rules[] =
  "pack { name = 'p' }\n"
  "account 'a/one' {}\n"
  "account 'b/two' { quotas = { { action = 'message', max = 1, within = '1h' } } }\n"
  "channel 'a' {}\n"
  "channel 'b' {}\n"
  "funnel 'f' { stages = { 'asked', 'reminded', 'done' }, goal = 'done' }\n"
  "rule 'there' { on = 'message', keywords = { 'not here' }, opt_out = 'channel', message = 'not here any more' }\n"
  "rule 'out' { on = 'message', keywords = { 'stop' }, opt_out = true, message = 'you are out' }\n"
  "rule 'in' { on = 'message', keywords = { 'start' }, opt_in = true, reply = 'you are in' }\n"
  "rule 'ask' { on = 'message', keywords = { 'ask' }, stage = 'f/asked', reply = 'noted' }\n"
  "rule 'done' { on = 'message', keywords = { 'done' }, stage = 'f/done' }\n"
  "rule 'human' { on = 'message', keywords = { 'human' }, handoff = { ['for'] = '3h' } }\n"
  "rule 'burn' { on = 'message', keywords = { 'burn' }, message = 'burned' }\n"
  "rule 'paid' { on = 'purchase', stage = 'f/done' }\n"
  "rule 'taken' { on = 'x-taken', handoff = { ['for'] = '3h' } }\n"
  "rule 'cross' { on = 'message', keywords = { 'cross' }, message = { 'crossed', via = { 'b/two', 'a/one' } } }\n"
  "rule 'later' { on = 'message', keywords = { 'later' }, message = { 'later', after = '10m', via = { 'b/two', 'a/one' } } }\n"
  "rule 'only' { on = 'message', keywords = { 'only' }, message = { 'only', via = { 'b/two' } } }\n"
  "rule 'remind' { on = 'timer', follow_up = { 'f/asked', after = '2h' }, stage = 'f/reminded', message = 'still interested?' }\n";

static const char *file;

static void open_rig(struct rig *r) {
  weir_config config = { .batch = false };
  if (file) config.state = file;
  rig_open(r, rules, config);
}

/* An event on b/two, or a/one for contacts a...; records are dropped. */
static void give(struct rig *r, const char *type, const char *contact, const char *text) {
  static unsigned n;
  char id[16];
  weir_record record;
  weir_pair with = { S("with"), { text, strlen(text) } };
  bool link = strcmp(type, "link") == 0;
  snprintf(id, sizeof id, "e%u", n++);
  weir_event e = event_of(r, id, type, contact, link ? "" : text);
  e.channel = contact[0] == 'a' ? S("a") : S("b");
  e.account = contact[0] == 'a' ? S("one") : S("two");
  if (link) e.attrs = &with, e.attr_cnt = 1;
  if (weir_decide(r->engine, &e, r->now, &r->verdict, &r->err)) fail_msg("event refused: %s", r->err.message);
  while (weir_next_record(r->engine, &record, &r->err) == WEIR_OK) continue;
}

/* How often `text` is said within `most`, whatever else falls due. */
static unsigned said_within(struct rig *r, int64_t most, const char *text) {
  int64_t end = r->now + most;
  unsigned cnt = 0;
  for (int64_t due = weir_next_due(r->engine); due <= end; due = weir_next_due(r->engine)) {
    weir_record record;
    if (due > r->now) r->now = due;
    assert_int_equal(weir_tick(r->engine, r->now, &r->verdict, &r->err), WEIR_OK);
    for (size_t i = 0; i < r->verdict.action_cnt; i++) {
      weir_str said = r->verdict.actions[i].text;
      cnt += said.len == strlen(text) && memcmp(said.ptr, text, said.len) == 0;
    }
    while (weir_next_record(r->engine, &record, &r->err) == WEIR_OK) continue;
  }
  r->now = end;
  return cnt;
}

/* The step of a follow-up falls due when the account's quota is full: it waits, and is asked again when it would go. */
static void follow_up_over_quota(void **state) {
  (void)state;
  static const struct {
    const char *type, *text;
    unsigned said;
  } meanwhile[] = { { "like", "", 1 }, { "message", "hello", 0 }, { "message", "done", 0 }, { "purchase", "", 0 }, { "x-taken", "", 0 }, { "message", "stop", 0 } };
  for (size_t i = 0; i < sizeof meanwhile / sizeof *meanwhile; i++) {
    struct rig r;
    open_rig(&r);
    char who[16], other[16];
    snprintf(who, sizeof who, "b%zu", i);
    snprintf(other, sizeof other, "bother%zu", i);
    give(&r, "message", who, "ask");
    assert_int_equal(said_within(&r, 119 * MINUTE, "still interested?"), 0);
    give(&r, "message", other, "burn");
    assert_int_equal(said_within(&r, 2 * MINUTE, "still interested?"), 0); /* it waits */
    if (strcmp(meanwhile[i].type, "like") != 0) give(&r, meanwhile[i].type, who, meanwhile[i].text);
    unsigned said = said_within(&r, 10 * HOUR, "still interested?");
    if (said != meanwhile[i].said) fail_msg("%s %s: said %u times", meanwhile[i].type, meanwhile[i].text, said);
    rig_close(&r);
    if (file) unlink(file);
  }
}

/* The word that confirms an opt-out waits for its quota like every other, and goes though he is out when it may; once. */
static void confirmation_over_quota(void **state) {
  (void)state;
  struct rig r;
  open_rig(&r);
  give(&r, "message", "b1", "burn");
  r.now += MINUTE;
  give(&r, "message", "b2", "stop");
  assert_int_equal(r.verdict.action_cnt, 1); /* opt_out */
  assert_int_equal(said_within(&r, 3 * HOUR, "you are out"), 1);
  give(&r, "message", "b2", "burn");
  assert_int_equal(r.verdict.action_cnt, 0);

  /* who is in again when it would go is not told that he is out */
  give(&r, "message", "b1", "burn");
  r.now += MINUTE;
  give(&r, "message", "b3", "stop");
  give(&r, "message", "b3", "start");
  assert_action(&r, 0, "reply", "you are in");
  assert_int_equal(said_within(&r, 3 * HOUR, "you are out"), 0);
  rig_close(&r);
  if (file) unlink(file);
}

static void assert_via(const struct rig *r, const char *channel) {
  assert_true(r->verdict.action_cnt > 0);
  assert_int_equal(r->verdict.actions[0].channel.len, strlen(channel));
  assert_memory_equal(r->verdict.actions[0].channel.ptr, channel, strlen(channel));
}

/* Out on one channel of two: no account of that channel is used, wherever he writes, and the others are. */
static void via_an_account_he_is_out_of(void **state) {
  (void)state;
  struct rig r;
  open_rig(&r);
  give(&r, "message", "b1", "not here");
  assert_action(&r, 0, "message", "not here any more");
  r.now += 2 * HOUR;
  give(&r, "link", "b1", "a/one/a1");
  give(&r, "message", "a1", "cross");
  assert_action(&r, 0, "message", "crossed");
  assert_via(&r, "a");
  give(&r, "message", "a1", "only");
  assert_int_equal(r.verdict.action_cnt, 0);
  give(&r, "message", "b1", "cross");
  assert_via(&r, "a");
  give(&r, "message", "b1", "burn");
  assert_int_equal(r.verdict.action_cnt, 0);
  give(&r, "message", "a1", "later");
  assert_int_equal(said_within(&r, HOUR, "later"), 1);

  give(&r, "message", "a1", "stop"); /* everywhere */
  give(&r, "message", "b1", "cross");
  assert_int_equal(r.verdict.action_cnt, 0);
  rig_close(&r);
  if (file) unlink(file);
}

/* What waits for a quota, and what a timer sent, is told as what it is: an object. */
static void export_of_what_waits(void **state) {
  (void)state;
  struct rig r;
  char out[8192];
  size_t len;
  open_rig(&r);
  give(&r, "message", "b1", "burn");
  give(&r, "message", "b2", "ask");
  give(&r, "message", "b2", "burn");
  assert_int_equal(weir_export(r.engine, S("b"), S("two"), S("b2"), out, sizeof out - 1, &len, &r.err), WEIR_OK);
  out[len] = '\0';
  assert_non_null(strstr(out, "\"action\":{\"kind\":\"message\",\"rule\":\"p/burn\",\"text\":\"burned\"}"));
  assert_int_equal(said_within(&r, 4 * HOUR, "still interested?"), 1);
  assert_int_equal(weir_export(r.engine, S("b"), S("two"), S("b2"), out, sizeof out - 1, &len, &r.err), WEIR_OK);
  out[len] = '\0';
  assert_non_null(strstr(out, "\"action\":{\"kind\":\"message\",\"rule\":\"p/remind\""));
  for (const char *at = out; (at = strstr(at, "\"action\":")) != NULL; at++) assert_int_equal(at[strlen("\"action\":")], '{');
  rig_close(&r);
  if (file) unlink(file);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
    cmocka_unit_test(follow_up_over_quota),
    cmocka_unit_test(confirmation_over_quota),
    cmocka_unit_test(via_an_account_he_is_out_of),
    cmocka_unit_test(export_of_what_waits),
  };
  char folder[] = "/tmp/weir-test-XXXXXX", path[64];
  if (!mkdtemp(folder)) return 1;
  snprintf(path, sizeof path, "%s/state.db", folder);
  int failed = cmocka_run_group_tests_name("in memory", tests, NULL, NULL);
  file = path;
  failed += cmocka_run_group_tests_name("in a file", tests, NULL, NULL);
  unlink(path);
  rmdir(folder);
  return failed;
}
