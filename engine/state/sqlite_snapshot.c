/* sqlite_snapshot.c: all of the committed state, copied to a new file that others may open, a little at a time: events are decided
 * in between, and what they change of pages that were copied already SQLite changes in the copy too. So the copy is the state as of
 * its last step.
 *
 * It is written as FILE.part, flushed, and gets its name when it is complete: a copy that was cut off is never taken for a whole
 * one, an existing file is never touched, and what was reported outlives a power cut. Errors of the copy say nothing about the
 * state itself, and leave the store as it is. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "state/sqlite.h"
#include "limits.h"

#define COPY_SUFFIX ".part"

static weir_status cannot_write(const char *path, int system, weir_error *err) {
  if (system == EEXIST) return weir_fail(err, WEIR_E_STATE, "the snapshot %s cannot be written: there is such a file already", path);
  return weir_fail(err, WEIR_E_STATE, "the snapshot %s cannot be written (system error %d); see that its folder is there, this user "
                                      "may write in it, and its disk has room", path, system);
}

static weir_status cannot_copy(const char *path, int rc, weir_error *err) {
  return weir_fail(err, WEIR_E_STATE, "the snapshot %s cannot be written: %s", path, sqlite3_errstr(rc));
}

/* An empty file that only its owner may read. */
static weir_status take_name(const char *name, const char *path, weir_error *err) {
  int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return cannot_write(path, errno, err);
  (void)close(fd);
  return WEIR_OK;
}

/* What a copy that was cut off left behind; a journal would be played back into the new one. */
static void clear_away(const char *name) {
  static const char *const suffixes[] = { "-journal", "-wal", "" };
  size_t cap = strlen(name) + sizeof "-journal";
  char *beside = malloc(cap);
  for (size_t i = 0; beside && i < sizeof suffixes / sizeof *suffixes; i++) {
    snprintf(beside, cap, "%s%s", name, suffixes[i]);
    (void)unlink(beside);
  }
  free(beside);
}

/* The complete copy gets its name, unless somebody has taken it meanwhile: a link never replaces a file. Where there are no links
 * (FAT) it is looked for first. 0, or a system error. */
static int give_name(const char *name, const char *path) {
  struct stat about;
  if (link(name, path) == 0) return unlink(name) == 0 ? 0 : errno;
  if (errno != EPERM && errno != ENOTSUP && errno != EOPNOTSUPP && errno != ENOSYS) return errno;
  if (lstat(path, &about) == 0) return EEXIST;
  return rename(name, path) == 0 ? 0 : errno;
}

/* ---- the copy under way */

/* Ends it; what there is of the file goes unless it has its name. 0, or an error of SQLite. */
static int put_down(struct weir_sqlite *s, bool keep) {
  struct weir_sq_copy *copy = &s->copy;
  int rc = sqlite3_backup_finish(copy->backup);
  int end = sqlite3_close(copy->to);
  if (copy->name && !keep) clear_away(copy->name);
  free(copy->name);
  *copy = (struct weir_sq_copy){ 0 };
  return rc != SQLITE_OK ? rc : end;
}

/* Without a journal, since a copy that was cut off is thrown away; with few pages in memory, so that they are written as they come. */
static int connect(struct weir_sqlite *s) {
  struct weir_sq_copy *copy = &s->copy;
  char sql[WEIR_SQ_STATEMENT_MAX];
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  snprintf(sql, sizeof sql, "PRAGMA journal_mode = OFF; PRAGMA cache_size = %d", WEIR_SQLITE_COPY_PAGES);
  int rc = sqlite3_open_v2(copy->name, &copy->to, flags, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_exec(copy->to, sql, NULL, NULL, NULL);
  if (rc != SQLITE_OK) return rc;
  copy->backup = sqlite3_backup_init(copy->to, "main", s->db, "main");
  return copy->backup ? SQLITE_OK : sqlite3_errcode(copy->to);
}

/* What was copied reaches the disk now, so that the end need not wait for all of it. */
static int write_through(sqlite3 *db) {
  sqlite3_file *file = NULL;
  int rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (rc == SQLITE_OK && (!file || !file->pMethods)) rc = SQLITE_CANTOPEN;
  return rc == SQLITE_OK ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY) : rc;
}

/* The copy of a file with a write-ahead log says that it has one; whoever only reads could not open it. */
static int finish(struct weir_sq_copy *copy) {
  int rc = sqlite3_backup_finish(copy->backup);
  copy->backup = NULL;
  return rc == SQLITE_OK ? sqlite3_exec(copy->to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) : rc;
}

static weir_status complete(struct weir_sqlite *s, weir_error *err) {
  char *name = s->copy.name;
  const char *path = s->copy.path;
  int rc = finish(&s->copy), why = 0;
  s->copy.name = NULL; /* it outlives the connection here */
  int end = put_down(s, true);
  if (rc == SQLITE_OK) rc = end;
  if (rc == SQLITE_OK) why = give_name(name, path);
  if (rc != SQLITE_OK || why) clear_away(name);
  weir_status status = rc != SQLITE_OK ? cannot_copy(path, rc, err) : why ? cannot_write(path, why, err) : WEIR_OK;
  if (status == WEIR_OK && (why = weir_sq_sync_folder(name)) != 0) status = cannot_write(path, why, err);
  free(name);
  return status;
}

/* ---- its steps */

weir_status weir_sq_snapshot_begin(struct weir_store *store, const char *path, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  struct stat about;
  if (s->open) return weir_fail(err, WEIR_E_SEQUENCE, "no snapshot can be written inside a transaction");
  if (s->copy.name) return weir_fail(err, WEIR_E_SEQUENCE, "a snapshot is being written already");
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK && s->ack_cnt != 0) status = weir_sq_write_acks(s, err);
  if (status != WEIR_OK) return status;
  if (lstat(path, &about) == 0) return cannot_write(path, EEXIST, err);
  size_t len = strlen(path), cap = len + sizeof COPY_SUFFIX;
  char *name = malloc(cap + len + 1);
  if (!name) return weir_fail(err, WEIR_E_NOMEM, "no memory for a snapshot's name");
  snprintf(name, cap, "%s" COPY_SUFFIX, path);
  memcpy(name + cap, path, len + 1);
  clear_away(name);
  if ((status = take_name(name, path, err)) != WEIR_OK) {
    free(name);
    return status;
  }
  s->copy.name = name;
  s->copy.path = name + cap;
  int rc = connect(s);
  if (rc == SQLITE_OK) return WEIR_OK;
  status = cannot_copy(path, rc, err);
  (void)put_down(s, false);
  return status;
}

weir_status weir_sq_snapshot_step(struct weir_store *store, size_t bytes, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  size_t pages = bytes / WEIR_SQLITE_PAGE_BYTES;
  if (!s->copy.name) return weir_fail(err, WEIR_E_SEQUENCE, "no snapshot is being written");
  if (s->open) return weir_fail(err, WEIR_E_SEQUENCE, "no snapshot can be written inside a transaction");
  weir_status status = weir_sq_usable(s, err);
  if (status != WEIR_OK) {
    (void)put_down(s, false);
    return status;
  }
  int rc = sqlite3_backup_step(s->copy.backup, bytes == 0 || pages > INT_MAX ? -1 : pages ? (int)pages : 1);
  if (rc == SQLITE_DONE) return complete(s, err);
  if (rc == SQLITE_OK) rc = write_through(s->copy.to);
  if (rc == SQLITE_OK) return WEIR_NONE;
  status = cannot_copy(s->copy.path, rc, err);
  (void)put_down(s, false);
  return status;
}

void weir_sq_snapshot_cancel(struct weir_store *store) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  if (s->copy.name) (void)put_down(s, false);
}
