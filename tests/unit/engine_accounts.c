/* What accounts may do, through a whole engine: windows and lengths as tables, ten settings of the four kinds of WeChat accounts, pauses,
 * repeated texts, unasked messages, uses given back, and what is counted of all that. */
#include "engine_support.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Gives an event of any account; records are dropped. */
static void give(struct rig *r, const char *id, const char *account, const char *type, const char *contact, const char *text) {
  weir_record record;
  weir_pair with = { S("with"), { text, strlen(text) } };
  const char *slash = strchr(account, '/');
  bool link = strcmp(type, "link") == 0;
  weir_event e = event_of(r, id, type, contact, link ? "" : text);
  e.channel = (weir_str){ account, (size_t)(slash - account) };
  e.account = (weir_str){ slash + 1, strlen(slash + 1) };
  if (link) e.attrs = &with, e.attr_cnt = 1;
  if (weir_decide(r->engine, &e, r->now, &r->verdict, &r->err)) fail_msg("event refused: %s", r->err.message);
  while (weir_next_record(r->engine, &record, &r->err) == WEIR_OK) continue;
}

static bool traced(const struct rig *r, const char *says) {
  for (size_t i = 0; i < r->verdict.trace_cnt; i++) {
    char detail[300];
    snprintf(detail, sizeof detail, "%.*s", (int)r->verdict.trace[i].detail.len, r->verdict.trace[i].detail.ptr);
    if (strstr(detail, says)) return true;
  }
  return false;
}

static void assert_traced(const struct rig *r, const char *says) {
  if (traced(r, says)) return;
  for (size_t i = 0; i < r->verdict.trace_cnt; i++) print_message("# %.*s\n", (int)r->verdict.trace[i].detail.len, r->verdict.trace[i].detail.ptr);
  fail_msg("nothing says \"%s\"", says);
}

/* The next timer, at its moment; false: there is none within `most`. */
static bool tick(struct rig *r, int64_t most) {
  weir_record record;
  int64_t due = weir_next_due(r->engine);
  if (due == INT64_MAX || due - r->now > most) return false;
  if (due > r->now) r->now = due;
  assert_int_equal(weir_tick(r->engine, r->now, &r->verdict, &r->err), WEIR_OK);
  while (weir_next_record(r->engine, &record, &r->err) == WEIR_OK) continue;
  return true;
}

/* ---- windows: how long after an event a message may still be written */

static void windows_close(void **state) {
  (void)state;
  static const struct {
    const char *account, *kind, *event;
    int64_t lasts; /* 0: the event opens none */
  } cases[] = {
    { "wechat_oa/s", "service", "message", 48 * HOUR },   { "wechat_oa/s", "service", "scan", MINUTE },
    { "wechat_oa/s", "subscription", "click", MINUTE },   { "wechat_oa/s", "subscription", "message", 48 * HOUR },
    { "wechat_oa/s", "mini_program", "enter", MINUTE },   { "wechat_oa/s", "mini_program", "click", 0 },
    { "instagram/s", NULL, "message", 24 * HOUR },        { "instagram/s", NULL, "comment", 7 * DAY },
    { "messenger/s", NULL, "comment", 7 * DAY },          { "messenger/s", NULL, "message", 24 * HOUR },
    { "tiktok/s", NULL, "message", 48 * HOUR },           { "tiktok/s", NULL, "comment", 0 },
    { "douyin/s", NULL, "message", 24 * HOUR },           { "douyin/s", NULL, "comment", 0 },
    { "qq/s", NULL, "message", HOUR },                    { "wecom/s", NULL, "friend_added", 20000 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    for (int late = 0; late < 2; late++) {
      char rules[400];
      struct rig r;
      int64_t lasts = cases[i].lasts;
      if (!lasts && !late) continue;
      int64_t wait = lasts ? (late ? lasts : lasts - 1000) : 1000;
      char kind[40] = "";
      if (cases[i].kind) snprintf(kind, sizeof kind, "kind = '%s', ", cases[i].kind);
      snprintf(rules, sizeof rules, "account '%s' { %spush = false }\nrule 'a' { on = '%s', any = %s, message = { 'x', after = '%llds' } }\n", cases[i].account, kind,
               cases[i].event, strcmp(cases[i].event, "comment") == 0 || strcmp(cases[i].event, "message") == 0 ? "true" : "nil", (long long)(wait / 1000));
      rig_open(&r, rules, (weir_config){ .batch = false });
      give(&r, "e", cases[i].account, cases[i].event, "u", "hello");
      assert_true(tick(&r, 8 * DAY));
      if ((r.verdict.action_cnt == 1) != (late == 0)) fail_msg("%s %s: %zu actions after %lld s", cases[i].account, cases[i].event, r.verdict.action_cnt, (long long)(wait / 1000));
      if (late) assert_traced(&r, "message: no window is open");
      rig_close(&r);
    }
  }
}

static void a_further_event_renews_the_window(void **state) {
  (void)state;
  struct rig r;
  char id[16];
  rig_open(&r, "account 'wechat_oa/s' { push = false }\nrule 'a' { on = 'message', any = true, message = { all = { '1', '2', '3', '4', '5', '6', '7' } } }\n",
           (weir_config){ .batch = false });
  for (int i = 0; i < 3; i++) { /* five for each message of the person */
    snprintf(id, sizeof id, "m%d", i);
    give(&r, id, "wechat_oa/s", "message", "u", "hello");
    assert_int_equal(r.verdict.action_cnt, 5);
    assert_traced(&r, "message: the window's messages are used up");
    r.now += HOUR;
  }
  rig_close(&r);

  /* one private reply to a comment, whatever comes of others; a comment of eight days opens nothing */
  rig_open(&r, "account 'instagram/s' {}\nrule 'a' { on = 'comment', any = true, message = { all = { '1', '2' } } }\n", (weir_config){ .batch = false });
  give(&r, "c1", "instagram/s", "comment", "u", "hello");
  assert_int_equal(r.verdict.action_cnt, 1);
  give(&r, "c2", "instagram/s", "comment", "u", "hello");
  assert_int_equal(r.verdict.action_cnt, 1);
  weir_event old = event_of(&r, "c3", "comment", "u", "hello");
  old.channel = S("instagram");
  old.account = S("s");
  old.time_ms = r.now - 7 * DAY;
  assert_int_equal(weir_decide(r.engine, &old, r.now, &r.verdict, &r.err), WEIR_OK);
  assert_int_equal(r.verdict.action_cnt, 0);
  rig_close(&r);
}

static void a_quiet_message_opens_the_window(void **state) {
  (void)state;
  struct rig r;
  char id[16];
  rig_open(&r, "account 'wechat_oa/s' { push = false }\nrule 'in' { on = 'follow', tag = 'in' }\nrule 'now' { on = 'x-now', message = 'x' }\n", (weir_config){ .batch = false });
  give(&r, "f", "wechat_oa/s", "follow", "u", "");
  r.now += 5 * MINUTE; /* all of it within the hour in which he was seen */
  give(&r, "n0", "wechat_oa/s", "x-now", "u", "");
  assert_traced(&r, "message: no window is open");
  give(&r, "m0", "wechat_oa/s", "message", "u", "no rule answers that");
  r.now += 5 * MINUTE;
  for (int i = 1; i <= 6; i++) {
    snprintf(id, sizeof id, "n%d", i);
    give(&r, id, "wechat_oa/s", "x-now", "u", "");
    assert_int_equal(r.verdict.action_cnt, i <= 5 ? 1 : 0);
  }
  r.now += 5 * MINUTE;
  give(&r, "m1", "wechat_oa/s", "message", "u", "nor that");
  give(&r, "n7", "wechat_oa/s", "x-now", "u", ""); /* five for each message of the person */
  assert_int_equal(r.verdict.action_cnt, 1);
  give(&r, "s0", "wechat_oa/s", "message", "stranger", "no rule answers that"); /* leaves no trace */
  give(&r, "s1", "wechat_oa/s", "x-now", "stranger", "");
  assert_traced(&r, "message: no window is open");
  rig_close(&r);
}

/* ---- ten settings of a service account, a subscription account, a personal account and a mini program */

static void ten_settings(void **state) {
  (void)state;
  static const struct {
    const char *via;
    const char *sends;  /* who sends the first eight messages of a day, while no window is open: s u p m, . waits, - dropped */
    const char *window; /* the same after somebody entered the mini program */
  } settings[] = {
    { "'wechat_oa/s'", "ssss----", "ssss----" },
    { "'wechat_oa/u'", "u.------", "u.------" },
    { "'wechat_personal/p'", "pppppppp", "pppppppp" },
    { "'wechat_oa/m'", "--------", "mm------" },
    { "'wechat_oa/s', 'wechat_oa/u'", "ssssu.--", "ssssu.--" },
    { "'wechat_oa/u', 'wechat_oa/s'", "ussss.--", "ussss.--" },
    { "'wechat_oa/u', 'wechat_personal/p'", "uppppppp", "uppppppp" },
    { "'wechat_oa/m', 'wechat_oa/u'", "u.------", "mmu.----" },
    { "'wechat_oa/m', 'wechat_oa/s', 'wechat_personal/p'", "sssspppp", "mmsssspp" },
    { "'wechat_oa/u', 'wechat_oa/s', 'wechat_oa/m', 'wechat_personal/p'", "ussssppp", "ussssmmp" },
  };
  static const char *const accounts[] = { "wechat_oa/s", "wechat_oa/u", "wechat_oa/m", "wechat_personal/p" };
  for (size_t i = 0; i < 2 * sizeof settings / sizeof *settings; i++) {
    char rules[900], got[9] = "";
    struct rig r;
    bool window = i % 2;
    snprintf(rules, sizeof rules,
             "pack { name = 'p', timezone = 'Asia/Shanghai' }\n"
             "account 'wechat_oa/s' { kind = 'service' }\naccount 'wechat_oa/u' { kind = 'subscription' }\naccount 'wechat_oa/m' { kind = 'mini_program' }\n"
             "account 'wechat_personal/p' {}\n"
             "rule 'in' { on = 'enter', tag = 'in' }\nrule 'go' { on = 'x-go', message = { 'hello', via = { %s } } }\n", settings[i / 2].via);
    rig_open(&r, rules, (weir_config){ .batch = false });
    for (int k = 0; k < 4; k++) { /* one person on all four */
      char id[16];
      snprintf(id, sizeof id, "l%d", k);
      if (k) give(&r, id, accounts[k], "link", "lin", "wechat_oa/s/lin");
    }
    if (window) give(&r, "in", "wechat_oa/m", "enter", "lin", "");
    for (int k = 0; k < 8; k++) {
      char id[16];
      snprintf(id, sizeof id, "g%d", k);
      give(&r, id, "wechat_oa/s", "x-go", "lin", "");
      bool sent = r.verdict.action_cnt == 1;
      if (sent) assert_true(r.verdict.actions[0].contact.len == 3 && r.verdict.actions[0].contact.ptr[0] == 'l');
      got[k] = sent ? r.verdict.actions[0].account.ptr[0] : traced(&r, "message: in ") ? '.' : '-';
    }
    const char *wanted = window ? settings[i / 2].window : settings[i / 2].sends;
    if (strcmp(got, wanted) != 0) for (size_t t = 0; t < r.verdict.trace_cnt; t++) print_message("# %.*s\n", (int)r.verdict.trace[t].detail.len, r.verdict.trace[t].detail.ptr);
    if (strcmp(got, wanted) != 0) fail_msg("{ %s }%s: %s, not %s", settings[i / 2].via, window ? " with a window" : "", got, wanted);
    rig_close(&r);
  }
}

/* What goes through another account stands in that account's record. */
static void records_go_to_the_account_that_sends(void **state) {
  (void)state;
  struct rig r;
  weir_record record;
  int seen = 0;
  rig_open(&r, "account 'douyin/papers' {}\naccount 'wechat_personal/p' {}\naccount 'wechat_personal/q' {}\n"
               "rule 'a' { on = 'comment', any = true, reply = 'look', message = { 'hello', via = { 'wechat_personal/q', 'wechat_personal/p' } }, tag = 't' }\n",
           (weir_config){ .batch = true });
  comment(&r, "c0", "u1", "x"); /* nobody knows him there */
  assert_int_equal(r.verdict.action_cnt, 2);
  assert_traced(&r, "message: none of the accounts knows him");
  assert_int_equal(weir_commit(r.engine, &r.err), WEIR_OK);
  while (weir_next_record(r.engine, &record, &r.err) == WEIR_OK) continue;
  weir_event link = event_of(&r, "l", "link", "w9", "");
  weir_pair with = { S("with"), S("douyin/papers/u1") };
  link.channel = S("wechat_personal");
  link.account = S("p");
  link.attrs = &with;
  link.attr_cnt = 1;
  assert_int_equal(weir_decide(r.engine, &link, r.now, &r.verdict, &r.err), WEIR_OK);
  assert_int_equal(weir_commit(r.engine, &r.err), WEIR_OK);
  comment(&r, "c1", "u1", "x");
  assert_int_equal(r.verdict.action_cnt, 2); /* the tag is there */
  assert_int_equal(weir_commit(r.engine, &r.err), WEIR_OK);
  while (weir_next_record(r.engine, &record, &r.err) == WEIR_OK) {
    char claims[4096];
    size_t len;
    assert_int_equal(weir_record_claims(record.jws, claims, sizeof claims, &len, &r.err), WEIR_OK);
    claims[len] = '\0';
    bool personal = record.aud.len == strlen("wechat_personal/p") && memcmp(record.aud.ptr, "wechat_personal/p", record.aud.len) == 0;
    seen |= personal ? 2 : 1;
    assert_true((strstr(claims, "\"contact\":\"w9\"") != NULL) == personal && (strstr(claims, "\"n\":2,\"kind\":\"message\"") != NULL) == personal);
    assert_true((strstr(claims, "\"n\":1,\"kind\":\"reply\"") != NULL) == !personal);
  }
  assert_int_equal(seen, 3);
  rig_close(&r);
}

/* ---- what is used up is given back */

static void what_was_rejected_was_not_used(void **state) {
  (void)state;
  struct rig r;
  char decision[2][40];
  rig_open(&r, "account 'qq/s' { windows = { { opens = 'message', lasts = '1h', max = 1 } }, push = false, quotas = { { action = 'reply', max = 1, within = 'day', wait = false } } }\n"
               "rule 'a' { on = 'message', any = true, message = 'x', reply = 'y' }\n", (weir_config){ .batch = false });
  for (int i = 0; i < 3; i++) {
    char id[16];
    snprintf(id, sizeof id, "m%d", i);
    give(&r, id, "qq/s", "message", "u", "hi");
    assert_int_equal(r.verdict.action_cnt, i == 1 ? 1 : 2); /* the reply is used up, until it is rejected */
    snprintf(decision[i ? 1 : 0], sizeof decision[0], "%.*s", (int)r.verdict.id.len, r.verdict.id.ptr);
    r.now += 1000;
    if (i == 1) assert_traced(&r, "reply: over quota: 1 a day per account");
    if (i != 1) continue;
    weir_event o = event_of(&r, "o", "outcome", "", "");
    o.channel = S("qq");
    o.account = S("s");
    o.outcome = (weir_event_outcome){ .decision = { decision[0], strlen(decision[0]) }, .n = 1, .status = S("rejected") };
    assert_int_equal(weir_decide(r.engine, &o, r.now, &r.verdict, &r.err), WEIR_OK);
  }
  rig_close(&r);
}

static void a_rollback_takes_uses_back(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "account 'qq/s' { quotas = { { action = 'reply', max = 1, within = 'day', wait = false } } }\nrule 'a' { on = 'message', any = true, reply = 'y' }\n",
           (weir_config){ .dry = true });
  for (int i = 0; i < 3; i++) {
    char id[16];
    snprintf(id, sizeof id, "m%d", i);
    give(&r, id, "qq/s", "message", "u", "hi"); /* nothing is kept of it */
    assert_int_equal(r.verdict.action_cnt, 1);
  }
  rig_close(&r);
}

/* What was used stays used when the program is stopped between two commits, and what was not committed was not used. */
static void uses_survive_a_restart(void **state) {
  (void)state;
  static const char rules[] = "account 'qq/s' { quotas = { { action = 'reply', max = 2, within = 'day', wait = false } } }\nrule 'a' { on = 'message', any = true, reply = 'y' }\n";
  char folder[] = "/tmp/weir-accounts-XXXXXX", path[64], wal[80];
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/shop.db", folder);
  snprintf(wal, sizeof wal, "%s-wal", path);
  for (int run = 0; run < 4; run++) {
    struct rig r;
    char id[16];
    bool commits = run != 1;
    rig_open(&r, rules, (weir_config){ .state = path, .batch = true });
    r.now += run * MINUTE;
    snprintf(id, sizeof id, "m%d", run);
    weir_event e = event_of(&r, id, "message", "u", "hi");
    e.channel = S("qq");
    e.account = S("s");
    assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_OK);
    assert_int_equal(r.verdict.action_cnt, run < 3); /* run 1 was lost, so the second is that of run 2 */
    if (commits) assert_int_equal(weir_commit(r.engine, &r.err), WEIR_OK);
    rig_close(&r);
  }
  unlink(wal);
  unlink(path);
  rmdir(folder);
}

/* However many limits an account has, an event is not refused for them. */
static void many_limits_drop_actions_only(void **state) {
  (void)state;
  struct rig r;
  char rules[4000] = "account 'qq/s' { windows = false, quotas = {\n";
  for (int i = 0; i < 14; i++) snprintf(rules + strlen(rules), sizeof rules - strlen(rules), "  { max = 900, within = '%dm' },\n", i + 1);
  strcat(rules, "} }\nrule 'a' { on = 'message', any = true, message = { all = { '1','2','3','4','5','6','7','8','9','10','11','12','13','14' } }, tag = { 'x', 'y' } }\n");
  rig_open(&r, rules, (weir_config){ .batch = false });
  give(&r, "m", "qq/s", "message", "lin", "hi");
  assert_true(r.verdict.action_cnt >= 5);
  assert_traced(&r, "message: too many limits for one decision");
  rig_close(&r);
}

/* ---- pauses, repeats, unasked */

static void accounts_pause_between_actions(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, "account 'qq/s' { spacing = '2s..8s' }\nrule 'a' { on = 'message', any = true, reply = 'y' }\n", (weir_config){ .batch = false });
  int64_t start = r.now, last = r.now;
  for (int i = 0; i < 6; i++) {
    char id[16];
    snprintf(id, sizeof id, "m%d", i);
    give(&r, id, "qq/s", "message", id, "hi");
    assert_int_equal(r.verdict.action_cnt, i == 0);
  }
  for (int i = 1; i < 6; i++) {
    assert_true(tick(&r, HOUR));
    assert_int_equal(r.verdict.action_cnt, 1);
    assert_true(r.now - last >= 2000 && r.now - last <= 8000);
    last = r.now;
  }
  assert_true(weir_next_due(r.engine) == INT64_MAX && last > start);
  rig_close(&r);
}

static void the_same_text_is_varied_or_held(void **state) {
  (void)state;
  struct rig r;
  int one = 0;
  rig_open(&r, "account 'qq/s' { max_similar = 2 }\nrule 'a' { on = 'message', any = true, reply = { 'one {code}', 'two {code}' } }\n", (weir_config){ .batch = false });
  for (int i = 0; i < 6; i++) {
    char id[16];
    snprintf(id, sizeof id, "m%d", i);
    give(&r, id, "qq/s", "message", id, "hi");
    assert_int_equal(r.verdict.action_cnt, i < 4);
    if (i < 4) one += r.verdict.actions[0].text.ptr[0] == 'o';
    else assert_traced(&r, "reply: in ");
  }
  assert_int_equal(one, 2); /* codes make no other text of it */
  int64_t before = r.now;
  while (tick(&r, DAY) && r.verdict.action_cnt == 0) continue;
  assert_true(r.verdict.action_cnt == 1 && r.now - before >= HOUR);
  rig_close(&r);
}

static void tell_count(void *ctx, const weir_count *count) {
  uint64_t *cnt = ctx;
  if (count->what.len > 16 && memcmp(count->what.ptr, "dropped message:", 16) == 0) *cnt += count->cnt;
}

static void nobody_is_nagged(void **state) {
  (void)state;
  for (int more = 0; more < 2; more++) {
    struct rig r;
    char rules[400];
    int sent = 0;
    uint64_t dropped = 0;
    snprintf(rules, sizeof rules, "pack { name = 'p'%s }\naccount 'telegram/s' {}\nrule 'a' { on = 'message', any = true, reply = 'y', run = function(e) e:after('1h', 'nag') end }\n"
             "rule 'nag' { on = 'timer', run = function(e) e:message('buy!') e:after('1h', 'nag') end }\n", more ? ", unasked_per_day = 5" : "");
    rig_open(&r, rules, (weir_config){ .batch = false });
    int64_t end = r.now + DAY;
    give(&r, "m", "telegram/s", "message", "u", "hi");
    assert_int_equal(r.verdict.action_cnt, 1);
    while (tick(&r, end - r.now)) sent += r.verdict.action_cnt == 1;
    assert_int_equal(sent, more ? 5 : 3);
    weir_stats s = { .struct_size = sizeof s };
    weir_engine_stats(r.engine, &s);
    assert_int_equal(weir_each_count(r.engine, 0, tell_count, &dropped, &r.err), WEIR_OK);
    assert_int_equal(dropped, s.dropped);
    rig_close(&r);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(windows_close), cmocka_unit_test(a_further_event_renews_the_window), cmocka_unit_test(a_quiet_message_opens_the_window), cmocka_unit_test(ten_settings),
    cmocka_unit_test(records_go_to_the_account_that_sends), cmocka_unit_test(what_was_rejected_was_not_used), cmocka_unit_test(a_rollback_takes_uses_back), cmocka_unit_test(uses_survive_a_restart), cmocka_unit_test(many_limits_drop_actions_only),
    cmocka_unit_test(accounts_pause_between_actions), cmocka_unit_test(the_same_text_is_varied_or_held), cmocka_unit_test(nobody_is_nagged),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
