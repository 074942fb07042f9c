/* weir.h: the public interface of libweir, the only header a host includes.
 *
 * weir decides what a chat gateway answers. Events (comments, messages, follows ...) go in one by one;
 * rules choose actions (reply, message, follow, tag ...); signed records of what was decided come out.
 *
 * Conventions that hold for every function here:
 *   Strings   are pointer + length (weir_str), UTF-8, not NUL-terminated unless it says so. A NULL pointer with
 *             length 0 is "absent".
 *   Offsets   are byte offsets, 0-based, start inclusive, end exclusive.
 *   Time      is int64_t milliseconds since 1970-01-01T00:00:00Z and always comes from the host.
 *   Errors    every call that can fail returns a weir_status; details go to the caller's weir_error (may be NULL).
 *             Out-parameters are set on every path: NULL or zero after a failure.
 *   Memory    handles are freed with their own *_free or *_close, which accept NULL. Nothing else is freed by the host.
 *             What a call hands out by pointer belongs to the handle and lives until the next call on that handle,
 *             unless it says otherwise.
 *   Threads   a weir_ruleset and a weir_keyset are immutable and may be shared, and so may a weir_key. A weir_engine and a
 *             weir_verifier belong to one thread at a time.
 *             There are no globals, no threads, no signals, no output and no exit inside.
 *   Stack     128 KiB suffice for every call on an engine, 256 KiB for weir_ruleset_load (measured on x86-64 with the hostile
 *             scripts, patterns and texts of the tests: 52 and 81 KiB; tests/unit/engine_stack.c).
 *   Structs   that begin with struct_size are filled by the caller: zero the struct, set struct_size = sizeof it; zero
 *             means default. So a host compiled against an older header keeps working.
 */
#ifndef WEIR_H
#define WEIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) || defined(__clang__)
#define WEIR_API __attribute__((visibility("default")))
#define WEIR_MUST_CHECK __attribute__((warn_unused_result))
#else
#define WEIR_API
#define WEIR_MUST_CHECK
#endif

#define WEIR_VERSION "0.1.0"

/* A text that is not owned: `len` bytes at `ptr`. */
typedef struct weir_str {
  const char *ptr;
  size_t len;
} weir_str;

/* What a call came to. 0 is success, positive is success with nothing to hand out, negative is a failure; failures are grouped by tens.
 * Unless it says otherwise a failed call changed nothing, the handle stays usable, and the same call comes to the same. */
typedef enum weir_status {
  WEIR_OK = 0,
  WEIR_NONE = 1,          /* nothing there: no timer due, no record waiting, nobody known, nothing to do. Retry: when something has changed */

  WEIR_E_ARG = -10,       /* the call itself is wrong: NULL where a handle is needed, struct_size unknown, a time before 1970. Retry: no */
  WEIR_E_SEQUENCE = -11,  /* called at a moment when it cannot be, such as weir_swap inside a batch. Retry: after weir_commit */

  WEIR_E_NOMEM = -20,     /* the host's memory, or the arena's limit, does not suffice. Of a ruleset: memory_limit says how much it may take.
                           * Of an event: it is refused, and would be again. Retry: when there is more memory */
  WEIR_E_LIMIT = -30,     /* an input is larger than limits.h allows: the error says which limit. Retry: no, with a smaller one */

  WEIR_E_FORMAT = -40,    /* bytes that are not what they should be: JSON, UTF-8, time, base64url. Retry: no (weir_utf8_repair mends UTF-8) */
  WEIR_E_EVENT = -41,     /* well-formed JSON, but not an event: a field missing, unknown or of the wrong type. Retry: no */
  WEIR_E_RULES = -42,     /* a rule file is wrong: the error names file, line and rule. Retry: when it was mended */

  WEIR_E_TRUST = -50,     /* a signature, key or chain that does not hold. Retry: no */
  WEIR_E_KEY = -51,       /* a key that cannot be used: wrong kind, damaged, absent, or not the one that a state belongs to. Retry: with another */

  WEIR_E_STATE = -60,     /* the state cannot be read or written: damaged, in use, newer, its disk fails. From a commit: nobody knows whether
                           * it reached the disk; close the engine and open it anew, then give the events again: what was answered is not
                           * answered twice. Retry: not on this engine */
  WEIR_E_FULL = -61,      /* group, store, outbox or disk is full. A commit that says so took its decisions back. Retry: after records were
                           * acknowledged, or when there is room */
  WEIR_E_TOO_OLD = -62,   /* an event older than the 8 days for which repeats are remembered. Retry: no */

  WEIR_E_SCRIPT = -70,    /* a script could not be run at all (a handler's own errors are in the verdict, not here) */
  WEIR_E_IO = -80,        /* a file could not be read. Retry: when it can */
  WEIR_E_INTERNAL = -90   /* a defect of weir: please report it. The engine refuses what caused it, and goes on */
} weir_status;

/* The status as a short lower-case word, such as "format". Never NULL. */
WEIR_API const char *weir_status_name(weir_status status);

/* "0.1.0" */
WEIR_API const char *weir_version(void);

/* Where and why something failed. Owned by the caller; written by every failing call that is given one.
 * All texts are NUL-terminated, cut where they do not fit. */
typedef struct weir_error {
  weir_status status;
  uint32_t line;     /* 1-based; 0: none */
  uint32_t column;   /* 1-based, in bytes; 0: none */
  char file[256];
  char rule[128];    /* "pack/rule" */
  char message[512]; /* what is wrong and what to do about it, one sentence or two */
} weir_error;

/* ---------------------------------------------------------------- rulesets */

typedef struct weir_ruleset weir_ruleset;

/* One finding of the loader. Texts live until the callback returns. */
typedef enum weir_severity {
  WEIR_SEVERITY_ERROR = 1,
  WEIR_SEVERITY_WARNING = 2,
  WEIR_SEVERITY_NOTE = 3 /* allowed, and probably not meant; only with weir_load_config.lint */
} weir_severity;

typedef struct weir_diagnostic {
  weir_severity severity;
  weir_str file;      /* as the host will find it: path given + name */
  uint32_t line;      /* 1-based; 0: the whole file */
  uint32_t column;    /* 1-based, in bytes; 0: unknown */
  weir_str rule;      /* "pack/rule", or empty */
  weir_str message;   /* what is wrong and what was expected */
  weir_str excerpt;   /* the source line, without its line end, or empty */
} weir_diagnostic;

typedef struct weir_load_config {
  size_t struct_size;
  size_t memory_limit; /* bytes for the compiled ruleset; 0: WEIR_RULESET_BYTES_DEFAULT (64 MiB) */
  void (*diagnostic)(void *ctx, const weir_diagnostic *d); /* called for each error and warning, in file order */
  void *diagnostic_ctx;
  bool lint; /* also look for what is allowed and probably not meant (rules that never fire, replies that set off rules ...), and warn of what
              * will not go out (no window, over a quota ...): docs/check.md */
  const char *zoneinfo; /* folder of time zone files (TZif), NUL-terminated; NULL: "/usr/share/zoneinfo" */
  bool jit; /* regexes become machine code (PCRE2's JIT): dear patterns run several times faster. What it costs: pages that are
             * writable and executable, of PCRE2's own, whose bytes count against memory_limit but do not come from malloc; slower
             * loading; and other counts, so that a pattern which strikes a limit may do so with jit and not without, or the
             * other way round (all other answers are the same). The env of the records says which it was. */
  bool lines; /* for tests: also keep which lines of handlers hold code, for weir_ruleset_part */
} weir_load_config;

/* Loads and compiles the rule files at `path` (NUL-terminated): one .lua file, a pack (a folder of .lua files), or a folder of
 * packs (words.lua beside them is theirs to include). All errors are reported through config->diagnostic; the first is also in *err. The time zones
 * that the rules name are read here, once: nothing looks at their files or at TZ later.
 *
 * Memory:  at most config->memory_limit bytes from malloc for the ruleset, plus a bounded working memory that is
 *          given back before the call returns.
 * Threads: safe; different calls share nothing.
 * Errors:  WEIR_E_RULES, WEIR_E_IO, WEIR_E_NOMEM, WEIR_E_LIMIT, WEIR_E_ARG (also: jit is asked for, and PCRE2 has none here or
 *          may make none). */
WEIR_API WEIR_MUST_CHECK weir_status weir_ruleset_load(weir_ruleset **out, const char *path, const weir_load_config *config,
                                                       weir_error *err);
/* A ruleset without rules, for programs that open a state to look after it. Errors: WEIR_E_ARG, WEIR_E_NOMEM. */
WEIR_API WEIR_MUST_CHECK weir_status weir_ruleset_empty(weir_ruleset **out, weir_error *err);
/* No engine and no thread may use it any more. */
WEIR_API void weir_ruleset_free(weir_ruleset *ruleset);

/* What follows reads a ruleset, from any thread. Texts live as long as the ruleset, those of weir_word for ever. Nothing fails: NULL and
 * indexes beyond the end give false, 0 or an empty text, and an empty *out. */

/* The ruleset's identity: 64 lower-case hex digits, SHA-256 over names and bytes of all rule files. */
WEIR_API weir_str weir_ruleset_hash(const weir_ruleset *ruleset);
/* What it takes of malloc and of pages for machine code, in bytes. */
WEIR_API size_t weir_ruleset_bytes(const weir_ruleset *ruleset);
/* Of these, what the machine code takes; 0: loaded without jit, or without a regex. */
WEIR_API size_t weir_ruleset_jit_bytes(const weir_ruleset *ruleset);
WEIR_API size_t weir_ruleset_rule_count(const weir_ruleset *ruleset);

/* What a ruleset declares, for programs that show it. Indexes run from 0 in deciding order. */
typedef struct weir_rule_info {
  weir_str name;  /* "pack/rule" */
  weir_str title; /* for people; may be empty */
  weir_str file;
  uint32_t line;
} weir_rule_info;
WEIR_API bool weir_ruleset_rule(const weir_ruleset *ruleset, size_t index, weir_rule_info *out);

/* Rules whose pattern the prefilter cannot narrow down: they are tried on every text, and cost more than all others. Writes up
 * to `cap` indexes (as of weir_ruleset_rule), at most 256, and returns how many there are. */
WEIR_API size_t weir_ruleset_unfiltered(const weir_ruleset *ruleset, size_t *rules, size_t cap);

/* The accounts that the rules declare. */
typedef struct weir_account_info {
  weir_str channel, account;
} weir_account_info;
WEIR_API bool weir_ruleset_account(const weir_ruleset *ruleset, size_t index, weir_account_info *out);

/* Funnel stages in their order: true and *out set while `funnel` and `stage` exist. */
typedef struct weir_stage_info {
  weir_str funnel; /* "pack/funnel" */
  weir_str stage;
  bool goal;
} weir_stage_info;
WEIR_API bool weir_ruleset_stage(const weir_ruleset *ruleset, size_t funnel, size_t stage, weir_stage_info *out);

/* The time zone that the first pack with one is in ("Asia/Shanghai"); empty: none says. */
WEIR_API weir_str weir_ruleset_timezone(const weir_ruleset *ruleset);

/* A rule's examples: those of `yes` first, then those of `no`. True and *out set while there are some. */
typedef struct weir_example {
  weir_str text;
  bool yes;                  /* the rule is to win for a new person; else its pattern must not be in the text */
  bool needs_past;           /* the rule fires only for people of whom something is known: a new person may get another answer */
  weir_str type;             /* of an event that the rule listens to */
  weir_str channel, account; /* a declared account on which it can fire; empty: none */
} weir_example;
WEIR_API bool weir_ruleset_example(const weir_ruleset *ruleset, size_t rule, size_t index, weir_example *out);

/* A part of a rule that a test may reach or not: what a rule's parts are, and, through weir_config.reached, which of them an event came to. */
typedef enum weir_part_kind {
  WEIR_PART_KEYWORD = 1, /* was in the text of an event for which the pattern was found; `name` is the keyword as it is compared */
  WEIR_PART_REGEX = 2,   /* likewise; no name: `index` counts what `match` holds, from 0 */
  WEIR_PART_EXCEPT = 3,  /* one of the words forbade it */
  WEIR_PART_GATE = 4,    /* refused somebody */
  WEIR_PART_ACTION = 5,  /* was done, or waits */
  WEIR_PART_VARIANT = 6, /* was chosen; `name` is the variant's, as that of a gate or action is its word */
  WEIR_PART_LINE = 7     /* a line of the handler was run: `index` is its number in the file `name`. Only of rules loaded with
                          * weir_load_config.lines. The lines of functions inside a handler are no parts, nor is its last line, but
                          * weir_config.reached is told of them */
} weir_part_kind;
typedef struct weir_part {
  size_t rule; /* index, as of weir_ruleset_rule */
  weir_part_kind kind;
  size_t index; /* among the rule's parts of that kind; of WEIR_PART_LINE the line */
  weir_str name;
} weir_part;
/* The parts of a rule, by kind and index. True and *out set while there are some. */
WEIR_API bool weir_ruleset_part(const weir_ruleset *ruleset, size_t rule, size_t index, weir_part *out);

/* The words that rules are written with, for references, editors and tests. True and *out set while there are some. */
typedef enum weir_word_sort {
  WEIR_WORD_GATE = 1,        /* keys of a rule that decide whether it fires */
  WEIR_WORD_ACTION = 2,      /* keys of a rule that say what it does; in a handler e:name(...) */
  WEIR_WORD_EVENT = 3,       /* what `on` takes */
  WEIR_WORD_RULE = 4,        /* the other keys of a rule */
  WEIR_WORD_DECLARATION = 5, /* rule, pack, account ...: what a file is made of */
  WEIR_WORD_PACK = 6,        /* keys of these declarations */
  WEIR_WORD_ACCOUNT = 7,     /* beside the names of actions that the platform sees */
  WEIR_WORD_CHANNEL = 8,     /* likewise */
  WEIR_WORD_FUNNEL = 9,
  WEIR_WORD_POOL = 10,
  WEIR_WORD_COUPON = 11,
  WEIR_WORD_SEGMENT = 12,
  WEIR_WORD_HANDLER = 13     /* what e has in a handler, beside actions and after */
} weir_word_sort;
typedef struct weir_word_info {
  weir_str name;
  weir_str takes; /* the form of its value, or empty */
  weir_str says;  /* what it does, one sentence, or empty */
} weir_word_info;
WEIR_API bool weir_word(weir_word_sort sort, size_t index, weir_word_info *out);

/* ---------------------------------------------------------------- keys */

/* A signing key in locked, guarded memory; readable only while it signs. */
typedef struct weir_key weir_key;

/* Makes a fresh key. `alg` is "EdDSA" (RFC 8037, what most libraries verify) or "Ed25519" (RFC 9864); NULL: "EdDSA".
 * The only function of libweir that draws randomness, beside the making of a new chain.
 * Errors: WEIR_E_ARG: another alg; WEIR_E_NOMEM: no memory that can be guarded; WEIR_E_KEY: the system will not protect it. */
WEIR_API WEIR_MUST_CHECK weir_status weir_key_generate(weir_key **out, const char *alg, weir_error *err);

/* Reads a private JWK (RFC 7517; kty OKP, crv Ed25519, RFC 8037 section 2). `json` is not kept; wipe it after use.
 * Errors: WEIR_E_KEY: no such key; WEIR_E_FORMAT: no JSON; WEIR_E_LIMIT; WEIR_E_NOMEM: no memory that can be locked. */
WEIR_API WEIR_MUST_CHECK weir_status weir_key_parse(weir_key **out, weir_str json, weir_error *err);
/* Wipes it. No engine may use it any more. */
WEIR_API void weir_key_free(weir_key *key);

/* Room for a private JWK, and for a JWK Set of one key, with their final NUL. */
#define WEIR_JWK_BYTES 512

/* Writes the private JWK, with its NUL. The caller wipes `out` after use. Errors: WEIR_E_ARG; WEIR_E_KEY: its memory cannot be shown, or
 * hidden again; `out` is empty then. */
WEIR_API WEIR_MUST_CHECK weir_status weir_key_private_jwk(const weir_key *key, char out[WEIR_JWK_BYTES], weir_error *err);
/* Writes a JWK Set (RFC 7517 section 5) with the public half, with its NUL. Errors: WEIR_E_ARG. */
WEIR_API WEIR_MUST_CHECK weir_status weir_key_public_jwks(const weir_key *key, char out[WEIR_JWK_BYTES], weir_error *err);
/* The key's RFC 7638 thumbprint, base64url, 43 characters; lives as long as the key. */
WEIR_API weir_str weir_key_id(const weir_key *key);

/* ---------------------------------------------------------------- events and what is decided */

typedef struct weir_pair {
  weir_str key, value;
} weir_pair;

/* What became of an action; only in events of type "outcome". */
typedef struct weir_event_outcome {
  weir_str decision;      /* id of the decision */
  uint32_t n;             /* the action's number in it */
  weir_str status;        /* "sent", "rejected", "unconfirmed" */
  weir_str code;          /* the platform's word for it */
  int64_t retry_after_ms; /* 0: none */
  weir_str platform_id;   /* under which the platform will show our own message back to us */
} weir_event_outcome;

/* Who is who: a "link" event names another contact of the same human in attrs, {"with":"channel/account/id"}; an "unlink" event parts its
 * contact from its person again. A "join", "link" or "friend_added" event may name its inviter, a contact of the same account.
 * An "echo" event with the contact it was said to shows our own messages, and those that a human wrote in our name.
 *
 * Something that happened on a channel. Only channel, account, type, id and time_ms are needed by every type; all but
 * link also need contact_id. Control characters in these refuse the event (WEIR_E_EVENT), but not in contact_name, which people
 * choose: they are taken out of it, with what turns the reading direction, before a rule sees it. Limits of each field: engine/limits.h, "Events". */
typedef struct weir_event {
  size_t struct_size;
  weir_str id, channel, account, type;
  int64_t time_ms; /* when it happened */
  weir_str contact_id, contact_name;
  weir_str text, post, parent, room, lang, inviter;
  uint64_t revision;  /* of an edited text; 0: the first */
  int8_t mentioned;   /* we are addressed in a room: 1 yes, 0 no, -1 unknown */
  int8_t is_follower; /* likewise */
  const weir_str *media;
  size_t media_cnt;
  const weir_pair *attrs;
  size_t attr_cnt;
  weir_event_outcome outcome;
} weir_event;

typedef enum weir_result {
  WEIR_RESULT_NOTHING = 0,   /* no rule fired; also an outcome, which no rule sees, that was understood */
  WEIR_RESULT_DECIDED = 1,   /* a rule fired; actions may still be none (policy dropped them, or they wait) */
  WEIR_RESULT_REPEAT = 2,    /* this event was decided before: nothing new */
  WEIR_RESULT_IGNORED = 3,   /* our own echo, or an outcome that says nothing new or is of no known action */
  WEIR_RESULT_UNDECIDED = 4  /* a limit struck and no later rule fired: neither yes nor no */
} weir_result;

/* One action as it goes out. */
typedef struct weir_action {
  uint32_t n;      /* from 1 within the decision */
  weir_str kind;   /* "reply", "message", ... */
  weir_str rule;   /* "pack/rule" */
  weir_str text;   /* what is said, or empty */
  weir_str json;   /* the action as it stands in the record */
  weir_str channel, account, contact; /* whose record it is in, and whom it is for: the event's, unless the rule says via */
} weir_action;

/* Why a rule did or did not fire. */
typedef enum weir_reason {
  WEIR_REASON_FIRED = 0,
  WEIR_REASON_DISABLED,      /* enabled = false */
  WEIR_REASON_EVENT,         /* listens to other event types */
  WEIR_REASON_GATE,          /* a gate said no: `detail` names it */
  WEIR_REASON_NO_MATCH,      /* its pattern is not in the text */
  WEIR_REASON_EXCEPT,        /* an except word is in the text */
  WEIR_REASON_LIMIT,         /* a limit struck: neither match nor no match */
  WEIR_REASON_DECLINED,      /* its handler returned false */
  WEIR_REASON_ERROR,         /* its handler failed: `detail` has the message */
  WEIR_REASON_NOT_REACHED,   /* an earlier rule ended the search */
  WEIR_REASON_ACTION_DROPPED,/* the rule fired, this action of it was dropped: `detail` says why */
  WEIR_REASON_ACTION_WAITS,  /* the rule fired, this action of it waits as a timer */
  WEIR_REASON_OUTCOME,       /* what became of an action of this rule: `detail` says it */
  WEIR_REASON_ASIDE,         /* its handler was stopped by its limits three times in ten minutes: from now on the rule is not tried for ten
                              * minutes, or until the rules are swapped. Meanwhile it is traced as LIMIT, for nobody knows what it would say */
  WEIR_REASON_LINK           /* what a code, link, unlink or invitation came to: `detail` says it; no rule */
} weir_reason;

typedef struct weir_trace {
  weir_str rule;    /* "pack/rule" */
  weir_reason reason;
  weir_str detail;  /* for people, one short clause; may be empty */
  size_t match_start, match_end; /* the matched place in the event's original text; equal: none */
} weir_trace;

/* What was decided for one event or timer. Pointers live until the next call on the engine. */
typedef struct weir_verdict {
  weir_result result;
  bool limit;            /* some limit struck on the way */
  bool text_cut;         /* the text was longer than is matched and was cut at a code point */
  bool struck;           /* the host's deadline aborted it */
  bool clock_behind;     /* the call's time lies before that of an earlier call or record: records keep the later time, and so never
                          * run backwards; claims and timers go by the call's time */
  weir_str id;           /* the decision's id; empty when there is none */
  weir_str cause;        /* the event's id, or the timer's */
  weir_str contact;      /* the contact it is about */
  weir_str aud;          /* channel/account */
  const weir_action *actions;
  size_t action_cnt;
  const weir_trace *trace; /* only what fired, failed, was dropped or waits, unless the engine was opened with trace */
  size_t trace_cnt;
} weir_verdict;

/* "decided", "fired" ...: short lower-case words, never NULL. */
WEIR_API const char *weir_result_name(weir_result result);
WEIR_API const char *weir_reason_name(weir_reason reason);

/* The verdict as one JSON object, for hosts in languages where reading these structs is a burden:
 *   {"result":"decided","id":..,"cause":..,"contact":..,"aud":..,"limit":false,"text_cut":false,"struck":false,
 *    "clock_behind":false,"actions":[as in records ...],"trace":[{"rule":..,"reason":"fired","detail":..,"match_start":..,"match_end":..} ...]}
 * Writes at most `cap` bytes and no final NUL; *len is their number. WEIR_VERDICT_JSON_BYTES always suffices without full trace.
 * Errors: WEIR_E_LIMIT: it does not fit; WEIR_E_ARG. */
#define WEIR_VERDICT_JSON_BYTES 262144
WEIR_API WEIR_MUST_CHECK weir_status weir_verdict_json(const weir_verdict *verdict, char *out, size_t cap, size_t *len, weir_error *err);

/* ---------------------------------------------------------------- the engine */

typedef struct weir_engine weir_engine;

/* What an engine has to say beside its answers. ERROR: something did not happen that should have; WARNING: somebody should look; INFO:
 * what an operator did, and what is rare; DEBUG: each decision. */
typedef enum weir_log_level { WEIR_LOG_ERROR = 1, WEIR_LOG_WARNING = 2, WEIR_LOG_INFO = 3, WEIR_LOG_DEBUG = 4 } weir_log_level;

/* One thing that happened. `what` is a fixed word, for filters:
 *   ERROR    commit_failed (what was decided since the last commit is taken back)
 *   WARNING  put_aside (a rule, after strikes), gave_up (the deadline struck), timer_given_up (what was due can never be done),
 *            clock_behind (once, until the clock has caught up), expired (records nobody acknowledged), new_chain
 *   INFO     opened, state_upgraded (its file is of this version now), swapped (the rules), rotated (the key), script_error (a handler failed), limit, takeover
 *   DEBUG    fired, dropped, waits
 * All texts live until the callback returns; message ends with a NUL. */
typedef struct weir_log_entry {
  weir_log_level level;
  const char *what;
  const char *message; /* for people, one line, cut at 511 bytes. A handler's own error may hold what a user wrote */
  weir_str rule;       /* "pack/rule", or empty */
  weir_str aud;        /* channel/account, or empty */
  weir_str cause;      /* the event's or timer's id, or empty */
} weir_log_entry;
/* Called in the caller's thread, inside calls on the engine; must not call the engine, and must return. */
typedef void (*weir_log_fn)(void *ctx, const weir_log_entry *entry);

/* "error", "warning", "info", "debug"; never NULL. */
WEIR_API const char *weir_log_level_name(weir_log_level level);

typedef struct weir_config {
  size_t struct_size;
  const weir_ruleset *ruleset; /* needed; must outlive the engine, or the swap that replaces it */
  const char *state;           /* NULL or ":memory:": kept in memory, gone when the engine closes. Else the name of a file, which is made
                                * when there is none, and belongs to one engine at a time; what was committed is on the disk */
  const weir_key *key;         /* needed unless dry; must outlive the engine */
  weir_str issuer;             /* "iss" of the records; default "urn:weir" */
  weir_str chain;              /* name of a new chain, at most 64 of A-Z a-z 0-9 - _; default: drawn at random. A state in a file has
                                * its own: another name is WEIR_E_ARG */
  size_t state_memory;         /* bytes of the in-memory store; 0: 16 MiB */
  uint32_t group_max;          /* decisions a record may hold, 1 to 64; 0: 64 */
  uint32_t record_ttl_s;       /* exp - iat; 0: 3600 */
  bool batch;                  /* true: nothing is committed until weir_commit; false: weir_decide and weir_tick commit */
  bool dry;                    /* decide, but change nothing and sign nothing */
  bool trace;                  /* the verdict names every rule; costs time on every event */

  /* Asked for every text that would go out: false drops the action with reason "contact info". NULL: all may go. */
  bool (*contact_info_allowed)(void *ctx, weir_str channel, weir_str account, weir_str kind, weir_str text);
  void *contact_info_ctx;

  /* Asked now and then while an event or timer is decided: true aborts it. The verdict is UNDECIDED and `struck`; the event
   * leaves nothing behind and may be given again, a timer is over. NULL: never. Verdicts never depend on it unless it strikes. */
  bool (*deadline)(void *ctx);
  void *deadline_ctx;

  uint64_t state_bytes;        /* how large a state file may become; then events are refused (WEIR_E_FULL). 0: 1 GiB; at least 1 MiB */

  bool new_chain;              /* a state in a file begins a new chain: for a state that was restored from a backup (its chain went on
                                * without it), and for one whose key is lost. Records that were not acknowledged are closed as unconfirmed */
  /* For tests: told of each part of a rule that an event reaches, as often as it does. Costs time on every event. NULL: nobody asks. */
  void (*reached)(void *ctx, const weir_part *part);
  void *reached_ctx;

  weir_log_fn log;             /* NULL: nothing is said */
  void *log_ctx;
  weir_log_level log_level;    /* the last level that is said; 0: WEIR_LOG_INFO */
} weir_config;

/* Bytes that weir_engine_open will ask malloc for: all that deciding with this ruleset takes. 0: the config is wrong, or has no ruleset. */
WEIR_API size_t weir_engine_bound(const weir_config *config);

/* Opens an engine; with a state in a file, on what the last one left.
 *
 * Memory:  at most weir_engine_bound bytes from malloc, and for a state in a file those of SQLite (they are in that number); all here,
 *          none later, but where a call says so.
 * Threads: the engine belongs to one at a time; engines of different states share nothing but rulesets and keys.
 * Errors:  WEIR_E_ARG, WEIR_E_LIMIT: the config is wrong; WEIR_E_KEY: no key, or the state's records are signed by another; WEIR_E_STATE: the
 *          file is damaged, in use, newer, or no state; WEIR_E_FULL: no room on its disk; WEIR_E_NOMEM. The file is as it was then. */
WEIR_API WEIR_MUST_CHECK weir_status weir_engine_open(weir_engine **out, const weir_config *config, weir_error *err);
/* The same from one JSON object, for hosts in languages where weir_config would have to be copied by hand:
 *   {"rules":"rules/test-papers","state":"people.db","key_file":"weir-key.json","issuer":"urn:shop"}
 *   rules         path, as weir_ruleset_load takes it; needed
 *   key_file      path of a private JWK, a file that only its owner may read; or
 *   key           that JWK itself, an object. One of the two is needed unless dry
 *   state, issuer, chain                         strings, and
 *   state_memory, state_bytes (bytes), group_max, record_ttl_s   whole numbers, and
 *   batch, dry, trace, new_chain                 true or false: as in weir_config
 *   memory_limit (bytes), zoneinfo, jit          as in weir_load_config
 * null is as if the member were not there. Relative paths are those of the process. `json`, at most 64 KiB, is not kept; wipe it after
 * use when a key is in it. Callbacks cannot be said in JSON: nothing is logged, no deadline strikes.
 *
 * Memory:  that of weir_ruleset_load, a key and weir_engine_open. Rules and key belong to the engine: weir_engine_close frees them, and
 *          weir_swap and weir_rotate those whose place they take (what they bring is the host's, as ever).
 * Threads: as weir_engine_open.
 * Errors:  WEIR_E_FORMAT: no JSON; WEIR_E_ARG: a member that is unknown (the nearest known one is named), missing, there twice, or of
 *          another type; WEIR_E_KEY, WEIR_E_IO: the key; and all of weir_ruleset_load (the first error of the rules, with file and line)
 *          and weir_engine_open. */
WEIR_API WEIR_MUST_CHECK weir_status weir_engine_open_json(weir_engine **out, weir_str json, weir_error *err);
/* Uncommitted decisions are lost, and with an in-memory state all the rest. With a state in a file, records that were not
 * acknowledged are handed out again by the next engine, with the same bytes. */
WEIR_API void weir_engine_close(weir_engine *engine);

/* Decides one event.
 * Errors: WEIR_E_EVENT, WEIR_E_LIMIT, WEIR_E_FORMAT: the event was refused, nothing changed.
 *         WEIR_E_FULL: group, store or outbox is full; commit, hand out and acknowledge records, then give the event again. */
WEIR_API WEIR_MUST_CHECK weir_status weir_decide(weir_engine *engine, const weir_event *event, int64_t now_ms, weir_verdict *verdict,
                                                 weir_error *err);
/* The same for an event as one JSON object (docs: "Event"). `json` is not kept. */
WEIR_API WEIR_MUST_CHECK weir_status weir_decide_json(weir_engine *engine, weir_str json, int64_t now_ms, weir_verdict *verdict,
                                                      weir_error *err);
/* When an event as JSON happened (its "time"): for hosts that play events by their own clock. Nothing is decided; the verdict of the call
 * before is gone. Errors: as weir_decide_json has for an event that is refused, and it is counted as refused. */
WEIR_API WEIR_MUST_CHECK weir_status weir_event_time(weir_engine *engine, weir_str json, int64_t *time_ms, weir_error *err);
/* Decides the next timer that is due at now_ms, or takes the next step of a rule that comes round, which decides for one person or for
 * nobody; WEIR_NONE when nothing is due. To be called a few times in a row at most, so that what is due at once holds up no event.
 * Errors: WEIR_E_ARG, also when now_ms lies outside the years 1970 to 9999; WEIR_E_FULL: as weir_decide; WEIR_E_STATE. The timer is due
 * as before. */
WEIR_API WEIR_MUST_CHECK weir_status weir_tick(weir_engine *engine, int64_t now_ms, weir_verdict *verdict, weir_error *err);
/* When the next timer is due, or the next step of a rule that comes round (`every`); INT64_MAX: there is none. Time that has passed
 * already means: call weir_tick now. */
WEIR_API int64_t weir_next_due(const weir_engine *engine);

/* Signs and commits what was decided since the last commit; its records can then be had from weir_next_record. A failed
 * commit takes all of it back: none of those decisions happened, and their events may be given again. Nothing waits: WEIR_OK.
 * Errors: WEIR_E_FULL; WEIR_E_STATE (see there); WEIR_E_KEY: the key's memory cannot be read. */
WEIR_API WEIR_MUST_CHECK weir_status weir_commit(weir_engine *engine, weir_error *err);
/* Takes back what was decided since the last commit: none of it happened, and its events may be given again. */
WEIR_API void weir_rollback(weir_engine *engine);
/* How many commits the state ever had: each that had anything to commit, and each person forgotten, counts one. Whoever writes down
 * what he puts in, and the number that its commit will have, knows after a crash whether it reached the disk. */
WEIR_API uint64_t weir_engine_commits(const weir_engine *engine);
/* Decisions (and changes without a decision) that wait for a commit. */
WEIR_API size_t weir_pending(const weir_engine *engine);

typedef struct weir_record {
  weir_str aud;   /* channel/account it is for */
  uint64_t seq;   /* from 1 per chain and aud */
  weir_str jws;   /* JWS compact serialization, one line without its line end */
} weir_record;

/* Hands out committed records, oldest first, each once per opening of the engine; WEIR_NONE when there is none. Its texts live until the
 * next call on the engine, weir_ack included: copy the aud before acknowledging. Errors: WEIR_E_ARG, WEIR_E_STATE. */
WEIR_API WEIR_MUST_CHECK weir_status weir_next_record(weir_engine *engine, weir_record *record, weir_error *err);
/* The records of `aud` up to `seq` have been handed over for good and may be dropped; saying it twice does no harm. With a state in a
 * file it is on the disk with the next commit or close: after a crash before that they are handed out again, with the same bytes.
 * Errors: WEIR_E_ARG: that record was never handed out; WEIR_E_FULL: too many accounts inside one batch, commit first; WEIR_E_STATE. */
WEIR_API WEIR_MUST_CHECK weir_status weir_ack(weir_engine *engine, weir_str aud, uint64_t seq, weir_error *err);

/* Closes records that were not acknowledged by their "exp", as unconfirmed: they are never handed out again, their claims stay,
 * and the outbox has their room back. Their actions stay as open as before: a late outcome of one is understood as ever. To be called when the engine was opened, before records are handed out, and now and then.
 * *closed (may be NULL) is how many.
 * Errors: WEIR_E_SEQUENCE while decisions wait for a commit; WEIR_E_STATE, WEIR_E_FULL: none was closed. */
WEIR_API WEIR_MUST_CHECK weir_status weir_outbox_expire(weir_engine *engine, int64_t now_ms, uint64_t *closed, weir_error *err);

/* Writes the committed state to a new file at `path` (NUL-terminated), for looking at and for backup: it can be opened by others
 * while the engine goes on. Takes as long as writing the file does.
 * Errors: WEIR_E_SEQUENCE while decisions wait for a commit; WEIR_E_STATE: the file exists or cannot be written, or the state is
 *         kept in memory. */
WEIR_API WEIR_MUST_CHECK weir_status weir_snapshot(weir_engine *engine, const char *path, weir_error *err);

/* The same a little at a time, so that events need not wait: begin, then steps, each outside a group, with as many events and commits
 * between them as there are. The file holds the state as of the last step. A step copies about `bytes` (0: all the rest) and
 * waits until the disk has them. Step: WEIR_OK: the file is whole and has its name; WEIR_NONE: more is left.
 * One at a time. When it is cancelled, a step fails or the engine is closed, nothing is left of the file.
 * Errors: those of weir_snapshot; WEIR_E_SEQUENCE also when one is being written already (begin), or none (step). A step that was
 *         only called too early (decisions wait for a commit) ends nothing. */
WEIR_API WEIR_MUST_CHECK weir_status weir_snapshot_begin(weir_engine *engine, const char *path, weir_error *err);
WEIR_API WEIR_MUST_CHECK weir_status weir_snapshot_step(weir_engine *engine, size_t bytes, weir_error *err);
WEIR_API void weir_snapshot_cancel(weir_engine *engine);
/* What weir_erase did, and what it cannot do. */
typedef struct weir_erasure {
  size_t struct_size;
  uint64_t records;    /* not acknowledged yet, in which he stood: tombstones stand in their place now */
  uint64_t decisions;  /* about him, that are gone with it: executors will not see them, unless they have already */
  weir_str elsewhere;  /* where he may stand outside: "douyin/papers 1-42, wechat/li 1-7": records of those accounts that were
                        * acknowledged, or handed out, and that a log of records still holds; empty: nowhere. Lives until the next call */
} weir_erasure;

/* Erases the person whom the account `channel`/`account` knows as `id`, under all contacts: names, tags, fields, stages, claims,
 * timers; and what is said to him in records that were not acknowledged, whose places signed tombstones take. What stays: that he
 * opted out (as a hash of each contact), hashes of the events that were answered, counts that name nobody, and records that were
 * acknowledged, which executors hold: *out (may be NULL) says which. When he writes again he is a stranger. Asks for 1 MB of memory
 * while it works. A dry engine has no key: WEIR_E_KEY.
 * WEIR_NONE: nobody is known there. Errors: WEIR_E_SEQUENCE while decisions wait for a commit; WEIR_E_STATE, WEIR_E_FULL: nothing
 * was erased, try again. */
WEIR_API WEIR_MUST_CHECK weir_status weir_erase(weir_engine *engine, weir_str channel, weir_str account, weir_str id, weir_erasure *out,
                                                weir_error *err);
/* The same, without the account of it. */
WEIR_API WEIR_MUST_CHECK weir_status weir_forget(weir_engine *engine, weir_str channel, weir_str account, weir_str id, weir_error *err);

/* Writes all that is known of the person whom `channel`/`account` knows as `id` as one JSON object: contacts, name, tags, fields, what he
 * was given, stages, windows in which he may be written to, claims (as hashes), what waits for him, and what was said to him of late. `out` gets *len bytes; 1 MiB always
 * suffices unless hundreds of long texts are on their way to him (WEIR_E_LIMIT then, with nothing of use in it).
 * WEIR_NONE: nobody is known there; the object says so. Errors: WEIR_E_SEQUENCE while decisions wait for a commit. */
WEIR_API WEIR_MUST_CHECK weir_status weir_export(weir_engine *engine, weir_str channel, weir_str account, weir_str id, char *out, size_t cap,
                                                 size_t *len, weir_error *err);

/* Takes a member of a pool out until `until_ms`: nobody is given it, and who had it is given another. until_ms <= now_ms puts it back.
 * `pool` is "pack/pool".
 * Errors: WEIR_E_ARG: the rules have no such pool or member; WEIR_E_SEQUENCE while decisions wait for a commit; those of the state. */
WEIR_API WEIR_MUST_CHECK weir_status weir_pool_out(weir_engine *engine, weir_str pool, weir_str member, int64_t now_ms, int64_t until_ms,
                                                   weir_error *err);

/* Another key takes over: each account that was ever sent a record gets a last one by the old key, which decides nothing and names
 * the new one ("next_kid"). They are committed together, and wait in the outbox like others; what is decided from now on the new key
 * signs. Verifiers take the new key from the published set, so publish it there first. A state in a file remembers whose it is:
 * opened with another key it says WEIR_E_KEY.
 *
 * Memory:  none. `key` must outlive the engine, or the rotation that replaces it; the old key may be freed.
 * Returns WEIR_NONE: it is the key in use, and nothing was done.
 * Errors:  WEIR_E_SEQUENCE while decisions wait for a commit; WEIR_E_KEY: the engine is dry; WEIR_E_FULL: no room in the outbox (retry
 *          after records were acknowledged); WEIR_E_STATE. After each of them the old key signs as before. */
WEIR_API WEIR_MUST_CHECK weir_status weir_rotate(weir_engine *engine, const weir_key *key, int64_t now_ms, weir_error *err);

/* Replaces the ruleset between two events; state stays. A failed swap leaves the old one in use.
 * Errors: WEIR_E_SEQUENCE while decisions wait for a commit; WEIR_E_NOMEM. */
WEIR_API WEIR_MUST_CHECK weir_status weir_swap(weir_engine *engine, const weir_ruleset *ruleset, weir_error *err);

/* The chain's name and the environment hash that stand in the engine's records. They live as long as the engine; a swap may change the
 * environment in its place. */
WEIR_API weir_str weir_engine_chain(const weir_engine *engine);
WEIR_API weir_str weir_engine_env(const weir_engine *engine);

/* Counts since the engine was opened. events = decided + nothing + repeats + ignored + undecided; timers count apart. */
typedef struct weir_stats {
  size_t struct_size;
  uint64_t events, decided, nothing, repeats, ignored, undecided, refused;
  uint64_t actions, dropped, waiting, limits, script_errors, records, timers;
  uint64_t persons;      /* in the store now */
  uint64_t opted_out;    /* in the store now */
  uint64_t outbox;       /* records not acknowledged now */
  uint64_t expired;      /* records closed because nobody acknowledged them in time */
  /* Outcomes by what they said, each counted once; they are among `nothing`. Those of no known action are among `ignored`. */
  uint64_t sent, rejected, unconfirmed, outcomes_unknown;
  uint64_t retries;          /* rejected actions that went out again */
  uint64_t claims_returned;  /* times that all of a rule's actions were rejected, and it may fire for that person again */
  uint64_t echoes_known;     /* our own messages shown back to us, known from an outcome's platform_id */
  uint64_t echoes_unknown;   /* those we know nothing of: a human wrote in our name, or the outcome is still on its way */
  int64_t latest_ms;         /* the latest time of a call, or of a record in the state; 0: none yet. A clock behind it is wrong, or was */
  uint64_t timers_waiting;   /* in the store now; the steps of rules that come round are not among them */
  uint64_t strikes;          /* handlers stopped by their limits (the deadline apart); they are among `limits` */
  uint64_t put_aside;        /* times that a rule was put aside for three strikes in ten minutes */
  uint64_t links, unlinks;   /* contacts that were joined, by a code or a link event, and that parted again */
  uint64_t links_refused;    /* two who cannot be one */
  uint64_t codes_wrong;      /* events with a code that leads to nobody (any more) */
  uint64_t codes_limited;    /* events whose code was not looked at: too many wrong ones in this hour */
  uint64_t takeovers;        /* echoes that stayed unexplained: a human took over */
  uint64_t invitations;      /* that counted */
  uint64_t used_up;          /* times that a rule could not keep what it promises: a pool or coupons were used up */
} weir_stats;
/* Fills as much of *out as out->struct_size covers, which must be set before; 0 counts as all that this header knows. */
WEIR_API void weir_engine_stats(const weir_engine *engine, weir_stats *out);
/* The same as one JSON object, all members of weir_stats after struct_size by their names: {"events":12,"decided":3 ...}. Writes at most
 * `cap` bytes and no final NUL; *len is their number. WEIR_STATS_JSON_BYTES always suffices. Errors: WEIR_E_LIMIT: it does not fit;
 * WEIR_E_ARG. */
#define WEIR_STATS_JSON_BYTES 4096
WEIR_API WEIR_MUST_CHECK weir_status weir_stats_json(const weir_engine *engine, char *out, size_t cap, size_t *len, weir_error *err);

/* What one room of an engine holds, in bytes. `peak` is the most since the engine was opened (or swapped its ruleset); a room that
 * is not watched at every step says what it holds now. */
typedef struct weir_memory_room {
  const char *room; /* "ruleset", "matching", "scripts", "event", "records", "state", "engine" */
  size_t live, peak, limit;
} weir_memory_room;
/* Writes up to `cap` rooms and returns how many there are. The ruleset may be shared; the limits of the others are together
 * weir_engine_bound. */
WEIR_API size_t weir_memory_stats(const weir_engine *engine, weir_memory_room *rooms, size_t cap);

/* How an experiment stands: one variant of one rule. Rates are of persons who reached a goal of the rule's pack; from low to high the true
 * rate lies with 95 % (Wilson's interval). While nobody got the variant that is 0 to 1. */
typedef struct weir_variant_info {
  weir_str rule, variant; /* "pack/rule" */
  uint32_t weight;
  uint64_t persons;        /* who were given this variant */
  uint64_t sent, rejected; /* actions of the rule to them, by what became of them */
  uint64_t goals;          /* of the persons: who reached a goal */
  double rate, low, high;
  bool base;               /* the others are compared with this one: it has the most weight, and is the first of those */
  /* Its rate less that of the base, and from where to where the true difference lies with 95 % (Newcombe's interval; where several are
   * compared with the base, it is so wide that all of them together hold with 95 %). While the interval holds 0, it is too early to say. */
  double difference, difference_low, difference_high;
  uint64_t needed;         /* while it is too early: about how many persons of each would tell, if the true difference is as it looks; 0: nobody knows */
} weir_variant_info;
/* Variant `index` over all rules in deciding order; WEIR_NONE: there are no more. Texts live as long as the ruleset. Counts hold what
 * waits for a commit, too. Errors: WEIR_E_ARG, WEIR_E_STATE. */
WEIR_API WEIR_MUST_CHECK weir_status weir_engine_variant(const weir_engine *engine, size_t index, weir_variant_info *out, weir_error *err);

/* How many persons stand in a stage now, and how many ever entered it. `funnel` is "pack/funnel"; of one that nobody ever entered, or that is
 * not there, both are 0. Errors: WEIR_E_ARG, WEIR_E_STATE. */
WEIR_API WEIR_MUST_CHECK weir_status weir_stage_count(const weir_engine *engine, weir_str funnel, weir_str stage, uint64_t *now,
                                                      uint64_t *entered);

/* What happened how often on a day, by rule ("pack/rule"): that it fired ("fired"), what became of its actions ("dropped message: opted out",
 * "waiting follow: over quota: 20 a day per account", "skipped tag"; from outcomes "sent message", "rejected follow: blocked", "retrying ..",
 * "unconfirmed .."), steps of funnels ("entered papers/asked", "left ..", "converted papers"). Kept for 400 days, in the state. */
typedef struct weir_count {
  weir_str name, what; /* live until the callback returns */
  int64_t day;         /* from 1970-01-01, in the time zone of the rule's pack */
  uint64_t cnt;
} weir_count;
/* Tells all that was counted on `first_day` (as in weir_count) and later, in no order. `tell` must not call the engine.
 * Errors: WEIR_E_ARG, WEIR_E_STATE: some may have been told. */
WEIR_API WEIR_MUST_CHECK weir_status weir_each_count(const weir_engine *engine, int64_t first_day, void (*tell)(void *ctx, const weir_count *count),
                                                     void *ctx, weir_error *err);

/* ---------------------------------------------------------------- reports */

typedef struct weir_report_summary {
  int64_t latest_ms;       /* time of the last change */
  uint64_t persons, opted_out, timers_waiting, outbox; /* as in weir_stats */
} weir_report_summary;

/* Somebody came to a stage for the first time. */
typedef struct weir_step {
  uint64_t person;         /* a number that means nothing outside the state */
  weir_str funnel, stage;  /* "pack/funnel" */
  int64_t at_ms;
} weir_step;

typedef struct weir_stage_stats {
  weir_str funnel, stage;
  uint64_t now, entered;   /* who stand there; who ever came, those forgotten since included */
} weir_stage_stats;

/* An outbound action of which no outcome has said what became of it. */
typedef struct weir_open_action {
  weir_str rule, kind;     /* kind is empty while it waits */
  const char *status;      /* "waiting": not out yet; "retrying"; "open"; "unconfirmed": nobody has said within 8 days */
} weir_open_action;

/* How much of a quota of an account, or of a pool's member, is used. */
typedef struct weir_usage {
  weir_str channel, account;
  weir_str pool;           /* "pack/pool"; then channel and account are empty */
  weir_str name;           /* of the quota, "20 a day per account"; or of the pool's member */
  const weir_str *kinds;   /* actions that the quota counts; none: all that the platform sees */
  size_t kind_cnt;
  uint64_t used, max;
} weir_usage;

/* Who is told what. Any callback may be NULL. All texts live until the callback returns, which must not call the engine. */
typedef struct weir_report {
  size_t struct_size;
  const weir_ruleset *ruleset; /* whose quotas, pools and experiments are meant; NULL: the engine's own, and none for a file */
  void *ctx;
  void (*summary)(void *ctx, const weir_report_summary *summary); /* once, first */
  void (*count)(void *ctx, const weir_count *count);
  void (*stage)(void *ctx, const weir_stage_stats *stage);        /* that anybody ever entered, in no order */
  void (*step)(void *ctx, const weir_step *step);                 /* of people who are known, those of one person together */
  void (*action)(void *ctx, const weir_open_action *action);
  void (*usage)(void *ctx, const weir_usage *usage);
  void (*variant)(void *ctx, const weir_variant_info *variant);   /* of the ruleset's experiments, those of one rule together */
} weir_report;

/* Tells what the state of an engine holds. Goes through all people: 100,000 of them with three steps each take about 0.2 s.
 * Errors: WEIR_E_SEQUENCE while decisions wait for a commit; WEIR_E_STATE; WEIR_E_ARG. */
WEIR_API WEIR_MUST_CHECK weir_status weir_report_engine(weir_engine *engine, const weir_report *report, weir_error *err);

/* The same of a state file or a snapshot that no engine uses; nothing in it is changed, but that one of an older version is brought up to
 * date and what a kill left in its log is taken in, as when an engine opens it.
 * Errors: WEIR_E_IO: it is not there; WEIR_E_STATE: it is in use, damaged or no state file; WEIR_E_NOMEM; WEIR_E_ARG. */
WEIR_API WEIR_MUST_CHECK weir_status weir_report_file(const char *path, const weir_report *report, weir_error *err);

/* Replaces each maximal invalid part of a text by U+FFFD (Unicode 15, section 3.9), for hosts that would rather answer a broken
 * text than refuse it. 3 * text.len bytes always suffice; false: `out` is too small, and nothing of use was written. */
WEIR_API WEIR_MUST_CHECK bool weir_utf8_repair(weir_str text, char *out, size_t cap, size_t *len);

/* ---------------------------------------------------------------- checking records */

/* Public keys, from a JWK or a JWK Set of at most 32 keys and 64 KiB. `json` is not kept.
 * Errors: WEIR_E_FORMAT, WEIR_E_LIMIT, WEIR_E_NOMEM; WEIR_E_KEY: no Ed25519 key in it, or one that is wrong. */
typedef struct weir_keyset weir_keyset;
WEIR_API WEIR_MUST_CHECK weir_status weir_keyset_parse(weir_keyset **out, weir_str json, weir_error *err);
WEIR_API void weir_keyset_free(weir_keyset *keys);
/* Whether a key came with its private part, which is passed over: checking does not need it, and whoever has it can sign. */
WEIR_API bool weir_keyset_has_private(const weir_keyset *keys);

/* A log check: give it every line in order. It holds the head of each chain and aud it has seen, and which key signs there: another one
 * is believed when a record of the former names it ("next_kid") and it is in the set. Takes about 2.5 MB, at open. */
typedef struct weir_verifier weir_verifier;

typedef struct weir_verify_config {
  size_t struct_size;
  const weir_keyset *keys; /* needed; must outlive the verifier */
  weir_str issuer;         /* empty: any */
  weir_str aud;            /* empty: any; else lines for another are errors */
  int64_t now_ms;          /* 0: exp is not checked */
} weir_verify_config;

typedef enum weir_check {
  WEIR_CHECK_GOOD = 0,
  WEIR_CHECK_REDELIVERED = 1, /* the same line again: harmless */
  WEIR_CHECK_GAP = 2,         /* good by itself, but records before it are missing */
  WEIR_CHECK_BAD = 3          /* *err says why; the verifier's heads did not move */
} weir_check;

/* issuer and aud are not kept. Errors: WEIR_E_ARG: no keys, a time before 1970, struct_size unknown; WEIR_E_LIMIT: issuer or aud is longer
 * than a record; WEIR_E_NOMEM. */
WEIR_API WEIR_MUST_CHECK weir_status weir_verifier_open(weir_verifier **out, const weir_verify_config *config, weir_error *err);
WEIR_API void weir_verifier_close(weir_verifier *verifier);
/* Checks one line (without its line end). WEIR_OK whenever the line could be judged, BAD included: *err then says why, for GAP
 * too. *claims is the payload's JSON when it is not BAD, and lives until the next call. WEIR_E_LIMIT: more chains and accounts than a verifier follows. */
WEIR_API WEIR_MUST_CHECK weir_status weir_verify_line(weir_verifier *verifier, weir_str line, weir_check *check, weir_str *claims,
                                                      weir_error *err);

/* The last record of an account's chain: what has to be known to see that the end of a log was cut off, which no line of it tells. */
typedef struct weir_head {
  weir_str aud;  /* channel/account */
  uint64_t seq;
  char hash[44]; /* SHA-256 of the record's line in base64url, as "prev" of the next record has it */
  bool other;    /* of a missing one: the log has another record with this aud and seq */
} weir_head;
/* The log must hold this record. To be said before its line is checked. Errors: WEIR_E_FORMAT, WEIR_E_ARG, WEIR_E_LIMIT. */
WEIR_API WEIR_MUST_CHECK weir_status weir_verifier_want(weir_verifier *verifier, weir_str aud, uint64_t seq, weir_str hash, weir_error *err);
/* After the last line: the index-th record that was wanted and did not come, while there is one. `aud` lives as long as the verifier. */
WEIR_API bool weir_verifier_missing(const weir_verifier *verifier, size_t index, weir_head *out);
/* The index-th head of the lines checked so far, in no order, while there is one. */
WEIR_API bool weir_verifier_head(const weir_verifier *verifier, size_t index, weir_head *out);

/* The claim set of a record, unverified: for showing. `out` gets at most `cap` bytes, without NUL; *len is the full length, which may be more.
 * Errors: WEIR_E_ARG; WEIR_E_FORMAT, WEIR_E_LIMIT: no JWS of ours. */
WEIR_API WEIR_MUST_CHECK weir_status weir_record_claims(weir_str jws, char *out, size_t cap, size_t *len, weir_error *err);

#ifdef __cplusplus
}
#endif
#endif
