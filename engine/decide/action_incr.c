/* action_incr.c: incr = "points", { "points", "visits" } or { points = 2 }: adds to counters of the person, which are fields that
 * hold whole numbers. */
#include "decide/action_fields.h"
#include "decide/actions.h"
#include "decide/pending.h"
#include "limits.h"

static const struct weir_field items[] = { { .name = "add", .type = WEIR_FIELD_COUNTS, .needed = true } };
static const struct weir_fields fields = { items, sizeof items / sizeof items[0], .main = 0, .whole = true };

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  const struct weir_field_value *values;
  weir_status status = weir_fields_parse(&fields, p, value, &values);
  *data = values;
  return status;
}

static weir_status perform(const struct weir_action_kind *kind, const void *data, struct weir_decide *d, weir_error *err) {
  const struct weir_field_value *values = data;
  uint32_t changes_before = d->changes.cnt;
  weir_status status = weir_decide_person(d, err);
  for (uint32_t i = 0; i < values->cnt && status == WEIR_OK; i++) {
    struct weir_change change = { .kind = WEIR_CHANGE_COUNTER,
                                  .name = values->u.entries[i].name,
                                  .number = values->u.entries[i].number };
    status = weir_decide_change(d, &change, err);
  }
  if (status != WEIR_OK) return status;
  if (weir_pending_field_cnt(d) > WEIR_FIELDS_MAX) {
    weir_act_drop(d, kind, "person has too many fields", changes_before);
    return WEIR_OK;
  }
  return weir_fields_note(kind, &fields, values, NULL, changes_before, d, err);
}

const struct weir_action_kind weir_action_incr = {
  .name = "incr",
  .state = true,
  .takes = "a name, a list, or { name = number, ... }",
  .says = "Adds to counters of the person; a name alone adds 1.",
  .parse = parse,
  .perform = perform,
};
