/* jwk.h: reading JSON Web Keys (RFC 7517, RFC 8037 section 2). Private to record/. */
#ifndef WEIR_RECORD_JWK_H
#define WEIR_RECORD_JWK_H

#include "base/hash.h"
#include "base/json.h"

#define WEIR_PUBLIC_KEY_BYTES 32

/* The names under which a signature with one Ed25519 key may go, as bits: a JWK without "alg" allows both. */
#define WEIR_ALG_EDDSA 1u   /* "EdDSA", RFC 8037 */
#define WEIR_ALG_ED25519 2u /* "Ed25519", RFC 9864 */
#define WEIR_ALG_ANY (WEIR_ALG_EDDSA | WEIR_ALG_ED25519)

/* The one bit of `name`, 0 when it is no such name; and back. */
unsigned weir_alg_of(weir_str name);
weir_str weir_alg_name(unsigned alg);

/* What a member of an object is. `out` is empty unless it is a string. */
enum weir_member { WEIR_MEMBER_ABSENT = 0, WEIR_MEMBER_STRING, WEIR_MEMBER_OTHER };
enum weir_member weir_member_str(const struct weir_json *nodes, uint32_t object, const char *key, weir_str *out);

/* A JSON text with keys, read. What was decoded from it may be secret and lies in guarded memory. */
struct weir_jwk_text {
  struct weir_json *nodes;
  unsigned char *block;
};
/* Reads at most `max` bytes; refuses duplicate keys anywhere, and what is a key and a set in one. On failure there is nothing to free. */
weir_status weir_jwk_text_read(struct weir_jwk_text *text, weir_str json, size_t max, weir_error *err);
void weir_jwk_text_free(struct weir_jwk_text *text);

struct weir_jwk {
  unsigned char x[WEIR_PUBLIC_KEY_BYTES];
  unsigned algs; /* WEIR_ALG_* bits */
  weir_str d;    /* as written, base64url; NULL when absent. Lives as long as the text. */
};

/* Reads the key in the object at `index`. WEIR_NONE: it is a key, but none for Ed25519 signatures (the error says so).
 * Errors: WEIR_E_KEY. */
weir_status weir_jwk_read(const struct weir_json *nodes, uint32_t index, struct weir_jwk *out, weir_error *err);

/* The RFC 7638 thumbprint in base64url, with a final NUL. */
void weir_jwk_thumbprint(const unsigned char x[WEIR_PUBLIC_KEY_BYTES], char out[WEIR_SHA256_B64_CHARS + 1]);

#endif
