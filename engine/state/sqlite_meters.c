/* sqlite_meters.c: how often something was done lately. A meter's slots are one value: 12 bytes each, least byte first, the time of
 * its last use and how many there were. Meters at hand are kept in memory and written with the commit: an account's own is used by
 * every decision of a group. */
#include "state/meter.h"
#include "state/sqlite.h"

#define SLOT_BYTES 12

static uint64_t number_at(const unsigned char *bytes, int cnt) {
  uint64_t value = 0;
  for (int i = 0; i < cnt; i++) value |= (uint64_t)bytes[i] << (8 * i);
  return value;
}

static weir_status unpack(struct weir_sqlite *s, weir_str bytes, struct weir_meter *meter, weir_error *err) {
  if (bytes.len % SLOT_BYTES != 0 || bytes.len > (size_t)WEIR_METER_SLOTS * SLOT_BYTES) return weir_sq_damaged(s, "a meter has no slots", err);
  meter->slot_cnt = (uint32_t)(bytes.len / SLOT_BYTES);
  for (uint32_t i = 0; i < meter->slot_cnt; i++) {
    const unsigned char *at = (const unsigned char *)bytes.ptr + (size_t)i * SLOT_BYTES;
    meter->slots[i] = (struct weir_meter_slot){ (int64_t)number_at(at, 8), (uint32_t)number_at(at + 8, 4) };
    if (meter->slots[i].uses == 0 || meter->slots[i].last_ms < 0) return weir_sq_damaged(s, "a meter's slot is empty", err);
  }
  return WEIR_OK;
}

static weir_str pack(const struct weir_meter *meter, unsigned char out[WEIR_METER_SLOTS * SLOT_BYTES]) {
  for (uint32_t i = 0; i < meter->slot_cnt; i++) {
    for (int b = 0; b < SLOT_BYTES; b++) {
      uint64_t value = b < 8 ? (uint64_t)meter->slots[i].last_ms : meter->slots[i].uses;
      out[i * SLOT_BYTES + (unsigned)b] = (unsigned char)(value >> (8 * (b % 8)));
    }
  }
  return (weir_str){ (const char *)out, (size_t)meter->slot_cnt * SLOT_BYTES };
}

static weir_status read_meter(struct weir_sqlite *s, const unsigned char key[WEIR_ID_BYTES], struct weir_meter *meter, weir_error *err) {
  bool row;
  memset(meter, 0, sizeof *meter);
  sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_METER, WEIR_SQ_ARGS(weir_sq_key(key)));
  weir_status status = weir_sq_next(s, stmt, &row, err);
  if (status != WEIR_OK || !row) return status;
  meter->until_ms = sqlite3_column_int64(stmt, 0);
  meter->opened_ms = sqlite3_column_int64(stmt, 1);
  status = unpack(s, weir_sq_column(stmt, 2), meter, err);
  weir_sq_done(stmt);
  return status;
}

/* ---- at hand: each meter has one place it can lie in, and who lies there already makes room */

static weir_status write_held(struct weir_sqlite *s, struct weir_sq_meter *held, weir_error *err) {
  unsigned char slots[WEIR_METER_SLOTS * SLOT_BYTES];
  weir_status status = WEIR_OK;
  if (!held->dirty) return WEIR_OK;
  if (held->meter.until_ms == 0) {
    if (held->stored) status = weir_sq_run(s, WEIR_SQ_METER_DROP, WEIR_SQ_ARGS(weir_sq_key(held->key)), err);
    held->stored = false;
  } else {
    const struct weir_sq_arg args[] = { weir_sq_key(held->key), weir_sq_int(held->meter.until_ms), weir_sq_int(held->meter.opened_ms),
                                        { WEIR_SQ_BLOB, 0, pack(&held->meter, slots) } };
    if (held->meter.until_ms < s->now.meters_end) s->now.meters_end = held->meter.until_ms;
    status = weir_sq_run(s, WEIR_SQ_METER_PUT, args, 4, err);
    held->stored = true;
  }
  if (status == WEIR_OK) held->dirty = false;
  return status;
}

static struct weir_sq_meter *place_of(struct weir_sqlite *s, const unsigned char key[WEIR_ID_BYTES]) {
  return &s->meters[weir_sq_key_hash(key) % WEIR_SQ_METERS_HELD];
}

static weir_status hold(struct weir_sqlite *s, const unsigned char key[WEIR_ID_BYTES], struct weir_sq_meter **out, weir_error *err) {
  struct weir_sq_meter *held = *out = place_of(s, key);
  if (held->valid && memcmp(held->key, key, WEIR_ID_BYTES) == 0) return WEIR_OK;
  weir_status status = held->valid ? write_held(s, held, err) : WEIR_OK;
  held->valid = false;
  if (status == WEIR_OK) status = read_meter(s, key, &held->meter, err);
  if (status != WEIR_OK) return status;
  held->valid = true;
  held->dirty = false;
  held->stored = held->meter.until_ms != 0;
  memcpy(held->key, key, WEIR_ID_BYTES);
  return WEIR_OK;
}

weir_status weir_sq_write_meters(struct weir_sqlite *s, weir_error *err) {
  weir_status status = WEIR_OK;
  for (int i = 0; i < WEIR_SQ_METERS_HELD && status == WEIR_OK; i++) {
    if (s->meters[i].valid) status = write_held(s, &s->meters[i], err);
  }
  return status;
}

void weir_sq_forget_meters(struct weir_sqlite *s) {
  for (int i = 0; i < WEIR_SQ_METERS_HELD; i++) s->meters[i] = (struct weir_sq_meter){ .valid = false };
}

/* ---- changing and asking */

weir_status weir_sq_change_meter(struct weir_sqlite *s, const struct weir_change *change, weir_error *err) {
  struct weir_sq_meter *held;
  weir_status status = hold(s, change->key, &held, err);
  if (status != WEIR_OK) return status;
  weir_meter_change(&held->meter, change, s->now.now_ms);
  held->dirty = true;
  return WEIR_OK;
}

weir_status weir_sq_ask_meter(struct weir_store *store, const unsigned char key[WEIR_ID_BYTES], int64_t now_ms, struct weir_meter *out,
                              weir_error *err) {
  struct weir_sqlite *s = (struct weir_sqlite *)store;
  struct weir_sq_meter *held;
  memset(out, 0, sizeof *out);
  weir_status status = weir_sq_usable(s, err);
  if (status == WEIR_OK) status = hold(s, key, &held, err); /* writes only inside a transaction: outside, none is dirty */
  if (status == WEIR_OK && held->meter.until_ms > now_ms) *out = held->meter;
  return status;
}

weir_status weir_sq_sweep_meters(struct weir_sqlite *s, weir_error *err) {
  weir_status status = WEIR_OK;
  for (int n = 0; n < WEIR_SQ_METER_ROWS && s->now.meters_end <= s->now.now_ms && status == WEIR_OK; n++) {
    unsigned char key[WEIR_ID_BYTES];
    bool row;
    sqlite3_stmt *stmt = weir_sq_bind(s, WEIR_SQ_METER_OVER, WEIR_SQ_NO_ARGS);
    if ((status = weir_sq_next(s, stmt, &row, err)) != WEIR_OK) return status;
    s->now.meters_end = row ? sqlite3_column_int64(stmt, 1) : INT64_MAX;
    if (!row) return WEIR_OK;
    weir_str bytes = weir_sq_column(stmt, 0);
    bool whole = bytes.len == sizeof key;
    if (whole) memcpy(key, bytes.ptr, sizeof key);
    weir_sq_done(stmt);
    if (!whole) return weir_sq_damaged(s, "a meter's key is too short", err);
    if (s->now.meters_end > s->now.now_ms) return WEIR_OK;
    struct weir_sq_meter *held = place_of(s, key);
    if (held->valid && memcmp(held->key, key, sizeof key) == 0) held->valid = false;
    status = weir_sq_run(s, WEIR_SQ_METER_DROP, WEIR_SQ_ARGS(weir_sq_key(key)), err);
  }
  return status;
}
