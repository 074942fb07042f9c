/* orders.c: what operators ask for in words, on the command line, on the control socket and in a journal. */
#include <string.h>

#include "cli.h"

bool person_read(weir_str text, weir_str part[3]) {
  const char *end = text.ptr + text.len;
  const char *first = text.len ? memchr(text.ptr, '/', text.len) : NULL;
  const char *second = first ? memchr(first + 1, '/', (size_t)(end - first - 1)) : NULL;
  if (!second || first == text.ptr || second == first + 1 || second + 1 == end) return false;
  part[0] = (weir_str){ text.ptr, (size_t)(first - text.ptr) };
  part[1] = (weir_str){ first + 1, (size_t)(second - first - 1) };
  part[2] = (weir_str){ second + 1, (size_t)(end - second - 1) };
  return true;
}

/* The next word of *rest, which moves behind it. */
static weir_str next_word(weir_str *rest) {
  const char *space = rest->len ? memchr(rest->ptr, ' ', rest->len) : NULL;
  weir_str word = { rest->ptr, space ? (size_t)(space - rest->ptr) : rest->len };
  *rest = space ? (weir_str){ space + 1, rest->len - word.len - 1 } : (weir_str){ NULL, 0 };
  return word;
}

/* Takes " 3600" off the end of *text. */
static bool take_seconds(weir_str *text, int64_t *seconds) {
  size_t digits = 0;
  *seconds = 0;
  while (digits < text->len && text->ptr[text->len - digits - 1] >= '0' && text->ptr[text->len - digits - 1] <= '9') digits++;
  if (digits == 0 || digits > 9 || text->len <= digits + 1 || text->ptr[text->len - digits - 1] != ' ') return false;
  for (size_t i = text->len - digits; i < text->len; i++) *seconds = *seconds * 10 + (text->ptr[i] - '0');
  text->len -= digits + 1;
  return true;
}

bool pool_read(weir_str text, struct pool_order *out) {
  const weir_str verb = next_word(&text);
  memset(out, 0, sizeof *out);
  out->pool = next_word(&text);
  bool goes = verb.len == 3 && memcmp(verb.ptr, "out", 3) == 0, comes = verb.len == 2 && memcmp(verb.ptr, "in", 2) == 0;
  if (goes && !take_seconds(&text, &out->seconds)) return false;
  out->member = text;
  return (goes || comes) && out->pool.len && text.len;
}
