/* Every allocation inside the protected entry fails in turn, once and for ever: no crash, no panic, the right result, and
 * a sandbox that works afterwards as if nothing had been. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "script_support.h"
#include "script/object.h"

static unsigned panicked;

static int panic(lua_State *L) {
  (void)L;
  panicked++;
  return 0;
}

static const char handler[] =
    "return function(e) local t = {} for i = 1, 20 do t['k' .. i] = { i, tostring(i) } end\n"
    "local out = {} for k, v in pairs(t) do out[#out + 1] = k .. v[2] end table.sort(out, function(a, b) return a > b end)\n"
    "local f = function() return out end e:tag(e.person.tags.vip and 'vip' or 'new')\n"
    "e:reply { text = table.concat(f(), ' '), all = { e.match[1], e.text:upper(), string.format('%5.1f', 2.5) } }\n"
    "if #('x'):rep(100):split('x') ~= 101 then error('split') end end, function() end";

static const char failing[] = "return function(e) local t = { 1 } error('no ' .. e.text .. t[1] .. tostring(1.5)) end, function() end";
static const char endless[] = "return function(e) local t = {} while true do t[1] = { ('y'):rep(50) } end end, function() end";

/* Runs chunk 0 with the nth allocation failing. A state that must be rebuilt is rebuilt before: chunk 1 does nothing. */
static enum weir_script_result run_failing(struct support *s, uint64_t nth, bool ever) {
  assert_int_equal(support_run(s, 1), WEIR_SCRIPT_FIRED);
  assert_false(s->script->stale);
  lua_atpanic(weir_sandbox_state(s->script->box), panic);
  weir_sandbox_fail_at(s->script->box, nth, ever);
  return support_run(s, 0);
}

static void every_failure(const char *source, enum weir_script_result wanted, bool ever) {
  struct support *s = support_open(source);
  char message[256];
  uint64_t allocs, steps, failed = 0;
  size_t live;
  assert_non_null(s);
  assert_int_equal(run_failing(s, UINT64_MAX, false), wanted);
  allocs = s->script->box->allocs;
  steps = s->run.steps;
  memcpy(message, s->run.message, sizeof message);
  assert_true(allocs > 10);
  (void)support_run(s, 1);
  live = weir_sandbox_live(s->script->box);
  for (uint64_t nth = 1; nth <= (allocs < 2000 ? allocs : 2000); nth++) {
    enum weir_script_result result = run_failing(s, nth, ever);
    if (result == WEIR_SCRIPT_KILLED) failed++;
    if (!ever || result != WEIR_SCRIPT_KILLED) assert_int_equal(result, wanted); /* Lua collects and asks again, or does without */
    if (ever && result == WEIR_SCRIPT_KILLED) assert_memory_equal(s->run.message, "memory", 6);
    if (result != WEIR_SCRIPT_FIRED) assert_int_equal(s->run.call_cnt, 0);
    assert_true(weir_heap_check(s->script->box->heap));
    assert_int_equal(support_run(s, 1), WEIR_SCRIPT_FIRED);
    assert_int_equal(weir_sandbox_live(s->script->box), live);
    assert_int_equal(support_run(s, 0), wanted);
    assert_int_equal(s->run.steps, steps);
    assert_string_equal(s->run.message, message);
  }
  /* Nearly all of them count; the table of strings need not grow. */
  if (ever) assert_true(failed * 10 > (allocs < 2000 ? allocs : 2000) * 9);
  assert_int_equal(panicked, 0);
  support_close(s);
}

static void test_once(void **state) {
  (void)state;
  every_failure(handler, WEIR_SCRIPT_FIRED, false);
  every_failure(failing, WEIR_SCRIPT_FAILED, false);
}

static void test_for_ever(void **state) {
  (void)state;
  every_failure(handler, WEIR_SCRIPT_FIRED, true);
  every_failure(failing, WEIR_SCRIPT_FAILED, true);
}

/* A killed script's way out, too. */
static void test_killed(void **state) {
  (void)state;
  every_failure(endless, WEIR_SCRIPT_KILLED, true);
}

/* Building the state anew after a kill: it fails cleanly, and the next run builds it. */
static void test_rebuild(void **state) {
  struct support *s = support_open(handler);
  unsigned failed = 0;
  (void)state;
  assert_non_null(s);
  for (int ever = 0; ever < 2; ever++) {
    for (uint64_t nth = 1; nth <= 400; nth++) {
      enum weir_script_result result;
      weir_arena_reset(&s->arena);
      s->script->stale = true;
      weir_sandbox_fail_at(s->script->box, nth, ever);
      if (weir_script_run(s->script, 0, &s->seen, &s->arena, &result, &s->run, &s->err) != WEIR_OK) {
        assert_int_equal(s->err.status, WEIR_E_SCRIPT);
        failed++;
      } else {
        assert_int_equal(result, WEIR_SCRIPT_FIRED);
      }
      assert_int_equal(support_run(s, 0), WEIR_SCRIPT_FIRED);
    }
  }
  assert_true(failed > 0);
  support_close(s);
}

/* Loading a rule file: compiling, running, dumping. */
static void test_load(void **state) {
  struct support_load *load = support_load_open(2u << 20, 400000);
  uint64_t allocs;
  (void)state;
  weir_sandbox_fail_at(load->box, UINT64_MAX, false);
  assert_int_equal(support_load_run(load, handler), WEIR_SANDBOX_DONE);
  allocs = load->box->allocs;
  assert_true(allocs > 50);
  for (int ever = 0; ever < 2; ever++) {
    for (uint64_t nth = 1; nth <= allocs; nth++) {
      enum weir_sandbox_end end;
      assert_true(weir_sandbox_rebuild(load->box));
      load->chunk_cnt = 0;
      lua_atpanic(weir_sandbox_state(load->box), panic);
      weir_sandbox_fail_at(load->box, nth, ever);
      end = support_load_run(load, handler);
      if (ever && end != WEIR_SANDBOX_KILLED && load->box->allocs >= nth) fail_msg("load: allocation %u failed for ever", (unsigned)nth);
      if (!ever) assert_int_equal(end, WEIR_SANDBOX_DONE);
      if (end != WEIR_SANDBOX_KILLED) assert_int_equal(support_load_run(load, handler), WEIR_SANDBOX_DONE);
      weir_arena_release(&load->arena);
      weir_arena_growing(&load->arena, 64u << 20);
    }
  }
  assert_int_equal(panicked, 0);
  support_load_close(load);
}

/* Making the state: the block is too small by ever less. */
static void test_open(void **state) {
  size_t whole = 256u << 10, works = 0;
  char *block = malloc(whole);
  (void)state;
  assert_non_null(block);
  for (size_t len = 0; len < whole; len += 509) {
    struct weir_sandbox *box = weir_sandbox_open(block, len);
    if (!box) {
      assert_int_equal(works, 0); /* once it suffices, more does too */
      continue;
    }
    works++;
    assert_true(weir_sandbox_rebuild(box));
  }
  assert_true(works > 0);
  free(block);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_once), cmocka_unit_test(test_for_ever), cmocka_unit_test(test_killed),
    cmocka_unit_test(test_rebuild), cmocka_unit_test(test_load), cmocka_unit_test(test_open),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
