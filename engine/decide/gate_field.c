/* gate_field.c: field = { city = "Shanghai", level = 3, points = { min = 100, max = 499 } }: all these fields of the person have
 * these values, or numbers in these bounds: so counters have levels. An empty text means that he has no such field; a counter
 * that is not there stands at 0. */
#include "decide/gates.h"

#include "decide/parse.h"

/* One field: `value` equals, or with `range` the number lies from min to max. */
struct wanted {
  weir_str name, value;
  bool range;
  int64_t min, max;
};

struct fields {
  const struct wanted *items;
  uint32_t cnt;
};

#define NUMBER_CHARS 20 /* -9223372036854775808 */

static weir_status parse_range(struct weir_parse *p, const struct weir_member *member, struct wanted *out) {
  static const weir_str known[] = { { "min", 3 }, { "max", 3 } };
  const struct weir_value *min = weir_value_get(&member->value, "min"), *max = weir_value_get(&member->value, "max");
  weir_str quoted = weir_parse_quote(member->key);
  weir_status status = weir_parse_known(p, &member->value, known, 2);
  if (status != WEIR_OK) return status;
  if (member->value.u.t->list_cnt || (!min && !max)) {
    return weir_parse_bad(p, NULL, "`%.*s`: expected bounds such as { min = 100, max = 499 }, or one of them", WEIR_FMT(quoted));
  }
  *out = (struct wanted){ .range = true, .min = INT64_MIN, .max = INT64_MAX };
  if (min) status = weir_parse_int(p, NULL, min, INT64_MIN, INT64_MAX, &out->min);
  if (status == WEIR_OK && max) status = weir_parse_int(p, NULL, max, INT64_MIN, INT64_MAX, &out->max);
  if (status == WEIR_OK && out->min > out->max) return weir_parse_bad(p, NULL, "`%.*s`: min is larger than max", WEIR_FMT(quoted));
  return status;
}

static weir_status parse_value(struct weir_parse *p, const struct weir_member *member, struct wanted *wanted) {
  weir_str quoted = weir_parse_quote(member->key), *out = &wanted->value;
  if (member->value.kind == WEIR_VALUE_TABLE) return parse_range(p, member, wanted);
  if (member->value.kind == WEIR_VALUE_STR) return weir_parse_copy(p, member->value.u.s, out) ? WEIR_OK : WEIR_E_NOMEM;
  if (member->value.kind != WEIR_VALUE_INT) {
    return weir_parse_bad(p, NULL, "`%.*s` must equal a text or a whole number, or lie in { min, max }, not %s", WEIR_FMT(quoted),
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
  struct wanted *items = weir_arena_zalloc(p->arena, value->u.t->member_cnt * sizeof *items);
  if (!fields || !items) return weir_parse_no_memory(p);
  fields->items = items;
  for (uint32_t i = 0; i < value->u.t->member_cnt; i++) {
    const struct weir_member *member = &value->u.t->members[i];
    weir_status status = weir_parse_name(p, NULL, "the field", member->key);
    if (status == WEIR_OK) status = parse_value(p, member, &items[i]);
    if (status != WEIR_OK) return status;
    if (!weir_parse_copy(p, member->key, &items[i].name)) return WEIR_E_NOMEM;
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

/* A whole number as counters are written; what is none stands at 0. */
static int64_t number_of(weir_str text) {
  bool negative = text.len > 1 && text.ptr[0] == '-';
  int64_t value = 0;
  if (text.len > NUMBER_CHARS) return 0;
  for (size_t i = negative; i < text.len; i++) {
    if (text.ptr[i] < '0' || text.ptr[i] > '9') return 0;
    int64_t digit = negative ? '0' - text.ptr[i] : text.ptr[i] - '0';
    if (value > (INT64_MAX - 9) / 10 || value < (INT64_MIN + 9) / 10) return negative ? INT64_MIN : INT64_MAX;
    value = value * 10 + digit;
  }
  return value;
}

static bool is_as_wanted(const struct wanted *wanted, weir_str value) {
  if (!wanted->range) return weir_str_eq(value, wanted->value);
  int64_t number = number_of(value);
  return number >= wanted->min && number <= wanted->max;
}

/* The first field that differs, or NULL. */
static const struct wanted *differing(const struct fields *fields, const struct weir_person *person) {
  for (uint32_t i = 0; i < fields->cnt; i++) {
    if (!is_as_wanted(&fields->items[i], value_of(person, fields->items[i].name))) return &fields->items[i];
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
  const struct wanted *field = differing(data, &d->person);
  if (!field) return;
  weir_buf_text(out, "field ");
  weir_buf_str(out, field->name);
  weir_buf_text(out, " is ");
  say_value(out, value_of(&d->person, field->name));
  weir_buf_text(out, ", not ");
  if (!field->range) {
    say_value(out, field->value);
    return;
  }
  weir_buf_text(out, field->min == INT64_MIN ? "at most " : field->max == INT64_MAX ? "at least " : "from ");
  weir_buf_int(out, field->min == INT64_MIN ? field->max : field->min);
  if (field->min == INT64_MIN || field->max == INT64_MAX) return;
  weir_buf_text(out, " to ");
  weir_buf_int(out, field->max);
}

const struct weir_gate_kind weir_gate_field = {
  .name = "field", .on_state = true, .needs_past = true, .takes = "{ name = value, name = { min, max }, ... }",
  .says = "Each of these fields of the person has this value, or a number in these bounds; \"\" means that he has no such field.",
  .parse = parse, .ask = ask, .explain = explain,
};
