/* An engine from a configuration in JSON: what each member does, what is refused and how it is said, whose rules and key they are; the
 * counts as JSON; and that the name of the state may be freed after opening. */
#include "engine_support.h"

#include <sys/stat.h>

#include "limits.h"

struct place {
  char folder[48], rules[80], key[80], state[80];
  weir_engine *engine;
  weir_error err;
};

static void write_file(const char *path, const char *text, mode_t mode) {
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  assert_int_equal(fclose(f), 0);
  assert_int_equal(chmod(path, mode), 0);
}

static int setup(void **state) {
  static struct place p;
  memset(&p, 0, sizeof p);
  strcpy(p.folder, "/tmp/weir-test-XXXXXX");
  assert_non_null(mkdtemp(p.folder));
  snprintf(p.rules, sizeof p.rules, "%s/rules.lua", p.folder);
  snprintf(p.key, sizeof p.key, "%s/key.json", p.folder);
  snprintf(p.state, sizeof p.state, "%s/people.db", p.folder);
  write_file(p.rules, "rule 'a' { on = 'comment', keywords = { 'pdf' }, reply = 'here' }\n", 0644);
  write_file(p.key, test_jwk, 0600);
  *state = &p;
  return 0;
}

static int teardown(void **state) {
  static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
  struct place *p = *state;
  char path[100];
  weir_engine_close(p->engine);
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    snprintf(path, sizeof path, "%s%s", p->state, ends[i]);
    unlink(path);
  }
  unlink(p->rules);
  unlink(p->key);
  assert_int_equal(rmdir(p->folder), 0);
  return 0;
}

/* R, K, F and S in the text stand for the paths of rules, key, folder and state, J for the key itself. */
static weir_status open_text(struct place *p, const char *text) {
  char json[2048];
  size_t len = 0;
  for (const char *c = text; *c; c++) {
    const char *in = *c == 'R' ? p->rules : *c == 'K' ? p->key : *c == 'S' ? p->state : *c == 'F' ? p->folder : *c == 'J' ? test_jwk : NULL;
    int more = in ? snprintf(json + len, sizeof json - len, in == test_jwk ? "%s" : "\"%s\"", in) : snprintf(json + len, sizeof json - len, "%c", *c);
    len += (size_t)more;
    assert_true(len < sizeof json);
  }
  weir_engine_close(p->engine);
  weir_status st = weir_engine_open_json(&p->engine, (weir_str){ json, len }, &p->err);
  if (st) assert_null(p->engine);
  memset(json, 0, sizeof json); /* it is not kept */
  return st;
}

static void opens(struct place *p, const char *text) {
  if (open_text(p, text) != WEIR_OK) fail_msg("%s: %s", text, p->err.message);
}

static void refused(struct place *p, weir_status expected, const char *text, const char *says) {
  weir_status st = open_text(p, text);
  if (st != expected || p->err.status != expected || !strstr(p->err.message, says)) fail_msg("%s: %s: %s", text, weir_status_name(st), p->err.message);
}

static weir_verdict decide_pdf(struct place *p, const char *contact) {
  char json[256];
  weir_verdict verdict;
  int len = snprintf(json, sizeof json, "{\"id\":\"c-%s\",\"time\":1795309200000,\"channel\":\"douyin\",\"account\":\"papers\",\"type\":\"comment\","
                     "\"contact\":{\"id\":\"%s\"},\"text\":\"pdf\"}", contact, contact);
  weir_status st = weir_decide_json(p->engine, (weir_str){ json, (size_t)len }, INT64_C(1795309200000), &verdict, &p->err);
  if (st) fail_msg("%s", p->err.message);
  assert_int_equal(verdict.result, WEIR_RESULT_DECIDED);
  return verdict;
}

/* The claims of the next record. */
static const char *claims_of_next(struct place *p) {
  static char claims[WEIR_JWS_MAX];
  weir_record record;
  size_t len = 0;
  if (weir_next_record(p->engine, &record, &p->err) != WEIR_OK) fail_msg("no record");
  assert_int_equal(weir_record_claims(record.jws, claims, sizeof claims - 1, &len, &p->err), WEIR_OK);
  claims[len] = '\0';
  return claims;
}

static void it_decides_and_signs(void **state) {
  struct place *p = *state;
  opens(p, "{\"rules\":R,\"key_file\":K,\"issuer\":\"urn:shop\",\"chain\":\"c7\",\"record_ttl_s\":60,\"state\":null}");
  decide_pdf(p, "u1");
  const char *claims = claims_of_next(p);
  assert_non_null(strstr(claims, "\"iss\":\"urn:shop\""));
  assert_non_null(strstr(claims, "\"iat\":1795309200,"));
  assert_non_null(strstr(claims, "\"exp\":1795309260,"));
  assert_int_equal(weir_engine_chain(p->engine).len, 2);
  opens(p, " {\"key\" : J , \"rules\":R}\n"); /* the key in the text */
  decide_pdf(p, "u1");
  assert_non_null(strstr(claims_of_next(p), "\"iss\":\"urn:weir\""));
}

static void flags_and_numbers(void **state) {
  struct place *p = *state;
  weir_record record;
  opens(p, "{\"rules\":R,\"key\":J,\"batch\":true,\"group_max\":2,\"trace\":true,\"state_memory\":8388608,\"state_bytes\":0,\"jit\":false}");
  assert_int_equal(decide_pdf(p, "u1").trace_cnt, 1);
  assert_int_equal(weir_pending(p->engine), 1);
  assert_int_equal(weir_next_record(p->engine, &record, &p->err), WEIR_NONE);
  decide_pdf(p, "u2");
  weir_memory_room rooms[8];
  size_t cnt = weir_memory_stats(p->engine, rooms, 8);
  for (size_t i = 0; i < cnt; i++) {
    if (strcmp(rooms[i].room, "state") == 0) assert_int_equal(rooms[i].limit, 8388608);
  }
  opens(p, "{\"rules\":R,\"dry\":true}"); /* needs no key */
  decide_pdf(p, "u1");
  assert_int_equal(weir_next_record(p->engine, &record, &p->err), WEIR_NONE);
}

static void a_state_in_a_file(void **state) {
  struct place *p = *state;
  weir_stats stats = { .struct_size = sizeof stats };
  opens(p, "{\"rules\":R,\"key_file\":K,\"state\":S,\"state_bytes\":2097152}");
  decide_pdf(p, "u1");
  opens(p, "{\"rules\":R,\"key_file\":K,\"state\":S}");
  weir_engine_stats(p->engine, &stats);
  assert_int_equal(stats.persons, 1);
  opens(p, "{\"rules\":R,\"key_file\":K,\"state\":S,\"new_chain\":true,\"chain\":\"again\"}");
  assert_memory_equal(weir_engine_chain(p->engine).ptr, "again", 5);
  refused(p, WEIR_E_ARG, "{\"rules\":R,\"key_file\":K,\"state\":S,\"chain\":\"other\"}", "belongs to the chain");
}

static void members_are_checked(void **state) {
  struct place *p = *state;
  static const char *const texts[] = { "rules", "state", "key_file", "zoneinfo", "issuer", "chain" };
  static const char *const numbers[] = { "state_memory", "state_bytes", "group_max", "record_ttl_s", "memory_limit" };
  static const char *const flags[] = { "batch", "dry", "trace", "new_chain", "jit" };
  static const char *const not_numbers[] = { "\"1\"", "-1", "1.5", "1e3", "true", "[1]", "99999999999999999999" };
  char text[200], says[80];
  for (size_t i = 0; i < 6; i++) {
    snprintf(text, sizeof text, "{\"%s\":5}", texts[i]);
    snprintf(says, sizeof says, "\"%s\" must be a string", texts[i]);
    refused(p, WEIR_E_ARG, text, says);
    snprintf(text, sizeof text, "{\"rules\":R,\"key\":J,\"%s\":{}}", i ? texts[i] : "state");
    refused(p, WEIR_E_ARG, text, "must be a string");
  }
  for (size_t i = 0; i < 5 * 7; i++) {
    snprintf(text, sizeof text, "{\"rules\":R,\"key\":J,\"%s\":%s}", numbers[i / 7], not_numbers[i % 7]);
    snprintf(says, sizeof says, "\"%s\" must be a whole number", numbers[i / 7]);
    refused(p, WEIR_E_ARG, text, says);
  }
  for (size_t i = 0; i < 5; i++) {
    snprintf(text, sizeof text, "{\"rules\":R,\"key\":J,\"%s\":1}", flags[i]);
    snprintf(says, sizeof says, "\"%s\" must be true or false", flags[i]);
    refused(p, WEIR_E_ARG, text, says);
  }
  refused(p, WEIR_E_ARG, "{\"rules\":R,\"key\":J,\"group_max\":4294967296}", "at most 4294967295");
  refused(p, WEIR_E_ARG, "{\"rules\":R,\"key\":K}", "\"key\" must be an object");
  refused(p, WEIR_E_ARG, "{\"rules\":\"\"}", "\"rules\" must be a path");
  refused(p, WEIR_E_ARG, "{\"rules\":\"a\\u0000b\"}", "\"rules\" must be a path");
  refused(p, WEIR_E_ARG, "{\"rules\":R,\"key\":J,\"memory_limit\":null,\"rules\":R}", "twice");
  refused(p, WEIR_E_ARG, "{\"key\":J}", "no \"rules\"");
  refused(p, WEIR_E_ARG, "{\"rules\":null,\"key\":J}", "no \"rules\"");
  refused(p, WEIR_E_ARG, "{\"rules\":R,\"key\":J,\"key_file\":K}", "both \"key\" and \"key_file\"");
  refused(p, WEIR_E_KEY, "{\"rules\":R}", "no key");
  refused(p, WEIR_E_ARG, "{\"rules\":R,\"key\":J,\"state_memry\":1}", "did you mean \"state_memory\"?");
  refused(p, WEIR_E_ARG, "{\"rules\":R,\"key\":J,\"keyfile\":K}", "did you mean \"key_file\"?");
  refused(p, WEIR_E_ARG, "{\"rules\":R,\"key\":J,\"colour\":1}", "no \"colour\"; it has");
  refused(p, WEIR_E_ARG, "[]", "is a JSON object");
  refused(p, WEIR_E_FORMAT, "{\"rules\":R", "byte");
}

/* What is wrong with what the members name is said as by the functions that take it. */
static void what_they_name_is_checked(void **state) {
  struct place *p = *state;
  static char large[WEIR_CONFIG_JSON_MAX + 2];
  refused(p, WEIR_E_LIMIT, "{\"rules\":R,\"key\":J,\"group_max\":65}", "64 decisions");
  refused(p, WEIR_E_ARG, "{\"rules\":R,\"key\":J,\"state_memory\":1}", "state_memory");
  refused(p, WEIR_E_ARG, "{\"rules\":R,\"key\":J,\"issuer\":\"a b\"}", "issuer");
  refused(p, WEIR_E_NOMEM, "{\"rules\":R,\"key\":J,\"memory_limit\":100}", "memory_limit");
  refused(p, WEIR_E_KEY, "{\"rules\":R,\"key\":{\"kty\":\"EC\",\"x\":\"\\\"}{\\\\\"}}", "");
  refused(p, WEIR_E_IO, "{\"rules\":\"nowhere.lua\",\"key\":J}", "nowhere.lua");
  refused(p, WEIR_E_IO, "{\"rules\":R,\"key_file\":\"nowhere.json\"}", "nowhere.json cannot be opened: there is none");
  refused(p, WEIR_E_KEY, "{\"rules\":R,\"key_file\":F}", "not a regular file");
  write_file(p->key, test_jwk, 0640);
  refused(p, WEIR_E_KEY, "{\"rules\":R,\"key_file\":K}", "others can read it");
  write_file(p->key, "{}", 0600);
  refused(p, WEIR_E_KEY, "{\"rules\":R,\"key_file\":K}", "");
  memset(large, ' ', sizeof large);
  write_file(p->key, (large[WEIR_JWK_BYTES_MAX + 1] = '\0', large), 0600);
  refused(p, WEIR_E_LIMIT, "{\"rules\":R,\"key_file\":K}", "the limit is");
  write_file(p->rules, "rule 'a' {\n  on = 'comment',\n  keyword = { 'pdf' } }\n", 0644);
  refused(p, WEIR_E_RULES, "{\"rules\":R,\"key\":J}", "keywords");
  assert_int_equal(p->err.line, 3);
  assert_string_equal(p->err.file, p->rules);
  large[WEIR_JWK_BYTES_MAX + 1] = ' ';
  assert_int_equal(weir_engine_open_json(&p->engine, (weir_str){ large, WEIR_CONFIG_JSON_MAX + 1 }, &p->err), WEIR_E_LIMIT);
  assert_int_equal(weir_engine_open_json(&p->engine, (weir_str){ NULL, 0 }, &p->err), WEIR_E_ARG);
  assert_int_equal(weir_engine_open_json(NULL, S("{}"), &p->err), WEIR_E_ARG);
}

/* All that fits into the text has a place: nested values, and strings that are decoded. */
static void many_values(void **state) {
  struct place *p = *state;
  static char text[4 * WEIR_CONFIG_NODES_MAX];
  size_t len = (size_t)snprintf(text, sizeof text, "{\"rules\":R,\"key\":{\"a\":[");
  for (int i = 0; i < WEIR_CONFIG_NODES_MAX; i++) len += (size_t)snprintf(text + len, sizeof text - len, "1,");
  snprintf(text + len - 1, sizeof text - len, "]}}");
  refused(p, WEIR_E_LIMIT, text, "");
}

/* Rules and key are the engine's until others take their place; those are the host's. */
static void swap_and_rotate(void **state) {
  struct place *p = *state;
  weir_key *next = NULL;
  weir_ruleset *rules = rules_of("rule 'b' { on = 'comment', keywords = { 'pdf' }, reply = 'there' }\n");
  opens(p, "{\"rules\":R,\"key_file\":K}");
  decide_pdf(p, "u1");
  assert_int_equal(weir_swap(p->engine, rules, &p->err), WEIR_OK);
  assert_int_equal(weir_swap(p->engine, rules, &p->err), WEIR_OK);
  weir_verdict verdict = decide_pdf(p, "u2");
  assert_memory_equal(verdict.actions[0].text.ptr, "there", 5);
  assert_int_equal(weir_key_generate(&next, NULL, &p->err), WEIR_OK);
  assert_int_equal(weir_rotate(p->engine, next, INT64_C(1795309200000), &p->err), WEIR_OK);
  assert_int_equal(weir_rotate(p->engine, next, INT64_C(1795309200000), &p->err), WEIR_NONE);
  decide_pdf(p, "u3");
  weir_engine_close(p->engine);
  p->engine = NULL;
  weir_key_free(next);
  weir_ruleset_free(rules);
}

static void counts_as_json(void **state) {
  struct place *p = *state;
  char out[WEIR_STATS_JSON_BYTES];
  size_t len = 0;
  opens(p, "{\"rules\":R,\"key\":J}");
  decide_pdf(p, "u1");
  assert_int_equal(weir_stats_json(p->engine, out, sizeof out, &len, &p->err), WEIR_OK);
  const char head[] = "{\"events\":1,\"decided\":1,\"nothing\":0,\"repeats\":0,";
  assert_true(len > sizeof head && out[len - 1] == '}');
  assert_memory_equal(out, head, sizeof head - 1);
  out[len] = '\0';
  assert_non_null(strstr(out, ",\"persons\":1,"));
  assert_non_null(strstr(out, ",\"latest_ms\":1795309200000,"));
  assert_non_null(strstr(out, ",\"used_up\":0}"));
  size_t full = len;
  assert_int_equal(weir_stats_json(p->engine, out, full - 1, &len, &p->err), WEIR_E_LIMIT);
  assert_int_equal(len, 0);
  assert_int_equal(weir_stats_json(p->engine, out, full, &len, &p->err), WEIR_OK);
  assert_int_equal(len, full);
  /* each count with as many digits as there are */
  assert_true(full + (sizeof(weir_stats) / sizeof(uint64_t) - 1) * 19 <= WEIR_STATS_JSON_BYTES);
  assert_int_equal(weir_stats_json(NULL, out, sizeof out, &len, &p->err), WEIR_E_ARG);
  assert_int_equal(weir_stats_json(p->engine, NULL, 0, &len, &p->err), WEIR_E_ARG);
  assert_int_equal(weir_stats_json(p->engine, out, sizeof out, NULL, &p->err), WEIR_E_ARG);
}

/* The host's strings are read while opening, and never again. */
static void the_state_s_name_is_not_kept(void **state) {
  struct place *p = *state;
  weir_memory_room before[8], after[8];
  weir_config config = { .struct_size = sizeof config, .ruleset = rules_of("rule 'a' { on = 'comment', any = true, reply = 'x' }\n"), .state = strdup(p->state), .dry = true };
  char *name = (char *)(uintptr_t)config.state;
  assert_int_equal(weir_engine_open(&p->engine, &config, &p->err), WEIR_OK);
  size_t cnt = weir_memory_stats(p->engine, before, 8);
  strcpy(name, ":memory:");
  assert_int_equal(weir_memory_stats(p->engine, after, 8), cnt);
  for (size_t i = 0; i < cnt; i++) assert_int_equal(before[i].limit, after[i].limit);
  free(name);
  assert_int_equal(weir_memory_stats(p->engine, after, 8), cnt);
  weir_engine_close(p->engine);
  p->engine = NULL;
  weir_ruleset_free((weir_ruleset *)(uintptr_t)config.ruleset);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
  const struct CMUnitTest tests[] = { TEST(it_decides_and_signs), TEST(flags_and_numbers), TEST(a_state_in_a_file), TEST(members_are_checked),
                                      TEST(what_they_name_is_checked), TEST(many_values), TEST(swap_and_rotate), TEST(counts_as_json),
                                      TEST(the_state_s_name_is_not_kept) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
