/* import_csv.c: a table of keywords, as spreadsheets write it: keyword, mode, reply, tags. UTF-8 with or without a byte order
 * mark, UTF-16, or GB18030; commas, semicolons or tabs; a first line with the names of the columns, in any order, or none. */
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "import.h"

enum { COLUMNS = 4, CELLS_MAX = 32 };
enum column { KEYWORD, MODE, REPLY, TAGS };

struct table {
  struct import *im;
  const char *at, *end;
  char separator;
  uint32_t line;      /* of the row at hand */
  uint32_t next_line;
  weir_str cells[CELLS_MAX];
  uint32_t cell_cnt;
  int column[COLUMNS]; /* which cell; -1: none */
};

/* ---- encodings */

/* Converts the whole text to UTF-8. NULL: it is not of that encoding, or there is no memory. */
static char *convert(const char *encoding, const char *data, size_t len, size_t *out_len) {
  iconv_t cd = iconv_open("UTF-8", encoding);
  if (cd == (iconv_t)-1) return NULL;
  size_t cap = len * 2 + 16, in_left = len, out_left = cap;
  char *out = malloc(cap), *to = out, *from = (char *)(uintptr_t)data;
  bool good = out && iconv(cd, &from, &in_left, &to, &out_left) != (size_t)-1 && in_left == 0;
  iconv_close(cd);
  if (!good) {
    free(out);
    return NULL;
  }
  *out_len = (size_t)(to - out);
  return out;
}

static bool is_utf8(const char *data, size_t len) {
  size_t out_len;
  char *same = convert("UTF-8", data, len, &out_len);
  free(same);
  return same != NULL;
}

/* The text as UTF-8 that lives as long as the import. */
static bool decode(struct import *im, const char *data, size_t len, weir_str *out) {
  size_t out_len = 0;
  char *text = NULL;
  if (len >= 2 && (memcmp(data, "\xff\xfe", 2) == 0 || memcmp(data, "\xfe\xff", 2) == 0)) text = convert("UTF-16", data, len, &out_len);
  else if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) *out = (weir_str){ data + 3, len - 3 };
  else *out = (weir_str){ data, len };
  if (!text && len >= 2 && (unsigned char)data[0] >= 0xfe) {
    complain_text("import", "%s is cut-off UTF-16: save it again, as CSV in UTF-8", im->path);
    return false;
  }
  if (!text && !is_utf8(out->ptr, out->len)) {
    text = convert("GB18030", data, len, &out_len);
    if (!text) {
      complain_text("import", "%s is neither UTF-8 nor GB18030: save it again, as CSV in UTF-8", im->path);
      return false;
    }
    import_note(im, "the file was read as GB18030");
  }
  if (text) {
    *out = import_keep(im, (weir_str){ text, out_len });
    free(text);
  }
  return !im->no_memory;
}

/* ---- rows */

/* What separates cells: whichever of the three the first line has most of. */
static char find_separator(weir_str text) {
  size_t commas = 0, semicolons = 0, tabs = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.len && (quoted || text.ptr[i] != '\n'); i++) {
    if (text.ptr[i] == '"') quoted = !quoted;
    if (quoted) continue;
    commas += text.ptr[i] == ',';
    semicolons += text.ptr[i] == ';';
    tabs += text.ptr[i] == '\t';
  }
  if (tabs >= commas && tabs >= semicolons && tabs) return '\t';
  return semicolons > commas ? ';' : ',';
}

/* A cell in quotes: "" in it is a quote. */
static bool quoted_cell(struct table *t, weir_str *out) {
  char *copy = malloc((size_t)(t->end - t->at) + 1);
  size_t used = 0;
  bool closed = false;
  if (!copy) return false;
  for (t->at++; t->at < t->end; t->at++) {
    if (*t->at == '"' && t->at + 1 < t->end && t->at[1] == '"') t->at++;
    else if (*t->at == '"') {
      closed = true;
      t->at++;
      break;
    }
    if (*t->at == '\n') t->next_line++;
    copy[used++] = *t->at;
  }
  *out = import_keep(t->im, (weir_str){ copy, used });
  free(copy);
  if (!closed) import_note(t->im, "line %u: a quote is opened and never closed: the rest of the file was taken as one cell", t->line);
  return true;
}

static weir_str trimmed(weir_str s) {
  while (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t' || s.ptr[0] == '\r')) s.ptr++, s.len--;
  while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t' || s.ptr[s.len - 1] == '\r')) s.len--;
  return s;
}

static bool read_row(struct table *t) {
  t->cell_cnt = 0;
  t->line = t->next_line;
  if (t->at >= t->end) return false;
  while (true) {
    weir_str cell = { t->at, 0 };
    while (t->at < t->end && *t->at == ' ') t->at++;
    if (t->at < t->end && *t->at == '"') {
      if (!quoted_cell(t, &cell)) {
        t->im->no_memory = true;
        return false;
      }
      while (t->at < t->end && *t->at != t->separator && *t->at != '\n') t->at++;
    } else {
      while (t->at < t->end && *t->at != t->separator && *t->at != '\n') t->at++;
      cell.len = (size_t)(t->at - cell.ptr);
    }
    if (t->cell_cnt < CELLS_MAX) t->cells[t->cell_cnt++] = trimmed(cell);
    if (t->at >= t->end) return true;
    if (*t->at++ == '\n') {
      t->next_line++;
      return true;
    }
  }
}

/* ---- columns */

static bool is_one_of(weir_str cell, const char *const *words) {
  for (; *words; words++) {
    size_t len = strlen(*words);
    if (cell.len != len) continue;
    size_t i = 0;
    while (i < len && (cell.ptr[i] | (cell.ptr[i] >= 'A' && cell.ptr[i] <= 'Z' ? 0x20 : 0)) == (*words)[i]) i++;
    if (i == len) return true;
  }
  return false;
}

static const char *const column_names[COLUMNS][10] = {
  [KEYWORD] = { "keyword", "keywords", "关键词", "关键字", "word", "words", "palabra", "palabras", "trigger", NULL },
  [MODE] = { "mode", "match", "匹配", "匹配方式", "匹配模式", "模式", "modo", NULL },
  [REPLY] = { "reply", "replies", "answer", "text", "回复", "回复内容", "内容", "respuesta", "message", NULL },
  [TAGS] = { "tags", "tag", "标签", "label", "labels", "etiquetas", "etiqueta", NULL },
};

/* Whether the row names columns. */
static bool read_header(struct table *t) {
  bool found = false;
  int column[COLUMNS] = { -1, -1, -1, -1 };
  for (uint32_t i = 0; i < t->cell_cnt; i++) {
    for (int c = 0; c < COLUMNS; c++) {
      if (column[c] < 0 && is_one_of(t->cells[i], column_names[c])) {
        column[c] = (int)i;
        found = true;
        break;
      }
    }
  }
  if (!found || column[KEYWORD] < 0 || column[REPLY] < 0) return false;
  memcpy(t->column, column, sizeof column);
  for (uint32_t i = 0; i < t->cell_cnt; i++) {
    bool used = false;
    for (int c = 0; c < COLUMNS; c++) used |= column[c] == (int)i;
    if (!used && t->cells[i].len) import_note(t->im, "the column \"%.*s\" was left out", FMT(t->cells[i]));
  }
  return true;
}

static weir_str cell(const struct table *t, enum column column) {
  int i = t->column[column];
  return i >= 0 && (uint32_t)i < t->cell_cnt ? t->cells[i] : (weir_str){ "", 0 };
}

/* ---- rules */

static const char *mode_of(struct table *t, weir_str word) {
  static const char *const contains[] = { "contains", "contain", "包含", "模糊", "半匹配", "模糊匹配", NULL };
  static const char *const equal[] = { "equal", "equals", "exact", "等于", "全匹配", "精确", "完全匹配", "精确匹配", NULL };
  static const char *const prefix[] = { "prefix", "starts", "开头", "前缀", NULL };
  static const char *const words[] = { "word", "单词", "词", "", NULL };
  if (is_one_of(word, contains)) return "contains";
  if (is_one_of(word, equal)) return "equal";
  if (is_one_of(word, prefix)) return "prefix";
  if (!is_one_of(word, words)) import_note(t->im, "line %u: there is no mode \"%.*s\" (word, contains, equal, prefix); taken as word", t->line, FMT(word));
  return "word";
}

/* The parts between any of the marks. */
static bool split(struct import *im, struct import_texts *out, weir_str text, const char *const *marks) {
  size_t from = 0;
  for (size_t i = 0; i <= text.len;) {
    size_t mark = 0;
    for (const char *const *m = marks; i < text.len && *m && !mark; m++) {
      size_t len = strlen(*m);
      if (text.len - i >= len && memcmp(text.ptr + i, *m, len) == 0) mark = len;
    }
    if (!mark && i < text.len) {
      i++;
      continue;
    }
    weir_str part = trimmed((weir_str){ text.ptr + from, i - from });
    if (part.len && !import_text(im, out, part)) return false;
    i += mark ? mark : 1;
    from = i;
  }
  return true;
}

static bool same_words(const struct import_rule *a, const struct import_rule *b) {
  if (a->keywords.cnt != b->keywords.cnt || strcmp(a->mode, b->mode) != 0) return false;
  for (uint32_t i = 0; i < a->keywords.cnt; i++) {
    if (a->keywords.items[i].len != b->keywords.items[i].len || memcmp(a->keywords.items[i].ptr, b->keywords.items[i].ptr, a->keywords.items[i].len) != 0) return false;
  }
  return true;
}

/* A row whose keywords another row has: one more answer of that one. */
static bool add_to_twin(struct table *t, weir_str reply) {
  struct import *im = t->im;
  struct import_rule *rule = &im->rules[im->rule_cnt - 1];
  for (uint32_t i = 0; i + 1 < im->rule_cnt; i++) {
    if (!same_words(&im->rules[i], rule)) continue;
    import_note(im, "line %u has the keywords of line %u: its reply became another one of that rule", t->line, im->rules[i].line);
    import_drop(im);
    import_answer(im, &im->rules[i], reply, (weir_str){ "", 0 });
    return true;
  }
  return false;
}

static bool read_rule(struct table *t) {
  static const char *const word_marks[] = { "|", "\n", "；", "、", NULL }, *const tag_marks[] = { "|", ",", "，", ";", "；", " ", NULL };
  weir_str keyword = cell(t, KEYWORD), reply = cell(t, REPLY);
  struct import *im = t->im;
  if (!keyword.len && !reply.len) return true;
  if (!keyword.len || !reply.len) {
    import_note(im, "line %u has no %s and was left out", t->line, keyword.len ? "reply" : "keyword");
    return true;
  }
  struct import_rule *rule = import_rule(im, keyword);
  if (!rule) return false;
  rule->title = (weir_str){ "", 0 };
  rule->on = "{ \"comment\", \"message\" }";
  rule->line = t->line;
  rule->mode = mode_of(t, cell(t, MODE));
  if (!split(im, &rule->keywords, keyword, word_marks) || !split(im, &rule->tags, cell(t, TAGS), tag_marks)) return false;
  if (!rule->keywords.cnt) {
    import_note(im, "line %u has no keyword and was left out", t->line);
    import_drop(im);
    return true;
  }
  if (add_to_twin(t, reply)) return !im->no_memory;
  return import_answer(im, rule, reply, (weir_str){ "", 0 });
}

bool import_csv(struct import *im, char *data, size_t len) {
  weir_str text = { NULL, 0 };
  struct table t = { .im = im, .next_line = 1, .column = { 0, 1, 2, 3 } };
  if (!decode(im, data, len, &text)) return false;
  t.at = text.ptr;
  t.end = text.ptr + text.len;
  t.separator = find_separator(text);
  bool first = true;
  while (read_row(&t)) {
    if (first) {
      first = false;
      if (read_header(&t)) continue;
      if (t.cell_cnt == 2) { /* keyword, reply */
        t.column[REPLY] = 1;
        t.column[MODE] = t.column[TAGS] = -1;
      }
    }
    if (!read_rule(&t)) break;
  }
  return !im->no_memory;
}
