/* spacing.c: the pause between two actions of one account, somewhere in a range by hash: who answers a hundred people in the same second
 * is seen to be a machine. An action that comes too early takes the next place behind the others, and waits for it. */
#include "policy/inside.h"

#include "limits.h"

static const struct weir_spacing *spacing_of(const struct weir_terms *terms, weir_str kind) {
  const struct weir_spacing *any = NULL;
  for (uint32_t i = 0; i < terms->spacing_cnt; i++) {
    const struct weir_spacing *s = &terms->spacings[i];
    if (weir_str_eq(s->action, kind)) return s;
    if (s->action.len == 0) any = s;
  }
  return any;
}

weir_status weir_policy_spacing(const struct weir_policy_ask *ask, const struct weir_terms *terms, struct weir_policy_limits *out, weir_error *err) {
  const struct weir_spacing *s = spacing_of(terms, ask->kind);
  unsigned char key[WEIR_ID_BYTES];
  struct weir_meter meter;
  if (!s || ask->reserved) return WEIR_OK;
  const weir_str whose[] = { ask->channel, ask->account, s->action };
  weir_id_hash(WEIR_STR("weir spacing"), whose, sizeof whose / sizeof *whose, key);
  weir_status status = weir_policy_meter(ask, key, &meter, err);
  if (status != WEIR_OK) return status;
  const weir_str parts[] = { { (const char *)&ask->seed, sizeof ask->seed }, ask->kind, ask->text };
  uint64_t range = (uint64_t)(s->to_ms - s->from_ms) + 1;
  int64_t gap = s->from_ms + (int64_t)(weir_hash64((weir_str){ NULL, 0 }, parts, 3) % range);
  int64_t place = meter.opened_ms ? meter.opened_ms + gap : ask->now_ms;
  if (place < ask->now_ms) place = ask->now_ms;
  int64_t until = ask->until_ms ? ask->until_ms : ask->now_ms + WEIR_QUOTA_WAIT_MS;
  if (place > until) {
    out->answer = WEIR_POLICY_DROP;
    out->reason = "too many wait for their turn";
    return WEIR_OK;
  }
  if (place > ask->now_ms) {
    out->answer = WEIR_POLICY_WAIT;
    out->reason = "the account's pause between two actions";
    out->due_ms = place;
    out->until_ms = until;
    out->reserved = true;
  }
  weir_policy_use(out, WEIR_CHANGE_METER_OPEN, key, place, 0, place + s->to_ms + 1);
  return WEIR_OK;
}
