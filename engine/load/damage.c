/* damage.c: what is left of a file that Lua cannot read, or not to its end. The declaration around a slip is blanked out, so that the rest
 * can be read and its errors told too; what it would have declared gets an empty declaration of its name, so that nobody is told that it
 * is missing.
 *
 * A declaration reaches from its word at the beginning of a line to the next such line. Where that cannot be seen nothing is guessed: the
 * rest of the file is not read. */
#include "limits.h"
#include "load/load.h"

/* A line that begins with a declaration, or with a statement of Lua. */
struct head {
  struct weir_token word, next;  /* next: the name, or what else stands behind the word */
  struct weir_token third;
  bool declares;
};

bool weir_load_declares(const struct weir_token *token) {
  size_t cnt;
  const struct weir_load_key *words = weir_load_keys(WEIR_LOAD_KEYS_DECLARATION, &cnt);
  for (size_t i = 0; token->kind == WEIR_TOKEN_NAME && i < cnt; i++)
    if (weir_token_is(token, words[i].name)) return true;
  return false;
}

static bool is_statement(const struct weir_token *token) {
  static const char *const words[] = { "local", "function", "for", "if", "while", "repeat", "do", "return", "goto" };
  for (size_t i = 0; token->kind == WEIR_TOKEN_NAME && i < sizeof words / sizeof *words; i++)
    if (weir_token_is(token, words[i])) return true;
  return false;
}

/* The word as a key (`account = ...`) begins nothing. */
static bool begins_something(struct weir_scan ahead, struct head *head) {
  weir_scan_next(&ahead, &head->next);
  weir_scan_next(&ahead, &head->third);
  if (is_statement(&head->word)) return true;
  head->declares = weir_load_declares(&head->word) && !weir_token_is(&head->next, "=") && !weir_token_is(&head->next, ",");
  return head->declares;
}

static size_t line_end(weir_str source, size_t at) {
  while (at < source.len && source.ptr[at] != '\n' && source.ptr[at] != '\r') at++;
  return at;
}

/* A text or comment that is not closed would hide all that follows: it is taken to end with its line. Each was looked for to the end of
 * the file, so after a few the rest is left to the next reading. */
static void leave_open(struct weir_scan *scan, const struct weir_token *open) {
  if (open->kind != WEIR_TOKEN_OPEN) return;
  bool more = scan->open_cnt < WEIR_SYNTAX_OPEN_MAX;
  size_t end = more ? line_end(scan->source, open->at) : scan->source.len;
  *scan = (struct weir_scan){ .source = scan->source, .at = end, .line_at = end, .line = open->line, .open_cnt = scan->open_cnt + 1 };
}

static bool next_head(struct weir_scan *scan, struct head *head) {
  for (;;) {
    *head = (struct head){ .declares = false };
    weir_scan_next(scan, &head->word);
    if (head->word.kind == WEIR_TOKEN_END) return false;
    leave_open(scan, &head->word);
    if (head->word.kind == WEIR_TOKEN_NAME && head->word.column == 1 && begins_something(*scan, head)) return true;
  }
}

static enum weir_decl_kind kind_of(const struct weir_token *word) {
  enum weir_decl_kind kind = WEIR_DECL_PACK;
  while (kind < WEIR_DECL_RULE && !weir_token_is(word, weir_decl_word(kind).ptr)) kind++;
  return kind;
}

/* The name of what is declared, without its quotes; words.name too. */
static weir_str name_of(const struct head *head) {
  weir_str text = head->next.text;
  if (weir_token_is(&head->next, ".")) return head->third.kind == WEIR_TOKEN_NAME ? head->third.text : (weir_str){ 0 };
  if (head->next.kind != WEIR_TOKEN_STRING || text.len < 2 || text.ptr[0] == '[') return (weir_str){ 0 };
  return (weir_str){ text.ptr + 1, text.len - 2 };
}

static bool is_mended(const struct weir_load *load, const struct head *head) {
  for (uint32_t i = 0; i < load->mended_cnt; i++)
    if (load->mended[i] == head->word.line) return true;
  return false;
}

/* Whether the line that begins with `head` includes a file. */
static bool includes(weir_str source, const struct head *head) {
  struct weir_scan scan;
  struct weir_token token;
  weir_scan_begin(&scan, source, head->word.at, head->word.line);
  do weir_scan_next(&scan, &token);
  while (token.kind != WEIR_TOKEN_END && token.line == head->word.line && !weir_token_is(&token, "include"));
  return weir_token_is(&token, "include");
}

/* A file that packs share may be read for each file of a pack. */
static bool is_declared(const struct weir_decl_list *list, uint32_t file, uint32_t line) {
  const struct weir_decl *d = list->first;
  while (d && (d->file != file || d->line != line)) d = d->next;
  return d != NULL;
}

/* A word list needs a word to be one. */
static bool stand_in(struct weir_load *load, uint32_t file, const struct head *head) {
  if (weir_token_is(&head->word, "include")) return weir_load_unread(load, file), true;
  enum weir_decl_kind kind = kind_of(&head->word);
  struct weir_decl_list *list = &load->decls[kind];
  weir_str name = name_of(head);
  struct weir_decl *decl;
  if (weir_load_is_shared(load, file) && (kind != WEIR_DECL_WORDS || is_declared(list, file, head->word.line))) return true;
  if (kind == WEIR_DECL_PACK || !name.len || name.len > WEIR_LOAD_NAME_MAX) return true; /* nothing refers to it */
  decl = weir_arena_zalloc(&load->work, sizeof(*decl));
  if (!decl || !weir_arena_str(&load->work, name, &decl->name)) return false;
  decl->kind = kind;
  decl->state = WEIR_DECL_CLOSED;
  decl->file = file;
  decl->line = head->word.line;
  decl->hurt = true;
  decl->body.kind = kind == WEIR_DECL_WORDS ? WEIR_VALUE_STR : WEIR_VALUE_NIL;
  if (kind == WEIR_DECL_WORDS) decl->body.u.s = decl->name;
  if (list->last) list->last->next = decl;
  else list->first = decl;
  list->last = decl;
  decl->seq = list->cnt++;
  return true;
}

weir_status weir_load_not_read(struct weir_load *load, uint32_t file, weir_str source, uint32_t behind) {
  struct weir_scan scan;
  struct head head;
  weir_scan_begin(&scan, source, 0, 1);
  while (next_head(&scan, &head)) {
    if (!head.declares && head.word.line >= behind && includes(source, &head)) weir_load_unread(load, file);
    if (head.declares && head.word.line > behind && !is_mended(load, &head) && !stand_in(load, file, &head)) return weir_load_no_memory(load);
  }
  return WEIR_OK;
}

static void blank(char *source, size_t from, size_t to) {
  for (size_t i = from; i < to; i++)
    if (source[i] != '\n' && source[i] != '\r') source[i] = ' ';
}

/* A comment that is never closed: all that is wrong is its line. */
static bool blank_comment(char *source, size_t len, uint32_t line) {
  struct weir_scan scan;
  struct weir_token token;
  weir_scan_begin(&scan, (weir_str){ source, len }, 0, 1);
  do weir_scan_next(&scan, &token);
  while (token.kind != WEIR_TOKEN_END && token.line < line);
  while (token.line == line && token.kind != WEIR_TOKEN_END && token.kind != WEIR_TOKEN_OPEN) weir_scan_next(&scan, &token);
  if (token.line != line || token.kind != WEIR_TOKEN_OPEN || token.text.ptr[0] != '-') return false;
  blank(source, token.at, line_end((weir_str){ source, len }, token.at));
  return true;
}

bool weir_load_mend(struct weir_load *load, uint32_t file, char *source, size_t len, const struct weir_load_damage *damage) {
  struct weir_scan scan;
  struct head head, hurt = { .declares = false };
  size_t end = len;
  bool found = false;
  if (blank_comment(source, len, damage->last)) return true;
  weir_scan_begin(&scan, (weir_str){ source, len }, 0, 1);
  while (next_head(&scan, &head)) {
    if (head.word.line > damage->last || (head.word.line == damage->last && damage->before)) {
      end = head.word.at;
      break;
    }
    if (head.word.line > damage->first) continue; /* the slip runs through it */
    hurt = head;
    found = true;
  }
  if (!found || !hurt.declares) return false;
  if (!stand_in(load, file, &hurt)) {
    weir_load_no_memory(load);
    return false;
  }
  if (load->mended_cnt < WEIR_SYNTAX_ERRORS_MAX) load->mended[load->mended_cnt++] = hurt.word.line;
  blank(source, hurt.word.at, end);
  return true;
}
