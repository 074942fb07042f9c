/* scenario_words.c: a line of a scenario, cut into words. Quotes may be the straight ones or those that Chinese keyboards and
 * word processors make; so may commas and arrows. */
#include <string.h>

#include "scenario.h"

bool word_is(const struct word *word, const char *text) {
  return !word->quoted && word->text.len == strlen(text) && memcmp(word->text.ptr, text, word->text.len) == 0;
}

/* How many bytes at `i` are one of the marks; 0: none. */
static size_t mark(weir_str line, size_t i, const char *const *marks) {
  for (; *marks; marks++) {
    size_t len = strlen(*marks);
    if (line.len - i >= len && memcmp(line.ptr + i, *marks, len) == 0) return len;
  }
  return 0;
}

static const char *const straight[] = { "\"", NULL };
static const char *const curly[] = { "“", "”", NULL }; /* some keyboards make two of the same */
static const char *const corner_open[] = { "「", NULL }, *const corner_close[] = { "」", NULL };
static const char *const commas[] = { ",", "，", "、", NULL };
static const char *const arrows[] = { "->", "→", NULL };
static const char *const blanks[] = { " ", "\t", "　", NULL };

static void add(struct words *out, weir_str text, bool quoted, size_t start) {
  if (out->cnt == SCENARIO_WORDS_MAX) {
    out->bad = "the line has too many words";
    out->bad_column = (uint32_t)start + 1;
    return;
  }
  out->items[out->cnt++] = (struct word){ text, quoted, (uint32_t)start + 1 };
}

/* From behind the opening quote; returns the place behind the closing one. \" is a quote, \\ a backslash, \n a line end. */
static size_t cut_quoted(weir_str line, size_t i, size_t start, const char *const *closers, char *copy, struct words *out) {
  char *to = copy + i;
  weir_str text = { to, 0 };
  while (i < line.len) {
    size_t end = mark(line, i, closers);
    if (end) {
      text.len = (size_t)(to - text.ptr);
      add(out, text, true, start);
      return i + end;
    }
    if (line.ptr[i] == '\\' && i + 1 < line.len) {
      char c = line.ptr[i + 1];
      *to++ = c == 'n' ? '\n' : c;
      i += 2;
    } else {
      *to++ = line.ptr[i++];
    }
  }
  out->bad = "this text has no closing quote";
  out->bad_column = (uint32_t)start + 1;
  return i;
}

/* How long the opening quote at `i` is, and what closes it; 0: there is none. */
static size_t opens(weir_str line, size_t i, const char *const **closers) {
  size_t len;
  if ((len = mark(line, i, straight)) != 0) *closers = straight;
  else if ((len = mark(line, i, curly)) != 0) *closers = curly;
  else if ((len = mark(line, i, corner_open)) != 0) *closers = corner_close;
  return len;
}

static size_t cut_bare(weir_str line, size_t i, char *copy, struct words *out) {
  size_t start = i;
  const char *const *closers = NULL;
  while (i < line.len && !mark(line, i, blanks) && !mark(line, i, commas) && !mark(line, i, arrows) && !opens(line, i, &closers)) i++;
  add(out, (weir_str){ copy + start, i - start }, false, start);
  return i;
}

void scenario_cut(weir_str line, char *copy, struct words *out) {
  const char *const *closers = NULL;
  memset(out, 0, sizeof *out);
  for (size_t i = 0; i < line.len && !out->bad;) {
    size_t len;
    if ((len = mark(line, i, blanks)) != 0) i += len;
    else if (line.ptr[i] == '#') return;
    else if ((len = mark(line, i, commas)) != 0) {
      add(out, (weir_str){ ",", 1 }, false, i);
      i += len;
    } else if ((len = mark(line, i, arrows)) != 0) {
      add(out, (weir_str){ "->", 2 }, false, i);
      i += len;
    } else if ((len = opens(line, i, &closers)) != 0) i = cut_quoted(line, i + len, i, closers, copy, out);
    else i = cut_bare(line, i, copy, out);
  }
}
