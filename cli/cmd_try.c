/* cmd_try.c: what would be answered, and why. With a text: one event, decided and forgotten. Without: a conversation, line by
 * line, in which what was decided is remembered until the end. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

static const char help[] =
  "usage: weir try RULES [\"text\"] [options]\n\n"
  "Prints every rule with its verdict and reason, then what would go out. Nothing is sent, signed or kept.\n"
  "Without a text it reads lines from stdin: a conversation with one person, who is remembered until it ends.\n\n"
  "  --type TYPE       comment (default), message, follow, friend_request, scan ...\n"
  "  --as CHAN/ACCT    our account that it reaches (the first one the rules declare)\n"
  "  --from ID         who writes (u1)\n"
  "  --name NAME       his display name (Lin)\n"
  "  --post ID         the post it stands under (v1)\n"
  "  --brief           only rules that came close: no lines for other events and no match\n\n"
  "example:\n  weir try rules/test-papers \"求电子版\"\n  weir try rules/test-papers --type friend_request --as wechat_personal/tutor_li \"K7WM3Q\"\n";

struct try {
  const char *rules_path, *text, *type, *as, *from, *name, *post;
  bool brief;
  weir_ruleset *rules;
  weir_key *key;
  weir_engine *engine;
  char channel[128], account[128];
  unsigned turn;
  bool refused;
};

static int64_t wall_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static weir_str str(const char *s) { return (weir_str){ s, s ? strlen(s) : 0 }; }

/* ---- showing */

static bool is_far(weir_reason reason) {
  return reason == WEIR_REASON_EVENT || reason == WEIR_REASON_NO_MATCH || reason == WEIR_REASON_NOT_REACHED || reason == WEIR_REASON_DISABLED;
}

static enum paint color_of(weir_reason reason) {
  switch (reason) {
    case WEIR_REASON_FIRED: return GREEN;
    case WEIR_REASON_LIMIT:
    case WEIR_REASON_ERROR: return RED;
    case WEIR_REASON_ACTION_DROPPED:
    case WEIR_REASON_ACTION_WAITS:
    case WEIR_REASON_GATE:
    case WEIR_REASON_EXCEPT:
    case WEIR_REASON_DECLINED: return YELLOW;
    default: return DIM;
  }
}

static int name_width(const weir_verdict *v) {
  size_t width = 4;
  for (size_t i = 0; i < v->trace_cnt; i++) {
    if (v->trace[i].rule.len > width) width = v->trace[i].rule.len;
  }
  return width > 40 ? 40 : (int)width;
}

static void show_trace(const struct try *t, const weir_verdict *v, weir_str text) {
  int width = name_width(v);
  size_t hidden = 0;
  for (size_t i = 0; i < v->trace_cnt; i++) {
    const weir_trace *line = &v->trace[i];
    if (t->brief && is_far(line->reason)) {
      hidden++;
      continue;
    }
    printf("  %-*.*s  %s%-11s%s", width, FMT(line->rule), paint(stdout, color_of(line->reason)), reason_word(line->reason), paint(stdout, PLAIN));
    if (line->match_end > line->match_start && line->match_end <= text.len) {
      fputs(" \"", stdout);
      print_text(stdout, (weir_str){ text.ptr + line->match_start, line->match_end - line->match_start });
      fputc('"', stdout);
    }
    if (line->detail.len) {
      fputc(' ', stdout);
      print_text(stdout, line->detail);
    }
    putchar('\n');
  }
  if (hidden) printf("  %s(%zu rules were not touched by it)%s\n", paint(stdout, DIM), hidden, paint(stdout, PLAIN));
}

static void show_result(const weir_verdict *v) {
  static const char *const words[] = { [WEIR_RESULT_NOTHING] = "nothing would be said", [WEIR_RESULT_DECIDED] = "a rule fired, and nothing goes out now",
                                       [WEIR_RESULT_REPEAT] = "this event was decided before", [WEIR_RESULT_IGNORED] = "our own doing: rules never see it",
                                       [WEIR_RESULT_UNDECIDED] = "a limit struck: undecided" };
  if (v->text_cut) printf("  (the text is longer than is matched, and was cut)\n");
  if (!v->action_cnt) {
    printf("\n%s\n", words[v->result]);
    return;
  }
  printf("\nwould do:\n");
  print_actions(stdout, v, "  ");
}

/* ---- deciding */

static int decide(struct try *t, weir_str text) {
  char id[32];
  snprintf(id, sizeof id, "try-%u", ++t->turn);
  int64_t now = wall_ms();
  weir_event event = { .struct_size = sizeof event, .id = str(id), .channel = str(t->channel), .account = str(t->account), .type = str(t->type),
                       .time_ms = now, .contact_id = str(t->from), .contact_name = str(t->name), .text = text, .post = str(t->post),
                       .mentioned = -1, .is_follower = -1 };
  weir_verdict verdict;
  weir_error err;
  if (weir_decide(t->engine, &event, now, &verdict, &err)) {
    complain("try", &err);
    t->refused = true;
    return EXIT_PROBLEMS;
  }
  printf("%s by %s to %s/%s", t->type, t->from, t->channel, t->account);
  if (text.len) {
    fputs(": ", stdout);
    print_text(stdout, text);
  }
  fputs("\n\n", stdout);
  show_trace(t, &verdict, text);
  show_result(&verdict);
  return EXIT_GOOD;
}

/* Which records were made is of no interest here; they only must not fill the outbox. */
static bool drain(struct try *t) {
  weir_record record;
  weir_error err;
  weir_status st = WEIR_OK;
  while ((st = weir_next_record(t->engine, &record, &err)) == WEIR_OK) {
    char aud[300];
    size_t len = record.aud.len < sizeof aud ? record.aud.len : sizeof aud;
    memcpy(aud, record.aud.ptr, len);
    if ((st = weir_ack(t->engine, (weir_str){ aud, len }, record.seq, &err)) != WEIR_OK) break;
  }
  if (st >= 0) return true;
  complain("try", &err);
  return false;
}

static int converse(struct try *t) {
  struct lines in;
  if (!lines_open(&in, STDIN_FILENO, 65536)) {
    complain_text("try", "there is not enough memory");
    return EXIT_BROKEN;
  }
  bool terminal = isatty(STDIN_FILENO);
  int status = EXIT_GOOD;
  if (terminal) printf("A conversation with %s; each line is a %s. End with ctrl-D.\n", t->from, t->type);
  while (status != EXIT_BROKEN) {
    weir_str line;
    enum lines_result got = lines_next(&in, &line);
    if (got == LINES_END) break;
    if (got == LINES_TOO_LONG) {
      complain_text("try", "line %llu is longer than an event may be", (unsigned long long)in.number);
      t->refused = true;
    } else if (got == LINES_LINE && line.len) {
      decide(t, line);
      putchar('\n');
      if (!drain(t)) status = EXIT_BROKEN;
    } else if (got == LINES_EMPTY) {
      if (terminal) fputs("> ", stdout);
      fflush(stdout);
      if (lines_fill(&in) != LINES_ERROR) continue;
      complain_text("try", "stdin cannot be read: %s", strerror(errno));
      status = EXIT_BROKEN;
    }
  }
  lines_close(&in);
  if (terminal) putchar('\n');
  return status ? status : t->refused ? EXIT_PROBLEMS : EXIT_GOOD;
}

/* ---- beginning and end */

static bool split_as(struct try *t) {
  weir_account_info declared;
  if (!t->as && weir_ruleset_account(t->rules, 0, &declared)) {
    snprintf(t->channel, sizeof t->channel, "%.*s", FMT(declared.channel));
    snprintf(t->account, sizeof t->account, "%.*s", FMT(declared.account));
    return true;
  }
  const char *as = t->as ? t->as : "douyin/me";
  const char *slash = strchr(as, '/');
  if (!slash || slash == as || !slash[1] || (size_t)(slash - as) >= sizeof t->channel || strlen(slash + 1) >= sizeof t->account) {
    complain_text("try", "--as takes channel/account, such as douyin/papers, not \"%s\"", as);
    return false;
  }
  snprintf(t->channel, sizeof t->channel, "%.*s", (int)(slash - as), as);
  snprintf(t->account, sizeof t->account, "%s", slash + 1);
  return true;
}

static bool open_all(struct try *t) {
  weir_error err;
  t->rules = load_rules("try", t->rules_path, false);
  if (!t->rules || !split_as(t)) return false;
  weir_config config = { .struct_size = sizeof config, .ruleset = t->rules, .trace = true, .dry = t->text != NULL };
  weir_status st = WEIR_OK;
  if (!t->text) st = weir_key_generate(&t->key, NULL, &err); /* a conversation has a state, and a state signs; nobody sees it */
  config.key = t->key;
  if (!st) st = weir_engine_open(&t->engine, &config, &err);
  if (!st) return true;
  complain("try", &err);
  return false;
}

int cmd_try(int argc, char **argv) {
  static const struct option options[] = { { "type", required_argument, NULL, 't' }, { "as", required_argument, NULL, 'a' },
                                           { "from", required_argument, NULL, 'f' }, { "name", required_argument, NULL, 'n' },
                                           { "post", required_argument, NULL, 'p' }, { "brief", no_argument, NULL, 'b' },
                                           { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  struct try t = { .type = "comment", .from = "u1", .name = "Lin", .post = "v1" };
  int c;
  while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    switch (c) {
      case 't': t.type = optarg; break;
      case 'a': t.as = optarg; break;
      case 'f': t.from = optarg; break;
      case 'n': t.name = optarg; break;
      case 'p': t.post = optarg; break;
      case 'b': t.brief = true; break;
      case 'h': fputs(help, stdout); return EXIT_GOOD;
      default: fprintf(stderr, "see: weir try --help\n"); return EXIT_BROKEN;
    }
  }
  if (optind + 1 != argc && optind + 2 != argc) {
    complain_text("try", "needs the rules, and may have a text (in quotes). Try: weir try --help");
    return EXIT_BROKEN;
  }
  t.rules_path = argv[optind];
  t.text = optind + 2 == argc ? argv[optind + 1] : NULL;
  int status = EXIT_BROKEN;
  if (open_all(&t)) status = t.text ? decide(&t, str(t.text)) : converse(&t);
  weir_engine_close(t.engine);
  weir_key_free(t.key);
  weir_ruleset_free(t.rules);
  return status;
}
