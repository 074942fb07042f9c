/* month.c: a month of events for 100,000 people, with timers: decided as a gateway would (a few timers between two events, groups of
 * 64 decisions), and every input written down; then decided again from what was written. Says how long both take, and whether every
 * record is the same, byte for byte.
 *
 * MONTH_PEOPLE, MONTH_EVENTS: other numbers. MONTH_STATE=FILE: the state in files FILE-live and FILE-again instead of memory.
 * The table goes to stdout, the numbers to $BUILD/bench/month.json. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/status.h"

#define DAY INT64_C(86400000)
#define MONTH (30 * DAY)
#define T0 INT64_C(1795017600000) /* 2026-11-18T16:00:00Z, midnight in Shanghai */
#define BYTES_A_PERSON 6144       /* of the state in memory */
#define BETWEEN 16                /* timers between two events, as weir run */

static const char rules[] =
  "pack { name = 'month', timezone = 'Asia/Shanghai' }\n"
  "funnel 'papers' { stages = { 'asked', 'added', 'delivered', 'joined' }, goal = 'joined', on_enter = { added = 'deliver' } }\n"
  "rule 'stop' { on = { 'comment', 'message' }, keywords = { '退订', 'unsubscribe' }, mode = 'equal', opt_out = true, message = 'bye' }\n"
  "rule 'ask' { on = 'comment', match = [[求.{0,6}(?:电子版|资料|试卷)]], once = 'post', reply = { '有的，私信你了', '看下私信' },\n"
  "  message = { '加我微信，备注你的名字', after = '5s..30s' }, tag = 'wants:paper', stage = 'papers/asked' }\n"
  "rule 'night' { on = 'message', keywords = { '在吗', 'hello' }, hours = '09:00-21:00', defer = true, cooldown = '6h', message = '在的' }\n"
  "rule 'added' { on = 'friend_request', stage_is = 'papers/asked', accept = true, stage = 'papers/added' }\n"
  "rule 'deliver' { on = 'timer', stage_is = 'papers/added', message = '给你，电子版', stage = 'papers/delivered' }\n"
  "rule 'remind' { on = 'timer', follow_up = { 'papers/asked', after = '1d..2d', at = '10:00..12:00' }, message = '还需要吗？' }\n"
  "rule 'offer' { on = 'timer', follow_up = { 'papers/delivered', after = '3d', at = '19:00..21:00' }, message = '要进群吗？' }\n"
  "rule 'wake' { on = 'timer', every = '1d', at = '11:00', silent_for = '14d', stage_is = 'papers/delivered', once = true, message = '好久不见' }\n"
  "rule 'joined' { on = 'join', stage_is = 'papers/delivered', stage = 'papers/joined' }\n";

/* RFC 8037 appendix A.1: a key that everybody knows. */
static const char jwk[] =
  "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";

static void die(const char *what, const char *why) {
  fprintf(stderr, "bench/month: %s: %s\n", what, why);
  exit(2);
}

static double seconds(clockid_t clock) {
  struct timespec t;
  if (clock_gettime(clock, &t) != 0) die("clock", strerror(errno));
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t mix(uint64_t z) {
  z += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* ---- the events: the n-th is always the same */

struct made {
  weir_event event;
  char id[24], contact[24], post[16];
};

static void make_event(uint64_t n, uint64_t events, uint64_t people, struct made *m) {
  static const struct { const char *type, *text; unsigned share; } kinds[] = {
    { "comment", "求电子版", 14 }, { "comment", "老师讲得真好，支持一下", 46 }, { "message", "在吗", 8 }, { "message", "谢谢老师，孩子很喜欢", 19 },
    { "friend_request", "", 8 }, { "join", "", 4 }, { "message", "退订", 1 },
  };
  uint64_t r = mix(n), who = mix(r) % people;
  unsigned share = (unsigned)(mix(r + 1) % 100), k = 0;
  while (share >= kinds[k].share) share -= kinds[k++].share;
  snprintf(m->id, sizeof m->id, "e%" PRIu64, n);
  snprintf(m->contact, sizeof m->contact, "u%" PRIu64, who);
  snprintf(m->post, sizeof m->post, "v%" PRIu64, mix(r + 2) % 40);
  int64_t time = T0 + (int64_t)((double)n / (double)events * (double)MONTH);
  m->event = (weir_event){ .struct_size = sizeof m->event, .id = weir_str_of(m->id), .channel = WEIR_STR("douyin"), .account = WEIR_STR("papers"),
                           .type = weir_str_of(kinds[k].type), .time_ms = time, .contact_id = weir_str_of(m->contact), .contact_name = WEIR_STR("Lin"),
                           .text = weir_str_of(kinds[k].text), .post = weir_str_of(m->post), .mentioned = -1, .is_follower = -1 };
}

/* ---- what was put in, in order */

enum input_kind { INPUT_EVENT = 0, INPUT_TICK, INPUT_COMMIT };
struct input {
  int64_t now_ms;
  uint64_t event;
  enum input_kind kind;
};

struct journal {
  struct input *items;
  size_t cnt, cap;
};

static void journal_add(struct journal *j, struct input input) {
  if (j->cnt == j->cap) {
    j->cap = j->cap ? j->cap * 2 : 1 << 20;
    j->items = realloc(j->items, j->cap * sizeof *j->items);
    if (!j->items) die("memory", "not enough");
  }
  j->items[j->cnt++] = input;
}

/* ---- a run */

struct run {
  weir_engine *engine;
  struct journal *journal; /* NULL: nothing is written down */
  uint64_t events, people, records, bytes;
  struct weir_sha256 hash;
};

static weir_ruleset *load_rules(void) {
  char folder[] = "/tmp/weir-month-XXXXXX", path[64];
  weir_ruleset *rs = NULL;
  weir_error err;
  if (!mkdtemp(folder)) die("folder", strerror(errno));
  snprintf(path, sizeof path, "%s/month.lua", folder);
  FILE *f = fopen(path, "w");
  if (!f || fputs(rules, f) < 0 || fclose(f) != 0) die(path, strerror(errno));
  if (weir_ruleset_load(&rs, path, NULL, &err)) die("rules", err.message);
  unlink(path);
  rmdir(folder);
  return rs;
}

static void open_run(struct run *r, const weir_ruleset *rs, const weir_key *key, const char *state) {
  weir_error err;
  weir_config config = { .struct_size = sizeof config, .ruleset = rs, .key = key, .chain = WEIR_STR("month"), .batch = true, .state = state,
                         .state_memory = (size_t)r->people * BYTES_A_PERSON + (64u << 20) };
  if (weir_engine_open(&r->engine, &config, &err)) die("engine", err.message);
  weir_sha256_begin(&r->hash);
}

static void hand_out(struct run *r) {
  weir_record record;
  weir_error err;
  char aud[260];
  uint64_t seq = 0;
  weir_status st;
  while ((st = weir_next_record(r->engine, &record, &err)) == WEIR_OK) {
    weir_sha256_add(&r->hash, record.jws);
    weir_sha256_add(&r->hash, WEIR_STR("\n"));
    r->records++;
    r->bytes += record.jws.len + 1;
    seq = record.seq;
    snprintf(aud, sizeof aud, "%.*s", WEIR_FMT(record.aud));
    if (weir_ack(r->engine, weir_str_of(aud), seq, &err)) die("ack", err.message);
  }
  if (st < 0) die("record", err.message);
}

static void commit(struct run *r, int64_t now_ms) {
  weir_error err;
  if (r->journal) journal_add(r->journal, (struct input){ now_ms, 0, INPUT_COMMIT });
  if (weir_commit(r->engine, &err)) die("commit", err.message);
  hand_out(r);
}

static void do_event(struct run *r, uint64_t n, int64_t now_ms) {
  struct made m;
  weir_verdict verdict;
  weir_error err;
  make_event(n, r->events, r->people, &m);
  weir_status st = weir_decide(r->engine, &m.event, now_ms, &verdict, &err);
  if (st == WEIR_E_FULL && r->journal) {
    commit(r, now_ms);
    st = weir_decide(r->engine, &m.event, now_ms, &verdict, &err);
  }
  if (st) die("event", err.message);
  if (r->journal) journal_add(r->journal, (struct input){ now_ms, n, INPUT_EVENT });
}

static void do_tick(struct run *r, int64_t now_ms) {
  weir_verdict verdict;
  weir_error err;
  weir_status st = weir_tick(r->engine, now_ms, &verdict, &err);
  if (st == WEIR_E_FULL && r->journal) {
    commit(r, now_ms);
    st = weir_tick(r->engine, now_ms, &verdict, &err);
  }
  if (st) die("timer", st == WEIR_NONE ? "none was due" : err.message);
  if (r->journal) journal_add(r->journal, (struct input){ now_ms, 0, INPUT_TICK });
}

/* By the clock, as weir run: what is due fires between the events; when nothing is to do the group is committed. */
static void live(struct run *r) {
  int64_t now_ms = T0;
  for (uint64_t n = 0; n < r->events; n++) {
    int64_t next_ms = T0 + (int64_t)((double)n / (double)r->events * (double)MONTH);
    while (weir_next_due(r->engine) < next_ms) { /* nothing comes until then but timers */
      if (weir_next_due(r->engine) > now_ms) now_ms = weir_next_due(r->engine);
      do_tick(r, now_ms);
      if (mix(n) % 8 == 0 || weir_pending(r->engine) >= 64) commit(r, now_ms); /* now and then it is quiet for long enough */
    }
    now_ms = next_ms;
    for (int i = 0; i < BETWEEN && weir_next_due(r->engine) <= now_ms; i++) do_tick(r, now_ms);
    do_event(r, n, now_ms);
    if (weir_pending(r->engine) >= 64 || mix(n + 7) % 16 == 0) commit(r, now_ms);
  }
  commit(r, now_ms);
}

static void again(struct run *r, const struct journal *j) {
  for (size_t i = 0; i < j->cnt; i++) {
    const struct input *in = &j->items[i];
    if (in->kind == INPUT_EVENT) do_event(r, in->event, in->now_ms);
    else if (in->kind == INPUT_TICK) do_tick(r, in->now_ms);
    else commit(r, in->now_ms);
  }
}

static void end_run(struct run *r, char hex[2 * WEIR_SHA256_BYTES + 1], weir_stats *stats) {
  unsigned char digest[WEIR_SHA256_BYTES];
  weir_sha256_end(&r->hash, digest);
  weir_hex(digest, sizeof digest, hex);
  hex[2 * WEIR_SHA256_BYTES] = '\0';
  stats->struct_size = sizeof *stats;
  weir_engine_stats(r->engine, stats);
  weir_engine_close(r->engine);
}

static uint64_t number(const char *name, uint64_t otherwise) {
  const char *text = getenv(name);
  uint64_t n = text ? strtoull(text, NULL, 10) : otherwise;
  if (!n) die(name, "a number above 0 is needed");
  return n;
}

static const char *state_name(char *out, size_t cap, const char *suffix) {
  const char *state = getenv("MONTH_STATE");
  if (!state || !*state) return NULL;
  snprintf(out, cap, "%s-%s", state, suffix);
  if (access(out, F_OK) == 0) die(out, "is there already");
  return out;
}

int main(void) {
  const char *build = getenv("BUILD");
  char path[512], names[2][512], hexes[2][2 * WEIR_SHA256_BYTES + 1];
  struct journal journal = { NULL, 0, 0 };
  weir_ruleset *rs = load_rules();
  weir_key *key = NULL;
  weir_error err;
  weir_stats stats[2];
  double took[2];
  uint64_t people = number("MONTH_PEOPLE", 100000), events = number("MONTH_EVENTS", 1000000);
  if (weir_key_parse(&key, WEIR_STR(jwk), &err)) die("key", err.message);
  struct run runs[2] = { { .journal = &journal, .events = events, .people = people }, { .events = events, .people = people } };
  for (int i = 0; i < 2; i++) {
    open_run(&runs[i], rs, key, state_name(names[i], sizeof names[i], i ? "again" : "live"));
    double start = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    if (i == 0) live(&runs[i]);
    else again(&runs[i], &journal);
    took[i] = seconds(CLOCK_MONOTONIC) - start;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    end_run(&runs[i], hexes[i], &stats[i]);
    printf("%-8s %7.1f s, %.1f of the processor   %6.1f us an input   %" PRIu64 " records, %.1f MB   %.16s\n", i ? "replayed" : "live", took[i], cpu, cpu / (double)journal.cnt * 1e6,
           runs[i].records, (double)runs[i].bytes / 1e6, hexes[i]);
  }
  bool same = strcmp(hexes[0], hexes[1]) == 0;
  printf("%" PRIu64 " people, %" PRIu64 " events, %" PRIu64 " timers and steps, %" PRIu64 " actions, %" PRIu64 " dropped, %" PRIu64 " persons known: %s\n", people, events,
         stats[0].timers, stats[0].actions, stats[0].dropped, stats[0].persons, same ? "the same bytes" : "THE RECORDS DIFFER");
  snprintf(path, sizeof path, "%s/bench/month.json", build ? build : "build");
  FILE *f = fopen(path, "w");
  if (f) {
    fprintf(f, "{\"people\":%" PRIu64 ",\"events\":%" PRIu64 ",\"timers\":%" PRIu64 ",\"live_s\":%.3f,\"replay_s\":%.3f,\"same\":%s}\n", people, events, stats[0].timers, took[0],
            took[1], same ? "true" : "false");
    fclose(f);
  }
  free(journal.items);
  weir_key_free(key);
  weir_ruleset_free(rs);
  return same ? 0 : 1;
}
