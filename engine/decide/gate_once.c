/* gate_once.c: once = true (the same as "person"), "person", "post", "room" or "day": the rule fires once for each person, or once
 * for each person and post, room or day (where he lives). The mark is held for WEIR_CLAIM_MS, and hangs on the rule's identity, not on its text. */
#include "decide/gates.h"

#include "decide/parse.h"
#include "limits.h"

enum scope { SCOPE_PERSON = 0, SCOPE_POST, SCOPE_ROOM, SCOPE_DAY, SCOPE_CNT };

#define DAY_MS INT64_C(86400000)

static const weir_str names[SCOPE_CNT] = { { "person", 6 }, { "post", 4 }, { "room", 4 }, { "day", 3 } };

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  *data = NULL;
  enum scope *scope = weir_arena_zalloc(p->arena, sizeof *scope);
  if (!scope) return weir_parse_no_memory(p);
  bool yes = value && value->kind == WEIR_VALUE_BOOL && value->u.b;
  if (!yes) {
    if (!value || value->kind != WEIR_VALUE_STR) {
      return weir_parse_bad(p, NULL, "expected true, \"person\", \"post\", \"room\" or \"day\", not %s", weir_value_says(value));
    }
    while (*scope < SCOPE_CNT && !weir_str_eq(names[*scope], value->u.s)) *scope = (enum scope)(*scope + 1);
    if (*scope == SCOPE_CNT) {
      weir_str quoted = weir_parse_quote(value->u.s), near = weir_nearest(value->u.s, names, SCOPE_CNT);
      if (near.len)
        return weir_parse_bad(p, NULL, "\"%.*s\" is none of \"person\", \"post\", \"room\", \"day\"; did you mean \"%.*s\"?",
                              WEIR_FMT(quoted), WEIR_FMT(near));
      return weir_parse_bad(p, NULL, "\"%.*s\" is none of \"person\", \"post\", \"room\", \"day\"", WEIR_FMT(quoted));
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

/* Of a day there is one key on all channels: a person has one day. */
static weir_status day_key(struct weir_decide *d, unsigned char key[WEIR_ID_BYTES], weir_error *err) {
  int64_t day;
  weir_status status = weir_decide_day(d, &day, err);
  weir_str parts[] = { WEIR_STR("once"), { (const char *)d->rule->id, sizeof d->rule->id }, names[SCOPE_DAY], { (const char *)&day, sizeof day } };
  weir_id_hash((weir_str){ NULL, 0 }, parts, 4, key);
  return status;
}

static weir_status key_of(const void *data, struct weir_decide *d, unsigned char key[WEIR_ID_BYTES], weir_error *err) {
  enum scope scope = scope_of(data, d);
  if (scope == SCOPE_DAY) return day_key(d, key, err);
  weir_str id = { (const char *)d->rule->id, sizeof d->rule->id };
  weir_str where = scope == SCOPE_POST ? d->event->post : d->event->room;
  weir_str parts[] = { WEIR_STR("once"), id, names[scope], d->event->channel, where };
  weir_id_hash((weir_str){ NULL, 0 }, parts, scope == SCOPE_PERSON ? 3 : 5, key);
  return WEIR_OK;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  bool held;
  if (key_of(data, d, key, err) != WEIR_OK || weir_gate_held(d, key, &held, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  return held ? WEIR_GATE_FAIL : WEIR_GATE_PASS;
}

static weir_status claim(const void *data, struct weir_decide *d, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  weir_status status = key_of(data, d, key, err);
  if (status != WEIR_OK) return status;
  /* a day lasts 25 hours at most, and who travels has it twice as long */
  return weir_gate_claim(d, key, d->now_ms + (scope_of(data, d) == SCOPE_DAY ? 2 * DAY_MS : WEIR_CLAIM_MS), err);
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  enum scope scope = scope_of(data, d);
  weir_buf_text(out, "once: it fired for this person");
  if (scope == SCOPE_POST) weir_buf_text(out, " and post");
  if (scope == SCOPE_ROOM) weir_buf_text(out, " and room");
  if (scope == SCOPE_DAY) {
    weir_buf_text(out, " today");
    return;
  }
  weir_buf_text(out, " before");
}

const struct weir_gate_kind weir_gate_once = {
  .name = "once",
  .on_state = true,
  .takes = "true, \"person\", \"post\", \"room\" or \"day\"",
  .says = "Fires once for each person, or once for each person and post, room or day (where he lives).",
  .parse = parse,
  .ask = ask,
  .claim = claim,
  .explain = explain,
};
