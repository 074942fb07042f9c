/* people_support.h: stories of people over virtual time, told on both stores: every event is given twice, and the engine is killed
 * and started anew in the middle when its state is in a file. */
#ifndef WEIR_TESTS_PEOPLE_SUPPORT_H
#define WEIR_TESTS_PEOPLE_SUPPORT_H

#include "engine_support.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

static bool on_disk;
static char state_path[64];
static int next_event;

static inline weir_config story_config(void) {
  weir_config config = { .struct_size = sizeof config };
  if (on_disk) config.state = state_path;
  return config;
}

static inline void story_clear(void) {
  static const char *const suffixes[] = { "", "-wal", "-shm", "-journal" };
  char name[96];
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
    snprintf(name, sizeof name, "%s%s", state_path, suffixes[i]);
    unlink(name);
  }
}

static inline void story_open(struct rig *r, const char *rules) {
  snprintf(state_path, sizeof state_path, "%s/weir-story-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  int fd = mkstemp(state_path);
  assert_true(fd >= 0);
  close(fd);
  story_clear();
  rig_open(r, rules, story_config());
}

static inline void story_close(struct rig *r) {
  rig_close(r);
  story_clear();
}

/* What was committed is there again; a state in memory lives on. */
static inline void kill_and_start(struct rig *r) {
  if (!on_disk) return;
  weir_config config = story_config();
  weir_engine_close(r->engine);
  config.ruleset = r->rules;
  config.key = r->key;
  config.chain = S("test");
  if (weir_engine_open(&r->engine, &config, &r->err)) fail_msg("engine does not open again: %s", r->err.message);
}

/* What the last event or timer led to. */
static struct {
  weir_result result;
  size_t cnt;
  char kind[16][24], text[16][512], json[16][512];
  char trace[8192];
} told;

static inline void tell(const weir_verdict *v) {
  size_t at = 0;
  memset(&told, 0, sizeof told);
  told.result = v->result;
  told.cnt = v->action_cnt;
  for (size_t i = 0; i < v->action_cnt; i++) {
    snprintf(told.kind[i], sizeof told.kind[i], "%.*s", (int)v->actions[i].kind.len, v->actions[i].kind.ptr);
    snprintf(told.text[i], sizeof told.text[i], "%.*s", (int)v->actions[i].text.len, v->actions[i].text.ptr);
    snprintf(told.json[i], sizeof told.json[i], "%.*s", (int)v->actions[i].json.len, v->actions[i].json.ptr);
  }
  for (size_t i = 0; i < v->trace_cnt && at < sizeof told.trace; i++) {
    at += (size_t)snprintf(told.trace + at, sizeof told.trace - at, "%.*s\n", (int)v->trace[i].detail.len, v->trace[i].detail.ptr);
  }
}

/* One event, given twice: the second time nothing happens, whatever became of the engine in between. */
static inline void give(struct rig *r, const weir_event *e) {
  if (weir_decide(r->engine, e, r->now, &r->verdict, &r->err)) fail_msg("%.*s refused: %s", (int)e->type.len, e->type.ptr, r->err.message);
  tell(&r->verdict);
  if (next_event % 3 == 0) kill_and_start(r);
  if (weir_decide(r->engine, e, r->now, &r->verdict, &r->err)) fail_msg("again: %s", r->err.message);
  assert_int_equal(r->verdict.action_cnt, 0);
}

static inline void happens(struct rig *r, const char *account, const char *type, const char *who, const char *text, const char *with, const char *inviter) {
  char id[16];
  snprintf(id, sizeof id, "s%d", ++next_event);
  const char *slash = strchr(account, '/');
  weir_event e = event_of(r, id, type, who, text);
  weir_pair attr = { S("with"), { with, with ? strlen(with) : 0 } };
  e.channel = (weir_str){ account, (size_t)(slash - account) };
  e.account = (weir_str){ slash + 1, strlen(slash + 1) };
  e.contact_name = (weir_str){ who, strlen(who) };
  if (with) e.attrs = &attr, e.attr_cnt = 1;
  if (inviter) e.inviter = (weir_str){ inviter, strlen(inviter) };
  give(r, &e);
}
static inline void says(struct rig *r, const char *account, const char *who, const char *text) { happens(r, account, "message", who, text, NULL, NULL); }

/* The next timer that is due; false: there is none. */
static inline bool tick(struct rig *r) {
  weir_status st = weir_tick(r->engine, r->now, &r->verdict, &r->err);
  if (st == WEIR_NONE) return false;
  assert_int_equal(st, WEIR_OK);
  tell(&r->verdict);
  return true;
}

static inline void assert_said(const char *text) {
  for (size_t i = 0; i < told.cnt; i++) {
    if (strcmp(told.text[i], text) == 0) return;
  }
  fail_msg("nobody said \"%s\" but %zu actions, first \"%s\"; %s", text, told.cnt, told.text[0], told.trace);
}
static inline void assert_silent(void) {
  if (told.cnt) fail_msg("there is an action: %s %s", told.kind[0], told.text[0]);
}
static inline void assert_traced(const char *text) {
  if (!strstr(told.trace, text)) fail_msg("\"%s\" is not in the trace: %s", text, told.trace);
}
static inline weir_stats stats_of(const struct rig *r) {
  weir_stats s = { .struct_size = sizeof s };
  weir_engine_stats(r->engine, &s);
  return s;
}

#define STORY(f) cmocka_unit_test(f)
/* Runs `tests` with the state in memory and in a file. */
#define RUN_ON_BOTH(tests) \
  int main(void) { \
    int failed = 0; \
    for (int disk = 0; disk < 2; disk++) { \
      on_disk = disk; \
      failed += cmocka_run_group_tests_name(disk ? "file" : "memory", tests, NULL, NULL); \
    } \
    return failed; \
  }

#endif
