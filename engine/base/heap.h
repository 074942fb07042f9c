/* heap.h: malloc and free inside one fixed block, for libraries that must be able to free (Lua, PCRE2 matching).
 *
 * Two-level segregated fit: allocation and freeing take constant time whatever is in the block, and the block never
 * grows. Freed neighbours are joined. */
#ifndef WEIR_BASE_HEAP_H
#define WEIR_BASE_HEAP_H

#include "base/status.h"

struct weir_heap;

/* Lays a heap into `block` (16-byte aligned, at least WEIR_HEAP_MIN bytes); NULL when it is too small. */
struct weir_heap *weir_heap_init(void *block, size_t len);
/* Forgets everything that was handed out. */
void weir_heap_reset(struct weir_heap *heap);

void *weir_heap_alloc(struct weir_heap *heap, size_t len);
/* As realloc: NULL ptr allocates, len 0 frees and gives NULL. A failed growth leaves the block as it was; shrinking never fails. */
void *weir_heap_realloc(struct weir_heap *heap, void *ptr, size_t len);
void weir_heap_free(struct weir_heap *heap, void *ptr);

/* Bytes handed out now, headers included, and the most there ever were. */
size_t weir_heap_live(const struct weir_heap *heap);
size_t weir_heap_peak(const struct weir_heap *heap);
/* Walks the block and checks every header: for tests. */
bool weir_heap_check(const struct weir_heap *heap);

#endif
