/* key.h: what a signing key is inside record/, and how its secret is reached. Private to record/. */
#ifndef WEIR_RECORD_KEY_H
#define WEIR_RECORD_KEY_H

#include "record/jwk.h"

#define WEIR_SECRET_KEY_BYTES 64   /* libsodium's form: seed, then public key */
#define WEIR_KEY_HEADER_CHARS 160  /* base64url of a record's header: 128 or 131 */

struct weir_key_guard;

struct weir_key {
  struct weir_key_guard *guard; /* the secret and who uses it */
  unsigned char public_key[WEIR_PUBLIC_KEY_BYTES];
  unsigned alg;                 /* one WEIR_ALG_* bit: what its records say */
  char id[WEIR_SHA256_B64_CHARS + 1];
  char header[WEIR_KEY_HEADER_CHARS]; /* base64url of the protected header of every record it signs */
  size_t header_len;
};

/* Makes the secret readable and returns it; NULL: the system refused. Every call that gives a secret is followed by one
 * to weir_key_hide. Several threads may use one key. */
const unsigned char *weir_key_show(const struct weir_key *key);
/* Takes the secret away again when nobody uses it any more. false: the system refused, it is still readable. */
bool weir_key_hide(const struct weir_key *key);

#endif
