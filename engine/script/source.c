/* source.c: a look at a Lua source before Lua compiles it, for what the sandbox refuses as syntax. It knows what is a text,
 * a comment, a number or a bracket, and nothing else of the grammar: whatever is malformed passes here and fails in the
 * compiler.
 *
 * Chains. When Lua 5.4.4 names the variable in an error message it follows a.b.c.d ... back to its head by recursion, one
 * C call for each index, and `t.a.a.a...` of a few thousand overflows a stack of 512 KiB. So the indexes in a row are
 * counted, where those of a bracket count for what stands before and behind it. */
#include "script/inside.h"

struct level {
  uint32_t chain, most; /* indexes in a row: now, and the most there were */
};

struct scan {
  const char *at, *end;
  uint32_t line;
  const char *problem;
  uint64_t items;
  unsigned char *marks;
  bool dot; /* a name that comes now is an index */
  struct level levels[WEIR_SCRIPT_NESTING_MAX + 1];
  uint32_t depth;
};

static const char nul_problem[] = "a NUL byte cannot stand in a rule file: leave it out";

static char peek(const struct scan *scan, size_t ahead) {
  return (size_t)(scan->end - scan->at) > ahead ? scan->at[ahead] : '\0';
}
static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/* One line end: "\r\n" and "\n\r" are one, as Lua counts. */
static void newline(struct scan *scan) {
  char first = *scan->at++;
  if (scan->at < scan->end && (*scan->at == '\n' || *scan->at == '\r') && *scan->at != first) scan->at++;
  scan->line++;
}

static void step(struct scan *scan) {
  if (*scan->at == '\n' || *scan->at == '\r') newline(scan);
  else scan->at++;
}

/* At '[': the number of = in a long bracket, or -1 when it is none. */
static int long_level(const struct scan *scan) {
  size_t level = 0;
  while (peek(scan, level + 1) == '=') level++;
  return peek(scan, level + 1) == '[' && level < INT32_MAX ? (int)level : -1;
}

static void skip_long(struct scan *scan, int level) {
  scan->at += level + 2;
  while (scan->at < scan->end) {
    int equals = 0;
    if (*scan->at != ']') {
      step(scan);
      continue;
    }
    scan->at++;
    while (scan->at < scan->end && *scan->at == '=' && equals <= level) scan->at++, equals++;
    if (equals == level && scan->at < scan->end && *scan->at == ']') {
      scan->at++;
      return;
    }
  }
}

/* After a backslash. Escapes that stand for a NUL byte are the problem looked for. */
static void skip_escape(struct scan *scan) {
  char c = peek(scan, 0);
  bool nul = false;
  if (c == 'x') {
    nul = peek(scan, 1) == '0' && peek(scan, 2) == '0';
    scan->at++;
  } else if (c == 'u' && peek(scan, 1) == '{') {
    scan->at += 2;
    nul = is_hex(peek(scan, 0));
    for (; is_hex(peek(scan, 0)); scan->at++) nul = nul && *scan->at == '0';
  } else if (is_digit(c)) {
    nul = true;
    for (int i = 0; i < 3 && is_digit(peek(scan, 0)); i++, scan->at++) nul = nul && *scan->at == '0';
  } else if (c == 'z') {
    scan->at++;
    while (scan->at < scan->end && is_blank(*scan->at)) step(scan);
  } else if (scan->at < scan->end) {
    step(scan);
  }
  if (nul) scan->problem = nul_problem;
}

static void skip_text(struct scan *scan) {
  char quote = *scan->at++;
  while (scan->at < scan->end && !scan->problem) {
    char c = *scan->at;
    if (c == '\n' || c == '\r') return;
    scan->at++;
    if (c == quote) return;
    if (c == '\\') skip_escape(scan);
  }
}

static void mark(struct scan *scan, unsigned char what) { scan->marks[scan->line - 1] |= what; }

/* A decimal number too large for an integer is a float as well. */
static void skip_number(struct scan *scan) {
  bool hex = peek(scan, 0) == '0' && (peek(scan, 1) == 'x' || peek(scan, 1) == 'X');
  const char *from = scan->at;
  scan->items++;
  while (scan->at < scan->end) {
    char c = *scan->at, low = (char)(c | 0x20);
    bool exponent = low == (hex ? 'p' : 'e');
    if (!is_letter(c) && !is_digit(c) && c != '.') break;
    scan->at++;
    if (c == '.' || exponent) mark(scan, WEIR_MARK_FLOAT);
    if (exponent && (peek(scan, 0) == '+' || peek(scan, 0) == '-')) scan->at++;
  }
  if (!hex && scan->at - from > 18) mark(scan, WEIR_MARK_FLOAT);
}

/* ---- Chains */

static void lengthen(struct scan *scan, uint32_t by) {
  struct level *level = &scan->levels[scan->depth];
  level->chain += by;
  if (level->chain > level->most) level->most = level->chain;
  if (level->chain > WEIR_SCRIPT_CHAIN_MAX) scan->problem = "too many indexes in a row: put a part of them into a local";
}

static void open_bracket(struct scan *scan) {
  if (scan->depth == WEIR_SCRIPT_NESTING_MAX) {
    scan->problem = "brackets are nested too deeply";
    return;
  }
  scan->levels[++scan->depth] = (struct level){ 0, 0 };
}

static void close_bracket(struct scan *scan, char bracket) {
  uint32_t most;
  if (scan->depth == 0) return;
  most = scan->levels[scan->depth--].most;
  if (bracket != '}') lengthen(scan, most + (bracket == ']' ? 1 : 0));
}

/* ---- Tokens */

static void skip_name(struct scan *scan) {
  const char *from = scan->at;
  weir_str name;
  if (scan->dot) lengthen(scan, 1);
  else scan->levels[scan->depth].chain = 0;
  scan->dot = false;
  while (scan->at < scan->end && (is_letter(*scan->at) || is_digit(*scan->at))) scan->at++;
  name = (weir_str){ from, (size_t)(scan->at - from) };
  if (weir_str_eq(name, WEIR_STR("goto")) || weir_str_eq(name, WEIR_STR("break"))) scan->items++;
  if (weir_str_eq(name, WEIR_STR("math")) || weir_str_eq(name, WEIR_STR("tonumber")) || weir_str_eq(name, WEIR_STR("_ENV")))
    mark(scan, WEIR_MARK_FLOAT);
}

static void skip_comment(struct scan *scan) {
  int level;
  scan->at += 2;
  level = peek(scan, 0) == '[' ? long_level(scan) : -1;
  if (level >= 0) {
    skip_long(scan, level);
    return;
  }
  while (scan->at < scan->end && *scan->at != '\n' && *scan->at != '\r') scan->at++;
}

/* Operators, separators and what else is one sign. */
static void skip_sign(struct scan *scan) {
  char c = *scan->at, next = peek(scan, 1);
  bool two = (c == '/' || c == '.' || c == ':') && next == c; /* // makes no float of integers, and .. is no index */
  if (c == '%') mark(scan, WEIR_MARK_MODULO);
  if (c == '#') mark(scan, WEIR_MARK_LENGTH);
  if (c == '/' && !two) mark(scan, WEIR_MARK_FLOAT);
  if (c == '.' && two) mark(scan, WEIR_MARK_JOIN);
  if (c == ':' && two) scan->items++;
  if (c == '^') scan->problem = "the operator ^ is not offered, its result differs between machines: multiply instead";
  scan->dot = (c == '.' || c == ':') && !two;
  if (!scan->dot) scan->levels[scan->depth].chain = 0;
  scan->at += two ? 2 : 1;
}

/* Behind a dot or colon stands a name, or the compiler refuses it: a file of `key: "text"` is told of its colons, not of indexes. */
static void skip_token(struct scan *scan) {
  char c = *scan->at, next = peek(scan, 1);
  if (c == '"' || c == '\'' || is_digit(c) || c == '{') scan->dot = false;
  if (is_blank(c)) {
    step(scan);
  } else if (c == '-' && next == '-') {
    skip_comment(scan);
  } else if (c == '[' && long_level(scan) >= 0) {
    skip_long(scan, long_level(scan));
  } else if (c == '"' || c == '\'') {
    skip_text(scan);
  } else if (is_digit(c) || (c == '.' && is_digit(next))) {
    skip_number(scan);
  } else if (is_letter(c)) {
    skip_name(scan);
  } else if (c == '(' || c == '[' || c == '{') {
    scan->at++;
    open_bracket(scan);
  } else if (c == ')' || c == ']' || c == '}') {
    scan->at++;
    close_bracket(scan, c);
  } else {
    skip_sign(scan);
  }
}

size_t weir_source_lines(weir_str text) {
  size_t lines = 1;
  for (size_t i = 0; i < text.len; i++) lines += text.ptr[i] == '\n' || text.ptr[i] == '\r';
  return lines;
}

bool weir_source_scan(struct weir_source *source) {
  weir_str text = source->text;
  struct scan scan = { .at = text.ptr, .end = text.ptr + text.len, .line = 1, .marks = source->marks };
  const char *nul = text.len ? memchr(text.ptr, '\0', text.len) : NULL;
  if (nul) scan.end = nul;
  while (scan.at < scan.end && !scan.problem) skip_token(&scan);
  if (nul && !scan.problem) scan.problem = nul_problem;
  source->line = scan.line;
  source->problem = scan.problem;
  source->items = scan.items;
  return scan.problem == NULL;
}
