/* Good packs: what the example of the design becomes, several packs and files, the deciding order, the hash, the lists the
 * engine works with. */
#include "load_help.h"

#include "decide/decide.h"

static const char example[] =
  "pack { name = \"test-papers\", version = \"1.2.0\", timezone = \"Asia/Shanghai\" }\n"
  "\n"
  "account \"douyin/papers\"           { follow = \"device\" }          -- no official API: a device executor does it\n"
  "account \"wechat_personal/tutor_li\"\n"
  "\n"
  "words.want  = { \"求\", \"想要\", \"有没有\", \"want\", \"requesting\", \"can I have\", \"quiero\" }\n"
  "words.paper = { \"电子版\", \"资料\", \"试卷\", \"electronic version\", \"information\", \"pdf\" }\n"
  "\n"
  "funnel \"papers\" { stages = { \"asked\", \"added\", \"delivered\", \"invited\", \"joined\" }, goal = \"joined\" }\n"
  "pool   \"wechat\" { \"tutor_li\", \"tutor_wang\", per_day = 20 }\n"
  "\n"
  "rule \"ask\" {\n"
  "  title   = \"asks for the paper\",\n"
  "  on      = \"comment\",\n"
  "  match   = [[{want}.{0,12}{paper}]],          -- PCRE2; {name} is a word list\n"
  "  except  = { \"不要\", \"no need\" },\n"
  "  once    = \"post\",                            -- per person and post\n"
  "  reply   = { \"有的，私信你了\", \"I have it, check your messages\" },      -- one of\n"
  "  follow  = true,\n"
  "  message = { \"加我微信 {pool.wechat}，备注 {code}，发你电子版\", after = \"5s..30s\" },\n"
  "  tag     = \"wants:paper\",\n"
  "  stage   = \"papers/asked\",\n"
  "  examples = { yes = { \"求电子版\", \"Requesting electronic version\" }, no = { \"电子版很好看\" } },\n"
  "}\n"
  "\n"
  "rule \"added\" {\n"
  "  on = \"friend_request\", account = \"wechat_personal/*\", stage_is = { \"papers/asked\", \"none\" },\n"
  "  run = function(e)\n"
  "    e:accept()\n"
  "    e:deliver { file = \"paper-2026.pdf\", text = \"给你，\" .. (e.person.name or \"同学\") }\n"
  "    e:stage \"papers/delivered\"\n"
  "    e:after(\"2h\", \"offer the group\")\n"
  "  end,\n"
  "}\n"
  "\n"
  "rule \"offer the group\" {\n"
  "  on = \"timer\", stage_is = \"papers/delivered\",\n"
  "  message = \"还有一个家长群，要进吗？\",\n"
  "}\n";

static void check_example_rules(const weir_ruleset *rs) {
  const struct weir_rule *ask = rule_named(rs, "test-papers/ask"), *added = rule_named(rs, "test-papers/added");
  assert_non_null(ask);
  assert_non_null(added);
  assert_true(str_is(ask->title, "asks for the paper"));
  assert_int_equal(ask->line, 12);
  assert_int_equal(ask->kinds, 1u << WEIR_EVENT_COMMENT);
  assert_true(ask->enabled && !ask->keep_on && !ask->on_limit_handoff && ask->priority == 0);
  assert_int_equal(ask->pattern, 0);
  assert_int_equal(ask->handler, WEIR_NO_INDEX);
  assert_int_equal(ask->gate_cnt, 1);
  assert_int_equal(ask->static_gate_cnt, 0);
  assert_string_equal(ask->gates[0].kind->name, "once");
  assert_int_equal(ask->action_cnt, 5);
  assert_int_equal(ask->yes_cnt, 2);
  assert_int_equal(ask->no_cnt, 1);
  assert_true(str_is(ask->no[0], "电子版很好看"));
  assert_int_equal(added->kinds, 1u << WEIR_EVENT_FRIEND_REQUEST);
  assert_int_equal(added->pattern, WEIR_NO_INDEX);
  assert_int_equal(added->gate_cnt, 2);
  assert_int_equal(added->static_gate_cnt, 1);
  assert_string_equal(added->gates[0].kind->name, "account");
  assert_string_equal(added->gates[1].kind->name, "stage_is");
  assert_int_equal(added->handler, 0);
  assert_int_equal(rs->chunk_cnt, 1);
  assert_true(rs->chunks[0].len > 100 && rs->chunks[0].name.len > 0);
}

static void the_example_of_the_design(void **state) {
  struct tried tried;
  const weir_ruleset *rs;
  (void)state;
  put_folder("papers");
  put("papers/rules.lua", example);
  tried = try_load("papers");
  rs = tried.ruleset;
  assert_int_equal(tried.status, WEIR_OK);
  assert_int_equal(tried.cnt, 3); /* the example leaves out the rules that lead to three of the stages */
  assert_non_null(strstr(tried.found[0].message, "nobody can reach the stage \"added\""));
  assert_int_equal(rs->pack_cnt, 1);
  assert_true(str_is(rs->packs[0].name, "test-papers") && str_is(rs->packs[0].version, "1.2.0") &&
              rs->packs[0].zone && str_is(rs->packs[0].zone->name, "Asia/Shanghai"));
  assert_int_equal(rs->account_cnt, 2);
  assert_true(str_is(rs->accounts[0].channel, "douyin") && str_is(rs->accounts[0].account, "papers"));
  assert_int_equal(rs->accounts[0].ability_cnt, 1);
  assert_true(str_is(rs->accounts[0].abilities[0].key, "follow") && str_is(rs->accounts[0].abilities[0].value.u.s, "device"));
  assert_int_equal(rs->accounts[1].ability_cnt, 0);
  assert_int_equal(rs->funnel_cnt, 1);
  assert_true(str_is(rs->funnels[0].name, "test-papers/papers"));
  assert_int_equal(rs->funnels[0].stage_cnt, 5);
  assert_int_equal(rs->funnels[0].goal, 4);
  assert_int_equal(rs->pool_cnt, 1);
  assert_true(str_is(rs->pools[0].name, "test-papers/wechat") && str_is(rs->pools[0].members[1], "tutor_wang"));
  assert_int_equal(rs->pools[0].per_day, 20);
  assert_int_equal(rs->rule_cnt, 3);
  assert_int_equal(rs->pattern_cnt, 1);
  assert_int_equal(rs->pattern_rule[0], 0);
  assert_int_equal(rs->unpatterned_cnt[WEIR_EVENT_FRIEND_REQUEST], 1);
  assert_int_equal(rs->unpatterned[WEIR_EVENT_FRIEND_REQUEST][0], 1);
  assert_int_equal(rs->unpatterned_cnt[WEIR_EVENT_COMMENT], 0);
  assert_int_equal(rs->unpatterned_cnt[WEIR_EVENT_TIMER], 1);
  check_example_rules(rs);
  end_try(&tried);
}

static void what_a_ruleset_declares(void **state) {
  struct tried tried;
  weir_rule_info rule;
  weir_stage_info stage;
  (void)state;
  put("a.lua", "funnel \"f\" { stages = { \"one\", \"two\" }, goal = \"two\" }\n"
               "rule \"r\" { title = \"Title\", on = \"follow\", stage = \"f/one\" }\n"
               "rule \"s\" { on = \"join\", stage = \"f/two\" }\n");
  tried = load_good("a.lua");
  assert_int_equal(weir_ruleset_rule_count(tried.ruleset), 2);
  assert_true(weir_ruleset_rule(tried.ruleset, 0, &rule));
  assert_true(str_is(rule.name, "a/r") && str_is(rule.title, "Title") && str_is(rule.file, path_of("a.lua")));
  assert_int_equal(rule.line, 2);
  assert_false(weir_ruleset_rule(tried.ruleset, 2, &rule));
  assert_null(rule.name.ptr);
  assert_true(weir_ruleset_stage(tried.ruleset, 0, 1, &stage));
  assert_true(str_is(stage.funnel, "a/f") && str_is(stage.stage, "two") && stage.goal);
  assert_true(weir_ruleset_stage(tried.ruleset, 0, 0, &stage) && !stage.goal);
  assert_false(weir_ruleset_stage(tried.ruleset, 0, 2, &stage));
  assert_false(weir_ruleset_stage(tried.ruleset, 1, 0, &stage));
  assert_true(weir_ruleset_bytes(tried.ruleset) > sizeof(struct weir_ruleset));
  assert_int_equal(weir_ruleset_rule_count(NULL), 0);
  weir_ruleset_free(NULL);
  end_try(&tried);
}

/* Priority, then pack by folder name, then file, then line. */
static void the_deciding_order(void **state) {
  static const char *const expected[] = { "zz/high", "a/early", "a/first", "a/second", "zz/one", "zz/low" };
  struct tried tried;
  (void)state;
  put_folder("b");
  put_folder("a");
  put("b/x.lua", "pack { name = \"zz\" }\n"
                 "rule \"low\" { on = \"comment\", any = true, reply = \"x\", priority = -5 }\n"
                 "rule \"one\" { on = \"comment\", keywords = \"one\", reply = \"x\" }\n"
                 "rule \"high\" { on = \"comment\", keywords = \"high\", reply = \"x\", priority = 10 }\n");
  put("a/2.lua", "rule \"first\" { on = \"comment\", keywords = \"a\", reply = \"x\" }\n"
                 "rule \"second\" { on = \"comment\", any = true, reply = \"x\", priority = 0 }\n");
  put("a/10.lua",
      "rule \"early\" { on = { \"comment\", \"message\" }, any = true, reply = \"x\" }\n"); /* bytewise: 10 before 2 */
  put("README.md", "no pack\n");
  put_folder("empty");
  tried = load_good("");
  assert_int_equal(tried.ruleset->rule_cnt, 6);
  for (uint32_t i = 0; i < 6; i++) assert_true(str_is(tried.ruleset->rules[i].name, expected[i]));
  assert_int_equal(tried.ruleset->pack_cnt, 2);
  assert_true(str_is(tried.ruleset->packs[tried.ruleset->rules[0].pack].name, "zz"));
  /* pattern numbers ascend with the rules */
  assert_int_equal(tried.ruleset->pattern_cnt, 3);
  for (uint32_t i = 0; i < 3; i++) assert_int_equal(tried.ruleset->rules[tried.ruleset->pattern_rule[i]].pattern, i);
  assert_true(tried.ruleset->pattern_rule[0] < tried.ruleset->pattern_rule[1] &&
              tried.ruleset->pattern_rule[1] < tried.ruleset->pattern_rule[2]);
  assert_int_equal(tried.ruleset->unpatterned_cnt[WEIR_EVENT_COMMENT], 3);
  assert_int_equal(tried.ruleset->unpatterned_cnt[WEIR_EVENT_MESSAGE], 1);
  assert_true(tried.ruleset->unpatterned[WEIR_EVENT_COMMENT][0] < tried.ruleset->unpatterned[WEIR_EVENT_COMMENT][1]);
  end_try(&tried);
}

static void files_of_a_pack_share(void **state) {
  struct tried tried;
  (void)state;
  put("1.lua",
      "rule \"r\" { on = \"comment\", match = [[{want} it]], keywords = { words.greet, \"yo\" }, message = \"{pool.p}\", stage = \"f/a\" }\n");
  put("2.lua",
      "words.want = { \"want\", \"need\" }\nwords[\"greet\"] = \"hello\"\npool \"p\" { \"x\" }\nfunnel \"f\" { stages = { \"a\" } }\n");
  tried = load_good("");
  assert_int_equal(tried.ruleset->rule_cnt, 1);
  assert_int_equal(tried.ruleset->funnels[0].goal, WEIR_NO_INDEX);
  assert_int_equal(tried.ruleset->pools[0].per_day, 0);
  end_try(&tried);
}

/* Two packs may use the same names, and serve the same account if they agree. */
static void packs_do_not_meet(void **state) {
  static const char text[] = "account \"douyin/x\" { follow = \"device\" }\nwords.w = { \"w\" }\npool \"p\" { \"m\" }\n"
                             "funnel \"f\" { stages = { \"s\" } }\nrule \"r\" { on = \"comment\", keywords = \"{w}\", reply = \"x\" }\n";
  struct tried tried;
  (void)state;
  put_folder("one");
  put_folder("two");
  put("one/a.lua", text);
  put("two/a.lua", text);
  tried = load_good("");
  assert_int_equal(tried.ruleset->rule_cnt, 2);
  assert_non_null(rule_named(tried.ruleset, "one/r"));
  assert_non_null(rule_named(tried.ruleset, "two/r"));
  assert_memory_not_equal(tried.ruleset->rules[0].id, tried.ruleset->rules[1].id, WEIR_ID_BYTES);
  end_try(&tried);
}

static void every_key_of_the_loader(void **state) {
  struct tried tried;
  const struct weir_rule *rule;
  (void)state;
  put("a.lua",
      "rule \"r\" { title = \"t\", on = { \"comment\", \"x-vote\", \"x-poll\", \"timer\" }, keywords = \"hi\", mode = \"prefix\", loose = true,\n"
               "  except = \"no\", priority = 7, enabled = false, on_limit = \"handoff\", was = \"old\", reply = \"x\",\n"
               "  examples = { yes = \"hi there\" }, [\"continue\"] = true }\n"
               "rule \"any\" { on = \"message\", any = true, match = nil, run = function(e) return false end }\n");
  tried = load_good("a.lua");
  rule = rule_named(tried.ruleset, "a/r");
  assert_non_null(rule);
  assert_int_equal(rule->kinds, 1u << WEIR_EVENT_COMMENT | 1u << WEIR_EVENT_OWN | 1u << WEIR_EVENT_TIMER);
  assert_int_equal(rule->own_kind_cnt, 2);
  assert_true(str_is(rule->own_kinds[0], "x-vote") && str_is(rule->own_kinds[1], "x-poll"));
  assert_true(rule->priority == 7 && !rule->enabled && rule->keep_on && rule->on_limit_handoff);
  end_try(&tried);
}

/* What people's claims hang on: the name, or the old one after a renaming. */
static void a_renamed_rule_stays_itself(void **state) {
  unsigned char before[WEIR_ID_BYTES];
  struct tried tried;
  (void)state;
  put("a.lua", "rule \"old\" { on = \"comment\", any = true, reply = \"x\" }\n");
  tried = load_good("a.lua");
  memcpy(before, tried.ruleset->rules[0].id, sizeof before);
  end_try(&tried);
  put("a.lua", "rule \"new\" { was = \"old\", on = \"comment\", any = true, reply = \"x\" }\n");
  tried = load_good("a.lua");
  assert_memory_equal(tried.ruleset->rules[0].id, before, sizeof before);
  assert_true(str_is(tried.ruleset->rules[0].name, "a/new"));
  end_try(&tried);
  put("a.lua", "rule \"new\" { on = \"comment\", any = true, reply = \"x\" }\n");
  tried = load_good("a.lua");
  assert_memory_not_equal(tried.ruleset->rules[0].id, before, sizeof before);
  end_try(&tried);
}

static void hash_into(const char *name, char out[65]) {
  struct tried tried = load_good(name);
  weir_str hash = weir_ruleset_hash(tried.ruleset);
  assert_int_equal(hash.len, 64);
  memcpy(out, hash.ptr, 64);
  out[64] = '\0';
  assert_int_equal(strspn(out, "0123456789abcdef"), 64);
  end_try(&tried);
}

static void the_hash(void **state) {
  static const char text[] = "rule \"r\" { on = \"comment\", any = true, reply = \"x\" }\n";
  char first[65], again[65], other[65];
  (void)state;
  put_folder("p");
  put_folder("copy");
  put("p/a.lua", text);
  put("copy/a.lua", text);
  hash_into("p", first);
  hash_into("p/", again);
  assert_string_equal(first, again);
  hash_into("copy", again); /* where it lies does not matter */
  assert_string_equal(first, again);
  put("copy/a.lua", "rule \"r\" { on = \"comment\", any = true, reply = \"y\" }\n");
  hash_into("copy", other);
  assert_string_not_equal(first, other);
  put("p/b.lua", "");
  hash_into("p", other); /* an empty file more */
  assert_string_not_equal(first, other);
  assert_int_equal(remove(path_of("p/b.lua")), 0);
  /* known by heart: SHA-256 of len("a.lua") "a.lua" len(text) text, with lengths as 8 bytes, lowest first */
  hash_into("p", again);
  assert_string_equal(again, "8adbc19426f4ba7e7be13cad3faae834aa4083b1e348f170f336b05356f85953");
}

static void texts_from_other_editors(void **state) {
  struct tried tried;
  (void)state;
  put("a.lua",
      "\xEF\xBB\xBFrule \"r\" {\r\n  on = \"comment\",\r\n  any = true,\r\n  reply = \"x\",\r\n}\r\nrule \"s\" { on = \"follow\", tag = \"t\" }\r\n");
  tried = load_good("a.lua");
  assert_int_equal(rule_named(tried.ruleset, "a/s")->line, 6);
  end_try(&tried);
  put("a.lua", ""); /* nothing in it is no error */
  tried = load_good("a.lua");
  assert_int_equal(tried.ruleset->rule_cnt, 0);
  assert_false(weir_ruleset_rule(tried.ruleset, 0, &(weir_rule_info){ .line = 1 }));
  end_try(&tried);
}

static void rules_made_in_a_loop(void **state) {
  struct tried tried;
  (void)state;
  put("a.lua", "local cities = { \"berlin\", \"paris\" }\n"
               "local function ask(city)\n"
               "  rule(\"ask-\" .. city) { on = \"comment\", keywords = city, reply = \"{{\" .. string.upper(city) .. \"}}\" }\n"
               "end\n"
               "for _, city in ipairs(cities) do ask(city) end\n");
  tried = load_good("a.lua");
  assert_int_equal(tried.ruleset->rule_cnt, 2);
  assert_non_null(rule_named(tried.ruleset, "a/ask-paris"));
  assert_int_equal(tried.ruleset->rules[1].line, 3);
  end_try(&tried);
}

static void links_inside_the_folder(void **state) {
  struct tried tried;
  (void)state;
  put_folder("p");
  put_folder("shared");
  put("shared/words.lua", "words.w = { \"w\" }\nrule \"s\" { on = \"comment\", keywords = \"{w}\", reply = \"x\" }\n");
  put("p/a.lua", "rule \"r\" { on = \"comment\", keywords = \"{w}\", reply = \"x\" }\n");
  assert_int_equal(symlink("../shared/words.lua", path_of("p/words.lua")), 0);
  tried = load_good("");
  assert_int_equal(tried.ruleset->rule_cnt, 3);
  end_try(&tried);
}

static void host_settings(void **state) {
  weir_ruleset *rs = NULL;
  weir_error err;
  (void)state;
  put("a.lua", "rule \"r\" { on = \"comment\", any = true, reply = \"x\" }\n");
  assert_int_equal(weir_ruleset_load(&rs, path_of("a.lua"), NULL, NULL), WEIR_OK); /* all of it is optional */
  assert_non_null(rs);
  weir_ruleset_free(rs);
  assert_int_equal(weir_ruleset_load(NULL, path_of("a.lua"), NULL, &err), WEIR_E_ARG);
  assert_int_equal(err.status, WEIR_E_ARG);
  assert_int_equal(weir_ruleset_load(&rs, NULL, NULL, &err), WEIR_E_ARG);
  assert_null(rs);
  assert_int_equal(weir_ruleset_load(&rs, path_of("a.lua"), &(weir_load_config){ .struct_size = 0 }, &err), WEIR_E_ARG);
  assert_int_equal(weir_ruleset_load(&rs, path_of("a.lua"), &(weir_load_config){ .struct_size = sizeof(weir_load_config) + 8 },
                                     &err), WEIR_E_ARG);
  assert_null(rs);
}

/* A file of codes lies beside the rules and is part of what they are. */
static void codes_from_a_file(void **state) {
  (void)state;
  char first[65];
  put("pack.lua", "coupon \"gift\" { file = \"codes.txt\" }\nrule \"a\" { on = \"follow\", message = \"{coupon.gift}\" }\n");
  put("codes.txt", "\xEF\xBB\xBF# codes of spring\r\n AA-1 \r\n\r\nBB-2\nCC-3");
  struct tried tried = load_good("");
  const struct weir_ruleset *rs = tried.ruleset;
  assert_int_equal(rs->pool_cnt, 1);
  assert_true(rs->pools[0].coupon && rs->pools[0].member_cnt == 3);
  assert_true(str_is(rs->pools[0].members[0], "AA-1") && str_is(rs->pools[0].members[2], "CC-3"));
  snprintf(first, sizeof first, "%.64s", rs->hash);
  end_try(&tried);
  put("codes.txt", "AA-1\nBB-2\nCC-4\n");
  tried = load_good("");
  assert_int_not_equal(memcmp(first, tried.ruleset->hash, 64), 0);
  end_try(&tried);
  put("codes.txt", "# none\n");
  tried = try_load("");
  assert_int_equal(tried.error_cnt, 1);
  assert_non_null(strstr(tried.found[0].message, "has no codes"));
  end_try(&tried);
}

/* For programs that look after a state. */
static void a_ruleset_without_rules(void **state) {
  (void)state;
  weir_ruleset *rules = NULL;
  weir_error err;
  assert_int_equal(weir_ruleset_empty(&rules, &err), WEIR_OK);
  assert_int_equal(weir_ruleset_rule_count(rules), 0);
  weir_ruleset_free(rules);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    LOAD_TEST(the_example_of_the_design), LOAD_TEST(what_a_ruleset_declares), LOAD_TEST(the_deciding_order),
      LOAD_TEST(files_of_a_pack_share),
    LOAD_TEST(packs_do_not_meet), LOAD_TEST(every_key_of_the_loader), LOAD_TEST(a_renamed_rule_stays_itself), LOAD_TEST(the_hash),
    LOAD_TEST(texts_from_other_editors), LOAD_TEST(rules_made_in_a_loop), LOAD_TEST(links_inside_the_folder),
      LOAD_TEST(host_settings), LOAD_TEST(codes_from_a_file), LOAD_TEST(a_ruleset_without_rules),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
