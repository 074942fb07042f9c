/* gates.c: what a text must hold for a regex to match at all, beyond literals: one character of each of some sets, and
 * digits in a row. Cheap to ask, and it keeps rules without literals away from nearly every text. */
#include "match/literals.h"
#include "limits.h"

static uint32_t bits(const struct weir_need *need) {
  uint32_t cnt = need->others ? 40 : 0; /* non-ASCII text is as common as ASCII */
  for (int i = 0; i < 2; i++) for (uint64_t rest = need->ascii[i]; rest; rest &= rest - 1) cnt++;
  /* letters e, t, a and the space are in nearly every English text */
  if (need->ascii[1] & ((UINT64_C(1) << ('e' - 64)) | (UINT64_C(1) << ('a' - 64)) | (UINT64_C(1) << ('t' - 64)))) cnt += 20;
  if (need->ascii[0] & (UINT64_C(1) << ' ')) cnt += 20;
  return cnt;
}

/* Keeps the smallest sets. */
static void add_need(struct weir_needs *needs, struct weir_need need) {
  size_t at;
  if (!~need.ascii[0] && !~need.ascii[1] && need.others) return;
  for (size_t i = 0; i < needs->set_cnt; i++) {
    if (memcmp(needs->sets[i].ascii, need.ascii, sizeof need.ascii) == 0 && needs->sets[i].others == need.others) return;
  }
  for (at = 0; at < needs->set_cnt && bits(&needs->sets[at]) <= bits(&need); at++) { }
  if (at == WEIR_NEEDS_MAX) return;
  if (needs->set_cnt < WEIR_NEEDS_MAX) needs->set_cnt++;
  memmove(&needs->sets[at + 1], &needs->sets[at], (needs->set_cnt - 1 - at) * sizeof needs->sets[0]);
  needs->sets[at] = need;
}

static void merge(struct weir_needs *to, const struct weir_needs *from) {
  for (size_t i = 0; i < from->set_cnt; i++) add_need(to, from->sets[i]);
  if (from->digits > to->digits) to->digits = from->digits;
  if (from->exact_most && from->exact_least > to->exact_least) to->exact_least = from->exact_least, to->exact_most = from->exact_most;
  if (!to->after.len) to->after = from->after;
}

static bool only_digits(const struct weir_set *set) {
  return !set->others && set->ascii[1] == 0 && (set->ascii[0] & ~UINT64_C(0x03FF000000000000)) == 0 && set->ascii[0] != 0;
}

/* How many digits a node is made of, when it can be nothing else; false: it can. */
static bool digits_of(const struct weir_node *node, uint32_t *least, uint32_t *most) {
  *least = *most = 0;
  if (node->kind == WEIR_NODE_SET) return *least = *most = 1, only_digits(node->set);
  if (node->kind == WEIR_NODE_EDGE || node->kind == WEIR_NODE_POINT || node->kind == WEIR_NODE_EMPTY) return true;
  if (node->kind == WEIR_NODE_GROUP && node->group != WEIR_GROUP_PLAIN) return node->group != WEIR_GROUP_ATOMIC;
  if (node->kind == WEIR_NODE_REPEAT) {
    uint32_t one;
    if (!weir_node_single(node->first) || !digits_of(node->first, &one, &one)) return false;
    *least = node->least;
    *most = node->most;
    return true;
  }
  if (node->kind != WEIR_NODE_LITERAL) return false;
  for (size_t i = 0; i < node->text.len; i++) if (node->text.ptr[i] < '0' || node->text.ptr[i] > '9') return false;
  *least = *most = (uint32_t)node->text.len;
  return true;
}

static bool all_digits(const struct weir_set *set) { return (~set->ascii[0] & UINT64_C(0x03FF000000000000)) == 0; }
static bool no_digits(const struct weir_set *set) { return (set->ascii[0] & UINT64_C(0x03FF000000000000)) == 0; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* (?<!\d) or (?!\d), or one that forbids more. */
static bool forbids_digits(const struct weir_node *node, weir_str opened) {
  if (node->kind != WEIR_NODE_GROUP || !weir_str_eq(node->text, opened)) return false;
  for (const struct weir_node *branch = node->first->first; branch; branch = branch->next) {
    const struct weir_node *only = branch->kind == WEIR_NODE_CONCAT ? branch->first : branch;
    if (only && (branch->kind != WEIR_NODE_CONCAT || !only->next) && only->kind == WEIR_NODE_SET && all_digits(only->set)) return true;
  }
  return false;
}

/* A row of digits in a chain. */
struct row { uint32_t least, most; bool begun; };

static void end_row(const struct row *row, weir_str after, struct weir_needs *out) {
  struct weir_needs found = { .digits = 0 };
  if (row->begun && row->least && row->most != WEIR_UNBOUNDED) found.exact_least = row->least, found.exact_most = row->most;
  if (row->least >= 3) found.after = after;
  merge(out, &found);
}

/* What stands behind or before a row says that it ends or begins there. */
static void step_row(struct row *row, const struct weir_node *node, struct weir_needs *out) {
  uint32_t least, most;
  bool literal = node->kind == WEIR_NODE_LITERAL, set = node->kind == WEIR_NODE_SET;
  if (digits_of(node, &least, &most)) {
    if (row->least == 0 && row->most == 0 && forbids_digits(node, WEIR_STR("(?<!"))) row->begun = true;
    if (forbids_digits(node, WEIR_STR("(?!"))) end_row(row, WEIR_STR(""), out);
    row->least += least < WEIR_ROW_COUNTED_MAX ? least : WEIR_ROW_COUNTED_MAX;
    row->most = most == WEIR_UNBOUNDED || row->most == WEIR_UNBOUNDED || row->most > WEIR_ROW_COUNTED_MAX ? WEIR_UNBOUNDED : row->most + most;
    if (row->least > out->digits) out->digits = row->least;
    return;
  }
  if (literal && !is_digit(node->text.ptr[0])) end_row(row, node->text, out);
  else if (set && no_digits(node->set)) end_row(row, WEIR_STR(""), out);
  *row = (struct row){ .begun = (literal && !is_digit(node->text.ptr[node->text.len - 1])) || (set && no_digits(node->set)) };
}

static void visit(const struct weir_node *node, struct weir_needs *out);

static void chain(const struct weir_node *node, struct weir_needs *out) {
  struct row row = { .least = 0 };
  for (; node; node = node->next) {
    struct weir_needs inner = { .set_cnt = 0 };
    step_row(&row, node, out);
    visit(node, &inner);
    merge(out, &inner);
  }
}

static void branches(const struct weir_node *node, struct weir_needs *out) {
  struct weir_need either = { .others = false };
  bool all = true;
  uint32_t digits = UINT32_MAX;
  for (; node; node = node->next) {
    struct weir_needs inner = { .set_cnt = 0 };
    visit(node, &inner);
    if (inner.digits < digits) digits = inner.digits;
    if (inner.set_cnt == 0) all = false;
    else either.ascii[0] |= inner.sets[0].ascii[0], either.ascii[1] |= inner.sets[0].ascii[1], either.others |= inner.sets[0].others;
  }
  if (all) add_need(out, either);
  out->digits = digits == UINT32_MAX ? 0 : digits;
}

static void literal(weir_str text, struct weir_needs *out) {
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.ptr[i];
    struct weir_need need = { .others = c >= 0x80 };
    if (c < 0x80) need.ascii[c >> 6] = UINT64_C(1) << (c & 63);
    add_need(out, need);
  }
}

static void visit(const struct weir_node *node, struct weir_needs *out) {
  switch (node->kind) {
  case WEIR_NODE_LITERAL: literal(node->text, out); break;
  case WEIR_NODE_SET: add_need(out, (struct weir_need){ { node->set->ascii[0], node->set->ascii[1] }, node->set->others }); break;
  case WEIR_NODE_GROUP:
    if (node->group == WEIR_GROUP_PLAIN || node->group == WEIR_GROUP_ATOMIC) visit(node->first, out);
    break;
  case WEIR_NODE_CONCAT: chain(node->first, out); break;
  case WEIR_NODE_BRANCHES:
    if (node->first && node->first->next) branches(node->first, out);
    else if (node->first) visit(node->first, out);
    break;
  case WEIR_NODE_REPEAT:
    if (node->least > 0) visit(node->first, out);
    break;
  default: break;
  }
}

/* ---- The longest text that can match, when the regex stands from end to end */

static uint32_t add(uint32_t a, uint32_t b) { return a > 65535 || b > 65535 || a + b > 65535 ? WEIR_UNBOUNDED : a + b; } /* fixed: 16 bits */

/* The most characters of a node; an option may change what places mean, so it makes all unknown. */
static uint32_t most_of(const struct weir_node *node) {
  uint32_t sum = 0, one;
  switch (node->kind) {
  case WEIR_NODE_EMPTY: case WEIR_NODE_POINT: case WEIR_NODE_EDGE: return 0;
  case WEIR_NODE_SET: return 1;
  case WEIR_NODE_LITERAL: return (uint32_t)node->text.len;
  case WEIR_NODE_BACK: case WEIR_NODE_OPTION: return WEIR_UNBOUNDED;
  case WEIR_NODE_GROUP:
    if (memchr(node->text.ptr, 'm', node->text.len)) return WEIR_UNBOUNDED;
    return node->group == WEIR_GROUP_AHEAD || node->group == WEIR_GROUP_BEHIND ? 0 : most_of(node->first);
  case WEIR_NODE_CONCAT:
    for (const struct weir_node *n = node->first; n; n = n->next) sum = add(sum, most_of(n));
    return sum;
  case WEIR_NODE_BRANCHES:
    for (const struct weir_node *n = node->first; n; n = n->next) one = most_of(n), sum = one > sum ? one : sum;
    return sum;
  case WEIR_NODE_REPEAT:
    one = most_of(node->first);
    if (one == 0) return 0;
    if (node->most > 65535 || one > 65535 || node->most * (uint64_t)one > 65535) return WEIR_UNBOUNDED; /* fixed: 16 bits */
    return node->most * one;
  }
  return WEIR_UNBOUNDED;
}

static bool is_place(const struct weir_node *node, const char *a, const char *b) {
  return node->kind == WEIR_NODE_POINT && (weir_str_eq(node->text, weir_str_of(a)) || weir_str_eq(node->text, weir_str_of(b)));
}

static uint32_t longest_text(const struct weir_node *tree) {
  const struct weir_node *chain = tree->first && !tree->first->next ? tree->first->first : NULL, *last = chain;
  if (!chain || !is_place(chain, "^", "\\A")) return WEIR_UNBOUNDED;
  while (last->next) last = last->next;
  if (!is_place(last, "$", "\\z") && !is_place(last, "$", "\\Z")) return WEIR_UNBOUNDED;
  return add(most_of(tree), 1); /* $ and \Z let a line end follow */
}

/* ---- Letters in order */

static bool letter(char c) { return c >= 'a' && c <= 'z'; }

static bool holds_letters(const struct weir_node *node) {
  switch (node->kind) {
  case WEIR_NODE_LITERAL:
    for (size_t i = 0; i < node->text.len; i++) if (letter(node->text.ptr[i])) return true;
    return false;
  case WEIR_NODE_SET: return (node->set->ascii[1] & UINT64_C(0x07FFFFFE00000000)) != 0;
  case WEIR_NODE_BACK: return true;
  case WEIR_NODE_GROUP: return (node->group == WEIR_GROUP_PLAIN || node->group == WEIR_GROUP_ATOMIC) && holds_letters(node->first);
  case WEIR_NODE_CONCAT: case WEIR_NODE_BRANCHES:
    for (const struct weir_node *n = node->first; n; n = n->next) if (holds_letters(n)) return true;
    return false;
  case WEIR_NODE_REPEAT: return holds_letters(node->first);
  default: return false;
  }
}

static void add_letter(struct weir_needs *out, bool *joined, char c) {
  if (!letter(c) || out->order_cnt == WEIR_ORDER_MAX) return;
  if (*joined && out->order_cnt) out->order_joined = (uint16_t)(out->order_joined | 1u << (out->order_cnt - 1));
  out->order[out->order_cnt++] = (uint8_t)c;
  *joined = true;
}

/* *joined: no letter can stand between the last one found and what comes next. What is repeated stands there once at least;
 * all that is said of its letters is true of each time. */
static void letters_of(const struct weir_node *node, struct weir_needs *out, bool *joined) {
  switch (node->kind) {
  case WEIR_NODE_LITERAL:
    for (size_t i = 0; i < node->text.len; i++) add_letter(out, joined, node->text.ptr[i]);
    break;
  case WEIR_NODE_GROUP:
    if (node->group == WEIR_GROUP_PLAIN || node->group == WEIR_GROUP_ATOMIC) letters_of(node->first, out, joined);
    break;
  case WEIR_NODE_CONCAT:
    for (const struct weir_node *n = node->first; n; n = n->next) letters_of(n, out, joined);
    break;
  case WEIR_NODE_BRANCHES:
    if (node->first && !node->first->next) letters_of(node->first, out, joined);
    else if (holds_letters(node)) *joined = false;
    break;
  case WEIR_NODE_REPEAT:
    if (node->least > 0) letters_of(node->first, out, joined);
    else if (holds_letters(node->first)) *joined = false;
    break;
  default:
    if (holds_letters(node)) *joined = false;
    break;
  }
}

void weir_needs_find(const struct weir_node *tree, struct weir_needs *out) {
  bool joined = false;
  *out = (struct weir_needs){ .set_cnt = 0 };
  visit(tree, out);
  letters_of(tree, out, &joined);
  out->longest = longest_text(tree);
}
