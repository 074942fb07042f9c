/* action_invite.c: invite = "room": invites the person into a room or group. */
#include "decide/action_fields.h"
#include "decide/actions.h"
#include "limits.h"

static const struct weir_field items[] = {
  { .name = "room", .type = WEIR_FIELD_STRING, .needed = true, .max = WEIR_ID_MAX },
  { .name = "text", .type = WEIR_FIELD_TEXTS },
  WEIR_FIELDS_WAIT,
  { .name = "via", .type = WEIR_FIELD_VIA },
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

const struct weir_action_kind weir_action_invite = {
  .name = "invite", .outbound = true, .takes = "a room, or { room, text, after, at, unless_reply, via }",
  .says = "Invites the person into a room.", .parse = parse, .perform = perform,
};
