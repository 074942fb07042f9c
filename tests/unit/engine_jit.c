/* The switch for machine code, from the outside. What it makes is looked at in match_jit.c. */
#include "engine_support.h"

/* The public switch: bytes are told, a host compiled against an older header gets none, records tell the two apart. */
static void jit_is_asked_for(void **state) {
  weir_load_config config = { .struct_size = sizeof config, .jit = true };
  weir_ruleset *with, *without;
  weir_engine *a, *b;
  weir_error err;
  (void)state;
  if (weir_ruleset_load(&with, "rules/test-papers", &config, &err) != WEIR_OK) {
    assert_int_equal(err.status, WEIR_E_ARG); /* there is none here, and it says so */
    assert_null(with);
    assert_true(strstr(err.message, "machine code") != NULL);
    return;
  }
  config.struct_size = offsetof(weir_load_config, jit);
  assert_int_equal(weir_ruleset_load(&without, "rules/test-papers", &config, &err), WEIR_OK);
  assert_true(weir_ruleset_jit_bytes(with) > 0);
  assert_int_equal(weir_ruleset_jit_bytes(without), 0);
  assert_true(weir_ruleset_bytes(with) > weir_ruleset_bytes(without));
  assert_int_equal(weir_engine_open(&a, &(weir_config){ .struct_size = sizeof(weir_config), .ruleset = with, .dry = true }, &err), WEIR_OK);
  assert_int_equal(weir_engine_open(&b, &(weir_config){ .struct_size = sizeof(weir_config), .ruleset = without, .dry = true }, &err), WEIR_OK);
  assert_string_not_equal(weir_engine_env(a).ptr, weir_engine_env(b).ptr);
  assert_int_equal(weir_swap(a, without, &err), WEIR_OK);
  assert_string_equal(weir_engine_env(a).ptr, weir_engine_env(b).ptr);
  weir_engine_close(a);
  weir_engine_close(b);
  weir_ruleset_free(with);
  weir_ruleset_free(without);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(jit_is_asked_for) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
