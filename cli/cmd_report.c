/* cmd_report.c: what happened: funnels, rules, actions, quotas; of a state file, or of a running weir through its control socket. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

static const char help[] =
  "usage: weir report STATE [options]\n\n"
  "Shows how people went through the funnels, how experiments stand, which rules fired, what became of the\n"
  "actions and why, how much of the quotas is used.\n"
  "STATE is a snapshot, a state file that no run uses, or the control socket of a running weir (weir run --control SOCKET).\n\n"
  "  --rules RULES     the rules: the order of stages, quotas and pools, experiments, rules that did\n"
  "                    not fire. A running weir knows its own\n"
  "  --days N          only the last N days, 1 to 400, up to the state's last change (all that is kept: 400 days)\n"
  "  --json            one JSON object (docs/report.md)\n"
  "  --csv             one table for a spreadsheet: section, name, what, value\n"
  "  --html FILE       one page with charts, which needs nothing else; an existing file is replaced\n\n"
  "example:\n  weir report shop.db --rules rules/test-papers --days 7\n";

struct wanted {
  const char *state, *rules, *html;
  int days;
  bool json, csv;
};

/* ---- where the report comes from */

static json_t *from_file(const struct wanted *w) {
  struct report report;
  weir_ruleset *rules = NULL;
  weir_error err;
  json_t *root = NULL;
  if (w->rules && !(rules = load_rules("report", w->rules, false))) return NULL;
  bool good = report_begin(&report, rules, w->days);
  weir_report callbacks = report_callbacks(&report);
  weir_status st = good ? weir_report_file(w->state, &callbacks, &err) : WEIR_OK;
  if (st) complain("report", &err);
  else if (good) root = report_build(&report);
  if (!st && !root) complain_text("report", "there is not enough memory");
  report_end(&report);
  weir_ruleset_free(rules);
  return root;
}

/* "ok {...}" */
static json_t *read_answer(FILE *stream) {
  char *line = NULL;
  size_t cap = 0;
  json_t *root = NULL;
  ssize_t len = getline(&line, &cap, stream);
  if (len <= 0) complain_text("report", "the running weir gave no answer");
  else if (strncmp(line, "ok ", 3) != 0) complain_text("report", "the running weir says: %.*s", (int)strcspn(line, "\n"), line);
  else if (!(root = json_loads(line + 3, 0, NULL))) complain_text("report", "the running weir's answer is no report: it may be of another version");
  free(line);
  return root;
}

static json_t *from_socket(const struct wanted *w) {
  if (w->rules) {
    complain_text("report", "--rules is not for a running weir, which knows its own");
    return NULL;
  }
  FILE *stream = call_control("report", w->state);
  if (!stream) return NULL;
  fprintf(stream, "report %d\n", w->days);
  json_t *root = fflush(stream) == 0 ? read_answer(stream) : NULL;
  (void)fclose(stream);
  return root;
}

/* ---- showing it */

static bool write_page(const json_t *report, const char *path) {
  FILE *out = fopen(path, "w");
  bool good = out && report_html(report, out);
  int why = errno;
  if (out && (fflush(out) != 0 || ferror(out))) good = false;
  if (out && fclose(out) != 0) good = false;
  if (!good) complain_text("report", "%s cannot be written: %s", path, strerror(out ? errno : why));
  return good;
}

static bool show(const struct wanted *w, const json_t *report) {
  bool good = report_number(report, "format") == 1;
  if (!good) {
    complain_text("report", "the running weir's report is of another version");
    return false;
  }
  if (w->html) good = write_page(report, w->html);
  if (w->json) good = json_dumpf(report, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6)) == 0 && putchar('\n') != EOF && good;
  else if (w->csv) good = report_csv(report, stdout) && good;
  else if (!w->html) good = report_text(report, stdout) && good;
  return good;
}

static int parse(int argc, char **argv, struct wanted *w) {
  static const struct option options[] = { { "rules", required_argument, NULL, 'r' }, { "days", required_argument, NULL, 'd' }, { "json", no_argument, NULL, 'j' },
                                           { "csv", no_argument, NULL, 'c' }, { "html", required_argument, NULL, 'H' }, { "help", no_argument, NULL, 'h' },
                                           { NULL, 0, NULL, 0 } };
  int opt;
  char *end;
  while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    switch (opt) {
      case 'r': w->rules = optarg; break;
      case 'd': {
        long days = strtol(optarg, &end, 10);
        w->days = (int)days;
        if (*optarg && *end == '\0' && days >= 1 && days <= REPORT_DAYS_MAX) break;
        complain_text("report", "--days takes a number from 1 to %d, not \"%s\"", REPORT_DAYS_MAX, optarg);
        return EXIT_BROKEN;
      }
      case 'j': w->json = true; break;
      case 'c': w->csv = true; break;
      case 'H': w->html = optarg; break;
      case 'h': print_help(stdout, help); return EXIT_GOOD;
      default: fprintf(stderr, "try: weir report --help\n"); return EXIT_BROKEN;
    }
  }
  if (optind + 1 != argc || (w->json && w->csv)) {
    complain_text("report", w->json && w->csv ? "--json and --csv cannot go together" : "needs a state file, a snapshot or a control socket. Try: weir report --help");
    return EXIT_BROKEN;
  }
  w->state = argv[optind];
  return -1;
}

int cmd_report(int argc, char **argv) {
  struct wanted w = { .state = NULL };
  struct stat about;
  int status = parse(argc, argv, &w);
  if (status >= 0) return status;
  bool socket = stat(w.state, &about) == 0 && S_ISSOCK(about.st_mode);
  json_t *report = socket ? from_socket(&w) : from_file(&w);
  bool good = report && show(&w, report);
  json_decref(report);
  return good ? EXIT_GOOD : EXIT_BROKEN;
}
