/* Walks over all people, whether somebody wrote, and who is awaited: on every store. */
#include "state_help.h"

static struct cs cs;

static void set_round(const char *key, int64_t at, int64_t of, int64_t person) {
  struct weir_change *c = keyed(about(&cs, (struct weir_contact){ { NULL, 0 }, { NULL, 0 }, { NULL, 0 } }, T0), WEIR_CHANGE_ROUND, key, of);
  c->at_ms = at;
  c->number = person;
  apply(&cs);
}

static bool ask_round(const char *key, struct weir_round *out) {
  unsigned char id[WEIR_ID_BYTES];
  weir_str part = weir_str_of(key);
  weir_id_hash(WEIR_STR(""), &part, 1, id);
  weir_status status = st->ops->round(st, id, out, &err);
  assert_true(status == WEIR_OK || status == WEIR_NONE);
  return status == WEIR_OK;
}

static void test_rounds(void **state) {
  (void)state;
  struct weir_round r;
  assert_false(ask_round("a", &r));
  begin();
  set_round("a", T0 + 5, T0, 17);
  set_round("b", T0 + 9, 0, 0);
  commit();
  assert_true(ask_round("a", &r) && r.at_ms == T0 + 5 && r.of_ms == T0 && r.person == 17);
  begin();
  set_round("a", T0 + 100, 0, 0);
  assert_true(ask_round("a", &r) && r.at_ms == T0 + 100 && r.of_ms == 0 && r.person == 0);
  set_round("c", T0, 0, 0);
  st->ops->rollback(st);
  assert_true(ask_round("a", &r) && r.at_ms == T0 + 5 && r.of_ms == T0 && r.person == 17);
  assert_true(ask_round("b", &r) && r.at_ms == T0 + 9);
  assert_false(ask_round("c", &r));
  assert_int_equal(count_all().persons, 0);
}

/* Rounds of rules that are gone make room. */
static void test_many_rounds(void **state) {
  (void)state;
  struct weir_round r;
  char key[16];
  begin();
  for (int i = 0; i < 3 * WEIR_ROUNDS_MAX; i++) {
    snprintf(key, sizeof key, "k%d", i);
    set_round(key, T0 + i, 0, i);
  }
  commit();
  for (int i = 2 * WEIR_ROUNDS_MAX; i < 3 * WEIR_ROUNDS_MAX; i++) {
    snprintf(key, sizeof key, "k%d", i);
    assert_true(ask_round(key, &r) && r.person == i);
  }
}

static void see(const char *id, int64_t now) {
  seen_at(about(&cs, contact_of(id), now), now, "");
  change(&cs);
}

static struct weir_walked walk(int64_t after, int64_t cnt, int64_t before) {
  struct weir_walked w;
  weir_arena_fixed(&arena, arena_block, sizeof arena_block);
  OK(st->ops->walk(st, after, cnt, before, &arena, &w, &err));
  return w;
}

static void test_walk(void **state) {
  (void)state;
  char id[16];
  struct weir_walked w = walk(0, 10, INT64_MAX);
  assert_true(w.end && w.person == 0);
  for (int i = 1; i <= 20; i++) {
    snprintf(id, sizeof id, "u%d", i);
    see(id, T0 + (i % 4) * DAY);
  }
  OK(st->ops->forget(st, &(struct weir_contact){ WEIR_STR("douyin"), WEIR_STR("papers"), WEIR_STR("u5") }, NULL, &err));
  /* everybody, in order, without the one who is gone */
  int64_t at = 0;
  int met = 0;
  do {
    w = walk(at, 7, INT64_MAX);
    assert_true(w.upto > at);
    at = w.upto;
    if (!w.person) continue;
    met++;
    snprintf(id, sizeof id, "u%d", (int)w.person);
    assert_true(is(w.contact.id, id) && is(w.contact.channel, "douyin") && is(w.contact.account, "papers"));
    assert_true(w.person != 5);
  } while (!w.end);
  assert_int_equal(met, 19);
  assert_int_equal(at, 20);
  /* only those who were silent, and no further than asked */
  w = walk(0, 3, T0);
  assert_true(w.person == 0 && w.upto == 3 && !w.end);
  w = walk(3, 3, T0);
  assert_true(w.person == 4 && w.upto == 4 && !w.end);
  w = walk(16, 100, T0);
  assert_true(w.person == 20 && w.upto == 20 && w.end);
  w = walk(20, 100, T0);
  assert_true(w.person == 0 && w.end && w.upto == 20);
}

static struct weir_glance glance(const char *id) {
  struct weir_contact contact = contact_of(id);
  struct weir_glance g;
  OK(st->ops->glance(st, &contact, &g, &err));
  return g;
}

static struct weir_person loaded(const char *id) {
  struct weir_contact contact = contact_of(id);
  struct weir_person p;
  weir_arena_fixed(&arena, arena_block, sizeof arena_block);
  OK(st->ops->load(st, &contact, &arena, &p, &err));
  return p;
}

static void set_timer(const char *id, enum weir_timer_kind which, int64_t due, bool unless_reply) {
  static struct weir_timer t;
  t = (struct weir_timer){ .kind = which, .due_ms = due, .set_ms = T0 + 1, .unless_reply = unless_reply, .contact = contact_of(id), .rule = WEIR_STR("p/r"),
                           .origin = WEIR_STR("o"), .cause = WEIR_STR("c"), .occurrence = 1 };
  add(about(&cs, contact_of(id), T0), WEIR_CHANGE_TIMER)->timer = &t;
  change(&cs);
}

static void test_awaited(void **state) {
  (void)state;
  assert_int_equal(glance("u1").person, 0);
  see("u1", T0 + 5);
  assert_true(glance("u1").person == 1 && glance("u1").last_seen_ms == T0 && glance("u1").awaits_ms == 0);
  set_timer("u1", WEIR_TIMER_ACTION, T0 + HOUR, false);
  assert_int_equal(glance("u1").awaits_ms, 0);
  set_timer("u1", WEIR_TIMER_ACTION, T0 + 2 * HOUR, true);
  assert_int_equal(glance("u1").awaits_ms, T0 + 2 * HOUR);
  set_timer("u1", WEIR_TIMER_RULE, T0 + 3 * HOUR, false);
  set_timer("u1", WEIR_TIMER_RULE, T0 + HOUR, false);
  assert_int_equal(glance("u1").awaits_ms, T0 + 3 * HOUR); /* prolonged, never shortened */
  set_timer("stranger", WEIR_TIMER_RULE, T0 + HOUR, false); /* nobody is known: nobody is awaited */
  struct weir_timer t;
  weir_arena_fixed(&arena, arena_block, sizeof arena_block);
  OK(st->ops->timer(st, T0 + 2 * HOUR, &arena, &t, &err));
  assert_int_equal(t.set_ms, T0 + 1);
  assert_false(t.unless_reply);
}

static void test_said(void **state) {
  (void)state;
  see("u1", T0);
  see("u2", T0);
  set_timer("u2", WEIR_TIMER_RULE, T0 + DAY, false);
  add(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_SAID)->at_ms = T0 + 70;
  add(&cs, WEIR_CHANGE_SAID)->at_ms = T0 + 20;
  change(&cs);
  assert_int_equal(loaded("u1").said_ms, T0 + 70);
  begin();
  add(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_SAID)->at_ms = T0 + 90;
  apply(&cs);
  assert_int_equal(loaded("u1").said_ms, T0 + 90);
  st->ops->rollback(st);
  assert_int_equal(loaded("u1").said_ms, T0 + 70);
  add(about(&cs, contact_of("nobody"), T0), WEIR_CHANGE_SAID)->at_ms = T0; /* of nobody nothing is kept */
  change(&cs);
  assert_int_equal(loaded("nobody").id, 0);
  /* joined, the later of both counts */
  add(about(&cs, contact_of("u1"), T0), WEIR_CHANGE_JOIN)->number = (int64_t)loaded("u2").id;
  change(&cs);
  assert_int_equal(loaded("u2").said_ms, T0 + 70);
  assert_int_equal(loaded("u1").awaits_ms, T0 + DAY);
  /* who parts again takes both along */
  add(about(&cs, contact_of("u2"), T0), WEIR_CHANGE_PART)->at_ms = T0;
  change(&cs);
  assert_true(loaded("u2").id != loaded("u1").id);
  assert_true(loaded("u2").said_ms == T0 + 70 && loaded("u2").awaits_ms == T0 + DAY);
  assert_true(loaded("u1").said_ms == T0 + 70 && loaded("u1").awaits_ms == T0 + DAY);
}

static const struct CMUnitTest tests[] = { TEST(test_rounds), TEST(test_many_rounds), TEST(test_walk), TEST(test_awaited), TEST(test_said) };
RUN_ON_ALL_STORES(tests)
