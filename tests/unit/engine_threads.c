/* engine_threads.c: one ruleset shared by engines in several threads, loaded and swapped meanwhile; keys and keysets shared,
 * too. Every thread gets, event for event, what a single one gets. Under `make test-tsan` nothing of it is a race. */
#include <pthread.h>
#include <stdatomic.h>

#include "engine_support.h"

#define THREADS 4
#ifdef WEIR_SANITIZED
#define EVENTS 300
#else
#define EVENTS 2000
#endif

static const char pack[] =
  "words.want = { '求', 'want' }\n"
  "funnel 'f' { stages = { 'asked', 'done' } }\n"
  "pool 'ids' { 'a', 'b', per_day = 100000 }\n"
  "rule 'ask' { on = 'comment', match = [[({want}).{0,12}(?:电子版|paper)]], except = { '不要' }, once = 'post', reply = { '有 {match}', 'x {person.name}' },\n"
  "  message = { '加 {pool.ids}', after = '1s..9s' }, tag = 'a', stage = 'f/asked', incr = 'points' }\n"
  "rule 'slow' { on = 'comment', match = [[(a+)+$]], reply = 'y' }\n"
  "rule 'added' { on = 'friend_request', run = function(e) e:accept() e:message('hi ' .. (e.person.name or '') .. math.random(1000)) end }\n"
  "rule 'spin' { on = 'join', run = function(e) while true do end end }\n";

struct shared {
  weir_ruleset *rules[2];
  weir_key *key;
  weir_keyset *keys;
  atomic_bool loading;
};

struct worker {
  const struct shared *shared;
  uint64_t said;  /* of all actions, and of all records */
  uint64_t good;  /* records that verify */
  unsigned wrong;
};

static void add(uint64_t *said, weir_str s) {
  for (size_t i = 0; i < s.len; i++) *said = (*said ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001B3);
}

static void take_records(struct worker *w, weir_engine *engine, weir_verifier *verifier) {
  weir_record record;
  weir_error err;
  while (weir_next_record(engine, &record, &err) == WEIR_OK) {
    char aud[64];
    weir_check check;
    weir_str claims;
    snprintf(aud, sizeof aud, "%.*s", (int)record.aud.len, record.aud.ptr);
    add(&w->said, record.jws);
    if (weir_verify_line(verifier, record.jws, &check, &claims, &err) || check != WEIR_CHECK_GOOD) w->wrong++;
    w->good++;
    if (weir_ack(engine, (weir_str){ aud, strlen(aud) }, record.seq, &err)) w->wrong++;
  }
}

static void *work(void *ctx) {
  static const char *const texts[] = { "求电子版", "哈哈哈", "I want the paper", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "Ｗａｎｔ ＰＡＰＥＲ" };
  struct worker *w = ctx;
  weir_config config = { .struct_size = sizeof config, .ruleset = w->shared->rules[0], .key = w->shared->key, .chain = S("threads") };
  weir_verify_config checks = { .struct_size = sizeof checks, .keys = w->shared->keys };
  weir_engine *engine = NULL;
  weir_verifier *verifier = NULL;
  weir_verdict v;
  weir_error err;
  char id[24], who[24];
  if (weir_engine_open(&engine, &config, &err) || weir_verifier_open(&verifier, &checks, &err)) w->wrong++;
  for (int i = 0; i < EVENTS && !w->wrong; i++) {
    int64_t now = INT64_C(1795309200000) + i * 400;
    const char *type = i % 50 == 7 ? "friend_request" : i % 301 == 3 ? "join" : "comment", *text = texts[i % 5];
    snprintf(id, sizeof id, "e%d", i);
    snprintf(who, sizeof who, "u%d", i % 97);
    weir_event e = { .struct_size = sizeof e, .id = { id, strlen(id) }, .channel = S("douyin"), .account = S("papers"), .type = { type, strlen(type) },
                     .time_ms = now, .contact_id = { who, strlen(who) }, .contact_name = S("Lin"), .text = { text, strlen(text) }, .post = S("v1") };
    if (weir_decide(engine, &e, now, &v, &err)) w->wrong++;
    for (size_t a = 0; a < v.action_cnt; a++) add(&w->said, v.actions[a].json);
    while (weir_tick(engine, now, &v, &err) == WEIR_OK) add(&w->said, v.cause);
    take_records(w, engine, verifier);
    if (i % 100 == 99 && weir_swap(engine, w->shared->rules[i / 100 % 2], &err)) w->wrong++;
  }
  weir_verifier_close(verifier);
  weir_engine_close(engine);
  return NULL;
}

/* Loads and throws away, while the others decide. */
static void *load(void *ctx) {
  struct shared *shared = ctx;
  while (atomic_load(&shared->loading)) {
    weir_error err;
    weir_ruleset *rules = NULL;
    if (weir_ruleset_load(&rules, "rules/test-papers", NULL, &err) != WEIR_OK) return &shared->rules;
    weir_ruleset_free(rules);
  }
  return NULL;
}

static void the_same_in_every_thread(void **state) {
  (void)state;
  struct shared shared = { { rules_of(pack), rules_of(pack) }, NULL, NULL, true };
  struct worker workers[THREADS], alone = { &shared, 0, 0, 0 };
  pthread_t threads[THREADS], loader;
  weir_error err;
  void *loaded;
  assert_int_equal(weir_key_parse(&shared.key, S(test_jwk), &err), WEIR_OK);
  assert_int_equal(weir_keyset_parse(&shared.keys, S(test_jwk), &err), WEIR_OK);
  (void)work(&alone);
  assert_int_equal(alone.wrong, 0);
  assert_true(alone.good > EVENTS / 20);
  assert_int_equal(pthread_create(&loader, NULL, load, &shared), 0);
  for (int i = 0; i < THREADS; i++) {
    workers[i] = (struct worker){ &shared, 0, 0, 0 };
    assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
  atomic_store(&shared.loading, false);
  assert_int_equal(pthread_join(loader, &loaded), 0);
  assert_null(loaded);
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(workers[i].wrong, 0);
    assert_true(workers[i].said == alone.said);
  }
  weir_keyset_free(shared.keys);
  weir_key_free(shared.key);
  for (int i = 0; i < 2; i++) weir_ruleset_free(shared.rules[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(the_same_in_every_thread) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
