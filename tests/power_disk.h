/* power_disk.h: a disk whose power can be cut. A layer below SQLite (a VFS, for tests alone) writes down every write, flush,
 * truncation and deletion of a state file and what lies beside it; what the store does without SQLite (rename, unlink, fsync of
 * the folder) is caught at the linker (--wrap). From that tape the disk can be had as it may have been after any operation:
 *
 *   KEPT     everything that was written is there, flushed or not
 *   DROPPED  only what was flushed is there
 *   TORN     of what was not flushed each sector of 512 bytes is there or not, as it was after some of its writes; of renames and
 *            deletions the first few are done; and where a file grew, what was not written is zeros or rubbish
 *
 * The model's limits: sectors are written whole; the folder's changes reach the disk in their order; a disk that says it has
 * flushed has done so, except on a disk that lies (`lying`), which is there to show that the test can fail. */
#ifndef WEIR_TESTS_POWER_DISK_H
#define WEIR_TESTS_POWER_DISK_H

#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DISK_NAMES = 6, DISK_FILES = 64, DISK_SECTOR = 512 };

static const char *const disk_suffixes[DISK_NAMES] = { "", "-wal", "-journal", "-new", "-new-wal", "-new-journal" };
static char disk_path[512]; /* of the state file */

struct disk_file {
  unsigned char *bytes; /* NULL: there is none */
  size_t len;
};

/* What lies in the folder, by name. */
struct disk_image {
  struct disk_file files[DISK_NAMES];
};

enum disk_kind { DISK_CREATE, DISK_WRITE, DISK_TRUNCATE, DISK_SYNC, DISK_DELETE, DISK_RENAME, DISK_SYNC_FOLDER };

struct disk_op {
  enum disk_kind kind;
  int file, name, to; /* to: the name it gets */
  size_t at, len;
  unsigned char *bytes;
};

struct disk_tape {
  struct disk_image start;
  struct disk_op *ops;
  size_t cnt, room;
  int file_cnt;
  int names[DISK_NAMES]; /* the file behind each name now; -1: none */
};

static struct disk_tape *disk_tape; /* being written; NULL: none */

static _Noreturn void disk_die(const char *what) {
  printf("Bail out! %s\n", what);
  exit(2);
}

static inline void *disk_copy(const void *bytes, size_t len) {
  void *copy = malloc(len + 1);
  if (!copy) disk_die("no memory");
  if (len) memcpy(copy, bytes, len);
  return copy;
}

static inline void disk_image_free(struct disk_image *image) {
  for (int i = 0; i < DISK_NAMES; i++) {
    free(image->files[i].bytes);
    image->files[i] = (struct disk_file){ NULL, 0 };
  }
}

/* ---- the tape */

static inline void disk_tape_begin(struct disk_tape *tape, const struct disk_image *start) {
  memset(tape, 0, sizeof *tape);
  for (int i = 0; i < DISK_NAMES; i++) {
    tape->names[i] = -1;
    if (!start || !start->files[i].bytes) continue;
    tape->start.files[i] = (struct disk_file){ disk_copy(start->files[i].bytes, start->files[i].len), start->files[i].len };
    tape->names[i] = tape->file_cnt++;
  }
  disk_tape = tape;
}

static inline void disk_tape_free(struct disk_tape *tape) {
  for (size_t i = 0; i < tape->cnt; i++) free(tape->ops[i].bytes);
  free(tape->ops);
  disk_image_free(&tape->start);
  if (disk_tape == tape) disk_tape = NULL;
}

static inline void disk_note(struct disk_op op) {
  struct disk_tape *t = disk_tape;
  if (!t) return;
  if (t->cnt == t->room) {
    t->room = t->room ? 2 * t->room : 1024;
    if (!(t->ops = realloc(t->ops, t->room * sizeof *t->ops))) disk_die("no memory for the tape");
  }
  t->ops[t->cnt++] = op;
}

static inline int disk_name(const char *path) {
  size_t len = strlen(disk_path);
  if (!path || strncmp(path, disk_path, len) != 0) return -1;
  for (int i = 0; i < DISK_NAMES; i++) {
    if (strcmp(path + len, disk_suffixes[i]) == 0) return i;
  }
  return -1;
}

/* A name that was opened: a new file, or the one that is known under it. */
static inline int disk_opened(int name, bool *created) {
  *created = disk_tape->names[name] < 0;
  if (*created) {
    if (disk_tape->file_cnt == DISK_FILES) disk_die("more files than the tape knows");
    disk_tape->names[name] = disk_tape->file_cnt++;
    disk_note((struct disk_op){ .kind = DISK_CREATE, .file = disk_tape->names[name], .name = name });
  }
  return disk_tape->names[name];
}

static inline void disk_deleted(const char *path) {
  int name = disk_tape ? disk_name(path) : -1;
  if (name < 0 || disk_tape->names[name] < 0) return;
  disk_tape->names[name] = -1;
  disk_note((struct disk_op){ .kind = DISK_DELETE, .name = name });
}

/* ---- the layer below SQLite */

struct disk_handle {
  sqlite3_file base;
  sqlite3_file *real; /* lies behind */
  int file;           /* -1: not of the state file */
  bool folder_too;    /* a new log: SQLite's own layer flushes the folder with the first flush */
};

static sqlite3_vfs disk_vfs, *disk_below;
#define DISK_REAL(f) (((struct disk_handle *)(f))->real)

static int disk_x_close(sqlite3_file *f) { return DISK_REAL(f)->pMethods->xClose(DISK_REAL(f)); }
static int disk_x_read(sqlite3_file *f, void *to, int len, sqlite3_int64 at) { return DISK_REAL(f)->pMethods->xRead(DISK_REAL(f), to, len, at); }
static int disk_x_write(sqlite3_file *f, const void *from, int len, sqlite3_int64 at) {
  int file = ((struct disk_handle *)f)->file;
  if (disk_tape && file >= 0) {
    disk_note((struct disk_op){ .kind = DISK_WRITE, .file = file, .at = (size_t)at, .len = (size_t)len, .bytes = disk_copy(from, (size_t)len) });
  }
  return DISK_REAL(f)->pMethods->xWrite(DISK_REAL(f), from, len, at);
}
static int disk_x_truncate(sqlite3_file *f, sqlite3_int64 len) {
  int file = ((struct disk_handle *)f)->file;
  if (file >= 0) disk_note((struct disk_op){ .kind = DISK_TRUNCATE, .file = file, .len = (size_t)len });
  return DISK_REAL(f)->pMethods->xTruncate(DISK_REAL(f), len);
}
static int disk_x_sync(sqlite3_file *f, int flags) {
  struct disk_handle *h = (struct disk_handle *)f;
  (void)flags; /* the machine's own disk need not hurry */
  if (h->file >= 0) disk_note((struct disk_op){ .kind = DISK_SYNC, .file = h->file });
  if (h->folder_too) disk_note((struct disk_op){ .kind = DISK_SYNC_FOLDER });
  h->folder_too = false;
  return SQLITE_OK;
}
static int disk_x_size(sqlite3_file *f, sqlite3_int64 *len) { return DISK_REAL(f)->pMethods->xFileSize(DISK_REAL(f), len); }
static int disk_x_lock(sqlite3_file *f, int how) { return DISK_REAL(f)->pMethods->xLock(DISK_REAL(f), how); }
static int disk_x_unlock(sqlite3_file *f, int how) { return DISK_REAL(f)->pMethods->xUnlock(DISK_REAL(f), how); }
static int disk_x_locked(sqlite3_file *f, int *held) { return DISK_REAL(f)->pMethods->xCheckReservedLock(DISK_REAL(f), held); }
static int disk_x_control(sqlite3_file *f, int what, void *arg) { return DISK_REAL(f)->pMethods->xFileControl(DISK_REAL(f), what, arg); }
static int disk_x_sector(sqlite3_file *f) { return DISK_REAL(f)->pMethods->xSectorSize(DISK_REAL(f)); }
static int disk_x_traits(sqlite3_file *f) { return DISK_REAL(f)->pMethods->xDeviceCharacteristics(DISK_REAL(f)); }

static const sqlite3_io_methods disk_methods = {
  .iVersion = 1,           .xClose = disk_x_close,     .xRead = disk_x_read,    .xWrite = disk_x_write,
  .xTruncate = disk_x_truncate, .xSync = disk_x_sync,  .xFileSize = disk_x_size, .xLock = disk_x_lock,
  .xUnlock = disk_x_unlock, .xCheckReservedLock = disk_x_locked, .xFileControl = disk_x_control, .xSectorSize = disk_x_sector,
  .xDeviceCharacteristics = disk_x_traits,
};

static int disk_x_open(sqlite3_vfs *v, sqlite3_filename name, sqlite3_file *f, int flags, int *out) {
  struct disk_handle *h = (struct disk_handle *)f;
  bool created = false;
  (void)v;
  h->real = (sqlite3_file *)(h + 1);
  h->base.pMethods = NULL;
  h->file = -1;
  h->folder_too = false;
  int rc = disk_below->xOpen(disk_below, name, h->real, flags, out);
  if (rc != SQLITE_OK) return rc;
  h->base.pMethods = &disk_methods;
  int known = disk_tape ? disk_name(name) : -1;
  if (known >= 0) h->file = disk_opened(known, &created);
  h->folder_too = created && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
  return SQLITE_OK;
}

static int disk_x_delete(sqlite3_vfs *v, const char *name, int sync_folder) {
  (void)v;
  int rc = disk_below->xDelete(disk_below, name, 0);
  if (rc == SQLITE_OK) disk_deleted(name);
  if (rc == SQLITE_OK && sync_folder && disk_name(name) >= 0) disk_note((struct disk_op){ .kind = DISK_SYNC_FOLDER });
  return rc;
}

static inline void disk_register(void) {
  disk_below = sqlite3_vfs_find(NULL);
  disk_vfs = *disk_below;
  disk_vfs.zName = "power";
  disk_vfs.szOsFile = (int)sizeof(struct disk_handle) + disk_below->szOsFile;
  disk_vfs.xOpen = disk_x_open;
  disk_vfs.xDelete = disk_x_delete;
  if (sqlite3_vfs_register(&disk_vfs, 1) != SQLITE_OK) disk_die("the layer below SQLite cannot be put in");
}

/* ---- what the store does without SQLite: the linker leads it here */

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to) {
  int rc = __real_rename(from, to), a = disk_name(from), b = disk_name(to);
  if (rc != 0 || !disk_tape || a < 0 || b < 0) return rc;
  disk_tape->names[b] = disk_tape->names[a];
  disk_tape->names[a] = -1;
  disk_note((struct disk_op){ .kind = DISK_RENAME, .name = a, .to = b });
  return rc;
}

int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
int __wrap_unlink(const char *path) {
  int rc = __real_unlink(path);
  if (rc == 0) disk_deleted(path);
  return rc;
}

int __wrap_fsync(int fd);
int __wrap_fsync(int fd) {
  struct stat about;
  if (fstat(fd, &about) != 0) return -1;
  if (S_ISDIR(about.st_mode)) disk_note((struct disk_op){ .kind = DISK_SYNC_FOLDER });
  return 0;
}

/* ---- the disk after some operations */

struct disk_play {
  const struct disk_tape *tape;
  bool lying;                              /* a flush does nothing */
  size_t at;
  struct disk_file durable[DISK_FILES];
  size_t *pending[DISK_FILES], pending_cnt[DISK_FILES], pending_room[DISK_FILES];
  int names[DISK_NAMES];
  size_t folder[256], folder_cnt;          /* changes of the folder that are not flushed */
};

static inline void disk_play_begin(struct disk_play *p, const struct disk_tape *tape, bool lying) {
  int file = 0;
  memset(p, 0, sizeof *p);
  p->tape = tape;
  p->lying = lying;
  for (int i = 0; i < DISK_NAMES; i++) {
    const struct disk_file *from = &tape->start.files[i];
    p->names[i] = from->bytes ? file : -1;
    if (from->bytes) p->durable[file++] = (struct disk_file){ disk_copy(from->bytes, from->len), from->len };
  }
}

static inline void disk_play_end(struct disk_play *p) {
  for (int i = 0; i < DISK_FILES; i++) {
    free(p->durable[i].bytes);
    free(p->pending[i]);
  }
}

static inline void disk_resize(struct disk_file *f, size_t len, int fill) {
  if (!(f->bytes = realloc(f->bytes, len + 1))) disk_die("no memory");
  if (len > f->len) memset(f->bytes + f->len, fill, len - f->len);
  f->len = len;
}

static inline void disk_apply(struct disk_file *f, const struct disk_op *op) {
  if (op->kind == DISK_TRUNCATE) {
    disk_resize(f, op->len, 0);
    return;
  }
  if (op->at + op->len > f->len) disk_resize(f, op->at + op->len, 0);
  memcpy(f->bytes + op->at, op->bytes, op->len);
}

static inline void disk_apply_folder(int names[DISK_NAMES], const struct disk_op *op) {
  if (op->kind == DISK_CREATE) names[op->name] = op->file;
  if (op->kind == DISK_DELETE) names[op->name] = -1;
  if (op->kind != DISK_RENAME) return;
  names[op->to] = names[op->name];
  names[op->name] = -1;
}

static inline void disk_flush(struct disk_play *p, int file) {
  for (size_t i = 0; i < p->pending_cnt[file]; i++) disk_apply(&p->durable[file], &p->tape->ops[p->pending[file][i]]);
  p->pending_cnt[file] = 0;
}

static inline void disk_step(struct disk_play *p) {
  const struct disk_op *op = &p->tape->ops[p->at];
  switch (op->kind) {
    case DISK_WRITE:
    case DISK_TRUNCATE:
      if (p->pending_cnt[op->file] == p->pending_room[op->file]) {
        p->pending_room[op->file] = 2 * p->pending_room[op->file] + 64;
        p->pending[op->file] = realloc(p->pending[op->file], p->pending_room[op->file] * sizeof(size_t));
        if (!p->pending[op->file]) disk_die("no memory");
      }
      p->pending[op->file][p->pending_cnt[op->file]++] = p->at;
      break;
    case DISK_SYNC:
      if (!p->lying) disk_flush(p, op->file);
      break;
    case DISK_SYNC_FOLDER:
      for (size_t i = 0; i < p->folder_cnt && !p->lying; i++) disk_apply_folder(p->names, &p->tape->ops[p->folder[i]]);
      if (!p->lying) p->folder_cnt = 0;
      break;
    case DISK_CREATE:
    case DISK_DELETE:
    case DISK_RENAME:
      if (p->folder_cnt == sizeof p->folder / sizeof *p->folder) disk_die("more changes of the folder than expected");
      p->folder[p->folder_cnt++] = p->at;
  }
  p->at++;
}

/* Goes on until `to` operations are done. */
static inline void disk_play_to(struct disk_play *p, size_t to) {
  while (p->at < to) disk_step(p);
}

enum disk_mode { DISK_KEPT, DISK_DROPPED, DISK_TORN };

static inline uint64_t disk_random(uint64_t seed, uint64_t n) {
  uint64_t x = (seed ^ (n * UINT64_C(0x9e3779b97f4a7c15))) + UINT64_C(0x632be59bd9b4e019);
  x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
  return x ^ (x >> 31);
}

/* How many of `cnt` things that wait have happened: none, all, or some. */
static inline size_t disk_some(uint64_t r, size_t cnt) { return r % 4 == 0 ? 0 : r % 4 == 1 ? cnt : (size_t)(r / 4 % (cnt + 1)); }

static inline void disk_tear(const struct disk_play *p, int file, uint64_t seed, struct disk_file *out) {
  size_t cnt = p->pending_cnt[file], about = disk_some(disk_random(seed, 1), cnt);
  int fill = seed & 64 ? 0 : 0xA5;
  for (size_t j = 0; j < cnt; j++) {
    const struct disk_op *op = &p->tape->ops[p->pending[file][j]];
    if (op->kind == DISK_TRUNCATE) {
      if (j < about) disk_resize(out, op->len, 0);
      continue;
    }
    for (size_t from = op->at; from < op->at + op->len;) {
      size_t sector = from / DISK_SECTOR, to = (sector + 1) * DISK_SECTOR;
      if (to > op->at + op->len) to = op->at + op->len;
      if (j < disk_some(disk_random(seed, 16 + sector), cnt)) {
        if (to > out->len) disk_resize(out, to, fill);
        memcpy(out->bytes + from, op->bytes + (from - op->at), to - from);
      }
      from = to;
    }
  }
}

static inline void disk_play_image(const struct disk_play *p, enum disk_mode mode, uint64_t seed, struct disk_image *out) {
  int names[DISK_NAMES];
  size_t changes = mode == DISK_KEPT ? p->folder_cnt : mode == DISK_DROPPED ? 0 : disk_some(disk_random(seed, 0), p->folder_cnt);
  memcpy(names, p->names, sizeof names);
  for (size_t i = 0; i < changes; i++) disk_apply_folder(names, &p->tape->ops[p->folder[i]]);
  for (int i = 0; i < DISK_NAMES; i++) {
    out->files[i] = (struct disk_file){ NULL, 0 };
    if (names[i] < 0) continue;
    const struct disk_file *from = &p->durable[names[i]];
    out->files[i] = (struct disk_file){ disk_copy(from->bytes, from->len), from->len };
    if (mode == DISK_TORN) disk_tear(p, names[i], disk_random(seed, 2 + (uint64_t)names[i]), &out->files[i]);
    for (size_t j = 0; mode == DISK_KEPT && j < p->pending_cnt[names[i]]; j++) {
      disk_apply(&out->files[i], &p->tape->ops[p->pending[names[i]][j]]);
    }
  }
}

/* Lays an image into the folder. */
static inline void disk_lay(const struct disk_image *image) {
  char name[sizeof disk_path + 16];
  for (int i = 0; i < DISK_NAMES; i++) {
    const struct disk_file *f = &image->files[i];
    snprintf(name, sizeof name, "%s%s", disk_path, disk_suffixes[i]);
    (void)__real_unlink(name);
    if (!f->bytes) continue;
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, f->bytes, f->len) != (ssize_t)f->len || close(fd) != 0) disk_die("an image cannot be written");
  }
}

#endif
