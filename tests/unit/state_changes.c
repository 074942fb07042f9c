/* Each kind of change, what is refused, and how long claims, codes and marks live: on every store. */
#include "state_help.h"

static struct cs cs;
static const char *const funnel = "papers/way";

static void make(const char *id) {
  seen_at(about(&cs, contact_of(id), T0), T0, NULL);
  change(&cs);
}

static void test_nobody(void **state) {
  (void)state;
  struct weir_person p = who(contact_of("u1"));
  assert_true(p.id == 0 && !p.opted_out && p.tag_cnt == 0 && p.contact_cnt == 0);
  assert_false(holds(contact_of("u1"), "k", T0, NULL));
  assert_int_equal(whose_code("ABC", T0), 0);
  assert_int_equal(used_on("p/pool", "m", 3), 0);
  assert_stage_count(funnel, "asked", 0, 0);
  assert_int_equal(count_all().persons, 0);
}

static void test_seen(void **state) {
  (void)state;
  seen_at(about(&cs, contact_of("u1"), T0), T0 + 5, "Lin");
  change(&cs);
  struct weir_person p = who(contact_of("u1"));
  assert_int_equal(p.id, 1);
  assert_true(p.first_seen_ms == T0 + 5 && p.last_seen_ms == T0);
  assert_true(is(p.name, "Lin"));
  assert_int_equal(p.contact_cnt, 1);
  assert_true(is(p.contacts[0].channel, "douyin") && is(p.contacts[0].account, "papers") && is(p.contacts[0].id, "u1"));

  /* an empty name keeps the old one; an earlier time moves first_seen only */
  seen_at(about(&cs, contact_of("u1"), T0), T0 - 2 * HOUR, "");
  change(&cs);
  p = who(contact_of("u1"));
  assert_true(is(p.name, "Lin") && p.last_seen_ms == T0 && p.first_seen_ms == T0 - 2 * HOUR);
  seen_at(about(&cs, contact_of("u1"), T0), T0 + HOUR + 1, "林");
  change(&cs);
  p = who(contact_of("u1"));
  assert_true(is(p.name, "林") && p.last_seen_ms == T0 + HOUR);

  /* the same id elsewhere is somebody else */
  struct weir_contact other = { WEIR_STR("douyin"), WEIR_STR("songs"), WEIR_STR("u1") };
  assert_int_equal(who(other).id, 0);
  seen_at(about(&cs, other, T0), T0, NULL);
  change(&cs);
  assert_int_equal(who(other).id, 2);
  assert_int_equal(count_all().contacts, 2);
}

/* ---- the ledger */

static struct weir_ledger_entry entry_of(const char *key, const char *origin, enum weir_ledger_status status) {
  struct weir_ledger_entry e = { .contact = contact_of("u1"), .decision = WEIR_STR("0123456789012345678901"), .n = 3, .attempt = 2,
                                 .rule = WEIR_STR("p/ask"), .cause = WEIR_STR("c1"), .post = WEIR_STR("v1"), .payload = WEIR_STR("{\"kind\":\"reply\"}"),
                                 .status = status, .until_ms = T0 + DAY };
  weir_str parts[] = { weir_str_of(key), weir_str_of(origin) };
  weir_id_hash(WEIR_STR(""), parts, 1, e.key);
  weir_id_hash(WEIR_STR(""), parts + 1, 1, e.origin);
  return e;
}

static void enter(const char *key, const char *origin, enum weir_ledger_status status) {
  struct weir_ledger_entry e = entry_of(key, origin, status);
  add(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_LEDGER)->ledger = &e;
  change(&cs);
}

static void set_status(const char *key, int64_t status) {
  keyed(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_LEDGER_STATUS, key, 0)->number = status;
  change(&cs);
}

static weir_status look_up(const char *key, struct weir_ledger_entry *out) {
  weir_arena_fixed(&arena, arena_block, sizeof arena_block);
  return st->ops->ledger(st, entry_of(key, "", WEIR_LEDGER_OPEN).key, &arena, out, &err);
}

static void assert_counts(const char *origin, uint32_t open, uint32_t sent, uint32_t rejected, uint32_t unconfirmed) {
  struct weir_ledger_counts n;
  OK(st->ops->ledger_origin(st, entry_of("", origin, WEIR_LEDGER_OPEN).origin, &n, &err));
  if (n.open != open || n.sent != sent || n.rejected != rejected || n.unconfirmed != unconfirmed) {
    fail_msg("%s: %u open, %u sent, %u rejected, %u unconfirmed", origin, n.open, n.sent, n.rejected, n.unconfirmed);
  }
}

static void test_ledger(void **state) {
  (void)state;
  struct weir_ledger_entry e;
  assert_int_equal(look_up("k", &e), WEIR_NONE);
  assert_int_equal(e.rule.len, 0);
  enter("k", "o", WEIR_LEDGER_OPEN); /* nobody need be known */
  assert_int_equal(count_all().persons, 0);
  OK(look_up("k", &e));
  struct weir_ledger_entry wanted = entry_of("k", "o", WEIR_LEDGER_OPEN);
  assert_memory_equal(e.key, wanted.key, sizeof e.key);
  assert_memory_equal(e.origin, wanted.origin, sizeof e.origin);
  assert_true(is(e.decision, "0123456789012345678901") && is(e.rule, "p/ask") && is(e.cause, "c1") && is(e.post, "v1"));
  assert_true(is(e.payload, "{\"kind\":\"reply\"}") && e.n == 3 && e.attempt == 2 && e.status == WEIR_LEDGER_OPEN && e.until_ms == T0 + DAY);
  assert_true(is(e.contact.channel, "douyin") && is(e.contact.account, "papers") && is(e.contact.id, "u1"));

  enter("l", "o", WEIR_LEDGER_WAITING);
  enter("m", "other", WEIR_LEDGER_OPEN);
  assert_counts("o", 2, 0, 0, 0);
  set_status("k", WEIR_LEDGER_UNCONFIRMED);
  assert_counts("o", 1, 0, 0, 1);
  set_status("k", WEIR_LEDGER_REJECTED);
  set_status("l", WEIR_LEDGER_RETRYING);
  assert_counts("o", 1, 0, 1, 0);
  set_status("l", WEIR_LEDGER_SENT);
  set_status("nobody", WEIR_LEDGER_SENT);
  assert_counts("o", 0, 1, 1, 0);
  assert_counts("other", 1, 0, 0, 0);
  assert_counts("none", 0, 0, 0, 0);
  enter("k", "o", WEIR_LEDGER_OPEN); /* takes the place of the old one */
  assert_counts("o", 1, 1, 0, 0);
  set_status("k", 0);
  assert_int_equal(look_up("k", &e), WEIR_NONE);
  assert_counts("o", 0, 1, 0, 0);
  set_status("l", 0);
  assert_counts("o", 0, 0, 0, 0);
  assert_int_equal(count_all().ledger, 1);
}

static void test_ledger_ends(void **state) {
  (void)state;
  struct weir_ledger_entry e;
  enter("open", "o", WEIR_LEDGER_OPEN);
  enter("sent", "o", WEIR_LEDGER_SENT);
  enter("later", "o", WEIR_LEDGER_OPEN);
  enter("retry", "o", WEIR_LEDGER_RETRYING);
  enter("waits", "o", WEIR_LEDGER_WAITING);
  keyed(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_LEDGER_STATUS, "later", T0 + 2 * DAY)->number = WEIR_LEDGER_OPEN;
  change(&cs);
  for (int i = 0; i < 3; i++) change(about(&cs, contact_of("u1"), T0 + DAY));
  assert_int_equal(count_all().ledger, 3);
  assert_int_equal(look_up("open", &e), WEIR_NONE);
  OK(look_up("later", &e));
  OK(look_up("retry", &e));
  OK(look_up("waits", &e));
  assert_counts("o", 4, 1, 0, 0); /* what is forgotten counts on */
  set_status("later", 0), set_status("retry", 0), set_status("waits", 0);
  assert_counts("o", 0, 0, 0, 0);
}

static void test_ledger_refused(void **state) {
  (void)state;
  static char big[WEIR_DECISION_JSON_MAX + 1];
  struct weir_ledger_entry e;
  memset(big, 'a', sizeof big);
  add(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_LEDGER);
  refuse(WEIR_E_ARG, &cs, "ledger");
  for (int i = 0; i < 8; i++) {
    e = entry_of("k", "o", WEIR_LEDGER_OPEN);
    weir_str long_text = { big, i == 0 ? WEIR_ID_CHARS + 1 : i == 4 ? WEIR_DECISION_JSON_MAX + 1 : WEIR_TIMER_STRING_MAX + 1 };
    weir_str *const parts[] = { &e.decision, &e.rule, &e.cause, &e.post, &e.payload };
    if (i < 5) *parts[i] = long_text;
    else if (i == 5) e.contact.id.len = 0;
    else e.status = i == 6 ? (enum weir_ledger_status)0 : (enum weir_ledger_status)(WEIR_LEDGER_SENT + 1);
    add(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_LEDGER)->ledger = &e;
    refuse(i < 5 ? WEIR_E_LIMIT : WEIR_E_ARG, &cs, NULL);
  }
  static const int64_t wrong[] = { -1, WEIR_LEDGER_SENT + 1, INT64_MAX };
  for (int i = 0; i < 3; i++) {
    keyed(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_LEDGER_STATUS, "k", 0)->number = wrong[i];
    refuse(WEIR_E_ARG, &cs, "status");
  }
  assert_int_equal(count_all().ledger, 0);
}

static void claim_for(const char *id, const char *key, const char *origin, int64_t until) {
  struct weir_change *c = keyed(about(&cs, contact_of(id), T0), WEIR_CHANGE_CLAIM, key, until);
  memcpy(c->origin, entry_of("", origin, WEIR_LEDGER_OPEN).origin, sizeof c->origin);
  change(&cs);
}

static void unclaim_origin(const char *id, const char *origin) {
  keyed(about(&cs, contact_of(id), T0), WEIR_CHANGE_UNCLAIM_ORIGIN, origin, 0);
  change(&cs);
}

static void test_unclaim_origin(void **state) {
  (void)state;
  unclaim_origin("u1", "o"); /* nobody: done already */
  make("u1");
  make("u2");
  claim_for("u1", "a", "o", T0 + DAY), claim_for("u1", "b", "o", T0 + DAY), claim_for("u1", "c", "p", T0 + DAY), claim_for("u2", "a", "o", T0 + DAY);
  keyed(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_CLAIM, "d", T0 + DAY); /* without origin */
  change(&cs);
  add(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_UNCLAIM_ORIGIN);
  change(&cs);
  assert_true(holds(contact_of("u1"), "d", T0, NULL));
  unclaim_origin("u1", "o");
  assert_false(holds(contact_of("u1"), "a", T0, NULL) || holds(contact_of("u1"), "b", T0, NULL));
  assert_true(holds(contact_of("u1"), "c", T0, NULL) && holds(contact_of("u1"), "d", T0, NULL) && holds(contact_of("u2"), "a", T0, NULL));

  /* who makes it last is answerable for it, also when persons are joined */
  claim_for("u1", "c", "q", T0 + HOUR);
  unclaim_origin("u1", "q");
  assert_true(holds(contact_of("u1"), "c", T0, NULL));
  claim_for("u1", "c", "q", T0 + 2 * DAY);
  unclaim_origin("u1", "p");
  assert_true(holds(contact_of("u1"), "c", T0, NULL));
  claim_for("u2", "c", "r", T0 + 3 * DAY);
  add(about(&cs, contact_of("u2"), T0), WEIR_CHANGE_JOIN)->number = 1;
  change(&cs);
  unclaim_origin("u1", "q");
  assert_true(holds(contact_of("u1"), "c", T0, NULL));
  unclaim_origin("u1", "r");
  assert_false(holds(contact_of("u1"), "c", T0, NULL));
  unclaim_origin("u2", "o");
  assert_false(holds(contact_of("u1"), "a", T0, NULL));
}

static void test_tags(void **state) {
  (void)state;
  make("u1");
  about(&cs, contact_of("u1"), T0);
  named(&cs, WEIR_CHANGE_TAG, "m", NULL);
  named(&cs, WEIR_CHANGE_TAG, "z", NULL);
  named(&cs, WEIR_CHANGE_TAG, "a", NULL);
  named(&cs, WEIR_CHANGE_TAG, "ab", NULL);
  named(&cs, WEIR_CHANGE_TAG, "m", NULL);
  named(&cs, WEIR_CHANGE_UNTAG, "nothing", NULL);
  named(&cs, WEIR_CHANGE_UNTAG, "z", NULL);
  change(&cs);
  struct weir_person p = who(contact_of("u1"));
  assert_int_equal(p.tag_cnt, 3);
  assert_true(is(p.tags[0], "a") && is(p.tags[1], "ab") && is(p.tags[2], "m"));
}

static void test_fields(void **state) {
  (void)state;
  make("u1");
  about(&cs, contact_of("u1"), T0);
  named(&cs, WEIR_CHANGE_FIELD, "city", "上海");
  named(&cs, WEIR_CHANGE_FIELD, "age", "7");
  named(&cs, WEIR_CHANGE_FIELD, "gone", "x");
  named(&cs, WEIR_CHANGE_FIELD, "gone", "");
  named(&cs, WEIR_CHANGE_FIELD, "never", "");
  named(&cs, WEIR_CHANGE_FIELD, "city", "北京");
  change(&cs);
  struct weir_person p = who(contact_of("u1"));
  assert_int_equal(p.field_cnt, 2);
  assert_true(is(p.fields[0].key, "age") && is(p.fields[1].value, "北京"));
}

static void test_counters(void **state) {
  (void)state;
  static const struct {
    const char *before;
    int64_t add;
    const char *after;
  } cases[] = {
    { "", 1, "1" },
    { "41", 1, "42" },
    { "-1", 1, "0" },
    { "-", 5, "5" },
    { "words", 5, "5" },
    { "4.5", 5, "5" },
    { "+4", 5, "5" },
    { " 4", 5, "5" },
    { "007", 1, "8" },
    { "9223372036854775806", 1, "9223372036854775807" },
    { "9223372036854775807", 1, "9223372036854775807" },
    { "-9223372036854775808", -1, "-9223372036854775808" },
    { "-9223372036854775808", INT64_MAX, "-1" },
    { "99999999999999999999999999", 0, "9223372036854775807" },
    { "-99999999999999999999999999", 0, "-9223372036854775808" },
    { "9223372036854775808", -1, "9223372036854775806" },
    { "5", INT64_MIN, "-9223372036854775803" },
  };
  make("u1");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    about(&cs, contact_of("u1"), T0);
    named(&cs, WEIR_CHANGE_FIELD, "n", cases[i].before);
    named(&cs, WEIR_CHANGE_COUNTER, "n", NULL)->number = cases[i].add;
    change(&cs);
    struct weir_person p = who(contact_of("u1"));
    if (!is(field_of(&p, "n"), cases[i].after)) fail_msg("%s + %" PRId64, cases[i].before, cases[i].add);
  }
}

static void to_stage(const char *id, const char *stage, int64_t at) {
  named(about(&cs, contact_of(id), T0), WEIR_CHANGE_STAGE, funnel, stage)->at_ms = at;
  change(&cs);
}

static void test_stages(void **state) {
  (void)state;
  make("u1");
  make("u2");
  to_stage("u1", "asked", T0);
  to_stage("u2", "asked", T0 + 1);
  assert_stage_count(funnel, "asked", 2, 2);
  to_stage("u1", "asked", T0 + 7); /* there already */
  struct weir_person p = who(contact_of("u1"));
  assert_true(stage_of(&p, funnel).entered_ms == T0);
  to_stage("u1", "added", T0 + 8);
  assert_stage_count(funnel, "asked", 1, 2);
  assert_stage_count(funnel, "added", 1, 1);
  to_stage("u1", "asked", T0 + 9); /* back: the first entry counts, once */
  assert_stage_count(funnel, "asked", 2, 2);
  assert_stage_count(funnel, "added", 0, 1);
  p = who(contact_of("u1"));
  assert_int_equal(p.stage_cnt, 1);
  assert_true(is(stage_of(&p, funnel).stage, "asked") && stage_of(&p, funnel).entered_ms == T0);
  named(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_UNSTAGE, funnel, NULL);
  named(&cs, WEIR_CHANGE_UNSTAGE, "never/was", NULL);
  change(&cs);
  assert_stage_count(funnel, "asked", 1, 2);
  assert_int_equal(who(contact_of("u1")).stage_cnt, 0);
  to_stage("u1", "asked", T0 + 10);
  assert_stage_count(funnel, "asked", 2, 2);
}

static void test_claims(void **state) {
  (void)state;
  int64_t until;
  make("u1");
  make("u2");
  about(&cs, contact_of("u1"), T0);
  keyed(&cs, WEIR_CHANGE_CLAIM, "once", T0 + 100);
  keyed(&cs, WEIR_CHANGE_CLAIM, "over", T0); /* ended before it began */
  keyed(&cs, WEIR_CHANGE_UNCLAIM, "never", 0);
  change(&cs);
  assert_true(holds(contact_of("u1"), "once", T0, &until));
  assert_true(until == T0 + 100);
  assert_true(holds(contact_of("u1"), "once", T0 + 99, NULL));
  assert_false(holds(contact_of("u1"), "once", T0 + 100, &until));
  assert_true(until == 0);
  assert_false(holds(contact_of("u1"), "over", T0 - 1, NULL));
  assert_false(holds(contact_of("u2"), "once", T0, NULL)); /* his alone */
  keyed(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_CLAIM, "once", T0 + 50); /* never shorter */
  change(&cs);
  assert_true(holds(contact_of("u1"), "once", T0 + 99, NULL));
  keyed(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_CLAIM, "once", T0 + 500);
  change(&cs);
  assert_true(holds(contact_of("u1"), "once", T0 + 499, NULL));
  keyed(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_UNCLAIM, "once", 0);
  change(&cs);
  assert_false(holds(contact_of("u1"), "once", T0, NULL));
  assert_int_equal(count_all().claims, 0);
}

/* What ran out is dropped by itself as time goes on. */
static void test_expiry_sweep(void **state) {
  (void)state;
  make("u1");
  about(&cs, contact_of("u1"), T0);
  for (int i = 0; i < 20; i++) {
    char key[16];
    snprintf(key, sizeof key, "k%d", i);
    keyed(&cs, WEIR_CHANGE_CLAIM, key, T0 + 10 + i);
    keyed(&cs, WEIR_CHANGE_DEDUPE, key, T0 + 10 + i);
  }
  named(&cs, WEIR_CHANGE_CODE, NULL, "ABC")->until_ms = T0 + 5;
  change(&cs);
  assert_int_equal(count_all().claims, 20);
  keyed(about(&cs, contact_of("u1"), T0 + 20), WEIR_CHANGE_UNCLAIM, "none", 0);
  change(&cs);
  assert_int_equal(count_all().claims, 9); /* those that end at T0 + 21 and later */
  assert_true(who(contact_of("u1")).code.len == 0);
  assert_true(was_seen("k11", T0 + 20, NULL));
  assert_false(was_seen("k10", T0 + 20, NULL));
}

static void test_pools(void **state) {
  (void)state;
  const int64_t today = T0 / DAY;
  make("u1");
  make("u2");
  about(&cs, contact_of("u1"), T0);
  named(&cs, WEIR_CHANGE_POOL, "papers/wechat", "li")->number = today;
  change(&cs);
  about(&cs, contact_of("u2"), T0);
  named(&cs, WEIR_CHANGE_POOL, "papers/wechat", "li")->number = today;
  named(&cs, WEIR_CHANGE_POOL, "papers/wechat", "wang")->number = today + 1;
  change(&cs);
  assert_int_equal(used_on("papers/wechat", "li", today), 2);
  assert_int_equal(used_on("papers/wechat", "wang", today + 1), 1);
  assert_int_equal(used_on("papers/wechat", "wang", today), 0);
  assert_int_equal(used_on("papers/other", "li", today), 0);
  struct weir_person p = who(contact_of("u2"));
  assert_int_equal(p.pool_cnt, 1);
  assert_true(is(pool_of(&p, "papers/wechat"), "wang"));
  /* counts are kept until the day is over everywhere */
  named(about(&cs, contact_of("u2"), T0 + DAY), WEIR_CHANGE_UNTAG, "t", NULL);
  change(&cs);
  assert_int_equal(used_on("papers/wechat", "li", today), 2);
  named(about(&cs, contact_of("u2"), (today + WEIR_POOL_DAYS_KEPT) * DAY), WEIR_CHANGE_UNTAG, "t", NULL);
  change(&cs);
  assert_int_equal(used_on("papers/wechat", "li", today), 0);
  assert_int_equal(used_on("papers/wechat", "wang", today + 1), 1);
  named(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_POOL, "papers/wechat", "li")->number = INT64_MAX;
  refuse(WEIR_E_ARG, &cs, "day");
}

static void test_codes(void **state) {
  (void)state;
  make("u1");
  make("u2");
  named(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_CODE, NULL, "K7M2P9")->until_ms = T0 + 100;
  change(&cs);
  assert_int_equal(whose_code("K7M2P9", T0), 1);
  assert_int_equal(whose_code("K7M2P9", T0 + 99), 1);
  assert_int_equal(whose_code("K7M2P9", T0 + 100), 0);
  assert_int_equal(whose_code("k7m2p9", T0), 0);
  assert_int_equal(whose_code("", T0), 0);
  assert_true(is(who(contact_of("u1")).code, "K7M2P9"));
  /* somebody else's while it lives */
  named(about(&cs, contact_of("u2"), T0 + 99), WEIR_CHANGE_CODE, NULL, "K7M2P9")->until_ms = T0 + 300;
  refuse(WEIR_E_ARG, &cs, "somebody else");
  cs.set.now_ms = T0 + 100;
  change(&cs);
  assert_int_equal(whose_code("K7M2P9", T0 + 100), 2);
  /* a new one ends the older */
  named(about(&cs, contact_of("u2"), T0 + 101), WEIR_CHANGE_CODE, NULL, "NEW")->until_ms = T0 + 300;
  change(&cs);
  assert_int_equal(whose_code("K7M2P9", T0 + 101), 0);
  assert_int_equal(whose_code("NEW", T0 + 101), 2);
  /* once used it is nobody's, whoever used it */
  about(&cs, contact_of("stranger"), T0 + 102);
  named(&cs, WEIR_CHANGE_CODE_USED, NULL, "NEW");
  named(&cs, WEIR_CHANGE_CODE_USED, NULL, "NEW");
  change(&cs);
  assert_int_equal(whose_code("NEW", T0 + 102), 0);
  assert_true(who(contact_of("u2")).code.len == 0);
}

static void test_dedupe(void **state) {
  (void)state;
  char id[64];
  about(&cs, contact_of("u1"), T0);
  keyed(&cs, WEIR_CHANGE_DEDUPE, "e1", T0 + WEIR_DEDUPE_MS)->value = WEIR_STR("decision-of-22-letters");
  keyed(&cs, WEIR_CHANGE_DEDUPE, "e2", T0 + WEIR_DEDUPE_MS);
  change(&cs);
  assert_int_equal(who(contact_of("u1")).id, 0); /* a mark makes nobody known */
  assert_true(was_seen("e1", T0, id));
  assert_string_equal(id, "decision-of-22-letters");
  assert_true(was_seen("e2", T0, id));
  assert_string_equal(id, "");
  assert_false(was_seen("e3", T0, id));
  assert_false(was_seen("e1", T0 + WEIR_DEDUPE_MS, id));
  keyed(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_DEDUPE, "e2", T0 + 5)->value = WEIR_STR("later");
  change(&cs);
  assert_true(was_seen("e2", T0 + 6, id)); /* never shorter */
  assert_string_equal(id, "later");
  keyed(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_DEDUPE, "e4", T0 + 5)->value = WEIR_STR("decision-of-23-letters!");
  refuse(WEIR_E_LIMIT, &cs, "22");
}

static void test_opt_out(void **state) {
  (void)state;
  add(about(&cs, contact_of("stranger"), T0), WEIR_CHANGE_OPT_OUT);
  change(&cs);
  struct weir_person p = who(contact_of("stranger"));
  assert_true(p.id == 0 && p.opted_out);
  make("stranger");
  p = who(contact_of("stranger"));
  assert_true(p.id == 1 && p.opted_out);
  add(about(&cs, contact_of("stranger"), T0), WEIR_CHANGE_OPT_OUT); /* again: nothing new */
  change(&cs);
  assert_int_equal(count_all().opted_out, 1);
  add(about(&cs, contact_of("stranger"), T0), WEIR_CHANGE_OPT_IN);
  change(&cs);
  assert_false(who(contact_of("stranger")).opted_out);
  assert_int_equal(count_all().opted_out, 0);
  add(about(&cs, contact_of("other"), T0), WEIR_CHANGE_OPT_IN);
  change(&cs);
  assert_false(who(contact_of("other")).opted_out);
}

static void test_handoff(void **state) {
  (void)state;
  make("u1");
  add(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_HANDOFF)->until_ms = T0 + DAY;
  change(&cs);
  assert_true(who(contact_of("u1")).handoff_until_ms == T0 + DAY);
  add(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_HANDOFF)->until_ms = 0;
  change(&cs);
  assert_true(who(contact_of("u1")).handoff_until_ms == 0);
}

/* Giving to somebody unknown is a mistake of the caller; taking from him is done already. */
static void test_changes_of_nobody(void **state) {
  (void)state;
  static const enum weir_change_kind giving[] = {
    WEIR_CHANGE_TAG,   WEIR_CHANGE_FIELD, WEIR_CHANGE_COUNTER, WEIR_CHANGE_STAGE,
    WEIR_CHANGE_CLAIM, WEIR_CHANGE_POOL,  WEIR_CHANGE_CODE,    WEIR_CHANGE_HANDOFF,
  };
  static const enum weir_change_kind taking[] = {
    WEIR_CHANGE_UNTAG,     WEIR_CHANGE_UNSTAGE,    WEIR_CHANGE_UNCLAIM, WEIR_CHANGE_OPT_IN,
    WEIR_CHANGE_CODE_USED, WEIR_CHANGE_TIMER_DONE, WEIR_CHANGE_DEDUPE,
  };
  for (size_t i = 0; i < sizeof giving / sizeof *giving; i++) {
    named(about(&cs, contact_of("u1"), T0), giving[i], "n", "v")->until_ms = T0 + 1;
    refuse(WEIR_E_ARG, &cs, "nobody");
  }
  for (size_t i = 0; i < sizeof taking / sizeof *taking; i++) {
    named(about(&cs, contact_of("u1"), T0), taking[i], "n", "v");
    change(&cs);
  }
  named(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_FIELD, "n", "");
  add(&cs, WEIR_CHANGE_HANDOFF);
  change(&cs);
  assert_int_equal(count_all().persons, 0);
  add(about(&cs, contact_of("u1"), T0), (enum weir_change_kind)99);
  refuse(WEIR_E_ARG, &cs, NULL);
  make("u1");
  add(about(&cs, contact_of("u1"), T0), (enum weir_change_kind)99);
  refuse(WEIR_E_ARG, &cs, "kind");
  add(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_TIMER);
  refuse(WEIR_E_ARG, &cs, "timer");
}

static void fill_names(enum weir_change_kind change_kind, int max, const char *value) {
  char names[2][32];
  make("full");
  for (int i = 0; i < max; i++) {
    snprintf(names[0], sizeof names[0], "n%04d", i);
    named(about(&cs, contact_of("full"), T0), change_kind, names[0], value)->until_ms = T0 + 1;
    change(&cs);
  }
  /* one more fails, and takes the change before it along */
  struct weir_person before = who(contact_of("full"));
  about(&cs, contact_of("full"), T0);
  named(&cs, WEIR_CHANGE_HANDOFF, NULL, NULL)->until_ms = T0 + 5;
  named(&cs, change_kind, "one more", value)->until_ms = T0 + 1;
  refuse(WEIR_E_LIMIT, &cs, "_MAX");
  struct weir_person after = who(contact_of("full"));
  assert_true(after.handoff_until_ms == before.handoff_until_ms);
  assert_int_equal(after.tag_cnt + after.field_cnt + after.stage_cnt + after.pool_cnt, max);
  /* what is there already is no more */
  named(about(&cs, contact_of("full"), T0), change_kind, "n0000", value);
  change(&cs);
}

static void test_tags_limit(void **state) { (void)state, fill_names(WEIR_CHANGE_TAG, WEIR_TAGS_MAX, NULL); }
static void test_fields_limit(void **state) { (void)state, fill_names(WEIR_CHANGE_FIELD, WEIR_FIELDS_MAX, "v"); }
static void test_stages_limit(void **state) { (void)state, fill_names(WEIR_CHANGE_STAGE, WEIR_STAGES_MAX, "v"); }
static void test_pools_limit(void **state) { (void)state, fill_names(WEIR_CHANGE_POOL, WEIR_POOLS_MAX, "v"); }

static void test_claims_limit(void **state) {
  (void)state;
  char key[32];
  make("u1");
  for (int i = 0; i < WEIR_CLAIMS_MAX; i++) {
    snprintf(key, sizeof key, "k%d", i);
    keyed(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_CLAIM, key, T0 + 1000 + i);
    change(&cs);
  }
  keyed(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_CLAIM, "more", T0 + 5000);
  refuse(WEIR_E_LIMIT, &cs, "WEIR_CLAIMS_MAX");
  /* one ran out, and was not swept yet: it makes room */
  cs.set.now_ms = T0 + 1000;
  change(&cs);
  assert_true(holds(contact_of("u1"), "more", T0 + 1000, NULL));
  assert_true(holds(contact_of("u1"), "k1", T0 + 1000, NULL));
}

static void test_hostile_strings(void **state) {
  (void)state;
  static char big[WEIR_DECISION_JSON_MAX + 2];
  memset(big, 'x', sizeof big);
  static const char bytes[] = "a\0b\xc3\xbf'; DROP TABLE persons; --\n\"\\";
  weir_str odd = { bytes, sizeof bytes - 1 };
  struct weir_contact c = { WEIR_STR("d"), WEIR_STR("a"), odd };
  seen_at(about(&cs, c, T0), T0, NULL)->name = odd;
  add(&cs, WEIR_CHANGE_TAG)->name = odd;
  add(&cs, WEIR_CHANGE_TAG)->name = (weir_str){ bytes, 2 }; /* "a\0" is not "a" */
  add(&cs, WEIR_CHANGE_TAG)->name = (weir_str){ bytes, 1 };
  struct weir_change *f = add(&cs, WEIR_CHANGE_FIELD);
  f->name = odd;
  f->value = (weir_str){ big, WEIR_FIELD_VALUE_MAX };
  change(&cs);
  struct weir_person p = who(c);
  assert_true(weir_str_eq(p.name, odd) && p.tag_cnt == 3 && weir_str_eq(p.contacts[0].id, odd));
  assert_int_equal(p.tags[0].len, 1);
  assert_int_equal(p.tags[1].len, 2);
  assert_true(weir_str_eq(p.tags[2], odd));
  assert_int_equal(p.fields[0].value.len, WEIR_FIELD_VALUE_MAX);
  assert_int_equal(who((struct weir_contact){ WEIR_STR("d"), WEIR_STR("a"), { bytes, 3 } }).id, 0);
  /* channel, account and id do not run into each other */
  assert_int_equal(who((struct weir_contact){ WEIR_STR("da"), WEIR_STR(""), odd }).id, 0);

  const struct {
    enum weir_change_kind kind;
    size_t name, value;
  } cases[] = {
    { WEIR_CHANGE_SEEN, WEIR_NAME_MAX + 1, 0 },          { WEIR_CHANGE_TAG, WEIR_TAG_MAX + 1, 0 },
    { WEIR_CHANGE_FIELD, WEIR_TAG_MAX + 1, 1 },          { WEIR_CHANGE_FIELD, 1, WEIR_FIELD_VALUE_MAX + 1 },
    { WEIR_CHANGE_COUNTER, WEIR_TAG_MAX + 1, 0 },        { WEIR_CHANGE_STAGE, WEIR_SCOPED_NAME_MAX + 1, 1 },
    { WEIR_CHANGE_STAGE, 1, WEIR_TAG_MAX + 1 },          { WEIR_CHANGE_POOL, WEIR_SCOPED_NAME_MAX + 1, 1 },
    { WEIR_CHANGE_POOL, 1, WEIR_SCOPED_NAME_MAX + 1 },   { WEIR_CHANGE_CODE, 0, WEIR_TAG_MAX + 1 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct weir_change *ch = add(about(&cs, c, T0), cases[i].kind);
    ch->name = (weir_str){ big, cases[i].name };
    ch->value = (weir_str){ big, cases[i].value };
    ch->at_ms = T0;
    refuse(WEIR_E_LIMIT, &cs, NULL);
  }
  static const enum weir_change_kind needs_name[] = { WEIR_CHANGE_TAG, WEIR_CHANGE_FIELD, WEIR_CHANGE_COUNTER, WEIR_CHANGE_STAGE,
                                                      WEIR_CHANGE_POOL };
  for (size_t i = 0; i < sizeof needs_name / sizeof *needs_name; i++) {
    named(about(&cs, c, T0), needs_name[i], NULL, "v");
    refuse(WEIR_E_ARG, &cs, "missing");
  }
  seen_at(about(&cs, (struct weir_contact){ WEIR_STR("d"), WEIR_STR("a"), { big, WEIR_ID_MAX + 1 } }, T0), T0, NULL);
  refuse(WEIR_E_LIMIT, &cs, NULL);
  seen_at(about(&cs, (struct weir_contact){ WEIR_STR("d"), WEIR_STR("a"), { NULL, 0 } }, T0), T0, NULL);
  refuse(WEIR_E_ARG, &cs, NULL);
  seen_at(about(&cs, contact_of("u9"), T0), -1, NULL);
  refuse(WEIR_E_ARG, &cs, NULL);
  assert_int_equal(count_all().persons, 1);
}

static void test_order_and_all_or_none(void **state) {
  (void)state;
  FAILS(WEIR_E_SEQUENCE, try_apply(about(&cs, contact_of("u1"), T0)));
  FAILS(WEIR_E_SEQUENCE, st->ops->commit(st, &err));
  st->ops->rollback(st); /* nothing open: nothing happens */
  begin();
  FAILS(WEIR_E_SEQUENCE, st->ops->begin(st, &err));
  seen_at(about(&cs, contact_of("u1"), T0), T0, "Lin");
  apply(&cs);
  assert_int_equal(who(contact_of("u1")).id, 1); /* visible before the commit */
  /* the second of two changesets fails: the first stays */
  about(&cs, contact_of("u1"), T0);
  named(&cs, WEIR_CHANGE_TAG, "t", NULL);
  add(&cs, WEIR_CHANGE_JOIN)->number = 77;
  FAILS(WEIR_E_ARG, try_apply(&cs));
  assert_int_equal(who(contact_of("u1")).tag_cnt, 0);
  commit();
  assert_int_equal(who(contact_of("u1")).id, 1);
  begin();
  seen_at(about(&cs, contact_of("u2"), T0), T0, "Wu");
  apply(&cs);
  st->ops->rollback(st);
  assert_int_equal(who(contact_of("u2")).id, 0);
  make("u3");
  assert_int_equal(who(contact_of("u3")).id, 2); /* the number that was rolled back is free again */
  cs.set.cnt = WEIR_CHANGES_MAX + 1;
  refuse(WEIR_E_LIMIT, &cs, "WEIR_CHANGES_MAX");
}

/* No room in the arena: the whole answer is empty, and the store is as before. */
static void test_small_arena(void **state) {
  (void)state;
  struct weir_person p;
  struct weir_contact c = contact_of("u1");
  seen_at(about(&cs, c, T0), T0, "a name of some length");
  named(&cs, WEIR_CHANGE_TAG, "t", NULL);
  named(&cs, WEIR_CHANGE_FIELD, "f", "v");
  named(&cs, WEIR_CHANGE_STAGE, funnel, "asked");
  named(&cs, WEIR_CHANGE_CODE, NULL, "CODE")->until_ms = T0 + 5;
  change(&cs);
  size_t need = 0;
  for (;; need += 8) {
    weir_arena_fixed(&arena, arena_block, need);
    weir_status status = st->ops->load(st, &c, &arena, &p, &err);
    if (status == WEIR_OK) break;
    assert_int_equal(status, WEIR_E_NOMEM);
    assert_true(p.id == 0 && p.tag_cnt == 0 && p.contact_cnt == 0 && p.name.len == 0);
    assert_in_range(need, 0, 4096);
  }
  assert_true(need > 64 && p.id == 1);
}

static const struct CMUnitTest tests[] = {
  TEST(test_nobody),         TEST(test_seen),          TEST(test_ledger), TEST(test_ledger_ends), TEST(test_ledger_refused), TEST(test_unclaim_origin),
  TEST(test_tags),           TEST(test_fields),
  TEST(test_counters),       TEST(test_stages),        TEST(test_claims),         TEST(test_expiry_sweep),
  TEST(test_pools),          TEST(test_codes),         TEST(test_dedupe),         TEST(test_opt_out),
  TEST(test_handoff),        TEST(test_changes_of_nobody), TEST(test_tags_limit), TEST(test_fields_limit),
  TEST(test_stages_limit),   TEST(test_pools_limit),   TEST(test_claims_limit),   TEST(test_hostile_strings),
  TEST(test_order_and_all_or_none), TEST(test_small_arena),
};

RUN_ON_ALL_STORES(tests)
