/* code.h: the single-use code of {code}. For this room only; finding one is declared in decide.h. */
#ifndef WEIR_DECIDE_CODE_H
#define WEIR_DECIDE_CODE_H

#include "decide/decide.h"

/* The code for the person at hand, in upper case, in d->arena, and the change that makes it lead to him from now on for
 * as long as its spec says: his live one if he has one, else a new one. Empty: none is free. */
weir_status weir_code_give(struct weir_decide *d, weir_str *out, weir_error *err);

#endif
