/* event_json.c: one event from one JSON object. It only puts values where they belong and says which of them has the wrong
 * type; what an event may hold is checked by weir_event_check, for events from everywhere. */
#include "base/clock.h"
#include "limits.h"
#include "model/event.h"

enum field {
  F_ID, F_TIME, F_CHANNEL, F_ACCOUNT, F_TYPE, F_CONTACT, F_TEXT, F_POST, F_PARENT, F_ROOM, F_MEDIA, F_LANG, F_MENTIONED, F_IS_FOLLOWER,
  F_INVITER, F_REVISION, F_ATTRS, F_DECISION, F_N, F_STATUS, F_CODE, F_RETRY_AFTER, F_PLATFORM_ID, F_COUNT
};

static const weir_str field_names[F_COUNT] = {
  [F_ID] = { "id", 2 }, [F_TIME] = { "time", 4 }, [F_CHANNEL] = { "channel", 7 }, [F_ACCOUNT] = { "account", 7 }, [F_TYPE] = { "type", 4 },
  [F_CONTACT] = { "contact", 7 }, [F_TEXT] = { "text", 4 }, [F_POST] = { "post", 4 }, [F_PARENT] = { "parent", 6 }, [F_ROOM] = { "room", 4 },
  [F_MEDIA] = { "media", 5 }, [F_LANG] = { "lang", 4 }, [F_MENTIONED] = { "mentioned", 9 }, [F_IS_FOLLOWER] = { "is_follower", 11 },
  [F_INVITER] = { "inviter", 7 }, [F_REVISION] = { "revision", 8 }, [F_ATTRS] = { "attrs", 5 }, [F_DECISION] = { "decision", 8 },
  [F_N] = { "n", 1 }, [F_STATUS] = { "status", 6 }, [F_CODE] = { "code", 4 }, [F_RETRY_AFTER] = { "retry_after", 11 },
  [F_PLATFORM_ID] = { "platform_id", 11 },
};

struct reading {
  const struct weir_json *nodes;
  struct weir_arena *arena;
  weir_event *event;
  weir_error *err;
};

static weir_status wrong(const struct reading *r, weir_str name, const char *expected) {
  return weir_fail(r->err, WEIR_E_EVENT, "\"%.*s\" must be %s", WEIR_FMT(name), expected);
}

static weir_status read_str(const struct reading *r, uint32_t at, weir_str name, weir_str *out) {
  const struct weir_json *node = &r->nodes[at];
  if (node->kind == WEIR_JSON_NULL) return WEIR_OK; /* gateways write null for "none" */
  if (node->kind != WEIR_JSON_STRING) return wrong(r, name, "a string");
  *out = node->str;
  return WEIR_OK;
}

static weir_status read_flag(const struct reading *r, uint32_t at, weir_str name, int8_t *out) {
  const struct weir_json *node = &r->nodes[at];
  if (node->kind == WEIR_JSON_NULL) return WEIR_OK;
  if (node->kind != WEIR_JSON_TRUE && node->kind != WEIR_JSON_FALSE) return wrong(r, name, "true or false");
  *out = node->kind == WEIR_JSON_TRUE;
  return WEIR_OK;
}

static weir_status read_int(const struct reading *r, uint32_t at, weir_str name, int64_t max, int64_t *out) {
  const struct weir_json *node = &r->nodes[at];
  int64_t value = 0;
  if (node->kind != WEIR_JSON_NUMBER || !weir_json_int64(node, &value) || value < 0 || value > max) return wrong(r, name, "a whole number from 0 up");
  *out = value;
  return WEIR_OK;
}

static weir_status read_time(const struct reading *r, uint32_t at) {
  const struct weir_json *node = &r->nodes[at];
  if (node->kind == WEIR_JSON_STRING && weir_time_parse(node->str, &r->event->time_ms)) return WEIR_OK;
  if (node->kind == WEIR_JSON_NUMBER && weir_json_int64(node, &r->event->time_ms)) return WEIR_OK;
  return wrong(r, field_names[F_TIME], "a time such as \"2026-11-22T09:00:00+08:00\", or milliseconds since 1970");
}

static weir_status read_contact(const struct reading *r, uint32_t at) {
  static const weir_str names[] = { { "id", 2 }, { "name", 4 } };
  const struct weir_json *node = &r->nodes[at];
  if (node->kind != WEIR_JSON_OBJECT) return wrong(r, field_names[F_CONTACT], "an object such as {\"id\":\"u1\",\"name\":\"Lin\"}");
  uint32_t k = at + 1;
  for (uint32_t i = 0; i < node->cnt; i++) {
    weir_str key = r->nodes[k].str;
    weir_status st = WEIR_OK;
    if (weir_str_eq(key, names[0])) st = read_str(r, k + 1, (weir_str){ "contact.id", 10 }, &r->event->contact_id);
    else if (weir_str_eq(key, names[1])) st = read_str(r, k + 1, (weir_str){ "contact.name", 12 }, &r->event->contact_name);
    else st = weir_fail(r->err, WEIR_E_EVENT, "contact has no field \"%.*s\"; it has \"id\" and \"name\" (other things go into \"attrs\")", WEIR_FMT(key));
    if (st) return st;
    k = r->nodes[k + 1].next;
  }
  return WEIR_OK;
}

static weir_status read_media(const struct reading *r, uint32_t at) {
  const struct weir_json *node = &r->nodes[at];
  if (node->kind == WEIR_JSON_NULL) return WEIR_OK;
  if (node->kind != WEIR_JSON_ARRAY) return wrong(r, field_names[F_MEDIA], "a list of strings");
  weir_str *media = weir_arena_array(r->arena, node->cnt, sizeof *media);
  if (!media) return weir_fail(r->err, WEIR_E_NOMEM, "no memory for the event's media");
  uint32_t k = at + 1;
  for (uint32_t i = 0; i < node->cnt; i++, k = r->nodes[k].next) {
    if (r->nodes[k].kind != WEIR_JSON_STRING) return wrong(r, field_names[F_MEDIA], "a list of strings");
    media[i] = r->nodes[k].str;
  }
  r->event->media = media;
  r->event->media_cnt = node->cnt;
  return WEIR_OK;
}

static weir_status read_attrs(const struct reading *r, uint32_t at) {
  const struct weir_json *node = &r->nodes[at];
  if (node->kind == WEIR_JSON_NULL) return WEIR_OK;
  if (node->kind != WEIR_JSON_OBJECT) return wrong(r, field_names[F_ATTRS], "an object");
  weir_pair *attrs = weir_arena_array(r->arena, node->cnt, sizeof *attrs);
  if (!attrs) return weir_fail(r->err, WEIR_E_NOMEM, "no memory for the event's attrs");
  uint32_t k = at + 1;
  for (uint32_t i = 0; i < node->cnt; i++) {
    const struct weir_json *value = &r->nodes[k + 1];
    attrs[i].key = r->nodes[k].str;
    switch (value->kind) {
      case WEIR_JSON_STRING:
      case WEIR_JSON_NUMBER: attrs[i].value = value->str; break;
      case WEIR_JSON_TRUE: attrs[i].value = WEIR_STR("true"); break;
      case WEIR_JSON_FALSE: attrs[i].value = WEIR_STR("false"); break;
      case WEIR_JSON_NULL: attrs[i].value = (weir_str){ NULL, 0 }; break;
      default: return weir_fail(r->err, WEIR_E_EVENT, "attrs.%.*s must be a string, a number, true, false or null", WEIR_FMT(attrs[i].key));
    }
    k = value->next;
  }
  r->event->attrs = attrs;
  r->event->attr_cnt = node->cnt;
  return WEIR_OK;
}

/* Seconds, as HTTP's Retry-After. */
static weir_status read_retry_after(const struct reading *r, uint32_t at) {
  int64_t seconds = 0;
  if (r->nodes[at].kind == WEIR_JSON_NULL) return WEIR_OK;
  weir_status st = read_int(r, at, field_names[F_RETRY_AFTER], WEIR_DELAY_MAX_MS / 1000, &seconds);
  r->event->outcome.retry_after_ms = seconds * 1000;
  return st;
}

static weir_status read_field(const struct reading *r, enum field field, uint32_t at) {
  weir_event *e = r->event;
  int64_t number = 0;
  weir_status st = WEIR_OK;
  weir_str name = field_names[field];
  switch (field) {
    case F_ID: return read_str(r, at, name, &e->id);
    case F_TIME: return read_time(r, at);
    case F_CHANNEL: return read_str(r, at, name, &e->channel);
    case F_ACCOUNT: return read_str(r, at, name, &e->account);
    case F_TYPE: return read_str(r, at, name, &e->type);
    case F_CONTACT: return read_contact(r, at);
    case F_TEXT: return read_str(r, at, name, &e->text);
    case F_POST: return read_str(r, at, name, &e->post);
    case F_PARENT: return read_str(r, at, name, &e->parent);
    case F_ROOM: return read_str(r, at, name, &e->room);
    case F_MEDIA: return read_media(r, at);
    case F_LANG: return read_str(r, at, name, &e->lang);
    case F_MENTIONED: return read_flag(r, at, name, &e->mentioned);
    case F_IS_FOLLOWER: return read_flag(r, at, name, &e->is_follower);
    case F_INVITER: return read_str(r, at, name, &e->inviter);
    case F_REVISION:
      st = read_int(r, at, name, INT64_MAX, &number);
      e->revision = (uint64_t)number;
      return st;
    case F_ATTRS: return read_attrs(r, at);
    case F_DECISION: return read_str(r, at, name, &e->outcome.decision);
    case F_N:
      st = read_int(r, at, name, WEIR_ACTIONS_MAX, &number);
      e->outcome.n = (uint32_t)number;
      return st;
    case F_STATUS: return read_str(r, at, name, &e->outcome.status);
    case F_CODE: return read_str(r, at, name, &e->outcome.code);
    case F_RETRY_AFTER: return read_retry_after(r, at);
    case F_PLATFORM_ID: return read_str(r, at, name, &e->outcome.platform_id);
    case F_COUNT: break;
  }
  return weir_fail(r->err, WEIR_E_INTERNAL, "no such event field");
}

static weir_status unknown_field(const struct reading *r, weir_str key) {
  weir_str near = weir_nearest(key, field_names, F_COUNT);
  if (near.len) return weir_fail(r->err, WEIR_E_EVENT, "an event has no field \"%.*s\"; did you mean \"%.*s\"? (a gateway's own data goes into \"attrs\")", WEIR_FMT(key), WEIR_FMT(near));
  return weir_fail(r->err, WEIR_E_EVENT, "an event has no field \"%.*s\" (a gateway's own data goes into \"attrs\")", WEIR_FMT(key));
}

/* Gateways write their fields in one order, mostly that of the documentation: so the one after the last is looked at first. */
static enum field find_field(weir_str key, enum field from) {
  if (key.len == 0) return F_COUNT;
  for (unsigned i = 0; i < F_COUNT; i++) {
    unsigned f = (unsigned)from + i;
    if (f >= F_COUNT) f -= F_COUNT;
    weir_str name = field_names[f];
    if (name.len == key.len && name.ptr[0] == key.ptr[0] && memcmp(name.ptr, key.ptr, key.len) == 0) return (enum field)f;
  }
  return F_COUNT;
}

static weir_status twice(weir_error *err) { return weir_fail(err, WEIR_E_EVENT, "a field stands in the event twice"); }

weir_status weir_event_read(weir_str text, struct weir_arena *arena, weir_event *out, weir_error *err) {
  memset(out, 0, sizeof *out);
  out->struct_size = sizeof *out;
  out->mentioned = out->is_follower = -1;
  if (text.len > WEIR_EVENT_JSON_MAX) return weir_fail(err, WEIR_E_LIMIT, "the event has %zu bytes; at most %d are allowed", text.len, WEIR_EVENT_JSON_MAX);
  struct weir_json *nodes = weir_arena_array(arena, WEIR_EVENT_NODES_MAX, sizeof *nodes);
  if (!nodes) return weir_fail(err, WEIR_E_NOMEM, "no memory for reading an event");

  size_t cnt = 0;
  weir_status st = weir_json_read(text, nodes, WEIR_EVENT_NODES_MAX, arena, &cnt, err);
  if (st) return st;
  if (nodes[0].kind != WEIR_JSON_OBJECT) return weir_fail(err, WEIR_E_EVENT, "an event is a JSON object, { ... }");

  struct reading r = { nodes, arena, out, err };
  uint32_t seen = 0, at = 1;
  enum field field = F_ID;
  for (uint32_t i = 0; i < nodes[0].cnt; i++) {
    weir_str key = nodes[at].str;
    field = find_field(key, field);
    if (field == F_COUNT) return unknown_field(&r, key);
    if (seen & UINT32_C(1) << field) return twice(err);
    if (weir_json_has_duplicates(nodes, at + 1)) return twice(err); /* of a string or number nothing is asked */
    st = read_field(&r, field, at + 1);
    if (st) return st;
    seen |= UINT32_C(1) << field;
    if (++field == F_COUNT) field = F_ID;
    at = nodes[at + 1].next;
  }
  if (!(seen & UINT32_C(1) << F_TIME)) return weir_fail(err, WEIR_E_EVENT, "the event has no \"time\"; every event needs one");
  return WEIR_OK;
}
