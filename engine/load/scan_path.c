/* scan_path.c: finding a declaration, a key or a text among the tokens. */
#include "load/scan.h"

#include "limits.h"

/* What stands between brackets, or between `function` and `end`, is one thing: its commas do not separate entries. */
static int depth_change(const struct weir_token *token) {
  static const char *const open[] = { "{", "(", "[", "function", "if", "do", "repeat" };
  static const char *const close[] = { "}", ")", "]", "end", "until" };
  if (token->kind != WEIR_TOKEN_NAME && token->kind != WEIR_TOKEN_SYMBOL) return 0;
  for (size_t i = 0; i < sizeof(open) / sizeof(*open); i++)
    if (weir_token_is(token, open[i])) return 1;
  for (size_t i = 0; i < sizeof(close) / sizeof(*close); i++)
    if (weir_token_is(token, close[i])) return -1;
  return 0;
}

/* `words` was read: words.name = { or words["name"] = { */
static bool words_body(struct weir_scan *scan, weir_str name) {
  struct weir_token token;
  bool bracket;
  weir_scan_next(scan, &token);
  bracket = weir_token_is(&token, "[");
  if (!bracket && !weir_token_is(&token, ".")) return false;
  weir_scan_next(scan, &token);
  if (bracket ? !weir_token_says(&token, name) : !weir_str_eq(token.text, name)) return false;
  if (bracket) weir_scan_next(scan, &token);
  weir_scan_next(scan, &token);
  if (!weir_token_is(&token, "=")) return false;
  weir_scan_next(scan, &token);
  return weir_token_is(&token, "{");
}

bool weir_scan_body(struct weir_scan *scan, weir_str word, weir_str name, struct weir_token *head) {
  uint32_t line = scan->line;
  struct weir_token token;
  for (weir_scan_next(scan, &token); token.kind != WEIR_TOKEN_END && token.line == line; weir_scan_next(scan, &token)) {
    if (token.kind != WEIR_TOKEN_NAME || !weir_str_eq(token.text, word)) continue;
    *head = token;
    if (weir_str_eq(word, WEIR_STR("words"))) return words_body(scan, name);
    weir_scan_next(scan, &token);
    if (name.len) { /* pack { ... } has none */
      if (weir_token_is(&token, "(")) weir_scan_next(scan, &token);
      if (!weir_token_says(&token, name)) continue;
      weir_scan_next(scan, &token);
      if (weir_token_is(&token, ")")) weir_scan_next(scan, &token);
    }
    if (weir_token_is(&token, "(")) weir_scan_next(scan, &token);
    return weir_token_is(&token, "{");
  }
  return false;
}

/* One step of a path: a key, or a number in brackets. */
struct path_step {
  weir_str key;    /* empty: by number */
  uint32_t number;
};

static bool next_step(weir_str *path, struct path_step *step) {
  size_t len = 0;
  *step = (struct path_step){ 0 };
  if (path->len && path->ptr[0] == '.') *path = (weir_str){ path->ptr + 1, path->len - 1 };
  if (!path->len) return false;
  if (path->ptr[0] == '[') {
    for (len = 1; len < path->len && path->ptr[len] >= '0' && path->ptr[len] <= '9' && step->number < WEIR_LOAD_INDEX_MAX; len++)
      step->number = step->number * 10 + (uint32_t)(path->ptr[len] - '0');
    if (len < path->len && path->ptr[len] == ']') len++;
    if (!step->number) return false;
  } else {
    while (len < path->len && path->ptr[len] != '.' && path->ptr[len] != '[') len++;
    step->key = (weir_str){ path->ptr, len };
  }
  *path = (weir_str){ path->ptr + len, path->len - len };
  return true;
}

/* Reads the entry that begins with `token` up to its value's first token. `*key` is the key's token (a copy of the value's
 * where there is none), `*listed` whether it counts as an item of the list. */
static void read_entry(struct weir_scan *scan, struct weir_token *token, struct weir_token *key, bool *listed) {
  struct weir_scan ahead = *scan;
  struct weir_token second;
  *key = *token;
  *listed = true;
  if (token->kind == WEIR_TOKEN_NAME) {
    weir_scan_next(&ahead, &second);
    if (!weir_token_is(&second, "=")) return;
  } else if (weir_token_is(token, "[")) {
    weir_scan_next(&ahead, key);
    weir_scan_next(&ahead, &second);
    if (!weir_token_is(&second, "]")) {
      *key = *token;
      return;
    }
    weir_scan_next(&ahead, &second);
  } else {
    return;
  }
  *listed = false;
  *scan = ahead;
  weir_scan_next(scan, token);
}

/* Moves over the rest of an entry whose value begins with `token`. On return `token` is the comma behind it, or what ends
 * the table. */
static void skip_value(struct weir_scan *scan, struct weir_token *token) {
  int depth = 0;
  while (token->kind != WEIR_TOKEN_END && token->kind != WEIR_TOKEN_OPEN) {
    int change = depth_change(token);
    if (depth == 0 && (change < 0 || weir_token_is(token, ",") || weir_token_is(token, ";"))) return;
    depth += change;
    weir_scan_next(scan, token);
  }
}

static bool key_matches(const struct weir_token *key, const struct path_step *step) {
  return key->kind == WEIR_TOKEN_STRING ? weir_token_says(key, step->key) : weir_str_eq(key->text, step->key);
}

/* Finds one step in the table whose `{` was read; *value is then its value's first token and the scan is behind that. */
static bool find_step(struct weir_scan *scan, const struct path_step *step, struct weir_token *key, struct weir_token *value) {
  uint32_t number = 0;
  for (;;) {
    bool listed;
    weir_scan_next(scan, value);
    if (value->kind == WEIR_TOKEN_END || value->kind == WEIR_TOKEN_OPEN || depth_change(value) < 0) return false;
    read_entry(scan, value, key, &listed);
    if (listed) number++;
    if (step->key.len ? !listed && key_matches(key, step) : listed && number == step->number) return true;
    skip_value(scan, value);
    if (!weir_token_is(value, ",") && !weir_token_is(value, ";")) return false;
  }
}

bool weir_scan_path(struct weir_scan *scan, weir_str path, struct weir_token *found) {
  struct path_step step;
  for (uint32_t depth = 0; depth < WEIR_VALUE_DEPTH_MAX; depth++) {
    struct weir_token key, value;
    if (!next_step(&path, &step)) return path.len == 0;
    if (!find_step(scan, &step, &key, &value)) return false;
    *found = key;
    if (!path.len) return true;
    if (!weir_token_is(&value, "{")) return false;
  }
  return false;
}

bool weir_scan_string(struct weir_scan *scan, weir_str value, struct weir_token *found) {
  int depth = 1;
  while (depth > 0) {
    weir_scan_next(scan, found);
    if (found->kind == WEIR_TOKEN_END || found->kind == WEIR_TOKEN_OPEN) return false;
    if (weir_token_says(found, value)) return true;
    depth += depth_change(found);
  }
  return false;
}
