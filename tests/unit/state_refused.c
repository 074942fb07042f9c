/* A store's life, in which any one step is refused: a statement of SQLite (no memory, a bad disk, a full one, a damaged file), a step, a
 * row or a text of the store in memory. Whichever it is: a status and a sentence, the transaction taken back as a whole, and made again it
 * leads to the same state as if nothing had been. */
#include "state_refused.h"

/* ---- the life */

static struct cs cs;
static int64_t now;
static char copy_path[64];

static struct cs *of(const char *id) {
  about(&cs, contact_of(id), now);
  seen_at(&cs, now, id);
  return &cs;
}

static struct weir_change *keyed_at(enum weir_change_kind what, const char *key, int64_t at, int64_t number, int64_t until) {
  struct weir_change *c = keyed(&cs, what, key, until);
  c->at_ms = at, c->number = number;
  return c;
}

static void with_origin(struct weir_change *claim, const char *origin) {
  weir_str part = weir_str_of(origin);
  weir_id_hash(WEIR_STR(""), &part, 1, claim->origin);
}

static weir_status everything_of(const char *id) {
  static struct weir_timer timer;
  static struct weir_ledger_entry entry;
  char code[32], event[32];
  timer = (struct weir_timer){ .kind = WEIR_TIMER_RULE, .due_ms = now + HOUR, .set_ms = now, .contact = contact_of(id), .rule = WEIR_STR("p/r"), .origin = WEIR_STR("d"),
                               .cause = WEIR_STR("c"), .post = WEIR_STR("v1"), .occurrence = 1, .payload = WEIR_STR("{}") };
  entry = (struct weir_ledger_entry){ .contact = contact_of(id), .decision = WEIR_STR("d"), .n = 1, .rule = WEIR_STR("p/r"), .cause = WEIR_STR("c"), .payload = WEIR_STR("{\"k\":1}"),
                                      .attempt = 1, .status = WEIR_LEDGER_OPEN, .until_ms = now + 30 * DAY };
  const weir_str parts[] = { weir_str_of(id), WEIR_STR("origin") };
  weir_id_hash(WEIR_STR(""), parts, 1, entry.key);
  weir_id_hash(WEIR_STR(""), parts + 1, 1, entry.origin);
  of(id);
  named(&cs, WEIR_CHANGE_TAG, "wants", NULL);
  named(&cs, WEIR_CHANGE_TAG, id, NULL);
  named(&cs, WEIR_CHANGE_FIELD, "city", id)->at_ms = now;
  named(&cs, WEIR_CHANGE_COUNTER, "asked", NULL)->number = 2;
  named(&cs, WEIR_CHANGE_STAGE, "p/f", "asked")->at_ms = now;
  named(&cs, WEIR_CHANGE_STAGE, "p/f", "added")->at_ms = now + 1;
  named(&cs, WEIR_CHANGE_POOL, "p/ids", "li")->number = 20000;
  snprintf(code, sizeof code, "code-%s", id);
  named(&cs, WEIR_CHANGE_CODE, NULL, code)->until_ms = now + DAY;
  with_origin(keyed(&cs, WEIR_CHANGE_CLAIM, "both", now + 10 * DAY), "origin");
  with_origin(keyed(&cs, WEIR_CHANGE_CLAIM, id, now + DAY), "origin");
  keyed(&cs, WEIR_CHANGE_CLAIM, "short", now + HOUR / 2);
  add(&cs, WEIR_CHANGE_TIMER)->timer = &timer;
  add(&cs, WEIR_CHANGE_LEDGER)->ledger = &entry;
  add(&cs, WEIR_CHANGE_SAID)->at_ms = now;
  snprintf(event, sizeof event, "event-%s", id);
  named(&cs, WEIR_CHANGE_COUNT, "p/r", "fired")->number = 20000;
  keyed_at(WEIR_CHANGE_METER, "meter", now, 60000, now + HOUR);
  keyed_at(WEIR_CHANGE_METER_OPEN, "window", now, 0, now + HOUR);
  keyed_at(WEIR_CHANGE_TOTAL, "total", 0, 1, now + 5 * DAY);
  struct weir_change *mark = keyed(&cs, WEIR_CHANGE_DEDUPE, event, now + DAY);
  mark->value = WEIR_STR("d"), mark->at_ms = now;
  return try_apply(&cs);
}

static weir_status first_group(void) {
  weir_status status = everything_of("u1");
  if (status == WEIR_OK) status = everything_of("u2");
  if (status == WEIR_OK) status = everything_of("u3");
  return status;
}

/* The same again and differently: what is there already, and what was somebody else's. */
static weir_status second_group(void) {
  static struct weir_contact inviter;
  inviter = contact_of("u1");
  of("u2");
  named(&cs, WEIR_CHANGE_TAG, "wants", NULL);
  named(&cs, WEIR_CHANGE_FIELD, "city", "elsewhere")->at_ms = now;
  named(&cs, WEIR_CHANGE_FIELD, "gone", NULL)->at_ms = now;
  named(&cs, WEIR_CHANGE_COUNTER, "asked", NULL)->number = 1;
  named(&cs, WEIR_CHANGE_STAGE, "p/f", "done")->at_ms = now;
  named(&cs, WEIR_CHANGE_STAGE, "p/g", "one")->at_ms = now;
  named(&cs, WEIR_CHANGE_POOL, "p/ids", "wang")->number = 20000;
  named(&cs, WEIR_CHANGE_CODE, NULL, "another")->until_ms = now + DAY;
  keyed(&cs, WEIR_CHANGE_CLAIM, "both", now + 11 * DAY);
  keyed(&cs, WEIR_CHANGE_CLAIM, "u2", now - 1);
  keyed(&cs, WEIR_CHANGE_UNCLAIM, "short", 0);
  add(&cs, WEIR_CHANGE_INVITED)->inviter = &inviter;
  cs.items[cs.set.cnt - 1].at_ms = now;
  keyed_at(WEIR_CHANGE_METER_BACK, "meter", now - HOUR / 4, 60000, 0);
  keyed_at(WEIR_CHANGE_TOTAL, "total", 0, -1, now + 6 * DAY);
  keyed_at(WEIR_CHANGE_ROUND, "round", now + DAY, 3, now);
  named(&cs, WEIR_CHANGE_COUNT, "p/r", "fired")->number = 20000;
  keyed(&cs, WEIR_CHANGE_LEDGER_STATUS, "u2", now + 40 * DAY)->number = WEIR_LEDGER_SENT;
  weir_status status = try_apply(&cs);
  if (status != WEIR_OK) return status;
  of("u3");
  named(&cs, WEIR_CHANGE_UNTAG, "wants", NULL);
  named(&cs, WEIR_CHANGE_UNSTAGE, "p/f", NULL);
  named(&cs, WEIR_CHANGE_CODE_USED, NULL, "code-u3");
  keyed(&cs, WEIR_CHANGE_UNCLAIM_ORIGIN, "origin", 0);
  named(&cs, WEIR_CHANGE_OPT_OUT, NULL, NULL);
  keyed(&cs, WEIR_CHANGE_LEDGER_STATUS, "u3", 0)->number = WEIR_LEDGER_REJECTED;
  add(&cs, WEIR_CHANGE_HANDOFF)->until_ms = now + HOUR;
  add(&cs, WEIR_CHANGE_TIMER_DONE)->number = 3;
  return try_apply(&cs);
}

static weir_status a_record(uint64_t seq) {
  char line[128];
  memset(line, 'x', sizeof line);
  struct weir_chain_head head = { .seq = seq, .has_hash = true, .iat_s = now / 1000, .exp_s = now / 1000 + 3600 };
  head.hash[0] = (unsigned char)seq;
  return st->ops->outbox_put(st, WEIR_STR("douyin/papers"), &head, (weir_str){ line, 100 + seq }, &err);
}

static uint64_t person_of(const char *id, weir_status *status) {
  struct weir_person p;
  struct weir_contact contact = contact_of(id);
  weir_arena_fixed(&arena, arena_block, sizeof arena_block);
  *status = st->ops->load(st, &contact, &arena, &p, &err);
  return *status == WEIR_OK ? p.id : 0;
}

static weir_status joining(void) {
  weir_status status;
  uint64_t one = person_of("u1", &status);
  if (status != WEIR_OK) return status;
  about(&cs, contact_of("u2"), now);
  add(&cs, WEIR_CHANGE_JOIN)->number = (int64_t)one;
  status = try_apply(&cs);
  if (status == WEIR_OK) status = a_record(1);
  if (status == WEIR_OK) status = a_record(2);
  return status;
}

static weir_status parting(void) {
  about(&cs, contact_of("u2"), now);
  add(&cs, WEIR_CHANGE_PART)->at_ms = now;
  named(&cs, WEIR_CHANGE_OPT_OUT, NULL, "channel");
  weir_status status = try_apply(&cs);
  if (status != WEIR_OK) return status;
  of("u3");
  add(&cs, WEIR_CHANGE_OPT_IN);
  keyed(&cs, WEIR_CHANGE_LEDGER_STATUS, "u3", 0)->number = 0; /* taken out */
  status = try_apply(&cs);
  return status == WEIR_OK ? a_record(3) : status;
}

static weir_status handing_out(void) {
  struct weir_stored_record r;
  weir_status status;
  while ((status = st->ops->outbox_next(st, &r, &err)) == WEIR_OK) {}
  return status == WEIR_NONE ? WEIR_OK : status;
}

static weir_status acknowledging(void) { return st->ops->outbox_ack(st, WEIR_STR("douyin/papers"), 1, &err); }

/* An acknowledgement that had not reached the disk is lost: the record is handed out again, and acknowledged again. */
static void acknowledge_again(void) {
  OK(handing_out());
  OK(acknowledging());
}

static weir_status expiring(void) {
  uint64_t closed;
  return st->ops->outbox_expire(st, now / 1000 + 3600, &closed, &err);
}

static weir_status replacing(void) {
  struct weir_stored_record r;
  uint64_t n = 0;
  weir_status status = st->ops->outbox_look(st, 0, &n, &r, &err);
  return status == WEIR_OK ? st->ops->outbox_replace(st, n, WEIR_STR("a tombstone"), &err) : status;
}

static weir_status forgetting(void) {
  struct weir_contact contact = contact_of("u1");
  weir_status status = st->ops->forget(st, &contact, NULL, &err);
  return status == WEIR_NONE ? WEIR_OK : status; /* it may have been forgotten, and then something else failed */
}

static weir_status copying(void) {
  unlink(copy_path);
  weir_status status = snapshot(copy_path);
  if (status != WEIR_OK) st->ops->snapshot_cancel(st);
  return on_disk ? status : WEIR_OK; /* memory has nothing to copy */
}

/* ---- what is known in the end */

static uint64_t digest;
static void add_bytes(const void *at, size_t len) {
  for (size_t i = 0; i < len; i++) digest = (digest ^ ((const unsigned char *)at)[i]) * UINT64_C(0x100000001B3);
}
static void add_str(weir_str s) { add_bytes(s.ptr, s.len), add_bytes("|", 1); }
static void add_number(int64_t n) { add_bytes(&n, sizeof n); }
/* told in no order */
static uint64_t sum;
static void add_told(weir_str a, weir_str b, int64_t n) {
  uint64_t before = digest;
  digest = 7;
  add_str(a), add_str(b), add_number(n);
  sum += digest;
  digest = before;
}

static void tell_known(void *ctx, const struct weir_known *k) { (void)ctx, add_told(k->key, k->rule, k->at_ms); }
static void tell_step(void *ctx, const struct weir_stepped *t) { (void)ctx, add_told(t->funnel, t->stage, t->at_ms + (int64_t)t->person); }
static void tell_stage(void *ctx, const struct weir_standing *t) { (void)ctx, add_told(t->funnel, t->stage, (int64_t)(t->now * 100 + t->entered)); }
static void tell_entry(void *ctx, const struct weir_ledger_line *t) { (void)ctx, add_told(t->rule, t->payload, t->until_ms + t->status); }
static void tell_counted(void *ctx, const struct weir_counted *t) { (void)ctx, add_told(t->name, t->what, t->day + (int64_t)t->cnt * 1000); }

static weir_status ask_person(const char *id) {
  struct weir_person p;
  struct weir_contact contact = contact_of(id);
  struct weir_glance glance;
  int64_t until;
  uint32_t cnt;
  bool held;
  unsigned char key[WEIR_ID_BYTES];
  weir_str part = WEIR_STR("both");
  weir_arena_fixed(&arena, arena_block, sizeof arena_block);
  weir_status status = st->ops->load(st, &contact, &arena, &p, &err);
  if (status != WEIR_OK) return status;
  add_number((int64_t)p.id), add_number(p.opted_out), add_number(p.handoff_until_ms), add_str(p.code);
  for (uint32_t i = 0; i < p.tag_cnt; i++) add_str(p.tags[i]);
  for (uint32_t i = 0; i < p.field_cnt; i++) add_str(p.fields[i].key), add_str(p.fields[i].value);
  for (uint32_t i = 0; i < p.stage_cnt; i++) add_str(p.stages[i].stage), add_number(p.stages[i].entered_ms);
  for (uint32_t i = 0; i < p.pool_cnt; i++) add_str(p.pools[i].value);
  for (uint32_t i = 0; i < p.contact_cnt; i++) add_str(p.contacts[i].id);
  if ((status = st->ops->load_person(st, p.id, &arena, &p, &err)) != WEIR_OK) return status;
  if ((status = st->ops->glance(st, &contact, &glance, &err)) != WEIR_OK) return status;
  if ((status = st->ops->invited(st, &contact, &cnt, &err)) != WEIR_OK) return status;
  weir_id_hash(WEIR_STR(""), &part, 1, key);
  if ((status = st->ops->claim(st, &contact, key, now, &held, &until, &err)) != WEIR_OK) return status;
  add_number((int64_t)glance.person), add_number(cnt), add_number(until);
  sum = 0;
  if ((status = st->ops->known(st, &contact, tell_known, NULL, &err)) != WEIR_OK) return status;
  add_number((int64_t)sum);
  return WEIR_OK;
}

static weir_status ask_people(void) {
  weir_status status = WEIR_OK;
  static const char *const ids[] = { "u1", "u2", "u3", "nobody" };
  digest = 7;
  for (size_t i = 0; i < 4 && status == WEIR_OK; i++) status = ask_person(ids[i]);
  return status;
}

static weir_status ask_rest(void) {
  struct weir_ledger_entry entry;
  struct weir_ledger_counts origin;
  struct weir_timer timer;
  struct weir_round round;
  struct weir_walked walked;
  struct weir_meter meter;
  struct weir_contact one = contact_of("u1"), two = contact_of("u2");
  enum weir_invite_answer answer;
  unsigned char keys[6][WEIR_ID_BYTES];
  static const char *const names[] = { "u2", "origin", "round", "meter", "total", "event-u1" };
  int64_t count;
  uint64_t person, n, entered;
  uint32_t used;
  bool seen;
  weir_str decision;
  weir_status status;
  for (size_t i = 0; i < 6; i++) {
    weir_str part = weir_str_of(names[i]);
    weir_id_hash(WEIR_STR(""), &part, 1, keys[i]);
  }
  weir_arena_fixed(&arena, arena_block, sizeof arena_block);
#define ASK(call) \
  do { \
    status = (call); \
    if (status != WEIR_OK && status != WEIR_NONE) return status; \
    add_number(status); \
  } while (0)
  ASK(st->ops->ledger(st, keys[0], &arena, &entry, &err));
  ASK(st->ops->ledger_origin(st, keys[1], &origin, &err));
  add_number(origin.open), add_number(origin.sent), add_number(origin.rejected);
  ASK(st->ops->round(st, keys[2], &round, &err));
  add_number(round.person);
  ASK(st->ops->meter(st, keys[3], now, &meter, &err));
  add_number((int64_t)weir_meter_uses(&meter, -1));
  ASK(st->ops->total(st, keys[4], now, &count, &err));
  add_number(count);
  ASK(st->ops->seen(st, keys[5], now, &arena, &seen, &decision, &err));
  add_number(seen);
  ASK(st->ops->timer(st, now + 100 * DAY, &arena, &timer, &err));
  ASK(st->ops->walk(st, 0, 10, now, &arena, &walked, &err));
  ASK(st->ops->invites(st, &one, &two, &answer, &err));
  add_number(answer);
  ASK(st->ops->code(st, WEIR_STR("another"), now, &person, &err));
  add_number((int64_t)person);
  ASK(st->ops->pool_used(st, WEIR_STR("p/ids"), WEIR_STR("li"), 20000, &used, &err));
  add_number(used);
  ASK(st->ops->stage_count(st, WEIR_STR("p/f"), WEIR_STR("done"), &n, &entered, &err));
  add_number((int64_t)n), add_number((int64_t)entered);
  sum = 0;
  ASK(st->ops->counted(st, 0, tell_counted, NULL, &err));
  ASK(st->ops->each_step(st, tell_step, NULL, &err));
  ASK(st->ops->each_stage(st, tell_stage, NULL, &err));
  ASK(st->ops->each_entry(st, tell_entry, NULL, &err));
  add_number((int64_t)sum);
#undef ASK
  return WEIR_OK;
}

/* Everything that is asked twice says the same. */
static void ask_all(void) {
  once(ask_people);
  uint64_t people = digest;
  digest = people;
  doing *rest = ask_rest;
  memset(&err, 0, sizeof err);
  weir_status status = rest();
  if (status != WEIR_OK) {
    honest(status);
    mend();
    digest = people;
    OK(rest());
  }
  struct weir_store_counts c = count_all();
  add_number((int64_t)c.persons), add_number((int64_t)c.contacts), add_number((int64_t)c.timers), add_number((int64_t)c.claims);
  add_number((int64_t)c.opted_out), add_number((int64_t)c.outbox), add_number((int64_t)c.ledger);
}

/* From an empty store; a step of it may be refused. Returns what is known in the end. */
static uint64_t live(void) {
  uint64_t whole_life;
  now = T0;
  whole(first_group);
  now += HOUR / 4;
  whole(second_group);
  now += HOUR;
  whole(joining);
  once(handing_out);
  once(acknowledging);
  again = acknowledge_again;
  ask_all();
  whole_life = digest;
  whole(parting);
  ask_all();
  whole_life = whole_life * 31 + digest;
  once(copying);
  whole(replacing);
  once(expiring);
  now += 20 * DAY; /* much has run out, and goes with the next commit */
  whole(first_group);
  now += 500 * DAY;
  whole(second_group);
  once(forgetting);
  ask_all();
  return whole_life * 31 + digest;
}

/* Returns whether the refusal was met. */
static bool one_life(unsigned at, int code, uint64_t *out) {
  struct store_box own;
  again = NULL;
  open_life(&own);
  snprintf(copy_path, sizeof copy_path, "%.50s-copy", on_disk ? own.path : "/tmp/weir-none");
  strike(at, code);
  *out = live();
  close_life(&own);
  if (on_disk) remove_path(copy_path);
  return plan.struck;
}

static void every_step_refused(void **state) {
  (void)state;
  uint64_t good, is;
  unsigned at = 1, step = getenv("ALL") ? 1 : 5;
  assert_false(one_life(0, 0, &good));
  for (; one_life(at, code_of(at / step), &is); at += step) {
    if (is != good) fail_msg("%s: after call %u was refused (%d) another state is left", kind->name, at, plan.code);
  }
  print_message("# %s: %u calls\n", kind->name, at);
  assert_true(at > 100);
}

static const struct CMUnitTest tests[] = { cmocka_unit_test(every_step_refused) };
RUN_ON_ALL_STORES(tests)
