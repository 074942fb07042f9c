/* event_json.c: reading an event. What is accepted can be written as JSON and read again to the same event. */
#include "base/buf.h"
#include "fuzz.h"
#include "model/event.h"

static unsigned char room[2][WEIR_EVENT_ARENA_BYTES];
static char written[WEIR_EVENT_JSON_MAX * 6]; /* one byte becomes at most \u00XX */

static void member(struct weir_buf *out, const char *key, weir_str value) {
  if (value.len) weir_json_member(out, key, value);
}

static void flag(struct weir_buf *out, const char *key, int8_t value) {
  MUST(value >= -1 && value <= 1);
  if (value < 0) return;
  weir_json_key(out, weir_str_of(key));
  weir_json_bool(out, value == 1);
}

static void write_lists(struct weir_buf *out, const weir_event *e) {
  weir_json_key(out, WEIR_STR("media"));
  weir_json_open(out, '[');
  for (size_t i = 0; i < e->media_cnt; i++) weir_json_str(out, e->media[i]);
  weir_json_close(out, ']');
  weir_json_key(out, WEIR_STR("attrs"));
  weir_json_open(out, '{');
  for (size_t i = 0; i < e->attr_cnt; i++) {
    weir_json_key(out, e->attrs[i].key);
    weir_json_str(out, e->attrs[i].value);
  }
  weir_json_close(out, '}');
}

static void write_event(struct weir_buf *out, const weir_event *e) {
  weir_json_open(out, '{');
  member(out, "id", e->id);
  weir_json_member_int(out, "time", e->time_ms);
  member(out, "channel", e->channel);
  member(out, "account", e->account);
  member(out, "type", e->type);
  weir_json_key(out, WEIR_STR("contact"));
  weir_json_open(out, '{');
  member(out, "id", e->contact_id);
  member(out, "name", e->contact_name);
  weir_json_close(out, '}');
  member(out, "text", e->text);
  member(out, "post", e->post);
  member(out, "parent", e->parent);
  member(out, "room", e->room);
  member(out, "lang", e->lang);
  member(out, "inviter", e->inviter);
  flag(out, "mentioned", e->mentioned);
  flag(out, "is_follower", e->is_follower);
  MUST(e->revision <= INT64_MAX);
  weir_json_member_int(out, "revision", (int64_t)e->revision);
  write_lists(out, e);
  member(out, "decision", e->outcome.decision);
  weir_json_member_int(out, "n", e->outcome.n);
  member(out, "status", e->outcome.status);
  member(out, "code", e->outcome.code);
  MUST(e->outcome.retry_after_ms % 1000 == 0);
  weir_json_member_int(out, "retry_after", e->outcome.retry_after_ms / 1000);
  member(out, "platform_id", e->outcome.platform_id);
  weir_json_close(out, '}');
}

static void must_equal(const weir_event *a, const weir_event *b) {
  const weir_str *const one[] = { &a->id, &a->channel, &a->account, &a->type, &a->contact_id, &a->contact_name, &a->text, &a->post,
                                  &a->parent, &a->room, &a->lang, &a->inviter, &a->outcome.decision, &a->outcome.status,
                                  &a->outcome.code, &a->outcome.platform_id };
  const weir_str *const two[] = { &b->id, &b->channel, &b->account, &b->type, &b->contact_id, &b->contact_name, &b->text, &b->post,
                                  &b->parent, &b->room, &b->lang, &b->inviter, &b->outcome.decision, &b->outcome.status,
                                  &b->outcome.code, &b->outcome.platform_id };
  for (size_t i = 0; i < sizeof one / sizeof one[0]; i++) MUST(weir_str_eq(*one[i], *two[i]));
  MUST(a->time_ms == b->time_ms && a->revision == b->revision && a->mentioned == b->mentioned && a->is_follower == b->is_follower);
  MUST(a->outcome.n == b->outcome.n && a->outcome.retry_after_ms == b->outcome.retry_after_ms);
  MUST(a->media_cnt == b->media_cnt && a->attr_cnt == b->attr_cnt);
  for (size_t i = 0; i < a->media_cnt; i++) MUST(weir_str_eq(a->media[i], b->media[i]));
  for (size_t i = 0; i < a->attr_cnt; i++) {
    MUST(weir_str_eq(a->attrs[i].key, b->attrs[i].key) && weir_str_eq(a->attrs[i].value, b->attrs[i].value));
  }
  unsigned char x[WEIR_ID_BYTES], y[WEIR_ID_BYTES];
  weir_event_identity(a, x);
  weir_event_identity(b, y);
  MUST(memcmp(x, y, sizeof x) == 0);
}

/* What was read stands under its own name in the text: a round trip would not see two fields exchanged. */
static void must_stand(weir_str text, const weir_event *e) {
  static struct weir_json nodes[WEIR_EVENT_NODES_MAX];
  static char decoded[WEIR_EVENT_JSON_MAX];
  const struct { const char *key; weir_str value; } said[] = {
    { "id", e->id }, { "channel", e->channel }, { "account", e->account }, { "type", e->type }, { "text", e->text }, { "post", e->post },
    { "parent", e->parent }, { "room", e->room }, { "lang", e->lang }, { "inviter", e->inviter }, { "decision", e->outcome.decision },
    { "status", e->outcome.status }, { "code", e->outcome.code }, { "platform_id", e->outcome.platform_id },
  };
  struct weir_arena arena;
  size_t cnt;
  weir_arena_fixed(&arena, decoded, sizeof decoded);
  MUST(weir_json_read(text, nodes, WEIR_EVENT_NODES_MAX, &arena, &cnt, NULL) == WEIR_OK);
  for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
    uint32_t at = weir_json_get(nodes, 0, weir_str_of(said[i].key));
    MUST(at != UINT32_MAX && weir_str_eq(said[i].value, at ? nodes[at].str : (weir_str){ NULL, 0 }));
  }
}

static weir_status read_event(weir_str text, int where, weir_event *event, enum weir_event_kind *kind) {
  struct weir_arena arena;
  weir_error err = { .status = WEIR_OK };
  weir_arena_fixed(&arena, room[where], sizeof room[where]);
  weir_status status = weir_event_read(text, &arena, event, &err);
  if (status == WEIR_OK) status = weir_event_check(event, kind, &err);
  if (status == WEIR_OK) return status;
  MUST(status == WEIR_E_FORMAT || status == WEIR_E_EVENT || status == WEIR_E_LIMIT);
  MUST_SAY(status, err);
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  weir_str text = fuzz_copy((weir_str){ (const char *)data, size }), copy;
  weir_event event, again;
  enum weir_event_kind kind, kind_again;
  if (read_event(text, 0, &event, &kind) == WEIR_OK) {
    struct weir_buf out;
    MUST(kind < WEIR_EVENT_KINDS && kind != WEIR_EVENT_TIMER);
    MUST(weir_str_starts(event.type, weir_event_kind_name(kind)));
    must_stand(text, &event);
    weir_buf_init(&out, written, sizeof written);
    write_event(&out, &event);
    MUST(!out.full);
    if (out.len <= WEIR_EVENT_JSON_MAX) {
      copy = fuzz_copy(weir_buf_view(&out));
      MUST(read_event(copy, 1, &again, &kind_again) == WEIR_OK && kind_again == kind);
      must_equal(&event, &again);
      fuzz_drop(copy);
      /* an object that lacks its end is none */
      copy = fuzz_copy((weir_str){ out.ptr, (size_t)event.time_ms % out.len });
      MUST(read_event(copy, 1, &again, &kind_again) == WEIR_E_FORMAT);
      fuzz_drop(copy);
    }
  }
  fuzz_drop(text);
  return 0;
}
