/* decisions.c (bench): decisions a second through the whole engine with its state in a file, every event firing, beside a bare program
 * that writes the same rows in the same group commits, and signs once a group. The engine reads JSON, folds, matches, asks, decides,
 * writes JSON, signs, commits, hands out and is acknowledged; the bare program knows all beforehand. Both take turns in one run;
 * medians. At the end both files must hold the same.
 *
 * The table goes to stdout, the numbers to $BUILD/bench/decisions.json. */
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define BENCH "bench/decisions"
#define PERSONS 20000
#define TURN 16 /* groups in a row */
#define TURNS 41

#include "bare_rows.h"
#include "weir.h"

static weir_error err;
static void ok(weir_status st, const char *what) {
  if (st) die(what, err.message);
}

/* ---- events, made beforehand */

#define EVENT_MAX 400

static struct decision turn[TURN][GROUP];
static char events[TURN][GROUP][EVENT_MAX];
static weir_str event_lines[TURN][GROUP];
static uint64_t next_event, next_seq = 1;

/* What people wrote; each asks for the paper. */
static const char *const asks[] = {
  "求电子版，谢谢老师", "老师有没有资料", "pdf please 🙏", "想要这份试卷，孩子初二", "有想要的可以发我一份pdf吗？", "资料资料资料", "Can I have the pdf?", "求分享[玫瑰]",
};

static void make_turn(bool all_new) {
  for (int g = 0; g < TURN; g++) {
    for (int i = 0; i < GROUP; i++) {
      struct decision *d = &turn[g][i];
      *d = decide(next_event++, all_new);
      d->known = ids[d->person] != 0;
      if (!d->known) ids[d->person] = ++last_id;
      int len = snprintf(events[g][i], EVENT_MAX,
                         "{\"id\":\"%s\",\"time\":%" PRId64 ",\"channel\":\"douyin\",\"account\":\"papers\",\"type\":\"comment\","
                         "\"contact\":{\"id\":\"%s\",\"name\":\"Lin Wei\"},\"text\":\"%s\",\"post\":\"%s\"}",
                         d->cause, T0, names[d->person], asks[d->event % (sizeof asks / sizeof *asks)], d->post);
      event_lines[g][i] = (weir_str){ events[g][i], (size_t)len };
    }
  }
}

/* ---- through the engine */

static const char rules_text[] =
  "pack { name = 'test-papers', version = '1.0.0' }\n"
  "funnel 'papers' { stages = { 'asked', 'added' }, goal = 'added' }\n"
  "rule 'ask' { on = 'comment', keywords = { 'pdf', '求', '想要', '资料' }, once = 'post', reply = '有的，私信你了', tag = 'wants:paper', "
  "stage = 'papers/asked' }\n";
static weir_engine *engine;

static void group_engine(const weir_str *list, uint64_t seq) {
  weir_record record;
  for (int i = 0; i < GROUP; i++) {
    weir_verdict v;
    ok(weir_decide_json(engine, list[i], T0, &v, &err), "decide");
    if (v.result != WEIR_RESULT_DECIDED) die("decide", "an event that should fire does not");
  }
  ok(weir_commit(engine, &err), "commit");
  ok(weir_next_record(engine, &record, &err), "record");
  if (record.seq != seq) die("record", "another number than the bare program's");
  line_len = record.jws.len;
  ok(weir_ack(engine, record.aud, record.seq, &err), "ack");
}

/* ---- both */

static unsigned char secret[crypto_sign_SECRETKEYBYTES];

static void group_signed(const struct decision *list, uint64_t seq) {
  unsigned char signature[crypto_sign_BYTES];
  if (crypto_sign_detached(signature, NULL, (const unsigned char *)line, line_len, secret) != 0) die("sign", "cannot");
  memcpy(line, signature, sizeof signature);
  group_bare(list, seq);
}

static void take_turn(bool whole, double took[2]) {
  double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  for (int g = 0; g < TURN; g++) {
    if (whole) group_engine(event_lines[g], next_seq + (uint64_t)g);
    else group_signed(turn[g], next_seq + (uint64_t)g);
  }
  took[0] = seconds(CLOCK_MONOTONIC) - wall;
  took[1] = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
}

static void compare(FILE *json, const char *key, const char *what, bool all_new) {
  double per_s[2][2][TURNS], ratio[2][TURNS];
  int turns = all_new ? PERSONS / (TURN * GROUP) : TURNS;
  for (int t = 0; t < turns; t++) {
    double took[2][2]; /* bare, engine; wall, CPU */
    make_turn(all_new);
    take_turn(t % 2 == 0, took[t % 2 == 0]);
    take_turn(t % 2 != 0, took[t % 2 != 0]);
    next_seq += TURN;
    for (int k = 0; k < 2; k++) {
      for (int side = 0; side < 2; side++) per_s[side][k][t] = TURN * GROUP / took[side][k];
      ratio[k][t] = took[0][k] / took[1][k];
    }
  }
  double m[2][2], r[2];
  for (int k = 0; k < 2; k++) {
    for (int side = 0; side < 2; side++) m[side][k] = median(per_s[side][k], turns);
    r[k] = median(ratio[k], turns);
  }
  printf("  %-36s %8.0f %8.0f  %5.2f  %8.0f %8.0f  %5.2f\n", what, m[1][0], m[0][0], r[0], m[1][1], m[0][1], r[1]);
  fprintf(json, "  \"%s\": { \"engine_per_s\": %.0f, \"bare_per_s\": %.0f, \"ratio\": %.3f, \"engine_per_cpu_s\": %.0f, "
          "\"bare_per_cpu_s\": %.0f, \"ratio_cpu\": %.3f }%s\n", key, m[1][0], m[0][0], r[0], m[1][1], m[0][1], r[1], all_new ? "," : "");
}

int main(int argc, char **argv) {
  const char *build = getenv("BUILD") ? getenv("BUILD") : "build", *folder = argc > 1 ? argv[1] : build;
  char name[4][512], a[520], b[520], beside[520];
  static const char *const what[] = { "engine.db", "bare.db", "rules.lua", "decisions.json" };
  (void)mkdir(build, 0777);
  snprintf(a, sizeof a, "%s/bench", build);
  (void)mkdir(a, 0777);
  for (int i = 0; i < 3; i++) snprintf(name[i], sizeof name[i], "%s/bench-decisions-%s", folder, what[i]);
  snprintf(name[3], sizeof name[3], "%s/bench/%s", build, what[3]);
  for (int i = 0; i < 2; i++) { /* what a run that was cut off left behind */
    snprintf(beside, sizeof beside, "%s-wal", name[i]);
    (void)unlink(name[i]), (void)unlink(beside);
  }
  name_people();
  FILE *f = fopen(name[2], "w");
  if (!f || fputs(rules_text, f) < 0 || fclose(f) != 0) die(name[2], strerror(errno));
  weir_ruleset *rules;
  weir_key *key;
  ok(weir_ruleset_load(&rules, name[2], NULL, &err), "rules");
  ok(weir_key_generate(&key, NULL, &err), "key");
  weir_config config = { .struct_size = sizeof config, .ruleset = rules, .key = key, .state = name[0], .batch = true };
  ok(weir_engine_open(&engine, &config, &err), "open");
  unsigned char public[crypto_sign_PUBLICKEYBYTES];
  if (crypto_sign_keypair(public, secret) != 0) die("key", "cannot be made");
  open_bare(name[1]);
  FILE *json = fopen(name[3], "w");
  if (!json) die(name[3], strerror(errno));
  fprintf(json, "{\n");
  printf("  decisions a second, 64 a commit%5s %8s %8s  %5s  %8s %8s  %5s\n", "", "engine", "bare", "", "(of CPU)", "bare", "");
  compare(json, "new_people", "everybody is new", true);
  compare(json, "known_people", "most are known", false);
  fprintf(json, "}\n");
  if (fclose(json) != 0) die(name[3], strerror(errno));
  weir_engine_close(engine);
  weir_ruleset_free(rules);
  weir_key_free(key);
  close_bare();
  dump(name[0], a, sizeof a);
  dump(name[1], b, sizeof b);
  if (strcmp(a, b) != 0) {
    printf("  the files differ:\n  %s\n  %s\n", a, b);
    return 1;
  }
  for (int i = 0; i < 3; i++) (void)unlink(name[i]);
  return 0;
}
