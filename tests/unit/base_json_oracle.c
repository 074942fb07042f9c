/* The JSON reader against others: JSONTestSuite's files, and jansson on documents made at random and then damaged.
 *
 * The two readers may differ in these things and no others:
 *   we refuse, jansson accepts: nesting beyond WEIR_JSON_DEPTH_MAX, more values than there are nodes (WEIR_E_LIMIT),
 *     and a NUL byte after the value, which jansson takes for the end of the text;
 *   we accept, jansson refuses: numbers beyond int64 and double (we keep numbers as written), a NUL inside a key,
 *   and a key given twice (jansson is told to refuse it; weir_json_has_duplicates must say so then). */
#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "limits.h"
#include "shared_data.h"

#define NODES 4096
#define TEXT_MAX 2048
#define DOCUMENTS 40000
#define SEED UINT64_C(0xA0761D6478BD642F)

static struct weir_json nodes[NODES];
static unsigned char block[1 << 20];

static weir_status read_ours(weir_str text, weir_error *err) {
  struct weir_arena arena;
  size_t cnt;
  weir_arena_fixed(&arena, block, sizeof block);
  return weir_json_read(text, nodes, NODES, &arena, &cnt, err);
}

static void show_and_fail(weir_str text, const char *what) {
  print_message("# document: ");
  for (size_t i = 0; i < text.len && i < 400; i++) {
    unsigned char c = (unsigned char)text.ptr[i];
    print_message(c >= 0x20 && c < 0x7F ? "%c" : "\\x%02x", c);
  }
  print_message("\n");
  fail_msg("%s", what);
}

/* ---- the same value */

static bool same(uint32_t at, const json_t *theirs);

static bool same_number(const struct weir_json *node, const json_t *theirs) {
  int64_t integer;
  double real;
  if (json_is_integer(theirs)) return weir_json_int64(node, &integer) && integer == json_integer_value(theirs);
  double value = json_real_value(theirs);
  return json_is_real(theirs) && !weir_json_int64(node, &integer) && weir_json_double(node, &real) &&
         memcmp(&real, &value, sizeof real) == 0;
}

static bool same_array(uint32_t at, const json_t *theirs) {
  if (!json_is_array(theirs) || json_array_size(theirs) != nodes[at].cnt) return false;
  uint32_t child = at + 1;
  for (size_t i = 0; i < nodes[at].cnt; i++, child = nodes[child].next) {
    if (!same(child, json_array_get(theirs, i))) return false;
  }
  return child == nodes[at].next;
}

static bool same_object(uint32_t at, const json_t *theirs) {
  char key[TEXT_MAX + 1];
  if (!json_is_object(theirs) || json_object_size(theirs) != nodes[at].cnt) return false;
  uint32_t child = at + 1;
  for (size_t i = 0; i < nodes[at].cnt; i++, child = nodes[child + 1].next) {
    if (nodes[child].kind != WEIR_JSON_STRING || nodes[child].str.len > TEXT_MAX) return false;
    memcpy(key, nodes[child].str.ptr, nodes[child].str.len);
    key[nodes[child].str.len] = '\0';
    if (weir_json_get(nodes, at, nodes[child].str) != child + 1) return false;
    if (!same(child + 1, json_object_get(theirs, key))) return false;
  }
  return child == nodes[at].next;
}

/* Recursion ends at WEIR_JSON_DEPTH_MAX, which our reader saw to. */
static bool same(uint32_t at, const json_t *theirs) {
  const struct weir_json *node = &nodes[at];
  if (!theirs) return false;
  switch ((enum weir_json_kind)node->kind) {
    case WEIR_JSON_NULL: return json_is_null(theirs);
    case WEIR_JSON_FALSE: return json_is_false(theirs);
    case WEIR_JSON_TRUE: return json_is_true(theirs);
    case WEIR_JSON_NUMBER: return same_number(node, theirs);
    case WEIR_JSON_STRING:
      return json_is_string(theirs) && json_string_length(theirs) == node->str.len &&
             memcmp(json_string_value(theirs), node->str.ptr, node->str.len) == 0;
    case WEIR_JSON_ARRAY: return same_array(at, theirs);
    case WEIR_JSON_OBJECT: return same_object(at, theirs);
  }
  return false;
}

enum outcome { BOTH_ACCEPT, BOTH_REFUSE, ALLOWED, OUTCOMES };

static enum outcome compare(weir_str text) {
  weir_error err;
  json_error_t their_err;
  weir_status status = read_ours(text, &err);
  size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES;
  json_t *theirs = json_loadb(text.ptr ? text.ptr : "", text.len, flags, &their_err);
  enum outcome outcome = BOTH_REFUSE;
  const char *wrong = NULL;
  if (status == WEIR_OK && theirs) {
    outcome = BOTH_ACCEPT;
    if (!same(0, theirs)) wrong = "both accept, and the values differ";
    if (weir_json_has_duplicates(nodes, 0)) wrong = "a duplicate key that is none";
  } else if (status == WEIR_OK) {
    enum json_error_code code = json_error_code(&their_err);
    outcome = ALLOWED;
    if (code == json_error_duplicate_key) {
      if (!weir_json_has_duplicates(nodes, 0)) wrong = "a duplicate key was not seen";
    } else if (code != json_error_numeric_overflow && code != json_error_null_byte_in_key) {
      wrong = their_err.text;
    }
  } else if (theirs) {
    outcome = ALLOWED;
    const char *nul = text.len ? memchr(text.ptr, '\0', text.len) : NULL;
    weir_str before = { text.ptr, nul ? (size_t)(nul - text.ptr) : 0 };
    if (status != WEIR_E_LIMIT && !(nul && read_ours(before, &err) == WEIR_OK && same(0, theirs))) wrong = err.message;
  }
  json_decref(theirs);
  if (wrong) show_and_fail(text, wrong);
  return outcome;
}

/* ---- documents made at random */

struct maker {
  uint64_t seed;
  char text[TEXT_MAX + 64];
  size_t len;
};

static uint64_t draw(struct maker *m, uint64_t below) {
  m->seed ^= m->seed << 13;
  m->seed ^= m->seed >> 7;
  m->seed ^= m->seed << 17;
  return (m->seed * UINT64_C(0x2545F4914F6CDD1D) >> 20) % below;
}

static void put(struct maker *m, const char *text) {
  size_t len = strlen(text);
  if (m->len + len > TEXT_MAX) return;
  memcpy(m->text + m->len, text, len);
  m->len += len;
}

static void put_one_of(struct maker *m, const char *const *pieces, size_t cnt) { put(m, pieces[draw(m, cnt)]); }

#define PUT_ONE_OF(m, pieces) put_one_of((m), (pieces), sizeof (pieces) / sizeof (pieces)[0])

static void put_space(struct maker *m) {
  static const char *const pieces[] = { "", "", "", "", " ", "\n", "\t", "\r\n  " };
  PUT_ONE_OF(m, pieces);
}

static void put_string(struct maker *m) {
  static const char *const pieces[] = { "a", "b", "name", "hello world, a longer piece of text", "电子版", "é", "\xF0\x9F\x99\x8F",
  "\\n",
                                        "\\\"", "\\\\", "\\/", "\\u0041", "\\u00e9", "\\u7535", "\\ud83d\\ude4f", "\\u0000",
                                        "\x7F", "/",
                                        "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF", "\xC2\x80" };
  put(m, "\"");
  for (uint64_t n = draw(m, 5); n > 0; n--) PUT_ONE_OF(m, pieces);
  put(m, "\"");
}

static void put_number(struct maker *m) {
  static const char *const whole[] = { "0", "1", "7", "42", "1234567890123", "9223372036854775807", "9223372036854775808",
  "9007199254740993",
                                       "123456789012345678901234567890" };
  static const char *const fraction[] = { "", "", "", ".0", ".5", ".000001", ".333333333333333333333333" };
  static const char *const exponent[] = { "", "", "", "e0", "E+5", "e-7", "e22", "e-310", "e308", "e400", "e-400" };
  if (draw(m, 3) == 0) put(m, "-");
  PUT_ONE_OF(m, whole);
  PUT_ONE_OF(m, fraction);
  PUT_ONE_OF(m, exponent);
}

static void put_value(struct maker *m, unsigned depth) {
  static const char *const words[] = { "true", "false", "null" };
  uint64_t kind = draw(m, depth > 0 ? 9 : 5);
  put_space(m);
  if (kind < 2) {
    put_string(m);
  } else if (kind < 4) {
    put_number(m);
  } else if (kind == 4) {
    PUT_ONE_OF(m, words);
  } else {
    bool object = kind < 7;
    put(m, object ? "{" : "[");
    uint64_t cnt = draw(m, 5);
    for (uint64_t i = 0; i < cnt && m->len < TEXT_MAX - 200; i++) {
      if (i > 0) put(m, ",");
      put_space(m);
      if (object) {
        put_string(m);
        put_space(m);
        put(m, ":");
      }
      put_value(m, depth - 1);
    }
    put_space(m);
    put(m, object ? "}" : "]");
  }
  put_space(m);
}

static void put_deep(struct maker *m) {
  size_t depth = WEIR_JSON_DEPTH_MAX - 2 + (size_t)draw(m, 5);
  for (size_t i = 0; i < depth; i++) put(m, "[");
  for (size_t i = 0; i < depth; i++) put(m, "]");
}

static void damage(struct maker *m) {
  static const char *const pieces[] = { "{", "}", "[", "]", "\"", ",", ":", "\\", "\\u", "e", "E", "+", "-", ".", "0", "1", " ",
  "\n", "\x01", "\x7F",
                                        "\x80", "\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE7\x94", "\\ud800",
                                        "true", "nul", "//" };
  size_t at = (size_t)draw(m, m->len + 1), room = m->len - at;
  const char *piece = pieces[draw(m, sizeof pieces / sizeof pieces[0])];
  size_t len = strlen(piece), gone = (size_t)draw(m, 4);
  switch (draw(m, 5)) {
    case 0: /* take some bytes away */
      if (gone > room) gone = room;
      memmove(m->text + at, m->text + at + gone, room - gone);
      m->len -= gone;
      return;
    case 1: /* change a byte */
      if (room > 0) m->text[at] = (char)draw(m, 256);
      return;
    case 2: /* end here */
      m->len = at;
      return;
    default: /* put a piece in */
      memmove(m->text + at + len, m->text + at, room);
      memcpy(m->text + at, piece, len);
      m->len += len;
  }
}

static void jansson_agrees_on_random_documents(void **state) {
  struct maker m = { .seed = SEED };
  unsigned seen[OUTCOMES] = { 0 };
  (void)state;
  print_message("# seed %llx\n", (unsigned long long)SEED);
  for (unsigned i = 0; i < DOCUMENTS; i++) {
    m.len = 0;
    if (draw(&m, 50) == 0) put_deep(&m);
    else put_value(&m, (unsigned)draw(&m, 6));
    uint64_t damages = draw(&m, 3);
    for (uint64_t d = 0; d < damages; d++) damage(&m);
    char *copy = malloc(m.len ? m.len : 1); /* exact, so that the sanitizer sees a look behind the end */
    assert_non_null(copy);
    memcpy(copy, m.text, m.len);
    seen[compare((weir_str){ copy, m.len })]++;
    free(copy);
  }
  print_message("# both accept %u, both refuse %u, allowed difference %u\n", seen[BOTH_ACCEPT], seen[BOTH_REFUSE], seen[ALLOWED]);
  /* the generator must reach all three */
  for (int o = 0; o < OUTCOMES; o++) assert_true(seen[o] > DOCUMENTS / 100);
}

/* ---- JSONTestSuite */

/* What we decide where RFC 8259 leaves it open: true is accept. Numbers are kept as written, so their size does not matter;
 * everything that is not Unicode is refused, and so are a byte order mark and deep nesting. */
static const struct { const char *name; bool accept; } open_cases[] = {
  { "i_number_double_huge_neg_exp.json", true },
  { "i_number_huge_exp.json", true },
  { "i_number_neg_int_huge_exp.json", true },
  { "i_number_pos_double_huge_exp.json", true },
  { "i_number_real_neg_overflow.json", true },
  { "i_number_real_pos_overflow.json", true },
  { "i_number_real_underflow.json", true },
  { "i_number_too_big_neg_int.json", true },
  { "i_number_too_big_pos_int.json", true },
  { "i_number_very_big_negative_int.json", true },
  { "i_object_key_lone_2nd_surrogate.json", false },
  { "i_string_1st_surrogate_but_2nd_missing.json", false },
  { "i_string_1st_valid_surrogate_2nd_invalid.json", false },
  { "i_string_UTF-16LE_with_BOM.json", false },
  { "i_string_UTF-8_invalid_sequence.json", false },
  { "i_string_UTF8_surrogate_U+D800.json", false },
  { "i_string_incomplete_surrogate_and_escape_valid.json", false },
  { "i_string_incomplete_surrogate_pair.json", false },
  { "i_string_incomplete_surrogates_escape_valid.json", false },
  { "i_string_invalid_lonely_surrogate.json", false },
  { "i_string_invalid_surrogate.json", false },
  { "i_string_invalid_utf-8.json", false },
  { "i_string_inverted_surrogates_U+1D11E.json", false },
  { "i_string_iso_latin_1.json", false },
  { "i_string_lone_second_surrogate.json", false },
  { "i_string_lone_utf8_continuation_byte.json", false },
  { "i_string_not_in_unicode_range.json", false },
  { "i_string_overlong_sequence_2_bytes.json", false },
  { "i_string_overlong_sequence_6_bytes.json", false },
  { "i_string_overlong_sequence_6_bytes_null.json", false },
  { "i_string_truncated-utf-8.json", false },
  { "i_string_utf16BE_no_BOM.json", false },
  { "i_string_utf16LE_no_BOM.json", false },
  { "i_structure_500_nested_arrays.json", false },
  { "i_structure_UTF-8_BOM_empty_object.json", false },
};

static bool expected_of(const char *name) {
  if (name[0] != 'i') return name[0] == 'y';
  for (size_t i = 0; i < sizeof open_cases / sizeof open_cases[0]; i++) {
    if (strcmp(open_cases[i].name, name) == 0) return open_cases[i].accept;
  }
  fail_msg("no decision recorded for %s", name);
  return false;
}

/* Opens JSONTestSuite's folder, or skips the test. */
static DIR *open_suite(char path[1024]) {
  const char *found = shared_path(path, 1024, "corpora/special/json/test_parsing");
  if (!found) skip();
  DIR *dir = opendir(path);
  assert_non_null(dir);
  return dir;
}

/* The next file of the folder, to be freed; NULL at the end. */
static char *next_file(DIR *dir, const char *folder, const char **name, size_t *len) {
  struct dirent *entry;
  while ((entry = readdir(dir))) {
    char path[1400];
    size_t end = strlen(entry->d_name);
    if (end < 6 || strcmp(entry->d_name + end - 5, ".json") != 0) continue;
    assert_true(snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path);
    char *text = shared_read(path, len);
    assert_non_null(text);
    *name = entry->d_name;
    return text;
  }
  return NULL;
}

static void json_test_suite(void **state) {
  char folder[1024], *text;
  const char *name;
  size_t len, cnt[3] = { 0 };
  DIR *dir = open_suite(folder);
  (void)state;
  while ((text = next_file(dir, folder, &name, &len))) {
    weir_error err;
    bool accept = read_ours((weir_str){ text, len }, &err) == WEIR_OK;
    if (accept != expected_of(name)) fail_msg("%s: %s", name, accept ? "accepted" : err.message);
    cnt[name[0] == 'y' ? 0 : name[0] == 'n' ? 1 : 2]++;
    free(text);
  }
  closedir(dir);
  print_message("# %zu to accept, %zu to refuse, %zu open\n", cnt[0], cnt[1], cnt[2]);
  assert_true(cnt[0] >= 95 && cnt[1] >= 187);
  assert_int_equal(cnt[2], sizeof open_cases / sizeof open_cases[0]);
}

static void jansson_agrees_on_the_suite(void **state) {
  char folder[1024], *text;
  const char *name;
  size_t len;
  DIR *dir = open_suite(folder);
  (void)state;
  while ((text = next_file(dir, folder, &name, &len))) {
    compare((weir_str){ text, len });
    free(text);
  }
  closedir(dir);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(jansson_agrees_on_random_documents),
    cmocka_unit_test(json_test_suite),
    cmocka_unit_test(jansson_agrees_on_the_suite),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
