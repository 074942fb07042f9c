/* engine.c: the way of an event, step by step:
 *
 *   admit ─▶ fold ─▶ match ⇄ gate ─▶ act ─▶ police ═▶ sign ─▶ commit
 *   here     match/  rules.c         decide/          commit.c
 *
 * Every call begins with an empty event arena; what a verdict points to lives in it until the next call. */
#include "engine.h"

#include "text/utf8.h"

/* ---- Beginning and ending a decision */

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
  d->secret = (weir_str){ (const char *)e->secret, sizeof e->secret };

  char digits[12];
  struct weir_buf number;
  weir_buf_init(&number, digits, sizeof digits);
  weir_buf_uint(&number, attempt);
  d->attempt = attempt;
  const weir_str parts[] = { e->config.chain, { (const char *)identity, WEIR_ID_BYTES }, weir_buf_view(&number) };
  unsigned char id[WEIR_ID_BYTES];
  weir_id_hash((weir_str){ NULL, 0 }, parts, sizeof parts / sizeof *parts, id);
  e->id[weir_base64url(id, sizeof id, e->id)] = '\0';
  d->id = (weir_str){ e->id, WEIR_ID_CHARS };
  d->seed = weir_hash64((weir_str){ NULL, 0 }, &d->id, 1);

  d->changes = (struct weir_changeset){ .contact = d->contact, .now_ms = now_ms, .items = e->changes, .cap = WEIR_CHANGES_MAX };
  d->trace = (struct weir_trace_log){ .items = e->rooms.trace, .cap = e->rooms.trace_cap, .all = e->config.trace };
  e->actions_json.len = 0;
  e->actions_json.full = false;
  d->actions_json = &e->actions_json;
  d->actions = e->actions;
}

static void fill_verdict(weir_engine *e, weir_str cause, weir_verdict *v) {
  const struct weir_decide *d = &e->decide;
  char *aud = weir_arena_bytes(&e->arena, d->contact.channel.len + 1 + d->contact.account.len);
  if (d->action_cnt || d->waiting_cnt) v->id = d->id;
  v->cause = cause;
  v->contact = d->contact.id;
  v->actions = d->actions;
  v->action_cnt = d->action_cnt;
  v->trace = d->trace.items;
  v->trace_cnt = d->trace.cnt;
  if (!aud) return;
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
}

weir_status weir_engine_finish(weir_engine *e, weir_str cause, weir_verdict *verdict, weir_error *err) {
  struct weir_decide *d = &e->decide;
  weir_status st = WEIR_OK;
  if (d->changes.cnt) {
    st = begin(e, err);
    if (!st) st = e->store->ops->apply(e->store, &d->changes, err);
    if (!st) e->applied++;
  }
  if (!st && d->action_cnt && !e->config.dry) {
    st = begin(e, err);
    if (!st) weir_group_add(e, cause);
  }
  undo_dry(e);
  if (st) return st;
  e->stats.actions += d->action_cnt;
  e->stats.dropped += d->dropped_cnt;
  e->stats.waiting += d->waiting_cnt;
  fill_verdict(e, cause, verdict);
  if (e->config.batch || e->config.dry) return WEIR_OK;
  return weir_commit(e, err);
}

/* ---- Admit */

static weir_status admit(weir_engine *e, const weir_event *event, int64_t now_ms, enum weir_event_kind *kind, weir_error *err) {
  weir_status st = weir_event_check(event, kind, err);
  if (st) return st;
  if (now_ms < WEIR_TIME_MIN_MS || now_ms > WEIR_TIME_MAX_MS) return weir_fail(err, WEIR_E_ARG, "the time of the call lies outside the years 1970 to 9999");
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

/* ---- Who it is: codes and links */

/* Joins the event's contact to the person `id`; what follows sees them as one. */
static weir_status join(weir_engine *e, uint64_t person, weir_str code, weir_error *err) {
  struct weir_decide *d = &e->decide;
  struct weir_change items[3];
  struct weir_changeset set = { .contact = d->contact, .now_ms = d->now_ms, .items = items, .cap = 3 };
  memset(items, 0, sizeof items);
  items[0] = (struct weir_change){ .kind = WEIR_CHANGE_SEEN, .name = d->event->contact_name, .at_ms = d->event->time_ms };
  items[1] = (struct weir_change){ .kind = WEIR_CHANGE_JOIN, .number = (int64_t)person };
  set.cnt = 2;
  if (code.len) items[set.cnt++] = (struct weir_change){ .kind = WEIR_CHANGE_CODE_USED, .value = code };
  weir_status st = begin(e, err);
  if (!st) st = e->store->ops->apply(e->store, &set, err);
  if (!st) d->state_asked = true; /* the event had an effect: it must not have it twice */
  return st;
}

/* A live code in a friend request or a message says who is writing. */
static weir_status follow_code(weir_engine *e, weir_error *err) {
  struct weir_decide *d = &e->decide;
  uint64_t person = 0;
  char code[WEIR_CODE_LEN + 1];
  if (d->kind != WEIR_EVENT_FRIEND_REQUEST && d->kind != WEIR_EVENT_MESSAGE) return WEIR_OK;
  if (!d->event->text.len) return WEIR_OK;
  weir_status st = weir_decide_find_code(e->store, weir_match_folded(e->rooms.match), d->now_ms, &person, code, err);
  if (st || !person) return st;
  weir_str copy;
  if (!weir_arena_str(&e->arena, weir_str_of(code), &copy)) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  return join(e, person, copy, err);
}

/* A link event names the other contact in attrs.with, as "channel/account/id". */
static weir_status follow_link(weir_engine *e, weir_error *err) {
  struct weir_decide *d = &e->decide;
  if (d->kind != WEIR_EVENT_LINK) return WEIR_OK;
  weir_str with = { NULL, 0 };
  for (size_t i = 0; i < d->event->attr_cnt; i++) {
    if (weir_str_eq(d->event->attrs[i].key, WEIR_STR("with"))) with = d->event->attrs[i].value;
  }
  const char *slash = with.len ? memchr(with.ptr, '/', with.len) : NULL;
  const char *second = slash ? memchr(slash + 1, '/', (size_t)(with.ptr + with.len - slash - 1)) : NULL;
  if (!second) return weir_fail(err, WEIR_E_EVENT, "a link event names the other contact in attrs: {\"with\":\"channel/account/id\"}");
  struct weir_contact other = { { with.ptr, (size_t)(slash - with.ptr) }, { slash + 1, (size_t)(second - slash - 1) },
                                { second + 1, (size_t)(with.ptr + with.len - second - 1) } };
  struct weir_person person;
  weir_status st = e->store->ops->load(e->store, &other, &e->arena, &person, err);
  if (st || !person.id) return st; /* nobody is known there yet: nothing to join */
  return join(e, person.id, (weir_str){ NULL, 0 }, err);
}

/* ---- The decision */

/* What the event leaves behind beside the rules' own changes. The SEEN change was put first, to make the person if there is
 * anything to remember; when there is not, nothing is written at all. */
static weir_status leave_traces(weir_engine *e, const unsigned char identity[WEIR_ID_BYTES], bool fired, weir_error *err) {
  struct weir_decide *d = &e->decide;
  const int64_t hour = INT64_C(3600) * 1000;
  bool has_changes = false;
  for (uint32_t i = 1; i < d->changes.cnt; i++) has_changes |= d->changes.items[i].kind != WEIR_CHANGE_LEDGER;
  bool moved = d->person_loaded && d->person.id && d->now_ms / hour != d->person.last_seen_ms / hour;
  if (!has_changes && !moved) { /* who was only answered is nobody to remember; the ledger knows the action without him */
    d->changes.cnt--;
    memmove(d->changes.items, d->changes.items + 1, d->changes.cnt * sizeof *d->changes.items);
  }
  if (!fired && !d->state_asked) return WEIR_OK;
  struct weir_change mark = { .kind = WEIR_CHANGE_DEDUPE, .value = d->action_cnt ? d->id : (weir_str){ NULL, 0 }, .at_ms = d->now_ms,
                              .until_ms = d->now_ms + WEIR_DEDUPE_MS };
  memcpy(mark.key, identity, WEIR_ID_BYTES);
  return weir_decide_change(d, &mark, err);
}

static weir_status look_up(weir_engine *e, const weir_event *event, enum weir_event_kind kind, const unsigned char identity[WEIR_ID_BYTES],
                           weir_verdict *verdict, bool *done, weir_error *err) {
  weir_str decision;
  bool seen = false;
  *done = true;
  if (kind != WEIR_EVENT_OUTCOME && weir_policy_is_own(event, kind)) {
    verdict->result = WEIR_RESULT_IGNORED;
    return weir_engine_echo(e, event, err);
  }
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
  struct weir_decide *d = &e->decide;
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
  if (event->text.len) st = weir_match_text(e->rooms.match, event->text, true, &verdict->text_cut, err);
  if (!st) st = follow_code(e, err);
  if (!st) st = follow_link(e, err);

  struct weir_rules_outcome rules = { false, false };
  struct weir_change seen = { .kind = WEIR_CHANGE_SEEN, .name = event->contact_name, .at_ms = now_ms };
  if (!st) st = weir_decide_change(d, &seen, err);
  if (!st) st = weir_rules_run(e, &rules, err);
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
  empty_verdict(verdict);
  if (st < 0) e->stats.refused++;
  return st;
}

static weir_status decide_event(weir_engine *e, const weir_event *event, int64_t now_ms, weir_verdict *verdict, weir_error *err) {
  enum weir_event_kind kind;
  weir_status st = admit(e, event, now_ms, &kind, err);
  if (!st) st = decide(e, event, kind, now_ms, verdict, err);
  if (st) return weir_engine_refuse(e, st, verdict);
  e->stats.events++;
  return WEIR_OK;
}

weir_status weir_decide(weir_engine *engine, const weir_event *event, int64_t now_ms, weir_verdict *verdict, weir_error *err) {
  if (verdict) empty_verdict(verdict);
  if (!engine || !event || !verdict) return weir_fail(err, WEIR_E_ARG, "weir_decide needs an engine, an event and a place for the verdict");
  weir_arena_reset(&engine->arena);
  return decide_event(engine, event, now_ms, verdict, err);
}

weir_status weir_decide_json(weir_engine *engine, weir_str json, int64_t now_ms, weir_verdict *verdict, weir_error *err) {
  if (verdict) empty_verdict(verdict);
  if (!engine || !verdict) return weir_fail(err, WEIR_E_ARG, "weir_decide_json needs an engine and a place for the verdict");
  weir_arena_reset(&engine->arena);
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
