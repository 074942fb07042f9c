/* memory_join.c: two persons turn out to be one.
 *
 * The one joined to keeps his id. From the other he gets what he has not: tags, fields, funnels, pools, codes, contacts, timers.
 * Of what both have one counts that does not depend on who was joined to whom (store.h says which), so that several persons
 * can be joined in any order. Where both had entered a stage they are counted once from now on. */
#include "state/memory.h"

static struct weir_mem_person *person(const struct weir_memory *s, uint32_t who) {
  return weir_mem_row(s, WEIR_MEM_PERSONS, who);
}
static struct weir_mem_attr *attr_at(const struct weir_memory *s, uint32_t row) { return weir_mem_row(s, WEIR_MEM_ATTRS, row); }

/* A contact's name; `bytes` has room for its parts. */
static struct weir_contact read_contact(const struct weir_memory *s, const struct weir_mem_contact *c, char bytes[3][WEIR_ID_MAX]) {
  return (struct weir_contact){ weir_mem_read_text(s, c->channel, bytes[0], WEIR_ID_MAX), weir_mem_read_text(s, c->account, bytes[1], WEIR_ID_MAX),
                                weir_mem_read_text(s, c->id, bytes[2], WEIR_ID_MAX) };
}

weir_status weir_mem_mark_contacts(struct weir_memory *s, uint32_t who, bool out, weir_error *err) {
  weir_status status = WEIR_OK;
  if (person(s, who)->opted_out != out) WEIR_MEM_SET(s, person(s, who)->opted_out, out);
  for (uint32_t row = person(s, who)->contacts; row != 0 && status == WEIR_OK;) {
    const struct weir_mem_contact *c = weir_mem_row(s, WEIR_MEM_CONTACTS, row);
    char bytes[3][WEIR_ID_MAX];
    struct weir_contact contact = read_contact(s, c, bytes);
    status = out ? weir_mem_opt_out(s, &contact, WEIR_MEM_EVERYWHERE, err) : weir_mem_opt_in(s, &contact, err);
    row = c->sibling;
  }
  return status;
}

weir_status weir_mem_mark_channel(struct weir_memory *s, uint32_t who, weir_str channel, weir_error *err) {
  weir_status status = WEIR_OK;
  for (uint32_t row = person(s, who)->contacts; row != 0 && status == WEIR_OK;) {
    const struct weir_mem_contact *c = weir_mem_row(s, WEIR_MEM_CONTACTS, row);
    char bytes[3][WEIR_ID_MAX];
    struct weir_contact contact = read_contact(s, c, bytes);
    if (weir_str_eq(contact.channel, channel)) status = weir_mem_opt_out(s, &contact, WEIR_MEM_CHANNEL, err);
    row = c->sibling;
  }
  return status;
}

/* Who opted out on a channel did so for all that he is known by there. */
static weir_status spread_channels(struct weir_memory *s, uint32_t who, weir_error *err) {
  weir_status status = WEIR_OK;
  if (s->tables[WEIR_MEM_OPTOUTS].live == 0) return WEIR_OK;
  for (uint32_t row = person(s, who)->contacts; row != 0 && status == WEIR_OK;) {
    const struct weir_mem_contact *c = weir_mem_row(s, WEIR_MEM_CONTACTS, row);
    char bytes[3][WEIR_ID_MAX];
    struct weir_contact contact = read_contact(s, c, bytes);
    if (weir_mem_is_opted_out(s, &contact, WEIR_MEM_CHANNEL)) status = weir_mem_mark_channel(s, who, contact.channel, err);
    row = c->sibling;
  }
  return status;
}

/* Whether the other's value counts, of an attribute that both have with different values. */
static bool other_counts(const struct weir_memory *s, enum weir_mem_attr_kind kind, uint32_t own, uint32_t other) {
  const struct weir_mem_attr *a = attr_at(s, own), *b = attr_at(s, other);
  if (kind == WEIR_MEM_FIELD && a->at_ms != b->at_ms) return b->at_ms > a->at_ms;
  if (kind == WEIR_MEM_POOL && a->at_ms != b->at_ms) return b->at_ms < a->at_ms;
  return weir_mem_cmp_text(s, b->value, a->value) > 0;
}

/* An attribute that both have: `kept` gets the value that counts, and what the other counted for is taken back before it goes. */
static weir_status merge_attr(struct weir_memory *s, uint32_t to, enum weir_mem_attr_kind kind, uint32_t kept, uint32_t lost,
                              weir_error *err) {
  const struct weir_mem_attr *a = attr_at(s, lost);
  int64_t his, others;
  if (kind == WEIR_MEM_FIELD && weir_mem_counts(s, kept, &his) && weir_mem_counts(s, lost, &others)) {
    char buf[WEIR_TAG_MAX];
    return weir_mem_count_field(s, to, weir_mem_read_text(s, a->name, buf, sizeof buf), others, err);
  }
  if (kind != WEIR_MEM_ENTERED && other_counts(s, kind, kept, lost)) weir_mem_swap_values(s, kept, lost);
  if (kind == WEIR_MEM_STAGE) return weir_mem_count_stage(s, a->name, a->value, -1, 0, err);
  if (kind != WEIR_MEM_ENTERED) return WEIR_OK;
  if (a->at_ms < attr_at(s, kept)->at_ms) WEIR_MEM_SET(s, attr_at(s, kept)->at_ms, a->at_ms);
  return weir_mem_count_stage(s, a->name, a->value, 0, -1, err);
}

static weir_status join_attrs(struct weir_memory *s, uint32_t to, uint32_t from, enum weir_mem_attr_kind kind, weir_error *err) {
  for (uint32_t row; (row = person(s, from)->attrs[kind]) != 0;) {
    weir_status status = weir_mem_step(s, err);
    if (status != WEIR_OK) return status;
    uint32_t kept = weir_mem_find_attr(s, to, kind, attr_at(s, row)->name, attr_at(s, row)->value);
    if (kept == 0) {
      status = weir_mem_move_attr(s, to, from, kind, row, err);
    } else if ((status = merge_attr(s, to, kind, kept, row, err)) == WEIR_OK) {
      weir_mem_drop_attr(s, from, kind, row);
    }
    if (status != WEIR_OK) return status;
  }
  return WEIR_OK;
}

static weir_status join_contacts(struct weir_memory *s, uint32_t to, uint32_t from, weir_error *err) {
  struct weir_mem_person *p = person(s, to), *q = person(s, from);
  uint32_t cnt = (uint32_t)p->contact_cnt + q->contact_cnt;
  if (cnt > WEIR_CONTACTS_MAX) {
    return weir_fail(err, WEIR_E_LIMIT, "a person may have %d contacts (WEIR_CONTACTS_MAX)", WEIR_CONTACTS_MAX);
  }
  for (uint32_t row = q->contacts; row != 0;) {
    struct weir_mem_contact *c = weir_mem_row(s, WEIR_MEM_CONTACTS, row);
    WEIR_MEM_SET(s, c->person, to);
    row = c->sibling;
  }
  uint32_t *link = &p->contacts;
  while (*link != 0) link = &((struct weir_mem_contact *)weir_mem_row(s, WEIR_MEM_CONTACTS, *link))->sibling;
  WEIR_MEM_SET(s, *link, q->contacts);
  WEIR_MEM_SET(s, p->contact_cnt, (uint16_t)cnt);
  WEIR_MEM_SET(s, q->contacts, 0);
  WEIR_MEM_SET(s, q->contact_cnt, 0);
  return WEIR_OK;
}

static void join_self(struct weir_memory *s, uint32_t to, uint32_t from) {
  struct weir_mem_person *p = person(s, to), *q = person(s, from);
  if (q->first_seen_ms < p->first_seen_ms) WEIR_MEM_SET(s, p->first_seen_ms, q->first_seen_ms);
  if (q->handoff_until_ms > p->handoff_until_ms) WEIR_MEM_SET(s, p->handoff_until_ms, q->handoff_until_ms);
  if (q->said_ms > p->said_ms) WEIR_MEM_SET(s, p->said_ms, q->said_ms);
  if (q->awaits_ms > p->awaits_ms) WEIR_MEM_SET(s, p->awaits_ms, q->awaits_ms);
  if (q->head.due > p->head.due) weir_mem_set_due(s, WEIR_MEM_PERSONS, to, q->head.due);
  WEIR_MEM_SET(s, p->timer_cnt, p->timer_cnt + q->timer_cnt);
  if (p->name != q->name && weir_mem_cmp_text(s, q->name, p->name) > 0) {
    uint32_t name = p->name;
    WEIR_MEM_SET(s, p->name, q->name);
    WEIR_MEM_SET(s, q->name, name);
  }
}

static weir_status merge(struct weir_memory *s, uint32_t to, uint32_t from, weir_error *err) {
  bool out = person(s, to)->opted_out || person(s, from)->opted_out;
  weir_status status = weir_mem_step(s, err);
  if (status != WEIR_OK) return status;
  weir_mem_unqueue(s, WEIR_MEM_PERSONS, from); /* from here on nobody may evict half a person */
  join_self(s, to, from);
  if ((status = join_contacts(s, to, from, err)) != WEIR_OK) return status;
  for (int kind = 0; kind < WEIR_MEM_ATTR_KINDS; kind++) {
    if ((status = join_attrs(s, to, from, (enum weir_mem_attr_kind)kind, err)) != WEIR_OK) return status;
  }
  if ((status = weir_mem_join_claims(s, to, from, err)) != WEIR_OK) return status;
  if ((status = weir_mem_join_codes(s, to, from, err)) != WEIR_OK) return status;
  if ((status = weir_mem_join_invites(s, to, from, err)) != WEIR_OK) return status;
  if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
  weir_mem_drop_person(s, from);
  weir_mem_settle(s, to);
  if ((status = spread_channels(s, to, err)) != WEIR_OK) return status;
  return out ? weir_mem_mark_contacts(s, to, true, err) : WEIR_OK;
}

weir_status weir_mem_join(struct weir_memory *s, const struct weir_contact *contact, int64_t number, uint32_t *who,
                          weir_error *err) {
  uint32_t to = number > 0 ? weir_mem_person_by_id(s, (uint64_t)number) : 0;
  weir_status status = weir_mem_step(s, err);
  if (status != WEIR_OK) return status;
  if (to == 0) return weir_fail(err, WEIR_E_ARG, "there is no person %lld to join", (long long)number);
  uint32_t from = *who;
  *who = to;
  if (from == to) return WEIR_OK;
  if (from != 0) return merge(s, to, from, err);
  bool out = person(s, to)->opted_out || weir_mem_is_opted_out(s, contact, WEIR_MEM_EVERYWHERE);
  if ((status = weir_mem_add_contact(s, contact, to, err)) != WEIR_OK) return status;
  if ((status = spread_channels(s, to, err)) != WEIR_OK) return status;
  return out ? weir_mem_mark_contacts(s, to, true, err) : WEIR_OK;
}
