/* regex_hints.h: private to match/. */
#ifndef WEIR_MATCH_REGEX_HINTS_H
#define WEIR_MATCH_REGEX_HINTS_H

/* What to do about an error of pcre2_compile; "" for those that no pattern can bring about. */
const char *weir_regex_hint(int error);

#endif
