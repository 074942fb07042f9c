/* cmd_init.c: a small pack to begin with, from a few answers: asked on a terminal, or given as options. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"

static const char help[] =
  "usage: weir init DIR [options]\n\n"
  "Writes a small pack with comments, examples and a scenario into the new folder DIR: rules that work, to go on with.\n"
  "On a terminal it asks for what is not given; otherwise the first of each list is taken.\n\n"
  "  --template NAME   comment-to-message, official-account, group-invitation, win-back, check-in\n"
  "  --lang LANG       of the texts: zh, en, es\n"
  "  --channel NAME    where it runs, such as douyin; which there are depends on the template\n"
  "  --account NAME    the account that answers (shop), or channel/account\n"
  "  --offer TEXT      what people get, as it stands in a sentence: \"the free guide\"\n"
  "  --deliver HOW     how they get it: a link (https://...), a file (guide.pdf), a WeChat id; for a group its name\n"
  "  --list            the templates, and where each can run\n\n"
  "example:\n  weir init my-rules --template comment-to-message --lang en\n"
  "  weir test my-rules\n";

/* What was given as options; NULL: to be asked for. */
struct given {
  const char *template, *lang, *channel, *account, *offer, *deliver;
};

static const char *const langs[] = { "zh", "en", "es" };

/* ---- asking */

/* One line into `out`; an empty one is `usual`. false: the end of the input. */
static bool ask(const char *question, const char *usual, char *out, size_t cap) {
  char line[1024];
  fprintf(stderr, "%s%s%s [%s]: ", paint(stderr, BOLD), question, paint(stderr, PLAIN), usual);
  fflush(stderr);
  if (!fgets(line, sizeof line, stdin)) {
    fputc('\n', stderr);
    complain_text("init", "the answers ended; nothing was written");
    return false;
  }
  char *from = line + strspn(line, " \t\r\n");
  size_t len = strlen(from);
  while (len && strchr(" \t\r\n", from[len - 1])) len--;
  from[len] = '\0';
  snprintf(out, cap, "%s", *from ? from : usual);
  return true;
}

/* The option if there is one, else what is typed, else `usual`. */
static bool take(const char *option, const char *question, const char *usual, char *out, size_t cap) {
  if (option || !isatty(STDIN_FILENO)) {
    snprintf(out, cap, "%s", option ? option : usual);
    return true;
  }
  return ask(question, usual, out, cap);
}

static void join(const struct init_list *list, char *out, size_t cap) {
  size_t used = 0;
  *out = '\0';
  for (size_t i = 0; i < INIT_LIST_MAX && list->words[i][0] && used < cap; i++) {
    int n = snprintf(out + used, cap - used, "%s%s", i ? ", " : "", list->words[i]);
    used += n > 0 ? (size_t)n : 0;
  }
}

/* ---- each answer */

static void show_templates(FILE *out, bool numbers) {
  struct init_template t;
  for (size_t i = 0; init_template(i, &t); i++) {
    char channels[200];
    join(&t.channels, channels, sizeof channels);
    if (numbers) fprintf(out, "  %zu  ", i + 1);
    fprintf(out, "%s%s%s\n     %s\n     %s%s%s\n", paint(out, BOLD), t.name, paint(out, PLAIN), t.says, paint(out, DIM), channels, paint(out, PLAIN));
  }
}

static bool find_template(const char *word, struct init_template *out) {
  char names[256] = "";
  for (size_t i = 0; init_template(i, out); i++) {
    char number[8];
    snprintf(number, sizeof number, "%zu", i + 1);
    if (strcmp(word, out->name) == 0 || strcmp(word, number) == 0) return true;
    size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", out->name);
  }
  complain_text("init", "there is no template \"%s\": %s", word, names);
  return false;
}

static bool take_template(const struct given *g, struct init_answers *a) {
  char word[64];
  if (!g->template && isatty(STDIN_FILENO)) show_templates(stderr, true);
  return take(g->template, "What should the rules do?", "1", word, sizeof word) && find_template(word, &a->about);
}

/* The language of the person's terminal, if the texts are there in it. */
static const char *usual_lang(void) {
  const char *names[] = { getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG") };
  for (size_t i = 0; i < 3; i++) {
    for (size_t k = 0; names[i] && *names[i] && k < 3; k++) {
      if (strncmp(names[i], langs[k], 2) == 0) return langs[k];
    }
    if (names[i] && *names[i]) return "en";
  }
  return "en";
}

static bool take_lang(const struct given *g, struct init_answers *a) {
  char word[64];
  if (!take(g->lang, "Language of the texts: zh, en, es", usual_lang(), word, sizeof word)) return false;
  for (size_t i = 0; i < 3; i++) {
    if (strcmp(word, langs[i]) != 0) continue;
    memcpy(a->lang, langs[i], sizeof a->lang);
    return true;
  }
  complain_text("init", "there are no texts in \"%s\": zh, en or es", word);
  return false;
}

static bool good_account(const char *name) {
  size_t plain = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
  if (plain && !name[plain] && plain < sizeof(((struct init_answers *)0)->account)) return true;
  complain_text("init", "the account \"%s\" needs a short name of letters, digits, `_`, `-` and `.`", name);
  return false;
}

/* The channel may stand before the account: douyin/shop. */
static bool take_place(const struct given *g, struct init_answers *a) {
  char channel[64], account[128], channels[200], question[260];
  const char *slash = g->account ? strchr(g->account, '/') : NULL;
  join(&a->about.channels, channels, sizeof channels);
  snprintf(question, sizeof question, "Where: %s", channels);
  if (slash) snprintf(channel, sizeof channel, "%.*s", (int)(slash - g->account < 60 ? slash - g->account : 60), g->account);
  else if (!take(g->channel, question, a->about.channels.words[0], channel, sizeof channel)) return false;
  if (slash && g->channel && strcmp(g->channel, channel) != 0) {
    complain_text("init", "--channel %s and --account %s do not agree", g->channel, g->account);
    return false;
  }
  if (!init_listed(&a->about.channels, channel)) {
    complain_text("init", "%s does not run on \"%s\": %s", a->about.name, channel, channels);
    return false;
  }
  if (!take(slash ? slash + 1 : g->account, "The account that answers", "shop", account, sizeof account) || !good_account(account)) return false;
  snprintf(a->channel, sizeof a->channel, "%.*s", (int)sizeof a->channel - 1, channel);
  snprintf(a->account, sizeof a->account, "%.*s", (int)sizeof a->account - 1, account);
  return true;
}

/* An answer becomes part of a text and of a list of words. */
static bool good_text(const char *what, const char *text) {
  bool control = false, letter = false;
  for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
    control = control || *at < 0x20 || *at == 0x7f;
    letter = letter || *at >= 0x80 || (*at >= '0' && *at <= '9') || ((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z');
  }
  const char *wrong = strlen(text) > INIT_ANSWER_MAX ? "is too long: at most 200 bytes"
                      : control                      ? "has a control character in it"
                      : strpbrk(text, "{}")          ? "has a brace in it, which means something in rules: leave it out"
                      : !letter                      ? "has no letter or digit"
                                                     : NULL;
  if (wrong) complain_text("init", "%s %s", what, wrong);
  return !wrong;
}

/* A link has "://", a file an extension; anything else is the template's last way (a WeChat id, a room). */
static const char *way_of(const struct init_template *t, const char *how) {
  const char *dot = strrchr(how, '.');
  size_t last = 0;
  if (strstr(how, "://")) return "link";
  if (dot && dot != how && strlen(dot) >= 3 && strlen(dot) <= 5) return "file";
  while (last + 1 < INIT_LIST_MAX && t->ways.words[last + 1][0]) last++;
  return t->ways.words[last];
}

static bool take_offer(const struct given *g, struct init_answers *a) {
  bool zh = strcmp(a->lang, "zh") == 0, es = strcmp(a->lang, "es") == 0, room = init_listed(&a->about.ways, "room");
  char offer[1024], deliver[1024], ways[200];
  join(&a->about.ways, ways, sizeof ways);
  if (!take(g->offer, "What do people get, as in \"here is ...\"?", zh ? "电子版资料" : es ? "la guía gratis" : "the free guide", offer, sizeof offer)) return false;
  if (!take(g->deliver, room ? "How do they get in: the group's name, or a link (https://...)" : "How do they get it: a link (https://...), a file (guide.pdf), or a WeChat id",
            room ? "group" : "https://example.com/guide", deliver, sizeof deliver))
    return false;
  if (!good_text("what is offered", offer) || !good_text("how it is delivered", deliver)) return false;
  snprintf(a->way, sizeof a->way, "%s", way_of(&a->about, deliver));
  if (!init_listed(&a->about.ways, a->way)) {
    complain_text("init", "\"%s\" is a %s, and %s delivers by: %s", deliver, a->way, a->about.name, ways);
    return false;
  }
  memcpy(a->offer, offer, strlen(offer) + 1); /* good_text looked at the lengths */
  memcpy(a->deliver, deliver, strlen(deliver) + 1);
  return true;
}

/* ---- writing */

static bool put_file(void *folder, const char *name, const char *text) { return write_into("init", folder, name, text); }

static int write_pack(const struct init_answers *a, const char *folder) {
  if (mkdir(folder, 0777) != 0) {
    complain_text("init", "the folder %s cannot be made: %s%s", folder, strerror(errno), errno == EEXIST ? "; give a new one, so that nothing is written over" : "");
    return EXIT_BROKEN;
  }
  char path[4096];
  snprintf(path, sizeof path, "%s", folder);
  if (!init_fill(a, put_file, path)) {
    complain_text("init", "%s was not written whole", folder);
    return EXIT_BROKEN;
  }
  weir_ruleset *rules = load_rules("init", folder, false);
  if (!rules) return EXIT_PROBLEMS;
  printf("%zu rules stand in %s/rules.lua, a conversation in %s/story.scenario. Next:\n  weir test %s\n  weir try %s\n", weir_ruleset_rule_count(rules), folder,
         folder, folder, folder);
  weir_ruleset_free(rules);
  return EXIT_GOOD;
}

static int init(const struct given *g, const char *folder) {
  struct init_answers a = { .lang = "" };
  struct stat st;
  if (lstat(folder, &st) == 0) { /* told before anything is asked */
    complain_text("init", "%s is there already; give a new folder, so that nothing is written over", folder);
    return EXIT_BROKEN;
  }
  if (!take_template(g, &a) || !take_lang(g, &a) || !take_place(g, &a) || !take_offer(g, &a)) return EXIT_BROKEN;
  name_of_folder(folder, a.pack, "my-rules");
  return write_pack(&a, folder);
}

int cmd_init(int argc, char **argv) {
  static const struct option options[] = { { "template", required_argument, NULL, 't' }, { "lang", required_argument, NULL, 'l' },
                                           { "channel", required_argument, NULL, 'c' },  { "account", required_argument, NULL, 'a' },
                                           { "offer", required_argument, NULL, 'o' },    { "deliver", required_argument, NULL, 'd' },
                                           { "list", no_argument, NULL, 'L' },           { "help", no_argument, NULL, 'h' },
                                           { NULL, 0, NULL, 0 } };
  struct given g = { .template = NULL };
  int c;
  while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    switch (c) {
      case 't': g.template = optarg; break;
      case 'l': g.lang = optarg; break;
      case 'c': g.channel = optarg; break;
      case 'a': g.account = optarg; break;
      case 'o': g.offer = optarg; break;
      case 'd': g.deliver = optarg; break;
      case 'L': show_templates(stdout, false); return EXIT_GOOD;
      case 'h': print_help(stdout, help); return EXIT_GOOD;
      default: fprintf(stderr, "see: weir init --help\n"); return EXIT_BROKEN;
    }
  }
  if (optind + 1 != argc) {
    complain_text("init", "needs a new folder. Try: weir init --help");
    return EXIT_BROKEN;
  }
  return init(&g, argv[optind]);
}
