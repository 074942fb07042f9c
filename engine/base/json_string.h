/* json_string.h: what the JSON reader and writer know about strings; private to json*.c.
 *
 * Most strings are plain, so both look at eight bytes at once. A word has the byte that comes first in its low bits; an
 * answer has the top bit set of each byte that was meant. Only the first of them is certain: a borrow may spoil those
 * behind it. */
#ifndef WEIR_BASE_JSON_STRING_H
#define WEIR_BASE_JSON_STRING_H

#include "base/status.h"

/* Written out because compilers make one load of this, but not of a loop. */
static inline uint64_t weir_json_load8(const char *at) {
  const unsigned char *b = (const unsigned char *)at;
  return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 | (uint64_t)b[4] << 32 |
         (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 | (uint64_t)b[7] << 56;
}

#define WEIR_JSON_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t weir_json_equal_bytes(uint64_t v, unsigned char byte) {
  uint64_t zero = v ^ WEIR_JSON_EACH(byte);
  return (zero - WEIR_JSON_EACH(1)) & ~zero & WEIR_JSON_EACH(0x80);
}

/* Quotes, backslashes and controls below 0x20. */
static inline uint64_t weir_json_quotes_and_controls(uint64_t v) {
  uint64_t control = (v - WEIR_JSON_EACH(0x20)) & ~v & WEIR_JSON_EACH(0x80);
  return control | weir_json_equal_bytes(v, '"') | weir_json_equal_bytes(v, '\\');
}

/* Number of the first byte in an answer that is not 0. */
static inline size_t weir_json_first(uint64_t answer) { return (size_t)__builtin_ctzll(answer) >> 3; }

/* Where the first byte is that is not plain: a quote, a backslash, a control or not ASCII; or `end`. */
static inline const char *weir_json_skip_plain(const char *at, const char *end) {
  for (; end - at >= 8; at += 8) {
    uint64_t v = weir_json_load8(at), special = weir_json_quotes_and_controls(v) | (v & WEIR_JSON_EACH(0x80));
    if (special) return at + weir_json_first(special);
  }
  while (at < end && (unsigned char)(*at - 0x20) < 0x60 && *at != '"' && *at != '\\') at++;
  return at;
}

/* Reads on from `at`, inside a string whose opening quote lies before it, to the closing quote, and returns where that
 * is. *saved is how many bytes shorter the string becomes by decoding its escapes; 0: it has none.
 * NULL: *error says what is wrong and *wrong where. */
const char *weir_json_string_scan(const char *at, const char *end, size_t *saved, const char **error, const char **wrong);

/* Writes the decoded form of raw, which was scanned before, to `out`. */
void weir_json_string_decode(weir_str raw, char *out);

#endif
