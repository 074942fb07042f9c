/* cmd_test.c: runs what the rules say of themselves: the examples in them, and the scenarios beside them. A folder of packs is
 * tested pack by pack; a scenario plays with the rules of the folder it lies in. */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "scenario.h"
#include "test.h"

static const char help[] =
  "usage: weir test RULES [options]\n\n"
  "Runs every example in the rules and every scenario (NAME.scenario) in their folder, and prints the results as TAP. A folder\n"
  "of packs is tested pack by pack (words.lua beside them is theirs to include). Status 0: all went as expected; 1: something did not; 2: nothing could be tested.\n\n"
  "  --update      write what happened into the scenarios, in place of what was expected and did not happen\n"
  "  --coverage    name the rules that no example and no scenario made fire, and what\n"
  "                of the others was not reached: keywords, patterns, gates,\n"
  "                actions, variants\n\n"
  "a scenario:\n"
  "  at 2026-03-02 09:00\n"
  "  u1 comments \"求电子版\" on v1 -> reply, follow, message like \"备注 {code}，\"\n"
  "  redeliver -> nothing\n"
  "  after 2h\n"
  "  u1 requests friendship \"{code}\" to wechat_personal/tutor_li\n"
  "    expect accept, deliver\n\n"
  "example:\n  weir test rules/test-papers\n";

enum { PATH_MAX_BYTES = 4096, NAMES_MAX = 4096 };

/* ---- results */

void tests_point(struct tests *t, bool good, const char *format, ...) {
  va_list args;
  t->points++;
  if (!good) t->failed++;
  printf("%s%s%s %u - ", paint(stdout, good ? GREEN : RED), good ? "ok" : "not ok", paint(stdout, PLAIN), t->points);
  va_start(args, format);
  vprintf(format, args);
  va_end(args);
  putchar('\n');
}

void tests_note_fired(struct tests *t, weir_str rule) {
  size_t cnt = weir_ruleset_rule_count(t->rules);
  for (size_t i = 0; i < cnt; i++) {
    weir_rule_info info;
    if (weir_ruleset_rule(t->rules, i, &info) && info.name.len == rule.len && memcmp(info.name.ptr, rule.ptr, rule.len) == 0) t->fired[i] = true;
  }
}

bool tests_warned(const struct tests *t, weir_str rule) {
  for (size_t i = 0; i < t->warned_cnt; i++) {
    if (strlen(t->warned[i]) == rule.len && memcmp(t->warned[i], rule.ptr, rule.len) == 0) return true;
  }
  return false;
}

/* ---- loading */

/* A warning about an example is a failed test; the others belong to `weir check`. */
static void note_finding(void *ctx, const weir_diagnostic *d) {
  struct tests *t = ctx;
  if (d->severity == WEIR_SEVERITY_ERROR) {
    print_diagnostic(stderr, d);
    return;
  }
  if (d->message.len < 9 || memcmp(d->message.ptr, "examples.", 9) != 0) return;
  fputs("# ", stdout);
  print_diagnostic(stdout, d);
  if (t->warned_cnt == t->warned_cap) {
    size_t cap = t->warned_cap ? t->warned_cap * 2 : 16;
    void *more = realloc(t->warned, cap * sizeof *t->warned);
    if (!more) {
      complain_text("test", "there is not enough memory");
      t->broken = true;
      return;
    }
    t->warned = more;
    t->warned_cap = cap;
  }
  snprintf(t->warned[t->warned_cnt++], sizeof *t->warned, "%.*s", FMT(d->rule));
}

static bool load(struct tests *t, const char *path) {
  weir_load_config config = { .struct_size = sizeof config, .diagnostic = note_finding, .diagnostic_ctx = t, .zoneinfo = zone_folder() };
  weir_error err;
  weir_status st = weir_ruleset_load(&t->rules, path, &config, &err);
  if (st == WEIR_E_RULES) complain_text("test", "the rules in %s cannot be used: mend what is said above", path);
  else if (st) complain("test", &err);
  if (st) return false;
  t->fired = calloc(weir_ruleset_rule_count(t->rules) + 1, sizeof *t->fired);
  if (t->fired && t->coverage) t->parts = coverage_open(t->rules);
  if (t->fired && (t->parts || !t->coverage)) return true;
  complain_text("test", "there is not enough memory");
  return false;
}

/* Scenarios say "at 09:00": of the shop's day. */
static void use_zone(const weir_ruleset *rules) {
  char zone[128];
  weir_str name = weir_ruleset_timezone(rules);
  snprintf(zone, sizeof zone, "%.*s", FMT(name));
  setenv("TZ", name.len ? zone : "UTC", 1);
  tzset();
}

/* ---- scenarios */

static bool play_one(struct tests *t, const struct scenario_file *file, const struct scenario *scenario, char **updates) {
  uint32_t failed = 0;
  if (!scenario_play(t, file, scenario, updates, &failed)) return false;
  if (scenario->name.len) tests_point(t, failed == 0, "%s: %.*s", file->path, FMT(scenario->name));
  else tests_point(t, failed == 0, "%s", file->path);
  return true;
}

static bool play_file(struct tests *t, const char *path) {
  struct scenario_file file;
  char **updates = NULL;
  bool good = scenario_read(&file, path);
  if (!good) {
    tests_point(t, false, "%s cannot be read", path);
    scenario_free(&file);
    return true;
  }
  if (t->update) updates = calloc(file.step_cnt + 1, sizeof *updates);
  if (t->update && !updates) complain_text("test", "there is not enough memory");
  good = !t->update || updates;
  unsigned failed = t->failed;
  for (uint32_t i = 0; good && i < file.cnt; i++) good = play_one(t, &file, &file.items[i], updates);
  if (good && updates && t->failed > failed) {
    good = scenario_update(&file, updates);
    if (good) printf("# %s was written anew: look at what is expected now\n", path);
  }
  for (uint32_t i = 0; updates && i < file.step_cnt; i++) free(updates[i]);
  free(updates);
  scenario_free(&file);
  return good;
}

/* ---- folders */

static bool ends_with(const char *name, const char *ending) {
  size_t len = strlen(name), end = strlen(ending);
  return len > end && name[0] != '.' && strcmp(name + len - end, ending) == 0;
}

static bool is_folder(const char *path) {
  struct stat s;
  return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* The names in a folder that have the ending (NULL: the folders in it), sorted; called with each as a path. false: stopped. */
typedef bool visitor(struct tests *t, const char *path);
static bool each(struct tests *t, const char *folder, const char *ending, visitor *visit) {
  struct dirent **names = NULL;
  int cnt = scandir(folder, &names, NULL, alphasort);
  if (cnt < 0) {
    complain_text("test", "%s cannot be looked through: %s", folder, strerror(errno));
    t->broken = true;
  }
  bool good = true;
  for (int i = 0; i < cnt; i++) {
    char path[PATH_MAX_BYTES];
    int len = snprintf(path, sizeof path, "%s%s%s", folder, folder[0] && folder[strlen(folder) - 1] == '/' ? "" : "/", names[i]->d_name);
    bool fits = ending ? ends_with(names[i]->d_name, ending) : names[i]->d_name[0] != '.' && is_folder(path);
    if (good && fits && len > 0 && (size_t)len < sizeof path) good = visit(t, path);
    free(names[i]);
  }
  free(names);
  return good;
}

static bool found_one(struct tests *t, const char *path) {
  (void)t;
  (void)path;
  return false;
}

static bool is_for_packs(struct tests *t, const char *path) {
  const char *name = strrchr(path, '/');
  (void)t;
  return name && strcmp(name, "/words.lua") == 0; /* stops at any other */
}

static bool has_rules(struct tests *t, const char *folder) { return !each(t, folder, ".lua", found_one); }
static bool holds_rules(struct tests *t, const char *folder) { return !has_rules(t, folder); }
/* Only words.lua beside packs: those include it. */
static bool is_pack(struct tests *t, const char *folder) {
  return has_rules(t, folder) && (!each(t, folder, ".lua", is_for_packs) || each(t, folder, NULL, holds_rules));
}
static bool has_scenarios(struct tests *t, const char *folder) { return !each(t, folder, ".scenario", found_one); }

/* One ruleset: its examples, its scenarios. `path` is a file or a folder. */
static bool test_pack(struct tests *t, const char *path) {
  bool good = load(t, path);
  if (good) {
    use_zone(t->rules);
    good = test_examples(t);
    if (good && is_folder(path)) good = each(t, path, ".scenario", play_file);
    if (good && t->parts) coverage_tell(t->parts, t->fired);
  }
  weir_ruleset_free(t->rules);
  coverage_close(t->parts);
  t->parts = NULL;
  free(t->fired);
  free(t->warned);
  t->rules = NULL;
  t->fired = NULL;
  t->warned = NULL;
  t->warned_cnt = t->warned_cap = 0;
  return good;
}

static bool test_pack_folder(struct tests *t, const char *path) { return !has_rules(t, path) || test_pack(t, path); }

static bool test_all(struct tests *t, const char *path) {
  if (!is_folder(path) || is_pack(t, path)) return test_pack(t, path);
  if (has_scenarios(t, path) && !test_pack(t, path)) return false; /* those tell of all packs together */
  return each(t, path, NULL, test_pack_folder);
}

int cmd_test(int argc, char **argv) {
  static const struct option options[] = { { "update", no_argument, NULL, 'u' }, { "coverage", no_argument, NULL, 'c' }, { "help", no_argument, NULL, 'h' },
                                           { NULL, 0, NULL, 0 } };
  struct tests t = { .points = 0 };
  int c;
  while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    switch (c) {
      case 'u': t.update = true; break;
      case 'c': t.coverage = true; break;
      case 'h': print_help(stdout, help); return EXIT_GOOD;
      default: fprintf(stderr, "see: weir test --help\n"); return EXIT_BROKEN;
    }
  }
  if (optind + 1 != argc) {
    complain_text("test", "needs the rules: a folder or a file. Try: weir test --help");
    return EXIT_BROKEN;
  }
  if (!test_all(&t, argv[optind]) || t.broken) return EXIT_BROKEN;
  if (!t.points) {
    complain_text("test", "%s has no examples and no scenarios; write some beside the rules: weir test --help shows how", argv[optind]);
    return EXIT_BROKEN;
  }
  printf("1..%u\n%u passed, %u failed\n", t.points, t.points - t.failed, t.failed);
  return t.failed ? EXIT_PROBLEMS : EXIT_GOOD;
}
