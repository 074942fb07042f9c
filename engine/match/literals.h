/* literals.h: what every match of a regex must contain. Inside match/ only. */
#ifndef WEIR_MATCH_LITERALS_H
#define WEIR_MATCH_LITERALS_H

#include "match/regex_tree.h"
#include "limits.h"

/* Literals of which one must be in the text. */
struct weir_literal_set {
  weir_str *words;
  size_t cnt;
  double weight; /* how often one of them stands at a place of real text */
  uint32_t times; /* how many of them stand in a match, side by side */
  bool beside;    /* from an assertion: it may lie over what others match */
};

/* Sets that must all be met, the rarest first. None: nothing is known. */
struct weir_required {
  struct weir_literal_set sets[WEIR_REQUIRED_MAX];
  size_t set_cnt;
  struct weir_literal_set prefix; /* every match begins with one of these; none: not known */
};

/* Works in `work`. false: no memory. */
bool weir_required_find(struct weir_arena *work, const struct weir_node *tree, struct weir_required *out);

/* rarity.c: how often the rarest window of a literal stands at a place of real text; the window's offset in *anchor.
 * A window is what the prefilter looks at (prefilter.h); `shared` counts literals that use the same window already. */
struct weir_window {
  uint64_t key;     /* its bytes, the first one lowest */
  uint8_t len;
  uint8_t anchor;   /* offset in the literal */
  uint8_t first, second; /* bytes at the anchor; second: any when the literal ends there */
  uint8_t fourth;        /* of a long window */
};
enum weir_window_kind { WEIR_WINDOW_LONG = 0, WEIR_WINDOW_PAIR = 1, WEIR_WINDOW_SINGLE = 2 };
enum weir_window_kind weir_window_best(weir_str literal, struct weir_window *out, double *weight);
/* How often a byte stands at a place. */
double weir_byte_chance(unsigned char c);

/* gates.c: conditions that a text must meet before a regex is tried: kinds of characters, a run of digits. */
struct weir_need { uint64_t ascii[2]; bool others; };
struct weir_needs {
  struct weir_need sets[WEIR_NEEDS_MAX]; /* one character of each */
  size_t set_cnt;
  uint32_t digits;                       /* digits in a row */
  uint32_t exact_least, exact_most;      /* a row of so many digits with none on either side; exact_most 0: not known */
  weir_str after;                        /* stands right behind a row of `digits` digits and more; empty: not known */
  uint8_t order[WEIR_ORDER_MAX];         /* letters a to z that the text holds in this order */
  uint8_t order_cnt;
  uint16_t order_joined;                 /* bit i: between order[i] and the next stands no other of a to z */
  uint32_t longest;                      /* characters of the whole text; WEIR_UNBOUNDED: any */
};
void weir_needs_find(const struct weir_node *tree, struct weir_needs *out);

/* near.c: two literals of which every match holds the second at most so many bytes behind the first. */
#define WEIR_NEAR_BYTES 8
struct weir_near {
  uint8_t first_len, second_len; /* 0: there are no such two */
  uint8_t rare;               /* offset of the first literal's rarest byte */
  uint8_t least, most;        /* bytes between them */
  char first[WEIR_NEAR_BYTES]; /* its last bytes */
  char second[WEIR_NEAR_BYTES]; /* its first bytes */
};
void weir_near_find(const struct weir_node *tree, struct weir_near *out);
bool weir_near_passes(const struct weir_near *near, weir_str text);

#endif
