/* people.c (bench): what the gates and actions of people cost: one decision with each of them beside one without, through the whole
 * engine, with the state in memory and in a file, in groups of 64. Scenarios take turns, medians of the turns. A decision without
 * any of them is the first line; the others show what they add. To stdout, and to $BUILD/bench/people.json. */
#define _DEFAULT_SOURCE 1 /* mkstemps */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "weir.h"

#define PACK "pack { name = 'shop', version = '1' }\n"
#define PEOPLE 2000
#define TURN 640   /* events of a scenario in a row */
#define TURNS 15
#define T0 INT64_C(1795309200000)

static const struct scenario {
  const char *name, *rules, *text;
} scenarios[] = {
  { "message", PACK "rule 'a' { on = 'message', keywords = { 'pdf' }, message = 'hello' }", "pdf" },
  { "a word like a code, unknown", PACK "rule 'a' { on = 'message', keywords = { 'pdf' }, message = 'hello' }", "pdf k7wm3q" },
  { "gate code", PACK "rule 'a' { on = 'message', keywords = { 'pdf' }, code = 'none', message = 'hello' }", "pdf" },
  { "gate invited", PACK "rule 'b' { on = 'message', keywords = { 'pdf' }, invited = 2, message = 'no' }\nrule 'a' { on = 'message', keywords = { 'pdf' }, message = 'hello' }", "pdf" },
  { "gate once a day", PACK "rule 'b' { on = 'message', keywords = { 'pdf' }, once = 'day', tag = 't' }\nrule 'a' { on = 'message', keywords = { 'pdf' }, message = 'hello' }", "pdf" },
  { "gate field in bounds", PACK "rule 'b' { on = 'message', keywords = { 'pdf' }, field = { points = { min = 5 } }, message = 'no' }\nrule 'a' { on = 'message', keywords = { 'pdf' }, message = 'hello' }", "pdf" },
  { "gate segment", PACK "segment 's' { by = 'points', layers = { { 'top', 10 }, { 'rest', 90 } } }\nrule 'b' { on = 'message', keywords = { 'pdf' }, segment = 's/top', incr = 'points', message = 'hullo' }\n"
    "rule 'a' { on = 'message', keywords = { 'pdf' }, incr = 'points', message = 'hello' }", "pdf" },
  { "{code}", PACK "rule 'a' { on = 'message', keywords = { 'pdf' }, message = '{code}' }", "pdf" },
  { "{pool}", PACK "pool 'ids' { 'a', 'b', 'c', per_day = 1000000, total = 1000000 }\nrule 'a' { on = 'message', keywords = { 'pdf' }, message = '{pool.ids}' }", "pdf" },
  { "{coupon}, 64 of them, used up", PACK "coupon 'c' { COUPONS }\nrule 'a' { on = 'message', keywords = { 'pdf' }, message = '{coupon.c|none}' }", "pdf" },
  { "variants", PACK "rule 'a' { on = 'message', keywords = { 'pdf' }, variants = { x = { message = 'hello' }, y = { message = 'hullo' } } }", "pdf" },
  { "incr", PACK "rule 'a' { on = 'message', keywords = { 'pdf' }, incr = 'points', message = 'hello' }", "pdf" },
  { "streak", PACK "rule 'a' { on = 'message', keywords = { 'pdf' }, streak = 'days', message = 'hello' }", "pdf" },
};
enum { SCENARIOS = sizeof scenarios / sizeof *scenarios };

struct shop {
  weir_ruleset *rules;
  weir_engine *engine;
  char state[64];
  uint64_t event;
  double ns[TURNS];
};

static void die(const char *what, const char *why) {
  fprintf(stderr, "bench/people: %s: %s\n", what, why);
  exit(2);
}

static double now_ns(void) {
  struct timespec t;
  if (clock_gettime(CLOCK_MONOTONIC, &t) != 0) die("clock", strerror(errno));
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static weir_ruleset *rules_of(const char *source) {
  char path[] = "/tmp/weir-bench-XXXXXX.lua";
  weir_ruleset *rules = NULL;
  weir_error err;
  int fd = mkstemps(path, 4);
  FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
  if (!f) die("rules", strerror(errno));
  const char *list = strstr(source, "COUPONS");
  fprintf(f, "%.*s", list ? (int)(list - source) : (int)strlen(source), source);
  for (int i = 0; list && i < 64; i++) fprintf(f, "'C%d', ", i);
  if (list) fputs(list + strlen("COUPONS"), f);
  fclose(f);
  if (weir_ruleset_load(&rules, path, NULL, &err)) die(source, err.message);
  unlink(path);
  return rules;
}

static void open_shop(struct shop *s, const struct scenario *scenario, const weir_key *key, bool file) {
  weir_error err;
  memset(s, 0, sizeof *s);
  s->rules = rules_of(scenario->rules);
  weir_config config = { .struct_size = sizeof config, .ruleset = s->rules, .key = key, .batch = true, .state_memory = 64u << 20 };
  if (file) {
    snprintf(s->state, sizeof s->state, "weir-bench-%d-%td.db", (int)getpid(), scenario - scenarios);
    config.state = s->state;
  }
  if (weir_engine_open(&s->engine, &config, &err)) die("engine", err.message);
}

static void close_shop(struct shop *s) {
  char name[80];
  weir_engine_close(s->engine);
  weir_ruleset_free(s->rules);
  if (!s->state[0]) return;
  unlink(s->state);
  snprintf(name, sizeof name, "%s-wal", s->state);
  unlink(name);
}

static void commit(struct shop *s) {
  weir_record record;
  weir_error err;
  if (weir_commit(s->engine, &err)) die("commit", err.message);
  while (weir_next_record(s->engine, &record, &err) == WEIR_OK) {
    if (weir_ack(s->engine, record.aud, record.seq, &err)) die("ack", err.message);
  }
}

static void one_event(struct shop *s, const char *text) {
  char id[24], who[24];
  weir_verdict verdict;
  weir_error err;
  int64_t now = T0 + (int64_t)s->event * 1000;
  snprintf(id, sizeof id, "e%llu", (unsigned long long)s->event);
  snprintf(who, sizeof who, "u%llu", (unsigned long long)(s->event * 7919 % PEOPLE));
  weir_event e = { .struct_size = sizeof e, .id = { id, strlen(id) }, .channel = { "wechat", 6 }, .account = { "li", 2 }, .type = { "message", 7 },
                   .time_ms = now, .contact_id = { who, strlen(who) }, .text = { text, strlen(text) }, .mentioned = -1, .is_follower = -1 };
  if (weir_decide(s->engine, &e, now, &verdict, &err)) die(text, err.message);
  if (++s->event % 64 == 0) commit(s);
}

static void turn(struct shop *s, const struct scenario *scenario, int n) {
  double from = now_ns();
  for (int i = 0; i < TURN; i++) one_event(s, scenario->text);
  if (n >= 0) s->ns[n] = (now_ns() - from) / TURN;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void measure(const weir_key *key, bool file, double out[SCENARIOS]) {
  static struct shop shops[SCENARIOS];
  for (int i = 0; i < SCENARIOS; i++) {
    open_shop(&shops[i], &scenarios[i], key, file);
    for (int warm = 0; warm < PEOPLE / TURN + 1; warm++) turn(&shops[i], &scenarios[i], -1); /* everybody is known */
  }
  for (int n = 0; n < TURNS; n++) {
    for (int i = 0; i < SCENARIOS; i++) turn(&shops[i], &scenarios[i], n);
  }
  for (int i = 0; i < SCENARIOS; i++) {
    qsort(shops[i].ns, TURNS, sizeof *shops[i].ns, by_value);
    out[i] = shops[i].ns[TURNS / 2];
    close_shop(&shops[i]);
  }
}

int main(void) {
  double memory[SCENARIOS], file[SCENARIOS];
  const char *build = getenv("BUILD");
  char path[512];
  weir_key *key;
  weir_error err;
  if (weir_key_generate(&key, NULL, &err)) die("key", err.message);
  measure(key, false, memory);
  measure(key, true, file);
  snprintf(path, sizeof path, "%s/bench/people.json", build ? build : "build");
  FILE *json = fopen(path, "w");
  if (!json) die(path, strerror(errno));
  printf("%-34s %12s %12s %12s %12s\n", "one decision, us", "memory", "more", "file", "more");
  fprintf(json, "{\"decisions\":[");
  for (int i = 0; i < SCENARIOS; i++) {
    printf("%-34s %12.2f %+12.2f %12.2f %+12.2f\n", scenarios[i].name, memory[i] / 1e3, (memory[i] - memory[0]) / 1e3, file[i] / 1e3, (file[i] - file[0]) / 1e3);
    fprintf(json, "%s{\"name\":\"%s\",\"memory_ns\":%.0f,\"file_ns\":%.0f}", i ? "," : "", scenarios[i].name, memory[i], file[i]);
  }
  fprintf(json, "]}\n");
  weir_key_free(key);
  return fclose(json) == 0 ? 0 : 1;
}
