/* keyset.c: public keys from a JWK or a JWK Set (RFC 7517 section 5).
 *
 * Owns the table from key id to key and the algorithms it may sign with: what a line says about itself is looked up
 * here and never believed. Ids are computed thumbprints, so a set cannot give one key the name of another. Keys of
 * other kinds are passed over, as the RFC asks; an Ed25519 key that is wrong is an error, because a set that silently
 * lost a key refuses good records later. A private part is never read. */
#include "record/keyset.h"

#include <stdlib.h>

/* Adds a key. The same key again only adds the names it may sign under. */
static weir_status add_key(struct weir_keyset *keys, const struct weir_jwk *jwk, weir_error *err) {
  struct weir_keyset_key *key = keys->keys;
  keys->has_private = keys->has_private || jwk->d.len > 0;
  for (size_t i = 0; i < keys->cnt; i++, key++) {
    if (memcmp(key->x, jwk->x, sizeof key->x) != 0) continue;
    key->algs |= jwk->algs;
    return WEIR_OK;
  }
  if (keys->cnt == WEIR_KEYS_MAX) return weir_fail(err, WEIR_E_LIMIT, "the set has more than %d keys", WEIR_KEYS_MAX);
  memcpy(key->x, jwk->x, sizeof key->x);
  key->algs = jwk->algs;
  weir_jwk_thumbprint(key->x, key->id);
  keys->cnt++;
  return WEIR_OK;
}

static weir_status read_set(struct weir_keyset *keys, const struct weir_json *nodes, uint32_t list, weir_error *err) {
  struct weir_jwk jwk;
  weir_error why;
  if (nodes[list].kind != WEIR_JSON_ARRAY) return weir_fail(err, WEIR_E_KEY, "\"keys\" of a JWK Set must be an array");
  uint32_t at = list + 1;
  for (uint32_t i = 0; i < nodes[list].cnt; i++, at = nodes[at].next) {
    weir_status status = weir_jwk_read(nodes, at, &jwk, &why);
    if (status == WEIR_NONE) continue;
    if (status == WEIR_OK) status = add_key(keys, &jwk, &why);
    if (status != WEIR_OK) return weir_fail(err, status, "key %u of the set: %s", i + 1, why.message);
  }
  if (keys->cnt == 0) return weir_fail(err, WEIR_E_KEY, "the set holds no Ed25519 key (kty OKP, crv Ed25519) for signatures");
  return WEIR_OK;
}

static weir_status read_one(struct weir_keyset *keys, const struct weir_json *nodes, weir_error *err) {
  struct weir_jwk jwk;
  weir_status status = weir_jwk_read(nodes, 0, &jwk, err);
  if (status == WEIR_OK) return add_key(keys, &jwk, err);
  if (err) err->status = WEIR_E_KEY; /* where there is only one key, one of another kind is an error too */
  return WEIR_E_KEY;
}

weir_status weir_keyset_parse(weir_keyset **out, weir_str json, weir_error *err) {
  struct weir_jwk_text text;
  if (!out) return weir_fail(err, WEIR_E_ARG, "weir_keyset_parse needs a place for the keys");
  *out = NULL;
  weir_status status = weir_jwk_text_read(&text, json, WEIR_JWKS_BYTES_MAX, err);
  if (status != WEIR_OK) return status;
  struct weir_keyset *keys = calloc(1, sizeof *keys);
  if (!keys) {
    status = weir_fail(err, WEIR_E_NOMEM, "no memory for a set of keys");
  } else {
    uint32_t list = weir_json_get(text.nodes, 0, WEIR_STR("keys"));
    status = list != 0 ? read_set(keys, text.nodes, list, err) : read_one(keys, text.nodes, err);
  }
  weir_jwk_text_free(&text);
  if (status != WEIR_OK) {
    free(keys);
    return status;
  }
  *out = keys;
  return WEIR_OK;
}

void weir_keyset_free(weir_keyset *keys) { free(keys); }

bool weir_keyset_has_private(const weir_keyset *keys) { return keys && keys->has_private; }

const struct weir_keyset_key *weir_keyset_find(const struct weir_keyset *keys, weir_str kid) {
  for (size_t i = 0; i < keys->cnt; i++) {
    if (weir_str_eq(kid, (weir_str){ keys->keys[i].id, WEIR_SHA256_B64_CHARS })) return &keys->keys[i];
  }
  return NULL;
}
