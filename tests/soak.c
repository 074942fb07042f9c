/* soak.c: make soak. One process, one engine, EVENTS events: the memory it holds and the time of an event must not grow.
 * Every fifth event is hostile. Prints, for each tenth of the way, resident memory and p50, p99, p99.9 of one event (the
 * thread's own time, so that other work of the machine does not count); fails when memory after the first tenth grows by more
 * than 1 %. Times are printed, not asserted.
 *
 * An engine takes its memory when it is opened, but the system gives a page only when it is written first, and the store comes
 * to its last pages late. So malloc is told to write what it gives out: what grows after that is growth. */
#define _DEFAULT_SOURCE 1 /* mkstemps */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "weir.h"

#define S(literal) ((weir_str){ (literal), sizeof(literal) - 1 })
#define PARTS 10
#define BUCKETS 8192

static const char jwk[] =
  "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";

static _Noreturn void die(const char *what, const weir_error *err) {
  printf("Bail out! %s: %s\n", what, err->message);
  exit(2);
}

static double now_us(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static long resident_kib(void) {
  long pages = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  if (f && fscanf(f, "%*d %ld", &pages) != 1) pages = 0;
  if (f) fclose(f);
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* 1,000 rules: 997 of keywords, one of each that can be slow. */
static weir_ruleset *rules(void) {
  char path[] = "/tmp/weir-soak-XXXXXX.lua";
  weir_ruleset *rs = NULL;
  weir_error err;
  int fd = mkstemps(path, 4);
  FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
  if (!f) exit(2);
  for (int i = 0; i < 997; i++)
    fprintf(f, "rule 'r%d' { on = 'comment', keywords = { 'word%d', '词%d' }, cooldown = '10m', reply = { 'hello %d {person.name}', 'hi %d' }, tag = 't%d' }\n", i, i, i, i, i, i % 20);
  fprintf(f, "rule 'slow' { on = 'comment', match = [[(a+)+$]], reply = 'x' }\n"
             "rule 'handler' { on = 'comment', keywords = { 'handler' }, run = function(e) e:reply('hi ' .. e.text) end }\n"
             "rule 'spin' { on = 'comment', keywords = { 'spin' }, run = function(e) while true do end end }\n");
  fclose(f);
  weir_status st = weir_ruleset_load(&rs, path, NULL, &err);
  unlink(path);
  if (st) die("rules", &err);
  return rs;
}

/* Tenths of a microsecond up to 100 us, then ever wider. */
static unsigned bucket_of(double us) {
  double x = us * 10;
  unsigned at = 0;
  while (x >= 1024) x /= 2, at += 512;
  at += (unsigned)x;
  return at < BUCKETS ? at : BUCKETS - 1;
}

static double at_share(const unsigned long *counts, double share) {
  unsigned long all = 0, sum = 0;
  for (int i = 0; i < BUCKETS; i++) all += counts[i];
  for (int i = 0; i < BUCKETS; i++) {
    if ((double)(sum += counts[i]) < share * (double)all) continue;
    int halves = i < 1024 ? 0 : (i - 512) / 512;
    double x = i < 1024 ? i : i - 512.0 * halves;
    return x * (double)(1u << halves) / 10;
  }
  return 0;
}

static void print_times(const char *name, const unsigned long *counts) {
  printf("  %s p50 %8.1f us, p99 %8.1f us, p99.9 %8.1f us", name, at_share(counts, 0.5), at_share(counts, 0.99), at_share(counts, 0.999));
}

static void drain(weir_engine *engine) {
  weir_record record;
  weir_error err;
  while (weir_next_record(engine, &record, &err) == WEIR_OK) {
    char aud[64];
    (void)snprintf(aud, sizeof aud, "%.*s", (int)record.aud.len, record.aud.ptr);
    if (weir_ack(engine, (weir_str){ aud, strlen(aud) }, record.seq, &err)) die("ack", &err);
  }
}

int main(void) {
  const char *wanted = getenv("EVENTS");
  unsigned long events = wanted && *wanted ? strtoul(wanted, NULL, 10) : 1000000;
  static unsigned long counts[2][BUCKETS];
  static char hostile[8000];
  weir_error err;
  weir_key *key = NULL;
  weir_engine *engine = NULL;
  weir_ruleset *rs = rules();
  long first = 0, last = 0;
  (void)mallopt(M_PERTURB, 0x5A);
  memset(hostile, 'a', sizeof hostile - 1);
  hostile[sizeof hostile - 2] = '!';
  if (weir_key_parse(&key, S(jwk), &err)) die("key", &err);
  weir_config config = { .struct_size = sizeof config, .ruleset = rs, .key = key, .batch = true, .chain = S("soak") };
  if (weir_engine_open(&engine, &config, &err)) die("engine", &err);
  int64_t now = INT64_C(1795309200000);
  for (unsigned long i = 0; i < events; i++) {
    char id[32], who[32], text[64];
    weir_verdict v;
    bool is_hostile = i % 5 == 4;
    now += 30000; /* marks of events last for 8 days of 2,880 events */
    (void)snprintf(id, sizeof id, "e%lu", i);
    (void)snprintf(who, sizeof who, "u%lu", i * 7919 % 5000);
    (void)snprintf(text, sizeof text, i % 3 == 0 ? "please send word%lu" : i % 7 == 0 ? "handler %lu" : "chat about nothing %lu", i % 997);
    weir_event e = { .struct_size = sizeof e, .id = { id, strlen(id) }, .channel = S("douyin"), .account = S("papers"), .type = S("comment"), .time_ms = now,
                     .contact_id = { who, strlen(who) }, .contact_name = S("Lin"), .text = { text, strlen(text) }, .post = S("v1"), .mentioned = -1, .is_follower = -1 };
    if (is_hostile) e.text = i % 10 == 9 ? S("spin") : (weir_str){ hostile, sizeof hostile - 1 };
    double start = now_us();
    if (weir_decide(engine, &e, now, &v, &err)) die("event", &err);
    counts[is_hostile][bucket_of(now_us() - start)]++;
    if (weir_pending(engine) >= 32) {
      if (weir_commit(engine, &err)) die("commit", &err);
      drain(engine);
    }
    if ((i + 1) % (events / PARTS ? events / PARTS : 1) != 0) continue;
    last = resident_kib();
    if (!first) first = last;
    printf("%10lu events, %ld KiB resident;", i + 1, last);
    print_times("ordinary", counts[0]);
    print_times("hostile", counts[1]);
    putchar('\n');
    (void)fflush(stdout);
    memset(counts, 0, sizeof counts);
  }
  weir_engine_close(engine);
  weir_key_free(key);
  weir_ruleset_free(rs);
  bool flat = last <= first + first / 100;
  printf("%s 1 - soak: %lu events, resident memory %ld KiB after a tenth, %ld KiB at the end\n%d passed, %d failed\n", flat ? "ok" : "not ok", events, first, last, flat, !flat);
  return flat ? 0 : 1;
}
