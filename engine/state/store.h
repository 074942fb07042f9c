/* state/: what weir remembers: people, claims, pools, timers, marks of events seen, records not yet acknowledged. Uses
 * model/, base/ and, for what a damaged file holds, text/utf8.h only. Decides nothing: it loads, answers questions, and applies changesets.
 *
 * store.h: the face that every store has. A store belongs to one engine and one thread. Everything between begin and
 * commit happens as one or not at all; reads see what was applied since begin.
 *
 * What every store does with a changeset, beyond what model/changeset.h says:
 *   nobody known   SEEN and JOIN make the contact known. Taking something from nobody is done already; OPT_OUT and OPT_IN
 *                  work on the contact alone; giving something else to nobody is WEIR_E_ARG.
 *   limits         a person with too many tags, fields, funnels, pools, contacts, claims or timers, and a string that is too
 *                  long, fail the whole apply with WEIR_E_LIMIT and a message that names the limit. Texts are bytes; an
 *                  empty name is WEIR_E_ARG. A decision's id in DEDUPE has at most WEIR_ID_CHARS bytes.
 *   JOIN           person `number` keeps his id, and gets what the other has: tags, fields, stages, pools, codes, contacts, claims,
 *                  timers. Of what both have one word counts, and whatever the order in which three or more are joined it is the
 *                  same: of a claim the later end, of a stage both entered the earlier time, of what he said and is awaited for the
 *                  later, of a field the one set last, of
 *                  two counters (fields that only COUNTER changed since they were set) the sum, of a pool's member the one
 *                  given first, of the stage they stand in and of two names the bytewise greater (a store does not know the
 *                  order of stages: who does adds a STAGE behind the JOIN). Ties go to the bytewise greater value. He is opted
 *                  out, and in a human's hands, when either was. Nobody of that number is WEIR_E_ARG.
 *   PART           of a contact that is his only one changes nothing. The contact becomes a new person, who has what protects him
 *                  and the shop: opt-out, take-over, when he wrote and until when that is awaited, claims, pool members (so
 *                  that nothing is given twice). All the rest, earned
 *                  by whoever it was, stays with the others: tags, fields, stages, codes, invitations. Timers go with their contact.
 *   TOTAL          a count falls to 0, not below, and is gone then. One that ends before now_ms is not made.
 *   INVITED        counts once for each person, whoever was first; never for himself, nor for somebody whom he invited, straight
 *                  or through others (then it changes nothing: `invites` says beforehand which). Who stands behind the inviter's
 *                  contact is made known. When persons are joined the earlier invitation counts. A store that must make room
 *                  for one lets the oldest go.
 *   STAGE          a stage entered before keeps its first entry time, and is counted once for each person, also when he left
 *                  the funnel in between. Two joined persons who both entered it count as one.
 *   OPT_OUT, OPT_IN  of a person hold for all his contacts, those joined later too; on a channel, for those of that channel. OPT_IN
 *                  takes back both.
 *   CLAIM, DEDUPE  are prolonged, never shortened. One that ends before now_ms is not made. A claim's origin is that of whoever
 *                  made it last as long as it is now held, also when persons are joined; UNCLAIM_ORIGIN with none ends none.
 *   LEDGER         with the key of an entry that is there takes its place. One that ends before now_ms is made all the same.
 *                  Entries go when their time is over, except those that a timer waits for (WAITING, RETRYING). A store that
 *                  must make room lets these go: those whose time is over, then the one that was final first (SENT,
 *                  REJECTED), then of the others the one that would end first. Then a late outcome is not understood; no more
 *                  is lost, because what the origin counts of an entry that went by itself stays until its last one went.
 *   CODE           a live code of somebody else is WEIR_E_ARG: choose another.
 *   POOL           the count of a day is kept WEIR_POOL_DAYS_KEPT days.
 *   TIMER          of a rule, and of an action with unless_reply: he is awaited until then (awaits_ms), prolonged, never shortened.
 *   ROUND          takes the place of the one with that key. A store that must make room lets the one go whose step was due first.
 *   METER ...      a meter is kept until its end, whoever needs room; it names nobody, and forgetting a person does not touch it.
 *   COUNT          the counts of a day are kept WEIR_COUNT_DAYS_KEPT days; a store that must make room lets the oldest day's go.
 *                  They name rules and funnels, never people.
 *   TIMER_DONE, CODE_USED, UNCLAIM, LEDGER_STATUS ... of what is not there change nothing. */
#ifndef WEIR_STATE_STORE_H
#define WEIR_STATE_STORE_H

#include "base/arena.h"
#include "model/changeset.h"
#include "model/meter.h"

struct weir_store;

struct weir_chain_head {
  uint64_t seq;       /* of the last record; 0: none yet */
  bool has_hash;
  unsigned char hash[WEIR_SHA256_BYTES];
  int64_t iat_s;      /* of the last record of any aud: times never run backwards */
  int64_t exp_s;      /* given to outbox_put: when the record's time is over; 0: never. 0 when asked for */
};

struct weir_stored_record {
  weir_str aud, line; /* live until the next call on the store */
  uint64_t seq;
};

/* What became of all that hangs on one origin. */
struct weir_ledger_counts {
  uint32_t open; /* WAITING, OPEN, RETRYING: not decided yet */
  uint32_t sent, rejected, unconfirmed;
};

/* Whether an invitation would count. */
enum weir_invite_answer {
  WEIR_INVITE_COUNTS = 0,
  WEIR_INVITE_SELF,    /* both are one person */
  WEIR_INVITE_AGAIN,   /* somebody invited him before */
  WEIR_INVITE_CIRCLE,  /* he invited the inviter, straight or through others */
  WEIR_INVITE_TOO_LONG /* the line of inviters has more than WEIR_INVITE_LINE_MAX: nobody knows */
};

/* What is kept of somebody beside his person: for telling him. */
struct weir_known {
  enum { WEIR_KNOWN_CLAIM = 1, WEIR_KNOWN_TIMER, WEIR_KNOWN_ACTION } kind;
  struct weir_contact contact; /* timer, action */
  weir_str key;                /* claim: its bytes */
  weir_str rule, payload;      /* timer, action */
  weir_str decision;           /* action */
  int64_t at_ms;               /* claim, action: kept until then; timer: due */
  uint32_t n, status;          /* action */
};

struct weir_store_counts {
  uint64_t persons, contacts, timers, claims;
  uint64_t opted_out; /* contacts, known or not */
  uint64_t outbox;    /* records not acknowledged */
  uint64_t bytes_live, bytes_cap;
  uint64_t ledger;    /* entries */
  uint64_t unconfirmed; /* records that outbox_expire closed, ever */
  uint64_t commits;     /* transactions with a changeset or a record in them, and people forgotten, ever */
  uint64_t memory_live, memory_cap; /* bytes of memory */
  int64_t latest_ms;    /* time of the last change */
};

/* What a store says of itself. Texts live as long as the store. */
struct weir_store_info {
  weir_str chain;    /* the name of its chain */
  weir_str identity; /* of this state, drawn when it was made */
  int64_t born_ms;   /* when it was made; 0: it has seen no change yet, then it is the time of the first */
  weir_str kid;      /* of the key that signs its records, as it was when the store was opened; empty: unknown */
  int version_before; /* of a file that was brought up to date; 0: it was */
};

/* What is kept of somebody by the hour, without loading him. */
struct weir_glance {
  uint64_t person; /* 0: nobody is known */
  int64_t last_seen_ms, awaits_ms;
};

/* How far a walk over all people has come. */
struct weir_round {
  int64_t at_ms;  /* when its next step is due */
  int64_t of_ms;  /* when the round under way began by the calendar; 0: none is */
  int64_t person; /* the last one looked at */
};

struct weir_walked {
  int64_t upto;                /* all up to this number have been looked at */
  bool end;                    /* there is nobody behind them */
  uint64_t person;             /* the first who was seen last before the time asked for; 0: none of them */
  struct weir_contact contact; /* his first */
};

/* What happened how often on a day. */
struct weir_counted {
  weir_str name, what; /* live until the callback returns */
  int64_t day;         /* from 1970 */
  uint64_t cnt;
};

/* What is done in the transaction that forgets somebody. */
struct weir_forgetting {
  weir_status (*first)(void *ctx, weir_error *err); /* before all else: it may replace records. NULL: nothing */
  void *ctx;
  struct weir_change *items; /* made when somebody is known, at the time of the last change */
  uint32_t cnt;
};

/* Somebody came to a stage for the first time. */
struct weir_stepped {
  uint64_t person;
  weir_str funnel, stage; /* live until the callback returns; so in the next two */
  int64_t at_ms;
};

/* How many stand in a stage now, and how many ever entered it. */
struct weir_standing {
  weir_str funnel, stage;
  uint64_t now, entered;
};

/* An entry of the ledger, as far as reports want to know. */
struct weir_ledger_line {
  weir_str rule, payload; /* of the payload the first WEIR_REPORT_PAYLOAD bytes at least */
  enum weir_ledger_status status;
  int64_t until_ms;
};

struct weir_store_ops {
  /* ---- reading; strings are copied into `arena` */

  /* Who stands behind a contact. Nobody known: WEIR_OK with out->id 0 (but out->opted_out is right: opt-outs outlive
   * people). out->code is live as of the last changeset applied; `code` says whether it is at another time.
   * Errors: WEIR_E_NOMEM (arena), WEIR_E_STATE. */
  weir_status (*load)(struct weir_store *s, const struct weir_contact *contact, struct weir_arena *arena, struct weir_person *out,
                      weir_error *err);
  /* The same for person `number`; nobody of that number: out->id 0. */
  weir_status (*load_person)(struct weir_store *s, uint64_t number, struct weir_arena *arena, struct weir_person *out, weir_error *err);
  /* Whether the person behind `contact` holds the claim `key` at `now_ms`. Nobody known: not held. */
  weir_status (*claim)(struct weir_store *s, const struct weir_contact *contact, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms,
                       bool *held, int64_t *until_ms, weir_error *err);
  /* Whether an event with this identity left a mark. *decision is its decision's id (empty when it led to none). */
  weir_status (*seen)(struct weir_store *s, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, struct weir_arena *arena, bool *seen,
                      weir_str *decision, weir_error *err);
  /* Whose live code this is: *person 0 when nobody's (or it ran out). */
  weir_status (*code)(struct weir_store *s, weir_str code, int64_t now_ms, uint64_t *person, weir_error *err);
  /* How often a pool's member was handed out on a day. */
  weir_status (*pool_used)(struct weir_store *s, weir_str pool, weir_str member, int64_t day, uint32_t *used, weir_error *err);
  /* A count of the shop; 0 when it was never made or its time is over. */
  weir_status (*total)(struct weir_store *s, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, int64_t *count, weir_error *err);
  /* How many were invited by the person behind `contact`. */
  weir_status (*invited)(struct weir_store *s, const struct weir_contact *contact, uint32_t *cnt, weir_error *err);
  /* Whether it would count that `contact` was invited by `inviter`. */
  weir_status (*invites)(struct weir_store *s, const struct weir_contact *contact, const struct weir_contact *inviter,
                         enum weir_invite_answer *out, weir_error *err);
  /* An entry of the ledger, also when its time is over and it has not gone yet; WEIR_NONE: there is none. */
  weir_status (*ledger)(struct weir_store *s, const unsigned char key[WEIR_ID_BYTES], struct weir_arena *arena, struct weir_ledger_entry *out,
                        weir_error *err);
  /* All zero for an origin that nothing hangs on. */
  weir_status (*ledger_origin)(struct weir_store *s, const unsigned char origin[WEIR_ID_BYTES], struct weir_ledger_counts *out, weir_error *err);
  /* The earliest timer with due_ms <= now_ms, ties by id; WEIR_NONE. It stays until WEIR_CHANGE_TIMER_DONE. */
  weir_status (*timer)(struct weir_store *s, int64_t now_ms, struct weir_arena *arena, struct weir_timer *out, weir_error *err);
  int64_t (*next_due)(const struct weir_store *s); /* INT64_MAX: none */
  weir_status (*glance)(struct weir_store *s, const struct weir_contact *contact, struct weir_glance *out, weir_error *err);
  /* WEIR_NONE: there was none of that key. */
  weir_status (*round)(struct weir_store *s, const unsigned char key[WEIR_ID_BYTES], struct weir_round *out, weir_error *err);
  /* People in the order of their numbers, from the one behind `after`; at most `cnt` numbers are looked at. Stops at the first who
   * was last seen at seen_before_ms or earlier. */
  weir_status (*walk)(struct weir_store *s, int64_t after, int64_t cnt, int64_t seen_before_ms, struct weir_arena *arena, struct weir_walked *out,
                      weir_error *err);
  weir_status (*stage_count)(const struct weir_store *s, weir_str funnel, weir_str stage, uint64_t *now, uint64_t *entered, weir_error *err);
  /* A meter as it stands; all zero when nothing is known of it, or its time is over. */
  weir_status (*meter)(struct weir_store *s, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, struct weir_meter *out, weir_error *err);
  /* Tells all that was counted on `first_day` and later, in no order. */
  weir_status (*counted)(const struct weir_store *s, int64_t first_day, void (*tell)(void *ctx, const struct weir_counted *counted), void *ctx,
                         weir_error *err);
  void (*counts)(const struct weir_store *s, struct weir_store_counts *out);

  /* ---- for reports; outside begin and commit only, else WEIR_E_SEQUENCE. They go through all people, all stages that anybody
   * entered, the whole ledger. The callbacks must not call the store. */

  /* The steps of one person come one behind the other. */
  weir_status (*each_step)(struct weir_store *s, void (*tell)(void *ctx, const struct weir_stepped *stepped), void *ctx, weir_error *err);
  weir_status (*each_stage)(struct weir_store *s, void (*tell)(void *ctx, const struct weir_standing *standing), void *ctx, weir_error *err);
  weir_status (*each_entry)(struct weir_store *s, void (*tell)(void *ctx, const struct weir_ledger_line *line), void *ctx, weir_error *err);

  /* ---- changing */

  weir_status (*begin)(struct weir_store *s, weir_error *err);
  /* Applies all changes or none. WEIR_E_FULL: no room, and nothing idle to evict (or the undo log is full: commit first);
   * WEIR_E_LIMIT: a limit of limits.h, or a change that would not fit an empty undo log either; WEIR_E_ARG;
   * WEIR_E_SEQUENCE: outside begin and commit. */
  weir_status (*apply)(struct weir_store *s, const struct weir_changeset *changes, weir_error *err);
  weir_status (*commit)(struct weir_store *s, weir_error *err);
  void (*rollback)(struct weir_store *s);

  /* ---- the outbox and the chain */

  /* Bytes of records that can still be put, in up to WEIR_GROUP_AUDS_MAX records. */
  size_t (*outbox_room)(const struct weir_store *s);
  weir_status (*chain_head)(struct weir_store *s, weir_str aud, struct weir_chain_head *out, weir_error *err);
  /* The first account behind number `after` (0: of all) that was ever put a record for; *n is its number. WEIR_NONE. */
  weir_status (*chain_next)(struct weir_store *s, uint64_t after, uint64_t *n, struct weir_arena *arena, weir_str *aud, weir_error *err);
  /* Notes which key signs the records: inside begin and commit. A store that outlives no run has nothing to note. */
  weir_status (*sign_as)(struct weir_store *s, weir_str kid, weir_error *err);
  /* Stores a finished record and moves the chain's head: inside begin/commit. head->seq is the old head's seq + 1, else
   * WEIR_E_ARG; WEIR_E_FULL: no room until records are acknowledged. */
  weir_status (*outbox_put)(struct weir_store *s, weir_str aud, const struct weir_chain_head *head, weir_str line, weir_error *err);
  /* The next committed record that was not handed out since the store was opened, oldest first over all auds; WEIR_NONE. */
  weir_status (*outbox_next)(struct weir_store *s, struct weir_stored_record *out, weir_error *err);
  /* The oldest committed record that was not acknowledged and whose number is larger than `after` (0: the first of all), handed out or
   * not; *n is its number. Does not count as handing out. WEIR_NONE. */
  weir_status (*outbox_look)(struct weir_store *s, uint64_t after, uint64_t *n, struct weir_stored_record *out, weir_error *err);
  /* Puts another line, not longer, in the place of record `n`; the chain's head stays. Inside begin and commit, before anything else
   * is done in it. */
  weir_status (*outbox_replace)(struct weir_store *s, uint64_t n, weir_str line, weir_error *err);
  /* Drops the records of `aud` up to and with `seq`. An aud or seq never handed out is WEIR_E_ARG. No part of a
   * transaction: a rollback does not take it back, but while one is open the room comes only when it ends. */
  weir_status (*outbox_ack)(struct weir_store *s, weir_str aud, uint64_t seq, weir_error *err);
  /* Drops committed records whose time is over (exp_s <= now_s), oldest first, up to the first that still has some, and says
   * how many. Outside begin and commit only, else WEIR_E_SEQUENCE. */
  weir_status (*outbox_expire)(struct weir_store *s, int64_t now_s, uint64_t *closed, weir_error *err);

  /* ---- for operators; outside begin and commit only, else WEIR_E_SEQUENCE */

  /* Tells the claims of the person behind `contact`, and the timers and ledger entries that name one of his contacts, in no order. Texts
   * live until the callback returns. */
  weir_status (*known)(struct weir_store *s, const struct weir_contact *contact, void (*tell)(void *ctx, const struct weir_known *known), void *ctx,
                       weir_error *err);
  /* Writes all of the committed state to a new file at `path`, which others may open: as of the last step, whatever was committed
   * since the first. A step copies about `bytes` (0: all the rest) and waits until the disk has them; WEIR_OK: the file is whole
   * and has its name, WEIR_NONE: more steps are to come. WEIR_E_STATE: it cannot be written, or there is a file already; then, and
   * when it is cancelled or the store closed, nothing is left of it. WEIR_E_SEQUENCE: one is being written already, or none. */
  weir_status (*snapshot_begin)(struct weir_store *s, const char *path, weir_error *err);
  weir_status (*snapshot_step)(struct weir_store *s, size_t bytes, weir_error *err);
  void (*snapshot_cancel)(struct weir_store *s);
  /* Erases the person behind `contact`: his contacts, tags, fields, stages, pools, claims, codes, and all timers and
   * ledger entries for one of his contacts. What stays: his opt-out (a hash for each contact), marks of events (hashes), how many entered a stage, and
   * records already made. `with` may be NULL. All of it is one transaction, which counts as one commit. WEIR_NONE: nobody is known, and
   * neither timer nor ledger names the contact; what with->first did is done all the same, and is not counted. */
  weir_status (*forget)(struct weir_store *s, const struct weir_contact *contact, const struct weir_forgetting *with, weir_error *err);

  void (*close)(struct weir_store *s);
};

/* Every store begins with this. */
struct weir_store {
  const struct weir_store_ops *ops;
  const struct weir_store_info *info; /* NULL: it outlives no run, so the host names its chain */
};

/* ---- The store in memory (memory.c): bounded by the block it lives in. When it is full the person idle for longest goes
 * who has no live claim, no timer and no live code; opt-outs never go. When nobody may go, apply says WEIR_E_FULL. */
size_t weir_memory_store_min(void);
/* Lays the store into `block` (16-byte aligned, `len` bytes, which need not be zeroed). The block stays the caller's. */
weir_status weir_memory_store_open(struct weir_store **out, void *block, size_t len, weir_error *err);

/* ---- The store on disk (sqlite.c): one file, held by one program. Nobody is evicted for room: when the file is as large as
 * it may become, or the disk is full, the answer is WEIR_E_FULL, nothing half done, and it goes on when there is room. Who
 * was silent for WEIR_IDLE_MS and holds nothing is forgotten. When the disk fails (WEIR_E_STATE) it refuses everything; what
 * was committed is read anew when it is opened again. When a disk that is full in the middle of a transaction tears it, every
 * call says so until it is rolled back.
 *
 * An acknowledgement reaches the disk with the next commit, or when the store is closed: after a crash in between the record
 * is handed out again, with the same bytes. */
struct weir_sqlite_config {
  weir_str chain;       /* name of the chain of a new file; empty: the file's identity */
  size_t cache_bytes;   /* page cache; 0: WEIR_SQLITE_CACHE_BYTES */
  uint64_t max_bytes;   /* of the file; 0: WEIR_SQLITE_FILE_BYTES */
  int64_t now_ms;       /* when a new file is made; 0: the time of its first change */
  bool new_chain;       /* the file begins a new chain, named as above: no account has had a record in it, no key signs it yet; records that were
                         * not acknowledged are closed as unconfirmed */
};

size_t weir_sqlite_store_bound(void); /* bytes of memory, with the usual cache */
/* Opens the state file, or makes it. `config` may be NULL. The store asks malloc for about 1.7 MB, SQLite for its page cache
 * and WEIR_SQLITE_LIVE_BYTES at most.
 * Errors: WEIR_E_STATE (not ours, newer than this program, damaged, read-only, in use: the message says what to do),
 * WEIR_E_FULL (disk), WEIR_E_NOMEM, WEIR_E_ARG. The file is as it was then. */
weir_status weir_sqlite_store_open(struct weir_store **out, const char *path, const struct weir_sqlite_config *config,
                                   weir_error *err);

#endif
