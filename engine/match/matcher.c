/* matcher.c: laying out a scratch, taking a text, walking its candidates. Deciding one pattern is in decide.c. */
#include "limits.h"
#include "match/matcher.h"
#include "text/fold.h"
#include "text/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define TEXT_PAD 64 /* bytes behind a folded text that may be read: scanning goes in blocks */

weir_str weir_match_version(char *buf, size_t cap) {
  char version[WEIR_VERSION_TEXT_MAX], unicode[WEIR_VERSION_TEXT_MAX];
  struct weir_buf out;
  (void)pcre2_config(PCRE2_CONFIG_VERSION, version);
  (void)pcre2_config(PCRE2_CONFIG_UNICODE_VERSION, unicode);
  weir_buf_init(&out, buf, cap);
  weir_buf_printf(&out, "pcre2 %s unicode %s", version, unicode);
  return weir_buf_view(&out);
}

/* ---- Scratch */

/* Hands out parts of a block; with no block it only adds up. */
struct layout { unsigned char *block; size_t used; };

static void *part(struct layout *layout, size_t len) {
  void *at = layout->block ? layout->block + layout->used : NULL;
  layout->used += (len + 15) & ~(size_t)15;
  return at;
}

static size_t mark_words(const struct weir_matcher *matcher) { return matcher->pattern_cnt / 64 + 1; }
static size_t touched_words(const struct weir_matcher *matcher) { return mark_words(matcher) / 64 + 1; }

/* The parts of a scratch; *match is filled with where they lie, *run and *heap are for PCRE2. */
static size_t lay_out(const struct weir_matcher *matcher, void *block, struct weir_match **out, struct weir_match *match, void **run, void **heap) {
  struct layout layout = { block, 0 };
  size_t words = mark_words(matcher) * sizeof(uint64_t);
  *out = part(&layout, sizeof **out);
  *match = (struct weir_match){ .matcher = matcher };
  match->strict_room = part(&layout, WEIR_FOLD_MAX + TEXT_PAD);
  match->marks.touched = part(&layout, touched_words(matcher) * sizeof(uint64_t));
  match->marks.candidates = part(&layout, words);
  match->marks.hits = part(&layout, words);
  match->counters = part(&layout, matcher->counter_cnt * sizeof *match->counters);
  match->spans = part(&layout, matcher->pattern_cnt * sizeof *match->spans);
  match->strict_features = part(&layout, sizeof *match->strict_features);
  if (matcher->any_loose) {
    match->loose_room = part(&layout, WEIR_FOLD_MAX + TEXT_PAD);
    match->place = part(&layout, (WEIR_FOLD_MAX + 1) * sizeof *match->place);
    match->loose_features = part(&layout, sizeof *match->loose_features);
  }
  *run = matcher->any_regex ? part(&layout, WEIR_REGEX_RUN_BYTES) : NULL;
  *heap = matcher->any_regex ? part(&layout, WEIR_MATCH_HEAP_BYTES) : NULL;
  return layout.used;
}

size_t weir_match_bytes(const struct weir_matcher *matcher) {
  struct weir_match *out, match;
  void *run, *heap;
  return lay_out(matcher, NULL, &out, &match, &run, &heap);
}

void weir_match_memory(const struct weir_match *match, size_t *live, size_t *peak, size_t *limit) {
  *live = *peak = *limit = 0;
  if (match->run) weir_regex_run_memory(match->run, live, peak, limit);
}

weir_status weir_match_open(struct weir_match **out, const struct weir_matcher *matcher, void *block, size_t len, weir_error *err) {
  struct weir_match *match, parts;
  void *run, *heap;
  *out = NULL;
  if (len < weir_match_bytes(matcher) || (uintptr_t)block % 16 != 0) return weir_fail(err, WEIR_E_ARG, "the block for matching is too small or not aligned");
  (void)lay_out(matcher, block, &match, &parts, &run, &heap);
  memset(block, 0, (size_t)((char *)parts.spans - (char *)block));
  memset(parts.strict_features, 0, sizeof *parts.strict_features);
  if (matcher->any_loose) memset(parts.loose_features, 0, sizeof *parts.loose_features);
  *match = parts;
  match->steps.limit = WEIR_MATCH_EVENT_STEPS;
  match->strict.text = match->strict.strict = (weir_str){ match->strict_room, 0 };
  match->scan = weir_prefilter_best();
  match->quiet = matcher->quiet ? weir_quiet_best() : NULL;
  match->folded = true;
  match->refused = true; /* no text yet */
  if (matcher->any_regex && !(match->run = weir_regex_run_open(run, heap, &match->steps))) {
    return weir_fail(err, WEIR_E_NOMEM, "the block for matching does not suffice for PCRE2");
  }
  *out = match;
  return WEIR_OK;
}

/* ---- Texts */

/* Where each byte of the loose text stands in the strict one: the loose is the strict with gaps left out. */
static void align(weir_str strict, weir_str loose, uint16_t *place) {
  size_t at = 0;
  for (size_t i = 0; i < loose.len; i++) {
    while (at < strict.len && strict.ptr[at] != loose.ptr[i]) at++;
    place[i] = (uint16_t)at;
    if (at < strict.len) at++;
  }
  place[loose.len] = (uint16_t)strict.len;
}

static void make_loose(struct weir_match *match) {
  size_t len, consumed;
  (void)weir_fold_loose(match->text, match->loose_room, WEIR_FOLD_MAX, &len, &consumed);
  memset(match->loose_room + len, 0, TEXT_PAD);
  match->loose = (struct weir_view){ .text = { match->loose_room, len }, .strict = match->strict.text, .place = match->place };
  align(match->strict.text, match->loose.text, match->place);
  match->loose_ready = true;
}

/* Folds the text at hand; *consumed is how much of it. */
static enum weir_fold_result make_strict(struct weir_match *match, size_t *consumed) {
  size_t len;
  enum weir_fold_result result = weir_fold(match->text, match->strict_room, WEIR_FOLD_MAX, &len, consumed);
  if (result == WEIR_FOLD_INVALID) len = 0;
  memset(match->strict_room + len, 0, TEXT_PAD);
  match->strict = (struct weir_view){ .text = { match->strict_room, len }, .strict = { match->strict_room, len } };
  match->folded = true;
  return result;
}

struct weir_view *weir_match_view(struct weir_match *match, bool loose) {
  size_t consumed;
  if (!match->folded) (void)make_strict(match, &consumed);
  if (!loose) return &match->strict;
  if (!match->loose_ready) make_loose(match);
  return &match->loose;
}

static weir_str cut_text(weir_str text, bool *cut) {
  *cut = text.len > WEIR_TEXT_MAX;
  if (!*cut) return text;
  text.len = WEIR_TEXT_MAX;
  while (text.len > 0 && text.len > WEIR_TEXT_MAX - 4 && ((unsigned char)text.ptr[text.len] & 0xC0) == 0x80) text.len--;
  return text;
}

static void next_text(struct weir_match *match) {
  if (++match->text_number != 0) return;
  memset(match->counters, 0, match->matcher->counter_cnt * sizeof *match->counters);
  match->text_number = 1;
}

/* ---- Candidates */

static void clear_marks(struct weir_match *match) {
  size_t words = touched_words(match->matcher);
  for (size_t i = 0; i < words; i++) {
    for (uint64_t rest = match->marks.touched[i]; rest; rest &= rest - 1) {
      size_t word = i * 64 + (size_t)__builtin_ctzll(rest);
      match->marks.candidates[word] = match->marks.hits[word] = 0;
    }
    match->marks.touched[i] = 0;
  }
}

bool weir_match_gate(struct weir_match *match, const struct weir_regex *regex, bool loose) {
  return weir_gate_passes(&regex->gate, match->matcher->kinds, weir_match_view(match, loose)->text, loose ? match->loose_features : match->strict_features);
}

/* Regexes without literals. They are sorted by the digits they need. */
static void ask_always(struct weir_match *match, const struct weir_trigger *always, uint32_t cnt, struct weir_view *view) {
  struct weir_features *features = view == &match->loose ? match->loose_features : match->strict_features;
  for (uint32_t i = 0; i < cnt; i++) {
    if (always[i].gate.digits && !weir_digits_pass(always[i].gate.digits, view->text, features)) return;
    weir_match_trigger(match, &always[i], view);
  }
}

static void find_candidates(struct weir_match *match) {
  const struct weir_matcher *m = match->matcher;
  struct weir_view *loose = m->loose || m->always_loose_cnt ? weir_match_view(match, true) : NULL;
  match->known = (!m->strict || match->scan(m->strict, match, &match->strict)) && (!m->loose || match->scan(m->loose, match, loose));
  if (!match->known) return;
  ask_always(match, m->always, m->always_cnt, &match->strict);
  ask_always(match, m->always_loose, m->always_loose_cnt, loose);
}

weir_status weir_match_text(struct weir_match *match, weir_str text, bool prefilter, bool *cut, weir_error *err) {
  size_t consumed;
  enum weir_fold_result result;
  match->text = text = cut_text(text, cut);
  clear_marks(match);
  next_text(match);
  weir_features_reset(match->strict_features);
  if (match->loose_features) weir_features_reset(match->loose_features);
  match->loose_ready = match->known = match->refused = false;
  match->steps.used = 0;
  match->steps.deadline_next = WEIR_MATCH_DEADLINE_STEPS;
  /* Without the prefilter every pattern is tried, for comparing: then only the limits of a single call apply. */
  match->steps.limit = prefilter ? WEIR_MATCH_EVENT_STEPS : UINT64_MAX;
  if (prefilter && match->quiet && match->quiet(match->matcher->quiet, text)) {
    match->folded = false;
    match->known = true;
    return WEIR_OK;
  }
  result = make_strict(match, &consumed);
  if (result == WEIR_FOLD_CUT) *cut = true, match->text.len = consumed;
  match->refused = result == WEIR_FOLD_INVALID;
  if (match->refused) match->text.len = 0;
  if (match->refused) return weir_fail(err, WEIR_E_FORMAT, "the text is not UTF-8 at byte %zu", consumed);
  if (prefilter) find_candidates(match);
  return WEIR_OK;
}

uint32_t weir_match_next(const struct weir_match *match, uint32_t from) {
  size_t word = from >> 6, words = mark_words(match->matcher);
  uint64_t bits;
  if (match->refused || from >= match->matcher->pattern_cnt) return UINT32_MAX;
  if (!match->known) return from;
  bits = match->marks.candidates[word] & (~UINT64_C(0) << (from & 63));
  while (bits == 0) {
    uint64_t touched;
    if (++word >= words) return UINT32_MAX;
    touched = match->marks.touched[word >> 6] >> (word & 63);
    if (touched == 0) {
      word |= 63;
      continue;
    }
    word += (size_t)__builtin_ctzll(touched);
    bits = match->marks.candidates[word];
  }
  return (uint32_t)(word * 64 + (size_t)__builtin_ctzll(bits));
}

void weir_match_deadline(struct weir_match *match, bool (*deadline)(void *ctx), void *ctx) {
  match->steps.deadline = deadline;
  match->steps.deadline_ctx = ctx;
}

uint64_t weir_match_steps(const struct weir_match *match) { return match->steps.used; }

weir_str weir_match_folded(struct weir_match *match) { return weir_match_view(match, false)->text; }
