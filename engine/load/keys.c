/* keys.c: every word that the loader itself knows, with what it takes and what it says. What is not here is an error in a rule file, so
 * that the reference, which is made from it, cannot leave anything out. Gates and actions tell of themselves. */
#include <stdlib.h>

#include "limits.h"
#include "load/load.h"

static const struct weir_load_key declarations[] = {
  { "pack", "{ name, version, timezone, ... }", "Says what the pack is called and where it is at home. Once in a pack." },
  { "account", "\"channel/account\" { ... }", "One of our accounts: that there is one, and what is different about it." },
  { "channel", "\"name\" { ... }", "What a platform lets its accounts do, where we know better than weir." },
  { "words", ".name = { \"a word\", ... }", "A list of words; keywords and patterns of the pack name it as {name}." },
  { "funnel", "\"name\" { stages, goal, ... }", "The way that people go, from stage to stage." },
  { "pool", "\"name\" { \"one\", \"other\", per_day = 20 }", "Things that are given out by turns; a text names one as {pool.name}, and a person keeps his." },
  { "coupon", "\"name\" { \"CODE-1\", ... } or { file = \"codes.txt\" }", "Codes that are given out, each once; a text names one as {coupon.name}." },
  { "segment", "\"name\" { by, layers }", "Layers of people by one of their counters, the most active first." },
  { "rule", "\"name\" { on, keywords, reply, ... }", "What is done about which event." },
  { "include", "\"../words.lua\"", "Reads a file that packs share, in the rules folder: its word lists become the pack's, and what it gives back can be used." },
};

static const struct weir_load_key rule_keys[] = {
  { "title", "a text", "What the rule is for, in reports and records." },
  { "on", "a type of event or a list", "The events that the rule is tried on." },
  { "match", "a pattern or a list", "Regular expressions (PCRE2), one of which must be found in the text; {name} stands for a word list." },
  { "keywords", "a text or a list", "Words, one of which must be in the text; {name} stands for a word list." },
  { "mode", "\"word\", \"contains\", \"equal\" or \"prefix\"", "How keywords are looked for: as words, anywhere, as the whole text, at its beginning." },
  { "except", "a text or a list", "Words that keep the rule from firing although its pattern is there." },
  { "loose", "true or false", "Letters may have spaces and signs between them: \"p d f\" is \"pdf\"." },
  { "any", "true", "Every text will do, also none." },
  { "priority", "a number", "Rules with a higher one are tried first; 0 when it is not given." },
  { "continue", "true or false", "true: the rules behind it are tried although it fired." },
  { "enabled", "true or false", "false: the rule is checked and never tried." },
  { "on_limit", "\"handoff\"", "What happens when the handler is stopped by its limits: a human takes over." },
  { "run", "a function", "A handler in Lua: it sees the event as e and says what is to be done." },
  { "examples", "{ yes = { ... }, no = { ... } }", "Texts that the rule is to answer, and texts that it is not; weir test tries them." },
  { "was", "a name", "What the rule was called before: who was answered under that name is not answered again." },
  { "defer", "true or false", "true: outside of hours and weekdays the rule fires, and what it sends waits until they come." },
  { "every", "a length of time such as \"1d\"", "The rule comes round to everybody whom the state knows; on = \"timer\"." },
  { "variants", "{ name = { weight, message, ... }, ... }", "Other actions, one of which a person gets, always the same: an experiment." },
  { "at", "a time of day such as \"09:30\"", "When a rule with every = \"1d\" comes round." },
};

static const struct weir_load_key pack_keys[] = {
  { "name", "a name", "What the pack is called; the folder's name when it is not given." },
  { "version", "a text", "Which version of the pack it is." },
  { "timezone", "a name such as \"Asia/Shanghai\"", "Whose clock hours, days and times are told by." },
  { "timezones", "a list of names", "The other zones that people of this pack may be in." },
  { "code", "{ alphabet, length, valid }", "What the codes look like that {code} gives out, and for how long they are good." },
  { "unasked_per_day", "a number", "How many messages that nobody asked for a person gets in 24 hours, at most." },
};

static const struct weir_load_key account_keys[] = {
  { "timezone", "a name such as \"Asia/Shanghai\"", "The account's own time zone." },
  { "kind", "a text", "Which kind of account it is, where the platform has several: \"subscription\"." },
};

static const struct weir_load_key channel_keys[] = {
  { "events", "a list of types of events", "The events that there are on the platform." },
};

/* Of channels and accounts alike. */
static const struct weir_load_key terms_keys[] = {
  { "text", "{ message = \"1000 bytes\", ... }", "The longest text of each action, in the platform's own unit." },
  { "windows", "{ { opens, lasts, max, per }, ... }", "After which events a message may be written, for how long, and how many." },
  { "push", "true, false, or a list as in quotas", "What may be written while no window is open." },
  { "quotas", "{ { action, max, within, per, wait }, ... }", "At most so many actions within a time." },
  { "spacing", "a length of time such as \"2s..8s\", or { follow = \"20s..90s\" }", "The pause between two actions of the account." },
  { "max_similar", "a number, or { max = 20, within = \"1h\" }", "To how many people the same text goes." },
  { "as_of", "a date", "When these numbers were read." },
  { "source", "a text", "Where these numbers were read." },
};

static const struct weir_load_key funnel_keys[] = {
  { "stages", "a list of names", "The stages in their order; people go forward only." },
  { "goal", "a name", "The stage that counts as arrived." },
  { "on_enter", "{ stage = \"rule\", ... }", "The rules that run a second after somebody came to a stage." },
};

static const struct weir_load_key pool_keys[] = {
  { "per_day", "a number", "To how many people a day each member is given." },
  { "total", "a number", "To how many people each member is given in all." },
  { "out", "a text or a list", "Members that are given to nobody for now; who had one is given another." },
  { "on_full", "\"next\", \"drop\" or \"handoff\"", "What becomes of a rule that wants a member when there is none." },
};

static const struct weir_load_key coupon_keys[] = {
  { "file", "a text", "A file beside the rules, one code a line." },
  { "on_full", "\"next\", \"drop\" or \"handoff\"", "What becomes of a rule that wants a code when there is none." },
};

static const struct weir_load_key segment_keys[] = {
  { "by", "a name", "The counter that says how active a person is." },
  { "layers", "{ { \"name\", percent }, ... }", "The layers, the most active first; together 100 percent." },
};

#define TABLE(array) array, sizeof(array) / sizeof *(array)

static const struct {
  const struct weir_load_key *keys;
  size_t cnt;
} tables[WEIR_LOAD_KEY_TABLES] = {
  [WEIR_LOAD_KEYS_DECLARATION] = { TABLE(declarations) }, [WEIR_LOAD_KEYS_RULE] = { TABLE(rule_keys) },
  [WEIR_LOAD_KEYS_PACK] = { TABLE(pack_keys) },           [WEIR_LOAD_KEYS_ACCOUNT] = { TABLE(account_keys) },
  [WEIR_LOAD_KEYS_CHANNEL] = { TABLE(channel_keys) },     [WEIR_LOAD_KEYS_TERMS] = { TABLE(terms_keys) },
  [WEIR_LOAD_KEYS_FUNNEL] = { TABLE(funnel_keys) },       [WEIR_LOAD_KEYS_POOL] = { TABLE(pool_keys) },
  [WEIR_LOAD_KEYS_COUPON] = { TABLE(coupon_keys) },       [WEIR_LOAD_KEYS_SEGMENT] = { TABLE(segment_keys) },
};

const struct weir_load_key *weir_load_keys(enum weir_load_key_table table, size_t *cnt) {
  *cnt = tables[table].cnt;
  return tables[table].keys;
}

/* ---- as names, sorted */

static int by_bytes(const void *a, const void *b) { return weir_str_cmp(*(const weir_str *)a, *(const weir_str *)b); }

struct names {
  weir_str *items;
  size_t cnt;
};

static void add_table(struct names *names, enum weir_load_key_table table) {
  for (size_t i = 0; i < tables[table].cnt; i++) names->items[names->cnt++] = weir_str_of(tables[table].keys[i].name);
}

static void add_actions(struct names *names, bool outbound_only) {
  size_t cnt;
  const struct weir_action_kind *const *kinds = weir_action_kinds(&cnt);
  for (size_t i = 0; i < cnt; i++)
    if (kinds[i]->outbound || !outbound_only) names->items[names->cnt++] = weir_str_of(kinds[i]->name);
}

static void add_gates(struct names *names) {
  size_t cnt;
  const struct weir_gate_kind *const *kinds = weir_gate_kinds(&cnt);
  for (size_t i = 0; i < cnt; i++) names->items[names->cnt++] = weir_str_of(kinds[i]->name);
}

static void add_known(struct names *names, enum weir_decl_kind kind) {
  switch (kind) {
    case WEIR_DECL_RULE: add_table(names, WEIR_LOAD_KEYS_RULE), add_gates(names), add_actions(names, false); break;
    case WEIR_DECL_PACK: add_table(names, WEIR_LOAD_KEYS_PACK); break;
    case WEIR_DECL_FUNNEL: add_table(names, WEIR_LOAD_KEYS_FUNNEL); break;
    case WEIR_DECL_POOL: add_table(names, WEIR_LOAD_KEYS_POOL); break;
    case WEIR_DECL_COUPON: add_table(names, WEIR_LOAD_KEYS_COUPON); break;
    case WEIR_DECL_SEGMENT: add_table(names, WEIR_LOAD_KEYS_SEGMENT); break;
    case WEIR_DECL_ACCOUNT: add_table(names, WEIR_LOAD_KEYS_ACCOUNT), add_table(names, WEIR_LOAD_KEYS_TERMS), add_actions(names, true); break;
    case WEIR_DECL_CHANNEL: add_table(names, WEIR_LOAD_KEYS_CHANNEL), add_table(names, WEIR_LOAD_KEYS_TERMS), add_actions(names, true); break;
    case WEIR_DECL_WORDS:
    case WEIR_DECL_KINDS: break;
  }
}

weir_status weir_load_known_keys(struct weir_load *load) {
  size_t most, cnt;
  (void)weir_gate_kinds(&most);
  (void)weir_action_kinds(&cnt);
  most += cnt;
  for (int i = 0; i < WEIR_LOAD_KEY_TABLES; i++) most += tables[i].cnt;
  for (int kind = 0; kind < WEIR_DECL_KINDS; kind++) {
    struct names names = { weir_arena_array(&load->work, most, sizeof *names.items), 0 };
    if (!names.items) return weir_load_no_memory(load);
    add_known(&names, (enum weir_decl_kind)kind);
    qsort(names.items, names.cnt, sizeof *names.items, by_bytes);
    load->known[kind] = names.items;
    load->known_cnt[kind] = names.cnt;
  }
  return WEIR_OK;
}

bool weir_load_is_key(const struct weir_load *load, enum weir_decl_kind kind, weir_str name) {
  return load->known_cnt[kind] && bsearch(&name, load->known[kind], load->known_cnt[kind], sizeof(name), by_bytes) != NULL;
}
