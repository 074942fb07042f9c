/* cmd_replay.c: decides a journal or an event log again, without effects. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replay.h"

static const char help[] =
  "usage: weir replay RULES LOG [options]\n\n"
  "Decides again what a journal (weir run --journal) or an event log (one event a line) holds, and prints the records. Nothing is\n"
  "sent, and no state is touched. A journal played with the key of its run gives the same bytes, whatever ended that run: what was\n"
  "not committed then is left out. An event log is played by its events' own time, from an empty state.\n\n"
  "  --key FILE           sign the records with this key. Without it claim sets are printed, and ./" KEY_FILE " is used where there\n"
  "                       is one, for the codes that were given to people only. Several times, when the key was changed on the way\n"
  "  --plain              print claim sets all the same\n"
  "  --against RULES      do not print records, but which events these rules answer otherwise: a table by rule, with examples\n"
  "  --json               the same as JSON\n"
  "  --rules-at HASH=DIR  where the rules are that the journal names HASH (its beginning is enough), when they changed on the way\n"
  "  --any-rules          let RULES decide all of it, whatever rules decided then\n"
  "  --state FILE         begin with this state, and change it: a copy of the state as it was when the journal began; or a new file,\n"
  "                       to make a lost state anew. Without: in memory, from nothing\n\n"
  "Status 0: it went as it did then, and nothing differs; 1: something differs; 2: it could not be played.\n\n"
  "example:\n  weir run rules --journal shop.log < events > records\n"
  "  weir replay rules shop.log --key " KEY_FILE " | cmp - records\n"
  "  weir replay rules shop.log --against new-rules\n";

static bool add_rules(struct replay *r, const char *path, const char *hash) {
  if (r->rules_cnt > REPLAY_RULES_MAX) {
    complain_text("replay", "--rules-at can be given %d times", REPLAY_RULES_MAX);
    return false;
  }
  r->rules[r->rules_cnt++] = (struct replay_rules){ path, hash, NULL };
  return true;
}

/* "9f31c2=old-rules" */
static bool parse_rules_at(struct replay *r, char *text) {
  char *equals = strchr(text, '=');
  if (!equals || equals == text || !equals[1]) {
    complain_text("replay", "--rules-at takes HASH=FOLDER, not \"%s\"", text);
    return false;
  }
  *equals = '\0';
  return add_rules(r, equals + 1, text);
}

static int parse_options(struct replay *r, int argc, char **argv) {
  static const struct option options[] = {
    { "key", required_argument, NULL, 'k' }, { "plain", no_argument, NULL, 'p' }, { "against", required_argument, NULL, 'a' }, { "json", no_argument, NULL, 'j' },
    { "rules-at", required_argument, NULL, 'r' }, { "any-rules", no_argument, NULL, 'y' }, { "state", required_argument, NULL, 's' },
    { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  int opt;
  r->rules_cnt = 1; /* RULES */
  while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    switch (opt) {
      case 'k':
        if (r->key_cnt < REPLAY_KEYS_MAX) {
          r->key_files[r->key_cnt++] = optarg;
          break;
        }
        complain_text("replay", "--key can be given %d times", REPLAY_KEYS_MAX);
        return EXIT_BROKEN;
      case 'p': r->plain = true; break;
      case 'a': r->against_path = optarg; break;
      case 'j': r->json = true; break;
      case 'r':
        if (parse_rules_at(r, optarg)) break;
        return EXIT_BROKEN;
      case 'y': r->any_rules = true; break;
      case 's': r->state = strcmp(optarg, ":memory:") ? optarg : NULL; break;
      case 'h': print_help(stdout, help); return EXIT_GOOD;
      default: fprintf(stderr, "try: weir replay --help\n"); return EXIT_BROKEN;
    }
  }
  if (optind + 2 != argc) {
    complain_text("replay", "needs the rules and a log (and nothing else). Try: weir replay --help");
    return EXIT_BROKEN;
  }
  if (r->json && !r->against_path) {
    complain_text("replay", "--json belongs to --against; records are JSON with --plain");
    return EXIT_BROKEN;
  }
  r->rules[0] = (struct replay_rules){ argv[optind], NULL, NULL };
  r->log = argv[optind + 1];
  return -1;
}

static bool open_rules(struct replay *r) {
  for (size_t i = 0; i < r->rules_cnt; i++) {
    struct replay_rules *rules = &r->rules[i];
    rules->rules = load_rules("replay", rules->path, false);
    if (!rules->rules) return false;
    weir_str hash = weir_ruleset_hash(rules->rules);
    if (rules->hash && (strlen(rules->hash) > hash.len || memcmp(rules->hash, hash.ptr, strlen(rules->hash)) != 0)) {
      complain_text("replay", "the rules in %s are %.12s, not %s", rules->path, hash.ptr, rules->hash);
      return false;
    }
  }
  if (r->against_path && !(r->against = load_rules("replay", r->against_path, false))) return false;
  return true;
}

/* Codes hang on the key. Without one, another does: then nothing is signed with it that anybody sees. */
static bool open_key(struct replay *r) {
  weir_error err;
  r->sign = r->key_cnt && !r->plain;
  if (!r->key_cnt && access(KEY_FILE, F_OK) == 0) r->key_files[r->key_cnt++] = KEY_FILE;
  for (size_t i = 0; i < r->key_cnt; i++) {
    if (!(r->keys[i] = load_key("replay", r->key_files[i], false))) return false;
  }
  r->key = r->keys[0];
  if (r->key) return true;
  if (r->state) {
    complain_text("replay", "a state belongs to the key that signs its records: --state needs it (--key FILE)");
    return false;
  }
  if (weir_key_generate(&r->keys[r->key_cnt], NULL, &err) == WEIR_OK) return (r->key = r->keys[r->key_cnt]) != NULL;
  complain("replay", &err);
  return false;
}

static bool open_all(struct replay *r) {
  struct stat s;
  int fd = open(r->log, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &s) != 0) {
    complain_text("replay", "%s cannot be opened: %s", r->log, strerror(errno));
    return false;
  }
  r->in.fd = fd;
  if (!S_ISREG(s.st_mode)) {
    complain_text("replay", "%s is no file; a log is read twice", r->log);
    return false;
  }
  r->log_bytes = (uint64_t)s.st_size;
  if (!open_rules(r) || !open_key(r) || !replay_index_make(&r->index, fd, r->log)) return false;
  r->claims = malloc(REPLAY_CLAIMS_MAX);
  if (r->against) r->compare = replay_compare_new();
  if (lines_open(&r->in, fd, r->index.journal ? REPLAY_LINE_MAX : REPLAY_EVENT_MAX) && r->claims && (r->compare || !r->against)) return true;
  complain_text("replay", "there is not enough memory");
  return false;
}

static void close_all(struct replay *r) {
  int fd = r->in.fd;
  for (int i = 0; i < 2; i++) weir_engine_close(r->engines[i]);
  replay_compare_free(r->compare);
  replay_index_free(&r->index);
  lines_close(&r->in);
  if (fd >= 0) close(fd);
  free(r->claims);
  for (size_t i = 0; i <= REPLAY_KEYS_MAX; i++) weir_key_free(r->keys[i]);
  for (size_t i = 0; i < r->rules_cnt; i++) weir_ruleset_free(r->rules[i].rules);
  weir_ruleset_free(r->against);
}

static int report(const struct replay *r) {
  bool differs = r->compare && replay_compare_print(r->compare, r->json);
  uint64_t gone = 0;
  for (size_t i = 0; i < r->index.gone_cnt; i++) gone += r->index.gone[i].last - r->index.gone[i].first + 1;
  fprintf(stderr, "weir replay: %llu events", (unsigned long long)r->events);
  if (!r->compare) fprintf(stderr, ", %llu records", (unsigned long long)r->records);
  if (gone) fprintf(stderr, ", %llu lines left out that were never committed", (unsigned long long)gone);
  if (r->uncommitted) fprintf(stderr, ", %llu decisions at the end that were not committed", (unsigned long long)r->uncommitted);
  if (r->differs) fprintf(stderr, ", %llu lines went otherwise", (unsigned long long)r->differs);
  fputc('\n', stderr);
  if (r->index.unsure) {
    complain_text("replay", "the journal ends with commit %llu; whether it reached the disk, the next run would have said. Its records are taken as committed",
                  (unsigned long long)r->index.unsure);
  }
  return differs || r->differs ? EXIT_PROBLEMS : EXIT_GOOD;
}

int cmd_replay(int argc, char **argv) {
  struct replay *r = calloc(1, sizeof *r);
  if (!r) {
    complain_text("replay", "there is not enough memory");
    return EXIT_BROKEN;
  }
  r->in.fd = -1;
  int status = parse_options(r, argc, argv);
  if (status < 0) status = open_all(r) && replay_play(r) ? report(r) : EXIT_BROKEN;
  close_all(r);
  free(r);
  return status;
}
