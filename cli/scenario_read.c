/* scenario_read.c: makes steps of the lines. Every error of a file is told at once, with its place and with what could stand
 * there; a line that is wrong is left out, so that one slip does not bring up ten errors. */
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

/* The line at hand. */
struct reader {
  struct scenario_file *file;
  uint32_t line;
  weir_str text;
  struct words words;
  uint32_t at;   /* the next word */
  bool wrong;    /* it was complained about */
};

weir_str scenario_line(const struct scenario_file *file, uint32_t number) {
  const char *from = file->data, *end = file->data + file->len;
  for (uint32_t i = 1; i < number && from < end; i++) {
    const char *next = memchr(from, '\n', (size_t)(end - from));
    from = next ? next + 1 : end;
  }
  const char *stop = from < end ? memchr(from, '\n', (size_t)(end - from)) : NULL;
  weir_str line = { from, (size_t)((stop ? stop : end) - from) };
  if (line.len && line.ptr[line.len - 1] == '\r') line.len--;
  return line;
}

static void wrong(struct reader *r, uint32_t column, const char *message) {
  weir_diagnostic d = { .severity = WEIR_SEVERITY_ERROR, .file = { r->file->path, strlen(r->file->path) }, .line = r->line, .column = column,
                        .message = { message, strlen(message) }, .excerpt = r->text };
  if (r->wrong) return;
  r->wrong = true;
  r->file->errors++;
  print_diagnostic(stderr, &d);
}

static uint32_t here(const struct reader *r) {
  return r->at < r->words.cnt ? r->words.items[r->at].column : (uint32_t)r->text.len + 1;
}

static const struct word *peek(const struct reader *r) { return r->at < r->words.cnt ? &r->words.items[r->at] : NULL; }

/* Takes the next word when it is `text`. */
static bool take(struct reader *r, const char *text) {
  const struct word *w = peek(r);
  if (!w || !word_is(w, text)) return false;
  r->at++;
  return true;
}

/* A bare word that is neither comma nor arrow. */
static bool take_name(struct reader *r, weir_str *out, const char *expected) {
  const struct word *w = peek(r);
  if (!w || word_is(w, ",") || word_is(w, "->") || !w->text.len) {
    wrong(r, here(r), expected);
    return false;
  }
  *out = w->text;
  r->at++;
  return true;
}

/* ---- growing */

static bool grow(void **items, uint32_t cnt, uint32_t *cap, size_t size) {
  if (cnt < *cap) return true;
  uint32_t more = *cap ? *cap * 2 : 64;
  void *bigger = realloc(*items, more * size);
  if (!bigger) return false;
  *items = bigger;
  *cap = more;
  return true;
}

static bool no_memory(struct reader *r) {
  wrong(r, 0, "there is not enough memory to read this file");
  return false;
}

static struct step *add_step(struct reader *r, enum step_kind kind) {
  struct scenario_file *f = r->file;
  if (!grow((void **)&f->steps, f->step_cnt, &f->step_cap, sizeof *f->steps)) {
    no_memory(r);
    return NULL;
  }
  struct step *s = &f->steps[f->step_cnt++];
  memset(s, 0, sizeof *s);
  s->kind = kind;
  s->line = r->line;
  s->said = r->text;
  s->mentioned = s->is_follower = -1;
  s->first_expect = f->expect_cnt;
  f->items[f->cnt - 1].step_cnt++;
  return s;
}

static bool add_scenario(struct reader *r, weir_str name) {
  struct scenario_file *f = r->file;
  if (!grow((void **)&f->items, f->cnt, &f->cap, sizeof *f->items)) return no_memory(r);
  f->items[f->cnt++] = (struct scenario){ .name = name, .line = r->line, .first_step = f->step_cnt, .channel = f->channel, .account = f->account };
  return true;
}

/* ---- times */

bool split_account(weir_str text, weir_str *channel, weir_str *account) {
  const char *slash = text.len ? memchr(text.ptr, '/', text.len) : NULL;
  if (!slash || slash == text.ptr || slash + 1 == text.ptr + text.len) return false;
  *channel = (weir_str){ text.ptr, (size_t)(slash - text.ptr) };
  *account = (weir_str){ slash + 1, text.len - channel->len - 1 };
  return !memchr(account->ptr, '/', account->len);
}

static void take_account(struct reader *r, weir_str *channel, weir_str *account) {
  weir_str text;
  uint32_t column = here(r);
  if (!take_name(r, &text, "expected one of our accounts, such as douyin/papers")) return;
  if (!split_account(text, channel, account)) wrong(r, column, "expected channel/account, such as douyin/papers");
}

/* Digits only, at most four. */
static bool number(const char **p, const char *end, int *out) {
  const char *from = *p;
  *out = 0;
  while (*p < end && **p >= '0' && **p <= '9' && *p - from < 4) *out = *out * 10 + (*(*p)++ - '0');
  return *p > from;
}

static bool read_clock(weir_str s, int *hour, int *minute) {
  const char *p = s.ptr, *end = s.ptr + s.len;
  return number(&p, end, hour) && p < end && *p++ == ':' && number(&p, end, minute) && p == end && *hour < 24 && *minute < 60;
}

static bool read_date(weir_str s, struct step *step) {
  const char *p = s.ptr, *end = s.ptr + s.len;
  return number(&p, end, &step->year) && p < end && *p++ == '-' && number(&p, end, &step->month) && p < end && *p++ == '-' && number(&p, end, &step->day) &&
         p == end && step->year >= 1971 && step->month >= 1 && step->month <= 12 && step->day >= 1 && step->day <= 31;
}

/* "90s", "5m", "2h", "1d", "1w", or several: "1h30m". */
static bool read_duration(weir_str s, int64_t *ms) {
  const char *p = s.ptr, *end = s.ptr + s.len;
  *ms = 0;
  while (p < end) {
    int n;
    if (!number(&p, end, &n) || p == end) return false;
    int64_t unit = *p == 's' ? 1 : *p == 'm' ? 60 : *p == 'h' ? 3600 : *p == 'd' ? 86400 : *p == 'w' ? 604800 : 0;
    p++;
    if (!unit) return false;
    *ms += n * unit * 1000;
  }
  return s.len > 0 && *ms <= INT64_C(365) * 86400 * 1000;
}

static void read_at(struct reader *r) {
  struct step *s = add_step(r, STEP_CLOCK);
  weir_str text;
  uint32_t column = here(r);
  if (!s || !take_name(r, &text, "expected a time: at 09:00, or at 2026-03-02 09:00")) return;
  if (memchr(text.ptr, '-', text.len)) {
    if (!read_date(text, s)) {
      wrong(r, column, "expected a date such as 2026-03-02");
      return;
    }
    column = here(r);
    if (!take_name(r, &text, "expected a time after the date: at 2026-03-02 09:00")) return;
  }
  if (!read_clock(text, &s->hour, &s->minute)) wrong(r, column, "expected a time such as 09:00");
}

static void take_duration(struct reader *r, int64_t *ms) {
  weir_str text;
  uint32_t column = here(r);
  if (!take_name(r, &text, "expected how long, such as 90s, 5m, 2h or 3d")) return;
  if (!read_duration(text, ms)) wrong(r, column, "expected how long, such as 90s, 5m, 2h or 3d, at most 365d");
}

/* ---- events */

/* How a scenario says what somebody does, and the type of event that it is. `thing`: a bare word may follow: room or text. */
static const struct {
  const char *verb, *type;
  enum { NO_THING, THING_TEXT, THING_ROOM } thing;
} verbs[] = {
  { "comments", "comment", THING_TEXT }, { "says", "message", THING_TEXT }, { "writes", "message", THING_TEXT }, { "follows", "follow", NO_THING },
  { "unfollows", "unfollow", NO_THING }, { "requests", "friend_request", THING_TEXT }, { "adds", "friend_added", THING_TEXT },
  { "joins", "join", THING_ROOM }, { "leaves", "leave", THING_ROOM }, { "clicks", "click", THING_TEXT }, { "scans", "scan", THING_TEXT },
  { "enters", "enter", THING_TEXT }, { "shares", "share", THING_TEXT }, { "purchases", "purchase", THING_TEXT }, { "buys", "purchase", THING_TEXT },
  { "links", "link", THING_TEXT }, { "does", NULL, NO_THING },
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static void read_attr(struct reader *r, struct step *s) {
  weir_str text;
  uint32_t column = here(r);
  if (!take_name(r, &text, "expected key=value after `with`")) return;
  const char *sign = memchr(text.ptr, '=', text.len);
  if (!sign || sign == text.ptr) {
    wrong(r, column, "expected key=value after `with`, such as with city=Chengdu");
    return;
  }
  if (s->attr_cnt == sizeof s->attrs / sizeof *s->attrs) {
    wrong(r, column, "an event here may have 8 of these at most");
    return;
  }
  weir_pair *pair = &s->attrs[s->attr_cnt++];
  pair->key = (weir_str){ text.ptr, (size_t)(sign - text.ptr) };
  pair->value = (weir_str){ sign + 1, text.len - pair->key.len - 1 };
  const struct word *w = peek(r);
  if (!pair->value.len && w && w->quoted) {
    pair->value = w->text;
    r->at++;
  }
}

/* What may stand behind the verb, in any order. false: something else is there. */
static bool read_detail(struct reader *r, struct step *s) {
  const struct word *w = peek(r);
  if (w->quoted) {
    s->text = w->text;
    r->at++;
  } else if (take(r, "on")) take_name(r, &s->post, "expected a post after `on`, such as v1");
  else if (take(r, "under")) take_name(r, &s->parent, "expected the id of a comment after `under`");
  else if (take(r, "in")) take_name(r, &s->room, "expected a room or group after `in`");
  else if (take(r, "to")) take_account(r, &s->channel, &s->account);
  else if (take(r, "called")) take_name(r, &s->name, "expected a name after `called`");
  else if (take(r, "speaking")) take_name(r, &s->lang, "expected a language after `speaking`, such as es");
  else if (take(r, "with")) read_attr(r, s);
  else if (take(r, "invited")) {
    take(r, "by");
    take_name(r, &s->inviter, "expected who invited: invited by u2");
  } else if (take(r, "mentioning")) {
    take(r, "us");
    s->mentioned = 1;
  } else if (take(r, "following")) {
    take(r, "us");
    s->is_follower = 1;
  } else return false;
  return true;
}

static void read_expects(struct reader *r, struct step *s);

static void read_details(struct reader *r, struct step *s) {
  while (!r->wrong && r->at < r->words.cnt) {
    if (word_is(peek(r), "->")) {
      s->arrow = here(r);
      r->at++;
      read_expects(r, s);
      return;
    }
    if (!read_detail(r, s))
      wrong(r, here(r), "expected a text in quotes, on POST, in ROOM, to CHANNEL/ACCOUNT, called NAME, invited by WHO, with KEY=VALUE, "
                        "speaking LANGUAGE, mentioning us, following us, or -> and what is expected");
  }
}

/* p1..p100: many people who do the same. */
static void read_people(struct reader *r, struct step *s, uint32_t column) {
  const char *p = s->who.ptr, *end = p + s->who.len, *dots = p;
  int from, to;
  while (dots + 1 < end && !(dots[0] == '.' && dots[1] == '.')) dots++;
  if (dots + 1 >= end) return;
  const char *a = dots;
  while (a > p && a[-1] >= '0' && a[-1] <= '9') a--;
  size_t prefix = (size_t)(a - p);
  const char *b = dots + 2 + prefix;
  bool good = prefix > 0 && prefix <= 128 && b < end && memcmp(p, dots + 2, prefix) == 0 && number(&a, dots, &from) && a == dots && number(&b, end, &to) && b == end;
  if (!good || from < 1 || to < from || to - from >= SCENARIO_PEOPLE_MAX) {
    wrong(r, column, "expected many people as p1..p100, at most 1000");
    return;
  }
  s->who.len = prefix;
  s->people_from = (uint32_t)from;
  s->people_to = (uint32_t)to;
}

static void read_event(struct reader *r) {
  weir_str who, verb = { NULL, 0 };
  uint32_t first = here(r), column, i;
  if (!take_name(r, &who, "expected who does something")) return;
  column = here(r);
  if (!take_name(r, &verb, "expected what he does: comments, says, follows, requests, joins, clicks, scans, shares, purchases ...")) return;
  for (i = 0; i < VERBS; i++) {
    if (verb.len == strlen(verbs[i].verb) && memcmp(verb.ptr, verbs[i].verb, verb.len) == 0) break;
  }
  if (i == VERBS) {
    wrong(r, column, "this is nothing somebody can do here: comments, says, follows, unfollows, requests, adds, joins, leaves, clicks, scans, enters, "
                     "shares, purchases, links, or does x-anything");
    return;
  }
  struct step *s = add_step(r, STEP_EVENT);
  if (!s) return;
  s->who = who;
  read_people(r, s, first);
  if (verbs[i].type) s->type = (weir_str){ verbs[i].type, strlen(verbs[i].type) };
  else take_name(r, &s->type, "expected the gateway's own type of event after `does`, such as x-answered");
  if (take(r, "friendship") || take(r, "us")) {} /* reads better; says nothing new */
  const struct word *w = peek(r);
  static const char *const details[] = { "on", "under", "in", "to", "called", "with", "invited", "mentioning", "following", "speaking", "->", "," };
  bool thing = w && !w->quoted && verbs[i].thing != NO_THING;
  for (size_t k = 0; thing && k < sizeof details / sizeof *details; k++) thing = !word_is(w, details[k]);
  if (thing && verbs[i].thing == THING_ROOM) take_name(r, &s->room, "");
  else if (thing && verbs[i].thing == THING_TEXT && strcmp(verbs[i].type, "comment") != 0 && strcmp(verbs[i].type, "message") != 0) take_name(r, &s->text, "");
  read_details(r, s);
}

/* the reply is rejected, retry after 60s */
static void read_outcome(struct reader *r) {
  struct step *s = add_step(r, STEP_OUTCOME);
  weir_str word;
  uint32_t column;
  if (!s || !take_name(r, &s->action, "expected an action: the reply is rejected")) return;
  if (!take(r, "is") && !take(r, "was")) {
    wrong(r, here(r), "expected: the ACTION is sent, rejected or unconfirmed");
    return;
  }
  column = here(r);
  if (!take_name(r, &s->status, "expected sent, rejected or unconfirmed")) return;
  word = s->status;
  bool known = (word.len == 4 && memcmp(word.ptr, "sent", 4) == 0) || (word.len == 8 && memcmp(word.ptr, "rejected", 8) == 0) ||
               (word.len == 11 && memcmp(word.ptr, "unconfirmed", 11) == 0);
  if (!known) {
    wrong(r, column, "expected sent, rejected or unconfirmed");
    return;
  }
  take(r, ",");
  if (take(r, "because")) take_name(r, &s->code, "expected the platform's word for it after `because`");
  take(r, ",");
  if (take(r, "retry")) {
    take(r, "after");
    take_duration(r, &s->retry_ms);
  }
  read_details(r, s);
}

/* ---- what is expected */

static bool known_action(weir_str name) {
  weir_word_info info;
  for (size_t i = 0; weir_word(WEIR_WORD_ACTION, i, &info); i++) {
    if (info.name.len == name.len && memcmp(info.name.ptr, name.ptr, name.len) == 0) return true;
  }
  return false;
}

static void read_text(struct reader *r, struct expect *e) {
  if (take(r, "via")) {
    weir_str channel, account;
    take_account(r, &channel, &account);
    if (!r->wrong) e->via = (weir_str){ channel.ptr, channel.len + 1 + account.len };
  }
  bool like = take(r, "like");
  const struct word *w = peek(r);
  if (!w || word_is(w, ",")) {
    if (like) wrong(r, here(r), "expected a text in quotes after `like`");
    return;
  }
  e->like = like;
  e->has_text = true;
  e->text = w->text;
  r->at++;
}

/* One of them, up to the comma. */
static void read_expect(struct reader *r, struct step *s, bool exactly) {
  struct scenario_file *f = r->file;
  if (!grow((void **)&f->expects, f->expect_cnt, &f->expect_cap, sizeof *f->expects)) {
    no_memory(r);
    return;
  }
  struct expect *e = &f->expects[f->expect_cnt];
  *e = (struct expect){ .line = r->line, .column = here(r), .exactly = exactly };
  e->no = take(r, "no");
  uint32_t column = here(r);
  if (!take_name(r, &e->action, "expected nothing, an action (reply, message, tag ...), rule NAME, dropped, waits or refused")) return;
  const struct word word = { e->action, false, column };
  if (word_is(&word, "nothing")) e->kind = EXPECT_NOTHING;
  else if (word_is(&word, "refused")) e->kind = EXPECT_REFUSED;
  else if (word_is(&word, "rule")) {
    e->kind = EXPECT_RULE;
    const struct word *w = peek(r);
    if (!w || word_is(w, ",")) wrong(r, here(r), "expected the name of a rule after `rule`");
    else e->text = w->text, r->at++;
  } else {
    e->kind = word_is(&word, "dropped") ? EXPECT_DROPPED : word_is(&word, "waits") ? EXPECT_WAITS : EXPECT_ACTION;
    if (e->kind == EXPECT_ACTION && !known_action(e->action))
      wrong(r, column, "there is no such action: expected nothing, reply, message, follow, tag, stage, deliver ..., rule NAME, dropped, waits or refused");
    read_text(r, e);
  }
  if (r->wrong) return;
  f->expect_cnt++;
  s->expect_cnt++;
}

static void read_expects(struct reader *r, struct step *s) {
  bool exactly = take(r, "exactly") || take(r, "only");
  do {
    read_expect(r, s, exactly);
  } while (!r->wrong && take(r, ","));
  if (!r->wrong && r->at < r->words.cnt) wrong(r, here(r), "expected a comma, or the end of the line");
}

static void read_expect_line(struct reader *r) {
  const struct scenario *now = &r->file->items[r->file->cnt - 1];
  if (!now->step_cnt) {
    wrong(r, 1, "nothing has happened yet of which something could be expected");
    return;
  }
  read_expects(r, &r->file->steps[r->file->step_cnt - 1]);
}

/* ---- lines */

static void read_account_line(struct reader *r) {
  struct scenario_file *f = r->file;
  struct scenario *now = f->cnt ? &f->items[f->cnt - 1] : NULL; /* before all scenarios: of each of them */
  if (now && now->step_cnt) wrong(r, 1, "`account` stands before the first step; for one event write `to CHANNEL/ACCOUNT` on its line");
  take_account(r, now ? &now->channel : &f->channel, now ? &now->account : &f->account);
}

static void read_wait(struct reader *r) {
  struct step *s = add_step(r, STEP_WAIT);
  if (s) take_duration(r, &s->ms);
  if (s && !r->wrong) read_details(r, s);
}

static void read_line(struct reader *r) {
  weir_str name;
  if (take(r, "scenario")) {
    if (take_name(r, &name, "expected a name in quotes after `scenario`")) add_scenario(r, name);
    return;
  }
  if (take(r, "account")) {
    read_account_line(r);
    return;
  }
  if (!r->file->cnt && !add_scenario(r, (weir_str){ NULL, 0 })) return;
  if (take(r, "at")) {
    read_at(r);
    if (!r->wrong) read_details(r, &r->file->steps[r->file->step_cnt - 1]);
  } else if (take(r, "after")) read_wait(r);
  else if (take(r, "redeliver")) {
    struct step *s = add_step(r, STEP_REDELIVER);
    if (s) read_details(r, s);
  } else if (take(r, "the")) read_outcome(r);
  else if (take(r, "expect") || take(r, "->")) read_expect_line(r);
  else read_event(r);
}

static void read_lines(struct scenario_file *file) {
  struct reader r = { .file = file };
  for (size_t from = 0; from < file->len;) {
    const char *end = memchr(file->data + from, '\n', file->len - from);
    size_t next = end ? (size_t)(end - file->data) + 1 : file->len;
    r.line++;
    r.text = scenario_line(&(struct scenario_file){ .data = file->data + from, .len = file->len - from }, 1);
    r.at = 0;
    r.wrong = false;
    scenario_cut(r.text, file->copy + from, &r.words);
    if (r.words.bad) wrong(&r, r.words.bad_column, r.words.bad);
    else if (r.words.cnt) {
      read_line(&r);
      if (!r.wrong && r.at < r.words.cnt) wrong(&r, here(&r), "the line should end here");
    }
    from = next;
  }
}

bool scenario_read(struct scenario_file *file, const char *path) {
  memset(file, 0, sizeof *file);
  file->path = path;
  file->data = read_file("test", path, SCENARIO_FILE_MAX, &file->len);
  if (!file->data) return false;
  file->copy = malloc(file->len + 1);
  if (!file->copy) {
    complain_text("test", "there is not enough memory");
    return false;
  }
  memcpy(file->copy, file->data, file->len + 1);
  size_t mark = file->len >= 3 && memcmp(file->data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  if (mark) memcpy(file->data, "   ", 3); /* a byte order mark, as some editors write */
  read_lines(file);
  return file->errors == 0;
}

void scenario_free(struct scenario_file *file) {
  free(file->data);
  free(file->copy);
  free(file->items);
  free(file->steps);
  free(file->expects);
  memset(file, 0, sizeof *file);
}
