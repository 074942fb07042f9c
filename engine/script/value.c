/* value.c: what a script wrote, out of Lua and into an arena. It reads raw, calls nothing of the script's, and refuses all
 * that is not plain data, naming the place. The rooms above never see lua.h. */
#include "script/inside.h"
#include "limits.h"

#include <math.h>

struct copy {
  lua_State *L;
  const struct weir_value_copier *copier;
  struct weir_buf path; /* "reply[2].text" */
  char text[WEIR_SCRIPT_PATH_MAX];
};

static void copy_value(struct copy *copy, int index, int depth, struct weir_value *out);

static int refuse(struct copy *copy, const char *why, const char *what) {
  lua_State *L = copy->L;
  lua_pushlstring(L, copy->text, copy->path.len);
  return luaL_error(L, "%s%s%s%s", lua_tostring(L, -1), copy->path.len ? ": " : "", why, what);
}

/* The place of an element; the caller restores path.len. */
static void enter_member(struct copy *copy, weir_str key) {
  if (copy->path.len > 0) weir_buf_byte(&copy->path, '.');
  weir_buf_add(&copy->path, key.ptr, key.len < WEIR_SCRIPT_KEY_SHOWN ? key.len : WEIR_SCRIPT_KEY_SHOWN);
}

static void enter_item(struct copy *copy, size_t i) { weir_buf_printf(&copy->path, "[%zu]", i); }

/* Memory from the arena, within what the copier may use. */
static void *take(struct copy *copy, size_t cnt, size_t size) {
  struct weir_arena *arena = copy->copier->arena;
  size_t max = copy->copier->used_max;
  void *got;
  if (max > 0 && (arena->used > max || cnt > (max - arena->used) / size))
    refuse(copy, "this is too much: what is given here is limited", "");
  got = weir_arena_array(arena, cnt, size);
  if (!got) {
    weir_sandbox_of(copy->L)->arena_full = true;
    luaL_error(copy->L, "no memory left for what was given");
  }
  return got;
}

static weir_str copy_text(struct copy *copy, int index) {
  weir_str s, out = { NULL, 0 };
  uint32_t code;
  char *to;
  s.ptr = lua_tolstring(copy->L, index, &s.len);
  weir_sandbox_charge(copy->L, 1 + s.len / 32);
  for (size_t i = 0, step; i < s.len; i += step) {
    step = weir_script_utf8((weir_str){ s.ptr + i, s.len - i }, &code);
    if (step == 0) refuse(copy, "the text is not valid UTF-8", "");
  }
  to = take(copy, s.len + 1, 1);
  if (s.len) memcpy(to, s.ptr, s.len);
  to[s.len] = '\0';
  out.ptr = to;
  out.len = s.len;
  return out;
}

static bool member_less(void *ctx, size_t a, size_t b) {
  const struct weir_member *members = ctx;
  return weir_str_cmp(members[a].key, members[b].key) < 0;
}

static void member_swap(void *ctx, size_t a, size_t b) {
  struct weir_member *members = ctx, held = members[a];
  members[a] = members[b];
  members[b] = held;
}

/* Counts what the table at `index` has, and refuses keys that are neither texts nor 1..n. */
static void count_keys(struct copy *copy, int index, uint32_t *list_cnt, uint32_t *member_cnt) {
  lua_State *L = copy->L;
  size_t list = 0, members = 0;
  lua_Integer most = 0;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING) {
      members++;
    } else if (lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1) {
      list++;
      if (lua_tointeger(L, -1) > most) most = lua_tointeger(L, -1);
    } else {
      refuse(copy, "a key is neither a text nor a number from 1 on, but a ",
             lua_isinteger(L, -1) ? "number below 1" : luaL_typename(L, -1));
    }
    if (list + members > WEIR_VALUE_ITEMS_MAX) refuse(copy, "the table has too many entries", "");
  }
  if (most != (lua_Integer)list) refuse(copy, "the list has a hole: a value is missing between its first and its last", "");
  weir_sandbox_charge(L, 2 + list + members);
  *list_cnt = (uint32_t)list;
  *member_cnt = (uint32_t)members;
}

static void copy_list(struct copy *copy, int index, int depth, struct weir_value *list, uint32_t cnt) {
  size_t path = copy->path.len;
  for (uint32_t i = 0; i < cnt; i++) {
    enter_item(copy, i + 1);
    lua_rawgeti(copy->L, index, (lua_Integer)i + 1);
    copy_value(copy, -1, depth, &list[i]);
    lua_pop(copy->L, 1);
    copy->path.len = path;
  }
}

static void copy_members(struct copy *copy, int index, int depth, struct weir_member *members, uint32_t cnt) {
  struct weir_order order = { member_less, member_swap, members };
  size_t path = copy->path.len;
  lua_State *L = copy->L;
  uint32_t done = 0;
  int top = lua_gettop(L);
  lua_pushnil(L);
  while (done < cnt && lua_next(L, index)) {
    if (lua_type(L, -2) == LUA_TSTRING) {
      weir_str key;
      key.ptr = lua_tolstring(L, -2, &key.len);
      enter_member(copy, key);
      members[done].key = copy_text(copy, -2);
      copy_value(copy, -1, depth, &members[done].value);
      copy->path.len = path;
      done++;
    }
    lua_pop(L, 1);
  }
  lua_settop(L, top);
  weir_sandbox_charge(L, (uint64_t)cnt * 2);
  weir_order_sort(&order, cnt);
}

static void copy_table(struct copy *copy, int index, int depth, struct weir_value *out) {
  struct weir_table *table;
  struct weir_value *list;
  struct weir_member *members;
  lua_State *L = copy->L;
  if (depth >= WEIR_VALUE_DEPTH_MAX) refuse(copy, "tables are nested too deeply", "");
  luaL_checkstack(L, 6, NULL);
  if (lua_getmetatable(L, index)) refuse(copy, "this is not plain data (`e` or a library)", "");
  table = take(copy, 1, sizeof *table);
  count_keys(copy, index, &table->list_cnt, &table->member_cnt);
  list = take(copy, table->list_cnt, sizeof *list);
  members = take(copy, table->member_cnt, sizeof *members);
  copy_list(copy, index, depth + 1, list, table->list_cnt);
  copy_members(copy, index, depth + 1, members, table->member_cnt);
  table->list = list;
  table->members = members;
  out->kind = WEIR_VALUE_TABLE;
  out->u.t = table;
}

static void copy_number(struct copy *copy, int index, struct weir_value *out) {
  if (lua_isinteger(copy->L, index)) {
    out->kind = WEIR_VALUE_INT;
    out->u.i = lua_tointeger(copy->L, index);
  } else {
    out->kind = WEIR_VALUE_NUM;
    out->u.d = (double)lua_tonumber(copy->L, index);
    if (!isfinite(out->u.d)) refuse(copy, "the number is ", isnan(out->u.d) ? "not a number (0/0)" : "infinite");
  }
}

static void copy_value(struct copy *copy, int index, int depth, struct weir_value *out) {
  lua_State *L = copy->L;
  out->kind = WEIR_VALUE_NIL;
  out->u.i = 0;
  index = lua_absindex(L, index);
  weir_sandbox_charge(L, 1);
  switch (lua_type(L, index)) {
  case LUA_TNIL: break;
  case LUA_TBOOLEAN:
    out->kind = WEIR_VALUE_BOOL;
    out->u.b = lua_toboolean(L, index);
    break;
  case LUA_TNUMBER: copy_number(copy, index, out); break;
  case LUA_TSTRING:
    out->u.s = copy_text(copy, index);
    out->kind = WEIR_VALUE_STR;
    break;
  case LUA_TTABLE: copy_table(copy, index, depth, out); break;
  case LUA_TFUNCTION:
    if (!copy->copier->func) refuse(copy, "a function cannot stand here", "");
    out->u.func = copy->copier->func(copy->copier->ctx, L, index);
    out->kind = WEIR_VALUE_FUNC;
    break;
  default: refuse(copy, "this cannot stand here: a ", luaL_typename(L, index)); break;
  }
}

void weir_sandbox_copy(lua_State *L, int index, const struct weir_value_copier *copier, struct weir_value *out) {
  struct copy copy;
  copy.L = L;
  copy.copier = copier;
  weir_buf_init(&copy.path, copy.text, sizeof copy.text);
  luaL_checkstack(L, 6, NULL);
  *out = (struct weir_value){ .kind = WEIR_VALUE_NIL };
  copy_value(&copy, index, 0, out);
}
