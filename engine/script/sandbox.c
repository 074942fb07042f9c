/* sandbox.c: the walls. Owns the Lua state, its memory, its budget and the one protected way in. It offers nothing to
 * scripts (library.c does) and knows nothing of events.
 *
 * How a script ends. Every hundred VM instructions a hook looks at the budget; library functions charge what they do to
 * the same budget; the allocator charges bytes. Whoever finds a limit passed sets the wall and raises an error that
 * carries no text, so that raising it needs no memory. No function in the sandbox catches errors, no finalizer, metamethod
 * or coroutine of a script can run while it passes, so it always arrives in weir_sandbox_enter.
 *
 * Why the price of an instruction grows. Counting instructions bounds time only when each takes a bounded time. Comparing
 * strings, following a chain of keys made to collide, copying a stack of arguments take as long as those things are large.
 * So the price of every instruction follows the largest of them that the script ever held: a count again, the same on
 * every machine, where a clock would give each machine another verdict. */
#include "script/inside.h"
#include "limits.h"

#include <stdio.h>

/* What malloc's header takes, counted as held: a script that holds many tiny things must not reach the block's end first. */
#define ALLOC_OVERHEAD 16

/* ---- Prices */

void weir_sandbox_price(struct weir_sandbox *box) {
  const unsigned remainder = WEIR_MARK_MODULO | WEIR_MARK_FLOAT, float_text = WEIR_MARK_JOIN | WEIR_MARK_FLOAT;
  size_t hash_unit = box->hash_unit;
  if (box->marks & WEIR_MARK_LENGTH) hash_unit /= WEIR_SCRIPT_HASH_UNIT / WEIR_SCRIPT_LENGTH_UNIT;
  box->price = WEIR_SCRIPT_INSTRUCTION_STEPS + box->second / WEIR_SCRIPT_STRING_UNIT + box->hash_max / hash_unit +
               box->block_max / box->block_unit;
  if ((box->marks & remainder) == remainder) box->price += WEIR_SCRIPT_MODULO_STEPS;
  if ((box->marks & float_text) == float_text) box->price += WEIR_SCRIPT_JOIN_STEPS;
}

static bool is_hash_part(const struct weir_sandbox *box, size_t size) {
  size_t slots = box->node ? size / box->node : 0;
  return slots > 0 && size % box->node == 0 && (slots & (slots - 1)) == 0;
}

/* A new string, or an array that grew to `size`. `kind`: what Lua says it is, 0 for arrays. */
static void price_grow(struct weir_sandbox *box, size_t kind, size_t size, bool fresh) {
  if (kind == LUA_TSTRING) {
    if (size <= box->second) return;
    box->second = size > box->longest ? box->longest : size;
    if (size > box->longest) box->longest = size;
  } else if (kind != 0 || box->hosting) {
    return;
  } else if (fresh && is_hash_part(box, size)) {
    if (size <= box->hash_max) return;
    box->hash_max = size;
  } else {
    if (size <= box->block_max) return;
    box->block_max = size;
  }
  weir_sandbox_price(box);
}

/* Steps that an allocation costs beyond its bytes. Filling a new hash part with keys that all collide takes time with the
 * square of their number; so does a closure over locals, each of which is looked for among all that were captured. */
static uint64_t alloc_steps(const struct weir_sandbox *box, size_t kind, size_t size, bool fresh) {
  uint64_t steps = 1 + size / WEIR_SCRIPT_BYTES_STEP;
  if (box->hosting) return steps;
  if (fresh && kind == LUA_TFUNCTION) {
    uint64_t captured = size / sizeof(void *);
    steps += captured * captured / 64;
  } else if (fresh && kind == 0 && is_hash_part(box, size)) {
    uint64_t large = size;
    steps += (large * large) >> 15;
  }
  return steps;
}

/* ---- The budget */

static void hit(struct weir_sandbox *box, enum weir_wall wall) {
  if (box->wall == WEIR_WALL_NONE) box->wall = wall;
}

static void spend(struct weir_sandbox *box, uint64_t steps) {
  box->steps = steps > UINT64_MAX - box->steps ? UINT64_MAX : box->steps + steps;
  if (box->steps > box->limits.steps) hit(box, WEIR_WALL_WORK);
  if (box->deadline && box->steps >= box->next_ask) {
    box->next_ask = box->steps + WEIR_SCRIPT_ASK_STEPS;
    if (box->deadline(box->deadline_ctx)) hit(box, WEIR_WALL_DEADLINE);
  }
}

/* `level` of the call stack is the Lua function at work, when it is one. */
static void remember_place(struct weir_sandbox *box, lua_State *L, int level) {
  lua_Debug ar;
  for (; !box->where[0] && level < 4 && lua_getstack(L, level, &ar); level++) {
    if (!lua_getinfo(L, "Sl", &ar) || ar.currentline <= 0) continue;
    if (snprintf(box->where, sizeof box->where, "%s:%d", ar.short_src, ar.currentline) < 0) box->where[0] = '\0';
  }
}

/* The error is a light userdata: no memory is needed to raise it. */
static void raise_wall(struct weir_sandbox *box, lua_State *L, int level) {
  remember_place(box, L, level);
  lua_pushlightuserdata(L, box);
  lua_error(L);
}

static void hook(lua_State *L, lua_Debug *ar) {
  struct weir_sandbox *box = weir_sandbox_of(L);
  if (ar->event == LUA_HOOKLINE) {
    box->line(box->line_ctx, (uint32_t)ar->currentline);
    return;
  }
  spend(box, box->price * WEIR_SCRIPT_HOOK_STEPS);
  if (box->wall == WEIR_WALL_NONE) return;
  lua_sethook(L, hook, LUA_MASKCOUNT, 1);
  raise_wall(box, L, 0);
}

void weir_sandbox_charge(lua_State *L, uint64_t steps) {
  struct weir_sandbox *box = weir_sandbox_of(L);
  if (!box->inside) return;
  spend(box, steps);
  if (box->wall != WEIR_WALL_NONE) raise_wall(box, L, 0);
}

uint64_t weir_sandbox_steps(const struct weir_sandbox *box) { return box->steps; }
size_t weir_sandbox_live(const struct weir_sandbox *box) { return box->live; }

/* ---- Memory */

/* Each refusal makes Lua collect everything before it asks again, so only a few are allowed. */
static void *refuse(struct weir_sandbox *box, enum weir_wall wall) {
  if (box->inside) {
    spend(box, 1 + box->live / WEIR_SCRIPT_BYTES_STEP);
    if (++box->failed >= WEIR_SCRIPT_FAILED_ALLOCS_MAX) hit(box, wall);
  }
  return NULL;
}

static bool fault(struct weir_sandbox *box) {
  if (box->fail_at == 0 || !box->inside) return false;
  box->allocs++;
  return box->allocs == box->fail_at || (box->fail_ever && box->allocs > box->fail_at);
}

/* `kind` is only meaningful when `ptr` is NULL. */
static void *grow(struct weir_sandbox *box, void *ptr, size_t old, size_t size, size_t kind) {
  size_t more = size - old + (ptr ? 0 : ALLOC_OVERHEAD);
  void *got;
  if (fault(box)) return refuse(box, WEIR_WALL_MEMORY);
  if (box->inside) {
    if (box->wall != WEIR_WALL_NONE) return NULL;
    spend(box, alloc_steps(box, kind, size, !ptr));
    if (more > box->limits.churn_bytes - box->churn) {
      hit(box, WEIR_WALL_CHURN);
      return NULL;
    }
    if (box->live + more > box->base + box->limits.event_bytes) return refuse(box, WEIR_WALL_MEMORY);
  }
  got = weir_heap_realloc(box->heap, ptr, size);
  if (!got) return refuse(box, WEIR_WALL_MEMORY);
  box->live += more;
  if (kind == 0) box->last_block = size;
  if (box->inside) {
    box->churn += more;
    price_grow(box, kind, size, !ptr);
  }
  return got;
}

/* lua_Alloc: with a NULL `ptr`, `old` is the kind of the new object. Shrinking and freeing never fail. */
static void *box_alloc(void *ud, void *ptr, size_t old, size_t size) {
  struct weir_sandbox *box = ud;
  void *got;
  if (size == 0) {
    if (ptr) {
      weir_heap_free(box->heap, ptr);
      box->live -= old + ALLOC_OVERHEAD;
    }
    return NULL;
  }
  if (!ptr) return grow(box, NULL, 0, size, old);
  if (size > old) return grow(box, ptr, old, size, 0);
  got = weir_heap_realloc(box->heap, ptr, size);
  box->live -= old - size;
  return got ? got : ptr;
}

void weir_sandbox_fail_at(struct weir_sandbox *box, uint64_t nth, bool ever) {
  box->fail_at = nth;
  box->fail_ever = ever;
  box->allocs = 0;
}

/* ---- The way in */

static void count_anew(struct weir_sandbox *box) {
  box->steps = 0;
  box->next_ask = 0;
  box->churn = 0;
  box->failed = 0;
  box->base = box->live;
  lua_sethook(box->L, hook, LUA_MASKCOUNT | (box->line ? LUA_MASKLINE : 0), WEIR_SCRIPT_HOOK_STEPS);
}

void weir_sandbox_begin(lua_State *L) { count_anew(weir_sandbox_of(L)); }

struct entry {
  lua_CFunction body;
  void *ud;
  int status;
  char *message;
  size_t cap;
};

/* A script chooses what its error says: control characters and what is no UTF-8 must not reach a terminal or a log. */
static void tell(struct entry *entry, const char *text) {
  weir_str s = weir_str_of(text);
  size_t len = 0, step;
  uint32_t code;
  if (entry->cap == 0) return;
  for (; s.len > 0; s.ptr += step, s.len -= step) {
    step = weir_script_utf8(s, &code);
    if (len + (step ? step : 1) >= entry->cap) break;
    if (step == 0 || code < 0x20 || (code >= 0x7F && code < 0xA0)) {
      entry->message[len++] = step ? ' ' : '?';
      if (step == 0) step = 1;
      continue;
    }
    memcpy(entry->message + len, s.ptr, step);
    len += step;
  }
  entry->message[len] = '\0';
}

/* The error value at the top of the stack, without converting it: that could need memory. */
static void tell_error(lua_State *L, struct entry *entry) {
  char text[WEIR_SCRIPT_MESSAGE_MAX];
  int n;
  switch (lua_type(L, -1)) {
  case LUA_TSTRING: tell(entry, lua_tostring(L, -1)); return;
  case LUA_TNUMBER:
    n = lua_isinteger(L, -1) ? snprintf(text, sizeof text, "error %lld", (long long)lua_tointeger(L, -1))
                             : snprintf(text, sizeof text, "error %.14g", (double)lua_tonumber(L, -1));
    break;
  default: n = snprintf(text, sizeof text, "the error is a %s, not a text", luaL_typename(L, -1)); break;
  }
  tell(entry, n > 0 ? text : "error");
}

static void tell_wall(const struct weir_sandbox *box, struct entry *entry) {
  char text[WEIR_SCRIPT_MESSAGE_MAX];
  struct weir_buf buf;
  weir_buf_init(&buf, text, sizeof text - 1);
  switch (box->wall) {
  case WEIR_WALL_WORK: weir_buf_printf(&buf, "work: more than %llu steps", (unsigned long long)box->limits.steps); break;
  case WEIR_WALL_CHURN: weir_buf_printf(&buf, "churn: asked for more than %zu bytes in all", box->limits.churn_bytes); break;
  case WEIR_WALL_DEADLINE: weir_buf_text(&buf, "deadline: took too long"); break;
  case WEIR_WALL_NONE:
  case WEIR_WALL_MEMORY: weir_buf_printf(&buf, "memory: holds more than %zu bytes", box->limits.event_bytes); break;
  }
  if (box->where[0]) weir_buf_printf(&buf, " at %s", box->where);
  text[buf.len] = '\0';
  tell(entry, text);
}

/* Two protected calls, one in the other: in Lua 5.4.4 putting the error in its place can itself run out of memory, and
 * what the inner call then raises must find an outer one. */
static int guarded(lua_State *L) {
  struct entry *entry = lua_touserdata(L, 1);
  lua_pushcfunction(L, entry->body);
  lua_pushlightuserdata(L, entry->ud);
  entry->status = lua_pcall(L, 1, 0, 0);
  if (entry->status == LUA_ERRRUN) tell_error(L, entry);
  return 0;
}

enum weir_sandbox_end weir_sandbox_enter(struct weir_sandbox *box, lua_CFunction body, void *ud, char *message, size_t cap) {
  struct entry entry = { body, ud, LUA_ERRMEM, message, cap };
  lua_State *L = box->L;
  int top = lua_gettop(L), outer;
  locale_t before;
  tell(&entry, "");
  if (box->inside || box->wall != WEIR_WALL_NONE) {
    tell(&entry, box->inside ? "the sandbox is in use" : "the sandbox was not rebuilt");
    return box->inside ? WEIR_SANDBOX_ERROR : WEIR_SANDBOX_KILLED;
  }
  before = uselocale(box->locale);
  box->inside = true;
  box->hosting = box->sorting = box->arena_full = false;
  box->marks = 0;
  box->where[0] = '\0';
  box->longest = box->second = box->hash_max = box->block_max = 0;
  box->allocs = 0;
  weir_sandbox_price(box);
  count_anew(box);
  lua_pushcfunction(L, guarded);
  lua_pushlightuserdata(L, &entry);
  outer = lua_pcall(L, 1, 0, 0);
  lua_sethook(L, NULL, 0, 0);
  lua_settop(L, top);
  box->inside = box->hosting = false;
  box->fail_at = 0;
  uselocale(before);
  if (outer == LUA_OK && entry.status == LUA_OK && box->wall == WEIR_WALL_NONE) return WEIR_SANDBOX_DONE;
  if (outer == LUA_OK && entry.status == LUA_ERRRUN && box->wall == WEIR_WALL_NONE) return WEIR_SANDBOX_ERROR;
  hit(box, WEIR_WALL_MEMORY);
  tell_wall(box, &entry);
  return WEIR_SANDBOX_KILLED;
}

/* ---- Making the state */

static int open_libraries(lua_State *L) {
  struct weir_sandbox *box = weir_sandbox_of(L);
  lua_createtable(L, 0, 64);
  box->node = box->last_block / 64;
  lua_pop(L, 1);
  weir_library_open(L);
  return 0;
}

static bool make_state(struct weir_sandbox *box) {
  struct weir_sandbox_limits asked = box->limits;
  enum weir_sandbox_end end;
  box->live = box->base = 0;
  box->wall = WEIR_WALL_NONE;
  box->node = 0;
  box->inside = false;
  box->L = lua_newstate(box_alloc, box);
  if (!box->L) return false;
  *(struct weir_sandbox **)lua_getextraspace(box->L) = box;
  weir_sandbox_limits(box, &(struct weir_sandbox_limits){ UINT64_MAX, SIZE_MAX, SIZE_MAX });
  end = weir_sandbox_enter(box, open_libraries, NULL, NULL, 0);
  weir_sandbox_limits(box, &asked);
  weir_sandbox_seed(box, 0);
  if (end != WEIR_SANDBOX_DONE) return false;
  lua_gc(box->L, LUA_GCCOLLECT);
  return true;
}

struct weir_sandbox *weir_sandbox_open(void *block, size_t len) {
  const size_t align = 16;
  uintptr_t at = ((uintptr_t)block + align - 1) / align * align;
  size_t head = (sizeof(struct weir_sandbox) + align - 1) / align * align + WEIR_SCRIPT_STRING_MAX;
  struct weir_sandbox *box = (struct weir_sandbox *)at;
  if (!block || len < head + (at - (uintptr_t)block) + WEIR_HEAP_MIN) return NULL;
  memset(box, 0, sizeof *box);
  box->scratch = (char *)box + head - WEIR_SCRIPT_STRING_MAX;
  box->locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  box->heap = weir_heap_init((char *)box + head, (len - head - (at - (uintptr_t)block)) / align * align);
  if (!box->heap || box->locale == (locale_t)0) return NULL;
  weir_sandbox_limits(box, &(struct weir_sandbox_limits){ WEIR_SCRIPT_STEPS, WEIR_SCRIPT_EVENT_BYTES, WEIR_SCRIPT_CHURN_BYTES });
  return make_state(box) ? box : NULL;
}

/* A larger memory is meant for larger tables: there the price begins to grow later. */
void weir_sandbox_limits(struct weir_sandbox *box, const struct weir_sandbox_limits *limits) {
  size_t hash = limits->event_bytes / WEIR_SCRIPT_HASH_PARTS, block = limits->event_bytes / WEIR_SCRIPT_STACK_PARTS;
  box->limits = *limits;
  if (box->limits.event_bytes > SIZE_MAX / 2) box->limits.event_bytes = SIZE_MAX / 2;
  box->hash_unit = hash > WEIR_SCRIPT_HASH_UNIT ? hash : WEIR_SCRIPT_HASH_UNIT;
  box->block_unit = block > WEIR_SCRIPT_STACK_UNIT ? block : WEIR_SCRIPT_STACK_UNIT;
}

void weir_sandbox_deadline(struct weir_sandbox *box, bool (*deadline)(void *ctx), void *ctx) {
  box->deadline = deadline;
  box->deadline_ctx = ctx;
}

void weir_sandbox_lines(struct weir_sandbox *box, void (*line)(void *ctx, uint32_t line), void *ctx) {
  box->line = line;
  box->line_ctx = ctx;
}

bool weir_sandbox_rebuild(struct weir_sandbox *box) {
  weir_heap_reset(box->heap);
  return make_state(box);
}

lua_State *weir_sandbox_state(struct weir_sandbox *box) { return box->L; }
