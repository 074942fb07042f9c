/* action_tag.c: tag = "wants:paper" or { "a", "b" }: puts tags on the person. Tags that are there already are not written again;
 * when all are, there is no action. */
#include "decide/action_tag.h"

#include "decide/actions.h"
#include "decide/pending.h"
#include "limits.h"

static const struct weir_field items[] = {
  { .name = "add", .type = WEIR_FIELD_STRINGS, .needed = true, .tags = true, .cnt_max = WEIR_TAGS_MAX },
};
static const struct weir_fields fields = { items, sizeof items / sizeof items[0], .main = 0 };

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  const struct weir_field_value *values;
  weir_status status = weir_fields_parse(&fields, p, value, &values);
  *data = values;
  return status;
}

weir_status weir_tags_change(const struct weir_action_kind *kind, const struct weir_fields *which,
                             const struct weir_field_value *values, bool add, struct weir_decide *d, weir_error *err) {
  struct weir_field_value changed = { .given = true };
  uint32_t changes_before = d->changes.cnt;
  weir_str *names = weir_arena_array(d->arena, values->cnt, sizeof *names);
  if (!names) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  for (uint32_t i = 0; i < values->cnt; i++) {
    weir_str name = values->u.strings[i];
    if (weir_pending_tag(d, name) == add) continue;
    struct weir_change change = { .kind = add ? WEIR_CHANGE_TAG : WEIR_CHANGE_UNTAG, .name = name };
    weir_status status = weir_decide_change(d, &change, err);
    if (status != WEIR_OK) return status;
    names[changed.cnt++] = name;
  }
  if (changed.cnt == 0) {
    weir_act_skip(d, kind, add ? "already there" : "not there");
    return WEIR_OK;
  }
  if (add && weir_pending_tag_cnt(d) > WEIR_TAGS_MAX) {
    weir_act_drop(d, kind, "person has too many tags", changes_before);
    return WEIR_OK;
  }
  changed.u.strings = names;
  return weir_fields_note(kind, which, &changed, NULL, changes_before, d, err);
}

static weir_status perform(const struct weir_action_kind *kind, const void *data, struct weir_decide *d, weir_error *err) {
  return weir_tags_change(kind, &fields, data, true, d, err);
}

const struct weir_action_kind weir_action_tag = {
  .name = "tag",
  .state = true,
  .takes = "a tag or a list",
  .says = "Puts tags on the person.",
  .parse = parse,
  .perform = perform,
};
