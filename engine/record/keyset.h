/* keyset.h: finding the public key that a line names. Private to record/. */
#ifndef WEIR_RECORD_KEYSET_H
#define WEIR_RECORD_KEYSET_H

#include "limits.h"
#include "record/jwk.h"

struct weir_keyset_key {
  unsigned char x[WEIR_PUBLIC_KEY_BYTES];
  unsigned algs;                         /* WEIR_ALG_* bits: under which names it may sign */
  char id[WEIR_SHA256_B64_CHARS + 1];    /* its thumbprint: computed, never taken from the JWK */
};

struct weir_keyset {
  size_t cnt;
  bool has_private; /* some key came with its private part */
  struct weir_keyset_key keys[WEIR_KEYS_MAX];
};

/* NULL: no key has this id. */
const struct weir_keyset_key *weir_keyset_find(const struct weir_keyset *keys, weir_str kid);

#endif
