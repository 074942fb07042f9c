/* lint_slow.c: regular expressions that some text makes give up. Whoever wants to keep a bot busy sends such a text; the rule then neither
 * matches nor does not match. Nothing is guessed from the looks of a regex: texts are made from what stands in it and from the rule's
 * examples, longer than what people write, and its work on them is counted. A regex that passes may still be slow on a text that was not
 * thought of; the limits hold for that one too. */
#include "limits.h"
#include "load/load.h"
#include "text/utf8.h"

struct slow {
  struct weir_load *load;
  struct weir_match *match;
  uint32_t rule;
  char *text; /* WEIR_LINT_TEXT_BYTES; it begins with head_len bytes in which all stands that the regex may want, in the wrong order */
  size_t head_len;
  size_t runs_len; /* of the head: without the examples, which may be what the regex looks for */
  uint32_t tries; /* that are left for all rules together */
  bool found;
};

static void found(struct slow *slow, weir_str piece, size_t len, weir_str limit) {
  struct weir_place place = weir_load_place(slow->load, slow->load->order[slow->rule], "match");
  slow->found = true;
  weir_load_note(slow->load, WEIR_SEVERITY_NOTE, WEIR_E_RULES, &place,
                 "`match` gives up on some texts (%.*s): \"%.*s\" again and again, %zu bytes of it. Bound what repeats (.{0,20} rather than .*), do not let what "
                 "repeats repeat again ((a+)+), make two of a|b (match = { \"a\", \"b\" }), or write keywords", WEIR_FMT(limit), WEIR_FMT(piece), len);
}

/* The words, the piece until the text is full, a character that stands in no regex, and the words again: what must follow is there, and does not follow. */
static void try_piece(struct slow *slow, weir_str piece) {
  struct weir_match_found at;
  size_t len = slow->head_len;
  bool cut;
  if (!piece.len || piece.len > WEIR_TAG_MAX || slow->found || !slow->tries) return;
  slow->tries--;
  while (len + piece.len + 1 + slow->head_len <= WEIR_LINT_TEXT_BYTES) {
    memcpy(slow->text + len, piece.ptr, piece.len);
    len += piece.len;
  }
  slow->text[len++] = '\x01';
  memcpy(slow->text + len, slow->text, slow->head_len);
  len += slow->head_len;
  if (weir_match_text(slow->match, (weir_str){ slow->text, len }, true, &cut, NULL) != WEIR_OK) return;
  uint32_t pattern = slow->load->rules[slow->rule].pattern;
  enum weir_match_answer answer = weir_match_next(slow->match, pattern) == pattern ? weir_match_pattern(slow->match, pattern, &at) : WEIR_MATCH_NO;
  if (answer == WEIR_MATCH_LIMIT) found(slow, piece, len, at.limit);
  if (answer != WEIR_MATCH_YES || slow->head_len == slow->runs_len) return;
  slow->head_len = slow->runs_len;
  try_piece(slow, piece);
}

static bool is_plain(char c) {
  unsigned char u = (unsigned char)c;
  return u >= 0x80 || (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || u == ' ';
}

/* What stands in the regex as it is: the run of letters and the like that ends before `end`; empty: there is none. What it is made of does
 * not matter: \w gives "w", which \w matches. */
static weir_str run_before(weir_str regex, size_t end) {
  while (end > 0 && !is_plain(regex.ptr[end - 1])) end--;
  size_t from = end;
  while (from > 0 && is_plain(regex.ptr[from - 1])) from--;
  return (weir_str){ regex.ptr + from, end - from };
}

static void add_to_head(struct slow *slow, weir_str piece) {
  if (slow->head_len + piece.len + 1 > WEIR_LINT_TEXT_BYTES / 4) return;
  memcpy(slow->text + slow->head_len, piece.ptr, piece.len);
  slow->head_len += piece.len;
  slow->text[slow->head_len++] = '\n';
}

/* Words that must be in the text are in it, so that no filter keeps the regex from being tried, but from the last to the first. */
static void make_head(struct slow *slow, weir_str regex) {
  const struct weir_rule *rule = &slow->load->rules[slow->rule];
  slow->head_len = 0;
  for (weir_str run = run_before(regex, regex.len); run.len; run = run_before(regex, (size_t)(run.ptr - regex.ptr))) add_to_head(slow, run);
  slow->runs_len = slow->head_len;
  for (uint32_t i = 0; i < rule->yes_cnt; i++) {
    weir_str text = rule->yes[i];
    size_t half = weir_utf8_cut(text, text.len / 2);
    add_to_head(slow, (weir_str){ text.ptr + half, text.len - half });
    add_to_head(slow, (weir_str){ text.ptr, half });
  }
}

/* An example, and what of it is not the whole of it. */
static void try_example(struct slow *slow, weir_str text) {
  weir_str part = { text.ptr, weir_utf8_cut(text, text.len < WEIR_TAG_MAX ? text.len : WEIR_TAG_MAX) };
  try_piece(slow, part);
  if (part.len > 1) try_piece(slow, (weir_str){ part.ptr, weir_utf8_cut(part, part.len - 1) });
}

/* What repeats less than twice takes no longer than the text is long. */
static bool may_be_slow(weir_str regex) {
  uint32_t repeats = 0;
  for (size_t i = 0; i < regex.len; i++) repeats += regex.ptr[i] == '*' || regex.ptr[i] == '+' || regex.ptr[i] == ',';
  return repeats >= 2;
}

static void look_at_regex(struct slow *slow, weir_str regex) {
  static const char *const anything[] = { "a", "1", " ", "a ", "1 ", "a1", "aA", ".", "-", "\xe6\xb1\x82" };
  const struct weir_rule *rule = &slow->load->rules[slow->rule];
  if (!may_be_slow(regex)) return;
  make_head(slow, regex);
  for (size_t i = 0; i < sizeof anything / sizeof *anything; i++) try_piece(slow, weir_str_of(anything[i]));
  for (weir_str run = run_before(regex, regex.len); run.len; run = run_before(regex, (size_t)(run.ptr - regex.ptr))) try_piece(slow, run);
  for (uint32_t i = 0; i < rule->yes_cnt; i++) try_example(slow, rule->yes[i]);
}

static void look_at_rule(struct slow *slow) {
  const struct weir_value *match = weir_value_get(&slow->load->order[slow->rule]->body, "match");
  slow->found = false;
  if (!match || slow->load->rules[slow->rule].pattern == WEIR_NO_INDEX) return;
  if (match->kind == WEIR_VALUE_STR) look_at_regex(slow, match->u.s);
  for (uint32_t i = 0; match->kind == WEIR_VALUE_TABLE && i < match->u.t->list_cnt; i++)
    if (match->u.t->list[i].kind == WEIR_VALUE_STR) look_at_regex(slow, match->u.t->list[i].u.s);
}

void weir_load_lint_slow(struct weir_load *load, struct weir_match *match) {
  struct slow slow = { .load = load, .match = match, .tries = WEIR_LINT_TRIES_MAX, .text = weir_arena_bytes(&load->work, WEIR_LINT_TEXT_BYTES) };
  if (!slow.text) {
    weir_load_no_memory(load);
    return;
  }
  for (; slow.rule < load->ruleset->rule_cnt && slow.tries; slow.rule++)
    if (load->rules[slow.rule].enabled) look_at_rule(&slow);
  if (slow.tries) return;
  struct weir_place place = weir_load_place(load, load->order[slow.rule - 1], "match");
  weir_load_note(load, WEIR_SEVERITY_NOTE, WEIR_E_RULES, &place, "the regular expressions from this one on were not tried on texts that may be slow: there are too many");
}
