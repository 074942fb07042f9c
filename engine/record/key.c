/* key.c: signing keys: made, read from a JWK, written as a JWK, used, wiped.
 *
 * Owns the secret. It lies in memory of its own from sodium_malloc: between guard pages, kept out of core dumps, locked
 * into memory, and without any access between uses, so that a stray read elsewhere in the host crashes instead of
 * leaking. Where the system will not lock more memory (RLIMIT_MEMLOCK) the key works all the same; it could then be
 * swapped, which is no reason for a gateway not to start.
 *
 * A key may be shared by the engines of several threads: the guard counts them, so that one does not take the secret
 * away while another signs. No secret byte is copied to the stack or to ordinary memory here, but for the "d" that
 * weir_key_private_jwk is asked to write. */
#include "record/key.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/buf.h"
#include "limits.h"
#include "record/jws.h"
#include "record/record.h"

#define SEED_BYTES 32
#define SEED_CHARS 43 /* in base64url */

_Static_assert(crypto_sign_SECRETKEYBYTES == WEIR_SECRET_KEY_BYTES, "libsodium's secret key is seed and public key");
_Static_assert(crypto_sign_SEEDBYTES == SEED_BYTES, "Ed25519 has seeds of 32 bytes");
_Static_assert(crypto_sign_PUBLICKEYBYTES == WEIR_PUBLIC_KEY_BYTES, "Ed25519 has public keys of 32 bytes");

struct weir_key_guard {
  pthread_mutex_t lock;
  unsigned users;        /* how many read the secret now */
  unsigned char *secret; /* sodium_malloc: WEIR_SECRET_KEY_BYTES, then a seed's room while a JWK is read */
};

/* ---- the guard */

const unsigned char *weir_key_show(const struct weir_key *key) {
  struct weir_key_guard *guard = key->guard;
  if (pthread_mutex_lock(&guard->lock) != 0) return NULL;
  bool readable = guard->users > 0 || sodium_mprotect_readonly(guard->secret) == 0;
  if (readable) guard->users++;
  (void)pthread_mutex_unlock(&guard->lock); /* fails only for a lock we do not hold */
  return readable ? guard->secret : NULL;
}

bool weir_key_hide(const struct weir_key *key) {
  struct weir_key_guard *guard = key->guard;
  if (pthread_mutex_lock(&guard->lock) != 0) return false;
  guard->users--;
  bool hidden = guard->users > 0 || sodium_mprotect_noaccess(guard->secret) == 0;
  (void)pthread_mutex_unlock(&guard->lock);
  return hidden;
}

static struct weir_key_guard *guard_new(void) {
  struct weir_key_guard *guard = calloc(1, sizeof *guard);
  if (!guard) return NULL;
  if (pthread_mutex_init(&guard->lock, NULL) != 0) {
    free(guard);
    return NULL;
  }
  guard->secret = sodium_malloc(WEIR_SECRET_KEY_BYTES + SEED_BYTES);
  if (!guard->secret) {
    (void)pthread_mutex_destroy(&guard->lock);
    free(guard);
    return NULL;
  }
  return guard;
}

static void guard_free(struct weir_key_guard *guard) {
  sodium_free(guard->secret); /* wipes */
  (void)pthread_mutex_destroy(&guard->lock);
  free(guard);
}

/* ---- making and freeing */

/* A key whose secret can still be written. */
static weir_status key_new(struct weir_key **out, weir_error *err) {
  *out = NULL;
  if (sodium_init() < 0) return weir_fail(err, WEIR_E_INTERNAL, "libsodium could not be started");
  struct weir_key *key = calloc(1, sizeof *key);
  if (key) key->guard = guard_new();
  if (!key || !key->guard) {
    free(key);
    return weir_fail(err, WEIR_E_NOMEM, "no guarded memory for a signing key");
  }
  *out = key;
  return WEIR_OK;
}

/* With secret and public key in place: the rest, and the secret becomes inaccessible. */
static weir_status key_finish(struct weir_key *key, unsigned alg, weir_error *err) {
  key->alg = alg;
  weir_jwk_thumbprint(key->public_key, key->id);
  key->header_len = weir_jws_header_write(weir_alg_name(alg), weir_key_id(key), key->header, sizeof key->header);
  if (key->header_len == 0) return weir_fail(err, WEIR_E_INTERNAL, "a record's header does not fit its place");
  if (sodium_mprotect_noaccess(key->guard->secret) != 0) {
    return weir_fail(err, WEIR_E_KEY, "the system refused to protect the memory of the signing key");
  }
  return WEIR_OK;
}

weir_status weir_key_generate(weir_key **out, const char *alg, weir_error *err) {
  if (!out) return weir_fail(err, WEIR_E_ARG, "weir_key_generate needs a place for the key");
  *out = NULL;
  unsigned bit = alg ? weir_alg_of(weir_str_of(alg)) : WEIR_ALG_EDDSA;
  if (bit == 0) return weir_fail(err, WEIR_E_ARG, "a key's alg must be EdDSA or Ed25519, not \"%.32s\"", alg);
  struct weir_key *key;
  weir_status status = key_new(&key, err);
  if (status != WEIR_OK) return status;
  if (crypto_sign_keypair(key->public_key, key->guard->secret) != 0) {
    status = weir_fail(err, WEIR_E_KEY, "libsodium could not make a key");
  }
  if (status == WEIR_OK) status = key_finish(key, bit, err);
  if (status != WEIR_OK) {
    weir_key_free(key);
    return status;
  }
  *out = key;
  return WEIR_OK;
}

/* Decodes "d" straight into the guarded memory, in constant time, and makes the key pair of it. */
static weir_status take_seed(struct weir_key *key, const struct weir_jwk *jwk, weir_error *err) {
  size_t len = 0;
  unsigned char *secret = key->guard->secret;
  unsigned char *seed = secret + WEIR_SECRET_KEY_BYTES; /* libsodium must not read it where it writes the secret key */
  if (!jwk->d.ptr) return weir_fail(err, WEIR_E_KEY, "\"d\", the private key, is missing: this is a public key");
  if (jwk->d.len != SEED_CHARS ||
      sodium_base642bin(seed, SEED_BYTES, jwk->d.ptr, jwk->d.len, NULL, &len, NULL,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      len != SEED_BYTES) {
    return weir_fail(err, WEIR_E_KEY, "\"d\" must be 32 bytes in base64url without padding (43 characters)");
  }
  int made = crypto_sign_seed_keypair(key->public_key, secret, seed);
  sodium_memzero(seed, SEED_BYTES);
  if (made != 0) {
    return weir_fail(err, WEIR_E_KEY, "libsodium could not make a key of \"d\"");
  }
  if (sodium_memcmp(key->public_key, jwk->x, WEIR_PUBLIC_KEY_BYTES) != 0) {
    return weir_fail(err, WEIR_E_KEY, "\"x\" is not the public key of \"d\": the file is damaged or was put together by hand");
  }
  return WEIR_OK;
}

weir_status weir_key_parse(weir_key **out, weir_str json, weir_error *err) {
  struct weir_jwk_text text;
  struct weir_jwk jwk;
  struct weir_key *key = NULL;
  if (!out) return weir_fail(err, WEIR_E_ARG, "weir_key_parse needs a place for the key");
  *out = NULL;
  weir_status status = weir_jwk_text_read(&text, json, WEIR_JWK_BYTES_MAX, err);
  if (status != WEIR_OK) return status;
  status = weir_jwk_read(text.nodes, 0, &jwk, err);
  if (status == WEIR_NONE) {
    status = WEIR_E_KEY;
    if (err) err->status = status;
  }
  if (status == WEIR_OK) status = key_new(&key, err);
  if (status == WEIR_OK) status = take_seed(key, &jwk, err);
  if (status == WEIR_OK) status = key_finish(key, jwk.algs == WEIR_ALG_ED25519 ? WEIR_ALG_ED25519 : WEIR_ALG_EDDSA, err);
  weir_jwk_text_free(&text);
  if (status != WEIR_OK) {
    weir_key_free(key);
    return status;
  }
  *out = key;
  return WEIR_OK;
}

void weir_key_free(weir_key *key) {
  if (!key) return;
  guard_free(key->guard);
  free(key);
}

weir_str weir_key_id(const weir_key *key) {
  return key ? (weir_str){ key->id, WEIR_SHA256_B64_CHARS } : (weir_str){ NULL, 0 };
}

/* ---- writing */

/* Everything of a JWK but its closing brace. */
static void write_public_members(struct weir_buf *buf, const struct weir_key *key) {
  char x[SEED_CHARS];
  size_t len = weir_base64url(key->public_key, sizeof key->public_key, x);
  weir_json_open(buf, '{');
  weir_json_member(buf, "kty", WEIR_STR("OKP"));
  weir_json_member(buf, "crv", WEIR_STR("Ed25519"));
  weir_json_member(buf, "alg", weir_alg_name(key->alg));
  weir_json_member(buf, "use", WEIR_STR("sig"));
  weir_json_member(buf, "kid", weir_key_id(key));
  weir_json_member(buf, "x", (weir_str){ x, len });
}

static weir_status finish_text(const struct weir_buf *buf, char *out, weir_error *err) {
  if (buf->full) {
    sodium_memzero(out, WEIR_JWK_BYTES);
    return weir_fail(err, WEIR_E_INTERNAL, "a key does not fit into WEIR_JWK_BYTES");
  }
  out[buf->len] = '\0';
  return WEIR_OK;
}

weir_status weir_key_private_jwk(const weir_key *key, char out[WEIR_JWK_BYTES], weir_error *err) {
  struct weir_buf buf;
  char d[SEED_CHARS + 1];
  if (!out) return weir_fail(err, WEIR_E_ARG, "weir_key_private_jwk needs a place for the text");
  out[0] = '\0';
  if (!key) return weir_fail(err, WEIR_E_ARG, "weir_key_private_jwk needs a key");
  const unsigned char *secret = weir_key_show(key);
  if (!secret) return weir_fail(err, WEIR_E_KEY, "the system refused access to the memory of the signing key");
  (void)sodium_bin2base64(d, sizeof d, secret, SEED_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  bool hidden = weir_key_hide(key);

  weir_buf_init(&buf, out, WEIR_JWK_BYTES - 1);
  write_public_members(&buf, key);
  weir_json_member(&buf, "d", (weir_str){ d, SEED_CHARS });
  weir_json_close(&buf, '}');
  sodium_memzero(d, sizeof d);
  weir_status status = finish_text(&buf, out, err);
  if (status == WEIR_OK && !hidden) {
    sodium_memzero(out, WEIR_JWK_BYTES);
    status = weir_fail(err, WEIR_E_KEY, "the system refused to protect the memory of the signing key again");
  }
  return status;
}

weir_status weir_key_public_jwks(const weir_key *key, char out[WEIR_JWK_BYTES], weir_error *err) {
  struct weir_buf buf;
  if (!out) return weir_fail(err, WEIR_E_ARG, "weir_key_public_jwks needs a place for the text");
  out[0] = '\0';
  if (!key) return weir_fail(err, WEIR_E_ARG, "weir_key_public_jwks needs a key");
  weir_buf_init(&buf, out, WEIR_JWK_BYTES - 1);
  weir_json_open(&buf, '{');
  weir_json_key(&buf, WEIR_STR("keys"));
  weir_json_open(&buf, '[');
  write_public_members(&buf, key);
  weir_json_close(&buf, '}');
  weir_json_close(&buf, ']');
  weir_json_close(&buf, '}');
  return finish_text(&buf, out, err);
}

/* ---- a secret of the key's */

static void add_part(crypto_generichash_state *state, weir_str part) {
  unsigned char len[8];
  for (unsigned b = 0; b < sizeof len; b++) len[b] = (unsigned char)((uint64_t)part.len >> (8 * b));
  /* these calls cannot fail for these sizes; libsodium's int is kept for other back ends */
  (void)crypto_generichash_update(state, len, sizeof len);
  if (part.len > 0) (void)crypto_generichash_update(state, (const unsigned char *)part.ptr, part.len);
}

weir_status weir_key_secret(const struct weir_key *key, weir_str chain, weir_str purpose, unsigned char out[32],
                            weir_error *err) {
  crypto_generichash_state state;
  memset(out, 0, 32);
  const unsigned char *secret = weir_key_show(key);
  if (!secret) return weir_fail(err, WEIR_E_KEY, "the system refused access to the memory of the signing key");
  (void)crypto_generichash_init(&state, secret, SEED_BYTES, 32);
  bool hidden = weir_key_hide(key);
  add_part(&state, WEIR_STR("weir secret"));
  add_part(&state, chain);
  add_part(&state, purpose);
  (void)crypto_generichash_final(&state, out, 32);
  sodium_memzero(&state, sizeof state);
  if (hidden) return WEIR_OK;
  sodium_memzero(out, 32);
  return weir_fail(err, WEIR_E_KEY, "the system refused to protect the memory of the signing key again");
}
