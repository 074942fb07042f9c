/* scenario_expect.c: what was expected of a step, and what was done. A difference is told so that one sees at once what to
 * mend: the line, what it expects, what was done instead, and the rules that came close. */
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

/* ---- texts */

static bool same(weir_str s, const char *text) { return s.len == strlen(text) && memcmp(s.ptr, text, s.len) == 0; }

static bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* The {name} at pattern[i]; its length with braces, or 0. */
static size_t name_at(weir_str pattern, size_t i, weir_str *name) {
  size_t end = i + 1;
  if (pattern.ptr[i] != '{') return 0;
  while (end < pattern.len && is_name_byte(pattern.ptr[end])) end++;
  if (end == i + 1 || end == pattern.len || pattern.ptr[end] != '}') return 0;
  *name = (weir_str){ pattern.ptr + i + 1, end - i - 1 };
  return end + 1 - i;
}

static void catch_name(struct player *p, weir_str name, const char *value, size_t len) {
  uint32_t i = 0;
  while (i < p->name_cnt && !same(name, p->names[i].name)) i++;
  if (i == SCENARIO_NAMES_MAX || len >= sizeof p->names[0].value || name.len >= sizeof p->names[0].name) return;
  if (i == p->name_cnt) p->name_cnt++;
  memcpy(p->names[i].name, name.ptr, name.len);
  p->names[i].name[name.len] = '\0';
  memcpy(p->names[i].value, value, len);
  p->names[i].value[len] = '\0';
}

/* Whether `text` begins with the pattern: * is anything, a {name} (one that is known was filled in before) is letters and digits, caught.
 * Texts are short, and so are patterns, so that trying every length is good enough. */
static bool begins_with(struct player *p, weir_str pattern, const char *text, size_t len) {
  weir_str name;
  size_t n;
  if (pattern.len == 0) return true;
  if (pattern.ptr[0] == '*') {
    weir_str rest = { pattern.ptr + 1, pattern.len - 1 };
    for (size_t i = 0; i <= len; i++) {
      if (begins_with(p, rest, text + i, len - i)) return true;
    }
    return false;
  }
  if ((n = name_at(pattern, 0, &name)) != 0) {
    weir_str rest = { pattern.ptr + n, pattern.len - n };
    size_t most = 0;
    while (most < len && is_name_byte(text[most])) most++;
    for (size_t i = most; i > 0; i--) {
      if (!begins_with(p, rest, text + i, len - i)) continue;
      catch_name(p, name, text, i);
      return true;
    }
    return false;
  }
  return len > 0 && pattern.ptr[0] == text[0] && begins_with(p, (weir_str){ pattern.ptr + 1, pattern.len - 1 }, text + 1, len - 1);
}

static bool is_like(struct player *p, weir_str pattern, const char *text) {
  size_t len = strlen(text);
  for (size_t i = 0; i <= len; i++) {
    if (begins_with(p, pattern, text + i, len - i)) return true;
  }
  return false;
}

/* An action without a text is compared by the texts in its JSON. */
static bool json_holds(const char *json, weir_str text) {
  size_t len = strlen(json);
  for (size_t i = 0; i + text.len + 2 <= len; i++) {
    if (json[i] == '"' && json[i + 1 + text.len] == '"' && memcmp(json + i + 1, text.ptr, text.len) == 0) return true;
  }
  return false;
}

static bool text_fits(struct player *p, const struct expect *e, weir_str wanted, const struct done_action *a) {
  if (e->like) return is_like(p, wanted, a->text[0] ? a->text : a->json);
  if (a->text[0]) return strlen(a->text) == wanted.len && memcmp(a->text, wanted.ptr, wanted.len) == 0;
  return json_holds(a->json, wanted);
}

/* ---- one expectation */

static bool has_action(struct player *p, const struct expect *e, weir_str wanted) {
  for (uint32_t i = 0; i < p->done.action_cnt; i++) {
    const struct done_action *a = &p->done.actions[i];
    if (!same(e->action, a->kind)) continue;
    if (e->via.len && !same(e->via, a->aud)) continue;
    if (!e->has_text || text_fits(p, e, wanted, a)) return true;
  }
  return false;
}

/* "ask" is "pack/ask" */
static bool rule_named(weir_str name, const char *rule) {
  size_t len = strlen(rule);
  if (same(name, rule)) return true;
  return len > name.len && rule[len - name.len - 1] == '/' && memcmp(rule + len - name.len, name.ptr, name.len) == 0;
}

static bool has_trace(struct player *p, const struct expect *e, weir_str wanted) {
  weir_reason reason = e->kind == EXPECT_RULE ? WEIR_REASON_FIRED : e->kind == EXPECT_DROPPED ? WEIR_REASON_ACTION_DROPPED : WEIR_REASON_ACTION_WAITS;
  for (uint32_t i = 0; i < p->done.trace_cnt; i++) {
    const struct done_trace *t = &p->done.traces[i];
    if (t->reason != reason) continue;
    if (e->kind == EXPECT_RULE ? rule_named(wanted, t->rule) : !e->has_text || is_like(p, wanted, t->detail)) return true;
  }
  return false;
}

static bool holds(struct player *p, const struct expect *e, weir_str wanted) {
  switch (e->kind) {
    case EXPECT_NOTHING: return p->done.action_cnt == 0 && !p->done.refused;
    case EXPECT_REFUSED: return p->done.refused != NULL;
    case EXPECT_ACTION: return has_action(p, e, wanted);
    default: return has_trace(p, e, wanted);
  }
}

/* Whether every action was expected by one of the line's words. */
static bool nothing_else(const struct player *p, const struct expect *e, uint32_t cnt) {
  for (uint32_t i = 0; i < p->done.action_cnt; i++) {
    bool expected = false;
    for (uint32_t k = 0; k < cnt; k++) expected |= e[k].exactly && e[k].kind == EXPECT_ACTION && same(e[k].action, p->done.actions[i].kind);
    if (!expected) return false;
  }
  return true;
}

/* ---- telling */

static void tell_done(const struct player *p) {
  if (p->done.refused) {
    printf("#     got:      the event was refused: ");
    print_text(stdout, (weir_str){ p->done.refused, strlen(p->done.refused) });
    putchar('\n');
  } else if (!p->done.action_cnt) {
    printf("#     got:      %s\n", p->done.result == WEIR_RESULT_REPEAT ? "nothing (this event was decided before)" : "nothing");
  }
  for (uint32_t i = 0; i < p->done.action_cnt; i++) {
    const struct done_action *a = &p->done.actions[i];
    printf("#     got:      %s%s%s ", paint(stdout, YELLOW), a->kind, paint(stdout, PLAIN));
    print_text(stdout, a->text[0] ? (weir_str){ a->text, strlen(a->text) } : (weir_str){ a->json, strlen(a->json) });
    printf("  (rule %s)\n", a->rule);
  }
  uint32_t shown = 0;
  for (uint32_t i = 0; i < p->done.trace_cnt && shown < 8; i++) {
    const struct done_trace *t = &p->done.traces[i];
    if (t->reason == WEIR_REASON_NO_MATCH || t->reason == WEIR_REASON_DISABLED || t->reason == WEIR_REASON_FIRED) continue;
    printf("#     because:  %s: %s", t->rule, weir_reason_name(t->reason));
    if (t->detail[0]) {
      fputs(": ", stdout);
      print_text(stdout, (weir_str){ t->detail, strlen(t->detail) });
    }
    putchar('\n');
    shown++;
  }
}

static void tell_expected(const struct expect *e, weir_str wanted) {
  printf("#     expected: %s", paint(stdout, GREEN));
  if (e->no) fputs("no ", stdout);
  if (e->exactly) fputs("exactly ", stdout);
  printf("%.*s%s", FMT(e->action), paint(stdout, PLAIN));
  if (e->via.len) printf(" via %.*s", FMT(e->via));
  if (e->like) fputs(" like", stdout);
  if (e->has_text || e->kind == EXPECT_RULE) {
    fputs(" \"", stdout);
    print_text(stdout, wanted);
    putchar('"');
  }
  putchar('\n');
}

static void tell_step(const struct player *p, const struct step *s, uint32_t line) {
  printf("#   %s:%u: ", p->file->path, line);
  weir_str said = s->said;
  while (said.len && (said.ptr[0] == ' ' || said.ptr[0] == '\t')) said.ptr++, said.len--;
  print_text(stdout, said);
  putchar('\n');
}

bool scenario_meets(struct player *p, const struct step *s) {
  const struct expect *all = &p->file->expects[s->first_expect];
  bool good = true;
  uint32_t told = 0;
  for (uint32_t i = 0; i < s->expect_cnt; i++) {
    const struct expect *e = &all[i];
    char *filled = scenario_fill(p, e->text);
    if (!filled) return scenario_no_memory(p);
    weir_str wanted = { filled, strlen(filled) };
    if (holds(p, e, wanted) == e->no) {
      if (!told) tell_step(p, s, e->line);
      tell_expected(e, wanted);
      told++;
      good = false;
    }
    free(filled);
  }
  if (good && s->expect_cnt && all[0].exactly && !nothing_else(p, all, s->expect_cnt)) {
    tell_step(p, s, all[0].line);
    printf("#     expected: nothing beside that\n");
    good = false;
  }
  if (!good) tell_done(p);
  return good;
}

/* ---- for --update */

static void put_quoted(FILE *out, const char *text) {
  fputc('"', out);
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') fputc('\\', out);
    if (*text == '\n') fputs("\\n", out);
    else fputc(*text, out);
  }
  fputc('"', out);
}

char *scenario_actual(const struct player *p) {
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  if (!out) return NULL;
  if (p->done.refused) fputs("  expect refused\n", out);
  else if (!p->done.action_cnt) fputs("  expect nothing\n", out);
  for (uint32_t i = 0; i < p->done.action_cnt; i++) {
    const struct done_action *a = &p->done.actions[i];
    fprintf(out, "  expect %s", a->kind);
    if (a->text[0]) {
      fputc(' ', out);
      put_quoted(out, a->text);
    }
    fputc('\n', out);
  }
  if (fclose(out) == 0) return text;
  free(text);
  return NULL;
}
