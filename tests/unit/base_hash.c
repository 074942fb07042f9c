/* Hashes against published vectors; base64url in its one spelling; hex. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/hash.h"

static void assert_hex(const unsigned char *data, size_t len, const char *expected) {
  char text[2 * 64 + 1];
  weir_hex(data, len, text);
  text[2 * len] = '\0';
  assert_string_equal(text, expected);
}

/* FIPS 180-4 examples */
static void sha256_vectors(void **state) {
  static const struct { const char *text, *hash; } table[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
  };
  unsigned char out[WEIR_SHA256_BYTES];
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    weir_str text = weir_str_of(table[i].text);
    weir_sha256(text, out);
    assert_hex(out, sizeof out, table[i].hash);
    for (size_t cut = 0; cut <= text.len; cut++) {
      struct weir_sha256 s;
      weir_sha256_begin(&s);
      weir_sha256_add(&s, (weir_str){ text.ptr, cut });
      weir_sha256_add(&s, (weir_str){ NULL, 0 });
      weir_sha256_add(&s, (weir_str){ text.ptr + cut, text.len - cut });
      weir_sha256_end(&s, out);
      assert_hex(out, sizeof out, table[i].hash);
    }
  }
  weir_sha256((weir_str){ NULL, 0 }, out);
  assert_hex(out, sizeof out, table[0].hash);
}

static void sha256_of_a_million_letters(void **state) {
  char a[1000];
  struct weir_sha256 s;
  unsigned char out[WEIR_SHA256_BYTES];
  (void)state;
  memset(a, 'a', sizeof a);
  weir_sha256_begin(&s);
  for (int i = 0; i < 1000; i++) weir_sha256_add(&s, (weir_str){ a, sizeof a });
  weir_sha256_end(&s, out);
  assert_hex(out, sizeof out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Made with Python: hashlib.blake2b(digest_size=16, key=key) over 8 bytes of little-endian length and the part, for each. */
static void id_hash_vectors(void **state) {
  static const weir_str none[1] = { { "", 0 } }, ab_c[] = { { "ab", 2 }, { "c", 1 } };
  unsigned char out[WEIR_ID_BYTES];
  (void)state;
  weir_id_hash((weir_str){ NULL, 0 }, NULL, 0, out);
  assert_hex(out, sizeof out, "cae66941d9efbd404e4d88758ea67670");
  weir_id_hash((weir_str){ NULL, 0 }, none, 1, out);
  assert_hex(out, sizeof out, "c804ce198ec337e3dc762bdd1a09aece");
  weir_id_hash((weir_str){ NULL, 0 }, ab_c, 2, out);
  assert_hex(out, sizeof out, "4826ed043ab3cdec576d8541fa5d5a80");
  weir_id_hash(WEIR_STR("k"), ab_c, 2, out);
  assert_hex(out, sizeof out, "8550862c6df0518b739c2cb7a3d7eca3");
  assert_true(weir_hash64(WEIR_STR("k"), ab_c, 2) == UINT64_C(0x8b51f06d2c865085));
  char key[100];
  memset(key, 'q', sizeof key);
  weir_id_hash((weir_str){ key, 64 }, ab_c, 2, out);
  assert_hex(out, sizeof out, "54014b799c9def35be9c799553dbd76e");
  weir_id_hash((weir_str){ key, 65 }, ab_c, 2, out);
  assert_hex(out, sizeof out, "e79ae992b32175badef9b3ee9ce84c78");
}

static void parts_do_not_run_together(void **state) {
  static const weir_str split[][3] = { { { "ab", 2 }, { "c", 1 }, { "", 0 } }, { { "a", 1 }, { "bc", 2 }, { "", 0 } },
                                       { { "abc", 3 }, { "", 0 }, { "", 0 } }, { { "", 0 }, { "abc", 3 }, { "", 0 } },
                                       { { "", 0 }, { "", 0 }, { "abc", 3 } } };
  static const weir_str one[] = { { "abc", 3 } };
  uint64_t seen[6];
  (void)state;
  for (size_t i = 0; i < 5; i++) seen[i] = weir_hash64((weir_str){ NULL, 0 }, split[i], 3);
  seen[5] = weir_hash64((weir_str){ NULL, 0 }, one, 1);
  for (size_t i = 0; i < 6; i++) {
    for (size_t j = 0; j < i; j++) assert_true(seen[i] != seen[j]);
  }
}

static void slot_hash_spreads(void **state) {
  unsigned slots[64] = { 0 };
  (void)state;
  assert_true(weir_slot_hash(0, WEIR_STR("a")) != weir_slot_hash(1, WEIR_STR("a")));
  assert_true(weir_slot_hash(0, WEIR_STR("a")) == weir_slot_hash(0, WEIR_STR("a")));
  for (uint32_t i = 0; i < 6400; i++) slots[weir_slot_hash(0, (weir_str){ (const char *)&i, sizeof i }) & 63]++;
  for (size_t i = 0; i < 64; i++) assert_true(slots[i] > 50 && slots[i] < 160);
}

/* RFC 4648 section 10, without padding, and the two characters that make it the URL alphabet */
static void base64url_vectors(void **state) {
  static const struct { const char *bytes, *text; } table[] = {
    { "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" },
    { "foobar", "Zm9vYmFy" }, { "\xFB\xEF\xFF", "--__" }, { "\xFF", "_w" }, { "\xFB", "-w" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    char text[16];
    unsigned char back[16];
    size_t len;
    size_t n = weir_base64url((const unsigned char *)table[i].bytes, strlen(table[i].bytes), text);
    assert_int_equal(n, strlen(table[i].text));
    assert_memory_equal(text, table[i].text, n);
    assert_true(weir_base64url_decode((weir_str){ text, n }, back, strlen(table[i].bytes), &len));
    assert_int_equal(len, strlen(table[i].bytes));
    assert_memory_equal(back, table[i].bytes, len);
  }
}

static void base64url_refuses_other_spellings(void **state) {
  static const char *const bad[] = {
    "Zg==", "Zm8=", "Zg=", "=", "Zm9v=", "Zm9vY", "A", "Zm9vYmFyZ", "Zm9v\n", "Zm9v ", " Zm9v", "Zm 9v", "Zm9\n", "Zm9+", "Zm9/",
    "+w", "/w", "Zm9v.", "Zh", "Zn", "Zv", "Zm9", "Zm-", "_x", "Z\xC3\xA9", "\xFF\xFF\xFF\xFF", "Zm9vYmE\t",
  };
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    unsigned char out[16];
    size_t len = 99;
    if (weir_base64url_decode(weir_str_of(bad[i]), out, sizeof out, &len)) fail_msg("accepted: %s", bad[i]);
    assert_int_equal(len, 0);
  }
  unsigned char out[4];
  size_t len;
  assert_false(weir_base64url_decode((weir_str){ "Zm\0v", 4 }, out, sizeof out, &len));
}

/* Of all texts of 2 and 3 characters exactly those are read that are written for some bytes. */
static void base64url_is_a_bijection(void **state) {
  unsigned accepted2 = 0, accepted3 = 0;
  (void)state;
  for (unsigned v = 0; v < 1u << 16; v++) {
    char text[2] = { (char)(v >> 8), (char)v }, again[4];
    unsigned char out[1];
    size_t len;
    if (!weir_base64url_decode((weir_str){ text, 2 }, out, sizeof out, &len)) continue;
    accepted2++;
    assert_int_equal(weir_base64url(out, len, again), 2);
    assert_memory_equal(again, text, 2);
  }
  assert_int_equal(accepted2, 256);
  for (unsigned v = 0; v < 1u << 21; v++) { /* ASCII only, else this takes long */
    char text[3] = { (char)(v >> 14), (char)(v >> 7 & 127), (char)(v & 127) }, again[4];
    unsigned char out[2];
    size_t len;
    if (!weir_base64url_decode((weir_str){ text, 3 }, out, sizeof out, &len)) continue;
    accepted3++;
    assert_int_equal(weir_base64url(out, len, again), 3);
    assert_memory_equal(again, text, 3);
  }
  assert_int_equal(accepted3, 65536);
}

static void base64url_sizes(void **state) {
  (void)state;
  for (size_t n = 0; n < 70; n++) {
    unsigned char *data = malloc(n + 1), *back = malloc(n + 1);
    size_t chars = (n * 4 + 2) / 3, len;
    char *text = malloc(chars + 1);
    for (size_t i = 0; i < n; i++) data[i] = (unsigned char)(i * 37 + n);
    text[chars] = '#';
    assert_int_equal(weir_base64url(data, n, text), chars);
    assert_int_equal(text[chars], '#');
    back[n] = 0x5A;
    if (n > 0) assert_false(weir_base64url_decode((weir_str){ text, chars }, back, n - 1, &len));
    assert_true(weir_base64url_decode((weir_str){ text, chars }, back, n, &len));
    assert_int_equal(len, n);
    assert_memory_equal(back, data, n);
    assert_int_equal(back[n], 0x5A);
    free(data);
    free(back);
    free(text);
  }
  unsigned char id[WEIR_ID_BYTES] = { 0 }, sha[WEIR_SHA256_BYTES] = { 0 };
  char text[64];
  assert_int_equal(weir_base64url(id, sizeof id, text), WEIR_ID_CHARS);
  assert_int_equal(weir_base64url(sha, sizeof sha, text), WEIR_SHA256_B64_CHARS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(sha256_vectors), cmocka_unit_test(sha256_of_a_million_letters), cmocka_unit_test(id_hash_vectors),
    cmocka_unit_test(parts_do_not_run_together), cmocka_unit_test(slot_hash_spreads), cmocka_unit_test(base64url_vectors),
    cmocka_unit_test(base64url_refuses_other_spellings), cmocka_unit_test(base64url_is_a_bijection),
    cmocka_unit_test(base64url_sizes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
