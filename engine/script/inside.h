/* inside.h: what the files of script/ share and nobody else may see: the sandbox itself, and the parts of its library. */
#ifndef WEIR_SCRIPT_INSIDE_H
#define WEIR_SCRIPT_INSIDE_H

#include "limits.h"

#include <lauxlib.h>
#include <locale.h>

#include "base/buf.h"
#include "base/heap.h"
#include "script/sandbox.h"

/* What a source uses that can make an instruction slow. */
#define WEIR_MARK_MODULO 1u /* the operator % */
#define WEIR_MARK_FLOAT 2u  /* something that can make a float: / or 0.5 or math or tonumber or _ENV */
#define WEIR_MARK_LENGTH 4u /* the operator # */
#define WEIR_MARK_JOIN 8u   /* the operator .. */
#define WEIR_MARK_ALL 15u

/* Which wall was hit. Once set it stays until the state is rebuilt. */
enum weir_wall { WEIR_WALL_NONE = 0, WEIR_WALL_WORK, WEIR_WALL_MEMORY, WEIR_WALL_CHURN, WEIR_WALL_DEADLINE };

struct weir_sandbox {
  lua_State *L;
  struct weir_heap *heap;
  char *scratch;                /* WEIR_SCRIPT_STRING_MAX bytes in which library functions build their results */
  locale_t locale;              /* "C": text order and number formats must not depend on the host */
  struct weir_sandbox_limits limits;
  bool (*deadline)(void *ctx);
  void *deadline_ctx;
  void (*line)(void *ctx, uint32_t line); /* told of each line that a script comes to; NULL: nobody asks, and no hook is set for it */
  void *line_ctx;

  bool inside;                  /* between the two ends of weir_sandbox_enter: only then the limits hold */
  bool hosting;                 /* what is asked for now is weir's own wish, not the script's: it does not raise the price */
  bool sorting;                 /* inside table.sort, which a comparison may not call again */
  bool arena_full;              /* a copy failed for want of arena, not by the script's fault */
  enum weir_wall wall;
  char where[WEIR_SCRIPT_WHERE_MAX];               /* "file:line" at which the wall was hit, when known */

  uint64_t steps, next_ask;     /* work done; when to ask the deadline again */
  size_t live, base, churn;     /* bytes held, bytes held when the script began, bytes asked for since */
  uint32_t failed;              /* allocations refused since */

  /* The price of one VM instruction follows the largest things a script ever held, because a single instruction may
   * compare two strings, walk a chain of keys or copy a stack. */
  uint64_t price;
  unsigned marks;               /* WEIR_MARK_...: what the loaded code uses */
  size_t longest, second;       /* strings */
  size_t hash_max, block_max;   /* hash parts; other arrays, the stack included */
  size_t hash_unit, block_unit;
  size_t node;                  /* bytes of one slot of a hash part, measured when the state is made */
  size_t last_block;            /* the newest array asked for: how `node` is measured */

  uint64_t random[4];
  uint64_t allocs, fail_at;     /* fault injection, for tests: the allocation that fails, counted from 1; 0: none */
  bool fail_ever;
};

static inline struct weir_sandbox *weir_sandbox_of(lua_State *L) { return *(struct weir_sandbox **)lua_getextraspace(L); }
/* Charges work on `len` bytes. */
static inline void weir_sandbox_charge_bytes(lua_State *L, size_t len) {
  weir_sandbox_charge(L, 1 + len / WEIR_SCRIPT_BYTES_STEP);
}
/* The price of an instruction from what is known now. */
void weir_sandbox_price(struct weir_sandbox *box);
/* The script proper begins here: what was used before (loading its chunk) does not count. Only inside enter. */
void weir_sandbox_begin(lua_State *L);

/* Opens the library: registers the read-only libraries and the environment's metatable. Raises on no memory. */
void weir_library_open(lua_State *L);
/* Push one table of functions each. */
void weir_library_string(lua_State *L);
void weir_library_table(lua_State *L);
void weir_library_math(lua_State *L);
void weir_library_utf8(lua_State *L);
int weir_library_pairs(lua_State *L);
int weir_library_ipairs(lua_State *L);
/* A number among the arguments, for all library functions: what a text costs that stands for one is charged. */
lua_Integer weir_library_integer(lua_State *L, int arg);
lua_Integer weir_library_integer_or(lua_State *L, int arg, lua_Integer absent);
lua_Number weir_library_float(lua_State *L, int arg);
/* Pushes what `buf` holds, or raises when it did not fit. */
int weir_library_result(lua_State *L, const struct weir_buf *buf);
/* Appends the text form of a number as tostring gives it. */
void weir_library_number(lua_State *L, int index, struct weir_buf *buf);

/* Heap sort over things that only the callbacks know; in place, no recursion, and safe whatever `less` answers. */
struct weir_order {
  bool (*less)(void *ctx, size_t a, size_t b);
  void (*swap)(void *ctx, size_t a, size_t b);
  void *ctx;
};
void weir_order_sort(const struct weir_order *order, size_t cnt);

/* Length of the UTF-8 character at the head of `s` and its code point; 0 when it is none (RFC 3629). */
size_t weir_script_utf8(weir_str s, uint32_t *code);

struct weir_source {
  weir_str text;
  unsigned char *marks; /* one for each line, zeroed; room for weir_source_lines */
  uint32_t line;        /* of the problem */
  const char *problem;  /* NULL: none */
  uint64_t items;       /* what the compiler's time may grow with the square of: numerals, labels and jumps */
};
/* At least the number of lines. */
size_t weir_source_lines(weir_str text);
/* Reads a Lua source without compiling it. false: it holds something that is refused, line and problem say where and why. */
bool weir_source_scan(struct weir_source *source);

#endif
