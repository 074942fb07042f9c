/* action_render.c: the second half of action_fields.h: filling the fields of an action and writing them as JSON. The size is
 * counted before a byte is written, so that each action takes from the event's memory what it needs and no more. */
#include "decide/action_fields.h"
#include "limits.h"

static weir_status out_of_memory(weir_error *err) { return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up"); }

/* ---- Filling */

static weir_status fill_map(const struct weir_field_value *value, bool is_public, struct weir_decide *d,
                            struct weir_field_filled *filled, const char **missing, weir_error *err) {
  weir_str *texts = weir_arena_zalloc(d->arena, value->cnt * sizeof *texts);
  if (!texts) return out_of_memory(err);
  filled->entries = texts;
  for (uint32_t i = 0; i < value->cnt; i++) {
    const struct weir_template *text = value->u.entries[i].text;
    if (!text) continue;
    weir_status status = weir_template_fill(text, d, is_public, &texts[i], missing, err);
    if (status != WEIR_OK || *missing) return status;
  }
  return WEIR_OK;
}

/* Whether there is anything to see in what would be said. */
static bool blank(weir_str text) {
  for (size_t i = 0; i < text.len; i++) {
    if (text.ptr[i] != ' ' && text.ptr[i] != '\n' && text.ptr[i] != '\t') return false;
  }
  return true;
}

weir_status weir_fields_fill(const struct weir_fields *fields, const struct weir_field_value *values, uint32_t text,
                             bool is_public, struct weir_decide *d, struct weir_field_filled filled[WEIR_ACTION_FIELDS_MAX],
                             const char **missing, weir_error *err) {
  memset(filled, 0, WEIR_ACTION_FIELDS_MAX * sizeof *filled);
  *missing = NULL;
  for (uint32_t i = 0; i < fields->cnt; i++) {
    enum weir_field_type type = fields->items[i].type;
    weir_status status = WEIR_OK;
    if (!values[i].given) continue;
    if (type == WEIR_FIELD_TEXTS || type == WEIR_FIELD_TEMPLATE) {
      uint32_t which = type == WEIR_FIELD_TEXTS ? text : 0;
      status = weir_template_fill(values[i].u.texts[which], d, is_public, &filled[i].text, missing, err);
      if (status == WEIR_OK && !*missing && blank(filled[i].text)) {
        filled[i].text.len = 0;
        if (fields->items[i].needed) *missing = "nothing to say";
      }
    } else if (type == WEIR_FIELD_MAP) {
      status = fill_map(&values[i], is_public, d, &filled[i], missing, err);
    }
    if (status != WEIR_OK || *missing) return status;
  }
  return WEIR_OK;
}

/* ---- Writing */

#define NUMBER_CHARS 20 /* of an int64_t */

/* Bytes of a string in JSON, at most: exact but for the short escapes, which are counted as long ones. */
static size_t json_bytes(weir_str text) {
  size_t bytes = text.len + 3; /* quotes and a comma */
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.ptr[i];
    if (c < 0x20 || c == '"' || c == '\\' || c == 0x7F) bytes += 5;
  }
  return bytes;
}

static size_t value_bytes(enum weir_field_type type, const struct weir_field_value *value,
                          const struct weir_field_filled *filled) {
  size_t bytes = NUMBER_CHARS;
  switch (type) {
    case WEIR_FIELD_TEXTS:
    case WEIR_FIELD_TEMPLATE: return json_bytes(filled->text);
    case WEIR_FIELD_STRING:
    case WEIR_FIELD_STRINGS:
      for (uint32_t i = 0; i < value->cnt; i++) bytes += json_bytes(value->u.strings[i]);
      return bytes;
    case WEIR_FIELD_MAP:
    case WEIR_FIELD_COUNTS:
      for (uint32_t i = 0; i < value->cnt; i++) {
        bytes += json_bytes(value->u.entries[i].name) + NUMBER_CHARS + 2;
        if (value->u.entries[i].text) bytes += json_bytes(filled->entries[i]);
      }
      return bytes;
    case WEIR_FIELD_BOOL:
    case WEIR_FIELD_DURATION:
    case WEIR_FIELD_DELAY:
    case WEIR_FIELD_WALL:
    case WEIR_FIELD_VIA:
    case WEIR_FIELD_UNLESS: break;
  }
  return bytes;
}

static void write_map(struct weir_buf *buf, const struct weir_field_value *value, const struct weir_field_filled *filled) {
  weir_json_open(buf, '{');
  for (uint32_t i = 0; i < value->cnt; i++) {
    const struct weir_field_entry *entry = &value->u.entries[i];
    weir_json_key(buf, entry->name);
    if (entry->text) weir_json_str(buf, filled->entries[i]);
    else weir_json_int(buf, entry->number);
  }
  weir_json_close(buf, '}');
}

static void write_value(struct weir_buf *buf, enum weir_field_type type, const struct weir_field_value *value,
                        const struct weir_field_filled *filled) {
  switch (type) {
    case WEIR_FIELD_TEXTS:
    case WEIR_FIELD_TEMPLATE: weir_json_str(buf, filled->text); break;
    case WEIR_FIELD_STRING: weir_json_str(buf, value->u.strings[0]); break;
    case WEIR_FIELD_STRINGS:
      weir_json_open(buf, '[');
      for (uint32_t i = 0; i < value->cnt; i++) weir_json_str(buf, value->u.strings[i]);
      weir_json_close(buf, ']');
      break;
    case WEIR_FIELD_BOOL: weir_json_bool(buf, value->u.yes); break;
    case WEIR_FIELD_DURATION: weir_json_int(buf, value->u.time.from_ms / 1000); break;
    case WEIR_FIELD_MAP:
    case WEIR_FIELD_COUNTS: write_map(buf, value, filled); break;
    case WEIR_FIELD_DELAY:
    case WEIR_FIELD_WALL:
    case WEIR_FIELD_VIA:
    case WEIR_FIELD_UNLESS: break;
  }
}

/* How it waits is not for the record, nor through which account it might have gone, and an empty text is none. */
static bool is_written(const struct weir_field *field, const struct weir_field_value *value,
                       const struct weir_field_filled *filled) {
  if (!value->given || weir_field_unwritten(field->type)) return false;
  return (field->type != WEIR_FIELD_TEXTS && field->type != WEIR_FIELD_TEMPLATE) || filled->text.len > 0;
}

weir_status weir_fields_members(const struct weir_fields *fields, const struct weir_field_value *values,
                                const struct weir_field_filled *filled, weir_str to, struct weir_decide *d, weir_str *out,
                                weir_error *err) {
  static const struct weir_field_filled none[WEIR_ACTION_FIELDS_MAX];
  if (!filled) filled = none;
  size_t cap = json_bytes(to) + sizeof "\"to\":";
  *out = (weir_str){ NULL, 0 };
  for (uint32_t i = 0; i < fields->cnt; i++) {
    if (!is_written(&fields->items[i], &values[i], &filled[i])) continue;
    cap += strlen(fields->items[i].name) + 4 + value_bytes(fields->items[i].type, &values[i], &filled[i]);
  }
  char *bytes = weir_arena_bytes(d->arena, cap);
  if (!bytes) return out_of_memory(err);
  struct weir_buf buf;
  weir_buf_init(&buf, bytes, cap);
  if (to.len) weir_json_member(&buf, "to", to);
  for (uint32_t i = 0; i < fields->cnt; i++) {
    if (!is_written(&fields->items[i], &values[i], &filled[i])) continue;
    weir_json_key(&buf, weir_str_of(fields->items[i].name));
    write_value(&buf, fields->items[i].type, &values[i], &filled[i]);
  }
  if (buf.full) return weir_fail(err, WEIR_E_INTERNAL, "an action did not fit where its size was counted");
  *out = weir_buf_view(&buf);
  return WEIR_OK;
}

/* Whether an action that has something to say says nothing: its text came out empty, and there is nothing beside it. */
static bool is_empty(const struct weir_fields *fields, const struct weir_field_value *values,
                     const struct weir_field_filled *filled) {
  for (uint32_t i = 0; i < fields->cnt; i++) {
    if (is_written(&fields->items[i], &values[i], &filled[i])) return false;
  }
  return fields->main != WEIR_NO_INDEX;
}

/* ---- Handing over */

/* The action as policy and the record want it, but for what is in the fields. */
static void describe(struct weir_act *act, const struct weir_fields *fields, const struct weir_field_value *values,
                     const struct weir_field_filled *filled) {
  for (uint32_t i = 0; i < fields->cnt; i++) {
    enum weir_field_type type = fields->items[i].type;
    if (!values[i].given) continue;
    if (type == WEIR_FIELD_TEXTS || type == WEIR_FIELD_TEMPLATE) act->text = filled[i].text;
    if (type == WEIR_FIELD_VIA) {
      act->via = values[i].u.strings;
      act->via_cnt = values[i].cnt;
    }
    if (type == WEIR_FIELD_DELAY) {
      act->delay.from_ms = values[i].u.time.from_ms;
      act->delay.to_ms = values[i].u.time.to_ms;
    } else if (type == WEIR_FIELD_WALL) {
      act->delay.wall = true;
      act->delay.wall_from_ms = values[i].u.wall.from_ms;
      act->delay.wall_to_ms = values[i].u.wall.to_ms;
    } else if (type == WEIR_FIELD_UNLESS) {
      act->unless_reply = true;
    }
  }
}

/* A reply under a comment, or in a room, is read by others. */
static bool is_public(const struct weir_action_kind *kind, const struct weir_decide *d) {
  if (strcmp(kind->name, "reply") != 0) return false;
  return d->kind != WEIR_EVENT_MESSAGE || d->event->room.len > 0;
}

static weir_status send_one(const struct weir_action_kind *kind, const struct weir_fields *fields,
                            const struct weir_field_value *values, uint32_t text, bool part, weir_str to, struct weir_decide *d,
                            weir_error *err) {
  struct weir_field_filled filled[WEIR_ACTION_FIELDS_MAX];
  struct weir_act act = { .kind = kind, .part = part };
  uint32_t changes_before = d->changes.cnt;
  const char *missing;
  weir_status status = weir_fields_fill(fields, values, text, is_public(kind, d), d, filled, &missing, err);
  if (status != WEIR_OK) return status;
  if (!missing && is_empty(fields, values, filled)) missing = "nothing to say";
  if (missing) {
    weir_act_drop(d, kind, missing, changes_before);
    return WEIR_OK;
  }
  describe(&act, fields, values, filled);
  status = weir_fields_members(fields, values, filled, to, d, &act.members, err);
  if (status != WEIR_OK) return status;
  return weir_act_emit(d, &act, changes_before, err);
}

/* One of several texts, by hash; where that one was said too often lately, the next that was not. */
static weir_status choose_text(const struct weir_action_kind *kind, const struct weir_fields *fields, const struct weir_field_value *values,
                               uint32_t cnt, struct weir_decide *d, uint32_t *out, weir_error *err) {
  uint32_t first = (uint32_t)weir_decide_choose(d, "variant", cnt);
  *out = first;
  for (uint32_t i = 0; i < cnt && cnt > 1 && weir_act_minds_repeats(d); i++) {
    struct weir_field_filled filled[WEIR_ACTION_FIELDS_MAX];
    struct weir_act act = { .kind = kind };
    uint32_t changes_before = d->changes.cnt, text = (first + i) % cnt;
    const char *missing;
    bool repeats = false;
    weir_status status = weir_fields_fill(fields, values, text, is_public(kind, d), d, filled, &missing, err);
    if (status != WEIR_OK) return status;
    describe(&act, fields, values, filled);
    if (!missing) status = weir_act_repeats(d, kind, act.text, &repeats, err);
    d->changes.cnt = changes_before; /* it was only asked how it would sound */
    if (status != WEIR_OK) return status;
    if (repeats) continue;
    *out = text;
    return WEIR_OK;
  }
  return WEIR_OK;
}

weir_status weir_fields_send(const struct weir_action_kind *kind, const struct weir_fields *fields,
                             const struct weir_field_value *values, weir_str to, struct weir_decide *d, weir_error *err) {
  const struct weir_field_value *texts = NULL;
  for (uint32_t i = 0; i < fields->cnt; i++) {
    if (fields->items[i].type == WEIR_FIELD_TEXTS && values[i].given) texts = &values[i];
  }
  if (!texts || !texts->all) {
    uint32_t text = 0;
    weir_status status = texts ? choose_text(kind, fields, values, texts->cnt, d, &text, err) : WEIR_OK;
    return status == WEIR_OK ? send_one(kind, fields, values, text, false, to, d, err) : status;
  }
  struct weir_field_value once[WEIR_ACTION_FIELDS_MAX];
  memcpy(once, values, fields->cnt * sizeof *once);
  bool part = false;
  for (uint32_t i = 0; i < texts->cnt; i++) {
    uint32_t dropped = d->dropped_cnt;
    weir_status status = send_one(kind, fields, once, i, part, to, d, err);
    if (status != WEIR_OK) return status;
    part = part || d->dropped_cnt == dropped;
    for (uint32_t k = 0; k < fields->cnt && part; k++)
      once[k].given = once[k].given && fields->items[k].type != WEIR_FIELD_STRINGS;
  }
  return WEIR_OK;
}

weir_status weir_fields_answer(const struct weir_action_kind *kind, const struct weir_fields *fields,
                               const struct weir_field_value *values, uint32_t kinds, struct weir_decide *d, weir_error *err) {
  if (kinds & WEIR_KIND_BIT(d->kind)) return weir_fields_send(kind, fields, values, d->event->id, d, err);
  weir_act_drop(d, kind, "nothing to answer", d->changes.cnt);
  return WEIR_OK;
}

weir_status weir_fields_note(const struct weir_action_kind *kind, const struct weir_fields *fields,
                             const struct weir_field_value *values, const struct weir_field_filled *filled,
                             uint32_t changes_before, struct weir_decide *d, weir_error *err) {
  struct weir_act act = { .kind = kind };
  weir_status status = weir_fields_members(fields, values, filled, (weir_str){ NULL, 0 }, d, &act.members, err);
  if (status != WEIR_OK) return status;
  return weir_act_emit(d, &act, changes_before, err);
}
