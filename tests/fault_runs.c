/* fault_runs.c: make fault. Runs programs that are linked with fault_inject.c again and again, each time with another thing failing
 * in them, and judges what becomes of it.
 *
 *   fault_runs packs WEIR PACK...  `weir test` on each pack, with the state in memory and in files: it says the same as without a
 *                                  fault, or that something is wrong and what; and gives all memory back.
 *   fault_runs units TEST...       unit tests, which may fail: no signal, nothing that a sanitizer finds, no hang.
 *
 * SAMPLE=n tries so many points of each program, evenly over all kinds; without it, all. Speaks TAP; fails when a kind was never
 * injected. What went wrong is printed with the FAULT to set before the program to see it again. */
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KINDS = 5, JOBS_MAX = 16, OUTPUT_MAX = 1 << 20, SHOWN_MAX = 5, SECONDS_MORE = 30 };
static const char *const kind_names[KINDS] = { "host memory", "arenas", "heaps of PCRE2 and Lua", "SQLite's memory", "store operations" };

struct program {
  const char *argv[4];
  char name[256];
  bool pack, disk;
  unsigned seconds; /* after which it hangs */
};

struct run {
  pid_t pid; /* 0: free */
  int kind, ever;
  uint64_t nth;
  int status;
  uint64_t seen[KINDS], struck;
  long live;
  bool reported;
  char folder[64];
};

static char root[32];
static char *output; /* of the run that is judged */
static size_t output_len;
static unsigned tests, failed;
static uint64_t injected[KINDS];

/* ---- Folders */

static int drop(const char *path, const struct stat *st, int type, struct FTW *at) {
  (void)st, (void)type;
  return at->level == 0 ? 0 : remove(path);
}
static void empty(const char *folder) { (void)nftw(folder, drop, 16, FTW_DEPTH | FTW_PHYS); }

/* Short: it takes the place of "/tmp/weir-test" in the tests. */
static bool make_root(void) {
  const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
  for (unsigned i = 0; i < 1000; i++) {
    snprintf(root, sizeof root, "%s/%03u", base, i);
    if (mkdir(root, 0700) == 0) return true;
  }
  return false;
}

/* ---- One run */

static void point(char *out, size_t cap, const struct run *r) { snprintf(out, cap, "%d:%llu:%d", r->kind, (unsigned long long)r->nth, r->ever); }

static bool start(struct run *r, const struct program *p) {
  char text[64], path[96];
  fflush(stdout);
  r->pid = fork();
  if (r->pid < 0) return false;
  if (r->pid > 0) return true;
  point(text, sizeof text, r);
  snprintf(path, sizeof path, "%s/report", r->folder);
  if (setenv("FAULT", text, 1) || setenv("FAULT_REPORT", path, 1) || setenv("FAULT_FOLDER", r->folder, 1)) _exit(127);
  if (p->disk && setenv("FAULT_DISK", "1", 1)) _exit(127);
  if (setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 1)) _exit(127);
  snprintf(path, sizeof path, "%s/output", r->folder);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600), null = open("/dev/null", O_RDONLY);
  if (fd < 0 || null < 0 || dup2(null, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0) _exit(127);
  alarm(p->seconds);
  execv(p->argv[0], (char *const *)(uintptr_t)p->argv);
  _exit(127);
}

/* Reads what the run left. */
static void finish(struct run *r) {
  char path[96];
  unsigned long long n[KINDS + 1];
  snprintf(path, sizeof path, "%s/report", r->folder);
  FILE *f = fopen(path, "r");
  r->reported = f && fscanf(f, "%llu %llu %llu %llu %llu %llu %ld", &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &r->live) == KINDS + 2;
  for (int i = 0; r->reported && i < KINDS; i++) r->seen[i] = n[i];
  r->struck = r->reported ? n[KINDS] : 0;
  if (f) (void)fclose(f);
  snprintf(path, sizeof path, "%s/output", r->folder);
  f = fopen(path, "r");
  output_len = f ? fread(output, 1, OUTPUT_MAX, f) : 0;
  output[output_len] = '\0';
  if (f) (void)fclose(f);
  empty(r->folder);
}

/* ---- Judging */

static char *good_output;
static int good_status;
static long good_live;

/* What every program must keep to; NULL: it does. */
static const char *outlived(const struct run *r) {
  if (WIFSIGNALED(r->status) && WTERMSIG(r->status) == SIGALRM) return "it hangs";
  if (WIFSIGNALED(r->status)) return "a signal ended it";
  if (strstr(output, "failed with exception")) return "a signal ended a test";
  if (strstr(output, "Sanitizer") || strstr(output, "runtime error:")) return "a sanitizer found something";
  return NULL;
}

/* Whether the output says what failed. */
static bool is_said(const struct run *r) {
  static const char *const words[] = { "memory", "has no room", "too small", "made to fail", "too large", "limit", "cannot be done", "divided wrongly" };
  (void)r;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strstr(output, words[i])) return true;
  }
  return false;
}

/* Whether two outputs tell the same but for remarks: that something was given up is one, where what was expected happened all the same. */
static bool same_results(const char *a, const char *b) {
  for (;;) {
    while (*a == '#' && (a = strchr(a, '\n')) != NULL) a++;
    while (b && *b == '#' && (b = strchr(b, '\n')) != NULL) b++;
    if (!a || !b) return !a && !b;
    size_t len = strcspn(a, "\n") + 1;
    if (strncmp(a, b, len) != 0) return false;
    if (a[len - 1] == '\0') return true;
    a += len;
    b += len;
  }
}

static const char *judge_pack(const struct run *r) {
  if (!r->reported) return "it ended without a report";
  if (r->struck == 0) return "nothing failed in it";
  if (r->live != good_live) return "memory is not given back";
  int rc = WEXITSTATUS(r->status);
  if (rc == 0 && strcmp(output, good_output) != 0 && (!is_said(r) || !same_results(output, good_output))) return "it says that all is well, and other things than without a fault";
  if (rc == 0) return NULL;
  if (rc > 2) return "another exit status than 0, 1 and 2";
  if (rc == 1 && !strstr(output, "not ok")) return "exit status 1, and no test that failed";
  return is_said(r) ? NULL : "it does not say what is the matter";
}

static unsigned shown;
static void tell(const struct program *p, const struct run *r, const char *why) {
  char text[64];
  if (++shown > SHOWN_MAX && !getenv("SHOW")) return;
  point(text, sizeof text, r);
  printf("# %s: %s of %s: %s\n#   FAULT=%s%s", kind_names[r->kind], r->ever ? "from one on" : "one", p->name, why, text, p->disk ? " FAULT_DISK=1 FAULT_FOLDER=." : "");
  for (int i = 0; p->argv[i]; i++) printf(" %s", p->argv[i]);
  putchar('\n');
}

/* ---- All points of a program */

static struct run runs[JOBS_MAX];
static long jobs;

static bool await(const struct program *p, unsigned *bad) {
  int status;
  pid_t pid = wait(&status);
  if (pid < 0) return false;
  for (long i = 0; i < jobs; i++) {
    struct run *r = &runs[i];
    if (r->pid != pid) continue;
    r->pid = 0;
    r->status = status;
    finish(r);
    injected[r->kind] += r->struck;
    const char *why = outlived(r);
    if (!why && p->pack) why = judge_pack(r);
    if (!why) return true;
    tell(p, r, why);
    ++*bad;
  }
  return true;
}

static struct run *free_run(const struct program *p, unsigned *bad) {
  for (;;) {
    for (long i = 0; i < jobs; i++) {
      if (!runs[i].pid) return &runs[i];
    }
    if (!await(p, bad)) return NULL;
  }
}

/* As it is when nothing fails; also says how many points there are. */
static bool measure(struct program *p, uint64_t seen[KINDS]) {
  struct run *r = &runs[0];
  struct timespec from, to;
  r->nth = 0, r->kind = 0, r->ever = 0;
  clock_gettime(CLOCK_MONOTONIC, &from);
  if (!start(r, p) || waitpid(r->pid, &r->status, 0) < 0) return false;
  clock_gettime(CLOCK_MONOTONIC, &to);
  r->pid = 0;
  finish(r);
  if (!r->reported || r->status != 0) {
    printf("# %s without a fault: status %d\n%s", p->name, r->status, output);
    return false;
  }
  memcpy(seen, r->seen, sizeof r->seen);
  good_status = r->status, good_live = r->live;
  p->seconds = SECONDS_MORE + 10 * (unsigned)(to.tv_sec - from.tv_sec + 1);
  memcpy(good_output, output, output_len + 1);
  return true;
}

static void try_program(struct program *p, uint64_t sample) {
  uint64_t seen[KINDS], tried = 0, all = 0, before[KINDS];
  unsigned bad = 0, kinds = 0;
  p->seconds = 600;
  shown = 0;
  memcpy(before, injected, sizeof before);
  bool whole = measure(p, seen);
  for (int kind = 0; whole && kind < KINDS; kind++) kinds += seen[kind] > 0;
  for (int kind = 0; whole && kind < KINDS; kind++) {
    uint64_t points = seen[kind] * 2, each = sample && kinds ? (sample + kinds - 1) / kinds : points;
    uint64_t step = each && points > each ? points / each : 1;
    all += points;
    for (uint64_t at = step / 2; whole && at < points; at += step, tried++) {
      struct run *r = free_run(p, &bad);
      if (!r) whole = false;
      if (!whole) break;
      r->kind = kind, r->nth = at / 2 + 1, r->ever = (int)((at + at / (2 * step)) % 2);
      whole = start(r, p);
    }
  }
  for (long i = 0; i < jobs; i++)
    while (runs[i].pid && await(p, &bad)) continue;
  if (!whole || bad) failed++;
  printf("%sok %u - fault: %s: %llu of %llu points", whole && !bad ? "" : "not ", ++tests, p->name, (unsigned long long)tried, (unsigned long long)all);
  if (bad) printf(", %u wrong", bad);
  putchar('\n');
}

static const char *last_name(const char *path) { return strrchr(path, '/') ? strrchr(path, '/') + 1 : path; }

static void try_pack(const char *weir, const char *pack, uint64_t sample) {
  for (int disk = 0; disk < 2; disk++) {
    struct program p = { .argv = { weir, "test", pack, NULL }, .pack = true, .disk = disk };
    snprintf(p.name, sizeof p.name, "%s, state in %s", pack, disk ? "files" : "memory");
    try_program(&p, sample);
  }
}

int main(int argc, char **argv) {
  const char *text = getenv("SAMPLE");
  uint64_t sample = text ? strtoull(text, NULL, 10) : 0;
  bool packs = argc > 3 && strcmp(argv[1], "packs") == 0, units = argc > 2 && strcmp(argv[1], "units") == 0;
  if (!packs && !units) {
    fprintf(stderr, "usage: fault_runs packs WEIR PACK... | fault_runs units TEST...\n");
    return 2;
  }
  output = malloc(OUTPUT_MAX + 1);
  good_output = malloc(OUTPUT_MAX + 1);
  jobs = sysconf(_SC_NPROCESSORS_ONLN);
  if (jobs < 1 || jobs > JOBS_MAX) jobs = jobs < 1 ? 1 : JOBS_MAX;
  if (!output || !good_output || !make_root()) return 2;
  for (long i = 0; i < jobs; i++) {
    snprintf(runs[i].folder, sizeof runs[i].folder, "%s/%lx", root, (unsigned long)i);
    if (mkdir(runs[i].folder, 0700) != 0) return 2;
  }
  /* A failed test leaves its blocks behind; cmocka's own signal handlers say what happened. */
  if (units && setenv("ASAN_OPTIONS", "detect_leaks=0:allow_user_segv_handler=0:handle_segv=2", 1)) return 2;
  for (int i = packs ? 3 : 2; i < argc; i++) {
    if (packs) {
      try_pack(argv[2], argv[i], sample);
    } else {
      struct program p = { .argv = { argv[i], NULL } };
      snprintf(p.name, sizeof p.name, "%s", last_name(argv[i]));
      try_program(&p, sample);
    }
  }
  for (int kind = 0; kind < KINDS; kind++) {
    failed += injected[kind] == 0;
    printf("%sok %u - fault: %s failed %llu times in %s\n", injected[kind] ? "" : "not ", ++tests, kind_names[kind], (unsigned long long)injected[kind], packs ? "packs" : "unit tests");
  }
  empty(root);
  (void)rmdir(root);
  free(output);
  free(good_output);
  printf("1..%u\n%u passed, %u failed\n", tests, tests - failed, failed);
  return failed ? 1 : 0;
}
