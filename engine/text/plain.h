/* plain.h: plain characters: those of which a text is folded one by one, each into one character, and none of them but ASCII
 * into a letter or digit of ASCII. So what a text of plain characters folds to can be said without folding it. Private to
 * text/ and match/, which knows from it that nothing can match (quiet.h).
 *
 * Most of what is written in Chinese, and all ASCII: hanzi, the punctuation of both, not the letters of full width. They are
 * chosen so that a few comparisons of bytes tell them; tests look at each. */
#ifndef WEIR_TEXT_PLAIN_H
#define WEIR_TEXT_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

#define WEIR_PLAIN_MAX 0xFFFFu

static inline bool weir_plain_char(uint32_t cp) {
  if (cp < 0x80) return true;
  if (cp >= 0x4000 && cp <= 0x9FFF) return true;                         /* E4 80 80 .. E9 BF BF */
  if (cp >= 0x3000 && cp <= 0x303F) return cp < 0x302A || cp > 0x302F;   /* E3 80 xx but marks */
  if (cp >= 0xFF00 && cp <= 0xFF20) return cp < 0xFF10 || cp > 0xFF19;   /* EF BC xx but digits and letters */
  return cp >= 0x2010 && cp <= 0x201F && cp != 0x2017;                   /* E2 80 xx: dashes and quotes */
}

#endif
