/* state_disk.h: what the tests of the store on disk share: one state file, opened and closed by hand, looked into and edited. */
#ifndef WEIR_TESTS_STATE_DISK_H
#define WEIR_TESTS_STATE_DISK_H

#include <fcntl.h>
#include <sys/stat.h>

#include "state_help.h"
#include "state/sqlite.h"

static struct cs cs;

/* ---- opening and closing by hand */

static char path[64];

static inline int fresh(void **state) {
  (void)state;
  new_path(path);
  st = NULL;
  return 0;
}

static inline int clean(void **state) {
  (void)state;
  if (st) st->ops->close(st);
  st = NULL;
  remove_path(path);
  return 0;
}

static inline weir_status try_open(const struct weir_sqlite_config *config) {
  memset(&err, 0, sizeof err);
  return weir_sqlite_store_open(&st, path, config, &err);
}

static inline void open_it(void) { OK(try_open(NULL)); }

static inline void close_it(void) {
  st->ops->close(st);
  st = NULL;
}

static inline void reopen(void) {
  close_it();
  open_it();
}

static inline void refuse_open(const char *says) {
  FAILS(WEIR_E_STATE, try_open(NULL));
  assert_null(st);
  if (!strstr(err.message, says)) fail_msg("\"%s\" does not say \"%s\"", err.message, says);
}

static inline struct weir_sqlite *inside(void) { return (struct weir_sqlite *)st; }

static inline int64_t ask(const char *sql) {
  sqlite3_stmt *stmt;
  int rc = sqlite3_prepare_v2(inside()->db, sql, -1, &stmt, NULL);
  if (rc != SQLITE_OK) fail_msg("%s: %s", sql, sqlite3_errmsg(inside()->db));
  assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
  int64_t value = sqlite3_column_int64(stmt, 0);
  sqlite3_finalize(stmt);
  return value;
}

/* Runs SQL on a file with a connection of its own. */
static inline void edit(const char *sql) {
  sqlite3 *db;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail_msg("%s: %s", sql, sqlite3_errmsg(db));
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

struct file {
  unsigned char *bytes;
  size_t len;
};

static inline struct file read_file(void) {
  struct stat about;
  int fd = open(path, O_RDONLY);
  assert_true(fd >= 0);
  assert_int_equal(fstat(fd, &about), 0);
  struct file f = { malloc((size_t)about.st_size + 1), (size_t)about.st_size };
  assert_non_null(f.bytes);
  assert_int_equal(read(fd, f.bytes, f.len), (ssize_t)f.len);
  close(fd);
  return f;
}

static inline void write_file(const unsigned char *bytes, size_t len) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, bytes, len), (ssize_t)len);
  close(fd);
}

static inline void assert_file_is(struct file before) {
  struct file now = read_file();
  assert_int_equal(now.len, before.len);
  assert_memory_equal(now.bytes, before.bytes, now.len);
  free(now.bytes);
}

static inline weir_status put(const char *aud, uint64_t seq, const char *line, int64_t exp_s) {
  struct weir_chain_head head = { .seq = seq, .has_hash = true, .iat_s = 1000 + (int64_t)seq, .exp_s = exp_s };
  memset(head.hash, (int)seq, sizeof head.hash);
  return st->ops->outbox_put(st, weir_str_of(aud), &head, weir_str_of(line), &err);
}

static inline void assert_next(const char *aud, uint64_t seq, const char *line) {
  struct weir_stored_record r;
  OK(st->ops->outbox_next(st, &r, &err));
  assert_true(is(r.aud, aud) && r.seq == seq && is(r.line, line));
}

static inline void assert_no_next(void) {
  struct weir_stored_record r;
  assert_int_equal(st->ops->outbox_next(st, &r, &err), WEIR_NONE);
}

static inline void ack(const char *aud, uint64_t seq) { OK(st->ops->outbox_ack(st, weir_str_of(aud), seq, &err)); }

/* Somebody with everything. */
static inline void make_rich(const char *id) {
  struct weir_timer timer = { .kind = WEIR_TIMER_RULE, .due_ms = T0 + DAY, .contact = contact_of(id), .rule = WEIR_STR("p/r"),
                              .occurrence = 1, .payload = WEIR_STR("{}") };
  char code[32];
  snprintf(code, sizeof code, "code-%s", id);
  about(&cs, contact_of(id), T0);
  seen_at(&cs, T0 + 5, "Lin");
  named(&cs, WEIR_CHANGE_TAG, "t", NULL);
  named(&cs, WEIR_CHANGE_FIELD, "city", "上海");
  named(&cs, WEIR_CHANGE_COUNTER, "n", NULL)->number = 7;
  named(&cs, WEIR_CHANGE_STAGE, "p/f", "asked")->at_ms = T0 + 6;
  named(&cs, WEIR_CHANGE_POOL, "p/w", "li")->number = T0 / DAY;
  keyed(&cs, WEIR_CHANGE_CLAIM, "k", T0 + DAY);
  keyed(&cs, WEIR_CHANGE_DEDUPE, id, T0 + 8 * DAY)->value = WEIR_STR("decision");
  named(&cs, WEIR_CHANGE_CODE, NULL, code)->until_ms = T0 + DAY;
  add(&cs, WEIR_CHANGE_OPT_OUT);
  add(&cs, WEIR_CHANGE_HANDOFF)->until_ms = T0 + HOUR;
  add(&cs, WEIR_CHANGE_TIMER)->timer = &timer;
  change(&cs);
}

static inline void assert_rich(const char *id, uint64_t number) {
  char decision[64], code[32];
  snprintf(code, sizeof code, "code-%s", id);
  struct weir_person p = who(contact_of(id));
  assert_true(p.id == number && p.opted_out && is(p.name, "Lin") && p.handoff_until_ms == T0 + HOUR);
  assert_true(p.first_seen_ms == T0 + 5 && p.last_seen_ms == T0 && is(p.code, code) && p.contact_cnt == 1);
  assert_true(has_tag(&p, "t") && is(field_of(&p, "city"), "上海") && is(field_of(&p, "n"), "7") && is(pool_of(&p, "p/w"), "li"));
  assert_true(is(stage_of(&p, "p/f").stage, "asked") && stage_of(&p, "p/f").entered_ms == T0 + 6);
  assert_true(holds(contact_of(id), "k", T0, NULL) && whose_code(code, T0) == number);
  assert_true(was_seen(id, T0, decision));
  assert_string_equal(decision, "decision");
}

static inline void fill_file(int persons) {
  for (int i = 0; i < persons; i++) {
    char id[32];
    snprintf(id, sizeof id, "u%d", i);
    make_rich(id);
  }
}

#define DISK(f) cmocka_unit_test_setup_teardown(f, fresh, clean)

#endif
