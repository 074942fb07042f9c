/* jws.h: the compact serialization of a signed line (RFC 7515 section 7.1). Private to record/. */
#ifndef WEIR_RECORD_JWS_H
#define WEIR_RECORD_JWS_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "limits.h"

#define WEIR_JWS_TYP "weir-record+jwt"
#define WEIR_SIGNATURE_BYTES 64
#define WEIR_SIGNATURE_CHARS 86 /* in base64url */

struct weir_key;

/* ---- making */

/* Writes the base64url of a record's header; its length, 0 when it does not fit. */
size_t weir_jws_header_write(weir_str alg, weir_str kid, char *out, size_t cap);

/* Writes header.payload.signature into the empty buffer `line`. `header` is base64url already, `payload` is plain.
 * Errors: WEIR_E_LIMIT (the line does not fit), WEIR_E_KEY. */
weir_status weir_jws_sign(const struct weir_key *key, weir_str header, weir_str payload, struct weir_buf *line, weir_error *err);

/* ---- checking */

struct weir_jws_parts {
  weir_str header, payload, signature; /* base64url, not decoded */
  weir_str input;                      /* header '.' payload: what is signed */
};

/* Cuts a line at its two dots. Looks at sizes only.
 * Errors: WEIR_E_FORMAT, WEIR_E_LIMIT. */
weir_status weir_jws_split(weir_str line, struct weir_jws_parts *out, weir_error *err);

/* Decodes strict base64url; `what` names the part in messages, `at` is where it begins in the line.
 * Errors: WEIR_E_FORMAT, WEIR_E_LIMIT (more than cap bytes). */
weir_status weir_jws_decode(weir_str part, const char *what, size_t at, unsigned char *out, size_t cap, size_t *len,
                            weir_error *err);

/* Where a header is taken apart. */
struct weir_jws_room {
  unsigned char json[WEIR_JWS_HEADER_MAX];
  struct weir_json nodes[WEIR_JWS_HEADER_NODES_MAX];
  unsigned char block[WEIR_JWS_HEADER_MAX]; /* decoded strings: never longer than their spelling */
};

struct weir_jws_header {
  weir_str alg, kid, typ; /* ptr NULL: absent; else a string as it stands there, and nothing is known about it yet */
};

/* Reads a protected header. Any member but alg, kid and typ is refused, and so are duplicates.
 * Errors: WEIR_E_FORMAT, WEIR_E_LIMIT, WEIR_E_TRUST. */
weir_status weir_jws_header_read(weir_str header, struct weir_jws_room *room, struct weir_jws_header *out, weir_error *err);

/* Whether the signature is that of the holder of `x` over the input. Refuses signatures that are
 * not canonical (S not below the group's order), and keys and points of small order.
 * Errors: WEIR_E_FORMAT (no 64 bytes of base64url), WEIR_E_TRUST. */
weir_status weir_jws_verify(const unsigned char x[32], const struct weir_jws_parts *parts, weir_error *err);

#endif
