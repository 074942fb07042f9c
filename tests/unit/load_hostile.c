/* Rule files that mean harm, and rule files that are large: everything ends within its bounds, says what it hit, and leaves
 * nothing behind. */
#include "load_help.h"

struct hostile {
  const char *text;
  uint32_t line;
  const char *message;
};

#define GOOD "rule \"good\" { on = \"follow\", tag = \"t\" }\n"

static const struct hostile hostiles[] = {
  { "while true do end\n", 1, "more work than a rule file may" },
  { "local function f() return f() end\nf()\n", 1, "more work" },
  { "::top:: goto top\n", 1, "more work" },
  { "for i = 1, 1e9 do words[\"w\" .. i] = \"x\" end\n", 1, "more work" },
  { "for i = 1, 1e9 do local x = nobody end\n", 1, "more work" },
  { "local t = {}\nfor i = 1, 1e9 do t[i] = {} end\n", 2, "more work" },
  { "local t\nfor i = 1, 1e9 do t = { t, string.rep(\"x\", 60000) .. i } end\n", 0, "more work than a rule file may" },
  { "local s = \"x\"\nwhile true do s = s .. s end\n", 0, "more work" },
  { "local function f(n) return 1 + f(n + 1) end\nf(1)\n", 1, "more work" },
  { "local t = {}\nt.t = t\nrule \"a\" (t)\n", 3, "nested too deeply" },
  { "local t = {}\nfor i = 1, 5000 do t[i] = \"x\" .. i end\nwords.w = t\n", 3, "at most 4096" },
  { "rule \"a\" { on = \"follow\", tag = \"t\", title = words }\n", 1, "not plain data" },
  { "rule \"a\" { on = \"follow\", tag = \"t\", run = string.upper }\n", 1, "a function written in the rule file" },
  { "rule \"a\" { on = \"follow\", run = rule }\n", 1, "a" },
  { "rule \"a\" { on = \"follow\", tag = 0/0 }\n", 1, "not a number" },
  { "string.upper = nil\n", 1, "what follows in this file was not read" },
  { "local _ENV = {}\nrule \"x\" {}\n", 2, "nil value" },
  { "error({})\n", 0, "table" },
  { "error()\n", 0, "" },
  { "rule(string.rep(\"x\", 60000)) { on = \"follow\", tag = \"t\" }\n", 1, "too long" },
  { "rule(\"a\\255\") { on = \"follow\", tag = \"t\" }\n", 1, "UTF-8" },
  { "rule(\"a\\0b\") { on = \"follow\", tag = \"t\" }\n", 1, "NUL" },
  { "local t = rule \"a\"\nfor i = 1, 1e9 do t { on = \"follow\", tag = \"t\" } end\n", 0, "more work than a rule file may" },
  { "local t = rule \"a\"\nfor i = 1, 100 do t { on = \"follow\", tag = \"t\" } end\n", 2, "second table" },
  { "return rule \"a\"\n", 0, "has no table" },
  { "goto nowhere\n", 2, "nowhere" },
  { "local x <close> = 5\n", 1, "" },
};

/* Every hostile file is told, and the good file beside it is read none the less. */
static void hostile_files(void **state) {
  size_t failed = 0;
  (void)state;
  put("z.lua", "rule \"z\" { on = \"folow\", tag = \"t\" }\n");
  for (size_t i = 0; i < sizeof hostiles / sizeof *hostiles; i++) {
    const struct hostile *h = &hostiles[i];
    struct tried tried;
    const struct finding *last;
    put("a.lua", h->text);
    tried = try_load("");
    last = &tried.found[tried.cnt ? tried.cnt - 1 : 0];
    if (tried.status != WEIR_E_RULES || tried.cnt < 2 || (h->line && tried.found[0].line != h->line) ||
        (!strstr(tried.found[0].message, h->message) && !strstr(tried.found[1].message, h->message)) ||
        strcmp(last->rule, tried.found[0].file[0] ? last->rule : "") != 0 || !strstr(last->message, "did you mean \"follow\"")) {
      print_message("# hostile[%zu]: %s#   expected %u: %s\n", i, h->text, h->line, h->message);
      print_findings(&tried);
      failed++;
    }
    end_try(&tried);
  }
  assert_int_equal(failed, 0);
}

/* A source that nests deeper than Lua reads. */
static void deep_source(void **state) {
  static char text[4096];
  struct tried tried;
  (void)state;
  memcpy(text, "local t = ", 10);
  memset(text + 10, '{', 1000);
  put("a.lua", text);
  tried = try_load("a.lua");
  assert_int_equal(tried.status, WEIR_E_RULES);
  assert_int_equal(tried.err.line, 1);
  end_try(&tried);
  memset(text + 10, '(', 1000);
  put("a.lua", text);
  tried = try_load("a.lua");
  assert_int_equal(tried.status, WEIR_E_RULES);
  end_try(&tried);
}

/* A text that grows; `cap` is known to suffice. */
struct growing {
  char *text;
  size_t len, cap;
};

static void grow(struct growing *g, const char *format, ...) {
  va_list args;
  int len;
  va_start(args, format);
  len = vsnprintf(g->text + g->len, g->cap - g->len, format, args);
  va_end(args);
  assert_true(len >= 0 && (size_t)len < g->cap - g->len);
  g->len += (size_t)len;
}

/* A word list of `cnt` words, all in one line. */
static struct tried load_words(size_t cnt) {
  struct growing g = { .cap = cnt * 4 + 32, .text = malloc(cnt * 4 + 32) };
  assert_non_null(g.text);
  grow(&g, "words.w = {");
  for (size_t i = 0; i < cnt; i++) grow(&g, "'x',");
  grow(&g, "}\n");
  put("a.lua", g.text);
  free(g.text);
  return try_load("a.lua");
}

/* Tables with more entries than anybody writes. */
static void huge_tables(void **state) {
  struct tried tried = load_words(20000);
  (void)state;
  assert_int_equal(tried.cnt, 1);
  assert_int_equal(tried.err.line, 1);
  assert_non_null(strstr(tried.err.message, "has 20000 words; at most 4096"));
  assert_int_equal(strlen(tried.found[0].excerpt), WEIR_EXCERPT_MAX); /* of a line of 80 KB */
  end_try(&tried);
  tried = load_words(WEIR_VALUE_ITEMS_MAX * 4);
  assert_int_equal(tried.status, WEIR_E_RULES);
  assert_non_null(strstr(tried.err.message, "more work than a rule file may"));
  end_try(&tried);
}

/* Many files share one budget of work: those behind it are told as unread, and loading ends. */
static void one_budget_for_all(void **state) {
  char name[16];
  struct tried tried;
  (void)state;
  for (int i = 0; i < 8; i++) {
    snprintf(name, sizeof name, "%d.lua", i);
    put(name, "while true do end\n");
  }
  tried = try_load("");
  assert_int_equal(tried.cnt, 8);
  assert_non_null(strstr(tried.found[0].message, "more work than a rule file may"));
  assert_non_null(strstr(tried.found[7].message, "was not read"));
  end_try(&tried);
}

/* A file that needs a larger block than the first is run again, and what it declares is there once. */
#define NEEDS_MEMORY "for i = 1, 200 do t = { t, string.rep(\"x\", 60000) .. i } end\n"
static void a_file_that_needs_more_memory(void **state) {
  struct tried tried;
  (void)state;
  put("a.lua",
      "rule \"before\" { on = \"folow\", tag = \"t\" }\nrule \"f\" { on = \"follow\", run = function(e) end }\nlocal t = {}\n" NEEDS_MEMORY
               "rule \"behind\" { on = \"follow\", tag = string.sub(t[2], 1, 5) }\n");
  tried = try_load("a.lua");
  assert_int_equal(tried.status, WEIR_E_RULES);
  assert_int_equal(tried.cnt, 1);
  assert_int_equal(tried.found[0].line, 1);
  end_try(&tried);
  put("a.lua",
      "rule \"before\" { on = \"follow\", tag = \"t\" }\nrule \"f\" { on = \"follow\", run = function(e) end }\nlocal t = {}\n" NEEDS_MEMORY
               "rule \"behind\" { on = \"follow\", tag = string.sub(t[2], 1, 5) }\n");
  tried = load_good("a.lua");
  assert_int_equal(tried.ruleset->rule_cnt, 3);
  assert_int_equal(tried.ruleset->chunk_cnt, 1);
  end_try(&tried);
}

/* ---- Large rulesets */

static char *write_many(uint32_t cnt) {
  struct growing g = { .cap = (size_t)cnt * 400 + 200, .text = malloc((size_t)cnt * 400 + 200) };
  assert_non_null(g.text);
  grow(&g, "words.want = { \"want\", \"need\" }\npool \"wechat\" { \"a\", \"b\" }\n");
  for (uint32_t i = 0; i < cnt; i++) {
    grow(&g, "rule \"r%u\" { on = \"comment\", ", i);
    if (i % 2) grow(&g, "keywords = { \"word%u\", \"链接%u\" }, once = \"post\",\n", i, i);
    else grow(&g, "match = [[{want}.{0,12}item%u]], priority = %u,\n", i, i % 7);
    grow(&g, "  reply = { \"hello %u\", \"hi %u\" }, tag = \"t:%u\",\n", i, i, i);
    grow(&g, "  message = { \"see {pool.wechat}\", after = \"5s\" } }\n");
  }
  return g.text;
}

static void ten_thousand_rules(void **state) {
  char *text = write_many(10000);
  struct tried tried;
  (void)state;
  put("a.lua", text);
  free(text);
  tried = load_good("a.lua");
  assert_int_equal(tried.ruleset->rule_cnt, 10000);
  assert_int_equal(tried.ruleset->pattern_cnt, 10000);
  assert_true(weir_ruleset_bytes(tried.ruleset) < WEIR_RULESET_BYTES_DEFAULT / 2);
  for (uint32_t i = 1; i < 10000; i++) {
    const struct weir_rule *a = &tried.ruleset->rules[i - 1], *b = &tried.ruleset->rules[i];
    assert_true(a->priority > b->priority || (a->priority == b->priority && a->line < b->line));
    assert_int_equal(tried.ruleset->pattern_rule[i], i);
  }
  end_try(&tried);
}

/* A file may do more work the longer it is: `text`, and a comment of `len` bytes. */
static void put_long(const char *name, const char *text, size_t len) {
  char *whole = malloc(strlen(text) + len + 4);
  assert_non_null(whole);
  sprintf(whole, "%s--", text);
  memset(whole + strlen(text) + 2, 'x', len);
  whole[strlen(text) + 2 + len] = '\0';
  put(name, whole);
  free(whole);
}

static void memory_is_bounded(void **state) {
  static const char *const texts[] = { "local t\nfor i = 1, 1e9 do t = { t, string.rep(\"x\", 60000) .. i } end\n",
                                       "local s = \"x\"\nwhile true do s = s .. s end\n" };
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    put_long("a.lua", texts[i], 2u << 20);
    struct tried tried = try_load("a.lua");
    assert_int_equal(tried.status, WEIR_E_RULES);
    assert_non_null(strstr(tried.err.message, "more memory than a rule file may"));
    end_try(&tried);
  }
}

static void too_many_rules(void **state) {
  struct tried tried;
  (void)state;
  put_long("a.lua", "for i = 1, 70000 do rule(\"r\" .. i) { on = \"follow\", tag = \"t\" } end\n", 2u << 20);
  tried = try_load("a.lua");
  assert_int_equal(tried.status, WEIR_E_LIMIT);
  assert_non_null(strstr(tried.err.message, "at most 65536"));
  end_try(&tried);
}

/* Whatever the limit is, it is kept: loading fails cleanly below what is needed, and works at it. */
static void every_memory_limit(void **state) {
  char *text = write_many(40);
  struct tried tried;
  size_t need, refused = 0;
  (void)state;
  put("a.lua", text);
  free(text);
  tried = load_good("a.lua");
  need = weir_ruleset_bytes(tried.ruleset);
  end_try(&tried);
  for (size_t limit = 1; limit < need + 4096; limit += need / 61 + 1) {
    tried = try_path(path_of("a.lua"), limit);
    if (tried.status == WEIR_OK) {
      assert_true(weir_ruleset_bytes(tried.ruleset) <= limit);
    } else {
      assert_int_equal(tried.status, WEIR_E_NOMEM);
      assert_non_null(strstr(tried.err.message, "do not fit"));
      refused++;
    }
    end_try(&tried);
  }
  assert_true(refused > 10);
  tried = try_path(path_of("a.lua"), need);
  assert_int_equal(tried.status, WEIR_OK);
  end_try(&tried);
}

/* What one load did, another does not feel. */
static void loads_share_nothing(void **state) {
  struct tried bad, good, again;
  (void)state;
  put("bad.lua", "string.upper = 5\n");
  put("good.lua", "rule(string.upper(\"a\")) { on = \"follow\", tag = \"t\" }\n");
  bad = try_load("bad.lua");
  assert_int_equal(bad.status, WEIR_E_RULES);
  good = load_good("good.lua");
  again = load_good("good.lua");
  assert_true(str_is(good.ruleset->rules[0].name, "good/A"));
  assert_true(good.ruleset != again.ruleset);
  end_try(&good);
  assert_true(str_is(again.ruleset->rules[0].name, "good/A"));
  end_try(&again);
  end_try(&bad);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    LOAD_TEST(hostile_files), LOAD_TEST(deep_source), LOAD_TEST(huge_tables), LOAD_TEST(one_budget_for_all),
      LOAD_TEST(a_file_that_needs_more_memory),
    LOAD_TEST(ten_thousand_rules), LOAD_TEST(memory_is_bounded), LOAD_TEST(too_many_rules), LOAD_TEST(every_memory_limit), LOAD_TEST(loads_share_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
