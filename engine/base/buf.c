/* buf.c: a bounded byte buffer. The JSON writer on top of it is in json_write.c.
 *
 * Each call writes all of what it has to say or nothing, so that a full buffer still holds a clean prefix, and nobody has
 * to look at it before the end. */
#include "base/buf.h"

#include <stdio.h>

void weir_buf_init(struct weir_buf *buf, char *ptr, size_t cap) { *buf = (struct weir_buf){ .ptr = ptr, .cap = cap }; }

void weir_buf_add(struct weir_buf *buf, const char *ptr, size_t len) {
  if (len == 0 || buf->full) return;
  if (len > buf->cap - buf->len) {
    buf->full = true;
    return;
  }
  memcpy(buf->ptr + buf->len, ptr, len);
  buf->len += len;
}

#define UINT_CHARS 20 /* 18446744073709551615 */

/* Writes the digits at the end of out[0..UINT_CHARS) and returns where they begin. */
static size_t digits_of(uint64_t value, char out[UINT_CHARS]) {
  size_t at = UINT_CHARS;
  do {
    out[--at] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  return at;
}

void weir_buf_uint(struct weir_buf *buf, uint64_t value) {
  char digits[UINT_CHARS];
  size_t at = digits_of(value, digits);
  weir_buf_add(buf, digits + at, UINT_CHARS - at);
}

void weir_buf_int(struct weir_buf *buf, int64_t value) {
  char text[UINT_CHARS + 1];
  uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  size_t at = digits_of(size, text + 1) + 1;
  if (value < 0) text[--at] = '-';
  weir_buf_add(buf, text + at, sizeof text - at);
}

void weir_buf_printf(struct weir_buf *buf, const char *format, ...) {
  if (buf->full) return;
  size_t room = buf->cap - buf->len;
  va_list args;
  va_start(args, format);
  int n = vsnprintf(room ? buf->ptr + buf->len : NULL, room, format, args);
  va_end(args);
  /* vsnprintf also wants room for a NUL, so a text that fits exactly needs one byte more than it has */
  if (n < 0 || (size_t)n >= room) {
    buf->full = n != 0;
    return;
  }
  buf->len += (size_t)n;
}
