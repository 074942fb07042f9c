/* gate_is_follower.c: is_follower = true: the platform says that the person follows us; false: that he does not. Where it says
 * nothing neither lets him through: a rule without the gate, behind them, is for those. */
#include "decide/gates.h"
#include "decide/parse.h"

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  *data = NULL;
  bool *wanted = weir_arena_zalloc(p->arena, sizeof *wanted);
  if (!wanted) return weir_parse_no_memory(p);
  weir_status status = weir_parse_bool(p, NULL, value, wanted);
  if (status == WEIR_OK) *data = wanted;
  return status;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  (void)err;
  return d->event->is_follower == (int8_t) * (const bool *)data ? WEIR_GATE_PASS : WEIR_GATE_FAIL;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  (void)data;
  weir_buf_text(out, d->event->is_follower < 0 ? "nobody said whether he follows us" : d->event->is_follower ? "he follows us" : "he does not follow us");
}

const struct weir_gate_kind weir_gate_is_follower = {
  .name = "is_follower", .takes = "true or false", .says = "The platform says that the person follows us, or that he does not.",
  .parse = parse, .ask = ask, .explain = explain,
};
