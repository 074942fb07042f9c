/* near.c: two literals of a regex of which the second stands at most so many bytes behind the first, as in "求.{0,4}资". Where
 * both are short, texts that hold both are common and those that hold them close together are rare: looking for that costs a
 * fraction of asking PCRE2. It may let too much pass, never too little. */
#include "match/literals.h"

#include "text/utf8.h"

#define NEAR_MOST 255u /* fixed: bytes between the two */

struct width { uint32_t least, most; };

static uint32_t add(uint32_t a, uint32_t b) { return a > NEAR_MOST || b > NEAR_MOST ? NEAR_MOST + 1 : a + b; }

static uint32_t times(uint32_t a, uint32_t cnt) { return a && cnt > NEAR_MOST / a ? NEAR_MOST + 1 : a * cnt; }

/* How many bytes a node takes; what is above NEAR_MOST is not told apart. */
static struct width width_of(const struct weir_node *node) {
  struct width all = { 0, 0 }, one;
  switch (node->kind) {
  case WEIR_NODE_EMPTY: case WEIR_NODE_POINT: case WEIR_NODE_EDGE: case WEIR_NODE_OPTION: return all;
  case WEIR_NODE_LITERAL: return (struct width){ add((uint32_t)node->text.len, 0), add((uint32_t)node->text.len, 0) };
  case WEIR_NODE_SET: return (struct width){ 1, node->set->others ? 4 : 1 };
  case WEIR_NODE_GROUP:
    return node->group == WEIR_GROUP_AHEAD || node->group == WEIR_GROUP_BEHIND ? all : width_of(node->first);
  case WEIR_NODE_CONCAT:
    for (const struct weir_node *n = node->first; n; n = n->next) one = width_of(n), all.least = add(all.least, one.least), all.most = add(all.most, one.most);
    return all;
  case WEIR_NODE_BRANCHES:
    all.least = NEAR_MOST + 1;
    for (const struct weir_node *n = node->first; n; n = n->next) {
      one = width_of(n);
      if (one.least < all.least) all.least = one.least;
      if (one.most > all.most) all.most = one.most;
    }
    return all;
  case WEIR_NODE_REPEAT:
    one = width_of(node->first);
    return (struct width){ times(one.least, node->least), times(one.most, node->most) };
  case WEIR_NODE_BACK: break;
  }
  return (struct width){ 0, NEAR_MOST + 1 };
}

/* The literal before, and what stands between it and the place at hand. */
struct before { const struct weir_node *literal; struct width gap; };

static bool keep(const struct before *before, const struct weir_node *second, struct weir_near *out) {
  weir_str first = before->literal->text, next = second->text;
  struct weir_window window;
  double weight;
  /* Whole characters, which is what windows are made of. */
  while (first.len > WEIR_NEAR_BYTES || ((unsigned char)first.ptr[0] & 0xC0) == 0x80) first.ptr++, first.len--;
  next.len = weir_utf8_cut(next, WEIR_NEAR_BYTES);
  *out = (struct weir_near){ .first_len = (uint8_t)first.len, .second_len = (uint8_t)next.len,
                             .least = (uint8_t)before->gap.least, .most = (uint8_t)before->gap.most };
  memcpy(out->first, first.ptr, first.len);
  memcpy(out->second, next.ptr, next.len);
  (void)weir_window_best(first, &window, &weight);
  out->rare = (uint8_t)(window.first >= 0x80 && (size_t)window.anchor + 1 < first.len ? window.anchor + 1u : window.anchor);
  return true;
}

/* What is looked ahead at stands behind the place at hand as well. */
static bool chain(const struct weir_node *node, struct before before, bool inside, struct weir_near *out) {
  for (; node; node = node->next) {
    struct width width = width_of(node);
    bool close = before.literal && before.gap.most > 0 && before.gap.most <= NEAR_MOST;
    if (node->kind == WEIR_NODE_LITERAL) {
      if (close) return keep(&before, node, out);
      before = (struct before){ node, { 0, 0 } };
      continue;
    }
    if (!inside && node->kind == WEIR_NODE_GROUP && weir_str_eq(node->text, WEIR_STR("(?=")) && node->first->first && !node->first->first->next) {
      if (chain(node->first->first->first, before, true, out)) return true;
    }
    before.gap.least = add(before.gap.least, width.least);
    before.gap.most = add(before.gap.most, width.most);
  }
  return false;
}

void weir_near_find(const struct weir_node *tree, struct weir_near *out) {
  struct before none = { NULL, { 0, 0 } };
  *out = (struct weir_near){ .first_len = 0 };
  if (tree->kind != WEIR_NODE_BRANCHES || !tree->first || tree->first->next || tree->first->kind != WEIR_NODE_CONCAT) return;
  (void)chain(tree->first->first, none, false, out);
}

static bool second_behind(const struct weir_near *near, const char *from, const char *end) {
  size_t room = (size_t)(end - from);
  for (size_t gap = near->least; gap <= near->most && gap + near->second_len <= room; gap++) {
    if (from[gap] == near->second[0] && memcmp(from + gap, near->second, near->second_len) == 0) return true;
  }
  return false;
}

bool weir_near_passes(const struct weir_near *near, weir_str text) {
  const char *at = text.ptr, *end = text.ptr + text.len;
  for (; at < end && (at = memchr(at, near->first[near->rare], (size_t)(end - at))) != NULL; at++) {
    const char *first = at - near->rare;
    if (at - text.ptr < near->rare || (size_t)(end - first) < near->first_len || memcmp(first, near->first, near->first_len) != 0) continue;
    if (second_behind(near, first + near->first_len, end)) return true;
  }
  return false;
}
