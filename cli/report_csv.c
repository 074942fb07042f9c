/* report_csv.c: a report as one table: section, name, what, value. Long, not wide: spreadsheets make a pivot table of it, and new sections do
 * not move columns. RFC 4180, with a line end of CR LF. */
#include <string.h>

#include "report.h"

/* A text that begins like a formula would be one in a spreadsheet: an apostrophe keeps it a text. */
static void field(FILE *out, const char *text) {
  bool formula = *text && strchr("=+-@\t\r", *text);
  if (!formula && !strpbrk(text, ",\"\r\n")) {
    fputs(text, out);
    return;
  }
  fputs(formula ? "\"'" : "\"", out);
  for (; *text; text++) {
    if (*text == '"') fputc('"', out);
    fputc(*text, out);
  }
  fputc('"', out);
}

static void row(FILE *out, const char *section, const char *name, const char *what, const json_t *value) {
  if (json_is_null(value)) return; /* nothing is known */
  field(out, section);
  fputc(',', out);
  field(out, name);
  fputc(',', out);
  field(out, what);
  fputc(',', out);
  if (json_is_real(value)) fprintf(out, "%.6f", json_real_value(value));
  else if (json_is_integer(value)) fprintf(out, "%lld", (long long)json_integer_value(value));
  else field(out, json_is_string(value) ? json_string_value(value) : json_is_true(value) ? "1" : "0");
  fputs("\r\n", out);
}

/* All members of an object but its names. */
static void members(FILE *out, const char *section, const char *name, const json_t *object) {
  static const char *const names[] = { "stage", "goal", "rule", "title", "action", "actions", "day", "outcome", "reason", "of", "name", "quota", "place", "variant" };
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)object, key, value) {
    size_t i = 0;
    while (i < sizeof names / sizeof *names && strcmp(names[i], key) != 0) i++;
    if (i == sizeof names / sizeof *names) row(out, section, name, key, value);
  }
}

/* Every item of a list of objects under the name that its members `first` and `second` make. */
static void list(FILE *out, const json_t *report, const char *section, const char *first, const char *second) {
  char name[600];
  size_t i;
  const json_t *item;
  json_array_foreach(json_object_get(report, section), i, item) {
    snprintf(name, sizeof name, "%s%s%s", report_string(item, first), second ? " " : "", second ? report_string(item, second) : "");
    members(out, section, name, item);
  }
}

static void funnels(FILE *out, const json_t *report) {
  char name[600];
  size_t i, k;
  const json_t *funnel, *stage;
  json_array_foreach(json_object_get(report, "funnels"), i, funnel) {
    row(out, "funnels", report_string(funnel, "funnel"), "reached", json_object_get(funnel, "reached"));
    row(out, "funnels", report_string(funnel, "funnel"), "conversion", json_object_get(funnel, "conversion"));
    json_array_foreach(json_object_get(funnel, "stages"), k, stage) {
      snprintf(name, sizeof name, "%s/%s", report_string(funnel, "funnel"), report_string(stage, "stage"));
      members(out, "funnels", name, stage);
    }
  }
}

static void experiments(FILE *out, const json_t *report) {
  char name[600];
  size_t i, k;
  const json_t *rule, *variant;
  json_array_foreach(json_object_get(report, "experiments"), i, rule) {
    json_array_foreach(json_object_get(rule, "variants"), k, variant) {
      snprintf(name, sizeof name, "%s %s", report_string(rule, "rule"), report_string(variant, "variant"));
      members(out, "experiments", name, variant);
    }
  }
}

static void reasons(FILE *out, const json_t *report) {
  char what[400];
  size_t i;
  const json_t *item;
  json_array_foreach(json_object_get(report, "reasons"), i, item) {
    const char *why = report_string(item, "reason");
    snprintf(what, sizeof what, "%s %s%s%s", report_string(item, "outcome"), report_string(item, "action"), *why ? ": " : "", why);
    row(out, "reasons", report_string(item, "rule"), what, json_object_get(item, "count"));
  }
}

bool report_csv(const json_t *report, FILE *out) {
  size_t i;
  const json_t *item;
  if (report_number(report, "format") != 1) return false;
  fputs("section,name,what,value\r\n", out);
  row(out, "summary", "", "until", json_object_get(report, "until"));
  row(out, "summary", "", "days", json_object_get(report, "days"));
  members(out, "summary", "people", json_object_get(report, "people"));
  row(out, "summary", "", "waiting", json_object_get(report, "waiting"));
  row(out, "summary", "", "unacknowledged", json_object_get(report, "unacknowledged"));
  funnels(out, report);
  list(out, report, "rules", "rule", NULL);
  json_array_foreach(json_object_get(report, "never_fired"), i, item) row(out, "never_fired", report_string(item, "rule"), "place", json_object_get(item, "place"));
  list(out, report, "actions", "action", NULL);
  reasons(out, report);
  list(out, report, "daily", "day", NULL);
  list(out, report, "usage", "name", "quota");
  experiments(out, report);
  return true;
}
