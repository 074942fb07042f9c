/* The store in memory: its block is divided without waste, and what is nearly alike is kept apart. */
#include "state_inside.h"

static void test_open(void **state) {
  (void)state;
  struct weir_store *s = st;
  static _Alignas(16) unsigned char block[64];
  assert_int_equal(weir_memory_store_min(), WEIR_STATE_BYTES_MIN);
  FAILS(WEIR_E_ARG, weir_memory_store_open(&s, NULL, WEIR_STATE_BYTES_MIN, &err));
  assert_null(s);
  FAILS(WEIR_E_ARG, weir_memory_store_open(&s, block, sizeof block, &err));
  FAILS(WEIR_E_ARG, weir_memory_store_open(&s, block + 8, WEIR_STATE_BYTES_MIN, &err));
  assert_int_equal(weir_memory_store_open(&s, block, 0, NULL), WEIR_E_ARG);
}

/* Blocks of every size are divided without overlap, and nearly all of the block is used. */
static void test_division(void **state) {
  (void)state;
  static const size_t sizes[] = {
    WEIR_STATE_BYTES_MIN, WEIR_STATE_BYTES_MIN + 1, 1234567, 3u << 20, WEIR_STATE_BYTES_DEFAULT, 64u << 20,
  };
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct store_box b;
    open_memory(&b, sizes[i]);
    const struct weir_memory *s = (const struct weir_memory *)b.store;
    size_t sum = sizeof *s + s->log_cap + WEIR_MEM_SCRATCH_BYTES;
    for (int id = 0; id < WEIR_MEM_TABLES; id++) {
      const struct weir_mem_table *t = &s->tables[id];
      assert_true(t->cap > 0 && t->live == 0);
      size_t end = (size_t)(t->rows - (const unsigned char *)s) + (size_t)t->cap * t->size;
      assert_true(end <= sizes[i]);
      sum += (size_t)t->cap * (t->size + (t->buckets ? 4u : 0) + (t->queue ? 4u : 0));
    }
    assert_true(sum <= sizes[i] && sum > sizes[i] - sizes[i] / 64);
    print_message("# %zu bytes: %" PRIu32 " persons, %" PRIu32 " claims, %" PRIu32 " marks, %" PRIu32 " timers, "
                  "%" PRIu32 " text cells\n",
                  sizes[i], s->tables[WEIR_MEM_PERSONS].cap, s->tables[WEIR_MEM_CLAIMS].cap, s->tables[WEIR_MEM_MARKS].cap,
                  s->tables[WEIR_MEM_TIMERS].cap, s->tables[WEIR_MEM_TEXTS].cap);
    if (sizes[i] == WEIR_STATE_BYTES_DEFAULT) assert_in_range(s->tables[WEIR_MEM_PERSONS].cap, 7000, 8500);
    close_memory(&b);
  }
}

/* Keys that differ in one bit, ids that differ in one byte: long chains would show as time, wrong equality as people
 * taken for others. */
static void test_many(void **state) {
  (void)state;
  char id[32];
  for (int i = 0; i < 1000; i++) {
    snprintf(id, sizeof id, "u%d", i);
    seen_at(about(&cs, contact_of(id), T0), T0, NULL);
    keyed(&cs, WEIR_CHANGE_CLAIM, "same key for all", T0 + i + 1);
    change(&cs);
  }
  for (int i = 0; i < 1000; i++) {
    int64_t until;
    snprintf(id, sizeof id, "u%d", i);
    assert_int_equal(who(contact_of(id)).id, i + 1);
    assert_true(holds(contact_of(id), "same key for all", T0, &until) && until == T0 + i + 1);
  }
  check_inside();
}

static const struct CMUnitTest tests[] = {
  TEST_SMALL(test_open), TEST_SMALL(test_division), TEST(test_many),
};

int main(void) { return cmocka_run_group_tests_name("memory", tests, NULL, NULL); }
