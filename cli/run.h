/* run.h: the inside of `weir run`, for run_*.c and cmd_run.c only.
 *
 *   cmd_run.c      options, beginning and end
 *   run_input.c    the loop: waits for events, acknowledgements, operators, timers and signals; decides
 *   run_output.c   commits, hands records out
 *   run_tail.c     mends the end of an output file
 *   run_ack.c      takes acknowledgements
 *   run_control.c  the control socket: who may speak, lines in, lines out
 *   run_command.c  what operators can ask for
 *   run_key.c      another key takes over
 *   run_journal.c  every input in order
 *   run_counts.c   why actions waited or did not go out
 *   run_signals.c  signals become bytes in a pipe */
#ifndef WEIR_CLI_RUN_H
#define WEIR_CLI_RUN_H

#include "cli.h"

enum {
  EVENT_LINE_MAX = 65536,  /* bytes of one event line, as the library takes them */
  REPAIRED_MAX = 3 * EVENT_LINE_MAX, /* every byte may become U+FFFD */
  GROUP_MAX = 64,          /* decisions that share a record, unless --group says less */
  STATE_MIB = 16,          /* of memory, unless --state-memory says otherwise: the library's own default */
  STATE_MIB_MAX = 65536,   /* more memory than such a box has */
  STATE_GIB_MAX = 8000,    /* what the file's format can hold */
  JUMP_DAYS_MAX = 400,     /* by the events' clock: an event that far ahead of the one before is a wrong time, not a silence */
  TIMERS_BETWEEN = 16,     /* timers fired before the next event is taken: thousands that are due at once hold none up for long */
  COMMIT_AFTER_MS = 5,     /* a person does not notice 5 ms; a signature and a disk sync are shared by all that came within */
  COMPLAINTS_MAX = 20,     /* bad lines told one by one; more are only counted */
  AUD_MAX = 260,           /* bytes of "channel/account": 128 each */
  JOURNAL_BUFFER = 65536,  /* bytes of lines that wait for a commit */
  HANDED_MAX = 64,         /* accounts whose records may wait for one sync of the output */
  ACK_LINE_MAX = 1024,     /* bytes of one acknowledgement */
  ACK_HOLD_MS = 10000,     /* how long an event waits for acknowledgements when the outbox is full */
  ACK_LINGER_MS = 2000,    /* how long the end waits for an acknowledgement */
  CLIENTS_MAX = 4,         /* operators who may speak at once */
  CONTROL_LINE_MAX = 4224, /* bytes of one command: a path has at most 4,096 */
  REPLY_MAX = 8192,        /* bytes of one answer: the counts of `stats` take 1 KB, its reasons up to 6 */
  RULE_NAME_MAX = 129,     /* bytes of "pack/rule" or "pack/funnel", and a NUL */
  WHAT_MAX = 129,          /* bytes of what is counted of it, likewise */
  COUNTS_MAX = 1024,       /* rules and reasons told apart */
  COUNTS_SHOWN = 20,       /* the most frequent of them */
  SNAPSHOT_STEP = 65536,   /* bytes of a snapshot that are copied at once: with the disk's answer about as long as a commit */
  IDLE_MS = 60000,         /* longest sleep: records run out while nothing happens */
  RETRY_MS = 1000,         /* between two tries of a timer that found no room */
  TELL_AGAIN_MS = 60000,   /* a state that is full now and then is told of once a minute */
  DEADLINE_MS = 1000,      /* a thousand times what the dearest event takes on a small box: only what is stuck meets it */
  DEADLINE_MAX_MS = 60000,
  CLOCK_BACK_MS = 1000     /* smaller steps back are the clock being trimmed */
};

struct run_client {
  int fd;                  /* -1: nobody */
  int64_t heard_ms;        /* when he last said something */
  enum run_wait { NO_WAIT, WAIT_DRAIN, WAIT_SNAPSHOT } waits; /* for its end; only then he is answered */
  bool ended;              /* says nothing more; his commands are answered still */
  size_t in_len, out_len, out_at;
  char in[CONTROL_LINE_MAX], out[REPLY_MAX];
  char *report;            /* an answer that is longer than `out`; NULL: none is on its way */
};

struct run_control {
  int fd;                  /* -1: none */
  unsigned long long dev, ino; /* of the socket's name: what somebody else put there is left alone */
  struct run_client clients[CLIENTS_MAX];
};

struct run_handed {
  char aud[AUD_MAX];
  uint64_t seq;
};

struct run {
  const char *rules_path, *events, *key_file, *issuer, *journal_file, *chain, *state, *socket;
  uint32_t group;
  unsigned long state_mib;
  uint64_t state_bytes;    /* of the state file; 0: the library's limit */
  long deadline_ms;        /* of one event; 0: none */
  weir_log_level log_level;
  int ack_fd;              /* -1: a record is acknowledged when it has been written */
  bool plain, event_clock, repair, jit, new_chain;
  bool state_given, deadline_given;

  weir_ruleset *rules;
  weir_key *key;
  weir_engine *engine;
  struct lines in, acks;
  struct run_control control;
  FILE *journal;           /* lines on their way: they are written whole, and cut back when the disk is full */
  char *journal_bytes;
  size_t journal_len;
  int journal_fd;
  uint64_t journal_size, journal_base; /* bytes in the file; of them settled: committed, or deciding nothing */
  bool journal_full;       /* lines found no space; so until what they belong to was taken back */
  char *repaired;          /* for --repair: the line at hand */
  char *claims;            /* for --plain */
  size_t claims_cap;
  bool sync_output;        /* records go into a regular file: it is synced before they are acknowledged */
  bool mended;             /* how it ended was seen to */
  char snapshot[CONTROL_LINE_MAX + 1]; /* the file that is being written; empty: none */
  int64_t snapshot_after;  /* monotonic: events have their turn until then */
  struct run_handed handed[HANDED_MAX]; /* written, and not acknowledged */
  size_t handed_cnt;

  int64_t now_ms;          /* latest time given to the engine */
  int64_t wall_ms;         /* what the clock said last */
  int64_t began_ms;        /* monotonic: when the deadline was first asked for the event at hand; 0: it was not */
  bool struck;             /* it struck */
  uint64_t strikes;
  bool told_unset, told_back; /* what was said about the clock */
  int64_t expired_s;       /* second in which records were last looked through for their end */
  int64_t pending_since;   /* when the first decision of the group was made; 0: none waits */
  int64_t timers_after;    /* monotonic: timers found no room and are not tried before then */
  weir_str held;           /* an event that waits for room in the outbox */
  int64_t held_since;      /* monotonic; 0: it does not */
  uint64_t bad, bad_acks;
  uint64_t refused;        /* events that found no room */
  uint64_t refused_before; /* when the want of room was said */
  bool no_room, told_room; /* events are refused; and that was said */
  int64_t room_told;       /* monotonic: when it was said last */
  bool stop;               /* take no more events */
  bool last;               /* by the events' clock: no event comes any more, only what waits is waited for */
  bool drain;              /* wait for all acknowledgements before the end */
  bool signalled;          /* a signal ended it */
  bool acks_ended;
  bool broken;             /* cannot go on */
};

/* ---- run_input.c */
int64_t run_monotonic_ms(void);
/* Takes events until they end, or until a signal or an operator says so. */
void run_events(struct run *r);
/* Fires what is due until `until`; by the events' clock each timer has its own moment. */
/* By the clock at most `most`. */
void run_timers(struct run *r, int64_t until, unsigned most);
/* Hands over what is left: waits a moment for acknowledgements. */
void run_end(struct run *r);

/* Prints what the engine says. */
void run_log(void *ctx, const weir_log_entry *entry);
/* Whether the event at hand takes too long; `ctx` is the run. */
bool run_overdue(void *ctx);

/* ---- run_output.c */
void run_fail(struct run *r, const weir_error *err);
/* The state has no room, and `cnt` events were refused for it: said once, not for each. */
void run_no_room(struct run *r, const weir_error *err, uint64_t cnt);
/* A commit failed inside another call, and took `cnt` decisions back. */
void run_group_lost(struct run *r, const weir_error *err, uint64_t cnt);
/* Commits, and hands out what can be. */
void run_flush(struct run *r);
/* What an earlier run left: closes what ran out meanwhile, and hands out the rest. */
void run_hand_out_again(struct run *r);
/* Nothing more is written: whoever reads the records sees their end, and may still acknowledge them. */
bool run_output_close(struct run *r);
/* Records that were not acknowledged. */
uint64_t run_outbox(const struct run *r);

/* ---- run_tail.c */
/* Before `record` is written, the first of this run: an output file whose last line has no end is mended. False: errno says why. */
bool run_mend_output(const struct run *r, weir_str record);
/* Of a line that could not be written whole, the `len` bytes that were are taken out of an output file. Keeps errno. */
void run_take_back(const struct run *r, size_t len);

/* ---- run_ack.c */
/* Reads acknowledgements that are there. */
void run_read_acks(struct run *r);
/* The records of `aud` up to `seq` are safe. False: there was no room to note it; it can be told again. */
bool run_ack(struct run *r, weir_str aud, uint64_t seq);

/* ---- run_control.c */
bool run_control_open(struct run *r);
void run_control_close(struct run *r);
struct pollfd;
/* Adds what is to be watched; returns how many. There is room for 1 + CLIENTS_MAX. */
size_t run_control_watch(const struct run *r, struct pollfd *out);
/* Whether a command lies in a buffer already: then nothing will wake us for it. */
bool run_control_busy(const struct run *r);
/* Serves who is ready: at most one command of each client. */
void run_control_serve(struct run *r, const struct pollfd *polled, size_t cnt);
/* What clients wait for has come to its end. */
void run_control_tell(struct run *r, enum run_wait what, const char *reply);

/* ---- run_command.c */
/* Does what one line asks for, and answers in one line; or says what the answer waits for. */
enum run_wait run_command(struct run *r, weir_str line, char *reply, size_t cap);
/* Writes a little more of the snapshot under way, if it may be now: not inside a group, and not all the time while there are events. */
void run_snapshot_step(struct run *r);
/* The run ends before it was whole: nothing is left of it. */
void run_snapshot_cancel(struct run *r);
/* Whether the line asks for a report; then *out is the whole answer (to be freed), or NULL with the answer in `reply`. */
bool run_report(struct run *r, weir_str line, char **out, char *reply, size_t cap);
/* Loads the rules anew; those that cannot be used change nothing. */
bool run_reload(struct run *r);

/* ---- run_key.c */
enum run_rotation { ROTATION_NONE, ROTATION_DONE, ROTATION_FAILED };
/* A key that waits takes over, if there is one. */
enum run_rotation run_rotate(struct run *r);

/* ---- run_journal.c */
/* Begins a run in it, which says what the state holds: so a replay knows what of the run before reached the disk. */
bool run_journal_open(struct run *r);
/* False: there is no space (journal_full; what was not settled is cut back), or the run is broken. */
bool run_journal_flush(struct run *r);
bool run_journal_close(struct run *r);
/* {"what":json,"now":...} */
void run_journal(struct run *r, const char *what, weir_str json);
/* {"what":"text","now":...} */
void run_journal_text(struct run *r, const char *what, weir_str text);
void run_journal_number(struct run *r, const char *what, uint64_t number);
/* What comes now is commit number so and so of the state: {"commit":7,..}; or is what an operator asks for: {"forget":"..","commit":7,..}.
 * Both are with the system before it is done. False: the journal cannot be written. */
bool run_journal_commit(struct run *r);
bool run_journal_order(struct run *r, const char *what, weir_str words);
/* What was written is so: it is never cut back. */
void run_journal_settled(struct run *r);
/* The last of them was not done after all. */
void run_journal_rollback(struct run *r);
void run_journal_ack(struct run *r, weir_str aud, uint64_t seq);

/* ---- run_counts.c */
#define DAY_MS INT64_C(86400000)
void run_counts_print(const struct run *r, FILE *out);
/* [{"rule":..,"what":..,"count":..,"today":..}, ...] with as many as fit; returns the bytes. */
size_t run_counts_json(const struct run *r, char *out, size_t cap);

/* ---- run_signals.c */
bool run_signals_open(void);
int run_signals_fd(void);
/* What came since it was asked last. */
struct run_signals {
  bool stop, reload;
};
struct run_signals run_signals_take(void);

#endif
