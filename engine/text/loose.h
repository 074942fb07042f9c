/* loose.h: which spaces, punctuation and symbols the loose folding leaves out. Private to text/.
 *
 * A gap is a run of spaces, punctuation and symbols that follows a letter or digit. It is left out when another letter or
 * digit follows it directly. A combining mark or a jamo that would join what precedes it is no such letter: leaving the
 * gap out would change a letter. Emoji and controls end a gap too. */
#ifndef WEIR_TEXT_LOOSE_H
#define WEIR_TEXT_LOOSE_H

#include "text/tables.h"
#include "text/words.h"

enum weir_loose_state { WEIR_LOOSE_OTHER = 0, WEIR_LOOSE_WORD, WEIR_LOOSE_GAP };

/* The state after a code point of a folded text. From GAP to WORD: the gap is left out. From WORD to GAP: it begins. */
static inline enum weir_loose_state weir_loose_next(enum weir_loose_state state, uint32_t cp) {
  uint32_t class = weir_class_lookup(cp);
  if (class & WEIR_CLASS_LEANS) return state == WEIR_LOOSE_WORD ? WEIR_LOOSE_WORD : WEIR_LOOSE_OTHER;
  if (class & (WEIR_CHAR_LETTER | WEIR_CHAR_DIGIT)) return WEIR_LOOSE_WORD;
  if (class & (WEIR_CHAR_SPACE | WEIR_CHAR_PUNCT)) return state == WEIR_LOOSE_OTHER ? WEIR_LOOSE_OTHER : WEIR_LOOSE_GAP;
  return WEIR_LOOSE_OTHER;
}

#endif
