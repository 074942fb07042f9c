/* crash.c: make crash. The real command under load, killed with SIGKILL at random moments and started again with the same state
 * file, while its consumer acknowledges now and then.
 *
 * A shop's day (durable_shop.h), once with a record for each decision and once with groups:
 *   every record is the next of its chain, or one that was seen before, with the same bytes (the library's own verifier);
 *   what was handed out and not acknowledged is handed out again;
 *   after each kill integrity_check finds nothing (in a copy, so that the command recovers by itself);
 *   at the end decisions and state are those of a run that nobody killed; without groups every byte of every record, too.
 *   What a state may differ in, and why, is said in state_dump.h.
 * Redelivery: 20,000 events are given 100,000 times, shuffled inside a minute, with kills in between: one decision for each.
 *
 * ROUNDS=300 kills for the day, DELIVERIES=100000, SEED=1. The command is $BUILD/weir. */
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include <sys/stat.h>

#include "crash_service.h"

static char weir[600];
static weir_keyset *keys;
static uint64_t seed;
static unsigned passed, failed;

/* ---- the day, and what is given twice */

static size_t day_line(const void *ctx, uint64_t at, char *out, size_t cap) { return shop_event(ctx, at, out, cap); }
static uint64_t day_place(const void *ctx, const char *cause) { /* "e12", "e12#1" */
  (void)ctx;
  return strtoull(cause + 1, NULL, 10);
}

struct deliveries {
  uint64_t events, cnt;
  int64_t t0;
  uint32_t *order;    /* which event each delivery is of */
  uint32_t *first;    /* the first delivery of each event */
  uint32_t *decided;  /* how often each event was */
};

static size_t delivery_line(const void *ctx, uint64_t at, char *out, size_t cap) {
  const struct deliveries *d = ctx;
  uint32_t event = d->order[at];
  return (size_t)snprintf(out, cap, "{\"id\":\"e%u\",\"time\":%" PRId64 ",\"channel\":\"douyin\",\"account\":\"papers\",\"type\":\"comment\",\"contact\":{\"id\":\"u%u\"},"
                          "\"text\":\"I want this paper\",\"post\":\"v%u\"}", event, d->t0 + (int64_t)event * 50, event % 3000, event);
}
static uint64_t delivery_place(const void *ctx, const char *cause) { return ((const struct deliveries *)ctx)->first[strtoull(cause + 1, NULL, 10)]; }
static void delivery_decided(const void *ctx, const char *cause) { ((const struct deliveries *)ctx)->decided[strtoull(cause + 1, NULL, 10)]++; }

/* ---- files */

static void write_text(const char *name, const char *text) {
  int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) != 0) die(name);
}

static void copy(const char *from, const char *to) {
  static char buf[1 << 16];
  ssize_t got;
  (void)unlink(to);
  int in = open(from, O_RDONLY), out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (in < 0) return;
  while ((got = read(in, buf, sizeof buf)) > 0) {
    if (write(out, buf, (size_t)got) != got) die(to);
  }
  close(in), close(out);
}

static void remove_state(const char *name) {
  static const char *const suffixes[] = { "", "-wal", "-journal", "-shm", "-new", "-new-wal", "-new-journal" };
  char path[128];
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
    snprintf(path, sizeof path, "%s%s", name, suffixes[i]);
    (void)unlink(path);
  }
}

/* What the file says of itself after a kill, asked in a copy. */
static void check_copy(struct book *b, const char *state) {
  char from[64], said[128];
  sqlite3 *db;
  struct stat about;
  if (stat(state, &about) != 0) return; /* killed before it was made */
  remove_state("copy.db");
  copy(state, "copy.db");
  snprintf(from, sizeof from, "%s-wal", state);
  copy(from, "copy.db-wal");
  if (sqlite3_open("copy.db", &db) != SQLITE_OK) die("sqlite3_open");
  if (!state_is_sound(db, said)) wrong(b, "integrity_check after a kill: %s", said);
  sqlite3_close(db);
}

/* ---- runs */

struct plan {
  const char *state;
  const char *group, *clock;
  uint64_t kills;
  uint64_t to;        /* the feed's end; 0: given on and on until the last kill */
  uint64_t overlap;   /* up to so much of what is certain is given again after a kill */
};

static uint64_t chance(void) {
  static uint64_t n;
  return shop_random(seed ^ 0xC4A54, n++);
}

/* One life of the command, until its kill. */
static void live_until_kill(struct service *s, struct book *b) {
  uint64_t how = chance() % 4, until_records = b->records + chance() % 150;
  int64_t deadline = clock_ms() + (int64_t)(how == 0 ? chance() % 40 : how == 1 ? 10 + chance() % 120 : 250);
  while (!b->why[0] && clock_ms() < deadline && (how < 2 || b->records < until_records)) {
    service_wait(s, 5);
    if (s->events >= 0) service_give(s, b->feed);
    if (!service_take(s, b)) break;
    for (size_t i = 0; i < b->aud_cnt; i++) {
      if (chance() % 3 == 0) service_ack(s, &b->auds[i]);
    }
  }
  if (how == 3) service_look_away(s, b->feed, 20); /* so that it is killed while a record is half in the pipe */
  service_kill(s, b);
}

/* The last life, to the end of the feed; everything is acknowledged. */
static void live_to_end(struct service *s, struct book *b) {
  bool more = true;
  int64_t deadline = clock_ms() + INT64_C(3600000); /* ten thousand rounds make millions of events */
  while (!b->why[0] && more && clock_ms() < deadline) {
    service_wait(s, 100);
    if (s->events >= 0) service_give(s, b->feed);
    more = service_take(s, b);
    for (size_t i = 0; i < b->aud_cnt; i++) service_ack(s, &b->auds[i]);
  }
  for (size_t i = 0; i < b->aud_cnt && !b->why[0]; i++) {
    b->auds[i].come = true;
    service_ack(s, &b->auds[i]);
  }
  if (more) (void)kill(s->pid, SIGKILL);
  int status = service_end(s, b);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) wrong(b, "the command did not end well: %d", status);
}

/* Returns how far the feed was given. */
static uint64_t run(struct book *b, const struct plan *p) {
  static struct service s;
  char state[64], group[16], clock[16];
  snprintf(state, sizeof state, "%s", p->state), snprintf(group, sizeof group, "%s", p->group), snprintf(clock, sizeof clock, "%s", p->clock);
  char *const argv[] = { weir, (char[]){ "run" }, (char[]){ "rules.lua" }, (char[]){ "--state" }, state, (char[]){ "--key" }, (char[]){ "key.json" },
                         (char[]){ "--chain" }, (char[]){ SHOP_CHAIN }, (char[]){ "--ack" }, (char[]){ "3" }, (char[]){ "--group" }, group,
                         (char[]){ "--clock" }, clock, NULL };
  uint64_t reached = 0;
  for (uint64_t i = 0; i < p->kills && !b->why[0]; i++) {
    uint64_t back = chance() % (p->overlap + 1);
    service_start(&s, b, argv, b->certain > back ? b->certain - back : 0, p->to ? p->to : UINT64_MAX);
    live_until_kill(&s, b);
    if (s.at > reached) reached = s.at;
    check_copy(b, p->state);
  }
  uint64_t to = p->to ? p->to : reached;
  if (!b->why[0]) {
    service_start(&s, b, argv, b->certain, to);
    live_to_end(&s, b);
  }
  return to;
}

static bool verdict(const struct book *b, const char *what) {
  if (!b->why[0]) return true;
  printf("not ok - %s, SEED=%" PRIu64 ": %s\n", what, seed, b->why);
  failed++;
  return false;
}

/* ---- comparing */

static bool look(struct book *b, const char *state, unsigned how, uint64_t *digest, const char *text) {
  sqlite3 *db;
  char said[128];
  FILE *out = text ? fopen(text, "w") : NULL;
  bool good = sqlite3_open(state, &db) == SQLITE_OK && state_is_sound(db, said) && state_dump(db, how, digest, out);
  if (!good) wrong(b, "the state %s cannot be read: %s", state, sqlite3_errmsg(db));
  sqlite3_close(db);
  if (out) fclose(out);
  return good;
}

/* The first line in which two texts differ. */
static void tell_difference(struct book *b, const char *one, const char *other) {
  static char a[4096], c[4096];
  FILE *f = fopen(one, "r"), *g = fopen(other, "r");
  while (f && g) {
    char *x = fgets(a, sizeof a, f), *y = fgets(c, sizeof c, g);
    if (x && y && strcmp(a, c) == 0) continue;
    wrong(b, "the state is not that of a run without kills: \"%.300s\" is \"%.300s\" there", x ? a : "", y ? c : "");
    break;
  }
  if (f) fclose(f);
  if (g) fclose(g);
}

static void compare(struct book *b, const struct book *calm, unsigned how) {
  uint64_t one, other;
  if (!look(b, "shop.db", how, &one, "shop.txt") || !look(b, "calm.db", how, &other, "calm.txt")) return;
  if (one != other) tell_difference(b, "shop.txt", "calm.txt");
  for (size_t i = 0; i < b->aud_cnt; i++) {
    const struct book_aud *x = &b->auds[i], *y = book_aud((struct book *)(uintptr_t)calm, x->name);
    if (x->decision_cnt != y->decision_cnt) wrong(b, "%s: %" PRIu64 " decisions, %" PRIu64 " without kills", x->name, x->decision_cnt, y->decision_cnt);
    if (x->decisions != y->decisions) wrong(b, "%s: the decisions are others than without kills", x->name);
    if (!(how & DUMP_GROUPLESS) && x->lines != y->lines) wrong(b, "%s: the records are others than without kills", x->name);
  }
}

static void crash_day(uint64_t kills, const char *group, unsigned how) {
  const struct shop shop = { .seed = seed, .persons = 400, .step_ms = 60000 };
  const struct feed feed = { &shop, day_line, day_place, NULL };
  static struct book killed, calm;
  char what[64];
  snprintf(what, sizeof what, "%" PRIu64 " kills, --group %s", kills, group);
  write_text("rules.lua", shop_rules);
  book_open(&killed, &feed, keys);
  book_open(&calm, &feed, keys);
  int64_t began = clock_ms();
  uint64_t events = run(&killed, &(struct plan){ "shop.db", group, "events", kills, 0, 200 });
  int64_t ended = clock_ms();
  if (!killed.why[0]) run(&calm, &(struct plan){ "calm.db", group, "events", 0, events, 0 });
  if (calm.why[0]) wrong(&killed, "without kills: %s", calm.why);
  if (!killed.why[0]) compare(&killed, &calm, how);
  if (verdict(&killed, what)) {
    printf("ok - %s: %" PRIu64 " events, %" PRIu64 " records, %" PRIu64 " handed out again, %" PRIu64 " half lines, %.1f s\n", what, events, killed.records,
           killed.again, killed.torn, (double)(ended - began) / 1000);
    passed++;
  }
  weir_verifier_close(killed.verifier);
  weir_verifier_close(calm.verifier);
  remove_state("shop.db");
  remove_state("calm.db");
}

/* ---- redelivery */

struct due {
  int64_t at;
  uint32_t event;
};
static int by_time(const void *a, const void *b) {
  const struct due *x = a, *y = b;
  return x->at < y->at ? -1 : x->at > y->at ? 1 : x->event < y->event ? -1 : x->event > y->event;
}

static struct deliveries shuffle(uint64_t events, uint64_t cnt) {
  enum { TIMES_MAX = 10, MINUTE_MS = 60000 };
  struct deliveries d = { .events = events, .cnt = cnt, .t0 = (int64_t)time(NULL) * 1000 - (int64_t)events * 50 };
  struct due *due = calloc(cnt, sizeof *due);
  uint8_t *times = calloc(events, 1);
  d.order = calloc(cnt, sizeof *d.order), d.first = calloc(events, sizeof *d.first), d.decided = calloc(events, sizeof *d.decided);
  if (!due || !times || !d.order || !d.first || !d.decided) die("memory");
  for (uint64_t i = 0; i < cnt; i++) {
    uint64_t event = i < events ? i : chance() % events;
    while (times[event] == TIMES_MAX) event = (event + 1) % events;
    times[event]++;
    due[i] = (struct due){ (int64_t)event * 50 + (int64_t)(chance() % MINUTE_MS), (uint32_t)event };
  }
  qsort(due, cnt, sizeof *due, by_time);
  memset(d.first, 0xff, events * sizeof *d.first);
  for (uint64_t i = 0; i < cnt; i++) {
    d.order[i] = due[i].event;
    if (d.first[due[i].event] == UINT32_MAX) d.first[due[i].event] = (uint32_t)i;
  }
  free(due);
  free(times);
  return d;
}

static void redeliver(uint64_t cnt, uint64_t kills) {
  struct deliveries d = shuffle(cnt / 5, cnt);
  const struct feed feed = { &d, delivery_line, delivery_place, delivery_decided };
  static struct book b;
  char what[128];
  snprintf(what, sizeof what, "%" PRIu64 " deliveries of %" PRIu64 " events, %" PRIu64 " kills", d.cnt, d.events, kills);
  write_text("rules.lua", "rule 'ask' { on = 'comment', keywords = { 'paper' }, reply = 'yes' }\n");
  book_open(&b, &feed, keys);
  int64_t began = clock_ms();
  run(&b, &(struct plan){ "shop.db", "64", "wall", kills, d.cnt, 500 });
  for (uint64_t i = 0; i < d.events && !b.why[0]; i++) {
    if (d.decided[i] != 1) wrong(&b, "event %" PRIu64 " was decided %u times", i, d.decided[i]);
  }
  if (verdict(&b, what)) {
    printf("ok - %s: one decision for each; %" PRIu64 " records handed out again, %.1f s\n", what, b.again, (double)(clock_ms() - began) / 1000);
    passed++;
  }
  weir_verifier_close(b.verifier);
  remove_state("shop.db");
  free(d.order);
  free(d.first);
  free(d.decided);
}

/* ---- all of it */

static uint64_t number(const char *name, uint64_t otherwise) {
  const char *text = getenv(name);
  return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

static void enter_folder(char folder[256]) {
  const char *tmp = getenv("TMPDIR"), *build = getenv("BUILD");
  char *full = realpath(build && *build ? build : "build", NULL);
  snprintf(weir, sizeof weir, "%s/weir", full ? full : ".");
  free(full);
  if (access(weir, X_OK) != 0) die(weir);
  snprintf(folder, 256, "%s/weir-crash-XXXXXX", tmp && *tmp ? tmp : "/tmp");
  if (!mkdtemp(folder) || chdir(folder) != 0) die("no folder");
  write_text("key.json", shop_jwk);
}

int main(void) {
  char folder[256];
  weir_error err;
  uint64_t rounds = number("ROUNDS", 300), deliveries = number("DELIVERIES", 100000);
  seed = number("SEED", 1);
  (void)signal(SIGPIPE, SIG_IGN);
  enter_folder(folder);
  if (weir_keyset_parse(&keys, weir_str_of(shop_public), &err)) die(err.message);
  printf("# SEED=%" PRIu64 " ROUNDS=%" PRIu64 " DELIVERIES=%" PRIu64 "\n", seed, rounds, deliveries);
  crash_day(rounds / 3, "1", DUMP_LIVE);
  crash_day(rounds - rounds / 3, "64", DUMP_LIVE | DUMP_GROUPLESS);
  redeliver(deliveries, deliveries / 4000 + 1);
  printf("%u passed, %u failed\n", passed, failed);
  weir_keyset_free(keys);
  if (failed) {
    printf("# the files are in %s\n", folder);
    return 1;
  }
  static const char *const names[] = { "rules.lua", "key.json", "err", "copy.db", "copy.db-wal", "shop.txt", "calm.txt" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) (void)unlink(names[i]);
  remove_state("copy.db");
  (void)rmdir(folder);
  return 0;
}
