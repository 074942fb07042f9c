/* sqlite.c: the store on disk: opening it, closing it, what its ops are. The inside is described in sqlite.h. */
#include "state/sqlite.h"

#include <stdio.h>
#include <stdlib.h>

static const struct weir_store_ops ops;

/* ---- what is kept in memory, read from the file */

/* Runs a question outside the list of statements, once; calls `row` for each row. */
static weir_status each(struct weir_sqlite *s, const char *sql, void (*row)(struct weir_sqlite *s, sqlite3_stmt *stmt),
                        weir_error *err) {
  sqlite3_stmt *stmt;
  int rc = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);
  if (rc == SQLITE_ERROR) return weir_sq_strange(s, err);
  if (rc != SQLITE_OK) return weir_sq_fail(s, rc, err);
  while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) row(s, stmt);
  weir_status status = rc == SQLITE_DONE ? WEIR_OK : weir_sq_fail(s, rc, err);
  (void)sqlite3_finalize(stmt);
  return status;
}

/* The earlier of what is known and column 1, which may be NULL: an empty table. */
static int64_t earliest(sqlite3_stmt *stmt, int column) {
  return sqlite3_column_type(stmt, column) == SQLITE_NULL ? INT64_MAX : sqlite3_column_int64(stmt, column);
}

static void on_contact(struct weir_sqlite *s, sqlite3_stmt *stmt) {
  struct weir_contact contact = { weir_sq_column(stmt, 0), weir_sq_column(stmt, 1), weir_sq_column(stmt, 2) };
  weir_sq_learn_contact(s, &contact);
  s->now.contacts++;
}

static void on_mark(struct weir_sqlite *s, sqlite3_stmt *stmt) {
  weir_str key = weir_sq_column(stmt, 0);
  if (key.len != WEIR_ID_BYTES) return; /* no question can find it */
  weir_filter_add(&s->marks[0], weir_sq_key_hash((const unsigned char *)key.ptr));
  weir_sq_ends_at(s, WEIR_SQ_WALK_MARKS, sqlite3_column_int64(stmt, 1));
}

static void on_optout(struct weir_sqlite *s, sqlite3_stmt *stmt) {
  weir_str key = weir_sq_column(stmt, 0);
  if (key.len != WEIR_ID_BYTES) return;
  weir_sq_learn_optout(s, (const unsigned char *)key.ptr);
  s->now.optouts++;
}

static void on_persons(struct weir_sqlite *s, sqlite3_stmt *stmt) {
  s->now.persons = (uint64_t)sqlite3_column_int64(stmt, 0);
  int64_t seen = earliest(stmt, 1);
  if (seen < INT64_MAX - WEIR_IDLE_MS) weir_sq_ends_at(s, WEIR_SQ_WALK_PERSONS, seen + WEIR_IDLE_MS);
}

static void on_claims(struct weir_sqlite *s, sqlite3_stmt *stmt) {
  int64_t cnt = sqlite3_column_int64(stmt, 1);
  s->now.claims += (uint64_t)cnt;
  weir_sq_bound_claims(s, sqlite3_column_int64(stmt, 0), cnt > UINT16_MAX ? UINT16_MAX : (uint32_t)cnt);
  weir_sq_ends_at(s, WEIR_SQ_WALK_CLAIMS, sqlite3_column_int64(stmt, 2));
}

static void on_timers(struct weir_sqlite *s, sqlite3_stmt *stmt) {
  s->now.timers = (uint64_t)sqlite3_column_int64(stmt, 0);
  s->now.next_due = earliest(stmt, 1);
}

static void on_codes(struct weir_sqlite *s, sqlite3_stmt *stmt) { s->now.codes_end = earliest(stmt, 0); }

static void on_meters(struct weir_sqlite *s, sqlite3_stmt *stmt) { s->now.meters_end = earliest(stmt, 0); }
static void on_totals(struct weir_sqlite *s, sqlite3_stmt *stmt) { s->now.totals_end = earliest(stmt, 0); }

static void on_ledger(struct weir_sqlite *s, sqlite3_stmt *stmt) {
  s->now.ledger = (uint64_t)sqlite3_column_int64(stmt, 0);
  s->now.ledger_end = earliest(stmt, 1);
}

static void on_outbox(struct weir_sqlite *s, sqlite3_stmt *stmt) {
  s->now.outbox_bytes = (uint64_t)sqlite3_column_int64(stmt, 0);
  s->now.outbox_last = sqlite3_column_int64(stmt, 1);
  s->now.outbox_cnt = (uint64_t)sqlite3_column_int64(stmt, 2);
}

/* Names that are as long as they may be, and no longer: a cut one would be another's. */
static bool keep_name(weir_str name, char *out, size_t size) {
  if (name.len >= size) return false;
  if (name.len) memcpy(out, name.ptr, name.len);
  out[name.len] = '\0';
  return true;
}

static weir_status read_meta(struct weir_sqlite *s, weir_error *err) {
  bool row;
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_META, WEIR_SQ_NO_ARGS);
  weir_status status = weir_sq_next(s, stmt, &row, err);
  if (status != WEIR_OK) return status;
  if (!row) return weir_sq_damaged(s, "meta is empty", err);
  bool good = keep_name(weir_sq_column(stmt, 0), s->chain, sizeof s->chain) && s->chain[0] &&
              keep_name(weir_sq_column(stmt, 1), s->identity, sizeof s->identity) && s->identity[0] &&
              keep_name(weir_sq_column(stmt, 9), s->kid, sizeof s->kid); /* empty: no key signed yet */
  if (!good) {
    weir_sq_done(stmt);
    return weir_sq_damaged(s, "meta holds what cannot be: a name that is empty or too long", err);
  }
  s->now.born_ms = sqlite3_column_int64(stmt, 2);
  s->now.now_ms = sqlite3_column_int64(stmt, 3);
  s->now.iat_s = sqlite3_column_int64(stmt, 4);
  s->now.last_person = sqlite3_column_int64(stmt, 5);
  s->now.last_timer = sqlite3_column_int64(stmt, 6);
  s->now.unconfirmed = sqlite3_column_int64(stmt, 7);
  s->now.commits = sqlite3_column_int64(stmt, 8);
  weir_sq_done(stmt);
  s->info = (struct weir_store_info){ weir_str_of(s->chain), weir_str_of(s->identity), s->now.born_ms, weir_str_of(s->kid), s->version_before };
  s->seed = weir_slot_hash(0, s->info.identity);
  return WEIR_OK;
}

static weir_status read_all(struct weir_sqlite *s, weir_error *err) {
  static const struct {
    const char *sql;
    void (*row)(struct weir_sqlite *s, sqlite3_stmt *stmt);
  } questions[] = {
    { "SELECT channel, account, id FROM contacts", on_contact },
    { "SELECT key, until_ms FROM marks", on_mark },
    { "SELECT key FROM optouts", on_optout },
    { "SELECT count(*), min(last_seen_ms) FROM persons", on_persons },
    { "SELECT person, count(*), min(until_ms) FROM claims GROUP BY person", on_claims },
    { "SELECT count(*), min(due_ms) FROM timers", on_timers },
    { "SELECT min(until_ms) FROM codes", on_codes },
    { "SELECT min(until_ms) FROM meters", on_meters },
    { "SELECT min(until_ms) FROM totals", on_totals },
    { "SELECT count(*), (SELECT min(until_ms) FROM ledger WHERE status NOT IN (1, 3)) FROM ledger", on_ledger },
    { "SELECT total(size), ifnull(max(n), 0), count(*) FROM outbox", on_outbox },
  };
  s->now.next_due = s->now.codes_end = s->now.ledger_end = s->now.meters_end = s->now.totals_end = INT64_MAX;
  s->now.pools_day = s->now.tallies_day = INT64_MIN;
  for (int i = 0; i < WEIR_SQ_WALKS; i++) s->now.walks[i].ends = s->now.walks[i].left = INT64_MAX;
  weir_status status = weir_sq_check_rows(s, err);
  if (status == WEIR_OK) status = read_meta(s, err);
  for (size_t i = 0; i < sizeof questions / sizeof *questions && status == WEIR_OK; i++) {
    status = each(s, questions[i].sql, questions[i].row, err);
  }
  return status;
}

/* ---- opening and closing */

static int on_wal(void *ctx, sqlite3 *db, const char *name, int pages) {
  (void)db, (void)name;
  ((struct weir_sqlite *)ctx)->wal_pages = pages;
  return SQLITE_OK;
}

static void drop(struct weir_sqlite *s) {
  weir_sq_finalize_all(s);
  (void)sqlite3_close(s->db);
  free(s->filters);
  free(s);
}

static struct weir_sqlite *take_memory(void) {
  struct weir_sqlite *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  size_t each_filter = WEIR_SQLITE_FILTER_BYTES;
  /* calloc, not aligned_alloc and zeroes: pages of it that no entry touches then take no memory, and a small shop touches few */
  const size_t line = WEIR_FILTER_LINE * sizeof(uint64_t);
  s->filters = calloc(1, 3 * each_filter + line);
  if (!s->filters) {
    free(s);
    return NULL;
  }
  unsigned char *filters = (unsigned char *)s->filters + (line - (uintptr_t)s->filters % line) % line;
  weir_filter_lay(&s->contacts, filters, each_filter);
  weir_filter_lay(&s->marks[0], filters + each_filter, each_filter);
  weir_filter_lay(&s->marks[1], filters + 2 * each_filter, each_filter);
  return s;
}

weir_status weir_sqlite_store_open(struct weir_store **out, const char *path, const struct weir_sqlite_config *config,
                                   weir_error *err) {
  static const struct weir_sqlite_config usual;
  if (!config) config = &usual;
  *out = NULL;
  struct weir_sqlite *s = take_memory();
  if (!s) return weir_fail(err, WEIR_E_NOMEM, "no memory for the state file %s", path ? path : "");
  weir_status status = weir_sq_open_file(&s->db, path, config, &s->version_before, err);
  uint64_t max = config->max_bytes ? config->max_bytes : WEIR_SQLITE_FILE_BYTES;
  s->store.ops = &ops;
  s->store.info = &s->info;
  snprintf(s->path, sizeof s->path, "%s", path ? path : "");
  s->max_pages = (int64_t)(max / WEIR_SQLITE_PAGE_BYTES);
  s->outbox_cap = max / 4 < WEIR_OUTBOX_BYTES ? max / 4 : WEIR_OUTBOX_BYTES;
  if (status == WEIR_OK) (void)sqlite3_wal_hook(s->db, on_wal, s);
  if (status == WEIR_OK) status = weir_sq_prepare_all(s, err);
  if (status == WEIR_OK) status = read_all(s, err);
  if (status != WEIR_OK) {
    drop(s);
    return status;
  }
  *out = &s->store;
  return WEIR_OK;
}

size_t weir_sqlite_store_bound(void) {
  return sizeof(struct weir_sqlite) + 3 * (size_t)WEIR_SQLITE_FILTER_BYTES + WEIR_SQLITE_CACHE_BYTES + WEIR_SQLITE_LIVE_BYTES;
}

static void close_store(struct weir_store *store) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  weir_sq_rollback(store);
  weir_sq_snapshot_cancel(store);
  /* acknowledgements that wait go along; if they cannot, their records are handed out again */
  if (s->ack_cnt != 0 && weir_sq_begin(store, NULL) == WEIR_OK && weir_sq_commit(store, NULL) != WEIR_OK) weir_sq_rollback(store);
  drop(s);
}

/* What SQLite holds for this connection: pages, statements, schema. */
static uint64_t live_bytes(const struct weir_sqlite *s) {
  static const int kinds[] = { SQLITE_DBSTATUS_CACHE_USED, SQLITE_DBSTATUS_STMT_USED, SQLITE_DBSTATUS_SCHEMA_USED };
  uint64_t sum = sizeof *s + 3 * (uint64_t)WEIR_SQLITE_FILTER_BYTES;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    int now = 0, high = 0;
    if (sqlite3_db_status(s->db, kinds[i], &now, &high, 0) == SQLITE_OK && now > 0) sum += (uint64_t)now;
  }
  return sum;
}

static void counts(const struct weir_store *store, struct weir_store_counts *out) {
  const struct weir_sqlite *s = (const struct weir_sqlite *)store;
  sqlite3_stmt *stmts[] = { s->stmts[WEIR_SQ_PAGES], s->stmts[WEIR_SQ_PAGES_FREE] };
  uint64_t pages[2] = { 0, 0 };
  for (int i = 0; i < 2; i++) {
    if (sqlite3_step(stmts[i]) == SQLITE_ROW) pages[i] = (uint64_t)sqlite3_column_int64(stmts[i], 0);
    weir_sq_done(stmts[i]);
  }
  *out = (struct weir_store_counts){
    .persons = s->now.persons,
    .contacts = s->now.contacts,
    .timers = s->now.timers,
    .claims = s->now.claims,
    .opted_out = s->now.optouts,
    .outbox = s->now.outbox_cnt,
    .ledger = s->now.ledger,
    .bytes_live = (pages[0] - pages[1]) * WEIR_SQLITE_PAGE_BYTES,
    .bytes_cap = (uint64_t)s->max_pages * WEIR_SQLITE_PAGE_BYTES,
    .unconfirmed = (uint64_t)s->now.unconfirmed,
    .commits = (uint64_t)s->now.commits,
    .latest_ms = s->now.now_ms,
    .memory_live = live_bytes(s),
    .memory_cap = weir_sqlite_store_bound(),
  };
}

static const struct weir_store_ops ops = {
  .load = weir_sq_load,
  .load_person = weir_sq_load_person,
  .claim = weir_sq_ask_claim,
  .seen = weir_sq_ask_seen,
  .code = weir_sq_ask_code,
  .pool_used = weir_sq_ask_pool,
  .total = weir_sq_ask_total,
  .invited = weir_sq_ask_invited,
  .invites = weir_sq_ask_invites,
  .ledger = weir_sq_ask_ledger,
  .ledger_origin = weir_sq_ask_origin,
  .timer = weir_sq_ask_timer,
  .next_due = weir_sq_next_due,
  .stage_count = weir_sq_ask_stage,
  .glance = weir_sq_glance,
  .round = weir_sq_ask_round,
  .walk = weir_sq_walk,
  .meter = weir_sq_ask_meter,
  .counted = weir_sq_ask_counted,
  .each_step = weir_sq_each_step,
  .each_stage = weir_sq_each_stage,
  .each_entry = weir_sq_each_entry,
  .counts = counts,
  .begin = weir_sq_begin,
  .apply = weir_sq_apply,
  .commit = weir_sq_commit,
  .rollback = weir_sq_rollback,
  .outbox_room = weir_sq_outbox_room,
  .chain_head = weir_sq_chain_head,
  .chain_next = weir_sq_chain_next,
  .sign_as = weir_sq_sign_as,
  .outbox_put = weir_sq_outbox_put,
  .outbox_next = weir_sq_outbox_next,
  .outbox_look = weir_sq_outbox_look,
  .outbox_replace = weir_sq_outbox_replace,
  .outbox_ack = weir_sq_outbox_ack,
  .outbox_expire = weir_sq_outbox_expire,
  .known = weir_sq_known,
  .snapshot_begin = weir_sq_snapshot_begin,
  .snapshot_step = weir_sq_snapshot_step,
  .snapshot_cancel = weir_sq_snapshot_cancel,
  .forget = weir_sq_forget,
  .close = close_store,
};
