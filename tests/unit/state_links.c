/* state_links.c: many persons are joined and parted again, on disk; then SQL looks at a snapshot for anything that does not fit together.
 * LINKS=100000 for as many as a shop sees in years. */
#include <sqlite3.h>

#include "state_help.h"

enum { LINKS = 3000, ACCOUNTS = 4 };

static uint64_t dice = 11;
static int roll(int sides) {
  uint64_t z = (dice += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return (int)((z ^ (z >> 31)) % (uint64_t)sides);
}

static struct weir_contact contact_at(char room[2][24], int account, int human) {
  snprintf(room[0], 24, "shop%d", account);
  snprintf(room[1], 24, "u%d", human);
  return (struct weir_contact){ WEIR_STR("x"), weir_str_of(room[0]), weir_str_of(room[1]) };
}

/* Somebody with a little of everything. */
static void furnish(int account, int human, int64_t now) {
  static struct cs cs;
  char room[2][24], other[2][24], text[24];
  struct weir_contact inviter = contact_at(other, roll(ACCOUNTS), roll(human + 1));
  about(&cs, contact_at(room, account, human), now);
  seen_at(&cs, now, "Lin");
  snprintf(text, sizeof text, "t%d", roll(5));
  named(&cs, WEIR_CHANGE_TAG, text, NULL);
  snprintf(text, sizeof text, "v%d", roll(9));
  named(&cs, WEIR_CHANGE_FIELD, "city", text);
  add(&cs, WEIR_CHANGE_COUNTER)->name = WEIR_STR("points");
  cs.items[cs.set.cnt - 1].number = 1;
  named(&cs, WEIR_CHANGE_STAGE, "p/way", roll(2) ? "asked" : "joined")->at_ms = now;
  keyed(&cs, WEIR_CHANGE_CLAIM, roll(2) ? "k1" : "k2", now + DAY + roll(1000));
  named(&cs, WEIR_CHANGE_POOL, "p/ids", roll(2) ? "li" : "wang")->number = now / DAY;
  if (roll(50) == 0) add(&cs, WEIR_CHANGE_OPT_OUT);
  struct weir_change *invited = add(&cs, WEIR_CHANGE_INVITED);
  invited->inviter = &inviter;
  invited->at_ms = now;
  struct weir_timer timer = { .kind = WEIR_TIMER_RULE, .due_ms = now + DAY, .contact = cs.set.contact, .rule = WEIR_STR("p/r"), .origin = WEIR_STR("o"),
                              .cause = WEIR_STR("c"), .occurrence = 1 };
  if (roll(4) == 0) add(&cs, WEIR_CHANGE_TIMER)->timer = &timer;
  apply(&cs);
}

static int joined, parted;

static void link_or_part(int humans, int64_t now) {
  static struct cs cs;
  char room[2][24], other[2][24];
  int human = roll(humans);
  struct weir_contact a = contact_at(room, roll(ACCOUNTS), human), b = contact_at(other, roll(ACCOUNTS), roll(10) ? human : roll(humans));
  weir_arena_fixed(&arena, arena_block, sizeof arena_block);
  struct weir_person one, two;
  OK(st->ops->load(st, &a, &arena, &one, &err));
  OK(st->ops->load(st, &b, &arena, &two, &err));
  about(&cs, a, now);
  if (roll(12) == 0 && one.id) {
    add(&cs, WEIR_CHANGE_PART)->at_ms = now;
    parted += one.contact_cnt > 1;
  } else {
    if (!two.id || (one.id ? one.contact_cnt : 1) + two.contact_cnt > WEIR_CONTACTS_MAX) return;
    add(&cs, WEIR_CHANGE_JOIN)->number = (int64_t)two.id;
    joined += one.id != two.id;
  }
  apply(&cs);
}

/* Questions whose answer is 0 when all fits together. */
static const struct {
  const char *what, *sql;
} questions[] = {
  { "a person's contacts are counted", "SELECT count(*) FROM persons p WHERE p.contacts <> (SELECT count(*) FROM contacts c WHERE c.person = p.id)" },
  { "somebody has no contact", "SELECT count(*) FROM persons WHERE contacts = 0" },
  { "a contact is of nobody", "SELECT count(*) FROM contacts WHERE person NOT IN (SELECT id FROM persons)" },
  { "places are 1 to n", "SELECT count(*) FROM (SELECT person FROM contacts GROUP BY person HAVING min(place) <> 1 OR max(place) <> count(*) OR "
                         "count(DISTINCT place) <> count(*))" },
  { "a trait is of nobody", "SELECT count(*) FROM traits WHERE person NOT IN (SELECT id FROM persons)" },
  { "a claim is of nobody", "SELECT count(*) FROM claims WHERE person NOT IN (SELECT id FROM persons)" },
  { "a stage entered is of nobody", "SELECT count(*) FROM entered WHERE person NOT IN (SELECT id FROM persons)" },
  { "who stands in a stage entered it", "SELECT count(*) FROM traits t WHERE kind = 'stage' AND NOT EXISTS (SELECT 1 FROM entered e WHERE e.person = t.person "
                                        "AND e.funnel = t.name AND e.stage = t.value)" },
  { "stages are counted", "SELECT count(*) FROM stages s WHERE s.now <> (SELECT count(*) FROM traits t WHERE t.kind = 'stage' AND t.name = s.funnel AND "
                          "t.value = s.stage) OR s.entered <> (SELECT count(*) FROM entered e WHERE e.funnel = s.funnel AND e.stage = s.stage)" },
  { "a timer goes with its contact", "SELECT count(*) FROM timers t WHERE t.person <> (SELECT c.person FROM contacts c WHERE c.channel = t.channel AND "
                                     "c.account = t.account AND c.id = t.contact)" },
  { "somebody invited himself", "SELECT count(*) FROM invites WHERE invitee = inviter" },
  { "an inviter is nobody", "SELECT count(*) FROM invites WHERE inviter NOT IN (SELECT id FROM persons)" },
  { "invitations run in a circle", "WITH RECURSIVE up(start, at, n) AS (SELECT invitee, inviter, 1 FROM invites UNION ALL SELECT up.start, i.inviter, n + 1 FROM "
                                   "up JOIN invites i ON i.invitee = up.at WHERE n < 300 AND up.at <> up.start) SELECT count(*) FROM up WHERE at = start" },
  { "who opted out did so on all his contacts", "SELECT max(0, ifnull((SELECT sum(contacts) FROM persons WHERE opted_out), 0) - (SELECT "
                                                 "count(*) FROM optouts))" },
};

static void ask_all(const char *path) {
  sqlite3 *db;
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
  for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v2(db, questions[i].sql, -1, &stmt, NULL) != SQLITE_OK) fail_msg("%s: %s", questions[i].what, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    if (sqlite3_column_int64(stmt, 0) != 0) fail_msg("%s: %lld do not fit", questions[i].what, (long long)sqlite3_column_int64(stmt, 0));
    sqlite3_finalize(stmt);
  }
  sqlite3_close(db);
}

static void test_many_links(void **state) {
  (void)state;
  const char *wanted = getenv("LINKS");
  int links = wanted && atoi(wanted) > 0 ? atoi(wanted) : LINKS, humans = links / 2 + 1;
  char path[64];
  kind = &stores[1];
  kind->open(&box, 1u << 30);
  st = box.store;
  begin();
  for (int i = 0; joined < links; i++) {
    int64_t now = T0 + i;
    if (i < humans) furnish(roll(ACCOUNTS), i, now), furnish(roll(ACCOUNTS), i, now);
    link_or_part(i < humans ? i + 1 : humans, now);
    if (i % 64 != 63) continue;
    commit();
    begin();
  }
  commit();
  new_path(path);
  OK((st->ops->snapshot_begin(st, path, &err) || st->ops->snapshot_step(st, 0, &err)));
  ask_all(path);
  struct weir_store_counts n = count_all();
  print_message("# %d joined and %d parted: %llu contacts, %llu persons\n", joined, parted, (unsigned long long)n.contacts, (unsigned long long)n.persons);
  assert_true(n.persons < n.contacts);
  remove_path(path);
  kind->close(&box);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(test_many_links) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
