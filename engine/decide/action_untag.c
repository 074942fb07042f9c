/* action_untag.c: untag = "wants:paper" or a list: takes tags off the person. */
#include "decide/action_tag.h"
#include "decide/actions.h"
#include "limits.h"

static const struct weir_field items[] = {
  { .name = "remove", .type = WEIR_FIELD_STRINGS, .needed = true, .tags = true, .cnt_max = WEIR_TAGS_MAX },
};
static const struct weir_fields fields = { items, sizeof items / sizeof items[0], .main = 0 };

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  const struct weir_field_value *values;
  weir_status status = weir_fields_parse(&fields, p, value, &values);
  *data = values;
  return status;
}

static weir_status perform(const struct weir_action_kind *kind, const void *data, struct weir_decide *d, weir_error *err) {
  return weir_tags_change(kind, &fields, data, false, d, err);
}

const struct weir_action_kind weir_action_untag = {
  .name = "untag",
  .state = true,
  .takes = "a tag or a list",
  .says = "Takes tags off the person.",
  .parse = parse,
  .perform = perform,
};
