/* Every action: its forms, what stands in the record, what it changes. */
#include "decide_help.h"

/* Fires a rule for a comment of somebody new and compares the actions written. */
static void expect(const char *rule_text, const char *actions_text) {
  run(rule_text, "somebody", "hi");
  assert_string_equal(written(), actions_text);
}

#define RULE "'rule':'shop/ask'"

static void outbound_forms(void **state) {
  (void)state;
  static const struct { const char *rule, *actions;
  } cases[] = {
    { "{'reply':'hello'}", "{'n':1,'kind':'reply'," RULE ",'to':'c1','text':'hello'}" },
    { "{'reply':['hello']}", "{'n':1,'kind':'reply'," RULE ",'to':'c1','text':'hello'}" },
    { "{'reply':{'text':'hello'}}", "{'n':1,'kind':'reply'," RULE ",'to':'c1','text':'hello'}" },
    { "{'reply':{'text':['hello'],'media':'a.png'}}",
      "{'n':1,'kind':'reply'," RULE ",'to':'c1','text':'hello','media':['a.png']}" },
    { "{'reply':{'media':['a.png','b.png']}}", "{'n':1,'kind':'reply'," RULE ",'to':'c1','media':['a.png','b.png']}" },
    { "{'message':'hello'}", "{'n':1,'kind':'message'," RULE ",'text':'hello'}" },
    { "{'message':{'_':['hello'],'media':'x'}}", "{'n':1,'kind':'message'," RULE ",'text':'hello','media':['x']}" },
    { "{'follow':true}", "{'n':1,'kind':'follow'," RULE "}" },
    { "{'like':true}", "{'n':1,'kind':'like'," RULE ",'to':'c1'}" },
    { "{'hide':true}", "{'n':1,'kind':'hide'," RULE ",'to':'c1'}" },
    { "{'remark':'{person.name} paper'}", "{'n':1,'kind':'remark'," RULE ",'text':'Lin paper'}" },
    { "{'invite':'r-9'}", "{'n':1,'kind':'invite'," RULE ",'room':'r-9'}" },
    { "{'invite':{'room':'r-9','text':'come'}}", "{'n':1,'kind':'invite'," RULE ",'room':'r-9','text':'come'}" },
    { "{'deliver':'a.pdf'}", "{'n':1,'kind':'deliver'," RULE ",'file':'a.pdf'}" },
    { "{'deliver':{'file':'a.pdf','text':'for {person.name}'}}",
      "{'n':1,'kind':'deliver'," RULE ",'file':'a.pdf','text':'for Lin'}" },
    { "{'deliver':{'_':['a.pdf'],'text':'{match.1}'}}",
      "{'n':1,'kind':'deliver'," RULE ",'file':'a.pdf'}" }, /* an empty text is none */
    { "{'emit':'seen'}", "{'n':1,'kind':'emit'," RULE ",'name':'seen'}" },
    { "{'emit':{'_':['seen'],'data':{'who':'{person.name}','n':-3}}}",
      "{'n':1,'kind':'emit'," RULE ",'name':'seen','data':{'n':-3,'who':'Lin'}}" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) expect(cases[i].rule, cases[i].actions);
}

static void several_actions_are_numbered(void **state) {
  (void)state;
  expect("{'reply':'a','follow':true,'tag':'x'}",
         "{'n':1,'kind':'reply'," RULE ",'to':'c1','text':'a'},{'n':2,'kind':'follow'," RULE "},{'n':3,'kind':'tag'," RULE
         ",'add':['x']}");
  assert_int_equal(d.action_cnt, 3);
  assert_int_equal(actions[0].n, 1);
  assert_str(actions[0].kind, "reply");
  assert_str(actions[0].rule, "shop/ask");
  assert_str(actions[0].text, "a");
  assert_int_equal(actions[2].n, 3);
  assert_int_equal(actions[2].text.len, 0);
  assert_str(actions[1].json, "{\"n\":2,\"kind\":\"follow\",\"rule\":\"shop/ask\"}");
}

static void escapes(void **state) {
  (void)state;
  expect("{'reply':'a\\\"b\\\\c\\nd\\u0007'}", "{'n':1,'kind':'reply'," RULE ",'to':'c1','text':'a\\'b\\\\c\\nd\\u0007'}");
}

static void accept_answers_a_request(void **state) {
  (void)state;
  read_rule("{'accept':true}");
  comment("u1", "hi");
  begin(WEIR_EVENT_FRIEND_REQUEST, NOW);
  fire();
  assert_string_equal(written(), "{'n':1,'kind':'accept'," RULE ",'to':'c1'}");
  begin(WEIR_EVENT_COMMENT, NOW);
  fire();
  assert_int_equal(d.action_cnt, 0);
  assert_int_equal(d.dropped_cnt, 1);
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "accept: nothing to answer"));
  read_rule("{'reply':'a'}");
  begin(WEIR_EVENT_TIMER, NOW);
  fire();
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "reply: nothing to answer"));
}

static void one_of_several_texts(void **state) {
  (void)state;
  bool seen_a = false, seen_b = false, seen_c = false;
  for (int i = 0; i < 64; i++) {
    run("{'reply':['a','b','c']}", "u1", "hi");
    assert_int_equal(d.action_cnt, 1);
    seen_a |= weir_str_eq(actions[0].text, WEIR_STR("a"));
    seen_b |= weir_str_eq(actions[0].text, WEIR_STR("b"));
    seen_c |= weir_str_eq(actions[0].text, WEIR_STR("c"));
    /* the same decision chooses the same */
    weir_str first = dup(actions[0].text);
    decision_no--;
    run("{'reply':['a','b','c']}", "u1", "hi");
    assert_true(weir_str_eq(actions[0].text, first));
  }
  assert_true(seen_a && seen_b && seen_c);
}

static void all_of_several_texts(void **state) {
  (void)state;
  run("{'message':{'all':['a','b','c'],'media':'m'}}", "u1", "hi");
  assert_string_equal(written(),
                      "{'n':1,'kind':'message'," RULE ",'text':'a','media':['m']},{'n':2,'kind':'message'," RULE ",'text':'b'},"
                      "{'n':3,'kind':'message'," RULE ",'text':'c'}");
  /* they are one message: a second rule has none left */
  read_rule("{'message':{'all':['x','y']},'reply':'z'}");
  fire();
  assert_int_equal(d.action_cnt, 4);
  assert_int_equal(d.dropped_cnt, 2);
  /* one that cannot be said does not take the others with it */
  run("{'message':{'all':['{match.1}','b','c']}}", "u1", "hi");
  assert_int_equal(d.action_cnt, 2);
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "message: nothing to say"));
}

static void nothing_to_say(void **state) {
  (void)state;
  run("{'reply':'{match.1}'}", "u1", "hi");
  assert_int_equal(d.action_cnt, 0);
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "reply: nothing to say"));
  run("{'remark':'{match.1} '}", "u1", "hi");
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "remark: nothing to say"));
}

static void tags(void **state) {
  (void)state;
  run("{'tag':['b','a']}", "u1", "hi");
  assert_string_equal(written(), "{'n':1,'kind':'tag'," RULE ",'add':['b','a']}");
  assert_int_equal(changes_of(WEIR_CHANGE_TAG), 2);
  keep();
  /* what is there already is not written; when all is, nothing is */
  run("{'tag':['a','c','c']}", "u1", "hi");
  assert_string_equal(written(), "{'n':1,'kind':'tag'," RULE ",'add':['c']}");
  run("{'tag':['a','b']}", "u1", "hi");
  assert_int_equal(d.action_cnt + d.dropped_cnt, 0);
  assert_int_equal(changes_of(WEIR_CHANGE_TAG), 0);
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "tag: already there"));
  run("{'untag':['a','zz']}", "u1", "hi");
  assert_string_equal(written(), "{'n':1,'kind':'untag'," RULE ",'remove':['a']}");
  run("{'untag':'zz'}", "u1", "hi");
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "untag: not there"));
  /* a later action of the same decision sees the earlier one's change */
  run("{'untag':'a','tag':'a'}", "u1", "hi");
  assert_int_equal(d.action_cnt, 2);
  keep();
  begin(WEIR_EVENT_COMMENT, NOW);
  assert_int_equal(weir_decide_person(&d, &err), WEIR_OK);
  assert_int_equal(d.person.tag_cnt, 2);
}

static void too_many_tags(void **state) {
  (void)state;
  char text[4096];
  for (int batch = 0; batch < 2; batch++) {
    size_t at = (size_t)snprintf(text, sizeof text, "{'tag':[");
    for (int i = 0; i < 33 - batch; i++)
      at += (size_t)snprintf(text + at, sizeof text - at, "%s't%d'", i ? "," : "", batch * 33 + i);
    (void)snprintf(text + at, sizeof text - at, "]}");
    run(text, "u1", "hi");
    assert_int_equal(d.action_cnt, batch == 0);
    if (batch == 0) keep();
  }
  /* 33 + 32 is one too many: nothing of it is done */
  assert_int_equal(changes_of(WEIR_CHANGE_TAG), 0);
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "tag: person has too many tags"));
  assert_int_equal(d.dropped_cnt, 1);
}

static void stages(void **state) {
  (void)state;
  run("{'stage':'papers/added'}", "u1", "hi");
  assert_string_equal(written(), "{'n':1,'kind':'stage'," RULE ",'stage':'papers/added'}");
  const struct weir_change *change = change_of(WEIR_CHANGE_STAGE, 0);
  assert_str(change->name, "shop/papers");
  assert_str(change->value, "added");
  assert_int_equal(change->at_ms, NOW);
  keep();
  run("{'stage':'papers/added'}", "u1", "hi");
  assert_int_equal(d.action_cnt + d.dropped_cnt + changes_of(WEIR_CHANGE_STAGE), 0);
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "stage: stands in added already"));
  run("{'stage':'papers/asked'}", "u1", "hi");
  assert_int_equal(d.action_cnt, 0);
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "asked lies behind added"));
  run("{'stage':{'_':['papers/asked'],'back':true}}", "u1", "hi");
  assert_string_equal(written(), "{'n':1,'kind':'stage'," RULE ",'stage':'papers/asked','back':true}");
  run("{'stage':{'stage':'papers/joined'}}", "u1", "hi");
  assert_int_equal(d.action_cnt, 1);
  run("{'stage':'other:leads/new'}", "u1", "hi");
  assert_string_equal(written(), "{'n':1,'kind':'stage'," RULE ",'stage':'other:leads/new'}");
  assert_str(change_of(WEIR_CHANGE_STAGE, 0)->name, "other/leads");
  /* two rules of one event: the second sees where the first put him */
  run("{'stage':'papers/joined'}", "u2", "hi");
  read_rule("{'stage':'papers/asked'}");
  fire();
  assert_int_equal(d.action_cnt, 1);
}

static void fields(void **state) {
  (void)state;
  run("{'set':{'city':'{match.1|Wuhan}','level':3}}", "u1", "hi");
  assert_string_equal(written(), "{'n':1,'kind':'set'," RULE ",'fields':{'city':'Wuhan','level':3}}");
  assert_str(change_of(WEIR_CHANGE_FIELD, 1)->value, "3");
  keep();
  run("{'set':{'city':'Wuhan','level':4}}", "u1", "hi");
  assert_string_equal(written(), "{'n':1,'kind':'set'," RULE ",'fields':{'level':4}}");
  run("{'set':{'city':'Wuhan','level':'3'}}", "u1", "hi");
  assert_int_equal(d.action_cnt, 0);
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "set: already so"));
  run("{'set':{'city':''}}", "u1", "hi"); /* takes it away */
  assert_string_equal(written(), "{'n':1,'kind':'set'," RULE ",'fields':{'city':''}}");
  run("{'set':{'nothing':''}}", "u1", "hi");
  assert_int_equal(d.action_cnt, 0);
  /* counters: how far they are is not known before they are applied */
  run("{'incr':'level','set':{'level':3}}", "u1", "hi");
  assert_int_equal(d.action_cnt, 2);
}

static void long_value(void **state) {
  (void)state;
  char text[400] = "{'set':{'a':1,'city':'";
  size_t at = strlen(text);
  memset(text + at, 'x', WEIR_FIELD_VALUE_MAX + 1);
  memcpy(text + at + WEIR_FIELD_VALUE_MAX + 1, "'}}", 4);
  run(text, "u1", "hi");
  assert_int_equal(changes_of(WEIR_CHANGE_FIELD), 0);
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "set: value too long"));
}

static void counters(void **state) {
  (void)state;
  static const struct { const char *rule, *actions; } cases[] = {
    { "{'incr':'points'}", "{'n':1,'kind':'incr'," RULE ",'add':{'points':1}}" },
    { "{'incr':['points','visits']}", "{'n':1,'kind':'incr'," RULE ",'add':{'points':1,'visits':1}}" },
    { "{'incr':{'points':-2}}", "{'n':1,'kind':'incr'," RULE ",'add':{'points':-2}}" },
    { "{'incr':{'_':['visits'],'points':5}}", "{'n':1,'kind':'incr'," RULE ",'add':{'visits':1,'points':5}}" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) expect(cases[i].rule, cases[i].actions);
  assert_int_equal(change_of(WEIR_CHANGE_COUNTER, 1)->number, 5);
  keep();
  begin(WEIR_EVENT_COMMENT, NOW);
  assert_int_equal(weir_decide_person(&d, &err), WEIR_OK);
  assert_int_equal(d.person.field_cnt, 2);
}

static void handoff(void **state) {
  (void)state;
  static const struct { const char *rule, *actions; int64_t ms;
  } cases[] = {
    { "{'handoff':true}", "{'n':1,'kind':'handoff'," RULE ",'for':43200}", 12 * HOUR },
    { "{'handoff':'teachers'}", "{'n':1,'kind':'handoff'," RULE ",'queue':'teachers','for':43200}", 12 * HOUR },
    { "{'handoff':{'queue':'q','for':'90m','text':'says {event.text}'}}",
      "{'n':1,'kind':'handoff'," RULE ",'queue':'q','for':5400,'text':'says hi'}", 90 * 60000 },
    { "{'handoff':{'for':'1s'}}", "{'n':1,'kind':'handoff'," RULE ",'for':1}", 1000 },
    { "{'handoff':{'text':'{match.1}'}}", "{'n':1,'kind':'handoff'," RULE ",'for':43200}", 12 * HOUR },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    expect(cases[i].rule, cases[i].actions);
    assert_int_equal(change_of(WEIR_CHANGE_HANDOFF, 0)->until_ms, NOW + cases[i].ms);
  }
  keep();
  run("{'handoff':true,'reply':'a','tag':'t'}", "somebody", "hi");
  assert_string_equal(written(), "{'n':1,'kind':'tag'," RULE ",'add':['t']}");
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "handoff: a human has taken over already"));
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "reply: human took over"));
}

static void opt_out(void **state) {
  (void)state;
  /* the confirmation goes, and does not wait: when due it would be silenced */
  run("{'opt_out':true,'message':{'text':'bye','after':'1h'}}", "u1", "TD");
  assert_string_equal(written(), "{'n':1,'kind':'opt_out'," RULE "},{'n':2,'kind':'message'," RULE ",'text':'bye'}");
  assert_int_equal(changes_of(WEIR_CHANGE_OPT_OUT), 1);
  assert_false(d.opting_out);
  keep();
  run("{'message':'hello again','follow':true,'tag':'t'}", "u1", "hi");
  assert_string_equal(written(), "{'n':1,'kind':'tag'," RULE ",'add':['t']}");
  assert_int_equal(d.dropped_cnt, 2);
  /* who says it twice is told once: one confirmation, then silence */
  run("{'message':'bye','opt_out':true,'follow':true}", "u1", "TD");
  assert_string_equal(written(), "");
  assert_int_equal(changes_of(WEIR_CHANGE_OPT_OUT), 0);
}

static void the_table(void **state) {
  (void)state;
  size_t cnt;
  uint32_t verb_cnt;
  const struct weir_action_kind *const *kinds = weir_action_kinds(&cnt);
  const weir_str *verbs = weir_decide_verbs(&verb_cnt);
  assert_int_equal(cnt, 20);
  assert_int_equal(verb_cnt, cnt + 1);
  for (size_t i = 0; i < cnt; i++) {
    assert_str(verbs[i], kinds[i]->name);
    assert_ptr_equal(weir_action_kind_find(verbs[i]), kinds[i]);
    assert_true(kinds[i]->parse && kinds[i]->perform && strlen(kinds[i]->takes) && strlen(kinds[i]->says));
    assert_false(kinds[i]->outbound && kinds[i]->state);
  }
  assert_str(verbs[cnt], "after");
  assert_null(weir_action_kind_find(WEIR_STR("after")));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(outbound_forms),
    TEST(several_actions_are_numbered),
    TEST(escapes),
    TEST(accept_answers_a_request),
    TEST(one_of_several_texts),
    TEST(all_of_several_texts),
    TEST(nothing_to_say),
    TEST(tags),
    TEST(too_many_tags),
    TEST(stages),
    TEST(fields),
    TEST(long_value),
    TEST(counters),
    TEST(handoff),
    TEST(opt_out),
    TEST(the_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
