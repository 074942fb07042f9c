/* What may go out: the order of the checks, what they let pass, and what counts as our own doing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "limits.h"
#include "policy/policy.h"

#define NOW INT64_C(1763773200000)

static const struct weir_member abilities[] = { { { "follow", 6 }, { WEIR_VALUE_STR, { .s = { "none", 4 } } } },
                                                { { "like", 4 }, { WEIR_VALUE_STR, { .s = { "device", 6 } } } } };
static const struct weir_member hide_none[] = { { { "hide", 4 }, { WEIR_VALUE_STR, { .s = { "none", 4 } } } } };
/* the same account declared by two packs */
static const struct weir_account accounts[] = { { .channel = { "douyin", 6 }, .account = { "papers", 6 }, .abilities = abilities, .ability_cnt = 2 },
                                                { .channel = { "douyin", 6 }, .account = { "papers", 6 }, .abilities = hide_none, .ability_cnt = 1 } };
static struct weir_ruleset ruleset;
static struct weir_person person;
static weir_config config;
static struct weir_policy_tally tally;
static struct weir_policy_ask ask;
static char long_text[WEIR_TEXT_OUT_MAX + 1];

static bool no_contact_info(void *ctx, weir_str channel, weir_str account, weir_str kind, weir_str text) {
  int *asked = ctx;
  (*asked)++;
  assert_true(weir_str_eq(channel, WEIR_STR("douyin")) && weir_str_eq(account, WEIR_STR("papers")) && kind.len > 0 &&
              text.len > 0);
  return text.ptr[0] != 'w';
}

static int setup(void **state) {
  (void)state;
  ruleset = (struct weir_ruleset){ .accounts = accounts, .account_cnt = 2 };
  person = (struct weir_person){ .id = 1 };
  config = (weir_config){ .struct_size = sizeof config };
  tally = (struct weir_policy_tally){ 0, 0, 0 };
  ask = (struct weir_policy_ask){ .ruleset = &ruleset, .config = &config, .person = &person, .channel = WEIR_STR("douyin"),
                                  .account = WEIR_STR("papers"), .kind = WEIR_STR("reply"), .outbound = true, .now_ms = NOW,
                                  .text = WEIR_STR("hello") };
  memset(long_text, 'a', sizeof long_text);
  return 0;
}

static const char *check(void) {
  const char *reason = weir_policy_check(&ask, &tally);
  return reason ? reason : "goes";
}

static void as(const char *kind) { ask.kind = weir_str_of(kind); }

static void goes_and_is_counted(void **state) {
  (void)state;
  assert_string_equal(check(), "goes");
  assert_int_equal(tally.actions, 1);
  assert_int_equal(tally.replies, 1);
  assert_int_equal(tally.messages, 0);
  as("message");
  assert_string_equal(check(), "goes");
  assert_int_equal(tally.messages, 1);
  assert_int_equal(tally.actions, 2);
}

static void what_is_dropped_is_not_counted(void **state) {
  (void)state;
  ask.opted_out = true;
  assert_string_equal(check(), "opted out");
  assert_int_equal(tally.actions + tally.replies, 0);
}

static void ability(void **state) {
  (void)state;
  as("follow");
  assert_string_equal(check(), "account cannot do this");
  as("hide");
  assert_string_equal(check(), "account cannot do this"); /* the second declaration says so */
  as("like");
  assert_string_equal(check(), "goes");
  as("follow");
  ask.account = WEIR_STR("papers2");
  assert_string_equal(check(), "goes");
  ask.account = WEIR_STR("papers");
  ask.channel = WEIR_STR("tiktok");
  assert_string_equal(check(), "goes");
}

/* The channel says so, and the account nothing. */
static void ability_of_the_channel(void **state) {
  (void)state;
  const struct weir_terms channel = { .name = WEIR_STR("douyin"), .abilities = abilities, .ability_cnt = 2 };
  const struct weir_ruleset rules = { .channels = &channel, .channel_cnt = 1 };
  ask.ruleset = &rules;
  as("follow");
  assert_string_equal(check(), "account cannot do this");
  as("like");
  assert_string_equal(check(), "goes");
  as("reply");
  assert_string_equal(check(), "goes");
  ask.channel = WEIR_STR("tiktok");
  as("follow");
  assert_string_equal(check(), "goes");
}

/* Something under an ability's name that is no word forbids nothing. */
static void ability_of_another_kind(void **state) {
  (void)state;
  static const struct weir_member odd[] = { { { "reply", 5 }, { WEIR_VALUE_BOOL, { .b = false } } } };
  static const struct weir_account one = { .channel = { "douyin", 6 }, .account = { "papers", 6 }, .abilities = odd, .ability_cnt = 1 };
  const struct weir_ruleset rules = { .accounts = &one, .account_cnt = 1 };
  ask.ruleset = &rules;
  assert_string_equal(check(), "goes");
}

static void opt_out(void **state) {
  (void)state;
  ask.opted_out = true;
  ask.opting_out = true;
  assert_string_equal(check(), "goes"); /* the confirmation */
  as("message");
  assert_string_equal(check(), "one confirmation is enough");
  as("invite");
  assert_string_equal(check(), "the person opts out"); /* is none */
  ask.opting_out = false;
  assert_string_equal(check(), "opted out");
  as("remark");
  assert_string_equal(check(), "goes");
  ask.account = WEIR_STR("papers2"); /* one that can hide */
  as("hide");
  assert_string_equal(check(), "goes");
}

static void take_over(void **state) {
  (void)state;
  person.handoff_until_ms = NOW + 1;
  assert_string_equal(check(), "human took over");
  person.handoff_until_ms = NOW;
  assert_string_equal(check(), "goes");
}

static void once_an_event(void **state) {
  (void)state;
  assert_string_equal(check(), "goes");
  assert_string_equal(check(), "one reply an event");
  ask.part = true;
  assert_string_equal(check(), "goes");
  ask.part = false;
  as("message");
  assert_string_equal(check(), "goes");
  assert_string_equal(check(), "one message an event");
  ask.part = true;
  assert_string_equal(check(), "goes");
  ask.part = false;
  as("deliver");
  assert_string_equal(check(), "goes");
  assert_string_equal(check(), "goes");
}

static void count(void **state) {
  (void)state;
  tally.actions = WEIR_ACTIONS_MAX - 1;
  as("deliver");
  assert_string_equal(check(), "goes");
  assert_string_equal(check(), "too many actions");
  as("tag");
  ask.outbound = false;
  assert_string_equal(check(), "too many actions");
  assert_int_equal(tally.actions, WEIR_ACTIONS_MAX);
}

static void length(void **state) {
  (void)state;
  ask.text = (weir_str){ long_text, WEIR_TEXT_OUT_MAX };
  assert_string_equal(check(), "goes");
  as("message");
  ask.text.len++;
  assert_string_equal(check(), "text too long");
}

static void contact_info(void **state) {
  (void)state;
  int asked = 0;
  config.contact_info_allowed = no_contact_info;
  config.contact_info_ctx = &asked;
  assert_string_equal(check(), "goes");
  as("message");
  ask.text = WEIR_STR("wechat: abc");
  assert_string_equal(check(), "contact info");
  assert_int_equal(asked, 2);
  ask.text = WEIR_STR("");
  assert_string_equal(check(), "goes");
  assert_int_equal(asked, 2); /* no text, nothing to ask about */
}

static void inner_actions_pass(void **state) {
  (void)state;
  ask.outbound = false;
  as("tag");
  ask.opted_out = true;
  person.handoff_until_ms = NOW + 1;
  ask.text = (weir_str){ long_text, sizeof long_text };
  assert_string_equal(check(), "goes");
}

/* All that can be wrong is wrong; what is put right one by one shows the order. */
static void first_reason_that_applies(void **state) {
  (void)state;
  int asked = 0;
  static struct weir_ruleset able;
  as("reply");
  static const struct weir_member none[] = { { { "reply", 5 }, { WEIR_VALUE_STR, { .s = { "none", 4 } } } } };
  static const struct weir_account unable = { .channel = { "douyin", 6 }, .account = { "papers", 6 }, .abilities = none, .ability_cnt = 1 };
  struct weir_ruleset cannot = { .accounts = &unable, .account_cnt = 1 };
  ask.ruleset = &cannot;
  ask.opted_out = true;
  person.handoff_until_ms = NOW + 1;
  tally = (struct weir_policy_tally){ WEIR_ACTIONS_MAX, 1, 0 };
  long_text[0] = 'w';
  ask.text = (weir_str){ long_text, sizeof long_text };
  config.contact_info_allowed = no_contact_info;
  config.contact_info_ctx = &asked;
  assert_string_equal(check(), "account cannot do this");
  ask.ruleset = &able;
  assert_string_equal(check(), "opted out");
  ask.opted_out = false;
  assert_string_equal(check(), "human took over");
  person.handoff_until_ms = 0;
  assert_string_equal(check(), "one reply an event");
  tally.replies = 0;
  assert_string_equal(check(), "too many actions");
  tally.actions = 0;
  assert_string_equal(check(), "text too long");
  assert_int_equal(asked, 0);
  ask.text.len = 10;
  assert_string_equal(check(), "contact info");
  ask.text = WEIR_STR("fine");
  assert_string_equal(check(), "goes");
}

static void own_doing(void **state) {
  (void)state;
  weir_event e = { .account = WEIR_STR("papers"), .contact_id = WEIR_STR("u1") };
  assert_false(weir_policy_is_own(&e, WEIR_EVENT_COMMENT));
  assert_true(weir_policy_is_own(&e, WEIR_EVENT_ECHO));
  e.contact_id = WEIR_STR("papers");
  assert_true(weir_policy_is_own(&e, WEIR_EVENT_COMMENT));
  e.contact_id = WEIR_STR("");
  e.account = WEIR_STR("");
  assert_false(weir_policy_is_own(&e, WEIR_EVENT_LINK));
}

#define TEST(f) cmocka_unit_test_setup(f, setup)
int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(goes_and_is_counted),
    TEST(what_is_dropped_is_not_counted),
    TEST(ability),
    TEST(ability_of_the_channel),
    TEST(ability_of_another_kind),
    TEST(opt_out),
    TEST(take_over),
    TEST(once_an_event),
    TEST(count),
    TEST(length),
    TEST(contact_info),
    TEST(inner_actions_pass),
    TEST(first_reason_that_applies),
    TEST(own_doing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
