/* try.h: what the files of `weir try` share: cmd_try.c begins, try_show.c prints verdicts, try_talk.c is the conversation. */
#ifndef WEIR_CLI_TRY_H
#define WEIR_CLI_TRY_H

#include "cli.h"

enum { TRY_NAME_MAX = 128 };

struct try {
  const char *rules_path, *as;
  char type[TRY_NAME_MAX], from[TRY_NAME_MAX], name[TRY_NAME_MAX], post[TRY_NAME_MAX], channel[TRY_NAME_MAX], account[TRY_NAME_MAX];
  bool brief;
  weir_ruleset *rules;
  weir_key *key;
  weir_engine *engine;
  int64_t now_ms;
  unsigned turn;
  bool refused;       /* something was not understood */
  char *why;          /* every rule's verdict on the last event; to be freed */
  char *last;         /* its text, for :again; to be freed */
  char last_id[32];
  int64_t last_ms;
};

/* ---- cmd_try.c */

/* "douyin/papers", or a channel alone: the first account that the rules declare on it. false after a message. */
bool try_set_account(struct try *t, const char *as);
/* Decides one event by t->from and prints it. `id`: NULL for a new one. */
int try_decide(struct try *t, weir_str text, const char *id);

/* ---- try_show.c */

void try_show_event(const struct try *t, weir_str text);
void try_show_trace(FILE *out, const weir_verdict *v, weir_str text, bool brief);
void try_show_result(const weir_verdict *v);

/* ---- try_state.c */

/* What is known of him who writes. false after a message. */
bool try_show_state(struct try *t);

/* ---- try_talk.c */

int try_talk(struct try *t);

#endif
