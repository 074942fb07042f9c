/* sqlite.h: the inside of the store on disk, for sqlite*.c and its tests only.
 *
 *   sqlite.c         opening and closing a store, what its ops are
 *   sqlite_file.c    the file: is it ours, is it sound; making one; versions
 *   sqlite_check.c   can its rows be what we wrote?
 *   sqlite_sql.c     every statement, and how one is run
 *   sqlite_error.c   what SQLite says, as a status and a sentence that says what to do
 *   sqlite_tx.c      transactions
 *   sqlite_apply.c   a changeset, all or nothing
 *   sqlite_people.c, sqlite_traits.c, sqlite_claims.c, sqlite_timers.c, sqlite_join.c   what each kind of change does
 *   sqlite_total.c, sqlite_invites.c, sqlite_part.c   counts of the shop, who was invited by whom, contacts that part again
 *   sqlite_ledger.c  what became of actions
 *   sqlite_rounds.c  walks over all people
 *   sqlite_meters.c  how often something was done lately
 *   sqlite_tallies.c  what happened how often on a day
 *   sqlite_outbox.c  records and chains
 *   sqlite_sweep.c   what has run out goes, a little at each commit
 *   sqlite_forget.c  somebody is erased
 *   sqlite_snapshot.c   a copy of the file
 *
 * Three things are kept in memory beside SQLite's own page cache, so that most events need few statements or none:
 * counters and bounds (struct weir_sq_vars, copied to be put back), filters that know most strangers and most new events
 * at once, and the person at hand (struct weir_sq_who). None of them is ever the only place where something is known, but
 * for the counters that wait for the commit.
 *
 * All or nothing without a savepoint: a savepoint copies every page that is written under it, which costs as much as the
 * writing. So a changeset is first looked at (check.c, and may_fail in sqlite_apply.c); only when it could meet a
 * limit on its way it gets one. An error of the disk in the middle of one that has none tears the transaction: all that
 * remains is to roll back, and until then every call says so. */
#ifndef WEIR_STATE_SQLITE_H
#define WEIR_STATE_SQLITE_H

#include <sqlite3.h>

#include "limits.h"
#include "state/check.h"
#include "state/filter.h"
#include "state/store.h"

#define WEIR_SQ_APPLICATION 0x57454952 /* "WEIR" */
#define WEIR_SQ_VERSION 5              /* of the schema: the number of migrations */

/* Statements; their texts are in sqlite_sql.c. */
enum weir_sq_id {
  WEIR_SQ_BEGIN = 0,
  WEIR_SQ_COMMIT,
  WEIR_SQ_ROLLBACK,
  WEIR_SQ_SAVE,
  WEIR_SQ_SAVE_KEEP,
  WEIR_SQ_SAVE_BACK,
  WEIR_SQ_PAGES,
  WEIR_SQ_PAGES_FREE,
  WEIR_SQ_META,
  WEIR_SQ_META_KID,
  WEIR_SQ_META_PUT,
  /* persons and contacts */
  WEIR_SQ_PERSON,
  WEIR_SQ_PERSON_BY_ID,
  WEIR_SQ_PERSON_ADD,
  WEIR_SQ_PERSON_PUT,
  WEIR_SQ_PERSON_AWAIT,
  WEIR_SQ_PERSON_DROP,
  WEIR_SQ_CONTACT,
  WEIR_SQ_CONTACTS,
  WEIR_SQ_CONTACT_ADD,
  WEIR_SQ_CONTACTS_MOVE,
  WEIR_SQ_CONTACTS_DROP,
  /* traits */
  WEIR_SQ_TRAITS,
  WEIR_SQ_TRAIT,
  WEIR_SQ_TRAIT_ADD,
  WEIR_SQ_TRAIT_PUT,
  WEIR_SQ_TRAIT_DROP,
  WEIR_SQ_TRAITS_MOVE,
  WEIR_SQ_TRAITS_DROP,
  WEIR_SQ_COUNTERS_BOTH,
  WEIR_SQ_TRAITS_BOTH,
  WEIR_SQ_STAGES_BOTH,
  WEIR_SQ_STAGES_OF,
  WEIR_SQ_STAGES_DATE,
  WEIR_SQ_ENTERED,
  WEIR_SQ_ENTERED_ADD,
  WEIR_SQ_ENTERED_CNT,
  WEIR_SQ_ENTERED_BOTH,
  WEIR_SQ_ENTERED_MIN,
  WEIR_SQ_ENTERED_MOVE,
  WEIR_SQ_ENTERED_DROP,
  WEIR_SQ_EACH_STEP,
  WEIR_SQ_EACH_STAGE,
  WEIR_SQ_EACH_ENTRY,
  WEIR_SQ_STAGE,
  WEIR_SQ_STAGE_COUNT,
  WEIR_SQ_POOL,
  WEIR_SQ_POOL_COUNT,
  WEIR_SQ_POOLS_DROP,
  /* claims, codes, opt-outs, marks */
  WEIR_SQ_CLAIM,
  WEIR_SQ_CLAIM_ADD,
  WEIR_SQ_CLAIM_PUT,
  WEIR_SQ_CLAIM_DROP,
  WEIR_SQ_CLAIMS_ORIGIN_DROP,
  WEIR_SQ_CLAIMS_CNT,
  WEIR_SQ_CLAIMS_ENDED,
  WEIR_SQ_CLAIMS_LIVE,
  WEIR_SQ_CLAIMS_MOVE,
  WEIR_SQ_CLAIMS_DROP,
  WEIR_SQ_CLAIMS_WALK,
  WEIR_SQ_CODE,
  WEIR_SQ_CODE_ADD,
  WEIR_SQ_CODE_DROP,
  WEIR_SQ_CODES_DROP,
  WEIR_SQ_CODES_TRAITS_DROP,
  WEIR_SQ_CODES_MOVE,
  WEIR_SQ_CODES_ENDED,
  WEIR_SQ_OPTOUT,
  WEIR_SQ_OPTOUT_ADD,
  WEIR_SQ_OPTOUT_DROP,
  WEIR_SQ_MARK,
  WEIR_SQ_MARK_ADD,
  WEIR_SQ_MARK_PUT,
  WEIR_SQ_MARK_DROP,
  WEIR_SQ_MARKS_WALK,
  WEIR_SQ_PERSONS_WALK,
  /* counts of the shop, invitations, parting */
  WEIR_SQ_TOTAL,
  WEIR_SQ_TOTAL_PUT,
  WEIR_SQ_TOTAL_DROP,
  WEIR_SQ_TOTAL_ENDED,
  WEIR_SQ_INVITE,
  WEIR_SQ_INVITE_ADD,
  WEIR_SQ_INVITE_DROP,
  WEIR_SQ_INVITES_CNT,
  WEIR_SQ_INVITES_MOVE,
  WEIR_SQ_INVITE_MOVE,
  WEIR_SQ_INVITES_DROP,
  WEIR_SQ_PART_CONTACT,
  WEIR_SQ_PART_PLACES,
  WEIR_SQ_PART_PLACE,
  WEIR_SQ_PART_CLAIMS,
  WEIR_SQ_PART_POOLS,
  WEIR_SQ_PART_TIMERS,
  /* timers */
  WEIR_SQ_TIMER_ADD,
  WEIR_SQ_TIMER_NEXT,
  WEIR_SQ_TIMER_DUE,
  WEIR_SQ_TIMER,
  WEIR_SQ_TIMER_DROP,
  WEIR_SQ_TIMERS_CNT,
  WEIR_SQ_TIMERS_MOVE,
  WEIR_SQ_TIMERS_FORGET,
  WEIR_SQ_TIMERS_FORGET_STRANGERS,
  /* rounds */
  WEIR_SQ_ROUND,
  WEIR_SQ_ROUND_PUT,
  WEIR_SQ_PERSON_BEHIND,
  /* ledger */
  WEIR_SQ_LEDGER,
  WEIR_SQ_LEDGER_ADD,
  WEIR_SQ_LEDGER_PUT,
  WEIR_SQ_LEDGER_DROP,
  WEIR_SQ_LEDGER_OVER,
  WEIR_SQ_LEDGER_OF,
  WEIR_SQ_ORIGIN,
  WEIR_SQ_ORIGIN_COUNT,
  WEIR_SQ_ORIGIN_DROP,
  /* what is counted by day */
  WEIR_SQ_TALLY_COUNT,
  WEIR_SQ_TALLIES,
  WEIR_SQ_TALLIES_DROP,
  /* meters */
  WEIR_SQ_METER,
  WEIR_SQ_METER_PUT,
  WEIR_SQ_METER_DROP,
  WEIR_SQ_METER_OVER,
  /* what is kept of somebody */
  WEIR_SQ_KNOWN_CLAIMS,
  WEIR_SQ_KNOWN_TIMERS,
  WEIR_SQ_KNOWN_LEDGER,
  /* outbox */
  WEIR_SQ_CHAIN,
  WEIR_SQ_CHAIN_NEXT,
  WEIR_SQ_CHAIN_ADD,
  WEIR_SQ_CHAIN_PUT,
  WEIR_SQ_OUT_PUT,
  WEIR_SQ_OUT_NEXT,
  WEIR_SQ_OUT_LOOK,
  WEIR_SQ_OUT_REPLACE,
  WEIR_SQ_OUT_TOTAL,
  WEIR_SQ_OUT_WAITING,
  WEIR_SQ_OUT_SIZE,
  WEIR_SQ_OUT_ACKED,
  WEIR_SQ_OUT_FIRST,
  WEIR_SQ_OUT_DROP,
  WEIR_SQ_CNT
};

enum weir_sq_kind { WEIR_SQ_CODES = 0, WEIR_SQ_FIELDS, WEIR_SQ_POOLS, WEIR_SQ_STAGES, WEIR_SQ_TAGS, WEIR_SQ_KINDS };

/* What is swept by walking through a table, a few rows at each commit. */
enum weir_sq_walk { WEIR_SQ_WALK_MARKS = 0, WEIR_SQ_WALK_CLAIMS, WEIR_SQ_WALK_PERSONS, WEIR_SQ_WALKS };

struct weir_sq_walker {
  int64_t ends;   /* nothing in the table ends before; INT64_MAX: it is empty */
  bool walking;   /* a walk through the table is under way */
  int64_t left;   /* the earliest end of what the walk has passed and of what came since it began */
  int64_t person; /* how far it has come */
  unsigned char key[WEIR_ID_BYTES];
};

/* What a rollback puts back. */
struct weir_sq_vars {
  int64_t now_ms, iat_s, born_ms, last_person, last_timer, unconfirmed, commits;
  uint64_t persons, contacts, timers, claims, optouts, ledger;
  int64_t next_due;       /* INT64_MAX: no timer */
  int64_t codes_end;      /* as struct weir_sq_walker.ends */
  int64_t totals_end;    /* as codes_end */
  int64_t pools_day;      /* days of pools up to this one are gone */
  int64_t meters_end;     /* as codes_end */
  int64_t tallies_day;    /* likewise what was counted on them */
  int64_t outbox_last;    /* number of the last record that was put */
  int64_t ledger_end;     /* as codes_end, of the entries that no timer waits for */
  uint64_t outbox_bytes, outbox_cnt; /* records that are not acknowledged */
  unsigned marks_filter, claims_bound; /* which of the two is complete */
  struct weir_sq_walker walks[WEIR_SQ_WALKS];
};

/* Changes of a stage's counters that wait for the commit: hot rows are written once a group. */
struct weir_sq_delta {
  char funnel[WEIR_SCOPED_NAME_MAX], stage[WEIR_TAG_MAX];
  uint16_t funnel_len, stage_len;
  int64_t now, entered;
};

#define WEIR_SQ_CODES_MAX WEIR_CONTACTS_MAX /* each person that was joined came with a contact, and with one code at most */
#define WEIR_SQ_TRAITS_MAX (WEIR_SQ_CODES_MAX + WEIR_FIELDS_MAX + WEIR_POOLS_MAX + WEIR_STAGES_MAX + WEIR_TAGS_MAX)

/* What is known in memory of one row of traits. */
struct weir_sq_known {
  uint64_t hash;      /* of kind and name */
  int64_t at_ms;
  uint32_t text;      /* where name and value lie in weir_sq_who.text, one behind the other */
  uint16_t name_len, value_len;
  bool kept;          /* they do; else the hash is all */
};

/* The person behind the contact that was asked for last. */
struct weir_sq_who {
  bool valid;
  bool listed;                     /* `has` holds all his traits */
  char contact[3][WEIR_ID_MAX];    /* channel, account, id */
  size_t contact_len[3];
  int64_t id;                      /* 0: nobody is known under it */
  int64_t first_seen_ms, last_seen_ms, handoff_until_ms, said_ms, awaits_ms;
  bool opted_out;
  int64_t contacts;                /* how many he is known by */
  char name[WEIR_NAME_MAX];
  size_t name_len;
  int32_t claims;                  /* no more than so many; -1: not asked yet */
  int32_t timers, entered;         /* how many he has; -1: not counted yet */
  uint32_t cnt[WEIR_SQ_KINDS];
  struct weir_sq_known has[WEIR_SQ_TRAITS_MAX];
  uint32_t has_cnt, text_len;
  char text[WEIR_SQ_WHO_TEXT];
};

/* A meter at hand: hot ones, such as an account's hour, are written once a group. */
struct weir_sq_meter {
  bool valid, stored, dirty; /* stored: there is a row of it */
  unsigned char key[WEIR_ID_BYTES];
  struct weir_meter meter;
};

struct weir_sq_ack {
  int64_t chain, seq;
  int64_t dropped; /* up to where the open transaction has dropped the records */
};

/* One row of traits while a person is being loaded. */
struct weir_sq_trait {
  enum weir_sq_kind kind;
  weir_str name, value;
  int64_t at_ms;
};

/* A snapshot under way. */
struct weir_sq_copy {
  sqlite3 *to;
  sqlite3_backup *backup;
  char *name;       /* under which it is written; NULL: there is none */
  const char *path; /* that it will have; in the same block */
};

struct weir_sqlite {
  struct weir_store store;
  struct weir_store_info info;
  sqlite3 *db;
  sqlite3_stmt *stmts[WEIR_SQ_CNT];
  int version_before;
  char path[WEIR_SQ_TEXT_MAX];          /* for messages */
  uint64_t seed;           /* of hashes in memory */
  int64_t max_pages;
  uint64_t outbox_cap;
  int wal_pages;           /* in the write-ahead log, as of the last commit */

  struct weir_sq_vars now, at_begin, at_save;
  bool open;               /* a transaction is open */
  bool saved;              /* a savepoint is open */
  bool wrote;              /* since begin */
  bool counted;            /* likewise, something that was decided: not records that ran out */
  bool refused;            /* since begin, for want of room: the commit sweeps all the same, or there would never be any */
  weir_status torn;        /* the open transaction can only be rolled back; why */
  weir_status broken;      /* no call will do any more; why */
  char trouble[WEIR_SQ_TEXT_MAX];       /* the message of either */
  int64_t pages_left;      /* at least so many can be filled before the file is full */

  void *filters; /* the block of them */
  struct weir_filter contacts, marks[2];
  uint16_t claims_bound[2][WEIR_SQ_BOUND_SLOTS]; /* by person: how many claims all who share a slot hold, or more */
  struct weir_sq_who who, other; /* other: who is being joined, and goes */
  struct weir_sq_delta deltas[WEIR_SQ_DELTAS_MAX], saved_deltas[WEIR_SQ_DELTAS_MAX];
  uint32_t delta_cnt, saved_delta_cnt;
  struct weir_sq_meter meters[WEIR_SQ_METERS_HELD];
  uint32_t marks_added, ledger_added; /* since the last commit: what sweeps keeps pace */

  int64_t handed;          /* number of the record that was handed out last */
  struct weir_sq_ack acks[WEIR_SQ_ACKS_MAX]; /* not yet written */
  uint32_t ack_cnt;
  uint64_t ack_bytes, ack_records; /* acknowledged while the transaction is open: room when it ends */

  struct weir_sq_copy copy;
  struct weir_sq_trait traits[WEIR_SQ_TRAITS_MAX];
  struct weir_contact places[WEIR_CONTACTS_MAX];
  char chain[WEIR_CHAIN_NAME_MAX + 1], identity[WEIR_ID_CHARS + 1], kid[WEIR_SHA256_B64_CHARS + 1];
  char line[WEIR_JWS_MAX], aud[2 * WEIR_ID_MAX + 1]; /* the record handed out last */
};

/* ---- sqlite_sql.c: running statements */

struct weir_sq_arg {
  enum { WEIR_SQ_INT, WEIR_SQ_TEXT, WEIR_SQ_BLOB } type;
  int64_t number;
  weir_str bytes;
};
static inline struct weir_sq_arg weir_sq_int(int64_t number) {
  return (struct weir_sq_arg){ WEIR_SQ_INT, number, { NULL, 0 } };
}
static inline struct weir_sq_arg weir_sq_text(weir_str text) { return (struct weir_sq_arg){ WEIR_SQ_TEXT, 0, text }; }
static inline struct weir_sq_arg weir_sq_key(const unsigned char key[WEIR_ID_BYTES]) {
  return (struct weir_sq_arg){ WEIR_SQ_BLOB, 0, { (const char *)key, WEIR_ID_BYTES } };
}

weir_status weir_sq_prepare_all(struct weir_sqlite *s, weir_error *err);
void weir_sq_finalize_all(struct weir_sqlite *s);
/* A statement with its parameters in place; what they point to must live until it is done. */
sqlite3_stmt *weir_sq_bind(const struct weir_sqlite *s, enum weir_sq_id id, const struct weir_sq_arg *args, int arg_cnt);
/* Steps to the next row; *row false: there is none, or an error; then the statement is ready for its next use. */
weir_status weir_sq_next(struct weir_sqlite *s, sqlite3_stmt *stmt, bool *row, weir_error *err);
static inline void weir_sq_done(sqlite3_stmt *stmt) { (void)sqlite3_reset(stmt); }
/* Runs a statement that gives no rows. */
weir_status weir_sq_run(struct weir_sqlite *s, enum weir_sq_id id, const struct weir_sq_arg *args, int arg_cnt, weir_error *err);
/* The first column of the only row; `none` when there is no row, or when it is NULL. */
weir_status weir_sq_ask(struct weir_sqlite *s, enum weir_sq_id id, const struct weir_sq_arg *args, int arg_cnt, int64_t none,
                        int64_t *out, weir_error *err);
#define WEIR_SQ_CNT_OF(array) ((int)(sizeof(array) / sizeof(struct weir_sq_arg)))
#define WEIR_SQ_ARGS(...) \
  (const struct weir_sq_arg[]){ __VA_ARGS__ }, WEIR_SQ_CNT_OF(((const struct weir_sq_arg[]){ __VA_ARGS__ }))
#define WEIR_SQ_NO_ARGS NULL, 0
/* A column's bytes; they live until the next step. */
static inline weir_str weir_sq_column(sqlite3_stmt *stmt, int column) {
  const char *bytes = sqlite3_column_blob(stmt, column);
  return (weir_str){ bytes, (size_t)sqlite3_column_bytes(stmt, column) };
}
weir_status weir_sq_copy(sqlite3_stmt *stmt, int column, struct weir_arena *arena, weir_str *out, weir_error *err);

/* ---- sqlite_error.c */
/* What the connection says went wrong, as our status and message. Marks the store broken or its transaction torn. */
weir_status weir_sq_fail(struct weir_sqlite *s, int rc, weir_error *err);
/* From now on the open transaction can only be rolled back. */
void weir_sq_tear(struct weir_sqlite *s, weir_status status, const char *message);
/* weir_sq_fail before there is a store. */
weir_status weir_sq_fail_open(sqlite3 *db, const char *path, int rc, weir_error *err);
/* WEIR_OK while calls can be served. */
weir_status weir_sq_usable(const struct weir_sqlite *s, weir_error *err);
weir_status weir_sq_damaged(struct weir_sqlite *s, const char *what, weir_error *err);
/* While it is opened: a statement does not find its tables and columns. */
weir_status weir_sq_strange(struct weir_sqlite *s, weir_error *err);

/* ---- sqlite_file.c */
/* Opens the file, making it when there is none; gives a connection that holds it alone. */
weir_status weir_sq_open_file(sqlite3 **out, const char *path, const struct weir_sqlite_config *config, int *version_before, weir_error *err);

/* ---- sqlite_check.c */
/* Every row, once, when the file is opened: WEIR_E_STATE (damaged) when one holds what no store writes. */
weir_status weir_sq_check_rows(struct weir_sqlite *s, weir_error *err);

/* What was renamed or made in the folder of file `name` outlives a power cut. 0, or a system error. Changes `name`. */
int weir_sq_sync_folder(char *name);

/* ---- sqlite_tx.c */
weir_status weir_sq_begin(struct weir_store *store, weir_error *err);
weir_status weir_sq_commit(struct weir_store *store, weir_error *err);
void weir_sq_rollback(struct weir_store *store);
/* A savepoint for one changeset; keeping or undoing it ends it. */
weir_status weir_sq_save(struct weir_sqlite *s, weir_error *err);
weir_status weir_sq_keep(struct weir_sqlite *s, weir_error *err);
void weir_sq_undo(struct weir_sqlite *s);
/* The log goes to its places and is cut to nothing, so that what was erased is in neither; if that fails, later. */
void weir_sq_empty_log(struct weir_sqlite *s);
/* WEIR_E_FULL unless the file can take `pages` more. */
weir_status weir_sq_need_pages(struct weir_sqlite *s, int64_t pages, weir_error *err);

/* ---- sqlite_apply.c */
weir_status weir_sq_apply(struct weir_store *store, const struct weir_changeset *changes, weir_error *err);

/* ---- sqlite_people.c */
/* Makes s->who the person behind the contact. */
weir_status weir_sq_find(struct weir_sqlite *s, const struct weir_contact *contact, weir_error *err);
/* His number only, whoever s->who is; 0: nobody. */
weir_status weir_sq_find_id(struct weir_sqlite *s, const struct weir_contact *contact, int64_t *id, weir_error *err);
/* Fills s->who from the row of a person; *known false: there is no such number. */
weir_status weir_sq_find_number(struct weir_sqlite *s, int64_t id, bool *known, weir_error *err);
void weir_sq_forget_who(struct weir_sqlite *s);
weir_status weir_sq_see(struct weir_sqlite *s, const struct weir_contact *contact, weir_str name, int64_t at_ms, weir_error *err);
/* s->who gets one more. */
weir_status weir_sq_add_contact(struct weir_sqlite *s, const struct weir_contact *contact, weir_error *err);
/* s->who wrote to us. */
weir_status weir_sq_said(struct weir_sqlite *s, int64_t at_ms, weir_error *err);
/* Something will ask then whether person `person` wrote. */
weir_status weir_sq_await(struct weir_sqlite *s, int64_t person, int64_t until_ms, weir_error *err);
weir_status weir_sq_too_many_contacts(weir_error *err);
/* Writes what s->who says of himself. */
weir_status weir_sq_put_who(struct weir_sqlite *s, weir_error *err);
weir_status weir_sq_load_person(struct weir_store *store, uint64_t number, struct weir_arena *arena, struct weir_person *out,
                                weir_error *err);
weir_status weir_sq_load(struct weir_store *store, const struct weir_contact *contact, struct weir_arena *arena,
                         struct weir_person *out, weir_error *err);
void weir_sq_learn_contact(struct weir_sqlite *s, const struct weir_contact *contact);

/* ---- sqlite_optouts.c */
enum weir_sq_scope { WEIR_SQ_EVERYWHERE = 0, WEIR_SQ_CHANNEL };
weir_status weir_sq_is_opted_out(struct weir_sqlite *s, const struct weir_contact *contact, enum weir_sq_scope scope, bool *out,
                                 weir_error *err);
/* One contact; opting in takes back both scopes. */
weir_status weir_sq_opt_out(struct weir_sqlite *s, const struct weir_contact *contact, enum weir_sq_scope scope, weir_error *err);
weir_status weir_sq_opt_in(struct weir_sqlite *s, const struct weir_contact *contact, weir_error *err);
/* s->who with all his contacts. */
weir_status weir_sq_opt_who(struct weir_sqlite *s, bool out, weir_error *err);
/* s->who with all his contacts on a channel. */
weir_status weir_sq_opt_channel(struct weir_sqlite *s, weir_str channel, weir_error *err);
/* Channels on which one contact of s->who is opted out are so for all his contacts there. */
weir_status weir_sq_spread_channels(struct weir_sqlite *s, weir_error *err);
void weir_sq_learn_optout(struct weir_sqlite *s, const unsigned char key[WEIR_ID_BYTES]);

/* ---- sqlite_traits.c: all of s->who */
/* How many of a kind one may have, and what a message calls them. */
uint32_t weir_sq_kind_max(enum weir_sq_kind kind);
weir_status weir_sq_too_many(enum weir_sq_kind kind, weir_error *err);
/* Sees to s->who.has and cnt. */
weir_status weir_sq_list(struct weir_sqlite *s, weir_error *err);
/* The same, and all of them into s->traits with their texts in the arena. */
weir_status weir_sq_load_traits(struct weir_sqlite *s, struct weir_arena *arena, uint32_t *cnt, weir_error *err);
/* Counts them anew, also when there are more than he may have. */
weir_status weir_sq_recount(struct weir_sqlite *s, weir_error *err);
/* Once they are listed: whether he certainly has one of this name, and its value. False also when its texts are not kept. */
bool weir_sq_has(struct weir_sqlite *s, enum weir_sq_kind kind, weir_str name, weir_str *value);
/* The value of one that he has; at most `cap` bytes of it. */
weir_status weir_sq_trait_value(struct weir_sqlite *s, enum weir_sq_kind kind, weir_str name, char *out, size_t cap,
                                weir_str *value, weir_error *err);
weir_status weir_sq_put_trait(struct weir_sqlite *s, enum weir_sq_kind kind, weir_str name, weir_str value, int64_t at_ms,
                              weir_error *err);
weir_status weir_sq_drop_trait(struct weir_sqlite *s, enum weir_sq_kind kind, weir_str name, weir_error *err);
weir_status weir_sq_count_field(struct weir_sqlite *s, weir_str name, int64_t add, weir_error *err);

/* ---- sqlite_stages.c */
weir_status weir_sq_unstage(struct weir_sqlite *s, weir_str funnel, weir_error *err);
weir_status weir_sq_stage(struct weir_sqlite *s, weir_str funnel, weir_str stage, int64_t at_ms, weir_error *err);
weir_status weir_sq_entered_cnt(struct weir_sqlite *s, weir_error *err);
weir_status weir_sq_count_stage(struct weir_sqlite *s, weir_str funnel, weir_str stage, int64_t now, int64_t entered,
                                weir_error *err);
weir_status weir_sq_write_deltas(struct weir_sqlite *s, weir_error *err);
weir_status weir_sq_ask_stage(const struct weir_store *store, weir_str funnel, weir_str stage, uint64_t *now, uint64_t *entered,
                              weir_error *err);
weir_status weir_sq_pool(struct weir_sqlite *s, weir_str pool, weir_str member, int64_t day, weir_error *err);
weir_status weir_sq_ask_pool(struct weir_store *store, weir_str pool, weir_str member, int64_t day, uint32_t *used,
                             weir_error *err);

/* ---- sqlite_claims.c: claims, codes, marks */
void weir_sq_bound_claims(struct weir_sqlite *s, int64_t person, uint32_t more);
uint16_t *weir_sq_claims_slot(struct weir_sqlite *s, unsigned which, int64_t person);
weir_status weir_sq_claims_cnt(struct weir_sqlite *s, weir_error *err);
weir_status weir_sq_claim(struct weir_sqlite *s, const struct weir_change *claim, weir_error *err);
weir_status weir_sq_unclaim_origin(struct weir_sqlite *s, const unsigned char origin[WEIR_ID_BYTES], weir_error *err);
weir_status weir_sq_unclaim(struct weir_sqlite *s, const unsigned char key[WEIR_ID_BYTES], weir_error *err);
weir_status weir_sq_drop_ended_claims(struct weir_sqlite *s, int64_t person, weir_error *err);
weir_status weir_sq_ask_claim(struct weir_store *store, const struct weir_contact *contact,
                              const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, bool *held, int64_t *until_ms,
                              weir_error *err);
/* Whose code it is, ended or not; 0: nobody's. */
weir_status weir_sq_code_owner(struct weir_sqlite *s, weir_str code, int64_t *person, int64_t *until_ms, weir_error *err);
weir_status weir_sq_code(struct weir_sqlite *s, weir_str code, int64_t until_ms, weir_error *err);
weir_status weir_sq_drop_code(struct weir_sqlite *s, weir_str code, weir_error *err);
weir_status weir_sq_ask_code(struct weir_store *store, weir_str code, int64_t now_ms, uint64_t *person, weir_error *err);
weir_status weir_sq_mark(struct weir_sqlite *s, const unsigned char key[WEIR_ID_BYTES], weir_str decision, int64_t until_ms,
                         weir_error *err);
weir_status weir_sq_ask_seen(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms,
                             struct weir_arena *arena, bool *seen, weir_str *decision, weir_error *err);
uint64_t weir_sq_key_hash(const unsigned char key[WEIR_ID_BYTES]);

/* ---- sqlite_timers.c */
weir_status weir_sq_timers_cnt(struct weir_sqlite *s, int64_t person, int32_t *cnt, weir_error *err);
weir_status weir_sq_add_timer(struct weir_sqlite *s, const struct weir_timer *timer, weir_error *err);
weir_status weir_sq_timer_done(struct weir_sqlite *s, int64_t id, weir_error *err);
weir_status weir_sq_ask_timer(struct weir_store *store, int64_t now_ms, struct weir_arena *arena, struct weir_timer *out,
                              weir_error *err);
int64_t weir_sq_next_due(const struct weir_store *store);
/* All timers for a contact, and for the contacts of `person` (0: nobody); *cnt says how many. */
weir_status weir_sq_forget_timers(struct weir_sqlite *s, const struct weir_contact *contact, int64_t person, uint64_t *cnt,
                                  weir_error *err);

/* ---- sqlite_rounds.c */
weir_status weir_sq_set_round(struct weir_sqlite *s, const struct weir_change *change, weir_error *err);
weir_status weir_sq_ask_round(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], struct weir_round *out, weir_error *err);
weir_status weir_sq_glance(struct weir_store *store, const struct weir_contact *contact, struct weir_glance *out, weir_error *err);
weir_status weir_sq_walk(struct weir_store *store, int64_t after, int64_t cnt, int64_t seen_before_ms, struct weir_arena *arena,
                         struct weir_walked *out, weir_error *err);

/* ---- sqlite_ledger.c */
weir_status weir_sq_add_ledger(struct weir_sqlite *s, const struct weir_ledger_entry *entry, weir_error *err);
weir_status weir_sq_set_ledger(struct weir_sqlite *s, const struct weir_change *change, weir_error *err);
weir_status weir_sq_ask_ledger(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], struct weir_arena *arena,
                               struct weir_ledger_entry *out, weir_error *err);
weir_status weir_sq_ask_origin(struct weir_store *store, const unsigned char origin[WEIR_ID_BYTES],
                               struct weir_ledger_counts *out, weir_error *err);
/* Entries whose time is over go, a bounded number. */
weir_status weir_sq_sweep_ledger(struct weir_sqlite *s, weir_error *err);
/* As weir_sq_forget_timers. */
weir_status weir_sq_forget_ledger(struct weir_sqlite *s, const struct weir_contact *contact, int64_t person, uint64_t *cnt,
                                  weir_error *err);

/* ---- sqlite_tallies.c */
weir_status weir_sq_count(struct weir_sqlite *s, weir_str name, weir_str what, int64_t day, weir_error *err);
weir_status weir_sq_sweep_tallies(struct weir_sqlite *s, weir_error *err);
weir_status weir_sq_ask_counted(const struct weir_store *store, int64_t first_day,
                                void (*tell)(void *ctx, const struct weir_counted *counted), void *ctx, weir_error *err);

/* ---- sqlite_report.c */
weir_status weir_sq_each_step(struct weir_store *store, void (*tell)(void *ctx, const struct weir_stepped *stepped), void *ctx, weir_error *err);
weir_status weir_sq_each_stage(struct weir_store *store, void (*tell)(void *ctx, const struct weir_standing *standing), void *ctx, weir_error *err);
weir_status weir_sq_each_entry(struct weir_store *store, void (*tell)(void *ctx, const struct weir_ledger_line *line), void *ctx, weir_error *err);

/* ---- sqlite_meters.c */
weir_status weir_sq_change_meter(struct weir_sqlite *s, const struct weir_change *change, weir_error *err);
weir_status weir_sq_ask_meter(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, struct weir_meter *out,
                              weir_error *err);
weir_status weir_sq_sweep_meters(struct weir_sqlite *s, weir_error *err);
/* Writes those that changed; they stay at hand. */
weir_status weir_sq_write_meters(struct weir_sqlite *s, weir_error *err);
/* What the store had in hand is not true any more. */
void weir_sq_forget_meters(struct weir_sqlite *s);
/* ---- sqlite_total.c */
weir_status weir_sq_total(struct weir_sqlite *s, const struct weir_change *change, weir_error *err);
weir_status weir_sq_ask_total(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, int64_t *count,
                              weir_error *err);
weir_status weir_sq_sweep_totals(struct weir_sqlite *s, weir_error *err);

/* ---- sqlite_invites.c */
/* s->who, whose contact it is, was invited. */
weir_status weir_sq_invited(struct weir_sqlite *s, const struct weir_contact *contact, const struct weir_change *change, weir_error *err);
weir_status weir_sq_ask_invited(struct weir_store *store, const struct weir_contact *contact, uint32_t *cnt, weir_error *err);
weir_status weir_sq_ask_invites(struct weir_store *store, const struct weir_contact *contact, const struct weir_contact *inviter,
                                enum weir_invite_answer *out, weir_error *err);
weir_status weir_sq_join_invites(struct weir_sqlite *s, int64_t to, int64_t from, weir_error *err);

/* ---- sqlite_part.c: the contact leaves s->who, who is the one made for it then */
weir_status weir_sq_part(struct weir_sqlite *s, const struct weir_contact *contact, int64_t at_ms, weir_error *err);

/* ---- sqlite_known.c */
weir_status weir_sq_known(struct weir_store *store, const struct weir_contact *contact, void (*tell)(void *ctx, const struct weir_known *known),
                          void *ctx, weir_error *err);

/* ---- sqlite_forget.c, sqlite_snapshot.c */
weir_status weir_sq_snapshot_begin(struct weir_store *store, const char *path, weir_error *err);
weir_status weir_sq_snapshot_step(struct weir_store *store, size_t bytes, weir_error *err);
void weir_sq_snapshot_cancel(struct weir_store *store);
weir_status weir_sq_forget(struct weir_store *store, const struct weir_contact *contact, const struct weir_forgetting *with, weir_error *err);

/* ---- sqlite_join.c: the contact's person (s->who, perhaps nobody) becomes person `number`, who is s->who then */
weir_status weir_sq_join(struct weir_sqlite *s, const struct weir_contact *contact, int64_t number, weir_error *err);

/* ---- sqlite_outbox.c */
size_t weir_sq_outbox_room(const struct weir_store *store);
weir_status weir_sq_chain_head(struct weir_store *store, weir_str aud, struct weir_chain_head *out, weir_error *err);
weir_status weir_sq_chain_next(struct weir_store *store, uint64_t after, uint64_t *n, struct weir_arena *arena, weir_str *aud, weir_error *err);
weir_status weir_sq_sign_as(struct weir_store *store, weir_str kid, weir_error *err);
weir_status weir_sq_outbox_put(struct weir_store *store, weir_str aud, const struct weir_chain_head *head, weir_str line,
                               weir_error *err);
weir_status weir_sq_outbox_next(struct weir_store *store, struct weir_stored_record *out, weir_error *err);
weir_status weir_sq_outbox_ack(struct weir_store *store, weir_str aud, uint64_t seq, weir_error *err);
weir_status weir_sq_outbox_expire(struct weir_store *store, int64_t now_s, uint64_t *closed, weir_error *err);
weir_status weir_sq_outbox_look(struct weir_store *store, uint64_t after, uint64_t *n, struct weir_stored_record *out, weir_error *err);
weir_status weir_sq_outbox_replace(struct weir_store *store, uint64_t n, weir_str line, weir_error *err);
/* What was acknowledged is written now. */
weir_status weir_sq_write_acks(struct weir_sqlite *s, weir_error *err);
/* Inside a transaction: drops what was acknowledged. */
weir_status weir_sq_drop_acked(struct weir_sqlite *s, weir_error *err);
/* The transaction ended. */
void weir_sq_settle_acks(struct weir_sqlite *s, bool committed);

/* ---- sqlite_sweep.c */
static inline void weir_sq_ends_at(struct weir_sqlite *s, enum weir_sq_walk walk, int64_t end_ms) {
  struct weir_sq_walker *w = &s->now.walks[walk];
  if (end_ms < w->ends) w->ends = end_ms;
  if (end_ms < w->left) w->left = end_ms;
}
/* Inside a transaction: drops some of what has run out. */
weir_status weir_sq_sweep(struct weir_sqlite *s, weir_error *err);
/* With all that hangs on his number; his opt-out stays. */
weir_status weir_sq_drop_person(struct weir_sqlite *s, int64_t person, weir_error *err);

#endif
