/* report_html.c: a report as one page: no script, nothing from the network, charts as SVG in it. Numbers and names are text of the page, beside
 * charts that stretch: so it can be read on a phone and by who does not see the charts. */
#include <string.h>

#include "report.h"

static const char head[] =
  "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
  "<title>weir report</title>\n<style>\n"
  ":root { --back: #f6f7f9; --card: #fff; --ink: #1b2330; --soft: #5c6675; --line: #dfe3e9; --track: #e9ecf1; --main: #2f6fde; --good: #2b8a57;\n"
  "  --bad: #c8423b; --unsure: #b98412; --open: #8a94a3; --kept: #8254c4; --late: #2a8fa8 }\n"
  "@media (prefers-color-scheme: dark) { :root { --back: #12161c; --card: #1b2129; --ink: #e7ebf1; --soft: #9aa6b6; --line: #2c343f;\n"
  "  --track: #2a323d; --main: #6ea2ff; --good: #55c08a; --bad: #f0776f; --unsure: #e0b04a; --open: #7c8797; --kept: #b08af0; --late: #5cc3da } }\n"
  "* { box-sizing: border-box }\n"
  "body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; overflow-wrap: anywhere }\n"
  "main { max-width: 60rem; margin: 0 auto; padding: 1.25rem 1rem 3rem }\n"
  "h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.05rem; margin: 0 0 .75rem }\n"
  "section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; margin-top: 1rem }\n"
  "p { margin: .25rem 0; color: var(--soft) } svg { display: block; width: 100% }\n"
  ".tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem; margin-top: 1rem }\n"
  ".tiles div { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .7rem .9rem; color: var(--soft) }\n"
  ".tiles b { display: block; font-size: 1.4rem; color: var(--ink); font-variant-numeric: tabular-nums }\n"
  ".row { margin: 0 0 .7rem } .row:last-child { margin-bottom: 0 }\n"
  ".row > div { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; margin-bottom: .2rem }\n"
  ".row span { color: var(--soft); font-variant-numeric: tabular-nums } .row em { display: block; margin-top: .2rem; font-style: normal; color: var(--soft) }\n"
  ".bar { height: .6rem; border-radius: .3rem; background: var(--track) } .chart { height: 8rem }\n"
  ".ends { display: flex; justify-content: space-between; color: var(--soft); font-size: .85rem; margin-top: .2rem }\n"
  ".key { display: flex; flex-wrap: wrap; gap: .1rem 1rem; color: var(--soft); font-size: .85rem; margin-bottom: .7rem }\n"
  ".key i { display: inline-block; width: .7rem; height: .7rem; border-radius: .2rem; margin-right: .35rem }\n"
  "ul { margin: 0; padding: 0; list-style: none } li { padding: .3rem 0; border-top: 1px solid var(--line) } li:first-child { border: 0 }\n"
  "li span { color: var(--soft) } .row .goal { color: var(--good); font-weight: normal }\n"
  "</style>\n</head>\n<body>\n<main>\n";

enum { ROWS_SHOWN = 50 };

static void text(FILE *out, const char *s) {
  for (; *s; s++) {
    switch (*s) {
      case '&': fputs("&amp;", out); break;
      case '<': fputs("&lt;", out); break;
      case '>': fputs("&gt;", out); break;
      case '"': fputs("&quot;", out); break;
      case '\'': fputs("&#39;", out); break;
      default: fputc(*s, out);
    }
  }
}

/* <bdi>: marks of direction in a name end with it. */
static void name(FILE *out, const char *s) {
  fputs("<bdi>", out);
  text(out, s);
  fputs("</bdi>", out);
}

struct part {
  double value;
  const char *color;
};

/* Parts side by side, of a whole of `most`. */
static void bar(FILE *out, const struct part *parts, size_t cnt, double most) {
  double at = 0;
  fputs("<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">", out);
  for (size_t i = 0; i < cnt && most > 0; i++) {
    double width = parts[i].value / most * 1000;
    if (width > 0) fprintf(out, "<rect x=\"%.1f\" width=\"%.1f\" height=\"10\" fill=\"var(--%s)\"/>", at, width < 4 ? 4 : width, parts[i].color);
    at += width;
  }
  fputs("</svg>", out);
}

static void begin(FILE *out, const char *title, const char *of) {
  fprintf(out, "<section>\n<h2>%s", title);
  if (of) name(out, of);
  fputs("</h2>\n", out);
}

static void end(FILE *out, size_t cnt) {
  if (cnt > ROWS_SHOWN) fprintf(out, "<p>and %zu more</p>\n", cnt - ROWS_SHOWN);
  fputs("</section>\n", out);
}

/* ---- the sections */

static void tile(FILE *out, int64_t number, const char *what) { fprintf(out, "<div><b>%lld</b>%s</div>\n", (long long)number, what); }

static void show_head(const json_t *r, FILE *out) {
  const json_t *people = json_object_get(r, "people"), *rule;
  int64_t fired = 0;
  size_t i;
  json_array_foreach(json_object_get(r, "rules"), i, rule) fired += report_number(rule, "fired");
  fputs("<h1>Report</h1>\n<p>until ", out);
  text(out, report_string(r, "until"));
  if (report_number(r, "days")) fprintf(out, ", %lld day%s", (long long)report_number(r, "days"), report_number(r, "days") == 1 ? "" : "s");
  fputs("</p>\n<div class=\"tiles\">\n", out);
  tile(out, report_number(people, "known"), "people known");
  tile(out, fired, "times a rule fired");
  tile(out, report_number(people, "opted_out"), "opted out");
  tile(out, report_number(r, "waiting"), "timers waiting");
  tile(out, report_number(r, "unacknowledged"), "records not acknowledged");
  fputs("</div>\n", out);
}

static void show_daily(const json_t *r, FILE *out) {
  const json_t *list = json_object_get(r, "daily"), *day;
  size_t cnt = json_array_size(list), first = cnt > REPORT_DAYS_SHOWN ? cnt - REPORT_DAYS_SHOWN : 0, i;
  int64_t most = 0;
  if (cnt < 2) return;
  for (i = first; i < cnt; i++) most = report_number(json_array_get(list, i), "fired") > most ? report_number(json_array_get(list, i), "fired") : most;
  begin(out, "How often rules fired, by day", NULL);
  fputs("<svg class=\"chart\" viewBox=\"0 0 1000 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"a bar for each day\">", out);
  double width = 1000.0 / (double)(cnt - first);
  for (i = first; i < cnt && most > 0; i++) {
    day = json_array_get(list, i);
    double height = (double)report_number(day, "fired") / (double)most * 98;
    fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"var(--main)\"><title>", (double)(i - first) * width + width * 0.1,
            100 - height, width * 0.8, height);
    text(out, report_string(day, "day"));
    fprintf(out, ": %lld</title></rect>", (long long)report_number(day, "fired"));
  }
  fputs("</svg>\n<div class=\"ends\"><span>", out);
  text(out, report_string(json_array_get(list, first), "day"));
  fprintf(out, "</span><span>most: %lld</span><span>", (long long)most);
  text(out, report_string(json_array_get(list, cnt - 1), "day"));
  fputs("</span></div>\n", out);
  end(out, 0);
}

static void show_stage(const json_t *stage, int64_t most, FILE *out) {
  bool goal = json_is_true(json_object_get(stage, "goal"));
  const json_t *share = json_object_get(stage, "share"), *median = json_object_get(stage, "median_s"), *slow = json_object_get(stage, "slow_s");
  char about[24], at_most[24];
  fputs("<div class=\"row\"><div><strong>", out);
  name(out, report_string(stage, "stage"));
  fprintf(out, "%s</strong><span>%lld came, %lld there now</span></div>", goal ? " <span class=\"goal\">goal</span>" : "", (long long)report_number(stage, "entered"),
          (long long)report_number(stage, "now"));
  const struct part part = { (double)report_number(stage, "entered"), goal ? "good" : "main" };
  bar(out, &part, 1, (double)most);
  if (json_is_real(share) && report_number(stage, "went_on")) {
    fprintf(out, "<em>%.1f%% went on", json_real_value(share) * 100);
    if (json_is_integer(median) && json_is_integer(slow)) {
      fprintf(out, ", half of them within %s, nine of ten within %s", duration_text((double)json_integer_value(median), about),
              duration_text((double)json_integer_value(slow), at_most));
    }
    fputs("</em>", out);
  }
  fputs("</div>\n", out);
}

static void show_funnels(const json_t *r, FILE *out) {
  size_t i, k;
  const json_t *funnel, *stage;
  json_array_foreach(json_object_get(r, "funnels"), i, funnel) {
    const json_t *conversion = json_object_get(funnel, "conversion"), *list = json_object_get(funnel, "stages");
    int64_t most = 0;
    begin(out, "Funnel ", report_string(funnel, "funnel"));
    json_array_foreach(list, k, stage) most = report_number(stage, "entered") > most ? report_number(stage, "entered") : most;
    json_array_foreach(list, k, stage) show_stage(stage, most, out);
    if (json_is_real(conversion)) {
      fprintf(out, "<p>%lld of those who began reached the goal: %.1f%%</p>\n", (long long)report_number(funnel, "reached"), json_real_value(conversion) * 100);
    }
    if (!json_is_true(json_object_get(funnel, "ordered"))) fputs("<p>The order of the stages is guessed: the rules were not given.</p>\n", out);
    end(out, 0);
  }
}

/* The interval as a bar from low to high, with a mark at the rate. */
static void interval(FILE *out, const json_t *v) {
  double low = json_real_value(json_object_get(v, "low")) * 1000, high = json_real_value(json_object_get(v, "high")) * 1000;
  double rate = json_real_value(json_object_get(v, "rate")) * 1000;
  fprintf(out, "<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect x=\"%.1f\" width=\"%.1f\" height=\"10\" "
          "fill=\"var(--open)\"/><rect x=\"%.1f\" width=\"6\" height=\"10\" fill=\"var(--main)\"/></svg>", low, high - low < 4 ? 4 : high - low, rate > 994 ? 994 : rate);
}

static void show_variant(const json_t *v, FILE *out) {
  fputs("<div class=\"row\"><div><strong>", out);
  name(out, report_string(v, "variant"));
  fprintf(out, "</strong><span>%lld of %lld people reached the goal · %.1f%% (%.1f to %.1f)</span></div>", (long long)report_number(v, "goals"),
          (long long)report_number(v, "persons"), json_real_value(json_object_get(v, "rate")) * 100, json_real_value(json_object_get(v, "low")) * 100,
          json_real_value(json_object_get(v, "high")) * 100);
  interval(out, v);
  fputs("</div>\n", out);
}

static void show_experiments(const json_t *r, FILE *out) {
  const json_t *rule, *v;
  size_t i, k;
  char finding[300];
  json_array_foreach(json_object_get(r, "experiments"), i, rule) {
    const char *base = "";
    begin(out, "Experiment ", report_string(rule, "rule"));
    json_array_foreach(json_object_get(rule, "variants"), k, v) {
      if (strcmp(report_string(v, "verdict"), "base") == 0) base = report_string(v, "variant");
      show_variant(v, out);
    }
    json_array_foreach(json_object_get(rule, "variants"), k, v) {
      if (!*report_finding(v, base, finding)) continue;
      fputs("<p>", out);
      text(out, finding);
      fputs("</p>\n", out);
    }
    end(out, 0);
  }
}

static void show_rules(const json_t *r, FILE *out) {
  const json_t *list = json_object_get(r, "rules"), *rule;
  size_t i;
  begin(out, "Rules by how often they fired", NULL);
  if (!json_array_size(list)) fputs("<p>None fired.</p>\n", out);
  double most = (double)report_number(json_array_get(list, 0), "fired");
  json_array_foreach(list, i, rule) {
    if (i == ROWS_SHOWN) break;
    const struct part part = { (double)report_number(rule, "fired"), "main" };
    fputs("<div class=\"row\"><div><strong>", out);
    name(out, report_string(rule, "rule"));
    fputs("</strong><span>", out);
    if (*report_string(rule, "title")) {
      name(out, report_string(rule, "title"));
      fputs(" · ", out);
    }
    fprintf(out, "%lld</span></div>", (long long)report_number(rule, "fired"));
    bar(out, &part, 1, most);
    fputs("</div>\n", out);
  }
  end(out, json_array_size(list));
}

static void show_never(const json_t *r, FILE *out) {
  const json_t *list = json_object_get(r, "never_fired"), *rule;
  size_t i;
  if (!json_array_size(list)) return;
  begin(out, "Rules that did not fire", NULL);
  fputs("<ul>\n", out);
  json_array_foreach(list, i, rule) {
    if (i == ROWS_SHOWN) break;
    fputs("<li>", out);
    name(out, report_string(rule, "rule"));
    fputs(" <span>", out);
    name(out, report_string(rule, "place"));
    fputs("</span></li>\n", out);
  }
  fputs("</ul>\n", out);
  end(out, json_array_size(list));
}

static const struct {
  const char *key, *says, *color;
} fates[] = { { "sent", "sent", "good" }, { "open", "no word yet", "open" }, { "unconfirmed", "unconfirmed", "unsure" }, { "rejected", "rejected", "bad" },
              { "retried", "to be tried again", "late" }, { "dropped", "dropped", "kept" } };
enum { FATES = sizeof fates / sizeof *fates };

static void show_action(const json_t *action, FILE *out) {
  struct part parts[FATES];
  double sum = 0;
  bool any = false;
  fputs("<div class=\"row\"><div><strong>", out);
  name(out, report_string(action, "action"));
  fputs("</strong><span>", out);
  for (size_t i = 0; i < FATES; i++) {
    int64_t cnt = report_number(action, fates[i].key);
    parts[i] = (struct part){ (double)cnt, fates[i].color };
    sum += (double)cnt;
    if (cnt) fprintf(out, "%s%lld %s", any ? ", " : "", (long long)cnt, fates[i].says);
    any |= cnt > 0;
  }
  if (report_number(action, "delayed")) fprintf(out, "%s%lld had to wait", any ? ", " : "", (long long)report_number(action, "delayed"));
  fputs("</span></div>", out);
  bar(out, parts, FATES, sum);
  fputs("</div>\n", out);
}

static void show_actions(const json_t *r, FILE *out) {
  const json_t *list = json_object_get(r, "actions"), *action;
  size_t i;
  if (!json_array_size(list)) return;
  begin(out, "What became of the actions", NULL);
  fputs("<div class=\"key\">", out);
  for (i = 0; i < FATES; i++) fprintf(out, "<span><i style=\"background: var(--%s)\"></i>%s</span>", fates[i].color, fates[i].says);
  fputs("</div>\n", out);
  json_array_foreach(list, i, action) show_action(action, out);
  end(out, 0);
}

static void show_reasons(const json_t *r, FILE *out) {
  const json_t *list = json_object_get(r, "reasons"), *reason;
  size_t i;
  if (!json_array_size(list)) return;
  begin(out, "What did not arrive, or not at once, and why", NULL);
  fputs("<ul>\n", out);
  json_array_foreach(list, i, reason) {
    if (i == ROWS_SHOWN) break;
    fprintf(out, "<li><strong>%lld</strong> ", (long long)report_number(reason, "count"));
    text(out, report_string(reason, "outcome"));
    fputc(' ', out);
    text(out, report_string(reason, "action"));
    if (*report_string(reason, "reason")) fputs(": ", out);
    name(out, report_string(reason, "reason"));
    fputs(" <span>", out);
    name(out, report_string(reason, "rule"));
    fputs("</span></li>\n", out);
  }
  fputs("</ul>\n", out);
  end(out, json_array_size(list));
}

static void show_usage(const json_t *r, FILE *out) {
  const json_t *list = json_object_get(r, "usage"), *one;
  char what[200];
  size_t i;
  if (!json_array_size(list)) return;
  begin(out, "Quotas and pools", NULL);
  json_array_foreach(list, i, one) {
    double used = (double)report_number(one, "used"), max = (double)report_number(one, "max");
    const struct part part = { used < max ? used : max, used >= max ? "bad" : used >= max * 0.8 ? "unsure" : "good" };
    fputs("<div class=\"row\"><div><strong>", out);
    name(out, report_string(one, "name"));
    fputs("</strong><span>", out);
    name(out, report_quota(one, what));
    fprintf(out, " · %.0f of %.0f</span></div>", used, max);
    bar(out, &part, 1, max);
    fputs("</div>\n", out);
  }
  end(out, 0);
}

bool report_html(const json_t *report, FILE *out) {
  static void (*const sections[])(const json_t *report, FILE *out) = { show_head, show_funnels, show_experiments, show_daily, show_rules, show_actions, show_reasons,
                                                                       show_usage, show_never };
  if (report_number(report, "format") != 1) return false;
  fputs(head, out);
  for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) sections[i](report, out);
  fputs("</main>\n</body>\n</html>\n", out);
  return true;
}
