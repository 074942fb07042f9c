/* Snapshots that are written a little at a time, while the state goes on changing: what comes out is whole, and is the state as of
 * the last step; whatever ends one early leaves nothing of it. */
#include "state_disk.h"

#define STEP (8 * WEIR_SQLITE_PAGE_BYTES)

static char copy[96], part[112];

static void name_copy(void) {
  snprintf(copy, sizeof copy, "%s-copy", path);
  snprintf(part, sizeof part, "%s.part", copy);
}

static bool is_there(const char *name) { return access(name, F_OK) == 0; }

static int64_t ask_file(sqlite3 *db, const char *sql) {
  sqlite3_stmt *stmt;
  if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) fail_msg("%s: %s", sql, sqlite3_errmsg(db));
  assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
  int64_t value = sqlite3_column_int64(stmt, 0);
  sqlite3_finalize(stmt);
  return value;
}

/* Every row of every table of the state, closed by now, is in the copy, and no other. */
static void assert_same(void) {
  static const char list[] = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
  sqlite3 *db;
  sqlite3_stmt *names;
  int tables = 0;
  char sql[400];
  assert_int_equal(sqlite3_open_v2(copy, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
  assert_int_equal(ask_file(db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
  snprintf(sql, sizeof sql, "ATTACH '%s' AS origin", path);
  assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(db, list, -1, &names, NULL), SQLITE_OK);
  for (; sqlite3_step(names) == SQLITE_ROW; tables++) {
    const char *name = (const char *)sqlite3_column_text(names, 0);
    snprintf(sql, sizeof sql, "SELECT (SELECT count(*) FROM (SELECT * FROM main.%s EXCEPT SELECT * FROM origin.%s)) + "
             "(SELECT count(*) FROM (SELECT * FROM origin.%s EXCEPT SELECT * FROM main.%s))", name, name, name, name);
    int64_t differ = ask_file(db, sql);
    if (differ) fail_msg("%s: %lld rows differ", name, (long long)differ);
  }
  assert_true(tables > 10);
  sqlite3_finalize(names);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int steps_to_the_end(void (*between)(int step)) {
  int steps = 1;
  weir_status status;
  for (; (status = st->ops->snapshot_step(st, STEP, &err)) == WEIR_NONE; steps++) {
    assert_true(is_there(part) && !is_there(copy));
    if (between) between(steps);
    assert_true(steps < 10000);
  }
  OK(status);
  assert_true(is_there(copy) && !is_there(part));
  return steps;
}

/* ---- what happens between two steps */

/* Somebody new, somebody known, somebody gone: pages before and behind the place where the copy is. */
static void live_on(int step) {
  char id[32];
  struct weir_contact gone;
  snprintf(id, sizeof id, "new-%d", step);
  make_rich(id);
  snprintf(id, sizeof id, "u%d", step);
  seen_at(about(&cs, contact_of(id), T0 + HOUR), T0 + HOUR, "Wei");
  named(&cs, WEIR_CHANGE_FIELD, "city", "somewhere else, and with a longer name");
  change(&cs);
  if (step % 5) return;
  snprintf(id, sizeof id, "u%d", step + 1);
  gone = contact_of(id);
  OK(st->ops->forget(st, &gone, NULL, &err));
}

/* What is taken back never was. It is more than the page cache holds, so that some of it was in the log and in the copy, which
 * begins anew. */
static void take_back(int step) {
  if (step != 11) return;
  begin();
  for (int i = 0; i < 300; i++) {
    char id[32];
    snprintf(id, sizeof id, "never-%d-%d", step, i);
    seen_at(about(&cs, contact_of(id), T0), T0, "Nobody");
    for (int k = 0; k < 10; k++) {
      snprintf(id, sizeof id, "f%d", k);
      named(&cs, WEIR_CHANGE_FIELD, id, "a value that fills a page rather soon, since there are so many of them, each like the others");
    }
    apply(&cs);
  }
  st->ops->rollback(st);
}

static void test_while_the_state_lives(void **state) {
  (void)state;
  struct weir_sqlite_config small = { .cache_bytes = WEIR_SQLITE_CACHE_MIN };
  void (*const lives[])(int) = { NULL, live_on, take_back };
  for (size_t i = 0; i < sizeof lives / sizeof *lives; i++) {
    OK(try_open(&small));
    if (i == 0) fill_file(2000);
    name_copy();
    OK(st->ops->snapshot_begin(st, copy, &err));
    assert_true(steps_to_the_end(lives[i]) > 20);
    close_it();
    assert_same();
    remove_path(copy);
  }
  OK(try_open(&small));
  assert_int_equal(ask("SELECT count(*) FROM persons WHERE name = 'Nobody'"), 0);
  assert_true(ask("SELECT count(*) FROM contacts WHERE id LIKE 'new-%'") > 10);
}

/* Steps reach the disk as they go: at no time much of the file is still to come. */
static void test_grows_with_its_steps(void **state) {
  (void)state;
  struct stat now;
  open_it();
  fill_file(400);
  name_copy();
  OK(st->ops->snapshot_begin(st, copy, &err));
  for (int i = 1; i <= 10; i++) {
    assert_int_equal(st->ops->snapshot_step(st, STEP, &err), WEIR_NONE);
    assert_int_equal(stat(part, &now), 0);
    int64_t behind = (int64_t)i * STEP - now.st_size;
    assert_in_range(behind + WEIR_SQLITE_PAGE_BYTES, 0, (WEIR_SQLITE_COPY_PAGES + 2) * WEIR_SQLITE_PAGE_BYTES);
  }
  st->ops->snapshot_cancel(st);
}

static void test_one_at_a_time_and_between_transactions(void **state) {
  (void)state;
  char other[112];
  open_it();
  fill_file(100);
  name_copy();
  snprintf(other, sizeof other, "%s-2", copy);
  FAILS(WEIR_E_SEQUENCE, st->ops->snapshot_step(st, STEP, &err));
  OK(st->ops->snapshot_begin(st, copy, &err));
  FAILS(WEIR_E_SEQUENCE, st->ops->snapshot_begin(st, other, &err));
  assert_true(!is_there(other));
  begin();
  FAILS(WEIR_E_SEQUENCE, st->ops->snapshot_step(st, STEP, &err));
  commit();
  (void)steps_to_the_end(NULL); /* it was not ended by that */
  FAILS(WEIR_E_SEQUENCE, st->ops->snapshot_step(st, STEP, &err));
  close_it();
  assert_same();
  remove_path(copy);
}

static void test_what_ends_early_leaves_nothing(void **state) {
  (void)state;
  open_it();
  fill_file(100);
  name_copy();
  OK(st->ops->snapshot_begin(st, copy, &err));
  assert_int_equal(st->ops->snapshot_step(st, STEP, &err), WEIR_NONE);
  st->ops->snapshot_cancel(st);
  assert_true(!is_there(part) && !is_there(copy));
  OK(st->ops->snapshot_begin(st, copy, &err));
  assert_int_equal(st->ops->snapshot_step(st, STEP, &err), WEIR_NONE);
  reopen();
  assert_true(!is_there(part) && !is_there(copy));
  OK(st->ops->snapshot_begin(st, copy, &err)); /* somebody takes the name meanwhile */
  assert_int_equal(st->ops->snapshot_step(st, STEP, &err), WEIR_NONE);
  int fd = open(copy, O_WRONLY | O_CREAT | O_EXCL, 0600);
  assert_true(fd >= 0 && close(fd) == 0);
  FAILS(WEIR_E_STATE, st->ops->snapshot_step(st, 0, &err));
  assert_true(!is_there(part) && is_there(copy));
  unlink(copy);
  make_rich("later"); /* the store took no harm */
  OK(snapshot(copy));
  close_it();
  assert_same();
  remove_path(copy);
}

static const struct CMUnitTest tests[] = {
  DISK(test_while_the_state_lives), DISK(test_grows_with_its_steps), DISK(test_one_at_a_time_and_between_transactions),
  DISK(test_what_ends_early_leaves_nothing),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
