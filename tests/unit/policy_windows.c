/* Windows, spacing and what nobody asked for, one at a time, over meters in an array; and that a store which fails at any question is
 * believed. policy_limits.c has the quotas; policy_property.c tries them all at once. */
#include "policy_help.h"

/* ---- windows */

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

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(a_window),
    TEST(a_window_for_each_event),
    TEST(pushes),
    TEST(what_opens_a_window),
    TEST(unasked_is_counted_for_a_person),
    TEST(the_first_to_be_forgotten),
    TEST(a_pause_between_two),
    TEST(every_question_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
