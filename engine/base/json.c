/* json.c: the JSON reader.
 *
 * One pass, one array of nodes in the order of the text, no recursion: the open arrays and objects stand on a stack of
 * WEIR_JSON_DEPTH_MAX indexes. Nothing of the text is copied but strings with escapes. Numbers are kept as written and
 * read when somebody asks (json_number.c), because ids beyond 2^53 are text to us. */
#include "base/json.h"

#include "base/json_string.h"
#include "limits.h"

struct reader {
  const char *begin, *at, *end;
  struct weir_json *nodes;
  uint32_t cnt, max;
  uint32_t depth;
  uint32_t open[WEIR_JSON_DEPTH_MAX]; /* nodes of the arrays and objects we are in, outermost first */
  struct weir_arena *arena;
  weir_error *err;
  weir_status status; /* of the failure, once a step has returned false */
};

static bool refuse(struct reader *r, const char *where, const char *what) {
  r->status = weir_fail(r->err, WEIR_E_FORMAT, "at byte %zu: %s", (size_t)(where - r->begin), what);
  return false;
}

static bool refuse_more(struct reader *r, const char *what, unsigned long max) {
  r->status = weir_fail(r->err, WEIR_E_LIMIT, "at byte %zu: more than %lu %s", (size_t)(r->at - r->begin), max, what);
  return false;
}

static void skip_space(struct reader *r) {
  const char *at = r->at;
  while (at < r->end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
  r->at = at;
}

/* The next node, complete but for its string and children; NULL when there are no more. */
static struct weir_json *add_node(struct reader *r, enum weir_json_kind kind) {
  if (r->cnt == r->max) {
    refuse_more(r, "values", r->max);
    return NULL;
  }
  struct weir_json *node = &r->nodes[r->cnt++];
  *node = (struct weir_json){ .kind = (uint32_t)kind, .next = r->cnt, .offset = (uint32_t)(r->at - r->begin) };
  return node;
}

/* Replaces a string's escapes; it becomes `saved` bytes shorter. */
static bool decode_string(struct reader *r, struct weir_json *node, size_t saved) {
  size_t len = node->str.len - saved;
  char *decoded = weir_arena_bytes(r->arena, len);
  if (!decoded) {
    r->status = weir_fail(r->err, WEIR_E_NOMEM, "at byte %u: no room to decode a string", (unsigned)node->offset);
    return false;
  }
  weir_json_string_decode(node->str, decoded);
  node->str = (weir_str){ decoded, len };
  return true;
}

static bool read_string(struct reader *r) {
  struct weir_json *node = add_node(r, WEIR_JSON_STRING);
  if (!node) return false;
  const char *begin = r->at + 1, *close = weir_json_skip_plain(begin, r->end), *error, *wrong;
  size_t saved = 0;
  if (close == r->end || *close != '"') close = weir_json_string_scan(close, r->end, &saved, &error, &wrong);
  if (!close) return refuse(r, wrong, error);
  node->str = (weir_str){ begin, (size_t)(close - begin) };
  r->at = close + 1;
  return saved == 0 || decode_string(r, node, saved);
}

static const char *skip_digits(const char *at, const char *end) {
  while (at < end && (unsigned char)(*at - '0') < 10) at++;
  return at;
}

static bool read_number(struct reader *r) {
  const char *begin = r->at, *at = begin + (*begin == '-'), *digits = at;
  at = skip_digits(at, r->end);
  if (at == digits) return refuse(r, at, "a digit is missing");
  if (*digits == '0' && at - digits > 1) return refuse(r, digits, "a number begins with a zero too many");
  if (at < r->end && *at == '.') {
    digits = ++at;
    at = skip_digits(at, r->end);
    if (at == digits) return refuse(r, at, "a digit is missing after the point");
  }
  if (at < r->end && (*at == 'e' || *at == 'E')) {
    at++;
    if (at < r->end && (*at == '+' || *at == '-')) at++;
    digits = at;
    at = skip_digits(at, r->end);
    if (at == digits) return refuse(r, at, "a digit is missing in the exponent");
  }
  struct weir_json *node = add_node(r, WEIR_JSON_NUMBER);
  if (!node) return false;
  node->str = (weir_str){ begin, (size_t)(at - begin) };
  r->at = at;
  return true;
}

static bool read_word(struct reader *r, weir_str word, enum weir_json_kind kind) {
  if (!weir_str_starts((weir_str){ r->at, (size_t)(r->end - r->at) }, word)) return refuse(r, r->at, "expected a value");
  if (!add_node(r, kind)) return false;
  r->at += word.len;
  return true;
}

static bool open_container(struct reader *r, enum weir_json_kind kind) {
  if (r->depth == WEIR_JSON_DEPTH_MAX) return refuse_more(r, "levels of nesting", WEIR_JSON_DEPTH_MAX);
  r->open[r->depth++] = r->cnt;
  if (!add_node(r, kind)) return false;
  r->at++;
  return true;
}

static void close_container(struct reader *r) {
  r->nodes[r->open[--r->depth]].next = r->cnt;
  r->at++;
}

/* A key and its colon, up to the value. */
static bool read_key(struct reader *r) {
  skip_space(r);
  if (r->at == r->end || *r->at != '"') return refuse(r, r->at, "expected a key in quotes");
  if (!read_string(r)) return false;
  skip_space(r);
  if (r->at == r->end || *r->at != ':') return refuse(r, r->at, "expected a colon");
  r->at++;
  return true;
}

/* One value; of an array or object only its beginning. *complete: nothing of it is left to read. */
static bool read_value(struct reader *r, bool *complete) {
  *complete = true;
  skip_space(r);
  if (r->at == r->end) return refuse(r, r->at, "the text ends where a value is expected");
  switch (*r->at) {
    case '"': return read_string(r);
    case '{':
    case '[': {
      bool object = *r->at == '{';
      if (!open_container(r, object ? WEIR_JSON_OBJECT : WEIR_JSON_ARRAY)) return false;
      skip_space(r);
      if (r->at < r->end && *r->at == (object ? '}' : ']')) {
        close_container(r);
        return true;
      }
      *complete = false;
      return !object || read_key(r);
    }
    case 't': return read_word(r, WEIR_STR("true"), WEIR_JSON_TRUE);
    case 'f': return read_word(r, WEIR_STR("false"), WEIR_JSON_FALSE);
    case 'n': return read_word(r, WEIR_STR("null"), WEIR_JSON_NULL);
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
      return read_number(r);
    default: return refuse(r, r->at, "expected a value");
  }
}

/* What follows a complete value: closing brackets, then a comma and perhaps a key, or the end of the outermost value. */
static bool read_after_value(struct reader *r) {
  while (r->depth > 0) {
    struct weir_json *container = &r->nodes[r->open[r->depth - 1]];
    bool object = container->kind == WEIR_JSON_OBJECT;
    container->cnt++;
    skip_space(r);
    if (r->at == r->end) return refuse(r, r->at, object ? "an object is not closed" : "an array is not closed");
    if (*r->at == ',') {
      r->at++;
      return !object || read_key(r);
    }
    if (*r->at != (object ? '}' : ']')) {
      return refuse(r, r->at, object ? "expected a comma or a closing brace" : "expected a comma or a closing bracket");
    }
    close_container(r);
  }
  return true;
}

static bool read_text(struct reader *r) {
  bool complete;
  do {
    if (!read_value(r, &complete)) return false;
    if (complete && !read_after_value(r)) return false;
  } while (r->depth > 0);
  skip_space(r);
  return r->at == r->end || refuse(r, r->at, "something follows the value");
}

weir_status weir_json_read(weir_str text, struct weir_json *nodes, size_t node_max, struct weir_arena *arena, size_t *node_cnt,
                           weir_error *err) {
  *node_cnt = 0;
  /* offsets and indexes have 32 bits; UINT32_MAX is an answer of weir_json_get */
  if (text.len >= UINT32_MAX) return weir_fail(err, WEIR_E_LIMIT, "more than 4294967294 bytes of JSON");
  struct reader r = { .begin = text.ptr, .at = text.ptr, .end = text.ptr ? text.ptr + text.len : NULL, .nodes = nodes,
                      .max = node_max < UINT32_MAX ? (uint32_t)node_max : UINT32_MAX - 1, .arena = arena, .err = err };
  if (!read_text(&r)) return r.status;
  *node_cnt = r.cnt;
  return WEIR_OK;
}

uint32_t weir_json_get(const struct weir_json *nodes, uint32_t object, weir_str key) {
  uint32_t found = 0;
  if (nodes[object].kind != WEIR_JSON_OBJECT) return 0;
  uint32_t at = object + 1;
  for (uint32_t left = nodes[object].cnt; left > 0; left--) {
    if (weir_str_eq(nodes[at].str, key)) {
      if (found != 0) return UINT32_MAX;
      found = at + 1;
    }
    at = nodes[at + 1].next;
  }
  return found;
}

static bool object_has_duplicates(const struct weir_json *nodes, uint32_t object) {
  uint32_t at = object + 1;
  for (uint32_t i = 0; i < nodes[object].cnt; i++) {
    uint32_t earlier = object + 1;
    for (uint32_t j = 0; j < i; j++) {
      if (weir_str_eq(nodes[earlier].str, nodes[at].str)) return true;
      earlier = nodes[earlier + 1].next;
    }
    at = nodes[at + 1].next;
  }
  return false;
}

bool weir_json_has_duplicates(const struct weir_json *nodes, uint32_t root) {
  for (uint32_t i = root; i < nodes[root].next; i++) {
    if (nodes[i].kind == WEIR_JSON_OBJECT && object_has_duplicates(nodes, i)) return true;
  }
  return false;
}
