/* utf8.c: reading, cutting and repairing UTF-8. It judges no characters; what they mean is for fold.c and words.c. */
#include "text/utf8.h"

#include "text/tables.h"

size_t weir_utf8_valid(weir_str text) {
  const unsigned char *in = (const unsigned char *)text.ptr;
  size_t at = 0, n;
  uint64_t w;
  uint32_t cp;
  while (at < text.len) {
    if (in[at] < 0x80) {
      for (; text.len - at >= 8; at += 8) {
        memcpy(&w, in + at, 8);
        if (w & UINT64_C(0x8080808080808080)) break;
      }
      while (at < text.len && in[at] < 0x80) at++;
      continue;
    }
    if ((n = weir_decode(in + at, text.len - at, &cp)) == 0) break;
    at += n;
  }
  return at;
}

uint32_t weir_utf8_at(weir_str text, size_t at, size_t *len) {
  uint32_t cp;
  *len = weir_decode((const unsigned char *)text.ptr + at, text.len - at, &cp);
  return cp;
}

size_t weir_utf8_before(weir_str text, size_t at) {
  do at--;
  while (at > 0 && ((unsigned char)text.ptr[at] & 0xC0) == 0x80);
  return at;
}

size_t weir_utf8_put(uint32_t cp, char out[4]) { return weir_encode(cp, (unsigned char *)out); }

size_t weir_utf8_count(weir_str text) {
  size_t cnt = 0;
  for (size_t i = 0; i < text.len; i++) cnt += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
  return cnt;
}

size_t weir_utf8_cut(weir_str text, size_t max) {
  if (text.len <= max) return text.len;
  while (max > 0 && ((unsigned char)text.ptr[max] & 0xC0) == 0x80) max--;
  return max;
}

/* Bytes of the maximal invalid part at p: the longest beginning of a sequence that could have become valid, else one. */
static size_t invalid_part(const unsigned char *p, size_t left) {
  unsigned lo = 0x80, hi = 0xBF;
  size_t need = p[0] >= 0xC2 && p[0] <= 0xDF ? 1 : (p[0] & 0xF0) == 0xE0 ? 2 : p[0] >= 0xF0 && p[0] <= 0xF4 ? 3 : 0, n = 1;
  if (p[0] == 0xE0) lo = 0xA0;
  if (p[0] == 0xED) hi = 0x9F;
  if (p[0] == 0xF0) lo = 0x90;
  if (p[0] == 0xF4) hi = 0x8F;
  for (; n <= need && n < left && p[n] >= lo && p[n] <= hi; n++) {
    lo = 0x80;
    hi = 0xBF;
  }
  return n;
}

bool weir_utf8_repair(weir_str text, char *out, size_t cap, size_t *len) {
  size_t at = 0, o = 0;
  *len = 0;
  while (at < text.len) {
    weir_str rest = { text.ptr + at, text.len - at };
    size_t good = weir_utf8_valid(rest);
    if (good > cap - o) return false;
    memcpy(out + o, rest.ptr, good);
    o += good;
    at += good;
    if (at == text.len) break;
    if (cap - o < 3) return false;
    memcpy(out + o, "\xEF\xBF\xBD", 3);
    o += 3;
    at += invalid_part((const unsigned char *)text.ptr + at, text.len - at);
  }
  *len = o;
  return true;
}
