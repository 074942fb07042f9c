/* action_follow.c: follow = true: our account follows the person. */
#include "decide/action_fields.h"
#include "decide/actions.h"

static const struct weir_field items[] = {
  WEIR_FIELDS_WAIT,
};
static const struct weir_fields fields = { items, sizeof items / sizeof items[0], .main = WEIR_NO_INDEX, .bare = true };

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

const struct weir_action_kind weir_action_follow = {
  .name = "follow", .outbound = true, .takes = "true, or { after, at, unless_reply }",
  .says = "Follows the person.", .parse = parse, .perform = perform,
};
