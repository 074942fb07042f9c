/* prefilter_scan.c: scanning a text. Places by blocks of 32 bytes (AVX2 or NEON where the processor has them, plain C
 * elsewhere: the same places), then the bitmap, then the literals. The loop is written once and compiled for each. */
#include "limits.h"
#include "match/matcher.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#include <immintrin.h>
#define WEIR_AVX2 1
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#define WEIR_NEON 1
#endif

#define INLINE static inline __attribute__((always_inline))

#define WAITING 32 /* literals gathered before they are compared */

struct scan {
  const struct weir_prefilter *p;
  struct weir_match *match;
  struct weir_view *view;
  uint32_t work; /* literals and postings looked at */
  size_t waiting_cnt;
  struct { uint32_t unit; uint32_t place; } waiting[WAITING];
};

/* The literal stands at `at`. Each mode is decided once. */
static void take_literal(struct scan *s, const struct weir_prefilter_literal *literal, size_t at) {
  const uint32_t *posting = literal->postings, *end = posting + literal->posting_cnt;
  struct weir_keyword keyword = { .ptr = (const char *)end, .len = literal->len };
  unsigned asked = 0, counts = 0;
  s->work += literal->posting_cnt;
  for (; posting < end; posting++) {
    unsigned mode = *posting & 7u;
    uint32_t target = (*posting >> 3) & (WEIR_TARGET_MAX - 1);
    if (mode == WEIR_POSTING_REGEX) {
      if (weir_match_has_gram(s->match, *posting >> 20, s->view)) weir_match_trigger(s->match, &s->p->triggers[target], s->view);
      continue;
    }
    keyword.mode = (uint8_t)mode;
    if (!((asked >> mode) & 1)) {
      asked |= 1u << mode;
      if (weir_keyword_counts(&keyword, s->view, at)) counts |= 1u << mode;
    }
    if ((counts >> mode) & 1) weir_match_hit(s->match, target, at, at + literal->len);
  }
}

/* Literals are short: calling memcmp costs more than comparing. */
INLINE bool same_bytes(const char *a, const char *b, size_t len) {
  while (len > 0 && *a == *b) a++, b++, len--;
  return len == 0;
}

static void take_candidate(struct scan *s, uint32_t unit, size_t place) {
  const struct weir_prefilter_literal *literal = (const struct weir_prefilter_literal *)(const void *)(s->p->literals + unit);
  size_t at = place - literal->anchor;
  s->work++;
  if (place < literal->anchor || at > s->view->text.len || literal->len > s->view->text.len - at) return;
  if (same_bytes(s->view->text.ptr + at, (const char *)(literal->postings + literal->posting_cnt), literal->len)) take_literal(s, literal, at);
}

/* Literals are spread over more memory than the nearest caches hold. So they are fetched while others are looked up, and
 * compared together. */
static void __attribute__((noinline)) take_waiting(struct scan *s) {
  for (size_t i = 0; i < s->waiting_cnt; i++) take_candidate(s, s->waiting[i].unit, s->waiting[i].place);
  s->waiting_cnt = 0;
}

INLINE void look_up(struct scan *s, uint64_t hash, size_t place) {
  size_t at = (size_t)(hash >> s->p->entry_shift);
  uint32_t check = weir_prefilter_check(hash);
  for (; s->p->entries[at].at & WEIR_ENTRY_AT && s->work <= WEIR_MATCH_PREFILTER_WORK; at = (at + 1) & s->p->entry_mask) {
    s->work++;
    if (s->p->entries[at].check != check) continue;
    if (s->waiting_cnt == WAITING) take_waiting(s);
    uint32_t unit = (s->p->entries[at].at & WEIR_ENTRY_AT) - 1;
    __builtin_prefetch(s->p->literals + unit);
    s->waiting[s->waiting_cnt].unit = unit;
    s->waiting[s->waiting_cnt++].place = (uint32_t)place;
  }
}

INLINE uint64_t load(const char *text) {
  uint64_t value;
  memcpy(&value, text, sizeof value);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  value = __builtin_bswap64(value);
#endif
  return value;
}

static void __attribute__((noinline)) take_singles(struct scan *s, size_t place) {
  unsigned char c = (unsigned char)s->view->text.ptr[place];
  for (uint32_t i = s->p->single_start[c]; i < s->p->single_start[c + 1]; i++) take_candidate(s, s->p->singles[i], place);
}

INLINE uint64_t hash_short(const char *text, size_t place) {
  return weir_prefilter_hash(load(text + place), 2);
}

INLINE uint64_t hash_long(const char *text, size_t place) {
  uint64_t value = load(text + place);
  return weir_prefilter_hash(value, 4 + (unsigned)((value >> 7) & 1)); /* five bytes from the middle of a character on */
}

/* Finds the places of a block where windows may begin: bits for long ones and for short ones. */
typedef void (*block_fn)(const struct weir_prefilter *p, const void *tables, const char *text, uint32_t *longs, uint32_t *shorts);

#define PLACES 256 /* gathered before they are looked at */

struct places { uint16_t at[PLACES + 32], kept[PLACES + 32]; size_t cnt; };

/* Writes the places of a block, eight at once without asking how many there are: a branch that cannot be foreseen costs
 * more than eight writes. */
INLINE void gather(struct places *places, uint32_t bits, size_t from) {
  size_t cnt = (size_t)__builtin_popcount(bits);
  uint16_t *at = places->at + places->cnt;
#define PUT(i) at[i] = (uint16_t)(from + (size_t)__builtin_ctz(bits | 0x80000000u)), bits &= bits - 1
#define PUT8() PUT(0), PUT(1), PUT(2), PUT(3), PUT(4), PUT(5), PUT(6), PUT(7)
  PUT8();
  if (cnt > 8) {
    at += 8, PUT8();
    if (cnt > 16) at += 8, PUT8(), at += 8, PUT8();
  }
#undef PUT8
#undef PUT
  places->cnt += cnt;
}

/* Keeps the hashes that the first entry looked at may hold, without a branch for each: most others end here. */
INLINE size_t keep_known(const struct weir_prefilter *p, uint64_t *hashes, uint16_t *places, size_t cnt) {
  const struct weir_prefilter_entry *entries = p->entries;
  unsigned shift = p->entry_shift;
  size_t kept = 0;
  for (size_t i = 0; i < cnt; i++) {
    uint64_t hash = hashes[i];
    struct weir_prefilter_entry entry = entries[hash >> shift];
    hashes[kept] = hash;
    places[kept] = places[i];
    kept += (entry.check == weir_prefilter_check(hash)) | (entry.at >> 31);
  }
  return kept;
}

/* Keeps the places whose window is in the bitmap, then looks those up. */
INLINE void drain(struct scan *s, const struct weir_prefilter *p, const char *text, struct places *places, bool is_long) {
  uint64_t hashes[PLACES + 32];
  const uint64_t *bitmap = p->bitmap;
  unsigned shift = p->bit_shift;
  size_t kept = 0, cnt = places->cnt;
  for (size_t i = 0; i < cnt; i++) {
    size_t place = places->at[i];
    uint64_t hash = is_long ? hash_long(text, place) : hash_short(text, place), bit = hash >> shift;
    hashes[kept] = hash;
    places->kept[kept] = (uint16_t)place;
    kept += (bitmap[bit >> 6] >> (bit & 63)) & 1;
  }
  kept = keep_known(p, hashes, places->kept, kept);
  for (size_t i = 0; i < kept; i++) look_up(s, hashes[i], places->kept[i]);
  if (s->waiting_cnt) take_waiting(s);
  places->cnt = 0;
}

INLINE void drain_shorts(struct scan *s, const struct weir_prefilter *p, const char *text, struct places *shorts) {
  for (size_t i = 0; p->any_single && i < shorts->cnt; i++) {
    unsigned char c = (unsigned char)text[shorts->at[i]];
    if (c < 0x80 && p->single_start[c] < p->single_start[c + 1]) take_singles(s, shorts->at[i]);
  }
  if (p->any_pair) drain(s, p, text, shorts, false);
  shorts->cnt = 0;
}

INLINE bool scan_with(const struct weir_prefilter *p, struct weir_match *match, struct weir_view *view, block_fn block, const void *tables) {
  struct scan s;
  const char *text = view->text.ptr;
  struct places long_places, short_places;
  s.p = p, s.match = match, s.view = view, s.work = 0, s.waiting_cnt = 0;
  long_places.cnt = short_places.cnt = 0;
  for (size_t from = 0; from < view->text.len; from += 32) {
    uint32_t longs, shorts;
    block(p, tables, text + from, &longs, &shorts);
    if (longs) gather(&long_places, longs, from);
    if (shorts) gather(&short_places, shorts, from);
    if (long_places.cnt >= PLACES - 32) drain(&s, p, text, &long_places, true);
    if (short_places.cnt >= PLACES - 32) drain_shorts(&s, p, text, &short_places);
    if (s.work > WEIR_MATCH_PREFILTER_WORK) return false;
  }
  if (long_places.cnt) drain(&s, p, text, &long_places, true);
  if (short_places.cnt) drain_shorts(&s, p, text, &short_places);
  return s.work <= WEIR_MATCH_PREFILTER_WORK;
}

/* ---- Plain */

INLINE void block_plain(const struct weir_prefilter *p, const void *tables, const char *text, uint32_t *longs, uint32_t *shorts) {
  uint32_t found_longs = 0, found_shorts = 0;
  (void)tables;
  for (unsigned i = 0; i < 32; i++) {
    unsigned buckets = p->whole[0][(unsigned char)text[i]] & p->whole[1][(unsigned char)text[i + 1]] & p->whole[2][(unsigned char)text[i + 3]];
    if (buckets & p->long_buckets) found_longs |= 1u << i;
    if (buckets & p->short_buckets) found_shorts |= 1u << i;
  }
  *longs = found_longs;
  *shorts = found_shorts;
}

bool weir_prefilter_plain(const struct weir_prefilter *p, struct weir_match *match, struct weir_view *view) {
  return scan_with(p, match, view, block_plain, NULL);
}

/* ---- AVX2 */

#ifdef WEIR_AVX2
#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

struct tables_avx2 { __m256i low[3], high[3], long_buckets, short_buckets; };

INLINE AVX2 __m256i spread(const uint8_t halves[16]) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)halves));
}

INLINE AVX2 __m256i look(const struct tables_avx2 *t, int i, const char *text) {
  const __m256i half = _mm256_set1_epi8(15);
  __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)text);
  return _mm256_and_si256(_mm256_shuffle_epi8(t->low[i], _mm256_and_si256(bytes, half)),
                          _mm256_shuffle_epi8(t->high[i], _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half)));
}

INLINE AVX2 void block_avx2(const struct weir_prefilter *p, const void *tables, const char *text, uint32_t *longs, uint32_t *shorts) {
  const struct tables_avx2 *t = tables;
  const __m256i zero = _mm256_setzero_si256();
  __m256i buckets = _mm256_and_si256(_mm256_and_si256(look(t, 0, text), look(t, 1, text + 1)), look(t, 2, text + 3));
  (void)p;
  *longs = ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(buckets, t->long_buckets), zero));
  *shorts = ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(buckets, t->short_buckets), zero));
}

/* By six bits: four shuffles, of which two bits choose one. */
INLINE AVX2 __m256i look_fine(const uint8_t fine[64], const char *text) {
  __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)text), half = _mm256_and_si256(bytes, _mm256_set1_epi8(15));
  __m256i bit4 = _mm256_slli_epi16(bytes, 3), bit5 = _mm256_slli_epi16(bytes, 2);
  __m256i low = _mm256_blendv_epi8(_mm256_shuffle_epi8(spread(fine), half), _mm256_shuffle_epi8(spread(fine + 16), half), bit4);
  __m256i high = _mm256_blendv_epi8(_mm256_shuffle_epi8(spread(fine + 32), half), _mm256_shuffle_epi8(spread(fine + 48), half), bit4);
  return _mm256_blendv_epi8(low, high, bit5);
}

INLINE AVX2 void block_fine_avx2(const struct weir_prefilter *p, const void *tables, const char *text, uint32_t *longs, uint32_t *shorts) {
  const struct tables_avx2 *t = tables;
  const __m256i zero = _mm256_setzero_si256();
  __m256i buckets = _mm256_and_si256(_mm256_and_si256(look(t, 0, text), look(t, 1, text + 1)), look(t, 2, text + 3));
  /* Keeps compilers from loading the tables ahead of the loop, for which there are too few registers. */
  __asm__("" : "+r"(p));
  buckets = _mm256_and_si256(buckets, _mm256_and_si256(look_fine(p->fine[0], text + 1), _mm256_and_si256(look_fine(p->fine[1], text + 2), look_fine(p->fine[2], text + 4))));
  *longs = ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(buckets, t->long_buckets), zero));
  *shorts = ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(buckets, t->short_buckets), zero));
}

AVX2 static bool scan_avx2(const struct weir_prefilter *p, struct weir_match *match, struct weir_view *view) {
  struct tables_avx2 tables;
  for (int i = 0; i < 3; i++) tables.low[i] = spread(p->low[i]), tables.high[i] = spread(p->high[i]);
  tables.long_buckets = _mm256_set1_epi8((char)p->long_buckets);
  tables.short_buckets = _mm256_set1_epi8((char)p->short_buckets);
  return p->is_fine ? scan_with(p, match, view, block_fine_avx2, &tables) : scan_with(p, match, view, block_avx2, &tables);
}
#endif

/* ---- NEON */

#ifdef WEIR_NEON
INLINE uint32_t mask_neon(uint8x16_t set) {
  static const uint8_t bits[16] = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128 };
  uint8x16_t chosen = vandq_u8(vtstq_u8(set, set), vld1q_u8(bits));
  return (uint32_t)vaddv_u8(vget_low_u8(chosen)) | (uint32_t)vaddv_u8(vget_high_u8(chosen)) << 8;
}

INLINE uint8x16_t look(const struct weir_prefilter *p, int i, const char *text) {
  uint8x16_t bytes = vld1q_u8((const uint8_t *)text);
  return vandq_u8(vqtbl1q_u8(vld1q_u8(p->low[i]), vandq_u8(bytes, vdupq_n_u8(15))), vqtbl1q_u8(vld1q_u8(p->high[i]), vshrq_n_u8(bytes, 4)));
}

INLINE void block_neon(const struct weir_prefilter *p, const void *tables, const char *text, uint32_t *longs, uint32_t *shorts) {
  (void)tables;
  *longs = *shorts = 0;
  for (unsigned i = 0; i < 32; i += 16) {
    uint8x16_t buckets = vandq_u8(vandq_u8(look(p, 0, text + i), look(p, 1, text + i + 1)), look(p, 2, text + i + 3));
    *longs |= mask_neon(vandq_u8(buckets, vdupq_n_u8(p->long_buckets))) << i;
    *shorts |= mask_neon(vandq_u8(buckets, vdupq_n_u8(p->short_buckets))) << i;
  }
}

static bool scan_neon(const struct weir_prefilter *p, struct weir_match *match, struct weir_view *view) {
  return scan_with(p, match, view, block_neon, NULL);
}
#endif

weir_prefilter_scanner weir_prefilter_best(void) {
#if defined(WEIR_AVX2)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt") ? scan_avx2 : weir_prefilter_plain;
#elif defined(WEIR_NEON)
  return scan_neon;
#else
  return weir_prefilter_plain;
#endif
}
