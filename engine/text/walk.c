/* walk.c: the plain way of folding, and what is built on it: mapping spans back. It may be slow (it is taken for rules
 * that fired, and for texts that are too long), but must give what fold.c gives, byte by byte. */
#include "text/walk.h"

/* Spaces and the like are counted at once and taken back when they turn out to be a gap. */
static void loosen(struct weir_walk *k, uint32_t cp) {
  enum weir_loose_state next = weir_loose_next(k->state, cp);
  if (k->state == WEIR_LOOSE_WORD && next == WEIR_LOOSE_GAP) {
    k->gap_len = k->len;
    k->gap_start = k->text_start;
    k->gap_end = k->text_end;
  } else if (k->state == WEIR_LOOSE_GAP && next == WEIR_LOOSE_WORD) {
    k->len = k->gap_len;
    k->text_start = k->gap_start;
    k->text_end = k->gap_end;
  }
  k->state = next;
}

static void put(struct weir_walk *k, const struct weir_unit *u) {
  unsigned char bytes[4];
  size_t n = weir_encode(u->cp, bytes);
  if (k->loose) loosen(k, u->cp);
  if (k->len < k->end && k->len + n > k->start) {
    if (u->from < k->text_start) k->text_start = u->from;
    if (u->to > k->text_end) k->text_end = u->to;
  }
  if (k->out != NULL) {
    if (k->cap - k->len < n) k->full = true;
    if (k->full) return;
    memcpy(k->out + k->len, bytes, n);
  }
  k->len += n;
}

static void flush(struct weir_walk *k) {
  const struct weir_unit *unit;
  size_t cnt = weir_window_close(&k->window, &unit);
  for (size_t i = 0; i < cnt; i++) put(k, unit + i);
  weir_window_empty(&k->window);
}

static void begin_cluster(struct weir_walk *k, size_t from) {
  flush(k);
  if (k->full) return;
  k->cluster_from = from;
  k->cluster_len = k->len;
}

/* A jamo or vowel sign: joins the letter before it, or stands for itself. */
static void join(struct weir_walk *k, uint32_t cp, size_t from, size_t to) {
  const struct weir_unit *unit;
  size_t cnt = weir_window_close(&k->window, &unit);
  if (weir_window_join(&k->window, cp, to)) return;
  for (size_t i = 0; i < cnt; i++) put(k, unit + i);
  weir_window_empty(&k->window);
  begin_cluster(k, from);
  weir_window_start(&k->window, cp, from, to);
}

static void slow(struct weir_walk *k, uint32_t value, size_t from, size_t to) {
  const uint32_t *item = weir_fold_items + WEIR_VALUE_AT(value);
  for (uint32_t i = 0; i < WEIR_VALUE_CNT(value); i++) {
    if (WEIR_ITEM_CCC(item[i]) != 0) {
      weir_window_mark(&k->window, WEIR_ITEM_CP(item[i]), WEIR_ITEM_CCC(item[i]), from, to);
    } else {
      if (i == 0) begin_cluster(k, from);
      else flush(k);
      weir_window_start(&k->window, WEIR_ITEM_CP(item[i]), from, to);
    }
  }
}

static void whole(struct weir_walk *k, const unsigned char *bytes, size_t n, size_t from, size_t to) {
  uint32_t cp;
  begin_cluster(k, from);
  for (size_t at = 0; at < n;) {
    at += weir_decode(bytes + at, n - at, &cp);
    flush(k);
    weir_window_start(&k->window, cp, from, to);
  }
}

static void step(struct weir_walk *k, uint32_t cp, size_t from, size_t to) {
  uint32_t value = weir_fold_lookup(cp);
  unsigned char bytes[4] = { (unsigned char)value, (unsigned char)(value >> 8), (unsigned char)(value >> 16), 0 };
  switch (WEIR_KIND(value)) {
  case WEIR_KIND_REMOVED: break;
  case WEIR_KIND_MARK: weir_window_mark(&k->window, cp, WEIR_VALUE_CNT(value), from, to); break;
  case WEIR_KIND_SLOW: slow(k, value, from, to); break;
  case WEIR_KIND_JOIN: join(k, cp, from, to); break;
  case WEIR_KIND_HANGUL:
    (void)weir_decode(bytes, 3, &cp);
    join(k, cp, from, to);
    break;
  case WEIR_KIND_EXPAND: whole(k, weir_fold_pool + WEIR_VALUE_AT(value), WEIR_VALUE_CNT(value), from, to); break;
  case WEIR_KIND_SIMPLE: whole(k, bytes, WEIR_VALUE_BYTES(value), from, to); break;
  default: whole(k, bytes, weir_encode(cp, bytes), from, to); break;
  }
}

enum weir_fold_result weir_walk_run(struct weir_walk *k, weir_str text) {
  const unsigned char *in = (const unsigned char *)text.ptr;
  size_t at = 0, n = 1;
  k->text_start = SIZE_MAX;
  while (at < text.len && !k->full) {
    uint32_t cp;
    n = weir_decode(in + at, text.len - at, &cp);
    if (n == 0) break;
    step(k, cp, at, at + n);
    at += n;
  }
  if (!k->full) flush(k);
  if (k->full) {
    k->len = k->cluster_len;
    k->consumed = k->cluster_from;
    return WEIR_FOLD_CUT;
  }
  k->consumed = at;
  return n ? WEIR_FOLD_OK : WEIR_FOLD_INVALID;
}

void weir_fold_span(weir_str text, bool loose, size_t start, size_t end, size_t *text_start, size_t *text_end) {
  struct weir_walk walk = { .loose = loose, .start = start, .end = end > start ? end : start + 1 };
  (void)weir_walk_run(&walk, text);
  if (walk.text_start > walk.text_end) {
    *text_start = *text_end = walk.consumed;
    return;
  }
  *text_start = walk.text_start;
  *text_end = end > start ? walk.text_end : walk.text_start;
}
