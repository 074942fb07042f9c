/* fault_points.h: one thing fails. Every request for memory (malloc and its like, the arenas, the heaps of PCRE2 and Lua, SQLite's)
 * and every operation of a store is counted, by kind; the one that was chosen fails, once or from then on. For one source file of
 * a program that is linked with $(FAULT_WRAP): the linker leads the calls here, so sanitizers can watch.
 *
 * fault_arm chooses and begins to count anew; fault_disarm ends the failing, not the counting. A store fails before it did
 * anything. Every store that is opened through the linker's hands is watched. fault_watch_sqlite comes before the first use of
 * SQLite. Threads: counted right; which call is the n-th is then chance. */
#ifndef TESTS_FAULT_POINTS_H
#define TESTS_FAULT_POINTS_H

#include <dirent.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/heap.h"
#include "state/store.h"

enum fault_kind { FAULT_HOST, FAULT_ARENA, FAULT_HEAP, FAULT_SQLITE, FAULT_STORE, FAULT_KINDS };

static struct {
  bool armed, ever;
  enum fault_kind kind;
  uint64_t nth;                       /* from 1 */
  _Atomic uint64_t seen[FAULT_KINDS]; /* calls since fault_arm */
  _Atomic uint64_t struck;            /* those that failed */
  _Atomic long live;                  /* blocks that are held, since the program began */
} fault;

static inline void fault_arm(enum fault_kind kind, uint64_t nth, bool ever) {
  for (int i = 0; i < FAULT_KINDS; i++) atomic_store(&fault.seen[i], 0);
  atomic_store(&fault.struck, 0);
  fault.kind = kind, fault.nth = nth, fault.ever = ever;
  fault.armed = nth > 0;
}
static inline void fault_disarm(void) { fault.armed = false; }

/* A place for a debugger to stop at. */
void fault_struck_here(void);
__attribute__((noinline)) void fault_struck_here(void) { __asm__ volatile(""); }

static bool fault_strikes(enum fault_kind kind) {
  uint64_t at = atomic_fetch_add(&fault.seen[kind], 1) + 1;
  if (!fault.armed || kind != fault.kind) return false;
  if (at != fault.nth && !(fault.ever && at > fault.nth)) return false;
  atomic_fetch_add(&fault.struck, 1);
  fault_struck_here();
  errno = ENOMEM;
  return true;
}

/* ---- Memory of the host */

static void *fault_held(void *p) {
  if (p) atomic_fetch_add(&fault.live, 1);
  return p;
}

#define FAULT_WRAPPED(type, name, params) \
  type __real_##name params;              \
  type __wrap_##name params;              \
  type __wrap_##name params

FAULT_WRAPPED(void *, malloc, (size_t n)) { return fault_strikes(FAULT_HOST) ? NULL : fault_held(__real_malloc(n)); }
FAULT_WRAPPED(void *, calloc, (size_t n, size_t size)) { return fault_strikes(FAULT_HOST) ? NULL : fault_held(__real_calloc(n, size)); }
FAULT_WRAPPED(void *, aligned_alloc, (size_t align, size_t n)) { return fault_strikes(FAULT_HOST) ? NULL : fault_held(__real_aligned_alloc(align, n)); }
FAULT_WRAPPED(void *, realloc, (void *p, size_t n)) {
  if (fault_strikes(FAULT_HOST)) return NULL;
  return p ? __real_realloc(p, n) : fault_held(__real_realloc(p, n));
}
FAULT_WRAPPED(void, free, (void *p)) {
  if (p) atomic_fetch_sub(&fault.live, 1);
  __real_free(p);
}
FAULT_WRAPPED(void *, sodium_malloc, (size_t n)) { return fault_strikes(FAULT_HOST) ? NULL : fault_held(__real_sodium_malloc(n)); }
FAULT_WRAPPED(void, sodium_free, (void *p)) {
  if (p) atomic_fetch_sub(&fault.live, 1);
  __real_sodium_free(p);
}

/* What the C library takes for its caller. */
FAULT_WRAPPED(char *, realpath, (const char *path, char *out)) {
  if (out) return __real_realpath(path, out);
  return fault_strikes(FAULT_HOST) ? NULL : fault_held(__real_realpath(path, NULL));
}
FAULT_WRAPPED(DIR *, opendir, (const char *path)) { return fault_strikes(FAULT_HOST) ? NULL : fault_held(__real_opendir(path)); }
FAULT_WRAPPED(int, closedir, (DIR *folder)) {
  atomic_fetch_sub(&fault.live, 1);
  return __real_closedir(folder);
}
/* With files over 2 GB the headers give these two other names. */
FAULT_WRAPPED(FILE *, fopen64, (const char *path, const char *mode)) { return fault_strikes(FAULT_HOST) ? NULL : fault_held(__real_fopen64(path, mode)); }
FAULT_WRAPPED(FILE *, fdopen, (int fd, const char *mode)) { return fault_strikes(FAULT_HOST) ? NULL : fault_held(__real_fdopen(fd, mode)); }
FAULT_WRAPPED(FILE *, open_memstream, (char **text, size_t *len)) { /* the stream and, once it is closed, the text */
  return fault_strikes(FAULT_HOST) ? NULL : fault_held(fault_held(__real_open_memstream(text, len)));
}
FAULT_WRAPPED(int, fclose, (FILE *f)) {
  if (f != stdout && f != stderr && f != stdin) atomic_fetch_sub(&fault.live, 1);
  return __real_fclose(f);
}
FAULT_WRAPPED(ssize_t, getline, (char **line, size_t *cap, FILE *f)) {
  char *before = *line;
  ssize_t len;
  if (fault_strikes(FAULT_HOST)) return -1;
  len = __real_getline(line, cap, f);
  if (!before) fault_held(*line);
  return len;
}
FAULT_WRAPPED(int, scandir64, (const char *path, struct dirent ***names, int (*takes)(const struct dirent *), int (*order)(const struct dirent **, const struct dirent **))) {
  int cnt = fault_strikes(FAULT_HOST) ? -1 : __real_scandir64(path, names, takes, order);
  if (cnt >= 0) atomic_fetch_add(&fault.live, cnt + 1);
  return cnt;
}

/* ---- Arenas and heaps */

FAULT_WRAPPED(void *, weir_arena_alloc, (struct weir_arena *arena, size_t len)) { return fault_strikes(FAULT_ARENA) ? NULL : __real_weir_arena_alloc(arena, len); }
FAULT_WRAPPED(void *, weir_arena_zalloc, (struct weir_arena *arena, size_t len)) { return fault_strikes(FAULT_ARENA) ? NULL : __real_weir_arena_zalloc(arena, len); }
FAULT_WRAPPED(void *, weir_arena_array, (struct weir_arena *arena, size_t cnt, size_t size)) {
  return fault_strikes(FAULT_ARENA) ? NULL : __real_weir_arena_array(arena, cnt, size);
}
FAULT_WRAPPED(char *, weir_arena_bytes, (struct weir_arena *arena, size_t len)) { return fault_strikes(FAULT_ARENA) ? NULL : __real_weir_arena_bytes(arena, len); }
FAULT_WRAPPED(bool, weir_arena_str, (struct weir_arena *arena, weir_str s, weir_str *out)) {
  if (!fault_strikes(FAULT_ARENA)) return __real_weir_arena_str(arena, s, out);
  *out = (weir_str){ NULL, 0 };
  return false;
}
FAULT_WRAPPED(void *, weir_heap_alloc, (struct weir_heap *heap, size_t len)) { return fault_strikes(FAULT_HEAP) ? NULL : __real_weir_heap_alloc(heap, len); }
/* Only what is new or grows can fail; shrinking always works. Which it is cannot be told here, so only new blocks fail. */
FAULT_WRAPPED(void *, weir_heap_realloc, (struct weir_heap *heap, void *ptr, size_t len)) {
  return !ptr && len && fault_strikes(FAULT_HEAP) ? NULL : __real_weir_heap_realloc(heap, ptr, len);
}

/* ---- SQLite's memory, through the hooks it has for that */

static sqlite3_mem_methods fault_sqlite_memory;
static void *fault_sqlite_malloc(int n) { return fault_strikes(FAULT_SQLITE) ? NULL : fault_sqlite_memory.xMalloc(n); }
static void *fault_sqlite_realloc(void *p, int n) { return fault_strikes(FAULT_SQLITE) ? NULL : fault_sqlite_memory.xRealloc(p, n); }

static inline bool fault_watch_sqlite(void) {
  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &fault_sqlite_memory) != SQLITE_OK) return false;
  sqlite3_mem_methods mine = fault_sqlite_memory;
  mine.xMalloc = fault_sqlite_malloc;
  mine.xRealloc = fault_sqlite_realloc;
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &mine) == SQLITE_OK;
}

/* ---- Stores: every operation that can say no may do so, before anything was done */

enum { FAULT_STORES = 2 }; /* in memory, and on disk */
static const struct weir_store_ops *fault_real_ops[FAULT_STORES];
static struct weir_store_ops fault_ops[FAULT_STORES];

static const struct weir_store_ops *fault_real(const struct weir_store *s) { return fault_real_ops[s->ops == &fault_ops[1]]; }

#define FAULT_OP(name, params, args)                                                                              \
  static weir_status fault_##name params {                                                                        \
    return fault_strikes(FAULT_STORE) ? weir_fail(err, WEIR_E_STATE, "the store was made to fail") : fault_real(s)->name args; \
  }
#define FAULT_KEY const unsigned char key[WEIR_ID_BYTES]
FAULT_OP(load, (struct weir_store *s, const struct weir_contact *c, struct weir_arena *a, struct weir_person *o, weir_error *err), (s, c, a, o, err))
FAULT_OP(load_person, (struct weir_store *s, uint64_t n, struct weir_arena *a, struct weir_person *o, weir_error *err), (s, n, a, o, err))
FAULT_OP(claim, (struct weir_store *s, const struct weir_contact *c, FAULT_KEY, int64_t now, bool *held, int64_t *until, weir_error *err), (s, c, key, now, held, until, err))
FAULT_OP(seen, (struct weir_store *s, FAULT_KEY, int64_t now, struct weir_arena *a, bool *seen, weir_str *d, weir_error *err), (s, key, now, a, seen, d, err))
FAULT_OP(code, (struct weir_store *s, weir_str code, int64_t now, uint64_t *p, weir_error *err), (s, code, now, p, err))
FAULT_OP(pool_used, (struct weir_store *s, weir_str p, weir_str m, int64_t day, uint32_t *used, weir_error *err), (s, p, m, day, used, err))
FAULT_OP(total, (struct weir_store *s, FAULT_KEY, int64_t now, int64_t *cnt, weir_error *err), (s, key, now, cnt, err))
FAULT_OP(invited, (struct weir_store *s, const struct weir_contact *c, uint32_t *cnt, weir_error *err), (s, c, cnt, err))
FAULT_OP(invites, (struct weir_store *s, const struct weir_contact *c, const struct weir_contact *i, enum weir_invite_answer *o, weir_error *err), (s, c, i, o, err))
FAULT_OP(ledger, (struct weir_store *s, FAULT_KEY, struct weir_arena *a, struct weir_ledger_entry *o, weir_error *err), (s, key, a, o, err))
FAULT_OP(ledger_origin, (struct weir_store *s, FAULT_KEY, struct weir_ledger_counts *c, weir_error *err), (s, key, c, err))
FAULT_OP(timer, (struct weir_store *s, int64_t now, struct weir_arena *a, struct weir_timer *o, weir_error *err), (s, now, a, o, err))
FAULT_OP(glance, (struct weir_store *s, const struct weir_contact *c, struct weir_glance *o, weir_error *err), (s, c, o, err))
FAULT_OP(round, (struct weir_store *s, FAULT_KEY, struct weir_round *o, weir_error *err), (s, key, o, err))
FAULT_OP(walk, (struct weir_store *s, int64_t after, int64_t cnt, int64_t before, struct weir_arena *a, struct weir_walked *o, weir_error *err), (s, after, cnt, before, a, o, err))
FAULT_OP(stage_count, (const struct weir_store *s, weir_str f, weir_str stage, uint64_t *now, uint64_t *entered, weir_error *err), (s, f, stage, now, entered, err))
FAULT_OP(meter, (struct weir_store *s, FAULT_KEY, int64_t now, struct weir_meter *o, weir_error *err), (s, key, now, o, err))
FAULT_OP(counted, (const struct weir_store *s, int64_t day, void (*tell)(void *, const struct weir_counted *), void *ctx, weir_error *err), (s, day, tell, ctx, err))
FAULT_OP(each_step, (struct weir_store *s, void (*tell)(void *, const struct weir_stepped *), void *ctx, weir_error *err), (s, tell, ctx, err))
FAULT_OP(each_stage, (struct weir_store *s, void (*tell)(void *, const struct weir_standing *), void *ctx, weir_error *err), (s, tell, ctx, err))
FAULT_OP(each_entry, (struct weir_store *s, void (*tell)(void *, const struct weir_ledger_line *), void *ctx, weir_error *err), (s, tell, ctx, err))
FAULT_OP(known, (struct weir_store *s, const struct weir_contact *c, void (*tell)(void *, const struct weir_known *), void *ctx, weir_error *err), (s, c, tell, ctx, err))
FAULT_OP(begin, (struct weir_store *s, weir_error *err), (s, err))
FAULT_OP(apply, (struct weir_store *s, const struct weir_changeset *c, weir_error *err), (s, c, err))
FAULT_OP(commit, (struct weir_store *s, weir_error *err), (s, err))
FAULT_OP(chain_head, (struct weir_store *s, weir_str aud, struct weir_chain_head *o, weir_error *err), (s, aud, o, err))
FAULT_OP(outbox_put, (struct weir_store *s, weir_str aud, const struct weir_chain_head *h, weir_str l, weir_error *err), (s, aud, h, l, err))
FAULT_OP(outbox_next, (struct weir_store *s, struct weir_stored_record *o, weir_error *err), (s, o, err))
FAULT_OP(outbox_look, (struct weir_store *s, uint64_t after, uint64_t *n, struct weir_stored_record *o, weir_error *err), (s, after, n, o, err))
FAULT_OP(outbox_replace, (struct weir_store *s, uint64_t n, weir_str l, weir_error *err), (s, n, l, err))
FAULT_OP(outbox_ack, (struct weir_store *s, weir_str aud, uint64_t seq, weir_error *err), (s, aud, seq, err))
FAULT_OP(outbox_expire, (struct weir_store *s, int64_t now, uint64_t *c, weir_error *err), (s, now, c, err))
FAULT_OP(snapshot_begin, (struct weir_store *s, const char *path, weir_error *err), (s, path, err))
FAULT_OP(snapshot_step, (struct weir_store *s, size_t bytes, weir_error *err), (s, bytes, err))
FAULT_OP(forget, (struct weir_store *s, const struct weir_contact *c, const struct weir_forgetting *w, weir_error *err), (s, c, w, err))

/* Those of a kind of store are one constant table, made once; here engines of several threads write the same over the same. */
static void fault_watch_store(struct weir_store *store, int which) {
  struct weir_store_ops *o = &fault_ops[which];
  if (fault_real_ops[which] != store->ops) {
    fault_real_ops[which] = store->ops;
    *o = *store->ops;
#define FAULT_PUT(name) o->name = fault_##name
    FAULT_PUT(load), FAULT_PUT(load_person), FAULT_PUT(claim), FAULT_PUT(seen), FAULT_PUT(code), FAULT_PUT(pool_used), FAULT_PUT(total);
    FAULT_PUT(invited), FAULT_PUT(invites), FAULT_PUT(ledger), FAULT_PUT(ledger_origin), FAULT_PUT(timer), FAULT_PUT(glance), FAULT_PUT(round);
    FAULT_PUT(walk), FAULT_PUT(stage_count), FAULT_PUT(meter), FAULT_PUT(counted), FAULT_PUT(each_step), FAULT_PUT(each_stage);
    FAULT_PUT(each_entry), FAULT_PUT(known), FAULT_PUT(begin), FAULT_PUT(apply), FAULT_PUT(commit), FAULT_PUT(chain_head), FAULT_PUT(outbox_put);
    FAULT_PUT(outbox_next), FAULT_PUT(outbox_look), FAULT_PUT(outbox_replace), FAULT_PUT(outbox_ack), FAULT_PUT(outbox_expire);
    FAULT_PUT(snapshot_begin), FAULT_PUT(snapshot_step), FAULT_PUT(forget);
#undef FAULT_PUT
  }
  store->ops = o;
}

FAULT_WRAPPED(weir_status, weir_memory_store_open, (struct weir_store **out, void *block, size_t len, weir_error *err)) {
  weir_status st = __real_weir_memory_store_open(out, block, len, err);
  if (!st) fault_watch_store(*out, 0);
  return st;
}
FAULT_WRAPPED(weir_status, weir_sqlite_store_open, (struct weir_store **out, const char *path, const struct weir_sqlite_config *config, weir_error *err)) {
  weir_status st = __real_weir_sqlite_store_open(out, path, config, err);
  if (!st) fault_watch_store(*out, 1);
  return st;
}

#endif
