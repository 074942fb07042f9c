/* try_talk.c: a conversation with the rules. A line is what somebody writes; a line that begins with a colon is a command. On a
 * terminal lines can be edited (libedit) and only rules that came close are shown, since :why shows all. Time is the clock's,
 * and what was put on it by :time. */
#ifndef WEIR_PLAIN_LINES
#include <editline/readline.h>
#endif
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "try.h"

enum { LINE_BYTES_MAX = 65536, WORDS_MAX = 6, TICKS_MAX = 1000 };

static const char commands[] =
  "  What you type is what somebody writes to us. With a colon it is a command:\n\n"
  "  :why              every rule, with its verdict on the last line\n"
  "  :again            the last event arrives a second time\n"
  "  :time [+2h]       what time it is; lets it pass, and what falls due happens\n"
  "  :as ACCOUNT [TYPE [POST]]\n"
  "                    to which account of ours, as what: :as douyin comment v1\n"
  "  :who ID [NAME]    who writes\n"
  "  :state            what is known of who writes: stages, tags, windows, timers\n"
  "  :funnels          how many people stand at each stage\n"
  "  :reload           load the rules anew; what is remembered stays\n"
  "  :quit\n";

/* ---- time */

static int64_t monotonic_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void show_time(const struct try *t) {
  char text[64];
  time_t seconds = (time_t)(t->now_ms / 1000);
  struct tm tm;
  if (localtime_r(&seconds, &tm) && strftime(text, sizeof text, "%a %Y-%m-%d %H:%M:%S %Z", &tm)) printf("it is %s\n", text);
}

/* Lets what falls due until `to` happen. false: the engine is broken. */
static bool pass_time(struct try *t, int64_t to) {
  weir_verdict v;
  weir_error err;
  int ticks = 0;
  while (weir_next_due(t->engine) <= to && ticks++ < TICKS_MAX) {
    int64_t due = weir_next_due(t->engine);
    if (due > t->now_ms) t->now_ms = due;
    weir_status st = weir_tick(t->engine, t->now_ms, &v, &err);
    if (st == WEIR_NONE) break;
    if (st < 0) {
      complain("try", &err);
      return false;
    }
    show_time(t);
    try_show_trace(stdout, &v, (weir_str){ NULL, 0 }, true);
    try_show_result(&v);
    putchar('\n');
    if (!drain_outbox(t->engine, &err)) {
      complain("try", &err);
      return false;
    }
  }
  if (to > t->now_ms) t->now_ms = to;
  return true;
}

/* "+2h", "90s", "1d12h" */
static bool read_duration(const char *s, int64_t *ms) {
  *ms = 0;
  if (*s == '+') s++;
  if (!*s) return false;
  while (*s) {
    char *end;
    errno = 0;
    long n = strtol(s, &end, 10);
    int64_t unit = *end == 's' ? 1 : *end == 'm' ? 60 : *end == 'h' ? 3600 : *end == 'd' ? 86400 : *end == 'w' ? 604800 : 0;
    if (end == s || !unit || n < 0 || n > 100000 || errno) return false;
    *ms += n * unit * 1000;
    s = end + 1;
  }
  return *ms <= INT64_C(366) * 86400 * 1000;
}

/* ---- commands */

static void problem(struct try *t, const char *message) {
  complain_text("try", "%s", message);
  t->refused = true;
}

static bool command_time(struct try *t, char **words, int cnt) {
  int64_t ms = 0;
  if (cnt > 1 && !read_duration(words[1], &ms)) problem(t, ":time takes how long it is to pass, such as :time +2h, 30m or 3d, at most a year");
  else if (cnt > 1 && !pass_time(t, t->now_ms + ms)) return false;
  show_time(t);
  return true;
}

static void command_as(struct try *t, char **words, int cnt) {
  if (cnt < 2) problem(t, ":as takes an account, and may have a type of event and a post: :as douyin comment v1");
  else if (!try_set_account(t, words[1])) t->refused = true;
  else {
    if (cnt > 2) snprintf(t->type, sizeof t->type, "%s", words[2]);
    if (cnt > 3) snprintf(t->post, sizeof t->post, "%s", words[3]);
    printf("a %s by %s to %s/%s%s%s\n", t->type, t->from, t->channel, t->account, t->post[0] ? " on " : "", t->post);
  }
}

static void command_who(struct try *t, char **words, int cnt) {
  if (cnt > 1) {
    snprintf(t->from, sizeof t->from, "%s", words[1]);
    snprintf(t->name, sizeof t->name, "%s", cnt > 2 ? words[2] : words[1]);
  }
  printf("%s, called %s\n", t->from, t->name);
}

static void command_funnels(const struct try *t) {
  weir_stage_info info;
  for (size_t f = 0; weir_ruleset_stage(t->rules, f, 0, &info); f++) {
    printf("%.*s:", FMT(info.funnel));
    for (size_t s = 0; weir_ruleset_stage(t->rules, f, s, &info); s++) {
      uint64_t now = 0, entered = 0;
      if (weir_stage_count(t->engine, info.funnel, info.stage, &now, &entered) == WEIR_OK) printf("  %.*s %llu", FMT(info.stage), (unsigned long long)now);
    }
    putchar('\n');
  }
}

static void command_reload(struct try *t) {
  weir_error err;
  weir_ruleset *rules = load_rules("try", t->rules_path, false);
  if (rules && weir_swap(t->engine, rules, &err) == WEIR_OK) {
    weir_ruleset_free(t->rules);
    t->rules = rules;
    printf("%zu rules\n", weir_ruleset_rule_count(rules));
    return;
  }
  if (rules) complain("try", &err);
  weir_ruleset_free(rules);
  problem(t, "the old rules stay in use");
}

static void command_again(struct try *t) {
  if (t->last) try_decide(t, (weir_str){ t->last, strlen(t->last) }, t->last_id);
  else problem(t, "nothing has happened yet");
}

/* false: the conversation ends. */
static bool command(struct try *t, char *line) {
  char *words[WORDS_MAX], *rest = NULL;
  int cnt = 0;
  for (char *w = strtok_r(line, " \t", &rest); w && cnt < WORDS_MAX; w = strtok_r(NULL, " \t", &rest)) words[cnt++] = w;
  const char *name = words[0] + 1;
  if (strcmp(name, "quit") == 0 || strcmp(name, "q") == 0) return false;
  if (strcmp(name, "why") == 0) fputs(t->why ? t->why : "nothing has happened yet\n", stdout);
  else if (strcmp(name, "again") == 0 || strcmp(name, "redeliver") == 0) command_again(t);
  else if (strcmp(name, "time") == 0) return command_time(t, words, cnt);
  else if (strcmp(name, "as") == 0) command_as(t, words, cnt);
  else if (strcmp(name, "who") == 0) command_who(t, words, cnt);
  else if (strcmp(name, "state") == 0) t->refused |= !try_show_state(t);
  else if (strcmp(name, "funnels") == 0) command_funnels(t);
  else if (strcmp(name, "reload") == 0) command_reload(t);
  else if (strcmp(name, "help") == 0 || strcmp(name, "h") == 0) fputs(commands, stdout);
  else problem(t, "there is no such command; :help lists them");
  return true;
}

/* ---- lines */

/* One line; `since` is when the clock was looked at last. false: the end. */
static bool take_line(struct try *t, weir_str line, int64_t *since, int *status) {
  weir_error err;
  int64_t passed = monotonic_ms() - *since;
  *since += passed;
  if (!line.len) return true;
  char *copy = malloc(line.len + 1);
  bool good = copy && pass_time(t, t->now_ms + passed);
  if (copy) {
    memcpy(copy, line.ptr, line.len);
    copy[line.len] = '\0';
  } else complain_text("try", "there is not enough memory");
  if (good && line.ptr[0] == ':') {
    bool more = command(t, copy);
    free(copy);
    fflush(stdout);
    if (!drain_outbox(t->engine, &err)) complain("try", &err), *status = EXIT_BROKEN;
    return more && *status != EXIT_BROKEN;
  }
  if (good) {
    free(t->last);
    t->last = copy;
    copy = NULL;
    try_decide(t, line, NULL);
    putchar('\n');
    good = drain_outbox(t->engine, &err);
    if (!good) complain("try", &err);
  }
  free(copy);
  if (!good) *status = EXIT_BROKEN;
  return good;
}

/* The caller frees the line. The static command is small, and leaves editing to the terminal. */
#ifdef WEIR_PLAIN_LINES
static char *ask_for_line(void) {
  char *line = NULL;
  size_t cap = 0;
  printf("> ");
  fflush(stdout);
  ssize_t len = getline(&line, &cap, stdin);
  if (len < 0) {
    free(line);
    return NULL;
  }
  if (len > 0 && line[len - 1] == '\n') line[len - 1] = '\0';
  return line;
}
#else
static char *ask_for_line(void) {
  char *line = readline("> ");
  if (line && *line) add_history(line);
  return line;
}
#endif

static int talk_at_terminal(struct try *t) {
  int status = EXIT_GOOD;
  int64_t since = monotonic_ms();
  bool more = true;
  printf("A conversation: each line is a %s by %s. :help shows more, ctrl-D ends it.\n", t->type, t->from);
  t->brief = true;
  /* Lines are UTF-8, whatever the locale: the editor must know how wide a character is. */
  if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0) setlocale(LC_CTYPE, "C.UTF-8");
#ifndef WEIR_PLAIN_LINES
  rl_initialize();
#endif
  while (more) {
    fflush(stdout);
    char *line = ask_for_line();
    if (!line) break;
    more = take_line(t, (weir_str){ line, strlen(line) }, &since, &status);
    free(line);
  }
  putchar('\n');
  return status;
}

static int talk_from_pipe(struct try *t) {
  struct lines in;
  int status = EXIT_GOOD;
  int64_t since = monotonic_ms();
  bool more = true;
  if (!lines_open(&in, STDIN_FILENO, LINE_BYTES_MAX)) {
    complain_text("try", "there is not enough memory");
    return EXIT_BROKEN;
  }
  while (more) {
    weir_str line;
    enum lines_result got = lines_next(&in, &line);
    if (got == LINES_END) break;
    if (got == LINES_TOO_LONG) {
      complain_text("try", "line %llu is longer than an event may be", (unsigned long long)in.number);
      t->refused = true;
    } else if (got == LINES_LINE) {
      more = take_line(t, line, &since, &status);
    } else if (got == LINES_EMPTY && lines_fill(&in) == LINES_ERROR) {
      complain_text("try", "stdin cannot be read: %s", strerror(errno));
      status = EXIT_BROKEN;
      more = false;
    }
  }
  lines_close(&in);
  return status;
}

int try_talk(struct try *t) {
  int status = isatty(STDIN_FILENO) ? talk_at_terminal(t) : talk_from_pipe(t);
  return status ? status : t->refused ? EXIT_PROBLEMS : EXIT_GOOD;
}
