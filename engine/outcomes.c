/* outcomes.c: what became of our actions: events that executors report, and our own messages as platforms show them back to us. */
#include "engine.h"
#include "flow/outcome.h"

static void count(weir_stats *stats, const struct weir_outcome *outcome) {
  if (outcome->result == WEIR_OUTCOME_UNKNOWN || outcome->result == WEIR_OUTCOME_FOREIGN) stats->outcomes_unknown++;
  if (outcome->result != WEIR_OUTCOME_TAKEN) {
    stats->ignored++;
    return;
  }
  stats->nothing++;
  if (outcome->status == WEIR_LEDGER_SENT) stats->sent++;
  else if (outcome->status == WEIR_LEDGER_UNCONFIRMED) stats->unconfirmed++;
  else stats->rejected++;
  if (outcome->freed) stats->claims_returned++;
}

static const char *status_word(enum weir_ledger_status status) {
  switch (status) {
    case WEIR_LEDGER_SENT: return "sent";
    case WEIR_LEDGER_REJECTED: return "rejected";
    case WEIR_LEDGER_UNCONFIRMED: return "unconfirmed";
    case WEIR_LEDGER_RETRYING: return "to be tried again";
    case WEIR_LEDGER_WAITING:
    case WEIR_LEDGER_OPEN: break;
  }
  return "open";
}

static void explain(struct weir_decide *d, const weir_event_outcome *said, const struct weir_outcome *outcome) {
  weir_str rule = outcome->entry.rule;
  switch (outcome->result) {
    case WEIR_OUTCOME_UNKNOWN:
      weir_decide_trace(d, (weir_str){ NULL, 0 }, WEIR_REASON_OUTCOME, "no action %u of decision %.*s is known", (unsigned)said->n, WEIR_FMT(said->decision));
      return;
    case WEIR_OUTCOME_FOREIGN:
      weir_decide_trace(d, (weir_str){ NULL, 0 }, WEIR_REASON_OUTCOME, "decision %.*s is of another account", WEIR_FMT(said->decision));
      return;
    case WEIR_OUTCOME_OLD:
      weir_decide_trace(d, rule, WEIR_REASON_OUTCOME, "%.*s: it is %s already", WEIR_FMT(said->status), status_word(outcome->status));
      return;
    case WEIR_OUTCOME_TAKEN: break;
  }
  const char *then = outcome->freed ? "; nothing of the rule arrived: it may fire for this person again" : "";
  if (outcome->status == WEIR_LEDGER_RETRYING) {
    weir_decide_trace(d, rule, WEIR_REASON_OUTCOME, "rejected%s%.*s: tried again in %lld s", said->code.len ? ", " : "", WEIR_FMT(said->code),
                      (long long)(outcome->retry_ms + 999) / 1000);
  } else {
    const char *moved = outcome->moved ? "; the stage that waited for it is reached" : "";
    weir_decide_trace(d, rule, WEIR_REASON_OUTCOME, "%s%s%s", status_word(outcome->status), then, moved);
  }
}

/* A platform's word for why, when it is a word: what is counted by it must stay few. */
static bool is_word(weir_str code) {
  if (code.len == 0 || code.len > WEIR_COUNT_CODE_MAX) return false;
  for (size_t i = 0; i < code.len; i++) {
    char c = code.ptr[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '_' && c != '-' && c != '.') return false;
  }
  return true;
}

/* "sent message", "rejected follow: blocked", by rule and day. */
static void count_kind(struct weir_decide *d, const weir_event_outcome *said, const struct weir_outcome *outcome) {
  weir_str kind = weir_outcome_kind(outcome->entry.payload);
  const char *what = outcome->status == WEIR_LEDGER_RETRYING ? "retrying" : status_word(outcome->status);
  if (outcome->status != WEIR_LEDGER_SENT && is_word(said->code)) {
    weir_decide_count(d, outcome->entry.rule, "%s %.*s: %.*s", what, WEIR_FMT(kind), WEIR_FMT(said->code));
  } else {
    weir_decide_count(d, outcome->entry.rule, "%s %.*s", what, WEIR_FMT(kind));
  }
}

weir_status weir_engine_outcome(weir_engine *e, const weir_event *event, const unsigned char identity[WEIR_ID_BYTES], weir_verdict *verdict,
                                weir_error *err) {
  struct weir_decide *d = &e->decide;
  struct weir_outcome outcome;
  weir_status st = weir_outcome_take(e->store, &e->arena, e->rooms.ruleset, event, &d->changes, &outcome, err);
  if (st) return st;
  explain(d, &event->outcome, &outcome);
  bool taken = outcome.result == WEIR_OUTCOME_TAKEN;
  if (taken) {
    struct weir_change mark = { .kind = WEIR_CHANGE_DEDUPE, .at_ms = d->now_ms, .until_ms = d->now_ms + WEIR_DEDUPE_MS };
    memcpy(mark.key, identity, WEIR_ID_BYTES);
    d->contact = outcome.entry.contact;
    st = weir_decide_change(d, &mark, err);
    if (!st) count_kind(d, &event->outcome, &outcome);
  }
  if (!st) st = weir_engine_finish(e, event->id, verdict, err);
  if (st) return st;
  verdict->result = taken ? WEIR_RESULT_NOTHING : WEIR_RESULT_IGNORED;
  count(&e->stats, &outcome);
  return WEIR_OK;
}

weir_status weir_engine_echo(weir_engine *e, const weir_event *event, weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  bool known = false;
  weir_str decision;
  weir_echo_key(event->channel, event->account, event->id, key);
  weir_status st = e->store->ops->seen(e->store, key, e->decide.now_ms, &e->arena, &known, &decision, err);
  if (st) return st;
  e->stats.ignored++;
  if (known) e->stats.echoes_known++;
  else e->stats.echoes_unknown++;
  return WEIR_OK;
}
