/* pattern.c: any keywords and regular expressions on any text. An input is lines; the first letter says what follows:
 *   w c e p  a keyword in the mode word, contains, equal, prefix (the last one's mode counts)
 *   r        a regular expression        x  a forbidding word        l  loose
 *   t        the text, up to the end of the input
 * The prefilter must not change an answer; a limit is said, and places lie in the text. */
#include "fuzz.h"
#include "match/match.h"
#include "text/fold.h"
#include "text/utf8.h"

#define MAX 8

struct input {
  struct weir_pattern_spec spec;
  weir_str keywords[MAX], regexes[MAX], excepts[MAX], text;
};

static void take(struct input *input, struct fuzz_input in) {
  *input = (struct input){ .spec = { .keywords = input->keywords, .regexes = input->regexes, .excepts = input->excepts } };
  while (in.left) {
    uint8_t kind = fuzz_byte(&in);
    if (kind == 't') {
      input->text = fuzz_rest(&in);
      return;
    }
    static const char modes[] = "wcep";
    weir_str line = fuzz_until(&in, '\n');
    const char *mode = kind ? strchr(modes, kind) : NULL;
    if (mode) input->spec.mode = (enum weir_word_mode)(mode - modes);
    if (mode && input->spec.keyword_cnt < MAX) input->keywords[input->spec.keyword_cnt++] = line;
    if (kind == 'r' && input->spec.regex_cnt < MAX) input->regexes[input->spec.regex_cnt++] = line;
    if (kind == 'x' && input->spec.except_cnt < MAX) input->excepts[input->spec.except_cnt++] = line;
    if (kind == 'l') input->spec.loose = true;
  }
}

static bool find_list(void *ctx, weir_str name, const weir_str **words, size_t *cnt) {
  static const weir_str want[] = { { "求", 3 }, { "want", 4 }, { "can I have", 10 } }, paper[] = { { "电子版", 9 }, { "pdf", 3 }, { "c++", 3 } };
  (void)ctx;
  *words = weir_str_eq(name, WEIR_STR("want")) ? want : paper;
  *cnt = 3;
  return weir_str_eq(name, WEIR_STR("want")) || weir_str_eq(name, WEIR_STR("paper"));
}

static weir_str nearest(void *ctx, weir_str name) {
  static const weir_str names[] = { { "want", 4 }, { "paper", 5 } };
  (void)ctx;
  return weir_nearest(name, names, 2);
}

static void add(struct weir_matcher_builder *builder, const struct weir_pattern_spec *spec) {
  struct weir_pattern_error bad;
  weir_error err = { .status = WEIR_OK };
  uint32_t pattern;
  weir_status status = weir_matcher_add(builder, spec, &pattern, &bad, &err);
  if (status == WEIR_OK) return;
  MUST(pattern == UINT32_MAX && (status == WEIR_E_RULES || status == WEIR_E_LIMIT));
  MUST_SAY(status, err);
  MUST(bad.offset <= bad.source.len && memchr(bad.message, '\0', sizeof bad.message) && memchr(bad.hint, '\0', sizeof bad.hint));
}

static bool between(weir_str text, size_t at) { return at == text.len || ((unsigned char)text.ptr[at] & 0xC0) != 0x80; }

static void look_at(weir_str text, enum weir_match_answer answer, const struct weir_match_found *found) {
  if (answer == WEIR_MATCH_LIMIT) MUST(found->limit.len > 0 && !weir_str_starts(found->limit, WEIR_STR("an error")));
  if (answer == WEIR_MATCH_YES || answer == WEIR_MATCH_EXCEPT) MUST(found->group_cnt >= 1);
  MUST(found->group_cnt <= WEIR_MATCH_GROUPS);
  for (uint32_t i = 0; i < found->group_cnt; i++) {
    size_t start = found->group[i].start, end = found->group[i].end;
    MUST(start <= end && end <= text.len && between(text, start) && between(text, end));
  }
}

/* Each pattern alone, with the prefilter and without; twice, because nothing may be left over. */
static void compare(struct weir_match *match, weir_str text, uint32_t cnt) {
  for (uint32_t i = 0; i < cnt; i++) {
    struct weir_match_found plain, found, again;
    enum weir_match_answer without, with = WEIR_MATCH_NO;
    bool cut;
    MUST(weir_match_text(match, text, false, &cut, NULL) == WEIR_OK);
    MUST(weir_match_next(match, i) == i);
    without = weir_match_pattern(match, i, &plain);
    look_at(text, without, &plain);
    MUST(weir_match_text(match, text, true, &cut, NULL) == WEIR_OK);
    uint32_t next = weir_match_next(match, i);
    MUST(next >= i && (next < cnt || next == UINT32_MAX));
    if (next == i) {
      with = weir_match_pattern(match, i, &found);
      look_at(text, with, &found);
      MUST(weir_match_pattern(match, i, &again) == with || weir_match_steps(match) > WEIR_MATCH_EVENT_STEPS);
      MUST(weir_match_steps(match) <= 2 * (WEIR_MATCH_EVENT_STEPS + WEIR_MATCH_CALL_STEPS));
    }
    if (without == WEIR_MATCH_LIMIT || with == WEIR_MATCH_LIMIT) continue;
    MUST(with == without);
    if (with == WEIR_MATCH_NO) continue;
    MUST(found.group_cnt == plain.group_cnt);
    MUST(memcmp(found.group, plain.group, plain.group_cnt * sizeof plain.group[0]) == 0);
  }
}

static weir_str fold(weir_str text, char *room, size_t cap) {
  size_t len, consumed;
  MUST(weir_fold(text, room, cap, &len, &consumed) == WEIR_FOLD_OK);
  return (weir_str){ room, len };
}

static bool has(weir_str text, weir_str word) {
  for (size_t at = 0; at + word.len <= text.len; at++) {
    if (memcmp(text.ptr + at, word.ptr, word.len) == 0) return true;
  }
  return false;
}

/* Keywords that may stand anywhere, without lists and classes, can be looked for by hand. */
static void look_by_hand(struct weir_match *match, const struct weir_pattern_spec *spec) {
  static char room[WEIR_WORD_BYTES_MAX * WEIR_FOLD_GROWTH + 160];
  struct weir_match_found found;
  bool expected = false;
  if (spec->mode != WEIR_MODE_CONTAINS || spec->loose || spec->regex_cnt || spec->except_cnt) return;
  for (size_t i = 0; i < spec->keyword_cnt; i++) {
    if (memchr(spec->keywords[i].ptr, '{', spec->keywords[i].len)) return;
    if (has(weir_match_folded(match), fold(spec->keywords[i], room, sizeof room))) expected = true;
  }
  MUST(weir_match_pattern(match, 1, &found) == (expected ? WEIR_MATCH_YES : WEIR_MATCH_NO));
}

static void match_all(const struct weir_matcher *matcher, const struct weir_pattern_spec *spec, weir_str text, uint32_t cnt) {
  size_t len = weir_match_bytes(matcher);
  void *block = aligned_alloc(16, (len + 15) & ~(size_t)15);
  struct weir_match *match;
  weir_str copy = fuzz_copy(text);
  bool cut;
  MUST(block && weir_match_open(&match, matcher, block, len, NULL) == WEIR_OK);
  weir_status status = weir_match_text(match, copy, true, &cut, NULL);
  size_t seen = text.len < WEIR_TEXT_MAX ? text.len : WEIR_TEXT_MAX, good = weir_utf8_valid(copy);
  if (good == text.len) MUST(status == WEIR_OK);
  if (good < seen && status == WEIR_OK) MUST(cut);
  if (status == WEIR_OK) compare(match, copy, cnt);
  if (status == WEIR_OK && cnt == 2) look_by_hand(match, spec);
  if (status != WEIR_OK) MUST(status == WEIR_E_FORMAT && weir_match_next(match, 0) == UINT32_MAX);
  free(block);
  fuzz_drop(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const weir_str link[] = { { "link", 4 }, { "链接", 6 } };
  struct input input;
  struct weir_arena arena, work;
  struct weir_matcher_builder *builder;
  const struct weir_matcher *matcher;
  const struct weir_word_lists lists = { find_list, nearest, NULL };
  uint32_t cnt = 2;
  take(&input, (struct fuzz_input){ data, size });
  weir_arena_growing(&arena, WEIR_RULESET_BYTES_DEFAULT);
  weir_arena_growing(&work, WEIR_LOAD_WORK_BYTES);
  MUST(weir_matcher_begin(&builder, &arena, &work, &lists, NULL) == WEIR_OK);
  add(builder, &(struct weir_pattern_spec){ .keywords = link, .keyword_cnt = 2 });
  struct weir_pattern_error bad;
  uint32_t pattern;
  if (weir_matcher_add(builder, &input.spec, &pattern, &bad, NULL) == WEIR_OK) MUST(pattern == 1);
  else add(builder, &input.spec), cnt = 1; /* it fails again the same way, and says why */
  MUST(weir_matcher_finish(builder, &matcher, NULL) == WEIR_OK);
  match_all(matcher, &input.spec, input.text, cnt);
  weir_matcher_abandon(builder);
  weir_arena_release(&arena);
  weir_arena_release(&work);
  return 0;
}
