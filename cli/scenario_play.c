/* scenario_play.c: plays a scenario on an engine whose state is kept in memory, by a clock of its own. Timers fall due between
 * the steps, as they would in the world; what they do belongs to the step that let the time pass. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scenario.h"

enum { TICKS_MAX = 100000, EVENT_ID_MAX = 32, WHO_MAX = 160 };
/* The key of RFC 8032 section 7.1, test 1, known to everybody: codes depend on the key, and a scenario must give the same each time. */
static const char test_key[] = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
                               "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";
static const int64_t first_day_ms = INT64_C(1767571200000); /* 2026-01-05T00:00:00Z, a Monday: where a scenario begins that does not say */

bool scenario_no_memory(struct player *p) {
  if (!p->broken) complain_text("test", "there is not enough memory");
  p->broken = true;
  return false;
}

/* ---- what was done */

static char *copy(weir_str s) {
  char *c = malloc(s.len + 1);
  if (!c) return NULL;
  if (s.len) memcpy(c, s.ptr, s.len);
  c[s.len] = '\0';
  return c;
}

static void forget_done(struct done *done) {
  for (uint32_t i = 0; i < done->action_cnt; i++) {
    struct done_action *a = &done->actions[i];
    free(a->kind);
    free(a->text);
    free(a->json);
    free(a->aud);
    free(a->rule);
    free(a->decision);
  }
  for (uint32_t i = 0; i < done->trace_cnt; i++) {
    free(done->traces[i].rule);
    free(done->traces[i].detail);
  }
  free(done->refused);
  done->refused = NULL;
  done->action_cnt = done->trace_cnt = 0;
  done->result = WEIR_RESULT_NOTHING;
}

static void free_done(struct done *done) {
  forget_done(done);
  free(done->actions);
  free(done->traces);
}

/* "channel/account" of the action, which by `via` need not be the event's. */
static char *aud_of(const weir_action *a) {
  char *aud = malloc(a->channel.len + a->account.len + 2);
  if (!aud) return NULL;
  memcpy(aud, a->channel.ptr, a->channel.len);
  aud[a->channel.len] = '/';
  if (a->account.len) memcpy(aud + a->channel.len + 1, a->account.ptr, a->account.len);
  aud[a->channel.len + 1 + a->account.len] = '\0';
  return aud;
}

static bool keep_action(struct done *done, const weir_verdict *v, const weir_action *a) {
  if (done->action_cnt == done->action_cap) {
    uint32_t cap = done->action_cap ? done->action_cap * 2 : 16;
    struct done_action *more = realloc(done->actions, cap * sizeof *more);
    if (!more) return false;
    done->actions = more;
    done->action_cap = cap;
  }
  struct done_action *d = &done->actions[done->action_cnt++];
  *d = (struct done_action){ copy(a->kind), copy(a->text), copy(a->json), aud_of(a), copy(a->rule), copy(v->id), a->n };
  return d->kind && d->text && d->json && d->aud && d->rule && d->decision;
}

static bool keep_trace(struct done *done, const weir_trace *t) {
  if (done->trace_cnt == done->trace_cap) {
    uint32_t cap = done->trace_cap ? done->trace_cap * 2 : 64;
    struct done_trace *more = realloc(done->traces, cap * sizeof *more);
    if (!more) return false;
    done->traces = more;
    done->trace_cap = cap;
  }
  struct done_trace *d = &done->traces[done->trace_cnt++];
  *d = (struct done_trace){ copy(t->rule), copy(t->detail), t->reason };
  return d->rule && d->detail;
}

static void note_fired(struct player *p, bool *fired, weir_str rule) {
  size_t cnt = weir_ruleset_rule_count(p->rules);
  for (size_t i = 0; i < cnt; i++) {
    weir_rule_info info;
    if (!weir_ruleset_rule(p->rules, i, &info) || info.name.len != rule.len || memcmp(info.name.ptr, rule.ptr, rule.len) != 0) continue;
    fired[i] = true;
    return;
  }
}

/* What could not be looked at, or not be done, may show much later: it is told when it happens. */
static void tell_undone(const struct player *p, const weir_verdict *v) {
  static const char given_up[] = "what was to happen now cannot be done";
  for (size_t i = 0; i < v->trace_cnt; i++) {
    const weir_trace *t = &v->trace[i];
    bool undone = t->detail.len >= sizeof given_up - 1 && memcmp(t->detail.ptr, given_up, sizeof given_up - 1) == 0;
    if (t->reason != WEIR_REASON_LIMIT && !undone) continue;
    printf("#   %s: rule %.*s: %s: ", p->file->path, FMT(t->rule), undone ? "given up" : "a limit struck");
    print_text(stdout, t->detail);
    putchar('\n');
  }
}

static bool keep(struct player *p, const weir_verdict *v) {
  bool good = true;
  tell_undone(p, v);
  p->done.result = v->result;
  for (size_t i = 0; good && i < v->action_cnt; i++) {
    good = keep_action(&p->done, v, &v->actions[i]) && keep_action(&p->past, v, &v->actions[i]);
    note_fired(p, p->fired, v->actions[i].rule);
  }
  for (size_t i = 0; good && i < v->trace_cnt; i++) {
    if (v->trace[i].reason == WEIR_REASON_FIRED) note_fired(p, p->fired, v->trace[i].rule);
    if (v->trace[i].reason != WEIR_REASON_EVENT && v->trace[i].reason != WEIR_REASON_NOT_REACHED) good = keep_trace(&p->done, &v->trace[i]);
  }
  return good || scenario_no_memory(p);
}

/* ---- {names} */

char *scenario_fill(const struct player *p, weir_str text) {
  size_t cap = text.len + 1, used = 0;
  for (size_t i = 0; i < text.len; i++) cap += text.ptr[i] == '{' ? sizeof p->names[0].value : 0;
  char *out = malloc(cap);
  if (!out) return NULL;
  for (size_t i = 0; i < text.len;) {
    uint32_t k = p->name_cnt;
    for (uint32_t n = 0; text.ptr[i] == '{' && n < p->name_cnt; n++) {
      size_t len = strlen(p->names[n].name);
      if (i + len + 1 < text.len && memcmp(text.ptr + i + 1, p->names[n].name, len) == 0 && text.ptr[i + 1 + len] == '}') k = n;
    }
    if (k == p->name_cnt) {
      out[used++] = text.ptr[i++];
      continue;
    }
    size_t len = strlen(p->names[k].value);
    memcpy(out + used, p->names[k].value, len);
    used += len;
    i += strlen(p->names[k].name) + 2;
  }
  out[used] = '\0';
  return out;
}

/* ---- steps */

static bool drained(struct player *p) {
  weir_error err;
  if (drain_outbox(p->engine, &err)) return true;
  complain("test", &err);
  p->broken = true;
  return false;
}

/* Lets the time pass until `to`. */
static bool pass_time(struct player *p, int64_t to) {
  weir_verdict v;
  weir_error err;
  int ticks = 0;
  while (weir_next_due(p->engine) <= to) {
    int64_t due = weir_next_due(p->engine);
    if (due > p->now_ms) p->now_ms = due;
    weir_status st = weir_tick(p->engine, p->now_ms, &v, &err);
    if (st < 0) {
      complain("test", &err);
      p->broken = true;
      return false;
    }
    if (++ticks > TICKS_MAX) {
      complain_text("test", "%s: more than %d timers fell due in one step: does a rule set itself again?", p->file->path, TICKS_MAX);
      p->broken = true;
      return false;
    }
    /* Nothing: when it is due was not known for a while, and now is. */
    if (st == WEIR_OK && (!keep(p, &v) || !drained(p))) return false;
  }
  if (to > p->now_ms) p->now_ms = to;
  return true;
}

static bool decide(struct player *p, const weir_event *event) {
  weir_verdict v;
  weir_error err;
  weir_status st = weir_decide(p->engine, event, p->now_ms, &v, &err);
  if (st == WEIR_E_STATE || st == WEIR_E_NOMEM) {
    complain("test", &err);
    p->broken = true;
    return false;
  }
  if (st < 0) {
    free(p->done.refused); /* p1..p9 may all be refused: the last one tells */
    p->done.refused = copy((weir_str){ err.message, strlen(err.message) });
    return p->done.refused || scenario_no_memory(p);
  }
  return keep(p, &v) && drained(p) && pass_time(p, p->now_ms);
}

static bool play_event(struct player *p, const struct step *s, weir_str who, uint32_t serial, int64_t time_ms) {
  char id[EVENT_ID_MAX];
  int len = snprintf(id, sizeof id, "e%u", serial);
  char *text = scenario_fill(p, s->text);
  if (!text) return scenario_no_memory(p);
  weir_event event = { .struct_size = sizeof event, .id = { id, (size_t)len }, .channel = s->channel.len ? s->channel : p->channel,
                       .account = s->account.len ? s->account : p->account, .type = s->type, .time_ms = time_ms, .contact_id = who,
                       .contact_name = s->name, .text = { text, strlen(text) }, .post = s->post, .parent = s->parent, .room = s->room,
                       .inviter = s->inviter, .lang = s->lang, .mentioned = s->mentioned, .is_follower = s->is_follower, .attrs = s->attrs,
                       .attr_cnt = s->attr_cnt };
  bool good = decide(p, &event);
  free(text);
  return good;
}

/* p1..p100 does the same as p1, p2 and so on. The serials of the events follow each other. */
static bool play_people(struct player *p, const struct step *s, uint32_t serial, int64_t time_ms) {
  if (!s->people_to) return play_event(p, s, s->who, serial, time_ms);
  for (uint32_t i = s->people_from; i <= s->people_to; i++) {
    char who[WHO_MAX];
    int len = snprintf(who, sizeof who, "%.*s%u", FMT(s->who), i);
    if (!play_event(p, s, (weir_str){ who, (size_t)len }, serial++, time_ms)) return false;
  }
  return true;
}

static bool redeliver(struct player *p, const struct step *s) {
  if (!p->last) {
    printf("# %s:%u: there is no event before it that could be delivered again\n", p->file->path, s->line);
    return false;
  }
  return play_people(p, p->last, p->last_serial, p->last_ms);
}

static bool play_outcome(struct player *p, const struct step *s) {
  const struct done_action *found = NULL;
  for (uint32_t i = 0; i < p->past.action_cnt; i++) {
    const struct done_action *a = &p->past.actions[i];
    if (strlen(a->kind) == s->action.len && memcmp(a->kind, s->action.ptr, s->action.len) == 0) found = a;
  }
  if (!found) {
    printf("# %s:%u: there was no %.*s before of which something could become\n", p->file->path, s->line, FMT(s->action));
    return false;
  }
  char id[EVENT_ID_MAX];
  int len = snprintf(id, sizeof id, "e%u", ++p->serial);
  weir_str aud = { found->aud, strlen(found->aud) }, channel, account;
  if (!split_account(aud, &channel, &account)) return false;
  weir_event event = { .struct_size = sizeof event, .id = { id, (size_t)len }, .channel = channel, .account = account,
                       .type = { "outcome", 7 }, .time_ms = p->now_ms, .mentioned = -1, .is_follower = -1,
                       .outcome = { .decision = { found->decision, strlen(found->decision) }, .n = found->n, .status = s->status, .code = s->code,
                                    .retry_after_ms = s->retry_ms } };
  return decide(p, &event);
}

/* When the clock next shows the step's time, in the zone of the rules (TZ is set to it). */
static bool play_clock(struct player *p, const struct step *s) {
  time_t now = (time_t)(p->now_ms / 1000), then;
  struct tm tm;
  if (!localtime_r(&now, &tm)) return scenario_no_memory(p);
  if (s->year) {
    tm.tm_year = s->year - 1900;
    tm.tm_mon = s->month - 1;
    tm.tm_mday = s->day;
  }
  tm.tm_hour = s->hour;
  tm.tm_min = s->minute;
  tm.tm_sec = 0;
  tm.tm_isdst = -1;
  then = mktime(&tm);
  if (!s->year && then < now) {
    tm.tm_mday++;
    tm.tm_hour = s->hour;
    tm.tm_min = s->minute;
    tm.tm_isdst = -1;
    then = mktime(&tm);
  }
  int64_t ms = (int64_t)then * 1000;
  if (p->serial == 0 && s->year) {
    p->now_ms = ms; /* the beginning */
    return true;
  }
  if (ms >= p->now_ms) return pass_time(p, ms);
  printf("# %s:%u: that time is over already; a scenario only goes forward\n", p->file->path, s->line);
  return false;
}

static bool play_step(struct player *p, const struct step *s) {
  switch (s->kind) {
    case STEP_EVENT:
      p->last = s;
      p->last_serial = p->serial + 1;
      p->last_ms = p->now_ms;
      p->serial += s->people_to ? s->people_to - s->people_from + 1 : 1;
      return play_people(p, s, p->last_serial, p->now_ms);
    case STEP_REDELIVER: return redeliver(p, s);
    case STEP_OUTCOME: return play_outcome(p, s);
    case STEP_CLOCK: return play_clock(p, s);
    case STEP_WAIT: return pass_time(p, p->now_ms + s->ms);
  }
  return false;
}

/* ---- beginning and end */

static bool open_player(struct player *p, const struct scenario *scenario, struct coverage *parts) {
  weir_account_info declared;
  weir_error err;
  p->channel = scenario->channel;
  p->account = scenario->account;
  if (!p->channel.len && weir_ruleset_account(p->rules, 0, &declared)) {
    p->channel = declared.channel;
    p->account = declared.account;
  }
  if (!p->channel.len) {
    printf("# %s:%u: the rules declare no account, so the scenario needs a line such as: account douyin/papers\n", p->file->path, scenario->line);
    return false;
  }
  p->now_ms = first_day_ms;
  weir_config config = { .struct_size = sizeof config, .ruleset = p->rules, .chain = { "test", 4 }, .trace = true };
  weir_status st = weir_key_parse(&p->key, (weir_str){ test_key, sizeof test_key - 1 }, &err);
  config.key = p->key;
  coverage_watch(parts, &config);
  if (!st) st = weir_engine_open(&p->engine, &config, &err);
  if (!st) return true;
  complain("test", &err);
  p->broken = true;
  return false;
}

bool scenario_play(struct tests *tests, const struct scenario_file *file, const struct scenario *scenario, char **updates, uint32_t *failed) {
  struct player p = { .rules = tests->rules, .file = file, .fired = tests->fired };
  bool good = open_player(&p, scenario, tests->parts);
  *failed = 0;
  for (uint32_t i = 0; good && i < scenario->step_cnt; i++) {
    const struct step *s = &file->steps[scenario->first_step + i];
    forget_done(&p.done);
    good = play_step(&p, s);
    if (!good || scenario_meets(&p, s)) continue;
    if (p.broken) break;
    ++*failed;
    if (updates) updates[scenario->first_step + i] = scenario_actual(&p);
    if (updates && !updates[scenario->first_step + i]) good = scenario_no_memory(&p);
  }
  if (!good && !p.broken) ++*failed; /* a step that cannot be played is told, and what comes after it would mean nothing */
  weir_engine_close(p.engine);
  weir_key_free(p.key);
  free_done(&p.done);
  free_done(&p.past);
  return !p.broken;
}
