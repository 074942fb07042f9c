/* regex.c: PCRE2, compiling and matching. It owns every limit that PCRE2 is given.
 *
 * Options: UTF and UCP, so \w is a letter or digit of any script; \b and \B never reach PCRE2 (regex_write.c). The text was
 * validated by the folding that made it, so it is not checked again. JIT only on request (regex_jit.h says what it costs).
 *
 * Memory: compiling draws from a block of the working memory that is emptied for every pattern; the finished code is copied
 * into the ruleset's arena. Matching draws from a heap in the scratch. PCRE2 keeps what it once took for backtracking in
 * the match data; after a match that took more than the first block the heap is emptied, so that what a match may use does
 * not depend on those before it. */
#include "limits.h"
#include "match/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>

#include "match/regex_hints.h"
#include "match/regex_options.h"

#define FIRST_FRAMES 32768u /* bytes of the heap in use above which a match has grown its frames: PCRE2 begins with 20 KiB */

/* ---- Compiling */

struct weir_regex_compiler {
  struct weir_arena *arena;
  void *block;
  struct weir_heap *heap;
  bool keep; /* allocations go to the arena: the finished code */
  struct weir_jit jit;
};

struct weir_jit *weir_regex_compiler_jit(struct weir_regex_compiler *compiler) { return &compiler->jit; }

static void *compiler_alloc(size_t len, void *data) {
  struct weir_regex_compiler *compiler = data;
  return compiler->keep ? weir_arena_alloc(compiler->arena, len) : weir_heap_alloc(compiler->heap, len);
}

static void compiler_free(void *ptr, void *data) {
  struct weir_regex_compiler *compiler = data;
  if (ptr && !compiler->keep) weir_heap_free(compiler->heap, ptr);
}

struct weir_regex_compiler *weir_regex_compiler_new(struct weir_arena *arena, struct weir_arena *work) {
  struct weir_regex_compiler *compiler = weir_arena_zalloc(work, sizeof *compiler);
  if (!compiler || !(compiler->block = weir_arena_alloc(work, WEIR_PATTERN_COMPILE_BYTES))) return NULL;
  compiler->arena = arena;
  compiler->heap = weir_heap_init(compiler->block, WEIR_PATTERN_COMPILE_BYTES);
  return compiler->heap ? compiler : NULL;
}

/* Compiles in the heap, which is emptied first. NULL: *code says why, or 0 for no memory. */
static pcre2_code *compile(struct weir_regex_compiler *compiler, weir_str text, uint32_t more_options, int *error, PCRE2_SIZE *offset) {
  pcre2_general_context *general;
  pcre2_compile_context *context;
  *error = PCRE2_ERROR_HEAP_FAILED;
  *offset = 0;
  compiler->keep = false;
  weir_heap_reset(compiler->heap);
  if (!(general = pcre2_general_context_create(compiler_alloc, compiler_free, compiler))) return NULL;
  if (!(context = pcre2_compile_context_create(general))) return NULL;
  weir_regex_options(context);
  return pcre2_compile((PCRE2_SPTR)(text.ptr ? text.ptr : ""), text.len, WEIR_REGEX_OPTIONS | more_options, error, offset, context);
}

static size_t source_offset(const struct weir_regex_text *text, size_t written) {
  size_t low = 0, high = text->piece_cnt;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (text->pieces[middle].written <= written) low = middle + 1;
    else high = middle;
  }
  return low ? text->pieces[low - 1].source : 0;
}

static void pcre2_message(int error, char *out, size_t cap) {
  if (pcre2_get_error_message(error, (PCRE2_UCHAR *)out, cap) < 0) (void)snprintf(out, cap, "error %d of PCRE2", error);
}

/* Limits that PCRE2 does not check itself. */
static bool within_limits(struct weir_reader *reader, const pcre2_code *code) {
  uint32_t captures = 0, behind = 0;
  size_t size = 0;
  (void)pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &captures);
  (void)pcre2_pattern_info(code, PCRE2_INFO_MAXLOOKBEHIND, &behind);
  (void)pcre2_pattern_info(code, PCRE2_INFO_SIZE, &size);
  if (captures > WEIR_PATTERN_CAPTURES_MAX) {
    return weir_read_fail(reader, WEIR_E_LIMIT, 0, "write (?:...) where the text in the group is not needed", "more than %d capture groups",
                          WEIR_PATTERN_CAPTURES_MAX) != NULL;
  }
  if (behind > WEIR_PATTERN_LOOKBEHIND_MAX) {
    return weir_read_fail(reader, WEIR_E_LIMIT, 0, NULL, "a lookbehind of more than %d characters", WEIR_PATTERN_LOOKBEHIND_MAX) != NULL;
  }
  if (size > WEIR_PATTERN_CODE_MAX) {
    return weir_read_fail(reader, WEIR_E_LIMIT, 0, "use smaller numbers in {} or fewer words in its lists", "compiles to more than %u bytes",
                          WEIR_PATTERN_CODE_MAX) != NULL;
  }
  return true;
}

bool weir_regex_compile(struct weir_regex_compiler *compiler, struct weir_reader *reader, const struct weir_regex_text *text,
                        struct weir_regex *out) {
  char message[WEIR_REGEX_MESSAGE_MAX];
  PCRE2_SIZE offset;
  int error;
  /* Two optimisations of 10.42 lose matches: (?=a)x?ab does not find "ab", and \s?(?>a??|b)[^a]c does not find " c". */
  uint32_t options = (text->ahead ? PCRE2_NO_START_OPTIMIZE : 0u) | (text->atomic ? PCRE2_NO_AUTO_POSSESS : 0u);
  pcre2_code *code = compile(compiler, text->text, options, &error, &offset);
  if (!code) {
    pcre2_message(error, message, sizeof message);
    return weir_read_fail(reader, error == PCRE2_ERROR_HEAP_FAILED ? WEIR_E_LIMIT : WEIR_E_RULES, source_offset(text, offset), weir_regex_hint(error), "%s", message) != NULL;
  }
  if (!within_limits(reader, code)) return false;
  *out = (struct weir_regex){ .code = NULL };
  if (compiler->jit.on && !weir_jit_compile(&compiler->jit, compiler->arena, text->text, WEIR_REGEX_OPTIONS | options, &out->code)) {
    return weir_read_fail(reader, WEIR_E_NOMEM, 0, NULL, "the memory for the ruleset does not suffice") != NULL;
  }
  if ((out->jit = out->code != NULL)) return true;
  compiler->keep = true;
  out->code = pcre2_code_copy(code);
  compiler->keep = false;
  return out->code ? true : weir_read_fail(reader, WEIR_E_NOMEM, 0, NULL, "the memory for the ruleset does not suffice") != NULL;
}

void weir_regex_explain(struct weir_regex_compiler *compiler, struct weir_reader *reader, weir_str source) {
  PCRE2_SIZE offset;
  int error;
  if (reader->status != WEIR_E_RULES || reader->bad->source.ptr != source.ptr) return;
  if (compile(compiler, source, 0, &error, &offset)) return;
  if (error == PCRE2_ERROR_HEAP_FAILED || error == PCRE2_ERROR_BACKSLASH_C_CALLER_DISABLED) return;
  pcre2_message(error, reader->bad->message, sizeof reader->bad->message);
  reader->bad->offset = offset < source.len ? offset : source.len;
  (void)snprintf(reader->bad->hint, sizeof reader->bad->hint, "%s", weir_regex_hint(error)); /* the reader's was for what it said */
}

/* ---- Matching */

struct weir_regex_run {
  void *heap_block;
  size_t peak;              /* of heaps before this one */
  struct weir_heap *heap;
  pcre2_match_context *context;
  pcre2_match_data *data;
  struct weir_steps *steps;
  /* of the call at hand */
  const struct weir_view *view;
  size_t last;            /* where the callout before stood */
  uint64_t starts, used;
  weir_str limit;
};

static void *run_alloc(size_t len, void *data) { return weir_heap_alloc(((struct weir_regex_run *)data)->heap, len); }
static void run_free(void *ptr, void *data) { weir_heap_free(((struct weir_regex_run *)data)->heap, ptr); }

bool weir_steps_charge(struct weir_steps *steps, uint64_t cnt, weir_str *limit) {
  steps->used += cnt;
  if (steps->used > steps->limit) {
    *limit = WEIR_STR("steps of this event");
    return false;
  }
  if (steps->deadline && steps->used >= steps->deadline_next) {
    steps->deadline_next = steps->used + WEIR_MATCH_DEADLINE_STEPS;
    if (steps->deadline(steps->deadline_ctx)) {
      *limit = WEIR_STR("deadline");
      return false;
    }
  }
  return true;
}

static int charge(struct weir_regex_run *run, uint64_t cnt) {
  run->used += cnt;
  if (run->used > WEIR_MATCH_CALL_STEPS) {
    run->limit = WEIR_STR("match steps");
    return PCRE2_ERROR_CALLOUT;
  }
  return weir_steps_charge(run->steps, cnt, &run->limit) ? 0 : PCRE2_ERROR_CALLOUT;
}

static int on_callout(pcre2_callout_block *block, void *data) {
  struct weir_regex_run *run = data;
  size_t at = block->current_position, distance;
  uint32_t number = block->callout_number;
  bool starts, ends;
  if (number >= WEIR_CALLOUT_COST) {
    number -= WEIR_CALLOUT_COST;
    distance = at > run->last ? at - run->last : run->last - at;
    run->last = at;
    return charge(run, (UINT64_C(1) << (number & 15)) + (((uint64_t)distance << (number >> 4)) >> 4));
  }
  if (number >= WEIR_CALLOUT_BEGIN) {
    run->last = at;
    if (++run->starts > WEIR_MATCH_STARTS_MAX) {
      run->limit = WEIR_STR("start positions");
      return PCRE2_ERROR_CALLOUT;
    }
    return charge(run, UINT64_C(1) << (number - WEIR_CALLOUT_BEGIN));
  }
  if (number == WEIR_CALLOUT_STARTS) return !weir_view_starts(run->view, at);
  if (number == WEIR_CALLOUT_ENDS) return !weir_view_ends(run->view, at);
  /* \b: an edge with a letter or digit on the side that the edge belongs to */
  starts = at < run->view->text.len && weir_view_starts(run->view, at) && weir_word_char_at(run->view->text, at);
  ends = at > 0 && weir_view_ends(run->view, at) && weir_word_char_before(run->view->text, at);
  return number == WEIR_CALLOUT_EDGE ? !(starts || ends) : starts || ends;
}

static bool prepare(struct weir_regex_run *run) {
  pcre2_general_context *general;
  if (run->heap && weir_heap_peak(run->heap) > run->peak) run->peak = weir_heap_peak(run->heap);
  run->heap = weir_heap_init(run->heap_block, WEIR_MATCH_HEAP_BYTES);
  if (!run->heap || !(general = pcre2_general_context_create(run_alloc, run_free, run))) return false;
  run->context = pcre2_match_context_create(general);
  run->data = pcre2_match_data_create(WEIR_MATCH_GROUPS, general);
  if (!run->context || !run->data) return false;
  (void)pcre2_set_match_limit(run->context, WEIR_MATCH_STEPS_MAX);
  (void)pcre2_set_depth_limit(run->context, WEIR_MATCH_DEPTH_MAX);
  (void)pcre2_set_heap_limit(run->context, WEIR_MATCH_HEAP_KIB);
  (void)pcre2_set_callout(run->context, on_callout, run);
  return true;
}

struct weir_regex_run *weir_regex_run_open(void *block, void *heap, struct weir_steps *steps) {
  struct weir_regex_run *run = block;
  _Static_assert(sizeof(struct weir_regex_run) <= WEIR_REGEX_RUN_BYTES, "a run fits its block");
  *run = (struct weir_regex_run){ .heap_block = heap, .steps = steps };
  return prepare(run) ? run : NULL;
}

void weir_regex_run_memory(const struct weir_regex_run *run, size_t *live, size_t *peak, size_t *limit) {
  *live = weir_heap_live(run->heap);
  *peak = weir_heap_peak(run->heap) > run->peak ? weir_heap_peak(run->heap) : run->peak;
  *limit = WEIR_MATCH_HEAP_BYTES;
}

static weir_str limit_of(const struct weir_regex_run *run, int code) {
  switch (code) {
  case PCRE2_ERROR_CALLOUT: return run->limit;
  case PCRE2_ERROR_MATCHLIMIT: return WEIR_STR("match steps");
  case PCRE2_ERROR_DEPTHLIMIT: return WEIR_STR("match depth");
  case PCRE2_ERROR_HEAPLIMIT: case PCRE2_ERROR_NOMEMORY: case PCRE2_ERROR_JIT_STACKLIMIT: return WEIR_STR("match memory");
  default: return WEIR_STR("an error of PCRE2");
  }
}

static void take_groups(struct weir_regex_run *run, int cnt, struct weir_span group[WEIR_MATCH_GROUPS], uint32_t *group_cnt) {
  const PCRE2_SIZE *ovector = pcre2_get_ovector_pointer(run->data);
  *group_cnt = 0;
  for (int i = 0; i < cnt && i < WEIR_MATCH_GROUPS; i++) {
    bool set = ovector[2 * i] != PCRE2_UNSET && ovector[2 * i] <= ovector[2 * i + 1];
    group[i] = (struct weir_span){ set ? ovector[2 * i] : 0, set ? ovector[2 * i + 1] : 0 };
    *group_cnt = (uint32_t)i + 1;
  }
}

/* Where a beginning stands at or behind `from`; the text's length: nowhere. */
static size_t find_beginning(const struct weir_beginning *begin, weir_str text, size_t from) {
  const char *p = text.ptr + from + begin->rare, *end = text.ptr + text.len;
  for (; p < end && (p = memchr(p, begin->text[begin->rare], (size_t)(end - p))) != NULL; p++) {
    const char *start = p - begin->rare;
    if ((size_t)(end - start) >= begin->len && memcmp(start, begin->text, begin->len) == 0) return (size_t)(start - text.ptr);
  }
  return text.len;
}

/* PCRE2 looks for the first byte of a match, which in Chinese is one of six. So where the beginnings are known, it is asked
 * only at the places where they stand, from left to right: the same match in a fraction of the time. */
static int match_at_beginnings(struct weir_regex_run *run, const struct weir_regex *regex, weir_str text) {
  size_t next[WEIR_BEGINNINGS_MAX];
  for (size_t i = 0; i < regex->begin_cnt; i++) next[i] = find_beginning(&regex->begins[i], text, 0);
  for (;;) {
    size_t at = text.len;
    int code;
    for (size_t i = 0; i < regex->begin_cnt; i++) at = next[i] < at ? next[i] : at;
    if (at == text.len) return PCRE2_ERROR_NOMATCH;
    if (charge(run, WEIR_MATCH_CALL_COST / 2) != 0) return PCRE2_ERROR_CALLOUT;
    run->last = at;
    code = pcre2_match(regex->code, (PCRE2_SPTR)text.ptr, text.len, at, PCRE2_NO_UTF_CHECK | PCRE2_ANCHORED, run->data, run->context);
    if (code != PCRE2_ERROR_NOMATCH) return code;
    for (size_t i = 0; i < regex->begin_cnt; i++) if (next[i] == at) next[i] = find_beginning(&regex->begins[i], text, at + 1);
  }
}

/* Machine code is not used where the place of the match is given, and looks for it fast. It begins at the first beginning. */
static int match_by_jit(struct weir_regex_run *run, const struct weir_regex *regex, weir_str text) {
  size_t from = regex->begin_cnt ? text.len : 0;
  for (size_t i = 0; i < regex->begin_cnt; i++) {
    size_t at = find_beginning(&regex->begins[i], text, 0);
    from = at < from ? at : from;
  }
  if (regex->begin_cnt && from == text.len) return PCRE2_ERROR_NOMATCH;
  run->last = from;
  return pcre2_match(regex->code, (PCRE2_SPTR)text.ptr, text.len, from, PCRE2_NO_UTF_CHECK, run->data, run->context);
}

enum weir_match_answer weir_regex_match(struct weir_regex_run *run, const struct weir_regex *regex, const struct weir_view *view,
                                        struct weir_span group[WEIR_MATCH_GROUPS], uint32_t *group_cnt, weir_str *limit) {
  enum weir_match_answer answer = WEIR_MATCH_NO;
  int code;
  *group_cnt = 0;
  if (!weir_steps_charge(run->steps, WEIR_MATCH_CALL_COST + view->text.len / 64, limit)) return WEIR_MATCH_LIMIT;
  run->view = view;
  run->last = 0;
  run->starts = run->used = 0;
  if (regex->jit) code = match_by_jit(run, regex, view->text);
  else if (regex->begin_cnt) code = match_at_beginnings(run, regex, view->text);
  else code = pcre2_match(regex->code, (PCRE2_SPTR)view->text.ptr, view->text.len, 0, PCRE2_NO_UTF_CHECK, run->data, run->context);
  if (code > 0) {
    answer = WEIR_MATCH_YES;
    take_groups(run, code, group, group_cnt);
  } else if (code != PCRE2_ERROR_NOMATCH) {
    answer = WEIR_MATCH_LIMIT;
    *limit = limit_of(run, code);
  }
  /* A heap that held this much a moment ago can be laid out again. */
  if (weir_heap_live(run->heap) > FIRST_FRAMES) (void)prepare(run);
  return answer;
}
