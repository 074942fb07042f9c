/* text/: makes texts comparable, and knows where words end. Uses base/ only.
 *
 * fold.h: folding. What a person wrote and what a rule says become the same bytes when a person would call them the
 * same. Exactly, a text is folded so:
 *   1. left out: default-ignorable code points (zero-width characters, joiners, variation selectors, bidi controls, tags,
 *      soft hyphens ...) and the skin tones of emoji;
 *   2. NFKD: compatibility forms, width, ligatures, circled and superscript characters are resolved, marks ordered;
 *   3. mapped: full case folding, decimal digits of all scripts to 0 .. 9, Han characters to one of their group
 *      (traditional, simplified, Taiwan and Hong Kong forms of one character are a group);
 *   4. composed: the result is NFC (and NFKC).
 * Folding the result again changes nothing. Kana stay distinct (hiragana, katakana), and so do emoji.
 * Beyond WEIR_FOLD_RUN_MAX combining marks on one letter the rest are left out.
 *
 * Tables are made at build time (tools/fold_tables.c) from utf8proc and from Debian's Unicode and OpenCC data. */
#ifndef WEIR_TEXT_FOLD_H
#define WEIR_TEXT_FOLD_H

#include "base/status.h"

enum weir_fold_result {
  WEIR_FOLD_OK = 0,
  WEIR_FOLD_CUT = 1,     /* `cap` did not suffice: the longest prefix that fits, no letter parted from its marks */
  WEIR_FOLD_INVALID = 2  /* the input is not UTF-8: *consumed is where */
};

/* Folds `text` into out[0 .. cap). *len is what was written; *consumed how many bytes of the input that covers.
 * Validates while it folds: overlong forms, surrogates and what is beyond U+10FFFF are WEIR_FOLD_INVALID; what stands
 * before is folded. What stands behind a cut is not looked at.
 * Bytes of out[] behind *len may be overwritten. `out` may not overlap `text`. Fastest with 140 bytes of `cap` to spare. */
enum weir_fold_result weir_fold(weir_str text, char *out, size_t cap, size_t *len, size_t *consumed);

/* The same, and runs of spaces, punctuation and symbols between two letters or digits are left out ("电 子 版", "p.d.f");
 * at the ends of the text and beside emoji they stay. They count against `cap` until they are left out. */
enum weir_fold_result weir_fold_loose(weir_str text, char *out, size_t cap, size_t *len, size_t *consumed);

/* Maps a span of the folded text back to the original: the smallest span of whole code points of `text` whose folding
 * covers [start, end). It folds again and counts, so that folding needs no map. `loose` as it was folded.
 * An empty span gives the place where what stands at `start` begins; beyond the end: the end of the text. */
void weir_fold_span(weir_str text, bool loose, size_t start, size_t end, size_t *text_start, size_t *text_end);

/* The Unicode version and a hash of the tables, for the environment hash: "15.0.0/3f9a..." */
weir_str weir_fold_version(void);

#endif
