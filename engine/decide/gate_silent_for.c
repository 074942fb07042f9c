/* gate_silent_for.c: silent_for = "14d": nothing was heard of the person for so long. When he was last seen is kept to the hour; of
 * somebody unknown it is not known. */
#include "decide/gates.h"
#include "decide/parse.h"
#include "limits.h"

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  int64_t to;
  *data = NULL;
  int64_t *length = weir_arena_zalloc(p->arena, sizeof *length);
  if (!length) return weir_parse_no_memory(p);
  weir_status status = weir_parse_duration(p, NULL, value, length, &to);
  if (status != WEIR_OK) return status;
  if (*length != to) return weir_parse_bad(p, NULL, "expected one length of time such as \"14d\", not a range");
  if (*length < WEIR_SILENT_MIN_MS) return weir_parse_bad(p, NULL, "when somebody was last seen is kept to the hour: write \"1h\" or more");
  *data = length;
  return WEIR_OK;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  if (weir_gate_person(d, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  bool silent = d->person.id != 0 && d->person.last_seen_ms <= d->now_ms - *(const int64_t *)data;
  return silent ? WEIR_GATE_PASS : WEIR_GATE_FAIL;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  (void)data;
  if (d->person.id == 0) {
    weir_buf_text(out, "nobody is known under this contact");
    return;
  }
  weir_buf_text(out, "silent for ");
  weir_buf_int(out, (d->now_ms - d->person.last_seen_ms) / 3600000);
  weir_buf_text(out, " h only");
}

const struct weir_gate_kind weir_gate_silent_for = {
  .name = "silent_for", .on_state = true, .needs_past = true, .takes = "a length of time such as \"14d\"", .says = "Nothing was heard of the person for so long.",
  .parse = parse, .ask = ask, .explain = explain,
};

int64_t weir_gate_silence(const struct weir_rule *rule) {
  for (uint32_t i = 0; i < rule->gate_cnt; i++) {
    if (rule->gates[i].kind == &weir_gate_silent_for) return *(const int64_t *)rule->gates[i].data;
  }
  return 0;
}
