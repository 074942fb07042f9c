/* rule.c: one rule. The keys that are the loader's own are read here; gates and actions read theirs themselves, each in
 * the order of its table, so that a rule means the same however its keys are ordered. */
#include <stdio.h>
#include <stdlib.h>

#include "limits.h"
#include "load/load.h"

/* ---- on */

static void no_such_kind(struct weir_reading *reading, weir_str name) {
  size_t cnt;
  const weir_str *names = weir_event_kind_names(&cnt);
  weir_str nearest = weir_nearest(name, names, cnt);
  if (nearest.len)
    weir_reading_bad(reading, "on", "there is no kind of event \"%.*s\"; did you mean \"%.*s\"?", WEIR_FMT(name),
                     WEIR_FMT(nearest));
  else
    weir_reading_bad(reading, "on",
                     "there is no kind of event \"%.*s\"; there are \"comment\", \"message\", \"follow\" ... and \"x-...\"",
                     WEIR_FMT(name));
}

static weir_status read_on(struct weir_reading *reading, struct weir_rule *rule) {
  const struct weir_value *value = weir_reading_key(reading, "on");
  const weir_str *names;
  weir_str *own;
  uint32_t cnt;
  if (!value) {
    if (weir_decl_is_whole(reading->load, reading->decl))
      weir_reading_bad(reading, "", "`on` is missing: which events is this rule for? Such as on = \"comment\"");
    return WEIR_OK;
  }
  if (weir_parse_strings(&reading->parse, NULL, value, &names, &cnt) != WEIR_OK) return weir_reading_end(reading, WEIR_E_RULES);
  own = weir_arena_array(reading->parse.arena, cnt, sizeof(*own));
  if (!own) return weir_load_no_memory(reading->load);
  for (uint32_t i = 0; i < cnt; i++) {
    enum weir_event_kind kind;
    if (!weir_event_kind_parse(names[i], &kind)) {
      no_such_kind(reading, names[i]);
      continue;
    }
    rule->kinds |= UINT32_C(1) << kind;
    if (kind == WEIR_EVENT_OWN) own[rule->own_kind_cnt++] = names[i];
  }
  rule->own_kinds = own;
  return WEIR_OK;
}

/* ---- What else is the loader's */

static weir_status read_on_limit(struct weir_reading *reading, struct weir_rule *rule) {
  const struct weir_value *value = weir_reading_key(reading, "on_limit");
  if (!value) return WEIR_OK;
  if (value->kind == WEIR_VALUE_STR && weir_str_eq(value->u.s, WEIR_STR("handoff"))) rule->on_limit_handoff = true;
  else weir_reading_bad(reading, "on_limit", "expected \"handoff\"; without it the next rules are tried");
  return WEIR_OK;
}

static weir_status read_run(struct weir_reading *reading, struct weir_rule *rule) {
  const struct weir_value *value = weir_reading_key(reading, "run");
  if (!value) return WEIR_OK;
  if (value->kind == WEIR_VALUE_FUNC) {
    rule->handler = value->u.func;
    weir_load_look_at_handler(reading->load, reading->decl);
  } else {
    weir_reading_bad(reading, "run", "expected a function: run = function(e) ... end");
  }
  return WEIR_OK;
}

static weir_status read_examples(struct weir_reading *reading, struct weir_rule *rule) {
  static const weir_str known[] = { { "yes", 3 }, { "no", 2 } };
  const struct weir_value *value = weir_reading_key(reading, "examples"), *list;
  weir_status status = WEIR_OK;
  if (!value) return WEIR_OK;
  if (value->kind != WEIR_VALUE_TABLE || value->u.t->list_cnt) {
    weir_reading_bad(reading, "examples", "expected { yes = { ... }, no = { ... } }");
    return WEIR_OK;
  }
  if (weir_parse_known(&reading->parse, value, known, 2) != WEIR_OK) status = WEIR_E_RULES;
  if ((list = weir_value_get(value, "yes")))
    status = weir_parse_strings(&reading->parse, "yes", list, &rule->yes, &rule->yes_cnt);
  if ((list = weir_value_get(value, "no"))) status = weir_parse_strings(&reading->parse, "no", list, &rule->no, &rule->no_cnt);
  if (rule->yes_cnt > WEIR_EXAMPLES_MAX || rule->no_cnt > WEIR_EXAMPLES_MAX)
    weir_reading_bad(reading, "examples", "has too many texts: at most %d of a kind", WEIR_EXAMPLES_MAX);
  return weir_reading_end(reading, status);
}

/* ---- When it comes round: every, at, defer */

static weir_status read_every(struct weir_reading *reading, struct weir_rule *rule) {
  const struct weir_value *every = weir_reading_key(reading, "every"), *at;
  int64_t to_ms;
  int32_t wall_to_ms;
  if (every && weir_parse_duration(&reading->parse, NULL, every, &rule->every_ms, &to_ms) == WEIR_OK) {
    if (rule->every_ms != to_ms) weir_reading_bad(reading, "every", "expected one length of time such as \"1d\", not a range");
    else if (rule->every_ms < WEIR_EVERY_MIN_MS) weir_reading_bad(reading, "every", "everybody is looked at each time: write \"10m\" or more");
    else if (rule->kinds != UINT32_C(1) << WEIR_EVENT_TIMER)
      weir_reading_bad(reading, "every", "the rule comes round by the clock: it needs on = \"timer\", and nothing else");
  }
  bool whole_days = every && rule->every_ms % 86400000 == 0;
  rule->every_wall_ms = WEIR_EVERY_WALL_MS;
  at = weir_reading_key(reading, "at");
  if (at && !whole_days)
    weir_reading_bad(reading, "at", every ? "goes with whole days: every = \"1d\""
                                          : "says when a rule with `every` begins; an action has its own: message = { \"...\", at = \"09:30\" }");
  else if (at && weir_parse_wall(&reading->parse, NULL, at, &rule->every_wall_ms, &wall_to_ms) == WEIR_OK && rule->every_wall_ms != wall_to_ms)
    weir_reading_bad(reading, "at", "expected one time of day such as \"09:30\", not a range");
  return weir_reading_end(reading, WEIR_OK);
}

static void check_defer(struct weir_reading *reading, const struct weir_rule *rule) {
  if (rule->defer && !weir_value_get(&reading->decl->body, "hours") && !weir_value_get(&reading->decl->body, "weekdays"))
    weir_reading_bad(reading, "defer", "waits for hours or weekdays, and the rule has neither");
}

/* It comes round when its own hours are closed. */
static void check_every(struct weir_reading *reading, const struct weir_rule *rule) {
  const struct weir_value *at = weir_value_get(&reading->decl->body, "at");
  char clock[16];
  if (rule->every_ms == 0 || rule->every_ms % 86400000 != 0 || rule->defer || weir_rule_opens(rule, rule->every_wall_ms)) return;
  (void)snprintf(clock, sizeof clock, "%02d:%02d", (int)(rule->every_wall_ms / 3600000), (int)(rule->every_wall_ms / 60000 % 60));
  weir_reading_bad(reading, at ? "at" : "every", "the rule comes round at %s%s, when its `hours` are closed, and would never fire: give it a time within them%s, or defer = true to wait for them",
                   clock, at ? "" : " where no `at` says otherwise", at ? "" : " by `at`");
}

/* ---- Gates and actions */

static weir_status read_gates(struct weir_reading *reading, struct weir_rule *rule) {
  size_t kind_cnt;
  const struct weir_gate_kind *const *kinds = weir_gate_kinds(&kind_cnt);
  struct weir_gate found[WEIR_GATES_MAX], *gates;
  weir_status status = WEIR_OK;
  for (int on_state = 0; on_state < 2; on_state++) {
    for (size_t i = 0; status == WEIR_OK && i < kind_cnt; i++) {
      const struct weir_value *value = kinds[i]->on_state == on_state ? weir_reading_key(reading, kinds[i]->name) : NULL;
      if (!value) continue;
      if (rule->gate_cnt == WEIR_GATES_MAX)
        return weir_fail(&reading->load->fatal, WEIR_E_LIMIT, "a rule has at most %d gates", WEIR_GATES_MAX);
      found[rule->gate_cnt] = (struct weir_gate){ .kind = kinds[i] };
      if (kinds[i]->parse(&reading->parse, value, &found[rule->gate_cnt].data) == WEIR_OK) rule->gate_cnt++;
      status = weir_reading_end(reading, WEIR_OK);
    }
    if (!on_state) rule->static_gate_cnt = rule->gate_cnt;
  }
  gates = weir_arena_array(reading->parse.arena, rule->gate_cnt, sizeof(*gates));
  if (!gates) return weir_load_no_memory(reading->load);
  if (rule->gate_cnt) memcpy(gates, found, rule->gate_cnt * sizeof(*gates));
  rule->gates = gates;
  return status;
}

static weir_status read_actions(struct weir_reading *reading, struct weir_rule *rule, uint32_t *written) {
  size_t kind_cnt;
  const struct weir_action_kind *const *kinds = weir_action_kinds(&kind_cnt);
  struct weir_action_def found[WEIR_RULE_ACTIONS_MAX], *actions;
  weir_status status = WEIR_OK;
  *written = 0;
  for (size_t i = 0; status == WEIR_OK && i < kind_cnt; i++) {
    const struct weir_value *value = weir_reading_key(reading, kinds[i]->name);
    if (!value) continue;
    if (++*written > WEIR_RULE_ACTIONS_MAX) {
      weir_reading_bad(reading, kinds[i]->name, "is one action too many: a rule has at most %d", WEIR_RULE_ACTIONS_MAX);
      break;
    }
    found[rule->action_cnt] = (struct weir_action_def){ .kind = kinds[i] };
    if (weir_value_get(value, "via")) reading->load->ruleset->via = true;
    if (kinds[i]->parse(&reading->parse, value, &found[rule->action_cnt].data) == WEIR_OK) rule->action_cnt++;
    status = weir_reading_end(reading, WEIR_OK);
  }
  if (rule->handler != WEIR_NO_INDEX && reading->load->ruleset->account_cnt > 1) reading->load->ruleset->via = true; /* it may say so */
  actions = weir_arena_array(reading->parse.arena, rule->action_cnt, sizeof(*actions));
  if (!actions) return weir_load_no_memory(reading->load);
  if (rule->action_cnt) memcpy(actions, found, rule->action_cnt * sizeof(*actions));
  rule->actions = actions;
  return status;
}

static bool sends(const struct weir_rule *rule) {
  for (uint32_t i = 0; i < rule->action_cnt; i++) {
    if (rule->actions[i].kind->outbound) return true;
  }
  return false;
}

/* ---- variants = { a = { weight = 2, message = "..." }, b = { ... } } */

/* "variants.a.message" */
static weir_status variant_path(struct weir_reading *reading, weir_str variant, weir_str key, weir_str *out) {
  static const char first[] = "variants.";
  size_t cap = sizeof first + variant.len + 1 + key.len;
  char *bytes = weir_arena_bytes(&reading->load->work, cap);
  struct weir_buf buf;
  if (!bytes) return weir_load_no_memory(reading->load);
  weir_buf_init(&buf, bytes, cap);
  weir_buf_text(&buf, first);
  weir_buf_str(&buf, variant);
  if (key.len) weir_buf_byte(&buf, '.');
  weir_buf_str(&buf, key);
  *out = weir_buf_view(&buf);
  return WEIR_OK;
}

static weir_status read_variant_keys(struct weir_reading *reading, const struct weir_member *m) {
  weir_str known[WEIR_ACTION_KINDS_MAX + 1] = { { "weight", 6 } };
  size_t kind_cnt, cnt = 1;
  const struct weir_action_kind *const *kinds = weir_action_kinds(&kind_cnt);
  for (size_t i = 0; i < kind_cnt && cnt <= WEIR_ACTION_KINDS_MAX; i++) known[cnt++] = weir_str_of(kinds[i]->name);
  weir_status status = variant_path(reading, m->key, (weir_str){ NULL, 0 }, &reading->parse.key);
  if (status != WEIR_OK) return status;
  if (m->value.kind != WEIR_VALUE_TABLE || m->value.u.t->list_cnt) {
    return weir_reading_end(reading, weir_parse_bad(&reading->parse, NULL, "expected actions, such as { message = \"...\" }"));
  }
  return weir_reading_end(reading, weir_parse_known(&reading->parse, &m->value, known, cnt));
}

static weir_status read_variant(struct weir_reading *reading, const struct weir_member *m, struct weir_variant *out) {
  size_t kind_cnt;
  const struct weir_action_kind *const *kinds = weir_action_kinds(&kind_cnt);
  struct weir_action_def found[WEIR_RULE_ACTIONS_MAX];
  int64_t weight = 1;
  const char *fault = weir_load_name_fault(m->key, WEIR_TAG_MAX);
  if (fault) weir_reading_bad(reading, "variants", "the name \"%.*s\" %s", WEIR_FMT(m->key), fault);
  weir_status status = read_variant_keys(reading, m);
  const struct weir_value *given = weir_value_get(&m->value, "weight");
  if (status == WEIR_OK && given) status = variant_path(reading, m->key, WEIR_STR("weight"), &reading->parse.key);
  if (status == WEIR_OK && given) status = weir_reading_end(reading, weir_parse_int(&reading->parse, NULL, given, 1, WEIR_VARIANT_WEIGHT_MAX, &weight));
  for (size_t i = 0; status == WEIR_OK && i < kind_cnt && out->action_cnt < WEIR_RULE_ACTIONS_MAX; i++) {
    const struct weir_value *value = weir_value_get(&m->value, kinds[i]->name);
    if (!value) continue;
    status = variant_path(reading, m->key, weir_str_of(kinds[i]->name), &reading->parse.key);
    if (status != WEIR_OK) return status;
    found[out->action_cnt] = (struct weir_action_def){ .kind = kinds[i] };
    if (kinds[i]->parse(&reading->parse, value, &found[out->action_cnt].data) == WEIR_OK) out->action_cnt++;
    status = weir_reading_end(reading, WEIR_OK);
  }
  struct weir_action_def *actions = weir_arena_array(reading->parse.arena, out->action_cnt + 1, sizeof(*actions));
  if (!actions || !weir_arena_str(reading->parse.arena, m->key, &out->name)) return weir_load_no_memory(reading->load);
  if (out->action_cnt) memcpy(actions, found, out->action_cnt * sizeof(*actions));
  out->actions = actions;
  out->weight = (uint32_t)weight;
  return status;
}

static weir_status read_variants(struct weir_reading *reading, struct weir_rule *rule, uint32_t *written) {
  const struct weir_value *value = weir_reading_key(reading, "variants");
  weir_status status = WEIR_OK;
  if (!value) return WEIR_OK;
  bool table = value->kind == WEIR_VALUE_TABLE && !value->u.t->list_cnt;
  uint32_t cnt = table ? value->u.t->member_cnt : 0;
  ++*written;
  if (cnt < 2 || cnt > WEIR_RULE_VARIANTS_MAX) {
    weir_reading_bad(reading, "variants", "expected two to %d named variants, such as { a = { message = \"...\" }, b = { message = \"...\" } }",
                     WEIR_RULE_VARIANTS_MAX);
    return WEIR_OK;
  }
  struct weir_variant *variants = weir_arena_zalloc(reading->parse.arena, cnt * sizeof(*variants));
  if (!variants) return weir_load_no_memory(reading->load);
  for (uint32_t i = 0; status == WEIR_OK && i < cnt; i++) status = read_variant(reading, &value->u.t->members[i], &variants[i]);
  rule->variants = variants;
  rule->variant_cnt = cnt;
  reading->load->ruleset->has_variants = true;
  return status;
}

static weir_status read_rule(struct weir_load *load, const struct weir_decl *decl, struct weir_rule *rule) {
  struct weir_reading reading;
  weir_status status;
  uint32_t actions = 0;
  if (decl->body.kind != WEIR_VALUE_TABLE) return WEIR_OK; /* that was told */
  weir_reading_begin(&reading, load, decl, load->arena);
  reading.parse.rule = rule->name;
  weir_reading_known(&reading, false);
  status = read_on(&reading, rule);
  reading.parse.kinds = rule->kinds;
  if (status == WEIR_OK) status = weir_reading_str(&reading, "title", WEIR_TITLE_MAX, &rule->title);
  if (status == WEIR_OK) status = weir_reading_bool(&reading, "enabled", &rule->enabled);
  if (status == WEIR_OK) status = weir_reading_bool(&reading, "continue", &rule->keep_on);
  if (status == WEIR_OK) status = weir_reading_bool(&reading, "defer", &rule->defer);
  if (status == WEIR_OK) status = read_every(&reading, rule);
  if (status == WEIR_OK) check_defer(&reading, rule);
  if (status == WEIR_OK) status = read_on_limit(&reading, rule);
  if (status == WEIR_OK) status = weir_load_pattern(load, decl, rule);
  if (status == WEIR_OK) status = read_gates(&reading, rule);
  if (status == WEIR_OK) check_every(&reading, rule);
  if (status == WEIR_OK) status = read_run(&reading, rule);
  if (status == WEIR_OK) status = read_actions(&reading, rule, &actions);
  if (status == WEIR_OK) status = read_variants(&reading, rule, &actions);
  if (status == WEIR_OK) status = read_examples(&reading, rule);
  if (status == WEIR_OK && !actions && !weir_value_get(&decl->body, "run") && weir_decl_is_whole(load, decl))
    weir_reading_bad(&reading, "", "does nothing: it needs an action such as reply = \"...\", or run = function(e) ... end");
  if (status == WEIR_OK && reading.parse.needs_outbound && !sends(rule) && !weir_value_get(&decl->body, "run") && weir_decl_is_whole(load, decl))
    weir_reading_bad(&reading, "stage", "waits for something to be sent, and the rule sends nothing: add a reply or message, or leave out on = \"sent\"");
  return status != WEIR_OK ? status : load->fatal.status;
}

/* For each kind of event the rules that listen to it and have no pattern. */
static weir_status list_unpatterned(struct weir_load *load) {
  struct weir_ruleset *rs = load->ruleset;
  for (uint32_t kind = 0; kind < WEIR_EVENT_KINDS; kind++) {
    uint32_t cnt = 0, *list;
    for (uint32_t i = 0; i < rs->rule_cnt; i++) cnt += rs->rules[i].pattern == WEIR_NO_INDEX && (rs->rules[i].kinds >> kind & 1);
    list = weir_arena_array(load->arena, cnt, sizeof(*list));
    if (!list) return weir_load_no_memory(load);
    rs->unpatterned[kind] = list;
    for (uint32_t i = 0; i < rs->rule_cnt; i++)
      if (rs->rules[i].pattern == WEIR_NO_INDEX && (rs->rules[i].kinds >> kind & 1)) list[rs->unpatterned_cnt[kind]++] = i;
  }
  return WEIR_OK;
}

/* The rules that come round. */
static weir_status list_rounds(struct weir_load *load) {
  struct weir_ruleset *rs = load->ruleset;
  uint32_t cnt = 0, *list;
  for (uint32_t i = 0; i < rs->rule_cnt; i++) cnt += rs->rules[i].every_ms > 0;
  if (cnt > WEIR_ROUNDS_MAX) return weir_fail(&load->fatal, WEIR_E_LIMIT, "%u rules have `every`; at most %d", cnt, WEIR_ROUNDS_MAX);
  if (!(list = weir_arena_array(load->arena, cnt, sizeof(*list)))) return weir_load_no_memory(load);
  rs->rounds = list;
  for (uint32_t i = 0; i < rs->rule_cnt; i++)
    if (rs->rules[i].every_ms > 0) list[rs->round_cnt++] = i;
  return WEIR_OK;
}

weir_status weir_load_rules(struct weir_load *load) {
  weir_status status = weir_load_patterns_begin(load);
  for (uint32_t i = 0; status == WEIR_OK && i < load->ruleset->rule_cnt; i++)
    status = read_rule(load, load->order[i], &load->rules[i]);
  if (status == WEIR_OK && load->error_cnt == 0) status = weir_load_patterns_finish(load);
  if (status == WEIR_OK) status = list_unpatterned(load);
  if (status == WEIR_OK) status = list_rounds(load);
  if (status == WEIR_OK) status = weir_load_steps(load);
  return status;
}
