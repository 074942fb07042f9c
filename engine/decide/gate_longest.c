/* gate_longest.c: longest = 60: the text has at most so many characters. Who tells a story uses the words of a request and asks
 * for nothing. Counted in code points, as the person wrote them; no text is short enough. */
#include "decide/gates.h"
#include "decide/parse.h"
#include "limits.h"
#include "text/utf8.h"

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  *data = NULL;
  int64_t *most = weir_arena_zalloc(p->arena, sizeof *most);
  if (!most) return weir_parse_no_memory(p);
  if (!value || value->kind != WEIR_VALUE_INT || value->u.i < 1 || value->u.i > WEIR_TEXT_MAX) {
    return weir_parse_bad(p, NULL, "expected a number of characters, such as 60: 1 to %d", WEIR_TEXT_MAX);
  }
  *most = value->u.i;
  *data = most;
  return WEIR_OK;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  int64_t most = *(const int64_t *)data;
  (void)err;
  /* A character has a byte at least: most texts need no counting. */
  if ((int64_t)d->event->text.len <= most) return WEIR_GATE_PASS;
  return (int64_t)weir_utf8_count(d->event->text) <= most ? WEIR_GATE_PASS : WEIR_GATE_FAIL;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  weir_buf_text(out, "the text has ");
  weir_buf_int(out, (int64_t)weir_utf8_count(d->event->text));
  weir_buf_text(out, " characters, more than ");
  weir_buf_int(out, *(const int64_t *)data);
}

const struct weir_gate_kind weir_gate_longest = {
  .name = "longest", .takes = "a number of characters", .says = "The text has at most so many characters: long ones tell stories.",
  .parse = parse, .ask = ask, .explain = explain,
};
