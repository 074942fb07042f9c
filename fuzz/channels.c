/* channels.c: what platforms and accounts may do, and what is shared out: channels, accounts, pools, coupons, segments, written from the
 * input as tables that are mostly well formed, or as they stand in it. What must hold:
 *   what is wrong is told with its place; what loads can be described and reported on, and loads again to the same;
 *   an account's own word about itself is the one that counts;
 *   in a life with it nothing goes out that an account cannot do, no text is too long, no quota is exceeded, and nothing is written to
 *   somebody whose window is closed: counted anew from all that went out. */
#include "base/buf.h"
#include "engine.h"
#include "rule_file.h"

#define TEXT_CAP 16384
#define ACTION_CNT 9
#define SENT_MAX 512
#define EVENTS_MAX 40
#define START INT64_C(1763773200000)
#define DAY_MS INT64_C(86400000)

static const char *const actions[ACTION_CNT] = { "reply", "message", "follow", "like", "hide", "accept", "invite", "deliver", "remark" };
static const char *const abilities[] = { "api", "device", "none" };
static const char *const places[][2] = { { "gw", "a" }, { "gw", "b" }, { "douyin", "x" }, { "wechat_oa", "y" }, { "instagram", "z" } };
#define PLACE_CNT (sizeof places / sizeof places[0])

/* Rules with something to do for every line of a table. */
static const char rules[] =
  "rule 'c' { on = 'comment', any = true, continue = true, reply = { 'one {pool.ids|none}', 'two' }, message = { 'private', after = '0s..20m' }, like = true, incr = 'points' }\n"
  "rule 'm' { on = 'message', any = true, reply = 'a rather long answer, 求电子版, so that some limit is met 𝄞', message = { all = { 'first', 'second {coupon.gift|none}' } }, hide = true }\n"
  "rule 'f' { on = { 'follow', 'friend_request', 'friend_added', 'enter', 'click' }, follow = true, message = 'welcome' }\n"
  "rule 't' { on = 'timer', every = '1h', segment = 'layers/top', message = 'still there?', max = 5 }\n";

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  rule_file_begin();
  return 0;
}

/* ---- tables from bytes */

/* What an account said of itself, to be found again. */
struct said {
  uint8_t ability[ACTION_CNT];   /* 0: nothing; else of `abilities`, from 1 */
  bool declared, twice;          /* twice: more than one declaration of it, or one that is not all ours */
};

static const char *one_of(struct fuzz_input *in, const char *const *words, size_t cnt) { return words[fuzz_byte(in) % cnt]; }
#define ONE_OF(in, words) one_of(in, words, sizeof(words) / sizeof(words)[0])

static const char *number(struct fuzz_input *in) {
  static const char *const numbers[] = { "1", "2", "3", "5", "20", "1000000", "0", "-1", "1000001", "1.5", "'3'", "nil", "{}", "9223372036854775807" };
  uint8_t which = fuzz_byte(in);
  return which < 200 ? numbers[which % 5] : numbers[which % (sizeof numbers / sizeof numbers[0])];
}

static const char *span(struct fuzz_input *in) {
  static const char *const spans[] = { "1m", "1h", "day", "10m", "30s", "month", "ever", "31d", "1s", "0s", "32d", "2h30m", "", "weak", "-1h", "999999999999h" };
  uint8_t which = fuzz_byte(in);
  return which < 200 ? spans[which % 7] : spans[which % (sizeof spans / sizeof spans[0])];
}

/* As it stands in the input: nobody knows what that declares. */
static void raw(struct weir_buf *buf, struct fuzz_input *in, struct said *said) {
  said->twice = true;
  for (uint8_t n = fuzz_byte(in) % 32; n > 0 && in->left; n--) weir_buf_byte(buf, (char)fuzz_byte(in));
}

static void one_quota(struct weir_buf *buf, struct fuzz_input *in, bool named) {
  static const char *const scopes[] = { "account", "contact", "post", "trigger", "text", "acount" };
  uint8_t how = fuzz_byte(in);
  weir_buf_text(buf, "{ ");
  if (named && how & 1) weir_buf_printf(buf, "action = '%s', ", ONE_OF(in, actions));
  else if (named && how & 2) weir_buf_printf(buf, "action = { '%s', '%s' }, ", ONE_OF(in, actions), ONE_OF(in, actions));
  weir_buf_printf(buf, "max = %s, ", number(in));
  if (how & 4 || !(how & 8)) weir_buf_printf(buf, "within = '%s', ", span(in));
  if (how & 8) weir_buf_printf(buf, "per = '%s', ", one_of(in, scopes, how & 128 ? 6 : 5));
  if (how & 16) weir_buf_printf(buf, how & 32 ? "wait = false, " : "wait = '%s', ", span(in));
  if (how & 64) weir_buf_text(buf, "as_of = '2026-01-01', source = 's', ");
  weir_buf_text(buf, "}, ");
}

static void one_window(struct weir_buf *buf, struct fuzz_input *in) {
  static const char *const kinds[] = { "message", "comment", "follow", "click", "enter", "friend_added", "timer", "mesage" };
  uint8_t how = fuzz_byte(in);
  if (how & 1) weir_buf_printf(buf, "{ opens = { '%s', '%s' }, ", ONE_OF(in, kinds), one_of(in, kinds, 6));
  else weir_buf_printf(buf, "{ opens = '%s', ", one_of(in, kinds, how & 128 ? 8 : 6));
  weir_buf_printf(buf, "lasts = '%s', ", span(in));
  if (how & 2) weir_buf_printf(buf, "max = %s, ", number(in));
  if (how & 4) weir_buf_text(buf, how & 8 ? "per = 'trigger', " : "per = 'contact', ");
  weir_buf_text(buf, "}, ");
}

static void list(struct weir_buf *buf, struct fuzz_input *in, const char *key, bool windows) {
  weir_buf_printf(buf, "  %s = { ", key);
  for (uint8_t n = fuzz_byte(in) % 4; n > 0; n--) {
    if (windows) one_window(buf, in);
    else one_quota(buf, in, strcmp(key, "push") != 0);
  }
  weir_buf_text(buf, "},\n");
}

static void lengths(struct weir_buf *buf, struct fuzz_input *in) {
  static const char *const units[] = { "bytes", "characters", "utf16", "byte" };
  weir_buf_text(buf, "  text = { ");
  for (int i = 0; i < 2; i++) {
    uint8_t how = fuzz_byte(in);
    weir_buf_printf(buf, how & 1 ? "%s = '%u %s', " : "%s = { '%u %s', source = 's' }, ", actions[i], fuzz_byte(in) % 100u, one_of(in, units, how & 128 ? 4 : 3));
  }
  weir_buf_text(buf, "},\n");
}

static void spacing(struct weir_buf *buf, struct fuzz_input *in) {
  static const char *const ranges[] = { "1s", "2s..8s", "1m..2m", "0s", "1h", "8s..2s", "2h" };
  if (fuzz_byte(in) & 1) weir_buf_printf(buf, "  spacing = '%s',\n", ONE_OF(in, ranges));
  else weir_buf_printf(buf, "  spacing = { %s = '%s' },\n", ONE_OF(in, actions), ONE_OF(in, ranges));
}

/* Keys of a channel or an account, each once. */
static void terms(struct weir_buf *buf, struct fuzz_input *in, struct said *said) {
  uint8_t keys = fuzz_byte(in), able = fuzz_byte(in);
  for (uint32_t i = 0; i < ACTION_CNT && able; i++, able >>= 1) {
    if (!(able & 1)) continue;
    uint8_t word = fuzz_byte(in) % 3;
    weir_buf_printf(buf, "  %s = '%s',\n", actions[i], abilities[word]);
    if (said) said->ability[i] = word + 1;
  }
  if (keys & 1) list(buf, in, "quotas", false);
  if (keys & 2) list(buf, in, "windows", true);
  if (keys & 4 && keys & 128) weir_buf_text(buf, keys & 8 ? "  push = true,\n" : "  push = false,\n");
  else if (keys & 4) list(buf, in, "push", false);
  if (keys & 16) lengths(buf, in);
  if (keys & 32) spacing(buf, in);
  if (keys & 64 && keys & 8) weir_buf_printf(buf, "  max_similar = { max = %s, within = '%s' },\n", number(in), span(in));
  else if (keys & 64) weir_buf_printf(buf, "  max_similar = %s,\n", number(in));
}

static void events_of(struct weir_buf *buf, struct fuzz_input *in) {
  static const char *const sets[] = { "'comment', 'message'", "'message'", "'comment', 'message', 'follow', 'enter', 'click', 'friend_request'", "", "'mesage'", "'timer'", "1" };
  weir_buf_printf(buf, "  events = { %s },\n", ONE_OF(in, sets));
}

static void shares(struct weir_buf *buf, struct fuzz_input *in) {
  static const char *const on_full[] = { "next", "drop", "handoff", "nxt" };
  uint8_t how = fuzz_byte(in), top = fuzz_byte(in) % 102;
  weir_buf_text(buf, "pool 'ids' { ");
  for (uint8_t n = 1 + how % 4; n > 0; n--) weir_buf_printf(buf, "'%c', ", 'a' + fuzz_byte(in) % 26);
  if (how & 16) weir_buf_printf(buf, "per_day = %s, ", number(in));
  if (how & 32) weir_buf_printf(buf, "total = %s, ", number(in));
  if (how & 64) weir_buf_printf(buf, "out = '%c', ", 'a' + fuzz_byte(in) % 26);
  if (how & 128) weir_buf_printf(buf, "on_full = '%s', ", ONE_OF(in, on_full));
  weir_buf_printf(buf, "}\ncoupon 'gift' { 'C-1', 'C-%u', on_full = '%s' }\n", fuzz_byte(in) % 4u, ONE_OF(in, on_full));
  weir_buf_printf(buf, "segment 'layers' { by = 'points', layers = { { 'top', %u }, { 'rest', %u } } }\n", (unsigned)top, how & 1 && top < 100 ? 100u - top : 99u);
}

static void write_tables(struct weir_buf *buf, struct fuzz_input *in, struct said said[PLACE_CNT]) {
  static const char *const kinds[] = { "subscription", "service", "mini_program", "subscripton" };
  uint8_t how = fuzz_byte(in);
  weir_buf_text(buf, "pack { name = 'p', version = '1' }\n");
  weir_buf_text(buf, "channel 'gw' {\n");
  if (how & 1) terms(buf, in, NULL);
  if (how & 2) events_of(buf, in);
  weir_buf_text(buf, "}\n");
  if (how & 4) {
    weir_buf_printf(buf, "channel '%s' {\n", places[2 + fuzz_byte(in) % 3][0]);
    terms(buf, in, NULL);
    weir_buf_text(buf, "}\n");
  }
  for (uint8_t n = 1 + how / 8 % 4; n > 0; n--) {
    size_t at = fuzz_byte(in) % PLACE_CNT;
    struct said other = { .declared = true };
    weir_buf_printf(buf, "account '%s/%s' {\n", places[at][0], places[at][1]);
    if (at == 3 && how & 64) weir_buf_printf(buf, "  kind = '%s',\n", ONE_OF(in, kinds));
    terms(buf, in, said[at].declared ? &other : &said[at]);
    said[at].twice = said[at].twice || said[at].declared;
    said[at].declared = true;
    if (how & 128) raw(buf, in, &said[at]);
    weir_buf_text(buf, "}\n");
  }
  shares(buf, in);
  weir_buf_text(buf, rules);
}

/* ---- what loads: it can be described, and an account's own word counts */

static void look_at_all(const weir_ruleset *rs, const struct said said[PLACE_CNT]) {
  weir_account_info account;
  weir_rule_info rule;
  weir_example example;
  weir_stage_info stage;
  size_t cnt = 0, rule_cnt = weir_ruleset_rule_count(rs);
  for (; weir_ruleset_account(rs, cnt, &account); cnt++) MUST(account.channel.len && account.account.len);
  for (size_t i = 0; i < rule_cnt; i++) {
    MUST(weir_ruleset_rule(rs, i, &rule) && rule.line > 0);
    MUST(!weir_ruleset_example(rs, i, 0, &example));
  }
  MUST(!weir_ruleset_stage(rs, 0, 0, &stage) && !weir_ruleset_rule(rs, rule_cnt, &rule));
  if (!said) return;
  for (size_t p = 0; p < PLACE_CNT; p++) {
    if (!said[p].declared || said[p].twice) continue;
    const struct weir_terms *t = weir_policy_terms(rs, weir_str_of(places[p][0]), weir_str_of(places[p][1]));
    MUST(t);
    for (size_t a = 0; a < ACTION_CNT; a++)
      if (said[p].ability[a]) MUST(weir_policy_able(t, weir_str_of(actions[a])) == (said[p].ability[a] != 3));
  }
}

/* ---- a life, and what went out in it */

struct sent {
  int64_t at_ms;
  size_t place;
  uint32_t action, contact;
};
struct opened {
  int64_t at_ms;
  enum weir_event_kind kind;
  size_t place;
  uint32_t contact;
};
static struct sent sent[SENT_MAX];
static size_t sent_cnt;
static struct opened opened[EVENTS_MAX];
static size_t opened_cnt;

static uint32_t number_of(weir_str word, const char *const *words, size_t cnt) {
  uint32_t i = 0;
  while (i < cnt && !weir_str_eq(word, weir_str_of(words[i]))) i++;
  return i;
}

static bool counts(const struct weir_quota *q, const struct sent *s) {
  for (uint32_t i = 0; i < q->action_cnt; i++)
    if (weir_str_eq(q->actions[i], weir_str_of(actions[s->action]))) return true;
  return q->action_cnt == 0;
}

/* What the quota counts with `it`, up to it. Scopes and spans that need to know whence a timer came are left to the unit tests. */
static void check_quota(const struct weir_quota *q, const struct sent *it) {
  uint32_t cnt = 0;
  if (q->pushes_only || !counts(q, it) || q->scope > WEIR_PER_CONTACT || q->span == WEIR_SPAN_MONTH) return;
  for (size_t i = 0; i < sent_cnt; i++) {
    const struct sent *s = &sent[i];
    if (s->place != it->place || !counts(q, s) || (q->scope == WEIR_PER_CONTACT && s->contact != it->contact)) continue;
    if (q->span == WEIR_SPAN_DAY && s->at_ms / DAY_MS != it->at_ms / DAY_MS) continue;
    if (q->span != WEIR_SPAN_DAY && s->at_ms <= it->at_ms - q->window_ms) continue;
    cnt++;
  }
  MUST(cnt <= q->max);
}

static void check_window(const struct weir_terms *t, const struct sent *it) {
  if (t->window_cnt == 0 || t->push || strcmp(actions[it->action], "message") != 0) return;
  bool open = false;
  for (size_t i = 0; i < opened_cnt && !open; i++) {
    const struct opened *o = &opened[i];
    if (o->place != it->place || o->contact != it->contact) continue;
    for (uint32_t w = 0; w < t->window_cnt; w++)
      open = open || ((t->windows[w].opens >> o->kind & 1) && it->at_ms <= o->at_ms + t->windows[w].lasts_ms);
  }
  MUST(open);
}

static void went_out(const weir_ruleset *rs, const weir_action *action, int64_t now_ms) {
  static const char *const people[] = { "u1", "u2", "u3", "u4" };
  struct sent it = { .at_ms = now_ms, .action = number_of(action->kind, actions, ACTION_CNT), .contact = number_of(action->contact, people, 4) };
  if (it.action == ACTION_CNT) return; /* nobody sees it */
  while (it.place < PLACE_CNT && !(weir_str_eq(action->channel, weir_str_of(places[it.place][0])) && weir_str_eq(action->account, weir_str_of(places[it.place][1]))))
    it.place++;
  MUST(it.place < PLACE_CNT && sent_cnt < SENT_MAX);
  sent[sent_cnt++] = it;
  const struct weir_terms *t = weir_policy_terms(rs, action->channel, action->account);
  MUST(weir_policy_able(t, action->kind));
  for (uint32_t i = 0; t && i < t->text_cnt; i++)
    if (weir_str_eq(t->texts[i].action, action->kind)) MUST(weir_policy_text_units(action->text, t->texts[i].unit) <= t->texts[i].max);
  for (uint32_t i = 0; t && i < t->quota_cnt; i++) check_quota(&t->quotas[i], &it);
  if (t) check_window(t, &it);
}

static void look(const weir_ruleset *rs, const weir_verdict *verdict, int64_t now_ms) {
  for (size_t i = 0; i < verdict->action_cnt; i++) went_out(rs, &verdict->actions[i], now_ms);
}

static void on_usage(void *ctx, const weir_usage *usage) {
  MUST(usage->max > 0 && usage->used <= usage->max && (usage->pool.len > 0) != (usage->channel.len > 0));
  ++*(size_t *)ctx;
}

static void one_event(weir_engine *engine, const weir_ruleset *rs, struct fuzz_input *in, int64_t now_ms) {
  static const char *const types[] = { "comment", "message", "message", "follow", "enter", "click", "friend_request", "friend_added" };
  static const char *const people[] = { "u1", "u2", "u3", "u4" };
  uint8_t how = fuzz_byte(in), where = fuzz_byte(in);
  char id[16];
  weir_verdict verdict;
  weir_error err = { .status = WEIR_OK };
  struct opened *o = &opened[opened_cnt++];
  *o = (struct opened){ .at_ms = now_ms, .place = where % PLACE_CNT, .contact = how / 8 % 4u };
  MUST(weir_event_kind_parse(weir_str_of(types[how % 8]), &o->kind));
  (void)snprintf(id, sizeof id, "e%zu", opened_cnt);
  const weir_event event = { .struct_size = sizeof event, .id = weir_str_of(id), .channel = weir_str_of(places[o->place][0]), .account = weir_str_of(places[o->place][1]),
                             .type = weir_str_of(types[how % 8]), .time_ms = now_ms, .contact_id = weir_str_of(people[o->contact]), .text = WEIR_STR("hello"),
                             .post = how & 128 ? WEIR_STR("v1") : WEIR_STR("v2"), .mentioned = -1, .is_follower = -1 };
  weir_status status = weir_decide(engine, &event, now_ms, &verdict, &err);
  MUST(status == WEIR_OK || status == WEIR_E_FULL);
  look(rs, &verdict, now_ms);
}

static void live(const weir_ruleset *rs, struct fuzz_input *in) {
  static const int64_t waits[] = { 0, 1000, 20000, 60000, 600000, 3600000, DAY_MS };
  weir_engine *engine;
  weir_verdict verdict;
  weir_key *key;
  weir_error err = { .status = WEIR_OK };
  int64_t now_ms = START;
  size_t usages = 0;
  sent_cnt = opened_cnt = 0;
  MUST(weir_key_parse(&key, WEIR_STR("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
                                     "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"), NULL) == WEIR_OK);
  const weir_config config = { .struct_size = sizeof config, .ruleset = rs, .key = key, .chain = WEIR_STR("fuzz"), .state_memory = WEIR_STATE_BYTES_MIN };
  MUST(weir_engine_open(&engine, &config, NULL) == WEIR_OK);
  while (in->left && opened_cnt < EVENTS_MAX && sent_cnt < SENT_MAX - 10 * WEIR_ACTIONS_MAX) {
    one_event(engine, rs, in, now_ms);
    now_ms += waits[fuzz_byte(in) % (sizeof waits / sizeof waits[0])];
    for (int i = 0; i < 8 && weir_tick(engine, now_ms, &verdict, &err) == WEIR_OK; i++) look(rs, &verdict, now_ms);
  }
  const weir_report report = { .struct_size = sizeof report, .ctx = &usages, .usage = on_usage };
  MUST(weir_report_engine(engine, &report, &err) == WEIR_OK);
  weir_engine_close(engine);
  weir_key_free(key);
}

/* The first byte: tables made of the rest, or the rest as it stands among tables and rules. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char room[TEXT_CAP];
  struct weir_buf buf;
  struct said said[PLACE_CNT];
  struct fuzz_input in = { data, size };
  bool as_it_stands = fuzz_byte(&in) >= 240;
  memset(said, 0, sizeof said);
  weir_buf_init(&buf, room, sizeof room);
  if (as_it_stands) {
    weir_str text = fuzz_until(&in, '\0');
    weir_buf_text(&buf, "pack { name = 'p', version = '1' }\n");
    weir_buf_str(&buf, text);
    weir_buf_byte(&buf, '\n');
    weir_buf_text(&buf, rules);
  } else {
    write_tables(&buf, &in, said);
  }
  if (buf.full) return 0;
  rule_file_write(weir_buf_view(&buf));
  weir_ruleset *rs = load_twice();
  if (!rs) return 0;
  look_at_all(rs, as_it_stands ? NULL : said);
  live(rs, &in);
  weir_ruleset_free(rs);
  return 0;
}
