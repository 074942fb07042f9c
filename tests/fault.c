/* fault.c: make fault. A gateway's life is lived once, and then again and again with one thing failing in it, once or from
 * then on: every request for memory (malloc and its like, the arenas, the heaps of PCRE2 and Lua, SQLite's), every operation
 * of the store. After each: a status that says what it is and a message, nothing lost, and when the call is made again the
 * life goes on to the same records, byte for byte, as if nothing had been. What a handler or a pattern cannot do for want of
 * memory is a limit, and said; then that one person's answers may differ, nobody else's.
 *
 * SAMPLE=n tries so many points, evenly over all kinds; without it, all. POINT=kind:number:ever:file tries one (arenas are 1), for
 * a debugger: it stops in fault_struck_here. Speaks TAP, a line a kind; fails when a kind had
 * nothing to fail. The calls are caught by the linker (--wrap), so sanitizers can watch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault_points.h"
#include "weir.h"

#define S(literal) ((weir_str){ (literal), sizeof(literal) - 1 })
#define START INT64_C(1795309200000)
#define STEPS_MAX 64
#define RECORDS_MAX 128
#define TRIES 3

static const char *const kind_names[FAULT_KINDS] = { "host memory", "arenas", "heaps of PCRE2 and Lua", "SQLite's memory", "store operations" };

/* ---- A life */

static const char jwk[] =
  "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";
static const char rules_text[] =
  "words.want = { '求', 'want' }\nfunnel 'f' { stages = { 'asked', 'added', 'done' }, goal = 'done' }\npool 'ids' { 'a', 'b', per_day = 1000 }\n"
  "rule 'stop' { on = 'comment', keywords = { 'stop' }, mode = 'equal', opt_out = true, message = 'bye' }\n"
  "rule 'ask' { on = 'comment', match = [[({want}).{0,12}(?:电子版|paper)]], except = { '不要' }, once = 'post', reply = { '有 {match}', 'x {person.name}' },\n"
  "  message = { '加 {pool.ids} {code}', after = '1s..9s' }, follow = true, tag = 'a', stage = 'f/asked', set = { city = 'x' }, incr = 'points' }\n"
  "rule 'added' { on = 'friend_request', run = function(e) e:accept() e:message('hi ' .. (e.person.name or '') .. #e.text) e:stage('f/added') e:after('1s', 'later') end }\n"
  "rule 'later' { on = 'timer', message = 'later', stage = 'f/done' }\n"
  "rule 'again' { on = 'comment', keywords = { 'again' }, cooldown = '1h', reply = 'again' }\n";

struct life {
  char folder[64], rules_path[96], state[96];
  bool file;
  weir_ruleset *rules;
  weir_key *key;
  weir_engine *engine;
  weir_verdict verdict;
  weir_error err;
  int64_t now;
  jmp_buf out;                     /* a call that did not work at all */
  const char *wrong;
  char wrong_text[700];
  struct {
    char aud[32];
    uint64_t seq;
    uint64_t hash;
  } records[RECORDS_MAX];
  size_t record_cnt;
  uint64_t said[STEPS_MAX];        /* hash of what each step said */
  bool limit[STEPS_MAX];           /* a limit struck, and that is said */
  bool alone[STEPS_MAX];           /* an event that hangs on nothing that was decided before */
  size_t step_cnt;
  unsigned failures;               /* calls that failed */
  char decision[64];               /* id of a decision whose outcome will be told */
};

static _Noreturn void broken(struct life *l, const char *what) {
  snprintf(l->wrong_text, sizeof l->wrong_text, "%s: %s: %s", what, weir_status_name(l->err.status), l->err.message);
  l->wrong = l->wrong_text;
  longjmp(l->out, 1);
}

/* The memory of Lua and of a pattern at load is a limit of the rules, and told as theirs; what was measured out to the byte and
 * does not fit is a defect. */
static bool is_honest(weir_status st, const char *message) {
  if (st == WEIR_E_RULES) return (fault.kind == FAULT_HEAP && (strstr(message, "more memory") || strstr(message, "heap memory"))) || (fault.kind == FAULT_ARENA && strstr(message, "too large"));
  if (st == WEIR_E_INTERNAL) return fault.kind == FAULT_ARENA && strstr(message, "divided wrongly");
  return st == WEIR_E_NOMEM || st == WEIR_E_STATE || st == WEIR_E_FULL || st == WEIR_E_SCRIPT || st == WEIR_E_KEY || st == WEIR_E_IO;
}

static weir_status open_engine(struct life *l) {
  weir_config config = { .struct_size = sizeof config, .ruleset = l->rules, .key = l->key, .chain = S("fault"), .state = l->file ? l->state : NULL,
                         .state_memory = 1u << 20 };
  return weir_engine_open(&l->engine, &config, &l->err);
}

/* One call of the host's, made again after it failed: nothing fails any more then. A store in a file may want to be opened
 * anew after its disk failed. */
typedef weir_status call_fn(struct life *l, const void *with);
static weir_status call(struct life *l, const char *what, call_fn *fn, const void *with) {
  memset(&l->err, 0, sizeof l->err);
  weir_status st = fn(l, with);
  if (st >= 0) return st;
  if (!fault.struck) broken(l, what);
  if (!is_honest(st, l->err.message) || l->err.status != st || !l->err.message[0]) broken(l, what);
  fault_disarm();
  l->failures++;
  for (int i = 0; i < TRIES; i++) {
    st = fn(l, with);
    if (st >= 0) return st;
    if (l->file && st == WEIR_E_STATE && l->engine) {
      weir_engine_close(l->engine);
      l->engine = NULL;
      if (open_engine(l) < 0) broken(l, "opening the state anew");
    }
  }
  broken(l, what);
}

static weir_status do_load(struct life *l, const void *with) { return weir_ruleset_load(&l->rules, with, NULL, &l->err); }
static weir_status do_key(struct life *l, const void *with) { return weir_key_parse(&l->key, (weir_str){ with, strlen(with) }, &l->err); }
static weir_status do_open(struct life *l, const void *with) { (void)with; return open_engine(l); }
static weir_status do_decide(struct life *l, const void *with) { return weir_decide(l->engine, with, l->now, &l->verdict, &l->err); }
static weir_status do_json(struct life *l, const void *with) { return weir_decide_json(l->engine, (weir_str){ with, strlen(with) }, l->now, &l->verdict, &l->err); }
static weir_status do_tick(struct life *l, const void *with) { (void)with; return weir_tick(l->engine, l->now, &l->verdict, &l->err); }
static weir_status do_next(struct life *l, const void *with) { return weir_next_record(l->engine, (weir_record *)(uintptr_t)with, &l->err); }
static weir_status do_ack(struct life *l, const void *with) {
  const weir_record *r = with;
  return weir_ack(l->engine, r->aud, r->seq, &l->err);
}
static weir_status do_swap(struct life *l, const void *with) { return weir_swap(l->engine, with, &l->err); }
static weir_status do_expire(struct life *l, const void *with) { (void)with; return weir_outbox_expire(l->engine, l->now, NULL, &l->err); }
static weir_status do_forget(struct life *l, const void *with) { return weir_forget(l->engine, S("douyin"), S("papers"), (weir_str){ with, strlen(with) }, &l->err); }

static void hash_add(uint64_t *hash, weir_str s) {
  for (size_t i = 0; i < s.len; i++) *hash = (*hash ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001B3);
}

/* The same record may come again after the state was opened anew: then with the same bytes. */
static void keep_record(struct life *l, const weir_record *r) {
  uint64_t hash = 1;
  char aud[32];
  snprintf(aud, sizeof aud, "%.*s", (int)r->aud.len, r->aud.ptr);
  hash_add(&hash, r->jws);
  for (size_t i = 0; i < l->record_cnt; i++) {
    if (l->records[i].seq != r->seq || strcmp(l->records[i].aud, aud) != 0) continue;
    if (l->records[i].hash != hash) broken(l, "a record came again with other bytes");
    return;
  }
  if (l->record_cnt == RECORDS_MAX) broken(l, "too many records");
  snprintf(l->records[l->record_cnt].aud, sizeof aud, "%s", aud);
  l->records[l->record_cnt].seq = r->seq;
  l->records[l->record_cnt++].hash = hash;
}

static void hand_over(struct life *l) {
  weir_record record;
  while (call(l, "weir_next_record", do_next, &record) == WEIR_OK) {
    char aud[32];
    keep_record(l, &record);
    snprintf(aud, sizeof aud, "%.*s", (int)record.aud.len, record.aud.ptr);
    weir_record own = { .aud = { aud, strlen(aud) }, .seq = record.seq };
    (void)call(l, "weir_ack", do_ack, &own);
  }
}

static void said(struct life *l) {
  uint64_t *hash = &l->said[l->step_cnt];
  for (size_t i = 0; i < l->verdict.action_cnt; i++) hash_add(hash, l->verdict.actions[i].json);
  *hash = *hash * 31 + (uint64_t)l->verdict.result;
  if (l->verdict.limit) l->limit[l->step_cnt] = true;
  for (size_t i = 0; i < l->verdict.trace_cnt; i++) /* a timer that cannot be carried out is given up, and said so */
    if (l->verdict.trace[i].reason == WEIR_REASON_ACTION_DROPPED && l->verdict.trace[i].detail.len > 30 && memcmp(l->verdict.trace[i].detail.ptr, "what was to happen now", 22) == 0)
      l->limit[l->step_cnt] = true;
}

static void event(struct life *l, const char *id, const char *type, const char *who, const char *text) {
  weir_event e = { .struct_size = sizeof e, .id = { id, strlen(id) }, .channel = S("douyin"), .account = S("papers"), .type = { type, strlen(type) }, .time_ms = l->now,
                   .contact_id = { who, strlen(who) }, .contact_name = S("Lin"), .text = { text, strlen(text) }, .post = S("v1"), .mentioned = -1, .is_follower = -1 };
  if (strcmp(type, "outcome") == 0) e.outcome = (weir_event_outcome){ .decision = { l->decision, strlen(l->decision) }, .n = 1, .status = S("rejected"), .retry_after_ms = 5000 };
  l->said[l->step_cnt] = 7;
  l->alone[l->step_cnt] = strcmp(who, "u1") != 0;
  (void)call(l, "weir_decide", do_decide, &e);
  said(l);
  if (strcmp(id, "ask1") == 0 && l->verdict.result != WEIR_RESULT_REPEAT)
    snprintf(l->decision, sizeof l->decision, "%.*s", l->verdict.id.len ? (int)l->verdict.id.len : 4, l->verdict.id.len ? l->verdict.id.ptr : "none");
  l->step_cnt++;
  hand_over(l);
}

static void pass(struct life *l, int64_t ms) {
  l->now += ms;
  l->said[l->step_cnt] = 8;
  while (call(l, "weir_tick", do_tick, NULL) == WEIR_OK) said(l);
  l->step_cnt++;
  hand_over(l);
}

static void live_it(struct life *l) {
  (void)call(l, "weir_ruleset_load", do_load, l->rules_path);
  (void)call(l, "weir_key_parse", do_key, jwk);
  (void)call(l, "weir_engine_open", do_open, NULL);
  event(l, "ask1", "comment", "u1", "求电子版");
  event(l, "quiet", "comment", "u2", "nothing for us");
  event(l, "add1", "friend_request", "u3", "hello");
  pass(l, 10000);
  event(l, "out1", "outcome", "u1", "");
  event(l, "ask1", "comment", "u1", "求电子版"); /* again */
  event(l, "again1", "comment", "u4", "again");
  event(l, "stop1", "comment", "u5", "stop");
  (void)call(l, "weir_decide_json", do_json,
             "{\"id\":\"j1\",\"time\":1795309210000,\"channel\":\"douyin\",\"account\":\"papers\",\"type\":\"comment\",\"contact\":{\"id\":\"u6\",\"name\":\"W\\u0061ng\"},\"text\":\"I want the paper\",\"post\":\"v2\"}");
  pass(l, 20000);
  weir_ruleset *old = l->rules;
  l->rules = NULL;
  (void)call(l, "weir_ruleset_load", do_load, l->rules_path);
  (void)call(l, "weir_swap", do_swap, l->rules);
  weir_ruleset_free(old);
  event(l, "ask2", "comment", "u7", "want paper");
  (void)call(l, "weir_forget", do_forget, "u4");
  (void)call(l, "weir_outbox_expire", do_expire, NULL);
  pass(l, 3600 * 1000);
}

/* nth 0: nothing fails. */
static void live_once(struct life *l, bool file, enum fault_kind kind, uint64_t nth, bool ever) {
  char folder[sizeof l->folder];
  memcpy(folder, l->folder, sizeof folder);
  memset(l, 0, sizeof *l);
  memcpy(l->folder, folder, sizeof folder);
  l->file = file;
  l->now = START;
  snprintf(l->rules_path, sizeof l->rules_path, "%s/rules.lua", l->folder);
  snprintf(l->state, sizeof l->state, "%s/state.db", l->folder);
  fault_arm(kind, nth, ever);
  if (setjmp(l->out) == 0) live_it(l);
  fault_disarm();
  weir_engine_close(l->engine);
  weir_ruleset_free(l->rules);
  weir_key_free(l->key);
  for (int i = 0; i < 3; i++) {
    char path[128];
    static const char *const ends[] = { "", "-wal", "-journal" };
    snprintf(path, sizeof path, "%s%s", l->state, ends[i]);
    (void)unlink(path);
  }
}

/* ---- All points */

/* NULL: as it must be. */
static const char *compare(struct life *l, const struct life *good) {
  bool limited = false;
  if (l->wrong) return l->wrong;
  if (l->step_cnt != good->step_cnt) return "another number of steps";
  for (size_t i = 0; i < l->step_cnt; i++) limited = limited || (l->limit[i] && !good->limit[i]);
  /* After a limit that was said, what hangs on that decision differs: its timers, its outcome. */
  for (size_t i = 0; i < l->step_cnt; i++)
    if (l->said[i] != good->said[i] && !l->limit[i] && (!limited || l->alone[i])) return "another answer, and no limit is said";
  if (limited) return NULL;
  if (l->record_cnt != good->record_cnt) return "another number of records";
  for (size_t i = 0; i < l->record_cnt; i++)
    if (l->records[i].hash != good->records[i].hash) return "another record";
  return NULL;
}

static unsigned tests, passed, failed;

static void try_kind(struct life *l, const struct life *good, enum fault_kind kind, bool file, uint64_t points, uint64_t sample) {
  uint64_t step = sample && points * 2 > sample ? points * 2 / sample : 1, tried = 0, struck = 0, calls = 0;
  long before = fault.live;
  bool bad = points == 0;
  for (uint64_t at = 0; at < points * 2; at += step) {
    live_once(l, file, kind, at / 2 + 1, (at + at / (2 * step)) % 2);
    tried++;
    struck += fault.struck > 0;
    calls += l->failures;
    const char *why = compare(l, good);
    if (!why && fault.live != before) why = "memory is not given back";
    if (!why) continue;
    printf("# %s, number %llu, %s: %s\n", kind_names[kind], (unsigned long long)(at / 2 + 1), fault.ever ? "for ever" : "once", why);
    fault.live = before;
    bad = true;
  }
  if (struck == 0) bad = true;
  tests++;
  if (bad) failed++;
  else passed++;
  printf("%sok %u - fault: %s, state %s: %llu of %llu points, %llu struck, %llu calls failed\n", bad ? "not " : "", tests, kind_names[kind],
         file ? "in a file" : "in memory", (unsigned long long)tried, (unsigned long long)points * 2, (unsigned long long)struck, (unsigned long long)calls);
}

int main(void) {
  static struct life life, good;
  const char *sample_text = getenv("SAMPLE");
  uint64_t sample = sample_text && *sample_text ? strtoull(sample_text, NULL, 10) / (2 * FAULT_KINDS - 1) + 1 : 0;
  if (!fault_watch_sqlite()) return 2;
  /* In memory when there is such a folder: how long a disk takes to sync says nothing here. */
  snprintf(life.folder, sizeof life.folder, "%s/weir-fault-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  if (!mkdtemp(life.folder)) return 2;
  snprintf(life.rules_path, sizeof life.rules_path, "%s/rules.lua", life.folder);
  FILE *f = fopen(life.rules_path, "w");
  if (!f || fputs(rules_text, f) < 0 || fclose(f) != 0) return 2;
  const char *point = getenv("POINT");
  if (point) {
    unsigned kind = 0, nth = 0, ever = 0, file = 0;
    if (sscanf(point, "%u:%u:%u:%u", &kind, &nth, &ever, &file) != 4) return 2;
    live_once(&life, file, 0, 0, false);
    good = life;
    live_once(&life, file, (enum fault_kind)kind, nth, ever);
    const char *why = compare(&life, &good);
    for (size_t i = 0; i < life.step_cnt; i++)
      if (life.said[i] != good.said[i]) printf("# step %zu\n", i);
    printf("# %s\n", why ? why : "as it must be");
    return why != NULL;
  }
  for (int file = 0; file < 2; file++) {
    live_once(&life, file, 0, 0, false);
    live_once(&life, file, 0, 0, false); /* what is made once in a process is there now */
    good = life;
    if (good.wrong || good.record_cnt < 8) {
      printf("Bail out! the life itself: %s, %zu records\n", good.wrong ? good.wrong : "too few", good.record_cnt);
      return 2;
    }
    uint64_t points[FAULT_KINDS];
    for (int kind = 0; kind < FAULT_KINDS; kind++) points[kind] = fault.seen[kind];
    for (int kind = 0; kind < FAULT_KINDS; kind++)
      if (file || kind != FAULT_SQLITE) try_kind(&life, &good, (enum fault_kind)kind, file, points[kind], sample);
  }
  printf("1..%u\n%u passed, %u failed\n", tests, passed, failed);
  (void)unlink(life.rules_path);
  (void)rmdir(life.folder);
  return failed ? 1 : 0;
}
