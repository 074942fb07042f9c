/* json.c: the JSON reader against its own description, against strtod, and against the writer. */
#include <errno.h>
#include <math.h>

#include "base/buf.h"
#include "base/json.h"
#include "fuzz.h"

#define NODES_MAX 1024

static struct weir_json nodes[NODES_MAX], again[NODES_MAX];

/* The node behind the value at `at`, found by walking its children; nesting is bounded by the reader. */
static uint32_t walk(weir_str text, uint32_t at, uint32_t cnt, unsigned depth) {
  const struct weir_json *node = &nodes[at];
  uint32_t child = at + 1;
  MUST(at < cnt && depth <= WEIR_JSON_DEPTH_MAX && node->offset < text.len);
  if (node->kind != WEIR_JSON_ARRAY && node->kind != WEIR_JSON_OBJECT) {
    MUST(node->kind <= WEIR_JSON_STRING && node->cnt == 0 && node->next == child);
    return child;
  }
  for (uint32_t i = 0; i < node->cnt; i++) {
    if (node->kind == WEIR_JSON_OBJECT) {
      MUST(child < cnt && nodes[child].kind == WEIR_JSON_STRING);
      child++;
    }
    MUST(child < cnt && nodes[child].offset > node->offset);
    child = walk(text, child, cnt, depth + 1);
  }
  MUST(node->next == child);
  return child;
}

static void write(struct weir_buf *out, uint32_t at) {
  const struct weir_json *node = &nodes[at];
  uint32_t child = at + 1;
  switch ((enum weir_json_kind)node->kind) {
    case WEIR_JSON_NULL: weir_json_null(out); return;
    case WEIR_JSON_FALSE:
    case WEIR_JSON_TRUE: weir_json_bool(out, node->kind == WEIR_JSON_TRUE); return;
    case WEIR_JSON_NUMBER: weir_json_raw(out, node->str); return;
    case WEIR_JSON_STRING: weir_json_str(out, node->str); return;
    case WEIR_JSON_ARRAY:
    case WEIR_JSON_OBJECT: break;
  }
  weir_json_open(out, node->kind == WEIR_JSON_ARRAY ? '[' : '{');
  for (uint32_t i = 0; i < node->cnt; i++) {
    if (node->kind == WEIR_JSON_OBJECT) weir_json_key(out, nodes[child++].str);
    write(out, child);
    child = nodes[child].next;
  }
  weir_json_close(out, node->kind == WEIR_JSON_ARRAY ? ']' : '}');
}

/* Written and read again, everything is the same. */
static void round_trip(weir_str text, size_t cnt) {
  size_t cap = text.len * 6 + 16, cnt_again; /* one byte becomes at most \u00XX */
  char *bytes = fuzz_block(cap), *room = fuzz_block(cap);
  struct weir_buf out;
  struct weir_arena arena;
  weir_buf_init(&out, bytes, cap);
  write(&out, 0);
  MUST(!out.full);
  weir_str copy = fuzz_copy(weir_buf_view(&out));
  weir_arena_fixed(&arena, room, cap);
  MUST(weir_json_read(copy, again, NODES_MAX, &arena, &cnt_again, NULL) == WEIR_OK);
  MUST(cnt_again == cnt);
  for (size_t i = 0; i < cnt; i++) {
    MUST(again[i].kind == nodes[i].kind && again[i].cnt == nodes[i].cnt && again[i].next == nodes[i].next);
    MUST(weir_str_eq(again[i].str, nodes[i].str));
  }
  fuzz_drop(copy);
  free(bytes);
  free(room);
}

static void number(const struct weir_json *node) {
  char *text = fuzz_block(node->str.len + 1), made[64];
  double value, expected, back;
  int64_t whole;
  memcpy(text, node->str.ptr, node->str.len);
  text[node->str.len] = '\0';
  expected = strtod(text, NULL);
  MUST(weir_json_double(node, &value) == !isinf(expected));
  if (!isinf(expected)) {
    struct weir_buf out;
    weir_buf_init(&out, made, sizeof made);
    weir_json_num(&out, value);
    struct weir_json read = { .kind = WEIR_JSON_NUMBER, .str = weir_buf_view(&out) };
    MUST(memcmp(&value, &expected, sizeof value) == 0 && !out.full);
    MUST(weir_json_double(&read, &back) && memcmp(&value, &back, sizeof value) == 0);
  }
  errno = 0;
  long long expected_whole = strtoll(text, NULL, 10);
  bool is_whole = !strpbrk(text, ".eE") && errno == 0;
  MUST(weir_json_int64(node, &whole) == is_whole);
  MUST(!is_whole || whole == expected_whole);
  free(text);
}

/* weir_json_get refuses exactly the keys that stand there twice. */
static bool doubles(uint32_t object) {
  bool found = false;
  uint32_t key = object + 1;
  for (uint32_t i = 0; i < nodes[object].cnt; i++) {
    uint32_t other = object + 1, same = 0;
    for (uint32_t j = 0; j < nodes[object].cnt; j++, other = nodes[other + 1].next) same += weir_str_eq(nodes[other].str, nodes[key].str);
    MUST(weir_json_get(nodes, object, nodes[key].str) == (same > 1 ? UINT32_MAX : key + 1));
    found = found || same > 1;
    key = nodes[key + 1].next;
  }
  return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  weir_str text = fuzz_copy((weir_str){ (const char *)data, size });
  char *room = fuzz_block(text.len); /* decoded strings are never longer than their spelling */
  struct weir_arena arena;
  weir_error err = { .status = WEIR_OK };
  size_t cnt, less;
  bool twice = false;
  weir_arena_fixed(&arena, room, text.len);
  weir_status status = weir_json_read(text, nodes, NODES_MAX, &arena, &cnt, &err);
  if (status != WEIR_OK) {
    MUST(cnt == 0 && (status == WEIR_E_FORMAT || status == WEIR_E_LIMIT));
    MUST_SAY(status, err);
  } else {
    MUST(walk(text, 0, (uint32_t)cnt, 0) == cnt);
    round_trip(text, cnt);
    for (uint32_t i = 0; i < cnt; i++) {
      if (nodes[i].kind == WEIR_JSON_NUMBER) number(&nodes[i]);
      if (nodes[i].kind == WEIR_JSON_OBJECT && doubles(i)) twice = true;
    }
    MUST(weir_json_has_duplicates(nodes, 0) == twice);
    weir_arena_reset(&arena);
    MUST(weir_json_read(text, again, cnt - 1, &arena, &less, &err) == WEIR_E_LIMIT && less == 0);
  }
  free(room);
  fuzz_drop(text);
  return 0;
}
