/* gate_tag_not.c: tag_not = "vip" or a list: the person has none of these tags. */
#include "decide/gates.h"

#include "decide/parse.h"

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  *data = NULL;
  struct weir_gate_list *list = weir_arena_zalloc(p->arena, sizeof *list);
  if (!list) return weir_parse_no_memory(p);
  weir_status status = weir_gate_parse_tags(p, value, list);
  if (status == WEIR_OK) *data = list;
  return status;
}

/* The first of the tags he has, or NULL. */
static const weir_str *found(const struct weir_gate_list *list, const struct weir_person *person) {
  for (uint32_t i = 0; i < list->cnt; i++) {
    if (weir_gate_has_tag(person, list->items[i])) return &list->items[i];
  }
  return NULL;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  if (weir_gate_person(d, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  return found(data, &d->person) ? WEIR_GATE_FAIL : WEIR_GATE_PASS;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  const weir_str *tag = found(data, &d->person);
  weir_buf_text(out, "has the tag ");
  if (tag) weir_buf_str(out, *tag);
}

const struct weir_gate_kind weir_gate_tag_not = {
  .name = "tag_not", .on_state = true, .takes = "a tag or a list", .says = "The person has none of these tags.",
  .parse = parse, .ask = ask, .explain = explain,
};
