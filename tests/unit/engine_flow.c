/* Time and funnels through the whole engine, on both stores: what waits and when it goes out, what cancels it, rules that come
 * round, what follows a step; summer time in both directions, leap day, year end, jumps of the clock. */
#define _GNU_SOURCE 1 /* memmem */
#include "../engine_support.h"

#include "base/clock.h"
#include "engine.h"

static const char *state_file;
static char log_text[8192];

static int64_t at(const char *text) {
  int64_t ms;
  if (!weir_time_parse(weir_str_of(text), &ms)) fail_msg("%s", text);
  return ms;
}

static void open_at(struct rig *r, const char *source, const char *time) {
  if (state_file) {
    char name[128];
    const char *const suffixes[] = { "", "-wal", "-shm" };
    for (int i = 0; i < 3; i++) {
      snprintf(name, sizeof name, "%s%s", state_file, suffixes[i]);
      unlink(name);
    }
  }
  rig_open(r, source, (weir_config){ .state = state_file });
  r->now = at(time);
  log_text[0] = '\0';
}

/* "2026-11-22T01:30:00Z u1 reply hello" for each action that goes out. */
static void note(struct rig *r) {
  char time[WEIR_TIME_CHARS];
  weir_time_format(r->now, time);
  for (size_t i = 0; i < r->verdict.action_cnt; i++) {
    const weir_action *a = &r->verdict.actions[i];
    if (!a->text.len) continue;
    size_t used = strlen(log_text);
    snprintf(log_text + used, sizeof log_text - used, "%s%s %.*s %.*s", used ? "\n" : "", time, (int)r->verdict.contact.len, r->verdict.contact.ptr,
             (int)a->text.len, a->text.ptr);
  }
}

static void tick(struct rig *r) {
  if (weir_tick(r->engine, r->now, &r->verdict, &r->err)) fail_msg("tick: %s", r->err.message);
  note(r);
}

/* Fires everything that is due until `time`, each at its own moment. */
static void until(struct rig *r, const char *time) {
  int64_t end = at(time), due;
  for (int i = 0; (due = weir_next_due(r->engine)) <= end; i++) {
    if (i > 100000) fail_msg("it never ends");
    if (due > r->now) r->now = due;
    tick(r);
  }
  r->now = end;
}

/* The clock jumps, and then everything that is due fires. */
static void jump(struct rig *r, const char *time) {
  r->now = at(time);
  for (int i = 0; weir_next_due(r->engine) <= r->now; i++) {
    if (i > 100000) fail_msg("it never ends");
    tick(r);
    if (weir_next_due(r->engine) > r->now) break;
  }
}

static void says(struct rig *r, const char *time, const char *id, const char *type, const char *contact, const char *text) {
  until(r, time);
  decide(r, id, type, contact, text);
  note(r);
}

static void assert_log(const char *expected) {
  if (strcmp(log_text, expected) != 0) fail_msg("went out:\n%s\nexpected:\n%s", log_text, expected);
  log_text[0] = '\0';
}

/* ---- at, hours, weekdays */

struct clock_case {
  const char *zone, *rule, *asked, *expected; /* when it goes out; NULL: the rule does not fire */
};

static void by_the_clock(void **state) {
  static const struct clock_case table[] = {
    { "Asia/Shanghai", "message = { 'x', at = '09:30' }", "2026-11-22T01:00:00Z", "2026-11-22T01:30:00Z" },
    { "Asia/Shanghai", "message = { 'x', at = '09:30' }", "2026-11-22T02:00:00Z", "2026-11-23T01:30:00Z" },
    { "Asia/Shanghai", "message = { 'x', after = '24h', at = '09:30' }", "2026-11-22T02:00:00Z", "2026-11-24T01:30:00Z" },
    /* summer time, both ways */
    { "Europe/Berlin", "message = { 'x', at = '09:30' }", "2026-03-28T12:00:00Z", "2026-03-29T07:30:00Z" },
    { "Europe/Berlin", "message = { 'x', at = '09:30' }", "2026-10-24T12:00:00Z", "2026-10-25T08:30:00Z" },
    { "Europe/Berlin", "message = { 'x', at = '02:30' }", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z" },  /* skipped: after the gap */
    { "Europe/Berlin", "message = { 'x', at = '02:30' }", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z" },  /* twice: the first */
    { "Europe/Berlin", "message = { 'x', at = '02:30' }", "2026-10-25T00:45:00Z", "2026-10-26T01:30:00Z" },  /* not a second time */
    { "Australia/Lord_Howe", "message = { 'x', at = '02:15' }", "2026-10-03T12:00:00Z", "2026-10-03T15:30:00Z" },
    { "America/New_York", "message = { 'x', after = '24h' }", "2026-10-31T12:00:00Z", "2026-11-01T12:00:00Z" }, /* a length is a length */
    /* leap day, year end */
    { "Asia/Shanghai", "message = { 'x', at = '00:00' }", "2028-02-28T12:00:00Z", "2028-02-28T16:00:00Z" },
    { "Asia/Shanghai", "message = { 'x', at = '12:00' }", "2028-02-28T12:00:00Z", "2028-02-29T04:00:00Z" },
    { "Asia/Kathmandu", "message = { 'x', at = '00:10' }", "2026-12-31T12:00:00Z", "2026-12-31T18:25:00Z" },
    /* hours: open, closed, deferred */
    { "Asia/Shanghai", "hours = '09:00-21:00', message = 'x'", "2026-11-22T01:00:00Z", "2026-11-22T01:00:00Z" },
    { "Asia/Shanghai", "hours = '09:00-21:00', message = 'x'", "2026-11-22T00:59:59Z", NULL },
    { "Asia/Shanghai", "hours = '09:00-21:00', message = 'x'", "2026-11-22T13:00:00Z", NULL },
    { "Asia/Shanghai", "hours = '09:00-21:00', defer = true, message = 'x'", "2026-11-22T13:00:00Z", "2026-11-23T01:00:00Z" },
    { "Asia/Shanghai", "hours = '09:00-21:00', defer = true, message = { 'x', after = '3h' }", "2026-11-22T12:00:00Z", "2026-11-23T01:00:00Z" },
    { "Asia/Shanghai", "hours = '22:00-02:00', message = 'x'", "2026-11-22T17:30:00Z", "2026-11-22T17:30:00Z" },
    { "Asia/Shanghai", "hours = '22:00-02:00', defer = true, message = 'x'", "2026-11-22T18:00:00Z", "2026-11-23T14:00:00Z" },
    { "Asia/Shanghai", "hours = { '09:00-12:00', '14:00-18:00' }, defer = true, message = 'x'", "2026-11-22T04:30:00Z", "2026-11-22T06:00:00Z" },
    { "Europe/Berlin", "hours = '02:00-02:45', defer = true, message = 'x'", "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z" }, /* that night has none */
    { "Europe/Berlin", "hours = '08:00-10:00', defer = true, message = 'x'", "2026-10-24T12:00:00Z", "2026-10-25T07:00:00Z" },
    { "Pacific/Apia", "hours = '09:00-10:00', defer = true, message = 'x'", "2011-12-30T09:00:00Z", "2011-12-30T19:00:00Z" }, /* there was no 30th */
    /* weekdays */
    { "Asia/Shanghai", "weekdays = 'mon-fri', message = 'x'", "2026-11-22T01:00:00Z", NULL },
    { "Asia/Shanghai", "weekdays = 'sat-sun', message = 'x'", "2026-11-22T15:59:59Z", "2026-11-22T15:59:59Z" },
    { "Asia/Shanghai", "weekdays = { 'saturday', 'sun' }, message = 'x'", "2026-11-22T16:00:00Z", NULL },
    { "Asia/Shanghai", "weekdays = 'mon-fri', defer = true, message = 'x'", "2026-11-21T01:00:00Z", "2026-11-22T16:00:00Z" },
    { "Asia/Shanghai", "weekdays = 'mon-fri', hours = '10:00-11:00', defer = true, message = 'x'", "2026-11-20T05:00:00Z", "2026-11-23T02:00:00Z" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    char source[512], expected[64] = "";
    struct rig r;
    snprintf(source, sizeof source, "pack { timezone = '%s' }\nrule 'a' { on = 'comment', any = true, %s }\n", table[i].zone, table[i].rule);
    open_at(&r, source, table[i].asked);
    says(&r, table[i].asked, "c1", "comment", "u1", "hi");
    int64_t due = weir_next_due(r.engine);
    if (due != INT64_MAX) {
      r.now = due;
      tick(&r);
    }
    assert_int_equal(weir_next_due(r.engine), INT64_MAX);
    if (table[i].expected) snprintf(expected, sizeof expected, "%s u1 x", table[i].expected);
    if (strcmp(log_text, expected) != 0) fail_msg("%s, %s, asked %s: \"%s\", not \"%s\"", table[i].zone, table[i].rule, table[i].asked, log_text, expected);
    rig_close(&r);
  }
}

/* The person's zone, else the account's, else the pack's. */
static void whose_clock(void **state) {
  (void)state;
  struct rig r;
  open_at(&r,
          "pack { timezone = 'Asia/Shanghai', timezones = { 'America/New_York' } }\naccount 'douyin/papers' { timezone = 'Europe/Berlin' }\n"
          "rule 'ny' { on = 'comment', keywords = 'ny', set = { timezone = 'America/New_York' } }\n"
          "rule 'odd' { on = 'comment', keywords = 'odd', set = { timezone = 'Nowhere/Atall' } }\n"
          "rule 'a' { on = 'comment', any = true, message = { 'x', at = '12:00' } }\n",
          "2026-07-01T00:00:00Z");
  says(&r, "2026-07-01T00:00:00Z", "1", "comment", "u1", "hi");
  says(&r, "2026-07-01T00:00:01Z", "2", "comment", "u2", "ny");
  says(&r, "2026-07-01T00:00:02Z", "3", "comment", "u2", "hi");
  says(&r, "2026-07-01T00:00:03Z", "4", "comment", "u3", "odd");
  says(&r, "2026-07-01T00:00:04Z", "5", "comment", "u3", "hi");
  until(&r, "2026-07-02T00:00:00Z");
  assert_log("2026-07-01T10:00:00Z u1 x\n2026-07-01T10:00:00Z u3 x\n2026-07-01T16:00:00Z u2 x");
  rig_close(&r);
}

/* What was due while nobody was there, and now is closed, waits on; the clock that jumps back fires nothing twice. */
static void clock_jumps(void **state) {
  (void)state;
  struct rig r;
  open_at(&r, "pack { timezone = 'Asia/Shanghai' }\nrule 'a' { on = 'comment', any = true, once = true, hours = '09:00-21:00', defer = true, message = { 'x', after = '1h' } }\n",
          "2026-11-22T02:00:00Z");
  says(&r, "2026-11-22T02:00:00Z", "1", "comment", "u1", "hi");
  jump(&r, "2026-11-22T15:00:00Z"); /* 23:00 there */
  assert_log("");
  assert_int_equal(weir_next_due(r.engine), at("2026-11-23T01:00:00Z"));
  r.now = at("2026-11-22T01:00:00Z"); /* back */
  assert_int_equal(weir_tick(r.engine, r.now, &r.verdict, &r.err), WEIR_NONE);
  jump(&r, "2027-11-23T02:00:00Z"); /* a year ahead: once, late */
  assert_log("2027-11-23T02:00:00Z u1 x");
  says(&r, "2027-11-23T02:00:01Z", "2", "comment", "u1", "hi"); /* its claim is held still */
  until(&r, "2027-12-01T00:00:00Z");
  assert_log("");
  rig_close(&r);
}

/* ---- unless he answers */

static void unless_reply(void **state) {
  (void)state;
  struct rig r;
  open_at(&r,
          "rule 'ask' { on = 'comment', keywords = 'pdf', message = { 'still there?', after = '1d', unless_reply = true } }\n"
          "rule 'later' { on = 'comment', keywords = 'later', run = function(e) e:after('1d', 'remind') end }\n"
          "rule 'remind' { on = 'timer', unless_reply = true, message = 'hello?' }\n",
          "2026-11-22T00:00:00Z");
  says(&r, "2026-11-22T00:00:00Z", "1", "comment", "silent", "pdf");
  says(&r, "2026-11-22T00:00:01Z", "2", "comment", "talks", "pdf");
  says(&r, "2026-11-22T00:00:02Z", "3", "comment", "follows", "pdf");
  says(&r, "2026-11-22T00:00:03Z", "4", "comment", "l-silent", "later");
  says(&r, "2026-11-22T00:00:04Z", "5", "comment", "l-talks", "later");
  says(&r, "2026-11-22T10:00:00Z", "6", "message", "talks", "nothing that a rule knows");
  says(&r, "2026-11-22T10:00:00Z", "7", "follow", "follows", "");
  says(&r, "2026-11-22T10:00:00Z", "8", "comment", "l-talks", "what");
  until(&r, "2026-11-25T00:00:00Z");
  assert_log("2026-11-23T00:00:00Z silent still there?\n2026-11-23T00:00:02Z follows still there?\n2026-11-23T00:00:03Z l-silent hello?");
  /* who answered before it was set did not answer it */
  says(&r, "2026-11-25T00:00:00Z", "9", "message", "talks", "hm");
  says(&r, "2026-11-25T00:00:01Z", "10", "comment", "talks", "pdf");
  until(&r, "2026-11-27T00:00:00Z");
  assert_log("2026-11-26T00:00:01Z talks still there?");
  rig_close(&r);
}

/* ---- funnels */

static const char funnel_pack[] =
  "pack { timezone = 'Asia/Shanghai' }\n"
  "funnel 'way' { stages = { 'asked', 'added', 'joined' }, goal = 'joined', on_enter = { added = 'welcome' } }\n"
  "rule 'stop' { on = 'comment', keywords = 'stop', opt_out = true }\n"
  "rule 'ask' { on = 'comment', keywords = 'pdf', stage = 'way/asked' }\n"
  "rule 'add' { on = 'friend_request', stage = 'way/added' }\n"
  "rule 'join' { on = 'join', stage = 'way/joined' }\n"
  "rule 'human' { on = 'comment', keywords = 'human', handoff = { ['for'] = '10d' } }\n"
  "rule 'reset' { on = 'comment', keywords = 'again', stage = { 'way/asked', back = true } }\n"
  "rule 'welcome' { on = 'timer', message = 'welcome' }\n"
  "rule 'remind' { on = 'timer', follow_up = { 'way/asked', after = '2d' }, message = 'still there?' }\n"
  "rule 'last' { on = 'timer', follow_up = { funnel = 'way', stage = 'asked', after = '3d', at = '10:00', unless = 'nothing' }, message = 'last call' }\n"
  "rule 'long' { on = 'comment', keywords = 'long', in_stage_for = '2d', message = 'long' }\n"
  "rule 'long there' { on = 'comment', keywords = 'there', in_stage_for = { 'way/added', '1d' }, message = 'there' }\n";

static void follow_ups(void **state) {
  (void)state;
  struct rig r;
  open_at(&r, funnel_pack, "2026-11-22T00:00:00Z");
  static const char *const who[] = { "stays", "moves", "answers", "stops", "human", "again" };
  for (int i = 0; i < 6; i++) {
    char id[16];
    snprintf(id, sizeof id, "a%d", i);
    says(&r, "2026-11-22T00:00:00Z", id, "comment", who[i], "pdf");
  }
  says(&r, "2026-11-23T00:00:00Z", "b1", "friend_request", "moves", "");
  says(&r, "2026-11-23T00:00:00Z", "b2", "message", "answers", "hm");
  says(&r, "2026-11-23T00:00:00Z", "b3", "comment", "stops", "stop");
  says(&r, "2026-11-23T00:00:00Z", "b4", "comment", "human", "human");
  says(&r, "2026-11-23T12:00:00Z", "b5", "friend_request", "again", "");
  says(&r, "2026-11-23T12:00:10Z", "b6", "comment", "again", "again"); /* back: two reminders are set, one may fire */
  until(&r, "2026-12-10T00:00:00Z");
  assert_log("2026-11-23T00:00:01Z moves welcome\n2026-11-23T12:00:01Z again welcome\n"
             "2026-11-24T00:00:00Z stays still there?\n"
             "2026-11-25T02:00:00Z stays last call\n2026-11-25T02:00:00Z answers last call\n2026-11-25T02:00:00Z again last call\n"
             "2026-11-25T12:00:10Z again still there?");
  rig_close(&r);
}

struct counted {
  const char *name, *what;
  int64_t day;
  uint64_t cnt;
};
static void look(void *ctx, const struct weir_counted *c) {
  struct counted *sought = ctx;
  if (weir_str_eq(c->name, weir_str_of(sought->name)) && weir_str_eq(c->what, weir_str_of(sought->what)) && c->day == sought->day) sought->cnt += c->cnt;
}
static uint64_t counted(struct rig *r, const char *name, const char *what, const char *day) {
  struct counted sought = { name, what, at(day) / 86400000, 0 };
  assert_int_equal(r->engine->store->ops->counted(r->engine->store, 0, look, &sought, &r->err), WEIR_OK);
  return sought.cnt;
}

static void steps_are_counted(void **state) {
  (void)state;
  struct rig r;
  uint64_t now, entered;
  open_at(&r, funnel_pack, "2026-11-22T00:00:00Z");
  says(&r, "2026-11-22T15:00:00Z", "1", "comment", "u1", "pdf");
  says(&r, "2026-11-22T15:00:01Z", "2", "comment", "u2", "pdf");
  says(&r, "2026-11-22T16:00:00Z", "3", "comment", "u3", "pdf"); /* the next day there */
  says(&r, "2026-11-22T16:00:01Z", "4", "comment", "u1", "pdf"); /* stands there already */
  says(&r, "2026-11-22T16:00:02Z", "5", "friend_request", "u1", "");
  says(&r, "2026-11-22T16:00:03Z", "6", "join", "u1", "");
  says(&r, "2026-11-22T16:00:04Z", "7", "comment", "u2", "stop");
  assert_int_equal(counted(&r, "rules/ask", "entered way/asked", "2026-11-22T00:00:00Z"), 2);
  assert_int_equal(counted(&r, "rules/ask", "entered way/asked", "2026-11-23T00:00:00Z"), 1);
  assert_int_equal(counted(&r, "rules/add", "left way/asked", "2026-11-23T00:00:00Z"), 1);
  assert_int_equal(counted(&r, "rules/add", "entered way/added", "2026-11-23T00:00:00Z"), 1);
  assert_int_equal(counted(&r, "rules/join", "converted way", "2026-11-23T00:00:00Z"), 1);
  assert_int_equal(counted(&r, "rules/stop", "left way/asked", "2026-11-23T00:00:00Z"), 1);
  assert_int_equal(weir_stage_count(r.engine, S("rules/way"), S("asked"), &now, &entered), WEIR_OK);
  assert_int_equal(now, 1); /* u3: who opts out leaves the funnel */
  assert_int_equal(entered, 3);
  rig_close(&r);
}

static void time_in_a_stage(void **state) {
  (void)state;
  struct rig r;
  open_at(&r, funnel_pack, "2026-11-22T00:00:00Z");
  says(&r, "2026-11-22T00:00:00Z", "1", "friend_request", "u1", "");
  says(&r, "2026-11-22T23:59:59Z", "2", "comment", "u1", "there");
  says(&r, "2026-11-23T00:00:00Z", "3", "comment", "u1", "there");
  says(&r, "2026-11-23T23:59:59Z", "4", "comment", "u1", "long");
  says(&r, "2026-11-24T00:00:00Z", "5", "comment", "u1", "long");
  says(&r, "2026-11-24T00:00:01Z", "6", "comment", "u2", "long"); /* stands nowhere */
  assert_log("2026-11-22T00:00:01Z u1 welcome\n2026-11-23T00:00:00Z u1 there\n2026-11-24T00:00:00Z u1 long");
  rig_close(&r);
}

/* ---- rules that come round */

static void rounds(void **state) {
  (void)state;
  struct rig r;
  open_at(&r,
          "pack { timezone = 'Asia/Shanghai' }\n"
          "rule 'know' { on = 'comment', any = true, tag = 'known' }\n"
          "rule 'wake' { on = 'timer', every = '1d', at = '11:00', silent_for = '14d', once = true, message = 'long time no see' }\n",
          "2026-11-01T00:00:00Z");
  says(&r, "2026-11-01T00:00:00Z", "1", "comment", "u1", "hi");
  says(&r, "2026-11-02T00:00:00Z", "2", "comment", "u2", "hi");
  says(&r, "2026-11-10T00:30:00Z", "3", "message", "u1", "no rule hears it, but he is not silent");
  until(&r, "2026-12-01T00:00:00Z");
  assert_log("2026-11-16T03:00:00Z u2 long time no see\n2026-11-24T03:00:00Z u1 long time no see");
  /* a year later, after a long sleep: one round, late, not three hundred; everybody was woken once already */
  says(&r, "2026-12-01T00:00:00Z", "4", "comment", "u3", "hi");
  jump(&r, "2027-06-01T12:00:00Z");
  until(&r, "2027-06-01T13:00:00Z");
  assert_log("2027-06-01T12:00:00.040Z u3 long time no see");
  assert_int_equal(weir_next_due(r.engine), at("2027-06-02T03:00:00Z"));
  rig_close(&r);
}

/* A store that cannot say when a round is due (found by fuzzing: the round was forgotten until the next commit). */
static const struct weir_store_ops *good_ops;
static int fails_left;
static weir_status no_round(struct weir_store *s, const unsigned char key[WEIR_ID_BYTES], struct weir_round *out, weir_error *err) {
  return fails_left-- > 0 ? weir_fail(err, WEIR_E_STATE, "not now") : good_ops->round(s, key, out, err);
}

static void a_round_that_cannot_be_read(void **state) {
  (void)state;
  struct rig r;
  weir_verdict verdict;
  weir_error err;
  open_at(&r, "rule 'wake' { on = 'timer', every = '1h', message = 'hi' }\n", "2026-11-01T00:00:00Z");
  good_ops = r.engine->store->ops;
  struct weir_store_ops ops = *good_ops;
  ops.round = no_round;
  r.engine->store->ops = &ops;
  fails_left = 2; /* the step's question, and when the next one is due */
  assert_int_equal(weir_tick(r.engine, at("2026-11-01T00:00:00Z"), &verdict, &err), WEIR_E_STATE);
  assert_int_equal(weir_next_due(r.engine), 0);
  assert_int_equal(weir_tick(r.engine, at("2026-11-01T00:00:00Z"), &verdict, &err), WEIR_OK);
  int64_t due = weir_next_due(r.engine);
  assert_true(due > at("2026-11-01T00:00:00Z") && due <= at("2026-11-01T01:00:00Z"));
  fails_left = 1;
  weir_rounds_refresh(r.engine);
  assert_int_equal(weir_tick(r.engine, at("2026-11-01T00:00:00Z"), &verdict, &err), WEIR_NONE); /* asked for anew: not due yet */
  assert_int_equal(weir_next_due(r.engine), due);
  r.engine->store->ops = good_ops;
  rig_close(&r);
}

/* Everybody gets his turn, in bounded steps, and events go in between. */
static void a_long_round(void **state) {
  (void)state;
  struct rig r;
  char id[16];
  open_at(&r,
          "account 'douyin/papers' { push = true, quotas = { { action = 'message', max = 100000, within = '1h' } } }\n"
          "rule 'know' { on = 'comment', any = true, once = true, tag = 'known' }\n"
          "rule 'wake' { on = 'timer', every = '1h', tag_has = 'known', max = { 1, per = 'day' }, message = 'x' }\n",
          "2026-11-01T00:00:30Z");
  for (int i = 0; i < 300; i++) {
    snprintf(id, sizeof id, "u%d", i);
    decide(&r, id, "comment", id, "hi");
  }
  tick(&r); /* the rule is new: its calendar begins */
  assert_int_equal(weir_next_due(r.engine), at("2026-11-01T01:00:00Z"));
  r.now = at("2026-11-01T01:00:00Z");
  for (int i = 0; i < 150; i++) {
    tick(&r);
    assert_int_equal(r.verdict.action_cnt, 1);
    assert_int_equal(weir_next_due(r.engine), r.now + WEIR_ROUND_PAUSE_MS);
    snprintf(id, sizeof id, "m%d", i);
    decide(&r, id, "comment", "u0", "hi");
    r.now += WEIR_ROUND_PAUSE_MS;
  }
  /* the clock jumps back in the middle: nothing is lost, nothing twice */
  r.now -= 5000;
  assert_int_equal(weir_tick(r.engine, r.now, &r.verdict, &r.err), WEIR_NONE);
  log_text[0] = '\0';
  int said = 150;
  while (weir_next_due(r.engine) < at("2026-11-01T02:00:00Z")) {
    r.now = weir_next_due(r.engine);
    tick(&r);
    said += (int)r.verdict.action_cnt;
  }
  assert_int_equal(said, 300);
  log_text[0] = '\0';
  until(&r, "2026-11-02T00:30:00Z"); /* once a day each, though it comes round every hour; the day is one of UTC */
  uint64_t lines = 0;
  for (const char *p = log_text; *p; p++) lines += *p == '\n';
  assert_true(lines > 100);
  rig_close(&r);
}

/* A host that takes weir_next_due for the time to give is not sent to 1970. */
static void a_new_round(void **state) {
  (void)state;
  struct rig r;
  open_at(&r, "rule 'know' { on = 'comment', any = true, tag = 'known' }\nrule 'wake' { on = 'timer', every = '1d', message = 'x' }\n", "2026-11-01T00:30:00Z");
  decide(&r, "1", "comment", "u1", "hi");
  assert_true(weir_next_due(r.engine) <= r.now);
  assert_int_equal(weir_tick(r.engine, weir_next_due(r.engine), &r.verdict, &r.err), WEIR_OK);
  assert_int_equal(weir_next_due(r.engine), at("2026-11-01T10:00:00Z"));
  rig_close(&r);
}

static const struct weir_store_ops *whole_ops;
static unsigned no_room; /* so many loads fail */
static weir_status load_without_room(struct weir_store *s, const struct weir_contact *c, struct weir_arena *arena, struct weir_person *out, weir_error *err) {
  if (!no_room) return whole_ops->load(s, c, arena, out, err);
  no_room--;
  memset(out, 0, sizeof *out);
  return weir_fail(err, WEIR_E_NOMEM, "no room");
}

/* Who cannot be looked at must not end the round for the others; that he was passed over is said. */
static void a_round_passes_over_one(void **state) {
  (void)state;
  struct rig r;
  open_at(&r, "rule 'know' { on = 'comment', any = true, tag = 'known' }\nrule 'wake' { on = 'timer', every = '1d', message = 'x' }\n", "2026-11-01T00:30:00Z");
  decide(&r, "1", "comment", "u1", "hi");
  decide(&r, "2", "comment", "u2", "hi");
  assert_int_equal(weir_tick(r.engine, weir_next_due(r.engine), &r.verdict, &r.err), WEIR_OK); /* the rule begins */
  whole_ops = r.engine->store->ops;
  struct weir_store_ops ops = *whole_ops;
  ops.load = load_without_room;
  r.engine->store->ops = &ops;
  no_room = 1;
  r.now = at("2026-11-01T10:00:00Z");
  assert_int_equal(weir_tick(r.engine, r.now, &r.verdict, &r.err), WEIR_OK);
  assert_int_equal(r.verdict.action_cnt, 0);
  assert_true(r.verdict.trace_cnt > 0);
  const weir_trace *last = &r.verdict.trace[r.verdict.trace_cnt - 1];
  assert_int_equal(last->reason, WEIR_REASON_ACTION_DROPPED);
  assert_non_null(memmem(last->detail.ptr, last->detail.len, "cannot be done: memory", 22));
  r.now = weir_next_due(r.engine);
  assert_int_equal(weir_tick(r.engine, r.now, &r.verdict, &r.err), WEIR_OK);
  assert_action(&r, 0, "message", "x");
  r.engine->store->ops = whole_ops;
  rig_close(&r);
}

/* A round that is taken back with its transaction goes on where it was. */
static void a_round_taken_back(void **state) {
  (void)state;
  struct rig r;
  if (state_file) unlink(state_file);
  rig_open(&r, "rule 'know' { on = 'comment', any = true, once = true, tag = 'known' }\nrule 'wake' { on = 'timer', every = '1h', once = true, message = 'x' }\n",
           (weir_config){ .batch = true });
  r.now = at("2026-11-01T00:30:00Z");
  decide(&r, "1", "comment", "u1", "hi");
  tick(&r);
  assert_int_equal(weir_commit(r.engine, &r.err), WEIR_OK);
  r.now = at("2026-11-01T01:00:00Z");
  log_text[0] = '\0';
  tick(&r);
  assert_true(log_text[0] != '\0');
  assert_true(weir_next_due(r.engine) > r.now);
  r.engine->store->ops->rollback(r.engine->store); /* as a failed commit does */
  r.engine->open = false;
  r.engine->group.cnt = r.engine->applied = 0;
  r.engine->group.bytes.len = 0;
  weir_rounds_refresh(r.engine);
  assert_int_equal(weir_next_due(r.engine), r.now);
  tick(&r);
  assert_int_equal(r.verdict.action_cnt, 1);
  rig_close(&r);
}

/* The contact that the rule is for, of a person with several. */
static void whom_a_round_writes_to(void **state) {
  (void)state;
  struct rig r;
  open_at(&r,
          "rule 'know' { on = 'comment', any = true, tag = 'known' }\nrule 'linked' { on = 'link', tag = 'two' }\n"
          "rule 'wake' { on = 'timer', every = '1d', account = 'wechat_personal/*', once = true, message = 'x' }\n",
          "2026-11-01T00:00:00Z");
  decide(&r, "1", "comment", "u1", "hi");
  decide(&r, "2", "comment", "u2", "hi"); /* on douyin only: the rule is not for him */
  weir_pair with = { S("with"), S("douyin/papers/u1") };
  weir_event link = event_of(&r, "3", "link", "w1", "");
  link.channel = S("wechat_personal");
  link.account = S("li");
  link.attrs = &with;
  link.attr_cnt = 1;
  assert_int_equal(weir_decide(r.engine, &link, r.now, &r.verdict, &r.err), WEIR_OK);
  until(&r, "2026-11-03T00:00:00Z");
  assert_log("2026-11-01T10:00:00Z w1 x");
  rig_close(&r);
}

/* ---- other gates */

static void counting_gates(void **state) {
  (void)state;
  struct rig r;
  open_at(&r,
          "pack { timezone = 'Asia/Shanghai' }\n"
          "rule 'three' { on = 'comment', keywords = 'three', max = 3, message = 'x' }\n"
          "rule 'daily' { on = 'comment', keywords = 'daily', max = { 2, per = 'day' }, message = 'd' }\n"
          "rule 'f' { on = 'comment', keywords = 'follow', is_follower = true, message = 'yes' }\n"
          "rule 'n' { on = 'comment', keywords = 'follow', is_follower = false, message = 'no' }\n"
          "rule 'u' { on = 'comment', keywords = 'follow', message = 'unknown' }\n",
          "2026-11-22T00:00:00Z");
  for (int i = 0; i < 5; i++) {
    char id[16];
    snprintf(id, sizeof id, "t%d", i);
    says(&r, "2026-11-22T00:00:00Z", id, "comment", "u1", "three");
    id[0] = 'd';
    says(&r, "2026-11-22T00:00:00Z", id, "comment", "u1", "daily");
  }
  assert_log("2026-11-22T00:00:00Z u1 x\n2026-11-22T00:00:00Z u1 d\n2026-11-22T00:00:00Z u1 x\n2026-11-22T00:00:00Z u1 d\n2026-11-22T00:00:00Z u1 x");
  says(&r, "2026-11-22T15:59:59Z", "e1", "comment", "u1", "daily");
  says(&r, "2026-11-22T16:00:00Z", "e2", "comment", "u1", "daily"); /* midnight there */
  assert_log("2026-11-22T16:00:00Z u1 d");
  for (int8_t f = -1; f <= 1; f++) {
    char id[16];
    snprintf(id, sizeof id, "f%d", f);
    weir_event e = event_of(&r, id, "comment", "u9", "follow");
    e.is_follower = f;
    assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_OK);
    assert_action(&r, 0, "message", f < 0 ? "unknown" : f ? "yes" : "no");
  }
  rig_close(&r);
}

static bool asks_under(struct rig *r, const char *id, const char *who, const char *post, const char *published) {
  weir_pair attr = { S("post_time"), { published, strlen(published) } };
  weir_event e = event_of(r, id, "comment", who, "hi");
  e.post = (weir_str){ post, strlen(post) };
  e.attrs = *published ? &attr : NULL;
  e.attr_cnt = *published ? 1 : 0;
  assert_int_equal(weir_decide(r->engine, &e, r->now, &r->verdict, &r->err), WEIR_OK);
  return r->verdict.action_cnt > 0;
}

static void next_posts(void **state) {
  (void)state;
  struct rig r;
  open_at(&r, "rule 'a' { on = 'comment', any = true, next_post = '2026-11-22T09:00:00+08:00', message = 'x' }\n", "2026-11-22T00:00:00Z");
  assert_false(asks_under(&r, "1", "u1", "old", "2026-11-22T08:59:59+08:00"));
  assert_false(asks_under(&r, "2", "u2", "untold", ""));
  assert_false(asks_under(&r, "3", "u3", "strange", "yesterday"));
  assert_true(asks_under(&r, "4", "u4", "new", "1795309200000"));
  assert_true(asks_under(&r, "5", "u5", "new", "2026-11-22T09:00:00+08:00"));
  assert_false(asks_under(&r, "6", "u6", "newer", "2026-11-22T10:00:00+08:00"));
  r.now += INT64_C(30) * 86400000; /* marks of events are dropped long before */
  assert_true(asks_under(&r, "7", "u7", "new", "2026-11-22T09:00:00+08:00"));
  assert_false(asks_under(&r, "8", "u8", "newer", "2026-11-22T10:00:00+08:00"));
  rig_close(&r);
}

static void chances(void **state) {
  (void)state;
  struct rig r;
  int fired = 0;
  open_at(&r, "rule 'a' { on = 'comment', any = true, chance = '30%', tag = 'x' }\n", "2026-11-22T00:00:00Z");
  for (int i = 0; i < 1000; i++) {
    char id[16], who[16];
    snprintf(id, sizeof id, "%d", i);
    snprintf(who, sizeof who, "u%d", i);
    comment(&r, id, who, "hi");
    fired += r.verdict.action_cnt > 0;
  }
  assert_in_range(fired, 240, 360);
  rig_close(&r);
}

/* A handler's rule defers like any other, and two timers of one person come in their order. */
static void in_order(void **state) {
  (void)state;
  struct rig r;
  open_at(&r,
          "pack { timezone = 'Asia/Shanghai' }\n"
          "rule 'a' { on = 'comment', keywords = 'a', hours = '09:00-10:00', defer = true, run = function(e) e:message { all = { 'one', 'two' } } end }\n"
          "rule 'b' { on = 'comment', keywords = 'b', hours = '09:00-10:00', defer = true, message = 'three' }\n",
          "2026-11-22T12:00:00Z");
  says(&r, "2026-11-22T12:00:00Z", "1", "comment", "u1", "a");
  says(&r, "2026-11-22T12:00:05Z", "2", "comment", "u1", "b");
  until(&r, "2026-11-23T02:00:00Z");
  assert_log("2026-11-23T01:00:00Z u1 one\n2026-11-23T01:00:00Z u1 two\n2026-11-23T01:00:00Z u1 three");
  rig_close(&r);
}

/* ---- the same calls give the same bytes, on either store */

struct input {
  char what; /* 'e'vent, 't'ick, 'c'ommit */
  int64_t now;
  unsigned who, text, n;
};

static uint64_t draw(uint64_t *seed) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *seed >> 33;
}

static void give(struct rig *r, const struct input *in) {
  static const struct { const char *type, *text; } kinds[] = {
    { "comment", "pdf" }, { "comment", "hm" }, { "message", "hello" }, { "friend_request", "" }, { "join", "" }, { "comment", "stop" }, { "message", "later" },
  };
  char id[16], who[16];
  r->now = in->now;
  if (in->what == 'c') {
    assert_int_equal(weir_commit(r->engine, &r->err), WEIR_OK);
  } else if (in->what == 't') {
    if (weir_tick(r->engine, r->now, &r->verdict, &r->err)) fail_msg("tick: %s", r->err.message);
  } else {
    snprintf(id, sizeof id, "e%u", in->n);
    snprintf(who, sizeof who, "u%u", in->who);
    decide(r, id, kinds[in->text].type, who, kinds[in->text].text);
  }
}

/* Takes all records that were committed into the hash. */
static void take_records(struct rig *r, uint64_t *hash, unsigned *cnt) {
  weir_record record;
  while (weir_next_record(r->engine, &record, &r->err) == WEIR_OK) {
    weir_str parts[] = { { (const char *)hash, sizeof *hash }, record.jws };
    *hash = weir_hash64(S("records"), parts, 2);
    (*cnt)++;
    assert_int_equal(weir_ack(r->engine, record.aud, record.seq, &r->err), WEIR_OK);
  }
}

static struct input draw_input(struct rig *r, uint64_t *seed, unsigned n) {
  struct input in = { .what = 'e', .now = r->now + (int64_t)(draw(seed) % 1200000), .who = (unsigned)(draw(seed) % 60), .text = (unsigned)(draw(seed) % 7), .n = n };
  if (in.text == 5 && draw(seed) % 30) in.text = 0; /* few opt out */
  if (draw(seed) % 200 == 0) in.now += INT64_C(3) * 86400000; /* a weekend without a gateway */
  if (weir_next_due(r->engine) <= r->now && draw(seed) % 4) in = (struct input){ .what = 't', .now = r->now };
  if (weir_pending(r->engine) >= 60 || draw(seed) % 20 == 0) in = (struct input){ .what = 'c', .now = r->now };
  return in;
}

static void the_same_again(void **state) {
  static const char source[] =
    "pack { timezone = 'America/New_York' }\n"
    "funnel 'way' { stages = { 'asked', 'added', 'joined' }, goal = 'joined', on_enter = { added = 'welcome' } }\n"
    "rule 'stop' { on = 'comment', keywords = 'stop', opt_out = true, message = 'bye' }\n"
    "rule 'ask' { on = 'comment', keywords = 'pdf', cooldown = '6h', stage = 'way/asked', message = { 'a', 'b', after = '5s..10m' } }\n"
    "rule 'hello' { on = 'message', keywords = 'hello', hours = '09:00-17:00', weekdays = 'mon-fri', defer = true, max = { 2, per = 'day' }, message = 'hi' }\n"
    "rule 'later' { on = 'message', keywords = 'later', message = { 'still there?', after = '1d', at = '02:30..04:00', unless_reply = true } }\n"
    "rule 'add' { on = 'friend_request', stage_is = 'way/asked', stage = 'way/added' }\n"
    "rule 'join' { on = 'join', stage_is = 'way/added', in_stage_for = '1d', stage = 'way/joined', message = 'joined' }\n"
    "rule 'welcome' { on = 'timer', message = 'welcome' }\n"
    "rule 'remind' { on = 'timer', follow_up = { 'way/asked', after = '1d..2d', at = '10:00' }, message = 'remind' }\n"
    "rule 'wake' { on = 'timer', every = '6h', silent_for = '1d', chance = '70%', max = 3, message = 'wake' }\n";
  enum { INPUTS = 6000 };
  static struct input inputs[INPUTS];
  uint64_t seed = 2026, hashes[2] = { 0, 0 };
  unsigned cnts[2] = { 0, 0 };
  const char *file = state_file;
  (void)state;
  for (int run = 0; run < 2; run++) {
    struct rig r;
    if (file && run == 0) unlink(file);
    rig_open(&r, source, (weir_config){ .state = run == 0 ? file : NULL, .batch = true }); /* the second time in memory */
    r.now = at("2026-10-30T12:00:00Z"); /* the clocks go back two days later */
    for (unsigned i = 0; i < INPUTS; i++) {
      if (run == 0) inputs[i] = draw_input(&r, &seed, i);
      give(&r, &inputs[i]);
      if (inputs[i].what == 'c') take_records(&r, &hashes[run], &cnts[run]);
    }
    assert_int_equal(weir_commit(r.engine, &r.err), WEIR_OK);
    take_records(&r, &hashes[run], &cnts[run]);
    rig_close(&r);
  }
  assert_true(cnts[0] > 100);
  assert_int_equal(cnts[0], cnts[1]);
  assert_true(hashes[0] == hashes[1]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(by_the_clock),    cmocka_unit_test(whose_clock),       cmocka_unit_test(clock_jumps),     cmocka_unit_test(unless_reply),
    cmocka_unit_test(follow_ups),      cmocka_unit_test(steps_are_counted), cmocka_unit_test(time_in_a_stage), cmocka_unit_test(rounds),
    cmocka_unit_test(a_long_round), cmocka_unit_test(a_round_that_cannot_be_read), cmocka_unit_test(a_new_round), cmocka_unit_test(a_round_taken_back), cmocka_unit_test(a_round_passes_over_one), cmocka_unit_test(whom_a_round_writes_to),
    cmocka_unit_test(counting_gates),  cmocka_unit_test(chances),           cmocka_unit_test(in_order), cmocka_unit_test(next_posts), cmocka_unit_test(the_same_again),
  };
  char folder[64], path[96];
  snprintf(folder, sizeof folder, "%s/weir-flow-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  int failed = cmocka_run_group_tests_name("time and funnels, in memory", tests, NULL, NULL);
  if (!mkdtemp(folder)) return 1;
  snprintf(path, sizeof path, "%s/state.db", folder);
  state_file = path;
  failed += cmocka_run_group_tests_name("time and funnels, in a file", tests, NULL, NULL);
  static const char *const suffixes[] = { "", "-wal", "-shm" };
  for (int i = 0; i < 3; i++) {
    char name[128];
    snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
    unlink(name);
  }
  rmdir(folder);
  return failed;
}
