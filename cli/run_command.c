/* run_command.c: what operators can ask a running weir for, over the control socket. Each answer is one line. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "run.h"

static void say(char *reply, size_t cap, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void say(char *reply, size_t cap, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(reply, cap, format, args);
  va_end(args);
  for (char *c = reply; *c; c++) {
    if ((unsigned char)*c < 0x20) *c = ' '; /* one line, whatever a message holds */
  }
}

bool run_reload(struct run *r) {
  weir_error err;
  weir_ruleset *rules = load_rules("run", r->rules_path, r->jit);
  if (rules) {
    run_flush(r); /* what was decided by the old rules is theirs */
    if (!r->broken && weir_swap(r->engine, rules, &err) == WEIR_OK) {
      weir_ruleset *old = r->rules;
      weir_str hash = weir_ruleset_hash(rules);
      run_journal_text(r, "swap", hash);
      if (!run_journal_flush(r)) { /* nobody could play again what they decide */
        r->journal_full = false;
        if (weir_swap(r->engine, old, &err) == WEIR_OK) {
          weir_ruleset_free(rules);
          complain_text("run", "the disk of the journal is full; the old rules stay in use");
        } else { /* the new ones cannot be left either */
          weir_ruleset_free(old);
          r->rules = rules;
          run_fail(r, &err);
        }
        return false;
      }
      run_journal_settled(r);
      weir_ruleset_free(old);
      r->rules = rules;
      fprintf(stderr, "weir run: the rules were loaded anew: %zu rules, %.12s\n", weir_ruleset_rule_count(rules), hash.ptr);
      return true;
    }
    if (!r->broken) complain("run", &err);
    weir_ruleset_free(rules);
  }
  complain_text("run", "the old rules stay in use");
  return false;
}

static void reload(struct run *r, char *reply, size_t cap) {
  enum run_rotation key = run_rotate(r);
  if (r->broken) say(reply, cap, "error the state is broken");
  else if (!run_reload(r)) say(reply, cap, "error the rules in %s cannot be used; the old ones stay (weir check says why)%s", r->rules_path, key == ROTATION_DONE ? "; the new key signs" : "");
  else if (key == ROTATION_FAILED) say(reply, cap, "error the rules were loaded, but the new key did not take over: the log of weir run says why");
  else if (key == ROTATION_DONE) say(reply, cap, "ok %zu rules, %.12s; key %.*s signs now", weir_ruleset_rule_count(r->rules), weir_ruleset_hash(r->rules).ptr, FMT(weir_key_id(r->key)));
  else say(reply, cap, "ok %zu rules, %.12s", weir_ruleset_rule_count(r->rules), weir_ruleset_hash(r->rules).ptr);
}

/* ---- snapshots: written between events, a little at a time */

static enum run_wait snapshot(struct run *r, weir_str file, char *reply, size_t cap) {
  weir_error err;
  if (!file.len || memchr(file.ptr, '\0', file.len)) {
    say(reply, cap, "error say which file: snapshot FILE");
    return NO_WAIT;
  }
  run_flush(r);
  char path[sizeof r->snapshot];
  memcpy(path, file.ptr, file.len);
  path[file.len] = '\0';
  if (r->broken) {
    say(reply, cap, "error the state is broken");
  } else if (weir_snapshot_begin(r->engine, path, &err)) {
    say(reply, cap, "error %s", err.message);
  } else {
    memcpy(r->snapshot, path, file.len + 1);
    r->snapshot_after = 0;
    return WAIT_SNAPSHOT;
  }
  return NO_WAIT;
}

static void snapshot_ended(struct run *r, const char *word, const char *what) {
  char reply[REPLY_MAX - 1];
  say(reply, sizeof reply, "%s %s", word, what);
  run_control_tell(r, WAIT_SNAPSHOT, reply);
  r->snapshot[0] = '\0';
}

void run_snapshot_step(struct run *r) {
  weir_error err;
  if (!r->snapshot[0] || r->broken || weir_pending(r->engine)) return;
  int64_t began = run_monotonic_ms();
  if (began < r->snapshot_after) return;
  weir_status st = weir_snapshot_step(r->engine, SNAPSHOT_STEP, &err);
  int64_t end = run_monotonic_ms();
  r->snapshot_after = end + (end - began);
  if (st == WEIR_OK) snapshot_ended(r, "ok", r->snapshot);
  else if (st < 0) snapshot_ended(r, "error", err.message);
}

void run_snapshot_cancel(struct run *r) {
  if (!r->snapshot[0]) return;
  weir_snapshot_cancel(r->engine);
  snapshot_ended(r, "error", "the run ended before the snapshot was whole; nothing is left of it");
}

/* What was in the journal already did not happen. */
static void failed(struct run *r, bool ready, weir_status st, const weir_error *err, char *reply, size_t cap) {
  if (!ready && !r->broken) {
    r->journal_full = false;
    say(reply, cap, "error the disk of the journal is full");
    return;
  }
  if (ready && st != WEIR_E_STATE) run_journal_rollback(r);
  say(reply, cap, "error %s", r->broken ? "the state is broken" : err->message);
}

static void forget(struct run *r, weir_str person, char *reply, size_t cap) {
  weir_error err;
  weir_str part[3];
  if (!person_read(person, part)) {
    say(reply, cap, "error say who: forget channel/account/id");
    return;
  }
  run_flush(r);
  memset(&err, 0, sizeof err);
  weir_erasure told = { .struct_size = sizeof told };
  bool ready = !r->broken && run_journal_order(r, "forget", person);
  weir_status st = ready ? weir_erase(r->engine, part[0], part[1], part[2], &told, &err) : WEIR_E_STATE;
  if (st == WEIR_NONE) {
    say(reply, cap, "ok nobody is known there");
  } else if (st == WEIR_OK) {
    run_journal_settled(r);
    say(reply, cap, "ok forgotten%s%.*s", told.elsewhere.len ? "; logs of records kept elsewhere may still name him: " : "", FMT(told.elsewhere));
  } else {
    failed(r, ready, st, &err, reply, cap);
  }
}

static void pool(struct run *r, weir_str words, char *reply, size_t cap) {
  weir_error err;
  struct pool_order order;
  if (!pool_read(words, &order)) {
    say(reply, cap, "error say which: pool out PACK/POOL MEMBER SECONDS, or pool in PACK/POOL MEMBER");
    return;
  }
  run_flush(r);
  memset(&err, 0, sizeof err);
  bool ready = !r->broken && run_journal_order(r, "pool", words);
  weir_status st = ready ? weir_pool_out(r->engine, order.pool, order.member, r->now_ms, r->now_ms + order.seconds * 1000, &err) : WEIR_E_STATE;
  if (st) {
    failed(r, ready, st, &err, reply, cap);
    return;
  }
  run_journal_settled(r);
  say(reply, cap, order.seconds ? "ok out for %lld s" : "ok back in", (long long)order.seconds);
}

static void stats(struct run *r, char *reply, size_t cap) {
  weir_stats s = { .struct_size = sizeof s };
  weir_engine_stats(r->engine, &s);
  const struct {
    const char *name;
    uint64_t value;
  } counts[] = {
    { "events", s.events }, { "decided", s.decided }, { "nothing", s.nothing }, { "repeats", s.repeats }, { "ignored", s.ignored },
    { "undecided", s.undecided }, { "skipped", r->bad }, { "refused", r->refused }, { "actions", s.actions }, { "dropped", s.dropped },
    { "waiting", s.waiting }, { "limits", s.limits }, { "strikes", s.strikes }, { "put_aside", s.put_aside }, { "script_errors", s.script_errors }, { "timers", s.timers }, { "records", s.records },
    { "sent", s.sent }, { "rejected", s.rejected }, { "unconfirmed", s.unconfirmed }, { "retries", s.retries },
    { "claims_returned", s.claims_returned }, { "outcomes_unknown", s.outcomes_unknown }, { "outbox", s.outbox }, { "expired", s.expired },
    { "persons", s.persons }, { "opted_out", s.opted_out }, { "links", s.links }, { "unlinks", s.unlinks }, { "links_refused", s.links_refused },
    { "codes_wrong", s.codes_wrong }, { "codes_limited", s.codes_limited }, { "invitations", s.invitations }, { "used_up", s.used_up },
  };
  size_t len = 0;
  for (size_t i = 0; i < sizeof counts / sizeof *counts && len < cap; i++) {
    len += (size_t)snprintf(reply + len, cap - len, "%s\"%s\":%llu", i ? "," : "ok {", counts[i].name, (unsigned long long)counts[i].value);
  }
  if (len < cap) len += (size_t)snprintf(reply + len, cap - len, ",\"now\":%lld,\"ruleset\":\"%.*s\",\"reasons\":", (long long)r->now_ms,
                                         FMT(weir_ruleset_hash(r->rules)));
  if (len + 2 < cap) len += run_counts_json(r, reply + len, cap - len - 1);
  if (len + 1 < cap) snprintf(reply + len, cap - len, "}");
}

bool run_report(struct run *r, weir_str line, char **out, char *reply, size_t cap) {
  weir_error err;
  char number[8] = "0", *end;
  *out = NULL;
  if (line.len < 6 || memcmp(line.ptr, "report", 6) != 0 || (line.len > 6 && line.ptr[6] != ' ')) return false;
  if (line.len > 7 && line.len - 7 < sizeof number) snprintf(number, sizeof number, "%.*s", (int)line.len - 7, line.ptr + 7);
  long days = strtol(number, &end, 10);
  if (line.len - 6 > sizeof number || *end || end == number || days < 0 || days > REPORT_DAYS_MAX) {
    say(reply, cap, "error say for how many days: report, or report 7 (at most %d)", REPORT_DAYS_MAX);
    return true;
  }
  run_flush(r);
  memset(&err, 0, sizeof err);
  json_t *report = r->broken ? NULL : report_of_engine(r->engine, r->rules, (int)days, &err);
  char *json = report ? json_dumps(report, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
  size_t len = json ? strlen(json) + 5 : 0; /* "ok ", line end, NUL */
  if (json && (*out = malloc(len))) snprintf(*out, len, "ok %s\n", json);
  else say(reply, cap, "error %s", r->broken ? "the state is broken" : report ? "there is not enough memory" : err.message);
  free(json);
  json_decref(report);
  return true;
}

enum run_wait run_command(struct run *r, weir_str line, char *reply, size_t cap) {
  const char *space = line.len ? memchr(line.ptr, ' ', line.len) : NULL;
  weir_str word = { line.ptr, space ? (size_t)(space - line.ptr) : line.len };
  weir_str rest = { NULL, 0 };
  if (space) rest = (weir_str){ space + 1, (size_t)(line.ptr + line.len - space - 1) };
  static const char *const words[] = { "stats", "reload", "snapshot", "forget", "pool", "drain" };
  size_t i = 0;
  while (i < sizeof words / sizeof *words && (strlen(words[i]) != word.len || memcmp(words[i], word.ptr, word.len) != 0)) i++;
  switch (i) {
    case 0: stats(r, reply, cap); break;
    case 1: reload(r, reply, cap); break;
    case 2: return snapshot(r, rest, reply, cap);
    case 3: forget(r, rest, reply, cap); break;
    case 4: pool(r, rest, reply, cap); break;
    case 5:
      r->stop = r->drain = true;
      return WAIT_DRAIN;
    default: say(reply, cap, "error there is no such command: snapshot FILE, stats, report, forget channel/account/id, pool out|in PACK/POOL MEMBER, reload, drain"); break;
  }
  return NO_WAIT;
}
