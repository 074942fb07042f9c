/* quiet.h: texts in which nothing can match, known before they are folded. Inside match/ only.
 *
 * With few rules most texts hold nothing, and folding costs more than all else. What a text of plain characters folds to is
 * known (text/plain.h), and so is what it must hold, as it was written, for a literal to be in it: one of the ways to write
 * the literal with plain characters. So there is a second prefilter, whose literals are those ways, and one pass over the
 * text as it came tells that it is of plain characters and valid, and that no such way is in it. Then nothing can match, and
 * nothing is folded. All other texts go the long way. It may take too little for quiet, never too much.
 *
 * "…" is no plain character (it folds to three), but passes for one where no way has a full stop in it.
 *
 * There is none where rules are loose, where a regex without literals asks for something that most texts have, or where there
 * are so many literals that most texts hold one; and long texts are left out, the shorter the more literals there are. */
#ifndef WEIR_MATCH_QUIET_H
#define WEIR_MATCH_QUIET_H

#include "match/features.h"
#include "match/prefilter.h"

/* By half bytes of a place, the next, and one further on. */
struct weir_quiet_tables { uint8_t low[3][16], high[3][16]; };

/* What a way stands for: a few characters of a literal. Where it is found, the rest of the literal is looked at as far as it can
 * be without folding, and whether the other half of a near regex (literals.h) is in the text at all. */
#define WEIR_QUIET_SECONDS 8
struct weir_quiet_target {
  const char *literal;          /* folded */
  uint8_t len, piece;           /* of the literal; where in it the way stands */
  bool word;                    /* a keyword that stands as a word */
  uint8_t second_cnt;           /* 0: nothing else is asked */
  const char (*seconds)[4];     /* ways to write what must be in the text too: one character, ended by 0 */
};

struct weir_quiet {
  const struct weir_prefilter *ways; /* of writing literals; ASCII in lower case; postings hold the number of a target */
  const struct weir_quiet_target *targets;
  struct weir_quiet_tables buckets;  /* those of `ways`, and upper case passes */
  uint8_t fine[3][64];
  size_t longest;                    /* bytes of a text that is looked at: longer ones hold something too often */
  bool dots;                         /* a way has a full stop in it: "…" folds to three, and is taken for plain only without */
  uint32_t digits;                   /* so many digits in a row and a regex without literals may match; 0: none asks that */
  bool letters;                      /* likewise one that asks for letters a to z */
};

/* *out is NULL where there can be none. WEIR_E_NOMEM only. */
weir_status weir_quiet_build(struct weir_arena *arena, struct weir_arena *work, const struct weir_literal_pool *pool,
                             const struct weir_prefilter_need *needs, size_t need_cnt, const struct weir_trigger *triggers,
                             const struct weir_trigger *always, size_t always_cnt, const struct weir_kinds *kinds, const struct weir_quiet **out);

/* true: the text is UTF-8, of plain characters, and nothing can match. */
typedef bool (*weir_quiet_scanner)(const struct weir_quiet *quiet, weir_str text);
/* NULL: this processor has none that is faster than folding. */
weir_quiet_scanner weir_quiet_best(void);

#endif
