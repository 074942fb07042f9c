/* gate_stage_is.c: stage_is = { "papers/asked", "none" }: the person stands in one of these stages. "none" is for who stands in
 * no stage of the funnels named in the list, or of any funnel of the pack when no other is named.
 *
 * stage_not asks the same list the other way round, and uses what is here. */
#include "decide/gates.h"

#include "decide/parse.h"

struct stage {
  const struct weir_funnel *funnel;
  uint32_t index;
};

struct stages {
  const struct stage *items;
  uint32_t cnt;
  bool none;
  const struct weir_funnel *const *funnels; /* that the list is about, each once */
  uint32_t funnel_cnt;
  struct weir_gate_list written;
};

static void add_funnel(const struct weir_funnel **funnels, uint32_t *cnt, const struct weir_funnel *funnel) {
  for (uint32_t i = 0; i < *cnt; i++) {
    if (funnels[i] == funnel) return;
  }
  funnels[(*cnt)++] = funnel;
}

/* The funnels that "none" speaks of. */
static weir_status find_funnels(struct weir_parse *p, struct stages *stages) {
  const struct weir_ruleset *ruleset = p->ruleset;
  uint32_t max = stages->cnt ? stages->cnt : ruleset->funnel_cnt;
  const struct weir_funnel **funnels = weir_arena_array(p->arena, max, sizeof *funnels);
  if (!funnels) return weir_parse_no_memory(p);
  for (uint32_t i = 0; i < stages->cnt; i++) add_funnel(funnels, &stages->funnel_cnt, stages->items[i].funnel);
  for (uint32_t i = 0; stages->cnt == 0 && i < ruleset->funnel_cnt; i++) {
    if (weir_parse_in_pack(ruleset->funnels[i].name, p->pack->name))
      add_funnel(funnels, &stages->funnel_cnt, &ruleset->funnels[i]);
  }
  stages->funnels = funnels;
  if (stages->funnel_cnt > 0) return WEIR_OK;
  return weir_parse_bad(
      p, NULL, "\"none\" means no stage of this pack's funnels, but the pack has none (funnel \"papers\" { stages = { ... } })");
}

weir_status weir_gate_parse_stages(struct weir_parse *p, const struct weir_value *value, const void **data) {
  *data = NULL;
  struct stages *stages = weir_arena_zalloc(p->arena, sizeof *stages);
  if (!stages) return weir_parse_no_memory(p);
  weir_status status = weir_parse_strings(p, NULL, value, &stages->written.items, &stages->written.cnt);
  if (status != WEIR_OK) return status;
  struct stage *items = weir_arena_array(p->arena, stages->written.cnt, sizeof *items);
  if (!items) return weir_parse_no_memory(p);
  stages->items = items;
  for (uint32_t i = 0; i < stages->written.cnt; i++) {
    if (weir_str_eq(stages->written.items[i], WEIR_STR("none"))) {
      stages->none = true;
      continue;
    }
    struct stage *stage = &items[stages->cnt];
    status = weir_parse_stage(p, NULL, stages->written.items[i], &stage->funnel, &stage->index);
    if (status != WEIR_OK) return status;
    stages->cnt++;
  }
  status = find_funnels(p, stages);
  if (status == WEIR_OK) *data = stages;
  return status;
}

static const weir_str *standing_in(const struct weir_person *person, const struct weir_funnel *funnel) {
  for (uint32_t i = 0; i < person->stage_cnt; i++) {
    if (weir_str_eq(person->stages[i].funnel, funnel->name)) return &person->stages[i].stage;
  }
  return NULL;
}

bool weir_gate_in_stages(const void *data, const struct weir_person *person) {
  const struct stages *stages = data;
  for (uint32_t i = 0; i < stages->cnt; i++) {
    const weir_str *stage = standing_in(person, stages->items[i].funnel);
    if (stage && weir_str_eq(*stage, stages->items[i].funnel->stages[stages->items[i].index])) return true;
  }
  if (!stages->none) return false;
  for (uint32_t i = 0; i < stages->funnel_cnt; i++) {
    if (standing_in(person, stages->funnels[i])) return false;
  }
  return true;
}

bool weir_gate_may_be_in(const void *data, const struct weir_funnel *funnel, uint32_t stage) {
  const struct stages *stages = data;
  bool about = false;
  for (uint32_t i = 0; i < stages->cnt; i++) {
    if (stages->items[i].funnel != funnel || stages->items[i].index == stage) return true;
  }
  for (uint32_t i = 0; i < stages->funnel_cnt; i++) about = about || stages->funnels[i] == funnel;
  return stages->none && (!about || stage == WEIR_NO_INDEX);
}

void weir_gate_say_standing(struct weir_buf *out, const void *data, const struct weir_person *person) {
  const struct stages *stages = data;
  bool any = false;
  for (uint32_t i = 0; i < stages->funnel_cnt; i++) {
    const weir_str *stage = standing_in(person, stages->funnels[i]);
    if (!stage) continue;
    if (any) weir_buf_text(out, " and ");
    any = true;
    weir_buf_str(out, weir_parse_own_name(stages->funnels[i]->name));
    weir_buf_byte(out, '/');
    weir_buf_str(out, *stage);
  }
  if (!any) weir_buf_text(out, "none");
}

void weir_gate_say_stages(struct weir_buf *out, const void *data) {
  const struct stages *stages = data;
  weir_gate_say_list(out, &stages->written);
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  if (weir_gate_person(d, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  return weir_gate_in_stages(data, &d->person) ? WEIR_GATE_PASS : WEIR_GATE_FAIL;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  weir_buf_text(out, "stage is ");
  weir_gate_say_standing(out, data, &d->person);
  weir_buf_text(out, ", not ");
  weir_gate_say_stages(out, data);
}

const struct weir_gate_kind weir_gate_stage_is = {
  .name = "stage_is", .on_state = true, .needs_past = true, .takes = "\"funnel/stage\" or a list; \"none\" for no stage",
  .says = "The person stands in one of these stages.", .parse = weir_gate_parse_stages, .ask = ask, .explain = explain,
};
