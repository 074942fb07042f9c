/* reading.c: reading what a declaration says. The forms (a text, a list of texts, true or false) are those of gates and
 * actions, read by decide/'s functions; here their reports get a place in the file. */
#include <stdio.h>
#include <stdlib.h>

#include "limits.h"
#include "load/load.h"
#include "text/utf8.h"

weir_str weir_decl_word(enum weir_decl_kind kind) {
  static const weir_str words[WEIR_DECL_KINDS] = { { "pack", 4 }, { "account", 7 }, { "words", 5 }, { "funnel", 6 },
                                                   { "pool", 4 }, { "channel", 7 }, { "coupon", 6 }, { "segment", 7 }, { "rule", 4 } };
  return words[kind];
}

/* rule "ask", words.want, pack */
static void say_name(const struct weir_decl *decl, struct weir_buf *out) {
  weir_buf_str(out, weir_decl_word(decl->kind));
  if (decl->kind == WEIR_DECL_WORDS) weir_buf_printf(out, ".%.*s", WEIR_FMT(decl->name));
  else if (decl->kind != WEIR_DECL_PACK) weir_buf_printf(out, " \"%.*s\"", WEIR_FMT(decl->name));
}

/* Where a finding about `key` stands. A message that names a word of a table in backquotes (an unknown key) is about that. */
static struct weir_place place_of(struct weir_reading *reading, weir_str key, const char *message) {
  const char *from = strchr(message, '`'), *to = from ? strchr(from + 1, '`') : NULL;
  char text[WEIR_TAG_MAX * 2];
  struct weir_buf path;
  if (!to || !key.len) return weir_load_place_str(reading->load, reading->decl, key);
  weir_buf_init(&path, text, sizeof(text));
  weir_buf_str(&path, key);
  weir_buf_byte(&path, '.');
  weir_buf_add(&path, from + 1, (size_t)(to - from) - 1);
  /* where only a beginning of the path is in the source, that is the place */
  return weir_load_place_str(reading->load, reading->decl, path.full ? key : weir_buf_view(&path));
}

static void report(void *ctx, weir_str key, const char *message) {
  struct weir_reading *reading = ctx;
  struct weir_place place = place_of(reading, key, message);
  char whose[WEIR_LOAD_NAME_MAX + 32];
  struct weir_buf buf;
  weir_buf_init(&buf, whose, sizeof(whose));
  if (reading->decl->kind != WEIR_DECL_RULE) { /* the name of a rule is in the note anyway */
    say_name(reading->decl, &buf);
    weir_buf_text(&buf, ": ");
  }
  if (key.len)
    weir_load_error(reading->load, &place, "%.*s`%.*s`: %s", WEIR_FMT(weir_buf_view(&buf)), WEIR_FMT(key), message);
  else
    weir_load_error(reading->load, &place, "%.*s%s", WEIR_FMT(weir_buf_view(&buf)), message);
}

void weir_reading_begin(struct weir_reading *reading, struct weir_load *load, const struct weir_decl *decl,
                        struct weir_arena *arena) {
  *reading = (struct weir_reading){ .load = load, .decl = decl };
  reading->parse.arena = arena;
  reading->parse.ruleset = load->ruleset;
  reading->parse.pack = &load->pack_infos[load->files[decl->file].pack];
  reading->parse.report = report;
  reading->parse.ctx = reading;
  reading->parse.key = WEIR_STR("");
}

weir_status weir_reading_end(struct weir_reading *reading, weir_status status) {
  if (reading->parse.no_memory || status == WEIR_E_NOMEM) return weir_load_no_memory(reading->load);
  return reading->load->fatal.status;
}

void weir_reading_bad(struct weir_reading *reading, const char *path, const char *format, ...) {
  char message[sizeof(reading->load->fatal.message)];
  va_list args;
  int len;
  va_start(args, format);
  len = vsnprintf(message, sizeof(message), format, args);
  va_end(args);
  message[len < 0 ? 0 : weir_utf8_valid(weir_str_of(message))] = '\0'; /* a cut may have fallen into a character */
  report(reading, weir_str_of(path), message);
}

const struct weir_value *weir_reading_key(struct weir_reading *reading, const char *key) {
  reading->parse.key = weir_str_of(key);
  return weir_value_get(&reading->decl->body, key);
}

/* ---- Keys */


/* The next key of the table that the scan is in; functions and inner tables are passed over. false: the table ends. */
static bool next_key(struct weir_scan *scan, struct weir_token *key, int *depth) {
  static const char *const openers[] = { "{", "(", "[", "function", "if", "do", "repeat" };
  static const char *const closers[] = { "}", ")", "]", "end", "until" };
  struct weir_token token, before = { 0 };
  for (;;) {
    struct weir_scan ahead;
    weir_scan_next(scan, &token);
    if (token.kind == WEIR_TOKEN_END || token.kind == WEIR_TOKEN_OPEN) return false;
    ahead = *scan;
    weir_scan_next(&ahead, key);
    bool is_key = *depth == 0 && token.kind == WEIR_TOKEN_NAME && weir_token_is(key, "=") &&
                  (!before.text.len || weir_token_is(&before, ",") || weir_token_is(&before, ";"));
    before = token;
    *key = token;
    if (is_key) return true;
    for (size_t i = 0; token.kind != WEIR_TOKEN_STRING && i < sizeof openers / sizeof *openers; i++) *depth += weir_token_is(&token, openers[i]);
    for (size_t i = 0; token.kind != WEIR_TOKEN_STRING && i < sizeof closers / sizeof *closers; i++) *depth -= weir_token_is(&token, closers[i]);
    if (*depth < 0) return false;
  }
}

/* Of a key that stands twice Lua takes the last and says nothing. */
static void tell_doubles(struct weir_reading *reading) {
  struct weir_token key, seen[WEIR_LOAD_KEYS_MAX];
  struct weir_scan scan;
  struct weir_place place;
  size_t cnt = 0;
  int depth = 0;
  if (!weir_load_body(reading->load, reading->decl, &scan, &place)) return;
  while (cnt < WEIR_LOAD_KEYS_MAX && next_key(&scan, &key, &depth)) {
    size_t i = 0;
    while (i < cnt && !weir_str_eq(seen[i].text, key.text)) i++;
    if (i == cnt) {
      seen[cnt++] = key;
      continue;
    }
    place.line = key.line;
    place.column = key.column;
    weir_load_error(reading->load, &place, "`%.*s` stands here for the second time, first in line %u, and only one counts: leave one out, or write a list, { ..., ... }",
                    WEIR_FMT(key.text), seen[i].line);
  }
}

bool weir_decl_is_whole(const struct weir_load *load, const struct weir_decl *decl) {
  if (decl->hurt || decl->body.kind != WEIR_VALUE_TABLE) return false;
  for (uint32_t i = 0; i < decl->body.u.t->member_cnt; i++)
    if (!weir_load_is_key(load, decl->kind, decl->body.u.t->members[i].key)) return false;
  return true;
}

/* What others call a key of rules. */
static weir_str other_name(enum weir_decl_kind kind, weir_str key) {
  static const char *const pairs[][2] = {
    { "answer", "reply" }, { "response", "reply" }, { "respond", "reply" }, { "text", "reply" }, { "send", "message" }, { "dm", "message" },
    { "pattern", "match" }, { "regex", "match" }, { "regexp", "match" }, { "contains", "keywords" }, { "words", "keywords" }, { "trigger", "keywords" },
    { "event", "on" }, { "type", "on" }, { "when", "on" }, { "label", "tag" }, { "delay", "after" }, { "time", "hours" }, { "days", "weekdays" }, { "exclude", "except" },
  };
  for (size_t i = 0; kind == WEIR_DECL_RULE && i < sizeof pairs / sizeof *pairs; i++)
    if (weir_str_eq(key, weir_str_of(pairs[i][0]))) return weir_str_of(pairs[i][1]);
  return (weir_str){ 0 };
}

void weir_reading_known(struct weir_reading *reading, bool items) {
  const weir_str *known = reading->load->known[reading->decl->kind];
  size_t known_cnt = reading->load->known_cnt[reading->decl->kind];
  const struct weir_table *t = reading->decl->body.u.t;
  for (uint32_t i = 0; i < t->member_cnt; i++) {
    weir_str key = t->members[i].key, nearest;
    struct weir_place place;
    if (weir_load_is_key(reading->load, reading->decl->kind, key)) continue;
    nearest = other_name(reading->decl->kind, key);
    if (!nearest.len) nearest = weir_nearest(key, known, known_cnt);
    place = weir_load_place_str(reading->load, reading->decl, key);
    if (nearest.len)
      weir_load_error(reading->load, &place, "unknown key `%.*s`; did you mean `%.*s`?", WEIR_FMT(key), WEIR_FMT(nearest));
    else
      weir_load_error(reading->load, &place, "unknown key `%.*s`: %s has no such key", WEIR_FMT(key),
                      weir_decl_word(reading->decl->kind).ptr);
  }
  tell_doubles(reading);
  if (!items && t->list_cnt && !reading->decl->hurt) {
    struct weir_place place = weir_load_place(reading->load, reading->decl, "[1]");
    weir_load_error(reading->load, &place, "a value without a key: every entry of %s is written key = value",
                    weir_decl_word(reading->decl->kind).ptr);
  }
}

weir_status weir_reading_str(struct weir_reading *reading, const char *key, size_t max, weir_str *out) {
  const struct weir_value *value = weir_reading_key(reading, key);
  if (!value) return WEIR_OK;
  if (value->kind != WEIR_VALUE_STR) {
    weir_reading_bad(reading, key, "expected a text in quotes");
  } else if (value->u.s.len > max) {
    weir_reading_bad(reading, key, "is too long: at most %zu bytes", max);
  } else if (!weir_arena_str(reading->parse.arena, value->u.s, out)) {
    return weir_load_no_memory(reading->load);
  }
  return WEIR_OK;
}

weir_status weir_reading_bool(struct weir_reading *reading, const char *key, bool *out) {
  const struct weir_value *value = weir_reading_key(reading, key);
  bool answer;
  if (!value) return WEIR_OK;
  if (weir_parse_bool(&reading->parse, NULL, value, &answer) == WEIR_OK) *out = answer;
  return WEIR_OK;
}

/* ---- Names */

static bool is_name_byte(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c >= 0x80;
}

static const char *fault_of(weir_str name, size_t max, bool spaces) {
  if (!name.len) return "is empty";
  if (name.len > max) return "is too long";
  if (weir_utf8_valid(name) != name.len) return "is not UTF-8";
  for (size_t i = 0; i < name.len; i++) {
    unsigned char c = (unsigned char)name.ptr[i];
    bool good = is_name_byte(c) || (spaces && c == ' ' && i > 0 && i + 1 < name.len);
    if (good) continue;
    return spaces ? "may only have letters, digits, `_`, `-` and spaces between them"
                  : "may only have letters, digits, `_` and `-`";
  }
  return NULL;
}

const char *weir_load_name_fault(weir_str name, size_t max) { return fault_of(name, max, false); }

const char *weir_load_rule_name_fault(weir_str name) { return fault_of(name, WEIR_RULE_NAME_MAX, true); }

bool weir_load_full_name(struct weir_load *load, const struct weir_decl *decl, weir_str name, weir_str *out) {
  weir_str pack = load->pack_infos[load->files[decl->file].pack].name;
  char *s = weir_arena_bytes(load->arena, pack.len + name.len + 2);
  *out = (weir_str){ s, pack.len + name.len + 1 };
  if (!s) {
    *out = (weir_str){ 0 };
    weir_load_no_memory(load);
    return false;
  }
  memcpy(s, pack.ptr, pack.len);
  s[pack.len] = '/';
  if (name.len) memcpy(s + pack.len + 1, name.ptr, name.len);
  s[out->len] = '\0';
  return true;
}

struct by_name {
  uint32_t pack;
  const struct weir_decl *decl;
};

static int compare_names(const void *a, const void *b) {
  const struct by_name *x = a, *y = b;
  int order;
  if (x->pack != y->pack) return x->pack < y->pack ? -1 : 1;
  order = weir_str_cmp(x->decl->name, y->decl->name);
  if (order) return order;
  return x->decl->seq < y->decl->seq ? -1 : x->decl->seq > y->decl->seq;
}

weir_status weir_load_doubles(struct weir_load *load, enum weir_decl_kind kind, const struct weir_decl **sorted) {
  struct by_name *names = weir_arena_array(&load->work, load->decls[kind].cnt, sizeof(*names));
  uint32_t cnt = 0;
  if (!names) return weir_load_no_memory(load);
  for (const struct weir_decl *d = load->decls[kind].first; d; d = d->next)
    names[cnt++] = (struct by_name){ load->files[d->file].pack, d };
  if (cnt) qsort(names, cnt, sizeof(*names), compare_names);
  for (uint32_t i = 0, first = 0; i < cnt; i++) {
    const struct weir_decl *d = names[i].decl, *before = names[first].decl;
    char text[WEIR_LOAD_NAME_MAX + 32];
    struct weir_place place;
    struct weir_buf name;
    sorted[i] = d;
    if (i == first || names[i].pack != names[first].pack || !weir_str_eq(d->name, before->name)) {
      first = i;
      continue;
    }
    place = weir_load_place(load, d, "");
    weir_buf_init(&name, text, sizeof(text));
    say_name(d, &name);
    weir_load_error(load, &place, "%.*s is declared twice in this pack; first in %.*s, line %u", WEIR_FMT(weir_buf_view(&name)),
                    WEIR_FMT(load->files[before->file].name), before->line);
  }
  return WEIR_OK;
}
