/* lint.c: what is allowed and probably not meant: rules that an earlier rule always answers first, replies that would set off a
 * rule of ours, rules that nobody tries. Asked for by the host (config->lint), because it matches many texts. What is found are
 * notes: the ruleset is good without them. What the tables prove is in lint_limits.c, slow regexes are in lint_slow.c. */
#include "limits.h"
#include "load/load.h"
#include "text/utf8.h"

struct lint {
  struct weir_load *load;
  struct weir_match *match;
};

static weir_str shown(weir_str text) { return (weir_str){ text.ptr, weir_utf8_cut(text, WEIR_TAG_MAX) }; }

static void note(struct weir_load *load, const struct weir_place *place, weir_str text, const char *before, const char *after, weir_str rule) {
  weir_load_note(load, WEIR_SEVERITY_NOTE, WEIR_E_RULES, place, "%s\"%.*s%s\"%s%.*s", before, WEIR_FMT(shown(text)),
                 shown(text).len < text.len ? "..." : "", after, WEIR_FMT(rule));
}

/* ---- rules that never fire */

/* Whoever writes what its pattern looks for is answered by it, whatever is known of him. */
static bool always_answers(const struct weir_rule *rule, const struct weir_rule *later) {
  return rule->enabled && !rule->keep_on && rule->gate_cnt == 0 && rule->handler == WEIR_NO_INDEX && (later->kinds & ~rule->kinds) == 0 &&
         !(later->kinds & UINT32_C(1) << WEIR_EVENT_OWN);
}

/* The rule before `index` that answers `text` in its place; WEIR_NO_INDEX: none. */
static uint32_t answered_by(struct lint *lint, uint32_t index, weir_str text) {
  const struct weir_ruleset *rs = lint->load->ruleset;
  struct weir_match_found found;
  bool cut;
  if (weir_match_text(lint->match, text, true, &cut, NULL) != WEIR_OK) return WEIR_NO_INDEX;
  for (uint32_t p = weir_match_next(lint->match, 0); p < rs->pattern_cnt && rs->pattern_rule[p] < index; p = weir_match_next(lint->match, p + 1)) {
    const struct weir_rule *earlier = &rs->rules[rs->pattern_rule[p]];
    if (always_answers(earlier, &rs->rules[index]) && weir_match_pattern(lint->match, p, &found) == WEIR_MATCH_YES) return rs->pattern_rule[p];
  }
  return WEIR_NO_INDEX;
}

/* Texts that the rule is for: its examples, else its keywords. */
static const struct weir_value *keywords_of(const struct weir_load *load, uint32_t rule) {
  const struct weir_value *value = weir_value_get(&load->order[rule]->body, "keywords");
  return value && value->kind == WEIR_VALUE_TABLE ? value : NULL;
}

static uint32_t probe_cnt(const struct weir_load *load, uint32_t rule) {
  const struct weir_value *keywords = keywords_of(load, rule);
  if (load->rules[rule].yes_cnt) return load->rules[rule].yes_cnt;
  return keywords ? keywords->u.t->list_cnt : 0;
}

static weir_str probe(const struct weir_load *load, uint32_t rule, uint32_t i) {
  const struct weir_value *keywords = keywords_of(load, rule);
  if (load->rules[rule].yes_cnt) return load->rules[rule].yes[i];
  const struct weir_value *word = &keywords->u.t->list[i];
  return word->kind == WEIR_VALUE_STR && !(word->u.s.len && word->u.s.ptr[0] == '{') ? word->u.s : (weir_str){ NULL, 0 };
}

static bool opts_out(const struct weir_rule *rule) {
  for (uint32_t i = 0; i < rule->action_cnt; i++) {
    if (strcmp(rule->actions[i].kind->name, "opt_out") == 0) return true;
  }
  return false;
}

static void look_for_broader(struct lint *lint, uint32_t index) {
  struct weir_load *load = lint->load;
  const struct weir_rule *rule = &load->rules[index];
  uint32_t cnt = probe_cnt(load, index), first = WEIR_NO_INDEX;
  if (!rule->enabled || rule->pattern == WEIR_NO_INDEX || !cnt) return;
  for (uint32_t i = 0; i < cnt; i++) {
    weir_str text = probe(load, index, i);
    uint32_t by = text.len ? answered_by(lint, index, text) : WEIR_NO_INDEX;
    if (by == WEIR_NO_INDEX) return;
    if (opts_out(rule) && opts_out(&load->rules[by])) return; /* a pack may have its own words for it beside another's */
    if (first == WEIR_NO_INDEX) first = by;
  }
  struct weir_place place = weir_load_place(load, load->order[index], "");
  note(load, &place, probe(load, index, 0), "it seems that this rule can never fire: ", " is answered before it by the rule ", load->rules[first].name);
}

/* ---- replies that set off rules */

/* What stands at `i` and closes with what: places of a template, and words in quotes, which tell people what to write. */
static const struct {
  const char *open, *close;
} asides[] = { { "{", "}" }, { "“", "”" }, { "\"", "\"" }, { "「", "」" }, { "‘", "’" }, { "«", "»" } };

static size_t aside(weir_str text, size_t i) {
  for (size_t k = 0; k < sizeof asides / sizeof *asides; k++) {
    weir_str open = weir_str_of(asides[k].open), close = weir_str_of(asides[k].close);
    if (!weir_str_starts((weir_str){ text.ptr + i, text.len - i }, open)) continue;
    for (size_t end = i + open.len; end < text.len; end++) {
      if (weir_str_starts((weir_str){ text.ptr + end, text.len - end }, close)) return end + close.len - i;
    }
  }
  return 0;
}

/* What is left of a text that is said. */
static weir_str own_words(struct weir_load *load, weir_str text) {
  char *out = weir_arena_bytes(&load->work, text.len + 1);
  size_t used = 0;
  if (!out) return (weir_str){ NULL, 0 };
  for (size_t i = 0; i < text.len;) {
    size_t len = aside(text, i);
    out[used++] = len ? ' ' : text.ptr[i];
    i += len ? len : 1;
  }
  return (weir_str){ out, used };
}

static void look_at_text(struct lint *lint, uint32_t index, const char *action, weir_str text, uint32_t kinds) {
  struct weir_load *load = lint->load;
  const struct weir_ruleset *rs = load->ruleset;
  struct weir_match_found found;
  bool cut;
  weir_str said = own_words(load, text);
  if (!said.len || weir_match_text(lint->match, said, true, &cut, NULL) != WEIR_OK) return;
  for (uint32_t p = weir_match_next(lint->match, 0); p < rs->pattern_cnt; p = weir_match_next(lint->match, p + 1)) {
    const struct weir_rule *other = &rs->rules[rs->pattern_rule[p]];
    if (!other->enabled || !(other->kinds & kinds) || weir_match_pattern(lint->match, p, &found) != WEIR_MATCH_YES) continue;
    struct weir_place place = weir_load_place_text(load, load->order[index], action, text, 0);
    note(load, &place, text, "its own words ", " would set off, were they taken for somebody else's, the rule ", other->name);
    return;
  }
}

static void look_at_texts(struct lint *lint, uint32_t index, const char *action, const struct weir_value *value, uint32_t kinds, int depth) {
  if (!value || depth > 3) return;
  if (value->kind == WEIR_VALUE_STR) look_at_text(lint, index, action, value->u.s, kinds);
  if (value->kind != WEIR_VALUE_TABLE) return;
  for (uint32_t i = 0; i < value->u.t->list_cnt; i++) look_at_texts(lint, index, action, &value->u.t->list[i], kinds, depth + 1);
  look_at_texts(lint, index, action, weir_value_get(value, "text"), kinds, depth + 1);
  look_at_texts(lint, index, action, weir_value_get(value, "all"), kinds, depth + 1);
}

static void look_for_echoes(struct lint *lint, uint32_t index) {
  const struct weir_rule *rule = &lint->load->rules[index];
  const struct weir_value *body = &lint->load->order[index]->body;
  const uint32_t comment = UINT32_C(1) << WEIR_EVENT_COMMENT, message = UINT32_C(1) << WEIR_EVENT_MESSAGE;
  if (!rule->enabled) return;
  look_at_texts(lint, index, "reply", weir_value_get(body, "reply"), rule->kinds & (comment | message), 0);
  look_at_texts(lint, index, "message", weir_value_get(body, "message"), message, 0);
}

/* ---- rules that nobody tries */

static void look_for_examples(struct lint *lint) {
  struct weir_load *load = lint->load;
  for (uint32_t p = 0; p < load->pack_cnt; p++) {
    uint32_t without = 0, first = 0;
    for (uint32_t i = load->ruleset->rule_cnt; i-- > 0;) {
      const struct weir_rule *rule = &load->rules[i];
      if (rule->pack != p || rule->pattern == WEIR_NO_INDEX || !rule->enabled || rule->yes_cnt) continue;
      without++;
      first = i;
    }
    if (!without) continue;
    struct weir_place place = weir_load_place(load, load->order[first], "");
    weir_load_note(load, WEIR_SEVERITY_NOTE, WEIR_E_RULES, &place,
                   "%u rule%s of this pack %s no examples, this one first: write examples = { yes = { \"...\" }, no = { \"...\" } }, and `weir test` tries them",
                   without, without == 1 ? "" : "s", without == 1 ? "has" : "have");
  }
}

weir_status weir_load_lint(struct weir_load *load) {
  struct lint lint = { .load = load };
  look_for_examples(&lint);
  weir_load_lint_limits(load);
  if (!load->ruleset->pattern_cnt) return load->fatal.status;
  size_t len = weir_match_bytes(load->ruleset->matcher);
  void *block = weir_arena_alloc(&load->work, len);
  if (!block) return weir_load_no_memory(load);
  weir_status status = weir_match_open(&lint.match, load->ruleset->matcher, block, len, &load->fatal);
  for (uint32_t i = 0; status == WEIR_OK && i < load->ruleset->rule_cnt; i++) {
    look_for_broader(&lint, i);
    look_for_echoes(&lint, i);
    status = load->fatal.status;
  }
  if (status == WEIR_OK) weir_load_lint_slow(load, lint.match);
  return status == WEIR_OK ? load->fatal.status : status;
}
