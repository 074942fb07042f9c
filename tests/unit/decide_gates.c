/* Every gate: what it lets pass, what it says when it does not, what it claims. */
#include "decide_help.h"

/* Parses one gate and asks it about the event at hand. */
static enum weir_gate_answer ask(const char *gate_json, bool state_expected) {
  char why[256];
  struct weir_buf buf;
  read_rule(gate_json);
  const struct weir_gate *gate = &rule.gates[0];
  begin(ev.type.len && weir_str_eq(ev.type, WEIR_STR("message")) ? WEIR_EVENT_MESSAGE : WEIR_EVENT_COMMENT, NOW);
  enum weir_gate_answer answer = gate->kind->ask(gate->data, &d, &err);
  assert_int_equal(gate->kind->on_state, state_expected);
  assert_int_equal(d.state_asked, state_expected);
  if (answer == WEIR_GATE_FAIL) {
    weir_buf_init(&buf, why, sizeof why);
    gate->kind->explain(gate->data, &d, &buf);
    assert_true(buf.len > 0 && !buf.full);
  }
  assert_int_equal(d.changes.cnt, 1); /* asking changes nothing but what begin() put there */
  return answer;
}

/* What the gate says after it said no. */
static const char *why(void) {
  static char text[256];
  struct weir_buf buf;
  weir_buf_init(&buf, text, sizeof text - 1);
  rule.gates[0].kind->explain(rule.gates[0].data, &d, &buf);
  text[buf.len] = '\0';
  return text;
}

#define PASSES(json) assert_int_equal(ask(json, on_state), WEIR_GATE_PASS)
#define FAILS(json) assert_int_equal(ask(json, on_state), WEIR_GATE_FAIL)

static void static_gates(void **state) {
  const bool on_state = false;
  (void)state;
  comment("u1", "hi");
  PASSES("{'channel':'douyin'}");
  PASSES("{'channel':['tiktok','douyin']}");
  FAILS("{'channel':['tiktok','douyin2','Douyin']}");
  assert_string_equal(why(), "channel is douyin, not tiktok, douyin2 or Douyin");
  PASSES("{'account':'douyin/papers'}");
  PASSES("{'account':'douyin/*'}");
  PASSES("{'account':'*/papers'}");
  PASSES("{'account':'*/*'}");
  PASSES("{'account':'dou*/pap*'}");
  PASSES("{'account':['x/y','douyin/papers*']}");
  FAILS("{'account':'douyin/paper'}");
  FAILS("{'account':'douyin2/*'}");
  FAILS("{'account':'papers/douyin'}");
  assert_string_equal(why(), "account is douyin/papers, not papers/douyin");
  PASSES("{'post':'v1'}");
  PASSES("{'post':['v2','v1']}");
  FAILS("{'post':'v'}");
  assert_string_equal(why(), "post is v1, not v");
  ev.post.len = 0;
  FAILS("{'post':['v1','v2']}");
  assert_string_equal(why(), "there is no post; it must be v1 or v2");
  ev.text = WEIR_STR("求电子版"); /* characters, not bytes */
  PASSES("{'longest':4}");
  FAILS("{'longest':3}");
  assert_string_equal(why(), "the text has 4 characters, more than 3");
  ev.text.len = 0;
  PASSES("{'longest':1}");
}

static void first_time(void **state) {
  const bool on_state = true;
  (void)state;
  comment("u1", "hi");
  PASSES("{'first_time':true}");
  FAILS("{'first_time':false}");
  keep(); /* now he is known */
  FAILS("{'first_time':true}");
  PASSES("{'first_time':false}");
}

static void stages(void **state) {
  const bool on_state = true;
  (void)state;
  comment("u1", "hi");
  PASSES("{'stage_is':'none'}");
  PASSES("{'stage_is':['papers/asked','none']}");
  FAILS("{'stage_is':'papers/asked'}");
  assert_string_equal(why(), "stage is none, not papers/asked");
  PASSES("{'stage_not':'papers/asked'}");
  FAILS("{'stage_not':'none'}");
  assert_string_equal(why(), "stage is none, which it must not be");

  run("{'stage':'club/guest'}", "u1", "hi");
  keep();
  /* alone, "none" speaks of all funnels of the pack; beside others only of theirs */
  FAILS("{'stage_is':'none'}");
  PASSES("{'stage_is':['papers/asked','none']}");
  FAILS("{'stage_is':['papers/asked','club/member','none']}");
  assert_string_equal(why(), "stage is club/guest, not papers/asked, club/member or none");
  PASSES("{'stage_is':['papers/asked','club/guest']}");
  FAILS("{'stage_not':['papers/asked','club/guest']}");

  run("{'stage':'other:leads/new'}", "u2", "hi");
  keep();
  comment("u2", "hi");
  PASSES("{'stage_is':'none'}"); /* another pack's funnel does not count */
  PASSES("{'stage_is':'other:leads/new'}");
  FAILS("{'stage_is':['other:leads/old','none']}");
}

static void tags(void **state) {
  const bool on_state = true;
  (void)state;
  comment("u1", "hi");
  FAILS("{'tag_has':'vip'}");
  assert_string_equal(why(), "has no tag vip");
  PASSES("{'tag_not':'vip'}");
  run("{'tag':['vip','teacher']}", "u1", "hi");
  keep();
  PASSES("{'tag_has':'vip'}");
  PASSES("{'tag_has':['x','teacher']}");
  PASSES("{'tag_has':{'all':['vip','teacher']}}");
  FAILS("{'tag_has':{'all':['vip','x']}}");
  assert_string_equal(why(), "does not have every tag of vip or x");
  FAILS("{'tag_has':['x','y']}");
  FAILS("{'tag_not':['x','teacher']}");
  assert_string_equal(why(), "has the tag teacher");
  PASSES("{'tag_not':['x','y']}");
}

static void fields(void **state) {
  const bool on_state = true;
  (void)state;
  comment("u1", "hi");
  FAILS("{'field':{'city':'上海'}}");
  assert_string_equal(why(), "field city is empty, not \"上海\"");
  PASSES("{'field':{'city':''}}");
  run("{'set':{'city':'上海','level':3},'incr':{'points':2}}", "u1", "hi");
  keep();
  PASSES("{'field':{'city':'上海'}}");
  PASSES("{'field':{'city':'上海','level':3,'points':2}}");
  PASSES("{'field':{'level':'3'}}");
  FAILS("{'field':{'city':'上海','level':4}}");
  assert_string_equal(why(), "field level is \"3\", not \"4\"");
  FAILS("{'field':{'city':''}}");
}

/* Fires the rule {gate} with an action and keeps it. */
static void fire_once(const char *rule_text, const char *who) {
  read_rule(rule_text);
  (void)who;
  begin(WEIR_EVENT_COMMENT, NOW);
  fire();
  keep();
}

static void once_person(void **state) {
  const bool on_state = true;
  (void)state;
  const char *rules[] = { "{'once':true,'reply':'a'}", "{'once':'person','reply':'a'}" };
  for (size_t i = 0; i < 2; i++) {
    comment(i ? "u2" : "u1", "hi");
    PASSES("{'once':true}");
    fire_once(rules[i], NULL);
    assert_int_equal(changes_of(WEIR_CHANGE_CLAIM), 1);
    assert_int_equal(change_of(WEIR_CHANGE_CLAIM, 0)->until_ms, NOW + WEIR_CLAIM_MS);
    FAILS("{'once':true}");
    FAILS("{'once':'person'}");
    assert_string_equal(why(), "once: it fired for this person before");
    PASSES("{'once':'post'}"); /* another claim */
    ev.post = WEIR_STR("v2");
    FAILS("{'once':true}");
  }
  comment("u3", "hi");
  PASSES("{'once':true}");
}

static void once_post_and_room(void **state) {
  const bool on_state = true;
  (void)state;
  comment("u1", "hi");
  fire_once("{'once':'post','reply':'a'}", NULL);
  FAILS("{'once':'post'}");
  assert_string_equal(why(), "once: it fired for this person and post before");
  PASSES("{'once':'person'}");
  ev.post = WEIR_STR("v2");
  PASSES("{'once':'post'}");
  ev.channel = WEIR_STR("tiktok"); /* a post's id belongs to its channel; and he is another contact there */
  ev.post = WEIR_STR("v1");
  PASSES("{'once':'post'}");

  comment("u2", "hi");
  ev.post.len = 0; /* no post: counts for the person */
  fire_once("{'once':'post','reply':'a'}", NULL);
  FAILS("{'once':'person'}");
  FAILS("{'once':'post'}");
  assert_string_equal(why(), "once: it fired for this person before");

  comment("u3", "hi");
  ev.room = WEIR_STR("r1");
  fire_once("{'once':'room','reply':'a'}", NULL);
  FAILS("{'once':'room'}");
  assert_string_equal(why(), "once: it fired for this person and room before");
  PASSES("{'once':'post'}");
  ev.room = WEIR_STR("r2");
  PASSES("{'once':'room'}");
}

static void once_hangs_on_the_rule(void **state) {
  (void)state;
  comment("u1", "hi");
  fire_once("{'once':true,'reply':'a'}", NULL);
  read_rule("{'once':true}");
  rule.id[0]++;
  begin(WEIR_EVENT_COMMENT, NOW);
  assert_int_equal(rule.gates[0].kind->ask(rule.gates[0].data, &d, &err), WEIR_GATE_PASS);
  rule.id[0]--;
  rule.name = WEIR_STR("shop/renamed"); /* was = "ask" keeps the id */
  assert_int_equal(rule.gates[0].kind->ask(rule.gates[0].data, &d, &err), WEIR_GATE_FAIL);
  begin(WEIR_EVENT_COMMENT, NOW + WEIR_CLAIM_MS);
  assert_int_equal(rule.gates[0].kind->ask(rule.gates[0].data, &d, &err), WEIR_GATE_PASS); /* every claim has an end */
}

static void cooldown(void **state) {
  const bool on_state = true;
  (void)state;
  comment("u1", "hi");
  PASSES("{'cooldown':'10m'}");
  fire_once("{'cooldown':'10m','reply':'a'}", NULL);
  assert_int_equal(change_of(WEIR_CHANGE_CLAIM, 0)->until_ms, NOW + 600000);
  FAILS("{'cooldown':'10m'}");
  assert_string_equal(why(), "cooldown: it fired for this person less than 600 s ago");
  begin(WEIR_EVENT_COMMENT, NOW + 600000 - 1);
  assert_int_equal(rule.gates[0].kind->ask(rule.gates[0].data, &d, &err), WEIR_GATE_FAIL);
  begin(WEIR_EVENT_COMMENT, NOW + 600000);
  assert_int_equal(rule.gates[0].kind->ask(rule.gates[0].data, &d, &err), WEIR_GATE_PASS);
  comment("u2", "hi");
  PASSES("{'cooldown':'10m'}");
  PASSES("{'once':true}"); /* the two marks are not the same */
}

/* Gates see the state before the event, whatever fired before them. */
static void snapshot(void **state) {
  (void)state;
  run("{'tag':'vip','stage':'papers/asked','once':true}", "u1", "hi");
  read_rule("{'tag_has':'vip'}");
  assert_int_equal(rule.gates[0].kind->ask(rule.gates[0].data, &d, &err), WEIR_GATE_FAIL);
  read_rule("{'stage_is':'none'}");
  assert_int_equal(rule.gates[0].kind->ask(rule.gates[0].data, &d, &err), WEIR_GATE_PASS);
  read_rule("{'once':true}");
  assert_int_equal(rule.gates[0].kind->ask(rule.gates[0].data, &d, &err), WEIR_GATE_PASS);
}

static weir_status broken_load(struct weir_store *s, const struct weir_contact *contact, struct weir_arena *a,
                               struct weir_person *out, weir_error *e) {
  (void)s, (void)contact, (void)a;
  memset(out, 0, sizeof *out);
  return weir_fail(e, WEIR_E_STATE, "broken");
}

static weir_status broken_claim(struct weir_store *s, const struct weir_contact *contact, const unsigned char key[WEIR_ID_BYTES],
                                int64_t now_ms, bool *held, int64_t *until_ms, weir_error *e) {
  (void)s, (void)contact, (void)key, (void)now_ms;
  *held = false;
  *until_ms = 0;
  return weir_fail(e, WEIR_E_STATE, "broken");
}

static weir_status broken_seen(struct weir_store *s, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, struct weir_arena *a, bool *seen, weir_str *by, weir_error *e) {
  (void)s, (void)key, (void)now_ms, (void)a, *seen = false, *by = (weir_str){ NULL, 0 };
  return weir_fail(e, WEIR_E_STATE, "broken");
}
static weir_status broken_invited(struct weir_store *s, const struct weir_contact *c, uint32_t *cnt, weir_error *e) {
  (void)s, (void)c, *cnt = 0;
  return weir_fail(e, WEIR_E_STATE, "broken");
}

static void broken_store(void **state) {
  (void)state;
  const weir_pair post_time[] = { { WEIR_STR("post_time"), WEIR_STR("1800000000000") } };
  static const char *const rules[] = { "{'max':2}", "{'silent_for':'2d'}", "{'in_stage_for':['papers/asked','1d']}", "{'invited':1}", "{'next_post':'2020-01-01T00:00:00Z'}", "{'once':'post'}", "{'stage_is':'none'}", "{'stage_not':'none'}", "{'tag_has':'x'}", "{'tag_not':'x'}",
                                       "{'field':{'a':1}}",   "{'first_time':true}",  "{'once':true}",   "{'cooldown':'1m'}" };
  static struct weir_store_ops ops; /* outlives a test that fails: the store is closed after it */
  ops = *store->ops;
  struct weir_store fake = { .ops = &ops, .info = NULL };
  ops.load = broken_load;
  ops.claim = broken_claim;
  ops.seen = broken_seen;
  ops.invited = broken_invited;
  comment("u1", "hi");
  ev.attrs = post_time, ev.attr_cnt = 1;
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
    read_rule(rules[i]);
    begin(WEIR_EVENT_COMMENT, NOW);
    d.store = &fake;
    assert_int_equal(rule.gates[0].kind->ask(rule.gates[0].data, &d, &err), WEIR_GATE_BROKEN);
    assert_int_equal(err.status, WEIR_E_STATE);
    assert_false(d.person_loaded);
  }
}

static void the_table(void **state) {
  (void)state;
  size_t cnt;
  bool on_state = false;
  const struct weir_gate_kind *const *kinds = weir_gate_kinds(&cnt);
  assert_int_equal(cnt, 25);
  for (size_t i = 0; i < cnt; i++) {
    assert_true(kinds[i]->on_state || !on_state); /* those without state come first */
    on_state = kinds[i]->on_state;
    assert_ptr_equal(weir_gate_kind_find(weir_str_of(kinds[i]->name)), kinds[i]);
    assert_true(kinds[i]->parse && kinds[i]->ask && kinds[i]->explain && strlen(kinds[i]->takes) && strlen(kinds[i]->says));
  }
  assert_null(weir_gate_kind_find(WEIR_STR("stage")));
  assert_null(weir_gate_kind_find(WEIR_STR("")));
}

/* Of a gate that asks the state only when the event is one for it. */
static const char *says(const char *gate_json) {
  read_rule(gate_json);
  begin(WEIR_EVENT_COMMENT, NOW);
  assert_int_equal(rule.gates[0].kind->ask(rule.gates[0].data, &d, &err), WEIR_GATE_FAIL);
  return why();
}

/* What each of the others says when it does not let somebody pass. */
static void reasons(void **state) {
  const weir_pair none[] = { { WEIR_STR("post_time"), WEIR_STR("yesterday") } }, old[] = { { WEIR_STR("x"), WEIR_STR("y") }, { WEIR_STR("post_time"), WEIR_STR("1000") } };
  bool on_state = false;
  (void)state;
  comment("u1", "hi");
  FAILS("{'is_follower':true}");
  assert_string_equal(why(), "nobody said whether he follows us");
  ev.is_follower = 0;
  FAILS("{'is_follower':true}");
  assert_string_equal(why(), "he does not follow us");
  PASSES("{'is_follower':false}");
  ev.is_follower = 1;
  PASSES("{'is_follower':true}");
  FAILS("{'is_follower':false}");
  assert_string_equal(why(), "he follows us");
  on_state = true;
  FAILS("{'silent_for':'2d'}");
  assert_string_equal(why(), "nobody is known under this contact");
  FAILS("{'in_stage_for':['papers/asked','1d']}");
  assert_string_equal(why(), "stands in no such stage");
  FAILS("{'invited':1}");
  assert_string_equal(why(), "invited 0, not yet 1");
  assert_string_equal(says("{'next_post':'2020-01-01T00:00:00Z'}"), "nobody said when the post was published (attrs.post_time)");
  ev.attrs = none, ev.attr_cnt = 1;
  assert_string_equal(says("{'next_post':'2020-01-01T00:00:00Z'}"), "nobody said when the post was published (attrs.post_time)");
  ev.attrs = old, ev.attr_cnt = 2;
  assert_string_equal(says("{'next_post':'2020-01-01T00:00:00Z'}"), "the post is older than the next one");
  ev.post.len = 0;
  assert_string_equal(says("{'next_post':'2020-01-01T00:00:00Z'}"), "there is no post");
  ev.attrs = NULL, ev.attr_cnt = 0;
  run("{'stage':'papers/asked'}", "u1", "hi");
  keep();
  comment("u1", "hi");
  FAILS("{'silent_for':'2d'}");
  assert_string_equal(why(), "silent for 0 h only");
  FAILS("{'in_stage_for':['papers/asked','1d']}");
  assert_string_equal(why(), "has stood in asked for 0 h only");
  FAILS("{'in_stage_for':['papers/added','1d']}");
  assert_string_equal(why(), "stands in no such stage");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(static_gates), TEST(first_time), TEST(stages), TEST(tags), TEST(fields), TEST(once_person), TEST(once_post_and_room),
    TEST(once_hangs_on_the_rule), TEST(cooldown), TEST(snapshot), TEST(broken_store), TEST(the_table), TEST(reasons),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
