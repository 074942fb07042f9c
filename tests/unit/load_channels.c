/* What is said of channels and accounts: what is wrong in it, what is laid over what, and that our own table names its sources. */
#include "load_help.h"

#include "model/ruleset.h"
#include "policy/policy.h"

struct wrong {
  const char *source;
  uint32_t line;
  const char *says;
};

#define RULE "rule 'a' { on = 'comment', any = true, reply = 'x' }\n"

static void what_is_wrong_is_told(void **state) {
  (void)state;
  static const struct wrong cases[] = {
    { RULE "account 'douyn/papers' {}\n", 2, "there is no channel \"douyn\"; did you mean \"douyin\"?" },
    { RULE "account 'instagran/shop' { follow = 'none' }\n", 2, "did you mean \"instagram\"?" },
    { RULE "account 'wechat_oa/shop' { kind = 'subscripton' }\n", 2, "did you mean \"subscription\"?" },
    { RULE "account 'douyin/shop' { kind = 'service' }\n", 2, "douyin has no kinds of accounts" },
    { RULE "account 'douyin/shop' { folow = 'none' }\n", 2, "unknown key `folow`; did you mean `follow`?" },
    { RULE "account 'douyin/shop' { follow = 'devise' }\n", 2, "did you mean \"device\"?" },
    { RULE "account 'douyin/shop' { quotas = { { max = 0, within = 'day' } } }\n", 2, "quotas[1].max`: allows nothing" },
    { RULE "account 'douyin/shop' { quotas = { { action = 'mesage', max = 2, within = 'day' } } }\n", 2, "there is no \"mesage\"; did you mean \"message\"?" },
    { RULE "account 'douyin/shop' { quotas = { { max = 2, within = 'day', per = 'acount' } } }\n", 2, "there is no \"acount\"; did you mean \"account\"?" },
    { RULE "account 'douyin/shop' { quotas = { { max = 2 } } }\n", 2, "quotas[1].within`: expected a length of time, \"day\", \"month\" or \"ever\"" },
    { RULE "account 'douyin/shop' { quotas = { { max = 2, within = '40d' } } }\n", 2, "from one second to 31 days" },
    { RULE "account 'douyin/shop' { quotas = { { max = 2, withn = 'day' } } }\n", 2, "there is no \"withn\"; did you mean \"within\"?" },
    { RULE "account 'douyin/shop' {\n  windows = { { opens = 'mesage', lasts = '24h' } },\n}\n", 3, "there is no \"mesage\"; did you mean \"message\"?" },
    { RULE "account 'douyin/shop' { windows = { { opens = 'message' } } }\n", 2, "windows[1].lasts`: expected a length of time" },
    { RULE "account 'douyin/shop' { windows = { { opens = 'message', lasts = '1h', per = 'account' } } }\n", 2, "expected \"contact\" or \"trigger\"" },
    { RULE "account 'douyin/shop' { text = { reply = '150 chracters' } }\n", 2, "there is no \"chracters\"; did you mean \"characters\"?" },
    { RULE "account 'douyin/shop' { text = { reply = 150 } }\n", 2, "expected a number and a unit" },
    { RULE "account 'douyin/shop' { spacing = '2h' }\n", 2, "expected a time of at most 1h" },
    { RULE "account 'douyin/shop' { spacing = { '2s..8s' } }\n", 2, "expected a time or range for all actions" },
    { RULE "account 'douyin/shop' { max_similar = 'ten' }\n", 2, "expected how often the same text may go out" },
    { RULE "channel 'a b' {}\n", 2, "expected a name of letters" },
    { RULE "channel 'mine' { events = { 'coment' } }\n", 2, "did you mean \"comment\"?" },
    { RULE "channel 'mine' {}\nchannel 'mine' { follow = 'none' }\n", 3, "is declared twice; first in" },
    { RULE "pack { name = 'p', unasked_per_day = 0 }\n", 2, "expected a whole number from 1 to 1000" },
    { "account 'instagram/shop' {}\nrule 'a' { on = 'message', account = 'instagram/*', any = true, invite = 'room' }\n", 2,
      "no account that this rule runs on can do that: on instagram/shop it is \"none\"" },
    { "rule 'a' { on = 'message', channel = { 'qq', 'wechat_oa' }, any = true, hide = true }\n", 1, "on wechat_oa it is \"none\"" },
    { "rule 'a' { on = 'comment', channel = 'duoyin', any = true, reply = 'x' }\n", 1, "there is no channel \"duoyin\"; did you mean \"douyin\"?" },
    { "rule 'a' { on = 'comment', account = 'instagrm/*', any = true, reply = 'x' }\n", 1, "did you mean \"instagram\"?" },
    { "account 'qq/bot' {}\nrule 'a' { on = 'message', any = true, message = { 'x', via = 'qq/bto' } }\n", 2, "did you mean \"qq/bot\"?" },
    { "account 'qq/bot' {}\naccount 'wechat_oa/m' { message = 'none' }\nrule 'a' { on = 'message', any = true, message = { 'x', via = 'wechat_oa/m' } }\n", 3,
      "no account that this rule runs on can do that" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    put("a.lua", cases[i].source);
    struct tried tried = try_load("a.lua");
    bool told = false;
    for (size_t k = 0; k < tried.cnt; k++) {
      told = told || (tried.found[k].severity == WEIR_SEVERITY_ERROR && tried.found[k].line == cases[i].line && strstr(tried.found[k].message, cases[i].says));
    }
    if (!told) {
      print_findings(&tried);
      fail_msg("not told: line %u: %s", cases[i].line, cases[i].says);
    }
    end_try(&tried);
  }
}

static void where_some_can_it_is_a_warning(void **state) {
  (void)state;
  put("a.lua", "account 'instagram/shop' {}\naccount 'telegram/bot' {}\nrule 'a' { on = 'message', any = true, invite = 'room' }\n");
  struct tried tried = try_load("a.lua");
  assert_int_equal(tried.status, WEIR_OK);
  assert_int_equal(tried.cnt, 1);
  assert_true(tried.found[0].severity == WEIR_SEVERITY_WARNING && strstr(tried.found[0].message, "instagram/shop cannot do that"));
  end_try(&tried);
  /* events that a platform has not do not bring its accounts in */
  put("a.lua", "account 'wechat_personal/li' {}\naccount 'douyin/shop' {}\nrule 'a' { on = 'comment', any = true, follow = true }\n");
  tried = load_good("a.lua");
  end_try(&tried);
  /* a gateway's own channel can do everything, until it says otherwise */
  put("a.lua", "channel 'mine' { hide = 'none' }\naccount 'mine/a' { hide = 'api' }\naccount 'x-other/b' {}\n"
               "rule 'a' { on = 'comment', any = true, hide = true, accept = nil, remark = 'x' }\n");
  tried = load_good("a.lua");
  end_try(&tried);
}

static const struct weir_quota *quota_says(const struct weir_terms *t, const char *says) {
  for (uint32_t i = 0; i < t->quota_cnt; i++)
    if (str_is(t->quotas[i].says, says)) return &t->quotas[i];
  return NULL;
}

static void accounts_lay_theirs_over_the_channels(void **state) {
  (void)state;
  put("a.lua", RULE "channel 'douyin' { spacing = '1s..2s' }\n"
                    "account 'douyin/a' { follow = 'none', quotas = { { action = 'follow', max = 7, within = 'day' }, { max = 3, within = '1m' } }, push = false,\n"
                    "  text = { message = '5 utf16' }, windows = { { opens = 'comment', lasts = '1h' } } }\n"
                    "account 'douyin/b' {}\naccount 'wechat_oa/m' { kind = 'mini_program' }\naccount 'wechat_oa/s' {}\n");
  struct tried tried = load_good("a.lua");
  const struct weir_ruleset *rs = tried.ruleset;
  const struct weir_terms *a = weir_policy_terms(rs, WEIR_STR("douyin"), WEIR_STR("a")), *b = weir_policy_terms(rs, WEIR_STR("douyin"), WEIR_STR("b"));
  const struct weir_terms *m = weir_policy_terms(rs, WEIR_STR("wechat_oa"), WEIR_STR("m")), *s = weir_policy_terms(rs, WEIR_STR("wechat_oa"), WEIR_STR("s"));
  assert_false(weir_policy_able(a, WEIR_STR("follow")));
  assert_true(weir_policy_able(b, WEIR_STR("follow")) && weir_policy_able(NULL, WEIR_STR("follow")));
  assert_non_null(quota_says(a, "7 a day per account")); /* in the place of ours */
  assert_null(quota_says(a, "20 a day per account"));
  assert_non_null(quota_says(a, "3 in 1m per account")); /* beside ours */
  assert_non_null(quota_says(a, "5 in 1h per account"));
  assert_non_null(quota_says(b, "20 a day per account"));
  assert_true(!a->push && b->push);
  assert_null(quota_says(a, "40 in 1h per account"));
  assert_true(a->window_cnt == 1 && b->window_cnt == 2 && a->text_cnt == 1 && a->spacing_cnt == 1 && b->spacing_cnt == 1);
  assert_true(!m->push && s->push && quota_says(s, "4 a month per contact"));
  assert_ptr_equal(weir_policy_terms(rs, WEIR_STR("tiktok"), WEIR_STR("nobody")), weir_policy_terms(rs, WEIR_STR("tiktok"), WEIR_STR("else")));
  assert_null(weir_policy_terms(rs, WEIR_STR("unknown"), WEIR_STR("a")));
  end_try(&tried);
}

static void every_number_names_its_source(void **state) {
  (void)state;
  static const char *const wanted[] = { "wechat_oa", "wechat_oa:service", "wechat_oa:subscription", "wechat_oa:mini_program", "wechat_personal", "wecom",
                                        "douyin", "tiktok", "instagram", "messenger", "telegram", "qq" };
  put("a.lua", RULE);
  struct tried tried = load_good("a.lua");
  const struct weir_ruleset *rs = tried.ruleset;
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) assert_non_null(weir_policy_terms(rs, weir_str_of(wanted[i]), WEIR_STR("x")));
  for (uint32_t i = 0; i < rs->channel_cnt; i++) {
    const struct weir_terms *t = &rs->channels[i];
    if (t->cited.source.len == 0 || t->cited.as_of.len != 10) fail_msg("%.*s names no source", WEIR_FMT(t->name));
    assert_true(t->events != 0 && t->ability_cnt == 9);
  }
  end_try(&tried);
}

int main(void) {
  const struct CMUnitTest tests[] = { LOAD_TEST(what_is_wrong_is_told), LOAD_TEST(where_some_can_it_is_a_warning),
                                      LOAD_TEST(accounts_lay_theirs_over_the_channels), LOAD_TEST(every_number_names_its_source) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
