/* engine_links.c: one human on several channels: codes, link and unlink events, whoever cannot be one, and who was invited by whom. */
#include "people_support.h"

static const char rules[] =
  "pack { name = 'shop', version = '1' }\n"
  "funnel 'way' { stages = { 'asked', 'zadded', 'delivered' }, goal = 'delivered' }\n"
  "rule 'ask' { on = 'comment', keywords = { 'pdf' }, message = 'write {code}', tag = 'asked', stage = 'way/asked', once = true }\n"
  "rule 'seen' { on = 'message', keywords = { 'mark' }, tag = 'marked', incr = 'points' }\n"
  "rule 'city' { on = 'message', match = [[city (\\w+)]], set = { city = '{match.1}' } }\n"
  "rule 'go on' { on = 'message', keywords = { 'further' }, stage = 'way/delivered' }\n"
  "rule 'used' { on = { 'message', 'friend_request' }, any = true, code = 'used', message = 'used before' }\n"
  "rule 'expired' { on = 'message', any = true, code = 'expired', message = 'too late' }\n"
  "rule 'unknown' { on = { 'message', 'friend_request' }, any = true, code = 'unknown', message = 'no such code' }\n"
  "rule 'refused' { on = 'message', any = true, code = 'refused', message = 'you are two' }\n"
  "rule 'limited' { on = 'message', any = true, code = 'limited', message = 'wait' }\n"
  "rule 'own' { on = 'message', any = true, code = 'own', message = 'it is yours' }\n"
  "rule 'welcome' { on = 'friend_request', stage_is = 'way/asked', message = 'welcome', tag = 'added' }\n"
  "rule 'who' { on = 'message', keywords = { 'who' }, message = '{field.points|0} {field.city|-}' }\n"
  "rule 'two' { on = 'timer', invited = 2, once = true, message = 'you brought two' }\n"
  "rule 'how many' { on = 'message', keywords = { 'unlock' }, invited = 2, message = 'unlocked' }\n";

static void code_of(struct rig *r, const char *account, const char *who, char code[16]) {
  happens(r, account, "comment", who, "pdf", NULL, NULL);
  assert_string_equal(told.kind[0], "message");
  snprintf(code, 16, "%.6s", told.text[0] + strlen("write "));
}

static void a_code_leads_to_him_once(void **state) {
  (void)state;
  struct rig r;
  char code[16], text[64];
  story_open(&r, rules);
  code_of(&r, "douyin/papers", "u1", code);
  snprintf(text, sizeof text, "code %.3s %.3s please", code, code + 3);
  happens(&r, "wechat/li", "friend_request", "w1", text, NULL, NULL);
  assert_said("welcome");
  assert_traced("joined with douyin/papers/u1");
  assert_int_equal(stats_of(&r).persons, 1);
  says(&r, "wechat/li", "w1", code); /* used, by himself */
  assert_said("used before");
  says(&r, "wechat/li", "w2", code); /* and by another */
  assert_said("used before");
  says(&r, "wechat/li", "w2", "k7wm3q");
  assert_said("no such code");
  story_close(&r);
}

static void codes_run_out_and_his_own_is_his(void **state) {
  (void)state;
  struct rig r;
  char code[16];
  story_open(&r, rules);
  code_of(&r, "douyin/papers", "u1", code);
  says(&r, "douyin/papers", "u1", code);
  assert_said("it is yours");
  r.now += 7 * DAY;
  says(&r, "wechat/li", "w1", code);
  assert_said("too late");
  story_close(&r);
}

static void who_guesses_is_not_listened_to(void **state) {
  (void)state;
  struct rig r;
  char code[16], guess[16];
  story_open(&r, rules);
  code_of(&r, "douyin/papers", "u1", code);
  for (int i = 0; i < 10; i++) {
    snprintf(guess, sizeof guess, "k7wm%c3", 'a' + i % 7);
    says(&r, "wechat/li", "w1", guess);
    assert_said("no such code");
  }
  says(&r, "wechat/li", "w1", code);
  assert_said("wait");
  weir_stats s = stats_of(&r);
  r.now += HOUR;
  says(&r, "wechat/li", "w1", code);
  assert_traced("joined");
  (void)s;
  story_close(&r);
}

static void a_stranger_who_mistypes_is_not_remembered(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, "rule 'a' { on = 'comment', keywords = { 'pdf' }, message = '{code}' }\n");
  says(&r, "wechat/li", "w1", "k7wm3q");
  assert_int_equal(stats_of(&r).persons, 0);
  story_close(&r);
}

static void two_contacts_of_one_account_are_two(void **state) {
  (void)state;
  struct rig r;
  char code[16];
  story_open(&r, rules);
  code_of(&r, "douyin/papers", "u1", code);
  says(&r, "douyin/papers", "u2", code);
  assert_said("you are two");
  assert_traced("not joined: one account knows both");
  happens(&r, "douyin/papers", "link", "u1", "", "douyin/papers/u2", NULL);
  assert_traced("not joined");
  says(&r, "wechat/li", "w1", code); /* the code was not used up by it */
  assert_traced("joined with douyin/papers/u1");
  story_close(&r);
}

/* Four contacts with something each, joined in every order and direction: always the same person. */
static const char *const accounts[4] = { "douyin/papers", "wechat/li", "mail/shop", "tiktok/en" };
static const char *const names[4] = { "d1", "w1", "m1", "t1" };

static void furnish(struct rig *r) {
  for (int i = 0; i < 4; i++) {
    char text[32];
    r->now += 1000;
    for (int k = 0; k <= i; k++) says(r, accounts[i], names[i], "mark");
    snprintf(text, sizeof text, "city c%d", (i * 3) % 4);
    says(r, accounts[i], names[i], text);
    if (i == 1) says(r, accounts[i], names[i], "further");
    else happens(r, accounts[i], "comment", names[i], "pdf", NULL, NULL);
  }
}

static void link_up(struct rig *r, int a, int b) {
  char with[64];
  snprintf(with, sizeof with, "%s/%s", accounts[b], names[b]);
  happens(r, accounts[a], "link", names[a], "", with, NULL);
}

static void any_order_of_joining_gives_the_same_person(void **state) {
  (void)state;
  static const int orders[][4] = { { 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 1, 3, 0, 2 }, { 2, 0, 3, 1 }, { 1, 0, 3, 2 }, { 2, 3, 1, 0 } };
  struct rig r;
  for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
    for (int shape = 0; shape < 3; shape++) {
      const int *p = orders[o];
      uint64_t now = 0, entered = 0;
      story_open(&r, rules);
      furnish(&r);
      if (shape == 0) link_up(&r, p[0], p[1]), link_up(&r, p[1], p[2]), link_up(&r, p[2], p[3]);
      if (shape == 1) link_up(&r, p[1], p[0]), link_up(&r, p[2], p[0]), link_up(&r, p[3], p[0]);
      if (shape == 2) link_up(&r, p[0], p[1]), link_up(&r, p[2], p[3]), link_up(&r, p[1], p[3]);
      assert_int_equal(stats_of(&r).persons, 1);
      for (int i = 0; i < 4; i++) {
        says(&r, accounts[i], names[i], "who");
        assert_said("10 c1"); /* points 1 + 2 + 3 + 4, the city said last */
      }
      assert_int_equal(weir_stage_count(r.engine, S("shop/way"), S("delivered"), &now, &entered), WEIR_OK);
      assert_int_equal(now, 1);
      assert_int_equal(weir_stage_count(r.engine, S("shop/way"), S("asked"), &now, &entered), WEIR_OK);
      assert_true(now == 0 && entered == 1);
      story_close(&r);
    }
  }
}

static void unlink_parts_them_again(void **state) {
  (void)state;
  struct rig r;
  char code[16];
  story_open(&r, rules);
  code_of(&r, "douyin/papers", "u1", code);
  says(&r, "wechat/li", "w1", code);
  says(&r, "wechat/li", "w1", "mark");
  happens(&r, "wechat/li", "unlink", "w1", "", NULL, NULL);
  assert_traced("parted");
  assert_int_equal(stats_of(&r).persons, 2);
  says(&r, "douyin/papers", "u1", "who");
  assert_said("1 -"); /* what was earned stays with the others */
  says(&r, "wechat/li", "w1", "who");
  assert_said("0 -");
  happens(&r, "wechat/li", "comment", "w1", "pdf", NULL, NULL);
  assert_silent(); /* once stays once */
  happens(&r, "wechat/li", "unlink", "w1", "", NULL, NULL); /* alone already */
  assert_int_equal(stats_of(&r).persons, 2);
  happens(&r, "wechat/li", "link", "w1", "", "douyin/papers/u1", NULL);
  assert_int_equal(stats_of(&r).persons, 1);
  says(&r, "wechat/li", "w1", "who");
  assert_said("1 -");
  story_close(&r);
}

static void who_brings_two_unlocks(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, rules);
  happens(&r, "wechat/li", "join", "f1", "", NULL, "me");
  assert_traced("invited by me");
  assert_true(tick(&r));
  assert_silent();
  happens(&r, "wechat/li", "join", "f1", "", NULL, "me"); /* the same friend again */
  assert_traced("was invited before");
  happens(&r, "wechat/li", "join", "me", "", NULL, "me");
  assert_traced("invited himself");
  happens(&r, "wechat/li", "join", "me", "", NULL, "f1");
  assert_traced("invited the inviter");
  says(&r, "wechat/li", "me", "unlock");
  assert_silent();
  happens(&r, "wechat/li", "join", "f2", "", NULL, "me");
  assert_true(tick(&r));
  assert_said("you brought two");
  happens(&r, "wechat/li", "join", "f3", "", NULL, "me");
  assert_true(tick(&r));
  assert_silent(); /* once */
  says(&r, "wechat/li", "me", "unlock");
  assert_said("unlocked");
  happens(&r, "wechat/li", "link", "f1", "", "douyin/papers/x1", NULL);
  happens(&r, "douyin/papers", "join", "x1", "", NULL, "somebody"); /* f1 on another channel */
  assert_traced("was invited before");
  story_close(&r);
}

/* A link that names nobody is told, and nothing is joined. */
static void links_that_cannot_be(void **state) {
  (void)state;
  static const char *const withs[] = { "", "douyin", "douyin/papers", "/papers/u2", "douyin//u2", "douyin/papers/" };
  struct rig r;
  story_open(&r, rules);
  says(&r, "douyin/papers", "u1", "mark");
  says(&r, "wechat/li", "w1", "mark");
  for (size_t i = 0; i <= sizeof withs / sizeof *withs; i++) {
    weir_event e = event_of(&r, "l", "link", "u1", "");
    weir_pair attrs[] = { { S("note"), S("x") }, { S("with"), { NULL, 0 } } };
    e.attrs = attrs, e.attr_cnt = 1;
    if (i < sizeof withs / sizeof *withs) attrs[1].value = (weir_str){ withs[i], strlen(withs[i]) }, e.attr_cnt = 2;
    assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_E_EVENT);
    assert_non_null(strstr(r.err.message, "channel/account/id"));
  }
  assert_int_equal(stats_of(&r).persons, 2);
  story_close(&r);
}

static const struct CMUnitTest tests[] = {
  STORY(a_code_leads_to_him_once),
  STORY(codes_run_out_and_his_own_is_his),
  STORY(who_guesses_is_not_listened_to),
  STORY(a_stranger_who_mistypes_is_not_remembered),
  STORY(two_contacts_of_one_account_are_two),
  STORY(any_order_of_joining_gives_the_same_person),
  STORY(unlink_parts_them_again),
  STORY(links_that_cannot_be),
  STORY(who_brings_two_unlocks),
};
RUN_ON_BOTH(tests)
