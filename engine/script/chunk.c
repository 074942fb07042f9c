/* chunk.c: Lua functions on their way from a rule file to the event path: text is checked and compiled, a handler becomes
 * bytes in the ruleset's arena, and the bytes become a function again. Binary chunks are only ever read from there: Lua
 * does not verify them. */
#include "script/inside.h"
#include "limits.h"

static const char marks_key; /* its address names an entry of the registry */

static int fail_load(lua_State *L, const char *chunkname, uint32_t line, const char *problem) {
  if (*chunkname == '@' || *chunkname == '=') chunkname++;
  lua_pushfstring(L, "%s:%d: %s", chunkname, (int)line, problem);
  return LUA_ERRSYNTAX;
}

/* The function at the top gets the table below it as _ENV, and stays. */
static void set_env(lua_State *L) {
  const char *name;
  for (int i = 1; (name = lua_getupvalue(L, -1, i)) != NULL; i++) {
    lua_pop(L, 1);
    lua_pushvalue(L, -2);
    lua_setupvalue(L, -2, i);
  }
  lua_remove(L, -2);
}

/* The marks of a file's lines are kept in the registry under its name, for the handlers that will be dumped from it. */
static unsigned char *push_marks(lua_State *L, size_t lines) {
  unsigned char *marks = lua_newuserdatauv(L, lines, 0);
  memset(marks, 0, lines);
  return marks;
}

static void keep_marks(lua_State *L, const char *chunkname) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &marks_key) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &marks_key);
  }
  lua_insert(L, -2);
  lua_setfield(L, -2, chunkname);
  lua_pop(L, 1);
}

/* What lines `from` .. `to` of a file use. Unknown lines use everything. */
static unsigned marks_of(lua_State *L, const char *chunkname, int from, int to) {
  const unsigned char *marks = NULL;
  unsigned seen = 0;
  size_t cnt;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &marks_key) == LUA_TTABLE) lua_getfield(L, -1, chunkname);
  else lua_pushnil(L);
  marks = lua_touserdata(L, -1);
  cnt = (size_t)lua_rawlen(L, -1);
  if (!marks || from < 1 || to < from || (size_t)to > cnt) seen = WEIR_MARK_ALL;
  else for (int i = from; i <= to; i++) seen |= marks[i - 1];
  lua_pop(L, 2);
  return seen;
}

int weir_sandbox_load(lua_State *L, weir_str text, const char *chunkname) {
  struct weir_sandbox *box = weir_sandbox_of(L);
  struct weir_source source = { .text = text };
  int status, lines;
  luaL_checkstack(L, 8, NULL);
  if (weir_str_starts(text, WEIR_STR("\xEF\xBB\xBF"))) source.text = (weir_str){ text.ptr + 3, text.len - 3 };
  weir_sandbox_charge(L, 1 + text.len / 8);
  box->hosting = true;
  lines = (int)weir_source_lines(source.text);
  source.marks = push_marks(L, (size_t)lines);
  if (!weir_source_scan(&source)) {
    box->hosting = false;
    lua_pop(L, 2);
    return fail_load(L, chunkname, source.line, source.problem);
  }
  keep_marks(L, chunkname);
  box->hosting = false;
  /* The compiler cannot be interrupted; it looks constants and labels up in lists that a source can make long. */
  weir_sandbox_charge(L, source.items / 64 * source.items);
  box->hosting = true;
  status = luaL_loadbufferx(L, source.text.len ? source.text.ptr : "", source.text.len, chunkname, "t");
  box->hosting = false;
  box->marks |= marks_of(L, chunkname, 1, lines);
  weir_sandbox_price(box);
  if (status == LUA_OK) set_env(L);
  else lua_remove(L, -2);
  return status;
}

/* ---- Dump */

struct dump {
  unsigned char *at;
  size_t len, cap; /* cap 0: only counting; the first byte is ours */
};

static int dump_writer(lua_State *L, const void *data, size_t len, void *ud) {
  struct dump *dump = ud;
  (void)L;
  if (dump->cap > 0) {
    if (len > dump->cap - dump->len) return 1;
    memcpy(dump->at + dump->len, data, len);
  }
  dump->len += len;
  return 0;
}

/* A handler is kept without its file: all it may bring along is the way to the environment. */
static void check_upvalues(lua_State *L, int index) {
  const char *name;
  for (int i = 1; (name = lua_getupvalue(L, index, i)) != NULL; i++) {
    lua_pop(L, 1);
    if (strcmp(name, "_ENV") != 0)
      luaL_error(L, "captures the local `%s` of the file: a handler is kept apart from its file; put the value inside it", name);
  }
}

/* "file:line"; empty when the arena is full. */
static weir_str name_chunk(const lua_Debug *ar, struct weir_arena *arena) {
  char text[WEIR_SCRIPT_MESSAGE_MAX + WEIR_SCRIPT_WHERE_MAX];
  struct weir_buf buf;
  weir_str name;
  weir_buf_init(&buf, text, sizeof text);
  weir_buf_text(&buf, *ar->source == '@' || *ar->source == '=' ? ar->source + 1 : ar->short_src);
  if (buf.full) weir_buf_text(&buf, ar->short_src);
  weir_buf_byte(&buf, ':');
  weir_buf_uint(&buf, ar->linedefined > 0 ? (uint64_t)ar->linedefined : 1);
  return weir_arena_str(arena, weir_buf_view(&buf), &name) ? name : (weir_str){ "", 0 };
}

/* A chunk is one byte of marks, then Lua's dump. Line numbers and names stay in it: errors in handlers name their line, and
 * without names Lua's search for the name of a variable would recurse as deep as a script likes. */
void weir_sandbox_dump(lua_State *L, int index, struct weir_arena *arena, struct weir_chunk *out) {
  struct dump dump = { NULL, 1, 0 };
  lua_Debug ar;
  *out = (struct weir_chunk){ .name = { "", 0 } };
  index = lua_absindex(L, index);
  luaL_checkstack(L, 6, NULL);
  if (!lua_isfunction(L, index) || lua_iscfunction(L, index)) luaL_error(L, "a function written in the rule file is expected");
  check_upvalues(L, index);
  lua_pushvalue(L, index);
  lua_getinfo(L, ">S", &ar);
  lua_pushvalue(L, index);
  lua_dump(L, dump_writer, &dump, 0);
  if (dump.len > WEIR_SCRIPT_SOURCE_MAX)
    luaL_error(L, "the handler takes %d bytes when compiled, %d are allowed", (int)dump.len, WEIR_SCRIPT_SOURCE_MAX);
  weir_sandbox_charge_bytes(L, dump.len);
  dump.cap = dump.len;
  dump.len = 1;
  dump.at = weir_arena_alloc(arena, dump.cap);
  out->name = name_chunk(&ar, arena);
  if (!dump.at || out->name.len == 0 || lua_dump(L, dump_writer, &dump, 0) != 0 || dump.len != dump.cap) {
    weir_sandbox_of(L)->arena_full = true;
    luaL_error(L, "no memory left in the ruleset");
  }
  lua_pop(L, 1);
  dump.at[0] = (unsigned char)marks_of(L, ar.source, ar.linedefined, ar.lastlinedefined);
  out->code = dump.at;
  out->len = dump.len;
}

/* The last line is the `end`, where Lua puts a return that a handler which returns by itself never comes to. Functions inside
 * the handler are not among them: Lua tells of one function at a time. */
void weir_sandbox_keep_lines(lua_State *L, int index, struct weir_arena *arena, struct weir_chunk *chunk) {
  lua_Debug ar;
  lua_Integer first, cnt;
  unsigned char *lines;
  luaL_checkstack(L, 4, NULL);
  lua_pushvalue(L, index);
  lua_getinfo(L, ">SL", &ar);
  first = ar.linedefined;
  cnt = ar.lastlinedefined > first ? ar.lastlinedefined - first : 1;
  lines = (unsigned char *)weir_arena_bytes(arena, (size_t)(cnt + 7) / 8);
  if (!lines) {
    weir_sandbox_of(L)->arena_full = true;
    luaL_error(L, "no memory left in the ruleset");
    return;
  }
  memset(lines, 0, (size_t)(cnt + 7) / 8);
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    lua_Integer at = lua_tointeger(L, -2) - first;
    if (at >= 0 && at < cnt) lines[at / 8] |= (unsigned char)(1u << at % 8);
  }
  lua_pop(L, 1);
  chunk->lines = lines;
  chunk->line_first = (uint32_t)first;
  chunk->line_cnt = (uint32_t)cnt;
}

int weir_sandbox_undump(lua_State *L, const struct weir_chunk *chunk) {
  struct weir_sandbox *box = weir_sandbox_of(L);
  const char *name = chunk->name.len ? chunk->name.ptr : "=handler";
  int status;
  luaL_checkstack(L, 4, NULL);
  if (chunk->len < 2) return fail_load(L, name, 0, "this is no compiled handler");
  box->hosting = true;
  status = luaL_loadbufferx(L, (const char *)chunk->code + 1, chunk->len - 1, name, "b");
  box->hosting = false;
  box->marks |= chunk->code[0];
  weir_sandbox_price(box);
  if (status == LUA_OK) set_env(L);
  else lua_remove(L, -2);
  return status;
}
