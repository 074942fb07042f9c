/* action_accept.c: accept = true: accepts the friend request, or lets the person who asked to join in. */
#include "decide/action_fields.h"
#include "decide/actions.h"

static const struct weir_field items[] = {
  WEIR_FIELDS_WAIT,
};
static const struct weir_fields fields = { items, sizeof items / sizeof items[0], .main = WEIR_NO_INDEX, .bare = true };

#define ANSWERED (WEIR_KIND_BIT(WEIR_EVENT_FRIEND_REQUEST) | WEIR_KIND_BIT(WEIR_EVENT_JOIN) | WEIR_KIND_BIT(WEIR_EVENT_OWN))

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  const struct weir_field_value *values;
  *data = NULL;
  weir_status status = weir_fields_parse(&fields, p, value, &values);
  if (status == WEIR_OK) status = weir_fields_need_kind(p, ANSWERED, "a friend request or a request to join");
  if (status == WEIR_OK) *data = values;
  return status;
}

static weir_status perform(const struct weir_action_kind *kind, const void *data, struct weir_decide *d, weir_error *err) {
  return weir_fields_answer(kind, &fields, data, ANSWERED, d, err);
}

const struct weir_action_kind weir_action_accept = {
  .name = "accept", .outbound = true, .takes = "true, or { after, at, unless_reply }",
  .says = "Accepts a friend request or a request to join.", .parse = parse, .perform = perform,
};
