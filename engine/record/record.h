/* record/: makes and checks bytes: keys (JWK), signed lines (JWS), the chain they form. Uses base/ only. Decides nothing,
 * stores nothing. Together with base/hash.c the only place that includes sodium.h.
 *
 * record.h: making records. The public half (weir_key_*, weir_keyset_*, weir_verif*, weir_record_claims) is declared in
 * weir.h and implemented here too: key.c, keyset.c, jws.c, record.c, verify.c.
 *
 * A record is a JWS compact serialization (RFC 7515 section 7.1) whose protected header is
 *   {"alg":"EdDSA","kid":"<RFC 7638 thumbprint>","typ":"weir-record+jwt"}
 * and whose payload is a JWT claim set (RFC 7519):
 *   {"iss":..,"aud":..,"iat":..,"exp":..,"jti":"<chain>-<seq>"..,"chain":..,"seq":..,"prev":..,"ruleset":..,"env":..,"decisions":[..]}
 * jti is base64url of a 128-bit hash over chain and aud, a '-', and seq: unique over all accounts of a chain.
 * prev is base64url(SHA-256(the line before, of the same chain and aud, without its line end)); absent in the first.
 *
 * A change of key is a record, signed by the old key, with no decisions and one claim more:
 *   "next_kid": the RFC 7638 thumbprint of the key that signs what follows in this chain
 * From then on the old key signs nothing more there (but what it signed before may be delivered later), and no other key is
 * accepted. The new key itself is not in the record: whoever checks takes it from the published set, or not at all.
 *
 * A tombstone is a record that takes the place of one that was not acknowledged, because somebody who stood in it was erased. It
 * has the same chain, seq, prev, iat and exp, those of its decisions that were about others, and one claim more:
 *   "erased": base64url(SHA-256(the line whose place it takes))
 * The record after it names that line in its prev, and was perhaps read already, so it cannot be made anew. Therefore a tombstone
 * counts, for the chain and for telling redelivered lines from altered ones, as the line it names: the chain stays unbroken, whoever
 * had the original may get the tombstone and the other way round, and both are signed. What it cannot do is prove what stood
 * there: that is its purpose. Whoever holds the key could write one at will, as he could write any record at will; but it
 * says what it is. */
#ifndef WEIR_RECORD_RECORD_H
#define WEIR_RECORD_RECORD_H

#include "base/buf.h"
#include "base/hash.h"

struct weir_record_head {
  weir_str iss, aud, chain;
  uint64_t seq;
  int64_t iat_s, exp_s;
  bool has_prev;
  unsigned char prev[WEIR_SHA256_BYTES];
  weir_str ruleset; /* hex */
  bool is_tombstone;
  unsigned char erased[WEIR_SHA256_BYTES];
  weir_str next_kid; /* of a change of key; else empty */
  weir_str env;
};

/* Writes the claim set with `decisions` (JSON objects joined by commas) into `payload`, then the signed line into `line`,
 * and the line's SHA-256 into `hash` (the next record's prev).
 * Errors: WEIR_E_LIMIT when payload or line do not fit (both buffers then hold nothing of use); WEIR_E_KEY. */
weir_status weir_record_sign(const struct weir_key *key, const struct weir_record_head *head, weir_str decisions,
                             struct weir_buf *payload, struct weir_buf *line, unsigned char hash[WEIR_SHA256_BYTES], weir_error *err);

/* Bytes of a claim set beside its decisions, at most: for deciding whether one more decision fits into a record. */
size_t weir_record_head_bytes(const struct weir_record_head *head);

/* A new chain's name: 128 random bits in base64url, WEIR_ID_CHARS characters and a NUL. */
weir_status weir_chain_new(char out[WEIR_ID_CHARS + 1], weir_error *err);

/* A secret that belongs to key and chain, for codes nobody can guess: BLAKE2b over the seed, `chain` and `purpose`. */
weir_status weir_key_secret(const struct weir_key *key, weir_str chain, weir_str purpose, unsigned char out[32], weir_error *err);

#endif
