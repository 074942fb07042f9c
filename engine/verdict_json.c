/* verdict_json.c: a verdict as one JSON object, for hosts in languages where reading C structs is a burden. */
#include "engine.h"

const char *weir_result_name(weir_result result) {
  switch (result) {
    case WEIR_RESULT_NOTHING: return "nothing";
    case WEIR_RESULT_DECIDED: return "decided";
    case WEIR_RESULT_REPEAT: return "repeat";
    case WEIR_RESULT_IGNORED: return "ignored";
    case WEIR_RESULT_UNDECIDED: return "undecided";
  }
  return "unknown";
}

const char *weir_reason_name(weir_reason reason) {
  switch (reason) {
    case WEIR_REASON_FIRED: return "fired";
    case WEIR_REASON_DISABLED: return "disabled";
    case WEIR_REASON_EVENT: return "other event";
    case WEIR_REASON_GATE: return "gate";
    case WEIR_REASON_NO_MATCH: return "no match";
    case WEIR_REASON_EXCEPT: return "excepted";
    case WEIR_REASON_LIMIT: return "limit";
    case WEIR_REASON_DECLINED: return "declined";
    case WEIR_REASON_ERROR: return "error";
    case WEIR_REASON_NOT_REACHED: return "not reached";
    case WEIR_REASON_ACTION_DROPPED: return "dropped";
    case WEIR_REASON_ACTION_WAITS: return "waits";
    case WEIR_REASON_OUTCOME: return "outcome";
    case WEIR_REASON_ASIDE: return "put aside";
    case WEIR_REASON_LINK: return "link";
  }
  return "unknown";
}

static void put_bool(struct weir_buf *buf, const char *key, bool value) {
  weir_json_key(buf, weir_str_of(key));
  weir_json_bool(buf, value);
}

static void put_trace(struct weir_buf *buf, const weir_trace *trace) {
  weir_json_open(buf, '{');
  weir_json_member(buf, "rule", trace->rule);
  weir_json_member(buf, "reason", weir_str_of(weir_reason_name(trace->reason)));
  if (trace->detail.len) weir_json_member(buf, "detail", trace->detail);
  if (trace->match_end > trace->match_start) {
    weir_json_member_int(buf, "match_start", (int64_t)trace->match_start);
    weir_json_member_int(buf, "match_end", (int64_t)trace->match_end);
  }
  weir_json_close(buf, '}');
}

weir_status weir_verdict_json(const weir_verdict *verdict, char *out, size_t cap, size_t *len, weir_error *err) {
  struct weir_buf buf;
  if (len) *len = 0;
  if (!verdict || !out || !len) return weir_fail(err, WEIR_E_ARG, "weir_verdict_json needs a verdict, a place for the text and for its length");
  weir_buf_init(&buf, out, cap);
  weir_json_open(&buf, '{');
  weir_json_member(&buf, "result", weir_str_of(weir_result_name(verdict->result)));
  weir_json_member(&buf, "id", verdict->id);
  weir_json_member(&buf, "cause", verdict->cause);
  weir_json_member(&buf, "contact", verdict->contact);
  weir_json_member(&buf, "aud", verdict->aud);
  put_bool(&buf, "limit", verdict->limit);
  put_bool(&buf, "text_cut", verdict->text_cut);
  weir_json_key(&buf, WEIR_STR("actions"));
  weir_json_open(&buf, '[');
  for (size_t i = 0; i < verdict->action_cnt; i++) weir_json_raw(&buf, verdict->actions[i].json);
  weir_json_close(&buf, ']');
  weir_json_key(&buf, WEIR_STR("trace"));
  weir_json_open(&buf, '[');
  for (size_t i = 0; i < verdict->trace_cnt; i++) put_trace(&buf, &verdict->trace[i]);
  weir_json_close(&buf, ']');
  weir_json_close(&buf, '}');
  if (buf.full) return weir_fail(err, WEIR_E_LIMIT, "the verdict does not fit into %zu bytes; give a larger place", cap);
  *len = buf.len;
  return WEIR_OK;
}
