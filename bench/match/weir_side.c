/* weir_side.c: weir's matcher through match/match.h, the way the engine uses it: fold and prefilter once a text, then every
 * candidate exactly. Nothing here is faster than what an event does; only stopping at the first rule is left out. */
#include "weir_side.h"

#include <stdlib.h>

#include "limits.h"
#include "match/match.h"
#include "text/fold.h"

#define KEYWORDS_MAX 16

struct weir_side {
  struct weir_arena arena, work;
  struct weir_matcher_builder *builder;
  const struct weir_matcher *matcher;
  struct weir_match *match;
  void *block;
  uint32_t *rule_of; /* patterns are numbered without the refused rules */
  size_t rule_cnt, room, limits;
  struct weir_pattern_error bad;
  weir_error err;
};

static bool no_list(void *ctx, weir_str name, const weir_str **words, size_t *word_cnt) {
  (void)ctx, (void)name;
  *words = NULL;
  *word_cnt = 0;
  return false;
}

static weir_str none_near(void *ctx, weir_str name) {
  (void)ctx, (void)name;
  return (weir_str){ "", 0 };
}

struct weir_side *weir_side_new(void) {
  static const struct weir_word_lists lists = { no_list, none_near, NULL };
  struct weir_side *side = calloc(1, sizeof *side);
  if (!side) return NULL;
  weir_arena_growing(&side->arena, (size_t)1 << 30);
  weir_arena_growing(&side->work, (size_t)1 << 30);
  if (weir_matcher_begin(&side->builder, &side->arena, &side->work, &lists, &side->err) == WEIR_OK) return side;
  weir_side_free(side);
  return NULL;
}

int weir_side_add(struct weir_side *side, const struct weir_side_text *keywords, size_t keyword_cnt, const struct weir_side_text *regex) {
  weir_str words[KEYWORDS_MAX], source = { regex->ptr, regex->len };
  struct weir_pattern_spec spec = { .keywords = words, .mode = WEIR_MODE_WORD, .regexes = &source, .regex_cnt = keyword_cnt == 0 };
  uint32_t number;
  for (; spec.keyword_cnt < keyword_cnt && spec.keyword_cnt < KEYWORDS_MAX; spec.keyword_cnt++) {
    words[spec.keyword_cnt] = (weir_str){ keywords[spec.keyword_cnt].ptr, keywords[spec.keyword_cnt].len };
  }
  if (side->rule_cnt == side->room) {
    size_t room = side->room ? 2 * side->room : 1024;
    uint32_t *grown = realloc(side->rule_of, room * sizeof *grown);
    if (!grown) return 1;
    side->rule_of = grown;
    side->room = room;
  }
  if (weir_matcher_add(side->builder, &spec, &number, &side->bad, &side->err) != WEIR_OK) return side->rule_cnt++, 1;
  side->rule_of[number] = (uint32_t)side->rule_cnt++;
  return 0;
}

const char *weir_side_message(const struct weir_side *side) { return side->bad.message; }

int weir_side_finish(struct weir_side *side) {
  size_t len;
  if (weir_matcher_finish(side->builder, &side->matcher, &side->err) != WEIR_OK) return 1;
  side->builder = NULL;
  weir_arena_release(&side->work);
  len = (weir_match_bytes(side->matcher) + 63) / 64 * 64;
  if (!(side->block = aligned_alloc(64, len))) return 1;
  return weir_match_open(&side->match, side->matcher, side->block, len, &side->err) != WEIR_OK;
}

void weir_side_free(struct weir_side *side) {
  if (!side) return;
  weir_matcher_abandon(side->builder);
  weir_matcher_release(side->matcher);
  free(side->block);
  free(side->rule_of);
  weir_arena_release(&side->work);
  weir_arena_release(&side->arena);
  free(side);
}

size_t weir_side_bytes(const struct weir_side *side) { return side->arena.used; }
size_t weir_side_scratch_bytes(const struct weir_side *side) { return weir_match_bytes(side->matcher); }
size_t weir_side_unfiltered(const struct weir_side *side) { return weir_matcher_unfiltered(side->matcher, NULL, 0); }
size_t weir_side_limits(const struct weir_side *side) { return side->limits; }

size_t weir_side_run(struct weir_side *side, enum weir_side_work work, const char *text, size_t len, uint32_t *hits, size_t cap) {
  static char folded[WEIR_FOLD_MAX];
  struct weir_match_found found;
  size_t cnt = 0, consumed;
  bool cut;
  if (work == WEIR_SIDE_FOLD) {
    (void)weir_fold((weir_str){ text, len }, folded, sizeof folded, &cnt, &consumed);
    return cnt;
  }
  if (weir_match_text(side->match, (weir_str){ text, len }, true, &cut, &side->err) != WEIR_OK) return 0;
  for (uint32_t p = weir_match_next(side->match, 0); p != UINT32_MAX; p = weir_match_next(side->match, p + 1)) {
    enum weir_match_answer answer = work == WEIR_SIDE_SCAN ? WEIR_MATCH_YES : weir_match_pattern(side->match, p, &found);
    side->limits += answer == WEIR_MATCH_LIMIT;
    if (answer != WEIR_MATCH_YES) continue;
    if (hits && cnt < cap) hits[cnt] = side->rule_of[p];
    cnt++;
  }
  return cnt;
}
