/* No window and no quota is ever exceeded: random events, clocks and outcomes through a whole engine, on both stores, against a slow model
 * that keeps every action that went out and counts anew each time. */
#include "engine_support.h"

#include <inttypes.h>

enum { CONTACTS = 6, POSTS = 4, EVENTS = 20000, SENT = 40000 };
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Numbers small enough that all of them are met again and again. */
static const char pack[] =
  "pack { name = 'p', timezone = 'America/New_York', unasked_per_day = 2 }\n"
  "channel 'gw' {\n"
  "  windows = { { opens = 'message', lasts = '10m', max = 3 }, { opens = 'comment', lasts = '1h', max = 1, per = 'trigger' } },\n"
  "  push = { { max = 2, within = 'day', per = 'contact' }, { max = 30, within = 'month' } },\n"
  "  quotas = {\n"
  "    { action = 'reply', max = 4, within = '1m' },\n"
  "    { action = { 'reply', 'message' }, max = 25, within = '1h', wait = '3h' },\n"
  "    { action = 'reply', max = 3, within = '30m', per = 'post', wait = false },\n"
  "    { action = 'like', max = 5, within = 'day', wait = '2h' },\n"
  "    { action = 'follow', max = 2, within = 'month', per = 'contact' },\n"
  "    { action = 'hide', max = 1, per = 'trigger' },\n"
  "  },\n"
  "  max_similar = { max = 9, within = '40m' },\n"
  "}\n"
  "account 'gw/a' {}\n"
  "rule 'c' { on = 'comment', any = true, reply = { 'one {code}', 'two {code}' }, message = { 'private', after = '0s..20m' }, like = true, follow = true }\n"
  "rule 'm' { on = 'message', any = true, run = function(e) e:reply('yes') e:message { all = { 'a', 'b' } } e:hide() e:after('30m', 'later') end }\n"
  "rule 'later' { on = 'timer', run = function(e) e:message('still there?') e:after('9h', 'later') end }\n";

struct sent {
  int64_t at;
  char kind; /* r, m, l, f, h */
  int contact, post, trigger;
  int window;  /* messages: 0 the contact's, 1 the comment's, 2 pushed */
  bool unasked, rejected;
  char text[8];
  char decision[32];
  uint32_t n;
};

static struct sent sent[SENT];
static int sent_cnt;
static int64_t message_ms[CONTACTS];   /* when he last wrote; 0: never */
static int message_first[CONTACTS];    /* the first action after that */
static struct {
  int contact, post;
  int64_t at;
  bool comment;
} triggers[EVENTS];
static uint64_t dice;

static uint64_t roll(uint64_t below) {
  dice ^= dice << 13;
  dice ^= dice >> 7;
  dice ^= dice << 17;
  return dice % below;
}

/* The day and the month of New York, by the rule that has held there since 2007. */
static int64_t local_ms(int64_t ms) {
  static const struct { int64_t begin, end; } summers[] = { { INT64_C(1772953200000), INT64_C(1793512800000) },   /* 2026-03-08, 2026-11-01 */
                                                            { INT64_C(1805007600000), INT64_C(1825567200000) } }; /* 2027-03-14, 2027-11-07 */
  bool summer = false;
  for (size_t i = 0; i < 2; i++) summer = summer || (ms >= summers[i].begin && ms < summers[i].end);
  return ms - (summer ? 4 : 5) * HOUR;
}
static int64_t day_of(int64_t ms) { return local_ms(ms) / DAY; }
static int month_of(int64_t ms) {
  int64_t days = day_of(ms), month = 0;
  for (int year = 1970;; year++) {
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    for (int i = 0; i < 12; i++, month++) {
      int length = lengths[i] + (i == 1 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
      if (days < length) return (int)month;
      days -= length;
    }
  }
}

/* ---- the slow model */

static bool alike(const struct sent *a, const struct sent *b, int scope) {
  switch (scope) {
    case 'c': return a->contact == b->contact;
    case 'p': return a->post == b->post;
    case 't': return a->trigger == b->trigger;
    case 'x': return a->text[0] && strcmp(a->text, b->text) == 0 && (a->kind == 'r' || a->kind == 'm');
    default: return true;
  }
}

/* How many of `kinds` within the window that ends with `it`, it included. */
static int within(const struct sent *it, const char *kinds, int scope, int64_t window) {
  int cnt = 0;
  for (int i = 0; i < sent_cnt; i++) {
    const struct sent *s = &sent[i];
    if (!s->rejected && strchr(kinds, s->kind) && alike(s, it, scope) && s->at > it->at - window && s->at <= it->at) cnt++;
  }
  return cnt;
}
static int in_period(const struct sent *it, const char *kinds, int scope, bool month, bool pushes) {
  int cnt = 0;
  for (int i = 0; i < sent_cnt; i++) {
    const struct sent *s = &sent[i];
    bool same = month ? month_of(s->at) == month_of(it->at) : day_of(s->at) == day_of(it->at);
    if (!s->rejected && strchr(kinds, s->kind) && alike(s, it, scope) && same && (!pushes || s->window == 2)) cnt++;
  }
  return cnt;
}

#define AT_MOST(max, cnt) \
  do { \
    int counted = (cnt); \
    if (counted > (max)) fail_msg("%s: %d, at most %d (action %d, seed %" PRIu64 ")", #cnt, counted, (max), sent_cnt, dice); \
  } while (0)

/* Which window lets a message out, as the first that has room. */
static int window_of(const struct sent *it) {
  int used = 0;
  int64_t opened = message_ms[it->contact];
  for (int i = 0; i < sent_cnt; i++) {
    const struct sent *s = &sent[i];
    used += s != it && !s->rejected && s->kind == 'm' && s->contact == it->contact && s->window == 0 && i >= message_first[it->contact];
  }
  if (opened && it->at - opened < 10 * MINUTE && used < 3) return 0;
  used = 0;
  for (int i = 0; i < sent_cnt; i++) used += &sent[i] != it && !sent[i].rejected && sent[i].kind == 'm' && sent[i].window == 1 && sent[i].trigger == it->trigger;
  if (triggers[it->trigger].comment && it->at - triggers[it->trigger].at < HOUR && used < 1) return 1;
  return 2;
}

static void check(struct sent *it) {
  if (it->kind == 'r') AT_MOST(4, within(it, "r", 0, MINUTE));
  if (it->kind == 'r' || it->kind == 'm') AT_MOST(25, within(it, "rm", 0, HOUR));
  if (it->kind == 'r') AT_MOST(3, within(it, "r", 'p', 30 * MINUTE));
  if (it->kind == 'l') AT_MOST(5, in_period(it, "l", 0, false, false));
  if (it->kind == 'f') AT_MOST(2, in_period(it, "f", 'c', true, false));
  if (it->kind == 'h') AT_MOST(1, within(it, "h", 't', 1000 * DAY));
  if (it->text[0]) AT_MOST(9, within(it, "rm", 'x', 40 * MINUTE));
  if (it->kind != 'm') return;
  it->window = window_of(it);
  if (it->window == 2) AT_MOST(2, in_period(it, "m", 'c', false, true));
  if (it->window == 2) AT_MOST(30, in_period(it, "m", 0, true, true));
  if (!it->unasked) return;
  int cnt = 0;
  for (int i = 0; i < sent_cnt; i++) {
    const struct sent *s = &sent[i];
    cnt += !s->rejected && s->unasked && s->contact == it->contact && s->at > it->at - DAY && s->at <= it->at;
  }
  AT_MOST(2, cnt);
}

/* ---- the engine's side */

static void take(const struct rig *r) {
  const weir_verdict *v = &r->verdict;
  for (size_t i = 0; i < v->action_cnt; i++) {
    const weir_action *a = &v->actions[i];
    struct sent s = { .at = r->now, .kind = a->kind.ptr[0], .window = -1, .n = a->n };
    if (!strchr("rmlfh", s.kind)) continue;
    s.trigger = atoi(v->cause.ptr + 1);
    s.contact = triggers[s.trigger].contact;
    s.post = triggers[s.trigger].post;
    assert_int_equal(atoi(v->contact.ptr + 1), s.contact);
    s.unasked = a->text.len > 5 && memcmp(a->text.ptr, "still", 5) == 0;
    if (a->text.len) snprintf(s.text, sizeof s.text, "%.3s", a->text.ptr);
    snprintf(s.decision, sizeof s.decision, "%.*s", (int)v->id.len, v->id.ptr);
    assert_true(sent_cnt < SENT);
    sent[sent_cnt++] = s;
    check(&sent[sent_cnt - 1]);
  }
}

static void drain(struct rig *r) {
  weir_record record;
  while (weir_next_record(r->engine, &record, &r->err) == WEIR_OK) {
    char aud[64];
    snprintf(aud, sizeof aud, "%.*s", (int)record.aud.len, record.aud.ptr);
    assert_int_equal(weir_ack(r->engine, (weir_str){ aud, strlen(aud) }, record.seq, &r->err), WEIR_OK);
  }
}

static void tick_all(struct rig *r) {
  while (weir_next_due(r->engine) <= r->now) {
    if (weir_tick(r->engine, r->now, &r->verdict, &r->err)) fail_msg("tick: %s", r->err.message);
    take(r);
    drain(r);
  }
}

static void give_event(struct rig *r, int number) {
  char id[16], contact[16], post[16];
  bool comment = roll(3) > 0;
  triggers[number].contact = (int)roll(CONTACTS);
  triggers[number].post = (int)roll(POSTS);
  triggers[number].at = r->now;
  triggers[number].comment = comment;
  snprintf(id, sizeof id, "e%d", number);
  snprintf(contact, sizeof contact, "u%d", triggers[number].contact);
  snprintf(post, sizeof post, "v%d", triggers[number].post);
  weir_event e = event_of(r, id, comment ? "comment" : "message", contact, "hello");
  e.channel = S("gw");
  e.account = S("a");
  e.post = (weir_str){ post, strlen(post) };
  if (!comment && r->now > message_ms[triggers[number].contact]) {
    message_ms[triggers[number].contact] = r->now;
    message_first[triggers[number].contact] = sent_cnt;
  }
  if (weir_decide(r->engine, &e, r->now, &r->verdict, &r->err)) fail_msg("event: %s", r->err.message);
  take(r);
  drain(r);
}

/* Some of what went out lately is refused by the platform, for good or for now. */
static void give_outcome(struct rig *r, int number) {
  char id[16];
  if (sent_cnt == 0) return;
  struct sent *s = &sent[sent_cnt - 1 - (int)roll((uint64_t)(sent_cnt < 20 ? sent_cnt : 20))];
  if (s->rejected) return;
  snprintf(id, sizeof id, "o%d", number);
  weir_event e = event_of(r, id, "outcome", "", "");
  e.channel = S("gw");
  e.account = S("a");
  e.outcome = (weir_event_outcome){ .decision = { s->decision, strlen(s->decision) }, .n = s->n, .status = S("rejected"),
                                    .retry_after_ms = roll(2) ? 0 : (int64_t)roll(20 * MINUTE) };
  s->rejected = true;
  if (weir_decide(r->engine, &e, r->now, &r->verdict, &r->err)) fail_msg("outcome: %s", r->err.message);
  take(r);
}

static void run(const char *state, uint64_t seed, int events) {
  struct rig r;
  rig_open(&r, pack, (weir_config){ .state = state });
  dice = seed;
  sent_cnt = 0;
  memset(message_ms, 0, sizeof message_ms);
  r.now = INT64_C(1793300000000); /* two days before the clocks go back and the month ends there */
  int64_t newest = r.now;
  for (int i = 0; i < events; i++) {
    static const int64_t steps[] = { 500, 5 * SECOND, MINUTE, 20 * MINUTE, 6 * HOUR };
    r.now += (int64_t)roll((uint64_t)steps[roll(50) == 0 ? 4 : roll(4)]);
    newest = r.now > newest ? r.now : newest;
    if (roll(40) == 0) r.now -= (int64_t)roll(9 * SECOND); /* the clock is set back */
    if (r.now < newest - 9 * SECOND) r.now = newest - 9 * SECOND;
    tick_all(&r);
    if (roll(8) == 0) give_outcome(&r, i);
    else give_event(&r, i);
  }
  int kinds[128] = { 0 }, windows[3] = { 0 }, unasked = 0;
  for (int i = 0; i < sent_cnt; i++) {
    kinds[(int)sent[i].kind]++;
    if (sent[i].kind == 'm') windows[sent[i].window]++;
    unasked += sent[i].unasked;
  }
  weir_stats stats = { .struct_size = sizeof stats };
  weir_engine_stats(r.engine, &stats);
  print_message("# %s: %d sent (%d replies, %d messages: %d, %d, %d by window), %d unasked, %llu waited, %llu dropped\n", state ? "file" : "memory", sent_cnt,
                kinds['r'], kinds['m'], windows[0], windows[1], windows[2], unasked, (unsigned long long)stats.waiting, (unsigned long long)stats.dropped);
  /* every limit was met, and none stopped everything */
  assert_true(kinds['r'] > events / 20 && kinds['h'] > 0 && kinds['f'] > 0 && kinds['l'] > 0);
  assert_true(windows[0] > 0 && windows[1] > 0 && windows[2] > 0 && unasked > 0 && stats.waiting > 0 && stats.dropped > 0);
  rig_close(&r);
}

static void never_more_in_memory(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 3; seed++) run(NULL, seed * UINT64_C(88172645463325252), 3000);
}

static void never_more_on_disk(void **state) {
  (void)state;
  char path[] = "/tmp/weir-policy-XXXXXX", wal[80];
  assert_non_null(mkdtemp(path));
  char name[64];
  snprintf(name, sizeof name, "%s/shop.db", path);
  snprintf(wal, sizeof wal, "%s-wal", name);
  run(name, UINT64_C(362436069362436069), 600);
  unlink(wal);
  unlink(name);
  rmdir(path);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(never_more_in_memory), cmocka_unit_test(never_more_on_disk) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
