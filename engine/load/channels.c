/* channels.c: channel "douyin" { ... }: what a platform lets its accounts do. Ours come first (lua/channels.lua); what a pack says of
 * a channel is laid over them, key by key, and a channel that nobody knows is thereby known. "wechat_oa:subscription" is a kind of
 * account of wechat_oa: it begins with what wechat_oa says, and an account says it is one by kind = "subscription". */
#include <stdlib.h>

#include "limits.h"
#include "load/load.h"

/* ---- Abilities */

static bool ability_word(const struct weir_value *value, weir_str *out) {
  static const weir_str words[] = { { "api", 3 }, { "device", 6 }, { "none", 4 } };
  for (size_t k = 0; value->kind == WEIR_VALUE_STR && k < sizeof words / sizeof *words; k++) {
    if (!weir_str_eq(value->u.s, words[k])) continue;
    *out = words[k];
    return true;
  }
  return false;
}

static void no_such_ability(struct weir_reading *reading, const struct weir_member *m) {
  static const weir_str words[] = { { "api", 3 }, { "device", 6 }, { "none", 4 } };
  struct weir_place place = weir_load_place_str(reading->load, reading->decl, m->key);
  weir_str near = m->value.kind == WEIR_VALUE_STR ? weir_nearest(m->value.u.s, words, 3) : (weir_str){ NULL, 0 };
  if (near.len)
    weir_load_error(reading->load, &place, "%s \"%.*s\": `%.*s`: expected \"api\", \"device\" or \"none\"; did you mean \"%.*s\"?",
                    weir_decl_word(reading->decl->kind).ptr, WEIR_FMT(reading->decl->name), WEIR_FMT(m->key), WEIR_FMT(near));
  else
    weir_load_error(reading->load, &place, "%s \"%.*s\": `%.*s`: expected \"api\", \"device\" or \"none\"",
                    weir_decl_word(reading->decl->kind).ptr, WEIR_FMT(reading->decl->name), WEIR_FMT(m->key));
}

weir_status weir_load_abilities(struct weir_reading *reading, const struct weir_member **out, uint32_t *cnt) {
  const struct weir_table *t = reading->decl->body.u.t;
  struct weir_member *abilities = weir_arena_array(reading->parse.arena, t->member_cnt + 1, sizeof(*abilities));
  *cnt = 0;
  if (!abilities) return weir_load_no_memory(reading->load);
  for (uint32_t i = 0; i < t->member_cnt; i++) {
    const struct weir_member *m = &t->members[i];
    const struct weir_action_kind *kind = weir_action_kind_find(m->key);
    weir_str word;
    if (!kind || !kind->outbound) continue; /* another key, or weir_reading_known tells */
    if (!ability_word(&m->value, &word)) {
      no_such_ability(reading, m);
      continue;
    }
    abilities[(*cnt)++] = (struct weir_member){ weir_str_of(kind->name), { WEIR_VALUE_STR, { .s = word } } };
  }
  *out = abilities;
  return WEIR_OK;
}

/* ---- Laying terms over others */

static weir_status join_abilities(struct weir_load *load, struct weir_terms *t, const struct weir_terms *over) {
  struct weir_member *all = weir_arena_array(load->arena, t->ability_cnt + over->ability_cnt + 1, sizeof *all);
  uint32_t cnt = 0;
  if (!all) return weir_load_no_memory(load);
  for (uint32_t i = 0; i < t->ability_cnt; i++) all[cnt++] = t->abilities[i];
  for (uint32_t i = 0; i < over->ability_cnt; i++) {
    uint32_t k = 0;
    while (k < cnt && !weir_str_eq(all[k].key, over->abilities[i].key)) k++;
    all[k] = over->abilities[i];
    if (k == cnt) cnt++;
  }
  t->abilities = all;
  t->ability_cnt = cnt;
  return WEIR_OK;
}

static weir_status join_texts(struct weir_load *load, struct weir_terms *t, const struct weir_terms *over) {
  struct weir_text_limit *all = weir_arena_array(load->arena, t->text_cnt + over->text_cnt + 1, sizeof *all);
  uint32_t cnt = 0;
  if (!all) return weir_load_no_memory(load);
  for (uint32_t i = 0; i < t->text_cnt; i++) all[cnt++] = t->texts[i];
  for (uint32_t i = 0; i < over->text_cnt; i++) {
    uint32_t k = 0;
    while (k < cnt && !weir_str_eq(all[k].action, over->texts[i].action)) k++;
    all[k] = over->texts[i];
    if (k == cnt) cnt++;
  }
  t->texts = all;
  t->text_cnt = cnt;
  return WEIR_OK;
}

/* A quota that counts the same takes the place of the old one; others come beside it. */
static weir_status join_quotas(struct weir_load *load, struct weir_terms *t, const struct weir_terms *over, bool push) {
  struct weir_quota *all = weir_arena_array(load->arena, t->quota_cnt + over->quota_cnt + 1, sizeof *all);
  uint32_t cnt = 0;
  if (!all) return weir_load_no_memory(load);
  for (uint32_t i = 0; i < t->quota_cnt; i++)
    if (!push || !t->quotas[i].pushes_only) all[cnt++] = t->quotas[i];
  for (uint32_t i = 0; i < over->quota_cnt; i++) {
    uint32_t k = 0;
    while (k < cnt && memcmp(all[k].id, over->quotas[i].id, WEIR_ID_BYTES) != 0) k++;
    all[k] = over->quotas[i];
    if (k == cnt) cnt++;
  }
  t->quotas = all;
  t->quota_cnt = cnt;
  if (cnt <= WEIR_TERMS_QUOTAS_MAX) return WEIR_OK;
  return weir_fail(&load->fatal, WEIR_E_LIMIT, "%.*s: %u quotas, with those of its channel; at most %d", WEIR_FMT(t->name), (unsigned)cnt,
                   WEIR_TERMS_QUOTAS_MAX);
}

static weir_status join_spacings(struct weir_load *load, struct weir_terms *t, const struct weir_terms *over) {
  struct weir_spacing *all = weir_arena_array(load->arena, t->spacing_cnt + over->spacing_cnt + 1, sizeof *all);
  uint32_t cnt = 0;
  if (!all) return weir_load_no_memory(load);
  for (uint32_t i = 0; i < over->spacing_cnt; i++) all[cnt++] = over->spacings[i];
  for (uint32_t i = 0; i < t->spacing_cnt; i++) {
    bool replaced = false;
    for (uint32_t k = 0; k < over->spacing_cnt; k++)
      replaced = replaced || !over->spacings[k].action.len || weir_str_eq(over->spacings[k].action, t->spacings[i].action);
    if (!replaced) all[cnt++] = t->spacings[i];
  }
  t->spacings = all;
  t->spacing_cnt = cnt;
  return WEIR_OK;
}

weir_status weir_load_lay_over(struct weir_load *load, struct weir_terms *t, const struct weir_terms *over, bool windows, bool push) {
  weir_status status = join_abilities(load, t, over);
  if (status == WEIR_OK) status = join_texts(load, t, over);
  if (status == WEIR_OK) status = join_quotas(load, t, over, push);
  if (status == WEIR_OK) status = join_spacings(load, t, over);
  if (status != WEIR_OK) return status;
  if (windows) {
    t->windows = over->windows;
    t->window_cnt = over->window_cnt;
  }
  if (push) t->push = over->push;
  if (over->events) t->events = over->events;
  if (over->cited.source.ptr) t->cited = over->cited;
  return WEIR_OK;
}

/* ---- Channels */

const struct weir_terms *weir_load_channel(const struct weir_load *load, weir_str channel, weir_str kind) {
  for (uint32_t i = 0; i < load->ruleset->channel_cnt; i++) {
    const struct weir_terms *t = &load->ruleset->channels[i];
    weir_str name = t->name;
    if (!weir_str_starts(name, channel)) continue;
    if (kind.len == 0 && name.len == channel.len) return t;
    if (kind.len == 0 || name.len != channel.len + 1 + kind.len || name.ptr[channel.len] != ':') continue;
    if (weir_str_eq((weir_str){ name.ptr + channel.len + 1, kind.len }, kind)) return t;
  }
  return NULL;
}

static const char *name_fault(weir_str name) {
  uint32_t colons = 0;
  for (size_t i = 0; i < name.len; i++) {
    char c = name.ptr[i];
    colons += c == ':';
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == ':'))
      return "expected a name of letters, digits, `_`, `-` and `.`, such as \"my_gateway\"";
  }
  if (name.len == 0 || name.len > WEIR_ID_MAX) return "expected a name of 1 to 128 bytes";
  if (colons > 1 || name.ptr[0] == ':' || name.ptr[name.len - 1] == ':') return "a kind of account is written \"channel:kind\"";
  return NULL;
}

static weir_status read_events(struct weir_reading *reading, uint32_t *events) {
  const struct weir_value *value = weir_reading_key(reading, "events");
  const weir_str *names;
  uint32_t cnt;
  weir_status status;
  if (!value) return WEIR_OK;
  status = weir_parse_strings(&reading->parse, NULL, value, &names, &cnt);
  if (status != WEIR_OK) return weir_reading_end(reading, status);
  for (uint32_t i = 0; i < cnt; i++) {
    enum weir_event_kind kind;
    if (weir_event_kind_parse(names[i], &kind)) {
      *events |= UINT32_C(1) << kind;
      continue;
    }
    size_t name_cnt;
    const weir_str *known = weir_event_kind_names(&name_cnt);
    weir_str near = weir_nearest(names[i], known, name_cnt);
    if (near.len) weir_reading_bad(reading, "events", "there is no kind of event \"%.*s\"; did you mean \"%.*s\"?", WEIR_FMT(names[i]), WEIR_FMT(near));
    else weir_reading_bad(reading, "events", "there is no kind of event \"%.*s\"", WEIR_FMT(names[i]));
  }
  return WEIR_OK;
}

static struct weir_terms *find_or_add(struct weir_load *load, weir_str name) {
  struct weir_terms *t = load->channels;
  for (uint32_t i = 0; i < load->ruleset->channel_cnt; i++, t++)
    if (weir_str_eq(t->name, name)) return t;
  const char *colon = memchr(name.ptr, ':', name.len);
  const struct weir_terms *base = colon ? weir_load_channel(load, (weir_str){ name.ptr, (size_t)(colon - name.ptr) }, (weir_str){ NULL, 0 }) : NULL;
  *t = base ? *base : (struct weir_terms){ .zone = load->pack_cnt ? load->pack_infos[0].zone : NULL };
  if (!weir_arena_str(load->arena, name, &t->name)) return NULL;
  load->ruleset->channel_cnt++;
  return t;
}

static weir_status read_channel(struct weir_load *load, const struct weir_decl *decl) {
  struct weir_reading reading;
  struct weir_terms over = { 0 }, *t;
  const char *fault = name_fault(decl->name);
  weir_status status;
  weir_reading_begin(&reading, load, decl, load->arena);
  if (fault) {
    weir_reading_bad(&reading, "", "%s", fault);
    return load->fatal.status;
  }
  if (!(t = find_or_add(load, decl->name))) return weir_load_no_memory(load);
  if (decl->body.kind != WEIR_VALUE_TABLE) return WEIR_OK;
  weir_reading_known(&reading, false);
  status = weir_load_abilities(&reading, &over.abilities, &over.ability_cnt);
  if (status == WEIR_OK) status = weir_load_terms(&reading, &over);
  if (status == WEIR_OK) status = read_events(&reading, &over.events);
  if (status != WEIR_OK) return status;
  return weir_load_lay_over(load, t, &over, weir_value_get(&decl->body, "windows") != NULL, weir_value_get(&decl->body, "push") != NULL);
}

/* Two packs must not each have their own idea of a channel. */
static void tell_twice(struct weir_load *load, const struct weir_decl *decl) {
  if (decl->file == load->file_cnt) return; /* ours */
  for (const struct weir_decl *d = load->decls[WEIR_DECL_CHANNEL].first; d != decl; d = d->next) {
    if (d->file == load->file_cnt || !weir_str_eq(d->name, decl->name)) continue;
    struct weir_place place = weir_load_place(load, decl, "");
    weir_load_error(load, &place, "channel \"%.*s\" is declared twice; first in %.*s, line %u", WEIR_FMT(decl->name),
                    WEIR_FMT(load->files[d->file].name), d->line);
    return;
  }
}

weir_status weir_load_channels(struct weir_load *load) {
  uint32_t cnt = load->decls[WEIR_DECL_CHANNEL].cnt;
  weir_status status = WEIR_OK;
  if (cnt > WEIR_CHANNELS_MAX) return weir_fail(&load->fatal, WEIR_E_LIMIT, "%u channels are declared; at most %d", cnt, WEIR_CHANNELS_MAX);
  if (!(load->channels = weir_arena_array(load->arena, cnt + 1, sizeof *load->channels))) return weir_load_no_memory(load);
  load->ruleset->channels = load->channels;
  for (const struct weir_decl *d = load->decls[WEIR_DECL_CHANNEL].first; status == WEIR_OK && d; d = d->next) {
    tell_twice(load, d);
    status = read_channel(load, d);
  }
  return status;
}
