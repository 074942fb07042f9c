/* What shop owners are told about a rule that is wrong. Messages are compared in full where they guess what was meant. */
#include "decide_help.h"

struct wrong {
  const char *key, *value, *says; /* the report, or a part of it after "~" */
};

static void check(const struct wrong *cases, size_t cnt, bool handler, uint32_t kinds) {
  for (size_t i = 0; i < cnt; i++) {
    const char *says = cases[i].says, *got = report_of(cases[i].key, cases[i].value, handler, kinds);
    if (says[0] == '~' ? !strstr(got, says + 1) || !got[0] : strcmp(got, says) != 0) {
      fail_msg("%s = %s\n says: %s\n not:  %s", cases[i].key, cases[i].value, got, says);
    }
  }
}

#define CHECK(cases) check(cases, sizeof cases / sizeof cases[0], false, 0)

static void gates(void **state) {
  (void)state;
  static const struct wrong cases[] = {
    { "channel", "7", "channel: expected a text or a list such as { \"a\", \"b\" }, not a number" },
    { "channel", "true", "~not true" },
    { "channel", "[]", "~not an empty list" },
    { "channel", "{'a':'b'}", "~not a table with names" },
    { "channel", "['a',7]", "channel: expected a text in quotes, not a number" },
    { "channel", "''", "channel: is empty" },
    { "channel", "'douyin/papers'",
      "channel: \"douyin/papers\" is an account: write channel = \"douyin\" or account = \"douyin/papers\"" },
    { "channel", "'dou*'", "~leave the line out for all channels" },
    { "account", "'douyin'",
      "account: \"douyin\" is no account: write channel/account, such as \"douyin/papers\" or \"douyin/*\"" },
    { "account", "'/papers'", "~is no account" },
    { "account", "'douyin/'", "~is no account" },
    { "account", "'a/b/c'", "~is no account" },
    { "account", "'dou*yin/papers'", "~a star may only end the channel or the account" },
    { "account", "'douyin/*papers'", "~a star may only end" },
    { "account", "'douyin/**'", "~a star may only end" },
    { "post", "7", "~not a number" },
    { "first_time", "'yes'", "first_time: expected true or false, not a text" },
    { "stage_is", "'asked'", "stage_is: \"asked\" names no stage: write funnel/stage; did you mean \"papers/asked\"?" },
    { "stage_is", "'zzz'", "stage_is: \"zzz\" names no stage: write funnel/stage, such as \"papers/asked\"" },
    { "stage_is", "'paper/asked'", "stage_is: there is no funnel \"paper\"; did you mean \"papers\"?" },
    { "stage_is", "'zzz/asked'", "stage_is: there is no funnel \"zzz\" in pack \"shop\"; it has \"club\"" },
    { "stage_is", "'nopack:zzz/asked'", "~pack \"nopack\" declares none" },
    { "stage_is", "'other:lead/new'", "stage_is: there is no funnel \"lead\"; did you mean \"leads\"?" },
    { "stage_is", "'papers/aksed'", "stage_is: funnel \"papers\" has no stage \"aksed\"; did you mean \"asked\"?" },
    { "stage_not", "'papers/zzz'",
      "stage_not: funnel \"papers\" has no stage \"zzz\"; its stages are asked, added, delivered, joined" },
    { "tag_has", "{'al':['a']}", "tag_has: knows no `al`; did you mean `all`?" },
    { "tag_has", "{'_':['a'],'all':['b']}", "~not both" },
    { "tag_has", "{'all':[]}", "~not an empty list" },
    { "tag_not", "' a'", "tag_not: the tag \" a\" begins or ends with a space" },
    { "tag_not", "'a\\u202eb'", "tag_not: the tag has a character that cannot be seen" },
    { "tag_not", "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'", "~is too long: at most 64 bytes" },
    { "field", "'city'", "field: expected names and values, such as { city = \"Shanghai\", level = 3 }, not a text" },
    { "field", "{}", "~expected names and values" },
    { "field", "{'city':true}", "field: `city` must equal a text or a whole number, or lie in { min, max }, not true" },
    { "field", "{'points':{}}", "~expected bounds such as" },
    { "field", "{'points':{'mim':1}}", "~knows no `mim`; did you mean `min`?" },
    { "field", "{'points':{'min':5,'max':4}}", "field: `points`: min is larger than max" },
    { "invited", "0", "~1" },
    { "invited", "'two'", "~a whole number" },
    { "field", "{'city':1.5}", "~not a number" },
    { "once", "false", "once: expected true, \"person\", \"post\", \"room\" or \"day\", not false" },
    { "once", "'pots'", "once: \"pots\" is none of \"person\", \"post\", \"room\", \"day\"; did you mean \"post\"?" },
    { "once", "'always'", "once: \"always\" is none of \"person\", \"post\", \"room\", \"day\"" },
    { "cooldown", "600", "~expected a time such as" },
    { "cooldown", "'10'", "~\"10\" is no time: write \"30s\"" },
    { "cooldown", "'1m..2m'", "cooldown: expected one length of time such as \"10m\", not a range" },
    { "cooldown", "'0s'", "~no time at all" },
    { "cooldown", "'400d'", "cooldown: \"400d\" is too long: at most 365 days" },
  };
  CHECK(cases);
}

static void none_without_funnels(void **state) {
  (void)state;
  ruleset.funnels = &funnels[2];
  ruleset.funnel_cnt = 1;
  static const struct wrong cases[] = { { "stage_is", "'none'", "~but the pack has none" },
                                        { "stage", "'papers/asked'", "~pack \"shop\" declares none (funnel \"papers\"" } };
  CHECK(cases);
}

static void actions_(void **state) {
  (void)state;
  static const struct wrong cases[] = {
    { "reply", "7", "reply.text: expected a text or a list of texts, not a number: write it in quotes" },
    { "reply", "false", "reply: false does nothing: leave the line out" },
    { "reply", "true", "reply: true is not enough: expected a text, texts to choose one from, or { text, all, media, after, at, unless_reply }" },
    { "reply", "''", "reply.text: the text is empty" },
    { "reply", "['a','']", "reply.text: the text is empty" },
    { "reply", "['a',7]", "reply.text: expected a text in quotes, not a number" },
    { "reply", "{'after':'5s'}", "~reply: says nothing: expected a text" },
    { "reply", "{}", "~reply: says nothing" },
    { "reply", "{'text':'a','afer':'5s'}", "reply: knows no `afer`; did you mean `after`?" },
    { "reply", "{'text':'a','zzzzzz':1}", "reply: knows no `zzzzzz`; it takes text, media, after, at, unless_reply, all" },
    { "reply", "{'_':['a'],'text':'b'}", "reply.text: is given twice" },
    { "reply", "{'_':['a'],'all':['b']}",
      "reply.all: the text is given twice: write `all`, or one text, or texts to choose from" },
    { "reply", "{'all':'a'}", "reply.all: expected a list of texts, not a text" },
    { "reply", "{'all':[]}", "~reply.all: expected a list of texts" },
    { "reply", "{'text':{'a':'b'}}", "~not a table with names" },
    { "reply", "{'text':'a','after':'soon'}", "~reply.after: \"soon\" is no time" },
    { "reply", "{'text':'a','after':5}", "~reply.after: expected a time such as" },
    { "reply", "{'text':'a','after':'30s..5s'}", "~is no time" },
    { "reply", "{'text':'a','after':'400d'}", "~is too long" },
    { "reply", "{'media':7}", "~reply.media: expected a text or a list" },
    { "reply", "{'media':['a','a','a','a','a','a','a','a','a','a','a','a','a','a','a','a','a']}",
      "reply.media: 17 are too many: at most 16" },
    { "message", "{'mesage':'a'}", "~knows no `mesage`" },
    { "follow", "'yes'", "follow: expected true, or { after, at, unless_reply }, not a text" },
    { "follow", "['a']", "follow: expected true, or { after, at, unless_reply }, not a list" },
    { "follow", "1", "~not a number" },
    { "follow", "{'texxt':'a'}", "follow: knows no `texxt`; it takes after, at, unless_reply" },
    { "tag", "true", "tag: true is not enough: expected a tag or a list" },
    { "tag", "['a',7]", "tag.add: expected a text in quotes, not a number" },
    { "tag", "{'add':'a','to':'b'}", "~knows no `to`" },
    { "tag", "'a\\nb'", "tag.add: the tag has a character that cannot be seen" },
    { "untag", "7", "~untag.remove: expected a text or a list" },
    { "stage", "'papers/askd'", "stage: funnel \"papers\" has no stage \"askd\"; did you mean \"asked\"?" },
    { "stage", "['papers/asked','papers/added']", "stage.stage: takes one text, not 2" },
    { "stage", "{'_':['papers/asked'],'bak':true}", "stage: knows no `bak`; did you mean `back`?" },
    { "stage", "{'_':['papers/asked'],'back':1}", "stage.back: expected true or false, not a number" },
    { "stage", "{'back':true}", "~there is no `stage`" },
    { "set", "'city'", "set: expected names and values such as { city = \"Shanghai\", level = 3 }, not a text" },
    { "set", "true", "~set: true is not enough" },
    { "set", "['a']", "~expected names and values" },
    { "set", "{'city':true}", "set.city: expected a text or a whole number, not true" },
    { "set", "{'city':1.5}", "set.city: expected a text or a whole number, not a number with a fraction" },
    { "set", "{'':'a'}", "set: the name is empty" },
    { "set", "{'city':'{citty}'}", "~set.city: {citty} cannot be filled in" },
    { "incr", "{'points':'a'}", "~incr.points: expected a whole number from -1000000 to 1000000, not a text" },
    { "incr", "{'points':1.5}", "~not a number with a fraction" },
    { "incr", "{'points':2000000}", "~not 2000000" },
    { "incr", "{'points':0}", "incr.points: adding 0 changes nothing: leave it out" },
    { "incr", "7", "~expected a name, or names and numbers" },
    { "incr", "['a','a']", "incr: `a` is given twice" },
    { "incr", "{'_':['a'],'a':2}", "incr: `a` is given twice" },
    { "invite", "true", "invite: true is not enough: expected a room, or { room, text, after, at, unless_reply, via }" },
    { "invite", "{'text':'come'}", "invite: there is no `room`: expected a room, or { room, text, after, at, unless_reply, via }" },
    { "invite", "['a','b']", "invite.room: takes one text, not 2" },
    { "invite", "7", "invite.room: expected a text in quotes, not a number" },
    { "accept", "'yes'", "~accept: expected true" },
    { "remark", "['a','b']", "~remark.text: expected a text in quotes, not a list" },
    { "deliver", "{'text':'a'}", "~there is no `file`" },
    { "deliver", "{'file':'a\\u0001'}", "~has a character that cannot be seen" },
    { "deliver", "{'file':'a','all':['a','b']}", "~knows no `all`" },
    { "handoff", "{'for':'1h..2h'}", "handoff.for: expected one length of time such as \"12h\", not a range" },
    { "handoff", "{'for':'500ms'}", "handoff.for: expected a length of time of at least one second" },
    { "handoff", "'2h'", "handoff: \"2h\" would be the name of a queue: write handoff = { [\"for\"] = \"2h\" } for how long the rules are silent" },
    { "handoff", "7", "handoff.queue: expected a text in quotes, not a number" },
    { "opt_out", "'yes'", "opt_out: \"yes\" is no place: true, \"everywhere\" or \"channel\"" },
    { "opt_out", "'chanel'", "opt_out: \"chanel\" is no place; did you mean \"channel\"?" },
    { "opt_in", "'yes'", "opt_in: expected true, not a text" },
    { "handback", "1", "handback: expected true, not a number" },
    { "streak", "true", "~is not enough" },
    { "opt_out", "{'text':'bye'}", "opt_out: knows no `text`; it takes where" },
    { "emit", "true", "~true is not enough" },
    { "emit", "{'data':{'a':1}}", "~there is no `name`" },
    { "emit", "{'_':['x'],'data':'a'}", "~expected names and values" },
  };
  CHECK(cases);
}

static void templates(void **state) {
  (void)state;
  static const struct wrong cases[] = {
    { "reply", "'{name}'", "reply.text: {name} cannot be filled in; did you mean {person.name}?" },
    { "reply", "'{persn.name}'", "reply.text: {persn.name} cannot be filled in; did you mean {person.name}?" },
    { "reply", "'{post}'", "reply.text: {post} cannot be filled in; did you mean {event.post}?" },
    { "reply", "'{wechat}'", "reply.text: {wechat} cannot be filled in; did you mean {pool.wechat}?" },
    { "reply", "'{cod}'", "reply.text: {cod} cannot be filled in; did you mean {code}?" },
    { "reply", "'{zzzzzzzz}'", "~{zzzzzzzz} cannot be filled in; there are {person.name}, {match}" },
    { "reply", "'{}'", "~{} cannot be filled in" },
    { "reply", "'{|x}'", "~{} cannot be filled in" },
    { "reply", "'{ code }'", "~did you mean {code}?" },
    { "reply", "'{match.0}'", "reply.text: {match.0} cannot be filled in: a pattern's groups are {match.1} to {match.16}" },
    { "reply", "'{match.17}'", "~{match.1} to {match.16}" },
    { "reply", "'{match.}'", "~{match.1} to {match.16}" },
    { "reply", "'{match.1x}'", "~{match.1} to {match.16}" },
    { "reply", "'{pool.wechta}'", "reply.text: there is no pool \"wechta\"; did you mean {pool.wechat}?" },
    { "reply", "'{pool.zzzzzz}'", "reply.text: there is no pool \"zzzzzz\"; there is {pool.line}" },
    { "reply", "'{pool.bare:x}'", "~the pack declares none" },
    { "reply", "'{field.}'", "reply.text: the name of the field is empty" },
    { "reply", "'a {code'", "reply.text: \"{code\": the brace is never closed; write {{ for a brace" },
    { "reply", "'a {'", "~the brace is never closed" },
    { "reply", "'a } b'", "reply.text: \"a }\": a closing brace without an opening one; write }} for a brace" },
    { "reply", "'{code}}'", "~a closing brace without an opening one" },
    { "reply", "'{person.name|{code}}'", "~a place cannot stand inside another" },
    { "deliver", "{'file':'a','text':'{cod}'}", "~deliver.text: {cod} cannot be filled in" },
    { "emit", "{'name':'a','data':{'k':'{cod}'}}", "~emit.k: {cod} cannot be filled in" },
  };
  CHECK(cases);
  /* a handler's texts have no places */
  static const struct wrong fine[] = { { "reply", "'{name} { }'", "" }, { "set", "{'a':'{x'}", "" } };
  check(fine, 2, true, 0);
}

static void kinds(void **state) {
  (void)state;
  static const struct wrong cases[] = {
    { "accept", "true",
      "accept: answers a friend request or a request to join, and this rule listens to nothing of the kind: look at its `on`" },
    { "reply", "'a'", "" },
    { "like", "true", "" },
    { "hide", "true", "" },
  };
  check(cases, 4, false, UINT32_C(1) << WEIR_EVENT_COMMENT);
  static const struct wrong timer[] = { { "reply", "'a'", "~a timer has none: write message" },
                                        { "like", "true", "~answers a comment or message" },
                                        { "hide", "true", "~answers a comment" },
                                        { "message", "'a'", "" } };
  check(timer, 4, false, UINT32_C(1) << WEIR_EVENT_TIMER);
  static const struct wrong request[] = { { "accept", "true", "" } };
  check(request, 1, false, UINT32_C(1) << WEIR_EVENT_FRIEND_REQUEST | UINT32_C(1) << WEIR_EVENT_COMMENT);
}

static void several_unknown_names(void **state) {
  (void)state;
  assert_string_equal(report_of("reply", "{'text':'a','afer':'5s','mdia':'x'}", false, 0),
                      "reply: knows no `afer`; did you mean `after`?\nreply: knows no `mdia`; did you mean `media`?");
}

static void long_words_are_cut(void **state) {
  (void)state;
  char value[1200] = "'{";
  for (size_t i = 0; i < 300; i++) memcpy(value + 2 + 3 * i, "电", 4);
  strcat(value, "}'");
  const char *got = report_of("reply", value, false, 0);
  assert_non_null(strstr(got, "cannot be filled in; there are"));
  assert_true(strlen(got) < 450);
}

static void too_large(void **state) {
  (void)state;
  char *value = malloc(WEIR_TEMPLATE_MAX + 16);
  assert_non_null(value);
  memset(value, 'x', WEIR_TEMPLATE_MAX + 16);
  value[0] = value[WEIR_TEMPLATE_MAX + 2] = '\'';
  value[WEIR_TEMPLATE_MAX + 3] = '\0';
  assert_string_equal(report_of("reply", value, false, 0), "reply.text: the text is too long: 4097 bytes, at most 4096");
  free(value);
  char many[1024] = "[";
  for (int i = 0; i < WEIR_VARIANTS_MAX + 1; i++) strcat(many, i ? ",'a'" : "'a'");
  strcat(many, "]");
  assert_string_equal(report_of("reply", many, false, 0), "reply.text: 65 texts are too many: at most 64");
}

/* An arena that ends anywhere gives WEIR_E_NOMEM and no finding. */
static void no_memory(void **state) {
  (void)state;
  static const struct wrong cases[] = {
    { "reply", "{'_':['a {person.name}','b'],'media':['x','y'],'after':'5s'}", "" },
    { "set", "{'a':1,'b':'{code}'}", "" },
    { "incr", "['a','b']", "" },
    { "stage", "'papers/asked'", "" },
    { "tag", "['a','b']", "" },
    { "channel", "['a','b']", "" },
    { "account", "['a/b','c/*']", "" },
    { "stage_is", "['papers/asked','none']", "" },
    { "field", "{'a':1,'b':'x'}", "" },
    { "once", "'post'", "" },
    { "cooldown", "'1h'", "" },
    { "first_time", "true", "" },
    { "tag_has", "{'all':['a']}", "" },
    { "tag_not", "'a'", "" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const struct weir_gate_kind *gate = weir_gate_kind_find(weir_str_of(cases[i].key));
    const struct weir_action_kind *action = weir_action_kind_find(weir_str_of(cases[i].key));
    const struct weir_value *value = V(cases[i].value);
    size_t ran_out = 0;
    bool passed = false;
    for (size_t room = 0; room < 4096 && !passed; room += 4) {
      struct weir_arena small;
      struct weir_parse p = parser(cases[i].key);
      const void *data = &small;
      weir_arena_fixed(&small, event_block, room);
      p.arena = &small;
      reported[0] = '\0';
      weir_status status = (gate ? gate->parse : action->parse)(&p, value, &data);
      assert_string_equal(reported, "");
      passed = status == WEIR_OK;
      ran_out += status == WEIR_E_NOMEM;
      assert_true(passed || (status == WEIR_E_NOMEM && p.no_memory && data == NULL));
    }
    assert_true(passed && ran_out > 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(gates),     TEST(none_without_funnels),  TEST(actions_),           TEST(templates),
    TEST(kinds),     TEST(several_unknown_names), TEST(long_words_are_cut), TEST(too_large),
    TEST(no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
