/* crash_service.h: the real command as a service that can be killed: `weir run` in a process of its own, events on its stdin,
 * records from its stdout, acknowledgements on descriptor 3; and the book of what its consumer has seen, which outlives it. */
#ifndef WEIR_TESTS_CRASH_SERVICE_H
#define WEIR_TESTS_CRASH_SERVICE_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "durable_shop.h"
#include "state_dump.h"
#include "weir.h"

enum { BOOK_AUDS = 3, SERVICE_LINES = 1 << 18, SERVICE_EVENTS = 1 << 15 };

static _Noreturn void die(const char *what) {
  printf("Bail out! %s: %s\n", what, errno ? strerror(errno) : "failed");
  exit(2);
}

static inline int64_t clock_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- what is given */

struct feed {
  const void *ctx;
  size_t (*line)(const void *ctx, uint64_t at, char *out, size_t cap);
  /* The place of a decision's event in the feed; what comes before it was decided before it. */
  uint64_t (*place)(const void *ctx, const char *cause);
  /* A decision was seen for the first time; may be NULL. */
  void (*decided)(const void *ctx, const char *cause);
};

/* ---- what was seen */

struct book_aud {
  char name[64];
  uint64_t have, acked;             /* last record seen; last one acknowledged */
  bool come;                        /* a record came since the service was started */
  uint64_t lines, decisions;        /* digests of all records, and of all decisions, in their order */
  uint64_t decision_cnt;
};

struct book {
  const struct feed *feed;
  weir_verifier *verifier;
  struct book_aud auds[BOOK_AUDS];
  size_t aud_cnt;
  uint64_t certain;                 /* places of the feed up to here are certainly decided and committed */
  uint64_t records, again, torn;    /* seen for the first time; seen again; half lines that a kill left */
  char why[1200];                    /* what is wrong; empty: nothing */
};

__attribute__((format(printf, 2, 3))) static inline bool wrong(struct book *b, const char *format, ...) {
  va_list args;
  va_start(args, format);
  if (!b->why[0]) vsnprintf(b->why, sizeof b->why, format, args);
  va_end(args);
  return false;
}

static inline struct book_aud *book_aud(struct book *b, const char *name) {
  for (size_t i = 0; i < b->aud_cnt; i++) {
    if (strcmp(b->auds[i].name, name) == 0) return &b->auds[i];
  }
  if (b->aud_cnt == BOOK_AUDS) die("more accounts than expected");
  snprintf(b->auds[b->aud_cnt].name, sizeof b->auds[0].name, "%s", name);
  return &b->auds[b->aud_cnt++];
}

static inline void book_decisions(struct book *b, struct book_aud *aud, json_t *claims) {
  size_t i;
  json_t *decision;
  json_array_foreach(json_object_get(claims, "decisions"), i, decision) {
    const char *cause = json_string_value(json_object_get(decision, "cause"));
    char *text = json_dumps(decision, JSON_COMPACT | JSON_SORT_KEYS);
    if (!cause || !text) die("a decision without cause");
    aud->decisions = dump_mix(aud->decisions, text, strlen(text));
    aud->decision_cnt++;
    uint64_t place = b->feed->place(b->feed->ctx, cause);
    if (place + 1 > b->certain) b->certain = place + 1;
    if (b->feed->decided) b->feed->decided(b->feed->ctx, cause);
    free(text);
  }
}

/* One record: new and next in its chain, or seen before with the same bytes. */
static inline bool book_record(struct book *b, weir_str line) {
  weir_check check;
  weir_str text;
  weir_error err = { 0 };
  if (weir_verify_line(b->verifier, line, &check, &text, &err)) return wrong(b, "a record cannot be checked: %s", err.message);
  if (check == WEIR_CHECK_BAD || check == WEIR_CHECK_GAP) return wrong(b, "a record is wrong: %s", err.message);
  json_t *claims = json_loadb(text.ptr, text.len, 0, NULL);
  const char *name = json_string_value(json_object_get(claims, "aud"));
  if (!name) return wrong(b, "a record without aud");
  struct book_aud *aud = book_aud(b, name);
  uint64_t seq = (uint64_t)json_integer_value(json_object_get(claims, "seq"));
  if (!aud->come && aud->have > aud->acked && seq > aud->acked + 1) {
    wrong(b, "%s: record %" PRIu64 " was not acknowledged and is not handed out again, but %" PRIu64, name, aud->acked + 1, seq);
  }
  aud->come = true;
  if (check == WEIR_CHECK_GOOD) {
    if (seq != aud->have + 1) wrong(b, "%s: record %" PRIu64 " after %" PRIu64, name, seq, aud->have);
    aud->have = seq;
    aud->lines = dump_mix(aud->lines, line.ptr, line.len);
    b->records++;
    book_decisions(b, aud, claims);
  } else {
    b->again++;
  }
  json_decref(claims);
  return !b->why[0];
}

static inline void book_open(struct book *b, const struct feed *feed, const weir_keyset *keys) {
  weir_error err;
  weir_verify_config config = { .struct_size = sizeof config, .keys = keys };
  memset(b, 0, sizeof *b);
  b->feed = feed;
  if (weir_verifier_open(&b->verifier, &config, &err)) die(err.message);
}

/* ---- the service */

struct service {
  pid_t pid;
  int events, records, acks; /* -1: closed */
  uint64_t at, to;           /* what of the feed is given next, and where it ends */
  char given[SERVICE_EVENTS];
  size_t given_len, given_at;
  char lines[SERVICE_LINES];
  size_t len;
};

static inline void keep_to_us(int fd) { (void)fcntl(fd, F_SETFD, FD_CLOEXEC); }

static inline void service_start(struct service *s, struct book *b, char *const argv[], uint64_t at, uint64_t to) {
  int events[2], records[2], acks[2];
  if (pipe(events) || pipe(records) || pipe(acks)) die("pipe");
  (void)fcntl(records[0], F_SETPIPE_SZ, 4096); /* small: a kill finds large records half written */
  for (int i = 0; i < 2; i++) keep_to_us(events[i]), keep_to_us(records[i]), keep_to_us(acks[i]);
  (void)fflush(stdout);
  s->pid = fork();
  if (s->pid < 0) die("fork");
  if (s->pid == 0) {
    int err = open("err", O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (dup2(events[0], 0) < 0 || dup2(records[1], 1) < 0 || err < 0 || dup2(err, 2) < 0) _exit(127);
    if (acks[0] == 3 ? fcntl(3, F_SETFD, 0) < 0 : dup2(acks[0], 3) < 0) _exit(127);
    execv(argv[0], argv);
    _exit(127);
  }
  close(events[0]), close(records[1]), close(acks[0]);
  s->events = events[1], s->records = records[0], s->acks = acks[1];
  (void)fcntl(s->events, F_SETFL, O_NONBLOCK);
  (void)fcntl(s->records, F_SETFL, O_NONBLOCK);
  (void)fcntl(s->acks, F_SETFL, O_NONBLOCK);
  s->at = at, s->to = to;
  s->given_len = s->given_at = s->len = 0;
  for (size_t i = 0; i < b->aud_cnt; i++) b->auds[i].come = false;
}

static inline void service_close(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

/* Gives as much as goes into the pipe. */
static inline void service_give(struct service *s, const struct feed *feed) {
  if (s->given_at == s->given_len) {
    s->given_at = s->given_len = 0;
    while (s->at < s->to && s->given_len + 2048 < sizeof s->given) {
      s->given_len += feed->line(feed->ctx, s->at++, s->given + s->given_len, 2000);
      s->given[s->given_len++] = '\n';
    }
  }
  if (s->given_len == 0) {
    service_close(&s->events);
    return;
  }
  ssize_t done = write(s->events, s->given + s->given_at, s->given_len - s->given_at);
  if (done > 0) s->given_at += (size_t)done;
  else if (errno == EPIPE) service_close(&s->events);
}

/* Takes what records are there; false: no more will come. */
static inline bool service_take(struct service *s, struct book *b) {
  ssize_t got = read(s->records, s->lines + s->len, sizeof s->lines - s->len);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  s->len += (size_t)got;
  char *from = s->lines, *end;
  while ((end = memchr(from, '\n', s->len - (size_t)(from - s->lines)))) {
    if (!b->why[0]) book_record(b, (weir_str){ from, (size_t)(end - from) });
    from = end + 1;
  }
  s->len -= (size_t)(from - s->lines);
  memmove(s->lines, from, s->len);
  return got > 0;
}

static inline void service_ack(struct service *s, struct book_aud *aud) {
  char line[128];
  int len = snprintf(line, sizeof line, "%s %" PRIu64 "\n", aud->name, aud->have);
  if (aud->have == aud->acked || !aud->come) return; /* it takes only what it has handed out since its start */
  if (write(s->acks, line, (size_t)len) == len) aud->acked = aud->have;
}

static inline void service_wait(struct service *s, int timeout_ms) {
  struct pollfd fds[2] = { { .fd = s->records, .events = POLLIN }, { .fd = s->events, .events = POLLOUT } };
  if (poll(fds, 2, timeout_ms) < 0 && errno != EINTR) die("poll");
}

/* Gives, and takes nothing, for some milliseconds. */
static inline void service_look_away(struct service *s, const struct feed *feed, int ms) {
  for (int64_t end = clock_ms() + ms; clock_ms() < end;) {
    struct pollfd fd = { .fd = s->events, .events = POLLOUT };
    if (s->events < 0 || poll(&fd, 1, 1) < 0) return;
    if (fd.revents) service_give(s, feed);
  }
}

static inline int service_end(struct service *s, struct book *b) {
  int status = 0;
  while (service_take(s, b)) service_wait(s, 1000);
  b->torn += s->len > 0;
  if (waitpid(s->pid, &status, 0) != s->pid) die("waitpid");
  service_close(&s->events), service_close(&s->records), service_close(&s->acks);
  return status;
}

static inline void service_kill(struct service *s, struct book *b) {
  (void)kill(s->pid, SIGKILL);
  int status = service_end(s, b);
  if (!WIFSIGNALED(status)) wrong(b, "the command ended by itself, with status %d", WEXITSTATUS(status));
}

#endif
