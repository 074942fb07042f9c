/* keyword.c: keywords in their modes, tried one by one. The prefilter finds keywords much faster; this file says what they
 * mean, serves where the prefilter does not (excepts, prefilter off), and decides for both whether a place counts. */
#include "match/pattern.h"

#include "text/utf8.h"
#include "text/words.h"

static void find_core(struct weir_view *view) {
  weir_str text = view->text;
  size_t len;
  if (view->cored) return;
  view->cored = true;
  view->bare_start = 0;
  view->bare_end = text.len;
  weir_text_core(text, &view->core_start, &view->core_end);
  while (view->bare_start < text.len && (weir_char_class(weir_utf8_at(text, view->bare_start, &len)) & WEIR_CHAR_SPACE)) view->bare_start += len;
  while (view->bare_end > view->bare_start) {
    size_t before = weir_utf8_before(text, view->bare_end);
    if (!(weir_char_class(weir_utf8_at(text, before, &len)) & WEIR_CHAR_SPACE)) break;
    view->bare_end = before;
  }
}

bool weir_view_starts(const struct weir_view *view, size_t at) {
  return weir_word_starts(view->strict, view->place ? view->place[at] : at);
}

/* The end of a loose match is where its last byte ends in the strict text: a gap may follow there. */
bool weir_view_ends(const struct weir_view *view, size_t at) {
  return weir_word_ends(view->strict, !view->place ? at : at > 0 ? view->place[at - 1] + 1u : 0);
}

bool weir_word_char_at(weir_str text, size_t at) {
  size_t len;
  return at < text.len && (weir_char_class(weir_utf8_at(text, at, &len)) & (WEIR_CHAR_LETTER | WEIR_CHAR_DIGIT)) != 0;
}

bool weir_word_char_before(weir_str text, size_t at) { return at > 0 && weir_word_char_at(text, weir_utf8_before(text, at)); }

struct weir_keyword weir_keyword_make(weir_str folded, enum weir_word_mode mode) {
  struct weir_keyword keyword = { .ptr = folded.ptr, .len = (uint8_t)folded.len };
  size_t start, end;
  weir_text_core(folded, &start, &end);
  switch (mode) {
  case WEIR_MODE_WORD: keyword.mode = WEIR_KEYWORD_WORD; break;
  case WEIR_MODE_CONTAINS: keyword.mode = WEIR_KEYWORD_CONTAINS; break;
  case WEIR_MODE_PREFIX: keyword.mode = start == 0 && end > 0 ? WEIR_KEYWORD_PREFIX : WEIR_KEYWORD_PREFIX_BARE; break;
  case WEIR_MODE_EQUAL:
    keyword.mode = end > start ? WEIR_KEYWORD_EQUAL : WEIR_KEYWORD_EQUAL_BARE;
    if (end > start) keyword.ptr += start, keyword.len = (uint8_t)(end - start);
    break;
  }
  return keyword;
}

bool weir_keyword_counts(const struct weir_keyword *keyword, struct weir_view *view, size_t at) {
  size_t end = at + keyword->len;
  if (keyword->mode >= WEIR_KEYWORD_EQUAL) find_core(view);
  switch ((enum weir_keyword_mode)keyword->mode) {
  case WEIR_KEYWORD_CONTAINS: return true;
  case WEIR_KEYWORD_WORD: return weir_view_starts(view, at) && weir_view_ends(view, end);
  case WEIR_KEYWORD_EQUAL: return at == view->core_start && end == view->core_end;
  case WEIR_KEYWORD_EQUAL_BARE: return at == view->bare_start && end == view->bare_end;
  case WEIR_KEYWORD_PREFIX: return at == view->core_start;
  case WEIR_KEYWORD_PREFIX_BARE: return at == view->bare_start;
  }
  return false;
}

bool weir_keyword_find(const struct weir_keyword *keyword, struct weir_view *view, size_t *at) {
  const char *text = view->text.ptr, *end, *p;
  if (keyword->len > view->text.len) return false;
  end = text + view->text.len - keyword->len + 1;
  for (p = text; p < end && (p = memchr(p, keyword->ptr[0], (size_t)(end - p))) != NULL; p++) {
    if (memcmp(p, keyword->ptr, keyword->len) != 0 || !weir_keyword_counts(keyword, view, (size_t)(p - text))) continue;
    *at = (size_t)(p - text);
    return true;
  }
  return false;
}

bool weir_keywords_find(const struct weir_keyword *keywords, size_t keyword_cnt, struct weir_view *view, struct weir_span *span) {
  bool found = false;
  size_t at;
  for (size_t i = 0; i < keyword_cnt; i++) {
    if (!weir_keyword_find(&keywords[i], view, &at)) continue;
    if (found && (at > span->start || (at == span->start && at + keywords[i].len <= span->end))) continue;
    *span = (struct weir_span){ at, at + keywords[i].len };
    found = true;
  }
  return found;
}
