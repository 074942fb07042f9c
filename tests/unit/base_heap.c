/* The heap, against a model that remembers what was handed out. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/heap.h"
#include "limits.h"

#define SEED UINT64_C(0x9E3779B97F4A7C15)
#define SLOTS 400

static uint64_t next_random(uint64_t *s) {
  *s ^= *s << 13;
  *s ^= *s >> 7;
  *s ^= *s << 17;
  return *s * UINT64_C(0x2545F4914F6CDD1D) >> 11;
}

struct slot {
  unsigned char *ptr;
  size_t len;
  unsigned char fill;
};

static void assert_filled(const struct slot *s, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if (s->ptr[i] != s->fill) fail_msg("a block was written over at byte %zu of %zu", i, s->len);
  }
}

static void fill(struct slot *s, uint64_t *seed) {
  s->fill = (unsigned char)next_random(seed);
  memset(s->ptr, s->fill, s->len);
}

static size_t random_len(uint64_t *seed) {
  switch (next_random(seed) % 8) {
    case 0: return (size_t)(next_random(seed) % 20000);
    case 1: return (size_t)(next_random(seed) % 2000);
    default: return (size_t)(next_random(seed) % 200);
  }
}

/* No byte is touched outside of what was asked for by the patterns: overlaps would spoil one of them. */
static void random_use_against_a_model(void **state) {
  enum { LEN = 1 << 18 };
  unsigned char *block = aligned_alloc(16, LEN);
  struct slot slots[SLOTS] = { { 0 } };
  uint64_t seed = SEED;
  unsigned refused = 0;
  (void)state;
  print_message("# seed %llx\n", (unsigned long long)SEED);
  struct weir_heap *heap = weir_heap_init(block, LEN);
  assert_non_null(heap);
  for (int step = 0; step < 60000; step++) {
    struct slot *s = &slots[next_random(&seed) % SLOTS];
    size_t len = random_len(&seed);
    if (!s->ptr) {
      s->ptr = weir_heap_alloc(heap, len);
      s->len = len;
      if (s->ptr) fill(s, &seed);
      else refused++;
    } else if (next_random(&seed) % 2) {
      assert_filled(s, s->len);
      weir_heap_free(heap, s->ptr);
      s->ptr = NULL;
    } else {
      unsigned char *moved = weir_heap_realloc(heap, s->ptr, len);
      if (moved) {
        s->ptr = moved;
        assert_filled(s, len < s->len ? len : s->len);
        s->len = len;
        fill(s, &seed);
      } else if (len == 0) {
        s->ptr = NULL;
      } else {
        assert_true(len > s->len); /* shrinking never fails */
        assert_filled(s, s->len);
        refused++;
      }
    }
    if (s->ptr) {
      assert_int_equal((uintptr_t)s->ptr % 16, 0);
      assert_true(s->ptr >= block && s->ptr + s->len <= block + LEN);
    }
    if (step % 16 == 0) assert_true(weir_heap_check(heap));
  }
  assert_true(refused > 0); /* the block was too small at times, or this has not tested exhaustion */
  for (size_t i = 0; i < SLOTS; i++) {
    if (slots[i].ptr) assert_filled(&slots[i], slots[i].len);
    weir_heap_free(heap, slots[i].ptr);
  }
  assert_true(weir_heap_check(heap));
  assert_int_equal(weir_heap_live(heap), 0);
  assert_non_null(weir_heap_alloc(heap, LEN / 10 * 9)); /* all neighbours were joined */
  free(block);
}

static void counts(void **state) {
  alignas(16) unsigned char block[WEIR_HEAP_MIN * 2];
  struct weir_heap *heap = weir_heap_init(block, sizeof block);
  (void)state;
  assert_int_equal(weir_heap_live(heap), 0);
  assert_int_equal(weir_heap_peak(heap), 0);
  void *a = weir_heap_alloc(heap, 100), *b = weir_heap_alloc(heap, 1000);
  size_t both = weir_heap_live(heap);
  assert_true(both >= 1100 && both <= 1100 + 64);
  weir_heap_free(heap, b);
  assert_true(weir_heap_live(heap) >= 100 && weir_heap_live(heap) < 150);
  assert_int_equal(weir_heap_peak(heap), both);
  weir_heap_free(heap, a);
  weir_heap_free(heap, NULL);
  assert_int_equal(weir_heap_live(heap), 0);
  assert_true(weir_heap_check(heap));
}

static void exhaustion_and_reset(void **state) {
  alignas(16) unsigned char block[WEIR_HEAP_MIN * 4];
  struct weir_heap *heap = weir_heap_init(block, sizeof block);
  size_t first = 0, again = 0;
  (void)state;
  while (weir_heap_alloc(heap, 40)) first++;
  assert_true(first * 48 <= sizeof block && first * 48 > sizeof block / 2);
  assert_null(weir_heap_alloc(heap, 0));
  assert_true(weir_heap_check(heap));
  size_t peak = weir_heap_peak(heap);
  weir_heap_reset(heap);
  assert_true(weir_heap_check(heap));
  assert_int_equal(weir_heap_live(heap), 0);
  assert_int_equal(weir_heap_peak(heap), peak);
  while (weir_heap_alloc(heap, 40)) again++;
  assert_int_equal(first, again);
}

/* Frees in every order of three neighbours must join them. */
static void neighbours_are_joined_in_any_order(void **state) {
  static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
  alignas(16) unsigned char block[WEIR_HEAP_MIN];
  (void)state;
  for (size_t o = 0; o < 6; o++) {
    struct weir_heap *heap = weir_heap_init(block, sizeof block);
    void *fence[2], *p[3];
    fence[0] = weir_heap_alloc(heap, 16);
    for (int i = 0; i < 3; i++) p[i] = weir_heap_alloc(heap, 500);
    fence[1] = weir_heap_alloc(heap, 16);
    while (weir_heap_alloc(heap, 8)) {
    }
    assert_null(weir_heap_alloc(heap, 1400));
    for (int i = 0; i < 3; i++) {
      weir_heap_free(heap, p[orders[o][i]]);
      assert_true(weir_heap_check(heap));
    }
    void *joined = weir_heap_alloc(heap, 1400);
    assert_true((unsigned char *)joined > (unsigned char *)fence[0] && (unsigned char *)joined < (unsigned char *)fence[1]);
  }
}

static void realloc_keeps_its_promises(void **state) {
  alignas(16) unsigned char block[WEIR_HEAP_MIN];
  struct weir_heap *heap = weir_heap_init(block, sizeof block);
  (void)state;
  assert_null(weir_heap_realloc(heap, NULL, 0));
  char *p = weir_heap_realloc(heap, NULL, 100);
  memcpy(p, "0123456789", 10);
  assert_ptr_equal(weir_heap_realloc(heap, p, 400), p); /* the neighbour is free: no move */
  assert_ptr_equal(weir_heap_realloc(heap, p, 50), p);
  void *fence = weir_heap_alloc(heap, 10);
  char *moved = weir_heap_realloc(heap, p, 600);
  assert_ptr_not_equal(moved, p);
  assert_memory_equal(moved, "0123456789", 10);
  size_t live = weir_heap_live(heap);
  assert_null(weir_heap_realloc(heap, moved, sizeof block));
  assert_null(weir_heap_realloc(heap, moved, SIZE_MAX));
  assert_memory_equal(moved, "0123456789", 10);
  assert_int_equal(weir_heap_live(heap), live);
  while (weir_heap_alloc(heap, 1)) {
  }
  for (size_t len = 600; len > 0; len--) assert_ptr_equal(weir_heap_realloc(heap, moved, len), moved);
  assert_memory_equal(moved, "0", 1);
  assert_null(weir_heap_realloc(heap, moved, 0));
  weir_heap_free(heap, fence);
  assert_true(weir_heap_check(heap));
}

static void absurd_sizes_and_blocks(void **state) {
  alignas(16) static unsigned char block[WEIR_HEAP_MIN + 64];
  (void)state;
  assert_null(weir_heap_init(NULL, WEIR_HEAP_MIN));
  assert_null(weir_heap_init(block, WEIR_HEAP_MIN - 1));
  assert_null(weir_heap_init(block + 8, WEIR_HEAP_MIN));
  for (size_t more = 0; more < 48; more++) { /* lengths that are no multiple of 16 */
    memset(block, 0xEE, sizeof block);
    struct weir_heap *heap = weir_heap_init(block, WEIR_HEAP_MIN + more);
    assert_true(weir_heap_check(heap));
    assert_null(weir_heap_alloc(heap, SIZE_MAX));
    assert_null(weir_heap_alloc(heap, SIZE_MAX / 2));
    assert_null(weir_heap_alloc(heap, (size_t)1 << 31));
    assert_null(weir_heap_alloc(heap, WEIR_HEAP_MIN));
    while (weir_heap_alloc(heap, 1)) {
    }
    assert_true(weir_heap_check(heap));
    for (size_t i = WEIR_HEAP_MIN + more; i < sizeof block; i++) assert_int_equal(block[i], 0xEE);
  }
}

static void freeing_twice_does_no_harm(void **state) {
  alignas(16) unsigned char block[WEIR_HEAP_MIN];
  struct weir_heap *heap = weir_heap_init(block, sizeof block);
  (void)state;
  void *a = weir_heap_alloc(heap, 64), *fence = weir_heap_alloc(heap, 64);
  weir_heap_free(heap, a);
  weir_heap_free(heap, a);
  assert_true(weir_heap_check(heap));
  weir_heap_free(heap, fence);
  assert_int_equal(weir_heap_live(heap), 0);
}

static void check_notices_damage(void **state) {
  alignas(16) unsigned char block[WEIR_HEAP_MIN];
  (void)state;
  for (size_t damage = 0; damage < 2; damage++) {
    struct weir_heap *heap = weir_heap_init(block, sizeof block);
    unsigned char *a = weir_heap_alloc(heap, 40), *b = weir_heap_alloc(heap, 40);
    assert_non_null(a);
    assert_true(weir_heap_check(heap));
    if (damage == 0) memset(a, 0xFF, 48); /* runs into the head of b */
    else memset(b - sizeof(size_t), 0, sizeof(size_t));
    assert_false(weir_heap_check(heap));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(random_use_against_a_model), cmocka_unit_test(counts), cmocka_unit_test(exhaustion_and_reset),
    cmocka_unit_test(neighbours_are_joined_in_any_order), cmocka_unit_test(realloc_keeps_its_promises),
    cmocka_unit_test(absurd_sizes_and_blocks), cmocka_unit_test(freeing_twice_does_no_harm),
    cmocka_unit_test(check_notices_damage),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
