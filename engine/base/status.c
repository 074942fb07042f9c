/* status.c: the words for statuses, the filling of a caller's weir_error, and the guess at what a mistyped word was
 * meant to be.
 *
 * Nothing here allocates or prints: an error must be reportable when memory is the error. Texts are cut to fit, never
 * inside a UTF-8 sequence, because messages quote what people wrote. */
#include "base/status.h"

#include <stdio.h>

#include "limits.h"

const char *weir_status_name(weir_status status) {
  switch (status) {
    case WEIR_OK: return "ok";
    case WEIR_NONE: return "none";
    case WEIR_E_ARG: return "argument";
    case WEIR_E_SEQUENCE: return "sequence";
    case WEIR_E_NOMEM: return "memory";
    case WEIR_E_LIMIT: return "limit";
    case WEIR_E_FORMAT: return "format";
    case WEIR_E_EVENT: return "event";
    case WEIR_E_RULES: return "rules";
    case WEIR_E_TRUST: return "trust";
    case WEIR_E_KEY: return "key";
    case WEIR_E_STATE: return "state";
    case WEIR_E_FULL: return "full";
    case WEIR_E_TOO_OLD: return "too old";
    case WEIR_E_SCRIPT: return "script";
    case WEIR_E_IO: return "io";
    case WEIR_E_INTERNAL: return "internal";
  }
  return "unknown";
}

const char *weir_version(void) { return WEIR_VERSION; }

/* Bytes of the longest prefix of s[0..len) that does not end inside a UTF-8 sequence. Looks at the last 4 bytes only. */
static size_t whole_characters(const char *s, size_t len) {
  size_t lead = len;
  for (int back = 0; back < 4 && lead > 0; back++) {
    unsigned char c = (unsigned char)s[--lead];
    if (c < 0x80) return len;
    if (c >= 0xC0) {
      size_t need = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
      return len - lead < need ? lead : len;
    }
  }
  return len;
}

static void copy_cut(char *out, size_t cap, weir_str s) {
  size_t len = s.len;
  if (len >= cap) len = whole_characters(s.ptr, cap - 1);
  if (len > 0) memcpy(out, s.ptr, len);
  out[len] = '\0';
}

void weir_error_clear(weir_error *err) {
  if (!err) return;
  err->status = WEIR_OK;
  err->line = 0;
  err->column = 0;
  err->file[0] = '\0';
  err->rule[0] = '\0';
  err->message[0] = '\0';
}

weir_status weir_fail(weir_error *err, weir_status status, const char *format, ...) {
  if (!err) return status;
  weir_error_clear(err);
  err->status = status;
  va_list args;
  va_start(args, format);
  int n = vsnprintf(err->message, sizeof err->message, format, args);
  va_end(args);
  if (n < 0) err->message[0] = '\0';
  if (n >= (int)sizeof err->message) err->message[whole_characters(err->message, sizeof err->message - 1)] = '\0';
  return status;
}

void weir_fail_place(weir_error *err, weir_str file, uint32_t line, uint32_t column, weir_str rule) {
  if (!err) return;
  err->line = line;
  err->column = column;
  if (file.ptr) copy_cut(err->file, sizeof err->file, file);
  if (rule.ptr) copy_cut(err->rule, sizeof err->rule, rule);
}

int weir_str_cmp(weir_str a, weir_str b) {
  size_t len = a.len < b.len ? a.len : b.len;
  int order = len ? memcmp(a.ptr, b.ptr, len) : 0;
  if (order != 0) return order;
  return (a.len > b.len) - (a.len < b.len);
}

static unsigned char lower(char c) { return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); }

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

/* Damerau-Levenshtein distance in its optimal string alignment form: insert, delete, replace, swap two neighbours.
 * Case does not count: "Reply" is a slip of "reply" at no cost. Both words have at most WEIR_SLIP_WORD_MAX bytes. */
static unsigned edit_distance(weir_str a, weir_str b) {
  unsigned rows[3][WEIR_SLIP_WORD_MAX + 1];
  unsigned *before = rows[0], *last = rows[1], *row = rows[2];
  for (size_t j = 0; j <= b.len; j++) last[j] = (unsigned)j;
  for (size_t i = 1; i <= a.len; i++) {
    row[0] = (unsigned)i;
    for (size_t j = 1; j <= b.len; j++) {
      unsigned char x = lower(a.ptr[i - 1]), y = lower(b.ptr[j - 1]);
      unsigned best = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (x != y));
      bool swapped = i > 1 && j > 1 && x == lower(b.ptr[j - 2]) && y == lower(a.ptr[i - 2]);
      if (swapped) best = least(best, before[j - 2] + 1);
      row[j] = best;
    }
    unsigned *spare = before;
    before = last;
    last = row;
    row = spare;
  }
  return last[b.len];
}

weir_str weir_nearest(weir_str word, const weir_str *words, size_t word_cnt) {
  weir_str found = { NULL, 0 };
  if (word.len == 0 || word.len > WEIR_SLIP_WORD_MAX) return found;
  /* One slip in a short word, one more for every three letters, three at most: beyond that two words have only their
   * language in common. */
  unsigned best = least(word.len < 3 ? 1 : (unsigned)(word.len / 3), 3) + 1;
  for (size_t i = 0; i < word_cnt; i++) {
    size_t len = words[i].len;
    if (len == 0 || len > WEIR_SLIP_WORD_MAX) continue;
    if ((len > word.len ? len - word.len : word.len - len) >= best) continue;
    unsigned distance = edit_distance(word, words[i]);
    /* a word whose every letter would change is not a slip of it */
    if (distance >= best || distance >= least((unsigned)len, (unsigned)word.len)) continue;
    best = distance;
    found = words[i];
  }
  return found;
}

bool weir_struct_in(void *own, size_t own_size, const void *given) {
  size_t size = 0;
  memset(own, 0, own_size);
  if (!given) return false;
  memcpy(&size, given, sizeof size);
  if (size < sizeof size || size > own_size) return false;
  memcpy(own, given, size);
  return true;
}
