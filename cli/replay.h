/* replay.h: the inside of `weir replay`, for replay_*.c and cmd_replay.c only.
 *
 *   cmd_replay.c      options, beginning and end
 *   replay_log.c      what a line says; which lines of a journal came to nothing
 *   replay_play.c     gives the log to the engine, or to two
 *   replay_compare.c  which events get another answer, rule by rule
 *
 * A journal says in which groups decisions were committed, and numbers the commits. A run that was killed leaves decisions that
 * were never committed, and perhaps a commit that did not reach the disk; the line that opens the next run says how many commits
 * the state has, so what came to nothing is known before anything is decided, and left out. */
#ifndef WEIR_CLI_REPLAY_H
#define WEIR_CLI_REPLAY_H

#include "cli.h"

enum {
  REPLAY_LINE_MAX = 3 * 65536 + 128,  /* bytes of a journal's line: an event that was repaired, and what is put around it */
  REPLAY_EVENT_MAX = 65536,           /* bytes of an event log's line, as the library takes them */
  REPLAY_CLAIMS_MAX = 2 * 65536,      /* bytes of a record's claim set */
  REPLAY_GROUP_MAX = 64,              /* decisions that share a record in an event log */
  REPLAY_JUMP_DAYS = 400,             /* timers of an event log that fire after its end, as for weir run --clock events */
  REPLAY_KEYS_MAX = 8,    /* keys that took over from each other */
  REPLAY_RULES_MAX = 16,              /* --rules-at */
  REPLAY_MEMORY_MIN = 64,             /* MiB of state in memory, which the system gives as they are used */
  REPLAY_MEMORY_MAX = 4096,           /* MiB; larger ones want --state FILE */
  REPLAY_MEMORY_TIMES = 8,            /* bytes of state for a byte of journal: 2 KiB a person, 300 bytes an event */
  REPLAY_EXAMPLES = 3,                /* events shown for each rule */
  REPLAY_TEXT_MAX = 160,              /* bytes of a text shown in an example */
  REPLAY_COMPLAINTS_MAX = 20          /* differences told one by one; more are counted */
};

/* ---- replay_log.c */

enum replay_kind {
  REPLAY_EVENT, REPLAY_STRUCK, REPLAY_TICK, REPLAY_COMMIT, REPLAY_ROLLBACK, REPLAY_FORGET, REPLAY_POOL, REPLAY_ROTATE, REPLAY_SWAP, REPLAY_OPEN, REPLAY_END,
  REPLAY_OTHER,  /* acknowledgements, records that ran out: they decide nothing */
  REPLAY_DAMAGED
};

struct replay_line {
  enum replay_kind kind;
  weir_str body;     /* the event, person, ruleset; what was opened */
  int64_t now_ms;
  uint64_t number;   /* of a commit; OPEN: how many the state had */
  uint64_t memory;   /* OPEN: bytes of a state that was kept in memory; 0: in a file */
  bool struck;       /* TICK: the deadline gave it up */
};

/* What one line of a journal says. */
void replay_read_line(weir_str line, struct replay_line *out);
/* A member of a JSON object that weir wrote: a string's inside, or the value as it stands. Empty when there is none. */
weir_str replay_member(weir_str object, const char *name);
/* The text of a JSON string's inside, at most cap - 1 bytes of it. */
void replay_unquote(weir_str inside, char *out, size_t cap);

struct replay_span {
  uint64_t first, last; /* lines, from 1 */
};

struct replay_index {
  bool journal;           /* not an event log */
  struct replay_span *gone; /* lines that came to nothing, in order */
  size_t gone_cnt, gone_cap;
  uint64_t lines;
  uint64_t unsure;        /* the commit that the journal ends with: nobody says whether it reached the disk; 0: none */
};

/* Reads the whole log once. False after a message. */
bool replay_index_make(struct replay_index *index, int fd, const char *name);
void replay_index_free(struct replay_index *index);

/* ---- replay_compare.c */

struct replay_compare;
struct replay_compare *replay_compare_new(void);
void replay_compare_free(struct replay_compare *c);
/* What `side` (0: as it was, 1: as it would be) answers to an event or timer. An event's sides come one after the other, a timer's
 * when they fire. `line` is the event, or empty. False: no memory. */
bool replay_compare_take(struct replay_compare *c, int side, const weir_verdict *verdict, weir_str line);
/* One side has no more timers: what only the other had is a difference. */
bool replay_compare_end(struct replay_compare *c);
/* Prints it; returns whether anything differs. */
bool replay_compare_print(const struct replay_compare *c, bool json);

/* ---- replay_play.c */

struct replay_rules {
  const char *path;
  const char *hash; /* how it begins; NULL: of the rules named first */
  weir_ruleset *rules;
};

struct replay {
  const char *log, *key_files[REPLAY_KEYS_MAX], *state, *against_path;
  weir_key *keys[REPLAY_KEYS_MAX + 1]; /* and one for whom a key stands in that is not at hand */
  size_t key_cnt;
  struct replay_rules rules[REPLAY_RULES_MAX + 1];
  size_t rules_cnt;
  bool any_rules, plain, json, sign;
  weir_ruleset *against;
  const weir_key *key;      /* that signs now */
  uint64_t log_bytes;
  struct replay_index index;
  struct lines in;

  weir_engine *engines[2];  /* as it was; as it would be, or NULL */
  char chain[80], issuer[300];
  uint64_t opens;           /* engines of the first side that were opened */
  int64_t now_ms;
  bool strike;              /* the line at hand was given up by the deadline */
  struct replay_compare *compare;
  char *claims;
  uint64_t read_bytes, events, records, differs, uncommitted;
  int64_t began_ms, shown_ms; /* monotonic */
  bool shown;
};

/* Plays the log. False after a message. */
bool replay_play(struct replay *r);

#endif
