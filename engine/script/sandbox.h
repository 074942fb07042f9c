/* sandbox.h: a Lua state behind the walls of script.h, for the two who run Lua: script.c (handlers, on the event path) and
 * the loader (rule files). Includes lua.h; only script/ and load/ may include this.
 *
 * A sandbox never calls malloc: all of it lives in one block. Whatever touches its Lua state and can fail must run inside
 * weir_sandbox_enter. */
#ifndef WEIR_SCRIPT_SANDBOX_H
#define WEIR_SCRIPT_SANDBOX_H

#include <lua.h>

#include "base/arena.h"
#include "model/ruleset.h"

struct weir_sandbox;

struct weir_sandbox_limits {
  uint64_t steps;        /* work of one enter: a VM instruction is at least WEIR_SCRIPT_INSTRUCTION_STEPS of them */
  size_t event_bytes;    /* live bytes one enter may add */
  size_t churn_bytes;    /* bytes one enter may ask for in all */
};

enum weir_sandbox_end { WEIR_SANDBOX_DONE = 0, WEIR_SANDBOX_ERROR, WEIR_SANDBOX_KILLED };

/* Makes the state with the allow-listed libraries as read-only globals. NULL: the block does not suffice. */
struct weir_sandbox *weir_sandbox_open(void *block, size_t len);
void weir_sandbox_limits(struct weir_sandbox *box, const struct weir_sandbox_limits *limits);
void weir_sandbox_deadline(struct weir_sandbox *box, bool (*deadline)(void *ctx), void *ctx);
/* For tests: `line` is told of each line that a script comes to, in the order in which it does; what it costs is not counted. NULL: nobody asks. */
void weir_sandbox_lines(struct weir_sandbox *box, void (*line)(void *ctx, uint32_t line), void *ctx);
/* Starts again in the same block; everything that was in the state is gone. false: impossible (never, if open worked). */
bool weir_sandbox_rebuild(struct weir_sandbox *box);
lua_State *weir_sandbox_state(struct weir_sandbox *box);

/* Runs `body(L)` (ud as light userdata at index 1) protected and under the limits. ERROR and KILLED: message (a string, cut
 * to cap) says why. After KILLED the state must be rebuilt before it is used again. */
enum weir_sandbox_end weir_sandbox_enter(struct weir_sandbox *box, lua_CFunction body, void *ud, char *message, size_t cap);
/* Charges native work; raises the kill when the budget is gone. Only inside enter. */
void weir_sandbox_charge(lua_State *L, uint64_t steps);
uint64_t weir_sandbox_steps(const struct weir_sandbox *box);
/* Bytes the state holds now. */
size_t weir_sandbox_live(const struct weir_sandbox *box);
/* Seeds math.random; open and rebuild seed it with 0. */
void weir_sandbox_seed(struct weir_sandbox *box, uint64_t seed);
/* For tests: inside the next enter, the nth allocation (from 1) fails; `ever`: and all after it. 0: none. */
void weir_sandbox_fail_at(struct weir_sandbox *box, uint64_t nth, bool ever);

/* Pushes a fresh environment table whose missing names are looked up in the read-only libraries. */
void weir_sandbox_push_env(lua_State *L);
/* Loads text (never a binary chunk) as a function whose _ENV is the table at the top of the stack (popped). Refuses what the
 * sandbox does not offer: the operator ^ (its result differs between machines), NUL bytes in texts (comparing long runs of
 * them takes a hundred times as long), and more than WEIR_SCRIPT_CHAIN_MAX indexes in a row (Lua 5.4.4 would recurse once
 * for each to name one in an error). goto is allowed. A byte order mark is skipped.
 * Returns LUA_OK with the function pushed, else an error message pushed. chunkname as luaL_loadbuffer's ("@file"). */
int weir_sandbox_load(lua_State *L, weir_str source, const char *chunkname);

/* Copies the Lua value at `index` into `arena` as a weir_value. Functions become WEIR_VALUE_FUNC through `func` (NULL:
 * functions are refused). Refuses (raises a Lua error naming the path, such as "reply[2].text"): userdata, keys that are
 * neither strings nor 1..n, depth beyond WEIR_VALUE_DEPTH_MAX, NaN and infinities, invalid UTF-8, tables with metatables. */
struct weir_value_copier {
  struct weir_arena *arena;
  uint32_t (*func)(void *ctx, lua_State *L, int index); /* returns the chunk's index; may raise */
  void *ctx;
  size_t used_max; /* the arena's `used` may grow to this; 0: as far as the arena goes */
};
void weir_sandbox_copy(lua_State *L, int index, const struct weir_value_copier *copier, struct weir_value *out);

/* Dumps the Lua function at `index` into `arena`. Raises a Lua error when it has upvalues other than _ENV, naming them:
 * "captures the local `x` of the file: a handler is kept apart from its file; put the value inside it". */
void weir_sandbox_dump(lua_State *L, int index, struct weir_arena *arena, struct weir_chunk *out);
/* Notes in `chunk`, which was dumped from it, which lines of the Lua function at `index` hold code. May raise. */
void weir_sandbox_keep_lines(lua_State *L, int index, struct weir_arena *arena, struct weir_chunk *chunk);
/* Pushes the function of a chunk that weir_sandbox_dump made, with the table at the top of the stack (popped) as _ENV. */
int weir_sandbox_undump(lua_State *L, const struct weir_chunk *chunk);

#endif
