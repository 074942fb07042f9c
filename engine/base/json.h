/* json.h: the JSON reader (RFC 8259), strict and bounded.
 *
 * It reads one text into an array of nodes that the caller brings; strings with escapes are decoded into the caller's
 * arena, all others point into the text, which must outlive the nodes. It refuses what RFC 8259 refuses, and invalid
 * UTF-8, lone surrogates, a byte order mark, and nesting beyond WEIR_JSON_DEPTH_MAX.
 * A key given twice is syntactically valid: weir_json_get refuses to choose (see there). */
#ifndef WEIR_BASE_JSON_H
#define WEIR_BASE_JSON_H

#include "base/arena.h"

enum weir_json_kind {
  WEIR_JSON_NULL = 0,
  WEIR_JSON_FALSE,
  WEIR_JSON_TRUE,
  WEIR_JSON_NUMBER, /* str is the number as written */
  WEIR_JSON_STRING, /* str is the decoded string */
  WEIR_JSON_ARRAY,  /* children follow */
  WEIR_JSON_OBJECT  /* children follow: key (a string), value, key, value ... */
};

struct weir_json {
  weir_str str;      /* numbers, strings */
  uint32_t kind;     /* enum weir_json_kind */
  uint32_t cnt;      /* arrays: elements; objects: members */
  uint32_t next;     /* index of the node after this value and all its children */
  uint32_t offset;   /* where it begins in the text, for messages */
};

/* Reads the one value that is the whole text. nodes[0] is the root.
 * Errors: WEIR_E_FORMAT with the place in the message ("at byte 17: ..."), WEIR_E_LIMIT (too many nodes, too deep),
 *         WEIR_E_NOMEM (arena). */
weir_status weir_json_read(weir_str text, struct weir_json *nodes, size_t node_max, struct weir_arena *arena, size_t *node_cnt,
                           weir_error *err);

/* The first child of an array or object is nodes[i + 1]; the sibling of k is nodes[k].next. */

/* Finds the value of `key` in the object at index `object`: its index, 0 when absent (the root is never a member),
 * UINT32_MAX when the key stands there twice. */
uint32_t weir_json_get(const struct weir_json *nodes, uint32_t object, weir_str key);
/* Whether any object below (and at) `root` has a key twice. */
bool weir_json_has_duplicates(const struct weir_json *nodes, uint32_t root);

/* Numbers: true when the number is an integer that fits; no exponent, no fraction ("1e2" and "1.0" are not integers). */
bool weir_json_int64(const struct weir_json *node, int64_t *out);
/* The nearest double, whatever the locale; false when it would be infinite. */
bool weir_json_double(const struct weir_json *node, double *out);

#endif
