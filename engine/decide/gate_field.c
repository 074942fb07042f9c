/* gate_field.c: field = { city = "Shanghai", level = 3 }: all these fields of the person have these values. An empty text
 * means that he has no such field. */
#include "decide/gates.h"

#include "decide/parse.h"

struct fields {
  const weir_pair *items;
  uint32_t cnt;
};

#define NUMBER_CHARS 20 /* -9223372036854775808 */

static weir_status parse_value(struct weir_parse *p, const struct weir_member *member, weir_str *out) {
  weir_str quoted = weir_parse_quote(member->key);
  if (member->value.kind == WEIR_VALUE_STR) return weir_parse_copy(p, member->value.u.s, out) ? WEIR_OK : WEIR_E_NOMEM;
  if (member->value.kind != WEIR_VALUE_INT) {
    return weir_parse_bad(p, NULL, "`%.*s` must equal a text or a whole number, not %s", WEIR_FMT(quoted),
                          weir_value_says(&member->value));
  }
  char digits[NUMBER_CHARS];
  struct weir_buf buf;
  weir_buf_init(&buf, digits, sizeof digits);
  weir_buf_int(&buf, member->value.u.i);
  return weir_parse_copy(p, weir_buf_view(&buf), out) ? WEIR_OK : WEIR_E_NOMEM;
}

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  *data = NULL;
  bool table = value && value->kind == WEIR_VALUE_TABLE && value->u.t->list_cnt == 0 && value->u.t->member_cnt > 0;
  if (!table)
    return weir_parse_bad(p, NULL, "expected names and values, such as { city = \"Shanghai\", level = 3 }, not %s",
                          weir_value_says(value));
  struct fields *fields = weir_arena_zalloc(p->arena, sizeof *fields);
  weir_pair *items = weir_arena_array(p->arena, value->u.t->member_cnt, sizeof *items);
  if (!fields || !items) return weir_parse_no_memory(p);
  fields->items = items;
  for (uint32_t i = 0; i < value->u.t->member_cnt; i++) {
    const struct weir_member *member = &value->u.t->members[i];
    weir_status status = weir_parse_name(p, NULL, "the field", member->key);
    if (status == WEIR_OK) status = parse_value(p, member, &items[i].value);
    if (status != WEIR_OK) return status;
    if (!weir_parse_copy(p, member->key, &items[i].key)) return WEIR_E_NOMEM;
    fields->cnt++;
  }
  *data = fields;
  return WEIR_OK;
}

static weir_str value_of(const struct weir_person *person, weir_str name) {
  for (uint32_t i = 0; i < person->field_cnt; i++) {
    if (weir_str_eq(person->fields[i].key, name)) return person->fields[i].value;
  }
  return (weir_str){ NULL, 0 };
}

/* The first field that differs, or NULL. */
static const weir_pair *differing(const struct fields *fields, const struct weir_person *person) {
  for (uint32_t i = 0; i < fields->cnt; i++) {
    if (!weir_str_eq(value_of(person, fields->items[i].key), fields->items[i].value)) return &fields->items[i];
  }
  return NULL;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  if (weir_gate_person(d, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  return differing(data, &d->person) ? WEIR_GATE_FAIL : WEIR_GATE_PASS;
}

static void say_value(struct weir_buf *out, weir_str value) {
  if (value.len == 0) {
    weir_buf_text(out, "empty");
    return;
  }
  weir_buf_byte(out, '"');
  weir_buf_str(out, weir_parse_quote(value));
  weir_buf_byte(out, '"');
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  const weir_pair *field = differing(data, &d->person);
  if (!field) return;
  weir_buf_text(out, "field ");
  weir_buf_str(out, field->key);
  weir_buf_text(out, " is ");
  say_value(out, value_of(&d->person, field->key));
  weir_buf_text(out, ", not ");
  say_value(out, field->value);
}

const struct weir_gate_kind weir_gate_field = {
  .name = "field", .on_state = true, .needs_past = true, .takes = "{ name = value, ... }",
  .says = "Each of these fields of the person has this value; \"\" means that he has no such field.",
  .parse = parse, .ask = ask, .explain = explain,
};
