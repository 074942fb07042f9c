/* memory_text.c: every string of the store, each kept once and counted.
 *
 * Tags, stages, accounts and rule names repeat in thousands of rows; as numbers they take four bytes each and compare at
 * once. A text lies in a chain of 32-byte cells: no fragmentation, and room is a number of cells. */
#include "state/memory.h"

_Static_assert(sizeof(struct weir_mem_text) == 32 && sizeof(struct weir_mem_more) == 32, "cells are 32 bytes");

static struct weir_mem_text *head_of(const struct weir_memory *s, uint32_t text) { return weir_mem_row(s, WEIR_MEM_TEXTS, text); }
static struct weir_mem_more *cell_of(const struct weir_memory *s, uint32_t cell) { return weir_mem_row(s, WEIR_MEM_TEXTS, cell); }

static bool same(const struct weir_memory *s, const struct weir_mem_text *head, weir_str text) {
  if (head->len != text.len) return false;
  size_t at = text.len < WEIR_MEM_TEXT_HEAD ? text.len : WEIR_MEM_TEXT_HEAD;
  if (memcmp(head->bytes, text.ptr, at) != 0) return false;
  for (uint32_t cell = head->more; cell != 0; cell = cell_of(s, cell)->next) {
    size_t part = text.len - at < WEIR_MEM_TEXT_MORE ? text.len - at : WEIR_MEM_TEXT_MORE;
    if (memcmp(cell_of(s, cell)->bytes, text.ptr + at, part) != 0) return false;
    at += part;
  }
  return true;
}

static uint32_t find(const struct weir_memory *s, weir_str text, uint64_t hash) {
  uint32_t row = weir_mem_chain(s, WEIR_MEM_TEXTS, hash);
  for (; row != 0; row = head_of(s, row)->next) {
    const struct weir_mem_text *head = head_of(s, row);
    if (head->hash == (uint32_t)(hash >> 32) && same(s, head, text)) return row;
  }
  return 0;
}

uint32_t weir_mem_find_text(const struct weir_memory *s, weir_str text, bool *known) {
  *known = true;
  if (text.len == 0) return 0;
  uint32_t row = find(s, text, weir_slot_hash(s->seed, text));
  *known = row != 0;
  return row;
}

weir_status weir_mem_use_text(struct weir_memory *s, weir_str text, uint32_t *out, weir_error *err) {
  *out = 0;
  if (text.len == 0) return WEIR_OK;
  if (text.len > UINT16_MAX) return weir_fail(err, WEIR_E_LIMIT, "a text of %zu bytes cannot be stored", text.len);
  uint64_t hash = weir_slot_hash(s->seed, text);
  uint32_t row = find(s, text, hash);
  weir_status status;
  if (row != 0) {
    if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
    weir_mem_again_text(s, row);
    *out = row;
    return WEIR_OK;
  }
  if ((status = weir_mem_take(s, WEIR_MEM_TEXTS, &row, err)) != WEIR_OK) return status;
  struct weir_mem_text *head = head_of(s, row);
  head->refs = 1;
  head->hash = (uint32_t)(hash >> 32);
  head->len = (uint16_t)text.len;
  size_t at = text.len < WEIR_MEM_TEXT_HEAD ? text.len : WEIR_MEM_TEXT_HEAD;
  memcpy(head->bytes, text.ptr, at);
  uint32_t *link = &head->more;
  while (at < text.len) {
    uint32_t cell;
    if ((status = weir_mem_take(s, WEIR_MEM_TEXTS, &cell, err)) != WEIR_OK) return status;
    size_t part = text.len - at < WEIR_MEM_TEXT_MORE ? text.len - at : WEIR_MEM_TEXT_MORE;
    memcpy(cell_of(s, cell)->bytes, text.ptr + at, part);
    *link = cell;
    link = &cell_of(s, cell)->next;
    at += part;
  }
  weir_mem_link(s, WEIR_MEM_TEXTS, hash, row);
  *out = row;
  return WEIR_OK;
}

void weir_mem_again_text(struct weir_memory *s, uint32_t text) {
  if (text != 0) WEIR_MEM_SET(s, head_of(s, text)->refs, head_of(s, text)->refs + 1);
}

bool weir_mem_only_use(const struct weir_memory *s, uint32_t text) { return text != 0 && head_of(s, text)->refs == 1; }

void weir_mem_drop_text(struct weir_memory *s, uint32_t text) {
  if (text == 0) return;
  struct weir_mem_text *head = head_of(s, text);
  WEIR_MEM_SET(s, head->refs, head->refs - 1);
  if (head->refs != 0) return;
  weir_mem_unlink(s, WEIR_MEM_TEXTS, (uint64_t)head->hash << 32, text);

  /* All cells but the first go to the free list in one piece: a long text costs the log as much as a short one. */
  struct weir_mem_table *t = &s->tables[WEIR_MEM_TEXTS];
  uint32_t last = head->more, cnt = 1;
  if (last != 0) {
    for (; cell_of(s, last)->next != 0; last = cell_of(s, last)->next) cnt++;
    WEIR_MEM_SET(s, cell_of(s, last)->next, t->free);
    WEIR_MEM_SET(s, t->free, head->more);
    WEIR_MEM_SET(s, t->live, t->live - cnt);
  }
  weir_mem_give(s, WEIR_MEM_TEXTS, text);
}

size_t weir_mem_text_len(const struct weir_memory *s, uint32_t text) { return text ? head_of(s, text)->len : 0; }

weir_str weir_mem_read_text(const struct weir_memory *s, uint32_t text, char *out, size_t cap) {
  size_t len = weir_mem_text_len(s, text), at;
  if (len > cap) len = cap;
  if (len == 0) return (weir_str){ out, 0 };
  const struct weir_mem_text *head = head_of(s, text);
  at = len < WEIR_MEM_TEXT_HEAD ? len : WEIR_MEM_TEXT_HEAD;
  memcpy(out, head->bytes, at);
  for (uint32_t cell = head->more; at < len; cell = cell_of(s, cell)->next) {
    size_t part = len - at < WEIR_MEM_TEXT_MORE ? len - at : WEIR_MEM_TEXT_MORE;
    memcpy(out + at, cell_of(s, cell)->bytes, part);
    at += part;
  }
  return (weir_str){ out, len };
}

weir_status weir_mem_copy_text(const struct weir_memory *s, uint32_t text, struct weir_arena *arena, weir_str *out,
                               weir_error *err) {
  size_t len = weir_mem_text_len(s, text);
  *out = (weir_str){ NULL, 0 };
  if (len == 0) return WEIR_OK;
  char *to = weir_arena_bytes(arena, len);
  if (!to) return weir_fail(err, WEIR_E_NOMEM, "the arena has no room for what the store knows");
  *out = weir_mem_read_text(s, text, to, len);
  return WEIR_OK;
}

int weir_mem_cmp_text(const struct weir_memory *s, uint32_t a, uint32_t b) {
  char x[WEIR_FIELD_VALUE_MAX], y[WEIR_FIELD_VALUE_MAX];
  if (a == b) return 0;
  return weir_str_cmp(weir_mem_read_text(s, a, x, sizeof x), weir_mem_read_text(s, b, y, sizeof y));
}
