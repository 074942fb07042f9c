/* collect.c: runs every rule file once, in a Lua sandbox of its own, and collects what it declares as values in the
 * working memory. With script/ the only code that includes lua.h. Rule files are run as hostile: whatever they do costs
 * at most the budgets of limits.h, and an error in one declaration does not hide the next.
 *
 * A file gets a block of memory of the size that files of its length need. When it does not suffice the file is run again
 * from its beginning with a larger one, and what the first run declared is forgotten. */
#include "load/collect.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#include "limits.h"
#include "load/load.h"
#include "script/sandbox.h"
#include "text/utf8.h"
#include "vocabulary.h"

/* What a run must take back when it is started again. */
struct checkpoint {
  struct weir_decl_list decls[WEIR_DECL_KINDS];
  struct weir_note *last_note;
  uint32_t note_cnt, error_cnt, chunk_cnt;
};

static struct checkpoint remember(const struct weir_load *load) {
  struct checkpoint c = { .last_note = load->last_note, .note_cnt = load->note_cnt, .error_cnt = load->error_cnt,
                          .chunk_cnt = load->chunk_cnt };
  memcpy(c.decls, load->decls, sizeof(c.decls));
  return c;
}

static void go_back(struct weir_load *load, const struct checkpoint *c) {
  memcpy(load->decls, c->decls, sizeof(c->decls));
  for (int i = 0; i < WEIR_DECL_KINDS; i++)
    if (load->decls[i].last) load->decls[i].last->next = NULL;
  load->last_note = c->last_note;
  if (load->last_note) load->last_note->next = NULL;
  else load->notes = NULL;
  load->note_cnt = c->note_cnt;
  load->error_cnt = c->error_cnt;
  load->chunk_cnt = c->chunk_cnt;
}

/* ---- Declarations */

static struct weir_collect *self(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

/* Raises: for what ends loading, which only memory does here. */
static int give_up(lua_State *L, struct weir_load *load) {
  weir_load_no_memory(load);
  return luaL_error(L, "not enough memory");
}

uint32_t weir_collect_line(lua_State *L, const struct weir_collect *c) {
  lua_Debug ar;
  for (int level = 0; lua_getstack(L, level, &ar); level++)
    if (lua_getinfo(L, "Sl", &ar) && strcmp(ar.source, c->chunkname) == 0 && ar.currentline > 0) return (uint32_t)ar.currentline;
  return 0;
}

static struct weir_place here(lua_State *L, const struct weir_collect *c) {
  struct weir_place place = { .file = c->file, .line = weir_collect_line(L, c) };
  return place;
}

/* complain(word, message) */
static int complain(lua_State *L) {
  struct weir_collect *c = self(L);
  struct weir_place place = here(L, c);
  place.column = weir_collect_column(c, place.line, weir_str_of(luaL_checkstring(L, 1)));
  weir_load_error(c->load, &place, "%s", luaL_checkstring(L, 2));
  return 0;
}

/* A name that cannot even be shown is cut to what can be. */
static weir_str take_name(lua_State *L, struct weir_collect *c, int index, bool *hurt) {
  struct weir_place place;
  weir_str name;
  size_t valid;
  name.ptr = luaL_checklstring(L, index, &name.len);
  weir_sandbox_charge(L, 1 + name.len / WEIR_SCRIPT_BYTES_STEP);
  valid = weir_utf8_valid(name);
  *hurt = valid < name.len || name.len > WEIR_LOAD_NAME_MAX;
  if (!*hurt) return name;
  place = here(L, c);
  if (valid < name.len) weir_load_error(c->load, &place, "a name is not UTF-8");
  else weir_load_error(c->load, &place, "a name is too long: %zu bytes", name.len);
  return (weir_str){ name.ptr, weir_utf8_cut((weir_str){ name.ptr, valid }, WEIR_LOAD_NAME_MAX) };
}

static struct weir_decl *open_decl(lua_State *L, struct weir_collect *c, enum weir_decl_kind kind, int name_index) {
  struct weir_load *load = c->load;
  struct weir_decl_list *list = &load->decls[kind];
  struct weir_decl *decl = weir_arena_zalloc(&load->work, sizeof(*decl));
  bool hurt;
  weir_str name = take_name(L, c, name_index, &hurt);
  if (!decl || !weir_arena_str(&load->work, name, &decl->name)) {
    give_up(L, load);
    return NULL; /* not reached */
  }
  decl->kind = kind;
  decl->file = c->file;
  decl->line = weir_collect_line(L, c);
  decl->hurt = hurt;
  if (list->last) list->last->next = decl;
  else list->first = decl;
  list->last = decl;
  decl->seq = list->cnt++;
  return decl;
}

static enum weir_decl_kind kind_of(weir_str word) {
  enum weir_decl_kind kind = WEIR_DECL_PACK;
  while (kind < WEIR_DECL_RULE && !weir_str_eq(weir_decl_word(kind), word)) kind++;
  return kind;
}

/* open(kind, name[, alone]): `alone`: it means something without a table too */
static int open_(lua_State *L) {
  struct weir_collect *c = self(L);
  struct weir_decl *decl = open_decl(L, c, kind_of(weir_str_of(luaL_checkstring(L, 1))), 2);
  decl->body.kind = WEIR_VALUE_NIL;
  decl->state = lua_toboolean(L, 3) ? WEIR_DECL_ALONE : WEIR_DECL_OPEN;
  decl->errors_before = c->load->error_cnt;
  lua_pushlightuserdata(L, decl);
  return 1;
}

/* ---- Values */

static uint32_t add_chunk(void *ctx, lua_State *L, int index) {
  struct weir_load *load = ((struct weir_collect *)ctx)->load;
  if (load->chunk_cnt == load->chunk_cap) {
    uint32_t cap = load->chunk_cap ? load->chunk_cap * 2 : 64;
    struct weir_chunk *grown = weir_arena_array(&load->work, cap, sizeof(*grown));
    if (!grown) give_up(L, load);
    if (load->chunk_cnt) memcpy(grown, load->chunks, load->chunk_cnt * sizeof(*grown));
    load->chunks = grown;
    load->chunk_cap = cap;
  }
  weir_sandbox_dump(L, index, &load->work, &load->chunks[load->chunk_cnt]);
  if (load->config->lines) weir_sandbox_keep_lines(L, index, &load->work, &load->chunks[load->chunk_cnt]);
  return load->chunk_cnt++;
}

/* Copies the value at 2; raises what is wrong with it. Index 1: the collector. */
static int copy_value(lua_State *L) {
  struct weir_collect *c = lua_touserdata(L, 1);
  struct weir_value_copier copier = { .arena = &c->load->work, .func = add_chunk, .ctx = c };
  weir_sandbox_copy(L, 2, &copier, &c->copied);
  return 0;
}

/* Tells what the copier found: "reply[2].text: is not UTF-8", at the place of that path where it can be found. */
static void tell_copy(struct weir_load *load, const struct weir_decl *decl, const char *message) {
  weir_str path = { message, strcspn(message, ": ") };
  struct weir_place place;
  if (message[path.len] != ':' || message[path.len + 1] != ' ') { /* what it says of functions has no path */
    place = weir_load_place(load, decl, "run");
    weir_load_error(load, &place, "`run` %s", message);
  } else {
    place = weir_load_place_str(load, decl, path);
    weir_load_error(load, &place, "`%.*s`%s", WEIR_FMT(path), message + path.len);
  }
}

/* Copies the value at `index` as the body of `decl`. An error in it is told and the file goes on; a kill goes on up. */
static void fill_decl(lua_State *L, struct weir_collect *c, struct weir_decl *decl, int index) {
  const char *message;
  int status;
  index = lua_absindex(L, index);
  decl->state = WEIR_DECL_CLOSED;
  decl->hurt = decl->hurt || c->unread || c->load->error_cnt != decl->errors_before;
  lua_pushcfunction(L, copy_value);
  lua_pushlightuserdata(L, c);
  lua_pushvalue(L, index);
  status = lua_pcall(L, 2, 0, 0);
  if (status == LUA_OK) {
    decl->body = c->copied;
    return;
  }
  if (status != LUA_ERRRUN || c->load->fatal.status != WEIR_OK) lua_error(L);
  weir_sandbox_charge(L, 1); /* a kill was passed on as an error: it is raised again here */
  message = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "cannot be read";
  if (strstr(message, "no memory left")) give_up(L, c->load); /* the working memory's end, not the file's fault alone */
  if (!decl->hurt) tell_copy(c->load, decl, message);
  decl->hurt = true;
  lua_pop(L, 1);
}

/* close(number, body) */
static int close_(lua_State *L) {
  struct weir_collect *c = self(L);
  struct weir_decl *decl = lua_touserdata(L, 1);
  if (!decl) return luaL_error(L, "no declaration");
  if (decl->state == WEIR_DECL_CLOSED) {
    struct weir_place place = here(L, c);
    weir_load_error(c->load, &place, "`%s \"%s\"` is given a second table: one is enough", weir_decl_word(decl->kind).ptr,
                    decl->name.ptr);
  } else if (lua_isnil(L, 2)) { /* not a table: that was told */
    decl->state = WEIR_DECL_CLOSED;
    decl->hurt = true;
  } else {
    fill_decl(L, c, decl, 2);
  }
  return 0;
}

/* words.name = value */
static int set_words(lua_State *L) {
  struct weir_collect *c = self(L);
  struct weir_decl *decl;
  if (lua_type(L, 2) != LUA_TSTRING) {
    struct weir_place place = here(L, c);
    weir_load_error(c->load, &place, "a word list needs a name: words.want = { \"want\", \"need\" }");
    return 0;
  }
  if (c->again) return 0;
  decl = open_decl(L, c, WEIR_DECL_WORDS, 2);
  decl->errors_before = c->load->error_cnt;
  fill_decl(L, c, decl, 3);
  return 0;
}

/* words.name, read: "{name}", which is how keywords and patterns name a list, wherever in the pack it is declared */
static int get_words(lua_State *L) {
  lua_pushliteral(L, "{");
  lua_pushstring(L, luaL_checkstring(L, 2));
  lua_pushliteral(L, "}");
  lua_concat(L, 3);
  return 1;
}

static int call_words(lua_State *L) {
  struct weir_collect *c = self(L);
  struct weir_place place = here(L, c);
  weir_load_error(c->load, &place, "`words` is not called: write words.want = { \"want\", \"need\" }");
  weir_collect_push_sponge(L);
  return 1;
}

static void push_method(lua_State *L, struct weir_collect *c, lua_CFunction f) {
  lua_pushlightuserdata(L, c);
  lua_pushcclosure(L, f, 1);
}

void weir_collect_push_words(lua_State *L, struct weir_collect *c) {
  lua_newtable(L);
  lua_newtable(L);
  push_method(L, c, set_words);
  lua_setfield(L, -2, "__newindex");
  push_method(L, c, get_words);
  lua_setfield(L, -2, "__index");
  push_method(L, c, call_words);
  lua_setfield(L, -2, "__call");
  lua_setmetatable(L, -2);
}

/* ---- Running a file */

#define VOCABULARY "vocabulary" /* what Lua calls our own half in its messages */

/* Pushes the table of words that rule files know. */
static void push_vocabulary(lua_State *L, struct weir_collect *c) {
  weir_str source = { (const char *)weir_lua_vocabulary, weir_lua_vocabulary_len };
  weir_sandbox_push_env(L);
  if (weir_sandbox_load(L, source, "=" VOCABULARY) != LUA_OK) lua_error(L);
  push_method(L, c, open_);
  push_method(L, c, close_);
  push_method(L, c, complain);
  lua_call(L, 3, 1);
  weir_collect_push_words(L, c);
  lua_setfield(L, -2, "words");
  weir_collect_push_include(L, c);
  lua_setfield(L, -2, "include");
}

/* "ask.lua:12: message" -> the message; *line is set. Lua shortens long names, so the first number between colons is taken. */
static const char *split_message(const char *message, uint32_t *line) {
  *line = 0;
  for (const char *at = strchr(message, ':'); at; at = strchr(at + 1, ':')) {
    size_t digits = strspn(at + 1, "0123456789");
    if (digits == 0 || digits > 9 || at[digits + 1] != ':' || at[digits + 2] != ' ') continue;
    *line = (uint32_t)strtoul(at + 1, NULL, 10);
    return at + digits + 3;
  }
  return message;
}

/* Tells of a syntax error in what is left of the file; false: the rest cannot be read. */
static bool tell_syntax(lua_State *L, struct weir_collect *c, char *source, size_t len) {
  struct weir_load_damage damage;
  uint32_t line;
  const char *message = split_message(luaL_checkstring(L, -1), &line);
  weir_load_syntax(c->load, c->file, source, len, line, weir_str_of(message), &damage);
  lua_pop(L, 1);
  return damage.mended || weir_load_mend(c->load, c->file, source, len, &damage);
}

/* A file with a syntax error is read without the declaration that it stands in. */
static int load_damaged(lua_State *L, struct weir_collect *c, int vocabulary) {
  weir_str source = c->load->files[c->file].source, copy;
  int status = LUA_ERRSYNTAX;
  c->load->mended_cnt = 0;
  if (!weir_arena_str(&c->load->work, source, &copy)) give_up(L, c->load);
  char *rest = (char *)(uintptr_t)copy.ptr; /* ours, and not told of yet */
  for (int i = 0; status == LUA_ERRSYNTAX; i++) {
    bool enough = i + 1 == WEIR_SYNTAX_ERRORS_MAX || (size_t)(i + 1) * copy.len > WEIR_SYNTAX_REREAD_BYTES;
    if (!tell_syntax(L, c, rest, copy.len) || enough) {
      if (weir_load_not_read(c->load, c->file, copy, 0) != WEIR_OK) give_up(L, c->load);
      return LUA_ERRSYNTAX;
    }
    weir_collect_push_env(L, c, vocabulary);
    status = weir_sandbox_load(L, copy, c->chunkname);
  }
  c->load->files[c->file].plain = copy;
  return status;
}

bool weir_collect_load(lua_State *L, struct weir_collect *c, int vocabulary) {
  int status;
  weir_collect_push_env(L, c, vocabulary);
  status = weir_sandbox_load(L, c->load->files[c->file].source, c->chunkname);
  if (status == LUA_ERRSYNTAX) status = load_damaged(L, c, vocabulary);
  if (status == LUA_ERRSYNTAX) return false;
  if (status != LUA_OK) lua_error(L);
  return true;
}

static int run_file(lua_State *L) {
  struct weir_collect *c = lua_touserdata(L, 1);
  push_vocabulary(L, c);
  if (weir_collect_load(L, c, lua_gettop(L))) lua_call(L, 0, 0);
  return 0;
}

/* Declarations whose table never came. */
static void tell_unfinished(struct weir_load *load, const struct checkpoint *before) {
  for (int kind = 0; kind < WEIR_DECL_KINDS; kind++) {
    struct weir_decl *d = before->decls[kind].last ? before->decls[kind].last->next : load->decls[kind].first;
    for (; d; d = d->next) {
      struct weir_place place;
      if (d->state != WEIR_DECL_OPEN) continue;
      d->state = WEIR_DECL_CLOSED;
      d->hurt = true;
      place = weir_load_place(load, d, "");
      weir_load_error(load, &place, "`%s \"%s\"` has no table: { ... } must stand behind its name", weir_decl_word(d->kind).ptr,
                      d->name.ptr);
    }
  }
}

void weir_collect_tell_error(struct weir_load *load, const struct weir_collect *c, const char *message) {
  struct weir_place place = { .file = c->file };
  const char *text = split_message(message, &place.line);
  const char *hint = strstr(text, "attempt to call a") ? ": is a comma or a `=` missing before a bracket or a text?" : "";
  weir_load_error(load, &place, "%s%s; what follows in this file was not read", text, hint);
  (void)weir_load_not_read(load, c->file, load->files[c->file].source, place.line); /* no memory: load->fatal says so */
}

/* A kill: "work: more than 50000000 steps at ask.lua:2". */
static void tell_kill(struct weir_load *load, uint32_t file, const char *message) {
  struct weir_place place = { .file = file };
  const char *colon = strrchr(message, ':');
  bool own = !strstr(message, " at " VOCABULARY ":"); /* else the line is none of the file's */
  if (own && colon && colon[1] >= '1' && colon[1] <= '9') place.line = (uint32_t)strtoul(colon + 1, NULL, 10);
  if (strncmp(message, "memory", 6) == 0)
    weir_load_error(load, &place, "stopped: running this file takes more memory than a rule file may (%u MiB)",
                    WEIR_LOAD_LUA_BYTES >> 20);
  else
    weir_load_error(load, &place,
                    "stopped: running this file takes more work than a rule file may; is there an endless loop in it?");
}

/* How one run in one block ended. */
enum run_end { RUN_DONE = 0, RUN_TOO_SMALL, RUN_STOPPED };

static enum run_end run_in(struct weir_collect *c, void *block, size_t len, char *message, size_t cap) {
  struct weir_sandbox *box = weir_sandbox_open(block, len);
  uint64_t steps = WEIR_LOAD_LUA_FILE_STEPS + (uint64_t)WEIR_LOAD_LUA_BYTE_STEPS * c->load->files[c->file].source.len;
  if (steps > c->steps_left) steps = c->steps_left;
  struct weir_sandbox_limits limits = { .steps = steps, .event_bytes = len, .churn_bytes = WEIR_LOAD_LUA_CHURN };
  enum weir_sandbox_end end;
  message[0] = '\0';
  if (!box) return RUN_TOO_SMALL;
  weir_sandbox_limits(box, &limits);
  end = weir_sandbox_enter(box, run_file, c, message, cap);
  steps = weir_sandbox_steps(box);
  c->steps_left -= steps < c->steps_left ? steps : c->steps_left;
  if (c->load->fatal.status != WEIR_OK) return RUN_STOPPED;
  if (end == WEIR_SANDBOX_KILLED && strncmp(message, "memory", 6) == 0) return RUN_TOO_SMALL;
  if (end == WEIR_SANDBOX_ERROR && strcmp(message, "not enough memory") == 0) return RUN_TOO_SMALL;
  if (end == WEIR_SANDBOX_KILLED)
    tell_kill(c->load, c->file, message);
  else if (end == WEIR_SANDBOX_ERROR)
    weir_collect_tell_error(c->load, c, message);
  return RUN_DONE;
}

static size_t first_block(size_t source_len) {
  size_t need = source_len * WEIR_LOAD_LUA_PER_BYTE; /* a file's length is bounded: no overflow */
  if (need < WEIR_LOAD_LUA_FIRST) return WEIR_LOAD_LUA_FIRST;
  return need < WEIR_LOAD_LUA_BYTES ? need : WEIR_LOAD_LUA_BYTES;
}

static weir_status collect_file(struct weir_load *load, uint32_t index, uint64_t *steps_left) {
  struct weir_load_file *file = &load->files[index];
  struct weir_collect c = { .load = load, .file = index, .steps_left = *steps_left };
  struct checkpoint before = remember(load);
  size_t len = first_block(file->source.len);
  char message[WEIR_FINDING_MAX];
  enum run_end end;
  char *chunkname = weir_arena_bytes(&load->work, file->name.len + 2);
  if (!chunkname) return weir_load_no_memory(load);
  if (!*steps_left) {
    struct weir_place place = { .file = index };
    weir_load_error(load, &place, "was not read: the files before it used up the work that all files may take");
    return load->fatal.status;
  }
  load->mended_cnt = 0;
  chunkname[0] = '@';
  memcpy(chunkname + 1, file->name.ptr, file->name.len);
  chunkname[file->name.len + 1] = '\0';
  c.chunkname = chunkname;
  for (;;) {
    void *block = malloc(len);
    if (!block) return weir_load_no_memory(load);
    end = run_in(&c, block, len, message, sizeof(message));
    free(block);
    if (end != RUN_TOO_SMALL || len == WEIR_LOAD_LUA_BYTES) break;
    go_back(load, &before);
    len = len < WEIR_LOAD_LUA_BYTES / WEIR_LOAD_LUA_GROWTH ? len * WEIR_LOAD_LUA_GROWTH : WEIR_LOAD_LUA_BYTES;
  }
  *steps_left = c.steps_left;
  if (end == RUN_TOO_SMALL) tell_kill(load, index, strncmp(message, "memory", 6) == 0 ? message : "memory");
  tell_unfinished(load, &before);
  return load->fatal.status;
}

/* What we know of platforms is a rule file, too. It comes first, so that packs can say otherwise; it belongs to no pack, and the
 * ruleset's hash does not see it: it goes with the version. */
static weir_status collect_channels(struct weir_load *load, uint64_t *steps_left) {
  struct weir_load_file *file = &load->files[load->file_cnt];
  weir_str source = { (const char *)weir_lua_channels, weir_lua_channels_len };
  *file = (struct weir_load_file){ .name = WEIR_STR("channels.lua"), .shown = WEIR_STR("lua/channels.lua"), .source = source,
                                    .same = load->file_cnt };
  return collect_file(load, load->file_cnt, steps_left);
}

weir_status weir_load_collect(struct weir_load *load) {
  uint64_t steps_left = WEIR_LOAD_LUA_STEPS;
  for (uint32_t i = 0; i < load->file_cnt; i++) steps_left += (uint64_t)WEIR_LOAD_LUA_BYTE_STEPS * load->files[i].source.len;
  uint64_t own_steps = WEIR_LOAD_LUA_STEPS;
  weir_status status = collect_channels(load, &own_steps);
  for (uint32_t i = 0; status == WEIR_OK && i < load->file_cnt; i++)
    if (load->files[i].source.len) status = collect_file(load, i, &steps_left);
  return status;
}
