/* gate_next_post.c: next_post = "2026-11-22T09:00:00+08:00": the event belongs to the next post of the account that was published
 * from then on. The gateway says when in attrs.post_time (RFC 3339, or milliseconds since 1970). The first such post under
 * which the rule fires is the one: from then on it lets through no other of that account. */
#include "base/clock.h"
#include "decide/gates.h"
#include "decide/parse.h"
#include "limits.h"

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  *data = NULL;
  int64_t *from = weir_arena_zalloc(p->arena, sizeof *from);
  if (!from) return weir_parse_no_memory(p);
  if (!value || value->kind != WEIR_VALUE_STR || !weir_time_parse(value->u.s, from))
    return weir_parse_bad(p, NULL, "expected the time from which the next post is meant, such as \"2026-11-22T09:00:00+08:00\"");
  *data = from;
  return WEIR_OK;
}

/* When the event's post was published. */
static bool post_time(const weir_event *event, int64_t *ms) {
  for (size_t i = 0; i < event->attr_cnt; i++) {
    weir_str text = event->attrs[i].value;
    if (!weir_str_eq(event->attrs[i].key, WEIR_STR("post_time"))) continue;
    if (weir_time_parse(text, ms)) return true;
    *ms = 0;
    for (size_t k = 0; k < text.len; k++) {
      if (text.ptr[k] < '0' || text.ptr[k] > '9' || *ms > WEIR_TIME_MAX_MS) return false;
      *ms = *ms * 10 + (text.ptr[k] - '0');
    }
    return text.len > 0;
  }
  return false;
}

static void key_of(const struct weir_decide *d, unsigned char key[WEIR_ID_BYTES]) {
  weir_str parts[] = { WEIR_STR("next post"), { (const char *)d->rule->id, sizeof d->rule->id }, d->contact.channel, d->contact.account };
  weir_id_hash((weir_str){ NULL, 0 }, parts, sizeof parts / sizeof parts[0], key);
}

/* A post as the store keeps it: WEIR_ID_CHARS. */
static weir_str name_of(const weir_event *event, char out[WEIR_ID_CHARS + 1]) {
  unsigned char id[WEIR_ID_BYTES];
  weir_id_hash(WEIR_STR("post"), &event->post, 1, id);
  return (weir_str){ out, weir_base64url(id, sizeof id, out) };
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  char name[WEIR_ID_CHARS + 1];
  weir_str taken;
  int64_t published;
  bool seen;
  if (!d->event->post.len || !post_time(d->event, &published) || published < *(const int64_t *)data) return WEIR_GATE_FAIL;
  key_of(d, key);
  if (d->store->ops->seen(d->store, key, d->now_ms, d->arena, &seen, &taken, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  return !seen || weir_str_eq(taken, name_of(d->event, name)) ? WEIR_GATE_PASS : WEIR_GATE_FAIL;
}

static weir_status claim(const void *data, struct weir_decide *d, weir_error *err) {
  char name[WEIR_ID_CHARS + 1];
  struct weir_change change = { .kind = WEIR_CHANGE_DEDUPE, .at_ms = d->now_ms, .until_ms = d->now_ms + WEIR_CLAIM_MS };
  (void)data;
  key_of(d, change.key);
  if (!weir_arena_str(d->arena, name_of(d->event, name), &change.value)) return weir_fail(err, WEIR_E_NOMEM, "the event's memory is used up");
  return weir_decide_change(d, &change, err);
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  int64_t published;
  if (!d->event->post.len) weir_buf_text(out, "there is no post");
  else if (!post_time(d->event, &published)) weir_buf_text(out, "nobody said when the post was published (attrs.post_time)");
  else if (published < *(const int64_t *)data) weir_buf_text(out, "the post is older than the next one");
  else weir_buf_text(out, "another post was the next one");
}

const struct weir_gate_kind weir_gate_next_post = {
  .name = "next_post", .on_state = true, .takes = "a time such as \"2026-11-22T09:00:00+08:00\"",
  .says = "The event belongs to the account's next post from then on; the first under which the rule fires.",
  .parse = parse, .ask = ask, .claim = claim, .explain = explain,
};
