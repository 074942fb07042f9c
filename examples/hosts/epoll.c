/* epoll.c: a bot gateway in C around an epoll loop: events come as lines on stdin, timers fall due by weir's own word, records
 * go to stdout and are acknowledged when they were written. Linux.
 *
 *   epoll RULES [STATE] < events.jsonl > records.jws
 *   cc epoll.c $(pkg-config --cflags --libs weir)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "weir.h"

enum { LINE_BYTES = 1 << 16 };

struct host {
  weir_ruleset *rules;
  weir_key *key;
  weir_engine *engine;
  int epoll, timer;
  char line[LINE_BYTES];
  size_t used;
  bool ended;
};

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool failed(weir_status st, const weir_error *err) {
  if (st >= 0) return false;
  fprintf(stderr, "host: %s\n", err->message);
  return true;
}

/* Hands out what was committed. A record is acknowledged only when it was written. */
static bool hand_out(struct host *h) {
  weir_record record;
  weir_error err;
  weir_status st;
  while ((st = weir_next_record(h->engine, &record, &err)) == WEIR_OK) {
    char aud[300];
    weir_str to = { aud, record.aud.len < sizeof aud ? record.aud.len : sizeof aud };
    memcpy(aud, record.aud.ptr, to.len); /* the call below ends what the record points to */
    if (fwrite(record.jws.ptr, 1, record.jws.len, stdout) != record.jws.len || putchar('\n') == EOF || fflush(stdout) != 0) return false;
    if (failed(weir_ack(h->engine, to, record.seq, &err), &err)) return false;
  }
  return !failed(st, &err);
}

static void show(const weir_verdict *v) {
  fprintf(stderr, "%s: %zu actions\n", weir_result_name(v->result), v->action_cnt);
}

/* Everything that is due, then the timer is set for what comes next. */
static bool fire_timers(struct host *h) {
  weir_verdict verdict;
  weir_error err;
  weir_status st;
  while ((st = weir_tick(h->engine, now_ms(), &verdict, &err)) == WEIR_OK) show(&verdict);
  if (failed(st, &err) || !hand_out(h)) return false;
  int64_t due = weir_next_due(h->engine);
  struct itimerspec at = { .it_value = { 0, 0 } }; /* 0: no timer */
  if (due != INT64_MAX) at.it_value = (struct timespec){ due / 1000, due % 1000 * 1000000 + 1 };
  return timerfd_settime(h->timer, TFD_TIMER_ABSTIME, &at, NULL) == 0;
}

static bool take_line(struct host *h, weir_str line) {
  weir_verdict verdict;
  weir_error err;
  weir_status st = weir_decide_json(h->engine, line, now_ms(), &verdict, &err);
  if (st == WEIR_E_STATE || st == WEIR_E_NOMEM) return !failed(st, &err);
  if (st < 0) fprintf(stderr, "host: skipped: %s\n", err.message);
  else show(&verdict);
  return hand_out(h);
}

static bool read_events(struct host *h) {
  ssize_t got = read(STDIN_FILENO, h->line + h->used, sizeof h->line - h->used);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  h->used += (size_t)got;
  h->ended = got == 0 || h->used == sizeof h->line;
  char *end;
  while ((end = memchr(h->line, '\n', h->used)) != NULL) {
    size_t len = (size_t)(end - h->line);
    if (!take_line(h, (weir_str){ h->line, len })) return false;
    h->used -= len + 1;
    memmove(h->line, end + 1, h->used);
    h->ended = got == 0;
  }
  return true;
}

static bool open_all(struct host *h, const char *rules, const char *state) {
  weir_error err;
  weir_config config = { .struct_size = sizeof config, .state = state, .issuer = { "urn:weir:c", 10 } };
  char json[4096];
  const char *file = getenv("WEIR_KEY");
  FILE *f = file ? fopen(file, "r") : NULL;
  weir_str key = { json, f ? fread(json, 1, sizeof json, f) : 0 };
  if (f) fclose(f);
  if (failed(weir_ruleset_load(&h->rules, rules, NULL, &err), &err)) return false;
  if (failed(key.len ? weir_key_parse(&h->key, key, &err) : weir_key_generate(&h->key, NULL, &err), &err)) return false;
  config.ruleset = h->rules;
  config.key = h->key;
  if (failed(weir_engine_open(&h->engine, &config, &err), &err)) return false;
  h->epoll = epoll_create1(EPOLL_CLOEXEC);
  h->timer = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  struct epoll_event in = { .events = EPOLLIN, .data.fd = STDIN_FILENO }, timer = { .events = EPOLLIN, .data.fd = h->timer };
  return h->epoll >= 0 && h->timer >= 0 && epoll_ctl(h->epoll, EPOLL_CTL_ADD, h->timer, &timer) == 0 &&
         (epoll_ctl(h->epoll, EPOLL_CTL_ADD, STDIN_FILENO, &in) == 0 || errno == EPERM); /* a regular file: always ready */
}

static bool loop(struct host *h) {
  bool file = lseek(STDIN_FILENO, 0, SEEK_CUR) >= 0;
  if (!fire_timers(h)) return false;
  while (!h->ended) {
    struct epoll_event ready[2];
    int cnt = file ? 0 : epoll_wait(h->epoll, ready, 2, -1);
    if (cnt < 0 && errno != EINTR) return false;
    bool events = file;
    for (int i = 0; i < cnt; i++) {
      uint64_t times;
      if (ready[i].data.fd == STDIN_FILENO) events = true;
      else if (read(h->timer, &times, sizeof times) < 0 && errno != EAGAIN) return false;
    }
    if (events && !read_events(h)) return false;
    if (!fire_timers(h)) return false;
  }
  return true;
}

int main(int argc, char **argv) {
  static struct host h;
  bool good = argc >= 2 && open_all(&h, argv[1], argc > 2 ? argv[2] : NULL) && loop(&h);
  weir_engine_close(h.engine);
  weir_key_free(h.key);
  weir_ruleset_free(h.rules);
  return good ? 0 : 1;
}
