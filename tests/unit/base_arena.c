/* Arenas: limits, marks, alignment, growing. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "limits.h"

#define ALIGNMENT 16u /* on every machine */

static void assert_aligned(const void *p) {
  assert_non_null(p);
  assert_int_equal((uintptr_t)p % ALIGNMENT, 0);
}

static void fixed_gives_until_the_end(void **state) {
  alignas(ALIGNMENT) unsigned char block[128];
  struct weir_arena a;
  (void)state;
  weir_arena_fixed(&a, block, sizeof block);
  assert_ptr_equal(weir_arena_alloc(&a, 1), block);
  unsigned char *second = weir_arena_alloc(&a, 16);
  assert_ptr_equal(second, block + ALIGNMENT);
  assert_int_equal(a.used, ALIGNMENT + 16);
  assert_null(weir_arena_alloc(&a, sizeof block - ALIGNMENT - 16 + 1));
  assert_int_equal(a.used, ALIGNMENT + 16);
  assert_non_null(weir_arena_alloc(&a, sizeof block - ALIGNMENT - 16));
  assert_null(weir_arena_alloc(&a, 1));
  assert_non_null(weir_arena_alloc(&a, 0));
  assert_int_equal(a.used, sizeof block);
  assert_int_equal(a.peak, sizeof block);
  weir_arena_reset(&a);
  assert_int_equal(a.used, 0);
  assert_int_equal(a.peak, sizeof block);
  assert_ptr_equal(weir_arena_alloc(&a, 8), block);
}

static void fixed_in_a_crooked_block(void **state) {
  alignas(ALIGNMENT) unsigned char block[100];
  (void)state;
  for (size_t shift = 0; shift < 2 * ALIGNMENT; shift++) {
    struct weir_arena a;
    memset(block, 0xEE, sizeof block);
    weir_arena_fixed(&a, block + shift, 40);
    for (size_t len = 1; len < 20; len++) {
      unsigned char *p = weir_arena_alloc(&a, len);
      if (!p) break;
      assert_aligned(p);
      assert_true(p >= block + shift && p + len <= block + shift + 40);
    }
    assert_true(a.used <= 40);
    weir_arena_release(&a); /* forgets, frees nothing */
    assert_int_equal(a.used, 0);
  }
}

static void fixed_refuses_absurd_sizes(void **state) {
  unsigned char block[64];
  struct weir_arena a;
  weir_str out;
  (void)state;
  weir_arena_fixed(&a, block, sizeof block);
  assert_null(weir_arena_alloc(&a, SIZE_MAX));
  assert_null(weir_arena_alloc(&a, SIZE_MAX - 15));
  assert_null(weir_arena_array(&a, SIZE_MAX / 4, 8));
  assert_null(weir_arena_array(&a, (size_t)1 << (sizeof(size_t) * 4), (size_t)1 << (sizeof(size_t) * 4)));
  assert_null(weir_arena_bytes(&a, sizeof block + 1));
  assert_false(weir_arena_str(&a, (weir_str){ "x", SIZE_MAX }, &out));
  assert_null(out.ptr);
  assert_int_equal(a.used, 0);
  assert_non_null(weir_arena_array(&a, 0, 8));
  assert_non_null(weir_arena_array(&a, 8, 0));
  weir_arena_fixed(&a, NULL, 0);
  assert_null(weir_arena_alloc(&a, 1));
}

static void marks_give_back(void **state) {
  alignas(ALIGNMENT) unsigned char block[256];
  struct weir_arena a;
  (void)state;
  weir_arena_fixed(&a, block, sizeof block);
  assert_non_null(weir_arena_bytes(&a, 3));
  weir_arena_mark mark = weir_arena_here(&a);
  size_t used = a.used;
  char *first = weir_arena_alloc(&a, 100);
  assert_aligned(first);
  size_t peak = a.peak;
  weir_arena_back(&a, mark);
  assert_int_equal(a.used, used);
  assert_int_equal(a.peak, peak);
  assert_ptr_equal(weir_arena_alloc(&a, 50), first);
}

static void bytes_and_strings(void **state) {
  alignas(ALIGNMENT) unsigned char block[16];
  struct weir_arena a;
  weir_str out;
  (void)state;
  weir_arena_fixed(&a, block, sizeof block);
  assert_true(weir_arena_str(&a, WEIR_STR("hello"), &out));
  assert_string_equal(out.ptr, "hello");
  assert_int_equal(out.len, 5);
  assert_true(weir_arena_str(&a, (weir_str){ NULL, 0 }, &out));
  assert_string_equal(out.ptr, "");
  assert_ptr_equal(weir_arena_bytes(&a, 2), block + 7);
  assert_false(weir_arena_str(&a, WEIR_STR("1234567"), &out)); /* 7 and a NUL: one too many */
  assert_null(out.ptr);
  assert_int_equal(out.len, 0);
  assert_true(weir_arena_str(&a, WEIR_STR("123456"), &out));
  assert_false(weir_arena_str(&a, (weir_str){ NULL, 0 }, &out));
}

static void zalloc_zeroes(void **state) {
  alignas(ALIGNMENT) unsigned char block[64];
  struct weir_arena a;
  (void)state;
  memset(block, 0xAA, sizeof block);
  weir_arena_fixed(&a, block, sizeof block);
  unsigned char *p = weir_arena_zalloc(&a, 33);
  for (size_t i = 0; i < 33; i++) assert_int_equal(p[i], 0);
  assert_null(weir_arena_zalloc(&a, 64));
}

static void growing_keeps_what_it_gave(void **state) {
  struct weir_arena a;
  enum { CNT = 3000 };
  static unsigned char *given[CNT];
  (void)state;
  weir_arena_growing(&a, (size_t)64 << 20);
  for (size_t i = 0; i < CNT; i++) {
    size_t len = i % 97 == 0 ? 40000 : i % 61;
    given[i] = i % 3 ? weir_arena_alloc(&a, len) : (unsigned char *)weir_arena_bytes(&a, len);
    if (i % 3) assert_aligned(given[i]);
    assert_non_null(given[i]);
    memset(given[i], (int)(i & 255), len);
  }
  for (size_t i = 0; i < CNT; i++) {
    size_t len = i % 97 == 0 ? 40000 : i % 61;
    for (size_t k = 0; k < len; k++) assert_int_equal(given[i][k], i & 255);
  }
  assert_true(a.taken >= a.used);
  assert_true(a.taken <= 2 * a.used + WEIR_ARENA_CHUNK_MIN + 1024);
  weir_arena_release(&a);
  assert_int_equal(a.used, 0);
  assert_int_equal(a.taken, 0);
  assert_non_null(weir_arena_alloc(&a, 10)); /* and can be used again */
  weir_arena_release(&a);
}

static void growing_stops_at_the_limit(void **state) {
  (void)state;
  for (size_t limit = 0; limit < 200000; limit += 12345) {
    struct weir_arena a;
    size_t sum = 0;
    weir_arena_growing(&a, limit);
    assert_null(weir_arena_alloc(&a, limit + 1));
    assert_null(weir_arena_alloc(&a, SIZE_MAX));
    while (weir_arena_alloc(&a, 100)) sum += 100;
    assert_true(a.taken <= limit);
    assert_true(sum <= limit);
    /* what is lost: padding, a few chunk headers, the tails of chunks */
    if (limit > 1000) assert_true(sum >= limit / 10 * 8);
    weir_arena_release(&a);
  }
}

static void large_arrays_do_not_waste_the_chunk_in_use(void **state) {
  struct weir_arena a;
  (void)state;
  weir_arena_growing(&a, (size_t)16 << 20);
  unsigned char *small = weir_arena_alloc(&a, 32);
  assert_non_null(weir_arena_alloc(&a, (size_t)4 << 20));
  assert_ptr_equal(weir_arena_alloc(&a, 32), small + 32);
  weir_arena_release(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(fixed_gives_until_the_end), cmocka_unit_test(fixed_in_a_crooked_block),
    cmocka_unit_test(fixed_refuses_absurd_sizes), cmocka_unit_test(marks_give_back), cmocka_unit_test(bytes_and_strings),
    cmocka_unit_test(zalloc_zeroes), cmocka_unit_test(growing_keeps_what_it_gave), cmocka_unit_test(growing_stops_at_the_limit),
    cmocka_unit_test(large_arrays_do_not_waste_the_chunk_in_use),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
