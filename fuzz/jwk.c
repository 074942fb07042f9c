/* jwk.c: reading keys. A private key that is accepted is written and read again to the same key; its public half is found
 * under its own id, and so is that of the private text itself.
 *
 * Inputs that begin with '+' stand for the members beside a right key pair, which no mutation would find. */
#include "base/buf.h"
#include "fuzz.h"
#include "record/key.h"
#include "record/keyset.h"

/* RFC 8037 appendix A.1 to A.3 */
#define PAIR "{\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""
#define ID "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

static weir_keyset *set_of(weir_str json) {
  weir_keyset *keys;
  weir_error err = { .status = WEIR_OK };
  weir_status status = weir_keyset_parse(&keys, json, &err);
  if (status != WEIR_OK) {
    MUST(!keys);
    MUST_SAY(status, err);
    return NULL;
  }
  MUST(keys && keys->cnt > 0 && keys->cnt <= WEIR_KEYS_MAX);
  for (size_t i = 0; i < keys->cnt; i++) {
    const struct weir_keyset_key *key = &keys->keys[i];
    MUST(key->algs != 0 && (key->algs & ~WEIR_ALG_ANY) == 0);
    MUST(weir_keyset_find(keys, weir_str_of(key->id)) == key);
  }
  return keys;
}

static void must_find(weir_str json, const weir_key *key) {
  weir_keyset *keys = set_of(json);
  MUST(keys);
  const struct weir_keyset_key *found = weir_keyset_find(keys, weir_key_id(key));
  MUST(found && (found->algs & key->alg) && memcmp(found->x, key->public_key, sizeof found->x) == 0);
  weir_keyset_free(keys);
}

static void round_trip(weir_str json, weir_key *key) {
  char text[WEIR_JWK_BYTES], again[WEIR_JWK_BYTES];
  weir_key *copy;
  MUST(weir_key_private_jwk(key, text, NULL) == WEIR_OK);
  MUST(weir_key_parse(&copy, weir_str_of(text), NULL) == WEIR_OK);
  MUST(weir_str_eq(weir_key_id(copy), weir_key_id(key)) && copy->alg == key->alg);
  MUST(weir_key_private_jwk(copy, again, NULL) == WEIR_OK && strcmp(text, again) == 0);
  must_find(weir_str_of(text), key);
  MUST(weir_key_public_jwks(key, text, NULL) == WEIR_OK);
  must_find(weir_str_of(text), key);
  must_find(json, key);
  weir_key_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char room[WEIR_JWKS_BYTES_MAX + sizeof PAIR + 2];
  struct weir_buf buf;
  bool pair = size > 0 && data[0] == '+';
  weir_key *key;
  weir_error err = { .status = WEIR_OK };
  weir_buf_init(&buf, room, sizeof room);
  if (pair) weir_buf_text(&buf, PAIR);
  weir_buf_add(&buf, (const char *)data + pair, size - pair);
  if (pair) weir_buf_byte(&buf, '}');
  weir_str json = fuzz_copy(weir_buf_view(&buf));

  weir_keyset *keys = set_of(json);
  weir_status status = weir_key_parse(&key, json, &err);
  if (status == WEIR_OK) {
    MUST(keys);
    if (pair) MUST(weir_str_eq(weir_key_id(key), WEIR_STR(ID)));
    round_trip(json, key);
  } else {
    MUST(!key);
    MUST_SAY(status, err);
  }
  weir_key_free(key);
  weir_keyset_free(keys);
  fuzz_drop(json);
  return 0;
}
