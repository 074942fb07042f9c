/* load/: rule files -> one immutable ruleset. Uses every room below it (decide/, match/, script/, model/, text/, base/). It
 * reads files; nothing else in the library does but the store. It decides nothing about events, and what it makes never
 * changes again. What is wrong in a rule file is a note (file, line, column, rule, what to do), not a failure of the
 * machine: loading goes on, so that all of them are told at once.
 *
 * load.h: what the files of this room share. Private to load/. The way of a rule file:
 *
 *   files.c     finds the files and reads them            path -> files, packs
 *   collect.c   runs each file in a Lua sandbox            files -> declarations (kind, name, line, value)
 *   include.c   include "../words.lua": what packs share
 *   shared.c    finds such a file, and only inside the rules folder
 *   damage.c    what is left of a file with a syntax error
 *   globals.c   what a rule file sees as globals
 *   syntax.c    Lua's syntax errors in plain words
 *   keys.c      every key, with what it takes and says: for errors and the reference
 *   packs.c     pack, words, funnel                        declarations -> tables of the ruleset
 *   pools.c     pool, coupon, and the files of codes
 *   segments.c  segment
 *   steps.c     what follows when somebody enters a stage; stages that nobody can reach
 *   channels.c  channel: ours (lua/channels.lua), and what packs say of them
 *   accounts.c  account: the terms of its channel, with its own laid over them
 *   terms.c     abilities, windows, quotas, lengths of either
 *   abilities.c rules whose accounts cannot do what they say
 *   order.c     names, doubles and the deciding order      declarations -> rules in order
 *   rule.c      one rule: keys, gates, actions             declaration -> struct weir_rule
 *   handlers.c  what a rule's handler calls
 *   pattern.c   one rule's pattern                         declaration -> matcher
 *   examples.c  tries every example, unused lists          ruleset -> warnings
 *   zones.c     time zones by name, from their files
 *   reading.c   reads keys of a declaration, checks names
 *   notes.c     collects, sorts and hands out the notes
 *   scan*.c     finds the place of a thing in the source
 *   load.c      the order of all this, and the public functions
 */
#ifndef WEIR_LOAD_LOAD_H
#define WEIR_LOAD_LOAD_H

#include "base/arena.h"
#include "base/buf.h"
#include "decide/decide.h"
#include "limits.h"
#include "load/scan.h"
#include "match/match.h"
#include "model/ruleset.h"

struct weir_load_file {
  weir_str name;            /* "pack/ask.lua", or what of it lies below the path given: goes into the hash */
  weir_str shown;           /* as the host will find it */
  weir_str raw;             /* the bytes as read: these are hashed */
  weir_str source;          /* without byte order mark; empty when it cannot be used */
  weir_str plain;           /* the source with slips put right and what cannot be read left out, every byte in its place; empty: nothing is wrong with it */
  uint32_t pack;
  weir_str real;            /* of a file that packs share: its path, resolved */
  bool bad;                 /* likewise: it cannot be read, and that was told */
  uint32_t same;            /* the first entry with that path: such a file has one for each pack */
  uint32_t by;              /* of a file that packs share: the rule file whose run declares what it declares */
  uint32_t *lines;          /* where each line begins; made when first asked for */
  uint32_t line_cnt;
};

enum weir_decl_kind {
  WEIR_DECL_PACK = 0,
  WEIR_DECL_ACCOUNT,
  WEIR_DECL_WORDS,
  WEIR_DECL_FUNNEL,
  WEIR_DECL_POOL,
  WEIR_DECL_CHANNEL,
  WEIR_DECL_COUPON,
  WEIR_DECL_SEGMENT,
  WEIR_DECL_RULE,
  WEIR_DECL_KINDS
};

enum weir_decl_state {
  WEIR_DECL_OPEN = 0,       /* its table has not come yet */
  WEIR_DECL_ALONE,          /* likewise, and it needs none */
  WEIR_DECL_CLOSED
};

/* One thing a rule file declared. */
struct weir_decl {
  struct weir_decl *next;   /* of its kind, in file and source order */
  enum weir_decl_kind kind;
  enum weir_decl_state state;
  uint32_t file, line;
  uint32_t seq;             /* in its list */
  uint32_t errors_before;   /* how many errors had been told when it began */
  weir_str name;            /* empty for pack */
  struct weir_value body;   /* NIL: an account without a table */
  bool hurt;                /* an error was told while its table was made: do not also tell what is missing in it */
};

struct weir_decl_list {
  struct weir_decl *first, *last;
  uint32_t cnt;
};

struct weir_load_words {
  weir_str name;
  const weir_str *words;
  uint32_t cnt;
  const struct weir_decl *decl;
  bool used;
  bool unread;              /* what is wrong with it was told */
};

struct weir_load_pack {
  weir_str folder;          /* its own name, when no pack { name = ... } says another */
  uint32_t first_file, file_cnt;
  struct weir_load_words *words; /* by name */
  uint32_t words_cnt;
  bool unread;              /* a file that it includes was not read to its end, and that was told: its word lists may be there */
};

struct weir_note {
  struct weir_note *next;
  weir_severity severity;
  weir_status status;       /* what weir_ruleset_load returns if this is the first error */
  uint32_t file;            /* WEIR_NO_INDEX: the path as a whole */
  uint32_t line, column;
  uint32_t seq;
  weir_str rule;            /* without its pack */
  weir_str message;
};

/* A file beside the rules that they name; part of the ruleset's hash. */
struct weir_load_extra {
  struct weir_load_extra *next;
  weir_str name, raw;
};

struct weir_load {
  const weir_load_config *config;
  weir_str path;
  weir_str root;                 /* the rules folder, resolved: what packs include lies in it */
  weir_str real;                 /* the folder given, or of the file given, resolved */
  enum weir_load_given { WEIR_GIVEN_FILE, WEIR_GIVEN_PACK, WEIR_GIVEN_PACKS } given; /* what the path is */
  bool words_beside;             /* words.lua lies beside the packs of a folder of packs */
  struct weir_ruleset *ruleset;
  struct weir_arena *arena;      /* the ruleset's */
  struct weir_arena work;        /* gone when loading ends */
  struct weir_load_file *files;
  struct weir_load_pack *packs;
  uint32_t mended[WEIR_SYNTAX_ERRORS_MAX], mended_cnt; /* of the file at hand: the lines of declarations that are blanked out */
  struct weir_pack *pack_infos;  /* the ruleset's packs, as long as they are written */
  uint32_t file_cnt, pack_cnt;   /* the file behind the last one is our own: lua/channels.lua */
  uint32_t shared_cnt;           /* behind that: files that packs include */
  struct weir_load_extra *extras, *last_extra;
  struct weir_decl_list decls[WEIR_DECL_KINDS];
  const struct weir_decl **order; /* the declaration of each rule, in deciding order */
  const weir_str *known[WEIR_DECL_KINDS]; /* the keys that each kind of declaration may have, sorted */
  size_t known_cnt[WEIR_DECL_KINDS];
  struct weir_chunk *chunks;     /* in the work arena while they are collected */
  uint32_t chunk_cnt, chunk_cap;
  struct weir_rule *rules;       /* the ruleset's, as long as they are written; so too the funnels */
  struct weir_funnel *funnels;
  struct weir_terms *channels;   /* likewise */
  struct weir_matcher_builder *matcher;
  struct weir_word_lists lists;
  uint32_t matching_pack;        /* whose word lists the matcher builder is given */
  struct weir_note *notes, *last_note;
  uint32_t note_cnt, error_cnt;  /* error_cnt counts those beyond WEIR_DIAGNOSTICS_MAX too */
  weir_error fatal;              /* what ends loading: memory, mostly */
};

/* Functions of this room return WEIR_OK also when they told of errors; anything else ends loading, and load->fatal says why. */

weir_status weir_load_no_memory(struct weir_load *load);

static inline void weir_load_add_extra(struct weir_load *load, struct weir_load_extra *extra) {
  if (load->last_extra) load->last_extra->next = extra;
  else load->extras = extra;
  load->last_extra = extra;
}

/* ---- files.c */
weir_status weir_load_files(struct weir_load *load);
/* Reads the file at `real`, a resolved path, into its entry; what is wrong with it is told. */
weir_status weir_load_read_file(struct weir_load *load, uint32_t index, const char *real);
/* "a/b" in the working memory, NUL-terminated; NULL when there is none. */
char *weir_load_join(struct weir_load *load, weir_str a, weir_str b, weir_str *out);
/* Whether `real` lies in the folder `root`; both are resolved paths. */
bool weir_load_lies_in(const char *real, const char *root);

/* ---- shared.c: the names of the files that packs share */
#define WEIR_LOAD_WORDS_FILE "words.lua" /* beside packs it is no pack: they include it */
static inline uint32_t weir_load_first_shared(const struct weir_load *load) { return load->file_cnt + 1; }
static inline bool weir_load_is_shared(const struct weir_load *load, uint32_t file) { return file != WEIR_NO_INDEX && file > load->file_cnt; }
/* The entry of the file that the rule file `by` calls `written`, for its pack; read if it is new. WEIR_NO_INDEX: it cannot be, and `why`
 * says why; or, with an empty `why`, that was told. WEIR_E_NOMEM: nothing else ends loading. */
weir_status weir_load_shared(struct weir_load *load, uint32_t by, weir_str written, uint32_t *index, struct weir_buf *why);
/* Warns of words.lua beside packs that none of them includes. */
void weir_load_tell_not_included(struct weir_load *load);

/* ---- notes.c */
struct weir_place {
  uint32_t file, line, column;
  weir_str rule;
};
void weir_load_note(struct weir_load *load, weir_severity severity, weir_status status, const struct weir_place *place,
                    const char *format, ...)
  WEIR_PRINTF(5, 6);
#define weir_load_error(load, place, ...) weir_load_note((load), WEIR_SEVERITY_ERROR, WEIR_E_RULES, (place), __VA_ARGS__)
#define weir_load_warning(load, place, ...) weir_load_note((load), WEIR_SEVERITY_WARNING, WEIR_E_RULES, (place), __VA_ARGS__)
/* Stands a scanner behind the `{` of a declaration; *place is the declaration's word. */
bool weir_load_body(struct weir_load *load, const struct weir_decl *decl, struct weir_scan *scan, struct weir_place *place);
/* Where a declaration stands, or `path` in it ("message.after"; "" for the declaration itself). */
struct weir_place weir_load_place(struct weir_load *load, const struct weir_decl *decl, const char *path);
struct weir_place weir_load_place_str(struct weir_load *load, const struct weir_decl *decl, weir_str path);
/* Where byte `offset` of the text `value` stands in the part `path` of a declaration. */
struct weir_place weir_load_place_text(struct weir_load *load, const struct weir_decl *decl, const char *path, weir_str value,
                                       size_t offset);
/* The byte range of a line of a file, without its line end. */
weir_str weir_load_line(struct weir_load *load, uint32_t file, uint32_t line, size_t *at);
/* Hands the notes to the host in file order; the first error goes to *err, and its status is returned (WEIR_OK: no error). */
weir_status weir_load_tell(struct weir_load *load, weir_error *err);

/* ---- collect.c */
weir_status weir_load_collect(struct weir_load *load);

/* ---- syntax.c: says in plain words what Lua found wrong with `source`, which is the file's, or what is left of it. `message` is Lua's,
 * without its place. */
struct weir_load_damage {
  uint32_t first, last; /* the lines from what was begun there to where it went wrong */
  bool before;          /* the last of them is good again */
  bool mended;          /* it was put right in `source`, and others like it behind it: all of it can be read */
};
void weir_load_syntax(struct weir_load *load, uint32_t file, char *source, size_t len, uint32_t line, weir_str message, struct weir_load_damage *damage);

/* ---- damage.c */
/* What `file` includes is taken to declare every word list that its pack names: it was not read, and that was told. */
static inline void weir_load_unread(struct weir_load *load, uint32_t file) { load->packs[load->files[file].pack].unread = true; }
/* Whether the token is the word of a declaration. */
bool weir_load_declares(const struct weir_token *token);
/* Blanks out the declaration around the damage; false: where it begins or ends cannot be seen, or no memory. */
bool weir_load_mend(struct weir_load *load, uint32_t file, char *source, size_t len, const struct weir_load_damage *damage);
/* What the lines behind `behind` would declare is taken to be there: they were not read, and that was told. */
weir_status weir_load_not_read(struct weir_load *load, uint32_t file, weir_str source, uint32_t behind);

/* ---- keys.c: every word that the loader itself knows */
struct weir_load_key {
  const char *name, *takes, *says;
};
enum weir_load_key_table {
  WEIR_LOAD_KEYS_DECLARATION = 0, /* rule, pack ... */
  WEIR_LOAD_KEYS_RULE,            /* beside gates and actions */
  WEIR_LOAD_KEYS_PACK,
  WEIR_LOAD_KEYS_ACCOUNT,
  WEIR_LOAD_KEYS_CHANNEL,
  WEIR_LOAD_KEYS_TERMS,           /* of accounts and channels, beside the names of actions */
  WEIR_LOAD_KEYS_FUNNEL,
  WEIR_LOAD_KEYS_POOL,
  WEIR_LOAD_KEYS_COUPON,
  WEIR_LOAD_KEYS_SEGMENT,
  WEIR_LOAD_KEY_TABLES
};
const struct weir_load_key *weir_load_keys(enum weir_load_key_table table, size_t *cnt);
/* Makes load->known. */
weir_status weir_load_known_keys(struct weir_load *load);
bool weir_load_is_key(const struct weir_load *load, enum weir_decl_kind kind, weir_str name);

/* ---- packs.c */
weir_status weir_load_packs(struct weir_load *load);
/* ---- segments.c */
weir_status weir_load_segments(struct weir_load *load);

/* ---- pools.c */
weir_status weir_load_pool(struct weir_load *load, const struct weir_decl *decl, struct weir_pool *pool);
/* Becomes pools[index]; those before it are read. */
weir_status weir_load_coupon(struct weir_load *load, const struct weir_decl *decl, struct weir_pool *pools, uint32_t index);
struct weir_load_words *weir_load_words_find(struct weir_load_pack *pack, weir_str name);

/* ---- terms.c */
/* What a declaration says but for its abilities. */
struct weir_reading;
weir_status weir_load_terms(struct weir_reading *reading, struct weir_terms *t);
#define WEIR_LOAD_DURATION_CHARS 48
const char *weir_load_say_duration(int64_t ms, char out[WEIR_LOAD_DURATION_CHARS]);

/* ---- channels.c */
weir_status weir_load_channels(struct weir_load *load);
/* The abilities among the keys of a declaration. */
weir_status weir_load_abilities(struct weir_reading *reading, const struct weir_member **out, uint32_t *cnt);
/* The terms of a channel, or of a kind of account of it (may be empty); NULL: there are none. */
const struct weir_terms *weir_load_channel(const struct weir_load *load, weir_str channel, weir_str kind);
/* Lays what `over` says over what `t` says; `windows`, `push`: it says something of these. */
weir_status weir_load_lay_over(struct weir_load *load, struct weir_terms *t, const struct weir_terms *over, bool windows, bool push);

/* ---- accounts.c */
weir_status weir_load_accounts(struct weir_load *load);

/* ---- abilities.c */
weir_status weir_load_check_abilities(struct weir_load *load);
/* Whether there are events for the rule on the account, and its gates let it run there. */
bool weir_load_runs_on(const struct weir_rule *rule, const struct weir_account *account);

/* ---- zones.c */
struct weir_reading;
/* The zone of that name, read when it is first named. An unknown one is an error about `key`, with the nearest name. */
weir_status weir_load_zone(struct weir_reading *reading, const char *key, weir_str name, const struct weir_zone **out);

/* ---- reading.c: reading what a declaration says, with the room's own and decide/'s functions */
struct weir_reading {
  struct weir_load *load;
  const struct weir_decl *decl;
  struct weir_parse parse;   /* its reports become notes at the right place */
};
/* `arena`: where what is read goes. */
void weir_reading_begin(struct weir_reading *reading, struct weir_load *load, const struct weir_decl *decl,
                        struct weir_arena *arena);
/* Turns the status of a weir_parse function into one of this room: told errors do not end loading. */
weir_status weir_reading_end(struct weir_reading *reading, weir_status status);
/* An error about `path` of the declaration ("" for all of it). */
void weir_reading_bad(struct weir_reading *reading, const char *path, const char *format, ...) WEIR_PRINTF(3, 4);
/* The value of a key; NULL: not there. Later reports through reading->parse are about this key. */
const struct weir_value *weir_reading_key(struct weir_reading *reading, const char *key);
/* Tells of every key of the declaration's table that is not known, and of list items where `items` is false. */
void weir_reading_known(struct weir_reading *reading, bool items);
/* Whether what is missing in the declaration is missing: nothing was told of it, and it has no key that may be a slip for another. */
bool weir_decl_is_whole(const struct weir_load *load, const struct weir_decl *decl);
/* A string of at most `max` bytes; *out stays as it is when the key is absent. */
weir_status weir_reading_str(struct weir_reading *reading, const char *key, size_t max, weir_str *out);
weir_status weir_reading_bool(struct weir_reading *reading, const char *key, bool *out);

weir_str weir_decl_word(enum weir_decl_kind kind); /* "rule", "words" ... as rule files write it */
/* NULL when `name` is a good name of at most `max` bytes, else why it is not. */
const char *weir_load_name_fault(weir_str name, size_t max);
/* The same for rules, whose names are often sentences: e:after("2h", "offer the group"). */
const char *weir_load_rule_name_fault(weir_str name);
/* "pack/name" in the ruleset's arena; false: no memory. */
bool weir_load_full_name(struct weir_load *load, const struct weir_decl *decl, weir_str name, weir_str *out);
static inline struct weir_load_pack *weir_decl_pack(const struct weir_load *load, const struct weir_decl *decl) {
  return &load->packs[load->files[decl->file].pack];
}
/* Sorts declarations by pack and name and tells of names that stand twice in a pack. `sorted` gets list->cnt of them. */
weir_status weir_load_doubles(struct weir_load *load, enum weir_decl_kind kind, const struct weir_decl **sorted);

/* ---- order.c */
/* Makes ruleset->rules (names, places, priority and identity) and load->order. */
weir_status weir_load_order(struct weir_load *load);

/* ---- rule.c */
/* Fills every rule, and the matcher. */
weir_status weir_load_rules(struct weir_load *load);

/* ---- handlers.c */
/* Warns of what a handler calls on its event and cannot. */
void weir_load_look_at_handler(struct weir_load *load, const struct weir_decl *decl);

/* ---- steps.c */
/* Once all rules are read: tells each funnel what follows when somebody enters a stage. */
weir_status weir_load_steps(struct weir_load *load);

/* ---- pattern.c */
weir_status weir_load_patterns_begin(struct weir_load *load);
weir_status weir_load_pattern(struct weir_load *load, const struct weir_decl *decl, struct weir_rule *rule);
weir_status weir_load_patterns_finish(struct weir_load *load);

/* ---- examples.c */
weir_status weir_load_examples(struct weir_load *load);

/* ---- lint.c */
weir_status weir_load_lint(struct weir_load *load);
/* ---- lint_limits.c */
void weir_load_lint_limits(struct weir_load *load);
/* ---- lint_slow.c */
void weir_load_lint_slow(struct weir_load *load, struct weir_match *match);

#endif
