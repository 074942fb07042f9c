/* who.c: whom an event is about. A live code in a friend request or a message, or a link event from the gateway, says that two
 * contacts are one human; they are joined before the rules look, so that the funnel goes on where it was.
 *
 * A join is applied at once, because the rules must see its result. So that a refused event leaves nothing behind, it must be
 * the first thing of its transaction: weir_engine_refuse then takes the transaction back. */
#include <stdarg.h>
#include <stdio.h>

#include "engine.h"

static weir_status apply(weir_engine *e, const struct weir_contact *contact, struct weir_change *items, uint32_t cnt, weir_error *err) {
  struct weir_changeset set = { .contact = *contact, .now_ms = e->decide.now_ms, .items = items, .cnt = cnt, .cap = cnt };
  weir_status st = WEIR_OK;
  if (!e->open) {
    st = e->store->ops->begin(e->store, err);
    if (st) return st;
    e->open = true;
  }
  st = e->store->ops->apply(e->store, &set, err);
  if (!st) e->applied++;
  return st;
}

static void say(struct weir_engine *e, const char *format, ...) WEIR_PRINTF(2, 3);
static void say(struct weir_engine *e, const char *format, ...) {
  char text[WEIR_TRACE_DETAIL_MAX];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  weir_decide_trace(&e->decide, (weir_str){ NULL, 0 }, WEIR_REASON_LINK, "%s", n < 0 ? "" : text);
}

/* ---- Whether two can be one */

static bool same_account(const struct weir_contact *a, const struct weir_contact *b) {
  return weir_str_eq(a->channel, b->channel) && weir_str_eq(a->account, b->account);
}

static weir_str field_of(const struct weir_person *person, weir_str name) {
  for (uint32_t i = 0; i < person->field_cnt; i++) {
    if (weir_str_eq(person->fields[i].key, name)) return person->fields[i].value;
  }
  return (weir_str){ NULL, 0 };
}

/* Why not; NULL: they can. `contact` stands for `one` when nobody is known under it. */
static const char *why_not(const struct weir_contact *contact, const struct weir_person *one, const struct weir_person *other) {
  const struct weir_contact *contacts = one->id ? one->contacts : contact;
  uint32_t cnt = one->id ? one->contact_cnt : 1;
  for (uint32_t i = 0; i < cnt; i++) {
    for (uint32_t k = 0; k < other->contact_cnt; k++) {
      if (same_account(&contacts[i], &other->contacts[k])) return "one account knows both, as two contacts";
    }
  }
  weir_str name = field_of(one, WEIR_STR(WEIR_OPT_IN_FIELD)), others = field_of(other, WEIR_STR(WEIR_OPT_IN_FIELD));
  if (name.len && others.len && !weir_str_eq(name, others)) return "both opted in, under different names";
  return NULL;
}

/* ---- Stages */

static uint32_t stage_index(const weir_ruleset *rs, weir_str funnel, weir_str stage) {
  for (uint32_t i = 0; i < rs->funnel_cnt; i++) {
    if (!weir_str_eq(rs->funnels[i].name, funnel)) continue;
    for (uint32_t k = 0; k < rs->funnels[i].stage_cnt; k++) {
      if (weir_str_eq(rs->funnels[i].stages[k], stage)) return k;
    }
  }
  return WEIR_NO_INDEX;
}

static const struct weir_stage_entry *entry_of(const struct weir_person *person, weir_str funnel) {
  for (uint32_t i = 0; i < person->stage_cnt; i++) {
    if (weir_str_eq(person->stages[i].funnel, funnel)) return &person->stages[i];
  }
  return NULL;
}

/* Which of two stages of a funnel lies further on; one that the funnel has no more lies behind all. */
static bool is_further(const weir_ruleset *rs, const struct weir_stage_entry *a, const struct weir_stage_entry *b) {
  uint32_t x = stage_index(rs, a->funnel, a->stage), y = stage_index(rs, b->funnel, b->stage);
  if (x == WEIR_NO_INDEX || y == WEIR_NO_INDEX) return x != y && y == WEIR_NO_INDEX;
  return x > y;
}

/* The changes that keep the further stage in every funnel that both are in: a store does not know the order of stages. */
static uint32_t further_stages(const weir_ruleset *rs, const struct weir_person *one, const struct weir_person *other, struct weir_change *items) {
  uint32_t cnt = 0;
  for (uint32_t i = 0; i < one->stage_cnt && cnt < WEIR_STAGES_MAX; i++) {
    const struct weir_stage_entry *a = &one->stages[i], *b = entry_of(other, a->funnel);
    if (!b) continue;
    const struct weir_stage_entry *keep = is_further(rs, b, a) ? b : is_further(rs, a, b) ? a : NULL;
    if (keep) items[cnt++] = (struct weir_change){ .kind = WEIR_CHANGE_STAGE, .name = keep->funnel, .value = keep->stage, .at_ms = keep->entered_ms };
  }
  return cnt;
}

/* ---- Joining */

/* The link had no effect; the event goes on without it. */
static weir_status refuse(weir_engine *e, const char *why, weir_error *err) {
  struct weir_decide *d = &e->decide;
  weir_error_clear(err);
  d->code = d->code == WEIR_CODE_OK ? WEIR_CODE_REFUSED : d->code;
  d->state_asked = true; /* it was reported: not again */
  e->stats.links_refused++;
  say(e, "not joined: %s", why);
  return WEIR_OK;
}

/* Applies the join as the first thing of a transaction; WEIR_E_LIMIT when they have more together than one may. */
static weir_status apply_join(weir_engine *e, const struct weir_contact *contact, weir_str name, const struct weir_person *one,
                              const struct weir_person *other, weir_str code, weir_error *err) {
  struct weir_decide *d = &e->decide;
  struct weir_change items[4 + WEIR_STAGES_MAX] = {
    { .kind = WEIR_CHANGE_SEEN, .name = name, .at_ms = d->now_ms },
    { .kind = WEIR_CHANGE_JOIN, .number = (int64_t)other->id },
  };
  uint32_t cnt = 2;
  cnt += further_stages(e->rooms.ruleset, one, other, items + cnt);
  if (code.len) {
    items[cnt++] = (struct weir_change){ .kind = WEIR_CHANGE_CODE_USED, .value = code };
    items[cnt] = (struct weir_change){ .kind = WEIR_CHANGE_DEDUPE, .value = WEIR_STR("used"), .at_ms = d->now_ms, .until_ms = d->now_ms + WEIR_CODE_KNOWN_MS };
    weir_code_mark(code, items[cnt++].key);
  }
  return apply(e, contact, items, cnt, err);
}

/* Two stood in the buckets of segments; one does now. */
static weir_status join_segments(weir_engine *e, const struct weir_contact *contact, const struct weir_person *one, const struct weir_person *other, weir_error *err) {
  const weir_ruleset *rs = e->rooms.ruleset;
  struct weir_change items[4 * WEIR_SEGMENTS_MAX];
  struct weir_changeset set = { .items = items, .cap = sizeof items / sizeof *items };
  struct weir_person now;
  if (!rs->segment_cnt) return WEIR_OK;
  weir_status st = e->store->ops->load(e->store, contact, &e->arena, &now, err);
  for (uint32_t i = 0; i < rs->segment_cnt && !st; i++) {
    const struct weir_segment *segment = &rs->segments[i];
    st = weir_segment_moved(rs, i, weir_segment_value(one, segment), weir_segment_value(&now, segment), &set, err);
    if (!st) st = weir_segment_moved(rs, i, weir_segment_value(other, segment), 0, &set, err);
  }
  return st || !set.cnt ? st : apply(e, contact, items, set.cnt, err);
}

/* Makes `contact` the same human as `other`. `code`, when there is one, is used up by it. */
static weir_status join(weir_engine *e, const struct weir_contact *contact, weir_str name, const struct weir_person *other, weir_str code, weir_error *err) {
  struct weir_decide *d = &e->decide;
  struct weir_person one;
  weir_status st = e->store->ops->load(e->store, contact, &e->arena, &one, err);
  if (st || one.id == other->id) { /* he is that person already */
    if (!st && d->code == WEIR_CODE_OK) d->code = WEIR_CODE_OWN;
    return st;
  }
  const char *why = why_not(contact, &one, other);
  if (why) return refuse(e, why, err);
  if (e->applied || e->group.cnt) return weir_fail(err, WEIR_E_FULL, "the event joins two contacts: commit, then give the event again");
  e->joined = true;
  st = apply_join(e, contact, name, &one, other, code, err);
  if (st == WEIR_E_LIMIT) {
    weir_engine_leave(e);
    return refuse(e, "they have more together than one person may have", err);
  }
  d->person_loaded = false;
  d->state_asked = true; /* the event had an effect: it must not have it twice */
  if (st) return st;
  st = join_segments(e, contact, &one, other, err);
  if (st) return st;
  e->stats.links++;
  say(e, "joined with %.*s/%.*s/%.*s", WEIR_FMT(other->contacts[0].channel), WEIR_FMT(other->contacts[0].account), WEIR_FMT(other->contacts[0].id));
  return WEIR_OK;
}

weir_status weir_who_follow_code(weir_engine *e, weir_error *err) {
  struct weir_decide *d = &e->decide;
  struct weir_code_found found;
  struct weir_person other;
  weir_str code;
  if (d->kind != WEIR_EVENT_FRIEND_REQUEST && d->kind != WEIR_EVENT_MESSAGE) return WEIR_OK;
  if (!d->event->text.len) return WEIR_OK;
  weir_status st = weir_decide_find_code(d, weir_match_folded(e->rooms.match), &found, err);
  if (st) return st;
  d->code = found.state;
  e->stats.codes_limited += found.state == WEIR_CODE_LIMITED;
  bool wrong = found.state == WEIR_CODE_USED || found.state == WEIR_CODE_EXPIRED || found.state == WEIR_CODE_UNKNOWN;
  e->stats.codes_wrong += wrong;
  if (wrong) d->state_asked = true; /* it counts once */
  if (found.state == WEIR_CODE_UNKNOWN) return weir_decide_wrong_code(d, err);
  if (found.state != WEIR_CODE_OK) return WEIR_OK;
  if (!weir_arena_str(&e->arena, weir_str_of(found.code), &code)) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  st = e->store->ops->load_person(e->store, found.person, &e->arena, &other, err);
  return st ? st : join(e, &d->contact, d->event->contact_name, &other, code, err);
}

/* "channel/account/id" */
static bool split_contact(weir_str with, struct weir_contact *out) {
  const char *slash = with.len ? memchr(with.ptr, '/', with.len) : NULL;
  const char *second = slash ? memchr(slash + 1, '/', (size_t)(with.ptr + with.len - slash - 1)) : NULL;
  if (!second) return false;
  *out = (struct weir_contact){ { with.ptr, (size_t)(slash - with.ptr) }, { slash + 1, (size_t)(second - slash - 1) },
                                { second + 1, (size_t)(with.ptr + with.len - second - 1) } };
  return out->channel.len && out->account.len && out->id.len;
}

/* A link event names the other contact in attrs.with. Whoever of the two is known, the other joins him; when nobody is, both
 * become one new person. */
weir_status weir_who_follow_link(weir_engine *e, weir_error *err) {
  struct weir_decide *d = &e->decide;
  struct weir_contact other;
  struct weir_person known;
  if (d->kind != WEIR_EVENT_LINK) return WEIR_OK;
  weir_str with = { NULL, 0 }, none = { NULL, 0 };
  for (size_t i = 0; i < d->event->attr_cnt; i++) {
    if (weir_str_eq(d->event->attrs[i].key, WEIR_STR("with"))) with = d->event->attrs[i].value;
  }
  if (!split_contact(with, &other)) return weir_fail(err, WEIR_E_EVENT, "a link event names the other contact in attrs: {\"with\":\"channel/account/id\"}");
  weir_status st = e->store->ops->load(e->store, &other, &e->arena, &known, err);
  if (st) return st;
  if (known.id) return join(e, &d->contact, d->event->contact_name, &known, none, err);

  st = e->store->ops->load(e->store, &d->contact, &e->arena, &known, err);
  if (!st && !known.id) {
    if (e->applied || e->group.cnt) return weir_fail(err, WEIR_E_FULL, "the event joins two contacts: commit, then give the event again");
    struct weir_change seen = { .kind = WEIR_CHANGE_SEEN, .name = d->event->contact_name, .at_ms = d->now_ms };
    e->joined = true;
    st = apply(e, &d->contact, &seen, 1, err);
    if (!st) st = e->store->ops->load(e->store, &d->contact, &e->arena, &known, err);
    e->applied = 0; /* the two changesets are one join */
  }
  return st ? st : join(e, &other, none, &known, none, err);
}

weir_status weir_who_unlink(weir_engine *e, weir_error *err) {
  struct weir_decide *d = &e->decide;
  if (d->kind != WEIR_EVENT_UNLINK) return WEIR_OK;
  weir_status st = weir_decide_person(d, err);
  if (st || d->person.contact_cnt < 2) return st;
  if (e->applied || e->group.cnt) return weir_fail(err, WEIR_E_FULL, "the event parts a contact from its person: commit, then give the event again");
  struct weir_change part = { .kind = WEIR_CHANGE_PART, .at_ms = d->now_ms };
  e->joined = true;
  st = apply(e, &d->contact, &part, 1, err);
  d->person_loaded = false;
  d->state_asked = true;
  if (st) return st;
  e->stats.unlinks++;
  say(e, "parted from its person");
  return WEIR_OK;
}

/* ---- Invitations */

static bool has_gate(const struct weir_rule *rule, const char *name) {
  for (uint32_t i = 0; i < rule->gate_cnt; i++) {
    if (strcmp(rule->gates[i].kind->name, name) == 0) return true;
  }
  return false;
}

/* Rules on timers that ask how many somebody invited are run for the inviter at once: he may have reached it. */
static weir_status wake_inviter(weir_engine *e, const struct weir_contact *inviter, weir_error *err) {
  struct weir_decide *d = &e->decide;
  const weir_ruleset *rs = e->rooms.ruleset;
  const struct weir_contact own = d->contact;
  weir_status st = WEIR_OK;
  d->contact = *inviter;
  for (uint32_t i = 0; i < rs->rule_cnt && !st; i++) {
    const struct weir_rule *rule = &rs->rules[i];
    if (!rule->enabled || !(rule->kinds & UINT32_C(1) << WEIR_EVENT_TIMER) || !has_gate(rule, "invited")) continue;
    st = weir_act_timer(d, WEIR_TIMER_RULE, d->now_ms, rule->name, (weir_str){ NULL, 0 }, err);
  }
  d->contact = own;
  return st;
}

weir_status weir_who_invited(weir_engine *e, weir_error *err) {
  static const char *const why[] = { [WEIR_INVITE_SELF] = "invited himself", [WEIR_INVITE_AGAIN] = "was invited before",
                                     [WEIR_INVITE_CIRCLE] = "invited the inviter", [WEIR_INVITE_TOO_LONG] = "stands at the end of too long a line of inviters" };
  struct weir_decide *d = &e->decide;
  enum weir_invite_answer answer;
  bool counts = d->kind == WEIR_EVENT_JOIN || d->kind == WEIR_EVENT_LINK || d->kind == WEIR_EVENT_FRIEND_ADDED;
  if (!counts || !d->event->inviter.len) return WEIR_OK;
  struct weir_contact *inviter = weir_arena_alloc(&e->arena, sizeof *inviter);
  if (!inviter) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  *inviter = (struct weir_contact){ d->contact.channel, d->contact.account, d->event->inviter };
  d->state_asked = true;
  weir_status st = e->store->ops->invites(e->store, &d->contact, inviter, &answer, err);
  if (st) return st;
  if (answer != WEIR_INVITE_COUNTS) {
    say(e, "the invitation does not count: he %s", why[answer]);
    return WEIR_OK;
  }
  /* the claim keeps him known, so that he cannot come as somebody new and count again */
  struct weir_change invited = { .kind = WEIR_CHANGE_INVITED, .at_ms = d->now_ms, .inviter = inviter };
  struct weir_change claim = { .kind = WEIR_CHANGE_CLAIM, .until_ms = d->now_ms + WEIR_CLAIM_MS };
  weir_id_hash(WEIR_STR("weir invited"), NULL, 0, claim.key);
  st = weir_decide_change(d, &invited, err);
  if (!st) st = weir_decide_change(d, &claim, err);
  if (!st) st = wake_inviter(e, inviter, err);
  if (st) return st;
  e->stats.invitations++;
  say(e, "invited by %.*s", WEIR_FMT(inviter->id));
  return WEIR_OK;
}
