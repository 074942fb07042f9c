/* One line at a time: every small change of a good record is found, and so is everything a forger might try, even one
 * whose signature holds. Where a line stands among others is tested in record_log.c. */
#include <sodium.h>

#include "record_support.h"

struct bench {
  weir_key *key;
  weir_keyset *keys;
  weir_verifier *verifier;
  struct line line; /* a good first record */
};

static int setup(void **state) {
  struct bench *bench = calloc(1, sizeof *bench);
  if (!bench) return -1;
  bench->key = rfc_key();
  bench->keys = keyset_of(WEIR_STR(RFC_PUBLIC));
  bench->verifier = verifier_of(bench->keys);
  sign_record(bench->key, CHAIN, AUD, 1, NULL, DECISION, &bench->line);
  *state = bench;
  return 0;
}

static int teardown(void **state) {
  struct bench *bench = *state;
  weir_verifier_close(bench->verifier);
  weir_keyset_free(bench->keys);
  weir_key_free(bench->key);
  free(bench);
  return 0;
}

/* ---- changes of a good line */

static void expect_bad_at(const struct bench *bench, weir_str line, const char *what, size_t at) {
  weir_error err;
  if (check_line(bench->verifier, line, &err) != WEIR_CHECK_BAD) fail_msg("not found: %s at %zu", what, at);
}

static void every_changed_character(void **state) {
  struct bench *bench = *state;
  static const char replacements[] = { 'A', 'z', '5', '-', '_', '.', '=', '+', '/', ' ', '\n', '\t', '\0', '\x7f', '\x80',
                                       '\xff' };
  char text[2048];
  size_t len = bench->line.len, tried = 0;
  assert_true(len < sizeof text);
  memcpy(text, bench->line.text, len);
  for (size_t at = 0; at < len; at++) {
    char old = text[at];
    for (size_t i = 0; i < sizeof replacements + 8; i++) {
      unsigned flipped = (unsigned char)old ^ (1u << (i - sizeof replacements) % 8);
      text[at] = (char)flipped;
      if (i < sizeof replacements) text[at] = replacements[i];
      if (text[at] == old) continue;
      expect_bad_at(bench, (weir_str){ text, len }, "a changed character", at);
      tried++;
    }
    text[at] = old;
  }
  assert_true(tried > len * 20);
  expect_line(bench->verifier, &bench->line, WEIR_CHECK_GOOD); /* and no head has moved */
}

static void every_missing_added_or_swapped_character(void **state) {
  struct bench *bench = *state;
  char text[2048];
  size_t len = bench->line.len;
  const char *from = bench->line.text;
  for (size_t at = 0; at <= len; at++) {
    if (at < len) {
      memcpy(text, from, at);
      memcpy(text + at, from + at + 1, len - at - 1);
      expect_bad_at(bench, (weir_str){ text, len - 1 }, "a missing character", at);
    }
    for (const char *add = "A.= \n"; *add; add++) {
      memcpy(text, from, at);
      text[at] = *add;
      memcpy(text + at + 1, from + at, len - at);
      expect_bad_at(bench, (weir_str){ text, len + 1 }, "an added character", at);
    }
    if (at + 1 < len && from[at] != from[at + 1]) {
      memcpy(text, from, len);
      text[at] = from[at + 1];
      text[at + 1] = from[at];
      expect_bad_at(bench, (weir_str){ text, len }, "two swapped characters", at);
    }
  }
  expect_line(bench->verifier, &bench->line, WEIR_CHECK_GOOD);
}

static void every_truncation(void **state) {
  struct bench *bench = *state;
  for (size_t len = 0; len < bench->line.len; len++) {
    expect_bad_at(bench, (weir_str){ bench->line.text, len }, "a cut line", len);
    expect_bad_at(bench, (weir_str){ bench->line.text + bench->line.len - len, len }, "a line without its beginning", len);
  }
  expect_line(bench->verifier, &bench->line, WEIR_CHECK_GOOD);
}

/* Parts of two good lines in one. */
static void mixed_parts(void **state) {
  struct bench *bench = *state;
  static struct line other, mixed;
  struct weir_jws_parts a, b;
  struct weir_buf buf;
  weir_verifier *verifier = bench->verifier;
  sign_record(bench->key, CHAIN, "douyin/other", 1, NULL, DECISION, &other);
  assert_int_equal(weir_jws_split(line_str(&bench->line), &a, NULL), WEIR_OK);
  assert_int_equal(weir_jws_split(line_str(&other), &b, NULL), WEIR_OK);
  for (int mix = 1; mix < 7; mix++) {
    weir_buf_init(&buf, mixed.text, sizeof mixed.text);
    weir_buf_str(&buf, mix & 1 ? b.header : a.header);
    weir_buf_byte(&buf, '.');
    weir_buf_str(&buf, mix & 2 ? b.payload : a.payload);
    weir_buf_byte(&buf, '.');
    weir_buf_str(&buf, mix & 4 ? b.signature : a.signature);
    /* the header is the same in both: mixing only that is no mixing */
    bool same = ((mix & 2) != 0) == ((mix & 4) != 0);
    if (!same) expect_refused(verifier, weir_buf_view(&buf),
                              "signature does not hold: the line was altered or signed by another key");
  }
}

/* ---- forged headers: the signature holds over what stands there */

#define WITH(alg, kid, typ) "{\"alg\":" alg ",\"kid\":" kid ",\"typ\":" typ "}"
#define ALG "\"EdDSA\""
#define KID "\"" RFC_ID "\""
#define TYP "\"weir-record+jwt\""

static const struct { const char *header, *why; } forged_headers[] = {
  { WITH("\"none\"", KID, TYP), "neither EdDSA nor Ed25519" },
  { WITH("\"None\"", KID, TYP), "neither EdDSA nor Ed25519" },
  { WITH("\"NONE\"", KID, TYP), "neither EdDSA nor Ed25519" },
  { WITH("\"\"", KID, TYP), "neither EdDSA nor Ed25519" },
  { WITH("\"HS256\"", KID, TYP), "neither EdDSA nor Ed25519" },
  { WITH("\"ES256\"", KID, TYP), "neither EdDSA nor Ed25519" },
  { WITH("\"Ed448\"", KID, TYP), "neither EdDSA nor Ed25519" },
  { WITH("\"eddsa\"", KID, TYP), "neither EdDSA nor Ed25519" },
  { WITH("\"EdDSA \"", KID, TYP), "neither EdDSA nor Ed25519" },
  { WITH("\"EdDSA\\u0000\"", KID, TYP), "neither EdDSA nor Ed25519" },
  { WITH("null", KID, TYP), "\"alg\"" },
  { WITH("[\"EdDSA\"]", KID, TYP), "\"alg\"" },
  { "{\"kid\":" KID ",\"typ\":" TYP "}", "no \"alg\"" },
  { "{}", "no \"alg\"" },
  { "{\"alg\":\"none\"}", "neither EdDSA nor Ed25519" },
  { "{\"alg\":\"none\",\"alg\":" ALG ",\"kid\":" KID ",\"typ\":" TYP "}", "twice" },
  { "{\"alg\":" ALG ",\"alg\":\"none\",\"kid\":" KID ",\"typ\":" TYP "}", "twice" },
  { "{\"alg\":" ALG ",\"kid\":" KID ",\"kid\":" KID ",\"typ\":" TYP "}", "twice" },
  { "{\"alg\":" ALG ",\"typ\":" TYP "}", "no \"kid\"" },
  { WITH(ALG, "\"\"", TYP), "no key id" },
  { WITH(ALG, "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"", TYP), "not in the set" },
  { WITH(ALG, "\"kprK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k\"", TYP), "not in the set" },
  { WITH(ALG, "\"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4\"", TYP), "not in the set" },
  { WITH(ALG, "\"../../keys/key.json\"", TYP), "no key id" },
  { WITH(ALG, "\"x' or '1'='1\"", TYP), "no key id" },
  { WITH(ALG, "\"" RFC_ID "\\u0000\"", TYP), "no key id" },
  { WITH(ALG, "\"\\u001b[31m\"", TYP), "no key id" },
  { WITH(ALG, "\"密钥\"", TYP), "no key id" },
  { WITH(ALG, "\"https://evil.example/key\"", TYP), "no key id" },
  { WITH(ALG, "\"0123456789012345678901234567890123456789012345678901234567890123456789\"", TYP), "no key id" },
  { WITH(ALG, "[" KID "]", TYP), "\"kid\"" },
  { WITH(ALG, "0", TYP), "\"kid\"" },
  { "{\"alg\":" ALG ",\"kid\":" KID "}", "no \"typ\"" },
  { WITH(ALG, KID, "\"JWT\""), "\"typ\" is not" },
  { WITH(ALG, KID, "\"at+jwt\""), "\"typ\" is not" },
  { WITH(ALG, KID, "\"weir-record+JWT\""), "\"typ\" is not" },
  { WITH(ALG, KID, "\"application/weir-record+jwt\""), "\"typ\" is not" },
  { WITH(ALG, KID, "\"\""), "\"typ\" is not" },
  { WITH(ALG, KID, "null"), "\"typ\"" },
  { "{\"alg\":" ALG ",\"kid\":" KID ",\"typ\":" TYP ",\"crit\":[\"b64\"],\"b64\":false}", "\"crit\"" },
  { "{\"alg\":" ALG ",\"kid\":" KID ",\"typ\":" TYP ",\"crit\":[]}", "\"crit\"" },
  { "{\"alg\":" ALG ",\"kid\":" KID ",\"typ\":" TYP ",\"b64\":true}", "\"b64\"" },
  { "{\"alg\":" ALG ",\"kid\":" KID ",\"typ\":" TYP ",\"jku\":\"https://evil.example\"}", "\"jku\"" },
  { "{\"alg\":" ALG ",\"kid\":" KID ",\"typ\":" TYP ",\"jwk\":" RFC_PUBLIC "}", "\"jwk\"" },
  { "{\"alg\":" ALG ",\"kid\":" KID ",\"typ\":" TYP ",\"x5u\":\"https://evil.example\"}", "\"x5u\"" },
  { "{\"alg\":" ALG ",\"kid\":" KID ",\"typ\":" TYP ",\"x5c\":[]}", "\"x5c\"" },
  { "{\"alg\":" ALG ",\"kid\":" KID ",\"typ\":" TYP ",\"more\":1}", "beside" },
  { "[" ALG "," KID "," TYP "]", "object" },
  { "", "header (first part) is empty" },
};

static weir_str payload_of(const struct line *line, char *room, size_t cap) {
  size_t len;
  assert_int_equal(weir_record_claims(line_str(line), room, cap, &len, NULL), WEIR_OK);
  assert_true(len <= cap);
  return (weir_str){ room, len };
}

static void headers_that_try_something(void **state) {
  struct bench *bench = *state;
  static struct line line;
  char room[2048];
  weir_str payload = payload_of(&bench->line, room, sizeof room);
  for (size_t i = 0; i < sizeof forged_headers / sizeof forged_headers[0]; i++) {
    weir_error err;
    forge(bench->key, weir_str_of(forged_headers[i].header), payload, &line);
    weir_check check = check_line(bench->verifier, line_str(&line), &err);
    if (check != WEIR_CHECK_BAD || !strstr(err.message, forged_headers[i].why)) {
      fail_msg("%s: %d, %s", forged_headers[i].header, (int)check, err.message);
    }
    if (strstr(err.message, "evil") || strchr(err.message, 27)) fail_msg("a stranger's text: %s", err.message);
  }
  forge(bench->key, WEIR_STR(RFC_HEADER), payload, &line); /* the bench itself works */
  expect_line(bench->verifier, &line, WEIR_CHECK_GOOD);
}

/* The classic confusion: an HMAC made with what everybody knows of the public key, and "none" with an empty signature. */
static void symmetric_and_unsigned(void **state) {
  struct bench *bench = *state;
  static struct line line;
  char room[2048];
  weir_str payload = payload_of(&bench->line, room, sizeof room);
  static const weir_str secrets[] = { { RFC_X, 43 }, { RFC_PUBLIC, sizeof RFC_PUBLIC - 1 }, { RFC_ID, 43 }, { NULL, 0 } /* the key's own bytes */ };
  static const char *const headers[] = { WITH("\"HS256\"", KID, TYP), RFC_HEADER };
  forge(bench->key, WEIR_STR(WITH("\"HS256\"", KID, TYP)), payload, &line);
  line.len -= WEIR_SIGNATURE_CHARS;
  expect_refused(bench->verifier, line_str(&line), "empty");
  for (size_t i = 0; i < 2 * sizeof secrets / sizeof secrets[0]; i++) {
    weir_str secret = secrets[i / 2];
    crypto_auth_hmacsha256_state hmac;
    unsigned char tag[crypto_auth_hmacsha256_BYTES];
    forge(bench->key, weir_str_of(headers[i % 2]), payload, &line);
    line.len -= WEIR_SIGNATURE_CHARS;
    if (!secret.ptr) secret = (weir_str){ (const char *)bench->key->public_key, sizeof bench->key->public_key };
    crypto_auth_hmacsha256_init(&hmac, (const unsigned char *)secret.ptr, secret.len);
    crypto_auth_hmacsha256_update(&hmac, (const unsigned char *)line.text, line.len - 1); /* without its last point */
    crypto_auth_hmacsha256_final(&hmac, tag);
    line.len += weir_base64url(tag, sizeof tag, line.text + line.len);
    expect_refused(bench->verifier, line_str(&line), i % 2 ? "43 characters instead of 86" : "neither EdDSA nor Ed25519");
  }
}

/* The same signature in other bytes, which would make a second line of one record: S with the group's order added, and base64url whose
 * unused bits are set, with padding, in the other alphabet, with a line end. */
static void other_spellings_of_a_line(void **state) {
  static const unsigned char order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10 };
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  struct bench *bench = *state;
  struct line other = bench->line;
  char *signature = other.text + other.len - WEIR_SIGNATURE_CHARS, *last = other.text + other.len - 1;
  unsigned char bytes[WEIR_SIGNATURE_BYTES];
  size_t len;
  assert_int_equal(sodium_base642bin(bytes, sizeof bytes, signature, WEIR_SIGNATURE_CHARS, NULL, &len, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING), 0);
  sodium_add(bytes + 32, order, sizeof order);
  (void)weir_base64url(bytes, sizeof bytes, signature);
  expect_refused(bench->verifier, line_str(&other), "signature does not hold");
  other = bench->line;
  const char *digit = strchr(alphabet, *last);
  assert_non_null(digit);
  for (int i = 1; i < 16; i++) { /* 86 characters hold 516 bits: the last four say nothing */
    *last = alphabet[(digit - alphabet) ^ i];
    expect_refused(bench->verifier, line_str(&other), "");
  }
  other = bench->line;
  for (const char *end = "=\n\r ="; *end; end++) {
    other.text[other.len] = *end;
    other.text[other.len + 1] = '=';
    expect_refused(bench->verifier, (weir_str){ other.text, other.len + 1 }, "");
    expect_refused(bench->verifier, (weir_str){ other.text, other.len + 2 }, "");
  }
  size_t swapped = 0;
  for (char *c = other.text; c < other.text + other.len; c++) {
    if (*c == '-') *c = '+', swapped++;
    if (*c == '_') *c = '/', swapped++;
  }
  assert_true(swapped > 0);
  expect_refused(bench->verifier, line_str(&other), "");
  expect_line(bench->verifier, &bench->line, WEIR_CHECK_GOOD);
}

static void another_key(void **state) {
  struct bench *bench = *state;
  static struct line line;
  char room[2048];
  weir_key *other;
  assert_int_equal(weir_key_generate(&other, NULL, NULL), WEIR_OK);
  sign_record(other, CHAIN, AUD, 1, NULL, DECISION, &line);
  expect_refused(bench->verifier, line_str(&line), "signed by a key that is not in the set");
  forge(other, WEIR_STR(RFC_HEADER), payload_of(&bench->line, room, sizeof room), &line); /* and says it is ours */
  expect_refused(bench->verifier, line_str(&line), "the signature does not hold");
  weir_key_free(other);
}

/* ---- forged claims: signed by the right key, and still no record */

static const char *const claim_names[] = { "iss", "aud", "iat", "exp", "jti", "chain", "seq", "prev", "ruleset", "env",
                                           "decisions" };
#define CLAIM_CNT (sizeof claim_names / sizeof claim_names[0])
static const char *const second_record[CLAIM_CNT] = { /* as in a record with seq 2 */
  "\"urn:weir:gw-01\"", "\"" AUD "\"", "1763773200", "1763776800", NULL, "\"" CHAIN "\"", "2",
  "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"", "\"" RULESET "\"", "\"77ab\"", "[" DECISION "]",
};

/* A claim set in which `name` is `value`; NULL: left out. jti fits the chain, aud and seq given, unless it is the one. */
static weir_str claims_with(const char *name, const char *value, uint64_t seq, char *room, size_t cap) {
  struct weir_buf buf, jti;
  unsigned char id[WEIR_ID_BYTES];
  char jti_text[WEIR_JTI_CHARS];
  weir_buf_init(&buf, room, cap);
  weir_buf_init(&jti, jti_text, sizeof jti_text);
  weir_chain_id(WEIR_STR(CHAIN), WEIR_STR(AUD), id);
  weir_jti_write(&jti, id, seq);
  weir_json_open(&buf, '{');
  for (size_t i = 0; i < CLAIM_CNT; i++) {
    bool changed = strcmp(claim_names[i], name) == 0;
    if (changed && !value) continue;
    weir_json_key(&buf, weir_str_of(claim_names[i]));
    if (changed) {
      weir_buf_text(&buf, value);
    } else if (second_record[i]) {
      weir_buf_text(&buf, second_record[i]);
    } else {
      weir_buf_byte(&buf, '"');
      weir_buf_str(&buf, weir_buf_view(&jti));
      weir_buf_byte(&buf, '"');
    }
  }
  weir_json_close(&buf, '}');
  assert_false(buf.full);
  return weir_buf_view(&buf);
}

static const struct { const char *name, *value, *why; } bad_claims[] = {
  { "iss", NULL, "\"iss\" is missing" },     { "iss", "1", "must be a string" },         { "iss", "\"\"", "empty" },
  { "aud", NULL, "\"aud\" is missing" },     { "aud", "[\"" AUD "\"]", "must be a string" }, { "aud", "\"\"", "empty" },
  { "iat", NULL, "\"iat\" is missing" },     { "iat", "\"1763773200\"", "whole number" }, { "iat", "1763773200.0", "whole number" },
  { "iat", "1.7637732e9", "whole number" },  { "iat", "-1", "from 0" },                  { "iat", "9007199254740992", "from 0" },
  { "iat", "9223372036854775808", "whole number" }, { "iat", "null", "whole number" },   { "iat", "true", "whole number" },
  { "iat", "[1763773200]", "whole number" }, { "iat", "1763776800", "not after" },       { "iat", "0x10", "no JSON" },
  { "exp", NULL, "\"exp\" is missing" },     { "exp", "\"9\"", "whole number" },         { "exp", "1763776800.5", "whole number" },
  { "exp", "-5", "from 0" },                 { "exp", "9223372036854775808", "whole number" }, { "exp", "18446744073709551616", "whole number" },
  { "exp", "1763773199", "not after" },      { "exp", "null", "whole number" },          { "exp", "01", "no JSON" },
  { "jti", NULL, "\"jti\" is missing" },     { "jti", "7", "must be a string" },         { "jti", "\"c4-2\"", "does not belong" },
  { "jti", "\"\"", "empty" },
  { "chain", NULL, "\"chain\" is missing" }, { "chain", "\"c5\"", "does not belong" },   { "chain", "\"a b\"", "\"chain\" must be" },
  { "chain", "\"\\u0000\"", "\"chain\" must be" },
  { "chain", "\"01234567890123456789012345678901234567890123456789012345678901234\"", "\"chain\" must be" },
  { "seq", NULL, "\"seq\" is missing" },     { "seq", "\"2\"", "whole number" },         { "seq", "2.0", "whole number" },
  { "seq", "0", "counted from 1" },          { "seq", "-2", "from 0" },                  { "seq", "3", "does not belong" },
  { "seq", "9007199254740992", "from 0" },   { "seq", "1", "does not belong" },
  { "prev", NULL, "\"prev\" is missing" },   { "prev", "null", "must be a SHA-256" },    { "prev", "\"\"", "must be a SHA-256" },
  { "prev", "\"AAAA\"", "must be a SHA-256" },
  { "prev", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\"", "must be a SHA-256" },
  { "prev", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"", "must be a SHA-256" },
  { "env", "\"77ab\",\"erased\":7", "\"erased\" must be a SHA-256" },
  { "env", "\"77ab\",\"erased\":\"AAAA\"", "\"erased\" must be a SHA-256" },
  { "env", "\"77ab\",\"erased\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\"", "\"erased\" must be a SHA-256" },
  { "ruleset", NULL, "\"ruleset\" is missing" }, { "ruleset", "{}", "must be a string" },
  { "env", NULL, "\"env\" is missing" },     { "env", "false", "must be a string" },
  { "decisions", NULL, "\"decisions\" is missing" },     { "decisions", "{}", "must be an array" },  { "decisions", "null", "must be an array" },
  { "decisions", "[1]", "decision 1 must be an object" }, { "decisions", "[" DECISION ",null]", "decision 2 must be an object" },
  { "decisions", "[{}]", "decision 1 has no \"id\"" },    { "decisions", "[{\"id\":1}]", "decision 1 has no \"id\"" },
  { "decisions", "[" DECISION ",{\"id\":\"\"}]", "decision 2 has no \"id\"" },
  { "decisions", "[[" DECISION "]]", "decision 1 must be an object" },
  { "decisions", "[{\"id\":\"a\",\"id\":\"b\"}]", "twice" }, { "decisions", "[{\"id\":\"a\",\"x\":{\"y\":1,\"\\u0079\":1}}]", "twice" },
  { "decisions", "[{\"id\":\"\xff\"}]", "no JSON" },         { "decisions", "[{\"id\":\"\\ud83d\"}]", "no JSON" },
  { "decisions", "[{\"id\":\"a\",}]", "no JSON" },
  { "decisions", "[{\"id\":\"a\",\"x\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}]", "nesting" },
  { "env", "\"77ab\",\"aud\":\"" AUD "\"", "twice" },        { "env", "\"77ab\",\"\\u0061ud\":\"other\"", "twice" },
};

static void claims_that_are_no_record(void **state) {
  struct bench *bench = *state;
  static struct line line;
  char room[4096];
  for (size_t i = 0; i < sizeof bad_claims / sizeof bad_claims[0]; i++) {
    weir_error err;
    weir_str payload = claims_with(bad_claims[i].name, bad_claims[i].value, 2, room, sizeof room);
    forge(bench->key, WEIR_STR(RFC_HEADER), payload, &line);
    weir_check check = check_line(bench->verifier, line_str(&line), &err);
    if (check != WEIR_CHECK_BAD || !strstr(err.message, bad_claims[i].why)) {
      fail_msg("%s = %s: %d, %s", bad_claims[i].name, bad_claims[i].value ? bad_claims[i].value : "absent", (int)check,
               err.message);
    }
  }
  forge(bench->key, WEIR_STR(RFC_HEADER), claims_with("", NULL, 2, room, sizeof room),
        &line); /* nothing changed: good by itself */
  expect_line(bench->verifier, &line, WEIR_CHECK_GAP);
}

static void payloads_that_are_no_claim_set(void **state) {
  static const struct { const char *json, *why; } bad[] = {
    { "null", "must be a JSON object" }, { "[]", "must be a JSON object" }, { "\"text\"", "must be a JSON object" },
    { "1", "must be a JSON object" },    { "{}", "\"iss\" is missing" },    { " ", "no JSON" },
    { "{\"iss\":\"a\"", "no JSON" },     { "\xef\xbb\xbf{}", "no JSON" },  { "{} {}", "no JSON" },
    { "Example", "no JSON" },
  };
  struct bench *bench = *state;
  static struct line line;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    forge(bench->key, WEIR_STR(RFC_HEADER), weir_str_of(bad[i].json), &line);
    expect_refused(bench->verifier, line_str(&line), bad[i].why);
  }
}

static void prev_in_the_first_record(void **state) {
  struct bench *bench = *state;
  static struct line line;
  char room[2048];
  weir_str payload = claims_with("seq", "1", 1, room, sizeof room);
  forge(bench->key, WEIR_STR(RFC_HEADER), payload, &line);
  expect_refused(bench->verifier, line_str(&line), "must not have a \"prev\"");
}

static void unknown_claims_and_other_spellings_pass(void **state) {
  struct bench *bench = *state;
  static struct line line;
  char room[2048];
  forge(bench->key, WEIR_STR(RFC_HEADER), claims_with("env", "\"77ab\",\"later\":{\"a\":[null]}", 2, room, sizeof room), &line);
  expect_line(bench->verifier, &line, WEIR_CHECK_GAP);
}

/* Values too many, and a payload too long: signed as they are. */
static void limits_of_a_payload(void **state) {
  struct bench *bench = *state;
  static struct line line;
  static char value[WEIR_PAYLOAD_MAX], room[WEIR_PAYLOAD_MAX + 2048];
  struct weir_buf buf;
  for (size_t cnt = WEIR_RECORD_NODES_MAX - 60; cnt <= WEIR_RECORD_NODES_MAX; cnt += 60) {
    weir_buf_init(&buf, value, sizeof value);
    weir_buf_text(&buf, "[{\"id\":\"a\",\"x\":[0");
    for (size_t i = 1; i < cnt; i++) weir_buf_text(&buf, ",0");
    weir_buf_text(&buf, "]}]");
    weir_buf_byte(&buf, '\0');
    assert_false(buf.full);
    forge(bench->key, WEIR_STR(RFC_HEADER), claims_with("decisions", value, 2, room, sizeof room), &line);
    if (cnt < WEIR_RECORD_NODES_MAX) {
      expect_line(bench->verifier, &line, WEIR_CHECK_GAP);
    } else {
      expect_refused(bench->verifier, line_str(&line), "values");
    }
  }
  for (size_t extra = 0; extra < 2; extra++) {
    weir_str payload = claims_with("seq", "5", 5, room, sizeof room);
    memset(room + payload.len - 1, ' ', WEIR_PAYLOAD_MAX + extra - payload.len);
    payload.len = WEIR_PAYLOAD_MAX + extra;
    room[payload.len - 1] = '}';
    forge(bench->key, WEIR_STR(RFC_HEADER), payload, &line);
    if (extra) {
      expect_refused(bench->verifier, line_str(&line), "payload has more than 49152 bytes");
    } else {
      expect_line(bench->verifier, &line, WEIR_CHECK_GAP);
    }
  }
}

/* The longest record that can be made is also one that can be checked; its texts are all escapes. */
static void the_longest_record(void **state) {
  struct bench *bench = *state;
  static struct line line;
  static char decisions[WEIR_PAYLOAD_MAX];
  struct weir_buf buf;
  weir_buf_init(&buf, decisions, sizeof decisions);
  weir_buf_text(&buf, "{\"id\":\"a\"");
  for (int i = 0; buf.len < WEIR_PAYLOAD_MAX - 600; i++) weir_buf_printf(&buf, ",\"\\u0061%d\":\"\\n\\u6c42\"", i);
  weir_buf_text(&buf, "}");
  weir_buf_byte(&buf, '\0');
  assert_false(buf.full);
  sign_record(bench->key, CHAIN, AUD, 1, NULL, decisions, &line);
  expect_line(bench->verifier, &line, WEIR_CHECK_GOOD);
}

/* ---- what the host asks for */

static weir_check check_with(const struct bench *bench, const char *issuer, const char *aud, int64_t now_ms, weir_error *err) {
  weir_verifier *verifier;
  weir_verify_config config = { .struct_size = sizeof config, .keys = bench->keys, .issuer = weir_str_of(issuer),
                                .aud = weir_str_of(aud),
                                .now_ms = now_ms };
  assert_int_equal(weir_verifier_open(&verifier, &config, err), WEIR_OK);
  weir_check check = check_line(verifier, line_str(&bench->line), err);
  weir_verifier_close(verifier);
  return check;
}

static void issuer_audience_and_time(void **state) {
  const struct bench *bench = *state; /* iat is IAT + 1, exp 3600 s later */
  static const struct { const char *issuer, *aud; int64_t now_ms; const char *why; } cases[] = {
    { NULL, NULL, 0, NULL },
    { "urn:weir:gw-01", AUD, (IAT + 1) * 1000, NULL },
    { "urn:weir:gw-02", NULL, 0, "issued by \"urn:weir:gw-01\", expected \"urn:weir:gw-02\"" },
    { "urn:weir:gw-0", NULL, 0, "issued by" },
    { NULL, "douyin/other", 0, "is for \"douyin/papers\", expected \"douyin/other\"" },
    { NULL, "douyin/paper", 0, "is for" },
    { NULL, NULL, (IAT + 1 + 3600) * 1000 - 1, NULL },
    { NULL, NULL, (IAT + 1 + 3600) * 1000, "expired" },
    { NULL, NULL, INT64_MAX, "expired" },
    { NULL, NULL, (IAT + 1 - 60) * 1000, NULL },
    { NULL, NULL, (IAT + 1 - 61) * 1000, "future" },
    { NULL, NULL, 1, "future" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    weir_error err;
    weir_check check = check_with(bench, cases[i].issuer, cases[i].aud, cases[i].now_ms, &err);
    if ((check == WEIR_CHECK_GOOD) != (cases[i].why == NULL)) fail_msg("case %zu: %d", i, (int)check);
    if (cases[i].why && !strstr(err.message, cases[i].why)) fail_msg("case %zu: %s", i, err.message);
  }
}

static void the_config_is_copied(void **state) {
  const struct bench *bench = *state;
  char issuer[] = "urn:weir:gw-01", aud[] = AUD;
  weir_verifier *verifier;
  weir_verify_config config = { .struct_size = sizeof config, .keys = bench->keys, .issuer = weir_str_of(issuer),
                                .aud = weir_str_of(aud) };
  assert_int_equal(weir_verifier_open(&verifier, &config, NULL), WEIR_OK);
  memset(issuer, 'x', sizeof issuer);
  memset(aud, 'x', sizeof aud);
  memset(&config, 0, sizeof config);
  expect_line(verifier, &bench->line, WEIR_CHECK_GOOD);
  weir_verifier_close(verifier);
}

static void wrong_calls(void **state) {
  const struct bench *bench = *state;
  weir_verifier *verifier = bench->verifier;
  weir_verify_config config = { .struct_size = sizeof config, .keys = bench->keys };
  weir_check check;
  weir_str claims;
  weir_error err;
  assert_int_equal(weir_verifier_open(NULL, &config, NULL), WEIR_E_ARG);
  assert_int_equal(weir_verifier_open(&verifier, NULL, NULL), WEIR_E_ARG);
  assert_null(verifier);
  config.struct_size++;
  assert_int_equal(weir_verifier_open(&verifier, &config, &err), WEIR_E_ARG);
  config = (weir_verify_config){ .struct_size = sizeof config };
  assert_int_equal(weir_verifier_open(&verifier, &config, &err), WEIR_E_ARG);
  config = (weir_verify_config){ .struct_size = sizeof config, .keys = bench->keys, .now_ms = -1 };
  assert_int_equal(weir_verifier_open(&verifier, &config, &err), WEIR_E_ARG);
  config = (weir_verify_config){ .struct_size = sizeof config, .keys = bench->keys, .issuer = { "x", WEIR_PAYLOAD_MAX + 1 } };
  assert_int_equal(weir_verifier_open(&verifier, &config, &err), WEIR_E_LIMIT);
  config = (weir_verify_config){ .struct_size = sizeof config, .keys = bench->keys, .aud = { "x", WEIR_PAYLOAD_MAX + 1 } };
  assert_int_equal(weir_verifier_open(&verifier, &config, &err), WEIR_E_LIMIT);
  assert_null(verifier);
  assert_int_equal(weir_verify_line(NULL, line_str(&bench->line), &check, &claims, &err), WEIR_E_ARG);
  assert_int_equal(check, WEIR_CHECK_BAD);
  assert_null(claims.ptr);
  assert_int_equal(weir_verify_line(bench->verifier, line_str(&bench->line), NULL, &claims, NULL), WEIR_E_ARG);
  assert_int_equal(weir_verify_line(bench->verifier, (weir_str){ NULL, 0 }, &check, NULL, NULL), WEIR_OK);
  assert_int_equal(check, WEIR_CHECK_BAD);
  assert_int_equal(weir_verify_line(bench->verifier, line_str(&bench->line), &check, NULL, NULL), WEIR_OK);
  assert_int_equal(check, WEIR_CHECK_GOOD);
  weir_verifier_close(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(every_changed_character),
    TEST(every_missing_added_or_swapped_character),
    TEST(every_truncation),
    TEST(other_spellings_of_a_line),
    TEST(mixed_parts),
    TEST(headers_that_try_something),
    TEST(symmetric_and_unsigned),
    TEST(another_key),
    TEST(claims_that_are_no_record),
    TEST(payloads_that_are_no_claim_set),
    TEST(prev_in_the_first_record),
    TEST(unknown_claims_and_other_spellings_pass),
    TEST(limits_of_a_payload),
    TEST(the_longest_record),
    TEST(issuer_audience_and_time),
    TEST(the_config_is_copied),
    TEST(wrong_calls),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
