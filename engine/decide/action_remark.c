/* action_remark.c: remark = "...": the name under which our account keeps the person. */
#include "decide/action_fields.h"
#include "decide/actions.h"

static const struct weir_field items[] = {
  { .name = "text", .type = WEIR_FIELD_TEMPLATE, .needed = true },
  WEIR_FIELDS_WAIT,
};
static const struct weir_fields fields = { items, sizeof items / sizeof items[0], .main = 0 };

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  const struct weir_field_value *values;
  *data = NULL;
  weir_status status = weir_fields_parse(&fields, p, value, &values);
  if (status == WEIR_OK) *data = values;
  return status;
}

static weir_status perform(const struct weir_action_kind *kind, const void *data, struct weir_decide *d, weir_error *err) {
  return weir_fields_send(kind, &fields, data, (weir_str){ NULL, 0 }, d, err);
}

const struct weir_action_kind weir_action_remark = {
  .name = "remark", .outbound = true, .takes = "a text, or { text, after, at, unless_reply }",
  .says = "Sets the name under which the account keeps the person.", .parse = parse, .perform = perform,
};
