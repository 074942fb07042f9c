/* act.c: what becomes of a finished action: policy is asked, then it is written into the decision, waits as a timer, or is
 * dropped with all that belonged to it.
 *
 * An action is one JSON object. While it waits it is the same object without its number, so that what goes out when it is
 * due is, byte for byte, what was decided. Before it stands what else is known of a wait that is not just a short pause: when to give
 * up, whether anybody asked for it, whether it has its place among the account's actions: "1763859600000,0,1{...}". */
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
  struct weir_contact contact; /* to whom, through which account */
  int64_t until_ms;            /* how long it may wait for quotas; 0: nothing was said */
  bool unasked, reserved;      /* as of struct weir_policy_ask */
  bool unless_reply;           /* not when the person has written since set_ms */
  int64_t set_ms;              /* when the rule fired */
};

#define NUMBER_BYTES 16 /* {"n":4294967295, in front */

static void drop(struct weir_decide *d, weir_str kind, weir_str rule, const char *reason, uint32_t changes_before) {
  d->changes.cnt = changes_before;
  d->dropped_cnt++;
  d->rule_dropped++;
  weir_decide_count(d, rule, "dropped %.*s: %s", WEIR_FMT(kind), reason);
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
  weir_decide_count(d, rule_name(d), "skipped %s", kind->name); /* what it says may name what is the person's own */
  weir_decide_trace(d, rule_name(d), WEIR_REASON_ACTION_DROPPED, "%s: %s", kind->name, n < 0 ? "" : why);
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

static uint32_t unasked_max(const struct weir_decide *d) {
  uint32_t own = d->rule && d->rule->pack < d->ruleset->pack_cnt ? d->ruleset->packs[d->rule->pack].unasked_per_day : 0;
  return own ? own : WEIR_UNASKED_PER_DAY;
}

static struct weir_policy_ask question(const struct weir_decide *d, const struct draft *draft) {
  return (struct weir_policy_ask){
    .ruleset = d->ruleset,
    .config = d->config,
    .person = &d->person,
    .channel = draft->contact.channel,
    .account = draft->contact.account,
    .kind = weir_str_of(draft->kind->name),
    .outbound = draft->kind->outbound,
    .opting_out = d->opting_out,
    .opted_out = weir_pending_opted_out(d),
    .part = draft->part,
    .now_ms = d->now_ms,
    .text = draft->text,
    .store = d->store,
    .changes = &d->changes,
    .contact = draft->contact.id,
    .trigger = first_cause(d),
    .post = d->event->post,
    .seed = d->seed,
    .unasked = draft->unasked,
    .unasked_max = unasked_max(d),
    .reserved = draft->reserved,
    .until_ms = draft->until_ms,
  };
}

static const char *ask_policy(struct weir_decide *d, const struct draft *draft) {
  struct weir_policy_ask ask = question(d, draft);
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
                                             .text = draft->text, .json = weir_buf_view(&buf), .channel = draft->contact.channel,
                                             .account = draft->contact.account, .contact = draft->contact.id };
  d->action_cnt++;
  return WEIR_OK;
}

/* Adds a timer; whose contact, kind, due time, rule, payload and when it was set are given. */
static weir_status set_timer(struct weir_decide *d, const struct weir_timer *given, weir_error *err) {
  struct weir_timer *timer = weir_arena_alloc(d->arena, sizeof *timer);
  if (!timer) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  *timer = *given;
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
  struct weir_timer timer = { .kind = kind, .contact = d->contact, .due_ms = due_ms, .set_ms = d->now_ms, .rule = rule, .payload = payload };
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

/* ---- Waiting */

#define HEADER_BYTES 32 /* "253402300799999,1,1" */

/* What stands before the object, if there is anything to say. */
static weir_status head_payload(struct weir_decide *d, const struct draft *draft, weir_str *payload, weir_error *err) {
  *payload = draft->json;
  if (!draft->until_ms && !draft->unasked && !draft->reserved) return WEIR_OK;
  char *bytes = weir_arena_bytes(d->arena, draft->json.len + HEADER_BYTES);
  if (!bytes) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  struct weir_buf buf;
  weir_buf_init(&buf, bytes, draft->json.len + HEADER_BYTES);
  weir_buf_printf(&buf, "%lld,%d,%d", (long long)draft->until_ms, draft->unasked, draft->reserved);
  weir_buf_str(&buf, draft->json);
  *payload = weir_buf_view(&buf);
  return WEIR_OK;
}

/* Notes an outbound action in the ledger: action `n` of this decision, or the one that waits as its timer `n`. */
static weir_status note(struct weir_decide *d, const struct draft *draft, uint32_t n, int64_t due_ms, weir_str taken, weir_error *err) {
  bool waits = due_ms > d->now_ms;
  if (!draft->kind->outbound || (d->config && d->config->dry)) return WEIR_OK;
  struct weir_ledger_entry *entry = weir_arena_zalloc(d->arena, sizeof *entry);
  if (!entry) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  *entry = (struct weir_ledger_entry){ .taken = taken, .contact = draft->contact, .decision = d->id, .n = n, .rule = draft->rule, .cause = d->event->id,
                                       .post = d->event->post, .attempt = d->attempt + 1, .until_ms = due_ms + WEIR_LEDGER_MS,
                                       .status = waits ? WEIR_LEDGER_WAITING : WEIR_LEDGER_OPEN };
  if (!waits) { /* when it is tried again, it is asked the same */
    const struct draft again = { .json = draft->json, .unasked = draft->unasked };
    weir_status status = head_payload(d, &again, &entry->payload, err);
    if (status != WEIR_OK) return status;
  }
  weir_ledger_key(d->id, n, waits, entry->key);
  weir_decide_origin(d, entry->origin);
  struct weir_change change = { .kind = WEIR_CHANGE_LEDGER, .ledger = entry };
  return weir_decide_change(d, &change, err);
}

/* Takes the head off a payload; false: it is damaged. */
static bool read_head(weir_str payload, struct draft *draft) {
  int64_t numbers[3] = { 0, 0, 0 };
  size_t at = 0;
  for (int i = 0; payload.len && payload.ptr[0] != '{' && i < 3; i++) {
    for (; at < payload.len && payload.ptr[at] >= '0' && payload.ptr[at] <= '9' && numbers[i] <= WEIR_TIME_MAX_MS; at++)
      numbers[i] = numbers[i] * 10 + (payload.ptr[at] - '0');
    if (at >= payload.len || (payload.ptr[at] != ',' && payload.ptr[at] != '{')) return false;
    if (payload.ptr[at] == ',') at++;
  }
  draft->until_ms = numbers[0];
  draft->unasked = numbers[1] != 0;
  draft->reserved = numbers[2] != 0;
  draft->json = (weir_str){ payload.ptr + at, payload.len - at };
  return draft->json.len >= 2 && draft->json.ptr[0] == '{';
}

static weir_status let_wait(struct weir_decide *d, const struct draft *draft, int64_t due_ms, weir_error *err) {
  weir_str payload;
  weir_status status = head_payload(d, draft, &payload, err);
  struct weir_timer timer = { .kind = WEIR_TIMER_ACTION, .contact = draft->contact, .due_ms = due_ms, .set_ms = draft->set_ms,
                              .unless_reply = draft->unless_reply, .rule = draft->rule, .payload = payload };
  if (status == WEIR_OK) status = set_timer(d, &timer, err);
  if (status == WEIR_OK) {
    uint32_t occurrence = d->changes.items[d->changes.cnt - 1].timer->occurrence;
    status = note(d, draft, occurrence, due_ms, (weir_str){ NULL, 0 }, err);
  }
  if (status != WEIR_OK) return status;
  d->waiting_cnt++;
  d->rule_done++;
  d->rule_said += draft->kind->outbound;
  return WEIR_OK;
}

static void say_wait(struct weir_decide *d, const struct draft *draft, int64_t due_ms, const char *why, weir_str which) {
  weir_decide_count(d, draft->rule, "waiting %s: %s%s%.*s", draft->kind->name, why ? why : "as the rule says", which.len ? ": " : "", WEIR_FMT(which));
  weir_decide_trace(d, draft->rule, WEIR_REASON_ACTION_WAITS, "%s: in %lld s%s%s%s%.*s", draft->kind->name,
                    (long long)(due_ms - d->now_ms + 999) / 1000, why ? ", " : "", why ? why : "", which.len ? ": " : "", WEIR_FMT(which));
}

/* ---- Going out */

static weir_status add_uses(struct weir_decide *d, const struct weir_policy_limits *limits, weir_str *taken, weir_error *err) {
  char *bytes = weir_arena_bytes(d->arena, (size_t)limits->change_cnt * (WEIR_POLICY_TAKEN_BYTES / WEIR_POLICY_METERS_MAX) + 1);
  if (!bytes) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  *taken = (weir_str){ bytes, weir_policy_taken(limits, bytes) };
  for (uint32_t i = 0; i < limits->change_cnt; i++) {
    weir_status status = weir_decide_change(d, &limits->changes[i], err);
    if (status != WEIR_OK) return status;
  }
  return WEIR_OK;
}

static weir_status let_go(struct weir_decide *d, const struct draft *draft, const struct weir_policy_limits *limits,
                          const struct weir_policy_tally *tally_before, uint32_t changes_before, weir_error *err) {
  const char *reason;
  weir_str taken;
  weir_status status = write_action(d, draft, &reason, err);
  if (status != WEIR_OK) return status;
  if (reason) {
    d->tally = *tally_before;
    drop(d, weir_str_of(draft->kind->name), draft->rule, reason, changes_before);
    return WEIR_OK;
  }
  d->rule_done++;
  d->rule_said += draft->kind->outbound;
  status = add_uses(d, limits, &taken, err);
  return status == WEIR_OK ? note(d, draft, d->action_cnt, d->now_ms, taken, err) : status;
}

/* "over quota: 40 in 1h per account" */
static const char *full_reason(struct weir_decide *d, const struct weir_policy_limits *limits) {
  if (limits->which.len == 0) return limits->reason;
  size_t cap = strlen(limits->reason) + 2 + limits->which.len + 1;
  char *text = weir_arena_bytes(d->arena, cap);
  if (!text) return limits->reason;
  (void)snprintf(text, cap, "%s: %.*s", limits->reason, WEIR_FMT(limits->which));
  return text;
}

/* Lets out what policy has nothing against, now or in its turn. */
static weir_status send_or_wait(struct weir_decide *d, struct draft *draft, const struct weir_policy_limits *limits,
                                const struct weir_policy_tally *tally_before, uint32_t changes_before, weir_error *err) {
  if (d->changes.cnt + limits->change_cnt + WEIR_USE_CHANGES_LEFT > d->changes.cap) {
    d->tally = *tally_before;
    drop(d, weir_str_of(draft->kind->name), draft->rule, "too many limits for one decision", changes_before);
    return WEIR_OK;
  }
  if (limits->answer == WEIR_POLICY_GO) return let_go(d, draft, limits, tally_before, changes_before, err);
  if (limits->answer == WEIR_POLICY_DROP) {
    d->tally = *tally_before;
    drop(d, weir_str_of(draft->kind->name), draft->rule, full_reason(d, limits), changes_before);
    return WEIR_OK;
  }
  weir_str none;
  draft->until_ms = limits->until_ms;
  draft->reserved = limits->reserved;
  weir_status status = add_uses(d, limits, &none, err);
  if (status == WEIR_OK) status = let_wait(d, draft, limits->due_ms, err);
  if (status == WEIR_OK) say_wait(d, draft, limits->due_ms, limits->reason, limits->which);
  return status;
}

static weir_status ask_limits(struct weir_decide *d, const struct draft *draft, struct weir_policy_limits *out, weir_error *err) {
  struct weir_policy_ask ask = question(d, draft);
  return weir_policy_limits(&ask, out, err);
}

/* ---- Which account: the first of `via` through which he can be reached, and that may */

/* The contact under which an account of ours knows the person; NULL: it does not. */
static const struct weir_contact *contact_on(const struct weir_decide *d, weir_str account) {
  for (uint32_t i = 0; i <= d->person.contact_cnt; i++) {
    const struct weir_contact *c = i ? &d->person.contacts[i - 1] : &d->contact; /* the one at hand, if it is that account */
    if (account.len != c->channel.len + 1 + c->account.len || account.ptr[c->channel.len] != '/') continue;
    if (weir_str_starts(account, c->channel) && memcmp(account.ptr + c->channel.len + 1, c->account.ptr, c->account.len) == 0) return c;
  }
  return NULL;
}

/* Asks for one account; *reason NULL: it may, or it may later. */
static weir_status try_account(struct weir_decide *d, struct draft *draft, bool later, struct weir_policy_limits *limits, const char **reason,
                               weir_error *err) {
  memset(limits, 0, sizeof *limits);
  *reason = ask_policy(d, draft);
  if (*reason || later) return WEIR_OK;
  weir_status status = ask_limits(d, draft, limits, err);
  if (status == WEIR_OK && limits->answer == WEIR_POLICY_DROP) *reason = full_reason(d, limits);
  return status;
}

/* The first that may at once; else the first that may later; else why the last one may not. */
static weir_status choose_account(struct weir_decide *d, const struct weir_act *act, struct draft *draft, bool later, struct weir_policy_limits *limits,
                                  const char **reason, weir_error *err) {
  struct weir_policy_tally before = d->tally;
  const struct weir_contact *waits = NULL;
  *reason = "none of the accounts knows him";
  for (uint32_t i = 0; i < act->via_cnt; i++) {
    const struct weir_contact *contact = contact_on(d, act->via[i]);
    if (!contact) continue;
    draft->contact = *contact;
    d->tally = before;
    weir_status status = try_account(d, draft, later, limits, reason, err);
    if (status != WEIR_OK || (!*reason && limits->answer == WEIR_POLICY_GO)) return status;
    if (!*reason && !waits) waits = contact;
  }
  d->tally = before;
  if (!waits) return WEIR_OK;
  draft->contact = *waits;
  return try_account(d, draft, later, limits, reason, err);
}

weir_status weir_act_emit(struct weir_decide *d, const struct weir_act *act, uint32_t changes_before, weir_error *err) {
  weir_status status = weir_decide_person(d, err);
  if (status != WEIR_OK) return status;
  int64_t due_ms = due_of(d, act);
  bool later = due_ms > d->now_ms;
  struct draft draft = { .kind = act->kind, .rule = rule_name(d), .text = act->text, .part = act->part, .contact = d->contact,
                         .unless_reply = act->unless_reply, .set_ms = d->now_ms };
  struct weir_policy_tally before = d->tally;
  struct weir_policy_limits limits;
  const char *reason;
  draft.unasked = d->kind == WEIR_EVENT_TIMER || due_ms - d->now_ms > WEIR_ANSWER_MS;
  if (act->via_cnt) status = choose_account(d, act, &draft, later, &limits, &reason, err);
  else status = try_account(d, &draft, later, &limits, &reason, err);
  if (status != WEIR_OK) return status;
  if (reason) {
    d->tally = before;
    weir_act_drop(d, act->kind, reason, changes_before);
    return WEIR_OK;
  }
  status = build_json(d, act, draft.rule, &draft.json, err);
  if (status != WEIR_OK || !later) return status != WEIR_OK ? status : send_or_wait(d, &draft, &limits, &before, changes_before, err);
  status = let_wait(d, &draft, due_ms, err);
  if (status == WEIR_OK) say_wait(d, &draft, due_ms, NULL, (weir_str){ NULL, 0 });
  return status;
}

bool weir_act_minds_repeats(const struct weir_decide *d) {
  const struct weir_terms *terms = weir_policy_terms(d->ruleset, d->contact.channel, d->contact.account);
  for (uint32_t i = 0; terms && i < terms->quota_cnt; i++) {
    if (terms->quotas[i].scope == WEIR_PER_TEXT) return true;
  }
  return false;
}

weir_status weir_act_repeats(struct weir_decide *d, const struct weir_action_kind *kind, weir_str text, bool *repeats, weir_error *err) {
  const struct draft draft = { .kind = kind, .text = text, .contact = d->contact };
  struct weir_policy_ask ask = question(d, &draft);
  return weir_policy_repeats(&ask, repeats, err);
}

/* ---- Actions that waited */

/* Reads back what head_payload wrote. false: it is damaged, or of a kind this version does not know. */
static weir_status read_draft(struct weir_decide *d, const struct weir_timer *timer, struct draft *draft, bool *good,
                              weir_error *err) {
  size_t cnt;
  *good = false;
  *draft = (struct draft){ .rule = timer->rule, .contact = timer->contact, .unless_reply = timer->unless_reply, .set_ms = timer->set_ms };
  if (!read_head(timer->payload, draft)) return WEIR_OK;
  struct weir_json *nodes = weir_arena_array(d->arena, WEIR_TIMER_NODES_MAX, sizeof *nodes);
  if (!nodes) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  weir_status status = weir_json_read(draft->json, nodes, WEIR_TIMER_NODES_MAX, d->arena, &cnt, err);
  if (status == WEIR_E_NOMEM) return status;
  weir_error_clear(err);
  if (status != WEIR_OK || weir_json_has_duplicates(nodes, 0)) return WEIR_OK;
  uint32_t kind = weir_json_get(nodes, 0, WEIR_STR("kind")), text = weir_json_get(nodes, 0, WEIR_STR("text"));
  if (kind == 0 || nodes[kind].kind != WEIR_JSON_STRING || (text && nodes[text].kind != WEIR_JSON_STRING)) return WEIR_OK;
  draft->kind = weir_action_kind_find(nodes[kind].str);
  if (text) draft->text = nodes[text].str;
  *good = draft->kind != NULL;
  return WEIR_OK;
}

weir_status weir_decide_timer_action(struct weir_decide *d, const struct weir_timer *timer, weir_error *err) {
  struct draft draft;
  struct weir_policy_limits limits;
  const char *reason;
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
  /* who comes much too late for his place, because nothing ran meanwhile, takes a new one: else all would come at once */
  if (d->now_ms - timer->due_ms > WEIR_PLACE_LATE_MS) draft.reserved = false;
  struct weir_policy_tally before = d->tally;
  /* opting out and its kin first, then whether it is the time of day for it, then what it uses up */
  status = try_account(d, &draft, true, &limits, &reason, err);
  if (timer->unless_reply && d->person.said_ms > timer->set_ms) reason = "the person has written";
  d->tally = before;
  int64_t open_ms = draft.kind->outbound ? weir_when_open(d, d->now_ms) : d->now_ms;
  if (status == WEIR_OK && !reason && open_ms > d->now_ms) {
    draft.reserved = false;
    status = let_wait(d, &draft, open_ms, err);
    if (status == WEIR_OK) say_wait(d, &draft, open_ms, "it is not the time of day for it", (weir_str){ NULL, 0 });
    return status;
  }
  if (status == WEIR_OK && !reason) status = try_account(d, &draft, false, &limits, &reason, err);
  if (status != WEIR_OK) return status;
  if (reason) {
    d->tally = before;
    drop(d, weir_str_of(draft.kind->name), timer->rule, reason, d->changes.cnt);
    return WEIR_OK;
  }
  return send_or_wait(d, &draft, &limits, &before, d->changes.cnt, err);
}
