/* words.h: what is a letter, and where a word ends. Works on folded text.
 *
 * The rule, exactly. Marks (Unicode M) belong to the character before them: no place before a mark is a boundary, and
 * what counts below is the character that carries the marks; marks that begin a text are no letter. At both ends of the
 * text there is a boundary. Else there is one between the characters A and B when
 *   1. A or B is no letter and no digit: "p.d.f" has three words, "don't" two; or
 *   2. A or B is a letter of a script written without spaces (WEIR_CHAR_DENSE: Han, kana, Thai and their like): words in
 *      these match as substrings, and "发pdf给我", "要3份" contain the words "pdf" and "3"; or
 *   3. both are letters, of different scripts: "pdf를", and Latin beside Cyrillic. Letters that several scripts share
 *      have no script and differ from none.
 * A digit has no script: between digits, and between a digit and a letter of a script with spaces, there is no boundary.
 * "iphone15" is one word and contains neither the word "iphone" nor "15"; "3kg", "3개" likewise.
 *
 * A word begins and ends at boundaries. A word whose last character is Hangul, Latin or a digit ends also where one to
 * three Korean particles follow that reach up to a boundary: "자료" in "자료를", "자료까지만요". A particle that has two
 * forms must have the one that fits the sound before it (자료를, 파일을): so the word "사" (four) is not in "사과" (apple).
 * The particles: 은/는 이/가 을/를 과/와 으로/로 으로서/로서 이랑/랑 이나/나 이라도/라도 이든지/든지 이요/요 도 만 의 에 에서 에게 에게서 한테 한테서 께
 * 까지 부터 보다 처럼 마다 조차 마저 밖에 하고 좀. */
#ifndef WEIR_TEXT_WORDS_H
#define WEIR_TEXT_WORDS_H

#include "base/status.h"

/* Whether a word may begin at `at` (0 .. len). */
bool weir_word_starts(weir_str text, size_t at);
/* Whether a word may end at `at` (0 .. len). */
bool weir_word_ends(weir_str text, size_t at);

enum weir_char_class {
  WEIR_CHAR_LETTER = 1,   /* letters, letter-like numbers (Ⅷ, 〇) and marks */
  WEIR_CHAR_DIGIT = 2,    /* decimal digits */
  WEIR_CHAR_SPACE = 4,    /* white space, tab and line ends among it */
  WEIR_CHAR_PUNCT = 8,    /* punctuation and symbols that are no emoji, other numbers, private use */
  WEIR_CHAR_EMOJI = 16,   /* Unicode's Emoji beyond ASCII, regional indicators, and places kept for future emoji */
  WEIR_CHAR_CONTROL = 32, /* Cc, Cf (bidi controls among them), Cs, unassigned */
  WEIR_CHAR_DENSE = 64    /* with LETTER: of a script written without spaces: Han, kana, Thai, Lao, Khmer, Burmese ... */
};
/* Classes of a code point, ORed. Beyond U+10FFFF: WEIR_CHAR_CONTROL. */
unsigned weir_char_class(uint32_t cp);

/* The text without punctuation, emoji, space and controls at its ends: [*start, *end). Marks go with what they stand on.
 * A text of nothing else gives an empty span. */
void weir_text_core(weir_str text, size_t *start, size_t *end);

#endif
