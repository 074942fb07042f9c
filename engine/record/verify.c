/* verify.c: checking a log of records, line by line (weir_verifier_*, weir_verify_line).
 *
 * Owns the order of the checks. A line is nothing but bytes until the end of step 3: cheap checks of form come first, the
 * signature next, and only what a trusted key has signed is parsed as JSON with a payload's limits.
 *
 *   1 form       three parts, strict base64url, a header of alg, kid and typ            jws.c
 *   2 key        kid names a key of the host's set; that key allows alg; typ is ours    keyset.c
 *   3 signature  over the bytes as they stand in the line
 *   4 claims     complete, well-formed, in agreement with themselves                    claims.c
 *   5 asked for  issuer, audience, time                                                 here
 *   6 place      seq, prev and key against the lines before; the same line again        log.c
 *
 * The working memory is taken at open; a check asks for none. */
#include <sodium.h>
#include <stdlib.h>

#include "limits.h"
#include "record/claims.h"
#include "record/heads.h"
#include "record/jws.h"
#include "record/keyset.h"
#include "record/log.h"

struct weir_verifier {
  const struct weir_keyset *keys;
  weir_str issuer, aud; /* empty: any; copies, behind this struct */
  int64_t now_ms;
  struct weir_jws_room header;
  unsigned char payload[WEIR_PAYLOAD_MAX];
  unsigned char block[WEIR_PAYLOAD_MAX]; /* decoded strings: never longer than their spelling */
  struct weir_json nodes[WEIR_RECORD_NODES_MAX];
  struct weir_log log;
  struct weir_wanted_list wanted;
  char texts[]; /* of issuer and aud */
};

/* ---- opening */

static weir_str keep(char *to, weir_str s) {
  if (s.len > 0) memcpy(to, s.ptr, s.len);
  return (weir_str){ to, s.len };
}

weir_status weir_verifier_open(weir_verifier **out, const weir_verify_config *given, weir_error *err) {
  if (!out) return weir_fail(err, WEIR_E_ARG, "weir_verifier_open needs a place for the verifier");
  *out = NULL;
  weir_verify_config own, *config = &own;
  if (!weir_struct_in(&own, sizeof own, given)) {
    return weir_fail(err, WEIR_E_ARG, "weir_verifier_open needs a config with struct_size = sizeof (weir_verify_config)");
  }
  if (!config->keys) return weir_fail(err, WEIR_E_ARG, "weir_verifier_open needs keys: without them nothing can be trusted");
  if (config->now_ms < 0) return weir_fail(err, WEIR_E_ARG, "now_ms lies before 1970");
  if (config->issuer.len > WEIR_PAYLOAD_MAX || config->aud.len > WEIR_PAYLOAD_MAX) {
    return weir_fail(err, WEIR_E_LIMIT, "issuer or aud is longer than any record's");
  }
  if (sodium_init() < 0) return weir_fail(err, WEIR_E_INTERNAL, "libsodium could not be started");
  /* zeroed pages cost nothing until a line needs them */
  struct weir_verifier *verifier = calloc(1, sizeof *verifier + config->issuer.len + config->aud.len);
  if (!verifier) return weir_fail(err, WEIR_E_NOMEM, "no memory for a verifier (%zu bytes)", sizeof *verifier);
  verifier->keys = config->keys;
  verifier->issuer = keep(verifier->texts, config->issuer);
  verifier->aud = keep(verifier->texts + config->issuer.len, config->aud);
  verifier->now_ms = config->now_ms;
  *out = verifier;
  return WEIR_OK;
}

void weir_verifier_close(weir_verifier *verifier) { free(verifier); }

/* ---- the steps */

/* kid is a stranger's text: it is looked up, and shown only when it looks like an id. */
static weir_status choose_key(const struct weir_verifier *verifier, const struct weir_jws_header *header,
                              const struct weir_keyset_key **out, weir_error *err) {
  unsigned alg = weir_alg_of(header->alg);
  *out = NULL;
  if (!header->alg.ptr) return weir_fail(err, WEIR_E_TRUST, "the header has no \"alg\"");
  if (alg == 0) {
    return weir_fail(err, WEIR_E_TRUST, "the header's \"alg\" is neither EdDSA nor Ed25519: such a line proves nothing");
  }
  if (!header->typ.ptr) return weir_fail(err, WEIR_E_TRUST, "the header has no \"typ\": it must be \"%s\"", WEIR_JWS_TYP);
  if (!weir_str_eq(header->typ, WEIR_STR(WEIR_JWS_TYP))) {
    return weir_fail(err, WEIR_E_TRUST, "the header's \"typ\" is not \"%s\": the line was signed to be something else",
                     WEIR_JWS_TYP);
  }
  if (!header->kid.ptr) return weir_fail(err, WEIR_E_TRUST, "the header has no \"kid\": no key can be chosen");
  if (!weir_name_ok(header->kid, WEIR_KID_MAX)) {
    return weir_fail(err, WEIR_E_TRUST, "the header's \"kid\" is no key id: 1 to %d of A-Z a-z 0-9 - _", WEIR_KID_MAX);
  }
  const struct weir_keyset_key *key = weir_keyset_find(verifier->keys, header->kid);
  const struct weir_log_head *head = key ? NULL : weir_log_successor(&verifier->log, header->kid);
  if (head) {
    return weir_fail(err, WEIR_E_TRUST, "signed by key %s, to which key %s handed over, and which is not in the set: check with the newer set of keys", head->kid, head->former);
  }
  if (!key) return weir_fail(err, WEIR_E_TRUST, "signed by a key that is not in the set: kid \"%.*s\"", WEIR_FMT(header->kid));
  if (!(key->algs & alg)) {
    return weir_fail(err, WEIR_E_TRUST, "the header's \"alg\" is %.*s, but this key may only sign as %.*s", WEIR_FMT(header->alg),
                     WEIR_FMT(weir_alg_name(key->algs)));
  }
  *out = key;
  return WEIR_OK;
}

/* Steps 1 to 3. *payload lies in the verifier. */
static weir_status check_signature(struct weir_verifier *verifier, weir_str line, weir_str *payload, const struct weir_keyset_key **signer, weir_error *err) {
  struct weir_jws_parts parts;
  struct weir_jws_header header;
  const struct weir_keyset_key *key = NULL;
  size_t len = 0;
  *signer = NULL;
  *payload = (weir_str){ NULL, 0 };
  weir_status status = weir_jws_split(line, &parts, err);
  if (status == WEIR_OK) status = weir_jws_header_read(parts.header, &verifier->header, &header, err);
  if (status == WEIR_OK) status = choose_key(verifier, &header, &key, err);
  if (status != WEIR_OK) return status;
  status = weir_jws_verify(key->x, &parts, err);
  if (status != WEIR_OK) return status;
  status = weir_jws_decode(parts.payload, "payload", parts.header.len + 1, verifier->payload, sizeof verifier->payload, &len,
                           err);
  if (status != WEIR_OK) return status;
  *payload = (weir_str){ (const char *)verifier->payload, len };
  *signer = key;
  return WEIR_OK;
}

/* Step 4. */
static weir_status read_claims(struct weir_verifier *verifier, weir_str payload, struct weir_claims *claims, weir_error *err) {
  struct weir_arena arena;
  weir_error why;
  size_t node_cnt;
  weir_arena_fixed(&arena, verifier->block, sizeof verifier->block);
  weir_status status = weir_json_read(payload, verifier->nodes, WEIR_RECORD_NODES_MAX, &arena, &node_cnt, &why);
  if (status != WEIR_OK) return weir_fail(err, status, "the payload is no JSON that can be read: %s", why.message);
  return weir_claims_read(verifier->nodes, claims, err);
}

/* Step 5. A gateway whose clock runs a little ahead is forgiven; a record from tomorrow is not. */
static weir_status check_wanted(const struct weir_verifier *verifier, const struct weir_claims *claims, weir_error *err) {
  if (verifier->issuer.len > 0 && !weir_str_eq(claims->iss, verifier->issuer)) {
    return weir_fail(err, WEIR_E_TRUST, "issued by \"%.*s\", expected \"%.*s\"", WEIR_FMT(claims->iss),
                     WEIR_FMT(verifier->issuer));
  }
  if (verifier->aud.len > 0 && !weir_str_eq(claims->aud, verifier->aud)) {
    return weir_fail(err, WEIR_E_TRUST, "the record is for \"%.*s\", expected \"%.*s\"", WEIR_FMT(claims->aud),
                     WEIR_FMT(verifier->aud));
  }
  if (verifier->now_ms == 0) return WEIR_OK;
  int64_t now_s = verifier->now_ms / 1000;
  if (claims->exp_s <= now_s) {
    return weir_fail(err, WEIR_E_TRUST, "expired: exp is %lld, now is %lld", (long long)claims->exp_s, (long long)now_s);
  }
  if (claims->iat_s > now_s + WEIR_CLOCK_SKEW_S) {
    return weir_fail(err, WEIR_E_TRUST, "issued in the future: iat is %lld, now is %lld", (long long)claims->iat_s,
                     (long long)now_s);
  }
  return WEIR_OK;
}

weir_status weir_verify_line(weir_verifier *verifier, weir_str line, weir_check *check, weir_str *claims, weir_error *err) {
  struct weir_claims said;
  weir_str payload;
  unsigned char hash[WEIR_SHA256_BYTES];
  if (check) *check = WEIR_CHECK_BAD;
  if (claims) *claims = (weir_str){ NULL, 0 };
  if (!verifier || !check) return weir_fail(err, WEIR_E_ARG, "weir_verify_line needs a verifier and a place for the result");
  weir_error_clear(err);

  const struct weir_keyset_key *signer;
  weir_status status = check_signature(verifier, line, &payload, &signer, err);
  if (status == WEIR_OK) status = read_claims(verifier, payload, &said, err);
  if (status == WEIR_OK) status = check_wanted(verifier, &said, err);
  if (status != WEIR_OK) return WEIR_OK; /* the check was made: the line is BAD */
  weir_sha256(line, hash);
  /* a tombstone stands for the line it names */
  const unsigned char *line_hash = said.is_tombstone ? said.erased : hash;
  status = weir_log_take(&verifier->log, &said, line_hash, weir_str_of(signer->id), check, err);
  if (*check != WEIR_CHECK_BAD) {
    weir_wanted_seen(&verifier->wanted, &said, line_hash);
    if (claims) *claims = payload;
  }
  return status;
}

/* ---- heads */

weir_status weir_verifier_want(weir_verifier *verifier, weir_str aud, uint64_t seq, weir_str hash, weir_error *err) {
  if (!verifier) return weir_fail(err, WEIR_E_ARG, "weir_verifier_want needs a verifier");
  return weir_wanted_add(&verifier->wanted, aud, seq, hash, err);
}

static void fill_head(weir_head *out, const char *aud, uint64_t seq, const unsigned char hash[WEIR_SHA256_BYTES]) {
  *out = (weir_head){ .aud = weir_str_of(aud), .seq = seq };
  out->hash[weir_base64url(hash, WEIR_SHA256_BYTES, out->hash)] = '\0';
}

bool weir_verifier_missing(const weir_verifier *verifier, size_t index, weir_head *out) {
  if (out) memset(out, 0, sizeof *out);
  for (size_t i = 0; verifier && out && i < verifier->wanted.cnt; i++) {
    const struct weir_wanted *w = &verifier->wanted.items[i];
    if (w->found || index-- > 0) continue;
    fill_head(out, w->aud, w->seq, w->hash);
    out->other = w->other;
    return true;
  }
  return false;
}

bool weir_verifier_head(const weir_verifier *verifier, size_t index, weir_head *out) {
  if (out) memset(out, 0, sizeof *out);
  for (size_t i = 0; verifier && out && i < WEIR_LOG_SLOTS; i++) {
    const struct weir_log_head *head = &verifier->log.heads[i];
    if (head->seq == 0 || !head->aud[0] || index-- > 0) continue;
    fill_head(out, head->aud, head->seq, head->hash);
    return true;
  }
  return false;
}
