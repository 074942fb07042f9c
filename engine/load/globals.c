/* globals.c: what a rule file sees as globals. A name that nobody knows is nearly always a slip: a text without its quotes,
 * a misspelled word, a forgotten `=`. So reading one is an error that says which slip it looks like, and what is handed
 * back is what lets the rest of the file be read: the text, something to call, or a table to write into. */
#include <lauxlib.h>

#include "limits.h"
#include "load/collect.h"
#include "script/sandbox.h"

/* How a name is used, by the token behind it. */
enum use { USE_VALUE, USE_CALL, USE_INDEX, USE_COMPARE };

static enum use use_of(struct weir_load *load, uint32_t file, uint32_t line, weir_str name, struct weir_token *at) {
  struct weir_scan scan;
  struct weir_token token, before = { 0 };
  size_t start;
  *at = (struct weir_token){ .line = line };
  if (!line) return USE_VALUE;
  weir_load_line(load, file, line, &start);
  weir_scan_begin(&scan, load->files[file].source, start, line);
  for (weir_scan_next(&scan, &token); token.kind != WEIR_TOKEN_END && token.line == line; weir_scan_next(&scan, &token)) {
    bool member = weir_token_is(&before, ".") || weir_token_is(&before, ":");
    before = token;
    if (token.kind != WEIR_TOKEN_NAME || member || !weir_str_eq(token.text, name)) continue;
    *at = token;
    weir_scan_next(&scan, &token);
    if (weir_token_is(&token, "=")) { /* a key of the same name */
      before = token;
      continue;
    }
    if (weir_token_is(&token, "==")) return USE_COMPARE;
    if (token.kind == WEIR_TOKEN_STRING || weir_token_is(&token, "{") || weir_token_is(&token, "(")) return USE_CALL;
    return weir_token_is(&token, ".") || weir_token_is(&token, "[") || weir_token_is(&token, ":") ? USE_INDEX : USE_VALUE;
  }
  return USE_VALUE;
}

static weir_str nearest_word(weir_str name) {
  size_t cnt;
  const struct weir_load_key *words = weir_load_keys(WEIR_LOAD_KEYS_DECLARATION, &cnt);
  weir_str names[WEIR_HINTS_MAX];
  if (cnt > WEIR_HINTS_MAX) cnt = WEIR_HINTS_MAX;
  for (size_t i = 0; i < cnt; i++) names[i] = weir_str_of(words[i].name);
  return weir_nearest(name, names, cnt);
}

/* What other languages call true, false and nil. */
static const char *constant_of(weir_str name) {
  static const char *const pairs[][2] = {
    { "True", "true" }, { "TRUE", "true" }, { "yes", "true" }, { "on", "true" }, { "False", "false" }, { "FALSE", "false" },
    { "no", "false" }, { "off", "false" }, { "null", "nil" }, { "None", "nil" }, { "NULL", "nil" },
  };
  for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
    if (weir_str_eq(name, weir_str_of(pairs[i][0]))) return pairs[i][1];
  return NULL;
}

/* What Lua has elsewhere and a rule file has not. */
static bool is_absent(weir_str name) {
  static const char *const absent[] = {
    "print", "require", "load", "loadstring", "loadfile", "dofile", "pcall", "xpcall", "os", "io", "debug", "package",
    "coroutine", "setmetatable", "getmetatable", "collectgarbage", "rawset", "_G",
  };
  for (size_t i = 0; i < sizeof(absent) / sizeof(*absent); i++)
    if (weir_str_eq(name, weir_str_of(absent[i]))) return true;
  return false;
}

static void tell_unknown(struct weir_load *load, const struct weir_place *place, weir_str name, enum use use) {
  weir_str word = nearest_word(name);
  const char *constant = constant_of(name);
  if (is_absent(name))
    weir_load_error(load, place, "there is no `%.*s` in rule files: they only say what to do, they do nothing themselves",
                    WEIR_FMT(name));
  else if (use == USE_COMPARE && weir_load_is_key(load, WEIR_DECL_RULE, name))
    weir_load_error(load, place, "write one `=` behind `%.*s`, not two", WEIR_FMT(name));
  else if (use == USE_CALL && weir_load_is_key(load, WEIR_DECL_RULE, name))
    weir_load_error(load, place, "a `=` is missing behind `%.*s`: write %.*s = ...", WEIR_FMT(name), WEIR_FMT(name));
  else if ((use == USE_CALL || use == USE_INDEX) && word.len)
    weir_load_error(load, place, "there is no `%.*s`; did you mean `%.*s`?", WEIR_FMT(name), WEIR_FMT(word));
  else if (use == USE_CALL || use == USE_INDEX)
    weir_load_error(load, place, "there is no `%.*s`: a rule file has the words pack, account, words, funnel, pool, coupon, segment, channel, include and rule",
                    WEIR_FMT(name));
  else if (constant)
    weir_load_error(load, place, "there is no `%.*s`: write %s, or \"%.*s\" in quotes if it is a text", WEIR_FMT(name),
                    constant, WEIR_FMT(name));
  else
    weir_load_error(load, place, "`%.*s` stands without quotes: a text is written \"%.*s\"", WEIR_FMT(name), WEIR_FMT(name));
}

/* ---- A thing that takes everything: it may be called, indexed and written to, and gives itself back. */

static int sponge_self(lua_State *L) {
  lua_settop(L, 1);
  return 1;
}

static int sponge_ignore(lua_State *L) {
  (void)L;
  return 0;
}

void weir_collect_push_sponge(lua_State *L) {
  lua_newtable(L);
  lua_newtable(L);
  lua_pushcfunction(L, sponge_self);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, sponge_self);
  lua_setfield(L, -2, "__call");
  lua_pushcfunction(L, sponge_ignore);
  lua_setfield(L, -2, "__newindex");
  lua_setmetatable(L, -2);
}

/* ---- The globals */

/* Whether this place was told before: a slip in a loop is told once. `seen` is the index of a table. */
static bool told_before(lua_State *L, int seen, const struct weir_place *place) {
  lua_Integer key = (lua_Integer)place->line << 32 | (lua_Integer)place->column;
  bool told = lua_rawgeti(L, seen, key) != LUA_TNIL;
  lua_pop(L, 1);
  if (told) return true;
  lua_pushboolean(L, 1);
  lua_rawseti(L, seen, key);
  return false;
}

/* What the rest of the file gets for a name that nobody knows: what was most likely meant. */
static void push_instead(lua_State *L, weir_str name, enum use use) {
  const char *constant = constant_of(name);
  if (use == USE_CALL || use == USE_INDEX) weir_collect_push_sponge(L);
  else if (!constant) lua_pushvalue(L, 2);
  else if (constant[0] == 'n') lua_pushnil(L);
  else lua_pushboolean(L, constant[0] == 't');
}

/* __index of the globals. Upvalues: collector, vocabulary, library, places told. */
static int read_global(lua_State *L) {
  struct weir_collect *c = lua_touserdata(L, lua_upvalueindex(1));
  struct weir_place place = { .file = c->file };
  struct weir_token at;
  weir_str name;
  enum use use;
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) return 1;
  lua_pushvalue(L, 2);
  if (lua_gettable(L, lua_upvalueindex(3)) != LUA_TNIL) return 1;
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  name.ptr = lua_tolstring(L, 2, &name.len);
  weir_sandbox_charge(L, WEIR_SCRIPT_HOOK_STEPS); /* telling costs more than an instruction */
  use = use_of(c->load, c->file, weir_collect_line(L, c), name, &at);
  place.line = at.line;
  place.column = at.column;
  if (!told_before(L, lua_upvalueindex(4), &place)) tell_unknown(c->load, &place, name, use);
  push_instead(L, name, use);
  return 1;
}

/* __newindex of the globals. Upvalues: collector, vocabulary. */
static int write_global(lua_State *L) {
  struct weir_collect *c = lua_touserdata(L, lua_upvalueindex(1));
  struct weir_place place = { .file = c->file };
  struct weir_token at;
  weir_str name = WEIR_STR("?");
  if (lua_type(L, 2) == LUA_TSTRING) name.ptr = lua_tolstring(L, 2, &name.len);
  weir_sandbox_charge(L, WEIR_SCRIPT_HOOK_STEPS);
  place.line = weir_collect_line(L, c);
  use_of(c->load, c->file, place.line, name, &at);
  place.column = at.column;
  lua_pushvalue(L, 2);
  if (weir_str_eq(name, WEIR_STR("words")))
    weir_load_error(c->load, &place, "word lists are set one by one: write words.want = { \"want\", \"need\" }");
  else if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL)
    weir_load_error(c->load, &place, "`%.*s` is a word of rule files and takes no `=`: write %.*s \"name\" { ... }",
                    WEIR_FMT(name), WEIR_FMT(name));
  else if (weir_load_is_key(c->load, WEIR_DECL_RULE, name))
    weir_load_error(c->load, &place, "`%.*s` belongs into the { ... } of a rule; is a bracket closed too early?", WEIR_FMT(name));
  else if (weir_load_is_shared(c->load, c->file))
    weir_load_error(c->load, &place, "what a file that packs share has beside its word lists it gives back at its end: return { %.*s = ... }", WEIR_FMT(name));
  else
    weir_load_error(c->load, &place, "rule files make no globals: write local %.*s = ...", WEIR_FMT(name));
  lua_settop(L, 3);
  lua_rawset(L, 1); /* so that it is told once */
  return 0;
}

uint32_t weir_collect_column(const struct weir_collect *c, uint32_t line, weir_str word) {
  struct weir_token at;
  use_of(c->load, c->file, line, word, &at);
  return at.column;
}

void weir_collect_push_env(lua_State *L, struct weir_collect *c, int vocabulary) {
  lua_newtable(L);
  lua_newtable(L);
  lua_pushlightuserdata(L, c);
  lua_pushvalue(L, vocabulary);
  weir_sandbox_push_env(L);
  lua_newtable(L);
  lua_pushcclosure(L, read_global, 4);
  lua_setfield(L, -2, "__index");
  lua_pushlightuserdata(L, c);
  lua_pushvalue(L, vocabulary);
  lua_pushcclosure(L, write_global, 2);
  lua_setfield(L, -2, "__newindex");
  lua_setmetatable(L, -2);
}
