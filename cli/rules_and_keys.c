/* rules_and_keys.c: loading rules with all their findings shown, and key files that only their owner can read. */
#define _DEFAULT_SOURCE 1 /* explicit_bzero */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

static void show(void *ctx, const weir_diagnostic *d) {
  (void)ctx;
  print_diagnostic(stderr, d);
}

const char *zone_folder(void) {
  const char *folder = getenv("TZDIR");
  return folder && *folder ? folder : NULL;
}

weir_ruleset *load_rules(const char *command, const char *path, bool jit) {
  weir_load_config config = { .struct_size = sizeof config, .diagnostic = show, .zoneinfo = zone_folder(), .jit = jit };
  weir_error err;
  weir_ruleset *rules = NULL;
  weir_status st = weir_ruleset_load(&rules, path, &config, &err);
  if (st == WEIR_E_RULES) complain_text(command, "the rules in %s cannot be used: mend what is said above", path);
  else if (st) complain(command, &err);
  return rules;
}

/* A key file is a regular file of ours that nobody else can read. */
static const char *not_private(int fd) {
  struct stat s;
  if (fstat(fd, &s) != 0) return strerror(errno);
  if (!S_ISREG(s.st_mode)) return "it is not a regular file";
  if (s.st_uid != geteuid()) return "it belongs to somebody else";
  if (s.st_mode & (S_IRWXG | S_IRWXO)) return "others can read it (chmod 600 it, and think about who has seen it)";
  return NULL;
}

static weir_key *read_key(const char *command, const char *path, int fd) {
  char json[WEIR_JWK_BYTES * 4];
  weir_key *key = NULL;
  weir_error err;
  const char *wrong = not_private(fd);
  ssize_t len = wrong ? 0 : read(fd, json, sizeof json);
  if (!wrong && len < 0) wrong = strerror(errno);
  if (wrong) {
    complain_text(command, "the key file %s cannot be used: %s", path, wrong);
    return NULL;
  }
  if (weir_key_parse(&key, (weir_str){ json, (size_t)len }, &err)) complain_text(command, "the key file %s cannot be used: %s", path, err.message);
  explicit_bzero(json, sizeof json);
  return key;
}

bool write_key(const char *command, const char *path, const weir_key *key) {
  char json[WEIR_JWK_BYTES];
  weir_error err;
  if (weir_key_private_jwk(key, json, &err)) {
    complain(command, &err);
    return false;
  }
  char part[KEY_PATH_MAX];
  if (!key_beside(command, path, ".part", part)) {
    explicit_bzero(json, sizeof json);
    return false;
  }
  /* whole or not at all: it gets its name when it is on the disk */
  (void)unlink(part);
  int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  size_t len = strlen(json);
  bool good = fd >= 0 && write(fd, json, len) == (ssize_t)len && write(fd, "\n", 1) == 1 && fsync(fd) == 0 && link(part, path) == 0 && sync_folder_of(path);
  if (!good) {
    complain_text(command, "the key file %s cannot be written: %s", path, errno == EEXIST ? "there is one already; it is never overwritten" : strerror(errno));
  }
  if (fd >= 0) (void)unlink(part);
  if (fd >= 0) close(fd);
  explicit_bzero(json, sizeof json);
  return good;
}

weir_key *load_key(const char *command, const char *path, bool make) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd >= 0) {
    weir_key *key = read_key(command, path, fd);
    close(fd);
    return key;
  }
  if (errno != ENOENT || !make) {
    const char *why = errno == ELOOP ? "it is a symbolic link; name the file itself" : strerror(errno);
    complain_text(command, "the key file %s cannot be opened: %s%s", path, why, errno == ENOENT ? " (make one: weir key new)" : "");
    return NULL;
  }
  weir_key *key = NULL;
  weir_error err;
  if (weir_key_generate(&key, NULL, &err)) {
    complain(command, &err);
    return NULL;
  }
  if (!write_key(command, path, key)) {
    weir_key_free(key);
    return NULL;
  }
  weir_str id = weir_key_id(key);
  fprintf(stderr, "weir %s: made a new signing key in %s (readable by you only); its id is %.*s\n", command, path, FMT(id));
  fprintf(stderr, "weir %s: give its public half to whoever checks the records: weir key show --public\n", command);
  return key;
}

bool drain_outbox(weir_engine *engine, weir_error *err) {
  weir_record record;
  weir_status st;
  while ((st = weir_next_record(engine, &record, err)) == WEIR_OK) {
    char aud[300];
    size_t len = record.aud.len < sizeof aud ? record.aud.len : sizeof aud;
    memcpy(aud, record.aud.ptr, len); /* the call below ends what the record points to */
    if ((st = weir_ack(engine, (weir_str){ aud, len }, record.seq, err)) != WEIR_OK) break;
  }
  return st >= 0;
}
