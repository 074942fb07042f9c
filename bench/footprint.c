/* footprint.c (bench): what `weir run` takes when it starts: resident memory and the time to its first record, with 0 to 10,000
 * rules and one that answers. Rules come from a seeded generator (tests/match_rules.h); the state is a new file each time. The
 * clock runs from the start of the process until the line of the first record is read: loading, opening, deciding, signing,
 * committing. Memory is what the kernel says of the process (VmHWM, and RssAnon: what is not mapped from the program's file) after 1,000 events.
 * Of five rounds the one whose processor time is in the middle.
 *
 *   footprint [COMMAND]     COMMAND: $BUILD/weir */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../tests/match_rules.h"

#define EVENTS 1000
#define ROUNDS 5
#define QUIET_MS 300

static const char *command;
static char rules_path[512], state[512], key[512];

static void die(const char *what, const char *why) {
  fprintf(stderr, "bench/footprint: %s: %s\n", what, why);
  exit(2);
}

static double seconds(void) {
  struct timespec t;
  if (clock_gettime(CLOCK_MONOTONIC, &t) != 0) die("clock", strerror(errno));
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void write_rules(int cnt) {
  struct rule_maker maker = { UINT64_C(20261122) };
  FILE *f = fopen(rules_path, "w");
  if (!f) die(rules_path, strerror(errno));
  for (int i = 0; i < cnt; i++) {
    struct made_rule r;
    rule_make(&maker, &r);
    fprintf(f, "rule 'r%d' { on = 'comment', reply = 'seen', ", i);
    if (r.keyword_cnt == 0) fprintf(f, "match = [==[%s]==] }\n", r.regex);
    for (int k = 0; k < r.keyword_cnt; k++) fprintf(f, "%s\"%s\"%s", k ? ", " : "keywords = { ", r.keywords[k], k + 1 < r.keyword_cnt ? "" : " } }\n");
  }
  fprintf(f, "rule 'answers' { on = 'message', any = true, reply = 'yes' }\n");
  if (fclose(f) != 0) die(rules_path, strerror(errno));
}

static void write_key(void) {
  FILE *f = fopen(key, "w");
  if (!f || chmod(key, 0600) != 0) die(key, strerror(errno));
  fputs("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
        "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}", f); /* RFC 8037: known to everybody */
  if (fclose(f) != 0) die(key, strerror(errno));
}

static void remove_state(void) {
  static const char *const ends[] = { "", "-wal", "-shm" };
  char path[600];
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    snprintf(path, sizeof path, "%s%s", state, ends[i]);
    (void)unlink(path);
  }
}

static void write_event(FILE *f, int number, const char *type, const char *text) {
  fprintf(f, "{\"id\":\"e%d\",\"time\":\"2026-11-22T09:00:00+08:00\",\"channel\":\"douyin\",\"account\":\"papers\",\"type\":\"%s\","
             "\"contact\":{\"id\":\"u%d\"},\"text\":\"%s\"}\n", number, type, number, text);
  if (fflush(f) != 0) die(command, strerror(errno));
}

/* A line of /proc/PID/status, in KiB. */
static long memory_of(pid_t pid, const char *name) {
  char path[64], line[256];
  long kib = -1;
  snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
  FILE *f = fopen(path, "r");
  if (!f) die(path, strerror(errno));
  while (fgets(line, sizeof line, f)) if (strncmp(line, name, strlen(name)) == 0) kib = strtol(line + strlen(name), NULL, 10);
  (void)fclose(f);
  return kib;
}

/* Processor time of a process, in milliseconds: what a machine with nothing else to do would take, without the disk. */
static double cpu_ms_of(pid_t pid) {
  char path[64];
  unsigned long long ns = 0;
  snprintf(path, sizeof path, "/proc/%ld/schedstat", (long)pid);
  FILE *f = fopen(path, "r");
  if (!f || fscanf(f, "%llu", &ns) != 1) die(path, "tells nothing");
  (void)fclose(f);
  return (double)ns / 1e6;
}

struct footprint { double first_ms, cpu_ms; long peak_kib, own_kib; };

/* Reads until a line is complete, or until nothing has come for so long. */
static void read_records(int fd, bool one_line) {
  static char bytes[1 << 16];
  struct pollfd wait = { .fd = fd, .events = POLLIN };
  while (poll(&wait, 1, one_line ? -1 : QUIET_MS) > 0) {
    ssize_t len = read(fd, bytes, sizeof bytes);
    if (len <= 0) die(command, "ended");
    if (one_line && memchr(bytes, '\n', (size_t)len)) return;
  }
}

static struct footprint run_once(void) {
  struct footprint found;
  int in[2], out[2], status;
  remove_state();
  if (pipe(in) != 0 || pipe(out) != 0) die("pipe", strerror(errno));
  double began = seconds();
  pid_t child = fork();
  if (child < 0) die("fork", strerror(errno));
  if (child == 0) {
    int null = open("/dev/null", O_WRONLY);
    if (null < 0 || dup2(in[0], 0) < 0 || dup2(out[1], 1) < 0 || dup2(null, 2) < 0) _exit(126);
    (void)close(in[1]), (void)close(out[0]);
    execl(command, "weir", "run", rules_path, "--state", state, "--key", key, (char *)NULL);
    _exit(127);
  }
  (void)close(in[0]), (void)close(out[1]);
  FILE *events = fdopen(in[1], "w");
  if (!events) die("fdopen", strerror(errno));
  write_event(events, 0, "message", "hello");
  read_records(out[0], true);
  found.first_ms = (seconds() - began) * 1e3;
  found.cpu_ms = cpu_ms_of(child);
  for (int i = 1; i < EVENTS; i++) write_event(events, i, "comment", "这个很好看 very nice");
  read_records(out[0], false);
  found.peak_kib = memory_of(child, "VmHWM:");
  found.own_kib = memory_of(child, "RssAnon:");
  (void)fclose(events), (void)close(out[0]);
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) die(command, "did not end well");
  return found;
}

static int by_time(const void *a, const void *b) {
  double x = ((const struct footprint *)a)->cpu_ms, y = ((const struct footprint *)b)->cpu_ms;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  static const int sizes[] = { 0, 100, 1000, 10000 };
  const char *build = getenv("BUILD") ? getenv("BUILD") : "build";
  static char own[512];
  snprintf(own, sizeof own, "%s/weir", build);
  command = argc > 1 ? argv[1] : own;
  snprintf(rules_path, sizeof rules_path, "%s/bench-footprint.lua", build);
  snprintf(state, sizeof state, "%s/bench-footprint.db", build);
  snprintf(key, sizeof key, "%s/bench-footprint-key.json", build);
  (void)signal(SIGPIPE, SIG_IGN);
  (void)unlink(key);
  write_key();
  printf("  %8s %18s %18s %20s %18s\n", "rules", "resident, peak", "not of the file", "first record after", "processor time");
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct footprint all[ROUNDS];
    write_rules(sizes[i]);
    for (int k = 0; k < ROUNDS; k++) all[k] = run_once();
    qsort(all, ROUNDS, sizeof *all, by_time);
    const struct footprint *mid = &all[ROUNDS / 2];
    printf("  %8d %14.2f MiB %14.2f MiB %17.1f ms %15.1f ms\n", sizes[i], (double)mid->peak_kib / 1024, (double)mid->own_kib / 1024, mid->first_ms, mid->cpu_ms);
  }
  remove_state();
  (void)unlink(key), (void)unlink(rules_path);
  return 0;
}
