/* utf8.h: UTF-8 (RFC 3629) by hand. */
#ifndef WEIR_TEXT_UTF8_H
#define WEIR_TEXT_UTF8_H

#include "base/status.h"

/* Length of the valid prefix: equals len when all is valid. */
size_t weir_utf8_valid(weir_str text);
/* Reads the code point at `at` of a valid text; *len is its bytes. at must be below text.len. */
uint32_t weir_utf8_at(weir_str text, size_t at, size_t *len);
/* Where the code point before `at` begins; at must be above 0. */
size_t weir_utf8_before(weir_str text, size_t at);
/* Writes 1 to 4 bytes; returns how many. */
size_t weir_utf8_put(uint32_t cp, char out[4]);
/* Code points of a valid text. */
size_t weir_utf8_count(weir_str text);
/* The longest prefix of a valid text that has at most `max` bytes and ends between code points. */
size_t weir_utf8_cut(weir_str text, size_t max);
/* weir_utf8_repair is declared in weir.h: hosts use it too. */

#endif
