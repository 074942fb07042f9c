/* json_write.c: the JSON writer.
 *
 * Each public call writes all of what it has to say or nothing, comma included. The writer must not ask the locale
 * anything: a host may have set one in which 1.5 is written "1,5". */
#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_string.h"

static void put(struct weir_buf *buf, char c) {
  if (buf->full || buf->len == buf->cap) {
    buf->full = true;
    return;
  }
  buf->ptr[buf->len++] = c;
}

/* What the writer puts for a byte: 0: itself, 'u': \u00XX, else a backslash and this letter. */
static const char escape_of[128] = { /* fixed: ASCII */
  ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\',
  [0x00] = 'u', [0x01] = 'u', [0x02] = 'u', [0x03] = 'u', [0x04] = 'u', [0x05] = 'u', [0x06] = 'u', [0x07] = 'u',
  [0x0B] = 'u', [0x0E] = 'u', [0x0F] = 'u', [0x10] = 'u', [0x11] = 'u', [0x12] = 'u', [0x13] = 'u', [0x14] = 'u',
  [0x15] = 'u', [0x16] = 'u', [0x17] = 'u', [0x18] = 'u', [0x19] = 'u', [0x1A] = 'u', [0x1B] = 'u', [0x1C] = 'u',
  [0x1D] = 'u', [0x1E] = 'u', [0x1F] = 'u', [0x7F] = 'u',
};

static void separate(struct weir_buf *buf) {
  if (buf->len == 0) return;
  char last = buf->ptr[buf->len - 1];
  if (last != '{' && last != '[' && last != ':') put(buf, ',');
}

static void add_escape(struct weir_buf *buf, unsigned char c) {
  static const char hex[] = "0123456789abcdef";
  char text[6] = { '\\', escape_of[c], '0', '0', hex[c >> 4], hex[c & 15] };
  weir_buf_add(buf, text, text[1] == 'u' ? 6 : 2);
}

/* Where the first byte at or after `i` is that must be escaped; s.len when there is none. */
static size_t skip_unescaped(weir_str s, size_t i) {
  for (; s.len - i >= 8; i += 8) {
    uint64_t v = weir_json_load8(s.ptr + i);
    uint64_t special = weir_json_quotes_and_controls(v) | weir_json_equal_bytes(v, 0x7F);
    if (special) return i + weir_json_first(special);
  }
  for (; i < s.len; i++) {
    unsigned char c = (unsigned char)s.ptr[i];
    if (c < 128 && escape_of[c] != 0) break;
  }
  return i;
}

static void add_quoted(struct weir_buf *buf, weir_str s) {
  put(buf, '"');
  for (size_t i = 0; i < s.len;) {
    size_t special = skip_unescaped(s, i);
    weir_buf_add(buf, s.ptr + i, special - i);
    i = special;
    if (i < s.len) add_escape(buf, (unsigned char)s.ptr[i++]);
  }
  put(buf, '"');
}

/* Ends a public call that wrote in several steps: all of it stays, or nothing. */
static void whole_or_nothing(struct weir_buf *buf, size_t len_before) {
  if (buf->full) buf->len = len_before;
}

static void add_value(struct weir_buf *buf, weir_str json) {
  size_t before = buf->len;
  separate(buf);
  weir_buf_str(buf, json);
  whole_or_nothing(buf, before);
}

void weir_json_open(struct weir_buf *buf, char bracket) { add_value(buf, (weir_str){ &bracket, 1 }); }

void weir_json_close(struct weir_buf *buf, char bracket) { put(buf, bracket); }

void weir_json_key(struct weir_buf *buf, weir_str key) {
  size_t before = buf->len;
  separate(buf);
  add_quoted(buf, key);
  put(buf, ':');
  whole_or_nothing(buf, before);
}

void weir_json_str(struct weir_buf *buf, weir_str value) {
  size_t before = buf->len;
  separate(buf);
  add_quoted(buf, value);
  whole_or_nothing(buf, before);
}

void weir_json_int(struct weir_buf *buf, int64_t value) {
  size_t before = buf->len;
  separate(buf);
  weir_buf_int(buf, value);
  whole_or_nothing(buf, before);
}

#define DOUBLE_DIGITS 17 /* significant digits that tell any two doubles apart */

/* The fewest digits that read back as `value` (finite, above 0), as 0.d1d2d3... times ten to *point. */
static size_t shortest_digits(double value, char digits[DOUBLE_DIGITS + 1], int *point) {
  size_t cnt = 0;
  for (int wanted = 1; wanted <= DOUBLE_DIGITS; wanted++) {
    char text[64]; /* fixed: 17 digits, a sign, a point, an exponent */
    int n = snprintf(text, sizeof text, "%.*e", wanted - 1, value);
    int i = 0, exponent = 0;
    cnt = 0;
    /* whatever stands between the first digit and the second is the locale's decimal point */
    for (; i < n && text[i] != 'e'; i++) {
      if (text[i] >= '0' && text[i] <= '9' && cnt < DOUBLE_DIGITS) digits[cnt++] = text[i];
    }
    bool small = i + 1 < n && text[i + 1] == '-';
    for (i += 2; i < n; i++) exponent = exponent * 10 + (text[i] - '0');
    *point = (small ? -exponent : exponent) + 1;

    char again[DOUBLE_DIGITS + 16];
    int len = snprintf(again, sizeof again, "%.*se%d", (int)cnt, digits, *point - (int)cnt);
    struct weir_json node = { .str = { again, (size_t)len }, .kind = WEIR_JSON_NUMBER };
    double back;
    if (weir_json_double(&node, &back) && back == value) break;
  }
  return cnt;
}

/* The layout is that of ECMAScript's Number::toString and so of RFC 8785. */
static void add_double(struct weir_buf *buf, double value) {
  char digits[DOUBLE_DIGITS + 1];
  int point;
  if (signbit(value)) put(buf, '-');
  if (value == 0) {
    put(buf, '0');
    return;
  }
  size_t cnt = shortest_digits(fabs(value), digits, &point);
  if (point > 21 || point <= -6) {
    weir_buf_add(buf, digits, 1);
    if (cnt > 1) put(buf, '.');
    weir_buf_add(buf, digits + 1, cnt - 1);
    weir_buf_text(buf, point > 0 ? "e+" : "e");
    weir_buf_int(buf, point - 1);
  } else if (point <= 0) {
    weir_buf_text(buf, "0.");
    for (int i = point; i < 0; i++) put(buf, '0');
    weir_buf_add(buf, digits, cnt);
  } else if ((size_t)point >= cnt) {
    weir_buf_add(buf, digits, cnt);
    for (size_t i = cnt; i < (size_t)point; i++) put(buf, '0');
  } else {
    weir_buf_add(buf, digits, (size_t)point);
    put(buf, '.');
    weir_buf_add(buf, digits + point, cnt - (size_t)point);
  }
}

void weir_json_num(struct weir_buf *buf, double value) {
  if (!isfinite(value)) {
    weir_json_null(buf);
    return;
  }
  size_t before = buf->len;
  separate(buf);
  add_double(buf, value);
  whole_or_nothing(buf, before);
}

void weir_json_bool(struct weir_buf *buf, bool value) { add_value(buf, value ? WEIR_STR("true") : WEIR_STR("false")); }

void weir_json_null(struct weir_buf *buf) { add_value(buf, WEIR_STR("null")); }

void weir_json_raw(struct weir_buf *buf, weir_str json) { add_value(buf, json); }

void weir_json_member(struct weir_buf *buf, const char *key, weir_str value) {
  size_t before = buf->len;
  weir_json_key(buf, weir_str_of(key));
  add_quoted(buf, value);
  whole_or_nothing(buf, before);
}

void weir_json_member_int(struct weir_buf *buf, const char *key, int64_t value) {
  size_t before = buf->len;
  weir_json_key(buf, weir_str_of(key));
  weir_buf_int(buf, value);
  whole_or_nothing(buf, before);
}
