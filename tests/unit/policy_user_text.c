/* What users wrote, made safe to repeat; what scripts say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "limits.h"
#include "policy/policy.h"
#include "text/utf8.h"

static const struct {
  const char *in, *in_private, *in_public;
} cases[] = {
  { "", "", "" },
  { "Lin", "Lin", "Lin" },
  { "  two \t\n  words  ", "two words", "two words" },
  { "\xe3\x80\x80全角\xe3\x80\x80空格\xe3\x80\x80", "全角 空格", "全角 空格" },
  { "a\xe2\x80\xae" "b\xe2\x80\xac" "c", "abc", "abc" },                /* U+202E, U+202C */
  { "\xe2\x81\xa6x\xe2\x81\xa9", "x", "x" },                            /* U+2066, U+2069 */
  { "a\x01" "b\x7f" "c\xc2\x80", "abc", "abc" },
  { "line\xe2\x80\xa8" "two", "line two", "line two" },                 /* U+2028 */
  { "{code} {{ }}", "{code} {{ }}", "{code} {{ }}" },                   /* data, not a template: nothing happens to it here */
  { "see http://evil.example/x?y=1 now", "see http://evil.example/x?y=1 now", "see now" },
  { "看看evil.com谢谢", "看看evil.com谢谢", "看看 谢谢" },
  { "看看EVIL.COM/a-b#c谢谢", "看看EVIL.COM/a-b#c谢谢", "看看 谢谢" },
  { "www.evil.co.uk:8080/p", "www.evil.co.uk:8080/p", "" },
  { "t.me/joinchat", "t.me/joinchat", "" },
  { "weixin://dl/chat 你好", "weixin://dl/chat 你好", "你好" },
  { "//evil.com", "//evil.com", "//" },
  { "a@evil.com", "a@evil.com", "a@" },
  { "1.2.3.4/x and 1.2.3", "1.2.3.4/x and 1.2.3", "and 1.2.3" },
  { "ev\xe2\x80\x8bil.c\xc2\xadom", "evil.com", "" },                  /* zero-width space, soft hyphen */
  { "ｅｖｉｌ．ｃｏｍ／ａ 好", "ｅｖｉｌ．ｃｏｍ／ａ 好", "好" },
  { "evil。com", "evil。com", "" },
  { "evil｡com", "evil｡com", "" },                                        /* the half-width stop */
  { "see evil_site-1.com!", "see evil_site-1.com!", "see !" },
  { "evil.com?a=1 evil.com#b evil.com,c", "evil.com?a=1 evil.com#b evil.com,c", ",c" },
  { "weixin://你好 再见", "weixin://你好 再见", "再见" },               /* behind the scheme something else than ASCII */
  { "电子://你好", "电子://你好", "电子://你好" },                       /* no scheme is written so */
  { "a:/b c:", "a:/b c:", "a:/b c:" },
  { "🙏.com", "🙏.com", "🙏.com" },
  { "one\xc2\x85two\xe2\x80\xa9three", "one two three", "one two three" }, /* U+0085, U+2029 */
  { "好的。谢谢", "好的。谢谢", "好的。谢谢" },
  { "OK。谢谢", "OK。谢谢", "OK。谢谢" },
  { "1.求电子版 2.要答案", "1.求电子版 2.要答案", "1.求电子版 2.要答案" },
  { "价格3.50元", "价格3.50元", "价格3.50元" },
  { "例子.中国 呢", "例子.中国 呢", "呢" },
  { "пример.рф", "пример.рф", "" },
  { "evil.com.3", "evil.com.3", ".3" },
  { "a..b", "a..b", "a..b" },
  { "end.", "end.", "end." },
  { "...", "...", "..." },
  { "evx.yzil.com", "evx.yzil.com", "" },
  /* two halves must not meet to make a new link */
  { "good例.中国.com", "good例.中国.com", "good" },
  { "ev http://x.yy/ il.com", "ev http://x.yy/ il.com", "ev" },
};

static void table(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char out[WEIR_USER_TEXT_MAX * 4 + 1];
    for (int is_public = 0; is_public < 2; is_public++) {
      size_t len = weir_policy_user_text(weir_str_of(cases[i].in), is_public, out, sizeof out - 1);
      out[len] = '\0';
      assert_string_equal(out, is_public ? cases[i].in_public : cases[i].in_private);
    }
  }
}

static void forty_code_points(void **state) {
  (void)state;
  char in[3 * 500 + 1], out[WEIR_USER_TEXT_MAX * 4];
  for (size_t i = 0; i < 500; i++) memcpy(in + 3 * i, "电", 4);
  size_t len = weir_policy_user_text(weir_str_of(in), true, out, sizeof out);
  assert_int_equal(len, 3 * WEIR_USER_TEXT_MAX);
  assert_int_equal(weir_utf8_count((weir_str){ out, len }), WEIR_USER_TEXT_MAX);
  /* the 40th is a space with something behind it: not left dangling */
  memset(in, 'x', sizeof in);
  in[WEIR_USER_TEXT_MAX - 1] = ' ';
  len = weir_policy_user_text((weir_str){ in, 100 }, false, out, sizeof out);
  assert_int_equal(len, WEIR_USER_TEXT_MAX - 1);
}

static void links_do_not_count(void **state) {
  (void)state;
  char in[600], out[WEIR_USER_TEXT_MAX * 4 + 1];
  (void)snprintf(in, sizeof in, "a http://evil.example/%0200d b", 0);
  size_t len = weir_policy_user_text(weir_str_of(in), true, out, sizeof out - 1);
  out[len] = '\0';
  assert_string_equal(out, "a b");
  /* a link that the cut at 40 would have halved is gone as a whole */
  len = weir_policy_user_text(WEIR_STR("0123456789 0123456789 0123456789 01 evil.example.org"), true, out, sizeof out - 1);
  out[len] = '\0';
  assert_string_equal(out, "0123456789 0123456789 0123456789 01");
}

static void small_room(void **state) {
  (void)state;
  char out[4] = "~~~";
  assert_int_equal(weir_policy_user_text(WEIR_STR("电子版"), false, out, 0), 0);
  assert_int_equal(weir_policy_user_text(WEIR_STR("电子版"), false, out, 2), 0);
  assert_int_equal(weir_policy_user_text(WEIR_STR("电子版"), false, out, 4), 3);
  assert_memory_equal(out, "电", 3);
  /* a script's text is cut at a whole character, too */
  assert_int_equal(weir_policy_script_text(WEIR_STR("a电"), false, NULL, 0, out, 3), 1);
  assert_int_equal(weir_policy_script_text(WEIR_STR("a电"), false, NULL, 0, out, 4), 4);
}

static void huge_text(void **state) {
  (void)state;
  static char in[WEIR_TEXT_MAX];
  char out[WEIR_USER_TEXT_MAX * 4];
  memset(in, '.', sizeof in);
  assert_int_equal(weir_policy_user_text((weir_str){ in, sizeof in }, true, out, sizeof out), WEIR_USER_TEXT_MAX);
  memset(in, 'a', sizeof in);
  for (size_t i = 2; i < sizeof in; i += 3) in[i] = '.';
  /* one link; what of it lies beyond WEIR_USER_TEXT_SCAN is cut, and its last label may be too short for a host's */
  assert_in_range(weir_policy_user_text((weir_str){ in, sizeof in }, true, out, sizeof out), 0, 2);
  memset(in, ' ', sizeof in);
  assert_int_equal(weir_policy_user_text((weir_str){ in, sizeof in }, true, out, sizeof out), 0);
}

static const char *script(const char *text, bool is_public, const char *said_1, const char *said_2) {
  static char out[512];
  weir_str said[] = { weir_str_of(said_1), weir_str_of(said_2) };
  size_t len = weir_policy_script_text(weir_str_of(text), is_public, said, 2, out, sizeof out - 1);
  out[len] = '\0';
  return out;
}

static void scripts(void **state) {
  (void)state;
  /* the shop's own link stays, the user's goes, wherever he said it */
  assert_string_equal(script("see shop.example/p", true, "hi", "Lin"), "see shop.example/p");
  assert_string_equal(script("you said evil.com, see shop.example", true, "look at EVIL.com", "Lin"),
                      "you said  , see shop.example");
  assert_string_equal(script("hello evil.com!", true, "hi", "ev\xe2\x80\x8bil.com"), "hello  !");
  assert_string_equal(script("hello ｅvil.com!", true, "ｅvil.com", ""), "hello  !");
  assert_string_equal(script("evil.com evil.com evil.com x", true, "evil.com", ""), "      x");
  /* in private it may be repeated */
  assert_string_equal(script("you said evil.com", false, "evil.com", ""), "you said evil.com");
  /* hidden characters go everywhere, line ends stay */
  assert_string_equal(script("a\xe2\x80\xae" "b\nc\td\x01", false, "", ""), "ab\nc\td");
  assert_string_equal(script("", true, "x", ""), "");
  /* what he said ends in the middle of it, or in characters that nobody sees */
  assert_string_equal(script("see evil.com", true, "evil.c", ""), "see evil.com");
  assert_string_equal(script("see evil.com", true, "evil.co\xe2\x80\x8b", ""), "see evil.com");
  assert_string_equal(script("see evil.com", true, "1.2.3.4 evil.com", ""), "see  ");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(table),      cmocka_unit_test(forty_code_points), cmocka_unit_test(links_do_not_count),
    cmocka_unit_test(small_room), cmocka_unit_test(huge_text),         cmocka_unit_test(scripts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
