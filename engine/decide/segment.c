/* segment.c: layers of people by how active they are, without walking over them: persons are counted in buckets by the value of their
 * counter, two buckets for each doubling, and moved when the counter moves. Somebody's layer follows from how many stand in higher
 * buckets; who shares a bucket shares a layer. */
#include "decide/decide.h"
#include "decide/pending.h"
#include "limits.h"

static int64_t number_of(weir_str text) {
  bool negative = text.len > 1 && text.ptr[0] == '-';
  int64_t value = 0;
  for (size_t i = negative; i < text.len; i++) {
    if (text.ptr[i] < '0' || text.ptr[i] > '9') return 0;
    if (value < INT32_MAX) value = value * 10 + (text.ptr[i] - '0');
  }
  return negative ? -value : value;
}

/* From 1; 0: not active at all. */
static uint32_t bucket_of(int64_t value) {
  uint32_t octave = 0;
  if (value <= 0) return 0;
  while (octave < 31 && value >> (octave + 1)) octave++;
  uint32_t upper = octave > 0 ? (uint32_t)(value >> (octave - 1) & 1) : 0;
  uint32_t bucket = 1 + 2 * octave + upper;
  return bucket < WEIR_SEGMENT_BUCKETS ? bucket : WEIR_SEGMENT_BUCKETS - 1;
}

static void key_of(const struct weir_segment *segment, uint32_t bucket, unsigned char key[WEIR_ID_BYTES]) {
  memcpy(key, segment->key, WEIR_ID_BYTES);
  key[WEIR_ID_BYTES - 1] = (unsigned char)bucket;
}

static int64_t value_in(const struct weir_person *person, weir_str name) {
  for (uint32_t i = 0; i < person->field_cnt; i++) {
    if (weir_str_eq(person->fields[i].key, name)) return number_of(person->fields[i].value);
  }
  return 0;
}

/* Segments of one counter share their buckets: only the first of them moves them. */
static bool is_first(const struct weir_ruleset *rs, uint32_t segment) {
  for (uint32_t i = 0; i < segment; i++) {
    if (weir_str_eq(rs->segments[i].by, rs->segments[segment].by)) return false;
  }
  return true;
}

weir_status weir_segment_moved(const struct weir_ruleset *rs, uint32_t segment, int64_t before, int64_t after, struct weir_changeset *changes, weir_error *err) {
  uint32_t buckets[2] = { bucket_of(before), bucket_of(after) };
  if (buckets[0] == buckets[1] || !is_first(rs, segment)) return WEIR_OK;
  for (int i = 0; i < 2; i++) {
    struct weir_change change = { .kind = WEIR_CHANGE_TOTAL, .number = i ? 1 : -1, .until_ms = INT64_MAX };
    if (!buckets[i]) continue;
    if (changes->cnt >= changes->cap) return weir_fail(err, WEIR_E_LIMIT, "the rules that fire for this event change too many things at once");
    key_of(&rs->segments[segment], buckets[i], change.key);
    changes->items[changes->cnt++] = change;
  }
  return WEIR_OK;
}

int64_t weir_segment_value(const struct weir_person *person, const struct weir_segment *segment) { return value_in(person, segment->by); }

weir_status weir_decide_segments(struct weir_decide *d, weir_error *err) {
  const uint32_t cnt = d->changes.cnt;
  weir_status status = WEIR_OK;
  for (uint32_t s = 0; s < d->ruleset->segment_cnt && status == WEIR_OK; s++) {
    const struct weir_segment *segment = &d->ruleset->segments[s];
    int64_t before = 0, after = 0;
    bool touched = false;
    for (uint32_t i = 0; i < cnt; i++) {
      const struct weir_change *c = &d->changes.items[i];
      bool about = (c->kind == WEIR_CHANGE_COUNTER || c->kind == WEIR_CHANGE_FIELD) && weir_str_eq(c->name, segment->by);
      if (!about) continue;
      if (!touched) before = after = value_in(&d->person, segment->by);
      touched = true;
      after = c->kind == WEIR_CHANGE_FIELD ? number_of(c->value) : after + (c->number > INT32_MAX ? INT32_MAX : c->number < -INT32_MAX ? -INT32_MAX : c->number);
    }
    if (touched) status = weir_segment_moved(d->ruleset, s, before, after, &d->changes, err);
  }
  return status;
}

weir_status weir_segment_layer(struct weir_decide *d, const struct weir_segment *segment, uint32_t *layer, weir_error *err) {
  uint64_t above = 0, all = 0, share = 0;
  *layer = segment->layer_cnt - 1;
  weir_status status = weir_decide_person(d, err);
  uint32_t own = status == WEIR_OK ? bucket_of(value_in(&d->person, segment->by)) : 0;
  if (!own) return status;
  for (uint32_t bucket = 1; bucket < WEIR_SEGMENT_BUCKETS && status == WEIR_OK; bucket++) {
    unsigned char key[WEIR_ID_BYTES];
    int64_t count = 0;
    key_of(segment, bucket, key);
    status = d->store->ops->total(d->store, key, d->now_ms, &count, err);
    all += (uint64_t)count;
    if (bucket > own) above += (uint64_t)count;
  }
  for (uint32_t i = 0; i < segment->layer_cnt && status == WEIR_OK; i++) {
    share += segment->shares[i];
    if (above * 100 >= share * all && i + 1 < segment->layer_cnt) continue;
    *layer = i;
    break;
  }
  return status;
}
