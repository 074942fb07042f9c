/* Time zones of packs and accounts: read once, from the folder the host names, and part of what a ruleset is. */
#include "load_help.h"

#include <string.h>

static void copy_zone(const char *from, const char *name) {
  char path[256], bytes[8192];
  snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", from);
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  size_t len = fread(bytes, 1, sizeof bytes, f);
  fclose(f);
  put_bytes(name, bytes, len);
}

static weir_status load_from(const char *zones, weir_ruleset **out, weir_error *err) {
  weir_load_config config = { .struct_size = sizeof config, .zoneinfo = zones };
  return weir_ruleset_load(out, path_of("pack.lua"), &config, err);
}

static void zones_of_packs_and_accounts(void **state) {
  (void)state;
  put("pack.lua", "pack { timezone = \"Asia/Shanghai\", timezones = { \"Europe/Berlin\", \"Asia/Shanghai\" } }\n"
                  "account \"douyin/a\" { timezone = \"America/New_York\", follow = \"none\" }\naccount \"douyin/b\"\n");
  struct tried tried = load_good("pack.lua");
  const weir_ruleset *rs = tried.ruleset;
  assert_int_equal(rs->zone_cnt, 3);
  assert_true(rs->packs[0].zone == rs->zones[0] && str_is(rs->zones[0]->name, "Asia/Shanghai"));
  assert_true(str_is(rs->zones[1]->name, "Europe/Berlin"));
  assert_int_equal(weir_zone_offset(rs->zones[1], INT64_C(1782000000000)), 7200);
  for (uint32_t i = 0; i < rs->account_cnt; i++) {
    if (str_is(rs->accounts[i].account, "a")) assert_true(str_is(rs->accounts[i].zone->name, "America/New_York"));
    else assert_null(rs->accounts[i].zone);
  }
  end_try(&tried);
}

static void folder_of_the_host(void **state) {
  weir_ruleset *rs = NULL, *other = NULL;
  weir_error err;
  char zones[512];
  (void)state;
  put("pack.lua", "pack { timezone = \"Test/Here\" }\n");
  put_folder("zones");
  put_folder("zones/Test");
  snprintf(zones, sizeof zones, "%s", path_of("zones"));
  copy_zone("Asia/Shanghai", "zones/Test/Here");
  assert_int_equal(load_from(zones, &rs, &err), WEIR_OK);
  assert_int_equal(weir_zone_offset(rs->packs[0].zone, INT64_C(1782000000000)), 8 * 3600);
  copy_zone("Europe/Berlin", "zones/Test/Here"); /* the one that was loaded does not care */
  assert_int_equal(weir_zone_offset(rs->packs[0].zone, INT64_C(1782000000000)), 8 * 3600);
  assert_int_equal(load_from(zones, &other, &err), WEIR_OK);
  assert_memory_not_equal(rs->zones_id, other->zones_id, WEIR_ID_BYTES); /* other rules, another environment */
  weir_ruleset_free(other);
  weir_ruleset_free(rs);

  put("zones/Test/Here", "TZif but no more");
  assert_int_equal(load_from(zones, &rs, &err), WEIR_E_RULES);
  assert_non_null(strstr(err.message, "cannot be used"));
  assert_int_equal(load_from("/nonexistent", &rs, &err), WEIR_E_RULES);
  assert_non_null(strstr(err.message, "no time zones in /nonexistent"));
}

int main(void) {
  const struct CMUnitTest tests[] = { LOAD_TEST(zones_of_packs_and_accounts), LOAD_TEST(folder_of_the_host) };
  return cmocka_run_group_tests_name("time zones of rules", tests, NULL, NULL);
}
