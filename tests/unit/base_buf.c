/* The bounded buffer and the JSON writer, read back by the JSON reader. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"

static void assert_holds(const struct weir_buf *buf, const char *text) {
  if (buf->len != strlen(text) || memcmp(buf->ptr, text, buf->len) != 0) fail_msg("%.*s, not %s", (int)buf->len, buf->ptr, text);
}

static void full_stays_full(void **state) {
  char room[8];
  struct weir_buf buf;
  (void)state;
  weir_buf_init(&buf, room, 6);
  room[6] = '#';
  weir_buf_text(&buf, "abc");
  weir_buf_text(&buf, "");
  weir_buf_text(&buf, "def");
  assert_false(buf.full);
  weir_buf_add(&buf, NULL, 0);
  assert_false(buf.full);
  weir_buf_byte(&buf, 'x');
  assert_true(buf.full);
  assert_holds(&buf, "abcdef");
  assert_int_equal(room[6], '#');

  weir_buf_init(&buf, room, 6);
  weir_buf_text(&buf, "abcd");
  weir_buf_text(&buf, "too long");
  weir_buf_text(&buf, "e"); /* would fit, but comes after what did not */
  weir_buf_uint(&buf, 1);
  weir_buf_printf(&buf, "z");
  weir_json_null(&buf);
  assert_true(buf.full);
  assert_holds(&buf, "abcd");
}

static void numbers(void **state) {
  char room[128];
  struct weir_buf buf;
  (void)state;
  weir_buf_init(&buf, room, sizeof room);
  weir_buf_uint(&buf, 0);
  weir_buf_byte(&buf, ' ');
  weir_buf_uint(&buf, UINT64_MAX);
  weir_buf_byte(&buf, ' ');
  weir_buf_int(&buf, INT64_MIN);
  weir_buf_byte(&buf, ' ');
  weir_buf_int(&buf, INT64_MAX);
  weir_buf_byte(&buf, ' ');
  weir_buf_int(&buf, -1);
  assert_holds(&buf, "0 18446744073709551615 -9223372036854775808 9223372036854775807 -1");
}

static void formatted(void **state) {
  char room[8];
  struct weir_buf buf;
  (void)state;
  weir_buf_init(&buf, room, sizeof room);
  weir_buf_printf(&buf, "%d-%s", 12, "ab");
  assert_holds(&buf, "12-ab");
  weir_buf_printf(&buf, "%s", "");
  assert_false(buf.full);
  weir_buf_printf(&buf, "%s", "xyz"); /* three bytes are free, but the NUL needs one */
  assert_true(buf.full);
  assert_holds(&buf, "12-ab");
  weir_buf_init(&buf, NULL, 0);
  weir_buf_printf(&buf, "%s", "");
  assert_false(buf.full);
  weir_buf_printf(&buf, "%s", "x");
  assert_true(buf.full);
}

static void write_document(struct weir_buf *buf) {
  weir_json_open(buf, '{');
  weir_json_member(buf, "text", WEIR_STR("a\"b\\c/\n\t\b\f\r\x01\x1f\x7f é 电子版 \xF0\x9F\x99\x8F"));
  weir_json_member_int(buf, "n", -5);
  weir_json_key(buf, WEIR_STR("list"));
  weir_json_open(buf, '[');
  weir_json_int(buf, 1);
  weir_json_bool(buf, true);
  weir_json_bool(buf, false);
  weir_json_null(buf);
  weir_json_str(buf, (weir_str){ NULL, 0 });
  weir_json_num(buf, 0.5);
  weir_json_raw(buf, WEIR_STR("{\"a\":[]}"));
  weir_json_open(buf, '[');
  weir_json_close(buf, ']');
  weir_json_open(buf, '{');
  weir_json_close(buf, '}');
  weir_json_close(buf, ']');
  weir_json_key(buf, WEIR_STR(""));
  weir_json_open(buf, '{');
  weir_json_close(buf, '}');
  weir_json_close(buf, '}');
}

static const char document[] =
  "{\"text\":\"a\\\"b\\\\c/\\n\\t\\b\\f\\r\\u0001\\u001f\\u007f é 电子版 \xF0\x9F\x99\x8F\",\"n\":-5,"
  "\"list\":[1,true,false,null,\"\",0.5,{\"a\":[]},[],{}],\"\":{}}";

static void a_document(void **state) {
  char room[512];
  struct weir_buf buf;
  (void)state;
  weir_buf_init(&buf, room, sizeof room);
  write_document(&buf);
  assert_false(buf.full);
  assert_holds(&buf, document);
}

/* In whatever room: what is there is a prefix, full is told, and nothing is written behind the end. */
static void a_document_in_too_little_room(void **state) {
  size_t whole = sizeof document - 1;
  (void)state;
  for (size_t cap = 0; cap <= whole; cap++) {
    char *room = malloc(cap ? cap : 1); /* the sanitizer watches its end */
    struct weir_buf buf;
    assert_non_null(room);
    weir_buf_init(&buf, room, cap);
    write_document(&buf);
    assert_int_equal(buf.full, cap < whole);
    assert_true(buf.len <= cap);
    assert_memory_equal(buf.ptr, document, buf.len);
    free(room);
  }
}

static void calls_are_whole_or_nothing(void **state) {
  char room[64];
  struct weir_buf buf;
  (void)state;
  for (size_t cap = 2; cap < 12; cap++) {
    weir_buf_init(&buf, room, cap);
    weir_json_open(&buf, '[');
    weir_json_null(&buf);
    size_t before = buf.len;
    weir_json_str(&buf, WEIR_STR("a\nb")); /* ,"a\nb" has 7 bytes */
    assert_int_equal(buf.len, cap >= 12 ? 12 : before);
    assert_true(buf.full);
    weir_buf_init(&buf, room, cap);
    weir_json_open(&buf, '{');
    weir_json_member(&buf, "k", WEIR_STR("012345")); /* "k":"012345" has 12 bytes */
    assert_holds(&buf, "{");
    weir_buf_init(&buf, room, cap);
    weir_json_member_int(&buf, "k", 12345678901);
    assert_holds(&buf, "");
  }
}

static bool written_as(double value, const char *text) {
  char room[40];
  struct weir_buf buf;
  weir_buf_init(&buf, room, sizeof room);
  weir_json_num(&buf, value);
  return !buf.full && buf.len == strlen(text) && memcmp(room, text, buf.len) == 0;
}

static double double_of(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* RFC 8785 appendix B, but for -0, which must read back as it was. */
static void doubles_are_short(void **state) {
  static const struct { uint64_t bits; const char *text; } table[] = {
    { 0x0000000000000000, "0" }, { 0x8000000000000000, "-0" }, { 0x0000000000000001, "5e-324" },
    { 0x8000000000000001, "-5e-324" },
    { 0x7fefffffffffffff, "1.7976931348623157e+308" }, { 0xffefffffffffffff, "-1.7976931348623157e+308" },
    { 0x4340000000000000, "9007199254740992" }, { 0xc340000000000000, "-9007199254740992" },
    { 0x4430000000000000, "295147905179352830000" }, { 0x7fffffffffffffff, "null" }, { 0x7ff0000000000000, "null" },
    { 0xfff0000000000000, "null" }, { 0x44b52d02c7e14af5, "9.999999999999997e+22" }, { 0x44b52d02c7e14af6, "1e+23" },
    { 0x44b52d02c7e14af7, "1.0000000000000001e+23" }, { 0x444b1ae4d6e2ef4e, "999999999999999700000" },
    { 0x444b1ae4d6e2ef4f, "999999999999999900000" }, { 0x444b1ae4d6e2ef50, "1e+21" },
    { 0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7" },
    { 0x3eb0c6f7a0b5ed8d, "0.000001" }, { 0x41b3de4355555553, "333333333.3333332" }, { 0x41b3de4355555554, "333333333.33333325" },
    { 0x41b3de4355555555, "333333333.3333333" }, { 0x41b3de4355555556, "333333333.3333334" },
    { 0x41b3de4355555557, "333333333.33333343" }, { 0xbecbf647612f3696, "-0.0000033333333333333333" },
    { 0x43143ff3c1cb0959, "1424953923781206.2" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (!written_as(double_of(table[i].bits), table[i].text)) fail_msg("not written as %s", table[i].text);
  }
}

static void doubles_read_back(void **state) {
  uint64_t x = UINT64_C(0x123456789ABCDEF1);
  (void)state;
  print_message("# seed %llx\n", (unsigned long long)x);
  for (int i = 0; i < 20000; i++) {
    char room[40];
    struct weir_buf buf;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    double value = i % 2 ? double_of(x) : (double)(int64_t)(x >> 20) / 1000;
    double back;
    if (!isfinite(value)) continue;
    weir_buf_init(&buf, room, sizeof room);
    weir_json_num(&buf, value);
    struct weir_json node = { .str = weir_buf_view(&buf), .kind = WEIR_JSON_NUMBER };
    assert_true(weir_json_double(&node, &back));
    assert_memory_equal(&back, &value, sizeof value);
  }
}

static void written_without_the_locale(void **state) {
  static const char *const names[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "es_ES.UTF-8", "de_DE", "ps_AF" };
  bool found = false;
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof names[0] && !found; i++) found = setlocale(LC_ALL, names[i]) != NULL;
  if (!found) skip();
  assert_string_not_equal(localeconv()->decimal_point, ".");
  bool half = written_as(0.5, "0.5"), large = written_as(1.7976931348623157e308, "1.7976931348623157e+308");
  setlocale(LC_ALL, "C");
  assert_true(half && large);
}

/* Every byte and a good many code points, through the writer and the reader. */
static void strings_read_back(void **state) {
  static char text[128 + 3 * 4096], room[8 * sizeof text];
  static unsigned char block[sizeof text];
  size_t len = 0, cnt;
  struct weir_json nodes[4];
  struct weir_arena arena;
  struct weir_buf buf;
  (void)state;
  for (int c = 0; c < 128; c++) text[len++] = (char)c;
  for (unsigned cp = 0x800; cp < 0x1800; cp++) {
    text[len++] = (char)(0xE0 | cp >> 12);
    text[len++] = (char)(0x80 | (cp >> 6 & 63));
    text[len++] = (char)(0x80 | (cp & 63));
  }
  weir_buf_init(&buf, room, sizeof room);
  weir_json_open(&buf, '{');
  weir_json_member(&buf, "k", (weir_str){ text, len });
  weir_json_close(&buf, '}');
  assert_false(buf.full);
  weir_arena_fixed(&arena, block, sizeof block);
  assert_int_equal(weir_json_read(weir_buf_view(&buf), nodes, 4, &arena, &cnt, NULL), WEIR_OK);
  assert_int_equal(cnt, 3);
  assert_true(weir_str_eq(nodes[2].str, (weir_str){ text, len }));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(full_stays_full), cmocka_unit_test(numbers), cmocka_unit_test(formatted), cmocka_unit_test(a_document),
    cmocka_unit_test(a_document_in_too_little_room), cmocka_unit_test(calls_are_whole_or_nothing),
    cmocka_unit_test(doubles_are_short), cmocka_unit_test(doubles_read_back), cmocka_unit_test(written_without_the_locale),
    cmocka_unit_test(strings_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
