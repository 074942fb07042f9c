/* report_build.c: the sums as one JSON object, section by section (docs/report.md). */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report.h"

/* What may become of an action, as the state counts it: "dropped message: opted out". */
static const struct {
  const char *counted, *shown;
} outcomes[] = { { "sent", "sent" }, { "rejected", "rejected" }, { "unconfirmed", "unconfirmed" }, { "retrying", "retried" },
                 { "dropped", "dropped" }, { "waiting", "delayed" }, { "skipped", "skipped" } };
enum { OUTCOMES = sizeof outcomes / sizeof *outcomes };

/* "dropped message: opted out" in its parts; false: it is no action's. */
static bool split(const char *what, size_t *outcome, char kind[64], const char **reason) {
  for (*outcome = 0; *outcome < OUTCOMES; (*outcome)++) {
    size_t len = strlen(outcomes[*outcome].counted);
    if (strncmp(what, outcomes[*outcome].counted, len) != 0 || what[len] != ' ') continue;
    const char *from = what + len + 1, *colon = strstr(from, ": ");
    size_t kind_len = colon ? (size_t)(colon - from) : strlen(from);
    if (kind_len >= 64) return false;
    memcpy(kind, from, kind_len);
    kind[kind_len] = '\0';
    *reason = colon ? colon + 2 : "";
    return true;
  }
  return false;
}

static void day_text(int64_t day, char out[24]) {
  time_t s = (time_t)(day * (REPORT_DAY_MS / 1000));
  struct tm tm;
  if (!gmtime_r(&s, &tm) || strftime(out, 24, "%Y-%m-%d", &tm) == 0) snprintf(out, 24, "?");
}

/* Puts the items of a list in order; takes the list over. */
static json_t *sorted(json_t *list, int (*order)(const void *a, const void *b)) {
  size_t cnt = json_array_size(list);
  json_t **items = cnt ? malloc(cnt * sizeof *items) : NULL, *out = json_array();
  for (size_t i = 0; items && i < cnt; i++) items[i] = json_array_get(list, i);
  if (items) qsort(items, cnt, sizeof *items, order);
  for (size_t i = 0; items && i < cnt; i++) json_array_append(out, items[i]);
  bool good = out && json_array_size(out) == cnt;
  free(items);
  json_decref(list);
  if (good) return out;
  json_decref(out);
  return NULL;
}

static int by(const void *a, const void *b, const char *number, const char *const names[3]) {
  const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
  int64_t m = number ? report_number(x, number) : 0, n = number ? report_number(y, number) : 0;
  if (m != n) return m > n ? -1 : 1;
  for (int i = 0; i < 3 && names[i]; i++) {
    int order = strcmp(report_string(x, names[i]), report_string(y, names[i]));
    if (order) return order;
  }
  return 0;
}
static int by_fired(const void *a, const void *b) { return by(a, b, "fired", (const char *const[]){ "rule", NULL, NULL }); }
static int by_count(const void *a, const void *b) { return by(a, b, "count", (const char *const[]){ "outcome", "rule", "reason" }); }
static int by_action(const void *a, const void *b) { return by(a, b, NULL, (const char *const[]){ "action", NULL, NULL }); }

/* ---- the sections */

static json_t *people(struct report *r) {
  return json_pack("{sI sI}", "known", (json_int_t)r->summary.persons, "opted_out", (json_int_t)r->summary.opted_out);
}

static json_t *share(uint64_t part, uint64_t whole) { return whole ? json_real((double)part / (double)whole) : json_null(); }

/* That many of ten took no longer; null: nobody did. */
static json_t *tenth(const struct report_stage *s, size_t tenths) {
  if (!s->time_cnt) return json_null();
  size_t rank = (s->time_cnt * tenths + 9) / 10;
  return json_integer((s->times[rank ? rank - 1 : 0] + 500) / 1000);
}

static json_t *stages(const struct report_funnel *f) {
  json_t *list = json_array();
  for (size_t i = 0; i < f->stage_cnt; i++) {
    const struct report_stage *s = &f->stages[i];
    json_array_append_new(list, json_pack("{ss sb sI sI sI sI so so so}", "stage", s->name, "goal", s->goal, "now", (json_int_t)s->now, "ever", (json_int_t)s->ever,
                                          "entered", (json_int_t)s->entered, "went_on", (json_int_t)s->went_on, "share", share(s->went_on, s->entered),
                                          "median_s", tenth(s, 5), "slow_s", tenth(s, 9)));
  }
  return list;
}

static json_t *funnels(struct report *r) {
  json_t *list = json_array();
  for (size_t i = 0; i < r->funnels.cnt; i++) {
    const struct report_funnel *f = &r->funnels.items[i];
    uint64_t first = f->ordered && f->stage_cnt ? f->stages[0].entered : 0;
    json_array_append_new(list, json_pack("{ss sb so so so}", "funnel", f->name, "ordered", f->ordered, "reached",
                                          f->ordered ? json_integer((json_int_t)f->reached) : json_null(), "conversion",
                                          f->ordered ? share(f->reached, first) : json_null(), "stages", stages(f)));
  }
  return list;
}

static json_t *rules(struct report *r) {
  json_t *list = json_array(), *titles = json_object(), *whats;
  const char *name;
  weir_rule_info info;
  char key[512];
  for (size_t i = 0; r->rules && weir_ruleset_rule(r->rules, i, &info); i++) {
    snprintf(key, sizeof key, "%.*s", FMT(info.name));
    if (info.title.len) json_object_set_new(titles, key, json_stringn(info.title.ptr, info.title.len));
  }
  json_object_foreach(r->counts, name, whats) {
    json_int_t fired = json_integer_value(json_object_get(whats, "fired"));
    json_t *title = json_object_get(titles, name);
    if (fired) json_array_append_new(list, json_pack("{ss ss sI}", "rule", name, "title", title ? json_string_value(title) : "", "fired", fired));
  }
  json_decref(titles);
  return sorted(list, by_fired);
}

static json_t *never_fired(struct report *r) {
  weir_rule_info info;
  char key[512];
  if (!r->rules) return json_null();
  json_t *list = json_array();
  for (size_t i = 0; weir_ruleset_rule(r->rules, i, &info); i++) {
    snprintf(key, sizeof key, "%.*s", FMT(info.name));
    if (json_object_get(json_object_get(r->counts, key), "fired")) continue;
    json_t *place = json_sprintf("%.*s:%u", FMT(info.file), info.line);
    json_array_append_new(list, json_pack("{ss so}", "rule", key, "place", place));
  }
  return list;
}

static json_t *action_row(json_t *of, const char *kind) {
  json_t *row = json_object_get(of, kind);
  if (row) return row;
  json_object_set_new(of, kind, json_pack("{ss si}", "action", kind, "open", 0));
  row = json_object_get(of, kind);
  for (size_t i = 0; row && i < OUTCOMES; i++) json_object_set_new(row, outcomes[i].shown, json_integer(0));
  return row;
}

static void add_to(json_t *row, const char *key, json_int_t cnt) {
  json_t *number = json_object_get(row, key);
  if (number) json_integer_set(number, json_integer_value(number) + cnt);
}

static json_t *actions(struct report *r) {
  json_t *of = json_object(), *list = json_array(), *whats, *cnt, *row;
  const char *name, *what, *reason;
  char kind[64];
  size_t outcome;
  json_object_foreach(r->counts, name, whats) {
    json_object_foreach(whats, what, cnt) {
      if (split(what, &outcome, kind, &reason)) add_to(action_row(of, kind), outcomes[outcome].shown, json_integer_value(cnt));
    }
  }
  json_object_foreach(r->open, name, cnt) {
    if (!*name) continue;
    add_to(action_row(of, name), "open", json_integer_value(json_array_get(cnt, 0)));
    add_to(action_row(of, name), "unconfirmed", json_integer_value(json_array_get(cnt, 1)));
  }
  json_object_foreach(of, name, row) json_array_append(list, row);
  json_decref(of);
  return sorted(list, by_action);
}

static json_t *reasons(struct report *r) {
  json_t *list = json_array(), *whats, *cnt;
  const char *name, *what, *reason;
  char kind[64];
  size_t outcome;
  json_object_foreach(r->counts, name, whats) {
    json_object_foreach(whats, what, cnt) {
      if (!split(what, &outcome, kind, &reason) || strcmp(outcomes[outcome].shown, "sent") == 0) continue;
      json_array_append_new(list, json_pack("{ss ss ss ss sI}", "rule", name, "action", kind, "outcome", outcomes[outcome].shown, "reason", reason, "count",
                                            json_integer_value(cnt)));
    }
  }
  return sorted(list, by_count);
}

/* A row for each day from the first to the last on which anything was counted. */
static json_t *daily(struct report *r) {
  json_t *list = json_array(), *both;
  const char *key;
  char text[24];
  int64_t first = INT64_MAX, last = INT64_MIN;
  json_object_foreach(r->by_day, key, both) {
    int64_t day = strtoll(key, NULL, 10);
    if (day < first) first = day;
    if (day > last) last = day;
  }
  if (first <= last && last - first > REPORT_DAYS_MAX) first = last - REPORT_DAYS_MAX; /* a clock was wrong once */
  for (int64_t day = first; day <= last; day++) {
    snprintf(text, sizeof text, "%lld", (long long)day);
    both = json_object_get(r->by_day, text);
    day_text(day, text);
    json_array_append_new(list, json_pack("{ss sI sI}", "day", text, "fired", json_integer_value(json_array_get(both, 0)), "sent",
                                          json_integer_value(json_array_get(both, 1))));
  }
  return list;
}

static json_t *usage(struct report *r) { return r->rules ? json_incref(r->usage) : json_null(); }

static json_t *experiments(struct report *r) { return r->rules ? json_incref(r->experiments) : json_null(); }

static json_t *until(struct report *r) {
  char text[32] = "";
  time_t s = (time_t)(r->summary.latest_ms / 1000);
  struct tm tm;
  if (gmtime_r(&s, &tm)) (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
  return json_string(text);
}

static json_t *format(struct report *r) { (void)r; return json_integer(1); }
static json_t *days(struct report *r) { return r->days ? json_integer(r->days) : json_null(); }
static json_t *waiting(struct report *r) { return json_integer((json_int_t)r->summary.timers_waiting); }
static json_t *unacknowledged(struct report *r) { return json_integer((json_int_t)r->summary.outbox); }

static const struct {
  const char *name;
  json_t *(*make)(struct report *r);
} sections[] = {
  { "format", format }, { "until", until }, { "days", days }, { "people", people }, { "waiting", waiting }, { "unacknowledged", unacknowledged },
  { "funnels", funnels }, { "rules", rules }, { "never_fired", never_fired }, { "actions", actions }, { "reasons", reasons }, { "daily", daily },
  { "usage", usage }, { "experiments", experiments },
};

json_t *report_build(struct report *r) {
  report_funnels_close(&r->funnels);
  if (r->no_memory || r->funnels.no_memory) return NULL;
  json_t *root = json_object();
  for (size_t i = 0; root && i < sizeof sections / sizeof *sections; i++) {
    if (json_object_set_new(root, sections[i].name, sections[i].make(r)) == 0) continue;
    json_decref(root);
    root = NULL;
  }
  return root;
}

json_t *report_of_engine(weir_engine *engine, const weir_ruleset *ruleset, int period, weir_error *err) {
  struct report report;
  json_t *root = NULL;
  memset(err, 0, sizeof *err);
  bool good = report_begin(&report, ruleset, period);
  weir_report callbacks = report_callbacks(&report);
  weir_status st = good ? weir_report_engine(engine, &callbacks, err) : WEIR_E_NOMEM;
  if (!st) root = report_build(&report);
  if (!root && !err->message[0]) snprintf(err->message, sizeof err->message, "there is not enough memory");
  report_end(&report);
  return root;
}
