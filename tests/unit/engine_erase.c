/* engine_erase.c: a person is erased: from the state, from the file it is in, and from records that wait; the chain stays whole. And all
 * that is known of somebody, as JSON. */
#include <jansson.h>

#include "people_support.h"

static const char rules[] =
  "pack { name = 'shop', version = '1' }\n"
  "funnel 'way' { stages = { 'asked', 'done' } }\n"
  "pool 'ids' { 'tutor_li' }\n"
  "rule 'ask' { on = { 'comment', 'message' }, any = true, once = 'day', message = 'Hello {person.name}, add {pool.ids}', tag = 'asked', set = { city = 'Lyon' },\n"
  "  stage = 'way/asked', incr = 'points', reply = { 'later', after = '1h' } }\n";

static weir_keyset *keys_of(const struct rig *r) {
  char jwks[WEIR_JWK_BYTES];
  weir_keyset *keys = NULL;
  weir_error err;
  assert_int_equal(weir_key_public_jwks(r->key, jwks, &err), WEIR_OK);
  assert_int_equal(weir_keyset_parse(&keys, (weir_str){ jwks, strlen(jwks) }, &err), WEIR_OK);
  return keys;
}

static weir_verifier *verifier_of(const struct rig *r, weir_keyset **keys) {
  weir_verifier *v = NULL;
  weir_error err;
  *keys = keys_of(r);
  weir_verify_config config = { .struct_size = sizeof config, .keys = *keys };
  assert_int_equal(weir_verifier_open(&v, &config, &err), WEIR_OK);
  return v;
}

static weir_check check(weir_verifier *v, weir_str line, char *claims, size_t cap) {
  weir_check result;
  weir_str said;
  weir_error err;
  assert_int_equal(weir_verify_line(v, line, &result, &said, &err), WEIR_OK);
  if (result == WEIR_CHECK_BAD) fail_msg("%s", err.message);
  snprintf(claims, cap, "%.*s", (int)said.len, said.ptr);
  return result;
}

/* Asks of somebody whose name is his id, uncommitted. */
static void asks(struct rig *r, const char *id, const char *who) {
  weir_event e = event_of(r, id, "comment", who, "pdf");
  e.contact_name = (weir_str){ who, strlen(who) };
  assert_int_equal(weir_decide(r->engine, &e, r->now, &r->verdict, &r->err), WEIR_OK);
}

static void open_batch(struct rig *r) {
  story_open(r, rules);
  weir_config config = story_config();
  weir_engine_close(r->engine);
  config.ruleset = r->rules;
  config.key = r->key;
  config.chain = S("test");
  config.batch = true;
  assert_int_equal(weir_engine_open(&r->engine, &config, &r->err), WEIR_OK);
}

/* Three records of one account: secret-anna stands in the first and the second, with others. */
static void fill(struct rig *r) {
  asks(r, "1", "secret-anna"), asks(r, "2", "bert");
  assert_int_equal(weir_commit(r->engine, &r->err), WEIR_OK);
  r->now += 2 * DAY;
  asks(r, "3", "secret-anna"), asks(r, "4", "carl");
  assert_int_equal(weir_commit(r->engine, &r->err), WEIR_OK);
  asks(r, "5", "dora");
  assert_int_equal(weir_commit(r->engine, &r->err), WEIR_OK);
}

static void the_chain_stays_whole(void **state) {
  (void)state;
  static char first[80000], claims[60000];
  struct rig r;
  weir_record record;
  weir_keyset *keys;
  weir_erasure erased = { .struct_size = sizeof erased };
  open_batch(&r);
  fill(&r);
  weir_verifier *v = verifier_of(&r, &keys);
  assert_int_equal(weir_next_record(r.engine, &record, &r.err), WEIR_OK); /* handed out, and not acknowledged */
  snprintf(first, sizeof first, "%.*s", (int)record.jws.len, record.jws.ptr);
  assert_int_equal(check(v, record.jws, claims, sizeof claims), WEIR_CHECK_GOOD);
  assert_non_null(strstr(claims, "secret-anna"));

  assert_int_equal(weir_erase(r.engine, S("douyin"), S("papers"), S("secret-anna"), &erased, &r.err), WEIR_OK);
  assert_true(erased.records == 2 && erased.decisions == 2);
  assert_int_equal(erased.elsewhere.len, strlen("douyin/papers 1-3"));
  assert_memory_equal(erased.elsewhere.ptr, "douyin/papers 1-3", erased.elsewhere.len);
  asks(&r, "6", "emil"); /* the chain goes on behind */
  assert_int_equal(weir_commit(r.engine, &r.err), WEIR_OK);
  for (int seq = 2; seq <= 4; seq++) { /* who has the first goes on with the tombstone of the second */
    assert_int_equal(weir_next_record(r.engine, &record, &r.err), WEIR_OK);
    assert_int_equal(record.seq, seq);
    assert_int_equal(check(v, record.jws, claims, sizeof claims), WEIR_CHECK_GOOD);
    assert_null(strstr(claims, "secret-anna"));
    assert_int_equal(strstr(claims, "\"erased\"") != NULL, seq == 2);
    if (seq == 2) assert_non_null(strstr(claims, "carl"));
  }
  weir_verifier_close(v);
  weir_keyset_free(keys);

  if (on_disk) { /* a new run hands all of them out again; the first is a tombstone now, and both count as the same */
    kill_and_start(&r);
    v = verifier_of(&r, &keys);
    for (int seq = 1; seq <= 4; seq++) {
      assert_int_equal(weir_next_record(r.engine, &record, &r.err), WEIR_OK);
      assert_int_equal(check(v, record.jws, claims, sizeof claims), WEIR_CHECK_GOOD);
      assert_null(strstr(claims, "secret-anna"));
      if (seq == 1) assert_int_equal(check(v, (weir_str){ first, strlen(first) }, claims, sizeof claims), WEIR_CHECK_REDELIVERED);
    }
    weir_verifier_close(v);
    weir_keyset_free(keys);
  }
  story_close(&r);
}

static void a_second_erasure_in_the_same_record(void **state) {
  (void)state;
  static char claims[60000];
  struct rig r;
  weir_record record;
  weir_keyset *keys;
  open_batch(&r);
  fill(&r);
  assert_int_equal(weir_forget(r.engine, S("douyin"), S("papers"), S("bert"), &r.err), WEIR_OK);
  assert_int_equal(weir_forget(r.engine, S("douyin"), S("papers"), S("secret-anna"), &r.err), WEIR_OK);
  assert_int_equal(weir_forget(r.engine, S("douyin"), S("papers"), S("secret-anna"), &r.err), WEIR_NONE);
  weir_verifier *v = verifier_of(&r, &keys);
  for (int seq = 1; seq <= 3; seq++) {
    assert_int_equal(weir_next_record(r.engine, &record, &r.err), WEIR_OK);
    assert_int_equal(check(v, record.jws, claims, sizeof claims), WEIR_CHECK_GOOD);
    if (seq == 1) assert_non_null(strstr(claims, "\"decisions\":[]"));
    assert_int_equal(weir_ack(r.engine, record.aud, record.seq, &r.err), WEIR_OK);
  }
  assert_int_equal(stats_of(&r).outbox, 0);
  weir_verifier_close(v);
  weir_keyset_free(keys);
  story_close(&r);
}

/* An ordinary record must not pass as the place of another. */
static void a_tombstone_must_name_what_it_replaces(void **state) {
  (void)state;
  static char one[80000], claims[60000];
  struct rig a, b;
  weir_record record;
  weir_keyset *keys;
  weir_error err;
  weir_check result;
  weir_str said;
  open_batch(&a);
  asks(&a, "1", "x"), asks(&a, "2", "y");
  assert_int_equal(weir_commit(a.engine, &a.err), WEIR_OK);
  assert_int_equal(weir_next_record(a.engine, &record, &a.err), WEIR_OK);
  snprintf(one, sizeof one, "%.*s", (int)record.jws.len, record.jws.ptr);
  story_close(&a);
  open_batch(&b); /* another history under the same chain */
  asks(&b, "1", "z"), asks(&b, "2", "q");
  assert_int_equal(weir_commit(b.engine, &b.err), WEIR_OK);
  assert_int_equal(weir_forget(b.engine, S("douyin"), S("papers"), S("z"), &b.err), WEIR_OK);
  assert_int_equal(weir_next_record(b.engine, &record, &b.err), WEIR_OK);
  weir_verifier *v = verifier_of(&b, &keys);
  assert_int_equal(check(v, (weir_str){ one, strlen(one) }, claims, sizeof claims), WEIR_CHECK_GOOD);
  assert_int_equal(weir_verify_line(v, record.jws, &result, &said, &err), WEIR_OK);
  assert_int_equal(result, WEIR_CHECK_BAD);
  weir_verifier_close(v);
  weir_keyset_free(keys);
  story_close(&b);
}

static void nothing_is_left_in_the_file(void **state) {
  (void)state;
  struct rig r;
  if (!on_disk) return;
  open_batch(&r);
  fill(&r);
  assert_int_equal(weir_forget(r.engine, S("douyin"), S("papers"), S("secret-anna"), &r.err), WEIR_OK);
  static const char *const suffixes[] = { "", "-wal" };
  for (int i = 0; i < 2; i++) {
    char name[96];
    static char bytes[4 << 20];
    snprintf(name, sizeof name, "%s%s", state_path, suffixes[i]);
    FILE *f = fopen(name, "rb");
    size_t len = f ? fread(bytes, 1, sizeof bytes, f) : 0;
    if (f) fclose(f);
    for (size_t k = 0; k + 11 <= len; k++) {
      if (memcmp(bytes + k, "secret-anna", 11) == 0) fail_msg("%s still names her at byte %zu", name, k);
    }
    if (i == 0) assert_true(len > 0);
  }
  story_close(&r);
}

static void all_that_is_known(void **state) {
  (void)state;
  static char out[1 << 20];
  struct rig r;
  size_t len;
  json_error_t why;
  open_batch(&r);
  fill(&r);
  assert_int_equal(weir_export(r.engine, S("douyin"), S("papers"), S("secret-anna"), out, sizeof out, &len, &r.err), WEIR_OK);
  json_t *j = json_loadb(out, len, 0, &why);
  if (!j) fail_msg("no JSON: %s\n%.*s", why.text, (int)len, out);
  assert_true(json_is_true(json_object_get(j, "known")));
  assert_string_equal(json_string_value(json_object_get(j, "name")), "secret-anna");
  assert_string_equal(json_string_value(json_object_get(json_object_get(j, "fields"), "city")), "Lyon");
  assert_string_equal(json_string_value(json_object_get(json_object_get(j, "fields"), "points")), "2");
  assert_string_equal(json_string_value(json_object_get(json_object_get(j, "given"), "shop/ids")), "tutor_li");
  assert_int_equal(json_array_size(json_object_get(j, "contacts")), 1);
  assert_int_equal(json_array_size(json_object_get(j, "stages")), 1);
  assert_int_equal(json_array_size(json_object_get(j, "tags")), 1);
  assert_int_equal(json_array_size(json_object_get(j, "waiting")), 2);
  assert_int_equal(json_array_size(json_object_get(j, "actions")), 4); /* two messages, two replies that wait */
  assert_true(json_array_size(json_object_get(j, "claims")) >= 1);
  json_decref(j);
  assert_int_equal(weir_export(r.engine, S("douyin"), S("papers"), S("nobody"), out, sizeof out, &len, &r.err), WEIR_NONE);
  assert_int_equal(weir_export(r.engine, S("douyin"), S("papers"), S("secret-anna"), out, 100, &len, &r.err), WEIR_E_LIMIT);
  assert_int_equal(weir_forget(r.engine, S("douyin"), S("papers"), S("secret-anna"), &r.err), WEIR_OK);
  assert_int_equal(weir_export(r.engine, S("douyin"), S("papers"), S("secret-anna"), out, sizeof out, &len, &r.err), WEIR_NONE);
  j = json_loadb(out, len, 0, &why);
  assert_non_null(j);
  assert_true(json_is_false(json_object_get(j, "known")));
  assert_int_equal(json_array_size(json_object_get(j, "actions")) + json_array_size(json_object_get(j, "waiting")), 0);
  json_decref(j);
  story_close(&r);
}

static const struct CMUnitTest tests[] = {
  STORY(the_chain_stays_whole),
  STORY(a_second_erasure_in_the_same_record),
  STORY(a_tombstone_must_name_what_it_replaces),
  STORY(nothing_is_left_in_the_file),
  STORY(all_that_is_known),
};
RUN_ON_BOTH(tests)
