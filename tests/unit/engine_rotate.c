/* Another key takes over in an engine: in the chains of all accounts and in the state, together or not at all; and a state knows
 * whose it is. */
#include "engine_support.h"

static const char rules[] = "rule 'a' { on = 'comment', keywords = { 'pdf' }, reply = 'here', tag = 'asked' }\n";

struct pair {
  struct rig r;
  weir_key *next;
  weir_verifier *v;
  weir_keyset *keys;
};

static void open_pair(struct pair *p, weir_config config) {
  char a[WEIR_JWK_BYTES], b[WEIR_JWK_BYTES], set[2 * WEIR_JWK_BYTES];
  rig_open(&p->r, rules, config);
  assert_int_equal(weir_key_generate(&p->next, NULL, NULL), WEIR_OK);
  assert_int_equal(weir_key_public_jwks(p->r.key, a, NULL), WEIR_OK);
  assert_int_equal(weir_key_public_jwks(p->next, b, NULL), WEIR_OK);
  snprintf(set, sizeof set, "%.*s,%s", (int)strlen(a) - 2, a, strchr(b, '[') + 1);
  assert_int_equal(weir_keyset_parse(&p->keys, (weir_str){ set, strlen(set) }, NULL), WEIR_OK);
  weir_verify_config check = { .struct_size = sizeof check, .keys = p->keys };
  assert_int_equal(weir_verifier_open(&p->v, &check, NULL), WEIR_OK);
}

static void close_pair(struct pair *p) {
  rig_close(&p->r);
  weir_verifier_close(p->v);
  weir_keyset_free(p->keys);
  weir_key_free(p->next);
}

/* Takes all records; each must be good. */
static unsigned take(struct pair *p) {
  weir_record record;
  weir_check check;
  weir_str claims;
  unsigned cnt = 0;
  while (weir_next_record(p->r.engine, &record, &p->r.err) == WEIR_OK) {
    char aud[80];
    weir_str name = { aud, record.aud.len };
    memcpy(aud, record.aud.ptr, record.aud.len);
    assert_int_equal(weir_verify_line(p->v, record.jws, &check, &claims, &p->r.err), WEIR_OK);
    if (check != WEIR_CHECK_GOOD) fail_msg("%s", p->r.err.message);
    assert_int_equal(weir_ack(p->r.engine, name, record.seq, &p->r.err), WEIR_OK);
    cnt++;
  }
  return cnt;
}

static void every_chain_says_so(void **state) {
  (void)state;
  struct pair p;
  open_pair(&p, (weir_config){ 0 });
  comment(&p.r, "c1", "u1", "pdf");
  comment(&p.r, "c2", "wx1", "pdf");
  uint64_t commits = weir_engine_commits(p.r.engine);
  assert_int_equal(weir_rotate(p.r.engine, p.next, p.r.now, &p.r.err), WEIR_OK);
  assert_int_equal(weir_engine_commits(p.r.engine), commits + 1);
  assert_int_equal(take(&p), 4);
  comment(&p.r, "c3", "u2", "pdf");
  comment(&p.r, "c4", "wx2", "pdf");
  assert_int_equal(take(&p), 2);
  assert_int_equal(weir_rotate(p.r.engine, p.next, p.r.now, &p.r.err), WEIR_NONE);
  assert_int_equal(take(&p), 0);
  assert_int_equal(weir_rotate(p.r.engine, p.r.key, p.r.now, &p.r.err), WEIR_OK); /* and back */
  comment(&p.r, "c5", "u3", "pdf");
  assert_int_equal(take(&p), 3);
  close_pair(&p);
}

static void not_at_any_time(void **state) {
  (void)state;
  struct pair p;
  open_pair(&p, (weir_config){ .batch = true });
  comment(&p.r, "c1", "u1", "pdf");
  assert_int_equal(weir_rotate(p.r.engine, p.next, p.r.now, &p.r.err), WEIR_E_SEQUENCE);
  assert_int_equal(weir_rotate(p.r.engine, NULL, p.r.now, &p.r.err), WEIR_E_ARG);
  assert_int_equal(weir_rotate(NULL, p.next, p.r.now, &p.r.err), WEIR_E_ARG);
  assert_int_equal(weir_commit(p.r.engine, &p.r.err), WEIR_OK);
  assert_int_equal(weir_rotate(p.r.engine, p.next, -1, &p.r.err), WEIR_E_ARG);
  assert_int_equal(weir_rotate(p.r.engine, p.next, p.r.now, &p.r.err), WEIR_OK);
  assert_int_equal(take(&p), 2);
  close_pair(&p);
  open_pair(&p, (weir_config){ .dry = true });
  assert_int_equal(weir_rotate(p.r.engine, p.next, p.r.now, &p.r.err), WEIR_E_KEY);
  close_pair(&p);
}

static void without_room_the_old_key_stays(void **state) {
  (void)state;
  struct pair p;
  weir_status st = WEIR_OK;
  char id[16], who[16];
  open_pair(&p, (weir_config){ .state_memory = 1 << 20 });
  for (int i = 0; st == WEIR_OK && i < 100000; i++) {
    snprintf(id, sizeof id, "c%d", i);
    snprintf(who, sizeof who, i % 2 ? "wx%d" : "u%d", i);
    weir_event e = event_of(&p.r, id, "comment", who, "pdf");
    st = weir_decide(p.r.engine, &e, p.r.now, &p.r.verdict, &p.r.err);
  }
  assert_int_equal(st, WEIR_E_FULL);
  do st = weir_rotate(p.r.engine, p.next, p.r.now, &p.r.err);
  while (st == WEIR_OK && (st = weir_rotate(p.r.engine, p.r.key, p.r.now, &p.r.err)) == WEIR_OK);
  assert_int_equal(st, WEIR_E_FULL);
  assert_true(take(&p) > 0); /* all of one piece */
  assert_true(weir_rotate(p.r.engine, p.r.key, p.r.now, &p.r.err) >= 0);
  comment(&p.r, "x1", "u0", "pdf again");
  take(&p);
  close_pair(&p);
}

static void a_state_knows_whose_it_is(void **state) {
  (void)state;
  struct pair p;
  char folder[] = "/tmp/weir-rotate-XXXXXX", path[64];
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/shop.db", folder);
  open_pair(&p, (weir_config){ .state = path });
  comment(&p.r, "c1", "u1", "pdf");
  assert_int_equal(weir_rotate(p.r.engine, p.next, p.r.now, &p.r.err), WEIR_OK);
  weir_engine_close(p.r.engine);
  weir_config config = { .struct_size = sizeof config, .ruleset = p.r.rules, .state = path, .key = p.r.key };
  assert_int_equal(weir_engine_open(&p.r.engine, &config, &p.r.err), WEIR_E_KEY);
  assert_non_null(strstr(p.r.err.message, "weir key rotate"));
  config.key = p.next;
  assert_int_equal(weir_engine_open(&p.r.engine, &config, &p.r.err), WEIR_OK);
  comment(&p.r, "c2", "u2", "pdf");
  assert_int_equal(take(&p), 3);

  /* the key is lost: another chain */
  comment(&p.r, "c3", "u3", "pdf");
  char chain[80];
  snprintf(chain, sizeof chain, "%.*s", (int)weir_engine_chain(p.r.engine).len, weir_engine_chain(p.r.engine).ptr);
  weir_engine_close(p.r.engine);
  config.key = p.r.key;
  config.new_chain = true;
  assert_int_equal(weir_engine_open(&p.r.engine, &config, &p.r.err), WEIR_OK);
  assert_int_not_equal(strlen(chain) == weir_engine_chain(p.r.engine).len && memcmp(chain, weir_engine_chain(p.r.engine).ptr, strlen(chain)) == 0, 1);
  assert_int_equal(take(&p), 0); /* what waited is closed */
  comment(&p.r, "c1", "u1", "pdf");
  assert_int_equal(p.r.verdict.result, WEIR_RESULT_REPEAT); /* people and events are known still */
  comment(&p.r, "c4", "u4", "pdf");
  assert_int_equal(take(&p), 1);
  weir_engine_close(p.r.engine);
  config.new_chain = false;
  assert_int_equal(weir_engine_open(&p.r.engine, &config, &p.r.err), WEIR_OK);
  assert_int_equal(take(&p), 0);
  close_pair(&p);
  static const char *const files[] = { "", "-wal", "-shm" };
  for (size_t i = 0; i < 3; i++) {
    char name[80];
    snprintf(name, sizeof name, "%s%s", path, files[i]);
    unlink(name);
  }
  rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_chain_says_so),
    cmocka_unit_test(not_at_any_time),
    cmocka_unit_test(without_room_the_old_key_stays),
    cmocka_unit_test(a_state_knows_whose_it_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
