/* include.c: include "../words.lua" in a rule file. The file is run in the same sandbox, at the cost of the file that includes it; the word
 * lists that it declares become those of the pack, and the table that it gives back is what `include` gives back. It declares nothing
 * else: what belongs to one pack stands in that pack.
 *
 * Each file of a pack that needs the table includes the file; the lists are declared once. When something is wrong with the file that is
 * told where it stands, and nobody is told what follows from it. */
#include <lauxlib.h>
#include <stdio.h>

#include "limits.h"
#include "load/collect.h"
#include "script/sandbox.h"
#include "text/utf8.h"

static struct weir_place here(lua_State *L, const struct weir_collect *c) {
  struct weir_place place = { .file = c->file, .line = weir_collect_line(L, c) };
  place.column = weir_collect_column(c, place.line, WEIR_STR("include"));
  return place;
}

/* What could not be included may have been anything. */
static int give_nothing(lua_State *L, struct weir_collect *c) {
  c->unread = true;
  weir_load_unread(c->load, c->file);
  weir_collect_push_sponge(L);
  return 1;
}

/* ---- What an included file sees */

/* A word of packs. Upvalues: collector, word. */
static int refuse(lua_State *L) {
  struct weir_collect *c = lua_touserdata(L, lua_upvalueindex(1));
  const char *word = lua_tostring(L, lua_upvalueindex(2));
  struct weir_place place = { .file = c->file, .line = weir_collect_line(L, c) };
  place.column = weir_collect_column(c, place.line, weir_str_of(word));
  weir_sandbox_charge(L, WEIR_SCRIPT_HOOK_STEPS);
  weir_load_error(c->load, &place, "`%s` belongs into a pack: a file that packs share has only word lists, words.name = { ... }, and what it gives back, return { ... }",
                  word);
  weir_collect_push_sponge(L);
  return 1;
}

static void push_shared_vocabulary(lua_State *L, struct weir_collect *c) {
  size_t cnt;
  const struct weir_load_key *words = weir_load_keys(WEIR_LOAD_KEYS_DECLARATION, &cnt);
  lua_newtable(L);
  for (size_t i = 0; i < cnt; i++) {
    lua_pushlightuserdata(L, c);
    lua_pushstring(L, words[i].name);
    lua_pushcclosure(L, refuse, 2);
    lua_setfield(L, -2, words[i].name);
  }
  weir_collect_push_words(L, c);
  lua_setfield(L, -2, "words");
}

/* ---- What it gives back */

static weir_str nearest_key(lua_State *L, int table, weir_str name) {
  weir_str names[WEIR_HINTS_MAX];
  size_t cnt = 0;
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    if (lua_type(L, -2) == LUA_TSTRING && cnt < WEIR_HINTS_MAX) names[cnt].ptr = lua_tolstring(L, -2, &names[cnt].len), cnt++;
  }
  return weir_nearest(name, names, cnt);
}

/* Where `.name` stands in the line; 0: nowhere. */
static uint32_t column_of(const struct weir_collect *c, uint32_t line, weir_str name) {
  struct weir_token token = { 0 }, before;
  struct weir_scan scan;
  size_t at;
  if (!line) return 0;
  (void)weir_load_line(c->load, c->file, line, &at);
  weir_scan_begin(&scan, c->load->files[c->file].source, at, line);
  do {
    before = token;
    weir_scan_next(&scan, &token);
    if (token.line == line && weir_token_is(&before, ".") && token.kind == WEIR_TOKEN_NAME && weir_str_eq(token.text, name)) return token.column;
  } while (token.kind != WEIR_TOKEN_END && token.line == line);
  return 0;
}

/* A key that is not in the table: __index. Upvalues: collector, what was written to include the file. */
static int read_absent(lua_State *L) {
  struct weir_collect *c = lua_touserdata(L, lua_upvalueindex(1));
  struct weir_place place = { .file = c->file, .line = weir_collect_line(L, c) };
  weir_str name, near;
  if (lua_type(L, 2) != LUA_TSTRING) return 0; /* ipairs looks behind the end */
  name.ptr = lua_tolstring(L, 2, &name.len);
  weir_sandbox_charge(L, WEIR_SCRIPT_HOOK_STEPS * WEIR_HINTS_MAX);
  near = nearest_key(L, 1, name);
  place.column = column_of(c, place.line, name);
  weir_load_error(c->load, &place, "there is no `%.*s` in what \"%s\" gives back%s%.*s%s", WEIR_FMT(name), lua_tostring(L, lua_upvalueindex(2)),
                  near.len ? "; did you mean `" : ": write it into the { ... } behind its return", WEIR_FMT(near), near.len ? "`?" : "");
  lua_pushvalue(L, 2);
  return 1;
}

/* The file's result is at the top; in its place what `include` gives back. false: it is none. */
static bool take_result(lua_State *L, struct weir_collect *c, struct weir_collect *file, int written) {
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
  }
  if (!lua_istable(L, -1)) {
    struct weir_place place = { .file = file->file };
    weir_load_error(c->load, &place, "gives back a %s: a file that packs share ends with return { name = \"...\" }, or with no return at all",
                    luaL_typename(L, -1));
    return false;
  }
  if (lua_getmetatable(L, -1)) { /* `words`, or what stands for something that was told */
    lua_pop(L, 1);
    return true;
  }
  lua_newtable(L);
  lua_pushlightuserdata(L, c);
  lua_pushvalue(L, written);
  lua_pushcclosure(L, read_absent, 2);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  return true;
}

/* ---- Running it */

/* Pushes what it gives back; false: nothing is pushed that could be used, and why was told. */
static bool run(lua_State *L, struct weir_collect *c, struct weir_collect *file, int written) {
  struct weir_load *load = c->load;
  push_shared_vocabulary(L, file);
  if (!weir_collect_load(L, file, lua_gettop(L))) return false;
  int status = lua_pcall(L, 0, 1, 0);
  if (status != LUA_OK) {
    if (status != LUA_ERRRUN || load->fatal.status != WEIR_OK) lua_error(L);
    weir_sandbox_charge(L, 1); /* a kill was passed on as an error: it is raised again here */
    weir_collect_tell_error(load, file, lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "cannot be read");
    return false;
  }
  return take_result(L, c, file, written);
}

/* A collector for the included file. It lives as long as loading: functions that the file gives back refer to it. */
static struct weir_collect *collector_of(lua_State *L, const struct weir_collect *c, uint32_t index) {
  const struct weir_load_file *file = &c->load->files[index];
  struct weir_collect *own = weir_arena_zalloc(&c->load->work, sizeof(*own));
  char *name = weir_arena_bytes(&c->load->work, file->name.len + 2);
  if (!own || !name) {
    weir_load_no_memory(c->load);
    luaL_error(L, "not enough memory");
    return NULL;
  }
  name[0] = '@';
  memcpy(name + 1, file->name.ptr, file->name.len);
  name[file->name.len + 1] = '\0';
  *own = (struct weir_collect){ .load = c->load, .file = index, .chunkname = name, .again = file->by != c->file };
  return own;
}

static void tell_not_found(struct weir_load *load, const struct weir_place *place, weir_str written, weir_str why) {
  weir_str shown = { written.ptr, weir_utf8_valid(written) };
  const char *end = memchr(shown.ptr, '\0', shown.len);
  if (end) shown.len = (size_t)(end - shown.ptr);
  shown.len = weir_utf8_cut(shown, WEIR_TAG_MAX);
  weir_load_error(load, place, "`include`: \"%.*s%s\" %.*s", WEIR_FMT(shown), shown.len < written.len ? "..." : "", WEIR_FMT(why));
}

/* The entry of the file that is written at 1; WEIR_NO_INDEX: why not was told. */
static uint32_t find(lua_State *L, struct weir_collect *c) {
  struct weir_place place = here(L, c);
  char text[WEIR_LOAD_NAME_MAX];
  weir_str written;
  struct weir_buf why;
  uint32_t index;
  if (lua_type(L, 1) != LUA_TSTRING) {
    weir_load_error(c->load, &place, "`include` takes the path of a file in quotes: include \"../" WEIR_LOAD_WORDS_FILE "\"");
    return WEIR_NO_INDEX;
  }
  written.ptr = lua_tolstring(L, 1, &written.len);
  weir_sandbox_charge(L, WEIR_INCLUDE_STEPS);
  weir_buf_init(&why, text, sizeof(text));
  if (weir_load_shared(c->load, c->file, written, &index, &why) != WEIR_OK) luaL_error(L, "not enough memory");
  if (index == WEIR_NO_INDEX)
    tell_not_found(c->load, &place, written, weir_buf_view(&why));
  return index;
}

/* include "path". Upvalues: collector, what was included by its entry. */
static int include(lua_State *L) {
  struct weir_collect *c = lua_touserdata(L, lua_upvalueindex(1));
  struct weir_load *load = c->load;
  uint32_t mended[WEIR_SYNTAX_ERRORS_MAX], mended_cnt = load->mended_cnt;
  lua_settop(L, 1);
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  uint32_t index = find(L, c);
  if (index == WEIR_NO_INDEX) return give_nothing(L, c);
  if (lua_rawgeti(L, lua_upvalueindex(2), index) != LUA_TNIL) return 1;
  if (load->files[index].bad) return give_nothing(L, c);
  weir_sandbox_charge(L, load->files[index].raw.len / WEIR_SCRIPT_BYTES_STEP);
  memcpy(mended, load->mended, sizeof(mended)); /* of the file that includes it */
  bool good = run(L, c, collector_of(L, c, index), 1);
  memcpy(load->mended, mended, sizeof(mended));
  load->mended_cnt = mended_cnt;
  if (!good) give_nothing(L, c);
  lua_pushvalue(L, -1);
  lua_rawseti(L, lua_upvalueindex(2), index);
  return 1;
}

void weir_collect_push_include(lua_State *L, struct weir_collect *c) {
  lua_pushlightuserdata(L, c);
  lua_newtable(L);
  lua_pushcclosure(L, include, 2);
}
