/* collect.h: what collect.c and globals.c share while one rule file runs. Private to load/; needs lua.h. */
#ifndef WEIR_LOAD_COLLECT_H
#define WEIR_LOAD_COLLECT_H

#include <lua.h>

#include "load/load.h"

struct weir_collect {
  struct weir_load *load;
  uint32_t file;
  const char *chunkname;    /* "@pack/ask.lua" */
  uint64_t steps_left;      /* of all files */
  struct weir_value copied; /* by the copy at hand */
};

/* The line of the rule file that is being run; 0: unknown. */
uint32_t weir_collect_line(lua_State *L, const struct weir_collect *c);

/* The column of `word` in a line of the rule file; 0: it is not there. */
uint32_t weir_collect_column(const struct weir_collect *c, uint32_t line, weir_str word);

/* Pushes the global environment of a rule file: the words of the table at index `vocabulary`, the sandbox's library, and
 * nothing else. Reading or making any other global is told as an error, and the file goes on. */
void weir_collect_push_env(lua_State *L, struct weir_collect *c, int vocabulary);
/* Pushes what stands in for something that was told to be wrong: it may be called, indexed and written to. */
void weir_collect_push_sponge(lua_State *L);

#endif
