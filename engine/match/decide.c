/* decide.c: decides one pattern on the text at hand. Keywords before regexes, the leftmost place, the longest there; a
 * forbidding word wins over both. A limit never becomes "no": it is the answer unless another part of the pattern is
 * found, or a forbidding word makes it not matter. */
#include "limits.h"
#include "match/matcher.h"
#include "text/ascii.h"
#include "text/fold.h"

struct verdict {
  enum weir_match_answer answer;
  struct weir_span group[WEIR_MATCH_GROUPS];
  uint32_t group_cnt;
  weir_str limit;
};

static bool better(const struct weir_span *a, const struct weir_span *b) { return a->start != b->start ? a->start < b->start : a->end > b->end; }

/* Tries regexes and keeps the best place. `longest`: at one place the longest wins, as for keywords. */
static void try_regexes(struct weir_match *match, const struct weir_regex *regexes, size_t cnt, bool loose, bool longest, struct verdict *v) {
  struct weir_view *view = weir_match_view(match, loose);
  struct weir_span group[WEIR_MATCH_GROUPS];
  uint32_t group_cnt;
  weir_str limit;
  for (size_t i = 0; i < cnt; i++) {
    enum weir_match_answer answer;
    if (match->known && !weir_match_gate(match, &regexes[i], loose)) continue;
    answer = weir_regex_match(match->run, &regexes[i], view, group, &group_cnt, &limit);
    if (answer == WEIR_MATCH_LIMIT && v->answer == WEIR_MATCH_NO) v->answer = answer, v->limit = limit;
    if (answer != WEIR_MATCH_YES) continue;
    if (v->answer == WEIR_MATCH_YES && !(longest ? better(&group[0], &v->group[0]) : group[0].start < v->group[0].start)) continue;
    v->answer = WEIR_MATCH_YES;
    memcpy(v->group, group, group_cnt * sizeof *group);
    v->group_cnt = group_cnt;
  }
}

/* Looking for keywords one by one runs over the text once for each. */
static bool try_keywords(struct weir_match *match, const struct weir_keyword *keywords, size_t cnt, struct weir_view *view, struct weir_span *span,
                         struct verdict *v) {
  if (cnt == 0) return false;
  if (!weir_steps_charge(&match->steps, 1 + cnt * (view->text.len / 128 + 1) / 4, &v->limit)) {
    if (v->answer == WEIR_MATCH_NO) v->answer = WEIR_MATCH_LIMIT;
    return false;
  }
  return weir_keywords_find(keywords, cnt, view, span);
}

/* The prefilter has found the keywords, if it ran. */
static void try_positive(struct weir_match *match, uint32_t pattern, struct verdict *v) {
  const struct weir_pattern *p = &match->matcher->patterns[pattern];
  bool found = match->known ? weir_match_hit_of(match, pattern, &v->group[0])
                            : try_keywords(match, p->keywords, p->keyword_cnt, weir_match_view(match, p->loose), &v->group[0], v);
  if (found) {
    v->answer = WEIR_MATCH_YES;
    v->group_cnt = 1;
  }
  if (p->class_cnt) try_regexes(match, p->classes, p->class_cnt, p->loose, true, v);
  if (p->regex_cnt && v->answer != WEIR_MATCH_YES) try_regexes(match, p->regexes, p->regex_cnt, p->loose, false, v);
}

/* A forbidding word: its place becomes the answer's. */
static void try_excepts(struct weir_match *match, const struct weir_pattern *p, struct verdict *v) {
  struct verdict except = { .answer = WEIR_MATCH_NO };
  if (try_keywords(match, p->excepts, p->except_cnt, weir_match_view(match, p->loose), &except.group[0], &except)) {
    except.answer = WEIR_MATCH_YES;
    except.group_cnt = 1;
  } else {
    try_regexes(match, p->except_classes, p->except_class_cnt, p->loose, true, &except);
  }
  if (except.answer == WEIR_MATCH_NO) return;
  *v = except;
  if (except.answer == WEIR_MATCH_YES) v->answer = WEIR_MATCH_EXCEPT, v->group_cnt = 1;
}

static uint64_t eight(const char *bytes) {
  uint64_t value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

/* Most of a text folds to itself, case and full-width ASCII aside. Walks both as long as that holds; true: the span of the
 * folded text was reached, and this is where it stands in the original. */
static bool span_by_walking(const struct weir_match *match, struct weir_span span, size_t *start, size_t *end) {
  weir_str text = match->text, folded = match->strict.text;
  size_t at = 0, to = 0;
  bool started = false;
  while (to < span.end) {
    unsigned char a, b;
    if (!started) while (to + 8 <= span.start && at + 8 <= text.len && weir_ascii_lower8(eight(text.ptr + at)) == eight(folded.ptr + to)) at += 8, to += 8;
    if (at >= text.len) return false;
    if (to == span.start) *start = at, started = true;
    a = (unsigned char)text.ptr[at], b = (unsigned char)folded.ptr[to];
    if (a == b || (a >= 'A' && a <= 'Z' && a + 32 == b)) {
      at++, to++;
      continue;
    }
    /* U+FF01..U+FF5E: EF BC 81 .. EF BD 9E */
    if (a != 0xEF || at + 2 >= text.len || ((unsigned char)text.ptr[at + 1] & 0xFE) != 0xBC) return false;
    a = (unsigned char)((((unsigned char)text.ptr[at + 1] & 1) << 6) + ((unsigned char)text.ptr[at + 2] & 0x3F) + 0x20);
    if (a != b && !(a >= 'A' && a <= 'Z' && a + 32 == b)) return false;
    at += 3, to++;
  }
  *end = at;
  return started;
}

static void fill(struct weir_match *match, bool loose, const struct verdict *v, struct weir_match_found *found) {
  uint32_t cnt = v->answer == WEIR_MATCH_YES || v->answer == WEIR_MATCH_EXCEPT ? v->group_cnt : 0;
  found->limit = v->answer == WEIR_MATCH_LIMIT ? v->limit : WEIR_STR("");
  found->group_cnt = cnt;
  memset(found->group + cnt, 0, (WEIR_MATCH_GROUPS - cnt) * sizeof found->group[0]);
  for (uint32_t i = 0; i < cnt; i++) {
    found->group[i].start = found->group[i].end = 0;
    if (v->group[i].end == v->group[i].start && i > 0) continue;
    if (loose || !span_by_walking(match, v->group[i], &found->group[i].start, &found->group[i].end)) {
      weir_fold_span(match->text, loose, v->group[i].start, v->group[i].end, &found->group[i].start, &found->group[i].end);
    }
    if (v->group[i].end == v->group[i].start) found->group[i].end = found->group[i].start;
  }
}

enum weir_match_answer weir_match_pattern(struct weir_match *match, uint32_t pattern, struct weir_match_found *found) {
  const struct weir_pattern *p = &match->matcher->patterns[pattern];
  struct verdict v;
  v.answer = WEIR_MATCH_NO;
  v.group_cnt = 0;
  try_positive(match, pattern, &v);
  if (v.answer != WEIR_MATCH_NO && p->except_cnt + p->except_class_cnt) try_excepts(match, p, &v);
  fill(match, p->loose, &v, found);
  return v.answer;
}

/* ---- for tests */

void weir_match_parts(struct weir_match *match, uint32_t pattern, void (*tell)(void *ctx, bool regex, uint32_t index), void *ctx) {
  const struct weir_pattern *p = &match->matcher->patterns[pattern];
  const struct weir_steps before = match->steps;
  struct weir_view *view = weir_match_view(match, p->loose);
  struct weir_span group[WEIR_MATCH_GROUPS];
  uint32_t group_cnt;
  weir_str limit;
  size_t at;
  for (uint32_t i = 0; i < p->keyword_cnt; i++)
    if (weir_keyword_find(&p->keywords[i], view, &at)) tell(ctx, false, i);
  for (uint32_t i = 0; i < p->regex_cnt; i++) {
    if (weir_regex_match(match->run, &p->regexes[i], view, group, &group_cnt, &limit) == WEIR_MATCH_YES) tell(ctx, true, i);
    match->steps = before;
  }
}

weir_str weir_matcher_keyword(const struct weir_matcher *matcher, uint32_t pattern, uint32_t index) {
  const struct weir_pattern *p = &matcher->patterns[pattern];
  return index < p->keyword_cnt ? (weir_str){ p->keywords[index].ptr, p->keywords[index].len } : (weir_str){ NULL, 0 };
}

uint32_t weir_matcher_regexes(const struct weir_matcher *matcher, uint32_t pattern) { return matcher->patterns[pattern].regex_cnt; }

bool weir_matcher_excepts(const struct weir_matcher *matcher, uint32_t pattern) {
  return matcher->patterns[pattern].except_cnt + matcher->patterns[pattern].except_class_cnt > 0;
}
