/* bare_rows.h: a program that does nothing but write: the rows of given decisions, in group commits, with the settings of a state
 * file. It asks nothing and knows beforehand who is new. What benches compare the store and the engine with.
 *
 * Who includes it says its name, BENCH, and the number of people who ask, PERSONS. */
#ifndef WEIR_BENCH_BARE_ROWS_H
#define WEIR_BENCH_BARE_ROWS_H

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "limits.h"
#include "schema.h"
#include "state/store.h"

#define GROUP 64
#define LINE 24000   /* bytes of a record, unless it is said otherwise: 64 decisions of 280 bytes in base64url */
#define T0 INT64_C(1763773200000)
#define HOUR INT64_C(3600000)

static void die(const char *what, const char *why) {
  fprintf(stderr, BENCH ": %s: %s\n", what, why);
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
  char post[16];
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
  snprintf(d.post, sizeof d.post, "v-%010u", (unsigned)event);
  snprintf(d.cause, sizeof d.cause, "dy-%016" PRIx64, mix(event));
  weir_ledger_key(weir_str_of(d.id), 1, false, d.key);
  weir_ledger_origin(weir_str_of(d.id), d.claim, d.origin);
  return d;
}

static void name_people(void) {
  for (int i = 0; i < PERSONS; i++) snprintf(names[i], sizeof names[i], "u_%017" PRIu64, mix((uint64_t)i) % UINT64_C(100000000000000000));
}

static char line[WEIR_JWS_MAX];
static size_t line_len = LINE;
static const char rule[] = "test-papers/ask";
static const char action[] = "{\"kind\":\"reply\",\"rule\":\"test-papers/ask\",\"to\":\"dy-0123456789abcdef\",\"text\":\"有的，私信你了\"}";

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
  must(sqlite3_exec(db, (const char *)weir_sql_schema_4, NULL, NULL, NULL), "schema");
  must(sqlite3_exec(db, "INSERT INTO meta VALUES (1, 'c', 'i', 0, 0, 0, 0, 0, 0, 0); PRAGMA journal_mode = WAL; PRAGMA "
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
    text(LEDGER, 4, d->id, WEIR_ID_CHARS), text(LEDGER, 5, rule, -1), text(LEDGER, 6, d->cause, -1), text(LEDGER, 7, d->post, -1);
    text(LEDGER, 8, action, -1), number(LEDGER, 9, T0 + WEIR_LEDGER_MS), run(LEDGER);
    blob(ORIGIN, 1, d->origin, WEIR_ID_BYTES), run(ORIGIN);
    blob(MARK, 1, d->mark, WEIR_ID_BYTES), number(MARK, 2, T0 + WEIR_DEDUPE_MS), text(MARK, 3, d->id, WEIR_ID_CHARS), run(MARK);
  }
  if (made) number(STAGE, 1, made), run(STAGE);
  number(CHAIN, 1, (int64_t)seq), blob(CHAIN, 2, hash, sizeof hash), run(CHAIN);
  number(OUT, 1, (int64_t)seq), number(OUT, 2, T0 / 1000 + 3600), number(OUT, 3, (int64_t)line_len), text(OUT, 4, line, (int)line_len), run(OUT);
  number(META, 1, T0), number(META, 2, T0 / 1000), number(META, 3, last_id), run(META);
  run(COMMIT);
  if (wal_pages >= WEIR_SQLITE_WAL_PAGES) must(sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL),
                                               "checkpoint");
}

static void close_bare(void) {
  for (int i = 0; i < STATEMENTS; i++) sqlite3_finalize(stmts[i]);
  sqlite3_close(db);
}

/* What the file holds, to be compared. */
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

#endif
