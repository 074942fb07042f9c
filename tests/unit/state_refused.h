/* state_refused.h: calls of a store that a test lets fail, and what is done again when one did. The linker leads the calls here (--wrap,
 * see the Makefile): a statement of SQLite; a step, a row or a text of the store in memory. */
#ifndef WEIR_TESTS_STATE_REFUSED_H
#define WEIR_TESTS_STATE_REFUSED_H

#include "state_help.h"

#include "state/memory.h"
#include "state/meter.h"
#include "state/sqlite.h"

/* ---- what is refused */

static struct {
  unsigned calls, at; /* at 0: none */
  int code;           /* SQLite's */
  bool struck;
} plan;

static inline bool refused(void) {
  if (++plan.calls != plan.at) return false;
  plan.struck = true;
  return true;
}

int __real_sqlite3_step(sqlite3_stmt *stmt);
int __wrap_sqlite3_step(sqlite3_stmt *stmt);
int __wrap_sqlite3_step(sqlite3_stmt *stmt) {
  if (!refused()) return __real_sqlite3_step(stmt);
  if (strcmp(sqlite3_sql(stmt), "ROLLBACK") == 0) (void)__real_sqlite3_step(stmt); /* which SQLite carries out, whatever the disk says */
  return plan.code;
}
weir_status __real_weir_mem_step(struct weir_memory *s, weir_error *e);
weir_status __wrap_weir_mem_step(struct weir_memory *s, weir_error *e);
weir_status __wrap_weir_mem_step(struct weir_memory *s, weir_error *e) {
  bool logged = s->open; /* outside a transaction nothing is logged, and a step has always room */
  return logged && refused() ? weir_fail(e, WEIR_E_FULL, "the undo log is full, says the test") : __real_weir_mem_step(s, e);
}
weir_status __real_weir_mem_take(struct weir_memory *s, enum weir_mem_id id, uint32_t *row, weir_error *e);
weir_status __wrap_weir_mem_take(struct weir_memory *s, enum weir_mem_id id, uint32_t *row, weir_error *e);
weir_status __wrap_weir_mem_take(struct weir_memory *s, enum weir_mem_id id, uint32_t *row, weir_error *e) {
  return refused() ? weir_fail(e, WEIR_E_FULL, "the table is full, says the test") : __real_weir_mem_take(s, id, row, e);
}
weir_status __real_weir_mem_use_text(struct weir_memory *s, weir_str text, uint32_t *out, weir_error *e);
weir_status __wrap_weir_mem_use_text(struct weir_memory *s, weir_str text, uint32_t *out, weir_error *e);
weir_status __wrap_weir_mem_use_text(struct weir_memory *s, weir_str text, uint32_t *out, weir_error *e) {
  return refused() ? weir_fail(e, WEIR_E_FULL, "there is no room for a text, says the test") : __real_weir_mem_use_text(s, text, out, e);
}

/* ---- one call of the life */

static bool on_disk;
static char path[64];

static inline void honest(weir_status status) {
  if (status != WEIR_E_STATE && status != WEIR_E_FULL && status != WEIR_E_NOMEM) fail_msg("refused at call %u: %d, %s", plan.at, (int)status, err.message);
  assert_int_equal(err.status, status);
  assert_true(strlen(err.message) > 10);
  assert_true(plan.struck);
}

static inline void reopen(void) {
  const struct weir_sqlite_config config = { .chain = WEIR_STR("c4-test") };
  st->ops->close(st);
  OK(weir_sqlite_store_open(&st, path, &config, &err));
}

/* What a store that is broken says to whatever it is asked. */
static inline void all_refused(void) {
  const weir_status broken = ((struct weir_sqlite *)st)->broken;
  const struct weir_store_ops *ops = st->ops;
  const struct weir_contact u1 = contact_of("u1"), u2 = contact_of("u2");
  static const unsigned char key[WEIR_ID_BYTES];
  struct weir_person p;
  struct weir_glance glance;
  struct weir_ledger_entry entry;
  struct weir_ledger_counts counts;
  struct weir_timer timer;
  struct weir_round round;
  struct weir_walked walked;
  struct weir_meter meter;
  struct weir_chain_head head;
  struct weir_stored_record record;
  enum weir_invite_answer answer;
  weir_str decision;
  uint64_t n, m;
  int64_t number;
  uint32_t cnt;
  bool yes;
  weir_arena_fixed(&arena, arena_block, sizeof arena_block);
  FAILS(broken, ops->begin(st, &err));
  FAILS(broken, ops->load(st, &u1, &arena, &p, &err));
  FAILS(broken, ops->load_person(st, 1, &arena, &p, &err));
  FAILS(broken, ops->glance(st, &u1, &glance, &err));
  FAILS(broken, ops->claim(st, &u1, key, T0, &yes, &number, &err));
  assert_false(yes);
  FAILS(broken, ops->seen(st, key, T0, &arena, &yes, &decision, &err));
  assert_false(yes);
  FAILS(broken, ops->code(st, WEIR_STR("c"), T0, &n, &err));
  assert_int_equal(n, 0);
  FAILS(broken, ops->pool_used(st, WEIR_STR("p"), WEIR_STR("m"), 1, &cnt, &err));
  FAILS(broken, ops->total(st, key, T0, &number, &err));
  FAILS(broken, ops->invited(st, &u1, &cnt, &err));
  FAILS(broken, ops->invites(st, &u1, &u2, &answer, &err));
  FAILS(broken, ops->ledger(st, key, &arena, &entry, &err));
  FAILS(broken, ops->ledger_origin(st, key, &counts, &err));
  FAILS(broken, ops->timer(st, T0, &arena, &timer, &err));
  FAILS(broken, ops->round(st, key, &round, &err));
  FAILS(broken, ops->walk(st, 0, 1, T0, &arena, &walked, &err));
  FAILS(broken, ops->stage_count(st, WEIR_STR("f"), WEIR_STR("s"), &n, &m, &err));
  FAILS(broken, ops->meter(st, key, T0, &meter, &err));
  FAILS(broken, ops->chain_head(st, WEIR_STR("a"), &head, &err));
  FAILS(broken, ops->outbox_next(st, &record, &err));
  FAILS(broken, ops->outbox_look(st, 0, &n, &record, &err));
  FAILS(broken, ops->outbox_ack(st, WEIR_STR("a"), 1, &err));
  FAILS(broken, ops->outbox_expire(st, 0, &n, &err));
  FAILS(broken, ops->snapshot_begin(st, "/nowhere/at-all", &err));
  FAILS(broken, ops->forget(st, &u1, NULL, &err));
}

/* It serves nothing any more, and must be opened anew; `again` does what was lost by that. */
static void (*again)(void);
static inline void mend(void) {
  if (!on_disk || ((struct weir_sqlite *)st)->broken == WEIR_OK) return;
  all_refused();
  reopen();
  if (again) again();
}

typedef weir_status doing(void);

/* What is no part of a transaction: made again after it failed. */
static inline void once(doing *what) {
  memset(&err, 0, sizeof err);
  weir_status status = what();
  if (status == WEIR_OK) return;
  honest(status);
  mend();
  OK(what());
}

/* A transaction, taken back and made again. */
static inline void whole(doing *what) {
  memset(&err, 0, sizeof err);
  weir_status status = st->ops->begin(st, &err);
  if (status == WEIR_OK) {
    status = what();
    if (status == WEIR_OK) status = st->ops->commit(st, &err);
  }
  if (status == WEIR_OK) return;
  honest(status);
  st->ops->rollback(st);
  mend();
  OK(st->ops->begin(st, &err));
  OK(what());
  OK(st->ops->commit(st, &err));
}

/* ---- lives */

static inline void open_life(struct store_box *own) {
  on_disk = kind == &stores[1];
  plan.at = 0, plan.struck = false;
  kind->open(own, 4u << 20);
  st = own->store;
  snprintf(path, sizeof path, "%s", on_disk ? own->path : "");
}

static inline void strike(unsigned at, int code) { plan.calls = 0, plan.at = at, plan.code = code; }

static inline void close_life(struct store_box *own) {
  plan.at = 0;
  own->store = st;
  kind->close(own);
}

/* The n-th way in which SQLite may fail. */
static inline int code_of(unsigned n) {
  static const int codes[] = { SQLITE_NOMEM, SQLITE_IOERR_READ, SQLITE_FULL, SQLITE_BUSY, SQLITE_READONLY, SQLITE_CORRUPT, SQLITE_IOERR_FSYNC, SQLITE_CANTOPEN, SQLITE_NOTADB };
  return codes[n % (sizeof codes / sizeof *codes)];
}

#endif
