/* What the tests of policy's limits share: an account with its terms, over a store that is nothing but meters. */
#ifndef WEIR_POLICY_HELP_H
#define WEIR_POLICY_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "limits.h"
#include "policy/inside.h"

#define NOW INT64_C(1763773200000) /* 2025-11-22 01:00 UTC */
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* ---- a store that is nothing but meters */

static struct {
  unsigned char key[WEIR_ID_BYTES];
  struct weir_meter meter;
} meters[64];
static uint32_t meter_cnt, asked, fails_at;

static inline weir_status meter_of(struct weir_store *s, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, struct weir_meter *out, weir_error *err) {
  (void)s;
  memset(out, 0, sizeof *out);
  if (++asked == fails_at) return weir_fail(err, WEIR_E_STATE, "the disk failed");
  for (uint32_t i = 0; i < meter_cnt; i++) {
    if (memcmp(meters[i].key, key, WEIR_ID_BYTES) == 0 && meters[i].meter.until_ms > now_ms) *out = meters[i].meter;
  }
  return WEIR_OK;
}

static const struct weir_store_ops ops = { .meter = meter_of };
static struct weir_store store = { .ops = &ops };

static inline void apply(const struct weir_change *changes, uint32_t cnt) {
  for (uint32_t i = 0; i < cnt; i++) {
    uint32_t at = 0;
    while (at < meter_cnt && memcmp(meters[at].key, changes[i].key, WEIR_ID_BYTES) != 0) at++;
    if (at == meter_cnt) {
      assert_true(meter_cnt < sizeof meters / sizeof *meters);
      memset(&meters[meter_cnt], 0, sizeof *meters);
      memcpy(meters[meter_cnt++].key, changes[i].key, WEIR_ID_BYTES);
    }
    weir_meter_change(&meters[at].meter, &changes[i], changes[i].kind == WEIR_CHANGE_METER_OPEN ? 0 : changes[i].at_ms);
  }
}

/* ---- an account and its terms */

static struct weir_quota quotas[4];
static struct weir_window windows[WEIR_POLICY_OPENS_MAX + 2];
static struct weir_spacing spacings[3];
static struct weir_terms terms;
static struct weir_account account;
static struct weir_ruleset ruleset;
static struct weir_person person;
static struct weir_policy_ask ask;
static struct weir_policy_limits limits;
static weir_error err;

static inline int setup(void **state) {
  (void)state;
  meter_cnt = asked = fails_at = 0;
  memset(quotas, 0, sizeof quotas);
  memset(windows, 0, sizeof windows);
  memset(spacings, 0, sizeof spacings);
  for (unsigned i = 0; i < sizeof quotas / sizeof *quotas; i++) quotas[i].id[0] = (unsigned char)(i + 1);
  for (unsigned i = 0; i < sizeof windows / sizeof *windows; i++) windows[i].id[0] = (unsigned char)(i + 1);
  terms = (struct weir_terms){ .name = WEIR_STR("gw"), .quotas = quotas, .windows = windows, .spacings = spacings };
  account = (struct weir_account){ .channel = WEIR_STR("gw"), .account = WEIR_STR("a"), .terms = &terms };
  ruleset = (struct weir_ruleset){ .accounts = &account, .account_cnt = 1, .channels = &terms, .channel_cnt = 1 };
  person = (struct weir_person){ .id = 1 };
  ask = (struct weir_policy_ask){ .ruleset = &ruleset, .person = &person, .channel = WEIR_STR("gw"), .account = WEIR_STR("a"), .kind = WEIR_STR("message"),
                                  .outbound = true, .now_ms = NOW, .text = WEIR_STR("hello"), .store = &store, .contact = WEIR_STR("u1"),
                                  .trigger = WEIR_STR("c1"), .post = WEIR_STR("v1"), .unasked_max = 2 };
  return 0;
}

static inline enum weir_policy_answer answer(void) {
  if (weir_policy_limits(&ask, &limits, &err) != WEIR_OK) fail_msg("%s", err.message);
  return limits.answer;
}

/* Asks, and carries out what the answer says. */
static inline enum weir_policy_answer act(void) {
  enum weir_policy_answer was = answer();
  apply(limits.changes, limits.change_cnt);
  return was;
}

static inline void says(enum weir_policy_answer expected, const char *reason) {
  assert_int_equal(answer(), expected);
  assert_string_equal(limits.reason ? limits.reason : "goes", reason);
}

static inline struct weir_quota *quota(uint32_t max, int64_t window_ms, int64_t wait_ms) {
  struct weir_quota *q = &quotas[terms.quota_cnt++];
  q->max = max, q->window_ms = window_ms, q->wait_ms = wait_ms, q->says = WEIR_STR("so many");
  return q;
}

static inline void open_window(uint32_t i) {
  struct weir_change opens[WEIR_POLICY_OPENS_MAX];
  uint32_t lasting;
  weir_event e = { .channel = ask.channel, .account = ask.account, .contact_id = ask.contact, .id = ask.trigger, .time_ms = ask.now_ms };
  windows[i].opens = 1u << WEIR_EVENT_MESSAGE;
  apply(opens, weir_policy_opens(&ruleset, &e, WEIR_EVENT_MESSAGE, ask.now_ms, true, opens, &lasting));
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

#endif
