/* sqlite_apply.c: a changeset, all or nothing.
 *
 * Most changesets cannot fail once they were checked, except for the disk. may_fail finds the others, those that come near
 * a limit or join people: only they get a savepoint, which copies every page that is written under it. */
#include "state/sqlite.h"

/* ---- could it fail on its way? */

/* How many rows a changeset may add at most. */
struct adds {
  uint32_t kinds[WEIR_SQ_KINDS], stages, claims, timers;
};

/* Which kind of trait a change may add; WEIR_SQ_KINDS: none. */
static enum weir_sq_kind trait_of(enum weir_change_kind kind) {
  switch (kind) {
    case WEIR_CHANGE_TAG: return WEIR_SQ_TAGS;
    case WEIR_CHANGE_FIELD:
    case WEIR_CHANGE_COUNTER: return WEIR_SQ_FIELDS;
    case WEIR_CHANGE_STAGE: return WEIR_SQ_STAGES;
    case WEIR_CHANGE_POOL: return WEIR_SQ_POOLS;
    case WEIR_CHANGE_CODE: return WEIR_SQ_CODES;
    default: return WEIR_SQ_KINDS;
  }
}

static bool takes_trait(const struct weir_change *c) {
  return c->kind == WEIR_CHANGE_UNTAG || c->kind == WEIR_CHANGE_UNSTAGE || (c->kind == WEIR_CHANGE_FIELD && c->value.len == 0);
}

/* What he has already adds nothing, unless it could be taken away first. */
static weir_status count_adds(struct weir_sqlite *s, const struct weir_changeset *changes, struct adds *adds, weir_error *err) {
  bool taken = false, listed = false;
  for (uint32_t i = 0; i < changes->cnt; i++) {
    taken = taken || takes_trait(&changes->items[i]);
    listed = listed || trait_of(changes->items[i].kind) != WEIR_SQ_KINDS;
  }
  weir_status status = listed ? weir_sq_list(s, err) : WEIR_OK;
  for (uint32_t i = 0; i < changes->cnt && status == WEIR_OK; i++) {
    const struct weir_change *c = &changes->items[i];
    enum weir_sq_kind kind = trait_of(c->kind);
    adds->claims += c->kind == WEIR_CHANGE_CLAIM;
    adds->timers += c->kind == WEIR_CHANGE_TIMER;
    if (kind == WEIR_SQ_KINDS) continue;
    weir_str value;
    bool has = !taken && weir_sq_has(s, kind, c->name, &value);
    adds->kinds[kind] += !has;
    if (kind == WEIR_SQ_STAGES) adds->stages += !has || !weir_str_eq(value, c->value);
  }
  return status;
}

static bool same_contact(const struct weir_contact *a, const struct weir_contact *b) {
  return weir_str_eq(a->id, b->id) && weir_str_eq(a->account, b->account) && weir_str_eq(a->channel, b->channel);
}

/* Joining people, a timer of somebody else, a code that somebody has. */
static weir_status look_for_odd(struct weir_sqlite *s, const struct weir_changeset *changes, bool *odd, weir_error *err) {
  for (uint32_t i = 0; i < changes->cnt && !*odd; i++) {
    const struct weir_change *c = &changes->items[i];
    if (c->kind == WEIR_CHANGE_JOIN) *odd = true;
    if (c->kind == WEIR_CHANGE_TIMER) *odd = !same_contact(&c->timer->contact, &changes->contact);
    if (c->kind != WEIR_CHANGE_CODE) continue;
    int64_t owner, until;
    weir_status status = weir_sq_code_owner(s, c->value, &owner, &until, err);
    if (status != WEIR_OK) return status;
    *odd = owner != 0 && owner != s->who.id;
  }
  return WEIR_OK;
}

/* s->who is the person behind the changeset's contact. */
static weir_status may_fail(struct weir_sqlite *s, const struct weir_changeset *changes, bool *may, weir_error *err) {
  struct adds adds = { { 0 }, 0, 0, 0 };
  struct weir_sq_who *who = &s->who;
  *may = false;
  weir_status status = look_for_odd(s, changes, may, err);
  if (status != WEIR_OK || *may || who->id == 0) return status; /* somebody new is far from every limit */
  status = count_adds(s, changes, &adds, err);
  if (status == WEIR_OK && adds.stages) status = weir_sq_entered_cnt(s, err);
  if (status == WEIR_OK && adds.claims) status = weir_sq_claims_cnt(s, err);
  if (status == WEIR_OK && adds.timers && who->timers < 0) status = weir_sq_timers_cnt(s, who->id, &who->timers, err);
  if (status != WEIR_OK) return status;
  for (int k = 0; k < WEIR_SQ_KINDS; k++) {
    if (adds.kinds[k] && who->cnt[k] + adds.kinds[k] > weir_sq_kind_max((enum weir_sq_kind)k)) *may = true;
  }
  if (adds.stages && (uint32_t)who->entered + adds.stages > WEIR_ENTERED_MAX) *may = true;
  if (adds.claims && (uint32_t)who->claims + adds.claims > WEIR_CLAIMS_MAX) *may = true;
  if (adds.timers && (uint32_t)who->timers + adds.timers > WEIR_TIMERS_MAX) *may = true;
  return WEIR_OK;
}

/* What it could need of a file that may not grow any more. */
static int64_t pages_for(const struct weir_changeset *changes) {
  int64_t pages = WEIR_SQ_CHANGE_PAGES + changes->cnt / WEIR_SQ_CHANGES_A_PAGE;
  for (uint32_t i = 0; i < changes->cnt; i++) {
    const struct weir_change *c = &changes->items[i];
    if (c->kind == WEIR_CHANGE_JOIN || c->kind == WEIR_CHANGE_PART) pages += WEIR_SQ_JOIN_PAGES;
    if (c->kind == WEIR_CHANGE_TIMER) pages += (int64_t)c->timer->payload.len / WEIR_SQLITE_PAGE_BYTES;
    if (c->kind == WEIR_CHANGE_LEDGER) pages += (int64_t)c->ledger->payload.len / WEIR_SQLITE_PAGE_BYTES;
  }
  return pages;
}

/* ---- applying */

static weir_status hand_off(struct weir_sqlite *s, int64_t until_ms, weir_error *err) {
  if (s->who.handoff_until_ms == until_ms) return WEIR_OK;
  s->who.handoff_until_ms = until_ms;
  return weir_sq_put_who(s, err);
}

/* Changes of a contact behind whom nobody is known: what remains after the check is opting, and nothing. */
static weir_status apply_to_nobody(struct weir_sqlite *s, const struct weir_contact *contact, const struct weir_change *c,
                                   weir_error *err) {
  if (c->kind == WEIR_CHANGE_OPT_OUT || c->kind == WEIR_CHANGE_OPT_IN) {
    if (c->kind == WEIR_CHANGE_OPT_IN) return weir_sq_opt_in(s, contact, err);
    return weir_sq_opt_out(s, contact, c->value.len ? WEIR_SQ_CHANNEL : WEIR_SQ_EVERYWHERE, err);
  }
  return WEIR_OK;
}

/* Changes of s->who. */
static weir_status apply_to_who(struct weir_sqlite *s, const struct weir_contact *contact, const struct weir_change *c, weir_error *err) {
  switch (c->kind) {
    case WEIR_CHANGE_TAG: return weir_sq_put_trait(s, WEIR_SQ_TAGS, c->name, (weir_str){ NULL, 0 }, 0, err);
    case WEIR_CHANGE_UNTAG: return weir_sq_drop_trait(s, WEIR_SQ_TAGS, c->name, err);
    case WEIR_CHANGE_FIELD:
      if (c->value.len == 0) return weir_sq_drop_trait(s, WEIR_SQ_FIELDS, c->name, err);
      return weir_sq_put_trait(s, WEIR_SQ_FIELDS, c->name, c->value, s->now.now_ms, err);
    case WEIR_CHANGE_COUNTER: return weir_sq_count_field(s, c->name, c->number, err);
    case WEIR_CHANGE_STAGE: return weir_sq_stage(s, c->name, c->value, c->at_ms, err);
    case WEIR_CHANGE_UNSTAGE: return weir_sq_unstage(s, c->name, err);
    case WEIR_CHANGE_CLAIM: return weir_sq_claim(s, c, err);
    case WEIR_CHANGE_UNCLAIM: return weir_sq_unclaim(s, c->key, err);
    case WEIR_CHANGE_UNCLAIM_ORIGIN: return weir_sq_unclaim_origin(s, c->key, err);
    case WEIR_CHANGE_POOL: return weir_sq_pool(s, c->name, c->value, c->number, err);
    case WEIR_CHANGE_CODE: return weir_sq_code(s, c->value, c->until_ms, err);
    case WEIR_CHANGE_OPT_OUT: return c->value.len ? weir_sq_opt_channel(s, contact->channel, err) : weir_sq_opt_who(s, true, err);
    case WEIR_CHANGE_OPT_IN: return weir_sq_opt_who(s, false, err);
    case WEIR_CHANGE_HANDOFF: return hand_off(s, c->until_ms, err);
    case WEIR_CHANGE_SAID: return weir_sq_said(s, c->at_ms, err);
    case WEIR_CHANGE_PART: return weir_sq_part(s, contact, c->at_ms, err);
    case WEIR_CHANGE_INVITED: return weir_sq_invited(s, contact, c, err);
    default: return weir_fail(err, WEIR_E_INTERNAL, "a change was checked and is not known");
  }
}

static weir_status apply_one(struct weir_sqlite *s, const struct weir_contact *contact, const struct weir_change *c,
                             weir_error *err) {
  switch (c->kind) {
    case WEIR_CHANGE_SEEN: return weir_sq_see(s, contact, c->name, c->at_ms, err);
    case WEIR_CHANGE_JOIN: return weir_sq_join(s, contact, c->number, err);
    case WEIR_CHANGE_CODE_USED: return weir_sq_drop_code(s, c->value, err);
    case WEIR_CHANGE_TIMER: return weir_sq_add_timer(s, c->timer, err);
    case WEIR_CHANGE_TIMER_DONE: return weir_sq_timer_done(s, c->number, err);
    case WEIR_CHANGE_LEDGER: return weir_sq_add_ledger(s, c->ledger, err);
    case WEIR_CHANGE_LEDGER_STATUS: return weir_sq_set_ledger(s, c, err);
    case WEIR_CHANGE_ROUND: return weir_sq_set_round(s, c, err);
    case WEIR_CHANGE_METER:
    case WEIR_CHANGE_METER_BACK:
    case WEIR_CHANGE_METER_OPEN: return weir_sq_change_meter(s, c, err);
    case WEIR_CHANGE_COUNT: return weir_sq_count(s, c->name, c->value, c->number, err);
    case WEIR_CHANGE_DEDUPE: return weir_sq_mark(s, c->key, c->value, c->until_ms, err);
    case WEIR_CHANGE_TOTAL: return weir_sq_total(s, c, err);
    default: return s->who.id == 0 ? apply_to_nobody(s, contact, c, err) : apply_to_who(s, contact, c, err);
  }
}

static weir_status apply_all(struct weir_sqlite *s, const struct weir_changeset *changes, weir_error *err) {
  weir_status status = WEIR_OK;
  s->wrote = s->counted = true;
  s->now.now_ms = changes->now_ms;
  if (s->now.born_ms == 0) s->now.born_ms = changes->now_ms;
  for (uint32_t i = 0; i < changes->cnt && status == WEIR_OK; i++) {
    status = apply_one(s, &changes->contact, &changes->items[i], err);
  }
  return status;
}

/* The file is full. Time goes on all the same, so that the commit sweeps what is over by now. */
static weir_status refuse(struct weir_sqlite *s, const struct weir_changeset *changes, weir_status status) {
  s->refused = s->refused || status == WEIR_E_FULL;
  if (changes->now_ms > s->now.now_ms && s->now.born_ms != 0) s->now.now_ms = changes->now_ms;
  return status;
}

weir_status weir_sq_apply(struct weir_store *store, const struct weir_changeset *changes, weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  bool risky = false;
  weir_error local;
  if (!err) err = &local;
  weir_status status = weir_sq_usable(s, err);
  if (status != WEIR_OK) return status;
  if (!s->open) return weir_fail(err, WEIR_E_SEQUENCE, "changes can be applied inside begin and commit only");
  if ((status = weir_sq_find(s, &changes->contact, err)) != WEIR_OK) return status;
  if ((status = weir_check_changes(changes, s->who.id != 0, err)) != WEIR_OK) return status;
  if ((status = weir_sq_need_pages(s, pages_for(changes), err)) != WEIR_OK) return refuse(s, changes, status);
  if ((status = may_fail(s, changes, &risky, err)) != WEIR_OK) return status;
  if (risky && (status = weir_sq_save(s, err)) != WEIR_OK) return status;
  status = apply_all(s, changes, err);
  if (status == WEIR_OK && risky) status = weir_sq_keep(s, err);
  if (status == WEIR_OK) return status;
  if (risky) weir_sq_undo(s);
  else weir_sq_tear(s, status, err->message);
  return status;
}
