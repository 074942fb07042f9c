/* Timers, the outbox and chain heads: on every store. */
#include "state_help.h"

static struct cs cs;
static char line_bytes[WEIR_JWS_MAX + 1];

/* ---- timers */

static struct weir_timer timer_for(struct weir_contact contact, int64_t due, const char *payload) {
  return (struct weir_timer){ .kind = WEIR_TIMER_ACTION,
                              .due_ms = due,
                              .contact = contact,
                              .rule = WEIR_STR("papers/ask"),
                              .origin = WEIR_STR("m3kdecision-22-letters"),
                              .cause = WEIR_STR("dy-7401"),
                              .post = WEIR_STR("v1"),
                              .occurrence = 1,
                              .payload = weir_str_of(payload) };
}

static void set_timer(struct weir_timer t) {
  add(about(&cs, t.contact, T0), WEIR_CHANGE_TIMER)->timer = &t;
  change(&cs);
}

static weir_status next_timer(int64_t now, struct weir_timer *t) {
  weir_arena_fixed(&arena, arena_block, sizeof arena_block);
  return st->ops->timer(st, now, &arena, t, &err);
}

static void done(uint64_t id) {
  add(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_TIMER_DONE)->number = (int64_t)id;
  change(&cs);
}

static void test_timer_order(void **state) {
  (void)state;
  static const int64_t dues[] = { 50, 10, 30, 10, 90, 10, 30 };
  static const uint64_t order[] = { 2, 4, 6, 3, 7, 1, 5 };
  struct weir_timer t;
  assert_true(st->ops->next_due(st) == INT64_MAX);
  assert_int_equal(next_timer(INT64_MAX, &t), WEIR_NONE);
  for (size_t i = 0; i < 7; i++) set_timer(timer_for(contact_of("u1"), T0 + dues[i], "{}"));
  assert_int_equal(count_all().timers, 7);
  assert_int_equal(next_timer(T0 + 9, &t), WEIR_NONE);
  assert_true(t.id == 0);
  for (size_t i = 0; i < 7; i++) {
    assert_true(st->ops->next_due(st) == T0 + dues[order[i] - 1]);
    OK(next_timer(T0 + 90, &t));
    assert_int_equal(t.id, order[i]);
    OK(next_timer(T0 + 90, &t)); /* it stays until it is done */
    assert_int_equal(t.id, order[i]);
    done(t.id);
    done(t.id); /* done twice is done */
  }
  assert_true(st->ops->next_due(st) == INT64_MAX);
}

static void test_timer_content(void **state) {
  (void)state;
  static char payload[WEIR_DECISION_JSON_MAX + 2];
  struct weir_timer t = timer_for(contact_of("u1"), T0, NULL), got;
  memset(payload, 'p', WEIR_DECISION_JSON_MAX);
  payload[WEIR_DECISION_JSON_MAX] = '\0'; /* the store before this one left a byte there */
  payload[0] = 'a', payload[WEIR_DECISION_JSON_MAX - 1] = 'z';
  t.payload = weir_str_of(payload);
  t.kind = WEIR_TIMER_RULE;
  t.occurrence = 9;
  set_timer(t);
  OK(next_timer(T0, &got));
  assert_true(got.kind == WEIR_TIMER_RULE && got.occurrence == 9 && got.due_ms == T0);
  assert_true(weir_str_eq(got.payload, t.payload) && weir_str_eq(got.cause, t.cause) && weir_str_eq(got.post, t.post));
  assert_true(weir_str_eq(got.rule, t.rule) && weir_str_eq(got.origin, t.origin) && weir_str_eq(got.contact.id, t.contact.id));
  weir_arena_fixed(&arena, arena_block, 100);
  assert_int_equal(st->ops->timer(st, T0, &arena, &got, &err), WEIR_E_NOMEM);
  assert_true(got.id == 0 && got.rule.len == 0);

  payload[WEIR_DECISION_JSON_MAX] = 'x';
  t.payload.len++;
  add(about(&cs, t.contact, T0), WEIR_CHANGE_TIMER)->timer = &t;
  refuse(WEIR_E_LIMIT, &cs, "payload");
  t = timer_for(contact_of("u1"), T0, "{}");
  t.kind = (enum weir_timer_kind)7;
  refuse(WEIR_E_ARG, &cs, "kind");
  t = timer_for(contact_of(""), T0, "{}");
  refuse(WEIR_E_ARG, &cs, "id");
  assert_int_equal(count_all().timers, 1);
}

static void test_timer_limit(void **state) {
  (void)state;
  struct weir_timer t = timer_for(contact_of("u1"), T0 + 5, "{}");
  seen_at(about(&cs, contact_of("u1"), T0), T0, NULL);
  change(&cs);
  for (int i = 0; i < WEIR_TIMERS_MAX; i++) set_timer(t);
  add(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_TIMER)->timer = &t;
  refuse(WEIR_E_LIMIT, &cs, "WEIR_TIMERS_MAX");
  done(3);
  set_timer(t);
}

/* ---- outbox */

static weir_str line_of(int number, size_t len) {
  int n = snprintf(line_bytes, sizeof line_bytes, "record-%d.", number);
  if (len < (size_t)n) len = (size_t)n;
  for (size_t i = (size_t)n; i < len; i++) line_bytes[i] = (char)('a' + (i * 7 + (size_t)number) % 26);
  return (weir_str){ line_bytes, len };
}

static weir_status put(const char *aud, uint64_t seq, size_t len) {
  struct weir_chain_head head = { .seq = seq, .has_hash = true, .iat_s = 1000 + (int64_t)seq };
  memset(head.hash, (int)seq, sizeof head.hash);
  return st->ops->outbox_put(st, weir_str_of(aud), &head, line_of((int)seq, len), &err);
}

static void put_one(const char *aud, uint64_t seq, size_t len) {
  begin();
  OK(put(aud, seq, len));
  commit();
}

static void assert_next(const char *aud, uint64_t seq, size_t len) {
  struct weir_stored_record r;
  OK(st->ops->outbox_next(st, &r, &err));
  assert_true(is(r.aud, aud));
  assert_int_equal(r.seq, seq);
  assert_true(weir_str_eq(r.line, line_of((int)seq, len)));
}

static void assert_no_next(void) {
  struct weir_stored_record r;
  assert_int_equal(st->ops->outbox_next(st, &r, &err), WEIR_NONE);
  assert_true(r.seq == 0 && r.line.len == 0);
}

static struct weir_chain_head head_of(const char *aud) {
  struct weir_chain_head h;
  OK(st->ops->chain_head(st, weir_str_of(aud), &h, &err));
  return h;
}

static weir_status ack(const char *aud, uint64_t seq) { return st->ops->outbox_ack(st, weir_str_of(aud), seq, &err); }

static void test_chain_head(void **state) {
  (void)state;
  struct weir_chain_head h = head_of("douyin/papers");
  assert_true(h.seq == 0 && !h.has_hash && h.iat_s == 0);
  put_one("douyin/papers", 1, 200);
  h = head_of("douyin/papers");
  assert_true(h.seq == 1 && h.has_hash && h.hash[31] == 1 && h.iat_s == 1001);
  h = head_of("wechat_oa/shop");
  assert_true(h.seq == 0 && !h.has_hash && h.iat_s == 1001); /* of any aud */
  begin();
  OK(put("douyin/papers", 2, 200));
  OK(put("wechat_oa/shop", 1, 200));
  assert_int_equal(head_of("douyin/papers").seq, 2);
  st->ops->rollback(st);
  h = head_of("douyin/papers");
  assert_true(h.seq == 1 && h.hash[0] == 1 && h.iat_s == 1001);
  assert_int_equal(head_of("wechat_oa/shop").seq, 0);
  begin();
  FAILS(WEIR_E_ARG, put("douyin/papers", 3, 200));
  FAILS(WEIR_E_ARG, put("douyin/papers", 1, 200));
  FAILS(WEIR_E_ARG, put("new/aud", 2, 200));
  FAILS(WEIR_E_ARG, put("", 1, 200));
  FAILS(WEIR_E_LIMIT, put("douyin/papers", 2, WEIR_JWS_MAX + 1));
  commit();
  assert_next("douyin/papers", 1, 200);
  assert_no_next();
  FAILS(WEIR_E_SEQUENCE, put("douyin/papers", 2, 200));
}

static void test_visible_after_commit(void **state) {
  (void)state;
  begin();
  OK(put("a/1", 1, 10));
  OK(put("b/1", 1, 3000));
  assert_no_next();
  commit();
  assert_next("a/1", 1, 10);
  begin();
  OK(put("a/1", 2, 600));
  assert_next("b/1", 1, 3000);
  assert_no_next();
  assert_no_next();
  commit();
  assert_next("a/1", 2, 600);
  assert_no_next();
  begin();
  OK(put("a/1", 3, 600));
  st->ops->rollback(st);
  assert_no_next();
  put_one("a/1", 3, 512);
  assert_next("a/1", 3, 512);
}

static void test_ack(void **state) {
  (void)state;
  size_t room = st->ops->outbox_room(st);
  for (uint64_t i = 1; i <= 6; i++) {
    begin();
    OK(put("a/1", i, 1000));
    OK(put("b/1", i, 1500));
    commit();
  }
  assert_true(st->ops->outbox_room(st) <= room - 6 * 2500);
  FAILS(WEIR_E_ARG, ack("a/1", 1));
  FAILS(WEIR_E_ARG, ack("c/1", 1));
  for (uint64_t i = 1; i <= 4; i++) {
    assert_next("a/1", i, 1000);
    assert_next("b/1", i, 1500);
  }
  FAILS(WEIR_E_ARG, ack("a/1", 0));
  FAILS(WEIR_E_ARG, ack("a/1", 5));
  OK(ack("b/1", 3));
  OK(ack("b/1", 2)); /* included already */
  OK(ack("a/1", 4));
  assert_next("a/1", 5, 1000);
  assert_next("b/1", 5, 1500);
  assert_next("a/1", 6, 1000);
  assert_next("b/1", 6, 1500);
  assert_no_next();
  OK(ack("b/1", 6));
  OK(ack("a/1", 6));
  assert_int_equal(st->ops->outbox_room(st), room);
  assert_int_equal(head_of("a/1").seq, 6);
  put_one("a/1", 7, 100);
  assert_next("a/1", 7, 100);
}

/* An acknowledgement is no part of the transaction that happens to be open. */
static void test_ack_inside(void **state) {
  (void)state;
  size_t room = st->ops->outbox_room(st);
  for (int committed = 0; committed < 2; committed++) {
    uint64_t seq = head_of("a/1").seq;
    put_one("a/1", seq + 1, 5000);
    put_one("a/1", seq + 2, 5000);
    assert_next("a/1", seq + 1, 5000);
    begin();
    OK(put("a/1", seq + 3, 7000));
    OK(put("z/1", head_of("z/1").seq + 1, 7000));
    OK(ack("a/1", seq + 1));
    assert_next("a/1", seq + 2, 5000);
    OK(ack("a/1", seq + 2));
    if (committed) {
      commit();
      assert_next("a/1", seq + 3, 7000);
      assert_next("z/1", 1, 7000);
      OK(ack("z/1", 1));
      OK(ack("a/1", seq + 3));
    } else {
      st->ops->rollback(st);
    }
    assert_no_next();
    assert_int_equal(st->ops->outbox_room(st), room);
  }
}

/* What outbox_room promises can be put, whatever the sizes; then it is full, and acknowledging makes room again. */
static void test_room(void **state) {
  (void)state;
  uint64_t put_cnt[8] = { 0 }, total = 0;
  unsigned seed = 7;
  static const char *const auds[] = { "a/1", "a/2", "a/3", "a/4", "a/5", "a/6", "a/7", "a/8" };
  for (;;) {
    size_t room = st->ops->outbox_room(st);
    seed = seed * 1103515245u + 12345u;
    size_t len = (seed >> 8) % (total % 7 == 0 ? WEIR_JWS_MAX : 3000) + 20, i = (seed >> 4) % 8;
    begin();
    weir_status status = put(auds[i], put_cnt[i] + 1, len);
    if (status != WEIR_OK) {
      FAILS(WEIR_E_FULL, status);
      assert_true(len > room);
      st->ops->rollback(st);
      break;
    }
    commit();
    put_cnt[i]++;
    total++;
  }
  assert_true(total > 20);
  struct weir_stored_record r;
  for (uint64_t i = 0; i < total; i++) {
    OK(st->ops->outbox_next(st, &r, &err));
    OK(st->ops->outbox_ack(st, (weir_str){ r.aud.ptr, r.aud.len }, r.seq, &err));
  }
  assert_no_next();
  size_t empty = st->ops->outbox_room(st);
  assert_true(empty >= 2 * WEIR_JWS_MAX);
  begin();
  for (uint64_t i = 0; i < WEIR_GROUP_AUDS_MAX; i++) OK(put("a/1", put_cnt[0] + 1 + i, empty / WEIR_GROUP_AUDS_MAX));
  commit();
}

static const struct CMUnitTest tests[] = {
  TEST(test_timer_order), TEST(test_timer_content), TEST(test_timer_limit), TEST(test_chain_head),
       TEST(test_visible_after_commit),
  TEST(test_ack),         TEST(test_ack_inside),    TEST(test_room),        TEST_SMALL(test_room),
};

RUN_ON_ALL_STORES(tests)
