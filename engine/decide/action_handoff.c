/* action_handoff.c: handoff = true, "queue", or { queue, text, ["for"] = "12h" }: a human takes over, and rules are silent for
 * this person until then. `text` is a note for the human. While somebody has taken over already there is no action. */
#include "base/clock.h"
#include "decide/action_fields.h"
#include "decide/actions.h"
#include "decide/pending.h"
#include "limits.h"

static const struct weir_field items[] = {
  { .name = "queue", .type = WEIR_FIELD_STRING, .max = WEIR_TAG_MAX },
  { .name = "for", .type = WEIR_FIELD_DURATION },
  { .name = "text", .type = WEIR_FIELD_TEMPLATE },
};
static const struct weir_fields fields = { items, sizeof items / sizeof items[0], .main = 0, .bare = true };

enum { QUEUE = 0, FOR = 1 };

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  const struct weir_field_value *values;
  weir_status status;
  int64_t ms;
  *data = NULL;
  /* meant as a time, it would be taken as a name, and the rules be silent for 12 hours */
  if (value->kind == WEIR_VALUE_STR && weir_duration_parse(value->u.s, &ms)) {
    return weir_parse_bad(p, NULL, "\"%.*s\" would be the name of a queue: write handoff = { [\"for\"] = \"%.*s\" } for how long the rules are silent",
                          WEIR_FMT(value->u.s), WEIR_FMT(value->u.s));
  }
  status = weir_fields_parse(&fields, p, value, &values);
  *data = values;
  return status;
}

static weir_status perform(const struct weir_action_kind *kind, const void *data, struct weir_decide *d, weir_error *err) {
  const struct weir_field_value *given = data;
  struct weir_field_value values[sizeof items / sizeof items[0]];
  struct weir_field_filled filled[WEIR_ACTION_FIELDS_MAX];
  uint32_t changes_before = d->changes.cnt;
  const char *missing;
  weir_status status = weir_fields_fill(&fields, given, 0, false, d, filled, &missing, err);
  if (status != WEIR_OK) return status;
  if (missing) {
    weir_act_drop(d, kind, missing, changes_before);
    return WEIR_OK;
  }
  if (weir_pending_handoff(d) > d->now_ms) {
    weir_act_skip(d, kind, "a human has taken over already");
    return WEIR_OK;
  }
  /* the record always says for how long */
  memcpy(values, given, sizeof values);
  if (!values[FOR].given) values[FOR].u.time.from_ms = WEIR_HANDOFF_MS;
  values[FOR].given = true;
  struct weir_change change = { .kind = WEIR_CHANGE_HANDOFF, .until_ms = d->now_ms + values[FOR].u.time.from_ms };
  status = weir_decide_change(d, &change, err);
  if (status != WEIR_OK) return status;
  return weir_fields_note(kind, &fields, values, filled, changes_before, d, err);
}

const struct weir_action_kind weir_action_handoff = {
  .name = "handoff",
  .state = true,
  .takes = "true, a queue, or { queue, text, [\"for\"] = \"12h\" }",
  .says = "A human takes over; rules are silent for this person for 12 hours or as long as \"for\" says.",
  .parse = parse,
  .perform = perform,
};
