/* attack.c: make attack. Whatever is hostile, by the public way in: scripts as handlers and as rule files, patterns, packs,
 * templates. Each ends within its budget, the next event gets the answer that it gets without the attack, nothing of it
 * stays. The budget is asserted in counts: the engine asks its deadline once in so much work, and how often it asks is the
 * same on every machine. Times are printed, for people.
 *
 * Speaks TAP, a line for each family; ends with 1 when something failed. SHOW=1 names every attack with its time.
 * The scripts: tests/attacks, and the shared ones when they are there (WEIR_SHARED). Run it in the project's folder. */
#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>

#include "attack_files.h"
#include "limits.h"
#include "weir.h"

#define S(literal) ((weir_str){ (literal), sizeof(literal) - 1 })
#define NOW INT64_C(1795309200000)
#define SLOWEST 5

/* An event may use the scripts' budget once for each handler that runs, and the patterns' once; a question is asked at least
 * after so much work, and each rule may add one. */
#define ASKS_MAX (WEIR_SCRIPT_STEPS / WEIR_SCRIPT_ASK_STEPS + WEIR_MATCH_EVENT_STEPS / WEIR_MATCH_DEADLINE_STEPS + 32)

static const char jwk[] =
  "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";

static weir_key *key;
static char folder[] = "/tmp/weir-attack-XXXXXX";
static unsigned tests, passed, failed, wrong_cnt;
static double slowest[SLOWEST];
static char slowest_name[SLOWEST][80];

static double now_ms(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void wrong(const char *name, const char *format, ...) {
  va_list args;
  printf("# %s: ", name);
  va_start(args, format);
  vprintf(format, args);
  va_end(args);
  putchar('\n');
  wrong_cnt++;
}

static void took(const char *name, double ms) {
  if (getenv("SHOW")) printf("#   %8.3f ms  %s\n", ms, name);
  for (int i = 0; i < SLOWEST; i++) {
    if (ms <= slowest[i]) continue;
    memmove(&slowest[i + 1], &slowest[i], (size_t)(SLOWEST - 1 - i) * sizeof slowest[0]);
    memmove(&slowest_name[i + 1], &slowest_name[i], (size_t)(SLOWEST - 1 - i) * sizeof slowest_name[0]);
    slowest[i] = ms;
    (void)snprintf(slowest_name[i], sizeof slowest_name[i], "%s", name);
    return;
  }
}

static void family(const char *name, unsigned cnt) {
  tests++;
  if (wrong_cnt) failed++;
  else passed++;
  printf("%sok %u - attack: %s, %u tried\n", wrong_cnt ? "not " : "", tests, name, cnt);
  for (int i = 0; i < SLOWEST && slowest[i] > 0; i++) printf("#   %8.3f ms  %s\n", slowest[i], slowest_name[i]);
  memset(slowest, 0, sizeof slowest);
  wrong_cnt = 0;
}

/* ---- Rules and events */

static bool write_file(const char *name, const char *text, size_t len) {
  char path[256];
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen(path, "w");
  if (!f) return false;
  bool good = fwrite(text, 1, len, f) == len;
  return fclose(f) == 0 && good;
}

/* NULL: it was refused, and *err says so. */
static weir_ruleset *load(const char *name, const char *text, weir_error *err) {
  weir_ruleset *rules = NULL;
  char path[256];
  memset(err, 0, sizeof *err);
  if (!write_file("rules.lua", text, strlen(text))) {
    printf("Bail out! %s: %s\n", folder, strerror(errno));
    exit(2);
  }
  (void)snprintf(path, sizeof path, "%s/rules.lua", folder);
  double start = now_ms();
  weir_status st = weir_ruleset_load(&rules, path, NULL, err);
  start = now_ms() - start;
  if (name) took(name, start);
  if (name && st && st != WEIR_E_RULES && st != WEIR_E_LIMIT && st != WEIR_E_NOMEM) wrong(name, "loading says %s: %s", weir_status_name(st), err->message);
  if (name && st && (!err->message[0] || rules)) wrong(name, "refused without a word");
  return rules;
}

struct counted {
  unsigned asks;
};

static bool count_asks(void *ctx) {
  struct counted *counted = ctx;
  counted->asks++;
  return false;
}

static weir_engine *open_engine(const weir_ruleset *rules, struct counted *counted) {
  weir_config config = { .struct_size = sizeof config, .ruleset = rules, .key = key, .chain = S("attack"), .deadline = count_asks, .deadline_ctx = counted };
  weir_engine *engine = NULL;
  weir_error err;
  if (weir_engine_open(&engine, &config, &err)) {
    printf("Bail out! %s\n", err.message);
    exit(2);
  }
  return engine;
}

static weir_status tell(weir_engine *engine, const char *id, const char *name, weir_str text, weir_verdict *verdict) {
  weir_event e = { .struct_size = sizeof e, .id = { id, strlen(id) }, .channel = S("douyin"), .account = S("papers"), .type = S("comment"),
                   .time_ms = NOW, .contact_id = { id, strlen(id) }, .contact_name = { name, strlen(name) }, .text = text, .post = S("v1"),
                   .mentioned = -1, .is_follower = -1 };
  weir_error err;
  return weir_decide(engine, &e, NOW, verdict, &err);
}

/* What the events behind the attack are answered, as one text. */
static bool answers(weir_engine *engine, char *out, size_t cap) {
  static const char *const ids[] = { "probe", "plain", "probe again" };
  weir_verdict v;
  size_t len = 0;
  out[0] = '\0';
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    if (tell(engine, ids[i], "Lin", i == 1 ? S("plain") : S("probe"), &v) || v.result != WEIR_RESULT_DECIDED) return false;
    for (size_t a = 0; a < v.action_cnt; a++) {
      int n = snprintf(out + len, cap - len, "%.*s\n", (int)v.actions[a].json.len, v.actions[a].json.ptr);
      if (n < 0 || (size_t)n >= cap - len) return false;
      len += (size_t)n;
    }
  }
  return len > 0;
}

static const char others[] =
  "funnel 'f' { stages = { 'a', 'b' } }\n"
  "rule 'probe' { on = 'comment', keywords = { 'probe' }, run = function(e)\n"
  "  assert(LEAK == nil and PRE == nil and SHARED == nil and PRE_CO == nil and string.x == nil and #string == 0)\n"
  "  assert(('x'):upper() == 'X' and table.concat({ 1, 2 }) == '12' and e.text == 'probe' and e.account == 'papers')\n"
  "  local keys = {} for k in pairs({ b = 1, a = 2, 3 }) do keys[#keys + 1] = k end\n"
  "  e:reply(math.random(1 << 40) .. ' ' .. table.concat(keys, ' ') .. ' ' .. tostring({})) e:tag('probed') end }\n"
  "rule 'plain' { on = 'comment', keywords = { 'plain' }, reply = { 'one {person.name}', 'two {person.name}' }, stage = 'f/a' }\n";

static char expected[4096];

/* After `text` the others are answered as always. `counted` was given to the engine. */
static void attack_event(weir_engine *engine, struct counted *counted, const char *name, weir_str text) {
  weir_verdict v;
  char said[sizeof expected];
  counted->asks = 0;
  double start = now_ms();
  weir_status st = tell(engine, "attack", "Lin", text, &v);
  took(name, now_ms() - start);
  if (counted->asks > ASKS_MAX) wrong(name, "asked the deadline %u times: more than %u", counted->asks, (unsigned)ASKS_MAX);
  if (st) wrong(name, "the event was refused: %s", weir_status_name(st));
  if (!st && v.result == WEIR_RESULT_UNDECIDED && v.action_cnt) wrong(name, "undecided, and acts");
  if (!st && (v.result == WEIR_RESULT_UNDECIDED) != v.limit && !v.action_cnt) wrong(name, "a limit struck, and it is not said");
  if (!answers(engine, said, sizeof said)) wrong(name, "the next event fails");
  else if (strcmp(said, expected) != 0) wrong(name, "the next event is answered otherwise:\n%s# expected:\n%s", said, expected);
}

static void expect(void) {
  struct counted counted = { 0 };
  weir_error err;
  char text[4096];
  (void)snprintf(text, sizeof text, "rule 'attack' { on = 'comment', keywords = { 'attack' }, reply = 'x' }\n%s", others);
  weir_ruleset *rules = load(NULL, text, &err);
  if (!rules) {
    printf("Bail out! %u: %s\n", (unsigned)err.line, err.message);
    exit(2);
  }
  weir_engine *engine = open_engine(rules, &counted);
  weir_verdict v;
  if (tell(engine, "attack", "Lin", S("attack"), &v) || !answers(engine, expected, sizeof expected)) {
    printf("Bail out! the probes are not answered\n");
    exit(2);
  }
  weir_engine_close(engine);
  weir_ruleset_free(rules);
}

/* ---- Scripts */

static char *around(const char *head, const char *code, const char *tail) {
  size_t len = strlen(head) + strlen(code) + strlen(tail) + 1;
  char *text = malloc(len);
  if (!text) abort();
  (void)snprintf(text, len, "%s%s%s", head, code, tail);
  return text;
}

static void attack_rules(const char *name, const char *text, weir_str event) {
  weir_error err;
  struct counted counted = { 0 };
  weir_ruleset *rules = load(NULL, text, &err);
  if (!rules) return; /* refused when loaded: never on the event path */
  weir_engine *engine = open_engine(rules, &counted);
  attack_event(engine, &counted, name, event);
  weir_engine_close(engine);
  weir_ruleset_free(rules);
}

static void handlers(const struct attacks *list) {
  for (size_t i = 0; i < list->cnt; i++) {
    char *text = around("rule 'attack' { on = 'comment', keywords = { 'attack' }, run = function(e)\n", list->items[i].code, "\nend }\n");
    char *whole = around(text, others, "");
    attack_rules(list->items[i].name, whole, S("attack"));
    free(whole);
    free(text);
  }
  family("scripts as handlers", (unsigned)list->cnt);
}

static void rule_files(const struct attacks *list) {
  weir_error err;
  for (size_t i = 0; i < list->cnt; i++) {
    weir_ruleset_free(load(list->items[i].name, list->items[i].code, &err));
    weir_ruleset *good = load(NULL, others, &err);
    if (!good) wrong(list->items[i].name, "the next rules do not load: %s", err.message);
    weir_ruleset_free(good);
  }
  family("scripts as rule files", (unsigned)list->cnt);
}

/* ---- Patterns: what a regex can be made to do, on the texts it likes least */

static const char *const patterns[] = {
  "(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*a){11}$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(?:a{0,9}){0,9}b", "(x+x+)+y", "(?:.*,){9}P", "(\\w+\\s?)*$",
  "a.*a.*a.*a.*a.*b", "([ab]*[ac]*)*d", "(?=(a+))\\1*b", "(?:(?:a?){20}){20}b", "[^b]*[^c]*[^d]*e$", "(a*)*(b*)*(c*)*$", "^(?:a?b?\?)*$", "(\\d+)\\1\\1x",
  "(?i)(ſ|s)+K$", "\\X*a$", "(?:\\p{L}+\\s*)+!", "(?<=a{1,9})b+c", "(a)?(b)?(c)?(d)?(e)?\\1\\2\\3\\4\\5x", ".{0,500}.{0,500}.{0,500}q", "(?:求|想要)*(?:求)+$", "((((((((((a*)*)*)*)*)*)*)*)*)*)b",
  "(*LIMIT_MATCH=4000000000)(a+)+$", "(?C1)a", "(?R)", "(a(?1)?b)", "(?|a|b)(?1)", "\\C+", "(?(1)a|b)", "a{65536}", "(?:a{65535}){65535}", "((", "[", "\\", "(?<n>a)(?<n>b)", "\\p{Nothing}", "(?:)*+",
  "a**", "\\Qa", "{", "}", "a{,5}", "{nothing}", "(?#", "\\g{-1}", "\\k<x>", "(?P=x)", "(?>a+)+b", "(?!a+b)a*$", "\\b(?:\\w+\\b\\W*)+@", "(?s).*(?s).*(?s).*z", "(?m)^(?:.*\n?)*$x",
};

static const char *const pieces[] = { "a", "ab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "x", "a b ", "求", "想要求", "aA", "1", "12", ",", "q\n", "é́", "🙏🏽", "a\xe2\x80\x8d", "ſ", "{", "(", " " };

static void regexes(void) {
  static char text[WEIR_TEXT_MAX], rules_text[8192];
  unsigned cnt = 0;
  for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
    (void)snprintf(rules_text, sizeof rules_text, "rule 'attack' { on = 'comment', priority = 5, match = [==[%s]==], reply = '{match} {match.1|none}' }\n%s", patterns[p], others);
    weir_error err;
    struct counted counted = { 0 };
    weir_ruleset *rules = load(patterns[p], rules_text, &err);
    cnt++;
    if (!rules) continue;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++, cnt++) {
      weir_engine *engine = open_engine(rules, &counted);
      weir_verdict v;
      size_t len = 0, piece = strlen(pieces[i]);
      while (len + piece < sizeof text - 2) memcpy(text + len, pieces[i], piece), len += piece;
      text[len++] = '!';
      counted.asks = 0;
      double start = now_ms();
      weir_status st = tell(engine, "attack", "Lin", (weir_str){ text, len }, &v);
      took(patterns[p], now_ms() - start);
      if (st) wrong(patterns[p], "the event was refused: %s", weir_status_name(st));
      if (counted.asks > ASKS_MAX) wrong(patterns[p], "asked the deadline %u times", counted.asks);
      /* the pattern itself may like the next texts, too: then that is the answer */
      if (tell(engine, "plain", "Lin", S("plain"), &v) || (v.result != WEIR_RESULT_DECIDED && !v.limit)) wrong(patterns[p], "the next event fails");
      weir_engine_close(engine);
    }
    weir_ruleset_free(rules);
  }
  family("patterns and texts", cnt);
}

/* Many patterns, each of them slow, and a text that all of them wait for: the event's budget is shared. */
static void many_regexes(void) {
  static char text[200000], event[WEIR_TEXT_MAX];
  size_t len = 0;
  for (int i = 0; i < 500; i++) len += (size_t)snprintf(text + len, sizeof text - len, "rule 'r%d' { on = 'comment', match = [[(?:a+)+b%d$]], reply = 'x' }\n", i, i);
  (void)snprintf(text + len, sizeof text - len, "%s", others);
  memset(event, 'a', sizeof event);
  for (size_t i = 20; i + 4 < sizeof event; i += 40) memcpy(event + i, " b12", 4);
  attack_rules("500 slow patterns", text, (weir_str){ event, sizeof event });
  family("many patterns", 1);
}

/* ---- Templates and names */

static void templates(void) {
  static const char *const shapes[] = {
    "{match}", "{match.1}{match.2}{match.15}{match.16}", "{match.17}", "{match.-1}", "{match.99999999999999999999}", "{person.name|{person.name}}", "{{{{{{{{{", "{", "}", "{}", "{|}",
    "{person}", "{person.}", "{pool.none}", "{code.x}", "{field.}", "{event}", "{event.text}", "{event.nothing}", "{field.a b}", "{field.\\255}", "{match\\0}", "%s%n%d", "\\27[2J", "\\226\\128\\174", "{person.name|\\226\\128\\174x}",
  };
  static const char *const names[] = {
    "{code}", "{{{{", "{pool.ids}", "\xe2\x80\xae" "evil", "a\nb\r\nc", "\",\"kind\":\"follow\",\"x\":\"", "https://evil.example", "www.evil.example evil.com", "%n%n%n%s", "\x1b[31m", "\xf0\x9f\x99\x8f\xf0\x9f\x8f\xbd\xf0\x9f\x99\x8f",
  };
  static char rules_text[70000], text[66000];
  unsigned cnt = 0;
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    for (int times = 1; times <= 256; times *= 256) {
      size_t len = 0;
      for (int k = 0; k < times && len + 64 < sizeof text; k++) len += (size_t)snprintf(text + len, sizeof text - len, "%s", shapes[i]);
      (void)snprintf(rules_text, sizeof rules_text, "rule 'attack' { on = 'comment', priority = 5, match = '(a)(t+)ack', reply = \"%s\" }\n%s", text, others);
      weir_error err;
      struct counted counted = { 0 };
      weir_ruleset *rules = load(shapes[i], rules_text, &err);
      cnt++;
      if (!rules) continue;
      for (size_t n = 0; n < sizeof names / sizeof *names; n++, cnt++) {
        weir_engine *engine = open_engine(rules, &counted);
        weir_verdict v;
        double start = now_ms();
        weir_status st = tell(engine, "named", names[n], S("atttack {code} {{ \xe2\x80\xae"), &v);
        took(shapes[i], now_ms() - start);
        if (st && st != WEIR_E_EVENT) wrong(shapes[i], "refused with the name %s: %s", names[n], weir_status_name(st));
        for (size_t a = 0; !st && a < v.action_cnt; a++) {
          if (v.actions[a].text.len > WEIR_TEXT_OUT_MAX) wrong(shapes[i], "says more than may be said");
          /* what a user wrote stays data: no second member, no line end, no control character */
          for (size_t b = 0; b < v.actions[a].json.len; b++)
            if ((unsigned char)v.actions[a].json.ptr[b] < 0x20) wrong(shapes[i], "a control character in the record");
        }
        attack_event(engine, &counted, shapes[i], S("atttack"));
        weir_engine_close(engine);
      }
      weir_ruleset_free(rules);
    }
  }
  family("templates and names", cnt);
}

/* ---- Packs: what lies where rule files should be */

static void in_folder(const char *name, const char *rel, char *path, size_t cap) {
  (void)name;
  (void)snprintf(path, cap, "%s/%s", folder, rel);
}

static void load_path(const char *name, const char *path) {
  weir_ruleset *rules = NULL;
  weir_error err = { 0 };
  double start = now_ms();
  weir_status st = weir_ruleset_load(&rules, path, NULL, &err);
  took(name, now_ms() - start);
  if (st && (rules || !err.message[0])) wrong(name, "refused without a word");
  if (st == WEIR_E_INTERNAL) wrong(name, "an internal error: %s", err.message);
  weir_ruleset_free(rules);
}

static void packs(void) {
  static char big[1u << 20];
  unsigned cnt = 0;
  char path[256], other[256];
#define TRY(what) (load_path(what, path), cnt++)
  in_folder("", "rules.lua", path, sizeof path);
  for (int i = 0; i < 256; i++) { /* one byte, over and over */
    memset(big, i, 20000);
    (void)write_file("rules.lua", big, 20000);
    TRY("one byte repeated");
  }
  static const char *const nested[] = { "{", "(", "[", "[[", "rule 'a' {", "function() ", "if x then ", "do ", "a.b", "a(", "-- ", "--[[", "'", "\"", "\\", "x=", "words.w={", "repeat ", "...", "not ", "- ", "# ", "~ ", "x..", "x//", "goto a ", "::a::", "local a ", "a,", "1,", "{{},", "0x", "1e", "0.", "\xef\xbb\xbf", "[[\n", "a [[\n", "--[[\n", "rule 'a' { x = [[\n" };
  for (size_t i = 0; i < sizeof nested / sizeof *nested; i++) {
    size_t len = 0, piece = strlen(nested[i]);
    while (len + piece < 100000) memcpy(big + len, nested[i], piece), len += piece;
    (void)write_file("rules.lua", big, len);
    TRY(nested[i]);
  }
  memset(big, '0', sizeof big);
  memcpy(big, "x = 0.", 6);
  (void)write_file("rules.lua", big, sizeof big);
  TRY("a numeral of a megabyte");
  memset(big, 'a', sizeof big);
  memcpy(big, "x = '", 5);
  memcpy(big + sizeof big - 2, "'\n", 2);
  (void)write_file("rules.lua", big, sizeof big);
  TRY("a text of a megabyte");
  memset(big, 'a', sizeof big);
  memcpy(big + sizeof big - 5, " = 1\n", 5);
  (void)write_file("rules.lua", big, sizeof big);
  TRY("a name of a megabyte");
  (void)write_file("rules.lua", "\x1bLua\x54\x00\x19\x93\r\n\x1a\n", 12);
  TRY("bytecode");
  (void)remove(path);
  if (mkdir(path, 0700) == 0) TRY("a folder named as a file");
  (void)remove(path);
  if (mkfifo(path, 0600) == 0) TRY("a pipe that nobody writes to");
  (void)remove(path);
  if (symlink(path, path) == 0) TRY("a link to itself");
  (void)remove(path);
  if (symlink("/dev/zero", path) == 0) TRY("a link to /dev/zero");
  (void)remove(path);
  if (symlink("/nothing/here", path) == 0) TRY("a link to nothing");
  (void)remove(path);
  in_folder("", "loop", other, sizeof other);
  if (symlink(folder, other) == 0) {
    (void)snprintf(path, sizeof path, "%s", folder);
    TRY("a folder that holds itself");
    (void)remove(other);
  }
  (void)snprintf(path, sizeof path, "%s", folder);
  TRY("an empty folder");
  memset(other, 'x', sizeof other - 1);
  other[sizeof other - 1] = '\0';
  load_path("a path of 255 bytes", other), cnt++;
  load_path("no path", ""), cnt++;
#undef TRY
  family("packs", cnt);
}

int main(void) {
  struct attacks list = attacks_all();
  weir_error err;
  if (!mkdtemp(folder) || weir_key_parse(&key, (weir_str){ jwk, strlen(jwk) }, &err)) {
    printf("Bail out! %s\n", folder);
    return 2;
  }
  expect();
  handlers(&list);
  rule_files(&list);
  regexes();
  many_regexes();
  templates();
  packs();
  printf("1..%u\n%u passed, %u failed\n", tests, passed, failed);
  char path[256];
  (void)snprintf(path, sizeof path, "%s/rules.lua", folder);
  (void)remove(path);
  (void)rmdir(folder);
  weir_key_free(key);
  attacks_free(&list);
  return failed ? 1 : 0;
}
