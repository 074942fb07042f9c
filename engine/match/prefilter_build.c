/* prefilter_build.c: lays out the tables of a prefilter. A window for each literal, chosen by rarity; byte pairs of windows
 * spread over buckets so that each bucket's product of half bytes holds little else; windows hashed into a bitmap and a
 * table; postings sorted by literal. */
#include "match/prefilter.h"
#include "limits.h"

#include <stdlib.h>

/* ---- Numbering literals */

struct weir_literal_pool {
  struct weir_arena *work;
  weir_str *literals;
  uint32_t cnt, cap;
  uint32_t *slots; /* number + 1; 0: free */
  size_t slot_cnt;
};

struct weir_literal_pool *weir_literal_pool_new(struct weir_arena *work) {
  struct weir_literal_pool *pool = weir_arena_zalloc(work, sizeof *pool);
  if (pool) pool->work = work;
  return pool;
}

static uint64_t text_hash(weir_str text) {
  uint64_t hash = text.len;
  for (size_t i = 0; i < text.len; i++) hash = (hash ^ (unsigned char)text.ptr[i]) * UINT64_C(0x100000001B3);
  return weir_prefilter_mix(hash);
}

static bool grow(struct weir_literal_pool *pool) {
  uint32_t cap = pool->cap ? pool->cap * 2 : 256;
  weir_str *literals = weir_arena_array(pool->work, cap, sizeof *literals);
  uint32_t *slots = weir_arena_zalloc(pool->work, (size_t)cap * 2 * sizeof *slots);
  if (!literals || !slots) return false;
  if (pool->cnt) memcpy(literals, pool->literals, pool->cnt * sizeof *literals);
  pool->literals = literals;
  pool->cap = cap;
  pool->slots = slots;
  pool->slot_cnt = (size_t)cap * 2;
  for (uint32_t i = 0; i < pool->cnt; i++) {
    size_t at = (size_t)(text_hash(literals[i]) >> 20) & (pool->slot_cnt - 1);
    while (slots[at]) at = (at + 1) & (pool->slot_cnt - 1);
    slots[at] = i + 1;
  }
  return true;
}

bool weir_literal_pool_add(struct weir_literal_pool *pool, weir_str literal, uint32_t *number) {
  size_t at;
  if (pool->cnt == pool->cap && !grow(pool)) return false;
  at = (size_t)(text_hash(literal) >> 20) & (pool->slot_cnt - 1);
  for (; pool->slots[at]; at = (at + 1) & (pool->slot_cnt - 1)) {
    *number = pool->slots[at] - 1;
    if (weir_str_eq(pool->literals[*number], literal)) return true;
  }
  *number = pool->cnt;
  if (!weir_arena_str(pool->work, literal, &pool->literals[pool->cnt])) return false;
  pool->slots[at] = ++pool->cnt;
  return true;
}

weir_str weir_literal_pool_get(const struct weir_literal_pool *pool, uint32_t number) { return pool->literals[number]; }

/* ---- Buckets */

/* Of a place, the next and the fourth; then the third and the fifth, and whether it is the window's. */
struct triple { uint8_t bytes[3], third, fifth, long_enough[2]; };

struct half_sets { uint32_t low[3], high[3]; };

static unsigned count_bits(uint32_t set) {
  unsigned cnt = 0;
  for (; set; set &= set - 1) cnt++;
  return cnt;
}

static void join(struct half_sets *s, const struct triple *triple) {
  for (int i = 0; i < 3; i++) s->low[i] |= 1u << (triple->bytes[i] & 15), s->high[i] |= 1u << (triple->bytes[i] >> 4);
}

/* How many triples of bytes a bucket lets pass. */
static unsigned passes(const struct half_sets *s) {
  unsigned product = 1;
  for (int i = 0; i < 3; i++) product *= count_bits(s->low[i]) * count_bits(s->high[i]);
  return product;
}

static void into_bucket(struct weir_prefilter *p, const struct triple *triple, unsigned bucket) {
  for (int i = 0; i < 3; i++) {
    p->low[i][triple->bytes[i] & 15] |= (uint8_t)(1u << bucket);
    p->high[i][triple->bytes[i] >> 4] |= (uint8_t)(1u << bucket);
  }
  p->fine[0][triple->bytes[1] & 63] |= (uint8_t)(1u << bucket);
  for (unsigned i = 0; i < 64; i++) { /* fixed: bits */
    if (!triple->long_enough[0] || (triple->third & 63) == i) p->fine[1][i] |= (uint8_t)(1u << bucket);
    if (!triple->long_enough[1] || (triple->fifth & 63) == i) p->fine[2][i] |= (uint8_t)(1u << bucket);
  }
}

#define TRIPLES_SPLIT 200 /* that are split with care */
#define BUCKETS 8

/* Splits sorted triples into `buckets` runs with the fewest passes in all, by dynamic programming over where runs begin. */
static void split_with_care(struct weir_prefilter *p, const struct triple *triples, size_t cnt, unsigned from, unsigned buckets) {
  uint64_t best[BUCKETS + 1][TRIPLES_SPLIT + 1];
  uint8_t begin[BUCKETS + 1][TRIPLES_SPLIT + 1];
  for (size_t end = 0; end <= cnt; end++) best[0][end] = end ? UINT64_MAX / 2 : 0;
  for (unsigned b = 1; b <= buckets; b++) best[b][0] = 0;
  for (size_t end = 1; end <= cnt; end++) {
    struct half_sets s = { { 0, 0, 0 }, { 0, 0, 0 } };
    for (unsigned b = 1; b <= buckets; b++) best[b][end] = UINT64_MAX / 2;
    for (size_t start = end; start-- > 0;) {
      join(&s, &triples[start]);
      uint64_t more = passes(&s);
      for (unsigned b = 1; b <= buckets; b++) {
        if (best[b - 1][start] + more >= best[b][end]) continue;
        best[b][end] = best[b - 1][start] + more;
        begin[b][end] = (uint8_t)start;
      }
    }
  }
  for (size_t end = cnt, b = buckets; end > 0 && b > 0; b--) {
    for (size_t i = begin[b][end]; i < end; i++) into_bucket(p, &triples[i], from + (unsigned)b - 1);
    end = begin[b][end];
  }
}

static bool comes_before(unsigned char a, unsigned char b) {
  if (a >> 4 != b >> 4) return a < b;
  return weir_byte_chance(a) < weir_byte_chance(b);
}

/* How often the bytes that a bucket lets pass at one of its places stand in real text. */
static double often(uint32_t low, uint32_t high) {
  double sum = 0;
  for (unsigned h = 0; h < 16; h++) {
    for (unsigned l = 0; (high >> h & 1) && l < 16; l++) if (low >> l & 1) sum += weir_byte_chance((unsigned char)(h << 4 | l));
  }
  return sum;
}

/* Many triples: those of one first byte stay together, and runs of first bytes are split where the fewest places of real
 * text pass. Sorted by the high half of the first byte, then by how common it is: so common first bytes, of which there
 * are few windows, do not share a bucket with the crowd. */
static void split_by_first(struct weir_prefilter *p, struct triple *triples, size_t cnt, unsigned from, unsigned buckets) {
  struct half_sets sets[256]; /* fixed: one for each byte */
  double best[BUCKETS + 1][257];
  uint16_t begin[BUCKETS + 1][257];
  uint8_t bucket_of[256];
  unsigned char firsts[256];
  size_t first_cnt = 0;
  memset(sets, 0, sizeof sets);
  for (size_t i = 0; i < cnt; i++) {
    unsigned char first = triples[i].bytes[0];
    size_t at;
    join(&sets[first], &triples[i]);
    for (at = 0; at < first_cnt && firsts[at] != first; at++) { }
    if (at < first_cnt) continue;
    for (at = first_cnt++; at > 0 && comes_before(first, firsts[at - 1]); at--) firsts[at] = firsts[at - 1];
    firsts[at] = first;
  }
  for (size_t end = 0; end <= first_cnt; end++) best[0][end] = end ? 1e9 : 0;
  for (size_t end = 1; end <= first_cnt; end++) {
    struct half_sets s = { { 0, 0, 0 }, { 0, 0, 0 } };
    for (unsigned b = 1; b <= buckets; b++) best[b][end] = 1e9, best[b][0] = 0;
    for (size_t start = end; start-- > 0;) {
      double more = 1;
      for (int i = 0; i < 3; i++) s.low[i] |= sets[firsts[start]].low[i], s.high[i] |= sets[firsts[start]].high[i];
      for (int i = 0; i < 3; i++) more *= often(s.low[i], s.high[i]);
      for (unsigned b = 1; b <= buckets; b++) {
        if (best[b - 1][start] + more >= best[b][end]) continue;
        best[b][end] = best[b - 1][start] + more;
        begin[b][end] = (uint16_t)start;
      }
    }
  }
  memset(bucket_of, 0, sizeof bucket_of);
  for (size_t end = first_cnt, b = buckets; end > 0 && b > 0; b--) {
    for (size_t i = begin[b][end]; i < end; i++) bucket_of[firsts[i]] = (uint8_t)(b - 1);
    end = begin[b][end];
  }
  for (size_t i = 0; i < cnt; i++) into_bucket(p, &triples[i], from + bucket_of[triples[i].bytes[0]]);
}

static void split(struct weir_prefilter *p, struct triple *triples, size_t cnt, unsigned from, unsigned buckets) {
  if (cnt <= TRIPLES_SPLIT) split_with_care(p, triples, cnt, from, buckets);
  else split_by_first(p, triples, cnt, from, buckets);
}

static int by_bytes(const void *a, const void *b) { return memcmp(a, b, sizeof(struct triple)); }

/* ASCII windows and others get buckets of their own, since a text is mostly one or the other. */
static void share_buckets(struct weir_prefilter *p, struct triple *triples, size_t cnt, unsigned from, unsigned buckets) {
  size_t kept = 0, ascii = 0;
  unsigned share;
  if (cnt > 1) qsort(triples, cnt, sizeof *triples, by_bytes);
  for (size_t i = 0; i < cnt; i++) {
    if (kept && by_bytes(&triples[kept - 1], &triples[i]) == 0) continue;
    if (triples[i].bytes[0] < 0x80) ascii++;
    triples[kept++] = triples[i];
  }
  share = ascii == 0 ? 0 : ascii == kept ? buckets : buckets / 2;
  if (share > 0) split(p, triples, ascii, from, share);
  if (share < buckets) split(p, triples + ascii, kept - ascii, from + share, buckets - share);
}

/* ---- Tables */

struct build {
  struct weir_prefilter *p;
  struct weir_arena *arena, *work;
  const struct weir_literal_pool *pool;
  struct weir_prefilter_need *needs;
  size_t need_cnt;
  uint32_t *places;                /* of each literal, in units of four bytes */
  struct weir_window *windows;
  enum weir_window_kind *kinds;
  size_t cnt;
};

static int by_literal(const void *a, const void *b) {
  const struct weir_prefilter_need *x = a, *y = b;
  if (x->literal != y->literal) return x->literal < y->literal ? -1 : 1;
  return (x->posting > y->posting) - (x->posting < y->posting);
}

static size_t literal_units(size_t postings, size_t len) { return (sizeof(struct weir_prefilter_literal) + postings * sizeof(uint32_t) + len + 3) / 4; }

/* Sorts the needs, drops doubles, and counts literals and the room they take. */
static size_t sort_needs(struct build *b) {
  size_t kept = 0, units = 0, postings = 0;
  if (b->need_cnt > 1) qsort(b->needs, b->need_cnt, sizeof *b->needs, by_literal);
  for (size_t i = 0; i < b->need_cnt; i++) {
    if (kept && by_literal(&b->needs[kept - 1], &b->needs[i]) == 0) continue;
    if (kept && b->needs[kept - 1].literal != b->needs[i].literal) {
      units += literal_units(postings, b->pool->literals[b->needs[kept - 1].literal].len);
      postings = 0;
    }
    if (!kept || b->needs[kept - 1].literal != b->needs[i].literal) b->cnt++;
    b->needs[kept++] = b->needs[i];
    postings++;
  }
  b->need_cnt = kept;
  return kept ? units + literal_units(postings, b->pool->literals[b->needs[kept - 1].literal].len) : 0;
}

static void put_literal(struct build *b, uint32_t *literals, size_t at, size_t index, const struct weir_prefilter_need *needs, size_t cnt) {
  struct weir_prefilter_literal *literal = (struct weir_prefilter_literal *)(void *)(literals + at);
  weir_str text = b->pool->literals[needs->literal];
  double weight;
  b->kinds[index] = weir_window_best(text, &b->windows[index], &weight);
  b->places[index] = (uint32_t)at;
  *literal = (struct weir_prefilter_literal){ .posting_cnt = (uint32_t)cnt, .len = (uint8_t)text.len, .anchor = b->windows[index].anchor };
  for (size_t i = 0; i < cnt; i++) literal->postings[i] = needs[i].posting;
  memcpy(&literal->postings[cnt], text.ptr, text.len);
}

static bool fill_literals(struct build *b) {
  size_t units = sort_needs(b), at = 0, index = 0;
  uint32_t *literals = weir_arena_zalloc(b->arena, units * sizeof *literals);
  b->windows = weir_arena_array(b->work, b->cnt, sizeof *b->windows);
  b->kinds = weir_arena_array(b->work, b->cnt, sizeof *b->kinds);
  b->places = weir_arena_array(b->work, b->cnt, sizeof *b->places);
  if (!literals || !b->windows || !b->kinds || !b->places || units > UINT32_MAX / 2) return false;
  for (size_t i = 0, end; i < b->need_cnt; i = end) {
    for (end = i + 1; end < b->need_cnt && b->needs[end].literal == b->needs[i].literal; end++) { }
    put_literal(b, literals, at, index++, &b->needs[i], end - i);
    at += literal_units(end - i, b->pool->literals[b->needs[i].literal].len);
  }
  b->p->literals = literals;
  b->p->literal_cnt = b->cnt;
  return true;
}

/* Which bytes a short window lets pass behind it: any. */
static void open_bucket(struct weir_prefilter *p, unsigned bucket, int from) {
  for (unsigned i = 0; from < 2 && i < 64; i++) p->fine[0][i] |= (uint8_t)(1u << bucket); /* fixed: bits */
  for (int i = from; i < 3; i++) for (unsigned half = 0; half < 16; half++) p->low[i][half] |= (uint8_t)(1u << bucket), p->high[i][half] |= (uint8_t)(1u << bucket);
}

static void finish_buckets(struct weir_prefilter *p) {
  for (int i = 0; i < 3; i++) for (unsigned c = 0; c < 256; c++) p->whole[i][c] = p->low[i][c & 15] & p->high[i][c >> 4];
}

/* Long windows get the low buckets; pairs, and one for singles, the high ones. */
static bool fill_buckets(struct build *b) {
  struct triple *longs = weir_arena_array(b->work, b->cnt, sizeof *longs), *pairs = weir_arena_array(b->work, b->cnt, sizeof *pairs);
  size_t long_cnt = 0, pair_cnt = 0;
  unsigned pair_buckets, single_buckets, long_buckets;
  if (!longs || !pairs) return false;
  for (size_t i = 0; i < b->cnt; i++) {
    const struct weir_window *w = &b->windows[i];
    struct triple triple = { .bytes = { w->first, w->second, w->fourth }, .long_enough = { w->len > 2, w->len > 4 } };
    if (w->len > 2) triple.third = (uint8_t)(w->key >> 16);
    if (w->len > 4) triple.fifth = (uint8_t)(w->key >> 32);
    if (b->kinds[i] == WEIR_WINDOW_LONG) longs[long_cnt++] = triple;
    if (b->kinds[i] == WEIR_WINDOW_PAIR) pairs[pair_cnt++] = triple;
    if (b->kinds[i] == WEIR_WINDOW_SINGLE) b->p->any_single = true;
  }
  b->p->any_pair = pair_cnt > 0;
  pair_buckets = pair_cnt ? 2 : 0;
  single_buckets = b->p->any_single ? 1 : 0;
  long_buckets = BUCKETS - pair_buckets - single_buckets;
  share_buckets(b->p, longs, long_cnt, 0, long_buckets);
  if (pair_cnt) share_buckets(b->p, pairs, pair_cnt, long_buckets, pair_buckets);
  for (unsigned k = 0; k < pair_buckets; k++) open_bucket(b->p, long_buckets + k, 2);
  for (size_t i = 0; single_buckets && i < b->cnt; i++) {
    struct triple triple = { .bytes = { b->windows[i].first, 0, 0 } };
    if (b->kinds[i] == WEIR_WINDOW_SINGLE) into_bucket(b->p, &triple, BUCKETS - 1);
  }
  if (single_buckets) open_bucket(b->p, BUCKETS - 1, 1);
  b->p->long_buckets = (uint8_t)((1u << long_buckets) - 1);
  b->p->short_buckets = (uint8_t)~b->p->long_buckets;
  finish_buckets(b->p);
  b->p->is_fine = long_cnt > WEIR_PREFILTER_FINE_MIN && long_cnt <= WEIR_PREFILTER_FINE_MAX;
  return true;
}

static unsigned log2_above(size_t n) {
  unsigned bits = 0;
  while (((size_t)1 << bits) < n) bits++;
  return bits;
}

static bool fill_singles(struct build *b) {
  uint32_t *singles, at = 0;
  size_t cnt = 0;
  for (size_t i = 0; i < b->cnt; i++) cnt += b->kinds[i] == WEIR_WINDOW_SINGLE;
  if (!(singles = weir_arena_array(b->arena, cnt, sizeof *singles))) return false;
  for (unsigned c = 0; c < 128; c++) {
    b->p->single_start[c] = at;
    for (size_t i = 0; cnt && i < b->cnt; i++) if (b->kinds[i] == WEIR_WINDOW_SINGLE && b->windows[i].first == c) singles[at++] = b->places[i];
  }
  b->p->single_start[128] = at;
  b->p->singles = singles;
  return true;
}


/* Entries half full at most. The bitmap has eight bits and more for each entry. */
static bool fill_table(struct build *b) {
  unsigned entry_bits = log2_above(b->cnt * 2 < 16 ? 16 : b->cnt * 2), bit_bits = entry_bits + 3 < WEIR_PREFILTER_BITS_MIN ? WEIR_PREFILTER_BITS_MIN : entry_bits + 3;
  size_t entry_cnt = (size_t)1 << entry_bits;
  uint64_t *bitmap = weir_arena_zalloc(b->arena, ((size_t)1 << bit_bits) / 8);
  struct weir_prefilter_entry *entries = weir_arena_zalloc(b->arena, entry_cnt * sizeof *entries);
  if (!bitmap || !entries) return false;
  b->p->entry_shift = 64 - entry_bits;
  b->p->bit_shift = 64 - bit_bits;
  b->p->entry_mask = entry_cnt - 1;
  for (size_t i = 0; i < b->cnt; i++) {
    uint64_t hash = weir_prefilter_hash(b->windows[i].key, b->windows[i].len);
    size_t at = (size_t)(hash >> b->p->entry_shift);
    if (b->kinds[i] == WEIR_WINDOW_SINGLE) continue;
    if (entries[at].at) entries[at].at |= WEIR_ENTRY_MORE;
    while (entries[at].at) at = (at + 1) & b->p->entry_mask;
    entries[at] = (struct weir_prefilter_entry){ weir_prefilter_check(hash), b->places[i] + 1 };
    bitmap[hash >> b->p->bit_shift >> 6] |= UINT64_C(1) << ((hash >> b->p->bit_shift) & 63);
  }
  b->p->bitmap = bitmap;
  b->p->entries = entries;
  return true;
}

weir_status weir_prefilter_build(struct weir_arena *arena, struct weir_arena *work, const struct weir_literal_pool *pool,
                                 struct weir_prefilter_need *needs, size_t need_cnt, const struct weir_trigger *triggers,
                                 const struct weir_prefilter **out) {
  struct build b = { .arena = arena, .work = work, .pool = pool, .needs = needs, .need_cnt = need_cnt };
  *out = NULL;
  if (!(b.p = weir_arena_zalloc(arena, sizeof *b.p))) return WEIR_E_NOMEM;
  b.p->triggers = triggers;
  if (!fill_literals(&b) || !fill_buckets(&b) || !fill_singles(&b) || !fill_table(&b)) return WEIR_E_NOMEM;
  *out = b.p;
  return WEIR_OK;
}
