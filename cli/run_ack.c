/* run_ack.c: --ack FD: whoever takes the records says which of them are safe: a line "channel/account seq", or
 * {"aud":"channel/account","seq":42}. It counts for all records of that account up to the one named. */
#include <errno.h>
#include <string.h>

#include "run.h"

bool run_ack(struct run *r, weir_str aud, uint64_t seq) {
  weir_error err;
  weir_status st = weir_ack(r->engine, aud, seq, &err);
  if (st == WEIR_E_FULL) {
    run_no_room(r, &err, 0);
    return false;
  }
  if (st) run_fail(r, &err);
  else run_journal_ack(r, aud, seq);
  return true;
}

/* ---- one line */

struct ack {
  char aud[AUD_MAX];
  size_t aud_len;
  uint64_t seq;
};

struct scan {
  const char *at, *end;
};

static void skip_blank(struct scan *s) {
  while (s->at < s->end && (*s->at == ' ' || *s->at == '\t')) s->at++;
}

static bool take(struct scan *s, char c) {
  skip_blank(s);
  if (s->at == s->end || *s->at != c) return false;
  s->at++;
  return true;
}

static bool take_number(struct scan *s, uint64_t *out) {
  skip_blank(s);
  const char *from = s->at;
  *out = 0;
  for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++) {
    uint64_t digit = (uint64_t)(*s->at - '0');
    if (*out > (UINT64_MAX - digit) / 10) return false;
    *out = *out * 10 + digit;
  }
  return s->at > from && *out > 0;
}

/* A JSON string. Names of accounts need no escapes; but some writers put a backslash before every slash. */
static bool take_string(struct scan *s, char *out, size_t cap, size_t *len) {
  *len = 0;
  if (!take(s, '"')) return false;
  while (s->at < s->end && *s->at != '"') {
    if (*s->at == '\\' && (++s->at == s->end || *s->at != '/')) return false;
    if (*len == cap) return false;
    out[(*len)++] = *s->at++;
  }
  return take(s, '"');
}

static bool parse_json(struct scan *s, struct ack *out) {
  bool has_aud = false, has_seq = false;
  if (!take(s, '{')) return false;
  do {
    char key[4];
    size_t len;
    if (!take_string(s, key, sizeof key, &len) || len != 3 || !take(s, ':')) return false;
    if (memcmp(key, "aud", 3) == 0 && !has_aud) has_aud = take_string(s, out->aud, sizeof out->aud, &out->aud_len);
    else if (memcmp(key, "seq", 3) == 0 && !has_seq) has_seq = take_number(s, &out->seq);
    else return false;
  } while (take(s, ','));
  return take(s, '}') && has_aud && has_seq;
}

static bool parse(weir_str line, struct ack *out) {
  struct scan s = { line.ptr, line.ptr + line.len };
  skip_blank(&s);
  bool good = false;
  if (s.at < s.end && *s.at == '{') {
    good = parse_json(&s, out);
  } else {
    const char *from = s.at;
    while (s.at < s.end && *s.at != ' ' && *s.at != '\t') s.at++;
    out->aud_len = (size_t)(s.at - from);
    good = out->aud_len > 0 && out->aud_len <= sizeof out->aud && take_number(&s, &out->seq);
    if (good) memcpy(out->aud, from, out->aud_len);
  }
  skip_blank(&s);
  return good && s.at == s.end;
}

/* ---- all that are there */

static void bad_ack(struct run *r, const char *message) {
  r->bad_acks++;
  if (r->bad_acks <= COMPLAINTS_MAX) complain_text("run", "acknowledgement %llu is skipped: %s", (unsigned long long)r->acks.number, message);
  else if (r->bad_acks == COMPLAINTS_MAX + 1) complain_text("run", "more acknowledgements were skipped; they are counted at the end");
}

static void one(struct run *r, weir_str line) {
  struct ack ack;
  weir_error err;
  if (!line.len) return;
  if (!parse(line, &ack)) {
    bad_ack(r, "it must be \"channel/account seq\" or {\"aud\":\"channel/account\",\"seq\":42}");
    return;
  }
  weir_str aud = { ack.aud, ack.aud_len };
  weir_status st = weir_ack(r->engine, aud, ack.seq, &err);
  if (!st) run_journal_ack(r, aud, ack.seq);
  else if (st == WEIR_E_ARG) bad_ack(r, err.message);
  else if (st == WEIR_E_FULL) run_no_room(r, &err, 0);
  else run_fail(r, &err);
}

void run_read_acks(struct run *r) {
  weir_str line;
  if (lines_fill(&r->acks) == LINES_ERROR) {
    complain_text("run", "acknowledgements cannot be read: %s", strerror(errno));
    r->acks_ended = true;
    return;
  }
  while (!r->broken) {
    switch (lines_next(&r->acks, &line)) {
      case LINES_LINE: one(r, line); continue;
      case LINES_TOO_LONG: bad_ack(r, "the line is too long"); continue;
      case LINES_END: r->acks_ended = true; return;
      case LINES_ERROR:
      case LINES_EMPTY: return;
    }
  }
}
