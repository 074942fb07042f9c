/* pool.h: handing out a pool's members. For this room only. */
#ifndef WEIR_DECIDE_POOL_H
#define WEIR_DECIDE_POOL_H

#include "decide/decide.h"

/* The member of the pool that the person at hand was given, or is given now, with the change that says so. Empty: all members
 * are used up or taken out. */
weir_status weir_pool_give(struct weir_decide *d, const struct weir_pool *pool, weir_str *out, weir_error *err);

#endif
