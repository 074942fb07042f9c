/* engine_on_sent.c: stage = { "f/asked", on = "sent" }: when the first thing the rule sends was sent, not before, and not when all
 * of it was rejected. On both stores, and over the end of an engine. */
#include "engine_support.h"

static const char rules[] =
  "funnel 'f' { stages = { 'new', 'asked', 'done' }, goal = 'done' }\n"
  "rule 'ask' { on = 'comment', keywords = { 'pdf' }, reply = 'yes', message = 'look', stage = { 'f/asked', on = 'sent' } }\n"
  "rule 'late' { on = 'comment', keywords = { 'later' }, message = { 'look', after = '10s' }, stage = { 'f/asked', on = 'sent' } }\n"
  "rule 'done' { on = 'comment', keywords = { 'done' }, stage = 'f/done', reply = 'ok' }\n"
  "rule 'again' { on = 'comment', keywords = { 'again' }, reply = 'ok', message = 'look', stage = { 'f/new', on = 'sent', back = true } }\n"
  "rule 'hand' { on = 'comment', keywords = { 'hand' }, run = function(e) e:reply('yes') e:stage { 'f/asked', on = 'sent' } end }\n";

struct kit {
  struct rig r;
  char folder[40], file[64];
};

static const char *const stores[] = { "memory", "file" };

static void kit_open(struct kit *k, int store) {
  memset(k, 0, sizeof *k);
  snprintf(k->folder, sizeof k->folder, "/tmp/weir-test-XXXXXX");
  assert_non_null(mkdtemp(k->folder));
  snprintf(k->file, sizeof k->file, "%s/state.db", k->folder);
  rig_open(&k->r, rules, (weir_config){ .state = store ? k->file : NULL });
}

static void kit_close(struct kit *k) {
  static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
  rig_close(&k->r);
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    char name[80];
    snprintf(name, sizeof name, "%s%s", k->file, ends[i]);
    unlink(name);
  }
  assert_int_equal(rmdir(k->folder), 0);
}

/* What was decided last. */
static void id_of(const struct kit *k, char id[32]) {
  assert_int_equal(k->r.verdict.id.len, 22);
  snprintf(id, 32, "%.*s", (int)k->r.verdict.id.len, k->r.verdict.id.ptr);
}

static void tell(struct kit *k, const char *event, const char *id, uint32_t n, const char *status) {
  weir_event e = event_of(&k->r, event, "outcome", "", "");
  e.contact_name = e.post = (weir_str){ NULL, 0 };
  e.outcome = (weir_event_outcome){ .decision = { id, strlen(id) }, .n = n, .status = { status, strlen(status) } };
  if (weir_decide(k->r.engine, &e, k->r.now, &k->r.verdict, &k->r.err)) fail_msg("outcome refused: %s", k->r.err.message);
}

static void stands(struct kit *k, const char *stage, uint64_t persons) {
  uint64_t now, entered;
  weir_str funnel = S("rules/f");
  assert_int_equal(weir_stage_count(k->r.engine, funnel, (weir_str){ stage, strlen(stage) }, &now, &entered), WEIR_OK);
  if (now != persons) fail_msg("%llu stand in %s, not %llu", (unsigned long long)now, stage, (unsigned long long)persons);
}

static void the_first_sent_moves(int store) {
  struct kit k;
  char id[32];
  kit_open(&k, store);
  comment(&k.r, "1", "u1", "pdf");
  id_of(&k, id);
  assert_int_equal(k.r.verdict.action_cnt, 3);
  assert_non_null(strstr(k.r.verdict.actions[2].json.ptr, "\"stage\":\"f/asked\",\"on\":\"sent\""));
  stands(&k, "asked", 0);
  tell(&k, "o1", id, 2, "rejected");
  stands(&k, "asked", 0);
  tell(&k, "o2", id, 1, "sent");
  stands(&k, "asked", 1);
  kit_close(&k);
}

static void rejected_for_good_is_never(int store) {
  struct kit k;
  char id[32];
  kit_open(&k, store);
  comment(&k.r, "1", "u1", "pdf");
  id_of(&k, id);
  tell(&k, "o1", id, 1, "rejected");
  tell(&k, "o2", id, 2, "rejected");
  tell(&k, "o3", id, 1, "sent"); /* after all; by now the rule may have fired again */
  stands(&k, "asked", 0);
  comment(&k.r, "2", "u1", "pdf");
  id_of(&k, id);
  tell(&k, "o4", id, 1, "unconfirmed");
  stands(&k, "asked", 0);
  tell(&k, "o5", id, 1, "sent");
  stands(&k, "asked", 1);
  kit_close(&k);
}

static void only_the_first_and_never_back(int store) {
  struct kit k;
  char first[32], back[32];
  kit_open(&k, store);
  comment(&k.r, "1", "u1", "pdf");
  id_of(&k, first);
  comment(&k.r, "2", "u1", "done");
  tell(&k, "o1", first, 1, "sent");
  stands(&k, "done", 1); /* he is further on by now */
  comment(&k.r, "3", "u1", "again");
  id_of(&k, back);
  tell(&k, "o2", back, 1, "sent");
  stands(&k, "new", 1);
  comment(&k.r, "4", "u1", "done");
  stands(&k, "done", 1);
  tell(&k, "o3", back, 2, "sent"); /* the second of that rule: nothing waits any more */
  stands(&k, "done", 1);
  kit_close(&k);
}

static void what_waits_and_what_handlers_say(int store) {
  struct kit k;
  char id[32];
  kit_open(&k, store);
  comment(&k.r, "1", "u1", "later");
  k.r.now += 10000;
  assert_int_equal(weir_tick(k.r.engine, k.r.now, &k.r.verdict, &k.r.err), WEIR_OK);
  id_of(&k, id);
  stands(&k, "asked", 0);
  tell(&k, "o1", id, 1, "sent");
  stands(&k, "asked", 1);
  comment(&k.r, "2", "u2", "hand");
  id_of(&k, id);
  stands(&k, "asked", 1);
  tell(&k, "o2", id, 1, "sent");
  stands(&k, "asked", 2);
  kit_close(&k);
}

static void on_every_store(void **state) {
  (void)state;
  for (int store = 0; store < 2; store++) {
    print_message("# %s\n", stores[store]);
    the_first_sent_moves(store);
    rejected_for_good_is_never(store);
    only_the_first_and_never_back(store);
    what_waits_and_what_handlers_say(store);
  }
}

static void it_waits_in_the_file(void **state) {
  (void)state;
  struct kit k;
  char id[32];
  kit_open(&k, 1);
  comment(&k.r, "1", "u1", "pdf");
  id_of(&k, id);
  weir_engine_close(k.r.engine);
  weir_config config = { .struct_size = sizeof config, .ruleset = k.r.rules, .key = k.r.key, .state = k.file };
  assert_int_equal(weir_engine_open(&k.r.engine, &config, &k.r.err), WEIR_OK);
  tell(&k, "o1", id, 1, "sent");
  stands(&k, "asked", 1);
  kit_close(&k);
}

static void load_fails(const char *source, const char *says) {
  char folder[] = "/tmp/weir-test-XXXXXX", path[64];
  weir_ruleset *loaded = NULL;
  weir_error err;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/rules.lua", folder);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(source, f);
  fclose(f);
  assert_int_equal(weir_ruleset_load(&loaded, path, NULL, &err), WEIR_E_RULES);
  unlink(path);
  rmdir(folder);
  if (!strstr(err.message, says)) fail_msg("\"%s\" does not say \"%s\"", err.message, says);
}

static void mistakes_are_told_when_loading(void **state) {
  (void)state;
  load_fails("funnel 'f' { stages = { 'a' } }\nrule 'x' { on = 'comment', any = true, reply = 'y', stage = { 'f/a', on = 'read' } }\n", "\"sent\" only");
  load_fails("funnel 'f' { stages = { 'a' } }\nrule 'x' { on = 'comment', any = true, tag = 't', stage = { 'f/a', on = 'sent' } }\n", "sends nothing");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(on_every_store),
    cmocka_unit_test(it_waits_in_the_file),
    cmocka_unit_test(mistakes_are_told_when_loading),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
