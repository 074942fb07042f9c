/* rule_file.h: one rule file, written and loaded, for the targets that make some: what is wrong is told with a place that exists. Included
 * by one file of a program. */
#ifndef WEIR_FUZZ_RULE_FILE_H
#define WEIR_FUZZ_RULE_FILE_H

#include <unistd.h>

#include "fuzz.h"
#include "text/utf8.h"

#define LIMIT ((size_t)8 << 20)

static char path[512];
static weir_str source;

static void forget(void) { (void)unlink(path); }

static void rule_file_begin(void) {
  const char *tmp = getenv("TMPDIR");
  MUST(snprintf(path, sizeof path, "%s/weir-fuzz-%ld.lua", tmp ? tmp : "/tmp", (long)getpid()) < (int)sizeof path);
  MUST(atexit(forget) == 0);
}

static void rule_file_write(weir_str text) {
  source = text;
  FILE *file = fopen(path, "wb");
  MUST(file && fwrite(text.ptr, 1, text.len, file) == text.len && fclose(file) == 0);
}

struct told {
  unsigned errors, warnings;
  uint32_t last_line;
};

/* A line end as Lua sees it, 0 to 2 bytes: LF, CR, and both in either order. */
static size_t line_end(weir_str s, size_t at) {
  if (at >= s.len || (s.ptr[at] != '\n' && s.ptr[at] != '\r')) return 0;
  bool two = at + 1 < s.len && (s.ptr[at + 1] == '\n' || s.ptr[at + 1] == '\r') && s.ptr[at + 1] != s.ptr[at];
  return two ? 2 : 1;
}

/* The line of the source that a finding names; NULL: there is none. */
static weir_str line_of(uint32_t line) {
  size_t at = weir_str_starts(source, WEIR_STR("\xEF\xBB\xBF")) ? 3 : 0, start = at;
  while (true) {
    while (at < source.len && line_end(source, at) == 0) at++;
    if (--line == 0) return (weir_str){ source.ptr + start, at - start };
    if (at == source.len) return (weir_str){ NULL, 0 };
    start = at += line_end(source, at);
  }
}

static void take(void *ctx, const weir_diagnostic *d) {
  struct told *told = ctx;
  MUST(d->severity == WEIR_SEVERITY_ERROR || d->severity == WEIR_SEVERITY_WARNING);
  if (d->severity == WEIR_SEVERITY_ERROR) told->errors++;
  else told->warnings++;
  MUST(d->message.len > 0 && weir_utf8_valid(d->message) == d->message.len);
  MUST(weir_str_eq(d->file, weir_str_of(path)));
  if (d->line == 0) return;
  MUST(d->line >= told->last_line); /* in file order */
  told->last_line = d->line;
  weir_str line = line_of(d->line);
  MUST(line.ptr);
  MUST(d->column <= line.len + 1);
  MUST(d->excerpt.len <= line.len && d->excerpt.len <= WEIR_EXCERPT_MAX);
  if (d->excerpt.len) MUST(memcmp(d->excerpt.ptr, line.ptr, d->excerpt.len) == 0);
}

static weir_status load(weir_ruleset **out, size_t limit, struct told *told) {
  weir_error err = { .status = WEIR_OK };
  *told = (struct told){ 0 };
  weir_load_config config = { .struct_size = sizeof config, .memory_limit = limit, .diagnostic = take, .diagnostic_ctx = told };
  weir_status status = weir_ruleset_load(out, path, &config, &err);
  if (status == WEIR_OK) {
    MUST(*out && told->errors == 0 && weir_ruleset_bytes(*out) <= limit && weir_ruleset_hash(*out).len == 64);
    return status;
  }
  MUST(!*out && told->errors > 0);
  MUST(status == WEIR_E_RULES || status == WEIR_E_LIMIT || status == WEIR_E_NOMEM);
  MUST_SAY(status, err);
  return status;
}

/* Loads it twice to the same, and with less memory, which suffices or is said not to. The first one is the caller's; NULL: it is wrong. */
static weir_ruleset *load_twice(void) {
  weir_ruleset *one, *two;
  struct told first, second;
  if (load(&one, LIMIT, &first) != WEIR_OK) return NULL;
  MUST(load(&two, LIMIT, &second) == WEIR_OK && second.warnings == first.warnings);
  MUST(weir_str_eq(weir_ruleset_hash(one), weir_ruleset_hash(two)) && weir_ruleset_bytes(one) == weir_ruleset_bytes(two));
  weir_ruleset_free(two);
  weir_status status = load(&two, weir_ruleset_bytes(one) / 4, &second);
  MUST(status == WEIR_OK || status == WEIR_E_NOMEM);
  weir_ruleset_free(two);
  return one;
}

#endif
