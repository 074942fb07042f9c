/* memory.h: the inside of the store in memory, for memory*.c and its tests only.
 *
 * All of it lies in one block: fixed-size rows in tables, found through hash chains, given back through free lists; texts
 * in cells of 32 bytes, each text once however often it is used. Rows are named by number from 1; 0 is "none".
 *
 * Undo is physical: before bytes change, weir_mem_log keeps what they were, so rolling back is copying bytes back, newest
 * first, and restores everything exactly, whatever the change was. That is why strings lie in cells and not in a general
 * heap, whose inner state could not be put back. Two duties follow for who writes here:
 *   - between begin and the end of the transaction every write to a row or to the store's logged members goes through
 *     weir_mem_log first (WEIR_MEM_SET does both), except into a row that weir_mem_take has just handed out;
 *   - every step (a bounded number of writes) begins with weir_mem_step, which makes sure that the log has room.
 * In return an error needs no cleaning up: apply puts everything back. */
#ifndef WEIR_STATE_MEMORY_H
#define WEIR_STATE_MEMORY_H

#include "limits.h"
#include "state/check.h"

enum weir_mem_id {
  WEIR_MEM_PERSONS = 0,
  WEIR_MEM_CONTACTS,
  WEIR_MEM_ATTRS,    /* tags, fields, stages, pools */
  WEIR_MEM_CLAIMS,
  WEIR_MEM_CODES,
  WEIR_MEM_MARKS,    /* of events seen */
  WEIR_MEM_DAYS,     /* how often a pool's member was handed out on a day */
  WEIR_MEM_TIMERS,
  WEIR_MEM_LEDGER,
  WEIR_MEM_ORIGINS,  /* what became of what hangs on an origin */
  WEIR_MEM_OPTOUTS,
  WEIR_MEM_COUNTERS, /* of stages */
  WEIR_MEM_ROUNDS,   /* walks over all people */
  WEIR_MEM_TALLIES,  /* what happened how often on a day */
  WEIR_MEM_METERS,   /* how often something was done lately */
  WEIR_MEM_TOTALS,  /* counts of the shop */
  WEIR_MEM_INVITES,  /* who was invited by whom */
  WEIR_MEM_CHAINS,
  WEIR_MEM_TEXTS,
  WEIR_MEM_PAGES,    /* of records in the outbox */
  WEIR_MEM_TABLES
};

/* A table, its hash index (`buckets`, may be absent) and its queue (may be absent): a binary heap of row numbers, the row
 * with the smallest `due` on top. */
struct weir_mem_table {
  unsigned char *rows;
  uint32_t *buckets, *queue;
  const char *what;        /* for messages */
  uint32_t size, cap;      /* bytes of a row, number of rows */
  uint32_t logged;         /* bytes of a row that undo restores: all, but only the links of pages */
  uint32_t bucket_cnt;
  bool tied;               /* equal dues are ordered by the uint64_t behind struct weir_mem_due */
  /* what changes */
  uint32_t used;           /* rows 1 .. used were handed out at some time */
  uint32_t free;           /* first of the free list */
  uint32_t live, queued;
};

/* Every row begins with `next`: in its hash chain, or in the free list. Queued rows begin with all of this. */
struct weir_mem_due {
  uint32_t next;
  uint32_t slot; /* place in the queue, from 1; 0: not in it */
  int64_t due;
};

enum weir_mem_attr_kind {
  WEIR_MEM_TAG = 0,
  WEIR_MEM_FIELD,
  WEIR_MEM_STAGE,   /* name = funnel, value = the stage he stands in */
  WEIR_MEM_POOL,
  WEIR_MEM_ENTERED, /* name = funnel, value = a stage he ever stood in, at_ms = when he first entered it */
  WEIR_MEM_ATTR_KINDS
};

#define WEIR_MEM_HOUR_MS INT64_C(3600000) /* when somebody was last seen is kept to the hour */

/* Queued by `due` = last seen while nothing holds him: the top of the queue is who goes when room is needed. */
struct weir_mem_person {
  struct weir_mem_due head;
  uint64_t id;
  int64_t first_seen_ms, handoff_until_ms, said_ms, awaits_ms;
  uint32_t name;
  uint32_t contacts, claims, codes, invites; /* first of each list */
  uint32_t attrs[WEIR_MEM_ATTR_KINDS];      /* first of each list, ascending by name, then value */
  uint32_t claim_cnt, timer_cnt, invite_cnt;
  uint16_t attr_cnt[WEIR_MEM_ATTR_KINDS];
  uint16_t contact_cnt, code_cnt;
  bool opted_out;
};

struct weir_mem_contact {
  uint32_t next;
  uint32_t channel, account, id;
  uint32_t person, sibling;
};

struct weir_mem_attr {
  uint32_t next; /* in the free list only: attributes are found through their person */
  uint32_t sibling;
  uint32_t name, value;
  int64_t at_ms;
};

struct weir_mem_claim {
  struct weir_mem_due head; /* due = when it ends; so too in codes, marks and days */
  unsigned char key[WEIR_ID_BYTES], origin[WEIR_ID_BYTES];
  uint32_t person, older, newer; /* neighbours in the person's list */
};

struct weir_mem_code {
  struct weir_mem_due head;
  uint32_t text, person, sibling;
};

struct weir_mem_mark {
  struct weir_mem_due head;
  unsigned char key[WEIR_ID_BYTES];
  uint8_t len;
  char decision[WEIR_ID_CHARS];
};

struct weir_mem_day {
  struct weir_mem_due head;
  int64_t day;
  uint32_t pool, member, used;
};

struct weir_mem_timer {
  struct weir_mem_due head;
  uint64_t id;
  int64_t set_ms;
  uint32_t kind, occurrence;
  bool unless_reply;
  uint32_t contact; /* row of the contact, if he was known when it was set: then it holds him */
  uint32_t channel, account, contact_id, rule, origin, cause, post, payload;
};

struct weir_mem_round {
  struct weir_mem_due head; /* due = when its next step is */
  unsigned char key[WEIR_ID_BYTES];
  int64_t of_ms, person;
};

/* Queued by `due` = when it is forgotten, unless a timer waits for it. Final ones stand in a list, too, in the order in which
 * they became final. */
struct weir_mem_ledger {
  struct weir_mem_due head;
  unsigned char key[WEIR_ID_BYTES];
  uint32_t origin; /* row */
  uint32_t before, after; /* in the list of what is final */
  uint32_t n, attempt;
  uint32_t channel, account, contact_id, rule, cause, post, payload, taken;
  uint8_t status, len;
  char decision[WEIR_ID_CHARS];
};

struct weir_mem_origin {
  uint32_t next;
  uint32_t entries; /* in the ledger; with the last one this row goes */
  unsigned char key[WEIR_ID_BYTES];
  struct weir_ledger_counts counts; /* of entries that went, too */
};

struct weir_mem_total {
  struct weir_mem_due head; /* due = when it ends */
  unsigned char key[WEIR_ID_BYTES];
  int64_t count;
};

/* Found by who was invited, who may be gone; hangs in the list of who invited him. */
struct weir_mem_invite {
  struct weir_mem_due head; /* due = when it was: the oldest goes first */
  uint64_t invitee;         /* a person's id */
  uint32_t inviter, older, newer;
};

struct weir_mem_optout {
  uint32_t next;
  unsigned char key[WEIR_ID_BYTES];
};

struct weir_mem_counter {
  uint32_t next;
  uint32_t funnel, stage;
  uint64_t now, entered;
};

struct weir_mem_tally {
  struct weir_mem_due head; /* due = when its day is forgotten */
  uint32_t name, what;
  int64_t day;
  uint64_t cnt;
};

struct weir_mem_meter {
  struct weir_mem_due head; /* due = when it is forgotten */
  unsigned char key[WEIR_ID_BYTES];
  int64_t opened_ms;
  int64_t last_ms[WEIR_METER_SLOTS];
  uint32_t uses[WEIR_METER_SLOTS];
  uint32_t slot_cnt;
};

struct weir_mem_chain {
  uint32_t next;
  uint32_t aud;
  uint32_t first, last; /* its records in the outbox */
  uint64_t seq;
  uint64_t handed, acked; /* not part of a transaction: never logged */
  bool has_hash;
  unsigned char hash[WEIR_SHA256_BYTES];
};

/* The first cell of a text; the others are weir_mem_more. */
#define WEIR_MEM_TEXT_HEAD 14
#define WEIR_MEM_TEXT_MORE 28
struct weir_mem_text {
  uint32_t next;
  uint32_t more;
  uint32_t refs;
  uint32_t hash;
  uint16_t len;
  char bytes[WEIR_MEM_TEXT_HEAD];
};
struct weir_mem_more {
  uint32_t next;
  char bytes[WEIR_MEM_TEXT_MORE];
};

/* A record in the outbox begins in a page of this kind and goes on in pages of weir_mem_page. */
#define WEIR_MEM_PAGE_BYTES 512
#define WEIR_MEM_RECORD_HEAD 40
struct weir_mem_record {
  uint32_t next;          /* page of this record */
  uint32_t before, after; /* in the order of all records */
  uint32_t later;         /* the next of this chain */
  uint32_t chain, len;
  uint64_t seq;
  int64_t exp_s;
  char bytes[WEIR_MEM_PAGE_BYTES - WEIR_MEM_RECORD_HEAD];
};
struct weir_mem_page {
  uint32_t next;
  char bytes[WEIR_MEM_PAGE_BYTES - 4];
};

struct weir_memory {
  struct weir_store store;
  struct weir_mem_table tables[WEIR_MEM_TABLES];
  size_t len;             /* of the block */
  uint64_t seed;          /* of all slot hashes */
  unsigned char *log;
  char *scratch;          /* the record handed out last: its aud, then its line */
  /* logged */
  int64_t now_ms;         /* of the last changeset */
  uint64_t unconfirmed;    /* records that were closed because their time was over */
  int64_t iat_s;
  uint64_t last_person, last_timer;
  uint32_t outbox_first, outbox_last;
  uint32_t final_first, final_last; /* entries of the ledger */
  /* the transaction; not logged */
  size_t log_len, log_cap;
  size_t log_mark;        /* where the change at hand began */
  bool open, torn;        /* torn: a write was not logged; a defect, and the store refuses to go on */
  bool acks_wait;
  bool counted;           /* it is not empty */
  uint64_t commits;
  uint32_t tx_first;      /* the first record put since begin */
  uint32_t out_next;      /* the next record to hand out */
  const struct weir_changeset *changes; /* being applied: whom it names is not evicted for it */
};

/* ---- memory_log.c: undo */
void weir_mem_log(struct weir_memory *s, const void *at, size_t len);
#define WEIR_MEM_SET(s, field, value) \
  do { \
    weir_mem_log((s), &(field), sizeof(field)); \
    (field) = (value); \
  } while (0)
/* Whether the log takes one more step. */
weir_status weir_mem_step(struct weir_memory *s, weir_error *err);
/* Puts back everything logged since the log was `mark` bytes long. */
void weir_mem_undo(struct weir_memory *s, size_t mark);

/* ---- memory_rows.c: tables, indexes, queues */
static inline void *weir_mem_row(const struct weir_memory *s, enum weir_mem_id id, uint32_t row) {
  return s->tables[id].rows + (size_t)(row - 1) * s->tables[id].size;
}
uint64_t weir_mem_mix(const struct weir_memory *s, uint64_t a, uint64_t b);
uint64_t weir_mem_key(const struct weir_memory *s, const unsigned char key[WEIR_ID_BYTES]);
/* A row, zeroed. When the table is full what has run out, or whoever is idle, makes room. WEIR_E_FULL, WEIR_E_LIMIT (log). */
weir_status weir_mem_take(struct weir_memory *s, enum weir_mem_id id, uint32_t *row, weir_error *err);
void weir_mem_give(struct weir_memory *s, enum weir_mem_id id, uint32_t row);
uint32_t weir_mem_chain(const struct weir_memory *s, enum weir_mem_id id, uint64_t hash); /* first row of a hash chain */
void weir_mem_link(struct weir_memory *s, enum weir_mem_id id, uint64_t hash, uint32_t row);
void weir_mem_unlink(struct weir_memory *s, enum weir_mem_id id, uint64_t hash, uint32_t row);
uint32_t weir_mem_top(const struct weir_memory *s, enum weir_mem_id id);
bool weir_mem_earlier(const struct weir_memory *s, enum weir_mem_id id, uint32_t a, uint32_t b); /* in a queue's order */
void weir_mem_queue(struct weir_memory *s, enum weir_mem_id id, uint32_t row);
void weir_mem_unqueue(struct weir_memory *s, enum weir_mem_id id, uint32_t row);
/* Changes when a row is due; it stays in the queue if it was there. */
void weir_mem_set_due(struct weir_memory *s, enum weir_mem_id id, uint32_t row, int64_t due);

/* ---- memory_text.c: every string once, counted. Text 0 is the empty string. */
uint32_t weir_mem_find_text(const struct weir_memory *s, weir_str text, bool *known);
/* One more use of a text, which is made when it is new. */
weir_status weir_mem_use_text(struct weir_memory *s, weir_str text, uint32_t *out, weir_error *err);
void weir_mem_again_text(struct weir_memory *s, uint32_t text);
void weir_mem_drop_text(struct weir_memory *s, uint32_t text);
/* Whether dropping one use of a text makes room. */
bool weir_mem_only_use(const struct weir_memory *s, uint32_t text);
size_t weir_mem_text_len(const struct weir_memory *s, uint32_t text);
/* Copies at most `cap` bytes. */
weir_str weir_mem_read_text(const struct weir_memory *s, uint32_t text, char *out, size_t cap);
weir_status weir_mem_copy_text(const struct weir_memory *s, uint32_t text, struct weir_arena *arena, weir_str *out,
                               weir_error *err);
int weir_mem_cmp_text(const struct weir_memory *s, uint32_t a, uint32_t b); /* bytewise; texts of at most WEIR_FIELD_VALUE_MAX */

/* ---- memory_people.c: persons and contacts */
uint32_t weir_mem_find_contact(const struct weir_memory *s, const struct weir_contact *contact);
uint32_t weir_mem_person_of(const struct weir_memory *s, const struct weir_contact *contact);
uint32_t weir_mem_person_by_id(const struct weir_memory *s, uint64_t id);
weir_status weir_mem_see(struct weir_memory *s, const struct weir_contact *contact, weir_str name, int64_t at_ms, uint32_t *who,
                         weir_error *err);
weir_status weir_mem_add_contact(struct weir_memory *s, const struct weir_contact *contact, uint32_t who, weir_error *err);
/* Into the queue of those who may go, or out of it, as claims, codes and timers have it. */
void weir_mem_settle(struct weir_memory *s, uint32_t who);
void weir_mem_drop_contact(struct weir_memory *s, uint32_t contact);
/* Gives the row of a person back whose lists are empty. */
void weir_mem_drop_person(struct weir_memory *s, uint32_t who);
weir_status weir_mem_load_person(struct weir_store *store, uint64_t number, struct weir_arena *arena, struct weir_person *out,
                                 weir_error *err);
weir_status weir_mem_load(struct weir_store *store, const struct weir_contact *contact, struct weir_arena *arena,
                          struct weir_person *out,
                          weir_error *err);

/* ---- memory_attrs.c: tags, fields, stages, pools of a person */
uint32_t weir_mem_find_attr(const struct weir_memory *s, uint32_t who, enum weir_mem_attr_kind kind, uint32_t name,
                            uint32_t value);
/* Takes over the uses of name and value that the caller holds. */
weir_status weir_mem_add_attr(struct weir_memory *s, uint32_t who, enum weir_mem_attr_kind kind, uint32_t name, uint32_t value,
                              int64_t at_ms, weir_error *err);
weir_status weir_mem_move_attr(struct weir_memory *s, uint32_t to, uint32_t from, enum weir_mem_attr_kind kind, uint32_t attr,
                               weir_error *err);
void weir_mem_drop_attr(struct weir_memory *s, uint32_t who, enum weir_mem_attr_kind kind, uint32_t attr);
weir_status weir_mem_tag(struct weir_memory *s, uint32_t who, weir_str name, weir_error *err);
weir_status weir_mem_field(struct weir_memory *s, uint32_t who, weir_str name, weir_str value, weir_error *err);
weir_status weir_mem_count_field(struct weir_memory *s, uint32_t who, weir_str name, int64_t add, weir_error *err);
weir_status weir_mem_stage(struct weir_memory *s, uint32_t who, weir_str funnel, weir_str stage, int64_t at_ms, weir_error *err);
weir_status weir_mem_pool(struct weir_memory *s, uint32_t who, weir_str pool, weir_str member, int64_t day, weir_error *err);
/* Untag, unstage: removes the attribute of that name, if there is one. */
weir_status weir_mem_remove_attr(struct weir_memory *s, uint32_t who, enum weir_mem_attr_kind kind, weir_str name,
                                 weir_error *err);
/* Whether it is a counter, and what it stands at. */
bool weir_mem_counts(const struct weir_memory *s, uint32_t attr, int64_t *number);
void weir_mem_swap_values(struct weir_memory *s, uint32_t a, uint32_t b);
weir_status weir_mem_load_attrs(const struct weir_memory *s, const struct weir_mem_person *p, struct weir_arena *arena,
                                struct weir_person *out, weir_error *err);

/* ---- memory_join.c: two persons become one */
/* The contact is the same human as person `number`; *who, the person behind him (0: none), becomes that person. */
weir_status weir_mem_join(struct weir_memory *s, const struct weir_contact *contact, int64_t number, uint32_t *who,
                          weir_error *err);

/* Opts the person out, or in again: himself and all his contacts. */
weir_status weir_mem_mark_contacts(struct weir_memory *s, uint32_t who, bool out, weir_error *err);
/* Opts all his contacts on that channel out. */
weir_status weir_mem_mark_channel(struct weir_memory *s, uint32_t who, weir_str channel, weir_error *err);

/* ---- memory_claims.c: claims and codes, which hold a person */
weir_status weir_mem_claim(struct weir_memory *s, uint32_t who, const struct weir_change *claim, weir_error *err);
weir_status weir_mem_unclaim(struct weir_memory *s, uint32_t who, const unsigned char key[WEIR_ID_BYTES], weir_error *err);
weir_status weir_mem_unclaim_origin(struct weir_memory *s, uint32_t who, const unsigned char origin[WEIR_ID_BYTES], weir_error *err);
weir_status weir_mem_copy_claims(struct weir_memory *s, uint32_t to, uint32_t from, weir_error *err);
weir_status weir_mem_join_claims(struct weir_memory *s, uint32_t to, uint32_t from, weir_error *err);
weir_status weir_mem_code(struct weir_memory *s, uint32_t who, weir_str code, int64_t until_ms, weir_error *err);
weir_status weir_mem_code_used(struct weir_memory *s, weir_str code, weir_error *err);
weir_status weir_mem_join_codes(struct weir_memory *s, uint32_t to, uint32_t from, weir_error *err);
/* The text of his live code that ends last, of two the bytewise first. */
uint32_t weir_mem_latest_code(const struct weir_memory *s, const struct weir_mem_person *p);
void weir_mem_drop_claim(struct weir_memory *s, uint32_t claim);
void weir_mem_drop_code(struct weir_memory *s, uint32_t code);
weir_status weir_mem_ask_claim(struct weir_store *store, const struct weir_contact *contact,
                               const unsigned char key[WEIR_ID_BYTES],
                               int64_t now_ms, bool *held, int64_t *until_ms, weir_error *err);
weir_status weir_mem_ask_code(struct weir_store *store, weir_str code, int64_t now_ms, uint64_t *person, weir_error *err);

/* ---- memory_marks.c: marks of events, opt-outs, days of pools, counters of stages */
weir_status weir_mem_mark(struct weir_memory *s, const unsigned char key[WEIR_ID_BYTES], weir_str decision, int64_t until_ms,
                          weir_error *err);
weir_status weir_mem_ask_seen(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms,
                              struct weir_arena *arena,
                              bool *seen, weir_str *decision, weir_error *err);
enum weir_mem_scope { WEIR_MEM_EVERYWHERE = 0, WEIR_MEM_CHANNEL };
bool weir_mem_is_opted_out(const struct weir_memory *s, const struct weir_contact *contact, enum weir_mem_scope scope);
weir_status weir_mem_opt_out(struct weir_memory *s, const struct weir_contact *contact, enum weir_mem_scope scope, weir_error *err);
weir_status weir_mem_opt_in(struct weir_memory *s, const struct weir_contact *contact, weir_error *err);
weir_status weir_mem_count_day(struct weir_memory *s, weir_str pool, weir_str member, int64_t day, weir_error *err);
weir_status weir_mem_ask_pool(struct weir_store *store, weir_str pool, weir_str member, int64_t day, uint32_t *used,
                              weir_error *err);
void weir_mem_drop_mark(struct weir_memory *s, uint32_t mark);
void weir_mem_drop_day(struct weir_memory *s, uint32_t day);
/* Adds to the counters of a stage; made when new. */
weir_status weir_mem_count_stage(struct weir_memory *s, uint32_t funnel, uint32_t stage, int now, int entered, weir_error *err);
weir_status weir_mem_ask_stage(const struct weir_store *store, weir_str funnel, weir_str stage, uint64_t *now, uint64_t *entered,
                               weir_error *err);

/* ---- memory_room.c: who and what goes when room is needed */
/* Makes at least one row of a full table free. WEIR_E_FULL, WEIR_E_LIMIT (log). */
weir_status weir_mem_make_room(struct weir_memory *s, enum weir_mem_id id, weir_error *err);
/* Drops a person who holds nothing (no claim, code or timer), with his contacts and attributes. */
weir_status weir_mem_evict(struct weir_memory *s, uint32_t who, weir_error *err);
/* After a commit: drops what has run out, a bounded number of rows. */
void weir_mem_sweep(struct weir_memory *s);

/* ---- memory_timers.c */
weir_status weir_mem_add_timer(struct weir_memory *s, const struct weir_timer *timer, weir_error *err);
weir_status weir_mem_timer_done(struct weir_memory *s, int64_t id, weir_error *err);
weir_status weir_mem_ask_timer(struct weir_store *store, int64_t now_ms, struct weir_arena *arena, struct weir_timer *out,
                               weir_error *err);
int64_t weir_mem_next_due(const struct weir_store *store);
weir_status weir_mem_said(struct weir_memory *s, uint32_t who, int64_t at_ms, weir_error *err);

/* ---- memory_rounds.c: walks over all people */
weir_status weir_mem_set_round(struct weir_memory *s, const struct weir_change *change, weir_error *err);
void weir_mem_drop_round(struct weir_memory *s, uint32_t round);
weir_status weir_mem_ask_round(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], struct weir_round *out, weir_error *err);
weir_status weir_mem_glance(struct weir_store *store, const struct weir_contact *contact, struct weir_glance *out, weir_error *err);
weir_status weir_mem_walk(struct weir_store *store, int64_t after, int64_t cnt, int64_t seen_before_ms, struct weir_arena *arena,
                          struct weir_walked *out, weir_error *err);

/* ---- memory_tallies.c: what happened how often on a day */
weir_status weir_mem_count(struct weir_memory *s, weir_str name, weir_str what, int64_t day, weir_error *err);
void weir_mem_drop_tally(struct weir_memory *s, uint32_t tally);
weir_status weir_mem_ask_counted(const struct weir_store *store, int64_t first_day,
                                 void (*tell)(void *ctx, const struct weir_counted *counted), void *ctx, weir_error *err);

/* ---- memory_report.c */
weir_status weir_mem_each_step(struct weir_store *store, void (*tell)(void *ctx, const struct weir_stepped *stepped), void *ctx, weir_error *err);
weir_status weir_mem_each_stage(struct weir_store *store, void (*tell)(void *ctx, const struct weir_standing *standing), void *ctx, weir_error *err);
weir_status weir_mem_each_entry(struct weir_store *store, void (*tell)(void *ctx, const struct weir_ledger_line *line), void *ctx, weir_error *err);

/* ---- memory_meters.c */
weir_status weir_mem_change_meter(struct weir_memory *s, const struct weir_change *change, weir_error *err);
void weir_mem_drop_meter(struct weir_memory *s, uint32_t meter);
weir_status weir_mem_ask_meter(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, struct weir_meter *out,
                               weir_error *err);
/* ---- memory_total.c */
weir_status weir_mem_total(struct weir_memory *s, const struct weir_change *change, weir_error *err);
weir_status weir_mem_ask_total(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, int64_t *count,
                               weir_error *err);
void weir_mem_drop_total(struct weir_memory *s, uint32_t total);

/* ---- memory_invites.c */
weir_status weir_mem_invited(struct weir_memory *s, uint32_t who, const struct weir_change *change, weir_error *err);
weir_status weir_mem_ask_invited(struct weir_store *store, const struct weir_contact *contact, uint32_t *cnt, weir_error *err);
weir_status weir_mem_ask_invites(struct weir_store *store, const struct weir_contact *contact, const struct weir_contact *inviter,
                                 enum weir_invite_answer *out, weir_error *err);
void weir_mem_drop_invite(struct weir_memory *s, uint32_t invite);
weir_status weir_mem_join_invites(struct weir_memory *s, uint32_t to, uint32_t from, weir_error *err);

/* ---- memory_part.c */
weir_status weir_mem_part(struct weir_memory *s, const struct weir_contact *contact, int64_t at_ms, uint32_t *who, weir_error *err);

/* ---- memory_known.c */
weir_status weir_mem_known(struct weir_store *store, const struct weir_contact *contact, void (*tell)(void *ctx, const struct weir_known *known),
                           void *ctx, weir_error *err);

/* ---- memory_forget.c */
weir_status weir_mem_forget(struct weir_store *store, const struct weir_contact *contact, const struct weir_forgetting *with, weir_error *err);

/* ---- memory_ledger.c */
weir_status weir_mem_add_ledger(struct weir_memory *s, const struct weir_ledger_entry *entry, weir_error *err);
weir_status weir_mem_set_ledger(struct weir_memory *s, const struct weir_change *change, weir_error *err);
/* Forgets an entry; what its origin counts of it stays. */
void weir_mem_drop_ledger(struct weir_memory *s, uint32_t entry);
/* Forgets all entries of a contact, given by his texts, outside a transaction. Returns how many. */
uint64_t weir_mem_forget_ledger(struct weir_memory *s, uint32_t channel, uint32_t account, uint32_t id);
weir_status weir_mem_ask_ledger(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], struct weir_arena *arena,
                                struct weir_ledger_entry *out, weir_error *err);
weir_status weir_mem_ask_origin(struct weir_store *store, const unsigned char origin[WEIR_ID_BYTES], struct weir_ledger_counts *out,
                                weir_error *err);

/* ---- memory_outbox.c */
size_t weir_mem_outbox_room(const struct weir_store *store);
weir_status weir_mem_chain_head(struct weir_store *store, weir_str aud, struct weir_chain_head *out, weir_error *err);
weir_status weir_mem_chain_next(struct weir_store *store, uint64_t after, uint64_t *n, struct weir_arena *arena, weir_str *aud, weir_error *err);
weir_status weir_mem_sign_as(struct weir_store *store, weir_str kid, weir_error *err);
weir_status weir_mem_outbox_put(struct weir_store *store, weir_str aud, const struct weir_chain_head *head, weir_str line,
                                weir_error *err);
weir_status weir_mem_outbox_next(struct weir_store *store, struct weir_stored_record *out, weir_error *err);
weir_status weir_mem_outbox_ack(struct weir_store *store, weir_str aud, uint64_t seq, weir_error *err);
weir_status weir_mem_outbox_expire(struct weir_store *store, int64_t now_s, uint64_t *closed, weir_error *err);
weir_status weir_mem_outbox_look(struct weir_store *store, uint64_t after, uint64_t *n, struct weir_stored_record *out, weir_error *err);
weir_status weir_mem_outbox_replace(struct weir_store *store, uint64_t n, weir_str line, weir_error *err);
uint64_t weir_mem_outbox_count(const struct weir_memory *s);
/* The transaction ended: records become visible, or were undone; acknowledgements that waited take effect. */
void weir_mem_outbox_settle(struct weir_memory *s, bool committed);
#define WEIR_MEM_SCRATCH_BYTES (WEIR_JWS_MAX + 2 * WEIR_ID_MAX + 8)

#endif
