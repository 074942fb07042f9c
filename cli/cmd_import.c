/* cmd_import.c: rules from elsewhere become a pack. What was made is loaded and tried before it is called good; what could not
 * be brought over is told, and written beside the rules. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "import.h"

static const char help[] =
  "usage: weir import wechat FILE DIR [options]\n"
  "       weir import csv FILE DIR [options]\n\n"
  "Makes a pack of rules in the new folder DIR.\n\n"
  "  wechat   the JSON that WeChat's get_current_autoreply_info gives back\n"
  "  csv      a table: keyword, mode (word, contains, equal, prefix), reply, tags; UTF-8, UTF-16 or GB18030.\n"
  "           Several keywords in a cell are separated by | or a line end.\n\n"
  "  --account CHAN/ACCT   the account that answers (wechat_oa/shop; csv: douyin/shop)\n\n"
  "What is not brought over is printed, and stands in DIR/import-report.txt.\n\n"
  "example:\n  weir import csv keywords.csv my-rules && weir test my-rules\n";

static weir_str str(const char *s) { return (weir_str){ s, strlen(s) }; }

/* ---- files */

static char *report_text(const struct import *im) {
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  if (!out) return NULL;
  fprintf(out, "%u rules were made from %s.\n", im->rule_cnt, im->path);
  if (im->note_cnt) fprintf(out, "\nNot brought over, or different now:\n");
  else fprintf(out, "Everything was brought over.\n");
  for (uint32_t i = 0; i < im->note_cnt; i++) fprintf(out, "- %s\n", im->notes[i]);
  if (fclose(out) == 0) return text;
  free(text);
  return NULL;
}

/* On a terminal a line goes on below its text. */
static void print_lines(const char *report) {
  for (const char *end; *report; report = end + (*end == '\n')) {
    end = report + strcspn(report, "\n");
    print_wrapped(stdout, (weir_str){ report, (size_t)(end - report) }, 0, *report == '-' ? 2 : 0);
    if (*end) putchar('\n');
  }
}

/* ---- trying what was made */

/* Finds the rules whose first keyword an earlier rule answers: their order is kept, and it is told. */
static void find_shadowed(struct import *im, weir_engine *engine) {
  for (uint32_t i = 0; i < im->rule_cnt; i++) {
    struct import_rule *r = &im->rules[i];
    weir_event event = { .struct_size = sizeof event, .id = { "import", 6 }, .channel = str(im->channel), .account = str(im->account), .type = { "message", 7 },
                         .time_ms = INT64_C(1767578400000), .contact_id = { "u1", 2 }, .mentioned = -1, .is_follower = -1 };
    weir_verdict v;
    weir_error err;
    if (r->off || !r->mode) continue;
    event.text = r->keywords.items[0];
    if (weir_decide(engine, &event, event.time_ms, &v, &err)) continue;
    for (size_t k = 0; k < v.trace_cnt; k++) {
      weir_str name = v.trace[k].rule;
      size_t len = strlen(r->name);
      if (v.trace[k].reason != WEIR_REASON_FIRED) continue;
      if (name.len > len && name.ptr[name.len - len - 1] == '/' && memcmp(name.ptr + name.len - len, r->name, len) == 0) break;
      r->no_example = true;
      import_note(im, "rule \"%s\": \"%.*s\" is answered by the rule %.*s before it; put the narrower rule first, or give it a priority", r->name,
                  FMT(event.text), FMT(name));
      break;
    }
  }
}

static bool write_rules(const struct import *im, const char *folder, const char *pack) {
  char *text = import_rules_text(im, pack);
  bool good = text && write_into("import", folder, "rules.lua", text);
  if (!text) complain_text("import", "there is not enough memory");
  free(text);
  return good;
}

static bool try_rules(struct import *im, const char *folder) {
  weir_engine *engine = NULL;
  weir_error err;
  weir_ruleset *rules = load_rules("import", folder, false);
  if (!rules) return false;
  weir_config config = { .struct_size = sizeof config, .ruleset = rules, .trace = true, .dry = true };
  weir_status st = weir_engine_open(&engine, &config, &err);
  if (st) complain("import", &err);
  else find_shadowed(im, engine);
  weir_engine_close(engine);
  weir_ruleset_free(rules);
  return st == WEIR_OK;
}

static int write_pack(struct import *im, const char *folder) {
  char pack[48];
  name_of_folder(folder, pack, "imported");
  if (mkdir(folder, 0777) != 0) {
    complain_text("import", "the folder %s cannot be made: %s%s", folder, strerror(errno), errno == EEXIST ? "; give a new one, so that nothing is written over" : "");
    return EXIT_BROKEN;
  }
  if (!write_rules(im, folder, pack)) return EXIT_BROKEN;
  if (!try_rules(im, folder)) {
    complain_text("import", "the rules stand in %s/rules.lua; mend there what is said above, then: weir check %s", folder, folder);
    return EXIT_PROBLEMS;
  }
  char *report = report_text(im), *scenario = import_scenario_text(im);
  bool good = report && scenario && write_rules(im, folder, pack) && write_into("import", folder, "each.scenario", scenario) && write_into("import", folder, "import-report.txt", report);
  if (good) {
    print_lines(report);
    printf("\nThe rules stand in %s/rules.lua. Next:\n  weir test %s\n  weir try %s \"...\"\n", folder, folder, folder);
  }
  free(report);
  free(scenario);
  return good ? EXIT_GOOD : EXIT_BROKEN;
}

/* ---- the command */

static bool set_account(struct import *im, const char *account) {
  const char *slash = strchr(account, '/');
  if (!slash || slash == account || !slash[1] || (size_t)(slash - account) >= sizeof im->channel || strlen(slash + 1) >= sizeof im->account) {
    complain_text("import", "--account takes channel/account, such as wechat_oa/shop, not \"%s\"", account);
    return false;
  }
  snprintf(im->channel, sizeof im->channel, "%.*s", (int)(slash - account), account);
  snprintf(im->account, sizeof im->account, "%s", slash + 1);
  return true;
}

static int import(struct import *im, const char *folder) {
  bool wechat = strcmp(im->from, "wechat") == 0;
  size_t len = 0;
  char *data = read_file("import", im->path, IMPORT_FILE_MAX, &len);
  if (!data) return EXIT_BROKEN;
  bool good = wechat ? import_wechat(im, data, len) : import_csv(im, data, len);
  int status = EXIT_BROKEN;
  if (im->no_memory) complain_text("import", "there is not enough memory");
  else if (good && !im->rule_cnt) complain_text("import", "%s has no rule that could be brought over%s%s", im->path, im->note_cnt ? ": " : "", im->note_cnt ? im->notes[0] : "");
  else if (good) status = write_pack(im, folder);
  free(data);
  return status;
}

int cmd_import(int argc, char **argv) {
  static const struct option options[] = { { "account", required_argument, NULL, 'a' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  struct import im = { .rule_cnt = 0 };
  const char *account = NULL;
  int c;
  while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    switch (c) {
      case 'a': account = optarg; break;
      case 'h': print_help(stdout, help); return EXIT_GOOD;
      default: fprintf(stderr, "see: weir import --help\n"); return EXIT_BROKEN;
    }
  }
  if (optind + 3 != argc || (strcmp(argv[optind], "wechat") != 0 && strcmp(argv[optind], "csv") != 0)) {
    complain_text("import", "needs wechat or csv, the file, and a new folder. Try: weir import --help");
    return EXIT_BROKEN;
  }
  im.from = argv[optind];
  im.path = argv[optind + 1];
  if (!account) account = strcmp(im.from, "wechat") == 0 ? "wechat_oa/shop" : "douyin/shop";
  int status = set_account(&im, account) ? import(&im, argv[optind + 2]) : EXIT_BROKEN;
  import_free(&im);
  return status;
}
