/* actions.c: the table of actions, and the verbs that handlers have: the same names, and "after". */
#include "decide/actions.h"

#define ENTRY(name) &weir_action_##name,
static const struct weir_action_kind *const kinds[] = { WEIR_ACTIONS(ENTRY) };
#undef ENTRY

#define VERB(name) { #name, sizeof #name - 1 },
static const weir_str verbs[] = { WEIR_ACTIONS(VERB) { "after", sizeof "after" - 1 } };
#undef VERB

const struct weir_action_kind *const *weir_action_kinds(size_t *cnt) {
  *cnt = sizeof kinds / sizeof kinds[0];
  return kinds;
}

const struct weir_action_kind *weir_action_kind_find(weir_str name) {
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (weir_str_eq(name, weir_str_of(kinds[i]->name))) return kinds[i];
  }
  return NULL;
}

const weir_str *weir_decide_verbs(uint32_t *cnt) {
  *cnt = (uint32_t)(sizeof verbs / sizeof verbs[0]);
  return verbs;
}
