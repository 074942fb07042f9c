/* The JSON reader: what it accepts, what it refuses and where it says so, what it makes of it. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/json.h"
#include "limits.h"

#define NODES 64

static struct weir_json nodes[NODES];
static unsigned char block[1024];
static size_t node_cnt;
static weir_error err;

/* Reads from memory that ends where the text ends, so that the sanitizer sees a look behind it. The copy is given back by
 * the next call: nodes point into it. */
static weir_status read_str(weir_str text) {
  static char *copy;
  struct weir_arena arena;
  free(copy);
  copy = malloc(text.len ? text.len : 1);
  assert_non_null(copy);
  if (text.len) memcpy(copy, text.ptr, text.len);
  weir_arena_fixed(&arena, block, sizeof block);
  memset(nodes, 0x55, sizeof nodes);
  weir_error_clear(&err);
  node_cnt = 77;
  weir_status status = weir_json_read((weir_str){ copy, text.len }, nodes, NODES, &arena, &node_cnt, &err);
  if (text.len == 0) {
    free(copy);
    copy = NULL;
  }
  return status;
}

static weir_status read_text(const char *text) { return read_str(weir_str_of(text)); }

static void assert_node(uint32_t i, enum weir_json_kind kind, uint32_t cnt, uint32_t next, uint32_t offset, const char *str) {
  assert_true(i < node_cnt);
  assert_int_equal(nodes[i].kind, kind);
  assert_int_equal(nodes[i].cnt, cnt);
  assert_int_equal(nodes[i].next, next);
  assert_int_equal(nodes[i].offset, offset);
  assert_int_equal(nodes[i].str.len, strlen(str));
  if (nodes[i].str.len) assert_memory_equal(nodes[i].str.ptr, str, strlen(str));
}

static void shape_of_a_document(void **state) {
  (void)state;
  assert_int_equal(read_text(" {\"a\" : [1, -2.5e3, []] ,\"b\":{\"c\":true},\"d\":null, \"e\":\"x\",\"f\":false} "), WEIR_OK);
  assert_int_equal(node_cnt, 16);
  assert_node(0, WEIR_JSON_OBJECT, 5, 16, 1, "");
  assert_node(1, WEIR_JSON_STRING, 0, 2, 2, "a");
  assert_node(2, WEIR_JSON_ARRAY, 3, 6, 8, "");
  assert_node(3, WEIR_JSON_NUMBER, 0, 4, 9, "1");
  assert_node(4, WEIR_JSON_NUMBER, 0, 5, 12, "-2.5e3");
  assert_node(5, WEIR_JSON_ARRAY, 0, 6, 20, "");
  assert_node(6, WEIR_JSON_STRING, 0, 7, 25, "b");
  assert_node(7, WEIR_JSON_OBJECT, 1, 10, 29, "");
  assert_node(8, WEIR_JSON_STRING, 0, 9, 30, "c");
  assert_node(9, WEIR_JSON_TRUE, 0, 10, 34, "");
  assert_node(11, WEIR_JSON_NULL, 0, 12, 44, "");
  assert_node(13, WEIR_JSON_STRING, 0, 14, 54, "x");
}

static void members_are_found(void **state) {
  (void)state;
  assert_int_equal(read_text("{\"a\":{\"z\":1},\"b\":[{\"q\":2}],\"\":3,\"dup\":4,\"x\":5,\"dup\":6}"), WEIR_OK);
  assert_int_equal(weir_json_get(nodes, 0, WEIR_STR("a")), 2);
  assert_int_equal(weir_json_get(nodes, 2, WEIR_STR("z")), 4);
  assert_int_equal(weir_json_get(nodes, 0, WEIR_STR("z")), 0);
  assert_int_equal(weir_json_get(nodes, 0, WEIR_STR("q")), 0);
  assert_int_equal(weir_json_get(nodes, 0, WEIR_STR("A")), 0);
  assert_string_equal("3", weir_json_get(nodes, 0, WEIR_STR("")) ? "3" : "");
  assert_int_equal(weir_json_get(nodes, 0, WEIR_STR("dup")), UINT32_MAX);
  assert_memory_equal(nodes[weir_json_get(nodes, 0, WEIR_STR("x"))].str.ptr, "5", 1);
  assert_int_equal(weir_json_get(nodes, 6, WEIR_STR("q")), 0); /* an array has no members */
}

static void duplicates_are_found_anywhere(void **state) {
  static const struct { const char *text; bool dup; } table[] = {
    { "{}", false }, { "[]", false }, { "3", false }, { "{\"a\":1,\"b\":2}", false }, { "{\"a\":1,\"a\":2}", true },
    { "[{\"a\":{\"a\":{\"a\":1}}},{\"a\":1}]", false }, { "[[[{\"x\":[{\"k\":1,\"l\":2,\"k\":3}]}]]]", true },
    { "{\"a\":1,\"\\u0061\":2}", true }, { "{\"a\":1,\"a\\u0000\":2}", false }, { "{\"\":1,\"\":1}", true },
    { "{\"a\":[1,2,{\"b\":3}],\"c\":{\"d\":4},\"a\":0}", true },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    assert_int_equal(read_text(table[i].text), WEIR_OK);
    assert_int_equal(weir_json_has_duplicates(nodes, 0), table[i].dup);
  }
  assert_int_equal(read_text("{\"a\":{\"k\":1},\"b\":{\"k\":1,\"k\":2}}"), WEIR_OK);
  assert_false(weir_json_has_duplicates(nodes, 2));
  assert_true(weir_json_has_duplicates(nodes, 6));
}

static void strings_are_decoded(void **state) {
  static const struct { const char *json; weir_str str; } table[] = {
    { "\"\"", { "", 0 } }, { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", { "\"\\/\b\f\n\r\t", 8 } }, { "\"\\u0000\"", { "\0", 1 } },
    { "\"a\\u0000b\"", { "a\0b", 3 } }, { "\"\\u0041\\u00e9\\u7535\\uD83D\\ude4F\"", { "Aé电\xF0\x9F\x99\x8F", 10 } },
    { "\"\\uFFFF\\uE000\\uD7FF\"", { "\xEF\xBF\xBF\xEE\x80\x80\xED\x9F\xBF", 9 } },
    { "\"\\uDBFF\\uDFFF\"", { "\xF4\x8F\xBF\xBF", 4 } },
    { "\"电子版 plain and long enough\\n\"", { "电子版 plain and long enough\n", 32 } }, { "\"\x7f\"", { "\x7f", 1 } },
    { "\"\\u007F\\u0080\\u07ff\\u0800\"", { "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80", 8 } },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    assert_int_equal(read_text(table[i].json), WEIR_OK);
    if (!weir_str_eq(nodes[0].str, table[i].str)) fail_msg("%s", table[i].json);
  }
}

/* A special byte at every place of the eight that are looked at together. */
static void specials_are_seen_at_every_place(void **state) {
  static const struct { weir_str special, decoded; bool good; } table[] = {
    { { "\\n", 2 }, { "\n", 1 }, true }, { { "é", 2 }, { "é", 2 }, true },
    { { "\xF0\x9F\x99\x8F", 4 }, { "\xF0\x9F\x99\x8F", 4 }, true },
    { { "\x7f", 1 }, { "\x7f", 1 }, true }, { { " ", 1 }, { " ", 1 }, true }, { { "!", 1 }, { "!", 1 }, true },
    { { "\n", 1 }, { "", 0 }, false }, { { "\x1f", 1 }, { "", 0 }, false }, { { "\0", 1 }, { "", 0 }, false },
    { { "\x80", 1 }, { "", 0 }, false }, { { "\xFF", 1 }, { "", 0 }, false }, { { "\"", 1 }, { "", 0 }, false },
    { { "\\x", 2 }, { "", 0 }, false },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    for (size_t before = 0; before < 20; before++) {
      for (size_t behind = 0; behind < 20; behind++) {
        char text[64], expected[64];
        weir_str special = table[i].special, decoded = table[i].decoded;
        text[0] = '"';
        memset(text + 1, 'a', sizeof text - 1);
        memcpy(text + 1 + before, special.ptr, special.len);
        text[1 + before + special.len + behind] = '"';
        weir_status status = read_str((weir_str){ text, 2 + before + special.len + behind });
        assert_int_equal(status, table[i].good ? WEIR_OK : WEIR_E_FORMAT);
        if (!table[i].good) continue;
        memset(expected, 'a', sizeof expected);
        memcpy(expected + before, decoded.ptr, decoded.len);
        assert_true(weir_str_eq(nodes[0].str, (weir_str){ expected, before + decoded.len + behind }));
      }
    }
  }
}

/* Every sequence of lead and first tail, with good tails behind: accepted exactly as RFC 3629's table has it. */
static void utf8_by_the_table(void **state) {
  (void)state;
  for (unsigned a = 0x80; a < 0x100; a++) {
    for (unsigned b = 0; b < 0x100; b++) {
      if (b == '"' || b == '\\' || b < 0x20) continue;
      bool tail = b >= 0x80 && b <= 0xBF;
      size_t len = a >= 0xC2 && a <= 0xDF && tail ? 2 :
                   (a == 0xE0 && b >= 0xA0 && b <= 0xBF) || (a == 0xED && b >= 0x80 && b <= 0x9F) ||
                       (a >= 0xE1 && a <= 0xEF && a != 0xED && tail) ? 3 :
                   (a == 0xF0 && b >= 0x90 && b <= 0xBF) || (a == 0xF4 && b >= 0x80 && b <= 0x8F) ||
                       (a >= 0xF1 && a <= 0xF3 && tail) ? 4 : 0;
      for (size_t tails = 0; tails < 4; tails++) {
        char text[8] = { '"', (char)a, (char)b, (char)0xBF, (char)0xBF, (char)0xBF };
        text[3 + tails] = '"';
        bool good = len != 0 && tails == len - 2;
        if (read_str((weir_str){ text, 4 + tails }) != (good ? WEIR_OK : WEIR_E_FORMAT)) fail_msg("%02x %02x +%zu", a, b, tails);
      }
    }
  }
}

static void refusals_say_where(void **state) {
  static const struct { const char *text; int at; } table[] = {
    { "", 0 }, { "  ", 2 }, { "{", 1 }, { "[", 1 }, { "}", 0 }, { "[1", 2 }, { "[1,", 3 }, { "[1,]", 3 }, { "[,1]", 1 },
    { "[1 2]", 3 },
    { "{\"a\"}", 4 }, { "{\"a\":}", 5 }, { "{\"a\":1,}", 7 }, { "{a:1}", 1 }, { "{1:1}", 1 }, { "{\"a\" 1}", 5 },
    { "{\"a\":1]", 6 },
    { "[1}", 2 }, { "1 1", 2 }, { "[]]", 2 }, { "tru", 0 }, { "True", 0 }, { "nul", 0 }, { "truex", 4 }, { "01", 0 }, { "-", 1 },
    { "-01", 1 }, { "+1", 0 }, { ".5", 0 }, { "1.", 2 }, { "1.e5", 2 }, { "1e", 2 }, { "1e+", 3 }, { "1e5.5", 3 }, { "0x10", 1 },
    { "NaN", 0 }, { "Infinity", 0 }, { "-Infinity", 1 }, { "'a'", 0 }, { "\"a", 2 }, { "\"\\", 1 }, { "\"\\x\"", 1 },
    { "\"\\u12g4\"", 1 },
    { "\"\\u123", 1 }, { "\"ab\\ud800\"", 3 }, { "\"\\udc00\"", 1 }, { "\"\\ud800\\u0041\"", 1 }, { "\"\\ud800\\ud800\"", 1 },
    { "\"\\uD800\\n\"", 1 }, { "\"a\tb\"", 2 }, { "\"abc\xC0\x80\"", 4 }, { "\"\xED\xA0\x80\"", 1 }, { "\xEF\xBB\xBF{}", 0 },
    { "[1]//c", 3 }, { "/**/1", 0 }, { "{\"a\":1 \"b\":2}", 7 }, { "\xC2\xA0" "1", 0 }, { "[1\f]", 2 }, { "{,}", 1 },
    { "[\"a\",", 5 },
    { "{\"a\":1,\"b\"", 10 }, { "1\xE2\x80\xA8", 1 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    char head[32];
    weir_status status = read_text(table[i].text);
    assert_int_equal(status, WEIR_E_FORMAT);
    assert_int_equal(err.status, WEIR_E_FORMAT);
    assert_int_equal(node_cnt, 0);
    snprintf(head, sizeof head, "at byte %d: ", table[i].at);
    if (strncmp(err.message, head, strlen(head)) != 0) fail_msg("%s: %s, expected %s", table[i].text, err.message, head);
  }
  assert_int_equal(read_str((weir_str){ "1\0", 2 }), WEIR_E_FORMAT);
  assert_int_equal(read_str((weir_str){ NULL, 0 }), WEIR_E_FORMAT);
  struct weir_arena arena;
  weir_arena_fixed(&arena, NULL, 0);
  assert_int_equal(weir_json_read((weir_str){ NULL, 0 }, nodes, NODES, &arena, &node_cnt, NULL), WEIR_E_FORMAT);
}

static void every_prefix_is_refused(void **state) {
  static const char text[] = "{\"id\":\"x\\u0041\\ud83d\\ude4f电\",\"l\":[1,-2.5e+3,true,false,null,{}],\"o\":{\"k\":[[]]}}";
  (void)state;
  for (size_t len = 0; len < sizeof text - 1; len++) assert_int_equal(read_str((weir_str){ text, len }), WEIR_E_FORMAT);
  assert_int_equal(read_text(text), WEIR_OK);
}

static void depth_is_limited(void **state) {
  char text[8 * WEIR_JSON_DEPTH_MAX];
  (void)state;
  for (size_t depth = WEIR_JSON_DEPTH_MAX - 1; depth <= WEIR_JSON_DEPTH_MAX + 1; depth++) {
    weir_status expected = depth <= WEIR_JSON_DEPTH_MAX ? WEIR_OK : WEIR_E_LIMIT;
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    assert_int_equal(read_str((weir_str){ text, 2 * depth }), expected);
    assert_int_equal(node_cnt, expected == WEIR_OK ? depth : 0);
    size_t len = 0;
    for (size_t i = 0; i < depth; i++, len += 4) memcpy(text + len, "{\"\":", 4);
    text[len++] = '0';
    memset(text + len, '}', depth);
    assert_int_equal(read_str((weir_str){ text, len + depth }), expected);
  }
  /* wide is not deep */
  assert_int_equal(read_text("[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[[]],{}]"), WEIR_OK);
}

static void nodes_are_limited(void **state) {
  char text[2 * NODES + 8] = "[";
  size_t len = 1;
  (void)state;
  for (int i = 0; i < NODES - 1; i++, len += 2) memcpy(text + len, "1,", 2);
  text[len - 1] = ']';
  assert_int_equal(read_str((weir_str){ text, len }), WEIR_OK);
  assert_int_equal(node_cnt, NODES);
  memcpy(text + len - 1, ",1]", 3);
  assert_int_equal(read_str((weir_str){ text, len + 2 }), WEIR_E_LIMIT);
  assert_int_equal(node_cnt, 0);
  struct weir_arena arena;
  weir_arena_fixed(&arena, block, sizeof block);
  assert_int_equal(weir_json_read(WEIR_STR("1"), nodes, 0, &arena, &node_cnt, &err), WEIR_E_LIMIT);
}

static void memory_is_limited(void **state) {
  weir_str text = WEIR_STR("[\"plain needs none\",\"\\n234\"]");
  struct weir_arena arena;
  (void)state;
  weir_arena_fixed(&arena, block, 3);
  assert_int_equal(weir_json_read(text, nodes, NODES, &arena, &node_cnt, &err), WEIR_E_NOMEM);
  assert_int_equal(node_cnt, 0);
  weir_arena_fixed(&arena, block, 4);
  assert_int_equal(weir_json_read(text, nodes, NODES, &arena, &node_cnt, &err), WEIR_OK);
  assert_int_equal(arena.used, 4);
  assert_ptr_equal(nodes[1].str.ptr, text.ptr + 2);
}

static void integers(void **state) {
  static const struct { const char *text; bool good; int64_t value; } table[] = {
    { "0", true, 0 }, { "-0", true, 0 }, { "7", true, 7 }, { "-1", true, -1 }, { "9223372036854775807", true, INT64_MAX },
    { "-9223372036854775808", true, INT64_MIN }, { "-9223372036854775807", true, -INT64_MAX },
    { "9223372036854775808", false, 0 },
    { "-9223372036854775809", false, 0 }, { "18446744073709551616", false, 0 }, { "92233720368547758070", false, 0 },
    { "1e2", false, 0 }, { "1.0", false, 0 }, { "0e0", false, 0 }, { "9007199254740993", true, 9007199254740993 },
  };
  int64_t value;
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    assert_int_equal(read_text(table[i].text), WEIR_OK);
    value = 77;
    assert_int_equal(weir_json_int64(&nodes[0], &value), table[i].good);
    assert_int_equal(value, table[i].value);
  }
  assert_int_equal(read_text("\"1\""), WEIR_OK);
  assert_false(weir_json_int64(&nodes[0], &value));
}

static double read_double(const char *text) {
  double value = 77;
  assert_int_equal(read_text(text), WEIR_OK);
  assert_true(weir_json_double(&nodes[0], &value));
  return value;
}

static void assert_same(double a, double b, const char *text) {
  if (memcmp(&a, &b, sizeof a) != 0) fail_msg("%s: %.17g, expected %.17g", text, a, b);
}

static void doubles(void **state) {
  static const char *const table[] = {
    "0", "-0", "0.0", "-0e5", "1", "-1.5", "0.1", "1e22", "1e23", "123456789012345678e-5", "9007199254740993",
    "9007199254740992.999",
    "9007199254740993.00000000000000000001", "1.7976931348623157e308", "4.9e-324", "2.4703282292062327e-324",
    "2.4703282292062328e-324",
    "2.2250738585072011e-308", "2.2250738585072014e-308", "1e-400", "0e999999999999999999999",
    "0.000000000000000000000000000000001",
    "100000000000000000000000000000000000000", "6.02214076E+23", "1.00000000000000011102230246251565404236316680908203125",
    "1.00000000000000011102230246251565404236316680908203124", "1.00000000000000011102230246251565404236316680908203126",
    "89255.0e-22", "0.00000001e30",
  };
  double value;
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    assert_same(read_double(table[i]), strtod(table[i], NULL), table[i]);
  }
  static const char *const infinite[] = { "1e309", "-1e309", "1.7976931348623159e308", "1e99999999999999999999999999" };
  for (size_t i = 0; i < sizeof infinite / sizeof infinite[0]; i++) {
    assert_int_equal(read_text(infinite[i]), WEIR_OK);
    assert_false(weir_json_double(&nodes[0], &value));
    assert_true(value == 0);
  }
  assert_int_equal(read_text("null"), WEIR_OK);
  assert_false(weir_json_double(&nodes[0], &value));
}

/* Half way between two doubles, and then a digit far behind that decides. */
static void very_long_numbers(void **state) {
  static char text[6000];
  (void)state;
  for (size_t zeros = 0; zeros < 5000; zeros += 97) {
    int len = snprintf(text, sizeof text, "9007199254740993.%0*d", (int)zeros + 1, 0);
    assert_same(read_double(text), 9007199254740992.0, "half");
    text[len - 1] = '1';
    assert_same(read_double(text), 9007199254740994.0, "above half");
  }
  memset(text, '0', sizeof text);
  text[0] = '1';
  memcpy(text + 5000, "e-4999", 7);
  assert_same(read_double(text), 1.0, "10^4999 * 10^-4999");
}

static void random_doubles(void **state) {
  uint64_t x = UINT64_C(0xD1B54A32D192ED03);
  (void)state;
  print_message("# seed %llx\n", (unsigned long long)x);
  for (int i = 0; i < 30000; i++) {
    char text[64];
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    unsigned digits = 1 + (unsigned)(x >> 40) % 19;
    uint64_t mantissa = x % UINT64_C(10000000000000000000);
    while (digits < 19 && mantissa > 0 && digits++) mantissa /= 10;
    int exponent = (int)(x >> 50 & 1023) - 512;
    if (i % 3 == 0) exponent %= 30;
    snprintf(text, sizeof text, "%s%llu.%ue%d", x & 1 ? "-" : "", (unsigned long long)mantissa, (unsigned)(x >> 8 & 0xFFF),
    exponent);
    double expected = strtod(text, NULL), value;
    assert_int_equal(read_text(text), WEIR_OK);
    if (weir_json_double(&nodes[0], &value)) assert_same(value, expected, text);
    else assert_true(expected > 1e308 || expected < -1e308);
  }
}

static void read_without_the_locale(void **state) {
  static const char *const names[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "es_ES.UTF-8", "de_DE", "ps_AF" };
  bool found = false;
  double a, b;
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof names[0] && !found; i++) found = setlocale(LC_ALL, names[i]) != NULL;
  if (!found) skip();
  a = read_double("0.5");
  b = read_double("123456789.123456789123456789e-200");
  setlocale(LC_ALL, "C");
  assert_same(a, 0.5, "0.5");
  assert_same(b, 123456789.123456789123456789e-200, "123456789.123456789123456789e-200");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(shape_of_a_document), cmocka_unit_test(members_are_found), cmocka_unit_test(duplicates_are_found_anywhere),
    cmocka_unit_test(strings_are_decoded), cmocka_unit_test(specials_are_seen_at_every_place),
    cmocka_unit_test(utf8_by_the_table),
    cmocka_unit_test(refusals_say_where), cmocka_unit_test(every_prefix_is_refused), cmocka_unit_test(depth_is_limited),
    cmocka_unit_test(nodes_are_limited), cmocka_unit_test(memory_is_limited), cmocka_unit_test(integers),
    cmocka_unit_test(doubles),
    cmocka_unit_test(very_long_numbers), cmocka_unit_test(random_doubles), cmocka_unit_test(read_without_the_locale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
