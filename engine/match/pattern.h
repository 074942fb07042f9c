/* pattern.h: compiled patterns and the text they are tried on. Inside match/ only. */
#ifndef WEIR_MATCH_PATTERN_H
#define WEIR_MATCH_PATTERN_H

#include "base/arena.h"
#include "base/heap.h"
#include "match/match.h"
#include "match/regex_jit.h"
#include "match/regex_tree.h"
#include "limits.h"

/* A text as patterns see it. A loose view knows where its bytes stand in the strict folding, because edges of words are
 * looked for there: in "我 要 p d f" the letters of "pdf" have other neighbours than in the loose "我要pdf". */
struct weir_view {
  weir_str text;
  weir_str strict;
  const uint16_t *place;      /* loose: byte of `strict` for each byte of `text`, and one for its end; else NULL */
  bool cored;                 /* the ends below are known: they are looked for when first needed */
  size_t core_start, core_end; /* without punctuation, emoji and space at the ends */
  size_t bare_start, bare_end; /* without space at the ends */
};

bool weir_view_starts(const struct weir_view *view, size_t at);
bool weir_view_ends(const struct weir_view *view, size_t at);
/* A letter or digit begins, or ends, at `at`. */
bool weir_word_char_at(weir_str text, size_t at);
bool weir_word_char_before(weir_str text, size_t at);

/* ---- keyword.c */

enum weir_keyword_mode {
  WEIR_KEYWORD_WORD,
  WEIR_KEYWORD_CONTAINS,
  WEIR_KEYWORD_EQUAL,       /* the core of the text */
  WEIR_KEYWORD_EQUAL_BARE,  /* the text without space at its ends: keywords of punctuation and emoji only */
  WEIR_KEYWORD_PREFIX,      /* at the beginning of the core */
  WEIR_KEYWORD_PREFIX_BARE  /* at the beginning, space aside: keywords that begin with punctuation or emoji */
};

struct weir_keyword {
  const char *ptr;
  uint8_t len;
  uint8_t mode;
};

struct weir_span { size_t start, end; };

/* The mode and the part of a folded word that is compared. */
struct weir_keyword weir_keyword_make(weir_str folded, enum weir_word_mode mode);
/* Whether the keyword, whose bytes stand at `at`, counts there. */
bool weir_keyword_counts(const struct weir_keyword *keyword, struct weir_view *view, size_t at);
/* The first place of the keyword. */
bool weir_keyword_find(const struct weir_keyword *keyword, struct weir_view *view, size_t *at);
/* The leftmost of all keywords, the longest there. */
bool weir_keywords_find(const struct weir_keyword *keywords, size_t keyword_cnt, struct weir_view *view, struct weir_span *span);

/* ---- regex.c */

/* What a text must hold before PCRE2 is asked (features.c). */
#define WEIR_GATE_GRAMS 6
struct weir_gate {
  uint64_t needs;                   /* bits of kinds of characters: all must be there */
  uint16_t digits;                  /* digits in a row */
  uint16_t longest;                 /* characters of the text at most; 0: any */
  uint8_t gram_cnt;
  uint8_t last;                     /* bit i: grams[i] ends its group; one of each group must be there */
  uint16_t grams[WEIR_GATE_GRAMS];
  uint8_t times;                    /* of a trigger: how many of its literals must be found; 0 or 1: one */
  uint16_t counter;                 /* which counter counts them */
  uint8_t exact_least, exact_most;  /* a row of so many digits and no more; exact_most 0: not asked */
  uint8_t after;                    /* 1 + hash of what stands right behind a row of three digits and more; 0: not asked */
  uint8_t order;                    /* 1 + which letters must follow each other (weir_kinds); 0: not asked */
};

struct weir_regex {
  const void *code;                 /* pcre2_code */
  bool jit;                         /* it is machine code */
  struct weir_gate gate;
  bool triggered;                   /* literals in the prefilter stand for it */
  uint8_t begin_cnt;                /* every match begins with one of these; 0: not known */
  const struct weir_beginning *begins;
};

struct weir_beginning {
  char text[24];                    /* the beginning, or the first 24 bytes of it */
  uint8_t len;
  uint8_t rare;                     /* offset of its rarest byte */
};

struct weir_regex_compiler;
/* Takes its memory from `work`; compiled regexes go to `arena`. NULL: no memory. */
struct weir_regex_compiler *weir_regex_compiler_new(struct weir_arena *arena, struct weir_arena *work);
/* Machine code: what it is to make, and what it has made. */
struct weir_jit *weir_regex_compiler_jit(struct weir_regex_compiler *compiler);
/* false: the reader has failed. */
bool weir_regex_compile(struct weir_regex_compiler *compiler, struct weir_reader *reader, const struct weir_regex_text *text,
                        struct weir_regex *out);
/* After a failure: what PCRE2 says about the regex as it was written, which is better than ours when it refuses it. */
void weir_regex_explain(struct weir_regex_compiler *compiler, struct weir_reader *reader, weir_str source);

/* Budget of an event, shared by all its patterns. */
struct weir_steps {
  uint64_t used, limit;
  bool (*deadline)(void *ctx);
  void *deadline_ctx;
  uint64_t deadline_next;
};

struct weir_regex_run;
#define WEIR_REGEX_RUN_BYTES 1024
/* Lays a run into `block`, with a heap of WEIR_MATCH_HEAP_BYTES at `heap`. NULL: they are too small. */
struct weir_regex_run *weir_regex_run_open(void *block, void *heap, struct weir_steps *steps);
void weir_regex_run_memory(const struct weir_regex_run *run, size_t *live, size_t *peak, size_t *limit);
/* Decides one regex. group[] is filled for YES, *limit for LIMIT. */
enum weir_match_answer weir_regex_match(struct weir_regex_run *run, const struct weir_regex *regex, const struct weir_view *view,
                                        struct weir_span group[WEIR_MATCH_GROUPS], uint32_t *group_cnt, weir_str *limit);

/* Charges steps; false: the event's budget is used up or the deadline has struck, and *limit says which. */
bool weir_steps_charge(struct weir_steps *steps, uint64_t cnt, weir_str *limit);

/* ---- spec.c */

struct weir_pattern {
  const struct weir_keyword *keywords, *excepts;
  const struct weir_regex *classes;  /* keywords that are classes, such as {phone} */
  const struct weir_regex *regexes;
  const struct weir_regex *except_classes;
  uint32_t keyword_cnt, except_cnt;
  uint16_t class_cnt, regex_cnt, except_class_cnt;
  bool loose;
};

/* What a pattern is compiled with. */
struct weir_spec_context {
  struct weir_arena *arena, *work;   /* work: reset between patterns */
  const struct weir_word_lists *lists;
  struct weir_regex_compiler *compiler;
  /* Told of every regex of the pattern, for the prefilter; false: no memory. */
  bool (*noted)(void *ctx, const struct weir_node *tree, bool except, struct weir_regex *regex);
  void *ctx;
};

weir_status weir_pattern_compile(struct weir_spec_context *context, const struct weir_pattern_spec *spec, struct weir_pattern *out,
                                 struct weir_pattern_error *bad);

#endif
