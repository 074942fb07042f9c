/* memory_rows.c: tables of fixed-size rows, their hash indexes and their queues. Knows nothing of what the rows mean.
 *
 * A bucket holds the first row of a hash chain, rows hold the next. The seed of the hashes comes from the block's address,
 * which nobody outside knows, so that nobody can choose ids that fall into one chain. Order in a chain never shows. */
#include "state/memory.h"

_Static_assert(offsetof(struct weir_mem_person, id) == sizeof(struct weir_mem_due), "the tie stands behind the due time");
_Static_assert(offsetof(struct weir_mem_timer, id) == sizeof(struct weir_mem_due), "the tie stands behind the due time");

uint64_t weir_mem_mix(const struct weir_memory *s, uint64_t a, uint64_t b) {
  uint64_t h = s->seed ^ a;
  for (int i = 0; i < 2; i++) {
    h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
    h ^= h >> 31;
    if (i == 0) h += b;
  }
  return h;
}

uint64_t weir_mem_key(const struct weir_memory *s, const unsigned char key[WEIR_ID_BYTES]) {
  uint64_t half[2];
  _Static_assert(sizeof half == WEIR_ID_BYTES, "a key is two words");
  memcpy(half, key, sizeof half);
  return weir_mem_mix(s, half[0], half[1]);
}

/* ---- rows */

static uint32_t *next_of(const struct weir_memory *s, enum weir_mem_id id, uint32_t row) { return weir_mem_row(s, id, row); }

static void log_counts(struct weir_memory *s, struct weir_mem_table *t) {
  _Static_assert(offsetof(struct weir_mem_table, queued) - offsetof(struct weir_mem_table, used) == 3 * sizeof(uint32_t),
                 "the changing members lie together");
  weir_mem_log(s, &t->used, 4 * sizeof(uint32_t));
}

weir_status weir_mem_take(struct weir_memory *s, enum weir_mem_id id, uint32_t *row, weir_error *err) {
  struct weir_mem_table *t = &s->tables[id];
  weir_status status;
  *row = 0;
  for (;;) {
    if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
    if (t->free != 0 || t->used < t->cap) break;
    if ((status = weir_mem_make_room(s, id, err)) != WEIR_OK) return status;
  }
  log_counts(s, t);
  if (t->free != 0) {
    *row = t->free;
    weir_mem_log(s, weir_mem_row(s, id, *row), t->logged);
    t->free = *next_of(s, id, *row);
  } else {
    *row = ++t->used; /* nothing to keep: undoing makes it unused again */
  }
  t->live++;
  memset(weir_mem_row(s, id, *row), 0, t->logged);
  return WEIR_OK;
}

void weir_mem_give(struct weir_memory *s, enum weir_mem_id id, uint32_t row) {
  struct weir_mem_table *t = &s->tables[id];
  log_counts(s, t);
  WEIR_MEM_SET(s, *next_of(s, id, row), t->free);
  t->free = row;
  t->live--;
}

/* ---- hash index */

static uint32_t *bucket(const struct weir_memory *s, enum weir_mem_id id, uint64_t hash) {
  const struct weir_mem_table *t = &s->tables[id];
  return &t->buckets[((hash >> 32) * t->bucket_cnt) >> 32];
}

uint32_t weir_mem_chain(const struct weir_memory *s, enum weir_mem_id id, uint64_t hash) { return *bucket(s, id, hash); }

void weir_mem_link(struct weir_memory *s, enum weir_mem_id id, uint64_t hash, uint32_t row) {
  uint32_t *first = bucket(s, id, hash);
  WEIR_MEM_SET(s, *next_of(s, id, row), *first);
  WEIR_MEM_SET(s, *first, row);
}

void weir_mem_unlink(struct weir_memory *s, enum weir_mem_id id, uint64_t hash, uint32_t row) {
  uint32_t *link = bucket(s, id, hash);
  while (*link != 0 && *link != row) link = next_of(s, id, *link);
  if (*link == row) WEIR_MEM_SET(s, *link, *next_of(s, id, row));
}

/* ---- queue */

static struct weir_mem_due *due_of(const struct weir_memory *s, enum weir_mem_id id, uint32_t row) {
  return weir_mem_row(s, id, row);
}

bool weir_mem_earlier(const struct weir_memory *s, enum weir_mem_id id, uint32_t a, uint32_t b) {
  const struct weir_mem_due *x = due_of(s, id, a), *y = due_of(s, id, b);
  uint64_t tie_x, tie_y;
  if (x->due != y->due || !s->tables[id].tied) return x->due < y->due;
  memcpy(&tie_x, x + 1, sizeof tie_x);
  memcpy(&tie_y, y + 1, sizeof tie_y);
  return tie_x < tie_y;
}

static void place(struct weir_memory *s, enum weir_mem_id id, uint32_t slot, uint32_t row) {
  WEIR_MEM_SET(s, s->tables[id].queue[slot - 1], row);
  WEIR_MEM_SET(s, due_of(s, id, row)->slot, slot);
}

/* Puts `row` at the free place `slot` or where the order wants it above or below. */
static void sift(struct weir_memory *s, enum weir_mem_id id, uint32_t slot, uint32_t row) {
  const struct weir_mem_table *t = &s->tables[id];
  while (slot > 1 && weir_mem_earlier(s, id, row, t->queue[slot / 2 - 1])) {
    place(s, id, slot, t->queue[slot / 2 - 1]);
    slot /= 2;
  }
  for (;;) {
    uint32_t child = slot * 2;
    if (child > t->queued) break;
    if (child < t->queued && weir_mem_earlier(s, id, t->queue[child], t->queue[child - 1])) child++;
    if (!weir_mem_earlier(s, id, t->queue[child - 1], row)) break;
    place(s, id, slot, t->queue[child - 1]);
    slot = child;
  }
  place(s, id, slot, row);
}

uint32_t weir_mem_top(const struct weir_memory *s, enum weir_mem_id id) {
  return s->tables[id].queued ? s->tables[id].queue[0] : 0;
}

void weir_mem_queue(struct weir_memory *s, enum weir_mem_id id, uint32_t row) {
  struct weir_mem_table *t = &s->tables[id];
  if (due_of(s, id, row)->slot != 0) return;
  WEIR_MEM_SET(s, t->queued, t->queued + 1);
  sift(s, id, t->queued, row);
}

void weir_mem_unqueue(struct weir_memory *s, enum weir_mem_id id, uint32_t row) {
  struct weir_mem_table *t = &s->tables[id];
  uint32_t slot = due_of(s, id, row)->slot;
  if (slot == 0) return;
  uint32_t last = t->queue[t->queued - 1];
  WEIR_MEM_SET(s, t->queued, t->queued - 1);
  WEIR_MEM_SET(s, due_of(s, id, row)->slot, 0);
  if (last != row) sift(s, id, slot, last);
}

void weir_mem_set_due(struct weir_memory *s, enum weir_mem_id id, uint32_t row, int64_t due) {
  struct weir_mem_due *d = due_of(s, id, row);
  if (d->due == due) return;
  WEIR_MEM_SET(s, d->due, due);
  if (d->slot != 0) sift(s, id, d->slot, row);
}
