/* who.c: whom an event is about. A live code in a friend request or a message, or a link event from the gateway, says that two
 * contacts are one human; they are joined before the rules look, so that the funnel goes on where it was.
 *
 * A join is applied at once, because the rules must see its result. So that a refused event leaves nothing behind, it must be
 * the first thing of its transaction: weir_engine_refuse then takes the transaction back. */
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

/* The store keeps the stages of the person joined to, for it does not know their order. Who stood further on stays there. */
static weir_status keep_further_stages(weir_engine *e, const struct weir_contact *contact, const struct weir_person *before, weir_error *err) {
  struct weir_person now;
  struct weir_change items[WEIR_STAGES_MAX];
  uint32_t cnt = 0;
  weir_status st = e->store->ops->load(e->store, contact, &e->arena, &now, err);
  for (uint32_t i = 0; !st && i < before->stage_cnt && cnt < WEIR_STAGES_MAX; i++) {
    const struct weir_stage_entry *was = &before->stages[i], *is = entry_of(&now, was->funnel);
    uint32_t old = stage_index(e->rooms.ruleset, was->funnel, was->stage);
    uint32_t new = is ? stage_index(e->rooms.ruleset, is->funnel, is->stage) : 0;
    if (!is || old == WEIR_NO_INDEX || new == WEIR_NO_INDEX || old <= new) continue;
    items[cnt++] = (struct weir_change){ .kind = WEIR_CHANGE_STAGE, .name = was->funnel, .value = was->stage, .at_ms = was->entered_ms };
  }
  return st || !cnt ? st : apply(e, contact, items, cnt, err);
}

/* Makes `contact` the same human as the person `person`. `code`, when there is one, is used up by it. */
static weir_status join(weir_engine *e, const struct weir_contact *contact, weir_str name, uint64_t person, weir_str code, weir_error *err) {
  struct weir_decide *d = &e->decide;
  struct weir_person before;
  if (e->applied || e->group.cnt) return weir_fail(err, WEIR_E_FULL, "the event joins two contacts: commit, then give the event again");
  weir_status st = e->store->ops->load(e->store, contact, &e->arena, &before, err);
  if (st || before.id == person) return st; /* he is that person already */
  struct weir_change items[3] = {
    { .kind = WEIR_CHANGE_SEEN, .name = name, .at_ms = d->now_ms },
    { .kind = WEIR_CHANGE_JOIN, .number = (int64_t)person },
    { .kind = WEIR_CHANGE_CODE_USED, .value = code },
  };
  e->joined = true;
  st = apply(e, contact, items, code.len ? 3 : 2, err);
  if (!st) st = keep_further_stages(e, contact, &before, err);
  d->person_loaded = false;
  d->state_asked = true; /* the event had an effect: it must not have it twice */
  return st;
}

weir_status weir_who_follow_code(weir_engine *e, weir_error *err) {
  struct weir_decide *d = &e->decide;
  uint64_t person = 0;
  char code[WEIR_CODE_LEN + 1];
  if (d->kind != WEIR_EVENT_FRIEND_REQUEST && d->kind != WEIR_EVENT_MESSAGE) return WEIR_OK;
  if (!d->event->text.len) return WEIR_OK;
  weir_status st = weir_decide_find_code(e->store, weir_match_folded(e->rooms.match), d->now_ms, &person, code, err);
  if (st || !person) return st;
  weir_str copy;
  if (!weir_arena_str(&e->arena, weir_str_of(code), &copy)) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  return join(e, &d->contact, d->event->contact_name, person, copy, err);
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
  if (known.id) return join(e, &d->contact, d->event->contact_name, known.id, none, err);

  st = e->store->ops->load(e->store, &d->contact, &e->arena, &known, err);
  if (!st && !known.id) {
    if (e->applied || e->group.cnt) return weir_fail(err, WEIR_E_FULL, "the event joins two contacts: commit, then give the event again");
    struct weir_change seen = { .kind = WEIR_CHANGE_SEEN, .name = d->event->contact_name, .at_ms = d->now_ms };
    e->joined = true;
    st = apply(e, &d->contact, &seen, 1, err);
    if (!st) st = e->store->ops->load(e->store, &d->contact, &e->arena, &known, err);
    e->applied = 0; /* the two changesets are one join */
  }
  return st ? st : join(e, &other, none, known.id, none, err);
}
