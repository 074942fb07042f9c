/* faults.c: a gateway's life, drawn from the input as in events.c, in which things fail at points that the input chooses: requests for
 * memory, operations of the store (tests/fault_points.h). It is lived without faults first, and then with them: each call that fails is
 * made again, and what waited for a commit that failed is given again. What must hold:
 *   a failure says what it is; afterwards the life goes on to the same answers and the same records, byte for byte, unless a limit was
 *   said; every record is good, in order, and no event gets a second decision, limit or not; all memory is given back. */
#include <unistd.h>

#include "../tests/fault_points.h"
#include "gateway.h"

#define FAULTS_MAX 3
#define TRIES 3
#define RECORDS_MAX 256


static char path[512]; /* of the state file; in memory when there is such a folder */

static void forget(void) {
  static const char *const ends[] = { "", "-wal", "-journal", "-new", "-new-wal", "-new-journal" };
  char name[sizeof path + 16];
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    (void)snprintf(name, sizeof name, "%s%s", path, ends[i]);
    (void)unlink(name);
  }
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
  (void)argc, (void)argv;
  MUST(fault_watch_sqlite());
  MUST(snprintf(path, sizeof path, "%s/weir-fuzz-faults-%ld.db", folder ? folder : "/tmp", (long)getpid()) < (int)sizeof path);
  MUST(atexit(forget) == 0);
  gateway_load();
  return 0;
}

/* ---- a life */

enum call { DECIDE, TICK, COMMIT };

/* What the host did since the last commit, to be done again should it fail. */
struct done {
  enum call call;
  struct told *told;
  int64_t now_ms;
};

struct life {
  struct gateway gateway;
  struct books books;
  weir_engine *engine;
  weir_config config;
  weir_verdict verdict;
  weir_error err;
  struct done since[STEPS_MAX * 9];
  size_t since_cnt;
  uint64_t said[STEPS_MAX];                                   /* hash of what each step said */
  bool limit[STEPS_MAX];                                      /* a limit struck in it, and that was said */
  size_t step_cnt;
  struct { char aud[32]; uint64_t seq, hash; } records[RECORDS_MAX];
  size_t record_cnt;
  bool reopened;
  struct { enum fault_kind kind; uint32_t where; bool ever; } faults[FAULTS_MAX];
  size_t fault_cnt, next_fault;
  const uint64_t *seen;                                       /* calls of each kind in the life without faults; NULL: it is that one */
  uint64_t past[FAULT_KINDS];                                 /* those of this life before the fault at hand was chosen */
};

static void hash_add(uint64_t *hash, weir_str s) {
  for (size_t i = 0; i < s.len; i++) *hash = (*hash ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001B3);
  *hash = (*hash ^ s.len) * UINT64_C(0x100000001B3);
}

/* The next fault strikes at one of the calls that are still to come. */
static void arm_next(struct life *life) {
  for (int i = 0; i < FAULT_KINDS; i++) life->past[i] += fault.seen[i];
  fault_arm(FAULT_HOST, 0, false);
  while (life->next_fault < life->fault_cnt && !fault.armed) {
    enum fault_kind kind = life->faults[life->next_fault].kind;
    uint64_t left = life->seen[kind] > life->past[kind] ? life->seen[kind] - life->past[kind] : 0;
    if (left) fault_arm(kind, 1 + life->faults[life->next_fault].where % left, life->faults[life->next_fault].ever);
    life->next_fault++;
  }
}

static weir_status open_engine(struct life *life) {
  weir_status status = weir_engine_open(&life->engine, &life->config, &life->err);
  MUST((status == WEIR_OK) == (life->engine != NULL));
  return status;
}

/* What a call may be answered with that wants memory or the store and does not get it. */
static bool is_honest(weir_status status, const char *message) {
  if (status == WEIR_E_INTERNAL) return fault.kind == FAULT_ARENA && strstr(message, "divided wrongly"); /* measured out to the byte */
  return status == WEIR_E_NOMEM || status == WEIR_E_STATE || status == WEIR_E_FULL || status == WEIR_E_SCRIPT;
}

static weir_status once(struct life *life, const struct done *done) {
  switch (done->call) {
    case DECIDE: return weir_decide(life->engine, &done->told->event, done->now_ms, &life->verdict, &life->err);
    case TICK: return weir_tick(life->engine, done->now_ms, &life->verdict, &life->err);
    case COMMIT: break;
  }
  return weir_commit(life->engine, &life->err);
}

/* What the input's own events may be answered with, whatever fails. */
static bool is_answer(weir_status status) {
  return status >= 0 || status == WEIR_E_FORMAT || status == WEIR_E_TOO_OLD || status == WEIR_E_EVENT || status == WEIR_E_LIMIT;
}

/* Nothing of what waited for the commit happened: it is given again, as a host does that keeps it until then. */
static void start_again(struct life *life, bool anew) {
  if (anew) {
    weir_engine_close(life->engine);
    life->reopened = true;
    MUST(open_engine(life) == WEIR_OK);
  } else {
    weir_rollback(life->engine);
  }
  MUST(weir_pending(life->engine) == 0);
  for (size_t i = 0; i < life->since_cnt; i++) {
    weir_status status = once(life, &life->since[i]);
    MUST(is_answer(status) || status == WEIR_E_FULL);
  }
}

/* One call of the host's, made again after it failed: nothing fails any more then. */
static weir_status call(struct life *life, const struct done *done) {
  memset(&life->err, 0, sizeof life->err);
  weir_status status = once(life, done);
  if (is_answer(status)) return status;
  MUST_SAY(status, life->err);
  if (!fault.armed || !fault.struck) {
    MUST(status == WEIR_E_FULL);
    return status;
  }
  if (!is_honest(status, life->err.message)) fprintf(stderr, "%s: %s\n", weir_status_name(status), life->err.message);
  MUST(is_honest(status, life->err.message));
  fault_disarm();
  bool lost = life->since_cnt && weir_pending(life->engine) == 0; /* a commit that failed took it back */
  for (int i = 0; i < TRIES; i++) {
    if (lost || i) start_again(life, life->config.state && i > 1);
    lost = false;
    status = once(life, done);
    if (is_answer(status)) break;
  }
  if (!is_answer(status) && status != WEIR_E_FULL) fprintf(stderr, "%s: %s\n", weir_status_name(status), life->err.message);
  MUST(is_answer(status) || status == WEIR_E_FULL);
  arm_next(life);
  return status;
}

/* Without a batch each call commits by itself. */
static weir_status do_it(struct life *life, enum call what, struct told *told) {
  const struct done done = { what, told, life->gateway.now_ms };
  weir_status status = call(life, &done);
  if (what == COMMIT || !life->config.batch) life->since_cnt = 0;
  else if (status == WEIR_OK) life->since[life->since_cnt++] = done;
  return status;
}

/* ---- what it says */

/* A limit struck, and that is said; a timer that cannot be carried out is given up, and said so. */
static bool says_limit(const weir_verdict *v) {
  bool limit = v->limit;
  for (size_t i = 0; i < v->trace_cnt; i++)
    limit = limit || (v->trace[i].reason == WEIR_REASON_ACTION_DROPPED && weir_str_starts(v->trace[i].detail, WEIR_STR("what was to happen now")));
  return limit;
}

static void said(struct life *life, weir_status status) {
  uint64_t *hash = &life->said[life->step_cnt];
  *hash = *hash * 31 + (uint64_t)(status + 100);
  if (status != WEIR_OK) return;
  look_at(&life->gateway, &life->verdict);
  *hash = *hash * 31 + (uint64_t)life->verdict.result;
  for (size_t i = 0; i < life->verdict.action_cnt; i++) hash_add(hash, life->verdict.actions[i].json);
  if (says_limit(&life->verdict)) life->limit[life->step_cnt] = true;
}

static void decide(struct life *life, struct told *told) {
  weir_status status = do_it(life, DECIDE, told);
  said(life, status);
  if (status != WEIR_OK) return;
  if (told->decided) MUST(life->verdict.result != WEIR_RESULT_DECIDED && life->verdict.action_cnt == 0);
  if (life->verdict.result == WEIR_RESULT_DECIDED) told->decided = true;
}

static void tick(struct life *life) {
  for (int i = 0; i < 8; i++) {
    weir_status status = do_it(life, TICK, NULL);
    if (status == WEIR_NONE) return;
    said(life, status);
    if (status != WEIR_OK) return;
  }
}

/* A record that comes again, because the state was opened anew, has the same bytes. */
static void keep_record(struct life *life, const weir_record *record) {
  uint64_t hash = 1;
  char aud[32];
  (void)snprintf(aud, sizeof aud, "%.*s", WEIR_FMT(record->aud));
  hash_add(&hash, record->jws);
  bool armed = fault.armed;
  fault_disarm(); /* who checks records is somebody else */
  books_enter(&life->books, record->jws, life->reopened);
  fault.armed = armed;
  for (size_t i = 0; i < life->record_cnt; i++) {
    if (life->records[i].seq != record->seq || strcmp(life->records[i].aud, aud) != 0) continue;
    MUST(life->reopened && life->records[i].hash == hash);
    return;
  }
  MUST(life->record_cnt < RECORDS_MAX);
  memcpy(life->records[life->record_cnt].aud, aud, sizeof aud);
  life->records[life->record_cnt].seq = record->seq;
  life->records[life->record_cnt++].hash = hash;
}

/* A call that failed and is not one of those above. True: it is to be made again. */
static bool failed(struct life *life, weir_status status, int tries) {
  if (status >= 0) return false;
  MUST(fault.struck && tries < TRIES);
  MUST_SAY(status, life->err);
  MUST(is_honest(status, life->err.message));
  fault_disarm();
  if (tries && life->config.state) start_again(life, true);
  return true;
}

static void hand_over(struct life *life, bool acknowledge) {
  weir_record record;
  while (true) {
    int tries = 0;
    weir_status status;
    memset(&life->err, 0, sizeof life->err);
    while (failed(life, status = weir_next_record(life->engine, &record, &life->err), tries)) tries++;
    if (status == WEIR_NONE) break;
    keep_record(life, &record);
    char aud[2 * WEIR_ID_MAX + 2];
    (void)snprintf(aud, sizeof aud, "%.*s", WEIR_FMT(record.aud));
    uint64_t seq = record.seq;
    /* opened anew meanwhile, it hands the record out again first */
    for (tries = 0; acknowledge; tries++) {
      status = weir_ack(life->engine, weir_str_of(aud), seq, &life->err);
      if ((status == WEIR_E_ARG && life->reopened) || !failed(life, status, tries)) break;
    }
  }
  if (!fault.armed) arm_next(life);
}

/* ---- its way */

static void step(struct life *life, struct fuzz_input *in) {
  uint8_t what = fuzz_byte(in);
  struct gateway *g = &life->gateway;
  if (fault.armed && fault.struck && !fault.ever) arm_next(life);
  switch (what % 8) {
    case 0: case 1: case 2: decide(life, new_event(g, in)); break;
    case 3:
      if (g->told_cnt) decide(life, &g->told[fuzz_byte(in) % g->told_cnt]);
      break;
    case 4: case 7:
      wait_for(g, what / 8);
      tick(life);
      break;
    case 5: said(life, do_it(life, COMMIT, NULL) == WEIR_OK ? WEIR_NONE : WEIR_E_FULL); break;
    default: hand_over(life, what & 8); break;
  }
  life->step_cnt++;
}

static void live_on(struct life *life, struct fuzz_input in) {
  int tries = 0;
  while (failed(life, open_engine(life), tries)) tries++;
  if (!fault.armed) arm_next(life);
  for (int i = 0; i < STEPS_MAX && in.left; i++) step(life, &in);
  (void)do_it(life, COMMIT, NULL);
  hand_over(life, true);
}

static void once_through(struct life *life, struct fuzz_input in, const uint64_t *seen) {
  uint8_t how = fuzz_byte(&in);
  memset(life, 0, sizeof *life);
  fault_arm(FAULT_HOST, 0, false);
  life->gateway.now_ms = START;
  life->config = (weir_config){ .struct_size = sizeof life->config, .ruleset = ruleset, .key = key, .chain = WEIR_STR("fuzz"),
                                .state = how & 2 ? path : NULL, .state_memory = WEIR_STATE_BYTES_MIN, .batch = how & 1,
                                .group_max = how & 4 ? 1 + how / 16 : 0 };
  life->fault_cnt = 1 + how / 64 % FAULTS_MAX;
  for (size_t i = 0; i < life->fault_cnt; i++) {
    uint8_t kind = fuzz_byte(&in);
    life->faults[i].kind = (enum fault_kind)(kind % FAULT_KINDS);
    life->faults[i].ever = kind & 128;
    life->faults[i].where = fuzz_number(&in, 0);
  }
  life->seen = seen;
  if (life->config.state) forget();
  if (!seen) life->fault_cnt = 0;
  books_open(&life->books);
  arm_next(life);
  live_on(life, in);
  fault_disarm();
  weir_verifier_close(life->books.verifier);
  weir_engine_close(life->engine);
}

static bool any_limit(const struct life *life) {
  bool any = false;
  for (size_t i = 0; i < life->step_cnt; i++) any = any || life->limit[i];
  return any;
}

/* A handler that was stopped by a limit counts, and may be put aside: then lives differ that had another number of tries. */
static void compare(const struct life *life, const struct life *good) {
  MUST(life->step_cnt == good->step_cnt);
  if (any_limit(good)) return;
  for (size_t i = 0; i < life->step_cnt && !life->limit[i]; i++) MUST(life->said[i] == good->said[i]);
  if (any_limit(life)) return;
  MUST(life->record_cnt == good->record_cnt);
  for (size_t i = 0; i < good->record_cnt; i++) {
    MUST(strcmp(life->records[i].aud, good->records[i].aud) == 0 && life->records[i].seq == good->records[i].seq);
    MUST(life->records[i].hash == good->records[i].hash);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct life good, life;
  static bool warm;
  uint64_t seen[FAULT_KINDS];
  const struct fuzz_input in = { data, size };
  if (!warm) once_through(&good, in, NULL); /* what is made once in a process is there now */
  warm = true;
  long before = fault.live;
  once_through(&good, in, NULL);
  MUST(fault.live == before);
  for (int i = 0; i < FAULT_KINDS; i++) seen[i] = good.past[i] + fault.seen[i];
  once_through(&life, in, seen);
  MUST(fault.live == before);
  compare(&life, &good);
  return 0;
}
