/* regex_jit.h: machine code for regexes, on request. For regex.c and builder.c only.
 *
 * What it costs, and why it is not the default: the code lies in pages of PCRE2's own that are writable and executable, beside
 * the ruleset's arena (its bytes are counted against the arena's limit all the same); the depth and heap limits do not hold
 * for it, a stack of 32 KiB of its own does; and it counts the match limit in another way, so that a regex which strikes a
 * limit with it may not strike one without it, or the other way round. The charges of callouts (regex_cost.c) are the same
 * for both, and so is every answer that is no limit. Stacks that grow are never used: before PCRE2 10.49 they write out of
 * bounds. */
#ifndef WEIR_MATCH_REGEX_JIT_H
#define WEIR_MATCH_REGEX_JIT_H

#include "base/arena.h"

/* All machine code of a ruleset: it must be given back by hand. */
struct weir_jit_code;
struct weir_jit {
  bool on;
  struct weir_jit_code *codes;
  size_t bytes;
};

/* Whether PCRE2 can make machine code here; the error says why not. */
weir_status weir_jit_begin(struct weir_jit *jit, weir_error *err);
/* NULL in *code: PCRE2 makes none of this regex (it stays with the interpreter). false: no memory. */
bool weir_jit_compile(struct weir_jit *jit, struct weir_arena *arena, weir_str text, uint32_t options, const void **code);
void weir_jit_release(struct weir_jit *jit);

#endif
