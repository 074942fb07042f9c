/* script_support.h: compiling handlers and running them, for the tests and the bench of script/. */
#ifndef WEIR_TESTS_SCRIPT_SUPPORT_H
#define WEIR_TESTS_SCRIPT_SUPPORT_H

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "script/sandbox.h"
#include "script/script.h"

/* A test that cannot go on has failed; a bench ends. */
#ifdef CMOCKA_H_
#define support_broken() fail_msg("there is no memory for the test, or the handler cannot be run")
#else
#define support_broken() abort()
#endif

static const weir_str support_verbs[] = {
  { "reply", 5 }, { "message", 7 }, { "follow", 6 }, { "tag", 3 }, { "stage", 5 }, { "after", 5 }, { "accept", 6 }, { "deliver", 7 },
};
#define SUPPORT_VERBS (sizeof support_verbs / sizeof *support_verbs)

/* ---- Rule files: run a source the way the loader does, and keep the functions it returns as chunks. */

#define SUPPORT_CHUNKS 1024
struct support_load {
  void *block;
  struct weir_sandbox *box;
  struct weir_arena arena;
  struct weir_chunk chunks[SUPPORT_CHUNKS];
  uint32_t chunk_cnt;
  bool lines; /* which lines hold code is asked */
  const char *source;
  const char *name;
  char message[512];
};

static inline int support_load_body(lua_State *L) {
  struct support_load *load = lua_touserdata(L, 1);
  int top;
  weir_sandbox_push_env(L);
  if (weir_sandbox_load(L, weir_str_of(load->source), load->name) != LUA_OK) return lua_error(L);
  top = lua_gettop(L) - 1;
  lua_call(L, 0, LUA_MULTRET);
  for (int i = top + 1; i <= lua_gettop(L); i++)
    if (lua_isfunction(L, i) && load->chunk_cnt < SUPPORT_CHUNKS) {
      struct weir_chunk *chunk = &load->chunks[load->chunk_cnt++];
      weir_sandbox_dump(L, i, &load->arena, chunk);
      if (load->lines) weir_sandbox_keep_lines(L, i, &load->arena, chunk);
    }
  return 0;
}

static inline struct support_load *support_load_open(size_t bytes, uint64_t steps) {
  struct support_load *load = calloc(1, sizeof *load);
  size_t block = bytes + (256u << 10);
  if (!load) support_broken();
  load->block = malloc(block);
  load->box = weir_sandbox_open(load->block, block);
  if (!load->box) support_broken();
  weir_sandbox_limits(load->box, &(struct weir_sandbox_limits){ steps, bytes, bytes * 16 });
  weir_arena_growing(&load->arena, 64u << 20);
  return load;
}

static inline enum weir_sandbox_end support_load_run(struct support_load *load, const char *source) {
  load->source = source;
  load->name = "@test.lua";
  return weir_sandbox_enter(load->box, support_load_body, load, load->message, sizeof load->message);
}

static inline void support_load_close(struct support_load *load) {
  weir_arena_release(&load->arena);
  free(load->block);
  free(load);
}

/* ---- Handlers */

struct support {
  struct support_load *load;
  void *block;
  struct weir_script *script;
  unsigned char *arena_block;
  struct weir_arena arena;
  weir_event event;
  weir_str groups[4];
  struct weir_script_event seen;
  struct weir_script_run run;
  weir_error err;
};

#define SUPPORT_ARENA (256u << 10)

/* `source` returns the handlers, one or several. NULL: it does not load; the message goes to stderr. */
static inline struct support *support_open(const char *source) {
  struct support *s = calloc(1, sizeof *s);
  if (!s) support_broken();
  s->load = support_load_open(16u << 20, 10000000);
  if (support_load_run(s->load, source) != WEIR_SANDBOX_DONE) {
    fprintf(stderr, "# does not load: %s\n", s->load->message);
    support_load_close(s->load);
    free(s);
    return NULL;
  }
  s->block = malloc(weir_script_bytes());
  s->arena_block = malloc(SUPPORT_ARENA);
  if (!s->block || !s->arena_block) support_broken();
  weir_arena_fixed(&s->arena, s->arena_block, SUPPORT_ARENA);
  if (weir_script_open(&s->script, s->block, weir_script_bytes(), s->load->chunks, s->load->chunk_cnt, support_verbs, SUPPORT_VERBS,
                       &s->err) != WEIR_OK)
    support_broken();
  s->event = (weir_event){ .struct_size = sizeof s->event, .id = WEIR_STR("c1"), .channel = WEIR_STR("douyin"), .account = WEIR_STR("papers"),
                           .type = WEIR_STR("comment"), .time_ms = 1763773200000, .contact_id = WEIR_STR("u1"),
                           .contact_name = WEIR_STR("Lin"), .text = WEIR_STR("please send link"), .post = WEIR_STR("v1") };
  s->groups[0] = WEIR_STR("send link");
  s->groups[1] = WEIR_STR("link");
  s->seen = (struct weir_script_event){ .event = &s->event, .kind = WEIR_EVENT_COMMENT, .rule = WEIR_STR("pack/ask"),
                                        .text = WEIR_STR("please send link"), .groups = s->groups, .group_cnt = 2, .pack = "pack",
                                        .now_ms = 1763773201000, .seed = 7 };
  return s;
}

static inline void support_close(struct support *s) {
  support_load_close(s->load);
  free(s->block);
  free(s->arena_block);
  free(s);
}

/* Runs handler `chunk`; a call that fails is the end. */
static inline enum weir_script_result support_run(struct support *s, uint32_t chunk) {
  enum weir_script_result result;
  weir_arena_reset(&s->arena);
  if (weir_script_run(s->script, chunk, &s->seen, &s->arena, &result, &s->run, &s->err) != WEIR_OK) {
    fprintf(stderr, "# weir_script_run: %s\n", s->err.message);
    support_broken();
  }
  return result;
}

#endif
