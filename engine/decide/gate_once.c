/* gate_once.c: once = true (the same as "person"), "person", "post" or "room": the rule fires once for each person, or once for
 * each person and post or room. The mark is held for WEIR_CLAIM_MS, and hangs on the rule's identity, not on its text. */
#include "decide/gates.h"

#include "decide/parse.h"
#include "limits.h"

enum scope { SCOPE_PERSON = 0, SCOPE_POST, SCOPE_ROOM, SCOPE_CNT };

static const weir_str names[SCOPE_CNT] = { { "person", 6 }, { "post", 4 }, { "room", 4 } };

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  *data = NULL;
  enum scope *scope = weir_arena_zalloc(p->arena, sizeof *scope);
  if (!scope) return weir_parse_no_memory(p);
  bool yes = value && value->kind == WEIR_VALUE_BOOL && value->u.b;
  if (!yes) {
    if (!value || value->kind != WEIR_VALUE_STR) {
      return weir_parse_bad(p, NULL, "expected true, \"person\", \"post\" or \"room\", not %s", weir_value_says(value));
    }
    while (*scope < SCOPE_CNT && !weir_str_eq(names[*scope], value->u.s)) *scope = (enum scope)(*scope + 1);
    if (*scope == SCOPE_CNT) {
      weir_str quoted = weir_parse_quote(value->u.s), near = weir_nearest(value->u.s, names, SCOPE_CNT);
      if (near.len)
        return weir_parse_bad(p, NULL, "\"%.*s\" is none of \"person\", \"post\", \"room\"; did you mean \"%.*s\"?",
                              WEIR_FMT(quoted), WEIR_FMT(near));
      return weir_parse_bad(p, NULL, "\"%.*s\" is none of \"person\", \"post\", \"room\"", WEIR_FMT(quoted));
    }
  }
  *data = scope;
  return WEIR_OK;
}

/* An event without a post or room counts for the person. */
static enum scope scope_of(const void *data, const struct weir_decide *d) {
  enum scope scope = *(const enum scope *)data;
  if (scope == SCOPE_POST && d->event->post.len == 0) return SCOPE_PERSON;
  if (scope == SCOPE_ROOM && d->event->room.len == 0) return SCOPE_PERSON;
  return scope;
}

static void key_of(const void *data, const struct weir_decide *d, unsigned char key[WEIR_ID_BYTES]) {
  enum scope scope = scope_of(data, d);
  weir_str id = { (const char *)d->rule->id, sizeof d->rule->id };
  weir_str where = scope == SCOPE_POST ? d->event->post : d->event->room;
  weir_str parts[] = { WEIR_STR("once"), id, names[scope], d->event->channel, where };
  weir_id_hash((weir_str){ NULL, 0 }, parts, scope == SCOPE_PERSON ? 3 : 5, key);
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  bool held;
  key_of(data, d, key);
  if (weir_gate_held(d, key, &held, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  return held ? WEIR_GATE_FAIL : WEIR_GATE_PASS;
}

static weir_status claim(const void *data, struct weir_decide *d, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  key_of(data, d, key);
  return weir_gate_claim(d, key, d->now_ms + WEIR_CLAIM_MS, err);
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  enum scope scope = scope_of(data, d);
  weir_buf_text(out, "once: it fired for this person");
  if (scope == SCOPE_POST) weir_buf_text(out, " and post");
  if (scope == SCOPE_ROOM) weir_buf_text(out, " and room");
  weir_buf_text(out, " before");
}

const struct weir_gate_kind weir_gate_once = {
  .name = "once",
  .on_state = true,
  .takes = "true, \"person\", \"post\" or \"room\"",
  .says = "Fires once for each person, or once for each person and post or room.",
  .parse = parse,
  .ask = ask,
  .claim = claim,
  .explain = explain,
};
