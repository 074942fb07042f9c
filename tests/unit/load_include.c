/* include "../words.lua": what packs share, from whichever path the rules are loaded; what is wrong with it; and paths that would lead
 * out of the rules folder. */
#include "load_help.h"

#define RULE(name, body) "rule \"" name "\" { on = \"comment\", " body " }\n"

static void put_packs(const char *shared) {
  put_folder("rules");
  put_folder("rules/a");
  put_folder("rules/b");
  put("rules/words.lua", shared);
  put("rules/a/1.lua", "local shared = include \"../words.lua\"\n"
                       "pack { timezone = shared.shop.zone }\n" RULE("ask", "match = [[{want}]], reply = shared.hello"));
  put("rules/a/2.lua", "local shared = include \"../words.lua\"\n" RULE("thank", "keywords = { \"{thanks}\" }, reply = shared.bye[1]"));
  put("rules/b/1.lua", "include \"../words.lua\"\n" RULE("other", "keywords = \"{want}\", reply = \"x\""));
}

static const char shared[] = "words.want = { \"求\", \"want\" }\nwords.thanks = \"thanks\"\n"
                             "return { hello = \"hello\", bye = { \"bye\" }, shop = { zone = \"Asia/Shanghai\" } }\n";

static void hash_of(const char *path, char out[65]) {
  struct tried tried = load_good(path);
  weir_str hash = weir_ruleset_hash(tried.ruleset);
  snprintf(out, 65, "%.*s", (int)hash.len, hash.ptr);
  end_try(&tried);
}

/* All packs, one of them, one file of one: each finds the same words, whose bytes are part of what the rules are. */
static void packs_share_words(void **state) {
  static const char *const paths[] = { "rules", "rules/a", "rules/a/1.lua", "rules/b", "rules/b/", "rules/a/../b" };
  char before[6][65], after[65];
  struct tried tried;
  (void)state;
  put_packs(shared);
  tried = load_good("rules");
  assert_int_equal(tried.ruleset->pack_cnt, 2);
  assert_int_equal(tried.ruleset->rule_cnt, 3);
  assert_int_equal(tried.ruleset->pattern_cnt, 3);
  assert_true(str_is(tried.ruleset->packs[0].zone->name, "Asia/Shanghai"));
  end_try(&tried);
  for (int i = 0; i < 6; i++) hash_of(paths[i], before[i]);
  put("rules/words.lua", "words.want = { \"求\", \"wants\" }\nwords.thanks = \"thanks\"\n"
                         "return { hello = \"hello\", bye = { \"bye\" }, shop = { zone = \"Asia/Shanghai\" } }\n");
  for (int i = 0; i < 6; i++) {
    hash_of(paths[i], after);
    assert_string_not_equal(before[i], after);
  }
}

/* The folder with packs in it and words.lua beside them holds packs; with another file, or without packs, it is a pack as ever. */
static void what_a_pack_is(void **state) {
  struct tried tried;
  (void)state;
  put_folder("rules");
  put("rules/words.lua", RULE("own", "keywords = \"a\", reply = \"x\""));
  put_folder("rules/empty");
  tried = load_good("rules");
  assert_true(str_is(tried.ruleset->packs[0].name, "rules") && tried.ruleset->rule_cnt == 1);
  end_try(&tried);
  put_folder("rules/a");
  put("rules/a/1.lua", RULE("ask", "keywords = \"a\", reply = \"x\""));
  tried = try_load("rules");
  assert_int_equal(tried.status, WEIR_OK);
  assert_true(str_is(tried.ruleset->packs[0].name, "a"));
  assert_int_equal(tried.cnt, 1);
  assert_non_null(strstr(tried.found[0].message, "none of them includes it: write include \"../words.lua\""));
  end_try(&tried);
  put("rules/more.lua", "words.x = \"x\"\n" RULE("more", "keywords = \"{x}\", reply = \"x\""));
  tried = load_good("rules");
  assert_true(str_is(tried.ruleset->packs[0].name, "rules") && tried.ruleset->rule_cnt == 2);
  end_try(&tried);
}

/* Files in a folder of the pack, and of another pack, when they hold what is shared. */
static void other_places(void **state) {
  struct tried tried;
  (void)state;
  put_packs(shared);
  put_folder("rules/a/texts");
  put("rules/a/texts/zh.lua", "words.more = \"more\" return { x = \"y\" }\n");
  put("rules/a/3.lua", "local t = include \"./texts//zh.lua\"\n" RULE("more", "keywords = \"{more}\", reply = t.x"));
  put("rules/b/2.lua", "local t = include '../a/texts/zh.lua'\n" RULE("more", "keywords = \"{more}\", reply = t.x .. include('../a/texts/zh.lua').x"));
  tried = load_good("rules");
  assert_int_equal(tried.ruleset->rule_cnt, 5);
  end_try(&tried);
  tried = load_good("rules/b");
  end_try(&tried);
}

/* A list that one pack uses is used; one that none uses is told when all packs are there, once. */
static void lists_that_nobody_uses(void **state) {
  struct tried tried;
  (void)state;
  put_packs("words.want = \"w\"\nwords.thanks = \"t\"\nwords.idle = \"i\"\nreturn { hello = \"h\", bye = { \"b\" }, shop = { zone = \"UTC\" } }\n");
  tried = try_load("rules");
  assert_int_equal(tried.status, WEIR_OK);
  assert_int_equal(tried.cnt, 1);
  assert_int_equal(tried.found[0].line, 3);
  assert_string_equal(tried.found[0].file, path_of("rules/words.lua"));
  assert_non_null(strstr(tried.found[0].message, "words.idle is not used"));
  end_try(&tried);
  tried = load_good("rules/b");
  end_try(&tried);
}

/* ---- what is wrong with the file: told once, where it stands, and nothing that follows from it */

struct wrong {
  const char *shared;
  uint32_t line, column;
  const char *message, *file;
};

#define TAIL "return { hello = \"h\", bye = { \"b\" }, shop = { zone = \"UTC\" } }\n"
#define LISTS "words.want = \"w\"\nwords.thanks = \"t\"\n"

static const struct wrong wrongs[] = {
  { LISTS "rule \"a\" { on = \"follow\", tag = \"t\" }\n" TAIL, 3, 1, "`rule` belongs into a pack", "words.lua" },
  { LISTS "pool \"p\" { \"x\" }\n" TAIL, 3, 1, "`pool` belongs into a pack", "words.lua" },
  { LISTS "include \"../more.lua\"\n" TAIL, 3, 1, "`include` belongs into a pack", "words.lua" },
  { "words.want = { \"w\" \"v\" }\nwords.thanks = \"t\"\n" TAIL, 1, 19, "a comma is missing", "words.lua" },
  { LISTS "hello = \"h\"\n" TAIL, 3, 1, "gives back at its end: return { hello = ... }", "words.lua" },
  { LISTS "local x\nx.y = 5\n" TAIL, 4, 0, "index a nil value", "words.lua" },
  { LISTS "return 5\n", 0, 0, "gives back a number", "words.lua" },
  { LISTS "return { bye = { \"b\" }, helo = \"h\", shop = { zone = \"UTC\" } }\n", 3, 65, "no `hello` in what \"../words.lua\" gives back; did you mean `helo`?", "a/1.lua" },
  { "words.want = \"w\"\nwords.thanks = 5\n" TAIL, 2, 1, "words.thanks", "words.lua" },
  { "\xFF\n", 1, 1, "is not UTF-8", "words.lua" },
  { "\033Lua", 0, 0, "is compiled Lua", "words.lua" },
  { LISTS "while true do end\n", 0, 0, "more work than a rule file may", "a/1.lua" },
};

static bool ends_with(const char *text, const char *end) {
  return strlen(text) >= strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static void wrong_shared_files(void **state) {
  size_t failed = 0;
  (void)state;
  put_packs(shared);
  for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
    const struct wrong *w = &wrongs[i];
    bool endless = strstr(w->message, "work") != NULL; /* each of the three files that run it */
    put("rules/words.lua", w->shared);
    struct tried tried = try_load("rules");
    const struct finding *f = &tried.found[0];
    if (tried.status != WEIR_E_RULES || (tried.cnt != 1 && !(endless && tried.cnt >= 3)) || (!endless && f->line != w->line) || (w->column && f->column != w->column) ||
        !strstr(f->message, w->message) || !ends_with(f->file, w->file)) {
      print_message("# wrong[%zu]: %s#   expected %u:%u: %s\n", i, w->shared, w->line, w->column, w->message);
      print_findings(&tried);
      failed++;
    }
    end_try(&tried);
  }
  assert_int_equal(failed, 0);
}

/* ---- paths */

struct path {
  const char *written, *message;
};

static const struct path paths[] = {
  { "\"../../secret.lua\"", "outside of the rules folder" },
  { "\"../../nothing.lua\"", "outside of the rules folder" }, /* not to be told from one that is there */
  { "\"../../rules/words.lua\"", "outside of the rules folder" },
  { "\"../x/../../secret.lua\"", "outside of the rules folder" },
  { "\"./.././.././secret.lua\"", "outside of the rules folder" },
  { "\"..//..//secret.lua\"", "outside of the rules folder" },
  { "\"../../../../../../../../etc/passwd.lua\"", "outside of the rules folder" },
  { "\"/etc/passwd\"", "must begin at this file and not at /" },
  { "\"/etc/secret.lua\"", "must begin at this file and not at /" },
  { "\"~/secret.lua\"", "must begin at this file and not at /" },
  { "\"..\\\\words.lua\"", "is written with /" },
  { "\"../words\"", "does not end in .lua" },
  { "\"..\"", "does not end in .lua" },
  { "\"\"", "is empty" },
  { "\"../words\\255.lua\"", "is no name of a file" },
  { "string.rep(\"../a/\", 100) .. \"x.lua\"", "is too long" },
  { "\"words.lua\"", "is not there: the path begins at the folder of this file; did you mean \"../words.lua\"?" },
  { "\"../nothing.lua\"", "is not there" },
  { "\"2.lua\"", "lies in the pack's own folder" },
  { "\"../a/1.lua\"", "lies in the pack's own folder" },
  { "\"t/link.lua\"", "is a link that leads out of the rules folder" },
  { "\"t/out/secret.lua\"", "is a link that leads out of the rules folder" },
  { "\"t/loop.lua\"", "is not there" },
  { "\"t/folder.lua\"", "is not a regular file" },
  { "\"t/pipe.lua\"", "is not a regular file" },
  { "5", "takes the path of a file in quotes" },
  { "{ \"../words.lua\" }", "takes the path of a file in quotes" },
  { "nil", "takes the path of a file in quotes" },
};

static void link_to(const char *target, const char *name) { assert_int_equal(symlink(target, path_of(name)), 0); }

static void hostile_paths(void **state) {
  static const char *const given[] = { "rules", "rules/a", "rules/a/1.lua" };
  size_t failed = 0;
  (void)state;
  put_packs(shared);
  put("secret.lua", "words.secret = \"mellon\"\nwords.secret = 5 mellon\n");
  put_folder("rules/a/t");
  link_to("../../../secret.lua", "rules/a/t/link.lua");
  link_to("../../..", "rules/a/t/out");
  link_to("loop.lua", "rules/a/t/loop.lua");
  put_folder("rules/a/t/folder.lua");
  assert_int_equal(mkfifo(path_of("rules/a/t/pipe.lua"), 0600), 0);
  put("rules/a/2.lua", RULE("other", "keywords = \"x\", reply = \"x\""));
  for (size_t i = 0; i < 3 * (sizeof paths / sizeof *paths); i++) {
    const struct path *p = &paths[i / 3];
    char text[512];
    bool said = false, leaked = false;
    snprintf(text, sizeof text, "include(%s)\n" RULE("ask", "match = [[{anything}]], reply = \"x\""), p->written);
    put("rules/a/1.lua", text);
    struct tried tried = try_load(given[i % 3]);
    for (size_t k = 0; k < tried.cnt; k++) {
      said = said || (strstr(tried.found[k].message, p->message) && tried.found[k].severity == WEIR_SEVERITY_ERROR);
      leaked = leaked || strstr(tried.found[k].message, "mellon") || strstr(tried.found[k].excerpt, "mellon");
    }
    if (tried.status == WEIR_OK || !said || leaked || tried.error_cnt != 1) {
      print_message("# %s: include(%s): expected %s\n", given[i % 3], p->written, p->message);
      print_findings(&tried);
      failed++;
    }
    end_try(&tried);
  }
  assert_int_equal(failed, 0);
}

/* A link that stays inside is no harm. */
static void links_inside(void **state) {
  struct tried tried;
  (void)state;
  put_packs(shared);
  put_folder("rules/texts");
  put("rules/texts/zh", shared);
  assert_int_equal(unlink(path_of("rules/words.lua")), 0);
  link_to("texts/zh", "rules/words.lua");
  tried = load_good("rules");
  end_try(&tried);
  link_to("rules/a", "current");
  tried = load_good("current");
  end_try(&tried);
}

/* A file that includes without end, or the same again and again, is stopped by its budget; each file is read once. */
static void many_includes(void **state) {
  struct tried tried;
  (void)state;
  put_packs(shared);
  put("rules/a/1.lua", "for i = 1, 100 do include \"../words.lua\" end\n" RULE("ask", "match = [[{want}]], reply = \"x\""));
  tried = load_good("rules");
  end_try(&tried);
  put("rules/a/1.lua", "for i = 1, 1e9 do include(\"../\" .. i .. \".lua\") end\n");
  tried = try_load("rules/a");
  assert_int_equal(tried.status, WEIR_E_RULES);
  assert_int_equal(tried.cnt, WEIR_DIAGNOSTICS_MAX);
  end_try(&tried);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    LOAD_TEST(packs_share_words), LOAD_TEST(what_a_pack_is),     LOAD_TEST(other_places), LOAD_TEST(lists_that_nobody_uses),
    LOAD_TEST(wrong_shared_files), LOAD_TEST(hostile_paths), LOAD_TEST(links_inside), LOAD_TEST(many_includes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
