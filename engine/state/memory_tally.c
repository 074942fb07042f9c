/* memory_tally.c: counts of the shop, by key: how many of a pool's members were ever given, which coupons are gone, how often
 * somebody guessed. They end by themselves, or never. */
#include "state/memory.h"

static struct weir_mem_tally *tally_at(const struct weir_memory *s, uint32_t row) { return weir_mem_row(s, WEIR_MEM_TALLIES, row); }

static uint32_t find(const struct weir_memory *s, const unsigned char key[WEIR_ID_BYTES]) {
  uint32_t row = weir_mem_chain(s, WEIR_MEM_TALLIES, weir_mem_key(s, key));
  while (row != 0 && memcmp(tally_at(s, row)->key, key, WEIR_ID_BYTES) != 0) row = tally_at(s, row)->head.next;
  return row;
}

void weir_mem_drop_tally(struct weir_memory *s, uint32_t row) {
  weir_mem_unlink(s, WEIR_MEM_TALLIES, weir_mem_key(s, tally_at(s, row)->key), row);
  weir_mem_unqueue(s, WEIR_MEM_TALLIES, row);
  weir_mem_give(s, WEIR_MEM_TALLIES, row);
}

static int64_t plus(int64_t count, int64_t number) {
  if (number > 0 && count > INT64_MAX - number) return INT64_MAX;
  return count + number > 0 ? count + number : 0; /* counts are never negative, so this cannot overflow */
}

weir_status weir_mem_tally(struct weir_memory *s, const struct weir_change *change, weir_error *err) {
  uint32_t row = find(s, change->key);
  weir_status status = weir_mem_step(s, err);
  if (status != WEIR_OK) return status;
  if (row != 0 && tally_at(s, row)->head.due <= s->now_ms) {
    weir_mem_drop_tally(s, row);
    row = 0;
  }
  int64_t count = plus(row ? tally_at(s, row)->count : 0, change->number);
  if (row == 0 && (count == 0 || change->until_ms <= s->now_ms)) return WEIR_OK;
  if (count == 0) {
    weir_mem_drop_tally(s, row);
    return WEIR_OK;
  }
  if (row != 0) {
    WEIR_MEM_SET(s, tally_at(s, row)->count, count);
    if (change->until_ms > tally_at(s, row)->head.due) weir_mem_set_due(s, WEIR_MEM_TALLIES, row, change->until_ms);
    return WEIR_OK;
  }
  if ((status = weir_mem_take(s, WEIR_MEM_TALLIES, &row, err)) != WEIR_OK) return status;
  tally_at(s, row)->head.due = change->until_ms;
  tally_at(s, row)->count = count;
  memcpy(tally_at(s, row)->key, change->key, WEIR_ID_BYTES);
  weir_mem_link(s, WEIR_MEM_TALLIES, weir_mem_key(s, change->key), row);
  weir_mem_queue(s, WEIR_MEM_TALLIES, row);
  return WEIR_OK;
}

weir_status weir_mem_ask_tally(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, int64_t *count,
                               weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t row = find(s, key);
  (void)err; /* reading memory cannot fail */
  *count = row != 0 && tally_at(s, row)->head.due > now_ms ? tally_at(s, row)->count : 0;
  return WEIR_OK;
}
