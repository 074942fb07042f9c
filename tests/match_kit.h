/* match_kit.h: what the tests of match/ share: a matcher made from a few specs, and a scratch for it. */
#ifndef WEIR_TESTS_MATCH_KIT_H
#define WEIR_TESTS_MATCH_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "match/match.h"

struct kit_list { const char *name; const weir_str *words; size_t word_cnt; };

struct kit {
  struct weir_arena arena, work;
  struct weir_matcher_builder *builder;
  const struct weir_matcher *matcher;
  struct weir_match *match;
  void *block;
  const struct kit_list *lists;
  size_t list_cnt;
  struct weir_word_lists finder;
  struct weir_pattern_error bad;
  weir_error err;
};

static inline bool kit_find(void *ctx, weir_str name, const weir_str **words, size_t *word_cnt) {
  const struct kit *kit = ctx;
  for (size_t i = 0; i < kit->list_cnt; i++) {
    if (!weir_str_eq(name, weir_str_of(kit->lists[i].name))) continue;
    *words = kit->lists[i].words;
    *word_cnt = kit->lists[i].word_cnt;
    return true;
  }
  return false;
}

static inline weir_str kit_nearest(void *ctx, weir_str name) {
  const struct kit *kit = ctx;
  weir_str names[32];
  for (size_t i = 0; i < kit->list_cnt; i++) names[i] = weir_str_of(kit->lists[i].name);
  return weir_nearest(name, names, kit->list_cnt);
}

static inline void kit_begin(struct kit *kit, const struct kit_list *lists, size_t list_cnt) {
  memset(kit, 0, sizeof *kit);
  kit->lists = lists;
  kit->list_cnt = list_cnt;
  kit->finder = (struct weir_word_lists){ kit_find, kit_nearest, kit };
  weir_arena_growing(&kit->arena, (size_t)256 << 20);
  weir_arena_growing(&kit->work, (size_t)256 << 20);
  assert_int_equal(weir_matcher_begin(&kit->builder, &kit->arena, &kit->work, &kit->finder, &kit->err), WEIR_OK);
}

static inline weir_status kit_add(struct kit *kit, const struct weir_pattern_spec *spec) {
  uint32_t pattern;
  return weir_matcher_add(kit->builder, spec, &pattern, &kit->bad, &kit->err);
}

static inline void kit_finish(struct kit *kit) {
  size_t len;
  assert_int_equal(weir_matcher_finish(kit->builder, &kit->matcher, &kit->err), WEIR_OK);
  weir_arena_release(&kit->work);
  len = weir_match_bytes(kit->matcher);
  kit->block = aligned_alloc(16, (len + 15) / 16 * 16);
  assert_non_null(kit->block);
  assert_int_equal(weir_match_open(&kit->match, kit->matcher, kit->block, len, &kit->err), WEIR_OK);
}

static inline void kit_end(struct kit *kit) {
  if (kit->matcher) weir_matcher_release(kit->matcher);
  free(kit->block);
  weir_arena_release(&kit->work);
  weir_arena_release(&kit->arena);
}

/* Splits "a,b,c" at commas; the words point into `text`. Empty text: none. */
static inline size_t kit_split(const char *text, weir_str *out, size_t cap) {
  size_t cnt = 0;
  if (!text || !*text) return 0;
  while (cnt < cap) {
    const char *comma = strchr(text, ',');
    out[cnt++] = (weir_str){ text, comma ? (size_t)(comma - text) : strlen(text) };
    if (!comma) break;
    text = comma + 1;
  }
  return cnt;
}

/* One pattern on one text, prefilter on and off: both must say the same. */
static inline enum weir_match_answer kit_ask(struct kit *kit, uint32_t pattern, weir_str text, struct weir_match_found *found) {
  struct weir_match_found plain;
  enum weir_match_answer with = WEIR_MATCH_NO, without;
  bool cut;
  assert_int_equal(weir_match_text(kit->match, text, false, &cut, &kit->err), WEIR_OK);
  without = weir_match_pattern(kit->match, pattern, &plain);
  assert_int_equal(weir_match_text(kit->match, text, true, &cut, &kit->err), WEIR_OK);
  if (weir_match_next(kit->match, pattern) == pattern) with = weir_match_pattern(kit->match, pattern, found);
  else memset(found, 0, sizeof *found);
  if (without != WEIR_MATCH_LIMIT) assert_int_equal(with, without);
  if (with == WEIR_MATCH_YES) {
    assert_int_equal(found->group_cnt, plain.group_cnt);
    assert_memory_equal(found->group, plain.group, sizeof found->group);
  }
  return with;
}

#endif
