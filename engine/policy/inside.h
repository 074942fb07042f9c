/* inside.h: what the files of policy/ share about windows and quotas. Private to policy/. */
#ifndef WEIR_POLICY_INSIDE_H
#define WEIR_POLICY_INSIDE_H

#include "policy/policy.h"
#include "state/meter.h"

/* A meter as it will be when the changes of the decision so far are applied. */
weir_status weir_policy_meter(const struct weir_policy_ask *ask, const unsigned char key[WEIR_ID_BYTES], struct weir_meter *out, weir_error *err);
/* Adds a change to what the action uses up. */
void weir_policy_use(struct weir_policy_limits *out, enum weir_change_kind kind, const unsigned char key[WEIR_ID_BYTES], int64_t at_ms,
                     int64_t width_ms, int64_t until_ms);

/* window.c: sets *push when the action is one that goes while no window is open. DROP when it may not. */
weir_status weir_policy_window(const struct weir_policy_ask *ask, const struct weir_terms *terms, struct weir_policy_limits *out, bool *push,
                               weir_error *err);

/* quota.c */
weir_status weir_policy_quotas(const struct weir_policy_ask *ask, const struct weir_terms *terms, bool push, struct weir_policy_limits *out,
                               weir_error *err);
weir_status weir_policy_unasked(const struct weir_policy_ask *ask, struct weir_policy_limits *out, weir_error *err);

/* spacing.c */
weir_status weir_policy_spacing(const struct weir_policy_ask *ask, const struct weir_terms *terms, struct weir_policy_limits *out, weir_error *err);

/* similar.c: what is left of a text when what differs from person to person is taken out. Writes at most text.len bytes. */
size_t weir_policy_likeness(weir_str text, char *out);
void weir_policy_text_key(weir_str text, unsigned char key[WEIR_ID_BYTES]);

#endif
