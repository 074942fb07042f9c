/* State files that are not right: not ours, newer, older, damaged, cut off, read-only, in use. Each is refused with a sentence
 * that says what to do, and is as it was. */
#include <sys/wait.h>

#include "state_disk.h"

/* ---- files that are not right */

static void test_not_ours(void **state) {
  (void)state;
  static const char text[] = "shopping list: ink, paper, tea; this is longer than a hundred bytes, so that a whole header could "
                             "be read from it, if it were one";
  const struct {
    const void *bytes;
    size_t len;
    const char *says;
  } cases[] = { { text, 20, "not a state file" }, { text, sizeof text, "not a state file" }, { "SQLite format 3", 16,
                                                                                               "not a state file" },
                { "", 0, "empty" } };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    write_file(cases[i].bytes, cases[i].len);
    struct file before = read_file();
    refuse_open(cases[i].says);
    assert_file_is(before);
    free(before.bytes);
  }
  unlink(path);
  edit("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  struct file before = read_file();
  refuse_open("another program");
  assert_file_is(before);
  free(before.bytes);
}

/* A foreign database with a log beside it: opening it through SQLite would write the log back. */
static void test_foreign_log(void **state) {
  (void)state;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    edit("CREATE TABLE t (a)");
    sqlite3 *db;
    if (sqlite3_open(path, &db) != SQLITE_OK) _exit(1);
    if (sqlite3_exec(db, "PRAGMA journal_mode = WAL; INSERT INTO t VALUES (1)", NULL, NULL, NULL) != SQLITE_OK) _exit(1);
    _exit(0);
  }
  assert_int_equal(waitpid(child, NULL, 0), child);
  char wal[80];
  struct stat was, is_now;
  snprintf(wal, sizeof wal, "%s-wal", path);
  assert_int_equal(stat(wal, &was), 0);
  struct file before = read_file();
  refuse_open("another program");
  assert_file_is(before);
  free(before.bytes);
  assert_int_equal(stat(wal, &is_now), 0);
  assert_int_equal(was.st_size, is_now.st_size);
}

/* The file of a run that was killed is taken away, and its log is not: a new file must not get what the log holds. */
static void test_log_left_behind(void **state) {
  (void)state;
  char wal[80];
  snprintf(wal, sizeof wal, "%s-wal", path);
  FILE *f = fopen(wal, "w");
  assert_non_null(f);
  fputs("what was", f);
  fclose(f);
  refuse_open("its log");
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(access(wal, F_OK), 0);
  unlink(wal);
  open_it();
  close_it();
}

static void test_names(void **state) {
  (void)state;
  static const char *const bad[] = { "", ":memory:", "file:x?mode=memory", "/nowhere/at/all.db", "/tmp" };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct weir_store *s = (struct weir_store *)path;
    weir_status status = weir_sqlite_store_open(&s, bad[i], NULL, &err);
    assert_null(s);
    if (i < 3) FAILS(WEIR_E_ARG, status);
    else FAILS(WEIR_E_STATE, status);
    assert_int_equal(weir_sqlite_store_open(&s, bad[i], NULL, NULL), status);
  }
  const struct weir_sqlite_config small = { .max_bytes = WEIR_SQLITE_FILE_MIN - 1 }, large = { .max_bytes = UINT64_MAX };
  FAILS(WEIR_E_ARG, try_open(&small));
  FAILS(WEIR_E_ARG, try_open(&large));
  static char name[WEIR_CHAIN_NAME_MAX + 1];
  memset(name, 'c', sizeof name);
  const struct weir_sqlite_config chain = { .chain = { name, sizeof name } };
  FAILS(WEIR_E_LIMIT, try_open(&chain));
  assert_int_equal(access(path, F_OK), -1);
}

static void test_versions(void **state) {
  (void)state;
  char stamp[80];
  /* version 0: ours by its mark, and empty */
  snprintf(stamp, sizeof stamp, "PRAGMA application_id = %d; PRAGMA user_version = 0; VACUUM", WEIR_SQ_APPLICATION);
  edit(stamp);
  open_it();
  make_rich("u1");
  assert_int_equal(ask("PRAGMA user_version"), WEIR_SQ_VERSION);
  reopen();
  assert_rich("u1", 1);
  close_it();

  edit("PRAGMA journal_mode = DELETE; PRAGMA user_version = 77");
  struct file before = read_file();
  refuse_open("newer weir");
  assert_file_is(before);
  free(before.bytes);
  edit("PRAGMA user_version = -1");
  refuse_open("damaged");
  /* a version that says it has tables which it has not */
  snprintf(stamp, sizeof stamp, "PRAGMA user_version = %d; DROP TABLE claims", WEIR_SQ_VERSION);
  edit(stamp);
  refuse_open("(no such table: claims): an unfinished weir made it");
  edit("CREATE TABLE claims (person, key, until_ms, origin, PRIMARY KEY (person, key)); DELETE FROM meta");
  refuse_open("damaged");
}

/* A sound database whose rows no store wrote (found by fuzzing): arithmetic with them overflowed, and a clock beyond the year 9999 was
 * signed into records. */
static void test_impossible_rows(void **state) {
  (void)state;
  static const char *const edits[] = {
    "UPDATE meta SET now_ms = 9223372036854775807", "UPDATE meta SET iat_s = -1",
    "UPDATE meta SET chain = ''", "UPDATE meta SET identity = ''", "UPDATE meta SET chain = hex(randomblob(99))", "UPDATE meta SET kid = hex(randomblob(99))",
    "UPDATE meta SET last_timer = 9223372036854775807",
    "UPDATE persons SET contacts = -5", "UPDATE contacts SET place = -9223372036854775808", "UPDATE traits SET at_ms = -1",
    "UPDATE claims SET until_ms = 9223372036854775807", "UPDATE chains SET seq = 9223372036854775807", "UPDATE chains SET hash = x'00'",
    "UPDATE outbox SET size = 1", "INSERT INTO timers SELECT 9, 9223372036854775807, 1, 0, 'a', 'b', 'c', 'r', 'o', 'c', 'p', 1, '{}', 0, 0",
    "INSERT INTO tallies VALUES (1, 'n', 'w', -1)", "INSERT INTO meters VALUES (zeroblob(16), 5, -1, x'')", "INSERT INTO rounds VALUES (zeroblob(16), -1, 0, 0)",
  };
  for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
    open_it();
    make_rich("u1");
    OK(st->ops->begin(st, &err));
    OK(put("c/a", 1, "line", 0));
    OK(st->ops->commit(st, &err));
    close_it();
    edit(edits[i]);
    refuse_open("holds what cannot be");
    remove_path(path);
  }
}

/* Texts that are none (found by fuzzing): a name whose last character is cut off was read for ever. */
static void test_texts_that_are_none(void **state) {
  (void)state;
  static const char *const edits[] = { "UPDATE persons SET name = CAST(x'e6b1' AS TEXT)", "UPDATE traits SET value = CAST(x'ff' AS TEXT) WHERE kind = 'field'",
                                       "UPDATE persons SET name = printf('%.5000c', 'x')" };
  for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
    static unsigned char room[65536];
    struct weir_arena own;
    struct weir_person person;
    struct weir_contact contact = contact_of("u1");
    open_it();
    make_rich("u1");
    close_it();
    edit(edits[i]);
    open_it();
    weir_arena_fixed(&own, room, sizeof room);
    FAILS(WEIR_E_STATE, st->ops->load(st, &contact, &own, &person, &err));
    assert_non_null(strstr(err.message, "damaged"));
    close_it();
    remove_path(path);
  }
}

/* Of the version at hand by its stamp, with the tables of a day when that was not finished. */
static void test_unfinished_schema(void **state) {
  (void)state;
  static const char *const changes[] = { "ALTER TABLE meta DROP COLUMN commits", "ALTER TABLE ledger DROP COLUMN cause",
                                         "ALTER TABLE timers RENAME COLUMN due_ms TO due_s" };
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    open_it();
    make_rich("u1");
    close_it();
    edit("DROP VIEW people; DROP VIEW actions; DROP VIEW waiting");
    edit(changes[i]);
    struct file before = read_file();
    refuse_open("an unfinished weir made it, or somebody changed it; move it");
    assert_file_is(before);
    free(before.bytes);
    remove_path(path);
  }
}

/* A migration that is cut short leaves what was there. */
static void test_failed_migration(void **state) {
  (void)state;
  char stamp[120];
  snprintf(stamp, sizeof stamp, "PRAGMA application_id = %d; CREATE TABLE outbox (mine); INSERT INTO outbox VALUES (5)",
           WEIR_SQ_APPLICATION);
  edit(stamp);
  refuse_open("already exists");
  edit("UPDATE outbox SET mine = mine + 1");
  sqlite3 *db;
  int64_t tables = 0;
  sqlite3_stmt *stmt;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM sqlite_schema", -1, &stmt, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
  tables = sqlite3_column_int64(stmt, 0);
  sqlite3_finalize(stmt);
  sqlite3_close(db);
  assert_int_equal(tables, 1);
}

static void test_truncated(void **state) {
  (void)state;
  open_it();
  fill_file(40);
  close_it();
  struct file whole = read_file();
  size_t pages = whole.len / WEIR_SQLITE_PAGE_BYTES;
  assert_true(pages > 20);
  for (size_t keep = 0; keep < pages; keep++) {
    for (int odd = 0; odd < 2; odd++) {
      write_file(whole.bytes, keep * WEIR_SQLITE_PAGE_BYTES + (odd ? 1000 : 0));
      struct file before = read_file();
      FAILS(WEIR_E_STATE, try_open(NULL));
      assert_null(st);
      if (keep) assert_non_null(strstr(err.message, "damaged"));
      assert_file_is(before);
      free(before.bytes);
    }
  }
  write_file(whole.bytes, whole.len);
  free(whole.bytes);
  open_it();
  assert_rich("u39", 40);
}

/* Bytes changed in every page: refused, or read without a crash. A page of zeros or noise is always noticed. */
static void test_damaged(void **state) {
  (void)state;
  uint64_t dice = 1;
  int opened = 0, refused = 0;
  open_it();
  fill_file(40);
  close_it();
  struct file whole = read_file();
  unsigned char *bytes = malloc(whole.len);
  assert_non_null(bytes);
  size_t pages = whole.len / WEIR_SQLITE_PAGE_BYTES;
  for (size_t page = 0; page < pages; page++) {
    for (int way = 0; way < 4; way++) {
      unsigned char *at = bytes + page * WEIR_SQLITE_PAGE_BYTES;
      memcpy(bytes, whole.bytes, whole.len);
      if (way == 0) memset(at, 0, WEIR_SQLITE_PAGE_BYTES);
      for (int i = 0; way != 0 && i < (way == 1 ? WEIR_SQLITE_PAGE_BYTES : 8); i++) {
        dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407u;
        at[way == 1 ? (size_t)i : (size_t)(dice >> 33) % (way == 2 ? 64 : WEIR_SQLITE_PAGE_BYTES)] = (unsigned char)(dice >> 40);
      }
      write_file(bytes, whole.len);
      weir_status status = try_open(NULL);
      if (status != WEIR_OK) {
        FAILS(WEIR_E_STATE, status);
        refused++;
        continue;
      }
      opened++;
      for (int i = 0; i < 40; i += 7) {
        char id[32];
        struct weir_person p;
        struct weir_contact c = contact_of(id);
        snprintf(id, sizeof id, "u%d", i);
        c.id = weir_str_of(id);
        weir_arena_fixed(&arena, arena_block, sizeof arena_block);
        status = st->ops->load(st, &c, &arena, &p, &err);
        assert_true(status == WEIR_OK || status == WEIR_E_STATE);
      }
      close_it();
      remove_path(path);
    }
  }
  print_message("# %d refused, %d opened\n", refused, opened);
  assert_true(refused > (int)pages * 2);
  free(bytes);
  free(whole.bytes);
}

static void test_read_only(void **state) {
  (void)state;
  open_it();
  make_rich("u1");
  close_it();
  assert_int_equal(chmod(path, 0444), 0);
  struct file before = read_file();
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) { /* root may write everything */
    if (getuid() == 0 && setuid(65534) != 0) _exit(77);
    weir_status status = try_open(NULL);
    if (status != WEIR_E_STATE || st) _exit(1);
    _exit(strstr(err.message, "writable") ? 0 : 2);
  }
  int how;
  assert_int_equal(waitpid(child, &how, 0), child);
  assert_true(WIFEXITED(how));
  if (WEXITSTATUS(how) == 77) skip();
  assert_int_equal(WEXITSTATUS(how), 0);
  assert_file_is(before);
  free(before.bytes);
}

static void test_in_use(void **state) {
  (void)state;
  open_it();
  make_rich("u1");
  struct weir_store *first = st;
  refuse_open("in use");
  for (int i = 0; i < 2; i++) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
      if (i == 0) _exit(try_open(NULL) == WEIR_E_STATE && strstr(err.message, "in use") ? 0 : 1);
      sqlite3 *db; /* somebody else's program */
      if (sqlite3_open(path, &db) != SQLITE_OK) _exit(1);
      _exit(sqlite3_exec(db, "DELETE FROM persons", NULL, NULL, NULL) == SQLITE_BUSY ? 0 : 2);
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
  }
  st = first;
  make_rich("u2");
  assert_rich("u1", 1);
  assert_rich("u2", 2);
}

static const struct CMUnitTest tests[] = {
  DISK(test_not_ours), DISK(test_foreign_log), DISK(test_log_left_behind), DISK(test_names),     DISK(test_versions), DISK(test_unfinished_schema), DISK(test_failed_migration),
  DISK(test_truncated), DISK(test_damaged), DISK(test_impossible_rows), DISK(test_texts_that_are_none),    DISK(test_read_only), DISK(test_in_use),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
