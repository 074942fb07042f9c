/* test_coverage.c: which parts of the rules no test reached: keywords and patterns that were in no text, words of `except` that stopped nothing,
 * gates that refused nobody, actions that were never done, variants that nobody got, lines of handlers that were not run. Of several texts to choose from a hash takes one, and
 * no test can ask for another: they are not counted. */
#include <stdlib.h>
#include <string.h>

#include "test.h"

enum { NAMES_SHOWN = 5, LABEL = 14 };

struct coverage {
  const weir_ruleset *rules;
  size_t *first;    /* by rule index: where its parts begin; one more than there are rules */
  weir_part *parts; /* of all rules; a handler's loop comes to its lines many thousand times */
  bool *reached;    /* by part */
};

struct coverage *coverage_open(const weir_ruleset *rules) {
  struct coverage *c = calloc(1, sizeof *c);
  size_t cnt = weir_ruleset_rule_count(rules), sum = 0;
  weir_part part;
  if (!c || !(c->first = calloc(cnt + 1, sizeof *c->first))) {
    free(c);
    return NULL;
  }
  c->rules = rules;
  for (size_t i = 0; i < cnt; i++) {
    c->first[i] = sum;
    for (size_t k = 0; weir_ruleset_part(rules, i, k, &part); k++) sum++;
  }
  c->first[cnt] = sum;
  c->reached = calloc(sum + 1, sizeof *c->reached);
  c->parts = calloc(sum + 1, sizeof *c->parts);
  if (!c->reached || !c->parts) {
    coverage_close(c);
    return NULL;
  }
  for (size_t i = 0; i < cnt; i++) {
    for (size_t k = c->first[i]; k < c->first[i + 1]; k++) (void)weir_ruleset_part(rules, i, k - c->first[i], &c->parts[k]);
  }
  return c;
}

void coverage_close(struct coverage *c) {
  if (!c) return;
  free(c->first);
  free(c->parts);
  free(c->reached);
  free(c);
}

static void take(void *ctx, const weir_part *reached) {
  struct coverage *c = ctx;
  for (size_t k = c->first[reached->rule]; k < c->first[reached->rule + 1]; k++) {
    if (c->parts[k].kind == reached->kind && c->parts[k].index == reached->index) c->reached[k] = true;
  }
}

void coverage_watch(struct coverage *c, weir_config *config) {
  if (!c) return;
  config->reached = take;
  config->reached_ctx = c;
}

/* ---- telling */

/* A gate about places is tried by every event of another account. */
static bool is_plain(const weir_part *part) {
  static const char *const plain[] = { "channel", "account" };
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
    if (part->kind == WEIR_PART_GATE && part->name.len == strlen(plain[i]) && memcmp(part->name.ptr, plain[i], part->name.len) == 0) return true;
  }
  return false;
}

struct telling {
  const struct coverage *coverage;
  size_t rule;
  bool headed;
};

/* The place of the rule before its first line. */
static void line(struct telling *t, weir_str name) {
  weir_rule_info info;
  if (!t->headed && weir_ruleset_rule(t->coverage->rules, t->rule, &info)) printf("#   %.*s (%.*s:%u)\n", FMT(info.name), FMT(info.file), info.line);
  t->headed = true;
  printf("#     %.*s%*s", FMT(name), name.len < LABEL ? (int)(LABEL - name.len) : 1, "");
}

static weir_str word(const char *s) { return (weir_str){ s, strlen(s) }; }

static void tell_keywords(struct telling *t) {
  size_t all = 0, missed = 0;
  weir_part part;
  for (size_t k = 0; weir_ruleset_part(t->coverage->rules, t->rule, k, &part); k++) {
    if (part.kind != WEIR_PART_KEYWORD) continue;
    all++;
    missed += !t->coverage->reached[t->coverage->first[t->rule] + k];
  }
  if (!missed) return;
  line(t, word("keywords"));
  printf("%zu of %zu in no test: ", missed, all);
  size_t shown = 0;
  for (size_t k = 0; shown < NAMES_SHOWN && weir_ruleset_part(t->coverage->rules, t->rule, k, &part); k++) {
    if (part.kind != WEIR_PART_KEYWORD || t->coverage->reached[t->coverage->first[t->rule] + k]) continue;
    fputs(shown++ ? ", \"" : "\"", stdout);
    print_text(stdout, part.name);
    putchar('"');
  }
  puts(missed > NAMES_SHOWN ? " ..." : "");
}

/* Rows of unreached lines, as ranges. Lines between two of them that hold no code do not end a range. */
static void tell_lines(struct telling *t) {
  const struct coverage *c = t->coverage;
  const size_t end = c->first[t->rule + 1];
  size_t all = 0, missed = 0, ranges = 0;
  for (size_t k = c->first[t->rule]; k < end; k++) {
    all += c->parts[k].kind == WEIR_PART_LINE;
    missed += c->parts[k].kind == WEIR_PART_LINE && !c->reached[k];
  }
  if (!missed) return;
  line(t, word("run"));
  printf("%zu of %zu lines were not run: ", missed, all);
  for (size_t k = c->first[t->rule], last; k < end; k = last + 1) {
    last = k;
    if (c->parts[k].kind != WEIR_PART_LINE || c->reached[k]) continue;
    while (last + 1 < end && !c->reached[last + 1]) last++;
    printf(ranges++ ? ", %zu" : "%zu", c->parts[k].index);
    if (last > k) printf(" to %zu", c->parts[last].index);
  }
  putchar('\n');
}

static void tell_part(struct telling *t, const weir_part *part) {
  switch (part->kind) {
    case WEIR_PART_REGEX:
      line(t, word("match"));
      printf("pattern %zu is in no test's text\n", part->index + 1);
      break;
    case WEIR_PART_EXCEPT:
      line(t, word("except"));
      puts("stopped nothing");
      break;
    case WEIR_PART_GATE:
      line(t, part->name);
      puts("refused nobody");
      break;
    case WEIR_PART_ACTION:
      line(t, part->name);
      puts("was never done");
      break;
    case WEIR_PART_VARIANT:
      line(t, word("variants"));
      printf("nobody got \"%.*s\"\n", FMT(part->name));
      break;
    case WEIR_PART_KEYWORD:
    case WEIR_PART_LINE: break;
  }
}

static void tell_rule(struct telling *t) {
  const struct coverage *c = t->coverage;
  weir_part part;
  tell_keywords(t);
  for (size_t k = 0; weir_ruleset_part(c->rules, t->rule, k, &part); k++) {
    if (!c->reached[c->first[t->rule] + k] && !is_plain(&part)) tell_part(t, &part);
  }
  tell_lines(t);
}

/* The keywords of a rule are one part: a list of forty ways to say it would drown all the rest. */
static size_t count(const struct coverage *c, const bool *fired, size_t *reached) {
  size_t cnt = weir_ruleset_rule_count(c->rules), all = 0;
  weir_part part;
  *reached = 0;
  for (size_t i = 0; i < cnt; i++) {
    bool keywords = false, said = false;
    for (size_t k = 0; fired[i] && weir_ruleset_part(c->rules, i, k, &part); k++) {
      bool hit = c->reached[c->first[i] + k], keyword = part.kind == WEIR_PART_KEYWORD;
      keywords |= keyword;
      said |= keyword && hit;
      if (keyword || is_plain(&part)) continue;
      all++;
      *reached += hit;
    }
    all += keywords;
    *reached += said;
  }
  return all;
}

void coverage_tell(const struct coverage *c, const bool *fired) {
  size_t cnt = weir_ruleset_rule_count(c->rules), sum = 0, reached;
  for (size_t i = 0; i < cnt; i++) sum += fired[i];
  printf("# coverage: %zu of %zu rules fired in a test\n", sum, cnt);
  for (size_t i = 0; i < cnt; i++) {
    weir_rule_info info;
    if (!fired[i] && weir_ruleset_rule(c->rules, i, &info)) printf("#   never: %.*s (%.*s:%u)\n", FMT(info.name), FMT(info.file), info.line);
  }
  size_t all = count(c, fired, &reached);
  printf("# coverage: %zu of %zu parts of these rules were reached; in no test are:\n", reached, all);
  for (size_t i = 0; i < cnt; i++) {
    struct telling t = { .coverage = c, .rule = i };
    if (fired[i]) tell_rule(&t);
  }
}
