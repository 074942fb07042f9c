/* meter.c: a meter's slots. Times may run backwards, because clocks are set: a use that comes with an earlier time than the newest
 * slot counts with that slot, so that it is not forgotten too early. */
#include "state/meter.h"

#include <string.h>

bool weir_meter_is_change(const struct weir_change *change) {
  return change->kind == WEIR_CHANGE_METER || change->kind == WEIR_CHANGE_METER_BACK || change->kind == WEIR_CHANGE_METER_OPEN;
}

const char *weir_meter_fault(const struct weir_change *change) {
  if (change->kind != WEIR_CHANGE_METER_OPEN && (change->number < 1 || change->number > WEIR_METER_WHOLE)) return "a meter's slot of no width";
  if (change->at_ms < 0) return "a meter's time before 1970";
  return NULL;
}

static void drop_oldest(struct weir_meter *meter) {
  meter->slot_cnt--;
  memmove(meter->slots, meter->slots + 1, meter->slot_cnt * sizeof *meter->slots);
}

static uint32_t plus(uint32_t a, uint32_t b) { return a > UINT32_MAX - b ? UINT32_MAX : a + b; }

/* Room for one slot more. What no window of this width sees any more goes; else the two oldest become one, which counts longer. */
static void make_room(struct weir_meter *meter, int64_t at_ms, int64_t width_ms) {
  while (meter->slot_cnt > 0 && at_ms - meter->slots[0].last_ms >= width_ms * (WEIR_METER_SLOTS - 1)) drop_oldest(meter);
  if (meter->slot_cnt < WEIR_METER_SLOTS) return;
  meter->slots[1].uses = plus(meter->slots[1].uses, meter->slots[0].uses);
  drop_oldest(meter);
}

static void take(struct weir_meter *meter, int64_t at_ms, int64_t width_ms) {
  struct weir_meter_slot *newest = meter->slot_cnt ? &meter->slots[meter->slot_cnt - 1] : NULL;
  if (newest && newest->last_ms / width_ms >= at_ms / width_ms) {
    newest->uses = plus(newest->uses, 1);
    if (at_ms > newest->last_ms) newest->last_ms = at_ms;
    return;
  }
  make_room(meter, at_ms, width_ms);
  meter->slots[meter->slot_cnt++] = (struct weir_meter_slot){ at_ms, 1 };
}

static void give_back(struct weir_meter *meter, int64_t at_ms, int64_t width_ms) {
  for (uint32_t i = 0; i < meter->slot_cnt; i++) {
    struct weir_meter_slot *slot = &meter->slots[i];
    if (slot->last_ms / width_ms != at_ms / width_ms) continue;
    if (--slot->uses > 0) return;
    meter->slot_cnt--;
    memmove(slot, slot + 1, (meter->slot_cnt - i) * sizeof *slot);
    return;
  }
}

static void open_anew(struct weir_meter *meter, int64_t at_ms) {
  if (at_ms <= meter->opened_ms) return;
  meter->opened_ms = at_ms;
  meter->slot_cnt = 0;
}

void weir_meter_change(struct weir_meter *meter, const struct weir_change *change, int64_t now_ms) {
  if (meter->until_ms <= now_ms) memset(meter, 0, sizeof *meter);
  if (change->kind == WEIR_CHANGE_METER_BACK) {
    give_back(meter, change->at_ms, change->number);
    return;
  }
  if (change->until_ms <= now_ms) return; /* it would be forgotten at once */
  if (change->kind == WEIR_CHANGE_METER) take(meter, change->at_ms, change->number);
  else open_anew(meter, change->at_ms);
  if (change->until_ms > meter->until_ms) meter->until_ms = change->until_ms;
}

uint64_t weir_meter_uses(const struct weir_meter *meter, int64_t since_ms) {
  uint64_t uses = 0;
  for (uint32_t i = 0; i < meter->slot_cnt; i++) {
    if (meter->slots[i].last_ms > since_ms) uses += meter->slots[i].uses;
  }
  return uses;
}

/* ---- in a ledger entry: key, time, width and end, least byte first */

static void put_number(char *at, int64_t number) {
  for (int i = 0; i < 8; i++) at[i] = (char)((uint64_t)number >> (8 * i) & 0xff);
}

static int64_t number_at(const char *at) {
  uint64_t number = 0;
  for (int i = 0; i < 8; i++) number |= (uint64_t)(unsigned char)at[i] << (8 * i);
  return (int64_t)number;
}

void weir_meter_put_taken(const struct weir_change *change, char out[WEIR_METER_TAKEN_BYTES]) {
  memcpy(out, change->key, WEIR_ID_BYTES);
  put_number(out + WEIR_ID_BYTES, change->at_ms);
  put_number(out + WEIR_ID_BYTES + 8, change->number);
  put_number(out + WEIR_ID_BYTES + 16, change->until_ms);
}

bool weir_meter_taken(weir_str taken, uint32_t i, struct weir_change *out) {
  if (taken.len / WEIR_METER_TAKEN_BYTES <= i) return false;
  const char *at = taken.ptr + (size_t)i * WEIR_METER_TAKEN_BYTES;
  *out = (struct weir_change){ .kind = WEIR_CHANGE_METER, .at_ms = number_at(at + WEIR_ID_BYTES), .number = number_at(at + WEIR_ID_BYTES + 8),
                               .until_ms = number_at(at + WEIR_ID_BYTES + 16) };
  memcpy(out->key, at, WEIR_ID_BYTES);
  return weir_meter_fault(out) == NULL;
}
