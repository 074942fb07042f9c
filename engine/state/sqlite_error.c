/* sqlite_error.c: what SQLite says, as a status and a sentence that says what to do.
 *
 * Three degrees. A call that failed changed nothing, and the next may do. A torn transaction can only be rolled back. A
 * broken store serves nothing any more: after a failed fsync nobody knows what the disk holds (the system may have dropped
 * the pages that it could not write, and says "written" the next time), and a damaged file gets worse with every change. */
#include <errno.h>
#include <stdio.h>

#include "state/sqlite.h"

static weir_status broken(struct weir_sqlite *s, weir_status status, weir_error *err, const char *message) {
  s->broken = status;
  snprintf(s->trouble, sizeof s->trouble, "%s", message);
  return weir_fail(err, status, "%s", message);
}

/* What the system said: SQLite keeps it with the file, and for the connection only on some ways. */
static int system_error(sqlite3 *db) {
  static const int files[] = { SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER };
  int why = sqlite3_system_errno(db);
  for (size_t i = 0; i < sizeof files / sizeof *files && why == 0; i++) {
    sqlite3_file *file = NULL;
    if (sqlite3_file_control(db, "main", files[i], &file) != SQLITE_OK || !file || !file->pMethods) continue;
    if (file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &why) != SQLITE_OK) why = 0;
  }
  return why;
}

static bool is_fsync(int rc) {
  return rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC || rc == SQLITE_IOERR_CLOSE;
}

static bool is_no_space(int rc, int system) {
  bool writing = rc == SQLITE_IOERR_WRITE || rc == SQLITE_IOERR_TRUNCATE;
  return (rc & 0xff) == SQLITE_FULL || (writing && (system == ENOSPC || system == EDQUOT || system == EFBIG));
}

/* What is said of an error that the caller's call alone meets. */
static weir_status plain(const char *path, int rc, int system, const char *said, weir_error *err) {
  switch (rc & 0xff) {
    case SQLITE_NOMEM: return weir_fail(err, WEIR_E_NOMEM, "no memory for the state file %s", path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return weir_fail(err, WEIR_E_STATE, "the state file %s is in use by another program; stop that one, or give this one a "
                                          "state file of its own", path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return weir_fail(err, WEIR_E_STATE, "the state file %s cannot be written; make it and its folder writable for this user",
                       path);
    case SQLITE_CANTOPEN:
      return weir_fail(err, WEIR_E_STATE, "the state file %s cannot be opened; see that its folder is there and this user may "
                       "write in it", path);
    case SQLITE_NOTADB:
      return weir_fail(err, WEIR_E_STATE, "%s is not a state file of weir; give the name of another file", path);
    default:
      return weir_fail(err, WEIR_E_STATE, "the state file %s cannot be read or written: %s (error %d, system error %d); look "
                                          "at the disk and the system's log", path, said, rc, system);
  }
}

weir_status weir_sq_damaged(struct weir_sqlite *s, const char *what, weir_error *err) {
  char message[sizeof s->trouble];
  snprintf(message, sizeof message, "the state file is damaged (%.80s); move it and the files beside it (-wal, -journal) away "
           "together, then restore a snapshot or start anew", what);
  return broken(s, WEIR_E_STATE, err, message);
}

weir_status weir_sq_strange(struct weir_sqlite *s, weir_error *err) {
  return weir_fail(err, WEIR_E_STATE, "the state file %s has not the tables that version %d should have (%.80s): an unfinished weir made it, or "
                                      "somebody changed it; move it and the files beside it (-wal, -journal) away together, then restore a "
                                      "snapshot or start anew", s->path, WEIR_SQ_VERSION, sqlite3_errmsg(s->db));
}

static weir_status full(struct weir_sqlite *s, weir_error *err) {
  int64_t pages = 0;
  sqlite3_stmt *stmt = s->stmts[WEIR_SQ_PAGES];
  if (sqlite3_step(stmt) == SQLITE_ROW) pages = sqlite3_column_int64(stmt, 0);
  weir_sq_done(stmt);
  if (pages >= s->max_pages) {
    return weir_fail(err, WEIR_E_FULL, "the state file is as large as it may become; acknowledge records, or allow it more "
                                       "bytes");
  }
  return weir_fail(err, WEIR_E_FULL, "the disk of the state file is full; make space, then it goes on");
}

weir_status weir_sq_fail(struct weir_sqlite *s, int rc, weir_error *err) {
  int system = system_error(s->db);
  weir_error local;
  weir_status status;
  if (!err) err = &local; /* the message is kept for later calls */
  if (s->broken) return weir_sq_usable(s, err);
  if (is_fsync(rc)) {
    return broken(s, WEIR_E_STATE, err, "the disk did not keep what was written to the state file; look at the disk and the "
                  "system's log, then start again: what was committed is read anew");
  }
  if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB || (rc & 0xff) == SQLITE_CONSTRAINT ||
      (rc & 0xff) == SQLITE_MISMATCH) {
    return weir_sq_damaged(s, sqlite3_errmsg(s->db), err);
  }
  if (is_no_space(rc, system)) status = full(s, err);
  else status = plain(s->path, rc, system, sqlite3_errmsg(s->db), err);
  /* SQLite takes a transaction back by itself when it cannot go on with it. */
  if (s->open && sqlite3_get_autocommit(s->db) != 0) weir_sq_tear(s, status, err->message);
  return status;
}

void weir_sq_tear(struct weir_sqlite *s, weir_status status, const char *message) {
  if (s->torn || s->broken) return;
  s->torn = status;
  snprintf(s->trouble, sizeof s->trouble, "%.250s", message);
}

weir_status weir_sq_fail_open(sqlite3 *db, const char *path, int rc, weir_error *err) {
  int system = db ? system_error(db) : 0;
  if (!db) return weir_fail(err, WEIR_E_NOMEM, "no memory for the state file %s", path);
  if ((rc & 0xff) == SQLITE_CORRUPT) {
    return weir_fail(err, WEIR_E_STATE, "the state file %s is damaged (%s); move it and the files beside it (-wal, -journal) "
                                        "away together, then restore a snapshot or start anew", path, sqlite3_errmsg(db));
  }
  if (is_no_space(rc, system)) {
    return weir_fail(err, WEIR_E_FULL, "the disk of the state file %s is full; make space, then start again", path);
  }
  return plain(path, rc, system, sqlite3_errmsg(db), err);
}

weir_status weir_sq_usable(const struct weir_sqlite *s, weir_error *err) {
  if (s->broken) return weir_fail(err, s->broken, "%s", s->trouble);
  if (s->torn) return weir_fail(err, s->torn, "%s (the open transaction must be rolled back)", s->trouble);
  return WEIR_OK;
}
