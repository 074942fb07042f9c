/* sweep.c (bench): how long an event waits at most while much runs out at once, and while somebody is forgotten in a large state.
 *
 * State files are filled by hand, then the store goes on with small commits, one decision each, while it sweeps; beside it the
 * same commits with nothing to sweep. Milliseconds by the wall clock and of CPU time: median, 99th of a hundred, 999th of a
 * thousand, longest; a disk's own hiccups, and other programs, are in the former only. The same of the steps of a snapshot. The table goes to stdout, the numbers to $BUILD/bench/sweep.json. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "limits.h"
#include "state/store.h"

#define T0 INT64_C(1763773200000)
#define LATER (T0 + WEIR_IDLE_MS + WEIR_CLAIM_MS) /* everything is over */
#define COMMITS 4000
#define STEP_BYTES 65536 /* of a snapshot: as `weir run` does */
#define STEPS_MAX 20000

static void die(const char *what, const char *why) {
  fprintf(stderr, "bench/sweep: %s: %s\n", what, why);
  exit(2);
}

static weir_error err;
static void ok(weir_status st, const char *what) {
  if (st < 0) die(what, err.message);
}

static double ms(clockid_t clock) {
  struct timespec t;
  if (clock_gettime(clock, &t) != 0) die("clock", strerror(errno));
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* ---- a large state */

#define ROWS(n) "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < " #n ") "

static const struct scene {
  const char *key, *what, *fill;
} scenes[] = {
  { "nothing", "nothing to sweep", "" },
  { "marks", "1,000,000 marks are over",
    ROWS(1000000) "INSERT INTO marks SELECT randomblob(16), ?1, 'decision-of-22-letters' FROM n ORDER BY 1" },
  { "claims", "1,000,000 claims of 200,000 persons are over",
    ROWS(1000000) "INSERT INTO claims SELECT 1000 + i / 5, randomblob(16), ?1, randomblob(16) FROM n" },
  { "persons", "100,000 persons were silent for too long",
    ROWS(100000) "INSERT INTO persons SELECT 1000 + i, 'Lin Wei', ?1, ?1, 0, 0, 1 FROM n" },
  { "ledger", "200,000 actions are over",
    ROWS(200000) "INSERT INTO ledger SELECT i, randomblob(16), randomblob(16), 'douyin', 'papers', 'u_' || i, 'decision-of-22-letters', 1, "
                 "'test-papers/ask', 'dy-7401', 'v-7401', printf('%.120c', 'p'), 1, 2, ?1 FROM n" },
  { "codes", "200,000 codes are over", ROWS(200000) "INSERT INTO codes SELECT 'K' || i, 1000 + i, ?1 FROM n" },
};
static const char *const more[] = {
  "INSERT INTO contacts SELECT 'douyin', 'papers', printf('u_%017d', id), id, 1 FROM persons",
  "INSERT INTO traits SELECT id, 'tag', 'wants:paper', '', 0 FROM persons",
  "INSERT INTO origins SELECT origin, 1, 1, 0, 0, 0 FROM ledger",
};

static struct weir_store *st;
static char path[512];

static void clear(void) {
  char beside[520];
  (void)unlink(path);
  snprintf(beside, sizeof beside, "%s-wal", path);
  (void)unlink(beside);
}

static void open_it(void) {
  const struct weir_sqlite_config config = { .max_bytes = UINT64_C(4) << 30 };
  ok(weir_sqlite_store_open(&st, path, &config, &err), "open");
}

static void run_sql(sqlite3 *db, const char *sql, int64_t time) {
  sqlite3_stmt *stmt;
  if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) die(sql, sqlite3_errmsg(db));
  if (stmt && sqlite3_bind_parameter_count(stmt) && sqlite3_bind_int64(stmt, 1, time) != SQLITE_OK) die(sql, sqlite3_errmsg(db));
  if (stmt && sqlite3_step(stmt) != SQLITE_DONE) die(sql, sqlite3_errmsg(db));
  (void)sqlite3_finalize(stmt);
}

/* What filling wrote is on the disk: the first commit must not wait for all of it. */
static void settle(void) {
  int fd = open(path, O_RDWR);
  if (fd < 0 || fsync(fd) != 0 || close(fd) != 0) die(path, strerror(errno));
}

/* A new file with what `sql` makes in it. */
static void make(const char *sql) {
  sqlite3 *db;
  clear();
  open_it();
  st->ops->close(st);
  if (sqlite3_open(path, &db) != SQLITE_OK) die(path, sqlite3_errmsg(db));
  if (sqlite3_exec(db, "PRAGMA synchronous = OFF; BEGIN", NULL, NULL, NULL) != SQLITE_OK) die("begin", sqlite3_errmsg(db));
  run_sql(db, sql, T0);
  for (size_t i = 0; i < sizeof more / sizeof *more && *sql; i++) run_sql(db, more[i], T0);
  run_sql(db, "UPDATE meta SET last_person = 1000000, born_ms = ?1, now_ms = ?1", T0);
  if (sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) die("commit", sqlite3_errmsg(db));
  if (sqlite3_close(db) != SQLITE_OK) die("close", path);
  settle();
}

/* ---- small commits */

struct took {
  double wall, cpu;
};

static struct took now(void) { return (struct took){ ms(CLOCK_MONOTONIC), ms(CLOCK_THREAD_CPUTIME_ID) }; }

static struct took decide(int number) {
  char id[32];
  snprintf(id, sizeof id, "new-%d", number);
  struct weir_change items[] = {
    { .kind = WEIR_CHANGE_SEEN, .name = WEIR_STR("Lin Wei"), .at_ms = LATER },
    { .kind = WEIR_CHANGE_CLAIM, .until_ms = LATER + WEIR_CLAIM_MS },
    { .kind = WEIR_CHANGE_DEDUPE, .until_ms = LATER + WEIR_DEDUPE_MS },
  };
  struct weir_changeset set = { { WEIR_STR("douyin"), WEIR_STR("papers"), weir_str_of(id) }, LATER, items, 3, 3 };
  weir_str part = weir_str_of(id);
  weir_id_hash(WEIR_STR("mark"), &part, 1, items[2].key);
  weir_id_hash(WEIR_STR("claim"), &part, 1, items[1].key);
  struct took t = now();
  ok(st->ops->begin(st, &err), "begin");
  ok(st->ops->apply(st, &set, &err), "apply");
  ok(st->ops->commit(st, &err), "commit");
  struct took end = now();
  return (struct took){ end.wall - t.wall, end.cpu - t.cpu };
}

static void show(FILE *json, const char *key, const char *what, struct took *took, size_t cnt, const char *end) {
  static double wall[STEPS_MAX], cpu[STEPS_MAX];
  double *const by[2] = { wall, cpu };
  static const char *const unit[2] = { "", "_cpu" };
  for (size_t i = 0; i < cnt; i++) wall[i] = took[i].wall, cpu[i] = took[i].cpu;
  printf("  %-48s", what);
  fprintf(json, "  \"%s\": { \"cnt\": %zu", key, cnt);
  for (int k = 0; k < 2; k++) {
    const double *t = by[k];
    qsort(by[k], cnt, sizeof *by[k], by_value);
    printf(" %7.2f %7.2f %7.2f %7.2f%s", t[cnt / 2], t[cnt * 99 / 100], t[cnt * 999 / 1000], t[cnt - 1], k ? "\n" : "  |");
    fprintf(json, ", \"median%s_ms\": %.3f, \"p99%s_ms\": %.3f, \"p999%s_ms\": %.3f, \"longest%s_ms\": %.3f", unit[k], t[cnt / 2], unit[k],
            t[cnt * 99 / 100], unit[k], t[cnt * 999 / 1000], unit[k], t[cnt - 1]);
  }
  fprintf(json, " }%s\n", end);
}

static void measure(const struct scene *scene, FILE *json) {
  static struct took took[COMMITS];
  make(scene->fill);
  open_it();
  for (int i = 0; i < COMMITS; i++) took[i] = decide(i);
  st->ops->close(st);
  show(json, scene->key, scene->what, took, COMMITS, ",");
}

/* ---- a snapshot of a large state, a commit between two steps */

static void copy(FILE *json) {
  static struct took steps[STEPS_MAX], commits[STEPS_MAX];
  char to[520];
  size_t cnt = 0;
  weir_status status = WEIR_NONE;
  make(scenes[1].fill);
  snprintf(to, sizeof to, "%s-copy", path);
  (void)unlink(to);
  open_it();
  ok(st->ops->snapshot_begin(st, to, &err), "snapshot");
  for (; status == WEIR_NONE && cnt < STEPS_MAX; cnt++) {
    struct took t = now();
    ok(status = st->ops->snapshot_step(st, STEP_BYTES, &err), "snapshot");
    struct took end = now();
    steps[cnt] = (struct took){ end.wall - t.wall, end.cpu - t.cpu };
    commits[cnt] = decide((int)cnt);
  }
  if (status != WEIR_OK) die("snapshot", "has too many steps");
  st->ops->close(st);
  (void)unlink(to);
  show(json, "snapshot_steps", "a snapshot of the marks: each step of 64 KiB", steps, cnt, ",");
  show(json, "snapshot_commits", "the commits between its steps", commits, cnt, ",");
}

/* ---- forgetting */

static void forget(FILE *json) {
  static const char fill[] =
    ROWS(1000000) "INSERT INTO timers SELECT i, ?1 + i, 1, CASE WHEN i % 10 THEN 1000 + i / 10 ELSE 0 END, 'douyin', 'papers', "
                  "printf('u_%017d', 1000 + i / 10), 'test-papers/ask', 'decision-of-22-letters', 'dy-7401', 'v-7401', 1, '{}' FROM n";
  struct took took[50];
  make(fill);
  sqlite3 *db;
  if (sqlite3_open(path, &db) != SQLITE_OK) die(path, "open");
  run_sql(db, "INSERT INTO persons SELECT DISTINCT person, 'Lin Wei', ?1, ?1, 0, 0, 1 FROM timers WHERE person > 0", T0);
  run_sql(db, more[0], T0);
  run_sql(db, "INSERT INTO ledger SELECT id, randomblob(16), randomblob(16), channel, account, contact, 'decision-of-22-letters', 1, 'r', 'c', 'p', "
              "'{}', 1, 2, ?1 FROM timers WHERE id <= 200000", T0 + WEIR_LEDGER_MS);
  run_sql(db, more[2], T0);
  if (sqlite3_close(db) != SQLITE_OK) die("close", path);
  settle();
  open_it();
  for (int i = 0; i < 50; i++) {
    char id[32];
    snprintf(id, sizeof id, "u_%017d", 2000 + 1000 * i);
    struct weir_contact contact = { WEIR_STR("douyin"), WEIR_STR("papers"), weir_str_of(id) };
    struct took t = now();
    weir_status status = st->ops->forget(st, &contact, NULL, &err);
    struct took end = now();
    took[i] = (struct took){ end.wall - t.wall, end.cpu - t.cpu };
    if (status != WEIR_OK) die("forget", status < 0 ? err.message : "nobody is known");
  }
  st->ops->close(st);
  show(json, "forget", "forgetting one, 1,000,000 timers, 200,000 actions", took, 50, "\n}");
}

int main(int argc, char **argv) {
  const char *build = getenv("BUILD") ? getenv("BUILD") : "build", *folder = argc > 1 ? argv[1] : build;
  char out[512];
  snprintf(out, sizeof out, "%s/bench", build);
  (void)mkdir(build, 0777), (void)mkdir(out, 0777);
  snprintf(out, sizeof out, "%s/bench/sweep.json", build);
  snprintf(path, sizeof path, "%s/bench-sweep.db", folder);
  FILE *json = fopen(out, "w");
  if (!json) die(out, strerror(errno));
  fprintf(json, "{\n");
  printf("  %-48s %31s  | %31s\n", "", "by the clock", "of CPU");
  printf("  %-48s %7s %7s %7s %7s  | %7s %7s %7s %7s\n", "milliseconds a commit of one decision", "median", "99 %", "99.9 %", "longest", "median",
         "99 %", "99.9 %", "longest");
  for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) measure(&scenes[i], json);
  copy(json);
  forget(json);
  clear();
  if (fclose(json) != 0) die(out, strerror(errno));
  return 0;
}
