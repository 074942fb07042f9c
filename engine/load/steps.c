/* steps.c: what follows when somebody enters a stage of a funnel: the rules that on_enter names, at once, and those that follow up,
 * later. And stages that nobody can reach because nothing leads there: a warning, for a pack in the making has such. */
#include "decide/follow_up.h"
#include "limits.h"
#include "load/load.h"

/* Collects the steps of one funnel. */
struct steps {
  struct weir_load *load;
  const struct weir_decl *decl;
  struct weir_funnel *funnel;
  struct weir_stage_step *items;
  uint32_t cnt, cap;
};

static weir_status add(struct steps *steps, struct weir_stage_step step) {
  uint32_t of_stage = 0;
  for (uint32_t i = 0; i < steps->cnt; i++) of_stage += steps->items[i].stage == step.stage;
  if (of_stage == WEIR_STAGE_STEPS_MAX) {
    struct weir_place place = weir_load_place(steps->load, steps->load->order[step.rule], "");
    weir_load_error(steps->load, &place, "too much follows on the stage \"%.*s\" of funnel \"%.*s\": at most %d rules may",
                    WEIR_FMT(steps->funnel->stages[step.stage]), WEIR_FMT(steps->decl->name), WEIR_STAGE_STEPS_MAX);
    return WEIR_OK;
  }
  if (steps->cnt == steps->cap) {
    uint32_t cap = steps->cap ? steps->cap * 2 : 8;
    struct weir_stage_step *items = weir_arena_array(&steps->load->work, cap, sizeof(*items));
    if (!items) return weir_load_no_memory(steps->load);
    if (steps->cnt) memcpy(items, steps->items, steps->cnt * sizeof(*items));
    steps->items = items;
    steps->cap = cap;
  }
  steps->items[steps->cnt++] = step;
  return WEIR_OK;
}

/* ---- on_enter = { added = "welcome" } */

static bool by_timer(const struct weir_rule *rule) { return rule->kinds >> WEIR_EVENT_TIMER & 1; }

/* The rule of this name in the declaration's pack; WEIR_NO_INDEX: there is none. *nearest: one that timers run and that may be meant. */
static uint32_t find_rule(const struct steps *steps, weir_str name, weir_str *nearest) {
  const struct weir_load *load = steps->load;
  uint32_t pack = load->files[steps->decl->file].pack;
  weir_str names[WEIR_HINTS_MAX];
  size_t cnt = 0;
  *nearest = (weir_str){ NULL, 0 };
  for (uint32_t i = 0; i < load->ruleset->rule_cnt; i++) {
    if (load->rules[i].pack != pack) continue;
    if (weir_str_eq(load->order[i]->name, name)) return i;
    if (by_timer(&load->rules[i]) && cnt < WEIR_HINTS_MAX) names[cnt++] = load->order[i]->name;
  }
  *nearest = weir_nearest(name, names, cnt);
  return WEIR_NO_INDEX;
}

static weir_status enter_rule(struct steps *steps, const struct weir_place *place, uint32_t stage, weir_str name) {
  weir_str nearest, funnel = steps->decl->name;
  uint32_t rule = find_rule(steps, name, &nearest);
  if (rule == WEIR_NO_INDEX && nearest.len)
    weir_load_error(steps->load, place, "funnel \"%.*s\": `on_enter`: there is no rule \"%.*s\" in this pack; did you mean \"%.*s\"?",
                    WEIR_FMT(funnel), WEIR_FMT(name), WEIR_FMT(nearest));
  else if (rule == WEIR_NO_INDEX)
    weir_load_error(steps->load, place, "funnel \"%.*s\": `on_enter`: there is no rule \"%.*s\" in this pack; write one with on = \"timer\"",
                    WEIR_FMT(funnel), WEIR_FMT(name));
  else if (!by_timer(&steps->load->rules[rule]))
    weir_load_error(steps->load, place, "funnel \"%.*s\": `on_enter`: the rule \"%.*s\" does not listen to timers: give it on = \"timer\"",
                    WEIR_FMT(funnel), WEIR_FMT(name));
  else return add(steps, (struct weir_stage_step){ stage, rule, { .from_ms = WEIR_RULE_DELAY_MIN_MS, .to_ms = WEIR_RULE_DELAY_MIN_MS } });
  return WEIR_OK;
}

static void no_stage(struct steps *steps, const struct weir_place *place, weir_str name) {
  weir_str nearest = weir_nearest(name, steps->funnel->stages, steps->funnel->stage_cnt);
  if (nearest.len)
    weir_load_error(steps->load, place, "funnel \"%.*s\": `on_enter`: there is no stage \"%.*s\"; did you mean \"%.*s\"?",
                    WEIR_FMT(steps->decl->name), WEIR_FMT(name), WEIR_FMT(nearest));
  else weir_load_error(steps->load, place, "funnel \"%.*s\": `on_enter`: there is no stage \"%.*s\"", WEIR_FMT(steps->decl->name), WEIR_FMT(name));
}

static weir_status enter_stage(struct steps *steps, const struct weir_member *member) {
  struct weir_reading reading;
  const weir_str *names;
  uint32_t cnt, stage = 0;
  char path[WEIR_TAG_MAX * 2];
  struct weir_buf buf;
  weir_buf_init(&buf, path, sizeof(path));
  weir_buf_text(&buf, "on_enter.");
  weir_buf_str(&buf, member->key);
  struct weir_place place = weir_load_place_str(steps->load, steps->decl, buf.full ? WEIR_STR("on_enter") : weir_buf_view(&buf));
  while (stage < steps->funnel->stage_cnt && !weir_str_eq(steps->funnel->stages[stage], member->key)) stage++;
  if (stage == steps->funnel->stage_cnt) {
    no_stage(steps, &place, member->key);
    return WEIR_OK;
  }
  weir_reading_begin(&reading, steps->load, steps->decl, &steps->load->work);
  reading.parse.key = WEIR_STR("on_enter");
  weir_status status = weir_parse_strings(&reading.parse, NULL, &member->value, &names, &cnt);
  if (status != WEIR_OK) return weir_reading_end(&reading, status);
  for (uint32_t i = 0; status == WEIR_OK && i < cnt; i++) status = enter_rule(steps, &place, stage, names[i]);
  return status;
}

static weir_status read_on_enter(struct steps *steps) {
  const struct weir_value *value = weir_value_get(&steps->decl->body, "on_enter");
  weir_status status = WEIR_OK;
  if (!value || !steps->funnel->stage_cnt) return WEIR_OK;
  if (value->kind != WEIR_VALUE_TABLE || value->u.t->list_cnt || !value->u.t->member_cnt) {
    struct weir_place place = weir_load_place(steps->load, steps->decl, "on_enter");
    weir_load_error(steps->load, &place, "funnel \"%.*s\": `on_enter`: expected stages and the rules to run: { added = \"welcome\" }", WEIR_FMT(steps->decl->name));
    return WEIR_OK;
  }
  for (uint32_t i = 0; status == WEIR_OK && i < value->u.t->member_cnt; i++) status = enter_stage(steps, &value->u.t->members[i]);
  return status;
}

/* ---- follow_up */

static weir_status read_follow_ups(struct steps *steps) {
  weir_status status = WEIR_OK;
  for (uint32_t i = 0; status == WEIR_OK && i < steps->load->ruleset->rule_cnt; i++) {
    const struct weir_follow_up *what = weir_rule_follow_up(&steps->load->rules[i]);
    if (!what || what->funnel != steps->funnel) continue;
    status = add(steps, (struct weir_stage_step){ what->stage, i, what->delay });
  }
  return status;
}

/* ---- stages that nobody can reach */

/* Whether a text of some rule file names the stage: a handler may lead there. */
static bool is_named(const struct weir_load *load, weir_str funnel, weir_str stage) {
  char text[2 * WEIR_TAG_MAX + 2];
  struct weir_buf buf;
  weir_buf_init(&buf, text, sizeof(text));
  weir_buf_str(&buf, funnel);
  weir_buf_byte(&buf, '/');
  weir_buf_str(&buf, stage);
  for (uint32_t f = 0; f < load->file_cnt; f++) {
    weir_str source = load->files[f].source;
    for (size_t i = 0; i + buf.len < source.len; i++) {
      char behind = source.ptr[i + buf.len];
      if (source.ptr[i] == text[0] && memcmp(source.ptr + i, text, buf.len) == 0 && (behind == '"' || behind == '\'')) return true;
    }
  }
  return false;
}

/* A rule that leads to the stage; NULL: none does. */
static const struct weir_rule *leader_of(const struct steps *steps, uint32_t stage) {
  for (uint32_t i = 0; i < steps->load->ruleset->rule_cnt; i++)
    if (weir_rule_leads_to(&steps->load->rules[i], steps->funnel, stage)) return &steps->load->rules[i];
  return NULL;
}

/* Whether a rule leads to the stage for people in none, or in a stage that somebody comes to. */
static bool is_led_to(const struct steps *steps, const bool reached[WEIR_FUNNEL_STAGES_MAX], uint32_t stage) {
  for (uint32_t i = 0; i < steps->load->ruleset->rule_cnt; i++) {
    const struct weir_rule *rule = &steps->load->rules[i];
    if (!weir_rule_leads_to(rule, steps->funnel, stage)) continue;
    if (weir_rule_lets_stand(rule, steps->funnel, WEIR_NO_INDEX)) return true;
    for (uint32_t from = 0; from < steps->funnel->stage_cnt; from++)
      if (from != stage && reached[from] && weir_rule_lets_stand(rule, steps->funnel, from)) return true;
  }
  return false;
}

/* A rule leads there, but only from stages that nobody comes to: the funnel breaks off before. */
static void tell_broken(struct steps *steps, const struct weir_place *place, uint32_t stage, const struct weir_rule *leader) {
  const struct weir_funnel *funnel = steps->funnel;
  weir_str from = { NULL, 0 };
  for (uint32_t i = 0; i < funnel->stage_cnt && !from.len; i++)
    if (i != stage && weir_rule_lets_stand(leader, funnel, i)) from = funnel->stages[i];
  weir_load_warning(steps->load, place, "funnel \"%.*s\": nobody can reach %s \"%.*s\": the rule %.*s leads there, but only from \"%.*s\", to which no rule leads",
                    WEIR_FMT(steps->decl->name), funnel->goal == stage ? "its goal" : "the stage", WEIR_FMT(funnel->stages[stage]), WEIR_FMT(leader->name),
                    WEIR_FMT(from.len ? from : funnel->stages[stage]));
}

static void tell_unreached(struct steps *steps) {
  const struct weir_load *load = steps->load;
  const struct weir_funnel *funnel = steps->funnel;
  bool reached[WEIR_FUNNEL_STAGES_MAX] = { false }, any = false, handlers = false, more = true;
  for (uint32_t i = 0; i < load->ruleset->rule_cnt; i++) handlers = handlers || load->rules[i].handler != WEIR_NO_INDEX;
  for (uint32_t i = 0; i < funnel->stage_cnt; i++) {
    any = any || leader_of(steps, i);
    reached[i] = handlers && is_named(load, steps->decl->name, funnel->stages[i]);
  }
  while (more) {
    more = false;
    for (uint32_t i = 0; i < funnel->stage_cnt; i++) {
      if (reached[i] || !is_led_to(steps, reached, i)) continue;
      reached[i] = more = true;
    }
  }
  for (uint32_t i = 0; any && i < funnel->stage_cnt; i++) {
    if (reached[i]) continue;
    const struct weir_rule *leader = leader_of(steps, i);
    struct weir_place place = weir_load_place_text(steps->load, steps->decl, "stages", funnel->stages[i], 0);
    if (leader) tell_broken(steps, &place, i, leader);
    else
      weir_load_warning(steps->load, &place, "funnel \"%.*s\": nobody can reach the stage \"%.*s\": no rule leads there (stage = \"%.*s/%.*s\")",
                        WEIR_FMT(steps->decl->name), WEIR_FMT(funnel->stages[i]), WEIR_FMT(steps->decl->name), WEIR_FMT(funnel->stages[i]));
  }
}

weir_status weir_load_steps(struct weir_load *load) {
  weir_status status = WEIR_OK;
  uint32_t i = 0;
  for (const struct weir_decl *d = load->decls[WEIR_DECL_FUNNEL].first; status == WEIR_OK && d && i < load->ruleset->funnel_cnt; d = d->next, i++) {
    struct steps steps = { .load = load, .decl = d, .funnel = &load->funnels[i] };
    status = read_on_enter(&steps);
    if (status == WEIR_OK) status = read_follow_ups(&steps);
    if (status == WEIR_OK && load->error_cnt == 0) tell_unreached(&steps);
    if (status != WEIR_OK || !steps.cnt) continue;
    struct weir_stage_step *items = weir_arena_array(load->arena, steps.cnt, sizeof(*items));
    if (!items) return weir_load_no_memory(load);
    memcpy(items, steps.items, steps.cnt * sizeof(*items));
    steps.funnel->steps = items;
    steps.funnel->step_cnt = steps.cnt;
  }
  return status == WEIR_OK ? load->fatal.status : status;
}
