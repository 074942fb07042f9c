/* steps.c: counts the steps of funnels by rule and day ("entered papers/asked", "left papers/asked", "converted papers"), and sets
 * what follows on them. A day is one of the pack's calendar. */
#include "decide/steps.h"

#include "decide/parse.h"
#include "decide/pending.h"
#include "limits.h"
#include "text/utf8.h"

static weir_status count(struct weir_decide *d, const char *what, weir_str funnel, weir_str stage, weir_error *err) {
  size_t cap = strlen(what) + funnel.len + stage.len + 2;
  char *bytes = weir_arena_bytes(d->arena, cap);
  if (!bytes) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  struct weir_buf buf;
  weir_buf_init(&buf, bytes, cap);
  weir_buf_text(&buf, what);
  weir_buf_str(&buf, weir_parse_own_name(funnel));
  if (stage.len) weir_buf_byte(&buf, '/');
  weir_buf_str(&buf, stage);
  weir_str text = weir_buf_view(&buf);
  text.len = weir_utf8_cut(text, WEIR_COUNT_WHAT_MAX);
  const struct weir_zone *zone = d->ruleset->packs[d->rule->pack].zone;
  struct weir_change change = { .kind = WEIR_CHANGE_COUNT, .name = d->rule->name, .value = text, .number = weir_zone_day(zone, d->now_ms) };
  return weir_decide_change(d, &change, err);
}

static weir_status follow(struct weir_decide *d, const struct weir_stage_step *step, weir_error *err) {
  const struct weir_rule *rule = &d->ruleset->rules[step->rule], *before = d->rule;
  d->rule = rule; /* its pack's clock, and a choice of its own */
  int64_t due_ms = weir_decide_due(d, &step->delay, d->now_ms);
  d->rule = before;
  if (due_ms < d->now_ms + WEIR_RULE_DELAY_MIN_MS) due_ms = d->now_ms + WEIR_RULE_DELAY_MIN_MS;
  return weir_act_timer(d, WEIR_TIMER_RULE, due_ms, rule->name, (weir_str){ NULL, 0 }, err);
}

weir_status weir_steps_entered(struct weir_decide *d, const struct weir_funnel *funnel, weir_str from, uint32_t index, weir_error *err) {
  weir_status status = WEIR_OK;
  if (from.len) status = count(d, "left ", funnel->name, from, err);
  if (status == WEIR_OK) status = count(d, "entered ", funnel->name, funnel->stages[index], err);
  if (status == WEIR_OK && index == funnel->goal) status = count(d, "converted ", funnel->name, (weir_str){ NULL, 0 }, err);
  for (uint32_t i = 0; status == WEIR_OK && i < funnel->step_cnt; i++) {
    if (funnel->steps[i].stage == index && d->ruleset->rules[funnel->steps[i].rule].enabled) status = follow(d, &funnel->steps[i], err);
  }
  return status;
}

static weir_status leave(struct weir_decide *d, weir_str funnel, weir_error *err) {
  weir_str stage = weir_pending_stage(d, funnel);
  if (!stage.len) return WEIR_OK;
  struct weir_change change = { .kind = WEIR_CHANGE_UNSTAGE, .name = funnel };
  weir_status status = weir_decide_change(d, &change, err);
  return status == WEIR_OK ? count(d, "left ", funnel, stage, err) : status;
}

weir_status weir_steps_leave_all(struct weir_decide *d, weir_error *err) {
  uint32_t changes = d->changes.cnt;
  weir_status status = WEIR_OK;
  for (uint32_t i = 0; status == WEIR_OK && i < d->person.stage_cnt; i++) status = leave(d, d->person.stages[i].funnel, err);
  for (uint32_t i = 0; status == WEIR_OK && i < changes; i++) {
    if (d->changes.items[i].kind == WEIR_CHANGE_STAGE) status = leave(d, d->changes.items[i].name, err);
  }
  return status;
}
