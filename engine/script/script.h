/* script/: the walls around Lua, and the verbs that handlers call. Uses model/ and base/. With load/ the only place that
 * includes lua.h. A script can neither reach the host nor outlive its budget; it changes nothing: it returns calls, which
 * the rooms above check and carry out after it has ended.
 *
 * script.h: running handlers. No lua.h needed to use it.
 *
 * The walls: an allow-list of functions, all else absent; library tables that cannot be written; a fresh environment for
 * each event; one budget of work shared by VM instructions and library functions; a heap of its own with limits on live
 * bytes, on churn and on failed allocations; a kill that nothing in the script can catch (there is no pcall, coroutine,
 * metatable or finalizer to catch it with); one protected entry, so that no failed allocation can abort the host. */
#ifndef WEIR_SCRIPT_SCRIPT_H
#define WEIR_SCRIPT_SCRIPT_H

#include "base/arena.h"
#include "model/person.h"
#include "model/ruleset.h"
#include "limits.h"

struct weir_script;

/* What a handler sees as `e`. Names were made safe to show; texts are as they came: what a handler says is made safe when it
 * goes out. */
struct weir_script_event {
  const weir_event *event;
  enum weir_event_kind kind;
  weir_str rule;                 /* "pack/rule" at hand */
  weir_str text;                 /* e.text: original text, cut as it was matched */
  const weir_str *groups;        /* e.match[0] the whole match, [1].. captures; absent ones empty */
  uint32_t group_cnt;
  const struct weir_person *person; /* e.person: name, tags (set: e.person.tags["vip"]), fields, stages by funnel, known */
  const char *pack;              /* NUL-terminated: stages of its own funnels are seen without "pack/" */
  int64_t now_ms;
  uint64_t seed;                 /* of math.random */
};

/* One verb a handler called: e:reply{...} is verb "reply" with one argument. */
struct weir_call {
  weir_str verb;
  struct weir_value args[2];
  uint32_t arg_cnt;
};

enum weir_script_result {
  WEIR_SCRIPT_FIRED = 0,
  WEIR_SCRIPT_DECLINED, /* it returned false */
  WEIR_SCRIPT_FAILED,   /* an error in the script: message says what and where */
  WEIR_SCRIPT_KILLED    /* a limit struck: message begins with its name ("work", "memory", "churn", "deadline") */
};

struct weir_script_run {
  struct weir_call *calls; /* in the arena; empty unless FIRED */
  uint32_t call_cnt;
  uint64_t steps;          /* work done */
  char message[WEIR_SCRIPT_MESSAGE_MAX];
};

/* What `e` of a handler has beside its verbs, by number: a name, what it is, what it says. false: no more. */
bool weir_script_field(size_t index, const char **name, const char **is, const char **says);

/* Bytes of a block for one engine's scripts. */
size_t weir_script_bytes(void);
/* `verbs`: the names that `e` has as methods ("reply", "after", ...). A chunk is loaded when it runs and not kept.
 * `block`, `chunks` and `verbs` must outlive it. Errors: WEIR_E_NOMEM, WEIR_E_SCRIPT. */
weir_status weir_script_open(struct weir_script **out, void *block, size_t len, const struct weir_chunk *chunks, uint32_t chunk_cnt,
                             const weir_str *verbs, uint32_t verb_cnt, weir_error *err);
/* Bytes of Lua's heap: held now, held at most ever, and how many there are. */
void weir_script_memory(const struct weir_script *script, size_t *live, size_t *peak, size_t *limit);
void weir_script_deadline(struct weir_script *script, bool (*deadline)(void *ctx), void *ctx);
/* For tests: `line` is told of the number of each line of a handler that is run, in the order in which they are. NULL: nobody asks. */
void weir_script_lines(struct weir_script *script, void (*line)(void *ctx, uint32_t line), void *ctx);
/* The lines that hold a handler's code, by index from 0: numbers, as weir_script_lines tells them. false: no more. Not among them: the
 * handler's last line, its `end`, and the lines of functions inside it. */
bool weir_chunk_line(const struct weir_chunk *chunk, size_t index, uint32_t *line);

/* Runs one handler. After a kill the state is built anew before the next run. Values in run->calls are copies in `arena`.
 * Errors: WEIR_E_NOMEM (the arena), WEIR_E_SCRIPT (the state cannot be built). */
weir_status weir_script_run(struct weir_script *script, uint32_t chunk, const struct weir_script_event *event, struct weir_arena *arena,
                            enum weir_script_result *result, struct weir_script_run *run, weir_error *err);

#endif
