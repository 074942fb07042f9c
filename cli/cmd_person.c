/* cmd_person.c: weir forget and weir export: what a person may ask of whoever keeps a state about him. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static const char forget_help[] =
  "usage: weir forget PERSON --state FILE [options]\n\n"
  "Erases the person whom an account knows as PERSON (channel/account/id), under all his contacts, from the state: names,\n"
  "tags, fields, stages, claims, timers. Records that were not acknowledged and speak of him are replaced by signed\n"
  "tombstones. That he opted out is kept, as a hash. What was overwritten is gone from the file, too. Journals and snapshots\n"
  "made before still hold him, and so do logs of records that were acknowledged: it says which.\n"
  "No weir run may be using the state; a running one erases by its control socket (forget channel/account/id). Where runs write a\n"
  "journal, erase by the socket: this here is in no journal, and weir replay stops where it is missing.\n\n"
  "  --state FILE   the state\n"
  "  --key FILE     the signing key (./" KEY_FILE ")\n\n"
  "Status 0: erased; 1: nobody is known there; 2: nothing could be done.\n\n"
  "example:\n  weir forget douyin/papers/u81 --state shop.db\n";

static const char export_help[] =
  "usage: weir export PERSON --state FILE\n\n"
  "Prints all that the state knows of the person whom an account knows as PERSON (channel/account/id) as JSON.\n\n"
  "  --state FILE   the state; no weir run may be using it\n\n"
  "Status 0: somebody is known there; 1: nobody is; 2: nothing could be done.\n\n"
  "example:\n  weir export douyin/papers/u81 --state shop.db\n";

enum { EXPORT_MAX = 16 << 20 };

struct person {
  const char *command, *help, *state, *key_file;
  weir_str part[3]; /* channel, account, id */
  weir_ruleset *rules;
  weir_key *key;
  weir_engine *engine;
};

/* -1: go on. */
static int parse_options(struct person *p, int argc, char **argv) {
  static const struct option options[] = {
    { "state", required_argument, NULL, 's' }, { "key", required_argument, NULL, 'k' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  int c;
  while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    switch (c) {
      case 's': p->state = optarg; break;
      case 'k': p->key_file = optarg; break;
      case 'h': print_help(stdout, p->help); return EXIT_GOOD;
      default: fprintf(stderr, "try: weir %s --help\n", p->command); return EXIT_BROKEN;
    }
  }
  if (optind + 1 != argc || !person_read((weir_str){ argv[optind], strlen(argv[optind]) }, p->part)) {
    complain_text(p->command, "say who: channel/account/id, such as douyin/papers/u81");
    return EXIT_BROKEN;
  }
  if (!p->state || strcmp(p->state, ":memory:") == 0 || access(p->state, F_OK) != 0) {
    complain_text(p->command, p->state ? "there is no state file %s" : "needs --state FILE", p->state);
    return EXIT_BROKEN;
  }
  return -1;
}

static bool open_state(struct person *p) {
  weir_error err;
  if (weir_ruleset_empty(&p->rules, &err)) {
    complain(p->command, &err);
    return false;
  }
  p->key = load_key(p->command, p->key_file, false);
  if (!p->key) return false;
  weir_config config = { .struct_size = sizeof config, .ruleset = p->rules, .key = p->key, .state = p->state };
  if (open_with_key(p->command, p->key_file, &config, &p->key, &p->engine, &err) == WEIR_OK) return true;
  complain(p->command, &err);
  return false;
}

static void close_state(struct person *p) {
  weir_engine_close(p->engine);
  weir_key_free(p->key);
  weir_ruleset_free(p->rules);
}

static int forget(struct person *p) {
  weir_erasure told = { .struct_size = sizeof told };
  weir_error err;
  weir_status st = weir_erase(p->engine, p->part[0], p->part[1], p->part[2], &told, &err);
  if (st == WEIR_NONE) {
    printf("nobody is known there\n");
    return EXIT_PROBLEMS;
  }
  if (st) {
    complain(p->command, &err);
    return EXIT_BROKEN;
  }
  printf("forgotten\n");
  if (told.records) printf("records that waited: %llu are tombstones now, %llu decisions about him are gone\n", (unsigned long long)told.records,
                           (unsigned long long)told.decisions);
  if (told.elsewhere.len) printf("logs of records kept elsewhere may still name him: %.*s\n", FMT(told.elsewhere));
  return EXIT_GOOD;
}

static int export(struct person *p) {
  char *out = malloc(EXPORT_MAX);
  size_t len = 0;
  weir_error err;
  if (!out) {
    complain_text(p->command, "there is not enough memory");
    return EXIT_BROKEN;
  }
  weir_status st = weir_export(p->engine, p->part[0], p->part[1], p->part[2], out, EXPORT_MAX, &len, &err);
  if (st >= 0) printf("%.*s\n", (int)len, out);
  else complain(p->command, &err);
  free(out);
  return st == WEIR_OK ? EXIT_GOOD : st == WEIR_NONE ? EXIT_PROBLEMS : EXIT_BROKEN;
}

static int with_state(struct person *p, int argc, char **argv, int (*act)(struct person *p)) {
  int status = parse_options(p, argc, argv);
  if (status >= 0) return status;
  status = open_state(p) ? act(p) : EXIT_BROKEN;
  close_state(p);
  return status;
}

int cmd_forget(int argc, char **argv) {
  struct person p = { .command = "forget", .help = forget_help, .key_file = KEY_FILE };
  return with_state(&p, argc, argv, forget);
}

int cmd_export(int argc, char **argv) {
  struct person p = { .command = "export", .help = export_help, .key_file = KEY_FILE };
  return with_state(&p, argc, argv, export);
}
