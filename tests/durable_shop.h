/* durable_shop.h: a shop for the tests of power cuts and crashes: its rules, and an endless day of events that touch everything
 * a state holds: claims, tags, stages, pools, codes, counters, timers, joins, opt-outs, outcomes with retries.
 *
 * Event number i is a function of seed and i alone, outcomes included: a decision's id is a hash of chain and event. So any
 * part of the day can be given again, and two runs can be compared. */
#ifndef WEIR_TESTS_DURABLE_SHOP_H
#define WEIR_TESTS_DURABLE_SHOP_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "limits.h"
#include "model/event.h"

#define SHOP_T0 INT64_C(1795309200000) /* 2026-11-22 */
#define SHOP_CHAIN "shop"

static const char shop_rules[] =
  "pack { name = 'shop', version = '1' }\n"
  "account 'douyin/papers' {}\n"
  "account 'douyin/books' {}\n"
  "account 'wechat/tutor' {}\n"
  "funnel 'f' { stages = { 'asked', 'added', 'done' }, goal = 'done' }\n"
  "pool 'ids' { 'a_one', 'b_two', per_day = 40 }\n"
  "rule 'stop' { on = { 'comment', 'message' }, priority = 9, keywords = { 'stop' }, mode = 'equal', opt_out = true, message = 'you will not hear from us' }\n"
  "rule 'ask' { on = 'comment', match = [[want.{0,8}paper]], once = 'post',\n"
  "  reply = { 'yes, {person.name|friend}', 'I have it', 'look at your messages' }, follow = { after = '10s..20s' },\n"
  "  message = 'add {pool.ids} and write {code}: you said {match}', tag = 'asked',\n"
  "  stage = 'f/asked', set = { city = '{event.post}' }, incr = { asked = 1 } }\n"
  "rule 'price' { on = 'message', keywords = { 'price' }, cooldown = '1h', message = { 'ten a month', after = '30s..90s' }, incr = { prices = 1 } }\n"
  "rule 'added' { on = 'friend_request', stage_is = { 'f/asked', 'none' }, run = function(e)\n"
  "  e:accept()\n"
  "  e:deliver { file = 'paper.pdf', text = 'here, ' .. (e.person.name or 'friend') }\n"
  "  e:stage('f/added')\n"
  "  e:after('1h', 'later')\n"
  "end }\n"
  "rule 'later' { on = 'timer', message = 'was it of use?', stage = 'f/done' }\n";

/* RFC 8037 appendix A.1: a key that everybody knows, and its public half. */
static const char shop_jwk[] =
  "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";
static const char shop_public[] = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";

struct shop {
  uint64_t seed;
  uint64_t persons; /* how many there are */
  int64_t step_ms;  /* from one event to the next */
};

/* splitmix64: the n-th number of a seed. */
static inline uint64_t shop_random(uint64_t seed, uint64_t n) {
  uint64_t x = seed * UINT64_C(0xd1342543de82ef95) + (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
  return x ^ (x >> 31);
}

static inline int64_t shop_time(const struct shop *s, uint64_t i) { return SHOP_T0 + (int64_t)i * s->step_ms; }

enum shop_kind { SHOP_ASK, SHOP_CHAT, SHOP_PRICE, SHOP_FRIEND, SHOP_LINK, SHOP_STOP, SHOP_OUTCOME };

static inline enum shop_kind shop_kind(const struct shop *s, uint64_t i) {
  uint64_t r = shop_random(s->seed, 2 * i) % 100;
  return r < 45 ? SHOP_ASK : r < 55 ? SHOP_CHAT : r < 65 ? SHOP_PRICE : r < 72 ? SHOP_FRIEND : r < 75 ? SHOP_LINK : r < 77 ? SHOP_STOP : SHOP_OUTCOME;
}

static inline const char *shop_type(enum shop_kind kind) {
  return kind == SHOP_ASK || kind == SHOP_CHAT ? "comment" : kind == SHOP_PRICE || kind == SHOP_STOP ? "message" : kind == SHOP_FRIEND ? "friend_request" : "link";
}

static inline const char *shop_account(enum shop_kind kind, uint64_t person) {
  if (kind == SHOP_FRIEND || kind == SHOP_LINK) return "tutor";
  return person % 3 ? "papers" : "books";
}
static inline const char *shop_channel(enum shop_kind kind) { return kind == SHOP_FRIEND || kind == SHOP_LINK ? "wechat" : "douyin"; }

static inline uint64_t shop_person(const struct shop *s, uint64_t i) { return shop_random(s->seed, 2 * i + 1) % s->persons; }

/* The id of the decision that event number i leads to, if it leads to one. */
static inline void shop_decision(const struct shop *s, uint64_t i, char id[WEIR_ID_CHARS + 1]) {
  enum shop_kind kind = shop_kind(s, i);
  unsigned char identity[WEIR_ID_BYTES], hash[WEIR_ID_BYTES];
  char name[32];
  snprintf(name, sizeof name, "e%" PRIu64, i);
  weir_event event = { .channel = weir_str_of(shop_channel(kind)), .account = weir_str_of(shop_account(kind, shop_person(s, i))),
                       .type = weir_str_of(shop_type(kind)), .id = weir_str_of(name) };
  weir_event_identity(&event, identity);
  const weir_str parts[] = { WEIR_STR(SHOP_CHAIN), { (const char *)identity, sizeof identity }, WEIR_STR("0") };
  weir_id_hash((weir_str){ NULL, 0 }, parts, 3, hash);
  id[weir_base64url(hash, sizeof hash, id)] = '\0';
}

/* What became of an action of one of the two hundred events before. */
static inline size_t shop_outcome(const struct shop *s, uint64_t i, char *out, size_t cap) {
  static const char *const words[] = { "\"sent\"", "\"rejected\"", "\"rejected\",\"retry_after\":60", "\"unconfirmed\"" };
  uint64_t r = shop_random(s->seed ^ 1, i), back = 1 + r % 200, of = i > back ? i - back : 0;
  while (of > 0 && shop_kind(s, of) == SHOP_OUTCOME) of--;
  char id[WEIR_ID_CHARS + 1];
  enum shop_kind kind = shop_kind(s, of);
  shop_decision(s, of, id);
  int len = snprintf(out, cap, "{\"id\":\"e%" PRIu64 "\",\"time\":%" PRId64 ",\"channel\":\"%s\",\"account\":\"%s\",\"type\":\"outcome\",\"decision\":\"%s\","
                     "\"n\":%u,\"status\":%s,\"platform_id\":\"p%" PRIu64 "\"}", i, shop_time(s, i), shop_channel(kind),
                     shop_account(kind, shop_person(s, of)), id, (unsigned)(1 + r / 256 % 3), words[r / 1024 % 4], i);
  return (size_t)len;
}

/* Event number i as JSON; returns its length. */
static inline size_t shop_event(const struct shop *s, uint64_t i, char *out, size_t cap) {
  static const char *const texts[] = { "I want this paper", "nice", "what is the price?", "hello", "", "stop" };
  enum shop_kind kind = shop_kind(s, i);
  if (kind == SHOP_OUTCOME) return shop_outcome(s, i, out, cap);
  uint64_t person = shop_person(s, i);
  char with[96] = "";
  if (kind == SHOP_LINK) snprintf(with, sizeof with, ",\"attrs\":{\"with\":\"douyin/%s/u%" PRIu64 "\"}", shop_account(SHOP_ASK, person), person);
  int len = snprintf(out, cap, "{\"id\":\"e%" PRIu64 "\",\"time\":%" PRId64 ",\"channel\":\"%s\",\"account\":\"%s\",\"type\":\"%s\",\"contact\":{\"id\":\"u%" PRIu64
                     "\",\"name\":\"Lin %" PRIu64 "\"},\"text\":\"%s\",\"post\":\"v%" PRIu64 "\"%s}", i, shop_time(s, i), shop_channel(kind),
                     shop_account(kind, person), shop_type(kind), person, person, texts[kind], shop_random(s->seed ^ 2, i) % 60, with);
  return (size_t)len;
}

#endif
