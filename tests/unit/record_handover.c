/* A chain that goes on with another key: the old one says so in a record, and no other key is accepted before, the old one no more
 * behind it. */
#include "record_support.h"

static weir_key *other_key(void) {
  weir_key *key;
  weir_error err;
  assert_int_equal(weir_key_generate(&key, NULL, &err), WEIR_OK);
  return key;
}

struct bench {
  weir_key *a, *b;
  weir_keyset *both, *only_a;
  weir_verifier *v;
  struct line lines[8];
};

static void sign_any(const weir_key *key, uint64_t seq, const struct line *before, weir_str next_kid, bool tombstone, const char *decisions, struct line *out) {
  static char room[WEIR_PAYLOAD_MAX];
  struct weir_buf payload, line;
  weir_error err;
  struct weir_record_head head = { .iss = WEIR_STR("urn:weir"), .aud = WEIR_STR(AUD), .chain = WEIR_STR(CHAIN), .seq = seq, .iat_s = IAT + (int64_t)seq,
                                   .exp_s = IAT + 9999, .ruleset = WEIR_STR(RULESET), .env = WEIR_STR("77ab"), .next_kid = next_kid, .has_prev = before != NULL,
                                   .is_tombstone = tombstone };
  if (before) memcpy(head.prev, before->hash, sizeof head.prev);
  if (tombstone) memcpy(head.erased, out->hash, sizeof head.erased);
  weir_buf_init(&payload, room, sizeof room);
  weir_buf_init(&line, out->text, sizeof out->text);
  if (weir_record_sign(key, &head, weir_str_of(decisions), &payload, &line, out->hash, &err)) fail_msg("%s", err.message);
  assert_true(payload.len <= weir_record_head_bytes(&head) + strlen(decisions));
  out->len = line.len;
}

static void sign(const struct bench *t, const weir_key *key, int seq, const weir_key *next) {
  struct line *lines = (struct line *)t->lines;
  sign_any(key, (uint64_t)seq, seq > 1 ? &lines[seq - 1] : NULL, next ? weir_key_id(next) : (weir_str){ NULL, 0 }, false, next ? "" : DECISION, &lines[seq]);
}

static int setup(void **state) {
  static struct bench bench;
  struct bench *t = &bench;
  char a[WEIR_JWK_BYTES], b[WEIR_JWK_BYTES], set[2 * WEIR_JWK_BYTES];
  weir_error err;
  t->a = rfc_key();
  t->b = other_key();
  assert_int_equal(weir_key_public_jwks(t->a, a, &err), WEIR_OK);
  assert_int_equal(weir_key_public_jwks(t->b, b, &err), WEIR_OK);
  snprintf(set, sizeof set, "%.*s,%s", (int)strlen(a) - 2, a, strchr(b, '[') + 1);
  t->both = keyset_of(weir_str_of(set));
  t->only_a = keyset_of(weir_str_of(a));
  t->v = verifier_of(t->both);
  *state = t;
  return 0;
}

static int teardown(void **state) {
  struct bench *t = *state;
  weir_verifier_close(t->v);
  weir_keyset_free(t->both);
  weir_keyset_free(t->only_a);
  weir_key_free(t->a);
  weir_key_free(t->b);
  return 0;
}

/* 1 by a, 2 hands over to b, 3 and 4 by b */
static void make(struct bench *t) {
  sign(t, t->a, 1, NULL);
  sign(t, t->a, 2, t->b);
  sign(t, t->b, 3, NULL);
  sign(t, t->b, 4, NULL);
}

static void a_chain_that_is_handed_over_is_good(void **state) {
  struct bench *t = *state;
  make(t);
  for (int i = 1; i <= 4; i++) expect_line(t->v, &t->lines[i], WEIR_CHECK_GOOD);
  for (int i = 1; i <= 4; i++) expect_line(t->v, &t->lines[i], WEIR_CHECK_REDELIVERED);
}

static void back_again(void **state) {
  struct bench *t = *state;
  make(t);
  sign(t, t->b, 5, t->a);
  sign(t, t->a, 6, NULL);
  for (int i = 1; i <= 6; i++) expect_line(t->v, &t->lines[i], WEIR_CHECK_GOOD);
  sign(t, t->b, 7, NULL);
  expect_refused(t->v, line_str(&t->lines[7]), "signs no more");
}

static void another_trusted_key_needs_to_be_named(void **state) {
  struct bench *t = *state;
  sign(t, t->a, 1, NULL);
  sign(t, t->b, 2, NULL);
  expect_line(t->v, &t->lines[1], WEIR_CHECK_GOOD);
  expect_refused(t->v, line_str(&t->lines[2]), "no record of that key hands it over");
  sign(t, t->a, 2, NULL); /* the chain goes on as if nothing had been */
  expect_line(t->v, &t->lines[2], WEIR_CHECK_GOOD);
}

static void the_old_key_is_over(void **state) {
  struct bench *t = *state;
  make(t);
  for (int i = 1; i <= 2; i++) expect_line(t->v, &t->lines[i], WEIR_CHECK_GOOD);
  struct line forged;
  sign_any(t->a, 3, &t->lines[2], (weir_str){ NULL, 0 }, false, DECISION, &forged);
  expect_refused(t->v, line_str(&forged), "handed this chain over");
  expect_line(t->v, &t->lines[3], WEIR_CHECK_GOOD);
  sign_any(t->a, 6, &forged, (weir_str){ NULL, 0 }, false, DECISION, &forged); /* behind a gap, too */
  expect_refused(t->v, line_str(&forged), "handed this chain over");
}

static void a_change_in_a_gap(void **state) {
  struct bench *t = *state;
  make(t);
  expect_line(t->v, &t->lines[1], WEIR_CHECK_GOOD);
  expect_line(t->v, &t->lines[3], WEIR_CHECK_GAP);
  expect_line(t->v, &t->lines[4], WEIR_CHECK_GOOD);
}

static void with_the_old_set_it_says_what_is_missing(void **state) {
  struct bench *t = *state;
  weir_verifier *old = verifier_of(t->only_a);
  make(t);
  expect_line(old, &t->lines[1], WEIR_CHECK_GOOD);
  expect_line(old, &t->lines[2], WEIR_CHECK_GOOD);
  expect_refused(old, line_str(&t->lines[3]), "handed over, and which is not in the set");
  weir_verifier_close(old);
}

static void a_tombstone_of_the_new_key_in_the_time_of_the_old(void **state) {
  struct bench *t = *state;
  make(t);
  struct line original = t->lines[1], tomb = original;
  sign_any(t->b, 1, NULL, (weir_str){ NULL, 0 }, true, "", &tomb);
  expect_line(t->v, &tomb, WEIR_CHECK_GOOD);
  for (int i = 2; i <= 4; i++) expect_line(t->v, &t->lines[i], WEIR_CHECK_GOOD);
}

static void a_change_does_nothing_else(void **state) {
  struct bench *t = *state;
  struct line line = { .len = 0 };
  sign_any(t->a, 1, NULL, weir_key_id(t->b), false, DECISION, &line);
  expect_refused(t->v, line_str(&line), "may do nothing else");
  sign_any(t->a, 1, NULL, WEIR_STR("short"), false, "", &line);
  expect_refused(t->v, line_str(&line), "thumbprint");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(a_chain_that_is_handed_over_is_good, setup, teardown),
    cmocka_unit_test_setup_teardown(back_again, setup, teardown),
    cmocka_unit_test_setup_teardown(another_trusted_key_needs_to_be_named, setup, teardown),
    cmocka_unit_test_setup_teardown(the_old_key_is_over, setup, teardown),
    cmocka_unit_test_setup_teardown(a_change_in_a_gap, setup, teardown),
    cmocka_unit_test_setup_teardown(with_the_old_set_it_says_what_is_missing, setup, teardown),
    cmocka_unit_test_setup_teardown(a_tombstone_of_the_new_key_in_the_time_of_the_old, setup, teardown),
    cmocka_unit_test_setup_teardown(a_change_does_nothing_else, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
