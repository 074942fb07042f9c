/* erase.c: a person is erased. First the records that wait for their acknowledgement: those in which he stands are replaced by
 * tombstones (record/record.h says what that is), which keep the decisions about others. Then all that the store knows of him.
 * It is one transaction. */
#define _DEFAULT_SOURCE 1 /* explicit_bzero */
#include <stdlib.h>

#include "engine.h"

/* Room for one record taken apart. */
struct desk {
  char claims[WEIR_PAYLOAD_MAX + 1];
  struct weir_json nodes[WEIR_RECORD_NODES_MAX];
  unsigned char strings[WEIR_PAYLOAD_MAX];
};

struct work {
  weir_engine *e;
  struct desk *desk;
  const struct weir_contact *contacts;
  uint32_t cnt;
  weir_erasure told;
};

/* ---- one record */

static bool is_aud(weir_str aud, const struct weir_contact *c) {
  return aud.len == c->channel.len + 1 + c->account.len && memcmp(aud.ptr, c->channel.ptr, c->channel.len) == 0 && aud.ptr[c->channel.len] == '/' &&
         memcmp(aud.ptr + c->channel.len + 1, c->account.ptr, c->account.len) == 0;
}

/* Whether one of his contacts is this account's `id`. */
static bool is_he(const struct work *w, weir_str aud, weir_str id) {
  for (uint32_t i = 0; i < w->cnt; i++) {
    if (weir_str_eq(w->contacts[i].id, id) && is_aud(aud, &w->contacts[i])) return true;
  }
  return false;
}

static weir_str text_of(const struct work *w, const char *name) {
  uint32_t at = weir_json_get(w->desk->nodes, 0, weir_str_of(name));
  bool found = at != 0 && at != UINT32_MAX && w->desk->nodes[at].kind == WEIR_JSON_STRING;
  return found ? w->desk->nodes[at].str : (weir_str){ NULL, 0 };
}

static int64_t number_of(const struct work *w, const char *name) {
  uint32_t at = weir_json_get(w->desk->nodes, 0, weir_str_of(name));
  int64_t number = 0;
  return at != 0 && at != UINT32_MAX && weir_json_int64(&w->desk->nodes[at], &number) ? number : 0;
}

/* The decisions about others, as they stand there, into e->decisions. */
static weir_status keep_others(struct work *w, weir_str aud, size_t len, uint64_t *gone, weir_error *err) {
  const struct weir_json *nodes = w->desk->nodes;
  uint32_t list = weir_json_get(nodes, 0, WEIR_STR("decisions"));
  struct weir_buf *out = &w->e->decisions;
  out->len = 0;
  out->full = false;
  *gone = 0;
  if (list == 0 || list == UINT32_MAX || nodes[list].kind != WEIR_JSON_ARRAY) return weir_fail(err, WEIR_E_STATE, "a record in the outbox has no decisions");
  uint32_t at = list + 1;
  for (uint32_t i = 0; i < nodes[list].cnt; i++, at = nodes[at].next) {
    uint32_t contact = weir_json_get(nodes, at, WEIR_STR("contact"));
    /* we write no spaces: behind a decision is a comma, behind the last one are the brackets of list and claim set */
    size_t end = i + 1 < nodes[list].cnt ? nodes[nodes[at].next].offset - 1 : len - 2;
    if (contact != 0 && contact != UINT32_MAX && nodes[contact].kind == WEIR_JSON_STRING && is_he(w, aud, nodes[contact].str)) ++*gone;
    else weir_json_raw(out, (weir_str){ w->desk->claims + nodes[at].offset, end - nodes[at].offset });
  }
  return out->full ? weir_fail(err, WEIR_E_INTERNAL, "the decisions of a record do not fit where they came from") : WEIR_OK;
}

/* What a record says of itself. */
static weir_status read_head(const struct work *w, weir_str line, struct weir_record_head *head, weir_error *err) {
  size_t len = 0;
  weir_str prev = text_of(w, "prev"), erased = text_of(w, "erased");
  *head = (struct weir_record_head){ .iss = text_of(w, "iss"), .aud = text_of(w, "aud"), .chain = text_of(w, "chain"),
                                     .seq = (uint64_t)number_of(w, "seq"), .iat_s = number_of(w, "iat"), .exp_s = number_of(w, "exp"),
                                     .ruleset = text_of(w, "ruleset"), .env = text_of(w, "env"), .is_tombstone = true };
  bool good = true;
  if (prev.len) good = head->has_prev = weir_base64url_decode(prev, head->prev, sizeof head->prev, &len) && len == sizeof head->prev;
  if (good && erased.len) good = weir_base64url_decode(erased, head->erased, sizeof head->erased, &len) && len == sizeof head->erased;
  else weir_sha256(line, head->erased);
  return good ? WEIR_OK : weir_fail(err, WEIR_E_STATE, "a record in the outbox cannot be read");
}

static weir_status look_at(struct work *w, uint64_t n, const struct weir_stored_record *record, weir_error *err) {
  weir_engine *e = w->e;
  struct weir_record_head head;
  struct weir_arena strings;
  unsigned char hash[WEIR_SHA256_BYTES];
  size_t len, cnt;
  uint64_t gone = 0;
  weir_status st = weir_record_claims(record->line, w->desk->claims, WEIR_PAYLOAD_MAX, &len, err);
  if (!st && len > WEIR_PAYLOAD_MAX) st = weir_fail(err, WEIR_E_STATE, "a record in the outbox is too long");
  weir_arena_fixed(&strings, w->desk->strings, sizeof w->desk->strings);
  if (!st) st = weir_json_read((weir_str){ w->desk->claims, len }, w->desk->nodes, WEIR_RECORD_NODES_MAX, &strings, &cnt, err);
  if (!st) st = keep_others(w, record->aud, len, &gone, err);
  if (st || !gone) return st;
  st = read_head(w, record->line, &head, err);
  if (!st) st = weir_record_sign(e->config.key, &head, weir_buf_view(&e->decisions), &e->payload, &e->line, hash, err);
  if (!st) st = e->store->ops->outbox_replace(e->store, n, weir_buf_view(&e->line), err);
  w->told.records += !st;
  w->told.decisions += st ? 0 : gone;
  return st;
}

/* ---- all of them */

/* Of the store's transaction the first. */
static weir_status bury(void *ctx, weir_error *err) {
  struct work *w = ctx;
  struct weir_stored_record record;
  uint64_t n = 0;
  weir_status st = WEIR_OK;
  while (!st) {
    uint64_t after = n;
    st = w->e->store->ops->outbox_look(w->e->store, after, &n, &record, err);
    if (!st) st = look_at(w, n, &record, err);
  }
  return st == WEIR_NONE ? WEIR_OK : st;
}

/* Records are replaced, the store forgets him, and he stands in no bucket any more: all or nothing. */
static weir_status forget(struct work *w, const struct weir_contact *contact, const struct weir_person *person, weir_error *err) {
  weir_engine *e = w->e;
  const weir_ruleset *rs = e->rooms.ruleset;
  struct weir_change items[2 * WEIR_SEGMENTS_MAX];
  struct weir_changeset set = { .items = items, .cap = sizeof items / sizeof *items };
  weir_status st = WEIR_OK;
  for (uint32_t i = 0; i < rs->segment_cnt && !st; i++) st = weir_segment_moved(rs, i, weir_segment_value(person, &rs->segments[i]), 0, &set, err);
  if (st) return st;
  const struct weir_forgetting with = { .first = bury, .ctx = w, .items = set.items, .cnt = set.cnt };
  w->desk = malloc(sizeof *w->desk);
  if (!w->desk) return weir_fail(err, WEIR_E_NOMEM, "no memory to take records apart: %zu bytes are needed", sizeof *w->desk);
  st = e->store->ops->forget(e->store, contact, &with, err);
  explicit_bzero(w->desk, sizeof *w->desk);
  free(w->desk);
  explicit_bzero(e->payload.ptr, e->payload.cap);
  explicit_bzero(e->decisions.ptr, e->decisions.cap);
  explicit_bzero(e->line.ptr, e->line.cap);
  return st;
}

/* The accounts that know him, with the records that are out of our hands. */
static weir_status say_elsewhere(struct work *w, weir_error *err) {
  const size_t cap = (size_t)w->cnt * (2 * WEIR_ID_MAX + 32) + 1;
  char *bytes = weir_arena_bytes(&w->e->arena, cap);
  if (!bytes) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  struct weir_buf out;
  weir_buf_init(&out, bytes, cap);
  for (uint32_t i = 0; i < w->cnt; i++) {
    struct weir_chain_head head;
    size_t from = out.len;
    if (from) weir_buf_text(&out, ", ");
    size_t name = out.len;
    weir_buf_str(&out, w->contacts[i].channel);
    weir_buf_byte(&out, '/');
    weir_buf_str(&out, w->contacts[i].account);
    weir_status st = w->e->store->ops->chain_head(w->e->store, (weir_str){ out.ptr + name, out.len - name }, &head, err);
    if (st) return st;
    if (head.seq) weir_buf_printf(&out, " 1-%llu", (unsigned long long)head.seq);
    else out.len = from; /* that account was sent nothing */
  }
  w->told.elsewhere = weir_buf_view(&out);
  return WEIR_OK;
}

weir_status weir_erase(weir_engine *engine, weir_str channel, weir_str account, weir_str id, weir_erasure *out, weir_error *err) {
  struct weir_contact contact = { channel, account, id };
  struct weir_person person;
  size_t size = out ? out->struct_size : 0;
  if (out && (size < sizeof size || size > sizeof *out)) return weir_fail(err, WEIR_E_ARG, "weir_erasure.struct_size is not that of this library or an older one");
  if (out) memset((char *)out + sizeof size, 0, size - sizeof size);
  if (!engine || !channel.len || !account.len || !id.len) return weir_fail(err, WEIR_E_ARG, "weir_erase needs an engine, a channel, an account and an id");
  weir_status st = weir_engine_at_rest(engine, err);
  if (st) return st;
  if (!engine->config.key) return weir_fail(err, WEIR_E_KEY, "erasing signs tombstones: the engine needs a key");
  weir_engine_enter(engine);
  struct work w = { .e = engine, .contacts = &contact, .cnt = 1, .told = { .struct_size = size } };
  st = engine->store->ops->load(engine->store, &contact, &engine->arena, &person, err);
  if (st) return st;
  if (person.id) w.contacts = person.contacts, w.cnt = person.contact_cnt;
  st = say_elsewhere(&w, err);
  if (!st) st = forget(&w, &contact, &person, err);
  if (st == WEIR_NONE && w.told.records) st = WEIR_OK;
  if (st >= 0 && out) memcpy(out, &w.told, size);
  return st;
}

weir_status weir_forget(weir_engine *engine, weir_str channel, weir_str account, weir_str id, weir_error *err) {
  return weir_erase(engine, channel, account, id, NULL, err);
}
