/* limits.c: windows, quotas and spacing of an action that would go out now, asked in this order. The first that says never is the answer;
 * of several that say later, the latest. */
#include "policy/inside.h"

#include "limits.h"

weir_status weir_policy_meter(const struct weir_policy_ask *ask, const unsigned char key[WEIR_ID_BYTES], struct weir_meter *out, weir_error *err) {
  weir_status status = ask->store->ops->meter(ask->store, key, ask->now_ms, out, err);
  for (uint32_t i = 0; status == WEIR_OK && ask->changes && i < ask->changes->cnt; i++) {
    const struct weir_change *change = &ask->changes->items[i];
    if (weir_meter_is_change(change) && memcmp(change->key, key, WEIR_ID_BYTES) == 0) weir_meter_change(out, change, ask->now_ms);
  }
  return status;
}

void weir_policy_use(struct weir_policy_limits *out, enum weir_change_kind kind, const unsigned char key[WEIR_ID_BYTES], int64_t at_ms,
                     int64_t width_ms, int64_t until_ms) {
  struct weir_change *change = &out->changes[out->change_cnt++]; /* WEIR_POLICY_METERS_MAX: one for each limit there can be */
  *change = (struct weir_change){ .kind = kind, .at_ms = at_ms, .number = width_ms, .until_ms = until_ms };
  memcpy(change->key, key, WEIR_ID_BYTES);
}

_Static_assert(WEIR_POLICY_METERS_MAX >= WEIR_TERMS_QUOTAS_MAX + 3, "a window, the quotas of channel and account, what nobody asked for, spacing");

/* What waits has used nothing yet but its place in the rows. */
static void keep_places(struct weir_policy_limits *out) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < out->change_cnt; i++) {
    if (out->changes[i].kind == WEIR_CHANGE_METER_OPEN) out->changes[kept++] = out->changes[i];
  }
  out->change_cnt = kept;
}

weir_status weir_policy_limits(const struct weir_policy_ask *ask, struct weir_policy_limits *out, weir_error *err) {
  const struct weir_terms *terms = weir_policy_terms(ask->ruleset, ask->channel, ask->account);
  bool push = false;
  memset(out, 0, sizeof *out);
  if (!ask->outbound) return WEIR_OK;
  weir_status status = terms ? weir_policy_window(ask, terms, out, &push, err) : WEIR_OK;
  if (status == WEIR_OK && out->answer != WEIR_POLICY_DROP) status = weir_policy_unasked(ask, out, err);
  if (status == WEIR_OK && terms && out->answer != WEIR_POLICY_DROP) status = weir_policy_quotas(ask, terms, push, out, err);
  if (status == WEIR_OK && terms && out->answer == WEIR_POLICY_GO) status = weir_policy_spacing(ask, terms, out, err);
  if (out->answer == WEIR_POLICY_DROP) out->change_cnt = 0;
  if (out->answer == WEIR_POLICY_WAIT) keep_places(out);
  return status;
}

/* A place in the row of the account's actions is not given back. */
size_t weir_policy_taken(const struct weir_policy_limits *limits, char out[WEIR_POLICY_TAKEN_BYTES]) {
  size_t len = 0;
  for (uint32_t i = 0; i < limits->change_cnt; i++) {
    if (limits->changes[i].kind != WEIR_CHANGE_METER) continue;
    weir_meter_put_taken(&limits->changes[i], out + len);
    len += WEIR_METER_TAKEN_BYTES;
  }
  return len;
}
