/* script.c: running handlers. Each run loads its chunk, builds `e`, calls the function under the limits and hands back what
 * the verbs wrote down; then everything the run made is collected, so that the next one finds the state that this one
 * found. Chunks are not kept loaded: loading one takes about as long as the garbage collector would spend on keeping it,
 * and a state that never depends on what ran before gives the same counts in a replay. So strict is this that a state
 * which the collector did not bring back to its old size (Lua keeps some of what it once grew) is built anew. */
#include "script/object.h"
#include "limits.h"

#define ALIGN ((size_t)16)

static size_t script_head(void) { return (sizeof(struct weir_script) + ALIGN - 1) / ALIGN * ALIGN; }

size_t weir_script_bytes(void) {
  return ALIGN + script_head() + sizeof(struct weir_sandbox) + ALIGN + WEIR_SCRIPT_STRING_MAX + WEIR_SCRIPT_HEAP_BYTES;
}

/* Two calls deep, as deep as most handlers go. */
static int call_deeper(lua_State *L) {
  if (lua_tointeger(L, 1) > 0) {
    lua_pushcfunction(L, call_deeper);
    lua_pushinteger(L, lua_tointeger(L, 1) - 1);
    lua_call(L, 1, 0);
  }
  return 0;
}

/* Lets the table of strings grow to a size at which it stays. */
static int open_body(lua_State *L) {
  struct weir_script *script = lua_touserdata(L, 1);
  weir_object_open(L, script);
  for (int i = 0; i < WEIR_SCRIPT_WARM_STRINGS; i++) {
    lua_pushfstring(L, "%d", i);
    lua_pop(L, 1);
  }
  return 0;
}

static int warm_body(lua_State *L) {
  lua_pushcfunction(L, call_deeper);
  lua_pushinteger(L, 1);
  lua_call(L, 1, 0);
  return 0;
}

/* The libraries stand; what is left is the object with its verbs, and the size that the state has between two runs. */
static bool furnish(struct weir_script *script) {
  lua_State *L = weir_sandbox_state(script->box);
  if (weir_sandbox_enter(script->box, open_body, script, NULL, 0) != WEIR_SANDBOX_DONE) return false;
  for (int i = 0; i < 4; i++) lua_gc(L, LUA_GCCOLLECT);
  if (weir_sandbox_enter(script->box, warm_body, NULL, NULL, 0) != WEIR_SANDBOX_DONE) return false;
  lua_gc(L, LUA_GCCOLLECT);
  script->clean = weir_sandbox_live(script->box);
  script->stale = false;
  return true;
}

/* After a run: back to what was before it. */
static void tidy(struct weir_script *script) {
  lua_State *L = weir_sandbox_state(script->box);
  lua_gc(L, LUA_GCCOLLECT);
  for (int i = 0; i < 3 && weir_sandbox_live(script->box) > script->clean; i++) lua_gc(L, LUA_GCCOLLECT);
  if (weir_sandbox_live(script->box) != script->clean) script->stale = true;
}

weir_status weir_script_open(struct weir_script **out, void *block, size_t len, const struct weir_chunk *chunks, uint32_t chunk_cnt,
                             const weir_str *verbs, uint32_t verb_cnt, weir_error *err) {
  size_t skip = (ALIGN - (uintptr_t)block % ALIGN) % ALIGN;
  struct weir_script *script = (struct weir_script *)(void *)((char *)block + skip);
  *out = NULL;
  if (!block || len < skip + script_head()) return weir_fail(err, WEIR_E_NOMEM, "no memory for scripts");
  memset(script, 0, sizeof *script);
  script->chunks = chunks;
  script->chunk_cnt = chunk_cnt;
  script->verbs = verbs;
  script->verb_cnt = verb_cnt;
  script->box = weir_sandbox_open((char *)block + skip + script_head(), len - skip - script_head());
  if (!script->box) return weir_fail(err, WEIR_E_NOMEM, "the memory for scripts does not suffice: %zu bytes", len);
  if (!furnish(script)) return weir_fail(err, WEIR_E_SCRIPT, "the state for scripts cannot be built: it needs more memory than the %d bytes it may take", WEIR_SCRIPT_HEAP_BYTES);
  *out = script;
  return WEIR_OK;
}

void weir_script_memory(const struct weir_script *script, size_t *live, size_t *peak, size_t *limit) {
  *live = weir_heap_live(script->box->heap);
  *peak = weir_heap_peak(script->box->heap);
  *limit = WEIR_SCRIPT_HEAP_BYTES;
}

void weir_script_deadline(struct weir_script *script, bool (*deadline)(void *ctx), void *ctx) {
  weir_sandbox_deadline(script->box, deadline, ctx);
}

void weir_script_lines(struct weir_script *script, void (*line)(void *ctx, uint32_t line), void *ctx) { weir_sandbox_lines(script->box, line, ctx); }

bool weir_chunk_line(const struct weir_chunk *chunk, size_t index, uint32_t *line) {
  for (uint32_t i = 0; i < chunk->line_cnt; i++) {
    if (!(chunk->lines[i / 8] >> i % 8 & 1) || index-- > 0) continue;
    *line = chunk->line_first + i;
    return true;
  }
  return false;
}

static int run_body(lua_State *L) {
  struct weir_script *script = lua_touserdata(L, 1);
  luaL_checkstack(L, 10, NULL);
  weir_sandbox_push_env(L);
  if (weir_sandbox_undump(L, script->chunk) != LUA_OK) return lua_error(L);
  weir_object_push(L);
  weir_sandbox_begin(L);
  lua_call(L, 1, 1);
  script->declined = lua_isboolean(L, -1) && !lua_toboolean(L, -1);
  return 0;
}

static enum weir_script_result conclude(struct weir_script *script, enum weir_sandbox_end end, struct weir_script_run *run) {
  run->steps = weir_sandbox_steps(script->box);
  switch (end) {
  case WEIR_SANDBOX_ERROR: return WEIR_SCRIPT_FAILED;
  case WEIR_SANDBOX_KILLED: return WEIR_SCRIPT_KILLED;
  case WEIR_SANDBOX_DONE: break;
  }
  if (script->declined) return WEIR_SCRIPT_DECLINED;
  run->calls = script->calls;
  run->call_cnt = script->call_cnt;
  return WEIR_SCRIPT_FIRED;
}

/* After a kill. The host's deadline is for its event, not for this: a state half built would fail the next event too. */
static bool build_anew(struct weir_script *script) {
  bool (*deadline)(void *ctx) = script->box->deadline;
  script->box->deadline = NULL;
  bool good = weir_sandbox_rebuild(script->box) && furnish(script);
  script->box->deadline = deadline;
  return good;
}

weir_status weir_script_run(struct weir_script *script, uint32_t chunk, const struct weir_script_event *event, struct weir_arena *arena,
                            enum weir_script_result *result, struct weir_script_run *run, weir_error *err) {
  weir_arena_mark mark = weir_arena_here(arena);
  enum weir_sandbox_end end;
  bool full;
  memset(run, 0, sizeof *run);
  *result = WEIR_SCRIPT_FAILED;
  if (chunk >= script->chunk_cnt) return weir_fail(err, WEIR_E_ARG, "there is no handler %u", (unsigned)chunk);
  if (script->stale && !build_anew(script))
    return weir_fail(err, WEIR_E_SCRIPT, "the state for scripts cannot be built anew: it needs more memory than the %d bytes it may take", WEIR_SCRIPT_HEAP_BYTES);
  script->calls = weir_arena_array(arena, WEIR_SCRIPT_CALLS_MAX, sizeof *script->calls);
  if (!script->calls) return weir_fail(err, WEIR_E_NOMEM, "no memory left for what a handler does");
  script->chunk = &script->chunks[chunk];
  script->event = event;
  script->arena = arena;
  script->used_max = arena->used + WEIR_SCRIPT_CALL_BYTES;
  script->call_cnt = 0;
  script->declined = false;
  weir_sandbox_seed(script->box, event->seed);
  end = weir_sandbox_enter(script->box, run_body, script, run->message, sizeof run->message);
  full = script->box->arena_full;
  if (end == WEIR_SANDBOX_KILLED) script->stale = true;
  else tidy(script);
  *result = conclude(script, end, run);
  script->event = NULL;
  script->arena = NULL;
  if (*result != WEIR_SCRIPT_FIRED && !arena->chunks) weir_arena_back(arena, mark);
  if (full && end == WEIR_SANDBOX_ERROR) return weir_fail(err, WEIR_E_NOMEM, "no memory left for what a handler gave");
  return WEIR_OK;
}
