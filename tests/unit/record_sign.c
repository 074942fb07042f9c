/* Making records: their exact bytes, sizes that do not fit, and heads that must not be signed. */
#include <jansson.h>
#include <sodium.h>

#include "record_support.h"

static struct weir_record_head first_head(void) {
  return (struct weir_record_head){ .iss = WEIR_STR("urn:weir:gw-01"), .aud = WEIR_STR(AUD), .chain = WEIR_STR(CHAIN), .seq = 1,
                                    .iat_s = IAT,
                                    .exp_s = IAT + 3600, .ruleset = WEIR_STR(RULESET), .env = WEIR_STR("77ab") };
}

/* Signs with buffers of the given sizes. */
static weir_status sign(const weir_key *key, const struct weir_record_head *head, weir_str decisions, size_t payload_cap,
                        size_t line_cap,
                        struct weir_buf *payload, struct weir_buf *line, unsigned char hash[32], weir_error *err) {
  static char payload_room[WEIR_PAYLOAD_MAX + 1000], line_room[WEIR_JWS_MAX + 1000];
  assert_true(payload_cap <= sizeof payload_room && line_cap <= sizeof line_room);
  weir_buf_init(payload, payload_room, payload_cap);
  weir_buf_init(line, line_room, line_cap);
  return weir_record_sign(key, head, decisions, payload, line, hash, err);
}

static void the_bytes_of_a_record(void **state) {
  (void)state;
  struct weir_buf payload, line;
  unsigned char hash[32], expected_hash[32], id[WEIR_ID_BYTES];
  char expected[2048], id_text[WEIR_ID_CHARS + 1] = { 0 };
  weir_key *key = rfc_key();
  struct weir_record_head head = first_head();
  weir_chain_id(head.chain, head.aud, id);
  assert_int_equal(weir_base64url(id, sizeof id, id_text), WEIR_ID_CHARS);
  assert_int_equal(sign(key, &head, WEIR_STR(DECISION), WEIR_PAYLOAD_MAX, WEIR_JWS_MAX, &payload, &line, hash, NULL), WEIR_OK);
  (void)snprintf(expected, sizeof expected,
                 "{\"iss\":\"urn:weir:gw-01\",\"aud\":\"douyin/papers\",\"iat\":1763773200,\"exp\":1763776800,\"jti\":\"%s-1\",\"chain\":\"c4\","
                 "\"seq\":1,\"ruleset\":\"" RULESET "\",\"env\":\"77ab\",\"decisions\":[" DECISION "]}", id_text);
  assert_true(weir_str_eq(weir_buf_view(&payload), weir_str_of(expected)));

  /* header.payload.signature, each as another library writes it */
  char part[4096];
  weir_str rest = weir_buf_view(&line);
  (void)sodium_bin2base64(part, sizeof part, (const unsigned char *)RFC_HEADER, strlen(RFC_HEADER),
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  assert_true(weir_str_starts(rest, weir_str_of(part)));
  rest.ptr += strlen(part), rest.len -= strlen(part);
  assert_true(rest.ptr[0] == '.');
  (void)sodium_bin2base64(part, sizeof part, (const unsigned char *)expected, strlen(expected),
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  assert_memory_equal(rest.ptr + 1, part, strlen(part));
  rest.ptr += strlen(part) + 1, rest.len -= strlen(part) + 1;
  assert_true(rest.ptr[0] == '.' && rest.len == 1 + 86);
  unsigned char signature[64];
  size_t len;
  assert_true(weir_base64url_decode((weir_str){ rest.ptr + 1, 86 }, signature, sizeof signature, &len));
  assert_int_equal(crypto_sign_verify_detached(signature, (const unsigned char *)line.ptr, line.len - 87, key->public_key), 0);
  weir_sha256(weir_buf_view(&line), expected_hash);
  assert_memory_equal(hash, expected_hash, sizeof hash);
  weir_key_free(key);
}

static void prev_and_awkward_text(void **state) {
  (void)state;
  struct weir_buf payload, line;
  unsigned char hash[32];
  weir_key *key = rfc_key();
  struct weir_record_head head = first_head();
  head.seq = 2;
  head.has_prev = true;
  memset(head.prev, 0xfb, sizeof head.prev);
  head.iss = WEIR_STR("\"urn\"\\\n");
  head.aud = WEIR_STR("抖音/试卷");
  assert_int_equal(sign(key, &head, WEIR_STR(""), WEIR_PAYLOAD_MAX, WEIR_JWS_MAX, &payload, &line, hash, NULL), WEIR_OK);
  json_t *root = json_loadb(payload.ptr, payload.len, JSON_REJECT_DUPLICATES, NULL);
  assert_non_null(root);
  assert_string_equal(json_string_value(json_object_get(root, "iss")), "\"urn\"\\\n");
  assert_string_equal(json_string_value(json_object_get(root, "aud")), "抖音/试卷");
  assert_string_equal(json_string_value(json_object_get(root, "prev")), "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s");
  assert_int_equal(json_array_size(json_object_get(root, "decisions")), 0);
  json_decref(root);
  weir_key_free(key);
}

/* weir_record_head_bytes is what the engine fills records by: never too small, and not wasteful. */
static void head_bytes_is_a_close_bound(void **state) {
  (void)state;
  static const char *const texts[] = { "urn:weir", "a\"b\\c\n\x01\x7f", "抖音/试卷", "x" };
  struct weir_buf payload, line;
  unsigned char hash[32];
  weir_key *key = rfc_key();
  for (size_t i = 0; i < 4 * 4 * 2; i++) {
    struct weir_record_head head = first_head();
    head.iss = weir_str_of(texts[i % 4]);
    head.aud = weir_str_of(texts[i / 4 % 4]);
    head.env = weir_str_of(texts[i % 3]);
    if (i >= 16) {
      head.seq = (uint64_t)WEIR_CLAIM_INT_MAX;
      head.has_prev = true;
      head.iat_s = WEIR_CLAIM_INT_MAX - 1;
      head.exp_s = WEIR_CLAIM_INT_MAX;
      head.chain = WEIR_STR("0123456789012345678901234567890123456789012345678901234567890123");
    }
    size_t bound = weir_record_head_bytes(&head);
    assert_int_equal(sign(key, &head, WEIR_STR(DECISION), WEIR_PAYLOAD_MAX, WEIR_JWS_MAX, &payload, &line, hash, NULL), WEIR_OK);
    size_t real = payload.len - strlen(DECISION);
    if (real > bound || bound > real + 160) fail_msg("%zu: bound %zu, really %zu", i, bound, real);
  }
  weir_key_free(key);
}

static void what_does_not_fit(void **state) {
  (void)state;
  static char decisions[WEIR_PAYLOAD_MAX + 100];
  struct weir_buf payload, line;
  unsigned char hash[32], zero[32] = { 0 };
  weir_error err;
  weir_key *key = rfc_key();
  struct weir_record_head head = first_head();
  assert_int_equal(sign(key, &head, WEIR_STR(""), WEIR_PAYLOAD_MAX, WEIR_JWS_MAX, &payload, &line, hash, NULL), WEIR_OK);
  size_t empty = payload.len, empty_line = line.len;

  /* exactly as much as a payload may have, then one byte more; the buffers have room for both */
  size_t most = WEIR_PAYLOAD_MAX - empty;
  (void)snprintf(decisions, sizeof decisions, "{\"id\":\"%0*d\"}", (int)most - 9, 0);
  assert_int_equal(strlen(decisions), most);
  assert_int_equal(sign(key, &head, (weir_str){ decisions, most }, WEIR_PAYLOAD_MAX + 1000, WEIR_JWS_MAX, &payload, &line, hash,
                        &err), WEIR_OK);
  assert_int_equal(payload.len, WEIR_PAYLOAD_MAX);
  assert_true(line.len <= WEIR_JWS_MAX);
  decisions[most] = ' ';
  assert_int_equal(sign(key, &head, (weir_str){ decisions, most + 1 }, WEIR_PAYLOAD_MAX + 1000, WEIR_JWS_MAX, &payload, &line,
                        hash, &err),
                   WEIR_E_LIMIT);
  assert_true(payload.len == 0 && line.len == 0);
  assert_memory_equal(hash, zero, sizeof hash);

  /* small buffers: every size short of enough is refused and nothing is written beyond it (ASan looks on) */
  assert_int_equal(sign(key, &head, WEIR_STR(""), empty, empty_line, &payload, &line, hash, &err), WEIR_OK);
  for (size_t cap = 0; cap < empty; cap++) {
    assert_int_equal(sign(key, &head, WEIR_STR(""), cap, WEIR_JWS_MAX, &payload, &line, hash, &err), WEIR_E_LIMIT);
    assert_int_equal(line.len, 0);
  }
  for (size_t cap = 0; cap < empty_line; cap++) {
    char *room = malloc(cap + 1), payload_room[1024];
    assert_non_null(room);
    room[cap] = '#';
    weir_buf_init(&payload, payload_room, sizeof payload_room);
    weir_buf_init(&line, room, cap);
    assert_int_equal(weir_record_sign(key, &head, WEIR_STR(""), &payload, &line, hash, &err), WEIR_E_LIMIT);
    assert_int_equal(line.len, 0);
    assert_int_equal(room[cap], '#');
    free(room);
  }
  weir_key_free(key);
}

static void heads_that_are_not_signed(void **state) {
  (void)state;
  struct weir_buf payload, line;
  unsigned char hash[32];
  weir_error err;
  weir_key *key = rfc_key();
  struct weir_record_head bad[16];
  size_t cnt = 0;
  for (size_t i = 0; i < 16; i++) bad[i] = first_head();
  bad[cnt++].seq = 0;
  bad[cnt++].seq = 2; /* without prev */
  bad[cnt++].has_prev = true; /* in the first */
  bad[cnt].has_prev = true, bad[cnt++].seq = (uint64_t)WEIR_CLAIM_INT_MAX + 1;
  bad[cnt++].iat_s = -1;
  bad[cnt++].exp_s = IAT;
  bad[cnt++].exp_s = INT64_MAX;
  bad[cnt++].chain = WEIR_STR("");
  bad[cnt++].chain = WEIR_STR("a b");
  bad[cnt++].chain = WEIR_STR("../../etc");
  bad[cnt++].chain = WEIR_STR("01234567890123456789012345678901234567890123456789012345678901234");
  bad[cnt++].iss = WEIR_STR("");
  bad[cnt++].aud = WEIR_STR("");
  bad[cnt++].ruleset = WEIR_STR("");
  bad[cnt++].env = (weir_str){ NULL, 0 };
  for (size_t i = 0; i < cnt; i++) {
    assert_int_equal(sign(key, &bad[i], WEIR_STR(DECISION), WEIR_PAYLOAD_MAX, WEIR_JWS_MAX, &payload, &line, hash, &err),
                     WEIR_E_ARG);
    assert_true(payload.len == 0 && line.len == 0);
  }
  weir_key_free(key);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_bytes_of_a_record),
    cmocka_unit_test(prev_and_awkward_text),
    cmocka_unit_test(head_bytes_is_a_close_bound),
    cmocka_unit_test(what_does_not_fit),
    cmocka_unit_test(heads_that_are_not_signed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
