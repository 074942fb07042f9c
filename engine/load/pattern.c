/* pattern.c: what a rule looks for in a text, handed to the matcher's builder; and what the builder finds wrong, told at
 * the place in the file where it stands. */
#include "limits.h"
#include "load/load.h"

/* ---- Word lists, as the builder asks for them */

static bool find_words(void *ctx, weir_str name, const weir_str **words, size_t *cnt) {
  struct weir_load *load = ctx;
  struct weir_load_words *found = weir_load_words_find(&load->packs[load->matching_pack], name);
  static const weir_str unread = { "?", 1 };
  *words = NULL;
  *cnt = 0;
  if (found ? found->unread : load->packs[load->matching_pack].unread) { /* why was told */
    *words = &unread;
    *cnt = 1;
    return true;
  }
  if (!found) return false;
  found->used = true;
  *words = found->words;
  *cnt = found->cnt;
  return true;
}

static weir_str nearest_words(void *ctx, weir_str name) {
  const struct weir_load *load = ctx;
  const struct weir_load_pack *pack = &load->packs[load->matching_pack];
  weir_str best = { 0 };
  for (uint32_t i = 0; i < pack->words_cnt && !best.len; i++) best = weir_nearest(name, &pack->words[i].name, 1);
  return best;
}

weir_status weir_load_patterns_begin(struct weir_load *load) {
  load->lists = (struct weir_word_lists){ .find = find_words, .nearest = nearest_words, .ctx = load };
  weir_status status = weir_matcher_begin(&load->matcher, load->arena, &load->work, &load->lists, &load->fatal);
  return status == WEIR_OK && load->config->jit ? weir_matcher_jit(load->matcher, &load->fatal) : status;
}

/* ---- One rule's pattern */

static weir_status read_list(struct weir_reading *reading, const char *key, const weir_str **out, size_t *cnt) {
  const struct weir_value *value = weir_reading_key(reading, key);
  uint32_t n = 0;
  weir_status status = value ? weir_parse_strings(&reading->parse, NULL, value, out, &n) : WEIR_OK;
  *cnt = n;
  return status;
}

static void read_mode(struct weir_reading *reading, bool keywords, enum weir_word_mode *mode) {
  static const weir_str names[] = { { "word", 4 }, { "contains", 8 }, { "equal", 5 }, { "prefix", 6 } };
  const struct weir_value *value = weir_reading_key(reading, "mode");
  *mode = WEIR_MODE_WORD;
  if (!value) return;
  for (uint32_t i = 0; value->kind == WEIR_VALUE_STR && i < sizeof(names) / sizeof(*names); i++) {
    if (!weir_str_eq(value->u.s, names[i])) continue;
    *mode = (enum weir_word_mode)i;
    if (!keywords) weir_reading_bad(reading, "mode", "says how `keywords` are looked for, and there are none");
    return;
  }
  weir_reading_bad(reading, "mode", "expected \"word\", \"contains\", \"equal\" or \"prefix\"");
}

/* Everything that `spec` holds; false: an error was told. */
static bool read_spec(struct weir_reading *reading, struct weir_pattern_spec *spec) {
  bool good = read_list(reading, "keywords", &spec->keywords, &spec->keyword_cnt) == WEIR_OK;
  good = read_list(reading, "match", &spec->regexes, &spec->regex_cnt) == WEIR_OK && good;
  good = read_list(reading, "except", &spec->excepts, &spec->except_cnt) == WEIR_OK && good;
  read_mode(reading, weir_value_get(&reading->decl->body, "keywords") != NULL, &spec->mode);
  weir_reading_bool(reading, "loose", &spec->loose);
  return good;
}

/* Which key of the rule a text of the pattern stands in; NULL: in none, it is from a word list. */
static const char *key_of(const struct weir_pattern_spec *spec, weir_str source) {
  for (size_t i = 0; i < spec->keyword_cnt; i++)
    if (weir_str_eq(spec->keywords[i], source)) return "keywords";
  for (size_t i = 0; i < spec->regex_cnt; i++)
    if (weir_str_eq(spec->regexes[i], source)) return "match";
  for (size_t i = 0; i < spec->except_cnt; i++)
    if (weir_str_eq(spec->excepts[i], source)) return "except";
  return NULL;
}

/* The word list of the pack at hand that has the word. */
static const struct weir_decl *list_of(const struct weir_load *load, weir_str word) {
  const struct weir_load_pack *pack = &load->packs[load->matching_pack];
  for (uint32_t i = 0; i < pack->words_cnt; i++)
    for (uint32_t k = 0; pack->words[i].used && k < pack->words[i].cnt; k++)
      if (weir_str_eq(pack->words[i].words[k], word)) return pack->words[i].decl;
  return NULL;
}

static void tell_bad(struct weir_load *load, const struct weir_decl *decl, const struct weir_pattern_spec *spec,
                     const struct weir_pattern_error *bad) {
  const char *key = key_of(spec, bad->source), *separator = bad->hint[0] ? ": " : "";
  const struct weir_decl *list = key ? NULL : list_of(load, bad->source);
  struct weir_place place;
  if (list) {
    place = weir_load_place_text(load, list, "", bad->source, bad->offset);
    weir_load_error(load, &place, "words.%.*s: %s%s%s", WEIR_FMT(list->name), bad->message, separator, bad->hint);
  } else if (key && strcmp(key, "match") == 0) {
    place = weir_load_place_text(load, decl, key, bad->source, bad->offset);
    weir_load_error(load, &place, "`match`, offset %zu: %s%s%s", bad->offset, bad->message, separator, bad->hint);
  } else if (key) {
    place = weir_load_place_text(load, decl, key, bad->source, bad->offset);
    weir_load_error(load, &place, "`%s`: %s%s%s", key, bad->message, separator, bad->hint);
  } else {
    place = weir_load_place(load, decl, "match");
    weir_load_error(load, &place, "%s%s%s", bad->message, separator, bad->hint);
  }
}

/* What must hold between a pattern, `any` and the events the rule is for. */
static void check_any(struct weir_reading *reading, const struct weir_rule *rule, bool has_pattern) {
  uint32_t text_kinds = UINT32_C(1) << WEIR_EVENT_COMMENT | UINT32_C(1) << WEIR_EVENT_MESSAGE;
  bool any = false;
  weir_reading_bool(reading, "any", &any);
  if (!weir_decl_is_whole(reading->load, reading->decl)) return;
  if (any && has_pattern)
    weir_reading_bad(reading, "any", "any = true means every text, but the rule has `keywords` or `match` too: leave one out");
  if (!any && !has_pattern && (rule->kinds & text_kinds))
    weir_reading_bad(reading, "",
                     "has no pattern: add keywords = { ... } or match = [[...]], or any = true if every text is meant");
  if (!has_pattern && weir_value_get(&reading->decl->body, "except"))
    weir_reading_bad(reading, "except", "takes texts away from `keywords` or `match`, and there are none");
}

weir_status weir_load_pattern(struct weir_load *load, const struct weir_decl *decl, struct weir_rule *rule) {
  struct weir_reading reading;
  struct weir_pattern_spec spec = { 0 };
  struct weir_pattern_error bad = { 0 };
  weir_error err = { 0 };
  weir_status status;
  bool has_pattern = weir_value_get(&decl->body, "keywords") || weir_value_get(&decl->body, "match");
  weir_reading_begin(&reading, load, decl, &load->work);
  check_any(&reading, rule, has_pattern);
  if (!read_spec(&reading, &spec) || !has_pattern) return weir_reading_end(&reading, WEIR_OK);
  load->matching_pack = load->files[decl->file].pack;
  status = weir_matcher_add(load->matcher, &spec, &rule->pattern, &bad, &err);
  if (status == WEIR_OK) return load->fatal.status;
  rule->pattern = WEIR_NO_INDEX;
  if (status == WEIR_E_RULES || (status == WEIR_E_LIMIT && bad.message[0])) {
    tell_bad(load, decl, &spec, &bad);
    return load->fatal.status;
  }
  if (status == WEIR_E_NOMEM) return weir_load_no_memory(load);
  load->fatal = err;
  return status;
}

weir_status weir_load_patterns_finish(struct weir_load *load) {
  struct weir_ruleset *rs = load->ruleset;
  uint32_t *pattern_rule, cnt = 0;
  weir_status status = weir_matcher_finish(load->matcher, &rs->matcher, &load->fatal);
  if (status != WEIR_OK) return status == WEIR_E_NOMEM ? (load->fatal.status = WEIR_OK, weir_load_no_memory(load)) : status;
  for (uint32_t i = 0; i < rs->rule_cnt; i++) cnt += rs->rules[i].pattern != WEIR_NO_INDEX;
  pattern_rule = weir_arena_array(load->arena, cnt, sizeof(*pattern_rule));
  if (!pattern_rule) return weir_load_no_memory(load);
  for (uint32_t i = 0; i < rs->rule_cnt; i++)
    if (rs->rules[i].pattern != WEIR_NO_INDEX) pattern_rule[rs->rules[i].pattern] = i;
  rs->pattern_rule = pattern_rule;
  rs->pattern_cnt = cnt;
  return WEIR_OK;
}
