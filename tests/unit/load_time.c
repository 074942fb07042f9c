/* What rule files say about time and funnels, wrongly: the place, what is wrong, and the nearest right word. And what of it the
 * ruleset holds when it is right. */
#include "load_help.h"

#include "decide/decide.h"

#define FUNNEL "funnel \"way\" { stages = { \"asked\", \"added\" } }\n"
#define TIMER(rest) "rule \"a\" { on = \"timer\", tag = \"t\", " rest " }\n"
#define RULE(rest) "rule \"a\" { on = \"comment\", any = true, " rest " }\n"

static const struct {
  const char *source;
  uint32_t line, column;
  const char *says;
} wrongs[] = {
  /* hours and days */
  { RULE("tag = \"t\", hours = \"9-17\""), 1, 51, "\"9-17\" are no hours: expected two times of day, such as \"09:00-21:00\"" },
  { RULE("tag = \"t\", hours = \"25:00-26:00\""), 1, 51, "are no hours" },
  { RULE("tag = \"t\", hours = \"09:00\""), 1, 51, "are no hours" },
  { RULE("tag = \"t\", hours = \"09:60-10:00\""), 1, 51, "are no hours" },
  { RULE("tag = \"t\", hours = \"09:00-09:00\""), 1, 51, "no time at all" },
  { RULE("tag = \"t\", hours = { \"09:00-12:00\", \"11:00-13:00\" }"), 1, 51, "overlap" },
  { RULE("tag = \"t\", hours = 9"), 1, 51, "expected" },
  { RULE("tag = \"t\", weekdays = \"mon-fry\""), 1, 51, "there is no day \"fry\"; did you mean \"fri\"?" },
  { RULE("tag = \"t\", weekdays = { \"wensday\" }"), 1, 51, "did you mean \"wednesday\"?" },
  { RULE("tag = \"t\", weekdays = \"weekend\""), 1, 51, "there is no day \"weekend\": expected \"mon\"" },
  { RULE("tag = \"t\", defer = true"), 1, 51, "waits for hours or weekdays, and the rule has neither" },
  { RULE("message = { \"x\", at = \"25:00\" }"), 1, 57, "\"25:00\" is no time of day" },
  { RULE("message = { \"x\", at = \"half past nine\" }"), 1, 57, "is no time of day: expected one such as \"09:30\"" },
  { RULE("message = { \"x\", at = \"10:00..09:00\" }"), 1, 57, "is no time of day" },
  { RULE("message = { \"x\", unless_reply = true }"), 1, 57, "needs a time for the person to reply in" },
  { RULE("message = { \"x\", after = \"1d\", unless_reply = false }"), 1, 71, "false does nothing" },
  /* rules that come round */
  { TIMER("every = \"1m\""), 1, 37, "everybody is looked at each time: write \"10m\" or more" },
  { TIMER("every = \"1d..2d\""), 1, 37, "not a range" },
  { RULE("tag = \"t\", every = \"1d\""), 1, 51, "needs on = \"timer\"" },
  { TIMER("every = \"1h\", at = \"10:00\""), 1, 51, "goes with whole days" },
  { TIMER("at = \"10:00\""), 1, 37, "says when a rule with `every` begins" },
  { TIMER("every = \"1d\", at = \"24:30\""), 1, 51, "is no time of day" },
  { TIMER("every = \"1d\", silent_for = \"5m\""), 1, 51, "kept to the hour" },
  /* follow_up and on_enter */
  { FUNNEL TIMER("follow_up = { \"way/askd\", after = \"2d\" }"), 2, 37, "has no stage \"askd\"; did you mean \"asked\"?" },
  { FUNNEL TIMER("follow_up = { funnel = \"wy\", stage = \"asked\", after = \"2d\" }"), 2, 37, "there is no funnel \"wy\"; did you mean \"way\"?" },
  { FUNNEL TIMER("follow_up = { \"asked\", after = \"2d\" }"), 2, 37, "did you mean \"way/asked\"?" },
  { FUNNEL TIMER("follow_up = { \"way/asked\" }"), 2, 37, "there is no `after`" },
  { FUNNEL TIMER("follow_up = { \"way/asked\", afer = \"2d\" }"), 2, 64, "did you mean `after`?" },
  { FUNNEL TIMER("follow_up = { \"way/asked\", after = \"2d\", unless = \"repply\" }"), 2, 0, "did you mean \"reply\"?" },
  { FUNNEL TIMER("follow_up = \"way/asked\""), 2, 37, "expected a stage and a time" },
  { FUNNEL RULE("tag = \"t\", follow_up = { \"way/asked\", after = \"2d\" }"), 2, 51, "the rule needs on = \"timer\"" },
  { FUNNEL RULE("tag = \"t\", unless_reply = true"), 2, 51, "is for rules that timers run" },
  { "funnel \"way\" { stages = { \"asked\" }, on_enter = { askd = \"a\" } }\n" TIMER("enabled = true"), 1, 0, "there is no stage \"askd\"; did you mean \"asked\"?" },
  { "funnel \"way\" { stages = { \"asked\" }, on_enter = { asked = \"welcom\" } }\nrule \"welcome\" { on = \"timer\", tag = \"t\" }\n", 1, 0,
    "there is no rule \"welcom\" in this pack; did you mean \"welcome\"?" },
  { "funnel \"way\" { stages = { \"asked\" }, on_enter = { asked = \"a\" } }\n" RULE("tag = \"t\""), 1, 0, "does not listen to timers" },
  { "funnel \"way\" { stages = { \"asked\" }, on_enter = { \"a\" } }\n", 1, 0, "expected stages and the rules to run" },
  { "funnel \"way\" { stages = { \"asked\" }, on_entr = { asked = \"a\" } }\n", 1, 0, "did you mean `on_enter`?" },
  { TIMER("in_stage_for = { \"way/asked\", \"2d\" }"), 1, 37, "there is no funnel \"way\"" },
  { TIMER("in_stage_for = \"2x\""), 1, 37, "\"2x\" is no time" },
  /* other gates */
  { RULE("tag = \"t\", chance = 30"), 1, 51, "above 0 and at most 1" },
  { RULE("tag = \"t\", chance = \"130%\""), 1, 51, "above 0 and at most 1" },
  { RULE("tag = \"t\", chance = \"often\""), 1, 51, "expected a share" },
  { RULE("tag = \"t\", next_post = true"), 1, 51, "the time from which the next post is meant" },
  { RULE("tag = \"t\", max = 0"), 1, 51, "expected" },
  { RULE("tag = \"t\", longest = 0"), 1, 51, "expected a number of characters, such as 60: 1 to 8192" },
  { RULE("tag = \"t\", longest = \"60\""), 1, 51, "expected a number of characters" },
  { RULE("tag = \"t\", max = { 3, per = \"daay\" }"), 1, 62, "did you mean \"day\"?" },
  { RULE("tag = \"t\", is_follower = \"yes\""), 1, 51, "expected true or false" },
  { RULE("tag = \"t\", weekday = \"mon\""), 1, 51, "unknown key `weekday`; did you mean `weekdays`?" },
};

static void wrong_times(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
    put("pack.lua", wrongs[i].source);
    struct tried tried = try_load("pack.lua");
    const struct finding *f = tried.cnt ? &tried.found[0] : NULL;
    bool good = tried.status == WEIR_E_RULES && f && f->line == wrongs[i].line && (!wrongs[i].column || f->column == wrongs[i].column) &&
                strstr(f->message, wrongs[i].says);
    if (!good) {
      print_findings(&tried);
      fail_msg("%s: expected %u:%u %s", wrongs[i].source, wrongs[i].line, wrongs[i].column, wrongs[i].says);
    }
    end_try(&tried);
  }
}

static void too_much_follows(void **state) {
  (void)state;
  char source[4096] = "funnel \"way\" { stages = { \"asked\" } }\n";
  for (int i = 0; i <= WEIR_STAGE_STEPS_MAX; i++) {
    size_t used = strlen(source);
    snprintf(source + used, sizeof source - used, "rule \"r%d\" { on = \"timer\", follow_up = { \"way/asked\", after = \"1d\" }, tag = \"t\" }\n", i);
  }
  put("pack.lua", source);
  struct tried tried = try_load("pack.lua");
  assert_int_equal(tried.error_cnt, 1);
  assert_int_equal(tried.found[0].line, WEIR_STAGE_STEPS_MAX + 2);
  assert_non_null(strstr(tried.found[0].message, "too much follows on the stage \"asked\""));
  end_try(&tried);
}

static void unreached_stages(void **state) {
  (void)state;
  put("pack.lua", "funnel \"way\" { stages = { \"asked\", \"added\", \"joined\" } }\nrule \"a\" { on = \"follow\", stage = \"way/asked\" }\n"
                  "rule \"b\" { on = \"join\", run = function(e) e:stage(\"way/joined\") end }\n");
  struct tried tried = try_load("pack.lua");
  assert_int_equal(tried.status, WEIR_OK);
  assert_int_equal(tried.cnt, 1); /* a handler may lead to "joined" */
  assert_int_equal(tried.found[0].severity, WEIR_SEVERITY_WARNING);
  assert_int_equal(tried.found[0].line, 1);
  assert_non_null(strstr(tried.found[0].message, "nobody can reach the stage \"added\""));
  end_try(&tried);
}

static void what_the_ruleset_holds(void **state) {
  (void)state;
  put("pack.lua", "funnel \"way\" { stages = { \"asked\", \"added\" }, on_enter = { added = { \"w\", \"x\" } } }\n"
                  "rule \"a\" { on = \"follow\", stage = \"way/asked\" }\nrule \"b\" { on = \"join\", stage = \"way/added\" }\n"
                  "rule \"w\" { on = \"timer\", tag = \"w\" }\nrule \"x\" { on = \"timer\", tag = \"x\" }\n"
                  "rule \"f\" { on = \"timer\", follow_up = { \"way/asked\", after = \"1d..2d\", at = \"09:30\" }, tag = \"f\" }\n"
                  "rule \"r\" { on = \"timer\", every = \"7d\", tag = \"r\" }\n"
                  "rule \"d\" { on = \"comment\", any = true, hours = \"22:00-02:00\", defer = true, tag = \"d\" }\n");
  struct tried tried = load_good("pack.lua");
  const struct weir_funnel *way = &tried.ruleset->funnels[0];
  assert_int_equal(way->step_cnt, 3);
  assert_int_equal(way->steps[0].stage, 1);
  assert_ptr_equal(&tried.ruleset->rules[way->steps[1].rule], rule_named(tried.ruleset, "pack/x"));
  assert_int_equal(way->steps[2].stage, 0);
  assert_int_equal(way->steps[2].delay.to_ms, 2 * 86400000);
  assert_true(way->steps[2].delay.wall && way->steps[2].delay.wall_from_ms == (9 * 60 + 30) * 60000);
  assert_int_equal(tried.ruleset->round_cnt, 1);
  assert_int_equal(rule_named(tried.ruleset, "pack/r")->every_ms, INT64_C(7) * 86400000);
  assert_int_equal(rule_named(tried.ruleset, "pack/r")->every_wall_ms, WEIR_EVERY_WALL_MS);
  assert_true(rule_named(tried.ruleset, "pack/d")->defer);
  end_try(&tried);
}

int main(void) {
  const struct CMUnitTest tests[] = { LOAD_TEST(wrong_times), LOAD_TEST(unreached_stages), LOAD_TEST(too_much_follows), LOAD_TEST(what_the_ruleset_holds) };
  return cmocka_run_group_tests_name("time and funnels in rule files", tests, NULL, NULL);
}
