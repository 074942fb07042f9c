/* load_help.h: what the tests of the loader share: a folder of its own for each test, files in it, and a load whose findings
 * are kept. */
#ifndef WEIR_TESTS_LOAD_HELP_H
#define WEIR_TESTS_LOAD_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "limits.h"
#include "model/ruleset.h"
#include "weir.h"

struct finding {
  weir_severity severity;
  uint32_t line, column;
  char file[256], rule[160], message[600], excerpt[500];
};

struct tried {
  weir_ruleset *ruleset;
  weir_status status;
  weir_error err;
  struct finding *found; /* WEIR_DIAGNOSTICS_MAX + 1 of them */
  size_t cnt, error_cnt;
};

static char folder[64]; /* of the test at hand */

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw) {
  (void)st, (void)flag, (void)ftw;
  return remove(path);
}

static int make_folder(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/weir-load-XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state) {
  (void)state;
  return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* "folder/name" */
static const char *path_of(const char *name) {
  static char path[512];
  snprintf(path, sizeof path, "%s%s%s", folder, *name ? "/" : "", name);
  return path;
}

static void put_bytes(const char *name, const void *bytes, size_t len) {
  FILE *f = fopen(path_of(name), "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(bytes, 1, len, f), len);
  assert_int_equal(fclose(f), 0);
}

static inline void put(const char *name, const char *text) { put_bytes(name, text, strlen(text)); }
static inline void put_folder(const char *name) { assert_int_equal(mkdir(path_of(name), 0700), 0); }

static void copy_str(char *out, size_t cap, weir_str s) { snprintf(out, cap, "%.*s", (int)s.len, s.len ? s.ptr : ""); }

static void keep_finding(void *ctx, const weir_diagnostic *d) {
  struct tried *tried = ctx;
  struct finding *f = &tried->found[tried->cnt];
  assert_true(tried->cnt <= WEIR_DIAGNOSTICS_MAX);
  tried->cnt++;
  tried->error_cnt += d->severity == WEIR_SEVERITY_ERROR;
  f->severity = d->severity;
  f->line = d->line;
  f->column = d->column;
  copy_str(f->file, sizeof f->file, d->file);
  copy_str(f->rule, sizeof f->rule, d->rule);
  copy_str(f->message, sizeof f->message, d->message);
  copy_str(f->excerpt, sizeof f->excerpt, d->excerpt);
}

static struct tried try_config(const char *path, size_t memory_limit, bool lint) {
  struct tried tried = { .found = calloc(WEIR_DIAGNOSTICS_MAX + 1, sizeof(struct finding)) };
  weir_load_config config = { .struct_size = sizeof config, .memory_limit = memory_limit, .diagnostic = keep_finding,
                              .diagnostic_ctx = &tried, .lint = lint };
  assert_non_null(tried.found);
  tried.ruleset = (weir_ruleset *)(void *)&tried;
  tried.status = weir_ruleset_load(&tried.ruleset, path, &config, &tried.err);
  assert_true((tried.status == WEIR_OK) == (tried.ruleset != NULL));
  assert_int_equal(tried.err.status, tried.status);
  if (tried.status == WEIR_OK) assert_int_equal(tried.error_cnt, 0);
  else assert_true(tried.error_cnt > 0);
  return tried;
}

static inline struct tried try_path(const char *path, size_t memory_limit) { return try_config(path, memory_limit, false); }
static inline struct tried try_load(const char *name) { return try_path(path_of(name), 0); }

static void print_findings(const struct tried *tried) {
  for (size_t i = 0; i < tried->cnt; i++)
    print_message("# %s:%u:%u: %s %s\n", tried->found[i].file, tried->found[i].line, tried->found[i].column,
                  tried->found[i].rule, tried->found[i].message);
}

/* Loads what must be good, without a finding. */
static inline struct tried load_good(const char *name) {
  struct tried tried = try_load(name);
  if (tried.status != WEIR_OK || tried.cnt) print_findings(&tried);
  assert_int_equal(tried.status, WEIR_OK);
  assert_int_equal(tried.cnt, 0);
  return tried;
}

static void end_try(struct tried *tried) {
  weir_ruleset_free(tried->ruleset);
  free(tried->found);
  *tried = (struct tried){ 0 };
}

static inline bool str_is(weir_str s, const char *text) { return s.len == strlen(text) && memcmp(s.ptr, text, s.len) == 0; }

static inline const struct weir_rule *rule_named(const weir_ruleset *ruleset, const char *name) {
  for (uint32_t i = 0; i < ruleset->rule_cnt; i++)
    if (str_is(ruleset->rules[i].name, name)) return &ruleset->rules[i];
  return NULL;
}

#define LOAD_TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, drop_folder)

#endif
