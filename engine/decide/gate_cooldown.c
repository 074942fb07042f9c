/* gate_cooldown.c: cooldown = "10m": after the rule has fired for a person it rests that long for him. */
#include "decide/gates.h"

#include "decide/parse.h"

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  int64_t to;
  *data = NULL;
  int64_t *length = weir_arena_zalloc(p->arena, sizeof *length);
  if (!length) return weir_parse_no_memory(p);
  weir_status status = weir_parse_duration(p, NULL, value, length, &to);
  if (status != WEIR_OK) return status;
  if (*length != to) return weir_parse_bad(p, NULL, "expected one length of time such as \"10m\", not a range");
  if (to == 0) return weir_parse_bad(p, NULL, "no time at all: leave the line out, or write a length such as \"10m\"");
  *data = length;
  return WEIR_OK;
}

static void key_of(const struct weir_decide *d, unsigned char key[WEIR_ID_BYTES]) {
  weir_str parts[] = { WEIR_STR("cooldown"), { (const char *)d->rule->id, sizeof d->rule->id } };
  weir_id_hash((weir_str){ NULL, 0 }, parts, sizeof parts / sizeof parts[0], key);
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  bool held;
  (void)data;
  key_of(d, key);
  if (weir_gate_held(d, key, &held, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  return held ? WEIR_GATE_FAIL : WEIR_GATE_PASS;
}

static weir_status claim(const void *data, struct weir_decide *d, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  key_of(d, key);
  return weir_gate_claim(d, key, d->now_ms + *(const int64_t *)data, err);
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  (void)d;
  weir_buf_text(out, "cooldown: it fired for this person less than ");
  weir_buf_int(out, (*(const int64_t *)data + 999) / 1000);
  weir_buf_text(out, " s ago");
}

const struct weir_gate_kind weir_gate_cooldown = {
  .name = "cooldown",
  .on_state = true,
  .takes = "a length of time such as \"10m\"",
  .says = "After it has fired for a person the rule rests for this long.",
  .parse = parse,
  .ask = ask,
  .claim = claim,
  .explain = explain,
};
