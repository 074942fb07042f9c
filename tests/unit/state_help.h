/* state_help.h: what the tests of every store share: the list of stores, changesets written in a line, and questions
 * asked in a line. */
#ifndef WEIR_TESTS_STATE_HELP_H
#define WEIR_TESTS_STATE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "limits.h"
#include "state/store.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define T0 (INT64_C(1763773200000) / HOUR * HOUR) /* 2025-11-22, a full hour */

/* ---- the stores: a new one is one more line in `stores` */

struct store_box {
  struct weir_store *store;
  void *memory;
  char path[64];
};

static inline void open_memory(struct store_box *box, size_t len) {
  weir_error err = { 0 };
  box->memory = aligned_alloc(16, (len + 15) / 16 * 16);
  assert_non_null(box->memory);
  memset(box->memory, 0xA5, len); /* the store may not count on zeros */
  if (weir_memory_store_open(&box->store, box->memory, len, &err) != WEIR_OK) fail_msg("open: %s", err.message);
}

static inline void close_memory(struct store_box *box) {
  box->store->ops->close(box->store);
  free(box->memory);
}

/* A name for a state file; nothing is there. */
static inline void new_path(char path[64]) {
  snprintf(path, 64, "%s/weir-state-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  close(fd);
  unlink(path);
}

/* Removes a state file and what may lie beside it. */
static inline void remove_path(const char *path) {
  static const char *const suffixes[] = { "", "-wal", "-shm", "-journal", "-new", "-new-journal", "-new-wal" };
  char name[96];
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
    snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
    unlink(name);
  }
}

static inline void open_sqlite(struct store_box *box, size_t len) {
  weir_error err = { 0 };
  struct weir_sqlite_config config = { .chain = WEIR_STR("c4-test"), .max_bytes = len };
  new_path(box->path);
  if (weir_sqlite_store_open(&box->store, box->path, &config, &err) != WEIR_OK) fail_msg("open: %s", err.message);
}

static inline void close_sqlite(struct store_box *box) {
  box->store->ops->close(box->store);
  remove_path(box->path);
}

static const struct store_kind {
  const char *name;
  void (*open)(struct store_box *box, size_t len);
  void (*close)(struct store_box *box);
} stores[] = {
  { "memory", open_memory, close_memory },
  { "sqlite", open_sqlite, close_sqlite },
};

static const struct store_kind *kind = &stores[0];
static struct store_box box;
static struct weir_store *st;
static unsigned char arena_block[1 << 18];
static struct weir_arena arena;
static weir_error err;

static inline int setup(void **state) {
  (void)state;
  kind->open(&box, 4u << 20);
  st = box.store;
  return 0;
}

static inline int setup_small(void **state) {
  (void)state;
  kind->open(&box, WEIR_STATE_BYTES_MIN);
  st = box.store;
  return 0;
}

static inline int teardown(void **state) {
  (void)state;
  kind->close(&box);
  return 0;
}

/* Runs `tests` on every store. */
#define RUN_ON_ALL_STORES(tests) \
  int main(void) { \
    int failed = 0; \
    for (size_t store_i = 0; store_i < sizeof stores / sizeof *stores; store_i++) { \
      kind = &stores[store_i]; \
      failed += cmocka_run_group_tests_name(kind->name, tests, NULL, NULL); \
    } \
    return failed; \
  }
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define TEST_SMALL(f) cmocka_unit_test_setup_teardown(f, setup_small, teardown)

/* ---- changesets */

struct cs {
  struct weir_changeset set;
  struct weir_change items[WEIR_CHANGES_MAX];
};

static inline struct weir_contact contact_of(const char *id) {
  return (struct weir_contact){ WEIR_STR("douyin"), WEIR_STR("papers"), weir_str_of(id) };
}

static inline struct cs *about(struct cs *cs, struct weir_contact contact, int64_t now) {
  memset(cs, 0, sizeof *cs);
  cs->set = (struct weir_changeset){ .contact = contact, .now_ms = now, .items = cs->items, .cap = WEIR_CHANGES_MAX };
  return cs;
}

static inline struct weir_change *add(struct cs *cs, enum weir_change_kind change) {
  assert_in_range(cs->set.cnt, 0, WEIR_CHANGES_MAX - 1);
  struct weir_change *c = &cs->items[cs->set.cnt++];
  c->kind = change;
  return c;
}

static inline struct weir_change *named(struct cs *cs, enum weir_change_kind change, const char *name, const char *value) {
  struct weir_change *c = add(cs, change);
  c->name = weir_str_of(name);
  c->value = weir_str_of(value);
  return c;
}

static inline struct weir_change *seen_at(struct cs *cs, int64_t at_ms, const char *name) {
  struct weir_change *c = named(cs, WEIR_CHANGE_SEEN, name, NULL);
  c->at_ms = at_ms;
  return c;
}

static inline struct weir_change *keyed(struct cs *cs, enum weir_change_kind change, const char *key, int64_t until) {
  struct weir_change *c = add(cs, change);
  weir_str part = weir_str_of(key);
  weir_id_hash(WEIR_STR(""), &part, 1, c->key);
  c->until_ms = until;
  return c;
}

static inline weir_status try_apply(struct cs *cs) {
  memset(&err, 0, sizeof err);
  return st->ops->apply(st, &cs->set, &err);
}

#define OK(call) \
  do { \
    weir_status ok_status = (call); \
    if (ok_status != WEIR_OK) fail_msg("%s: %d %s", #call, ok_status, err.message); \
  } while (0)
#define FAILS(wanted, call) \
  do { \
    weir_status got_status = (call); \
    if (got_status != (wanted)) fail_msg("%s: %d %s", #call, got_status, err.message); \
    assert_int_equal(err.status, got_status); \
    assert_true(err.message[0] != '\0'); \
  } while (0)

static inline void begin(void) { OK(st->ops->begin(st, &err)); }
static inline void commit(void) { OK(st->ops->commit(st, &err)); }
static inline void apply(struct cs *cs) { OK(try_apply(cs)); }
/* All of it in one go. */
static inline weir_status snapshot(const char *path) {
  weir_status status = st->ops->snapshot_begin(st, path, &err);
  return status == WEIR_OK ? st->ops->snapshot_step(st, 0, &err) : status;
}
static inline void change(struct cs *cs) {
  begin();
  apply(cs);
  commit();
}
/* Applies in a transaction of its own what must fail. */
static inline void refuse(weir_status status, struct cs *cs, const char *says) {
  begin();
  FAILS(status, try_apply(cs));
  if (says && !strstr(err.message, says)) fail_msg("\"%s\" does not say \"%s\"", err.message, says);
  commit();
}

static inline struct weir_person who(struct weir_contact contact) {
  struct weir_person p;
  weir_arena_fixed(&arena, arena_block, sizeof arena_block);
  OK(st->ops->load(st, &contact, &arena, &p, &err));
  return p;
}

static inline bool is(weir_str s, const char *text) { return weir_str_eq(s, weir_str_of(text)); }

static inline bool has_tag(const struct weir_person *p, const char *tag) {
  for (uint32_t i = 0; i < p->tag_cnt; i++) {
    if (is(p->tags[i], tag)) return true;
  }
  return false;
}

static inline weir_str pair_of(const weir_pair *pairs, uint32_t cnt, const char *key) {
  for (uint32_t i = 0; i < cnt; i++) {
    if (is(pairs[i].key, key)) return pairs[i].value;
  }
  return (weir_str){ NULL, 0 };
}
static inline weir_str field_of(const struct weir_person *p, const char *key) { return pair_of(p->fields, p->field_cnt, key); }
static inline weir_str pool_of(const struct weir_person *p, const char *key) { return pair_of(p->pools, p->pool_cnt, key); }

static inline struct weir_stage_entry stage_of(const struct weir_person *p, const char *funnel) {
  for (uint32_t i = 0; i < p->stage_cnt; i++) {
    if (is(p->stages[i].funnel, funnel)) return p->stages[i];
  }
  return (struct weir_stage_entry){ 0 };
}

static inline bool holds(struct weir_contact contact, const char *key, int64_t now, int64_t *until) {
  unsigned char k[WEIR_ID_BYTES];
  weir_str part = weir_str_of(key);
  int64_t end;
  bool held;
  weir_id_hash(WEIR_STR(""), &part, 1, k);
  OK(st->ops->claim(st, &contact, k, now, &held, &end, &err));
  if (until) *until = end;
  return held;
}

static inline bool was_seen(const char *key, int64_t now, char decision[64]) {
  unsigned char k[WEIR_ID_BYTES];
  weir_str part = weir_str_of(key), id;
  bool seen;
  weir_arena_fixed(&arena, arena_block, sizeof arena_block);
  weir_id_hash(WEIR_STR(""), &part, 1, k);
  OK(st->ops->seen(st, k, now, &arena, &seen, &id, &err));
  if (decision) snprintf(decision, 64, "%.*s", WEIR_FMT(id));
  return seen;
}

static inline int64_t total_of(const char *key, int64_t now) {
  unsigned char k[WEIR_ID_BYTES];
  weir_str part = weir_str_of(key);
  int64_t count;
  weir_id_hash(WEIR_STR(""), &part, 1, k);
  OK(st->ops->total(st, k, now, &count, &err));
  return count;
}

static inline uint64_t whose_code(const char *code, int64_t now) {
  uint64_t person;
  OK(st->ops->code(st, weir_str_of(code), now, &person, &err));
  return person;
}

static inline uint32_t used_on(const char *pool, const char *member, int64_t day) {
  uint32_t used;
  OK(st->ops->pool_used(st, weir_str_of(pool), weir_str_of(member), day, &used, &err));
  return used;
}

static inline void assert_stage_count(const char *funnel, const char *stage, uint64_t now, uint64_t entered) {
  uint64_t n, e;
  OK(st->ops->stage_count(st, weir_str_of(funnel), weir_str_of(stage), &n, &e, &err));
  if (n != now || e != entered) fail_msg("%s %s: now %" PRIu64 " entered %" PRIu64, funnel, stage, n, e);
}

static inline struct weir_store_counts count_all(void) {
  struct weir_store_counts c;
  st->ops->counts(st, &c);
  return c;
}

#endif
