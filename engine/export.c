/* export.c: all that is known of a person, as one JSON object: for him who asks what we hold about him. */
#include "engine.h"

static void write_contact(struct weir_buf *out, const struct weir_contact *c) {
  weir_json_open(out, '{');
  weir_json_member(out, "channel", c->channel);
  weir_json_member(out, "account", c->account);
  weir_json_member(out, "id", c->id);
  weir_json_close(out, '}');
}

static void write_pairs(struct weir_buf *out, const char *name, const weir_pair *pairs, uint32_t cnt) {
  weir_json_key(out, weir_str_of(name));
  weir_json_open(out, '{');
  for (uint32_t i = 0; i < cnt; i++) {
    weir_json_key(out, pairs[i].key);
    weir_json_str(out, pairs[i].value);
  }
  weir_json_close(out, '}');
}

static void write_lists(struct weir_buf *out, const struct weir_person *p, const struct weir_contact *asked) {
  weir_json_key(out, WEIR_STR("contacts"));
  weir_json_open(out, '[');
  if (!p->id) write_contact(out, asked);
  for (uint32_t i = 0; i < p->contact_cnt; i++) write_contact(out, &p->contacts[i]);
  weir_json_close(out, ']');
  weir_json_key(out, WEIR_STR("tags"));
  weir_json_open(out, '[');
  for (uint32_t i = 0; i < p->tag_cnt; i++) weir_json_str(out, p->tags[i]);
  weir_json_close(out, ']');
  write_pairs(out, "fields", p->fields, p->field_cnt);
  write_pairs(out, "given", p->pools, p->pool_cnt);
  weir_json_key(out, WEIR_STR("stages"));
  weir_json_open(out, '[');
  for (uint32_t i = 0; i < p->stage_cnt; i++) {
    weir_json_open(out, '{');
    weir_json_member(out, "funnel", p->stages[i].funnel);
    weir_json_member(out, "stage", p->stages[i].stage);
    weir_json_member_int(out, "entered_ms", p->stages[i].entered_ms);
    weir_json_close(out, '}');
  }
  weir_json_close(out, ']');
}

struct lists {
  struct weir_buf *out;
  int kind; /* which of the three is being written */
};

static const char *status_word(uint32_t status) {
  static const char *const words[] = { "", "waiting", "open", "retrying", "unconfirmed", "rejected", "sent" };
  return status < sizeof words / sizeof *words ? words[status] : "";
}

static void tell(void *ctx, const struct weir_known *k) {
  const struct lists *lists = ctx;
  struct weir_buf *out = lists->out;
  if ((int)k->kind != lists->kind) return;
  weir_json_open(out, '{');
  if (k->kind == WEIR_KNOWN_CLAIM) {
    char hex[2 * WEIR_ID_BYTES];
    size_t len = k->key.len <= WEIR_ID_BYTES ? k->key.len : 0;
    weir_hex((const unsigned char *)k->key.ptr, len, hex);
    weir_json_member(out, "key", (weir_str){ hex, 2 * len });
    weir_json_member_int(out, "until_ms", k->at_ms);
    weir_json_close(out, '}');
    return;
  }
  weir_json_key(out, WEIR_STR("contact"));
  write_contact(out, &k->contact);
  weir_json_member(out, "rule", k->rule);
  if (k->kind == WEIR_KNOWN_TIMER) weir_json_member_int(out, "due_ms", k->at_ms);
  if (k->kind == WEIR_KNOWN_ACTION) {
    weir_json_member(out, "decision", k->decision);
    weir_json_member_int(out, "n", (int64_t)k->n);
    weir_json_member(out, "status", weir_str_of(status_word(k->status)));
    weir_json_member_int(out, "until_ms", k->at_ms);
  }
  weir_str action = k->payload;
  while (action.len && (action.ptr[0] == ',' || (action.ptr[0] >= '0' && action.ptr[0] <= '9'))) action.ptr++, action.len--; /* how it waits: decide/act.c */
  if (action.len && action.ptr[0] == '{') { /* a look for an echo has no action */
    weir_json_key(out, WEIR_STR("action"));
    weir_json_raw(out, action);
  }
  weir_json_close(out, '}');
}

static weir_status write_known(weir_engine *e, const struct weir_contact *contact, struct weir_buf *out, weir_error *err) {
  static const struct {
    int kind;
    const char *name;
  } parts[] = { { WEIR_KNOWN_CLAIM, "claims" }, { WEIR_KNOWN_TIMER, "waiting" }, { WEIR_KNOWN_ACTION, "actions" } };
  weir_status st = WEIR_OK;
  for (size_t i = 0; i < sizeof parts / sizeof *parts && !st; i++) {
    struct lists lists = { out, parts[i].kind };
    weir_json_key(out, weir_str_of(parts[i].name));
    weir_json_open(out, '[');
    st = e->store->ops->known(e->store, contact, tell, &lists, err);
    weir_json_close(out, ']');
  }
  return st;
}

static void tell_window(void *ctx, const struct weir_contact *contact, const struct weir_window *window, int64_t until_ms, uint64_t used) {
  struct weir_buf *out = ctx;
  weir_json_open(out, '{');
  weir_json_key(out, WEIR_STR("contact"));
  write_contact(out, contact);
  weir_json_member(out, "window", window->says);
  weir_json_member_int(out, "until_ms", until_ms);
  if (window->max) weir_json_member_int(out, "left", used < window->max ? (int64_t)(window->max - used) : 0);
  weir_json_close(out, '}');
}

static weir_status write_windows(weir_engine *e, const struct weir_person *p, const struct weir_contact *asked, struct weir_buf *out, weir_error *err) {
  uint32_t cnt = p->id ? p->contact_cnt : 1;
  weir_status st = WEIR_OK;
  weir_json_key(out, WEIR_STR("windows"));
  weir_json_open(out, '[');
  for (uint32_t i = 0; i < cnt && !st; i++) {
    st = weir_policy_each_window(e->rooms.ruleset, e->store, p->id ? &p->contacts[i] : asked, e->latest_ms, tell_window, out, err);
  }
  weir_json_close(out, ']');
  return st;
}

weir_status weir_export(weir_engine *engine, weir_str channel, weir_str account, weir_str id, char *out, size_t cap, size_t *len, weir_error *err) {
  struct weir_contact contact = { channel, account, id };
  struct weir_person person;
  struct weir_buf buf;
  uint32_t invited = 0;
  if (len) *len = 0;
  if (!engine || !out || !len || !channel.len || !account.len || !id.len) {
    return weir_fail(err, WEIR_E_ARG, "weir_export needs an engine, a channel, an account, an id, and room");
  }
  weir_status st = weir_engine_at_rest(engine, err);
  if (st) return st;
  weir_engine_enter(engine);
  st = engine->store->ops->load(engine->store, &contact, &engine->arena, &person, err);
  if (!st) st = engine->store->ops->invited(engine->store, &contact, &invited, err);
  if (st) return st;
  weir_buf_init(&buf, out, cap);
  weir_json_open(&buf, '{');
  weir_json_key(&buf, WEIR_STR("known"));
  weir_json_bool(&buf, person.id != 0);
  weir_json_key(&buf, WEIR_STR("opted_out"));
  weir_json_bool(&buf, person.opted_out);
  weir_json_member(&buf, "name", person.name);
  weir_json_member_int(&buf, "first_seen_ms", person.first_seen_ms);
  weir_json_member_int(&buf, "last_seen_ms", person.last_seen_ms);
  weir_json_member_int(&buf, "handoff_until_ms", person.handoff_until_ms);
  weir_json_member(&buf, "code", person.code);
  weir_json_member_int(&buf, "invited", (int64_t)invited);
  write_lists(&buf, &person, &contact);
  st = write_windows(engine, &person, &contact, &buf, err);
  if (!st) st = write_known(engine, &contact, &buf, err);
  weir_json_close(&buf, '}');
  if (!st && buf.full) return weir_fail(err, WEIR_E_LIMIT, "what is known of him does not fit into %zu bytes", cap);
  if (!st) *len = buf.len;
  return st ? st : person.id || person.opted_out ? WEIR_OK : WEIR_NONE;
}
