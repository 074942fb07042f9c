/* A whole log: every single-bit change in a log of 100 records is found, and so is an end that was cut off, by whoever kept
 * the heads. ALL=1 tries every bit; otherwise one in 53, others in each record. */
#include "record/heads.h"
#include "record_support.h"

#define CNT 100
#define SHORT "{\"id\":\"m3k\",\"cause\":\"x\",\"contact\":\"u\",\"actions\":[]}"

struct bench {
  weir_key *key;
  weir_keyset *keys;
  struct line *lines; /* lines[seq] */
};

static int setup(void **state) {
  struct bench *bench = calloc(1, sizeof *bench);
  if (!bench || !(bench->lines = calloc(CNT + 1, sizeof *bench->lines))) return -1;
  bench->key = rfc_key();
  bench->keys = keyset_of(WEIR_STR(RFC_PUBLIC));
  for (uint64_t seq = 1; seq <= CNT; seq++)
    sign_record(bench->key, CHAIN, AUD, seq, seq > 1 ? &bench->lines[seq - 1] : NULL, SHORT, &bench->lines[seq]);
  *state = bench;
  return 0;
}

static int teardown(void **state) {
  struct bench *bench = *state;
  weir_keyset_free(bench->keys);
  weir_key_free(bench->key);
  free(bench->lines);
  free(bench);
  return 0;
}

/* Bytes as a reader of lines takes them apart; true: all lines are good or the same again. */
static bool all_good(weir_verifier *verifier, const char *bytes, size_t len) {
  weir_error err;
  bool good = true;
  for (size_t at = 0; at < len;) {
    const char *end = memchr(bytes + at, '\n', len - at);
    size_t line = end ? (size_t)(end - bytes) - at : len - at;
    weir_check check = WEIR_CHECK_BAD;
    weir_str claims;
    assert_int_equal(weir_verify_line(verifier, (weir_str){ bytes + at, line }, &check, &claims, &err), WEIR_OK);
    if (check != WEIR_CHECK_GOOD) good = false;
    at += line + 1;
  }
  return good;
}

/* Line by line: the changed one is judged by the same heads as the good one that follows. */
static void every_bit(void **state) {
  struct bench *bench = *state;
  weir_verifier *verifier = verifier_of(bench->keys);
  static char bytes[2 * WEIR_JWS_MAX];
  size_t step = getenv("ALL") ? 1 : 53, tried = 0;
  for (uint64_t seq = 1; seq <= CNT; seq++) {
    size_t len = bench->lines[seq].len;
    memcpy(bytes, bench->lines[seq].text, len);
    for (size_t bit = (size_t)seq % step; bit < len * 8; bit += step, tried++) {
      bytes[bit / 8] = (char)((unsigned char)bytes[bit / 8] ^ (1u << bit % 8));
      if (all_good(verifier, bytes, len)) fail_msg("record %u, bit %zu: the change is not found", (unsigned)seq, bit);
      bytes[bit / 8] = (char)((unsigned char)bytes[bit / 8] ^ (1u << bit % 8));
    }
    assert_true(all_good(verifier, bytes, len)); /* no head moved */
  }
  print_message("# %zu bits changed\n", tried);
  assert_true(tried > CNT * 60);
  weir_verifier_close(verifier);
}

/* The line ends are part of the log, too. */
static void every_line_end(void **state) {
  struct bench *bench = *state;
  char *bytes = malloc((CNT + 1) * WEIR_JWS_MAX);
  size_t len = 0;
  assert_non_null(bytes);
  for (int seq = 1; seq <= 12; seq++) {
    memcpy(bytes + len, bench->lines[seq].text, bench->lines[seq].len);
    len += bench->lines[seq].len;
    bytes[len++] = '\n';
  }
  for (size_t at = 0; at + 1 < len; at++) {
    if (bytes[at] != '\n') continue;
    for (int bit = 0; bit < 8; bit++) {
      weir_verifier *verifier = verifier_of(bench->keys);
      bytes[at] = (char)('\n' ^ (1 << bit));
      assert_false(all_good(verifier, bytes, len));
      weir_verifier_close(verifier);
    }
    bytes[at] = '\n';
  }
  free(bytes);
}

/* ---- heads */

static weir_str hash_of(const struct line *line, char out[44]) {
  return (weir_str){ out, weir_base64url(line->hash, WEIR_SHA256_BYTES, out) };
}

static void feed(struct bench *bench, weir_verifier *verifier, uint64_t from, uint64_t to) {
  for (uint64_t seq = from; seq <= to; seq++) (void)all_good(verifier, bench->lines[seq].text, bench->lines[seq].len);
}

static void a_cut_end(void **state) {
  struct bench *bench = *state;
  char text[44];
  weir_error err;
  weir_head head;
  for (uint64_t end = 90; end <= CNT; end++) {
    weir_verifier *verifier = verifier_of(bench->keys);
    assert_int_equal(weir_verifier_want(verifier, WEIR_STR(AUD), 95, hash_of(&bench->lines[95], text), &err), WEIR_OK);
    assert_int_equal(weir_verifier_want(verifier, WEIR_STR(AUD), 93, hash_of(&bench->lines[93], text), &err), WEIR_OK);
    assert_int_equal(weir_verifier_want(verifier, WEIR_STR(AUD), 94, hash_of(&bench->lines[93], text), &err), WEIR_OK);
    feed(bench, verifier, 1, end);
    size_t missing = 0;
    bool other = false;
    for (; weir_verifier_missing(verifier, missing, &head); missing++) {
      assert_int_equal(head.aud.len, strlen(AUD));
      if (head.seq == 94) other = head.other;
    }
    assert_int_equal(missing, 1 + (end < 95) + (end < 93));
    assert_int_equal(other, end >= 94);
    assert_true(weir_verifier_head(verifier, 0, &head));
    assert_int_equal(head.seq, end);
    assert_memory_equal(head.hash, hash_of(&bench->lines[end], text).ptr, 43);
    assert_false(weir_verifier_head(verifier, 1, &head));
    assert_int_equal(head.seq, 0);
    weir_verifier_close(verifier);
  }
}

/* Redelivered lines count as there; lines that are bad do not. */
static void only_good_lines_count(void **state) {
  struct bench *bench = *state;
  char text[44];
  weir_error err;
  weir_head head;
  weir_verifier *verifier = verifier_of(bench->keys);
  feed(bench, verifier, 1, 3);
  assert_int_equal(weir_verifier_want(verifier, WEIR_STR(AUD), 4, hash_of(&bench->lines[4], text), &err), WEIR_OK);
  bench->lines[4].text[bench->lines[4].len - 5] ^= 1;
  feed(bench, verifier, 4, 4);
  assert_true(weir_verifier_missing(verifier, 0, &head));
  bench->lines[4].text[bench->lines[4].len - 5] ^= 1;
  feed(bench, verifier, 4, 4);
  assert_false(weir_verifier_missing(verifier, 0, &head));
  assert_int_equal(weir_verifier_want(verifier, WEIR_STR(AUD), 2, hash_of(&bench->lines[2], text), &err), WEIR_OK);
  feed(bench, verifier, 2, 2);
  assert_false(weir_verifier_missing(verifier, 0, &head));
  weir_verifier_close(verifier);
}

/* The seq of another account's chain is another record. */
static void the_same_seq_of_another_account(void **state) {
  struct bench *bench = *state;
  weir_verifier *verifier = verifier_of(bench->keys);
  char text[44];
  weir_error err;
  weir_head head;
  assert_int_equal(weir_verifier_want(verifier, WEIR_STR("douyin/books"), 1, hash_of(&bench->lines[1], text), &err), WEIR_OK);
  feed(bench, verifier, 1, 2);
  assert_true(weir_verifier_missing(verifier, 0, &head));
  assert_false(head.other);
  weir_verifier_close(verifier);
}

/* A record for an audience longer than any of ours can be checked like others; it has no place among the heads. */
static void a_long_audience(void **state) {
  struct bench *bench = *state;
  static char longest[WEIR_AUD_MAX + 2];
  static struct line ours, line;
  weir_verifier *verifier = verifier_of(bench->keys);
  weir_head head;
  memset(longest, 'a', WEIR_AUD_MAX + 1);
  sign_record(bench->key, CHAIN, longest, 1, NULL, SHORT, &line);
  expect_line(verifier, &line, WEIR_CHECK_GOOD);
  expect_line(verifier, &line, WEIR_CHECK_REDELIVERED);
  assert_false(weir_verifier_head(verifier, 0, &head));
  longest[WEIR_AUD_MAX] = '\0';
  sign_record(bench->key, CHAIN, longest, 1, NULL, SHORT, &ours);
  expect_line(verifier, &ours, WEIR_CHECK_GOOD);
  assert_true(weir_verifier_head(verifier, 0, &head));
  assert_int_equal(head.aud.len, WEIR_AUD_MAX);
  assert_false(weir_verifier_head(verifier, 1, &head));
  weir_verifier_close(verifier);
}

static void wrong_heads(void **state) {
  struct bench *bench = *state;
  char text[44], longest[WEIR_AUD_MAX + 1];
  weir_error err;
  weir_head head;
  weir_verifier *verifier = verifier_of(bench->keys);
  weir_str good = hash_of(&bench->lines[1], text);
  memset(longest, 'a', sizeof longest);
  assert_int_equal(weir_verifier_want(NULL, WEIR_STR(AUD), 1, good, &err), WEIR_E_ARG);
  assert_int_equal(weir_verifier_want(verifier, WEIR_STR(""), 1, good, &err), WEIR_E_ARG);
  assert_int_equal(weir_verifier_want(verifier, (weir_str){ longest, sizeof longest }, 1, good, &err), WEIR_E_ARG);
  assert_int_equal(weir_verifier_want(verifier, WEIR_STR(AUD), 0, good, &err), WEIR_E_ARG);
  assert_int_equal(weir_verifier_want(verifier, WEIR_STR(AUD), 1, (weir_str){ good.ptr, 42 }, &err), WEIR_E_FORMAT);
  assert_int_equal(weir_verifier_want(verifier, WEIR_STR(AUD), 1, WEIR_STR("==========================================="), &err), WEIR_E_FORMAT);
  for (int i = 0; i < WEIR_CHAINS_MAX; i++) assert_int_equal(weir_verifier_want(verifier, (weir_str){ longest, WEIR_AUD_MAX }, 1, good, &err), WEIR_OK);
  assert_int_equal(weir_verifier_want(verifier, WEIR_STR(AUD), 1, good, &err), WEIR_E_LIMIT);
  assert_true(weir_verifier_missing(verifier, WEIR_CHAINS_MAX - 1, &head));
  assert_false(weir_verifier_missing(verifier, WEIR_CHAINS_MAX, &head));
  assert_false(weir_verifier_missing(NULL, 0, &head));
  assert_false(weir_verifier_missing(verifier, 0, NULL));
  assert_false(weir_verifier_head(NULL, 0, &head));
  assert_false(weir_verifier_head(verifier, 0, &head));
  assert_false(weir_verifier_head(verifier, 0, NULL));
  weir_verifier_close(verifier);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
  const struct CMUnitTest tests[] = { TEST(every_bit), TEST(every_line_end), TEST(a_cut_end), TEST(only_good_lines_count),
                                      TEST(the_same_seq_of_another_account), TEST(a_long_audience), TEST(wrong_heads) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
