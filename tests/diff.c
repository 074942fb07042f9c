/* diff.c: make diff. For every comment and several rulesets the list of matches is the same with the prefilter and without
 * it, the same from a ruleset that was loaded a second time, and the same from one whose regexes are machine code (where PCRE2
 * makes any): same rules, same answers, same spans, byte for byte.
 * Speaks TAP, a line for each ruleset. Ends with 1 at the first difference and says which comment and which rule.
 *
 * Comments: COMMENTS=FILE, or all of ../shared/corpora/comments (WEIR_SHARED names another place), or bench/match/comments.txt.
 * SAMPLE=2000 takes so many, evenly. As many threads as there are processors. */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "limits.h"
#include "match/match.h"
#include "match_rules.h"
#include "shared_data.h"
#include "text/utf8.h"

#define SEED 1
#define WORKERS_MAX 16
#define STEP 16 /* comments a worker takes at once */
#define OWN_FILE "bench/match/comments.txt"

struct comment { weir_str text; const char *file; size_t line; };

static struct comment *comments;
static size_t comment_cnt, comment_room;

static _Noreturn void die(const char *what) {
  (void)printf("Bail out! %s: %s\n", what, errno ? strerror(errno) : "no memory");
  exit(2);
}

/* ---- Comments */

static void add_comment(weir_str text, const char *file, size_t line) {
  if (text.len == 0 || weir_utf8_valid(text) != text.len) return;
  if (comment_cnt == comment_room) {
    comment_room = comment_room ? 2 * comment_room : 4096;
    if (!(comments = realloc(comments, comment_room * sizeof *comments))) die("comments");
  }
  comments[comment_cnt++] = (struct comment){ text, file, line };
}

/* The texts stay in memory. */
static void read_comments(const char *path) {
  size_t len, line = 0;
  char *name = malloc(strlen(path) + 1), *data = shared_read(path, &len);
  if (!data || !name) die(path);
  memcpy(name, path, strlen(path) + 1);
  for (size_t at = 0; at < len;) {
    const char *end = memchr(data + at, '\n', len - at);
    size_t cnt = end ? (size_t)(end - (data + at)) : len - at;
    add_comment((weir_str){ data + at, cnt }, name, ++line);
    at += cnt + 1;
  }
}

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

static bool read_corpora(void) {
  static char names[64][256];
  char folder[512], path[1024];
  size_t cnt = 0;
  DIR *dir;
  const struct dirent *entry;
  if (!shared_path(folder, sizeof folder, "corpora/comments") || !(dir = opendir(folder))) return false;
  while ((entry = readdir(dir)) && cnt < 64) {
    const char *dot = strrchr(entry->d_name, '.');
    if (dot && strcmp(dot, ".txt") == 0) (void)snprintf(names[cnt++], sizeof names[0], "%s", entry->d_name);
  }
  (void)closedir(dir);
  qsort(names, cnt, sizeof names[0], by_name);
  for (size_t i = 0; i < cnt; i++) {
    int len = snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    if (len > 0 && (size_t)len < sizeof path) read_comments(path);
  }
  return cnt > 0;
}

static void gather(void) {
  const char *own = getenv("COMMENTS"), *sample = getenv("SAMPLE");
  size_t wanted = sample && *sample ? strtoul(sample, NULL, 10) : 0;
  if (own && *own) read_comments(own);
  else if (!read_corpora()) read_comments(OWN_FILE);
  if (wanted == 0 || wanted >= comment_cnt) return;
  for (size_t i = 0; i < wanted; i++) comments[i] = comments[i * comment_cnt / wanted];
  comment_cnt = wanted;
}

/* ---- Rulesets */

struct set {
  struct weir_arena arena, work;
  const struct weir_matcher *matcher;
  struct made_rule *rules;
  size_t rule_cnt;
};

static bool no_list(void *ctx, weir_str name, const weir_str **words, size_t *word_cnt) {
  (void)ctx, (void)name;
  *words = NULL;
  *word_cnt = 0;
  return false;
}

static weir_str none_near(void *ctx, weir_str name) {
  (void)ctx, (void)name;
  return (weir_str){ "", 0 };
}

/* All kinds of patterns: the modes take turns, some rules are loose unless none shall be, some have a forbidding word. */
static void add_rule(struct weir_matcher_builder *builder, const struct made_rule *rule, size_t number, bool loose) {
  static const weir_str forbidden[] = { { "的", 3 }, { "the", 3 } };
  weir_str words[RULE_WORDS_MAX], regex = weir_str_of(rule->regex);
  struct weir_pattern_spec spec = { .keywords = words, .keyword_cnt = (size_t)rule->keyword_cnt, .regexes = &regex, .regex_cnt = rule->keyword_cnt == 0 };
  struct weir_pattern_error bad;
  weir_error err;
  uint32_t pattern;
  for (int i = 0; i < rule->keyword_cnt; i++) words[i] = weir_str_of(rule->keywords[i]);
  spec.mode = number % 16 == 3 ? WEIR_MODE_PREFIX : number % 16 == 7 ? WEIR_MODE_EQUAL : number % 2 ? WEIR_MODE_CONTAINS : WEIR_MODE_WORD;
  spec.loose = loose && number % 8 == 5;
  spec.excepts = forbidden;
  spec.except_cnt = number % 10 == 9 ? 2 : 0;
  errno = 0;
  if (weir_matcher_add(builder, &spec, &pattern, &bad, &err) != WEIR_OK) {
    (void)printf("Bail out! rule %zu: %s\n", number, bad.message[0] ? bad.message : err.message);
    exit(2);
  }
}

static bool no_jit; /* PCRE2 makes none here */

static void load(struct set *set, size_t cnt, bool loose, bool jit) {
  static const struct weir_word_lists lists = { no_list, none_near, NULL };
  struct rule_maker maker = { SEED + cnt };
  struct weir_matcher_builder *builder;
  weir_error err;
  errno = 0;
  *set = (struct set){ .rule_cnt = cnt, .rules = calloc(cnt, sizeof *set->rules) };
  if (!set->rules) die("rules");
  weir_arena_growing(&set->arena, (size_t)1 << 30);
  weir_arena_growing(&set->work, (size_t)1 << 30);
  if (weir_matcher_begin(&builder, &set->arena, &set->work, &lists, &err) != WEIR_OK) die(err.message);
  if (jit && weir_matcher_jit(builder, &err) != WEIR_OK) {
    if (!no_jit) (void)printf("# not compared with JIT on: %s\n", err.message);
    no_jit = true;
  }
  for (size_t i = 0; i < cnt; i++) {
    rule_make(&maker, &set->rules[i]);
    add_rule(builder, &set->rules[i], i, loose);
  }
  if (weir_matcher_finish(builder, &set->matcher, &err) != WEIR_OK) die(err.message);
  weir_arena_release(&set->work);
}

static void unload(struct set *set) {
  weir_matcher_release(set->matcher);
  weir_arena_release(&set->arena);
  free(set->rules);
}

/* ---- Match lists */

struct answer {
  uint32_t pattern;
  enum weir_match_answer answer;
  struct weir_match_found found;
};

struct list { struct answer *answers; size_t cnt; };

struct job {
  const struct set *first, *again, *jit;
  atomic_size_t next;
  atomic_bool stop;
  pthread_mutex_t lock;
  size_t matches, excepts, limits, candidates;
};

struct worker {
  struct job *job;
  struct weir_match *first, *again, *jit;
  void *blocks[3];
  struct list plain, filtered, reloaded, jitted;
  size_t matches, excepts, limits, candidates;
};

static void ask(struct worker *w, struct weir_match *match, weir_str text, bool prefilter, struct list *list) {
  weir_error err;
  bool cut;
  list->cnt = 0;
  if (weir_match_text(match, text, prefilter, &cut, &err) != WEIR_OK) return;
  for (uint32_t p = weir_match_next(match, 0); p != UINT32_MAX; p = weir_match_next(match, p + 1)) {
    struct answer *a = &list->answers[list->cnt];
    a->pattern = p;
    a->answer = weir_match_pattern(match, p, &a->found);
    if (prefilter) w->candidates++;
    if (a->answer != WEIR_MATCH_NO) list->cnt++;
  }
}

static bool same(const struct answer *a, const struct answer *b) {
  return a->pattern == b->pattern && a->answer == b->answer && a->found.group_cnt == b->found.group_cnt &&
         memcmp(a->found.group, b->found.group, a->found.group_cnt * sizeof a->found.group[0]) == 0;
}

static const char *answer_name(const struct answer *a) {
  static const char *const names[] = { "no", "yes", "limit", "except" };
  return a ? names[a->answer] : "nothing";
}

static bool tell(struct job *job, const struct comment *c, const struct answer *a, const struct answer *b, const char *what) {
  uint32_t p = a && (!b || a->pattern <= b->pattern) ? a->pattern : b->pattern;
  const struct made_rule *rule = &job->first->rules[p];
  if (a && a->pattern != p) a = NULL;
  if (b && b->pattern != p) b = NULL;
  (void)pthread_mutex_lock(&job->lock);
  if (!atomic_exchange(&job->stop, true)) {
    (void)printf("not ok - %zu rules: %s:%zu: rule %u: %s without the prefilter, %s %s\n#   rule: %s\n#   comment: %.*s\n", job->first->rule_cnt, c->file, c->line, p,
                 answer_name(a), answer_name(b), what, rule->keyword_cnt ? rule->keywords[0] : rule->regex, WEIR_FMT(c->text));
    for (uint32_t g = 0; a && b && g < a->found.group_cnt; g++) {
      (void)printf("#   group %u: %zu..%zu and %zu..%zu\n", g, a->found.group[g].start, a->found.group[g].end, b->found.group[g].start, b->found.group[g].end);
    }
  }
  (void)pthread_mutex_unlock(&job->lock);
  return false;
}

/* A limit is allowed to differ: who tries every rule may strike one where the prefilter knows that there is no match, and the
 * budget of an event holds only with the prefilter. Anything else must be the same. */
static bool agree(struct worker *w, const struct comment *c, const struct list *plain, const struct list *other, const char *what) {
  size_t i = 0, k = 0;
  while (i < plain->cnt || k < other->cnt) {
    const struct answer *a = i < plain->cnt ? &plain->answers[i] : NULL, *b = k < other->cnt ? &other->answers[k] : NULL;
    if (a && b && same(a, b)) i++, k++;
    else if (a && a->answer == WEIR_MATCH_LIMIT && (!b || a->pattern <= b->pattern)) i++, k += b && b->pattern == a->pattern, w->limits++;
    else if (b && b->answer == WEIR_MATCH_LIMIT && (!a || b->pattern <= a->pattern)) k++, i += a && a->pattern == b->pattern, w->limits++;
    else return tell(w->job, c, a, b, what);
  }
  return true;
}

static void look_at(struct worker *w, const struct comment *c) {
  ask(w, w->first, c->text, false, &w->plain);
  ask(w, w->first, c->text, true, &w->filtered);
  ask(w, w->again, c->text, true, &w->reloaded);
  ask(w, w->jit, c->text, true, &w->jitted);
  if (!agree(w, c, &w->plain, &w->filtered, "with it")) return;
  if (!agree(w, c, &w->plain, &w->reloaded, "with it and loaded again")) return;
  if (!agree(w, c, &w->plain, &w->jitted, "with it and JIT on")) return;
  for (size_t i = 0; i < w->plain.cnt; i++) {
    w->matches += w->plain.answers[i].answer == WEIR_MATCH_YES;
    w->excepts += w->plain.answers[i].answer == WEIR_MATCH_EXCEPT;
  }
}

static struct weir_match *open_match(const struct weir_matcher *matcher, void **block) {
  size_t len = (weir_match_bytes(matcher) + 63) / 64 * 64;
  struct weir_match *match;
  weir_error err;
  if (!(*block = aligned_alloc(64, len)) || weir_match_open(&match, matcher, *block, len, &err) != WEIR_OK) die("a scratch for matching");
  return match;
}

static void *work(void *ctx) {
  struct job *job = ctx;
  struct worker w = { .job = job };
  struct list *lists[] = { &w.plain, &w.filtered, &w.reloaded, &w.jitted };
  w.first = open_match(job->first->matcher, &w.blocks[0]);
  w.again = open_match(job->again->matcher, &w.blocks[1]);
  w.jit = open_match(job->jit->matcher, &w.blocks[2]);
  for (int i = 0; i < 4; i++) if (!(lists[i]->answers = calloc(job->first->rule_cnt + 1, sizeof *lists[i]->answers))) die("match lists");
  while (!atomic_load(&job->stop)) {
    size_t from = atomic_fetch_add(&job->next, STEP);
    if (from >= comment_cnt) break;
    for (size_t i = from; i < from + STEP && i < comment_cnt; i++) look_at(&w, &comments[i]);
  }
  for (int i = 0; i < 4; i++) free(lists[i]->answers);
  for (int i = 0; i < 3; i++) free(w.blocks[i]);
  (void)pthread_mutex_lock(&job->lock);
  job->matches += w.matches, job->excepts += w.excepts, job->limits += w.limits, job->candidates += w.candidates;
  (void)pthread_mutex_unlock(&job->lock);
  return NULL;
}

static size_t matches_in_all;

static bool run_set(size_t rule_cnt, bool loose) {
  pthread_t threads[WORKERS_MAX];
  struct set first, again, jit;
  struct job job = { .first = &first, .again = &again, .jit = &jit };
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  int cnt = processors < 1 ? 1 : processors > WORKERS_MAX ? WORKERS_MAX : (int)processors;
  load(&first, rule_cnt, loose, false);
  load(&again, rule_cnt, loose, false);
  load(&jit, rule_cnt, loose, true);
  errno = 0;
  if (pthread_mutex_init(&job.lock, NULL) != 0) die("a lock");
  for (int i = 0; i < cnt; i++) if (pthread_create(&threads[i], NULL, work, &job) != 0) die("a thread");
  for (int i = 0; i < cnt; i++) (void)pthread_join(threads[i], NULL);
  (void)pthread_mutex_destroy(&job.lock);
  size_t jit_bytes = weir_matcher_jit_bytes(jit.matcher);
  unload(&first);
  unload(&again);
  unload(&jit);
  if (atomic_load(&job.stop)) return false;
  matches_in_all += job.matches;
  (void)printf("ok - %zu rules%s, %zu comments: %zu matches, %zu forbidden, %zu candidates in a thousand comments, %zu limits, %zu KiB of machine code\n", rule_cnt,
               loose ? "" : " of which none is loose", comment_cnt, job.matches, job.excepts, job.candidates * 1000 / 3 / comment_cnt, job.limits, jit_bytes / 1024);
  return true;
}

int main(void) {
  /* Without loose rules, few literals are looked for before a text is folded (engine/match/quiet.h). */
  static const struct { size_t cnt; bool loose; } sets[] = { { 10, false }, { 100, false }, { 10, true }, { 100, true }, { 1000, true }, { 10000, true } };
  bool good = true;
  gather();
  for (size_t i = 0; good && i < sizeof sets / sizeof *sets; i++) {
    good = run_set(sets[i].cnt, sets[i].loose);
    (void)fflush(stdout);
  }
  if (good && matches_in_all == 0) {
    (void)puts("not ok - nothing matched, so nothing was compared");
    good = false;
  }
  return good ? 0 : 1;
}
