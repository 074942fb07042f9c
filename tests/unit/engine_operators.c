/* engine_operators.c: what a host asks of an engine for its operators: snapshot, forget, closing old records; counts for hosts
 * built against an older header. */
#include "engine_support.h"

static const char rules[] = "rule 'a' { on = 'comment', keywords = { 'pdf' }, reply = 'here', tag = 'asked' }\n";

static weir_stats stats_of(const struct rig *r) {
  weir_stats s = { .struct_size = sizeof s };
  weir_engine_stats(r->engine, &s);
  return s;
}

static void between_groups_only(void **state) {
  (void)state;
  struct rig r;
  uint64_t closed = 9;
  rig_open(&r, rules, (weir_config){ .batch = true });
  comment(&r, "c1", "u1", "pdf");
  assert_int_equal(weir_forget(r.engine, S("douyin"), S("papers"), S("u1"), &r.err), WEIR_E_SEQUENCE);
  assert_int_equal(weir_snapshot(r.engine, "copy.db", &r.err), WEIR_E_SEQUENCE);
  assert_int_equal(weir_outbox_expire(r.engine, r.now, &closed, &r.err), WEIR_E_SEQUENCE);
  assert_int_equal(closed, 0);
  assert_int_equal(weir_commit(r.engine, &r.err), WEIR_OK);
  assert_int_equal(weir_snapshot(r.engine, "copy.db", &r.err), WEIR_E_STATE);
  assert_non_null(strstr(r.err.message, "in memory"));
  assert_int_equal(weir_forget(r.engine, S("douyin"), S("papers"), S("u1"), &r.err), WEIR_OK);
  assert_int_equal(weir_forget(r.engine, S("douyin"), S("papers"), S("u1"), &r.err), WEIR_NONE);
  assert_int_equal(stats_of(&r).persons, 0);
  assert_int_equal(weir_forget(r.engine, S("douyin"), S(""), S("u1"), &r.err), WEIR_E_ARG);
  assert_int_equal(weir_snapshot(r.engine, "", &r.err), WEIR_E_ARG);
  assert_int_equal(weir_snapshot(NULL, "copy.db", &r.err), WEIR_E_ARG);
  assert_int_equal(weir_snapshot_step(r.engine, 4096, &r.err), WEIR_E_SEQUENCE);
  assert_int_equal(weir_snapshot_step(NULL, 4096, &r.err), WEIR_E_ARG);
  weir_snapshot_cancel(r.engine);
  weir_snapshot_cancel(NULL);
  rig_close(&r);
}

static void a_record_ends_with_its_exp(void **state) {
  (void)state;
  struct rig r;
  weir_record record;
  uint64_t closed = 9;
  rig_open(&r, rules, (weir_config){ .record_ttl_s = 60 });
  comment(&r, "c1", "u1", "pdf");
  assert_int_equal(stats_of(&r).outbox, 1);
  assert_int_equal(weir_outbox_expire(r.engine, r.now + 59000, &closed, &r.err), WEIR_OK);
  assert_int_equal(closed, 0);
  assert_int_equal(weir_outbox_expire(r.engine, r.now + 60000, NULL, &r.err), WEIR_OK);
  assert_int_equal(stats_of(&r).outbox, 0);
  assert_int_equal(stats_of(&r).expired, 1);
  assert_int_equal(weir_next_record(r.engine, &record, &r.err), WEIR_NONE);
  comment(&r, "c2", "u2", "pdf"); /* the chain goes on behind it */
  assert_int_equal(weir_next_record(r.engine, &record, &r.err), WEIR_OK);
  assert_true(record.seq == 2);
  rig_close(&r);
}

static void counts_end_where_the_host_ends(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, rules, (weir_config){ 0 });
  comment(&r, "c1", "u1", "pdf");
  weir_stats s;
  memset(&s, 0xA5, sizeof s);
  s.struct_size = offsetof(weir_stats, outbox);
  weir_engine_stats(r.engine, &s);
  assert_int_equal(s.events, 1);
  assert_int_equal(s.struct_size, offsetof(weir_stats, outbox));
  assert_true(s.outbox == UINT64_C(0xA5A5A5A5A5A5A5A5));
  rig_close(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(between_groups_only),
    cmocka_unit_test(a_record_ends_with_its_exp),
    cmocka_unit_test(counts_end_where_the_host_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
