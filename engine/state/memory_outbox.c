/* memory_outbox.c: finished records until they are acknowledged, and the head of each account's chain.
 *
 * A record lies in pages of 512 bytes, so that records acknowledged out of order leave no holes: room is a number of pages.
 * Records stand in two lists: all of them in the order they were put, and those of each account.
 *
 * Handing out and acknowledging are no part of a transaction: `handed`, `acked` and `out_next` are never logged, and an
 * acknowledgement that comes while a transaction is open frees its pages only when that ends. */
#include "state/memory.h"

#include <inttypes.h>

#define MORE_BYTES sizeof(((struct weir_mem_page *)0)->bytes)
#define HEAD_BYTES sizeof(((struct weir_mem_record *)0)->bytes)

_Static_assert(sizeof(struct weir_mem_record) == WEIR_MEM_PAGE_BYTES && sizeof(struct weir_mem_page) == WEIR_MEM_PAGE_BYTES,
               "pages are of one size");

static struct weir_mem_chain *chain_at(const struct weir_memory *s, uint32_t row) {
  return weir_mem_row(s, WEIR_MEM_CHAINS, row);
}
static struct weir_mem_record *record_at(const struct weir_memory *s, uint32_t row) {
  return weir_mem_row(s, WEIR_MEM_PAGES, row);
}
static struct weir_mem_page *page_at(const struct weir_memory *s, uint32_t row) { return weir_mem_row(s, WEIR_MEM_PAGES, row); }

static uint32_t find_chain(const struct weir_memory *s, weir_str aud) {
  bool known;
  uint32_t text = weir_mem_find_text(s, aud, &known);
  if (!known || text == 0) return 0;
  uint32_t row = weir_mem_chain(s, WEIR_MEM_CHAINS, weir_mem_mix(s, text, 0));
  while (row != 0 && chain_at(s, row)->aud != text) row = chain_at(s, row)->next;
  return row;
}

/* A record takes up to one page more than its bytes; the room that is told bears that for every account of a group. */
size_t weir_mem_outbox_room(const struct weir_store *store) {
  const struct weir_mem_table *t = &((const struct weir_memory *)store)->tables[WEIR_MEM_PAGES];
  size_t room = (t->cap - t->live) * MORE_BYTES, spare = WEIR_GROUP_AUDS_MAX * (MORE_BYTES + MORE_BYTES - HEAD_BYTES);
  return room > spare ? room - spare : 0;
}

weir_status weir_mem_chain_head(struct weir_store *store, weir_str aud, struct weir_chain_head *out, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t row = find_chain(s, aud);
  (void)err; /* reading memory cannot fail */
  *out = (struct weir_chain_head){ 0 };
  out->iat_s = s->iat_s;
  if (row == 0) return WEIR_OK;
  out->seq = chain_at(s, row)->seq;
  out->has_hash = chain_at(s, row)->has_hash;
  memcpy(out->hash, chain_at(s, row)->hash, WEIR_SHA256_BYTES);
  return WEIR_OK;
}

weir_status weir_mem_chain_next(struct weir_store *store, uint64_t after, uint64_t *n, struct weir_arena *arena, weir_str *aud, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  *n = 0;
  *aud = (weir_str){ NULL, 0 };
  for (uint32_t row = (uint32_t)after + 1; row <= s->tables[WEIR_MEM_CHAINS].used; row++) {
    if (chain_at(s, row)->seq == 0) continue; /* its first record was taken back */
    *n = row;
    weir_str name = weir_mem_read_text(s, chain_at(s, row)->aud, s->scratch, 2 * WEIR_ID_MAX + 1);
    return weir_arena_str(arena, name, aud) ? WEIR_OK : weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  }
  return WEIR_NONE;
}

weir_status weir_mem_sign_as(struct weir_store *store, weir_str kid, weir_error *err) {
  struct weir_memory *s = (struct weir_memory *)store;
  (void)kid;
  if (!s->open) return weir_fail(err, WEIR_E_SEQUENCE, "the key can be noted inside begin and commit only");
  s->counted = true;
  return WEIR_OK;
}

/* ---- putting */

static weir_status make_chain(struct weir_memory *s, weir_str aud, uint32_t *row, weir_error *err) {
  uint32_t text;
  weir_status status = weir_check_text(aud, 2 * WEIR_ID_MAX + 1, "a record's aud", err);
  if (status == WEIR_OK) status = weir_mem_use_text(s, aud, &text, err);
  if (status == WEIR_OK) status = weir_mem_take(s, WEIR_MEM_CHAINS, row, err);
  if (status != WEIR_OK) return status;
  chain_at(s, *row)->aud = text;
  weir_mem_link(s, WEIR_MEM_CHAINS, weir_mem_mix(s, text, 0), *row);
  return WEIR_OK;
}

static weir_status fill(struct weir_memory *s, weir_str line, uint32_t *first, weir_error *err) {
  weir_status status = weir_mem_take(s, WEIR_MEM_PAGES, first, err);
  if (status != WEIR_OK) return status;
  struct weir_mem_record *r = record_at(s, *first);
  size_t at = line.len < HEAD_BYTES ? line.len : HEAD_BYTES;
  memcpy(r->bytes, line.ptr, at);
  r->len = (uint32_t)line.len;
  r->before = r->after = r->later = r->chain = 0;
  uint32_t *link = &r->next;
  while (at < line.len) {
    uint32_t row;
    if ((status = weir_mem_take(s, WEIR_MEM_PAGES, &row, err)) != WEIR_OK) return status;
    size_t part = line.len - at < MORE_BYTES ? line.len - at : MORE_BYTES;
    memcpy(page_at(s, row)->bytes, line.ptr + at, part);
    *link = row;
    link = &page_at(s, row)->next;
    at += part;
  }
  return WEIR_OK;
}

static weir_status put(struct weir_memory *s, weir_str aud, const struct weir_chain_head *head, weir_str line, weir_error *err) {
  uint32_t row = find_chain(s, aud), first;
  weir_status status = WEIR_OK;
  if (row == 0 && (status = make_chain(s, aud, &row, err)) != WEIR_OK) return status;
  struct weir_mem_chain *c = chain_at(s, row);
  if (head->seq != c->seq + 1) {
    return weir_fail(err, WEIR_E_ARG, "record %" PRIu64 " does not follow record %" PRIu64 " of its chain", head->seq, c->seq);
  }
  if ((status = fill(s, line, &first, err)) != WEIR_OK) return status;
  if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
  struct weir_mem_record *r = record_at(s, first);
  r->seq = head->seq;
  r->exp_s = head->exp_s;
  r->chain = row;
  r->before = s->outbox_last;
  if (s->outbox_last != 0) WEIR_MEM_SET(s, record_at(s, s->outbox_last)->after, first);
  else WEIR_MEM_SET(s, s->outbox_first, first);
  WEIR_MEM_SET(s, s->outbox_last, first);
  if (c->last != 0) WEIR_MEM_SET(s, record_at(s, c->last)->later, first);
  else WEIR_MEM_SET(s, c->first, first);
  WEIR_MEM_SET(s, c->last, first);
  WEIR_MEM_SET(s, c->seq, head->seq);
  WEIR_MEM_SET(s, c->has_hash, head->has_hash);
  weir_mem_log(s, c->hash, WEIR_SHA256_BYTES);
  memcpy(c->hash, head->hash, WEIR_SHA256_BYTES);
  if (head->iat_s > s->iat_s) WEIR_MEM_SET(s, s->iat_s, head->iat_s);
  if (s->tx_first == 0) s->tx_first = first;
  return WEIR_OK;
}

weir_status weir_mem_outbox_put(struct weir_store *store, weir_str aud, const struct weir_chain_head *head, weir_str line,
                                weir_error *err) {
  struct weir_memory *s = (struct weir_memory *)store;
  if (!s->open) return weir_fail(err, WEIR_E_SEQUENCE, "a record can be put inside begin and commit only");
  weir_status status = weir_check_text(line, WEIR_JWS_MAX, "a record", err);
  if (status != WEIR_OK) return status;
  s->log_mark = s->log_len;
  if ((status = put(s, aud, head, line, err)) != WEIR_OK) weir_mem_undo(s, s->log_mark);
  else s->counted = true;
  return status;
}

/* ---- handing out */

static void read_record(const struct weir_memory *s, const struct weir_mem_record *r, struct weir_stored_record *out) {
  out->aud = weir_mem_read_text(s, chain_at(s, r->chain)->aud, s->scratch, 2 * WEIR_ID_MAX + 1);
  out->seq = r->seq;
  char *line = s->scratch + out->aud.len;
  size_t at = r->len < HEAD_BYTES ? r->len : HEAD_BYTES;
  memcpy(line, r->bytes, at);
  for (uint32_t row = r->next; at < r->len; row = page_at(s, row)->next) {
    size_t part = r->len - at < MORE_BYTES ? r->len - at : MORE_BYTES;
    memcpy(line + at, page_at(s, row)->bytes, part);
    at += part;
  }
  out->line = (weir_str){ line, r->len };
}

weir_status weir_mem_outbox_look(struct weir_store *store, uint64_t after, uint64_t *n, struct weir_stored_record *out, weir_error *err) {
  struct weir_memory *s = (struct weir_memory *)store;
  (void)err; /* reading memory cannot fail */
  *out = (struct weir_stored_record){ 0 };
  uint32_t row = after ? record_at(s, (uint32_t)after)->after : s->outbox_first;
  *n = row;
  if (row == 0 || row == s->tx_first) return WEIR_NONE;
  read_record(s, record_at(s, row), out);
  return WEIR_OK;
}

/* In place: what is longer than the new line is wiped, its pages stay the record's. Bytes of pages are not part of the undo log, so
 * a rollback leaves the new line, which is as good: it stands for the old one. */
weir_status weir_mem_outbox_replace(struct weir_store *store, uint64_t n, weir_str line, weir_error *err) {
  struct weir_memory *s = (struct weir_memory *)store;
  if (!s->open) return weir_fail(err, WEIR_E_SEQUENCE, "a record can be replaced inside begin and commit only");
  struct weir_mem_record *r = record_at(s, (uint32_t)n);
  if (line.len > r->len) return weir_fail(err, WEIR_E_LIMIT, "a record can be replaced by a shorter one only");
  size_t at = line.len < HEAD_BYTES ? line.len : HEAD_BYTES;
  memset(r->bytes, 0, HEAD_BYTES);
  memcpy(r->bytes, line.ptr, at);
  for (uint32_t row = r->next; row != 0; row = page_at(s, row)->next) {
    size_t part = line.len - at < MORE_BYTES ? line.len - at : MORE_BYTES;
    memset(page_at(s, row)->bytes, 0, MORE_BYTES);
    if (part) memcpy(page_at(s, row)->bytes, line.ptr + at, part);
    at += part;
  }
  r->len = (uint32_t)line.len;
  memset(s->scratch, 0, WEIR_MEM_SCRATCH_BYTES);
  return WEIR_OK;
}

weir_status weir_mem_outbox_next(struct weir_store *store, struct weir_stored_record *out, weir_error *err) {
  struct weir_memory *s = (struct weir_memory *)store;
  (void)err; /* reading memory cannot fail */
  *out = (struct weir_stored_record){ 0 };
  if (s->out_next == 0) return WEIR_NONE;
  const struct weir_mem_record *r = record_at(s, s->out_next);
  read_record(s, r, out);
  chain_at(s, r->chain)->handed = r->seq;
  s->out_next = r->after == s->tx_first ? 0 : r->after; /* what was put since begin is not there yet */
  return WEIR_OK;
}

/* ---- acknowledging */

static void drop_record(struct weir_memory *s, uint32_t first) {
  const struct weir_mem_record *r = record_at(s, first);
  if (r->before != 0) record_at(s, r->before)->after = r->after;
  else s->outbox_first = r->after;
  if (r->after != 0) record_at(s, r->after)->before = r->before;
  else s->outbox_last = r->before;
  for (uint32_t row = first, next; row != 0; row = next) {
    next = *(const uint32_t *)weir_mem_row(s, WEIR_MEM_PAGES, row); /* both kinds of page begin with it */
    weir_mem_give(s, WEIR_MEM_PAGES, row);
  }
}

static void drop_acked(struct weir_memory *s, struct weir_mem_chain *c) {
  while (c->first != 0 && record_at(s, c->first)->seq <= c->acked) {
    uint32_t first = c->first;
    c->first = record_at(s, first)->later;
    if (c->first == 0) c->last = 0;
    drop_record(s, first);
  }
}

weir_status weir_mem_outbox_ack(struct weir_store *store, weir_str aud, uint64_t seq, weir_error *err) {
  struct weir_memory *s = (struct weir_memory *)store;
  uint32_t row = find_chain(s, aud);
  if (row == 0 || seq == 0 || seq > chain_at(s, row)->handed) {
    return weir_fail(err, WEIR_E_ARG, "record %" PRIu64 " of %.*s was never handed out", seq, WEIR_FMT(aud));
  }
  struct weir_mem_chain *c = chain_at(s, row);
  if (seq > c->acked) c->acked = seq;
  if (s->open) s->acks_wait = true;
  else drop_acked(s, c);
  return WEIR_OK;
}

weir_status weir_mem_outbox_expire(struct weir_store *store, int64_t now_s, uint64_t *closed, weir_error *err) {
  struct weir_memory *s = (struct weir_memory *)store;
  *closed = 0;
  if (s->open) return weir_fail(err, WEIR_E_SEQUENCE, "records cannot be closed inside a transaction");
  while (s->outbox_first != 0) {
    const struct weir_mem_record *r = record_at(s, s->outbox_first);
    if (r->exp_s == 0 || r->exp_s > now_s) break;
    struct weir_mem_chain *c = chain_at(s, r->chain);
    if (s->out_next == s->outbox_first) s->out_next = r->after;
    if (r->seq > c->handed) c->handed = r->seq;
    if (r->seq > c->acked) c->acked = r->seq;
    drop_acked(s, c);
    (*closed)++;
    s->unconfirmed++;
  }
  return WEIR_OK;
}

/* Chains never go, so every row that was handed out is one. */
uint64_t weir_mem_outbox_count(const struct weir_memory *s) {
  uint64_t cnt = 0;
  for (uint32_t row = 1; row <= s->tables[WEIR_MEM_CHAINS].used; row++) cnt += chain_at(s, row)->seq - chain_at(s, row)->acked;
  return cnt;
}

void weir_mem_outbox_settle(struct weir_memory *s, bool committed) {
  if (committed && s->out_next == 0) s->out_next = s->tx_first;
  s->tx_first = 0;
  if (!s->acks_wait) return;
  s->acks_wait = false;
  /* chains never go, so every row that was handed out is one */
  for (uint32_t row = 1; row <= s->tables[WEIR_MEM_CHAINS].used; row++) drop_acked(s, chain_at(s, row));
}
