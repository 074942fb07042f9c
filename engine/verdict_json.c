/* verdict_json.c: a verdict and the counts as one JSON object each, for hosts in languages where reading C structs is a burden. */
#include <stddef.h>

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
  put_bool(&buf, "struck", verdict->struck);
  put_bool(&buf, "clock_behind", verdict->clock_behind);
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

static const struct count {
  const char *name;
  size_t offset;
} counts[] = {
#define COUNT(name) { #name, offsetof(weir_stats, name) }
  COUNT(events), COUNT(decided), COUNT(nothing), COUNT(repeats), COUNT(ignored), COUNT(undecided), COUNT(refused), COUNT(actions), COUNT(dropped),
  COUNT(waiting), COUNT(limits), COUNT(script_errors), COUNT(records), COUNT(timers), COUNT(persons), COUNT(opted_out), COUNT(outbox),
  COUNT(expired), COUNT(sent), COUNT(rejected), COUNT(unconfirmed), COUNT(outcomes_unknown), COUNT(retries), COUNT(claims_returned),
  COUNT(echoes_known), COUNT(echoes_unknown), COUNT(latest_ms), COUNT(timers_waiting), COUNT(strikes), COUNT(put_aside), COUNT(links),
  COUNT(unlinks), COUNT(links_refused), COUNT(codes_wrong), COUNT(codes_limited), COUNT(takeovers), COUNT(invitations), COUNT(used_up),
#undef COUNT
};
_Static_assert(offsetof(weir_stats, events) + sizeof counts / sizeof *counts * sizeof(uint64_t) == sizeof(weir_stats), "every count of weir_stats stands here");

weir_status weir_stats_json(const weir_engine *engine, char *out, size_t cap, size_t *len, weir_error *err) {
  struct weir_buf buf;
  weir_stats stats = { .struct_size = sizeof stats };
  if (len) *len = 0;
  if (!engine || !out || !len) return weir_fail(err, WEIR_E_ARG, "weir_stats_json needs an engine, a place for the text and for its length");
  weir_engine_stats(engine, &stats);
  weir_buf_init(&buf, out, cap);
  weir_json_open(&buf, '{');
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    uint64_t value; /* of latest_ms too: it is never below 0 */
    memcpy(&value, (const char *)&stats + counts[i].offset, sizeof value);
    weir_json_key(&buf, weir_str_of(counts[i].name));
    weir_buf_uint(&buf, value);
  }
  weir_json_close(&buf, '}');
  if (buf.full) return weir_fail(err, WEIR_E_LIMIT, "the counts do not fit into %zu bytes; give a larger place", cap);
  *len = buf.len;
  return WEIR_OK;
}
