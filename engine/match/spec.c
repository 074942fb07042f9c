/* spec.c: one pattern as the rules give it, compiled: keywords folded and sorted, classes and regexes handed to PCRE2.
 * Everything that can be wrong with a pattern is found here, and told with the place in the text as it was written. */
#include <stdio.h>
#include <stdlib.h>

#include "limits.h"
#include "match/pattern.h"
#include "text/utf8.h"

struct word { struct weir_keyword keyword; weir_str written; uint32_t order; bool listed; };

struct words {
  struct weir_spec_context *context;
  enum weir_word_mode mode;
  weir_str written;        /* the entry of the rule that is being read */
  bool listed;             /* from a list */
  struct word *words;
  size_t word_cnt, word_cap;
  weir_str classes[WEIR_PATTERN_REGEXES_MAX];
  size_t class_cnt;
};

static struct weir_reader reader_for(const struct weir_spec_context *context, weir_str source, bool loose, struct weir_pattern_error *bad) {
  return (struct weir_reader){ .work = context->work, .lists = context->lists, .bad = bad, .source = source, .loose = loose, .status = WEIR_OK };
}

/* Valid UTF-8 without control characters: in quotes, Lua reads \b and the like itself. */
static bool check_text(struct weir_reader *reader, const char *hint) {
  weir_str source = reader->source;
  size_t valid = weir_utf8_valid(source);
  if (valid < source.len) return weir_read_fail(reader, WEIR_E_RULES, valid, "save the file as UTF-8", "not valid UTF-8") != NULL;
  for (size_t i = 0; i < source.len; i++) {
    unsigned char c = (unsigned char)source.ptr[i];
    if ((c >= 0x20 && c != 0x7F) || c == '\t' || c == '\n' || c == '\r') continue;
    return weir_read_fail(reader, WEIR_E_RULES, i, hint, "a control character (0x%02x)", c) != NULL;
  }
  return true;
}

/* ---- Keywords */

static bool add_word(struct words *words, struct weir_reader *reader, struct word word) {
  if (words->word_cnt >= WEIR_WORDS_MAX) {
    return weir_read_fail(reader, WEIR_E_LIMIT, 0, NULL, "more than %d keywords in one rule", WEIR_WORDS_MAX) != NULL;
  }
  if (words->word_cnt == words->word_cap) {
    size_t cap = words->word_cap ? words->word_cap * 2 : 16;
    struct word *grown = weir_arena_array(words->context->work, cap, sizeof *grown);
    if (!grown) return weir_read_nomem(reader) != NULL;
    if (words->word_cnt) memcpy(grown, words->words, words->word_cnt * sizeof *grown);
    words->words = grown;
    words->word_cap = cap;
  }
  word.order = (uint32_t)words->word_cnt;
  words->words[words->word_cnt++] = word;
  return true;
}

static bool take_word(void *ctx, struct weir_reader *reader, weir_str word, weir_str class_regex) {
  struct words *words = ctx;
  weir_str folded;
  if (class_regex.len) {
    for (size_t i = 0; i < words->class_cnt; i++) if (weir_str_eq(words->classes[i], word)) return true;
    if (words->class_cnt == WEIR_PATTERN_REGEXES_MAX) return weir_read_fail(reader, WEIR_E_LIMIT, 0, NULL, "too many classes in one rule") != NULL;
    words->classes[words->class_cnt++] = word;
    return true;
  }
  if (!weir_list_fold(reader, word, &folded)) return false;
  return add_word(words, reader, (struct word){ weir_keyword_make(folded, words->mode), word, 0, words->listed });
}

static bool read_words(struct words *words, const weir_str *texts, size_t text_cnt, struct weir_reader *reader) {
  weir_str name;
  for (size_t i = 0; i < text_cnt; i++) {
    reader->source = words->written = texts[i];
    reader->at = 0;
    if (texts[i].len == 0) return weir_read_fail(reader, WEIR_E_RULES, 0, NULL, "an empty keyword") != NULL;
    if (!check_text(reader, "in quotes, Lua reads \\ itself")) return false;
    words->listed = weir_list_alone(texts[i], &name);
    if (words->listed ? !weir_list_each(reader, name, 0, take_word, words) : !take_word(words, reader, texts[i], (weir_str){ NULL, 0 })) return false;
  }
  return true;
}

static weir_str keyword_text(const struct weir_keyword *keyword) { return (weir_str){ keyword->ptr, keyword->len }; }

static int by_text(const void *a, const void *b) {
  const struct word *x = a, *y = b;
  int order = weir_str_cmp(keyword_text(&x->keyword), keyword_text(&y->keyword));
  if (order == 0) order = (x->keyword.mode > y->keyword.mode) - (x->keyword.mode < y->keyword.mode);
  if (order == 0) order = (x->listed > y->listed) - (x->listed < y->listed); /* those of the rule first */
  return order ? order : (x->order > y->order) - (x->order < y->order);
}

/* Sorts, drops what lists give twice, refuses what the rule itself says twice, and copies to the arena. */
static bool keep_words(struct words *words, struct weir_reader *reader, const struct weir_keyword **out, uint32_t *out_cnt) {
  struct weir_keyword *kept = weir_arena_array(words->context->arena, words->word_cnt, sizeof *kept);
  size_t cnt = 0;
  weir_str copy;
  if (!kept) return weir_read_fail(reader, WEIR_E_NOMEM, 0, NULL, "the memory for the ruleset does not suffice") != NULL;
  if (words->word_cnt > 1) qsort(words->words, words->word_cnt, sizeof *words->words, by_text);
  for (size_t i = 0; i < words->word_cnt; i++) {
    const struct word *word = &words->words[i], *before = i ? &words->words[i - 1] : NULL;
    if (before && before->keyword.mode == word->keyword.mode && weir_str_eq(keyword_text(&before->keyword), keyword_text(&word->keyword))) {
      if (word->listed) continue;
      reader->source = word->written;
      return weir_read_fail(reader, WEIR_E_RULES, 0, "folding makes case, width and Han variants the same", "the same keyword as \"%.*s\"",
                            WEIR_FMT(before->written)) != NULL;
    }
    if (!weir_arena_str(words->context->arena, keyword_text(&word->keyword), &copy)) {
      return weir_read_fail(reader, WEIR_E_NOMEM, 0, NULL, "the memory for the ruleset does not suffice") != NULL;
    }
    kept[cnt] = word->keyword;
    kept[cnt++].ptr = copy.ptr;
  }
  *out = kept;
  *out_cnt = (uint32_t)cnt;
  return true;
}

/* ---- Regexes */

/* One alternative, and nothing in it. */
static bool is_nothing(const struct weir_node *tree) {
  while (tree->kind == WEIR_NODE_BRANCHES && tree->first && !tree->first->next) tree = tree->first;
  return tree->kind == WEIR_NODE_EMPTY || (tree->kind == WEIR_NODE_CONCAT && !tree->first);
}

static bool compile_one(struct weir_spec_context *context, struct weir_reader *reader, weir_str source, bool except, struct weir_regex *out) {
  weir_arena_mark mark = weir_arena_here(context->work);
  struct weir_regex_text text;
  struct weir_node *tree;
  bool ok;
  reader->pinned = false;
  reader->depth = reader->list_depth = 0;
  reader->groups = 0;
  reader->renumbered = false;
  memset(reader->captures, 0, sizeof reader->captures);
  tree = weir_regex_read(reader, source);
  ok = tree && weir_regex_write(reader, tree, &text);
  if (ok && is_nothing(tree)) { /* would match every text */
    ok = weir_read_fail(reader, WEIR_E_RULES, 0, "only invisible characters are in it; they are removed from texts too", "the regex folds to nothing") != NULL;
  }
  ok = ok && weir_regex_compile(context->compiler, reader, &text, out);
  if (ok && context->noted && !context->noted(context->ctx, tree, except, out)) {
    ok = weir_read_fail(reader, WEIR_E_NOMEM, 0, NULL, "the memory for loading does not suffice") != NULL;
  }
  if (!ok) weir_regex_explain(context->compiler, reader, source);
  weir_arena_back(context->work, mark);
  return ok;
}

static bool compile_regexes(struct weir_spec_context *context, struct weir_reader *reader, const struct weir_pattern_spec *spec, struct weir_pattern *out) {
  struct weir_regex *regexes = weir_arena_array(context->arena, spec->regex_cnt, sizeof *regexes);
  if (!regexes) return weir_read_fail(reader, WEIR_E_NOMEM, 0, NULL, "the memory for the ruleset does not suffice") != NULL;
  if (spec->regex_cnt > WEIR_PATTERN_REGEXES_MAX) {
    return weir_read_fail(reader, WEIR_E_LIMIT, 0, NULL, "more than %d regexes in one rule", WEIR_PATTERN_REGEXES_MAX) != NULL;
  }
  for (size_t i = 0; i < spec->regex_cnt; i++) {
    reader->source = spec->regexes[i];
    reader->at = 0;
    if (spec->regexes[i].len == 0) return weir_read_fail(reader, WEIR_E_RULES, 0, NULL, "an empty regex") != NULL;
    if (spec->regexes[i].len > WEIR_PATTERN_SOURCE_MAX) {
      return weir_read_fail(reader, WEIR_E_LIMIT, WEIR_PATTERN_SOURCE_MAX, NULL, "a regex of more than %d bytes", WEIR_PATTERN_SOURCE_MAX) != NULL;
    }
    if (!check_text(reader, "in quotes, Lua reads \\ itself: write the regex in [[...]]")) return false;
    if (!compile_one(context, reader, spec->regexes[i], false, &regexes[i])) return false;
  }
  out->regexes = regexes;
  out->regex_cnt = (uint16_t)spec->regex_cnt;
  return true;
}

/* A class as a keyword: the regex of the class, at the place that the mode allows. */
static bool compile_classes(struct weir_spec_context *context, struct weir_reader *reader, const struct words *words, bool except,
                            const struct weir_regex **out, uint16_t *out_cnt) {
  static const char *const frames[4][2] = {
    [WEIR_MODE_WORD] = { "", "" },
    [WEIR_MODE_CONTAINS] = { "", "" },
    [WEIR_MODE_EQUAL] = { "\\A[^\\p{L}\\p{M}\\p{N}]*", "[^\\p{L}\\p{M}\\p{N}]*\\z" },
    [WEIR_MODE_PREFIX] = { "\\A[^\\p{L}\\p{M}\\p{N}]*", "" },
  };
  struct weir_regex *regexes = weir_arena_array(context->arena, words->class_cnt, sizeof *regexes);
  char *source = weir_arena_bytes(context->work, 256);
  if (!regexes || !source) return weir_read_fail(reader, WEIR_E_NOMEM, 0, NULL, "the memory for the ruleset does not suffice") != NULL;
  for (size_t i = 0; i < words->class_cnt; i++) {
    struct weir_buf buf;
    weir_buf_init(&buf, source, 256);
    weir_buf_printf(&buf, "%s{%.*s}%s", frames[words->mode][0], WEIR_FMT(words->classes[i]), frames[words->mode][1]);
    if (!compile_one(context, reader, weir_buf_view(&buf), except, &regexes[i])) return false;
  }
  *out = regexes;
  *out_cnt = (uint16_t)words->class_cnt;
  return true;
}

static bool compile_pattern(struct weir_spec_context *context, struct weir_reader *reader, const struct weir_pattern_spec *spec, struct weir_pattern *out) {
  struct words *words = weir_arena_zalloc(context->work, sizeof *words), *excepts = weir_arena_zalloc(context->work, sizeof *excepts);
  if (!words || !excepts) return weir_read_nomem(reader) != NULL;
  words->context = excepts->context = context;
  words->mode = spec->mode;
  excepts->mode = WEIR_MODE_WORD;
  if (spec->keyword_cnt + spec->regex_cnt == 0) {
    return weir_read_fail(reader, WEIR_E_RULES, 0, NULL, "a pattern needs keywords or a regex") != NULL;
  }
  return read_words(words, spec->keywords, spec->keyword_cnt, reader) && keep_words(words, reader, &out->keywords, &out->keyword_cnt) &&
         compile_classes(context, reader, words, false, &out->classes, &out->class_cnt) && compile_regexes(context, reader, spec, out) &&
         read_words(excepts, spec->excepts, spec->except_cnt, reader) && keep_words(excepts, reader, &out->excepts, &out->except_cnt) &&
         compile_classes(context, reader, excepts, true, &out->except_classes, &out->except_class_cnt);
}

weir_status weir_pattern_compile(struct weir_spec_context *context, const struct weir_pattern_spec *spec, struct weir_pattern *out,
                                 struct weir_pattern_error *bad) {
  struct weir_reader reader = reader_for(context, (weir_str){ "", 0 }, spec->loose, bad);
  *out = (struct weir_pattern){ .loose = spec->loose };
  *bad = (struct weir_pattern_error){ .source = { "", 0 } };
  weir_arena_reset(context->work);
  return compile_pattern(context, &reader, spec, out) ? WEIR_OK : reader.status;
}
