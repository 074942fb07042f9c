/* actions.h: the one list of actions. For this room only. A new action is one new file and one line here. */
#ifndef WEIR_DECIDE_ACTIONS_H
#define WEIR_DECIDE_ACTIONS_H

#include "decide/decide.h"

/* In the order in which the reference shows them. */
#define WEIR_ACTIONS(ACTION) \
  ACTION(reply)              \
  ACTION(message)            \
  ACTION(follow)             \
  ACTION(tag)                \
  ACTION(untag)              \
  ACTION(stage)              \
  ACTION(set)                \
  ACTION(incr)               \
  ACTION(streak)             \
  ACTION(invite)             \
  ACTION(accept)             \
  ACTION(like)               \
  ACTION(hide)               \
  ACTION(remark)             \
  ACTION(deliver)            \
  ACTION(handoff)            \
  ACTION(handback)           \
  ACTION(opt_out)            \
  ACTION(opt_in)             \
  ACTION(emit)

#define WEIR_ACTION_DECLARE(name) extern const struct weir_action_kind weir_action_##name;
WEIR_ACTIONS(WEIR_ACTION_DECLARE)
#undef WEIR_ACTION_DECLARE

#endif
