/* hash.h: hashes (through libsodium) and base64url. */
#ifndef WEIR_BASE_HASH_H
#define WEIR_BASE_HASH_H

#include "base/status.h"

#define WEIR_SHA256_BYTES 32
#define WEIR_ID_BYTES 16          /* of BLAKE2b: 128 bits, collisions are out of reach */
#define WEIR_ID_CHARS 22          /* the same in base64url */
#define WEIR_SHA256_B64_CHARS 43

void weir_sha256(weir_str data, unsigned char out[WEIR_SHA256_BYTES]);

/* Incremental SHA-256, for rule files. Opaque, large enough for libsodium's state; checked at compile time. */
struct weir_sha256 { uint64_t opaque[16]; };
void weir_sha256_begin(struct weir_sha256 *state);
void weir_sha256_add(struct weir_sha256 *state, weir_str data);
void weir_sha256_end(struct weir_sha256 *state, unsigned char out[WEIR_SHA256_BYTES]);

/* 128 bits of BLAKE2b over the parts, each preceded by its length, so that ("ab","c") and ("a","bc") differ.
 * `key` (may be empty, at most 64 bytes) keeps others from computing it. */
void weir_id_hash(weir_str key, const weir_str *parts, size_t part_cnt, unsigned char out[WEIR_ID_BYTES]);
/* Its first 8 bytes, little endian: for choosing variants and for hash tables that need no secrecy. */
uint64_t weir_hash64(weir_str key, const weir_str *parts, size_t part_cnt);
/* A fast 64-bit hash (FNV-1a with a final mix) for table slots; not for anything an attacker may flood without a seed. */
uint64_t weir_slot_hash(uint64_t seed, weir_str data);

/* RFC 4648 section 5 without padding. `out` gets ceil(len * 4 / 3) characters, no NUL. Returns their number.
 * Not in constant time: private keys go through libsodium's own form, in record/. */
size_t weir_base64url(const unsigned char *data, size_t len, char *out);
/* Strict: no padding, no white space, the unused bits of the last character zero. false: not base64url or no room. */
bool weir_base64url_decode(weir_str text, unsigned char *out, size_t cap, size_t *len);
/* lower-case hex, 2 * len characters, no NUL */
void weir_hex(const unsigned char *data, size_t len, char *out);

#endif
