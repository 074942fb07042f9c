/* engine.c: the way of an event, step by step:
 *
 *   admit ─▶ fold ─▶ match ⇄ gate ─▶ act ─▶ police ═▶ sign ─▶ commit
 *   here     match/  rules.c         decide/          commit.c
 *
 * Every call begins with an empty event arena; what a verdict points to lives in it until the next call. */
#include "engine.h"

#include "policy/policy.h"
#include "text/utf8.h"

/* ---- Beginning and ending a decision */

void weir_engine_enter(weir_engine *e) {
  weir_arena_reset(&e->arena);
  e->struck = e->behind = false;
  e->entered = e->stats;
  if (!e->open) e->committed = e->stats;
  weir_strikes_enter(e);
}

void weir_engine_prepare(weir_engine *e, const weir_event *event, enum weir_event_kind kind, const unsigned char identity[WEIR_ID_BYTES],
                         uint32_t attempt, int64_t now_ms) {
  struct weir_decide *d = &e->decide;
  memset(d, 0, sizeof *d);
  d->ruleset = e->rooms.ruleset;
  d->config = &e->config;
  d->store = e->store;
  d->arena = &e->arena;
  d->event = event;
  d->kind = kind;
  d->contact = (struct weir_contact){ event->channel, event->account, event->contact_id };
  d->now_ms = now_ms;
  e->behind = now_ms < e->latest_ms;
  if (!e->behind) e->latest_ms = now_ms;
  if (e->behind && !e->told_behind) {
    weir_engine_log(e, &(weir_log_entry){ .level = WEIR_LOG_WARNING, .what = "clock_behind" }, "the time of this call lies %lld ms before an earlier one",
                    (long long)(e->latest_ms - now_ms));
  }
  e->told_behind = e->behind;
  d->secret = (weir_str){ (const char *)e->secret, sizeof e->secret };
  d->attempt = attempt;
  memcpy(e->identity, identity, WEIR_ID_BYTES);
  e->opened = (struct weir_opened){ .keyed = true }; /* nothing is opened yet */
  d->changes = (struct weir_changeset){ .contact = d->contact, .now_ms = now_ms, .items = e->changes, .cap = WEIR_CHANGES_MAX };
  d->trace = (struct weir_trace_log){ .items = e->rooms.trace, .cap = e->rooms.trace_cap, .all = e->config.trace };
  e->actions_json.len = 0;
  e->actions_json.full = false;
  d->actions_json = &e->actions_json;
  d->actions = e->actions;
}

void weir_engine_name(weir_engine *e) {
  struct weir_decide *d = &e->decide;
  if (d->id.len) return;
  char digits[12];
  struct weir_buf number;
  weir_buf_init(&number, digits, sizeof digits);
  weir_buf_uint(&number, d->attempt);
  const weir_str parts[] = { e->config.chain, { (const char *)e->identity, WEIR_ID_BYTES }, weir_buf_view(&number) };
  unsigned char id[WEIR_ID_BYTES];
  weir_id_hash((weir_str){ NULL, 0 }, parts, sizeof parts / sizeof *parts, id);
  e->id[weir_base64url(id, sizeof id, e->id)] = '\0';
  d->id = (weir_str){ e->id, WEIR_ID_CHARS };
  d->seed = weir_hash64((weir_str){ NULL, 0 }, &d->id, 1);
}

static void fill_verdict(weir_engine *e, weir_str cause, weir_verdict *v) {
  const struct weir_decide *d = &e->decide;
  char *aud = weir_arena_bytes(&e->arena, d->contact.channel.len + 1 + d->contact.account.len);
  if (d->action_cnt || d->waiting_cnt) v->id = d->id;
  /* copies: what the caller gave need not outlive the call */
  if (!weir_arena_str(&e->arena, cause, &v->cause)) v->cause = (weir_str){ NULL, 0 };
  if (!weir_arena_str(&e->arena, d->contact.id, &v->contact)) v->contact = (weir_str){ NULL, 0 };
  v->clock_behind = e->behind;
  v->actions = d->actions;
  v->action_cnt = d->action_cnt;
  v->trace = d->trace.items;
  v->trace_cnt = d->trace.cnt;
  if (!aud || !d->contact.channel.len) return; /* a step of a round that met nobody is about nobody */
  memcpy(aud, d->contact.channel.ptr, d->contact.channel.len);
  aud[d->contact.channel.len] = '/';
  memcpy(aud + d->contact.channel.len + 1, d->contact.account.ptr, d->contact.account.len);
  v->aud = (weir_str){ aud, d->contact.channel.len + 1 + d->contact.account.len };
}

static weir_status begin(weir_engine *e, weir_error *err) {
  if (e->open) return WEIR_OK;
  weir_status st = e->store->ops->begin(e->store, err);
  if (!st) e->open = true;
  return st;
}

/* A dry engine lives in one transaction after the other, and takes each back. */
static void undo_dry(weir_engine *e) {
  if (!e->config.dry || !e->open) return;
  e->store->ops->rollback(e->store);
  e->open = false;
  e->applied = 0;
  weir_rounds_refresh(e);
}

/* A join was applied at once; nothing else is in its transaction (who.c saw to it). An empty transaction needs not stay open. */
void weir_engine_leave(weir_engine *e) {
  if (e->open && (e->joined || (!e->applied && !e->group.cnt))) {
    e->store->ops->rollback(e->store);
    e->open = false;
    e->applied = 0;
    weir_rounds_refresh(e);
  }
  e->joined = false;
}

void weir_engine_strike(weir_engine *e, weir_str cause, weir_verdict *verdict) {
  struct weir_decide *d = &e->decide;
  undo_dry(e);
  weir_engine_leave(e);
  d->changes.cnt = 0;
  d->action_cnt = d->waiting_cnt = d->dropped_cnt = 0;
  fill_verdict(e, cause, verdict);
  verdict->result = WEIR_RESULT_UNDECIDED;
  verdict->limit = verdict->struck = true;
  e->stats.undecided++;
  weir_engine_log(e, &(weir_log_entry){ .level = WEIR_LOG_WARNING, .what = "gave_up", .aud = verdict->aud, .cause = verdict->cause }, "it took too long and was given up, undecided");
}

weir_status weir_engine_finish(weir_engine *e, weir_str cause, weir_verdict *verdict, weir_error *err) {
  struct weir_decide *d = &e->decide;
  weir_status st = weir_decide_segments(d, err);
  if (!st && d->changes.cnt) {
    st = begin(e, err);
    if (!st) st = e->store->ops->apply(e->store, &d->changes, err);
    if (!st) e->applied++;
  }
  if (!st && d->action_cnt && !e->config.dry) {
    st = begin(e, err);
    if (!st) st = weir_group_add(e, cause, err);
  }
  undo_dry(e);
  if (st) return st;
  e->joined = false;
  e->group_ms = d->now_ms;
  weir_strikes_settle(e);
  e->stats.actions += d->action_cnt;
  e->stats.dropped += d->dropped_cnt;
  e->stats.waiting += d->waiting_cnt;
  fill_verdict(e, cause, verdict);
  weir_engine_log_verdict(e, verdict);
  if (e->config.batch || e->config.dry) return WEIR_OK;
  return weir_commit(e, err);
}

/* ---- Admit */

weir_status weir_engine_check_now(int64_t now_ms, weir_error *err) {
  if (now_ms >= WEIR_TIME_MIN_MS && now_ms <= WEIR_TIME_MAX_MS) return WEIR_OK;
  return weir_fail(err, WEIR_E_ARG, "the time of the call lies outside the years 1970 to 9999");
}

static weir_status admit(weir_engine *e, const weir_event *event, int64_t now_ms, enum weir_event_kind *kind, weir_error *err) {
  weir_status st = weir_event_check(event, kind, err);
  if (!st) st = weir_engine_check_now(now_ms, err);
  if (st) return st;
  if (!e->born) {
    e->born = true;
    e->born_ms = now_ms;
  }
  /* Marks of events seen are dropped after WEIR_DEDUPE_MS, so an older event could have been answered before; unless this
   * state is too young to have dropped any. */
  if (event->time_ms < now_ms - WEIR_DEDUPE_MS && now_ms - e->born_ms > WEIR_DEDUPE_MS) {
    return weir_fail(err, WEIR_E_TOO_OLD, "the event is older than the 8 days for which answered events are remembered; it might be answered twice");
  }
  return WEIR_OK;
}

/* ---- The decision */

static weir_status open_changes(weir_engine *e, weir_error *err) {
  struct weir_decide *d = &e->decide;
  struct weir_change opens[WEIR_POLICY_OPENS_MAX], seen = { .kind = WEIR_CHANGE_SEEN, .name = d->event->contact_name, .at_ms = d->now_ms };
  uint32_t lasting, first = d->changes.cnt, cnt = weir_policy_opens(d->ruleset, d->event, d->kind, d->now_ms, false, opens, &lasting);
  weir_status st = weir_decide_change(d, &seen, err);
  for (uint32_t i = 0; i < cnt && !st; i++) st = weir_decide_change(d, &opens[i], err);
  e->opened = (struct weir_opened){ first, first + 1 + lasting, first + 1 + cnt, cnt == 0 };
  return st;
}

void weir_engine_key_windows(weir_engine *e) {
  struct weir_decide *d = &e->decide;
  uint32_t lasting;
  if (e->opened.keyed) return;
  e->opened.keyed = true;
  (void)weir_policy_opens(d->ruleset, d->event, d->kind, d->now_ms, true, &d->changes.items[e->opened.first + 1], &lasting);
}

/* Whether anything will ask for the windows that this event alone opens: something was written in one of them, or waits. Each takes room for as
 * long as it is open, which on some platforms is a week. */
static bool comes_back(const struct weir_decide *d, const struct weir_opened *opening) {
  for (uint32_t i = opening->end; i < d->changes.cnt; i++) {
    const struct weir_change *change = &d->changes.items[i];
    if (change->kind == WEIR_CHANGE_TIMER) return true;
    for (uint32_t k = opening->lasting; k < opening->end; k++) {
      if (change->kind == WEIR_CHANGE_METER && memcmp(change->key, d->changes.items[k].key, WEIR_ID_BYTES) == 0) return true;
    }
  }
  return false;
}

/* Whether the event opens a window for somebody known that is shut, was written in, or was opened a while ago: what is said later hangs on it. A
 * further line of his within that while is not worth a write: it would put off the end by less than an hour. */
static weir_status opens_anew(weir_engine *e, bool *anew, weir_error *err) {
  const struct weir_decide *d = &e->decide;
  const int64_t hour = INT64_C(3600) * 1000;
  weir_engine_key_windows(e);
  *anew = false;
  for (uint32_t i = e->opened.first + 1; i < e->opened.lasting && !*anew; i++) {
    const struct weir_change *opens = &d->changes.items[i];
    int64_t part = (opens->until_ms - opens->at_ms) / 8, after_ms = part < hour ? part : hour;
    struct weir_meter meter;
    weir_status st = e->store->ops->meter(e->store, opens->key, d->now_ms, &meter, err);
    if (st) return st;
    *anew = meter.opened_ms == 0 || meter.slot_cnt > 0 || opens->at_ms - meter.opened_ms >= after_ms;
  }
  return WEIR_OK;
}

/* Whether anything else is to be remembered of the person himself. That a stranger guesses codes is counted without knowing him. */
static bool about_person(const struct weir_changeset *changes, const struct weir_opened *opening) {
  for (uint32_t i = 0; i < changes->cnt; i++) {
    bool opens = i >= opening->first && i < opening->end;
    if (!opens && changes->items[i].kind != WEIR_CHANGE_TOTAL) return true;
  }
  return false;
}

static void take_out(struct weir_changeset *changes, uint32_t from, uint32_t to) {
  memmove(&changes->items[from], &changes->items[to], (changes->cnt - to) * sizeof *changes->items);
  changes->cnt -= to - from;
}

/* What the event leaves behind beside the rules' own changes. A SEEN change stands before them (open_changes), to make the person if
 * there is anything to remember; when there is not, it is not written. */
static weir_status leave_traces(weir_engine *e, const unsigned char identity[WEIR_ID_BYTES], bool fired, weir_error *err) {
  struct weir_decide *d = &e->decide;
  const struct weir_opened *opening = &e->opened;
  const int64_t hour = INT64_C(3600) * 1000;
  struct weir_glance known;
  weir_status st = e->store->ops->glance(e->store, &d->contact, &known, err);
  if (st) return st;
  bool moved = known.person && d->now_ms / hour > known.last_seen_ms / hour; /* not by an event that is given again late */
  bool answered = known.person && weir_event_kind_is_text(d->kind) && known.awaits_ms >= d->now_ms;
  bool remembered = about_person(&d->changes, opening) || moved || fired || answered; /* who was answered is known from then on */
  if (!remembered && known.person && (st = opens_anew(e, &remembered, err))) return st;
  if (remembered) weir_engine_key_windows(e);
  if (!remembered) take_out(&d->changes, opening->first, opening->end);
  else if (!comes_back(d, opening)) take_out(&d->changes, opening->lasting, opening->end);
  struct weir_change said = { .kind = WEIR_CHANGE_SAID, .at_ms = d->now_ms };
  if (answered && (st = weir_decide_change(d, &said, err))) return st;
  if (!fired && !d->state_asked) return WEIR_OK;
  struct weir_change mark = { .kind = WEIR_CHANGE_DEDUPE, .value = d->action_cnt ? d->id : (weir_str){ NULL, 0 }, .at_ms = d->now_ms,
                              .until_ms = d->now_ms + WEIR_DEDUPE_MS };
  memcpy(mark.key, identity, WEIR_ID_BYTES);
  return weir_decide_change(d, &mark, err);
}

/* Our own doing: no rule sees it. What was said to somebody, and not by us, was said by a human. */
static weir_status look_at_own(weir_engine *e, const weir_event *event, enum weir_event_kind kind, const unsigned char identity[WEIR_ID_BYTES],
                               weir_verdict *verdict, weir_error *err) {
  uint64_t unknown = e->stats.echoes_unknown;
  weir_str decision;
  bool seen = false;
  verdict->result = WEIR_RESULT_IGNORED;
  weir_status st = weir_engine_echo(e, event, err);
  if (st || unknown == e->stats.echoes_unknown || kind != WEIR_EVENT_ECHO || weir_str_eq(event->contact_id, event->account)) return st;
  st = e->store->ops->seen(e->store, identity, e->decide.now_ms, &e->arena, &seen, &decision, err);
  if (st || seen) return st;
  st = weir_engine_unexplained(e, identity, err);
  return st || !e->decide.changes.cnt ? st : weir_engine_finish(e, event->id, verdict, err);
}

static weir_status look_up(weir_engine *e, const weir_event *event, enum weir_event_kind kind, const unsigned char identity[WEIR_ID_BYTES],
                           weir_verdict *verdict, bool *done, weir_error *err) {
  weir_str decision;
  bool seen = false;
  *done = true;
  if (kind != WEIR_EVENT_OUTCOME && weir_policy_is_own(event, kind)) return look_at_own(e, event, kind, identity, verdict, err);
  weir_status st = e->store->ops->seen(e->store, identity, e->decide.now_ms, &e->arena, &seen, &decision, err);
  if (st) return st;
  if (seen) {
    verdict->result = WEIR_RESULT_REPEAT;
    verdict->id = decision;
    e->stats.repeats++;
    return WEIR_OK;
  }
  *done = false;
  return WEIR_OK;
}

void weir_engine_result(const struct weir_rules_outcome *rules, weir_verdict *v) {
  v->limit = rules->limit;
  v->result = rules->fired ? WEIR_RESULT_DECIDED : rules->limit ? WEIR_RESULT_UNDECIDED : WEIR_RESULT_NOTHING;
}

static void count_result(weir_stats *stats, weir_result result) {
  if (result == WEIR_RESULT_DECIDED) stats->decided++;
  else if (result == WEIR_RESULT_UNDECIDED) stats->undecided++;
  else stats->nothing++;
}

static weir_status decide(weir_engine *e, const weir_event *event, enum weir_event_kind kind, int64_t now_ms, weir_verdict *verdict, weir_error *err) {
  unsigned char identity[WEIR_ID_BYTES];
  bool done = false;
  weir_event_identity(event, identity);
  weir_status st = weir_group_make_room(e, kind != WEIR_EVENT_OUTCOME, err); /* outcomes lead to no record */
  if (st) return st;
  weir_engine_prepare(e, event, kind, identity, 0, now_ms);
  st = look_up(e, event, kind, identity, verdict, &done, err);
  if (st || done) {
    fill_verdict(e, event->id, verdict);
    return st;
  }
  if (kind == WEIR_EVENT_OUTCOME) return weir_engine_outcome(e, event, identity, verdict, err);
  /* matching looks at the beginning of a long text only, but all of it is handed on */
  if (event->text.len > WEIR_TEXT_MAX && weir_utf8_valid(event->text) != event->text.len) {
    st = weir_fail(err, WEIR_E_FORMAT, "\"text\" is not valid UTF-8");
  }
  if (!st && event->text.len) st = weir_match_text(e->rooms.match, event->text, true, &verdict->text_cut, err);
  if (!st) st = weir_who_follow_code(e, err);
  if (!st) st = weir_who_follow_link(e, err);
  if (!st) st = weir_who_unlink(e, err);

  struct weir_rules_outcome rules = { false, false };
  if (!st) st = open_changes(e, err);
  if (!st) st = weir_who_invited(e, err);
  if (!st) st = weir_rules_run(e, &rules, err);
  if (!st && e->struck) {
    weir_engine_strike(e, event->id, verdict);
    return WEIR_OK;
  }
  if (!st) st = leave_traces(e, identity, rules.fired, err);
  if (!st) st = weir_engine_finish(e, event->id, verdict, err);
  if (st) return st;
  weir_engine_result(&rules, verdict);
  count_result(&e->stats, verdict->result);
  return WEIR_OK;
}

static void empty_verdict(weir_verdict *verdict) { memset(verdict, 0, sizeof *verdict); }

weir_status weir_engine_refuse(weir_engine *e, weir_status st, weir_verdict *verdict) {
  undo_dry(e);
  weir_engine_leave(e);
  empty_verdict(verdict);
  e->stats = e->entered; /* it may come again, and is counted then */
  if (st < 0) e->stats.refused++;
  return st;
}

static weir_status decide_event(weir_engine *e, weir_event *event, int64_t now_ms, weir_verdict *verdict, weir_error *err) {
  enum weir_event_kind kind;
  char name[WEIR_NAME_MAX];
  weir_status st = admit(e, event, now_ms, &kind, err);
  if (!st) event->contact_name = (weir_str){ name, weir_policy_user_name(event->contact_name, name, sizeof name) };
  if (!st) st = decide(e, event, kind, now_ms, verdict, err);
  if (st) return weir_engine_refuse(e, st, verdict);
  e->group_ms = now_ms;
  e->stats.events++;
  return WEIR_OK;
}

weir_status weir_decide(weir_engine *engine, const weir_event *event, int64_t now_ms, weir_verdict *verdict, weir_error *err) {
  if (verdict) empty_verdict(verdict);
  if (!engine || !event || !verdict) return weir_fail(err, WEIR_E_ARG, "weir_decide needs an engine, an event and a place for the verdict");
  weir_event own;
  if (!weir_struct_in(&own, sizeof own, event)) return weir_fail(err, WEIR_E_ARG, "weir_event.struct_size is not that of this library or an older one");
  weir_engine_enter(engine);
  return decide_event(engine, &own, now_ms, verdict, err);
}

weir_status weir_decide_json(weir_engine *engine, weir_str json, int64_t now_ms, weir_verdict *verdict, weir_error *err) {
  if (verdict) empty_verdict(verdict);
  if (!engine || !verdict) return weir_fail(err, WEIR_E_ARG, "weir_decide_json needs an engine and a place for the verdict");
  weir_engine_enter(engine);
  weir_event event;
  weir_status st = weir_event_read(json, &engine->arena, &event, err);
  if (st) return weir_engine_refuse(engine, st, verdict);
  return decide_event(engine, &event, now_ms, verdict, err);
}

weir_status weir_event_time(weir_engine *engine, weir_str json, int64_t *time_ms, weir_error *err) {
  if (time_ms) *time_ms = 0;
  if (!engine || !time_ms) return weir_fail(err, WEIR_E_ARG, "weir_event_time needs an engine and a place for the time");
  weir_arena_reset(&engine->arena);
  weir_event event;
  enum weir_event_kind kind;
  weir_status st = weir_event_read(json, &engine->arena, &event, err);
  if (!st) st = weir_event_check(&event, &kind, err);
  if (!st) *time_ms = event.time_ms;
  else engine->stats.refused++;
  return st;
}
