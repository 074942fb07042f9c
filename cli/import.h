/* import.h: rules from elsewhere. A reader (import_wechat.c, import_csv.c) fills a list of plain rules and notes what it could
 * not bring over; import_write.c makes a pack of them that a person would be glad to go on with; cmd_import.c tries it. */
#ifndef WEIR_CLI_IMPORT_H
#define WEIR_CLI_IMPORT_H

#include "cli.h"

enum { IMPORT_FILE_MAX = 64 << 20, IMPORT_NAME_MAX = 60, IMPORT_MESSAGE_MAX = 400 };

struct import_texts {
  weir_str *items;
  uint32_t cnt, cap;
};

/* What is answered: one of several, or all. */
struct import_answer {
  weir_str text;  /* may be empty */
  weir_str media; /* "image:ID"; may be empty */
};

struct import_rule {
  char name[IMPORT_NAME_MAX + 16];
  weir_str title;            /* as it was called there; may be empty */
  const char *on;            /* as it stands in the rule: "\"message\"" */
  const char *mode;          /* "contains", "equal" ...; NULL: no keywords */
  struct import_texts keywords, tags;
  struct import_answer *answers;
  uint32_t answer_cnt, answer_cap;
  bool all;                  /* each answer, not one of them */
  bool off;                  /* it was switched off there */
  bool fallback;             /* answers what nothing else answers */
  const char *cooldown;      /* NULL: none */
  uint32_t line;             /* in the source; 0: unknown */
  bool no_example;           /* an earlier rule answers its first keyword */
};

struct import {
  const char *from, *path;   /* "wechat", the file */
  char channel[64], account[64];
  struct import_rule *rules;
  uint32_t rule_cnt, rule_cap;
  char (*notes)[IMPORT_MESSAGE_MAX];
  uint32_t note_cnt, note_cap;
  struct import_texts owned; /* texts that were made on the way; freed with it */
  bool no_memory;
};

/* ---- import.c: building the list. All give NULL or false when there is no memory, and then im->no_memory is set. */

struct import_rule *import_rule(struct import *im, weir_str name);
/* Takes the newest rule out again. */
void import_drop(struct import *im);
bool import_text(struct import *im, struct import_texts *texts, weir_str text);
bool import_answer(struct import *im, struct import_rule *rule, weir_str text, weir_str media);
/* What was not brought over, or came out differently. Names come from outside: they are made harmless for a terminal. */
void import_note(struct import *im, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A copy that lives as long as the import. */
weir_str import_keep(struct import *im, weir_str text);
void import_free(struct import *im);

/* ---- readers: false after a message on stderr */

bool import_wechat(struct import *im, char *data, size_t len);
bool import_csv(struct import *im, char *data, size_t len);

/* ---- import_write.c */

/* The pack's rule file, and a scenario that asks each rule once; to be freed. NULL: no memory. */
char *import_rules_text(const struct import *im, const char *pack);
char *import_scenario_text(const struct import *im);

#endif
