/* library_math.c: `math` and `utf8` of the sandbox. Only operations whose results are the same on every machine: no
 * transcendental functions. math.random is our own, seeded by the event. */
#include "script/inside.h"

#include <math.h>

/* ---- math */

static void push_float(lua_State *L, double value) {
  lua_Integer whole;
  if (lua_numbertointeger(value, &whole)) lua_pushinteger(L, whole);
  else lua_pushnumber(L, value);
}

static int math_abs(lua_State *L) {
  if (lua_isinteger(L, 1)) {
    lua_Integer n = lua_tointeger(L, 1);
    lua_pushinteger(L, n < 0 ? (lua_Integer)(0u - (lua_Unsigned)n) : n);
  } else {
    lua_pushnumber(L, fabs(weir_library_float(L, 1)));
  }
  return 1;
}

static int math_floor(lua_State *L) {
  if (lua_isinteger(L, 1)) lua_settop(L, 1);
  else push_float(L, floor(weir_library_float(L, 1)));
  return 1;
}

static int math_ceil(lua_State *L) {
  if (lua_isinteger(L, 1)) lua_settop(L, 1);
  else push_float(L, ceil(weir_library_float(L, 1)));
  return 1;
}

static int choose(lua_State *L, bool largest) {
  int best = 1, cnt = lua_gettop(L);
  weir_library_float(L, 1);
  weir_sandbox_charge(L, 1 + (uint64_t)cnt / 8);
  for (int i = 2; i <= cnt; i++) {
    weir_library_float(L, i);
    if (largest ? lua_compare(L, best, i, LUA_OPLT) : lua_compare(L, i, best, LUA_OPLT)) best = i;
  }
  lua_pushvalue(L, best);
  return 1;
}

static int math_max(lua_State *L) { return choose(L, true); }
static int math_min(lua_State *L) { return choose(L, false); }

static int math_fmod(lua_State *L) {
  if (lua_isinteger(L, 1) && lua_isinteger(L, 2)) {
    lua_Integer n = lua_tointeger(L, 1), d = lua_tointeger(L, 2);
    luaL_argcheck(L, d != 0, 2, "zero");
    lua_pushinteger(L, d == -1 ? 0 : n % d); /* the smallest integer % -1 overflows in C */
  } else {
    weir_sandbox_charge(L, WEIR_SCRIPT_MODULO_STEPS);
    lua_pushnumber(L, fmod(weir_library_float(L, 1), weir_library_float(L, 2)));
  }
  return 1;
}

static int math_tointeger(lua_State *L) {
  int whole = 0;
  lua_Integer n;
  luaL_checkany(L, 1);
  n = lua_type(L, 1) == LUA_TNUMBER ? lua_tointegerx(L, 1, &whole) : 0;
  if (whole) lua_pushinteger(L, n);
  else lua_pushnil(L);
  return 1;
}

static int math_type(lua_State *L) {
  luaL_checkany(L, 1);
  if (lua_type(L, 1) != LUA_TNUMBER) lua_pushnil(L);
  else lua_pushstring(L, lua_isinteger(L, 1) ? "integer" : "float");
  return 1;
}

static int math_ult(lua_State *L) {
  lua_pushboolean(L, (lua_Unsigned)weir_library_integer(L, 1) < (lua_Unsigned)weir_library_integer(L, 2));
  return 1;
}

/* xoshiro256** (Blackman, Vigna 2018), seeded through splitmix64 as its authors advise. */
static uint64_t rotate(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

static uint64_t random_next(uint64_t s[4]) {
  uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate(s[3], 45);
  return result;
}

void weir_sandbox_seed(struct weir_sandbox *box, uint64_t seed) {
  for (int i = 0; i < 4; i++) {
    uint64_t z = seed += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    box->random[i] = z ^ (z >> 31);
  }
}

/* 0 .. last, each equally likely: what lies beyond is drawn again, which happens at most every other time. */
static uint64_t random_upto(lua_State *L, uint64_t last) {
  struct weir_sandbox *box = weir_sandbox_of(L);
  uint64_t mask = last, drawn;
  for (int by = 1; by < 64; by *= 2) mask |= mask >> by; /* fixed: bits */
  do {
    weir_sandbox_charge(L, 1);
    drawn = random_next(box->random) & mask;
  } while (drawn > last);
  return drawn;
}

static int math_random(lua_State *L) {
  lua_Integer low = 1, high;
  switch (lua_gettop(L)) {
  case 0:
    weir_sandbox_charge(L, 1);
    lua_pushnumber(L, (double)(random_next(weir_sandbox_of(L)->random) >> 11) * 0x1p-53);
    return 1;
  case 1: high = weir_library_integer(L, 1); break;
  case 2:
    low = weir_library_integer(L, 1);
    high = weir_library_integer(L, 2);
    break;
  default: return luaL_error(L, "math.random takes at most two numbers");
  }
  luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
  lua_pushinteger(L, (lua_Integer)((lua_Unsigned)low + random_upto(L, (lua_Unsigned)high - (lua_Unsigned)low)));
  return 1;
}

static const luaL_Reg math_functions[] = {
  { "abs", math_abs },   { "ceil", math_ceil },           { "floor", math_floor }, { "max", math_max }, { "min", math_min },
  { "fmod", math_fmod }, { "tointeger", math_tointeger }, { "type", math_type },   { "ult", math_ult }, { "random", math_random },
  { NULL, NULL },
};

void weir_library_math(lua_State *L) {
  luaL_newlibtable(L, math_functions);
  luaL_setfuncs(L, math_functions, 0);
  lua_pushnumber(L, HUGE_VAL);
  lua_setfield(L, -2, "huge");
  lua_pushnumber(L, 3.141592653589793);
  lua_setfield(L, -2, "pi");
  lua_pushinteger(L, LUA_MAXINTEGER);
  lua_setfield(L, -2, "maxinteger");
  lua_pushinteger(L, LUA_MININTEGER);
  lua_setfield(L, -2, "mininteger");
}

/* ---- utf8 */

static void add_character(struct weir_buf *buf, uint32_t code) {
  static const unsigned char heads[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
  int len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  weir_buf_byte(buf, (char)(unsigned char)(heads[len] | code >> (6 * (len - 1))));
  for (int i = len - 2; i >= 0; i--) weir_buf_byte(buf, (char)(unsigned char)(0x80 | (code >> (6 * i) & 0x3F)));
}

static int utf8_char(lua_State *L) {
  struct weir_buf buf;
  int cnt = lua_gettop(L);
  weir_buf_init(&buf, weir_sandbox_of(L)->scratch, WEIR_SCRIPT_STRING_MAX);
  if (cnt > WEIR_SCRIPT_SPREAD_MAX) return luaL_error(L, "more than %d values", WEIR_SCRIPT_SPREAD_MAX);
  for (int i = 1; i <= cnt; i++) {
    lua_Integer code = weir_library_integer(L, i);
    luaL_argcheck(L, code > 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF), i, "no character has that number");
    add_character(&buf, (uint32_t)code);
  }
  return weir_library_result(L, &buf);
}

/* The place that a script's index names, from 0: negative ones count from the end. */
static lua_Integer place(lua_Integer index, size_t len) {
  if (index >= 0) return index - 1;
  return 0u - (lua_Unsigned)index > len ? -1 : (lua_Integer)len + index;
}

static int utf8_codepoint(lua_State *L) {
  weir_str s;
  lua_Integer from, to;
  int cnt = 0;
  s.ptr = luaL_checklstring(L, 1, &s.len);
  from = place(weir_library_integer_or(L, 2, 1), s.len);
  to = lua_isnoneornil(L, 3) ? from : place(weir_library_integer(L, 3), s.len);
  luaL_argcheck(L, from >= 0, 2, "out of bounds");
  luaL_argcheck(L, to < (lua_Integer)s.len, 3, "out of bounds");
  luaL_checkstack(L, WEIR_SCRIPT_SPREAD_MAX, NULL);
  while (from <= to) {
    uint32_t code;
    size_t len = weir_script_utf8((weir_str){ s.ptr + from, s.len - (size_t)from }, &code);
    if (len == 0) return luaL_error(L, "invalid UTF-8");
    if (++cnt > WEIR_SCRIPT_SPREAD_MAX) return luaL_error(L, "more than %d values", WEIR_SCRIPT_SPREAD_MAX);
    lua_pushinteger(L, code);
    from += (lua_Integer)len;
  }
  weir_sandbox_charge(L, 1 + (uint64_t)cnt / 8);
  return cnt;
}

static int utf8_len(lua_State *L) {
  weir_str s;
  lua_Integer from, to, cnt = 0;
  s.ptr = luaL_checklstring(L, 1, &s.len);
  from = place(weir_library_integer_or(L, 2, 1), s.len);
  to = place(weir_library_integer_or(L, 3, -1), s.len);
  luaL_argcheck(L, from >= 0 && from <= (lua_Integer)s.len, 2, "out of bounds");
  luaL_argcheck(L, to < (lua_Integer)s.len, 3, "out of bounds");
  weir_sandbox_charge(L, 1 + s.len / 16);
  while (from <= to) {
    uint32_t code;
    size_t len = weir_script_utf8((weir_str){ s.ptr + from, s.len - (size_t)from }, &code);
    if (len == 0) {
      lua_pushnil(L);
      lua_pushinteger(L, from + 1);
      return 2;
    }
    from += (lua_Integer)len;
    cnt++;
  }
  lua_pushinteger(L, cnt);
  return 1;
}

static const luaL_Reg utf8_functions[] = {
  { "char", utf8_char }, { "codepoint", utf8_codepoint }, { "len", utf8_len }, { NULL, NULL },
};

void weir_library_utf8(lua_State *L) { luaL_newlib(L, utf8_functions); }
