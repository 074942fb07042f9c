/* claims.c: the claim set of a record (RFC 7519), read strictly.
 *
 * Owns the question whether a payload is a record that agrees with itself. It knows no clock, no expected issuer and no
 * other record: verify.c compares with those. It reads only what a trusted key has signed; strictness here catches a
 * signer that is broken or that was talked into signing something else. */
#include "record/claims.h"

#include "limits.h"
#include "record/jwk.h"

bool weir_name_ok(weir_str name, size_t max) {
  if (name.len == 0 || name.len > max) return false;
  for (size_t i = 0; i < name.len; i++) {
    char c = name.ptr[i];
    bool ok = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!ok) return false;
  }
  return true;
}

void weir_chain_id(weir_str chain, weir_str aud, unsigned char out[WEIR_ID_BYTES]) {
  weir_str parts[2] = { chain, aud };
  weir_id_hash((weir_str){ NULL, 0 }, parts, 2, out);
}

void weir_jti_write(struct weir_buf *buf, const unsigned char chain_id[WEIR_ID_BYTES], uint64_t seq) {
  char id[WEIR_ID_CHARS];
  weir_buf_add(buf, id, weir_base64url(chain_id, WEIR_ID_BYTES, id));
  weir_buf_byte(buf, '-');
  weir_buf_uint(buf, seq);
}

static weir_status read_str(const struct weir_json *nodes, const char *name, weir_str *out, weir_error *err) {
  enum weir_member found = weir_member_str(nodes, 0, name, out);
  if (found == WEIR_MEMBER_ABSENT) return weir_fail(err, WEIR_E_FORMAT, "the claim \"%s\" is missing", name);
  if (found == WEIR_MEMBER_OTHER) return weir_fail(err, WEIR_E_FORMAT, "the claim \"%s\" must be a string", name);
  return out->len > 0 ? WEIR_OK : weir_fail(err, WEIR_E_FORMAT, "the claim \"%s\" is empty", name);
}

static weir_status read_int(const struct weir_json *nodes, const char *name, int64_t *out, weir_error *err) {
  *out = 0;
  uint32_t at = weir_json_get(nodes, 0, weir_str_of(name));
  if (at == 0) return weir_fail(err, WEIR_E_FORMAT, "the claim \"%s\" is missing", name);
  if (!weir_json_int64(&nodes[at], out)) return weir_fail(err, WEIR_E_FORMAT, "the claim \"%s\" must be a whole number", name);
  if (*out >= 0 && *out <= WEIR_CLAIM_INT_MAX) return WEIR_OK;
  *out = 0;
  return weir_fail(err, WEIR_E_FORMAT, "the claim \"%s\" must be from 0 to 2^53 - 1", name);
}

/* prev stands in every record but the first. */
static weir_status read_prev(const struct weir_json *nodes, struct weir_claims *out, weir_error *err) {
  weir_str text;
  size_t len;
  enum weir_member found = weir_member_str(nodes, 0, "prev", &text);
  if (found == WEIR_MEMBER_ABSENT) {
    if (out->seq == 1) return WEIR_OK;
    return weir_fail(err, WEIR_E_FORMAT, "the claim \"prev\" is missing: only the first record of a chain has none");
  }
  if (out->seq == 1) return weir_fail(err, WEIR_E_TRUST, "the first record of a chain (seq 1) must not have a \"prev\"");
  /* what is no string is empty here */
  if (!weir_base64url_decode(text, out->prev, sizeof out->prev, &len) || len != sizeof out->prev) {
    return weir_fail(err, WEIR_E_FORMAT, "the claim \"prev\" must be a SHA-256 in base64url without padding (43 characters)");
  }
  out->has_prev = true;
  return WEIR_OK;
}

/* Only a tombstone has it. */
static weir_status read_erased(const struct weir_json *nodes, struct weir_claims *out, weir_error *err) {
  weir_str text;
  size_t len;
  if (weir_member_str(nodes, 0, "erased", &text) == WEIR_MEMBER_ABSENT) return WEIR_OK;
  out->is_tombstone = weir_base64url_decode(text, out->erased, sizeof out->erased, &len) && len == sizeof out->erased;
  if (out->is_tombstone) return WEIR_OK;
  return weir_fail(err, WEIR_E_FORMAT, "the claim \"erased\" must be a SHA-256 in base64url without padding (43 characters)");
}

/* Only a change of key has it, and nothing is decided in such a record. */
static weir_status read_next_kid(const struct weir_json *nodes, struct weir_claims *out, weir_error *err) {
  enum weir_member found = weir_member_str(nodes, 0, "next_kid", &out->next_kid);
  if (found == WEIR_MEMBER_ABSENT) return WEIR_OK;
  if (found == WEIR_MEMBER_OTHER || !weir_name_ok(out->next_kid, WEIR_KID_MAX) || out->next_kid.len != WEIR_SHA256_B64_CHARS) {
    out->next_kid = (weir_str){ NULL, 0 };
    return weir_fail(err, WEIR_E_FORMAT, "the claim \"next_kid\" must be a key's thumbprint (RFC 7638, 43 characters)");
  }
  uint32_t list = weir_json_get(nodes, 0, WEIR_STR("decisions"));
  if (out->is_tombstone || nodes[list].cnt != 0) {
    return weir_fail(err, WEIR_E_TRUST, "a record with \"next_kid\" changes the key, and may do nothing else");
  }
  return WEIR_OK;
}

static weir_status read_place(const struct weir_json *nodes, struct weir_claims *out, weir_error *err) {
  weir_str jti;
  int64_t seq = 0;
  char room[WEIR_JTI_CHARS];
  struct weir_buf expected;
  weir_status status = read_str(nodes, "chain", &out->chain, err);
  if (status == WEIR_OK) status = read_int(nodes, "seq", &seq, err);
  if (status == WEIR_OK) status = read_str(nodes, "jti", &jti, err);
  if (status != WEIR_OK) return status;
  if (!weir_name_ok(out->chain, WEIR_CHAIN_NAME_MAX)) {
    return weir_fail(err, WEIR_E_FORMAT, "the claim \"chain\" must be 1 to %d of A-Z a-z 0-9 - _", WEIR_CHAIN_NAME_MAX);
  }
  if (seq == 0) return weir_fail(err, WEIR_E_FORMAT, "the claim \"seq\" is 0: records are counted from 1");
  out->seq = (uint64_t)seq;
  weir_chain_id(out->chain, out->aud, out->chain_id);
  weir_buf_init(&expected, room, sizeof room);
  weir_jti_write(&expected, out->chain_id, out->seq);
  if (!weir_str_eq(jti, weir_buf_view(&expected))) {
    return weir_fail(err, WEIR_E_TRUST, "the claim \"jti\" does not belong to this chain, aud and seq: it should be \"%.*s\"",
                     WEIR_FMT(weir_buf_view(&expected)));
  }
  return read_prev(nodes, out, err);
}

static weir_status check_decisions(const struct weir_json *nodes, weir_error *err) {
  weir_str id;
  uint32_t list = weir_json_get(nodes, 0, WEIR_STR("decisions"));
  if (list == 0) return weir_fail(err, WEIR_E_FORMAT, "the claim \"decisions\" is missing");
  if (nodes[list].kind != WEIR_JSON_ARRAY) return weir_fail(err, WEIR_E_FORMAT, "the claim \"decisions\" must be an array");
  uint32_t at = list + 1;
  for (uint32_t i = 0; i < nodes[list].cnt; i++, at = nodes[at].next) {
    if (nodes[at].kind != WEIR_JSON_OBJECT) return weir_fail(err, WEIR_E_FORMAT, "decision %u must be an object", i + 1);
    if (weir_member_str(nodes, at, "id", &id) != WEIR_MEMBER_STRING || id.len == 0) {
      return weir_fail(err, WEIR_E_FORMAT, "decision %u has no \"id\", or it is no string", i + 1);
    }
  }
  return WEIR_OK;
}

weir_status weir_claims_read(const struct weir_json *nodes, struct weir_claims *out, weir_error *err) {
  weir_str text;
  *out = (struct weir_claims){ .seq = 0 };
  if (nodes[0].kind != WEIR_JSON_OBJECT) return weir_fail(err, WEIR_E_FORMAT, "the payload must be a JSON object");
  if (weir_json_has_duplicates(nodes, 0)) return weir_fail(err, WEIR_E_FORMAT, "a name stands twice in an object of the payload");
  weir_status status = read_str(nodes, "iss", &out->iss, err);
  if (status == WEIR_OK) status = read_str(nodes, "aud", &out->aud, err);
  if (status == WEIR_OK) status = read_int(nodes, "iat", &out->iat_s, err);
  if (status == WEIR_OK) status = read_int(nodes, "exp", &out->exp_s, err);
  if (status == WEIR_OK) status = read_place(nodes, out, err);
  if (status == WEIR_OK) status = read_str(nodes, "ruleset", &text, err);
  if (status == WEIR_OK) status = read_str(nodes, "env", &text, err);
  if (status == WEIR_OK) status = read_erased(nodes, out, err);
  if (status == WEIR_OK) status = check_decisions(nodes, err);
  if (status == WEIR_OK) status = read_next_kid(nodes, out, err);
  if (status == WEIR_OK && out->exp_s <= out->iat_s) {
    status = weir_fail(err, WEIR_E_TRUST, "the claim \"exp\" is not after \"iat\"");
  }
  return status;
}
