/* regex_jit.c: machine code for regexes, on request (regex_jit.h says what it costs). */
#include "match/regex_jit.h"

#include "limits.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "match/regex_options.h"

struct weir_jit_code {
  struct weir_jit_code *next;
  pcre2_code *code;
};

/* PCRE2's own memory: what it takes for machine code cannot be told apart from what it takes while making it. */
static pcre2_code *compile(weir_str text, uint32_t options) {
  pcre2_compile_context *context = pcre2_compile_context_create(NULL);
  PCRE2_SIZE offset;
  pcre2_code *code;
  int error;
  if (!context) return NULL;
  weir_regex_options(context);
  code = pcre2_compile((PCRE2_SPTR)text.ptr, text.len, options, &error, &offset, context);
  pcre2_compile_context_free(context);
  return code;
}

weir_status weir_jit_begin(struct weir_jit *jit, weir_error *err) {
  uint32_t there = 0;
  pcre2_code *code;
  int made;
  *jit = (struct weir_jit){ .on = false };
  (void)pcre2_config(PCRE2_CONFIG_JIT, &there);
  if (!there) return weir_fail(err, WEIR_E_ARG, "machine code for regexes was asked for, and the PCRE2 of this system makes none: load without it");
  if (!(code = compile(WEIR_STR("a"), WEIR_REGEX_OPTIONS))) return weir_fail(err, WEIR_E_NOMEM, "no memory for machine code");
  made = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
  pcre2_code_free(code);
  if (made != 0) {
    return weir_fail(err, WEIR_E_ARG, "machine code for regexes was asked for, and this process may have no memory that is writable and executable: "
                                      "load without it, or allow it (systemd: MemoryDenyWriteExecute=no)");
  }
  jit->on = true;
  return WEIR_OK;
}

bool weir_jit_compile(struct weir_jit *jit, struct weir_arena *arena, weir_str text, uint32_t options, const void **code) {
  struct weir_jit_code *kept;
  size_t size = 0, machine = 0;
  pcre2_code *made = compile(text, options);
  *code = NULL;
  if (!made) return true;
  if (pcre2_jit_compile(made, PCRE2_JIT_COMPLETE) == 0) (void)pcre2_pattern_info(made, PCRE2_INFO_JITSIZE, &machine);
  if (machine == 0 || machine > WEIR_JIT_CODE_MAX) {
    pcre2_code_free(made);
    return true;
  }
  (void)pcre2_pattern_info(made, PCRE2_INFO_SIZE, &size);
  kept = weir_arena_alloc(arena, sizeof *kept);
  if (!kept || !weir_arena_charge(arena, size + machine)) {
    pcre2_code_free(made);
    return false;
  }
  *kept = (struct weir_jit_code){ jit->codes, made };
  jit->codes = kept;
  jit->bytes += size + machine;
  *code = made;
  return true;
}

void weir_jit_release(struct weir_jit *jit) {
  for (struct weir_jit_code *code = jit->codes; code; code = code->next) pcre2_code_free(code->code);
  jit->codes = NULL;
}
