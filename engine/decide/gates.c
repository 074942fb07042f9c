/* gates.c: the table of gates, and the helpers of their files. */
#include "decide/gates.h"

#include "decide/follow_up.h"
#include "decide/parse.h"

#define ENTRY(name) &weir_gate_##name,
static const struct weir_gate_kind *const kinds[] = { WEIR_GATES(ENTRY) };
#undef ENTRY

const struct weir_gate_kind *const *weir_gate_kinds(size_t *cnt) {
  *cnt = sizeof kinds / sizeof kinds[0];
  return kinds;
}

const struct weir_gate_kind *weir_gate_kind_find(weir_str name) {
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (weir_str_eq(name, weir_str_of(kinds[i]->name))) return kinds[i];
  }
  return NULL;
}

bool weir_gate_wants_silence(const struct weir_rule *rule) {
  const struct weir_follow_up *follow_up = weir_rule_follow_up(rule);
  bool wants = follow_up && follow_up->unless_reply;
  for (uint32_t i = 0; i < rule->gate_cnt; i++) {
    wants = wants || rule->gates[i].kind == &weir_gate_unless_reply || rule->gates[i].kind == &weir_gate_silent_for;
  }
  return wants;
}

weir_status weir_gate_parse_list(struct weir_parse *p, const struct weir_value *value, const void **data) {
  *data = NULL;
  struct weir_gate_list *list = weir_arena_zalloc(p->arena, sizeof *list);
  if (!list) return weir_parse_no_memory(p);
  weir_status status = weir_parse_strings(p, NULL, value, &list->items, &list->cnt);
  if (status == WEIR_OK) *data = list;
  return status;
}

bool weir_gate_list_has(const struct weir_gate_list *list, weir_str word) {
  for (uint32_t i = 0; i < list->cnt; i++) {
    if (weir_str_eq(list->items[i], word)) return true;
  }
  return false;
}

void weir_gate_say_list(struct weir_buf *out, const struct weir_gate_list *list) {
  for (uint32_t i = 0; i < list->cnt; i++) {
    if (i > 0) weir_buf_text(out, i + 1 < list->cnt ? ", " : " or ");
    weir_buf_str(out, list->items[i]);
  }
}

weir_status weir_gate_person(struct weir_decide *d, weir_error *err) {
  d->state_asked = true;
  return weir_decide_person(d, err);
}

weir_status weir_gate_held(struct weir_decide *d, const unsigned char key[WEIR_ID_BYTES], bool *held, weir_error *err) {
  int64_t until;
  d->state_asked = true;
  return d->store->ops->claim(d->store, &d->contact, key, d->now_ms, held, &until, err);
}

weir_status weir_gate_claim(struct weir_decide *d, const unsigned char key[WEIR_ID_BYTES], int64_t until_ms, weir_error *err) {
  struct weir_change change = { .kind = WEIR_CHANGE_CLAIM, .until_ms = until_ms };
  memcpy(change.key, key, WEIR_ID_BYTES);
  weir_decide_origin(d, change.origin);
  return weir_decide_change(d, &change, err);
}

weir_status weir_gate_check_channel(struct weir_parse *p, weir_str channel) {
  const struct weir_ruleset *rs = p->ruleset;
  weir_str names[WEIR_HINTS_MAX];
  size_t cnt = 0;
  for (uint32_t i = 0; i < rs->channel_cnt; i++) {
    if (weir_str_eq(rs->channels[i].name, channel)) return WEIR_OK;
    if (cnt < WEIR_HINTS_MAX) names[cnt++] = rs->channels[i].name;
  }
  for (uint32_t i = 0; i < rs->account_cnt; i++) {
    if (weir_str_eq(rs->accounts[i].channel, channel)) return WEIR_OK;
  }
  weir_str near = weir_nearest(channel, names, cnt), quoted = weir_parse_quote(channel);
  if (near.len == 0) return WEIR_OK; /* a gateway's own */
  return weir_parse_bad(p, NULL, "there is no channel \"%.*s\"; did you mean \"%.*s\"? A gateway's own is declared: channel \"%.*s\" {}", WEIR_FMT(quoted),
                        WEIR_FMT(near), WEIR_FMT(quoted));
}
