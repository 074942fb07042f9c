/* How long a text is, in the unit of each platform; and when two texts are the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "policy/inside.h"

static void units(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t bytes, code_points, utf16;
  } cases[] = {
    { "", 0, 0, 0 },
    { "hello", 5, 5, 5 },
    { "é", 2, 1, 1 },
    { "e\xcc\x81", 3, 2, 2 },                       /* the accent by itself */
    { "有的，私信你了", 21, 7, 7 },
    { "🙏", 4, 1, 2 },
    { "🙏🏽", 8, 2, 4 },                             /* with a skin colour */
    { "👨‍👩‍👧", 18, 5, 8 },                          /* three people and two joiners */
    { "𠮷野家", 10, 3, 4 },                          /* a Han letter beyond the first plane */
    { "a\xef\xbb\xbf" "b", 5, 3, 3 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    weir_str text = weir_str_of(cases[i].text);
    assert_int_equal(weir_policy_text_units(text, WEIR_UNIT_BYTES), cases[i].bytes);
    assert_int_equal(weir_policy_text_units(text, WEIR_UNIT_CODE_POINTS), cases[i].code_points);
    assert_int_equal(weir_policy_text_units(text, WEIR_UNIT_UTF16), cases[i].utf16);
  }
}

/* A limit lets its own length pass and not one unit more. */
static void limits(void **state) {
  (void)state;
  static const struct {
    const char *text;
    enum weir_unit of;
    uint32_t max;
    bool goes;
  } cases[] = {
    { "你好", WEIR_UNIT_BYTES, 6, true },           { "你好", WEIR_UNIT_BYTES, 5, false },
    { "你好", WEIR_UNIT_CODE_POINTS, 2, true }, { "你好!", WEIR_UNIT_CODE_POINTS, 2, false },
    { "🙏🙏", WEIR_UNIT_UTF16, 4, true },           { "🙏🙏", WEIR_UNIT_UTF16, 3, false },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct weir_text_limit limit = { .action = WEIR_STR("reply"), .max = cases[i].max, .unit = cases[i].of };
    const struct weir_terms terms = { .name = WEIR_STR("x"), .texts = &limit, .text_cnt = 1 };
    const struct weir_ruleset ruleset = { .channels = &terms, .channel_cnt = 1 };
    const struct weir_person person = { .id = 1 };
    struct weir_policy_tally tally = { 0, 0, 0 };
    struct weir_policy_ask ask = { .ruleset = &ruleset, .person = &person, .channel = WEIR_STR("x"), .account = WEIR_STR("a"), .kind = WEIR_STR("reply"),
                                   .outbound = true, .text = weir_str_of(cases[i].text) };
    const char *reason = weir_policy_check(&ask, &tally);
    if (cases[i].goes) assert_null(reason);
    else assert_string_equal(reason, "text too long for the platform");
    ask.kind = WEIR_STR("message"); /* the limit is not of this one */
    assert_null(weir_policy_check(&ask, &tally));
  }
}

static void likeness(void **state) {
  (void)state;
  static const struct {
    const char *a, *b;
    bool same;
  } cases[] = {
    { "加 li_1 备注 K7M2PQ，发你", "加 li_1 备注 XZ93AA，发你", true },
    { "see you at 5", "see  you at 17", true },
    { "see you", "see them", false },
    { "有的", "有的，私信你了", false },
    { "", "7", true },
    { "a\tb\nc", "abc", true },
    { "[a]", "{a}", false }, /* beside the letters on both sides */
    { "@A`Z", "AZ", false },
    { "a:1", "a:2", true },
    { "a/b", "ab", false },
    { "k7", "电K7", false },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    unsigned char a[WEIR_ID_BYTES], b[WEIR_ID_BYTES];
    weir_policy_text_key(weir_str_of(cases[i].a), a);
    weir_policy_text_key(weir_str_of(cases[i].b), b);
    assert_int_equal(memcmp(a, b, sizeof a) == 0, cases[i].same);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(units), cmocka_unit_test(limits), cmocka_unit_test(likeness) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
