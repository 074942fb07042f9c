/* rotate.c: another key takes over. For every account that was ever sent a record, the old key signs a last one, which decides
 * nothing and names the new key (record/record.h). All of them, and the note in the state whose key it is now, are one transaction:
 * whatever ends the program, the state belongs to one key, and its chains say the same. */
#define _DEFAULT_SOURCE 1 /* explicit_bzero */
#include "engine.h"

/* Inside the transaction. */
static weir_status hand_over(weir_engine *e, const weir_key *next, int64_t now_ms, weir_error *err) {
  uint64_t n = 0;
  weir_str aud;
  weir_status st = WEIR_OK;
  e->decisions.len = 0;
  e->decisions.full = false;
  while (!st) {
    uint64_t after = n;
    weir_arena_reset(&e->arena);
    st = e->store->ops->chain_next(e->store, after, &n, &e->arena, &aud, err);
    if (!st) st = weir_engine_sign(e, aud, weir_key_id(next), now_ms / 1000, err);
  }
  return st == WEIR_NONE ? e->store->ops->sign_as(e->store, weir_key_id(next), err) : st;
}

weir_status weir_rotate(weir_engine *engine, const weir_key *next, int64_t now_ms, weir_error *err) {
  unsigned char secret[sizeof engine->secret];
  if (!engine || !next) return weir_fail(err, WEIR_E_ARG, "weir_rotate needs an engine and the new key");
  weir_status st = weir_engine_check_now(now_ms, err);
  if (!st) st = weir_engine_at_rest(engine, err);
  if (st) return st;
  if (engine->config.dry) return weir_fail(err, WEIR_E_KEY, "a dry engine signs nothing, so no other key can take over");
  if (weir_str_eq(weir_key_id(next), weir_key_id(engine->config.key))) return WEIR_NONE;
  st = weir_key_secret(next, engine->config.chain, WEIR_STR("codes"), secret, err);
  if (!st) st = engine->store->ops->begin(engine->store, err);
  if (st) return st;
  const uint64_t records = engine->stats.records;
  st = hand_over(engine, next, now_ms, err);
  if (!st) st = engine->store->ops->commit(engine->store, err);
  if (st) {
    engine->store->ops->rollback(engine->store);
    engine->stats.records = records;
  } else {
    engine->config.key = next;
    weir_key_free(engine->own_key); /* it is another one: see above */
    engine->own_key = NULL;
    engine->signer_noted = true;
    memcpy(engine->secret, secret, sizeof secret);
    weir_engine_log(engine, &(weir_log_entry){ .level = WEIR_LOG_INFO, .what = "rotated" }, "key %.*s signs from now on", WEIR_FMT(weir_key_id(next)));
  }
  explicit_bzero(secret, sizeof secret);
  return st;
}
