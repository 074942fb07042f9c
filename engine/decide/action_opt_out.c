/* action_opt_out.c: opt_out = true, or "everywhere": the person hears nothing more from us, on any channel, and leaves every funnel;
 * "channel": on this channel. The reply or message of the same rule may still confirm it, once. */
#include "decide/action_fields.h"
#include "decide/actions.h"
#include "decide/parse.h"
#include "decide/pending.h"
#include "decide/steps.h"
#include "limits.h"

static const struct weir_field items[] = { { .name = "where", .type = WEIR_FIELD_STRING, .max = WEIR_TAG_MAX } };
static const struct weir_fields fields = { items, sizeof items / sizeof items[0], .main = 0, .bare = true };
static const weir_str places[] = { { "everywhere", 10 }, { "channel", 7 } };

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  const struct weir_field_value *values;
  weir_status status = weir_fields_parse(&fields, p, value, &values);
  *data = values;
  if (status != WEIR_OK || !values[0].given) return status;
  weir_str where = values[0].u.strings[0];
  if (weir_str_eq(where, places[0]) || weir_str_eq(where, places[1])) return WEIR_OK;
  weir_str quoted = weir_parse_quote(where), near = weir_nearest(where, places, 2);
  *data = NULL;
  if (near.len) return weir_parse_bad(p, NULL, "\"%.*s\" is no place; did you mean \"%.*s\"?", WEIR_FMT(quoted), WEIR_FMT(near));
  return weir_parse_bad(p, NULL, "\"%.*s\" is no place: true, \"everywhere\" or \"channel\"", WEIR_FMT(quoted));
}

static weir_status perform(const struct weir_action_kind *kind, const void *data, struct weir_decide *d, weir_error *err) {
  uint32_t changes_before = d->changes.cnt;
  const struct weir_field_value *values = data;
  bool there = values[0].given && weir_str_eq(values[0].u.strings[0], places[1]);
  struct weir_change change = { .kind = WEIR_CHANGE_OPT_OUT, .value = there ? places[1] : (weir_str){ NULL, 0 } };
  weir_status status = weir_decide_person(d, err);
  if (status != WEIR_OK) return status;
  if (there ? weir_pending_opted_out(d) : weir_pending_out_everywhere(d)) {
    weir_act_skip(d, kind, "opted out already");
    return WEIR_OK;
  }
  status = weir_decide_change(d, &change, err);
  if (status != WEIR_OK) return status;
  uint32_t dropped = d->dropped_cnt;
  status = weir_fields_note(kind, &fields, data, NULL, changes_before, d, err);
  return status == WEIR_OK && d->dropped_cnt == dropped && !there ? weir_steps_leave_all(d, err) : status;
}

const struct weir_action_kind weir_action_opt_out = {
  .name = "opt_out",
  .state = true,
  .takes = "true, \"everywhere\" or \"channel\"",
  .says = "The person hears nothing more from us, everywhere or on this channel, but for this rule's own confirmation.",
  .parse = parse,
  .perform = perform,
};
