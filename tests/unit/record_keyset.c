/* Public keys: a JWK, a JWK Set, keys of other kinds, damaged ones, and which names a key may sign under. */
#include "record/keyset.h"
#include "record_support.h"

#define OKP "\"kty\":\"OKP\",\"crv\":\"Ed25519\""
#define X ",\"x\":\"" RFC_X "\""
#define X2 ",\"x\":\"PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw\"" /* RFC 8032 7.1, test 2 */
#define KEY "{" OKP X "}"
#define KEY2 "{" OKP X2 "}"
#define SET(keys) "{\"keys\":[" keys "]}"
#define RSA "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}"

static void good_sets(void **state) {
  static const struct { const char *json; size_t cnt; unsigned algs; } good[] = {
    { KEY, 1, WEIR_ALG_ANY },
    { SET(KEY), 1, WEIR_ALG_ANY },
    { "{\"keys\":[" KEY "],\"other\":1}", 1, WEIR_ALG_ANY },
    { SET(KEY "," KEY2), 2, WEIR_ALG_ANY },
    { SET("{" OKP X ",\"alg\":\"EdDSA\"}"), 1, WEIR_ALG_EDDSA },
    { SET("{" OKP X ",\"alg\":\"Ed25519\"}"), 1, WEIR_ALG_ED25519 },
    { SET("{" OKP X ",\"alg\":\"EdDSA\"},{" OKP X ",\"alg\":\"Ed25519\"}"), 1, WEIR_ALG_ANY },
    { SET("{" OKP X ",\"alg\":\"EdDSA\",\"use\":\"sig\",\"key_ops\":[\"verify\"],\"kid\":\"2026\"}"), 1, WEIR_ALG_EDDSA },
    { SET(RSA "," KEY), 1, WEIR_ALG_ANY },
    { SET("{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AA\",\"alg\":\"ECDH-ES\"}," KEY), 1, WEIR_ALG_ANY },
    { SET("{" OKP ",\"x\":\"not looked at\",\"use\":\"enc\"}," KEY), 1, WEIR_ALG_ANY },
    { RFC_PRIVATE, 1, WEIR_ALG_ANY },      /* the private part is passed over */
    { SET("{" OKP X ",\"d\":\"garbage\"}"), 1, WEIR_ALG_ANY },
    { SET(RFC_PRIVATE "," RFC_PRIVATE), 1, WEIR_ALG_ANY },
  };
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    weir_keyset *keys;
    weir_error err;
    if (weir_keyset_parse(&keys, weir_str_of(good[i].json), &err) != WEIR_OK) fail_msg("%s: %s", good[i].json, err.message);
    assert_int_equal(keys->cnt, good[i].cnt);
    const struct weir_keyset_key *key = weir_keyset_find(keys, WEIR_STR(RFC_ID));
    assert_non_null(key);
    assert_int_equal(key->algs, good[i].algs);
    assert_int_equal(weir_keyset_has_private(keys), strstr(good[i].json, "\"d\"") != NULL); /* a warning for who publishes it */
    weir_keyset_free(keys);
  }
}

static void bad_sets(void **state) {
  static const struct { const char *json; weir_status status; const char *why; } bad[] = {
    { "", WEIR_E_KEY, "empty" },
    { "[" KEY "]", WEIR_E_KEY, "object" },
    { "{}", WEIR_E_KEY, "kty" },
    { SET(""), WEIR_E_KEY, "no Ed25519 key" },
    { SET(RSA), WEIR_E_KEY, "no Ed25519 key" },
    { "{\"keys\":{}}", WEIR_E_KEY, "array" },
    { "{\"keys\":null}", WEIR_E_KEY, "array" },
    { "{\"keys\":[" KEY "]," OKP X "}", WEIR_E_KEY, "both" },
    { "{\"keys\":[" KEY "],\"keys\":[" KEY2 "]}", WEIR_E_KEY, "twice" },
    { SET("1"), WEIR_E_KEY, "key 1 of the set" },
    { SET(KEY ",null"), WEIR_E_KEY, "key 2 of the set" },
    { SET(KEY ",{}"), WEIR_E_KEY, "key 2 of the set" },
    { SET(KEY ",{" OKP "}"), WEIR_E_KEY, "key 2 of the set: \"x\"" },
    { SET(KEY ",{" OKP ",\"x\":\"AAAA\"}"), WEIR_E_KEY, "key 2 of the set: \"x\"" },
    { SET("{" OKP X ",\"alg\":\"HS256\"}"), WEIR_E_KEY, "alg" },
    { SET("{" OKP X X2 "}"), WEIR_E_KEY, "twice" },
    { SET("{" OKP X ",\"kid\":[]}"), WEIR_E_KEY, "kid" },
    { RSA, WEIR_E_KEY, "OKP" },
    { "{\"kty\":\"oct\",\"k\":\"AAAA\"}", WEIR_E_KEY, "OKP" },
    { SET(KEY) "]", WEIR_E_FORMAT, "byte" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    weir_keyset *keys = (weir_keyset *)&bad;
    weir_error err;
    weir_status status = weir_keyset_parse(&keys, weir_str_of(bad[i].json), &err);
    if (status != bad[i].status || err.status != status || !strstr(err.message, bad[i].why)) {
      fail_msg("%s: %d, %s", bad[i].json, (int)status, err.message);
    }
    assert_null(keys);
    assert_int_equal(weir_keyset_parse(&keys, weir_str_of(bad[i].json), NULL), bad[i].status); /* who does not ask why */
    assert_null(keys);
  }
  assert_int_equal(weir_keyset_parse(NULL, WEIR_STR(KEY), NULL), WEIR_E_ARG);
  assert_false(weir_keyset_has_private(NULL));
}

static void a_kid_cannot_rename_a_key(void **state) {
  (void)state;
  /* the second key claims the first one's id */
  weir_keyset *keys = keyset_of(WEIR_STR(SET("{" OKP X2 ",\"kid\":\"" RFC_ID "\"}")));
  assert_null(weir_keyset_find(keys, WEIR_STR(RFC_ID)));
  assert_null(weir_keyset_find(keys, WEIR_STR("")));
  assert_null(weir_keyset_find(keys, (weir_str){ NULL, 0 }));
  assert_null(weir_keyset_find(keys, (weir_str){ keys->keys[0].id, WEIR_SHA256_B64_CHARS - 1 }));
  assert_null(weir_keyset_find(keys, (weir_str){ keys->keys[0].id, WEIR_SHA256_B64_CHARS + 1 }));
  assert_ptr_equal(weir_keyset_find(keys, (weir_str){ keys->keys[0].id, WEIR_SHA256_B64_CHARS }), &keys->keys[0]);
  weir_keyset_free(keys);
}

/* `cnt` fresh keys in one set; the ids go to ids[]. */
static void make_set(char *out, size_t cap, size_t cnt, char ids[][WEIR_SHA256_B64_CHARS]) {
  struct weir_buf buf;
  weir_buf_init(&buf, out, cap);
  weir_buf_text(&buf, "{\"keys\":[");
  for (size_t i = 0; i < cnt; i++) {
    char jwks[WEIR_JWK_BYTES];
    weir_key *key;
    assert_int_equal(weir_key_generate(&key, NULL, NULL), WEIR_OK);
    assert_int_equal(weir_key_public_jwks(key, jwks, NULL), WEIR_OK);
    memcpy(ids[i], weir_key_id(key).ptr, WEIR_SHA256_B64_CHARS);
    weir_key_free(key);
    if (i > 0) weir_buf_byte(&buf, ',');
    weir_buf_add(&buf, jwks + 9, strlen(jwks) - 9 - 2); /* without {"keys":[ and ]} */
  }
  weir_buf_text(&buf, "]}");
  weir_buf_byte(&buf, '\0');
  assert_false(buf.full);
}

static void as_many_keys_as_allowed(void **state) {
  (void)state;
  static char json[32768];
  static char ids[WEIR_KEYS_MAX + 1][WEIR_SHA256_B64_CHARS];
  weir_keyset *keys;
  weir_error err;
  make_set(json, sizeof json, WEIR_KEYS_MAX, ids);
  keys = keyset_of(weir_str_of(json));
  assert_int_equal(keys->cnt, WEIR_KEYS_MAX);
  for (size_t i = 0; i < WEIR_KEYS_MAX; i++) assert_non_null(weir_keyset_find(keys, (weir_str){ ids[i], WEIR_SHA256_B64_CHARS }));
  weir_keyset_free(keys);
  make_set(json, sizeof json, WEIR_KEYS_MAX + 1, ids);
  assert_int_equal(weir_keyset_parse(&keys, weir_str_of(json), &err), WEIR_E_LIMIT);
  assert_null(keys);
}

static void too_long_a_set(void **state) {
  (void)state;
  static char text[WEIR_JWKS_BYTES_MAX + 1];
  weir_keyset *keys;
  memset(text, ' ', sizeof text);
  memcpy(text, KEY, sizeof KEY - 1);
  assert_int_equal(weir_keyset_parse(&keys, (weir_str){ text, sizeof text }, NULL), WEIR_E_LIMIT);
  assert_null(keys);
  assert_int_equal(weir_keyset_parse(&keys, (weir_str){ text, sizeof text - 1 }, NULL), WEIR_OK);
  weir_keyset_free(keys);
  weir_keyset_free(NULL);
  assert_int_equal(weir_keyset_parse(NULL, WEIR_STR(KEY), NULL), WEIR_E_ARG);
}

/* ---- a verifier pins alg to the key */

static void alg_is_pinned_by_the_key(void **state) {
  static const struct { const char *set_alg, *line_alg; bool good; } cases[] = {
    { "", "EdDSA", true },                        { "", "Ed25519", true },
    { ",\"alg\":\"EdDSA\"", "EdDSA", true },      { ",\"alg\":\"EdDSA\"", "Ed25519", false },
    { ",\"alg\":\"Ed25519\"", "Ed25519", true },  { ",\"alg\":\"Ed25519\"", "EdDSA", false },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    static struct line line;
    char text[512];
    weir_key *key;
    (void)snprintf(text, sizeof text, "{" OKP X ",\"d\":\"" RFC_D "\",\"alg\":\"%s\"}", cases[i].line_alg);
    assert_int_equal(weir_key_parse(&key, weir_str_of(text), NULL), WEIR_OK);
    sign_record(key, CHAIN, AUD, 1, NULL, DECISION, &line);
    weir_key_free(key);
    (void)snprintf(text, sizeof text, "{" OKP X "%s}", cases[i].set_alg);
    weir_keyset *keys = keyset_of(weir_str_of(text));
    weir_verifier *verifier = verifier_of(keys);
    if (cases[i].good) {
      expect_line(verifier, &line, WEIR_CHECK_GOOD);
    } else {
      expect_refused(verifier, line_str(&line), "may only sign as");
    }
    weir_verifier_close(verifier);
    weir_keyset_free(keys);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(good_sets),
    cmocka_unit_test(bad_sets),
    cmocka_unit_test(a_kid_cannot_rename_a_key),
    cmocka_unit_test(as_many_keys_as_allowed),
    cmocka_unit_test(too_long_a_set),
    cmocka_unit_test(alg_is_pinned_by_the_key),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
