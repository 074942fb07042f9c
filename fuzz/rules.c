/* rules.c: any bytes as a rule file. What is wrong is told with its place; what loads can decide, and loads again the same. */
#include "rule_file.h"

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  rule_file_begin();
  return 0;
}

/* Whatever loads can decide, and trace every rule. */
static void decide(const weir_ruleset *rs) {
  weir_engine *engine;
  weir_verdict verdict;
  weir_config config = { .struct_size = sizeof config, .ruleset = rs, .chain = WEIR_STR("fuzz"), .state_memory = WEIR_STATE_BYTES_MIN, .dry = true,
                         .trace = true };
  MUST(weir_engine_open(&engine, &config, NULL) == WEIR_OK);
  static const weir_str types[] = { { "comment", 7 }, { "message", 7 }, { "friend_request", 14 }, { "follow", 6 } };
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    weir_event event = { .struct_size = sizeof event, .id = WEIR_STR("c1"), .channel = WEIR_STR("douyin"), .account = WEIR_STR("papers"),
                         .type = types[i], .time_ms = 1763773200000, .contact_id = WEIR_STR("u1"), .contact_name = WEIR_STR("Lin"),
                         .text = WEIR_STR("求电子版 want a pdf"), .post = WEIR_STR("v1"), .mentioned = -1, .is_follower = -1 };
    MUST(weir_decide(engine, &event, event.time_ms, &verdict, NULL) == WEIR_OK);
    MUST(verdict.trace_cnt >= weir_ruleset_rule_count(rs));
  }
  weir_engine_close(engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  rule_file_write((weir_str){ (const char *)data, size });
  weir_ruleset *rs = load_twice();
  if (rs) decide(rs);
  weir_ruleset_free(rs);
  return 0;
}
