/* arena.h: memory that is taken once and given out by moving a mark.
 *
 * Two kinds with one face. A fixed arena lies in one block that somebody else owns; it never asks the system for
 * anything. A growing arena takes chunks from malloc up to a limit; it is for loading only. */
#ifndef WEIR_BASE_ARENA_H
#define WEIR_BASE_ARENA_H

#include "base/status.h"

struct weir_arena_chunk;

struct weir_arena {
  unsigned char *at, *end;          /* free part of the block in use */
  struct weir_arena_chunk *chunks;  /* growing arenas: newest first; fixed: NULL */
  unsigned char *start;             /* fixed arenas: the block */
  size_t limit;                     /* bytes in all */
  size_t used;                      /* bytes handed out, padding included */
  size_t peak;                      /* the most `used` ever was (fixed arenas are reset) */
  size_t taken;                     /* growing arenas: bytes taken from malloc */
};

void weir_arena_fixed(struct weir_arena *arena, void *block, size_t len);
void weir_arena_growing(struct weir_arena *arena, size_t limit);
/* Frees the chunks of a growing arena. */
void weir_arena_release(struct weir_arena *arena);

/* `len` bytes aligned for any type, and to 16, not zeroed; NULL when the limit does not allow it. len 0 gives a valid pointer. */
void *weir_arena_alloc(struct weir_arena *arena, size_t len);
void *weir_arena_zalloc(struct weir_arena *arena, size_t len);
/* Array form, NULL on overflow. */
void *weir_arena_array(struct weir_arena *arena, size_t cnt, size_t size);
/* Bytes without alignment. */
char *weir_arena_bytes(struct weir_arena *arena, size_t len);
/* A copy of `s`, with a NUL behind it that is not counted. false: no room, *out is empty. */
bool weir_arena_str(struct weir_arena *arena, weir_str s, weir_str *out);

/* Counts `len` bytes that lie elsewhere as taken; false: the limit does not allow it. Growing arenas only. */
bool weir_arena_charge(struct weir_arena *arena, size_t len);

/* Fixed arenas: everything since the mark is given back. */
typedef unsigned char *weir_arena_mark;
static inline weir_arena_mark weir_arena_here(const struct weir_arena *arena) { return arena->at; }
void weir_arena_back(struct weir_arena *arena, weir_arena_mark mark);
void weir_arena_reset(struct weir_arena *arena);

#endif
