/* Windows, quotas, spacing and what nobody asked for, one at a time, over meters in an array: what waits and until when, what is dropped
 * and why, what is used up; and that a store which fails at any question is believed. policy_property.c tries them all at once. */
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

static weir_status meter_of(struct weir_store *s, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, struct weir_meter *out, weir_error *err) {
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

static void apply(const struct weir_change *changes, uint32_t cnt) {
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

static int setup(void **state) {
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

static enum weir_policy_answer answer(void) {
  if (weir_policy_limits(&ask, &limits, &err) != WEIR_OK) fail_msg("%s", err.message);
  return limits.answer;
}

/* Asks, and carries out what the answer says. */
static enum weir_policy_answer act(void) {
  enum weir_policy_answer was = answer();
  apply(limits.changes, limits.change_cnt);
  return was;
}

static void says(enum weir_policy_answer expected, const char *reason) {
  assert_int_equal(answer(), expected);
  assert_string_equal(limits.reason ? limits.reason : "goes", reason);
}

static struct weir_quota *quota(uint32_t max, int64_t window_ms, int64_t wait_ms) {
  struct weir_quota *q = &quotas[terms.quota_cnt++];
  q->max = max, q->window_ms = window_ms, q->wait_ms = wait_ms, q->says = WEIR_STR("so many");
  return q;
}

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

/* ---- windows */

static void open_window(uint32_t i) {
  struct weir_change opens[WEIR_POLICY_OPENS_MAX];
  uint32_t lasting;
  weir_event e = { .channel = ask.channel, .account = ask.account, .contact_id = ask.contact, .id = ask.trigger, .time_ms = ask.now_ms };
  windows[i].opens = 1u << WEIR_EVENT_MESSAGE;
  apply(opens, weir_policy_opens(&ruleset, &e, WEIR_EVENT_MESSAGE, ask.now_ms, true, opens, &lasting));
}

static void a_window(void **state) {
  (void)state;
  windows[0].lasts_ms = HOUR, windows[0].max = 2;
  terms.window_cnt = 1;
  says(WEIR_POLICY_DROP, "no window is open");
  open_window(0);
  assert_int_equal(act(), WEIR_POLICY_GO);
  ask.kind = WEIR_STR("deliver");
  assert_int_equal(act(), WEIR_POLICY_GO);
  says(WEIR_POLICY_DROP, "the window's messages are used up");
  ask.kind = WEIR_STR("reply"); /* what all may see needs none */
  assert_int_equal(answer(), WEIR_POLICY_GO);
  ask.kind = WEIR_STR("message");
  ask.now_ms += HOUR - 1;
  windows[0].max = 0; /* any number */
  assert_int_equal(answer(), WEIR_POLICY_GO);
  ask.now_ms += 1;
  says(WEIR_POLICY_DROP, "no window is open");
  terms.push = true; /* where the platform lets us push */
  assert_int_equal(answer(), WEIR_POLICY_GO);
}

static void a_window_for_each_event(void **state) {
  (void)state;
  windows[0].lasts_ms = HOUR, windows[0].max = 1, windows[0].per_trigger = true;
  terms.window_cnt = 1;
  open_window(0);
  assert_int_equal(act(), WEIR_POLICY_GO);
  says(WEIR_POLICY_DROP, "the window's messages are used up");
  ask.trigger = WEIR_STR("c2");
  says(WEIR_POLICY_DROP, "no window is open");
  open_window(0);
  assert_int_equal(answer(), WEIR_POLICY_GO);
  ask.trigger = WEIR_STR(""); /* a message that goes back to no event */
  says(WEIR_POLICY_DROP, "no window is open");
}

/* Pushes have quotas of their own, which do not count what a window lets through. */
static void pushes(void **state) {
  (void)state;
  windows[0].lasts_ms = HOUR;
  terms.window_cnt = 1;
  terms.push = true;
  quota(1, DAY, 0)->pushes_only = true;
  open_window(0);
  assert_int_equal(act(), WEIR_POLICY_GO);
  assert_int_equal(act(), WEIR_POLICY_GO);
  ask.now_ms += HOUR;
  assert_int_equal(act(), WEIR_POLICY_GO);
  says(WEIR_POLICY_DROP, "over the quota of pushes");
}

/* Which windows an event opens: never more than there is room for, and only while they would last. */
static void what_opens_a_window(void **state) {
  (void)state;
  struct weir_change opens[WEIR_POLICY_OPENS_MAX];
  uint32_t lasting = 9;
  weir_event e = { .channel = ask.channel, .account = ask.account, .contact_id = ask.contact, .id = ask.trigger, .time_ms = NOW };
  for (uint32_t i = 0; i < WEIR_POLICY_OPENS_MAX + 2; i++) windows[i].opens = 1u << WEIR_EVENT_MESSAGE, windows[i].lasts_ms = HOUR;
  windows[0].per_trigger = true;
  terms.window_cnt = 2;
  assert_int_equal(weir_policy_opens(&ruleset, &e, WEIR_EVENT_MESSAGE, NOW, true, opens, &lasting), 2);
  assert_int_equal(lasting, 1); /* the contact's own comes first */
  assert_int_equal(weir_policy_opens(&ruleset, &e, WEIR_EVENT_FOLLOW, NOW, true, opens, &lasting), 0);
  assert_int_equal(weir_policy_opens(&ruleset, &e, WEIR_EVENT_TIMER, NOW, true, opens, &lasting), 0);
  assert_int_equal(weir_policy_opens(&ruleset, &e, WEIR_EVENT_MESSAGE, NOW + HOUR, true, opens, &lasting), 0); /* it was over before we heard */
  e.time_ms = NOW + HOUR; /* a gateway whose clock is ahead opens it from now on */
  assert_int_equal(weir_policy_opens(&ruleset, &e, WEIR_EVENT_MESSAGE, NOW, true, opens, &lasting), 2);
  assert_int_equal(opens[0].at_ms, NOW);
  terms.window_cnt = WEIR_POLICY_OPENS_MAX + 2;
  assert_int_equal(weir_policy_opens(&ruleset, &e, WEIR_EVENT_MESSAGE, NOW, true, opens, &lasting), WEIR_POLICY_OPENS_MAX);
  e.contact_id = WEIR_STR("");
  assert_int_equal(weir_policy_opens(&ruleset, &e, WEIR_EVENT_MESSAGE, NOW, true, opens, &lasting), 0);
  assert_int_equal(lasting, 0);
  e.contact_id = ask.contact;
  e.channel = WEIR_STR("elsewhere");
  assert_int_equal(weir_policy_opens(&ruleset, &e, WEIR_EVENT_MESSAGE, NOW, true, opens, &lasting), 0);
}

/* ---- what nobody asked for */

static void unasked_is_counted_for_a_person(void **state) {
  (void)state;
  static const char *const kinds[] = { "message", "deliver", "invite" };
  static const struct weir_contact contacts[] = { { { "gw", 2 }, { "a", 1 }, { "u1", 2 } }, { { "gw", 2 }, { "b", 1 }, { "u2", 2 } } };
  account.terms = NULL;
  terms.name = WEIR_STR("other"); /* no terms at all: this limit holds everywhere */
  ask.unasked = true;
  for (int i = 0; i < 2; i++, ask.now_ms += 5 * HOUR) { /* further apart than what is counted as one */
    ask.kind = weir_str_of(kinds[i]);
    assert_int_equal(act(), WEIR_POLICY_GO);
  }
  ask.kind = WEIR_STR("invite");
  says(WEIR_POLICY_WAIT, "over quota");
  assert_int_equal(limits.due_ms, NOW + DAY);
  ask.kind = WEIR_STR("like"); /* he does not see it */
  assert_int_equal(answer(), WEIR_POLICY_GO);
  ask.kind = WEIR_STR("message");
  ask.unasked = false;
  assert_int_equal(answer(), WEIR_POLICY_GO);
  ask.unasked = true;
  /* as another contact: a stranger, until the two turn out to be one */
  ask.account = WEIR_STR("b"), ask.contact = WEIR_STR("u2");
  assert_int_equal(answer(), WEIR_POLICY_GO);
  person.contacts = contacts, person.contact_cnt = 2;
  assert_int_equal(answer(), WEIR_POLICY_WAIT);
  assert_int_equal(limits.due_ms, NOW + DAY); /* when the first of all of his is forgotten */
  /* a contact that was not there when the person was read counts, too */
  person.contact_cnt = 1;
  ask.now_ms = NOW + DAY + HOUR;
  assert_int_equal(act(), WEIR_POLICY_GO);
  assert_int_equal(answer(), WEIR_POLICY_WAIT);
  assert_int_equal(limits.due_ms, NOW + DAY + 5 * HOUR);
}

/* The earliest of several contacts' says when, wherever in the list it stands. */
static void the_first_to_be_forgotten(void **state) {
  (void)state;
  static const struct weir_contact contacts[] = { { { "gw", 2 }, { "a", 1 }, { "u1", 2 } }, { { "gw", 2 }, { "b", 1 }, { "u2", 2 } }, { { "gw", 2 }, { "c", 1 }, { "u3", 2 } } };
  static const int64_t at[] = { 2 * HOUR, HOUR, 3 * HOUR }; /* each has a meter of his own */
  ask.unasked = true, ask.unasked_max = 3;
  for (int i = 0; i < 3; i++) {
    ask.now_ms = NOW + at[i], ask.account = contacts[i].account, ask.contact = contacts[i].id;
    assert_int_equal(act(), WEIR_POLICY_GO);
  }
  person.contacts = contacts, person.contact_cnt = 3;
  assert_int_equal(answer(), WEIR_POLICY_WAIT);
  assert_int_equal(limits.due_ms, NOW + HOUR + DAY);
}

/* ---- spacing */

static void a_pause_between_two(void **state) {
  (void)state;
  spacings[0] = (struct weir_spacing){ .from_ms = 2000, .to_ms = 8000 };
  spacings[1] = (struct weir_spacing){ .action = WEIR_STR("follow"), .from_ms = 60000, .to_ms = 60000 };
  terms.spacing_cnt = 2;
  assert_int_equal(act(), WEIR_POLICY_GO);
  ask.now_ms += 8000; /* the pause, however long, is over */
  for (ask.seed = 0; ask.seed < 20; ask.seed++) assert_int_equal(answer(), WEIR_POLICY_GO);
  ask.now_ms = NOW;
  int64_t last = NOW;
  for (uint64_t i = 0; i < 20; i++) {
    ask.seed = i;
    assert_int_equal(act(), WEIR_POLICY_WAIT);
    assert_string_equal(limits.reason, "the account's pause between two actions");
    assert_in_range(limits.due_ms - last, 2000, 8000);
    assert_true(limits.reserved);
    assert_int_equal(limits.until_ms, NOW + WEIR_QUOTA_WAIT_MS);
    last = limits.due_ms;
  }
  ask.reserved = true; /* its turn has come */
  assert_int_equal(answer(), WEIR_POLICY_GO);
  ask.reserved = false;
  ask.until_ms = NOW + 1000; /* one that cannot wait for the end of the row */
  says(WEIR_POLICY_DROP, "too many wait for their turn");
  assert_int_equal(limits.change_cnt, 0);
  ask.kind = WEIR_STR("follow"); /* has a pause of its own */
  assert_int_equal(act(), WEIR_POLICY_GO);
  ask.until_ms = 0;
  says(WEIR_POLICY_WAIT, "the account's pause between two actions");
  assert_int_equal(limits.due_ms, NOW + 60000);
  ask.now_ms += 60000 + MINUTE; /* long after the last one it goes at once */
  assert_int_equal(answer(), WEIR_POLICY_GO);
  terms.spacings++, terms.spacing_cnt--;
  ask.kind = WEIR_STR("message"); /* no pause for it, nor for any */
  assert_int_equal(answer(), WEIR_POLICY_GO);
  assert_int_equal(limits.change_cnt, 0);
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

/* ---- a store that fails */

/* At whichever question: the answer is the store's error, and nothing is guessed. */
static void every_question_may_fail(void **state) {
  (void)state;
  static const struct weir_contact contacts[] = { { { "gw", 2 }, { "a", 1 }, { "u1", 2 } }, { { "gw", 2 }, { "b", 1 }, { "u2", 2 } } };
  bool said;
  person.contacts = contacts, person.contact_cnt = 2;
  ask.unasked = true;
  windows[0].lasts_ms = HOUR;
  terms.window_cnt = 1;
  (void)quota(1, HOUR, HOUR);
  quota(1, HOUR, HOUR)->scope = WEIR_PER_TEXT;
  spacings[0] = (struct weir_spacing){ .from_ms = 2000, .to_ms = 8000 };
  terms.spacing_cnt = 1;
  open_window(0);
  for (int waits = 0; waits < 2; waits++) { /* the second time it has to wait, and asks for its place */
    asked = fails_at = 0;
    assert_int_equal(answer(), waits ? WEIR_POLICY_WAIT : WEIR_POLICY_GO);
    uint32_t questions = asked;
    assert_int_equal(questions, 1 + 2 + (waits ? 4 : 3)); /* window, contacts, quotas with their rows or spacing */
    for (fails_at = 1; fails_at <= questions; fails_at++) {
      asked = 0;
      assert_int_equal(weir_policy_limits(&ask, &limits, &err), WEIR_E_STATE);
      assert_string_equal(err.message, "the disk failed");
      assert_int_equal(asked, fails_at); /* and no question after it */
    }
    asked = 0, fails_at = 1;
    assert_int_equal(weir_policy_repeats(&ask, &said, &err), WEIR_E_STATE);
    assert_false(said);
    asked = fails_at = 0;
    (void)act();
  }
}

#define TEST(f) cmocka_unit_test_setup(f, setup)
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
    TEST(a_window),
    TEST(a_window_for_each_event),
    TEST(pushes),
    TEST(what_opens_a_window),
    TEST(unasked_is_counted_for_a_person),
    TEST(the_first_to_be_forgotten),
    TEST(a_pause_between_two),
    TEST(repeats),
    TEST(each_use),
    TEST(every_question_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
