/* cmd_verify.c: checks a log of records, line by line. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static const char help[] =
  "usage: weir verify LOG --keys JWKS [options]\n\n"
  "Checks every record of LOG (\"-\": stdin): its signature, its claims, and the chain: nothing missing, altered or put in\n"
  "between. A record that stands there twice is harmless and counted as redelivered.\n\n"
  "  --keys FILE    public keys, a JWK or JWK Set (weir key show --public)\n"
  "  --issuer URN   only records of this issuer\n"
  "  --aud NAME     only records for this account, such as douyin/papers\n"
  "  --show         print the claim set of every good record\n\n"
  "Status 0: all good; 1: something is wrong; 2: nothing could be checked.\n\n"
  "example:\n  weir key show --public > jwks.json\n  weir verify out.jws --keys jwks.json\n";

enum { RECORD_LINE_MAX = 67000, KEYS_MAX = 1 << 20 };

struct checking {
  const char *log, *keys_file, *issuer, *aud;
  bool show;
  weir_keyset *keys;
  weir_verifier *verifier;
  struct lines in;
  uint64_t good, redelivered, gaps, bad;
};

static void say(const struct checking *c, enum paint color, const char *word, const char *message) {
  printf("%s:%llu: %s%s%s: %s\n", c->log, (unsigned long long)c->in.number, paint(stdout, color), word, paint(stdout, PLAIN), message);
}

/* The line at hand is the log's last, and has no end. */
static bool is_cut_off(const struct checking *c) { return c->in.ended && c->in.start == c->in.end && c->in.end > 0 && c->in.buf[c->in.end - 1] != '\n'; }

static bool check_line(struct checking *c, weir_str line) {
  weir_check check;
  weir_str claims;
  weir_error err;
  if (line.len == 0) return true;
  if (weir_verify_line(c->verifier, line, &check, &claims, &err)) {
    complain("verify", &err);
    return false;
  }
  switch (check) {
    case WEIR_CHECK_GOOD: c->good++; break;
    case WEIR_CHECK_REDELIVERED: c->redelivered++; break;
    case WEIR_CHECK_GAP: c->gaps++; say(c, YELLOW, "gap", err.message); break;
    case WEIR_CHECK_BAD:
      c->bad++;
      say(c, RED, "bad", is_cut_off(c) ? "the last line is cut off: whatever wrote it was interrupted (weir run >> LOG mends it)" : err.message);
      break;
  }
  if (c->show && check != WEIR_CHECK_BAD) {
    print_text(stdout, claims);
    putchar('\n');
  }
  return true;
}

static bool check_log(struct checking *c) {
  while (true) {
    weir_str line;
    switch (lines_next(&c->in, &line)) {
      case LINES_LINE:
        if (!check_line(c, line)) return false;
        break;
      case LINES_TOO_LONG: c->bad++; say(c, RED, "bad", "the line is longer than any record"); break;
      case LINES_END: return true;
      case LINES_ERROR:
      case LINES_EMPTY:
        if (lines_fill(&c->in) != LINES_ERROR) break;
        complain_text("verify", "%s cannot be read: %s", c->log, strerror(errno));
        return false;
    }
  }
}

static bool open_all(struct checking *c) {
  weir_error err;
  size_t len = 0;
  int fd = STDIN_FILENO;
  char *json = read_file("verify", c->keys_file, KEYS_MAX, &len);
  if (!json) return false;
  weir_status st = weir_keyset_parse(&c->keys, (weir_str){ json, len }, &err);
  free(json);
  if (st) {
    complain_text("verify", "%s: %s", c->keys_file, err.message);
    return false;
  }
  if (weir_keyset_has_private(c->keys)) {
    complain_text("verify", "%s holds a private key: whoever can read it can sign. To check, its public half is enough (weir key show --public)", c->keys_file);
  }
  weir_verify_config config = { .struct_size = sizeof config, .keys = c->keys };
  if (c->issuer) config.issuer = (weir_str){ c->issuer, strlen(c->issuer) };
  if (c->aud) config.aud = (weir_str){ c->aud, strlen(c->aud) };
  if (weir_verifier_open(&c->verifier, &config, &err)) {
    complain("verify", &err);
    return false;
  }
  if (strcmp(c->log, "-") != 0 && (fd = open(c->log, O_RDONLY | O_CLOEXEC)) < 0) {
    complain_text("verify", "%s cannot be opened: %s", c->log, strerror(errno));
    return false;
  }
  if (lines_open(&c->in, fd, RECORD_LINE_MAX)) return true;
  complain_text("verify", "there is not enough memory");
  return false;
}

static int report(const struct checking *c) {
  bool problems = c->bad || c->gaps;
  printf("%s%llu good%s", paint(stdout, problems ? PLAIN : GREEN), (unsigned long long)c->good, paint(stdout, PLAIN));
  if (c->redelivered) printf(", %llu redelivered", (unsigned long long)c->redelivered);
  if (c->gaps) printf(", %llu after a gap", (unsigned long long)c->gaps);
  if (c->bad) printf(", %s%llu bad%s", paint(stdout, RED), (unsigned long long)c->bad, paint(stdout, PLAIN));
  putchar('\n');
  if (!c->good && !c->redelivered && !problems) {
    complain_text("verify", "%s holds no record", c->log);
    return EXIT_PROBLEMS;
  }
  return problems ? EXIT_PROBLEMS : EXIT_GOOD;
}

int cmd_verify(int argc, char **argv) {
  static const struct option options[] = { { "keys", required_argument, NULL, 'k' }, { "issuer", required_argument, NULL, 'i' },
                                           { "aud", required_argument, NULL, 'a' }, { "show", no_argument, NULL, 's' },
                                           { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  struct checking c = { .log = NULL };
  int opt;
  while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    switch (opt) {
      case 'k': c.keys_file = optarg; break;
      case 'i': c.issuer = optarg; break;
      case 'a': c.aud = optarg; break;
      case 's': c.show = true; break;
      case 'h': fputs(help, stdout); return EXIT_GOOD;
      default: fprintf(stderr, "see: weir verify --help\n"); return EXIT_BROKEN;
    }
  }
  if (optind + 1 != argc || !c.keys_file) {
    complain_text("verify", "needs a log and --keys. Try: weir verify --help");
    return EXIT_BROKEN;
  }
  c.log = argv[optind];
  int status = open_all(&c) && check_log(&c) ? report(&c) : EXIT_BROKEN;
  if (c.in.buf && c.in.fd != STDIN_FILENO) close(c.in.fd);
  lines_close(&c.in);
  weir_verifier_close(c.verifier);
  weir_keyset_free(c.keys);
  return status;
}
