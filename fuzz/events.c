/* events.c: a gateway's life, drawn from the input: events, some of them again, ticks, commits, hand-overs, a deadline that
 * strikes. It is lived twice, and a dry engine looks on. What must hold:
 *   an event never gets a second decision; every decision stands in one record, once; every record is good, in order;
 *   the second life gives the same bytes; the dry engine says the same each time and remembers nothing. */
#include "gateway.h"

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  gateway_load();
  return 0;
}

struct life {
  struct gateway gateway;
  weir_engine *engine;
  weir_engine *dry;              /* NULL in the second life, and */
  struct books books;            /* these are not kept: what they say is known */
  uint32_t strikes_in;           /* questions until the deadline strikes; 0: never */
  size_t decided_cnt;
  struct weir_sha256 hash;       /* of everything handed out */
};

static bool strikes(void *ctx) {
  struct life *life = ctx;
  return life->strikes_in && --life->strikes_in == 0;
}

/* ---- what is said of events */

static void look(struct life *life, const weir_verdict *v) {
  look_at(&life->gateway, v);
  if (v->result == WEIR_RESULT_DECIDED && v->action_cnt) life->decided_cnt++;
}

static bool may_be(weir_status status) {
  return status == WEIR_OK || status == WEIR_E_FORMAT || status == WEIR_E_FULL ||
         status == WEIR_E_TOO_OLD || status == WEIR_E_EVENT || status == WEIR_E_LIMIT;
}

/* Twice, with the same answer, and afterwards it knows nobody. */
static void ask_dry(struct life *life, const weir_event *event) {
  weir_verdict verdict;
  weir_stats stats = { .struct_size = sizeof stats };
  struct { weir_status status; weir_result result; size_t actions; char json[512]; } said[2];
  memset(said, 0, sizeof said);
  for (int i = 0; i < 2; i++) {
    said[i].status = weir_decide(life->dry, event, life->gateway.now_ms, &verdict, NULL);
    MUST(may_be(said[i].status) && verdict.result != WEIR_RESULT_REPEAT);
    said[i].result = verdict.result;
    said[i].actions = verdict.action_cnt;
    if (verdict.action_cnt) (void)snprintf(said[i].json, sizeof said[i].json, "%.*s", WEIR_FMT(verdict.actions[verdict.action_cnt - 1].json));
  }
  MUST(memcmp(&said[0], &said[1], sizeof said[0]) == 0);
  weir_engine_stats(life->dry, &stats);
  MUST(stats.persons == 0 && stats.opted_out == 0 && stats.records == 0);
  MUST(weir_next_due(life->dry) == INT64_MAX && weir_pending(life->dry) == 0);
}

static void decide(struct life *life, struct told *told) {
  weir_verdict verdict;
  weir_error err = { .status = WEIR_OK };
  weir_status status = weir_decide(life->engine, &told->event, life->gateway.now_ms, &verdict, &err);
  if (!may_be(status)) fprintf(stderr, "%s: %s\n", weir_status_name(status), err.message);
  MUST(may_be(status));
  if (status != WEIR_OK) {
    MUST_SAY(status, err);
    MUST(verdict.action_cnt == 0);
    return;
  }
  look(life, &verdict);
  if (told->decided) MUST(verdict.result != WEIR_RESULT_DECIDED && verdict.action_cnt == 0);
  if (verdict.result == WEIR_RESULT_DECIDED) told->decided = true;
}

static void tick(struct life *life) {
  weir_verdict verdict;
  weir_error err = { .status = WEIR_OK };
  for (int i = 0; i < 8; i++) {
    int64_t due = weir_next_due(life->engine);
    weir_status status = weir_tick(life->engine, life->gateway.now_ms, &verdict, &err);
    MUST((status == WEIR_NONE) == (due > life->gateway.now_ms));
    if (status == WEIR_NONE) return;
    MUST(may_be(status));
    if (status != WEIR_OK) return;
    look(life, &verdict);
  }
}

/* ---- the records */

static void hand_over(struct life *life, bool acknowledge) {
  weir_record record;
  weir_error err = { .status = WEIR_OK };
  while (true) {
    weir_status status = weir_next_record(life->engine, &record, &err);
    if (status == WEIR_NONE) return;
    MUST(status == WEIR_OK);
    weir_sha256_add(&life->hash, record.jws);
    if (life->dry) books_enter(&life->books, record.jws, false);
    weir_str aud = fuzz_copy(record.aud);
    if (acknowledge) MUST(weir_ack(life->engine, aud, record.seq, &err) == WEIR_OK);
    fuzz_drop(aud);
  }
}

/* ---- a life */

static void step(struct life *life, struct fuzz_input *in) {
  uint8_t what = fuzz_byte(in);
  struct told *told;
  switch (what % 8) {
    case 0: case 1: case 2:
      told = new_event(&life->gateway, in);
      if (life->dry) ask_dry(life, &told->event);
      decide(life, told);
      break;
    case 3:
      if (life->gateway.told_cnt) decide(life, &life->gateway.told[fuzz_byte(in) % life->gateway.told_cnt]);
      break;
    case 4:
      wait_for(&life->gateway, what / 8);
      tick(life);
      break;
    case 5: MUST(weir_commit(life->engine, NULL) == WEIR_OK && weir_pending(life->engine) == 0); break;
    case 6: hand_over(life, what & 8); break;
    default: life->strikes_in = fuzz_byte(in); break;
  }
}

static weir_config config_of(struct life *life, uint8_t how) {
  weir_config config = { .struct_size = sizeof config, .ruleset = ruleset, .key = key, .chain = WEIR_STR("fuzz"),
                         .state_memory = WEIR_STATE_BYTES_MIN,
                         .batch = how & 1, .group_max = how & 4 ? 1 + how / 8 : 0, .deadline = strikes, .deadline_ctx = life };
  return config;
}

/* The dry engine traces every rule where the other does not: that must not change what is decided. */
static void open_watchers(struct life *life, weir_config config) {
  config.dry = config.trace = true;
  config.deadline = NULL; /* it must not take strikes from the other */
  MUST(weir_engine_open(&life->dry, &config, NULL) == WEIR_OK);
  books_open(&life->books);
}

static void live(struct life *life, struct fuzz_input in, bool watched, unsigned char out[WEIR_SHA256_BYTES]) {
  memset(life, 0, sizeof *life);
  life->gateway.now_ms = START;
  weir_config config = config_of(life, fuzz_byte(&in));
  weir_sha256_begin(&life->hash);
  MUST(weir_engine_open(&life->engine, &config, NULL) == WEIR_OK);
  if (watched) open_watchers(life, config);
  for (int i = 0; i < STEPS_MAX && in.left; i++) step(life, &in);
  MUST(weir_commit(life->engine, NULL) == WEIR_OK);
  hand_over(life, true);
  if (watched) MUST(life->books.id_cnt == life->decided_cnt);
  weir_sha256_end(&life->hash, out);
  weir_verifier_close(life->books.verifier);
  weir_engine_close(life->dry);
  weir_engine_close(life->engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct life life;
  unsigned char one[WEIR_SHA256_BYTES], two[WEIR_SHA256_BYTES];
  live(&life, (struct fuzz_input){ data, size }, true, one);
  live(&life, (struct fuzz_input){ data, size }, false, two);
  MUST(memcmp(one, two, sizeof one) == 0);
  return 0;
}
