/* decisions.c (bench/instructions): what one decision is, for a machine whose instructions are counted: tools/instructions.py starts this
 * program for arm64 under an emulator, halts it where measured() begins, and counts until that returns. So nothing here is timed, and
 * what is counted does not depend on the machine that counts.
 *
 * The state is in memory, so that no system call is among it: 1,000 rules out of the seeded generator (tests/match_rules.h), and one
 * like those that packs have. Each kind of decision was made some times before, so that nothing is done for the first time. */
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../tests/match_rules.h"
#include "weir.h"

#define RULES 1000
#define WARM 40 /* times before, below a group's 64 */
#define NOW INT64_C(1795309200000)

static void die(const char *what, const char *why) {
  fprintf(stderr, "bench/instructions: %s: %s\n", what, why);
  exit(2);
}

static weir_error err;
static void ok(weir_status st, const char *what) {
  if (st) die(what, err.message);
}

static weir_engine *engine;
static weir_verdict verdict;
static char line[1024];

/* What is counted: its name is looked up in the program. */
__attribute__((noinline)) void measured(weir_str json);
void measured(weir_str json) { ok(weir_decide_json(engine, json, NOW, &verdict, &err), "decide"); }

static void write_rules(const char *path) {
  struct rule_maker maker = { UINT64_C(20261122) };
  FILE *f = fopen(path, "w");
  if (!f) die(path, "cannot be written");
  fprintf(f, "pack { name = 'test-papers', version = '1.0.0' }\nfunnel 'papers' { stages = { 'asked', 'added' }, goal = 'added' }\n"
             "rule 'ask' { on = { 'comment', 'message' }, keywords = { '电子版' }, once = 'post', reply = '有的，私信你了', tag = 'wants:paper', stage = 'papers/asked' }\n");
  for (int i = 0; i < RULES; i++) {
    struct made_rule r;
    rule_make(&maker, &r);
    fprintf(f, "rule 'r%d' { on = { 'comment', 'message' }, reply = 'seen', ", i);
    if (r.keyword_cnt == 0) fprintf(f, "match = [==[%s]==] }\n", r.regex);
    for (int k = 0; k < r.keyword_cnt; k++) fprintf(f, "%s\"%s\"%s", k ? ", " : "keywords = { ", r.keywords[k], k + 1 < r.keyword_cnt ? "" : " } }\n");
  }
  if (fclose(f) != 0) die(path, "cannot be written");
}

struct kind {
  const char *channel, *type, *text;
  bool fires;
};

/* The number stands in ids of equal length. */
static void decide(const struct kind *kind, int number, bool counts) {
  int len = snprintf(line, sizeof line,
                     "{\"id\":\"74012388%06d\",\"time\":\"2026-11-22T09:00:00+08:00\",\"channel\":\"%s\",\"account\":\"papers\",\"type\":\"%s\","
                     "\"contact\":{\"id\":\"u_%06d\",\"name\":\"Lin Wei\"},\"text\":\"%s\",\"post\":\"v_18012345678901234\"}",
                     number, kind->channel, kind->type, number, kind->text);
  if (len < 0 || (size_t)len >= sizeof line) die("event", "is too long");
  if (counts) measured((weir_str){ line, (size_t)len });
  else ok(weir_decide_json(engine, (weir_str){ line, (size_t)len }, NOW, &verdict, &err), "decide");
  if ((verdict.result == WEIR_RESULT_DECIDED) != kind->fires) die(kind->text, kind->fires ? "does not fire" : "fires");
}

/* In the order of the counts in arm64.txt. */
static const struct kind kinds[] = {
  { "douyin", "comment", "这个很好看，老师讲得真清楚", false },
  { "douyin", "comment", "The best teacher ever, greetings from Lima", false },
  { "wechat_oa", "message", "这个很好看，老师讲得真清楚", false }, /* a channel with windows */
  { "douyin", "comment", "求电子版，谢谢老师", true },
};

int main(int argc, char **argv) {
  static const char jwk[] = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
                            "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"; /* RFC 8037: known to everybody */
  weir_ruleset *rules;
  weir_key *key;
  int number = 0;
  if (argc != 2) die("usage", "decisions RULEFILE (it is written)");
  write_rules(argv[1]);
  ok(weir_ruleset_load(&rules, argv[1], NULL, &err), "rules");
  (void)unlink(argv[1]);
  ok(weir_key_parse(&key, (weir_str){ jwk, sizeof jwk - 1 }, &err), "key");
  weir_config config = { .struct_size = sizeof config, .ruleset = rules, .key = key, .state = ":memory:", .batch = true, .chain = { "count", 5 } };
  ok(weir_engine_open(&engine, &config, &err), "open");
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    for (int i = 0; i <= WARM; i++) decide(&kinds[k], number++, i == WARM);
  }
  weir_engine_close(engine);
  weir_key_free(key);
  weir_ruleset_free(rules);
  return 0;
}
