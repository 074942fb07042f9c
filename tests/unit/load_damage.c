/* load_damage.c: several slips in one file are all told, and nothing that only follows from them. */
#include "load_help.h"

enum { MOST = 12 };

struct expected {
  uint32_t line;
  const char *says;
};

/* Exactly these errors. */
static void tells(const char *text, const struct expected *expected) {
  put("pack.lua", text);
  struct tried tried = try_load("pack.lua");
  size_t cnt = 0;
  while (cnt < MOST && expected[cnt].says) cnt++;
  bool good = tried.status == WEIR_E_RULES && tried.cnt == cnt;
  for (size_t i = 0; good && i < cnt; i++) good = tried.found[i].line == expected[i].line && strstr(tried.found[i].message, expected[i].says);
  if (!good) {
    print_message("%s", text);
    print_findings(&tried);
  }
  assert_true(good);
  end_try(&tried);
}

static void each_slip_and_no_more(void **state) {
  (void)state;
  tells("words.want = { \"a\" \"b\" }\n"
        "funnel \"f\" {\n  stages = { \"x\", \"y\" }\n  goal = \"y\",\n}\n"
        "rule \"a\" { on = \"comment\", keywords = { \"{want}\" } reply = \"y\", stage = \"f/x\" }\n"
        "rule \"b\" { on = \"coment\", any = true, reply = \"y\", stage = \"f/x\", stage_not = \"none\" }\n"
        "pool \"p\" { \"a\", \"b\"\n"
        "rule \"c\" {\n  on = \"timer\",\n  reply = \"he said \"no\" to me {pool.p}\",\n}\n"
        "rule \"d\" { on = \"comment\", keywords = { \"{want}\" }, mesage = \"{pool.p}\", run = function(e) e:after(\"1h\", \"c\") end }\n"
        "rule \"e\" { on = \"comment\", any = true, reply = \"unclosed, }\n"
        "rule \"f\" { on = \"comment\", keywords = { \"{wnat}\" }, tag = \"y\" }\n",
        (struct expected[MOST]){ { 1, "a comma is missing" },
                                 { 3, "a comma is missing" },
                                 { 6, "a comma is missing" },
                                 { 7, "did you mean \"comment\"?" },
                                 { 9, "`}` is missing before `rule`" },
                                 { 11, "the text before `no` ends at a quote" },
                                 { 13, "did you mean `message`?" },
                                 { 14, "is not closed on its line" },
                                 { 15, "did you mean {want}?" } });
}

/* What leaves no doubt is told at once, as often as it stands there, and what else is wrong with the rule. */
static void slips_of_one_rule(void **state) {
  (void)state;
  tells("rule “ask” {\n"
        "  on = “comment”，\n"
        "  keywords = {「pdf」， \"b\"｝,\n"
        "  reply： 'x'\n"
        "  mesage = \"y\",\n"
        "}\n",
        (struct expected[MOST]){ { 1, "at both ends of the text" }, { 2, "at both ends" }, { 2, "write the plain `,`" }, { 3, "at both ends" }, { 3, "write the plain `,`" },
                                 { 3, "write the plain `}`" }, { 4, "write the plain `=`" }, { 4, "a comma is missing" }, { 5, "did you mean `message`?" } });
  tells("rule \"a\" {\n  on: \"comment\",\n  \"keywords\": { \"a\" \"b\" },\n  \"reply\" = \"x\",\n  mesage \"y\"\n}\n",
        (struct expected[MOST]){ { 2, "with `=`, not with `:`" }, { 3, "and without quotes" }, { 3, "a comma is missing" }, { 4, "write reply = ..." },
                                 { 5, "there is no `mesage`" } });
  /* A key that is one, and what a handler calls. */
  tells("rule \"a\" {\n  on = \"timer\", tag \"t\",\n  run = function(e)\n    e：reply（\"x\"）\n  end,\n}\n",
        (struct expected[MOST]){ { 2, "a `=` is missing" }, { 4, "write the plain `:`" }, { 4, "write the plain `(`" }, { 4, "write the plain `)`" } });
  /* What was meant is not plain: the rule is left, the others are read. */
  tells("rule \"a\" { on = \"comment\", keywords = 【\"a\"】， reply = “x” }\nrule \"b\" { on = \"folow\", tag = \"t\" }\n",
        (struct expected[MOST]){ { 1, "write the plain `[`" }, { 2, "did you mean \"follow\"?" } });
  tells("rule \"a\" { on = \"comment\", any = true, reply = “x }\nrule \"b\" { on = \"folow\", tag = \"t\" }\n",
        (struct expected[MOST]){ { 1, "at both ends" }, { 2, "did you mean \"follow\"?" } });
}

static void what_is_never_closed(void **state) {
  (void)state;
  tells("rule \"a\" { on = \"comment\", match = [[a, reply = \"y\" }\n"
        "rule \"b\" { on = \"coment\", any = true, reply = \"y\" }\n",
        (struct expected[MOST]){ { 1, "never closed" }, { 2, "did you mean \"comment\"?" } });
  tells("rule \"a\" { on = \"folow\", tag = \"t\" }\n--[[ rule \"b\" {\nrule \"c\" { on = \"folow\", tag = \"t\" }\n",
        (struct expected[MOST]){ { 1, "did you mean \"follow\"?" }, { 2, "never closed" }, { 3, "did you mean \"follow\"?" } });
  tells("rule \"a\" { on = \"comment\", any = true, reply = \"y\"\n", (struct expected[MOST]){ { 1, "never closed" } });
}

/* Where a declaration begins or ends cannot be seen, the rest is not read, and what it would declare is not missed. */
static void what_cannot_be_seen(void **state) {
  (void)state;
  tells("rule \"a\" { on = \"comment\", keywords = { \"{want}\" }, reply = \"{pool.p}\" }\n"
        "local x = = 5\n"
        "words.want = { \"a\" }\npool \"p\" { \"a\" }\nrule \"b\" { on = \"folow\", tag = \"t\" }\n",
        (struct expected[MOST]){ { 2, "a value is missing" } });
  tells("rule \"a\" { on = \"comment\", keywords = { \"{want}\" }, reply = \"{pool.p}\", mesage = \"x\" }\n"
        "local x = nil .. \"\"\n"
        "words.want = { \"a\" }\npool \"p\" { \"a\" }\n",
        (struct expected[MOST]){ { 1, "did you mean `message`?" }, { 2, "was not read" } });
}

/* Another file of the pack is not told that what is damaged here is missing. */
static void other_files(void **state) {
  struct tried tried;
  (void)state;
  put_folder("p");
  put("p/1.lua", "account \"douyin/a\" { follow = \"device\" reply = \"api\" }\nwords.want = { \"a\" \"b\" }\nfunnel \"f\" { stages = { \"x\" \"y\" } }\n");
  put("p/2.lua", "rule \"a\" { on = \"comment\", keywords = { \"{want}\" }, stage = \"f/x\", stage_is = \"f/y\", account = \"douyin/a\" }\n"
                 "rule \"b\" { on = \"comment\", keywords = { \"{want}\" }, stage = \"g/x\" }\n");
  tried = try_load("");
  if (tried.cnt != 4) print_findings(&tried);
  assert_int_equal(tried.cnt, 4);
  assert_non_null(strstr(tried.found[3].message, "there is no funnel \"g\""));
  end_try(&tried);
}

/* More slips than are told: the rest is left, and quickly. */
static void very_many_slips(void **state) {
  enum { SLIPS = 2000, LINE = 64 };
  char *text = calloc(SLIPS, LINE), *at = text;
  (void)state;
  assert_non_null(text);
  for (int i = 0; i < SLIPS; i++) at += snprintf(at, LINE, "rule \"r%d\" ( on = \"folow\", tag = \"t\" )\n", i);
  put("pack.lua", text);
  struct tried tried = try_load("pack.lua");
  assert_int_equal(tried.cnt, WEIR_SYNTAX_ERRORS_MAX);
  end_try(&tried);
  at = text;
  for (int i = 0; i < SLIPS; i++) at += snprintf(at, LINE, "rule \"r%d\" { on = \"timer\"， tag: \"t\" }\n", i);
  put("pack.lua", text);
  tried = try_load("pack.lua");
  assert_int_equal(tried.cnt, WEIR_DIAGNOSTICS_MAX);
  end_try(&tried);
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    LOAD_TEST(each_slip_and_no_more), LOAD_TEST(slips_of_one_rule), LOAD_TEST(what_is_never_closed), LOAD_TEST(what_cannot_be_seen), LOAD_TEST(other_files), LOAD_TEST(very_many_slips),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
