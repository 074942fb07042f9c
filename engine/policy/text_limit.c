/* text_limit.c: how long a text is, as a platform counts: bytes of UTF-8, code points, or UTF-16 units, of which an emoji takes two. */
#include "policy/policy.h"

size_t weir_policy_text_units(weir_str text, enum weir_unit unit) {
  size_t units = 0;
  if (unit == WEIR_UNIT_BYTES) return text.len;
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.ptr[i];
    if ((c & 0xC0) == 0x80) continue; /* not the first byte of a character */
    units += unit == WEIR_UNIT_UTF16 && c >= 0xF0 ? 2 : 1;
  }
  return units;
}
