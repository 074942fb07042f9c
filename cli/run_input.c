/* run_input.c: the loop of `weir run`: it waits for events, acknowledgements, operators, timers and signals at one place, and
 * gives the engine one thing after the other.
 *
 * What is in the input's buffer is decided without asking the system anything; everybody else has his turn whenever the buffer
 * is empty, which is after 64 KiB of events at the latest. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run.h"

/* ---- the clock */

static const int64_t clock_unset_ms = INT64_C(1577836800000); /* 2020: weir is younger than any earlier time */

int64_t run_monotonic_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + 1; /* never 0 */
}

static int64_t wall_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Quiet events never ask, so the clock is read for dear ones only, from their first question on. */
bool run_overdue(void *ctx) {
  struct run *r = ctx;
  int64_t now = run_monotonic_ms();
  if (!r->began_ms) r->began_ms = now;
  return now - r->began_ms >= r->deadline_ms;
}

/* A state that was used by a later clock: records keep its time, and say so. */
static void compare_clock(struct run *r) {
  weir_stats s = { .struct_size = sizeof s };
  weir_engine_stats(r->engine, &s);
  if (r->wall_ms + CLOCK_BACK_MS >= s.latest_ms) return;
  r->told_back = true;
  complain_text("run", "the clock stands %lld seconds before the last record of this state; until it has caught up, records keep that time (is the clock right?)",
                (long long)((s.latest_ms - r->wall_ms) / 1000));
}

/* Looks at the clock, and says so when it cannot be right; a clock that jumps back does not take us along. */
static void read_clock(struct run *r) {
  int64_t now = wall_ms();
  if (now < clock_unset_ms && !r->told_unset) {
    r->told_unset = true;
    complain_text("run", "the clock stands before 2020; records carry its time, so set it");
  }
  if (now + CLOCK_BACK_MS < r->wall_ms && !r->told_back) {
    r->told_back = true;
    complain_text("run", "the clock jumped back by %lld seconds; weir's time stands still until it has caught up (if the clock was wrong before: start anew)",
                  (long long)((r->wall_ms - now) / 1000));
  }
  r->wall_ms = now;
  if (now > r->now_ms) r->now_ms = now;
}

/* ---- deciding */

static void bad_line(struct run *r, const char *message) {
  r->bad++;
  const char *name = r->events ? r->events : "stdin";
  if (r->bad <= COMPLAINTS_MAX) {
    fprintf(stderr, "weir run: %s:%llu: skipped: ", name, (unsigned long long)r->in.number);
    print_text(stderr, (weir_str){ message, strlen(message) });
    fputc('\n', stderr);
  }
  if (r->bad == COMPLAINTS_MAX + 1) fprintf(stderr, "weir run: more lines were skipped; they are counted at the end\n");
}

/* Commits when the group is full or its first decision has waited long enough; a log that is played gives the same groups every
 * time. */
static void decided(struct run *r) {
  size_t pending = weir_pending(r->engine);
  if (!pending) return;
  if (!r->pending_since) r->pending_since = run_monotonic_ms();
  bool is_full = pending >= (r->group ? r->group : GROUP_MAX);
  if (!is_full && (r->event_clock || run_monotonic_ms() - r->pending_since < COMMIT_AFTER_MS)) return;
  run_flush(r);
  run_snapshot_step(r);
}

/* What the engine has to say: a rule that is put aside, what was due and can never be done, and more at higher levels. */
void run_log(void *ctx, const weir_log_entry *entry) {
  static const char *const own[] = { "commit_failed", "clock_behind", "gave_up", "new_chain", "rotated", "swapped" }; /* said here, with more */
  (void)ctx;
  for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
    if (strcmp(entry->what, own[i]) == 0) return;
  }
  fputs("weir run: ", stderr);
  if (entry->level >= WEIR_LOG_INFO) fprintf(stderr, "%s: ", weir_log_level_name(entry->level));
  print_text(stderr, (weir_str){ entry->message, strlen(entry->message) });
  if (entry->cause.len && entry->level >= WEIR_LOG_INFO) {
    fputs(" (", stderr);
    print_text(stderr, entry->cause);
    fputc(')', stderr);
  }
  fputc('\n', stderr);
}

/* One try of an event, or of the next timer (line.ptr NULL). */
static weir_status attempt(struct run *r, weir_str line, weir_error *err) {
  weir_verdict verdict;
  memset(&verdict, 0, sizeof verdict);
  r->began_ms = 0;
  weir_status st = line.ptr ? weir_decide_json(r->engine, line, r->now_ms, &verdict, err) : weir_tick(r->engine, r->now_ms, &verdict, err);
  r->struck = verdict.struck;
  if (r->struck && ++r->strikes <= COMPLAINTS_MAX) {
    complain_text("run", "%s %.*s took longer than %ld ms and was given up, undecided", line.ptr ? "the event" : "what was due for", FMT(verdict.cause), r->deadline_ms);
  }
  return st;
}

/* The same, after room was made in group and outbox where there was none. */
static weir_status give(struct run *r, weir_str line, weir_error *err) {
  weir_status st = attempt(r, line, err);
  if (st != WEIR_E_FULL) return st;
  run_flush(r);
  return r->broken ? WEIR_E_FULL : attempt(r, line, err);
}

/* Rules that come round would do so for ever. */
static bool nothing_waits(const struct run *r) {
  weir_stats stats = { .struct_size = sizeof stats };
  weir_engine_stats(r->engine, &stats);
  return stats.timers_waiting == 0;
}

/* Who acknowledges slowly makes events and timers wait, for a time; so nothing is lost between a fast source and a slow reader. */
static bool reader_is_slow(struct run *r) {
  if (r->ack_fd < 0 || r->acks_ended || r->no_room || !run_outbox(r)) return false;
  int64_t now = run_monotonic_ms();
  if (!r->held_since) r->held_since = now;
  return now - r->held_since < ACK_HOLD_MS;
}

void run_timers(struct run *r, int64_t until, unsigned most) {
  weir_error err;
  if (r->timers_after && run_monotonic_ms() < r->timers_after) return;
  r->timers_after = 0;
  for (unsigned i = 0; !r->broken && (i < most || r->event_clock) && weir_next_due(r->engine) <= until; i++) {
    int64_t due = weir_next_due(r->engine);
    if (r->last && nothing_waits(r)) return;
    if (!r->event_clock || (due == 0 && until > r->now_ms)) r->now_ms = until; /* 0: a rule that comes round is new, its calendar begins */
    else if (due > r->now_ms) r->now_ms = due;
    weir_status st = give(r, (weir_str){ NULL, 0 }, &err);
    if (st == WEIR_E_FULL && !r->broken) {
      if (!reader_is_slow(r)) run_no_room(r, &err, 0);
      r->timers_after = run_monotonic_ms() + RETRY_MS; /* the timer waits in the store */
      return;
    }
    if (st < 0) {
      if (!r->broken) run_fail(r, &err);
      return;
    }
    r->held_since = 0; /* there was room: the next wait is a new one */
    run_journal(r, "tick", r->struck ? (weir_str){ "\"struck\"", 8 } : (weir_str){ "true", 4 });
    decided(r);
  }
}

static bool set_time(struct run *r, weir_str line) {
  weir_error err;
  int64_t ms = 0;
  if (!r->event_clock) {
    read_clock(r);
    run_timers(r, r->now_ms, TIMERS_BETWEEN);
    return true;
  }
  if (weir_event_time(r->engine, line, &ms, &err)) {
    bad_line(r, err.message);
    return false;
  }
  if (r->now_ms && ms - r->now_ms > JUMP_DAYS_MAX * INT64_C(86400000)) {
    bad_line(r, "its time lies more than 400 days after the events before it");
    return false;
  }
  run_timers(r, ms, UINT_MAX);
  if (ms > r->now_ms) r->now_ms = ms;
  return true;
}

static bool hold(struct run *r, weir_str line) {
  if (!reader_is_slow(r)) return false;
  r->held = line;
  return true;
}

static void decide_line(struct run *r, weir_str line) {
  weir_error err;
  size_t blank = 0;
  while (blank < line.len && (line.ptr[blank] == ' ' || line.ptr[blank] == '\t')) blank++;
  if (blank == line.len) return;
  weir_str given = line;
  if (r->repair) {
    size_t len = 0;
    if (weir_utf8_repair(line, r->repaired, REPAIRED_MAX, &len)) given = (weir_str){ r->repaired, len };
  }
  if (!set_time(r, given) || r->broken) return;
  weir_status st = give(r, given, &err);
  if (r->broken) return;
  if (st == WEIR_E_FULL && hold(r, line)) return;
  r->held_since = 0;
  if (st == WEIR_E_FULL) {
    run_no_room(r, &err, 1);
  } else if (st == WEIR_E_STATE) {
    run_fail(r, &err);
  } else if (st < 0) {
    bad_line(r, err.message);
  } else {
    run_journal(r, r->struck ? "struck" : "event", given);
  }
}

/* ---- waiting */

/* How long nothing needs to be done: until the next timer. */
static int patience(const struct run *r) {
  int64_t due = weir_next_due(r->engine), wait = IDLE_MS;
  if (r->event_clock) return -1;
  if (due != INT64_MAX && due - wall_ms() < wait) wait = due - wall_ms() + 1;
  if (r->timers_after && wait < RETRY_MS) wait = RETRY_MS;
  return wait < 0 ? 0 : (int)wait;
}

static void heed_signals(struct run *r) {
  struct run_signals got = run_signals_take();
  if (got.stop) r->stop = r->signalled = true;
  if (got.reload && !r->broken) (void)run_rotate(r);
  if (got.reload && !r->broken) run_reload(r);
}

/* Waits up to timeout_ms (-1: for ever) until anybody has something for us, and serves all but the events. Returns whether
 * there are events; without `input` nobody asks for them. */
static bool watch(struct run *r, bool input, int timeout_ms) {
  struct pollfd fds[3 + 1 + CLIENTS_MAX];
  fds[0] = (struct pollfd){ .fd = run_signals_fd(), .events = POLLIN };
  fds[1] = (struct pollfd){ .fd = r->acks_ended ? -1 : r->ack_fd, .events = POLLIN };
  fds[2] = (struct pollfd){ .fd = input ? r->in.fd : -1, .events = POLLIN };
  size_t clients = run_control_watch(r, fds + 3);
  if (run_control_busy(r)) timeout_ms = 0;
  if (r->snapshot[0] && timeout_ms != 0 && !weir_pending(r->engine)) { /* there is nothing else to do */
    r->snapshot_after = 0;
    timeout_ms = 0;
  }
  if (poll(fds, (nfds_t)(3 + clients), timeout_ms) < 0) return false; /* a signal: its byte is there the next time */
  if (fds[0].revents) heed_signals(r);
  if (!r->event_clock) read_clock(r); /* what an operator orders begins now, not when the last event came */
  if (fds[1].revents && !r->broken) run_read_acks(r);
  if (!r->broken) run_control_serve(r, fds + 3, clients);
  run_snapshot_step(r);
  return fds[2].revents != 0;
}

static void wait_for_events(struct run *r) {
  bool more = watch(r, true, 0);
  if (!more && !r->stop) {
    run_flush(r);
    if (r->broken) return;
    more = watch(r, true, patience(r));
    if (!more && !r->broken && !r->event_clock) set_time(r, (weir_str){ NULL, 0 });
  }
  if (!more || r->stop || r->broken) return;
  if (lines_fill(&r->in) == LINES_ERROR) {
    complain_text("run", "events cannot be read: %s", strerror(errno));
    r->broken = true;
  }
}

/* An event that waits for acknowledgements is tried again whenever something happened. */
static void try_held(struct run *r) {
  int64_t left = r->held_since + ACK_HOLD_MS - run_monotonic_ms();
  watch(r, false, left > 0 ? (int)left : 0);
  if (r->stop || r->broken) return;
  weir_str line = r->held;
  r->held = (weir_str){ NULL, 0 };
  decide_line(r, line);
}

void run_events(struct run *r) {
  if (!r->event_clock) {
    read_clock(r);
    compare_clock(r);
  }
  run_hand_out_again(r);
  while (!r->broken && !r->stop) {
    weir_str line;
    if (r->acks_ended && run_outbox(r)) {
      complain_text("run", "nobody acknowledges any more; what was not acknowledged is handed out again at the next start");
      r->broken = true;
      return;
    }
    if (r->held.len) {
      try_held(r);
      continue;
    }
    switch (lines_next(&r->in, &line)) {
      case LINES_LINE:
        decide_line(r, line);
        if (!r->broken) decided(r);
        continue;
      case LINES_TOO_LONG: bad_line(r, "the line is longer than 65,536 bytes"); continue;
      case LINES_END:
      case LINES_ERROR: return;
      case LINES_EMPTY: wait_for_events(r); continue;
    }
  }
}

void run_end(struct run *r) {
  run_snapshot_cancel(r);
  if (r->broken) return;
  if (r->held.len) run_no_room(r, &(weir_error){ .message = "the outbox is full" }, 1);
  r->last = r->event_clock;
  if (!r->stop) run_timers(r, r->event_clock ? r->now_ms + JUMP_DAYS_MAX * INT64_C(86400000) : wall_ms(), UINT_MAX);
  run_flush(r);
  if (!r->broken) run_journal_number(r, "end", weir_engine_commits(r->engine)); /* whatever comes later decides nothing */
  if (r->ack_fd < 0) return;
  if (!run_output_close(r)) return;
  bool signalled = r->signalled;
  uint64_t left = run_outbox(r);
  int64_t heard = run_monotonic_ms();
  while (left && !r->broken && !r->acks_ended && r->signalled == signalled) {
    int64_t wait = heard + ACK_LINGER_MS - run_monotonic_ms();
    if (r->drain) wait = IDLE_MS;
    if (wait <= 0) return;
    watch(r, false, (int)wait);
    uint64_t now_left = run_outbox(r);
    if (now_left != left) heard = run_monotonic_ms();
    left = now_left;
  }
}
