/* rules.c: one event through the rules, in their order. A rule's tests run from cheap to dear: event kind, static gates, exact
 * pattern, state gates, handler. The first rule that passes fires and ends the search, unless it says `continue = true`. */
#include "engine.h"
#include "text/utf8.h"
#include "limits.h"

enum step { STEP_NEXT, STEP_STOP }; /* after a rule: try the next, or end the search */

static bool hears(const struct weir_rule *rule, const struct weir_decide *d) {
  if (!(rule->kinds & UINT32_C(1) << d->kind)) return false;
  if (d->kind != WEIR_EVENT_OWN) return true;
  for (uint32_t i = 0; i < rule->own_kind_cnt; i++) {
    if (weir_str_eq(rule->own_kinds[i], d->event->type)) return true;
  }
  return false;
}

/* Asks gates [from, to). *passed says whether all let the event through; a refusal is traced. */
static weir_status ask_gates(struct weir_decide *d, uint32_t from, uint32_t to, bool *passed, weir_error *err) {
  *passed = false;
  for (uint32_t i = from; i < to; i++) {
    const struct weir_gate *gate = &d->rule->gates[i];
    enum weir_gate_answer answer = gate->kind->ask(gate->data, d, err);
    if (answer == WEIR_GATE_BROKEN) return err && err->status < 0 ? err->status : WEIR_E_STATE;
    if (answer == WEIR_GATE_PASS) continue;
    weir_decide_reached(d, WEIR_PART_GATE, i);
    if (d->trace.all) {
      char text[WEIR_WHY_MAX];
      struct weir_buf why;
      weir_buf_init(&why, text, sizeof text);
      gate->kind->explain(gate->data, d, &why);
      weir_decide_trace(d, d->rule->name, WEIR_REASON_GATE, "%.*s", WEIR_FMT(weir_buf_view(&why)));
    }
    return WEIR_OK;
  }
  *passed = true;
  return WEIR_OK;
}

/* A person takes over where a limit kept us from knowing (on_limit = "handoff"), or where a pool has nothing to give. */
static weir_status hand_off(weir_engine *e, struct weir_rules_outcome *out, enum step *step, weir_error *err) {
  struct weir_decide *d = &e->decide;
  weir_engine_name(e);
  weir_engine_key_windows(e);
  struct weir_call call = { .verb = WEIR_STR("handoff"), .arg_cnt = 1 };
  call.args[0].kind = WEIR_VALUE_BOOL;
  call.args[0].u.b = true;
  bool failed = false;
  char bad[WEIR_WHY_MAX];
  weir_status st = weir_decide_person(d, err);
  if (!st) st = weir_decide_calls(d, &call, 1, &failed, bad, sizeof bad, err);
  if (st) return st;
  out->fired = true;
  *step = STEP_STOP;
  return WEIR_OK;
}

static weir_status at_limit(weir_engine *e, weir_str limit, struct weir_rules_outcome *out, enum step *step, weir_error *err) {
  struct weir_decide *d = &e->decide;
  out->limit = true;
  e->stats.limits++;
  weir_decide_trace(d, d->rule->name, WEIR_REASON_LIMIT, "limit: %.*s", WEIR_FMT(limit));
  if (e->struck) return WEIR_OK; /* the event is aborted as a whole */
  return d->rule->on_limit_handoff ? hand_off(e, out, step, err) : WEIR_OK;
}

/* A handler that is put aside is not run: nobody knows what it would have said. */
static weir_status at_aside(weir_engine *e, int64_t left_ms, struct weir_rules_outcome *out, enum step *step, weir_error *err) {
  char text[WEIR_WHY_MAX];
  struct weir_buf why;
  weir_buf_init(&why, text, sizeof text);
  weir_buf_printf(&why, "the rule is put aside for %lld s more", (long long)(left_ms + 999) / 1000);
  return at_limit(e, weir_buf_view(&why), out, step, err);
}

/* It emits nothing, and has a strike. The deadline's are none: they depend on the machine. */
static weir_status at_kill(weir_engine *e, weir_str message, struct weir_rules_outcome *out, enum step *step, weir_error *err) {
  struct weir_decide *d = &e->decide;
  if (!weir_str_starts(message, WEIR_STR("deadline")) && weir_strikes_add(e, d->rule->handler)) {
    weir_decide_trace(d, d->rule->name, WEIR_REASON_ASIDE, "its handler was stopped %d times in %d minutes: put aside for %d minutes, or until the rules are loaded anew",
                      WEIR_STRIKES_MAX, (int)(WEIR_STRIKE_WINDOW_MS / 60000), (int)(WEIR_STRIKE_ASIDE_MS / 60000));
  }
  return at_limit(e, message, out, step, err);
}

static void tell_line(void *ctx, uint32_t line) { weir_decide_reached(ctx, WEIR_PART_LINE, line); }
static void tell_part(void *ctx, bool regex, uint32_t index) { weir_decide_reached(ctx, regex ? WEIR_PART_REGEX : WEIR_PART_KEYWORD, index); }

/* Decides the rule's pattern. *go: it is in the text (or the rule has none). */
static weir_status match_pattern(weir_engine *e, struct weir_rules_outcome *out, bool *go, enum step *step, weir_error *err) {
  struct weir_decide *d = &e->decide;
  *go = false;
  memset(&d->found, 0, sizeof d->found);
  if (d->rule->pattern == WEIR_NO_INDEX) {
    *go = true;
    return WEIR_OK;
  }
  if (!d->event->text.len) {
    weir_decide_trace(d, d->rule->name, WEIR_REASON_NO_MATCH, "there is no text");
    return WEIR_OK;
  }
  switch (weir_match_pattern(e->rooms.match, d->rule->pattern, &d->found)) {
    case WEIR_MATCH_YES:
      *go = true;
      if (d->config->reached) weir_match_parts(e->rooms.match, d->rule->pattern, tell_part, d);
      return WEIR_OK;
    case WEIR_MATCH_LIMIT: return at_limit(e, d->found.limit, out, step, err);
    case WEIR_MATCH_EXCEPT:
      weir_decide_reached(d, WEIR_PART_EXCEPT, 0);
      weir_decide_trace(d, d->rule->name, WEIR_REASON_EXCEPT, "forbids it");
      return WEIR_OK;
    case WEIR_MATCH_NO: break;
  }
  weir_decide_trace(d, d->rule->name, WEIR_REASON_NO_MATCH, NULL);
  return WEIR_OK;
}

/* A copy of a name that can be shown: the event's, which is the newest, or the one the store knows. */
static bool show_name(struct weir_decide *d, weir_str *out) {
  weir_str name = d->event->contact_name.len ? d->event->contact_name : d->person.name;
  char *bytes = weir_arena_bytes(d->arena, WEIR_USER_TEXT_MAX * 4);
  if (!bytes) return false;
  *out = (weir_str){ bytes, weir_policy_user_text(name, false, bytes, WEIR_USER_TEXT_MAX * 4) };
  return true;
}

/* Calls the rule's handler with what it may see. */
static weir_status call_handler(weir_engine *e, enum weir_script_result *result, struct weir_script_run *run, weir_error *err) {
  struct weir_decide *d = &e->decide;
  weir_str groups[WEIR_MATCH_GROUPS], pack, name;
  for (uint32_t i = 0; i < d->found.group_cnt; i++) groups[i] = weir_decide_group(d, i);
  if (!weir_arena_str(d->arena, d->ruleset->packs[d->rule->pack].name, &pack) || !show_name(d, &name)) {
    return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  }
  struct weir_person person = d->person;
  weir_event seen = *d->event;
  person.name = seen.contact_name = name;
  size_t text_len = weir_utf8_cut(seen.text, seen.text.len < WEIR_TEXT_MAX ? seen.text.len : WEIR_TEXT_MAX);
  struct weir_script_event event = {
    .event = &seen, .kind = d->kind, .rule = d->rule->name, .text = { seen.text.ptr, text_len }, .groups = groups,
    .group_cnt = d->found.group_cnt, .person = &person, .pack = pack.ptr, .now_ms = d->now_ms, .seed = d->seed,
  };
  weir_script_lines(e->rooms.script, d->config->reached ? tell_line : NULL, d);
  return weir_script_run(e->rooms.script, d->rule->handler, &event, d->arena, result, run, err);
}

static weir_status run_handler(weir_engine *e, struct weir_rules_outcome *out, enum step *step, bool *fired, weir_error *err) {
  struct weir_decide *d = &e->decide;
  enum weir_script_result result;
  struct weir_script_run run;
  *fired = false;
  int64_t left_ms = weir_strikes_aside_ms(e, d->rule->handler);
  if (left_ms > 0) return at_aside(e, left_ms, out, step, err);
  weir_status st = call_handler(e, &result, &run, err);
  if (st) return st;
  if (result == WEIR_SCRIPT_KILLED) return at_kill(e, weir_str_of(run.message), out, step, err);
  if (result == WEIR_SCRIPT_DECLINED) {
    weir_decide_trace(d, d->rule->name, WEIR_REASON_DECLINED, "its handler returned false");
    return WEIR_OK;
  }
  bool failed = result == WEIR_SCRIPT_FAILED;
  char bad[WEIR_WHY_MAX] = "";
  if (!failed) st = weir_decide_calls(d, run.calls, run.call_cnt, &failed, bad, sizeof bad, err);
  if (st) return st;
  if (failed) {
    e->stats.script_errors++;
    weir_decide_trace(d, d->rule->name, WEIR_REASON_ERROR, "%s", bad[0] ? bad : run.message);
    return WEIR_OK;
  }
  *fired = true;
  return WEIR_OK;
}

/* Nothing of what the rule says to the person may be said: then nothing else of it is true either (a paper that was not delivered
 * is no stage "delivered"), and nothing is claimed. That he opts out, or needs a human, holds whatever is said. */
static void take_back_silenced(struct weir_decide *d, struct weir_decide_mark before) {
  for (uint32_t i = before.change_cnt; i < d->changes.cnt; i++) {
    enum weir_change_kind kind = d->changes.items[i].kind;
    if (kind == WEIR_CHANGE_OPT_OUT || kind == WEIR_CHANGE_HANDOFF) return;
  }
  before.trace_cnt = d->trace.cnt; /* why it was silenced stays */
  before.dropped_cnt = d->dropped_cnt;
  weir_decide_back(d, &before);
}

static weir_status fire(weir_engine *e, struct weir_rules_outcome *out, enum step *step, weir_error *err) {
  struct weir_decide *d = &e->decide;
  bool fired = true;
  weir_engine_key_windows(e);
  weir_status st = weir_decide_person(d, err);
  if (st) return st;
  struct weir_decide_mark before = weir_decide_here(d);
  d->used_up = NULL;
  d->used_up_handoff = false;
  d->rule_said = d->rule_silenced = 0;
  if (d->rule->handler != WEIR_NO_INDEX) st = run_handler(e, out, step, &fired, err);
  if (st || !fired) return st;
  if (d->rule->handler == WEIR_NO_INDEX) weir_decide_trace(d, d->rule->name, WEIR_REASON_FIRED, NULL); /* calls say so themselves */
  st = weir_decide_fire(d, err);
  if (st) return st;
  if (d->used_up) { /* "look at your messages" must not be said when no message can go: another rule may know better */
    weir_decide_back(d, &before);
    weir_decide_trace(d, d->rule->name, WEIR_REASON_GATE, "%s", d->used_up);
    e->stats.used_up++;
    return d->used_up_handoff ? hand_off(e, out, step, err) : WEIR_OK;
  }
  if (d->rule_silenced && !d->rule_said) take_back_silenced(d, before);
  weir_decide_count(d, d->rule->name, "fired"); /* an event for which a rule fires leaves a mark in any case: no more is written for this alone */
  out->fired = true;
  *step = d->rule->keep_on ? STEP_NEXT : STEP_STOP;
  return WEIR_OK;
}

static weir_status consider(weir_engine *e, const struct weir_rule *rule, struct weir_rules_outcome *out, enum step *step, weir_error *err) {
  struct weir_decide *d = &e->decide;
  bool go = false;
  *step = STEP_NEXT;
  d->rule = rule;
  d->found.group_cnt = 0;
  if (!rule->enabled) {
    weir_decide_trace(d, rule->name, WEIR_REASON_DISABLED, NULL);
    return WEIR_OK;
  }
  if (!hears(rule, d)) {
    weir_decide_trace(d, rule->name, WEIR_REASON_EVENT, NULL);
    return WEIR_OK;
  }
  if (rule->static_gate_cnt > 0) weir_engine_name(e);
  weir_status st = ask_gates(d, 0, rule->static_gate_cnt, &go, err);
  if (st || !go) return st;
  st = match_pattern(e, out, &go, step, err);
  if (st || !go) return st;
  weir_engine_name(e);
  if (rule->gate_cnt > rule->static_gate_cnt) {
    d->state_asked = true;
    st = ask_gates(d, rule->static_gate_cnt, rule->gate_cnt, &go, err);
    if (st || !go) return st;
  }
  return fire(e, out, step, err);
}

/* Every rule, for the full trace. Its decisions are those of the short way. */
static weir_status run_all(weir_engine *e, struct weir_rules_outcome *out, weir_error *err) {
  const weir_ruleset *rs = e->rooms.ruleset;
  enum step step = STEP_NEXT;
  for (uint32_t i = 0; i < rs->rule_cnt; i++) {
    if (step == STEP_STOP || e->struck) {
      weir_decide_trace(&e->decide, rs->rules[i].name, WEIR_REASON_NOT_REACHED, NULL);
      continue;
    }
    weir_status st = consider(e, &rs->rules[i], out, &step, err);
    if (st) return st;
  }
  return WEIR_OK;
}

/* Candidates of the prefilter and rules without pattern, merged in rule order. */
weir_status weir_rules_run(weir_engine *e, struct weir_rules_outcome *out, weir_error *err) {
  const weir_ruleset *rs = e->rooms.ruleset;
  const struct weir_decide *d = &e->decide;
  memset(out, 0, sizeof *out);
  if (d->trace.all) return run_all(e, out, err);

  uint32_t pattern = d->event->text.len ? weir_match_next(e->rooms.match, 0) : WEIR_NO_INDEX;
  uint32_t bare = 0;
  const uint32_t *bares = rs->unpatterned[d->kind];
  while (true) {
    uint32_t by_pattern = pattern == WEIR_NO_INDEX ? WEIR_NO_INDEX : rs->pattern_rule[pattern];
    uint32_t by_kind = bare < rs->unpatterned_cnt[d->kind] ? bares[bare] : WEIR_NO_INDEX;
    uint32_t rule = by_pattern < by_kind ? by_pattern : by_kind;
    if (rule == WEIR_NO_INDEX) return WEIR_OK;

    enum step step;
    weir_status st = consider(e, &rs->rules[rule], out, &step, err);
    if (st || step == STEP_STOP || e->struck) return st;
    if (rule == by_pattern) pattern = weir_match_next(e->rooms.match, pattern + 1);
    else bare++;
  }
}

weir_status weir_rules_run_one(weir_engine *e, const struct weir_rule *rule, struct weir_rules_outcome *out, weir_error *err) {
  enum step step;
  memset(out, 0, sizeof *out);
  return consider(e, rule, out, &step, err);
}

bool weir_rules_suits(weir_engine *e, const struct weir_rule *rule, weir_error *err) {
  struct weir_decide *d = &e->decide;
  d->rule = rule;
  for (uint32_t i = 0; i < rule->static_gate_cnt; i++) {
    if (rule->gates[i].kind->ask(rule->gates[i].data, d, err) != WEIR_GATE_PASS) return false;
  }
  return true;
}
