/* filter.h: a Bloom filter in one block of memory: "certainly not there" for the price of one cache line. It never forgets,
 * so it may say "perhaps" for nothing, never "no" wrongly. Asks nobody for memory and knows nothing of what it holds. */
#ifndef WEIR_STATE_FILTER_H
#define WEIR_STATE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WEIR_FILTER_LINE 8 /* words of 64 bits: a cache line */
#define WEIR_FILTER_BITS 5 /* bits of each entry: with 10 bits of room for each 1 in 100 is a false "perhaps" */

struct weir_filter {
  uint64_t *words;
  size_t lines; /* a power of two */
};

/* `bytes` is a power of two of at least 64. */
static inline void weir_filter_lay(struct weir_filter *f, void *block, size_t bytes) {
  f->words = block;
  f->lines = bytes / (WEIR_FILTER_LINE * sizeof(uint64_t));
}

/* Lines that are empty are not written: memory that was never touched stays so. */
static inline void weir_filter_clear(struct weir_filter *f) {
  static const uint64_t none[WEIR_FILTER_LINE];
  for (size_t i = 0; i < f->lines * WEIR_FILTER_LINE; i += WEIR_FILTER_LINE) {
    if (memcmp(f->words + i, none, sizeof none) != 0) memset(f->words + i, 0, sizeof none);
  }
}

/* The hash must be good in all its 64 bits: 19 choose the line (or as many as there are lines), 45 the bits in it. */
static inline uint64_t *weir_filter_line(const struct weir_filter *f, uint64_t hash) {
  return f->words + (size_t)(hash >> 45 & (f->lines - 1)) * WEIR_FILTER_LINE;
}

static inline void weir_filter_add(struct weir_filter *f, uint64_t hash) {
  uint64_t *line = weir_filter_line(f, hash);
  for (int i = 0; i < WEIR_FILTER_BITS; i++, hash >>= 9) line[hash >> 6 & 7] |= UINT64_C(1) << (hash & 63);
}

static inline bool weir_filter_may_hold(const struct weir_filter *f, uint64_t hash) {
  const uint64_t *line = weir_filter_line(f, hash);
  for (int i = 0; i < WEIR_FILTER_BITS; i++, hash >>= 9) {
    if (!(line[hash >> 6 & 7] >> (hash & 63) & 1)) return false;
  }
  return true;
}

#endif
