/* match/: which patterns are in a text. Uses text/ and base/. Knows patterns by number, and nothing of rules, people or
 * actions. The only place that includes pcre2.h.
 *
 * A pattern is what one rule looks for: keywords, regular expressions, or both (either is enough), and words that forbid
 * it. All patterns of a ruleset are one matcher: immutable, in the ruleset's arena. What changes while matching is in a
 * scratch that belongs to one engine. A limit is the third answer beside match and no match.
 *
 * Matching is two steps with one meaning: weir_match_text runs a prefilter once over the text and yields a superset of
 * the patterns that can match; weir_match_pattern decides one of them exactly. With the prefilter off every pattern is a
 * candidate and all answers are the same (make diff). */
#ifndef WEIR_MATCH_MATCH_H
#define WEIR_MATCH_MATCH_H

#include "base/arena.h"
#include "limits.h"

struct weir_matcher;
struct weir_matcher_builder;
struct weir_match;

enum weir_word_mode { WEIR_MODE_WORD = 0, WEIR_MODE_CONTAINS, WEIR_MODE_EQUAL, WEIR_MODE_PREFIX };

/* ---- Building (loading time) */

/* Looks up a word list by name for {name} in a regex or a keyword; false: there is none. */
struct weir_word_lists {
  bool (*find)(void *ctx, weir_str name, const weir_str **words, size_t *word_cnt);
  /* The nearest known name, for messages; may give an empty string. */
  weir_str (*nearest)(void *ctx, weir_str name);
  void *ctx;
};

struct weir_pattern_spec {
  const weir_str *keywords; /* as written; "{list}" alone stands for the words of a list */
  size_t keyword_cnt;
  enum weir_word_mode mode;
  const weir_str *regexes;  /* PCRE2, as written, with {list} filled in here */
  size_t regex_cnt;
  const weir_str *excepts;  /* word mode; "{list}" alone stands for the words of a list */
  size_t except_cnt;
  bool loose;               /* spaces and punctuation between letters do not count */
};

/* What is wrong with a pattern: which text, and where in it as it was written. */
struct weir_pattern_error {
  weir_str source;     /* the keyword, regex or except */
  size_t offset;       /* bytes into source; source.len: at the end or unknown */
  char message[WEIR_REGEX_MESSAGE_MAX];
  char hint[WEIR_REGEX_MESSAGE_MAX];      /* what to do; may be empty */
};

/* `work` is used for building and may be released after weir_matcher_finish. */
weir_status weir_matcher_begin(struct weir_matcher_builder **out, struct weir_arena *arena, struct weir_arena *work,
                               const struct weir_word_lists *lists, weir_error *err);
/* Regexes that are added from now on become machine code (regex_jit.h says what that costs). It counts against the limit of
 * `arena`, but lies beside it: weir_matcher_release, or weir_matcher_abandon before it is finished, gives it back.
 * Errors: WEIR_E_ARG: PCRE2 cannot make any here, and why; WEIR_E_NOMEM. */
weir_status weir_matcher_jit(struct weir_matcher_builder *builder, weir_error *err);
/* Patterns are numbered from 0 in the order they are added, which is the order they are tried.
 * Errors: WEIR_E_RULES (*bad says what), WEIR_E_LIMIT, WEIR_E_NOMEM. After an error the builder can go on with others. */
weir_status weir_matcher_add(struct weir_matcher_builder *builder, const struct weir_pattern_spec *spec, uint32_t *pattern,
                             struct weir_pattern_error *bad, weir_error *err);
weir_status weir_matcher_finish(struct weir_matcher_builder *builder, const struct weir_matcher **out, weir_error *err);
/* Gives back what lies outside the arenas: of a builder that will not be finished, and of a matcher before its arena goes. */
void weir_matcher_abandon(struct weir_matcher_builder *builder);
void weir_matcher_release(const struct weir_matcher *matcher);

/* Bytes of code made by JIT, what was compiled for it included; 0: the matcher has none. */
size_t weir_matcher_jit_bytes(const struct weir_matcher *matcher);

/* Patterns that the prefilter cannot narrow down: they run on every text. For `check`. */
size_t weir_matcher_unfiltered(const struct weir_matcher *matcher, uint32_t *patterns, size_t cap);

/* PCRE2's version and Unicode version, for the environment hash. */
weir_str weir_match_version(char *buf, size_t cap);

/* ---- Matching (event path: no allocation outside the scratch) */

/* Bytes of a scratch for this matcher. */
size_t weir_match_bytes(const struct weir_matcher *matcher);
/* Bytes of the heap that PCRE2 matches in: held now, held at most ever, and how many there are (0: no rule has a regex). */
void weir_match_memory(const struct weir_match *match, size_t *live, size_t *peak, size_t *limit);
/* Lays a scratch into `block` (16-byte aligned, weir_match_bytes long). */
weir_status weir_match_open(struct weir_match **out, const struct weir_matcher *matcher, void *block, size_t len, weir_error *err);

/* Takes a text: folds it (cutting what is longer than WEIR_TEXT_MAX) and finds the candidates. `text` must live until the
 * next call. *cut says that it was cut. `prefilter` false: every pattern is a candidate.
 * Without the prefilter the event has no budget of its own (every pattern is tried, for comparing): only the limits of a
 * single call hold. A text that costs the prefilter too much is treated so too, but keeps its budget.
 * Errors: WEIR_E_FORMAT: not UTF-8 (the message says at which byte). */
weir_status weir_match_text(struct weir_match *match, weir_str text, bool prefilter, bool *cut, weir_error *err);

/* The first candidate >= from, or UINT32_MAX. */
uint32_t weir_match_next(const struct weir_match *match, uint32_t from);

enum weir_match_answer {
  WEIR_MATCH_NO = 0,
  WEIR_MATCH_YES = 1,
  WEIR_MATCH_LIMIT = 2,  /* a limit struck: not known */
  WEIR_MATCH_EXCEPT = 3  /* it would match, but a forbidding word is there */
};

#define WEIR_MATCH_GROUPS (WEIR_PATTERN_CAPTURES_MAX + 1) /* the whole match and WEIR_PATTERN_CAPTURES_MAX captures */

struct weir_match_found {
  /* Spans in the original text; [0] is the whole match, for EXCEPT the forbidding word; absent groups have start == end == 0. */
  struct { size_t start, end; } group[WEIR_MATCH_GROUPS];
  uint32_t group_cnt;
  weir_str limit; /* for WEIR_MATCH_LIMIT: "match steps", "match depth", "match memory", "start positions", "steps of this event" */
};

/* Tells which of a pattern's keywords (regex false) and regexes are in the text at hand, for tests. Charges nobody's budget. */
void weir_match_parts(struct weir_match *match, uint32_t pattern, void (*tell)(void *ctx, bool regex, uint32_t index), void *ctx);
/* A pattern's keyword as it is compared; empty: there are no more. How many regexes it has, and whether words forbid it. */
weir_str weir_matcher_keyword(const struct weir_matcher *matcher, uint32_t pattern, uint32_t index);
uint32_t weir_matcher_regexes(const struct weir_matcher *matcher, uint32_t pattern);
bool weir_matcher_excepts(const struct weir_matcher *matcher, uint32_t pattern);

/* Decides one pattern, candidate or not. *found is filled for YES, EXCEPT and LIMIT. Of several places the leftmost,
 * of several keywords at one place the longest, keywords before regexes. */
enum weir_match_answer weir_match_pattern(struct weir_match *match, uint32_t pattern, struct weir_match_found *found);

/* Stops long matches: asked now and then; true makes the answer WEIR_MATCH_LIMIT with limit "deadline". */
void weir_match_deadline(struct weir_match *match, bool (*deadline)(void *ctx), void *ctx);

/* Work done on the text at hand, in steps of the event's budget. */
uint64_t weir_match_steps(const struct weir_match *match);

/* The folded text at hand. */
weir_str weir_match_folded(struct weir_match *match);

#endif
