/* regex_options.h: how PCRE2 is set up for every regex, interpreted or as machine code. For files that include pcre2.h. */
#ifndef WEIR_MATCH_REGEX_OPTIONS_H
#define WEIR_MATCH_REGEX_OPTIONS_H

#define WEIR_REGEX_OPTIONS (PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C)

static inline void weir_regex_options(pcre2_compile_context *context) {
  (void)pcre2_set_parens_nest_limit(context, 2 * WEIR_PATTERN_PARENS_MAX + 16); /* lists and classes nest on top of the author's own */
  (void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
  (void)pcre2_set_bsr(context, PCRE2_BSR_UNICODE);
}

#endif
