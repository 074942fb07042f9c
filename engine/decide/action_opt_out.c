/* action_opt_out.c: opt_out = true: the person hears nothing more from us, and leaves every funnel. The reply or message of the
 * same rule may still confirm it. */
#include "decide/action_fields.h"
#include "decide/actions.h"
#include "decide/pending.h"
#include "decide/steps.h"

static const struct weir_fields fields = { NULL, 0, .main = WEIR_NO_INDEX, .bare = true };

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  const struct weir_field_value *values;
  weir_status status = weir_fields_parse(&fields, p, value, &values);
  *data = values;
  return status;
}

static weir_status perform(const struct weir_action_kind *kind, const void *data, struct weir_decide *d, weir_error *err) {
  uint32_t changes_before = d->changes.cnt;
  struct weir_change change = { .kind = WEIR_CHANGE_OPT_OUT };
  weir_status status = weir_decide_person(d, err);
  if (status != WEIR_OK) return status;
  if (weir_pending_opted_out(d)) {
    weir_act_skip(d, kind, "opted out already");
    return WEIR_OK;
  }
  status = weir_decide_change(d, &change, err);
  if (status != WEIR_OK) return status;
  uint32_t dropped = d->dropped_cnt;
  status = weir_fields_note(kind, &fields, data, NULL, changes_before, d, err);
  return status == WEIR_OK && d->dropped_cnt == dropped ? weir_steps_leave_all(d, err) : status;
}

const struct weir_action_kind weir_action_opt_out = {
  .name = "opt_out",
  .state = true,
  .takes = "true",
  .says = "The person hears nothing more from us, but for this rule's own confirmation.",
  .parse = parse,
  .perform = perform,
};
