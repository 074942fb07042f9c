/* accounts.c: account "wechat_oa/shop" { kind = "subscription", follow = "none", quotas = { ... } }: one of our accounts. It may do what its
 * channel may, unless it says otherwise: its own abilities, windows, quotas and lengths are laid over those of the channel. Several
 * packs may serve one account and each say something of it, as long as they agree. */
#include "limits.h"
#include "load/load.h"

/* What an account's declaration says of itself, until all are read. */
struct own {
  struct weir_terms terms;
  weir_str kind;
  bool windows, push;
};

static bool good_account_part(weir_str s) {
  for (size_t i = 0; i < s.len; i++) {
    char c = s.ptr[i];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'))
      return false;
  }
  return s.len > 0 && s.len <= WEIR_ID_MAX;
}

/* A channel that nobody declared, and whose name is nearly that of one that is known, is a slip. */
static void check_channel(struct weir_reading *reading, weir_str channel) {
  weir_str names[WEIR_CHANNELS_MAX] = { { NULL, 0 } };
  uint32_t cnt = 0;
  if (weir_load_channel(reading->load, channel, (weir_str){ NULL, 0 })) return;
  for (uint32_t i = 0; i < reading->load->ruleset->channel_cnt && cnt < WEIR_CHANNELS_MAX; i++) names[cnt++] = reading->load->ruleset->channels[i].name;
  weir_str near = weir_nearest(channel, names, cnt);
  if (near.len)
    weir_reading_bad(reading, "", "there is no channel \"%.*s\"; did you mean \"%.*s\"? A gateway's own is declared: channel \"%.*s\" {}",
                     WEIR_FMT(channel), WEIR_FMT(near), WEIR_FMT(channel));
}

/* The kinds of accounts that a channel has, for "nearest" hints. */
static void no_such_kind(struct weir_reading *reading, weir_str channel, weir_str kind) {
  weir_str kinds[WEIR_CHANNELS_MAX] = { { NULL, 0 } };
  uint32_t cnt = 0;
  for (uint32_t i = 0; i < reading->load->ruleset->channel_cnt; i++) {
    weir_str name = reading->load->ruleset->channels[i].name;
    if (weir_str_starts(name, channel) && name.len > channel.len + 1 && name.ptr[channel.len] == ':')
      kinds[cnt++] = (weir_str){ name.ptr + channel.len + 1, name.len - channel.len - 1 };
  }
  weir_str near = weir_nearest(kind, kinds, cnt);
  if (near.len)
    weir_reading_bad(reading, "kind", "there is no \"%.*s\" account on %.*s; did you mean \"%.*s\"?", WEIR_FMT(kind), WEIR_FMT(channel), WEIR_FMT(near));
  else if (cnt)
    weir_reading_bad(reading, "kind", "there is no \"%.*s\" account on %.*s; there is \"%.*s\"", WEIR_FMT(kind), WEIR_FMT(channel), WEIR_FMT(kinds[0]));
  else
    weir_reading_bad(reading, "kind", "%.*s has no kinds of accounts: leave it out", WEIR_FMT(channel));
}

static weir_status read_body(struct weir_reading *reading, struct weir_account *account, struct own *own) {
  const struct weir_value *body = &reading->decl->body;
  weir_str zone = { 0 };
  weir_reading_known(reading, false);
  weir_status status = weir_reading_str(reading, "timezone", WEIR_LOAD_NAME_MAX, &zone);
  if (status == WEIR_OK && zone.ptr) status = weir_load_zone(reading, "timezone", zone, &account->zone);
  if (status == WEIR_OK) status = weir_reading_str(reading, "kind", WEIR_TAG_MAX, &own->kind);
  if (status == WEIR_OK && own->kind.len && !weir_load_channel(reading->load, account->channel, own->kind)) no_such_kind(reading, account->channel, own->kind);
  if (status == WEIR_OK) status = weir_load_abilities(reading, &account->abilities, &account->ability_cnt);
  if (status == WEIR_OK) status = weir_load_terms(reading, &own->terms);
  own->terms.abilities = account->abilities;
  own->terms.ability_cnt = account->ability_cnt;
  own->windows = weir_value_get(body, "windows") != NULL;
  own->push = weir_value_get(body, "push") != NULL;
  return status;
}

static weir_status read_account(struct weir_load *load, const struct weir_decl *decl, struct weir_account *account, struct own *own) {
  weir_str full = { 0 };
  struct weir_reading reading;
  const char *slash = decl->name.len ? memchr(decl->name.ptr, '/', decl->name.len) : NULL;
  *account = (struct weir_account){ 0 };
  *own = (struct own){ .windows = false };
  weir_reading_begin(&reading, load, decl, load->arena);
  if (!weir_arena_str(load->arena, decl->name, &full)) return weir_load_no_memory(load);
  account->channel = (weir_str){ full.ptr, slash ? (size_t)(slash - decl->name.ptr) : full.len };
  account->account = (weir_str){ full.ptr + account->channel.len + (slash != NULL),
                                 full.len - account->channel.len - (slash != NULL) };
  if (!slash || !good_account_part(account->channel) || !good_account_part(account->account)) {
    weir_reading_bad(&reading, "", "expected channel/account, such as \"douyin/papers\", of letters, digits, `_`, `-` and `.`");
    return WEIR_OK;
  }
  check_channel(&reading, account->channel);
  if (decl->body.kind != WEIR_VALUE_TABLE) return WEIR_OK;
  return weir_reading_end(&reading, read_body(&reading, account, own));
}

static bool same_account(const struct weir_account *a, const struct weir_account *b) {
  return weir_str_eq(a->channel, b->channel) && weir_str_eq(a->account, b->account);
}

/* The first ability of which two declarations of one account say different things; NULL: there is none. */
static const struct weir_member *contradiction(const struct weir_account *a, const struct weir_account *b) {
  for (uint32_t i = 0; i < a->ability_cnt; i++)
    for (uint32_t k = 0; k < b->ability_cnt; k++)
      if (weir_str_eq(a->abilities[i].key, b->abilities[k].key) &&
          !weir_str_eq(a->abilities[i].value.u.s, b->abilities[k].value.u.s))
        return &b->abilities[k];
  return NULL;
}

static void check_accounts(struct weir_load *load, const struct weir_account *accounts, const struct weir_decl *const *decls,
                           uint32_t cnt) {
  for (uint32_t i = 0; i < cnt; i++) {
    for (uint32_t k = 0; k < i; k++) {
      const struct weir_member *other;
      struct weir_place place;
      if (weir_decl_pack(load, decls[i]) == weir_decl_pack(load, decls[k]) || !same_account(&accounts[i], &accounts[k])) continue;
      if (!(other = contradiction(&accounts[k], &accounts[i]))) continue;
      place = weir_load_place_str(load, decls[i], other->key);
      weir_load_error(load, &place, "account \"%.*s\": `%.*s` is \"%.*s\" here and something else in %.*s, line %u",
                      WEIR_FMT(decls[i]->name), WEIR_FMT(other->key), WEIR_FMT(other->value.u.s),
                      WEIR_FMT(load->files[decls[k]->file].name), decls[k]->line);
      break;
    }
  }
}

/* The terms of an account: its channel's, and over them what each pack says. The first declaration of it makes them for all. */
static weir_status make_terms(struct weir_load *load, struct weir_account *accounts, const struct own *owns,
                              const struct weir_decl *const *decls, uint32_t cnt, uint32_t at) {
  struct weir_terms *t = weir_arena_zalloc(load->arena, sizeof *t);
  const struct weir_terms *base;
  weir_str kind = { NULL, 0 };
  weir_status status = WEIR_OK;
  if (!t) return weir_load_no_memory(load);
  for (uint32_t i = cnt; i-- > at;) {
    if (!same_account(&accounts[at], &accounts[i])) continue;
    if (kind.len && owns[i].kind.len && !weir_str_eq(kind, owns[i].kind)) {
      struct weir_place place = weir_load_place(load, decls[i], "kind");
      weir_load_error(load, &place, "account \"%.*s\": `kind` is \"%.*s\" here and \"%.*s\" elsewhere", WEIR_FMT(decls[i]->name), WEIR_FMT(owns[i].kind),
                      WEIR_FMT(kind));
    }
    if (owns[i].kind.len) kind = owns[i].kind;
  }
  if (!(base = weir_load_channel(load, accounts[at].channel, kind))) base = weir_load_channel(load, accounts[at].channel, (weir_str){ NULL, 0 });
  if (base) *t = *base;
  else t->name = accounts[at].channel;
  t->zone = NULL;
  for (uint32_t i = at; i < cnt && status == WEIR_OK; i++) {
    if (!same_account(&accounts[at], &accounts[i])) continue;
    status = weir_load_lay_over(load, t, &owns[i].terms, owns[i].windows, owns[i].push);
    if (!t->zone) t->zone = accounts[i].zone;
    accounts[i].terms = t;
  }
  if (!t->zone) t->zone = load->pack_infos[load->files[decls[at]->file].pack].zone;
  return status;
}

weir_status weir_load_accounts(struct weir_load *load) {
  uint32_t cnt = load->decls[WEIR_DECL_ACCOUNT].cnt;
  const struct weir_decl **sorted = weir_arena_array(&load->work, cnt, sizeof(*sorted));
  struct weir_account *accounts = weir_arena_array(load->arena, cnt, sizeof(*accounts));
  struct own *owns = weir_arena_array(&load->work, cnt, sizeof(*owns));
  weir_status status;
  if (!sorted || !accounts || !owns) return weir_load_no_memory(load);
  if (cnt > WEIR_ACCOUNTS_MAX)
    return weir_fail(&load->fatal, WEIR_E_LIMIT, "%u accounts are declared; at most %d", cnt, WEIR_ACCOUNTS_MAX);
  status = weir_load_doubles(load, WEIR_DECL_ACCOUNT, sorted);
  for (uint32_t i = 0; status == WEIR_OK && i < cnt; i++) status = read_account(load, sorted[i], &accounts[i], &owns[i]);
  if (status != WEIR_OK) return status;
  check_accounts(load, accounts, sorted, cnt);
  for (uint32_t i = 0; status == WEIR_OK && i < cnt; i++)
    if (!accounts[i].terms) status = make_terms(load, accounts, owns, sorted, cnt, i);
  if (status != WEIR_OK) return status;
  load->ruleset->accounts = accounts;
  load->ruleset->account_cnt = cnt;
  return load->fatal.status;
}
