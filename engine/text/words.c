/* words.c: character classes and word boundaries; words.h has the rule. It looks only at the characters beside a place
 * (and at the few syllables of particles), so asking costs the same in any text. */
#include "text/words.h"

#include "text/tables.h"

#define ALNUM (WEIR_CHAR_LETTER | WEIR_CHAR_DIGIT)

unsigned weir_char_class(uint32_t cp) {
  if (cp > 0x10FFFF) return WEIR_CHAR_CONTROL;
  return weir_class_lookup(cp) & 0x7Fu;
}

static uint32_t code_at(weir_str text, size_t at, size_t *len) {
  uint32_t cp;
  *len = weir_decode((const unsigned char *)text.ptr + at, text.len - at, &cp);
  if (*len == 0) *len = 1, cp = 0xFFFD;
  return cp;
}

static size_t code_before(weir_str text, size_t at) {
  size_t low = at > 4 ? at - 4 : 0;
  do at--;
  while (at > low && ((unsigned char)text.ptr[at] & 0xC0) == 0x80);
  return at;
}

/* Where the character that ends at `at` begins, its marks stepped over, and what it is. */
static size_t base_before(weir_str text, size_t at, uint32_t *cp, uint32_t *class) {
  size_t len;
  do {
    at = code_before(text, at);
    *cp = code_at(text, at, &len);
    *class = weir_class_lookup(*cp);
  } while (at > 0 && (*class & WEIR_CHAR_MARK));
  return at;
}

static bool inside_code_point(weir_str text, size_t at) { return at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80; }

static bool boundary(weir_str text, size_t at) {
  uint32_t cp, before, after;
  size_t len;
  if (at == 0 || at >= text.len) return true;
  if (inside_code_point(text, at)) return false;
  after = weir_class_lookup(code_at(text, at, &len));
  if (after & WEIR_CHAR_MARK) return false;
  (void)base_before(text, at, &cp, &before);
  if (!(before & ALNUM) || (before & WEIR_CHAR_MARK) || !(after & ALNUM)) return true;
  if ((before | after) & WEIR_CHAR_DENSE) return true;
  return WEIR_CLASS_SCRIPT(before) != 0 && WEIR_CLASS_SCRIPT(after) != 0 && WEIR_CLASS_SCRIPT(before) != WEIR_CLASS_SCRIPT(after);
}

/* ---- Korean particles */

enum fits { ANY, CONSONANT, VOWEL, VOWEL_OR_L, CONSONANT_BUT_L };

/* Longer ones before those they begin with. */
#define P(text, fits) { { text, sizeof(text) - 1 }, fits }
static const struct { weir_str text; enum fits fits; } particles[] = {
  P("이라도", CONSONANT), P("이든지", CONSONANT), P("이나", CONSONANT), P("이랑", CONSONANT), P("이요", CONSONANT), P("이", CONSONANT),
  P("은", CONSONANT), P("을", CONSONANT), P("과", CONSONANT), P("으로서", CONSONANT_BUT_L), P("으로", CONSONANT_BUT_L),
  P("라도", VOWEL), P("든지", VOWEL), P("나", VOWEL), P("랑", VOWEL), P("가", VOWEL), P("는", VOWEL), P("를", VOWEL), P("와", VOWEL),
  P("로서", VOWEL_OR_L), P("로", VOWEL_OR_L), P("에게서", ANY), P("에게", ANY), P("에서", ANY), P("에", ANY), P("한테서", ANY),
  P("한테", ANY), P("요", ANY), P("도", ANY), P("만", ANY), P("의", ANY), P("께", ANY), P("까지", ANY), P("부터", ANY), P("보다", ANY),
  P("처럼", ANY), P("마다", ANY), P("조차", ANY), P("마저", ANY), P("밖에", ANY), P("하고", ANY), P("좀", ANY),
};
#undef P

/* How a syllable ends decides the form of what follows. After anything but a whole syllable every form may stand. */
static bool fits_after(enum fits fits, uint32_t cp) {
  uint32_t final = (cp - 0xAC00u) % 28u;
  if (cp < 0xAC00 || cp > 0xD7A3) return true;
  switch (fits) {
  case CONSONANT: return final != 0;
  case VOWEL: return final == 0;
  case VOWEL_OR_L: return final == 0 || final == 8;
  case CONSONANT_BUT_L: return final != 0 && final != 8;
  case ANY: break;
  }
  return true;
}

/* Bytes of the particle at `at` that may follow cp; 0: none. */
static size_t particle_at(weir_str text, size_t at, uint32_t cp) {
  weir_str rest = { text.ptr + at, text.len - at };
  for (size_t i = 0; i < sizeof particles / sizeof particles[0]; i++) {
    if (weir_str_starts(rest, particles[i].text) && fits_after(particles[i].fits, cp)) return particles[i].text.len;
  }
  return 0;
}

static bool particles_end_word(weir_str text, size_t at) {
  uint32_t cp, class, script;
  size_t len;
  (void)base_before(text, at, &cp, &class);
  script = WEIR_CLASS_SCRIPT(class);
  if (!(class & WEIR_CHAR_DIGIT) && script != WEIR_SCRIPT_Hangul && script != WEIR_SCRIPT_Latin) return false;
  for (int i = 0; i < 3; i++) {
    if ((len = particle_at(text, at, cp)) == 0) return false;
    at += len;
    if (boundary(text, at)) return true;
    (void)base_before(text, at, &cp, &class);
  }
  return false;
}

bool weir_word_starts(weir_str text, size_t at) { return boundary(text, at); }

bool weir_word_ends(weir_str text, size_t at) {
  if (boundary(text, at)) return true;
  /* All particles begin with EA to ED. */
  if ((unsigned char)text.ptr[at] < 0xEA || (unsigned char)text.ptr[at] > 0xED) return false;
  return particles_end_word(text, at);
}

/* ---- The ends of a text */

static bool trimmed(uint32_t class) {
  return (class & (WEIR_CHAR_SPACE | WEIR_CHAR_PUNCT | WEIR_CHAR_EMOJI | WEIR_CHAR_CONTROL)) != 0;
}

void weir_text_core(weir_str text, size_t *start, size_t *end) {
  uint32_t cp, class;
  size_t from = 0, to = text.len, at, len;
  while (from < to) {
    class = weir_class_lookup(code_at(text, from, &len));
    /* A mark at the very beginning stands on nothing and is kept; after something trimmed it goes with that. */
    if (!trimmed(class) && !(from > 0 && (class & WEIR_CHAR_MARK))) break;
    from += len;
  }
  while (to > from) {
    at = base_before(text, to, &cp, &class);
    if (!trimmed(class)) break;
    to = at;
  }
  *start = from < to ? from : 0;
  *end = from < to ? to : 0;
}
