/* main.c: finds the subcommand. */
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "cli.h"

#define LARGE_BLOCK (64 << 10) /* bytes of a block that goes back to the system when it is freed */

static const struct {
  const char *name;
  int (*run)(int argc, char **argv);
  const char *says;
} commands[] = {
  { "init", cmd_init, "a small pack of rules to begin with, from a few answers" },
  { "check", cmd_check, "load rules and say what is wrong with them" },
  { "test", cmd_test, "run every example and scenario of the rules" },
  { "try", cmd_try, "what would be answered to a text, and why, rule by rule" },
  { "run", cmd_run, "events on stdin, signed records on stdout" },
  { "replay", cmd_replay, "decide a journal again, or see what other rules would change" },
  { "report", cmd_report, "funnels, rules, actions, quotas of a state, as tables or a page" },
  { "control", cmd_control, "a command to a running weir: stats, snapshot, reload, forget ..." },
  { "key", cmd_key, "make a signing key, show its public half, change it" },
  { "verify", cmd_verify, "check a log of records: signatures, chain, gaps" },
  { "import", cmd_import, "rules from a WeChat auto-reply export, or from a CSV of keywords" },
  { "forget", cmd_forget, "erase a person from a state" },
  { "export", cmd_export, "print all that a state knows of a person" },
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void usage(FILE *out) {
  fprintf(out, "weir %s: decides what a chat gateway answers\n\nusage: weir COMMAND ...\n\n", weir_version());
  for (int i = 0; i < COMMANDS; i++) fprintf(out, "  weir %-8s %s\n", commands[i].name, commands[i].says);
  fprintf(out, "\nEach has --help with an example. Start with:\n  weir try rules/test-papers \"求电子版\"\n");
}

/* What was printed must have arrived: an empty key file that nobody noticed is worse than a message. */
static int end_well(int status) {
  if (fflush(stdout) == 0 && !ferror(stdout)) return status;
  fprintf(stderr, "weir: the output cannot be written\n");
  return EXIT_BROKEN;
}

/* Rules are compiled with some MiB that are given back when they are loaded. As it is, glibc would keep such blocks from then on,
 * and a service would hold them for years. */
static void give_back_large_blocks(void) {
#ifdef __GLIBC__
  (void)mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
#endif
}

int main(int argc, char **argv) {
  give_back_large_blocks();
  if (argc < 2) {
    usage(stderr);
    return EXIT_BROKEN;
  }
  for (int i = 0; i < COMMANDS; i++) {
    if (strcmp(argv[1], commands[i].name) == 0) return end_well(commands[i].run(argc - 1, argv + 1));
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
    usage(stdout);
    return EXIT_GOOD;
  }
  if (strcmp(argv[1], "--version") == 0) {
    printf("weir %s\n", weir_version());
    return EXIT_GOOD;
  }
  fprintf(stderr, "weir: there is no command \"%s\"\n\n", argv[1]);
  usage(stderr);
  return EXIT_BROKEN;
}
