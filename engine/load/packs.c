/* packs.c: what a pack declares beside its rules: itself, word lists, funnels; pools and coupons are in pools.c. All of it belongs to the
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

/* A code typed on one channel must be known for one on all: there is one look for the whole shop. */
static weir_status read_code(struct weir_reading *reading) {
  const struct weir_value *value = weir_reading_key(reading, "code");
  struct weir_code_spec spec, *code = &reading->load->ruleset->code;
  if (!value) return WEIR_OK;
  weir_status status = weir_code_parse(&reading->parse, value, &spec);
  if (status != WEIR_OK) return status == WEIR_E_NOMEM ? status : WEIR_OK;
  if (code->len && (code->len != spec.len || code->valid_ms != spec.valid_ms || strcmp(code->alphabet, spec.alphabet) != 0))
    weir_reading_bad(reading, "code", "another pack wants codes that look otherwise: a shop has one kind of codes");
  *code = spec;
  return WEIR_OK;
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
  if (status == WEIR_OK) status = read_code(&reading);
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
  words->unread = decl->body.kind == WEIR_VALUE_NIL;
  if (words->unread) return WEIR_OK;
  weir_reading_begin(&reading, load, decl, &load->work);
  if (fault) weir_reading_bad(&reading, "", "the name %s", fault);
  status = weir_parse_strings(&reading.parse, NULL, &decl->body, &words->words, &words->cnt);
  words->unread = status == WEIR_E_RULES;
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
  else
    weir_reading_bad(reading, "goal", "there is no stage \"%.*s\": it is one of `stages`, such as the last, \"%.*s\"", WEIR_FMT(goal),
                     WEIR_FMT(funnel->stages[funnel->stage_cnt - 1]));
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

/* ---- All of it */

static weir_status read_funnels_and_pools(struct weir_load *load) {
  uint32_t funnel_cnt = load->decls[WEIR_DECL_FUNNEL].cnt, i = 0;
  uint32_t pool_cnt = load->decls[WEIR_DECL_POOL].cnt + load->decls[WEIR_DECL_COUPON].cnt;
  const struct weir_decl **sorted = weir_arena_array(&load->work, funnel_cnt + pool_cnt, sizeof(*sorted));
  struct weir_funnel *funnels = weir_arena_array(load->arena, funnel_cnt, sizeof(*funnels));
  struct weir_pool *pools = weir_arena_array(load->arena, pool_cnt, sizeof(*pools));
  weir_status status;
  if (!sorted || !funnels || !pools) return weir_load_no_memory(load);
  status = weir_load_doubles(load, WEIR_DECL_FUNNEL, sorted);
  if (status == WEIR_OK) status = weir_load_doubles(load, WEIR_DECL_POOL, sorted);
  if (status == WEIR_OK) status = weir_load_doubles(load, WEIR_DECL_COUPON, sorted);
  load->ruleset->funnels = load->funnels = funnels;
  load->ruleset->pools = pools;
  for (const struct weir_decl *d = load->decls[WEIR_DECL_FUNNEL].first; status == WEIR_OK && d; d = d->next)
    status = read_funnel(load, d, &funnels[i++]);
  load->ruleset->funnel_cnt = i;
  i = 0;
  for (const struct weir_decl *d = load->decls[WEIR_DECL_POOL].first; status == WEIR_OK && d; d = d->next)
    status = weir_load_pool(load, d, &pools[i++]);
  for (const struct weir_decl *d = load->decls[WEIR_DECL_COUPON].first; status == WEIR_OK && d; d = d->next)
    status = weir_load_coupon(load, d, pools, i++);
  load->ruleset->pool_cnt = i;
  return status;
}

weir_status weir_load_packs(struct weir_load *load) {
  weir_status status = read_packs(load);
  if (status == WEIR_OK) status = read_all_words(load);
  if (status == WEIR_OK) status = read_funnels_and_pools(load);
  if (status == WEIR_OK) status = weir_load_channels(load);
  if (status == WEIR_OK) status = weir_load_accounts(load);
  if (status == WEIR_OK) status = weir_load_segments(load);
  return status;
}
