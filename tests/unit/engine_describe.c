/* engine_describe.c: what weir tells of itself to programs: verdicts as JSON, examples, words. */
#include <jansson.h>

#include "engine_support.h"

static const char rules[] =
  "pack { name = 'p', timezone = 'Asia/Shanghai' }\n"
  "account 'wechat_oa/shop' {} account 'douyin/papers' {}\n"
  "rule 'a' { on = 'comment', account = 'douyin/*', keywords = { 'pdf' }, reply = 'he said \"hi\"', tag = 'asked',\n"
  "  examples = { yes = { 'pdf', 'a pdf' }, no = { 'paper' } } }\n"
  "rule 'b' { on = { 'follow', 'message' }, any = true, stage_is = 'f/x', reply = 'b', examples = { yes = { 'x' } } }\n"
  "funnel 'f' { stages = { 'x', 'y' } }\n";

static json_t *verdict_of(struct rig *r) {
  static char text[WEIR_VERDICT_JSON_BYTES];
  size_t len = 0;
  json_error_t wrong;
  assert_int_equal(weir_verdict_json(&r->verdict, text, sizeof text, &len, &r->err), WEIR_OK);
  json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &wrong);
  if (!json) fail_msg("no JSON: %s", wrong.text);
  return json;
}

static const char *text_at(json_t *object, const char *key) { return json_string_value(json_object_get(object, key)); }

static void a_verdict_as_json(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, rules, (weir_config){ .trace = true });
  comment(&r, "c\"1", "u1", "a PDF");
  json_t *v = verdict_of(&r), *actions = json_object_get(v, "actions"), *trace = json_object_get(v, "trace");
  assert_string_equal(text_at(v, "result"), "decided");
  assert_string_equal(text_at(v, "cause"), "c\"1");
  assert_string_equal(text_at(v, "aud"), "douyin/papers");
  assert_int_equal(json_array_size(actions), 2);
  assert_string_equal(text_at(json_array_get(actions, 0), "text"), "he said \"hi\"");
  assert_string_equal(text_at(json_array_get(trace, 0), "reason"), "fired");
  assert_int_equal(json_integer_value(json_object_get(json_array_get(trace, 0), "match_start")), 2);
  json_decref(v);
  comment(&r, "c\"1", "u1", "a PDF");
  v = verdict_of(&r);
  assert_string_equal(text_at(v, "result"), "repeat");
  assert_true(json_is_false(json_object_get(v, "struck")) && json_is_false(json_object_get(v, "clock_behind")));
  json_decref(v);
  r.now -= 60000;
  comment(&r, "c2", "u1", "a PDF");
  v = verdict_of(&r);
  assert_true(json_is_true(json_object_get(v, "clock_behind")));
  json_decref(v);
  rig_close(&r);
}

static void a_place_too_small(void **state) {
  (void)state;
  struct rig r;
  char text[WEIR_VERDICT_JSON_BYTES];
  size_t full = 0, len = 1;
  rig_open(&r, rules, (weir_config){ .trace = true });
  comment(&r, "c1", "u1", "pdf");
  assert_int_equal(weir_verdict_json(&r.verdict, text, sizeof text, &full, &r.err), WEIR_OK);
  for (size_t cap = 0; cap < full; cap++) {
    assert_int_equal(weir_verdict_json(&r.verdict, text, cap, &len, &r.err), WEIR_E_LIMIT);
    assert_int_equal(len, 0);
  }
  assert_int_equal(weir_verdict_json(&r.verdict, text, full, &len, &r.err), WEIR_OK);
  assert_int_equal(weir_verdict_json(NULL, text, full, &len, &r.err), WEIR_E_ARG);
  assert_int_equal(weir_verdict_json(&r.verdict, text, full, NULL, &r.err), WEIR_E_ARG);
  rig_close(&r);
}

static void is(weir_str s, const char *text) {
  assert_int_equal(s.len, strlen(text));
  assert_memory_equal(s.ptr, text, s.len);
}

static void examples(void **state) {
  (void)state;
  struct rig r;
  weir_example e;
  rig_open(&r, rules, (weir_config){ .dry = true });
  is(weir_ruleset_timezone(r.rules), "Asia/Shanghai");
  assert_true(weir_ruleset_example(r.rules, 0, 1, &e));
  assert_true(e.yes && !e.needs_past);
  is(e.text, "a pdf");
  is(e.type, "comment");
  is(e.account, "papers"); /* the one its gate lets through, not the first */
  assert_true(weir_ruleset_example(r.rules, 0, 2, &e) && !e.yes);
  assert_false(weir_ruleset_example(r.rules, 0, 3, &e));
  assert_true(weir_ruleset_example(r.rules, 1, 0, &e) && e.needs_past);
  is(e.type, "message");
  assert_false(weir_ruleset_example(r.rules, 2, 0, &e));
  assert_false(weir_ruleset_example(NULL, 0, 0, &e));
  rig_close(&r);
}

static void words(void **state) {
  (void)state;
  weir_word_info info;
  for (int sort = WEIR_WORD_GATE; sort <= WEIR_WORD_HANDLER; sort++) {
    size_t i = 0;
    for (; weir_word((weir_word_sort)sort, i, &info); i++)
      assert_true(info.name.len && (info.takes.len || sort == WEIR_WORD_EVENT) && info.says.len);
    assert_true(i > 0);
    assert_int_equal(info.name.len, 0);
  }
  assert_true(weir_word(WEIR_WORD_EVENT, 0, &info));
  is(info.name, "comment");
  assert_false(weir_word((weir_word_sort)99, 0, &info));
}

static void every_name(void **state) {
  (void)state;
  for (int i = WEIR_RESULT_NOTHING; i <= WEIR_RESULT_UNDECIDED; i++) assert_string_not_equal(weir_result_name((weir_result)i), "unknown");
  for (int i = WEIR_REASON_FIRED; i <= WEIR_REASON_ASIDE; i++) assert_string_not_equal(weir_reason_name((weir_reason)i), "unknown");
  assert_string_equal(weir_result_name((weir_result)99), "unknown");
  assert_string_equal(weir_reason_name((weir_reason)99), "unknown");
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(a_verdict_as_json), cmocka_unit_test(a_place_too_small), cmocka_unit_test(examples),
                                      cmocka_unit_test(words), cmocka_unit_test(every_name) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
