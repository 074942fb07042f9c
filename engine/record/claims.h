/* claims.h: what a record's payload says. Private to record/. */
#ifndef WEIR_RECORD_CLAIMS_H
#define WEIR_RECORD_CLAIMS_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"

#define WEIR_JTI_CHARS (WEIR_ID_CHARS + 1 + 16) /* id, '-', a number below 2^53 */

struct weir_claims {
  weir_str iss, aud, chain;
  unsigned char chain_id[WEIR_ID_BYTES]; /* hash of chain and aud: what seq and prev count in */
  uint64_t seq;
  int64_t iat_s, exp_s;
  bool has_prev;
  unsigned char prev[WEIR_SHA256_BYTES];
  weir_str next_kid; /* of a change of key; else empty */
  bool is_tombstone;
  unsigned char erased[WEIR_SHA256_BYTES]; /* hash of the line whose place it takes */
};

/* Whether `name` is 1 to `max` of A-Z a-z 0-9 - _, as names of chains and keys are. */
bool weir_name_ok(weir_str name, size_t max);
void weir_chain_id(weir_str chain, weir_str aud, unsigned char out[WEIR_ID_BYTES]);
/* Appends "<chain_id>-<seq>". */
void weir_jti_write(struct weir_buf *buf, const unsigned char chain_id[WEIR_ID_BYTES], uint64_t seq);

/* Reads the claim set at nodes[0]. Everything a record must have is there, of the right type and in range, and agrees
 * with itself. Unknown claims are passed over (RFC 7519 section 4), duplicate names nowhere.
 * Errors: WEIR_E_FORMAT; WEIR_E_TRUST (claims that contradict each other). */
weir_status weir_claims_read(const struct weir_json *nodes, struct weir_claims *out, weir_error *err);

#endif
