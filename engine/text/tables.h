/* tables.h: looking up what folding and word boundaries need to know of a code point. Private to text/.
 *
 * The tables come from tools/fold_tables.c, which says where they are from; this file says how they are read. They are
 * constant and 220 KB; a text touches a few cache lines of them, because a script lies together. Two of them, fold and
 * class, have three stages that are cut where UTF-8 cuts: first two bytes, third byte, fourth byte. */
#ifndef WEIR_TEXT_TABLES_H
#define WEIR_TEXT_TABLES_H

#include "base/status.h"

#include "fold_tables.h"

/* A value says what folding does with a code point; its kind is in the top four bits.
 *
 *   IDENTITY  stays
 *   SIMPLE    becomes 1 to 3 bytes                     24..27 how many, 0..23 the bytes, first one lowest
 *   EXPAND    becomes longer text                      8..27 where in weir_fold_pool, 0..7 bytes
 *   REMOVED   vanishes
 *   MARK      stays; a mark that joins nothing         0..7 combining class
 *   SLOW      needs the window (window.h)              8..27 where in weir_fold_items, 0..7 how many
 *   JOIN      stays, or joins the letter before it     8..27 its first pair, 0..7 pairs
 *   HANGUL    a vowel or final jamo: as SIMPLE, or joins the syllable before it
 *   INVALID   a surrogate: not UTF-8
 *
 * What IDENTITY, SIMPLE and EXPAND give begins and ends with a code point of combining class 0, and its first one joins
 * nothing before it: so a text can be folded piece by piece there. */
#define WEIR_KIND(value) ((value) >> 28)
#define WEIR_VALUE_BYTES(value) ((value) >> 24 & 15u)
#define WEIR_VALUE_AT(value) ((value) >> 8 & 0xFFFFFu)
#define WEIR_VALUE_CNT(value) ((value) & 0xFFu)
/* An item of weir_fold_items is a code point and its combining class. */
#define WEIR_ITEM_CP(item) ((item) & 0x1FFFFFu)
#define WEIR_ITEM_CCC(item) ((item) >> 24)

/* cp must be below 0x110000. */
static inline uint32_t weir_fold_lookup(uint32_t cp) {
  uint32_t block = weir_fold_mid[(uint32_t)weir_fold_top[cp >> 12] << 6 | (cp >> 6 & 63u)];
  return weir_fold_value[weir_fold_leaf[block << 6 | (cp & 63u)]];
}

/* Bits 0..7: enum weir_char_class and WEIR_CHAR_MARK; 8..15: script, 0 for what is shared and for marks; 16: leans on what
 * precedes it, with which it may join or change places. */
static inline uint32_t weir_class_lookup(uint32_t cp) {
  uint32_t block = weir_class_mid[(uint32_t)weir_class_top[cp >> 12] << 6 | (cp >> 6 & 63u)];
  return weir_class_value[weir_class_leaf[block << 6 | (cp & 63u)]];
}
#define WEIR_CHAR_MARK 128u /* a combining mark of any kind */
#define WEIR_CLASS_SCRIPT(class) ((class) >> 8 & 0xFFu)
#define WEIR_CLASS_LEANS 0x10000u

/* Reads one code point of `left` bytes, of which there is at least one: its length, or 0 when it is not UTF-8
 * (RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF). */
static inline size_t weir_decode(const unsigned char *p, size_t left, uint32_t *cp) {
  uint32_t a = p[0], b, c, d;
  *cp = a;
  if (a < 0x80) return 1;
  if (left < 2 || (b = p[1] ^ 0x80u) > 0x3F) return 0;
  if (a < 0xE0) {
    *cp = (a & 0x1F) << 6 | b;
    return a >= 0xC2 ? 2 : 0;
  }
  if (left < 3 || (c = p[2] ^ 0x80u) > 0x3F) return 0;
  if (a < 0xF0) {
    *cp = (a & 0x0F) << 12 | b << 6 | c;
    return *cp >= 0x800 && (*cp >> 11) != 0x1B ? 3 : 0;
  }
  if (left < 4 || (d = p[3] ^ 0x80u) > 0x3F) return 0;
  *cp = (a & 0x07) << 18 | b << 12 | c << 6 | d;
  return a < 0xF5 && *cp >= 0x10000 && *cp <= 0x10FFFF ? 4 : 0;
}

/* Writes a code point that is none of the surrogates; returns how many bytes. */
static inline size_t weir_encode(uint32_t cp, unsigned char out[4]) {
  if (cp < 0x80) {
    out[0] = (unsigned char)cp;
    return 1;
  }
  if (cp < 0x800) {
    out[0] = (unsigned char)(0xC0 | cp >> 6);
    out[1] = (unsigned char)(0x80 | (cp & 63));
    return 2;
  }
  if (cp < 0x10000) {
    out[0] = (unsigned char)(0xE0 | cp >> 12);
    out[1] = (unsigned char)(0x80 | (cp >> 6 & 63));
    out[2] = (unsigned char)(0x80 | (cp & 63));
    return 3;
  }
  out[0] = (unsigned char)(0xF0 | cp >> 18);
  out[1] = (unsigned char)(0x80 | (cp >> 12 & 63));
  out[2] = (unsigned char)(0x80 | (cp >> 6 & 63));
  out[3] = (unsigned char)(0x80 | (cp & 63));
  return 4;
}

#endif
