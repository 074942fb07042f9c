/* engine_support.h: an engine with rules from a string, and events in one line, for the tests of the whole way. */
#ifndef WEIR_TESTS_ENGINE_SUPPORT_H
#define WEIR_TESTS_ENGINE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "weir.h"

#define S(literal) ((weir_str){ (literal), sizeof(literal) - 1 })

/* RFC 8037 appendix A.1: a key that everybody knows. */
static const char test_jwk[] =
  "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";

struct rig {
  weir_ruleset *rules;
  weir_key *key;
  weir_engine *engine;
  weir_verdict verdict;
  weir_error err;
  int64_t now;
};

static inline weir_ruleset *rules_of(const char *source) {
  char folder[] = "/tmp/weir-test-XXXXXX", path[64];
  weir_ruleset *rules = NULL;
  weir_error err;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/rules.lua", folder);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(source, f);
  fclose(f);
  weir_status st = weir_ruleset_load(&rules, path, NULL, &err);
  unlink(path);
  rmdir(folder);
  if (st) fail_msg("rules do not load: line %u, %s: %s", err.line, err.rule, err.message);
  return rules;
}

static inline void rig_open(struct rig *r, const char *source, weir_config config) {
  memset(r, 0, sizeof *r);
  r->now = INT64_C(1795309200000);
  r->rules = rules_of(source);
  assert_int_equal(weir_key_parse(&r->key, (weir_str){ test_jwk, strlen(test_jwk) }, &r->err), WEIR_OK);
  config.struct_size = sizeof config;
  config.ruleset = r->rules;
  if (!config.dry) config.key = r->key;
  if (!config.chain.len) config.chain = S("test");
  if (weir_engine_open(&r->engine, &config, &r->err)) fail_msg("engine does not open: %s", r->err.message);
}

static inline void rig_close(struct rig *r) {
  weir_engine_close(r->engine);
  weir_key_free(r->key);
  weir_ruleset_free(r->rules);
}

/* Contacts called wx... are on WeChat, all others on Douyin. */
static inline weir_event event_of(const struct rig *r, const char *id, const char *type, const char *contact, const char *text) {
  weir_event e = { .struct_size = sizeof e, .id = { id, strlen(id) }, .channel = S("douyin"), .account = S("papers"), .type = { type, strlen(type) },
                   .time_ms = r->now, .contact_id = { contact, strlen(contact) }, .contact_name = S("Lin"), .text = { text, strlen(text) }, .post = S("v1"),
                   .mentioned = -1, .is_follower = -1 };
  if (strncmp(contact, "wx", 2) == 0) e.channel = S("wechat"), e.account = S("li");
  return e;
}

static inline void decide(struct rig *r, const char *id, const char *type, const char *contact, const char *text) {
  weir_event e = event_of(r, id, type, contact, text);
  if (weir_decide(r->engine, &e, r->now, &r->verdict, &r->err)) fail_msg("event refused: %s", r->err.message);
}
static inline void comment(struct rig *r, const char *id, const char *contact, const char *text) { decide(r, id, "comment", contact, text); }

/* The text of the n-th action (from 0), or its kind when it has none. */
static inline void assert_action(const struct rig *r, size_t n, const char *kind, const char *text) {
  if (n >= r->verdict.action_cnt) fail_msg("there is no action %zu", n);
  const weir_action *a = &r->verdict.actions[n];
  assert_int_equal(a->kind.len, strlen(kind));
  assert_memory_equal(a->kind.ptr, kind, a->kind.len);
  if (!text) return;
  if (a->text.len != strlen(text) || memcmp(a->text.ptr, text, a->text.len) != 0) fail_msg("text is \"%.*s\", not \"%s\"", (int)a->text.len, a->text.ptr, text);
}

#endif
