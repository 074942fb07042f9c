/* sqlite_snapshot.c: all of the committed state, copied to a new file that others may open.
 *
 * The name is taken first, with an empty file that nobody else can have made; the copy is written beside it and renamed over it
 * when it is complete. So an existing file is never touched, and a copy that was cut off is not taken for a whole one: opening
 * an empty file is refused. Errors of the copy say nothing about the state itself, and leave the store as it is. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "state/sqlite.h"

#define COPY_SUFFIX "-new"

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

/* The copy of a file with a write-ahead log says that it has one; whoever only reads could not open it. */
static int copy(sqlite3 *from, sqlite3 *to) {
  sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
  if (!backup) return sqlite3_errcode(to);
  int rc = sqlite3_backup_step(backup, -1);
  int end = sqlite3_backup_finish(backup);
  if (rc != SQLITE_DONE) return rc;
  return end == SQLITE_OK ? sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) : end;
}

static weir_status write_copy(struct weir_sqlite *s, const char *name, const char *path, weir_error *err) {
  sqlite3 *to = NULL;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  weir_status status = WEIR_OK;
  int rc = sqlite3_open_v2(name, &to, flags, NULL);
  if (rc == SQLITE_OK) rc = copy(s->db, to);
  if (rc != SQLITE_OK) status = cannot_copy(path, rc, err);
  rc = sqlite3_close(to);
  return status == WEIR_OK && rc != SQLITE_OK ? cannot_copy(path, rc, err) : status;
}

static weir_status write_beside(struct weir_sqlite *s, const char *name, const char *path, weir_error *err) {
  weir_status status = take_name(name, path, err);
  if (status != WEIR_OK) return status;
  status = write_copy(s, name, path, err);
  if (status == WEIR_OK && rename(name, path) != 0) status = cannot_write(path, errno, err);
  if (status != WEIR_OK) (void)unlink(name);
  return status;
}

weir_status weir_sq_snapshot(struct weir_store *store, const char *path, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  if (s->open) return weir_fail(err, WEIR_E_SEQUENCE, "no snapshot can be written inside a transaction");
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK && s->ack_cnt != 0) status = weir_sq_write_acks(s, err);
  if (status != WEIR_OK) return status;
  size_t cap = strlen(path) + sizeof COPY_SUFFIX;
  char *name = malloc(cap);
  if (!name) return weir_fail(err, WEIR_E_NOMEM, "no memory for a snapshot's name");
  snprintf(name, cap, "%s" COPY_SUFFIX, path);
  status = take_name(path, path, err);
  if (status == WEIR_OK && (status = write_beside(s, name, path, err)) != WEIR_OK) (void)unlink(path);
  free(name);
  return status;
}
