/* cmd_verify.c: checks a log of records, line by line. */
#define _GNU_SOURCE 1 /* memrchr */
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
  "  --show         print the claim set of every good record\n"
  "  --head HEAD    the log must hold this record: douyin/papers=42:HASH, or a file with one a line; may stand several times\n"
  "  --heads FILE   when all is good, write the last record of each account to FILE, for the next check's --head\n\n"
  "Cutting off a log's end changes none of its lines. Whoever keeps the heads of the last check sees it.\n"
  "Status 0: all good; 1: something is wrong; 2: nothing could be checked.\n\n"
  "example:\n  weir key show --public > jwks.json\n  weir verify out.jws --keys jwks.json --heads heads.txt\n";

enum { RECORD_LINE_MAX = 67000, KEYS_MAX = 1 << 20, HEADS_MAX = 1 << 20, HEAD_ARGS_MAX = 64 };

struct checking {
  const char *log, *keys_file, *issuer, *aud, *heads_file;
  const char *heads[HEAD_ARGS_MAX];
  size_t head_cnt;
  bool show;
  weir_keyset *keys;
  weir_verifier *verifier;
  struct lines in;
  uint64_t good, redelivered, gaps, bad, cut;
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

/* ---- heads */

/* "douyin/papers=42:HASH" */
static bool want_head(struct checking *c, weir_str head, const char *where) {
  weir_error err = { .status = WEIR_OK };
  const char *colon = head.len ? memrchr(head.ptr, ':', head.len) : NULL;
  const char *equals = colon ? memrchr(head.ptr, '=', (size_t)(colon - head.ptr)) : NULL;
  uint64_t seq = 0;
  for (const char *p = equals ? equals + 1 : colon; p && p < colon; p++) {
    if (*p < '0' || *p > '9' || seq > UINT64_MAX / 10 - 1) equals = NULL;
    seq = seq * 10 + (uint64_t)(*p - '0');
  }
  if (!equals || colon == equals + 1) {
    complain_text("verify", "%s: a head is written AUD=SEQ:HASH, such as douyin/papers=42:47DEQpj8...", where);
    return false;
  }
  if (!weir_verifier_want(c->verifier, (weir_str){ head.ptr, (size_t)(equals - head.ptr) }, seq,
                          (weir_str){ colon + 1, (size_t)(head.ptr + head.len - colon - 1) }, &err)) return true;
  complain_text("verify", "%s: %s", where, err.message);
  return false;
}

static bool want_heads_of_file(struct checking *c, const char *path) {
  size_t len = 0;
  char *text = read_file("verify", path, HEADS_MAX, &len);
  bool good = text != NULL;
  for (char *line = text; good && line && *line;) {
    char *next = strchr(line, '\n');
    size_t n = strcspn(line, "\r\n");
    if (n && *line != '#') good = want_head(c, (weir_str){ line, n }, path);
    line = next ? next + 1 : NULL;
  }
  free(text);
  return good;
}

/* What holds a '=' is a head; file names with one can be written ./a=b. */
static bool want_heads(struct checking *c) {
  for (size_t i = 0; i < c->head_cnt; i++) {
    const char *given = c->heads[i];
    bool is_file = !strchr(given, '=') || *given == '.' || *given == '/';
    if (!(is_file ? want_heads_of_file(c, given) : want_head(c, (weir_str){ given, strlen(given) }, "--head"))) return false;
  }
  return true;
}

static void check_heads(struct checking *c) {
  weir_head head;
  for (size_t i = 0; weir_verifier_missing(c->verifier, i, &head); i++) {
    c->cut++;
    printf("%s: %scut%s: the record of %.*s with seq %llu is not there%s\n", c->log, paint(stdout, RED), paint(stdout, PLAIN), FMT(head.aud),
           (unsigned long long)head.seq, head.other ? ": another stands in its place" : "");
  }
}

/* The file is written whole or not at all. */
static bool write_heads(const struct checking *c) {
  char path[4096];
  weir_head head;
  int n = snprintf(path, sizeof path, "%s.new", c->heads_file);
  FILE *f = n > 0 && (size_t)n < sizeof path ? fopen(path, "we") : NULL;
  bool good = f != NULL;
  for (size_t i = 0; good && weir_verifier_head(c->verifier, i, &head); i++)
    good = fprintf(f, "%.*s=%llu:%s\n", FMT(head.aud), (unsigned long long)head.seq, head.hash) > 0;
  if (f && fflush(f) != 0) good = false;
  if (f && fsync(fileno(f)) != 0) good = false;
  if (f && fclose(f) != 0) good = false;
  if (good && rename(path, c->heads_file) == 0) return true;
  complain_text("verify", "%s cannot be written: %s", c->heads_file, strerror(errno));
  if (f) (void)remove(path);
  return false;
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
  if (!want_heads(c)) return false;
  if (strcmp(c->log, "-") != 0 && (fd = open(c->log, O_RDONLY | O_CLOEXEC)) < 0) {
    complain_text("verify", "%s cannot be opened: %s", c->log, strerror(errno));
    return false;
  }
  if (lines_open(&c->in, fd, RECORD_LINE_MAX)) return true;
  complain_text("verify", "there is not enough memory");
  return false;
}

static int report(struct checking *c) {
  check_heads(c);
  bool problems = c->bad || c->gaps || c->cut;
  printf("%s%llu good%s", paint(stdout, problems ? PLAIN : GREEN), (unsigned long long)c->good, paint(stdout, PLAIN));
  if (c->redelivered) printf(", %llu redelivered", (unsigned long long)c->redelivered);
  if (c->gaps) printf(", %llu after a gap", (unsigned long long)c->gaps);
  if (c->bad) printf(", %s%llu bad%s", paint(stdout, RED), (unsigned long long)c->bad, paint(stdout, PLAIN));
  if (c->cut) printf(", %s%llu missing at the end%s", paint(stdout, RED), (unsigned long long)c->cut, paint(stdout, PLAIN));
  putchar('\n');
  if (!c->good && !c->redelivered && !problems) {
    complain_text("verify", "%s holds no record", c->log);
    return EXIT_PROBLEMS;
  }
  if (!problems && c->heads_file && !write_heads(c)) return EXIT_BROKEN;
  return problems ? EXIT_PROBLEMS : EXIT_GOOD;
}

int cmd_verify(int argc, char **argv) {
  static const struct option options[] = { { "keys", required_argument, NULL, 'k' }, { "issuer", required_argument, NULL, 'i' },
                                           { "aud", required_argument, NULL, 'a' }, { "show", no_argument, NULL, 's' },
                                           { "head", required_argument, NULL, 'd' },
                                           { "heads", required_argument, NULL, 'w' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  struct checking c = { .log = NULL };
  int opt;
  while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    switch (opt) {
      case 'k': c.keys_file = optarg; break;
      case 'i': c.issuer = optarg; break;
      case 'a': c.aud = optarg; break;
      case 's': c.show = true; break;
      case 'w': c.heads_file = optarg; break;
      case 'd':
        if (c.head_cnt < HEAD_ARGS_MAX) {
          c.heads[c.head_cnt++] = optarg;
          break;
        }
        complain_text("verify", "more than %d --head: write them into a file", HEAD_ARGS_MAX);
        return EXIT_BROKEN;
      case 'h': print_help(stdout, help); return EXIT_GOOD;
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
