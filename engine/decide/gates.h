/* gates.h: the one list of gates, and what their files share. For this room only. A new gate is one new file and one line
 * here. */
#ifndef WEIR_DECIDE_GATES_H
#define WEIR_DECIDE_GATES_H

#include "decide/decide.h"

/* In the order in which they are asked: without state first, then from cheap to dear. */
#define WEIR_GATES(GATE) \
  GATE(channel)          \
  GATE(account)          \
  GATE(post)             \
  GATE(code)             \
  GATE(longest)          \
  GATE(is_follower)      \
  GATE(chance)           \
  GATE(first_time)       \
  GATE(follow_up)        \
  GATE(unless_reply)     \
  GATE(stage_is)         \
  GATE(stage_not)        \
  GATE(tag_has)          \
  GATE(tag_not)          \
  GATE(field)            \
  GATE(in_stage_for)     \
  GATE(silent_for)       \
  GATE(hours)            \
  GATE(weekdays)         \
  GATE(next_post)        \
  GATE(invited)          \
  GATE(segment)          \
  GATE(once)             \
  GATE(max)              \
  GATE(cooldown)

#define WEIR_GATE_DECLARE(name) extern const struct weir_gate_kind weir_gate_##name;
WEIR_GATES(WEIR_GATE_DECLARE)
#undef WEIR_GATE_DECLARE

/* A list of texts, as gates keep it. */
struct weir_gate_list {
  const weir_str *items;
  uint32_t cnt;
};
weir_status weir_gate_parse_list(struct weir_parse *p, const struct weir_value *value, const void **data);
bool weir_gate_list_has(const struct weir_gate_list *list, weir_str word);
/* "a, b or c" */
void weir_gate_say_list(struct weir_buf *out, const struct weir_gate_list *list);

/* Loads the person and notes that state was asked. */
weir_status weir_gate_person(struct weir_decide *d, weir_error *err);
/* Whether he holds the claim `key`. */
weir_status weir_gate_held(struct weir_decide *d, const unsigned char key[WEIR_ID_BYTES], bool *held, weir_error *err);
weir_status weir_gate_claim(struct weir_decide *d, const unsigned char key[WEIR_ID_BYTES], int64_t until_ms, weir_error *err);

/* Whether the person wrote to us after the timer that runs the rule was set; no timer, no. He must have been loaded. */
static inline bool weir_gate_replied(const struct weir_decide *d) { return d->since_ms > 0 && d->person.said_ms > d->since_ms; }

/* stage_is and stage_not (gate_stage_is.c): one list, asked both ways. */
weir_status weir_gate_parse_stages(struct weir_parse *p, const struct weir_value *value, const void **data);
bool weir_gate_in_stages(const void *data, const struct weir_person *person);
/* Whether who stands in that stage of the funnel (WEIR_NO_INDEX: in none) may be in the list; where he stands in others is open. */
bool weir_gate_may_be_in(const void *data, const struct weir_funnel *funnel, uint32_t stage);
/* "papers/added" or "none": where he stands in the funnels that the list is about */
void weir_gate_say_standing(struct weir_buf *out, const void *data, const struct weir_person *person);
void weir_gate_say_stages(struct weir_buf *out, const void *data);

/* tag_has and tag_not (gate_tag_has.c). */
weir_status weir_gate_parse_tags(struct weir_parse *p, const struct weir_value *value, struct weir_gate_list *list);
bool weir_gate_has_tag(const struct weir_person *person, weir_str tag);

/* A channel that nobody declared, and whose name is nearly that of one that is known, is a slip. */
weir_status weir_gate_check_channel(struct weir_parse *p, weir_str channel);

#endif
