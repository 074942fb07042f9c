/* prefilter.h: all literals of a ruleset at once. Inside match/ only.
 *
 * Each literal is known by one window: four bytes that begin with an ASCII character, or five that begin with the last two
 * bytes of a longer one (so of two hanzi all but the first byte, which tells little); shorter literals by two bytes, or
 * one. Scanning goes over the folded text in blocks of 32 bytes:
 *
 *   1. eight small sets of byte triples (a place, the next, the one after the next but one), tested for all places of a
 *      block at once by shuffles; most places drop out here, nearly all of them when there are few literals. With some
 *      hundred literals half bytes tell little more, so six bits of three bytes are looked at too;
 *   2. a bitmap, at the hash of the window at the place;
 *   3. a table with the literals of that window, which are compared with the text.
 *
 * A keyword that is found is decided here. A regex whose literal is found becomes a candidate, if its gate lets it. */
#ifndef WEIR_MATCH_PREFILTER_H
#define WEIR_MATCH_PREFILTER_H

#include "match/literals.h"
#include "match/pattern.h"

#define WEIR_POSTING_REGEX 7u /* after the modes of keywords */

/* While building: one posting of one literal: mode in 3 bits, target in 17, gram in 12. The target of a keyword is its
 * pattern, that of a regex its trigger; the gram of a regex is a pair of bytes that must be in the text too (features.h),
 * so that most vain hits end before the trigger is touched. */
#define WEIR_TARGET_MAX 131072u /* fixed: 17 bits of a posting */
#define WEIR_NO_GRAM 0xFFFu
struct weir_prefilter_need { uint32_t literal, posting; };

/* A regex as the prefilter sees it: 64 bytes, so that asking touches one line of cache or two. */
struct weir_trigger {
  struct weir_gate gate;
  struct weir_near near;
  uint32_t pattern;
};

/* A literal lies in one piece, so that comparing and taking it touches one or two lines of cache:
 *   posting_cnt postings, the bytes of the literal. */
struct weir_prefilter_literal {
  uint32_t posting_cnt;
  uint8_t len, anchor;
  uint16_t unused;
  uint32_t postings[];
};

/* Open addressing; `at` is the literal's place in `literals` plus one, in units of four bytes; 0: free. The top bit says
 * that a window whose search begins here lies further on. */
#define WEIR_ENTRY_AT 0x7FFFFFFFu
#define WEIR_ENTRY_MORE 0x80000000u
struct weir_prefilter_entry { uint32_t check, at; };

struct weir_prefilter {
  /* buckets, one bit each, by the low and high half of the byte at a place, the next, and the fourth */
  uint8_t low[3][16], high[3][16];
  uint8_t whole[3][256];           /* the same by whole bytes */
  uint8_t fine[3][64];             /* the same by the low six bits of the second, third and fifth byte, where that tells more: */
  bool is_fine;
  uint8_t long_buckets, short_buckets;
  bool any_pair, any_single;
  unsigned bit_shift, entry_shift;
  size_t entry_mask;
  const uint64_t *bitmap;
  const struct weir_prefilter_entry *entries;
  uint32_t single_start[129];      /* literals of one ASCII character, in `singles` */
  const uint32_t *singles;
  const uint32_t *literals;
  const struct weir_trigger *triggers;
  size_t literal_cnt;
};

/* Literals are numbered once each (prefilter_build.c). */
struct weir_literal_pool;
struct weir_literal_pool *weir_literal_pool_new(struct weir_arena *work);
/* false: no memory. */
bool weir_literal_pool_add(struct weir_literal_pool *pool, weir_str literal, uint32_t *number);

weir_str weir_literal_pool_get(const struct weir_literal_pool *pool, uint32_t number);

weir_status weir_prefilter_build(struct weir_arena *arena, struct weir_arena *work, const struct weir_literal_pool *pool,
                                 struct weir_prefilter_need *needs, size_t need_cnt, const struct weir_trigger *triggers,
                                 const struct weir_prefilter **out);

/* ---- Scanning */

/* Marks what is found in the match. false: more work than allowed; what is marked is incomplete. */
struct weir_match;

typedef bool (*weir_prefilter_scanner)(const struct weir_prefilter *prefilter, struct weir_match *match, struct weir_view *view);
/* The fastest that this processor has. */
weir_prefilter_scanner weir_prefilter_best(void);
/* The portable one, which finds the same. */
bool weir_prefilter_plain(const struct weir_prefilter *prefilter, struct weir_match *match, struct weir_view *view);

/* Shared by building and scanning. */
static inline uint64_t weir_prefilter_mix(uint64_t key) { return key * UINT64_C(0x9E3779B97F4A7C15); }
/* Of the `len` low bytes of `bytes`, 8 at most; the others are shifted out. */
static inline uint64_t weir_prefilter_hash(uint64_t bytes, unsigned len) { return weir_prefilter_mix(bytes << (64 - 8 * len)); }
static inline uint32_t weir_prefilter_check(uint64_t hash) { return (uint32_t)(hash >> 32); }
#endif
