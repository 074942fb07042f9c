/* cmd_check.c: loads rules and says what is wrong with them. */
#include <getopt.h>
#include <string.h>

#include "cli.h"

static const char help[] =
  "usage: weir check RULES\n\n"
  "Loads a rule file, a pack (a folder of .lua files) or a folder of packs, and prints every error and warning with its\n"
  "place. Status 0: the rules can be used; 1: there are errors; 2: nothing could be checked.\n\n"
  "example:\n  weir check rules/test-papers\n";

struct findings {
  size_t errors, warnings;
};

static void count(void *ctx, const weir_diagnostic *d) {
  struct findings *f = ctx;
  if (d->severity == WEIR_SEVERITY_ERROR) f->errors++;
  else f->warnings++;
  print_diagnostic(stdout, d);
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

static const char *plural(size_t n) { return n == 1 ? "" : "s"; }

int cmd_check(int argc, char **argv) {
  static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  int c;
  while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    if (c != 'h') {
      fprintf(stderr, "see: weir check --help\n");
      return EXIT_BROKEN;
    }
    fputs(help, stdout);
    return EXIT_GOOD;
  }
  if (optind + 1 != argc) {
    complain_text("check", "needs the rules: a folder or a file. Try: weir check --help");
    return EXIT_BROKEN;
  }
  struct findings found = { 0, 0 };
  weir_load_config config = { .struct_size = sizeof config, .diagnostic = count, .diagnostic_ctx = &found, .zoneinfo = zone_folder() };
  weir_ruleset *rules = NULL;
  weir_error err;
  weir_status st = weir_ruleset_load(&rules, argv[optind], &config, &err);
  if (st && st != WEIR_E_RULES) {
    complain("check", &err);
    return EXIT_BROKEN;
  }
  if (!st) show_unfiltered(rules);
  if (st) {
    printf("%s%zu error%s%s", paint(stdout, RED), found.errors, plural(found.errors), paint(stdout, PLAIN));
  } else {
    size_t n = weir_ruleset_rule_count(rules);
    printf("%s%zu rule%s, no errors%s", paint(stdout, GREEN), n, plural(n), paint(stdout, PLAIN));
  }
  if (found.warnings) printf(", %zu warning%s", found.warnings, plural(found.warnings));
  if (!st) printf(" (%zu KiB compiled)", (weir_ruleset_bytes(rules) + 1023) / 1024);
  putchar('\n');
  weir_ruleset_free(rules);
  return st ? EXIT_PROBLEMS : EXIT_GOOD;
}
