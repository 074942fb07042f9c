/* A system that refuses: memory, locked pages, a lock, libsodium's own calls. Whichever call of an operation fails, the answer is an
 * error that says so, nothing is handed out, and the same operation works when it is made again. The linker leads the room's calls
 * here (--wrap, see the Makefile). */
#include "record_support.h"

#include <pthread.h>
#include <sodium.h>

static unsigned calls, fails_at;
static bool refused(void) { return ++calls == fails_at; }

#define WRAP(type, name, params, args, failed) \
  type __real_##name params; \
  type __wrap_##name params; \
  type __wrap_##name params { return refused() ? (failed) : __real_##name args; }

WRAP(void *, malloc, (size_t n), (n), NULL)
WRAP(void *, calloc, (size_t n, size_t size), (n, size), NULL)
WRAP(int, pthread_mutex_init, (pthread_mutex_t *lock, const pthread_mutexattr_t *attr), (lock, attr), 12)
WRAP(int, pthread_mutex_lock, (pthread_mutex_t *lock), (lock), 35)
WRAP(int, sodium_init, (void), (), -1)
WRAP(void *, sodium_malloc, (size_t n), (n), NULL)
WRAP(int, sodium_mprotect_noaccess, (void *p), (p), -1)
WRAP(int, sodium_mprotect_readonly, (void *p), (p), -1)
WRAP(int, crypto_sign_keypair, (unsigned char *pk, unsigned char *sk), (pk, sk), -1)
WRAP(int, crypto_sign_seed_keypair, (unsigned char *pk, unsigned char *sk, const unsigned char *seed), (pk, sk, seed), -1)
WRAP(int, crypto_sign_detached, (unsigned char *sig, unsigned long long *sig_len, const unsigned char *m, unsigned long long len, const unsigned char *sk),
     (sig, sig_len, m, len, sk), -1)

/* ---- operations: each asserts that nothing is handed out when it fails */

static weir_key *key;
static weir_keyset *keys;

static weir_status generate(weir_error *err) {
  weir_key *own = key;
  weir_status status = weir_key_generate(&own, NULL, err);
  assert_int_equal(own != NULL, status == WEIR_OK);
  weir_key_free(own);
  return status;
}

static weir_status parse(weir_error *err) {
  weir_key *own = key;
  weir_status status = weir_key_parse(&own, WEIR_STR(RFC_PRIVATE), err);
  assert_int_equal(own != NULL, status == WEIR_OK);
  weir_key_free(own);
  return status;
}

static weir_status show(weir_error *err) {
  char text[WEIR_JWK_BYTES] = "untouched";
  weir_status status = weir_key_private_jwk(key, text, err);
  assert_int_equal(strlen(text) > 0, status == WEIR_OK);
  for (size_t i = 0; status != WEIR_OK && i + 43 <= sizeof text; i++) assert_memory_not_equal(text + i, RFC_D, 43);
  return status;
}

static weir_status secret(weir_error *err) {
  static const unsigned char zeros[32];
  unsigned char out[32];
  weir_status status = weir_key_secret(key, WEIR_STR(CHAIN), WEIR_STR("codes"), out, err);
  assert_int_equal(memcmp(out, zeros, sizeof out) != 0, status == WEIR_OK);
  return status;
}

static weir_status sign(weir_error *err) {
  static char payload_room[WEIR_PAYLOAD_MAX], line_room[WEIR_JWS_MAX];
  struct weir_buf payload, line;
  unsigned char hash[WEIR_SHA256_BYTES];
  const struct weir_record_head head = { .iss = WEIR_STR("urn:weir:gw-01"), .aud = WEIR_STR(AUD), .chain = WEIR_STR(CHAIN), .seq = 1, .iat_s = IAT,
                                         .exp_s = IAT + 1, .ruleset = WEIR_STR(RULESET), .env = WEIR_STR("77ab") };
  weir_buf_init(&payload, payload_room, sizeof payload_room);
  weir_buf_init(&line, line_room, sizeof line_room);
  weir_status status = weir_record_sign(key, &head, WEIR_STR(DECISION), &payload, &line, hash, err);
  assert_int_equal(line.len > 0, status == WEIR_OK);
  assert_int_equal(payload.len > 0, status == WEIR_OK);
  return status;
}

static weir_status new_chain(weir_error *err) {
  char name[WEIR_ID_CHARS + 1];
  weir_status status = weir_chain_new(name, err);
  assert_int_equal(strlen(name), status == WEIR_OK ? WEIR_ID_CHARS : 0);
  return status;
}

static weir_status parse_set(weir_error *err) {
  weir_keyset *own = keys;
  weir_status status = weir_keyset_parse(&own, WEIR_STR(RFC_PUBLIC), err);
  assert_int_equal(own != NULL, status == WEIR_OK);
  weir_keyset_free(own);
  return status;
}

static weir_status open_verifier(weir_error *err) {
  weir_verifier *own = (weir_verifier *)&calls;
  const weir_verify_config config = { .struct_size = sizeof config, .keys = keys };
  weir_status status = weir_verifier_open(&own, &config, err);
  assert_int_equal(own != NULL, status == WEIR_OK);
  weir_verifier_close(own);
  return status;
}

static void every_call_refused(void **state) {
  (void)state;
  static const struct {
    const char *name;
    weir_status (*run)(weir_error *err);
    unsigned at_least; /* calls that can fail */
  } operations[] = {
    { "weir_key_generate", generate, 6 },     { "weir_key_parse", parse, 9 },  { "weir_key_private_jwk", show, 4 }, { "weir_key_secret", secret, 4 },
    { "weir_record_sign", sign, 5 },          { "weir_chain_new", new_chain, 1 }, { "weir_keyset_parse", parse_set, 4 },
    { "weir_verifier_open", open_verifier, 2 },
  };
  keys = keyset_of(WEIR_STR(RFC_PUBLIC));
  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
    weir_error err;
    key = rfc_key();
    calls = 0;
    assert_int_equal(operations[i].run(&err), WEIR_OK);
    unsigned cnt = calls;
    if (cnt < operations[i].at_least) fail_msg("%s: only %u calls were seen", operations[i].name, cnt);
    for (unsigned at = 1; at <= cnt; at++) {
      weir_key_free(key);
      key = rfc_key();
      calls = 0, fails_at = at;
      weir_status status = operations[i].run(&err);
      fails_at = 0;
      if (status != WEIR_E_NOMEM && status != WEIR_E_KEY && status != WEIR_E_INTERNAL)
        fail_msg("%s, call %u: %d, %s", operations[i].name, at, (int)status, err.message);
      assert_int_equal(err.status, status);
      assert_true(err.message[0] != '\0');
      if (operations[i].run(&err) != WEIR_OK) fail_msg("%s, after call %u failed: %s", operations[i].name, at, err.message);
    }
    weir_key_free(key);
  }
  weir_keyset_free(keys);
}

/* While another thread reads the secret it is neither shown nor hidden anew, so neither can fail. */
static void two_who_read_the_secret(void **state) {
  (void)state;
  key = rfc_key();
  const unsigned char *first = weir_key_show(key);
  assert_non_null(first);
  calls = 0, fails_at = 2; /* the protection; the lock comes first */
  assert_ptr_equal(weir_key_show(key), first);
  calls = 0;
  assert_true(weir_key_hide(key));
  fails_at = 0;
  assert_true(weir_key_hide(key));
  weir_key_free(key);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(every_call_refused), cmocka_unit_test(two_who_read_the_secret) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
