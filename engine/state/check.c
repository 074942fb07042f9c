/* check.c: what is wrong with a changeset whatever the state is: texts too long or missing, times and days out of
 * range, something given to nobody. Asked before the first row is written, so that such a changeset needs no undoing. */
#include "state/check.h"

#include <inttypes.h>
#include <stdio.h>

#include "limits.h"
#include "state/meter.h"

#define DAY_MS INT64_C(86400000)

weir_status weir_check_text(weir_str text, size_t max, const char *what, weir_error *err) {
  if (text.len == 0) return weir_fail(err, WEIR_E_ARG, "%s is missing", what);
  if (text.len > max) return weir_fail(err, WEIR_E_LIMIT, "%s has %zu bytes; %zu are allowed", what, text.len, max);
  return WEIR_OK;
}

weir_status weir_check_contact(const struct weir_contact *contact, weir_error *err) {
  weir_status status = weir_check_text(contact->channel, WEIR_ID_MAX, "the contact's channel", err);
  if (status == WEIR_OK) status = weir_check_text(contact->account, WEIR_ID_MAX, "the contact's account", err);
  if (status == WEIR_OK) status = weir_check_text(contact->id, WEIR_ID_MAX, "the contact's id", err);
  return status;
}

static weir_status check_pair(const struct weir_change *c, size_t name_max, const char *name, size_t value_max, const char *value,
                              weir_error *err) {
  weir_status status = weir_check_text(c->name, name_max, name, err);
  return status == WEIR_OK ? weir_check_text(c->value, value_max, value, err) : status;
}

static weir_status check_seen(const struct weir_changeset *changes, const struct weir_change *c, bool known, weir_error *err) {
  if (c->name.len > WEIR_NAME_MAX) {
    return weir_fail(err, WEIR_E_LIMIT, "a name of %zu bytes; %d are allowed (WEIR_NAME_MAX)", c->name.len, WEIR_NAME_MAX);
  }
  if (c->at_ms < WEIR_TIME_MIN_MS || c->at_ms > WEIR_TIME_MAX_MS) return weir_fail(err, WEIR_E_ARG,
                                                                                   "a time outside 1970 to 9999");
  return known ? WEIR_OK : weir_check_contact(&changes->contact, err);
}

static weir_status check_timer(const struct weir_timer *t, weir_error *err) {
  if (!t) return weir_fail(err, WEIR_E_ARG, "a change without its timer");
  const struct {
    weir_str text;
    size_t max;
    const char *what;
  } parts[] = {
    { t->rule, WEIR_TIMER_STRING_MAX, "rule" },     { t->origin, WEIR_TIMER_STRING_MAX, "origin" },
    { t->cause, WEIR_TIMER_STRING_MAX, "cause" },   { t->post, WEIR_TIMER_STRING_MAX, "post" },
    { t->payload, WEIR_DECISION_JSON_MAX, "payload" },
  };
  if (t->kind < WEIR_TIMER_ACTION || t->kind > WEIR_TIMER_ECHO) return weir_fail(err, WEIR_E_ARG, "a timer of no known kind");
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (parts[i].text.len <= parts[i].max) continue;
    return weir_fail(err, WEIR_E_LIMIT, "a timer's %s has %zu bytes; %zu are allowed", parts[i].what, parts[i].text.len,
                     parts[i].max);
  }
  return weir_check_contact(&t->contact, err);
}

static weir_status check_ledger(const struct weir_ledger_entry *e, weir_error *err) {
  if (!e) return weir_fail(err, WEIR_E_ARG, "a change without its ledger entry");
  const struct {
    weir_str text;
    size_t max;
    const char *what;
  } parts[] = {
    { e->decision, WEIR_ID_CHARS, "decision" },   { e->rule, WEIR_TIMER_STRING_MAX, "rule" },
    { e->cause, WEIR_TIMER_STRING_MAX, "cause" }, { e->post, WEIR_TIMER_STRING_MAX, "post" },
    { e->payload, WEIR_DECISION_JSON_MAX, "payload" }, { e->taken, WEIR_TAKEN_MAX, "taken" },
  };
  if (e->status < WEIR_LEDGER_WAITING || e->status > WEIR_LEDGER_SENT) {
    return weir_fail(err, WEIR_E_ARG, "a ledger entry of no known status");
  }
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (parts[i].text.len <= parts[i].max) continue;
    return weir_fail(err, WEIR_E_LIMIT, "a ledger entry's %s has %zu bytes; %zu are allowed", parts[i].what, parts[i].text.len,
                     parts[i].max);
  }
  return weir_check_contact(&e->contact, err);
}

static weir_status check_field(const struct weir_change *c, weir_error *err) {
  weir_status status = weir_check_text(c->name, WEIR_TAG_MAX, "a field's name", err);
  if (status != WEIR_OK || c->value.len == 0) return status;
  return weir_check_text(c->value, WEIR_FIELD_VALUE_MAX, "a field's value", err);
}

static weir_status check_pool(const struct weir_change *c, weir_error *err) {
  weir_status status = check_pair(c, WEIR_SCOPED_NAME_MAX, "a pool's name", WEIR_SCOPED_NAME_MAX, "a pool member's name", err);
  if (status != WEIR_OK) return status;
  if (c->number < -1 || c->number > WEIR_TIME_MAX_MS / DAY_MS + 1) return weir_fail(err, WEIR_E_ARG,
                                                                                    "a day outside 1970 to 9999");
  return WEIR_OK;
}

static weir_status check_count(const struct weir_change *c, weir_error *err) {
  weir_status status = check_pair(c, WEIR_SCOPED_NAME_MAX, "the name of what is counted", WEIR_COUNT_WHAT_MAX, "what is counted", err);
  if (status != WEIR_OK) return status;
  if (c->number < -1 || c->number > WEIR_TIME_MAX_MS / DAY_MS + 1) return weir_fail(err, WEIR_E_ARG, "a day outside 1970 to 9999");
  return WEIR_OK;
}

/* Changes of somebody who is known, and changes of nobody in particular. */
static weir_status check_one(const struct weir_change *c, weir_error *err) {
  switch (c->kind) {
    case WEIR_CHANGE_TAG: return weir_check_text(c->name, WEIR_TAG_MAX, "a tag's name", err);
    case WEIR_CHANGE_FIELD: return check_field(c, err);
    case WEIR_CHANGE_COUNTER: return weir_check_text(c->name, WEIR_TAG_MAX, "a field's name", err);
    case WEIR_CHANGE_STAGE:
      return check_pair(c, WEIR_SCOPED_NAME_MAX, "a funnel's name", WEIR_TAG_MAX, "a stage's name", err);
    case WEIR_CHANGE_POOL: return check_pool(c, err);
    case WEIR_CHANGE_CODE: return weir_check_text(c->value, WEIR_TAG_MAX, "a code", err);
    case WEIR_CHANGE_TIMER: return check_timer(c->timer, err);
    case WEIR_CHANGE_LEDGER: return check_ledger(c->ledger, err);
    case WEIR_CHANGE_LEDGER_STATUS:
      if (c->number >= 0 && c->number <= WEIR_LEDGER_SENT) return WEIR_OK;
      return weir_fail(err, WEIR_E_ARG, "a ledger entry can have no status %lld", (long long)c->number);
    case WEIR_CHANGE_COUNT: return check_count(c, err);
    case WEIR_CHANGE_METER:
    case WEIR_CHANGE_METER_BACK:
    case WEIR_CHANGE_METER_OPEN: {
      const char *fault = weir_meter_fault(c);
      return fault ? weir_fail(err, WEIR_E_ARG, "%s", fault) : WEIR_OK;
    }
    case WEIR_CHANGE_DEDUPE:
      if (c->value.len <= WEIR_ID_CHARS) return WEIR_OK;
      return weir_fail(err, WEIR_E_LIMIT, "a decision's id has %zu bytes; %d are allowed", c->value.len, WEIR_ID_CHARS);
    case WEIR_CHANGE_UNTAG:
    case WEIR_CHANGE_SAID:
    case WEIR_CHANGE_ROUND:
    case WEIR_CHANGE_UNSTAGE:
    case WEIR_CHANGE_CLAIM:
    case WEIR_CHANGE_UNCLAIM:
    case WEIR_CHANGE_UNCLAIM_ORIGIN:
    case WEIR_CHANGE_CODE_USED:
    case WEIR_CHANGE_TIMER_DONE:
    case WEIR_CHANGE_OPT_OUT:
    case WEIR_CHANGE_OPT_IN:
    case WEIR_CHANGE_HANDOFF:
    case WEIR_CHANGE_PART:
    case WEIR_CHANGE_TOTAL: return WEIR_OK;
    case WEIR_CHANGE_INVITED:
      if (c->at_ms < WEIR_TIME_MIN_MS || c->at_ms > WEIR_TIME_MAX_MS) return weir_fail(err, WEIR_E_ARG, "a time outside 1970 to 9999");
      return weir_check_contact(c->inviter, err);
    default: return weir_fail(err, WEIR_E_ARG, "a change of no known kind (%d)", (int)c->kind);
  }
}

/* Taking something away from nobody is done already; giving him something is a mistake. */
static weir_status check_of_nobody(const struct weir_changeset *changes, const struct weir_change *c, weir_error *err) {
  weir_status status = weir_check_contact(&changes->contact, err);
  if (status != WEIR_OK) return status;
  switch (c->kind) {
    case WEIR_CHANGE_OPT_OUT:
    case WEIR_CHANGE_OPT_IN:
    case WEIR_CHANGE_UNTAG:
    case WEIR_CHANGE_SAID:
    case WEIR_CHANGE_UNSTAGE:
    case WEIR_CHANGE_UNCLAIM:
    case WEIR_CHANGE_UNCLAIM_ORIGIN:
    case WEIR_CHANGE_PART: return WEIR_OK;
    case WEIR_CHANGE_FIELD:
      if (c->value.len == 0) return WEIR_OK;
      break;
    case WEIR_CHANGE_HANDOFF:
      if (c->until_ms == 0) return WEIR_OK;
      break;
    default: break;
  }
  return weir_fail(err, WEIR_E_ARG, "nobody is known under this contact; a change of kind \"seen\" must come first");
}

bool weir_change_needs_nobody(enum weir_change_kind kind) {
  switch (kind) {
    case WEIR_CHANGE_CODE_USED:
    case WEIR_CHANGE_TIMER:
    case WEIR_CHANGE_TIMER_DONE:
    case WEIR_CHANGE_DEDUPE:
    case WEIR_CHANGE_LEDGER:
    case WEIR_CHANGE_LEDGER_STATUS:
    case WEIR_CHANGE_ROUND:
    case WEIR_CHANGE_METER:
    case WEIR_CHANGE_METER_BACK:
    case WEIR_CHANGE_METER_OPEN:
    case WEIR_CHANGE_COUNT:
    case WEIR_CHANGE_TOTAL: return true;
    default: return false;
  }
}

weir_status weir_check_changes(const struct weir_changeset *changes, bool known, weir_error *err) {
  weir_status status = WEIR_OK;
  if (changes->cnt > WEIR_CHANGES_MAX) {
    return weir_fail(err, WEIR_E_LIMIT, "%u changes at once; %d are allowed (WEIR_CHANGES_MAX)", (unsigned)changes->cnt,
                     WEIR_CHANGES_MAX);
  }
  for (uint32_t i = 0; i < changes->cnt && status == WEIR_OK; i++) {
    const struct weir_change *c = &changes->items[i];
    if (c->kind == WEIR_CHANGE_SEEN) {
      status = check_seen(changes, c, known, err);
      known = true;
    } else if (c->kind == WEIR_CHANGE_JOIN) {
      if (!known) status = weir_check_contact(&changes->contact, err);
      known = true;
    } else if (!known && !weir_change_needs_nobody(c->kind)) {
      status = check_of_nobody(changes, c, err);
    } else {
      status = check_one(c, err);
    }
  }
  return status;
}

/* ---- counters */

static int64_t plus(int64_t a, int64_t b) {
  if (b > 0 && a > INT64_MAX - b) return INT64_MAX;
  if (b < 0 && a < INT64_MIN - b) return INT64_MIN;
  return a + b;
}

int64_t weir_integer(weir_str text) {
  bool negative = text.len > 1 && text.ptr[0] == '-';
  int64_t value = 0;
  for (size_t i = negative; i < text.len; i++) {
    if (text.ptr[i] < '0' || text.ptr[i] > '9') return 0;
    int64_t digit = negative ? '0' - text.ptr[i] : text.ptr[i] - '0';
    if (value > INT64_MAX / 10 || value < INT64_MIN / 10) value = negative ? INT64_MIN : INT64_MAX;
    else value = plus(value * 10, digit);
  }
  return value;
}

weir_str weir_counted(weir_str text, int64_t add, char out[WEIR_COUNTER_CAP]) {
  int len = snprintf(out, WEIR_COUNTER_CAP, "%" PRId64, plus(weir_integer(text), add));
  return (weir_str){ out, len > 0 ? (size_t)len : 0 };
}
