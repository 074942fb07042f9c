/* buf.h: a bounded byte buffer that remembers when something did not fit, and the JSON writer on top of it.
 *
 * Nothing is written after the first thing that does not fit, so one look at `full` at the end is enough. */
#ifndef WEIR_BASE_BUF_H
#define WEIR_BASE_BUF_H

#include "base/status.h"

struct weir_buf {
  char *ptr;
  size_t len, cap;
  bool full; /* something did not fit; what is there is a clean prefix in whole calls */
};

void weir_buf_init(struct weir_buf *buf, char *ptr, size_t cap);
void weir_buf_add(struct weir_buf *buf, const char *ptr, size_t len);
static inline void weir_buf_str(struct weir_buf *buf, weir_str s) { weir_buf_add(buf, s.ptr, s.len); }
static inline void weir_buf_text(struct weir_buf *buf, const char *text) { weir_buf_add(buf, text, strlen(text)); }
static inline void weir_buf_byte(struct weir_buf *buf, char c) { weir_buf_add(buf, &c, 1); }
void weir_buf_uint(struct weir_buf *buf, uint64_t value);
void weir_buf_int(struct weir_buf *buf, int64_t value);
/* Needs room for one byte more than it writes. The locale may change how %f and %g look: no doubles through this. */
void weir_buf_printf(struct weir_buf *buf, const char *format, ...) WEIR_PRINTF(2, 3);
static inline weir_str weir_buf_view(const struct weir_buf *buf) { return (weir_str){ buf->ptr, buf->len }; }

/* JSON (RFC 8259): the shortest form, UTF-8 as it is; only quote, backslash, controls and DEL are escaped.
 * A comma is put in front when the byte before is neither an opening bracket nor a colon, so members and elements can
 * be written one after the other. Input must be valid UTF-8. */
void weir_json_open(struct weir_buf *buf, char bracket);  /* '{' or '[' */
void weir_json_close(struct weir_buf *buf, char bracket); /* '}' or ']' */
void weir_json_key(struct weir_buf *buf, weir_str key);
void weir_json_str(struct weir_buf *buf, weir_str value);
void weir_json_int(struct weir_buf *buf, int64_t value);
void weir_json_num(struct weir_buf *buf, double value);   /* shortest form that reads back the same; not finite: null */
void weir_json_bool(struct weir_buf *buf, bool value);
void weir_json_null(struct weir_buf *buf);
void weir_json_raw(struct weir_buf *buf, weir_str json);  /* a complete JSON value made elsewhere */
/* key and value in one call */
void weir_json_member(struct weir_buf *buf, const char *key, weir_str value);
void weir_json_member_int(struct weir_buf *buf, const char *key, int64_t value);

#endif
