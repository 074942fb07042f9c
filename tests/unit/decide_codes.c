/* Codes and pools: what is handed out, that it is his alone, and how a code is found again. */
#include "decide_help.h"

#include "text/fold.h"

/* Fires a message with {code} for somebody and gives the code as it was said. */
static weir_str code_for(const char *who, int64_t now_ms) {
  read_rule("{'message':'{code}'}");
  comment(who, "hi");
  begin(WEIR_EVENT_COMMENT, now_ms);
  fire();
  assert_int_equal(d.action_cnt, 1);
  return dup(actions[0].text);
}

static enum weir_code_state last_state;

static uint64_t owner_of(const char *text, int64_t now_ms, char code[WEIR_CODE_LEN + 1]) {
  char folded[WEIR_FOLD_MAX];
  size_t len, consumed;
  struct weir_code_found found;
  assert_int_equal(weir_fold(weir_str_of(text), folded, sizeof folded, &len, &consumed), WEIR_FOLD_OK);
  begin(WEIR_EVENT_MESSAGE, now_ms);
  assert_int_equal(weir_decide_find_code(&d, (weir_str){ folded, len }, &found, &err), WEIR_OK);
  assert_int_equal(found.person != 0, found.code[0] != '\0');
  assert_int_equal(found.person != 0, found.state == WEIR_CODE_OK);
  memcpy(code, found.code, WEIR_CODE_LEN + 1);
  last_state = found.state;
  return found.person;
}

static void looks(void **state) {
  (void)state;
  char who[16];
  for (int i = 0; i < 300; i++) {
    (void)snprintf(who, sizeof who, "u%d", i);
    weir_str code = code_for(who, NOW);
    bool digit = false;
    assert_int_equal(code.len, WEIR_CODE_LEN);
    for (size_t k = 0; k < code.len; k++) {
      assert_non_null(memchr("23456789ABCDEFGHJKMNPQRSTUVWXYZ", code.ptr[k], 31));
      digit |= code.ptr[k] <= '9';
    }
    assert_true(digit);
    const struct weir_change *change = change_of(WEIR_CHANGE_CODE, 0);
    assert_int_equal(change->until_ms, NOW + WEIR_CODE_MS);
    for (size_t k = 0; k < code.len; k++)
      assert_true(change->value.ptr[k] == code.ptr[k] || change->value.ptr[k] == code.ptr[k] + 32);
  }
}

static void the_secret_matters(void **state) {
  (void)state;
  weir_str first = code_for("u1", NOW);
  decision_no--;
  assert_true(weir_str_eq(code_for("u1", NOW), first)); /* derived, not drawn */
  decision_no--;
  read_rule("{'message':'{code}'}");
  begin(WEIR_EVENT_COMMENT, NOW);
  d.secret = WEIR_STR("another secret of thirty-two byt");
  fire();
  assert_false(weir_str_eq(actions[0].text, first));
  decision_no--;
  assert_false(weir_str_eq(code_for("u2", NOW), first));
}

static void live_code_is_told_again(void **state) {
  (void)state;
  char found[WEIR_CODE_LEN + 1];
  weir_str first = code_for("u1", NOW);
  keep();
  weir_str again = code_for("u1", NOW + DAY);
  assert_true(weir_str_eq(first, again));
  keep();
  /* and lives on from then */
  assert_int_not_equal(owner_of(first.ptr, NOW + WEIR_CODE_MS + DAY - 1, found), 0);
  assert_int_equal(owner_of(first.ptr, NOW + WEIR_CODE_MS + DAY, found), 0);
  /* one that ran out is not brought back to life */
  assert_false(weir_str_eq(code_for("u1", NOW + 30 * DAY), first));
}

static void one_code_a_decision(void **state) {
  (void)state;
  run("{'reply':'{code}','message':'{code} {code}'}", "u1", "hi");
  assert_int_equal(d.action_cnt, 2);
  weir_str code = dup(actions[0].text);
  assert_int_equal(actions[1].text.len, 2 * WEIR_CODE_LEN + 1);
  assert_memory_equal(actions[1].text.ptr, code.ptr, WEIR_CODE_LEN);
  assert_memory_equal(actions[1].text.ptr + WEIR_CODE_LEN + 1, code.ptr, WEIR_CODE_LEN);
}

static void code_of_a_dropped_action(void **state) {
  (void)state;
  run("{'opt_out':true}", "u1", "hi");
  keep();
  run("{'message':'{code} {pool.wechat}','tag':'x'}", "u1", "hi");
  assert_int_equal(changes_of(WEIR_CHANGE_CODE) + changes_of(WEIR_CHANGE_POOL), 0);
  assert_int_equal(changes_of(WEIR_CHANGE_TAG), 1);
}

static int asked;
static uint64_t owners[2 * WEIR_CODE_DRAWS]; /* what the store says, one question after the other */

static weir_status fake_code(struct weir_store *s, weir_str code, int64_t now_ms, uint64_t *person, weir_error *e) {
  (void)s, (void)now_ms, (void)e;
  assert_int_equal(code.len, WEIR_CODE_LEN);
  *person = owners[asked++];
  return WEIR_OK;
}

static void taken_codes(void **state) {
  (void)state;
  const struct weir_store_ops *real = store->ops;
  static struct weir_store_ops ops; /* outlives a test that fails */
  ops = *real;
  ops.code = fake_code;
  store->ops = &ops;
  for (int taken = 0; taken <= WEIR_CODE_DRAWS; taken++) {
    for (int i = 0; i < 2 * WEIR_CODE_DRAWS; i++) owners[i] = i < taken || taken == WEIR_CODE_DRAWS ? 99 : 0;
    asked = 0;
    read_rule("{'message':'{code}','reply':'{code|ask us}'}");
    comment("u1", "hi");
    begin(WEIR_EVENT_COMMENT, NOW);
    fire();
    if (taken < WEIR_CODE_DRAWS) {
      assert_int_equal(asked, taken + 1);
      assert_int_equal(d.action_cnt, 2);
    } else {
      assert_true(traced(WEIR_REASON_ACTION_DROPPED, "message: no code is free"));
      assert_str(actions[0].text, "ask us");
    }
  }
  store->ops = real;
}

static void found_again(void **state) {
  (void)state;
  char code[WEIR_CODE_LEN + 1], text[256], wide[64];
  weir_str given = code_for("u1", NOW);
  keep();
  begin(WEIR_EVENT_COMMENT, NOW);
  assert_int_equal(weir_decide_person(&d, &err), WEIR_OK);
  uint64_t who = d.person.id;
  static const char *const forms[] = { "%s",       "备注%s谢谢",     " %s ",
                                       "(%s)",     "my code is:%s.", "abc %s def",
                                       "code-%s!", "한국%s입니다",   "x1 y2 z3 abcdef %s" };
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    (void)snprintf(text, sizeof text, forms[i], given.ptr);
    assert_int_equal(owner_of(text, NOW, code), who);
    for (size_t k = 0; k < WEIR_CODE_LEN; k++) text[k] = (char)(given.ptr[k] >= 'A' ? given.ptr[k] + 32 : given.ptr[k]);
    assert_memory_equal(code, text, WEIR_CODE_LEN);
  }
  (void)snprintf(text, sizeof text, "%s", code); /* lower case */
  assert_int_equal(owner_of(text, NOW, code), who);
  size_t at = 0;
  for (size_t k = 0; k < given.len; k++) { /* full-width: U+FF01 + (c - '!') */
    unsigned cp = 0xFF01u + (unsigned)(given.ptr[k] - '!');
    wide[at++] = (char)(0xE0 | cp >> 12);
    wide[at++] = (char)(0x80 | (cp >> 6 & 63));
    wide[at++] = (char)(0x80 | (cp & 63));
  }
  wide[at] = '\0';
  assert_int_equal(owner_of(wide, NOW, code), who);

  static const char *const others[] = { "a%s", "%sa", "%s9", "9%s", "%.5s", "" };
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    (void)snprintf(text, sizeof text, others[i][0] ? others[i] : "%.0s", given.ptr);
    assert_int_equal(owner_of(text, NOW, code), 0);
  }
  assert_int_equal(owner_of(given.ptr, NOW + WEIR_CODE_MS, code), 0);
}

/* Spaces, hyphens and dots inside; and what it was, when it is none any more. */
static void typed_in_pieces(void **state) {
  (void)state;
  char code[WEIR_CODE_LEN + 1], text[64];
  weir_str given = code_for("u1", NOW);
  keep();
  static const char *const forms[] = { "%.3s %.3s", "%.3s-%.3s", "my code %.3s.%.3s!", "%.3s_%.3s" };
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    (void)snprintf(text, sizeof text, forms[i], given.ptr, given.ptr + 3);
    assert_int_not_equal(owner_of(text, NOW, code), 0);
  }
  (void)snprintf(text, sizeof text, "%.3s  %.3s", given.ptr, given.ptr + 3);
  assert_int_equal(owner_of(text, NOW, code), 0);
  assert_int_equal(owner_of(given.ptr, NOW + WEIR_CODE_MS, code), 0);
  assert_int_equal(last_state, WEIR_CODE_EXPIRED);
  assert_int_equal(owner_of(given.ptr, NOW + WEIR_CODE_MS + WEIR_CODE_KNOWN_MS, code), 0);
  assert_int_equal(last_state, WEIR_CODE_UNKNOWN);
  assert_int_equal(owner_of("no code at all", NOW, code), 0);
  assert_int_equal(last_state, WEIR_CODE_NONE);
}

/* A shop's own look: look-alikes are read as what they are alike. */
static void own_alphabet(void **state) {
  (void)state;
  char code[WEIR_CODE_LEN_MAX + 1], text[64];
  ruleset.code = (struct weir_code_spec){ "0123456789", 10, 10, 8, DAY };
  weir_str given = code_for("u1", NOW);
  keep();
  assert_int_equal(given.len, 8);
  for (size_t i = 0; i < given.len; i++) assert_true(given.ptr[i] >= '0' && given.ptr[i] <= '9');
  (void)snprintf(text, sizeof text, "%s", given.ptr);
  for (size_t i = 0; i < given.len; i++) {
    const char *at = strchr("0o1l2z5s8b", text[i]);
    if (at && (at - "0o1l2z5s8b") % 2 == 0) text[i] = at[1];
  }
  struct weir_code_found found;
  begin(WEIR_EVENT_MESSAGE, NOW);
  assert_int_equal(weir_decide_find_code(&d, weir_str_of(text), &found, &err), WEIR_OK);
  assert_int_equal(found.state, WEIR_CODE_OK);
  memcpy(code, found.code, 9);
  assert_memory_equal(code, given.ptr, 8);
  memset(&ruleset.code, 0, sizeof ruleset.code);
}

static void guessing_is_limited(void **state) {
  (void)state;
  char code[WEIR_CODE_LEN + 1];
  weir_str given = code_for("u1", NOW);
  keep();
  comment("u2", "hi");
  for (int i = 0; i < WEIR_CODE_WRONG_CONTACT; i++) {
    assert_int_equal(owner_of("k7wm3q", NOW, code), 0);
    assert_int_equal(last_state, WEIR_CODE_UNKNOWN);
    assert_int_equal(weir_decide_wrong_code(&d, &err), WEIR_OK);
    keep();
  }
  assert_int_equal(owner_of(given.ptr, NOW, code), 0);
  assert_int_equal(last_state, WEIR_CODE_LIMITED);
  comment("u3", "hi"); /* others may */
  assert_int_not_equal(owner_of(given.ptr, NOW, code), 0);
  comment("u2", "hi"); /* and he in the next hour */
  assert_int_not_equal(owner_of(given.ptr, NOW + HOUR, code), 0);
}

static void bounded_search(void **state) {
  (void)state;
  const struct weir_store_ops *real = store->ops;
  static struct weir_store_ops ops; /* outlives a test that fails */
  ops = *real;
  struct weir_code_found found;
  char text[512];
  ops.code = fake_code;
  memset(owners, 0, sizeof owners);
  asked = 0;
  size_t at = 0;
  for (int i = 0; i < 40; i++) at += (size_t)snprintf(text + at, sizeof text - at, "ab%dcde ", 2 + i % 8);
  begin(WEIR_EVENT_MESSAGE, NOW);
  store->ops = &ops;
  assert_int_equal(weir_decide_find_code(&d, weir_str_of(text), &found, &err), WEIR_OK);
  assert_int_equal(asked, WEIR_CODE_TRIES);
  assert_int_equal(found.state, WEIR_CODE_UNKNOWN);
  /* what cannot be a code costs nothing */
  asked = 0;
  assert_int_equal(weir_decide_find_code(&d, WEIR_STR("abcdef a0bcde a1bcde ailbo2 ab2cd ab2cdef"), &found, &err), WEIR_OK);
  assert_int_equal(asked, 0);
  assert_int_equal(found.state, WEIR_CODE_NONE);
  store->ops = real;
}

static weir_status broken_code(struct weir_store *s, weir_str code, int64_t now_ms, uint64_t *person, weir_error *e) {
  (void)s, (void)code, (void)now_ms;
  *person = 7;
  return weir_fail(e, WEIR_E_STATE, "broken");
}

static void broken_store(void **state) {
  (void)state;
  static struct weir_store_ops ops; /* outlives a test that fails: the store is closed after it */
  ops = *store->ops;
  struct weir_code_found found;
  const struct weir_store_ops *real = store->ops;
  ops.code = broken_code;
  begin(WEIR_EVENT_MESSAGE, NOW);
  store->ops = &ops;
  assert_int_equal(weir_decide_find_code(&d, WEIR_STR("k7wm3q"), &found, &err), WEIR_E_STATE);
  store->ops = real;
  assert_int_equal(found.person, 0);
  assert_int_equal(found.code[0], 0);
  read_rule("{'message':'{code}'}");
  comment("u1", "hi");
  begin(WEIR_EVENT_COMMENT, NOW);
  store->ops = &ops;
  assert_int_equal(weir_decide_fire(&d, &err), WEIR_E_STATE);
  store->ops = real;
}

/* ---- pools */

static weir_str member_for(const char *who, const char *text, int64_t now_ms) {
  read_rule(text);
  comment(who, "hi");
  begin(WEIR_EVENT_COMMENT, now_ms);
  fire();
  return d.action_cnt ? dup(actions[0].text) : (weir_str){ NULL, 0 };
}

#define WECHAT "{'message':'{pool.wechat}'}"

static void pool_members(void **state) {
  (void)state;
  weir_str given[3];
  static const char *const who[] = { "u1", "u2", "u3" };
  for (size_t i = 0; i < 3; i++) {
    given[i] = member_for(who[i], WECHAT, NOW);
    const struct weir_change *change = change_of(WEIR_CHANGE_POOL, 0);
    assert_str(change->name, "shop/wechat");
    assert_true(weir_str_eq(change->value, given[i]));
    assert_int_equal(change->number, NOW / DAY);
    keep();
    for (size_t k = 0; k < i; k++) assert_false(weir_str_eq(given[i], given[k])); /* one a day each: they fall over */
  }
  /* all are used up: said so, or what stands behind the bar */
  assert_int_equal(member_for("u4", WECHAT, NOW).len, 0);
  assert_true(traced(WEIR_REASON_ACTION_DROPPED, "message: pool wechat is used up for today"));
  assert_int_equal(changes_of(WEIR_CHANGE_POOL), 0);
  assert_str(member_for("u4", "{'message':'{pool.wechat|the shop}'}", NOW), "the shop");
  /* who has one keeps it, and uses no slot */
  for (size_t i = 0; i < 3; i++) {
    assert_true(weir_str_eq(member_for(who[i], WECHAT, NOW + 5 * DAY), given[i]));
    assert_int_equal(changes_of(WEIR_CHANGE_POOL), 0);
  }
  assert_int_not_equal(member_for("u4", WECHAT, NOW + DAY).len, 0); /* a new day */
}

static void pool_twice_in_a_decision(void **state) {
  (void)state;
  run("{'message':'{pool.wechat} {pool.wechat}','reply':'{pool.wechat}'}", "u1", "hi");
  assert_int_equal(changes_of(WEIR_CHANGE_POOL), 1);
  assert_int_equal(d.action_cnt, 2);
}

static void pool_without_cap_and_of_another_pack(void **state) {
  (void)state;
  char who[16];
  for (int i = 0; i < 20; i++) {
    (void)snprintf(who, sizeof who, "u%d", i);
    assert_str(member_for(who, "{'message':'{pool.line}'}", NOW), "only_one");
    keep();
  }
  assert_str(member_for("u1", "{'message':'{pool.other:desk}'}", NOW), "only_one");
}

static void member_that_left(void **state) {
  (void)state;
  static const weir_str members[] = { { "new_one", 7 } };
  static struct weir_pool changed[3];
  weir_str given = member_for("u1", WECHAT, NOW);
  keep();
  memcpy(changed, pools, sizeof changed);
  changed[0].members = members;
  changed[0].member_cnt = 1;
  ruleset.pools = changed;
  assert_false(weir_str_eq(given, WEIR_STR("new_one")));
  assert_str(member_for("u1", WECHAT, NOW), "new_one");
  assert_int_equal(changes_of(WEIR_CHANGE_POOL), 1);
}

static void newcomers_are_spread(void **state) {
  (void)state;
  uint32_t cnt[3] = { 0, 0, 0 };
  char who[16];
  for (int i = 0; i < 300; i++) {
    (void)snprintf(who, sizeof who, "u%d", i);
    weir_str given = member_for(who, WECHAT, NOW);
    for (size_t k = 0; k < 3; k++) cnt[k] += weir_str_eq(given, members_wechat[k]);
  }
  for (size_t k = 0; k < 3; k++) assert_in_range(cnt[k], 60, 140);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(looks),
    TEST(the_secret_matters),
    TEST(live_code_is_told_again),
    TEST(one_code_a_decision),
    TEST(code_of_a_dropped_action),
    TEST(taken_codes),
    TEST(found_again),
    TEST(typed_in_pieces),
    TEST(own_alphabet),
    TEST(guessing_is_limited),
    TEST(bounded_search),
    TEST(broken_store),
    TEST(pool_members),
    TEST(pool_twice_in_a_decision),
    TEST(pool_without_cap_and_of_another_pack),
    TEST(member_that_left),
    TEST(newcomers_are_spread),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
