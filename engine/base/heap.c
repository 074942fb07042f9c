/* heap.c: two-level segregated fit (Masmano et al., 2004) inside one block.
 *
 * The block holds the heap's own struct and then chunks, one after the other without gaps:
 *
 *     | before | head | payload ...            | before | head | payload ...
 *     ^ chunk         ^ what the caller gets   ^ next chunk
 *
 * `head` is the chunk's size in bytes (a multiple of 16, from this head to the next) with two flags. `before` is the
 * size of the chunk before, and is only kept while that one is free; otherwise the word belongs to its payload. So a
 * chunk in use costs one word. A free chunk holds its list links in its payload.
 * The last chunk is a mark of size 0 that is always in use.
 *
 * Free chunks stand in lists by size: sizes below 256 have a list each, larger ones 16 lists for every power of two. Two
 * levels of bitmaps find the first list that is good enough in a few instructions, which is what makes the time constant.
 * Two free chunks are never neighbours. */
#include "base/heap.h"

#include "limits.h"

#define ALIGNMENT 16u
#define CLASS_BITS 4u                                /* 16 lists for a power of two: at most 1/16 of a chunk is passed over */
#define CLASSES (1u << CLASS_BITS)
#define SMALL (ALIGNMENT * CLASSES)                  /* below this the lists are 16 bytes apart */
#define SMALL_BITS 8u                                /* fixed: log2 of SMALL */
#define SIZE_BITS 31u                                /* a chunk is smaller than 2 GiB */
#define LEVELS (SIZE_BITS - SMALL_BITS + 1)
#define FREE ((size_t)1)                             /* flags in the head */
#define BEFORE_FREE ((size_t)2)
#define FLAGS (FREE | BEFORE_FREE)

struct chunk {
  size_t before;
  size_t head;
  struct chunk *next, *prev; /* free chunks only */
};

#define PAYLOAD offsetof(struct chunk, next)
#define CHUNK_MIN ((sizeof(struct chunk) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT)
#define REQUEST_MAX (((size_t)1 << SIZE_BITS) - SMALL * 2)

struct weir_heap {
  struct chunk *first; /* the lowest chunk */
  struct chunk *last;  /* the mark at the end */
  size_t live, peak;
  uint32_t levels;     /* bit l: some list of level l is not empty */
  uint32_t classes[LEVELS];
  struct chunk *lists[LEVELS][CLASSES];
};

_Static_assert(SMALL == 1u << SMALL_BITS, "the small lists end where the first power of two begins");
_Static_assert(LEVELS < 32 && CLASSES <= 32, "bitmaps have 32 bits");
_Static_assert(sizeof(struct weir_heap) + 1024 <= WEIR_HEAP_MIN, "a heap of the least size must hold something");

static size_t size_of(const struct chunk *chunk) { return chunk->head & ~FLAGS; }

static struct chunk *at_offset(struct chunk *chunk, size_t offset) {
  return (struct chunk *)(void *)((unsigned char *)chunk + offset);
}

static struct chunk *after(struct chunk *chunk) { return at_offset(chunk, size_of(chunk)); }

static struct chunk *chunk_of(void *payload) { return (struct chunk *)(void *)((unsigned char *)payload - PAYLOAD); }

static void *payload_of(struct chunk *chunk) { return (unsigned char *)chunk + PAYLOAD; }

/* ---- the lists */

static unsigned top_bit(size_t size) { return 63u - (unsigned)__builtin_clzll((unsigned long long)size); }

/* The list in which a free chunk of this size stands. */
static void list_of(size_t size, unsigned *level, unsigned *class) {
  if (size < SMALL) {
    *level = 0;
    *class = (unsigned)(size / ALIGNMENT);
    return;
  }
  unsigned top = top_bit(size);
  *level = top - SMALL_BITS + 1;
  *class = (unsigned)(size >> (top - CLASS_BITS)) - CLASSES;
}

static void insert(struct weir_heap *heap, struct chunk *chunk) {
  unsigned level, class;
  list_of(size_of(chunk), &level, &class);
  struct chunk *head = heap->lists[level][class];
  chunk->prev = NULL;
  chunk->next = head;
  if (head) head->prev = chunk;
  heap->lists[level][class] = chunk;
  heap->classes[level] |= 1u << class;
  heap->levels |= 1u << level;
}

static void take_out(struct weir_heap *heap, struct chunk *chunk) {
  if (chunk->next) chunk->next->prev = chunk->prev;
  if (chunk->prev) {
    chunk->prev->next = chunk->next;
    return;
  }
  unsigned level, class;
  list_of(size_of(chunk), &level, &class);
  heap->lists[level][class] = chunk->next;
  if (chunk->next) return;
  heap->classes[level] &= ~(1u << class);
  if (heap->classes[level] == 0) heap->levels &= ~(1u << level);
}

/* A free chunk of at least `size`, still in its list; NULL when there is none. */
static struct chunk *find(const struct weir_heap *heap, size_t size) {
  /* from the next list on every chunk is large enough, so that no list has to be searched */
  size_t rounded = size < SMALL ? size : size + ((size_t)1 << (top_bit(size) - CLASS_BITS)) - 1;
  unsigned level, class;
  list_of(rounded, &level, &class);
  if (level >= LEVELS) return NULL;
  uint32_t classes = heap->classes[level] & (UINT32_MAX << class);
  if (classes == 0) {
    uint32_t levels = heap->levels & (UINT32_MAX << (level + 1));
    if (levels == 0) return NULL;
    level = (unsigned)__builtin_ctz(levels);
    classes = heap->classes[level];
  }
  return heap->lists[level][__builtin_ctz(classes)];
}

/* ---- the chunks */

/* Makes [chunk, chunk + size) a free chunk and lists it. Its neighbours are in use. */
static void set_free(struct weir_heap *heap, struct chunk *chunk, size_t size) {
  struct chunk *next = at_offset(chunk, size);
  chunk->head = size | FREE | (chunk->head & BEFORE_FREE);
  next->before = size;
  next->head |= BEFORE_FREE;
  insert(heap, chunk);
}

/* Makes `chunk`, which holds at least `size` and is in no list, a chunk in use of that size; what is left over is freed. */
static void set_used(struct weir_heap *heap, struct chunk *chunk, size_t size) {
  size_t whole = size_of(chunk), flags = chunk->head & BEFORE_FREE;
  struct chunk *next = at_offset(chunk, whole);
  if (whole - size < CHUNK_MIN) {
    chunk->head = whole | flags;
    next->head &= ~BEFORE_FREE;
    return;
  }
  chunk->head = size | flags;
  struct chunk *rest = at_offset(chunk, size);
  rest->head = 0;
  if (next->head & FREE) {
    take_out(heap, next);
    whole += size_of(next);
  }
  set_free(heap, rest, whole - size);
}

static void count(struct weir_heap *heap, size_t before, size_t now) {
  heap->live = heap->live - before + now;
  if (heap->live > heap->peak) heap->peak = heap->live;
}

/* The chunk size for a request; 0 when no chunk can be so large. */
static size_t chunk_size(size_t len) {
  if (len > REQUEST_MAX) return 0;
  /* the payload reaches into the next chunk's `before` */
  size_t size = (len + sizeof(size_t) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  return size < CHUNK_MIN ? CHUNK_MIN : size;
}

/* ---- the interface */

struct weir_heap *weir_heap_init(void *block, size_t len) {
  if (!block || len < WEIR_HEAP_MIN || (uintptr_t)block % ALIGNMENT != 0) return NULL;
  struct weir_heap *heap = block;
  unsigned char *base = block;
  size_t usable = len < REQUEST_MAX ? len : REQUEST_MAX;
  /* payloads lie at multiples of 16, so chunks lie PAYLOAD before them */
  size_t first = (sizeof *heap + PAYLOAD + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - PAYLOAD;
  size_t room = (usable - first - PAYLOAD) / ALIGNMENT * ALIGNMENT;
  heap->first = (struct chunk *)(void *)(base + first);
  heap->last = at_offset(heap->first, room);
  heap->peak = 0;
  weir_heap_reset(heap);
  return heap;
}

void weir_heap_reset(struct weir_heap *heap) {
  heap->live = 0;
  heap->levels = 0;
  memset(heap->classes, 0, sizeof heap->classes);
  memset(heap->lists, 0, sizeof heap->lists);
  heap->first->head = 0;
  heap->last->head = 0;
  set_free(heap, heap->first, (size_t)((unsigned char *)heap->last - (unsigned char *)heap->first));
}

void *weir_heap_alloc(struct weir_heap *heap, size_t len) {
  size_t size = chunk_size(len);
  struct chunk *chunk = size ? find(heap, size) : NULL;
  if (!chunk) return NULL;
  take_out(heap, chunk);
  set_used(heap, chunk, size);
  count(heap, 0, size_of(chunk));
  return payload_of(chunk);
}

void weir_heap_free(struct weir_heap *heap, void *ptr) {
  if (!ptr) return;
  struct chunk *chunk = chunk_of(ptr);
  if (chunk->head & FREE) return; /* freed twice: leaving it alone is the least harm */
  size_t size = size_of(chunk);
  count(heap, size, 0);
  struct chunk *next = after(chunk);
  if (next->head & FREE) {
    take_out(heap, next);
    size += size_of(next);
  }
  if (chunk->head & BEFORE_FREE) {
    size += chunk->before;
    chunk = (struct chunk *)(void *)((unsigned char *)chunk - chunk->before);
    take_out(heap, chunk);
  }
  set_free(heap, chunk, size);
}

void *weir_heap_realloc(struct weir_heap *heap, void *ptr, size_t len) {
  if (!ptr) return len ? weir_heap_alloc(heap, len) : NULL;
  if (len == 0) {
    weir_heap_free(heap, ptr);
    return NULL;
  }
  size_t size = chunk_size(len);
  if (size == 0) return NULL;
  struct chunk *chunk = chunk_of(ptr);
  size_t old = size_of(chunk);
  if (size > old) {
    struct chunk *next = after(chunk);
    if (!(next->head & FREE) || old + size_of(next) < size) {
      void *moved = weir_heap_alloc(heap, len);
      if (!moved) return NULL;
      memcpy(moved, ptr, old - sizeof(size_t));
      weir_heap_free(heap, ptr);
      return moved;
    }
    take_out(heap, next);
    chunk->head += size_of(next);
  }
  set_used(heap, chunk, size);
  count(heap, old, size_of(chunk));
  return ptr;
}

size_t weir_heap_live(const struct weir_heap *heap) { return heap->live; }

size_t weir_heap_peak(const struct weir_heap *heap) { return heap->peak; }

/* ---- the check */

/* Counts the chunks in the lists, or SIZE_MAX when a list holds one that does not belong there or a bitmap is wrong. */
static size_t check_lists(const struct weir_heap *heap) {
  size_t cnt = 0, most = (size_t)((unsigned char *)heap->last - (unsigned char *)heap->first) / CHUNK_MIN;
  for (unsigned level = 0; level < LEVELS; level++) {
    if (((heap->levels >> level & 1) != 0) != (heap->classes[level] != 0)) return SIZE_MAX;
    for (unsigned class = 0; class < CLASSES; class++) {
      const struct chunk *prev = NULL, *chunk = heap->lists[level][class];
      if (((heap->classes[level] >> class & 1) != 0) != (chunk != NULL)) return SIZE_MAX;
      for (; chunk; prev = chunk, chunk = chunk->next) {
        unsigned l, c;
        if (chunk < heap->first || chunk >= heap->last || ++cnt > most) return SIZE_MAX;
        list_of(size_of(chunk), &l, &c);
        if (!(chunk->head & FREE) || chunk->prev != prev || l != level || c != class) return SIZE_MAX;
      }
    }
  }
  return cnt;
}

bool weir_heap_check(const struct weir_heap *heap) {
  size_t live = 0, free_cnt = 0, before = 0; /* before: size of the chunk before when that is free */
  struct chunk *chunk = heap->first;
  while (chunk != heap->last) {
    size_t size = size_of(chunk), room = (size_t)((unsigned char *)heap->last - (unsigned char *)chunk);
    if (size < CHUNK_MIN || size % ALIGNMENT != 0 || size > room) return false;
    if (((chunk->head & BEFORE_FREE) != 0) != (before != 0)) return false;
    if (before != 0 && (chunk->before != before || (chunk->head & FREE))) return false;
    if (chunk->head & FREE) {
      before = size;
      free_cnt++;
    } else {
      before = 0;
      live += size;
    }
    chunk = after(chunk);
  }
  if (size_of(chunk) != 0 || (chunk->head & FREE) || ((chunk->head & BEFORE_FREE) != 0) != (before != 0)) return false;
  return live == heap->live && heap->live <= heap->peak && check_lists(heap) == free_cnt;
}
