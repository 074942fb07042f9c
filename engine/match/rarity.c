/* rarity.c: which part of a literal is rare in real text. The prefilter looks at one small window of each literal, and a
 * regex is tried when one of its required literals is met: the rarer the window, the fewer vain tries. Estimates suffice:
 * a wrong one costs time, never an answer. */
#include "match/literals.h"

#include "match/rarity_table.h"
#include "text/utf8.h"

#define LONG_ASCII 4 /* bytes of a window that begins with an ASCII character */
#define LONG_OTHER 5 /* of one that begins in the middle of a longer character: the rest of it and the next */
#define TOGETHER 8.0 /* neighbours go together more often than chance */

static size_t symbol_of(unsigned char c) {
  const char *at;
  if (c >= '0' && c <= '9') c = '0';
  at = c ? strchr(symbols, (char)c) : NULL;
  return at ? (size_t)(at - symbols) : sizeof symbols - 2;
}

static double chance(int rarity) { return 1.0 / (double)(1u << rarity); }

static double single_chance(unsigned char c) { return chance(single_rarity[symbol_of(c)] - 'a'); }

double weir_byte_chance(unsigned char c) { return c < 0x80 ? single_chance(c) : 1.0 / 64; }

static double point_chance(uint32_t cp) {
  size_t low = 0, high = sizeof point_rarity / sizeof point_rarity[0];
  if (cp < 0x80) return single_chance((unsigned char)cp);
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (point_rarity[middle] >> 8 < cp) low = middle + 1;
    else high = middle;
  }
  if (low < sizeof point_rarity / sizeof point_rarity[0] && point_rarity[low] >> 8 == cp) return chance((int)(point_rarity[low] & 0xFF));
  return chance(15);
}

/* How often text[from .. to), which may begin in the middle of a character, stands at a place. */
static double span_chance(weir_str text, size_t from, size_t to) {
  double p = 1.0;
  size_t at = from, len;
  unsigned char before = 0x80;
  while (at > 0 && ((unsigned char)text.ptr[at] & 0xC0) == 0x80) at--;
  for (bool first = true; at < to; at += len, first = false) {
    uint32_t cp = weir_utf8_at(text, at, &len);
    if (!first && cp < 0x80 && before < 0x80) p *= chance(pair_rarity[symbol_of(before)][symbol_of((unsigned char)cp)] - 'a') / single_chance(before);
    else p *= point_chance(cp) * (first ? 1.0 : TOGETHER);
    before = cp < 0x80 ? (unsigned char)cp : 0x80;
  }
  return p;
}

static struct weir_window window_at(weir_str literal, size_t at, size_t len) {
  struct weir_window window = { .len = (uint8_t)len, .anchor = (uint8_t)at };
  for (size_t i = 0; i < len; i++) window.key |= (uint64_t)(unsigned char)literal.ptr[at + i] << (8 * i);
  window.first = (unsigned char)literal.ptr[at];
  window.second = len > 1 ? (unsigned char)literal.ptr[at + 1] : 0;
  window.fourth = len > 3 ? (unsigned char)literal.ptr[at + 3] : 0;
  return window;
}

/* Where a window may begin in the character of `len` bytes at `at`: the first byte that tells characters of one script
 * apart. So the scan looks at one place for each character. */
static size_t anchor_of(size_t at, size_t len) { return len > 1 ? at + len - 2 : at; }

/* A window of four letters is rare enough nearly anywhere in a word. What scanning costs is the places where one might
 * begin, so it had better begin with a rare letter. */
static double rare_start(unsigned char c) {
  double p = single_chance(c);
  return p * p * p * p;
}

enum weir_window_kind weir_window_best(weir_str literal, struct weir_window *out, double *weight) {
  enum weir_window_kind best = WEIR_WINDOW_SINGLE;
  size_t len;
  double p, score, least = 2.0;
  *weight = 2.0;
  for (size_t at = 0; at < literal.len; at += len) {
    size_t anchor, size;
    (void)weir_utf8_at(literal, at, &len);
    anchor = anchor_of(at, len);
    size = len == 1 ? LONG_ASCII : LONG_OTHER;
    if (anchor > 255 || anchor + size > literal.len) continue;
    p = span_chance(literal, anchor, anchor + size);
    score = p * rare_start((unsigned char)literal.ptr[anchor]);
    if (score >= least) continue;
    least = score;
    *weight = p;
    best = WEIR_WINDOW_LONG;
    *out = window_at(literal, anchor, size);
  }
  if (best == WEIR_WINDOW_LONG) return best;
  for (size_t at = 0; at < literal.len; at += len) {
    size_t anchor;
    (void)weir_utf8_at(literal, at, &len);
    anchor = anchor_of(at, len);
    if (anchor + 2 > literal.len) continue;
    p = span_chance(literal, anchor, anchor + 2);
    if (p >= *weight) continue;
    *weight = p;
    best = WEIR_WINDOW_PAIR;
    *out = window_at(literal, anchor, 2);
  }
  if (best == WEIR_WINDOW_PAIR) return best;
  *weight = single_chance((unsigned char)literal.ptr[0]);
  *out = window_at(literal, 0, 1);
  return best;
}
