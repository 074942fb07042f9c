/* json_string.c: what lies between the quotes: UTF-8 and escapes.
 *
 * A string is scanned first and decoded after, so that the decoded form takes exactly the memory it needs and a bad
 * string takes none. The UTF-8 checks are here, and not text/'s, because base/ stands below text/ and because checking
 * while looking for the quote is one pass instead of two. */
#include "base/json_string.h"

static bool is_tail(char c) { return ((unsigned char)c & 0xC0) == 0x80; }

/* Bytes of the UTF-8 sequence (RFC 3629) at `at`, whose first byte is not ASCII; 0 when it is not valid. */
static size_t sequence(const char *at, const char *end) {
  size_t left = (size_t)(end - at);
  unsigned char a = (unsigned char)at[0], b = left > 1 ? (unsigned char)at[1] : 0;
  if (a >= 0xE1 && a <= 0xEC) return left > 2 && is_tail(at[1]) && is_tail(at[2]) ? 3 : 0;
  if (a < 0xC2) return 0;
  if (a < 0xE0) return is_tail((char)b) ? 2 : 0;
  if (a < 0xF0) {
    /* E0: no overlong forms; ED: no surrogates */
    bool second = a == 0xE0 ? b >= 0xA0 && b <= 0xBF : a == 0xED ? b >= 0x80 && b <= 0x9F : is_tail((char)b);
    return second && left > 2 && is_tail(at[2]) ? 3 : 0;
  }
  /* F0: no overlong forms; F4: nothing above U+10FFFF */
  bool second = a == 0xF0 ? b >= 0x90 && b <= 0xBF : a == 0xF4 ? b >= 0x80 && b <= 0x8F : is_tail((char)b);
  return a <= 0xF4 && second && left > 3 && is_tail(at[2]) && is_tail(at[3]) ? 4 : 0;
}

/* A hex digit's value plus 1; 0: not a digit */
static const unsigned char hex_value[256] = {
  ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
  ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* The number of "\uXXXX" at `at`; UINT32_MAX when it is not one. */
static uint32_t unit_at(const char *at, const char *end) {
  if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return UINT32_MAX;
  uint32_t a = hex_value[(unsigned char)at[2]], b = hex_value[(unsigned char)at[3]];
  uint32_t c = hex_value[(unsigned char)at[4]], d = hex_value[(unsigned char)at[5]];
  if (a == 0 || b == 0 || c == 0 || d == 0) return UINT32_MAX;
  return (a - 1) << 12 | (b - 1) << 8 | (c - 1) << 4 | (d - 1);
}

/* The code point of the escape "\uXXXX" or the pair of them at `at`, and its bytes there; UINT32_MAX when it is wrong. */
static uint32_t code_point_at(const char *at, const char *end, size_t *len) {
  uint32_t first = unit_at(at, end);
  *len = 6;
  if (first == UINT32_MAX || (first >= 0xDC00 && first <= 0xDFFF)) return UINT32_MAX;
  if (first < 0xD800 || first > 0xDBFF) return first;
  uint32_t second = unit_at(at + 6, end);
  *len = 12;
  if (second < 0xDC00 || second > 0xDFFF) return UINT32_MAX;
  return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

static size_t utf8_len(uint32_t cp) { return cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4; }

static size_t utf8_put(uint32_t cp, char *out) {
  size_t len = utf8_len(cp);
  if (len == 1) {
    out[0] = (char)cp;
    return 1;
  }
  static const unsigned char lead[5] = { 0, 0, 0xC0, 0xE0, 0xF0 };
  for (size_t i = len - 1; i > 0; i--, cp >>= 6) out[i] = (char)(0x80 | (cp & 0x3F));
  out[0] = (char)(lead[len] | cp);
  return len;
}

/* What a backslash and this letter stand for; 0: not an escape ('u' is handled before). */
static char short_escape(char c) {
  switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '/': return '/';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return 0;
  }
}

/* Bytes of the escape at `at`, and those it decodes to; 0 when it is wrong. */
static size_t escape(const char *at, const char *end, size_t *decoded) {
  size_t len = 2;
  *decoded = 1;
  if (end - at < 2) return 0;
  if (at[1] != 'u') return short_escape(at[1]) ? 2 : 0;
  uint32_t cp = code_point_at(at, end, &len);
  if (cp == UINT32_MAX) return 0;
  *decoded = utf8_len(cp);
  return len;
}

const char *weir_json_string_scan(const char *at, const char *end, size_t *saved, const char **error, const char **wrong) {
  *saved = 0;
  *error = NULL;
  *wrong = NULL;
  while ((at = weir_json_skip_plain(at, end)) < end) {
    if (*at == '"') return at;
    size_t len, decoded;
    if ((unsigned char)*at >= 0x80) {
      do {
        len = sequence(at, end);
        at += len;
      } while (len > 0 && at < end && (unsigned char)*at >= 0x80);
      if (len > 0) continue;
      *error = "a string is not valid UTF-8";
    } else if (*at == '\\') {
      do {
        len = escape(at, end, &decoded);
        at += len;
        *saved += len - decoded;
      } while (len > 0 && at < end && *at == '\\');
      if (len > 0) continue;
      *error = "an escape is unknown, cut short, or half of a surrogate pair";
    } else {
      *error = "a control character in a string must be escaped";
    }
    *wrong = at;
    return NULL;
  }
  *error = "a string is not closed";
  *wrong = end;
  return NULL;
}

void weir_json_string_decode(weir_str raw, char *out) {
  const char *at = raw.ptr, *end = raw.ptr + raw.len;
  while (at < end) {
    const char *slash = memchr(at, '\\', (size_t)(end - at));
    size_t plain = (size_t)((slash ? slash : end) - at);
    memcpy(out, at, plain);
    out += plain;
    at += plain;
    if (!slash) return;
    if (at[1] == 'u') {
      size_t len;
      out += utf8_put(code_point_at(at, end, &len), out);
      at += len;
    } else {
      *out++ = short_escape(at[1]);
      at += 2;
    }
  }
}
