/* state_dump.h: a state file's content in one canonical form, so that two can be compared: every table, every row, in the order
 * of its keys. As a digest, and as text when the difference is to be looked at.
 *
 * What is left out, and why:
 *   always          meta.identity: drawn at random when the file is made; nothing is decided by it
 *   DUMP_LIVE       rows whose time is over: a sweep takes them a little at each commit, and begins anew after a restart, so when
 *                   they go depends on restarts; no question finds them. The outbox: an acknowledgement reaches the disk with the
 *                   next commit or when the state is closed, so it depends on restarts, too; what is in it is compared when it is
 *                   handed out. persons.said_ms: a quiet event leaves no mark; given again after a kill, when the person is awaited
 *                   meanwhile, it is noted with its own time, which lies before what waits was set, and so changes nothing
 *   DUMP_GROUPLESS  what depends on how many decisions shared a record, which is a matter of time: seq, hash and number of
 *                   records, and iat (the time of a group is that of its last decision) */
#ifndef WEIR_TESTS_STATE_DUMP_H
#define WEIR_TESTS_STATE_DUMP_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define DUMP_LIVE 1u
#define DUMP_GROUPLESS 2u

static const struct {
  const char *table, *columns, *order, *live; /* live: which rows count, ?1 is the time of the last change */
  const char *live_columns;                   /* NULL: the same columns */
  bool grouped;                               /* depends on how decisions share records */
} dump_tables[] = {
  { "meta", "chain, born_ms, now_ms, last_person, last_timer, unconfirmed", "1", NULL, NULL, false },
  { "meta", "iat_s", "1", NULL, NULL, true },
  { "persons", "*", "id", "1", "id, name, first_seen_ms, last_seen_ms, handoff_until_ms, opted_out, contacts, awaits_ms", false },
  { "contacts", "*", "channel, account, id", NULL, NULL, false },
  { "traits", "*", "person, kind, name", "kind <> 'code' OR at_ms > ?1", NULL, false },
  { "entered", "*", "person, funnel, stage", NULL, NULL, false },
  { "stages", "*", "funnel, stage", NULL, NULL, false },
  { "claims", "*", "person, key", "until_ms > ?1", NULL, false },
  { "codes", "*", "code", "until_ms > ?1", NULL, false },
  { "pool_days", "*", "day, pool, member", "day > ?1 / 86400000 - 1", NULL, false },
  { "optouts", "*", "key", NULL, NULL, false },
  { "marks", "*", "key", "until_ms > ?1", NULL, false },
  { "timers", "*", "id", NULL, NULL, false },
  { "ledger", "key, origin, channel, account, contact, decision, n, rule, cause, post, payload, attempt, status, until_ms", "key",
    "until_ms > ?1 OR status IN (1, 3)", NULL, false },
  { "origins", "*", "key", "key IN (SELECT origin FROM ledger WHERE until_ms > ?1 OR status IN (1, 3))",
    "key, open, sent, rejected, unconfirmed", false },
  { "chains", "aud, seq, hash", "aud", NULL, NULL, true },
  { "outbox", "*", "n", "0", NULL, true },
};

static inline uint64_t dump_mix(uint64_t hash, const void *bytes, size_t len) { /* FNV-1a */
  const unsigned char *p = bytes;
  for (size_t i = 0; i < len; i++) hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
  return (hash ^ len) * UINT64_C(0x100000001b3);
}

static inline void dump_value(sqlite3_stmt *stmt, int column, uint64_t *hash, FILE *out) {
  int type = sqlite3_column_type(stmt, column), len = sqlite3_column_bytes(stmt, column);
  const unsigned char *p = sqlite3_column_blob(stmt, column);
  *hash = dump_mix(*hash, &type, sizeof type);
  if (type == SQLITE_INTEGER) {
    int64_t number = sqlite3_column_int64(stmt, column);
    *hash = dump_mix(*hash, &number, sizeof number);
    if (out) fprintf(out, "|%lld", (long long)number);
    return;
  }
  *hash = dump_mix(*hash, p ? (const void *)p : "", (size_t)len);
  if (!out) return;
  fputc('|', out);
  if (type == SQLITE_TEXT && len > 0) fwrite(p, 1, (size_t)len, out);
  for (int i = 0; type == SQLITE_BLOB && i < len; i++) fprintf(out, "%02x", p[i]);
}

static inline bool dump_table(sqlite3 *db, size_t t, unsigned how, uint64_t *hash, FILE *out) {
  bool live = (how & DUMP_LIVE) != 0;
  const char *columns = live && dump_tables[t].live_columns ? dump_tables[t].live_columns : dump_tables[t].columns;
  char sql[512];
  sqlite3_stmt *stmt;
  int rc;
  snprintf(sql, sizeof sql, "SELECT %s FROM %s WHERE ?1 = ?1 AND (%s) ORDER BY %s", columns, dump_tables[t].table,
           live && dump_tables[t].live ? dump_tables[t].live : "1", dump_tables[t].order);
  if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) return false;
  sqlite3_stmt *now;
  if (sqlite3_prepare_v2(db, "SELECT now_ms FROM meta", -1, &now, NULL) == SQLITE_OK && sqlite3_step(now) == SQLITE_ROW) {
    sqlite3_bind_int64(stmt, 1, sqlite3_column_int64(now, 0));
  }
  sqlite3_finalize(now);
  while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
    if (out) fputs(dump_tables[t].table, out);
    for (int i = 0; i < sqlite3_column_count(stmt); i++) dump_value(stmt, i, hash, out);
    if (out) fputc('\n', out);
    *hash = dump_mix(*hash, dump_tables[t].table, 4);
  }
  sqlite3_finalize(stmt);
  return rc == SQLITE_DONE;
}

/* False: it cannot be read. `out` may be NULL. */
static inline bool state_dump(sqlite3 *db, unsigned how, uint64_t *hash, FILE *out) {
  *hash = UINT64_C(0xcbf29ce484222325);
  for (size_t t = 0; t < sizeof dump_tables / sizeof *dump_tables; t++) {
    if (dump_tables[t].grouped && (how & DUMP_GROUPLESS)) continue;
    if (!dump_table(db, t, how, hash, out)) return false;
  }
  return true;
}

/* What integrity_check says; true: nothing. */
static inline bool state_is_sound(sqlite3 *db, char said[128]) {
  sqlite3_stmt *stmt = NULL;
  bool sound = false;
  snprintf(said, 128, "it cannot be asked");
  if (sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
    snprintf(said, 128, "%s", (const char *)sqlite3_column_text(stmt, 0));
    sound = strcmp(said, "ok") == 0;
  }
  sqlite3_finalize(stmt);
  return sound;
}

#endif
