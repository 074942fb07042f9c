/* rounds.c: rules with `every` come round to everybody whom the store knows: to wake who was silent, to look after who stayed behind.
 *
 * A round goes in steps, so that it never holds up events: each looks at a bounded number of people, and decides for one at
 * most. How far it has come is in the store, so a round that was cut short goes on where it was, and the same calls take the
 * same steps. A round that was missed is not made up for: the next begins when its time comes, or at once if one was due. */
#include "base/clock.h"
#include "engine.h"
#include "flow/calendar.h"

void weir_rounds_refresh(weir_engine *e) {
  const weir_ruleset *rs = e->rooms.ruleset;
  e->rounds_due = INT64_MAX;
  for (uint32_t i = 0; i < rs->round_cnt && !e->config.dry; i++) {
    const struct weir_rule *rule = &rs->rules[rs->rounds[i]];
    struct weir_round round;
    if (!rule->enabled) continue;
    weir_status st = e->store->ops->round(e->store, rule->id, &round, NULL);
    int64_t due = st == WEIR_OK ? round.at_ms : 0; /* a rule that is new has its first step at once; of what cannot be read now, too: that step tells */
    if (due < e->rounds_due) e->rounds_due = due;
  }
}

/* The rule whose step is due first. */
static weir_status find(weir_engine *e, const struct weir_rule **out, struct weir_round *round, bool *new, weir_error *err) {
  const weir_ruleset *rs = e->rooms.ruleset;
  *out = NULL;
  for (uint32_t i = 0; i < rs->round_cnt; i++) {
    const struct weir_rule *rule = &rs->rules[rs->rounds[i]];
    struct weir_round found;
    if (!rule->enabled) continue;
    weir_status st = e->store->ops->round(e->store, rule->id, &found, err);
    if (st < 0) return st;
    if (*out && found.at_ms >= round->at_ms) continue;
    *out = rule;
    *round = found;
    *new = st == WEIR_NONE;
  }
  return *out ? WEIR_OK : WEIR_NONE;
}

/* ---- one step */

struct step {
  const struct weir_rule *rule;
  struct weir_round round;
  struct weir_walked walked;
  int64_t after_ms; /* the next round, when this one ends, is the first after it */
  weir_str cause; /* "pack/rule@2026-11-22T02:00:00Z" */
};

static weir_status name_step(weir_engine *e, struct step *step, weir_error *err) {
  char time[WEIR_TIME_CHARS];
  size_t cap = step->rule->name.len + WEIR_TIME_CHARS + 1;
  char *bytes = weir_arena_bytes(&e->arena, cap);
  if (!bytes) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  struct weir_buf buf;
  weir_buf_init(&buf, bytes, cap);
  weir_buf_str(&buf, step->rule->name);
  weir_buf_byte(&buf, '@');
  weir_time_format(step->round.of_ms, time);
  weir_buf_text(&buf, time);
  step->cause = weir_buf_view(&buf);
  return WEIR_OK;
}

/* Puts in place what a step that decides for `contact` (empty: nobody) is about. */
static weir_status prepare(weir_engine *e, const struct step *step, const struct weir_contact *contact, int64_t now_ms, weir_error *err) {
  unsigned char identity[WEIR_ID_BYTES];
  weir_event *event = weir_arena_alloc(&e->arena, sizeof *event);
  if (!event) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  *event = (weir_event){ .struct_size = sizeof *event, .channel = contact->channel, .account = contact->account, .contact_id = contact->id,
                         .type = WEIR_STR("timer"), .id = step->cause, .time_ms = step->round.of_ms, .mentioned = -1, .is_follower = -1 };
  const weir_str parts[] = { { (const char *)step->rule->id, WEIR_ID_BYTES }, { (const char *)&step->walked.person, sizeof step->walked.person },
                             { (const char *)&step->round.of_ms, sizeof step->round.of_ms } };
  weir_id_hash(WEIR_STR("round"), parts, sizeof parts / sizeof *parts, identity);
  weir_engine_prepare(e, event, WEIR_EVENT_TIMER, identity, 0, now_ms);
  return WEIR_OK;
}

/* Where the round goes on. */
static weir_status move_on(weir_engine *e, const struct step *step, int64_t now_ms, weir_error *err) {
  const struct weir_rule *rule = step->rule;
  struct weir_change change = { .kind = WEIR_CHANGE_ROUND, .at_ms = now_ms + WEIR_ROUND_PAUSE_MS, .until_ms = step->round.of_ms, .number = step->walked.upto };
  memcpy(change.key, rule->id, WEIR_ID_BYTES);
  if (step->walked.end) {
    change.at_ms = weir_next_period(e->rooms.ruleset->packs[rule->pack].zone, step->after_ms, rule->every_ms, rule->every_wall_ms);
    change.until_ms = change.number = 0;
  }
  return weir_decide_change(&e->decide, &change, err);
}

/* Of the contacts of a person the first that the rule is for. */
static weir_status decide(weir_engine *e, const struct step *step, int64_t now_ms, struct weir_rules_outcome *rules, weir_error *err) {
  struct weir_person person;
  weir_status st = e->store->ops->load(e->store, &step->walked.contact, &e->arena, &person, err);
  for (uint32_t i = 0; !st && i < person.contact_cnt; i++) {
    weir_error why = { .status = WEIR_OK };
    st = prepare(e, step, &person.contacts[i], now_ms, err);
    if (st) return st;
    if (!weir_rules_suits(e, step->rule, &why)) {
      if (why.status < 0) return weir_fail(err, why.status, "%s", why.message);
      continue;
    }
    st = move_on(e, step, now_ms, err);
    return st ? st : weir_rules_run_one(e, step->rule, rules, err);
  }
  if (!st) st = prepare(e, step, &step->walked.contact, now_ms, err);
  return st ? st : move_on(e, step, now_ms, err);
}

/* given_up: why the one at hand is passed over; WEIR_OK: he is not. */
static weir_status take(weir_engine *e, struct step *step, weir_status given_up, int64_t now_ms, weir_verdict *verdict, weir_error *err) {
  static const struct weir_contact nobody;
  struct weir_rules_outcome rules = { false, false };
  weir_status st = name_step(e, step, err);
  if (st) return st;
  if (step->walked.person && !given_up) {
    st = decide(e, step, now_ms, &rules, err);
  } else {
    st = prepare(e, step, &nobody, now_ms, err);
    if (!st) st = move_on(e, step, now_ms, err);
    if (!st && given_up)
      weir_decide_trace(&e->decide, step->rule->name, WEIR_REASON_ACTION_DROPPED, "what was to happen now cannot be done: %s", weir_status_name(given_up));
  }
  if (!st) st = weir_engine_finish(e, step->cause, verdict, err);
  if (!st) weir_engine_result(&rules, verdict);
  return st;
}

/* Reads the round's place and looks at the people behind it. A rule that is new begins with its next period. */
static weir_status look(weir_engine *e, struct step *step, int64_t now_ms, weir_error *err) {
  bool new = false;
  int64_t before_ms = e->decide.now_ms;
  memset(step, 0, sizeof *step);
  step->after_ms = now_ms;
  weir_status st = find(e, &step->rule, &step->round, &new, err);
  if (st) return st;
  if (new) {
    if (before_ms > now_ms) step->after_ms = before_ms; /* "at once" is not 1970, though a host may take weir_next_due at its word */
    step->walked.end = true;
    return WEIR_OK;
  }
  if (step->round.at_ms > now_ms) return WEIR_NONE; /* it could not be read when it was asked for when it is due */
  if (!step->round.of_ms) step->round.of_ms = step->round.at_ms;
  int64_t silence = weir_gate_silence(step->rule);
  return e->store->ops->walk(e->store, step->round.person, WEIR_ROUND_STEP, silence ? now_ms - silence : INT64_MAX, &e->arena, &step->walked, err);
}

weir_status weir_rounds_step(weir_engine *e, int64_t now_ms, weir_verdict *verdict, weir_error *err) {
  struct step step;
  weir_status st = look(e, &step, now_ms, err);
  if (!st) st = take(e, &step, WEIR_OK, now_ms, verdict, err);
  if (st < 0 && step.walked.person && weir_engine_is_hopeless(e, st)) { /* one person must not end the round for all */
    weir_status given_up = st;
    weir_engine_refuse(e, st, verdict);
    e->stats.refused--;
    weir_engine_enter(e);
    st = look(e, &step, now_ms, err);
    if (!st) st = take(e, &step, given_up, now_ms, verdict, err);
  }
  weir_rounds_refresh(e);
  return st;
}
