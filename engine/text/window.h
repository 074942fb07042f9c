/* window.h: putting combining marks in order and composing, for one letter and its marks at a time. Private to text/.
 *
 * Almost no text needs this; fold.c comes here when a mark follows that may change what stands before it. The window
 * holds one starter (a code point of combining class 0) and at most WEIR_FOLD_RUN_MAX marks; marks beyond are dropped, which
 * only stacked-up attack text has, and which keeps folding twice the same as folding once.
 *
 * Each code point carries the bytes of the original text that it came from, for weir_fold_span. */
#ifndef WEIR_TEXT_WINDOW_H
#define WEIR_TEXT_WINDOW_H

#include "limits.h"
#include "text/tables.h"

struct weir_unit {
  uint32_t cp;
  uint32_t ccc;      /* combining class */
  size_t from, to;   /* bytes of the original */
};

/* unit[0] is the starter when has_starter, the marks follow from unit[1]. */
struct weir_window {
  bool has_starter;
  unsigned mark_cnt;
  struct weir_unit unit[1 + WEIR_FOLD_RUN_MAX];
};

static inline void weir_window_empty(struct weir_window *w) {
  w->has_starter = false;
  w->mark_cnt = 0;
}
/* Begins anew with a starter. */
void weir_window_start(struct weir_window *w, uint32_t cp, size_t from, size_t to);
/* Adds a mark (ccc above 0) in its place. The first one takes the starter's own marks apart from it. */
void weir_window_mark(struct weir_window *w, uint32_t cp, uint32_t ccc, size_t from, size_t to);
/* Composes. What is to be written are the returned number of units from *first on. After that only weir_window_start,
 * weir_window_empty or weir_window_join may follow. */
size_t weir_window_close(struct weir_window *w, const struct weir_unit **first);
/* After closing: the starter, if it stands there alone, is joined with a following code point of class 0. false: it cannot be. */
bool weir_window_join(struct weir_window *w, uint32_t cp, size_t to);

/* The primary composite of two code points, Hangul included; 0: there is none. */
uint32_t weir_compose(uint32_t a, uint32_t b);

#endif
