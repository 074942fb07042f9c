/* Signed lines: RFC 8037 A.4 and A.5, Wycheproof and own Ed25519 vectors through the verifier's own function, base64url
 * framing, and headers that try something. */
#include <jansson.h>
#include <sodium.h>

#include "record/keyset.h"
#include "record_support.h"
#include "shared_data.h"

#define RFC_LINE_HEADER "eyJhbGciOiJFZERTQSJ9"
#define RFC_LINE_PAYLOAD "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
#define RFC_LINE_SIGNATURE "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
#define RFC_LINE RFC_LINE_HEADER "." RFC_LINE_PAYLOAD "." RFC_LINE_SIGNATURE

static void from_hex(const char *hex, unsigned char *out, size_t cap, size_t *len) {
  if (sodium_hex2bin(out, cap, hex, strlen(hex), NULL, len, NULL) != 0) fail_msg("no hex: %.40s", hex);
}

/* The verifier's function over raw bytes: a signature of any length goes in as base64url, as it would stand in a line. */
static weir_status verify_raw(const unsigned char x[32], weir_str message, const unsigned char *signature, size_t signature_len) {
  char text[1024];
  assert_true(signature_len < 700);
  struct weir_jws_parts parts = { .input = message, .signature = { text, weir_base64url(signature, signature_len, text) } };
  return weir_jws_verify(x, &parts, NULL);
}

/* ---- RFC 8037 */

static void rfc8037_signing(void **state) {
  (void)state;
  char room[256];
  struct weir_buf line;
  weir_key *key = rfc_key();
  weir_buf_init(&line, room, sizeof room);
  assert_int_equal(weir_jws_sign(key, WEIR_STR(RFC_LINE_HEADER), WEIR_STR("Example of Ed25519 signing"), &line, NULL), WEIR_OK);
  assert_true(weir_str_eq(weir_buf_view(&line), WEIR_STR(RFC_LINE)));
  weir_key_free(key);
}

static void rfc8037_verifying(void **state) {
  (void)state;
  struct weir_jws_parts parts;
  struct weir_jws_room room;
  struct weir_jws_header header;
  unsigned char payload[64];
  size_t len;
  weir_keyset *keys = keyset_of(WEIR_STR(RFC_PUBLIC));
  const struct weir_keyset_key *key = weir_keyset_find(keys, WEIR_STR(RFC_ID));
  assert_non_null(key);
  assert_int_equal(weir_jws_split(WEIR_STR(RFC_LINE), &parts, NULL), WEIR_OK);
  assert_int_equal(weir_jws_header_read(parts.header, &room, &header, NULL), WEIR_OK);
  assert_true(weir_str_eq(header.alg, WEIR_STR("EdDSA")));
  assert_null(header.kid.ptr);
  assert_null(header.typ.ptr);
  assert_int_equal(weir_jws_verify(key->x, &parts, NULL), WEIR_OK);
  assert_int_equal(weir_jws_decode(parts.payload, "payload", 0, payload, sizeof payload, &len, NULL), WEIR_OK);
  assert_true(weir_str_eq((weir_str){ (char *)payload, len }, WEIR_STR("Example of Ed25519 signing")));

  /* a good JWS of another kind is no record */
  weir_verifier *verifier = verifier_of(keys);
  expect_refused(verifier, WEIR_STR(RFC_LINE), "no \"typ\"");
  weir_verifier_close(verifier);
  weir_keyset_free(keys);
}

/* ---- Ed25519 */

static void wycheproof(void **state) {
  (void)state;
  char path[1024];
  size_t text_len, index, number, cnt = 0;
  json_t *group, *test;
  if (!shared_path(path, sizeof path, "corpora/special/wycheproof/ed25519_test.json")) skip();
  char *text = shared_read(path, &text_len);
  assert_non_null(text);
  json_t *root = json_loadb(text, text_len, 0, NULL);
  assert_non_null(root);
  json_array_foreach(json_object_get(root, "testGroups"), index, group) {
    unsigned char x[64], message[4096], signature[512];
    size_t x_len, message_len, signature_len;
    from_hex(json_string_value(json_object_get(json_object_get(group, "publicKey"), "pk")), x, sizeof x, &x_len);
    assert_int_equal(x_len, 32);
    json_array_foreach(json_object_get(group, "tests"), number, test) {
      from_hex(json_string_value(json_object_get(test, "msg")), message, sizeof message, &message_len);
      from_hex(json_string_value(json_object_get(test, "sig")), signature, sizeof signature, &signature_len);
      bool valid = strcmp(json_string_value(json_object_get(test, "result")), "valid") == 0;
      weir_status status = verify_raw(x, (weir_str){ (char *)message, message_len }, signature, signature_len);
      if ((status == WEIR_OK) != valid) {
        fail_msg("tcId %d: %s", (int)json_integer_value(json_object_get(test, "tcId")),
                 json_string_value(json_object_get(test, "comment")));
      }
      cnt++;
    }
  }
  assert_int_equal(cnt, json_integer_value(json_object_get(root, "numberOfTests")));
  json_decref(root);
  free(text);
}

/* RFC 8032 section 7.1 */
static const struct { const char *x, *message, *signature; } good_signatures[] = {
  { "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
  { "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
  { "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
};

/* The group's order L, little endian. */
static const unsigned char order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
                                         0x14,
                                         0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10 };

static void own_vectors(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof good_signatures / sizeof good_signatures[0]; i++) {
    unsigned char x[32], message[8], signature[80] = { 0 }, changed[80];
    size_t len, message_len;
    from_hex(good_signatures[i].x, x, sizeof x, &len);
    from_hex(good_signatures[i].message, message, sizeof message, &message_len);
    from_hex(good_signatures[i].signature, signature, 64, &len);
    weir_str text = { (char *)message, message_len };
    assert_int_equal(verify_raw(x, text, signature, 64), WEIR_OK);

    memcpy(changed, signature, sizeof changed); /* S + L: the same point, another spelling */
    sodium_add(changed + 32, order, 32);
    assert_int_equal(verify_raw(x, text, changed, 64), WEIR_E_TRUST);
    memcpy(changed, signature, sizeof changed); /* S = L */
    memcpy(changed + 32, order, 32);
    assert_int_equal(verify_raw(x, text, changed, 64), WEIR_E_TRUST);
    memset(changed, 0, sizeof changed); /* nothing at all */
    assert_int_equal(verify_raw(x, text, changed, 64), WEIR_E_TRUST);
    memset(changed, 0xff, sizeof changed);
    assert_int_equal(verify_raw(x, text, changed, 64), WEIR_E_TRUST);
    for (size_t bit = 0; bit < 512; bit++) {
      memcpy(changed, signature, sizeof changed);
      changed[bit / 8] ^= (unsigned char)(1u << bit % 8);
      assert_int_equal(verify_raw(x, text, changed, 64), WEIR_E_TRUST);
    }
    for (size_t cut = 0; cut < 80; cut++) {
      if (cut != 64) assert_int_equal(verify_raw(x, text, signature, cut), WEIR_E_FORMAT);
    }
    unsigned char other[9] = { 0 };
    memcpy(other, message, message_len);
    assert_int_equal(verify_raw(x, (weir_str){ (char *)other, message_len + 1 }, signature, 64), WEIR_E_TRUST);
  }
}

/* All points of order 1, 2, 4 and 8, and their spellings that are not canonical. With such a key a "signature" of R = key,
 * S = 0 holds for many messages. */
static const char *const small_order[] = {
  "0100000000000000000000000000000000000000000000000000000000000000", "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  "0100000000000000000000000000000000000000000000000000000000000080", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

static void small_order_keys(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof small_order / sizeof small_order[0]; i++) {
    unsigned char x[32], signature[64] = { 0 };
    char text[44] = { 0 }, json[128];
    size_t len;
    weir_keyset *keys;
    weir_error err;
    from_hex(small_order[i], x, sizeof x, &len);
    for (size_t j = 0; j < sizeof small_order / sizeof small_order[0]; j++) {
      from_hex(small_order[j], signature, 32, &len);
      for (char c = 'a'; c <= 'h'; c++) assert_int_equal(verify_raw(x, (weir_str){ &c, 1 }, signature, 64), WEIR_E_TRUST);
    }
    assert_int_equal(weir_base64url(x, sizeof x, text), 43);
    (void)snprintf(json, sizeof json, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}", text);
    assert_int_equal(weir_keyset_parse(&keys, weir_str_of(json), &err), WEIR_E_KEY);
    assert_non_null(strstr(err.message, "usable"));
    assert_null(keys);
  }
}

/* A good key, but R of small order: nobody signs so by accident. */
static void small_order_r(void **state) {
  (void)state;
  unsigned char x[32], signature[64] = { 0 };
  size_t len;
  from_hex(good_signatures[0].x, x, sizeof x, &len);
  for (size_t i = 0; i < sizeof small_order / sizeof small_order[0]; i++) {
    from_hex(small_order[i], signature, 32, &len);
    assert_int_equal(verify_raw(x, WEIR_STR("m"), signature, 64), WEIR_E_TRUST);
  }
}

/* ---- framing */

static void splitting(void **state) {
  static const struct { const char *line; weir_status status; const char *why; } cases[] = {
    { "a.b.c", WEIR_OK, "" },
    { "", WEIR_E_FORMAT, "empty" },
    { "abc", WEIR_E_FORMAT, "three parts" },
    { "a.b", WEIR_E_FORMAT, "three parts" },
    { "a.b.c.d", WEIR_E_FORMAT, "more than three" },
    { "a.b.c.", WEIR_E_FORMAT, "more than three" },
    { "a.b.c.d.e", WEIR_E_FORMAT, "more than three" }, /* an encrypted one (JWE) */
    { ".b.c", WEIR_E_FORMAT, "header" },
    { "a..c", WEIR_E_FORMAT, "payload" },
    { "a.b.", WEIR_E_FORMAT, "signature" },
    { "..", WEIR_E_FORMAT, "header" },
    { "{\"payload\":\"a\",\"signatures\":[]}", WEIR_E_FORMAT, "three parts" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct weir_jws_parts parts;
    weir_error err = { .message = "" };
    assert_int_equal(weir_jws_split(weir_str_of(cases[i].line), &parts, &err), cases[i].status);
    if (!strstr(err.message, cases[i].why)) fail_msg("%s: %s", cases[i].line, err.message);
  }
  struct weir_jws_parts parts;
  assert_int_equal(weir_jws_split((weir_str){ NULL, 0 }, &parts, NULL), WEIR_E_FORMAT);
  static char large[WEIR_JWS_MAX + 1];
  memset(large, 'A', sizeof large);
  large[1] = large[3] = '.';
  assert_int_equal(weir_jws_split((weir_str){ large, WEIR_JWS_MAX }, &parts, NULL), WEIR_OK);
  assert_int_equal(weir_jws_split((weir_str){ large, WEIR_JWS_MAX + 1 }, &parts, NULL), WEIR_E_LIMIT);
}

static void decoding_says_where(void **state) {
  static const struct { const char *text; weir_status status; const char *why; } cases[] = {
    { "AAAA", WEIR_OK, "" },          { "AA", WEIR_OK, "" },
    { "AAA=", WEIR_E_FORMAT, "byte 13" }, { "AA==", WEIR_E_FORMAT, "byte 12" },
    { "A AA", WEIR_E_FORMAT, "byte 11" }, { "AA+A", WEIR_E_FORMAT, "byte 12" },
    { "/AAA", WEIR_E_FORMAT, "byte 10" }, { "AAA\n", WEIR_E_FORMAT, "byte 13" },
    { "AB", WEIR_E_FORMAT, "unused bits" }, { "AAB", WEIR_E_FORMAT, "unused bits" },
    { "AAAAA", WEIR_E_FORMAT, "cut" },  { "A", WEIR_E_FORMAT, "cut" },
    { "AAAAAAAA", WEIR_OK, "" },      { "AAAAAAAAAA", WEIR_E_LIMIT, "more than 6" },
    { "AAAAAAAAAAAA", WEIR_E_LIMIT, "more than 6" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    unsigned char out[6];
    size_t len = 99;
    weir_error err = { .message = "" };
    weir_status status = weir_jws_decode(weir_str_of(cases[i].text), "thing", 10, out, sizeof out, &len, &err);
    if (status != cases[i].status || !strstr(err.message, cases[i].why)) fail_msg("%s: %d %s", cases[i].text, (int)status,
                                                                                  err.message);
    if (status != WEIR_OK) assert_int_equal(len, 0);
  }
}

/* ---- headers */

static weir_status read_header(const char *json, size_t len, struct weir_jws_room *room, struct weir_jws_header *out,
                               weir_error *err) {
  char text[16384];
  return weir_jws_header_read((weir_str){ text, weir_base64url((const unsigned char *)json, len, text) }, room, out, err);
}

static void good_headers(void **state) {
  static const char *const good[] = {
    RFC_HEADER,
    "{\"typ\":\"weir-record+jwt\",\"kid\":\"" RFC_ID "\",\"alg\":\"EdDSA\"}",
    " { \"alg\" : \"EdDSA\",\n\"kid\":\"" RFC_ID "\",\t\"typ\":\"weir-record+jwt\" } ",
    "{\"\\u0061lg\":\"Ed\\u0044SA\",\"kid\":\"" RFC_ID "\",\"typ\":\"weir-record+jwt\"}",
  };
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    struct weir_jws_room room;
    struct weir_jws_header header;
    assert_int_equal(read_header(good[i], strlen(good[i]), &room, &header, NULL), WEIR_OK);
    assert_true(weir_str_eq(header.alg, WEIR_STR("EdDSA")));
    assert_true(weir_str_eq(header.kid, WEIR_STR(RFC_ID)));
    assert_true(weir_str_eq(header.typ, WEIR_STR(WEIR_JWS_TYP)));
  }
}

static void bad_headers(void **state) {
  static const struct { const char *json; weir_status status; const char *why; } bad[] = {
    { "{", WEIR_E_FORMAT, "no JSON" },
    { "null", WEIR_E_FORMAT, "object" },
    { "[\"alg\"]", WEIR_E_FORMAT, "object" },
    { "\"alg\"", WEIR_E_FORMAT, "object" },
    { RFC_HEADER "x", WEIR_E_FORMAT, "no JSON" },
    { RFC_HEADER RFC_HEADER, WEIR_E_FORMAT, "no JSON" },
    { "{\"alg\":\"EdDSA\",\"alg\":\"none\"}", WEIR_E_FORMAT, "twice" },
    { "{\"alg\":\"EdDSA\",\"\\u0061lg\":\"EdDSA\"}", WEIR_E_FORMAT, "twice" },
    { "{\"alg\":null}", WEIR_E_FORMAT, "\"alg\"" },
    { "{\"alg\":[\"EdDSA\"]}", WEIR_E_FORMAT, "\"alg\"" },
    { "{\"alg\":\"EdDSA\",\"kid\":1}", WEIR_E_FORMAT, "\"kid\"" },
    { "{\"alg\":\"EdDSA\",\"typ\":{}}", WEIR_E_FORMAT, "\"typ\"" },
    { "{\"alg\":\"EdDSA\",\"crit\":[\"exp\"]}", WEIR_E_TRUST, "\"crit\"" },
    { "{\"alg\":\"EdDSA\",\"crit\":[]}", WEIR_E_TRUST, "\"crit\"" },
    { "{\"crit\":[\"b64\"],\"alg\":\"EdDSA\",\"kid\":\"a\",\"typ\":\"b\"}", WEIR_E_TRUST, "\"crit\"" },
    { "{\"alg\":\"EdDSA\",\"more\":1,\"kid\":\"a\",\"typ\":\"b\"}", WEIR_E_TRUST, "beside" },
    { "{\"kid\":7,\"alg\":\"EdDSA\"}", WEIR_E_FORMAT, "\"kid\"" },
    { "{\"alg\":\"EdDSA\",\"b64\":false}", WEIR_E_TRUST, "\"b64\"" },
    { "{\"alg\":\"EdDSA\",\"b64\":true}", WEIR_E_TRUST, "\"b64\"" },
    { "{\"alg\":\"EdDSA\",\"jku\":\"https://evil.example/k\"}", WEIR_E_TRUST, "\"jku\"" },
    { "{\"alg\":\"EdDSA\",\"jwk\":" RFC_PUBLIC "}", WEIR_E_TRUST, "\"jwk\"" },
    { "{\"alg\":\"EdDSA\",\"x5u\":\"https://evil.example/c\"}", WEIR_E_TRUST, "\"x5u\"" },
    { "{\"alg\":\"EdDSA\",\"x5c\":[\"AA\"]}", WEIR_E_TRUST, "\"x5c\"" },
    { "{\"alg\":\"EdDSA\",\"zip\":\"DEF\"}", WEIR_E_TRUST, "\"zip\"" },
    { "{\"alg\":\"EdDSA\",\"Alg\":\"EdDSA\"}", WEIR_E_TRUST, "beside" },
    { "{\"alg\":\"EdDSA\",\"\":\"\"}", WEIR_E_TRUST, "beside" },
    { "{\"alg\":\"EdDSA\",\"\\u001b[2Jevil\":1}", WEIR_E_TRUST, "beside" },
    { "{\"alg\":\"\xff\"}", WEIR_E_FORMAT, "no JSON" },
    { "{\"alg\":\"\\ud800\"}", WEIR_E_FORMAT, "no JSON" },
    { "\xef\xbb\xbf" RFC_HEADER, WEIR_E_FORMAT, "no JSON" },
    { "{\"alg\":[1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6]}", WEIR_E_LIMIT, "values" },
    { "{\"alg\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}", WEIR_E_LIMIT, "nesting" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct weir_jws_room room;
    struct weir_jws_header header;
    weir_error err;
    weir_status status = read_header(bad[i].json, strlen(bad[i].json), &room, &header, &err);
    if (status != bad[i].status || !strstr(err.message, bad[i].why)) fail_msg("%s: %d %s", bad[i].json, (int)status, err.message);
    if (strstr(err.message, "evil") || strchr(err.message, 27)) fail_msg("a stranger's text: %s", err.message);
  }
}

static void long_headers(void **state) {
  (void)state;
  char json[WEIR_JWS_HEADER_MAX + 1];
  struct weir_jws_room room;
  struct weir_jws_header header;
  memset(json, ' ', sizeof json);
  memcpy(json, RFC_HEADER, sizeof RFC_HEADER - 1);
  assert_int_equal(read_header(json, WEIR_JWS_HEADER_MAX, &room, &header, NULL), WEIR_OK);
  assert_int_equal(read_header(json, WEIR_JWS_HEADER_MAX + 1, &room, &header, NULL), WEIR_E_LIMIT);
}

/* ---- showing */

static void claims_for_showing(void **state) {
  (void)state;
  static const char text[] = "Example of Ed25519 signing";
  char out[64];
  size_t len;
  for (size_t cap = 0; cap <= sizeof out; cap++) {
    memset(out, '#', sizeof out);
    assert_int_equal(weir_record_claims(WEIR_STR(RFC_LINE), cap ? out : NULL, cap, &len, NULL), WEIR_OK);
    assert_int_equal(len, sizeof text - 1);
    size_t written = cap < len ? cap : len;
    assert_memory_equal(out, text, written);
    for (size_t i = written; i < sizeof out; i++) assert_int_equal(out[i], '#');
  }
  assert_int_equal(weir_record_claims(WEIR_STR("a.b"), out, sizeof out, &len, NULL), WEIR_E_FORMAT);
  assert_int_equal(weir_record_claims(WEIR_STR("a.bc=d.e"), out, sizeof out, &len, NULL), WEIR_E_FORMAT);
  assert_int_equal(len, 0);
  assert_int_equal(weir_record_claims(WEIR_STR(RFC_LINE), NULL, 1, &len, NULL), WEIR_E_ARG);
  assert_int_equal(weir_record_claims(WEIR_STR(RFC_LINE), out, 1, NULL, NULL), WEIR_E_ARG);
}

/* The header a key writes once has room, or is none. */
static void headers_that_do_not_fit(void **state) {
  (void)state;
  static char longest[WEIR_JWS_HEADER_MAX];
  char room[2 * WEIR_JWS_HEADER_MAX];
  memset(longest, 'k', sizeof longest);
  size_t len = weir_jws_header_write(WEIR_STR("EdDSA"), WEIR_STR(RFC_ID), room, sizeof room);
  assert_int_equal(len, (sizeof RFC_HEADER - 1 + 2) / 3 * 4 - (3 - (sizeof RFC_HEADER - 1) % 3) % 3);
  assert_int_equal(weir_jws_header_write(WEIR_STR("EdDSA"), WEIR_STR(RFC_ID), room, len), len);
  assert_int_equal(weir_jws_header_write(WEIR_STR("EdDSA"), WEIR_STR(RFC_ID), room, len - 1), 0);
  assert_int_equal(weir_jws_header_write(WEIR_STR("EdDSA"), (weir_str){ longest, sizeof longest }, room, sizeof room), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(rfc8037_signing),   cmocka_unit_test(rfc8037_verifying), cmocka_unit_test(wycheproof),
    cmocka_unit_test(own_vectors),       cmocka_unit_test(small_order_keys),  cmocka_unit_test(small_order_r),
    cmocka_unit_test(splitting),         cmocka_unit_test(decoding_says_where), cmocka_unit_test(good_headers),
    cmocka_unit_test(bad_headers),       cmocka_unit_test(long_headers),      cmocka_unit_test(claims_for_showing),
    cmocka_unit_test(headers_that_do_not_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
