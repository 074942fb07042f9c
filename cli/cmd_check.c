/* cmd_check.c: loads rules and says what is wrong with them, and what is allowed but probably not meant. */
#include <getopt.h>
#include <jansson.h>
#include <string.h>

#include "cli.h"

static const char help[] =
  "usage: weir check RULES [options]\n\n"
  "Loads a rule file, a pack (a folder of .lua files) or a folder of packs, and prints every finding with its place:\n"
  "errors (the rules cannot be used), warnings (something will not do what it says), and notes (allowed, and probably not\n"
  "meant: rules that never fire, replies that would set off a rule, rules without examples).\n"
  "Status 0: the rules can be used; 1: there are errors; 2: nothing could be checked.\n\n"
  "  --json      one JSON object (docs/check.md), for editors and programs\n"
  "  --strict    status 1 also when there are warnings or notes\n"
  "  --quiet     no notes\n"
  "  --memory    what the rules, and an engine that decides with them, take at most\n"
  "  --jit       load as `weir run --jit` does: regexes become machine code, and its size is told\n\n"
  "example:\n  weir check rules/test-papers\n";

struct check {
  size_t found[WEIR_SEVERITY_NOTE + 1];
  json_t *list;      /* NULL: print them */
  bool no_memory;
};

/* ---- findings */

static json_t *text(weir_str s) {
  json_t *json = json_stringn(s.len ? s.ptr : "", s.len);
  return json ? json : json_string(""); /* not UTF-8 */
}

static void take(void *ctx, const weir_diagnostic *d) {
  static const char *const words[] = { [WEIR_SEVERITY_ERROR] = "error", [WEIR_SEVERITY_WARNING] = "warning", [WEIR_SEVERITY_NOTE] = "note" };
  struct check *c = ctx;
  c->found[d->severity]++;
  if (!c->list) {
    print_diagnostic(stdout, d);
    return;
  }
  json_t *one = json_pack("{ss so sI sI so so so}", "severity", words[d->severity], "file", text(d->file), "line", (json_int_t)d->line, "column",
                          (json_int_t)d->column, "rule", text(d->rule), "message", text(d->message), "excerpt", text(d->excerpt));
  if (!one || json_array_append_new(c->list, one) != 0) c->no_memory = true;
}

enum { SLOW_SHOWN = 20 };

/* Rules that run on every text: a handful costs more than thousands of others. */
static void show_unfiltered(const weir_ruleset *rules) {
  size_t index[SLOW_SHOWN];
  size_t cnt = weir_ruleset_unfiltered(rules, index, SLOW_SHOWN);
  if (!cnt) return;
  printf("%s%zu rule%s no word that must be in the text, so %s tried on every text:%s\n", paint(stdout, YELLOW), cnt, cnt == 1 ? " has" : "s have",
         cnt == 1 ? "it is" : "they are", paint(stdout, PLAIN));
  for (size_t i = 0; i < cnt && i < SLOW_SHOWN; i++) {
    weir_rule_info info;
    if (weir_ruleset_rule(rules, index[i], &info)) printf("  %.*s (%.*s:%u)\n", FMT(info.name), FMT(info.file), info.line);
  }
  if (cnt > SLOW_SHOWN) printf("  ... and %zu more\n", cnt - SLOW_SHOWN);
}

static json_t *unfiltered_names(const weir_ruleset *rules) {
  size_t index[SLOW_SHOWN];
  size_t cnt = rules ? weir_ruleset_unfiltered(rules, index, SLOW_SHOWN) : 0;
  json_t *list = json_array();
  for (size_t i = 0; list && i < cnt && i < SLOW_SHOWN; i++) {
    weir_rule_info info;
    if (weir_ruleset_rule(rules, index[i], &info)) json_array_append_new(list, text(info.name));
  }
  return list;
}

/* ---- the end */

static void show_one(size_t n, const char *word) {
  if (n) printf(", %zu %s%s", n, word, n == 1 ? "" : "s");
}

static void show_sum(const struct check *c, const weir_ruleset *rules) {
  size_t errors = c->found[WEIR_SEVERITY_ERROR];
  if (!rules) {
    printf("%s%zu error%s%s", paint(stdout, RED), errors, errors == 1 ? "" : "s", paint(stdout, PLAIN));
  } else {
    size_t n = weir_ruleset_rule_count(rules);
    printf("%s%zu rule%s, no errors%s", paint(stdout, GREEN), n, n == 1 ? "" : "s", paint(stdout, PLAIN));
  }
  show_one(c->found[WEIR_SEVERITY_WARNING], "warning");
  show_one(c->found[WEIR_SEVERITY_NOTE], "note");
  if (rules) printf(" (%zu KiB compiled", (weir_ruleset_bytes(rules) + 1023) / 1024);
  if (rules && weir_ruleset_jit_bytes(rules)) printf(", %zu KiB of them for machine code", (weir_ruleset_jit_bytes(rules) + 1023) / 1024);
  if (rules) putchar(')');
  putchar('\n');
}

static bool print_json(const struct check *c, const weir_ruleset *rules) {
  json_t *root = json_pack("{sI sI sI sI sI sO so}", "errors", (json_int_t)c->found[WEIR_SEVERITY_ERROR], "warnings",
                           (json_int_t)c->found[WEIR_SEVERITY_WARNING], "notes", (json_int_t)c->found[WEIR_SEVERITY_NOTE], "rules",
                           (json_int_t)(rules ? weir_ruleset_rule_count(rules) : 0), "bytes", (json_int_t)(rules ? weir_ruleset_bytes(rules) : 0),
                           "findings", c->list, "unfiltered", unfiltered_names(rules));
  bool good = root && !c->no_memory && json_dumpf(root, stdout, JSON_COMPACT) == 0;
  if (good) putchar('\n');
  else complain_text("check", "there is not enough memory");
  json_decref(root);
  return good;
}

static size_t kib(size_t bytes) { return (bytes + 1023) / 1024; }

/* What deciding can take: of an engine that is opened for it and does nothing. */
static bool show_memory(const weir_ruleset *rules) {
  enum { ROOMS_MAX = 16 };
  weir_config config = { .struct_size = sizeof config, .ruleset = rules, .dry = true };
  weir_memory_room rooms[ROOMS_MAX];
  weir_engine *engine = NULL;
  weir_error err;
  if (weir_engine_open(&engine, &config, &err)) {
    complain("check", &err);
    return false;
  }
  size_t cnt = weir_memory_stats(engine, rooms, ROOMS_MAX);
  printf("memory, in KiB\n");
  for (size_t i = 0; i < cnt && i < ROOMS_MAX; i++) printf("  %-10s %8zu%s\n", rooms[i].room, kib(i ? rooms[i].limit : rooms[i].live), i ? "" : "  shared by all engines");
  printf("  one engine %8zu  with its state in memory\n", kib(weir_engine_bound(&config)));
  config.state = "state.db";
  printf("  one engine %8zu  with its state in a file\n", kib(weir_engine_bound(&config)));
  weir_engine_close(engine);
  return true;
}

struct wanted {
  bool json, strict, quiet, jit, memory;
};

static int check(const char *path, struct check *c, const struct wanted *w) {
  weir_load_config config = { .struct_size = sizeof config, .diagnostic = take, .diagnostic_ctx = c, .lint = !w->quiet, .zoneinfo = zone_folder(),
                              .jit = w->jit };
  weir_ruleset *rules = NULL;
  weir_error err;
  weir_status st = weir_ruleset_load(&rules, path, &config, &err);
  bool good = true;
  if (st && st != WEIR_E_RULES) {
    if (!c->list) complain("check", &err);
    else good = print_json(c, NULL);
    return EXIT_BROKEN;
  }
  if (c->list) good = print_json(c, rules);
  if (!c->list && rules) show_unfiltered(rules);
  if (!c->list) show_sum(c, rules);
  if (!c->list && rules && w->memory) good = show_memory(rules);
  weir_ruleset_free(rules);
  bool findings = c->found[WEIR_SEVERITY_WARNING] + c->found[WEIR_SEVERITY_NOTE] > 0;
  return !good ? EXIT_BROKEN : st || (w->strict && findings) ? EXIT_PROBLEMS : EXIT_GOOD;
}

int cmd_check(int argc, char **argv) {
  static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { "strict", no_argument, NULL, 's' }, { "quiet", no_argument, NULL, 'q' },
                                           { "jit", no_argument, NULL, 'J' }, { "memory", no_argument, NULL, 'm' },
                                           { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  struct check c = { .list = NULL };
  struct wanted w = { .json = false };
  int opt;
  while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    switch (opt) {
      case 'j': w.json = true; break;
      case 's': w.strict = true; break;
      case 'q': w.quiet = true; break;
      case 'm': w.memory = true; break;
      case 'J': w.jit = true; break;
      case 'h': print_help(stdout, help); return EXIT_GOOD;
      default: fprintf(stderr, "see: weir check --help\n"); return EXIT_BROKEN;
    }
  }
  if (optind + 1 != argc) {
    complain_text("check", "needs the rules: a folder or a file. Try: weir check --help");
    return EXIT_BROKEN;
  }
  if (w.json && !(c.list = json_array())) {
    complain_text("check", "there is not enough memory");
    return EXIT_BROKEN;
  }
  int status = check(argv[optind], &c, &w);
  json_decref(c.list);
  return status;
}
