/* Where a line stands among the lines before it: chains, gaps, lines that come again, lines that must not be; and what
 * is still known when more lines came than are remembered. */
#include "record/log.h"
#include "record_support.h"

#define CNT 12

struct bench {
  weir_key *key;
  weir_keyset *keys;
  weir_verifier *verifier;
  struct line lines[CNT + 1]; /* lines[seq] of one chain */
};

static void make_chain(const weir_key *key, const char *chain, const char *aud, struct line *lines) {
  for (uint64_t seq = 1; seq <= CNT; seq++) sign_record(key, chain, aud, seq, seq > 1 ? &lines[seq - 1] : NULL, DECISION,
                                                        &lines[seq]);
}

static int setup(void **state) {
  struct bench *bench = calloc(1, sizeof *bench);
  if (!bench) return -1;
  bench->key = rfc_key();
  bench->keys = keyset_of(WEIR_STR(RFC_PUBLIC));
  bench->verifier = verifier_of(bench->keys);
  make_chain(bench->key, CHAIN, AUD, bench->lines);
  *state = bench;
  return 0;
}

static int teardown(void **state) {
  struct bench *bench = *state;
  weir_verifier_close(bench->verifier);
  weir_keyset_free(bench->keys);
  weir_key_free(bench->key);
  free(bench);
  return 0;
}

/* ---- through weir_verify_line */

static void a_chain_is_good(void **state) {
  struct bench *bench = *state;
  for (int seq = 1; seq <= CNT; seq++) expect_line(bench->verifier, &bench->lines[seq], WEIR_CHECK_GOOD);
}

static void the_claims_are_handed_out(void **state) {
  struct bench *bench = *state;
  weir_check check;
  weir_str claims;
  char room[2048];
  for (int seq = 1; seq <= CNT; seq++) {
    size_t len;
    assert_int_equal(weir_verify_line(bench->verifier, line_str(&bench->lines[seq]), &check, &claims, NULL), WEIR_OK);
    assert_int_equal(weir_record_claims(line_str(&bench->lines[seq]), room, sizeof room, &len, NULL), WEIR_OK);
    assert_true(weir_str_eq(claims, (weir_str){ room, len }));
  }
}

static void the_same_lines_again(void **state) {
  struct bench *bench = *state;
  for (int seq = 1; seq <= 6; seq++) expect_line(bench->verifier, &bench->lines[seq], WEIR_CHECK_GOOD);
  expect_line(bench->verifier, &bench->lines[6], WEIR_CHECK_REDELIVERED);
  for (int seq = 3; seq <= 6; seq++) expect_line(bench->verifier, &bench->lines[seq], WEIR_CHECK_REDELIVERED);
  expect_line(bench->verifier, &bench->lines[1], WEIR_CHECK_REDELIVERED);
  expect_line(bench->verifier, &bench->lines[7], WEIR_CHECK_GOOD); /* the chain goes on where it was */
}

static void the_same_seq_with_other_bytes(void **state) {
  struct bench *bench = *state;
  static struct line other;
  for (int seq = 1; seq <= 6; seq++) expect_line(bench->verifier, &bench->lines[seq], WEIR_CHECK_GOOD);
  for (uint64_t seq = 2; seq <= 6; seq++) {
    sign_record(bench->key, CHAIN, AUD, seq, &bench->lines[seq - 1], "{\"id\":\"m3k\",\"cause\":\"rewritten\"}", &other);
    expect_refused(bench->verifier, line_str(&other), "two different records with seq");
  }
  expect_line(bench->verifier, &bench->lines[7], WEIR_CHECK_GOOD);
}

static void missing_records(void **state) {
  struct bench *bench = *state;
  weir_error err;
  for (int seq = 1; seq <= 3; seq++) expect_line(bench->verifier, &bench->lines[seq], WEIR_CHECK_GOOD);
  assert_int_equal(check_line(bench->verifier, line_str(&bench->lines[5]), &err), WEIR_CHECK_GAP);
  assert_string_equal(err.message, "missing before seq 5: 1 record (seq 4 to 4) of chain c4 for douyin/papers");
  expect_line(bench->verifier, &bench->lines[6], WEIR_CHECK_GOOD);
  assert_int_equal(check_line(bench->verifier, line_str(&bench->lines[11]), &err), WEIR_CHECK_GAP);
  assert_non_null(strstr(err.message, "4 records (seq 7 to 10)"));
  expect_line(bench->verifier, &bench->lines[12], WEIR_CHECK_GOOD);
  expect_refused(bench->verifier, line_str(&bench->lines[8]), "out of order: seq 8 comes after seq 12"); /* late */
  expect_refused(bench->verifier, line_str(&bench->lines[4]), "out of order");
}

static void a_log_that_begins_in_the_middle(void **state) {
  struct bench *bench = *state;
  expect_line(bench->verifier, &bench->lines[5], WEIR_CHECK_GAP);
  expect_line(bench->verifier, &bench->lines[6], WEIR_CHECK_GOOD);
  expect_line(bench->verifier, &bench->lines[5], WEIR_CHECK_REDELIVERED);
  expect_refused(bench->verifier, line_str(&bench->lines[4]), "out of order");
}

static void swapped_lines(void **state) {
  struct bench *bench = *state;
  expect_line(bench->verifier, &bench->lines[1], WEIR_CHECK_GOOD);
  expect_line(bench->verifier, &bench->lines[3], WEIR_CHECK_GAP);
  expect_refused(bench->verifier, line_str(&bench->lines[2]), "out of order");
  expect_line(bench->verifier, &bench->lines[4], WEIR_CHECK_GOOD);
}

static void a_prev_that_is_wrong(void **state) {
  struct bench *bench = *state;
  static struct line other;
  expect_line(bench->verifier, &bench->lines[1], WEIR_CHECK_GOOD);
  sign_record(bench->key, CHAIN, AUD, 2, &bench->lines[5], DECISION, &other);
  expect_refused(bench->verifier, line_str(&other),
                 "the chain is broken: \"prev\" of seq 2 is not the hash of the line with seq 1");
  expect_line(bench->verifier, &bench->lines[2], WEIR_CHECK_GOOD);
}

static void time_running_backwards(void **state) {
  struct bench *bench = *state;
  char room[1024], text[2048];
  unsigned char hash[WEIR_SHA256_BYTES];
  struct weir_buf payload, line;
  struct weir_record_head head = { .iss = WEIR_STR("i"), .aud = WEIR_STR(AUD), .chain = WEIR_STR(CHAIN), .seq = 2, .iat_s = IAT,
                                   .exp_s = IAT + 1,
                                   .has_prev = true, .ruleset = WEIR_STR(RULESET), .env = WEIR_STR("e") };
  memcpy(head.prev, bench->lines[1].hash, sizeof head.prev);
  weir_buf_init(&payload, room, sizeof room);
  weir_buf_init(&line, text, sizeof text);
  assert_int_equal(weir_record_sign(bench->key, &head, WEIR_STR(DECISION), &payload, &line, hash, NULL), WEIR_OK);
  expect_line(bench->verifier, &bench->lines[1], WEIR_CHECK_GOOD); /* iat IAT + 1 */
  expect_refused(bench->verifier, weir_buf_view(&line), "seq 2 was issued before seq 1");
}

static void accounts_and_chains_side_by_side(void **state) {
  struct bench *bench = *state;
  static struct line other[CNT + 1], third[CNT + 1];
  make_chain(bench->key, CHAIN, "wechat_oa/papers", other);
  make_chain(bench->key, "c5", AUD, third);
  for (int seq = 1; seq <= CNT; seq++) {
    expect_line(bench->verifier, &bench->lines[seq], WEIR_CHECK_GOOD);
    if (seq > 2) expect_line(bench->verifier, &other[seq - 2], WEIR_CHECK_GOOD);
    expect_line(bench->verifier, &third[seq], WEIR_CHECK_GOOD);
    expect_line(bench->verifier, &bench->lines[seq], WEIR_CHECK_REDELIVERED);
  }
}

static void bad_lines_move_no_head(void **state) {
  struct bench *bench = *state;
  for (int seq = 1; seq <= CNT; seq++) {
    struct line damaged = bench->lines[seq];
    damaged.text[damaged.len - 40] ^= 1;
    weir_error err;
    assert_int_equal(check_line(bench->verifier, line_str(&damaged), &err), WEIR_CHECK_BAD);
    expect_line(bench->verifier, &bench->lines[seq], WEIR_CHECK_GOOD);
  }
}

/* ---- weir_log_take alone: many lines without signatures */

static struct weir_log *new_log(void) {
  struct weir_log *log = calloc(1, sizeof *log);
  assert_non_null(log);
  return log;
}

/* Gives the log a line whose hash is made of chain, seq and version, with the right prev. */
static weir_check take(struct weir_log *log, uint32_t chain, uint64_t seq, uint32_t version, weir_status *status,
                       weir_error *err) {
  struct weir_claims claims = { .aud = WEIR_STR(AUD), .chain = WEIR_STR(CHAIN), .seq = seq, .iat_s = 1, .has_prev = seq > 1 };
  unsigned char hash[WEIR_SHA256_BYTES];
  uint64_t text[3] = { chain, seq - 1, 0 };
  weir_check check;
  weir_str name = { (const char *)&chain, sizeof chain };
  weir_id_hash((weir_str){ NULL, 0 }, &name, 1, claims.chain_id);
  weir_sha256((weir_str){ (const char *)text, sizeof text }, claims.prev);
  text[1] = seq;
  text[2] = version;
  weir_sha256((weir_str){ (const char *)text, sizeof text }, hash);
  *status = weir_log_take(log, &claims, hash, WEIR_STR("one-key"), &check, err);
  return check;
}

static void expect_take(struct weir_log *log, uint32_t chain, uint64_t seq, uint32_t version, weir_check expected,
                        const char *why) {
  weir_status status;
  weir_error err = { .message = "" };
  weir_check check = take(log, chain, seq, version, &status, &err);
  if (check != expected || status != WEIR_OK || !strstr(err.message, why)) {
    fail_msg("chain %u seq %llu: %d, %s", chain, (unsigned long long)seq, (int)check, err.message);
  }
}

static void what_is_remembered(void **state) {
  (void)state;
  struct weir_log *log = new_log();
  uint64_t last = WEIR_RECENT_LINES + 500;
  for (uint64_t seq = 1; seq <= last; seq++) expect_take(log, 7, seq, 0, WEIR_CHECK_GOOD, "");
  for (uint64_t seq = 501; seq <= last; seq++) expect_take(log, 7, seq, 0, WEIR_CHECK_REDELIVERED, "");
  for (uint64_t seq = 501; seq <= last; seq += 97) expect_take(log, 7, seq, 1, WEIR_CHECK_BAD, "two different records");
  for (uint64_t seq = 1; seq <= 500; seq++) expect_take(log, 7, seq, 0, WEIR_CHECK_BAD, "cannot be told whether it is the same");
  expect_take(log, 7, last + 1, 0, WEIR_CHECK_GOOD, "");
  expect_take(log, 7, 501, 0, WEIR_CHECK_BAD, "cannot be told");
  free(log);
}

/* Compares with a plain record of everything over random lines of several chains, many of them again. */
static void random_logs_against_a_plain_list(void **state) {
  enum { CHAINS = 5, SEQS = 30000 };
  (void)state;
  struct weir_log *log = new_log();
  static unsigned char present[CHAINS][SEQS];          /* 1: taken in */
  static uint64_t order[CHAINS][SEQS];                 /* how many lines had been taken in before it */
  uint64_t head[CHAINS] = { 0 }, taken = 0, random = 12345;
  memset(present, 0, sizeof present);
  for (int i = 0; i < 150000; i++) {
    random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint32_t chain = (uint32_t)(random >> 33) % CHAINS, kind = (uint32_t)(random >> 45) % 8;
    uint64_t seq = head[chain] + 1;
    if (kind < 2) seq = head[chain] == 0 ? 1 : 1 + (random >> 50) % head[chain];
    if (kind == 2) seq += (random >> 50) % 2;
    if (seq >= SEQS) continue;
    weir_status status;
    weir_check expected, check = take(log, chain, seq, 0, &status, NULL);
    bool remembered = present[chain][seq] && taken - order[chain][seq] <= WEIR_RECENT_LINES;
    if (seq <= head[chain]) expected = remembered ? WEIR_CHECK_REDELIVERED : WEIR_CHECK_BAD;
    else expected = seq == head[chain] + 1 ? WEIR_CHECK_GOOD : WEIR_CHECK_GAP;
    if (check != expected || status != WEIR_OK) fail_msg("step %d: chain %u seq %d: %d instead of %d", i, chain, (int)seq,
                                                         (int)check, (int)expected);
    if (seq <= head[chain]) continue;
    present[chain][seq] = 1;
    order[chain][seq] = taken++;
    head[chain] = seq;
  }
  assert_true(taken > 3 * WEIR_RECENT_LINES);
  free(log);
}

static void as_many_chains_as_allowed(void **state) {
  (void)state;
  struct weir_log *log = new_log();
  weir_status status;
  weir_error err;
  for (uint32_t chain = 0; chain < WEIR_CHAINS_MAX; chain++) expect_take(log, chain, 1, 0, WEIR_CHECK_GOOD, "");
  assert_int_equal(take(log, WEIR_CHAINS_MAX, 1, 0, &status, &err), WEIR_CHECK_BAD);
  assert_int_equal(status, WEIR_E_LIMIT);
  assert_non_null(strstr(err.message, "1024 chains"));
  for (uint32_t chain = 0; chain < WEIR_CHAINS_MAX; chain++) {
    expect_take(log, chain, 2, 0, WEIR_CHECK_GOOD, "");
    expect_take(log, chain, 1, 0, WEIR_CHECK_REDELIVERED, "");
  }
  free(log);
}

static void the_largest_seq(void **state) {
  (void)state;
  struct weir_log *log = new_log();
  expect_take(log, 1, (uint64_t)WEIR_CLAIM_INT_MAX - 1, 0, WEIR_CHECK_GAP, "missing before");
  expect_take(log, 1, (uint64_t)WEIR_CLAIM_INT_MAX, 0, WEIR_CHECK_GOOD, "");
  expect_take(log, 1, 1, 0, WEIR_CHECK_BAD, "out of order");
  free(log);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(a_chain_is_good),
    TEST(the_claims_are_handed_out),
    TEST(the_same_lines_again),
    TEST(the_same_seq_with_other_bytes),
    TEST(missing_records),
    TEST(a_log_that_begins_in_the_middle),
    TEST(swapped_lines),
    TEST(a_prev_that_is_wrong),
    TEST(time_running_backwards),
    TEST(accounts_and_chains_side_by_side),
    TEST(bad_lines_move_no_head),
    cmocka_unit_test(what_is_remembered),
    cmocka_unit_test(random_logs_against_a_plain_list),
    cmocka_unit_test(as_many_chains_as_allowed),
    cmocka_unit_test(the_largest_seq),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
