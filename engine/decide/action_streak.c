/* action_streak.c: streak = "checkin": counts days in a row, where the person lives. The first time on a day adds one when he was there
 * the day before, and begins anew at 1 when he was not; later on the same day there is no action. The count is a field of that
 * name; the field "NAME.day" says on which day it was counted last. */
#include "base/clock.h"
#include "decide/action_fields.h"
#include "decide/actions.h"
#include "decide/pending.h"
#include "limits.h"

#define DAY_SUFFIX ".day"
#define NUMBER_CHARS 20

static const struct weir_field items[] = {
  { .name = "field", .type = WEIR_FIELD_STRING, .needed = true, .max = WEIR_TAG_MAX - sizeof DAY_SUFFIX + 1 },
};
static const struct weir_fields fields = { items, sizeof items / sizeof items[0], .main = 0 };

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  const struct weir_field_value *values;
  weir_status status = weir_fields_parse(&fields, p, value, &values);
  *data = values;
  return status;
}

static weir_str field_of(const struct weir_decide *d, weir_str name) {
  const struct weir_change *change = weir_pending_change(d, WEIR_CHANGE_FIELD, name);
  if (change) return change->value;
  for (uint32_t i = 0; i < d->person.field_cnt; i++) {
    if (weir_str_eq(d->person.fields[i].key, name)) return d->person.fields[i].value;
  }
  return (weir_str){ NULL, 0 };
}

/* -1: it is no number. */
static int64_t number_of(weir_str text) {
  int64_t value = 0;
  if (!text.len || text.len > 12) return -1;
  for (size_t i = 0; i < text.len; i++) {
    if (text.ptr[i] < '0' || text.ptr[i] > '9') return -1;
    value = value * 10 + (text.ptr[i] - '0');
  }
  return value;
}

static weir_status set_number(struct weir_decide *d, weir_str name, int64_t number, weir_error *err) {
  char *bytes = weir_arena_bytes(d->arena, NUMBER_CHARS);
  if (!bytes) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  struct weir_buf buf;
  weir_buf_init(&buf, bytes, NUMBER_CHARS);
  weir_buf_int(&buf, number);
  struct weir_change change = { .kind = WEIR_CHANGE_FIELD, .name = name, .value = weir_buf_view(&buf) };
  return weir_decide_change(d, &change, err);
}

static weir_status perform(const struct weir_action_kind *kind, const void *data, struct weir_decide *d, weir_error *err) {
  const struct weir_field_value *values = data;
  weir_str name = values[0].u.strings[0], day_name;
  uint32_t changes_before = d->changes.cnt;
  int64_t today;
  weir_status status = weir_decide_day(d, &today, err);
  if (status != WEIR_OK) return status;
  char *bytes = weir_arena_bytes(d->arena, name.len + sizeof DAY_SUFFIX);
  if (!bytes) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  memcpy(bytes, name.ptr, name.len);
  memcpy(bytes + name.len, DAY_SUFFIX, sizeof DAY_SUFFIX);
  day_name = (weir_str){ bytes, name.len + sizeof DAY_SUFFIX - 1 };
  int64_t last = number_of(field_of(d, day_name)), count = number_of(field_of(d, name));
  if (last >= today) { /* later, too: who flew east was there already */
    weir_act_skip(d, kind, "counted today already");
    return WEIR_OK;
  }
  status = set_number(d, name, last == today - 1 && count > 0 ? count + 1 : 1, err);
  if (status == WEIR_OK) status = set_number(d, day_name, today, err);
  if (status != WEIR_OK) return status;
  if (weir_pending_field_cnt(d) > WEIR_FIELDS_MAX) {
    weir_act_drop(d, kind, "person has too many fields", changes_before);
    return WEIR_OK;
  }
  return weir_fields_note(kind, &fields, values, NULL, changes_before, d, err);
}

const struct weir_action_kind weir_action_streak = {
  .name = "streak",
  .state = true,
  .takes = "the name of a field",
  .says = "Counts days in a row, where the person lives: one more each day, 1 again after a day without.",
  .parse = parse,
  .perform = perform,
};
