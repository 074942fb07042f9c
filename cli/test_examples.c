/* test_examples.c: the examples that stand in the rules. `yes`: a new person who writes that is answered by this rule and no
 * other. `no`: the loader has looked whether the rule's pattern is in it, and warned. */
#include <string.h>

#include "test.h"

/* What the trace says of `rule`; *winner is who fired instead. */
static const weir_trace *find(const weir_verdict *v, weir_str rule, weir_str *winner) {
  const weir_trace *mine = NULL;
  *winner = (weir_str){ NULL, 0 };
  for (size_t i = 0; i < v->trace_cnt; i++) {
    const weir_trace *t = &v->trace[i];
    bool same = t->rule.len == rule.len && memcmp(t->rule.ptr, rule.ptr, rule.len) == 0;
    if (same && !mine) mine = t;
    if (!same && t->reason == WEIR_REASON_FIRED && !winner->len) *winner = t->rule;
  }
  return mine;
}

static void tell(const weir_example *example, const char *what, weir_str detail) {
  fputs("#   \"", stdout);
  print_text(stdout, example->text);
  printf("\" %s", what);
  print_text(stdout, detail);
  putchar('\n');
}

static bool judge(const weir_example *example, const weir_rule_info *rule, const weir_verdict *v) {
  weir_str winner;
  const weir_trace *mine = find(v, rule->name, &winner);
  weir_reason reason = mine ? mine->reason : WEIR_REASON_NOT_REACHED;
  switch (reason) {
    case WEIR_REASON_FIRED: return true;
    case WEIR_REASON_GATE:
    case WEIR_REASON_DECLINED: return true; /* the pattern was looked at by the loader; whom the rule is for, a scenario tells */
    case WEIR_REASON_NOT_REACHED:
      if (example->needs_past) return true;
      tell(example, "is answered by another rule: ", winner);
      return false;
    default:
      tell(example, "does not make the rule fire: ", (weir_str){ weir_reason_name(reason), strlen(weir_reason_name(reason)) });
      if (mine->detail.len) tell(example, "because: ", mine->detail);
      return false;
  }
}

/* Two engines: the one that names every rule of an event takes a hundred times as long with 10,000 rules, and is asked only why a rule did
 * not fire. */
struct engines {
  weir_engine *quick, *full;
};

static bool same(weir_str a, weir_str b) { return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0; }

/* Notes what fired; whether the rule at `index` did. */
static bool note_all(struct tests *t, const weir_verdict *v, size_t index, const weir_rule_info *rule) {
  bool mine = false;
  for (size_t i = 0; i < v->trace_cnt; i++) {
    if (v->trace[i].reason != WEIR_REASON_FIRED) continue;
    if (same(v->trace[i].rule, rule->name)) mine = t->fired[index] = true;
    else tests_note_fired(t, v->trace[i].rule);
  }
  return mine;
}

static bool try_example(struct tests *t, const struct engines *engines, size_t index, const weir_rule_info *rule, const weir_example *example) {
  weir_event event = { .struct_size = sizeof event, .id = { "example", 7 }, .channel = example->channel, .account = example->account,
                       .type = example->type, .time_ms = EXAMPLE_TIME_MS, .contact_id = { "u1", 2 }, .text = example->text, .post = { "v1", 2 },
                       .mentioned = -1, .is_follower = -1 };
  weir_verdict v;
  weir_error err;
  if (!event.channel.len) {
    event.channel = (weir_str){ "channel", 7 };
    event.account = (weir_str){ "account", 7 };
  }
  weir_status status = weir_decide(engines->quick, &event, EXAMPLE_TIME_MS, &v, &err);
  if (!status && note_all(t, &v, index, rule)) return true;
  if (!status) status = weir_decide(engines->full, &event, EXAMPLE_TIME_MS, &v, &err);
  if (status) {
    tell(example, "is refused: ", (weir_str){ err.message, strlen(err.message) });
    return false;
  }
  return !example->yes || judge(example, rule, &v);
}

static void test_rule(struct tests *t, const struct engines *engines, size_t index) {
  weir_rule_info rule;
  weir_example example;
  unsigned good = 0, bad = 0;
  if (!weir_ruleset_rule(t->rules, index, &rule) || !weir_ruleset_example(t->rules, index, 0, &example)) return;
  for (size_t i = 0; weir_ruleset_example(t->rules, index, i, &example); i++) {
    if (!example.yes) continue;
    if (try_example(t, engines, index, &rule, &example)) good++;
    else bad++;
  }
  bool warned = tests_warned(t, rule.name);
  if (warned) printf("#   see the warnings above\n");
  tests_point(t, bad == 0 && !warned, "examples of %.*s", FMT(rule.name));
}

bool test_examples(struct tests *t) {
  struct engines engines = { NULL, NULL };
  weir_error err;
  weir_config config = { .struct_size = sizeof config, .ruleset = t->rules, .dry = true };
  coverage_watch(t->parts, &config);
  weir_status status = weir_engine_open(&engines.quick, &config, &err);
  config.trace = true;
  if (!status) status = weir_engine_open(&engines.full, &config, &err);
  if (status) {
    complain("test", &err);
    weir_engine_close(engines.quick);
    return false;
  }
  size_t cnt = weir_ruleset_rule_count(t->rules);
  for (size_t i = 0; i < cnt; i++) test_rule(t, &engines, i);
  weir_engine_close(engines.quick);
  weir_engine_close(engines.full);
  return true;
}
