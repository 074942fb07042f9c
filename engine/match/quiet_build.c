/* quiet_build.c: all ways to write the literals of a ruleset with plain characters. */
#include <stdlib.h>

#include "limits.h"
#include "match/quiet.h"
#include "text/fold.h"
#include "text/plain.h"
#include "text/utf8.h"

/* A plain character that does not fold to itself. */
struct other { uint32_t folded, written; };

struct ways {
  struct weir_arena *work;
  struct weir_literal_pool *pool;
  struct other *others; /* by folded */
  size_t other_cnt;
  struct weir_prefilter_need *needs;
  size_t cnt;
  bool dots;
};

static int by_folded(const void *a, const void *b) {
  const struct other *x = a, *y = b;
  if (x->folded != y->folded) return x->folded < y->folded ? -1 : 1;
  return (x->written > y->written) - (x->written < y->written);
}

/* Upper-case ASCII is left out: scanning makes it lower-case. */
static bool find_others(struct ways *w) {
  size_t room = 0;
  for (uint32_t cp = 0x80; cp <= WEIR_PLAIN_MAX; cp++) room += weir_plain_char(cp);
  if (!(w->others = weir_arena_array(w->work, room, sizeof *w->others))) return false;
  for (uint32_t cp = 0x80; cp <= WEIR_PLAIN_MAX; cp++) {
    char written[4], folded[WEIR_CHAR_FOLDED_MAX];
    size_t len, consumed, first;
    uint32_t to;
    if (!weir_plain_char(cp)) continue;
    (void)weir_fold((weir_str){ written, weir_utf8_put(cp, written) }, folded, sizeof folded, &len, &consumed);
    to = weir_utf8_at((weir_str){ folded, len }, 0, &first);
    if (to != cp) w->others[w->other_cnt++] = (struct other){ to, cp };
  }
  qsort(w->others, w->other_cnt, sizeof *w->others, by_folded);
  return true;
}

/* The first of the ways to write a folded character otherwise. */
static size_t first_other(const struct ways *w, uint32_t folded) {
  size_t low = 0, high = w->other_cnt;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (w->others[middle].folded < folded) low = middle + 1;
    else high = middle;
  }
  return low;
}

enum added { ADDED, TOO_MANY, NO_MEMORY };

static enum added add_way(struct ways *w, weir_str way, size_t target) {
  uint32_t number;
  if (w->cnt == WEIR_QUIET_WAYS_MAX) return TOO_MANY;
  if (!weir_literal_pool_add(w->pool, way, &number)) return NO_MEMORY;
  w->needs[w->cnt++] = (struct weir_prefilter_need){ number, WEIR_POSTING_REGEX | (uint32_t)target << 3 | WEIR_NO_GRAM << 20 };
  return ADDED;
}

/* The rest of a piece in all ways, behind what is written already. A character that is not plain itself may be what plain
 * ones fold to. */
static enum added add_rest(struct ways *w, weir_str rest, char *written, size_t len, size_t target) {
  size_t first;
  uint32_t cp;
  enum added added = ADDED;
  if (rest.len == 0) return add_way(w, (weir_str){ written, len }, target);
  cp = weir_utf8_at(rest, 0, &first);
  rest.ptr += first, rest.len -= first;
  if (weir_plain_char(cp)) added = add_rest(w, rest, written, len + weir_utf8_put(cp, written + len), target);
  for (size_t i = first_other(w, cp); added == ADDED && i < w->other_cnt && w->others[i].folded == cp; i++) {
    added = add_rest(w, rest, written, len + weir_utf8_put(w->others[i].written, written + len), target);
  }
  return added;
}

/* The characters that a literal's window lies on: five at most, as a window has five bytes. */
static weir_str piece_of(weir_str literal) {
  struct weir_window window;
  double weight;
  size_t from, to;
  (void)weir_window_best(literal, &window, &weight);
  from = window.anchor;
  to = from + window.len;
  while (from > 0 && ((unsigned char)literal.ptr[from] & 0xC0) == 0x80) from--;
  while (to < literal.len && ((unsigned char)literal.ptr[to] & 0xC0) == 0x80) to++;
  return (weir_str){ literal.ptr + from, to - from };
}

/* The other half of a near regex: ways to write its first character, when that is none of ASCII and there are few. */
static bool find_seconds(struct ways *w, struct weir_arena *arena, const struct weir_near *near, struct weir_quiet_target *out) {
  size_t len, cnt = 0, room, first;
  uint32_t cp = near->first_len ? weir_utf8_at((weir_str){ near->second, near->second_len }, 0, &len) : 0;
  char(*seconds)[4];
  if (cp < 0x80) return true;
  first = first_other(w, cp);
  room = weir_plain_char(cp);
  for (size_t i = first; i < w->other_cnt && w->others[i].folded == cp; i++) room++;
  if (room == 0 || room > WEIR_QUIET_SECONDS) return true;
  if (!(seconds = weir_arena_zalloc(arena, room * sizeof *seconds))) return false;
  if (weir_plain_char(cp)) (void)weir_utf8_put(cp, seconds[cnt++]);
  for (size_t i = first; cnt < room; i++) (void)weir_utf8_put(w->others[i].written, seconds[cnt++]);
  out->seconds = (const char(*)[4])seconds;
  out->second_cnt = (uint8_t)room;
  return true;
}

static enum added add_all(struct ways *w, struct weir_arena *arena, const struct weir_literal_pool *pool, const struct weir_prefilter_need *needs,
                          size_t cnt, const struct weir_trigger *triggers, struct weir_quiet_target *targets) {
  char written[32];
  for (size_t i = 0; i < cnt; i++) {
    weir_str literal = weir_literal_pool_get(pool, needs[i].literal), piece = piece_of(literal), kept;
    bool regex = (needs[i].posting & 7u) == WEIR_POSTING_REGEX;
    enum added added;
    if (!weir_arena_str(arena, literal, &kept)) return NO_MEMORY;
    if (memchr(piece.ptr, '.', piece.len)) w->dots = true;
    targets[i] = (struct weir_quiet_target){ .literal = kept.ptr, .len = (uint8_t)literal.len, .piece = (uint8_t)(piece.ptr - literal.ptr),
                                             .word = (needs[i].posting & 7u) == WEIR_KEYWORD_WORD };
    if (regex && !find_seconds(w, arena, &triggers[(needs[i].posting >> 3) & (WEIR_TARGET_MAX - 1)].near, &targets[i])) return NO_MEMORY;
    if ((added = add_rest(w, piece, written, 0, i)) != ADDED) return added;
  }
  return ADDED;
}

/* ---- Regexes without literals */

static bool asks_for(const struct weir_kinds *kinds, const struct weir_gate *gate, const uint64_t ascii[2]) {
  for (uint32_t i = 0; i < kinds->cnt; i++) {
    const struct weir_need *need = &kinds->needs[i];
    if (((gate->needs >> i) & 1) && !need->others && !(need->ascii[0] & ~ascii[0]) && !(need->ascii[1] & ~ascii[1])) return true;
  }
  return false;
}

/* Each must ask for digits or for letters, which plain texts have only where ASCII has them. */
static bool note_always(struct weir_quiet *quiet, const struct weir_kinds *kinds, const struct weir_trigger *always, size_t cnt) {
  static const uint64_t digits[2] = { UINT64_C(0x03FF000000000000), 0 }, letters[2] = { 0, UINT64_C(0x07FFFFFE00000000) };
  for (size_t i = 0; i < cnt; i++) {
    const struct weir_gate *gate = &always[i].gate;
    uint32_t run = gate->digits ? gate->digits : asks_for(kinds, gate, digits) ? 1 : 0;
    if (run) quiet->digits = quiet->digits && quiet->digits < run ? quiet->digits : run;
    else if (gate->order || asks_for(kinds, gate, letters)) quiet->letters = true;
    else return false;
  }
  return true;
}

weir_status weir_quiet_build(struct weir_arena *arena, struct weir_arena *work, const struct weir_literal_pool *pool,
                             const struct weir_prefilter_need *needs, size_t need_cnt, const struct weir_trigger *triggers,
                             const struct weir_trigger *always, size_t always_cnt, const struct weir_kinds *kinds, const struct weir_quiet **out) {
  struct weir_quiet_target *targets;
  struct weir_quiet *quiet = weir_arena_zalloc(arena, sizeof *quiet);
  struct ways w = { .work = work, .pool = weir_literal_pool_new(work) };
  enum added added;
  *out = NULL;
  if (!quiet || !w.pool) return WEIR_E_NOMEM;
  if (need_cnt == 0 || need_cnt > WEIR_QUIET_WAYS_MAX || !note_always(quiet, kinds, always, always_cnt)) return WEIR_OK;
  targets = weir_arena_array(arena, need_cnt, sizeof *targets);
  w.needs = weir_arena_array(work, WEIR_QUIET_WAYS_MAX, sizeof *w.needs);
  if (!targets || !w.needs || !find_others(&w)) return WEIR_E_NOMEM;
  if ((added = add_all(&w, arena, pool, needs, need_cnt, triggers, targets)) != ADDED || w.cnt == 0) return added == NO_MEMORY ? WEIR_E_NOMEM : WEIR_OK;
  if (weir_prefilter_build(arena, work, w.pool, w.needs, w.cnt, NULL, &quiet->ways) != WEIR_OK) return WEIR_E_NOMEM;
  quiet->targets = targets;
  quiet->dots = w.dots;
  quiet->longest = WEIR_QUIET_BYTES / quiet->ways->literal_cnt;
  memcpy(quiet->buckets.low, quiet->ways->low, sizeof quiet->buckets.low);
  memcpy(quiet->buckets.high, quiet->ways->high, sizeof quiet->buckets.high);
  for (int i = 0; i < 3; i++) quiet->buckets.high[i][4] |= quiet->buckets.high[i][6], quiet->buckets.high[i][5] |= quiet->buckets.high[i][7];
  memcpy(quiet->fine, quiet->ways->fine, sizeof quiet->fine);
  for (int i = 0; i < 3; i++) for (int k = 0; k < 32; k++) quiet->fine[i][k] |= quiet->fine[i][k + 32];
  *out = quiet;
  return WEIR_OK;
}
