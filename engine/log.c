/* log.c: what an engine says beside its answers, to whoever gave it a callback. It is put together on the stack, and costs nothing
 * when nobody listens. */
#include <stdarg.h>
#include <stdio.h>

#include "engine.h"
#include "limits.h"


const char *weir_log_level_name(weir_log_level level) {
  static const char *const names[] = { "none", "error", "warning", "info", "debug" };
  return level >= WEIR_LOG_ERROR && level <= WEIR_LOG_DEBUG ? names[level] : names[0];
}

bool weir_engine_listens(const weir_engine *e, weir_log_level level) { return e->config.log && level <= e->config.log_level; }

void weir_engine_log(weir_engine *e, const weir_log_entry *about, const char *format, ...) {
  char text[WEIR_LOG_MESSAGE_MAX];
  va_list args;
  if (!weir_engine_listens(e, about->level)) return;
  va_start(args, format);
  int len = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (len < 0) text[0] = '\0';
  for (char *c = text; *c; c++) {
    if ((unsigned char)*c < 0x20) *c = ' ';
  }
  weir_log_entry entry = *about;
  entry.message = text;
  e->config.log(e->config.log_ctx, &entry);
}

void weir_engine_log_verdict(weir_engine *e, const weir_verdict *v) {
  static const struct {
    weir_reason reason;
    weir_log_level level;
    const char *what;
  } says[] = {
    { WEIR_REASON_ASIDE, WEIR_LOG_WARNING, "put_aside" },      { WEIR_REASON_ERROR, WEIR_LOG_INFO, "script_error" },
    { WEIR_REASON_LIMIT, WEIR_LOG_INFO, "limit" },             { WEIR_REASON_FIRED, WEIR_LOG_DEBUG, "fired" },
    { WEIR_REASON_ACTION_DROPPED, WEIR_LOG_DEBUG, "dropped" }, { WEIR_REASON_ACTION_WAITS, WEIR_LOG_DEBUG, "waits" },
  };
  if (!weir_engine_listens(e, WEIR_LOG_WARNING)) return;
  for (size_t i = 0; i < v->trace_cnt; i++) {
    for (size_t k = 0; k < sizeof says / sizeof *says; k++) {
      if (says[k].reason != v->trace[i].reason) continue;
      weir_log_entry entry = { .level = says[k].level, .what = says[k].what, .rule = v->trace[i].rule, .aud = v->aud, .cause = v->cause };
      weir_engine_log(e, &entry, "rule %.*s: %.*s", WEIR_FMT(entry.rule), WEIR_FMT(v->trace[i].detail.len ? v->trace[i].detail : WEIR_STR("fired")));
    }
  }
}
