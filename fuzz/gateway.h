/* gateway.h: what the targets that live a gateway's life share: the rules of pack.lua, a key, events drawn from the input, and what must
 * hold of the records. Included by one file of a program. */
#ifndef WEIR_FUZZ_GATEWAY_H
#define WEIR_FUZZ_GATEWAY_H

#include "base/hash.h"
#include "base/json.h"
#include "fuzz.h"
#include "text/utf8.h"

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

static void gateway_load(void) {
  weir_error err;
  if (weir_ruleset_load(&ruleset, "fuzz/pack.lua", &(weir_load_config){ .struct_size = sizeof(weir_load_config) }, &err) != WEIR_OK) {
    fprintf(stderr, "fuzz/pack.lua:%u: %s\n", (unsigned)err.line, err.message);
    exit(1); /* run it in the project's folder */
  }
  MUST(weir_key_parse(&key, WEIR_STR(PRIVATE), NULL) == WEIR_OK);
  MUST(weir_keyset_parse(&keys, WEIR_STR(PRIVATE), NULL) == WEIR_OK);
}

/* ---- the events */

struct told {
  weir_event event;
  char id[8], text[TEXT_MAX];
  bool decided; /* it had its decision */
};

struct gateway {
  struct told told[STEPS_MAX];
  size_t told_cnt;
  int64_t now_ms;
  char last[TEXT_MAX]; /* what was said last: holds codes */
};

static weir_str text_of(struct gateway *g, struct fuzz_input *in, char room[TEXT_MAX]) {
  static const char *const texts[] = { "求电子版", "I want the paper", "want 不要 paper", "stop", "again", "再",
                                       "human", "spin", "hello", "求 https://a.example 电子版" };
  uint8_t which = fuzz_byte(in);
  size_t len;
  if (which < 200) {
    len = (size_t)snprintf(room, TEXT_MAX, "%s", texts[which % (sizeof texts / sizeof texts[0])]);
  } else if (which < 230) {
    len = (size_t)snprintf(room, TEXT_MAX, "%s", g->last);
  } else {
    len = fuzz_byte(in) % 64;
    for (size_t i = 0; i < len; i++) room[i] = (char)fuzz_byte(in);
  }
  return (weir_str){ room, len };
}

static struct told *new_event(struct gateway *g, struct fuzz_input *in) {
  static const char *const types[] = { "comment", "comment", "message", "friend_request", "follow", "link", "echo", "x-vote" };
  static const weir_pair with[] = { { { "with", 4 }, { "douyin/papers/u1", 16 } } };
  static const char *const people[] = { "u1", "u2", "u3", "u" };
  struct told *told = &g->told[g->told_cnt++];
  uint8_t how = fuzz_byte(in), who = fuzz_byte(in);
  bool wechat = how & 16;
  *told = (struct told){ .decided = false };
  (void)snprintf(told->id, sizeof told->id, "e%zu", g->told_cnt);
  told->event = (weir_event){ .struct_size = sizeof told->event, .id = weir_str_of(told->id),
                              .channel = wechat ? WEIR_STR("wechat") : WEIR_STR("douyin"),
                              .account = wechat ? WEIR_STR("li") : WEIR_STR("papers"), .type = weir_str_of(types[how % 8]), .time_ms = g->now_ms,
                              .contact_id = weir_str_of(people[who % 4]), .contact_name = who & 64 ? (weir_str){ NULL, 0 } : who & 16 ? WEIR_STR("{code}") : WEIR_STR("Lin"),
                              .post = who & 32 ? WEIR_STR("v1") : WEIR_STR("v2"), .mentioned = -1, .is_follower = -1 };
  if (how % 8 < 4) told->event.text = text_of(g, in, told->text);
  if (how % 8 == 5) {
    told->event.attrs = with;
    told->event.attr_cnt = 1;
  }
  return told;
}

static void wait_for(struct gateway *g, uint8_t which) {
  static const int64_t waits[] = { 0, 1, 1000, 31000, 600000, 3600000, INT64_C(86400000), INT64_C(200) * 86400000 };
  g->now_ms += waits[which % 7];
}

/* What any verdict is like; keeps what was said last. */
static void look_at(struct gateway *g, const weir_verdict *v) {
  MUST(v->result <= WEIR_RESULT_UNDECIDED && v->action_cnt <= WEIR_ACTIONS_MAX && v->trace_cnt <= WEIR_TRACE_MAX);
  if (v->action_cnt) MUST(v->result == WEIR_RESULT_DECIDED && v->id.len == WEIR_ID_CHARS);
  for (size_t i = 0; i < v->action_cnt; i++) {
    MUST(v->actions[i].n == i + 1 && v->actions[i].json.len > 2 && weir_utf8_valid(v->actions[i].json) == v->actions[i].json.len);
    weir_str text = v->actions[i].text;
    if (text.len > 200) text.len = 200;
    if (text.len) (void)snprintf(g->last, sizeof g->last, "%.*s", WEIR_FMT(text));
  }
}

/* ---- the records */

struct books {
  weir_verifier *verifier;
  char ids[STEPS_MAX * 9][WEIR_ID_CHARS]; /* of decisions in records */
  size_t id_cnt;
};

static void books_open(struct books *books) {
  weir_verify_config checks = { .struct_size = sizeof checks, .keys = keys };
  MUST(weir_verifier_open(&books->verifier, &checks, NULL) == WEIR_OK);
}

static void books_take_ids(struct books *books, weir_str claims) {
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
    MUST(id.len == WEIR_ID_CHARS && books->id_cnt < sizeof books->ids / sizeof books->ids[0]);
    for (size_t k = 0; k < books->id_cnt; k++) MUST(memcmp(books->ids[k], id.ptr, id.len) != 0);
    memcpy(books->ids[books->id_cnt++], id.ptr, id.len);
  }
}

/* The next record of its account, good, with decisions that no record had before; or one that came before, with the same bytes. */
static void books_enter(struct books *books, weir_str line, bool may_come_again) {
  weir_check check;
  weir_str claims;
  weir_error err;
  MUST(weir_verify_line(books->verifier, line, &check, &claims, &err) == WEIR_OK);
  if (may_come_again && check == WEIR_CHECK_REDELIVERED) return;
  MUST(check == WEIR_CHECK_GOOD);
  books_take_ids(books, claims);
}

#endif
