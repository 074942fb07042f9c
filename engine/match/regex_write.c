/* regex_write.c: writes a tree as the text that PCRE2 compiles, with callouts: one where a start position begins, one at
 * every edge of a word (so that \b and word lists mean exactly what word mode means, next to hanzi and Korean particles
 * too), and those that charge for the work (regex_cost.c). A pattern that cannot take more than a few steps for one start
 * position is charged once for all of them.
 *
 * PCRE2 looks through callouts when it computes where a match can start and which repeats need no backtracking, so they
 * cost their few nanoseconds only where matching passes. */
#include "match/regex_tree.h"

#include "limits.h"


struct writer {
  struct weir_reader *reader;
  struct weir_buf buf;
  struct weir_regex_piece *pieces;
  size_t piece_cnt, piece_cap;
  bool atomic, ahead;
  bool failed;
};

static void callout(struct writer *w, unsigned number) { weir_buf_printf(&w->buf, "(?C%u)", number); }

/* The least n with 2^n steps >= the cost. */
static unsigned weight_of(uint32_t quarters) {
  uint32_t steps = (quarters + 3) / 4;
  unsigned weight = 0;
  while (weight < 15 && (1u << weight) < steps) weight++;
  return weight;
}

static void charge(struct writer *w, const struct weir_node *from, unsigned reach) {
  callout(w, WEIR_CALLOUT_COST + 16 * reach + weight_of(weir_segment_cost(from)));
}

/* What entering one node alone does before its first callout. */
static uint32_t entry_cost(const struct weir_node *node) {
  struct weir_node alone = *node;
  alone.next = NULL;
  return weir_segment_cost(&alone);
}

static void mark(struct writer *w, uint32_t source) {
  if (w->piece_cnt == w->piece_cap) {
    size_t cap = w->piece_cap ? w->piece_cap * 2 : 64;
    struct weir_regex_piece *pieces = weir_arena_array(w->reader->work, cap, sizeof *pieces);
    if (!pieces) {
      w->failed = true;
      return;
    }
    if (w->piece_cnt) memcpy(pieces, w->pieces, w->piece_cnt * sizeof *pieces);
    w->pieces = pieces;
    w->piece_cap = cap;
  }
  w->pieces[w->piece_cnt++] = (struct weir_regex_piece){ (uint32_t)w->buf.len, source };
}

static void write_literal(struct writer *w, weir_str text) {
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.ptr[i];
    bool plain = c >= 0x80 || c == ' ' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (c < 0x20 || c == 0x7F) {
      weir_buf_printf(&w->buf, "\\x{%x}", (unsigned)c);
    } else {
      if (!plain) weir_buf_byte(&w->buf, '\\');
      weir_buf_byte(&w->buf, (char)c);
    }
  }
}

static void write_node(struct writer *w, const struct weir_node *node, bool charged);

/* The children of a CONCAT; behind each that goes several ways stands a callout that charges up to the next one. */
static void write_chain(struct writer *w, const struct weir_node *node, bool charged) {
  for (; node; node = node->next) {
    bool plain = !charged || weir_node_plain(node);
    write_node(w, node, !plain);
    if (!plain) charge(w, node->next, weir_repeat_reach(node));
  }
}

static void write_branches(struct writer *w, const struct weir_node *node, bool charged) {
  for (const struct weir_node *branch = node->first; branch; branch = branch->next) {
    const struct weir_node *first = branch->kind == WEIR_NODE_CONCAT ? branch->first : branch;
    if (branch != node->first) weir_buf_byte(&w->buf, '|');
    if (charged && first) callout(w, WEIR_CALLOUT_COST + weight_of(first == branch ? entry_cost(branch) : weir_segment_cost(first)));
    if (branch->kind == WEIR_NODE_CONCAT) write_chain(w, first, charged);
    else write_node(w, branch, charged);
  }
}

static void write_repeat(struct writer *w, const struct weir_node *node, bool charged) {
  const struct weir_node *child = node->first;
  if (child->kind == WEIR_NODE_EMPTY) return;
  if (node->suffix == '+' && !weir_node_single(child)) w->atomic = true;
  if (weir_node_single(child) || child->kind == WEIR_NODE_GROUP) {
    write_node(w, child, charged);
  } else {
    weir_buf_text(&w->buf, "(?:");
    if (charged) callout(w, WEIR_CALLOUT_COST + 16 * 2 + weight_of(entry_cost(child)));
    write_node(w, child, charged);
    weir_buf_byte(&w->buf, ')');
  }
  mark(w, node->source);
  if (node->most == WEIR_UNBOUNDED && node->least <= 1) weir_buf_byte(&w->buf, node->least ? '+' : '*');
  else if (node->most == WEIR_UNBOUNDED) weir_buf_printf(&w->buf, "{%u,}", (unsigned)node->least);
  else if (node->least == 0 && node->most == 1) weir_buf_byte(&w->buf, '?');
  else if (node->least == node->most) weir_buf_printf(&w->buf, "{%u}", (unsigned)node->least);
  else weir_buf_printf(&w->buf, "{%u,%u}", (unsigned)node->least, (unsigned)node->most);
  if (node->suffix) weir_buf_byte(&w->buf, node->suffix);
}

/* charged: callouts for the work are written inside. */
static void write_node(struct writer *w, const struct weir_node *node, bool charged) {
  mark(w, node->source);
  switch (node->kind) {
  case WEIR_NODE_EMPTY: break;
  case WEIR_NODE_LITERAL: write_literal(w, node->text); break;
  case WEIR_NODE_SET: case WEIR_NODE_POINT: case WEIR_NODE_BACK: case WEIR_NODE_OPTION: weir_buf_str(&w->buf, node->text); break;
  case WEIR_NODE_EDGE: callout(w, node->edge); break;
  case WEIR_NODE_GROUP:
    if (node->group == WEIR_GROUP_ATOMIC) w->atomic = true;
    if (node->group == WEIR_GROUP_AHEAD) w->ahead = true;
    weir_buf_str(&w->buf, node->text);
    write_node(w, node->first, charged && !node->closed);
    weir_buf_byte(&w->buf, ')');
    break;
  case WEIR_NODE_CONCAT: write_chain(w, node->first, charged); break;
  case WEIR_NODE_BRANCHES: write_branches(w, node, charged); break;
  case WEIR_NODE_REPEAT: write_repeat(w, node, charged); break;
  }
}

/* The literal that every match begins with; NULL: none. */
static const struct weir_node *leading(const struct weir_node *tree) {
  const struct weir_node *first = tree->first && !tree->first->next ? tree->first->first : NULL;
  return first && first->kind == WEIR_NODE_LITERAL ? first : NULL;
}

/* Most start positions fail at the first literal: the rest is charged for behind it. */
static void write_tree(struct writer *w, const struct weir_node *tree) {
  const struct weir_node *lead = leading(tree);
  const struct weir_node *chain = tree->first && !tree->first->next ? tree->first->first : NULL;
  uint32_t whole = chain ? weir_chain_cost(chain) : weir_node_cost(tree).cost;
  bool heavy = whole > WEIR_REGEX_LIGHT_MAX;
  if (lead) {
    callout(w, WEIR_CALLOUT_BEGIN);
    write_node(w, lead, false);
    if (!lead->next) return;
    callout(w, WEIR_CALLOUT_COST + weight_of(heavy ? weir_segment_cost(lead->next) : whole));
    write_chain(w, lead->next, heavy);
    return;
  }
  callout(w, WEIR_CALLOUT_BEGIN + weight_of(!heavy ? whole : chain ? weir_segment_cost(chain) : 1));
  if (!chain) weir_buf_text(&w->buf, "(?:");
  write_node(w, chain ? tree->first : tree, heavy);
  if (!chain) weir_buf_byte(&w->buf, ')');
}

bool weir_regex_write(struct weir_reader *reader, const struct weir_node *tree, struct weir_regex_text *out) {
  struct writer w = { .reader = reader };
  char *room = weir_arena_bytes(reader->work, WEIR_PATTERN_EXPANDED_MAX);
  *out = (struct weir_regex_text){ .piece_cnt = 0 };
  if (!room) return weir_read_nomem(reader) != NULL;
  weir_buf_init(&w.buf, room, WEIR_PATTERN_EXPANDED_MAX);
  write_tree(&w, tree);
  if (w.buf.full) {
    return weir_read_fail(reader, WEIR_E_LIMIT, 0, "use fewer or shorter words in its lists", "longer than %d bytes once its word lists are filled in",
                          WEIR_PATTERN_EXPANDED_MAX) != NULL;
  }
  if (w.failed) return weir_read_nomem(reader) != NULL;
  *out = (struct weir_regex_text){ weir_buf_view(&w.buf), w.pieces, w.piece_cnt, w.atomic, w.ahead };
  return true;
}
