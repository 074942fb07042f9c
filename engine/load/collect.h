/* collect.h: what collect.c, globals.c and include.c share while one rule file runs. Private to load/; needs lua.h. */
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
  bool again;               /* a file that packs share, run for another file of the pack: its lists are there */
  bool unread;              /* something that the file includes was not read, and that was told */
};

/* The line of the rule file that is being run; 0: unknown. */
uint32_t weir_collect_line(lua_State *L, const struct weir_collect *c);

/* The column of `word` in a line of the rule file; 0: it is not there. */
uint32_t weir_collect_column(const struct weir_collect *c, uint32_t line, weir_str word);

/* Pushes the global environment of a rule file: the words of the table at index `vocabulary`, the sandbox's library, and
 * nothing else. Reading or making any other global is told as an error, and the file goes on. */
void weir_collect_push_env(lua_State *L, struct weir_collect *c, int vocabulary);
/* Pushes `words`, into which word lists are written. */
void weir_collect_push_words(lua_State *L, struct weir_collect *c);
/* Pushes `include`. */
void weir_collect_push_include(lua_State *L, struct weir_collect *c);
/* Pushes the file's function, its environment made of the vocabulary at that index; false: nothing is pushed, its syntax errors are told. */
bool weir_collect_load(lua_State *L, struct weir_collect *c, int vocabulary);
/* Tells of an error that the running file raised. */
void weir_collect_tell_error(struct weir_load *load, const struct weir_collect *c, const char *message);
/* Pushes what stands in for something that was told to be wrong: it may be called, indexed and written to. */
void weir_collect_push_sponge(lua_State *L);

#endif
