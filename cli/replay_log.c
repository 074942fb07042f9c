/* replay_log.c: what a line of a journal says, and which lines came to nothing: groups that were taken back, decisions that a
 * killed run had not committed, commits that did not reach the disk. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay.h"

/* ---- JSON as weir writes it */

/* Behind the JSON value that begins at `at`; NULL: it has no end. */
static const char *behind_value(const char *at, const char *end) {
  int depth = 0;
  bool string = false;
  for (const char *c = at; c < end; c++) {
    if (string) {
      if (*c == '\\') c++;
      else if (*c == '"') string = false;
    } else if (*c == '"') {
      string = true;
    } else if (*c == '{' || *c == '[') {
      depth++;
    } else if (*c == '}' || *c == ']') {
      if (depth == 0) return c;
      depth--;
    } else if (*c == ',' && depth == 0) {
      return c;
    }
  }
  return string || depth ? NULL : end;
}

static const char *skip_blank(const char *at, const char *end) {
  while (at < end && (*at == ' ' || *at == '\t')) at++;
  return at;
}

weir_str replay_member(weir_str object, const char *name) {
  const weir_str none = { NULL, 0 };
  size_t name_len = strlen(name);
  if (object.len < 2 || object.ptr[0] != '{') return none;
  const char *end = object.ptr + object.len - 1;
  for (const char *at = object.ptr + 1; at < end; at++) {
    at = skip_blank(at, end);
    const char *colon = at < end && *at == '"' ? memchr(at + 1, '"', (size_t)(end - at - 1)) : NULL;
    if (!colon) return none;
    bool found = (size_t)(colon - at - 1) == name_len && memcmp(at + 1, name, name_len) == 0;
    colon = skip_blank(colon + 1, end);
    if (colon == end || *colon != ':') return none;
    const char *value = skip_blank(colon + 1, end);
    at = behind_value(value, end);
    if (!at) return none;
    if (!found) continue;
    size_t len = (size_t)(at - value);
    while (len && (value[len - 1] == ' ' || value[len - 1] == '\t')) len--;
    if (len >= 2 && *value == '"' && value[len - 1] == '"') return (weir_str){ value + 1, len - 2 };
    return (weir_str){ value, len };
  }
  return none;
}

static int hex4(const char *at) {
  int value = 0;
  for (int i = 0; i < 4; i++) {
    char c = at[i];
    int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

static size_t put_utf8(int code, char out[4]) {
  if (code < 0x80) return (void)(out[0] = (char)code), 1;
  if (code < 0x800) return (void)(out[0] = (char)(0xc0 | code >> 6), out[1] = (char)(0x80 | (code & 63))), 2;
  if (code < 0x10000) return (void)(out[0] = (char)(0xe0 | code >> 12), out[1] = (char)(0x80 | (code >> 6 & 63)), out[2] = (char)(0x80 | (code & 63))), 3;
  out[0] = (char)(0xf0 | code >> 18);
  out[1] = (char)(0x80 | (code >> 12 & 63));
  out[2] = (char)(0x80 | (code >> 6 & 63));
  out[3] = (char)(0x80 | (code & 63));
  return 4;
}

/* One character of a string, escape or not; returns how many bytes it took. */
static size_t take_char(const char *at, const char *end, char out[4], size_t *len) {
  static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
  if (*at != '\\' || at + 1 == end) {
    size_t whole = (unsigned char)*at < 0x80 ? 1 : (unsigned char)*at < 0xe0 ? 2 : (unsigned char)*at < 0xf0 ? 3 : 4;
    if (whole > (size_t)(end - at)) whole = (size_t)(end - at);
    memcpy(out, at, whole);
    *len = whole;
    return whole;
  }
  if (at[1] == 'u' && end - at >= 6 && hex4(at + 2) >= 0) {
    int code = hex4(at + 2);
    bool pair = code >= 0xd800 && code < 0xdc00 && end - at >= 12 && at[6] == '\\' && at[7] == 'u' && hex4(at + 8) >= 0xdc00 && hex4(at + 8) < 0xe000;
    if (pair) code = 0x10000 + ((code - 0xd800) << 10) + (hex4(at + 8) - 0xdc00);
    else if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
    *len = put_utf8(code, out);
    return pair ? 12 : 6;
  }
  const char *known = strchr(from, at[1]);
  out[0] = known && at[1] ? to[known - from] : at[1];
  *len = 1;
  return 2;
}

void replay_unquote(weir_str inside, char *out, size_t cap) {
  const char *at = inside.ptr, *end = inside.ptr + inside.len;
  size_t used = 0;
  while (inside.len && at < end) {
    char one[4];
    size_t len;
    at += take_char(at, end, one, &len);
    if (used + len >= cap) break;
    memcpy(out + used, one, len);
    used += len;
  }
  out[used] = '\0';
}

static bool number_of(weir_str digits, uint64_t *out) {
  *out = 0;
  for (size_t i = 0; i < digits.len; i++) {
    if (digits.ptr[i] < '0' || digits.ptr[i] > '9' || *out > UINT64_MAX / 10 - 1) return false;
    *out = *out * 10 + (uint64_t)(digits.ptr[i] - '0');
  }
  return digits.len > 0;
}

/* ---- one line */

static bool begins(weir_str line, const char *with) { return line.len >= strlen(with) && memcmp(line.ptr, with, strlen(with)) == 0; }

/* {"event":{...},"now":1795309200000}: events are most of a journal, and what is inside of them need not be walked through. */
static bool read_event(weir_str line, size_t prefix, struct replay_line *out) {
  static const char mark[] = ",\"now\":";
  const char *end = line.ptr + line.len, *at = end - 1;
  uint64_t now;
  if (line.len < prefix + sizeof mark + 2 || *at != '}') return false;
  while (at > line.ptr && at[-1] >= '0' && at[-1] <= '9') at--;
  if (!number_of((weir_str){ at, (size_t)(end - 1 - at) }, &now) || now > INT64_MAX) return false;
  const char *body_end = at - (sizeof mark - 1);
  if (body_end <= line.ptr + prefix || memcmp(body_end, mark, sizeof mark - 1) != 0 || body_end[-1] != '}') return false;
  out->body = (weir_str){ line.ptr + prefix, (size_t)(body_end - line.ptr) - prefix };
  out->now_ms = (int64_t)now;
  return true;
}

static bool read_open(weir_str line, struct replay_line *out) {
  out->body = replay_member(line, "open");
  bool has_memory = number_of(replay_member(out->body, "memory"), &out->memory);
  return has_memory && number_of(replay_member(out->body, "commits"), &out->number) && replay_member(out->body, "chain").len &&
         replay_member(out->body, "ruleset").len;
}

static bool read_other(weir_str line, struct replay_line *out) {
  static const struct {
    const char *name;
    enum replay_kind kind;
  } kinds[] = { { "tick", REPLAY_TICK }, { "forget", REPLAY_FORGET } /* has a "commit", too */, { "pool", REPLAY_POOL } /* likewise */, { "rotate", REPLAY_ROTATE } /* likewise */, { "commit", REPLAY_COMMIT }, { "ack", REPLAY_OTHER },
                { "rollback", REPLAY_ROLLBACK }, { "swap", REPLAY_SWAP }, { "end", REPLAY_END }, { "expire", REPLAY_OTHER } };
  uint64_t now = 0;
  if (line.ptr[line.len - 1] != '}' || !number_of(replay_member(line, "now"), &now)) return false;
  out->now_ms = (int64_t)now;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    out->body = replay_member(line, kinds[i].name);
    if (!out->body.len) continue;
    out->kind = kinds[i].kind;
    if (out->kind == REPLAY_COMMIT) return number_of(out->body, &out->number);
    if (out->kind == REPLAY_FORGET || out->kind == REPLAY_POOL || out->kind == REPLAY_ROTATE) return number_of(replay_member(line, "commit"), &out->number);
    out->struck = out->kind == REPLAY_TICK && begins(out->body, "struck");
    return true;
  }
  return false;
}

void replay_read_line(weir_str line, struct replay_line *out) {
  static const char event[] = "{\"event\":", struck[] = "{\"struck\":", open[] = "{\"open\":";
  bool good;
  memset(out, 0, sizeof *out);
  if (begins(line, event)) {
    out->kind = REPLAY_EVENT;
    good = read_event(line, sizeof event - 1, out);
  } else if (begins(line, struck)) {
    out->kind = REPLAY_STRUCK;
    good = read_event(line, sizeof struck - 1, out);
  } else if (begins(line, open)) {
    out->kind = REPLAY_OPEN;
    good = line.ptr[line.len - 1] == '}' && read_open(line, out);
  } else {
    good = line.len > 2 && line.ptr[0] == '{' && read_other(line, out);
  }
  if (!good) out->kind = REPLAY_DAMAGED;
}

/* ---- the whole log */

struct commit {
  struct replay_span lines;
  uint64_t number;
};

struct indexing {
  struct replay_index *index;
  const char *name;
  struct commit *commits;   /* of the state at hand, as far as they hold */
  size_t cnt, cap;
  uint64_t base;            /* commits the state had when the journal began with it */
  uint64_t group_first;     /* line with which the group at hand begins */
  uint64_t number;          /* of the line at hand */
  char chain[80];
  bool opened, in_memory;
  bool undone;              /* something was decided since the last commit */
  bool last_is_commit;
};

static bool no_memory(void) {
  complain_text("replay", "there is not enough memory");
  return false;
}

static bool leave_out(struct indexing *x, uint64_t first, uint64_t last) {
  struct replay_index *index = x->index;
  if (first > last || !x->undone) return true;
  if (index->gone_cnt == index->gone_cap) {
    size_t cap = index->gone_cap ? 2 * index->gone_cap : 16;
    struct replay_span *more = realloc(index->gone, cap * sizeof *more);
    if (!more) return no_memory();
    index->gone = more;
    index->gone_cap = cap;
  }
  index->gone[index->gone_cnt++] = (struct replay_span){ first, last };
  return true;
}

static bool add_commit(struct indexing *x, uint64_t first, uint64_t number) {
  if (x->cnt == x->cap) {
    size_t cap = x->cap ? 2 * x->cap : 256;
    struct commit *more = realloc(x->commits, cap * sizeof *more);
    if (!more) return no_memory();
    x->commits = more;
    x->cap = cap;
  }
  x->commits[x->cnt++] = (struct commit){ { first, x->number }, number };
  x->group_first = x->number + 1;
  x->undone = false;
  return true;
}

static bool take_last_back(struct indexing *x) {
  x->undone = true;
  struct replay_span lines = x->commits[--x->cnt].lines;
  return leave_out(x, lines.first, lines.last);
}

/* Another run begins. What the one before decided and did not commit is gone; so are commits that the state does not have. */
static bool begin_run(struct indexing *x, const struct replay_line *line) {
  char chain[80];
  if (!leave_out(x, x->group_first, x->number - 1)) return false;
  x->group_first = x->number + 1;
  x->undone = false;
  replay_unquote(replay_member(line->body, "chain"), chain, sizeof chain);
  if (!x->opened || line->memory || x->in_memory || strcmp(chain, x->chain) != 0) {
    x->cnt = 0;
    x->base = line->number;
  }
  while (x->cnt && x->commits[x->cnt - 1].number > line->number) {
    if (!take_last_back(x)) return false;
  }
  x->undone = false;
  uint64_t has = x->cnt ? x->commits[x->cnt - 1].number : x->base;
  if (has != line->number) {
    complain_text("replay", "%s:%llu: the state had %llu commits then, and the journal tells of %llu only: lines are missing before this one (a power cut, a run without --journal, or weir forget)",
                  x->name, (unsigned long long)x->number, (unsigned long long)line->number, (unsigned long long)has);
    return false;
  }
  memcpy(x->chain, chain, sizeof chain);
  x->opened = true;
  x->in_memory = line->memory != 0;
  return true;
}

static bool index_line(struct indexing *x, weir_str text) {
  struct replay_line line;
  replay_read_line(text, &line);
  x->last_is_commit = line.kind == REPLAY_COMMIT;
  switch (line.kind) {
    case REPLAY_OPEN: return begin_run(x, &line);
    case REPLAY_COMMIT: return add_commit(x, x->group_first, line.number);
    case REPLAY_FORGET:
    case REPLAY_POOL:
    case REPLAY_ROTATE: return add_commit(x, x->number, line.number);
    case REPLAY_END:
      x->group_first = x->number + 1;
      x->undone = false;
      return true;
    case REPLAY_EVENT:
    case REPLAY_STRUCK:
    case REPLAY_TICK:
    case REPLAY_DAMAGED: x->undone = true; return true;
    case REPLAY_ROLLBACK: {
      bool was_commit = x->cnt && x->commits[x->cnt - 1].lines.last == x->number - 1;
      bool good = was_commit ? take_last_back(x) : leave_out(x, x->group_first, x->number - 1);
      x->group_first = x->number + 1;
      x->undone = false;
      return good;
    }
    default: return true;
  }
}

static int by_first(const void *a, const void *b) {
  const struct replay_span *one = a, *other = b;
  return one->first < other->first ? -1 : one->first > other->first;
}

static bool index_all(struct indexing *x, struct lines *in) {
  weir_str line;
  while (true) {
    switch (lines_next(in, &line)) {
      case LINES_TOO_LONG: x->number = in->number; continue; /* playing it says so */
      case LINES_END: return true;
      case LINES_LINE:
        x->number = in->number;
        if (!line.len) continue;
        if (!x->opened && !x->index->journal) {
          x->index->journal = begins(line, "{\"open\":");
          if (!x->index->journal) return true; /* an event log has nothing to find out */
        }
        if (!index_line(x, line)) return false;
        continue;
      case LINES_ERROR:
      case LINES_EMPTY:
        if (lines_fill(in) != LINES_ERROR) continue;
        complain_text("replay", "%s cannot be read: %s", x->name, strerror(errno));
        return false;
    }
  }
}

bool replay_index_make(struct replay_index *index, int fd, const char *name) {
  struct indexing x = { .index = index, .name = name, .group_first = 1 };
  struct lines in;
  memset(index, 0, sizeof *index);
  if (!lines_open(&in, fd, REPLAY_LINE_MAX)) return no_memory();
  bool good = index_all(&x, &in);
  index->lines = x.number;
  if (good && x.last_is_commit) index->unsure = x.commits[x.cnt - 1].number;
  if (index->gone_cnt) qsort(index->gone, index->gone_cnt, sizeof *index->gone, by_first);
  free(x.commits);
  lines_close(&in);
  if (good && lseek(fd, 0, SEEK_SET) != 0) {
    complain_text("replay", "%s must be a file: it is read twice", name);
    good = false;
  }
  return good;
}

void replay_index_free(struct replay_index *index) { free(index->gone); }
