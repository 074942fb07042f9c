/* gate_in_stage_for.c: in_stage_for = "2d": the person has stood in his stage of a funnel of this pack for so long;
 * { "papers/asked", "2d" }: in that one. Who is in no funnel has stood nowhere. */
#include "decide/gates.h"
#include "decide/parse.h"

struct standing {
  int64_t length_ms;
  const struct weir_funnel *funnel; /* NULL: any of the pack */
  uint32_t stage;
  weir_str pack;
};

static weir_status parse_pair(struct weir_parse *p, const struct weir_value *value, struct standing *standing, const struct weir_value **length) {
  const struct weir_table *t = value->u.t;
  if (t->member_cnt > 0 || t->list_cnt != 2 || t->list[0].kind != WEIR_VALUE_STR)
    return weir_parse_bad(p, NULL, "expected \"2d\", or a stage and a length of time: { \"papers/asked\", \"2d\" }");
  *length = &t->list[1];
  return weir_parse_stage(p, NULL, t->list[0].u.s, &standing->funnel, &standing->stage);
}

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  int64_t to;
  *data = NULL;
  struct standing *standing = weir_arena_zalloc(p->arena, sizeof *standing);
  if (!standing) return weir_parse_no_memory(p);
  weir_status status = WEIR_OK;
  if (value && value->kind == WEIR_VALUE_TABLE) status = parse_pair(p, value, standing, &value);
  if (status == WEIR_OK) status = weir_parse_duration(p, NULL, value, &standing->length_ms, &to);
  if (status != WEIR_OK) return status;
  if (standing->length_ms != to) return weir_parse_bad(p, NULL, "expected one length of time such as \"2d\", not a range");
  standing->pack = p->pack->name;
  *data = standing;
  return WEIR_OK;
}

static bool fits(const struct standing *standing, const struct weir_stage_entry *entry) {
  if (!standing->funnel) return weir_parse_in_pack(entry->funnel, standing->pack);
  return weir_str_eq(entry->funnel, standing->funnel->name) && weir_str_eq(entry->stage, standing->funnel->stages[standing->stage]);
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  const struct standing *standing = data;
  if (weir_gate_person(d, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  for (uint32_t i = 0; i < d->person.stage_cnt; i++) {
    const struct weir_stage_entry *entry = &d->person.stages[i];
    if (fits(standing, entry) && entry->entered_ms <= d->now_ms - standing->length_ms) return WEIR_GATE_PASS;
  }
  return WEIR_GATE_FAIL;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  const struct standing *standing = data;
  for (uint32_t i = 0; i < d->person.stage_cnt; i++) {
    const struct weir_stage_entry *entry = &d->person.stages[i];
    if (!fits(standing, entry)) continue;
    weir_buf_printf(out, "has stood in %.*s for ", WEIR_FMT(entry->stage));
    weir_buf_int(out, (d->now_ms - entry->entered_ms) / 3600000);
    weir_buf_text(out, " h only");
    return;
  }
  weir_buf_text(out, "stands in no such stage");
}

const struct weir_gate_kind weir_gate_in_stage_for = {
  .name = "in_stage_for", .on_state = true, .needs_past = true, .takes = "a length of time such as \"2d\", or { \"funnel/stage\", \"2d\" }",
  .says = "The person has stood in his stage for so long.", .parse = parse, .ask = ask, .explain = explain,
};
