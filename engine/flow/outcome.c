/* outcome.c: from what an executor says about an action to the changes that follow from it. */
#include "flow/outcome.h"

#include "limits.h"
#include "state/meter.h"

static weir_status push(struct weir_changeset *changes, const struct weir_change *change, weir_error *err) {
  if (changes->cnt >= changes->cap) {
    return weir_fail(err, WEIR_E_LIMIT, "an outcome changes more than %u things at once (WEIR_CHANGES_MAX)", (unsigned)changes->cap);
  }
  changes->items[changes->cnt++] = *change;
  return WEIR_OK;
}

weir_str weir_outcome_kind(weir_str payload) {
  static const char begins[] = "{\"kind\":\""; /* as act.c writes them, perhaps behind a head of numbers */
  const size_t len = sizeof begins - 1;
  const char *object = payload.len ? memchr(payload.ptr, '{', payload.len) : NULL;
  size_t left = object ? payload.len - (size_t)(object - payload.ptr) : 0;
  if (left <= len || memcmp(object, begins, len) != 0) return (weir_str){ NULL, 0 };
  const char *end = memchr(object + len, '"', left - len);
  return end ? (weir_str){ object + len, (size_t)(end - object) - len } : (weir_str){ NULL, 0 };
}

void weir_echo_key(weir_str channel, weir_str account, weir_str platform_id, unsigned char key[WEIR_ID_BYTES]) {
  const weir_str parts[] = { channel, account, platform_id };
  weir_id_hash(WEIR_STR("weir echo"), parts, sizeof parts / sizeof *parts, key);
}

/* ---- giving claims back */

static uint32_t *count_of(struct weir_ledger_counts *counts, int status) {
  switch (status) {
    case WEIR_LEDGER_SENT: return &counts->sent;
    case WEIR_LEDGER_REJECTED: return &counts->rejected;
    case WEIR_LEDGER_UNCONFIRMED: return &counts->unconfirmed;
    default: return &counts->open;
  }
}

weir_status weir_outcome_settle(struct weir_store *store, const struct weir_ledger_entry *entry, int status, struct weir_changeset *changes,
                                bool *freed, weir_error *err) {
  struct weir_ledger_counts counts;
  struct weir_change change = { .kind = WEIR_CHANGE_LEDGER_STATUS, .number = status, .until_ms = changes->now_ms + WEIR_LEDGER_MS };
  *freed = false;
  memcpy(change.key, entry->key, WEIR_ID_BYTES);
  weir_status st = push(changes, &change, err);
  if (!st) st = store->ops->ledger_origin(store, entry->origin, &counts, err);
  if (st) return st;
  uint32_t *before = count_of(&counts, (int)entry->status);
  if (*before > 0) (*before)--;
  if (status != 0) (*count_of(&counts, status))++;
  if (counts.rejected == 0 || counts.open + counts.sent + counts.unconfirmed > 0) return WEIR_OK;
  change = (struct weir_change){ .kind = WEIR_CHANGE_UNCLAIM_ORIGIN };
  memcpy(change.key, entry->origin, WEIR_ID_BYTES);
  *freed = true;
  return push(changes, &change, err);
}

/* What an action used up of windows and quotas: given back when the platform refused it, and taken after all when it turns out that
 * people have seen it. */
static weir_status settle_taken(const struct weir_ledger_entry *entry, enum weir_ledger_status status, struct weir_changeset *changes, weir_error *err) {
  bool was = entry->status != WEIR_LEDGER_REJECTED && entry->status != WEIR_LEDGER_RETRYING;
  bool is = status != WEIR_LEDGER_REJECTED && status != WEIR_LEDGER_RETRYING;
  struct weir_change use;
  weir_status st = WEIR_OK;
  for (uint32_t i = 0; was != is && !st && weir_meter_taken(entry->taken, i, &use); i++) {
    if (!is) use.kind = WEIR_CHANGE_METER_BACK;
    st = push(changes, &use, err);
  }
  return st;
}

/* ---- which word counts */

static enum weir_ledger_status heard(enum weir_ledger_status before, weir_str word) {
  bool undecided = before == WEIR_LEDGER_OPEN || before == WEIR_LEDGER_UNCONFIRMED;
  if (weir_str_eq(word, WEIR_STR("sent"))) return WEIR_LEDGER_SENT;
  if (weir_str_eq(word, WEIR_STR("rejected"))) return undecided ? WEIR_LEDGER_REJECTED : before;
  return undecided || before == WEIR_LEDGER_RETRYING ? WEIR_LEDGER_UNCONFIRMED : before;
}

/* How long until the action is tried again; 0: not any more. Never earlier than the platform said. */
static int64_t retry_delay(const struct weir_ledger_entry *entry, int64_t retry_after_ms) {
  if (retry_after_ms <= 0 || retry_after_ms > WEIR_RETRY_DELAY_MAX_MS || entry->attempt > WEIR_RETRIES_MAX) return 0;
  int64_t delay = retry_after_ms;
  for (uint32_t i = 1; i < entry->attempt && delay < WEIR_RETRY_DELAY_MAX_MS; i++) delay *= 2;
  return delay < WEIR_RETRY_DELAY_MAX_MS ? delay : WEIR_RETRY_DELAY_MAX_MS;
}

/* ---- what follows */

static weir_status try_again(struct weir_arena *arena, const struct weir_outcome *out, struct weir_changeset *changes, weir_error *err) {
  const struct weir_ledger_entry *entry = &out->entry;
  int64_t due_ms = changes->now_ms + out->retry_ms;
  struct weir_timer *timer = weir_arena_zalloc(arena, sizeof *timer);
  if (!timer) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  *timer = (struct weir_timer){ .kind = WEIR_TIMER_RETRY, .due_ms = due_ms, .contact = entry->contact, .rule = entry->rule,
                                .origin = entry->decision, .cause = entry->cause, .post = entry->post, .occurrence = entry->n };
  struct weir_change change = { .kind = WEIR_CHANGE_LEDGER_STATUS, .number = WEIR_LEDGER_RETRYING, .until_ms = due_ms + WEIR_LEDGER_MS };
  memcpy(change.key, entry->key, WEIR_ID_BYTES);
  weir_status st = push(changes, &change, err);
  change = (struct weir_change){ .kind = WEIR_CHANGE_TIMER, .timer = timer };
  return st ? st : push(changes, &change, err);
}

static weir_status remember_echo(const weir_event *event, const struct weir_ledger_entry *entry, struct weir_changeset *changes, weir_error *err) {
  struct weir_change change = { .kind = WEIR_CHANGE_DEDUPE, .value = entry->decision, .at_ms = changes->now_ms,
                                .until_ms = changes->now_ms + WEIR_DEDUPE_MS };
  if (!event->outcome.platform_id.len) return WEIR_OK;
  weir_echo_key(event->channel, event->account, event->outcome.platform_id, change.key);
  return push(changes, &change, err);
}

static weir_status find(struct weir_store *store, struct weir_arena *arena, const weir_event *event, int64_t now_ms, struct weir_outcome *out,
                        weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  weir_ledger_key(event->outcome.decision, event->outcome.n, false, key);
  weir_status st = store->ops->ledger(store, key, arena, &out->entry, err);
  if (st == WEIR_NONE) return WEIR_OK;
  if (st) return st;
  const struct weir_ledger_entry *entry = &out->entry;
  /* when entries go is the store's affair: what is over is unknown at once, or every store would answer in its own way */
  if (entry->until_ms <= now_ms && entry->status != WEIR_LEDGER_RETRYING) return WEIR_OK;
  bool ours = weir_str_eq(entry->contact.channel, event->channel) && weir_str_eq(entry->contact.account, event->account);
  out->result = ours ? WEIR_OUTCOME_OLD : WEIR_OUTCOME_FOREIGN;
  return WEIR_OK;
}

weir_status weir_outcome_take(struct weir_store *store, struct weir_arena *arena, const weir_ruleset *ruleset, const weir_event *event,
                              struct weir_changeset *changes, struct weir_outcome *out, weir_error *err) {
  *out = (struct weir_outcome){ .result = WEIR_OUTCOME_UNKNOWN };
  weir_status st = find(store, arena, event, changes->now_ms, out, err);
  if (st || out->result != WEIR_OUTCOME_OLD) return st;
  out->status = heard(out->entry.status, event->outcome.status);
  if (out->status == out->entry.status) return WEIR_OK;

  out->result = WEIR_OUTCOME_TAKEN;
  changes->contact = out->entry.contact;
  out->retry_ms = out->status == WEIR_LEDGER_REJECTED ? retry_delay(&out->entry, event->outcome.retry_after_ms) : 0;
  if (out->retry_ms > 0) out->status = WEIR_LEDGER_RETRYING;
  st = settle_taken(&out->entry, out->status, changes, err);
  if (st) return st;
  if (out->retry_ms > 0) return try_again(arena, out, changes, err);
  st = weir_outcome_settle(store, &out->entry, (int)out->status, changes, &out->freed, err);
  if (!st && out->status == WEIR_LEDGER_SENT) st = remember_echo(event, &out->entry, changes, err);
  if (!st && out->status == WEIR_LEDGER_SENT) st = weir_on_sent_take(store, arena, ruleset, out->entry.origin, changes, &out->moved, err);
  return st;
}
