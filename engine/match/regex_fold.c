/* regex_fold.c: folds the literals of a regex and the words of a rule, with the function that folds texts. A run of
 * literals is folded as one, so that what composes across its characters composes here too.
 *
 * In a loose pattern the folding leaves out separators between letters. Those at the ends of a run may stand between
 * letters of the text as well, so they become optional. */
#include "match/regex_tree.h"

#include "limits.h"
#include "text/fold.h"
#include "text/utf8.h"
#include "text/words.h"


static bool is_separator(uint32_t cp) { return (weir_char_class(cp) & (WEIR_CHAR_SPACE | WEIR_CHAR_PUNCT)) != 0; }

static bool fold_bytes(struct weir_reader *reader, weir_str text, weir_str *out) {
  char small[WEIR_FOLD_SMALL * WEIR_FOLD_GROWTH], *room = small;
  size_t cap = sizeof small, consumed;
  enum weir_fold_result result;
  weir_str folded = { NULL, 0 };
  if (text.len > WEIR_FOLD_SMALL) {
    cap = text.len * WEIR_FOLD_GROWTH;
    if (!(room = weir_arena_bytes(reader->work, cap))) return weir_read_nomem(reader) != NULL;
  }
  result = reader->loose ? weir_fold_loose(text, room, cap, &folded.len, &consumed) : weir_fold(text, room, cap, &folded.len, &consumed);
  if (result == WEIR_FOLD_INVALID) return weir_read_fail(reader, WEIR_E_RULES, consumed, "save the file as UTF-8", "not valid UTF-8") != NULL;
  folded.ptr = room;
  *out = room == small ? weir_read_copy(reader, folded) : folded;
  return out->ptr != NULL;
}

bool weir_fold_text(struct weir_reader *reader, weir_str text, weir_str *out) { return fold_bytes(reader, text, out); }

struct weir_node *weir_fold_optional(struct weir_reader *reader, struct weir_node *node) {
  struct weir_node *repeat = weir_node_new(reader, WEIR_NODE_REPEAT, node->source);
  if (!repeat) return NULL;
  repeat->first = node;
  repeat->most = 1;
  repeat->gap = true;
  return repeat;
}

static struct weir_node *literal_node(struct weir_reader *reader, weir_str text, size_t source) {
  struct weir_node *node = weir_node_new(reader, WEIR_NODE_LITERAL, source);
  if (node) node->text = text;
  return node;
}

/* A loose run as separators that may be missing, letters, separators that may be missing. */
static struct weir_node *loosened(struct weir_reader *reader, weir_str text, size_t source) {
  struct weir_node *concat = weir_node_new(reader, WEIR_NODE_CONCAT, source), *node, **tail;
  size_t from = 0, to = text.len, at, len;
  if (!concat) return NULL;
  tail = &concat->first;
  while (from < to && is_separator(weir_utf8_at(text, from, &len))) from += len;
  while (to > from && is_separator(weir_utf8_at(text, weir_utf8_before(text, to), &len))) to -= len;
  for (at = 0; at < text.len; at += len) {
    bool separator = at < from || at >= to;
    if (separator) (void)weir_utf8_at(text, at, &len);
    else len = to - at;
    node = literal_node(reader, (weir_str){ text.ptr + at, len }, source);
    if (node && separator) node = weir_fold_optional(reader, node);
    if (!node) return NULL;
    *tail = node;
    tail = &node->next;
  }
  return concat->first->next ? concat : concat->first;
}

static weir_str run_text(struct weir_reader *reader, const struct weir_literal_char *run, size_t run_len) {
  char *bytes = weir_arena_bytes(reader->work, run_len * 4 + 1);
  weir_str text = { bytes, 0 };
  if (!bytes) (void)weir_read_nomem(reader);
  else for (size_t i = 0; i < run_len; i++) text.len += weir_utf8_put(run[i].cp, bytes + text.len);
  return text;
}

struct weir_node *weir_fold_run(struct weir_reader *reader, const struct weir_literal_char *run, size_t run_len) {
  weir_str text = run_text(reader, run, run_len), folded;
  if (!text.ptr || !fold_bytes(reader, text, &folded)) return NULL;
  if (folded.len == 0) return weir_node_new(reader, WEIR_NODE_EMPTY, run[0].source);
  return reader->loose ? loosened(reader, folded, run[0].source) : literal_node(reader, folded, run[0].source);
}

/* Folds at most 8 characters of a run. */
static size_t fold_few(const struct weir_literal_char *run, size_t run_len, char out[8 * 4 * WEIR_FOLD_GROWTH]) {
  char text[8 * 4];
  size_t len = 0, folded = 0, consumed;
  for (size_t i = 0; i < run_len; i++) len += weir_utf8_put(run[i].cp, text + len);
  (void)weir_fold((weir_str){ text, len }, out, 8 * 4 * WEIR_FOLD_GROWTH, &folded, &consumed);
  return folded;
}

size_t weir_fold_last_unit(const struct weir_literal_char *run, size_t run_len) {
  char whole[8 * 4 * WEIR_FOLD_GROWTH], head[8 * 4 * WEIR_FOLD_GROWTH], tail[8 * 4 * WEIR_FOLD_GROWTH];
  size_t seen = run_len < 8 ? run_len : 8, whole_len, head_len, tail_len;
  const struct weir_literal_char *from = run + run_len - seen;
  if (run[run_len - 1].cp < 0x80) return 1;
  whole_len = fold_few(from, seen, whole);
  for (size_t unit = 1; unit < seen; unit++) {
    head_len = fold_few(from, seen - unit, head);
    tail_len = fold_few(from + seen - unit, unit, tail);
    if (head_len + tail_len == whole_len && memcmp(whole, head, head_len) == 0 && memcmp(whole + head_len, tail, tail_len) == 0) return unit;
  }
  return seen;
}
