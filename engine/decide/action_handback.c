/* action_handback.c: handback = true: the human who took over is done; rules speak to this person again. Where nobody took over there
 * is no action. */
#include "decide/action_fields.h"
#include "decide/actions.h"
#include "decide/pending.h"

static const struct weir_fields fields = { NULL, 0, .main = WEIR_NO_INDEX, .bare = true };

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  const struct weir_field_value *values;
  weir_status status = weir_fields_parse(&fields, p, value, &values);
  *data = values;
  return status;
}

static weir_status perform(const struct weir_action_kind *kind, const void *data, struct weir_decide *d, weir_error *err) {
  uint32_t changes_before = d->changes.cnt;
  struct weir_change change = { .kind = WEIR_CHANGE_HANDOFF, .until_ms = 0 };
  weir_status status = weir_decide_person(d, err);
  if (status != WEIR_OK) return status;
  if (weir_pending_handoff(d) <= d->now_ms) {
    weir_act_skip(d, kind, "nobody has taken over");
    return WEIR_OK;
  }
  status = weir_decide_change(d, &change, err);
  if (status != WEIR_OK) return status;
  return weir_fields_note(kind, &fields, data, NULL, changes_before, d, err);
}

const struct weir_action_kind weir_action_handback = {
  .name = "handback",
  .state = true,
  .takes = "true",
  .says = "The human who took over is done: rules speak to this person again.",
  .parse = parse,
  .perform = perform,
};
