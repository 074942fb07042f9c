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
  if (run_reload(r)) say(reply, cap, "ok %zu rules, %.12s", weir_ruleset_rule_count(r->rules), weir_ruleset_hash(r->rules).ptr);
  else say(reply, cap, "error the rules in %s cannot be used; the old ones stay (weir check says why)", r->rules_path);
}

static void snapshot(struct run *r, weir_str file, char *reply, size_t cap) {
  weir_error err;
  char path[CONTROL_LINE_MAX + 1];
  if (!file.len || memchr(file.ptr, '\0', file.len)) {
    say(reply, cap, "error say which file: snapshot FILE");
    return;
  }
  memcpy(path, file.ptr, file.len);
  path[file.len] = '\0';
  run_flush(r);
  if (r->broken) say(reply, cap, "error the state is broken");
  else if (weir_snapshot(r->engine, path, &err)) say(reply, cap, "error %s", err.message);
  else say(reply, cap, "ok %s", path);
}

/* "channel/account/id": ids may hold slashes, the others do not. */
static bool split(weir_str person, weir_str part[3]) {
  const char *end = person.ptr + person.len;
  const char *first = person.len ? memchr(person.ptr, '/', person.len) : NULL;
  const char *second = first ? memchr(first + 1, '/', (size_t)(end - first - 1)) : NULL;
  if (!second || first == person.ptr || second == first + 1 || second + 1 == end) return false;
  part[0] = (weir_str){ person.ptr, (size_t)(first - person.ptr) };
  part[1] = (weir_str){ first + 1, (size_t)(second - first - 1) };
  part[2] = (weir_str){ second + 1, (size_t)(end - second - 1) };
  return true;
}

static void forget(struct run *r, weir_str person, char *reply, size_t cap) {
  weir_error err;
  weir_str part[3];
  if (!split(person, part)) {
    say(reply, cap, "error say who: forget channel/account/id");
    return;
  }
  run_flush(r);
  memset(&err, 0, sizeof err);
  bool ready = !r->broken && run_journal_forget(r, person);
  weir_status st = ready ? weir_forget(r->engine, part[0], part[1], part[2], &err) : WEIR_E_STATE;
  if (st == WEIR_NONE) {
    say(reply, cap, "ok nobody is known there");
  } else if (st == WEIR_OK) {
    run_journal_settled(r);
    say(reply, cap, "ok forgotten");
  } else if (!ready && !r->broken) {
    r->journal_full = false;
    say(reply, cap, "error the disk of the journal is full");
  } else {
    if (ready && st != WEIR_E_STATE) run_journal_rollback(r);
    say(reply, cap, "error %s", r->broken ? "the state is broken" : err.message);
  }
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
    { "persons", s.persons }, { "opted_out", s.opted_out },
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

bool run_command(struct run *r, weir_str line, char *reply, size_t cap) {
  const char *space = line.len ? memchr(line.ptr, ' ', line.len) : NULL;
  weir_str word = { line.ptr, space ? (size_t)(space - line.ptr) : line.len };
  weir_str rest = { NULL, 0 };
  if (space) rest = (weir_str){ space + 1, (size_t)(line.ptr + line.len - space - 1) };
  static const char *const words[] = { "stats", "reload", "snapshot", "forget", "drain" };
  size_t i = 0;
  while (i < sizeof words / sizeof *words && (strlen(words[i]) != word.len || memcmp(words[i], word.ptr, word.len) != 0)) i++;
  switch (i) {
    case 0: stats(r, reply, cap); break;
    case 1: reload(r, reply, cap); break;
    case 2: snapshot(r, rest, reply, cap); break;
    case 3: forget(r, rest, reply, cap); break;
    case 4:
      r->stop = r->drain = true;
      return true;
    default: say(reply, cap, "error there is no such command: snapshot FILE, stats, report, forget channel/account/id, reload, drain"); break;
  }
  return false;
}
