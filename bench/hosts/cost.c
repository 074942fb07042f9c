/* cost.c (bench/hosts): the decision itself, without a host: what cost.py, cost.mjs and cost_test.go are compared with. The same event,
 * as often: it fires nothing. Processor time of a call in microseconds: deciding, and deciding with the verdict as JSON.
 *
 *   cost RULES CALLS */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <weir.h>

static double cpu_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int main(int argc, char **argv) {
  static const char event[] = "{\"id\":\"c1\",\"time\":1795309200000,\"channel\":\"douyin\",\"account\":\"papers\",\"type\":\"comment\","
                              "\"contact\":{\"id\":\"u1\",\"name\":\"Lin\"},\"text\":\"nice video\",\"post\":\"v1\"}";
  static char json[WEIR_VERDICT_JSON_BYTES];
  weir_ruleset *rules;
  weir_engine *engine;
  weir_verdict verdict;
  weir_key *key;
  weir_error err;
  size_t len = 0;
  double took[2];
  if (argc != 3 || weir_ruleset_load(&rules, argv[1], NULL, &err) || weir_key_generate(&key, NULL, &err)) return 2;
  weir_config config = { .struct_size = sizeof config, .ruleset = rules, .key = key };
  if (weir_engine_open(&engine, &config, &err)) return 2;
  int calls = atoi(argv[2]);
  for (int with_json = 0; with_json < 2; with_json++) {
    double began = cpu_us();
    for (int i = 0; i < calls; i++) {
      if (weir_decide_json(engine, (weir_str){ event, sizeof event - 1 }, 1795309200000, &verdict, &err) < 0) return 2;
      if (with_json && weir_verdict_json(&verdict, json, sizeof json, &len, &err) < 0) return 2;
    }
    took[with_json] = (cpu_us() - began) / calls;
  }
  printf("%.3f %.3f\n", took[0], took[1]);
  weir_engine_close(engine);
  weir_key_free(key);
  weir_ruleset_free(rules);
  return 0;
}
