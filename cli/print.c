/* print.c: what people see. Whatever came from outside is made harmless for a terminal first. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

const char *paint(FILE *out, enum paint paint) {
  static const char *const codes[] = { [PLAIN] = "\033[0m", [BOLD] = "\033[1m", [DIM] = "\033[2m", [RED] = "\033[31m",
                                       [GREEN] = "\033[32m", [YELLOW] = "\033[33m", [CYAN] = "\033[36m" };
  const char *none = getenv("NO_COLOR");
  if ((none && *none) || !isatty(fileno(out))) return "";
  return codes[paint];
}

void complain_text(const char *command, const char *format, ...) {
  va_list args;
  fprintf(stderr, "weir %s: ", command);
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
}

void complain(const char *command, const weir_error *err) {
  fprintf(stderr, "weir %s: ", command);
  if (err->file[0] && err->line) fprintf(stderr, "%s:%u: ", err->file, err->line);
  else if (err->file[0]) fprintf(stderr, "%s: ", err->file);
  if (err->rule[0]) fprintf(stderr, "rule %s: ", err->rule);
  const char *message = err->message[0] ? err->message : weir_status_name(err->status);
  print_text(stderr, (weir_str){ message, strlen(message) });
  fputc('\n', stderr);
}

/* U+200E, U+200F, U+202A..202E, U+2066..2069 */
static bool is_turn(weir_str text, size_t i) {
  if (i + 2 >= text.len || (unsigned char)text.ptr[i] != 0xe2) return false;
  unsigned char b = (unsigned char)text.ptr[i + 1], c = (unsigned char)text.ptr[i + 2];
  return (b == 0x80 && (c == 0x8e || c == 0x8f || (c >= 0xaa && c <= 0xae))) || (b == 0x81 && c >= 0xa6 && c <= 0xa9);
}

void print_text(FILE *out, weir_str text) {
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.ptr[i];
    /* C0, DEL, C1 in UTF-8 (c2 80 .. c2 9f), and the marks that turn the direction of writing: all of them can make a terminal
     * show what is not there. */
    bool c1 = c == 0xc2 && i + 1 < text.len && (unsigned char)text.ptr[i + 1] < 0xa0;
    if (is_turn(text, i)) {
      fprintf(out, "\\u{%x}", 0x2000u + ((unsigned char)text.ptr[i + 1] - 0x80u) * 64u + ((unsigned char)text.ptr[i + 2] - 0x80u));
      i += 2;
    } else if (c1) fprintf(out, "\\x%02x", (unsigned char)text.ptr[++i]);
    else if (c < 0x20 || c == 0x7f) fprintf(out, "\\x%02x", c);
    else fputc(c, out);
  }
}

/* Columns are bytes; a caret under a Chinese character needs two cells for each three bytes. */
static void print_caret(FILE *out, weir_str excerpt, uint32_t column) {
  for (size_t i = 0; i + 1 < column && i < excerpt.len; i++) {
    unsigned char c = (unsigned char)excerpt.ptr[i];
    if (c == '\t') fputc('\t', out);
    else if (c < 0x80) fputc(' ', out);
    else if (c >= 0xe0) fputs("  ", out);
    else if (c >= 0xc0) fputc(' ', out);
  }
  fprintf(out, "%s^%s\n", paint(out, GREEN), paint(out, PLAIN));
}

void print_diagnostic(FILE *out, const weir_diagnostic *d) {
  bool error = d->severity == WEIR_SEVERITY_ERROR;
  fprintf(out, "%s%.*s", paint(out, BOLD), FMT(d->file));
  if (d->line) fprintf(out, ":%u", d->line);
  if (d->line && d->column) fprintf(out, ":%u", d->column);
  fprintf(out, ": %s%s:%s ", paint(out, error ? RED : YELLOW), error ? "error" : "warning", paint(out, PLAIN));
  if (d->rule.len) fprintf(out, "rule %.*s: ", FMT(d->rule));
  print_text(out, d->message);
  fputc('\n', out);
  if (!d->excerpt.len) return;
  fputs("    ", out);
  print_text(out, d->excerpt);
  fputc('\n', out);
  if (!d->column) return;
  fputs("    ", out);
  print_caret(out, d->excerpt, d->column);
}

const char *reason_word(weir_reason reason) {
  switch (reason) {
    case WEIR_REASON_FIRED: return "fired";
    case WEIR_REASON_DISABLED: return "disabled";
    case WEIR_REASON_EVENT: return "other event";
    case WEIR_REASON_GATE: return "gate";
    case WEIR_REASON_NO_MATCH: return "no match";
    case WEIR_REASON_EXCEPT: return "excepted";
    case WEIR_REASON_LIMIT: return "limit";
    case WEIR_REASON_DECLINED: return "declined";
    case WEIR_REASON_ERROR: return "error";
    case WEIR_REASON_NOT_REACHED: return "not reached";
    case WEIR_REASON_ACTION_DROPPED: return "dropped";
    case WEIR_REASON_ACTION_WAITS: return "waits";
    case WEIR_REASON_OUTCOME: return "outcome";
    case WEIR_REASON_LINK: return "link";
  }
  return "?";
}

void print_actions(FILE *out, const weir_verdict *verdict, const char *indent) {
  for (size_t i = 0; i < verdict->action_cnt; i++) {
    const weir_action *a = &verdict->actions[i];
    fprintf(out, "%s%u %s%-8.*s%s ", indent, a->n, paint(out, CYAN), FMT(a->kind), paint(out, PLAIN));
    /* Without a text the JSON says best what is done. */
    print_text(out, a->text.len ? a->text : a->json);
    fputc('\n', out);
  }
}
