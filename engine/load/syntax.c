/* syntax.c: Lua's syntax errors in plain words. Lua says where it could not go on; who writes rules needs to know what to
 * mend. So the tokens are looked through once more for the slips that rule files really have (a comma, a bracket, a quote,
 * a full-width sign), and what is found is told when it stands where Lua stopped. Otherwise Lua's own message is told, in
 * words.
 *
 * Some slips leave no doubt what is meant: `，` is a comma, `on: "comment"` is on = "comment". They are told, put right in the copy that is
 * read, and the look goes on behind them: so that all of a declaration are told at once, and what else is wrong with it too. Only what can stand in no
 * Lua file is told without Lua having stopped there. */
#include "limits.h"
#include "load/load.h"
#include "text/utf8.h"

enum fault_kind {
  FAULT_NONE = 0,
  FAULT_STRAY,      /* a character that Lua does not know */
  FAULT_OPEN,       /* a text that is not closed */
  FAULT_COMMA,      /* two entries of a table without a comma between them */
  FAULT_COLON,      /* name: value */
  FAULT_BARE,       /* rule ask { instead of rule "ask" { */
  FAULT_QUOTED,     /* "on" = "comment" */
  FAULT_HEADLESS,   /* rule "ask" on = "comment" */
  FAULT_ROUND,      /* ( key = value ) */
  FAULT_EXTRA,      /* a bracket closes what is not open, or something else */
  FAULT_UNCLOSED    /* a bracket that is open when the next declaration or the end of the file comes */
};

struct fault {
  enum fault_kind kind;
  struct weir_token before, at; /* the token before it, and where it is */
  struct weir_token opener;     /* the bracket that is open there */
  bool callee;                  /* `before` begins an entry and could be a key */
};

struct open {
  struct weir_token token;
  bool table;               /* entries with commas; else a block or parentheses */
  bool callable;            /* what stands before it can be called, so what it closes is a call */
};

struct looker {
  struct weir_load *load;
  struct weir_scan scan;
  struct open open[WEIR_SYNTAX_DEPTH_MAX];
  uint32_t depth;
  struct weir_token last;
  bool ends_value, callable, entry; /* of the last token: it ends a value; it can be called; it began an entry */
  bool named;                       /* it is the name of a declaration */
};

static bool is_one_of(const struct weir_token *token, const char *const *words, size_t cnt) {
  for (size_t i = 0; i < cnt; i++)
    if (weir_token_is(token, words[i])) return true;
  return false;
}

static bool is_operator_word(const struct weir_token *token) {
  static const char *const words[] = {
    "and", "or", "not", "function", "if", "then", "else", "elseif", "for", "while", "do", "repeat", "until", "end", "local",
    "return", "break", "goto", "in",
  };
  return is_one_of(token, words, sizeof(words) / sizeof(*words));
}

static bool is_constant(const struct weir_token *token) {
  static const char *const words[] = { "true", "false", "nil" };
  return is_one_of(token, words, sizeof(words) / sizeof(*words));
}

static bool opens_block(const struct weir_token *token) {
  static const char *const words[] = { "function", "if", "do", "repeat" };
  return token->kind == WEIR_TOKEN_NAME && is_one_of(token, words, sizeof(words) / sizeof(*words));
}

static bool in_table(const struct looker *l) { return l->depth > 0 && l->open[l->depth - 1].table; }

static bool begins_value(const struct weir_token *token) {
  if (token->kind == WEIR_TOKEN_STRING || token->kind == WEIR_TOKEN_NUMBER) return true;
  if (token->kind == WEIR_TOKEN_NAME) return !is_operator_word(token);
  return weir_token_is(token, "{");
}

/* Whether `token` cannot follow the last one without a comma between them. */
static bool comma_missing(const struct looker *l, const struct weir_token *token) {
  bool may_be_called = token->kind == WEIR_TOKEN_STRING || weir_token_is(token, "{");
  if (!in_table(l) || !l->ends_value || !begins_value(token)) return false;
  return !(may_be_called && l->callable);
}

/* `name: "text"`: a colon before what is no method. */
static bool is_colon(const struct looker *l, const struct weir_token *token) {
  struct weir_scan ahead = l->scan;
  struct weir_token next;
  if (!l->depth && weir_token_is(token, ":") && weir_load_declares(&l->last)) return true; /* rule: price */
  if (!in_table(l) || !l->ends_value || !weir_token_is(token, ":")) return false;
  weir_scan_next(&ahead, &next);
  return begins_value(&next) && (next.kind != WEIR_TOKEN_NAME || is_constant(&next));
}

static bool closes(const struct weir_token *token, const struct open *open) {
  if (weir_token_is(token, "}")) return weir_token_is(&open->token, "{");
  if (weir_token_is(token, ")")) return weir_token_is(&open->token, "(");
  if (weir_token_is(token, "]")) return weir_token_is(&open->token, "[");
  if (weir_token_is(token, "until")) return weir_token_is(&open->token, "repeat");
  return open->token.kind == WEIR_TOKEN_NAME && !weir_token_is(&open->token, "repeat");
}

static bool is_closer(const struct weir_token *token) {
  static const char *const words[] = { "}", ")", "]", "end", "until" };
  return token->kind != WEIR_TOKEN_STRING && is_one_of(token, words, sizeof(words) / sizeof(*words));
}

/* Takes a token that is no fault. */
static void take(struct looker *l, const struct weir_token *token) {
  bool identifier = token->kind == WEIR_TOKEN_NAME && !is_operator_word(token) && !is_constant(token);
  bool was_callable = l->callable;
  l->entry = in_table(l) && (weir_token_is(&l->last, "{") || weir_token_is(&l->last, ",") || weir_token_is(&l->last, ";"));
  l->named = token->kind == WEIR_TOKEN_STRING && weir_load_declares(&l->last);
  l->ends_value = false;
  l->callable = identifier;
  if (weir_token_is(token, "{") || weir_token_is(token, "(") || weir_token_is(token, "[") || opens_block(token)) {
    if (l->depth < WEIR_SYNTAX_DEPTH_MAX) l->open[l->depth++] = (struct open){ *token, weir_token_is(token, "{"), was_callable };
    l->callable = false;
  } else if (is_closer(token) && l->depth) {
    l->callable = l->open[--l->depth].callable || !weir_token_is(token, "}");
    l->ends_value = true;
  } else if (token->kind == WEIR_TOKEN_STRING) {
    l->callable = was_callable;
    l->ends_value = true;
  } else {
    l->ends_value = identifier || token->kind == WEIR_TOKEN_NUMBER || is_constant(token) || weir_token_is(token, "...");
  }
  l->last = *token;
}

/* `rule ask {`: a declaration whose name has no quotes. */
static bool is_bare(const struct looker *l, const struct weir_token *token) {
  return !in_table(l) && weir_load_declares(&l->last) && token->kind == WEIR_TOKEN_NAME && !is_operator_word(token);
}

/* `"on" = "comment"`: a key in quotes. */
static bool is_quoted(const struct looker *l, const struct weir_token *token) {
  return in_table(l) && weir_token_is(token, "=") && l->last.kind == WEIR_TOKEN_STRING && l->entry;
}

/* `rule "ask" on =`: the `{` behind the name is not there. */
static bool is_headless(const struct looker *l, const struct weir_token *token) {
  return l->depth == 0 && l->named && token->kind == WEIR_TOKEN_NAME && token->column > 1 && !is_operator_word(token) && !weir_load_declares(token);
}

static bool is_round(const struct looker *l, const struct weir_token *token) {
  return weir_token_is(token, "=") && l->last.kind == WEIR_TOKEN_NAME && l->depth &&
         weir_token_is(&l->open[l->depth - 1].token, "(");
}

static enum fault_kind fault_of(const struct looker *l, const struct weir_token *token) {
  if (token->kind == WEIR_TOKEN_STRAY) return FAULT_STRAY;
  if (token->kind == WEIR_TOKEN_OPEN) return FAULT_OPEN;
  if (token->kind == WEIR_TOKEN_END) return l->depth ? FAULT_UNCLOSED : FAULT_NONE;
  if (weir_load_declares(token) && token->column == 1 && in_table(l)) return FAULT_UNCLOSED;
  if (is_closer(token)) return l->depth && closes(token, &l->open[l->depth - 1]) ? FAULT_NONE : FAULT_EXTRA;
  if (is_colon(l, token)) return FAULT_COLON;
  if (is_bare(l, token)) return FAULT_BARE;
  if (is_quoted(l, token)) return FAULT_QUOTED;
  if (is_headless(l, token)) return FAULT_HEADLESS;
  if (is_round(l, token)) return FAULT_ROUND;
  return comma_missing(l, token) ? FAULT_COMMA : FAULT_NONE;
}

/* The next slip; NONE at the end of the file. The look can go on at the token where it is, when that was put right. */
static struct fault look(struct looker *l) {
  struct fault fault = { .kind = FAULT_NONE };
  for (;;) {
    const struct weir_scan here = l->scan;
    struct weir_token token;
    weir_scan_next(&l->scan, &token);
    fault.kind = fault_of(l, &token);
    if (fault.kind != FAULT_NONE) {
      l->scan = here;
      fault.before = l->last;
      fault.at = token;
      fault.callee = l->entry;
      if (l->depth) fault.opener = l->open[l->depth - 1].token;
      return fault;
    }
    if (token.kind == WEIR_TOKEN_END) return fault;
    take(l, &token);
  }
}

/* ---- Saying it */

/* Signs of Chinese and typographic keyboards, and what rule files write instead. */
static const char *plain_sign(weir_str stray, const struct fault *fault) {
  static const char *const pairs[][2] = {
    { "，", "," }, { "、", "," }, { "；", ";" }, { "：", "=" }, { "＝", "=" }, { "（", "(" },
    { "）", ")" }, { "｛", "{" }, { "｝", "}" }, { "【", "[" }, { "】", "]" }, { "［", "[" },
    { "］", "]" }, { "“", "\"" }, { "”", "\"" }, { "„", "\"" }, { "«", "\"" }, { "»", "\"" },
    { "「", "\"" }, { "」", "\"" }, { "＂", "\"" }, { "‘", "'" }, { "’", "'" }, { "＇", "'" },
    { "´", "'" }, { "。", "." }, { "－", "-" }, { "—", "-" }, { "–", "-" },
  };
  if (weir_str_eq(stray, WEIR_STR("：")) && !weir_token_is(&fault->opener, "{")) return ":"; /* e：reply "x" */
  for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
    if (weir_str_eq(stray, weir_str_of(pairs[i][0]))) return pairs[i][1];
  return NULL;
}

static bool is_blank_char(weir_str stray) {
  static const char *const blanks[] = { "\xC2\xA0", "\xE3\x80\x80", "\xE2\x80\x8B", "\xEF\xBB\xBF" };
  for (size_t i = 0; i < sizeof(blanks) / sizeof(*blanks); i++)
    if (weir_str_eq(stray, weir_str_of(blanks[i]))) return true;
  return false;
}

/* A text in quotes that ends just where the token begins: one of its quotes is too many, or missing. */
static bool ends_early(const struct fault *fault) {
  const struct weir_token *before = &fault->before;
  return before->kind == WEIR_TOKEN_STRING && before->text.ptr[0] != '[' && before->at + before->text.len == fault->at.at;
}

static void say_stray(struct weir_load *load, const struct weir_place *place, const struct fault *fault) {
  weir_str stray = fault->at.text;
  const char *plain = plain_sign(stray, fault);
  bool remark = weir_str_eq(fault->before.text, WEIR_STR("//")) && fault->before.at + 2 <= fault->at.at && fault->before.line == fault->at.line;
  if (plain)
    weir_load_error(load, place, "`%.*s` is a full-width or typographic sign: write the plain `%s`%s", WEIR_FMT(stray), plain,
                    plain[0] == '"' || plain[0] == '\'' ? ", at both ends of the text" : "");
  else if (is_blank_char(stray))
    weir_load_error(load, place, "here stands an invisible character (a wide or non-breaking space): write an ordinary space");
  else if (remark)
    weir_load_error(load, place, "a comment begins with --, not with //");
  else if (ends_early(fault))
    weir_load_error(load, place, "`%.*s` stands outside of quotes: the text before it, %.*s, ends here. Is a `%c` missing, or meant as part of the text? There it is written \\%c",
                    WEIR_FMT(stray), (int)weir_utf8_cut(fault->before.text, WEIR_TAG_MAX), fault->before.text.ptr, fault->before.text.ptr[0], fault->before.text.ptr[0]);
  else if ((unsigned char)stray.ptr[0] >= 0x80)
    weir_load_error(load, place, "`%.*s` stands outside of quotes: a text is written \"...\"", WEIR_FMT(stray));
  else if ((unsigned char)stray.ptr[0] < 0x20 || stray.ptr[0] == 0x7F)
    weir_load_error(load, place, "here stands a control character (0x%02X): remove it", (unsigned)(unsigned char)stray.ptr[0]);
  else
    weir_load_error(load, place, "`%.*s` means nothing here; a comment begins with --", WEIR_FMT(stray));
}

/* On its first line. */
static bool has_wide_bracket(weir_str text) {
  for (size_t i = 0; i < text.len && text.ptr[i] != '\n' && text.ptr[i] != '\r'; i++) {
    weir_str rest = { text.ptr + i, text.len - i };
    if (weir_str_starts(rest, WEIR_STR("】")) || weir_str_starts(rest, WEIR_STR("］"))) return true;
  }
  return false;
}

/* [[[[:alpha:]]z]]: the pattern has what ends the text. */
static bool ends_in_pattern(const struct fault *fault) {
  const struct weir_token *before = &fault->before;
  return before->kind == WEIR_TOKEN_STRING && before->text.ptr[0] == '[' && before->at + before->text.len == fault->at.at;
}

static void say_open(struct weir_load *load, const struct weir_place *place, const struct weir_token *at) {
  if (at->text.ptr[0] == '-')
    weir_load_error(load, place, "the comment that begins here is never closed: a `]]` is missing at its end");
  else if (at->text.ptr[0] == '[')
    weir_load_error(load, place, "the text that begins here with [[ is never closed: a `]]` is missing at its end%s",
                    has_wide_bracket(at->text) ? "; 】 and ］ close nothing" : "");
  else
    weir_load_error(load, place, "the text that begins here is not closed on its line: a `%c` is missing, here or before it; a text of several lines is written [[...]]",
                    at->text.ptr[0]);
}

/* "x, message = ": a text that looks like what should stand behind it. */
static bool swallows_a_key(const struct weir_token *text) {
  size_t len = text->text.len;
  if (text->kind != WEIR_TOKEN_STRING || len < 4 || text->text.ptr[0] == '[') return false;
  for (len--; len > 1 && text->text.ptr[len - 1] == ' ';) len--;
  return text->text.ptr[len - 1] == '=' || text->text.ptr[len - 1] == ',' || text->text.ptr[len - 1] == '{';
}

/* `on "comment"`: it is a `=` that is missing. */
static bool misses_equals(const struct weir_load *load, const struct fault *fault) {
  return fault->before.kind == WEIR_TOKEN_NAME && fault->callee && weir_load_is_key(load, WEIR_DECL_RULE, fault->before.text);
}

static void say_comma(struct weir_load *load, struct weir_place *place, const struct fault *fault) {
  const struct weir_token *before = &fault->before, *at = &fault->at;
  bool touching = before->at + before->text.len == at->at;
  if (touching && swallows_a_key(before)) {
    place->line = before->line;
    place->column = before->column;
    weir_load_error(load, place, "the text that begins here goes on to the next quote, %.*s: the `%c` at its end is missing", WEIR_FMT(before->text),
                    before->text.ptr[0]);
    return;
  }
  if (before->kind == WEIR_TOKEN_STRING && touching && at->kind == WEIR_TOKEN_NAME) {
    weir_load_error(load, place,
                    "the text before `%.*s` ends at a quote that is meant to be part of it: write \\%c there, or use [[ ]]",
                    WEIR_FMT(at->text), before->text.ptr[before->text.len - 1]);
  } else if (misses_equals(load, fault)) {
    place->line = before->line;
    place->column = before->column;
    weir_load_error(load, place, "a `=` is missing behind `%.*s`: write %.*s = ...", WEIR_FMT(before->text),
                    WEIR_FMT(before->text));
  } else if (before->kind == WEIR_TOKEN_NUMBER && touching) {
    place->column = before->column;
    place->line = before->line;
    weir_load_error(load, place, "`%.*s%.*s` is no number: a duration is written in quotes, such as \"5s\"",
                    WEIR_FMT(before->text),
                    WEIR_FMT(at->text));
  } else {
    weir_str tail = before->text.len <= WEIR_SYNTAX_TAIL_MAX ? before->text : (weir_str){ 0 };
    place->line = before->end_line;
    place->column = before->end_line == before->line ? before->column + (uint32_t)before->text.len : 0;
    if (tail.len)
      weir_load_error(load, place, "a comma is missing behind `%.*s`", WEIR_FMT(tail));
    else
      weir_load_error(load, place, "a comma is missing at the end of this entry, before `%.*s`", WEIR_FMT(at->text));
  }
}

static const char *closer_of(const struct weir_token *opener) {
  if (weir_token_is(opener, "{")) return "}";
  if (weir_token_is(opener, "(")) return ")";
  if (weir_token_is(opener, "[")) return "]";
  return weir_token_is(opener, "repeat") ? "until" : "end";
}

static void say_extra(struct weir_load *load, const struct weir_place *place, const struct fault *fault) {
  const struct weir_token *opener = &fault->opener;
  if (opener->line)
    weir_load_error(load, place, "`%.*s` stands where `%s` is needed to close the `%.*s` of line %u", WEIR_FMT(fault->at.text),
                    closer_of(opener),
                    WEIR_FMT(opener->text), opener->line);
  else
    weir_load_error(load, place, "this `%.*s` closes nothing: one too many, or something above it was closed too early",
                    WEIR_FMT(fault->at.text));
}

static void say_unclosed(struct weir_load *load, struct weir_place *place, const struct fault *fault) {
  const struct weir_token *opener = &fault->opener;
  if (fault->at.kind == WEIR_TOKEN_END) {
    place->line = opener->line;
    place->column = opener->column;
    weir_load_error(load, place, "the `%.*s` here is never closed: `%s` is missing", WEIR_FMT(opener->text), closer_of(opener));
  } else {
    weir_load_error(load, place, "`%s` is missing before `%.*s`: the `%.*s` of line %u is still open", closer_of(opener),
                    WEIR_FMT(fault->at.text),
                    WEIR_FMT(opener->text), opener->line);
  }
}

static void say_fault(struct weir_load *load, uint32_t file, const struct fault *fault) {
  struct weir_place place = { .file = file, .line = fault->at.line, .column = fault->at.column };
  if (ends_in_pattern(fault) && (fault->kind == FAULT_COMMA || fault->kind == FAULT_EXTRA || fault->kind == FAULT_STRAY)) {
    weir_load_error(load, &place, "the text in [[...]] ends at its first `]]`, which is just before this `%.*s`: a text with `]]` in it is written [=[...]=]", WEIR_FMT(fault->at.text));
    return;
  }
  switch (fault->kind) {
    case FAULT_STRAY: say_stray(load, &place, fault); break;
    case FAULT_OPEN: say_open(load, &place, &fault->at); break;
    case FAULT_COMMA: say_comma(load, &place, fault); break;
    case FAULT_COLON:
      if (weir_load_declares(&fault->before)) {
        weir_load_error(load, &place, "`%.*s` is written without `:`, as in rule \"ask\" { on = \"comment\", ... }", WEIR_FMT(fault->before.text));
        break;
      }
      weir_load_error(load, &place, "a key is written with `=`, not with `:`%s",
                      fault->before.kind == WEIR_TOKEN_STRING ? ", and without quotes" : "");
      break;
    case FAULT_BARE:
      weir_load_error(load, &place, "the name needs quotes: write %.*s \"%.*s\" { ... }", WEIR_FMT(fault->before.text),
                      WEIR_FMT(fault->at.text));
      break;
    case FAULT_QUOTED:
      place.line = fault->before.line;
      place.column = fault->before.column;
      weir_load_error(load, &place, "a key is written without quotes: write %.*s = ...", (int)fault->before.text.len - 2, fault->before.text.ptr + 1);
      break;
    case FAULT_HEADLESS:
      weir_load_error(load, &place, "a `{` is missing behind %.*s, before `%.*s`", WEIR_FMT(fault->before.text), WEIR_FMT(fault->at.text));
      break;
    case FAULT_ROUND:
      weir_load_error(load, &place, "keys and values stand in { ... }, not in ( ... )");
      break;
    case FAULT_EXTRA: say_extra(load, &place, fault); break;
    case FAULT_UNCLOSED: say_unclosed(load, &place, fault); break;
    case FAULT_NONE: break;
  }
}

/* ---- Putting it right */

/* `len` bytes at `at` become `sign` among spaces, so that everything else stays where it is. */
struct edit {
  size_t at, len;
  char sign;
  bool last; /* the sign is the last of them, else the first */
};

struct repair {
  struct edit edits[3];
  uint32_t cnt;
  bool key; /* the token before has lost its quotes */
};

static void add_edit(struct repair *repair, size_t at, size_t len, char sign, bool last) {
  repair->edits[repair->cnt++] = (struct edit){ at, len, sign, last };
}

/* “text”: the other end, on the same line. A plain quote there is good as it is. */
static bool close_text(weir_str source, const struct fault *fault, char quote, struct repair *repair) {
  for (size_t i = fault->at.at + fault->at.text.len; i < source.len && source.ptr[i] != '\n' && source.ptr[i] != '\r'; i++) {
    const weir_str sign = { source.ptr + i, source.len - i < 3 ? source.len - i : 3 }, narrow = { sign.ptr, sign.len < 2 ? sign.len : 2 };
    const char *wide = plain_sign(sign, fault), *other = plain_sign(narrow, fault);
    if (source.ptr[i] == quote) return true;
    if (wide && wide[0] == quote) return add_edit(repair, i, 3, quote, false), true;
    if (other && other[0] == quote) return add_edit(repair, i, 2, quote, false), true;
  }
  return false;
}

static bool repair_stray(const struct looker *l, weir_str source, const struct fault *fault, struct repair *repair) {
  const char *plain = plain_sign(fault->at.text, fault);
  if (is_blank_char(fault->at.text)) {
    add_edit(repair, fault->at.at, fault->at.text.len, ' ', false);
    return true;
  }
  if (!plain || !strchr(",;=:(){}\"'", plain[0])) return false; /* what a [ or a . was to be there nobody knows */
  bool quote = plain[0] == '"' || plain[0] == '\'';
  add_edit(repair, fault->at.at, fault->at.text.len, plain[0], quote);
  return !quote || ((!l->ends_value || l->callable) && !ends_early(fault) && close_text(source, fault, plain[0], repair));
}

/* "on" as on; false: it is no name. */
static bool bare_key(const struct weir_token *key, struct repair *repair) {
  size_t len = key->text.len;
  repair->key = key->kind == WEIR_TOKEN_STRING;
  if (!repair->key) return key->kind == WEIR_TOKEN_NAME;
  if (len < 3 || key->text.ptr[0] == '[' || (key->text.ptr[1] >= '0' && key->text.ptr[1] <= '9')) return false;
  for (size_t i = 1; i + 1 < len; i++) {
    char c = key->text.ptr[i];
    if (c != '_' && !(c >= '0' && c <= '9') && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z')) return false;
  }
  add_edit(repair, key->at, 1, ' ', false);
  add_edit(repair, key->at + len - 1, 1, ' ', false);
  return true;
}

/* What leaves no doubt. In a table, two values without a comma and a colon before a value are no Lua, whatever stands around them. */
static bool find_repair(const struct looker *l, weir_str source, const struct fault *fault, struct repair *repair) {
  const struct weir_token *before = &fault->before, *at = &fault->at;
  *repair = (struct repair){ .cnt = 0 };
  switch (fault->kind) {
    case FAULT_STRAY: return !ends_in_pattern(fault) && repair_stray(l, source, fault, repair);
    case FAULT_COMMA:
      if (at->at == 0 || (source.ptr[at->at - 1] != ' ' && source.ptr[at->at - 1] != '\t') || before->at + before->text.len == at->at) return false;
      add_edit(repair, at->at - 1, 1, misses_equals(l->load, fault) ? '=' : ',', false);
      return true;
    case FAULT_COLON:
      add_edit(repair, at->at, 1, '=', false);
      return fault->callee && !weir_load_declares(before) && bare_key(before, repair);
    case FAULT_QUOTED: return bare_key(before, repair);
    default: return false;
  }
}

static void put_right(struct looker *l, char *source, const struct repair *repair) {
  for (uint32_t i = 0; i < repair->cnt; i++) {
    const struct edit *e = &repair->edits[i];
    memset(source + e->at, ' ', e->len);
    source[e->last ? e->at + e->len - 1 : e->at] = e->sign;
  }
  if (repair->key) l->last.kind = WEIR_TOKEN_NAME;
}

/* Puts right the slip that was told, and those behind it that leave no doubt, telling of each. false: not even the first. */
static bool put_all_right(struct looker *l, uint32_t file, char *source, size_t len, struct fault fault) {
  weir_str text = { source, len };
  struct repair repair;
  uint32_t cnt = 0;
  while (cnt < WEIR_SYNTAX_SLIPS_MAX && find_repair(l, text, &fault, &repair)) {
    struct weir_load *load = l->load;
    if (cnt++ > 0) say_fault(load, file, &fault);
    put_right(l, source, &repair);
    fault = look(l);
  }
  return cnt > 0;
}

/* ---- What Lua said, in words */

struct saying {
  const char *begins;
  const char *words;
};

static const char *in_words(weir_str message) {
  static const struct saying sayings[] = {
    { "malformed number", "no number is written like this; a duration such as \"5s\" is a text and needs quotes" },
    { "invalid escape sequence", "a `\\` in \"...\" has a meaning of its own; a pattern is written [[...]], where it has none" },
    { "hexadecimal digit expected",
      "a `\\x` or `\\u` in \"...\" has a meaning of its own; a pattern is written [[...]], where it has none" },
    { "decimal escape too large",
      "a `\\` with digits in \"...\" has a meaning of its own; a pattern is written [[...]], where it has none" },
    { "missing '{' in \\u{xxxx}",
      "a `\\u` in \"...\" has a meaning of its own; a pattern is written [[...]], where it has none" },
    { "invalid long string delimiter", "a long text is written [[...]]" },
    { "C stack overflow", "brackets are nested too deeply" },
    { "chunk has too many syntax levels", "brackets are nested too deeply" },
    { "syntax error", "this is no declaration; a rule file has pack, account, words, funnel, pool, coupon, segment, channel, include and rule" },
    { "unexpected symbol near '>'", "a key is written with `=` alone, not with `=>`" },
    { "<eof> expected", "`return` ends a file, and something stands behind it: move it up, or leave `return` out" },
    { "unexpected symbol near '#'", "a comment begins with --, not with #" },
    { "unexpected symbol near '//'", "a comment begins with --, not with //" },
    { "unexpected symbol near '/'", "a pattern is written [[...]], not /.../" },
    { "unexpected symbol", "a value is missing here, or a sign is too many" },
    { "<name> expected", "a name is needed here" },
    { "'then' expected", "a `then` is missing behind the condition of `if`" },
    { "'do' expected", "a `do` is missing behind `for ...` or `while ...`" },
    { "'=' or 'in' expected", "`for` is written for i = 1, 3 do, or for i, v in ipairs(list) do" },
    { "'=' expected", "a `=` is missing here" },
    { "'end' expected", "an `end` is missing" },
    { "'}' expected", "a comma or a `}` is missing here" },
    { "')' expected", "a `)` is missing here" },
    { "']' expected", "a `]` is missing here" },
  };
  for (size_t i = 0; i < sizeof(sayings) / sizeof(*sayings); i++)
    if (weir_str_starts(message, weir_str_of(sayings[i].begins))) return sayings[i].words;
  return NULL;
}

/* Whether the slip that was found explains why Lua stopped at `line`. */
static bool explains(const struct fault *fault, uint32_t line) {
  if (fault->kind == FAULT_NONE) return false;
  if (fault->kind == FAULT_COLON && weir_load_declares(&fault->before)) return true;
  if (fault->kind == FAULT_UNCLOSED) return fault->at.line <= line; /* Lua can read on for long when a comma stands there */
  if (fault->kind == FAULT_OPEN && fault->at.text.ptr[0] != '"' && fault->at.text.ptr[0] != '\'') return true;
  return fault->at.line == line || fault->at.end_line == line || fault->before.end_line == line;
}

/* Where on the line the text that Lua names stands, if it stands there only once. */
static uint32_t column_of(weir_str line, weir_str message) {
  static const weir_str near_word = { " near '", 7 };
  weir_str near = { "^", 1 };
  uint32_t column = 0;
  for (size_t i = 0; i + near_word.len < message.len; i++)
    if (weir_str_starts((weir_str){ message.ptr + i, message.len - i }, near_word))
      near = (weir_str){ message.ptr + i + near_word.len, message.len - i - near_word.len - 1 };
  for (size_t i = 0; near.len && i + near.len <= line.len; i++) {
    if (memcmp(line.ptr + i, near.ptr, near.len) != 0) continue;
    if (column) return 0;
    column = (uint32_t)i + 1;
  }
  return column;
}

static struct weir_load_damage damage_of(const struct fault *fault) {
  struct weir_load_damage damage = { .first = fault->at.line, .last = fault->at.line, .before = fault->kind == FAULT_UNCLOSED && fault->at.kind != WEIR_TOKEN_END };
  if (fault->opener.line && fault->opener.line < damage.first) damage.first = fault->opener.line;
  if (fault->before.line && fault->kind == FAULT_COMMA) damage.first = fault->before.line < damage.first ? fault->before.line : damage.first;
  return damage;
}

void weir_load_syntax(struct weir_load *load, uint32_t file, char *source, size_t len, uint32_t line, weir_str message, struct weir_load_damage *damage) {
  struct weir_place place = { .file = file, .line = line };
  struct looker l = { .load = load };
  weir_scan_begin(&l.scan, (weir_str){ source, len }, 0, 1);
  struct fault fault = look(&l);
  const char *words = in_words(message);
  size_t at;
  bool own_words = words && (weir_str_starts(message, WEIR_STR("malformed")) || strchr(words, '\\'));
  *damage = (struct weir_load_damage){ .first = line, .last = line };
  if (!own_words && explains(&fault, line)) {
    *damage = damage_of(&fault);
    say_fault(load, file, &fault);
    damage->mended = put_all_right(&l, file, source, len, fault);
    return;
  }
  place.column = column_of(weir_load_line(load, file, line, &at), message);
  if (words)
    weir_load_error(load, &place, "%s (Lua: %.*s)", words, WEIR_FMT(message));
  else
    weir_load_error(load, &place, "%.*s", WEIR_FMT(message));
}
