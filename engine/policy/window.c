/* window.c: platforms let an account write to somebody for a time after he did something: after his last message for 24 or 48 hours, after
 * he came in by a QR code for a minute, once to each comment. A window is a meter: opened by the event, with what was written since. */
#include "policy/inside.h"

static void key_of(const struct weir_window *w, weir_str channel, weir_str account, weir_str contact, weir_str trigger, unsigned char key[WEIR_ID_BYTES]) {
  const weir_str parts[] = { { (const char *)w->id, WEIR_ID_BYTES }, channel, account, contact, w->per_trigger ? trigger : (weir_str){ NULL, 0 } };
  weir_id_hash(WEIR_STR("weir window"), parts, sizeof parts / sizeof *parts, key);
}

/* What goes to the person alone, when the platform lets us. */
static bool needs_window(weir_str kind) { return weir_str_eq(kind, WEIR_STR("message")) || weir_str_eq(kind, WEIR_STR("deliver")); }

weir_status weir_policy_window(const struct weir_policy_ask *ask, const struct weir_terms *terms, struct weir_policy_limits *out, bool *push,
                               weir_error *err) {
  bool used_up = false;
  *push = false;
  if (terms->window_cnt == 0 || !needs_window(ask->kind)) return WEIR_OK;
  for (uint32_t i = 0; i < terms->window_cnt; i++) {
    const struct weir_window *w = &terms->windows[i];
    unsigned char key[WEIR_ID_BYTES];
    struct weir_meter meter;
    if (w->per_trigger && ask->trigger.len == 0) continue;
    key_of(w, ask->channel, ask->account, ask->contact, ask->trigger, key);
    weir_status status = weir_policy_meter(ask, key, &meter, err);
    if (status != WEIR_OK) return status;
    if (meter.opened_ms == 0 || ask->now_ms - meter.opened_ms >= w->lasts_ms) continue;
    if (w->max && weir_meter_uses(&meter, -1) >= w->max) {
      used_up = true;
      continue;
    }
    weir_policy_use(out, WEIR_CHANGE_METER, key, ask->now_ms, WEIR_METER_WHOLE, meter.until_ms);
    return WEIR_OK;
  }
  *push = terms->push;
  if (*push) return WEIR_OK;
  out->answer = WEIR_POLICY_DROP;
  out->reason = used_up ? "the window's messages are used up" : "no window is open";
  return WEIR_OK;
}

weir_status weir_policy_each_window(const struct weir_ruleset *rs, struct weir_store *store, const struct weir_contact *contact, int64_t now_ms,
                                    void (*tell)(void *ctx, const struct weir_contact *contact, const struct weir_window *window, int64_t until_ms, uint64_t used),
                                    void *ctx, weir_error *err) {
  const struct weir_terms *terms = weir_policy_terms(rs, contact->channel, contact->account);
  weir_status status = WEIR_OK;
  for (uint32_t i = 0; terms && i < terms->window_cnt && status == WEIR_OK; i++) {
    const struct weir_window *w = &terms->windows[i];
    unsigned char key[WEIR_ID_BYTES];
    struct weir_meter meter;
    if (w->per_trigger) continue; /* there is one for each event: nobody knows which */
    key_of(w, contact->channel, contact->account, contact->id, (weir_str){ NULL, 0 }, key);
    status = store->ops->meter(store, key, now_ms, &meter, err);
    if (status != WEIR_OK || meter.opened_ms == 0 || now_ms - meter.opened_ms >= w->lasts_ms) continue;
    tell(ctx, contact, w, meter.opened_ms + w->lasts_ms, weir_meter_uses(&meter, -1));
  }
  return status;
}

uint32_t weir_policy_opens(const struct weir_ruleset *ruleset, const weir_event *event, enum weir_event_kind kind, int64_t now_ms,
                           bool keyed, struct weir_change out[WEIR_POLICY_OPENS_MAX], uint32_t *lasting) {
  const struct weir_terms *terms = weir_policy_terms(ruleset, event->channel, event->account);
  int64_t at_ms = event->time_ms < now_ms ? event->time_ms : now_ms;
  uint32_t cnt = 0;
  *lasting = 0;
  if (!terms || event->contact_id.len == 0 || kind == WEIR_EVENT_TIMER) return 0;
  for (int per_trigger = 0; per_trigger < 2; per_trigger++) {
    for (uint32_t i = 0; i < terms->window_cnt && cnt < WEIR_POLICY_OPENS_MAX; i++) {
      const struct weir_window *w = &terms->windows[i];
      if (w->per_trigger != (per_trigger == 1) || !(w->opens >> kind & 1) || now_ms - at_ms >= w->lasts_ms) continue;
      out[cnt] = (struct weir_change){ .kind = WEIR_CHANGE_METER_OPEN, .at_ms = at_ms, .until_ms = at_ms + w->lasts_ms + w->lasts_ms / 6 + 1 };
      if (keyed) key_of(w, event->channel, event->account, event->contact_id, event->id, out[cnt].key);
      cnt++;
    }
    if (!per_trigger) *lasting = cnt;
  }
  return cnt;
}
