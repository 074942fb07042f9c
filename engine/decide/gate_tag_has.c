/* gate_tag_has.c: tag_has = "vip" or { "vip", "teacher" }: the person has one of these tags; { all = { "a", "b" } }: all of them.
 * A plain list means "one of" here as everywhere in a rule. tag_not uses what is here. */
#include "decide/gates.h"

#include "decide/parse.h"

struct tags {
  struct weir_gate_list list;
  bool all;
};

weir_status weir_gate_parse_tags(struct weir_parse *p, const struct weir_value *value, struct weir_gate_list *list) {
  weir_status status = weir_parse_strings(p, NULL, value, &list->items, &list->cnt);
  for (uint32_t i = 0; status == WEIR_OK && i < list->cnt; i++) status = weir_parse_name(p, NULL, "the tag", list->items[i]);
  return status;
}

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  static const weir_str known[] = { { "all", 3 } };
  *data = NULL;
  struct tags *tags = weir_arena_zalloc(p->arena, sizeof *tags);
  if (!tags) return weir_parse_no_memory(p);
  if (value && value->kind == WEIR_VALUE_TABLE && value->u.t->member_cnt > 0) {
    weir_status status = weir_parse_known(p, value, known, 1);
    if (status != WEIR_OK) return status;
    if (value->u.t->list_cnt > 0)
      return weir_parse_bad(p, NULL, "write a list for one of the tags, or { all = { ... } } for all, not both");
    tags->all = true;
    value = weir_value_get(value, "all");
  }
  weir_status status = weir_gate_parse_tags(p, value, &tags->list);
  if (status == WEIR_OK) *data = tags;
  return status;
}

bool weir_gate_has_tag(const struct weir_person *person, weir_str tag) {
  for (uint32_t i = 0; i < person->tag_cnt; i++) {
    if (weir_str_eq(person->tags[i], tag)) return true;
  }
  return false;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  const struct tags *tags = data;
  uint32_t has = 0;
  if (weir_gate_person(d, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  for (uint32_t i = 0; i < tags->list.cnt; i++) has += weir_gate_has_tag(&d->person, tags->list.items[i]);
  return has >= (tags->all ? tags->list.cnt : 1) ? WEIR_GATE_PASS : WEIR_GATE_FAIL;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  const struct tags *tags = data;
  (void)d;
  weir_buf_text(out, tags->all ? "does not have every tag of " : "has no tag ");
  weir_gate_say_list(out, &tags->list);
}

const struct weir_gate_kind weir_gate_tag_has = {
  .name = "tag_has", .on_state = true, .needs_past = true, .takes = "a tag, a list, or { all = { ... } }",
  .says = "The person has one of these tags, or all of them.", .parse = parse, .ask = ask, .explain = explain,
};
