/* The walls: what ends a handler, what it sees of the event, what it leaves behind (nothing), and what is refused when a
 * rule file is loaded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <time.h>

#include "script_support.h"
#include "script/object.h"

static struct support *open_handler(const char *body) {
  static char source[8192];
  struct support *s;
  snprintf(source, sizeof source, "return function(e) %s\nend", body);
  s = support_open(source);
  assert_non_null(s);
  return s;
}

static void expect(struct support *s, enum weir_script_result wanted) {
  enum weir_script_result result = support_run(s, 0);
  if (result != wanted) fail_msg("gave %d instead of %d: %s", (int)result, (int)wanted, s->run.message);
}

static void expect_code(const char *body, enum weir_script_result wanted) {
  struct support *s = open_handler(body);
  expect(s, wanted);
  support_close(s);
}

/* ---- Results */

static void test_results(void **state) {
  (void)state;
  expect_code("", WEIR_SCRIPT_FIRED);
  expect_code("return true", WEIR_SCRIPT_FIRED);
  expect_code("return nil", WEIR_SCRIPT_FIRED);
  expect_code("return 0", WEIR_SCRIPT_FIRED);
  expect_code("return false", WEIR_SCRIPT_DECLINED);
  expect_code("return false, 1", WEIR_SCRIPT_DECLINED);
  expect_code("e:reply('x') return false", WEIR_SCRIPT_DECLINED);
  expect_code("error('x')", WEIR_SCRIPT_FAILED);
  expect_code("while true do end", WEIR_SCRIPT_KILLED);
}

static void test_calls(void **state) {
  struct support *s = open_handler("e:reply('hi ' .. e.match[1]) e:after('2h', { text = 'x', list = { 1, true, 2.5 } }) e:follow()");
  const struct weir_call *calls;
  (void)state;
  expect(s, WEIR_SCRIPT_FIRED);
  calls = s->run.calls;
  assert_int_equal(s->run.call_cnt, 3);
  assert_true(weir_str_eq(calls[0].verb, WEIR_STR("reply")));
  assert_int_equal(calls[0].arg_cnt, 1);
  assert_int_equal(calls[0].args[0].kind, WEIR_VALUE_STR);
  assert_true(weir_str_eq(calls[0].args[0].u.s, WEIR_STR("hi link")));
  assert_int_equal(calls[1].arg_cnt, 2);
  assert_true(weir_str_eq(calls[1].args[0].u.s, WEIR_STR("2h")));
  assert_true(weir_str_eq(weir_value_get(&calls[1].args[1], "text")->u.s, WEIR_STR("x")));
  assert_int_equal(weir_value_get(&calls[1].args[1], "list")->u.t->list_cnt, 3);
  assert_int_equal(calls[2].arg_cnt, 0);
  support_close(s);

  /* Nothing is handed out unless it fired. */
  s = open_handler("e:reply('x') error('late')");
  expect(s, WEIR_SCRIPT_FAILED);
  assert_int_equal(s->run.call_cnt, 0);
  assert_null(s->run.calls);
  assert_int_equal(s->arena.used, 0);
  support_close(s);
}

static void test_call_errors(void **state) {
  static const struct {
    const char *body, *message;
  } cases[] = {
    { "e.reply('x')", "write e:reply(...) with a colon" },
    { "e.reply({})", "write e:reply(...) with a colon" },
    { "e:reply(1, 2, 3)", "e:reply takes at most two values" },
    { "e:nothing()", "attempt to call a nil value (method 'nothing')" },
    { "for i = 1, 17 do e:follow() end", "more than 16 actions in one handler" },
    { "e:reply { text = function() end }", "text: a function cannot stand here" },
    { "e:reply { a = { { b = 0/0 } } }", "a[1].b: the number is not a number" },
    { "e:reply { 1/0 }", "[1]: the number is infinite" },
    { "e:reply(e)", "this is not plain data" },
    { "e:reply(string)", "this is not plain data" },
    { "e:reply('\\xff')", "the text is not valid UTF-8" },
    { "e:reply { [true] = 1 }", "a key is neither a text nor a number from 1 on" },
    { "e:reply { [0] = 1 }", "a key is neither a text nor a number from 1 on" },
    { "e:reply { 1, nil, 3 }", "the list has a hole" },
    { "local t = {} t[1] = t e:reply(t)", "tables are nested too deeply" },
    { "local s = ('x'):rep(60000) e:reply(s) e:reply(s)", "this is too much" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct support *s = open_handler(cases[i].body);
    expect(s, WEIR_SCRIPT_FAILED);
    if (!strstr(s->run.message, cases[i].message)) fail_msg("%s\n  gave: %s", cases[i].body, s->run.message);
    support_close(s);
  }
  expect_code("for i = 1, 16 do e:follow() end", WEIR_SCRIPT_FIRED);
}

/* ---- The event */

static void test_event(void **state) {
  static const weir_str tags[] = { { "papers", 6 }, { "vip", 3 } };
  static const weir_pair fields[] = { { { "city", 4 }, { "Wuhan", 5 } }, { { "visits", 6 }, { "3", 1 } } };
  static const struct weir_stage_entry stages[] = { { { "other/x", 7 }, { "s1", 2 }, 1 }, { { "pack/papers", 11 }, { "asked", 5 }, 2 } };
  struct weir_person person = { .id = 5, .name = { "Lin Li", 6 }, .tags = tags, .tag_cnt = 2, .fields = fields, .field_cnt = 2,
                                .stages = stages, .stage_cnt = 2 };
  struct support *s = open_handler(
      "assert(e.text == 'please send link' and e.match[0] == 'send link' and e.match[1] == 'link' and e.match[2] == nil)"
      "assert(e.channel == 'douyin' and e.account == 'papers' and e.post == 'v1' and e.kind == 'comment' and e.rule == 'pack/ask')"
      "assert(e.contact.id == 'u1' and e.contact.name == 'Lin')"
      "assert(e.time == 1763773200000 and e.now == 1763773201000 and math.type(e.time) == 'integer')"
      "assert(e.nothing == nil and e[1] == nil and e[e] == nil)"
      "assert(e.person.known == true and e.person.name == 'Lin Li' and e.person.tags.vip and e.person.tags['papers'])"
      "assert(e.person.tags.x == nil and e.person.fields.city == 'Wuhan' and e.person.fields.visits == '3')"
      "assert(e.person.stages.papers == 'asked' and e.person.stages['other/x'] == 's1' and e.person.stages['pack/papers'] == nil)"
      "e.person.tags.mine = 1 e.text = 'changed' assert(e.person.tags.mine == 1 and e.text == 'changed')"
      "local n = '' for k in pairs(e.person.tags) do n = n .. k .. ' ' end assert(n == 'mine papers vip ')");
  (void)state;
  s->seen.person = &person;
  expect(s, WEIR_SCRIPT_FIRED);
  /* What the first run changed is as it was. */
  expect(s, WEIR_SCRIPT_FIRED);
  support_close(s);

  s = open_handler("assert(e.person.known == false and e.person.name == nil and (e.person.name or 'you') == 'you')"
                   "assert(e.person.tags.x == nil and e.contact.name == nil and e.post == nil and e.match[0] == nil and e.text == 'ab')");
  s->event.contact_name = s->event.post = (weir_str){ NULL, 0 };
  s->seen.group_cnt = 0;
  s->seen.text = (weir_str){ "a\0b", 3 }; /* a NUL byte is left out */
  expect(s, WEIR_SCRIPT_FIRED);
  support_close(s);
}

/* ---- Limits */

static void expect_wall(const char *body, const struct weir_sandbox_limits *limits, const char *word) {
  struct support *s = open_handler(body);
  weir_sandbox_limits(s->script->box, limits);
  expect(s, WEIR_SCRIPT_KILLED);
  if (strncmp(s->run.message, word, strlen(word)) != 0) fail_msg("%s\n  gave: %s", body, s->run.message);
  assert_int_equal(s->run.call_cnt, 0);
  support_close(s);
}

static void test_limits(void **state) {
  const struct weir_sandbox_limits usual = { WEIR_SCRIPT_STEPS, WEIR_SCRIPT_EVENT_BYTES, WEIR_SCRIPT_CHURN_BYTES };
  const struct weir_sandbox_limits roomy = { UINT64_C(1) << 40, WEIR_SCRIPT_EVENT_BYTES, 1 << 20 };
  (void)state;
  expect_wall("e:reply('x') while true do end", &usual, "work: more than 100000 steps at test.lua:1");
  expect_wall("local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", &usual, "memory");
  expect_wall("for i = 1, 1e9 do local s = ('x'):rep(1000) .. i end", &roomy, "churn");
  expect_wall("local t = {} for i = 1, 1e9 do t[i] = i end", &(struct weir_sandbox_limits){ UINT64_C(1) << 40, 100000, 1u << 30 }, "memory");
}

static uint64_t asked;
static bool strike(void *ctx) {
  asked++;
  return asked >= *(uint64_t *)ctx;
}

static void test_deadline(void **state) {
  struct support *s = open_handler("while true do end");
  uint64_t at = 3;
  (void)state;
  asked = 0;
  weir_script_deadline(s->script, strike, &at);
  expect(s, WEIR_SCRIPT_KILLED);
  assert_memory_equal(s->run.message, "deadline", 8);
  assert_int_equal(asked, 3);
  /* It is asked during work in one library call too. */
  weir_script_deadline(s->script, NULL, NULL);
  expect(s, WEIR_SCRIPT_KILLED);
  assert_memory_equal(s->run.message, "work", 4);
  support_close(s);
}

/* A limit is exact: the work one run reports suffices for the next, one step less does not. */
static void test_exact(void **state) {
  struct support *s = open_handler("local t = {} for i = 1, 500 do t[i] = ('k'):rep(i % 7) end e:reply(table.concat(t))");
  struct weir_sandbox_limits limits = { WEIR_SCRIPT_STEPS, WEIR_SCRIPT_EVENT_BYTES, WEIR_SCRIPT_CHURN_BYTES };
  uint64_t steps;
  (void)state;
  expect(s, WEIR_SCRIPT_FIRED);
  steps = s->run.steps;
  assert_true(steps > 500);
  limits.steps = steps;
  weir_sandbox_limits(s->script->box, &limits);
  expect(s, WEIR_SCRIPT_FIRED);
  assert_int_equal(s->run.steps, steps);
  limits.steps = steps - 1;
  weir_sandbox_limits(s->script->box, &limits);
  expect(s, WEIR_SCRIPT_KILLED);
  limits.steps = steps;
  weir_sandbox_limits(s->script->box, &limits);
  expect(s, WEIR_SCRIPT_FIRED);
  assert_int_equal(s->run.steps, steps);
  support_close(s);
}

/* ---- Nothing is left behind, and the same event gives the same */

static void test_fresh(void **state) {
  struct support *s = open_handler("assert(LEAK == nil) LEAK = 1 assert(_ENV.LEAK == 1) string = nil pairs = 7 e.text = nil "
                                   "e:reply(tostring(math.random(1 << 40)))");
  char first[64];
  size_t live = 0;
  uint64_t steps = 0;
  (void)state;
  for (int i = 0; i < 50; i++) {
    expect(s, WEIR_SCRIPT_FIRED);
    if (i == 0) {
      snprintf(first, sizeof first, "%.*s", WEIR_FMT(s->run.calls[0].args[0].u.s));
      live = weir_sandbox_live(s->script->box);
      steps = s->run.steps;
    }
    assert_true(weir_str_eq(s->run.calls[0].args[0].u.s, weir_str_of(first)));
    assert_int_equal(weir_sandbox_live(s->script->box), live);
    assert_int_equal(s->run.steps, steps);
    assert_true(weir_heap_check(s->script->box->heap));
  }
  s->seen.seed = 8;
  expect(s, WEIR_SCRIPT_FIRED);
  assert_false(weir_str_eq(s->run.calls[0].args[0].u.s, weir_str_of(first)));
  support_close(s);
}

/* Two engines in one process, and the order of pairs: the hash seeds differ, the answers do not. */
static void test_same_everywhere(void **state) {
  const char *body = "local t, out = {}, {} for i = 1, 40 do t['key' .. i * 7919 % 101] = i end "
                     "for k, v in pairs(t) do out[#out + 1] = k .. v end for i = 1, 5 do out[#out + 1] = math.random(1000) end "
                     "e:reply(table.concat(out, ' '))";
  struct support *a = open_handler(body), *b = open_handler(body);
  (void)state;
  expect(a, WEIR_SCRIPT_FIRED);
  expect(b, WEIR_SCRIPT_FIRED);
  assert_true(weir_str_eq(a->run.calls[0].args[0].u.s, b->run.calls[0].args[0].u.s));
  assert_int_equal(a->run.steps, b->run.steps);
  assert_true(weir_sandbox_rebuild(a->script->box));
  a->script->stale = true;
  expect(a, WEIR_SCRIPT_FIRED);
  assert_true(weir_str_eq(a->run.calls[0].args[0].u.s, b->run.calls[0].args[0].u.s));
  assert_int_equal(a->run.steps, b->run.steps);
  support_close(a);
  support_close(b);
}

/* ---- Opening */

static void test_open_sizes(void **state) {
  size_t works = 0;
  char *block = malloc(weir_script_bytes());
  weir_error err;
  (void)state;
  assert_non_null(block);
  for (size_t len = 0; len <= weir_script_bytes() / 4; len += 1021) {
    struct weir_script *script;
    weir_status status = weir_script_open(&script, block + 1, len, NULL, 0, support_verbs, SUPPORT_VERBS, &err);
    assert_true((status == WEIR_OK) == (script != NULL));
    assert_true(status == WEIR_OK || status == WEIR_E_NOMEM || status == WEIR_E_SCRIPT);
    if (status == WEIR_OK) works++;
  }
  assert_true(works > 0);
  free(block);
}

static void test_wrong_chunk(void **state) {
  struct support *s = open_handler("");
  enum weir_script_result result;
  (void)state;
  assert_int_equal(weir_script_run(s->script, 1, &s->seen, &s->arena, &result, &s->run, &s->err), WEIR_E_ARG);
  support_close(s);
}

static char seen_lines[128];
static void see_line(void *ctx, uint32_t line) {
  size_t len = strlen(seen_lines);
  (void)ctx;
  snprintf(seen_lines + len, sizeof seen_lines - len, "%u ", (unsigned)line);
}

/* Who asks for lines is told of those that run, and the run is the same: what it costs, and where a limit strikes. */
static void test_lines(void **state) {
  const char *body = "local n = 0\nfor i = 1, 2 do\n  n = n + i\nend\nif n == 0 then\n  e:reply('no')\nend\ne:reply('yes')";
  struct support *s = open_handler(body), *endless = open_handler("local n = 0\nwhile true do\n  n = n + 1\nend");
  const uint32_t wanted[] = { 1, 2, 3, 5, 6, 8 };
  uint64_t steps, killed;
  uint32_t line;
  (void)state;
  assert_false(weir_chunk_line(&s->load->chunks[0], 0, &line)); /* nobody asked */
  expect(s, WEIR_SCRIPT_FIRED);
  steps = s->run.steps;
  expect(endless, WEIR_SCRIPT_KILLED);
  killed = endless->run.steps;
  weir_script_lines(s->script, see_line, NULL);
  weir_script_lines(endless->script, see_line, NULL);
  expect(endless, WEIR_SCRIPT_KILLED);
  assert_int_equal(endless->run.steps, killed);
  seen_lines[0] = '\0';
  expect(s, WEIR_SCRIPT_FIRED);
  assert_int_equal(s->run.steps, steps);
  assert_string_equal(seen_lines, "1 2 3 2 3 2 5 8 9 ");
  weir_script_lines(s->script, NULL, NULL);
  expect(s, WEIR_SCRIPT_FIRED);
  assert_string_equal(seen_lines, "1 2 3 2 3 2 5 8 9 ");
  support_close(s);
  support_close(endless);

  struct support_load *load = support_load_open(16u << 20, 10000000);
  char source[512];
  load->lines = true;
  snprintf(source, sizeof source, "return function(e) %s\nend", body);
  assert_int_equal(support_load_run(load, source), WEIR_SANDBOX_DONE);
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    assert_true(weir_chunk_line(&load->chunks[0], i, &line));
    assert_int_equal(line, wanted[i]);
  }
  assert_false(weir_chunk_line(&load->chunks[0], sizeof wanted / sizeof *wanted, &line));
  support_load_close(load);
}

static void test_arena_full(void **state) {
  struct support *s = open_handler("e:reply(('x'):rep(5000))");
  enum weir_script_result result;
  (void)state;
  weir_arena_fixed(&s->arena, s->arena_block, 4000);
  assert_int_equal(weir_script_run(s->script, 0, &s->seen, &s->arena, &result, &s->run, &s->err), WEIR_E_NOMEM);
  weir_arena_fixed(&s->arena, s->arena_block, 100);
  assert_int_equal(weir_script_run(s->script, 0, &s->seen, &s->arena, &result, &s->run, &s->err), WEIR_E_NOMEM);
  weir_arena_fixed(&s->arena, s->arena_block, SUPPORT_ARENA);
  expect(s, WEIR_SCRIPT_FIRED);
  support_close(s);
}

/* A kill must not hold up the next event: with as many handlers as 1,000 rules have. The best of many, since other programs run too. */
static void test_rebuilt_in_a_millisecond(void **state) {
  static char source[240 * 48];
  size_t n = (size_t)snprintf(source, sizeof source, "return ");
  double best_ms = 1e9;
  (void)state;
  /* a call takes at most 250 values, so the list is given in parts */
  for (int i = 0; i < 240; i++) n += (size_t)snprintf(source + n, sizeof source - n, "%sfunction(e) e:reply('text %d') end", i ? ", " : "", i);
  struct support *s = support_open(source);
  assert_non_null(s);
  for (int part = 1; part < 4; part++) assert_int_equal(support_load_run(s->load, source), WEIR_SANDBOX_DONE);
  s->script->chunk_cnt = s->load->chunk_cnt;
  assert_true(s->load->chunk_cnt >= 960);
  for (int round = 0; round < 200; round++) {
    struct timespec from, to;
    s->script->stale = true;
    clock_gettime(CLOCK_MONOTONIC, &from);
    assert_int_equal(support_run(s, 0), WEIR_SCRIPT_FIRED);
    clock_gettime(CLOCK_MONOTONIC, &to);
    assert_false(s->script->stale);
    double ms = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
    if (ms < best_ms) best_ms = ms;
  }
#ifndef WEIR_SANITIZED
  if (best_ms >= 1) fail_msg("building the state anew and running a handler takes %.3f ms", best_ms);
#endif
  support_close(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_rebuilt_in_a_millisecond),
    cmocka_unit_test(test_results),    cmocka_unit_test(test_calls),  cmocka_unit_test(test_call_errors),
    cmocka_unit_test(test_event),      cmocka_unit_test(test_limits), cmocka_unit_test(test_deadline),
    cmocka_unit_test(test_exact),      cmocka_unit_test(test_fresh),  cmocka_unit_test(test_same_everywhere),
    cmocka_unit_test(test_open_sizes), cmocka_unit_test(test_wrong_chunk), cmocka_unit_test(test_arena_full), cmocka_unit_test(test_lines),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
