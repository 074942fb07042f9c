/* wrap.c: long lines on a terminal, broken between words or cut to what fits. What goes into a file or a pipe is never broken: whoever
 * reads it there looks for whole lines. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"

enum { COLUMNS = 80, NARROWEST = 40 /* of a terminal: in a narrower one nothing is laid out */ };

/* Hanzi and their like take two; emoji too. */
static size_t width_at(weir_str s, size_t i) {
  unsigned char c = (unsigned char)s.ptr[i];
  return c < 0x80 || (c >= 0xc0 && c < 0xe0) ? 1 : c >= 0xe0 ? 2 : 0;
}

size_t text_columns(weir_str s) {
  size_t columns = 0;
  for (size_t i = 0; i < s.len; i++) columns += width_at(s, i);
  return columns;
}

size_t print_words(FILE *out, weir_str text, struct setting set) {
  size_t at = set.at;
  for (size_t i = 0; i < text.len;) {
    size_t spaces = 0, len = 0, before;
    while (i + spaces < text.len && text.ptr[i + spaces] == ' ') spaces++;
    while (i + spaces + len < text.len && text.ptr[i + spaces + len] != ' ') len++;
    weir_str word = { text.ptr + i + spaces, len };
    before = i ? spaces : set.gap;
    if (at > set.hang && at + before + text_columns(word) > set.columns) {
      fprintf(out, "\n%*s", (int)set.hang, "");
      at = set.hang;
    } else {
      fprintf(out, "%*s", (int)before, "");
      at += before;
    }
    fwrite(word.ptr, 1, word.len, out);
    at += text_columns(word);
    i += spaces + len;
  }
  return at;
}

size_t terminal_columns(FILE *out) {
  struct winsize size = { .ws_col = 0 };
  if (!isatty(fileno(out))) return 0;
  if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || !size.ws_col) return COLUMNS;
  return size.ws_col < NARROWEST ? 0 : size.ws_col;
}

void print_wrapped(FILE *out, weir_str text, size_t at, size_t hang) {
  size_t columns = terminal_columns(out);
  if (columns) print_words(out, text, (struct setting){ .at = at, .hang = hang, .columns = columns });
  else fwrite(text.ptr, 1, text.len, out);
}

static bool is_inside(weir_str s, size_t i) { return i > 0 && i < s.len && ((unsigned char)s.ptr[i] & 0xc0) == 0x80; }

struct cut cut_line(weir_str line, size_t byte, size_t columns) {
  struct cut cut = { .text = line, .byte = byte };
  const size_t marks = 6; /* "..." at both ends */
  if (!columns || text_columns(line) <= columns || columns <= marks) return cut;
  size_t from = byte < line.len ? byte : 0, to, used = 0;
  while (is_inside(line, from)) from--;
  /* two thirds of it before the place */
  for (; from > 0 && used + 2 <= (columns - marks) * 2 / 3; used += width_at(line, from)) from--;
  while (is_inside(line, from)) from--;
  if (text_columns((weir_str){ line.ptr, from }) <= 3) from = 0; /* no longer than its mark */
  for (to = from, used = 0; to < line.len && used + width_at(line, to) <= columns - marks; to++) used += width_at(line, to);
  while (is_inside(line, to)) to--;
  return (struct cut){ .text = { line.ptr + from, to - from }, .byte = byte - from, .before = from > 0, .behind = to < line.len };
}
