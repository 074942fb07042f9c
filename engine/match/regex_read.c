/* regex_read.c: reads the source of a regex into a tree. It owns the grammar: branches, runs of literals, quantifiers,
 * groups and options. What it cannot read it refuses; PCRE2 reads the rewritten text again and refuses what is wrong in it.
 *
 * Case never matters, because both sides are folded: (?i) is read and left out. Extended mode (?x) is resolved here, so
 * what is written for PCRE2 needs neither. */
#include "match/regex_tree.h"

#include <stdio.h>

#include "limits.h"
#include "text/utf8.h"

struct mode { bool extended, extended_more; };

struct sequence {
  struct weir_node *concat, **tail;
  struct weir_literal_char *run; /* literals not yet folded */
  size_t run_len, run_cap;
  bool quantifiable;             /* the last child may take a quantifier */
  struct weir_node **last;       /* where the last child hangs */
};

struct weir_node *weir_node_new(struct weir_reader *reader, enum weir_node_kind kind, size_t source) {
  struct weir_node *node = weir_arena_zalloc(reader->work, sizeof *node);
  if (!node) return weir_read_nomem(reader);
  node->kind = kind;
  node->source = reader->pinned ? reader->pin : (uint32_t)source;
  return node;
}

void *weir_read_fail(struct weir_reader *reader, weir_status status, size_t offset, const char *hint, const char *format, ...) {
  va_list args;
  if (reader->failed) return NULL;
  reader->failed = true;
  reader->status = status;
  reader->bad->source = reader->source;
  reader->bad->offset = offset;
  va_start(args, format);
  (void)vsnprintf(reader->bad->message, sizeof reader->bad->message, format, args);
  va_end(args);
  (void)snprintf(reader->bad->hint, sizeof reader->bad->hint, "%s", hint ? hint : "");
  return NULL;
}

void *weir_read_nomem(struct weir_reader *reader) {
  return weir_read_fail(reader, WEIR_E_LIMIT, 0, "use fewer or shorter words in its lists", "too large once its word lists are filled in");
}

weir_str weir_read_copy(struct weir_reader *reader, weir_str text) {
  weir_str copy;
  if (weir_arena_str(reader->work, text, &copy)) return copy;
  (void)weir_read_nomem(reader);
  return (weir_str){ NULL, 0 };
}

/* ---- Sequences of atoms and literals */

static void append(struct sequence *seq, struct weir_node *node) {
  seq->last = seq->tail;
  *seq->tail = node;
  seq->tail = &node->next;
}

/* Folds run[0 .. len) and appends what is left of it. */
static bool flush(struct weir_reader *reader, struct sequence *seq, size_t len, bool *empty) {
  struct weir_node *node;
  *empty = true;
  if (len == 0) return true;
  if (!(node = weir_fold_run(reader, seq->run, len))) return false;
  seq->run_len -= len;
  memmove(seq->run, seq->run + len, seq->run_len * sizeof *seq->run);
  if (node->kind == WEIR_NODE_EMPTY) return true;
  *empty = false;
  append(seq, node);
  return true;
}

static bool push_literal(struct weir_reader *reader, struct sequence *seq, uint32_t cp, size_t source) {
  if (seq->run_len == seq->run_cap) {
    size_t cap = seq->run_cap ? seq->run_cap * 2 : 32;
    struct weir_literal_char *run = weir_arena_array(reader->work, cap, sizeof *run);
    if (!run) return weir_read_nomem(reader) != NULL;
    if (seq->run_len) memcpy(run, seq->run, seq->run_len * sizeof *run);
    seq->run = run;
    seq->run_cap = cap;
  }
  seq->run[seq->run_len++] = (struct weir_literal_char){ cp, (uint32_t)source };
  return true;
}

/* ---- Quantifiers */

static bool at_digit(const struct weir_reader *reader, size_t at) {
  return at < reader->source.len && reader->source.ptr[at] >= '0' && reader->source.ptr[at] <= '9';
}

static size_t read_number(const struct weir_reader *reader, size_t at, uint32_t *value) {
  *value = 0;
  for (; at_digit(reader, at); at++) *value = *value > WEIR_REGEX_COUNT_MAX ? *value : *value * 10 + (uint32_t)(reader->source.ptr[at] - '0');
  return at;
}

/* {2} {2,} {2,5} at `at`: where it ends, 0: it is none. */
static size_t braces(const struct weir_reader *reader, size_t at, uint32_t *least, uint32_t *most) {
  if (at >= reader->source.len || reader->source.ptr[at] != '{' || !at_digit(reader, at + 1)) return 0;
  at = read_number(reader, at + 1, least);
  *most = *least;
  if (at < reader->source.len && reader->source.ptr[at] == ',') {
    *most = WEIR_UNBOUNDED;
    if (at_digit(reader, ++at)) at = read_number(reader, at, most);
  }
  return at < reader->source.len && reader->source.ptr[at] == '}' ? at + 1 : 0;
}

/* A quantifier at reader->at is read: true. */
static bool read_quantifier(struct weir_reader *reader, uint32_t *least, uint32_t *most, char *suffix) {
  size_t end;
  char c;
  if (reader->at >= reader->source.len) return false;
  c = reader->source.ptr[reader->at];
  *least = c == '+';
  *most = c == '?' ? 1 : WEIR_UNBOUNDED;
  if (c == '*' || c == '+' || c == '?') end = reader->at + 1;
  else if ((end = braces(reader, reader->at, least, most)) == 0) return false;
  *suffix = 0;
  if (end < reader->source.len && (reader->source.ptr[end] == '+' || reader->source.ptr[end] == '?')) *suffix = reader->source.ptr[end++];
  reader->at = end;
  return true;
}

/* White space and comments of extended mode. */
static void skip_extended(struct weir_reader *reader, struct mode mode) {
  while (mode.extended && reader->at < reader->source.len) {
    char c = reader->source.ptr[reader->at];
    if (c == '#') {
      while (reader->at < reader->source.len && reader->source.ptr[reader->at] != '\n') reader->at++;
    } else if (c != ' ' && (c < '\t' || c > '\r')) {
      return;
    } else {
      reader->at++;
    }
  }
}

/* Wraps the last child when a quantifier follows. */
static bool quantify(struct weir_reader *reader, struct sequence *seq, struct mode mode, bool dropped) {
  uint32_t least, most;
  size_t source = reader->at;
  struct weir_node *repeat, *child;
  char suffix;
  skip_extended(reader, mode);
  source = reader->at;
  if (!read_quantifier(reader, &least, &most, &suffix) || dropped) return true;
  if (least > most && most != WEIR_UNBOUNDED) {
    return weir_read_fail(reader, WEIR_E_RULES, source, NULL, "numbers out of order in {} quantifier") != NULL;
  }
  child = *seq->last;
  if (child->gap && child->kind == WEIR_NODE_REPEAT) child = child->first, least = 0;
  if (!(repeat = weir_node_new(reader, WEIR_NODE_REPEAT, child->source))) return false;
  repeat->first = child;
  repeat->least = least;
  repeat->most = most;
  repeat->suffix = suffix;
  *seq->last = repeat;
  seq->tail = &repeat->next;
  return true;
}

/* Looks for a quantifier without reading it. */
static bool quantifier_ahead(struct weir_reader *reader, struct mode mode) {
  size_t at = reader->at;
  uint32_t least, most;
  char suffix;
  bool found;
  skip_extended(reader, mode);
  found = read_quantifier(reader, &least, &most, &suffix);
  reader->at = at;
  return found;
}

/* A literal character: joins the run; with a quantifier behind it, the run is split. */
static bool take_literal(struct weir_reader *reader, struct sequence *seq, struct mode mode, uint32_t cp, size_t source) {
  bool empty;
  size_t unit;
  if (!push_literal(reader, seq, cp, source)) return false;
  if (!quantifier_ahead(reader, mode)) return true;
  unit = weir_fold_last_unit(seq->run, seq->run_len);
  if (!flush(reader, seq, seq->run_len - unit, &empty) || !flush(reader, seq, unit, &empty)) return false;
  return quantify(reader, seq, mode, empty);
}

static bool take_node(struct weir_reader *reader, struct sequence *seq, struct mode mode, struct weir_node *node) {
  bool empty;
  if (!node || !flush(reader, seq, seq->run_len, &empty)) return false;
  if (node->gap && !(node = weir_fold_optional(reader, node))) return false;
  append(seq, node);
  if (node->kind == WEIR_NODE_POINT || node->kind == WEIR_NODE_EDGE || node->kind == WEIR_NODE_OPTION) {
    size_t source = reader->at;
    if (!quantifier_ahead(reader, mode)) return true;
    return weir_read_fail(reader, WEIR_E_RULES, source, NULL, "quantifier does not follow a repeatable item") != NULL;
  }
  return quantify(reader, seq, mode, false);
}

/* ---- Atoms */

static struct weir_node *read_branches(struct weir_reader *reader, struct mode mode);

/* (?| and (?n): from here on groups are not numbered one by one. */
static bool renumbers(const struct weir_group_open *open) {
  bool options = open->option || (open->text.len > 2 && open->text.ptr[open->text.len - 1] == ':');
  return weir_str_eq(open->text, WEIR_STR("(?|")) || (options && open->text.len && memchr(open->text.ptr, 'n', open->text.len) != NULL);
}

/* "(" at reader->at. An option changes *mode and gives an OPTION or EMPTY node. */
static struct weir_node *read_group(struct weir_reader *reader, struct mode *mode) {
  size_t source = reader->at++;
  struct weir_group_open open;
  struct weir_node *node, *inner;
  struct mode inside;
  uint32_t groups = reader->groups;
  if (!weir_read_group_open(reader, mode->extended, mode->extended_more, &open)) return NULL;
  if (open.comment) return weir_node_new(reader, WEIR_NODE_EMPTY, source);
  inside = (struct mode){ open.extended, open.extended_more };
  if (renumbers(&open)) reader->renumbered = true;
  groups = reader->groups > groups ? reader->groups : 0; /* its own number */
  if (open.option) {
    *mode = inside;
    if (!(node = weir_node_new(reader, open.text.len ? WEIR_NODE_OPTION : WEIR_NODE_EMPTY, source))) return NULL;
    node->text = open.text;
    return node;
  }
  if (++reader->depth > WEIR_PATTERN_PARENS_MAX) {
    return weir_read_fail(reader, WEIR_E_LIMIT, source, NULL, "parentheses are nested more than %d deep", WEIR_PATTERN_PARENS_MAX);
  }
  if (!(node = weir_node_new(reader, WEIR_NODE_GROUP, source)) || !(inner = read_branches(reader, inside))) return NULL;
  reader->depth--;
  if (reader->at >= reader->source.len) return weir_read_fail(reader, WEIR_E_RULES, source, NULL, "missing closing parenthesis");
  reader->at++;
  node->text = open.text;
  node->group = open.kind;
  node->closed = open.kind == WEIR_GROUP_BEHIND;
  node->first = inner;
  if (groups > 0 && groups < WEIR_READER_CAPTURES && !reader->renumbered) reader->captures[groups] = node;
  return node;
}

static bool take_group(struct weir_reader *reader, struct sequence *seq, struct mode *mode) {
  struct weir_node *node = read_group(reader, mode);
  bool empty;
  if (!node) return false;
  if (node->kind != WEIR_NODE_EMPTY) return take_node(reader, seq, *mode, node);
  return flush(reader, seq, seq->run_len, &empty);
}

/* \Q...\E: everything is literal. */
static bool take_quoted(struct weir_reader *reader, struct sequence *seq, struct mode mode) {
  while (reader->at < reader->source.len) {
    size_t source = reader->at, len;
    uint32_t cp = weir_utf8_at(reader->source, reader->at, &len);
    if (cp == '\\' && source + 1 < reader->source.len && reader->source.ptr[source + 1] == 'E') {
      reader->at += 2;
      if (!quantifier_ahead(reader, mode) || seq->run_len == 0) return true;
      seq->run_len--;
      return take_literal(reader, seq, mode, seq->run[seq->run_len].cp, seq->run[seq->run_len].source);
    }
    reader->at += len;
    if (!push_literal(reader, seq, cp, source)) return false;
  }
  return true;
}

static bool take_escape(struct weir_reader *reader, struct sequence *seq, struct mode mode) {
  size_t source = reader->at;
  struct weir_node *node;
  uint32_t cp;
  switch (weir_read_escape(reader, &cp, &node)) {
  case WEIR_ESCAPE_CHAR: return take_literal(reader, seq, mode, cp, source);
  case WEIR_ESCAPE_NODE: return take_node(reader, seq, mode, node);
  case WEIR_ESCAPE_QUOTE: return take_quoted(reader, seq, mode);
  case WEIR_ESCAPE_NOTHING: return true;
  case WEIR_ESCAPE_FAILED: break;
  }
  return false;
}

static bool take_plain(struct weir_reader *reader, struct sequence *seq, struct mode mode) {
  size_t source = reader->at, len;
  char c = reader->source.ptr[source];
  struct weir_node *node;
  weir_str name;
  uint32_t least, most;
  char suffix;
  if (c == '[') return take_node(reader, seq, mode, weir_read_class(reader, mode.extended_more));
  if (c == '.' || c == '^' || c == '$') {
    reader->at++;
    if (c == '.') return take_node(reader, seq, mode, weir_read_type(reader, WEIR_STR("."), source));
    if ((node = weir_node_new(reader, WEIR_NODE_POINT, source))) node->text = c == '^' ? WEIR_STR("^") : WEIR_STR("$");
    return take_node(reader, seq, mode, node);
  }
  if (weir_list_here(reader, &name)) {
    reader->at += name.len + 2;
    return take_node(reader, seq, mode, weir_read_list(reader, name, source));
  }
  if (read_quantifier(reader, &least, &most, &suffix)) {
    return weir_read_fail(reader, WEIR_E_RULES, source, NULL, "quantifier does not follow a repeatable item") != NULL;
  }
  uint32_t cp = weir_utf8_at(reader->source, source, &len);
  reader->at += len;
  return take_literal(reader, seq, mode, cp, source);
}

/* One branch; *mode may change for those after it. */
static struct weir_node *read_sequence(struct weir_reader *reader, struct mode *mode) {
  struct sequence seq = { .concat = weir_node_new(reader, WEIR_NODE_CONCAT, reader->at) };
  bool empty;
  if (!seq.concat) return NULL;
  seq.tail = &seq.concat->first;
  for (;;) {
    char c;
    bool ok;
    skip_extended(reader, *mode);
    if (reader->at >= reader->source.len) break;
    c = reader->source.ptr[reader->at];
    if (c == '|' || c == ')') break;
    if (c == '(') ok = take_group(reader, &seq, mode);
    else if (c == '\\') ok = take_escape(reader, &seq, *mode);
    else ok = take_plain(reader, &seq, *mode);
    if (!ok) return NULL;
  }
  return flush(reader, &seq, seq.run_len, &empty) ? seq.concat : NULL;
}

static struct weir_node *read_branches(struct weir_reader *reader, struct mode mode) {
  struct weir_node *branches = weir_node_new(reader, WEIR_NODE_BRANCHES, reader->at), **tail;
  if (!branches) return NULL;
  tail = &branches->first;
  for (;;) {
    if (!(*tail = read_sequence(reader, &mode))) return NULL;
    tail = &(*tail)->next;
    if (reader->at >= reader->source.len || reader->source.ptr[reader->at] != '|') return branches;
    reader->at++;
  }
}

struct weir_node *weir_regex_read(struct weir_reader *reader, weir_str source) {
  struct weir_node *tree;
  reader->source = source;
  reader->at = 0;
  tree = read_branches(reader, (struct mode){ false, false });
  if (tree && reader->at < source.len) return weir_read_fail(reader, WEIR_E_RULES, reader->at, NULL, "unmatched closing parenthesis");
  return tree;
}
