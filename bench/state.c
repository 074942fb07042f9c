/* state.c (bench): decisions a second through the store on disk, beside a bare program that writes the same rows in the same
 * group commits, with the same settings, and asks nothing: it knows beforehand what is new. So the ratio says what asking,
 * checking and undoing cost. Both take turns in one run; medians. At the end both files must hold the same.
 *
 * The rest of the table: what the engine asks for every event (was it seen, is a timer due), and what loading costs.
 * The table goes to stdout, the numbers to $BUILD/bench/state.json. */
#include <sys/stat.h>
#include <unistd.h>

#define BENCH "bench/state"
#define PERSONS 50000
#define TURN 16      /* groups in a row */
#define TURNS 41

#include "bare_rows.h"

/* ---- through the store */

static struct weir_contact contact_of(int person) {
  return (struct weir_contact){ WEIR_STR("douyin"), WEIR_STR("papers"), weir_str_of(names[person]) };
}

static struct weir_store *st;
static unsigned char block[1 << 18];
static weir_error err;

static void ok(weir_status status, const char *what) {
  if (status < 0) die(what, err.message);
}

static void ask_ours(const struct decision *d, const struct weir_contact *contact) {
  struct weir_arena arena;
  struct weir_person person;
  weir_str decision;
  bool yes;
  int64_t until;
  weir_arena_fixed(&arena, block, sizeof block);
  ok(st->ops->seen(st, d->mark, T0, &arena, &yes, &decision, &err), "seen");
  ok(st->ops->load(st, contact, &arena, &person, &err), "load");
  ok(st->ops->claim(st, contact, d->claim, T0, &yes, &until, &err), "claim");
}

static void apply_ours(const struct decision *d, bool asking) {
  struct weir_contact contact = contact_of(d->person);
  struct weir_change items[] = {
    { .kind = WEIR_CHANGE_SEEN, .name = WEIR_STR("Lin Wei"), .at_ms = T0 },
    { .kind = WEIR_CHANGE_TAG, .name = WEIR_STR("wants:paper") },
    { .kind = WEIR_CHANGE_STAGE, .name = WEIR_STR("test-papers/papers"), .value = WEIR_STR("asked"), .at_ms = T0 },
    { .kind = WEIR_CHANGE_CLAIM, .until_ms = T0 + WEIR_CLAIM_MS },
    { .kind = WEIR_CHANGE_LEDGER },
    { .kind = WEIR_CHANGE_DEDUPE, .value = weir_str_of(d->id), .until_ms = T0 + WEIR_DEDUPE_MS },
  };
  struct weir_ledger_entry entry = { .contact = contact, .decision = weir_str_of(d->id), .n = 1, .rule = weir_str_of(rule),
                                     .cause = weir_str_of(d->cause), .post = weir_str_of(d->post), .payload = weir_str_of(action),
                                     .attempt = 1, .status = WEIR_LEDGER_OPEN, .until_ms = T0 + WEIR_LEDGER_MS };
  struct weir_changeset set = { contact, T0, items, 6, 6 };
  memcpy(items[3].key, d->claim, WEIR_ID_BYTES);
  memcpy(items[3].origin, d->origin, WEIR_ID_BYTES);
  memcpy(entry.key, d->key, WEIR_ID_BYTES);
  memcpy(entry.origin, d->origin, WEIR_ID_BYTES);
  items[4].ledger = &entry;
  memcpy(items[5].key, d->mark, WEIR_ID_BYTES);
  if (asking) ask_ours(d, &contact);
  ok(st->ops->apply(st, &set, &err), "apply");
}

static void group_ours(const struct decision *list, uint64_t seq, bool asking) {
  struct weir_chain_head head = { .iat_s = T0 / 1000, .exp_s = T0 / 1000 + 3600 };
  struct weir_stored_record record;
  ok(st->ops->begin(st, &err), "begin");
  for (int i = 0; i < GROUP; i++) apply_ours(&list[i], asking);
  ok(st->ops->chain_head(st, WEIR_STR("douyin/papers"), &head, &err), "chain_head");
  if (head.seq + 1 != seq) die("chain", "lost count");
  head = (struct weir_chain_head){ .seq = seq, .has_hash = true, .iat_s = T0 / 1000, .exp_s = T0 / 1000 + 3600 };
  ok(st->ops->outbox_put(st, WEIR_STR("douyin/papers"), &head, (weir_str){ line, line_len }, &err), "outbox_put");
  ok(st->ops->commit(st, &err), "commit");
  ok(st->ops->outbox_next(st, &record, &err), "outbox_next");
  ok(st->ops->outbox_ack(st, WEIR_STR("douyin/papers"), seq, &err), "outbox_ack");
}

/* ---- both */

struct result {
  double ours[2], bare[2], ratio[2]; /* decisions a second by the wall clock; by CPU */
};

static struct decision turn[TURN][GROUP];
static uint64_t next_event, next_seq = 1;

static void make_turn(bool all_new) {
  for (int g = 0; g < TURN; g++) {
    for (int i = 0; i < GROUP; i++) {
      struct decision *d = &turn[g][i];
      *d = decide(next_event++, all_new);
      d->known = ids[d->person] != 0;
      if (!d->known) ids[d->person] = ++last_id;
    }
  }
}

static void take_turn(bool ours, bool asking, double took[2]) {
  double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  for (int g = 0; g < TURN; g++) {
    if (ours) group_ours(turn[g], next_seq + (uint64_t)g, asking);
    else group_bare(turn[g], next_seq + (uint64_t)g);
  }
  took[0] = seconds(CLOCK_MONOTONIC) - wall;
  took[1] = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
}

static struct result compare(bool all_new, bool asking, int turns) {
  double ours[2][TURNS], bare[2][TURNS], ratio[2][TURNS];
  struct result r;
  for (int t = 0; t < turns; t++) {
    double took[2][2];
    make_turn(all_new);
    take_turn(t % 2 == 0, asking, took[t % 2 == 0]);
    take_turn(t % 2 != 0, asking, took[t % 2 != 0]);
    next_seq += TURN;
    for (int k = 0; k < 2; k++) {
      ours[k][t] = TURN * GROUP / took[1][k];
      bare[k][t] = TURN * GROUP / took[0][k];
      ratio[k][t] = took[0][k] / took[1][k];
    }
  }
  for (int k = 0; k < 2; k++) {
    r.ours[k] = median(ours[k], turns);
    r.bare[k] = median(bare[k], turns);
    r.ratio[k] = median(ratio[k], turns);
  }
  return r;
}

/* What the engine asks of every event: new events, from nobody in particular. */
static double quiet(void) {
  double best[21];
  struct weir_arena arena;
  unsigned char keys[1000][WEIR_ID_BYTES];
  weir_arena_fixed(&arena, block, sizeof block);
  for (int round = 0; round < 21; round++) {
    for (int i = 0; i < 1000; i++) {
      uint64_t event = UINT64_C(1) << 40 | (uint64_t)(round * 1000 + i);
      weir_str part = { (const char *)&event, sizeof event };
      weir_id_hash(WEIR_STR("quiet"), &part, 1, keys[i]);
    }
    double t = seconds(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < 1000; i++) {
      weir_str decision;
      bool yes;
      ok(st->ops->seen(st, keys[i], T0, &arena, &yes, &decision, &err), "seen");
      if (st->ops->next_due(st) <= T0) die("next_due", "a timer");
    }
    best[round] = (seconds(CLOCK_THREAD_CPUTIME_ID) - t) * 1e6;
  }
  return median(best, 21);
}

static double load_cost(bool known) {
  double best[21];
  for (int round = 0; round < 21; round++) {
    double t = seconds(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < 500; i++) {
      struct weir_arena arena;
      struct weir_person person;
      char name[32];
      struct weir_contact c = contact_of((int)(mix((uint64_t)(round * 500 + i)) % PERSONS));
      snprintf(name, sizeof name, "stranger-%d", i);
      if (!known) c.id = weir_str_of(name);
      weir_arena_fixed(&arena, block, sizeof block);
      ok(st->ops->load(st, &c, &arena, &person, &err), "load");
    }
    best[round] = (seconds(CLOCK_THREAD_CPUTIME_ID) - t) / 500 * 1e9;
  }
  return median(best, 21);
}

static void show(FILE *json, const char *key, const char *what, struct result r) {
  printf("  %-44s %8.0f %8.0f   %.2f   %.2f\n", what, r.ours[0], r.bare[0], r.ratio[0], r.ratio[1]);
  fprintf(json, "  \"%s\": { \"ours_per_s\": %.0f, \"bare_per_s\": %.0f, \"ratio\": %.3f, \"ratio_cpu\": %.3f },\n", key,
          r.ours[0], r.bare[0],
          r.ratio[0], r.ratio[1]);
}

int main(int argc, char **argv) {
  const char *build = getenv("BUILD") ? getenv("BUILD") : "build", *folder = argc > 1 ? argv[1] : build;
  char ours[512], bare[512], out[512], a[520], b[520];
  snprintf(out, sizeof out, "%s/bench", build);
  (void)mkdir(build, 0777), (void)mkdir(out, 0777);
  snprintf(out, sizeof out, "%s/bench/state.json", build);
  snprintf(ours, sizeof ours, "%s/bench-state-ours.db", folder);
  snprintf(bare, sizeof bare, "%s/bench-state-bare.db", folder);
  for (int i = 0; i < 2; i++) { /* what a run that was cut off left behind */
    (void)unlink(i ? ours : bare);
    snprintf(a, sizeof a, "%s-wal", i ? ours : bare);
    (void)unlink(a);
  }
  name_people();
  memset(line, 'l', sizeof line);
  ok(weir_sqlite_store_open(&st, ours, NULL, &err), "open");
  open_bare(bare);
  FILE *json = fopen(out, "w");
  if (!json) die(out, strerror(errno));
  fprintf(json, "{\n");
  printf("  %-44s %8s %8s   %s  %s\n", "decisions a second, 64 a commit", "ours", "bare", "wall", "CPU");
  show(json, "new_people", "everybody is new", compare(true, true, TURNS));
  while (last_id < PERSONS) (void)compare(true, true, 1);
  show(json, "known_people", "50,000 are known, each event fires", compare(false, true, TURNS));
  show(json, "known_people_apply", "the same, without the engine's questions", compare(false, false, TURNS));
  double q = quiet(), known = load_cost(true), stranger = load_cost(false);
  printf("  quiet event: %.0f ns; loading somebody known: %.0f ns; a stranger: %.0f ns\n", q, known, stranger);
  fprintf(json, "  \"quiet_ns\": %.0f, \"load_known_ns\": %.0f, \"load_stranger_ns\": %.0f\n}\n", q, known, stranger);
  if (fclose(json) != 0) die(out, strerror(errno));
  st->ops->close(st);
  close_bare();
  dump(ours, a, sizeof a);
  dump(bare, b, sizeof b);
  if (strcmp(a, b) != 0) {
    printf("  the files differ:\n  %s\n  %s\n", a, b);
    return 1;
  }
  (void)unlink(ours), (void)unlink(bare);
  return 0;
}
