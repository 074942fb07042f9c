/* engine_outcome.c: what executors say of actions, through the public API: claims kept, given back and held, retries and their end,
 * echoes, repeats, contradictions, and what happens in between. */
#include "engine_support.h"

static weir_config plain(void) { return (weir_config){ .struct_size = sizeof(weir_config) }; }

static const char ask[] = "rule 'ask' { on = 'comment', keywords = { 'pdf' }, once = true, cooldown = '1h', reply = 'yes', message = 'look' }\n"
                          "rule 'stop' { on = 'comment', keywords = { 'stop' }, opt_out = true }\n";
static const char one[] = "rule 'ask' { on = 'comment', keywords = { 'pdf' }, once = true, reply = 'yes' }\n"
                          "rule 'stop' { on = 'comment', keywords = { 'stop' }, opt_out = true }\n";

/* The decision at hand. */
struct id {
  char text[32];
};
static struct id id_of(const struct rig *r) {
  struct id id;
  assert_int_equal(r->verdict.id.len, 22);
  snprintf(id.text, sizeof id.text, "%.*s", (int)r->verdict.id.len, r->verdict.id.ptr);
  return id;
}

static weir_event outcome_of(const struct rig *r, const char *event, const struct id *id, uint32_t n, const char *status, int64_t retry_after_ms) {
  weir_event e = event_of(r, event, "outcome", "", "");
  e.contact_name = e.post = (weir_str){ NULL, 0 };
  e.outcome = (weir_event_outcome){ .decision = { id->text, strlen(id->text) }, .n = n, .status = { status, strlen(status) },
                                    .retry_after_ms = retry_after_ms };
  return e;
}

static weir_result give(struct rig *r, const weir_event *e) {
  if (weir_decide(r->engine, e, r->now, &r->verdict, &r->err)) fail_msg("outcome refused: %s", r->err.message);
  assert_int_equal(r->verdict.action_cnt, 0);
  return r->verdict.result;
}
static weir_result tell_later(struct rig *r, const char *event, const struct id *id, uint32_t n, const char *status, int64_t retry_after_ms) {
  weir_event e = outcome_of(r, event, id, n, status, retry_after_ms);
  return give(r, &e);
}
static weir_result tell(struct rig *r, const char *event, const struct id *id, uint32_t n, const char *status) {
  return tell_later(r, event, id, n, status, 0);
}

static void assert_traced(const struct rig *r, const char *part) {
  for (size_t i = 0; i < r->verdict.trace_cnt; i++) {
    char detail[256];
    snprintf(detail, sizeof detail, "%.*s", (int)r->verdict.trace[i].detail.len, r->verdict.trace[i].detail.ptr);
    if (r->verdict.trace[i].reason == WEIR_REASON_OUTCOME && strstr(detail, part)) return;
  }
  fail_msg("no trace line says \"%s\"", part);
}

static weir_stats stats_of(const struct rig *r) {
  weir_stats s = { .struct_size = sizeof s };
  weir_engine_stats(r->engine, &s);
  assert_int_equal(s.events, s.decided + s.nothing + s.repeats + s.ignored + s.undecided);
  return s;
}

/* Whether the rule still answers this person. */
static bool answered(struct rig *r, const char *event, const char *contact) {
  comment(r, event, contact, "pdf");
  return r->verdict.action_cnt > 0;
}

static void tick(struct rig *r) {
  if (weir_tick(r->engine, r->now, &r->verdict, &r->err) != WEIR_OK) fail_msg("tick: %s", r->err.message);
}
static void no_timer(struct rig *r) { assert_true(weir_next_due(r->engine) == INT64_MAX); }

/* The claims of the record handed out last. */
static const char *last_record(struct rig *r) {
  static char claims[65536];
  weir_record record;
  size_t len = 0;
  claims[0] = '\0';
  while (weir_next_record(r->engine, &record, &r->err) == WEIR_OK) {
    assert_int_equal(weir_record_claims(record.jws, claims, sizeof claims - 1, &len, &r->err), WEIR_OK);
    claims[len] = '\0';
  }
  return claims;
}

/* ---- sent and unconfirmed */

static void sent_keeps_the_claim_and_is_the_last_word(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, ask, plain());
  comment(&r, "1", "u1", "pdf");
  assert_int_equal(r.verdict.action_cnt, 2);
  struct id id = id_of(&r);
  assert_int_equal(tell(&r, "o1", &id, 1, "sent"), WEIR_RESULT_NOTHING);
  assert_traced(&r, "sent");
  assert_true(r.verdict.contact.len == 2 && memcmp(r.verdict.contact.ptr, "u1", 2) == 0);
  assert_int_equal(tell(&r, "o2", &id, 1, "rejected"), WEIR_RESULT_IGNORED);
  assert_traced(&r, "sent already");
  assert_int_equal(tell_later(&r, "o3", &id, 1, "rejected", 1000), WEIR_RESULT_IGNORED);
  assert_int_equal(tell(&r, "o4", &id, 1, "unconfirmed"), WEIR_RESULT_IGNORED);
  assert_int_equal(tell(&r, "o5", &id, 2, "rejected"), WEIR_RESULT_NOTHING); /* the other one; the rule arrived in part */
  no_timer(&r);
  assert_false(answered(&r, "2", "u1"));
  weir_stats s = stats_of(&r);
  assert_true(s.sent == 1 && s.rejected == 1 && s.unconfirmed == 0 && s.claims_returned == 0);
  rig_close(&r);
}

static void unconfirmed_is_held_and_never_sent_again(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, one, plain());
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  assert_int_equal(tell_later(&r, "o1", &id, 1, "unconfirmed", 5000), WEIR_RESULT_NOTHING);
  no_timer(&r);
  assert_false(answered(&r, "2", "u1"));
  assert_int_equal(tell(&r, "o2", &id, 1, "unconfirmed"), WEIR_RESULT_IGNORED);
  assert_int_equal(tell(&r, "o3", &id, 1, "rejected"), WEIR_RESULT_NOTHING); /* now it is known */
  assert_traced(&r, "may fire for this person again");
  assert_true(answered(&r, "3", "u1"));
  id = id_of(&r);
  assert_int_equal(tell(&r, "o4", &id, 1, "unconfirmed"), WEIR_RESULT_NOTHING);
  assert_int_equal(tell(&r, "o5", &id, 1, "sent"), WEIR_RESULT_NOTHING);
  assert_false(answered(&r, "4", "u1"));
  rig_close(&r);
}

/* ---- rejected for good */

static void claims_come_back_when_nothing_arrived(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, ask, plain());
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  comment(&r, "2", "u2", "pdf");
  assert_int_equal(tell(&r, "o1", &id, 1, "rejected"), WEIR_RESULT_NOTHING);
  assert_false(answered(&r, "3", "u1")); /* the message is still open */
  assert_int_equal(tell(&r, "o2", &id, 2, "rejected"), WEIR_RESULT_NOTHING);
  assert_traced(&r, "may fire for this person again");
  assert_false(answered(&r, "4", "u2")); /* nobody else's */
  comment(&r, "1", "u1", "pdf");
  assert_int_equal(r.verdict.result, WEIR_RESULT_REPEAT); /* the event itself stays answered */
  assert_true(answered(&r, "5", "u1"));                   /* once and cooldown were given back */
  assert_int_equal(r.verdict.action_cnt, 2);
  assert_false(answered(&r, "6", "u1"));
  assert_int_equal(stats_of(&r).claims_returned, 1);
  rig_close(&r);
}

static void sent_after_rejected_is_believed(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, one, plain());
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  assert_int_equal(tell(&r, "o1", &id, 1, "rejected"), WEIR_RESULT_NOTHING);
  assert_int_equal(tell(&r, "o2", &id, 1, "unconfirmed"), WEIR_RESULT_IGNORED);
  assert_int_equal(tell(&r, "o3", &id, 1, "rejected"), WEIR_RESULT_IGNORED);
  assert_int_equal(tell(&r, "o4", &id, 1, "sent"), WEIR_RESULT_NOTHING);
  assert_int_equal(tell(&r, "o5", &id, 1, "rejected"), WEIR_RESULT_IGNORED);
  assert_true(answered(&r, "2", "u1")); /* what was given back is not taken again */
  rig_close(&r);
}

static void a_joined_persons_claims_come_back_too(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, one, plain());
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  comment(&r, "2", "wx2", "pdf");
  weir_event link = event_of(&r, "l", "link", "u1", "");
  const weir_pair with = { S("with"), S("wechat/li/wx2") };
  link.attrs = &with;
  link.attr_cnt = 1;
  assert_int_equal(weir_decide(r.engine, &link, r.now, &r.verdict, &r.err), WEIR_OK);
  assert_int_equal(tell(&r, "o1", &id, 1, "rejected"), WEIR_RESULT_NOTHING);
  assert_false(answered(&r, "3", "u1")); /* his other half was answered; of both claims the later made counts */
  rig_close(&r);
}

/* ---- retries */

static void a_retry_is_a_new_decision_of_the_same_cause(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, one, plain());
  comment(&r, "1", "u1", "pdf");
  struct id first = id_of(&r);
  (void)last_record(&r);
  assert_int_equal(tell_later(&r, "o1", &first, 1, "rejected", 30000), WEIR_RESULT_NOTHING);
  assert_traced(&r, "tried again in 30 s");
  assert_true(weir_next_due(r.engine) == r.now + 30000);
  assert_int_equal(tell_later(&r, "o2", &first, 1, "rejected", 1000), WEIR_RESULT_IGNORED);
  assert_false(answered(&r, "2", "u1"));
  r.now += 30000;
  tick(&r);
  assert_int_equal(r.verdict.result, WEIR_RESULT_DECIDED);
  assert_action(&r, 0, "reply", "yes");
  assert_true(r.verdict.cause.len == 1 && r.verdict.cause.ptr[0] == '1');
  struct id second = id_of(&r);
  assert_string_not_equal(first.text, second.text);
  char wanted[128];
  snprintf(wanted, sizeof wanted, "\"id\":\"%s\",\"cause\":\"1\",\"retry_of\":\"%s\",\"contact\":\"u1\"", second.text, first.text);
  if (!strstr(last_record(&r), wanted)) fail_msg("the record does not say %s", wanted);
  no_timer(&r);
  assert_int_equal(tell(&r, "o3", &second, 1, "sent"), WEIR_RESULT_NOTHING);
  assert_false(answered(&r, "3", "u1"));
  assert_int_equal(stats_of(&r).retries, 1);
  rig_close(&r);
}

static void retries_wait_longer_each_time_and_end(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, one, plain());
  comment(&r, "1", "u1", "pdf");
  int64_t delay = 60000;
  char event[16];
  for (int i = 0; i < 5; i++, delay *= 2) {
    struct id id = id_of(&r);
    snprintf(event, sizeof event, "o%d", i);
    assert_int_equal(tell_later(&r, event, &id, 1, "rejected", 60000), WEIR_RESULT_NOTHING);
    assert_true(weir_next_due(r.engine) == r.now + delay);
    r.now += delay;
    tick(&r);
    assert_int_equal(r.verdict.action_cnt, 1);
  }
  struct id id = id_of(&r);
  assert_false(answered(&r, "2", "u1"));
  assert_int_equal(tell_later(&r, "last", &id, 1, "rejected", 60000), WEIR_RESULT_NOTHING);
  assert_traced(&r, "may fire for this person again");
  no_timer(&r);
  assert_true(answered(&r, "3", "u1"));
  assert_int_equal(stats_of(&r).retries, 5);
  rig_close(&r);
}

static void the_longest_wait_is_a_day(void **state) {
  (void)state;
  static const int64_t day = INT64_C(86400000);
  struct rig r;
  rig_open(&r, one, plain());
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  assert_int_equal(tell_later(&r, "o1", &id, 1, "rejected", day), WEIR_RESULT_NOTHING);
  assert_true(weir_next_due(r.engine) == r.now + day);
  r.now += day;
  tick(&r);
  id = id_of(&r);
  assert_int_equal(tell_later(&r, "o2", &id, 1, "rejected", day), WEIR_RESULT_NOTHING);
  assert_true(weir_next_due(r.engine) == r.now + day); /* not two */
  comment(&r, "2", "u2", "pdf");
  id = id_of(&r);
  assert_int_equal(tell_later(&r, "o3", &id, 1, "rejected", day + 1), WEIR_RESULT_NOTHING);
  assert_traced(&r, "may fire for this person again");
  comment(&r, "3", "u3", "pdf");
  id = id_of(&r);
  assert_int_equal(tell_later(&r, "o4", &id, 1, "rejected", -5), WEIR_RESULT_NOTHING);
  assert_traced(&r, "may fire for this person again");
  rig_close(&r);
}

static void two_actions_are_tried_again_each_for_itself(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, ask, plain());
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  assert_int_equal(tell_later(&r, "o1", &id, 1, "rejected", 1000), WEIR_RESULT_NOTHING);
  assert_int_equal(tell_later(&r, "o2", &id, 2, "rejected", 1000), WEIR_RESULT_NOTHING);
  r.now += 1000;
  tick(&r);
  assert_action(&r, 0, "reply", "yes");
  struct id reply = id_of(&r);
  tick(&r);
  assert_action(&r, 0, "message", "look");
  struct id message = id_of(&r);
  assert_string_not_equal(reply.text, message.text);
  assert_int_equal(tell(&r, "o3", &reply, 1, "rejected"), WEIR_RESULT_NOTHING);
  assert_int_equal(tell(&r, "o4", &message, 1, "unconfirmed"), WEIR_RESULT_NOTHING);
  assert_false(answered(&r, "2", "u1"));
  assert_int_equal(tell(&r, "o5", &message, 1, "rejected"), WEIR_RESULT_NOTHING);
  assert_true(answered(&r, "3", "u1"));
  rig_close(&r);
}

static void a_retry_stops_when_it_was_sent_after_all(void **state) {
  (void)state;
  static const char *const words[] = { "sent", "unconfirmed" };
  for (int i = 0; i < 2; i++) {
    struct rig r;
    rig_open(&r, one, plain());
    comment(&r, "1", "u1", "pdf");
    struct id id = id_of(&r);
    assert_int_equal(tell_later(&r, "o1", &id, 1, "rejected", 1000), WEIR_RESULT_NOTHING);
    assert_int_equal(tell(&r, "o2", &id, 1, words[i]), WEIR_RESULT_NOTHING);
    r.now += 1000;
    tick(&r);
    assert_int_equal(r.verdict.action_cnt, 0);
    assert_traced(&r, "sent after all");
    no_timer(&r);
    assert_false(answered(&r, "2", "u1"));
    rig_close(&r);
  }
}

static void who_opted_out_between_is_left_alone(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, one, plain());
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  assert_int_equal(tell_later(&r, "o1", &id, 1, "rejected", 1000), WEIR_RESULT_NOTHING);
  comment(&r, "2", "u1", "stop");
  r.now += 1000;
  tick(&r);
  assert_int_equal(r.verdict.action_cnt, 0);
  assert_int_equal(r.verdict.trace[0].reason, WEIR_REASON_ACTION_DROPPED);
  assert_int_equal(stats_of(&r).claims_returned, 1);
  no_timer(&r);
  assert_int_equal(tell(&r, "o2", &id, 1, "sent"), WEIR_RESULT_NOTHING); /* still understood */
  rig_close(&r);
}

static void policy_and_rules_are_asked_again(void **state) {
  (void)state;
  static const char *const newer[] = {
    "pack { name = 'p' }\naccount 'douyin/papers' { reply = 'none' }\nrule 'ask' { on = 'comment', keywords = { 'pdf' }, once = true, message = 'm' }\n",
    "pack { name = 'p' }\nrule 'other' { on = 'comment', was = 'ask', keywords = { 'pdf' }, once = true, message = 'm' }\n",
  };
  for (int i = 0; i < 2; i++) {
    struct rig r;
    rig_open(&r, "pack { name = 'p' }\nrule 'ask' { on = 'comment', keywords = { 'pdf' }, once = true, reply = 'yes' }\n", plain());
    comment(&r, "1", "u1", "pdf");
    struct id id = id_of(&r);
    assert_int_equal(tell_later(&r, "o1", &id, 1, "rejected", 1000), WEIR_RESULT_NOTHING);
    weir_ruleset *rules = rules_of(newer[i]);
    assert_int_equal(weir_swap(r.engine, rules, &r.err), WEIR_OK);
    r.now += 1000;
    tick(&r);
    assert_int_equal(r.verdict.action_cnt, 0);
    assert_true(answered(&r, "2", "u1")); /* nothing ever arrived */
    assert_action(&r, 0, "message", "m");
    weir_engine_close(r.engine);
    r.engine = NULL;
    weir_ruleset_free(rules);
    rig_close(&r);
  }
}

/* The rule that was rejected may say something else today: what goes out is what was decided. */
static void what_is_tried_again_is_what_was_decided(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "pack { name = 'p' }\nrule 'ask' { on = 'comment', keywords = { 'pdf' }, once = true, reply = { 'a', 'b', 'c', 'd' } }\n", plain());
  comment(&r, "1", "u1", "pdf");
  char text[8], json[512];
  snprintf(text, sizeof text, "%.*s", (int)r.verdict.actions[0].text.len, r.verdict.actions[0].text.ptr);
  snprintf(json, sizeof json, "%.*s", (int)r.verdict.actions[0].json.len, r.verdict.actions[0].json.ptr);
  struct id id = id_of(&r);
  assert_int_equal(tell_later(&r, "o1", &id, 1, "rejected", 1000), WEIR_RESULT_NOTHING);
  weir_ruleset *rules = rules_of("pack { name = 'p' }\nrule 'ask' { on = 'comment', keywords = { 'pdf' }, reply = 'new' }\n");
  assert_int_equal(weir_swap(r.engine, rules, &r.err), WEIR_OK);
  r.now += 1000;
  tick(&r);
  assert_action(&r, 0, "reply", text);
  assert_int_equal(r.verdict.actions[0].json.len, strlen(json));
  assert_memory_equal(r.verdict.actions[0].json.ptr, json, strlen(json));
  weir_engine_close(r.engine);
  r.engine = NULL;
  weir_ruleset_free(rules);
  rig_close(&r);
}

/* ---- actions that wait */

static const char later[] = "rule 'ask' { on = 'comment', keywords = { 'pdf' }, once = true, reply = 'yes', message = { 'look', after = '10s' } }\n"
                            "rule 'stop' { on = 'comment', keywords = { 'stop' }, opt_out = true }\n";

static void what_still_waits_is_not_rejected(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, later, plain());
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  assert_int_equal(tell(&r, "o1", &id, 1, "rejected"), WEIR_RESULT_NOTHING);
  assert_false(answered(&r, "2", "u1"));
  r.now += 10000;
  tick(&r);
  assert_action(&r, 0, "message", "look");
  struct id message = id_of(&r);
  assert_false(answered(&r, "3", "u1"));
  assert_int_equal(tell(&r, "o2", &message, 1, "rejected"), WEIR_RESULT_NOTHING);
  assert_true(answered(&r, "4", "u1"));
  rig_close(&r);

  rig_open(&r, later, plain());
  comment(&r, "1", "u1", "pdf");
  id = id_of(&r);
  r.now += 10000;
  tick(&r);
  message = id_of(&r);
  assert_int_equal(tell(&r, "o1", &message, 1, "rejected"), WEIR_RESULT_NOTHING);
  assert_false(answered(&r, "2", "u1"));
  assert_int_equal(tell(&r, "o2", &id, 1, "rejected"), WEIR_RESULT_NOTHING);
  assert_true(answered(&r, "3", "u1")); /* both belong to one firing of the rule */
  rig_close(&r);

  rig_open(&r, later, plain());
  comment(&r, "1", "u1", "pdf");
  id = id_of(&r);
  assert_int_equal(tell(&r, "o1", &id, 1, "rejected"), WEIR_RESULT_NOTHING);
  comment(&r, "2", "u1", "stop");
  r.now += 10000;
  tick(&r);
  assert_int_equal(r.verdict.action_cnt, 0); /* dropped: now all that went out was rejected */
  assert_int_equal(stats_of(&r).claims_returned, 1);
  rig_close(&r);
}

/* ---- what is not understood, and what comes twice */

static void the_unknown_is_ignored(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, one, plain());
  struct id wrong = { "AAAAAAAAAAAAAAAAAAAAAA" };
  assert_int_equal(tell(&r, "o1", &wrong, 1, "sent"), WEIR_RESULT_IGNORED);
  assert_traced(&r, "no action 1 of decision AAAAAAAAAAAAAAAAAAAAAA");
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  assert_int_equal(tell(&r, "o2", &id, 2, "rejected"), WEIR_RESULT_IGNORED);
  weir_event e = outcome_of(&r, "o3", &id, 1, "rejected", 0);
  e.account = S("second");
  assert_int_equal(give(&r, &e), WEIR_RESULT_IGNORED);
  assert_traced(&r, "another account");
  assert_false(answered(&r, "2", "u1"));
  /* none of them left a mark: the same event may yet mean something */
  assert_int_equal(tell(&r, "o2", &id, 1, "sent"), WEIR_RESULT_NOTHING);
  assert_int_equal(stats_of(&r).outcomes_unknown, 3);
  r.now += INT64_C(8) * 86400000;
  assert_int_equal(tell(&r, "o9", &id, 1, "rejected"), WEIR_RESULT_IGNORED);
  assert_traced(&r, "no action 1");
  rig_close(&r);
}

static void outcomes_come_twice_too(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, one, plain());
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  assert_int_equal(tell_later(&r, "o1", &id, 1, "rejected", 1000), WEIR_RESULT_NOTHING);
  for (int i = 0; i < 3; i++) assert_int_equal(tell_later(&r, "o1", &id, 1, "rejected", 1000), WEIR_RESULT_REPEAT);
  r.now += 1000;
  tick(&r);
  no_timer(&r);
  assert_int_equal(tell_later(&r, "o1", &id, 1, "rejected", 1000), WEIR_RESULT_REPEAT);
  assert_int_equal(tell_later(&r, "o2", &id, 1, "rejected", 1000), WEIR_RESULT_IGNORED); /* tried again under another decision */
  no_timer(&r);
  rig_close(&r);
}

static void an_outcome_before_the_commit_counts(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, one, (weir_config){ .batch = true });
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  assert_int_equal(tell(&r, "o1", &id, 1, "rejected"), WEIR_RESULT_NOTHING);
  assert_true(answered(&r, "2", "u1"));
  assert_int_equal(weir_commit(r.engine, &r.err), WEIR_OK);
  assert_false(answered(&r, "3", "u1"));
  rig_close(&r);
}

static void a_dry_engine_knows_no_actions(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, one, (weir_config){ .dry = true });
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  assert_int_equal(tell(&r, "o1", &id, 1, "sent"), WEIR_RESULT_IGNORED);
  rig_close(&r);
}

/* Whatever becomes of the answer: for him it was the first time once. */
static void who_was_answered_is_known(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "rule 'a' { on = 'comment', keywords = { 'pdf' }, first_time = true, reply = 'a' }\n", plain());
  comment(&r, "0", "u1", "nice");
  assert_int_equal(stats_of(&r).persons, 0);
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  assert_int_equal(stats_of(&r).persons, 1);
  assert_int_equal(tell_later(&r, "o1", &id, 1, "rejected", 1000), WEIR_RESULT_NOTHING);
  r.now += 1000;
  tick(&r);
  assert_action(&r, 0, "reply", "a");
  id = id_of(&r);
  assert_int_equal(tell(&r, "o2", &id, 1, "rejected"), WEIR_RESULT_NOTHING);
  assert_int_equal(stats_of(&r).persons, 1);
  assert_false(answered(&r, "2", "u1"));
  assert_true(answered(&r, "3", "u2"));
  rig_close(&r);
}

/* Asked to be forgotten, he is: a retry that waits is one thing that must not be said to him. */
static void the_forgotten_are_not_written_to(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, one, plain());
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  assert_int_equal(tell_later(&r, "o1", &id, 1, "rejected", 1000), WEIR_RESULT_NOTHING);
  assert_int_equal(weir_forget(r.engine, S("douyin"), S("papers"), S("u1"), &r.err), WEIR_OK);
  no_timer(&r);
  assert_int_equal(tell(&r, "o2", &id, 1, "sent"), WEIR_RESULT_IGNORED);
  assert_traced(&r, "no action 1");
  rig_close(&r);
}

/* What executors say must be heard while nobody takes records. */
static void a_full_outbox_still_takes_outcomes(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, one, (weir_config){ .state_memory = 1u << 20 });
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  weir_status st = WEIR_OK;
  for (int i = 0; st == WEIR_OK && i < 10000; i++) {
    char contact[16];
    snprintf(contact, sizeof contact, "c%d", i);
    weir_event e = event_of(&r, contact, "comment", contact, "pdf");
    st = weir_decide(r.engine, &e, r.now, &r.verdict, &r.err);
  }
  assert_int_equal(st, WEIR_E_FULL);
  assert_int_equal(tell_later(&r, "o1", &id, 1, "rejected", 1000), WEIR_RESULT_NOTHING);
  assert_int_equal(tell(&r, "o2", &id, 1, "sent"), WEIR_RESULT_NOTHING);
  rig_close(&r);
}

/* ---- echoes */

static void our_own_words_are_known(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, one, plain());
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  decide(&r, "m7", "echo", "u1", "yes");
  weir_event e = outcome_of(&r, "o1", &id, 1, "sent", 0);
  e.outcome.platform_id = S("m7");
  assert_int_equal(give(&r, &e), WEIR_RESULT_NOTHING);
  decide(&r, "m7", "echo", "u1", "yes");
  assert_int_equal(r.verdict.result, WEIR_RESULT_IGNORED);
  decide(&r, "m8", "echo", "u1", "a human");
  e = event_of(&r, "m7", "comment", "papers", "yes"); /* our own comment, from our own account */
  assert_int_equal(give(&r, &e), WEIR_RESULT_IGNORED);
  e = event_of(&r, "m7", "echo", "u1", "yes"); /* of another account */
  e.account = S("second");
  assert_int_equal(give(&r, &e), WEIR_RESULT_IGNORED);
  weir_stats s = stats_of(&r);
  assert_true(s.echoes_known == 2 && s.echoes_unknown == 3);
  rig_close(&r);
}

static void outcomes_as_json(void **state) {
  (void)state;
  struct rig r;
  char json[512];
  rig_open(&r, one, plain());
  comment(&r, "1", "u1", "pdf");
  struct id id = id_of(&r);
  snprintf(json, sizeof json, "{\"id\":\"o1\",\"time\":%lld,\"channel\":\"douyin\",\"account\":\"papers\",\"type\":\"outcome\",\"decision\":\"%s\",\"n\":1,"
           "\"status\":\"rejected\",\"code\":\"28003070\",\"retry_after\":90}", (long long)r.now, id.text);
  assert_int_equal(weir_decide_json(r.engine, (weir_str){ json, strlen(json) }, r.now, &r.verdict, &r.err), WEIR_OK);
  assert_int_equal(r.verdict.result, WEIR_RESULT_NOTHING);
  assert_traced(&r, "rejected, 28003070: tried again in 90 s");
  assert_true(weir_next_due(r.engine) == r.now + 90000);
  rig_close(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(sent_keeps_the_claim_and_is_the_last_word),
    cmocka_unit_test(unconfirmed_is_held_and_never_sent_again),
    cmocka_unit_test(claims_come_back_when_nothing_arrived),
    cmocka_unit_test(sent_after_rejected_is_believed),
    cmocka_unit_test(a_joined_persons_claims_come_back_too),
    cmocka_unit_test(a_retry_is_a_new_decision_of_the_same_cause),
    cmocka_unit_test(retries_wait_longer_each_time_and_end),
    cmocka_unit_test(the_longest_wait_is_a_day),
    cmocka_unit_test(two_actions_are_tried_again_each_for_itself),
    cmocka_unit_test(a_retry_stops_when_it_was_sent_after_all),
    cmocka_unit_test(who_opted_out_between_is_left_alone),
    cmocka_unit_test(policy_and_rules_are_asked_again),
    cmocka_unit_test(what_is_tried_again_is_what_was_decided),
    cmocka_unit_test(what_still_waits_is_not_rejected),
    cmocka_unit_test(the_unknown_is_ignored),
    cmocka_unit_test(outcomes_come_twice_too),
    cmocka_unit_test(an_outcome_before_the_commit_counts),
    cmocka_unit_test(a_dry_engine_knows_no_actions),
    cmocka_unit_test(who_was_answered_is_known),
    cmocka_unit_test(the_forgotten_are_not_written_to),
    cmocka_unit_test(a_full_outbox_still_takes_outcomes),
    cmocka_unit_test(our_own_words_are_known),
    cmocka_unit_test(outcomes_as_json),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
