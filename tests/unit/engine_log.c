/* What an engine says beside its answers: levels, words, whom it is about; and nothing when nobody listens. */
#include "engine_support.h"

static const char rules[] = "rule 'a' { on = 'comment', keywords = { 'pdf' }, reply = 'here' }\n"
                            "rule 'bad' { on = 'comment', keywords = { 'bad' }, run = function(e) e:reply(nil .. 'x') end }\n"
                            "rule 'spin' { on = 'comment', keywords = { 'spin' }, run = function(e) while true do end end }\n";

struct heard {
  char all[8192];
  unsigned cnt;
};

static void hear(void *ctx, const weir_log_entry *entry) {
  struct heard *h = ctx;
  size_t len = strlen(h->all);
  assert_int_equal(strlen(entry->message) < 512, 1);
  assert_null(strchr(entry->message, '\n'));
  snprintf(h->all + len, sizeof h->all - len, "%s %s [%.*s] [%.*s] %s\n", weir_log_level_name(entry->level), entry->what, (int)entry->rule.len,
           entry->rule.len ? entry->rule.ptr : "", (int)entry->cause.len, entry->cause.len ? entry->cause.ptr : "", entry->message);
  h->cnt++;
}

static void has(const struct heard *h, const char *text) {
  if (!strstr(h->all, text)) fail_msg("not said: %s\nbut:\n%s", text, h->all);
}

static void what_happens_is_said(void **state) {
  (void)state;
  struct rig r;
  struct heard h = { .cnt = 0 };
  weir_key *next;
  rig_open(&r, rules, (weir_config){ .log = hear, .log_ctx = &h, .log_level = WEIR_LOG_DEBUG, .record_ttl_s = 60 });
  has(&h, "info opened [] [] chain test: 0 persons");
  comment(&r, "c1", "u1", "pdf");
  has(&h, "debug fired [rules/a] [c1] rule rules/a: fired");
  comment(&r, "c2", "u2", "bad");
  has(&h, "info script_error [rules/bad] [c2]");
  for (int i = 0; i < 3; i++) comment(&r, i == 0 ? "s0" : i == 1 ? "s1" : "s2", "u3", "spin");
  has(&h, "info limit [rules/spin] [s0]");
  has(&h, "warning put_aside [rules/spin] [s2] rule rules/spin: its handler was stopped 3 times");
  r.now -= 5000;
  comment(&r, "c3", "u4", "pdf");
  comment(&r, "c4", "u5", "pdf");
  has(&h, "warning clock_behind [] [] the time of this call lies 5000 ms before");
  assert_null(strstr(strstr(h.all, "clock_behind") + 1, "clock_behind")); /* once */
  assert_int_equal(weir_outbox_expire(r.engine, r.now + 100000, NULL, &r.err), WEIR_OK);
  has(&h, "warning expired [] [] nobody acknowledged 3 records");
  assert_int_equal(weir_swap(r.engine, r.rules, &r.err), WEIR_OK);
  has(&h, "info swapped");
  assert_int_equal(weir_key_generate(&next, NULL, NULL), WEIR_OK);
  assert_int_equal(weir_rotate(r.engine, next, r.now, &r.err), WEIR_OK);
  has(&h, "info rotated");
  rig_close(&r);
  weir_key_free(next);
}

static void only_as_much_as_is_wanted(void **state) {
  (void)state;
  struct rig r;
  struct heard h = { .cnt = 0 };
  rig_open(&r, rules, (weir_config){ .log = hear, .log_ctx = &h, .log_level = WEIR_LOG_WARNING });
  comment(&r, "c1", "u1", "pdf");
  comment(&r, "c2", "u2", "bad");
  assert_int_equal(h.cnt, 0);
  rig_close(&r);
  rig_open(&r, rules, (weir_config){ .log = hear, .log_ctx = &h }); /* as usual: info */
  comment(&r, "c1", "u1", "pdf");
  assert_int_equal(h.cnt, 1);
  has(&h, "info opened");
  rig_close(&r);
}

static bool at_once(void *ctx) {
  (void)ctx;
  return true;
}

static void an_event_that_was_given_up(void **state) {
  (void)state;
  struct rig r;
  struct heard h = { .cnt = 0 };
  rig_open(&r, rules, (weir_config){ .log = hear, .log_ctx = &h, .deadline = at_once });
  comment(&r, "c1", "u1", "spin");
  assert_true(r.verdict.struck);
  has(&h, "warning gave_up [] [c1]");
  rig_close(&r);
}

static void levels_have_names(void **state) {
  (void)state;
  assert_string_equal(weir_log_level_name(WEIR_LOG_ERROR), "error");
  assert_string_equal(weir_log_level_name(WEIR_LOG_DEBUG), "debug");
  assert_string_equal(weir_log_level_name((weir_log_level)77), "none");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_happens_is_said),
    cmocka_unit_test(only_as_much_as_is_wanted),
    cmocka_unit_test(an_event_that_was_given_up),
    cmocka_unit_test(levels_have_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
