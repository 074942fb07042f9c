/* log.c: the bookkeeping of a log check.
 *
 * Owns the head of each chain and aud, and the hashes of recent lines. Lines come again when a gateway was cut off
 * before its consumer acknowledged them; then they are the same bytes. The same seq with other bytes is a second truth
 * and never harmless. To tell the two apart the last WEIR_RECENT_LINES lines over all chains are remembered:
 *
 *   lines    a ring; the oldest gives way         buckets    hash table over (head, seq), chained through `next`
 *
 * For a line older than that nobody can say whether it is the same one: it is refused, with that reason. Nothing here
 * is allocated. */
#include "record/log.h"

/* ---- heads */

/* The slot of `id`, or the free one where it belongs. There is always a free one: at most half are taken. */
static uint32_t head_slot(const struct weir_log *log, const unsigned char id[WEIR_ID_BYTES]) {
  uint64_t hash;
  memcpy(&hash, id, sizeof hash); /* BLAKE2b: any 8 bytes are as good as any others */
  uint32_t slot = (uint32_t)(hash % WEIR_LOG_SLOTS);
  while (log->heads[slot].seq != 0 && memcmp(log->heads[slot].id, id, WEIR_ID_BYTES) != 0) slot = (slot + 1) % WEIR_LOG_SLOTS;
  return slot;
}

/* ---- recent lines */

static uint32_t *bucket_of(struct weir_log *log, uint32_t head, uint64_t seq) {
  uint64_t hash = weir_slot_hash(head, (weir_str){ (const char *)&seq, sizeof seq });
  return &log->buckets[hash % WEIR_RECENT_LINES];
}

static const struct weir_log_line *find_line(struct weir_log *log, uint32_t head, uint64_t seq) {
  uint32_t at = *bucket_of(log, head, seq);
  while (at != 0) {
    const struct weir_log_line *line = &log->lines[at - 1];
    if (line->head == head && line->seq == seq) return line;
    at = line->next;
  }
  return NULL;
}

static void forget_line(struct weir_log *log, struct weir_log_line *line) {
  uint32_t *link = bucket_of(log, line->head, line->seq);
  uint32_t number = (uint32_t)(line - log->lines) + 1;
  while (*link != number) link = &log->lines[*link - 1].next;
  *link = line->next;
  log->heads[line->head].forgotten = line->seq; /* the lines of a head are taken in by their seq, and forgotten so */
}

static void remember_line(struct weir_log *log, uint32_t head, uint64_t seq, const unsigned char hash[WEIR_SHA256_BYTES]) {
  struct weir_log_line *line = &log->lines[log->at];
  if (line->seq != 0) forget_line(log, line);
  uint32_t *bucket = bucket_of(log, head, seq);
  line->head = head;
  line->seq = seq;
  line->next = *bucket;
  memcpy(line->hash, hash, sizeof line->hash);
  *bucket = log->at + 1;
  log->at = (log->at + 1) % WEIR_RECENT_LINES;
}

/* ---- judging */

/* A line that is not beyond the head: the same again, or something that must not be. */
static weir_check judge_old(struct weir_log *log, uint32_t slot, const struct weir_claims *claims,
                            const unsigned char hash[WEIR_SHA256_BYTES], weir_error *err) {
  const struct weir_log_head *head = &log->heads[slot];
  const struct weir_log_line *line = find_line(log, slot, claims->seq);
  unsigned long long seq = claims->seq, last = head->seq;
  if (line && memcmp(line->hash, hash, sizeof line->hash) == 0) return WEIR_CHECK_REDELIVERED;
  if (line) {
    (void)weir_fail(err, WEIR_E_TRUST, "there are two different records with seq %llu of chain %.*s for %.*s", seq,
                    WEIR_FMT(claims->chain), WEIR_FMT(claims->aud));
  } else if (claims->seq <= head->forgotten) {
    (void)weir_fail(err, WEIR_E_LIMIT,
                    "seq %llu lies so far behind seq %llu that it cannot be told whether it is the same record again",
                    seq, last);
  } else {
    (void)weir_fail(err, WEIR_E_TRUST, "out of order: seq %llu comes after seq %llu of chain %.*s for %.*s", seq, last,
                    WEIR_FMT(claims->chain), WEIR_FMT(claims->aud));
  }
  return WEIR_CHECK_BAD;
}

/* Whether the key that signed a line beyond the head may do so. Until a record of the old key names a new one, no other key is
 * accepted; behind a gap nobody knows whether one did, but the old key is over for good. A tombstone is signed by the key of the
 * day on which somebody was erased. */
static bool may_sign(const struct weir_log_head *head, const struct weir_claims *claims, weir_str kid, weir_error *err) {
  if (head->seq == 0 || !head->kid[0] || weir_str_eq(kid, weir_str_of(head->kid))) return true;
  if (head->former[0] && weir_str_eq(kid, weir_str_of(head->former))) {
    (void)weir_fail(err, WEIR_E_TRUST, "signed by key %s, which handed this chain over to key %s at seq %llu and signs no more", head->former, head->kid,
                    (unsigned long long)head->changed);
    return false;
  }
  if (claims->is_tombstone || claims->seq != head->seq + 1) return true;
  (void)weir_fail(err, WEIR_E_TRUST, "signed by key %.*s, but this chain belongs to key %s, and no record of that key hands it over", WEIR_FMT(kid), head->kid);
  return false;
}

/* Who signs what follows. */
static void hand_over(struct weir_log_head *head, const struct weir_claims *claims, weir_str kid) {
  if (kid.len >= sizeof head->kid || (claims->is_tombstone && head->kid[0])) return;
  if (!claims->is_tombstone) {
    memcpy(head->kid, kid.ptr, kid.len);
    head->kid[kid.len] = '\0';
  }
  if (claims->next_kid.len == 0) return;
  memcpy(head->former, head->kid, sizeof head->former);
  memcpy(head->kid, claims->next_kid.ptr, claims->next_kid.len);
  head->kid[claims->next_kid.len] = '\0';
  head->changed = claims->seq;
}

const struct weir_log_head *weir_log_successor(const struct weir_log *log, weir_str kid) {
  for (size_t i = 0; i < WEIR_LOG_SLOTS; i++) {
    const struct weir_log_head *head = &log->heads[i];
    if (head->seq != 0 && head->former[0] && weir_str_eq(kid, weir_str_of(head->kid))) return head;
  }
  return NULL;
}

/* A line beyond the head (which may be seq 0: nothing seen yet). */
static weir_check judge_new(const struct weir_log_head *head, const struct weir_claims *claims, weir_str kid, weir_error *err) {
  if (!may_sign(head, claims, kid, err)) return WEIR_CHECK_BAD;
  unsigned long long seq = claims->seq, first = head->seq + 1;
  if (head->seq != 0 && claims->iat_s < head->iat_s) {
    (void)weir_fail(err, WEIR_E_TRUST, "seq %llu was issued before seq %llu: its iat is smaller", seq,
                    (unsigned long long)head->seq);
    return WEIR_CHECK_BAD;
  }
  if (seq == first) {
    if (!claims->has_prev || memcmp(claims->prev, head->hash, sizeof head->hash) == 0) return WEIR_CHECK_GOOD;
    (void)weir_fail(err, WEIR_E_TRUST, "the chain is broken: \"prev\" of seq %llu is not the hash of the line with seq %llu", seq,
                    seq - 1);
    return WEIR_CHECK_BAD;
  }
  (void)weir_fail(err, WEIR_E_TRUST, "missing before seq %llu: %llu record%s (seq %llu to %llu) of chain %.*s for %.*s", seq,
                  seq - first,
                  seq - first == 1 ? "" : "s", first, seq - 1, WEIR_FMT(claims->chain), WEIR_FMT(claims->aud));
  return WEIR_CHECK_GAP;
}

weir_status weir_log_take(struct weir_log *log, const struct weir_claims *claims, const unsigned char hash[WEIR_SHA256_BYTES], weir_str kid,
                          weir_check *check, weir_error *err) {
  uint32_t slot = head_slot(log, claims->chain_id);
  struct weir_log_head *head = &log->heads[slot];
  bool known = head->seq != 0;
  *check = WEIR_CHECK_BAD;
  if (!known && log->head_cnt == WEIR_CHAINS_MAX) {
    return weir_fail(err, WEIR_E_LIMIT, "the log has more than %d chains and accounts: check it in parts", WEIR_CHAINS_MAX);
  }
  *check = claims->seq <= head->seq ? judge_old(log, slot, claims, hash, err) : judge_new(head, claims, kid, err);
  if (*check != WEIR_CHECK_GOOD && *check != WEIR_CHECK_GAP) return WEIR_OK;
  if (!known) {
    memcpy(head->id, claims->chain_id, sizeof head->id);
    if (claims->aud.len <= WEIR_AUD_MAX) memcpy(head->aud, claims->aud.ptr, claims->aud.len);
    log->head_cnt++;
  }
  hand_over(head, claims, kid);
  head->seq = claims->seq;
  head->iat_s = claims->iat_s;
  memcpy(head->hash, hash, sizeof head->hash);
  remember_line(log, slot, claims->seq, hash);
  return WEIR_OK;
}
