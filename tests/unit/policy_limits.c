/* Quotas one at a time, over meters in an array: what waits and until when, what is dropped and why, what is used up.
 * policy_windows.c has windows, spacing and what nobody asked for; policy_property.c tries them all at once. */
#include "policy_help.h"

/* ---- nothing is asked for nothing */

static void inner_actions_and_accounts_nobody_knows(void **state) {
  (void)state;
  (void)quota(1, HOUR, 0);
  ask.outbound = false;
  assert_int_equal(act(), WEIR_POLICY_GO);
  assert_int_equal(limits.change_cnt, 0);
  ask.outbound = true;
  ask.channel = WEIR_STR("elsewhere");
  assert_int_equal(act(), WEIR_POLICY_GO);
  assert_int_equal(limits.change_cnt, 0);
  assert_int_equal(asked, 0);
}

/* ---- quotas */

static void a_window_that_slides(void **state) {
  (void)state;
  (void)quota(2, HOUR, 0);
  assert_int_equal(act(), WEIR_POLICY_GO);
  ask.now_ms += MINUTE;
  assert_int_equal(act(), WEIR_POLICY_GO);
  says(WEIR_POLICY_DROP, "over quota");
  assert_true(weir_str_eq(limits.which, WEIR_STR("so many")));
  assert_int_equal(limits.change_cnt, 0); /* what does not go uses up nothing */
  ask.now_ms += HOUR - MINUTE / 2;
  says(WEIR_POLICY_DROP, "over quota"); /* the second still counts; the first may, by the width of a slot */
  ask.now_ms += MINUTE;
  assert_int_equal(answer(), WEIR_POLICY_GO);
}

/* Rules that allow less than they did: what went before counts, and all but one of it is in the way. */
static void a_quota_that_was_lowered(void **state) {
  (void)state;
  struct weir_quota *q = quota(4, DAY, 2 * DAY);
  for (int i = 0; i < 4; i++, ask.now_ms += 5 * HOUR) assert_int_equal(act(), WEIR_POLICY_GO);
  assert_int_equal(answer(), WEIR_POLICY_WAIT);
  assert_int_equal(limits.due_ms, NOW + DAY);
  q->max = 2;
  assert_int_equal(answer(), WEIR_POLICY_WAIT);
  assert_int_equal(limits.due_ms, NOW + 10 * HOUR + DAY);
}

/* Whose a quota is: of the account for all, of a contact, a post, an event, a text for each. Nobody's is no quota. */
static void whose(void **state) {
  (void)state;
  static const enum weir_scope scopes[] = { WEIR_PER_ACCOUNT, WEIR_PER_CONTACT, WEIR_PER_POST, WEIR_PER_TRIGGER, WEIR_PER_TEXT };
  for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
    (void)setup(state);
    quota(1, HOUR, 0)->scope = scopes[i];
    assert_int_equal(act(), WEIR_POLICY_GO);
    assert_int_equal(answer(), WEIR_POLICY_DROP);
    weir_str *what = scopes[i] == WEIR_PER_CONTACT ? &ask.contact : scopes[i] == WEIR_PER_POST ? &ask.post : scopes[i] == WEIR_PER_TRIGGER ? &ask.trigger : &ask.text;
    *what = WEIR_STR("another");
    assert_int_equal(answer(), scopes[i] == WEIR_PER_ACCOUNT ? WEIR_POLICY_DROP : WEIR_POLICY_GO);
    *what = WEIR_STR("");
    assert_int_equal(answer(), scopes[i] == WEIR_PER_ACCOUNT ? WEIR_POLICY_DROP : WEIR_POLICY_GO);
    if (scopes[i] != WEIR_PER_ACCOUNT) assert_int_equal(limits.change_cnt, 0);
  }
}

static void which_actions(void **state) {
  (void)state;
  static const weir_str kinds[] = { { "reply", 5 }, { "message", 7 } };
  struct weir_quota *q = quota(1, HOUR, 0);
  q->actions = kinds, q->action_cnt = 2;
  assert_int_equal(act(), WEIR_POLICY_GO);
  assert_int_equal(answer(), WEIR_POLICY_DROP);
  ask.kind = WEIR_STR("reply");
  assert_int_equal(answer(), WEIR_POLICY_DROP);
  ask.kind = WEIR_STR("like");
  assert_int_equal(answer(), WEIR_POLICY_GO);
  assert_int_equal(limits.change_cnt, 0);
  q->action_cnt = 0; /* all that the platform sees */
  assert_int_equal(answer(), WEIR_POLICY_DROP);
}

/* A day is the account's own: in Shanghai it is over at 16:00 UTC. A month ends with its last day, February's too. */
static void days_and_months(void **state) {
  (void)state;
  static const struct {
    enum weir_span span;
    int64_t now_ms, next_ms;
  } cases[] = {
    { WEIR_SPAN_DAY, NOW, NOW + 23 * HOUR },
    { WEIR_SPAN_MONTH, NOW, INT64_C(1764547200000) },                     /* 2025-12-01 */
    { WEIR_SPAN_MONTH, INT64_C(1769936400000), INT64_C(1772323200000) },  /* 2026-02-01 09:00 -> 2026-03-01 */
    { WEIR_SPAN_MONTH, INT64_C(1709164800000), INT64_C(1709251200000) },  /* 2024-02-29 -> 2024-03-01 */
    { WEIR_SPAN_MONTH, INT64_C(1767225599999), INT64_C(1767225600000) },  /* the last millisecond of 2025 */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    (void)setup(state);
    struct weir_quota *q = quota(1, 0, 40 * DAY);
    q->span = cases[i].span;
    ask.now_ms = cases[i].now_ms;
    assert_int_equal(act(), WEIR_POLICY_GO);
    assert_int_equal(answer(), WEIR_POLICY_WAIT);
    assert_int_equal(limits.due_ms, cases[i].next_ms);
    ask.now_ms = cases[i].next_ms - 1;
    assert_int_equal(answer(), WEIR_POLICY_WAIT);
    ask.now_ms = cases[i].next_ms;
    assert_int_equal(answer(), WEIR_POLICY_GO);
  }
}

static void once_for_ever(void **state) {
  (void)state;
  struct weir_quota *q = quota(1, 7 * DAY, 0);
  q->span = WEIR_SPAN_EVER, q->scope = WEIR_PER_TRIGGER;
  assert_int_equal(act(), WEIR_POLICY_GO);
  ask.now_ms += 7 * DAY - 1;
  assert_int_equal(answer(), WEIR_POLICY_DROP);
  ask.now_ms += 1; /* the trigger itself is forgotten */
  assert_int_equal(answer(), WEIR_POLICY_GO);
}

/* What waits takes its place in the row, as far behind the one before as the quota allows on average; no more wait than can go in time. */
static void waiting_in_a_row(void **state) {
  (void)state;
  (void)quota(2, HOUR, 2 * HOUR);
  assert_int_equal(act(), WEIR_POLICY_GO);
  assert_int_equal(act(), WEIR_POLICY_GO);
  int64_t before = 0;
  for (int i = 0; i < 3; i++) {
    assert_int_equal(act(), WEIR_POLICY_WAIT);
    assert_int_equal(limits.until_ms, NOW + 2 * HOUR);
    assert_int_equal(limits.change_cnt, 1); /* its place, and no use */
    assert_int_equal(limits.changes[0].kind, WEIR_CHANGE_METER_OPEN);
    assert_true(before == 0 ? limits.due_ms == NOW + HOUR : limits.due_ms == before + HOUR / 2);
    before = limits.due_ms;
  }
  says(WEIR_POLICY_DROP, "over quota");
  /* one that gives up earlier does not even wait so long; one that was given more time does */
  ask.until_ms = NOW + HOUR;
  says(WEIR_POLICY_DROP, "over quota");
  ask.until_ms = NOW + 5 * HOUR;
  says(WEIR_POLICY_WAIT, "over quota");
  assert_int_equal(limits.until_ms, NOW + 5 * HOUR);
}

/* The row's last place may lie before the time when there is room again: then it does not count. */
static void a_row_that_is_over(void **state) {
  (void)state;
  (void)quota(1, HOUR, 3 * HOUR);
  assert_int_equal(act(), WEIR_POLICY_GO);
  assert_int_equal(act(), WEIR_POLICY_WAIT);
  ask.now_ms = limits.due_ms; /* it goes, and another wants to */
  assert_int_equal(act(), WEIR_POLICY_GO);
  says(WEIR_POLICY_WAIT, "over quota");
  assert_int_equal(limits.due_ms, ask.now_ms + HOUR);
}

/* Of several that say later the latest, which is the one to name; until the first of them gives up. */
static void several_quotas(void **state) {
  (void)state;
  (void)quota(1, HOUR, 5 * HOUR);
  quota(1, 2 * HOUR, 4 * HOUR)->says = WEIR_STR("the longer one");
  quota(1, MINUTE, 9 * HOUR)->says = WEIR_STR("the shorter one");
  assert_int_equal(act(), WEIR_POLICY_GO);
  assert_int_equal(limits.change_cnt, 3);
  says(WEIR_POLICY_WAIT, "over quota");
  assert_true(weir_str_eq(limits.which, WEIR_STR("the longer one")));
  assert_int_equal(limits.due_ms, NOW + 2 * HOUR);
  assert_int_equal(limits.until_ms, NOW + 4 * HOUR);
  assert_int_equal(limits.change_cnt, 3); /* a place in each row */
  /* and one that says never ends it, whatever the others say */
  quotas[0].wait_ms = 0;
  says(WEIR_POLICY_DROP, "over quota");
  assert_true(weir_str_eq(limits.which, WEIR_STR("so many")));
  assert_int_equal(limits.change_cnt, 0);
}

/* A decision that does a thing twice counts its own first, before the store has it; other changes are not meters. */
static void what_the_decision_did_counts(void **state) {
  (void)state;
  struct weir_change items[8] = { { .kind = WEIR_CHANGE_TAG, .name = WEIR_STR("t") } };
  struct weir_changeset changes = { .now_ms = NOW, .items = items, .cnt = 1, .cap = 8 };
  (void)quota(1, HOUR, 0);
  quota(9, HOUR, 0)->scope = WEIR_PER_POST;
  ask.changes = &changes;
  assert_int_equal(answer(), WEIR_POLICY_GO);
  for (uint32_t i = 0; i < limits.change_cnt; i++) items[changes.cnt++] = limits.changes[i];
  says(WEIR_POLICY_DROP, "over quota");
}

static void taken_is_what_can_be_given_back(void **state) {
  (void)state;
  char taken[WEIR_POLICY_TAKEN_BYTES];
  struct weir_change back;
  (void)quota(1, HOUR, HOUR);
  spacings[0] = (struct weir_spacing){ .from_ms = 1000, .to_ms = 2000 };
  terms.spacing_cnt = 1;
  assert_int_equal(act(), WEIR_POLICY_GO);
  assert_int_equal(limits.change_cnt, 2); /* a use, and a place behind the account's last action, which nobody gives back */
  size_t len = weir_policy_taken(&limits, taken);
  assert_int_equal(len, WEIR_METER_TAKEN_BYTES);
  assert_true(weir_meter_taken((weir_str){ taken, len }, 0, &back));
  assert_memory_equal(back.key, limits.changes[0].key, WEIR_ID_BYTES);
  assert_false(weir_meter_taken((weir_str){ taken, len }, 1, &back));
  back.kind = WEIR_CHANGE_METER_BACK;
  apply(&back, 1);
  ask.now_ms += 5000;
  assert_int_equal(answer(), WEIR_POLICY_GO);
}

/* ---- the same text too often */

static void repeats(void **state) {
  (void)state;
  static char long_text[WEIR_TEXT_OUT_MAX + 1];
  static const weir_str message[] = { { "message", 7 } };
  bool said = true;
  struct weir_quota *q = quota(1, HOUR, 0), *by_post = quota(1, HOUR, 0);
  by_post->scope = WEIR_PER_POST;
  q->scope = WEIR_PER_TEXT, q->actions = message, q->action_cnt = 1;
  assert_int_equal(weir_policy_repeats(&ask, &said, &err), WEIR_OK);
  assert_false(said);
  assert_int_equal(act(), WEIR_POLICY_GO);
  assert_int_equal(weir_policy_repeats(&ask, &said, &err), WEIR_OK);
  assert_true(said);
  ask.kind = WEIR_STR("reply");
  assert_int_equal(weir_policy_repeats(&ask, &said, &err), WEIR_OK);
  assert_false(said);
  ask.kind = WEIR_STR("message");
  ask.text = WEIR_STR("");
  assert_int_equal(weir_policy_repeats(&ask, &said, &err), WEIR_OK);
  assert_false(said);
  memset(long_text, 'a', sizeof long_text); /* longer than any that goes: not looked at, and no harm done */
  ask.text = (weir_str){ long_text, sizeof long_text };
  assert_int_equal(weir_policy_repeats(&ask, &said, &err), WEIR_OK);
  assert_false(said);
  ask.channel = WEIR_STR("elsewhere");
  assert_int_equal(weir_policy_repeats(&ask, &said, &err), WEIR_OK);
  assert_false(said);
}

/* ---- what is used */

static struct {
  uint32_t cnt;
  uint64_t used[4];
} told;
static void tell(void *ctx, const struct weir_account *of, const struct weir_quota *q, uint64_t used) {
  assert_ptr_equal(ctx, &told);
  assert_ptr_equal(of, &account);
  told.used[q - quotas] = used;
  told.cnt++;
}

static void each_use(void **state) {
  (void)state;
  struct weir_account both[] = { account, { .channel = WEIR_STR("elsewhere"), .account = WEIR_STR("b") } };
  (void)quota(5, HOUR, 0);
  quota(5, HOUR, 0)->scope = WEIR_PER_CONTACT;
  quota(5, 0, 0)->span = WEIR_SPAN_DAY;
  for (int i = 0; i < 3; i++) assert_int_equal(act(), WEIR_POLICY_GO);
  memset(&told, 0, sizeof told);
  assert_int_equal(weir_policy_each_use(&ruleset, &store, NOW, tell, &told, &err), WEIR_OK);
  assert_int_equal(told.cnt, 2); /* how much each contact has used is no number of the account's */
  assert_int_equal(told.used[0], 3);
  assert_int_equal(told.used[2], 3);
  /* an account of a channel that nobody described has none, and a store that fails is heard */
  ruleset.accounts = both + 1;
  memset(&told, 0, sizeof told);
  assert_int_equal(weir_policy_each_use(&ruleset, &store, NOW, tell, &told, &err), WEIR_OK);
  assert_int_equal(told.cnt, 0);
  ruleset.accounts = &account;
  for (uint32_t at = 1; at <= 2; at++) {
    told.cnt = asked = 0, fails_at = at;
    assert_int_equal(weir_policy_each_use(&ruleset, &store, NOW, tell, &told, &err), WEIR_E_STATE);
    assert_int_equal(told.cnt, at - 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(inner_actions_and_accounts_nobody_knows),
    TEST(a_window_that_slides),
    TEST(a_quota_that_was_lowered),
    TEST(whose),
    TEST(which_actions),
    TEST(days_and_months),
    TEST(once_for_ever),
    TEST(waiting_in_a_row),
    TEST(a_row_that_is_over),
    TEST(several_quotas),
    TEST(what_the_decision_did_counts),
    TEST(taken_is_what_can_be_given_back),
    TEST(repeats),
    TEST(each_use),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
