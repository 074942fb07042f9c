/* packs.c: what a pack declares beside its rules: itself, word lists, funnels, pools. All of it belongs to the
 * whole pack, wherever in its files it stands, so it is complete before the first rule is read. */
#include <stdlib.h>

#include "limits.h"
#include "load/load.h"
#include "text/utf8.h"

/* ---- pack { name, version, timezone } */

/* The other zones that a person of this pack may be in. */
static weir_status read_timezones(struct weir_reading *reading) {
  const struct weir_value *value = weir_reading_key(reading, "timezones");
  const struct weir_zone *zone;
  const weir_str *names;
  uint32_t cnt = 0;
  weir_status status;
  if (!value) return WEIR_OK;
  status = weir_parse_strings(&reading->parse, NULL, value, &names, &cnt);
  for (uint32_t i = 0; status == WEIR_OK && i < cnt; i++) status = weir_load_zone(reading, "timezones", names[i], &zone);
  return status == WEIR_E_NOMEM ? status : WEIR_OK;
}

/* How many messages a day that nobody asked for one person gets, at most. */
static void read_unasked(struct weir_reading *reading, struct weir_pack *pack) {
  const struct weir_value *value = weir_reading_key(reading, "unasked_per_day");
  int64_t cnt;
  if (value && weir_parse_int(&reading->parse, NULL, value, 1, WEIR_UNASKED_PER_DAY_MAX, &cnt) == WEIR_OK) pack->unasked_per_day = (uint32_t)cnt;
}

static weir_status read_pack(struct weir_load *load, const struct weir_decl *decl, struct weir_pack *pack) {
  struct weir_reading reading;
  const char *fault;
  weir_status status;
  weir_str name = { 0 }, zone = { 0 };
  if (decl->body.kind != WEIR_VALUE_TABLE) return WEIR_OK; /* that was told */
  weir_reading_begin(&reading, load, decl, load->arena);
  weir_reading_known(&reading, false);
  status = weir_reading_str(&reading, "name", WEIR_PACK_NAME_MAX, &name);
  if (status == WEIR_OK) status = weir_reading_str(&reading, "version", WEIR_TAG_MAX, &pack->version);
  if (status == WEIR_OK) status = weir_reading_str(&reading, "timezone", WEIR_LOAD_NAME_MAX, &zone);
  if (status == WEIR_OK && zone.ptr) status = weir_load_zone(&reading, "timezone", zone, &pack->zone);
  if (status == WEIR_OK) status = read_timezones(&reading);
  read_unasked(&reading, pack);
  if (name.ptr && (fault = weir_load_name_fault(name, WEIR_PACK_NAME_MAX)))
    weir_reading_bad(&reading, "name", "\"%.*s\" %s", WEIR_FMT(name), fault);
  else if (name.ptr) pack->name = name;
  return weir_reading_end(&reading, status);
}

/* Packs that name themselves alike would share their people's claims. */
static void tell_same_packs(struct weir_load *load) {
  for (uint32_t i = 0; i < load->pack_cnt; i++) {
    for (uint32_t k = 0; k < i; k++) {
      struct weir_place place = { .file = load->packs[i].first_file };
      if (!weir_str_eq(load->pack_infos[i].name, load->pack_infos[k].name)) continue;
      weir_load_error(load, &place,
                      "the packs %.*s and %.*s have the same name \"%.*s\": give one of them another by pack { name = ... }",
                      WEIR_FMT(load->packs[k].folder), WEIR_FMT(load->packs[i].folder), WEIR_FMT(load->pack_infos[i].name));
      break;
    }
  }
}

static weir_status read_packs(struct weir_load *load) {
  struct weir_decl_list *list = &load->decls[WEIR_DECL_PACK];
  const struct weir_decl **sorted = weir_arena_array(&load->work, list->cnt, sizeof(*sorted));
  weir_status status = WEIR_OK;
  load->pack_infos = weir_arena_zalloc(load->arena, load->pack_cnt * sizeof(*load->pack_infos));
  if (!sorted || !load->pack_infos) return weir_load_no_memory(load);
  load->ruleset->packs = load->pack_infos;
  load->ruleset->pack_cnt = load->pack_cnt;
  for (uint32_t i = 0; i < load->pack_cnt; i++)
    if (!weir_arena_str(load->arena, load->packs[i].folder, &load->pack_infos[i].name)) return weir_load_no_memory(load);
  status = weir_load_doubles(load, WEIR_DECL_PACK, sorted);
  for (const struct weir_decl *d = list->first; status == WEIR_OK && d; d = d->next)
    status = read_pack(load, d, &load->pack_infos[load->files[d->file].pack]);
  for (uint32_t i = 0; i < load->pack_cnt; i++) {
    struct weir_place place = { .file = load->packs[i].first_file };
    const char *fault = weir_load_name_fault(load->pack_infos[i].name, WEIR_PACK_NAME_MAX);
    if (fault)
      weir_load_error(load, &place, "\"%.*s\" is no name for a pack: it %s; give it another by pack { name = ... }",
                      WEIR_FMT(load->pack_infos[i].name), fault);
  }
  tell_same_packs(load);
  return status;
}

/* ---- words.name = { ... } */

/* Names that can stand in {name}: letters, digits, `_` and `-`, and no digit first, or {2} would be a list. */
static const char *words_name_fault(weir_str name) {
  const char *fault = weir_load_name_fault(name, WEIR_TAG_MAX);
  if (!fault && ((name.ptr[0] >= '0' && name.ptr[0] <= '9') || name.ptr[0] == '-')) return "must begin with a letter or `_`";
  return fault;
}

static weir_status read_words(struct weir_load *load, const struct weir_decl *decl, struct weir_load_words *words) {
  struct weir_reading reading;
  const char *fault = words_name_fault(decl->name);
  weir_status status;
  *words = (struct weir_load_words){ .name = decl->name, .decl = decl };
  if (decl->body.kind == WEIR_VALUE_NIL) return WEIR_OK;
  weir_reading_begin(&reading, load, decl, &load->work);
  if (fault) weir_reading_bad(&reading, "", "the name %s", fault);
  status = weir_parse_strings(&reading.parse, NULL, &decl->body, &words->words, &words->cnt);
  if (words->cnt > WEIR_WORDS_MAX) {
    weir_reading_bad(&reading, "", "has %u words; at most %d", words->cnt, WEIR_WORDS_MAX);
    words->cnt = WEIR_WORDS_MAX;
  }
  for (uint32_t i = 0; i < words->cnt; i++) {
    struct weir_place place;
    bool brace = words->words[i].len && memchr(words->words[i].ptr, '{', words->words[i].len);
    if (words->words[i].len <= WEIR_WORD_BYTES_MAX && !brace) continue;
    place = weir_load_place_text(load, decl, "", words->words[i], 0);
    if (brace)
      weir_load_warning(load, &place, "words.%.*s: `{` is nothing special in a word list; lists cannot hold other lists",
                        WEIR_FMT(decl->name));
    else
      weir_load_error(load, &place, "words.%.*s: this word is too long, at most %d bytes", WEIR_FMT(decl->name),
                      WEIR_WORD_BYTES_MAX);
  }
  return weir_reading_end(&reading, status);
}

static weir_status read_all_words(struct weir_load *load) {
  uint32_t cnt = load->decls[WEIR_DECL_WORDS].cnt;
  const struct weir_decl **sorted = weir_arena_array(&load->work, cnt, sizeof(*sorted));
  struct weir_load_words *all = weir_arena_array(&load->work, cnt, sizeof(*all));
  weir_status status;
  if (!sorted || !all) return weir_load_no_memory(load);
  status = weir_load_doubles(load, WEIR_DECL_WORDS, sorted);
  for (uint32_t i = 0; status == WEIR_OK && i < cnt; i++) {
    struct weir_load_pack *pack = weir_decl_pack(load, sorted[i]);
    if (!pack->words_cnt++) pack->words = &all[i];
    status = read_words(load, sorted[i], &all[i]);
  }
  return status;
}

struct weir_load_words *weir_load_words_find(struct weir_load_pack *pack, weir_str name) {
  uint32_t low = 0, high = pack->words_cnt;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (weir_str_cmp(pack->words[middle].name, name) < 0) low = middle + 1;
    else high = middle;
  }
  return low < pack->words_cnt && weir_str_eq(pack->words[low].name, name) ? &pack->words[low] : NULL;
}

/* ---- funnel "name" { stages, goal, on_enter }; on_enter names rules, so steps.c reads it when they are there */

static bool check_stages(struct weir_reading *reading, const weir_str *stages, uint32_t cnt) {
  if (cnt > WEIR_FUNNEL_STAGES_MAX) {
    weir_reading_bad(reading, "stages", "has %u stages; at most %d", cnt, WEIR_FUNNEL_STAGES_MAX);
    return false;
  }
  for (uint32_t i = 0; i < cnt; i++) {
    const char *fault = weir_load_name_fault(stages[i], WEIR_TAG_MAX);
    if (fault) weir_reading_bad(reading, "stages", "\"%.*s\" %s", WEIR_FMT(stages[i]), fault);
    if (weir_str_eq(stages[i], WEIR_STR("none")))
      weir_reading_bad(reading, "stages", "no stage can be called \"none\": that means to stand in no stage");
    for (uint32_t k = 0; k < i; k++)
      if (weir_str_eq(stages[i], stages[k])) weir_reading_bad(reading, "stages", "has \"%.*s\" twice", WEIR_FMT(stages[i]));
  }
  return true;
}

static void read_goal(struct weir_reading *reading, struct weir_funnel *funnel, weir_str goal) {
  weir_str nearest;
  funnel->goal = WEIR_NO_INDEX;
  if (!goal.ptr || !funnel->stage_cnt) return;
  for (uint32_t i = 0; i < funnel->stage_cnt; i++)
    if (weir_str_eq(funnel->stages[i], goal)) funnel->goal = i;
  if (funnel->goal != WEIR_NO_INDEX) return;
  nearest = weir_nearest(goal, funnel->stages, funnel->stage_cnt);
  if (nearest.len)
    weir_reading_bad(reading, "goal", "there is no stage \"%.*s\"; did you mean \"%.*s\"?", WEIR_FMT(goal), WEIR_FMT(nearest));
  else weir_reading_bad(reading, "goal", "there is no stage \"%.*s\"", WEIR_FMT(goal));
}

static void check_name(struct weir_reading *reading) {
  const char *fault = weir_load_name_fault(reading->decl->name, WEIR_TAG_MAX);
  if (fault) weir_reading_bad(reading, "", "the name %s", fault);
}

static weir_status read_funnel(struct weir_load *load, const struct weir_decl *decl, struct weir_funnel *funnel) {
  struct weir_reading reading;
  const struct weir_value *stages;
  weir_str goal = { 0 };
  weir_status status;
  *funnel = (struct weir_funnel){ .goal = WEIR_NO_INDEX };
  if (!weir_load_full_name(load, decl, decl->name, &funnel->name)) return WEIR_E_NOMEM;
  if (decl->body.kind != WEIR_VALUE_TABLE) return WEIR_OK;
  weir_reading_begin(&reading, load, decl, load->arena);
  check_name(&reading);
  weir_reading_known(&reading, false);
  status = weir_reading_str(&reading, "goal", WEIR_TAG_MAX, &goal);
  stages = weir_reading_key(&reading, "stages");
  if (!stages) {
    if (!decl->hurt) weir_reading_bad(&reading, "", "`stages` is missing: stages = { \"asked\", \"joined\" }");
  } else if (status == WEIR_OK) {
    status = weir_parse_strings(&reading.parse, NULL, stages, &funnel->stages, &funnel->stage_cnt);
    if (status != WEIR_OK || !check_stages(&reading, funnel->stages, funnel->stage_cnt)) funnel->stage_cnt = 0;
  }
  read_goal(&reading, funnel, goal);
  return weir_reading_end(&reading, status);
}

/* ---- pool "name" { "a", "b", per_day = 20 } */

static void check_members(struct weir_reading *reading, const struct weir_pool *pool) {
  if (pool->member_cnt > WEIR_POOL_MEMBERS_MAX) {
    weir_reading_bad(reading, "", "has %u members; at most %d", pool->member_cnt, WEIR_POOL_MEMBERS_MAX);
    return;
  }
  for (uint32_t i = 0; i < pool->member_cnt; i++) {
    if (pool->members[i].len > WEIR_FIELD_VALUE_MAX)
      weir_reading_bad(reading, "", "the member \"%.*s...\" is too long: at most %d bytes",
                       (int)weir_utf8_cut(pool->members[i], WEIR_TAG_MAX),
                       pool->members[i].ptr, WEIR_FIELD_VALUE_MAX);
    for (uint32_t k = 0; k < i; k++)
      if (weir_str_eq(pool->members[i], pool->members[k]))
        weir_reading_bad(reading, "", "has \"%.*s\" twice", WEIR_FMT(pool->members[i]));
  }
}

static weir_status read_pool(struct weir_load *load, const struct weir_decl *decl, struct weir_pool *pool) {
  struct weir_reading reading;
  struct weir_table items;
  struct weir_value list = { .kind = WEIR_VALUE_TABLE };
  const struct weir_value *per_day;
  weir_status status;
  int64_t number;
  *pool = (struct weir_pool){ 0 };
  if (!weir_load_full_name(load, decl, decl->name, &pool->name)) return WEIR_E_NOMEM;
  if (decl->body.kind != WEIR_VALUE_TABLE) return WEIR_OK;
  weir_reading_begin(&reading, load, decl, load->arena);
  check_name(&reading);
  weir_reading_known(&reading, true);
  if ((per_day = weir_reading_key(&reading, "per_day")) &&
      weir_parse_int(&reading.parse, NULL, per_day, 1, WEIR_POOL_PER_DAY_MAX, &number) == WEIR_OK)
    pool->per_day = (uint32_t)number;
  items = (struct weir_table){ .list = decl->body.u.t->list, .list_cnt = decl->body.u.t->list_cnt };
  list.u.t = &items;
  reading.parse.key = WEIR_STR("");
  if (!items.list_cnt) {
    if (!decl->hurt)
      weir_reading_bad(&reading, "", "is empty: it needs what it hands out, such as { \"tutor_li\", \"tutor_wang\" }");
    return weir_reading_end(&reading, WEIR_OK);
  }
  status = weir_parse_strings(&reading.parse, NULL, &list, &pool->members, &pool->member_cnt);
  if (status == WEIR_OK) check_members(&reading, pool);
  return weir_reading_end(&reading, status);
}

/* ---- All of it */

static weir_status read_funnels_and_pools(struct weir_load *load) {
  uint32_t funnel_cnt = load->decls[WEIR_DECL_FUNNEL].cnt, pool_cnt = load->decls[WEIR_DECL_POOL].cnt, i = 0;
  const struct weir_decl **sorted = weir_arena_array(&load->work, funnel_cnt + pool_cnt, sizeof(*sorted));
  struct weir_funnel *funnels = weir_arena_array(load->arena, funnel_cnt, sizeof(*funnels));
  struct weir_pool *pools = weir_arena_array(load->arena, pool_cnt, sizeof(*pools));
  weir_status status;
  if (!sorted || !funnels || !pools) return weir_load_no_memory(load);
  status = weir_load_doubles(load, WEIR_DECL_FUNNEL, sorted);
  if (status == WEIR_OK) status = weir_load_doubles(load, WEIR_DECL_POOL, sorted);
  load->ruleset->funnels = load->funnels = funnels;
  load->ruleset->pools = pools;
  for (const struct weir_decl *d = load->decls[WEIR_DECL_FUNNEL].first; status == WEIR_OK && d; d = d->next)
    status = read_funnel(load, d, &funnels[i++]);
  load->ruleset->funnel_cnt = i;
  i = 0;
  for (const struct weir_decl *d = load->decls[WEIR_DECL_POOL].first; status == WEIR_OK && d; d = d->next)
    status = read_pool(load, d, &pools[i++]);
  load->ruleset->pool_cnt = i;
  return status;
}

weir_status weir_load_packs(struct weir_load *load) {
  weir_status status = read_packs(load);
  if (status == WEIR_OK) status = read_all_words(load);
  if (status == WEIR_OK) status = read_funnels_and_pools(load);
  if (status == WEIR_OK) status = weir_load_channels(load);
  if (status == WEIR_OK) status = weir_load_accounts(load);
  return status;
}
