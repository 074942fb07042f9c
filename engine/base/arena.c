/* arena.c: moving a mark through a block.
 *
 * A fixed arena never calls malloc: it is what the event path lives on. A growing arena adds chunks, each about as
 * large as all before it, so that loading a ruleset takes few of them; large arrays get a chunk of their own so that
 * the tail of the one in use is not lost. The limit counts what was taken from malloc, chunk headers included. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#include "limits.h"

#define ALIGNMENT 16u /* on every machine: blocks for the heap and the matcher need it; max_align_t has 8 on armhf and s390x */

struct weir_arena_chunk {
  struct weir_arena_chunk *older;
  alignas(ALIGNMENT) unsigned char bytes[];
};

_Static_assert(alignof(max_align_t) <= ALIGNMENT, "what an arena gives is aligned for any type");
#define HEADER (offsetof(struct weir_arena_chunk, bytes))

static size_t padding(const unsigned char *at) { return (size_t)(-(uintptr_t)at & (ALIGNMENT - 1)); }

void weir_arena_fixed(struct weir_arena *arena, void *block, size_t len) {
  *arena = (struct weir_arena){ 0 };
  if (!block) return;
  arena->start = block;
  arena->at = arena->start;
  arena->end = arena->start + len;
  arena->limit = len;
}

void weir_arena_growing(struct weir_arena *arena, size_t limit) {
  *arena = (struct weir_arena){ 0 };
  arena->limit = limit;
}

void weir_arena_release(struct weir_arena *arena) {
  struct weir_arena_chunk *chunk = arena->chunks;
  while (chunk) {
    struct weir_arena_chunk *older = chunk->older;
    free(chunk);
    chunk = older;
  }
  if (arena->start) {
    weir_arena_reset(arena);
  } else {
    weir_arena_growing(arena, arena->limit);
  }
}

static void count(struct weir_arena *arena, size_t len) {
  arena->used += len;
  if (arena->used > arena->peak) arena->peak = arena->used;
}

/* A new chunk with at least `len` free bytes; NULL when malloc or the limit says no. */
static unsigned char *grow(struct weir_arena *arena, size_t len) {
  size_t left = arena->limit - arena->taken;
  if (left < HEADER || len > left - HEADER) return NULL;
  size_t room = arena->taken < WEIR_ARENA_CHUNK_MIN ? WEIR_ARENA_CHUNK_MIN : arena->taken;
  if (room > WEIR_ARENA_CHUNK_MAX) room = WEIR_ARENA_CHUNK_MAX;
  bool alone = len > room / 4 && arena->chunks != NULL;
  if (alone || room < len) room = len;
  if (room > left - HEADER) room = left - HEADER;

  struct weir_arena_chunk *chunk = aligned_alloc(ALIGNMENT, (HEADER + room + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1));
  if (!chunk) return NULL;
  arena->taken += HEADER + room;
  if (alone) {
    chunk->older = arena->chunks->older;
    arena->chunks->older = chunk;
  } else {
    chunk->older = arena->chunks;
    arena->chunks = chunk;
    arena->at = chunk->bytes + len;
    arena->end = chunk->bytes + room;
  }
  count(arena, len);
  return chunk->bytes;
}

bool weir_arena_charge(struct weir_arena *arena, size_t len) {
  if (len > arena->limit - arena->taken) return false;
  arena->taken += len;
  return true;
}

static unsigned char *take(struct weir_arena *arena, size_t pad, size_t len) {
  size_t room = arena->at ? (size_t)(arena->end - arena->at) : 0;
  if (arena->at && pad <= room && len <= room - pad) {
    unsigned char *bytes = arena->at + pad;
    arena->at = bytes + len;
    count(arena, pad + len);
    return bytes;
  }
  return arena->start ? NULL : grow(arena, len);
}

void *weir_arena_alloc(struct weir_arena *arena, size_t len) { return take(arena, padding(arena->at), len); }

void *weir_arena_zalloc(struct weir_arena *arena, size_t len) {
  void *bytes = weir_arena_alloc(arena, len);
  if (bytes) memset(bytes, 0, len);
  return bytes;
}

void *weir_arena_array(struct weir_arena *arena, size_t cnt, size_t size) {
  if (size != 0 && cnt > SIZE_MAX / size) return NULL;
  return weir_arena_alloc(arena, cnt * size);
}

char *weir_arena_bytes(struct weir_arena *arena, size_t len) { return (char *)take(arena, 0, len); }

bool weir_arena_str(struct weir_arena *arena, weir_str s, weir_str *out) {
  *out = (weir_str){ NULL, 0 };
  if (s.len == SIZE_MAX) return false;
  char *copy = weir_arena_bytes(arena, s.len + 1);
  if (!copy) return false;
  if (s.len > 0) memcpy(copy, s.ptr, s.len);
  copy[s.len] = '\0';
  *out = (weir_str){ copy, s.len };
  return true;
}

void weir_arena_back(struct weir_arena *arena, weir_arena_mark mark) {
  arena->used -= (size_t)(arena->at - mark);
  arena->at = mark;
}

void weir_arena_reset(struct weir_arena *arena) {
  arena->at = arena->start;
  arena->used = 0;
}
