/* memory_tallies.c: what happened how often on a day: by rule and reason, by funnel and step. Names and days of what is counted are
 * few; when the table is full all the same the oldest day goes, so that counting never fails for want of room. */
#include "state/memory.h"

#define DAY_MS INT64_C(86400000)

static struct weir_mem_tally *tally_at(const struct weir_memory *s, uint32_t row) { return weir_mem_row(s, WEIR_MEM_TALLIES, row); }

static uint64_t hash_of(const struct weir_memory *s, uint32_t name, uint32_t what, int64_t day) {
  return weir_mem_mix(s, (uint64_t)name << 32 | what, (uint64_t)day);
}

static uint32_t find(const struct weir_memory *s, weir_str name, weir_str what, int64_t day) {
  bool name_known, what_known;
  uint32_t n = weir_mem_find_text(s, name, &name_known), w = weir_mem_find_text(s, what, &what_known);
  if (!name_known || !what_known) return 0;
  uint32_t row = weir_mem_chain(s, WEIR_MEM_TALLIES, hash_of(s, n, w, day));
  for (; row != 0; row = tally_at(s, row)->head.next) {
    const struct weir_mem_tally *t = tally_at(s, row);
    if (t->name == n && t->what == w && t->day == day) return row;
  }
  return 0;
}

weir_status weir_mem_count(struct weir_memory *s, weir_str name, weir_str what, int64_t day, weir_error *err) {
  uint32_t n, w, row;
  weir_status status = weir_mem_check_text(name, WEIR_SCOPED_NAME_MAX, "the name of what is counted", err);
  if (status == WEIR_OK) status = weir_mem_check_text(what, WEIR_COUNT_WHAT_MAX, "what is counted", err);
  if (status == WEIR_OK) status = weir_mem_step(s, err);
  if (status != WEIR_OK) return status;
  if (day < -1 || day > WEIR_TIME_MAX_MS / DAY_MS + 1) return weir_fail(err, WEIR_E_ARG, "a day outside 1970 to 9999");
  if ((row = find(s, name, what, day)) != 0) {
    WEIR_MEM_SET(s, tally_at(s, row)->cnt, tally_at(s, row)->cnt + 1);
    return WEIR_OK;
  }
  int64_t due = (day + WEIR_COUNT_DAYS_KEPT) * DAY_MS;
  if (due <= s->now_ms) return WEIR_OK; /* forgotten already */
  if ((status = weir_mem_use_text(s, name, &n, err)) != WEIR_OK) return status;
  if ((status = weir_mem_use_text(s, what, &w, err)) != WEIR_OK) return status;
  if ((status = weir_mem_take(s, WEIR_MEM_TALLIES, &row, err)) != WEIR_OK) return status;
  *tally_at(s, row) = (struct weir_mem_tally){ { 0, 0, due }, n, w, day, 1 };
  weir_mem_link(s, WEIR_MEM_TALLIES, hash_of(s, n, w, day), row);
  weir_mem_queue(s, WEIR_MEM_TALLIES, row);
  return WEIR_OK;
}

void weir_mem_drop_tally(struct weir_memory *s, uint32_t row) {
  struct weir_mem_tally *t = tally_at(s, row);
  weir_mem_unlink(s, WEIR_MEM_TALLIES, hash_of(s, t->name, t->what, t->day), row);
  weir_mem_unqueue(s, WEIR_MEM_TALLIES, row);
  weir_mem_drop_text(s, t->name);
  weir_mem_drop_text(s, t->what);
  weir_mem_give(s, WEIR_MEM_TALLIES, row);
}

weir_status weir_mem_ask_counted(const struct weir_store *store, int64_t first_day,
                                 void (*tell)(void *ctx, const struct weir_counted *counted), void *ctx, weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  char name[WEIR_SCOPED_NAME_MAX], what[WEIR_COUNT_WHAT_MAX];
  (void)err; /* reading memory cannot fail */
  for (uint32_t i = 0; i < s->tables[WEIR_MEM_TALLIES].queued; i++) {
    const struct weir_mem_tally *t = tally_at(s, s->tables[WEIR_MEM_TALLIES].queue[i]);
    if (t->day < first_day) continue;
    struct weir_counted counted = { weir_mem_read_text(s, t->name, name, sizeof name), weir_mem_read_text(s, t->what, what, sizeof what), t->day,
                                    t->cnt };
    tell(ctx, &counted);
  }
  return WEIR_OK;
}
