/* ascii.h: ASCII eight bytes at a time. Private to text/ and match/. */
#ifndef WEIR_TEXT_ASCII_H
#define WEIR_TEXT_ASCII_H

#include <stdint.h>

/* Lower-cases the ASCII letters among eight bytes, whichever way round they lie; others stay. */
static inline uint64_t weir_ascii_lower8(uint64_t w) {
  const uint64_t ones = UINT64_C(0x0101010101010101);
  uint64_t low = w & ones * 0x7F;
  uint64_t from_a = low + ones * (0x80 - 'A'), after_z = low + ones * (0x7F - 'Z');
  return w | ((from_a ^ after_z) & ~w & ones * 0x80) >> 2;
}

#endif
