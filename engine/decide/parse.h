/* parse.h: what gates and actions share in reading a rule, beside the functions of decide.h. For this room only. */
#ifndef WEIR_DECIDE_PARSE_H
#define WEIR_DECIDE_PARSE_H

#include "decide/decide.h"

/* Notes that the arena is full. */
weir_status weir_parse_no_memory(struct weir_parse *p);
/* A copy in p->arena; false: it is full, and that is noted. */
bool weir_parse_copy(struct weir_parse *p, weir_str text, weir_str *out);
/* The beginning of what somebody wrote, short enough to be repeated in a message. */
weir_str weir_parse_quote(weir_str text);
/* "a number", "a list", ... */
const char *weir_value_says(const struct weir_value *value);
/* Whether a text has characters that nobody sees: control and bidi characters. */
bool weir_parse_hidden(weir_str text);
/* Checks a tag's or field's name: 1 to WEIR_TAG_MAX bytes, visible, no space at its ends. `what` is "the tag". */
weir_status weir_parse_name(struct weir_parse *p, const char *field, const char *what, weir_str name);

/* Names of what belongs to a pack: "pack/own". */
bool weir_parse_full_name(weir_str full, weir_str pack, weir_str own);
bool weir_parse_in_pack(weir_str full, weir_str pack);
weir_str weir_parse_own_name(weir_str full);
/* "own" or "pack:own". */
void weir_parse_split_pack(const struct weir_pack *pack, weir_str name, weir_str *pack_name, weir_str *own);

#endif
