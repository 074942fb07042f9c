/* engine.c (bench): the whole way of events, with 1,000 rules. Of those that fire no rule: JSON line in, verdict out, through the
 * library with either store and through `weir run` as a whole process. Of a channel where one event of twenty fires: JSON in, signed
 * records out through a pipe, state in a file. And how much memory the process takes with 100,000 persons in its state file.
 *
 * Rules come from a seeded generator (tests/match_rules.h); comments are real ones where there are any (WEIR_SHARED), else those
 * of bench/match/comments.txt. Those that fire a rule are left out. CPU time, medians of passes; the table goes to stdout, the
 * numbers to $BUILD/bench/engine.json. */
#define _GNU_SOURCE 1 /* wait4 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../tests/match_rules.h"
#include "../tests/shared_data.h"
#include "base/buf.h"
#include "base/json.h"
#include "weir.h"

#define RULES 1000
#define LINES 20000     /* events: about 6 MB, more than fits into a processor's cache */
#define PASSES 11
#define PERSONS 100000
#define RUN_LINES 400000 /* for the command: so many that its start does not count */
#define FIRING_EVERY 20  /* 5 % of the events fire */
#define RUNS 5
#define SPAWN "--spawn"
#define NOW INT64_C(1795309200000)

static void die(const char *what, const char *why) {
  fprintf(stderr, "bench/engine: %s: %s\n", what, why);
  exit(2);
}

static char rules_path[512], key_path[512], weir[512];
static weir_error err;
static void ok(weir_status st, const char *what) {
  if (st) die(what, err.message);
}

static double cpu_seconds(void) {
  struct timespec t;
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0) die("clock", strerror(errno));
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static FILE *create(const char *path) {
  FILE *f = fopen(path, "w");
  if (!f) die(path, strerror(errno));
  return f;
}
static void finish(FILE *f, const char *path) {
  if (fclose(f) != 0) die(path, strerror(errno));
}

/* ---- rules */

static void write_rules(const char *path) {
  struct rule_maker maker = { UINT64_C(20261122) };
  FILE *f = create(path);
  for (int i = 0; i < RULES; i++) {
    struct made_rule r;
    rule_make(&maker, &r);
    fprintf(f, "rule 'r%d' { on = 'comment', reply = 'seen', ", i);
    if (r.keyword_cnt == 0) fprintf(f, "match = [==[%s]==] }\n", r.regex);
    for (int k = 0; k < r.keyword_cnt; k++) fprintf(f, "%s\"%s\"%s", k ? ", " : "keywords = { ", r.keywords[k], k + 1 < r.keyword_cnt ? "" : " } }\n");
  }
  fprintf(f, "rule 'all' { on = 'follow', any = true, tag = 'follower' }\n");
  finish(f, path);
}

/* ---- events */

static weir_str *comments;
static size_t comment_cnt;
static weir_str lines[LINES];
static size_t line_cnt;
static size_t firing[LINES], firing_cnt; /* comments that fire */

static void write_event(struct weir_buf *b, const char *type, uint64_t id, uint64_t person, weir_str text) {
  char number[40];
  weir_json_open(b, '{');
  snprintf(number, sizeof number, "74012388%011" PRIu64, id);
  weir_json_member(b, "id", weir_str_of(number));
  weir_json_member(b, "time", WEIR_STR("2026-11-22T09:00:00+08:00"));
  weir_json_member(b, "channel", WEIR_STR("douyin"));
  weir_json_member(b, "account", WEIR_STR("papers"));
  weir_json_member(b, "type", weir_str_of(type));
  snprintf(number, sizeof number, ",\"contact\":{\"id\":\"u_%017" PRIu64 "\"}", person);
  weir_buf_text(b, number);
  if (text.len) weir_json_member(b, "text", text);
  weir_json_member(b, "post", WEIR_STR("v_18012345678901234"));
  weir_json_close(b, '}');
}

/* The texts stay in memory. */
static void read_comments(const char *path) {
  size_t len, room = comment_cnt;
  const char *data = shared_read(path, &len);
  if (!data) die(path, strerror(errno));
  for (size_t at = 0; at < len;) {
    const char *end = memchr(data + at, '\n', len - at);
    size_t cnt = end ? (size_t)(end - (data + at)) : len - at;
    if (comment_cnt == room && !(comments = realloc(comments, (room += 65536) * sizeof *comments))) die("comments", "no memory");
    if (cnt > 0 && cnt < 2000) comments[comment_cnt++] = (weir_str){ data + at, cnt };
    at += cnt + 1;
  }
}

static void gather(void) {
  char folder[512], path[1024];
  DIR *dir = shared_path(folder, sizeof folder, "corpora/comments") ? opendir(folder) : NULL;
  for (const struct dirent *entry; dir && (entry = readdir(dir));) {
    const char *dot = strrchr(entry->d_name, '.');
    if (!dot || strcmp(dot, ".txt") != 0) continue;
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < sizeof path) read_comments(path);
  }
  if (dir) closedir(dir);
  if (comment_cnt == 0) read_comments("bench/match/comments.txt");
  if (comment_cnt == 0) die("comments", "there are none");
}

/* Comments from here and there that fire nothing, as events. */
static void choose(weir_engine *e) {
  size_t fired = 0, tried = 0, bytes = 0;
  for (; line_cnt < LINES && tried < (size_t)LINES * 4; tried++) {
    char line[8192];
    struct weir_buf b;
    weir_verdict v;
    weir_buf_init(&b, line, sizeof line);
    write_event(&b, "comment", tried, tried * 7919 % PERSONS, comments[tried * 7919 % comment_cnt]);
    if (b.full || weir_decide_json(e, weir_buf_view(&b), NOW, &v, &err)) continue;
    weir_record record;
    while (weir_next_record(e, &record, &err) == WEIR_OK) ok(weir_ack(e, record.aud, record.seq, &err), "ack");
    if (v.result == WEIR_RESULT_DECIDED) firing[fired++ % LINES] = tried * 7919 % comment_cnt;
    if (v.result != WEIR_RESULT_NOTHING) continue;
    char *kept = malloc(b.len);
    if (!kept) die("events", "no memory");
    memcpy(kept, line, b.len);
    lines[line_cnt++] = (weir_str){ kept, b.len };
    bytes += b.len;
  }
  if (line_cnt == 0) die("events", "all fire");
  if (fired == 0) die("events", "none fires");
  firing_cnt = fired < LINES ? fired : LINES;
  printf("  %zu events of %zu bytes on average; %.1f %% of those tried fired and were left out\n", line_cnt, bytes / line_cnt,
         100.0 * (double)fired / (double)tried);
}

/* ---- through the library */

static weir_ruleset *rules;
static weir_key *key;

static weir_engine *open_engine(const char *state, bool batch) {
  weir_engine *e;
  weir_config config = { .struct_size = sizeof config, .ruleset = rules, .key = key, .state = state, .batch = batch };
  ok(weir_engine_open(&e, &config, &err), "open");
  return e;
}

static double quiet(const char *state) {
  double per_s[PASSES];
  weir_engine *e = open_engine(state, true);
  for (int pass = 0; pass < PASSES; pass++) {
    double t = cpu_seconds();
    for (size_t i = 0; i < line_cnt; i++) {
      weir_verdict v;
      ok(weir_decide_json(e, lines[i], NOW, &v, &err), "decide");
      if (v.result != WEIR_RESULT_NOTHING) die("decide", "an event that was quiet is not");
    }
    per_s[pass] = (double)line_cnt / (cpu_seconds() - t);
  }
  weir_engine_close(e);
  qsort(per_s, PASSES, sizeof *per_s, by_value);
  return per_s[PASSES / 2];
}

/* ---- through the command */

struct used {
  double cpu_s;
  long kib; /* largest resident set */
  size_t records;
};

/* What a process counts as its largest resident set begins with that of the one it was forked from. So this program is run
 * once more, while it is small, to run the command and to tell what it used. */
static int spawn(char **command) {
  static char bytes[1 << 16];
  struct rusage usage;
  size_t records = 0;
  int status, ends[2];
  if (pipe(ends) != 0) die("pipe", strerror(errno));
  pid_t child = fork();
  if (child < 0) die("fork", strerror(errno));
  if (child == 0) {
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(ends[1], STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0) _exit(126);
    (void)close(ends[0]), (void)close(ends[1]);
    execv(command[0], command);
    _exit(127);
  }
  (void)close(ends[1]);
  for (ssize_t len; (len = read(ends[0], bytes, sizeof bytes)) > 0;) {
    for (const char *at = bytes; (at = memchr(at, '\n', (size_t)(bytes + len - at))); at++) records++;
  }
  if (wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) die(command[0], "did not end well");
  printf("%.6f %ld %zu\n", (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                             (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6, usage.ru_maxrss, records);
  return 0;
}

static struct used run_weir(const char *state, const char *events) {
  struct used used = { 0, 0, 0 };
  int ends[2], status;
  if (pipe(ends) != 0) die("pipe", strerror(errno));
  pid_t child = fork();
  if (child < 0) die("fork", strerror(errno));
  if (child == 0) {
    if (dup2(ends[1], STDOUT_FILENO) < 0) _exit(126);
    (void)close(ends[0]), (void)close(ends[1]);
    execl("/proc/self/exe", "engine", SPAWN, weir, "run", rules_path, "--state", state, "--key", key_path, "--events", events, (char *)NULL);
    _exit(127);
  }
  (void)close(ends[1]);
  FILE *f = fdopen(ends[0], "r");
  if (!f || fscanf(f, "%lf %ld %zu", &used.cpu_s, &used.kib, &used.records) != 3) die(weir, "tells nothing");
  (void)fclose(f);
  if (waitpid(child, &status, 0) != child || status != 0) die(weir, "did not end well");
  return used;
}

static void write_quiet(const char *path, size_t cnt) {
  FILE *f = create(path);
  for (size_t i = 0; i < cnt; i++) fprintf(f, "%.*s\n", (int)lines[i % line_cnt].len, lines[i % line_cnt].ptr);
  finish(f, path);
}

/* Everybody follows: that makes him known. Later lines are comments of people who are known, and fire nothing. */
static void write_people(const char *path) {
  FILE *f = create(path);
  for (uint64_t i = 0; i < PERSONS; i++) {
    char line[1024];
    struct weir_buf b;
    weir_buf_init(&b, line, sizeof line);
    write_event(&b, "follow", i, i, (weir_str){ NULL, 0 });
    fprintf(f, "%.*s\n", (int)b.len, line);
  }
  finish(f, path);
}

/* Of twenty events nineteen are quiet. One fires, each time another: its own id, and one of 100,000 persons. */
static void write_mixed(const char *path, size_t cnt) {
  FILE *f = create(path);
  for (size_t i = 0; i < cnt; i++) {
    char line[8192];
    struct weir_buf b;
    weir_str text = comments[firing[i % firing_cnt]];
    weir_buf_init(&b, line, sizeof line);
    if (i % FIRING_EVERY == 0) write_event(&b, "comment", PERSONS * 10 + i, i * 7919 % PERSONS, text);
    if (b.full) die("events", "one is too long");
    weir_str given = b.len ? weir_buf_view(&b) : lines[i % line_cnt];
    fprintf(f, "%.*s\n", (int)given.len, given.ptr);
  }
  finish(f, path);
}

static void begin_anew(const char *state) {
  char beside[600];
  snprintf(beside, sizeof beside, "%s-wal", state);
  (void)unlink(state), (void)unlink(beside);
}

/* The state is new each time. */
static double rate_of_run(const char *state, const char *folder, void (*write)(const char *path, size_t cnt)) {
  char few[600], many[600];
  double per_s[RUNS];
  bool quiet_only = write == write_quiet;
  snprintf(few, sizeof few, "%s/bench-engine-few.jsonl", folder);
  snprintf(many, sizeof many, "%s/bench-engine-many.jsonl", folder);
  write(few, 1);
  write(many, RUN_LINES);
  for (int i = 0; i < RUNS; i++) { /* its start, with loading the rules, is taken off */
    begin_anew(state);
    struct used start = run_weir(state, few);
    begin_anew(state);
    struct used all = run_weir(state, many);
    if (quiet_only ? all.records != 0 : all.records < RUN_LINES / FIRING_EVERY / 64) die(weir, "other records than it should hand out");
    per_s[i] = (RUN_LINES - 1) / (all.cpu_s - start.cpu_s);
  }
  (void)unlink(few), (void)unlink(many);
  qsort(per_s, RUNS, sizeof *per_s, by_value);
  return per_s[RUNS / 2];
}

int main(int argc, char **argv) {
  const char *build = getenv("BUILD") ? getenv("BUILD") : "build", *folder = argc > 1 ? argv[1] : build;
  static const char jwk[] = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
                            "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"; /* RFC 8037: known to everybody */
  char out[512], state[512], people[512];
  if (argc > 2 && strcmp(argv[1], SPAWN) == 0) return spawn(argv + 2);
  snprintf(out, sizeof out, "%s/bench", build);
  (void)mkdir(build, 0777), (void)mkdir(out, 0777);
  snprintf(out, sizeof out, "%s/bench/engine.json", build);
  snprintf(weir, sizeof weir, "%s/weir", build);
  snprintf(rules_path, sizeof rules_path, "%s/bench-engine-rules.lua", folder);
  snprintf(key_path, sizeof key_path, "%s/bench-engine-key.json", folder);
  snprintf(state, sizeof state, "%s/bench-engine.db", folder);
  snprintf(people, sizeof people, "%s/bench-engine-people.jsonl", folder);
  (void)unlink(state), (void)unlink(key_path);
  write_rules(rules_path);
  FILE *f = create(key_path);
  fputs(jwk, f);
  finish(f, key_path);
  if (chmod(key_path, 0600) != 0) die(key_path, strerror(errno));
  ok(weir_ruleset_load(&rules, rules_path, NULL, &err), "rules");
  ok(weir_key_parse(&key, weir_str_of(jwk), &err), "key");
  gather();
  weir_engine *e = open_engine(":memory:", false);
  choose(e);
  weir_engine_close(e);

  double memory = quiet(":memory:"), disk = quiet(state);
  printf("  %-52s %9.0f\n  %-52s %9.0f\n", "events a second, library, state in memory", memory, "the same, state in a file", disk);
  double run_memory = rate_of_run(":memory:", folder, write_quiet);
  double run_disk = rate_of_run(state, folder, write_quiet), mixed = rate_of_run(state, folder, write_mixed);
  printf("  %-52s %9.0f\n  %-52s %9.0f\n", "weir run, state in memory", run_memory, "weir run, state in a file", run_disk);
  printf("  %-52s %9.0f\n", "the same, one event of twenty fires", mixed);
  begin_anew(state);
  write_people(people);
  (void)run_weir(state, people);
  write_quiet(people, LINES);
  struct used held = run_weir(state, people);
  double mib = (double)held.kib / 1024;
  printf("  %-52s %9.1f MiB\n", "weir run, 100,000 persons in the file: resident", mib);
  f = create(out);
  fprintf(f, "{ \"library_memory_per_s\": %.0f, \"library_file_per_s\": %.0f, \"run_memory_per_s\": %.0f, \"run_file_per_s\": %.0f, "
             "\"run_firing_per_s\": %.0f, \"resident_mib\": %.1f }\n", memory, disk, run_memory, run_disk, mixed, mib);
  finish(f, out);
  weir_ruleset_free(rules);
  weir_key_free(key);
  const char *const made[] = { rules_path, key_path, state, people };
  for (int i = 0; i < 4; i++) (void)unlink(made[i]);
  return 0;
}
