/* outcomes.c: what became of our actions: events that executors report, and our own messages as platforms show them back to us. */
#include "decide/variant.h"
#include "engine.h"
#include "flow/outcome.h"

static void count(weir_stats *stats, const struct weir_outcome *outcome) {
  if (outcome->result == WEIR_OUTCOME_UNKNOWN || outcome->result == WEIR_OUTCOME_FOREIGN) stats->outcomes_unknown++;
  if (outcome->result != WEIR_OUTCOME_TAKEN) {
    stats->ignored++;
    return;
  }
  stats->nothing++;
  if (outcome->status == WEIR_LEDGER_SENT) stats->sent++;
  else if (outcome->status == WEIR_LEDGER_UNCONFIRMED) stats->unconfirmed++;
  else stats->rejected++;
  if (outcome->freed) stats->claims_returned++;
}

static const char *status_word(enum weir_ledger_status status) {
  switch (status) {
    case WEIR_LEDGER_SENT: return "sent";
    case WEIR_LEDGER_REJECTED: return "rejected";
    case WEIR_LEDGER_UNCONFIRMED: return "unconfirmed";
    case WEIR_LEDGER_RETRYING: return "to be tried again";
    case WEIR_LEDGER_WAITING:
    case WEIR_LEDGER_OPEN: break;
  }
  return "open";
}

static void explain(struct weir_decide *d, const weir_event_outcome *said, const struct weir_outcome *outcome) {
  weir_str rule = outcome->entry.rule;
  switch (outcome->result) {
    case WEIR_OUTCOME_UNKNOWN:
      weir_decide_trace(d, (weir_str){ NULL, 0 }, WEIR_REASON_OUTCOME, "no action %u of decision %.*s is known", (unsigned)said->n, WEIR_FMT(said->decision));
      return;
    case WEIR_OUTCOME_FOREIGN:
      weir_decide_trace(d, (weir_str){ NULL, 0 }, WEIR_REASON_OUTCOME, "decision %.*s is of another account", WEIR_FMT(said->decision));
      return;
    case WEIR_OUTCOME_OLD:
      weir_decide_trace(d, rule, WEIR_REASON_OUTCOME, "%.*s: it is %s already", WEIR_FMT(said->status), status_word(outcome->status));
      return;
    case WEIR_OUTCOME_TAKEN: break;
  }
  const char *then = outcome->freed ? "; nothing of the rule arrived: it may fire for this person again" : "";
  if (outcome->status == WEIR_LEDGER_RETRYING) {
    weir_decide_trace(d, rule, WEIR_REASON_OUTCOME, "rejected%s%.*s: tried again in %lld s", said->code.len ? ", " : "", WEIR_FMT(said->code),
                      (long long)(outcome->retry_ms + 999) / 1000);
  } else {
    const char *moved = outcome->moved ? "; the stage that waited for it is reached" : "";
    weir_decide_trace(d, rule, WEIR_REASON_OUTCOME, "%s%s%s", status_word(outcome->status), then, moved);
  }
}

/* Whose rule has variants: how his fared. */
static weir_status count_variant(weir_engine *e, const struct weir_outcome *outcome, weir_error *err) {
  const weir_ruleset *rs = e->rooms.ruleset;
  struct weir_person person;
  for (uint32_t i = 0; rs->has_variants && i < rs->rule_cnt; i++) {
    if (!rs->rules[i].variant_cnt || !weir_str_eq(rs->rules[i].name, outcome->entry.rule)) continue;
    weir_status st = e->store->ops->load(e->store, &outcome->entry.contact, &e->arena, &person, err);
    return st ? st : weir_variant_outcome(&e->decide.changes, &person, &rs->rules[i], outcome->status, err);
  }
  return WEIR_OK;
}

/* A stage that waited for this outcome may be a goal: then his variants have reached it. */
static weir_status reach_goals(weir_engine *e, weir_error *err) {
  const weir_ruleset *rs = e->rooms.ruleset;
  struct weir_decide *d = &e->decide;
  const uint32_t cnt = d->changes.cnt;
  weir_status st = weir_decide_person(d, err);
  for (uint32_t i = 0; i < cnt && !st; i++) {
    const struct weir_change c = d->changes.items[i];
    if (c.kind != WEIR_CHANGE_STAGE) continue;
    for (uint32_t k = 0; k < rs->funnel_cnt && !st; k++) {
      const struct weir_funnel *funnel = &rs->funnels[k];
      bool goal = weir_str_eq(funnel->name, c.name) && funnel->goal < funnel->stage_cnt && weir_str_eq(funnel->stages[funnel->goal], c.value);
      if (goal) st = weir_variant_goal(d, funnel, err);
    }
  }
  return st;
}

/* A platform's word for why, when it is a word: what is counted by it must stay few. */
static bool is_word(weir_str code) {
  if (code.len == 0 || code.len > WEIR_COUNT_CODE_MAX) return false;
  for (size_t i = 0; i < code.len; i++) {
    char c = code.ptr[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '_' && c != '-' && c != '.') return false;
  }
  return true;
}

/* "sent message", "rejected follow: blocked", by rule and day. */
static void count_kind(struct weir_decide *d, const weir_event_outcome *said, const struct weir_outcome *outcome) {
  weir_str kind = weir_outcome_kind(outcome->entry.payload);
  const char *what = outcome->status == WEIR_LEDGER_RETRYING ? "retrying" : status_word(outcome->status);
  if (outcome->status != WEIR_LEDGER_SENT && is_word(said->code)) {
    weir_decide_count(d, outcome->entry.rule, "%s %.*s: %.*s", what, WEIR_FMT(kind), WEIR_FMT(said->code));
  } else {
    weir_decide_count(d, outcome->entry.rule, "%s %.*s", what, WEIR_FMT(kind));
  }
}

weir_status weir_engine_outcome(weir_engine *e, const weir_event *event, const unsigned char identity[WEIR_ID_BYTES], weir_verdict *verdict,
                                weir_error *err) {
  struct weir_decide *d = &e->decide;
  struct weir_outcome outcome;
  weir_status st = weir_outcome_take(e->store, &e->arena, e->rooms.ruleset, event, &d->changes, &outcome, err);
  if (st) return st;
  explain(d, &event->outcome, &outcome);
  bool taken = outcome.result == WEIR_OUTCOME_TAKEN;
  if (taken) {
    struct weir_change mark = { .kind = WEIR_CHANGE_DEDUPE, .at_ms = d->now_ms, .until_ms = d->now_ms + WEIR_DEDUPE_MS };
    memcpy(mark.key, identity, WEIR_ID_BYTES);
    d->contact = outcome.entry.contact;
    st = weir_decide_change(d, &mark, err);
    if (!st) st = count_variant(e, &outcome, err);
    if (!st && outcome.moved && e->rooms.ruleset->has_variants) st = reach_goals(e, err);
    if (!st) count_kind(d, &event->outcome, &outcome);
  }
  if (!st) st = weir_engine_finish(e, event->id, verdict, err);
  if (st) return st;
  verdict->result = taken ? WEIR_RESULT_NOTHING : WEIR_RESULT_IGNORED;
  count(&e->stats, &outcome);
  return WEIR_OK;
}

weir_status weir_engine_echo(weir_engine *e, const weir_event *event, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  bool known = false;
  weir_str decision;
  weir_echo_key(event->channel, event->account, event->id, key);
  weir_status st = e->store->ops->seen(e->store, key, e->decide.now_ms, &e->arena, &known, &decision, err);
  if (st) return st;
  e->stats.ignored++;
  if (known) e->stats.echoes_known++;
  else e->stats.echoes_unknown++;
  return WEIR_OK;
}

/* A human who goes on talking keeps rules silent, to the hour. */
static bool is_longer(const struct weir_decide *d) {
  return d->now_ms + WEIR_HANDOFF_MS - d->person.handoff_until_ms >= INT64_C(3600) * 1000;
}

weir_status weir_engine_unexplained(weir_engine *e, const unsigned char identity[WEIR_ID_BYTES], weir_error *err) {
  struct weir_decide *d = &e->decide;
  struct weir_change seen = { .kind = WEIR_CHANGE_SEEN, .at_ms = d->now_ms };
  struct weir_change mark = { .kind = WEIR_CHANGE_DEDUPE, .at_ms = d->now_ms, .until_ms = d->now_ms + WEIR_DEDUPE_MS };
  weir_status st = weir_decide_person(d, err);
  if (st) return st;
  bool taken = d->person.handoff_until_ms > d->now_ms;
  if (taken && !is_longer(d)) return WEIR_OK;
  memcpy(mark.key, identity, WEIR_ID_BYTES);
  st = weir_decide_change(d, &seen, err);
  if (!st && taken) {
    struct weir_change longer = { .kind = WEIR_CHANGE_HANDOFF, .until_ms = d->now_ms + WEIR_HANDOFF_MS };
    st = weir_decide_change(d, &longer, err);
  } else if (!st) {
    st = weir_act_timer(d, WEIR_TIMER_ECHO, d->now_ms + WEIR_ECHO_WAIT_MS, (weir_str){ NULL, 0 }, d->event->id, err);
  }
  return st ? st : weir_decide_change(d, &mark, err);
}

weir_status weir_engine_echo_due(weir_engine *e, const struct weir_timer *timer, weir_error *err) {
  struct weir_decide *d = &e->decide;
  struct weir_change taken = { .kind = WEIR_CHANGE_HANDOFF, .until_ms = d->now_ms + WEIR_HANDOFF_MS };
  struct weir_change seen = { .kind = WEIR_CHANGE_SEEN, .at_ms = d->now_ms };
  unsigned char key[WEIR_ID_BYTES];
  bool known = false;
  weir_str decision;
  weir_echo_key(timer->contact.channel, timer->contact.account, timer->payload, key);
  weir_status st = e->store->ops->seen(e->store, key, d->now_ms, &e->arena, &known, &decision, err);
  if (st || known) return st;
  st = weir_decide_person(d, err);
  if (st || d->person.handoff_until_ms >= taken.until_ms) return st;
  st = weir_decide_change(d, &seen, err);
  if (!st) st = weir_decide_change(d, &taken, err);
  if (st) return st;
  e->stats.takeovers++;
  weir_engine_log(e, &(weir_log_entry){ .level = WEIR_LOG_INFO, .what = "takeover" }, "somebody wrote to a person in our name: a human took over");
  weir_decide_trace(d, (weir_str){ NULL, 0 }, WEIR_REASON_OUTCOME, "somebody wrote to this person in our name: a human took over");
  return WEIR_OK;
}
