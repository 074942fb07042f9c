/* scenario.h: a conversation over virtual time, in lines that people read and write:
 *
 *   scenario "asks, adds us, gets the paper"
 *   at 2026-03-02 09:00
 *   u1 comments "求电子版" on v1 -> reply, follow
 *   after 1m
 *     expect message like "备注 {code}，"
 *   u1 requests friendship "{code}" to wechat_personal/tutor_li
 *     expect accept, deliver
 *   redeliver -> nothing
 *
 * scenario_words.c cuts a line into words, scenario_read.c makes steps of them, scenario_play.c plays these on an engine whose
 * state is kept in memory, scenario_expect.c compares, scenario_update.c writes what happened into the file. */
#ifndef WEIR_CLI_SCENARIO_H
#define WEIR_CLI_SCENARIO_H

#include "test.h"

enum { SCENARIO_WORDS_MAX = 64, SCENARIO_FILE_MAX = 1 << 20, SCENARIO_NAMES_MAX = 16, SCENARIO_PEOPLE_MAX = 1000 };

/* ---- scenario_words.c */

struct word {
  weir_str text;   /* without its quotes */
  bool quoted;
  uint32_t column; /* 1-based, in bytes */
};
struct words {
  struct word items[SCENARIO_WORDS_MAX];
  uint32_t cnt;
  uint32_t bad_column;  /* 0: the line could be cut */
  const char *bad;      /* why it could not */
};
/* Cuts a line into words: "quoted", bare, "," and "->". Writes the texts of quoted words over `copy`, a copy of the line. */
void scenario_cut(weir_str line, char *copy, struct words *out);
bool word_is(const struct word *word, const char *text); /* a bare word */

/* ---- scenario_read.c */

enum expect_kind { EXPECT_ACTION, EXPECT_NOTHING, EXPECT_RULE, EXPECT_DROPPED, EXPECT_WAITS, EXPECT_REFUSED };

struct expect {
  enum expect_kind kind;
  uint32_t line, column;
  bool no;              /* must not be there */
  bool exactly;         /* with its neighbours on the line: nothing else may be there */
  bool like;            /* text: somewhere in it, * and {name} allowed; else the whole */
  bool has_text;
  weir_str action, text;
  weir_str via;         /* channel/account; empty: any */
};

enum step_kind { STEP_EVENT, STEP_REDELIVER, STEP_OUTCOME, STEP_CLOCK, STEP_WAIT };

struct step {
  enum step_kind kind;
  uint32_t line;
  uint32_t arrow;       /* column of "->" on its line; 0: none */
  weir_str said;        /* the line, for messages */
  weir_str who, name, type, text, post, parent, room, inviter, lang, channel, account;
  uint32_t people_from, people_to; /* p1..p100: `who` is "p"; 0: he alone */
  weir_pair attrs[8];
  uint32_t attr_cnt;
  int8_t mentioned, is_follower;
  int64_t ms;           /* WAIT */
  int year, month, day, hour, minute; /* CLOCK; year 0: the next time that it is so late */
  weir_str action, status, code; /* OUTCOME */
  int64_t retry_ms;
  uint32_t first_expect, expect_cnt;
};

struct scenario {
  weir_str name;
  uint32_t line, first_step, step_cnt;
  weir_str channel, account; /* of the line `account`; empty: the first that the rules declare */
};

struct scenario_file {
  const char *path;
  char *data, *copy;
  size_t len;
  weir_str channel, account; /* of a line `account` before the first scenario */
  struct scenario *items;
  struct step *steps;
  struct expect *expects;
  uint32_t cnt, step_cnt, expect_cnt, cap, step_cap, expect_cap;
  uint32_t errors;
};

/* Reads the file; all errors are printed with their place. false: it cannot be played. Freed with scenario_free, always. */
bool scenario_read(struct scenario_file *file, const char *path);
void scenario_free(struct scenario_file *file);
/* Line `number` of the file, without its end. */
weir_str scenario_line(const struct scenario_file *file, uint32_t number);
/* "channel/account" in two. */
bool split_account(weir_str text, weir_str *channel, weir_str *account);

/* ---- scenario_play.c */

/* What was done, and why, since the last step began. */
struct done_action {
  char *kind, *text, *json, *aud, *rule, *decision;
  uint32_t n;
};
struct done_trace {
  char *rule, *detail;
  weir_reason reason;
};
struct done {
  struct done_action *actions;
  struct done_trace *traces;
  uint32_t action_cnt, trace_cnt, action_cap, trace_cap;
  weir_result result;
  char *refused; /* the message; NULL: it was not refused */
};

struct name_value {
  char name[32], value[128];
};

struct player {
  const weir_ruleset *rules;
  weir_engine *engine;
  weir_key *key;
  const struct scenario_file *file;
  weir_str channel, account;
  int64_t now_ms;
  uint32_t serial;
  const struct step *last;      /* what redeliver gives again */
  uint32_t last_serial;
  int64_t last_ms;
  struct done done;
  struct done past;             /* all actions of the scenario, for outcomes */
  struct name_value names[SCENARIO_NAMES_MAX];
  uint32_t name_cnt;
  bool *fired;                  /* by rule index */
  bool broken;                  /* not the rules: memory, the engine */
};

/* Plays one scenario. *failed: the steps that went otherwise; told on stdout as TAP comments. `updates` (may be NULL) gets for
 * every step of the file what to expect instead, or NULL; to be freed by the caller. false: it could not be played. */
bool scenario_play(struct tests *tests, const struct scenario_file *file, const struct scenario *scenario, char **updates, uint32_t *failed);
/* {name} by what was caught under it. NULL: no memory. To be freed. */
char *scenario_fill(const struct player *p, weir_str text);
/* Says so, once, and that the play is broken; false. */
bool scenario_no_memory(struct player *p);

/* ---- scenario_expect.c */

/* Compares what was done with what was expected of the step; says on stdout what differs. true: as expected. */
bool scenario_meets(struct player *p, const struct step *step);
/* What to write instead, lines of "  expect ..."; NULL: no memory. To be freed. */
char *scenario_actual(const struct player *p);

/* ---- scenario_update.c */

/* Writes the file anew with the lines of `updates` in place of what was expected of those steps. */
bool scenario_update(const struct scenario_file *file, char *const *updates);

#endif
