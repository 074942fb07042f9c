/* memory_total.c: counts of the shop, by key: how many of a pool's members were ever given, which coupons are gone, how often
 * somebody guessed. They end by themselves, or never. */
#include "state/memory.h"

static struct weir_mem_total *total_at(const struct weir_memory *s, uint32_t row) { return weir_mem_row(s, WEIR_MEM_TOTALS, row); }

static uint32_t find(const struct weir_memory *s, const unsigned char key[WEIR_ID_BYTES]) {
  uint32_t row = weir_mem_chain(s, WEIR_MEM_TOTALS, weir_mem_key(s, key));
  while (row != 0 && memcmp(total_at(s, row)->key, key, WEIR_ID_BYTES) != 0) row = total_at(s, row)->head.next;
  return row;
}

void weir_mem_drop_total(struct weir_memory *s, uint32_t row) {
  weir_mem_unlink(s, WEIR_MEM_TOTALS, weir_mem_key(s, total_at(s, row)->key), row);
  weir_mem_unqueue(s, WEIR_MEM_TOTALS, row);
  weir_mem_give(s, WEIR_MEM_TOTALS, row);
}

static int64_t plus(int64_t count, int64_t number) {
  if (number > 0 && count > INT64_MAX - number) return INT64_MAX;
  return count + number > 0 ? count + number : 0; /* counts are never negative, so this cannot overflow */
}

weir_status weir_mem_total(struct weir_memory *s, const struct weir_change *change, weir_error *err) {
  uint32_t row = find(s, change->key);
  weir_status status = weir_mem_step(s, err);
  if (status != WEIR_OK) return status;
  if (row != 0 && total_at(s, row)->head.due <= s->now_ms) {
    weir_mem_drop_total(s, row);
    row = 0;
  }
  int64_t count = plus(row ? total_at(s, row)->count : 0, change->number);
  if (row == 0 && (count == 0 || change->until_ms <= s->now_ms)) return WEIR_OK;
  if (count == 0) {
    weir_mem_drop_total(s, row);
    return WEIR_OK;
  }
  if (row != 0) {
    WEIR_MEM_SET(s, total_at(s, row)->count, count);
    if (change->until_ms > total_at(s, row)->head.due) weir_mem_set_due(s, WEIR_MEM_TOTALS, row, change->until_ms);
    return WEIR_OK;
  }
  if ((status = weir_mem_take(s, WEIR_MEM_TOTALS, &row, err)) != WEIR_OK) return status;
  total_at(s, row)->head.due = change->until_ms;
  total_at(s, row)->count = count;
  memcpy(total_at(s, row)->key, change->key, WEIR_ID_BYTES);
  weir_mem_link(s, WEIR_MEM_TOTALS, weir_mem_key(s, change->key), row);
  weir_mem_queue(s, WEIR_MEM_TOTALS, row);
  return WEIR_OK;
}

weir_status weir_mem_ask_total(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, int64_t *count,
                               weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t row = find(s, key);
  (void)err; /* reading memory cannot fail */
  *count = row != 0 && total_at(s, row)->head.due > now_ms ? total_at(s, row)->count : 0;
  return WEIR_OK;
}
