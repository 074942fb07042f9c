/* state.c (bench): decisions a second through the store on disk, beside a bare program that writes the same rows in the same
 * group commits, with the same settings, and asks nothing: it knows beforehand what is new. So the ratio says what asking,
 * checking and undoing cost. Both take turns in one run; medians. At the end both files must hold the same.
 *
 * The rest of the table: what the engine asks for every event (was it seen, is a timer due), and what loading costs.
 * The table goes to stdout, the numbers to $BUILD/bench/state.json. */
#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "limits.h"
#include "schema.h"
#include "state/store.h"

#define PERSONS 50000
#define GROUP 64
#define TURN 16      /* groups in a row */
#define TURNS 41
#define LINE 24000   /* bytes of a record: 64 decisions of 280 bytes in base64url */
#define T0 INT64_C(1763773200000)
#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

static void die(const char *what, const char *why) {
  fprintf(stderr, "bench/state: %s: %s\n", what, why);
  exit(2);
}

static double seconds(clockid_t clock) {
  struct timespec t;
  if (clock_gettime(clock, &t) != 0) die("clock", strerror(errno));
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}
static double median(double *values, int cnt) {
  qsort(values, (size_t)cnt, sizeof *values, by_value);
  return values[cnt / 2];
}

/* ---- what is decided: the same for both */

struct decision {
  int person;     /* index of the contact */
  bool known;     /* he was here before */
  uint64_t event;
  unsigned char mark[WEIR_ID_BYTES], claim[WEIR_ID_BYTES], key[WEIR_ID_BYTES], origin[WEIR_ID_BYTES];
  char cause[24]; /* the event's id */
  char id[WEIR_ID_CHARS + 1];
};

static int64_t ids[PERSONS]; /* numbers of the persons, in the order of their first event; 0: not seen yet */
static int64_t last_id;
static char names[PERSONS][24];

static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static struct decision decide(uint64_t event, bool all_new) {
  struct decision d = { .event = event };
  d.person = all_new ? (int)(event % PERSONS) : (int)(mix(event * UINT64_C(0x9e3779b97f4a7c15)) % PERSONS);
  weir_str parts[] = { { (const char *)&event, sizeof event } };
  weir_id_hash(WEIR_STR("mark"), parts, 1, d.mark);
  weir_id_hash(WEIR_STR("claim"), parts, 1, d.claim);
  d.id[weir_base64url(d.mark, WEIR_ID_BYTES, d.id)] = '\0';
  snprintf(d.cause, sizeof d.cause, "dy-%016" PRIx64, mix(event));
  weir_ledger_key(weir_str_of(d.id), 1, false, d.key);
  weir_ledger_origin(weir_str_of(d.id), d.claim, d.origin);
  return d;
}

static struct weir_contact contact_of(int person) {
  return (struct weir_contact){ WEIR_STR("douyin"), WEIR_STR("papers"), weir_str_of(names[person]) };
}

static char line[LINE];
static const char rule[] = "test-papers/ask", post[] = "v-7401882213";
static const char action[] = "{\"kind\":\"reply\",\"rule\":\"test-papers/ask\",\"to\":\"dy-0123456789abcdef\",\"text\":\"有的，私信你了\"}";

/* ---- through the store */

static struct weir_store *st;
static unsigned char block[1 << 18];
static weir_error err;

static void ok(weir_status status, const char *what) {
  if (status < 0) die(what, err.message);
}

static void ask_ours(const struct decision *d, const struct weir_contact *contact) {
  struct weir_arena arena;
  struct weir_person person;
  weir_str decision;
  bool yes;
  int64_t until;
  weir_arena_fixed(&arena, block, sizeof block);
  ok(st->ops->seen(st, d->mark, T0, &arena, &yes, &decision, &err), "seen");
  ok(st->ops->load(st, contact, &arena, &person, &err), "load");
  ok(st->ops->claim(st, contact, d->claim, T0, &yes, &until, &err), "claim");
}

static void apply_ours(const struct decision *d, bool asking) {
  struct weir_contact contact = contact_of(d->person);
  struct weir_change items[] = {
    { .kind = WEIR_CHANGE_SEEN, .name = WEIR_STR("Lin Wei"), .at_ms = T0 },
    { .kind = WEIR_CHANGE_TAG, .name = WEIR_STR("wants:paper") },
    { .kind = WEIR_CHANGE_STAGE, .name = WEIR_STR("test-papers/papers"), .value = WEIR_STR("asked"), .at_ms = T0 },
    { .kind = WEIR_CHANGE_CLAIM, .until_ms = T0 + WEIR_CLAIM_MS },
    { .kind = WEIR_CHANGE_LEDGER },
    { .kind = WEIR_CHANGE_DEDUPE, .value = weir_str_of(d->id), .until_ms = T0 + WEIR_DEDUPE_MS },
  };
  struct weir_ledger_entry entry = { .contact = contact, .decision = weir_str_of(d->id), .n = 1, .rule = weir_str_of(rule),
                                     .cause = weir_str_of(d->cause), .post = weir_str_of(post), .payload = weir_str_of(action),
                                     .attempt = 1, .status = WEIR_LEDGER_OPEN, .until_ms = T0 + WEIR_LEDGER_MS };
  struct weir_changeset set = { contact, T0, items, 6, 6 };
  memcpy(items[3].key, d->claim, WEIR_ID_BYTES);
  memcpy(items[3].origin, d->origin, WEIR_ID_BYTES);
  memcpy(entry.key, d->key, WEIR_ID_BYTES);
  memcpy(entry.origin, d->origin, WEIR_ID_BYTES);
  items[4].ledger = &entry;
  memcpy(items[5].key, d->mark, WEIR_ID_BYTES);
  if (asking) ask_ours(d, &contact);
  ok(st->ops->apply(st, &set, &err), "apply");
}

static void group_ours(const struct decision *list, uint64_t seq, bool asking) {
  struct weir_chain_head head = { .iat_s = T0 / 1000, .exp_s = T0 / 1000 + 3600 };
  struct weir_stored_record record;
  ok(st->ops->begin(st, &err), "begin");
  for (int i = 0; i < GROUP; i++) apply_ours(&list[i], asking);
  ok(st->ops->chain_head(st, WEIR_STR("douyin/papers"), &head, &err), "chain_head");
  if (head.seq + 1 != seq) die("chain", "lost count");
  head = (struct weir_chain_head){ .seq = seq, .has_hash = true, .iat_s = T0 / 1000, .exp_s = T0 / 1000 + 3600 };
  ok(st->ops->outbox_put(st, WEIR_STR("douyin/papers"), &head, (weir_str){ line, LINE }, &err), "outbox_put");
  ok(st->ops->commit(st, &err), "commit");
  ok(st->ops->outbox_next(st, &record, &err), "outbox_next");
  ok(st->ops->outbox_ack(st, WEIR_STR("douyin/papers"), seq, &err), "outbox_ack");
}

/* ---- by hand */

enum { BEGIN, COMMIT, PERSON, CONTACT, TRAIT, ENTERED, STAGE, CLAIM, LEDGER, ORIGIN, MARK, CHAIN, OUT, ACK, META, STATEMENTS };
static const char *const texts[STATEMENTS] = {
  "BEGIN IMMEDIATE",
  "COMMIT",
  "INSERT INTO persons VALUES (?1, 'Lin Wei', ?2, ?3, 0, 0, 1, 0, 0)",
  "INSERT INTO contacts VALUES ('douyin', 'papers', ?1, ?2, 1)",
  "INSERT INTO traits VALUES (?1, ?2, ?3, ?4, ?5)",
  "INSERT INTO entered VALUES (?1, 'test-papers/papers', 'asked', ?2)",
  "INSERT INTO stages VALUES ('test-papers/papers', 'asked', ?1, ?1) ON CONFLICT DO UPDATE SET now = now + ?1, entered = "
  "entered + ?1",
  "INSERT INTO claims VALUES (?1, ?2, ?3, ?4)",
  "INSERT INTO ledger (key, origin, channel, account, contact, decision, n, rule, cause, post, payload, attempt, status, until_ms) "
  "VALUES (?1, ?2, 'douyin', 'papers', ?3, ?4, 1, ?5, ?6, ?7, ?8, 1, 2, ?9)",
  "INSERT INTO origins VALUES (?1, 1, 1, 0, 0, 0)",
  "INSERT INTO marks VALUES (?1, ?2, ?3)",
  "INSERT INTO chains VALUES (1, 'douyin/papers', ?1, ?2) ON CONFLICT (id) DO UPDATE SET seq = ?1, hash = ?2",
  "INSERT INTO outbox VALUES (?1, 1, ?1, ?2, ?3, ?4)",
  "DELETE FROM outbox WHERE chain = 1 AND seq <= ?1",
  "UPDATE meta SET born_ms = ?1, now_ms = ?1, iat_s = ?2, last_person = ?3",
};
static sqlite3 *db;
static sqlite3_stmt *stmts[STATEMENTS];
static int wal_pages;

static int on_wal(void *ctx, sqlite3 *d, const char *name, int pages) {
  (void)ctx, (void)d, (void)name;
  wal_pages = pages;
  return SQLITE_OK;
}

static void must(int rc, const char *what) {
  if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_ROW) die(what, sqlite3_errmsg(db));
}
static void text(int id, int at, const char *bytes, int len) {
  must(sqlite3_bind_text(stmts[id], at, bytes, len, SQLITE_STATIC), "bind");
}
static void blob(int id, int at, const void *bytes, int len) {
  must(sqlite3_bind_blob(stmts[id], at, bytes, len, SQLITE_STATIC), "bind");
}
static void number(int id, int at, int64_t value) { must(sqlite3_bind_int64(stmts[id], at, value), "bind"); }
static void run(int id) {
  must(sqlite3_step(stmts[id]), texts[id]);
  must(sqlite3_reset(stmts[id]), texts[id]);
}

static void open_bare(const char *path) {
  must(sqlite3_open(path, &db), "open");
  must(sqlite3_exec(db, "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA locking_mode = EXCLUSIVE;", NULL,
                    NULL, NULL),
       "settings");
  must(sqlite3_exec(db, (const char *)weir_sql_schema, NULL, NULL, NULL), "schema");
  must(sqlite3_exec(db, (const char *)weir_sql_schema_2, NULL, NULL, NULL), "schema");
  must(sqlite3_exec(db, (const char *)weir_sql_schema_3, NULL, NULL, NULL), "schema");
  must(sqlite3_exec(db, "INSERT INTO meta VALUES (1, 'c', 'i', 0, 0, 0, 0, 0, 0); PRAGMA journal_mode = WAL; PRAGMA "
                        "synchronous = FULL;"
                        "PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON; PRAGMA "
                        "cell_size_check = ON",
                    NULL, NULL, NULL), "settings");
  char cache[64];
  snprintf(cache, sizeof cache, "PRAGMA cache_size = -%u", WEIR_SQLITE_CACHE_BYTES / 1024);
  must(sqlite3_exec(db, cache, NULL, NULL, NULL), "cache");
  for (int i = 0; i < STATEMENTS; i++) must(sqlite3_prepare_v3(db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &stmts[i], NULL),
                                            texts[i]);
  sqlite3_wal_hook(db, on_wal, NULL);
}

static void newcomer(const struct decision *d, int64_t id) {
  number(PERSON, 1, id), number(PERSON, 2, T0), number(PERSON, 3, T0 / HOUR * HOUR), run(PERSON);
  text(CONTACT, 1, names[d->person], -1), number(CONTACT, 2, id), run(CONTACT);
  number(TRAIT, 1, id), text(TRAIT, 2, "tag", -1), text(TRAIT, 3, "wants:paper", -1), text(TRAIT, 4, "", 0), number(TRAIT, 5, 0);
  run(TRAIT);
  text(TRAIT, 2, "stage", -1), text(TRAIT, 3, "test-papers/papers", -1), text(TRAIT, 4, "asked", -1), number(TRAIT, 5, T0);
  run(TRAIT);
  number(ENTERED, 1, id), number(ENTERED, 2, T0), run(ENTERED);
}

static void group_bare(const struct decision *list, uint64_t seq) {
  static const unsigned char hash[WEIR_SHA256_BYTES];
  int64_t made = 0;
  run(BEGIN);
  if (seq > 1) number(ACK, 1, (int64_t)seq - 1), run(ACK);
  for (int i = 0; i < GROUP; i++) {
    const struct decision *d = &list[i];
    if (!d->known) newcomer(d, ids[d->person]), made++;
    number(CLAIM, 1, ids[d->person]), blob(CLAIM, 2, d->claim, WEIR_ID_BYTES), number(CLAIM, 3, T0 + WEIR_CLAIM_MS);
    blob(CLAIM, 4, d->origin, WEIR_ID_BYTES), run(CLAIM);
    blob(LEDGER, 1, d->key, WEIR_ID_BYTES), blob(LEDGER, 2, d->origin, WEIR_ID_BYTES), text(LEDGER, 3, names[d->person], -1);
    text(LEDGER, 4, d->id, WEIR_ID_CHARS), text(LEDGER, 5, rule, -1), text(LEDGER, 6, d->cause, -1), text(LEDGER, 7, post, -1);
    text(LEDGER, 8, action, -1), number(LEDGER, 9, T0 + WEIR_LEDGER_MS), run(LEDGER);
    blob(ORIGIN, 1, d->origin, WEIR_ID_BYTES), run(ORIGIN);
    blob(MARK, 1, d->mark, WEIR_ID_BYTES), number(MARK, 2, T0 + WEIR_DEDUPE_MS), text(MARK, 3, d->id, WEIR_ID_CHARS), run(MARK);
  }
  if (made) number(STAGE, 1, made), run(STAGE);
  number(CHAIN, 1, (int64_t)seq), blob(CHAIN, 2, hash, sizeof hash), run(CHAIN);
  number(OUT, 1, (int64_t)seq), number(OUT, 2, T0 / 1000 + 3600), number(OUT, 3, LINE), text(OUT, 4, line, LINE), run(OUT);
  number(META, 1, T0), number(META, 2, T0 / 1000), number(META, 3, last_id), run(META);
  run(COMMIT);
  if (wal_pages >= WEIR_SQLITE_WAL_PAGES) must(sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL),
                                               "checkpoint");
}

/* ---- both */

struct result {
  double ours[2], bare[2], ratio[2]; /* decisions a second by the wall clock; by CPU */
};

static struct decision turn[TURN][GROUP];
static uint64_t next_event, next_seq = 1;

static void make_turn(bool all_new) {
  for (int g = 0; g < TURN; g++) {
    for (int i = 0; i < GROUP; i++) {
      struct decision *d = &turn[g][i];
      *d = decide(next_event++, all_new);
      d->known = ids[d->person] != 0;
      if (!d->known) ids[d->person] = ++last_id;
    }
  }
}

static void take_turn(bool ours, bool asking, double took[2]) {
  double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  for (int g = 0; g < TURN; g++) {
    if (ours) group_ours(turn[g], next_seq + (uint64_t)g, asking);
    else group_bare(turn[g], next_seq + (uint64_t)g);
  }
  took[0] = seconds(CLOCK_MONOTONIC) - wall;
  took[1] = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
}

static struct result compare(bool all_new, bool asking, int turns) {
  double ours[2][TURNS], bare[2][TURNS], ratio[2][TURNS];
  struct result r;
  for (int t = 0; t < turns; t++) {
    double took[2][2];
    make_turn(all_new);
    take_turn(t % 2 == 0, asking, took[t % 2 == 0]);
    take_turn(t % 2 != 0, asking, took[t % 2 != 0]);
    next_seq += TURN;
    for (int k = 0; k < 2; k++) {
      ours[k][t] = TURN * GROUP / took[1][k];
      bare[k][t] = TURN * GROUP / took[0][k];
      ratio[k][t] = took[0][k] / took[1][k];
    }
  }
  for (int k = 0; k < 2; k++) {
    r.ours[k] = median(ours[k], turns);
    r.bare[k] = median(bare[k], turns);
    r.ratio[k] = median(ratio[k], turns);
  }
  return r;
}

/* What the engine asks of every event: new events, from nobody in particular. */
static double quiet(void) {
  double best[21];
  struct weir_arena arena;
  unsigned char keys[1000][WEIR_ID_BYTES];
  weir_arena_fixed(&arena, block, sizeof block);
  for (int round = 0; round < 21; round++) {
    for (int i = 0; i < 1000; i++) {
      uint64_t event = UINT64_C(1) << 40 | (uint64_t)(round * 1000 + i);
      weir_str part = { (const char *)&event, sizeof event };
      weir_id_hash(WEIR_STR("quiet"), &part, 1, keys[i]);
    }
    double t = seconds(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < 1000; i++) {
      weir_str decision;
      bool yes;
      ok(st->ops->seen(st, keys[i], T0, &arena, &yes, &decision, &err), "seen");
      if (st->ops->next_due(st) <= T0) die("next_due", "a timer");
    }
    best[round] = (seconds(CLOCK_THREAD_CPUTIME_ID) - t) * 1e6;
  }
  return median(best, 21);
}

static double load_cost(bool known) {
  double best[21];
  for (int round = 0; round < 21; round++) {
    double t = seconds(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < 500; i++) {
      struct weir_arena arena;
      struct weir_person person;
      char name[32];
      struct weir_contact c = contact_of((int)(mix((uint64_t)(round * 500 + i)) % PERSONS));
      snprintf(name, sizeof name, "stranger-%d", i);
      if (!known) c.id = weir_str_of(name);
      weir_arena_fixed(&arena, block, sizeof block);
      ok(st->ops->load(st, &c, &arena, &person, &err), "load");
    }
    best[round] = (seconds(CLOCK_THREAD_CPUTIME_ID) - t) / 500 * 1e9;
  }
  return median(best, 21);
}

static void dump(const char *path, char *out, size_t cap) {
  static const char sql[] =
    "SELECT (SELECT count(*) || ' ' || total(id) FROM persons) || ' ' || (SELECT count(*) || ' ' || total(person) FROM "
    "contacts) || ' ' ||"
    "(SELECT count(*) || ' ' || total(person) FROM traits) || ' ' || (SELECT count(*) || ' ' || total(person) FROM entered) || "
    "' ' ||"
    "(SELECT count(*) || ' ' || total(person) FROM claims) || ' ' || (SELECT count(*) FROM marks) || ' ' || "
    "(SELECT count(*) || ' ' || total(length(payload)) FROM ledger) || ' ' || (SELECT now || ' ' "
    "|| entered FROM stages)|| ' ' || (SELECT count(*) FROM (SELECT key FROM marks ORDER BY key))";
  sqlite3 *file;
  sqlite3_stmt *stmt;
  int rc = sqlite3_open(path, &file);
  if (rc == SQLITE_OK) rc = sqlite3_prepare_v2(file, sql, -1, &stmt, NULL);
  if (rc != SQLITE_OK) die("dump", sqlite3_errmsg(file));
  if (sqlite3_step(stmt) != SQLITE_ROW) die("dump", sqlite3_errmsg(file));
  snprintf(out, cap, "%s", (const char *)sqlite3_column_text(stmt, 0));
  sqlite3_finalize(stmt);
  sqlite3_close(file);
}

static void show(FILE *json, const char *key, const char *what, struct result r) {
  printf("  %-44s %8.0f %8.0f   %.2f   %.2f\n", what, r.ours[0], r.bare[0], r.ratio[0], r.ratio[1]);
  fprintf(json, "  \"%s\": { \"ours_per_s\": %.0f, \"bare_per_s\": %.0f, \"ratio\": %.3f, \"ratio_cpu\": %.3f },\n", key,
          r.ours[0], r.bare[0],
          r.ratio[0], r.ratio[1]);
}

int main(int argc, char **argv) {
  const char *build = getenv("BUILD") ? getenv("BUILD") : "build", *folder = argc > 1 ? argv[1] : build;
  char ours[512], bare[512], out[512], a[520], b[520];
  snprintf(out, sizeof out, "%s/bench", build);
  (void)mkdir(build, 0777), (void)mkdir(out, 0777);
  snprintf(out, sizeof out, "%s/bench/state.json", build);
  snprintf(ours, sizeof ours, "%s/bench-state-ours.db", folder);
  snprintf(bare, sizeof bare, "%s/bench-state-bare.db", folder);
  for (int i = 0; i < 2; i++) { /* what a run that was cut off left behind */
    (void)unlink(i ? ours : bare);
    snprintf(a, sizeof a, "%s-wal", i ? ours : bare);
    (void)unlink(a);
  }
  for (int i = 0; i < PERSONS; i++) snprintf(names[i], sizeof names[i], "u_%017" PRIu64,
                                             mix((uint64_t)i) % UINT64_C(100000000000000000));
  memset(line, 'l', sizeof line);
  ok(weir_sqlite_store_open(&st, ours, NULL, &err), "open");
  open_bare(bare);
  FILE *json = fopen(out, "w");
  if (!json) die(out, strerror(errno));
  fprintf(json, "{\n");
  printf("  %-44s %8s %8s   %s  %s\n", "decisions a second, 64 a commit", "ours", "bare", "wall", "CPU");
  show(json, "new_people", "everybody is new", compare(true, true, TURNS));
  while (last_id < PERSONS) (void)compare(true, true, 1);
  show(json, "known_people", "50,000 are known, each event fires", compare(false, true, TURNS));
  show(json, "known_people_apply", "the same, without the engine's questions", compare(false, false, TURNS));
  double q = quiet(), known = load_cost(true), stranger = load_cost(false);
  printf("  quiet event: %.0f ns; loading somebody known: %.0f ns; a stranger: %.0f ns\n", q, known, stranger);
  fprintf(json, "  \"quiet_ns\": %.0f, \"load_known_ns\": %.0f, \"load_stranger_ns\": %.0f\n}\n", q, known, stranger);
  if (fclose(json) != 0) die(out, strerror(errno));
  st->ops->close(st);
  for (int i = 0; i < STATEMENTS; i++) sqlite3_finalize(stmts[i]);
  sqlite3_close(db);
  dump(ours, a, sizeof a);
  dump(bare, b, sizeof b);
  if (strcmp(a, b) != 0) {
    printf("  the files differ:\n  %s\n  %s\n", a, b);
    return 1;
  }
  (void)unlink(ours), (void)unlink(bare);
  return 0;
}
