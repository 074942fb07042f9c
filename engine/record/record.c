/* record.c: making a record: the claim set, then the signed line.
 *
 * Owns the order and spelling of the claims; claims.c reads what is written here. It refuses to sign what a verifier
 * would refuse, because a record that was signed and stored cannot be taken back. */
#include "record/record.h"

#include <sodium.h>

#include "limits.h"
#include "record/claims.h"
#include "record/jws.h"
#include "record/key.h"

/* Bytes of `s` as a JSON string, at most: what is not plain ASCII may become \u00XX. */
static size_t quoted_bytes(weir_str s) {
  size_t bytes = 2;
  for (size_t i = 0; i < s.len; i++) {
    char c = s.ptr[i];
    bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';
    bool part_of_utf8 = (unsigned char)c >= 0x80;
    bytes += plain || part_of_utf8 ? 1 : 6;
  }
  return bytes;
}

#define INT_CHARS 16 /* below 2^53 */

size_t weir_record_head_bytes(const struct weir_record_head *head) {
  static const char names[] = "{\"iss\":,\"aud\":,\"iat\":,\"exp\":,\"jti\":\"\",\"chain\":,\"seq\":,\"prev\":\"\","
                              "\"ruleset\":,\"env\":,\"decisions\":[]}";
  static const char erased[] = "\"erased\":\"\",", next_kid[] = "\"next_kid\":\"\",";
  return sizeof names - 1 + (head->is_tombstone ? sizeof erased - 1 + WEIR_SHA256_B64_CHARS : 0) +
         (head->next_kid.len ? sizeof next_kid - 1 + head->next_kid.len : 0) + quoted_bytes(head->iss) + quoted_bytes(head->aud) + quoted_bytes(head->chain) +
         quoted_bytes(head->ruleset) + quoted_bytes(head->env) + WEIR_JTI_CHARS + WEIR_SHA256_B64_CHARS + (size_t)3 * INT_CHARS;
}

static weir_status check_head(const struct weir_record_head *head, weir_error *err) {
  if (head->seq == 0 || head->seq > (uint64_t)WEIR_CLAIM_INT_MAX) {
    return weir_fail(err, WEIR_E_ARG, "a record's seq must be from 1 to 2^53 - 1");
  }
  if (head->has_prev != (head->seq > 1)) return weir_fail(err, WEIR_E_ARG, "every record but the first names the one before it");
  if (head->iat_s < 0 || head->exp_s <= head->iat_s || head->exp_s > WEIR_CLAIM_INT_MAX) {
    return weir_fail(err, WEIR_E_ARG, "a record's iat must not be before 1970, and its exp must be after iat");
  }
  if (!weir_name_ok(head->chain, WEIR_CHAIN_NAME_MAX)) {
    return weir_fail(err, WEIR_E_ARG, "a chain's name must be 1 to %d of A-Z a-z 0-9 - _", WEIR_CHAIN_NAME_MAX);
  }
  if (head->iss.len == 0 || head->aud.len == 0 || head->ruleset.len == 0 || head->env.len == 0) {
    return weir_fail(err, WEIR_E_ARG, "a record needs iss, aud, ruleset and env");
  }
  return WEIR_OK;
}

static void write_claims(const struct weir_record_head *head, weir_str decisions, struct weir_buf *out) {
  unsigned char chain_id[WEIR_ID_BYTES];
  char text[WEIR_JTI_CHARS];
  struct weir_buf jti;
  weir_chain_id(head->chain, head->aud, chain_id);
  weir_buf_init(&jti, text, sizeof text);
  weir_jti_write(&jti, chain_id, head->seq);

  weir_json_open(out, '{');
  weir_json_member(out, "iss", head->iss);
  weir_json_member(out, "aud", head->aud);
  weir_json_member_int(out, "iat", head->iat_s);
  weir_json_member_int(out, "exp", head->exp_s);
  weir_json_member(out, "jti", weir_buf_view(&jti));
  weir_json_member(out, "chain", head->chain);
  weir_json_member_int(out, "seq", (int64_t)head->seq);
  if (head->has_prev) {
    char prev[WEIR_SHA256_B64_CHARS];
    weir_json_member(out, "prev", (weir_str){ prev, weir_base64url(head->prev, sizeof head->prev, prev) });
  }
  if (head->is_tombstone) {
    char erased[WEIR_SHA256_B64_CHARS];
    weir_json_member(out, "erased", (weir_str){ erased, weir_base64url(head->erased, sizeof head->erased, erased) });
  }
  if (head->next_kid.len) weir_json_member(out, "next_kid", head->next_kid);
  weir_json_member(out, "ruleset", head->ruleset);
  weir_json_member(out, "env", head->env);
  weir_json_key(out, WEIR_STR("decisions"));
  weir_json_open(out, '[');
  weir_buf_str(out, decisions);
  weir_json_close(out, ']');
  weir_json_close(out, '}');
}

weir_status weir_record_sign(const struct weir_key *key, const struct weir_record_head *head, weir_str decisions,
                             struct weir_buf *payload, struct weir_buf *line, unsigned char hash[WEIR_SHA256_BYTES],
                             weir_error *err) {
  weir_buf_init(payload, payload->ptr, payload->cap);
  weir_buf_init(line, line->ptr, line->cap);
  memset(hash, 0, WEIR_SHA256_BYTES);
  weir_status status = check_head(head, err);
  if (status != WEIR_OK) return status;
  write_claims(head, decisions, payload);
  if (payload->full || payload->len > WEIR_PAYLOAD_MAX) {
    size_t max = payload->cap < WEIR_PAYLOAD_MAX ? payload->cap : WEIR_PAYLOAD_MAX;
    payload->len = 0;
    return weir_fail(err, WEIR_E_LIMIT, "a record's claims with %zu bytes of decisions do not fit into %zu bytes", decisions.len,
                     max);
  }
  status = weir_jws_sign(key, (weir_str){ key->header, key->header_len }, weir_buf_view(payload), line, err);
  if (status != WEIR_OK) {
    payload->len = 0;
    line->len = 0;
    return status;
  }
  weir_sha256(weir_buf_view(line), hash);
  return WEIR_OK;
}

weir_status weir_chain_new(char out[WEIR_ID_CHARS + 1], weir_error *err) {
  unsigned char bits[WEIR_ID_BYTES];
  memset(out, 0, WEIR_ID_CHARS + 1);
  if (sodium_init() < 0) return weir_fail(err, WEIR_E_INTERNAL, "libsodium could not be started");
  randombytes_buf(bits, sizeof bits);
  out[weir_base64url(bits, sizeof bits, out)] = '\0';
  return WEIR_OK;
}
