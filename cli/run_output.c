/* run_output.c: commits groups and hands their records out.
 *
 * Without --ack a record is acknowledged when it has been written whole; when the output is a regular file, after it was synced,
 * so that nobody is told that it is safe before it is. Until then it waits in the outbox, and is handed out again at the next
 * start, with the same bytes. A line is in an output file whole or not at all, also when a crash cut one off (run_tail.c). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "run.h"

void run_fail(struct run *r, const weir_error *err) {
  complain("run", err);
  r->broken = true;
}

uint64_t run_outbox(const struct run *r) {
  weir_stats s = { .struct_size = sizeof s };
  weir_engine_stats(r->engine, &s);
  return s.outbox;
}

/* ---- no room */

void run_no_room(struct run *r, const weir_error *err, uint64_t cnt) {
  if (!r->no_room) {
    r->no_room = true;
    r->refused_before = r->refused;
    int64_t now = run_monotonic_ms();
    r->told_room = r->room_told == 0 || now - r->room_told >= TELL_AGAIN_MS;
    if (r->told_room) {
      r->room_told = now;
      complain_text("run", "events are refused until there is room: %s", err->message);
    }
  }
  r->refused += cnt;
}

static void room_again(struct run *r) {
  if (!r->no_room) return;
  r->no_room = false;
  if (r->told_room) complain_text("run", "there is room again; %llu events were refused", (unsigned long long)(r->refused - r->refused_before));
}

void run_group_lost(struct run *r, const weir_error *err, uint64_t cnt) {
  r->pending_since = 0;
  r->timers_after = run_monotonic_ms() + RETRY_MS; /* those of the group are due still */
  run_no_room(r, err, cnt);
}

/* ---- handing out */

static bool cannot_write(struct run *r) {
  complain_text("run", "records cannot be written: %s", strerror(errno));
  r->broken = true;
  return false;
}

/* Writes a line and its end. A pipe that takes no more for now is waited for, whoever made it non-blocking. */
static bool write_line(struct run *r, weir_str line) {
  char end = '\n';
  size_t at = 0;
  if (!r->mended && !run_mend_output(r, line)) return cannot_write(r);
  r->mended = true;
  while (at < line.len + 1) {
    struct iovec parts[2] = { { (void *)(line.ptr + at), at < line.len ? line.len - at : 0 }, { &end, 1 } };
    ssize_t done = at < line.len ? writev(STDOUT_FILENO, parts, 2) : write(STDOUT_FILENO, &end, 1);
    if (done >= 0) {
      at += (size_t)done;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
      if (poll(&out, 1, -1) < 0 && errno != EINTR) return cannot_write(r);
    } else if (errno != EINTR) {
      run_take_back(r, at);
      return cannot_write(r);
    }
  }
  return true;
}

static bool write_record(struct run *r, const weir_record *record) {
  if (!r->plain) return write_line(r, record->jws);
  size_t len = 0;
  weir_error err;
  if (weir_record_claims(record->jws, r->claims, r->claims_cap, &len, &err)) {
    run_fail(r, &err);
    return false;
  }
  return write_line(r, (weir_str){ r->claims, len });
}

/* What was written is safe now, or the run is broken. Acknowledgements that find no room wait for the next time. */
static void acknowledge(struct run *r) {
  if (!r->handed_cnt || r->broken) return;
  if (r->sync_output && fsync(STDOUT_FILENO) != 0) {
    cannot_write(r);
    return;
  }
  while (r->handed_cnt) {
    struct run_handed *h = &r->handed[r->handed_cnt - 1];
    if (!run_ack(r, (weir_str){ h->aud, strlen(h->aud) }, h->seq)) return;
    r->handed_cnt--;
  }
}

/* Acknowledging is cumulative: of each account the last record counts. */
static void remember(struct run *r, weir_str aud, uint64_t seq) {
  char name[AUD_MAX];
  size_t len = aud.len < sizeof name ? aud.len : sizeof name - 1;
  memcpy(name, aud.ptr, len);
  name[len] = '\0';
  for (size_t i = 0; i < r->handed_cnt; i++) {
    if (strcmp(r->handed[i].aud, name) != 0) continue;
    r->handed[i].seq = seq;
    return;
  }
  if (r->handed_cnt == HANDED_MAX) acknowledge(r);
  if (r->handed_cnt == HANDED_MAX) return; /* no room to note it: it will be handed out again, at worst */
  memcpy(r->handed[r->handed_cnt].aud, name, len + 1);
  r->handed[r->handed_cnt++].seq = seq;
}

static void hand_out(struct run *r) {
  weir_record record;
  weir_error err;
  weir_status st = WEIR_OK;
  while (!r->broken && (st = weir_next_record(r->engine, &record, &err)) == WEIR_OK) {
    if (!write_record(r, &record)) return;
    if (r->ack_fd < 0) remember(r, record.aud, record.seq);
  }
  if (st < 0) run_fail(r, &err);
  acknowledge(r);
}

/* Records that nobody acknowledged in time are closed; looked for once a second. A log that is played runs faster than any
 * reader, so there none is. */
static void expire(struct run *r) {
  weir_error err;
  uint64_t closed = 0;
  if (r->event_clock || r->broken || r->now_ms / 1000 == r->expired_s) return;
  r->expired_s = r->now_ms / 1000;
  weir_status st = weir_outbox_expire(r->engine, r->now_ms, &closed, &err);
  if (st && st != WEIR_E_FULL) run_fail(r, &err);
  if (closed) run_journal_number(r, "expire", closed);
}

/* What is not in the journal does not happen. */
static void commit(struct run *r, size_t pending) {
  weir_error err;
  if (pending ? !run_journal_commit(r) : !run_journal_flush(r)) {
    weir_rollback(r->engine);
    r->journal_full = false;
    if (!r->broken && pending) run_group_lost(r, &(weir_error){ .message = "the disk of the journal is full; make space, then it goes on" }, pending);
    return;
  }
  weir_status st = weir_commit(r->engine, &err);
  if (st == WEIR_E_FULL) {
    run_journal_rollback(r);
    run_group_lost(r, &err, pending);
  } else if (st) {
    run_fail(r, &err); /* nobody knows whether it reached the disk, before the next run has looked */
  } else {
    run_journal_settled(r);
    if (pending) room_again(r);
  }
}

void run_flush(struct run *r) {
  if (r->broken) return;
  r->pending_since = 0;
  commit(r, weir_pending(r->engine));
  if (r->broken) return;
  hand_out(r);
  expire(r);
  run_journal_flush(r);
}

void run_hand_out_again(struct run *r) {
  expire(r);
  hand_out(r);
}

bool run_output_close(struct run *r) {
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC); /* so that no file opened later becomes the output */
  bool good = nowhere >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0;
  if (nowhere >= 0) close(nowhere);
  return good || cannot_write(r);
}
