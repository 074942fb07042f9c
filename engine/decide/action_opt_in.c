/* action_opt_in.c: opt_in = true: the person wants to hear from us, whatever he said before, on all his channels. His consent is
 * noted in the field "opted_in", with the name he goes by. The reply or message of the same rule may say so to him at once. */
#include "decide/action_fields.h"
#include "decide/actions.h"
#include "decide/pending.h"
#include "limits.h"

static const struct weir_fields fields = { NULL, 0, .main = WEIR_NO_INDEX, .bare = true };

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  const struct weir_field_value *values;
  weir_status status = weir_fields_parse(&fields, p, value, &values);
  *data = values;
  return status;
}

/* The name he goes by, short enough for a field; somebody without one consents as "yes". */
static weir_str name_of(const struct weir_decide *d) {
  weir_str name = d->event->contact_name.len ? d->event->contact_name : d->person.name;
  return name.len && name.len <= WEIR_FIELD_VALUE_MAX ? name : WEIR_STR("yes");
}

static weir_status perform(const struct weir_action_kind *kind, const void *data, struct weir_decide *d, weir_error *err) {
  uint32_t changes_before = d->changes.cnt;
  struct weir_change in = { .kind = WEIR_CHANGE_OPT_IN }, note = { .kind = WEIR_CHANGE_FIELD, .name = WEIR_STR(WEIR_OPT_IN_FIELD) };
  weir_status status = weir_decide_person(d, err);
  if (status != WEIR_OK) return status;
  note.value = name_of(d);
  bool out = weir_pending_opted_out(d), noted = weir_pending_has_field(d, note.name);
  if (!out && noted && d->person.contact_cnt < 2) { /* on another of his channels he may be out */
    weir_act_skip(d, kind, "opted in already");
    return WEIR_OK;
  }
  status = weir_decide_change(d, &in, err);
  if (status == WEIR_OK && !noted && weir_pending_field_cnt(d) < WEIR_FIELDS_MAX) status = weir_decide_change(d, &note, err);
  if (status != WEIR_OK) return status;
  return weir_fields_note(kind, &fields, data, NULL, changes_before, d, err);
}

const struct weir_action_kind weir_action_opt_in = {
  .name = "opt_in",
  .state = true,
  .takes = "true",
  .says = "The person wants to hear from us again; this rule's own reply or message may say so.",
  .parse = parse,
  .perform = perform,
};
