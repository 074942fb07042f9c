/* regex_tree.h: a regular expression as weir reads it. Inside match/ only.
 *
 * The source is read into a tree (regex_read.c, regex_atom.c, regex_class.c): literals folded, {lists} filled in,
 * what is dangerous refused. From the tree come the text given to PCRE2 (regex_write.c), what a start position may cost
 * (regex_cost.c), and what every match must contain (literals.c). The tree lives in the builder's working memory. */
#ifndef WEIR_MATCH_REGEX_TREE_H
#define WEIR_MATCH_REGEX_TREE_H

#include "base/arena.h"
#include "base/buf.h"
#include "match/match.h"
#include "limits.h"

#define WEIR_UNBOUNDED UINT32_MAX

enum weir_node_kind {
  WEIR_NODE_EMPTY,    /* matches the empty text */
  WEIR_NODE_LITERAL,  /* text: folded bytes, not escaped */
  WEIR_NODE_SET,      /* one character of a set; text: as PCRE2 reads it */
  WEIR_NODE_POINT,    /* a place: ^ $ \A \z; text: as PCRE2 reads it */
  WEIR_NODE_EDGE,     /* an edge of a word: `edge` says which */
  WEIR_NODE_BACK,     /* what its length cannot be told from: back references, \X; text: as PCRE2 reads it */
  WEIR_NODE_OPTION,   /* (?s) and the like; text: as PCRE2 reads it */
  WEIR_NODE_GROUP,    /* text: what opens it; one child */
  WEIR_NODE_CONCAT,   /* children one after the other */
  WEIR_NODE_BRANCHES, /* children instead of each other */
  WEIR_NODE_REPEAT    /* one child, least..most times */
};

enum weir_group_kind { WEIR_GROUP_PLAIN, WEIR_GROUP_ATOMIC, WEIR_GROUP_AHEAD, WEIR_GROUP_BEHIND };

/* Numbers of the callouts that stand in compiled patterns. */
enum weir_callout {
  WEIR_CALLOUT_STARTS = 2, /* a word may start here */
  WEIR_CALLOUT_ENDS = 3,   /* a word may end here */
  WEIR_CALLOUT_EDGE = 4,   /* \b */
  WEIR_CALLOUT_INSIDE = 5, /* \B */
  WEIR_CALLOUT_BEGIN = 8,  /* a start position: 8 + weight 0..15 */
  WEIR_CALLOUT_COST = 32   /* inside: 32 + 16 * reach 0..13 + weight 0..15 */
};

/* One character: which ASCII characters, and whether others too. */
struct weir_set {
  uint64_t ascii[2];
  bool others;            /* characters beyond ASCII may match */
  uint32_t member_cnt;    /* all members when there are few and they are known, else 0 */
  uint32_t members[8];
  uint32_t ranges;        /* what testing one character beyond ASCII costs: ranges and properties to walk */
};

struct weir_node {
  enum weir_node_kind kind;
  enum weir_group_kind group;
  enum weir_callout edge;
  uint32_t source;        /* where it begins in the text as written */
  uint32_t least, most;
  char suffix;            /* of a REPEAT: '?', '+' or 0 */
  bool closed;            /* of a GROUP: no callouts for costs inside */
  bool gap;               /* loose: a separator that may be missing; REPEAT {0,1} or a SET that holds nothing else */
  weir_str text;
  const struct weir_set *set;
  struct weir_node *first, *next;
  const struct weir_node *back; /* of a BACK: the group it repeats, when that is known */
};

#define WEIR_READER_CAPTURES (WEIR_PATTERN_CAPTURES_MAX + 1) /* and the whole match */

/* A regex being read. */
struct weir_reader {
  struct weir_arena *work;
  const struct weir_word_lists *lists;
  struct weir_pattern_error *bad;
  weir_str source;        /* as written */
  size_t at;
  bool loose;
  bool failed;            /* *bad is filled */
  weir_status status;     /* why: WEIR_E_RULES, WEIR_E_LIMIT or WEIR_E_NOMEM */
  unsigned depth;         /* groups around */
  unsigned list_depth;    /* lists inside lists */
  uint32_t groups;        /* captures so far */
  bool renumbered;        /* (?| is in use: numbers of groups are not what they seem */
  const struct weir_node *captures[WEIR_READER_CAPTURES]; /* closed groups, by number */
  bool pinned;            /* nodes come from a list: their place is that of the list */
  uint32_t pin;
};

/* Reads a whole regex; NULL: failed. */
struct weir_node *weir_regex_read(struct weir_reader *reader, weir_str source);

/* ---- Shared by the readers */
struct weir_node *weir_node_new(struct weir_reader *reader, enum weir_node_kind kind, size_t source);
/* Always NULL. `hint` may be NULL. */
void *weir_read_fail(struct weir_reader *reader, weir_status status, size_t offset, const char *hint, const char *format, ...)
    WEIR_PRINTF(5, 6);
void *weir_read_nomem(struct weir_reader *reader);
/* A copy in the working memory; .ptr NULL when there is none (the reader has failed). */
weir_str weir_read_copy(struct weir_reader *reader, weir_str text);

/* regex_atom.c */
enum weir_escape_kind { WEIR_ESCAPE_CHAR, WEIR_ESCAPE_NODE, WEIR_ESCAPE_QUOTE, WEIR_ESCAPE_NOTHING, WEIR_ESCAPE_FAILED };
/* Reads what follows a backslash at reader->at (which stands on it). CHAR: *cp; NODE: *node. */
enum weir_escape_kind weir_read_escape(struct weir_reader *reader, uint32_t *cp, struct weir_node **node);
/* Inside a class: *cp, or a type such as \d as written in *type. */
enum weir_escape_kind weir_read_class_escape(struct weir_reader *reader, uint32_t *cp, weir_str *type);
/* What opens a group at reader->at, which stands behind "(". */
struct weir_group_open {
  enum weir_group_kind kind;
  weir_str text;        /* as PCRE2 reads it */
  bool option;          /* (?s): no group at all */
  bool comment;         /* (?#...) */
  bool extended;        /* x in force inside (or from here on, for an option) */
  bool extended_more;   /* xx */
};
bool weir_read_group_open(struct weir_reader *reader, bool extended, bool extended_more, struct weir_group_open *out);

/* regex_class.c: reads [...] at reader->at. */
struct weir_node *weir_read_class(struct weir_reader *reader, bool extended_more);
/* The set of a type such as \d; text as PCRE2 reads it. */
struct weir_node *weir_read_type(struct weir_reader *reader, weir_str written, size_t source);

/* regex_fold.c: a run of literal characters as nodes. Characters that fold to nothing are dropped. NULL: failed. */
struct weir_literal_char { uint32_t cp, source; };
struct weir_node *weir_fold_run(struct weir_reader *reader, const struct weir_literal_char *run, size_t run_len);
/* The node, or nothing: what a loose pattern makes of separators. */
struct weir_node *weir_fold_optional(struct weir_reader *reader, struct weir_node *node);
/* How many characters at the end of the run a quantifier takes: one, or more when they fold into one. */
size_t weir_fold_last_unit(const struct weir_literal_char *run, size_t run_len);
/* Folds one keyword or word, loosely if asked. false: failed. */
bool weir_fold_text(struct weir_reader *reader, weir_str text, weir_str *out);

/* lists.c: {name} at reader->at inside a regex. */
bool weir_list_here(const struct weir_reader *reader, weir_str *name);
struct weir_node *weir_read_list(struct weir_reader *reader, weir_str name, size_t source);
/* The words of a list, those of lists inside it included, in order. A class comes with its regex, a word with an empty
 * one. false: failed, or `take` said so. */
typedef bool (*weir_word_taker)(void *ctx, struct weir_reader *reader, weir_str word, weir_str class_regex);
bool weir_list_each(struct weir_reader *reader, weir_str name, size_t source, weir_word_taker take, void *ctx);
/* A word that is "{name}" and nothing else: its name. */
bool weir_list_alone(weir_str word, weir_str *name);
/* Folds a word; empty is an error. */
bool weir_list_fold(struct weir_reader *reader, weir_str word, weir_str *out);
/* Whether a folded word needs an edge before it. Behind it one is always needed: a combining mark may follow. */
bool weir_word_needs_start(weir_str word);

/* regex_cost.c: what trying one start position takes at worst, in quarters of a step (a step is 22 ns); saturates. */
struct weir_cost { uint32_t cost, ways; }; /* ways: how often what follows may be tried */
struct weir_cost weir_node_cost(const struct weir_node *node);
/* Of a node and its successors. */
uint32_t weir_chain_cost(const struct weir_node *node);
/* A node that needs no callouts: it goes one way, and its cost is known and small. */
bool weir_node_plain(const struct weir_node *node);
/* What is done at most before the next callout when matching goes on with `node` and its successors. */
uint32_t weir_segment_cost(const struct weir_node *node);
/* log2 of what one repeated character costs, in sixteenths of a step. */
unsigned weir_repeat_reach(const struct weir_node *node);
/* One character: a set or a literal of one code point. */
bool weir_node_single(const struct weir_node *node);

/* regex_write.c: the text for PCRE2, and for each piece of it where it comes from. */
struct weir_regex_piece { uint32_t written, source; };
struct weir_regex_text {
  weir_str text;
  const struct weir_regex_piece *pieces;
  size_t piece_cnt;
  bool atomic;  /* atomic groups are in it */
  bool ahead;   /* lookaheads are in it */
};
bool weir_regex_write(struct weir_reader *reader, const struct weir_node *tree, struct weir_regex_text *out);

#endif
