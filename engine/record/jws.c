/* jws.c: signed lines, put together and taken apart.
 *
 * Owns the outer form: three parts of strict base64url, a header of three members, an Ed25519 signature. It knows
 * nothing of what a record says (claims.c) or where it stands in its chain (log.c), and does not choose keys (verify.c).
 *
 * What is signed is bytes, not objects: the verifier parses exactly the bytes that were verified, and every byte of a
 * line counts, for there is only one spelling that decodes (no padding, no white space, unused bits zero). */
#include "record/jws.h"

#include <sodium.h>

#include "record/key.h"
#include "record/record.h"

_Static_assert(crypto_sign_BYTES == WEIR_SIGNATURE_BYTES, "Ed25519 has signatures of 64 bytes");

/* ---- making */

static size_t base64url_chars(size_t len) { return len / 3 * 4 + (len % 3 ? len % 3 + 1 : 0); }

size_t weir_jws_header_write(weir_str alg, weir_str kid, char *out, size_t cap) {
  char json[WEIR_JWS_HEADER_MAX];
  struct weir_buf buf;
  weir_buf_init(&buf, json, sizeof json);
  weir_json_open(&buf, '{');
  weir_json_member(&buf, "alg", alg);
  weir_json_member(&buf, "kid", kid);
  weir_json_member(&buf, "typ", WEIR_STR(WEIR_JWS_TYP));
  weir_json_close(&buf, '}');
  if (buf.full || base64url_chars(buf.len) > cap) return 0;
  return weir_base64url((const unsigned char *)buf.ptr, buf.len, out);
}

weir_status weir_jws_sign(const struct weir_key *key, weir_str header, weir_str payload, struct weir_buf *line, weir_error *err) {
  unsigned char signature[WEIR_SIGNATURE_BYTES];
  size_t max = line->cap < WEIR_JWS_MAX ? line->cap : WEIR_JWS_MAX;
  size_t need = payload.len > max ? SIZE_MAX : header.len + 1 + base64url_chars(payload.len) + 1 + WEIR_SIGNATURE_CHARS;
  if (need > max) {
    return weir_fail(err, WEIR_E_LIMIT, "a payload of %zu bytes makes a line longer than %zu bytes", payload.len, max);
  }
  weir_buf_str(line, header);
  weir_buf_byte(line, '.');
  line->len += weir_base64url((const unsigned char *)payload.ptr, payload.len, line->ptr + line->len);

  const unsigned char *secret = weir_key_show(key);
  if (!secret) return weir_fail(err, WEIR_E_KEY, "the system refused access to the memory of the signing key");
  bool made = crypto_sign_detached(signature, NULL, (const unsigned char *)line->ptr, line->len, secret) == 0;
  if (!weir_key_hide(key)) {
    return weir_fail(err, WEIR_E_KEY, "the system refused to protect the memory of the signing key again");
  }
  if (!made) return weir_fail(err, WEIR_E_KEY, "libsodium could not sign");
  weir_buf_byte(line, '.');
  line->len += weir_base64url(signature, sizeof signature, line->ptr + line->len);
  return WEIR_OK;
}

/* ---- checking */

weir_status weir_jws_split(weir_str line, struct weir_jws_parts *out, weir_error *err) {
  *out = (struct weir_jws_parts){ { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
  if (!line.ptr || line.len == 0) return weir_fail(err, WEIR_E_FORMAT, "the line is empty");
  if (line.len > WEIR_JWS_MAX) {
    return weir_fail(err, WEIR_E_LIMIT, "the line has %zu bytes, a record's has at most %d", line.len, WEIR_JWS_MAX);
  }
  const char *end = line.ptr + line.len;
  const char *dot1 = memchr(line.ptr, '.', line.len);
  const char *dot2 = dot1 ? memchr(dot1 + 1, '.', (size_t)(end - dot1 - 1)) : NULL;
  if (!dot2) {
    return weir_fail(err, WEIR_E_FORMAT, "not a signed line: it needs three parts with dots between, header.payload.signature");
  }
  if (memchr(dot2 + 1, '.', (size_t)(end - dot2 - 1))) {
    return weir_fail(err, WEIR_E_FORMAT, "not a signed line: it has more than three parts");
  }
  out->header = (weir_str){ line.ptr, (size_t)(dot1 - line.ptr) };
  out->payload = (weir_str){ dot1 + 1, (size_t)(dot2 - dot1 - 1) };
  out->signature = (weir_str){ dot2 + 1, (size_t)(end - dot2 - 1) };
  out->input = (weir_str){ line.ptr, (size_t)(dot2 - line.ptr) };
  if (out->header.len == 0) return weir_fail(err, WEIR_E_FORMAT, "the header (first part) is empty");
  if (out->payload.len == 0) return weir_fail(err, WEIR_E_FORMAT, "the payload (second part) is empty");
  if (out->signature.len == 0) return weir_fail(err, WEIR_E_FORMAT, "the signature (third part) is empty");
  return WEIR_OK;
}

static bool is_base64url(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

weir_status weir_jws_decode(weir_str part, const char *what, size_t at, unsigned char *out, size_t cap, size_t *len,
                            weir_error *err) {
  *len = 0;
  if (weir_base64url_decode(part, out, cap, len)) return WEIR_OK;
  *len = 0;
  for (size_t i = 0; i < part.len; i++) {
    if (is_base64url(part.ptr[i])) continue;
    return weir_fail(err, WEIR_E_FORMAT, "at byte %zu: the %s has a character that base64url (without padding) has not", at + i,
                     what);
  }
  if (part.len % 4 == 1) return weir_fail(err, WEIR_E_FORMAT, "the %s has a length that base64url cannot have: it was cut", what);
  if (base64url_chars(cap) < part.len) return weir_fail(err, WEIR_E_LIMIT, "the %s has more than %zu bytes", what, cap);
  return weir_fail(err, WEIR_E_FORMAT, "at byte %zu: the last character of the %s has unused bits set", at + part.len - 1, what);
}

/* The members that other formats allow and that could redirect or switch off the check: refused by name. */
static bool is_known_trick(weir_str name) {
  static const char *const tricks[] = { "crit", "b64", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "cty", "zip", "enc",
                                        "url" };
  for (size_t i = 0; i < sizeof tricks / sizeof tricks[0]; i++) {
    if (weir_str_eq(name, weir_str_of(tricks[i]))) return true;
  }
  return false;
}

static weir_status read_member(weir_str name, const struct weir_json *value, struct weir_jws_header *out, weir_error *err) {
  weir_str *place = weir_str_eq(name, WEIR_STR("alg")) ? &out->alg
                    : weir_str_eq(name, WEIR_STR("kid")) ? &out->kid
                    : weir_str_eq(name, WEIR_STR("typ")) ? &out->typ : NULL;
  /* an unknown name is a stranger's text and not repeated */
  if (!place && is_known_trick(name)) {
    return weir_fail(err, WEIR_E_TRUST, "the header has \"%.*s\": only \"alg\", \"kid\" and \"typ\" are allowed", WEIR_FMT(name));
  }
  if (!place) return weir_fail(err, WEIR_E_TRUST, "the header has a member beside \"alg\", \"kid\" and \"typ\"");
  if (value->kind != WEIR_JSON_STRING) {
    return weir_fail(err, WEIR_E_FORMAT, "\"%.*s\" of the header must be a string", WEIR_FMT(name));
  }
  *place = value->str;
  return WEIR_OK;
}

weir_status weir_jws_header_read(weir_str header, struct weir_jws_room *room, struct weir_jws_header *out, weir_error *err) {
  struct weir_arena arena;
  weir_error why;
  size_t len, node_cnt;
  *out = (struct weir_jws_header){ { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
  weir_status status = weir_jws_decode(header, "header", 0, room->json, sizeof room->json, &len, err);
  if (status != WEIR_OK) return status;
  weir_arena_fixed(&arena, room->block, sizeof room->block);
  weir_str json = { (const char *)room->json, len };
  status = weir_json_read(json, room->nodes, WEIR_JWS_HEADER_NODES_MAX, &arena, &node_cnt, &why);
  if (status != WEIR_OK) return weir_fail(err, status, "the header is no JSON that can be read: %s", why.message);
  if (room->nodes[0].kind != WEIR_JSON_OBJECT) return weir_fail(err, WEIR_E_FORMAT, "the header must be a JSON object");
  if (weir_json_has_duplicates(room->nodes, 0)) return weir_fail(err, WEIR_E_FORMAT, "a name stands twice in the header");
  uint32_t at = 1;
  for (uint32_t i = 0; i < room->nodes[0].cnt; i++, at = room->nodes[at + 1].next) {
    status = read_member(room->nodes[at].str, &room->nodes[at + 1], out, err);
    if (status != WEIR_OK) return status;
  }
  return WEIR_OK;
}

weir_status weir_jws_verify(const unsigned char x[32], const struct weir_jws_parts *parts, weir_error *err) {
  unsigned char signature[WEIR_SIGNATURE_BYTES];
  size_t len;
  if (parts->signature.len != WEIR_SIGNATURE_CHARS) {
    return weir_fail(err, WEIR_E_FORMAT, "the signature has %zu characters instead of %d", parts->signature.len,
                     WEIR_SIGNATURE_CHARS);
  }
  weir_status status = weir_jws_decode(parts->signature, "signature", parts->input.len + 1, signature, sizeof signature, &len,
                                       err);
  if (status != WEIR_OK) return status;
  if (crypto_sign_verify_detached(signature, (const unsigned char *)parts->input.ptr, parts->input.len, x) == 0) return WEIR_OK;
  return weir_fail(err, WEIR_E_TRUST, "the signature does not hold: the line was altered or signed by another key");
}

/* ---- showing */

weir_status weir_record_claims(weir_str jws, char *out, size_t cap, size_t *len, weir_error *err) {
  struct weir_jws_parts parts;
  unsigned char piece[48];
  size_t full = 0;
  if (!len) return weir_fail(err, WEIR_E_ARG, "weir_record_claims needs a place for the length");
  *len = 0;
  if (!out && cap > 0) return weir_fail(err, WEIR_E_ARG, "weir_record_claims needs a place for the claims");
  weir_status status = weir_jws_split(jws, &parts, err);
  if (status != WEIR_OK) return status;
  /* in pieces of whole 3-byte groups, so that a small `out` can be filled to its last byte */
  size_t step = sizeof piece / 3 * 4;
  for (size_t at = 0; at < parts.payload.len; at += step) {
    size_t left = parts.payload.len - at, piece_len;
    weir_str chars = { parts.payload.ptr + at, left < step ? left : step };
    status = weir_jws_decode(chars, "payload", parts.header.len + 1 + at, piece, sizeof piece, &piece_len, err);
    if (status != WEIR_OK) return status;
    size_t room = full < cap ? cap - full : 0;
    if (room > 0) memcpy(out + full, piece, piece_len < room ? piece_len : room);
    full += piece_len;
  }
  *len = full;
  return WEIR_OK;
}
