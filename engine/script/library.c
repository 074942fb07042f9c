/* library.c: which names a script has, and the functions that belong to no library. An allow-list: what is not here does
 * not exist. Nothing here lets a script catch an error, reach a metatable, load code, or keep anything for the next event.
 *
 * A library such as `string` is an empty table whose reads go to a hidden one and whose writes are refused; the hidden
 * table cannot be reached because no function gives metatables out. */
#include "script/inside.h"
#include "limits.h"

static const char env_key; /* its address names an entry of the registry */

/* ---- Functions without a library */

static int base_assert(lua_State *L) {
  luaL_checkany(L, 1);
  if (lua_toboolean(L, 1)) return lua_gettop(L);
  if (lua_isnoneornil(L, 2)) return luaL_error(L, "assertion failed");
  lua_settop(L, 2);
  return lua_error(L);
}

static int base_error(lua_State *L) {
  lua_Integer level = weir_library_integer_or(L, 2, 1);
  lua_settop(L, 1);
  if (lua_type(L, 1) == LUA_TSTRING && level > 0 && level < WEIR_SCRIPT_LEVEL_MAX) {
    luaL_where(L, (int)level);
    lua_pushvalue(L, 1);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int base_select(lua_State *L) {
  int cnt = lua_gettop(L) - 1;
  lua_Integer n;
  weir_sandbox_charge(L, 1 + (uint64_t)cnt / 8);
  if (lua_type(L, 1) == LUA_TSTRING && weir_str_eq(weir_str_of(lua_tostring(L, 1)), WEIR_STR("#"))) {
    lua_pushinteger(L, cnt);
    return 1;
  }
  n = weir_library_integer(L, 1);
  if (n < 0) n = cnt + n + 1;
  luaL_argcheck(L, n >= 1, 1, "index out of range");
  if (n > cnt) return 0;
  if (cnt - n + 1 > WEIR_SCRIPT_SPREAD_MAX) return luaL_error(L, "more than %d values", WEIR_SCRIPT_SPREAD_MAX);
  return cnt - (int)n + 1;
}

/* Tables and functions give their kind only: an address would differ from run to run, and tell where memory lies. */
static int base_tostring(lua_State *L) {
  struct weir_buf buf;
  luaL_checkany(L, 1);
  switch (lua_type(L, 1)) {
  case LUA_TSTRING: lua_settop(L, 1); return 1;
  case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, 1) ? "true" : "false"); return 1;
  case LUA_TNUMBER:
    weir_buf_init(&buf, weir_sandbox_of(L)->scratch, WEIR_SCRIPT_STRING_MAX);
    weir_library_number(L, 1, &buf);
    return weir_library_result(L, &buf);
  default: lua_pushstring(L, luaL_typename(L, 1)); return 1;
  }
}

static int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 36;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static int tonumber_base(lua_State *L, weir_str s, int base) {
  lua_Unsigned value = 0;
  bool minus = false;
  while (s.len > 0 && is_space(s.ptr[0])) s.ptr++, s.len--;
  while (s.len > 0 && is_space(s.ptr[s.len - 1])) s.len--;
  if (s.len > 0 && s.ptr[0] == '-') minus = true, s.ptr++, s.len--;
  for (size_t i = 0; i < s.len; i++) {
    if (digit_of(s.ptr[i]) >= base) s.len = 0;
    else value = value * (lua_Unsigned)base + (lua_Unsigned)digit_of(s.ptr[i]);
  }
  if (s.len == 0) lua_pushnil(L);
  else lua_pushinteger(L, (lua_Integer)(minus ? 0u - value : value));
  return 1;
}

static int base_tonumber(lua_State *L) {
  weir_str s;
  lua_Integer base = weir_library_integer_or(L, 2, 10);
  luaL_checkany(L, 1);
  luaL_argcheck(L, base >= 2 && base <= 36, 2, "base out of range");
  if (lua_type(L, 1) == LUA_TNUMBER && lua_isnoneornil(L, 2)) {
    lua_settop(L, 1);
    return 1;
  }
  if (lua_type(L, 1) != LUA_TSTRING) {
    lua_pushnil(L);
    return 1;
  }
  s.ptr = lua_tolstring(L, 1, &s.len);
  weir_sandbox_charge(L, 2 + s.len / 8);
  if (!lua_isnoneornil(L, 2)) return tonumber_base(L, s, (int)base);
  /* No number that means anything is longer, and reading one takes time with the square of its digits. */
  if (s.len > WEIR_SCRIPT_NUMERAL_MAX || lua_stringtonumber(L, s.ptr) != s.len + 1) lua_pushnil(L);
  return 1;
}

static int base_type(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushstring(L, luaL_typename(L, 1));
  return 1;
}

static const luaL_Reg base[] = {
  { "assert", base_assert }, { "error", base_error },       { "ipairs", weir_library_ipairs }, { "pairs", weir_library_pairs },
  { "select", base_select }, { "tostring", base_tostring }, { "tonumber", base_tonumber },     { "type", base_type },
  { NULL, NULL },
};

/* ---- Shared by the libraries */

/* Lua takes a text for a number where it looks like one. To find out takes as long as the text is, and longer. */
static void charge_numeral(lua_State *L, int arg) {
  size_t len;
  if (lua_type(L, arg) != LUA_TSTRING) return;
  len = (size_t)lua_rawlen(L, arg);
  luaL_argcheck(L, len <= WEIR_SCRIPT_NUMERAL_MAX, arg, "number expected, got a long text");
  weir_sandbox_charge(L, 2 + len / 8);
}

lua_Integer weir_library_integer(lua_State *L, int arg) {
  charge_numeral(L, arg);
  return luaL_checkinteger(L, arg);
}

lua_Integer weir_library_integer_or(lua_State *L, int arg, lua_Integer absent) {
  return lua_isnoneornil(L, arg) ? absent : weir_library_integer(L, arg);
}

lua_Number weir_library_float(lua_State *L, int arg) {
  charge_numeral(L, arg);
  return luaL_checknumber(L, arg);
}

int weir_library_result(lua_State *L, const struct weir_buf *buf) {
  if (buf->full) return luaL_error(L, "the text would be longer than %d bytes", WEIR_SCRIPT_STRING_MAX);
  weir_sandbox_charge_bytes(L, buf->len);
  lua_pushlstring(L, buf->len ? buf->ptr : "", buf->len);
  return 1;
}

void weir_library_number(lua_State *L, int index, struct weir_buf *buf) {
  if (lua_isinteger(L, index)) {
    weir_sandbox_charge(L, 1);
    weir_buf_int(buf, lua_tointeger(L, index));
  } else {
    double value = (double)lua_tonumber(L, index);
    char text[48]; /* fixed: any number, written out */
    struct weir_buf number;
    weir_sandbox_charge(L, 8);
    weir_buf_init(&number, text, sizeof text - 1);
    weir_buf_printf(&number, "%.14g", value);
    text[number.len] = '\0';
    /* As Lua does: a float that looks like an integer says that it is none. */
    if (strspn(text, "-0123456789") == number.len) weir_buf_text(&number, ".0");
    weir_buf_str(buf, weir_buf_view(&number));
  }
}

/* ---- Putting it together */

static int refuse_write(lua_State *L) {
  return luaL_error(L, "the library `%s` cannot be changed", lua_tostring(L, lua_upvalueindex(1)));
}

/* Takes the table of functions at the top of the stack and puts its proxy into the table below it. */
static void add_library(lua_State *L, const char *name) {
  lua_newtable(L);
  lua_createtable(L, 0, 2);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, name);
  lua_pushcclosure(L, refuse_write, 1);
  lua_setfield(L, -2, "__newindex");
  lua_setmetatable(L, -2);
  lua_setfield(L, -3, name);
  lua_pop(L, 1);
}

void weir_library_open(lua_State *L) {
  luaL_checkstack(L, 10, NULL);
  lua_newtable(L);
  luaL_setfuncs(L, base, 0);
  weir_library_string(L);
  /* ("x"):upper() */
  lua_pushstring(L, "");
  lua_createtable(L, 0, 1);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_pop(L, 1);
  add_library(L, "string");
  weir_library_table(L);
  add_library(L, "table");
  weir_library_math(L);
  add_library(L, "math");
  weir_library_utf8(L);
  add_library(L, "utf8");
  lua_createtable(L, 0, 1);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "__index");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &env_key);
  lua_pop(L, 1);
}

void weir_sandbox_push_env(lua_State *L) {
  lua_newtable(L);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &env_key);
  lua_setmetatable(L, -2);
}
