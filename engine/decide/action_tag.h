/* action_tag.h: tag and untag are one action in two directions (action_tag.c). For this room only. */
#ifndef WEIR_DECIDE_ACTION_TAG_H
#define WEIR_DECIDE_ACTION_TAG_H

#include "decide/action_fields.h"

/* Makes the changes for the tags that are not yet as wanted, and notes those. */
weir_status weir_tags_change(const struct weir_action_kind *kind, const struct weir_fields *fields,
                             const struct weir_field_value *values, bool add, struct weir_decide *d, weir_error *err);

#endif
