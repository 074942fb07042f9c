/* init_template.c: the packs that `weir init` can write, filled with the answers. */
#include <stdlib.h>
#include <string.h>

#include "init.h"
#include "templates.h"

static const struct {
  const char *name;
  const unsigned char *text;
} sources[] = {
  { "comment-to-message", weir_tmpl_comment_to_message }, { "official-account", weir_tmpl_official_account },
  { "group-invitation", weir_tmpl_group_invitation },     { "win-back", weir_tmpl_win_back },
  { "check-in", weir_tmpl_check_in },                     { "head", weir_tmpl_head },
  { "stop", weir_tmpl_stop },
};
enum { SOURCES = sizeof sources / sizeof *sources, TEMPLATES = SOURCES - 2 }; /* the last two are parts of the others */

static const char *source(const char *name, size_t len) {
  for (size_t i = 0; i < SOURCES; i++) {
    if (strlen(sources[i].name) == len && memcmp(sources[i].name, name, len) == 0) return (const char *)sources[i].text;
  }
  return NULL;
}

/* The line at *at, without its end; *at is the next one's beginning. */
static weir_str next_line(const char **at) {
  weir_str line = { *at, strcspn(*at, "\n") };
  *at += line.len + ((*at)[line.len] == '\n');
  return line;
}

static bool begins(weir_str line, const char *with) { return line.len >= strlen(with) && memcmp(line.ptr, with, strlen(with)) == 0; }

/* ---- what it says of itself */

static void copy(char *out, size_t cap, weir_str s) { snprintf(out, cap, "%.*s", FMT(s)); }

static void split(weir_str words, struct init_list *out) {
  size_t cnt = 0;
  while (words.len && cnt < INIT_LIST_MAX - 1) {
    const char *space = memchr(words.ptr, ' ', words.len);
    size_t len = space ? (size_t)(space - words.ptr) : words.len;
    if (len) copy(out->words[cnt++], sizeof out->words[0], (weir_str){ words.ptr, len });
    words.ptr += len + (space ? 1 : 0);
    words.len -= len + (space ? 1 : 0);
  }
}

static weir_str behind(weir_str line, const char *head) { return (weir_str){ line.ptr + strlen(head), line.len - strlen(head) }; }

bool init_template(size_t index, struct init_template *out) {
  if (index >= TEMPLATES) return false;
  const char *at = (const char *)sources[index].text;
  memset(out, 0, sizeof *out);
  out->name = sources[index].name;
  for (weir_str line = next_line(&at); !begins(line, "=== ") && *at; line = next_line(&at)) {
    if (begins(line, "says: ")) copy(out->says, sizeof out->says, behind(line, "says: "));
    if (begins(line, "channels: ")) split(behind(line, "channels: "), &out->channels);
    if (begins(line, "deliver: ")) split(behind(line, "deliver: "), &out->ways);
  }
  return true;
}

bool init_listed(const struct init_list *list, const char *word) {
  for (size_t i = 0; i < INIT_LIST_MAX && list->words[i][0]; i++) {
    if (strcmp(list->words[i], word) == 0) return true;
  }
  return false;
}

/* ---- filling */

static bool is(weir_str word, const char *what) { return word.len == strlen(what) && memcmp(word.ptr, what, word.len) == 0; }

/* "link|file": one of the words is an answer. */
static bool one_holds(const struct init_answers *a, weir_str words) {
  while (words.len) {
    const char *bar = memchr(words.ptr, '|', words.len);
    weir_str word = { words.ptr, bar ? (size_t)(bar - words.ptr) : words.len };
    if (is(word, a->lang) || is(word, a->way) || is(word, a->channel)) return true;
    words = bar ? (weir_str){ bar + 1, words.len - word.len - 1 } : (weir_str){ NULL, 0 };
  }
  return false;
}

/* Takes the [condition] off a line; false: it does not hold. */
static bool holds(const struct init_answers *a, weir_str *line) {
  const char *end = line->len && line->ptr[0] == '[' ? memchr(line->ptr, ']', line->len) : NULL;
  bool all = true;
  if (!end) return true;
  weir_str rest = { line->ptr + 1, (size_t)(end - line->ptr) - 1 };
  while (rest.len) {
    const char *space = memchr(rest.ptr, ' ', rest.len);
    size_t len = space ? (size_t)(space - rest.ptr) : rest.len;
    all = all && one_holds(a, (weir_str){ rest.ptr, len });
    rest = space ? (weir_str){ space + 1, rest.len - len - 1 } : (weir_str){ NULL, 0 };
  }
  size_t used = (size_t)(end - line->ptr) + 1;
  if (used < line->len && line->ptr[used] == ' ') used++;
  *line = (weir_str){ line->ptr + used, line->len - used };
  return all;
}

static const char *answer(const struct init_answers *a, weir_str name) {
  if (is(name, "offer")) return a->offer;
  if (is(name, "deliver")) return a->deliver;
  if (is(name, "channel")) return a->channel;
  if (is(name, "account")) return a->account;
  return a->pack; /* "pack" */
}

/* Answers stand in quotes. */
static void put_quoted(FILE *out, const char *text) {
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') fputc('\\', out);
    fputc(*text, out);
  }
}

static void put_line(const struct init_answers *a, weir_str line, FILE *out) {
  size_t at = 0;
  while (at < line.len) {
    const char *end = begins((weir_str){ line.ptr + at, line.len - at }, "<<") ? memchr(line.ptr + at, '>', line.len - at) : NULL;
    if (end) {
      weir_str name = { line.ptr + at + 2, (size_t)(end - line.ptr) - at - 2 };
      put_quoted(out, answer(a, name));
      at += name.len + 4;
    } else {
      fputc(line.ptr[at++], out);
    }
  }
  fputc('\n', out);
}

/* The lines of a part, or of one file of a template: up to the next file's head. */
static void put_lines(const struct init_answers *a, const char **at, FILE *out) {
  while (**at && strncmp(*at, "=== ", 4) != 0) {
    weir_str line = next_line(at);
    const char *part = line.len && line.ptr[0] == '@' ? source(line.ptr + 1, line.len - 1) : NULL;
    if (part) put_lines(a, &part, out); /* parts have no parts */
    else if (holds(a, &line)) put_line(a, line, out);
  }
}

static bool fill_file(const struct init_answers *a, const char *name, const char **at, init_file_fn *file, void *ctx) {
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  if (!out) return false;
  put_lines(a, at, out);
  bool good = !ferror(out);
  good = fclose(out) == 0 && good && file(ctx, name, text);
  free(text);
  return good;
}

bool init_fill(const struct init_answers *answers, init_file_fn *file, void *ctx) {
  const char *at = source(answers->about.name, strlen(answers->about.name));
  bool good = at != NULL;
  while (good && *at) {
    weir_str line = next_line(&at);
    char name[64];
    if (!begins(line, "=== ")) continue;
    copy(name, sizeof name, behind(line, "=== "));
    good = fill_file(answers, name, &at, file, ctx);
  }
  return good;
}
