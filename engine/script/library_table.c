/* library_table.c: `table` of the sandbox, pairs and ipairs. All access is raw, and what has a metatable (the libraries,
 * `e`) is not written to, so nothing here ever runs foreign code but the comparison of table.sort.
 *
 * pairs walks in a fixed order: Lua's own order follows addresses and a random seed, and a decision must not. */
#include "script/inside.h"

static void check_list(lua_State *L, int index) {
  luaL_checktype(L, index, LUA_TTABLE);
  if (lua_getmetatable(L, index)) luaL_argerror(L, index, "this table cannot be changed");
}

static lua_Integer length(lua_State *L, int index) {
  weir_sandbox_charge(L, 2 + weir_sandbox_of(L)->hash_max / WEIR_SCRIPT_LENGTH_UNIT);
  return (lua_Integer)lua_rawlen(L, index);
}

/* Each key that is looked up may stand at the end of a chain as long as the largest hash part. An instruction's price knows
 * that; the many lookups of one call are charged here. */
static void charge_lookups(lua_State *L, uint64_t cnt) {
  const struct weir_sandbox *box = weir_sandbox_of(L);
  uint64_t each = box->hash_max / box->hash_unit;
  if (each > 0) weir_sandbox_charge(L, cnt > UINT64_MAX / each ? UINT64_MAX : cnt * each);
}

/* ---- table */

static void charge_moves(lua_State *L, lua_Integer cnt) {
  if (cnt <= 0) return;
  weir_sandbox_charge(L, (uint64_t)cnt / 2);
  charge_lookups(L, (uint64_t)cnt * 2);
}

static int table_insert(lua_State *L) {
  lua_Integer end, at;
  check_list(L, 1);
  end = length(L, 1) + 1;
  at = end;
  if (lua_gettop(L) == 3) {
    at = weir_library_integer(L, 2);
    luaL_argcheck(L, at >= 1 && at <= end, 2, "position out of bounds");
  } else if (lua_gettop(L) != 2) {
    return luaL_error(L, "wrong number of arguments to 'insert'");
  }
  charge_moves(L, end - at);
  for (lua_Integer i = end; i > at; i--) {
    lua_rawgeti(L, 1, i - 1);
    lua_rawseti(L, 1, i);
  }
  lua_rawseti(L, 1, at);
  return 0;
}

static int table_remove(lua_State *L) {
  lua_Integer size, at;
  check_list(L, 1);
  size = length(L, 1);
  at = weir_library_integer_or(L, 2, size);
  if (lua_gettop(L) > 1) luaL_argcheck(L, (size == 0 && at == 0) || (at >= 1 && at <= size + 1), 2, "position out of bounds");
  lua_rawgeti(L, 1, at);
  charge_moves(L, size - at);
  for (; at < size; at++) {
    lua_rawgeti(L, 1, at + 1);
    lua_rawseti(L, 1, at);
  }
  lua_pushnil(L);
  lua_rawseti(L, 1, at);
  return 1;
}

static int table_concat(lua_State *L) {
  weir_str sep = { "", 0 };
  struct weir_buf buf;
  lua_Integer from, to;
  luaL_checktype(L, 1, LUA_TTABLE);
  if (!lua_isnoneornil(L, 2)) sep.ptr = luaL_checklstring(L, 2, &sep.len);
  from = weir_library_integer_or(L, 3, 1);
  to = lua_isnoneornil(L, 4) ? length(L, 1) : weir_library_integer(L, 4);
  weir_buf_init(&buf, weir_sandbox_of(L)->scratch, WEIR_SCRIPT_STRING_MAX);
  for (lua_Integer i = from; i <= to && !buf.full; i++) {
    weir_sandbox_charge(L, 1);
    charge_lookups(L, 1);
    lua_rawgeti(L, 1, i);
    if (i > from) weir_buf_str(&buf, sep);
    if (lua_type(L, -1) == LUA_TSTRING) {
      weir_str part;
      part.ptr = lua_tolstring(L, -1, &part.len);
      weir_buf_str(&buf, part);
    } else if (lua_type(L, -1) == LUA_TNUMBER) {
      weir_library_number(L, -1, &buf);
    } else {
      return luaL_error(L, "invalid value (at index %I) in table for 'concat'", (LUAI_UACINT)i);
    }
    lua_pop(L, 1);
    if (i == LUA_MAXINTEGER) break;
  }
  return weir_library_result(L, &buf);
}

static int table_unpack(lua_State *L) {
  lua_Integer from = weir_library_integer_or(L, 2, 1), to;
  int cnt;
  luaL_checktype(L, 1, LUA_TTABLE);
  to = lua_isnoneornil(L, 3) ? length(L, 1) : weir_library_integer(L, 3);
  if (from > to) return 0;
  if ((lua_Unsigned)to - (lua_Unsigned)from >= WEIR_SCRIPT_SPREAD_MAX)
    return luaL_error(L, "more than %d values", WEIR_SCRIPT_SPREAD_MAX);
  cnt = (int)(to - from) + 1;
  luaL_checkstack(L, cnt, NULL);
  weir_sandbox_charge(L, 1 + (uint64_t)cnt / 4);
  charge_lookups(L, (uint64_t)cnt);
  for (int i = 0; i < cnt; i++) lua_rawgeti(L, 1, from + i);
  return cnt;
}

static int table_pack(lua_State *L) {
  int cnt = lua_gettop(L);
  weir_sandbox_charge(L, 1 + (uint64_t)cnt / 4);
  lua_createtable(L, cnt, 1);
  lua_insert(L, 1);
  for (int i = cnt; i >= 1; i--) lua_rawseti(L, 1, i);
  lua_pushinteger(L, cnt);
  lua_setfield(L, 1, "n");
  return 1;
}

/* table.sort: the table stands at index 1, the comparison, if any, at 2. Places count from 0 here, from 1 in Lua. */
static bool sort_less(void *ctx, size_t a, size_t b) {
  lua_State *L = ctx;
  bool less;
  weir_sandbox_charge(L, 2);
  charge_lookups(L, 2);
  if (lua_isnil(L, 2)) {
    lua_rawgeti(L, 1, (lua_Integer)a + 1);
    lua_rawgeti(L, 1, (lua_Integer)b + 1);
    if (lua_type(L, -1) == LUA_TSTRING && lua_type(L, -2) == LUA_TSTRING) weir_sandbox_charge(L, lua_rawlen(L, -1) / 1024);
    less = lua_compare(L, -2, -1, LUA_OPLT);
    lua_pop(L, 2);
  } else {
    lua_pushvalue(L, 2);
    lua_rawgeti(L, 1, (lua_Integer)a + 1);
    lua_rawgeti(L, 1, (lua_Integer)b + 1);
    lua_call(L, 2, 1);
    less = lua_toboolean(L, -1);
    lua_pop(L, 1);
  }
  return less;
}

static void sort_swap(void *ctx, size_t a, size_t b) {
  lua_State *L = ctx;
  charge_lookups(L, 4);
  lua_rawgeti(L, 1, (lua_Integer)a + 1);
  lua_rawgeti(L, 1, (lua_Integer)b + 1);
  lua_rawseti(L, 1, (lua_Integer)a + 1);
  lua_rawseti(L, 1, (lua_Integer)b + 1);
}

/* A comparison that sorts would be the one way in which scripts nest C calls. */
static int table_sort(lua_State *L) {
  struct weir_sandbox *box = weir_sandbox_of(L);
  struct weir_order order = { sort_less, sort_swap, L };
  lua_Integer cnt;
  check_list(L, 1);
  if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  cnt = length(L, 1);
  luaL_argcheck(L, cnt <= WEIR_SCRIPT_SORT_MAX, 1, "more than 1024 elements");
  if (box->sorting) return luaL_error(L, "table.sort cannot be called by its own comparison");
  box->sorting = true;
  weir_order_sort(&order, (size_t)cnt);
  box->sorting = false;
  return 0;
}

static const luaL_Reg table_functions[] = {
  { "concat", table_concat }, { "insert", table_insert }, { "pack", table_pack },     { "remove", table_remove },
  { "sort", table_sort },     { "unpack", table_unpack }, { NULL, NULL },
};

void weir_library_table(lua_State *L) { luaL_newlib(L, table_functions); }

/* ---- ipairs */

static int ipairs_next(lua_State *L) {
  lua_Integer i = (lua_Integer)((lua_Unsigned)weir_library_integer(L, 2) + 1);
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushinteger(L, i);
  return lua_rawgeti(L, 1, i) == LUA_TNIL ? 1 : 2;
}

int weir_library_ipairs(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushcfunction(L, ipairs_next);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  return 3;
}

/* ---- pairs */

struct key {
  union {
    const char *text;
    lua_Integer number;
  } u;
  uint32_t len; /* UINT32_MAX: a number */
  uint32_t at;  /* its place in the unordered list of keys */
};

_Static_assert(WEIR_SCRIPT_PAIRS_MAX * sizeof(struct key) <= WEIR_SCRIPT_STRING_MAX, "the keys of a table fit into the scratch");

static bool key_less(void *ctx, size_t a, size_t b) {
  const struct key *items = ctx, *x = &items[a], *y = &items[b];
  if (x->len == UINT32_MAX || y->len == UINT32_MAX)
    return x->len == UINT32_MAX && (y->len != UINT32_MAX || x->u.number < y->u.number);
  return weir_str_cmp((weir_str){ x->u.text, x->len }, (weir_str){ y->u.text, y->len }) < 0;
}

static void key_swap(void *ctx, size_t a, size_t b) {
  struct key *items = ctx, held = items[a];
  items[a] = items[b];
  items[b] = held;
}

/* What finding and sorting them may take. By a formula, for the comparisons really made follow the order Lua had the keys in.
 * Finding the next key looks the last one up; only numbers can be made to collide. */
static void charge_keys(lua_State *L, size_t cnt, size_t numbers, size_t bytes) {
  uint64_t rounds = 1;
  charge_lookups(L, numbers);
  for (size_t n = cnt; n > 1; n /= 2) rounds++;
  weir_sandbox_charge(L, 1 + rounds * cnt / 2 + rounds * bytes / 512);
}

/* Collects the keys of the table at index 1 into the list at index 2, and into `items`. */
static size_t collect_keys(lua_State *L, struct key *items) {
  size_t cnt = 0, numbers = 0, bytes = 0;
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    struct key *key = &items[cnt];
    lua_pop(L, 1);
    if (cnt == WEIR_SCRIPT_PAIRS_MAX) luaL_error(L, "pairs: more than %d keys", WEIR_SCRIPT_PAIRS_MAX);
    key->at = (uint32_t)cnt;
    key->len = UINT32_MAX;
    if (lua_type(L, -1) == LUA_TSTRING) {
      size_t len;
      key->u.text = lua_tolstring(L, -1, &len);
      key->len = (uint32_t)len;
      bytes += len;
    } else if (lua_isinteger(L, -1)) {
      key->u.number = lua_tointeger(L, -1);
      numbers++;
    } else {
      luaL_error(L, "pairs: a key is a %s; keys must be whole numbers or texts", luaL_typename(L, -1));
    }
    lua_pushvalue(L, -1);
    lua_rawseti(L, 2, (lua_Integer)++cnt);
  }
  charge_keys(L, cnt, numbers, bytes);
  return cnt;
}

/* Upvalues: the table, its keys in order, how many were given. Keys that are gone by now are passed over. */
static int pairs_next(lua_State *L) {
  lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));
  uint64_t looked = 1;
  for (;; looked++) {
    if (lua_rawgeti(L, lua_upvalueindex(2), ++at) == LUA_TNIL) break;
    if (lua_isinteger(L, -1)) charge_lookups(L, 1);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) break;
    lua_pop(L, 2);
  }
  lua_pushinteger(L, at);
  lua_replace(L, lua_upvalueindex(3));
  weir_sandbox_charge(L, looked);
  return lua_isnil(L, -1) ? 1 : 2;
}

int weir_library_pairs(lua_State *L) {
  struct key *keys = (struct key *)(void *)weir_sandbox_of(L)->scratch;
  struct weir_order order = { key_less, key_swap, keys };
  size_t cnt;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_newtable(L);
  cnt = collect_keys(L, keys);
  weir_order_sort(&order, cnt);
  lua_createtable(L, (int)cnt, 0);
  for (size_t i = 0; i < cnt; i++) {
    lua_rawgeti(L, 2, (lua_Integer)keys[i].at + 1);
    lua_rawseti(L, 3, (lua_Integer)i + 1);
  }
  lua_remove(L, 2);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, pairs_next, 3);
  return 1;
}
