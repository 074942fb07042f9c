/* due.c: what it costs to find the next timer, take it and set another, with 1,000 and with 1,000,000 that wait: the store in memory
 * and the one on disk. Picking must not depend on how many wait. The table goes to stdout, the numbers to $BUILD/bench/due.json.
 *
 * Processor time, medians. DUE_TIMERS: another number than 1,000,000. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "limits.h"
#include "state/store.h"

#define T0 INT64_C(1763773200000)
#define PICKS 20000   /* picks in a row, in groups of 64 a transaction */
#define TURNS 5
#define GROUP 64

static void die(const char *what, const char *why) {
  fprintf(stderr, "bench/due: %s: %s\n", what, why);
  exit(2);
}

static double seconds(void) {
  struct timespec t;
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0) die("clock", strerror(errno));
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t mix(uint64_t z) {
  z += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static unsigned char block[1 << 16];
static struct weir_arena arena;

static struct weir_timer timer_of(uint64_t n, char contact[24], int64_t from_ms, uint64_t spread_ms) {
  snprintf(contact, 24, "u%" PRIu64, n);
  return (struct weir_timer){ .kind = WEIR_TIMER_RULE, .due_ms = from_ms + (int64_t)(mix(n) % spread_ms), .contact = { WEIR_STR("douyin"), WEIR_STR("papers"), weir_str_of(contact) },
                              .rule = WEIR_STR("pack/rule"), .origin = WEIR_STR("AAAAAAAAAAAAAAAAAAAAAA"), .cause = WEIR_STR("e1"), .occurrence = 1 };
}

static void set(struct weir_store *s, const struct weir_timer *t, uint64_t done) {
  weir_error err;
  struct weir_change items[2] = { { .kind = WEIR_CHANGE_TIMER, .timer = t }, { .kind = WEIR_CHANGE_TIMER_DONE, .number = (int64_t)done } };
  struct weir_changeset changes = { .contact = t->contact, .now_ms = T0, .items = items, .cnt = done ? 2 : 1, .cap = 2 };
  if (s->ops->apply(s, &changes, &err)) die("apply", err.message);
}

static void transaction(struct weir_store *s, bool begin) {
  weir_error err;
  if (begin ? s->ops->begin(s, &err) : s->ops->commit(s, &err)) die("transaction", err.message);
}

static void fill(struct weir_store *s, uint64_t cnt, uint64_t spread_ms) {
  char contact[24];
  for (uint64_t n = 0; n < cnt; n++) {
    if (n % GROUP == 0) transaction(s, true);
    struct weir_timer t = timer_of(n, contact, T0, spread_ms);
    set(s, &t, 0);
    if (n % GROUP == GROUP - 1 || n + 1 == cnt) transaction(s, false);
  }
}

/* Microseconds to ask when the next is due, and to read it. */
static double ask(struct weir_store *s) {
  weir_error err;
  struct weir_timer t;
  double start = seconds();
  for (int i = 0; i < PICKS; i++) {
    weir_arena_reset(&arena);
    if (s->ops->next_due(s) == INT64_MAX || s->ops->timer(s, INT64_MAX, &arena, &t, &err)) die("timer", "none");
  }
  return (seconds() - start) / PICKS * 1e6;
}

/* Microseconds to take the next one and set another, commits included. */
static double turn(struct weir_store *s, uint64_t *n, uint64_t spread_ms) {
  weir_error err;
  struct weir_timer t;
  char contact[24];
  double start = seconds();
  for (int i = 0; i < PICKS; i++) {
    if (i % GROUP == 0) transaction(s, true);
    weir_arena_reset(&arena);
    if (s->ops->timer(s, INT64_MAX, &arena, &t, &err)) die("timer", "none");
    struct weir_timer next = timer_of((*n)++, contact, t.due_ms, spread_ms);
    set(s, &next, t.id);
    if (i % GROUP == GROUP - 1 || i + 1 == PICKS) transaction(s, false);
  }
  return (seconds() - start) / PICKS * 1e6;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void measure(struct weir_store *s, uint64_t cnt, double *asked, double *turned) {
  const uint64_t spread_ms = UINT64_C(30) * 86400000;
  double asks[TURNS], turns[TURNS];
  uint64_t n = cnt;
  fill(s, cnt, spread_ms);
  for (int i = 0; i < TURNS; i++) {
    asks[i] = ask(s);
    turns[i] = turn(s, &n, spread_ms);
  }
  qsort(asks, TURNS, sizeof *asks, by_value);
  qsort(turns, TURNS, sizeof *turns, by_value);
  *asked = asks[TURNS / 2];
  *turned = turns[TURNS / 2];
  s->ops->close(s);
}

/* A quarter of a timer fits beside each person of the store in memory. */
static struct weir_store *in_memory(uint64_t cnt, void **memory) {
  weir_error err;
  struct weir_store *s = NULL;
  size_t len = (size_t)cnt * 4 * 1400 + (8u << 20);
  if (len > UINT32_MAX) return NULL;
  *memory = aligned_alloc(64, len / 64 * 64);
  if (!*memory || weir_memory_store_open(&s, *memory, len / 64 * 64, &err)) die("memory", "not enough");
  return s;
}

static struct weir_store *on_disk(const char *path) {
  weir_error err;
  struct weir_store *s;
  if (weir_sqlite_store_open(&s, path, NULL, &err)) die("state", err.message);
  return s;
}

static void remove_state(const char *path) {
  static const char *const suffixes[] = { "", "-wal", "-shm" };
  char name[128];
  for (int i = 0; i < 3; i++) {
    snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
    unlink(name);
  }
}

int main(void) {
  const char *build = getenv("BUILD"), *wanted = getenv("DUE_TIMERS");
  uint64_t many = wanted ? strtoull(wanted, NULL, 10) : 1000000;
  const uint64_t counts[] = { 1000, many < 600000 ? many : 600000, 1000, many };
  double asked[4], turned[4];
  char path[64], json[512];
  snprintf(path, sizeof path, "%s/weir-due-%ld.db", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (long)getpid());
  weir_arena_fixed(&arena, block, sizeof block);
  printf("%-10s %12s   %16s   %22s\n", "store", "waiting", "look, us", "take and set one, us");
  for (int i = 0; i < 4; i++) {
    void *memory = NULL;
    struct weir_store *s = i < 2 ? in_memory(counts[i], &memory) : on_disk(path);
    if (!s) die("memory", "so many timers do not fit a store in memory");
    measure(s, counts[i], &asked[i], &turned[i]);
    free(memory);
    if (i >= 2) remove_state(path);
    printf("%-10s %12" PRIu64 "   %16.2f   %22.2f\n", i < 2 ? "memory" : "on disk", counts[i], asked[i], turned[i]);
  }
  printf("many against few: look %.2f (memory), %.2f (on disk); take and set %.2f, %.2f\n", asked[1] / asked[0], asked[3] / asked[2], turned[1] / turned[0],
         turned[3] / turned[2]);
  snprintf(json, sizeof json, "%s/bench/due.json", build ? build : "build");
  FILE *f = fopen(json, "w");
  if (f) {
    fprintf(f, "{\"waiting\":[%" PRIu64 ",%" PRIu64 "],\"memory_us\":[%.3f,%.3f],\"disk_us\":[%.3f,%.3f]}\n", counts[2], counts[3], asked[0], asked[1], asked[2], asked[3]);
    fclose(f);
  }
  return 0;
}
