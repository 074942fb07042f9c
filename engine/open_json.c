/* open_json.c: an engine from a configuration in JSON, with the rules and the key that it names. For hosts in languages where a C struct
 * has to be copied by hand: what weir_config and weir_load_config hold stands in one table here, by the names they have there. */
#define _DEFAULT_SOURCE 1 /* explicit_bzero */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "engine.h"

/* What the text says, in the form that opening takes. */
struct settings {
  weir_config config;
  weir_load_config load;
  const char *rules, *key_file;
  weir_str key; /* a JWK, as it stands in the text */
};

enum form { FORM_PATH, FORM_TEXT, FORM_SIZE, FORM_UINT64, FORM_UINT32, FORM_FLAG, FORM_OBJECT };

static const struct member {
  weir_str name;
  enum form form;
  size_t offset; /* in struct settings */
} members[] = {
#define MEMBER(name, form, place) { { name, sizeof(name) - 1 }, form, offsetof(struct settings, place) }
  MEMBER("rules", FORM_PATH, rules),
  MEMBER("state", FORM_PATH, config.state),
  MEMBER("key", FORM_OBJECT, key),
  MEMBER("key_file", FORM_PATH, key_file),
  MEMBER("issuer", FORM_TEXT, config.issuer),
  MEMBER("chain", FORM_TEXT, config.chain),
  MEMBER("state_memory", FORM_SIZE, config.state_memory),
  MEMBER("state_bytes", FORM_UINT64, config.state_bytes),
  MEMBER("group_max", FORM_UINT32, config.group_max),
  MEMBER("record_ttl_s", FORM_UINT32, config.record_ttl_s),
  MEMBER("batch", FORM_FLAG, config.batch),
  MEMBER("dry", FORM_FLAG, config.dry),
  MEMBER("trace", FORM_FLAG, config.trace),
  MEMBER("new_chain", FORM_FLAG, config.new_chain),
  MEMBER("memory_limit", FORM_SIZE, load.memory_limit),
  MEMBER("zoneinfo", FORM_PATH, load.zoneinfo),
  MEMBER("jit", FORM_FLAG, load.jit),
#undef MEMBER
};
#define MEMBER_CNT (sizeof members / sizeof *members)

static weir_status unknown_member(weir_str key, weir_error *err) {
  weir_str names[MEMBER_CNT];
  for (size_t i = 0; i < MEMBER_CNT; i++) names[i] = members[i].name;
  weir_str near = weir_nearest(key, names, MEMBER_CNT);
  if (near.len) return weir_fail(err, WEIR_E_ARG, "a configuration has no \"%.*s\"; did you mean \"%.*s\"?", WEIR_FMT(key), WEIR_FMT(near));
  return weir_fail(err, WEIR_E_ARG, "a configuration has no \"%.*s\"; it has rules, state, key and others: see weir_engine_open_json in weir.h", WEIR_FMT(key));
}

static weir_status wrong(const struct member *m, const char *expected, weir_error *err) {
  return weir_fail(err, WEIR_E_ARG, "\"%.*s\" must be %s", WEIR_FMT(m->name), expected);
}

static weir_status read_number(const struct member *m, const struct weir_json *node, void *place, weir_error *err) {
  int64_t value = 0;
  if (node->kind != WEIR_JSON_NUMBER || !weir_json_int64(node, &value) || value < 0) return wrong(m, "a whole number from 0 up", err);
  if (m->form == FORM_UINT32 && value > UINT32_MAX) return wrong(m, "at most 4294967295", err);
  if (m->form == FORM_SIZE && (uint64_t)value > SIZE_MAX) return wrong(m, "a size that this machine has", err);
  if (m->form == FORM_UINT32) *(uint32_t *)place = (uint32_t)value;
  else if (m->form == FORM_SIZE) *(size_t *)place = (size_t)value;
  else *(uint64_t *)place = (uint64_t)value;
  return WEIR_OK;
}

static weir_status read_text(const struct member *m, const struct weir_json *node, struct weir_arena *arena, void *place, weir_error *err) {
  weir_str text;
  if (node->kind != WEIR_JSON_STRING) return wrong(m, "a string", err);
  if (m->form == FORM_TEXT) {
    *(weir_str *)place = node->str;
    return WEIR_OK;
  }
  if (!node->str.len || memchr(node->str.ptr, '\0', node->str.len)) return wrong(m, "a path: not empty, and without NUL", err);
  if (!weir_arena_str(arena, node->str, &text)) return weir_fail(err, WEIR_E_NOMEM, "no memory for the configuration");
  *(const char **)place = text.ptr;
  return WEIR_OK;
}

/* The text of an object that was read without complaint: up to the bracket that closes it. */
static weir_str span_of(weir_str text, const struct weir_json *node) {
  const char *from = text.ptr + node->offset;
  size_t len = 0, depth = 0;
  bool quoted = false;
  do {
    char c = from[len++];
    if (quoted && c == '\\') len++;
    else if (c == '"') quoted = !quoted;
    else if (!quoted && (c == '{' || c == '[')) depth++;
    else if (!quoted && (c == '}' || c == ']')) depth--;
  } while (depth);
  return (weir_str){ from, len };
}

static weir_status read_member(const struct member *m, weir_str text, const struct weir_json *node, struct weir_arena *arena, struct settings *out,
                               weir_error *err) {
  void *place = (char *)out + m->offset;
  if (node->kind == WEIR_JSON_NULL) return WEIR_OK; /* hosts write null for "none" */
  switch (m->form) {
    case FORM_PATH:
    case FORM_TEXT: return read_text(m, node, arena, place, err);
    case FORM_SIZE:
    case FORM_UINT64:
    case FORM_UINT32: return read_number(m, node, place, err);
    case FORM_FLAG:
      if (node->kind != WEIR_JSON_TRUE && node->kind != WEIR_JSON_FALSE) return wrong(m, "true or false", err);
      *(bool *)place = node->kind == WEIR_JSON_TRUE;
      return WEIR_OK;
    case FORM_OBJECT:
      if (node->kind != WEIR_JSON_OBJECT) return wrong(m, "an object: a private JWK, such as `weir key new` writes (its file's name goes into \"key_file\")", err);
      *(weir_str *)place = span_of(text, node);
      return WEIR_OK;
  }
  return weir_fail(err, WEIR_E_INTERNAL, "no such form of a member");
}

static weir_status read_settings(weir_str text, struct weir_arena *arena, struct settings *out, weir_error *err) {
  size_t cnt = 0;
  *out = (struct settings){ .config.struct_size = sizeof out->config, .load.struct_size = sizeof out->load };
  struct weir_json *nodes = weir_arena_array(arena, WEIR_CONFIG_NODES_MAX, sizeof *nodes);
  if (!nodes) return weir_fail(err, WEIR_E_NOMEM, "no memory for the configuration");
  weir_status st = weir_json_read(text, nodes, WEIR_CONFIG_NODES_MAX, arena, &cnt, err);
  if (st) return st;
  if (nodes[0].kind != WEIR_JSON_OBJECT) return weir_fail(err, WEIR_E_ARG, "a configuration is a JSON object, such as {\"rules\":\"rules\",\"key_file\":\"weir-key.json\"}");
  if (weir_json_has_duplicates(nodes, 0)) return weir_fail(err, WEIR_E_ARG, "a member stands in the configuration twice");
  for (uint32_t i = 0, at = 1; i < nodes[0].cnt; i++, at = nodes[at + 1].next) {
    size_t m = 0;
    while (m < MEMBER_CNT && !weir_str_eq(members[m].name, nodes[at].str)) m++;
    if (m == MEMBER_CNT) return unknown_member(nodes[at].str, err);
    st = read_member(&members[m], text, &nodes[at + 1], arena, out, err);
    if (st) return st;
  }
  if (!out->rules) return weir_fail(err, WEIR_E_ARG, "the configuration has no \"rules\": the path of a rule file, a pack or a folder of packs");
  if (out->key.ptr && out->key_file) return weir_fail(err, WEIR_E_ARG, "the configuration has both \"key\" and \"key_file\"; one of them names the key");
  if (!out->key.ptr && !out->key_file && !out->config.dry) {
    return weir_fail(err, WEIR_E_KEY, "the configuration has no key: \"key_file\" names one that `weir key new` made, \"key\" is such a JWK");
  }
  return WEIR_OK;
}

/* A key file is a regular file of ours that nobody else can read, as for the command. */
static const char *not_private(int fd) {
  struct stat s;
  if (fstat(fd, &s) != 0) return "it cannot be looked at";
  if (!S_ISREG(s.st_mode)) return "it is not a regular file";
  if (s.st_uid != geteuid()) return "it belongs to somebody else";
  if (s.st_mode & (S_IRWXG | S_IRWXO)) return "others can read it (chmod 600 it, and think about who has seen it)";
  return NULL;
}

/* At most `cap` bytes of a file; a longer one fills them. */
static bool read_fd(int fd, char *out, size_t cap, size_t *len) {
  ssize_t got = 1;
  *len = 0;
  while (got && *len < cap) {
    got = read(fd, out + *len, cap - *len);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    *len += (size_t)got;
  }
  return true;
}

static weir_status load_key_file(weir_key **out, const char *path, struct weir_arena *arena, weir_error *err) {
  size_t len = 0;
  char *json = weir_arena_bytes(arena, WEIR_JWK_BYTES_MAX + 1);
  if (!json) return weir_fail(err, WEIR_E_NOMEM, "no memory for reading a key");
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return weir_fail(err, WEIR_E_IO, "the key file %s cannot be opened%s", path, errno == ENOENT ? ": there is none" : "");
  const char *why = not_private(fd);
  bool good = !why && read_fd(fd, json, WEIR_JWK_BYTES_MAX + 1, &len);
  close(fd);
  if (why) return weir_fail(err, WEIR_E_KEY, "the key file %s cannot be used: %s", path, why);
  if (!good) return weir_fail(err, WEIR_E_IO, "the key file %s cannot be read", path);
  return weir_key_parse(out, (weir_str){ json, len }, err);
}

static weir_status open_with(weir_engine **out, struct settings *settings, struct weir_arena *arena, weir_error *err) {
  weir_ruleset *ruleset = NULL;
  weir_key *key = NULL;
  weir_status st = weir_ruleset_load(&ruleset, settings->rules, &settings->load, err);
  if (!st && settings->key_file) st = load_key_file(&key, settings->key_file, arena, err);
  if (!st && settings->key.ptr) st = weir_key_parse(&key, settings->key, err);
  settings->config.ruleset = ruleset;
  settings->config.key = key;
  if (!st) st = weir_engine_open(out, &settings->config, err);
  if (st) {
    weir_key_free(key);
    weir_ruleset_free(ruleset);
    return st;
  }
  (*out)->own_ruleset = ruleset;
  (*out)->own_key = key;
  return WEIR_OK;
}

weir_status weir_engine_open_json(weir_engine **out, weir_str json, weir_error *err) {
  struct weir_arena arena;
  struct settings settings;
  if (!out) return weir_fail(err, WEIR_E_ARG, "weir_engine_open_json needs a place for the engine");
  *out = NULL;
  if (!json.ptr || !json.len) return weir_fail(err, WEIR_E_ARG, "weir_engine_open_json needs a configuration, a JSON object");
  if (json.len > WEIR_CONFIG_JSON_MAX) return weir_fail(err, WEIR_E_LIMIT, "the configuration has %zu bytes; at most %d are allowed", json.len, WEIR_CONFIG_JSON_MAX);
  /* values; strings with escapes decoded, paths once more with a NUL; the key file's text */
  const size_t len = WEIR_CONFIG_NODES_MAX * sizeof(struct weir_json) + 2 * json.len + 2 * MEMBER_CNT * 16 + WEIR_JWK_BYTES_MAX + 16;
  void *block = malloc(len);
  if (!block) return weir_fail(err, WEIR_E_NOMEM, "no memory for the configuration");
  weir_arena_fixed(&arena, block, len);
  weir_status st = read_settings(json, &arena, &settings, err);
  if (!st) st = open_with(out, &settings, &arena, err);
  explicit_bzero(block, len); /* a key may have been in it */
  free(block);
  return st;
}
