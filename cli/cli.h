/* cli/: the command `weir`. One file a subcommand; uses include/weir.h only, so it is also the first of the hosts. Here, and
 * only here, is input and output, the clock, the environment.
 *
 * cli.h: what the subcommands share. */
#ifndef WEIR_CLI_H
#define WEIR_CLI_H

#include <stdio.h>

#include "weir.h"

/* Exit status of every command. */
enum { EXIT_GOOD = 0, EXIT_PROBLEMS = 1, EXIT_BROKEN = 2 };

int cmd_run(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_try(int argc, char **argv);
int cmd_key(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_test(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_forget(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_control(int argc, char **argv);

/* For "%.*s". */
#define FMT(s) (int)(s).len, ((s).len ? (s).ptr : "")

/* ---- print.c */

enum paint { PLAIN = 0, BOLD, DIM, RED, GREEN, YELLOW, CYAN };
/* The escape sequence for `paint` when `out` is a terminal and NO_COLOR is not set; else "". PLAIN ends it. */
const char *paint(FILE *out, enum paint paint);
/* "weir run: message (place)" on stderr. */
void complain(const char *command, const weir_error *err);
void complain_text(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Text for a terminal: control characters as \xNN, so that no comment can move the cursor. */
void print_text(FILE *out, weir_str text);
/* The same from column `at` on, broken between words on a terminal, `hang` columns before each further line. */
void print_message(FILE *out, weir_str message, size_t at, size_t hang);
/* The text as a JSON string. */
void print_json_string(FILE *out, weir_str text);
/* One finding of the loader, as compilers print them: place, message, source line, caret. */
void print_diagnostic(FILE *out, const weir_diagnostic *d);
/* The actions of a verdict, a line each. */
void print_actions(FILE *out, const weir_verdict *verdict, const char *indent);
/* "2 h 5 min"; at most 24 bytes with the NUL. */
const char *duration_text(double seconds, char out[24]);

/* ---- wrap.c */

/* Columns that the text takes on a terminal. */
size_t text_columns(weir_str text);
/* Of the terminal; 0: it is none, or too narrow to lay anything out. */
size_t terminal_columns(FILE *out);
struct setting {
  size_t at;      /* the column where it begins */
  size_t gap;     /* spaces before the first word */
  size_t hang;    /* columns before each further line */
  size_t columns; /* of a line */
};
/* Prints the words of `text`; gives back the column behind the last. */
size_t print_words(FILE *out, weir_str text, struct setting set);
/* The same on a terminal; elsewhere the text as it is. */
void print_wrapped(FILE *out, weir_str text, size_t at, size_t hang);
/* What of a line fits `columns`, around its byte `byte`, "..." at both ends included; columns 0: all of it. */
struct cut {
  weir_str text;
  size_t byte;         /* likewise, in the text */
  bool before, behind; /* something is left out there */
};
struct cut cut_line(weir_str line, size_t byte, size_t columns);

/* ---- help.c */

/* A help text, broken into lines of at most 80 columns. */
void print_help(FILE *out, const char *help);

/* ---- files.c */

/* The whole file with a NUL behind it (to be freed), "-" for stdin; NULL after a message. */
char *read_file(const char *command, const char *path, size_t max, size_t *len);
/* Writes a file of a folder that the command has made. false after a message. */
/* Puts `text` in the place of a file, which is there whole, before or after, whatever happens. false after a message. */
bool replace_file(const char *command, const char *path, const char *text);
bool write_into(const char *command, const char *folder, const char *name, const char *text);
/* The last part of the folder's path as a pack's name; `other` when nothing of it can be one. */
void name_of_folder(const char *folder, char out[48], const char *other);
/* One line at a time from a file descriptor, of bounded length. */
struct lines {
  int fd;
  char *buf;
  size_t start, end, cap;
  uint64_t number;  /* of the line handed out last */
  bool ended;       /* the input is at its end */
  bool skipping;    /* inside a line that is too long */
};
enum lines_result { LINES_LINE, LINES_EMPTY, LINES_END, LINES_TOO_LONG, LINES_ERROR };
bool lines_open(struct lines *lines, int fd, size_t longest);
void lines_close(struct lines *lines);
/* The next complete line that is already in the buffer (without its end); LINES_EMPTY: lines_fill first. */
enum lines_result lines_next(struct lines *lines, weir_str *line);
/* Reads once from the descriptor (blocking). LINES_ERROR: errno says why. */
enum lines_result lines_fill(struct lines *lines);
/* Whether a read would not block; waits up to timeout_ms (-1: for ever). */
bool lines_ready(const struct lines *lines, int timeout_ms);

/* ---- orders.c */

/* "channel/account/id": ids may hold slashes, the others do not. */
bool person_read(weir_str text, weir_str part[3]);
struct pool_order {
  weir_str pool, member;
  int64_t seconds; /* how long it rests; 0: it comes back */
};
/* "out PACK/POOL MEMBER SECONDS", "in PACK/POOL MEMBER"; a member's name may hold spaces. */
bool pool_read(weir_str text, struct pool_order *out);

/* ---- cmd_control.c */

/* A stream to the running weir that listens at `path`; NULL after a message. */
FILE *call_control(const char *command, const char *path);

/* ---- rules_and_keys.c */

/* Where time zones are, when TZDIR says so; else NULL. */
const char *zone_folder(void);
/* Loads the rules and prints every finding to stderr; NULL: they cannot be used. `jit`: regexes become machine code. */
weir_ruleset *load_rules(const char *command, const char *path, bool jit);
/* The signing key in the file; when there is none and `make` is set, a new one is made there and said so. NULL after a message. */
weir_key *load_key(const char *command, const char *path, bool make);
/* Writes a new key file, readable by its owner only; never over an existing one. */
bool write_key(const char *command, const char *path, const weir_key *key);

/* ---- key_files.c */

enum { KEY_PATH_MAX = 4096, KEY_SET_BYTES = 3 * WEIR_JWK_BYTES };
/* The name of KEY.next or KEY.old. false after a message. */
bool key_beside(const char *command, const char *path, const char *suffix, char out[KEY_PATH_MAX]);
bool key_is_there(const char *path);
bool key_is_same(const weir_key *a, const weir_key *b);
/* A new name is on the disk when its folder is. */
bool sync_folder_of(const char *path);
/* The JWK Set of up to three keys, the same one once, as a line. */
bool key_set(const char *command, const weir_key *const *keys, size_t cnt, char out[KEY_SET_BYTES]);
/* Before the change: KEY is KEY.old too. When the change did not happen: it is not. After it: KEY.next is KEY. */
bool key_keep_old(const char *command, const char *path);
void key_forget_old(const char *path);
bool key_take_next(const char *command, const char *path);
/* Opens an engine with the key of file `path`, which is in config and *key. Where a change of key was cut off between the state and
 * the files, it is finished: then *key is the new one. */
weir_status open_with_key(const char *command, const char *path, weir_config *config, weir_key **key, weir_engine **out, weir_error *err);

/* Takes and acknowledges every record of an engine whose records nobody wants, so that they do not fill its outbox. */
bool drain_outbox(weir_engine *engine, weir_error *err);

#define KEY_FILE "weir-key.json"
#define STATE_FILE "weir.db"

#endif
