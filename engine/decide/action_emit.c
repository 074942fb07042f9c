/* action_emit.c: emit = "name" or { "name", data = { ... } }: tells the gateway something of the shop's own. Nothing reaches
 * the person, and nothing of him changes. */
#include "decide/action_fields.h"
#include "decide/actions.h"
#include "limits.h"

static const struct weir_field items[] = {
  { .name = "name", .type = WEIR_FIELD_STRING, .needed = true, .max = WEIR_TAG_MAX },
  { .name = "data", .type = WEIR_FIELD_MAP },
};
static const struct weir_fields fields = { items, sizeof items / sizeof items[0], .main = 0 };

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  const struct weir_field_value *values;
  weir_status status = weir_fields_parse(&fields, p, value, &values);
  *data = values;
  return status;
}

static weir_status perform(const struct weir_action_kind *kind, const void *data, struct weir_decide *d, weir_error *err) {
  struct weir_field_filled filled[WEIR_ACTION_FIELDS_MAX];
  uint32_t changes_before = d->changes.cnt;
  const char *missing;
  weir_status status = weir_fields_fill(&fields, data, 0, false, d, filled, &missing, err);
  if (status != WEIR_OK) return status;
  if (missing) {
    weir_act_drop(d, kind, missing, changes_before);
    return WEIR_OK;
  }
  return weir_fields_note(kind, &fields, data, filled, changes_before, d, err);
}

const struct weir_action_kind weir_action_emit = {
  .name = "emit", .takes = "a name, or { \"name\", data = { ... } }", .says = "Tells the gateway something of the shop's own.",
  .parse = parse, .perform = perform,
};
