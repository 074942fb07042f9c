/* check.h: what every store says of a changeset before it looks at its rows, so that all say the same. */
#ifndef WEIR_STATE_CHECK_H
#define WEIR_STATE_CHECK_H

#include "state/store.h"

/* WEIR_E_LIMIT when longer than `max`, WEIR_E_ARG when empty. */
weir_status weir_check_text(weir_str text, size_t max, const char *what, weir_error *err);
weir_status weir_check_contact(const struct weir_contact *contact, weir_error *err);
/* What can be said of a changeset without knowing the state; `known`: somebody is known under its contact. After it, what is
 * left of nobody are changes that need nobody (weir_change_needs_nobody), opting, and taking away, which is done already. */
weir_status weir_check_changes(const struct weir_changeset *changes, bool known, weir_error *err);
/* Changes that are about no person, whatever contact the changeset has. */
bool weir_change_needs_nobody(enum weir_change_kind kind);

/* The integer written in `text`, the nearest one that fits; 0 when it is none. */
int64_t weir_integer(weir_str text);
#define WEIR_COUNTER_CAP 24 /* fixed: bytes: any 64-bit integer in decimal, and a NUL */
/* A field that holds a number, with `add` to it: the integer written in `text` (0 when it is none), the nearest that fits. */
weir_str weir_counted(weir_str text, int64_t add, char out[WEIR_COUNTER_CAP]); /* fixed:  */

#endif
