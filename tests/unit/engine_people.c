/* engine_people.c: experiments; and random histories of a shop: whatever happens, in whatever order, given twice, joined, parted, killed
 * in the middle, nobody who opted out hears anything, nobody gets two coupons, no cap is passed, and everybody keeps his variant. */
#include "people_support.h"

/* ---- experiments */

static const char experiment[] =
  "pack { name = 'shop', version = '1' }\n"
  "funnel 'way' { stages = { 'asked', 'joined' }, goal = 'joined' }\n"
  "rule 'ask' { on = 'message', keywords = { 'pdf' }, stage = 'way/asked',\n"
  "  variants = { short = { weight = 3, message = 'short' }, long = { message = 'long', tag = 'long' } } }\n"
  "rule 'join' { on = 'message', keywords = { 'join' }, stage = 'way/joined' }\n";

static weir_variant_info variant_of(struct rig *r, const char *name) {
  weir_variant_info info;
  for (size_t i = 0; weir_engine_variant(r->engine, i, &info, &r->err) == WEIR_OK; i++) {
    if (info.variant.len == strlen(name) && memcmp(info.variant.ptr, name, info.variant.len) == 0) return info;
  }
  fail_msg("there is no variant %s", name);
  return info;
}

static void each_person_has_one_variant(void **state) {
  (void)state;
  struct rig r;
  uint64_t shorts = 0, goals = 0;
  story_open(&r, experiment);
  for (int i = 0; i < 60; i++) {
    char who[16], first[16];
    snprintf(who, sizeof who, "u%d", i);
    says(&r, "wechat/li", who, "pdf");
    snprintf(first, sizeof first, "%.15s", told.text[told.text[0][0] ? 0 : 1]);
    bool is_short = strcmp(first, "short") == 0;
    assert_true(is_short || strcmp(first, "long") == 0);
    shorts += is_short;
    says(&r, "wechat/li", who, "pdf again");
    assert_said(first);
    if (i % 3 == 0) says(&r, "wechat/li", who, "join"), goals += is_short;
    if (i % 6 == 0) says(&r, "wechat/li", who, "join again");
  }
  assert_in_range(shorts, 33, 57); /* three of four; binomial, five sigma */
  weir_variant_info s = variant_of(&r, "short"), l = variant_of(&r, "long");
  assert_true(s.persons == shorts && l.persons == 60 - shorts);
  assert_true(s.goals == goals && l.goals == 20 - goals);
  assert_true(s.low < s.rate && s.rate < s.high && s.low > 0 && s.high < 1);
  assert_int_equal(s.weight, 3);
  weir_variant_info none;
  assert_int_equal(weir_engine_variant(r.engine, 2, &none, &r.err), WEIR_NONE);
  story_close(&r);
}

/* A stage that waits for its outcome is a goal, too: when it is reached, once for each person. */
static void a_goal_that_waits_for_its_outcome(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, "pack { name = 'rules' }\nfunnel 'f' { stages = { 'asked', 'served' }, goal = 'served' }\n"
                 "rule 'a' { on = 'message', keywords = { 'pdf' }, variants = { x = { weight = 1000, message = 'x' }, y = { message = 'y' } } }\n"
                 "rule 'b' { on = 'message', keywords = { 'serve' }, message = 'here', stage = { 'f/served', on = 'sent' } }\n"
                 "rule 'c' { on = 'message', keywords = { 'back' }, stage = { 'f/asked', back = true } }\n");
  says(&r, "douyin/papers", "u1", "pdf");
  const char *got = strcmp(told.text[0], "x") == 0 ? "x" : "y";
  for (int i = 0; i < 2; i++) { /* again, after going back: it was reached once */
    char id[64], name[16];
    snprintf(name, sizeof name, "e%d", i);
    weir_event e = event_of(&r, name, "message", "u1", "serve");
    assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_OK);
    assert_true(r.verdict.action_cnt > 0);
    snprintf(id, sizeof id, "%.*s", (int)r.verdict.id.len, r.verdict.id.ptr);
    assert_int_equal(variant_of(&r, got).goals, i);
    snprintf(name, sizeof name, "o%d", i);
    weir_event outcome = event_of(&r, name, "outcome", "u1", "");
    outcome.outcome = (weir_event_outcome){ .decision = { id, strlen(id) }, .n = 1, .status = S("sent") };
    give(&r, &outcome);
    assert_int_equal(variant_of(&r, got).goals, 1);
    says(&r, "douyin/papers", "u1", "back");
  }
  assert_int_equal(variant_of(&r, got).goals, 1);
  story_close(&r);
}

static void outcomes_count_for_the_variant(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, experiment);
  weir_event e = event_of(&r, "e1", "message", "wx1", "pdf");
  assert_int_equal(weir_decide(r.engine, &e, r.now, &r.verdict, &r.err), WEIR_OK);
  char id[64], text[16];
  size_t n = 0;
  while (!r.verdict.actions[n].text.len) n++;
  snprintf(id, sizeof id, "%.*s", (int)r.verdict.id.len, r.verdict.id.ptr);
  snprintf(text, sizeof text, "%.*s", (int)r.verdict.actions[n].text.len, r.verdict.actions[n].text.ptr);
  weir_event outcome = event_of(&r, "o1", "outcome", "wx1", "");
  outcome.outcome = (weir_event_outcome){ .decision = { id, strlen(id) }, .n = r.verdict.actions[n].n, .status = S("sent") };
  give(&r, &outcome);
  assert_int_equal(variant_of(&r, text).sent, 1);
  assert_int_equal(variant_of(&r, text).rejected, 0);
  story_close(&r);
}

static void the_interval_is_wilsons(void **state) {
  (void)state;
  struct rig r;
  story_open(&r, "pack { name = 'shop', version = '1' }\nfunnel 'way' { stages = { 'joined' }, goal = 'joined' }\n"
                 "rule 'a' { on = 'message', keywords = { 'pdf' }, variants = { x = { weight = 1000, message = 'x' }, y = { message = 'y' } } }\n"
                 "rule 'j' { on = 'message', keywords = { 'join' }, stage = 'way/joined' }\n");
  weir_variant_info x = variant_of(&r, "x");
  assert_true(x.persons == 0 && x.low == 0 && x.high == 1);
  for (int i = 0; i < 10; i++) {
    char who[16];
    snprintf(who, sizeof who, "u%d", i);
    says(&r, "wechat/li", who, "pdf");
    if (i < 2) says(&r, "wechat/li", who, "join");
  }
  x = variant_of(&r, "x");
  assert_true(x.persons == 10 && x.goals == 2);
  assert_true(x.low > 0.0566 && x.low < 0.0568 && x.high > 0.5098 && x.high < 0.5099); /* 2 of 10: 5.67 % to 50.98 % */
  story_close(&r);
}

/* ---- segments */

static const char layered[] =
  "pack { name = 'shop', version = '1' }\n"
  "segment 'layers' { by = 'points', layers = { { 'creators', 1 }, { 'sharers', 9 }, { 'readers', 90 } } }\n"
  "rule 'act' { on = 'message', keywords = { 'act' }, incr = 'points' }\n"
  "rule 'c' { on = 'message', keywords = { 'who' }, segment = 'layers/creators', message = 'creator' }\n"
  "rule 's' { on = 'message', keywords = { 'who' }, segment = { 'layers/sharers' }, message = 'sharer' }\n"
  "rule 'r' { on = 'message', keywords = { 'who' }, segment = 'layers/readers', message = 'reader' }\n";

static void acts(struct rig *r, const char *account, const char *who, int times) {
  for (int i = 0; i < times; i++) says(r, account, who, "act");
}

static void layers_by_activity(void **state) {
  (void)state;
  struct rig r;
  char who[32];
  int cnt[3] = { 0, 0, 0 };
  story_open(&r, layered);
  says(&r, "wechat/li", "nobody", "who");
  assert_said("reader"); /* who does nothing reads */
  acts(&r, "wechat/li", "boss", 40);
  for (int i = 0; i < 9; i++) {
    snprintf(who, sizeof who, "s%d", i);
    acts(&r, "wechat/li", who, 8);
  }
  for (int i = 0; i < 90; i++) {
    snprintf(who, sizeof who, "r%d", i);
    acts(&r, "wechat/li", who, 1);
  }
  for (int i = 0; i < 100; i++) {
    if (i == 0) snprintf(who, sizeof who, "boss");
    else snprintf(who, sizeof who, i < 10 ? "s%d" : "r%d", i < 10 ? i - 1 : i - 10);
    says(&r, "wechat/li", who, "who");
    assert_int_equal(told.cnt, 1);
    cnt[told.text[0][0] == 'c' ? 0 : told.text[0][0] == 's' ? 1 : 2]++;
  }
  assert_true(cnt[0] == 1 && cnt[1] == 9 && cnt[2] == 90);
  /* two sharers are one human, who does more than each: he is counted once, and the boss stays alone at the top */
  acts(&r, "mail/shop", "m1", 8);
  happens(&r, "mail/shop", "link", "m1", "", "wechat/li/s0", NULL);
  says(&r, "mail/shop", "m1", "who");
  assert_said("sharer");
  says(&r, "wechat/li", "boss", "who");
  assert_said("creator");
  assert_int_equal(weir_forget(r.engine, S("wechat"), S("li"), S("boss"), &r.err), WEIR_OK);
  kill_and_start(&r);
  says(&r, "mail/shop", "m1", "who"); /* sixteen points are the most now */
  assert_said("creator");
  story_close(&r);
}

/* ---- random histories */

enum { PEOPLE = 12, CHANNELS = 3, CAP = 2 };

static const char shop[] =
  "pack { name = 'shop', version = '1' }\n"
  "pool 'ids' { 'a', 'b', 'c', per_day = 2 }\n"
  "coupon 'gift' { 'G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7' }\n"
  "rule 'stop' { on = 'message', priority = 9, keywords = { 'stop' }, opt_out = true, message = 'bye' }\n"
  "rule 'quiet' { on = 'message', priority = 9, keywords = { 'quiet' }, opt_out = 'channel', message = 'bye here' }\n"
  "rule 'start' { on = 'message', priority = 9, keywords = { 'start' }, opt_in = true, message = 'hello again' }\n"
  "rule 'code' { on = 'message', keywords = { 'code' }, message = '{code}' }\n"
  "rule 'id' { on = 'message', keywords = { 'number' }, message = 'id:{pool.ids}' }\n"
  "rule 'gift' { on = 'message', keywords = { 'gift' }, message = 'gift:{coupon.gift}' }\n"
  "rule 'try' { on = 'message', keywords = { 'try' }, variants = { x = { message = 'v:x' }, y = { message = 'v:y' }, z = { message = 'v:z' } } }\n"
  "rule 'later' { on = 'message', keywords = { 'later' }, message = { 'later', after = '1h' } }\n"
  "rule 'human' { on = 'x-takeover', handoff = { ['for'] = '3h' } }\n"
  "rule 'join' { on = 'join', message = 'welcome' }\n";

static uint64_t dice;
static int roll(int sides) {
  uint64_t z = (dice += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return (int)((z ^ (z >> 31)) % (uint64_t)sides);
}

/* A model of who is who: contact = person on a channel. Groups are what links made one. */
static struct {
  int group[PEOPLE * CHANNELS];
  bool out[PEOPLE * CHANNELS];       /* he wants nothing; everywhere */
  bool out_here[PEOPLE * CHANNELS];  /* on this channel */
  char gift[PEOPLE * CHANNELS][8], variant[PEOPLE * CHANNELS][8], id[PEOPLE * CHANNELS][8]; /* what the contact was given last */
  int given_today[3];                /* how often each number went to somebody who had it not */
  int64_t today;
} m;

static const char *const channel_names[CHANNELS] = { "douyin/papers", "wechat/li", "mail/shop" };
static int channel_of(int contact) { return contact / PEOPLE; }

static void silence(int contact, bool everywhere) {
  for (int i = 0; i < PEOPLE * CHANNELS; i++) {
    if (m.group[i] != m.group[contact]) continue;
    if (everywhere) m.out[i] = true;
    else if (channel_of(i) == channel_of(contact)) m.out_here[i] = true;
  }
}

static void unite(int a, int b) {
  int from = m.group[a], to = m.group[b];
  bool out = false;
  for (int i = 0; i < PEOPLE * CHANNELS; i++) out = out || ((m.group[i] == from || m.group[i] == to) && m.out[i]);
  for (int i = 0; i < PEOPLE * CHANNELS; i++) {
    if (m.group[i] == from) m.group[i] = to;
    if (m.group[i] == to) m.out[i] = out;
  }
}

/* A gift code may be with one group only, unless parting split the group that had it. */
static int parted_ever[PEOPLE * CHANNELS];

static void check_said(int contact) {
  for (size_t i = 0; i < told.cnt; i++) {
    const char *text = told.text[i];
    bool speaks = strcmp(told.kind[i], "message") == 0 || strcmp(told.kind[i], "reply") == 0;
    bool confirms = strcmp(text, "bye") == 0 || strcmp(text, "bye here") == 0 || strcmp(text, "hello again") == 0;
    if (speaks && !confirms && (m.out[contact] || m.out_here[contact])) fail_msg("contact %d opted out and hears \"%s\"", contact, text);
    if (strncmp(text, "gift:", 5) == 0) {
      for (int k = 0; k < PEOPLE * CHANNELS; k++) {
        if (k == contact || !m.gift[k][0] || m.group[k] == m.group[contact] || parted_ever[k] || parted_ever[contact]) continue;
        if (strcmp(m.gift[k], text + 5) == 0) fail_msg("%s was given to contact %d and to %d", text, k, contact);
      }
      if (m.gift[contact][0] && !parted_ever[contact]) {
        bool joined = false;
        for (int k = 0; k < PEOPLE * CHANNELS; k++) joined = joined || (k != contact && m.group[k] == m.group[contact]);
        if (!joined && strcmp(m.gift[contact], text + 5) != 0) fail_msg("contact %d has two gifts: %s and %s", contact, m.gift[contact], text + 5);
      }
      for (int k = 0; k < PEOPLE * CHANNELS; k++) { /* all of one person hear of the same one from now on */
        if (m.group[k] == m.group[contact] && m.gift[k][0]) snprintf(m.gift[k], sizeof m.gift[k], "%.7s", text + 5);
      }
      snprintf(m.gift[contact], sizeof m.gift[contact], "%.7s", text + 5);
    }
    if (strncmp(text, "v:", 2) == 0) {
      bool joined = false;
      for (int k = 0; k < PEOPLE * CHANNELS; k++) joined = joined || (k != contact && m.group[k] == m.group[contact]);
      if (m.variant[contact][0] && !joined && !parted_ever[contact]) assert_string_equal(m.variant[contact], text + 2);
      snprintf(m.variant[contact], sizeof m.variant[contact], "%.7s", text + 2);
      for (int k = 0; k < PEOPLE * CHANNELS; k++) {
        if (m.group[k] == m.group[contact] && m.variant[k][0]) snprintf(m.variant[k], sizeof m.variant[k], "%.7s", text + 2);
      }
    }
  }
}

/* A number that nobody of the person had before is one more of the day's. */
static void check_numbers(const struct rig *r, int contact) {
  if (r->now / DAY != m.today) memset(m.given_today, 0, sizeof m.given_today);
  m.today = r->now / DAY;
  for (size_t i = 0; i < told.cnt; i++) {
    if (strncmp(told.text[i], "id:", 3) != 0) continue;
    bool had = false;
    for (int k = 0; k < PEOPLE * CHANNELS; k++) had = had || (m.group[k] == m.group[contact] && strcmp(m.id[k], told.text[i] + 3) == 0);
    snprintf(m.id[contact], sizeof m.id[contact], "%.7s", told.text[i] + 3);
    if (!had && ++m.given_today[told.text[i][3] - 'a'] > CAP) fail_msg("%s was given to more than %d on a day", told.text[i], CAP);
  }
}

static void one_step(struct rig *r) {
  static const char *const texts[] = { "number", "gift", "try", "later", "code", "hi", "gift again", "try again", "number please" };
  int contact = roll(PEOPLE * CHANNELS);
  char who[16];
  snprintf(who, sizeof who, "p%d", contact % PEOPLE);
  const char *account = channel_names[channel_of(contact)];
  switch (roll(14)) {
    case 0:
      happens(r, account, "message", who, "stop", NULL, NULL);
      silence(contact, true);
      break;
    case 1:
      happens(r, account, "message", who, "quiet", NULL, NULL);
      silence(contact, false);
      break;
    case 2:
    case 3: {
      happens(r, account, "message", who, "start", NULL, NULL);
      for (int i = 0; i < PEOPLE * CHANNELS; i++) {
        if (m.group[i] == m.group[contact]) m.out[i] = m.out_here[i] = false;
      }
      break;
    }
    case 4: { /* the same human on another channel, or a wrong guess */
      int other = roll(PEOPLE * CHANNELS);
      char with[64];
      snprintf(with, sizeof with, "%s/p%d", channel_names[channel_of(other)], other % PEOPLE);
      happens(r, account, "link", who, "", with, NULL);
      if (strstr(told.trace, "joined with")) unite(contact, other);
      break;
    }
    case 5:
      happens(r, account, "unlink", who, "", NULL, NULL);
      if (strstr(told.trace, "parted")) {
        parted_ever[contact] = 1;
        for (int i = 0; i < PEOPLE * CHANNELS; i++) parted_ever[i] = parted_ever[i] || m.group[i] == m.group[contact];
        m.group[contact] = 1000 + next_event;
      }
      break;
    case 6: happens(r, account, "x-takeover", who, "", NULL, NULL); break;
    default: happens(r, account, "message", who, texts[roll((int)(sizeof texts / sizeof *texts))], NULL, NULL); break;
  }
  check_said(contact);
  check_numbers(r, contact);
  r->now += roll(40) * 60 * 1000;
}

static void random_histories(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= (on_disk ? 4u : 12u); seed++) {
    struct rig r;
    dice = seed * UINT64_C(7919);
    memset(&m, 0, sizeof m);
    memset(parted_ever, 0, sizeof parted_ever);
    for (int i = 0; i < PEOPLE * CHANNELS; i++) m.group[i] = i;
    story_open(&r, shop);
    for (int step = 0; step < (on_disk ? 250 : 600); step++) {
      one_step(&r);
      while (tick(&r)) {
        int contact = 0;
        for (int c = 0; c < CHANNELS; c++) {
          size_t len = strlen(channel_names[c]);
          if (r.verdict.aud.len == len && memcmp(r.verdict.aud.ptr, channel_names[c], len) == 0) contact = c * PEOPLE;
        }
        contact += atoi(r.verdict.contact.ptr + 1) % PEOPLE;
        check_said(contact);
      }
      if (roll(40) == 0) kill_and_start(&r);
    }
    story_close(&r);
  }
}

static const struct CMUnitTest tests[] = {
  STORY(each_person_has_one_variant),
  STORY(outcomes_count_for_the_variant),
  STORY(a_goal_that_waits_for_its_outcome),
  STORY(the_interval_is_wilsons),
  STORY(layers_by_activity),
  STORY(random_histories),
};
RUN_ON_BOTH(tests)
