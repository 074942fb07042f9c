/* engine_rewards.c: what a shop hands out: pool members with caps, coupons given once, counters, days in a row, levels. */
#include "people_support.h"

/* ---- pools */

static void caps_fall_over_and_end(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, "pool 'ids' { 'a', 'b', per_day = 2, total = 3 }\n"
                 "rule 'ask' { on = 'message', keywords = { 'id' }, message = '{pool.ids}', once = true }\n"
                 "rule 'full' { on = 'message', keywords = { 'id' }, message = 'tomorrow' }\n");
  int given = 0, full = 0;
  for (int day = 0; day < 3; day++, r.now += DAY) {
    int today[2] = { 0, 0 };
    for (int i = 0; i < 6; i++) {
      char who[32];
      snprintf(who, sizeof who, "u%d-%d", day, i);
      says(&r, "wechat/li", who, "id please");
      assert_int_equal(told.cnt, 1);
      if (strcmp(told.text[0], "tomorrow") == 0) full++;
      else given++, today[told.text[0][0] == 'b']++;
    }
    assert_true(today[0] <= 2 && today[1] <= 2);
  }
  assert_int_equal(given, 6); /* three each, in all */
  assert_int_equal(full, 12);
  if (!on_disk) assert_int_equal(stats_of(&r).used_up, 12);
  story_close(&r);
}

static void a_member_rests_for_a_while(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, "pack { name = 'shop', version = '1' }\n"
                 "pool 'ids' { 'a', 'b', 'c', out = { 'c' } }\n"
                 "rule 'ask' { on = 'message', keywords = { 'id' }, message = '{pool.ids}' }\n");
  says(&r, "wechat/li", "u1", "id");
  char first[8], other[8];
  snprintf(first, sizeof first, "%.7s", told.text[0]);
  assert_string_not_equal(first, "c");
  snprintf(other, sizeof other, "%s", strcmp(first, "a") == 0 ? "b" : "a");
  weir_str member = { first, 1 };
  assert_int_equal(weir_pool_out(r.engine, S("shop/ids"), member, r.now, r.now + HOUR, &r.err), WEIR_OK);
  kill_and_start(&r);
  for (int i = 0; i < 6; i++) {
    char who[16];
    snprintf(who, sizeof who, "v%d", i);
    says(&r, "wechat/li", who, "id");
    assert_said(other);
  }
  says(&r, "wechat/li", "u1", "id"); /* his own rests: he gets another, and keeps that */
  assert_said(other);
  r.now += HOUR;
  says(&r, "wechat/li", "u1", "id");
  assert_said(other);
  assert_int_equal(weir_pool_out(r.engine, S("shop/ids"), (weir_str){ other, 1 }, r.now, r.now + HOUR, &r.err), WEIR_OK);
  says(&r, "wechat/li", "w1", "id");
  assert_said(first);
  assert_int_equal(weir_pool_out(r.engine, S("shop/ids"), (weir_str){ other, 1 }, r.now, 0, &r.err), WEIR_OK);
  assert_int_equal(weir_pool_out(r.engine, S("shop/ids"), member, r.now, r.now + HOUR, &r.err), WEIR_OK);
  says(&r, "wechat/li", "w2", "id");
  assert_said(other);
  assert_int_equal(weir_pool_out(r.engine, S("shop/none"), member, r.now, r.now + HOUR, &r.err), WEIR_E_ARG);
  assert_int_equal(weir_pool_out(r.engine, S("shop/ids"), S("x"), r.now, r.now + HOUR, &r.err), WEIR_E_ARG);
  story_close(&r);
}

static void a_full_pool_is_the_rules_say(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, "pool 'one' { 'a', total = 1, on_full = 'drop' }\npool 'two' { 'a', total = 1, on_full = 'handoff' }\n"
                 "rule 'd' { on = 'message', keywords = { 'drop' }, message = '{pool.one}', tag = 'asked' }\n"
                 "rule 'h' { on = 'message', keywords = { 'human' }, message = '{pool.two}' }\n"
                 "rule 'rest' { on = 'message', any = true, message = 'rest' }\n");
  says(&r, "wechat/li", "u1", "drop");
  assert_said("a");
  says(&r, "wechat/li", "u2", "drop");
  assert_int_equal(told.cnt, 1);
  assert_string_equal(told.kind[0], "tag"); /* only what needs one goes */
  says(&r, "wechat/li", "u1", "human");
  assert_said("a");
  says(&r, "wechat/li", "u2", "human");
  assert_string_equal(told.kind[0], "handoff");
  story_close(&r);
}

/* ---- coupons */

static void each_coupon_is_given_once(void **state) {
  (void)state;
  struct rig r;
  char given[5][16];
  story_open(&r, "coupon 'welcome' { 'AA-1', 'BB-2', 'CC-3' }\n"
                 "rule 'ask' { on = 'message', keywords = { 'coupon' }, message = '{coupon.welcome}' }\n"
                 "rule 'gone' { on = 'message', keywords = { 'coupon' }, message = 'all gone' }\n");
  for (int i = 0; i < 5; i++) {
    char who[16];
    snprintf(who, sizeof who, "u%d", i);
    says(&r, "wechat/li", who, "coupon");
    snprintf(given[i], sizeof given[i], "%.15s", told.text[0]);
    for (int k = 0; k < i && i < 3; k++) assert_string_not_equal(given[k], given[i]);
    says(&r, "wechat/li", who, "coupon once more"); /* the same again, not another */
    assert_said(given[i]);
  }
  assert_string_equal(given[3], "all gone");
  assert_string_equal(given[4], "all gone");
  if (!on_disk) assert_true(stats_of(&r).used_up >= 2); /* they count since the engine was opened */
  story_close(&r);
}

static void a_changed_list_gives_no_code_twice(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, "pack { name = 'shop', version = '1' }\ncoupon 'c' { 'A', 'B', 'C' }\nrule 'ask' { on = 'message', any = true, message = '{coupon.c}' }\n");
  char seen[32] = "";
  for (int i = 0; i < 6; i++) {
    char who[16];
    snprintf(who, sizeof who, "u%d", i);
    if (i == 2) {
      weir_ruleset *changed = rules_of("pack { name = 'shop', version = '2' }\ncoupon 'c' { 'D', 'C', 'B', 'A', 'E' }\nrule 'ask' { on = 'message', any = true, message = '{coupon.c}' }\n");
      assert_int_equal(weir_swap(r.engine, changed, &r.err), WEIR_OK);
      weir_ruleset_free(r.rules);
      r.rules = changed;
    }
    says(&r, "wechat/li", who, "please");
    if (i == 5) assert_silent();
    else {
      assert_int_equal(told.cnt, 1);
      assert_null(strstr(seen, told.text[0]));
      strcat(seen, told.text[0]);
    }
  }
  assert_int_equal(strlen(seen), 5);
  story_close(&r);
}

static void who_is_joined_keeps_one_coupon(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, "coupon 'c' { 'A', 'B', 'C' }\nrule 'ask' { on = 'message', any = true, message = '{coupon.c}' }\n");
  says(&r, "douyin/papers", "u1", "please");
  char first[8];
  snprintf(first, sizeof first, "%.7s", told.text[0]);
  r.now += 1000;
  says(&r, "wechat/li", "w1", "please");
  happens(&r, "wechat/li", "link", "w1", "", "douyin/papers/u1", NULL);
  says(&r, "wechat/li", "w1", "please");
  assert_said(first); /* the one given first */
  happens(&r, "wechat/li", "unlink", "w1", "", NULL, NULL);
  says(&r, "wechat/li", "w1", "please");
  assert_said(first); /* parting makes no new one */
  story_close(&r);
}

/* ---- counters, days, levels */

static const char daily[] =
  "pack { name = 'shop', version = '1', timezone = 'Asia/Shanghai' }\n"
  "rule 'checkin' { on = 'message', keywords = { 'here' }, once = 'day', streak = 'days', incr = { points = 10 }, continue = true }\n"
  "rule 'silver' { on = 'message', keywords = { 'level' }, field = { points = { min = 20, max = 39 } }, message = 'silver {field.points}' }\n"
  "rule 'gold' { on = 'message', keywords = { 'level' }, field = { points = { min = 40 } }, message = 'gold {field.days}' }\n"
  "rule 'none' { on = 'message', keywords = { 'level' }, message = 'nothing yet' }\n";

static void days_in_a_row_where_he_lives(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, daily);
  r.now = INT64_C(1795305600000) + 15 * HOUR; /* 2026-11-22 15:00 UTC, 23:00 in Shanghai */
  says(&r, "wechat/li", "u1", "level");
  assert_said("nothing yet");
  says(&r, "wechat/li", "u1", "here");
  assert_int_equal(told.cnt, 2);
  says(&r, "wechat/li", "u1", "here again");
  assert_silent(); /* once a day */
  r.now += 2 * HOUR; /* 01:00 of the next day there, though not in UTC */
  says(&r, "wechat/li", "u1", "here");
  says(&r, "wechat/li", "u1", "level");
  assert_said("silver 20");
  for (int i = 0; i < 2; i++) {
    r.now += DAY;
    says(&r, "wechat/li", "u1", "here");
  }
  says(&r, "wechat/li", "u1", "level");
  assert_said("gold 4");
  r.now += 2 * DAY; /* a day without */
  says(&r, "wechat/li", "u1", "here");
  says(&r, "wechat/li", "u1", "level");
  assert_said("gold 1");
  story_close(&r);
}

static const struct CMUnitTest tests[] = {
  STORY(caps_fall_over_and_end),
  STORY(a_member_rests_for_a_while),
  STORY(a_full_pool_is_the_rules_say),
  STORY(each_coupon_is_given_once),
  STORY(a_changed_list_gives_no_code_twice),
  STORY(who_is_joined_keeps_one_coupon),
  STORY(days_in_a_row_where_he_lives),
};
RUN_ON_BOTH(tests)
