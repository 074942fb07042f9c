/* sqlite_file.c: the state file itself: is it ours, is it sound, which version; and making a new one.
 *
 * Before anything is read through SQLite (which would replay a log left beside a file, and so change it), the file's first
 * 100 bytes are looked at through SQLite's own handle: another handle of ours would, when closed, take away the locks that
 * this process may hold on the file already.
 *
 * A new file is made under another name and renamed when it is complete: a power cut leaves no file or a whole one. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema.h"
#include "state/sqlite.h"
#include "limits.h"

#define NEW_SUFFIX "-new"
#define HEADER_BYTES 100

/* ---- versions: migration i leads from version i to i + 1, each in one transaction. To change the schema add a file, a line
 * here, and one to WEIR_SQ_VERSION; never change what was released. */

static const struct {
  const unsigned char *sql;
} migrations[] = {
  { weir_sql_schema },
  { weir_sql_schema_2 },
  { weir_sql_schema_3 },
  { weir_sql_schema_4 },
  { weir_sql_schema_5 },
};
_Static_assert(sizeof migrations / sizeof *migrations == WEIR_SQ_VERSION, "a migration for each version");

static int run(sqlite3 *db, const char *sql) { return sqlite3_exec(db, sql, NULL, NULL, NULL); }

static int ask(sqlite3 *db, const char *sql, int64_t *out) {
  sqlite3_stmt *stmt;
  int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
  *out = 0;
  if (rc != SQLITE_OK) return rc;
  rc = sqlite3_step(stmt);
  if (rc == SQLITE_ROW) *out = sqlite3_column_int64(stmt, 0);
  int end = sqlite3_finalize(stmt);
  return rc == SQLITE_ROW ? SQLITE_OK : end;
}

/* Binds the chain's name, else one that is drawn, and what was drawn; runs the statement. */
static int run_named(sqlite3 *db, const char *sql, const struct weir_sqlite_config *config) {
  unsigned char random[WEIR_ID_BYTES];
  char drawn[WEIR_ID_CHARS];
  sqlite3_stmt *stmt;
  sqlite3_randomness(sizeof random, random);
  size_t len = weir_base64url(random, sizeof random, drawn);
  weir_str chain = config->chain.len ? config->chain : (weir_str){ drawn, len };
  int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_bind_text(stmt, 1, chain.ptr, (int)chain.len, SQLITE_STATIC);
  if (rc == SQLITE_OK && sqlite3_bind_parameter_count(stmt) > 1) {
    rc = sqlite3_bind_text(stmt, 2, drawn, (int)len, SQLITE_STATIC);
    if (rc == SQLITE_OK) rc = sqlite3_bind_int64(stmt, 3, config->now_ms);
  }
  if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
  int end = sqlite3_finalize(stmt);
  return rc == SQLITE_DONE ? SQLITE_OK : rc != SQLITE_OK ? rc : end;
}

/* The one row of meta, unless a file that is being migrated has it. */
static int put_meta(sqlite3 *db, const struct weir_sqlite_config *config) {
  return run_named(db, "INSERT INTO meta VALUES (1, ?1, ?2, ?3, 0, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING", config);
}

static weir_status begin_chain(sqlite3 *db, const char *path, const struct weir_sqlite_config *config, weir_error *err) {
  int rc = run(db, "BEGIN IMMEDIATE; UPDATE meta SET unconfirmed = unconfirmed + (SELECT count(*) FROM outbox); DELETE FROM outbox; DELETE FROM chains");
  if (rc == SQLITE_OK) rc = run_named(db, "UPDATE meta SET chain = ?1, kid = ''", config);
  if (rc == SQLITE_OK) rc = run(db, "COMMIT");
  if (rc == SQLITE_OK) return WEIR_OK;
  weir_status status = weir_sq_fail_open(db, path, rc, err);
  (void)run(db, "ROLLBACK");
  return status;
}

static weir_status migrate(sqlite3 *db, const char *path, int from, const struct weir_sqlite_config *config, weir_error *err) {
  for (int version = from; version < WEIR_SQ_VERSION; version++) {
    char stamp[96]; /* fixed: the statement below */
    snprintf(stamp, sizeof stamp, "PRAGMA application_id = %d; PRAGMA user_version = %d", WEIR_SQ_APPLICATION, version + 1);
    int rc = run(db, "BEGIN IMMEDIATE");
    if (rc == SQLITE_OK) rc = run(db, (const char *)migrations[version].sql);
    if (rc == SQLITE_OK && version == 0) rc = put_meta(db, config);
    if (rc == SQLITE_OK) rc = run(db, stamp);
    if (rc == SQLITE_OK) rc = run(db, "COMMIT");
    if (rc == SQLITE_OK) continue;
    weir_status status = weir_sq_fail_open(db, path, rc, err);
    (void)run(db, "ROLLBACK");
    return status;
  }
  return WEIR_OK;
}

/* ---- opening */

static void fence(sqlite3 *db) {
  static const int off[] = {
    SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, SQLITE_DBCONFIG_ENABLE_TRIGGER,
    SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_DQS_DDL,
  };
  static const struct {
    int what, most;
  } limits[] = {
    { SQLITE_LIMIT_LENGTH, WEIR_SQLITE_VALUE_MAX }, { SQLITE_LIMIT_COLUMN, 32 },        { SQLITE_LIMIT_EXPR_DEPTH, 32 },
    { SQLITE_LIMIT_COMPOUND_SELECT, 2 },            { SQLITE_LIMIT_VDBE_OP, 25000 },    { SQLITE_LIMIT_FUNCTION_ARG, 8 },
    { SQLITE_LIMIT_ATTACHED, 0 },                   { SQLITE_LIMIT_VARIABLE_NUMBER, 16 }, { SQLITE_LIMIT_TRIGGER_DEPTH, 1 },
    { SQLITE_LIMIT_WORKER_THREADS, 0 },
  };
  for (size_t i = 0; i < sizeof off / sizeof *off; i++) (void)sqlite3_db_config(db, off[i], 0, NULL);
  (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) (void)sqlite3_limit(db, limits[i].what, limits[i].most);
}

/* Settings that hold for the connection, before anything is read. */
static int settle(sqlite3 *db, const struct weir_sqlite_config *config) {
  char sql[WEIR_SQ_STATEMENT_MAX];
  size_t cache = config->cache_bytes ? config->cache_bytes : WEIR_SQLITE_CACHE_BYTES;
  if (cache < WEIR_SQLITE_CACHE_MIN) cache = WEIR_SQLITE_CACHE_MIN;
  snprintf(sql, sizeof sql,
           "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON;"
           "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 0;"
           "PRAGMA journal_size_limit = %d; PRAGMA cache_size = -%zu", 2 * WEIR_SQLITE_WAL_PAGES * WEIR_SQLITE_PAGE_BYTES,
             cache / 1024);
  return run(db, sql);
}

static uint32_t big_endian(const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static weir_status check_version(const char *path, int64_t version, weir_error *err) {
  if (version <= WEIR_SQ_VERSION) return WEIR_OK;
  return weir_fail(err, WEIR_E_STATE, "the state file %s was written by a newer weir (version %lld; this one knows %d); "
                                      "install that weir again, or give another file", path, (long long)version, WEIR_SQ_VERSION);
}

/* Looks at the file's header without SQLite taking notice. */
static weir_status check_header(sqlite3 *db, const char *path, weir_error *err) {
  unsigned char header[HEADER_BYTES] = { 0 };
  sqlite3_file *file = NULL;
  int rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (rc == SQLITE_OK && (!file || !file->pMethods)) rc = SQLITE_CANTOPEN;
  if (rc == SQLITE_OK) rc = file->pMethods->xRead(file, header, HEADER_BYTES, 0);
  if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ) return weir_sq_fail_open(db, path, rc, err);
  if (rc != SQLITE_OK || memcmp(header, "SQLite format 3", 16) != 0) return weir_sq_fail_open(db, path, SQLITE_NOTADB, err);
  if (big_endian(header + 68) != WEIR_SQ_APPLICATION) {
    return weir_fail(err, WEIR_E_STATE, "%s is a database of another program, not a state file of weir; give the name of another "
                     "file", path);
  }
  return check_version(path, (int32_t)big_endian(header + 60), err);
}

static int check_sound(sqlite3 *db, bool *sound, char said[WEIR_SQ_TEXT_MAX]) {
  sqlite3_stmt *stmt;
  int rc = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
  *sound = false;
  said[0] = '\0';
  if (rc != SQLITE_OK) return rc;
  rc = sqlite3_step(stmt);
  if (rc == SQLITE_ROW) {
    const char *text = (const char *)sqlite3_column_text(stmt, 0);
    *sound = text && strcmp(text, "ok") == 0;
    snprintf(said, 128, "%s", text ? text : "no memory");
    for (char *c = said; *c; c++) {
      if (*c == '\n') *c = ' '; /* the message is one line */
    }
  }
  int end = sqlite3_finalize(stmt);
  return rc == SQLITE_ROW ? SQLITE_OK : end;
}

static weir_status connect(sqlite3 **out, const char *path, int flags, weir_error *err) {
  int rc = sqlite3_open_v2(path, out, flags | SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                           SQLITE_OPEN_EXRESCODE, NULL);
  if (rc == SQLITE_OK) return WEIR_OK;
  weir_status status = weir_sq_fail_open(*out, path, rc, err);
  (void)sqlite3_close(*out);
  *out = NULL;
  return status;
}

/* Takes hold of the file and looks whether it is whole. From here on it may be written. */
static weir_status take(sqlite3 *db, const char *path, const struct weir_sqlite_config *config, int *version_before, weir_error *err) {
  int64_t version;
  bool sound;
  char said[WEIR_SQ_TEXT_MAX], sql[WEIR_SQ_STATEMENT_MAX];
  uint64_t max = config->max_bytes ? config->max_bytes : WEIR_SQLITE_FILE_BYTES;
  int rc = run(db, "PRAGMA journal_mode = WAL; BEGIN EXCLUSIVE; COMMIT");
  if (rc != SQLITE_OK) return weir_sq_fail_open(db, path, rc, err);
  if ((rc = check_sound(db, &sound, said)) != SQLITE_OK) return weir_sq_fail_open(db, path, rc, err);
  if (!sound) {
    return weir_fail(err, WEIR_E_STATE, "the state file %s is damaged (%s); move it and the files beside it (-wal, -journal) "
                                        "away together, then restore a snapshot or start anew", path, said);
  }
  if ((rc = ask(db, "PRAGMA user_version", &version)) != SQLITE_OK) return weir_sq_fail_open(db, path, rc, err);
  weir_status status = check_version(path, version, err); /* the log may know more than the header */
  if (status != WEIR_OK) return status;
  if (version < 0) return weir_sq_fail_open(db, path, SQLITE_CORRUPT, err);
  if ((status = migrate(db, path, (int)version, config, err)) != WEIR_OK) return status;
  *version_before = version < WEIR_SQ_VERSION ? (int)version : 0;
  if (config->new_chain && (status = begin_chain(db, path, config, err)) != WEIR_OK) return status;
  snprintf(sql, sizeof sql, "PRAGMA max_page_count = %llu", (unsigned long long)(max / WEIR_SQLITE_PAGE_BYTES));
  if ((rc = run(db, sql)) != SQLITE_OK) return weir_sq_fail_open(db, path, rc, err);
  (void)sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, WEIR_SQLITE_SQL_MAX);
  return WEIR_OK;
}

/* ---- making one */

static weir_status cannot_make(const char *path, int why, weir_error *err) {
  if (why == ENOSPC || why == EDQUOT) {
    return weir_fail(err, WEIR_E_FULL, "the disk of the state file %s is full; make space, then start again", path);
  }
  return weir_fail(err, WEIR_E_STATE, "the state file %s cannot be made (system error %d); see that its folder is there and this "
                   "user may write in it", path, why);
}

int weir_sq_sync_folder(char *name) {
  int fd = open(dirname(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno;
  int why = fsync(fd) == 0 || errno == EINVAL ? 0 : errno; /* EINVAL: this file system has nothing to flush */
  (void)close(fd);
  return why;
}

static weir_status fill(const char *name, const char *path, const struct weir_sqlite_config *config, weir_error *err) {
  sqlite3 *db;
  char sql[WEIR_SQ_STATEMENT_MAX];
  weir_status status = connect(&db, name, 0, err);
  if (status != WEIR_OK) return status;
  fence(db);
  snprintf(sql, sizeof sql, "PRAGMA page_size = %d; PRAGMA auto_vacuum = INCREMENTAL; BEGIN EXCLUSIVE; COMMIT",
           WEIR_SQLITE_PAGE_BYTES);
  int rc = settle(db, config);
  if (rc == SQLITE_OK) rc = run(db, sql);
  if (rc != SQLITE_OK) status = weir_sq_fail_open(db, path, rc, err);
  if (status == WEIR_OK) status = migrate(db, path, 0, config, err);
  if (status == WEIR_OK && (rc = run(db, "PRAGMA journal_mode = WAL")) != SQLITE_OK) status = weir_sq_fail_open(db, path, rc,
                                                                                                                err);
  rc = sqlite3_close(db);
  return status == WEIR_OK && rc != SQLITE_OK ? cannot_make(path, EIO, err) : status;
}

/* What a start that was cut off left behind; a journal would be played back into the new file. */
static void clear_away(char *name, size_t cap, const char *path) {
  static const char *const suffixes[] = { "-journal", "-wal", "" };
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
    snprintf(name, cap, "%s" NEW_SUFFIX "%s", path, suffixes[i]);
    (void)unlink(name);
  }
}

/* Whoever took a state file away and left its log: SQLite would play the log into the new file and ruin it. */
static weir_status check_no_log(char *name, size_t cap, const char *path, weir_error *err) {
  static const char *const suffixes[] = { "-wal", "-journal" };
  struct stat about;
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
    snprintf(name, cap, "%s%s", path, suffixes[i]);
    if (lstat(name, &about) != 0) continue;
    return weir_fail(err, WEIR_E_STATE, "the state file %s is gone, but its log %s is there; put the state file back, or remove the "
                     "log to start anew", path, name);
  }
  return WEIR_OK;
}

static weir_status make(const char *path, const struct weir_sqlite_config *config, weir_error *err) {
  size_t cap = strlen(path) + sizeof NEW_SUFFIX "-journal";
  char *name = malloc(cap);
  if (!name) return weir_fail(err, WEIR_E_NOMEM, "no memory for the state file %s", path);
  weir_status status = check_no_log(name, cap, path, err);
  if (status != WEIR_OK) {
    free(name);
    return status;
  }
  clear_away(name, cap, path);
  int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) status = cannot_make(path, errno, err);
  if (fd >= 0) (void)close(fd);
  if (status == WEIR_OK) status = fill(name, path, config, err);
  if (status == WEIR_OK && rename(name, path) != 0) status = cannot_make(path, errno, err);
  if (status != WEIR_OK) clear_away(name, cap, path);
  int why = status == WEIR_OK ? weir_sq_sync_folder(name) : 0;
  if (why) status = cannot_make(path, why, err);
  free(name);
  return status;
}

static weir_status check_config(const char *path, const struct weir_sqlite_config *config, weir_error *err) {
  if (!path || !path[0]) return weir_fail(err, WEIR_E_ARG, "a state file needs a name");
  if (strncmp(path, "file:", 5) == 0 || path[0] == ':') {
    return weir_fail(err, WEIR_E_ARG, "\"%s\" is no good name for a state file; write ./%s if it is meant so", path, path);
  }
  if (config->chain.len > WEIR_CHAIN_NAME_MAX) {
    return weir_fail(err, WEIR_E_LIMIT, "a chain's name has at most %d bytes", WEIR_CHAIN_NAME_MAX);
  }
  if (config->max_bytes != 0 && config->max_bytes < WEIR_SQLITE_FILE_MIN) {
    return weir_fail(err, WEIR_E_ARG, "a state file needs at least %u bytes", WEIR_SQLITE_FILE_MIN);
  }
  if (config->max_bytes / WEIR_SQLITE_PAGE_BYTES > INT32_MAX) return weir_fail(err, WEIR_E_ARG, "a state file of more than 8 TB");
  return WEIR_OK;
}

weir_status weir_sq_open_file(sqlite3 **out, const char *path, const struct weir_sqlite_config *config, int *version_before, weir_error *err) {
  struct stat about;
  *out = NULL;
  *version_before = 0;
  weir_status status = check_config(path, config, err);
  if (status != WEIR_OK) return status;
  bool there = stat(path, &about) == 0;
  if (!there && errno == ENOENT) status = make(path, config, err);
  if (there && S_ISDIR(about.st_mode)) status = weir_fail(err, WEIR_E_STATE, "%s is a folder, not a state file; name a file in it", path);
  if (there && S_ISREG(about.st_mode) && about.st_size == 0) {
    status = weir_fail(err, WEIR_E_STATE, "the state file %s is empty: something cut it off; restore a snapshot, or remove it to "
                       "start anew", path);
  }
  if (status == WEIR_OK) status = connect(out, path, 0, err);
  if (status != WEIR_OK) return status;
  fence(*out);
  int rc;
  status = check_header(*out, path, err);
  if (status == WEIR_OK && sqlite3_db_readonly(*out, "main") != 0) status = weir_sq_fail_open(*out, path, SQLITE_READONLY, err);
  if (status == WEIR_OK && (rc = settle(*out, config)) != SQLITE_OK) status = weir_sq_fail_open(*out, path, rc, err);
  if (status == WEIR_OK) status = take(*out, path, config, version_before, err);
  if (status != WEIR_OK) {
    (void)sqlite3_close(*out);
    *out = NULL;
  }
  return status;
}
