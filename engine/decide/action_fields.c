/* action_fields.c: reading actions as rules and handlers write them. Everything is checked here, once, so that performing an
 * action can only fail for what is outside the rule: memory, the store, a pool that is used up. */
#include "decide/action_fields.h"

#include <stdio.h>

#include "decide/parse.h"
#include "limits.h"

/* ---- One field */

static weir_status take_texts(struct weir_parse *p, const char *name, const struct weir_value *list, uint32_t cnt,
                              struct weir_field_value *out) {
  if (cnt > WEIR_VARIANTS_MAX)
    return weir_parse_bad(p, name, "%u texts are too many: at most %d", (unsigned)cnt, WEIR_VARIANTS_MAX);
  const struct weir_template **texts = weir_arena_array(p->arena, cnt, sizeof *texts);
  if (!texts) return weir_parse_no_memory(p);
  for (uint32_t i = 0; i < cnt; i++) {
    if (list[i].kind != WEIR_VALUE_STR)
      return weir_parse_bad(p, name, "expected a text in quotes, not %s", weir_value_says(&list[i]));
    if (list[i].u.s.len == 0) return weir_parse_bad(p, name, "the text is empty");
    weir_status status = weir_template_parse(p, name, list[i].u.s, &texts[i]);
    if (status != WEIR_OK) return status;
  }
  out->u.texts = texts;
  out->cnt = cnt;
  return WEIR_OK;
}

static weir_status parse_texts(struct weir_parse *p, const char *name, bool many, const struct weir_value *value,
                               struct weir_field_value *out) {
  bool list = value->kind == WEIR_VALUE_TABLE && value->u.t->member_cnt == 0 && value->u.t->list_cnt > 0;
  if (list && many) return take_texts(p, name, value->u.t->list, value->u.t->list_cnt, out);
  if (value->kind == WEIR_VALUE_STR) return take_texts(p, name, value, 1, out);
  return weir_parse_bad(p, name, many ? "expected a text or a list of texts, not %s%s" : "expected a text in quotes, not %s%s", weir_value_says(value),
                        value->kind == WEIR_VALUE_NUM || value->kind == WEIR_VALUE_INT ? ": write it in quotes" : "");
}

static weir_status check_string(const struct weir_field *field, struct weir_parse *p, weir_str text) {
  weir_str quoted = weir_parse_quote(text);
  if (field->tags) return weir_parse_name(p, field->name, "the tag", text);
  if (text.len > field->max) {
    return weir_parse_bad(p, field->name, "\"%.*s\" is too long: %zu bytes, at most %zu", WEIR_FMT(quoted), text.len, field->max);
  }
  if (weir_parse_hidden(text))
    return weir_parse_bad(p, field->name, "\"%.*s\" has a character that cannot be seen", WEIR_FMT(quoted));
  return WEIR_OK;
}

static weir_status parse_strings(const struct weir_field *field, struct weir_parse *p, const struct weir_value *value,
                                 struct weir_field_value *out) {
  uint32_t max = field->type == WEIR_FIELD_STRING ? 1 : field->cnt_max;
  if (field->type == WEIR_FIELD_STRING && value->kind != WEIR_VALUE_STR && value->kind != WEIR_VALUE_TABLE) {
    return weir_parse_bad(p, field->name, "expected a text in quotes, not %s", weir_value_says(value));
  }
  weir_status status = weir_parse_strings(p, field->name, value, &out->u.strings, &out->cnt);
  if (status != WEIR_OK) return status;
  if (out->cnt > max) {
    return weir_parse_bad(p, field->name, max == 1 ? "takes one text, not %u" : "%u are too many: at most %u", (unsigned)out->cnt,
                          (unsigned)max);
  }
  for (uint32_t i = 0; i < out->cnt && status == WEIR_OK; i++) status = check_string(field, p, out->u.strings[i]);
  return status;
}

/* Accounts that are declared: only of those it is known what they may. */
static weir_status parse_via(const struct weir_field *field, struct weir_parse *p, const struct weir_value *value, struct weir_field_value *out) {
  const struct weir_ruleset *rs = p->ruleset;
  char names[WEIR_HINTS_MAX][2 * WEIR_ID_MAX + 2];
  weir_str hints[WEIR_HINTS_MAX];
  weir_status status = weir_parse_strings(p, field->name, value, &out->u.strings, &out->cnt);
  for (uint32_t i = 0; status == WEIR_OK && i < out->cnt; i++) {
    weir_str via = out->u.strings[i], quoted = weir_parse_quote(via);
    size_t hint_cnt = 0;
    bool found = false;
    for (uint32_t k = 0; k < rs->account_cnt && !found; k++) {
      const struct weir_account *a = &rs->accounts[k];
      char name[2 * WEIR_ID_MAX + 2];
      int n = snprintf(name, sizeof name, "%.*s/%.*s", WEIR_FMT(a->channel), WEIR_FMT(a->account));
      found = n > 0 && weir_str_eq(via, weir_str_of(name));
      if (hint_cnt == WEIR_HINTS_MAX) continue;
      memcpy(names[hint_cnt], name, sizeof name);
      hints[hint_cnt] = weir_str_of(names[hint_cnt]);
      hint_cnt++;
    }
    if (found) continue;
    weir_str near = weir_nearest(via, hints, hint_cnt);
    if (near.len) return weir_parse_bad(p, field->name, "no account \"%.*s\" is declared; did you mean \"%.*s\"?", WEIR_FMT(quoted), WEIR_FMT(near));
    return weir_parse_bad(p, field->name, "no account \"%.*s\" is declared: write account \"%.*s\" { ... }", WEIR_FMT(quoted), WEIR_FMT(quoted));
  }
  return status;
}

static weir_status parse_duration(const struct weir_field *field, struct weir_parse *p, const struct weir_value *value,
                                  struct weir_field_value *out) {
  weir_status status = weir_parse_duration(p, field->name, value, &out->u.time.from_ms, &out->u.time.to_ms);
  if (status != WEIR_OK || field->type == WEIR_FIELD_DELAY) return status;
  if (out->u.time.from_ms != out->u.time.to_ms) {
    return weir_parse_bad(p, field->name, "expected one length of time such as \"12h\", not a range");
  }
  if (out->u.time.from_ms < WEIR_SPAN_MIN_MS) return weir_parse_bad(p, field->name, "expected a length of time of at least one second");
  return WEIR_OK;
}

/* The value of one name of a MAP or COUNTS. */
static weir_status parse_entry(const struct weir_field *field, struct weir_parse *p, weir_str name,
                               const struct weir_value *value, struct weir_field_entry *out) {
  weir_str quoted = weir_parse_quote(name);
  char place[WEIR_TAG_MAX + 1];
  weir_status status = weir_parse_name(p, NULL, "the name", name);
  if (status != WEIR_OK) return status;
  if (!weir_parse_copy(p, name, &out->name)) return WEIR_E_NOMEM;
  (void)snprintf(place, sizeof place, "%.*s", WEIR_FMT(quoted));
  if (field->type == WEIR_FIELD_COUNTS) {
    status = weir_parse_int(p, place, value, -WEIR_COUNTER_STEP_MAX, WEIR_COUNTER_STEP_MAX, &out->number);
    if (status == WEIR_OK && out->number == 0) return weir_parse_bad(p, place, "adding 0 changes nothing: leave it out");
    return status;
  }
  if (value->kind == WEIR_VALUE_INT) {
    out->number = value->u.i;
    return WEIR_OK;
  }
  if (value->kind != WEIR_VALUE_STR)
    return weir_parse_bad(p, place, "expected a text or a whole number, not %s", weir_value_says(value));
  return weir_template_parse(p, place, value->u.s, &out->text);
}

/* A name may stand in the list part and among the members, or twice in the list. */
static weir_status check_twice(struct weir_parse *p, const struct weir_field_value *value) {
  for (uint32_t i = 1; i < value->cnt; i++) {
    for (uint32_t k = 0; k < i; k++) {
      weir_str name = value->u.entries[i].name;
      if (weir_str_eq(name, value->u.entries[k].name)) return weir_parse_bad(p, NULL, "`%.*s` is given twice", WEIR_FMT(name));
    }
  }
  return WEIR_OK;
}

static weir_status parse_map(const struct weir_field *field, struct weir_parse *p, const struct weir_value *value,
                             struct weir_field_value *out) {
  static const struct weir_value one = { WEIR_VALUE_INT, { .i = 1 } };
  bool counts = field->type == WEIR_FIELD_COUNTS;
  const struct weir_value *names = value;
  uint32_t name_cnt = counts && value->kind == WEIR_VALUE_STR ? 1 : 0, member_cnt = 0;
  if (value->kind == WEIR_VALUE_TABLE) {
    names = value->u.t->list;
    name_cnt = value->u.t->list_cnt;
    member_cnt = value->u.t->member_cnt;
  }
  if (name_cnt + member_cnt == 0 || (name_cnt > 0 && !counts)) {
    return weir_parse_bad(p, NULL,
                          counts ? "expected a name, or names and numbers such as { points = 2 }, not %s"
                                 : "expected names and values such as { city = \"Shanghai\", level = 3 }, not %s",
                          weir_value_says(value));
  }
  if (name_cnt + member_cnt > WEIR_FIELDS_MAX) return weir_parse_bad(p, NULL, "too many names: at most %d", WEIR_FIELDS_MAX);
  struct weir_field_entry *entries = weir_arena_zalloc(p->arena, (name_cnt + member_cnt) * sizeof *entries);
  if (!entries) return weir_parse_no_memory(p);
  out->u.entries = entries;
  for (uint32_t i = 0; i < name_cnt; i++) {
    if (names[i].kind != WEIR_VALUE_STR)
      return weir_parse_bad(p, NULL, "expected a name in quotes, not %s", weir_value_says(&names[i]));
    weir_status status = parse_entry(field, p, names[i].u.s, &one, &entries[out->cnt++]);
    if (status != WEIR_OK) return status;
  }
  for (uint32_t i = 0; i < member_cnt; i++) {
    const struct weir_member *member = &value->u.t->members[i];
    weir_status status = parse_entry(field, p, member->key, &member->value, &entries[out->cnt++]);
    if (status != WEIR_OK) return status;
  }
  return check_twice(p, out);
}

static weir_status parse_unless(const struct weir_field *field, struct weir_parse *p, const struct weir_value *value, struct weir_field_value *out) {
  weir_status status = weir_parse_bool(p, field->name, value, &out->u.yes);
  if (status == WEIR_OK && !out->u.yes) return weir_parse_bad(p, field->name, "false does nothing: leave it out");
  return status;
}

static weir_status parse_field(const struct weir_field *field, struct weir_parse *p, const struct weir_value *value,
                               struct weir_field_value *out) {
  if (out->given) return weir_parse_bad(p, field->name, "is given twice");
  out->given = true;
  switch (field->type) {
    case WEIR_FIELD_TEXTS: return parse_texts(p, field->name, true, value, out);
    case WEIR_FIELD_TEMPLATE: return parse_texts(p, field->name, false, value, out);
    case WEIR_FIELD_STRING:
    case WEIR_FIELD_STRINGS: return parse_strings(field, p, value, out);
    case WEIR_FIELD_BOOL: return weir_parse_bool(p, field->name, value, &out->u.yes);
    case WEIR_FIELD_DURATION:
    case WEIR_FIELD_DELAY: return parse_duration(field, p, value, out);
    case WEIR_FIELD_WALL: return weir_parse_wall(p, field->name, value, &out->u.wall.from_ms, &out->u.wall.to_ms);
    case WEIR_FIELD_UNLESS: return parse_unless(field, p, value, out);
    case WEIR_FIELD_VIA: return parse_via(field, p, value, out);
    case WEIR_FIELD_MAP:
    case WEIR_FIELD_COUNTS: return parse_map(field, p, value, out);
  }
  return weir_parse_bad(p, field->name, "has no form");
}

/* ---- The whole value */

/* What the action being read takes, in the words of its table. */
static const char *takes(const struct weir_parse *p) {
  const struct weir_action_kind *kind = weir_action_kind_find(p->key);
  return kind ? kind->takes : "something else";
}

static weir_status check_needed(const struct weir_fields *fields, struct weir_parse *p, const struct weir_field_value *values) {
  for (uint32_t i = 0; i < fields->cnt; i++) {
    if (!fields->items[i].needed || values[i].given) continue;
    return weir_parse_bad(p, NULL, "there is no `%s`: expected %s", fields->items[i].name, takes(p));
  }
  return WEIR_OK;
}

/* What goes out at once cannot wait for an answer. */
static weir_status check_waits(const struct weir_fields *fields, struct weir_parse *p, const struct weir_field_value *values) {
  bool waits = false, unless = false;
  for (uint32_t i = 0; i < fields->cnt; i++) {
    if (!values[i].given || !weir_field_waits(fields->items[i].type)) continue;
    if (fields->items[i].type == WEIR_FIELD_UNLESS) unless = true;
    else waits = true;
  }
  if (!unless || waits) return WEIR_OK;
  return weir_parse_bad(p, "unless_reply", "needs a time for the person to reply in: after = \"1d\", or at = \"09:30\"");
}

static weir_status parse_bare(const struct weir_fields *fields, struct weir_parse *p, bool yes) {
  if (!yes) return weir_parse_bad(p, NULL, "false does nothing: leave the line out");
  if (fields->bare) return WEIR_OK;
  return weir_parse_bad(p, NULL, "true is not enough: expected %s", takes(p));
}

/* Names of the fields, and "all" where texts may be given so. */
static weir_status check_known(const struct weir_fields *fields, struct weir_parse *p, const struct weir_value *value,
                               bool texts) {
  weir_str known[WEIR_ACTION_FIELDS_MAX + 1];
  size_t cnt = 0;
  for (; cnt < fields->cnt; cnt++) known[cnt] = weir_str_of(fields->items[cnt].name);
  if (texts) known[cnt++] = WEIR_STR("all");
  return weir_parse_known(p, value, known, cnt);
}

static weir_status parse_all(const struct weir_fields *fields, struct weir_parse *p, const struct weir_value *value,
                             struct weir_field_value *out) {
  weir_status status;
  if (out->given) return weir_parse_bad(p, "all", "the text is given twice: write `all`, or one text, or texts to choose from");
  if (value->kind != WEIR_VALUE_TABLE || value->u.t->member_cnt > 0 || value->u.t->list_cnt == 0) {
    return weir_parse_bad(p, "all", "expected a list of texts, not %s", weir_value_says(value));
  }
  status = parse_field(&fields->items[fields->main], p, value, out);
  out->all = true;
  return status;
}

static weir_status parse_members(const struct weir_fields *fields, struct weir_parse *p, const struct weir_value *value,
                                 struct weir_field_value *values) {
  for (uint32_t i = 0; i < fields->cnt; i++) {
    const struct weir_value *member = weir_value_get(value, fields->items[i].name);
    weir_status status = member ? parse_field(&fields->items[i], p, member, &values[i]) : WEIR_OK;
    if (status != WEIR_OK) return status;
  }
  return WEIR_OK;
}

static weir_status parse_table(const struct weir_fields *fields, struct weir_parse *p, const struct weir_value *value,
                               struct weir_field_value *values) {
  bool has_main = fields->main != WEIR_NO_INDEX, texts = has_main && fields->items[fields->main].type == WEIR_FIELD_TEXTS;
  struct weir_table list = { .list = value->u.t->list, .list_cnt = value->u.t->list_cnt };
  struct weir_value part = { WEIR_VALUE_TABLE, { .t = &list } };
  const struct weir_value *all = weir_value_get(value, "all");
  weir_status status = check_known(fields, p, value, texts);
  if (status != WEIR_OK) return status;
  if (list.list_cnt > 0) {
    if (!has_main) return weir_parse_bad(p, NULL, "expected %s, not a list", takes(p));
    bool single = list.list_cnt == 1 && fields->items[fields->main].type == WEIR_FIELD_TEMPLATE;
    status = parse_field(&fields->items[fields->main], p, single ? &list.list[0] : &part, &values[fields->main]);
  }
  if (status == WEIR_OK && texts && all) status = parse_all(fields, p, all, &values[fields->main]);
  if (status == WEIR_OK) status = parse_members(fields, p, value, values);
  if (status == WEIR_OK) status = check_waits(fields, p, values);
  return status == WEIR_OK ? check_needed(fields, p, values) : status;
}

weir_status weir_fields_parse(const struct weir_fields *fields, struct weir_parse *p, const struct weir_value *value,
                              const struct weir_field_value **out) {
  *out = NULL;
  struct weir_field_value *values = weir_arena_zalloc(p->arena, fields->cnt * sizeof *values);
  if (!values) return weir_parse_no_memory(p);
  weir_status status;
  if (fields->whole && value->kind != WEIR_VALUE_BOOL) {
    status = parse_field(&fields->items[fields->main], p, value, &values[fields->main]);
  } else if (value->kind == WEIR_VALUE_BOOL) {
    status = parse_bare(fields, p, value->u.b);
  } else if (value->kind == WEIR_VALUE_TABLE) {
    status = parse_table(fields, p, value, values);
  } else if (fields->main != WEIR_NO_INDEX) {
    status = parse_field(&fields->items[fields->main], p, value, &values[fields->main]);
    if (status == WEIR_OK) status = check_needed(fields, p, values);
  } else {
    status = weir_parse_bad(p, NULL, "expected %s, not %s", takes(p), weir_value_says(value));
  }
  if (status == WEIR_OK) *out = values;
  return status;
}

weir_status weir_fields_need_one(const struct weir_fields *fields, const struct weir_field_value *values, struct weir_parse *p) {
  for (uint32_t i = 0; i < fields->cnt; i++) {
    if (values[i].given && !weir_field_unwritten(fields->items[i].type)) return WEIR_OK;
  }
  return weir_parse_bad(p, NULL, "says nothing: expected %s", takes(p));
}

weir_status weir_fields_need_kind(struct weir_parse *p, uint32_t kinds, const char *answers) {
  if (p->kinds == 0 || (p->kinds & kinds)) return WEIR_OK;
  return weir_parse_bad(p, NULL, "answers %s, and this rule listens to nothing of the kind: look at its `on`", answers);
}
