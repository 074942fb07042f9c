/* memory_claims.c: claims and codes. Both end by themselves, and both hold a person: while he has one, he is not evicted. */
#include "state/memory.h"

static struct weir_mem_person *person(const struct weir_memory *s, uint32_t who) {
  return weir_mem_row(s, WEIR_MEM_PERSONS, who);
}
static struct weir_mem_claim *claim_at(const struct weir_memory *s, uint32_t row) {
  return weir_mem_row(s, WEIR_MEM_CLAIMS, row);
}
static struct weir_mem_code *code_at(const struct weir_memory *s, uint32_t row) { return weir_mem_row(s, WEIR_MEM_CODES, row); }

/* ---- claims */

/* The same key is claimed by many people, so the chain hangs on key and person. */
static uint64_t claim_hash(const struct weir_memory *s, uint32_t who, const unsigned char key[WEIR_ID_BYTES]) {
  return weir_mem_mix(s, weir_mem_key(s, key), who);
}

static uint32_t find_claim(const struct weir_memory *s, uint32_t who, const unsigned char key[WEIR_ID_BYTES]) {
  uint32_t row = weir_mem_chain(s, WEIR_MEM_CLAIMS, claim_hash(s, who, key));
  for (; row != 0; row = claim_at(s, row)->head.next) {
    if (claim_at(s, row)->person == who && memcmp(claim_at(s, row)->key, key, WEIR_ID_BYTES) == 0) return row;
  }
  return 0;
}

/* Into the person's list and the index; the row's person is set by the caller. */
static void hang(struct weir_memory *s, uint32_t who, uint32_t row) {
  struct weir_mem_person *p = person(s, who);
  struct weir_mem_claim *c = claim_at(s, row);
  WEIR_MEM_SET(s, c->person, who);
  WEIR_MEM_SET(s, c->newer, 0);
  WEIR_MEM_SET(s, c->older, p->claims);
  if (p->claims != 0) WEIR_MEM_SET(s, claim_at(s, p->claims)->newer, row);
  WEIR_MEM_SET(s, p->claims, row);
  WEIR_MEM_SET(s, p->claim_cnt, p->claim_cnt + 1);
  weir_mem_link(s, WEIR_MEM_CLAIMS, claim_hash(s, who, c->key), row);
}

static void unhang(struct weir_memory *s, uint32_t row) {
  struct weir_mem_claim *c = claim_at(s, row);
  struct weir_mem_person *p = person(s, c->person);
  weir_mem_unlink(s, WEIR_MEM_CLAIMS, claim_hash(s, c->person, c->key), row);
  if (c->older != 0) WEIR_MEM_SET(s, claim_at(s, c->older)->newer, c->newer);
  if (c->newer != 0) WEIR_MEM_SET(s, claim_at(s, c->newer)->older, c->older);
  else WEIR_MEM_SET(s, p->claims, c->older);
  WEIR_MEM_SET(s, p->claim_cnt, p->claim_cnt - 1);
}

void weir_mem_drop_claim(struct weir_memory *s, uint32_t row) {
  uint32_t who = claim_at(s, row)->person;
  unhang(s, row);
  weir_mem_unqueue(s, WEIR_MEM_CLAIMS, row);
  weir_mem_give(s, WEIR_MEM_CLAIMS, row);
  weir_mem_settle(s, who);
}

/* When a person has as many claims as he may, those that ran out make room. */
static weir_status drop_ended(struct weir_memory *s, uint32_t who, weir_error *err) {
  for (uint32_t row = person(s, who)->claims, older; row != 0; row = older) {
    weir_status status = weir_mem_step(s, err);
    if (status != WEIR_OK) return status;
    older = claim_at(s, row)->older;
    if (claim_at(s, row)->head.due <= s->now_ms) weir_mem_drop_claim(s, row);
  }
  return WEIR_OK;
}

static weir_status too_many(weir_error *err) {
  return weir_fail(err, WEIR_E_LIMIT, "a person may hold %d claims (WEIR_CLAIMS_MAX)", WEIR_CLAIMS_MAX);
}

/* Who prolongs a claim is answerable for it from then on. */
static void prolong(struct weir_memory *s, uint32_t row, int64_t until_ms, const unsigned char origin[WEIR_ID_BYTES]) {
  struct weir_mem_claim *c = claim_at(s, row);
  if (until_ms <= c->head.due) return;
  weir_mem_set_due(s, WEIR_MEM_CLAIMS, row, until_ms);
  weir_mem_log(s, c->origin, WEIR_ID_BYTES);
  memcpy(c->origin, origin, WEIR_ID_BYTES);
}

weir_status weir_mem_claim(struct weir_memory *s, uint32_t who, const struct weir_change *claim, weir_error *err) {
  uint32_t row = find_claim(s, who, claim->key);
  weir_status status = weir_mem_step(s, err);
  if (status != WEIR_OK) return status;
  if (row != 0) {
    prolong(s, row, claim->until_ms, claim->origin);
    return WEIR_OK;
  }
  if (claim->until_ms <= s->now_ms) return WEIR_OK; /* ended before it began */
  if (person(s, who)->claim_cnt >= WEIR_CLAIMS_MAX && (status = drop_ended(s, who, err)) != WEIR_OK) return status;
  if (person(s, who)->claim_cnt >= WEIR_CLAIMS_MAX) return too_many(err);
  if ((status = weir_mem_take(s, WEIR_MEM_CLAIMS, &row, err)) != WEIR_OK) return status;
  struct weir_mem_claim *c = claim_at(s, row);
  memcpy(c->key, claim->key, WEIR_ID_BYTES);
  memcpy(c->origin, claim->origin, WEIR_ID_BYTES);
  c->head.due = claim->until_ms;
  hang(s, who, row);
  weir_mem_queue(s, WEIR_MEM_CLAIMS, row);
  weir_mem_settle(s, who);
  return WEIR_OK;
}

weir_status weir_mem_unclaim(struct weir_memory *s, uint32_t who, const unsigned char key[WEIR_ID_BYTES], weir_error *err) {
  uint32_t row = find_claim(s, who, key);
  weir_status status = weir_mem_step(s, err);
  if (status == WEIR_OK && row != 0) weir_mem_drop_claim(s, row);
  return status;
}

weir_status weir_mem_unclaim_origin(struct weir_memory *s, uint32_t who, const unsigned char origin[WEIR_ID_BYTES], weir_error *err) {
  static const unsigned char none[WEIR_ID_BYTES];
  weir_status status = weir_mem_step(s, err);
  if (memcmp(origin, none, WEIR_ID_BYTES) == 0) return status;
  for (uint32_t row = person(s, who)->claims, older; row != 0 && status == WEIR_OK; row = older) {
    older = claim_at(s, row)->older;
    if (memcmp(claim_at(s, row)->origin, origin, WEIR_ID_BYTES) != 0) continue;
    weir_mem_drop_claim(s, row);
    status = weir_mem_step(s, err);
  }
  return status;
}

weir_status weir_mem_copy_claims(struct weir_memory *s, uint32_t to, uint32_t from, weir_error *err) {
  weir_status status = WEIR_OK;
  for (uint32_t row = person(s, from)->claims; row != 0 && status == WEIR_OK; row = claim_at(s, row)->older) {
    struct weir_change claim = { .until_ms = claim_at(s, row)->head.due };
    memcpy(claim.key, claim_at(s, row)->key, WEIR_ID_BYTES);
    memcpy(claim.origin, claim_at(s, row)->origin, WEIR_ID_BYTES);
    status = weir_mem_claim(s, to, &claim, err);
  }
  return status;
}

weir_status weir_mem_join_claims(struct weir_memory *s, uint32_t to, uint32_t from, weir_error *err) {
  weir_status status = WEIR_OK;
  if (person(s, to)->claim_cnt + person(s, from)->claim_cnt > WEIR_CLAIMS_MAX) {
    status = drop_ended(s, to, err);
    if (status == WEIR_OK) status = drop_ended(s, from, err);
    if (status != WEIR_OK) return status;
  }
  for (uint32_t row; (row = person(s, from)->claims) != 0;) {
    if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
    struct weir_mem_claim *c = claim_at(s, row);
    uint32_t both = find_claim(s, to, c->key);
    unhang(s, row);
    if (both == 0) {
      if (person(s, to)->claim_cnt >= WEIR_CLAIMS_MAX) return too_many(err);
      hang(s, to, row);
      continue;
    }
    prolong(s, both, c->head.due, c->origin);
    weir_mem_unqueue(s, WEIR_MEM_CLAIMS, row);
    weir_mem_give(s, WEIR_MEM_CLAIMS, row);
  }
  return WEIR_OK;
}

weir_status weir_mem_ask_claim(struct weir_store *store, const struct weir_contact *contact,
                               const unsigned char key[WEIR_ID_BYTES],
                               int64_t now_ms, bool *held, int64_t *until_ms, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t who = weir_mem_person_of(s, contact);
  uint32_t row = who ? find_claim(s, who, key) : 0;
  (void)err; /* reading memory cannot fail */
  *held = row != 0 && claim_at(s, row)->head.due > now_ms;
  *until_ms = *held ? claim_at(s, row)->head.due : 0;
  return WEIR_OK;
}

/* ---- codes */

static uint32_t find_code(const struct weir_memory *s, weir_str code) {
  bool known;
  uint32_t text = weir_mem_find_text(s, code, &known);
  if (!known || text == 0) return 0;
  uint32_t row = weir_mem_chain(s, WEIR_MEM_CODES, weir_mem_mix(s, text, 0));
  while (row != 0 && code_at(s, row)->text != text) row = code_at(s, row)->head.next;
  return row;
}

void weir_mem_drop_code(struct weir_memory *s, uint32_t row) {
  struct weir_mem_code *c = code_at(s, row);
  struct weir_mem_person *p = person(s, c->person);
  uint32_t who = c->person, *link = &p->codes;
  while (*link != row) link = &code_at(s, *link)->sibling;
  WEIR_MEM_SET(s, *link, c->sibling);
  WEIR_MEM_SET(s, p->code_cnt, (uint16_t)(p->code_cnt - 1));
  weir_mem_unlink(s, WEIR_MEM_CODES, weir_mem_mix(s, c->text, 0), row);
  weir_mem_unqueue(s, WEIR_MEM_CODES, row);
  weir_mem_drop_text(s, c->text);
  weir_mem_give(s, WEIR_MEM_CODES, row);
  weir_mem_settle(s, who);
}

weir_status weir_mem_code(struct weir_memory *s, uint32_t who, weir_str code, int64_t until_ms, weir_error *err) {
  uint32_t text, row = find_code(s, code);
  weir_status status = WEIR_OK;
  if (row != 0 && code_at(s, row)->person != who) {
    if (code_at(s, row)->head.due > s->now_ms) return weir_fail(err, WEIR_E_ARG, "this code is somebody else's; choose another");
    if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
    weir_mem_drop_code(s, row);
  }
  while (person(s, who)->codes != 0) {
    if ((status = weir_mem_step(s, err)) != WEIR_OK) return status;
    weir_mem_drop_code(s, person(s, who)->codes);
  }
  if (until_ms <= s->now_ms) return WEIR_OK;
  if ((status = weir_mem_use_text(s, code, &text, err)) != WEIR_OK) return status;
  if ((status = weir_mem_take(s, WEIR_MEM_CODES, &row, err)) != WEIR_OK) return status;
  struct weir_mem_person *p = person(s, who);
  *code_at(s, row) = (struct weir_mem_code){ { 0, 0, until_ms }, text, who, p->codes };
  weir_mem_link(s, WEIR_MEM_CODES, weir_mem_mix(s, text, 0), row);
  weir_mem_queue(s, WEIR_MEM_CODES, row);
  WEIR_MEM_SET(s, p->codes, row);
  WEIR_MEM_SET(s, p->code_cnt, (uint16_t)(p->code_cnt + 1));
  weir_mem_settle(s, who);
  return WEIR_OK;
}

weir_status weir_mem_code_used(struct weir_memory *s, weir_str code, weir_error *err) {
  uint32_t row = find_code(s, code);
  weir_status status = weir_mem_step(s, err);
  if (status == WEIR_OK && row != 0) weir_mem_drop_code(s, row);
  return status;
}

weir_status weir_mem_join_codes(struct weir_memory *s, uint32_t to, uint32_t from, weir_error *err) {
  struct weir_mem_person *p = person(s, to), *q = person(s, from);
  while (q->codes != 0) {
    weir_status status = weir_mem_step(s, err);
    if (status != WEIR_OK) return status;
    uint32_t row = q->codes;
    struct weir_mem_code *c = code_at(s, row);
    WEIR_MEM_SET(s, q->codes, c->sibling);
    WEIR_MEM_SET(s, c->sibling, p->codes);
    WEIR_MEM_SET(s, c->person, to);
    WEIR_MEM_SET(s, p->codes, row);
    WEIR_MEM_SET(s, p->code_cnt, (uint16_t)(p->code_cnt + 1));
    WEIR_MEM_SET(s, q->code_cnt, (uint16_t)(q->code_cnt - 1));
  }
  return WEIR_OK;
}

uint32_t weir_mem_latest_code(const struct weir_memory *s, const struct weir_mem_person *p) {
  const struct weir_mem_code *best = NULL;
  for (uint32_t row = p->codes; row != 0; row = code_at(s, row)->sibling) {
    const struct weir_mem_code *c = code_at(s, row);
    if (c->head.due <= s->now_ms) continue;
    if (best && c->head.due < best->head.due) continue;
    if (best && c->head.due == best->head.due && weir_mem_cmp_text(s, c->text, best->text) > 0) continue;
    best = c;
  }
  return best ? best->text : 0;
}

weir_status weir_mem_ask_code(struct weir_store *store, weir_str code, int64_t now_ms, uint64_t *who, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t row = find_code(s, code);
  (void)err; /* reading memory cannot fail */
  *who = row != 0 && code_at(s, row)->head.due > now_ms ? person(s, code_at(s, row)->person)->id : 0;
  return WEIR_OK;
}
