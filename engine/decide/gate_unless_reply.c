/* gate_unless_reply.c: unless_reply = true, in a rule that timers run: it does not fire when the person wrote to us after the timer
 * was set. */
#include "decide/gates.h"
#include "decide/parse.h"

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  bool *wanted = weir_arena_zalloc(p->arena, sizeof *wanted);
  *data = NULL;
  if (!wanted) return weir_parse_no_memory(p);
  weir_status status = weir_parse_bool(p, NULL, value, wanted);
  if (status != WEIR_OK) return status;
  if (!*wanted) return weir_parse_bad(p, NULL, "false does nothing: leave the line out");
  if (p->kinds && !(p->kinds & UINT32_C(1) << WEIR_EVENT_TIMER))
    return weir_parse_bad(p, NULL, "is for rules that timers run: on = \"timer\"; for one action write reply = { \"...\", after = \"1d\", unless_reply = true }");
  *data = wanted;
  return WEIR_OK;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  (void)data;
  if (weir_gate_person(d, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  return weir_gate_replied(d) ? WEIR_GATE_FAIL : WEIR_GATE_PASS;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  (void)data;
  (void)d;
  weir_buf_text(out, "has written since");
}

const struct weir_gate_kind weir_gate_unless_reply = {
  .name = "unless_reply", .on_state = true, .needs_past = true, .takes = "true", .says = "The person has not written since the timer was set.",
  .parse = parse, .ask = ask, .explain = explain,
};
