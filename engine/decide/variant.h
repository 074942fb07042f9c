/* variant.h: experiments: which of a rule's variants a person gets, and what became of it. A person always gets the same one: it is
 * chosen by a hash of rule and contact, and kept with him as he keeps a pool's member, so that joining, parting and reloading change
 * nothing. Counted are persons, what their messages came to, and how many of them reached a goal of the rule's pack: each once. */
#ifndef WEIR_DECIDE_VARIANT_H
#define WEIR_DECIDE_VARIANT_H

#include "decide/decide.h"

/* The variant of the rule at hand for the person at hand; NULL: the rule has none. *fresh: he had none before. */
const struct weir_variant *weir_variant_choose(const struct weir_decide *d, bool *fresh);
/* Adds the changes that keep it with him and count him. */
weir_status weir_variant_keep(struct weir_decide *d, const struct weir_variant *variant, weir_error *err);
/* He reaches the goal of `funnel`: counts for each variant that he got in that pack, once. */
weir_status weir_variant_goal(struct weir_decide *d, const struct weir_funnel *funnel, weir_error *err);

#endif
