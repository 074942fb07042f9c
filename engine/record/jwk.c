/* jwk.c: reading JSON Web Keys, private and public, strictly.
 *
 * Owns the question what a JWK means; key.c and keyset.c decide what to do with it. It never copies a private part:
 * that stays in the caller's text, or, where the text spells it with escapes, in guarded memory that is wiped.
 * A key is refused rather than repaired: a key file that is odd was made by something that should not be trusted. */
#include "record/jwk.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/buf.h"
#include "limits.h"

#define X_CHARS 43 /* 32 bytes in base64url */

unsigned weir_alg_of(weir_str name) {
  if (weir_str_eq(name, WEIR_STR("EdDSA"))) return WEIR_ALG_EDDSA;
  if (weir_str_eq(name, WEIR_STR("Ed25519"))) return WEIR_ALG_ED25519;
  return 0;
}

weir_str weir_alg_name(unsigned alg) { return alg == WEIR_ALG_ED25519 ? WEIR_STR("Ed25519") : WEIR_STR("EdDSA"); }

enum weir_member weir_member_str(const struct weir_json *nodes, uint32_t object, const char *key, weir_str *out) {
  *out = (weir_str){ NULL, 0 };
  uint32_t at = weir_json_get(nodes, object, weir_str_of(key));
  if (at == 0) return WEIR_MEMBER_ABSENT;
  if (at == UINT32_MAX || nodes[at].kind != WEIR_JSON_STRING) return WEIR_MEMBER_OTHER;
  *out = nodes[at].str;
  return WEIR_MEMBER_STRING;
}

/* ---- the text */

weir_status weir_jwk_text_read(struct weir_jwk_text *text, weir_str json, size_t max, weir_error *err) {
  weir_status status;
  struct weir_arena arena;
  size_t node_cnt;
  *text = (struct weir_jwk_text){ NULL, NULL };
  if (!json.ptr || json.len == 0) return weir_fail(err, WEIR_E_KEY, "there is no key: the text is empty");
  if (json.len > max) return weir_fail(err, WEIR_E_LIMIT, "the key's text has %zu bytes, the limit is %zu", json.len, max);
  if (sodium_init() < 0) return weir_fail(err, WEIR_E_INTERNAL, "libsodium could not be started");

  /* decoded strings are never longer than their spelling */
  text->nodes = calloc(WEIR_JWK_NODES_MAX, sizeof *text->nodes);
  text->block = sodium_malloc(max);
  if (!text->nodes || !text->block) {
    status = weir_fail(err, WEIR_E_NOMEM, "no memory for reading a key");
    goto failed;
  }
  weir_arena_fixed(&arena, text->block, max);
  status = weir_json_read(json, text->nodes, WEIR_JWK_NODES_MAX, &arena, &node_cnt, err);
  if (status != WEIR_OK) goto failed;
  if (weir_json_has_duplicates(text->nodes, 0)) {
    status = weir_fail(err, WEIR_E_KEY, "the key's JSON has an object in which a name stands twice");
    goto failed;
  }
  if (weir_json_get(text->nodes, 0, WEIR_STR("keys")) != 0 && weir_json_get(text->nodes, 0, WEIR_STR("kty")) != 0) {
    status = weir_fail(err, WEIR_E_KEY, "the JSON has both \"keys\" and \"kty\": it must be a JWK Set or a JWK, not both");
    goto failed;
  }
  return WEIR_OK;

failed:
  weir_jwk_text_free(text);
  return status;
}

void weir_jwk_text_free(struct weir_jwk_text *text) {
  sodium_free(text->block); /* wipes */
  free(text->nodes);
  *text = (struct weir_jwk_text){ NULL, NULL };
}

/* ---- one key */

/* Optional members (RFC 7517 sections 4.2 to 4.5): whether the key may be used for signatures. */
static weir_status read_optional(const struct weir_json *nodes, uint32_t index, weir_error *err) {
  weir_str use, kid;
  enum weir_member found = weir_member_str(nodes, index, "use", &use);
  if (found == WEIR_MEMBER_OTHER) return weir_fail(err, WEIR_E_KEY, "\"use\" must be a string");
  if (found == WEIR_MEMBER_STRING && !weir_str_eq(use, WEIR_STR("sig"))) {
    return weir_fail(err, WEIR_NONE, "\"use\" must be \"sig\": this key is not for signatures");
  }
  /* the name of a key is its thumbprint, whatever it is called elsewhere */
  if (weir_member_str(nodes, index, "kid", &kid) == WEIR_MEMBER_OTHER) {
    return weir_fail(err, WEIR_E_KEY, "\"kid\" must be a string");
  }

  uint32_t ops = weir_json_get(nodes, index, WEIR_STR("key_ops"));
  if (ops == 0) return WEIR_OK;
  if (nodes[ops].kind != WEIR_JSON_ARRAY) return weir_fail(err, WEIR_E_KEY, "\"key_ops\" must be an array");
  uint32_t at = ops + 1;
  for (uint32_t i = 0; i < nodes[ops].cnt; i++, at = nodes[at].next) {
    if (nodes[at].kind != WEIR_JSON_STRING) return weir_fail(err, WEIR_E_KEY, "\"key_ops\" must hold strings");
    if (weir_str_eq(nodes[at].str, WEIR_STR("sign")) || weir_str_eq(nodes[at].str, WEIR_STR("verify"))) return WEIR_OK;
  }
  return weir_fail(err, WEIR_NONE, "\"key_ops\" holds neither \"sign\" nor \"verify\": this key is not for signatures");
}

static weir_status read_alg(const struct weir_json *nodes, uint32_t index, unsigned *algs, weir_error *err) {
  weir_str alg;
  switch (weir_member_str(nodes, index, "alg", &alg)) {
    case WEIR_MEMBER_ABSENT: *algs = WEIR_ALG_ANY; return WEIR_OK;
    case WEIR_MEMBER_STRING: *algs = weir_alg_of(alg); break;
    case WEIR_MEMBER_OTHER: *algs = 0; break;
  }
  if (*algs == 0) return weir_fail(err, WEIR_E_KEY, "\"alg\" of an Ed25519 key must be \"EdDSA\" or \"Ed25519\"");
  return WEIR_OK;
}

static weir_status read_x(const struct weir_json *nodes, uint32_t index, unsigned char x[WEIR_PUBLIC_KEY_BYTES],
                          weir_error *err) {
  weir_str text;
  size_t len;
  if (weir_member_str(nodes, index, "x", &text) != WEIR_MEMBER_STRING) {
    return weir_fail(err, WEIR_E_KEY, "\"x\", the public key, is missing or no string");
  }
  if (!weir_base64url_decode(text, x, WEIR_PUBLIC_KEY_BYTES, &len) || len != WEIR_PUBLIC_KEY_BYTES) {
    return weir_fail(err, WEIR_E_KEY, "\"x\" must be 32 bytes in base64url without padding (43 characters)");
  }
  /* Points of small order accept forged signatures; libsodium refuses them again at each check. */
  if (crypto_core_ed25519_is_valid_point(x) != 1) {
    return weir_fail(err, WEIR_E_KEY, "\"x\" is not a usable Ed25519 public key: no point of the curve's main group");
  }
  return WEIR_OK;
}

weir_status weir_jwk_read(const struct weir_json *nodes, uint32_t index, struct weir_jwk *out, weir_error *err) {
  weir_str kty, crv;
  *out = (struct weir_jwk){ .algs = 0 };
  if (nodes[index].kind != WEIR_JSON_OBJECT) return weir_fail(err, WEIR_E_KEY, "a JWK or JWK Set must be a JSON object");
  if (weir_member_str(nodes, index, "kty", &kty) != WEIR_MEMBER_STRING) {
    return weir_fail(err, WEIR_E_KEY, "\"kty\" is missing or no string: this is no JWK");
  }
  if (!weir_str_eq(kty, WEIR_STR("OKP"))) return weir_fail(err, WEIR_NONE, "\"kty\" must be \"OKP\", \"crv\" \"Ed25519\"");
  if (weir_member_str(nodes, index, "crv", &crv) != WEIR_MEMBER_STRING) {
    return weir_fail(err, WEIR_E_KEY, "\"crv\" is missing or no string");
  }
  if (!weir_str_eq(crv, WEIR_STR("Ed25519"))) return weir_fail(err, WEIR_NONE, "\"crv\" must be \"Ed25519\"");

  weir_status status = read_optional(nodes, index, err);
  if (status == WEIR_OK) status = read_alg(nodes, index, &out->algs, err);
  if (status == WEIR_OK) status = read_x(nodes, index, out->x, err);
  if (status == WEIR_OK && weir_member_str(nodes, index, "d", &out->d) == WEIR_MEMBER_OTHER) {
    status = weir_fail(err, WEIR_E_KEY, "\"d\", the private key, must be a string");
  }
  return status;
}

void weir_jwk_thumbprint(const unsigned char x[WEIR_PUBLIC_KEY_BYTES], char out[WEIR_SHA256_B64_CHARS + 1]) {
  /* RFC 7638 section 3: the members a key needs, in lexicographic order, without white space */
  static const char head[] = "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"";
  char text[sizeof head + X_CHARS + 2];
  unsigned char hash[WEIR_SHA256_BYTES];
  struct weir_buf buf;
  weir_buf_init(&buf, text, sizeof text);
  weir_buf_text(&buf, head);
  buf.len += weir_base64url(x, WEIR_PUBLIC_KEY_BYTES, text + buf.len);
  weir_buf_text(&buf, "\"}");
  weir_sha256(weir_buf_view(&buf), hash);
  out[weir_base64url(hash, sizeof hash, out)] = '\0';
}
