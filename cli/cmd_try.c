/* cmd_try.c: what would be answered, and why. With a text: one event, decided and forgotten. Without: a conversation
 * (try_talk.c), in which what was decided is remembered until the end. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "try.h"

static const char help[] =
  "usage: weir try RULES [\"text\"] [options]\n\n"
  "Prints every rule with its verdict and reason, then what would go out. Nothing is sent, signed or kept.\n"
  "Without a text it is a conversation: each line is what somebody writes, and he is remembered until it ends. Lines that begin\n"
  "with a colon are commands: :help lists them (:why, :state, :time +2h, :as ACCOUNT TYPE POST, :who ID, :reload ...).\n\n"
  "  --type TYPE       comment, message, follow, friend_request, scan ... (comment; message where no rule listens to comments)\n"
  "  --as CHAN/ACCT    our account that it reaches (the first one the rules declare)\n"
  "  --from ID         who writes (u1)\n"
  "  --name NAME       his display name (Lin)\n"
  "  --post ID         the post it stands under (v1)\n"
  "  --brief           only rules that came close: no lines for other events and no match\n\n"
  "example:\n  weir try rules/test-papers \"求电子版\"\n  weir try rules/test-papers --type friend_request \\\n"
  "    --as wechat_personal/tutor_li \"K7WM3Q\"\n";

static weir_str str(const char *s) { return (weir_str){ s, s ? strlen(s) : 0 }; }

static void set(char field[TRY_NAME_MAX], const char *value) { snprintf(field, TRY_NAME_MAX, "%s", value); }

/* ---- deciding */

/* Keeps the full trace for :why. Without memory there is none. */
static void keep_why(struct try *t, const weir_verdict *v, weir_str text) {
  size_t len = 0;
  free(t->why);
  t->why = NULL;
  FILE *out = open_memstream(&t->why, &len);
  if (!out) return;
  try_show_trace(out, v, text, false);
  if (fclose(out) != 0) {
    free(t->why);
    t->why = NULL;
  }
}

static weir_event event_of(const struct try *t, const char *type, weir_str text) {
  return (weir_event){ .struct_size = sizeof(weir_event), .id = str(t->last_id), .channel = str(t->channel), .account = str(t->account), .type = str(type),
                       .time_ms = t->last_ms, .contact_id = str(t->from), .contact_name = str(t->name), .text = text, .post = str(t->post),
                       .mentioned = -1, .is_follower = -1 };
}

int try_decide(struct try *t, weir_str text, const char *id) {
  if (!id) {
    snprintf(t->last_id, sizeof t->last_id, "try-%u", ++t->turn);
    t->last_ms = t->now_ms;
  }
  weir_event event = event_of(t, t->type, text);
  weir_verdict verdict;
  weir_error err;
  if (weir_decide(t->engine, &event, t->now_ms, &verdict, &err)) {
    complain("try", &err);
    t->refused = true;
    return EXIT_PROBLEMS;
  }
  try_show_event(t, text);
  try_show_trace(stdout, &verdict, text, t->brief);
  try_show_result(&verdict);
  keep_why(t, &verdict, text);
  return EXIT_GOOD;
}

/* ---- beginning and end */

/* A channel alone: the first account that the rules declare on it. */
static bool find_account(const struct try *t, const char *channel, weir_account_info *found) {
  for (size_t i = 0; weir_ruleset_account(t->rules, i, found); i++) {
    if (found->channel.len == strlen(channel) && memcmp(found->channel.ptr, channel, found->channel.len) == 0) return true;
  }
  return false;
}

bool try_set_account(struct try *t, const char *as) {
  const char *slash = strchr(as, '/');
  weir_account_info found;
  if (!slash && find_account(t, as, &found)) {
    snprintf(t->channel, sizeof t->channel, "%.*s", FMT(found.channel));
    snprintf(t->account, sizeof t->account, "%.*s", FMT(found.account));
    return true;
  }
  if (!slash || slash == as || !slash[1] || (size_t)(slash - as) >= sizeof t->channel || strlen(slash + 1) >= sizeof t->account) {
    complain_text("try", "an account is channel/account, such as douyin/papers, or a channel on which the rules declare one; not \"%s\"", as);
    return false;
  }
  snprintf(t->channel, sizeof t->channel, "%.*s", (int)(slash - as), as);
  snprintf(t->account, sizeof t->account, "%s", slash + 1);
  return true;
}

static bool first_account(struct try *t) {
  weir_account_info declared;
  if (t->as || !weir_ruleset_account(t->rules, 0, &declared)) return try_set_account(t, t->as ? t->as : "douyin/me");
  snprintf(t->channel, sizeof t->channel, "%.*s", FMT(declared.channel));
  snprintf(t->account, sizeof t->account, "%.*s", FMT(declared.account));
  return true;
}

static bool open_all(struct try *t, bool once) {
  weir_error err;
  struct timespec wall;
  clock_gettime(CLOCK_REALTIME, &wall);
  t->now_ms = (int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000;
  t->rules = load_rules("try", t->rules_path, false);
  if (!t->rules || !first_account(t)) return false;
  weir_config config = { .struct_size = sizeof config, .ruleset = t->rules, .trace = true, .dry = once };
  weir_status st = WEIR_OK;
  if (!once) st = weir_key_generate(&t->key, NULL, &err); /* a conversation has a state, and a state signs; nobody sees it */
  config.key = t->key;
  if (!st) st = weir_engine_open(&t->engine, &config, &err);
  if (!st) return true;
  complain("try", &err);
  return false;
}

/* ---- a comment or a message, when nobody says which */

enum heard { DEAF, SILENT, FIRES }; /* no rule listens to such events; none fires; one does */

static enum heard ask(weir_engine *dry, const struct try *t, const char *type, weir_str text) {
  weir_event event = event_of(t, type, text);
  event.id = str("try-0");
  event.time_ms = t->now_ms;
  weir_verdict v;
  weir_error err;
  enum heard heard = DEAF;
  if (weir_decide(dry, &event, t->now_ms, &v, &err)) return SILENT; /* what is refused is told when it is decided in earnest */
  for (size_t i = 0; i < v.trace_cnt; i++) {
    if (v.trace[i].reason == WEIR_REASON_FIRED) return FIRES;
    if (v.trace[i].reason != WEIR_REASON_EVENT) heard = SILENT;
  }
  return heard;
}

/* Sets the type. *other: as a comment the text is not answered, as a message it would be. */
static bool choose_type(struct try *t, const char *text, bool *other) {
  weir_error err;
  weir_engine *dry;
  weir_config config = { .struct_size = sizeof config, .ruleset = t->rules, .trace = true, .dry = true };
  if (weir_engine_open(&dry, &config, &err)) {
    complain("try", &err);
    return false;
  }
  enum heard comment = ask(dry, t, "comment", str(text)), message = ask(dry, t, "message", str(text));
  weir_engine_close(dry);
  set(t->type, comment == DEAF && message != DEAF ? "message" : "comment");
  *other = comment == SILENT && message == FIRES;
  return true;
}

static void close_all(struct try *t) {
  weir_engine_close(t->engine);
  weir_key_free(t->key);
  weir_ruleset_free(t->rules);
  free(t->why);
  free(t->last);
}

int cmd_try(int argc, char **argv) {
  static const struct option options[] = { { "type", required_argument, NULL, 't' }, { "as", required_argument, NULL, 'a' },
                                           { "from", required_argument, NULL, 'f' }, { "name", required_argument, NULL, 'n' },
                                           { "post", required_argument, NULL, 'p' }, { "brief", no_argument, NULL, 'b' },
                                           { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  struct try t = { .from = "u1", .name = "Lin", .post = "v1" };
  int c;
  while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    switch (c) {
      case 't': set(t.type, optarg); break;
      case 'a': t.as = optarg; break;
      case 'f': set(t.from, optarg); break;
      case 'n': set(t.name, optarg); break;
      case 'p': set(t.post, optarg); break;
      case 'b': t.brief = true; break;
      case 'h': print_help(stdout, help); return EXIT_GOOD;
      default: fprintf(stderr, "see: weir try --help\n"); return EXIT_BROKEN;
    }
  }
  if (optind + 1 != argc && optind + 2 != argc) {
    complain_text("try", "needs the rules, and may have a text (in quotes). Try: weir try --help");
    return EXIT_BROKEN;
  }
  t.rules_path = argv[optind];
  const char *text = optind + 2 == argc ? argv[optind + 1] : NULL;
  bool other = false;
  int status = EXIT_BROKEN;
  if (open_all(&t, text != NULL) && (t.type[0] || choose_type(&t, text, &other))) status = text ? try_decide(&t, str(text), NULL) : try_talk(&t);
  if (text && other) printf("(this was a comment; a message with this text is answered: --type message)\n");
  close_all(&t);
  return status;
}
