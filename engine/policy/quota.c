/* quota.c: how often an account may do something. A quota's meter hangs on what is counted (the actions, the time) and on whose it is (the
 * account, the contact, the post, the event that is answered, the text); for a calendar day or month also on which.
 *
 * A window that slides is asked at now for all that its slots still hold: see model/meter.h for by how much that errs on the safe
 * side. What is over its quota waits until the use that is in its way is forgotten, or until the next day or month begins, and behind all
 * that waits already: each takes a place in the row, as far from the one before as the quota allows on average. So what waits does not
 * come all at once, and no more waits than can go before its time is over. */
#include "policy/inside.h"

#include "limits.h"

#define DAY_MS INT64_C(86400000)

static bool counts(const struct weir_quota *q, weir_str kind) {
  for (uint32_t i = 0; i < q->action_cnt; i++) {
    if (weir_str_eq(q->actions[i], kind)) return true;
  }
  return q->action_cnt == 0;
}

/* What is written to people: what a push is, and what they may be tired of. */
static bool writes(weir_str kind) {
  return weir_str_eq(kind, WEIR_STR("message")) || weir_str_eq(kind, WEIR_STR("deliver")) || weir_str_eq(kind, WEIR_STR("invite"));
}

/* The day or month at hand, and when the next one begins. */
static int64_t period_of(const struct weir_terms *terms, enum weir_span span, int64_t now_ms, int64_t *next_ms) {
  struct weir_local_time local;
  *next_ms = INT64_MAX;
  if (span != WEIR_SPAN_DAY && span != WEIR_SPAN_MONTH) return 0;
  weir_zone_local(terms->zone, now_ms, &local);
  if (span == WEIR_SPAN_DAY) {
    *next_ms = weir_zone_utc(terms->zone, local.day + 1, 0);
    return local.day;
  }
  int64_t day = local.day - local.mday + 1;
  int32_t month = local.month;
  do { /* the first day whose month is another */
    day += 28;
    weir_zone_local(terms->zone, weir_zone_utc(terms->zone, day, 12 * 3600 * 1000), &local);
  } while (local.month == month);
  day -= local.mday - 1;
  *next_ms = weir_zone_utc(terms->zone, day, 0);
  return day; /* by the day after its last: no two months share one */
}

/* Whose it is. false: it is nobody's, such as a quota per post where there is no post. */
static bool key_of(const struct weir_policy_ask *ask, const struct weir_quota *q, int64_t period, unsigned char key[WEIR_ID_BYTES]) {
  unsigned char text[WEIR_ID_BYTES];
  weir_str whose = { NULL, 0 };
  if (q->scope == WEIR_PER_CONTACT) whose = ask->contact;
  if (q->scope == WEIR_PER_POST) whose = ask->post;
  if (q->scope == WEIR_PER_TRIGGER) whose = ask->trigger;
  if (q->scope == WEIR_PER_TEXT && ask->text.len) {
    weir_policy_text_key(ask->text, text);
    whose = (weir_str){ (const char *)text, sizeof text };
  }
  if (q->scope != WEIR_PER_ACCOUNT && whose.len == 0) return false;
  const weir_str parts[] = { { (const char *)q->id, WEIR_ID_BYTES }, ask->channel, ask->account, whose, { (const char *)&period, sizeof period } };
  weir_id_hash(WEIR_STR("weir meter"), parts, sizeof parts / sizeof *parts, key);
  return true;
}

/* When the use that is in the way is forgotten: there are `max` or more, and at least one. */
static int64_t when_free(const struct weir_meter *meter, uint32_t max, int64_t window_ms, int64_t now_ms) {
  const struct weir_meter_slot *slot = meter->slots;
  uint64_t left = weir_meter_uses(meter, now_ms - window_ms);
  for (;; slot++) { /* without those that are in the way none would be left */
    if (slot->last_ms <= now_ms - window_ms) continue;
    left -= slot->uses;
    if (left < max) return slot->last_ms + window_ms;
  }
}

/* A sliding window is left early enough that the window's own end counts as inside. */
static uint64_t uses_in(const struct weir_meter *meter, const struct weir_quota *q, int64_t now_ms) {
  return weir_meter_uses(meter, q->span == WEIR_SPAN_SLIDING ? now_ms - q->window_ms : -1);
}

static int64_t length_of(const struct weir_quota *q) {
  return q->span == WEIR_SPAN_DAY ? DAY_MS : q->span == WEIR_SPAN_MONTH ? 30 * DAY_MS : q->window_ms;
}

/* The next place in the row of what waits for the quota with this meter. */
static weir_status take_place(const struct weir_policy_ask *ask, const struct weir_quota *q, const unsigned char meter[WEIR_ID_BYTES], int64_t *place_ms,
                              struct weir_policy_limits *out, weir_error *err) {
  const weir_str parts[] = { { (const char *)meter, WEIR_ID_BYTES } };
  unsigned char key[WEIR_ID_BYTES];
  struct weir_meter row;
  int64_t gap = length_of(q) / q->max;
  weir_id_hash(WEIR_STR("weir place"), parts, 1, key);
  weir_status status = weir_policy_meter(ask, key, &row, err);
  if (status != WEIR_OK) return status;
  if (row.opened_ms && row.opened_ms + gap > *place_ms) *place_ms = row.opened_ms + gap;
  weir_policy_use(out, WEIR_CHANGE_METER_OPEN, key, *place_ms, 0, *place_ms + gap + 1);
  return WEIR_OK;
}

static weir_status put_off(struct weir_policy_limits *out, const struct weir_policy_ask *ask, const struct weir_quota *q,
                           const unsigned char meter[WEIR_ID_BYTES], int64_t free_ms, weir_error *err) {
  int64_t until_ms = ask->until_ms ? ask->until_ms : ask->now_ms + q->wait_ms;
  if (out->answer == WEIR_POLICY_DROP) return WEIR_OK;
  weir_status status = q->wait_ms ? take_place(ask, q, meter, &free_ms, out, err) : WEIR_OK;
  if (status != WEIR_OK) return status;
  bool over = q->wait_ms == 0 || free_ms > until_ms;
  if (over || free_ms > out->due_ms) {
    out->reason = q->pushes_only ? "over the quota of pushes" : "over quota";
    out->which = q->says;
  }
  out->answer = over ? WEIR_POLICY_DROP : WEIR_POLICY_WAIT;
  if (free_ms > out->due_ms) out->due_ms = free_ms;
  if (out->until_ms == 0 || until_ms < out->until_ms) out->until_ms = until_ms;
  return WEIR_OK;
}

static weir_status ask_one(const struct weir_policy_ask *ask, const struct weir_terms *terms, const struct weir_quota *q, struct weir_policy_limits *out,
                           weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  struct weir_meter meter;
  int64_t next_ms, period = period_of(terms, q->span, ask->now_ms, &next_ms);
  if (!key_of(ask, q, period, key)) return WEIR_OK;
  weir_status status = weir_policy_meter(ask, key, &meter, err);
  if (status != WEIR_OK) return status;
  if (uses_in(&meter, q, ask->now_ms) >= q->max) {
    int64_t free_ms = q->span == WEIR_SPAN_SLIDING ? when_free(&meter, q->max, q->window_ms, ask->now_ms) : next_ms;
    return put_off(out, ask, q, key, free_ms, err);
  }
  bool slides = q->span == WEIR_SPAN_SLIDING;
  int64_t width = slides ? weir_meter_width(q->window_ms) : WEIR_METER_WHOLE;
  int64_t until = slides ? ask->now_ms + q->window_ms + width : q->span == WEIR_SPAN_EVER ? ask->now_ms + q->window_ms : next_ms + DAY_MS;
  weir_policy_use(out, WEIR_CHANGE_METER, key, ask->now_ms, width, until);
  return WEIR_OK;
}

weir_status weir_policy_quotas(const struct weir_policy_ask *ask, const struct weir_terms *terms, bool push, struct weir_policy_limits *out,
                               weir_error *err) {
  weir_status status = WEIR_OK;
  for (uint32_t i = 0; i < terms->quota_cnt && status == WEIR_OK; i++) {
    const struct weir_quota *q = &terms->quotas[i];
    if (counts(q, ask->kind) && (!q->pushes_only || push)) status = ask_one(ask, terms, q, out, err);
  }
  return status;
}

weir_status weir_policy_repeats(const struct weir_policy_ask *ask, bool *repeats, weir_error *err) {
  const struct weir_terms *terms = weir_policy_terms(ask->ruleset, ask->channel, ask->account);
  *repeats = false;
  for (uint32_t i = 0; terms && i < terms->quota_cnt && !*repeats; i++) {
    const struct weir_quota *q = &terms->quotas[i];
    unsigned char key[WEIR_ID_BYTES];
    struct weir_meter meter;
    if (q->scope != WEIR_PER_TEXT || !counts(q, ask->kind) || !key_of(ask, q, 0, key)) continue;
    weir_status status = weir_policy_meter(ask, key, &meter, err);
    if (status != WEIR_OK) return status;
    *repeats = uses_in(&meter, q, ask->now_ms) >= q->max;
  }
  return WEIR_OK;
}

/* ---- what nobody asked for */

static void unasked_key(weir_str channel, weir_str account, weir_str contact, unsigned char key[WEIR_ID_BYTES]) {
  const weir_str parts[] = { channel, account, contact };
  weir_id_hash(WEIR_STR("weir unasked"), parts, sizeof parts / sizeof *parts, key);
}

/* A person hears from us under all his contacts together, also when they were joined meanwhile: the meters hang on contacts, and all of
 * his are added up. */
weir_status weir_policy_unasked(const struct weir_policy_ask *ask, struct weir_policy_limits *out, weir_error *err) {
  const struct weir_quota day = { .max = ask->unasked_max, .window_ms = DAY_MS, .wait_ms = DAY_MS, .says = WEIR_STR("unasked messages in 24h per person") };
  unsigned char own[WEIR_ID_BYTES], key[WEIR_ID_BYTES];
  struct weir_meter meter;
  uint64_t uses = 0;
  int64_t free_ms = ask->now_ms;
  bool own_counted = false;
  if (!ask->unasked || !writes(ask->kind)) return WEIR_OK;
  unasked_key(ask->channel, ask->account, ask->contact, own);
  for (uint32_t i = 0; i <= ask->person->contact_cnt; i++) {
    const struct weir_contact *c = i < ask->person->contact_cnt ? &ask->person->contacts[i] : NULL;
    if (c) unasked_key(c->channel, c->account, c->id, key);
    else memcpy(key, own, sizeof key);
    if (!c && own_counted) break;
    own_counted = own_counted || memcmp(key, own, sizeof key) == 0;
    weir_status status = weir_policy_meter(ask, key, &meter, err);
    if (status != WEIR_OK) return status;
    uint64_t here = weir_meter_uses(&meter, ask->now_ms - DAY_MS);
    uses += here;
    int64_t when = here ? when_free(&meter, (uint32_t)here, DAY_MS, ask->now_ms) : INT64_MAX;
    if (when != INT64_MAX && (free_ms == ask->now_ms || when < free_ms)) free_ms = when;
  }
  if (uses >= ask->unasked_max) {
    return put_off(out, ask, &day, own, free_ms, err);
  }
  int64_t width = weir_meter_width(DAY_MS);
  weir_policy_use(out, WEIR_CHANGE_METER, own, ask->now_ms, width, ask->now_ms + DAY_MS + width);
  return WEIR_OK;
}

weir_status weir_policy_each_use(const struct weir_ruleset *rs, struct weir_store *store, int64_t now_ms,
                                 void (*tell)(void *ctx, const struct weir_account *account, const struct weir_quota *quota, uint64_t used), void *ctx,
                                 weir_error *err) {
  weir_status status = WEIR_OK;
  for (uint32_t i = 0; i < rs->account_cnt; i++) {
    const struct weir_account *account = &rs->accounts[i];
    const struct weir_terms *terms = weir_policy_terms(rs, account->channel, account->account);
    const struct weir_policy_ask ask = { .ruleset = rs, .channel = account->channel, .account = account->account, .now_ms = now_ms, .store = store };
    for (uint32_t k = 0; terms && k < terms->quota_cnt && status == WEIR_OK; k++) {
      const struct weir_quota *q = &terms->quotas[k];
      unsigned char key[WEIR_ID_BYTES];
      struct weir_meter meter;
      int64_t next_ms;
      if (q->scope != WEIR_PER_ACCOUNT) continue;
      (void)key_of(&ask, q, period_of(terms, q->span, now_ms, &next_ms), key); /* an account's quota is always somebody's */
      status = store->ops->meter(store, key, now_ms, &meter, err);
      if (status == WEIR_OK) tell(ctx, account, q, uses_in(&meter, q, now_ms));
    }
  }
  return status;
}
