/* Hostile scripts, as handlers and as rule files, at several limits, on a thread with 512 KiB of stack: each ends by itself
 * or is killed; the sandbox works afterwards, holds what it held before, and the next event is decided as if nothing had
 * been. Time is bounded by counts, so counts are what is asserted. The scripts: tests/attacks, and the shared ones when they
 * are there. `make attack` does the same by the public way in, and prints times. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attack_files.h"
#include "script_support.h"
#include "script/object.h"

#ifdef WEIR_SANITIZED
#define STACK_BYTES (4u << 20) /* sanitized frames are several times as large */
#else
#define STACK_BYTES (512u << 10)
#endif

/* The event after the attack. */
static const char probe[] =
    "assert(LEAK == nil and SHARED == nil and PRE_CO == nil and g1 == nil and k1 == nil)"
    "assert(('x'):upper() == 'X' and string.upper('a') == 'A' and #string == 0 and string[1] == nil and math[1] == nil)"
    "assert(tostring({}) == 'table' and pairs and table.concat({ 1, 2 }) == '12' and e.text == 'please send link')"
    "e:reply(tostring(math.random(1 << 40)))";

static const struct weir_sandbox_limits limits[] = {
  { WEIR_SCRIPT_STEPS, WEIR_SCRIPT_EVENT_BYTES, WEIR_SCRIPT_CHURN_BYTES },
  { 5000, WEIR_SCRIPT_EVENT_BYTES, WEIR_SCRIPT_CHURN_BYTES },
  { 20000, 16u << 10, WEIR_SCRIPT_CHURN_BYTES },
  { 400000, 400u << 10, 64u << 10 },
};
#define LIMITS (sizeof limits / sizeof *limits)

static unsigned ran, killed, panicked;

static int panic(lua_State *L) {
  (void)L;
  panicked++;
  return 0;
}

struct seen {
  char reply[64];
  uint64_t steps;
  size_t live;
};

/* false: the probe did not fire. */
static bool look(struct support *s, struct seen *seen) {
  weir_sandbox_limits(s->script->box, &limits[0]);
  if (support_run(s, 1) != WEIR_SCRIPT_FIRED) return false;
  snprintf(seen->reply, sizeof seen->reply, "%.*s", WEIR_FMT(s->run.calls[0].args[0].u.s));
  seen->steps = s->run.steps;
  seen->live = weir_sandbox_live(s->script->box);
  return weir_heap_check(s->script->box->heap);
}

/* What is charged at once before the budget is looked at: the instructions between two hooks, the longest text a call makes,
 * a hash part as large as the memory (which is charged before it is made, and then is not). */
static const char *beyond(const struct weir_sandbox *box, const struct weir_sandbox_limits *limit) {
  uint64_t dearest = box->price * WEIR_SCRIPT_HOOK_STEPS + 2 * (1 + WEIR_SCRIPT_STRING_MAX / WEIR_SCRIPT_BYTES_STEP) +
                     ((uint64_t)box->limits.event_bytes * box->limits.event_bytes >> 13);
  if (box->steps > limit->steps + dearest) return "more work than its budget";
  if (box->churn > limit->churn_bytes) return "asked for more than its budget";
  return NULL;
}

/* NULL, or what is wrong. */
static const char *attack_handler(const char *source) {
  struct support *s = support_open(source);
  struct seen before, after;
  const char *wrong = NULL;
  if (!s) return "does not load";
  if (!look(s, &before)) wrong = "the probe fails before";
  for (size_t i = 0; i < LIMITS && !wrong; i++) {
    enum weir_script_result result;
    weir_sandbox_limits(s->script->box, &limits[i]);
    lua_atpanic(weir_sandbox_state(s->script->box), panic);
    result = support_run(s, 0);
    ran++;
    if (result == WEIR_SCRIPT_KILLED) killed++;
    wrong = beyond(s->script->box, &limits[i]);
    if (wrong) break;
    if (result == WEIR_SCRIPT_KILLED && s->run.message[0] == '\0') wrong = "killed without a word";
    else if (result != WEIR_SCRIPT_FIRED && s->run.call_cnt > 0) wrong = "calls without firing";
    else if (!look(s, &after)) wrong = "the next event fails";
    else if (strcmp(before.reply, after.reply) != 0 || before.steps != after.steps) wrong = "the next event is decided otherwise";
    else if (before.live != after.live) wrong = "memory is lost";
  }
  support_close(s);
  return wrong;
}

/* As a rule file: no `e`, and the loader's way in. */
static const char *attack_file(const char *code) {
  struct support_load *load = support_load_open(2u << 20, 400000);
  const char *wrong = NULL;
  size_t before;
  if (support_load_run(load, "return function() end") != WEIR_SANDBOX_DONE) wrong = "a good file does not load";
  lua_gc(weir_sandbox_state(load->box), LUA_GCCOLLECT);
  before = weir_sandbox_live(load->box);
  for (size_t i = 0; i < LIMITS && !wrong; i++) {
    enum weir_sandbox_end end;
    if (i > 0) weir_sandbox_limits(load->box, &limits[i]);
    lua_atpanic(weir_sandbox_state(load->box), panic);
    end = support_load_run(load, code);
    ran++;
    if (end == WEIR_SANDBOX_KILLED) killed++;
    if (end == WEIR_SANDBOX_KILLED && !weir_sandbox_rebuild(load->box)) wrong = "cannot be rebuilt";
    weir_sandbox_limits(load->box, &limits[0]);
    if (!wrong && support_load_run(load, "assert(LEAK == nil and string.x == nil) return function() end") != WEIR_SANDBOX_DONE)
      wrong = "the next file does not load";
    /* The table of strings shrinks by half at a time. */
    for (int k = 0; k < 8; k++) lua_gc(weir_sandbox_state(load->box), LUA_GCCOLLECT);
    if (!wrong && (weir_sandbox_live(load->box) > before + 2048 || !weir_heap_check(load->box->heap))) wrong = "memory is lost";
  }
  support_load_close(load);
  return wrong;
}

static void attack(const char *name, const char *code) {
  static char source[100000];
  struct support_load *load = support_load_open(2u << 20, 400000);
  const char *wrong;
  snprintf(source, sizeof source, "return function(e) %s\nend, function(e) %s\nend", code, probe);
  /* What the loader refuses is never a handler. */
  if (support_load_run(load, source) == WEIR_SANDBOX_DONE) {
    wrong = attack_handler(source);
    if (wrong) fail_msg("%s as a handler: %s", name, wrong);
  }
  support_load_close(load);
  wrong = attack_file(code);
  if (wrong) fail_msg("%s as a file: %s", name, wrong);
  if (panicked) fail_msg("%s: Lua panicked", name);
}

static void test_files(void **state) {
  struct attacks list = attacks_all();
  (void)state;
  for (size_t i = 0; i < list.cnt; i++) attack(list.items[i].name, list.items[i].code);
  assert_true(list.cnt > 300);
  assert_true(ran > list.cnt * LIMITS);
  assert_true(killed > list.cnt);
  attacks_free(&list);
}

/* Too long to write down: `head`, `part` so many times (with a number), `tail`. */
static void test_long(void **state) {
  static const struct {
    const char *name, *head, *part, *tail;
    int cnt;
  } cases[] = {
    { "long chain", "local t = {} t.a1 = t t.a2 = t return t", ".a1", ".b.c", 10000 },
    { "chain of 99", "local t = {} t.a1 = t return t", ".a1", ".b.c", 97 },
    { "captured locals", "local a0 = 1", " local a%d = 1", " while true do local f = function() return a0, a1, a90, a180 end end", 180 },
    { "concat of many", "local a = 1.5 while true do local s = a", " .. a", " end", 200 },
    { "parentheses", "while true do local x = 1 + ", "(", "1", 190 },
    { "jumps", "local x = 1 while x do", " if x == %d then break end", " end", 2000 },
    { "labels", "do", " ::l%d::", " end while true do end", 2000 },
    { "constants", "local t = { 1", ", 0x%d00000000", " } while true do end", 3000 },
    { "functions in functions", "local function f()", " return function()", " while true do end", 60 },
    { "moves", "local a0 = {} ", " local a%d = {}", " while true do a1, a2, a3, a4, a5, a6 = a6, a5, a4, a3, a2, a1 end", 190 },
  };
  static char code[100000];
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t n = (size_t)snprintf(code, sizeof code, "%s", cases[i].head);
    for (int k = 1; k <= cases[i].cnt; k++) {
      const char *number = strchr(cases[i].part, '%');
      int head = number ? (int)(number - cases[i].part) : (int)strlen(cases[i].part);
      n += (size_t)snprintf(code + n, sizeof code - n, "%.*s", head, cases[i].part);
      if (number) n += (size_t)snprintf(code + n, sizeof code - n, "%d%s", k, number + 2);
      assert_true(n < sizeof code - 100);
    }
    snprintf(code + n, sizeof code - n, "%s", cases[i].tail);
    attack(cases[i].name, code);
  }
}

static void *run_all(void *ctx) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_files), cmocka_unit_test(test_long) };
  *(int *)ctx = cmocka_run_group_tests(tests, NULL, NULL);
  return NULL;
}

int main(void) {
  pthread_attr_t attr;
  pthread_t thread;
  int failed = 1;
  if (pthread_attr_init(&attr) != 0 || pthread_attr_setstacksize(&attr, STACK_BYTES) != 0 ||
      pthread_create(&thread, &attr, run_all, &failed) != 0)
    return 1;
  pthread_join(thread, NULL);
  pthread_attr_destroy(&attr);
  return failed;
}
