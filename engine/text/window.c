/* window.c: canonical ordering and composition (Unicode 15, sections 3.11 and 3.12) inside a fixed window. It never sees
 * more than one starter, so nothing here depends on how long a text is. It decides nothing about folding: what it is
 * given is folded already. */
#include "text/window.h"

#define L_FIRST 0x1100u
#define V_FIRST 0x1161u
#define T_FIRST 0x11A7u /* one below the first final: no final */
#define S_FIRST 0xAC00u
#define L_CNT 19u
#define V_CNT 21u
#define T_CNT 28u

static uint32_t compose_hangul(uint32_t a, uint32_t b) {
  if (a - L_FIRST < L_CNT && b - V_FIRST < V_CNT) return S_FIRST + ((a - L_FIRST) * V_CNT + (b - V_FIRST)) * T_CNT;
  if (a - S_FIRST < L_CNT * V_CNT * T_CNT && (a - S_FIRST) % T_CNT == 0 && b - T_FIRST < T_CNT && b != T_FIRST) {
    return a + (b - T_FIRST);
  }
  return 0;
}

/* weir_compose_pair: first, second, composite, class of the second; sorted by second, then first. */
uint32_t weir_compose(uint32_t a, uint32_t b) {
  size_t lo = 0, hi = WEIR_PAIR_CNT;
  if (a >= L_FIRST && b - V_FIRST < 0x100) return compose_hangul(a, b);
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    const uint32_t *pair = weir_compose_pair + 4 * mid;
    if (pair[0] == a && pair[1] == b) return pair[2];
    if (pair[1] < b || (pair[1] == b && pair[0] < a)) lo = mid + 1;
    else hi = mid;
  }
  return 0;
}

/* The pair that composes to c, or NULL. */
static const uint32_t *parts_of(uint32_t c) {
  size_t lo = 0, hi = WEIR_PAIR_CNT;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    const uint32_t *pair = weir_compose_pair + 4 * (size_t)weir_compose_by_result[mid];
    if (pair[2] == c) return pair;
    if (pair[2] < c) lo = mid + 1;
    else hi = mid;
  }
  return NULL;
}

void weir_window_start(struct weir_window *w, uint32_t cp, size_t from, size_t to) {
  w->has_starter = true;
  w->mark_cnt = 0;
  w->unit[0] = (struct weir_unit){ cp, 0, from, to };
}

static void insert(struct weir_window *w, struct weir_unit mark) {
  unsigned at = w->mark_cnt + 1;
  if (w->mark_cnt == WEIR_FOLD_RUN_MAX) return;
  for (; at > 1 && w->unit[at - 1].ccc > mark.ccc; at--) w->unit[at] = w->unit[at - 1];
  w->unit[at] = mark;
  w->mark_cnt++;
}

/* Takes composed marks off the starter: the outermost comes off first, so they go in backwards. */
static void split_starter(struct weir_window *w) {
  struct weir_unit taken[WEIR_FOLD_RUN_MAX], *starter = &w->unit[0];
  const uint32_t *pair;
  unsigned n = 0;
  while (n < WEIR_FOLD_RUN_MAX && (pair = parts_of(starter->cp)) != NULL && pair[3] != 0) {
    taken[n++] = (struct weir_unit){ pair[1], pair[3], starter->from, starter->to };
    starter->cp = pair[0];
  }
  while (n > 0) insert(w, taken[--n]);
}

void weir_window_mark(struct weir_window *w, uint32_t cp, uint32_t ccc, size_t from, size_t to) {
  if (w->mark_cnt == 0 && w->has_starter) split_starter(w);
  insert(w, (struct weir_unit){ cp, ccc, from, to });
}

size_t weir_window_close(struct weir_window *w, const struct weir_unit **first) {
  struct weir_unit *starter = &w->unit[0];
  unsigned kept = 0;
  uint32_t last_ccc = 0;
  for (unsigned i = 1; i <= w->mark_cnt; i++) {
    struct weir_unit mark = w->unit[i];
    /* The iota below folds to a letter, once the marks are in order. */
    if (mark.cp == 0x345) mark.cp = 0x3B9;
    uint32_t made = w->has_starter && mark.ccc > last_ccc ? weir_compose(starter->cp, mark.cp) : 0;
    if (made) {
      starter->cp = made;
      if (mark.to > starter->to) starter->to = mark.to;
    } else {
      last_ccc = mark.ccc;
      w->unit[++kept] = mark;
    }
  }
  w->mark_cnt = kept;
  *first = w->has_starter ? starter : starter + 1;
  return kept + (w->has_starter ? 1u : 0u);
}

bool weir_window_join(struct weir_window *w, uint32_t cp, size_t to) {
  uint32_t made = w->has_starter && w->mark_cnt == 0 ? weir_compose(w->unit[0].cp, cp) : 0;
  if (made == 0) return false;
  w->unit[0].cp = made;
  w->unit[0].to = to;
  return true;
}
