/* regex_class.c: character classes and types. Members are folded one by one, so [A-Z] and [ａ-ｚ] both mean the letters a to
 * z; types (\w, \p{...}, [:alpha:]) stay what they are. Long ranges, such as all hanzi, are kept as they stand: folding
 * leads from inside them to inside them.
 *
 * \d is written [0-9]: digits of all scripts are ASCII in a folded text, and PCRE2 finds where to start faster. */
#include "match/regex_tree.h"

#include <stdlib.h>

#include "limits.h"
#include "text/fold.h"
#include "text/utf8.h"


struct range { uint32_t low, high; };

struct class {
  struct range *ranges;
  size_t range_cnt, range_cap;
  weir_str types[32];
  size_t type_cnt;
  weir_str spellings[WEIR_SPELLINGS_MAX];
  size_t spelling_cnt;
  bool negated;
  struct weir_set set;
};

static void set_ascii(struct weir_set *set, uint32_t low, uint32_t high) {
  for (uint32_t c = low; c <= high && c < 128; c++) set->ascii[c >> 6] |= UINT64_C(1) << (c & 63);
}

static bool add_range(struct weir_reader *reader, struct class *class, uint32_t low, uint32_t high) {
  if (class->range_cnt && class->ranges[class->range_cnt - 1].high + 1 == low) {
    class->ranges[class->range_cnt - 1].high = high;
    return true;
  }
  if (class->range_cnt == class->range_cap) {
    size_t cap = class->range_cap ? class->range_cap * 2 : 16;
    struct range *ranges = weir_arena_array(reader->work, cap, sizeof *ranges);
    if (!ranges) return weir_read_nomem(reader) != NULL;
    if (class->range_cnt) memcpy(ranges, class->ranges, class->range_cnt * sizeof *ranges);
    class->ranges = ranges;
    class->range_cap = cap;
  }
  class->ranges[class->range_cnt++] = (struct range){ low, high };
  return true;
}

/* One member, folded. */
static bool add_point(struct weir_reader *reader, struct class *class, uint32_t cp) {
  char text[4], folded[4 * WEIR_FOLD_GROWTH];
  size_t len = 0, consumed, point_len;
  uint32_t to;
  if (cp < 0x80) return add_range(reader, class, cp >= 'A' && cp <= 'Z' ? cp + 32 : cp, cp >= 'A' && cp <= 'Z' ? cp + 32 : cp);
  if (cp >= 0xD800 && cp <= 0xDFFF) return true;
  (void)weir_fold((weir_str){ text, weir_utf8_put(cp, text) }, folded, sizeof folded, &len, &consumed);
  if (len == 0) return true;
  to = weir_utf8_at((weir_str){ folded, len }, 0, &point_len);
  if (point_len == len) return add_range(reader, class, to, to);
  if (class->negated || class->spelling_cnt == WEIR_SPELLINGS_MAX) return true;
  class->spellings[class->spelling_cnt] = weir_read_copy(reader, (weir_str){ folded, len });
  return class->spellings[class->spelling_cnt++].ptr != NULL;
}

static bool add_members(struct weir_reader *reader, struct class *class, uint32_t low, uint32_t high) {
  if (high - low >= WEIR_RANGE_FOLDED_MAX) return add_range(reader, class, low, high);
  for (uint32_t cp = low; cp <= high; cp++) if (!add_point(reader, class, cp)) return false;
  return true;
}

/* What a type holds among ASCII; false: not known. */
static bool type_ascii(weir_str type, uint64_t ascii[2]) {
  struct weir_set set = { .others = false };
  if (type.len != 2) return false;
  switch (type.ptr[1]) {
  case 'w': case 'W': set_ascii(&set, '0', '9'), set_ascii(&set, 'A', 'Z'), set_ascii(&set, 'a', 'z'), set_ascii(&set, '_', '_'); break;
  case 's': case 'S': set_ascii(&set, 9, 13), set_ascii(&set, ' ', ' '); break;
  case 'h': case 'H': set_ascii(&set, 9, 9), set_ascii(&set, ' ', ' '); break;
  case 'v': case 'V': set_ascii(&set, 10, 13); break;
  case 'd': case 'D': set_ascii(&set, '0', '9'); break;
  default: return false;
  }
  bool upper = type.ptr[1] < 'a';
  ascii[0] = upper ? ~set.ascii[0] : set.ascii[0];
  ascii[1] = upper ? ~set.ascii[1] : set.ascii[1];
  return true;
}

static bool add_type(struct weir_reader *reader, struct class *class, weir_str type) {
  if (weir_str_eq(type, WEIR_STR("\\d"))) return add_range(reader, class, '0', '9');
  if (class->type_cnt == sizeof class->types / sizeof class->types[0]) {
    return weir_read_fail(reader, WEIR_E_LIMIT, reader->at, NULL, "more than 32 types in one character class") != NULL;
  }
  class->types[class->type_cnt++] = type;
  return true;
}

/* ---- Reading */

static bool at_text(const struct weir_reader *reader, const char *text) {
  weir_str rest = { reader->source.ptr + reader->at, reader->source.len - reader->at };
  return weir_str_starts(rest, weir_str_of(text));
}

/* [:alpha:] at reader->at: its length, 0: none. */
static size_t posix_len(const struct weir_reader *reader) {
  size_t at = reader->at + 2;
  if (!at_text(reader, "[:")) return 0;
  if (at < reader->source.len && reader->source.ptr[at] == '^') at++;
  while (at < reader->source.len && reader->source.ptr[at] >= 'a' && reader->source.ptr[at] <= 'z') at++;
  if (at + 1 >= reader->source.len || reader->source.ptr[at] != ':' || reader->source.ptr[at + 1] != ']') return 0;
  return at + 2 - reader->at;
}

struct member { bool is_type, none, quoted; uint32_t cp; weir_str type; };

static bool read_member(struct weir_reader *reader, bool *quoting, struct member *out) {
  size_t len = 0;
  *out = (struct member){ .quoted = *quoting };
  if (at_text(reader, "\\E")) {
    reader->at += 2;
    *quoting = false;
    out->none = true;
    return true;
  }
  if (!*quoting && (len = posix_len(reader)) != 0) {
    out->is_type = true;
    out->type = (weir_str){ reader->source.ptr + reader->at, len };
    reader->at += len;
    return true;
  }
  if (!*quoting && reader->source.ptr[reader->at] == '\\') {
    switch (weir_read_class_escape(reader, &out->cp, &out->type)) {
    case WEIR_ESCAPE_CHAR: return true;
    case WEIR_ESCAPE_NODE: out->is_type = true; return true;
    case WEIR_ESCAPE_QUOTE: *quoting = true, out->none = true; return true;
    case WEIR_ESCAPE_NOTHING: out->none = true; return true;
    case WEIR_ESCAPE_FAILED: return false;
    }
  }
  out->cp = weir_utf8_at(reader->source, reader->at, &len);
  reader->at += len;
  return true;
}

/* A "-" that makes a range: not the last in the class. */
static bool range_ahead(const struct weir_reader *reader) {
  return reader->at + 1 < reader->source.len && reader->source.ptr[reader->at] == '-' && reader->source.ptr[reader->at + 1] != ']';
}

static bool read_item(struct weir_reader *reader, struct class *class, bool *quoting) {
  size_t start = reader->at;
  struct member low, high;
  if (!read_member(reader, quoting, &low)) return false;
  if (low.none) return true;
  if (*quoting || !range_ahead(reader)) {
    return low.is_type ? add_type(reader, class, low.type) : add_members(reader, class, low.cp, low.cp);
  }
  reader->at++;
  do {
    if (!read_member(reader, quoting, &high)) return false;
  } while (high.none && reader->at < reader->source.len);
  if (low.is_type || high.is_type || high.none) {
    return weir_read_fail(reader, WEIR_E_RULES, start, "put the - last in the class, or write \\-", "invalid range in character class") != NULL;
  }
  if (high.cp < low.cp) return weir_read_fail(reader, WEIR_E_RULES, start, NULL, "range out of order in character class") != NULL;
  return add_members(reader, class, low.cp, high.cp);
}

static bool read_items(struct weir_reader *reader, struct class *class, bool extended_more, size_t source) {
  bool first = true, quoting = false;
  while (reader->at < reader->source.len) {
    char c = reader->source.ptr[reader->at];
    if (c == ']' && !first && !quoting) {
      reader->at++;
      return true;
    }
    if (extended_more && !quoting && (c == ' ' || c == '\t')) {
      reader->at++;
      continue;
    }
    first = false;
    if (!read_item(reader, class, &quoting)) return false;
  }
  return weir_read_fail(reader, WEIR_E_RULES, source, NULL, "missing terminating ] for character class") != NULL;
}

/* ---- Writing */

static int by_low(const void *a, const void *b) {
  const struct range *x = a, *y = b;
  return x->low != y->low ? (x->low < y->low ? -1 : 1) : (x->high > y->high) - (x->high < y->high);
}

static void merge_ranges(struct class *class) {
  size_t kept = 0;
  if (class->range_cnt > 1) qsort(class->ranges, class->range_cnt, sizeof *class->ranges, by_low);
  for (size_t i = 0; i < class->range_cnt; i++) {
    struct range *last = kept ? &class->ranges[kept - 1] : NULL, r = class->ranges[i];
    if (last && r.low <= last->high + 1) last->high = r.high > last->high ? r.high : last->high;
    else class->ranges[kept++] = r;
  }
  class->range_cnt = kept;
}

static void write_point(struct weir_buf *buf, uint32_t cp) {
  char bytes[4];
  bool plain = cp >= 0xA0 || (cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z');
  if (plain) weir_buf_add(buf, bytes, weir_utf8_put(cp, bytes));
  else weir_buf_printf(buf, "\\x{%x}", (unsigned)cp);
}

static bool write_class(struct weir_reader *reader, const struct class *class, weir_str *out) {
  size_t cap = 8 + class->range_cnt * 20;
  struct weir_buf buf;
  char *room;
  for (size_t i = 0; i < class->type_cnt; i++) cap += class->types[i].len;
  if (!(room = weir_arena_bytes(reader->work, cap))) return weir_read_nomem(reader) != NULL;
  weir_buf_init(&buf, room, cap);
  weir_buf_text(&buf, class->negated ? "[^" : "[");
  for (size_t i = 0; i < class->range_cnt; i++) {
    write_point(&buf, class->ranges[i].low);
    if (class->ranges[i].high == class->ranges[i].low) continue;
    if (class->ranges[i].high > class->ranges[i].low + 1) weir_buf_byte(&buf, '-');
    write_point(&buf, class->ranges[i].high);
  }
  for (size_t i = 0; i < class->type_cnt; i++) weir_buf_str(&buf, class->types[i]);
  weir_buf_byte(&buf, ']');
  *out = weir_buf_view(&buf);
  return true;
}

/* Which characters: exact for ASCII, unless a type is not known; then all. */
static void describe(struct class *class) {
  struct weir_set *set = &class->set;
  uint64_t ascii[2];
  uint32_t total = 0;
  set->others = class->negated || class->type_cnt > 0;
  for (size_t i = 0; i < class->range_cnt; i++) {
    set_ascii(set, class->ranges[i].low, class->ranges[i].high);
    if (class->ranges[i].high >= 128) set->others = true, set->ranges++;
    total += class->ranges[i].high - class->ranges[i].low < 8 ? class->ranges[i].high - class->ranges[i].low + 1 : 9;
  }
  set->ranges += (uint32_t)class->type_cnt * 2;
  if (!class->negated && class->type_cnt == 0 && total <= 8) {
    for (size_t i = 0; i < class->range_cnt; i++) {
      for (uint32_t cp = class->ranges[i].low; cp <= class->ranges[i].high; cp++) set->members[set->member_cnt++] = cp;
    }
  }
  for (size_t i = 0; i < class->type_cnt; i++) {
    if (!type_ascii(class->types[i], ascii)) {
      set->ascii[0] = set->ascii[1] = ~UINT64_C(0);
      return;
    }
    set->ascii[0] |= ascii[0], set->ascii[1] |= ascii[1];
  }
  if (class->negated) set->ascii[0] = ~set->ascii[0], set->ascii[1] = ~set->ascii[1];
}

static struct weir_node *set_node(struct weir_reader *reader, const struct weir_set *set, weir_str text, size_t source) {
  struct weir_node *node = weir_node_new(reader, WEIR_NODE_SET, source);
  struct weir_set *copy = weir_arena_alloc(reader->work, sizeof *copy);
  if (!node) return NULL;
  if (!copy) return weir_read_nomem(reader);
  *copy = *set;
  node->set = copy;
  node->text = text;
  return node;
}

/* A class some of whose members are several characters: (?:ss|[abc]). */
static struct weir_node *with_spellings(struct weir_reader *reader, const struct class *class, struct weir_node *set, size_t source) {
  struct weir_node *group = weir_node_new(reader, WEIR_NODE_GROUP, source), *branches = weir_node_new(reader, WEIR_NODE_BRANCHES, source);
  struct weir_node **tail;
  if (!group || !branches) return NULL;
  group->text = WEIR_STR("(?:");
  group->first = branches;
  tail = &branches->first;
  for (size_t i = 0; i < class->spelling_cnt; i++) {
    if (!(*tail = weir_node_new(reader, WEIR_NODE_LITERAL, source))) return NULL;
    (*tail)->text = class->spellings[i];
    tail = &(*tail)->next;
  }
  *tail = set;
  return group;
}

static bool only_gaps(const struct class *class) {
  uint64_t letters[2] = { UINT64_C(0x03FF000000000000), UINT64_C(0x07FFFFFE07FFFFFE) };
  return !class->set.others && !class->negated && !(class->set.ascii[0] & letters[0]) && !(class->set.ascii[1] & letters[1]);
}

struct weir_node *weir_read_class(struct weir_reader *reader, bool extended_more) {
  struct class class = { .range_cnt = 0 };
  size_t source = reader->at;
  struct weir_node *node = NULL;
  weir_str text;
  if (at_text(reader, "[[:<:]]") || at_text(reader, "[[:>:]]")) {
    if (!(node = weir_node_new(reader, WEIR_NODE_EDGE, source))) return NULL;
    node->edge = reader->source.ptr[reader->at + 3] == '<' ? WEIR_CALLOUT_STARTS : WEIR_CALLOUT_ENDS;
    reader->at += 7;
    return node;
  }
  reader->at++;
  if (at_text(reader, "^")) class.negated = true, reader->at++;
  if (!read_items(reader, &class, extended_more, source)) return NULL;
  merge_ranges(&class);
  describe(&class);
  if (class.range_cnt || class.type_cnt) {
    if (!write_class(reader, &class, &text) || !(node = set_node(reader, &class.set, text, source))) return NULL;
    node->gap = reader->loose && only_gaps(&class);
  } else if (class.negated) {
    if (!(node = set_node(reader, &class.set, WEIR_STR("\\p{Any}"), source))) return NULL;
  } else if (class.spelling_cnt == 0) {
    return weir_node_new(reader, WEIR_NODE_EMPTY, source);
  }
  return class.spelling_cnt ? with_spellings(reader, &class, node, source) : node;
}

struct weir_node *weir_read_type(struct weir_reader *reader, weir_str written, size_t source) {
  struct weir_set set = { .others = true, .ranges = 2 };
  struct weir_node *node;
  bool digits = written.len == 2 && (written.ptr[1] == 'd' || written.ptr[1] == 'D');
  if (!type_ascii(written, set.ascii)) set.ascii[0] = set.ascii[1] = ~UINT64_C(0);
  if (written.ptr[0] == '.') set.ranges = 0;
  if (digits) set.others = written.ptr[1] == 'D', set.ranges = 0;
  if (digits) written = set.others ? WEIR_STR("[^0-9]") : WEIR_STR("[0-9]");
  if (!(node = set_node(reader, &set, written, source))) return NULL;
  node->gap = reader->loose && written.len == 2 && strchr("shvW", written.ptr[1]) != NULL;
  return node;
}
