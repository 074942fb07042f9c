/* init.h: what `weir init` is made of: the answers it was given (cmd_init.c) and the packs it can write (init_template.c).
 *
 * A template (cli/templates/NAME.tmpl, built in) is a text of lines:
 *   says: ... channels: ... deliver: ...   what it is for, where it runs, how it can hand something over; the first of each is the usual one
 *   === NAME        here begins a file
 *   @NAME           the lines of another template
 *   [zh link|file]  the rest of the line stands only in this language and for one of these ways
 *   <<offer>>       one of the answers */
#ifndef WEIR_CLI_INIT_H
#define WEIR_CLI_INIT_H

#include "cli.h"

enum { INIT_ANSWER_MAX = 200, INIT_LIST_MAX = 8 };

/* Words; an empty one ends them. */
struct init_list {
  char words[INIT_LIST_MAX][32];
};

struct init_template {
  const char *name;
  char says[160];
  struct init_list channels; /* where it runs */
  struct init_list ways;     /* link, file, wechat, room */
};

struct init_answers {
  struct init_template about;
  char lang[3];
  char channel[32], account[64];
  char offer[INIT_ANSWER_MAX + 1], deliver[INIT_ANSWER_MAX + 1];
  char way[32];
  char pack[48];
};

/* The templates by number; false: no more. */
bool init_template(size_t index, struct init_template *out);
bool init_listed(const struct init_list *list, const char *word);

/* Calls `file` for each file of the template, its text filled in. false: no memory, or `file` said so. */
typedef bool init_file_fn(void *ctx, const char *name, const char *text);
bool init_fill(const struct init_answers *answers, init_file_fn *file, void *ctx);

#endif
