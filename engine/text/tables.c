/* tables.c: holds the generated tables once, for all of text/. It may hold nothing else: what the tables say is decided
 * in tools/fold_tables.c. */
#define WEIR_TABLES_DEFINE
#include "text/tables.h"

#include "limits.h"

_Static_assert(WEIR_FOLD_GROWTH == WEIR_FOLD_GROWTH_FOUND, "limits.h: the worst growth is what the generator found");
