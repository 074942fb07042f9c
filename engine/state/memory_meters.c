/* memory_meters.c: how often something was done lately. A meter is found by its key and goes when its time is over; never before,
 * for a quota that is forgotten would be used twice. */
#include "state/memory.h"
#include "state/meter.h"

static struct weir_mem_meter *meter_at(const struct weir_memory *s, uint32_t row) { return weir_mem_row(s, WEIR_MEM_METERS, row); }

static uint32_t find(const struct weir_memory *s, const unsigned char key[WEIR_ID_BYTES]) {
  uint32_t row = weir_mem_chain(s, WEIR_MEM_METERS, weir_mem_key(s, key));
  while (row != 0 && memcmp(meter_at(s, row)->key, key, WEIR_ID_BYTES) != 0) row = meter_at(s, row)->head.next;
  return row;
}

static struct weir_meter unpack(const struct weir_mem_meter *row) {
  struct weir_meter meter = { .until_ms = row->head.due, .opened_ms = row->opened_ms, .slot_cnt = row->slot_cnt };
  for (uint32_t i = 0; i < row->slot_cnt; i++) meter.slots[i] = (struct weir_meter_slot){ row->last_ms[i], row->uses[i] };
  return meter;
}

static void pack(struct weir_mem_meter *row, const struct weir_meter *meter) {
  row->opened_ms = meter->opened_ms;
  row->slot_cnt = meter->slot_cnt;
  for (uint32_t i = 0; i < meter->slot_cnt; i++) {
    row->last_ms[i] = meter->slots[i].last_ms;
    row->uses[i] = meter->slots[i].uses;
  }
}

weir_status weir_mem_change_meter(struct weir_memory *s, const struct weir_change *change, weir_error *err) {
  const char *fault = weir_meter_fault(change);
  weir_status status = fault ? weir_fail(err, WEIR_E_ARG, "%s", fault) : weir_mem_step(s, err);
  if (status != WEIR_OK) return status;
  uint32_t row = find(s, change->key);
  struct weir_meter meter = { 0 };
  if (row != 0) meter = unpack(meter_at(s, row));
  weir_meter_change(&meter, change, s->now_ms);
  if (meter.until_ms == 0) {
    if (row != 0) weir_mem_drop_meter(s, row);
    return WEIR_OK;
  }
  if (row == 0) {
    if ((status = weir_mem_take(s, WEIR_MEM_METERS, &row, err)) != WEIR_OK) return status;
    memcpy(meter_at(s, row)->key, change->key, WEIR_ID_BYTES);
    meter_at(s, row)->head.due = meter.until_ms;
    weir_mem_link(s, WEIR_MEM_METERS, weir_mem_key(s, change->key), row);
    weir_mem_queue(s, WEIR_MEM_METERS, row);
  } else {
    weir_mem_log(s, meter_at(s, row), sizeof(struct weir_mem_meter));
    weir_mem_set_due(s, WEIR_MEM_METERS, row, meter.until_ms);
  }
  pack(meter_at(s, row), &meter);
  return WEIR_OK;
}

void weir_mem_drop_meter(struct weir_memory *s, uint32_t row) {
  weir_mem_unlink(s, WEIR_MEM_METERS, weir_mem_key(s, meter_at(s, row)->key), row);
  weir_mem_unqueue(s, WEIR_MEM_METERS, row);
  weir_mem_give(s, WEIR_MEM_METERS, row);
}

weir_status weir_mem_ask_meter(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, struct weir_meter *out,
                               weir_error *err) {
  const struct weir_memory *s = (const struct weir_memory *)store;
  uint32_t row = find(s, key);
  (void)err; /* reading memory cannot fail */
  memset(out, 0, sizeof *out);
  if (row != 0 && meter_at(s, row)->head.due > now_ms) *out = unpack(meter_at(s, row));
  return WEIR_OK;
}
