/* A disk that fails: every write, flush, truncation, read and opening of the state file fails once, or from then on. After
 * each: a clear answer, nothing half done, everything committed still there, and the run goes on. The faults come from a
 * layer below SQLite (a VFS), which belongs to this test alone. */
#include "state_help.h"
#include "state/sqlite.h"

/* ---- the failing layer */

enum fault { FAULT_WRITE = 0, FAULT_FULL, FAULT_SYNC, FAULT_TRUNCATE, FAULT_READ, FAULT_OPEN, FAULTS };
static const char *const fault_names[FAULTS] = { "write", "disk full", "fsync", "truncate", "read", "open" };

static struct {
  enum fault what;
  int left;     /* calls until one fails; 0: none does */
  bool forever;
  int struck;
} plan;

static bool strikes(enum fault what) {
  bool same = plan.what == what || (plan.what == FAULT_FULL && what == FAULT_WRITE);
  if (!same || plan.left == 0) return false;
  if (plan.left > 1) {
    plan.left--;
    return false;
  }
  if (!plan.forever) plan.left = 0;
  plan.struck++;
  return true;
}

struct faulty {
  sqlite3_file base;
  sqlite3_file *real; /* lies behind */
};

static sqlite3_vfs vfs, *below;
#define REAL(f) (((struct faulty *)(f))->real)

static int f_close(sqlite3_file *f) { return REAL(f)->pMethods->xClose(REAL(f)); }
static int f_read(sqlite3_file *f, void *to, int len, sqlite3_int64 at) {
  return strikes(FAULT_READ) ? SQLITE_IOERR_READ : REAL(f)->pMethods->xRead(REAL(f), to, len, at);
}
static int f_write(sqlite3_file *f, const void *from, int len, sqlite3_int64 at) {
  if (strikes(FAULT_WRITE)) return plan.what == FAULT_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  return REAL(f)->pMethods->xWrite(REAL(f), from, len, at);
}
static int f_truncate(sqlite3_file *f, sqlite3_int64 len) {
  return strikes(FAULT_TRUNCATE) ? SQLITE_IOERR_TRUNCATE : REAL(f)->pMethods->xTruncate(REAL(f), len);
}
static int f_sync(sqlite3_file *f, int flags) {
  return strikes(FAULT_SYNC) ? SQLITE_IOERR_FSYNC : REAL(f)->pMethods->xSync(REAL(f), flags);
}
static int f_size(sqlite3_file *f, sqlite3_int64 *len) { return REAL(f)->pMethods->xFileSize(REAL(f), len); }
static int f_lock(sqlite3_file *f, int how) { return REAL(f)->pMethods->xLock(REAL(f), how); }
static int f_unlock(sqlite3_file *f, int how) { return REAL(f)->pMethods->xUnlock(REAL(f), how); }
static int f_check_lock(sqlite3_file *f, int *held) { return REAL(f)->pMethods->xCheckReservedLock(REAL(f), held); }
static int f_control(sqlite3_file *f, int what, void *arg) { return REAL(f)->pMethods->xFileControl(REAL(f), what, arg); }
static int f_sector(sqlite3_file *f) { return REAL(f)->pMethods->xSectorSize(REAL(f)); }
static int f_traits(sqlite3_file *f) { return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f)); }

static const sqlite3_io_methods methods = {
  .iVersion = 1,         .xClose = f_close,       .xRead = f_read,         .xWrite = f_write,
  .xTruncate = f_truncate, .xSync = f_sync,       .xFileSize = f_size,     .xLock = f_lock,
  .xUnlock = f_unlock,   .xCheckReservedLock = f_check_lock, .xFileControl = f_control, .xSectorSize = f_sector,
  .xDeviceCharacteristics = f_traits,
};

static int v_open(sqlite3_vfs *v, sqlite3_filename name, sqlite3_file *f, int flags, int *out) {
  struct faulty *file = (struct faulty *)f;
  (void)v;
  file->real = (sqlite3_file *)(file + 1);
  file->base.pMethods = NULL;
  if (strikes(FAULT_OPEN)) return SQLITE_CANTOPEN;
  int rc = below->xOpen(below, name, file->real, flags, out);
  if (rc == SQLITE_OK) file->base.pMethods = &methods;
  return rc;
}

static int register_layer(void **state) {
  (void)state;
  below = sqlite3_vfs_find(NULL);
  vfs = *below;
  vfs.zName = "faulty";
  vfs.szOsFile = (int)sizeof(struct faulty) + below->szOsFile;
  vfs.xOpen = v_open;
  return sqlite3_vfs_register(&vfs, 1) == SQLITE_OK ? 0 : -1;
}

static int unregister_layer(void **state) {
  (void)state;
  return sqlite3_vfs_unregister(&vfs) == SQLITE_OK ? 0 : -1;
}

/* ---- the run */

enum { GROUPS = 4, EACH = 3 };

static char path[64];
static struct cs cs;

static struct weir_ledger_entry ledger_entry(const char *key, const char *origin) {
  struct weir_ledger_entry e = { .contact = contact_of("u0"), .decision = WEIR_STR("d"), .n = 1, .rule = WEIR_STR("p/r"), .cause = WEIR_STR("c"),
                                 .payload = WEIR_STR("{}"), .attempt = 1, .status = WEIR_LEDGER_OPEN, .until_ms = T0 + DAY };
  weir_str parts[] = { weir_str_of(key), weir_str_of(origin) };
  weir_id_hash(WEIR_STR(""), parts, 1, e.key);
  weir_id_hash(WEIR_STR(""), parts + 1, 1, e.origin);
  return e;
}

/* Each person has an entry in the ledger, all of a group one origin; the next group says that they were sent. */
static void with_ledger(int number, int i, struct weir_ledger_entry *entry) {
  char key[32], origin[32];
  snprintf(key, sizeof key, "l%d", number * EACH + i);
  snprintf(origin, sizeof origin, "o%d", number);
  *entry = ledger_entry(key, origin);
  add(&cs, WEIR_CHANGE_LEDGER)->ledger = entry;
  if (number == 0) return;
  snprintf(key, sizeof key, "l%d", (number - 1) * EACH + i);
  keyed(&cs, WEIR_CHANGE_LEDGER_STATUS, key, T0 + 2 * DAY)->number = WEIR_LEDGER_SENT;
}

static weir_status group(int number) {
  char line[32];
  struct weir_chain_head head = { .seq = (uint64_t)number + 1, .has_hash = true, .iat_s = number };
  weir_status status = st->ops->begin(st, &err);
  for (int i = 0; i < EACH && status == WEIR_OK; i++) {
    char id[32], code[32];
    snprintf(id, sizeof id, "u%d", number * EACH + i);
    snprintf(code, sizeof code, "code%d", number * EACH + i);
    seen_at(about(&cs, contact_of(id), T0), T0, NULL);
    named(&cs, WEIR_CHANGE_STAGE, "p/f", "asked")->at_ms = T0;
    named(&cs, WEIR_CHANGE_TAG, "t", NULL);
    named(&cs, WEIR_CHANGE_CODE, NULL, code)->until_ms = T0 + DAY;
    keyed(&cs, WEIR_CHANGE_CLAIM, "k", T0 + DAY);
    keyed(&cs, WEIR_CHANGE_DEDUPE, id, T0 + DAY);
    struct weir_ledger_entry entry;
    with_ledger(number, i, &entry);
    status = try_apply(&cs);
  }
  snprintf(line, sizeof line, "line %d", number);
  if (status == WEIR_OK) status = st->ops->outbox_put(st, WEIR_STR("a/1"), &head, weir_str_of(line), &err);
  if (status == WEIR_OK) status = st->ops->commit(st, &err);
  if (status != WEIR_OK && st->ops) st->ops->rollback(st);
  return status;
}

static void assert_ledger(int groups) {
  assert_int_equal(count_all().ledger, groups * EACH);
  for (int i = 0; i < GROUPS * EACH; i++) {
    struct weir_ledger_entry e;
    char key[32];
    int group = i / EACH;
    snprintf(key, sizeof key, "l%d", i);
    weir_arena_fixed(&arena, arena_block, sizeof arena_block);
    weir_status found = st->ops->ledger(st, ledger_entry(key, "").key, &arena, &e, &err);
    assert_int_equal(found, group < groups ? WEIR_OK : WEIR_NONE);
    if (found == WEIR_OK) assert_int_equal(e.status, group < groups - 1 ? WEIR_LEDGER_SENT : WEIR_LEDGER_OPEN);
  }
  for (int group = 0; group < GROUPS; group++) {
    struct weir_ledger_counts n;
    char origin[32];
    snprintf(origin, sizeof origin, "o%d", group);
    OK(st->ops->ledger_origin(st, ledger_entry("", origin).origin, &n, &err));
    assert_int_equal(n.open, group == groups - 1 ? EACH : 0);
    assert_int_equal(n.sent, group < groups - 1 ? EACH : 0);
  }
}

/* The state is that of exactly `groups` groups. */
static void assert_groups(int groups) {
  struct weir_chain_head head;
  uint64_t persons = (uint64_t)(groups * EACH);
  struct weir_store_counts n = count_all();
  assert_true(n.persons == persons && n.contacts == persons && n.claims == persons);
  assert_ledger(groups);
  assert_stage_count("p/f", "asked", persons, persons);
  OK(st->ops->chain_head(st, WEIR_STR("a/1"), &head, &err));
  assert_int_equal(head.seq, groups);
  for (int i = 0; i < GROUPS * EACH; i++) {
    char id[32], code[32];
    snprintf(id, sizeof id, "u%d", i);
    snprintf(code, sizeof code, "code%d", i);
    assert_int_equal(who(contact_of(id)).id, i < groups * EACH ? i + 1 : 0);
    assert_int_equal(was_seen(id, T0, NULL), i < groups * EACH);
    assert_int_equal(whose_code(code, T0), i < groups * EACH ? i + 1 : 0);
  }
}

static void assert_told(weir_status status) {
  assert_true(status == WEIR_E_STATE || status == WEIR_E_FULL);
  assert_int_equal(err.status, status);
  assert_true(strlen(err.message) > 20);
}

static void reopen_whole(void) {
  st->ops->close(st);
  plan.left = 0;
  OK(weir_sqlite_store_open(&st, path, NULL, &err));
}

/* Returns whether the fault was met. */
static bool one_run(enum fault what, int at, bool forever) {
  weir_status status;
  int done = 0;
  plan.what = what, plan.left = at, plan.forever = forever, plan.struck = 0;
  status = weir_sqlite_store_open(&st, path, NULL, &err);
  if (status != WEIR_OK) {
    assert_told(status);
    assert_null(st);
    assert_true(plan.struck > 0);
    plan.left = 0;
    OK(weir_sqlite_store_open(&st, path, NULL, &err));
  }
  while (done < GROUPS && (status = group(done)) == WEIR_OK) done++;
  if (done < GROUPS) {
    assert_told(status);
    assert_true(plan.struck > 0);
    plan.left = 0;
    if (((struct weir_sqlite *)st)->broken != WEIR_OK) { /* after a failed fsync nobody knows whether the group is there */
      FAILS(status, group(done));
      reopen_whole();
      if (count_all().persons == (uint64_t)((done + 1) * EACH)) done++;
    }
    assert_groups(done);
    for (; done < GROUPS; done++) OK(group(done));
  }
  assert_groups(GROUPS);
  bool met = plan.struck > 0;
  reopen_whole();
  assert_groups(GROUPS);
  for (int i = 0; i < GROUPS; i++) {
    struct weir_stored_record r;
    char line[32];
    snprintf(line, sizeof line, "line %d", i);
    OK(st->ops->outbox_next(st, &r, &err));
    assert_true(r.seq == (uint64_t)i + 1 && is(r.line, line));
  }
  st->ops->close(st);
  return met || plan.struck > 0;
}

static void test_faults(void **state) {
  (void)state;
  for (int what = 0; what < FAULTS; what++) {
    for (int forever = 0; forever < 2; forever++) {
      int at = 0;
      bool met = true;
      while (met) {
        new_path(path);
        met = one_run((enum fault)what, ++at, forever != 0);
        remove_path(path);
      }
      print_message("# %s %s: %d places\n", fault_names[what], forever ? "from then on" : "once", at - 1);
      assert_true(at > 2 || what == FAULT_TRUNCATE);
    }
  }
}

static const struct CMUnitTest tests[] = { cmocka_unit_test(test_faults) };

int main(void) { return cmocka_run_group_tests(tests, register_layer, unregister_layer); }
