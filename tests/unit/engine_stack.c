/* engine_stack.c: how deep the stack gets. Everything a host calls runs here on a thread whose stack is painted, with the
 * hostile scripts, patterns and texts; the paint that is gone is what it took. The sizes that weir.h names suffice. ALL=1 runs
 * every hostile script as a rule file, too. */
#define _DEFAULT_SOURCE 1 /* MAP_ANONYMOUS */
#include <pthread.h>
#include <sys/mman.h>

#include "engine_support.h"
#include "attack_files.h"

#define DECIDE_STACK (128u << 10) /* weir.h: "Stack" */
#define LOAD_STACK (256u << 10)
#define GUARD 4096u
#define PAINT 0xA5

#ifdef WEIR_SANITIZED
#define SLACK 16 /* sanitized frames are many times as large */
#else
#define SLACK 1
#endif

struct job {
  void (*run)(struct job *job);
  weir_ruleset *rules; /* for deciding; loading puts it there */
  char path[128];
  struct rig rig;
  unsigned done;
  bool file; /* state in a file */
};

static void *start(void *ctx) {
  struct job *job = ctx;
  job->run(job);
  return NULL;
}

/* Runs a job on a painted stack of `len` bytes; what it took of it. */
static size_t on_stack(struct job *job, size_t len) {
  pthread_attr_t attr;
  pthread_t thread;
  size_t used;
  unsigned char *block = mmap(NULL, len + GUARD, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(block != MAP_FAILED);
  assert_int_equal(mprotect(block, GUARD, PROT_NONE), 0);
  memset(block + GUARD, PAINT, len);
  assert_int_equal(pthread_attr_init(&attr), 0);
  assert_int_equal(pthread_attr_setstack(&attr, block + GUARD, len), 0);
  assert_int_equal(pthread_create(&thread, &attr, start, job), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  (void)pthread_attr_destroy(&attr);
  for (used = len; used > 0 && block[GUARD + len - used] == PAINT; used--) {}
  assert_int_equal(munmap(block, len + GUARD), 0);
  return used;
}

/* ---- loading */

static void load(struct job *job) {
  weir_error err;
  if (weir_ruleset_load(&job->rules, job->path, NULL, &err) == WEIR_OK) job->done++;
}

static size_t load_text(struct job *job, const char *text) {
  char folder[] = "/tmp/weir-stack-XXXXXX";
  assert_non_null(mkdtemp(folder));
  snprintf(job->path, sizeof job->path, "%s/rules.lua", folder);
  FILE *f = fopen(job->path, "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
  job->rules = NULL;
  job->run = load;
  size_t used = on_stack(job, LOAD_STACK * SLACK);
  unlink(job->path);
  rmdir(folder);
  return used;
}

/* ---- deciding */

static const char others[] =
  "words.want = { '求', 'want' }\nfunnel 'f' { stages = { 'asked', 'done' } }\npool 'ids' { 'a', 'b', per_day = 100000 }\n"
  "rule 'ask' { on = 'comment', match = [[({want}).{0,12}(?:电子版|paper)]], once = 'post', reply = { '有 {match}', 'x {person.name}' },\n"
  "  message = { '加 {pool.ids} {code}', after = '1s..9s' }, follow = true, tag = 'a', stage = 'f/asked', set = { city = 'x' }, incr = 'points' }\n"
  "rule 'deep' { on = 'comment', match = [[^(?:(a)|b)*[cd]|(?:a{1,9}(?:b{1,9}(?:c{1,9})+)+)+x|((((((((a))))))))*y]], reply = 'y' }\n"
  "rule 'slow' { on = 'comment', match = [[(a+)+$]], reply = 'z' }\n"
  "rule 'later' { on = 'timer', run = function(e) e:message('later ' .. e.post) end }\n";

static void give(struct rig *r, const char *text, size_t len) {
  static unsigned number;
  char id[24];
  snprintf(id, sizeof id, "e%u", number++);
  r->now += 1000;
  weir_event e = event_of(r, id, "comment", "u1", "");
  e.text = (weir_str){ text, len };
  if (weir_decide(r->engine, &e, r->now, &r->verdict, &r->err) < 0) return;
  while (weir_tick(r->engine, r->now, &r->verdict, &r->err) == WEIR_OK) {}
  weir_record record;
  char aud[64];
  while (weir_next_record(r->engine, &record, &r->err) == WEIR_OK) {
    snprintf(aud, sizeof aud, "%.*s", (int)record.aud.len, record.aud.ptr);
    (void)!weir_ack(r->engine, (weir_str){ aud, strlen(aud) }, record.seq, &r->err);
  }
}

static void decide_all(struct job *job) {
  static char text[9000], json[64000];
  struct rig *r = &job->rig;
  give(r, "attack", 6);
  give(r, "求电子版", strlen("求电子版"));
  static const char *const pieces[] = { "a", "ab", "abc", "求", "é́", "🙏🏽", "a b", "{" };
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    size_t len = 0;
    while (len + 8 < sizeof text) memcpy(text + len, pieces[i], strlen(pieces[i])), len += strlen(pieces[i]);
    give(r, text, len);
  }
  size_t len = (size_t)snprintf(json, sizeof json, "{\"id\":\"x\",\"attrs\":");
  for (int i = 0; i < 5000; i++) len += (size_t)snprintf(json + len, sizeof json - len, "%s", "[{\"a\":");
  assert_int_not_equal(weir_decide_json(r->engine, (weir_str){ json, len }, r->now, &r->verdict, &r->err), WEIR_OK);
  job->done++;
}

/* Opens on the test's own stack: the engine's thread is the one that decides. */
static size_t decide_with(struct job *job) {
  char state[128];
  weir_config config = { .struct_size = sizeof config, .ruleset = job->rules, .chain = S("stack") };
  memset(&job->rig, 0, sizeof job->rig);
  job->rig.now = INT64_C(1795309200000);
  snprintf(state, sizeof state, "/tmp/weir-stack-%ld.db", (long)getpid());
  if (job->file) config.state = state;
  assert_int_equal(weir_key_parse(&job->rig.key, S(test_jwk), &job->rig.err), WEIR_OK);
  config.key = job->rig.key;
  if (weir_engine_open(&job->rig.engine, &config, &job->rig.err)) fail_msg("%s", job->rig.err.message);
  job->run = decide_all;
  size_t used = on_stack(job, DECIDE_STACK * SLACK);
  weir_engine_close(job->rig.engine);
  weir_key_free(job->rig.key);
  unlink(state);
  char more[140];
  snprintf(more, sizeof more, "%s-wal", state);
  unlink(more);
  return used;
}

static void everything_hostile(void **state) {
  struct attacks list = attacks_all();
  struct job job = { .done = 0 };
  size_t load_most = 0, decide_most = 0;
  const char *load_name = "", *decide_name = "";
  static char text[300000];
  (void)state;
  for (size_t i = 0; i < list.cnt; i++) {
    /* As a rule file each runs for a while: one in eight, unless all are wanted. */
    size_t as_file = i % 8 == 0 || getenv("ALL") ? load_text(&job, list.items[i].code) : 0;
    if (as_file) weir_ruleset_free(job.rules);
    if (as_file > load_most) load_most = as_file, load_name = list.items[i].name;
    snprintf(text, sizeof text, "rule 'attack' { on = 'comment', keywords = { 'attack' }, run = function(e)\n%s\nend }\n%s", list.items[i].code, others);
    size_t used = load_text(&job, text);
    if (used > load_most) load_most = used, load_name = list.items[i].name;
    if (!job.rules) continue;
    used = decide_with(&job);
    if (used > decide_most) decide_most = used, decide_name = list.items[i].name;
    weir_ruleset_free(job.rules);
  }
  print_message("# deepest stack: deciding %zu bytes (%s), loading %zu bytes (%s)\n", decide_most, decide_name, load_most, load_name);
  assert_true(job.done > list.cnt);
  assert_true(decide_most < DECIDE_STACK * SLACK * 3 / 4);
  assert_true(load_most < LOAD_STACK * SLACK * 3 / 4);
  attacks_free(&list);
}

static void sources_that_nest(void **state) {
  static const char *const pieces[] = { "{", "(", "[[", "function() ", "if x then ", "do ", "a(", "not ", "- ", "# ", "x..", "1+(", "{{", "a.b", "f{", "while f(", "repeat ", "local function f() ", "rule 'a' {" };
  static char text[300000];
  struct job job = { .done = 0 };
  size_t most = 0;
  const char *name = "";
  (void)state;
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    for (int times = 190; times <= 20000; times += 19810) {
      size_t len = (size_t)snprintf(text, sizeof text, "x = ");
      for (int k = 0; k < times && len + 32 < sizeof text; k++) len += (size_t)snprintf(text + len, sizeof text - len, "%s", pieces[i]);
      size_t used = load_text(&job, text);
      if (used > most) most = used, name = pieces[i];
      weir_ruleset_free(job.rules);
    }
  }
  print_message("# deepest stack: loading %zu bytes (%s)\n", most, name);
  assert_true(most < LOAD_STACK * SLACK * 3 / 4);
}

/* Regexes and templates are read by recursion, too. */
static void patterns_that_nest(void **state) {
  static const char *const pieces[][2] = { { "(", ")" }, { "(?:", ")*" }, { "(?=", ")" }, { "[", "]" }, { "a|", "" }, { "(a|", ")?" }, { "{want}|", "" } };
  static char text[60000];
  struct job job = { .done = 0 };
  size_t most = 0;
  (void)state;
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    for (int times = 8; times <= 512; times *= 2) {
      size_t len = (size_t)snprintf(text, sizeof text, "words.want = { 'a', 'b' }\nrule 'x' { on = 'comment', match = [==[");
      for (int k = 0; k < times; k++) len += (size_t)snprintf(text + len, sizeof text - len, "%s", pieces[i][0]);
      len += (size_t)snprintf(text + len, sizeof text - len, "b");
      for (int k = 0; k < times; k++) len += (size_t)snprintf(text + len, sizeof text - len, "%s", pieces[i][1]);
      (void)snprintf(text + len, sizeof text - len, "]==], reply = 'x' }\n");
      size_t used = load_text(&job, text);
      if (used > most) most = used;
      weir_ruleset_free(job.rules);
    }
  }
  print_message("# deepest stack: loading %zu bytes (patterns)\n", most);
  assert_true(most < LOAD_STACK * SLACK * 3 / 4);
}

static void a_state_in_a_file(void **state) {
  struct job job = { .file = true };
  (void)state;
  (void)load_text(&job, others);
  assert_non_null(job.rules);
  size_t used = decide_with(&job);
  weir_ruleset_free(job.rules);
  print_message("# deepest stack: deciding %zu bytes (state in a file)\n", used);
  assert_true(used < DECIDE_STACK * SLACK * 3 / 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(everything_hostile), cmocka_unit_test(sources_that_nest), cmocka_unit_test(patterns_that_nest), cmocka_unit_test(a_state_in_a_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
