/* report_funnel.c: the ways people went through funnels: who came to each stage, who went on from there, and how long that took.
 *
 * Somebody went on when he came to any later stage: people may skip some. His time is that to the first he came to. */
#include <stdlib.h>
#include <string.h>

#include "report.h"

static bool same(const char *text, weir_str s) { return strlen(text) == s.len && memcmp(text, s.ptr, s.len) == 0; }

static void copy(char out[REPORT_NAME_MAX], weir_str s) {
  size_t len = s.len < REPORT_NAME_MAX ? s.len : REPORT_NAME_MAX - 1;
  if (len) memcpy(out, s.ptr, len);
  out[len] = '\0';
}

/* One more place at the end, zeroed; NULL: no memory. */
static void *grow(void **items, size_t *cnt, size_t size) {
  void *more = realloc(*items, (*cnt + 1) * size);
  if (!more) return NULL;
  *items = more;
  return memset((char *)more + (*cnt)++ * size, 0, size);
}

static struct report_funnel *find_funnel(struct report_funnels *f, weir_str name) {
  for (size_t i = 0; i < f->cnt; i++) {
    if (same(f->items[i].name, name)) return &f->items[i];
  }
  void *items = f->items;
  struct report_funnel *funnel = grow(&items, &f->cnt, sizeof *funnel);
  f->items = items;
  if (funnel) copy(funnel->name, name);
  else f->no_memory = true;
  return funnel;
}

static struct report_stage *find_stage(struct report_funnels *f, struct report_funnel *funnel, weir_str name) {
  for (size_t i = 0; i < funnel->stage_cnt; i++) {
    if (same(funnel->stages[i].name, name)) return &funnel->stages[i];
  }
  void *items = funnel->stages;
  struct report_stage *stage = grow(&items, &funnel->stage_cnt, sizeof *stage);
  funnel->stages = items;
  if (stage) copy(stage->name, name);
  else f->no_memory = true;
  return stage;
}

bool report_funnels_begin(struct report_funnels *f, const weir_ruleset *rules) {
  weir_stage_info info;
  for (size_t i = 0; rules && weir_ruleset_stage(rules, i, 0, &info); i++) {
    for (size_t k = 0; weir_ruleset_stage(rules, i, k, &info); k++) {
      struct report_funnel *funnel = find_funnel(f, info.funnel);
      struct report_stage *stage = funnel ? find_stage(f, funnel, info.stage) : NULL;
      if (!stage) return false;
      funnel->ordered = true;
      stage->goal = info.goal;
    }
  }
  return true;
}

void report_funnels_stage(struct report_funnels *f, const weir_stage_stats *stats) {
  struct report_funnel *funnel = find_funnel(f, stats->funnel);
  struct report_stage *stage = funnel ? find_stage(f, funnel, stats->stage) : NULL;
  if (!stage) return;
  stage->now = stats->now;
  stage->ever = stats->entered;
}

static int by_people(const void *a, const void *b) {
  const struct report_stage *x = a, *y = b;
  if (x->ever != y->ever) return x->ever > y->ever ? -1 : 1;
  return strcmp(x->name, y->name);
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const struct report_funnel *)a)->name, ((const struct report_funnel *)b)->name);
}

/* All stages are known. */
static void settle(struct report_funnels *f) {
  if (f->settled) return;
  f->settled = true;
  for (size_t i = 0; i < f->cnt; i++) {
    if (!f->items[i].ordered) qsort(f->items[i].stages, f->items[i].stage_cnt, sizeof *f->items[i].stages, by_people);
  }
  if (f->cnt) qsort(f->items, f->cnt, sizeof *f->items, by_name);
}

static void add_time(struct report_funnels *f, struct report_stage *stage, int64_t ms) {
  if (stage->time_cnt == stage->time_cap) {
    size_t cap = stage->time_cap ? stage->time_cap * 2 : 64;
    int64_t *times = realloc(stage->times, cap * sizeof *times);
    if (!times) {
      f->no_memory = true;
      return;
    }
    stage->times = times;
    stage->time_cap = cap;
  }
  stage->times[stage->time_cnt++] = ms;
}

/* Step `i` of the person at hand: whether he went on, and how fast. */
static void count_step(struct report_funnels *f, size_t i) {
  struct report_funnel *funnel = &f->items[f->steps[i].funnel];
  struct report_stage *stage = &funnel->stages[f->steps[i].stage];
  int64_t at_ms = f->steps[i].at_ms, next_ms = INT64_MAX;
  bool goal = false;
  if (at_ms < f->since_ms) return;
  stage->entered++;
  for (size_t k = 0; k < f->step_cnt; k++) {
    if (f->steps[k].funnel != f->steps[i].funnel) continue;
    goal |= funnel->stages[f->steps[k].stage].goal;
    if (f->steps[k].stage > f->steps[i].stage && f->steps[k].at_ms < next_ms) next_ms = f->steps[k].at_ms;
  }
  if (f->steps[i].stage == 0 && goal) funnel->reached++;
  if (next_ms == INT64_MAX) return;
  stage->went_on++;
  if (next_ms >= at_ms) add_time(f, stage, next_ms - at_ms); /* who was sent back, and had been further on already, took no time */
}

static void end_person(struct report_funnels *f) {
  for (size_t i = 0; i < f->step_cnt; i++) count_step(f, i);
  f->step_cnt = 0;
}

void report_funnels_step(struct report_funnels *f, const weir_step *step) {
  settle(f);
  if (step->person != f->person) end_person(f);
  f->person = step->person;
  for (uint32_t i = 0; i < f->cnt; i++) {
    if (!same(f->items[i].name, step->funnel)) continue;
    for (uint32_t k = 0; k < f->items[i].stage_cnt && f->step_cnt < REPORT_STEPS_MAX; k++) {
      if (!same(f->items[i].stages[k].name, step->stage)) continue;
      f->steps[f->step_cnt].funnel = i;
      f->steps[f->step_cnt].stage = k;
      f->steps[f->step_cnt++].at_ms = step->at_ms;
      return;
    }
  }
}

static int by_size(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

void report_funnels_close(struct report_funnels *f) {
  settle(f);
  end_person(f);
  for (size_t i = 0; i < f->cnt; i++) {
    for (size_t k = 0; k < f->items[i].stage_cnt; k++) {
      struct report_stage *stage = &f->items[i].stages[k];
      if (stage->time_cnt) qsort(stage->times, stage->time_cnt, sizeof *stage->times, by_size);
    }
  }
}

void report_funnels_free(struct report_funnels *f) {
  for (size_t i = 0; i < f->cnt; i++) {
    for (size_t k = 0; k < f->items[i].stage_cnt; k++) free(f->items[i].stages[k].times);
    free(f->items[i].stages);
  }
  free(f->items);
  *f = (struct report_funnels){ .items = NULL };
}
