/* event.c: the kinds of events, and what makes a weir_event acceptable wherever it comes from. Reading one from JSON is in
 * event_json.c. */
#include "model/event.h"

#include "limits.h"

static const weir_str kind_names[WEIR_EVENT_KINDS] = {
  [WEIR_EVENT_COMMENT] = { "comment", 7 },
  [WEIR_EVENT_MESSAGE] = { "message", 7 },
  [WEIR_EVENT_FOLLOW] = { "follow", 6 },
  [WEIR_EVENT_UNFOLLOW] = { "unfollow", 8 },
  [WEIR_EVENT_FRIEND_REQUEST] = { "friend_request", 14 },
  [WEIR_EVENT_FRIEND_ADDED] = { "friend_added", 12 },
  [WEIR_EVENT_JOIN] = { "join", 4 },
  [WEIR_EVENT_LEAVE] = { "leave", 5 },
  [WEIR_EVENT_CLICK] = { "click", 5 },
  [WEIR_EVENT_SCAN] = { "scan", 4 },
  [WEIR_EVENT_ENTER] = { "enter", 5 },
  [WEIR_EVENT_SHARE] = { "share", 5 },
  [WEIR_EVENT_PURCHASE] = { "purchase", 8 },
  [WEIR_EVENT_LINK] = { "link", 4 },
  [WEIR_EVENT_UNLINK] = { "unlink", 6 },
  [WEIR_EVENT_ECHO] = { "echo", 4 },
  [WEIR_EVENT_OUTCOME] = { "outcome", 7 },
  [WEIR_EVENT_OWN] = { "x-", 2 },
  [WEIR_EVENT_TIMER] = { "timer", 5 },
};

static const char *const kind_says[WEIR_EVENT_KINDS] = {
  [WEIR_EVENT_COMMENT] = "Somebody wrote under a post, for all to read.",
  [WEIR_EVENT_MESSAGE] = "Somebody wrote to the account, or in a room that it is in.",
  [WEIR_EVENT_FOLLOW] = "Somebody follows the account.",
  [WEIR_EVENT_UNFOLLOW] = "Somebody does not follow it any more.",
  [WEIR_EVENT_FRIEND_REQUEST] = "Somebody wants to be a friend, or to be let into a room.",
  [WEIR_EVENT_FRIEND_ADDED] = "Somebody is a friend now.",
  [WEIR_EVENT_JOIN] = "Somebody joined a room.",
  [WEIR_EVENT_LEAVE] = "Somebody left a room.",
  [WEIR_EVENT_CLICK] = "Somebody pressed a button or a menu.",
  [WEIR_EVENT_SCAN] = "Somebody scanned a code.",
  [WEIR_EVENT_ENTER] = "Somebody opened the conversation.",
  [WEIR_EVENT_SHARE] = "Somebody shared a post.",
  [WEIR_EVENT_PURCHASE] = "Somebody bought something.",
  [WEIR_EVENT_LINK] = "The gateway says that two contacts are one person.",
  [WEIR_EVENT_UNLINK] = "The gateway says that a contact is somebody else after all.",
  [WEIR_EVENT_ECHO] = "The account itself wrote, by us or by a human's hand.",
  [WEIR_EVENT_OUTCOME] = "The gateway says what became of an action.",
  [WEIR_EVENT_OWN] = "\"x-\" and more letters: an event of the gateway's own.",
  [WEIR_EVENT_TIMER] = "A timer of weir fell due.",
};

const char *weir_event_kind_says(weir_str name) {
  enum weir_event_kind kind;
  if (weir_str_eq(name, kind_names[WEIR_EVENT_OWN])) return kind_says[WEIR_EVENT_OWN];
  return weir_event_kind_parse(name, &kind) ? kind_says[kind] : "";
}

weir_str weir_event_kind_name(enum weir_event_kind kind) {
  return (unsigned)kind < WEIR_EVENT_KINDS ? kind_names[kind] : (weir_str){ "", 0 };
}

bool weir_event_kind_parse(weir_str name, enum weir_event_kind *kind) {
  *kind = WEIR_EVENT_OWN;
  if (name.len > 2 && weir_str_starts(name, kind_names[WEIR_EVENT_OWN])) return true;
  for (int i = 0; i < WEIR_EVENT_KINDS; i++) {
    if (i == WEIR_EVENT_OWN || !weir_str_eq(name, kind_names[i])) continue;
    *kind = (enum weir_event_kind)i;
    return true;
  }
  return false;
}

const weir_str *weir_event_kind_names(size_t *cnt) {
  *cnt = WEIR_EVENT_KINDS;
  return kind_names;
}

/* ---- what is acceptable */

/* Text that people see or systems compare: no NUL and no control characters, so that nothing can be forged in a log. */
static bool is_clean(weir_str s) {
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.ptr[i];
    if (c < 0x20 || c == 0x7f) return false;
  }
  return true;
}

/* UTF-8 by ranges (RFC 3629 section 4). Used for the short fields; the text is validated where it is folded. */
static bool is_utf8(weir_str s) {
  size_t i = 0;
  while (i < s.len) {
    unsigned char c = (unsigned char)s.ptr[i];
    if (c < 0x80) {
      i++;
      continue;
    }
    size_t more = c >= 0xc2 && c <= 0xdf ? 1 : c >= 0xe0 && c <= 0xef ? 2 : c >= 0xf0 && c <= 0xf4 ? 3 : 0;
    if (more == 0 || s.len - i <= more) return false;
    unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    unsigned char high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    for (size_t k = 1; k <= more; k++, low = 0x80, high = 0xbf) {
      unsigned char d = (unsigned char)s.ptr[i + k];
      if (d < low || d > high) return false;
    }
    i += more + 1;
  }
  return true;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Nothing but printable ASCII: true of nearly all ids and names, and looked at eight bytes at a time. False may mean nothing. */
static bool is_plain(weir_str s) {
  size_t i = 0;
  for (; i + 8 <= s.len; i += 8) {
    uint64_t v;
    memcpy(&v, s.ptr + i, sizeof v);
    /* a byte with its high bit set, one below 0x20, one that is 0x7f: a borrow or a carry may add others, never hide one */
    if ((v | (v - EACH(0x20)) | (v + EACH(0x01))) & EACH(0x80)) return false;
  }
  for (; i < s.len; i++) {
    unsigned char c = (unsigned char)s.ptr[i];
    if (c < 0x20 || c >= 0x7f) return false;
  }
  return true;
}

/* What people choose for themselves, and may be odd: valid, and not too long. */
static weir_status check_shown(const char *name, weir_str value, size_t max, weir_error *err) {
  if (value.len == 0) return WEIR_OK;
  if (!value.ptr) return weir_fail(err, WEIR_E_ARG, "\"%s\" has a length but no bytes", name);
  if (value.len > max) return weir_fail(err, WEIR_E_LIMIT, "\"%s\" has %zu bytes; at most %zu are allowed", name, value.len, max);
  if (!is_plain(value) && !is_utf8(value)) return weir_fail(err, WEIR_E_FORMAT, "\"%s\" is not valid UTF-8", name);
  return WEIR_OK;
}

static weir_status check_field(const char *name, weir_str value, size_t max, bool needed, weir_error *err) {
  if (needed && value.len == 0) return weir_fail(err, WEIR_E_EVENT, "the event has no \"%s\"; every event of this type needs one", name);
  weir_status st = check_shown(name, value, max, err);
  if (!st && !is_plain(value) && !is_clean(value)) st = weir_fail(err, WEIR_E_EVENT, "\"%s\" holds a control character", name);
  return st;
}

/* Channel and account are parts of names such as "douyin/papers" and of globs in rules. */
static weir_status check_name(const char *name, weir_str value, weir_error *err) {
  weir_status st = check_field(name, value, WEIR_ID_MAX, true, err);
  if (st) return st;
  for (size_t i = 0; i < value.len; i++) {
    char c = value.ptr[i];
    bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '@';
    if (!fits) return weir_fail(err, WEIR_E_EVENT, "\"%s\" may hold letters, digits and _ - . @ only, not \"%.*s\"", name, WEIR_FMT(value));
  }
  return WEIR_OK;
}

static weir_status check_lists(const weir_event *event, weir_error *err) {
  if (event->media_cnt > WEIR_MEDIA_MAX) {
    return weir_fail(err, WEIR_E_LIMIT, "the event has %zu media; at most %d are allowed", event->media_cnt, WEIR_MEDIA_MAX);
  }
  for (size_t i = 0; i < event->media_cnt; i++) {
    weir_status st = check_field("media", event->media[i], WEIR_MEDIA_URL_MAX, true, err);
    if (st) return st;
  }
  if (event->attr_cnt > WEIR_ATTR_MAX) {
    return weir_fail(err, WEIR_E_LIMIT, "the event has %zu attrs; at most %d are allowed", event->attr_cnt, WEIR_ATTR_MAX);
  }
  for (size_t i = 0; i < event->attr_cnt; i++) {
    weir_status st = check_field("attrs", event->attrs[i].key, WEIR_ATTR_KEY_MAX, true, err);
    if (!st) st = check_field("attrs", event->attrs[i].value, WEIR_ATTR_VALUE_MAX, false, err);
    if (st) return st;
  }
  return WEIR_OK;
}

static weir_status check_outcome(const weir_event_outcome *outcome, weir_error *err) {
  static const weir_str known[] = { { "sent", 4 }, { "rejected", 8 }, { "unconfirmed", 11 } };
  weir_status st = check_field("decision", outcome->decision, WEIR_ID_MAX, true, err);
  if (!st) st = check_field("status", outcome->status, WEIR_ID_MAX, true, err);
  if (!st) st = check_field("code", outcome->code, WEIR_ID_MAX, false, err);
  if (!st) st = check_field("platform_id", outcome->platform_id, WEIR_ID_MAX, false, err);
  if (st) return st;
  if (outcome->n < 1 || outcome->n > WEIR_ACTIONS_MAX) return weir_fail(err, WEIR_E_EVENT, "\"n\" must be the number of an action, 1 to %d", WEIR_ACTIONS_MAX);
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (weir_str_eq(outcome->status, known[i])) return WEIR_OK;
  }
  return weir_fail(err, WEIR_E_EVENT, "\"status\" is \"%.*s\"; it must be \"sent\", \"rejected\" or \"unconfirmed\"", WEIR_FMT(outcome->status));
}

static weir_status check_kind(weir_str type, enum weir_event_kind *kind, weir_error *err) {
  if (!weir_event_kind_parse(type, kind) || *kind == WEIR_EVENT_TIMER) {
    weir_str near = weir_nearest(type, kind_names, WEIR_EVENT_TIMER);
    *kind = WEIR_EVENT_COMMENT;
    if (near.len) return weir_fail(err, WEIR_E_EVENT, "\"%.*s\" is no event type; did you mean \"%.*s\"?", WEIR_FMT(type), WEIR_FMT(near));
    return weir_fail(err, WEIR_E_EVENT, "\"%.*s\" is no event type; own types begin with \"x-\"", WEIR_FMT(type));
  }
  return WEIR_OK;
}

weir_status weir_event_check(const weir_event *event, enum weir_event_kind *kind, weir_error *err) {
  *kind = WEIR_EVENT_COMMENT;
  weir_status st = check_field("type", event->type, WEIR_ATTR_KEY_MAX, true, err);
  if (!st) st = check_kind(event->type, kind, err);
  if (!st) st = check_field("id", event->id, WEIR_ID_MAX, true, err);
  if (!st) st = check_name("channel", event->channel, err);
  if (!st) st = check_name("account", event->account, err);
  if (!st) st = check_field("contact.id", event->contact_id, WEIR_ID_MAX, *kind != WEIR_EVENT_OUTCOME, err);
  if (!st) st = check_shown("contact.name", event->contact_name, WEIR_NAME_MAX, err);
  if (!st) st = check_field("post", event->post, WEIR_ID_MAX, false, err);
  if (!st) st = check_field("parent", event->parent, WEIR_ID_MAX, false, err);
  if (!st) st = check_field("room", event->room, WEIR_ID_MAX, false, err);
  if (!st) st = check_field("lang", event->lang, WEIR_ATTR_KEY_MAX, false, err);
  if (!st) st = check_field("inviter", event->inviter, WEIR_ID_MAX, false, err);
  if (!st) st = check_lists(event, err);
  if (!st && *kind == WEIR_EVENT_OUTCOME) st = check_outcome(&event->outcome, err);
  if (st) return st;
  if (event->text.len > WEIR_EVENT_JSON_MAX) return weir_fail(err, WEIR_E_LIMIT, "\"text\" has %zu bytes; at most %d are allowed", event->text.len, WEIR_EVENT_JSON_MAX);
  if (event->text.len && !event->text.ptr) return weir_fail(err, WEIR_E_ARG, "\"text\" has a length but no bytes");
  if (event->time_ms < WEIR_TIME_MIN_MS || event->time_ms > WEIR_TIME_MAX_MS) return weir_fail(err, WEIR_E_EVENT, "\"time\" lies outside the years 1970 to 9999");
  return WEIR_OK;
}

void weir_event_identity(const weir_event *event, unsigned char out[WEIR_ID_BYTES]) {
  unsigned char revision[8];
  for (int i = 0; i < 8; i++) revision[i] = (unsigned char)(event->revision >> (8 * i));
  const weir_str parts[] = { event->channel, event->account, event->type, event->id, { (const char *)revision, sizeof revision } };
  weir_id_hash((weir_str){ NULL, 0 }, parts, sizeof parts / sizeof *parts, out);
}
