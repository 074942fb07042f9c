/* record_support.h: what the tests of record/ share: a fixed key, honest records, and forged ones whose signature holds. */
#ifndef WEIR_TESTS_RECORD_SUPPORT_H
#define WEIR_TESTS_RECORD_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "limits.h"
#include "record/claims.h"
#include "record/jws.h"
#include "record/key.h"
#include "record/record.h"

/* RFC 8037 appendix A.1 to A.3 */
#define RFC_D "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define RFC_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define RFC_ID "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
#define RFC_PRIVATE "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"" RFC_D "\",\"x\":\"" RFC_X "\"}"
#define RFC_PUBLIC "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" RFC_X "\"}"
#define RFC_HEADER "{\"alg\":\"EdDSA\",\"kid\":\"" RFC_ID "\",\"typ\":\"weir-record+jwt\"}"

#define CHAIN "c4"
#define AUD "douyin/papers"
#define IAT INT64_C(1763773200)
#define RULESET "9f31c2d07ab8e46b5a0c1d2e3f405162738495a6b7c8d9eafb0c1d2e3f405162"
#define DECISION "{\"id\":\"m3k\",\"cause\":\"dy-7401\",\"contact\":\"u-81\"," \
                 "\"actions\":[{\"n\":1,\"kind\":\"reply\",\"rule\":\"test-papers/ask\",\"to\":\"dy-7401\",\"text\":\"有的，私信你了\"}]}"

struct line {
  char text[WEIR_JWS_MAX];
  size_t len;
  unsigned char hash[WEIR_SHA256_BYTES];
};

static inline weir_str line_str(const struct line *line) { return (weir_str){ line->text, line->len }; }

static inline weir_key *rfc_key(void) {
  weir_key *key;
  weir_error err;
  if (weir_key_parse(&key, WEIR_STR(RFC_PRIVATE), &err) != WEIR_OK) fail_msg("%s", err.message);
  return key;
}

static inline weir_keyset *keyset_of(weir_str json) {
  weir_keyset *keys;
  weir_error err;
  if (weir_keyset_parse(&keys, json, &err) != WEIR_OK) fail_msg("%s", err.message);
  return keys;
}

static inline weir_verifier *verifier_of(const weir_keyset *keys) {
  weir_verifier *verifier;
  weir_error err;
  weir_verify_config config = { .struct_size = sizeof config, .keys = keys };
  if (weir_verifier_open(&verifier, &config, &err) != WEIR_OK) fail_msg("%s", err.message);
  return verifier;
}

/* An honest record; `before` is the line with seq - 1, NULL for the first. */
static inline void sign_record(const weir_key *key, const char *chain, const char *aud, uint64_t seq, const struct line *before,
                               const char *decisions, struct line *out) {
  static char payload_room[WEIR_PAYLOAD_MAX];
  struct weir_buf payload, line;
  weir_error err;
  struct weir_record_head head = { .iss = WEIR_STR("urn:weir:gw-01"), .aud = weir_str_of(aud), .chain = weir_str_of(chain),
                                   .seq = seq,
                                   .iat_s = IAT + (int64_t)seq, .exp_s = IAT + (int64_t)seq + WEIR_RECORD_TTL_S,
                                   .ruleset = WEIR_STR(RULESET), .env = WEIR_STR("77ab") };
  if (before) {
    head.has_prev = true;
    memcpy(head.prev, before->hash, sizeof head.prev);
  }
  weir_buf_init(&payload, payload_room, sizeof payload_room);
  weir_buf_init(&line, out->text, sizeof out->text);
  weir_status status = weir_record_sign(key, &head, weir_str_of(decisions), &payload, &line, out->hash, &err);
  if (status != WEIR_OK) fail_msg("%s", err.message);
  out->len = line.len;
}

/* A line with any header and payload and a signature that holds. */
static inline void forge(const weir_key *key, weir_str header_json, weir_str payload, struct line *out) {
  char header[WEIR_JWS_MAX];
  struct weir_buf line;
  weir_error err;
  size_t len = weir_base64url((const unsigned char *)header_json.ptr, header_json.len, header);
  weir_buf_init(&line, out->text, sizeof out->text);
  if (weir_jws_sign(key, (weir_str){ header, len }, payload, &line, &err) != WEIR_OK) fail_msg("%s", err.message);
  out->len = line.len;
  weir_sha256(line_str(out), out->hash);
}

/* What became of one line; the error is left in *err. */
static inline weir_check check_line(weir_verifier *verifier, weir_str line, weir_error *err) {
  weir_check check;
  weir_str claims;
  assert_int_equal(weir_verify_line(verifier, line, &check, &claims, err), WEIR_OK);
  if (check == WEIR_CHECK_BAD) {
    assert_null(claims.ptr);
    assert_int_not_equal(err->status, WEIR_OK);
    assert_true(err->message[0] != '\0');
  } else {
    assert_non_null(claims.ptr);
    assert_true(claims.len > 0 && claims.ptr[0] == '{' && claims.ptr[claims.len - 1] == '}');
  }
  return check;
}

static inline void expect_line(weir_verifier *verifier, const struct line *line, weir_check expected) {
  weir_error err;
  weir_check check = check_line(verifier, line_str(line), &err);
  if (check != expected) fail_msg("got %d instead of %d: %s", (int)check, (int)expected, err.message);
}

/* BAD, and the message holds `why`. */
static inline void expect_refused(weir_verifier *verifier, weir_str line, const char *why) {
  weir_error err;
  weir_check check = check_line(verifier, line, &err);
  if (check != WEIR_CHECK_BAD) fail_msg("not found: %s (%d)", why, (int)check);
  if (!strstr(err.message, why)) fail_msg("expected \"%s\", got \"%s\"", why, err.message);
}

#endif
