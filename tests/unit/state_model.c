/* A slow model of the store, in plain arrays, and random histories applied to both: changes of every kind, failures,
 * joins, rollbacks. After every step all that can be seen must be equal. */
#include "state_help.h"

enum { CONTACTS = 10, TAGS = 6, FIELDS = 4, FUNNELS = 3, STAGES = 3, POOLS = 2, MEMBERS = 2, DAYS = 2, KEYS = 6, CODES = 5 };
enum { PERSONS = 2048 };
enum { TIMERS = 64, ENTRIES = 8, ORIGINS = 3 };

static const char *const contact_ids[CONTACTS] = {
  "u0", "u1", "u2", "u3-with-a-longer-id-than-fits-a-cell-of-the-store", "u4", "u5", "u6", "u7", "u8", "李",
};
static const char *const tag_names[TAGS] = { "wants:paper", "b", "a", "ab", "zz-a-tag-of-more-than-fourteen-bytes", "é" };
static const char *const field_names[FIELDS] = { "n", "city", "points", "x" };
static const char *const values[] = {
  "", "1", "-5", "9223372036854775800", "a value that is long enough to need two cells or three", "上海",
};
static const char *const funnel_names[FUNNELS] = { "p/way", "p/other", "q/way" };
static const char *const stage_names[STAGES] = { "asked", "added", "delivered" };
static const char *const pool_names[POOLS] = { "p/wechat", "p/phone" };
static const char *const member_names[MEMBERS] = { "li", "wang" };
static const char *const key_names[KEYS] = { "k0", "k1", "k2", "k3", "k4", "k5" };
static const char *const codes[CODES] = { "AAA222", "BBB333", "CCC444", "DDD555", "EEE666" };

struct model_person {
  uint64_t id; /* 0: this place is free */
  bool out;
  int64_t first, last, hand;
  char name[16];
  bool tags[TAGS];
  char fields[FIELDS][64];
  int64_t set[FIELDS], given[POOLS]; /* when; set 0: a counter */
  int stage[FUNNELS]; /* 0: not in it, else stage + 1 */
  int64_t entered[FUNNELS][STAGES]; /* -1: never */
  int pool[POOLS]; /* 0, or member + 1 */
  int64_t claims[KEYS];
  int origins[KEYS]; /* of the claims */
  int contacts[CONTACTS], contact_cnt;
};

struct model {
  int64_t now;
  uint64_t last_person, last_timer;
  struct model_person persons[CONTACTS];
  bool out[CONTACTS], out_there[CONTACTS]; /* everywhere; on the one channel there is */
  struct {
    int64_t count, until;
  } totals[KEYS];
  struct {
    uint64_t inviter; /* 0: nobody */
    int64_t at;
  } invites[PERSONS]; /* by the number of who was invited */
  struct {
    uint64_t person;
    int64_t until;
  } codes[CODES];
  struct {
    int64_t until;
    char decision[32];
  } marks[KEYS];
  uint32_t used[POOLS][MEMBERS][DAYS];
  struct {
    uint64_t id;
    int64_t due;
    int contact;
    char payload[64];
  } timers[TIMERS];
  struct {
    int status, origin, contact; /* status 0: not there */
    int64_t until;
  } entries[ENTRIES];
};

static struct model model;

static struct model_person *by_id(struct model *m, uint64_t id) {
  for (int i = 0; id != 0 && i < CONTACTS; i++) {
    if (m->persons[i].id == id) return &m->persons[i];
  }
  return NULL;
}

static struct model_person *by_contact(struct model *m, int contact) {
  for (int i = 0; i < CONTACTS; i++) {
    for (int k = 0; m->persons[i].id != 0 && k < m->persons[i].contact_cnt; k++) {
      if (m->persons[i].contacts[k] == contact) return &m->persons[i];
    }
  }
  return NULL;
}

static int index_of(const char *const *list, int cnt, weir_str s) {
  for (int i = 0; i < cnt; i++) {
    if (is(s, list[i])) return i;
  }
  fail_msg("unknown name %.*s", WEIR_FMT(s));
  return 0;
}

static int key_index(const unsigned char key[WEIR_ID_BYTES]) {
  for (int i = 0; i < KEYS; i++) {
    unsigned char k[WEIR_ID_BYTES];
    weir_str part = weir_str_of(key_names[i]);
    weir_id_hash(WEIR_STR(""), &part, 1, k);
    if (memcmp(k, key, sizeof k) == 0) return i;
  }
  return 0;
}

/* ---- the model's changes */

static struct model_person *model_make(struct model *m, int contact, int64_t at) {
  struct model_person *p = m->persons;
  while (p->id != 0) p++;
  memset(p, 0, sizeof *p);
  memset(p->entered, 0xFF, sizeof p->entered);
  p->id = ++m->last_person;
  p->first = at;
  p->last = at / HOUR * HOUR;
  p->out = m->out[contact];
  p->contacts[p->contact_cnt++] = contact;
  return p;
}

static void model_out(struct model *m, struct model_person *p, bool out) {
  p->out = out;
  for (int i = 0; i < p->contact_cnt; i++) {
    m->out[p->contacts[i]] = out;
    if (!out) m->out_there[p->contacts[i]] = false;
  }
}

static void model_out_there(struct model *m, const struct model_person *p) {
  for (int i = 0; i < p->contact_cnt; i++) m->out_there[p->contacts[i]] = true;
}

static void model_spread(struct model *m, const struct model_person *p) {
  bool any = false;
  for (int i = 0; i < p->contact_cnt; i++) any = any || m->out_there[p->contacts[i]];
  if (any) model_out_there(m, p);
}

static bool model_circle(const struct model *m, uint64_t who, uint64_t invitee) {
  while (who != 0 && who != invitee) who = m->invites[who].inviter;
  return who == invitee;
}

static void model_join_invites(struct model *m, uint64_t to, uint64_t from) {
  for (int i = 0; i < PERSONS; i++) {
    if (m->invites[i].inviter == from) m->invites[i].inviter = to;
  }
  uint64_t his = m->invites[to].inviter, others = m->invites[from].inviter;
  bool first = his && (m->invites[to].at != m->invites[from].at ? m->invites[to].at < m->invites[from].at : his <= others);
  if (others && !first) m->invites[to] = m->invites[from];
  m->invites[from].inviter = 0;
  if (m->invites[to].inviter && model_circle(m, m->invites[to].inviter, to)) m->invites[to].inviter = 0;
}

static void model_part(struct model *m, struct model_person *p, int contact, int64_t at) {
  if (p->contact_cnt < 2) return;
  int k = 0;
  while (p->contacts[k] != contact) k++;
  for (p->contact_cnt--; k < p->contact_cnt; k++) p->contacts[k] = p->contacts[k + 1];
  struct model_person *q = model_make(m, contact, at);
  q->out = p->out;
  q->hand = p->hand;
  memcpy(q->claims, p->claims, sizeof q->claims);
  memcpy(q->origins, p->origins, sizeof q->origins);
  memcpy(q->pool, p->pool, sizeof q->pool);
  memcpy(q->given, p->given, sizeof q->given);
  for (int i = 0; i < KEYS; i++) {
    if (q->claims[i] <= m->now) q->claims[i] = 0;
  }
}

static void model_total(struct model *m, int key, int64_t number, int64_t until) {
  int64_t count = m->totals[key].until > m->now ? m->totals[key].count : 0;
  int64_t ends = count ? m->totals[key].until : 0;
  count = count + number > 0 ? count + number : 0;
  m->totals[key].count = count;
  m->totals[key].until = count == 0 ? 0 : until > ends ? until : ends;
}

static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }

static void model_count(char field[64], int64_t add_number) {
  char *end;
  long long value = strtoll(field, &end, 10);
  if (*end || !field[0]) value = 0;
  if (add_number > 0 && value > INT64_MAX - add_number) value = INT64_MAX;
  else if (add_number < 0 && value < INT64_MIN - add_number) value = INT64_MIN;
  else value += add_number;
  snprintf(field, 64, "%lld", value);
}

static weir_status model_counter(struct model_person *p, int field, int64_t add_number) {
  char before[64];
  memcpy(before, p->fields[field], sizeof before);
  model_count(p->fields[field], add_number);
  if (strcmp(before, p->fields[field]) != 0) p->set[field] = 0;
  return WEIR_OK;
}

static weir_status model_join(struct model *m, int contact, uint64_t id) {
  struct model_person *p = by_id(m, id), *q = by_contact(m, contact);
  if (!p) return WEIR_E_ARG;
  if (p == q) return WEIR_OK;
  bool out = p->out || (q ? q->out : m->out[contact]);
  if (!q) {
    p->contacts[p->contact_cnt++] = contact;
  } else {
    for (int i = 0; i < q->contact_cnt; i++) p->contacts[p->contact_cnt++] = q->contacts[i];
    if (q->first < p->first) p->first = q->first;
    p->last = later(p->last, q->last);
    p->hand = later(p->hand, q->hand);
    if (strcmp(q->name, p->name) > 0) memcpy(p->name, q->name, sizeof p->name);
    for (int i = 0; i < TAGS; i++) p->tags[i] |= q->tags[i];
    for (int i = 0; i < FIELDS; i++) {
      bool tie = q->set[i] == p->set[i];
      if (!q->fields[i][0]) continue;
      if (p->fields[i][0] && tie && q->set[i] == 0) {
        model_count(p->fields[i], strtoll(q->fields[i], NULL, 10));
      } else if (!p->fields[i][0] || q->set[i] > p->set[i] || (tie && strcmp(q->fields[i], p->fields[i]) > 0)) {
        memcpy(p->fields[i], q->fields[i], sizeof p->fields[i]);
        p->set[i] = q->set[i];
      }
    }
    for (int i = 0; i < POOLS; i++) {
      bool tie = q->given[i] == p->given[i]; /* the list of members ascends */
      if (!q->pool[i] || (p->pool[i] && (tie ? q->pool[i] <= p->pool[i] : q->given[i] > p->given[i]))) continue;
      p->pool[i] = q->pool[i];
      p->given[i] = q->given[i];
    }
    for (int i = 0; i < KEYS; i++) {
      if (q->claims[i] > p->claims[i]) p->origins[i] = q->origins[i];
      p->claims[i] = later(p->claims[i], q->claims[i]);
    }
    for (int i = 0; i < CODES; i++) {
      if (m->codes[i].person == q->id) m->codes[i].person = p->id;
    }
    for (int f = 0; f < FUNNELS; f++) {
      const char *his = p->stage[f] ? stage_names[p->stage[f] - 1] : "", *others = q->stage[f] ? stage_names[q->stage[f] - 1] : "";
      if (strcmp(others, his) > 0) p->stage[f] = q->stage[f];
      for (int v = 0; v < STAGES; v++) {
        int64_t a = p->entered[f][v], b = q->entered[f][v];
        p->entered[f][v] = a < 0 ? b : b < 0 ? a : a < b ? a : b;
      }
    }
    model_join_invites(m, p->id, q->id);
    q->id = 0;
  }
  model_spread(m, p);
  if (out) model_out(m, p, true);
  return WEIR_OK;
}

static weir_status model_code(struct model *m, const struct model_person *p, int code, int64_t until) {
  if (m->codes[code].person != 0 && m->codes[code].person != p->id && m->codes[code].until > m->now) return WEIR_E_ARG;
  for (int i = 0; i < CODES; i++) {
    if (m->codes[i].person == p->id || i == code) m->codes[i].person = 0;
  }
  if (until > m->now) m->codes[code].person = p->id, m->codes[code].until = until;
  return WEIR_OK;
}

static weir_status model_personal(struct model *m, struct model_person *p, const struct weir_change *c) {
  int i, v;
  switch (c->kind) {
    case WEIR_CHANGE_TAG: p->tags[index_of(tag_names, TAGS, c->name)] = true; return WEIR_OK;
    case WEIR_CHANGE_UNTAG: p->tags[index_of(tag_names, TAGS, c->name)] = false; return WEIR_OK;
    case WEIR_CHANGE_FIELD:
      i = index_of(field_names, FIELDS, c->name);
      if (!is(c->value, p->fields[i])) p->set[i] = m->now;
      snprintf(p->fields[i], 64, "%.*s", WEIR_FMT(c->value));
      return WEIR_OK;
    case WEIR_CHANGE_COUNTER: return model_counter(p, index_of(field_names, FIELDS, c->name), c->number);
    case WEIR_CHANGE_STAGE:
      i = index_of(funnel_names, FUNNELS, c->name);
      v = index_of(stage_names, STAGES, c->value);
      p->stage[i] = v + 1;
      if (p->entered[i][v] < 0) p->entered[i][v] = c->at_ms;
      return WEIR_OK;
    case WEIR_CHANGE_UNSTAGE: p->stage[index_of(funnel_names, FUNNELS, c->name)] = 0; return WEIR_OK;
    case WEIR_CHANGE_CLAIM:
      i = key_index(c->key);
      if (c->until_ms > p->claims[i]) p->origins[i] = c->origin[0];
      p->claims[i] = later(p->claims[i], c->until_ms);
      return WEIR_OK;
    case WEIR_CHANGE_UNCLAIM_ORIGIN:
      for (i = 0; c->key[0] != 0 && i < KEYS; i++) {
        if (p->origins[i] == c->key[0]) p->claims[i] = 0;
      }
      return WEIR_OK;
    case WEIR_CHANGE_UNCLAIM: p->claims[key_index(c->key)] = 0; return WEIR_OK;
    case WEIR_CHANGE_POOL:
      i = index_of(pool_names, POOLS, c->name);
      v = index_of(member_names, MEMBERS, c->value);
      m->used[i][v][c->number - T0 / DAY]++;
      if (p->pool[i] != v + 1) p->given[i] = m->now;
      p->pool[i] = v + 1;
      return WEIR_OK;
    case WEIR_CHANGE_CODE: return model_code(m, p, index_of(codes, CODES, c->value), c->until_ms);
    case WEIR_CHANGE_HANDOFF: p->hand = c->until_ms; return WEIR_OK;
    case WEIR_CHANGE_OPT_OUT:
      if (c->value.len) model_out_there(m, p);
      else model_out(m, p, true);
      return WEIR_OK;
    case WEIR_CHANGE_OPT_IN: model_out(m, p, false); return WEIR_OK;
    default: return WEIR_E_INTERNAL;
  }
}

static weir_status model_nobody(struct model *m, int contact, const struct weir_change *c) {
  switch (c->kind) {
    case WEIR_CHANGE_OPT_OUT: *(c->value.len ? &m->out_there[contact] : &m->out[contact]) = true; return WEIR_OK;
    case WEIR_CHANGE_OPT_IN: m->out[contact] = m->out_there[contact] = false; return WEIR_OK;
    case WEIR_CHANGE_PART:
    case WEIR_CHANGE_UNTAG:
    case WEIR_CHANGE_UNSTAGE:
    case WEIR_CHANGE_UNCLAIM:
    case WEIR_CHANGE_UNCLAIM_ORIGIN: return WEIR_OK;
    case WEIR_CHANGE_FIELD: return c->value.len ? WEIR_E_ARG : WEIR_OK;
    case WEIR_CHANGE_HANDOFF: return c->until_ms ? WEIR_E_ARG : WEIR_OK;
    default: return WEIR_E_ARG;
  }
}

static weir_status model_see(struct model *m, int contact, const struct weir_change *c, weir_str name) {
  struct model_person *p = by_contact(m, contact);
  if (!p) p = model_make(m, contact, c->at_ms);
  if (c->at_ms < p->first) p->first = c->at_ms;
  p->last = later(p->last, c->at_ms / HOUR * HOUR);
  if (name.len) snprintf(p->name, sizeof p->name, "%.*s", WEIR_FMT(name));
  return WEIR_OK;
}

static weir_status model_invited(struct model *m, const struct model_person *p, const struct weir_change *c) {
  if (!p) return WEIR_E_ARG;
  uint64_t invitee = p->id;
  int inviter = index_of(contact_ids, CONTACTS, c->inviter->id);
  model_see(m, inviter, c, (weir_str){ NULL, 0 });
  if (m->invites[invitee].inviter || model_circle(m, by_contact(m, inviter)->id, invitee)) return WEIR_OK;
  m->invites[invitee].inviter = by_contact(m, inviter)->id;
  m->invites[invitee].at = c->at_ms;
  return WEIR_OK;
}

static weir_status model_change(struct model *m, int contact, const struct weir_change *c) {
  struct model_person *p = by_contact(m, contact);
  int i;
  switch (c->kind) {
    case WEIR_CHANGE_SEEN: return model_see(m, contact, c, c->name);
    case WEIR_CHANGE_JOIN: return model_join(m, contact, (uint64_t)c->number);
    case WEIR_CHANGE_CODE_USED: m->codes[index_of(codes, CODES, c->value)].person = 0; return WEIR_OK;
    case WEIR_CHANGE_DEDUPE:
      i = key_index(c->key);
      m->marks[i].until = later(m->marks[i].until, c->until_ms);
      snprintf(m->marks[i].decision, sizeof m->marks[i].decision, "%.*s", WEIR_FMT(c->value));
      return WEIR_OK;
    case WEIR_CHANGE_TIMER:
      for (i = 0; i < TIMERS - 1 && m->timers[i].id != 0; i++) continue;
      m->timers[i].id = ++m->last_timer;
      m->timers[i].due = c->timer->due_ms;
      m->timers[i].contact = index_of(contact_ids, CONTACTS, c->timer->contact.id);
      snprintf(m->timers[i].payload, 64, "%.*s", WEIR_FMT(c->timer->payload));
      return WEIR_OK;
    case WEIR_CHANGE_TIMER_DONE:
      for (i = 0; i < TIMERS; i++) {
        if (m->timers[i].id == (uint64_t)c->number) m->timers[i].id = 0;
      }
      return WEIR_OK;
    case WEIR_CHANGE_LEDGER:
      i = c->ledger->key[0];
      m->entries[i].status = (int)c->ledger->status;
      m->entries[i].origin = c->ledger->origin[0];
      m->entries[i].contact = index_of(contact_ids, CONTACTS, c->ledger->contact.id);
      m->entries[i].until = c->ledger->until_ms;
      return WEIR_OK;
    case WEIR_CHANGE_LEDGER_STATUS:
      i = c->key[0];
      if (m->entries[i].status == 0) return WEIR_OK;
      m->entries[i].status = (int)c->number;
      m->entries[i].until = later(m->entries[i].until, c->until_ms);
      return WEIR_OK;
    case WEIR_CHANGE_PART:
      if (p) model_part(m, p, contact, c->at_ms);
      return WEIR_OK;
    case WEIR_CHANGE_TOTAL: model_total(m, key_index(c->key), c->number, c->until_ms); return WEIR_OK;
    case WEIR_CHANGE_INVITED: return model_invited(m, p, c);
    default: return p ? model_personal(m, p, c) : model_nobody(m, contact, c);
  }
}

static weir_status model_apply(struct model *m, int contact, const struct weir_changeset *changes) {
  static struct model work;
  work = *m;
  work.now = changes->now_ms;
  for (uint32_t i = 0; i < changes->cnt; i++) {
    weir_status status = model_change(&work, contact, &changes->items[i]);
    if (status != WEIR_OK) return status;
  }
  *m = work;
  return WEIR_OK;
}

/* ---- comparing */

static uint64_t live_code(int i, int64_t now) { return model.codes[i].until > now ? model.codes[i].person : 0; }

static const char *model_latest(uint64_t person) {
  int best = -1;
  for (int i = 0; i < CODES; i++) {
    if (person == 0 || live_code(i, model.now) != person) continue;
    if (best < 0 || model.codes[i].until > model.codes[best].until) best = i; /* the list ascends: ties go to the first */
  }
  return best < 0 ? "" : codes[best];
}

static void compare_lists(const struct weir_person *got, const struct model_person *p) {
  uint32_t tags = 0, fields = 0, stages = 0, pools = 0;
  for (int i = 0; i < TAGS; i++) {
    tags += p->tags[i];
    assert_int_equal(has_tag(got, tag_names[i]), p->tags[i]);
  }
  for (int i = 0; i < FIELDS; i++) {
    fields += p->fields[i][0] != '\0';
    assert_true(is(field_of(got, field_names[i]), p->fields[i]));
  }
  for (int f = 0; f < FUNNELS; f++) {
    if (p->stage[f] == 0) continue;
    struct weir_stage_entry e = stage_of(got, funnel_names[f]);
    stages++;
    assert_true(is(e.stage, stage_names[p->stage[f] - 1]));
    assert_true(e.entered_ms == p->entered[f][p->stage[f] - 1]);
  }
  for (int i = 0; i < POOLS; i++) {
    pools += p->pool[i] != 0;
    assert_true(is(pool_of(got, pool_names[i]), p->pool[i] ? member_names[p->pool[i] - 1] : ""));
  }
  assert_true(got->tag_cnt == tags && got->field_cnt == fields && got->stage_cnt == stages && got->pool_cnt == pools);
  for (uint32_t i = 1; i < got->tag_cnt; i++) assert_true(weir_str_cmp(got->tags[i - 1], got->tags[i]) < 0);
  for (uint32_t i = 1; i < got->field_cnt; i++) assert_true(weir_str_cmp(got->fields[i - 1].key, got->fields[i].key) < 0);
  assert_int_equal(got->contact_cnt, p->contact_cnt);
  for (int i = 0; i < p->contact_cnt; i++) assert_true(is(got->contacts[i].id, contact_ids[p->contacts[i]]));
}

static void compare_all(void) {
  uint64_t persons = 0, contacts = 0, out = 0;
  for (int i = 0; i < CONTACTS; i++) {
    struct weir_contact c = contact_of(contact_ids[i]);
    struct weir_person got = who(c);
    const struct model_person *p = by_contact(&model, i);
    persons += model.persons[i].id != 0;
    contacts += p != NULL;
    uint32_t invited, wanted = 0;
    out += (uint64_t)model.out[i] + model.out_there[i];
    assert_int_equal(got.opted_out, (p ? p->out : model.out[i]) || model.out_there[i]);
    OK(st->ops->invited(st, &c, &invited, &err));
    for (int k = 0; p && k < PERSONS; k++) wanted += model.invites[k].inviter == p->id;
    assert_int_equal(invited, wanted);
    assert_int_equal(got.id, p ? p->id : 0);
    for (int k = 0; k < KEYS; k++) {
      int64_t until;
      bool held = holds(c, key_names[k], model.now, &until);
      assert_int_equal(held, p && p->claims[k] > model.now);
      assert_true(until == (held ? p->claims[k] : 0));
    }
    if (!p) continue;
    assert_true(is(got.name,
                p->name) && got.first_seen_ms == p->first && got.last_seen_ms == p->last && got.handoff_until_ms == p->hand);
    assert_true(is(got.code, model_latest(p->id)));
    compare_lists(&got, p);
  }
  struct weir_store_counts n = count_all();
  assert_true(n.persons == persons && n.contacts == contacts && n.opted_out == out);
}

static void compare_rest(void) {
  for (int i = 0; i < CODES; i++) assert_int_equal(whose_code(codes[i], model.now), live_code(i, model.now));
  for (int i = 0; i < KEYS; i++) {
    char id[64];
    bool seen = was_seen(key_names[i], model.now, id);
    assert_true(total_of(key_names[i], model.now) == (model.totals[i].until > model.now ? model.totals[i].count : 0));
    assert_int_equal(seen, model.marks[i].until > model.now);
    if (seen) assert_string_equal(id, model.marks[i].decision);
  }
  for (int p = 0; p < POOLS; p++) {
    for (int m = 0; m < MEMBERS; m++) {
      for (int d = 0; d < DAYS; d++) assert_int_equal(used_on(pool_names[p], member_names[m], T0 / DAY + d), model.used[p][m][d]);
    }
  }
  for (int f = 0; f < FUNNELS; f++) {
    for (int v = 0; v < STAGES; v++) {
      uint64_t now = 0, entered = 0;
      for (int i = 0; i < CONTACTS; i++) {
        if (model.persons[i].id == 0) continue;
        now += model.persons[i].stage[f] == v + 1;
        entered += model.persons[i].entered[f][v] >= 0;
      }
      assert_stage_count(funnel_names[f], stage_names[v], now, entered);
    }
  }
}

static void compare_ledger(void) {
  uint32_t wanted[ORIGINS][WEIR_LEDGER_SENT + 1];
  uint64_t live = 0;
  memset(wanted, 0, sizeof wanted);
  for (int i = 0; i < ENTRIES; i++) {
    unsigned char key[WEIR_ID_BYTES] = { (unsigned char)i };
    struct weir_ledger_entry e;
    weir_arena_fixed(&arena, arena_block, sizeof arena_block);
    weir_status status = st->ops->ledger(st, key, &arena, &e, &err);
    assert_int_equal(status, model.entries[i].status ? WEIR_OK : WEIR_NONE);
    if (status != WEIR_OK) continue;
    live++;
    wanted[model.entries[i].origin][model.entries[i].status]++;
    assert_true((int)e.status == model.entries[i].status && e.origin[0] == model.entries[i].origin && e.until_ms == model.entries[i].until);
    assert_true(is(e.contact.id, contact_ids[model.entries[i].contact]));
  }
  assert_int_equal(count_all().ledger, live);
  for (int i = 0; i < ORIGINS; i++) {
    unsigned char key[WEIR_ID_BYTES] = { (unsigned char)i };
    struct weir_ledger_counts n;
    OK(st->ops->ledger_origin(st, key, &n, &err));
    assert_int_equal(n.sent, wanted[i][WEIR_LEDGER_SENT]);
    assert_int_equal(n.rejected, wanted[i][WEIR_LEDGER_REJECTED]);
    assert_int_equal(n.unconfirmed, wanted[i][WEIR_LEDGER_UNCONFIRMED]);
    assert_int_equal(n.open, wanted[i][WEIR_LEDGER_WAITING] + wanted[i][WEIR_LEDGER_OPEN] + wanted[i][WEIR_LEDGER_RETRYING]);
  }
}

static void compare_timers(void) {
  struct cs cs;
  static struct model rest;
  rest = model;
  begin();
  for (;;) {
    int first = -1;
    struct weir_timer t;
    for (int i = 0; i < TIMERS; i++) {
      if (rest.timers[i].id == 0) continue;
      if (first < 0 || rest.timers[i].due < rest.timers[first].due ||
          (rest.timers[i].due == rest.timers[first].due && rest.timers[i].id < rest.timers[first].id)) {
        first = i;
      }
    }
    weir_arena_fixed(&arena, arena_block, sizeof arena_block);
    weir_status status = st->ops->timer(st, INT64_MAX, &arena, &t, &err);
    if (first < 0) {
      assert_int_equal(status, WEIR_NONE);
      break;
    }
    OK(status);
    assert_int_equal(t.id, rest.timers[first].id);
    assert_true(t.due_ms == rest.timers[first].due && is(t.payload, rest.timers[first].payload));
    assert_true(is(t.contact.id, contact_ids[rest.timers[first].contact]));
    rest.timers[first].id = 0;
    add(about(&cs, t.contact, model.now), WEIR_CHANGE_TIMER_DONE)->number = (int64_t)t.id;
    apply(&cs);
  }
  st->ops->rollback(st);
}

/* ---- random histories */

static uint64_t dice;
static int roll(int sides) {
  uint64_t z = (dice += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return (int)((z ^ (z >> 31)) % (uint64_t)sides);
}

static struct weir_timer random_timer(void) {
  static char payload[64];
  snprintf(payload, sizeof payload, "{\"p\":\"%0*d\"}", 1 + roll(40), roll(3));
  return (struct weir_timer){ .kind = WEIR_TIMER_ACTION,
                              .due_ms = T0 + roll(20),
                              .contact = contact_of(contact_ids[roll(CONTACTS)]),
                              .rule = weir_str_of(tag_names[roll(TAGS)]),
                              .occurrence = 1,
                              .payload = weir_str_of(payload) };
}

static const struct weir_ledger_entry *random_entry(int64_t now) {
  static struct weir_ledger_entry entries[8];
  static int last;
  struct weir_ledger_entry *e = &entries[last = (last + 1) % 8]; /* a changeset has at most six */
  *e = (struct weir_ledger_entry){ .contact = contact_of(contact_ids[roll(CONTACTS)]), .decision = WEIR_STR("d"), .n = 1, .attempt = 1,
                                   .rule = weir_str_of(tag_names[roll(TAGS)]), .status = (enum weir_ledger_status)(1 + roll(WEIR_LEDGER_SENT)),
                                   .until_ms = now + 1000 * DAY }; /* when entries go is another test's matter */
  e->key[0] = (unsigned char)roll(ENTRIES);
  e->origin[0] = (unsigned char)roll(ORIGINS);
  return e;
}

static const struct weir_contact *random_inviter(void) {
  static struct weir_contact contacts[CONTACTS];
  int i = roll(CONTACTS);
  contacts[i] = contact_of(contact_ids[i]);
  return &contacts[i];
}

static void random_change(struct cs *cs, int64_t now, struct weir_timer *timer, bool *timed) {
  enum weir_change_kind k = (enum weir_change_kind)(1 + roll(WEIR_CHANGE_INVITED));
  int64_t until = now + (roll(4) ? roll(60000) : -roll(100));
  uint64_t timers = 0;
  for (int i = 0; i < TIMERS; i++) timers += model.timers[i].id != 0;
  if (roll(3) == 0) k = WEIR_CHANGE_SEEN;
  if (k >= WEIR_CHANGE_SAID && k <= WEIR_CHANGE_METER_OPEN) k = WEIR_CHANGE_FIELD; /* engine_flow.c and state_meters.c test those */
  if (k == WEIR_CHANGE_JOIN && roll(3) != 0) k = WEIR_CHANGE_TAG; /* or soon everybody is one */
  if (k == WEIR_CHANGE_TIMER && (*timed || timers > TIMERS - 8)) k = WEIR_CHANGE_TIMER_DONE;
  struct weir_change *c = keyed(cs, k, key_names[roll(KEYS)], until);
  c->at_ms = now - roll(3) * HOUR;
  switch (k) {
    case WEIR_CHANGE_SEEN: c->name = weir_str_of(roll(3) ? "" : roll(2) ? "Lin" : "王"); break;
    case WEIR_CHANGE_JOIN: c->number = 1 + roll((int)model.last_person + 2); break;
    case WEIR_CHANGE_TAG:
    case WEIR_CHANGE_UNTAG: c->name = weir_str_of(tag_names[roll(TAGS)]); break;
    case WEIR_CHANGE_FIELD:
    case WEIR_CHANGE_COUNTER:
      c->name = weir_str_of(field_names[roll(FIELDS)]);
      c->value = weir_str_of(values[roll(6)]);
      c->number = roll(2) ? roll(100) - 50 : roll(2) ? INT64_MAX : INT64_MIN;
      break;
    case WEIR_CHANGE_STAGE:
    case WEIR_CHANGE_UNSTAGE:
      c->name = weir_str_of(funnel_names[roll(FUNNELS)]);
      c->value = weir_str_of(stage_names[roll(STAGES)]);
      break;
    case WEIR_CHANGE_POOL:
      c->name = weir_str_of(pool_names[roll(POOLS)]);
      c->value = weir_str_of(member_names[roll(MEMBERS)]);
      c->number = T0 / DAY + roll(DAYS);
      break;
    case WEIR_CHANGE_CODE:
    case WEIR_CHANGE_CODE_USED: c->value = weir_str_of(codes[roll(CODES)]); break;
    case WEIR_CHANGE_TIMER:
      *timer = random_timer();
      c->timer = timer;
      *timed = true;
      break;
    case WEIR_CHANGE_TIMER_DONE: c->number = 1 + roll((int)model.last_timer + 1); break;
    case WEIR_CHANGE_DEDUPE: c->value = weir_str_of(roll(2) ? "" : key_names[roll(KEYS)]); break;
    case WEIR_CHANGE_HANDOFF: c->until_ms = roll(2) ? 0 : now + roll(1000); break;
    case WEIR_CHANGE_OPT_OUT: c->value = weir_str_of(roll(2) ? "" : "channel"); break;
    case WEIR_CHANGE_TOTAL:
      c->number = roll(7) - 3;
      if (roll(4) == 0) c->until_ms = INT64_MAX;
      break;
    case WEIR_CHANGE_INVITED: c->inviter = random_inviter(); break;
    case WEIR_CHANGE_CLAIM: c->origin[0] = (unsigned char)roll(ORIGINS); break;
    case WEIR_CHANGE_LEDGER: c->ledger = random_entry(now); break;
    case WEIR_CHANGE_LEDGER_STATUS:
    case WEIR_CHANGE_UNCLAIM_ORIGIN:
      memset(c->key, 0, sizeof c->key);
      c->key[0] = (unsigned char)roll(k == WEIR_CHANGE_LEDGER_STATUS ? ENTRIES : ORIGINS);
      c->number = roll(WEIR_LEDGER_SENT + 1);
      c->until_ms = roll(2) ? 0 : now + 1000 * DAY + roll(100);
      break;
    default: break;
  }
}

static uint64_t applied, refused;

static void one_changeset(int64_t *now) {
  static struct cs cs;
  struct weir_timer timer;
  bool timed = false;
  int contact = roll(CONTACTS);
  *now += roll(4000);
  about(&cs, contact_of(contact_ids[contact]), *now);
  for (int n = 1 + roll(6); n > 0; n--) random_change(&cs, *now, &timer, &timed);
  weir_status expected = model_apply(&model, contact, &cs.set), got = try_apply(&cs);
  if (got != expected) fail_msg("the model says %d, the store %d: %s", expected, got, err.message);
  if (got == WEIR_OK) applied++;
  else refused++;
  compare_all();
  compare_rest();
  compare_ledger();
}

static void test_histories(void **state) {
  (void)state;
  static struct model before;
  applied = refused = 0;
  for (uint64_t seed = 1; seed <= 12; seed++) {
    print_message("# seed %" PRIu64 "\n", seed);
    dice = seed * UINT64_C(1000003);
    kind->open(&box, 1u << 20);
    st = box.store;
    memset(&model, 0, sizeof model);
    model.now = 0;
    int64_t now = T0;
    for (int tx = 0; tx < 200; tx++) {
      before = model;
      begin();
      for (int n = roll(5); n >= 0; n--) one_changeset(&now);
      if (roll(4) == 0) {
        st->ops->rollback(st);
        model = before;
      } else {
        commit();
      }
      compare_all();
      compare_rest();
      compare_ledger();
      compare_timers();
    }
    kind->close(&box);
  }
  print_message("# %" PRIu64 " applied, %" PRIu64 " refused\n", applied, refused);
  /* the histories are worth something only if both happen often */
  assert_true(applied > 2000 && refused > 200);
}

/* Two people with everything: nothing is lost, and of what both have the word counts that store.h says. */
static void test_join_by_hand(void **state) {
  (void)state;
  static struct cs cs;
  for (int i = 0; i < 2; i++) {
    about(&cs, contact_of(i ? "b" : "a"), T0);
    seen_at(&cs, T0 + i * 2 * HOUR, i ? "Bo" : "An");
    named(&cs, WEIR_CHANGE_TAG, "both", NULL);
    named(&cs, WEIR_CHANGE_TAG, i ? "b" : "a", NULL);
    named(&cs, WEIR_CHANGE_FIELD, "both", i ? "vb" : "va");
    named(&cs, WEIR_CHANGE_FIELD, i ? "b" : "a", "x");
    named(&cs, WEIR_CHANGE_STAGE, "p/f", "s1")->at_ms = T0 + 100 - i;
    if (i) named(&cs, WEIR_CHANGE_STAGE, "p/f", "s2")->at_ms = T0 + 200;
    if (i) named(&cs, WEIR_CHANGE_STAGE, "p/g", "s1")->at_ms = T0 + 300;
    keyed(&cs, WEIR_CHANGE_CLAIM, "k", T0 + 1000 + 500 * i);
    keyed(&cs, WEIR_CHANGE_CLAIM, i ? "kb" : "ka", T0 + 1000);
    named(&cs, WEIR_CHANGE_CODE, NULL, i ? "CODEB" : "CODEA")->until_ms = T0 + 1000 - i;
    if (i) add(&cs, WEIR_CHANGE_OPT_OUT);
    if (i) add(&cs, WEIR_CHANGE_HANDOFF)->until_ms = T0 + 9;
    change(&cs);
  }
  assert_stage_count("p/f", "s1", 1, 2);
  assert_stage_count("p/f", "s2", 1, 1);
  about(&cs, contact_of("b"), T0);
  add(&cs, WEIR_CHANGE_JOIN)->number = 1;
  named(&cs, WEIR_CHANGE_TAG, "after", NULL);
  change(&cs);
  struct weir_person p = who(contact_of("a"));
  assert_true(p.id == 1 && p.opted_out && is(p.name,
              "Bo") && p.first_seen_ms == T0 && p.last_seen_ms == T0 + 2 * HOUR && p.handoff_until_ms == T0 + 9);
  p = who(contact_of("b"));
  assert_true(p.id == 1 && p.opted_out);
  p = who(contact_of("a"));
  assert_true(p.tag_cnt == 4 && has_tag(&p, "after") && has_tag(&p, "a") && has_tag(&p, "b") && has_tag(&p, "both"));
  assert_true(is(field_of(&p, "both"), "vb") && is(field_of(&p, "a"), "x") && is(field_of(&p, "b"), "x"));
  assert_true(is(stage_of(&p, "p/f").stage, "s2") && stage_of(&p, "p/f").entered_ms == T0 + 200);
  assert_true(is(stage_of(&p, "p/g").stage, "s1"));
  assert_stage_count("p/f", "s1", 0, 1); /* one person entered it */
  assert_stage_count("p/f", "s2", 1, 1);
  int64_t until;
  assert_true(holds(contact_of("a"), "k", T0, &until) && until == T0 + 1500);
  assert_true(holds(contact_of("b"), "ka", T0, NULL) && holds(contact_of("a"), "kb", T0, NULL));
  assert_int_equal(whose_code("CODEA", T0), 1);
  assert_int_equal(whose_code("CODEB", T0), 1);
  assert_true(is(p.code, "CODEA"));
  struct weir_store_counts n = count_all();
  assert_true(n.persons == 1 && n.contacts == 2 && n.claims == 3 && n.opted_out == 2);
  /* somebody new joined to him is opted out with him, and an opted-out newcomer opts him out */
  add(about(&cs, contact_of("c"), T0), WEIR_CHANGE_JOIN)->number = 1;
  change(&cs);
  assert_true(who(contact_of("c")).opted_out);
  add(about(&cs, contact_of("c"), T0), WEIR_CHANGE_OPT_IN);
  change(&cs);
  assert_false(who(contact_of("a")).opted_out);
  assert_int_equal(count_all().opted_out, 0);
  add(about(&cs, contact_of("d"), T0), WEIR_CHANGE_OPT_OUT);
  add(&cs, WEIR_CHANGE_JOIN)->number = 1;
  change(&cs);
  assert_true(who(contact_of("a")).opted_out);
  assert_int_equal(count_all().opted_out, 4);
}

static void test_join_limits(void **state) {
  (void)state;
  static struct cs cs;
  char name[32];
  for (int i = 0; i < 2; i++) {
    seen_at(about(&cs, contact_of(i ? "b" : "a"), T0), T0, NULL);
    change(&cs);
    for (int k = 0; k < WEIR_TAGS_MAX / 2 + i; k++) {
      snprintf(name, sizeof name, "%c%d", i ? 'b' : 'a', k);
      named(about(&cs, contact_of(i ? "b" : "a"), T0), WEIR_CHANGE_TAG, name, NULL);
      change(&cs);
    }
  }
  add(about(&cs, contact_of("b"), T0), WEIR_CHANGE_JOIN)->number = 1;
  refuse(WEIR_E_LIMIT, &cs, "WEIR_TAGS_MAX");
  assert_int_equal(who(contact_of("b")).id, 2);
  named(about(&cs, contact_of("b"), T0), WEIR_CHANGE_UNTAG, "b0", NULL);
  add(&cs, WEIR_CHANGE_JOIN)->number = 1;
  change(&cs);
  assert_int_equal(who(contact_of("b")).tag_cnt, WEIR_TAGS_MAX);

  for (int i = 2; i < WEIR_CONTACTS_MAX; i++) {
    snprintf(name, sizeof name, "c%d", i);
    add(about(&cs, contact_of(name), T0), WEIR_CHANGE_JOIN)->number = 1;
    change(&cs);
  }
  add(about(&cs, contact_of("more"), T0), WEIR_CHANGE_JOIN)->number = 1;
  refuse(WEIR_E_LIMIT, &cs, "WEIR_CONTACTS_MAX");
  seen_at(about(&cs, contact_of("more"), T0), T0, NULL);
  add(&cs, WEIR_CHANGE_JOIN)->number = 1;
  refuse(WEIR_E_LIMIT, &cs, "WEIR_CONTACTS_MAX");
  assert_int_equal(who(contact_of("more")).id, 0);
  static const int64_t nobody[] = { 0, -1, 99, INT64_MAX, INT64_MIN };
  for (size_t i = 0; i < 5; i++) {
    add(about(&cs, contact_of("a"), T0), WEIR_CHANGE_JOIN)->number = nobody[i];
    refuse(WEIR_E_ARG, &cs, "no person");
  }
}

static const struct CMUnitTest tests[] = { cmocka_unit_test(test_histories), TEST(test_join_by_hand), TEST(test_join_limits) };

RUN_ON_ALL_STORES(tests)
