/* scan.c: tokens of Lua 5.4 source, as the reference manual section 3.1 describes them, read leniently: a token that Lua
 * would refuse becomes STRAY or OPEN. Every function moves forward at least one byte or ends, so no input can hold it. */
#include "load/scan.h"

#include "limits.h"

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

static char peek(const struct weir_scan *scan, size_t ahead) {
  return scan->source.len - scan->at > ahead ? scan->source.ptr[scan->at + ahead] : '\0';
}

/* Moves over one byte and counts lines; "\r\n" and "\n\r" are one line end, as they are for Lua. */
static void step(struct weir_scan *scan) {
  char c = scan->source.ptr[scan->at++];
  if ((c == '\r' && peek(scan, 0) == '\n') || (c == '\n' && peek(scan, 0) == '\r')) scan->at++;
  if (c == '\n' || c == '\r') {
    scan->line++;
    scan->line_at = scan->at;
  }
}

void weir_scan_begin(struct weir_scan *scan, weir_str source, size_t at, uint32_t line) {
  *scan = (struct weir_scan){ .source = source, .at = at < source.len ? at : source.len, .line_at = at, .line = line };
}

/* At a '[': the number of '=' of a long bracket, or -1 when none begins here. */
static int long_level(const struct weir_scan *scan) {
  size_t ahead = 1;
  while (peek(scan, ahead) == '=') ahead++;
  return peek(scan, ahead) == '[' && ahead < INT32_MAX ? (int)ahead - 1 : -1;
}

/* Moves behind the long bracket that begins here; false: it is not closed. */
static bool skip_long(struct weir_scan *scan, int level) {
  scan->at += (size_t)level + 2;
  while (scan->at < scan->source.len) {
    if (peek(scan, 0) == ']') {
      size_t ahead = 1;
      while (peek(scan, ahead) == '=') ahead++;
      if (ahead == (size_t)level + 1 && peek(scan, ahead) == ']') {
        scan->at += ahead + 1;
        return true;
      }
      scan->at += ahead;
    } else {
      step(scan);
    }
  }
  return false;
}

/* Moves behind the quoted string that begins here; false: its line ends first. */
static bool skip_quoted(struct weir_scan *scan) {
  char quote = peek(scan, 0);
  scan->at++;
  while (scan->at < scan->source.len) {
    char c = peek(scan, 0);
    if (c == '\n' || c == '\r') return false;
    if (c == '\\' && peek(scan, 1) == 'z') {
      scan->at += 2;
      while (scan->at < scan->source.len && (peek(scan, 0) == ' ' || (peek(scan, 0) >= '\t' && peek(scan, 0) <= '\r')))
        step(scan);
      continue;
    }
    if (c == '\\' && scan->source.len - scan->at > 1) scan->at++; /* the escaped byte, a line end among them, is taken below */
    step(scan);
    if (c == quote) return true;
  }
  return false;
}

/* Skips white space and comments; false: a long comment that is not closed begins at scan->at. */
static bool skip_blank(struct weir_scan *scan) {
  while (scan->at < scan->source.len) {
    char c = peek(scan, 0);
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      step(scan);
    } else if (c == '-' && peek(scan, 1) == '-') {
      struct weir_scan before = *scan;
      int level;
      scan->at += 2;
      level = peek(scan, 0) == '[' ? long_level(scan) : -1;
      if (level >= 0) {
        if (skip_long(scan, level)) continue;
        *scan = before;
        return false;
      }
      while (scan->at < scan->source.len && peek(scan, 0) != '\n' && peek(scan, 0) != '\r') scan->at++;
    } else {
      break;
    }
  }
  return true;
}

static void skip_number(struct weir_scan *scan) {
  bool hex = peek(scan, 0) == '0' && (peek(scan, 1) == 'x' || peek(scan, 1) == 'X');
  while (is_hex(peek(scan, 0)) || is_letter(peek(scan, 0)) || peek(scan, 0) == '.') {
    char c = peek(scan, 0);
    bool exponent = hex ? c == 'p' || c == 'P' : c == 'e' || c == 'E';
    scan->at++;
    if (exponent && (peek(scan, 0) == '+' || peek(scan, 0) == '-')) scan->at++;
  }
}

static size_t symbol_len(const struct weir_scan *scan) {
  static const char *const words[] = { "...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>" };
  for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
    size_t len = strlen(words[i]);
    if (scan->source.len - scan->at >= len && memcmp(scan->source.ptr + scan->at, words[i], len) == 0) return len;
  }
  return strchr("+-*/%^#&~|<>=(){}[];:,.", peek(scan, 0)) && peek(scan, 0) ? 1 : 0;
}

static enum weir_token_kind skip_token(struct weir_scan *scan) {
  char c = peek(scan, 0);
  int level;
  size_t len;
  if (is_letter(c)) {
    while (is_letter(peek(scan, 0)) || is_digit(peek(scan, 0))) scan->at++;
    return WEIR_TOKEN_NAME;
  }
  if (is_digit(c) || (c == '.' && is_digit(peek(scan, 1)))) {
    skip_number(scan);
    return WEIR_TOKEN_NUMBER;
  }
  if (c == '"' || c == '\'') return skip_quoted(scan) ? WEIR_TOKEN_STRING : WEIR_TOKEN_OPEN;
  if (c == '[' && (level = long_level(scan)) >= 0) return skip_long(scan, level) ? WEIR_TOKEN_STRING : WEIR_TOKEN_OPEN;
  len = symbol_len(scan);
  if (len) {
    scan->at += len;
    return WEIR_TOKEN_SYMBOL;
  }
  scan->at++;
  while (scan->at < scan->source.len && ((unsigned char)peek(scan, 0) & 0xC0) == 0x80) scan->at++;
  return WEIR_TOKEN_STRAY;
}

void weir_scan_next(struct weir_scan *scan, struct weir_token *token) {
  bool blank = skip_blank(scan);
  *token = (struct weir_token){ .at = scan->at, .line = scan->line, .end_line = scan->line };
  token->column = (uint32_t)(scan->at - scan->line_at) + 1;
  if (!blank) {
    token->kind = WEIR_TOKEN_OPEN;
    scan->at = scan->source.len;
  } else if (scan->at < scan->source.len) {
    token->kind = skip_token(scan);
    token->end_line = scan->line;
  }
  token->text = (weir_str){ scan->source.ptr + token->at, scan->at - token->at };
}

/* ---- What a string token says */

bool weir_token_is(const struct weir_token *token, const char *text) {
  return token->kind != WEIR_TOKEN_STRING && weir_str_eq(token->text, weir_str_of(text));
}

/* Bytes of a code point as \u{} writes it: up to 6, beyond Unicode too. */
static size_t put_wide(uint32_t cp, char out[8]) {
  size_t len = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : cp < 0x200000 ? 4 : cp < 0x4000000 ? 5 : 6;
  static const unsigned char lead[7] = { 0, 0, 0xC0, 0xE0, 0xF0, 0xF8, 0xFC };
  if (len == 1) {
    out[0] = (char)cp;
    return 1;
  }
  for (size_t i = len - 1; i > 0; i--, cp >>= 6) out[i] = (char)(0x80 | (cp & 0x3F));
  out[0] = (char)(lead[len] | cp);
  return len;
}

static uint32_t hex_of(char c) { return (uint32_t)(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10); }

/* The escape \ddd, \xXX or \u{XXX} at s[at], which is the byte behind the backslash; returns where it ends. */
static size_t number_escape(weir_str s, size_t at, char out[8], size_t *len) {
  uint32_t value = 0;
  *len = 1;
  if (s.ptr[at] == 'x') {
    size_t end = at + 3 < s.len ? at + 3 : s.len;
    for (at++; at < end && is_hex(s.ptr[at]); at++) value = value * 16 + hex_of(s.ptr[at]);
    out[0] = (char)value;
    return at;
  }
  if (s.ptr[at] == 'u') {
    at += 2;
    for (; at < s.len && is_hex(s.ptr[at]) && value < 0x8000000; at++) value = value * 16 + hex_of(s.ptr[at]);
    *len = put_wide(value, out);
    return at < s.len ? at + 1 : s.len;
  }
  for (size_t i = 0; i < 3 && at < s.len && is_digit(s.ptr[at]); i++, at++) value = value * 10 + (uint32_t)(s.ptr[at] - '0');
  out[0] = (char)value;
  return at;
}

/* Decodes what stands at s[at] of a quoted string; returns where the next begins, always beyond `at`. */
static size_t decode_step(weir_str s, size_t at, char out[8], size_t *len) {
  static const char from[] = "abfnrtv\\\"'", to[] = "\a\b\f\n\r\t\v\\\"'";
  const char *known;
  *len = 1;
  out[0] = s.ptr[at];
  if (s.ptr[at] != '\\' || s.len - at < 2) return at + 1;
  at++;
  if (is_digit(s.ptr[at]) || s.ptr[at] == 'x' || (s.ptr[at] == 'u' && s.len - at > 2)) return number_escape(s, at, out, len);
  if (s.ptr[at] == 'z') {
    *len = 0;
    for (at++; at < s.len && (s.ptr[at] == ' ' || (s.ptr[at] >= '\t' && s.ptr[at] <= '\r')); at++) {}
    return at;
  }
  known = memchr(from, s.ptr[at], sizeof(from) - 1);
  out[0] = known ? to[known - from] : s.ptr[at];
  return at + 1;
}

/* The part between the brackets or quotes: [*start, *end) of the token; false: a long string, which has no escapes. */
static bool inner(const struct weir_token *token, size_t *start, size_t *end) {
  weir_str s = token->text;
  size_t level = 0;
  if (s.ptr[0] != '[') {
    *start = 1;
    *end = s.len > 1 ? s.len - 1 : 1;
    return true;
  }
  while (s.ptr[level + 1] == '=') level++;
  *start = level + 2;
  *end = s.len - level - 2;
  if (*start < *end && (s.ptr[*start] == '\n' || s.ptr[*start] == '\r')) { /* a first line end does not count */
    char second = *end - *start > 1 ? s.ptr[*start + 1] : '\0';
    size_t skip = (second == '\n' || second == '\r') && second != s.ptr[*start] ? 2 : 1;
    *start += skip;
  }
  return false;
}

bool weir_token_says(const struct weir_token *token, weir_str value) {
  size_t start, end, done = 0;
  if (token->kind != WEIR_TOKEN_STRING) return false;
  if (!inner(token, &start, &end)) return weir_str_eq((weir_str){ token->text.ptr + start, end - start }, value);
  while (start < end) {
    char out[8];
    size_t len, next = decode_step((weir_str){ token->text.ptr, end }, start, out, &len);
    if (value.len - done < len || memcmp(value.ptr + done, out, len) != 0) return false;
    done += len;
    start = next;
  }
  return done == value.len;
}

size_t weir_token_inside(const struct weir_token *token, size_t offset) {
  size_t start, end, done = 0;
  if (token->kind != WEIR_TOKEN_STRING) return 0;
  if (!inner(token, &start, &end)) return start + offset < end ? start + offset : end;
  while (start < end && done < offset) {
    char out[8];
    size_t len;
    start = decode_step((weir_str){ token->text.ptr, end }, start, out, &len);
    done += len;
  }
  return start;
}
