/* timers.c: what falls due. A waiting action is what was decided long ago: policy is asked again, and it goes out under a decision
 * of its own. A rule's timer runs the rule. A retry is an action that a platform refused for the time being. */
#include "decide/follow_up.h"
#include "engine.h"
#include "flow/outcome.h"

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
  if (timer->kind == WEIR_TIMER_ECHO) return weir_engine_echo_due(e, timer, err);
  const struct weir_rule *rule = rule_of(e->rooms.ruleset, timer->rule);
  if (!rule) {
    weir_decide_trace(d, timer->rule, WEIR_REASON_ACTION_DROPPED, "the rule is gone");
    d->dropped_cnt++;
    return WEIR_OK;
  }
  if (timer->kind == WEIR_TIMER_RULE) {
    st = weir_rules_run_one(e, rule, rules, err);
    return !st && e->struck ? weir_fail(err, WEIR_E_LIMIT, "the host's deadline") : st;
  }
  d->rule = rule;
  rules->fired = true;
  return weir_decide_timer_action(d, timer, err);
}

/* ---- The ledger's part */

/* Finds what the ledger says of an action that waited. WEIR_NONE: nothing (it is none that the platform sees). */
static weir_status find_entry(weir_engine *e, const struct weir_timer *timer, struct weir_ledger_entry *entry, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  memset(entry, 0, sizeof *entry);
  if (timer->kind == WEIR_TIMER_RULE || timer->kind == WEIR_TIMER_ECHO) return WEIR_NONE;
  weir_ledger_key(timer->origin, timer->occurrence, timer->kind == WEIR_TIMER_ACTION, key);
  return e->store->ops->ledger(e->store, key, &e->arena, entry, err);
}

/* What is done now hangs on what was done first. */
static void take_origin(struct weir_decide *d, const struct weir_ledger_entry *entry) {
  d->origin_given = true;
  memcpy(d->origin, entry->origin, WEIR_ID_BYTES);
}

/* It went out under the decision at hand, or waits on under it, or it never will. */
static weir_status settle(weir_engine *e, const struct weir_ledger_entry *entry, weir_error *err) {
  struct weir_decide *d = &e->decide;
  int status = entry->status == WEIR_LEDGER_RETRYING ? WEIR_LEDGER_REJECTED : 0;
  bool freed = false;
  if (!d->action_cnt && !d->waiting_cnt) {
    weir_status st = weir_outcome_settle(e->store, entry, status, &d->changes, &freed, err);
    if (!st && freed) e->stats.claims_returned++;
    return st;
  }
  struct weir_change change = { .kind = WEIR_CHANGE_LEDGER_STATUS, .number = status, .until_ms = d->now_ms + WEIR_LEDGER_MS };
  memcpy(change.key, entry->key, WEIR_ID_BYTES);
  return weir_decide_change(d, &change, err);
}

/* Whether an entry is one that a timer decides about: after an outcome it may be none any more. */
static bool waits(const struct weir_ledger_entry *entry) {
  return entry->status == WEIR_LEDGER_WAITING || entry->status == WEIR_LEDGER_RETRYING;
}

/* While a human talks to the person his timers wait: what was to happen is asked again until the human is done. *later: it waits.
 * A step of follow_up does not: that a human spoke to him is an answer, and silences it. */
static weir_status wait_for_human(weir_engine *e, const struct weir_timer *timer, bool *later, weir_error *err) {
  struct weir_decide *d = &e->decide;
  const struct weir_rule *rule = timer->kind == WEIR_TIMER_RULE || timer->kind == WEIR_TIMER_ACTION ? rule_of(e->rooms.ruleset, timer->rule) : NULL;
  bool follows_up = rule && weir_rule_follow_up(rule);
  weir_status st = weir_decide_person(d, err);
  *later = !st && timer->kind != WEIR_TIMER_ECHO && !follows_up && d->person.handoff_until_ms > d->now_ms && !d->person.opted_out;
  if (st || !*later) return st;
  struct weir_timer *again = weir_arena_alloc(&e->arena, sizeof *again);
  if (!again) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  *again = *timer;
  again->due_ms = d->now_ms + WEIR_HANDOFF_ASK_MS;
  if (again->due_ms > d->person.handoff_until_ms) again->due_ms = d->person.handoff_until_ms;
  struct weir_change change = { .kind = WEIR_CHANGE_TIMER, .timer = again };
  d->waiting_cnt++;
  weir_decide_trace(d, timer->rule, WEIR_REASON_ACTION_WAITS, "a human has taken over: asked again later");
  return weir_decide_change(d, &change, err);
}

/* ---- One timer */

/* A copy of the event that stands for the timer, in the event's memory. NULL: no room. */
static weir_event *event_of(weir_engine *e, const struct weir_timer *timer, weir_str id) {
  weir_event *event = weir_arena_alloc(&e->arena, sizeof *event);
  if (!event) return NULL;
  *event = (weir_event){ .struct_size = sizeof *event, .channel = timer->contact.channel, .account = timer->contact.account, .type = WEIR_STR("timer"),
                         .id = id, .contact_id = timer->contact.id, .post = timer->post, .time_ms = timer->due_ms, .mentioned = -1, .is_follower = -1 };
  return event;
}

static weir_status tick(weir_engine *e, const struct weir_timer *timer, int64_t now_ms, weir_verdict *verdict, weir_error *err) {
  char *cause = weir_arena_bytes(&e->arena, timer->cause.len + 12);
  if (!cause) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  struct weir_buf name;
  weir_buf_init(&name, cause, timer->cause.len + 12);
  weir_buf_str(&name, timer->cause);
  weir_buf_byte(&name, '#');
  weir_buf_uint(&name, timer->occurrence);
  weir_event *event = event_of(e, timer, weir_buf_view(&name));
  if (!event) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");

  unsigned char identity[WEIR_ID_BYTES];
  char occurrence[12];
  struct weir_buf number;
  weir_buf_init(&number, occurrence, sizeof occurrence);
  weir_buf_uint(&number, timer->occurrence);
  const weir_str parts[] = { WEIR_STR("timer"), timer->origin, timer->rule, weir_buf_view(&number) };
  weir_id_hash((weir_str){ NULL, 0 }, parts, sizeof parts / sizeof *parts, identity);
  weir_engine_prepare(e, event, WEIR_EVENT_TIMER, identity, 0, now_ms);
  weir_engine_name(e);
  e->decide.since_ms = timer->set_ms;

  struct weir_rules_outcome rules = { false, false };
  struct weir_ledger_entry entry;
  weir_status found = find_entry(e, timer, &entry, err);
  if (found < 0) return found;
  if (found == WEIR_OK) take_origin(&e->decide, &entry);
  struct weir_change done = { .kind = WEIR_CHANGE_TIMER_DONE, .number = (int64_t)timer->id };
  bool later = false;
  weir_status st = weir_decide_change(&e->decide, &done, err);
  if (!st) st = wait_for_human(e, timer, &later, err);
  if (!st && !later) st = run_timer(e, timer, &rules, err);
  if (!st && !later && found == WEIR_OK) st = settle(e, &entry, err);
  if (!st) st = weir_engine_finish(e, event->id, verdict, err);
  if (!st) weir_engine_result(&rules, verdict);
  return st;
}

/* A timer that cannot be carried out would come back with every tick and keep all later ones from their turn: it is given up, and
 * said so. The ledger must not wait for it either: what hangs on its origin is decided without it. It is read anew, since the try
 * may have used up the event's memory. */
static weir_status give_up(weir_engine *e, int64_t now_ms, weir_status why, weir_verdict *verdict, weir_error *err) {
  static const unsigned char none[WEIR_ID_BYTES]; /* no action goes out under its id */
  struct weir_decide *d = &e->decide;
  struct weir_ledger_entry entry;
  struct weir_timer timer;
  weir_engine_enter(e);
  weir_status st = e->store->ops->timer(e->store, now_ms, &e->arena, &timer, err);
  if (st) return st;
  weir_event *event = event_of(e, &timer, timer.cause);
  if (!event) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  weir_engine_prepare(e, event, WEIR_EVENT_TIMER, none, 0, now_ms);
  weir_engine_name(e);
  struct weir_change done = { .kind = WEIR_CHANGE_TIMER_DONE, .number = (int64_t)timer.id };
  weir_status found = find_entry(e, &timer, &entry, err);
  if (found < 0) return found;
  st = weir_decide_change(d, &done, err);
  if (!st && found == WEIR_OK && waits(&entry)) st = settle(e, &entry, err);
  weir_decide_trace(d, timer.rule, WEIR_REASON_ACTION_DROPPED, "what was to happen now cannot be done: %s", weir_status_name(why));
  d->dropped_cnt = 1;
  if (!st) {
    weir_engine_log(e, &(weir_log_entry){ .level = WEIR_LOG_WARNING, .what = "timer_given_up", .rule = timer.rule, .cause = timer.cause },
                    "rule %.*s: what was to happen now cannot be done: %s", WEIR_FMT(timer.rule), weir_status_name(why));
  }
  return st ? st : weir_engine_finish(e, event->id, verdict, err);
}

bool weir_engine_is_hopeless(const weir_engine *e, weir_status st) {
  if (st == WEIR_E_LIMIT || st == WEIR_E_NOMEM || st == WEIR_E_ARG || st == WEIR_E_EVENT) return true;
  return st == WEIR_E_FULL && !e->open; /* with nothing uncommitted, committing makes no room */
}

/* ---- One retry */

/* Why the action is not tried again after all; NULL: it is. */
static const char *why_not(weir_status found, const struct weir_ledger_entry *entry) {
  if (found == WEIR_NONE) return "retry: the ledger does not know the action any more";
  if (entry->status == WEIR_LEDGER_SENT) return "retry: it was sent after all";
  if (entry->status != WEIR_LEDGER_RETRYING) return "retry: it may have been sent after all";
  return NULL;
}

static weir_status run_retry(weir_engine *e, const struct weir_timer *timer, const struct weir_ledger_entry *entry, struct weir_rules_outcome *rules,
                             weir_error *err) {
  struct weir_decide *d = &e->decide;
  struct weir_timer again = *timer;
  again.kind = WEIR_TIMER_ACTION;
  again.payload = entry->payload;
  take_origin(d, entry);
  d->retry_of = entry->decision;
  weir_status st = run_timer(e, &again, rules, err);
  if (!st) st = settle(e, entry, err);
  if (!st) e->stats.retries += d->action_cnt;
  return st;
}

/* The same action once more, as a decision with the same cause. */
static weir_status retry(weir_engine *e, const struct weir_timer *timer, int64_t now_ms, weir_verdict *verdict, weir_error *err) {
  struct weir_rules_outcome rules = { false, false };
  struct weir_ledger_entry entry;
  unsigned char identity[WEIR_ID_BYTES], key[WEIR_ID_BYTES];
  weir_status found = find_entry(e, timer, &entry, err);
  if (found < 0) return found;
  weir_event *event = event_of(e, timer, timer->cause);
  if (!event) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  weir_ledger_key(timer->origin, timer->occurrence, false, key);
  const weir_str parts[] = { WEIR_STR("retry"), { (const char *)key, sizeof key } };
  weir_id_hash((weir_str){ NULL, 0 }, parts, sizeof parts / sizeof *parts, identity);
  weir_engine_prepare(e, event, WEIR_EVENT_TIMER, identity, entry.attempt, now_ms);
  weir_engine_name(e);

  struct weir_change done = { .kind = WEIR_CHANGE_TIMER_DONE, .number = (int64_t)timer->id };
  const char *reason = why_not(found, &entry);
  bool later = false;
  weir_status st = weir_decide_change(&e->decide, &done, err);
  if (!st && reason) weir_decide_trace(&e->decide, timer->rule, WEIR_REASON_OUTCOME, "%s", reason);
  if (!st && !reason) st = wait_for_human(e, timer, &later, err);
  if (!st && !reason && !later) st = run_retry(e, timer, &entry, &rules, err);
  if (!st) st = weir_engine_finish(e, event->id, verdict, err);
  if (!st) weir_engine_result(&rules, verdict);
  return st;
}

/* The timer that is due first. */
static weir_status next_timer(weir_engine *e, int64_t now_ms, weir_verdict *verdict, weir_error *err) {
  struct weir_timer timer;
  weir_status st = e->store->ops->timer(e->store, now_ms, &e->arena, &timer, err);
  if (st) return st;
  st = timer.kind == WEIR_TIMER_RETRY ? retry(e, &timer, now_ms, verdict, err) : tick(e, &timer, now_ms, verdict, err);
  if (st >= 0) return st;
  weir_engine_refuse(e, st, verdict);
  if (!weir_engine_is_hopeless(e, st)) return st;
  e->stats.refused--; /* not this try but what becomes of the timer counts */
  bool struck = e->struck;
  st = give_up(e, now_ms, st, verdict, err);
  if (!st && struck) {
    verdict->struck = verdict->limit = true;
    verdict->result = WEIR_RESULT_UNDECIDED;
  }
  return st;
}

weir_status weir_tick(weir_engine *engine, int64_t now_ms, weir_verdict *verdict, weir_error *err) {
  if (verdict) memset(verdict, 0, sizeof *verdict);
  if (!engine || !verdict) return weir_fail(err, WEIR_E_ARG, "weir_tick needs an engine and a place for the verdict");
  weir_status st = weir_engine_check_now(now_ms, err);
  if (st) return st;
  int64_t due_ms = engine->store->ops->next_due(engine->store);
  bool round = engine->rounds_due < due_ms; /* at the same moment whoever was promised something comes first */
  if (now_ms < (round ? engine->rounds_due : due_ms)) return WEIR_NONE;
  weir_engine_enter(engine);
  st = weir_group_make_room(engine, true, err);
  if (!st) st = round ? weir_rounds_step(engine, now_ms, verdict, err) : next_timer(engine, now_ms, verdict, err);
  if (st) return weir_engine_refuse(engine, st, verdict);
  engine->stats.timers++;
  return WEIR_OK;
}
