/* calls.c: the verbs that a handler called, as actions of its rule. All calls are read before the first is performed, so that
 * one that is wrong leaves nothing half done. The actions' own parsers read them: a handler can say what a rule can, no more. */
#include <stdio.h>

#include "decide/pending.h"
#include "decide/parse.h"
#include "limits.h"
#include "script/script.h"
#include "text/utf8.h"

struct after {
  int64_t from_ms, to_ms;
  weir_str rule; /* "pack/rule" */
};

/* A call that was read. */
struct planned {
  const struct weir_action_kind *kind; /* NULL: after */
  const void *data;
  struct after after;
};

struct complaint {
  char *bad;
  size_t cap;
  bool any;
};

/* The first finding is the handler's error. */
static void take_report(void *ctx, weir_str key, const char *message) {
  struct complaint *complaint = ctx;
  if (complaint->any || complaint->cap == 0) return;
  complaint->any = true;
  int n = snprintf(complaint->bad, complaint->cap, "e:%.*s: %s", WEIR_FMT(key), message);
  complaint->bad[n < 0 ? 0 : weir_utf8_valid(weir_str_of(complaint->bad))] = '\0';
}

/* ---- after("2h", "rule") */

/* The rule of this pack that is nearest to `name`, among the first that timers can run. */
static weir_str nearest_rule(const struct weir_parse *p, weir_str name) {
  weir_str names[WEIR_HINTS_MAX];
  size_t cnt = 0;
  for (uint32_t i = 0; i < p->ruleset->rule_cnt && cnt < WEIR_HINTS_MAX; i++) {
    const struct weir_rule *rule = &p->ruleset->rules[i];
    bool runs = rule->kinds & UINT32_C(1) << WEIR_EVENT_TIMER;
    if (runs && weir_parse_in_pack(rule->name, p->pack->name)) names[cnt++] = weir_parse_own_name(rule->name);
  }
  return weir_nearest(name, names, cnt);
}

static weir_status find_rule(struct weir_parse *p, weir_str name, weir_str *full) {
  weir_str quoted = weir_parse_quote(name);
  for (uint32_t i = 0; i < p->ruleset->rule_cnt; i++) {
    const struct weir_rule *rule = &p->ruleset->rules[i];
    if (!weir_parse_full_name(rule->name, p->pack->name, name)) continue;
    if (!(rule->kinds & UINT32_C(1) << WEIR_EVENT_TIMER)) {
      return weir_parse_bad(p, NULL, "the rule \"%.*s\" does not listen to timers: give it on = \"timer\"", WEIR_FMT(quoted));
    }
    *full = rule->name;
    return WEIR_OK;
  }
  weir_str near = nearest_rule(p, name);
  if (near.len) {
    return weir_parse_bad(p, NULL, "there is no rule \"%.*s\" in this pack; did you mean \"%.*s\"?", WEIR_FMT(quoted),
                          WEIR_FMT(near));
  }
  return weir_parse_bad(p, NULL, "there is no rule \"%.*s\" in this pack; write one with on = \"timer\"", WEIR_FMT(quoted));
}

static weir_status read_after(struct weir_parse *p, const struct weir_call *call, struct after *out) {
  if (call->arg_cnt != 2 || call->args[1].kind != WEIR_VALUE_STR) {
    return weir_parse_bad(p, NULL, "expected a time and the name of a rule, such as e:after(\"2h\", \"offer the group\")");
  }
  weir_status status = weir_parse_duration(p, NULL, &call->args[0], &out->from_ms, &out->to_ms);
  return status == WEIR_OK ? find_rule(p, call->args[1].u.s, &out->rule) : status;
}

static weir_status set_after(struct weir_decide *d, const struct after *after, weir_error *err) {
  /* a rule that sets itself again must let others in between */
  int64_t from_ms = after->from_ms > WEIR_RULE_DELAY_MIN_MS ? after->from_ms : WEIR_RULE_DELAY_MIN_MS;
  int64_t to_ms = after->to_ms > from_ms ? after->to_ms : from_ms;
  int64_t delay = from_ms + (int64_t)weir_decide_choose(d, "delay", (uint64_t)(to_ms - from_ms) + 1);
  weir_status status = weir_act_timer(d, WEIR_TIMER_RULE, d->now_ms + delay, after->rule, (weir_str){ NULL, 0 }, err);
  if (status != WEIR_OK) return status;
  d->waiting_cnt++;
  d->rule_done++;
  d->rule_said++;
  weir_decide_trace(d, d->rule->name, WEIR_REASON_ACTION_WAITS, "after: rule %.*s in %lld s", WEIR_FMT(after->rule),
                    (long long)(delay + 999) / 1000);
  return WEIR_OK;
}

/* ---- Reading and performing */

static weir_status read_call(struct weir_parse *p, const struct weir_call *call, struct planned *out) {
  static const struct weir_value yes = { WEIR_VALUE_BOOL, { .b = true } };
  p->key = call->verb;
  if (weir_str_eq(call->verb, WEIR_STR("after"))) return read_after(p, call, &out->after);
  out->kind = weir_action_kind_find(call->verb);
  if (!out->kind) return weir_parse_bad(p, NULL, "there is no such verb");
  if (call->arg_cnt > 1) return weir_parse_bad(p, NULL, "takes one value: put several into a table, { ... }");
  /* e:follow() and e:follow(nil) mean follow = true */
  bool bare = call->arg_cnt == 0 || call->args[0].kind == WEIR_VALUE_NIL;
  return out->kind->parse(p, bare ? &yes : &call->args[0], &out->data);
}

static weir_status read_calls(struct weir_decide *d, const struct weir_call *calls, uint32_t call_cnt, struct planned *plan,
                              struct complaint *complaint, weir_error *err) {
  struct weir_parse p = { .arena = d->arena,
                          .ruleset = d->ruleset,
                          .pack = &d->ruleset->packs[d->rule->pack],
                          .rule = d->rule->name,
                          .kinds = d->rule->kinds,
                          .handler = true,
                          .report = take_report,
                          .ctx = complaint,
                          .key = WEIR_STR("handler") };
  if (call_cnt > WEIR_SCRIPT_CALLS_MAX)
    return weir_parse_bad(&p, NULL, "%u calls are too many: at most %d", (unsigned)call_cnt, WEIR_SCRIPT_CALLS_MAX);
  for (uint32_t i = 0; i < call_cnt; i++) {
    weir_status status = read_call(&p, &calls[i], &plan[i]);
    if (p.no_memory) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
    if (status != WEIR_OK) return status;
  }
  return WEIR_OK;
}

static bool opts(const struct weir_decide *d, const struct planned *plan, uint32_t cnt) {
  for (uint32_t i = 0; i < cnt; i++) {
    if (weir_decide_opts(d, plan[i].kind)) return true;
  }
  return false;
}

weir_status weir_decide_calls(struct weir_decide *d, const struct weir_call *calls, uint32_t call_cnt, bool *failed, char *bad,
                              size_t bad_cap, weir_error *err) {
  struct planned plan[WEIR_SCRIPT_CALLS_MAX];
  struct complaint complaint = { bad, bad_cap, false };
  memset(plan, 0, sizeof plan);
  *failed = false;
  if (bad_cap) bad[0] = '\0';
  weir_status status = read_calls(d, calls, call_cnt, plan, &complaint, err);
  if (status == WEIR_E_RULES) {
    *failed = true;
    return WEIR_OK;
  }
  if (status == WEIR_OK) status = weir_decide_person(d, err);
  if (status != WEIR_OK) return status;
  d->opting_out = opts(d, plan, call_cnt);
  d->rule_done = d->rule_dropped = 0;
  weir_decide_trace(d, d->rule->name, WEIR_REASON_FIRED, NULL);
  for (uint32_t i = 0; i < call_cnt && status == WEIR_OK; i++) {
    d->place = d->rule->action_cnt + i;
    if (plan[i].kind) status = plan[i].kind->perform(plan[i].kind, plan[i].data, d, err);
    else status = set_after(d, &plan[i].after, err);
  }
  return status;
}
