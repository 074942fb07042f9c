/* gate_stage_not.c: stage_not = { "papers/joined" }: the person stands in none of these stages. The list is that of stage_is. */
#include "decide/gates.h"

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  if (weir_gate_person(d, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  return weir_gate_in_stages(data, &d->person) ? WEIR_GATE_FAIL : WEIR_GATE_PASS;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  weir_buf_text(out, "stage is ");
  weir_gate_say_standing(out, data, &d->person);
  weir_buf_text(out, ", which it must not be");
}

const struct weir_gate_kind weir_gate_stage_not = {
  .name = "stage_not", .on_state = true, .takes = "\"funnel/stage\" or a list; \"none\" for no stage",
  .says = "The person stands in none of these stages.", .parse = weir_gate_parse_stages, .ask = ask, .explain = explain,
};
