/* Keys: RFC 8037's vectors, the private JWK's round trip, damaged JWKs, and what protects the secret in memory. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record_support.h"

/* ---- watching memory go back to the system */

static const unsigned char rfc_seed[32] = { 0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec,
                                            0x2c, 0xc4,
                                            0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60 };
static bool watching;
static unsigned returned, with_seed, with_secret;
static const unsigned char *watched; /* where the secret lay */

/* libsodium's sodium_free comes through here with its block, all of it readable, as the last step. */
__attribute__((visibility("default"))) int munmap(void *ptr, size_t len) {
  if (watching) {
    returned++;
    if (memmem(ptr, len, rfc_seed, sizeof rfc_seed)) with_seed++;
    if (watched >= (unsigned char *)ptr && watched < (unsigned char *)ptr + len) with_secret++;
  }
  return (int)syscall(SYS_munmap, ptr, len);
}

static int refuse_protection_at; /* 1: the next mprotect fails, 2: the one after it; 0: none */

__attribute__((visibility("default"))) int mprotect(void *ptr, size_t len, int access) {
  if (refuse_protection_at > 0 && --refuse_protection_at == 0) {
    errno = ENOMEM;
    return -1;
  }
  return (int)syscall(SYS_mprotect, ptr, len, access);
}

static void the_secret_is_wiped_when_the_key_is_freed(void **state) {
  (void)state;
  weir_key *key = rfc_key();
  watched = weir_key_show(key);
  assert_memory_equal(watched, rfc_seed, sizeof rfc_seed);
  assert_true(weir_key_hide(key));
  returned = with_seed = with_secret = 0;
  watching = true;
  weir_key_free(key);
  watching = false;
  assert_true(returned > 0);
  assert_int_equal(with_secret, 1);
  assert_int_equal(with_seed, 0);
}

static void nothing_secret_is_left_from_parsing(void **state) {
  /* the same JWK with "d" spelled with an escape, so that the reader must decode it somewhere */
  static const char json[] = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"\\u006eWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"x\":\"" RFC_X "\"}";
  (void)state;
  weir_key *key;
  watched = NULL;
  returned = with_seed = 0;
  watching = true;
  assert_int_equal(weir_key_parse(&key, WEIR_STR(json), NULL), WEIR_OK);
  watching = false;
  assert_true(returned > 0);
  assert_int_equal(with_seed, 0);
  const unsigned char *secret = weir_key_show(key);
  assert_memory_equal(secret, rfc_seed, 32);
  assert_true(sodium_is_zero(secret + WEIR_SECRET_KEY_BYTES, 32));
  assert_true(weir_key_hide(key));
  weir_key_free(key);
}

static void the_secret_cannot_be_read_between_uses(void **state) {
  (void)state;
  int status;
  weir_key *key = rfc_key();
  const unsigned char *secret = weir_key_show(key);
  assert_non_null(secret);
  assert_true(weir_key_hide(key));
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    (void)signal(SIGSEGV, SIG_DFL);
    volatile unsigned char seen = *(const volatile unsigned char *)secret;
    (void)seen;
    _exit(0);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status));
  assert_int_equal(WTERMSIG(status), SIGSEGV);
  weir_key_free(key);
}

static void the_secret_cannot_be_written_while_it_is_used(void **state) {
  (void)state;
  int status;
  weir_key *key = rfc_key();
  const unsigned char *secret = weir_key_show(key);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    (void)signal(SIGSEGV, SIG_DFL);
    *(volatile unsigned char *)(uintptr_t)secret = 0;
    _exit(0);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
  assert_true(weir_key_hide(key));
  weir_key_free(key);
}

/* The system may refuse to change what a page allows: nothing is signed or handed out then. */
static void what_if_memory_cannot_be_protected(void **state) {
  (void)state;
  char text[WEIR_JWK_BYTES], payload_room[1024], line_room[2048];
  unsigned char out[32], zero[32] = { 0 };
  struct weir_record_head head = { .iss = WEIR_STR("i"), .aud = WEIR_STR(AUD), .chain = WEIR_STR(CHAIN), .seq = 1, .iat_s = 1,
                                   .exp_s = 2,
                                   .ruleset = WEIR_STR("r"), .env = WEIR_STR("e") };
  struct weir_buf payload, line;
  weir_error err;
  weir_key *key = rfc_key();
  weir_buf_init(&payload, payload_room, sizeof payload_room);
  weir_buf_init(&line, line_room, sizeof line_room);
  for (int nth = 1; nth <= 2; nth++) { /* at taking the protection away, and at putting it back */
    refuse_protection_at = nth;
    assert_int_equal(weir_record_sign(key, &head, WEIR_STR("{\"id\":\"a\"}"), &payload, &line, out, &err), WEIR_E_KEY);
    assert_true(payload.len == 0 && line.len == 0);
    assert_int_equal(refuse_protection_at, 0);
    assert_int_equal(weir_record_sign(key, &head, WEIR_STR("{\"id\":\"a\"}"), &payload, &line, out, &err), WEIR_OK);
    refuse_protection_at = nth;
    assert_int_equal(weir_key_private_jwk(key, text, &err), WEIR_E_KEY);
    assert_null(strstr(text, RFC_D));
    refuse_protection_at = nth;
    assert_int_equal(weir_key_secret(key, WEIR_STR(CHAIN), WEIR_STR("code"), out, &err), WEIR_E_KEY);
    assert_memory_equal(out, zero, sizeof out);
    assert_int_equal(weir_key_secret(key, WEIR_STR(CHAIN), WEIR_STR("code"), out, &err), WEIR_OK);
  }
  weir_key_free(key);
}

static unsigned failed_parses(void) {
  unsigned failed = 0;
  watching = false; /* a test that failed may have left it on, and what cannot be protected may not be readable */
  for (int nth = 1; nth <= 12; nth++) {
    weir_key *key;
    refuse_protection_at = nth;
    weir_status status = weir_key_parse(&key, WEIR_STR(RFC_PRIVATE), NULL);
    refuse_protection_at = 0;
    if (status == WEIR_E_KEY) failed++;
    assert_true((status == WEIR_OK) == (key != NULL));
    weir_key_free(key);
  }
  return failed;
}

static void what_if_a_new_key_cannot_be_protected(void **state) {
  (void)state;
  assert_int_equal(failed_parses(), 1);
}

/* 0: the key works although nothing can be locked; 2: the system locks all the same */
static int use_without_locked_memory(void) {
  static char page[4096];
  struct rlimit none = { 0, 0 };
  weir_key *key;
  unsigned char out[32];
  if (setrlimit(RLIMIT_MEMLOCK, &none) != 0) return 2;
  if (geteuid() == 0 && setuid(65534) != 0) return 2;
  if (sodium_mlock(page, sizeof page) == 0) return 2;
  if (weir_key_parse(&key, WEIR_STR(RFC_PRIVATE), NULL) != WEIR_OK) return 3;
  if (weir_key_secret(key, WEIR_STR(CHAIN), WEIR_STR("code"), out, NULL) != WEIR_OK) return 4;
  weir_key_free(key);
  return 0;
}

static void keys_work_where_no_memory_can_be_locked(void **state) {
  (void)state;
  int status;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) _exit(use_without_locked_memory());
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  if (WEXITSTATUS(status) == 2) skip();
  assert_int_equal(WEXITSTATUS(status), 0);
}

struct signer {
  const weir_key *key;
  struct line *line;
  unsigned char hash[WEIR_SHA256_BYTES];
  bool same;
};

static void *sign_often(void *ctx) {
  struct signer *signer = ctx;
  char room[512], text[1024];
  signer->same = true;
  for (int i = 0; i < 500; i++) {
    struct weir_buf payload, line;
    unsigned char hash[WEIR_SHA256_BYTES];
    struct weir_record_head head = { .iss = WEIR_STR("i"), .aud = WEIR_STR(AUD), .chain = WEIR_STR(CHAIN), .seq = 1, .iat_s = 1,
                                     .exp_s = 2,
                                     .ruleset = WEIR_STR("r"), .env = WEIR_STR("e") };
    weir_buf_init(&payload, room, sizeof room);
    weir_buf_init(&line, text, sizeof text);
    weir_status status = weir_record_sign(signer->key, &head, WEIR_STR("{\"id\":\"a\"}"), &payload, &line, hash, NULL);
    if (status != WEIR_OK || (i > 0 && memcmp(hash, signer->hash, sizeof hash) != 0)) signer->same = false;
    memcpy(signer->hash, hash, sizeof hash);
  }
  return NULL;
}

static void threads_may_share_a_key(void **state) {
  (void)state;
  pthread_t threads[4];
  struct signer signers[4];
  weir_key *key = rfc_key();
  for (int i = 0; i < 4; i++) {
    signers[i] = (struct signer){ .key = key };
    assert_int_equal(pthread_create(&threads[i], NULL, sign_often, &signers[i]), 0);
  }
  for (int i = 0; i < 4; i++) {
    assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(signers[i].same);
    assert_memory_equal(signers[i].hash, signers[0].hash, WEIR_SHA256_BYTES);
  }
  weir_key_free(key);
}

/* ---- JWKs */

static void rfc8037_keys(void **state) {
  (void)state;
  char text[WEIR_JWK_BYTES];
  weir_key *key = rfc_key();
  assert_memory_equal(key->public_key,
                      "\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64\x07\x3a\x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf"
                                       "\x02\x1a\x68\xf7\x07\x51\x1a", 32);
  assert_true(weir_str_eq(weir_key_id(key), WEIR_STR(RFC_ID)));
  assert_int_equal(weir_key_public_jwks(key, text, NULL), WEIR_OK);
  assert_string_equal(text,
                      "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\",\"use\":\"sig\",\"kid\":\"" RFC_ID "\",\"x\":\"" RFC_X
                            "\"}]}");
  assert_int_equal(weir_key_private_jwk(key, text, NULL), WEIR_OK);
  assert_string_equal(text,
                      "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\",\"use\":\"sig\",\"kid\":\"" RFC_ID "\",\"x\":\"" RFC_X
                            "\",\"d\":\"" RFC_D "\"}");
  weir_key_free(key);
}

static void private_jwk_round_trip(void **state) {
  static const char *const algs[] = { NULL, "EdDSA", "Ed25519" };
  (void)state;
  char text[WEIR_JWK_BYTES], again[WEIR_JWK_BYTES];
  for (int i = 0; i < 60; i++) {
    const char *alg = algs[i % 3];
    weir_key *key, *copy;
    assert_int_equal(weir_key_generate(&key, alg, NULL), WEIR_OK);
    assert_int_equal(weir_key_private_jwk(key, text, NULL), WEIR_OK);
    assert_non_null(strstr(text, alg && strcmp(alg, "Ed25519") == 0 ? "\"alg\":\"Ed25519\"" : "\"alg\":\"EdDSA\""));
    assert_int_equal(weir_key_parse(&copy, weir_str_of(text), NULL), WEIR_OK);
    assert_true(weir_str_eq(weir_key_id(key), weir_key_id(copy)));
    assert_int_equal(weir_key_private_jwk(copy, again, NULL), WEIR_OK);
    assert_string_equal(text, again);
    assert_int_equal(weir_key_public_jwks(key, text, NULL), WEIR_OK);
    assert_null(strstr(text, "\"d\""));
    weir_key_free(key);
    weir_key_free(copy);
  }
}

static void generated_keys_differ(void **state) {
  (void)state;
  weir_key *a, *b;
  assert_int_equal(weir_key_generate(&a, NULL, NULL), WEIR_OK);
  assert_int_equal(weir_key_generate(&b, NULL, NULL), WEIR_OK);
  assert_false(weir_str_eq(weir_key_id(a), weir_key_id(b)));
  weir_key_free(a);
  weir_key_free(b);
}

#define OKP "\"kty\":\"OKP\",\"crv\":\"Ed25519\""
#define D ",\"d\":\"" RFC_D "\""
#define X ",\"x\":\"" RFC_X "\""

static void good_private_jwks(void **state) {
  static const char *const good[] = {
    "{" OKP D X "}",
    " {\n" OKP D X "}\n",
    "{" OKP D X ",\"alg\":\"EdDSA\"}",
    "{" OKP D X ",\"alg\":\"Ed25519\",\"use\":\"sig\",\"key_ops\":[\"sign\"],\"kid\":\"mine\"}",
    "{" OKP D X ",\"key_ops\":[\"verify\",\"sign\"],\"x5c\":[\"AA==\"],\"ext\":true,\"nested\":{\"a\":[1,2]}}",
  };
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    weir_key *key;
    weir_error err;
    if (weir_key_parse(&key, weir_str_of(good[i]), &err) != WEIR_OK) fail_msg("%s: %s", good[i], err.message);
    assert_true(weir_str_eq(weir_key_id(key), WEIR_STR(RFC_ID)));
    weir_key_free(key);
  }
}

static void bad_private_jwks(void **state) {
  static const struct { const char *json; weir_status status; const char *why; } bad[] = {
    { "", WEIR_E_KEY, "empty" },
    { "{", WEIR_E_FORMAT, "byte" },
    { "nonsense", WEIR_E_FORMAT, "byte" },
    { "[]", WEIR_E_KEY, "object" },
    { "\"" RFC_D "\"", WEIR_E_KEY, "object" },
    { "{}", WEIR_E_KEY, "kty" },
    { "{\"keys\":[]," OKP D X "}", WEIR_E_KEY, "both" },
    { "{\"kty\":1,\"crv\":\"Ed25519\"" D X "}", WEIR_E_KEY, "kty" },
    { "{\"kty\":\"okp\",\"crv\":\"Ed25519\"" D X "}", WEIR_E_KEY, "OKP" },
    { "{\"kty\":\"EC\",\"crv\":\"Ed25519\"" D X "}", WEIR_E_KEY, "OKP" },
    { "{\"kty\":\"oct\",\"k\":\"" RFC_D "\"}", WEIR_E_KEY, "OKP" },
    { "{\"kty\":\"OKP\"" D X "}", WEIR_E_KEY, "crv" },
    { "{\"kty\":\"OKP\",\"crv\":\"Ed448\"" D X "}", WEIR_E_KEY, "Ed25519" },
    { "{\"kty\":\"OKP\",\"crv\":\"X25519\"" D X "}", WEIR_E_KEY, "Ed25519" },
    { "{\"kty\":\"OKP\",\"crv\":null" D X "}", WEIR_E_KEY, "crv" },
    { "{" OKP X "}", WEIR_E_KEY, "public key" },
    { "{" OKP D "}", WEIR_E_KEY, "\"x\"" },
    { "{" OKP D ",\"x\":5}", WEIR_E_KEY, "\"x\"" },
    { "{" OKP X ",\"d\":5}", WEIR_E_KEY, "\"d\"" },
    { "{" OKP X ",\"d\":\"\"}", WEIR_E_KEY, "\"d\"" },
    { "{" OKP X ",\"d\":\"" RFC_D "=\"}", WEIR_E_KEY, "\"d\"" },
    { "{" OKP X ",\"d\":\"" RFC_D "A\"}", WEIR_E_KEY, "\"d\"" },
    { "{" OKP X ",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2\"}", WEIR_E_KEY, "\"d\"" },
    { "{" OKP X ",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2B\"}", WEIR_E_KEY, "\"d\"" }, /* unused bits set */
    { "{" OKP X ",\"d\":\"nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}", WEIR_E_KEY, "\"d\"" }, /* the other alphabet */
    { "{" OKP X ",\"d\":\"nWGxne_9WmC6hEr0 uwsxERJxWl7MmkZcDusAxyuf2A\"}", WEIR_E_KEY, "\"d\"" },
    { "{" OKP X ",\"d\":\"oWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}", WEIR_E_KEY, "not the public key" },
    { "{" OKP D ",\"x\":\"PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw\"}", WEIR_E_KEY, "not the public key" },
    { "{" OKP D ",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp\"}", WEIR_E_KEY, "\"x\"" },
    { "{" OKP D ",\"x\":\"" RFC_X "=\"}", WEIR_E_KEY, "\"x\"" },
    { "{" OKP D ",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}", WEIR_E_KEY, "usable" },
    { "{" OKP D X ",\"alg\":\"HS256\"}", WEIR_E_KEY, "alg" },
    { "{" OKP D X ",\"alg\":\"none\"}", WEIR_E_KEY, "alg" },
    { "{" OKP D X ",\"alg\":\"eddsa\"}", WEIR_E_KEY, "alg" },
    { "{" OKP D X ",\"alg\":[\"EdDSA\"]}", WEIR_E_KEY, "alg" },
    { "{" OKP D X ",\"use\":\"enc\"}", WEIR_E_KEY, "use" },
    { "{" OKP D X ",\"use\":1}", WEIR_E_KEY, "use" },
    { "{" OKP D X ",\"kid\":7}", WEIR_E_KEY, "kid" },
    { "{" OKP D X ",\"key_ops\":[\"deriveKey\"]}", WEIR_E_KEY, "key_ops" },
    { "{" OKP D X ",\"key_ops\":\"sign\"}", WEIR_E_KEY, "must be an array" },
    { "{" OKP D X ",\"key_ops\":[1]}", WEIR_E_KEY, "must hold strings" },
    { "{" OKP D D X "}", WEIR_E_KEY, "twice" },
    { "{" OKP D X X "}", WEIR_E_KEY, "twice" },
    { "{" OKP D X ",\"\\u0064\":\"" RFC_D "\"}", WEIR_E_KEY, "twice" },
    { "{" OKP D X ",\"other\":{\"a\":1,\"a\":1}}", WEIR_E_KEY, "twice" },
    { "{" OKP D X "} {}", WEIR_E_FORMAT, "byte" },
    { "{\"keys\":[{" OKP D X "}]}", WEIR_E_KEY, "kty" },
    { "\xef\xbb\xbf{" OKP D X "}", WEIR_E_FORMAT, "byte" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    weir_key *key = (weir_key *)&bad;
    weir_error err;
    weir_status status = weir_key_parse(&key, weir_str_of(bad[i].json), &err);
    if (status != bad[i].status || err.status != status || !strstr(err.message, bad[i].why)) {
      fail_msg("%s: %d, %s", bad[i].json, (int)status, err.message);
    }
    assert_null(key);
    assert_null(strstr(err.message, "nWGx")); /* no secret in a message */
    assert_int_equal(weir_key_parse(&key, weir_str_of(bad[i].json), NULL), bad[i].status);
  }
}

static void every_cut_of_a_jwk_is_refused(void **state) {
  (void)state;
  for (size_t len = 0; len < sizeof RFC_PRIVATE - 1; len++) {
    weir_key *key;
    assert_true(weir_key_parse(&key, (weir_str){ RFC_PRIVATE, len }, NULL) < 0);
    assert_null(key);
  }
}

static void too_long_a_jwk(void **state) {
  (void)state;
  static char text[WEIR_JWK_BYTES_MAX + 2];
  weir_key *key;
  weir_error err;
  memset(text, ' ', sizeof text);
  memcpy(text, RFC_PRIVATE, sizeof RFC_PRIVATE - 1);
  assert_int_equal(weir_key_parse(&key, (weir_str){ text, WEIR_JWK_BYTES_MAX }, &err), WEIR_OK);
  weir_key_free(key);
  assert_int_equal(weir_key_parse(&key, (weir_str){ text, WEIR_JWK_BYTES_MAX + 1 }, &err), WEIR_E_LIMIT);
  assert_null(key);
}

static void wrong_calls(void **state) {
  (void)state;
  char text[WEIR_JWK_BYTES] = "x";
  weir_key *key = (weir_key *)text;
  weir_error err;
  assert_int_equal(weir_key_generate(&key, "RS256", &err), WEIR_E_ARG);
  assert_null(key);
  assert_non_null(strstr(err.message, "RS256"));
  assert_int_equal(weir_key_generate(NULL, NULL, NULL), WEIR_E_ARG);
  assert_int_equal(weir_key_parse(NULL, WEIR_STR(RFC_PRIVATE), NULL), WEIR_E_ARG);
  assert_int_equal(weir_key_parse(&key, (weir_str){ NULL, 0 }, NULL), WEIR_E_KEY);
  char *nowhere = NULL;
  key = rfc_key();
  assert_int_equal(weir_key_private_jwk(key, nowhere, NULL), WEIR_E_ARG);
  assert_int_equal(weir_key_public_jwks(key, nowhere, NULL), WEIR_E_ARG);
  weir_key_free(key);
  assert_int_equal(weir_key_private_jwk(NULL, text, NULL), WEIR_E_ARG);
  assert_string_equal(text, "");
  assert_int_equal(weir_key_public_jwks(NULL, text, NULL), WEIR_E_ARG);
  assert_null(weir_key_id(NULL).ptr);
  weir_key_free(NULL);
}

/* ---- secrets and chains */

static void secrets_depend_on_everything(void **state) {
  (void)state;
  unsigned char out[6][32];
  weir_key *key = rfc_key(), *other;
  assert_int_equal(weir_key_generate(&other, NULL, NULL), WEIR_OK);
  assert_int_equal(weir_key_secret(key, WEIR_STR("c"), WEIR_STR("codes"), out[0], NULL), WEIR_OK);
  assert_int_equal(weir_key_secret(key, WEIR_STR("c"), WEIR_STR("codes"), out[1], NULL), WEIR_OK);
  assert_memory_equal(out[0], out[1], 32);
  assert_int_equal(weir_key_secret(key, WEIR_STR("d"), WEIR_STR("codes"), out[1], NULL), WEIR_OK);
  assert_int_equal(weir_key_secret(key, WEIR_STR("c"), WEIR_STR("jitter"), out[2], NULL), WEIR_OK);
  assert_int_equal(weir_key_secret(other, WEIR_STR("c"), WEIR_STR("codes"), out[3], NULL), WEIR_OK);
  assert_int_equal(weir_key_secret(key, WEIR_STR("cc"), WEIR_STR("odes"), out[4], NULL), WEIR_OK);
  assert_int_equal(weir_key_secret(key, WEIR_STR(""), WEIR_STR(""), out[5], NULL), WEIR_OK);
  for (int i = 0; i < 6; i++) {
    for (int j = 0; j < i; j++) assert_memory_not_equal(out[i], out[j], 32);
  }
  weir_key_free(key);
  weir_key_free(other);
}

static void new_chains_have_usable_names(void **state) {
  (void)state;
  char a[WEIR_ID_CHARS + 1], b[WEIR_ID_CHARS + 1];
  assert_int_equal(weir_chain_new(a, NULL), WEIR_OK);
  assert_int_equal(weir_chain_new(b, NULL), WEIR_OK);
  assert_int_equal(strlen(a), WEIR_ID_CHARS);
  assert_true(weir_name_ok(weir_str_of(a), WEIR_CHAIN_NAME_MAX));
  assert_string_not_equal(a, b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(rfc8037_keys),
    cmocka_unit_test(private_jwk_round_trip),
    cmocka_unit_test(generated_keys_differ),
    cmocka_unit_test(good_private_jwks),
    cmocka_unit_test(bad_private_jwks),
    cmocka_unit_test(every_cut_of_a_jwk_is_refused),
    cmocka_unit_test(too_long_a_jwk),
    cmocka_unit_test(wrong_calls),
    cmocka_unit_test(the_secret_is_wiped_when_the_key_is_freed),
    cmocka_unit_test(nothing_secret_is_left_from_parsing),
    cmocka_unit_test(the_secret_cannot_be_read_between_uses),
    cmocka_unit_test(the_secret_cannot_be_written_while_it_is_used),
    cmocka_unit_test(what_if_memory_cannot_be_protected),
    cmocka_unit_test(what_if_a_new_key_cannot_be_protected),
    cmocka_unit_test(keys_work_where_no_memory_can_be_locked),
    cmocka_unit_test(threads_may_share_a_key),
    cmocka_unit_test(secrets_depend_on_everything),
    cmocka_unit_test(new_chains_have_usable_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
