/* matcher.h: all patterns of a ruleset together, and the scratch of one engine. Inside match/ only. */
#ifndef WEIR_MATCH_MATCHER_H
#define WEIR_MATCH_MATCHER_H

#include "match/features.h"
#include "match/pattern.h"
#include "match/prefilter.h"
#include "match/quiet.h"

struct weir_matcher {
  const struct weir_pattern *patterns;
  uint32_t pattern_cnt;
  bool any_regex, any_loose;
  const struct weir_prefilter *strict, *loose; /* NULL: no literals */
  const struct weir_quiet *quiet; /* NULL: every text is folded */
  const struct weir_kinds *kinds;
  const struct weir_trigger *always, *always_loose; /* regexes without literals: their gates are asked for every text */
  uint32_t always_cnt, always_loose_cnt;
  uint32_t counter_cnt;      /* triggers that need more than one literal */
  struct weir_jit *jit;      /* NULL: no machine code */
};

/* Bits for patterns. One word of `touched` says which of 64 words are not zero, so that emptying and walking skip the rest. */
struct weir_marks {
  uint64_t *candidates;      /* may match */
  uint64_t *hits;            /* a keyword was found: spans[] has the place */
  uint64_t *touched;
};

/* How many literals of a trigger were found in text number `text`. */
struct weir_counter { uint32_t text, cnt; };

struct weir_match {
  const struct weir_matcher *matcher;
  struct weir_regex_run *run;     /* NULL: there are no regexes */
  weir_str text;                  /* as given, cut */
  struct weir_view strict, loose;
  bool folded;                    /* a quiet text is folded when somebody asks for it */
  bool loose_ready;
  bool refused;                   /* the text is not UTF-8: there are no candidates */
  bool known;                     /* the marks are what the prefilter found; else every pattern is a candidate */
  struct weir_steps steps;
  struct weir_marks marks;
  uint32_t *spans;                /* start and end << 16, for patterns with a hit */
  struct weir_counter *counters;
  uint32_t text_number;
  weir_prefilter_scanner scan;
  weir_quiet_scanner quiet;       /* NULL: every text is folded */
  struct weir_features *strict_features, *loose_features;
  char *strict_room, *loose_room;
  uint16_t *place;
};

/* The view that a pattern is tried on. */
struct weir_view *weir_match_view(struct weir_match *match, bool loose);
/* Whether the gate of a regex lets the text pass. */
bool weir_match_gate(struct weir_match *match, const struct weir_regex *regex, bool loose);

static inline void weir_match_touch(struct weir_match *match, uint32_t pattern) {
  match->marks.touched[pattern >> 12] |= UINT64_C(1) << ((pattern >> 6) & 63);
}

static inline bool weir_match_count(struct weir_match *match, const struct weir_gate *gate) {
  struct weir_counter *counter = &match->counters[gate->counter];
  if (counter->text != match->text_number) *counter = (struct weir_counter){ match->text_number, 0 };
  return ++counter->cnt >= gate->times;
}

/* A regex may match, unless its gate knows better: its pattern becomes a candidate. */
static inline void weir_match_trigger(struct weir_match *match, const struct weir_trigger *trigger, const struct weir_view *view) {
  uint64_t bit = UINT64_C(1) << (trigger->pattern & 63), *word = &match->marks.candidates[trigger->pattern >> 6];
  struct weir_features *features = view == &match->loose ? match->loose_features : match->strict_features;
  if ((*word & bit) || (trigger->gate.times > 1 && !weir_match_count(match, &trigger->gate))) return;
  if (!weir_gate_passes(&trigger->gate, match->matcher->kinds, view->text, features)) return;
  if (trigger->near.first_len && !weir_near_passes(&trigger->near, view->text)) return;
  *word |= bit;
  weir_match_touch(match, trigger->pattern);
  __builtin_prefetch(&match->matcher->patterns[trigger->pattern]);
}

/* Whether the text may hold a pair of bytes. */
static inline bool weir_match_has_gram(struct weir_match *match, uint32_t gram, const struct weir_view *view) {
  struct weir_features *features = view == &match->loose ? match->loose_features : match->strict_features;
  if (gram == WEIR_NO_GRAM) return true;
  if (!features->grams_ready) weir_features_grams(view->text, features);
  return features->stamps[gram] == features->epoch;
}

/* A keyword of the pattern is in the text: the leftmost counts, the longest there. */
static inline void weir_match_hit(struct weir_match *match, uint32_t pattern, size_t start, size_t end) {
  uint64_t bit = UINT64_C(1) << (pattern & 63), *word = &match->marks.hits[pattern >> 6];
  uint32_t *span = &match->spans[pattern];
  if ((*word & bit) && (start > (*span & 0xFFFF) || (start == (*span & 0xFFFF) && end <= *span >> 16))) return;
  *span = (uint32_t)start | (uint32_t)end << 16;
  *word |= bit;
  match->marks.candidates[pattern >> 6] |= bit;
  weir_match_touch(match, pattern);
  __builtin_prefetch(&match->matcher->patterns[pattern]);
}

static inline bool weir_match_hit_of(const struct weir_match *match, uint32_t pattern, struct weir_span *span) {
  if (!((match->marks.hits[pattern >> 6] >> (pattern & 63)) & 1)) return false;
  *span = (struct weir_span){ match->spans[pattern] & 0xFFFF, match->spans[pattern] >> 16 };
  return true;
}

/* builder.c */
struct weir_matcher_builder;

#endif
