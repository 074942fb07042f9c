/* open.c: takes an engine's memory, once; opens its rooms; swaps rulesets; closes.
 *
 * Two blocks: one for what outlives a ruleset (store, group, record buffers) and one for what is sized by it (scratch of the
 * matcher, scripts, trace, event arena). A swap builds the second one anew and changes over last, so that a failure leaves
 * the old one running. */
#define _DEFAULT_SOURCE 1 /* explicit_bzero */
#include <stdlib.h>

#include "engine.h"
#include "text/fold.h"
#include "text/utf8.h"
#include "limits.h"

/* Every part starts on its own cache line. */
static size_t part(size_t len) { return (len + 63) & ~(size_t)63; }

static bool in_memory(const weir_config *config) { return !config->state || strcmp(config->state, ":memory:") == 0; }

/* Of the engine's own block: a store in a file brings its memory with it. */
static size_t state_bytes(const weir_config *config) {
  if (!in_memory(config)) return 0;
  return config->state_memory ? config->state_memory : WEIR_STATE_BYTES_DEFAULT;
}

/* Of the store, wherever it lies. */
static size_t store_bytes(const weir_config *config) { return in_memory(config) ? part(state_bytes(config)) : weir_sqlite_store_bound(); }

static size_t record_bytes(void) { return part(WEIR_GROUP_BYTES) + 2 * part(WEIR_PAYLOAD_MAX) + part(WEIR_JWS_MAX) + part(WEIR_DECISION_JSON_MAX); }

static size_t fixed_bytes(const weir_config *config) { return part(state_bytes(config)) + record_bytes(); }

static uint32_t trace_cap(const weir_config *config, const weir_ruleset *ruleset) {
  return config->trace ? ruleset->rule_cnt + WEIR_TRACE_MAX : WEIR_TRACE_MAX;
}

static size_t arena_bytes(const weir_config *config, const weir_ruleset *ruleset) {
  return WEIR_EVENT_ARENA_BYTES + (config->trace ? (size_t)ruleset->rule_cnt * WEIR_TRACE_BYTES : 0);
}

static size_t script_bytes(const weir_ruleset *ruleset) {
  return ruleset->chunk_cnt ? part(weir_script_bytes()) + part(weir_strikes_bytes(ruleset->chunk_cnt)) : 0;
}

static size_t room_bytes(const weir_config *config, const weir_ruleset *ruleset) {
  return part(weir_match_bytes(ruleset->matcher)) + script_bytes(ruleset) +
         part(trace_cap(config, ruleset) * sizeof(weir_trace)) + part(arena_bytes(config, ruleset));
}

size_t weir_engine_bound(const weir_config *given) {
  weir_config own, *config = &own;
  if (!weir_struct_in(&own, sizeof own, given) || !own.ruleset) return 0;
  return part(sizeof(weir_engine)) + (in_memory(config) ? 0 : weir_sqlite_store_bound()) + fixed_bytes(config) + room_bytes(config, config->ruleset);
}

static void *take(unsigned char **at, size_t len) {
  void *p = *at;
  *at += part(len);
  return p;
}

static void *block_of(size_t len) { return aligned_alloc(64, part(len)); }

/* Once it has struck, it has for the rest of the event. */
static bool ask_deadline(void *ctx) {
  weir_engine *e = ctx;
  if (!e->struck) e->struck = e->config.deadline(e->config.deadline_ctx);
  return e->struck;
}

static weir_status rooms_open(struct weir_rooms *rooms, weir_engine *e, const weir_ruleset *ruleset, weir_error *err) {
  const weir_config *config = &e->config;
  memset(rooms, 0, sizeof *rooms);
  rooms->ruleset = ruleset;
  rooms->block = block_of(room_bytes(config, ruleset));
  if (!rooms->block) return weir_fail(err, WEIR_E_NOMEM, "no memory for an engine: %zu bytes are needed", room_bytes(config, ruleset));

  unsigned char *at = rooms->block;
  size_t match_len = weir_match_bytes(ruleset->matcher);
  weir_status st = weir_match_open(&rooms->match, ruleset->matcher, take(&at, match_len), match_len, err);
  if (!st && ruleset->chunk_cnt) {
    uint32_t verb_cnt = 0;
    const weir_str *verbs = weir_decide_verbs(&verb_cnt);
    void *block = take(&at, weir_script_bytes());
    st = weir_script_open(&rooms->script, block, weir_script_bytes(), ruleset->chunks, ruleset->chunk_cnt, verbs, verb_cnt, err);
    weir_strikes_open(rooms, take(&at, weir_strikes_bytes(ruleset->chunk_cnt)));
  }
  if (st) {
    free(rooms->block);
    memset(rooms, 0, sizeof *rooms);
    return st;
  }
  if (config->deadline) {
    weir_match_deadline(rooms->match, ask_deadline, e);
    if (rooms->script) weir_script_deadline(rooms->script, ask_deadline, e);
  }
  rooms->trace_cap = trace_cap(config, ruleset);
  rooms->trace = take(&at, rooms->trace_cap * sizeof(weir_trace));
  rooms->arena_len = arena_bytes(config, ruleset);
  rooms->arena_block = take(&at, rooms->arena_len);
  return WEIR_OK;
}

/* Everything a verdict depends on beside rules, state and input. */
static void make_env(const weir_ruleset *ruleset, char out[WEIR_ID_CHARS + 1]) {
  char pcre[WEIR_VERSION_TEXT_MAX];
  weir_str parts[5] = { weir_str_of(weir_version()), weir_match_version(pcre, sizeof pcre), weir_fold_version() };
  size_t cnt = 3;
  unsigned char id[WEIR_ID_BYTES];
  if (ruleset->zone_cnt) parts[cnt++] = (weir_str){ (const char *)ruleset->zones_id, WEIR_ID_BYTES };
  if (weir_ruleset_jit_bytes(ruleset)) parts[cnt++] = WEIR_STR("jit");
  weir_id_hash((weir_str){ NULL, 0 }, parts, cnt, id);
  out[weir_base64url(id, sizeof id, out)] = '\0';
}

static bool is_chain_name(weir_str name) {
  if (name.len > WEIR_CHAIN_NAME_MAX) return false;
  for (size_t i = 0; i < name.len; i++) {
    char c = name.ptr[i];
    if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')) return false;
  }
  return true;
}

static weir_status check_issuer(weir_str issuer, weir_error *err) {
  if (issuer.len >= WEIR_ID_MAX) return weir_fail(err, WEIR_E_LIMIT, "the issuer may have %d bytes", WEIR_ID_MAX - 1);
  for (size_t i = 0; i < issuer.len; i++) {
    unsigned char c = (unsigned char)issuer.ptr[i];
    if (c <= 0x20 || c == 0x7f || c == '"' || c == '\\') return weir_fail(err, WEIR_E_ARG, "the issuer is a name or URI, without spaces, quotes and control characters");
  }
  if (weir_utf8_valid(issuer) != issuer.len) return weir_fail(err, WEIR_E_ARG, "the issuer is not valid UTF-8");
  return WEIR_OK;
}

static weir_status check_config(const weir_config *config, weir_error *err) {
  if (!config->ruleset) return weir_fail(err, WEIR_E_ARG, "an engine needs a ruleset");
  if (!config->key && !config->dry) return weir_fail(err, WEIR_E_KEY, "an engine needs a signing key, unless it is dry");
  if (in_memory(config) && state_bytes(config) < WEIR_STATE_BYTES_MIN) return weir_fail(err, WEIR_E_ARG, "state_memory must be at least %u bytes", WEIR_STATE_BYTES_MIN);
  if (!is_chain_name(config->chain)) return weir_fail(err, WEIR_E_ARG, "a chain's name is at most 64 of A-Z a-z 0-9 - _");
  if (config->group_max > WEIR_GROUP_MAX) return weir_fail(err, WEIR_E_LIMIT, "a group holds at most %d decisions", WEIR_GROUP_MAX);
  return check_issuer(config->issuer, err);
}

/* Defaults that hold for the engine's whole life. */
static void settle(weir_engine *e) {
  weir_str issuer = e->config.issuer.len ? e->config.issuer : WEIR_STR("urn:weir");
  memcpy(e->issuer, issuer.ptr, issuer.len);
  e->config.issuer = (weir_str){ e->issuer, issuer.len };
  if (!e->config.log_level) e->config.log_level = WEIR_LOG_INFO;
  if (!e->config.group_max) e->config.group_max = WEIR_GROUP_MAX;
  if (!e->config.record_ttl_s) e->config.record_ttl_s = WEIR_RECORD_TTL_S;
  make_env(e->config.ruleset, e->env);
}

/* A state whose records are signed by one key is not gone on with by another: whoever checks them would not believe it. */
static weir_status check_signer(weir_engine *e, weir_error *err) {
  const struct weir_store_info *info = e->store->info;
  if (!info || !info->kid.len || !e->config.key) return WEIR_OK;
  e->signer_noted = weir_str_eq(info->kid, weir_key_id(e->config.key));
  if (e->signer_noted) return WEIR_OK;
  return weir_fail(err, WEIR_E_KEY, "the records of the state %s are signed by key %.*s, and this is key %.*s; a change of key is made with the old one "
                                    "(weir key rotate); if that is lost, begin a new chain", e->config.state, WEIR_FMT(info->kid), WEIR_FMT(weir_key_id(e->config.key)));
}

/* A state that outlives its run knows the name of its chain; else the host names it, or chance. */
static weir_status settle_chain(weir_engine *e, weir_error *err) {
  const struct weir_store_info *info = e->store->info;
  weir_str wanted = e->config.chain, name = info ? info->chain : wanted;
  weir_status st = WEIR_OK;
  if (!is_chain_name(name)) return weir_fail(err, WEIR_E_STATE, "the state %s has a chain whose name is none", e->config.state);
  if (wanted.len && !weir_str_eq(wanted, name)) {
    return weir_fail(err, WEIR_E_ARG, "the state %s belongs to the chain \"%.*s\", not to \"%.*s\"; name that one or none, or give another state",
                     e->config.state, WEIR_FMT(name), WEIR_FMT(wanted));
  }
  if (name.len) memcpy(e->chain, name.ptr, name.len);
  else st = weir_chain_new(e->chain, err);
  e->config.chain = weir_str_of(e->chain);
  e->born = info && info->born_ms != 0;
  if (e->born) e->born_ms = info->born_ms;
  st = st ? st : check_signer(e, err);
  struct weir_chain_head head;
  if (!st) st = e->store->ops->chain_head(e->store, WEIR_STR("any/account"), &head, err);
  if (!st) e->latest_ms = head.iat_s * 1000;
  if (!st && e->config.key) st = weir_key_secret(e->config.key, e->config.chain, WEIR_STR("codes"), e->secret, err);
  return st;
}

static void lay_out(weir_engine *e) {
  unsigned char *at = e->block;
  take(&at, state_bytes(&e->config));
  weir_buf_init(&e->group.bytes, take(&at, WEIR_GROUP_BYTES), WEIR_GROUP_BYTES);
  weir_buf_init(&e->decisions, take(&at, WEIR_PAYLOAD_MAX), WEIR_PAYLOAD_MAX);
  weir_buf_init(&e->payload, take(&at, WEIR_PAYLOAD_MAX), WEIR_PAYLOAD_MAX);
  weir_buf_init(&e->line, take(&at, WEIR_JWS_MAX), WEIR_JWS_MAX);
  weir_buf_init(&e->actions_json, take(&at, WEIR_DECISION_JSON_MAX), WEIR_DECISION_JSON_MAX);
  weir_arena_fixed(&e->arena, e->rooms.arena_block, e->rooms.arena_len);
}

/* The only place that knows which stores there are. */
static weir_status store_open(weir_engine *e, weir_error *err) {
  if (in_memory(&e->config)) return weir_memory_store_open(&e->store, e->block, state_bytes(&e->config), err);
  const struct weir_sqlite_config config = { .chain = e->config.chain, .max_bytes = e->config.state_bytes, .new_chain = e->config.new_chain };
  return weir_sqlite_store_open(&e->store, e->config.state, &config, err);
}

static void log_opened(weir_engine *e) {
  const struct weir_store_info *info = e->store->info;
  struct weir_store_counts counts;
  e->store->ops->counts(e->store, &counts);
  if (info && info->version_before) {
    weir_engine_log(e, &(weir_log_entry){ .level = WEIR_LOG_INFO, .what = "state_upgraded" }, "the state %s was of version %d and is brought up to date", e->config.state,
                    info->version_before);
  }
  if (info && e->config.new_chain) {
    weir_engine_log(e, &(weir_log_entry){ .level = WEIR_LOG_WARNING, .what = "new_chain" }, "the state %s begins the chain %.*s", e->config.state, WEIR_FMT(e->config.chain));
  }
  weir_engine_log(e, &(weir_log_entry){ .level = WEIR_LOG_INFO, .what = "opened" }, "chain %.*s: %llu persons, %llu timers, %llu records not acknowledged",
                  WEIR_FMT(e->config.chain), (unsigned long long)counts.persons, (unsigned long long)counts.timers, (unsigned long long)counts.outbox);
}

weir_status weir_engine_open(weir_engine **out, const weir_config *given, weir_error *err) {
  weir_config own, *config = &own;
  if (!out) return weir_fail(err, WEIR_E_ARG, "weir_engine_open needs a place for the engine");
  *out = NULL;
  if (!weir_struct_in(&own, sizeof own, given)) return weir_fail(err, WEIR_E_ARG, "weir_config.struct_size is not that of this library or an older one");
  weir_status st = check_config(config, err);
  if (st) return st;

  weir_engine *e = calloc(1, sizeof *e);
  if (!e) return weir_fail(err, WEIR_E_NOMEM, "no memory for an engine");
  e->config = *config;
  e->stats.struct_size = sizeof e->stats;
  settle(e);
  st = rooms_open(&e->rooms, e, config->ruleset, err);
  if (!st && !(e->block = block_of(fixed_bytes(config)))) st = weir_fail(err, WEIR_E_NOMEM, "no memory for an engine: %zu bytes are needed", fixed_bytes(config));
  if (!st) {
    lay_out(e);
    st = store_open(e, err);
  }
  if (!st) st = settle_chain(e, err);
  if (!st) weir_rounds_refresh(e);
  if (st) {
    weir_engine_close(e);
    return st;
  }
  log_opened(e);
  if (!in_memory(&e->config)) e->config.state = "a file"; /* the name is the host's, who may have freed it when this is asked again */
  *out = e;
  return WEIR_OK;
}

void weir_engine_close(weir_engine *engine) {
  if (!engine) return;
  if (engine->store) engine->store->ops->close(engine->store);
  explicit_bzero(engine->secret, sizeof engine->secret);
  free(engine->rooms.block);
  free(engine->block);
  weir_key_free(engine->own_key);
  weir_ruleset_free(engine->own_ruleset);
  free(engine);
}

weir_status weir_engine_at_rest(const weir_engine *e, weir_error *err) {
  return e->open ? weir_fail(err, WEIR_E_SEQUENCE, "decisions wait for a commit; commit first") : WEIR_OK;
}

weir_status weir_snapshot_begin(weir_engine *engine, const char *path, weir_error *err) {
  if (!engine || !path || !*path) return weir_fail(err, WEIR_E_ARG, "a snapshot needs an engine and the name of a file");
  weir_status st = weir_engine_at_rest(engine, err);
  return st ? st : engine->store->ops->snapshot_begin(engine->store, path, err);
}

weir_status weir_snapshot_step(weir_engine *engine, size_t bytes, weir_error *err) {
  if (!engine) return weir_fail(err, WEIR_E_ARG, "a snapshot needs an engine");
  weir_status st = weir_engine_at_rest(engine, err);
  return st ? st : engine->store->ops->snapshot_step(engine->store, bytes, err);
}

void weir_snapshot_cancel(weir_engine *engine) {
  if (engine) engine->store->ops->snapshot_cancel(engine->store);
}

weir_status weir_snapshot(weir_engine *engine, const char *path, weir_error *err) {
  weir_status st = weir_snapshot_begin(engine, path, err);
  return st ? st : weir_snapshot_step(engine, 0, err);
}

weir_status weir_swap(weir_engine *engine, const weir_ruleset *ruleset, weir_error *err) {
  if (!engine || !ruleset) return weir_fail(err, WEIR_E_ARG, "weir_swap needs an engine and a ruleset");
  struct weir_rooms rooms;
  weir_status st = weir_engine_at_rest(engine, err);
  if (!st) st = rooms_open(&rooms, engine, ruleset, err);
  if (st) return st;
  free(engine->rooms.block);
  engine->rooms = rooms;
  engine->config.ruleset = ruleset;
  if (engine->own_ruleset != ruleset) {
    weir_ruleset_free(engine->own_ruleset);
    engine->own_ruleset = NULL;
  }
  make_env(ruleset, engine->env); /* it may know other time zones, or be machine code */
  weir_arena_fixed(&engine->arena, rooms.arena_block, rooms.arena_len);
  weir_rounds_refresh(engine);
  weir_engine_log(engine, &(weir_log_entry){ .level = WEIR_LOG_INFO, .what = "swapped" }, "the rules are %.12s now: %zu rules", ruleset->hash,
                  weir_ruleset_rule_count(ruleset));
  return WEIR_OK;
}

/* A room whose part `fixed` always stands, beside what moves. */
static weir_memory_room room_of(const char *name, size_t whole, size_t live, size_t peak, size_t limit) {
  size_t fixed = whole - limit;
  return (weir_memory_room){ name, fixed + live, fixed + peak, whole };
}

size_t weir_memory_stats(const weir_engine *engine, weir_memory_room *rooms, size_t cap) {
  weir_memory_room all[7];
  const size_t cnt = sizeof all / sizeof *all;
  size_t live = 0, peak = 0, limit = 0;
  if (!engine) return 0;
  const struct weir_ruleset *rs = engine->rooms.ruleset;
  all[0] = (weir_memory_room){ "ruleset", weir_ruleset_bytes(rs), weir_ruleset_bytes(rs), rs->arena.limit };
  weir_match_memory(engine->rooms.match, &live, &peak, &limit);
  all[1] = room_of("matching", part(weir_match_bytes(rs->matcher)), live, peak, limit);
  live = peak = limit = 0;
  if (engine->rooms.script) weir_script_memory(engine->rooms.script, &live, &peak, &limit);
  all[2] = room_of("scripts", script_bytes(rs), live, peak, limit);
  all[3] = room_of("event", part(engine->rooms.arena_len), engine->arena.used, engine->arena.peak, engine->arena.limit);
  all[4] = room_of("records", record_bytes(), engine->group.bytes.len, engine->group_peak, WEIR_GROUP_BYTES);
  struct weir_store_counts counts;
  engine->store->ops->counts(engine->store, &counts);
  all[5] = (weir_memory_room){ "state", (size_t)counts.memory_live, (size_t)counts.memory_live, store_bytes(&engine->config) };
  size_t frame = part(sizeof *engine) + part(engine->rooms.trace_cap * sizeof(weir_trace));
  all[6] = (weir_memory_room){ "engine", frame, frame, frame };
  if (rooms && cap) memcpy(rooms, all, (cap < cnt ? cap : cnt) * sizeof *rooms);
  return cnt;
}

weir_str weir_engine_chain(const weir_engine *engine) { return engine ? engine->config.chain : (weir_str){ NULL, 0 }; }
weir_str weir_engine_env(const weir_engine *engine) { return engine ? weir_str_of(engine->env) : (weir_str){ NULL, 0 }; }
uint64_t weir_engine_commits(const weir_engine *engine) {
  struct weir_store_counts counts;
  if (!engine) return 0;
  engine->store->ops->counts(engine->store, &counts);
  return counts.commits;
}

size_t weir_pending(const weir_engine *engine) { return engine ? (engine->group.cnt > engine->applied ? engine->group.cnt : engine->applied) : 0; }
int64_t weir_next_due(const weir_engine *engine) {
  if (!engine) return INT64_MAX;
  int64_t due_ms = engine->store->ops->next_due(engine->store);
  return due_ms < engine->rounds_due ? due_ms : engine->rounds_due;
}

void weir_engine_stats(const weir_engine *engine, weir_stats *out) {
  struct weir_store_counts counts;
  if (!out) return;
  size_t size = out->struct_size;
  if (size < sizeof size || size > sizeof *out) size = sizeof *out;
  weir_stats now = { .struct_size = size };
  if (engine) {
    engine->store->ops->counts(engine->store, &counts);
    now = engine->stats;
    now.struct_size = size;
    now.persons = counts.persons;
    now.opted_out = counts.opted_out;
    now.outbox = counts.outbox;
    now.latest_ms = engine->latest_ms;
    now.timers_waiting = counts.timers;
  }
  memcpy(out, &now, size);
}

weir_status weir_stage_count(const weir_engine *engine, weir_str funnel, weir_str stage, uint64_t *now, uint64_t *entered) {
  if (now) *now = 0;
  if (entered) *entered = 0;
  if (!engine || !now || !entered) return WEIR_E_ARG;
  return engine->store->ops->stage_count(engine->store, funnel, stage, now, entered, NULL);
}

struct telling {
  void (*tell)(void *ctx, const weir_count *count);
  void *ctx;
};

static void tell_count(void *ctx, const struct weir_counted *counted) {
  const struct telling *telling = ctx;
  const weir_count count = { counted->name, counted->what, counted->day, counted->cnt };
  telling->tell(telling->ctx, &count);
}

weir_status weir_each_count(const weir_engine *engine, int64_t first_day, void (*tell)(void *ctx, const weir_count *count), void *ctx, weir_error *err) {
  struct telling telling = { tell, ctx };
  if (!engine || !tell) return weir_fail(err, WEIR_E_ARG, "weir_each_count needs an engine and somebody to tell");
  return engine->store->ops->counted(engine->store, first_day, tell_count, &telling, err);
}
