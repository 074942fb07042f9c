/* cmd_key.c: makes a signing key, shows its public half, changes it. */
#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

static const char help[] =
  "usage: weir key new    [--key FILE] [--alg EdDSA|Ed25519]\n"
  "       weir key show   [--key FILE] [--public]\n"
  "       weir key rotate [--key FILE] [--alg EdDSA|Ed25519] [--jwks FILE]\n"
  "       weir key retire [--key FILE] [--now] [--jwks FILE]\n\n"
  "new     makes a signing key in FILE (./" KEY_FILE "), readable by you only. An existing file is never overwritten.\n"
  "        --alg is what stands in the records: EdDSA (RFC 8037, what most libraries know) or Ed25519 (RFC 9864).\n"
  "show    prints the key's id; with --public the JWK Set that verifiers need: while the key is changed, of both keys. The private\n"
  "        half is never printed.\n"
  "rotate  first publishes a new key beside the old one (--jwks: into that file; else the set is printed, and publishing it is up to\n"
  "        you), then lays it ready in FILE.next. When everybody has the new set, reload the running weir (SIGHUP, or \"reload\" on\n"
  "        its control socket): the old key signs a last record for each account, which names the new one, and from then on the\n"
  "        new key signs. The old key is FILE.old then.\n"
  "retire  ends it: the old key is published no more, and FILE.old is removed; two hours after the change at the earliest, when no\n"
  "        record of the old key can be on its way (--now: at once). Logs from before need the old set: keep it.\n\n"
  "Status 0: done; 1: not now, for the reason said; 2: could not be done.\n\n"
  "example:\n  weir key new\n  weir key show --public > jwks.json\n  weir key rotate --jwks jwks.json\n";

enum { OVERLAP_S = 2 * 3600 }; /* twice as long as a record lives */

struct request {
  const char *file, *alg, *jwks;
  bool public_half, now;
  char next[KEY_PATH_MAX], old[KEY_PATH_MAX];
};

static int make(const struct request *q) {
  weir_key *key = NULL;
  weir_error err;
  if (weir_key_generate(&key, q->alg, &err)) {
    complain("key", &err);
    return EXIT_BROKEN;
  }
  bool good = write_key("key", q->file, key);
  if (good) printf("%.*s\n", FMT(weir_key_id(key)));
  weir_key_free(key);
  return good ? EXIT_GOOD : EXIT_BROKEN;
}

/* ---- the set */

static bool publish(const struct request *q, const weir_key *const *keys, size_t cnt) {
  char set[KEY_SET_BYTES];
  if (!key_set("key", keys, cnt, set)) return false;
  if (q->jwks) return replace_file("key", q->jwks, set);
  if (fputs(set, stdout) >= 0 && fflush(stdout) == 0) return true;
  complain_text("key", "the set of keys cannot be written: %s", strerror(errno));
  return false;
}

static bool add(weir_key **keys, size_t *cnt, const char *file) {
  if (!key_is_there(file)) return true;
  keys[*cnt] = load_key("key", file, false);
  return keys[*cnt] && ++*cnt;
}

static int show(const struct request *q) {
  weir_key *keys[3] = { load_key("key", q->file, false), NULL, NULL };
  size_t cnt = 1;
  bool good = keys[0] != NULL;
  if (good && !q->public_half) printf("%.*s\n", FMT(weir_key_id(keys[0])));
  else if (good) good = add(keys, &cnt, q->next) && add(keys, &cnt, q->old) && publish(q, (const weir_key *const *)keys, cnt);
  for (size_t i = 0; i < 3; i++) weir_key_free(keys[i]);
  return good ? EXIT_GOOD : EXIT_BROKEN;
}

/* ---- changing it */

/* The new key signs as the old one does, unless it is said otherwise. */
static weir_key *make_next(const struct request *q, const weir_key *old) {
  char jwks[WEIR_JWK_BYTES];
  weir_key *key = NULL;
  weir_error err;
  const char *alg = q->alg;
  weir_status st = weir_key_public_jwks(old, jwks, &err);
  if (!st && !alg) alg = strstr(jwks, "\"alg\":\"Ed25519\"") ? "Ed25519" : "EdDSA";
  if (!st) st = weir_key_generate(&key, alg, &err);
  if (st) complain("key", &err);
  return key;
}

/* Whether FILE.old is the key before; the key itself under another name is what a change left that did not come about. */
static bool has_old(const struct request *q, const weir_key *key, bool *broken) {
  *broken = false;
  if (!key_is_there(q->old)) return false;
  weir_key *old = load_key("key", q->old, false);
  *broken = old == NULL;
  bool other = old && !key_is_same(old, key);
  weir_key_free(old);
  return other;
}

static int rotate(const struct request *q) {
  bool broken = false, waits = key_is_there(q->next), good;
  weir_key *keys[2] = { load_key("key", q->file, false), NULL };
  if (!keys[0]) return EXIT_BROKEN;
  bool blocked = has_old(q, keys[0], &broken);
  if (blocked) complain_text("key", "%s is published still: retire it first (weir key retire)", q->old);
  if (blocked || broken) {
    weir_key_free(keys[0]);
    return blocked ? EXIT_PROBLEMS : EXIT_BROKEN;
  }
  keys[1] = waits ? load_key("key", q->next, false) : make_next(q, keys[0]);
  good = keys[1] && publish(q, (const weir_key *const *)keys, 2) && (waits || write_key("key", q->next, keys[1]));
  if (good) {
    fprintf(stderr, "weir key: key %.*s %s in %s. %s, then reload the running weir (SIGHUP)\n", FMT(weir_key_id(keys[1])), waits ? "waits already" : "is laid ready", q->next,
            q->jwks ? "When whoever checks records has the new set" : "Publish the set above");
  }
  for (size_t i = 0; i < 2; i++) weir_key_free(keys[i]);
  return good ? EXIT_GOOD : EXIT_BROKEN;
}

/* How long the old key has been out of use: its file changed last when its name went to the new one. */
static bool may_go(const struct request *q) {
  struct stat s;
  if (q->now || lstat(q->old, &s) != 0) return true;
  long long left = (long long)s.st_ctime + OVERLAP_S - (long long)time(NULL);
  if (left <= 0) return true;
  complain_text("key", "records that the old key signed may be on their way for %lld minutes more; then retire it (--now: all the same)", (left + 59) / 60);
  return false;
}

static int retire(const struct request *q) {
  bool broken = false, good = false;
  const weir_key *key = NULL;
  weir_key *own = load_key("key", q->file, false);
  if (!own) return EXIT_BROKEN;
  key = own;
  int status = EXIT_PROBLEMS;
  bool old = has_old(q, own, &broken);
  if (key_is_there(q->next)) {
    complain_text("key", "the new key waits in %s and has not taken over: reload the running weir first (or remove that file, and nothing is changed)", q->next);
  } else if (broken) {
    status = EXIT_BROKEN;
  } else if (!old || may_go(q)) {
    good = publish(q, &key, 1);
    if (good && key_is_there(q->old) && unlink(q->old) != 0) {
      complain_text("key", "%s cannot be removed: %s", q->old, strerror(errno));
      good = false;
    }
    if (good) fprintf(stderr, "weir key: %s\n", old ? "the old key is retired" : "there is no old key to retire");
    status = good ? EXIT_GOOD : EXIT_BROKEN;
  }
  weir_key_free(own);
  return status;
}

int cmd_key(int argc, char **argv) {
  static const struct option options[] = { { "key", required_argument, NULL, 'k' }, { "alg", required_argument, NULL, 'a' },
                                           { "public", no_argument, NULL, 'p' }, { "jwks", required_argument, NULL, 'j' },
                                           { "now", no_argument, NULL, 'n' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  static const struct {
    const char *word;
    int (*act)(const struct request *q);
  } acts[] = { { "new", make }, { "show", show }, { "rotate", rotate }, { "retire", retire } };
  struct request q = { .file = KEY_FILE };
  int c;
  while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    switch (c) {
      case 'k': q.file = optarg; break;
      case 'a': q.alg = optarg; break;
      case 'j': q.jwks = optarg; break;
      case 'p': q.public_half = true; break;
      case 'n': q.now = true; break;
      case 'h': print_help(stdout, help); return EXIT_GOOD;
      default: fprintf(stderr, "see: weir key --help\n"); return EXIT_BROKEN;
    }
  }
  if (!key_beside("key", q.file, ".next", q.next) || !key_beside("key", q.file, ".old", q.old)) return EXIT_BROKEN;
  for (size_t i = 0; i < sizeof acts / sizeof *acts && optind + 1 == argc; i++) {
    if (strcmp(argv[optind], acts[i].word) == 0) return acts[i].act(&q);
  }
  complain_text("key", "say \"new\", \"show\", \"rotate\" or \"retire\". Try: weir key --help");
  return EXIT_BROKEN;
}
