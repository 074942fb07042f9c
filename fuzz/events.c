/* events.c: a gateway's life, drawn from the input: events, some of them again, ticks, commits, hand-overs, a deadline that
 * strikes. It is lived twice, and a dry engine looks on. What must hold:
 *   an event never gets a second decision; every decision stands in one record, once; every record is good, in order;
 *   the second life gives the same bytes; the dry engine says the same each time and remembers nothing. */
#include "base/hash.h"
#include "base/json.h"
#include "fuzz.h"

/* RFC 8037 appendix A.1 */
#define PRIVATE \
  "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"," \
  "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"
#define START INT64_C(1763773200000)
#define STEPS_MAX 48
#define TEXT_MAX 256

static weir_ruleset *ruleset;
static weir_key *key;
static weir_keyset *keys;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  weir_error err;
  (void)argc, (void)argv;
  if (weir_ruleset_load(&ruleset, "fuzz/pack.lua", &(weir_load_config){ .struct_size = sizeof(weir_load_config) }, &err) != WEIR_OK) {
    fprintf(stderr, "fuzz/pack.lua:%u: %s\n", (unsigned)err.line, err.message);
    exit(1); /* run it in the project's folder */
  }
  MUST(weir_key_parse(&key, WEIR_STR(PRIVATE), NULL) == WEIR_OK);
  MUST(weir_keyset_parse(&keys, WEIR_STR(PRIVATE), NULL) == WEIR_OK);
  return 0;
}

/* ---- the events */

struct told {
  weir_event event;
  char id[8], text[TEXT_MAX];
  bool decided; /* it had its decision */
};

struct life {
  weir_engine *engine;
  weir_engine *dry;              /* NULL in the second life, and */
  weir_verifier *verifier;       /* this too: what they say is known */
  struct told told[STEPS_MAX];
  size_t told_cnt;
  int64_t now_ms;
  uint32_t strikes_in;           /* questions until the deadline strikes; 0: never */
  char last[TEXT_MAX];           /* what was said last: holds codes */
  char ids[STEPS_MAX * 9][WEIR_ID_CHARS]; /* of decisions in records */
  size_t id_cnt, decided_cnt;
  struct weir_sha256 hash;       /* of everything handed out */
};

static bool strikes(void *ctx) {
  struct life *life = ctx;
  return life->strikes_in && --life->strikes_in == 0;
}

static weir_str text_of(struct life *life, struct fuzz_input *in, char room[TEXT_MAX]) {
  static const char *const texts[] = { "求电子版", "I want the paper", "want 不要 paper", "stop", "again", "再",
                                       "human", "spin", "hello", "求 https://a.example 电子版" };
  uint8_t which = fuzz_byte(in);
  size_t len;
  if (which < 200) {
    len = (size_t)snprintf(room, TEXT_MAX, "%s", texts[which % (sizeof texts / sizeof texts[0])]);
  } else if (which < 230) {
    len = (size_t)snprintf(room, TEXT_MAX, "%s", life->last);
  } else {
    len = fuzz_byte(in) % 64;
    for (size_t i = 0; i < len; i++) room[i] = (char)fuzz_byte(in);
  }
  return (weir_str){ room, len };
}

static struct told *new_event(struct life *life, struct fuzz_input *in) {
  static const char *const types[] = { "comment", "comment", "message", "friend_request", "follow", "link", "echo", "x-vote" };
  static const weir_pair with[] = { { { "with", 4 }, { "douyin/papers/u1", 16 } } };
  static const char *const people[] = { "u1", "u2", "u3", "u" };
  struct told *told = &life->told[life->told_cnt++];
  uint8_t how = fuzz_byte(in), who = fuzz_byte(in);
  bool wechat = how & 16;
  *told = (struct told){ .decided = false };
  (void)snprintf(told->id, sizeof told->id, "e%zu", life->told_cnt);
  told->event = (weir_event){ .struct_size = sizeof told->event, .id = weir_str_of(told->id),
                              .channel = wechat ? WEIR_STR("wechat") : WEIR_STR("douyin"),
                              .account = wechat ? WEIR_STR("li") : WEIR_STR("papers"), .type = weir_str_of(types[how % 8]), .time_ms = life->now_ms,
                              .contact_id = weir_str_of(people[who % 4]), .contact_name = who & 16 ? WEIR_STR("{code}") : WEIR_STR("Lin"),
                              .post = who & 32 ? WEIR_STR("v1") : WEIR_STR("v2"), .mentioned = -1, .is_follower = -1 };
  if (how % 8 < 4) told->event.text = text_of(life, in, told->text);
  if (how % 8 == 5) {
    told->event.attrs = with;
    told->event.attr_cnt = 1;
  }
  return told;
}

/* ---- what is said of them */

static void look_at(struct life *life, const weir_verdict *v) {
  MUST(v->result <= WEIR_RESULT_UNDECIDED && v->action_cnt <= WEIR_ACTIONS_MAX && v->trace_cnt <= WEIR_TRACE_MAX);
  if (v->action_cnt) MUST(v->result == WEIR_RESULT_DECIDED && v->id.len == WEIR_ID_CHARS);
  for (size_t i = 0; i < v->action_cnt; i++) {
    MUST(v->actions[i].n == i + 1 && v->actions[i].json.len > 2);
    weir_str text = v->actions[i].text;
    if (text.len > 200) text.len = 200;
    if (text.len) (void)snprintf(life->last, sizeof life->last, "%.*s", WEIR_FMT(text));
  }
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
    said[i].status = weir_decide(life->dry, event, life->now_ms, &verdict, NULL);
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
  weir_status status = weir_decide(life->engine, &told->event, life->now_ms, &verdict, &err);
  if (!may_be(status)) fprintf(stderr, "%s: %s\n", weir_status_name(status), err.message);
  MUST(may_be(status));
  if (status != WEIR_OK) {
    MUST_SAY(status, err);
    MUST(verdict.action_cnt == 0);
    return;
  }
  look_at(life, &verdict);
  if (told->decided) MUST(verdict.result != WEIR_RESULT_DECIDED && verdict.action_cnt == 0);
  if (verdict.result == WEIR_RESULT_DECIDED) told->decided = true;
}

static void tick(struct life *life) {
  weir_verdict verdict;
  weir_error err = { .status = WEIR_OK };
  for (int i = 0; i < 8; i++) {
    int64_t due = weir_next_due(life->engine);
    weir_status status = weir_tick(life->engine, life->now_ms, &verdict, &err);
    MUST((status == WEIR_NONE) == (due > life->now_ms));
    if (status == WEIR_NONE) return;
    MUST(may_be(status));
    if (status != WEIR_OK) return;
    look_at(life, &verdict);
  }
}

/* ---- the records */

static void take_ids(struct life *life, weir_str claims) {
  static struct weir_json nodes[WEIR_RECORD_NODES_MAX];
  static char room[WEIR_PAYLOAD_MAX];
  struct weir_arena arena;
  size_t cnt;
  weir_arena_fixed(&arena, room, sizeof room);
  MUST(weir_json_read(claims, nodes, WEIR_RECORD_NODES_MAX, &arena, &cnt, NULL) == WEIR_OK && !weir_json_has_duplicates(nodes, 0));
  uint32_t list = weir_json_get(nodes, 0, WEIR_STR("decisions")), at = list + 1;
  MUST(list && nodes[list].kind == WEIR_JSON_ARRAY && nodes[list].cnt > 0);
  for (uint32_t i = 0; i < nodes[list].cnt; i++, at = nodes[at].next) {
    weir_str id = nodes[weir_json_get(nodes, at, WEIR_STR("id"))].str;
    MUST(id.len == WEIR_ID_CHARS && life->id_cnt < sizeof life->ids / sizeof life->ids[0]);
    for (size_t k = 0; k < life->id_cnt; k++) MUST(memcmp(life->ids[k], id.ptr, id.len) != 0);
    memcpy(life->ids[life->id_cnt++], id.ptr, id.len);
  }
}

static void verify(struct life *life, weir_str line) {
  weir_check check;
  weir_str claims;
  weir_error err;
  MUST(weir_verify_line(life->verifier, line, &check, &claims, &err) == WEIR_OK && check == WEIR_CHECK_GOOD);
  take_ids(life, claims);
}

static void hand_over(struct life *life, bool acknowledge) {
  weir_record record;
  weir_error err = { .status = WEIR_OK };
  while (true) {
    weir_status status = weir_next_record(life->engine, &record, &err);
    if (status == WEIR_NONE) return;
    MUST(status == WEIR_OK);
    weir_sha256_add(&life->hash, record.jws);
    if (life->verifier) verify(life, record.jws);
    weir_str aud = fuzz_copy(record.aud);
    if (acknowledge) MUST(weir_ack(life->engine, aud, record.seq, &err) == WEIR_OK);
    fuzz_drop(aud);
  }
}

/* ---- a life */

static void step(struct life *life, struct fuzz_input *in) {
  static const int64_t waits[] = { 0, 1, 1000, 31000, 600000, 3600000, INT64_C(86400000), INT64_C(200) * 86400000 };
  uint8_t what = fuzz_byte(in);
  struct told *told;
  switch (what % 8) {
    case 0: case 1: case 2:
      told = new_event(life, in);
      if (life->dry) ask_dry(life, &told->event);
      decide(life, told);
      break;
    case 3:
      if (life->told_cnt) decide(life, &life->told[fuzz_byte(in) % life->told_cnt]);
      break;
    case 4:
      life->now_ms += waits[what / 8 % 7];
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
  weir_verify_config checks = { .struct_size = sizeof checks, .keys = keys };
  config.dry = config.trace = true;
  config.deadline = NULL; /* it must not take strikes from the other */
  MUST(weir_engine_open(&life->dry, &config, NULL) == WEIR_OK);
  MUST(weir_verifier_open(&life->verifier, &checks, NULL) == WEIR_OK);
}

static void live(struct life *life, struct fuzz_input in, bool watched, unsigned char out[WEIR_SHA256_BYTES]) {
  memset(life, 0, sizeof *life);
  life->now_ms = START;
  weir_config config = config_of(life, fuzz_byte(&in));
  weir_sha256_begin(&life->hash);
  MUST(weir_engine_open(&life->engine, &config, NULL) == WEIR_OK);
  if (watched) open_watchers(life, config);
  for (int i = 0; i < STEPS_MAX && in.left; i++) step(life, &in);
  MUST(weir_commit(life->engine, NULL) == WEIR_OK);
  hand_over(life, true);
  if (watched) MUST(life->id_cnt == life->decided_cnt);
  weir_sha256_end(&life->hash, out);
  weir_verifier_close(life->verifier);
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
