/* Loading: what a rule file may not hold, how a handler is kept, and what becomes of the values it gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "script_support.h"
#include "script/inside.h"

#define LOAD_BYTES (8u << 20)

/* Runs `source`; an empty `message` means that it must work. */
static void expect_load(const char *source, const char *message) {
  struct support_load *load = support_load_open(LOAD_BYTES, 1000000);
  enum weir_sandbox_end end = support_load_run(load, source);
  if (*message == '\0' && end != WEIR_SANDBOX_DONE) fail_msg("%s\n  gave: %s", source, load->message);
  if (*message != '\0' && (end != WEIR_SANDBOX_ERROR || !strstr(load->message, message)))
    fail_msg("%s\n  gave %d: %s\n  expected: %s", source, (int)end, load->message, message);
  support_load_close(load);
}

static void test_refused(void **state) {
  (void)state;
  expect_load("local x = 1\nlocal y = 2 ^ 3", "test.lua:2: the operator ^ is not offered");
  expect_load("\n\n--[[ ^\n]] local x = '^' -- ^\nreturn 1^2", "test.lua:5: the operator ^");
  expect_load("local a = [==[ ]] ^\n ]==] local b = 1 ^ 2", "test.lua:2: the operator ^");
  expect_load("local a = 'x\\\n^' local b = 1 ^ 2", "test.lua:2: the operator ^");
  expect_load("local a = '\\z  \n\r\n  ^' local b = 1 ^ 2", "test.lua:3: the operator ^");
  expect_load("local a = \"\\\"^\" .. '\\'^'", "");
  expect_load("local a = [[^]] --^\n--[==[^\n^]==] a = '^' a = [=[\n]]^]=]", "");
  expect_load("local a = a[1] == nil", "attempt to index a nil value");
  expect_load("local a = '\\0'", "test.lua:1: a NUL byte");
  expect_load("\nlocal a = '\\x00'", "test.lua:2: a NUL byte");
  expect_load("local a = '\\u{000}'", "test.lua:1: a NUL byte");
  expect_load("local a = '\\1\\x01\\u{1}\\10\\200\\\\0'", "");
  expect_load("local a = [[\\0]] -- \\0", "");
  expect_load("x = = 1", "test.lua:1: unexpected symbol near '='");
  expect_load("local a = 'x", "unfinished string");
  expect_load("--[[", "unfinished long comment");
  expect_load("local a = [==[ ]=]", "unfinished long string");
  expect_load("\xEF\xBB\xBFlocal a = 1", "");
  expect_load("\033Lua", "attempt to load a binary chunk");
  expect_load("", "");
  expect_load("-- only this", "");
}

/* `head`, then `part` so many times, then `tail`. */
static char *repeated(const char *head, const char *part, size_t cnt, const char *tail) {
  size_t cap = strlen(head) + strlen(part) * cnt + strlen(tail) + 1, n;
  char *text = malloc(cap);
  assert_non_null(text);
  n = (size_t)snprintf(text, cap, "%s", head);
  for (size_t i = 0; i < cnt; i++) n += (size_t)snprintf(text + n, cap - n, "%s", part);
  snprintf(text + n, cap - n, "%s", tail);
  return text;
}

/* Lua recurses once for each index when it names a variable in an error. */
static void test_chains(void **state) {
  static const char too_long[] = "too many indexes in a row";
  static const struct {
    const char *head, *part, *tail;
    size_t cnt;
    const char *message;
  } cases[] = {
    { "local t = {} t.a = t return function() end, t", ".a", "", 100, "" },
    { "local t = {} t.a = t return t", ".a", "", 101, too_long },
    { "local t = {} t.a = t return t", "['a']", "", 101, too_long },
    { "local t = {} t.a = t return t", " . --[[ . ]]\n a", "", 101, too_long },
    { "local t = {} t.a = t return (t", ".a).a.a and (t", ")", 60, "" },
    { "local t = {} t.a = t return ((t", ".a", ").a.a).a", 98, too_long },
    { "local t = {} t.a = t return t", "[1 + 1 and 'a' or 2]", "", 101, too_long },
    { "local t = {} t.a = t return t", "[(function() local x = 1 return 'a' end)()]", "", 101, too_long },
    { "local t = {} t.a = t return t[t", ".a", " and 'a'].a", 99, too_long },
    { "local t = {} t.a = t ", "t.a.a = t ", "", 500, "" },
    { "local s = 'x' return s", ":upper()", "", 101, too_long },
    { "return ", "(", "1", 201, "brackets are nested too deeply" },
    { "return ", "{", "1", 201, "brackets are nested too deeply" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *source = repeated(cases[i].head, cases[i].part, cases[i].cnt, cases[i].tail);
    expect_load(source, cases[i].message);
    free(source);
  }
}

static int load_nul(lua_State *L) {
  weir_sandbox_push_env(L);
  if (weir_sandbox_load(L, WEIR_STR("local a = 1\nlocal b = '\0'"), "@nul.lua") != LUA_OK) return lua_error(L);
  return 0;
}

static void test_nul_byte(void **state) {
  struct support_load *load = support_load_open(LOAD_BYTES, 1000000);
  (void)state;
  assert_int_equal(weir_sandbox_enter(load->box, load_nul, NULL, load->message, sizeof load->message), WEIR_SANDBOX_ERROR);
  assert_non_null(strstr(load->message, "nul.lua:2: a NUL byte"));
  support_load_close(load);
}

static void test_upvalues(void **state) {
  (void)state;
  expect_load("local city = 'x' return function() return city end", "captures the local `city` of the file");
  expect_load("local f = function() end return function() return function() return f end end", "captures the local `f` of the file");
  expect_load("return function() local x = 1 return function() return x end end", "");
  expect_load("return function() return type(x) end", "");
  expect_load("return type", "a function written in the rule file is expected");
  expect_load("local e = 1 return function(e) return e end", "");
}

/* Source lines of a handler survive the dump; so do the marks that make some instructions dearer. */
static void test_dump(void **state) {
  struct support_load *load = support_load_open(LOAD_BYTES, 1000000);
  (void)state;
  assert_int_equal(support_load_run(load, "return function()\nend,\nfunction() return 5.0 % 3\nend, function() return 5 % 3 end,\n"
                                          "function(t)\nreturn #t\nend"),
                   WEIR_SANDBOX_DONE);
  assert_int_equal(load->chunk_cnt, 4);
  assert_true(weir_str_eq(load->chunks[0].name, WEIR_STR("test.lua:1")));
  assert_true(weir_str_eq(load->chunks[1].name, WEIR_STR("test.lua:3")));
  assert_int_equal(load->chunks[0].code[0], 0);
  assert_int_equal(load->chunks[1].code[0], WEIR_MARK_MODULO | WEIR_MARK_FLOAT);
  assert_int_equal(load->chunks[3].code[0], WEIR_MARK_LENGTH);
  support_load_close(load);
}

static void expect_marks(const char *text, unsigned marks) {
  unsigned char room[16] = { 0 };
  struct weir_source source = { .text = weir_str_of(text), .marks = room };
  assert_true(weir_source_lines(source.text) <= sizeof room);
  assert_true(weir_source_scan(&source));
  if (room[0] != marks) fail_msg("%s: marks %u instead of %u", text, (unsigned)room[0], marks);
}

static void test_marks(void **state) {
  (void)state;
  expect_marks("return a % 2 // 3", WEIR_MARK_MODULO);
  expect_marks("return a / 2", WEIR_MARK_FLOAT);
  expect_marks("return 1e5", WEIR_MARK_FLOAT);
  expect_marks("return .5", WEIR_MARK_FLOAT);
  expect_marks("return 0x1e", 0);
  expect_marks("return 0x1p4", WEIR_MARK_FLOAT);
  expect_marks("return 0x.1", WEIR_MARK_FLOAT);
  expect_marks("return 99999999999999999999", WEIR_MARK_FLOAT);
  expect_marks("return math.huge % tonumber('1')", WEIR_MARK_FLOAT | WEIR_MARK_MODULO);
  expect_marks("return _ENV", WEIR_MARK_FLOAT);
  expect_marks("return '%/.5#' --%/#", 0);
  expect_marks("return #t", WEIR_MARK_LENGTH);
  expect_marks("return a..b .. 1 ..2", WEIR_MARK_JOIN);
  expect_marks("return a.b, 1", 0);
}

static void test_large_handler(void **state) {
  char *source = malloc(400000);
  size_t n = 0;
  (void)state;
  assert_non_null(source);
  n += (size_t)snprintf(source, 100, "return function(e) ");
  for (int i = 0; i < 9000; i++) n += (size_t)snprintf(source + n, 40, "e:reply('text %d') ", i);
  snprintf(source + n, 10, "end");
  expect_load(source, "bytes when compiled, 65536 are allowed");
  free(source);
}

static void test_broken_chunk(void **state) {
  static const unsigned char code[] = { 0 };
  struct weir_chunk chunk = { .code = code, .len = 1, .name = { "x", 1 } };
  struct support *s = support_open("return function(e) e:reply('x') end");
  enum weir_script_result result;
  (void)state;
  assert_non_null(s);
  s->load->chunks[0] = chunk;
  assert_int_equal(weir_script_run(s->script, 0, &s->seen, &s->arena, &result, &s->run, &s->err), WEIR_OK);
  assert_int_equal(result, WEIR_SCRIPT_FAILED);
  support_close(s);
}

/* ---- Values */

struct copying {
  const char *source;
  struct weir_arena arena;
  struct weir_value value;
  size_t used_max;
  char text[1024];
};

static uint32_t give_index(void *ctx, lua_State *L, int index) {
  (void)ctx;
  if (!lua_isfunction(L, index)) luaL_error(L, "no function");
  return 77;
}

static int copy_body(lua_State *L) {
  struct copying *c = lua_touserdata(L, 1);
  struct weir_value_copier copier = { &c->arena, give_index, NULL, c->used_max };
  weir_sandbox_push_env(L);
  if (weir_sandbox_load(L, weir_str_of(c->source), "@v.lua") != LUA_OK) return lua_error(L);
  lua_call(L, 0, 1);
  weir_sandbox_copy(L, -1, &copier, &c->value);
  return 0;
}

static void show(const struct weir_value *v, struct weir_buf *buf) {
  switch (v->kind) {
  case WEIR_VALUE_NIL: weir_buf_text(buf, "nil"); break;
  case WEIR_VALUE_BOOL: weir_buf_text(buf, v->u.b ? "true" : "false"); break;
  case WEIR_VALUE_INT: weir_buf_int(buf, v->u.i); break;
  case WEIR_VALUE_NUM: weir_buf_printf(buf, "%.3f", v->u.d); break;
  case WEIR_VALUE_STR: weir_buf_printf(buf, "'%.*s'", WEIR_FMT(v->u.s)); break;
  case WEIR_VALUE_FUNC: weir_buf_printf(buf, "func %u", (unsigned)v->u.func); break;
  case WEIR_VALUE_TABLE:
    weir_buf_byte(buf, '{');
    for (uint32_t i = 0; i < v->u.t->list_cnt; i++) {
      show(&v->u.t->list[i], buf);
      weir_buf_byte(buf, ' ');
    }
    for (uint32_t i = 0; i < v->u.t->member_cnt; i++) {
      weir_buf_printf(buf, "%.*s=", WEIR_FMT(v->u.t->members[i].key));
      show(&v->u.t->members[i].value, buf);
      weir_buf_byte(buf, ' ');
    }
    weir_buf_byte(buf, '}');
    break;
  }
}

static void expect_copy(const char *source, size_t used_max, enum weir_sandbox_end wanted, const char *text) {
  struct support_load *load = support_load_open(LOAD_BYTES, 10000000);
  struct copying c = { .source = source, .used_max = used_max };
  char message[256], shown[2048];
  struct weir_buf buf;
  enum weir_sandbox_end end;
  weir_arena_growing(&c.arena, 1u << 20);
  end = weir_sandbox_enter(load->box, copy_body, &c, message, sizeof message);
  weir_buf_init(&buf, shown, sizeof shown - 1);
  if (end == WEIR_SANDBOX_DONE) show(&c.value, &buf);
  else weir_buf_text(&buf, message);
  shown[buf.len] = '\0';
  if (end != wanted || !strstr(shown, text)) fail_msg("%s\n  gave %d: %s\n  expected: %s", source, (int)end, shown, text);
  weir_arena_release(&c.arena);
  support_load_close(load);
}

static void test_values(void **state) {
  (void)state;
  expect_copy("return nil", 0, WEIR_SANDBOX_DONE, "nil");
  expect_copy("return { 1, 'a', 2.5, true, { x = 1 }, b = 2, a = 'z', ['中'] = false }", 0, WEIR_SANDBOX_DONE,
              "{1 'a' 2.500 true {x=1 } a='z' b=2 中=false }");
  expect_copy("return {}", 0, WEIR_SANDBOX_DONE, "{}");
  expect_copy("return { run = function() end }", 0, WEIR_SANDBOX_DONE, "{run=func 77 }");
  expect_copy("return math.mininteger", 0, WEIR_SANDBOX_DONE, "-9223372036854775808");
  expect_copy("return {{{{{{{{1}}}}}}}}", 0, WEIR_SANDBOX_DONE, "{{{{{{{{1 } } } } } } } }");
  expect_copy("return {{{{{{{{{1}}}}}}}}}", 0, WEIR_SANDBOX_ERROR, "[1][1][1][1][1][1][1][1]: tables are nested too deeply");
  expect_copy("return { reply = { 'x', { text = '\\xC0\\x80' } } }", 0, WEIR_SANDBOX_ERROR, "reply[2].text: the text is not valid UTF-8");
  expect_copy("return { ['\\xff'] = 1 }", 0, WEIR_SANDBOX_ERROR, "the text is not valid UTF-8");
  expect_copy("return { a = { [1.5] = 1 } }", 0, WEIR_SANDBOX_ERROR, "a: a key is neither a text nor a number from 1 on");
  expect_copy("return { a = { 1, [3] = 1 } }", 0, WEIR_SANDBOX_ERROR, "a: the list has a hole");
  expect_copy("return { a = -1/0 }", 0, WEIR_SANDBOX_ERROR, "a: the number is infinite");
  expect_copy("local t = {} for i = 1, 2000 do t[i] = 'text' end return t", 4096, WEIR_SANDBOX_ERROR, "this is too much");
  expect_copy("local t = {} for i = 1, 40 do t[i] = ('x'):rep(60000) end return t", 0, WEIR_SANDBOX_ERROR, "no memory left");
  expect_copy("local t = {} for i = 1, 200 do t[i] = i end return t", 0, WEIR_SANDBOX_DONE, "{1 2 3 ");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_refused),  cmocka_unit_test(test_nul_byte), cmocka_unit_test(test_chains), cmocka_unit_test(test_upvalues),
    cmocka_unit_test(test_dump),     cmocka_unit_test(test_marks),    cmocka_unit_test(test_large_handler),
    cmocka_unit_test(test_broken_chunk), cmocka_unit_test(test_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
