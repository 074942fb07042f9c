/* decide.c: what is at hand while one event is decided: the person, the matched text, the changes, the trace; and firing a
 * rule. May only read the store. Everything that is chosen here is chosen by hash, so that the same event always gets the
 * same answer. */
#include "decide/decide.h"

#include <stdio.h>

#include "decide/pending.h"
#include "decide/variant.h"
#include "limits.h"
#include "text/utf8.h"

weir_status weir_decide_person(struct weir_decide *d, weir_error *err) {
  if (d->person_loaded) return WEIR_OK;
  weir_status status = d->store->ops->load(d->store, &d->contact, d->arena, &d->person, err);
  if (status == WEIR_OK) d->person_loaded = true;
  else memset(&d->person, 0, sizeof d->person);
  return status;
}

weir_str weir_decide_group(const struct weir_decide *d, uint32_t group) {
  weir_str none = { NULL, 0 }, text = d->event->text;
  if (group >= d->found.group_cnt || group >= WEIR_MATCH_GROUPS) return none;
  size_t start = d->found.group[group].start, end = d->found.group[group].end;
  if (start >= end || end > text.len) return none;
  return (weir_str){ text.ptr + start, end - start };
}

weir_status weir_decide_change(struct weir_decide *d, const struct weir_change *change, weir_error *err) {
  if (d->changes.cnt >= d->changes.cap) {
    return weir_fail(err, WEIR_E_LIMIT,
                     "the rules that fire for this event change more than %u things at once (WEIR_CHANGES_MAX)",
                     (unsigned)d->changes.cap);
  }
  d->changes.items[d->changes.cnt++] = *change;
  return WEIR_OK;
}

void weir_decide_origin(const struct weir_decide *d, unsigned char origin[WEIR_ID_BYTES]) {
  static const unsigned char nobody[WEIR_ID_BYTES];
  if (d->origin_given) memcpy(origin, d->origin, WEIR_ID_BYTES);
  else weir_ledger_origin(d->id, d->rule ? d->rule->id : nobody, origin);
}

uint64_t weir_decide_choose(const struct weir_decide *d, const char *what, uint64_t cnt) {
  unsigned char place[4];
  for (unsigned i = 0; i < sizeof place; i++) place[i] = (unsigned char)(d->place >> (8 * i));
  weir_str parts[] = {
    d->id, d->rule ? d->rule->name : (weir_str){ NULL, 0 }, { (const char *)place, sizeof place }, weir_str_of(what)
  };
  if (cnt < 2) return 0;
  return weir_hash64((weir_str){ NULL, 0 }, parts, sizeof parts / sizeof parts[0]) % cnt;
}

/* The clock of the rule's pack: "pack/rule" names it, also when the rule is gone. */
static const struct weir_zone *zone_of(const struct weir_decide *d, weir_str rule) {
  if (d->rule) return d->rule->pack < d->ruleset->pack_cnt ? d->ruleset->packs[d->rule->pack].zone : NULL;
  for (uint32_t i = 0; i < d->ruleset->pack_cnt; i++) {
    weir_str pack = d->ruleset->packs[i].name;
    if (rule.len > pack.len && rule.ptr[pack.len] == '/' && weir_str_starts(rule, pack)) return d->ruleset->packs[i].zone;
  }
  return NULL;
}

void weir_decide_count(struct weir_decide *d, weir_str rule, const char *format, ...) {
  char text[WEIR_COUNT_WHAT_MAX + 1];
  struct weir_change change = { .kind = WEIR_CHANGE_COUNT, .name = rule };
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (n <= 0 || rule.len == 0 || rule.len > WEIR_SCOPED_NAME_MAX || d->changes.cnt + WEIR_COUNT_CHANGES_LEFT > d->changes.cap) return;
  text[weir_utf8_valid(weir_str_of(text))] = '\0'; /* a cut may have fallen into a character */
  if (!weir_arena_str(d->arena, weir_str_of(text), &change.value)) return;
  change.number = weir_zone_day(zone_of(d, rule), d->now_ms);
  d->changes.items[d->changes.cnt++] = change;
}

/* ---- The trace */

static bool always_kept(weir_reason reason) {
  return reason == WEIR_REASON_FIRED || reason == WEIR_REASON_LIMIT || reason == WEIR_REASON_ERROR ||
         reason == WEIR_REASON_ACTION_DROPPED || reason == WEIR_REASON_ACTION_WAITS || reason == WEIR_REASON_OUTCOME || reason == WEIR_REASON_ASIDE ||
         reason == WEIR_REASON_LINK;
}

static bool shows_match(const struct weir_decide *d, weir_str rule, weir_reason reason) {
  bool matched = reason == WEIR_REASON_FIRED || reason == WEIR_REASON_EXCEPT || reason == WEIR_REASON_LIMIT;
  return matched && d->rule && d->rule->pattern != WEIR_NO_INDEX && d->found.group_cnt > 0 && weir_str_eq(d->rule->name, rule);
}

void weir_decide_trace(struct weir_decide *d, weir_str rule, weir_reason reason, const char *format, ...) {
  if (d->trace.cnt >= d->trace.cap || (!d->trace.all && !always_kept(reason))) return;
  weir_trace line = { .rule = rule, .reason = reason };
  if (format) {
    char detail[WEIR_TRACE_DETAIL_MAX];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    detail[n < 0 ? 0 : weir_utf8_valid(weir_str_of(detail))] = '\0'; /* a cut may have fallen into a character */
    /* that something was dropped is said, though there is no room for why */
    if (!weir_arena_str(d->arena, weir_str_of(detail), &line.detail)) line.detail = WEIR_STR("the event's memory is used up: no room to say why");
  }
  if (shows_match(d, rule, reason)) {
    line.match_start = d->found.group[0].start;
    line.match_end = d->found.group[0].end;
  }
  d->trace.items[d->trace.cnt++] = line;
}

/* ---- Firing */

struct weir_decide_mark weir_decide_here(const struct weir_decide *d) {
  return (struct weir_decide_mark){ .tally = d->tally, .json_len = d->actions_json->len, .change_cnt = d->changes.cnt, .action_cnt = d->action_cnt,
                                    .waiting_cnt = d->waiting_cnt, .dropped_cnt = d->dropped_cnt, .trace_cnt = d->trace.cnt };
}

void weir_decide_back(struct weir_decide *d, const struct weir_decide_mark *mark) {
  d->tally = mark->tally;
  d->actions_json->len = mark->json_len;
  d->changes.cnt = mark->change_cnt;
  d->action_cnt = mark->action_cnt;
  d->waiting_cnt = mark->waiting_cnt;
  d->dropped_cnt = mark->dropped_cnt;
  d->trace.cnt = mark->trace_cnt;
}

/* Who is out already needs no confirmation, and who is in is welcomed like everybody. */
bool weir_decide_opts(const struct weir_decide *d, const struct weir_action_kind *kind) {
  return kind && strcmp(kind->name, d->person.opted_out ? "opt_in" : "opt_out") == 0;
}

static bool opts(const struct weir_decide *d, const struct weir_action_def *actions, uint32_t cnt) {
  for (uint32_t i = 0; i < cnt; i++) {
    if (weir_decide_opts(d, actions[i].kind)) return true;
  }
  return false;
}

void weir_decide_reached(struct weir_decide *d, weir_part_kind kind, uint32_t index) {
  if (!d->config || !d->config->reached || !d->rule) return;
  const weir_part part = { .rule = (size_t)(d->rule - d->ruleset->rules), .kind = kind, .index = index };
  d->config->reached(d->config->reached_ctx, &part);
}

/* `place` is that of the first: choices by hash hang on it. */
static weir_status perform(struct weir_decide *d, const struct weir_action_def *actions, uint32_t cnt, uint32_t place, weir_error *err) {
  weir_status status = WEIR_OK;
  for (uint32_t i = 0; status == WEIR_OK && i < cnt; i++) {
    const uint32_t before = d->action_cnt + d->waiting_cnt;
    d->place = place + i;
    status = actions[i].kind->perform(actions[i].kind, actions[i].data, d, err);
    if (d->action_cnt + d->waiting_cnt > before && actions == d->rule->actions) weir_decide_reached(d, WEIR_PART_ACTION, i);
  }
  return status;
}

/* Whether the rule's marks are made: not when it wanted to do something and was allowed nothing. */
static bool claims(const struct weir_decide *d) { return d->rule_done > 0 || d->rule_dropped == 0; }

static weir_status make_claims(struct weir_decide *d, weir_error *err) {
  for (uint32_t i = 0; i < d->rule->gate_cnt; i++) {
    const struct weir_gate *gate = &d->rule->gates[i];
    if (!gate->kind->claim) continue;
    weir_status status = gate->kind->claim(gate->data, d, err);
    if (status != WEIR_OK) return status;
  }
  return WEIR_OK;
}

weir_status weir_decide_fire(struct weir_decide *d, weir_error *err) {
  const struct weir_rule *rule = d->rule;
  weir_status status = weir_decide_person(d, err);
  /* what a handler's calls said about opting holds for the actions beside it */
  bool fresh = false;
  const struct weir_variant *variant = status == WEIR_OK ? weir_variant_choose(d, &fresh) : NULL;
  d->opting_out = opts(d, rule->actions, rule->action_cnt) || (variant && opts(d, variant->actions, variant->action_cnt)) ||
                  (d->opting_out && rule->handler != WEIR_NO_INDEX);
  if (status == WEIR_OK) status = perform(d, rule->actions, rule->action_cnt, 0, err);
  if (status == WEIR_OK && variant) weir_decide_reached(d, WEIR_PART_VARIANT, (uint32_t)(variant - rule->variants));
  if (status == WEIR_OK && variant) status = perform(d, variant->actions, variant->action_cnt, rule->action_cnt + WEIR_SCRIPT_CALLS_MAX, err);
  if (status == WEIR_OK && fresh && d->rule_done > 0) status = weir_variant_keep(d, variant, err);
  if (status == WEIR_OK && claims(d)) status = make_claims(d, err);
  d->opting_out = false;
  d->rule_done = d->rule_dropped = 0;
  return status;
}
