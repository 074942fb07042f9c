/* match_compare.h: what tests of the prefilter and of gates share: every rule on one text, with the prefilter and without it.
 * Random numbers are the same in every run unless WEIR_SEED says otherwise. */
#ifndef WEIR_TESTS_MATCH_COMPARE_H
#define WEIR_TESTS_MATCH_COMPARE_H

#include "match_kit.h"

#include "match/matcher.h"

static uint64_t seed = 424242;

static inline uint32_t below(uint32_t n) {
  seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
  return (uint32_t)((seed >> 16) % n);
}

static struct weir_match_found *plain_found;
static enum weir_match_answer *plain_answers;

static inline void take_seed(void) {
  if (getenv("WEIR_SEED")) seed = strtoull(getenv("WEIR_SEED"), NULL, 10) * 2654435761u + 1; /* others than the fixed one */
}

static inline void put(char *out, const char *text) { strncat(out, text, 900 - strlen(out)); }

/* All rules on one text: prefilter on, on without SIMD, off. */
static inline void compare(struct kit *kit, weir_str text, size_t *yes) {
  weir_prefilter_scanner best = kit->match->scan;
  uint32_t cnt = kit->matcher->pattern_cnt;
  bool cut;
  assert_int_equal(weir_match_text(kit->match, text, false, &cut, &kit->err), WEIR_OK);
  for (uint32_t p = 0; p < cnt; p++) plain_answers[p] = weir_match_pattern(kit->match, p, &plain_found[p]);
  for (int round = 0; round < 2; round++) {
    uint32_t next;
    kit->match->scan = round ? weir_prefilter_plain : best;
    assert_int_equal(weir_match_text(kit->match, text, true, &cut, &kit->err), WEIR_OK);
    next = weir_match_next(kit->match, 0);
    for (uint32_t p = 0; p < cnt; p++) {
      struct weir_match_found found;
      enum weir_match_answer answer = WEIR_MATCH_NO;
      if (p == next) answer = weir_match_pattern(kit->match, p, &found), next = weir_match_next(kit->match, p + 1);
      if (plain_answers[p] == WEIR_MATCH_LIMIT) continue;
      if (answer == WEIR_MATCH_LIMIT && weir_str_eq(found.limit, WEIR_STR("steps of this event"))) continue;
      if (answer != plain_answers[p]) fail_msg("rule %u on \"%.*s\": %d with the prefilter, %d without", p, WEIR_FMT(text), (int)answer, (int)plain_answers[p]);
      if (answer != WEIR_MATCH_YES) continue;
      if (yes) ++*yes;
      assert_int_equal(found.group_cnt, plain_found[p].group_cnt);
      assert_memory_equal(found.group, plain_found[p].group, sizeof found.group);
    }
    assert_int_equal(next, UINT32_MAX);
  }
  kit->match->scan = best;
}

static inline void room_for(size_t cnt) {
  plain_found = calloc(cnt, sizeof *plain_found);
  plain_answers = calloc(cnt, sizeof *plain_answers);
  assert_non_null(plain_found);
  assert_non_null(plain_answers);
}

static inline void give_room_back(void) {
  free(plain_found);
  free(plain_answers);
}

#endif
