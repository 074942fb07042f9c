/* object.h: what script.c and object.c share: the scripts of one engine, and the run at hand. */
#ifndef WEIR_SCRIPT_OBJECT_H
#define WEIR_SCRIPT_OBJECT_H

#include "script/inside.h"
#include "script/script.h"

struct weir_script {
  struct weir_sandbox *box;
  const struct weir_chunk *chunks;
  const weir_str *verbs;
  uint32_t chunk_cnt, verb_cnt;
  bool stale;                          /* the state must be built anew before it is used */
  size_t clean;                        /* bytes the state holds between two runs */

  /* The run at hand. */
  const struct weir_script_event *event;
  const struct weir_chunk *chunk;
  struct weir_arena *arena;
  size_t used_max;                     /* of the arena, for arguments */
  struct weir_call *calls;
  uint32_t call_cnt;
  bool declined;
};

/* Makes the metatable of `e` with the verbs. Raises on no memory. */
void weir_object_open(lua_State *L, struct weir_script *script);
/* Pushes a fresh `e`. */
void weir_object_push(lua_State *L);

#endif
