/* walk.h: folding one code point at a time, with an eye on where each came from. Private to text/.
 *
 * fold.c is the fast way through a text; this is the plain one. It is taken where folding must be looked at closely: to
 * find the place for a cut, and to map spans back. Both give the same bytes; the tests compare them. */
#ifndef WEIR_TEXT_WALK_H
#define WEIR_TEXT_WALK_H

#include "text/fold.h"
#include "text/loose.h"
#include "text/window.h"

struct weir_walk {
  /* in */
  unsigned char *out;      /* NULL: nothing is written, only counted */
  size_t cap;
  bool loose;              /* only while counting */
  size_t start, end;       /* span of the folded text that is looked for */
  /* out */
  size_t len;              /* folded bytes */
  size_t consumed;         /* bytes of the original they cover */
  size_t text_start, text_end; /* where the span came from; text_start > text_end: not met */
  /* inside */
  struct weir_window window;
  size_t cluster_from, cluster_len; /* where the letter at hand began, in the original and in the folded text */
  bool full;
  enum weir_loose_state state;
  size_t gap_len, gap_start, gap_end; /* len, text_start, text_end before the gap */
};

/* The fields under "in" are set, all others zero. */
enum weir_fold_result weir_walk_run(struct weir_walk *walk, weir_str text);

#endif
