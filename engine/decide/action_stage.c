/* action_stage.c: stage = "papers/asked": moves the person to a stage of a funnel. Forward only, in the funnel's order, unless
 * the rule says { "papers/asked", back = true }. With on = "sent" he moves when the platform has taken what the rule sent him; the
 * record says so beside the stage (flow/on_sent.h). Standing there already, or further on, is no action but a line in the
 * trace. A stage that the funnel no longer has counts as before its first. */
#include "decide/action_fields.h"
#include "decide/actions.h"
#include "decide/follow_up.h"
#include "decide/parse.h"
#include "decide/pending.h"
#include "decide/steps.h"
#include "decide/variant.h"
#include "flow/on_sent.h"
#include "limits.h"

static const struct weir_field items[] = {
  { .name = "stage", .type = WEIR_FIELD_STRING, .needed = true, .max = WEIR_PACK_NAME_MAX + 2 * WEIR_TAG_MAX },
  { .name = "back", .type = WEIR_FIELD_BOOL },
  { .name = "on", .type = WEIR_FIELD_STRING, .max = WEIR_TAG_MAX },
};
static const struct weir_fields fields = { items, sizeof items / sizeof items[0], .main = 0 };

enum { STAGE = 0, BACK = 1, ON = 2 };

struct stage {
  const struct weir_field_value *values;
  const struct weir_funnel *funnel;
  uint32_t index;
};

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  *data = NULL;
  struct stage *stage = weir_arena_zalloc(p->arena, sizeof *stage);
  if (!stage) return weir_parse_no_memory(p);
  weir_status status = weir_fields_parse(&fields, p, value, &stage->values);
  if (status == WEIR_OK) status = weir_parse_stage(p, NULL, stage->values[STAGE].u.strings[0], &stage->funnel, &stage->index);
  if (status == WEIR_OK && stage->values[ON].given) {
    if (!weir_str_eq(stage->values[ON].u.strings[0], WEIR_STR("sent"))) {
      return weir_parse_bad(p, "on", "a stage can wait for \"sent\" only, not for \"%.*s\"", WEIR_FMT(stage->values[ON].u.strings[0]));
    }
    p->needs_outbound = true;
  }
  if (status == WEIR_OK) *data = stage;
  return status;
}

/* The place of a stage in its funnel; -1: it has no such stage. */
static int64_t place_of(const struct weir_funnel *funnel, weir_str name) {
  for (uint32_t i = 0; i < funnel->stage_cnt; i++) {
    if (weir_str_eq(funnel->stages[i], name)) return i;
  }
  return -1;
}

static weir_status wait(const struct weir_action_kind *kind, const struct stage *stage, bool back, struct weir_decide *d, weir_error *err) {
  uint32_t changes_before = d->changes.cnt;
  unsigned char origin[WEIR_ID_BYTES];
  weir_decide_origin(d, origin);
  weir_status status = weir_on_sent_wait(&d->changes, origin, stage->funnel->name, stage->funnel->stages[stage->index], back, err);
  if (status != WEIR_OK) return status;
  weir_decide_trace(d, d->rule->name, WEIR_REASON_ACTION_WAITS, "stage: until something is sent");
  return weir_fields_note(kind, &fields, stage->values, NULL, changes_before, d, err);
}

static weir_status perform(const struct weir_action_kind *kind, const void *data, struct weir_decide *d, weir_error *err) {
  const struct stage *stage = data;
  weir_str target = stage->funnel->stages[stage->index];
  uint32_t changes_before = d->changes.cnt;
  weir_status status = weir_decide_person(d, err);
  if (status != WEIR_OK) return status;
  weir_str stands = weir_pending_stage(d, stage->funnel->name);
  int64_t place = place_of(stage->funnel, stands);
  if (place == (int64_t)stage->index) {
    weir_act_skip(d, kind, "stands in %.*s already", WEIR_FMT(target));
    return WEIR_OK;
  }
  bool back = stage->values[BACK].given && stage->values[BACK].u.yes;
  if (place > (int64_t)stage->index && !back) {
    weir_act_skip(d, kind, "%.*s lies behind %.*s, where he stands; back = true would allow it", WEIR_FMT(target),
                  WEIR_FMT(stands));
    return WEIR_OK;
  }
  if (stage->values[ON].given) return wait(kind, stage, back, d, err);
  struct weir_change change = { .kind = WEIR_CHANGE_STAGE, .name = stage->funnel->name, .value = target, .at_ms = d->now_ms };
  status = weir_decide_change(d, &change, err);
  if (status != WEIR_OK) return status;
  if (weir_pending_stage_cnt(d) > WEIR_STAGES_MAX) {
    weir_act_drop(d, kind, "person is in too many funnels", changes_before);
    return WEIR_OK;
  }
  if (stage->index == stage->funnel->goal && (status = weir_variant_goal(d, stage->funnel, err)) != WEIR_OK) return status;
  uint32_t dropped = d->dropped_cnt;
  status = weir_fields_note(kind, &fields, stage->values, NULL, changes_before, d, err);
  if (status != WEIR_OK || d->dropped_cnt != dropped) return status;
  return weir_steps_entered(d, stage->funnel, stands, stage->index, err);
}

const struct weir_action_kind weir_action_stage = {
  .name = "stage", .state = true, .takes = "\"funnel/stage\", or { \"funnel/stage\", back, on = \"sent\" }",
  .says = "Moves the person to a stage, forward only unless back = true; with on = \"sent\" when the first thing the rule sends was sent.", .parse = parse, .perform = perform,
};

const struct weir_funnel *weir_action_leads_to(const struct weir_action_def *action, uint32_t *stage) {
  const struct stage *target = action->data;
  *stage = WEIR_NO_INDEX;
  if (action->kind != &weir_action_stage) return NULL;
  *stage = target->index;
  return target->funnel;
}
