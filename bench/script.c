/* What scripts cost: handlers, building the state, and the slowest hostile script. Tables to the terminal, JSON to
 * build/bench/script.json (or the file named first on the command line). Times are the best of several rounds. */
#include <errno.h>
#include <sys/stat.h>
#include <time.h>

#include "../tests/attack_files.h"
#include "../tests/script_support.h"
#include "script/object.h"

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static const struct {
  const char *name, *code;
} handlers[] = {
  { "H1: three verbs, constant texts", "e:reply('have it') e:follow() e:tag('wants')" },
  { "H2: fields, two concats, three verbs", "e:reply('hi ' .. e.text) e:tag('wants ' .. e.match[1]) e:message(e.contact.name)" },
  { "H3: lower, find, format", "if e.text:lower():find('link', 1) then e:reply(string.format('%s %d', e.text, 5)) e:follow() e:tag('x') end" },
  { "H4: 1000 iterations", "local x = 0 for i = 1, 1000 do x = x + i end" },
  { "nothing", "" },
};

static double run_handler(const char *code, uint64_t *steps) {
  char source[1024];
  struct support *s;
  double best = 1e18;
  snprintf(source, sizeof source, "return function(e) %s\nend", code);
  s = support_open(source);
  if (!s) exit(1);
  for (int round = 0; round < 20; round++) {
    double t = now_ns();
    for (int i = 0; i < 1000; i++) (void)support_run(s, 0);
    t = (now_ns() - t) / 1000;
    if (t < best) best = t;
  }
  *steps = s->run.steps;
  support_close(s);
  return best;
}

/* The run after a kill, less what it takes otherwise (the best of each): building the state anew, with 960 handlers known. */
static double rebuild(void) {
  struct support *s;
  char *source = malloc(1000 * 64);
  size_t n = 0;
  double best_with = 1e18, best_without = 1e18;
  if (!source) exit(1);
  n += (size_t)snprintf(source, 16, "return ");
  /* A call takes at most 250 values, so the list is given in parts. */
  for (int i = 0; i < 240; i++) n += (size_t)snprintf(source + n, 64, "%sfunction(e) e:reply('text %d') end", i ? ", " : "", i);
  s = support_open(source);
  if (!s) exit(1);
  for (int part = 1; part < 4; part++) (void)support_load_run(s->load, source);
  for (int round = 0; round < 200; round++) {
    double with, without;
    s->script->stale = true;
    with = now_ns();
    (void)support_run(s, 0);
    with = now_ns() - with;
    without = now_ns();
    (void)support_run(s, 0);
    without = now_ns() - without;
    if (with < best_with) best_with = with;
    if (without < best_without) best_without = without;
  }
  support_close(s);
  free(source);
  return best_with - best_without;
}

static double attack(const char *code) {
  static char source[65536];
  struct support *s;
  struct support_load *load = support_load_open(1u << 20, 1000000);
  double best = 1e18;
  bool loads;
  snprintf(source, sizeof source, "return function(e) %s\nend", code);
  loads = support_load_run(load, source) == WEIR_SANDBOX_DONE;
  support_load_close(load);
  s = loads ? support_open(source) : NULL;
  if (!s) return 0; /* refused when loaded */
  for (int i = 0; i < 3; i++) {
    double t = now_ns();
    (void)support_run(s, 0);
    t = now_ns() - t;
    if (t < best) best = t;
  }
  support_close(s);
  return best;
}

int main(int argc, char **argv) {
  const char *path = argc > 1 ? argv[1] : "build/bench/script.json";
  double worst = 0, build = rebuild();
  const char *name = "";
  struct attacks attacks = attacks_own();
  FILE *json;
  if (argc <= 1 && ((mkdir("build", 0777) != 0 && errno != EEXIST) || (mkdir("build/bench", 0777) != 0 && errno != EEXIST))) return 1;
  json = fopen(path, "w");
  if (!json) return 1;
  fprintf(json, "{\"handlers\":[");
  for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++) {
    uint64_t steps;
    double ns = run_handler(handlers[i].code, &steps);
    printf("%-42s %8.0f ns  %6llu steps\n", handlers[i].name, ns, (unsigned long long)steps);
    fprintf(json, "%s{\"name\":\"%s\",\"ns\":%.0f,\"steps\":%llu}", i ? "," : "", handlers[i].name, ns, (unsigned long long)steps);
  }
  printf("%-42s %8.1f us\n", "state built anew, 960 handlers", build / 1e3);
  for (size_t i = 0; i < attacks.cnt; i++) {
    double ns = attack(attacks.items[i].code);
    if (ns > worst) {
      worst = ns;
      name = attacks.items[i].name;
    }
  }
  printf("%-42s %8.2f ms  (%s)\n", "slowest hostile script", worst / 1e6, name);
  fprintf(json, "],\"rebuild_us\":%.1f,\"worst_attack_ms\":%.2f,\"worst_attack\":\"%s\",\"attacks\":%zu,\"block_bytes\":%zu}\n", build / 1e3,
          worst / 1e6, name, attacks.cnt, weir_script_bytes());
  attacks_free(&attacks);
  return fclose(json) == 0 ? 0 : 1;
}
