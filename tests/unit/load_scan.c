/* The scanner that finds places in Lua sources: tokens, strings, paths; and that no bytes can lead it astray. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "load/scan.h"

static struct weir_token nth(const char *source, int n) {
  struct weir_scan scan;
  struct weir_token token;
  weir_scan_begin(&scan, weir_str_of(source), 0, 1);
  do weir_scan_next(&scan, &token);
  while (n-- > 0);
  return token;
}

static void tokens(void **state) {
  static const struct { const char *source; int n; enum weir_token_kind kind; const char *text; uint32_t line,
                        column; } cases[] = {
    { "", 0, WEIR_TOKEN_END, "", 1, 1 },
    { "  -- all comment", 0, WEIR_TOKEN_END, "", 1, 17 },
    { "abc_1 x", 0, WEIR_TOKEN_NAME, "abc_1", 1, 1 },
    { "abc_1 x", 1, WEIR_TOKEN_NAME, "x", 1, 7 },
    { "a --[[ b\n c ]] d", 1, WEIR_TOKEN_NAME, "d", 2, 7 },
    { "a --[==[ b ]] ]=] \n]==] d", 1, WEIR_TOKEN_NAME, "d", 2, 6 },
    { "a --[ not long\nd", 1, WEIR_TOKEN_NAME, "d", 2, 1 },
    { "a\r\nb\rc\nd", 3, WEIR_TOKEN_NAME, "d", 4, 1 },
    { "a\n\rb\n\r\rc\n\nd", 3, WEIR_TOKEN_NAME, "d", 6, 1 }, /* found by fuzzing: \n\r is one line end for Lua */
    { "x=0x1p-3..2", 2, WEIR_TOKEN_NUMBER, "0x1p-3..2", 1, 3 },
    { ".5e+3 y", 0, WEIR_TOKEN_NUMBER, ".5e+3", 1, 1 },
    { "a==b", 1, WEIR_TOKEN_SYMBOL, "==", 1, 2 },
    { "a...", 1, WEIR_TOKEN_SYMBOL, "...", 1, 2 },
    { "'a\\'b' c", 0, WEIR_TOKEN_STRING, "'a\\'b'", 1, 1 },
    { "\"a\\\nb\" c", 1, WEIR_TOKEN_NAME, "c", 2, 4 },
    { "\"a\\z  \n\n  b\" c", 1, WEIR_TOKEN_NAME, "c", 3, 6 },
    { "[[a\n]b]] c", 1, WEIR_TOKEN_NAME, "c", 2, 6 },
    { "[=[ ]] ]=] c", 0, WEIR_TOKEN_STRING, "[=[ ]] ]=]", 1, 1 },
    { "\"open\nx", 0, WEIR_TOKEN_OPEN, "\"open", 1, 1 },
    { "\"open\nx", 1, WEIR_TOKEN_NAME, "x", 2, 1 },
    { "'\\", 0, WEIR_TOKEN_OPEN, "'\\", 1, 1 },
    { "[[open", 0, WEIR_TOKEN_OPEN, "[[open", 1, 1 },
    { "a --[[ open", 1, WEIR_TOKEN_OPEN, "--[[ open", 1, 3 },
    { "a，b", 1, WEIR_TOKEN_STRAY, "，", 1, 2 },
    { "@", 0, WEIR_TOKEN_STRAY, "@", 1, 1 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct weir_token token = nth(cases[i].source, cases[i].n);
    if (token.kind != cases[i].kind || !weir_str_eq(token.text, weir_str_of(cases[i].text)) || token.line != cases[i].line ||
        token.column != cases[i].column)
      fail_msg("case %zu: kind %d text %.*s at %u:%u", i, (int)token.kind, WEIR_FMT(token.text), token.line, token.column);
  }
}

static void what_strings_say(void **state) {
  static const struct { const char *token, *value; size_t offset, inside; } cases[] = {
    { "\"abc\"", "abc", 1, 2 },
    { "''", "", 0, 1 },
    { "'a\\nb'", "a\nb", 2, 4 },
    { "'\\65\\x42\\u{43}d'", "ABCd", 3, 14 },
    { "'\\u{6C42}x'", "求x", 3, 9 },
    { "'a\\z \t b'", "ab", 1, 2 },
    { "'\\\\[('", "\\[(", 2, 4 },
    { "[[\\d]]", "\\d", 1, 3 },
    { "[[\nab]]", "ab", 1, 4 },
    { "[==[\r\na]]b]==]", "a]]b", 3, 9 },
    { "[==[\n\ra]]b]==]", "a]]b", 3, 9 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct weir_token token = nth(cases[i].token, 0);
    assert_int_equal(token.kind, WEIR_TOKEN_STRING);
    if (!weir_token_says(&token, weir_str_of(cases[i].value)) || weir_token_inside(&token, cases[i].offset) != cases[i].inside)
      fail_msg("case %zu: inside %zu", i, weir_token_inside(&token, cases[i].offset));
    assert_false(weir_token_says(&token, WEIR_STR("something else")));
    assert_true(weir_token_inside(&token, 1000) <= token.text.len);
  }
}

static const char source[] =
  "rule \"other\" { a = 1 } rule \"r\" {\n"
  "  on = 'comment', [\"title\"] = \"t\",\n"
  "  run = function(e) local a, b = { c = 1 }, 2; if a then b = 3 end end,\n"
  "  \"item\"; { \"second\", deep = { x = { 1, 2, y = \"here\" } } },\n"
  "  message = { \"text\", after = \"5s\" },\n"
  "  examples = f { yes = 1 },\n"
  "}\n"
  "words.want = { \"w\", \"求\" }\n";

static bool place(const char *word, const char *name, uint32_t line, const char *path, uint32_t *at_line, uint32_t *at_column) {
  struct weir_scan scan;
  struct weir_token head, token = { 0 };
  size_t at = 0;
  bool found;
  for (uint32_t i = 1; i < line; i++) at = (size_t)(strchr(source + at, '\n') - source) + 1;
  weir_scan_begin(&scan, weir_str_of(source), at, line);
  assert_true(weir_scan_body(&scan, weir_str_of(word), weir_str_of(name), &head));
  found = weir_scan_path(&scan, weir_str_of(path), &token);
  *at_line = token.line;
  *at_column = token.column;
  return found;
}

static void paths(void **state) {
  static const struct { const char *path; bool found; uint32_t line, column; } cases[] = {
    { "on", true, 2, 3 },           { "title", true, 2, 20 },       { "run", true, 3, 3 },      { "[1]", true, 4, 3 },
    { "[2]", true, 4, 11 },         { "[2][1]", true, 4, 13 },      { "[2].deep", true, 4, 23 }, { "[2].deep.x.y", true, 4, 44 },
    { "[2].deep.x[2]", true, 4, 41 }, { "message.after", true, 5, 23 }, { "message[1]", true, 5, 15 },
      { "message.none", false, 5, 3 },
    { "c", false, 0, 0 },           { "b", false, 0, 0 },           { "[3]", false, 0, 0 },     { "examples.yes", false, 6, 3 },
    { "message.after.more", false, 5, 23 }, { "[0]", false, 0, 0 }, { "[99999999999]", false, 0, 0 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint32_t line, column;
    bool found = place("rule", "r", 1, cases[i].path, &line, &column);
    if (found != cases[i].found || line != cases[i].line || column != cases[i].column)
      fail_msg("path %s: %d at %u:%u", cases[i].path, found, line, column);
  }
}

static void bodies(void **state) {
  struct weir_scan scan;
  struct weir_token head = { 0 }, token;
  uint32_t line, column;
  (void)state;
  assert_true(place("words", "want", 8, "[2]", &line, &column));
  assert_true(line == 8 && column == 21);
  weir_scan_begin(&scan, WEIR_STR("rule(\"x\")({ a = 1 })"), 0, 1);
  assert_true(weir_scan_body(&scan, WEIR_STR("rule"), WEIR_STR("x"), &head));
  weir_scan_begin(&scan, WEIR_STR("rule(name) { a = 1 }\nrule \"x\" {}"), 0, 1);
  assert_false(weir_scan_body(&scan, WEIR_STR("rule"), WEIR_STR("x"), &head)); /* the next line is another's */
  assert_int_equal(head.column, 1);
  weir_scan_begin(&scan, WEIR_STR("pack { name = \"n\", list = { \"a\", 'n' } } 'behind'"), 0, 1);
  assert_true(weir_scan_body(&scan, WEIR_STR("pack"), WEIR_STR(""), &head));
  assert_true(weir_scan_string(&scan, WEIR_STR("a"), &token));
  assert_int_equal(token.column, 29);
  assert_false(weir_scan_string(&scan, WEIR_STR("behind"), &token));
}

/* Cut anywhere and with any byte changed, it comes to an end inside the source. */
static void any_bytes(void **state) {
  char text[sizeof source];
  uint32_t seed = 12345;
  (void)state;
  for (size_t round = 0; round < 20000; round++) {
    struct weir_scan scan;
    struct weir_token token;
    size_t len = round % sizeof source, steps = 0;
    memcpy(text, source, sizeof source);
    for (int i = 0; i < 3; i++) {
      seed = seed * 1664525 + 1013904223;
      text[(seed >> 8) % sizeof source] = "\"'[]=\\{}\n-\xE6z0u"[(seed >> 24) % 14];
    }
    weir_scan_begin(&scan, (weir_str){ text, len }, 0, 1);
    if (weir_scan_body(&scan, WEIR_STR("rule"), WEIR_STR("r"), &token)) weir_scan_path(&scan, WEIR_STR("message.after"), &token);
    weir_scan_begin(&scan, (weir_str){ text, len }, 0, 1);
    do {
      weir_scan_next(&scan, &token);
      assert_true(token.at + token.text.len <= len && ++steps <= len + 1);
      if (token.kind == WEIR_TOKEN_STRING) {
        weir_token_says(&token, WEIR_STR("求x"));
        assert_true(weir_token_inside(&token, round % 7) <= token.text.len);
      }
    } while (token.kind != WEIR_TOKEN_END);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(tokens), cmocka_unit_test(what_strings_say), cmocka_unit_test(paths), cmocka_unit_test(bodies),
      cmocka_unit_test(any_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
