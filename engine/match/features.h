/* features.h: what the gates of regexes ask of a text, computed when first asked. Inside match/ only. */
#ifndef WEIR_MATCH_FEATURES_H
#define WEIR_MATCH_FEATURES_H

#include "match/literals.h"
#include "match/pattern.h"

/* Letters that must follow each other in this order (literals.h). */
#define WEIR_ORDERS_MAX 255 /* fixed: their numbers are bytes */
struct weir_order {
  uint8_t cnt;
  uint8_t letters[WEIR_ORDER_MAX];
  uint16_t joined;
};

/* Kinds of characters that gates need, up to 64: for each byte the kinds it belongs to. */
struct weir_kinds {
  uint64_t of[256];
  struct weir_need needs[64]; /* fixed: each has a bit */
  uint32_t cnt;
  uint32_t order_cnt;
  struct weir_order orders[WEIR_ORDERS_MAX];
};

#define WEIR_GRAM_BITS 12
struct weir_features {
  bool kinds_ready, chars_ready, grams_ready, runs_ready, letters_ready;
  uint64_t kinds;
  uint32_t digits_least, digits_below;  /* the longest run of digits is at least, and below */
  size_t chars;
  uint64_t run_lengths;                 /* bit n: a row of n digits and no more; bit 63: of 63 and more */
  uint64_t run_after;                   /* hashes of what stands right behind rows of three digits and more */
  uint32_t followers[27];               /* for each letter a to z the letters that come next when all else is left out; 26: of none */
  uint8_t epoch;                        /* stamp of the text at hand */
  uint8_t stamps[1u << WEIR_GRAM_BITS]; /* pairs of bytes, hashed */
};

static inline uint16_t weir_gram(unsigned char first, unsigned char second) {
  uint32_t hash = ((first | (uint32_t)second << 8) * 0x9E3779B1u) >> (32 - WEIR_GRAM_BITS);
  return (uint16_t)(hash == (1u << WEIR_GRAM_BITS) - 1 ? 0 : hash); /* the last value means "none" in postings */
}

/* The bit of a kind; 64: there is no room for another, or `add` is false and it is not there. */
unsigned weir_kinds_bit(struct weir_kinds *kinds, const struct weir_need *need, bool add);
void weir_gate_make(struct weir_kinds *kinds, const struct weir_required *required, size_t trigger, const struct weir_needs *needs,
                    struct weir_gate *out);
/* A gate that nearly every text passes. */
bool weir_gate_open(const struct weir_kinds *kinds, const struct weir_gate *gate);

/* Stamps the pairs of a text. */
void weir_features_grams(weir_str text, struct weir_features *features);
void weir_features_reset(struct weir_features *features);
/* Whether so many digits stand in a row. */
bool weir_digits_pass(uint32_t run, weir_str text, struct weir_features *features);
bool weir_gate_passes(const struct weir_gate *gate, const struct weir_kinds *kinds, weir_str text, struct weir_features *features);

#endif
