/* reference_doc.c: prints every word of rule files, as the library tells of them (weir_word): for people, and for editors.
 *   reference_doc > reference.md
 *   reference_doc lua > weir-meta.lua     definitions for LuaLS, which VS Code, vim and others use */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weir.h"

static const struct section {
  weir_word_sort sort;
  const char *heading, *says;
} sections[] = {
  { WEIR_WORD_DECLARATION, "What a file is made of", "A pack is a folder of .lua files, read in the order of their names." },
  { WEIR_WORD_RULE, "rule", "Beside these, a rule has gates and actions." },
  { WEIR_WORD_GATE, "Gates", "Keys of a rule that decide whether it fires. All must let the event through." },
  { WEIR_WORD_ACTION, "Actions", "Keys of a rule that say what it does; in a handler they are e:reply(...), e:tag(...)." },
  { WEIR_WORD_HANDLER, "Handlers", "What `e` has in run = function(e) ... end, beside the actions and e:after(\"2h\", \"rule\"). A handler that gives back false has not fired." },
  { WEIR_WORD_EVENT, "Events", "What `on` takes." },
  { WEIR_WORD_PACK, "pack", "Keys of pack { ... }." },
  { WEIR_WORD_ACCOUNT, "account", "Keys of account \"channel/name\" { ... }. An action is a key, too: follow = \"api\", \"device\" or \"none\" says who can do it." },
  { WEIR_WORD_CHANNEL, "channel", "Keys of channel \"name\" { ... }; actions as in account." },
  { WEIR_WORD_FUNNEL, "funnel", "Keys of funnel \"name\" { ... }." },
  { WEIR_WORD_POOL, "pool", "Keys of pool \"name\" { ... }, beside its members." },
  { WEIR_WORD_COUPON, "coupon", "Keys of coupon \"name\" { ... }, beside its codes." },
  { WEIR_WORD_SEGMENT, "segment", "Keys of segment \"name\" { ... }." },
};
enum { SECTIONS = sizeof sections / sizeof *sections };

/* ---- for people */

static void put_cell(FILE *out, weir_str text) {
  for (size_t i = 0; i < text.len; i++) {
    if (text.ptr[i] == '|') fputc('\\', out);
    fputc(text.ptr[i], out);
  }
}

static void print_reference(FILE *out) {
  fprintf(out, "# The words of rule files\n\nMade by `make docs` from the tables that the loader reads with: what is not here is an error in a rule file.\n");
  for (int i = 0; i < SECTIONS; i++) {
    weir_word_info word;
    fprintf(out, "\n## %s\n\n%s\n\n| word | takes | |\n| --- | --- | --- |\n", sections[i].heading, sections[i].says);
    for (size_t k = 0; weir_word(sections[i].sort, k, &word); k++) {
      fprintf(out, "| `%.*s` | ", (int)word.name.len, word.name.ptr);
      put_cell(out, word.takes);
      fputs(" | ", out);
      put_cell(out, word.says);
      fputs(" |\n", out);
    }
  }
}

/* ---- for editors: types out of what a word takes, such as: a text, texts to choose one from, or { text, after } */

static bool begins(const char *text, size_t len, const char *with) { return len >= strlen(with) && memcmp(text, with, strlen(with)) == 0; }

static const char *type_of_form(const char *form, size_t len) {
  if (begins(form, len, "true") || begins(form, len, "false")) return "boolean";
  if (begins(form, len, "{") || begins(form, len, "a list") || begins(form, len, "texts")) return "table";
  if (begins(form, len, "a number")) return "number";
  if (begins(form, len, "a function")) return "function";
  if (begins(form, len, "a share")) return "number|string";
  if (begins(form, len, "nil")) return "nil";
  return begins(form, len, "\"") || begins(form, len, "a ") || begins(form, len, "an ") || begins(form, len, "the ") ? "string" : NULL;
}

/* Up to the next comma, semicolon or "or" that stands in no bracket and no quotes. */
static size_t form_len(const char *text, size_t len) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < len; i++) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted) continue;
    depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
    if (depth == 0 && (text[i] == ',' || text[i] == ';' || begins(text + i, len - i, " or "))) return i;
  }
  return len;
}

/* "string|table". */
static void print_type(weir_str takes, FILE *out) {
  bool any = false;
  const char *put[8];
  size_t cnt = 0;
  for (size_t at = 0; at < takes.len;) {
    while (at < takes.len && strchr(",; ", takes.ptr[at])) at++;
    if (begins(takes.ptr + at, takes.len - at, "or ")) at += 3;
    size_t len = form_len(takes.ptr + at, takes.len - at);
    const char *type = type_of_form(takes.ptr + at, len);
    bool known = type == NULL;
    for (size_t i = 0; type && i < cnt; i++) known = known || put[i] == type;
    if (!known && cnt < sizeof put / sizeof *put) {
      fprintf(out, "%s%s", any ? "|" : "", type);
      put[cnt++] = type;
      any = true;
    }
    at += len;
  }
  if (!any) fputs("any", out);
}

/* Where an editor can know more than the kind of value. */
static const struct {
  weir_word_sort sort;
  const char *name, *type;
} closer_types[] = {
  { WEIR_WORD_RULE, "on", "weir.event|string|(weir.event|string)[]" },
  { WEIR_WORD_RULE, "run", "fun(e: weir.handler): boolean?" },
  { WEIR_WORD_RULE, "mode", "\"word\"|\"contains\"|\"equal\"|\"prefix\"" },
  { WEIR_WORD_CHANNEL, "events", "(weir.event|string)[]" },
};

static void print_fields(weir_word_sort sort, FILE *out) {
  weir_word_info word;
  for (size_t i = 0; weir_word(sort, i, &word); i++) {
    fprintf(out, "---@field %.*s%s ", (int)word.name.len, word.name.ptr, sort == WEIR_WORD_HANDLER ? "" : "?");
    const char *closer = NULL;
    for (size_t k = 0; k < sizeof closer_types / sizeof *closer_types; k++)
      if (closer_types[k].sort == sort && word.name.len == strlen(closer_types[k].name) && begins(word.name.ptr, word.name.len, closer_types[k].name)) closer = closer_types[k].type;
    if (closer) fputs(closer, out);
    else print_type(word.takes, out);
    fprintf(out, " %.*s %s: %.*s\n", (int)word.says.len, word.says.ptr, sort == WEIR_WORD_HANDLER ? "Is" : "Takes", (int)word.takes.len, word.takes.ptr);
  }
}

static void print_class(const char *name, weir_word_sort sort, FILE *out) {
  fprintf(out, "\n---@class (exact) weir.%s\n", name);
  if (sort == WEIR_WORD_POOL || sort == WEIR_WORD_COUPON) fputs("---@field [integer] string what is given out\n", out);
  print_fields(sort, out);
}

/* Accounts and channels say of actions who can do them. */
static void print_abilities(FILE *out) {
  weir_word_info word;
  for (size_t i = 0; weir_word(WEIR_WORD_ACTION, i, &word); i++)
    fprintf(out, "---@field %.*s? \"api\"|\"device\"|\"none\" who can do that, if the platform sees it\n", (int)word.name.len, word.name.ptr);
}

static void print_handler(FILE *out) {
  weir_word_info word;
  print_class("handler", WEIR_WORD_HANDLER, out);
  fputs("local handler = {}\n", out);
  for (size_t i = 0; weir_word(WEIR_WORD_ACTION, i, &word); i++) {
    fprintf(out, "\n--- %.*s\n---@param what? ", (int)word.says.len, word.says.ptr);
    print_type(word.takes, out);
    fprintf(out, " %.*s\nfunction handler:%.*s(what) end\n", (int)word.takes.len, word.takes.ptr, (int)word.name.len, word.name.ptr);
  }
  fputs("\n--- Runs a rule of this pack with on = \"timer\" later.\n---@param when string a length of time such as \"2h\"\n---@param rule string its name\n"
        "function handler:after(when, rule) end\n",
        out);
}

static void print_declarations(FILE *out) {
  weir_word_info word;
  for (size_t i = 0; weir_word(WEIR_WORD_DECLARATION, i, &word); i++) {
    int len = (int)word.name.len;
    fprintf(out, "\n--- %.*s\n", (int)word.says.len, word.says.ptr);
    if (begins(word.name.ptr, word.name.len, "words")) fputs("---@type table<string, string|string[]>\nwords = {}\n", out);
    else if (begins(word.name.ptr, word.name.len, "pack")) fputs("---@param body weir.pack\nfunction pack(body) end\n", out);
    else if (begins(word.name.ptr, word.name.len, "include")) fputs("---@param path string\n---@return table\nfunction include(path) end\n", out);
    else fprintf(out, "---@param name string\n---@return fun(body: weir.%.*s)\nfunction %.*s(name) end\n", len, word.name.ptr, len, word.name.ptr);
  }
}

static void print_meta(FILE *out) {
  weir_word_info word;
  fputs("---@meta weir\n-- Made by `make docs`: what LuaLS needs to know to complete and explain the words of rule files. Nothing runs it.\n\n---@alias weir.event\n", out);
  for (size_t i = 0; weir_word(WEIR_WORD_EVENT, i, &word); i++)
    fprintf(out, "---| \"%.*s\" # %.*s\n", (int)word.name.len, word.name.ptr, (int)word.says.len, word.says.ptr);
  print_handler(out);
  print_class("rule", WEIR_WORD_RULE, out);
  print_fields(WEIR_WORD_GATE, out);
  print_fields(WEIR_WORD_ACTION, out);
  print_class("account", WEIR_WORD_ACCOUNT, out);
  print_abilities(out);
  print_class("channel", WEIR_WORD_CHANNEL, out);
  print_abilities(out);
  print_class("pack", WEIR_WORD_PACK, out);
  print_class("funnel", WEIR_WORD_FUNNEL, out);
  print_class("pool", WEIR_WORD_POOL, out);
  print_class("coupon", WEIR_WORD_COUPON, out);
  print_class("segment", WEIR_WORD_SEGMENT, out);
  print_declarations(out);
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "lua") == 0) print_meta(stdout);
  else print_reference(stdout);
  return ferror(stdout) || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
