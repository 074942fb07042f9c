/* stress.c: how dear a pattern can get, for `check`. Texts made of the characters of its own source, repeated and mixed,
 * which is what makes regexes run away, are matched under the budget that events have. It finds what is found easily; the
 * budget is what protects. */
#include "limits.h"
#include "match/matcher.h"
#include "text/utf8.h"

#define TEXTS 40
#define TEXT_MAX 4096

/* Characters of the source that are no syntax, and some that stand for its classes. */
struct letters { uint32_t cps[64]; size_t cnt; };

static struct letters letters_of(weir_str source) {
  static const char common[] = "a1 -.@/";
  struct letters letters = { .cnt = 0 };
  size_t len;
  for (size_t i = 0; i + 1 < sizeof common; i++) letters.cps[letters.cnt++] = (unsigned char)common[i];
  for (size_t at = 0; at < source.len && letters.cnt < 64; at += len) {
    uint32_t cp = weir_utf8_at(source, at, &len);
    if (cp >= 0x20 && (cp >= 0x80 || !strchr("\\^$.|?*+()[]{}", (char)cp))) letters.cps[letters.cnt++] = cp;
  }
  return letters;
}

static uint32_t below(uint64_t *state, size_t n) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((*state >> 33) % n);
}

/* Text `number`: one character again and again; a piece of a few; or all mixed. It ends in a way that fails late. */
static size_t make_text(const struct letters *letters, size_t number, uint64_t *state, char *out) {
  uint32_t piece[4];
  size_t piece_len = number % 3 == 2 ? 0 : number % 3 == 1 ? 2 + number % 3 : 1, len = 0, target = TEXT_MAX >> (number % 4 * 2);
  for (size_t i = 0; i < 4; i++) piece[i] = letters->cps[below(state, letters->cnt)];
  if (number < 3 * letters->cnt && piece_len == 1) piece[0] = letters->cps[number / 3];
  for (size_t i = 0; len + 8 < target; i++) len += weir_utf8_put(piece_len ? piece[i % piece_len] : letters->cps[below(state, letters->cnt)], out + len);
  if (number % 2) out[len++] = '!';
  return len;
}

uint64_t weir_match_stress(struct weir_match *match, uint32_t pattern, weir_str source, bool *limited) {
  struct letters letters = letters_of((weir_str){ source.ptr, weir_utf8_valid(source) });
  uint64_t worst = 0, state = 1;
  *limited = false;
  for (size_t i = 0; i < TEXTS; i++) {
    struct weir_match_found found;
    char text[TEXT_MAX];
    bool cut;
    weir_str made = { text, make_text(&letters, i, &state, text) };
    if (weir_match_text(match, made, true, &cut, NULL) != WEIR_OK) continue;
    if (weir_match_pattern(match, pattern, &found) == WEIR_MATCH_LIMIT) *limited = true;
    if (weir_match_steps(match) > worst) worst = weir_match_steps(match);
  }
  return worst;
}
