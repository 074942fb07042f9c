/* report_collect.c: what the library tells of a state, added up. */
#include <stdlib.h>
#include <string.h>

#include "report.h"

bool report_begin(struct report *report, const weir_ruleset *rules, int days) {
  *report = (struct report){ .rules = rules, .days = days, .counts = json_object(), .by_day = json_object(), .open = json_object(),
                             .usage = json_array(), .experiments = json_array() };
  return report->counts && report->by_day && report->open && report->usage && report->experiments && report_funnels_begin(&report->funnels, rules);
}

void report_end(struct report *report) {
  json_decref(report->counts);
  json_decref(report->by_day);
  json_decref(report->open);
  json_decref(report->usage);
  json_decref(report->experiments);
  report_funnels_free(&report->funnels);
}

static void take_summary(void *ctx, const weir_report_summary *summary) {
  struct report *report = ctx;
  report->summary = *summary;
  if (!report->days) return;
  report->first_day = summary->latest_ms / REPORT_DAY_MS - report->days + 1;
  report->funnels.since_ms = report->first_day * REPORT_DAY_MS;
}

/* The member of that name, made when it is not there. `list`: an array of two zeros; else an object. */
static json_t *member(struct report *report, json_t *of, weir_str name, bool list) {
  char key[512];
  size_t len = name.len < sizeof key ? name.len : sizeof key - 1;
  if (len) memcpy(key, name.ptr, len);
  key[len] = '\0';
  json_t *found = json_object_get(of, key);
  if (found) return found;
  json_t *made = list ? json_pack("[ii]", 0, 0) : json_object();
  if (!made || json_object_set_new(of, key, made) != 0) report->no_memory = true;
  return json_object_get(of, key);
}

static void add_at(json_t *list, size_t index, uint64_t cnt) {
  json_t *number = json_array_get(list, index);
  if (number) json_integer_set(number, json_integer_value(number) + (json_int_t)cnt);
}

static bool begins(weir_str s, const char *word) { return s.len >= strlen(word) && memcmp(s.ptr, word, strlen(word)) == 0; }

static void take_count(void *ctx, const weir_count *count) {
  struct report *report = ctx;
  char day[24], what[REPORT_NAME_MAX];
  if (count->day < report->first_day || count->what.len >= sizeof what) return;
  memcpy(what, count->what.ptr, count->what.len);
  what[count->what.len] = '\0';
  json_t *rule = member(report, report->counts, count->name, false);
  json_t *before = json_object_get(rule, what);
  json_int_t sum = json_integer_value(before) + (json_int_t)count->cnt;
  if (before) json_integer_set(before, sum);
  else if (json_object_set_new(rule, what, json_integer(sum)) != 0) report->no_memory = true;
  bool fired = strcmp(what, "fired") == 0;
  if (!fired && !begins(count->what, "sent ")) return;
  snprintf(day, sizeof day, "%lld", (long long)count->day);
  add_at(member(report, report->by_day, (weir_str){ day, strlen(day) }, true), fired ? 0 : 1, count->cnt);
}

static void take_stage(void *ctx, const weir_stage_stats *stage) { report_funnels_stage(&((struct report *)ctx)->funnels, stage); }

static void take_step(void *ctx, const weir_step *step) { report_funnels_step(&((struct report *)ctx)->funnels, step); }

static void take_action(void *ctx, const weir_open_action *action) {
  struct report *report = ctx;
  bool open = strcmp(action->status, "open") == 0;
  if (!open && strcmp(action->status, "unconfirmed") != 0) return; /* those that wait are in the summary */
  add_at(member(report, report->open, action->kind, true), open ? 0 : 1, 1);
}

static void take_usage(void *ctx, const weir_usage *u) {
  struct report *report = ctx;
  char account[2 * REPORT_NAME_MAX + 2];
  if (u->pool.len) snprintf(account, sizeof account, "%.*s", FMT(u->pool));
  else snprintf(account, sizeof account, "%.*s/%.*s", FMT(u->channel), FMT(u->account));
  json_t *kinds = json_array();
  for (size_t i = 0; i < u->kind_cnt; i++) json_array_append_new(kinds, json_stringn(u->kinds[i].ptr, u->kinds[i].len));
  json_t *one = json_pack("{ss ss ss% so sI sI}", "of", u->pool.len ? "pool" : "account", "name", account, "quota", u->name.ptr, u->name.len, "actions",
                          kinds, "used", (json_int_t)u->used, "max", (json_int_t)u->max);
  if (!one || json_array_append_new(report->usage, one) != 0) report->no_memory = true;
}

static const char *verdict(const weir_variant_info *v) {
  if (v->base) return "base";
  return v->difference_low > 0 ? "better" : v->difference_high < 0 ? "worse" : "too early";
}

static void take_variant(void *ctx, const weir_variant_info *v) {
  struct report *report = ctx;
  json_t *rule = json_array_get(report->experiments, json_array_size(report->experiments) - 1);
  const char *last = json_string_value(json_object_get(rule, "rule"));
  if (!last || strlen(last) != v->rule.len || memcmp(last, v->rule.ptr, v->rule.len) != 0) {
    rule = json_pack("{ss% so}", "rule", v->rule.ptr, v->rule.len, "variants", json_array());
    if (!rule || json_array_append_new(report->experiments, rule) != 0) report->no_memory = true;
  }
  json_t *one = json_pack("{ss% sI sI sI sI sI sf sf sf ss}", "variant", v->variant.ptr, v->variant.len, "weight", (json_int_t)v->weight, "persons",
                          (json_int_t)v->persons, "goals", (json_int_t)v->goals, "sent", (json_int_t)v->sent, "rejected", (json_int_t)v->rejected, "rate",
                          v->rate, "low", v->low, "high", v->high, "verdict", verdict(v));
  if (one && !v->base) {
    json_t *more = json_pack("{sf sf sf sI}", "difference", v->difference, "difference_low", v->difference_low, "difference_high", v->difference_high,
                             "needed", (json_int_t)v->needed);
    if (json_object_update_missing(one, more) != 0) report->no_memory = true;
    json_decref(more);
  }
  if (!one || json_array_append_new(json_object_get(rule, "variants"), one) != 0) report->no_memory = true;
}

weir_report report_callbacks(struct report *report) {
  return (weir_report){ .struct_size = sizeof(weir_report), .ruleset = report->rules, .ctx = report, .summary = take_summary, .count = take_count,
                        .stage = take_stage, .step = take_step, .action = take_action, .usage = take_usage, .variant = take_variant };
}
