/* timers.c: what fell due. A timer is an action that waited, or a rule to be run for somebody; it is decided like an event, with
 * an identity of its own. */
#include "engine.h"

static const struct weir_rule *rule_of(const weir_ruleset *rs, weir_str name) {
  for (uint32_t i = 0; i < rs->rule_cnt; i++) {
    if (weir_str_eq(rs->rules[i].name, name)) return &rs->rules[i];
  }
  return NULL;
}

static weir_status run_timer(weir_engine *e, const struct weir_timer *timer, struct weir_rules_outcome *rules, weir_error *err) {
  struct weir_decide *d = &e->decide;
  memset(rules, 0, sizeof *rules);
  weir_status st = weir_decide_person(d, err);
  if (st) return st;
  const struct weir_rule *rule = rule_of(e->rooms.ruleset, timer->rule);
  if (!rule) {
    weir_decide_trace(d, timer->rule, WEIR_REASON_ACTION_DROPPED, "the rule is gone");
    d->dropped_cnt++;
    return WEIR_OK;
  }
  if (timer->kind == WEIR_TIMER_RULE) return weir_rules_run_one(e, rule, rules, err);
  d->rule = rule;
  rules->fired = true;
  return weir_decide_timer_action(d, timer, err);
}

static weir_status tick(weir_engine *e, const struct weir_timer *timer, int64_t now_ms, weir_verdict *verdict, weir_error *err) {
  weir_event event = { .struct_size = sizeof event, .channel = timer->contact.channel, .account = timer->contact.account, .type = WEIR_STR("timer"),
                       .contact_id = timer->contact.id, .post = timer->post, .time_ms = timer->due_ms, .mentioned = -1, .is_follower = -1 };
  weir_event *kept = weir_arena_alloc(&e->arena, sizeof *kept);
  char *cause = weir_arena_bytes(&e->arena, timer->cause.len + 12);
  if (!kept || !cause) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  struct weir_buf name;
  weir_buf_init(&name, cause, timer->cause.len + 12);
  weir_buf_str(&name, timer->cause);
  weir_buf_byte(&name, '#');
  weir_buf_uint(&name, timer->occurrence);
  event.id = weir_buf_view(&name);
  *kept = event;

  unsigned char identity[WEIR_ID_BYTES];
  char occurrence[12];
  struct weir_buf number;
  weir_buf_init(&number, occurrence, sizeof occurrence);
  weir_buf_uint(&number, timer->occurrence);
  const weir_str parts[] = { WEIR_STR("timer"), timer->origin, timer->rule, weir_buf_view(&number) };
  weir_id_hash((weir_str){ NULL, 0 }, parts, sizeof parts / sizeof *parts, identity);
  weir_engine_prepare(e, kept, WEIR_EVENT_TIMER, identity, now_ms);

  struct weir_rules_outcome rules;
  struct weir_change done = { .kind = WEIR_CHANGE_TIMER_DONE, .number = (int64_t)timer->id };
  weir_status st = weir_decide_change(&e->decide, &done, err);
  if (!st) st = run_timer(e, timer, &rules, err);
  if (!st) st = weir_engine_finish(e, kept->id, verdict, err);
  if (!st) weir_engine_result(&rules, verdict);
  return st;
}

/* A timer that cannot be carried out would come back with every tick and keep all later ones from their turn: it is given up,
 * and said so. */
static weir_status give_up(weir_engine *e, const struct weir_timer *timer, weir_status why, weir_verdict *verdict, weir_error *err) {
  struct weir_decide *d = &e->decide;
  struct weir_change done = { .kind = WEIR_CHANGE_TIMER_DONE, .number = (int64_t)timer->id };
  e->actions_json.len = 0;
  d->action_cnt = d->waiting_cnt = d->dropped_cnt = d->changes.cnt = d->trace.cnt = 0;
  weir_status st = weir_decide_change(d, &done, err);
  weir_decide_trace(d, timer->rule, WEIR_REASON_ACTION_DROPPED, "what was to happen now cannot be done: %s", weir_status_name(why));
  d->dropped_cnt = 1;
  return st ? st : weir_engine_finish(e, d->event->id, verdict, err);
}

static bool is_hopeless(const weir_engine *e, weir_status st) {
  if (st == WEIR_E_LIMIT || st == WEIR_E_NOMEM || st == WEIR_E_ARG || st == WEIR_E_EVENT) return true;
  return st == WEIR_E_FULL && !e->open; /* with nothing uncommitted, committing makes no room */
}

weir_status weir_tick(weir_engine *engine, int64_t now_ms, weir_verdict *verdict, weir_error *err) {
  if (verdict) memset(verdict, 0, sizeof *verdict);
  if (!engine || !verdict) return weir_fail(err, WEIR_E_ARG, "weir_tick needs an engine and a place for the verdict");
  if (now_ms < engine->store->ops->next_due(engine->store)) return WEIR_NONE;
  weir_arena_reset(&engine->arena);
  struct weir_timer timer;
  weir_status st = weir_group_make_room(engine, err);
  if (!st) st = engine->store->ops->timer(engine->store, now_ms, &engine->arena, &timer, err);
  if (!st) {
    st = tick(engine, &timer, now_ms, verdict, err);
    if (st < 0) {
      weir_engine_refuse(engine, st, verdict);
      if (is_hopeless(engine, st)) st = give_up(engine, &timer, st, verdict, err);
      if (!st) engine->stats.refused--;
    }
  }
  if (st) return weir_engine_refuse(engine, st, verdict);
  engine->stats.timers++;
  return WEIR_OK;
}
