/* help.c: help texts, set for a terminal of 80 columns. They are written in long lines; here they are broken between words, and what
 * belongs to an option stays in its column. Lines that are commands or files to copy are printed as they are. */
#include <string.h>

#include "cli.h"

enum { COLUMNS = 80, LONG_LINE = 90 /* a line that goes on in the next: shorter ones end where they end */, DEEP = 56 };

struct line {
  weir_str text;       /* without indent */
  size_t indent, hang; /* columns; hang: of what follows its option, else its indent */
  bool item;           /* it has an option, then its text */
};

static struct line take_line(const char **at) {
  const char *end = strchr(*at, '\n');
  size_t len = end ? (size_t)(end - *at) : strlen(*at);
  struct line line = { .text = { *at, len } };
  while (line.text.len && line.text.ptr[0] == ' ') line.text.ptr++, line.text.len--, line.indent++;
  line.hang = line.indent;
  for (size_t i = 0; i + 2 < line.text.len && !line.item; i++) {
    size_t to = i + 1;
    if (line.text.ptr[i] != ' ' || line.text.ptr[to] != ' ') continue;
    while (to < line.text.len && line.text.ptr[to] == ' ') to++;
    line.item = true;
    line.hang = line.indent + text_columns((weir_str){ line.text.ptr, to });
  }
  *at += len + (end != NULL);
  return line;
}

void print_help(FILE *out, const char *help) {
  struct line before = { .hang = 0 };
  size_t before_len = 0, at = 0;
  for (const char *rest = help; *rest;) {
    const char *from = rest;
    struct line line = take_line(&rest);
    bool goes_on = from > help && before_len > LONG_LINE && line.text.len && !line.item && line.indent == before.hang;
    bool as_is = !line.item && line.indent > 0 && !goes_on;
    if (goes_on) {
      at = print_words(out, line.text, (struct setting){ .at = at, .gap = 1, .hang = before.hang, .columns = COLUMNS });
      before_len = line.indent + text_columns(line.text);
      continue;
    }
    if (from > help) fputc('\n', out);
    if (line.hang > DEEP) line.hang = line.indent + 4;
    fprintf(out, "%*s", (int)line.indent, "");
    if (as_is) at = line.indent + fwrite(line.text.ptr, 1, line.text.len, out);
    else at = print_words(out, line.text, (struct setting){ .at = line.indent, .hang = line.hang, .columns = COLUMNS });
    before = line;
    before_len = as_is ? 0 : line.indent + text_columns(line.text);
  }
  fputc('\n', out);
}
