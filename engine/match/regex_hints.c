/* regex_hints.c: what to do about each error of PCRE2 that a person can make in a pattern, in words for somebody who does not know regular
 * expressions by heart. PCRE2 says what is wrong; this says what to write. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "match/regex_hints.h"

#define CLOSE_GROUP "each `(` needs its `)`; a bracket that is meant as such is written \\("
#define NAMES "names are of letters, digits and `_`, as in (?<city>...), and are read as {match.1} by their number"
#define GROUPS "after `(?` comes `:` for a group, `=` or `!` for what must or must not follow, `<=` or `<!` for what must or must not stand before; a question mark that is meant as such is written \\?"
#define NUMBER_OF_GROUP "groups are counted from 1, by their `(` from the left: \\1 is what the first one found"
#define CODE_POINTS "a character by its number is written \\x{4E2D}, at most \\x{10FFFF}; simpler is the character itself"
#define PROPERTIES "such as \\p{L} for letters, \\p{N} for digits, \\p{Han} for hanzi"
#define VERBS "(*...) is for experts and not needed in rules: leave it out; an asterisk that is meant as such is written \\*"
#define TOO_LARGE "use smaller numbers in {} or fewer words in its lists"

static const struct {
  int error;
  const char *hint;
} hints[] = {
  { PCRE2_ERROR_END_BACKSLASH, "a `\\` belongs to the character behind it; one that is meant as such is written \\\\" },
  { PCRE2_ERROR_END_BACKSLASH_C, "\\c is not needed in rules: leave it out" },
  { PCRE2_ERROR_UNKNOWN_ESCAPE, "a `\\` stands before signs such as \\. \\? \\( and in \\d \\w \\s \\b; letters and hanzi stand without it" },
  { PCRE2_ERROR_QUANTIFIER_OUT_OF_ORDER, "the smaller number comes first, as in {2,5}" },
  { PCRE2_ERROR_QUANTIFIER_TOO_BIG, "at most 65535; in rules much less is enough, such as .{0,12}" },
  { PCRE2_ERROR_MISSING_SQUARE_BRACKET, "each `[` needs its `]`, and in [[...]] the text ends at the first `]]`: a pattern with `]]` in it, or `]` at its end, is written [=[...]=]; a bracket that is meant as such is \\[" },
  { PCRE2_ERROR_ESCAPE_INVALID_IN_CLASS, "in [...] stand characters, and \\d \\w \\s \\p{...}: write this one outside of the brackets" },
  { PCRE2_ERROR_CLASS_RANGE_ORDER, "a range begins with the lower one, as in [a-z] or [0-9]; a hyphen that is meant as such comes last: [ab-]" },
  { PCRE2_ERROR_QUANTIFIER_INVALID, "`*`, `+`, `?` and {2,5} stand behind what they repeat, as in .* or (ab)+; a sign that is meant as such is written \\* \\+ \\?" },
  { PCRE2_ERROR_INVALID_AFTER_PARENS_QUERY, GROUPS },
  { PCRE2_ERROR_POSIX_CLASS_NOT_IN_CLASS, "write it in brackets of its own: [[:alpha:]]" },
  { PCRE2_ERROR_POSIX_NO_SUPPORT_COLLATING, "[.x.] and [=x=] are not known: write the characters, [x]; a `[` that is meant as such is written \\[" },
  { PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS, CLOSE_GROUP },
  { PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE, NUMBER_OF_GROUP ", and there are not so many" },
  { PCRE2_ERROR_MISSING_COMMENT_CLOSING, "a comment in a pattern is (?#...): it needs its `)`" },
  { PCRE2_ERROR_PARENTHESES_NEST_TOO_DEEP, "write it with fewer brackets in brackets, or as several patterns: match = { [[...]], [[...]] }" },
  { PCRE2_ERROR_PATTERN_TOO_LARGE, TOO_LARGE },
  { PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS, "its `(` is missing; a bracket that is meant as such is written \\)" },
  { PCRE2_ERROR_MISSING_CONDITION_CLOSING, "a condition is (?(1)then|else): it needs its `)`" },
  { PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH, "what stands in (?<=...) must have one length, or be (?<=a|bc) with one length each" },
  { PCRE2_ERROR_ZERO_RELATIVE_REFERENCE, NUMBER_OF_GROUP },
  { PCRE2_ERROR_TOO_MANY_CONDITION_BRANCHES, "a condition has one or two ways: (?(1)then|else); more go in a group, (?(1)then|(?:this|that))" },
  { PCRE2_ERROR_CONDITION_ASSERTION_EXPECTED, "a condition asks for a group, (?(1)...), or for what follows, (?(?=...)...)" },
  { PCRE2_ERROR_CONDITION_ATOMIC_ASSERTION_EXPECTED, "a condition asks for a group, (?(1)...), or for what follows, (?(?=...)...)" },
  { PCRE2_ERROR_BAD_RELATIVE_REFERENCE, NUMBER_OF_GROUP ", and there are not so many" },
  { PCRE2_ERROR_UNKNOWN_POSIX_CLASS, "there are [:alpha:] [:digit:] [:alnum:] [:upper:] [:lower:] [:space:] [:punct:] and the like" },
  { PCRE2_ERROR_CODE_POINT_TOO_BIG, CODE_POINTS },
  { PCRE2_ERROR_LOOKBEHIND_TOO_COMPLICATED, "make (?<=...) simpler: a few characters or words are enough" },
  { PCRE2_ERROR_LOOKBEHIND_INVALID_BACKSLASH_C, "\\C is not for rules: a `.` is any character" },
  { PCRE2_ERROR_UNSUPPORTED_ESCAPE_SEQUENCE, "\\L \\l \\N{name} \\U and \\u are not known: write the characters; case does not count in rules" },
  { PCRE2_ERROR_MISSING_CALLOUT_CLOSING, CLOSE_GROUP },
  { PCRE2_ERROR_ESCAPE_INVALID_IN_VERB, VERBS },
  { PCRE2_ERROR_UNRECOGNIZED_AFTER_QUERY_P, "a group with a name is written (?<city>...)" },
  { PCRE2_ERROR_MISSING_NAME_TERMINATOR, "a name of a group ends with `>`, as in (?<city>...)" },
  { PCRE2_ERROR_DUPLICATE_SUBPATTERN_NAME, "give one of the two groups another name, or none: (?:...)" },
  { PCRE2_ERROR_INVALID_SUBPATTERN_NAME, NAMES },
  { PCRE2_ERROR_MALFORMED_UNICODE_PROPERTY, "a property stands in braces, " PROPERTIES },
  { PCRE2_ERROR_UNKNOWN_UNICODE_PROPERTY, "there is no property of that name; there are others, " PROPERTIES },
  { PCRE2_ERROR_SUBPATTERN_NAME_TOO_LONG, "at most 32 characters; most groups need no name: (?:...)" },
  { PCRE2_ERROR_TOO_MANY_NAMED_SUBPATTERNS, "most groups need no name: (?:...)" },
  { PCRE2_ERROR_CLASS_INVALID_RANGE, "a range goes from one character to another, as in [a-z]; a hyphen that is meant as such comes last: [\\d-]" },
  { PCRE2_ERROR_OCTAL_BYTE_TOO_BIG, CODE_POINTS },
  { PCRE2_ERROR_BACKSLASH_O_MISSING_BRACE, CODE_POINTS },
  { PCRE2_ERROR_BACKSLASH_G_SYNTAX, NUMBER_OF_GROUP },
  { PCRE2_ERROR_PARENS_QUERY_R_MISSING_CLOSING, CLOSE_GROUP },
  { PCRE2_ERROR_VERB_ARGUMENT_NOT_ALLOWED, VERBS },
  { PCRE2_ERROR_VERB_UNKNOWN, VERBS },
  { PCRE2_ERROR_SUBPATTERN_NUMBER_TOO_BIG, NUMBER_OF_GROUP },
  { PCRE2_ERROR_SUBPATTERN_NAME_EXPECTED, NAMES },
  { PCRE2_ERROR_INVALID_OCTAL, CODE_POINTS },
  { PCRE2_ERROR_SUBPATTERN_NAMES_MISMATCH, "give each group a name of its own, or none: (?:...)" },
  { PCRE2_ERROR_MARK_MISSING_ARGUMENT, VERBS },
  { PCRE2_ERROR_INVALID_HEXADECIMAL, CODE_POINTS },
  { PCRE2_ERROR_BACKSLASH_C_SYNTAX, "\\c is not needed in rules: leave it out" },
  { PCRE2_ERROR_BACKSLASH_K_SYNTAX, "what a group found is written \\1, or \\k<city> by its name" },
  { PCRE2_ERROR_BACKSLASH_N_IN_CLASS, "in [...] stand characters, and \\d \\w \\s \\p{...}: write this one outside of the brackets" },
  { PCRE2_ERROR_UNICODE_DISALLOWED_CODE_POINT, CODE_POINTS },
  { PCRE2_ERROR_VERB_NAME_TOO_LONG, VERBS },
  { PCRE2_ERROR_BACKSLASH_U_CODE_POINT_TOO_BIG, CODE_POINTS },
  { PCRE2_ERROR_MISSING_OCTAL_OR_HEX_DIGITS, CODE_POINTS },
  { PCRE2_ERROR_VERSION_CONDITION_SYNTAX, "a condition asks for a group, (?(1)...), or for what follows, (?(?=...)...)" },
  { PCRE2_ERROR_PATTERN_TOO_COMPLICATED, TOO_LARGE },
  { PCRE2_ERROR_LOOKBEHIND_TOO_LONG, "make (?<=...) shorter: a few characters or words are enough" },
  { PCRE2_ERROR_INVALID_HYPHEN_IN_OPTIONS, "(?i) and the like are not needed: case does not count in rules" },
  { PCRE2_ERROR_ALPHA_ASSERTION_UNKNOWN, VERBS },
  { PCRE2_ERROR_TOO_MANY_CAPTURES, "write (?:...) where the text in the group is not needed" },
  { PCRE2_ERROR_BACKSLASH_K_IN_LOOKAROUND, "\\K is not needed in rules: leave it out" },
};

const char *weir_regex_hint(int error) {
  for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
    if (hints[i].error == error) return hints[i].hint;
  return "";
}
