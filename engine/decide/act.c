/* act.c: what becomes of a finished action: policy is asked, then it is written into the decision, waits as a timer, or is
 * dropped with all that belonged to it.
 *
 * An action is one JSON object. While it waits it is the same object without its number, so that what goes out when it is
 * due is, byte for byte, what was decided. */
#include <stdio.h>

#include "decide/decide.h"
#include "decide/pending.h"
#include "decide/when.h"
#include "limits.h"

/* An action on its way: freshly made by a rule, or one that waited. */
struct draft {
  const struct weir_action_kind *kind;
  weir_str rule, text;
  weir_str json; /* {"kind":..,"rule":..,...} */
  bool part;
};

#define NUMBER_BYTES 16 /* {"n":4294967295, in front */

static void drop(struct weir_decide *d, weir_str kind, weir_str rule, const char *reason, uint32_t changes_before) {
  d->changes.cnt = changes_before;
  d->dropped_cnt++;
  d->rule_dropped++;
  weir_decide_trace(d, rule, WEIR_REASON_ACTION_DROPPED, "%.*s: %s", WEIR_FMT(kind), reason);
}

static weir_str rule_name(const struct weir_decide *d) { return d->rule ? d->rule->name : (weir_str){ NULL, 0 }; }

/* The person does not want to hear from us, or somebody else is talking to him. */
static bool must_be_silent(const struct weir_decide *d) { return d->person.opted_out || d->person.handoff_until_ms > d->now_ms; }

void weir_act_drop(struct weir_decide *d, const struct weir_action_kind *kind, const char *reason, uint32_t changes_before) {
  if (kind->outbound && must_be_silent(d)) d->rule_silenced++;
  drop(d, weir_str_of(kind->name), rule_name(d), reason, changes_before);
}

void weir_act_skip(struct weir_decide *d, const struct weir_action_kind *kind, const char *format, ...) {
  char why[WEIR_TRACE_DETAIL_MAX];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(why, sizeof why, format, args);
  va_end(args);
  weir_decide_trace(d, rule_name(d), WEIR_REASON_ACTION_DROPPED, "%s: %s", kind->name, n < 0 ? "" : why);
}

static const char *ask_policy(struct weir_decide *d, const struct draft *draft) {
  struct weir_policy_ask ask = {
    .ruleset = d->ruleset,
    .config = d->config,
    .person = &d->person,
    .channel = d->contact.channel,
    .account = d->contact.account,
    .kind = weir_str_of(draft->kind->name),
    .outbound = draft->kind->outbound,
    .opting_out = d->opting_out,
    .opted_out = weir_pending_opted_out(d),
    .part = draft->part,
    .now_ms = d->now_ms,
    .text = draft->text,
  };
  return weir_policy_check(&ask, &d->tally);
}

/* Writes the action into the decision. NULL, or why it does not go in. */
static weir_status write_action(struct weir_decide *d, const struct draft *draft, const char **reason, weir_error *err) {
  size_t cap = draft->json.len + NUMBER_BYTES;
  *reason = NULL;
  if (d->action_cnt >= WEIR_ACTIONS_MAX) *reason = "too many actions";
  /* one byte more for the comma before it */
  if (!*reason && (d->actions_json->full || d->actions_json->cap - d->actions_json->len < cap + 1)) *reason = "record is full";
  if (*reason) return WEIR_OK;
  char *bytes = weir_arena_bytes(d->arena, cap);
  if (!bytes) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  struct weir_buf buf;
  weir_buf_init(&buf, bytes, cap);
  weir_json_open(&buf, '{');
  weir_json_member_int(&buf, "n", (int64_t)d->action_cnt + 1);
  weir_buf_byte(&buf, ',');
  weir_buf_add(&buf, draft->json.ptr + 1, draft->json.len - 1);
  weir_json_raw(d->actions_json, weir_buf_view(&buf));
  d->actions[d->action_cnt] = (weir_action){ .n = d->action_cnt + 1, .kind = weir_str_of(draft->kind->name), .rule = draft->rule,
                                             .text = draft->text, .json = weir_buf_view(&buf) };
  d->action_cnt++;
  return WEIR_OK;
}

/* The event behind it all: a timer's own cause ends in "#n", and must not grow with every timer that a timer sets. */
static weir_str first_cause(const struct weir_decide *d) {
  weir_str cause = d->event->id;
  if (d->kind != WEIR_EVENT_TIMER) return cause;
  for (size_t i = cause.len; i-- > 0;) {
    if (cause.ptr[i] == '#') return (weir_str){ cause.ptr, i };
  }
  return cause;
}

/* Adds a timer; whose kind, due time, rule, payload and when it was set are given. */
static weir_status set_timer(struct weir_decide *d, const struct weir_timer *given, weir_error *err) {
  struct weir_timer *timer = weir_arena_alloc(d->arena, sizeof *timer);
  if (!timer) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  *timer = *given;
  timer->contact = d->contact;
  timer->origin = d->id;
  timer->cause = first_cause(d);
  timer->post = d->event->post;
  timer->occurrence = 1;
  for (uint32_t i = 0; i < d->changes.cnt; i++) timer->occurrence += d->changes.items[i].kind == WEIR_CHANGE_TIMER;
  struct weir_change change = { .kind = WEIR_CHANGE_TIMER, .timer = timer };
  return weir_decide_change(d, &change, err);
}

weir_status weir_act_timer(struct weir_decide *d, enum weir_timer_kind kind, int64_t due_ms, weir_str rule, weir_str payload,
                           weir_error *err) {
  struct weir_timer timer = { .kind = kind, .due_ms = due_ms, .set_ms = d->now_ms, .rule = rule, .payload = payload };
  return set_timer(d, &timer, err);
}

/* {"kind":"reply","rule":"test-papers/ask",members} */
static weir_status build_json(struct weir_decide *d, const struct weir_act *act, weir_str rule, weir_str *json, weir_error *err) {
  weir_str kind = weir_str_of(act->kind->name);
  size_t cap = act->members.len + 6 * rule.len + kind.len + sizeof "{'kind':'','rule':'',}";
  char *bytes = weir_arena_bytes(d->arena, cap);
  *json = (weir_str){ NULL, 0 };
  if (!bytes) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  struct weir_buf buf;
  weir_buf_init(&buf, bytes, cap);
  weir_json_open(&buf, '{');
  weir_json_member(&buf, "kind", kind);
  weir_json_member(&buf, "rule", rule);
  if (act->members.len) weir_json_raw(&buf, act->members);
  weir_json_close(&buf, '}');
  *json = weir_buf_view(&buf);
  return WEIR_OK;
}

int64_t weir_decide_due(const struct weir_decide *d, const struct weir_delay *delay, int64_t from_ms) {
  int64_t due_ms = from_ms + delay->from_ms + (int64_t)weir_decide_choose(d, "delay", (uint64_t)(delay->to_ms - delay->from_ms) + 1);
  if (!delay->wall) return due_ms;
  int32_t wall_ms = delay->wall_from_ms + (int32_t)weir_decide_choose(d, "wall", (uint64_t)(delay->wall_to_ms - delay->wall_from_ms) + 1);
  return weir_next_wall(weir_when_zone(d), due_ms, wall_ms);
}

/* When the action goes out. The word that confirms an opt-out does not wait: when it is due it would be silenced. */
static int64_t due_of(const struct weir_decide *d, const struct weir_act *act) {
  if (d->opting_out) return d->now_ms;
  int64_t due_ms = weir_decide_due(d, &act->delay, d->now_ms);
  return act->kind->outbound ? weir_when_open(d, due_ms) : due_ms;
}

/* Notes an outbound action in the ledger: action `n` of this decision, or the one that waits as its timer `n`. */
static weir_status note(struct weir_decide *d, const struct draft *draft, uint32_t n, int64_t due_ms, weir_error *err) {
  bool waits = due_ms > d->now_ms;
  if (!draft->kind->outbound || (d->config && d->config->dry)) return WEIR_OK;
  struct weir_ledger_entry *entry = weir_arena_zalloc(d->arena, sizeof *entry);
  if (!entry) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  *entry = (struct weir_ledger_entry){ .contact = d->contact, .decision = d->id, .n = n, .rule = draft->rule, .cause = d->event->id,
                                       .post = d->event->post, .attempt = d->attempt + 1, .until_ms = due_ms + WEIR_LEDGER_MS,
                                       .status = waits ? WEIR_LEDGER_WAITING : WEIR_LEDGER_OPEN };
  if (!waits) entry->payload = draft->json;
  weir_ledger_key(d->id, n, waits, entry->key);
  weir_decide_origin(d, entry->origin);
  struct weir_change change = { .kind = WEIR_CHANGE_LEDGER, .ledger = entry };
  return weir_decide_change(d, &change, err);
}

/* `timer`: due_ms, set_ms and unless_reply. */
static weir_status let_wait(struct weir_decide *d, const struct draft *draft, struct weir_timer timer, weir_error *err) {
  timer.kind = WEIR_TIMER_ACTION;
  timer.rule = draft->rule;
  timer.payload = draft->json;
  weir_status status = set_timer(d, &timer, err);
  if (status == WEIR_OK) status = note(d, draft, d->changes.items[d->changes.cnt - 1].timer->occurrence, timer.due_ms, err);
  if (status != WEIR_OK) return status;
  d->waiting_cnt++;
  d->rule_done++;
  d->rule_said += draft->kind->outbound;
  weir_decide_trace(d, draft->rule, WEIR_REASON_ACTION_WAITS, "%s: in %lld s", draft->kind->name,
                    (long long)(timer.due_ms - d->now_ms + 999) / 1000);
  return WEIR_OK;
}

static weir_status let_go(struct weir_decide *d, const struct draft *draft, const struct weir_policy_tally *tally_before,
                          uint32_t changes_before, weir_error *err) {
  const char *reason;
  weir_status status = write_action(d, draft, &reason, err);
  if (status != WEIR_OK) return status;
  if (reason) {
    d->tally = *tally_before;
    drop(d, weir_str_of(draft->kind->name), draft->rule, reason, changes_before);
    return WEIR_OK;
  }
  d->rule_done++;
  d->rule_said += draft->kind->outbound;
  return note(d, draft, d->action_cnt, d->now_ms, err);
}

weir_status weir_act_emit(struct weir_decide *d, const struct weir_act *act, uint32_t changes_before, weir_error *err) {
  weir_status status = weir_decide_person(d, err);
  if (status != WEIR_OK) return status;
  struct draft draft = { .kind = act->kind, .rule = rule_name(d), .text = act->text, .part = act->part };
  struct weir_policy_tally before = d->tally;
  const char *reason = ask_policy(d, &draft);
  if (reason) {
    weir_act_drop(d, act->kind, reason, changes_before);
    return WEIR_OK;
  }
  status = build_json(d, act, draft.rule, &draft.json, err);
  if (status != WEIR_OK) return status;
  struct weir_timer timer = { .due_ms = due_of(d, act), .set_ms = d->now_ms, .unless_reply = act->unless_reply };
  if (timer.due_ms > d->now_ms) return let_wait(d, &draft, timer, err);
  return let_go(d, &draft, &before, changes_before, err);
}

/* ---- Actions that waited */

/* Reads back what build_json wrote. false: it is damaged, or of a kind this version does not know. */
static weir_status read_draft(struct weir_decide *d, const struct weir_timer *timer, struct draft *draft, bool *good,
                              weir_error *err) {
  size_t cnt;
  *good = false;
  if (timer->payload.len < 2 || timer->payload.ptr[0] != '{') return WEIR_OK;
  struct weir_json *nodes = weir_arena_array(d->arena, WEIR_TIMER_NODES_MAX, sizeof *nodes);
  if (!nodes) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  weir_status status = weir_json_read(timer->payload, nodes, WEIR_TIMER_NODES_MAX, d->arena, &cnt, err);
  if (status == WEIR_E_NOMEM) return status;
  weir_error_clear(err);
  if (status != WEIR_OK || weir_json_has_duplicates(nodes, 0)) return WEIR_OK;
  uint32_t kind = weir_json_get(nodes, 0, WEIR_STR("kind")), text = weir_json_get(nodes, 0, WEIR_STR("text"));
  if (kind == 0 || nodes[kind].kind != WEIR_JSON_STRING || (text && nodes[text].kind != WEIR_JSON_STRING)) return WEIR_OK;
  *draft = (struct draft){ .kind = weir_action_kind_find(nodes[kind].str), .rule = timer->rule, .json = timer->payload };
  if (text) draft->text = nodes[text].str;
  *good = draft->kind != NULL;
  return WEIR_OK;
}

weir_status weir_decide_timer_action(struct weir_decide *d, const struct weir_timer *timer, weir_error *err) {
  struct draft draft;
  bool good;
  weir_status status = weir_decide_person(d, err);
  if (status == WEIR_OK) status = read_draft(d, timer, &draft, &good, err);
  if (status != WEIR_OK) return status;
  d->opting_out = false;
  if (!good) {
    /* an error would come back with every tick and keep all later timers from their turn */
    drop(d, WEIR_STR("timer"), timer->rule, "the waiting action cannot be read", d->changes.cnt);
    return WEIR_OK;
  }
  struct weir_policy_tally before = d->tally;
  const char *reason = NULL;
  if (timer->unless_reply && d->person.said_ms > timer->set_ms) reason = "the person has written";
  if (!reason) reason = ask_policy(d, &draft);
  if (reason) {
    drop(d, weir_str_of(draft.kind->name), timer->rule, reason, d->changes.cnt);
    return WEIR_OK;
  }
  int64_t open_ms = draft.kind->outbound ? weir_when_open(d, d->now_ms) : d->now_ms;
  if (open_ms <= d->now_ms) return let_go(d, &draft, &before, d->changes.cnt, err);
  d->tally = before; /* it was due while nobody was there to send it, and now is the wrong time: it waits on */
  return let_wait(d, &draft, (struct weir_timer){ .due_ms = open_ms, .set_ms = timer->set_ms, .unless_reply = timer->unless_reply }, err);
}
