/* memory_invites.c: who was invited by whom. Each person counts once, for whoever invited him first, and nobody counts for
 * himself or for one who was brought, straight or through others, by him. */
#include "state/memory.h"

static struct weir_mem_person *person(const struct weir_memory *s, uint32_t who) { return weir_mem_row(s, WEIR_MEM_PERSONS, who); }
static struct weir_mem_invite *invite_at(const struct weir_memory *s, uint32_t row) { return weir_mem_row(s, WEIR_MEM_INVITES, row); }

static uint32_t find(const struct weir_memory *s, uint64_t invitee) {
  uint32_t row = weir_mem_chain(s, WEIR_MEM_INVITES, weir_mem_mix(s, invitee, 1));
  while (row != 0 && invite_at(s, row)->invitee != invitee) row = invite_at(s, row)->head.next;
  return row;
}

/* ---- the list of who invited */

static void hang(struct weir_memory *s, uint32_t who, uint32_t row) {
  struct weir_mem_person *p = person(s, who);
  struct weir_mem_invite *i = invite_at(s, row);
  WEIR_MEM_SET(s, i->inviter, who);
  WEIR_MEM_SET(s, i->newer, 0);
  WEIR_MEM_SET(s, i->older, p->invites);
  if (p->invites != 0) WEIR_MEM_SET(s, invite_at(s, p->invites)->newer, row);
  WEIR_MEM_SET(s, p->invites, row);
  WEIR_MEM_SET(s, p->invite_cnt, p->invite_cnt + 1);
}

static void unhang(struct weir_memory *s, uint32_t row) {
  struct weir_mem_invite *i = invite_at(s, row);
  struct weir_mem_person *p = person(s, i->inviter);
  if (i->older != 0) WEIR_MEM_SET(s, invite_at(s, i->older)->newer, i->newer);
  if (i->newer != 0) WEIR_MEM_SET(s, invite_at(s, i->newer)->older, i->older);
  else WEIR_MEM_SET(s, p->invites, i->older);
  WEIR_MEM_SET(s, p->invite_cnt, p->invite_cnt - 1);
}

void weir_mem_drop_invite(struct weir_memory *s, uint32_t row) {
  weir_mem_unlink(s, WEIR_MEM_INVITES, weir_mem_mix(s, invite_at(s, row)->invitee, 1), row);
  weir_mem_unqueue(s, WEIR_MEM_INVITES, row);
  unhang(s, row);
  weir_mem_give(s, WEIR_MEM_INVITES, row);
}

/* ---- counting one */

/* Walks up the line of inviters from `who`; whether `invitee` stands in it. */
static enum weir_invite_answer walk_up(const struct weir_memory *s, uint32_t who, uint64_t invitee) {
  for (int n = 0; n < WEIR_INVITE_LINE_MAX; n++) {
    if (person(s, who)->id == invitee) return WEIR_INVITE_CIRCLE;
    uint32_t row = find(s, person(s, who)->id);
    if (row == 0) return WEIR_INVITE_COUNTS;
    who = invite_at(s, row)->inviter;
  }
  return WEIR_INVITE_TOO_LONG;
}

/* 0: nobody is known there (yet). */
static enum weir_invite_answer judge(const struct weir_memory *s, uint32_t invitee, uint32_t inviter) {
  if (invitee != 0 && invitee == inviter) return WEIR_INVITE_SELF;
  if (invitee == 0) return WEIR_INVITE_COUNTS;
  if (find(s, person(s, invitee)->id) != 0) return WEIR_INVITE_AGAIN;
  return inviter ? walk_up(s, inviter, person(s, invitee)->id) : WEIR_INVITE_COUNTS;
}

weir_status weir_mem_invited(struct weir_memory *s, uint32_t who, const struct weir_change *change, weir_error *err) {
  uint32_t inviter = weir_mem_person_of(s, change->inviter), row;
  weir_status status = weir_mem_see(s, change->inviter, (weir_str){ NULL, 0 }, change->at_ms, &inviter, err);
  if (status != WEIR_OK || judge(s, who, inviter) != WEIR_INVITE_COUNTS) return status;
  if ((status = weir_mem_take(s, WEIR_MEM_INVITES, &row, err)) != WEIR_OK) return status;
  invite_at(s, row)->head.due = change->at_ms;
  invite_at(s, row)->invitee = person(s, who)->id;
  weir_mem_link(s, WEIR_MEM_INVITES, weir_mem_mix(s, person(s, who)->id, 1), row);
  weir_mem_queue(s, WEIR_MEM_INVITES, row);
  hang(s, inviter, row);
  return WEIR_OK;
}

weir_status weir_mem_ask_invited(struct weir_store *store, const struct weir_contact *contact, uint32_t *cnt, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t who = weir_mem_person_of(s, contact);
  (void)err; /* reading memory cannot fail */
  *cnt = who ? person(s, who)->invite_cnt : 0;
  return WEIR_OK;
}

weir_status weir_mem_ask_invites(struct weir_store *store, const struct weir_contact *contact, const struct weir_contact *inviter,
                                 enum weir_invite_answer *out, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  bool same = weir_str_eq(contact->id, inviter->id) && weir_str_eq(contact->account, inviter->account) && weir_str_eq(contact->channel, inviter->channel);
  (void)err;
  *out = same ? WEIR_INVITE_SELF : judge(s, weir_mem_person_of(s, contact), weir_mem_person_of(s, inviter));
  return WEIR_OK;
}

/* ---- joining */

/* Of two invitations of one human the earlier counts, of two at the same time the one of the lower number. */
static bool comes_first(const struct weir_memory *s, uint32_t a, uint32_t b) {
  const struct weir_mem_invite *x = invite_at(s, a), *y = invite_at(s, b);
  return x->head.due != y->head.due ? x->head.due < y->head.due : person(s, x->inviter)->id <= person(s, y->inviter)->id;
}

weir_status weir_mem_join_invites(struct weir_memory *s, uint32_t to, uint32_t from, weir_error *err) {
  weir_status status = WEIR_OK;
  for (uint32_t row; (row = person(s, from)->invites) != 0;) {
    if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
    unhang(s, row);
    hang(s, to, row);
  }
  if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
  uint32_t his = find(s, person(s, to)->id), others = find(s, person(s, from)->id);
  if (his != 0 && others != 0) {
    uint32_t later = comes_first(s, his, others) ? others : his;
    weir_mem_drop_invite(s, later);
    if (later == others) others = 0;
  }
  if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
  if (others != 0) {
    weir_mem_unlink(s, WEIR_MEM_INVITES, weir_mem_mix(s, person(s, from)->id, 1), others);
    WEIR_MEM_SET(s, invite_at(s, others)->invitee, person(s, to)->id);
    weir_mem_link(s, WEIR_MEM_INVITES, weir_mem_mix(s, person(s, to)->id, 1), others);
  }
  /* he may have invited himself now, or the one who brought him */
  his = find(s, person(s, to)->id);
  if (his != 0 && walk_up(s, invite_at(s, his)->inviter, person(s, to)->id) != WEIR_INVITE_COUNTS) weir_mem_drop_invite(s, his);
  return WEIR_OK;
}
