/* replay_play.c: gives the log to the engine again.
 *
 * A journal says what came when, which timers fired and what was committed together; it is followed to the letter, so that the
 * records are the same bytes. An event log says only what came; then time is the events' own, as in weir run --clock events.
 * Beside the first engine a second one may decide by other rules. Its timers are its own, so they fire by the clock. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "replay.h"

/* ---- showing how far it is */

static int64_t monotonic_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void show_progress(struct replay *r) {
  enum { WIDTH = 30, FIRST_MS = 1000, EVERY_MS = 200, ASK_LINES = 64 };
  if (r->in.number % ASK_LINES || !isatty(STDERR_FILENO) || !r->log_bytes) return;
  int64_t now = monotonic_ms();
  if (now - r->began_ms < FIRST_MS || now - r->shown_ms < EVERY_MS) return;
  int done = (int)(r->read_bytes * WIDTH / r->log_bytes);
  if (done > WIDTH) done = WIDTH;
  r->shown_ms = now;
  r->shown = true;
  fprintf(stderr, "\r[%.*s%*s] %3llu%%  %llu events ", done, "##############################", WIDTH - done, "",
          (unsigned long long)(r->read_bytes * 100 / r->log_bytes), (unsigned long long)r->events);
}

static void hide_progress(struct replay *r) {
  if (r->shown) fputs("\r\033[K", stderr);
  r->shown = false;
}

static bool stop_at(struct replay *r, const char *message) {
  hide_progress(r);
  complain_text("replay", "%s:%llu: %s", r->log, (unsigned long long)r->in.number, message);
  return false;
}

/* It went otherwise than the log says: told, and counted. */
static void differs(struct replay *r, const char *message) {
  hide_progress(r);
  r->differs++;
  if (r->differs <= REPLAY_COMPLAINTS_MAX) complain_text("replay", "%s:%llu: %s", r->log, (unsigned long long)r->in.number, message);
  if (r->differs == REPLAY_COMPLAINTS_MAX + 1) complain_text("replay", "more lines went otherwise; they are counted at the end");
}

/* ---- engines */

static bool struck(void *ctx) { return ((const struct replay *)ctx)->strike; }

static weir_ruleset *rules_of(struct replay *r, weir_str hash) {
  if (r->any_rules || !hash.len) return r->rules[0].rules;
  for (size_t i = 0; i < r->rules_cnt; i++) {
    weir_str own = weir_ruleset_hash(r->rules[i].rules);
    if (own.len == hash.len && memcmp(own.ptr, hash.ptr, own.len) == 0) return r->rules[i].rules;
  }
  hide_progress(r);
  complain_text("replay", "%s:%llu: from here on rules %.12s decided, and %s are %.12s. Give the folder of those: --rules-at %.12s=FOLDER; or let yours decide all of it: --any-rules",
                r->log, (unsigned long long)r->in.number, hash.ptr, r->rules[0].path, weir_ruleset_hash(r->rules[0].rules).ptr, hash.ptr);
  return NULL;
}

/* Bytes of a state in memory that surely hold all that the log makes. */
static size_t memory_for(const struct replay *r) {
  uint64_t mib = (r->log_bytes >> 20) * REPLAY_MEMORY_TIMES;
  if (mib < REPLAY_MEMORY_MIN) mib = REPLAY_MEMORY_MIN;
  return (size_t)(mib < REPLAY_MEMORY_MAX ? mib : REPLAY_MEMORY_MAX) << 20;
}

static bool open_engine(struct replay *r, int side, const weir_ruleset *rules, size_t memory) {
  weir_error err;
  weir_config config = { .struct_size = sizeof config, .ruleset = rules, .key = r->key, .batch = true, .state_memory = memory, .deadline = struck,
                         .deadline_ctx = r };
  config.chain = (weir_str){ r->chain, strlen(r->chain) };
  config.issuer = (weir_str){ r->issuer, strlen(r->issuer) };
  if (side == 0) config.state = r->state;
  weir_engine_close(r->engines[side]);
  r->engines[side] = NULL;
  if (weir_engine_open(&r->engines[side], &config, &err) == WEIR_OK) return true;
  hide_progress(r);
  complain("replay", &err);
  return false;
}

static bool open_engines(struct replay *r, const weir_ruleset *rules, size_t memory) {
  r->opens++;
  return open_engine(r, 0, rules, memory) && (!r->against || open_engine(r, 1, r->against, memory));
}

/* ---- records */

static bool print_record(struct replay *r, const weir_record *record, weir_error *err) {
  size_t len = 0;
  if (r->sign) return fwrite(record->jws.ptr, 1, record->jws.len, stdout) == record->jws.len && putchar('\n') != EOF;
  if (weir_record_claims(record->jws, r->claims, REPLAY_CLAIMS_MAX, &len, err)) return false;
  return fwrite(r->claims, 1, len, stdout) == len && putchar('\n') != EOF;
}

/* Nobody acknowledges here: what was printed is done. */
static bool take_records(struct replay *r, int side) {
  weir_record record;
  weir_error err = { .message = "the output cannot be written" };
  weir_status st;
  while ((st = weir_next_record(r->engines[side], &record, &err)) == WEIR_OK) {
    char aud[300];
    size_t len = record.aud.len < sizeof aud ? record.aud.len : sizeof aud;
    memcpy(aud, record.aud.ptr, len);
    if (side == 0) r->records++;
    if (side == 0 && !r->compare && !print_record(r, &record, &err)) return stop_at(r, err.message);
    if ((st = weir_ack(r->engines[side], (weir_str){ aud, len }, record.seq, &err)) != WEIR_OK) break;
  }
  return st == WEIR_NONE || stop_at(r, err.message);
}

static bool commit(struct replay *r, int side) {
  weir_error err;
  if (weir_commit(r->engines[side], &err) == WEIR_OK) return take_records(r, side);
  return stop_at(r, err.message);
}

/* ---- one thing after the other */

/* An event, or the next timer (line.ptr NULL). Where no log says what was committed when, a full group is committed first. */
static weir_status give(struct replay *r, int side, weir_str line, int64_t now_ms, bool free, weir_verdict *verdict, weir_error *err) {
  weir_engine *e = r->engines[side];
  for (int i = 0;; i++) {
    weir_status st = line.ptr ? weir_decide_json(e, line, now_ms, verdict, err) : weir_tick(e, now_ms, verdict, err);
    if (st != WEIR_E_FULL || !free || i == 1 || !commit(r, side)) return st;
  }
}

static bool compared(struct replay *r, int side, const weir_verdict *verdict, weir_str line) {
  if (!r->compare || replay_compare_take(r->compare, side, verdict, line)) return true;
  return stop_at(r, "there is not enough memory");
}

/* What is full in memory may have room in a file. */
static bool no_room(struct replay *r, const weir_error *err) {
  hide_progress(r);
  complain_text("replay", "%s:%llu: %s%s", r->log, (unsigned long long)r->in.number, err->message,
                r->state ? "" : ". Keep the state in a file: --state NEWFILE");
  return false;
}

/* Fires what falls due until then, by the clock. */
static bool advance(struct replay *r, int side, int64_t until) {
  weir_error err;
  weir_verdict verdict;
  weir_engine *e = r->engines[side];
  int64_t now = r->now_ms;
  while (weir_next_due(e) <= until) {
    if (weir_next_due(e) > now) now = weir_next_due(e);
    weir_status st = give(r, side, (weir_str){ NULL, 0 }, now, true, &verdict, &err);
    if (st < 0) return no_room(r, &err);
    if (st == WEIR_OK && !compared(r, side, &verdict, (weir_str){ NULL, 0 })) return false;
    if (weir_pending(e) >= REPLAY_GROUP_MAX && !commit(r, side)) return false;
  }
  return true;
}

/* The other rules' answer to an event. That they refuse it is an answer, too: none. */
static bool ask_other(struct replay *r, weir_str event) {
  weir_error err;
  weir_verdict verdict;
  if (!r->engines[1]) return true;
  weir_status st = give(r, 1, event, r->now_ms, true, &verdict, &err);
  if (st == WEIR_E_FULL) return no_room(r, &err);
  return compared(r, 1, &verdict, event) && (weir_pending(r->engines[1]) < REPLAY_GROUP_MAX || commit(r, 1));
}

static bool play_event(struct replay *r, const struct replay_line *line) {
  weir_error err;
  weir_verdict verdict;
  r->events++;
  r->strike = line->kind == REPLAY_STRUCK;
  weir_status st = give(r, 0, line->body, r->now_ms, false, &verdict, &err);
  bool was_struck = r->strike;
  r->strike = false;
  if (st == WEIR_E_FULL) return no_room(r, &err);
  if (st < 0) differs(r, err.message);
  else if (was_struck != verdict.struck) differs(r, "the deadline gave this event up then, and it ends by itself now");
  return compared(r, 0, &verdict, line->body) && ask_other(r, line->body);
}

static bool play_tick(struct replay *r, const struct replay_line *line) {
  weir_error err;
  weir_verdict verdict;
  r->strike = line->struck;
  weir_status st = give(r, 0, (weir_str){ NULL, 0 }, r->now_ms, false, &verdict, &err);
  r->strike = false;
  if (st == WEIR_E_FULL) return no_room(r, &err);
  if (st < 0) differs(r, err.message);
  if (st == WEIR_NONE) differs(r, "a timer fired then, and none is due now");
  return st != WEIR_OK || compared(r, 0, &verdict, (weir_str){ NULL, 0 });
}

static bool play_forget(struct replay *r, const struct replay_line *line) {
  char person[1024];
  weir_error err;
  weir_str part[3];
  replay_unquote(line->body, person, sizeof person);
  if (!person_read((weir_str){ person, strlen(person) }, part)) return stop_at(r, "the line is damaged: it forgets nobody");
  for (int side = 0; side < 2 && r->engines[side]; side++) {
    if (side == 1 && !commit(r, 1)) return false;
    if (weir_forget(r->engines[side], part[0], part[1], part[2], &err) < 0) return stop_at(r, err.message);
  }
  return true;
}

/* A member of a pool rests. Other rules may have no such pool. */
static bool play_pool(struct replay *r, const struct replay_line *line) {
  char words[4 * 1024];
  weir_error err;
  struct pool_order order;
  replay_unquote(line->body, words, sizeof words);
  if (!pool_read((weir_str){ words, strlen(words) }, &order)) return stop_at(r, "the line is damaged: it names no member of a pool");
  for (int side = 0; side < 2 && r->engines[side]; side++) {
    if (side == 1 && !commit(r, 1)) return false;
    weir_status st = weir_pool_out(r->engines[side], order.pool, order.member, line->now_ms, line->now_ms + order.seconds * 1000, &err);
    if (st && st != WEIR_E_ARG) return stop_at(r, err.message);
    if (st && side == 0) differs(r, err.message);
  }
  return true;
}

static const weir_key *key_of(const struct replay *r, weir_str id) {
  for (size_t i = 0; i < r->key_cnt; i++) {
    weir_str own = weir_key_id(r->keys[i]);
    if (own.len == id.len && memcmp(own.ptr, id.ptr, own.len) == 0) return r->keys[i];
  }
  return NULL;
}

/* Another key took over. One that is not at hand is stood in for, so that the chain has its record. */
static bool play_rotate(struct replay *r, const struct replay_line *line) {
  weir_error err;
  const weir_key *next = key_of(r, line->body);
  if (!next) {
    if (r->state) return stop_at(r, "another key took over here, which is not at hand (--key FILE)");
    if (r->sign) differs(r, "another key took over here, which is not at hand (--key FILE); what follows is signed by another one");
    if (!r->keys[r->key_cnt] && weir_key_generate(&r->keys[r->key_cnt], NULL, &err)) return stop_at(r, err.message);
    next = r->keys[r->key_cnt];
  }
  for (int side = 0; side < 2 && r->engines[side]; side++) {
    if (side == 1 && !commit(r, 1)) return false;
    if (weir_rotate(r->engines[side], next, line->now_ms, &err) < 0) return stop_at(r, err.message);
    if (!take_records(r, side)) return false;
  }
  r->key = next;
  return true;
}

/* Another run: with a new state, or with what the last one left; perhaps by other rules. */
static bool play_open(struct replay *r, const struct replay_line *line) {
  weir_error err;
  char chain[sizeof r->chain], issuer[sizeof r->issuer];
  replay_unquote(replay_member(line->body, "chain"), chain, sizeof chain);
  replay_unquote(replay_member(line->body, "issuer"), issuer, sizeof issuer);
  weir_ruleset *rules = rules_of(r, replay_member(line->body, "ruleset"));
  if (!rules) return false;
  bool goes_on = r->engines[0] && !line->memory && strcmp(chain, r->chain) == 0 && line->number > 0;
  if (goes_on) {
    if (weir_engine_commits(r->engines[0]) != line->number) differs(r, "the state had another number of commits then");
    if (strcmp(issuer, r->issuer) != 0) return stop_at(r, "the issuer became another here; that cannot be played");
    return weir_swap(r->engines[0], rules, &err) == WEIR_OK || stop_at(r, err.message);
  }
  if (r->state && r->opens) return stop_at(r, "another state begins here; --state can hold one only");
  memcpy(r->chain, chain, sizeof chain);
  memcpy(r->issuer, issuer, sizeof issuer);
  const weir_key *key = key_of(r, replay_member(line->body, "key"));
  if (key) r->key = key;
  if (!open_engines(r, rules, line->memory ? (size_t)line->memory : memory_for(r))) return false;
  uint64_t has = weir_engine_commits(r->engines[0]);
  if (has == line->number) return true;
  hide_progress(r);
  if (r->state) complain_text("replay", "the state %s has %llu commits, and the journal begins with a state of %llu", r->state, (unsigned long long)has, (unsigned long long)line->number);
  else complain_text("replay", "the journal begins when the state had %llu commits already: give a copy of the state as it was then (it is changed): --state COPY", (unsigned long long)line->number);
  return false;
}

static bool play_swap(struct replay *r, const struct replay_line *line) {
  weir_error err;
  weir_ruleset *rules = rules_of(r, line->body);
  if (!rules) return false;
  return weir_swap(r->engines[0], rules, &err) == WEIR_OK || stop_at(r, err.message);
}

static void warn_env(struct replay *r, const struct replay_line *line) {
  weir_str then = replay_member(line->body, "env"), now = weir_engine_env(r->engines[0]), key = replay_member(line->body, "key"), own = weir_key_id(r->key);
  hide_progress(r);
  if (then.len != now.len || memcmp(then.ptr, now.ptr, now.len) != 0) complain_text("replay", "other versions of weir, PCRE2 or Unicode decided then: records differ in \"env\" at least");
  if (key.len != own.len || memcmp(key.ptr, own.ptr, own.len) != 0) {
    complain_text("replay", "the key of this run, %.*s, is not at hand: codes given to people are other ones, and nobody is known by them (--key FILE)", FMT(key));
  }
}

static bool play_line(struct replay *r, weir_str text) {
  struct replay_line line;
  replay_read_line(text, &line);
  if (line.kind == REPLAY_OPEN) {
    bool first = r->opens == 0;
    if (!play_open(r, &line)) return false;
    if (first) warn_env(r, &line);
    return true;
  }
  if (line.kind == REPLAY_DAMAGED) {
    if (r->in.number == r->index.lines) return true; /* the run that wrote it was cut off, or is writing still */
    return stop_at(r, "this is no line of a journal");
  }
  if (line.now_ms > r->now_ms) r->now_ms = line.now_ms;
  if (r->engines[1] && !advance(r, 1, r->now_ms)) return false;
  r->now_ms = line.now_ms;
  switch (line.kind) {
    case REPLAY_EVENT:
    case REPLAY_STRUCK: return play_event(r, &line);
    case REPLAY_TICK: return play_tick(r, &line);
    case REPLAY_COMMIT: return commit(r, 0);
    case REPLAY_FORGET: return play_forget(r, &line);
    case REPLAY_POOL: return play_pool(r, &line);
    case REPLAY_ROTATE: return play_rotate(r, &line);
    case REPLAY_SWAP: return play_swap(r, &line);
    default: return true;
  }
}

/* A line of an event log. */
static bool play_plain(struct replay *r, weir_str line) {
  weir_error err;
  weir_verdict verdict;
  int64_t ms = 0;
  if (weir_event_time(r->engines[0], line, &ms, &err)) {
    differs(r, err.message);
    return true;
  }
  if (r->now_ms && ms - r->now_ms > REPLAY_JUMP_DAYS * INT64_C(86400000)) {
    differs(r, "its time lies more than 400 days after the events before it");
    return true;
  }
  for (int side = 0; side < 2 && r->engines[side]; side++) {
    if (!advance(r, side, ms)) return false;
  }
  if (ms > r->now_ms) r->now_ms = ms;
  r->events++;
  weir_status st = give(r, 0, line, r->now_ms, true, &verdict, &err);
  if (st == WEIR_E_FULL) return no_room(r, &err);
  if (st < 0) differs(r, err.message);
  if (!compared(r, 0, &verdict, line) || !ask_other(r, line)) return false;
  return weir_pending(r->engines[0]) < REPLAY_GROUP_MAX || commit(r, 0);
}

/* ---- the whole log */

static bool is_gone(const struct replay *r, size_t *at) {
  while (*at < r->index.gone_cnt && r->index.gone[*at].last < r->in.number) (*at)++;
  return *at < r->index.gone_cnt && r->index.gone[*at].first <= r->in.number;
}

static bool play_lines(struct replay *r) {
  size_t gone = 0;
  while (true) {
    weir_str line;
    show_progress(r);
    switch (lines_next(&r->in, &line)) {
      case LINES_LINE:
        r->read_bytes += line.len + 1;
        if (!line.len || is_gone(r, &gone)) continue;
        if (r->index.journal ? !play_line(r, line) : !play_plain(r, line)) return false;
        continue;
      case LINES_TOO_LONG:
        if (is_gone(r, &gone)) continue;
        if (r->index.journal) return stop_at(r, "the line is longer than any of a journal");
        differs(r, "the line is longer than 65,536 bytes");
        continue;
      case LINES_END: return true;
      case LINES_ERROR:
      case LINES_EMPTY:
        if (lines_fill(&r->in) != LINES_ERROR) continue;
        return stop_at(r, strerror(errno));
    }
  }
}

/* What an event log leaves waiting happens now; what a journal did not commit did not happen. */
static bool end(struct replay *r) {
  int64_t far = r->now_ms + REPLAY_JUMP_DAYS * INT64_C(86400000);
  if (!r->engines[0]) return true;
  if (r->index.journal) r->uncommitted = weir_pending(r->engines[0]);
  for (int side = 0; side < 2 && r->engines[side]; side++) {
    if (!r->index.journal && (!advance(r, side, far) || !commit(r, side))) return false;
  }
  return !r->compare || replay_compare_end(r->compare) || stop_at(r, "there is not enough memory");
}

bool replay_play(struct replay *r) {
  r->began_ms = monotonic_ms();
  if (!r->index.journal) {
    memcpy(r->chain, "replay", sizeof "replay");
    if (!open_engines(r, r->rules[0].rules, memory_for(r))) return false;
  }
  bool good = play_lines(r) && end(r);
  hide_progress(r);
  return good;
}
