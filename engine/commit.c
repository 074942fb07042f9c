/* commit.c: the group. Decisions wait in it until they are committed together: for each account one record (or more, when
 * they are larger than a record may be), signed once, stored in the same transaction as the changes they go with. */
#include "engine.h"

/* What base64url makes of n bytes. */
static size_t encoded(size_t len) { return (len * 4 + 2) / 3; }

/* A record beside its decisions: claims, header, signature, dots. */
static size_t record_overhead(void) { return encoded(WEIR_JWS_HEADER_MAX) * 4 + 128; }

weir_status weir_group_make_room(weir_engine *e, bool record, weir_error *err) {
  bool full = e->group.cnt >= e->config.group_max || e->applied >= WEIR_GROUP_MAX ||
              e->group.bytes.cap - e->group.bytes.len < WEIR_DECISION_JSON_MAX + WEIR_ACTIONS_MAX * WEIR_DECISION_FRAME_MAX;
  if (full) return weir_fail(err, WEIR_E_FULL, "the group is full: commit, then give the event again");
  if (e->config.dry || !record) return WEIR_OK;
  /* The outbox must be able to take what waits already and this one: a decision that cannot be handed out must not be made. */
  uint32_t parts = e->rooms.ruleset->via ? e->rooms.ruleset->account_cnt + 1 : 1;
  if (parts > WEIR_ACTIONS_MAX) parts = WEIR_ACTIONS_MAX;
  size_t need = encoded(e->group.bytes.len + WEIR_DECISION_JSON_MAX + parts * WEIR_DECISION_FRAME_MAX) + (e->group.cnt + parts) * record_overhead();
  if (e->store->ops->outbox_room(e->store) >= need) return WEIR_OK;
  return weir_fail(err, WEIR_E_FULL, "the outbox is full: hand records out and acknowledge them, then give the event again");
}

static bool same_account(const weir_action *a, const weir_action *b) {
  return weir_str_eq(a->channel, b->channel) && weir_str_eq(a->account, b->account) && weir_str_eq(a->contact, b->contact);
}

/* The decision as the account of action `first` sees it: all that goes through that account to the same contact. */
static void write_part(weir_engine *e, uint32_t first, weir_str cause, struct weir_group_entry *entry) {
  const weir_action *actions = e->decide.actions, *its = &actions[first];
  struct weir_buf *b = &e->group.bytes;
  size_t from = b->len;
  weir_buf_str(b, its->channel);
  weir_buf_byte(b, '/');
  weir_buf_str(b, its->account);
  entry->aud = (weir_str){ b->ptr + from, b->len - from };

  from = b->len;
  weir_buf_text(b, "{\"id\":");
  weir_json_str(b, e->decide.id);
  weir_json_member(b, "cause", cause);
  if (e->decide.retry_of.len) weir_json_member(b, "retry_of", e->decide.retry_of);
  weir_json_member(b, "contact", its->contact);
  weir_buf_text(b, ",\"actions\":[");
  for (uint32_t i = first; i < e->decide.action_cnt; i++) {
    if (!same_account(&actions[i], its)) continue;
    if (i != first) weir_buf_byte(b, ',');
    weir_buf_str(b, actions[i].json);
  }
  weir_buf_text(b, "]}");
  entry->json = (weir_str){ b->ptr + from, b->len - from };
}

weir_status weir_group_add(weir_engine *e, weir_str cause, weir_error *err) {
  struct weir_buf *b = &e->group.bytes;
  const size_t before = b->len;
  const uint32_t cnt_before = e->group.cnt;
  for (uint32_t i = 0; i < e->decide.action_cnt; i++) {
    bool written = false;
    for (uint32_t k = 0; k < i && !written; k++) written = same_account(&e->decide.actions[k], &e->decide.actions[i]);
    if (!written) write_part(e, i, cause, &e->group.entries[e->group.cnt++]);
  }
  if (!b->full) {
    if (b->len > e->group_peak) e->group_peak = b->len;
    return WEIR_OK;
  }
  e->group.cnt = cnt_before;
  b->len = before; /* weir_group_make_room was to see to it; a record that is cut would break the chain */
  b->full = false;
  return weir_fail(err, WEIR_E_INTERNAL, "a decision does not fit into its group");
}

weir_status weir_engine_sign(weir_engine *e, weir_str aud, weir_str next_kid, int64_t now_s, weir_error *err) {
  struct weir_chain_head head;
  weir_status st = e->store->ops->chain_head(e->store, aud, &head, err);
  if (st) return st;
  if (e->decisions.full) return weir_fail(err, WEIR_E_INTERNAL, "the decisions do not fit into a record");
  struct weir_record_head claims = {
    .iss = e->config.issuer, .aud = aud, .chain = e->config.chain, .seq = head.seq + 1,
    .iat_s = now_s > head.iat_s ? now_s : head.iat_s, .has_prev = head.has_hash,
    .ruleset = { e->rooms.ruleset->hash, sizeof e->rooms.ruleset->hash }, .env = weir_str_of(e->env),
    .next_kid = next_kid,
  };
  claims.exp_s = claims.iat_s + e->config.record_ttl_s;
  memcpy(claims.prev, head.hash, sizeof claims.prev);

  struct weir_chain_head next = { .seq = claims.seq, .has_hash = true, .iat_s = claims.iat_s, .exp_s = claims.exp_s };
  e->payload.len = e->line.len = 0;
  e->payload.full = e->line.full = false;
  st = weir_record_sign(e->config.key, &claims, weir_buf_view(&e->decisions), &e->payload, &e->line, next.hash, err);
  if (!st) st = e->store->ops->outbox_put(e->store, aud, &next, weir_buf_view(&e->line), err);
  if (!st) e->stats.records++;
  return st;
}

/* All decisions of one account, from entry `first` on, as records. Entries that are done get an empty aud. */
static weir_status sign_aud(weir_engine *e, uint32_t first, int64_t now_s, weir_error *err) {
  weir_str aud = e->group.entries[first].aud;
  struct weir_record_head widest = { .iss = e->config.issuer, .aud = aud, .chain = e->config.chain, .seq = UINT64_MAX, .iat_s = INT64_MAX,
                                     .exp_s = INT64_MAX, .has_prev = true, .ruleset = { e->rooms.ruleset->hash, sizeof e->rooms.ruleset->hash },
                                     .env = weir_str_of(e->env) };
  size_t room = WEIR_PAYLOAD_MAX - weir_record_head_bytes(&widest);
  e->decisions.len = 0;
  e->decisions.full = false;
  for (uint32_t i = first; i < e->group.cnt; i++) {
    struct weir_group_entry *entry = &e->group.entries[i];
    if (!weir_str_eq(entry->aud, aud)) continue;
    if (e->decisions.len && e->decisions.len + 1 + entry->json.len > room) {
      weir_status st = weir_engine_sign(e, aud, (weir_str){ NULL, 0 }, now_s, err);
      if (st) return st;
      e->decisions.len = 0;
    }
    weir_json_raw(&e->decisions, entry->json);
    if (i != first) entry->aud = (weir_str){ NULL, 0 };
  }
  e->group.entries[first].aud = (weir_str){ NULL, 0 };
  return weir_engine_sign(e, aud, (weir_str){ NULL, 0 }, now_s, err);
}

static void forget(weir_engine *e) {
  e->group.cnt = 0;
  e->group.bytes.len = 0;
  e->group.bytes.full = false;
  e->applied = 0;
  e->open = false;
}

/* Takes back all that was decided since the last commit, and what was counted of it. */
static void take_back(weir_engine *e) {
  uint64_t refused = e->stats.refused;
  e->store->ops->rollback(e->store);
  e->stats = e->committed;
  e->stats.refused = refused;
  e->entered = e->stats;
  forget(e);
  weir_rounds_refresh(e);
}

weir_status weir_commit(weir_engine *engine, weir_error *err) {
  if (!engine) return weir_fail(err, WEIR_E_ARG, "weir_commit needs an engine");
  if (!engine->open) return WEIR_OK;
  weir_status st = WEIR_OK;
  const bool note_signer = engine->group.cnt && !engine->signer_noted;
  if (note_signer) st = engine->store->ops->sign_as(engine->store, weir_key_id(engine->config.key), err);
  for (uint32_t i = 0; i < engine->group.cnt && !st; i++) {
    if (engine->group.entries[i].aud.len) st = sign_aud(engine, i, engine->group_ms / 1000, err);
  }
  if (!st) st = engine->store->ops->commit(engine->store, err);
  if (st) {
    weir_engine_log(engine, &(weir_log_entry){ .level = WEIR_LOG_ERROR, .what = "commit_failed" }, "%zu decisions are taken back: %s", weir_pending(engine),
                    err ? err->message : weir_status_name(st));
    take_back(engine);
    return st;
  }
  if (note_signer) engine->signer_noted = true;
  forget(engine);
  return WEIR_OK;
}

void weir_rollback(weir_engine *engine) {
  if (engine && engine->open) take_back(engine);
}

weir_status weir_next_record(weir_engine *engine, weir_record *record, weir_error *err) {
  struct weir_stored_record stored;
  if (record) memset(record, 0, sizeof *record);
  if (!engine || !record) return weir_fail(err, WEIR_E_ARG, "weir_next_record needs an engine and a place for the record");
  weir_status st = engine->store->ops->outbox_next(engine->store, &stored, err);
  if (st) return st;
  *record = (weir_record){ .aud = stored.aud, .seq = stored.seq, .jws = stored.line };
  return WEIR_OK;
}

weir_status weir_ack(weir_engine *engine, weir_str aud, uint64_t seq, weir_error *err) {
  if (!engine) return weir_fail(err, WEIR_E_ARG, "weir_ack needs an engine");
  return engine->store->ops->outbox_ack(engine->store, aud, seq, err);
}

weir_status weir_outbox_expire(weir_engine *engine, int64_t now_ms, uint64_t *closed, weir_error *err) {
  uint64_t cnt = 0;
  if (closed) *closed = 0;
  if (!engine) return weir_fail(err, WEIR_E_ARG, "weir_outbox_expire needs an engine");
  weir_status st = weir_engine_at_rest(engine, err);
  if (!st) st = engine->store->ops->outbox_expire(engine->store, now_ms / 1000, &cnt, err);
  if (st) return st;
  engine->stats.expired += cnt;
  if (cnt) {
    weir_engine_log(engine, &(weir_log_entry){ .level = WEIR_LOG_WARNING, .what = "expired" }, "nobody acknowledged %llu records in time; they are closed",
                    (unsigned long long)cnt);
  }
  if (closed) *closed = cnt;
  return WEIR_OK;
}
