/* gate_follow_up.c: follow_up = { "papers/asked", after = "2d" } (or { funnel = "papers", stage = "asked", after = "2d" }): a timer
 * runs the rule so long after somebody entered the stage, if he stands there still and has not written since; once for each
 * time he comes there. unless = "nothing" fires also when he wrote. Opt-out and take-over silence it like everything.
 *
 * The timer is set by whatever enters the stage (engine/steps.c); here is asked whether there is still reason to. */
#include "base/clock.h"
#include "decide/follow_up.h"
#include "decide/gates.h"
#include "decide/parse.h"
#include "limits.h"

static weir_status stage_of(struct weir_parse *p, const struct weir_value *value, struct weir_follow_up *out) {
  const struct weir_value *funnel = weir_value_get(value, "funnel"), *stage = weir_value_get(value, "stage");
  char full[WEIR_PACK_NAME_MAX + 2 * WEIR_TAG_MAX + 4];
  struct weir_buf buf;
  if (value->u.t->list_cnt == 1 && value->u.t->list[0].kind == WEIR_VALUE_STR && !funnel && !stage)
    return weir_parse_stage(p, NULL, value->u.t->list[0].u.s, &out->funnel, &out->stage);
  bool named = funnel && stage && funnel->kind == WEIR_VALUE_STR && stage->kind == WEIR_VALUE_STR && value->u.t->list_cnt == 0;
  if (!named)
    return weir_parse_bad(p, NULL, "expected a stage: { \"papers/asked\", after = \"2d\" }, or { funnel = \"papers\", stage = \"asked\", after = \"2d\" }");
  weir_buf_init(&buf, full, sizeof full);
  weir_buf_str(&buf, funnel->u.s);
  weir_buf_byte(&buf, '/');
  weir_buf_str(&buf, stage->u.s);
  if (buf.full) return weir_parse_bad(p, NULL, "the name of the stage is too long");
  return weir_parse_stage(p, NULL, weir_buf_view(&buf), &out->funnel, &out->stage);
}

static weir_status delay_of(struct weir_parse *p, const struct weir_value *value, struct weir_delay *out) {
  const struct weir_value *after = weir_value_get(value, "after"), *at = weir_value_get(value, "at");
  weir_status status = WEIR_OK;
  if (!after && !at) return weir_parse_bad(p, NULL, "there is no `after`: how long after he came there? Such as after = \"2d\"");
  if (after) status = weir_parse_duration(p, "after", after, &out->from_ms, &out->to_ms);
  out->wall = at != NULL;
  return status == WEIR_OK && at ? weir_parse_wall(p, "at", at, &out->wall_from_ms, &out->wall_to_ms) : status;
}

static weir_status unless_of(struct weir_parse *p, const struct weir_value *value, bool *reply) {
  static const weir_str words[] = { { "reply", 5 }, { "nothing", 7 } };
  *reply = true;
  if (!value) return WEIR_OK;
  if (value->kind == WEIR_VALUE_TABLE && value->u.t->list_cnt == 1 && value->u.t->member_cnt == 0) value = &value->u.t->list[0];
  if (value->kind != WEIR_VALUE_STR) return weir_parse_bad(p, "unless", "expected \"reply\" or \"nothing\", not %s", weir_value_says(value));
  if (weir_str_eq(value->u.s, words[0])) return WEIR_OK;
  *reply = false;
  if (weir_str_eq(value->u.s, words[1])) return WEIR_OK;
  weir_str near = weir_nearest(value->u.s, words, 2), quoted = weir_parse_quote(value->u.s);
  if (near.len) return weir_parse_bad(p, "unless", "\"%.*s\" is neither \"reply\" nor \"nothing\"; did you mean \"%.*s\"?", WEIR_FMT(quoted), WEIR_FMT(near));
  return weir_parse_bad(p, "unless", "\"%.*s\" is neither \"reply\" nor \"nothing\"; what else should keep it from firing is a gate of the rule", WEIR_FMT(quoted));
}

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  static const weir_str known[] = { { "funnel", 6 }, { "stage", 5 }, { "after", 5 }, { "at", 2 }, { "unless", 6 } };
  *data = NULL;
  struct weir_follow_up *out = weir_arena_zalloc(p->arena, sizeof *out);
  if (!out) return weir_parse_no_memory(p);
  if (!value || value->kind != WEIR_VALUE_TABLE)
    return weir_parse_bad(p, NULL, "expected a stage and a time: { \"papers/asked\", after = \"2d\" }, not %s", weir_value_says(value));
  if (p->kinds != UINT32_C(1) << WEIR_EVENT_TIMER) return weir_parse_bad(p, NULL, "is run by a timer: the rule needs on = \"timer\", and nothing else");
  weir_status status = weir_parse_known(p, value, known, sizeof known / sizeof *known);
  if (status == WEIR_OK) status = stage_of(p, value, out);
  if (status == WEIR_OK) status = delay_of(p, value, &out->delay);
  if (status == WEIR_OK) status = unless_of(p, weir_value_get(value, "unless"), &out->unless_reply);
  if (status == WEIR_OK) *data = out;
  return status;
}

static const struct weir_stage_entry *standing(const struct weir_follow_up *what, const struct weir_person *person) {
  for (uint32_t i = 0; i < person->stage_cnt; i++) {
    const struct weir_stage_entry *entry = &person->stages[i];
    if (weir_str_eq(entry->funnel, what->funnel->name) && weir_str_eq(entry->stage, what->funnel->stages[what->stage])) return entry;
  }
  return NULL;
}

static void key_of(const struct weir_decide *d, const struct weir_stage_entry *entry, unsigned char key[WEIR_ID_BYTES]) {
  weir_str parts[] = { WEIR_STR("follow up"), { (const char *)d->rule->id, sizeof d->rule->id }, { (const char *)&entry->entered_ms, sizeof entry->entered_ms } };
  weir_id_hash((weir_str){ NULL, 0 }, parts, sizeof parts / sizeof parts[0], key);
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  const struct weir_follow_up *what = data;
  unsigned char key[WEIR_ID_BYTES];
  bool held;
  if (weir_gate_person(d, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  const struct weir_stage_entry *entry = standing(what, &d->person);
  if (!entry || (what->unless_reply && weir_gate_replied(d))) return WEIR_GATE_FAIL;
  key_of(d, entry, key);
  if (weir_gate_held(d, key, &held, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  return held ? WEIR_GATE_FAIL : WEIR_GATE_PASS;
}

static weir_status claim(const void *data, struct weir_decide *d, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  const struct weir_stage_entry *entry = standing(data, &d->person);
  if (!entry) return WEIR_OK;
  key_of(d, entry, key);
  return weir_gate_claim(d, key, d->now_ms + WEIR_CLAIM_MS, err);
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  const struct weir_follow_up *what = data;
  if (!standing(what, &d->person)) weir_buf_printf(out, "does not stand in %.*s any more", WEIR_FMT(what->funnel->stages[what->stage]));
  else if (what->unless_reply && weir_gate_replied(d)) weir_buf_text(out, "has written since");
  else weir_buf_text(out, "was followed up already");
}

const struct weir_gate_kind weir_gate_follow_up = {
  .name = "follow_up", .on_state = true, .needs_past = true, .takes = "{ \"funnel/stage\", after, at, unless }",
  .says = "A timer runs the rule so long after the person came to the stage, if he stands there still and has not written since.",
  .parse = parse, .ask = ask, .claim = claim, .explain = explain,
};

const struct weir_follow_up *weir_rule_follow_up(const struct weir_rule *rule) {
  for (uint32_t i = 0; i < rule->gate_cnt; i++) {
    if (rule->gates[i].kind == &weir_gate_follow_up) return rule->gates[i].data;
  }
  return NULL;
}

static bool any_leads_to(const struct weir_action_def *actions, uint32_t cnt, const struct weir_funnel *funnel, uint32_t stage) {
  uint32_t to;
  for (uint32_t i = 0; i < cnt; i++)
    if (weir_action_leads_to(&actions[i], &to) == funnel && to == stage) return true;
  return false;
}

bool weir_rule_leads_to(const struct weir_rule *rule, const struct weir_funnel *funnel, uint32_t stage) {
  for (uint32_t i = 0; i < rule->variant_cnt; i++)
    if (any_leads_to(rule->variants[i].actions, rule->variants[i].action_cnt, funnel, stage)) return true;
  return any_leads_to(rule->actions, rule->action_cnt, funnel, stage);
}

bool weir_rule_lets_stand(const struct weir_rule *rule, const struct weir_funnel *funnel, uint32_t stage) {
  const struct weir_follow_up *follows = weir_rule_follow_up(rule);
  if (follows && follows->funnel == funnel && follows->stage != stage) return false;
  for (uint32_t i = 0; i < rule->gate_cnt; i++)
    if (rule->gates[i].kind == &weir_gate_stage_is && !weir_gate_may_be_in(rule->gates[i].data, funnel, stage)) return false;
  return true;
}

static bool leads_to(const struct weir_rule *rule, const struct weir_stage_entry *entry) {
  for (uint32_t i = 0; i < rule->action_cnt; i++) {
    uint32_t stage;
    const struct weir_funnel *funnel = weir_action_leads_to(&rule->actions[i], &stage);
    if (funnel && weir_str_eq(funnel->name, entry->funnel) && weir_str_eq(funnel->stages[stage], entry->stage)) return true;
  }
  return false;
}

bool weir_follow_up_stands(const struct weir_decide *d, int64_t set_ms) {
  const struct weir_follow_up *what = weir_rule_follow_up(d->rule);
  for (uint32_t i = 0; i < d->person.stage_cnt; i++) {
    const struct weir_stage_entry *entry = &d->person.stages[i];
    if (!weir_str_eq(entry->funnel, what->funnel->name)) continue;
    if (entry->entered_ms == set_ms || leads_to(d->rule, entry)) return true;
    return entry->entered_ms < set_ms && weir_str_eq(entry->stage, what->funnel->stages[what->stage]);
  }
  return false;
}
