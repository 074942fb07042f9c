/* action_set.c: set = { city = "{match.1}", level = 3 }: gives fields of the person values. An empty text takes the field away.
 * Fields that have the value already are not written; when all have, there is no action. */
#include "decide/action_fields.h"
#include "decide/actions.h"
#include "decide/pending.h"
#include "limits.h"

static const struct weir_field items[] = { { .name = "fields", .type = WEIR_FIELD_MAP, .needed = true } };
static const struct weir_fields fields = { items, sizeof items / sizeof items[0], .main = 0, .whole = true };

#define NUMBER_CHARS 20 /* -9223372036854775808 */

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  const struct weir_field_value *values;
  weir_status status = weir_fields_parse(&fields, p, value, &values);
  *data = values;
  return status;
}

static weir_status value_of(const struct weir_field_entry *entry, weir_str filled, struct weir_decide *d, weir_str *out,
                            weir_error *err) {
  char digits[NUMBER_CHARS];
  struct weir_buf buf;
  *out = filled;
  if (entry->text) return WEIR_OK;
  weir_buf_init(&buf, digits, sizeof digits);
  weir_buf_int(&buf, entry->number);
  if (weir_arena_str(d->arena, weir_buf_view(&buf), out)) return WEIR_OK;
  return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
}

/* What of the rule's fields really changes. */
struct changed {
  struct weir_field_value value;
  struct weir_field_filled filled;
  struct weir_field_entry *entries;
  weir_str *texts;
};

static weir_status change_field(const struct weir_field_entry *entry, weir_str text, struct changed *changed,
                                struct weir_decide *d, const char **reason, weir_error *err) {
  weir_str value;
  weir_status status = value_of(entry, text, d, &value, err);
  if (status != WEIR_OK || weir_pending_field_is(d, entry->name, value)) return status;
  if (value.len > WEIR_FIELD_VALUE_MAX) {
    *reason = "value too long";
    return WEIR_OK;
  }
  struct weir_change change = { .kind = WEIR_CHANGE_FIELD, .name = entry->name, .value = value };
  changed->entries[changed->value.cnt] = *entry;
  changed->texts[changed->value.cnt++] = text;
  return weir_decide_change(d, &change, err);
}

static weir_status perform(const struct weir_action_kind *kind, const void *data, struct weir_decide *d, weir_error *err) {
  const struct weir_field_value *values = data;
  struct weir_field_filled filled[WEIR_ACTION_FIELDS_MAX];
  struct changed changed = { .value = { .given = true } };
  uint32_t changes_before = d->changes.cnt;
  const char *reason;
  weir_status status = weir_fields_fill(&fields, values, 0, false, d, filled, &reason, err);
  if (status != WEIR_OK) return status;
  changed.entries = weir_arena_array(d->arena, values->cnt, sizeof *changed.entries);
  changed.texts = weir_arena_array(d->arena, values->cnt, sizeof *changed.texts);
  if (!changed.entries || !changed.texts) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  for (uint32_t i = 0; i < values->cnt && !reason; i++) {
    status = change_field(&values->u.entries[i], filled[0].entries[i], &changed, d, &reason, err);
    if (status != WEIR_OK) return status;
  }
  if (!reason && weir_pending_field_cnt(d) > WEIR_FIELDS_MAX) reason = "person has too many fields";
  if (reason) {
    weir_act_drop(d, kind, reason, changes_before);
    return WEIR_OK;
  }
  if (changed.value.cnt == 0) {
    weir_act_skip(d, kind, "already so");
    return WEIR_OK;
  }
  changed.value.u.entries = changed.entries;
  changed.filled.entries = changed.texts;
  return weir_fields_note(kind, &fields, &changed.value, &changed.filled, changes_before, d, err);
}

const struct weir_action_kind weir_action_set = {
  .name = "set",
  .state = true,
  .takes = "{ name = value, ... }",
  .says = "Gives fields of the person values; \"\" takes a field away.",
  .parse = parse,
  .perform = perform,
};
