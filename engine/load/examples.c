/* examples.c: looks at a finished ruleset as its writer would: do the examples do what they say, is every word list used.
 * What is found here are warnings; the ruleset is good without them. */
#include "limits.h"
#include "load/load.h"
#include "text/utf8.h"

static void tell(struct weir_load *load, uint32_t rule, const char *path, weir_str text, const char *what) {
  const struct weir_decl *decl = load->order[rule];
  struct weir_place place = weir_load_place_text(load, decl, "examples", text, 0);
  weir_str shown = { text.ptr, weir_utf8_cut(text, WEIR_TAG_MAX) };
  weir_load_warning(load, &place, "%s: \"%.*s%s\" %s", path, WEIR_FMT(shown), shown.len < text.len ? "..." : "", what);
}

static weir_status try_one(struct weir_load *load, struct weir_match *match, uint32_t rule, weir_str text, bool yes) {
  struct weir_match_found found;
  enum weir_match_answer answer;
  bool cut;
  weir_status status = weir_match_text(match, text, false, &cut, &load->fatal);
  if (status != WEIR_OK) return status;
  answer = weir_match_pattern(match, load->rules[rule].pattern, &found);
  if (answer == WEIR_MATCH_LIMIT)
    tell(load, rule, yes ? "examples.yes" : "examples.no", text, "takes the pattern to its limits: make the pattern simpler");
  else if (yes && answer == WEIR_MATCH_EXCEPT) tell(load, rule, "examples.yes", text, "is taken away by `except`");
  else if (yes && answer == WEIR_MATCH_NO) tell(load, rule, "examples.yes", text, "does not match the rule's pattern");
  else if (!yes && answer == WEIR_MATCH_YES) tell(load, rule, "examples.no", text, "matches the rule's pattern");
  return load->fatal.status;
}

static weir_status found_in(struct weir_load *load, struct weir_match *match, uint32_t pattern, weir_str text, bool *found) {
  struct weir_match_found where;
  bool cut;
  weir_status status = weir_match_text(match, text, false, &cut, &load->fatal);
  *found = status == WEIR_OK && weir_match_pattern(match, pattern, &where) == WEIR_MATCH_YES;
  return status;
}

/* a* is in every text, as nothing at all is. A text that no shop looks for tells it from ^$, which is the empty text alone. */
static weir_status look_for_nothing(struct weir_load *load, struct weir_match *match, uint32_t rule) {
  bool found;
  weir_status status = found_in(load, match, load->rules[rule].pattern, WEIR_STR(""), &found);
  if (status == WEIR_OK && found) status = found_in(load, match, load->rules[rule].pattern, WEIR_STR("\xE2\x98\x83"), &found);
  if (status != WEIR_OK || !found) return status;
  struct weir_place place = weir_load_place(load, load->order[rule], "match");
  weir_load_warning(load, &place, "`match`: the pattern can match nothing at all, so it is found in every text: write + in place of *, or leave out a ? or an empty side of |; "
                                  "if every text is meant, any = true in place of it");
  return load->fatal.status;
}

static weir_status try_examples(struct weir_load *load) {
  size_t len = weir_match_bytes(load->ruleset->matcher);
  struct weir_match *match;
  weir_status status;
  void *block = weir_arena_alloc(&load->work, len);
  if (!block) return weir_load_no_memory(load);
  status = weir_match_open(&match, load->ruleset->matcher, block, len, &load->fatal);
  for (uint32_t i = 0; status == WEIR_OK && i < load->ruleset->rule_cnt; i++) {
    const struct weir_rule *rule = &load->rules[i];
    if (rule->pattern == WEIR_NO_INDEX) continue;
    if (weir_value_get(&load->order[i]->body, "match")) status = look_for_nothing(load, match, i);
    for (uint32_t k = 0; status == WEIR_OK && k < rule->yes_cnt; k++) status = try_one(load, match, i, rule->yes[k], true);
    for (uint32_t k = 0; status == WEIR_OK && k < rule->no_cnt; k++) status = try_one(load, match, i, rule->no[k], false);
  }
  return status;
}

/* A list of a file that packs share is there for all of them: only when all are loaded can it be said that none uses it. */
static bool used_elsewhere(struct weir_load *load, const struct weir_load_words *words) {
  if (!weir_load_is_shared(load, words->decl->file)) return false;
  if (load->pack_cnt == 1 && !load->words_beside) return true; /* the other packs are not here */
  for (uint32_t p = 0; p < load->pack_cnt; p++) {
    const struct weir_load_words *other = weir_load_words_find(&load->packs[p], words->name);
    if (other && other->used && load->files[other->decl->file].same == load->files[words->decl->file].same) return true;
  }
  return false;
}

static void tell_unused(struct weir_load *load) {
  for (uint32_t p = 0; p < load->pack_cnt; p++) {
    for (uint32_t i = 0; i < load->packs[p].words_cnt; i++) {
      const struct weir_load_words *words = &load->packs[p].words[i];
      struct weir_place place;
      if (words->used || used_elsewhere(load, words)) continue;
      place = weir_load_place(load, words->decl, "");
      weir_load_warning(load, &place, "words.%.*s is not used: a pattern uses it as {%.*s}", WEIR_FMT(words->name),
                        WEIR_FMT(words->name));
    }
  }
}

weir_status weir_load_examples(struct weir_load *load) {
  weir_status status = WEIR_OK;
  if (load->ruleset->pattern_cnt) status = try_examples(load);
  if (status == WEIR_OK) tell_unused(load);
  return status == WEIR_OK ? load->fatal.status : status;
}
