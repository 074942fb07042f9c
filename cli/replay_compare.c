/* replay_compare.c: two answers to the same events, rule by rule. An event's answer is what the rules that fired do about it; a
 * timer's is what then goes out. Rules are compared by name: what only one side says was gained or lost, what both say in other
 * words has changed. */
#include <stdlib.h>
#include <string.h>

#include "replay.h"

enum { BUCKETS = 4096, RULES_IN_ONE = 16, SHOWN_MAX = 512, NAME_MAX_BYTES = 200 };

/* What one rule does about one event. */
struct part {
  char rule[NAME_MAX_BYTES];
  uint64_t hash;          /* of the actions as they stand in a record */
  char shown[SHOWN_MAX];  /* for people */
};

struct answer {
  struct answer *next;
  uint64_t hash;          /* of the cause */
  int side;
  char *cause;
  struct part *parts;
  size_t part_cnt, part_cap;
};

enum change { GAINED, LOST, CHANGED, CHANGES };
static const char *const change_words[CHANGES] = { "gained", "lost", "changed" };

struct example {
  enum change change;
  char cause[NAME_MAX_BYTES], text[REPLAY_TEXT_MAX], was[SHOWN_MAX], is[SHOWN_MAX];
};

struct row {
  char rule[NAME_MAX_BYTES];
  uint64_t before, after, counts[CHANGES];
  struct example examples[REPLAY_EXAMPLES];
  size_t example_cnt;
};

struct replay_compare {
  struct answer *waiting[BUCKETS]; /* of one side; the other's has not come yet */
  struct row *rows;
  size_t row_cnt, row_cap;
  uint64_t events, events_differ, timers[2], timers_differ;
};

struct replay_compare *replay_compare_new(void) { return calloc(1, sizeof(struct replay_compare)); }

static void free_answer(struct answer *a) {
  if (!a) return;
  free(a->cause);
  free(a->parts);
  free(a);
}

void replay_compare_free(struct replay_compare *c) {
  if (!c) return;
  for (int i = 0; i < BUCKETS; i++) {
    while (c->waiting[i]) {
      struct answer *a = c->waiting[i];
      c->waiting[i] = a->next;
      free_answer(a);
    }
  }
  free(c->rows);
  free(c);
}

/* ---- reading an answer */

/* FNV-1a: it tells texts apart that nobody made alike on purpose. */
static uint64_t hash_more(uint64_t hash, weir_str s) {
  for (size_t i = 0; i < s.len; i++) hash = (hash ^ (unsigned char)s.ptr[i]) * UINT64_C(1099511628211);
  return hash;
}
static const uint64_t hash_empty = UINT64_C(14695981039346656037);

static void copy_text(char *out, size_t cap, weir_str s) {
  size_t len = s.len < cap ? s.len : cap - 1;
  while (len && len < s.len && ((unsigned char)s.ptr[len] & 0xc0) == 0x80) len--; /* not in the middle of a character */
  memcpy(out, len ? s.ptr : "", len);
  out[len] = '\0';
}

static struct part *part_of(struct answer *a, weir_str rule) {
  char name[NAME_MAX_BYTES];
  copy_text(name, sizeof name, rule);
  for (size_t i = 0; i < a->part_cnt; i++) {
    if (strcmp(a->parts[i].rule, name) == 0) return &a->parts[i];
  }
  if (a->part_cnt == a->part_cap) return NULL; /* so many rules that say "continue" are told by the first of them */
  struct part *p = &a->parts[a->part_cnt++];
  memset(p, 0, sizeof *p);
  memcpy(p->rule, name, sizeof name);
  p->hash = hash_empty;
  return p;
}

static void show(struct part *p, weir_str kind, weir_str text) {
  size_t used = strlen(p->shown);
  char what[SHOWN_MAX];
  snprintf(what, sizeof what, "%s%.*s%s%.*s", used ? "; " : "", FMT(kind), text.len ? " " : "", FMT(text));
  copy_text(p->shown + used, sizeof p->shown - used, (weir_str){ what, strlen(what) });
}

/* The action without its number, which other rules' actions may move. */
static weir_str without_number(weir_str json) {
  const char *comma = json.len ? memchr(json.ptr, ',', json.len) : NULL;
  return comma ? (weir_str){ comma, (size_t)(json.ptr + json.len - comma) } : json;
}

static bool read_answer(struct answer *a, const weir_verdict *v) {
  size_t most = v->trace_cnt + v->action_cnt;
  a->part_cap = most < RULES_IN_ONE ? most : RULES_IN_ONE;
  a->parts = malloc((a->part_cap + 1) * sizeof *a->parts);
  a->cause = malloc(v->cause.len + 1);
  if (!a->parts || !a->cause) return false;
  copy_text(a->cause, v->cause.len + 1, v->cause);
  a->hash = hash_more(hash_empty, v->cause);
  for (size_t i = 0; i < v->trace_cnt; i++) {
    const weir_trace *t = &v->trace[i];
    struct part *p = t->reason == WEIR_REASON_FIRED || t->reason == WEIR_REASON_ACTION_WAITS ? part_of(a, t->rule) : NULL;
    if (!p || t->reason == WEIR_REASON_FIRED) continue;
    p->hash = hash_more(p->hash, t->detail);
    show(p, (weir_str){ "later:", 6 }, t->detail);
  }
  for (size_t i = 0; i < v->action_cnt; i++) {
    struct part *p = part_of(a, v->actions[i].rule);
    if (!p) continue;
    p->hash = hash_more(p->hash, without_number(v->actions[i].json));
    show(p, v->actions[i].kind, v->actions[i].text);
  }
  return true;
}

/* ---- counting */

static struct row *row_of(struct replay_compare *c, const char *rule) {
  for (size_t i = 0; i < c->row_cnt; i++) {
    if (strcmp(c->rows[i].rule, rule) == 0) return &c->rows[i];
  }
  if (c->row_cnt == c->row_cap) {
    size_t cap = c->row_cap ? 2 * c->row_cap : 64;
    struct row *more = realloc(c->rows, cap * sizeof *more);
    if (!more) return NULL;
    c->rows = more;
    c->row_cap = cap;
  }
  struct row *row = &c->rows[c->row_cnt++];
  memset(row, 0, sizeof *row);
  memcpy(row->rule, rule, sizeof row->rule);
  return row;
}

static const struct part *find(const struct answer *a, const char *rule) {
  for (size_t i = 0; a && i < a->part_cnt; i++) {
    if (strcmp(a->parts[i].rule, rule) == 0) return &a->parts[i];
  }
  return NULL;
}

static bool note(struct replay_compare *c, const char *cause, const struct part *was, const struct part *is, weir_str line, bool *differs) {
  /* cppcheck-suppress nullPointerRedundantCheck ; one of the two there is */
  struct row *row = row_of(c, was ? was->rule : is->rule);
  if (!row) return false;
  row->before += was != NULL;
  row->after += is != NULL;
  if (was && is && was->hash == is->hash) return true;
  enum change change = !was ? GAINED : !is ? LOST : CHANGED;
  *differs = true;
  row->counts[change]++;
  if (row->example_cnt == REPLAY_EXAMPLES) return true;
  struct example *e = &row->examples[row->example_cnt++];
  e->change = change;
  copy_text(e->cause, sizeof e->cause, (weir_str){ cause, strlen(cause) });
  replay_unquote(replay_member(line, "text"), e->text, sizeof e->text);
  if (was) memcpy(e->was, was->shown, sizeof e->was);
  if (is) memcpy(e->is, is->shown, sizeof e->is);
  return true;
}

static bool compare(struct replay_compare *c, const struct answer *was, const struct answer *is, weir_str line, bool *differs) {
  *differs = false;
  const char *cause = was ? was->cause : is->cause;
  for (size_t i = 0; was && i < was->part_cnt; i++) {
    if (!note(c, cause, &was->parts[i], find(is, was->parts[i].rule), line, differs)) return false;
  }
  for (size_t i = 0; is && i < is->part_cnt; i++) {
    if (!find(was, is->parts[i].rule) && !note(c, cause, NULL, &is->parts[i], line, differs)) return false;
  }
  return true;
}

static struct answer **place_of(struct replay_compare *c, const struct answer *a) {
  struct answer **at = &c->waiting[a->hash % BUCKETS];
  while (*at && ((*at)->hash != a->hash || (*at)->side == a->side || strcmp((*at)->cause, a->cause) != 0)) at = &(*at)->next;
  return at;
}

bool replay_compare_take(struct replay_compare *c, int side, const weir_verdict *verdict, weir_str line) {
  struct answer *a = calloc(1, sizeof *a);
  bool differs = false, event = line.ptr != NULL;
  if (!a) return false;
  a->side = side;
  if (!read_answer(a, verdict)) {
    free_answer(a);
    return false;
  }
  if (event) c->events += side == 0;
  else c->timers[side]++;
  struct answer **at = place_of(c, a), *other = *at;
  if (!other) {
    *at = a;
    return true;
  }
  *at = other->next;
  bool good = compare(c, side ? other : a, side ? a : other, line, &differs);
  if (event) c->events_differ += differs;
  else c->timers_differ += differs;
  free_answer(a);
  free_answer(other);
  return good;
}

bool replay_compare_end(struct replay_compare *c) {
  const weir_str none = { NULL, 0 };
  for (int i = 0; i < BUCKETS; i++) {
    while (c->waiting[i]) {
      struct answer *a = c->waiting[i];
      bool differs, good = compare(c, a->side ? NULL : a, a->side ? a : NULL, none, &differs);
      c->timers_differ += differs;
      c->waiting[i] = a->next;
      free_answer(a);
      if (!good) return false;
    }
  }
  return true;
}

/* ---- showing */

static void print_json(const struct replay_compare *c) {
  printf("{\"events\":%llu,\"events_differ\":%llu,\"timers_before\":%llu,\"timers_after\":%llu,\"timers_differ\":%llu,\"rules\":[", (unsigned long long)c->events,
         (unsigned long long)c->events_differ, (unsigned long long)c->timers[0], (unsigned long long)c->timers[1], (unsigned long long)c->timers_differ);
  for (size_t i = 0; i < c->row_cnt; i++) {
    const struct row *row = &c->rows[i];
    printf("%s{\"rule\":", i ? "," : "");
    print_json_string(stdout, (weir_str){ row->rule, strlen(row->rule) });
    printf(",\"before\":%llu,\"after\":%llu", (unsigned long long)row->before, (unsigned long long)row->after);
    for (int k = 0; k < CHANGES; k++) printf(",\"%s\":%llu", change_words[k], (unsigned long long)row->counts[k]);
    printf(",\"examples\":[");
    for (size_t k = 0; k < row->example_cnt; k++) {
      const struct example *e = &row->examples[k];
      const char *const names[] = { "change", "cause", "text", "was", "is" };
      const char *const values[] = { change_words[e->change], e->cause, e->text, e->was, e->is };
      for (int m = 0; m < 5; m++) {
        printf("%s\"%s\":", m ? "," : k ? ",{" : "{", names[m]);
        print_json_string(stdout, (weir_str){ values[m], strlen(values[m]) });
      }
      putchar('}');
    }
    printf("]}");
  }
  printf("]}\n");
}

static void print_example(const struct example *e) {
  static const enum paint colors[CHANGES] = { GREEN, RED, YELLOW };
  printf("    %s%-8s%s", paint(stdout, colors[e->change]), change_words[e->change], paint(stdout, PLAIN));
  print_text(stdout, (weir_str){ e->cause, strlen(e->cause) });
  if (e->text[0]) fputs("  ", stdout);
  print_text(stdout, (weir_str){ e->text, strlen(e->text) });
  putchar('\n');
  const struct {
    const char *word, *shown;
  } sides[2] = { { "was", e->was }, { "is", e->is } };
  for (int i = 0; i < 2; i++) {
    if (!sides[i].shown[0]) continue;
    printf("      %s%-4s%s", paint(stdout, DIM), sides[i].word, paint(stdout, PLAIN));
    print_text(stdout, (weir_str){ sides[i].shown, strlen(sides[i].shown) });
    putchar('\n');
  }
}

static bool row_differs(const struct row *row) { return row->counts[GAINED] + row->counts[LOST] + row->counts[CHANGED] > 0; }

static void print_table(const struct replay_compare *c) {
  int width = 4;
  uint64_t same = 0;
  for (size_t i = 0; i < c->row_cnt; i++) {
    int len = (int)strlen(c->rows[i].rule);
    if (row_differs(&c->rows[i]) && len > width) width = len < 38 ? len : 38;
  }
  printf("%s%-*s %8s %8s %7s %7s %7s%s\n", paint(stdout, BOLD), width, "rule", "before", "after", "gained", "lost", "changed", paint(stdout, PLAIN));
  for (size_t i = 0; i < c->row_cnt; i++) {
    const struct row *row = &c->rows[i];
    if (!row_differs(row)) {
      same++;
      continue;
    }
    printf("%-*s %8llu %8llu %7llu %7llu %7llu\n", width, row->rule, (unsigned long long)row->before, (unsigned long long)row->after,
           (unsigned long long)row->counts[GAINED], (unsigned long long)row->counts[LOST], (unsigned long long)row->counts[CHANGED]);
    for (size_t k = 0; k < row->example_cnt; k++) print_example(&row->examples[k]);
  }
  if (same) printf("%llu %s as before\n", (unsigned long long)same, same == 1 ? "rule answers" : "rules answer");
}

bool replay_compare_print(const struct replay_compare *c, bool json) {
  bool differs = c->events_differ + c->timers_differ > 0;
  if (json) {
    print_json(c);
    return differs;
  }
  if (differs) print_table(c);
  printf("%llu of %llu events get another answer", (unsigned long long)c->events_differ, (unsigned long long)c->events);
  if (c->timers[0] + c->timers[1]) {
    printf("; %llu timers were, %llu are, %llu differ", (unsigned long long)c->timers[0], (unsigned long long)c->timers[1], (unsigned long long)c->timers_differ);
  }
  putchar('\n');
  return differs;
}
