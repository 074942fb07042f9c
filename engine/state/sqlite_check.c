/* sqlite_check.c: what stands in the file can be what we wrote. SQLite's own check knows types and trees, not what a number means: a time
 * beyond the year 9999, a count below zero, a record whose length is another. A flipped bit, or somebody with an editor for databases,
 * makes such rows; nothing that reads them later has to doubt them.
 *
 * Every row is looked at once, when the file is opened, as SQLite's check does that goes before. */
#include <stdio.h>

#include "state/sqlite.h"
#include "limits.h"

/* Room behind the year 9999 for what ends later than it was made: `once`, an `after`, a quota that is counted for ever. */
#define TIME_MAX (2 * WEIR_TIME_MAX_MS)

/* ?1: the last time, ?2: the last number, ?3: what never ends. */
static const struct {
  const char *table, *sound;
} questions[] = {
  { "meta", "born_ms BETWEEN 0 AND ?1 AND now_ms BETWEEN 0 AND ?1 AND iat_s BETWEEN 0 AND ?1 / 1000 AND last_person BETWEEN 0 AND ?2"
            " AND last_timer BETWEEN 0 AND ?2 AND unconfirmed BETWEEN 0 AND ?2 AND commits BETWEEN 0 AND ?2" },
  { "persons", "id BETWEEN 1 AND ?2 AND first_seen_ms BETWEEN 0 AND ?1 AND last_seen_ms BETWEEN 0 AND ?1 AND handoff_until_ms BETWEEN 0 AND ?1"
               " AND contacts BETWEEN 0 AND 255 AND said_ms BETWEEN 0 AND ?1 AND awaits_ms BETWEEN 0 AND ?1" },
  { "contacts", "person BETWEEN 1 AND ?2 AND place BETWEEN 1 AND ?2" },
  { "traits", "person BETWEEN 1 AND ?2 AND at_ms BETWEEN 0 AND ?1" },
  { "entered", "person BETWEEN 1 AND ?2 AND at_ms BETWEEN 0 AND ?1" },
  { "stages", "now BETWEEN 0 AND ?2 AND entered BETWEEN 0 AND ?2" },
  { "claims", "person BETWEEN 1 AND ?2 AND until_ms BETWEEN 0 AND ?1" },
  { "codes", "person BETWEEN 1 AND ?2 AND until_ms BETWEEN 0 AND ?1" },
  { "pool_days", "day BETWEEN -1 AND ?1 / 86400000 AND used BETWEEN 0 AND 4294967295" },
  { "marks", "until_ms BETWEEN 0 AND ?1" },
  { "totals", "count <= ?2 AND (until_ms BETWEEN 0 AND ?1 OR until_ms = ?3)" },
  { "invites", "invitee BETWEEN 1 AND ?2 AND inviter BETWEEN 1 AND ?2 AND at_ms BETWEEN 0 AND ?1" },
  { "timers", "id BETWEEN 1 AND ?2 AND due_ms BETWEEN 0 AND ?1 AND person BETWEEN 0 AND ?2 AND occurrence BETWEEN 0 AND 4294967295"
              " AND set_ms BETWEEN 0 AND ?1" },
  { "ledger", "id BETWEEN 1 AND ?2 AND n BETWEEN 0 AND 4294967295 AND attempt BETWEEN 0 AND 4294967295 AND until_ms BETWEEN 0 AND ?1" },
  { "origins", "entries BETWEEN 0 AND 4294967295 AND open BETWEEN 0 AND 4294967295 AND sent BETWEEN 0 AND 4294967295"
               " AND rejected BETWEEN 0 AND 4294967295 AND unconfirmed BETWEEN 0 AND 4294967295" },
  { "chains", "id BETWEEN 1 AND ?2 AND seq BETWEEN 0 AND ?2 AND (hash IS NULL OR length(hash) = 32)" },
  { "outbox", "n BETWEEN 1 AND ?2 AND chain BETWEEN 1 AND ?2 AND seq BETWEEN 1 AND ?2 AND exp_s BETWEEN 0 AND ?1"
              " AND size = length(CAST(line AS BLOB))" },
  { "tallies", "day BETWEEN -1 AND ?1 / 86400000 AND cnt BETWEEN 0 AND ?2" },
  { "rounds", "at_ms BETWEEN 0 AND ?1 AND of_ms BETWEEN 0 AND ?1 AND person BETWEEN 0 AND ?2" },
  { "meters", "(until_ms BETWEEN 0 AND ?1 OR until_ms = ?3) AND opened_ms BETWEEN 0 AND ?1" },
};

static weir_status check_table(struct weir_sqlite *s, const char *table, const char *sound, weir_error *err) {
  char sql[WEIR_SQ_STATEMENT_MAX], what[WEIR_SQ_TEXT_MAX];
  sqlite3_stmt *stmt;
  snprintf(sql, sizeof sql, "SELECT 1 FROM %s WHERE NOT (%s) LIMIT 1", table, sound);
  int rc = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);
  if (rc == SQLITE_ERROR) return weir_sq_strange(s, err);
  if (rc != SQLITE_OK) return weir_sq_fail(s, rc, err);
  const int64_t limits[] = { TIME_MAX, WEIR_CLAIM_INT_MAX, INT64_MAX };
  for (int i = 0; i < sqlite3_bind_parameter_count(stmt) && rc == SQLITE_OK; i++) rc = sqlite3_bind_int64(stmt, i + 1, limits[i]);
  if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
  snprintf(what, sizeof what, "a row of %s holds what cannot be", table);
  weir_status status = rc == SQLITE_DONE ? WEIR_OK : rc == SQLITE_ROW ? weir_sq_damaged(s, what, err) : weir_sq_fail(s, rc, err);
  (void)sqlite3_finalize(stmt);
  return status;
}

weir_status weir_sq_check_rows(struct weir_sqlite *s, weir_error *err) {
  weir_status status = WEIR_OK;
  for (size_t i = 0; i < sizeof questions / sizeof *questions && status == WEIR_OK; i++) status = check_table(s, questions[i].table, questions[i].sound, err);
  return status;
}
