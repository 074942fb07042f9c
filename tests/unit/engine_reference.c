/* engine_reference.c: what tools/reference_doc.c makes of the words: Lua reads the definitions, every word is in them, and the types
 * are those of the rules that there are. */
#define main reference_doc_main
int reference_doc_main(int argc, char **argv);
#include "../../tools/reference_doc.c"
#undef main

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glob.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

static char *printed(void (*print)(FILE *out)) {
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  assert_non_null(out);
  print(out);
  assert_int_equal(fclose(out), 0);
  return text;
}

static void lua_reads_the_definitions(void **state) {
  (void)state;
  char *text = printed(print_meta);
  lua_State *L = luaL_newstate();
  assert_non_null(L);
  if (luaL_dostring(L, text) != LUA_OK) fail_msg("%s", lua_tostring(L, -1));
  for (int i = 0; i < SECTIONS; i++) {
    weir_word_info word;
    for (size_t k = 0; sections[i].sort == WEIR_WORD_DECLARATION && weir_word(sections[i].sort, k, &word); k++)
      assert_int_not_equal(lua_getglobal(L, word.name.ptr), LUA_TNIL);
  }
  lua_close(L);
  free(text);
}

static void has(const char *text, const char *before, weir_str name, const char *after) {
  char line[200];
  snprintf(line, sizeof line, "%s%.*s%s", before, (int)name.len, name.ptr, after);
  if (!strstr(text, line)) fail_msg("not there: %s", line);
}

static void every_word_is_there(void **state) {
  (void)state;
  char *meta = printed(print_meta), *reference = printed(print_reference);
  size_t cnt = 0;
  for (int sort = WEIR_WORD_GATE; sort <= WEIR_WORD_HANDLER; sort++) {
    weir_word_info word;
    for (size_t i = 0; weir_word((weir_word_sort)sort, i, &word); i++, cnt++) {
      has(reference, "| `", word.name, "` | ");
      if (sort == WEIR_WORD_EVENT) has(meta, "---| \"", word.name, "\" # ");
      else if (sort == WEIR_WORD_DECLARATION) has(meta, strcmp(word.name.ptr, "words") == 0 ? "\n" : "\nfunction ", word.name, "");
      else if (sort == WEIR_WORD_HANDLER) has(meta, "---@field ", word.name, " ");
      else has(meta, "---@field ", word.name, "? ");
      if (sort == WEIR_WORD_ACTION) has(meta, "function handler:", word.name, "(what) end");
    }
  }
  assert_true(cnt > 100);
  assert_null(strstr(meta, "? any "));
  free(meta);
  free(reference);
}

/* The declarations of rule files, as functions that look at the types of what they are given. */
static const char checker[] =
  "local allowed, wrong, seen = ...\n"
  "local function look(what, body)\n"
  "  for key, value in pairs(body) do\n"
  "    local types = allowed[what][key]\n"
  "    if type(key) == 'string' then\n"
  "      seen[1] = seen[1] + 1\n"
  "      if not types then wrong(what .. '.' .. key .. ' is not in the definitions')\n"
  "      elseif not ('|' .. types .. '|'):find('|' .. type(value) .. '|', 1, true) then\n"
  "        wrong(what .. '.' .. key .. ' takes ' .. types .. ', and is given a ' .. type(value))\n"
  "      end\n"
  "    end\n"
  "  end\n"
  "end\n"
  "for what in pairs(allowed) do\n"
  "  _G[what] = function(name)\n"
  "    if type(name) == 'table' then return look(what, name) end\n"
  "    return function(body) look(what, body) end\n"
  "  end\n"
  "end\n"
  "words = {}\n";

static int wrong(lua_State *L) {
  fail_msg("%s", luaL_checkstring(L, 1));
  return 0;
}

static void push_types(lua_State *L, weir_word_sort sort) {
  weir_word_info word;
  for (size_t i = 0; weir_word(sort, i, &word); i++) {
    char *type = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&type, &len);
    assert_non_null(out);
    print_type(word.takes, out);
    assert_int_equal(fclose(out), 0);
    lua_pushlstring(L, word.name.ptr, word.name.len);
    lua_pushstring(L, type);
    lua_settable(L, -3);
    free(type);
  }
}

static void push_abilities(lua_State *L) {
  weir_word_info word;
  for (size_t i = 0; weir_word(WEIR_WORD_ACTION, i, &word); i++) {
    lua_pushlstring(L, word.name.ptr, word.name.len);
    lua_pushliteral(L, "string");
    lua_settable(L, -3);
  }
}

static void push_allowed(lua_State *L) {
  static const struct {
    const char *name;
    weir_word_sort sort;
  } bodies[] = { { "rule", WEIR_WORD_RULE },       { "pack", WEIR_WORD_PACK },     { "account", WEIR_WORD_ACCOUNT },
                 { "channel", WEIR_WORD_CHANNEL }, { "funnel", WEIR_WORD_FUNNEL }, { "pool", WEIR_WORD_POOL },
                 { "coupon", WEIR_WORD_COUPON },   { "segment", WEIR_WORD_SEGMENT } };
  lua_newtable(L);
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
    lua_newtable(L);
    push_types(L, bodies[i].sort);
    if (bodies[i].sort == WEIR_WORD_RULE) push_types(L, WEIR_WORD_GATE), push_types(L, WEIR_WORD_ACTION);
    if (bodies[i].sort == WEIR_WORD_ACCOUNT || bodies[i].sort == WEIR_WORD_CHANNEL) push_abilities(L);
    lua_setfield(L, -2, bodies[i].name);
  }
}

static void types_are_those_of_rules(void **state) {
  (void)state;
  static const char *const places[] = { "rules/*/*.lua", "lua/channels.lua", "rules/*.lua" };
  glob_t files = { 0 };
  lua_State *L = luaL_newstate();
  assert_non_null(L);
  luaL_openlibs(L);
  assert_int_equal(luaL_loadstring(L, checker), LUA_OK);
  push_allowed(L);
  lua_pushcfunction(L, wrong);
  lua_newtable(L);
  lua_pushinteger(L, 0);
  lua_rawseti(L, -2, 1);
  lua_pushvalue(L, -1);
  lua_setglobal(L, "seen");
  lua_call(L, 3, 0);
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) glob(places[i], i ? GLOB_APPEND : 0, NULL, &files);
  for (size_t i = 0; i < files.gl_pathc; i++)
    if (luaL_dofile(L, files.gl_pathv[i]) != LUA_OK) fail_msg("%s", lua_tostring(L, -1));
  globfree(&files);
  assert_int_equal(luaL_dostring(L, "return seen[1]"), LUA_OK);
  assert_true(lua_tointeger(L, -1) > 100);
  lua_close(L);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(lua_reads_the_definitions), cmocka_unit_test(every_word_is_there), cmocka_unit_test(types_are_those_of_rules) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
