/* builder.c: building a matcher. Each pattern is compiled (spec.c); its keywords and the required literals of its regexes
 * go into the prefilter, and what else a regex requires becomes its gate. */
#include <stdlib.h>

#include "limits.h"
#include "match/matcher.h"
#include "text/utf8.h"

struct needs { struct weir_prefilter_need *items; size_t cnt, cap; };
struct triggers { struct weir_trigger *items; size_t cnt, cap; };

struct weir_matcher_builder {
  struct weir_arena *arena, *work;
  struct weir_arena scratch;
  struct weir_spec_context context;
  struct weir_pattern *patterns;
  uint32_t pattern_cnt, pattern_cap;
  struct weir_literal_pool *pool;
  struct needs strict, loose;
  struct triggers triggers;           /* of regexes with literals; those without: */
  struct triggers always, always_loose;
  struct weir_kinds *kinds;
  uint32_t counter_cnt;
  bool adding_loose;
};

static bool noted(void *ctx, const struct weir_node *tree, bool except, struct weir_regex *regex);

weir_status weir_matcher_begin(struct weir_matcher_builder **out, struct weir_arena *arena, struct weir_arena *work,
                               const struct weir_word_lists *lists, weir_error *err) {
  struct weir_matcher_builder *builder = weir_arena_zalloc(work, sizeof *builder);
  void *block = weir_arena_alloc(work, WEIR_PATTERN_WORK_BYTES);
  *out = NULL;
  if (!builder || !block) return weir_fail(err, WEIR_E_NOMEM, "the memory for loading does not suffice for patterns");
  builder->arena = arena;
  builder->work = work;
  weir_arena_fixed(&builder->scratch, block, WEIR_PATTERN_WORK_BYTES);
  builder->context = (struct weir_spec_context){ .arena = arena, .work = &builder->scratch, .lists = lists, .noted = noted, .ctx = builder };
  builder->context.compiler = weir_regex_compiler_new(arena, work);
  builder->pool = weir_literal_pool_new(work);
  builder->kinds = weir_arena_zalloc(work, sizeof *builder->kinds);
  if (!builder->context.compiler || !builder->pool || !builder->kinds) {
    return weir_fail(err, WEIR_E_NOMEM, "the memory for loading does not suffice for patterns");
  }
  *out = builder;
  return WEIR_OK;
}

weir_status weir_matcher_jit(struct weir_matcher_builder *builder, weir_error *err) {
  return weir_jit_begin(weir_regex_compiler_jit(builder->context.compiler), err);
}

/* ---- Literals */

static bool add_need(struct weir_matcher_builder *builder, weir_str literal, size_t target, unsigned mode, uint32_t gram) {
  struct needs *needs = builder->adding_loose ? &builder->loose : &builder->strict;
  uint32_t number;
  if (!weir_literal_pool_add(builder->pool, literal, &number)) return false;
  if (needs->cnt == needs->cap) {
    size_t cap = needs->cap ? needs->cap * 2 : 1024;
    struct weir_prefilter_need *items = weir_arena_array(builder->work, cap, sizeof *items);
    if (!items) return false;
    if (needs->cnt) memcpy(items, needs->items, needs->cnt * sizeof *items);
    needs->items = items;
    needs->cap = cap;
  }
  needs->items[needs->cnt++] = (struct weir_prefilter_need){ number, (uint32_t)target << 3 | mode | gram << 20 };
  return true;
}

static bool add_trigger(struct weir_matcher_builder *builder, struct triggers *triggers, const struct weir_gate *gate, const struct weir_near *near) {
  if (triggers->cnt == triggers->cap) {
    size_t cap = triggers->cap ? triggers->cap * 2 : 256;
    struct weir_trigger *items = weir_arena_array(builder->work, cap, sizeof *items);
    if (!items) return false;
    if (triggers->cnt) memcpy(items, triggers->items, triggers->cnt * sizeof *items);
    triggers->items = items;
    triggers->cap = cap;
  }
  triggers->items[triggers->cnt++] = (struct weir_trigger){ *gate, *near, builder->pattern_cnt };
  return true;
}

static weir_str head(weir_str literal, size_t max) { return (weir_str){ literal.ptr, weir_utf8_cut(literal, max) }; }

/* Beginnings let matching start where they stand; one that is a single ASCII character would start it too often. */
static bool keep_beginnings(struct weir_matcher_builder *builder, const struct weir_literal_set *prefix, struct weir_regex *regex) {
  struct weir_beginning *begins;
  if (prefix->cnt == 0 || prefix->cnt > WEIR_BEGINNINGS_MAX) return true;
  for (size_t i = 0; i < prefix->cnt; i++) if (prefix->words[i].len < 2) return true;
  if (!(begins = weir_arena_array(builder->arena, prefix->cnt, sizeof *begins))) return false;
  for (size_t i = 0; i < prefix->cnt; i++) {
    weir_str word = head(prefix->words[i], sizeof begins->text);
    struct weir_window window;
    double weight;
    (void)weir_window_best(word, &window, &weight);
    begins[i].len = (uint8_t)word.len;
    begins[i].rare = (uint8_t)(window.first >= 0x80 && (size_t)window.anchor + 1 < word.len ? window.anchor + 1 : window.anchor);
    memcpy(begins[i].text, word.ptr, word.len);
  }
  regex->begins = begins;
  regex->begin_cnt = (uint8_t)prefix->cnt;
  return true;
}

/* Digits in a row are rarer in comments than one hanzi or two letters, and one question answers for all rules. */
#define DIGITS_RARE 3

static bool any_short(const struct weir_literal_set *set, enum weir_window_kind shortest) {
  struct weir_window window;
  double weight;
  for (size_t i = 0; i < set->cnt; i++) if (weir_window_best(set->words[i], &window, &weight) >= shortest) return true;
  return false;
}

/* Ten numerals in a row: nine of them must be found before it is tried. */
static void count_literals(struct weir_matcher_builder *builder, const struct weir_literal_set *set, struct weir_gate *gate) {
  if (set->times < 2 || builder->counter_cnt > UINT16_MAX) return;
  gate->times = (uint8_t)set->times;
  gate->counter = (uint16_t)builder->counter_cnt++;
}

/* Whether the gate alone keeps a regex away better than its literals do: digits in a row, or letters that follow each other
 * where the literals are single letters. */
static bool gate_is_better(const struct weir_required *required, const struct weir_needs *needs) {
  if (needs->digits >= DIGITS_RARE && any_short(&required->sets[0], WEIR_WINDOW_PAIR)) return true;
  return needs->order_cnt >= WEIR_ORDER_MIN && any_short(&required->sets[0], WEIR_WINDOW_SINGLE);
}

/* A regex of the pattern that is being added. Its rarest set of literals goes to the prefilter; the rest to its gate. */
static bool noted(void *ctx, const struct weir_node *tree, bool except, struct weir_regex *regex) {
  struct weir_matcher_builder *builder = ctx;
  struct weir_required required;
  struct weir_needs needs;
  struct weir_near near;
  uint32_t gram;
  bool ok;
  /* Without room to look for literals the regex is one without literals. */
  if (!weir_required_find(&builder->scratch, tree, &required)) required.set_cnt = required.prefix.cnt = 0;
  weir_needs_find(tree, &needs);
  weir_near_find(tree, &near);
  regex->triggered = !except && required.set_cnt > 0 && !gate_is_better(&required, &needs);
  weir_gate_make(builder->kinds, &required, regex->triggered ? 0 : required.set_cnt, &needs, &regex->gate);
  if (regex->triggered) count_literals(builder, &required.sets[0], &regex->gate);
  ok = keep_beginnings(builder, &required.prefix, regex);
  if (!ok || except) return ok;
  if (!regex->triggered) return add_trigger(builder, builder->adding_loose ? &builder->always_loose : &builder->always, &regex->gate, &near);
  ok = builder->triggers.cnt < WEIR_TARGET_MAX && add_trigger(builder, &builder->triggers, &regex->gate, &near);
  gram = (regex->gate.last & 1) ? regex->gate.grams[0] : WEIR_NO_GRAM; /* a first group of one */
  for (size_t i = 0; ok && i < required.sets[0].cnt; i++) {
    ok = add_need(builder, head(required.sets[0].words[i], 200), builder->triggers.cnt - 1, WEIR_POSTING_REGEX, gram);
  }
  return ok;
}

static bool add_keywords(struct weir_matcher_builder *builder, const struct weir_pattern *pattern) {
  bool ok = true;
  for (uint32_t i = 0; ok && i < pattern->keyword_cnt; i++) {
    ok = add_need(builder, (weir_str){ pattern->keywords[i].ptr, pattern->keywords[i].len }, builder->pattern_cnt, pattern->keywords[i].mode, WEIR_NO_GRAM);
  }
  return ok;
}

/* ---- Patterns */

static bool room_for_one(struct weir_matcher_builder *builder) {
  uint32_t cap = builder->pattern_cap ? builder->pattern_cap * 2 : 64;
  struct weir_pattern *patterns;
  if (builder->pattern_cnt < builder->pattern_cap) return true;
  if (!(patterns = weir_arena_array(builder->work, cap, sizeof *patterns))) return false;
  if (builder->pattern_cnt) memcpy(patterns, builder->patterns, builder->pattern_cnt * sizeof *patterns);
  builder->patterns = patterns;
  builder->pattern_cap = cap;
  return true;
}

weir_status weir_matcher_add(struct weir_matcher_builder *builder, const struct weir_pattern_spec *spec, uint32_t *pattern,
                             struct weir_pattern_error *bad, weir_error *err) {
  size_t strict_cnt = builder->strict.cnt, loose_cnt = builder->loose.cnt, trigger_cnt = builder->triggers.cnt;
  size_t always_cnt = builder->always.cnt, always_loose_cnt = builder->always_loose.cnt;
  weir_status status;
  *pattern = UINT32_MAX;
  *bad = (struct weir_pattern_error){ .source = { "", 0 } };
  if (builder->pattern_cnt == WEIR_RULES_MAX) return weir_fail(err, WEIR_E_LIMIT, "more than %d rules", WEIR_RULES_MAX);
  if (!room_for_one(builder)) return weir_fail(err, WEIR_E_NOMEM, "the memory for loading does not suffice for patterns");
  builder->adding_loose = spec->loose;
  status = weir_pattern_compile(&builder->context, spec, &builder->patterns[builder->pattern_cnt], bad);
  if (status != WEIR_OK) (void)weir_fail(err, status, "%s", bad->message);
  else if (!add_keywords(builder, &builder->patterns[builder->pattern_cnt])) {
    status = weir_fail(err, WEIR_E_NOMEM, "the memory for loading does not suffice for patterns");
  }
  if (status != WEIR_OK) {
    builder->strict.cnt = strict_cnt;
    builder->loose.cnt = loose_cnt;
    builder->triggers.cnt = trigger_cnt;
    builder->always.cnt = always_cnt;
    builder->always_loose.cnt = always_loose_cnt;
    return status;
  }
  *pattern = builder->pattern_cnt++;
  return WEIR_OK;
}

/* ---- Finishing */

static int by_digits(const void *a, const void *b) {
  const struct weir_trigger *x = a, *y = b;
  if (x->gate.digits != y->gate.digits) return x->gate.digits < y->gate.digits ? -1 : 1;
  return (x->pattern > y->pattern) - (x->pattern < y->pattern);
}

static struct weir_trigger *keep_triggers(struct weir_arena *arena, const struct triggers *triggers) {
  struct weir_trigger *kept = weir_arena_array(arena, triggers->cnt, sizeof *kept);
  if (kept && triggers->cnt) memcpy(kept, triggers->items, triggers->cnt * sizeof *kept);
  return kept;
}

/* The fewest digits first: when one gate has too few of them, so have all that follow. */
static const struct weir_trigger *keep_always(struct weir_arena *arena, const struct triggers *triggers) {
  struct weir_trigger *kept = keep_triggers(arena, triggers);
  if (kept && triggers->cnt > 1) qsort(kept, triggers->cnt, sizeof *kept, by_digits);
  return kept;
}

static weir_status build_prefilters(struct weir_matcher_builder *builder, struct weir_matcher *matcher) {
  const struct weir_trigger *triggers = keep_triggers(builder->arena, &builder->triggers);
  weir_status status = triggers ? WEIR_OK : WEIR_E_NOMEM;
  if (status == WEIR_OK && builder->loose.cnt + builder->always_loose.cnt == 0) {
    status = weir_quiet_build(builder->arena, builder->work, builder->pool, builder->strict.items, builder->strict.cnt, builder->triggers.items, builder->always.items,
                              builder->always.cnt, builder->kinds, &matcher->quiet);
  }
  matcher->always = keep_always(builder->arena, &builder->always);
  matcher->always_loose = keep_always(builder->arena, &builder->always_loose);
  if (!matcher->always || !matcher->always_loose) status = WEIR_E_NOMEM;
  matcher->always_cnt = (uint32_t)builder->always.cnt;
  matcher->always_loose_cnt = (uint32_t)builder->always_loose.cnt;
  if (status == WEIR_OK && builder->strict.cnt) {
    status = weir_prefilter_build(builder->arena, builder->work, builder->pool, builder->strict.items, builder->strict.cnt, triggers, &matcher->strict);
  }
  if (status == WEIR_OK && builder->loose.cnt) {
    status = weir_prefilter_build(builder->arena, builder->work, builder->pool, builder->loose.items, builder->loose.cnt, triggers, &matcher->loose);
  }
  return status;
}

weir_status weir_matcher_finish(struct weir_matcher_builder *builder, const struct weir_matcher **out, weir_error *err) {
  struct weir_matcher *matcher = weir_arena_zalloc(builder->arena, sizeof *matcher);
  struct weir_pattern *patterns = weir_arena_array(builder->arena, builder->pattern_cnt, sizeof *patterns);
  struct weir_kinds *kinds = weir_arena_alloc(builder->arena, sizeof *kinds);
  struct weir_jit *jit = weir_arena_alloc(builder->arena, sizeof *jit);
  *out = NULL;
  if (!matcher || !patterns || !kinds || !jit) return weir_fail(err, WEIR_E_NOMEM, "the memory for the ruleset does not suffice for patterns");
  if (builder->pattern_cnt) memcpy(patterns, builder->patterns, builder->pattern_cnt * sizeof *patterns);
  *kinds = *builder->kinds;
  matcher->kinds = kinds;
  matcher->patterns = patterns;
  matcher->pattern_cnt = builder->pattern_cnt;
  matcher->counter_cnt = builder->counter_cnt;
  for (uint32_t i = 0; i < matcher->pattern_cnt; i++) {
    const struct weir_pattern *p = &patterns[i];
    if (p->loose) matcher->any_loose = true;
    if (p->regex_cnt + p->class_cnt + p->except_class_cnt) matcher->any_regex = true;
  }
  if (build_prefilters(builder, matcher) != WEIR_OK) {
    return weir_fail(err, WEIR_E_NOMEM, "the memory for the ruleset does not suffice for the prefilter");
  }
  /* The machine code belongs to the matcher now. */
  *jit = *weir_regex_compiler_jit(builder->context.compiler);
  *weir_regex_compiler_jit(builder->context.compiler) = (struct weir_jit){ .on = false };
  if (jit->on) matcher->jit = jit;
  *out = matcher;
  return WEIR_OK;
}

void weir_matcher_abandon(struct weir_matcher_builder *builder) {
  if (builder) weir_jit_release(weir_regex_compiler_jit(builder->context.compiler));
}

void weir_matcher_release(const struct weir_matcher *matcher) {
  if (matcher && matcher->jit) weir_jit_release(matcher->jit);
}

size_t weir_matcher_jit_bytes(const struct weir_matcher *matcher) { return matcher && matcher->jit ? matcher->jit->bytes : 0; }

size_t weir_matcher_unfiltered(const struct weir_matcher *matcher, uint32_t *patterns, size_t cap) {
  size_t cnt = 0;
  for (uint32_t i = 0; i < matcher->always_cnt + matcher->always_loose_cnt; i++) {
    const struct weir_trigger *t = i < matcher->always_cnt ? &matcher->always[i] : &matcher->always_loose[i - matcher->always_cnt];
    if (!weir_gate_open(matcher->kinds, &t->gate)) continue;
    if (cnt < cap) patterns[cnt] = t->pattern;
    cnt++;
  }
  return cnt;
}
