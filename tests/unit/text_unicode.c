/* Folding against the world: every code point and many random texts against utf8proc, Unicode's NormalizationTest.txt,
 * OpenCC's dictionaries, real comments. The expected value is built here from utf8proc step by step, slowly and on its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "limits.h"
#include "shared_data.h"
#include "text/fold.h"
#include "text/utf8.h"

#define TEXT_CAP 4096
#define LAST 0x110000u

static signed char digit[LAST];  /* -1: no decimal digit */
static bool ignorable[LAST];     /* from Unicode's own file: utf8proc does not know the unassigned ones */
static uint32_t parent[LAST];    /* Han groups: a forest whose roots are the smallest members */

static uint32_t han_root(uint32_t cp) {
  while (parent[cp] != cp) cp = parent[cp];
  return cp;
}

static uint32_t next_cp(const char *s, size_t len, size_t *at) {
  utf8proc_int32_t cp;
  utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s + *at, (utf8proc_ssize_t)(len - *at), &cp);
  assert_true(n > 0);
  *at += (size_t)n;
  return (uint32_t)cp;
}

static size_t put_cp(char *s, size_t len, uint32_t cp) {
  return len + (size_t)utf8proc_encode_char((utf8proc_int32_t)cp, (utf8proc_uint8_t *)s + len);
}

static bool invisible(uint32_t cp) {
  return ignorable[cp] || (cp >= 0x1F3FB && cp <= 0x1F3FF);
}

/* In place: leaves out what is invisible, maps digits, and Han to the group's root when `han`. */
static size_t replace(char *s, size_t len, bool han) {
  char copy[TEXT_CAP];
  size_t at = 0, n = 0;
  memcpy(copy, s, len);
  while (at < len) {
    uint32_t cp = next_cp(copy, len, &at);
    if (invisible(cp)) continue;
    if (digit[cp] >= 0) cp = (uint32_t)('0' + digit[cp]);
    n = put_cp(s, n, han ? han_root(cp) : cp);
  }
  return n;
}

static size_t through(char *s, size_t len, int options) {
  utf8proc_uint8_t *made = NULL;
  utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)len, &made,
                                    (utf8proc_option_t)(options | UTF8PROC_STABLE));
  assert_true(n >= 0 && n < TEXT_CAP);
  memcpy(s, made, (size_t)n);
  free(made);
  return (size_t)n;
}

/* What folding should give, with every Han character as its group's root. */
static size_t expected(const char *text, size_t len, char out[TEXT_CAP]) {
  char before[TEXT_CAP];
  size_t n = len, before_n;
  memcpy(out, text, len);
  do {
    before_n = n;
    memcpy(before, out, n);
    n = replace(out, n, true);
    n = through(out, n, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
    n = through(out, n, UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    n = replace(out, n, true);
  } while (n != before_n || memcmp(out, before, n) != 0);
  return n;
}

static size_t fold(const char *text, size_t len, char out[TEXT_CAP]) {
  size_t n, consumed;
  assert_int_equal(weir_fold((weir_str){ text, len }, out, TEXT_CAP, &n, &consumed), WEIR_FOLD_OK);
  assert_int_equal(consumed, len);
  return n;
}

static void fail_on(const char *what, const char *text, size_t len, const char *got, size_t got_len, const char *want,
                    size_t want_len) {
  size_t at;
  fprintf(stderr, "# %s:", what);
  for (at = 0; at < len;) fprintf(stderr, " %04X", next_cp(text, len, &at));
  fprintf(stderr, "\n#   got ");
  for (at = 0; at < got_len;) fprintf(stderr, " %04X", next_cp(got, got_len, &at));
  fprintf(stderr, "\n#   want");
  for (at = 0; at < want_len;) fprintf(stderr, " %04X", next_cp(want, want_len, &at));
  fprintf(stderr, "\n");
  fail();
}

/* All that must hold of any valid text with few marks. */
static void check_text(const char *text, size_t len) {
  char got[TEXT_CAP], again[TEXT_CAP], want[TEXT_CAP], rooted[TEXT_CAP];
  size_t n = fold(text, len, got), again_n, want_n, rooted_n, consumed;
  want_n = expected(text, len, want);
  memcpy(rooted, got, n);
  rooted_n = replace(rooted, n, true);
  if (rooted_n != want_n || memcmp(rooted, want, want_n) != 0) {
    fail_on("differs from utf8proc", text, len, rooted, rooted_n, want, want_n);
  }
  again_n = fold(got, n, again);
  if (again_n != n || memcmp(again, got, n) != 0) fail_on("folding twice changes it", text, len, again, again_n, got, n);
  /* With no byte to spare the careful way is taken. */
  assert_int_equal(weir_fold((weir_str){ text, len }, again, n, &again_n, &consumed), WEIR_FOLD_OK);
  if (again_n != n || memcmp(again, got, n) != 0) fail_on("the two ways differ", text, len, again, again_n, got, n);
  assert_true(n <= len * WEIR_FOLD_GROWTH);
}

/* ---- Sources */

static int read_digits(void) {
  char line[1024];
  FILE *f = fopen("/usr/share/unicode/UnicodeData.txt", "r");
  if (!f) return -1;
  memset(digit, -1, sizeof digit);
  while (fgets(line, sizeof line, f)) {
    const char *at = line;
    uint32_t cp = (uint32_t)strtoul(line, NULL, 16);
    for (int i = 0; i < 6; i++) at = strchr(at, ';') + 1;
    if (*at >= '0' && *at <= '9') digit[cp] = (signed char)(*at - '0');
  }
  return fclose(f);
}

static int read_ignorable(void) {
  char line[1024];
  FILE *f = fopen("/usr/share/unicode/DerivedCoreProperties.txt", "r");
  if (!f) return -1;
  while (fgets(line, sizeof line, f)) {
    char *at;
    unsigned long from = strtoul(line, &at, 16), to = from;
    if (line[0] == '#' || !strstr(line, "; Default_Ignorable_Code_Point")) continue;
    if (*at == '.') to = strtoul(at + 2, NULL, 16);
    for (; from <= to; from++) ignorable[from] = true;
  }
  return fclose(f);
}

/* The code point of a text of one, compatibility forms resolved; 0: longer. */
static uint32_t only(const char *s, size_t len) {
  char buf[TEXT_CAP];
  size_t at = 0;
  uint32_t cp;
  memcpy(buf, s, len);
  len = through(buf, len, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
  cp = next_cp(buf, len, &at);
  return at == len ? cp : 0;
}

/* Joins the groups of each entry; when unequal_cnt is given, instead folds both sides and counts what does not compare equal. */
static int read_dictionary(const char *name, size_t *entry_cnt, size_t *unequal_cnt) {
  char command[256], line[1024];
  FILE *f;
  snprintf(command, sizeof command, "opencc_dict -i /usr/share/opencc/%s.ocd2 -f ocd2 -o /dev/stdout -t text", name);
  f = popen(command, "r");
  if (!f) return -1;
  while (fgets(line, sizeof line, f)) {
    size_t from_len = strcspn(line, "\t"), len;
    for (char *word = line + from_len + 1; (len = strcspn(word, " \r\n")) > 0; word += len + (word[len] == ' ')) {
      uint32_t a = only(line, from_len), b = only(word, len);
      if (!a || !b) continue;
      if (unequal_cnt) {
        char x[TEXT_CAP], y[TEXT_CAP];
        size_t x_len = fold(line, from_len, x), y_len = fold(word, len, y);
        if (x_len != y_len || memcmp(x, y, x_len) != 0) ++*unequal_cnt;
        ++*entry_cnt;
      } else {
        a = han_root(a), b = han_root(b);
        if (a < b) parent[b] = a;
        else parent[a] = b;
      }
    }
  }
  return pclose(f);
}

static const char *const dictionaries[] = { "TSCharacters", "STCharacters", "TWVariants", "HKVariants" };

static int set_up(void **state) {
  (void)state;
  if (read_digits() != 0 || read_ignorable() != 0) return -1;
  for (uint32_t cp = 0; cp < LAST; cp++) parent[cp] = cp;
  for (size_t i = 0; i < 4; i++) {
    if (read_dictionary(dictionaries[i], NULL, NULL) != 0) return -1;
  }
  return 0;
}

/* ---- Tests */

static void test_every_code_point(void **state) {
  char text[8];
  (void)state;
  for (uint32_t cp = 0; cp < LAST; cp++) {
    if (cp >= 0xD800 && cp < 0xE000) continue;
    check_text(text, put_cp(text, 0, cp));
  }
}

/* After a letter that composes with nearly everything, and before one: what is at the seams. */
static void test_every_code_point_between(void **state) {
  static const uint32_t around[][2] = {
    { 'e', 0x301 }, { 0x3B1, 0x345 }, { 0x1100, 0x11A8 }, { 0x9C7, 0x9BE }, { 0x30AB, 0xFF9E },
  };
  char text[16];
  (void)state;
  for (uint32_t cp = 0; cp < 0x20000; cp++) {
    const uint32_t *pair = around[cp % 5];
    if ((cp >= 0xD800 && cp < 0xE000) || (cp >= 0x3400 && cp < 0x9FFF)) continue;
    check_text(text, put_cp(text, put_cp(text, put_cp(text, 0, pair[0]), cp), pair[1]));
  }
}

static uint32_t seed = 20261122;
static uint32_t draw(uint32_t below) {
  seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
  return seed % below;
}

/* Code points that folding, ordering or composition do something with; filled below. */
static uint32_t lively[40000];
static uint32_t lively_cnt;

static void gather_lively(void) {
  char text[8], made[TEXT_CAP];
  for (uint32_t cp = 0; cp < 0x20000 && lively_cnt < 40000; cp++) {
    const utf8proc_property_t *p = utf8proc_get_property((utf8proc_int32_t)cp);
    size_t len, n;
    if ((cp >= 0xD800 && cp < 0xE000) || (cp >= 0xAC10 && cp < 0xD7A0) || (cp >= 0x3400 && cp < 0x9FFF)) continue;
    len = put_cp(text, 0, cp);
    memcpy(made, text, len);
    n = through(made, len, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    if (n != len || memcmp(made, text, n) != 0 || p->combining_class || p->comb_index != 0xFFFF) lively[lively_cnt++] = cp;
  }
}

static uint32_t draw_cp(void) {
  static const uint32_t favourites[] = {
    'a', 'E', ' ', '.', 0x300, 0x301, 0x308, 0x316, 0x323, 0x327, 0x345, 0x3B1, 0x3B7, 0x1FB3, 0x1F80, 0x200D, 0x34F, 0xFE0F,
    0x1100, 0x1161, 0x11A8, 0xAC00, 0xAC01, 0x3131, 0x3160, 0x9C7, 0x9BE, 0xDD9, 0xDCF, 0xDCA, 0x30AB, 0x3099, 0xFF76, 0xFF9E,
    0xE33, 0xE49, 0x958, 0x93C, 0x94D, 0x1D15E, 0x1D165, 0xFDFA, 0x767C, 0x1F3FB, 0x1F468, 0x1E0A, 0x338, '<', 0xFB01, 0x3A9,
  };
  uint32_t what = draw(4);
  if (what < 2) return favourites[draw(sizeof favourites / sizeof favourites[0])];
  if (what == 2) return lively[draw(lively_cnt)];
  return 0x4E00 + draw(0x5200);
}

static void test_random_texts(void **state) {
  char text[TEXT_CAP];
  (void)state;
  gather_lively();
  assert_true(lively_cnt > 5000);
  for (int round = 0; round < 150000; round++) {
    uint32_t cnt = 1 + draw(round % 10 ? 6 : 24);
    size_t len = 0;
    for (uint32_t i = 0; i < cnt; i++) len = put_cp(text, len, draw_cp());
    check_text(text, len);
  }
}

/* Wherever something invisible is put into a text, it folds as without. */
static void test_invisible_anywhere(void **state) {
  static const uint32_t unseen[] = { 0x200D, 0x34F, 0xAD, 0xFE0F, 0x2060, 0xE0061, 0x1F3FD, 0x115F };
  char text[TEXT_CAP], with[TEXT_CAP], a[TEXT_CAP], b[TEXT_CAP];
  (void)state;
  for (int round = 0; round < 20000; round++) {
    size_t len = 0, with_len = 0, a_len, b_len;
    for (uint32_t i = 1 + draw(6); i > 0; i--) {
      uint32_t cp = draw_cp();
      len = put_cp(text, len, cp);
      if (draw(2)) with_len = put_cp(with, with_len, unseen[draw(8)]);
      with_len = put_cp(with, with_len, cp);
    }
    a_len = fold(text, len, a);
    b_len = fold(with, with_len, b);
    if (a_len != b_len || memcmp(a, b, a_len) != 0) fail_on("invisible characters change it", with, with_len, b, b_len, a, a_len);
  }
}

/* NormalizationTest.txt: all five columns are the same text in other clothes. */
static void test_normalization_file(void **state) {
  char line[4096], a[TEXT_CAP], b[TEXT_CAP], text[TEXT_CAP];
  size_t tested = 0;
  FILE *f = popen("bzip2 -dc /usr/share/unicode/NormalizationTest.txt.bz2 2>/dev/null", "r");
  (void)state;
  assert_non_null(f);
  while (fgets(line, sizeof line, f)) {
    char *at = line;
    size_t a_len = 0;
    if (!strchr("0123456789ABCDEF", line[0])) continue;
    for (int column = 0; column < 5; column++) {
      size_t len = 0, b_len;
      while (*at != ';') len = put_cp(text, len, (uint32_t)strtoul(at, &at, 16));
      at++;
      check_text(text, len);
      b_len = fold(text, len, b);
      if (column == 0) {
        a_len = b_len;
        memcpy(a, b, b_len);
      }
      if (a_len != b_len || memcmp(a, b, a_len) != 0) fail_on("a column folds otherwise than the first", text, len, b, b_len, a,
        a_len);
    }
    tested++;
  }
  if (pclose(f) != 0 && tested == 0) skip();
  assert_true(tested > 15000);
}

/* Real comments in eight languages. */
static void test_real_comments(void **state) {
  static const char *const files[] = { "ar-tweets.txt", "en-instagram.txt", "es-tweets.txt", "ja-board.txt", "ko-movie.txt",
    "th-questions.txt",
    "zh-bilibili.txt", "zh-shop.txt" };
  size_t lines = 0;
  (void)state;
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    char rel[64], path[512];
    size_t len, cnt = 0;
    char *data;
    (void)snprintf(rel, sizeof rel, "corpora/comments/%s", files[i]);
    if (!shared_path(path, sizeof path, rel) || !(data = shared_read(path, &len))) continue;
    for (char *line = data, *end; line < data + len && cnt < 3000; line = end + 1, cnt++) {
      end = line + strcspn(line, "\n");
      weir_str text = { line, (size_t)(end - line) };
      if (text.len < TEXT_CAP / WEIR_FOLD_GROWTH && weir_utf8_valid(text) == text.len) check_text(text.ptr, text.len);
    }
    free(data);
    lines += cnt;
  }
  if (lines == 0) skip();
}

static void test_opencc_compares_equal(void **state) {
  size_t entries = 0, unequal = 0;
  (void)state;
  for (size_t i = 0; i < 4; i++) assert_int_equal(read_dictionary(dictionaries[i], &entries, &unequal), 0);
  assert_true(entries > 8000);
  assert_int_equal(unequal, 0);
}

/* The representative is the form that most people read: simplified, and itself unchanged by folding. */
static void test_opencc_prefers_simplified(void **state) {
  static const char *const stay[] = { "发", "电", "资", "里", "后", "面", "干", "了", "链", "试", "卷" };
  char got[TEXT_CAP];
  size_t stayed = 0;
  (void)state;
  for (size_t i = 0; i < sizeof stay / sizeof stay[0]; i++) {
    size_t n = fold(stay[i], strlen(stay[i]), got);
    stayed += n == strlen(stay[i]) && memcmp(got, stay[i], n) == 0;
  }
  assert_true(stayed >= 10); /* 链 and 炼 share a group through 鍊 */
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_every_code_point),       cmocka_unit_test(test_every_code_point_between),
    cmocka_unit_test(test_random_texts),           cmocka_unit_test(test_invisible_anywhere),
    cmocka_unit_test(test_normalization_file),     cmocka_unit_test(test_real_comments),
    cmocka_unit_test(test_opencc_compares_equal),  cmocka_unit_test(test_opencc_prefers_simplified),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
