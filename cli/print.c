/* print.c: what people see. Whatever came from outside is made harmless for a terminal first. */
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { HANG = 4 /* columns before the further lines of a message, and before a line of a rule file */ };

const char *paint(FILE *out, enum paint paint) {
  static const char *const codes[] = { [PLAIN] = "\033[0m", [BOLD] = "\033[1m", [DIM] = "\033[2m", [RED] = "\033[31m",
                                       [GREEN] = "\033[32m", [YELLOW] = "\033[33m", [CYAN] = "\033[36m" };
  const char *none = getenv("NO_COLOR");
  if ((none && *none) || !isatty(fileno(out))) return "";
  return codes[paint];
}

void complain_text(const char *command, const char *format, ...) {
  char text[4096]; /* more than any of them: paths are the longest part */
  va_list args;
  va_start(args, format);
  int len = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  int at = fprintf(stderr, "weir %s: ", command);
  if (len >= (int)sizeof text) len = sizeof text - 1;
  if (len > 0 && at > 0) print_wrapped(stderr, (weir_str){ text, (size_t)len }, (size_t)at, HANG);
  fputc('\n', stderr);
}

void print_message(FILE *out, weir_str message, size_t at, size_t hang) {
  char *text = NULL;
  size_t len;
  FILE *made = terminal_columns(out) ? open_memstream(&text, &len) : NULL;
  if (made) print_text(made, message);
  if (made && fclose(made) == 0) print_wrapped(out, (weir_str){ text, len }, at, hang);
  else print_text(out, message);
  free(text);
}

void complain(const char *command, const weir_error *err) {
  int at = fprintf(stderr, "weir %s: ", command);
  if (err->file[0] && err->line) at += fprintf(stderr, "%s:%u: ", err->file, err->line);
  else if (err->file[0]) at += fprintf(stderr, "%s: ", err->file);
  if (err->rule[0]) at += fprintf(stderr, "rule %s: ", err->rule);
  const char *message = err->message[0] ? err->message : weir_status_name(err->status);
  print_message(stderr, (weir_str){ message, strlen(message) }, at > 0 ? (size_t)at : 0, HANG);
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

void print_json_string(FILE *out, weir_str text) {
  fputc('"', out);
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.ptr[i];
    if (c == '"' || c == '\\') fprintf(out, "\\%c", c);
    else if (c < 0x20) fprintf(out, "\\u%04x", c);
    else fputc(c, out);
  }
  fputc('"', out);
}

/* Columns are bytes; a caret under a Chinese character needs two cells for each three bytes. */
static void print_caret(FILE *out, weir_str excerpt, uint32_t column) {
  for (size_t i = 0; i + 1 < column && i < excerpt.len; i++) {
    unsigned char c = (unsigned char)excerpt.ptr[i];
    if (c < 0x80) fputc(' ', out); /* a tab is shown as a space */
    else if (c >= 0xe0) fputs("  ", out);
    else if (c >= 0xc0) fputc(' ', out);
  }
  fprintf(out, "%s^%s\n", paint(out, GREEN), paint(out, PLAIN));
}

/* The line that it is about, or what fits of it, and a caret below the place. */
static void print_excerpt(FILE *out, const weir_diagnostic *d) {
  size_t columns = terminal_columns(out);
  struct cut cut = cut_line(d->excerpt, d->column ? d->column - 1 : 0, columns ? columns - HANG : 0);
  fprintf(out, "%*s%s", HANG, "", cut.before ? "..." : "");
  for (weir_str rest = cut.text; rest.len;) {
    const char *tab = memchr(rest.ptr, '\t', rest.len);
    size_t len = tab ? (size_t)(tab - rest.ptr) : rest.len;
    print_text(out, (weir_str){ rest.ptr, len });
    if (tab) fputc(' ', out);
    rest = (weir_str){ rest.ptr + len + (tab != NULL), rest.len - len - (tab != NULL) };
  }
  fputs(cut.behind ? "...\n" : "\n", out);
  if (!d->column) return;
  fprintf(out, "%*s", HANG + (cut.before ? 3 : 0), "");
  print_caret(out, cut.text, (uint32_t)cut.byte + 1);
}

void print_diagnostic(FILE *out, const weir_diagnostic *d) {
  static const char *const words[] = { [WEIR_SEVERITY_ERROR] = "error", [WEIR_SEVERITY_WARNING] = "warning", [WEIR_SEVERITY_NOTE] = "note" };
  static const enum paint colors[] = { [WEIR_SEVERITY_ERROR] = RED, [WEIR_SEVERITY_WARNING] = YELLOW, [WEIR_SEVERITY_NOTE] = CYAN };
  size_t at = text_columns(d->file) + strlen(words[d->severity]) + strlen(": : ");
  char place[32] = "";
  if (d->line && d->column) snprintf(place, sizeof place, ":%u:%u", d->line, d->column);
  else if (d->line) snprintf(place, sizeof place, ":%u", d->line);
  fprintf(out, "%s%.*s%s: %s%s:%s ", paint(out, BOLD), FMT(d->file), place, paint(out, colors[d->severity]), words[d->severity], paint(out, PLAIN));
  if (d->rule.len) fprintf(out, "rule %.*s: ", FMT(d->rule));
  print_message(out, d->message, at + strlen(place) + (d->rule.len ? text_columns(d->rule) + strlen("rule : ") : 0), HANG);
  fputc('\n', out);
  if (d->excerpt.len) print_excerpt(out, d);
}

/* A value of an action, without JSON's marks where it needs none. */
static void print_value(FILE *out, const json_t *value) {
  size_t i;
  const char *key;
  const json_t *item;
  if (json_is_string(value)) print_text(out, (weir_str){ json_string_value(value), json_string_length(value) });
  else if (json_is_array(value)) {
    json_array_foreach(value, i, item) {
      if (i) fputs(", ", out);
      print_value(out, item);
    }
  } else if (json_is_object(value)) {
    bool first = true;
    json_object_foreach((json_t *)(uintptr_t)value, key, item) {
      fprintf(out, "%s%s = ", first ? "" : ", ", key);
      print_value(out, item);
      first = false;
    }
  } else json_dumpf(value, out, JSON_ENCODE_ANY);
}

/* What the action says beside its number, kind, rule and text. */
static void print_members(FILE *out, const weir_action *a) {
  const char *key;
  json_t *value, *json = json_loadb(a->json.ptr, a->json.len, 0, NULL);
  bool first = a->text.len == 0;
  json_object_foreach(json, key, value) {
    bool known = strcmp(key, "n") == 0 || strcmp(key, "kind") == 0 || strcmp(key, "rule") == 0 || strcmp(key, "text") == 0 || strcmp(key, "to") == 0;
    if (known) continue;
    if (!first) fputs("  ", out);
    first = false;
    /* the one member of most actions need not be named: tag, stage */
    if (a->text.len || json_object_size(json) > 4) fprintf(out, "%s: ", key);
    print_value(out, value);
  }
  json_decref(json);
}

void print_actions(FILE *out, const weir_verdict *verdict, const char *indent) {
  for (size_t i = 0; i < verdict->action_cnt; i++) {
    const weir_action *a = &verdict->actions[i];
    fprintf(out, "%s%u %s%-8.*s%s ", indent, a->n, paint(out, CYAN), FMT(a->kind), paint(out, PLAIN));
    print_text(out, a->text);
    print_members(out, a);
    fputc('\n', out);
  }
}

const char *duration_text(double seconds, char out[24]) {
  long long s = (long long)(seconds + 0.5);
  if (s < 60) snprintf(out, 24, "%lld s", s);
  else if (s < 3600) snprintf(out, 24, "%lld min", (s + 30) / 60);
  else if (s < 86400) snprintf(out, 24, s / 60 % 60 ? "%lld h %lld min" : "%lld h", s / 3600, s / 60 % 60);
  else snprintf(out, 24, s / 3600 % 24 ? "%lld d %lld h" : "%lld d", s / 86400, s / 3600 % 24);
  return out;
}
