/* sqlite_snapshot.c: all of the committed state, copied to a new file that others may open.
 *
 * It is written as FILE.part, flushed, and gets its name when it is complete: a copy that was cut off is never taken for a whole
 * one, an existing file is never touched, and what was reported outlives a power cut. Errors of the copy say nothing about the
 * state itself, and leave the store as it is. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "state/sqlite.h"

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

static weir_status write_beside(struct weir_sqlite *s, char *name, const char *path, weir_error *err) {
  struct stat about;
  if (lstat(path, &about) == 0) return cannot_write(path, EEXIST, err);
  clear_away(name);
  weir_status status = take_name(name, path, err);
  if (status == WEIR_OK) status = write_copy(s, name, path, err);
  int why = status == WEIR_OK ? give_name(name, path) : 0;
  if (why) status = cannot_write(path, why, err);
  if (status != WEIR_OK) clear_away(name);
  why = status == WEIR_OK ? weir_sq_sync_folder(name) : 0;
  return why ? cannot_write(path, why, err) : status;
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
  status = write_beside(s, name, path, err);
  free(name);
  return status;
}
