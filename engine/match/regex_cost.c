/* regex_cost.c: bounds the work of a regex in steps. PCRE2's match limit is no bound in time: it begins anew at every start
 * position, and the characters that a repeat runs over are not counted. So callouts that charge for the work are written
 * into the pattern (regex_write.c), and this file computes what each must charge: the most that can be done until the
 * next one. Charges are upper bounds; a step stands for 22 ns of the interpreter on a desktop core. */
#include "match/regex_tree.h"
#include "limits.h"

#define LITERAL_BYTES 8u /* bytes of a literal compared in a quarter step */
#define CALL 4u          /* quarter steps of one backtracking point */
#define BACK_COST 40u    /* comparing the longest capture */

static uint32_t add(uint32_t a, uint32_t b) { return a + b > WEIR_REGEX_COST_MAX ? WEIR_REGEX_COST_MAX : a + b; }

static uint32_t mul(uint32_t a, uint32_t b) {
  uint64_t product = (uint64_t)a * b;
  return product > WEIR_REGEX_COST_MAX ? WEIR_REGEX_COST_MAX : (uint32_t)product;
}

bool weir_node_single(const struct weir_node *node) {
  unsigned char lead;
  size_t len;
  if (node->kind == WEIR_NODE_SET) return true;
  if (node->kind != WEIR_NODE_LITERAL) return false;
  lead = (unsigned char)node->text.ptr[0];
  len = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return node->text.len == len;
}

static struct weir_cost chain(const struct weir_node *node) {
  struct weir_cost one, rest;
  if (!node) return (struct weir_cost){ 0, 1 };
  /* From right to left; a chain is as long as the source, so it is reversed by hand. */
  const struct weir_node *stack[WEIR_REGEX_CHAIN_MAX];
  size_t depth = 0;
  uint32_t cost = 0, ways = 1;
  for (; node && depth < WEIR_REGEX_CHAIN_MAX; node = node->next) stack[depth++] = node;
  if (node) return (struct weir_cost){ WEIR_REGEX_COST_MAX, WEIR_REGEX_COST_MAX };
  while (depth > 0) {
    one = weir_node_cost(stack[--depth]);
    rest = (struct weir_cost){ cost, ways };
    cost = add(one.cost, mul(one.ways, add(rest.cost, one.ways > 1 ? CALL : 0)));
    ways = mul(one.ways, rest.ways);
  }
  return (struct weir_cost){ cost, ways };
}

static struct weir_cost branches(const struct weir_node *node) {
  struct weir_cost sum = { 0, 0 }, one;
  for (; node; node = node->next) {
    one = weir_node_cost(node);
    sum.cost = add(sum.cost, add(one.cost, CALL));
    sum.ways = add(sum.ways, one.ways);
  }
  return sum;
}

static uint32_t single_cost(const struct weir_node *node) {
  return node->kind == WEIR_NODE_SET ? add(1, node->set->ranges / 4) : 1;
}

static struct weir_cost repeat(const struct weir_node *node) {
  struct weir_cost inner = weir_node_cost(node->first), sum = { 0, node->least == 0 }, power = { 0, 1 };
  if (weir_node_single(node->first)) {
    uint32_t most = node->most == WEIR_UNBOUNDED ? WEIR_REGEX_COST_MAX : node->most;
    uint32_t ways = node->suffix == '+' ? 1 : most - (node->least < most ? node->least : most) + 1;
    return (struct weir_cost){ add(1, mul(most, single_cost(node->first)) / 2), ways };
  }
  if (node->first->kind == WEIR_NODE_EMPTY) return (struct weir_cost){ 0, 1 };
  if (node->most == WEIR_UNBOUNDED || node->most > WEIR_REGEX_TIMES_MAX) return (struct weir_cost){ WEIR_REGEX_COST_MAX, WEIR_REGEX_COST_MAX };
  for (uint32_t i = 1; i <= node->most; i++) {
    sum.cost = add(sum.cost, mul(power.ways, add(inner.cost, CALL)));
    power.ways = mul(power.ways, inner.ways);
    if (i >= node->least) sum.ways = add(sum.ways, power.ways);
  }
  if (node->suffix == '+') sum.ways = 1;
  return sum;
}

struct weir_cost weir_node_cost(const struct weir_node *node) {
  struct weir_cost inner;
  switch (node->kind) {
  case WEIR_NODE_EMPTY: case WEIR_NODE_OPTION: return (struct weir_cost){ 0, 1 };
  case WEIR_NODE_LITERAL: return (struct weir_cost){ add(1, (uint32_t)node->text.len / LITERAL_BYTES), 1 };
  case WEIR_NODE_SET: return (struct weir_cost){ single_cost(node), 1 };
  case WEIR_NODE_POINT: return (struct weir_cost){ 1, 1 };
  case WEIR_NODE_EDGE: return (struct weir_cost){ 3, 1 };
  case WEIR_NODE_BACK: return (struct weir_cost){ BACK_COST, 1 };
  case WEIR_NODE_GROUP:
    inner = weir_node_cost(node->first);
    if (node->group != WEIR_GROUP_PLAIN) inner.ways = 1;
    return (struct weir_cost){ add(inner.cost, 1), inner.ways };
  case WEIR_NODE_CONCAT: return chain(node->first);
  case WEIR_NODE_BRANCHES:
    if (node->first && !node->first->next) return weir_node_cost(node->first);
    return branches(node->first);
  case WEIR_NODE_REPEAT: return repeat(node);
  }
  return (struct weir_cost){ WEIR_REGEX_COST_MAX, WEIR_REGEX_COST_MAX };
}

uint32_t weir_chain_cost(const struct weir_node *node) { return chain(node).cost; }

bool weir_node_plain(const struct weir_node *node) {
  struct weir_cost cost = weir_node_cost(node);
  if (node->kind == WEIR_NODE_BACK) return false;
  return node->closed || (cost.ways == 1 && cost.cost <= WEIR_REGEX_PLAIN_MAX);
}

uint32_t weir_segment_cost(const struct weir_node *node) {
  uint32_t sum = 0;
  for (; node; node = node->next) {
    if (weir_node_plain(node)) {
      sum = add(sum, weir_node_cost(node).cost);
      continue;
    }
    /* A repeat charges for what it ran over with the callout behind it; its first part may fail before that. */
    if (node->kind == WEIR_NODE_REPEAT && weir_node_single(node->first)) return add(sum, add(1, mul(node->least, single_cost(node->first)) / 2));
    if (node->kind == WEIR_NODE_BACK) return add(sum, BACK_COST);
    return add(sum, CALL);
  }
  return sum;
}

unsigned weir_repeat_reach(const struct weir_node *node) {
  uint32_t cost = 2;
  unsigned reach = 0;
  if (node->kind == WEIR_NODE_REPEAT && weir_node_single(node->first)) cost = node->first->kind == WEIR_NODE_SET ? 1 + node->first->set->ranges : 1;
  while (reach < 13 && (1u << reach) < cost) reach++;
  return reach;
}
