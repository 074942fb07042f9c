/* scan.h: a small scanner of Lua tokens. It is not a parser: rule files are read by Lua. It only finds again where in the
 * source a thing stands that Lua has read (the key `message.after` of a rule, a text), so that a finding can show the
 * line and put a caret under the place. What it cannot find costs a caret, never a verdict. Private to load/. */
#ifndef WEIR_LOAD_SCAN_H
#define WEIR_LOAD_SCAN_H

#include "base/status.h"

enum weir_token_kind {
  WEIR_TOKEN_END = 0, /* of the source */
  WEIR_TOKEN_NAME,    /* keywords too */
  WEIR_TOKEN_STRING,  /* quotes or long brackets included */
  WEIR_TOKEN_NUMBER,
  WEIR_TOKEN_SYMBOL,  /* one operator or bracket */
  WEIR_TOKEN_STRAY,   /* a character that no Lua token begins with; a whole code point */
  WEIR_TOKEN_OPEN     /* a text (or a long comment) that is not closed; it reaches to the line end or the source's end */
};

struct weir_token {
  enum weir_token_kind kind;
  weir_str text;             /* as written */
  size_t at;                 /* where it begins in the source */
  uint32_t line, column;     /* 1-based, of its first byte; columns in bytes */
  uint32_t end_line;         /* of its last byte */
};

struct weir_scan {
  weir_str source;
  size_t at, line_at;        /* the next byte; where its line begins */
  uint32_t line;
  uint32_t open_cnt;         /* texts without an end that were passed over: for who does so */
};

/* Begins at `at`, which is the beginning of line `line`. */
void weir_scan_begin(struct weir_scan *scan, weir_str source, size_t at, uint32_t line);
/* The next token; comments and white space are skipped. Again and again END at the end. */
void weir_scan_next(struct weir_scan *scan, struct weir_token *token);

bool weir_token_is(const struct weir_token *token, const char *text);
/* Whether a string token stands for `value` (escapes decoded). */
bool weir_token_says(const struct weir_token *token, weir_str value);
/* The place of byte `offset` of the string's value, counted from the token's first byte. */
size_t weir_token_inside(const struct weir_token *token, size_t offset);

/* Finds the table constructor of the declaration `word` "name" { ... } that begins on the line where `scan` stands.
 * true: the scan stands behind its `{`. */
bool weir_scan_body(struct weir_scan *scan, weir_str word, weir_str name, struct weir_token *head);
/* In the table constructor whose `{` was just read: finds `path`, such as "message.after", "reply[2].text" or "[3]".
 * *found is the key's token, or the value's first where there is no key. When only a beginning of the path is there, *found
 * is that beginning and the answer is false; when not even its first step is, *found is left alone. */
bool weir_scan_path(struct weir_scan *scan, weir_str path, struct weir_token *found);
/* In the table constructor whose `{` was just read: finds the string token that says `value`. */
bool weir_scan_string(struct weir_scan *scan, weir_str value, struct weir_token *found);

#endif
