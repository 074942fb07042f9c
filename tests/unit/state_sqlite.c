/* What only the store on disk promises: it remembers, survives being killed, refuses cleanly when it is full, forgets what has
 * run out, and keeps within its memory. Looks inside through state/sqlite.h. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "state_disk.h"

/* ---- remembering */

static void test_reopen(void **state) {
  (void)state;
  const struct weir_sqlite_config config = { .chain = WEIR_STR("c4"), .now_ms = T0 - 5 };
  OK(try_open(&config));
  assert_true(is(st->info->chain, "c4") && st->info->identity.len == WEIR_ID_CHARS && st->info->born_ms == T0 - 5);
  char identity[WEIR_ID_CHARS + 1];
  snprintf(identity, sizeof identity, "%.*s", WEIR_FMT(st->info->identity));
  make_rich("u1");
  make_rich("u2");
  begin();
  OK(put("a/1", 1, "first", 0));
  OK(put("b/1", 1, "second", 0));
  OK(put("a/1", 2, "third", 0));
  commit();
  assert_next("a/1", 1, "first");
  assert_next("b/1", 1, "second");
  ack("a/1", 1);
  struct weir_store_counts before = count_all();
  reopen(); /* closing writes the acknowledgement */
  assert_true(is(st->info->chain, "c4") && is(st->info->identity, identity) && st->info->born_ms == T0 - 5);
  assert_rich("u1", 1);
  assert_rich("u2", 2);
  assert_stage_count("p/f", "asked", 2, 2);
  assert_int_equal(used_on("p/w", "li", T0 / DAY), 2);
  assert_true(st->ops->next_due(st) == T0 + DAY);
  struct weir_store_counts n = count_all();
  assert_true(n.persons == 2 && n.contacts == 2 && n.timers == 2 && n.claims == 2 && n.opted_out == 2);
  assert_true(n.bytes_live == before.bytes_live && n.bytes_cap == WEIR_SQLITE_FILE_BYTES);
  assert_next("b/1", 1, "second");
  assert_next("a/1", 2, "third");
  assert_no_next();
  struct weir_chain_head head;
  OK(st->ops->chain_head(st, WEIR_STR("a/1"), &head, &err));
  assert_true(head.seq == 2 && head.has_hash && head.hash[31] == 2 && head.iat_s == 1002);
  make_rich("u3"); /* numbers go on */
  assert_rich("u3", 3);
  assert_int_equal(ask("SELECT max(id) FROM timers"), 3);
}

static void test_settings(void **state) {
  (void)state;
  struct stat about;
  open_it();
  make_rich("u1");
  assert_int_equal(ask("PRAGMA synchronous"), 2);
  assert_int_equal(ask("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
  assert_int_equal(ask("PRAGMA application_id"), WEIR_SQ_APPLICATION);
  assert_int_equal(ask("PRAGMA user_version"), WEIR_SQ_VERSION);
  assert_int_equal(ask("PRAGMA auto_vacuum"), 2);
  assert_int_equal(ask("PRAGMA secure_delete"), 1);
  assert_int_equal(ask("PRAGMA mmap_size"), 0);
  assert_int_equal(ask("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND "
                       "name NOT LIKE 'sqlite%' AND NOT strict"), 0);
  assert_int_equal(stat(path, &about), 0);
  assert_int_equal(about.st_mode & 0777, 0600);
  /* the chain has a name also when nobody gave one, and the first change is its birth */
  assert_true(weir_str_eq(st->info->chain, st->info->identity) && st->info->born_ms == T0);
  sqlite3_stmt *stmt; /* a statement from outside finds the walls up */
  assert_int_not_equal(sqlite3_prepare_v2(inside()->db, "ATTACH ':memory:' AS other", -1, &stmt, NULL) == SQLITE_OK &&
                       sqlite3_step(stmt) == SQLITE_DONE, 1);
  sqlite3_finalize(stmt);
}

/* An acknowledgement reaches the disk with the next commit; before that a crash hands the record out again. */
static void test_ack_on_disk(void **state) {
  (void)state;
  for (int committed = 0; committed < 2; committed++) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
      if (try_open(NULL) != WEIR_OK) _exit(1);
      struct weir_stored_record r;
      if (!committed) {
        begin();
        OK(put("a/1", 1, "line", 0));
        commit();
      }
      if (st->ops->outbox_next(st, &r, &err) != WEIR_OK || !is(r.line, "line")) _exit(2);
      ack("a/1", 1);
      if (committed) {
        begin();
        commit();
      }
      _exit(0); /* without closing */
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
  }
  open_it();
  assert_no_next();
  assert_int_equal(ask("SELECT count(*) FROM outbox"), 0);
}

/* Killed at any moment: what was committed is there, what was not is not, and the rest agrees with itself. */
static void test_kill(void **state) {
  (void)state;
  int64_t committed = 0;
  for (int round = 0; round < 12; round++) {
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
      close(fds[0]);
      if (try_open(NULL) != WEIR_OK) _exit(1);
      for (int64_t n = ask("SELECT count(*) FROM persons") + 1;; n++) {
        char id[32];
        snprintf(id, sizeof id, "u%" PRId64, n);
        make_rich(id);
        if (write(fds[1], &n, sizeof n) != sizeof n) _exit(2);
      }
    }
    close(fds[1]);
    int64_t n;
    for (int i = 0; i < 3 + round; i++) {
      assert_int_equal(read(fds[0], &n, sizeof n), sizeof n);
      committed = n;
    }
    kill(child, SIGKILL);
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
    while (read(fds[0], &n, sizeof n) == sizeof n) committed = n;
    close(fds[0]);
    open_it();
    int64_t there = ask("SELECT count(*) FROM persons");
    assert_true(there == committed || there == committed + 1);
    assert_int_equal(ask("SELECT count(*) FROM traits"), 6 * there);
    assert_int_equal(count_all().timers, (uint64_t)there);
    assert_stage_count("p/f", "asked", (uint64_t)there, (uint64_t)there);
    close_it();
  }
  assert_true(committed > 10);
}

/* ---- no room */

static void test_full_file(void **state) {
  (void)state;
  const struct weir_sqlite_config small = { .max_bytes = WEIR_SQLITE_FILE_MIN };
  static char value[WEIR_FIELD_VALUE_MAX + 1];
  int persons = 0, in_group = 0;
  memset(value, 'v', WEIR_FIELD_VALUE_MAX);
  OK(try_open(&small));
  for (weir_status status = WEIR_OK; status == WEIR_OK; persons += in_group) {
    begin();
    for (in_group = 0; in_group < 8 && status == WEIR_OK; in_group++) {
      char id[32];
      snprintf(id, sizeof id, "u%d", persons + in_group);
      seen_at(about(&cs, contact_of(id), T0), T0, NULL);
      named(&cs, WEIR_CHANGE_FIELD, "f", value);
      named(&cs, WEIR_CHANGE_STAGE, "p/f", "s")->at_ms = T0;
      status = try_apply(&cs);
      if (status == WEIR_OK) continue;
      FAILS(WEIR_E_FULL, status);
      in_group--; /* he was not made */
    }
    commit(); /* those before him were */
  }
  assert_true(persons > 500);
  assert_int_equal(count_all().persons, (uint64_t)persons);
  assert_stage_count("p/f", "s", (uint64_t)persons, (uint64_t)persons);
  struct weir_store_counts n = count_all();
  assert_true(n.bytes_live <= n.bytes_cap && n.bytes_live > n.bytes_cap * 3 / 4);
  seen_at(about(&cs, contact_of("new"), T0), T0, NULL);
  refuse(WEIR_E_FULL, &cs, "as large as it may become");
  begin();
  FAILS(WEIR_E_FULL, put("a/1", 1, "x", 0));
  commit();
  reopen(); /* allowed more */
  assert_int_equal(count_all().persons, (uint64_t)persons);
  cs.set.contact = contact_of("new");
  change(&cs);
  assert_int_equal(ask("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
}

/* A disk that takes no more: refused loudly, nothing half done, and it goes on when there is space. */
static int clean_limit(void **state) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0) return -1;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_FSIZE, &limit) == 0 ? clean(state) : -1;
}

static void test_full_disk(void **state) {
  (void)state;
  struct rlimit limit;
  signal(SIGXFSZ, SIG_IGN);
  open_it();
  make_rich("u0");
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  rlim_t usual = limit.rlim_cur;
  int made = 1;
  for (int times = 0; times < 3; times++) {
    limit.rlim_cur = (rlim_t)(1 + times) << 20;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    weir_status status = WEIR_OK;
    while (status == WEIR_OK) {
      static char id[32]; /* the changeset is given again below */
      snprintf(id, sizeof id, "u%d", made);
      status = st->ops->begin(st, &err);
      seen_at(about(&cs, contact_of(id), T0), T0, NULL);
      named(&cs, WEIR_CHANGE_STAGE, "p/f", "asked")->at_ms = T0;
      if (status == WEIR_OK) status = try_apply(&cs);
      if (status == WEIR_OK) status = st->ops->commit(st, &err);
      if (status == WEIR_OK) made++;
    }
    FAILS(WEIR_E_FULL, status);
    assert_non_null(strstr(err.message, "disk"));
    st->ops->rollback(st);
    assert_int_equal(count_all().persons, made);
    assert_rich("u0", 1); /* it can be read */
    assert_stage_count("p/f", "asked", (uint64_t)made, (uint64_t)made);
    limit.rlim_cur = usual;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    change(&cs);
    made++;
  }
  reopen();
  assert_int_equal(count_all().persons, made);
  assert_int_equal(ask("SELECT count(*) FROM persons"), made);
  assert_stage_count("p/f", "asked", (uint64_t)made, (uint64_t)made);
}

/* ---- records whose time is over */

static void test_expire(void **state) {
  (void)state;
  enum { MANY = 67 };
  uint64_t closed;
  char line[32];
  open_it();
  begin();
  OK(put("a/1", 1, "short", 100));
  OK(put("b/1", 1, "never", 0));
  OK(put("a/1", 2, "long", 300));
  FAILS(WEIR_E_SEQUENCE, st->ops->outbox_expire(st, 0, &closed, &err));
  commit();
  size_t room = st->ops->outbox_room(st);
  OK(st->ops->outbox_expire(st, 99, &closed, &err));
  assert_int_equal(closed, 0);
  assert_next("a/1", 1, "short");
  OK(st->ops->outbox_expire(st, 100, &closed, &err));
  assert_int_equal(closed, 1);
  assert_int_equal(st->ops->outbox_room(st), room + 5);
  ack("a/1", 1); /* too late, and no harm */
  assert_int_equal(st->ops->outbox_room(st), room + 5);
  assert_next("b/1", 1, "never");
  OK(st->ops->outbox_expire(st, 300, &closed, &err));
  assert_int_equal(closed, 0); /* one that never ends was made before it */
  ack("b/1", 1);
  OK(st->ops->outbox_expire(st, 300, &closed, &err));
  assert_int_equal(closed, 1);
  assert_no_next();
  reopen();
  assert_int_equal(count_all().unconfirmed, 2);
  assert_int_equal(count_all().outbox, 0);
  begin();
  for (uint64_t i = 0; i < MANY; i++) {
    snprintf(line, sizeof line, "n%d", (int)i);
    OK(put("a/1", 3 + i, line, 500));
  }
  commit();
  assert_next("a/1", 3, "n0");
  ack("a/1", 3); /* acknowledged in time, though not written yet */
  assert_int_equal(count_all().outbox, MANY - 1);
  OK(st->ops->outbox_expire(st, 500, &closed, &err));
  assert_int_equal(closed, MANY - 1);
  assert_int_equal(count_all().unconfirmed, 2 + MANY - 1);
  reopen();
  assert_no_next();
}

/* ---- the ledger after opening again; a copy of the file; somebody erased */

static struct weir_ledger_entry entry_of(const char *key, enum weir_ledger_status status, int64_t until) {
  struct weir_ledger_entry e = { .contact = contact_of("u1"), .decision = WEIR_STR("d"), .n = 1, .attempt = 1, .rule = WEIR_STR("p/r"),
                                 .payload = WEIR_STR("{\"text\":\"hello Lin\"}"), .status = status, .until_ms = until };
  snprintf((char *)e.key, WEIR_ID_BYTES, "%s", key);
  e.origin[0] = 'o';
  return e;
}

static void enter(const char *key, enum weir_ledger_status status, int64_t until) {
  struct weir_ledger_entry e = entry_of(key, status, until);
  add(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_LEDGER)->ledger = &e;
  change(&cs);
}

/* A file full of actions: what cannot be entered leaves no count behind, and when their time is over there is room again, though
 * every change is refused at first: what is refused sweeps all the same. */
static void test_full_ledger(void **state) {
  (void)state;
  const struct weir_sqlite_config small = { .max_bytes = WEIR_SQLITE_FILE_MIN };
  static char payload[1000];
  struct weir_ledger_counts n;
  const unsigned char origin[WEIR_ID_BYTES] = "o";
  uint64_t entered = 0;
  weir_status status = WEIR_OK;
  memset(payload, 'p', sizeof payload);
  OK(try_open(&small));
  while (status == WEIR_OK) {
    char key[16];
    snprintf(key, sizeof key, "k%d", (int)entered);
    struct weir_ledger_entry e = entry_of(key, WEIR_LEDGER_OPEN, T0 + DAY);
    e.payload = (weir_str){ payload, sizeof payload };
    begin();
    add(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_LEDGER)->ledger = &e;
    status = try_apply(&cs);
    commit();
    entered += status == WEIR_OK;
  }
  FAILS(WEIR_E_FULL, status);
  assert_true(entered > 300);
  for (int again = 0; again < 2; again++) {
    OK(st->ops->ledger_origin(st, origin, &n, &err));
    assert_true(n.open == entered && n.sent == 0 && count_all().ledger == entered);
    close_it();
    OK(try_open(&small));
  }
  int tries = 0;
  for (status = WEIR_E_FULL; status == WEIR_E_FULL && tries < 20; tries++) {
    begin();
    seen_at(about(&cs, contact_of("new"), T0 + 2 * DAY), T0 + 2 * DAY, NULL);
    status = try_apply(&cs);
    commit();
  }
  OK(status);
  assert_true(tries > 1);
  assert_int_equal(who(contact_of("new")).id, 1);
  assert_true(count_all().ledger < entered);
  assert_int_equal(ask("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
}

static void assert_origin(uint32_t open, uint32_t sent) {
  struct weir_ledger_counts n;
  OK(st->ops->ledger_origin(st, entry_of("", WEIR_LEDGER_OPEN, 0).origin, &n, &err));
  assert_int_equal(n.open, open);
  assert_int_equal(n.sent, sent);
}

static void test_ledger_reopened(void **state) {
  (void)state;
  open_it();
  enter("a", WEIR_LEDGER_SENT, T0 + 10);
  enter("b", WEIR_LEDGER_RETRYING, T0 + 10);
  enter("c", WEIR_LEDGER_OPEN, T0 + 20);
  reopen();
  assert_int_equal(count_all().ledger, 3);
  assert_origin(2, 1);
  change(about(&cs, contact_of("u1"), T0 + 15));
  assert_int_equal(count_all().ledger, 2); /* the end of what is left is known from the file */
  change(about(&cs, contact_of("u1"), T0 + 25));
  assert_int_equal(count_all().ledger, 1);
  reopen();
  assert_origin(2, 1);
}

static bool file_has(const char *suffix, const char *text) {
  char name[96];
  static char bytes[1 << 20];
  snprintf(name, sizeof name, "%s%s", path, suffix);
  FILE *f = fopen(name, "rb");
  if (!f) return false;
  size_t len = fread(bytes, 1, sizeof bytes, f);
  fclose(f);
  for (size_t i = 0; i + strlen(text) <= len; i++) {
    if (memcmp(bytes + i, text, strlen(text)) == 0) return true;
  }
  return false;
}

static void test_snapshot(void **state) {
  (void)state;
  char copy[96];
  struct weir_store *other = NULL;
  struct stat about_copy;
  open_it();
  enter("a", WEIR_LEDGER_SENT, T0 + DAY);
  snprintf(copy, sizeof copy, "%s-copy", path);
  begin();
  FAILS(WEIR_E_SEQUENCE, snapshot(copy));
  commit();
  OK(snapshot(copy));
  FAILS(WEIR_E_STATE, snapshot(copy)); /* never over another file */
  assert_int_equal(stat(copy, &about_copy), 0);
  assert_int_equal(about_copy.st_mode & 0777, 0600);
  assert_int_equal(about_copy.st_nlink, 1);
  enter("b", WEIR_LEDGER_OPEN, T0 + DAY); /* the store goes on */
  OK(weir_sqlite_store_open(&other, copy, NULL, &err));
  assert_true(weir_str_eq(other->info->chain, st->info->chain) && weir_str_eq(other->info->identity, st->info->identity));
  struct weir_store_counts counts;
  other->ops->counts(other, &counts);
  assert_int_equal(counts.ledger, 1);
  other->ops->close(other);
  remove_path(copy);
}

/* What operators look at in a snapshot; our own connection uses no views. */
static void test_views(void **state) {
  (void)state;
  sqlite3 *db;
  sqlite3_stmt *stmt;
  char text[512] = "";
  open_it();
  seen_at(about(&cs, contact_of("u1"), T0), T0, "Lin");
  named(&cs, WEIR_CHANGE_TAG, "wants:paper", NULL);
  named(&cs, WEIR_CHANGE_STAGE, "p/papers", "asked")->at_ms = T0;
  change(&cs);
  enter("a", WEIR_LEDGER_REJECTED, T0 + DAY);
  close_it();
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  static const char sql[] = "SELECT known_as || ' ' || tags || ' ' || stages || ' ' || first_seen || ' ' || (SELECT status || ' ' || n "
                            "FROM actions) || ' ' || (SELECT count(*) FROM waiting) FROM people";
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
  snprintf(text, sizeof text, "%s", (const char *)sqlite3_column_text(stmt, 0));
  sqlite3_finalize(stmt);
  sqlite3_close(db);
  assert_string_equal(text, "douyin/papers/u1 wants:paper p/papers/asked 2025-11-22 01:00:00 rejected 1 0");
  open_it();
}

/* What a copy that was cut off left behind is in nobody's way, and one that fails leaves nothing. */
static void test_snapshot_cut_off(void **state) {
  (void)state;
  char copy[96], part[112], journal[128];
  struct weir_store *other = NULL;
  struct stat about;
  open_it();
  enter("a", WEIR_LEDGER_SENT, T0 + DAY);
  snprintf(copy, sizeof copy, "%s-copy", path);
  snprintf(part, sizeof part, "%s.part", copy);
  snprintf(journal, sizeof journal, "%s-journal", part);
  const char *const left[] = { part, journal };
  for (int i = 0; i < 2; i++) {
    FILE *f = fopen(left[i], "w");
    assert_non_null(f);
    fputs("half of something", f);
    fclose(f);
  }
  OK(snapshot(copy));
  assert_true(access(part, F_OK) != 0 && access(journal, F_OK) != 0);
  OK(weir_sqlite_store_open(&other, copy, NULL, &err));
  other->ops->close(other);
  remove_path(copy);
  assert_int_equal(mkdir(part, 0700), 0); /* nothing can be written there */
  FAILS(WEIR_E_STATE, snapshot(copy));
  assert_int_equal(rmdir(part), 0);
  assert_int_equal(stat(copy, &about), -1);
  OK(snapshot(copy));
  remove_path(copy);
}

static void test_nothing_is_left_of_the_forgotten(void **state) {
  (void)state;
  struct weir_contact contact = contact_of("u1");
  open_it();
  seen_at(about(&cs, contact, T0), T0, "Zhenia Quux");
  change(&cs);
  enter("a", WEIR_LEDGER_SENT, T0 + DAY);
  assert_true(file_has("-wal", "Zhenia Quux") && file_has("-wal", "hello Lin"));
  OK(st->ops->forget(st, &contact, NULL, &err));
  assert_int_equal(count_all().ledger, 0);
  assert_false(file_has("", "Zhenia Quux") || file_has("", "hello Lin"));
  assert_false(file_has("-wal", "Zhenia Quux") || file_has("-wal", "hello Lin"));
}

/* ---- what has run out */

static void tick(int64_t now) {
  named(about(&cs, contact_of("nobody"), now), WEIR_CHANGE_UNTAG, "t", NULL);
  change(&cs);
}

static void mark_many(int from, int to, int64_t until) {
  for (int i = from; i < to;) {
    about(&cs, contact_of("nobody"), T0);
    for (; i < to && cs.set.cnt < WEIR_CHANGES_MAX; i++) {
      char key[16];
      snprintf(key, sizeof key, "m%d", i);
      keyed(&cs, WEIR_CHANGE_DEDUPE, key, until);
    }
    change(&cs);
  }
}

static void test_sweep_marks(void **state) {
  (void)state;
  char key[16];
  open_it();
  mark_many(0, 3000, T0 + DAY);
  mark_many(3000, 4000, T0 + 5 * DAY);
  assert_int_equal(ask("SELECT count(*) FROM marks"), 4000);
  tick(T0 + DAY - 1);
  assert_int_equal(ask("SELECT count(*) FROM marks"), 4000);
  for (int commits = 0; commits < 30; commits++) tick(T0 + DAY);
  assert_true(ask("SELECT count(*) FROM marks") < 3500); /* a little at each commit */
  begin(); /* a rollback takes the sweep back, and the walk with it */
  seen_at(about(&cs, contact_of("x"), T0 + DAY), T0, NULL);
  apply(&cs);
  st->ops->rollback(st);
  mark_many(4000, 4500, T0 + 5 * DAY); /* while the walk is under way */
  for (int commits = 0; commits < 80; commits++) tick(T0 + DAY);
  assert_int_equal(ask("SELECT count(*) FROM marks"), 1500);
  for (int again = 0; again < 2; again++) {
    for (int i = 0; i < 4500; i++) {
      snprintf(key, sizeof key, "m%d", i);
      assert_int_equal(was_seen(key, T0 + DAY, NULL), i >= 3000);
    }
    reopen();
  }
  for (int commits = 0; commits < 80; commits++) tick(T0 + 5 * DAY);
  assert_int_equal(ask("SELECT count(*) FROM marks"), 0);
}

static void test_sweep_rest(void **state) {
  (void)state;
  open_it();
  for (int i = 0; i < 300; i++) {
    char id[32];
    snprintf(id, sizeof id, "u%d", i);
    seen_at(about(&cs, contact_of(id), T0), T0 + (i % 2) * 90 * DAY, NULL);
    named(&cs, WEIR_CHANGE_STAGE, "p/f", "asked")->at_ms = T0;
    named(&cs, WEIR_CHANGE_CODE, NULL, id)->until_ms = T0 + DAY;
    keyed(&cs, WEIR_CHANGE_CLAIM, "k", i == 4 ? T0 + 1000 * DAY : T0 + DAY);
    add(&cs, WEIR_CHANGE_OPT_OUT);
    change(&cs);
  }
  for (int commits = 0; commits < 30; commits++) tick(T0 + 2 * DAY);
  assert_int_equal(ask("SELECT count(*) FROM claims"), 1);
  assert_int_equal(count_all().claims, 1);
  assert_int_equal(ask("SELECT count(*) FROM codes"), 0);
  assert_int_equal(ask("SELECT count(*) FROM traits WHERE kind = 'code'"), 0);
  assert_int_equal(count_all().persons, 300);
  /* silent for so long: forgotten, but not that they want to hear nothing, nor who holds something */
  for (int commits = 0; commits < 200; commits++) tick(T0 + WEIR_IDLE_MS);
  assert_int_equal(count_all().persons, 151);
  assert_int_equal(ask("SELECT count(*) FROM persons"), 151);
  assert_int_equal(ask("SELECT count(*) FROM contacts"), 151);
  assert_int_equal(ask("SELECT count(*) FROM entered"), 151);
  assert_stage_count("p/f", "asked", 151, 300);
  assert_true(who(contact_of("u0")).id == 0 && who(contact_of("u0")).opted_out);
  assert_true(who(contact_of("u4")).id == 5 && who(contact_of("u1")).id == 2);
  assert_int_equal(count_all().opted_out, 300);
  reopen();
  assert_stage_count("p/f", "asked", 151, 300);
  assert_int_equal(count_all().persons, 151);
}

/* ---- bounds */

static void test_memory(void **state) {
  (void)state;
  static const int kinds[] = { SQLITE_DBSTATUS_CACHE_USED, SQLITE_DBSTATUS_SCHEMA_USED, SQLITE_DBSTATUS_STMT_USED };
  static char line[WEIR_JWS_MAX];
  memset(line, 'l', sizeof line - 1);
  open_it();
  int64_t before = sqlite3_memory_used();
  sqlite3_memory_highwater(1);
  for (int group = 0; group < 40; group++) {
    begin();
    for (int i = 0; i < 64; i++) {
      char id[32];
      snprintf(id, sizeof id, "u%d", group * 64 + i);
      seen_at(about(&cs, contact_of(id), T0), T0, "a name");
      named(&cs, WEIR_CHANGE_TAG, "t", NULL);
      keyed(&cs, WEIR_CHANGE_CLAIM, id, T0 + DAY);
      keyed(&cs, WEIR_CHANGE_DEDUPE, id, T0 + DAY);
      if (i == 5 && group) add(&cs, WEIR_CHANGE_JOIN)->number = group;
      apply(&cs);
    }
    OK(put("a/1", (uint64_t)group + 1, line, 0));
    commit();
  }
  int64_t most = 0;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    int now, high;
    assert_int_equal(sqlite3_db_status(inside()->db, kinds[i], &now, &high, 0), SQLITE_OK);
    print_message("# status %d: %d bytes\n", kinds[i], now);
  }
  most = sqlite3_memory_highwater(0);
  print_message("# SQLite: %" PRId64 " bytes when open, %" PRId64 " at most\n", before, most);
  assert_true(most <= (int64_t)(WEIR_SQLITE_CACHE_BYTES + WEIR_SQLITE_LIVE_BYTES));
}

static void test_filter(void **state) {
  (void)state;
  static unsigned char block[4096];
  struct weir_filter f;
  weir_filter_lay(&f, block, sizeof block);
  weir_filter_clear(&f);
  uint64_t dice = 1;
  int wrong = 0;
  for (int i = 0; i < 3276; i++) weir_filter_add(&f, weir_slot_hash(dice, (weir_str){ (const char *)&i, sizeof i }));
  for (int i = 0; i < 3276; i++) assert_true(weir_filter_may_hold(&f, weir_slot_hash(dice, (weir_str){ (const char *)&i,
                                                                                                       sizeof i })));
  for (int i = 5000; i < 25000; i++) wrong += weir_filter_may_hold(&f, weir_slot_hash(dice, (weir_str){ (const char *)&i,
                                                                                                        sizeof i }));
  print_message("# 10 bits each: %d of 20000 wrong\n", wrong);
  assert_in_range(wrong, 1, 500);
}

/* A stranger, and an event that was never seen, cost no statement. */
static void count_step(void *ctx, const char *unused) { (void)unused, ++*(int *)ctx; }
static int on_trace(unsigned what, void *ctx, void *stmt, void *text) {
  (void)what, (void)stmt;
  count_step(ctx, text);
  return 0;
}

static void test_quiet(void **state) {
  (void)state;
  int statements = 0, questions = 0;
  char key[16];
  open_it();
  fill_file(200);
  sqlite3_trace_v2(inside()->db, SQLITE_TRACE_STMT, on_trace, &statements);
  for (int i = 0; i < 2000; i++, questions++) {
    snprintf(key, sizeof key, "new-%d", i);
    assert_false(was_seen(key, T0, NULL));
    assert_int_equal(who(contact_of(key)).id, 0);
    assert_false(holds(contact_of(key), "k", T0, NULL));
    assert_true(st->ops->next_due(st) > T0);
  }
  print_message("# %d strangers, %d statements\n", questions, statements);
  assert_in_range(statements, 0, 20);
  sqlite3_trace_v2(inside()->db, 0, NULL, NULL);
}

/* More text than is kept of a person in memory: what is beyond is asked of the file, and comes to the same. */
static void test_long_texts(void **state) {
  (void)state;
  static char names[WEIR_FIELDS_MAX][32], value[WEIR_FIELD_VALUE_MAX + 1];
  open_it();
  seen_at(about(&cs, contact_of("u1"), T0), T0, NULL);
  change(&cs);
  for (int round = 0; round < 4; round++) {
    memset(value, 'a' + round / 2, WEIR_FIELD_VALUE_MAX); /* the same value twice */
    begin();
    for (int i = 0; i < WEIR_FIELDS_MAX; i++) {
      if (round == 2) who(contact_of("u1"));
      snprintf(names[i], sizeof names[i], "field-%d", i);
      named(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_FIELD, names[i], value);
      apply(&cs);
    }
    commit();
    struct weir_person p = who(contact_of("u1"));
    assert_int_equal(p.field_cnt, WEIR_FIELDS_MAX);
    for (int i = 0; i < WEIR_FIELDS_MAX; i++) assert_true(is(field_of(&p, names[i]), value));
  }
  named(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_FIELD, "one more", "x");
  refuse(WEIR_E_LIMIT, &cs, "WEIR_FIELDS_MAX");
  for (int i = 0; i < WEIR_FIELDS_MAX; i += 2) {
    named(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_FIELD, names[i], i % 4 ? "" : "7");
    named(&cs, WEIR_CHANGE_COUNTER, names[i], NULL)->number = 1;
    change(&cs);
  }
  struct weir_person p = who(contact_of("u1"));
  assert_int_equal(p.field_cnt, WEIR_FIELDS_MAX);
  for (int i = 0; i < WEIR_FIELDS_MAX; i++) assert_true(is(field_of(&p, names[i]), i % 2 ? value : i % 4 ? "1" : "8"));
}

/* The bound on how many claims somebody holds may be far too high: then they are counted. It ages with the walk. */
static void test_claims_bound(void **state) {
  (void)state;
  open_it();
  for (int i = 0; i < 3; i++) {
    char id[16];
    snprintf(id, sizeof id, "u%d", i);
    seen_at(about(&cs, contact_of(id), T0), T0, NULL);
    keyed(&cs, WEIR_CHANGE_CLAIM, "k", T0 + DAY + i);
    change(&cs);
  }
  memset(inside()->claims_bound, 0xff, sizeof inside()->claims_bound);
  reopen(); /* learns them anew */
  assert_int_equal(*weir_sq_claims_slot(inside(), inside()->now.claims_bound, 1), 1);
  assert_int_equal(*weir_sq_claims_slot(inside(), inside()->now.claims_bound, 4), 0);
  memset(inside()->claims_bound, 0xff, sizeof inside()->claims_bound);
  weir_sq_forget_who(inside());
  keyed(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_CLAIM, "k2", T0 + DAY);
  change(&cs);
  assert_true(holds(contact_of("u1"), "k", T0, NULL) && holds(contact_of("u1"), "k2", T0, NULL));
  assert_int_equal(count_all().claims, 4);
  tick(T0 + DAY + 1);
  assert_int_equal(count_all().claims, 1);
  assert_int_equal(*weir_sq_claims_slot(inside(), inside()->now.claims_bound, 3), 1);
  assert_int_equal(*weir_sq_claims_slot(inside(), inside()->now.claims_bound, 1), 0);
  assert_true(holds(contact_of("u2"), "k", T0 + DAY + 1, NULL));
}

static const struct CMUnitTest tests[] = {
  DISK(test_reopen),      DISK(test_settings), DISK(test_ack_on_disk), DISK(test_kill),
  DISK(test_full_file),   DISK(test_full_ledger), cmocka_unit_test_setup_teardown(test_full_disk, fresh, clean_limit),
  DISK(test_ledger_reopened), DISK(test_snapshot), DISK(test_snapshot_cut_off), DISK(test_views), DISK(test_nothing_is_left_of_the_forgotten),
  DISK(test_expire),      DISK(test_sweep_marks), DISK(test_sweep_rest), DISK(test_memory),
  DISK(test_filter),      DISK(test_quiet),    DISK(test_long_texts),  DISK(test_claims_bound),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
