/* lists.c: {name} in regexes and keywords: the words of a list, or one of the classes that weir brings ({phone}). A list
 * that the rules define goes before a class of the same name. In a regex the words stand longest first, so that the
 * longest wins at one place, and each with the edges of word mode. */
#include "match/regex_tree.h"

#include <stdlib.h>

#include "limits.h"
#include "text/utf8.h"
#include "text/words.h"

/* Written for folded texts: lower case, ASCII digits, half-width punctuation. */
static const struct { weir_str name; const char *regex; } classes[] = {
  { { "number", 6 }, "(?<![0-9.])(?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,18})(?:\\.[0-9]{1,9})?(?![0-9])" },
  { { "money", 5 },
    "(?:[$\\x{a5}\\x{a3}\\x{20ac}\\x{20a9}\\x{20b9}\\x{20bd}\\x{e3f}]|(?:rmb|usd|cny|eur|hk\\$|us\\$|nt\\$))\\x20?"
      "(?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,12})(?:\\.[0-9]{1,2})?(?![0-9])"
      "|(?<![0-9.])(?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,12})(?:\\.[0-9]{1,2})?\\x20?"
      "(?:[\\x{4e07}\\x{5343}\\x{767e}wk]?\\x20?(?:\\x{5143}|\\x{5757}|\\x{5186}|\\x{c6d0}|rmb|cny|usd|eur|bucks|dollars?|euros?|pesos?)"
      "|[$\\x{20ac}])" },
  { { "phone", 5 },
    "(?<![0-9])(?:\\+?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])"
      "|(?<![0-9])0[1-9][0-9]{1,2}[ -]?[2-9][0-9]{6,7}(?![0-9])"
      "|(?<![0-9])\\(?[2-9][0-9]{2}\\)?[ .-]\\x20?[0-9]{3}[ .-][0-9]{4}(?![0-9])"
      "|\\+[1-9][0-9]{0,2}(?:[ .-]?\\(?[0-9]{2,4}\\)?){2,4}(?![0-9])" },
  /* Six to twenty letters, digits, _ and -, a letter first. Without a digit or _ in it, it is a word, unless WeChat is
   * named just before. */
  { { "wechat_id", 9 },
    "(?<![a-z0-9_.@-])(?:(?=[a-z-]{0,19}[0-9_])"
      "|(?<=vx|wx|v\\x{4fe1}|\\x{5fae}\\x{4fe1}|\\x{8587}\\x{4fe1}|\\x{5a01}\\x{4fe1}|\\x{4fe1}\\x{53f7}|wechat|weixin"
      "|vx[ :]|wx[ :]|\\x{4fe1}[ :]|\\x{53f7}[ :]|wechat[ :]|weixin[ :]|vx: |wx: |\\x{4fe1}: |\\x{53f7}: |wechat: |weixin: ))"
      "[a-z][a-z0-9_-]{5,19}(?![a-z0-9_.@-])" },
  { { "url", 3 },
    "(?:https?|ftp)://[^\\x00-\\x20\"'<>]{2,500}|(?<![a-z0-9.@_-])www\\.[^\\x00-\\x20\"'<>]{2,500}"
      "|(?<![a-z0-9.@_-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.){1,4}"
      "(?:com|net|org|info|biz|top|xyz|vip|shop|club|site|online|link|live|app|dev|io|me|co|cc|tv|cn|hk|tw|jp|kr|us|uk|de|fr|es|mx"
      "|ar|br|ru|in|ly|gg|ai)(?![a-z0-9-])(?:[/?#][^\\x00-\\x20\"'<>]{0,500})?" },
  { { "email", 5 }, "(?<![a-z0-9._%+-])[a-z0-9][a-z0-9._%+-]{0,63}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.){1,4}[a-z]{2,24}(?![a-z0-9-])" },
};
#define CLASS_CNT (sizeof classes / sizeof classes[0])

static bool class_regex(weir_str name, weir_str *out) {
  for (size_t i = 0; i < CLASS_CNT; i++) {
    if (weir_str_eq(name, classes[i].name)) {
      *out = weir_str_of(classes[i].regex);
      return true;
    }
  }
  return false;
}

static bool name_char(char c, bool first) {
  unsigned char u = (unsigned char)c;
  return u >= 0x80 || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (!first && ((c >= '0' && c <= '9') || c == '-' || c == '.'));
}

/* {name} at `at` of the text: its name. */
static bool name_at(weir_str text, size_t at, weir_str *name) {
  size_t end = at + 1;
  if (at >= text.len || text.ptr[at] != '{') return false;
  while (end < text.len && name_char(text.ptr[end], end == at + 1)) end++;
  if (end == at + 1 || end >= text.len || text.ptr[end] != '}') return false;
  *name = (weir_str){ text.ptr + at + 1, end - at - 1 };
  return true;
}

bool weir_list_here(const struct weir_reader *reader, weir_str *name) { return name_at(reader->source, reader->at, name); }

bool weir_list_alone(weir_str word, weir_str *name) { return name_at(word, 0, name) && name->len + 2 == word.len; }

static bool unknown(struct weir_reader *reader, weir_str name, size_t source) {
  weir_str names[CLASS_CNT + 1], near;
  char hint[WEIR_REGEX_MESSAGE_MAX];
  struct weir_buf buf;
  for (size_t i = 0; i < CLASS_CNT; i++) names[i] = classes[i].name;
  names[CLASS_CNT] = reader->lists && reader->lists->nearest ? reader->lists->nearest(reader->lists->ctx, name) : (weir_str){ NULL, 0 };
  near = names[CLASS_CNT].len ? names[CLASS_CNT] : weir_nearest(name, names, CLASS_CNT);
  weir_buf_init(&buf, hint, sizeof hint - 1);
  if (near.len) weir_buf_printf(&buf, "did you mean {%.*s}?", WEIR_FMT(near));
  else weir_buf_text(&buf, "a brace that is meant as such is written \\{");
  hint[buf.len] = '\0';
  return weir_read_fail(reader, WEIR_E_RULES, source, hint, "there is no word list {%.*s}", WEIR_FMT(name)) != NULL;
}


bool weir_list_each(struct weir_reader *reader, weir_str name, size_t source, weir_word_taker take, void *ctx) {
  const weir_str *words = NULL;
  size_t word_cnt = 0;
  weir_str regex, inner;
  bool ok = true;
  if (!reader->lists || !reader->lists->find || !reader->lists->find(reader->lists->ctx, name, &words, &word_cnt)) {
    return class_regex(name, &regex) ? take(ctx, reader, name, regex) : unknown(reader, name, source);
  }
  if (reader->list_depth >= WEIR_LISTS_IN_LISTS_MAX) {
    return weir_read_fail(reader, WEIR_E_RULES, source, NULL, "word lists stand in each other more than %d deep", WEIR_LISTS_IN_LISTS_MAX) != NULL;
  }
  if (word_cnt == 0) return weir_read_fail(reader, WEIR_E_RULES, source, NULL, "the word list {%.*s} is empty", WEIR_FMT(name)) != NULL;
  reader->list_depth++;
  for (size_t i = 0; ok && i < word_cnt; i++) {
    if (weir_list_alone(words[i], &inner)) ok = weir_list_each(reader, inner, source, take, ctx);
    else ok = take(ctx, reader, words[i], (weir_str){ NULL, 0 });
  }
  reader->list_depth--;
  return ok;
}

bool weir_word_needs_start(weir_str word) {
  size_t len;
  uint32_t cp = weir_utf8_at(word, 0, &len);
  unsigned class = weir_char_class(cp);
  bool han = (class & WEIR_CHAR_DENSE) && cp >= 0x3400;
  return (class & (WEIR_CHAR_LETTER | WEIR_CHAR_DIGIT)) && !han;
}

bool weir_list_fold(struct weir_reader *reader, weir_str word, weir_str *out) {
  weir_str outer = reader->source;
  bool ok;
  reader->source = word;
  if (word.len == 0) ok = weir_read_fail(reader, WEIR_E_RULES, 0, NULL, "an empty word") != NULL;
  else if (word.len > WEIR_WORD_BYTES_MAX) ok = weir_read_fail(reader, WEIR_E_LIMIT, 0, NULL, "a word is longer than %d bytes", WEIR_WORD_BYTES_MAX) != NULL;
  else ok = weir_fold_text(reader, word, out);
  if (ok && out->len == 0) {
    ok = weir_read_fail(reader, WEIR_E_RULES, 0, "only invisible characters are in it; they are removed from texts too", "the word folds to nothing") != NULL;
  }
  if (ok && out->len > WEIR_WORD_FOLDED_MAX) ok = weir_read_fail(reader, WEIR_E_LIMIT, 0, NULL, "a word is longer than 255 bytes once it is folded") != NULL;
  if (ok) reader->source = outer;
  return ok;
}

/* ---- In a regex */

struct words { weir_str *words, *classes; size_t word_cnt, class_cnt, cap; };

static bool collect(void *ctx, struct weir_reader *reader, weir_str word, weir_str regex) {
  struct words *words = ctx;
  if (words->word_cnt + words->class_cnt == words->cap) {
    size_t cap = words->cap ? words->cap * 2 : 64;
    weir_str *grown = weir_arena_array(reader->work, cap, 2 * sizeof *grown);
    if (!grown) return weir_read_nomem(reader) != NULL;
    if (words->word_cnt) memcpy(grown, words->words, words->word_cnt * sizeof *grown);
    if (words->class_cnt) memcpy(grown + cap, words->classes, words->class_cnt * sizeof *grown);
    words->words = grown;
    words->classes = grown + cap;
    words->cap = cap;
  }
  if (regex.len) return words->classes[words->class_cnt++] = regex, true;
  return weir_list_fold(reader, word, &words->words[words->word_cnt++]);
}

static int longest_first(const void *a, const void *b) {
  const weir_str *x = a, *y = b;
  if (x->len != y->len) return x->len < y->len ? 1 : -1;
  return memcmp(x->ptr, y->ptr, x->len);
}

static struct weir_node *edge(struct weir_reader *reader, enum weir_callout callout) {
  struct weir_node *node = weir_node_new(reader, WEIR_NODE_EDGE, 0);
  if (node) node->edge = callout;
  return node;
}

static struct weir_node *word_branch(struct weir_reader *reader, weir_str word) {
  struct weir_node *concat = weir_node_new(reader, WEIR_NODE_CONCAT, 0), *literal = weir_node_new(reader, WEIR_NODE_LITERAL, 0);
  struct weir_node *end = edge(reader, WEIR_CALLOUT_ENDS), **tail;
  if (!concat || !literal || !end) return NULL;
  tail = &concat->first;
  if (weir_word_needs_start(word)) {
    if (!(*tail = edge(reader, WEIR_CALLOUT_STARTS))) return NULL;
    tail = &(*tail)->next;
  }
  literal->text = word;
  literal->next = end;
  *tail = literal;
  return concat;
}

/* The regex of a class, read as part of this one. */
static struct weir_node *class_branch(struct weir_reader *reader, weir_str regex) {
  weir_str source = reader->source;
  const struct weir_word_lists *lists = reader->lists;
  size_t at = reader->at;
  bool loose = reader->loose;
  struct weir_node *tree;
  reader->lists = NULL;
  reader->loose = false;
  tree = weir_regex_read(reader, regex);
  reader->source = source;
  reader->lists = lists;
  reader->loose = loose;
  reader->at = at;
  return tree;
}

static struct weir_node *list_group(struct weir_reader *reader, struct words *words) {
  struct weir_node *group = weir_node_new(reader, WEIR_NODE_GROUP, 0), *branches = weir_node_new(reader, WEIR_NODE_BRANCHES, 0);
  struct weir_node **tail;
  if (!group || !branches) return NULL;
  group->text = WEIR_STR("(?:");
  group->first = branches;
  tail = &branches->first;
  if (words->word_cnt > 1) qsort(words->words, words->word_cnt, sizeof *words->words, longest_first);
  for (size_t i = 0; i < words->word_cnt; i++) {
    if (i > 0 && weir_str_eq(words->words[i], words->words[i - 1])) continue;
    if (!(*tail = word_branch(reader, words->words[i]))) return NULL;
    tail = &(*tail)->next;
  }
  for (size_t i = 0; i < words->class_cnt; i++) {
    struct weir_node *inner = class_branch(reader, words->classes[i]), *wrap = weir_node_new(reader, WEIR_NODE_GROUP, 0);
    if (!inner || !wrap) return NULL;
    wrap->text = WEIR_STR("(?:");
    wrap->first = inner;
    *tail = wrap;
    tail = &wrap->next;
  }
  return group;
}

struct weir_node *weir_read_list(struct weir_reader *reader, weir_str name, size_t source) {
  struct words words = { .word_cnt = 0 };
  struct weir_node *group;
  bool pinned = reader->pinned;
  if (!weir_list_each(reader, name, source, collect, &words)) return NULL;
  if (!pinned) reader->pinned = true, reader->pin = (uint32_t)source;
  group = list_group(reader, &words);
  reader->pinned = pinned;
  return group;
}
