/* literals.c: draws the required literals out of a regex. A node is either exact, when it matches one of a few known
 * strings, or known only by sets of literals of which each match contains one. Exact neighbours are joined, so
 * "电(子|纸)版s?" gives four strings; where the join breaks, what was gathered becomes a set. Groups, alternations,
 * optional parts and small classes are seen through; assertions match the empty string. */
#include "match/literals.h"

#include <stdlib.h>

#include "text/utf8.h"
#include "limits.h"


struct info {
  bool exact;
  struct weir_literal_set strings; /* when exact */
  struct weir_required required;   /* beside the strings, or instead of them */
};

struct extractor { struct weir_arena *work; bool failed; };

static struct info visit(struct extractor *x, const struct weir_node *node);

static struct weir_literal_set new_set(struct extractor *x, size_t cnt) {
  struct weir_literal_set set = { .words = weir_arena_array(x->work, cnt, sizeof *set.words) };
  if (!set.words) x->failed = true;
  return set;
}

static struct info exactly(struct extractor *x, weir_str text) {
  struct info info = { .exact = true, .strings = new_set(x, 1) };
  if (info.strings.words) info.strings.words[info.strings.cnt++] = text;
  return info;
}

static struct info unknown(void) { return (struct info){ .exact = false }; }

/* ---- Sets */

static bool has_empty(const struct weir_literal_set *set) {
  for (size_t i = 0; i < set->cnt; i++) if (set->words[i].len == 0) return true;
  return set->cnt == 0;
}

static bool contains(weir_str text, weir_str part) {
  for (size_t i = 0; i + part.len <= text.len; i++) if (memcmp(text.ptr + i, part.ptr, part.len) == 0) return true;
  return false;
}

static int by_bytes(const void *a, const void *b) { return weir_str_cmp(*(const weir_str *)a, *(const weir_str *)b); }

/* Drops duplicates, and of few strings those that contain another: a set of literals is an "or". */
static void simplify(struct weir_literal_set *set) {
  size_t kept = 0;
  if (set->cnt > 1) qsort(set->words, set->cnt, sizeof *set->words, by_bytes);
  for (size_t i = 0; i < set->cnt; i++) {
    bool drop = kept > 0 && weir_str_eq(set->words[i], set->words[kept - 1]);
    for (size_t j = 0; !drop && set->cnt <= WEIR_LITERALS_JOINED_MAX && j < set->cnt; j++) {
      drop = j != i && set->words[j].len < set->words[i].len && contains(set->words[i], set->words[j]);
    }
    if (!drop) set->words[kept++] = set->words[i];
  }
  set->cnt = kept;
}

static bool same_words(const struct weir_literal_set *a, const struct weir_literal_set *b) {
  if (a->cnt != b->cnt) return false;
  for (size_t i = 0; i < a->cnt; i++) if (!weir_str_eq(a->words[i], b->words[i])) return false;
  return true;
}

#define TIMES_MAX 255u /* fixed: it is kept in a byte */

/* The same words are required once more. What parts of a regex match one after another adds up. */
static void require_again(struct weir_literal_set *set, const struct weir_literal_set *more) {
  uint32_t sum = set->times + more->times;
  if (!set->beside && !more->beside) {
    set->times = sum < TIMES_MAX ? sum : TIMES_MAX;
  } else if (more->times > set->times || (more->times == set->times && set->beside)) {
    set->times = more->times;
    set->beside = more->beside;
  }
}

/* Adds a set to those required, the rarest first; the most common is left out when there are too many. */
static void require(struct extractor *x, struct weir_required *required, struct weir_literal_set given) {
  struct weir_window window;
  size_t at;
  double weight;
  struct weir_literal_set set;
  if (has_empty(&given)) return;
  set = new_set(x, given.cnt);
  if (!set.words) return;
  memcpy(set.words, given.words, given.cnt * sizeof *set.words);
  set.cnt = given.cnt;
  set.times = given.times ? given.times : 1;
  set.beside = given.beside;
  simplify(&set);
  for (size_t i = 0; i < required->set_cnt; i++) {
    if (!same_words(&required->sets[i], &set)) continue;
    require_again(&required->sets[i], &set);
    return;
  }
  for (size_t i = 0; i < set.cnt; i++) {
    (void)weir_window_best(set.words[i], &window, &weight);
    set.weight += weight;
  }
  for (at = 0; at < required->set_cnt && required->sets[at].weight <= set.weight; at++) { }
  if (at == WEIR_REQUIRED_MAX) return;
  if (required->set_cnt < WEIR_REQUIRED_MAX) required->set_cnt++;
  memmove(&required->sets[at + 1], &required->sets[at], (required->set_cnt - 1 - at) * sizeof required->sets[0]);
  required->sets[at] = set;
}

static void require_all(struct extractor *x, struct weir_required *to, const struct info *info) {
  if (info->exact) require(x, to, info->strings);
  for (size_t i = 0; i < info->required.set_cnt; i++) require(x, to, info->required.sets[i]);
}

/* What a node begins with. */
static struct weir_literal_set prefix_of(const struct info *info) { return info->exact ? info->strings : info->required.prefix; }

static bool joinable(const struct weir_literal_set *a, const struct weir_literal_set *b) {
  size_t longest = 0;
  if (a->cnt * b->cnt > WEIR_LITERALS_JOINED_MAX && a->cnt != 1 && b->cnt != 1) return false;
  if (a->cnt * b->cnt > WEIR_LITERALS_MAX) return false;
  for (size_t i = 0; i < a->cnt; i++) longest = a->words[i].len > longest ? a->words[i].len : longest;
  return longest <= WEIR_LITERAL_MAX;
}

static struct weir_literal_set join(struct extractor *x, const struct weir_literal_set *a, const struct weir_literal_set *b) {
  struct weir_literal_set out = new_set(x, a->cnt * b->cnt);
  for (size_t i = 0; out.words && i < a->cnt; i++) {
    for (size_t j = 0; j < b->cnt; j++) {
      weir_str left = a->words[i], right = b->words[j];
      char *room = weir_arena_bytes(x->work, left.len + right.len + 1);
      if (!room) {
        x->failed = true;
        return out;
      }
      if (left.len) memcpy(room, left.ptr, left.len);
      if (right.len) memcpy(room + left.len, right.ptr, right.len);
      out.words[out.cnt++] = (weir_str){ room, left.len + right.len };
    }
  }
  return out;
}

/* ---- Nodes */

static struct info concat(struct extractor *x, const struct weir_node *node) {
  struct info current = exactly(x, WEIR_STR("")), out = unknown();
  bool broken = false;
  for (; node && !x->failed; node = node->next) {
    struct info next = visit(x, node);
    for (size_t i = 0; i < next.required.set_cnt; i++) require(x, &out.required, next.required.sets[i]);
    if (next.exact && joinable(&current.strings, &next.strings)) {
      bool nothing = next.strings.cnt == 1 && next.strings.words[0].len == 0;
      if (!nothing) current.strings = join(x, &current.strings, &next.strings);
      continue;
    }
    if (!broken) out.required.prefix = has_empty(&current.strings) && current.strings.cnt == 1 ? prefix_of(&next) : current.strings;
    broken = true;
    require(x, &out.required, current.strings);
    current = next.exact ? next : exactly(x, WEIR_STR(""));
  }
  if (!broken) {
    current.required = out.required;
    return current;
  }
  require(x, &out.required, current.strings);
  return out;
}

/* The beginnings of all branches together; none when one is not known. */
static struct weir_literal_set all_prefixes(struct extractor *x, const struct info *infos, size_t cnt) {
  struct weir_literal_set out = { .words = NULL };
  size_t total = 0;
  for (size_t i = 0; i < cnt; i++) {
    struct weir_literal_set one = prefix_of(&infos[i]);
    if (one.cnt == 0) return out;
    total += one.cnt;
  }
  if (total > WEIR_LITERALS_JOINED_MAX) return out;
  out = new_set(x, total);
  for (size_t i = 0; out.words && i < cnt; i++) {
    struct weir_literal_set one = prefix_of(&infos[i]);
    memcpy(out.words + out.cnt, one.words, one.cnt * sizeof *one.words);
    out.cnt += one.cnt;
  }
  return out;
}

/* Every branch gives its strings, or its rarest set; one that gives nothing spoils the whole. */
static struct info branches(struct extractor *x, const struct weir_node *node) {
  struct info out = { .exact = true };
  struct info *infos;
  size_t cnt = 0, total = 0;
  for (const struct weir_node *n = node; n; n = n->next) cnt++;
  if (!(infos = weir_arena_array(x->work, cnt, sizeof *infos))) {
    x->failed = true;
    return unknown();
  }
  cnt = 0;
  for (; node && !x->failed; node = node->next, cnt++) {
    infos[cnt] = visit(x, node);
    if (infos[cnt].exact) infos[cnt].required.set_cnt = 0;
    if (!infos[cnt].exact) out.exact = false;
    if (!infos[cnt].exact && infos[cnt].required.set_cnt == 0) return unknown();
    total += infos[cnt].exact ? infos[cnt].strings.cnt : infos[cnt].required.sets[0].cnt;
  }
  if (x->failed || total > WEIR_LITERALS_MAX) return unknown();
  out.strings = new_set(x, total);
  for (size_t i = 0; out.strings.words && i < cnt; i++) {
    const struct weir_literal_set *from = infos[i].exact ? &infos[i].strings : &infos[i].required.sets[0];
    if (from->cnt) memcpy(out.strings.words + out.strings.cnt, from->words, from->cnt * sizeof *from->words);
    out.strings.cnt += from->cnt;
    if (from->beside) out.strings.beside = true;
  }
  if (out.exact) return out;
  struct info required = unknown();
  require(x, &required.required, out.strings);
  required.required.prefix = all_prefixes(x, infos, cnt);
  return required;
}

static void repeat_set(struct weir_literal_set *set, uint32_t least) {
  if (set->beside) return;
  set->times = least < TIMES_MAX && set->times * least < TIMES_MAX ? set->times * least : TIMES_MAX;
}

static struct info repeat(struct extractor *x, const struct weir_node *node) {
  struct info inner = visit(x, node->first), out = unknown(), power;
  if (inner.exact) inner.required.set_cnt = 0;
  if (node->least == 0) {
    if (!inner.exact || node->most != 1 || inner.strings.cnt > 16) return out;
    out = (struct info){ .exact = true, .strings = new_set(x, inner.strings.cnt + 1) };
    if (!out.strings.words) return out;
    memcpy(out.strings.words, inner.strings.words, inner.strings.cnt * sizeof *inner.strings.words);
    out.strings.words[inner.strings.cnt] = WEIR_STR("");
    out.strings.cnt = inner.strings.cnt + 1;
    return out;
  }
  if (!inner.exact) {
    if (node->least == 1 && node->most == 1) return inner;
    out.required = inner.required;
    for (size_t i = 0; i < out.required.set_cnt; i++) repeat_set(&out.required.sets[i], node->least);
    return out;
  }
  power = inner;
  for (uint32_t i = 1; i < node->least && i < 8 && !x->failed; i++) {
    if (!joinable(&power.strings, &inner.strings) || power.strings.cnt * inner.strings.cnt > WEIR_LITERALS_JOINED_MAX) break;
    power.strings = join(x, &power.strings, &inner.strings);
    if (i + 1 == node->least && node->most == node->least) return power;
  }
  if (node->least == 1 && node->most == 1) return inner;
  require(x, &out.required, power.strings);
  out.required.prefix = power.strings;
  return out;
}

static struct info small_set(struct extractor *x, const struct weir_set *set) {
  struct info out = { .exact = true };
  if (set->member_cnt == 0) return unknown();
  out.strings = new_set(x, set->member_cnt);
  for (uint32_t i = 0; out.strings.words && i < set->member_cnt; i++) {
    char *room = weir_arena_bytes(x->work, 4);
    if (!room) {
      x->failed = true;
      return out;
    }
    out.strings.words[out.strings.cnt++] = (weir_str){ room, weir_utf8_put(set->members[i], room) };
  }
  return out;
}

/* A back reference matches one of the strings of its group. */
static struct info back(struct extractor *x, const struct weir_node *node) {
  struct info inner = node->back ? visit(x, node->back) : unknown();
  if (!inner.exact) return unknown();
  inner.required.set_cnt = 0;
  return inner;
}

/* Assertions match the empty string; what a positive one needs must be in the text all the same. */
static struct info assertion(struct extractor *x, const struct weir_node *node) {
  struct info out = exactly(x, WEIR_STR("")), inner;
  if (!weir_str_eq(node->text, WEIR_STR("(?=")) && !weir_str_eq(node->text, WEIR_STR("(?<="))) return out;
  inner = visit(x, node->first);
  require_all(x, &out.required, &inner);
  for (size_t i = 0; i < out.required.set_cnt; i++) out.required.sets[i].beside = true;
  return out;
}

static struct info visit(struct extractor *x, const struct weir_node *node) {
  if (x->failed) return unknown();
  switch (node->kind) {
  case WEIR_NODE_EMPTY: case WEIR_NODE_POINT: case WEIR_NODE_EDGE: case WEIR_NODE_OPTION: return exactly(x, WEIR_STR(""));
  case WEIR_NODE_LITERAL: return exactly(x, node->text);
  case WEIR_NODE_SET: return small_set(x, node->set);
  case WEIR_NODE_BACK: return back(x, node);
  case WEIR_NODE_GROUP:
    if (node->group == WEIR_GROUP_AHEAD || node->group == WEIR_GROUP_BEHIND) return assertion(x, node);
    return visit(x, node->first);
  case WEIR_NODE_CONCAT: return concat(x, node->first);
  case WEIR_NODE_BRANCHES: return node->first && !node->first->next ? visit(x, node->first) : branches(x, node->first);
  case WEIR_NODE_REPEAT: return repeat(x, node);
  }
  return unknown();
}

bool weir_required_find(struct weir_arena *work, const struct weir_node *tree, struct weir_required *out) {
  struct extractor x = { .work = work };
  struct info info = visit(&x, tree);
  *out = (struct weir_required){ .set_cnt = 0 };
  if (x.failed) return false;
  require_all(&x, out, &info);
  out->prefix = prefix_of(&info);
  if (has_empty(&out->prefix)) out->prefix.cnt = 0;
  return true;
}
