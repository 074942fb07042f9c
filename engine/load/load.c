/* load.c: the order of loading, and the public functions of rulesets. A ruleset is one struct and one arena; what loading
 * needs beside it goes when loading ends. */
#include "load/load.h"

#include <stddef.h>
#include <stdlib.h>

#include "limits.h"
#include "script/script.h"

static void hash_file(struct weir_sha256 *state, weir_str name, weir_str raw) {
  weir_str parts[2] = { name, raw };
  for (int k = 0; k < 2; k++) {
    unsigned char len[8];
    for (int b = 0; b < 8; b++) len[b] = (unsigned char)((uint64_t)parts[k].len >> (8 * b));
    weir_sha256_add(state, (weir_str){ (const char *)len, sizeof(len) });
    weir_sha256_add(state, parts[k]);
  }
}

/* The ruleset's identity: over the name and the bytes of each rule file and of each that they name, each preceded by its length, in
 * their order. */
static void hash_files(struct weir_load *load) {
  struct weir_sha256 state;
  unsigned char digest[WEIR_SHA256_BYTES];
  weir_sha256_begin(&state);
  for (uint32_t i = 0; i < load->file_cnt; i++) hash_file(&state, load->files[i].name, load->files[i].raw);
  for (const struct weir_load_extra *e = load->extras; e; e = e->next) hash_file(&state, e->name, e->raw);
  weir_sha256_end(&state, digest);
  weir_hex(digest, sizeof(digest), load->ruleset->hash);
}

static bool keep_lines(struct weir_load *load, const struct weir_chunk *from, struct weir_chunk *to) {
  size_t len = (from->line_cnt + 7) / 8;
  char *lines = weir_arena_bytes(load->arena, len);
  if (!lines) return false;
  memcpy(lines, from->lines, len);
  to->lines = (const unsigned char *)lines;
  to->line_first = from->line_first;
  to->line_cnt = from->line_cnt;
  return true;
}

/* What still points into the working memory moves into the ruleset's. */
static weir_status keep_chunks(struct weir_load *load) {
  struct weir_chunk *chunks = weir_arena_array(load->arena, load->chunk_cnt, sizeof(*chunks));
  if (!chunks) return weir_load_no_memory(load);
  for (uint32_t i = 0; i < load->chunk_cnt; i++) {
    const struct weir_chunk *from = &load->chunks[i];
    unsigned char *code = weir_arena_alloc(load->arena, from->len);
    if (!code || !weir_arena_str(load->arena, from->name, &chunks[i].name)) return weir_load_no_memory(load);
    memcpy(code, from->code, from->len);
    chunks[i].code = code;
    chunks[i].len = from->len;
    if (from->line_cnt && !keep_lines(load, from, &chunks[i])) return weir_load_no_memory(load);
  }
  load->ruleset->chunks = chunks;
  load->ruleset->chunk_cnt = load->chunk_cnt;
  return WEIR_OK;
}

static weir_status keep_file_names(struct weir_load *load) {
  weir_str *names = weir_arena_array(&load->work, load->file_cnt, sizeof(*names));
  if (!names) return weir_load_no_memory(load);
  for (uint32_t i = 0; i < load->file_cnt; i++)
    if (!weir_arena_str(load->arena, load->files[i].shown, &names[i])) return weir_load_no_memory(load);
  for (uint32_t i = 0; i < load->ruleset->rule_cnt; i++) load->rules[i].file = names[load->order[i]->file];
  return WEIR_OK;
}

static weir_status build(struct weir_load *load) {
  weir_status status = weir_load_files(load);
  if (status == WEIR_OK) status = weir_load_known_keys(load);
  if (status == WEIR_OK) status = weir_load_collect(load);
  if (status == WEIR_OK) status = weir_load_packs(load);
  if (status == WEIR_OK) status = weir_load_order(load);
  if (status == WEIR_OK) status = weir_load_rules(load);
  if (status == WEIR_OK) status = weir_load_check_abilities(load);
  if (status == WEIR_OK) weir_load_tell_not_included(load);
  if (status == WEIR_OK) status = load->fatal.status;
  if (status != WEIR_OK || load->error_cnt) return status;
  hash_files(load);
  status = keep_chunks(load);
  if (status == WEIR_OK) status = keep_file_names(load);
  if (status == WEIR_OK) status = weir_load_examples(load);
  if (status == WEIR_OK && load->config->lint) status = weir_load_lint(load);
  return status;
}

/* The host's settings, whatever version of the struct it knows. */
static bool take_config(const weir_load_config *given, weir_load_config *config) {
  *config = (weir_load_config){ .struct_size = sizeof(*config) };
  if (given) {
    if (given->struct_size < sizeof(given->struct_size) || given->struct_size > sizeof(*given)) return false;
    memcpy(config, given, given->struct_size);
  }
  if (!config->memory_limit) config->memory_limit = WEIR_RULESET_BYTES_DEFAULT;
  return true;
}

/* An empty path: no files at all. */
static weir_status load_path(weir_ruleset **out, const char *path, const weir_load_config *given, weir_error *err) {
  weir_load_config config;
  struct weir_load load = { .config = &config };
  weir_status status;
  if (!take_config(given, &config)) return weir_fail(err, WEIR_E_ARG, "weir_ruleset_load: config->struct_size is not known");
  load.ruleset = calloc(1, sizeof(*load.ruleset));
  if (!load.ruleset) return weir_fail(err, WEIR_E_NOMEM, "no memory for a ruleset");
  load.path = weir_str_of(path);
  load.arena = &load.ruleset->arena;
  weir_arena_growing(load.arena, config.memory_limit > sizeof(*load.ruleset) ? config.memory_limit - sizeof(*load.ruleset) : 0);
  weir_arena_growing(&load.work, WEIR_LOAD_WORK_BYTES);
  status = build(&load);
  if (status != WEIR_OK && load.fatal.status == WEIR_OK) weir_fail(&load.fatal, status, "the rules cannot be loaded");
  status = weir_load_tell(&load, err);
  if (status == WEIR_OK) {
    *out = load.ruleset;
  } else {
    if (load.matcher) weir_matcher_abandon(load.matcher);
    weir_ruleset_free(load.ruleset);
  }
  weir_arena_release(&load.work);
  return status;
}

weir_status weir_ruleset_load(weir_ruleset **out, const char *path, const weir_load_config *given, weir_error *err) {
  weir_error_clear(err);
  if (!out) return weir_fail(err, WEIR_E_ARG, "weir_ruleset_load: out is NULL");
  *out = NULL;
  if (!path || !*path) return weir_fail(err, WEIR_E_ARG, "weir_ruleset_load: no path is given");
  return load_path(out, path, given, err);
}

weir_status weir_ruleset_empty(weir_ruleset **out, weir_error *err) {
  weir_error_clear(err);
  if (!out) return weir_fail(err, WEIR_E_ARG, "weir_ruleset_empty: out is NULL");
  *out = NULL;
  return load_path(out, "", NULL, err);
}

void weir_ruleset_free(weir_ruleset *ruleset) {
  if (!ruleset) return;
  weir_matcher_release(ruleset->matcher);
  weir_arena_release(&ruleset->arena);
  free(ruleset);
}

/* ---- What a ruleset declares */

weir_str weir_ruleset_hash(const weir_ruleset *ruleset) {
  return ruleset ? (weir_str){ ruleset->hash, sizeof(ruleset->hash) } : (weir_str){ 0 };
}

size_t weir_ruleset_bytes(const weir_ruleset *ruleset) { return ruleset ? sizeof(*ruleset) + ruleset->arena.taken : 0; }

size_t weir_ruleset_jit_bytes(const weir_ruleset *ruleset) { return ruleset ? weir_matcher_jit_bytes(ruleset->matcher) : 0; }

size_t weir_ruleset_rule_count(const weir_ruleset *ruleset) { return ruleset ? ruleset->rule_cnt : 0; }

bool weir_ruleset_rule(const weir_ruleset *ruleset, size_t index, weir_rule_info *out) {
  if (!out) return false;
  *out = (weir_rule_info){ 0 };
  if (!ruleset || index >= ruleset->rule_cnt) return false;
  *out = (weir_rule_info){ .name = ruleset->rules[index].name,
                           .title = ruleset->rules[index].title,
                           .file = ruleset->rules[index].file,
                           .line = ruleset->rules[index].line };
  return true;
}

bool weir_ruleset_stage(const weir_ruleset *ruleset, size_t funnel, size_t stage, weir_stage_info *out) {
  if (!out) return false;
  *out = (weir_stage_info){ 0 };
  if (!ruleset || funnel >= ruleset->funnel_cnt || stage >= ruleset->funnels[funnel].stage_cnt) return false;
  *out = (weir_stage_info){ .funnel = ruleset->funnels[funnel].name, .stage = ruleset->funnels[funnel].stages[stage],
                            .goal = ruleset->funnels[funnel].goal == stage };
  return true;
}

bool weir_ruleset_account(const weir_ruleset *ruleset, size_t index, weir_account_info *out) {
  if (!out) return false;
  *out = (weir_account_info){ { NULL, 0 }, { NULL, 0 } };
  if (!ruleset || index >= ruleset->account_cnt) return false;
  *out = (weir_account_info){ ruleset->accounts[index].channel, ruleset->accounts[index].account };
  return true;
}

size_t weir_ruleset_unfiltered(const weir_ruleset *ruleset, size_t *rules, size_t cap) {
  if (!ruleset || !ruleset->matcher || (cap && !rules)) return 0;
  uint32_t patterns[WEIR_UNFILTERED_SHOWN_MAX];
  size_t shown = cap < WEIR_UNFILTERED_SHOWN_MAX ? cap : WEIR_UNFILTERED_SHOWN_MAX;
  size_t cnt = weir_matcher_unfiltered(ruleset->matcher, patterns, shown);
  for (size_t i = 0; i < shown && i < cnt; i++) rules[i] = ruleset->pattern_rule[patterns[i]];
  return cnt;
}

static bool line_of(const struct weir_ruleset *ruleset, const struct weir_rule *rule, size_t at, weir_part *out) {
  uint32_t line;
  if (rule->handler == WEIR_NO_INDEX || !weir_chunk_line(&ruleset->chunks[rule->handler], at, &line)) return false;
  out->kind = WEIR_PART_LINE;
  out->index = line;
  out->name = ruleset->chunks[rule->handler].name;
  while (out->name.len > 0 && out->name.ptr[out->name.len - 1] != ':') out->name.len--;
  if (out->name.len > 0) out->name.len--;
  return true;
}

static bool part_of(const struct weir_ruleset *ruleset, const struct weir_rule *rule, size_t at, weir_part *out) {
  const struct weir_matcher *matcher = ruleset->matcher;
  uint32_t keywords = 0, regexes = 0, excepts = 0;
  if (rule->pattern != WEIR_NO_INDEX) {
    while (weir_matcher_keyword(matcher, rule->pattern, keywords).len) keywords++;
    regexes = weir_matcher_regexes(matcher, rule->pattern);
    excepts = weir_matcher_excepts(matcher, rule->pattern);
  }
  const uint32_t cnt[] = { 0, keywords, regexes, excepts, rule->gate_cnt, rule->action_cnt, rule->variant_cnt };
  for (size_t kind = WEIR_PART_KEYWORD; kind <= WEIR_PART_VARIANT; at -= cnt[kind++]) {
    if (at >= cnt[kind]) continue;
    out->kind = (weir_part_kind)kind;
    out->index = at;
    if (kind == WEIR_PART_KEYWORD) out->name = weir_matcher_keyword(matcher, rule->pattern, (uint32_t)at);
    if (kind == WEIR_PART_GATE) out->name = weir_str_of(rule->gates[at].kind->name);
    if (kind == WEIR_PART_ACTION) out->name = weir_str_of(rule->actions[at].kind->name);
    if (kind == WEIR_PART_VARIANT) out->name = rule->variants[at].name;
    return true;
  }
  return line_of(ruleset, rule, at, out);
}

bool weir_ruleset_part(const weir_ruleset *ruleset, size_t rule, size_t index, weir_part *out) {
  if (!out) return false;
  *out = (weir_part){ .rule = 0 };
  if (!ruleset || rule >= ruleset->rule_cnt || !part_of(ruleset, &ruleset->rules[rule], index, out)) return false;
  out->rule = rule;
  return true;
}
