/* report_text.c: a report as tables with bars, for a terminal of 80 columns. */
#include <string.h>

#include "report.h"

enum { ROWS_SHOWN = 20, BAR = 20 };

/* A name in so many cells, cut or padded. */
static void cell(FILE *out, const char *text, int width) {
  size_t bytes;
  int cells = report_cells(text, width, &bytes);
  if (text[bytes]) {
    cells = report_cells(text, width - 1, &bytes) + 1;
    print_text(out, (weir_str){ text, bytes });
    fputs("…", out);
  } else {
    print_text(out, (weir_str){ text, bytes });
  }
  fprintf(out, "%*s", width - cells > 0 ? width - cells : 0, "");
}

/* `value` of `most`, in eighths of a cell. */
static void bar(FILE *out, double value, double most, int width, enum paint color) {
  static const char *const parts[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
  int eighths = most > 0 ? (int)(value / most * width * 8 + 0.5) : 0;
  if (eighths > width * 8) eighths = width * 8;
  if (eighths == 0 && value > 0) eighths = 1;
  fputs(paint(out, color), out);
  for (int i = 0; i < eighths / 8; i++) fputs("█", out);
  fputs(parts[eighths % 8], out);
  fputs(paint(out, PLAIN), out);
}

static void heading(FILE *out, const char *format, const char *name) {
  fprintf(out, "\n%s", paint(out, BOLD));
  fprintf(out, "%s", format);
  if (name) print_text(out, (weir_str){ name, strlen(name) });
  fprintf(out, "%s\n", paint(out, PLAIN));
}

/* A sentence in lines of so many cells. */
static void wrapped(FILE *out, const char *text, int width) {
  while (*text) {
    size_t bytes, end;
    report_cells(text, width, &bytes);
    for (end = bytes; text[bytes] && end > 0 && text[end] != ' ';) end--;
    if (!end) end = bytes;
    fputs("  ", out);
    print_text(out, (weir_str){ text, end });
    fputc('\n', out);
    text += end;
    while (*text == ' ') text++;
  }
}

static void more(FILE *out, size_t cnt) {
  if (cnt > ROWS_SHOWN) fprintf(out, "  ... and %zu more (--json has all)\n", cnt - ROWS_SHOWN);
}

/* ---- the sections */

static void show_head(const json_t *r, FILE *out) {
  const json_t *people = json_object_get(r, "people");
  fprintf(out, "%sReport%s until %s, ", paint(out, BOLD), paint(out, PLAIN), report_string(r, "until"));
  if (report_number(r, "days")) fprintf(out, "%lld day%s\n", (long long)report_number(r, "days"), report_number(r, "days") == 1 ? "" : "s");
  else fprintf(out, "all that is kept\n");
  char sums[192];
  snprintf(sums, sizeof sums, "%lld people known, %lld contacts opted out, %lld timers waiting, %lld records not acknowledged", (long long)report_number(people, "known"),
           (long long)report_number(people, "opted_out"), (long long)report_number(r, "waiting"), (long long)report_number(r, "unacknowledged"));
  print_wrapped(out, (weir_str){ sums, strlen(sums) }, 0, 0);
  fputc('\n', out);
}

static void show_stage(const json_t *stage, int64_t most, bool last, FILE *out) {
  char time[24] = "";
  bool goal = json_is_true(json_object_get(stage, "goal"));
  const json_t *share = json_object_get(stage, "share"), *median = json_object_get(stage, "median_s");
  fputs("  ", out);
  cell(out, report_string(stage, "stage"), 17);
  fprintf(out, "%7lld ", (long long)report_number(stage, "entered"));
  if (json_is_real(share) && !last) fprintf(out, "%6.1f%%", json_real_value(share) * 100);
  else fprintf(out, "%7s", "");
  if (json_is_integer(median)) duration_text((double)json_integer_value(median), time);
  fprintf(out, " %11s %6lld  ", time, (long long)report_number(stage, "now"));
  bar(out, (double)report_number(stage, "entered"), (double)most, BAR, goal ? GREEN : CYAN);
  fputs(goal ? " goal\n" : "\n", out);
}

static void show_funnels(const json_t *r, FILE *out) {
  size_t i, k;
  const json_t *funnel, *stage;
  json_array_foreach(json_object_get(r, "funnels"), i, funnel) {
    const json_t *conversion = json_object_get(funnel, "conversion"), *list = json_object_get(funnel, "stages");
    int64_t most = 0;
    heading(out, "Funnel ", report_string(funnel, "funnel"));
    json_array_foreach(list, k, stage) most = report_number(stage, "entered") > most ? report_number(stage, "entered") : most;
    fprintf(out, "  %s%-17s%7s %7s %11s %6s%s\n", paint(out, DIM), "stage", "came", "went on", "after about", "now", paint(out, PLAIN));
    json_array_foreach(list, k, stage) show_stage(stage, most, k + 1 == json_array_size(list), out);
    if (json_is_real(conversion)) {
      fprintf(out, "  %lld of those who began reached the goal: %.1f%%\n", (long long)report_number(funnel, "reached"), json_real_value(conversion) * 100);
    }
    if (!json_is_true(json_object_get(funnel, "ordered"))) fprintf(out, "  (the order of the stages is guessed; --rules knows it)\n");
  }
}

static void show_rules(const json_t *r, FILE *out) {
  const json_t *list = json_object_get(r, "rules"), *rule;
  size_t i;
  heading(out, "Rules by how often they fired", NULL);
  if (!json_array_size(list)) fprintf(out, "  none fired\n");
  double most = (double)report_number(json_array_get(list, 0), "fired");
  json_array_foreach(list, i, rule) {
    if (i == ROWS_SHOWN) break;
    fputs("  ", out);
    cell(out, report_string(rule, "rule"), 44);
    fprintf(out, "%9lld  ", (long long)report_number(rule, "fired"));
    bar(out, (double)report_number(rule, "fired"), most, BAR, CYAN);
    fputc('\n', out);
  }
  more(out, json_array_size(list));
}

static void show_never(const json_t *r, FILE *out) {
  const json_t *list = json_object_get(r, "never_fired"), *rule;
  size_t i;
  if (!json_array_size(list)) return;
  heading(out, "Rules that did not fire", NULL);
  json_array_foreach(list, i, rule) {
    if (i == ROWS_SHOWN) break;
    fputs("  ", out);
    cell(out, report_string(rule, "rule"), 36);
    fputs("  ", out);
    cell(out, report_string(rule, "place"), 40);
    fputc('\n', out);
  }
  more(out, json_array_size(list));
}

static void show_actions(const json_t *r, FILE *out) {
  static const char *const columns[] = { "sent", "rejected", "unconfirmed", "open", "retried", "delayed", "dropped" };
  static const char *const heads[] = { "sent", "rejected", "unsure", "open", "retried", "delayed", "dropped" };
  const json_t *list = json_object_get(r, "actions"), *action;
  size_t i;
  heading(out, "Actions", NULL);
  if (!json_array_size(list)) {
    fprintf(out, "  no outcomes, nothing dropped or delayed\n");
    return;
  }
  fprintf(out, "  %s%-14s", paint(out, DIM), "");
  for (size_t k = 0; k < sizeof heads / sizeof *heads; k++) fprintf(out, "%9s", heads[k]);
  fprintf(out, "%s\n", paint(out, PLAIN));
  json_array_foreach(list, i, action) {
    fputs("  ", out);
    cell(out, report_string(action, "action"), 14);
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) fprintf(out, "%9lld", (long long)report_number(action, columns[k]));
    fputc('\n', out);
  }
}

static void show_reasons(const json_t *r, FILE *out) {
  const json_t *list = json_object_get(r, "reasons"), *reason;
  char text[400];
  size_t i;
  if (!json_array_size(list)) return;
  heading(out, "What did not arrive, or not at once, and why", NULL);
  json_array_foreach(list, i, reason) {
    if (i == ROWS_SHOWN) break;
    const char *why = report_string(reason, "reason");
    snprintf(text, sizeof text, "%s %s%s%s", report_string(reason, "outcome"), report_string(reason, "action"), *why ? ": " : "", why);
    fprintf(out, "%7lld  ", (long long)report_number(reason, "count"));
    cell(out, text, 48);
    fputs("  ", out);
    cell(out, report_string(reason, "rule"), 21);
    fputc('\n', out);
  }
  more(out, json_array_size(list));
}

static void show_usage(const json_t *r, FILE *out) {
  const json_t *list = json_object_get(r, "usage"), *one;
  char what[200];
  size_t i;
  if (!json_array_size(list)) return;
  heading(out, "Quotas and pools", NULL);
  json_array_foreach(list, i, one) {
    double used = (double)report_number(one, "used"), max = (double)report_number(one, "max");
    fputs("  ", out);
    cell(out, report_string(one, "name"), 18);
    fputc(' ', out);
    cell(out, report_quota(one, what), 30);
    fprintf(out, " %6.0f of %-6.0f ", used, max);
    bar(out, used, max, 10, used >= max ? RED : used >= max * 0.8 ? YELLOW : GREEN);
    fputc('\n', out);
  }
}

/* `low` to `high` as a line, with the rate in it, on a scale that ends at `most`. */
static void interval(FILE *out, const json_t *variant, double most, int width) {
  double scale = most > 0 ? width / most : 0;
  int low = (int)(json_real_value(json_object_get(variant, "low")) * scale), high = (int)(json_real_value(json_object_get(variant, "high")) * scale);
  int rate = (int)(json_real_value(json_object_get(variant, "rate")) * scale);
  fprintf(out, "%s%*s", paint(out, CYAN), low, "");
  for (int i = low; i <= high && i < width; i++) fputs(i == rate || (rate >= width && i == width - 1) ? "█" : "─", out);
  fputs(paint(out, PLAIN), out);
}

static void show_experiment(const json_t *rule, FILE *out) {
  const json_t *list = json_object_get(rule, "variants"), *v;
  const char *base = "";
  double most = 0;
  char text[300];
  size_t i;
  heading(out, "Experiment ", report_string(rule, "rule"));
  fprintf(out, "  %s%-20s%7s %7s %7s   %-13s%s\n", paint(out, DIM), "variant", "people", "goal", "rate", "95 % between", paint(out, PLAIN));
  json_array_foreach(list, i, v) {
    if (json_real_value(json_object_get(v, "high")) > most) most = json_real_value(json_object_get(v, "high"));
    if (strcmp(report_string(v, "verdict"), "base") == 0) base = report_string(v, "variant");
  }
  json_array_foreach(list, i, v) {
    fputs("  ", out);
    cell(out, report_string(v, "variant"), 20);
    fprintf(out, "%7lld %7lld %6.1f%%   %5.1f-%5.1f%%  ", (long long)report_number(v, "persons"), (long long)report_number(v, "goals"),
            json_real_value(json_object_get(v, "rate")) * 100, json_real_value(json_object_get(v, "low")) * 100, json_real_value(json_object_get(v, "high")) * 100);
    interval(out, v, most, BAR);
    fputc('\n', out);
  }
  json_array_foreach(list, i, v) {
    if (*report_finding(v, base, text)) wrapped(out, text, 76);
  }
}

static void show_experiments(const json_t *r, FILE *out) {
  const json_t *rule;
  size_t i;
  json_array_foreach(json_object_get(r, "experiments"), i, rule) show_experiment(rule, out);
}

bool report_text(const json_t *report, FILE *out) {
  if (report_number(report, "format") != 1) return false;
  show_head(report, out);
  show_funnels(report, out);
  show_experiments(report, out);
  show_rules(report, out);
  show_never(report, out);
  show_actions(report, out);
  show_reasons(report, out);
  show_usage(report, out);
  return true;
}
