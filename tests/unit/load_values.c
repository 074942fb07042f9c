/* Every word of a rule file with every kind of value that it does not want: whatever is wrong is told at its own line, with the rule it is
 * in and with that word or what was expected; what stands beside it in the file is judged for itself. The words come from the loader's own
 * tables, so that a new one is tried, too. */
#include "load_help.h"

#include "base/buf.h"
#include "decide/actions.h"
#include "decide/gates.h"
#include "load/load.h"

/* Values that no word wants, or few. Those in the last lines are near to what quotas, windows, lengths, pauses, layers and codes look
 * like, with one thing wrong in each. */
static const char *const values[] = {
  "7.5", "-1", "0", "99999999999", "\"\"", "\"nonsense here\"", "\"no\\tsuch\\0thing\"", "{}", "{ 1 }", "{ \"a\", 2 }", "{ x = 1 }", "{ {} }", "{ \"\" }", "true", "false",
  "function(e) e:reply('x') end", "\"{pool.none}\"", "\"{field.}\"", "\"{\"", "\"25:00\"", "\"09:00..09:00\"", "\"mon..\"", "\"1d..1s\"", "\"400d\"", "\"1s\"", "\"a/b\"", "\"a/b/c\"", "\"*\"",
  "{ \"mon\", \"moon\" }", "{ a = 1, b = \"x\" }", "{ a = {} }", "{ a = \"> 1\" }", "{ a = \"1..x\" }", "{ \"x\", after = \"1x\" }", "{ \"x\", via = 7 }", "{ \"x\", via = { \"none\" } }",
  "{ text = 7 }", "{ text = \"x\", nonsense = 1 }", "{ all = {} }", "{ all = { 7 } }", "{ all = \"x\", after = \"9s..1s\" }", "{ \"x\", at = \"later\" }", "{ \"x\", unless_reply = 7 }",
  "{ yes = 1 }", "{ yes = { 1 }, no = \"x\" }", "{ no = {}, maybe = { \"x\" } }", "{ one = {}, two = { weight = 0 } }", "{ one = { weight = 1, message = \"x\" }, two = { weight = \"x\", tag = \"y\" } }",
  "{ max = 0 }", "{ max = 2, within = \"day\" }", "{ { max = 0 } }", "{ { max = \"x\" } }", "{ { max = 1.5 } }", "{ { max = 5 } }", "{ { max = 5, within = \"never\" } }", "{ { max = 5, within = 7 } }",
  "{ { max = 5, within = \"day\", per = \"planet\" } }", "{ { max = 5, within = \"day\", per = 7 } }", "{ { max = 5, within = \"month\", wait = \"x\" } }", "{ { max = 5, within = \"1h\", wait = true } }",
  "{ { max = 5, within = \"1h\", action = {} } }", "{ { max = 5, within = \"1h\", action = { 7 } } }", "{ { max = 5, within = \"1h\", action = \"repyl\" } }", "{ { max = 5, within = \"1h\", action = \"tag\" } }",
  "{ { max = 5, per = \"trigger\", within = \"1h\", nonsense = 1 } }", "{ { 5, max = 5 } }", "{ { max = 5, within = \"ever\" } }", "{ { opens = \"mesage\", lasts = \"1h\" } }", "{ { opens = 7, lasts = \"1h\" } }",
  "{ { opens = {}, lasts = \"1h\" } }", "{ { opens = { 7 }, lasts = \"1h\" } }", "{ { opens = \"timer\", lasts = \"1h\" } }", "{ { opens = \"message\" } }", "{ { opens = \"message\", lasts = \"x\" } }",
  "{ { opens = \"message\", lasts = \"1h\", per = \"post\" } }", "{ { opens = \"message\", lasts = \"1h\", per = 7 } }", "{ { opens = \"message\", lasts = \"1h\", max = 0 } }",
  "{ reply = \"10 miles\" }", "{ reply = \"bytes\" }", "{ reply = \"0 bytes\" }", "{ reply = \"99999999 bytes\" }", "{ reply = 7 }", "{ repyl = \"10 bytes\" }", "{ reply = { \"10 bytes\", max = 7 } }",
  "{ reply = { \"10 bytes\", \"x\" } }", "{ tag = \"10 bytes\" }", "{ reply = \"1s..\" }", "{ reply = \"1s..2s\", follow = \"9s..1s\" }", "{ repyl = \"1s..2s\" }", "\"1s..99d\"", "{ { \"a\", 1 } }",
  "{ { \"a\", 1 }, { \"a\", 99 } }", "{ { \"a\", 0 }, { \"b\", 100 } }", "{ { \"a\", 50 }, { \"b\", 40 } }", "{ { \"a\", 101 }, { 7, 1 } }", "{ { 1, \"a\" }, { \"b\", 50, 7 } }", "{ { \"a\", 1, x = 2 }, 7 }",
  "{ alphabet = \"a\", length = 6 }", "{ alphabet = \"aabbcc\", length = 1 }", "{ alphabet = \"0123456789\", length = 99, valid = \"x\" }", "{ alphabet = 7, length = \"x\" }", "{ valid = \"9999d\" }",
  "{ \"asked\", \"asked\" }", "{ \"a b\", \"\" }", "{ \"none\" }", "\"Asia/Shangai\"", "\"../../etc/passwd\"", "{ \"Europe/Berlin\", 7 }", "\"papers/none\"", "{ \"funnel/stage\", \"x\" }", "{ \"f/asked\", back = 7 }",
  "{ \"f/asked\", on = \"never\" }", "{ \"f/nowhere\" }", "{ file = \"../codes\" }", "{ file = 7 }", "{ file = \"none.txt\" }", "{ file = \"\" }", "\"a word {that}\"", "{ field = \"x\", is = {} }",
};
enum { VALUES = sizeof values / sizeof *values, EACH = 8 }; /* in a file: so many segments there may be */

/* What stands before a word and its value, and behind them. */
struct place {
  const char *before, *behind;
};

static const char head[] = "account \"douyin/papers\" {} funnel \"f\" { stages = { \"asked\", \"done\" } } pool \"ids\" { \"li\" }\n";

static size_t refused;

/* Each of a few values in a declaration of its own, on a line of its own; %u in `before` is its number. */
static void try_values(const char *name, const char *key, const struct place *place, size_t from, size_t to) {
  static char text[1 << 16];
  struct weir_buf buf;
  weir_buf_init(&buf, text, sizeof text);
  weir_buf_text(&buf, head);
  for (size_t i = from; i < to; i++) {
    char before[256];
    snprintf(before, sizeof before, place->before, (unsigned)i);
    weir_buf_text(&buf, before);
    weir_buf_text(&buf, key);
    weir_buf_text(&buf, " = ");
    weir_buf_text(&buf, values[i]);
    weir_buf_text(&buf, place->behind);
    weir_buf_text(&buf, "\n");
  }
  assert_false(buf.full);
  put_bytes(name, text, buf.len);
  struct tried tried = try_load("");
  if (tried.status != WEIR_OK && tried.status != WEIR_E_RULES) fail_msg("%s: %d, %s", key, (int)tried.status, tried.err.message);
  for (size_t i = 0; i < tried.cnt; i++) {
    const struct finding *f = &tried.found[i];
    if (f->severity != WEIR_SEVERITY_ERROR) continue;
    refused++;
    if (strlen(f->message) < 12) fail_msg("%s: says \"%s\"", key, f->message);
    if (strlen(f->message) > sizeof f->message - 2) fail_msg("%s: says too much: \"%s\"", key, f->message);
    if (f->line < 2 || f->line > to - from + 1) fail_msg("%s = %s...: told at line %u: %s", key, values[from], f->line, f->message);
  }
  end_try(&tried);
}

static void try_key_each(const char *key, const struct place *place, size_t each) {
  size_t before = refused;
  for (size_t from = 0; from < VALUES; from += each) try_values("rules.lua", key, place, from, from + each < VALUES ? from + each : VALUES);
  if (refused == before) fail_msg("%s takes whatever it is given", key);
}

static void try_key(const char *key, const struct place *place) { try_key_each(key, place, EACH); }

static void try_table(enum weir_load_key_table table, const struct place *place) {
  size_t cnt;
  const struct weir_load_key *keys = weir_load_keys(table, &cnt);
  for (size_t i = 0; i < cnt; i++) try_key(keys[i].name, place);
}

static const struct place in_rule = { "rule \"r%u\" { on = \"comment\", any = true, tag = \"t\", ", " }" };
static const struct place in_account = { "account \"douyin/a%u\" { ", " }" };
static const struct place in_channel = { "channel \"c%u\" { ", " }" };

static void keys_of_rules(void **state) {
  (void)state;
  try_table(WEIR_LOAD_KEYS_RULE, &in_rule);
}

static void gates(void **state) {
  size_t cnt;
  const struct weir_gate_kind *const *kinds = weir_gate_kinds(&cnt);
  (void)state;
  for (size_t i = 0; i < cnt; i++) try_key(kinds[i]->name, &in_rule);
}

static void actions(void **state) {
  size_t cnt;
  const struct weir_action_kind *const *kinds = weir_action_kinds(&cnt);
  (void)state;
  for (size_t i = 0; i < cnt; i++) try_key(kinds[i]->name, &in_rule);
}

static void accounts_and_channels(void **state) {
  size_t cnt;
  const struct weir_action_kind *const *kinds = weir_action_kinds(&cnt);
  (void)state;
  try_table(WEIR_LOAD_KEYS_ACCOUNT, &in_account);
  try_table(WEIR_LOAD_KEYS_CHANNEL, &in_channel);
  try_table(WEIR_LOAD_KEYS_TERMS, &in_account);
  try_table(WEIR_LOAD_KEYS_TERMS, &in_channel);
  for (size_t i = 0; i < cnt; i++) {
    if (!kinds[i]->outbound) continue;
    try_key(kinds[i]->name, &in_account);
    try_key(kinds[i]->name, &in_channel);
  }
}

static void funnels_pools_and_layers(void **state) {
  (void)state;
  try_table(WEIR_LOAD_KEYS_FUNNEL, &(struct place){ "funnel \"g%u\" { stages = { \"one\", \"two\" }, ", " }" });
  try_table(WEIR_LOAD_KEYS_POOL, &(struct place){ "pool \"q%u\" { \"one\", ", " }" });
  try_table(WEIR_LOAD_KEYS_COUPON, &(struct place){ "coupon \"k%u\" { \"CODE-1\", ", " }" });
  try_table(WEIR_LOAD_KEYS_SEGMENT, &(struct place){ "segment \"s%u\" { by = \"counter\", ", " }" });
  try_key("list", &(struct place){ "words.", "--" });
}

static void packs(void **state) {
  size_t cnt;
  const struct weir_load_key *keys = weir_load_keys(WEIR_LOAD_KEYS_PACK, &cnt);
  (void)state;
  for (size_t i = 0; i < cnt; i++) try_key_each(keys[i].name, &(struct place){ "pack { ", " } --" }, 1); /* one in a file */
}

/* Two letters of a word changed places: the word that is meant is named, at the line. */
static void mistyped(const char *word, const char *before, const char *behind) {
  char slip[64], text[512];
  size_t len = strlen(word);
  if (len < 4) return; /* too short to be recognized */
  snprintf(slip, sizeof slip, "%s", word);
  slip[len - 1] = word[len - 2], slip[len - 2] = word[len - 1];
  if (strcmp(slip, word) == 0) return;
  snprintf(text, sizeof text, "%s%s%s%s\n", head, before, slip, behind);
  put("rules.lua", text);
  struct tried tried = try_load("");
  bool told = false;
  for (size_t i = 0; i < tried.cnt; i++) told = told || (tried.found[i].line == 2 && (strstr(tried.found[i].message, word) || strstr(tried.found[i].message, "did you mean")));
  if (!told) fail_msg("%s: nobody says that %s was meant: %s", slip, word, tried.err.message);
  end_try(&tried);
}

static void slips(void **state) {
  static const struct {
    enum weir_load_key_table table;
    const char *before;
  } tables[] = { { WEIR_LOAD_KEYS_RULE, "rule \"a\" { on = \"follow\", tag = \"t\", " }, { WEIR_LOAD_KEYS_ACCOUNT, "account \"douyin/b\" { " },  { WEIR_LOAD_KEYS_TERMS, "account \"douyin/b\" { " },
                 { WEIR_LOAD_KEYS_CHANNEL, "channel \"mine\" { " }, { WEIR_LOAD_KEYS_TERMS, "channel \"mine\" { " }, { WEIR_LOAD_KEYS_FUNNEL, "funnel \"g\" { stages = { \"a\", \"b\" }, " },
                 { WEIR_LOAD_KEYS_POOL, "pool \"q\" { \"x\", " }, { WEIR_LOAD_KEYS_COUPON, "coupon \"k\" { \"C-1\", " }, { WEIR_LOAD_KEYS_SEGMENT, "segment \"s\" { by = \"n\", " },
                 { WEIR_LOAD_KEYS_PACK, "pack { " } };
  size_t cnt;
  (void)state;
  for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
    const struct weir_load_key *keys = weir_load_keys(tables[t].table, &cnt);
    for (size_t i = 0; i < cnt; i++) mistyped(keys[i].name, tables[t].before, " = 1 }");
  }
  const struct weir_gate_kind *const *gate = weir_gate_kinds(&cnt);
  for (size_t i = 0; i < cnt; i++) mistyped(gate[i]->name, tables[0].before, " = 1 }");
  const struct weir_action_kind *const *action = weir_action_kinds(&cnt);
  for (size_t i = 0; i < cnt; i++) {
    mistyped(action[i]->name, tables[0].before, " = 1 }");
    if (!action[i]->outbound) continue;
    mistyped(action[i]->name, "account \"douyin/b\" { ", " = \"none\" }");
    mistyped(action[i]->name, "account \"douyin/b\" { quotas = { { max = 1, within = \"1h\", action = \"", "\" } } }");
    mistyped(action[i]->name, "account \"douyin/b\" { text = { ", " = \"10 bytes\" } }");
    mistyped(action[i]->name, "account \"douyin/b\" { spacing = { ", " = \"1s..2s\" } }");
  }
  static const char *const events[] = { "comment", "message", "follow", "friend_request", "purchase", "share", "scan" };
  for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
    mistyped(events[i], "rule \"a\" { tag = \"t\", on = \"", "\" }");
    mistyped(events[i], "account \"douyin/b\" { windows = { { lasts = \"1h\", opens = \"", "\" } } }");
    mistyped(events[i], "channel \"mine\" { events = { \"", "\" } }");
  }
  static const char *const words[][3] = {
    { "device", "account \"douyin/b\" { reply = \"", "\" }" },
    { "contact", "account \"douyin/b\" { quotas = { { max = 1, within = \"1h\", per = \"", "\" } } }" },
    { "trigger", "account \"douyin/b\" { windows = { { opens = \"message\", lasts = \"1h\", per = \"", "\" } } }" },
    { "within", "account \"douyin/b\" { quotas = { { max = 1, ", " = \"1h\" } } }" },
    { "opens", "account \"douyin/b\" { windows = { { lasts = \"1h\", ", " = \"message\" } } }" },
    { "bytes", "account \"douyin/b\" { text = { reply = \"10 ", "\" } }" },
    { "contains", "rule \"a\" { on = \"comment\", keywords = \"x\", tag = \"t\", mode = \"", "\" }" },
    { "handoff", "pool \"q\" { \"x\", on_full = \"", "\" }" },
    { "asked", "rule \"a\" { on = \"follow\", stage = \"f/", "\" }" },
    { "asked", "rule \"a\" { on = \"follow\", tag = \"t\", stage_is = \"f/", "\" }" },
    { "asked", "funnel \"g\" { stages = { \"asked\", \"done\" }, goal = \"", "\" }" },
    { "monday", "rule \"a\" { on = \"follow\", tag = \"t\", weekdays = \"", "\" }" },
    { "Asia/Shanghai", "account \"douyin/b\" { timezone = \"", "\" }" },
    { "papers", "rule \"a\" { on = \"follow\", tag = \"t\", account = \"douyin/", "\" }" },
  };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) mistyped(words[i][0], words[i][1], words[i][2]);
}

/* Names of what is declared: told, never taken as something else. */
static void names(void **state) {
  (void)state;
  static const char *const bad[] = { "", "a b", "a/b/c", "/a", "a/", "*", "a:b:c", ":", "\\0", "\\t", "ä", "{x}" };
  static const char *const declared[] = { "account \"%s\" {}", "channel \"%s\" {}", "funnel \"%s\" { stages = { \"a\", \"b\" } }", "pool \"%s\" { \"x\" }", "coupon \"%s\" { \"X-1\" }",
                                          "segment \"%s\" { by = \"n\", layers = { { \"a\", 1 }, { \"b\", 99 } } }", "rule \"%s\" { on = \"follow\", tag = \"t\" }" };
  for (size_t d = 0; d < sizeof declared / sizeof *declared; d++) {
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
      char text[512];
      int len = snprintf(text, sizeof text, "%s", head);
      len += snprintf(text + len, sizeof text - (size_t)len, declared[d], bad[i]);
      put("rules.lua", text);
      struct tried tried = try_load("");
      if (tried.status != WEIR_OK && (tried.status != WEIR_E_RULES || tried.found[0].line != 2)) fail_msg("%s %s: %d, line %u, %s", declared[d], bad[i], (int)tried.status, tried.err.line, tried.err.message);
      if (tried.status == WEIR_OK && strchr("/*:{", bad[i][0]) && d != 6) fail_msg("%s: \"%s\" is taken as a name", declared[d], bad[i]);
      end_try(&tried);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = { LOAD_TEST(keys_of_rules), LOAD_TEST(gates), LOAD_TEST(actions), LOAD_TEST(accounts_and_channels), LOAD_TEST(funnels_pools_and_layers), LOAD_TEST(packs), LOAD_TEST(slips), LOAD_TEST(names) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
