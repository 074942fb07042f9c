/* gate_first_time.c: first_time = true: nobody was known under this contact before the event; false: somebody was. */
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
  if (weir_gate_person(d, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  return (d->person.id == 0) == *(const bool *)data ? WEIR_GATE_PASS : WEIR_GATE_FAIL;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  (void)d;
  weir_buf_text(out, *(const bool *)data ? "not the first time: known already" : "nobody is known under this contact yet");
}

const struct weir_gate_kind weir_gate_first_time = {
  .name = "first_time",
  .on_state = true,
  .takes = "true or false",
  .says = "true: nobody was known under this contact before; false: somebody was.",
  .parse = parse,
  .ask = ask,
  .explain = explain,
};
