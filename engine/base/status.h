/* base/: the ground floor. Memory, bytes, numbers, time. Knows nothing of events or rules and uses no other room.
 *
 * status.h: filling a caller's weir_error, and small string views. */
#ifndef WEIR_BASE_STATUS_H
#define WEIR_BASE_STATUS_H

#include <stdarg.h>
#include <string.h>

#include "weir.h"

#if defined(__GNUC__) || defined(__clang__)
#define WEIR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define WEIR_PRINTF(fmt, args)
#endif

/* Writes status and message into *err (which may be NULL), clears the rest, and returns status. */
weir_status weir_fail(weir_error *err, weir_status status, const char *format, ...) WEIR_PRINTF(3, 4);
/* Adds the place to an error that was written before. NULL file or rule: left as it is. */
void weir_fail_place(weir_error *err, weir_str file, uint32_t line, uint32_t column, weir_str rule);
void weir_error_clear(weir_error *err);

/* Reads a caller's struct that begins with its size: older, shorter ones are filled up with zeros. false: it is absent, or newer
 * than this library. */
bool weir_struct_in(void *own, size_t own_size, const void *given);

/* A literal as a view. */
#define WEIR_STR(literal) ((weir_str){ (literal), sizeof(literal) - 1 })
/* For "%.*s", which wants a pointer even where nothing is printed. */
#define WEIR_FMT(s) (int)(s).len, weir_str_shown(s)

static inline const char *weir_str_shown(weir_str s) { return s.len ? s.ptr : ""; }
static inline weir_str weir_str_of(const char *text) { return (weir_str){ text, text ? strlen(text) : 0 }; }
static inline bool weir_str_eq(weir_str a, weir_str b) { return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0); }
/* Bytewise order, shorter first on a tie: <0, 0, >0. */
int weir_str_cmp(weir_str a, weir_str b);
static inline bool weir_str_starts(weir_str s, weir_str head) { return s.len >= head.len && memcmp(s.ptr, head.ptr, head.len) == 0; }
/* The entry of `words` nearest to `word` by edit distance, if it is near enough to be a slip; else empty. */
weir_str weir_nearest(weir_str word, const weir_str *words, size_t word_cnt);

#endif
