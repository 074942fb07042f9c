/* object.c: `e`, what a handler sees of the event, and the verbs it calls on it. `e` is a fresh table for every run; its
 * fields are made when they are first asked for, most handlers ask for few. A verb does nothing but write down that it was
 * called, and with what. */
#include "script/object.h"

static const char object_key; /* its address names an entry of the registry */

/* A text without NUL bytes (chunk.c says why there are none in the sandbox). */
static void push_text(lua_State *L, weir_str s) {
  struct weir_buf buf;
  const char *nul;
  if (s.len == 0 || !memchr(s.ptr, '\0', s.len)) {
    lua_pushlstring(L, s.len ? s.ptr : "", s.len);
    return;
  }
  weir_buf_init(&buf, weir_sandbox_of(L)->scratch, WEIR_SCRIPT_STRING_MAX);
  while (s.len > 0 && !buf.full) {
    nul = memchr(s.ptr, '\0', s.len);
    weir_buf_add(&buf, s.ptr, nul ? (size_t)(nul - s.ptr) : s.len);
    if (!nul) break;
    s.len -= (size_t)(nul - s.ptr) + 1;
    s.ptr = nul + 1;
  }
  lua_pushlstring(L, buf.ptr, buf.len);
}

/* What is absent is nil, so that `e.person.name or "you"` reads well. */
static void push_optional(lua_State *L, weir_str s) {
  if (s.len == 0) lua_pushnil(L);
  else push_text(L, s);
}

/* t[key] = the value at the top, which is popped; `t` stands below it. */
static void set_member(lua_State *L, weir_str key) {
  push_text(L, key);
  lua_insert(L, -2);
  lua_rawset(L, -3);
}

/* ---- Fields */

static void push_kind(lua_State *L, const struct weir_script_event *event) {
  push_text(L, event->event->type.len ? event->event->type : weir_event_kind_name(event->kind));
}

static void push_text_field(lua_State *L, const struct weir_script_event *event) { push_text(L, event->text); }
static void push_account(lua_State *L, const struct weir_script_event *event) { push_text(L, event->event->account); }
static void push_channel(lua_State *L, const struct weir_script_event *event) { push_text(L, event->event->channel); }
static void push_post(lua_State *L, const struct weir_script_event *event) { push_optional(L, event->event->post); }
static void push_rule(lua_State *L, const struct weir_script_event *event) { push_text(L, event->rule); }
static void push_time(lua_State *L, const struct weir_script_event *event) { lua_pushinteger(L, event->event->time_ms); }
static void push_now(lua_State *L, const struct weir_script_event *event) { lua_pushinteger(L, event->now_ms); }

static void push_match(lua_State *L, const struct weir_script_event *event) {
  uint32_t cnt = event->group_cnt;
  lua_createtable(L, cnt > 1 ? (int)cnt - 1 : 0, cnt > 0 ? 1 : 0);
  for (uint32_t i = 0; i < cnt; i++) {
    push_text(L, event->groups[i]);
    lua_rawseti(L, -2, i);
  }
}

static void push_contact(lua_State *L, const struct weir_script_event *event) {
  lua_createtable(L, 0, 2);
  push_text(L, event->event->contact_id);
  set_member(L, WEIR_STR("id"));
  push_optional(L, event->event->contact_name);
  set_member(L, WEIR_STR("name"));
}

static void push_tags(lua_State *L, const struct weir_person *person) {
  lua_createtable(L, 0, (int)person->tag_cnt);
  for (uint32_t i = 0; i < person->tag_cnt; i++) {
    lua_pushboolean(L, true);
    set_member(L, person->tags[i]);
  }
}

static void push_fields(lua_State *L, const struct weir_person *person) {
  lua_createtable(L, 0, (int)person->field_cnt);
  for (uint32_t i = 0; i < person->field_cnt; i++) {
    push_text(L, person->fields[i].value);
    set_member(L, person->fields[i].key);
  }
}

/* Funnels of the rule's own pack go by their short names. */
static void push_stages(lua_State *L, const struct weir_person *person, weir_str pack) {
  lua_createtable(L, 0, (int)person->stage_cnt);
  for (uint32_t i = 0; i < person->stage_cnt; i++) {
    weir_str funnel = person->stages[i].funnel;
    if (pack.len > 0 && weir_str_starts(funnel, pack) && funnel.len > pack.len && funnel.ptr[pack.len] == '/')
      funnel = (weir_str){ funnel.ptr + pack.len + 1, funnel.len - pack.len - 1 };
    push_text(L, person->stages[i].stage);
    set_member(L, funnel);
  }
}

static void push_person(lua_State *L, const struct weir_script_event *event) {
  static const struct weir_person nobody;
  const struct weir_person *person = event->person ? event->person : &nobody;
  lua_createtable(L, 0, 5);
  lua_pushboolean(L, person->id != 0);
  set_member(L, WEIR_STR("known"));
  push_optional(L, person->name);
  set_member(L, WEIR_STR("name"));
  push_tags(L, person);
  set_member(L, WEIR_STR("tags"));
  push_fields(L, person);
  set_member(L, WEIR_STR("fields"));
  push_stages(L, person, weir_str_of(event->pack));
  set_member(L, WEIR_STR("stages"));
}

static const struct field {
  const char *name;
  void (*push)(lua_State *L, const struct weir_script_event *event);
  const char *is, *says;
} fields[] = {
  { "text", push_text_field, "a text", "What was written." },
  { "match", push_match, "a list of texts", "What the pattern found: [0] all of it, [1] its first group." },
  { "person", push_person, "{ known, name, tags, fields, stages }", "Who he is to us: tags and fields by name, stages by funnel." },
  { "contact", push_contact, "{ id, name }", "Who he is on this account." },
  { "account", push_account, "a text", "The account that the event reached." },
  { "channel", push_channel, "a text", "The platform that it came from." },
  { "time", push_time, "a number", "When it happened, in milliseconds since 1970." },
  { "now", push_now, "a number", "The time of the decision, likewise." },
  { "post", push_post, "a text, or nil", "The post that it belongs to." },
  { "kind", push_kind, "a text", "The type of the event." },
  { "rule", push_rule, "a text", "The rule that runs." },
};

bool weir_script_field(size_t index, const char **name, const char **is, const char **says) {
  if (index >= sizeof fields / sizeof *fields) return false;
  *name = fields[index].name;
  *is = fields[index].is;
  *says = fields[index].says;
  return true;
}

/* ---- e.name and e:name() */

/* __index. Upvalues: the script, the table of verbs. What is made stays in `e`. */
static int object_index(lua_State *L) {
  struct weir_script *script = lua_touserdata(L, lua_upvalueindex(1));
  const char *name;
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) return 1;
  name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    if (strcmp(fields[i].name, name) != 0) continue;
    script->box->hosting = true;
    fields[i].push(L, script->event);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    script->box->hosting = false;
    return 1;
  }
  lua_pushnil(L);
  return 1;
}

static bool is_object(lua_State *L, int index) {
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return false;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &object_key);
  return lua_rawequal(L, -1, -2);
}

/* Upvalues: the script, the verb's index. */
static int object_verb(lua_State *L) {
  struct weir_script *script = lua_touserdata(L, lua_upvalueindex(1));
  const weir_str *verb = &script->verbs[lua_tointeger(L, lua_upvalueindex(2))];
  struct weir_value_copier copier = { script->arena, NULL, NULL, script->used_max };
  struct weir_call *call;
  int args = lua_gettop(L) - 1;
  char name[WEIR_TAG_MAX + 1];
  size_t len = verb->len < WEIR_TAG_MAX ? verb->len : WEIR_TAG_MAX;
  memcpy(name, verb->ptr, len);
  name[len] = '\0';
  if (!is_object(L, 1)) return luaL_error(L, "write e:%s(...) with a colon", name);
  if (args > 2) return luaL_error(L, "e:%s takes at most two values", name);
  if (script->call_cnt == WEIR_SCRIPT_CALLS_MAX)
    return luaL_error(L, "more than %d actions in one handler", WEIR_SCRIPT_CALLS_MAX);
  weir_sandbox_charge(L, 2);
  call = &script->calls[script->call_cnt];
  *call = (struct weir_call){ .verb = *verb, .arg_cnt = (uint32_t)(args > 0 ? args : 0) };
  for (int i = 0; i < args; i++) weir_sandbox_copy(L, i + 2, &copier, &call->args[i]);
  script->call_cnt++;
  return 0;
}

void weir_object_open(lua_State *L, struct weir_script *script) {
  luaL_checkstack(L, 8, NULL);
  lua_createtable(L, 0, 1);
  lua_pushlightuserdata(L, script);
  lua_createtable(L, 0, (int)script->verb_cnt);
  for (uint32_t i = 0; i < script->verb_cnt; i++) {
    lua_pushlightuserdata(L, script);
    lua_pushinteger(L, i);
    lua_pushcclosure(L, object_verb, 2);
    set_member(L, script->verbs[i]);
  }
  lua_pushcclosure(L, object_index, 2);
  lua_setfield(L, -2, "__index");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &object_key);
}

void weir_object_push(lua_State *L) {
  lua_createtable(L, 0, 4);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &object_key);
  lua_setmetatable(L, -2);
}
