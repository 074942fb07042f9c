/* gate_invited.c: invited = 2: the person has brought at least so many others. Each counts once, nobody for himself. A rule with
 * on = "timer" and this gate runs for the inviter whenever somebody came by him. */
#include "decide/gates.h"

#include "decide/parse.h"
#include "limits.h"

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  *data = NULL;
  int64_t *least = weir_arena_zalloc(p->arena, sizeof *least);
  if (!least) return weir_parse_no_memory(p);
  weir_status status = weir_parse_int(p, NULL, value, 1, WEIR_COUNTER_STEP_MAX, least);
  if (status == WEIR_OK) *data = least;
  return status;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  uint32_t cnt = 0;
  d->state_asked = true;
  if (d->store->ops->invited(d->store, &d->contact, &cnt, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  return cnt >= *(const int64_t *)data ? WEIR_GATE_PASS : WEIR_GATE_FAIL;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  uint32_t cnt = 0;
  if (d->store->ops->invited(d->store, &d->contact, &cnt, NULL) != WEIR_OK) return;
  weir_buf_text(out, "invited ");
  weir_buf_uint(out, cnt);
  weir_buf_text(out, ", not yet ");
  weir_buf_int(out, *(const int64_t *)data);
}

const struct weir_gate_kind weir_gate_invited = {
  .name = "invited", .on_state = true, .needs_past = true, .takes = "a number",
  .says = "The person has brought at least so many others; on = \"timer\": asked whenever somebody came by him.",
  .parse = parse, .ask = ask, .explain = explain,
};
