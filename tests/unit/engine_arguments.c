/* What a host can get wrong in a call: nothing where something is needed, structs of another size, values out of range. The answer is an
 * error that says which, what the call would fill is empty, and the engine goes on. */
#include "engine_support.h"

#include "limits.h"

static const char pack[] = "account 'douyin/papers' {} funnel 'f' { stages = { 'asked', 'done' } } pool 'ids' { 'li' }\n"
                           "rule 'a' { on = 'comment', keywords = { 'paper' }, reply = 'yes', stage = 'f/asked' }\n";

#define REFUSED(expected, call) \
  do { \
    memset(&r.err, 0, sizeof r.err); \
    weir_status refused_status = (call); \
    if (refused_status != (expected)) fail_msg("%s: %d, %s", #call, (int)refused_status, r.err.message); \
    assert_int_equal(r.err.status, refused_status); \
    assert_true(strlen(r.err.message) > 10); \
  } while (0)

static struct rig r;

static int setup(void **state) {
  (void)state;
  rig_open(&r, pack, (weir_config){ 0 });
  return 0;
}
static int teardown(void **state) {
  (void)state;
  comment(&r, "last", "u9", "a paper, please"); /* it goes on */
  assert_int_equal(r.verdict.result, WEIR_RESULT_DECIDED);
  rig_close(&r);
  return 0;
}

/* What reads a ruleset gives nothing beyond its end, and says so in an empty answer. */
static void beyond_the_end(void **state) {
  (void)state;
  weir_part part = { .rule = 7, .index = 7 };
  assert_true(weir_ruleset_part(r.rules, 0, 0, &part));
  assert_int_equal(part.kind, WEIR_PART_KEYWORD);
  assert_false(weir_ruleset_part(r.rules, 0, 99, &part));
  assert_true(part.rule == 0 && part.index == 0 && !part.name.ptr && part.kind == 0);
  part.rule = 7;
  assert_false(weir_ruleset_part(r.rules, 7, 0, &part));
  assert_int_equal(part.rule, 0);
  assert_false(weir_ruleset_part(NULL, 0, 0, &part));
}

static void no_engine(void **state) {
  (void)state;
  weir_event e = event_of(&r, "c1", "comment", "u1", "paper");
  weir_record record = { .seq = 7 };
  weir_memory_room rooms[2];
  weir_variant_info variant;
  weir_stats stats;
  weir_report report = { .struct_size = sizeof report };
  int64_t time_ms = 7;
  uint64_t closed = 7, now = 7, entered = 7;
  size_t len = 7;
  char out[16];
  REFUSED(WEIR_E_ARG, weir_decide(NULL, &e, r.now, &r.verdict, &r.err));
  REFUSED(WEIR_E_ARG, weir_decide(NULL, &e, r.now, NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_decide_json(NULL, S("{}"), r.now, &r.verdict, &r.err));
  REFUSED(WEIR_E_ARG, weir_event_time(NULL, S("{}"), &time_ms, &r.err));
  assert_int_equal(time_ms, 0);
  REFUSED(WEIR_E_ARG, weir_stats_json(NULL, out, sizeof out, &len, &r.err));
  assert_int_equal(len, 0);
  REFUSED(WEIR_E_ARG, weir_tick(NULL, r.now, &r.verdict, &r.err));
  REFUSED(WEIR_E_ARG, weir_commit(NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_next_record(NULL, &record, &r.err));
  assert_int_equal(record.seq, 0);
  REFUSED(WEIR_E_ARG, weir_ack(NULL, S("douyin/papers"), 1, &r.err));
  REFUSED(WEIR_E_ARG, weir_outbox_expire(NULL, r.now, &closed, &r.err));
  REFUSED(WEIR_E_ARG, weir_snapshot(NULL, "x", &r.err));
  REFUSED(WEIR_E_ARG, weir_snapshot_begin(NULL, "x", &r.err));
  REFUSED(WEIR_E_ARG, weir_snapshot_step(NULL, 0, &r.err));
  REFUSED(WEIR_E_ARG, weir_erase(NULL, S("douyin"), S("papers"), S("u1"), NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_forget(NULL, S("douyin"), S("papers"), S("u1"), &r.err));
  REFUSED(WEIR_E_ARG, weir_export(NULL, S("douyin"), S("papers"), S("u1"), out, sizeof out, &len, &r.err));
  assert_int_equal(len, 0);
  REFUSED(WEIR_E_ARG, weir_pool_out(NULL, S("p/ids"), S("li"), r.now, r.now + 1, &r.err));
  REFUSED(WEIR_E_ARG, weir_swap(NULL, r.rules, &r.err));
  REFUSED(WEIR_E_ARG, weir_engine_variant(NULL, 0, &variant, &r.err));
  REFUSED(WEIR_E_ARG, weir_report_engine(NULL, &report, &r.err));
  assert_int_equal(weir_stage_count(NULL, S("p/f"), S("asked"), &now, &entered), WEIR_E_ARG);
  assert_int_equal(now + entered, 0);
  weir_engine_close(NULL);
  weir_rollback(NULL);
  weir_snapshot_cancel(NULL);
  assert_true(weir_next_due(NULL) == INT64_MAX);
  assert_int_equal(weir_engine_commits(NULL) + weir_pending(NULL) + weir_memory_stats(NULL, rooms, 2), 0);
  assert_int_equal(weir_engine_chain(NULL).len + weir_engine_env(NULL).len, 0);
  memset(&stats, 0xA5, sizeof stats);
  stats.struct_size = sizeof stats;
  weir_engine_stats(NULL, &stats);
  assert_int_equal(stats.events, 0);
}

static void nothing_to_fill(void **state) {
  (void)state;
  weir_event e = event_of(&r, "c1", "comment", "u1", "paper");
  weir_report report = { .struct_size = sizeof report + 1 };
  uint64_t n;
  size_t len;
  char out[4];
  REFUSED(WEIR_E_ARG, weir_decide(r.engine, &e, r.now, NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_decide(r.engine, NULL, r.now, &r.verdict, &r.err));
  REFUSED(WEIR_E_ARG, weir_decide_json(r.engine, S("{}"), r.now, NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_event_time(r.engine, S("{}"), NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_tick(r.engine, r.now, NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_next_record(r.engine, NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_snapshot(r.engine, NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_snapshot(r.engine, "", &r.err));
  REFUSED(WEIR_E_ARG, weir_swap(r.engine, NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_engine_variant(r.engine, 0, NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_each_count(r.engine, 0, NULL, NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_report_engine(r.engine, NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_report_engine(r.engine, &report, &r.err));
  REFUSED(WEIR_E_ARG, weir_export(r.engine, S("douyin"), S("papers"), S("u1"), NULL, 4, &len, &r.err));
  REFUSED(WEIR_E_ARG, weir_export(r.engine, S("douyin"), S("papers"), S("u1"), out, sizeof out, NULL, &r.err));
  assert_int_equal(weir_stage_count(r.engine, S("p/f"), S("asked"), NULL, &n), WEIR_E_ARG);
  assert_int_equal(weir_stage_count(r.engine, S("p/f"), S("asked"), &n, NULL), WEIR_E_ARG);
  weir_engine_stats(r.engine, NULL);
  assert_true(weir_memory_stats(r.engine, NULL, 0) > 0);
}

static void nobody_is_meant(void **state) {
  (void)state;
  weir_erasure erasure = { .struct_size = sizeof erasure + 1 };
  size_t len;
  char out[4];
  REFUSED(WEIR_E_ARG, weir_erase(r.engine, S(""), S("papers"), S("u1"), NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_erase(r.engine, S("douyin"), S(""), S("u1"), NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_erase(r.engine, S("douyin"), S("papers"), S(""), NULL, &r.err));
  REFUSED(WEIR_E_ARG, weir_erase(r.engine, S("douyin"), S("papers"), S("u1"), &erasure, &r.err));
  erasure.struct_size = 1;
  REFUSED(WEIR_E_ARG, weir_erase(r.engine, S("douyin"), S("papers"), S("u1"), &erasure, &r.err));
  REFUSED(WEIR_E_ARG, weir_export(r.engine, S(""), S("papers"), S("u1"), out, sizeof out, &len, &r.err));
  REFUSED(WEIR_E_ARG, weir_export(r.engine, S("douyin"), S(""), S("u1"), out, sizeof out, &len, &r.err));
  REFUSED(WEIR_E_ARG, weir_export(r.engine, S("douyin"), S("papers"), S(""), out, sizeof out, &len, &r.err));
}

static void times_and_sizes(void **state) {
  (void)state;
  weir_event e = event_of(&r, "c1", "comment", "u1", "paper");
  weir_stats stats = { 0 };
  static const int64_t wrong[] = { WEIR_TIME_MIN_MS - 1, WEIR_TIME_MAX_MS + 1 };
  for (size_t i = 0; i < 2; i++) {
    REFUSED(WEIR_E_ARG, weir_decide(r.engine, &e, wrong[i], &r.verdict, &r.err));
    REFUSED(WEIR_E_ARG, weir_tick(r.engine, wrong[i], &r.verdict, &r.err)); /* though nothing is due */
    REFUSED(WEIR_E_ARG, weir_pool_out(r.engine, S("p/ids"), S("li"), wrong[i], r.now + 1, &r.err));
  }
  e.struct_size++;
  REFUSED(WEIR_E_ARG, weir_decide(r.engine, &e, r.now, &r.verdict, &r.err));
  e.struct_size = offsetof(weir_event, outcome); /* a host that was built with an older library */
  assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_OK);
  stats.struct_size = sizeof stats + 100; /* and one that was built with a newer: it gets what there is */
  weir_engine_stats(r.engine, &stats);
  assert_int_equal(stats.events, 1);
  stats.struct_size = 1;
  weir_engine_stats(r.engine, &stats);
  assert_int_equal(stats.events, 1);
}

/* ---- opening */

static void opening(weir_status status, weir_config config, const char *why) {
  weir_engine *engine = r.engine;
  config.ruleset = config.ruleset ? config.ruleset : r.rules;
  config.struct_size = config.struct_size ? config.struct_size : sizeof config;
  weir_status st = weir_engine_open(&engine, &config, &r.err);
  if (st != status || (why && !strstr(r.err.message, why))) fail_msg("expected \"%s\", got %d, %s", why ? why : "", (int)st, r.err.message);
  assert_int_equal(engine != NULL, st == WEIR_OK);
  weir_engine_close(engine);
}

static void configs(void **state) {
  (void)state;
  static char long_issuer[WEIR_ID_MAX + 1], chain[66];
  static const char *const issuers[] = { "a b", "a\"b", "a\\b", "a\x7f", "a\n" };
  memset(long_issuer, 'a', sizeof long_issuer);
  memset(chain, 'c', sizeof chain);
  REFUSED(WEIR_E_ARG, weir_engine_open(NULL, &(weir_config){ .struct_size = sizeof(weir_config), .ruleset = r.rules, .key = r.key }, &r.err));
  weir_engine *none = r.engine;
  REFUSED(WEIR_E_ARG, weir_engine_open(&none, NULL, &r.err));
  assert_null(none);
  REFUSED(WEIR_E_ARG, weir_engine_open(&none, &(weir_config){ .struct_size = sizeof(weir_config), .key = r.key }, &r.err));
  opening(WEIR_E_ARG, (weir_config){ .struct_size = sizeof(weir_config) + 1, .key = r.key }, "struct_size");
  opening(WEIR_E_KEY, (weir_config){ 0 }, "signing key");
  opening(WEIR_OK, (weir_config){ .dry = true }, NULL);
  opening(WEIR_E_ARG, (weir_config){ .key = r.key, .state_memory = WEIR_STATE_BYTES_MIN - 1 }, "state_memory");
  opening(WEIR_OK, (weir_config){ .key = r.key, .state_memory = WEIR_STATE_BYTES_MIN, .state = ":memory:" }, NULL);
  opening(WEIR_E_LIMIT, (weir_config){ .key = r.key, .group_max = WEIR_GROUP_MAX + 1 }, "group");
  opening(WEIR_E_ARG, (weir_config){ .key = r.key, .chain = { chain, 65 } }, "chain");
  opening(WEIR_OK, (weir_config){ .key = r.key, .chain = { chain, 64 } }, NULL);
  opening(WEIR_E_ARG, (weir_config){ .key = r.key, .chain = S("a/b") }, "chain");
  opening(WEIR_OK, (weir_config){ .key = r.key, .chain = S("AZaz09-_") }, NULL);
  opening(WEIR_E_ARG, (weir_config){ .key = r.key, .chain = S("[") }, "chain");
  opening(WEIR_E_ARG, (weir_config){ .key = r.key, .chain = S("{") }, "chain");
  opening(WEIR_E_LIMIT, (weir_config){ .key = r.key, .issuer = { long_issuer, WEIR_ID_MAX } }, "issuer");
  opening(WEIR_OK, (weir_config){ .key = r.key, .issuer = { long_issuer, WEIR_ID_MAX - 1 } }, NULL);
  for (size_t i = 0; i < sizeof issuers / sizeof *issuers; i++) opening(WEIR_E_ARG, (weir_config){ .key = r.key, .issuer = { issuers[i], strlen(issuers[i]) } }, "issuer");
  opening(WEIR_E_ARG, (weir_config){ .key = r.key, .issuer = S("a\xff") }, "UTF-8");
  assert_int_equal(weir_engine_bound(NULL), 0);
  assert_int_equal(weir_engine_bound(&(weir_config){ .struct_size = sizeof(weir_config) }), 0);
  assert_true(weir_engine_bound(&(weir_config){ .struct_size = sizeof(weir_config), .ruleset = r.rules, .state = "x.db" }) > 1u << 20);
}

/* ---- what is asked of nothing */

static void rulesets(void **state) {
  (void)state;
  weir_rule_info rule;
  weir_account_info account;
  weir_stage_info stage;
  weir_example example;
  weir_word_info word;
  size_t list[2];
  assert_int_equal(weir_ruleset_hash(NULL).len + weir_ruleset_timezone(NULL).len, 0);
  assert_int_equal(weir_ruleset_bytes(NULL) + weir_ruleset_jit_bytes(NULL) + weir_ruleset_rule_count(NULL) + weir_ruleset_unfiltered(NULL, list, 2), 0);
  assert_false(weir_ruleset_rule(NULL, 0, &rule));
  assert_false(weir_ruleset_account(NULL, 0, &account));
  assert_false(weir_ruleset_stage(NULL, 0, 0, &stage));
  assert_false(weir_ruleset_example(NULL, 0, 0, &example));
  assert_false(weir_ruleset_rule(r.rules, 1, &rule));
  assert_false(weir_ruleset_account(r.rules, 1, &account));
  assert_false(weir_ruleset_stage(r.rules, 0, 2, &stage));
  assert_false(weir_ruleset_stage(r.rules, 1, 0, &stage));
  assert_false(weir_ruleset_example(r.rules, 0, 0, &example));
  assert_false(weir_ruleset_example(r.rules, 1, 0, &example));
  assert_false(weir_ruleset_rule(r.rules, 0, NULL));
  assert_false(weir_ruleset_account(r.rules, 0, NULL));
  assert_false(weir_ruleset_stage(r.rules, 0, 0, NULL));
  assert_false(weir_ruleset_example(r.rules, 0, 0, NULL));
  assert_false(weir_word(WEIR_WORD_ACTION, 10000, &word));
  assert_false(weir_word(WEIR_WORD_ACTION, 0, NULL));
  weir_ruleset_free(NULL);
  assert_true(strlen(weir_result_name((weir_result)99)) > 0 && strlen(weir_reason_name((weir_reason)9999)) > 0 && strlen(weir_status_name((weir_status)-9999)) > 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
  const struct CMUnitTest tests[] = { TEST(beyond_the_end), TEST(no_engine), TEST(nothing_to_fill), TEST(nobody_is_meant), TEST(times_and_sizes), TEST(configs), TEST(rulesets) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
