/* memory.c: the store in memory: how its block is divided, transactions, and the order in which changes are applied.
 *
 * Of a block of n bytes the outbox gets n/4 (WEIR_OUTBOX_BYTES at most), the undo log n/8 (WEIR_UNDO_BYTES_MAX at most),
 * the record being handed out 67 KB. What remains is divided by `shares` below: about 1.5 KB for each person to be held,
 * with room beside him for 1.5 contacts, 8 attributes, 3 claims, 3 marks of events, one meter, half a code, a quarter of a timer, half an
 * entry in the ledger, one opt-out and 384 bytes of text. So 16 MiB hold about 7,600 persons, 1 MiB about 360. */
#include "limits.h"
#include "state/memory.h"
#include "state/meter.h"

/* ---- the block */

/* Rows of a table: `least`, and `sixteenths` / 16 for each person; never more than `most` (0: as many as come out). */
static const struct share {
  const char *what;
  uint32_t size, sixteenths, least, most;
  bool indexed, queued, tied;
} shares[WEIR_MEM_TABLES] = {
  [WEIR_MEM_PERSONS] = { "persons", sizeof(struct weir_mem_person), 16, 1, 0, true, true, true },
  [WEIR_MEM_CONTACTS] = { "contacts", sizeof(struct weir_mem_contact), 24, 1, 0, true, false, false },
  [WEIR_MEM_ATTRS] = { "persons' tags, fields and stages", sizeof(struct weir_mem_attr), 128, 1, 0, false, false, false },
  [WEIR_MEM_CLAIMS] = { "live claims", sizeof(struct weir_mem_claim), 48, 1, 0, true, true, false },
  [WEIR_MEM_CODES] = { "live codes", sizeof(struct weir_mem_code), 8, 1, 0, true, true, false },
  [WEIR_MEM_MARKS] = { "marks of events", sizeof(struct weir_mem_mark), 48, 1, 0, true, true, false },
  [WEIR_MEM_DAYS] = { "pool counts", sizeof(struct weir_mem_day), 4, WEIR_MEM_DAYS_LEAST, 0, true, true, false },
  [WEIR_MEM_TIMERS] = { "timers", sizeof(struct weir_mem_timer), 4, WEIR_MEM_TIMERS_LEAST, 0, true, true, true },
  /* more than timers: who must make room always finds an entry that no timer waits for */
  [WEIR_MEM_LEDGER] = { "the ledger", sizeof(struct weir_mem_ledger), 8, WEIR_MEM_LEDGER_LEAST, 0, true, true, false },
  [WEIR_MEM_ORIGINS] = { "the ledger's origins", sizeof(struct weir_mem_origin), 8, WEIR_MEM_ORIGINS_LEAST, 0, true, false, false },
  [WEIR_MEM_OPTOUTS] = { "opt-outs", sizeof(struct weir_mem_optout), 16, 1, 0, true, false, false },
  [WEIR_MEM_COUNTERS] = { "stage counters", sizeof(struct weir_mem_counter), 2, WEIR_MEM_COUNTERS_LEAST, WEIR_MEM_COUNTERS_MOST, true, false, false },
  [WEIR_MEM_ROUNDS] = { "rounds", sizeof(struct weir_mem_round), 0, WEIR_ROUNDS_MAX, 0, true, true, false },
  [WEIR_MEM_TALLIES] = { "daily counts", sizeof(struct weir_mem_tally), 1, WEIR_MEM_TALLIES_LEAST, WEIR_MEM_TALLIES_MOST, true, true, false },
  [WEIR_MEM_METERS] = { "live quotas", sizeof(struct weir_mem_meter), 16, WEIR_MEM_METERS_LEAST, 0, true, true, false },
  [WEIR_MEM_TOTALS] = { "counts of the shop", sizeof(struct weir_mem_total), 8, WEIR_MEM_TOTALS_LEAST, 0, true, true, false },
  [WEIR_MEM_INVITES] = { "invitations", sizeof(struct weir_mem_invite), 8, WEIR_MEM_INVITES_LEAST, 0, true, true, false },
  [WEIR_MEM_CHAINS] = { "accounts", sizeof(struct weir_mem_chain), 1, WEIR_MEM_CHAINS_LEAST, WEIR_MEM_CHAINS_MOST, true, false, false },
  [WEIR_MEM_TEXTS] = { "texts", sizeof(struct weir_mem_text), 192, WEIR_MEM_TEXTS_LEAST, 0, true, false, false },
  [WEIR_MEM_PAGES] = { "records", WEIR_MEM_PAGE_BYTES, 0, 0, 0, false, false, false },
};

static size_t row_cost(const struct share *share) {
  return share->size + (share->indexed ? sizeof(uint32_t) : 0) + (share->queued ? sizeof(uint32_t) : 0);
}

/* How many persons the bytes left over from everything else allow. */
static size_t persons_in(size_t bytes) {
  size_t fixed = 0, each = 0;
  for (int i = 0; i < WEIR_MEM_TABLES; i++) {
    fixed += row_cost(&shares[i]) * shares[i].least + 64; /* 64: alignment of up to three arrays */
    each += row_cost(&shares[i]) * shares[i].sixteenths;
  }
  return bytes > fixed ? (bytes - fixed) * 16 / each : 0;
}

static weir_status lay_table(struct weir_mem_table *t, const struct share *share, size_t cap, struct weir_arena *block) {
  if (share->most != 0 && cap > share->most) cap = share->most;
  *t = (struct weir_mem_table){ .what = share->what, .size = share->size, .cap = (uint32_t)cap, .tied = share->tied };
  t->logged = share->size == WEIR_MEM_PAGE_BYTES ? sizeof(uint32_t) : share->size;
  t->rows = weir_arena_array(block, cap, share->size);
  if (share->indexed) {
    t->bucket_cnt = (uint32_t)cap;
    t->buckets = weir_arena_array(block, cap, sizeof *t->buckets);
    if (t->buckets) memset(t->buckets, 0, cap * sizeof *t->buckets);
  }
  if (share->queued) t->queue = weir_arena_array(block, cap, sizeof *t->queue);
  bool laid = t->rows && (t->buckets || !share->indexed) && (t->queue || !share->queued);
  return laid ? WEIR_OK : WEIR_E_NOMEM;
}

size_t weir_memory_store_min(void) { return WEIR_STATE_BYTES_MIN; }

static const struct weir_store_ops ops;

weir_status weir_memory_store_open(struct weir_store **out, void *block, size_t len, weir_error *err) {
  struct weir_arena arena;
  *out = NULL;
  if (!block || ((uintptr_t)block & 15) != 0) return weir_fail(err, WEIR_E_ARG, "the store's block must be 16-byte aligned");
  if (len < WEIR_STATE_BYTES_MIN) {
    return weir_fail(err, WEIR_E_ARG, "the store needs at least %u bytes; it was given %zu", WEIR_STATE_BYTES_MIN, len);
  }
  if (len > UINT32_MAX) len = UINT32_MAX; /* places in the block are 32-bit numbers; more is not used */
  weir_arena_fixed(&arena, block, len);
  struct weir_memory *s = weir_arena_zalloc(&arena, sizeof *s);
  if (!s) return weir_fail(err, WEIR_E_NOMEM, "the store's block is too small");
  size_t outbox = len / 4 < WEIR_OUTBOX_BYTES ? len / 4 : WEIR_OUTBOX_BYTES;
  s->store.ops = &ops;
  s->len = len;
  s->seed = weir_slot_hash(0, (weir_str){ (const char *)&block, sizeof block });
  s->log_cap = len / 8 < WEIR_UNDO_BYTES_MAX ? len / 8 : WEIR_UNDO_BYTES_MAX;
  s->log = weir_arena_alloc(&arena, s->log_cap);
  s->scratch = weir_arena_alloc(&arena, WEIR_MEM_SCRATCH_BYTES);
  size_t persons = persons_in(len - sizeof *s - s->log_cap - WEIR_MEM_SCRATCH_BYTES - outbox - 64);
  weir_status status = s->log && s->scratch ? WEIR_OK : WEIR_E_NOMEM;
  for (int i = 0; i < WEIR_MEM_TABLES && status == WEIR_OK; i++) {
    size_t cap = i == WEIR_MEM_PAGES ? outbox / WEIR_MEM_PAGE_BYTES : shares[i].least + persons * shares[i].sixteenths / 16;
    status = lay_table(&s->tables[i], &shares[i], cap, &arena);
  }
  if (status != WEIR_OK) return weir_fail(err, WEIR_E_INTERNAL, "the store's block was divided wrongly");
  *out = &s->store;
  return WEIR_OK;
}

static void close_store(struct weir_store *store) { (void)store; /* the block is the caller's */ }

static void counts(const struct weir_store *store, struct weir_store_counts *out) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  *out = (struct weir_store_counts){ 0 };
  out->persons = s->tables[WEIR_MEM_PERSONS].live;
  out->contacts = s->tables[WEIR_MEM_CONTACTS].live;
  out->timers = s->tables[WEIR_MEM_TIMERS].live;
  out->opted_out = s->tables[WEIR_MEM_OPTOUTS].live;
  out->claims = s->tables[WEIR_MEM_CLAIMS].live;
  out->ledger = s->tables[WEIR_MEM_LEDGER].live;
  out->outbox = weir_mem_outbox_count(s);
  out->unconfirmed = s->unconfirmed;
  out->commits = s->commits;
  out->latest_ms = s->now_ms;
  out->bytes_cap = s->len;
  for (int i = 0; i < WEIR_MEM_TABLES; i++) out->bytes_live += (uint64_t)s->tables[i].live * row_cost(&shares[i]);
  out->memory_live = out->bytes_live;
  out->memory_cap = s->len;
}

/* ---- transactions */

static weir_status usable(const struct weir_memory *s, weir_error *err) {
  return s->torn ? weir_fail(err, WEIR_E_INTERNAL, "a change of the store could not be logged; open it anew") : WEIR_OK;
}

static weir_status begin(struct weir_store *store, weir_error *err) {
  struct weir_memory *s = (struct weir_memory *)store;
  if (s->open) return weir_fail(err, WEIR_E_SEQUENCE, "a transaction is open already");
  weir_status status = usable(s, err);
  if (status != WEIR_OK) return status;
  s->open = true;
  s->counted = false;
  s->log_len = 0;
  s->tx_first = 0;
  return WEIR_OK;
}

static weir_status commit(struct weir_store *store, weir_error *err) {
  struct weir_memory *s = (struct weir_memory *)store;
  if (!s->open) return weir_fail(err, WEIR_E_SEQUENCE, "no transaction is open");
  weir_status status = usable(s, err);
  if (status != WEIR_OK) return status;
  s->open = false;
  if (s->counted) s->commits++;
  weir_mem_outbox_settle(s, true);
  weir_mem_sweep(s);
  return WEIR_OK;
}

static void rollback(struct weir_store *store) {
  struct weir_memory *s = (struct weir_memory *)store;
  if (!s->open) return;
  weir_mem_undo(s, 0);
  s->open = false;
  weir_mem_outbox_settle(s, false);
}

/* ---- changes */

static weir_status hand_off(struct weir_memory *s, uint32_t who, int64_t until_ms, weir_error *err) {
  struct weir_mem_person *p = weir_mem_row(s, WEIR_MEM_PERSONS, who);
  weir_status status = weir_mem_step(s, err);
  if (status == WEIR_OK && p->handoff_until_ms != until_ms) WEIR_MEM_SET(s, p->handoff_until_ms, until_ms);
  return status;
}

/* Changes that need nobody's row. */
static weir_status apply_loose(struct weir_memory *s, const struct weir_change *c, weir_error *err) {
  switch (c->kind) {
    case WEIR_CHANGE_CODE_USED: return weir_mem_code_used(s, c->value, err);
    case WEIR_CHANGE_TIMER: return weir_mem_add_timer(s, c->timer, err);
    case WEIR_CHANGE_TIMER_DONE: return weir_mem_timer_done(s, c->number, err);
    case WEIR_CHANGE_DEDUPE: return weir_mem_mark(s, c->key, c->value, c->until_ms, err);
    case WEIR_CHANGE_LEDGER: return weir_mem_add_ledger(s, c->ledger, err);
    case WEIR_CHANGE_LEDGER_STATUS: return weir_mem_set_ledger(s, c, err);
    case WEIR_CHANGE_ROUND: return weir_mem_set_round(s, c, err);
    case WEIR_CHANGE_COUNT: return weir_mem_count(s, c->name, c->value, c->number, err);
    case WEIR_CHANGE_METER:
    case WEIR_CHANGE_METER_BACK:
    case WEIR_CHANGE_METER_OPEN: return weir_mem_change_meter(s, c, err);
    case WEIR_CHANGE_TOTAL: return weir_mem_total(s, c, err);
    default: return weir_fail(err, WEIR_E_INTERNAL, "a change was checked and is not known");
  }
}

/* Changes of a contact behind whom nobody is known: what remains after the check is opting, and nothing. */
static weir_status apply_to_nobody(struct weir_memory *s, const struct weir_contact *contact, const struct weir_change *c,
                                   weir_error *err) {
  if (c->kind == WEIR_CHANGE_OPT_OUT) return weir_mem_opt_out(s, contact, c->value.len ? WEIR_MEM_CHANNEL : WEIR_MEM_EVERYWHERE, err);
  return c->kind == WEIR_CHANGE_OPT_IN ? weir_mem_opt_in(s, contact, err) : WEIR_OK;
}

static weir_status apply_to(struct weir_memory *s, uint32_t who, const struct weir_change *c, weir_error *err) {
  switch (c->kind) {
    case WEIR_CHANGE_TAG: return weir_mem_tag(s, who, c->name, err);
    case WEIR_CHANGE_UNTAG: return weir_mem_remove_attr(s, who, WEIR_MEM_TAG, c->name, err);
    case WEIR_CHANGE_FIELD: return weir_mem_field(s, who, c->name, c->value, err);
    case WEIR_CHANGE_COUNTER: return weir_mem_count_field(s, who, c->name, c->number, err);
    case WEIR_CHANGE_STAGE: return weir_mem_stage(s, who, c->name, c->value, c->at_ms, err);
    case WEIR_CHANGE_UNSTAGE: return weir_mem_remove_attr(s, who, WEIR_MEM_STAGE, c->name, err);
    case WEIR_CHANGE_CLAIM: return weir_mem_claim(s, who, c, err);
    case WEIR_CHANGE_UNCLAIM: return weir_mem_unclaim(s, who, c->key, err);
    case WEIR_CHANGE_UNCLAIM_ORIGIN: return weir_mem_unclaim_origin(s, who, c->key, err);
    case WEIR_CHANGE_POOL: return weir_mem_pool(s, who, c->name, c->value, c->number, err);
    case WEIR_CHANGE_CODE: return weir_mem_code(s, who, c->value, c->until_ms, err);
    case WEIR_CHANGE_OPT_OUT:
      return c->value.len ? weir_mem_mark_channel(s, who, s->changes->contact.channel, err) : weir_mem_mark_contacts(s, who, true, err);
    case WEIR_CHANGE_OPT_IN: return weir_mem_mark_contacts(s, who, false, err);
    case WEIR_CHANGE_HANDOFF: return hand_off(s, who, c->until_ms, err);
    case WEIR_CHANGE_SAID: return weir_mem_said(s, who, c->at_ms, err);
    case WEIR_CHANGE_INVITED: return weir_mem_invited(s, who, c, err);
    default: return apply_loose(s, c, err);
  }
}

static weir_status apply_all(struct weir_memory *s, const struct weir_changeset *changes, weir_error *err) {
  uint32_t who = weir_mem_person_of(s, &changes->contact);
  weir_status status = weir_check_changes(changes, who != 0, err);
  if (status == WEIR_OK) status = weir_mem_step(s, err);
  if (status != WEIR_OK) return status;
  WEIR_MEM_SET(s, s->now_ms, changes->now_ms);
  for (uint32_t i = 0; i < changes->cnt && status == WEIR_OK; i++) {
    const struct weir_change *c = &changes->items[i];
    if (c->kind == WEIR_CHANGE_SEEN) status = weir_mem_see(s, &changes->contact, c->name, c->at_ms, &who, err);
    else if (c->kind == WEIR_CHANGE_JOIN) status = weir_mem_join(s, &changes->contact, c->number, &who, err);
    else if (who != 0 && c->kind == WEIR_CHANGE_PART) status = weir_mem_part(s, &changes->contact, c->at_ms, &who, err);
    else if (who == 0 && !weir_change_needs_nobody(c->kind)) status = apply_to_nobody(s, &changes->contact, c, err);
    else status = apply_to(s, who, c, err);
  }
  return status;
}

static weir_status apply(struct weir_store *store, const struct weir_changeset *changes, weir_error *err) {
  struct weir_memory *s = (struct weir_memory *)store;
  weir_status status = usable(s, err);
  if (status != WEIR_OK) return status;
  if (!s->open) return weir_fail(err, WEIR_E_SEQUENCE, "changes can be applied inside begin and commit only");
  s->log_mark = s->log_len;
  s->changes = changes;
  status = apply_all(s, changes, err);
  s->changes = NULL;
  if (status != WEIR_OK) weir_mem_undo(s, s->log_mark);
  else s->counted = true;
  return status;
}

static weir_status snapshot_begin(struct weir_store *store, const char *path, weir_error *err) {
  (void)store, (void)path;
  return weir_fail(err, WEIR_E_STATE, "the state in memory cannot be written to a file");
}

static weir_status snapshot_step(struct weir_store *store, size_t bytes, weir_error *err) {
  (void)store, (void)bytes;
  return weir_fail(err, WEIR_E_SEQUENCE, "no snapshot is being written");
}

static void snapshot_cancel(struct weir_store *store) { (void)store; }

static const struct weir_store_ops ops = {
  .load = weir_mem_load,
  .load_person = weir_mem_load_person,
  .claim = weir_mem_ask_claim,
  .seen = weir_mem_ask_seen,
  .code = weir_mem_ask_code,
  .pool_used = weir_mem_ask_pool,
  .total = weir_mem_ask_total,
  .invited = weir_mem_ask_invited,
  .invites = weir_mem_ask_invites,
  .ledger = weir_mem_ask_ledger,
  .ledger_origin = weir_mem_ask_origin,
  .timer = weir_mem_ask_timer,
  .next_due = weir_mem_next_due,
  .stage_count = weir_mem_ask_stage,
  .glance = weir_mem_glance,
  .round = weir_mem_ask_round,
  .walk = weir_mem_walk,
  .meter = weir_mem_ask_meter,
  .counted = weir_mem_ask_counted,
  .each_step = weir_mem_each_step,
  .each_stage = weir_mem_each_stage,
  .each_entry = weir_mem_each_entry,
  .counts = counts,
  .begin = begin,
  .apply = apply,
  .commit = commit,
  .rollback = rollback,
  .outbox_room = weir_mem_outbox_room,
  .chain_head = weir_mem_chain_head,
  .chain_next = weir_mem_chain_next,
  .sign_as = weir_mem_sign_as,
  .outbox_put = weir_mem_outbox_put,
  .outbox_next = weir_mem_outbox_next,
  .outbox_look = weir_mem_outbox_look,
  .outbox_replace = weir_mem_outbox_replace,
  .outbox_ack = weir_mem_outbox_ack,
  .outbox_expire = weir_mem_outbox_expire,
  .known = weir_mem_known,
  .snapshot_begin = snapshot_begin,
  .snapshot_step = snapshot_step,
  .snapshot_cancel = snapshot_cancel,
  .forget = weir_mem_forget,
  .close = close_store,
};
