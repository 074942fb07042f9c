/* state_file.c: a state file that is not as weir left it. A good one, made when the target starts, is changed as the input says: bytes of
 * the file or of its log, its length, whole pages, and rows, which SQLite itself writes so that the file stays a sound database. Then it
 * is opened, looked at and lived on with, closed and opened again. What must hold:
 *   it is refused with a status and a message, or works; a call that fails says so; what is refused for good stays refused;
 *   no event that was decided since gets a second decision, and what is newly signed is signed right. */
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway.h"

#define FILE_MAX ((size_t)4 << 20)
#define PAGE WEIR_SQLITE_PAGE_BYTES
#define CHANGES_MAX 8

/* Files to begin with: bytes of the database and of the log beside it. */
enum { RICH = 0, WITH_LOG, FRESH, BASES };

struct bytes {
  unsigned char *at;
  size_t len;
};
static struct base { struct bytes db, wal; } bases[BASES];
static struct bytes db, wal; /* as the input changes them */
static char path[512];

static const char *beside(const char *end) {
  static char name[sizeof path + 32];
  (void)snprintf(name, sizeof name, "%s%s", path, end);
  return name;
}

static void forget(void) {
  static const char *const ends[] = { "", "-wal", "-journal", "-new", "-new-wal", "-new-journal", "-copy", "-copy-new" };
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) (void)unlink(beside(ends[i]));
}

static void write_out(const char *end, struct bytes from) {
  FILE *file = fopen(beside(end), "wb");
  MUST(file && fwrite(from.at, 1, from.len, file) == from.len && fclose(file) == 0);
}

static void read_in(const char *end, struct bytes *into) {
  FILE *file = fopen(beside(end), "rb");
  into->len = 0;
  if (!file) return;
  into->len = fread(into->at, 1, FILE_MAX, file);
  MUST(into->len < FILE_MAX && fclose(file) == 0);
}

static struct bytes keep(struct bytes from) {
  struct bytes copy = { fuzz_block(from.len), from.len };
  if (from.len) memcpy(copy.at, from.at, from.len);
  return copy;
}

/* ---- the files to begin with */

static weir_config config_of(void) {
  return (weir_config){ .struct_size = sizeof(weir_config), .ruleset = ruleset, .key = key, .chain = WEIR_STR("fuzz"), .state = path };
}

static void hand_over(weir_engine *engine, struct books *books, bool acknowledge, bool must_work) {
  weir_record record;
  weir_error err = { .status = WEIR_OK };
  for (int i = 0; i < 4096; i++) {
    weir_status status = weir_next_record(engine, &record, &err);
    if (status == WEIR_NONE) return;
    if (must_work) MUST(status == WEIR_OK);
    if (status != WEIR_OK) return;
    if (books) books_enter(books, record.jws, false);
    if (!acknowledge) continue;
    weir_str aud = fuzz_copy(record.aud);
    (void)weir_ack(engine, aud, record.seq, &err);
    fuzz_drop(aud);
  }
}

/* Comments, friends, a code, an opt-out, a take-over, links, outcomes: rows in every table that fuzz/pack.lua can fill. */
static void live_richly(weir_engine *engine, struct gateway *g) {
  static const unsigned char ways[][4] = { { 0, 32, 0 }, { 0, 33, 1 }, { 19, 32 }, { 0, 34, 4 }, { 3, 2 }, { 18, 34, 6 }, { 2, 35, 8 }, { 21, 48 },
                                           { 0, 35, 3 }, { 4, 0 }, { 22, 33 }, { 0, 1, 0 } };
  weir_verdict verdict;
  char decision[WEIR_ID_CHARS] = { 0 };
  for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
    struct fuzz_input in = { ways[i], sizeof ways[i] };
    struct told *told = new_event(g, &in);
    MUST(weir_decide(engine, &told->event, g->now_ms, &verdict, NULL) == WEIR_OK);
    if (i == 0) memcpy(decision, verdict.id.ptr, sizeof decision);
    g->now_ms += 7000;
    while (weir_tick(engine, g->now_ms, &verdict, NULL) == WEIR_OK) continue;
  }
  static const char *const became[] = { "rejected", "sent" };
  for (uint32_t n = 1; n <= 2; n++) {
    weir_event event = { .struct_size = sizeof event, .id = n == 1 ? WEIR_STR("o1") : WEIR_STR("o2"), .channel = WEIR_STR("douyin"), .account = WEIR_STR("papers"),
                         .type = WEIR_STR("outcome"), .time_ms = g->now_ms, .contact_id = WEIR_STR("u1"), .mentioned = -1, .is_follower = -1,
                         .outcome = { { decision, sizeof decision }, n, weir_str_of(became[n - 1]), { NULL, 0 }, 60000, WEIR_STR("p1") } };
    MUST(weir_decide(engine, &event, g->now_ms, &verdict, NULL) == WEIR_OK);
  }
}

static void make_bases(void) {
  static struct gateway g;
  weir_engine *engine;
  weir_config config = config_of();
  g.now_ms = START;
  forget();
  MUST(weir_engine_open(&engine, &config, NULL) == WEIR_OK);
  read_in("", &db), read_in("-wal", &wal);
  bases[FRESH] = (struct base){ keep(db), keep(wal) };
  live_richly(engine, &g);
  hand_over(engine, NULL, false, true);
  read_in("", &db), read_in("-wal", &wal);
  bases[WITH_LOG] = (struct base){ keep(db), keep(wal) };
  weir_engine_close(engine);
  read_in("", &db), read_in("-wal", &wal);
  bases[RICH] = (struct base){ keep(db), keep(wal) };
  forget();
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
  (void)argc, (void)argv;
  MUST(snprintf(path, sizeof path, "%s/weir-fuzz-state-%ld.db", folder ? folder : "/tmp", (long)getpid()) < (int)sizeof path);
  MUST(atexit(forget) == 0);
  gateway_load();
  db.at = fuzz_block(FILE_MAX);
  wal.at = fuzz_block(FILE_MAX);
  make_bases();
  return 0;
}

/* ---- changes */

static struct bytes *either(uint8_t how) { return how & 64 && wal.len ? &wal : &db; }

/* Some bytes at a place of the file, which is given by its page and the place in that. */
static void change_bytes(struct fuzz_input *in, struct bytes *file) {
  uint32_t page = fuzz_byte(in), at = fuzz_number(in, PAGE);
  uint8_t cnt = fuzz_byte(in) % 8 + 1;
  size_t pages = file->len / PAGE + 1;
  for (size_t i = (page % pages) * PAGE + at; cnt > 0; cnt--, i++) {
    uint8_t byte = fuzz_byte(in);
    if (i < file->len) file->at[i] ^= byte;
  }
}

static void change_pages(struct fuzz_input *in, struct bytes *file) {
  size_t pages = file->len / PAGE;
  if (pages == 0) return;
  size_t from = fuzz_byte(in) % pages, to = fuzz_byte(in) % pages;
  memmove(file->at + to * PAGE, file->at + from * PAGE, PAGE);
}

/* What SQLite itself writes: a value in one row of a table, or in all of them; a row that goes, or comes twice; a table that goes. */
static void change_rows(struct fuzz_input *in) {
  static const char *const tables[] = { "meta", "persons", "contacts", "traits", "entered", "stages", "claims", "codes", "pool_days", "optouts", "marks", "totals",
                                        "invites", "timers", "ledger", "origins", "chains", "outbox", "tallies", "rounds", "meters" };
  static const char *const values[] = { "0", "-1", "1", "9223372036854775807", "-9223372036854775808", "''", "x''", "zeroblob(16)", "zeroblob(70000)", "NULL", "2147483648",
                                        "printf('%.300c', 'x')", "'{\"kind\":\"message\"}'", "CAST(x'ff41fee6b1' AS TEXT)", "1763773200000", "32503680000000", "x'00112233445566778899aabbccddeeff'", "5", "'u1'" };
  const char *table = tables[fuzz_byte(in) % (sizeof tables / sizeof tables[0])], *value = values[fuzz_byte(in) % (sizeof values / sizeof values[0])];
  uint8_t column = fuzz_byte(in), what = fuzz_byte(in), row = fuzz_byte(in);
  char sql[600], name[64] = "", own[160];
  sqlite3 *file = NULL;
  sqlite3_stmt *stmt = NULL;
  if (what & 64) { /* a text of the input's */
    size_t len = 0;
    own[len++] = '\'';
    for (uint8_t n = fuzz_byte(in) % 64; n > 0; n--) {
      char c = (char)fuzz_byte(in);
      if (c != '\'' && c != '\0') own[len++] = c;
    }
    own[len++] = '\'', own[len] = '\0';
    value = own;
  } else if (what & 128) {
    (void)snprintf(own, sizeof own, "%lld", (long long)(int64_t)((uint64_t)fuzz_number(in, 0) << (fuzz_byte(in) % 49)));
    value = own;
  }
  write_out("", db), write_out("-wal", wal);
  if (sqlite3_open_v2(path, &file, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) goto out;
  (void)sqlite3_exec(file, "PRAGMA ignore_check_constraints = ON", NULL, NULL, NULL);
  (void)snprintf(sql, sizeof sql, "SELECT name FROM pragma_table_info('%s') LIMIT 1 OFFSET %u", table, column % 15u);
  if (sqlite3_prepare_v2(file, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
    (void)snprintf(name, sizeof name, "%s", (const char *)sqlite3_column_text(stmt, 0));
  (void)sqlite3_finalize(stmt);
  if (!name[0]) (void)snprintf(name, sizeof name, "person");
  switch (what % 8) {
    case 0: (void)snprintf(sql, sizeof sql, "UPDATE OR REPLACE %s SET %s = %s", table, name, value); break;
    case 1: (void)snprintf(sql, sizeof sql, "DELETE FROM %s WHERE %s IN (SELECT %s FROM %s LIMIT 1 OFFSET %u)", table, name, name, table, row % 16u); break;
    case 2: (void)snprintf(sql, sizeof sql, "DELETE FROM %s", table); break;
    case 3: (void)snprintf(sql, sizeof sql, row & 1 ? "DROP TABLE %s" : "ALTER TABLE %s RENAME COLUMN %s TO other", table, name); break;
    case 4: (void)snprintf(sql, sizeof sql, "PRAGMA user_version = %d", row % 7 - 1); break;
    default:
      (void)snprintf(sql, sizeof sql, "UPDATE OR REPLACE %s SET %s = %s WHERE %s IN (SELECT %s FROM %s LIMIT 1 OFFSET %u)", table, name, value, name, name, table, row % 16u);
  }
  (void)sqlite3_exec(file, sql, NULL, NULL, NULL);
out:
  (void)sqlite3_close(file);
  read_in("", &db), read_in("-wal", &wal);
}

static void change(struct fuzz_input *in) {
  uint8_t how = fuzz_byte(in);
  struct bytes *file = either(how);
  switch (how % 8) {
    case 0: case 1: change_bytes(in, file); break;
    case 2: change_pages(in, file); break;
    case 3: file->len = (size_t)(((uint64_t)fuzz_number(in, 0) * file->len) >> 16); break;
    default: change_rows(in); break;
  }
}

static void begin_with(const struct base *base) {
  db.len = base->db.len, wal.len = base->wal.len;
  memcpy(db.at, base->db.at, db.len);
  if (wal.len) memcpy(wal.at, base->wal.at, wal.len);
}

/* ---- looking at it */

static uint64_t heard;
static void hear(weir_str s) {
  for (size_t i = 0; i < s.len; i++) heard += (unsigned char)s.ptr[i]; /* every byte that is told can be read */
}
static void on_count(void *ctx, const weir_count *c) { (void)ctx, hear(c->name), hear(c->what); }
static void on_stage(void *ctx, const weir_stage_stats *s) { (void)ctx, hear(s->funnel), hear(s->stage); }
static void on_step(void *ctx, const weir_step *s) { (void)ctx, hear(s->funnel), hear(s->stage); }
static void on_action(void *ctx, const weir_open_action *a) { (void)ctx, hear(a->rule), hear(a->kind), hear(weir_str_of(a->status)); }
static void on_usage(void *ctx, const weir_usage *u) { (void)ctx, hear(u->name), hear(u->pool), hear(u->account); }

static void fails_honestly(weir_status status, const weir_error *err) {
  if (status >= 0) return;
  if (status == WEIR_E_INTERNAL) fprintf(stderr, "internal: %s\n", err->message);
  MUST(err->status == status && err->message[0] && status != WEIR_E_INTERNAL && status != WEIR_E_SEQUENCE);
}

static void ask_all(weir_engine *engine) {
  static char json[1 << 20];
  size_t len;
  weir_error err = { .status = WEIR_OK };
  weir_erasure erasure = { .struct_size = sizeof erasure };
  const weir_report report = { .struct_size = sizeof report, .count = on_count, .stage = on_stage, .step = on_step, .action = on_action, .usage = on_usage };
  fails_honestly(weir_report_engine(engine, &report, &err), &err);
  fails_honestly(weir_export(engine, WEIR_STR("douyin"), WEIR_STR("papers"), WEIR_STR("u1"), json, sizeof json, &len, &err), &err);
  weir_status status = weir_snapshot(engine, beside("-copy"), &err);
  fails_honestly(status, &err);
  (void)unlink(beside("-copy"));
  status = weir_erase(engine, WEIR_STR("douyin"), WEIR_STR("papers"), WEIR_STR("u2"), &erasure, &err);
  fails_honestly(status, &err);
  if (status == WEIR_OK) hear(erasure.elsewhere);
  fails_honestly(weir_outbox_expire(engine, START, NULL, &err), &err);
}

/* ---- living on */

static void decide(weir_engine *engine, struct gateway *g, struct told *told) {
  weir_verdict verdict;
  weir_error err = { .status = WEIR_OK };
  weir_status status = weir_decide(engine, &told->event, g->now_ms, &verdict, &err);
  fails_honestly(status, &err);
  if (status != WEIR_OK) {
    MUST(verdict.action_cnt == 0);
    return;
  }
  look_at(g, &verdict);
  if (told->decided) MUST(verdict.result != WEIR_RESULT_DECIDED && verdict.action_cnt == 0);
  if (verdict.result == WEIR_RESULT_DECIDED) told->decided = true;
}

static void live_on(weir_engine *engine, struct gateway *g, struct fuzz_input *in, int steps) {
  weir_verdict verdict;
  weir_error err = { .status = WEIR_OK };
  for (int i = 0; i < steps && in->left; i++) {
    uint8_t what = fuzz_byte(in);
    switch (what % 8) {
      case 0: case 1: case 2: decide(engine, g, new_event(g, in)); break;
      case 3:
        if (g->told_cnt) decide(engine, g, &g->told[fuzz_byte(in) % g->told_cnt]);
        break;
      case 4: case 5:
        wait_for(g, what / 8);
        for (int k = 0; k < 8; k++) {
          weir_status status = weir_tick(engine, g->now_ms, &verdict, &err);
          fails_honestly(status, &err);
          if (status != WEIR_OK) break;
          look_at(g, &verdict);
        }
        break;
      case 6: hand_over(engine, NULL, what & 8, false); break;
      default: ask_all(engine); break;
    }
  }
}

/* An event that none has seen is decided, and its record is one that can be checked: by its own, for what was before may be damaged. */
static void must_sign_right(weir_engine *engine, struct gateway *g) {
  weir_record record;
  weir_error err = { .status = WEIR_OK };
  for (int i = 0; i < 4096; i++) {
    weir_status status = weir_next_record(engine, &record, &err);
    fails_honestly(status, &err);
    if (status != WEIR_OK) break;
  }
  const weir_event event = { .struct_size = sizeof event, .id = WEIR_STR("last"), .channel = WEIR_STR("wechat"), .account = WEIR_STR("li"), .type = WEIR_STR("friend_request"),
                             .time_ms = g->now_ms, .contact_id = WEIR_STR("new"), .text = WEIR_STR("hello"), .mentioned = -1, .is_follower = -1 };
  weir_verdict verdict;
  weir_status status = weir_decide(engine, &event, g->now_ms, &verdict, &err);
  fails_honestly(status, &err);
  if (status != WEIR_OK || verdict.result != WEIR_RESULT_DECIDED) return;
  status = weir_next_record(engine, &record, &err);
  fails_honestly(status, &err);
  if (status != WEIR_OK) return;
  struct books books = { .id_cnt = 0 };
  weir_check check;
  weir_str claims;
  books_open(&books);
  MUST(weir_verify_line(books.verifier, record.jws, &check, &claims, &err) == WEIR_OK);
  if (check != WEIR_CHECK_GOOD && check != WEIR_CHECK_GAP) fprintf(stderr, "%s\n", err.message);
  MUST(check == WEIR_CHECK_GOOD || check == WEIR_CHECK_GAP);
  weir_verifier_close(books.verifier);
}

static weir_engine *open_it(void) {
  weir_engine *engine;
  weir_config config = config_of();
  weir_error err = { .status = WEIR_OK };
  config.chain = (weir_str){ NULL, 0 };
  weir_status status = weir_engine_open(&engine, &config, &err);
  MUST((status == WEIR_OK) == (engine != NULL));
  fails_honestly(status, &err);
  return engine;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct gateway g;
  struct fuzz_input in = { data, size };
  uint8_t how = fuzz_byte(&in);
  memset(&g, 0, sizeof g);
  g.now_ms = START + 200000;
  forget();
  begin_with(&bases[how % BASES]);
  for (int i = how / 8 % CHANGES_MAX; i > 0 && in.left; i--) change(&in);
  write_out("", db);
  if (wal.len) write_out("-wal", wal);
  else (void)unlink(beside("-wal"));
  const bool changed = how / 8 % CHANGES_MAX > 0;
  weir_engine *engine = open_it();
  if (!changed) MUST(engine);
  if (!engine) {
    MUST(!open_it()); /* refused once, refused again */
    return 0;
  }
  live_on(engine, &g, &in, STEPS_MAX / 2);
  weir_engine_close(engine);
  if (!(engine = open_it())) return 0;
  live_on(engine, &g, &in, STEPS_MAX / 2);
  must_sign_right(engine, &g);
  weir_engine_close(engine);
  return 0;
}
