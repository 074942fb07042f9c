/* regex_atom.c: what follows a backslash, and what opens a group. It owns the list of what is refused by name, because it
 * can run away, changes what the engine set, or reads outside the text: verbs (*...), callouts, \C, recursion and calls of
 * groups, conditions, duplicate names. */
#include "match/regex_tree.h"

#include "text/utf8.h"
#include "limits.h"

#define HINT_REWRITE "write the part out where it is needed"

static char char_at(const struct weir_reader *reader, size_t at) { return at < reader->source.len ? reader->source.ptr[at] : '\0'; }

static enum weir_escape_kind refuse(struct weir_reader *reader, size_t at, const char *what, const char *hint) {
  (void)weir_read_fail(reader, WEIR_E_RULES, at, hint, "%s cannot be used in rules", what);
  return WEIR_ESCAPE_FAILED;
}

static int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* Digits of `base` from reader->at, at most `max`, up to `close` when that is not 0. */
static bool read_code(struct weir_reader *reader, int base, size_t max, char close, uint32_t *cp) {
  size_t start = reader->at, cnt = 0;
  *cp = 0;
  while (cnt < max) {
    int digit = hex_value(char_at(reader, reader->at));
    if (digit < 0 || digit >= base || reader->at >= reader->source.len) break;
    *cp = *cp * (uint32_t)base + (uint32_t)digit;
    if (*cp > 0x10FFFF) break;
    reader->at++;
    cnt++;
  }
  if (close && (cnt == 0 || char_at(reader, reader->at) != close)) {
    return weir_read_fail(reader, WEIR_E_RULES, start, NULL, "not a code point between the braces") != NULL;
  }
  if (close) reader->at++;
  if (*cp > 0x10FFFF || (*cp >= 0xD800 && *cp <= 0xDFFF)) {
    return weir_read_fail(reader, WEIR_E_RULES, start, NULL, "character code point value is not one of Unicode") != NULL;
  }
  return true;
}

/* Escapes for one character, the same inside and outside a class. reader->at stands behind the letter. */
static enum weir_escape_kind read_char_escape(struct weir_reader *reader, char c, uint32_t *cp) {
  bool ok = true;
  switch (c) {
  case 'a': *cp = 7; break;
  case 'e': *cp = 27; break;
  case 'f': *cp = 12; break;
  case 'n': *cp = 10; break;
  case 'r': *cp = 13; break;
  case 't': *cp = 9; break;
  case '0': ok = read_code(reader, 8, 2, 0, cp); break;
  case 'o':
    if (char_at(reader, reader->at) != '{') return WEIR_ESCAPE_NOTHING;
    reader->at++;
    ok = read_code(reader, 8, 11, '}', cp);
    break;
  case 'x':
    if (char_at(reader, reader->at) == '{') {
      reader->at++;
      ok = read_code(reader, 16, 8, '}', cp);
    } else {
      ok = read_code(reader, 16, 2, 0, cp);
    }
    break;
  case 'c': {
    char next = char_at(reader, reader->at);
    if (next < 32 || next > 126) ok = weir_read_fail(reader, WEIR_E_RULES, reader->at, NULL, "\\c must be followed by a printable ASCII character") != NULL; /* fixed: ASCII that can be printed */
    else *cp = (uint32_t)((next >= 'a' && next <= 'z' ? next - 32 : next) ^ 64), reader->at++;
    break;
  }
  default: return WEIR_ESCAPE_NOTHING;
  }
  return ok ? WEIR_ESCAPE_CHAR : WEIR_ESCAPE_FAILED;
}

/* \p{...} \pL at the letter: its end, 0 when it is cut short. */
static size_t property_end(const struct weir_reader *reader, size_t at) {
  if (char_at(reader, at + 1) != '{') return at + 1 < reader->source.len ? at + 2 : 0;
  while (at < reader->source.len && reader->source.ptr[at] != '}') at++;
  return at < reader->source.len ? at + 1 : 0;
}

static enum weir_escape_kind node_of(struct weir_node *node, struct weir_node **out) {
  *out = node;
  return node ? WEIR_ESCAPE_NODE : WEIR_ESCAPE_FAILED;
}

static enum weir_escape_kind plain_node(struct weir_reader *reader, enum weir_node_kind kind, size_t start, size_t end, struct weir_node **out) {
  struct weir_node *node = weir_node_new(reader, kind, start);
  reader->at = end;
  if (node) node->text = (weir_str){ reader->source.ptr + start, end - start };
  return node_of(node, out);
}

static enum weir_escape_kind edge_node(struct weir_reader *reader, enum weir_callout edge, size_t start, struct weir_node **out) {
  struct weir_node *node = weir_node_new(reader, WEIR_NODE_EDGE, start);
  if (node) node->edge = edge;
  return node_of(node, out);
}

/* The end of {name} 'name' <name> or a bare number behind \g or \k; 0: none. */
static size_t reference_end(const struct weir_reader *reader, size_t at) {
  char open = char_at(reader, at), close = open == '{' ? '}' : open == '<' ? '>' : open == '\'' ? '\'' : '\0';
  if (close) {
    for (at++; at < reader->source.len; at++) if (reader->source.ptr[at] == close) return at + 1;
    return 0;
  }
  if (open == '-' || open == '+') at++;
  size_t digits = at;
  while (char_at(reader, at) >= '0' && char_at(reader, at) <= '9') at++;
  return at > digits ? at : 0;
}

static enum weir_escape_kind read_reference(struct weir_reader *reader, char c, size_t start, struct weir_node **node) {
  char open = char_at(reader, reader->at);
  size_t end = reference_end(reader, reader->at);
  if (c == 'g' && (open == '<' || open == '\'')) return refuse(reader, start, "calling a group (\\g<...>)", HINT_REWRITE);
  if (end == 0) {
    (void)weir_read_fail(reader, WEIR_E_RULES, start, NULL, "\\%c is not followed by a name or number in braces", c);
    return WEIR_ESCAPE_FAILED;
  }
  return plain_node(reader, WEIR_NODE_BACK, start, end, node);
}

/* \1 to \99: a back reference, or octal as PCRE2 has it: below 10, or not above the groups so far. */
static enum weir_escape_kind read_digits(struct weir_reader *reader, size_t start, uint32_t *cp, struct weir_node **node) {
  size_t at = start + 1;
  uint32_t value = 0;
  while (char_at(reader, at) >= '0' && char_at(reader, at) <= '9' && value < WEIR_REGEX_GROUP_MAX) value = value * 10 + (uint32_t)(reader->source.ptr[at++] - '0');
  if (value < 10 || reader->source.ptr[start + 1] >= '8' || value <= reader->groups) {
    enum weir_escape_kind kind = plain_node(reader, WEIR_NODE_BACK, start, at, node);
    if (*node && value < WEIR_READER_CAPTURES) (*node)->back = reader->captures[value];
    return kind;
  }
  reader->at = start + 1;
  return read_code(reader, 8, 3, 0, cp) ? WEIR_ESCAPE_CHAR : WEIR_ESCAPE_FAILED;
}

enum weir_escape_kind weir_read_escape(struct weir_reader *reader, uint32_t *cp, struct weir_node **node) {
  size_t start = reader->at, len, end;
  char c = char_at(reader, start + 1);
  enum weir_escape_kind kind;
  if (start + 1 >= reader->source.len) {
    (void)weir_read_fail(reader, WEIR_E_RULES, start, NULL, "\\ at end of pattern");
    return WEIR_ESCAPE_FAILED;
  }
  if (c >= '1' && c <= '9') return read_digits(reader, start, cp, node);
  if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
    *cp = weir_utf8_at(reader->source, start + 1, &len);
    reader->at = start + 1 + len;
    return WEIR_ESCAPE_CHAR;
  }
  reader->at = start + 2;
  if ((kind = read_char_escape(reader, c, cp)) != WEIR_ESCAPE_NOTHING) return kind;
  switch (c) {
  case 'Q': return WEIR_ESCAPE_QUOTE;
  case 'E': return WEIR_ESCAPE_NOTHING;
  case 'C': return refuse(reader, start, "\\C (a single byte)", "use . for one character");
  case 'b': return edge_node(reader, WEIR_CALLOUT_EDGE, start, node);
  case 'B': return edge_node(reader, WEIR_CALLOUT_INSIDE, start, node);
  case 'A': case 'Z': case 'z': case 'K': return plain_node(reader, WEIR_NODE_POINT, start, start + 2, node);
  case 'G': /* where the search began: always the beginning */
    kind = plain_node(reader, WEIR_NODE_POINT, start, start + 2, node);
    if (*node) (*node)->text = WEIR_STR("\\A");
    return kind;
  case 'X': case 'R': return plain_node(reader, WEIR_NODE_BACK, start, start + 2, node);
  case 'g': case 'k': return read_reference(reader, c, start, node);
  case 'd': case 'D': case 'h': case 'H': case 's': case 'S': case 'v': case 'V': case 'w': case 'W':
    return node_of(weir_read_type(reader, (weir_str){ reader->source.ptr + start, 2 }, start), node);
  case 'N':
    if (weir_str_starts((weir_str){ reader->source.ptr + start, reader->source.len - start }, WEIR_STR("\\N{U+"))) {
      reader->at = start + 5;
      return read_code(reader, 16, 8, '}', cp) ? WEIR_ESCAPE_CHAR : WEIR_ESCAPE_FAILED;
    }
    return node_of(weir_read_type(reader, (weir_str){ reader->source.ptr + start, 2 }, start), node);
  case 'p': case 'P':
    if ((end = property_end(reader, start + 1)) != 0) {
      reader->at = end;
      return node_of(weir_read_type(reader, (weir_str){ reader->source.ptr + start, end - start }, start), node);
    }
    break;
  default: break;
  }
  (void)weir_read_fail(reader, WEIR_E_RULES, start, NULL, "\\%c has no meaning in a regex", c);
  return WEIR_ESCAPE_FAILED;
}

enum weir_escape_kind weir_read_class_escape(struct weir_reader *reader, uint32_t *cp, weir_str *type) {
  size_t start = reader->at, len, end;
  char c = char_at(reader, start + 1);
  enum weir_escape_kind kind;
  if (start + 1 >= reader->source.len) {
    (void)weir_read_fail(reader, WEIR_E_RULES, start, NULL, "\\ at end of pattern");
    return WEIR_ESCAPE_FAILED;
  }
  if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
    *cp = weir_utf8_at(reader->source, start + 1, &len);
    reader->at = start + 1 + len;
    return WEIR_ESCAPE_CHAR;
  }
  if (c >= '1' && c <= '7') {
    reader->at = start + 1;
    return read_code(reader, 8, 3, 0, cp) ? WEIR_ESCAPE_CHAR : WEIR_ESCAPE_FAILED;
  }
  reader->at = start + 2;
  if ((kind = read_char_escape(reader, c, cp)) != WEIR_ESCAPE_NOTHING) return kind;
  end = start + 2;
  switch (c) {
  case 'b': *cp = 8; return WEIR_ESCAPE_CHAR;
  case 'Q': return WEIR_ESCAPE_QUOTE;
  case 'E': return WEIR_ESCAPE_NOTHING;
  case 'p': case 'P': end = property_end(reader, start + 1); break;
  case 'd': case 'D': case 'h': case 'H': case 's': case 'S': case 'v': case 'V': case 'w': case 'W': break;
  case 'N':
    if (weir_str_starts((weir_str){ reader->source.ptr + start, reader->source.len - start }, WEIR_STR("\\N{U+"))) {
      reader->at = start + 5;
      return read_code(reader, 16, 8, '}', cp) ? WEIR_ESCAPE_CHAR : WEIR_ESCAPE_FAILED;
    }
    end = 0;
    break;
  default: end = 0; break;
  }
  if (end == 0) {
    (void)weir_read_fail(reader, WEIR_E_RULES, start, NULL, "\\%c has no meaning in a character class", c);
    return WEIR_ESCAPE_FAILED;
  }
  reader->at = end;
  *type = (weir_str){ reader->source.ptr + start, end - start };
  return WEIR_ESCAPE_NODE;
}

/* ---- What opens a group */

struct opener { const char *text, *written; enum weir_group_kind kind; };

static const struct opener openers[] = {
  { "?:", "(?:", WEIR_GROUP_PLAIN }, { "?|", "(?|", WEIR_GROUP_PLAIN }, { "?>", "(?>", WEIR_GROUP_ATOMIC },
  { "?=", "(?=", WEIR_GROUP_AHEAD }, { "?!", "(?!", WEIR_GROUP_AHEAD }, { "?*", "(?*", WEIR_GROUP_AHEAD },
  { "?<=", "(?<=", WEIR_GROUP_BEHIND }, { "?<!", "(?<!", WEIR_GROUP_BEHIND }, { "?<*", "(?<*", WEIR_GROUP_BEHIND },
};

static const struct opener refused[] = {
  { "*", "a verb (*...)", WEIR_GROUP_PLAIN }, { "?C", "a callout (?C...)", WEIR_GROUP_PLAIN },
  { "?R", "recursion (?R)", WEIR_GROUP_PLAIN }, { "?&", "calling a group (?&...)", WEIR_GROUP_PLAIN },
  { "?P>", "calling a group (?P>...)", WEIR_GROUP_PLAIN }, { "?(", "a condition (?(...)", WEIR_GROUP_PLAIN },
};

static bool opens_call(weir_str rest) {
  size_t at = 1;
  if (rest.len < 2 || rest.ptr[0] != '?') return false;
  if (rest.ptr[1] == '+' || rest.ptr[1] == '-') at = 2;
  return at < rest.len && rest.ptr[at] >= '0' && rest.ptr[at] <= '9';
}

/* (?<name> (?'name' (?P<name>: the length of it; 0: none. */
static size_t name_open(weir_str rest) {
  size_t at = weir_str_starts(rest, WEIR_STR("?P<")) ? 3 : weir_str_starts(rest, WEIR_STR("?<")) || weir_str_starts(rest, WEIR_STR("?'")) ? 2 : 0;
  char close;
  if (at == 0) return 0;
  close = rest.ptr[at - 1] == '<' ? '>' : '\'';
  for (; at < rest.len; at++) if (rest.ptr[at] == close) return at + 1;
  return 0;
}

/* (?imsxnU-imsxnU) or with ":": written without i and x, which are resolved here. */
static bool read_options(struct weir_reader *reader, struct weir_group_open *out) {
  size_t start = reader->at, at = start + 1;
  char written[24];
  struct weir_buf buf;
  bool off = false;
  weir_buf_init(&buf, written, sizeof written);
  weir_buf_text(&buf, "(?");
  for (;; at++) {
    char c = char_at(reader, at);
    if (c == ')' || c == ':') break;
    if (c == '-' && !off) off = true, weir_buf_byte(&buf, c);
    else if (c == '^' && at == start + 1) out->extended = out->extended_more = false, weir_buf_byte(&buf, c);
    else if (c == 'x') {
      bool more = char_at(reader, at + 1) == 'x';
      if (more) at++;
      out->extended = !off;
      out->extended_more = !off && more;
    } else if (c == 'J') {
      return refuse(reader, start - 1, "(?J), names used twice,", NULL) != WEIR_ESCAPE_FAILED;
    } else if (c == 'm' || c == 's' || c == 'n' || c == 'U') {
      weir_buf_byte(&buf, c);
    } else if (c != 'i') {
      return weir_read_fail(reader, WEIR_E_RULES, at, NULL, "unrecognized character after (? or (?-") != NULL;
    }
  }
  out->option = char_at(reader, at) == ')';
  reader->at = at + 1;
  if (buf.full) return weir_read_fail(reader, WEIR_E_RULES, start, NULL, "too many option letters") != NULL;
  if (buf.ptr[buf.len - 1] == '-') buf.len--;
  if (out->option && buf.len == 2) return true;
  weir_buf_byte(&buf, out->option ? ')' : ':');
  out->text = weir_read_copy(reader, weir_buf_view(&buf));
  return out->text.ptr != NULL;
}

static bool starts_with(weir_str text, const char *head) { return weir_str_starts(text, weir_str_of(head)); }

/* (?P=name): a back reference that looks like a group. */
static bool read_named_back(struct weir_reader *reader) {
  return weir_read_fail(reader, WEIR_E_RULES, reader->at - 1, "write \\k<name> instead", "(?P=name) cannot be used in rules") != NULL;
}

bool weir_read_group_open(struct weir_reader *reader, bool extended, bool extended_more, struct weir_group_open *out) {
  weir_str rest = { reader->source.ptr + reader->at, reader->source.len - reader->at };
  size_t len;
  *out = (struct weir_group_open){ .kind = WEIR_GROUP_PLAIN, .extended = extended, .extended_more = extended_more };
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    if (starts_with(rest, refused[i].text)) return refuse(reader, reader->at - 1, refused[i].written, NULL) != WEIR_ESCAPE_FAILED;
  }
  if (opens_call(rest)) return refuse(reader, reader->at - 1, "calling a group (?1)", HINT_REWRITE) != WEIR_ESCAPE_FAILED;
  if (starts_with(rest, "?P=")) return read_named_back(reader);
  if (starts_with(rest, "?#")) {
    while (reader->at < reader->source.len && reader->source.ptr[reader->at] != ')') reader->at++;
    if (reader->at >= reader->source.len) return weir_read_fail(reader, WEIR_E_RULES, reader->source.len, NULL, "missing ) after (?# comment") != NULL;
    reader->at++;
    out->comment = true;
    return true;
  }
  for (size_t i = 0; i < sizeof openers / sizeof openers[0]; i++) {
    if (!starts_with(rest, openers[i].text)) continue;
    reader->at += strlen(openers[i].text);
    out->kind = openers[i].kind;
    out->text = weir_str_of(openers[i].written);
    return true;
  }
  len = name_open(rest);
  if (len == 0 && rest.len > 0 && rest.ptr[0] == '?') return read_options(reader, out);
  out->text = (weir_str){ rest.ptr - 1, len + 1 };
  reader->at += len;
  reader->groups++;
  return true;
}
