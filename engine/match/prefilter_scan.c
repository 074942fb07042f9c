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

struct scan {
  const struct weir_prefilter *p;
  struct weir_match *match;
  struct weir_view *view;
  uint32_t work; /* literals and postings looked at */
};

/* The literal stands at `at`. Each mode is decided once. */
static void take_literal(struct scan *s, const struct weir_prefilter_literal *literal, size_t at) {
  const uint32_t *posting = literal->postings, *end = posting + literal->posting_cnt;
  struct weir_keyword keyword = { .ptr = (const char *)end, .len = literal->len };
  unsigned asked = 0, counts = 0;
  s->work += literal->posting_cnt;
  for (; posting < end; posting++) {
    unsigned mode = *posting & 7u;
    if (mode == WEIR_POSTING_REGEX) {
      weir_match_trigger(s->match, &s->p->triggers[*posting >> 3], s->view);
      continue;
    }
    keyword.mode = (uint8_t)mode;
    if (!((asked >> mode) & 1)) {
      asked |= 1u << mode;
      if (weir_keyword_counts(&keyword, s->view, at)) counts |= 1u << mode;
    }
    if ((counts >> mode) & 1) weir_match_hit(s->match, *posting >> 3, at, at + literal->len);
  }
}

static void take_candidate(struct scan *s, uint32_t unit, size_t place) {
  const struct weir_prefilter_literal *literal = (const struct weir_prefilter_literal *)(const void *)(s->p->literals + unit);
  size_t at = place - literal->anchor;
  s->work++;
  if (place < literal->anchor || at > s->view->text.len || literal->len > s->view->text.len - at) return;
  if (memcmp(s->view->text.ptr + at, literal->postings + literal->posting_cnt, literal->len) == 0) take_literal(s, literal, at);
}

static void __attribute__((noinline)) look_up(struct scan *s, uint64_t hash, size_t place) {
  size_t at = (size_t)(hash >> s->p->entry_shift);
  uint32_t check = weir_prefilter_check(hash);
  for (; s->p->entries[at].at && s->work <= WEIR_MATCH_PREFILTER_WORK; at = (at + 1) & s->p->entry_mask) {
    s->work++;
    if (s->p->entries[at].check == check) take_candidate(s, s->p->entries[at].at - 1, place);
  }
}

INLINE bool in_bitmap(const struct weir_prefilter *p, uint64_t hash) {
  uint64_t bit = hash >> p->bit_shift;
  return (p->bitmap[bit >> 6] >> (bit & 63)) & 1;
}

INLINE uint64_t load(const char *text) {
  uint64_t value;
  memcpy(&value, text, sizeof value);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  value = __builtin_bswap64(value);
#endif
  return value;
}

static void __attribute__((noinline)) take_singles(struct scan *s, unsigned char c, size_t place) {
  for (uint32_t i = s->p->single_start[c]; i < s->p->single_start[c + 1]; i++) take_candidate(s, s->p->singles[i], place);
}

INLINE void take_short(struct scan *s, const struct weir_prefilter *p, const char *text, size_t place) {
  uint64_t value = load(text + place), hash = weir_prefilter_hash((value & 0xFFFF) | (uint64_t)WEIR_WINDOW_PAIR << 56 | UINT64_C(2) << 48);
  if (p->any_pair && in_bitmap(p, hash)) look_up(s, hash, place);
  if (p->any_single && (value & 0x80) == 0) take_singles(s, (unsigned char)value, place);
}

INLINE void take_long(struct scan *s, const struct weir_prefilter *p, const char *text, size_t place) {
  uint64_t value = load(text + place), other = (value >> 7) & 1; /* five bytes instead of four */
  uint64_t hash = weir_prefilter_hash((value & (UINT64_C(0xFFFFFFFF) | other * UINT64_C(0xFF00000000))) | (4 + other) << 48);
  if (in_bitmap(p, hash)) look_up(s, hash, place);
}

/* Finds the places of a block where windows may begin: bits for long ones and for short ones. */
typedef void (*block_fn)(const void *tables, const char *text, uint32_t *longs, uint32_t *shorts);

INLINE bool scan_with(const struct weir_prefilter *p, struct weir_match *match, struct weir_view *view, block_fn block, const void *tables) {
  struct scan s = { .p = p, .match = match, .view = view };
  const char *text = view->text.ptr;
  for (size_t from = 0; from < view->text.len; from += 32) {
    uint32_t longs, shorts;
    block(tables, text + from, &longs, &shorts);
    for (; longs; longs &= longs - 1) take_long(&s, p, text, from + (size_t)__builtin_ctz(longs));
    for (; shorts; shorts &= shorts - 1) take_short(&s, p, text, from + (size_t)__builtin_ctz(shorts));
    if (s.work > WEIR_MATCH_PREFILTER_WORK) return false;
  }
  return true;
}

/* ---- Plain */

INLINE void block_plain(const void *tables, const char *text, uint32_t *longs, uint32_t *shorts) {
  const struct weir_prefilter *p = tables;
  uint32_t found_longs = 0, found_shorts = 0;
  for (unsigned i = 0; i < 32; i++) {
    unsigned buckets = p->first[(unsigned char)text[i]] & p->second[(unsigned char)text[i + 1]];
    if (buckets & WEIR_PREFILTER_LONGS) found_longs |= 1u << i;
    if (buckets & WEIR_PREFILTER_SHORTS) found_shorts |= 1u << i;
  }
  *longs = found_longs;
  *shorts = found_shorts;
}

bool weir_prefilter_plain(const struct weir_prefilter *p, struct weir_match *match, struct weir_view *view) {
  return scan_with(p, match, view, block_plain, p);
}

/* ---- AVX2 */

#ifdef WEIR_AVX2
#define AVX2 __attribute__((target("avx2,bmi")))

struct tables_avx2 { __m256i first_low, first_high, second_low, second_high; };

INLINE AVX2 __m256i spread(const uint8_t halves[16]) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)halves));
}

INLINE AVX2 void block_avx2(const void *tables, const char *text, uint32_t *longs, uint32_t *shorts) {
  const struct tables_avx2 *t = tables;
  const __m256i low_half = _mm256_set1_epi8(15), zero = _mm256_setzero_si256();
  __m256i here = _mm256_loadu_si256((const __m256i *)(const void *)text), next = _mm256_loadu_si256((const __m256i *)(const void *)(text + 1));
  __m256i first = _mm256_and_si256(_mm256_shuffle_epi8(t->first_low, _mm256_and_si256(here, low_half)),
                                   _mm256_shuffle_epi8(t->first_high, _mm256_and_si256(_mm256_srli_epi16(here, 4), low_half)));
  __m256i second = _mm256_and_si256(_mm256_shuffle_epi8(t->second_low, _mm256_and_si256(next, low_half)),
                                    _mm256_shuffle_epi8(t->second_high, _mm256_and_si256(_mm256_srli_epi16(next, 4), low_half)));
  __m256i buckets = _mm256_and_si256(first, second);
  __m256i no_long = _mm256_cmpeq_epi8(_mm256_and_si256(buckets, _mm256_set1_epi8((char)WEIR_PREFILTER_LONGS)), zero);
  __m256i no_short = _mm256_cmpeq_epi8(_mm256_and_si256(buckets, _mm256_set1_epi8((char)WEIR_PREFILTER_SHORTS)), zero);
  *longs = ~(uint32_t)_mm256_movemask_epi8(no_long);
  *shorts = ~(uint32_t)_mm256_movemask_epi8(no_short);
}

AVX2 static bool scan_avx2(const struct weir_prefilter *p, struct weir_match *match, struct weir_view *view) {
  const struct tables_avx2 tables = { spread(p->first_low), spread(p->first_high), spread(p->second_low), spread(p->second_high) };
  return scan_with(p, match, view, block_avx2, &tables);
}
#endif

/* ---- NEON */

#ifdef WEIR_NEON
INLINE uint32_t mask_neon(uint8x16_t set) {
  static const uint8_t bits[16] = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128 };
  uint8x16_t chosen = vandq_u8(vtstq_u8(set, set), vld1q_u8(bits));
  return (uint32_t)vaddv_u8(vget_low_u8(chosen)) | (uint32_t)vaddv_u8(vget_high_u8(chosen)) << 8;
}

INLINE void block_neon(const void *tables, const char *text, uint32_t *longs, uint32_t *shorts) {
  const struct weir_prefilter *p = tables;
  const uint8x16_t low_half = vdupq_n_u8(15);
  *longs = *shorts = 0;
  for (unsigned i = 0; i < 32; i += 16) {
    uint8x16_t here = vld1q_u8((const uint8_t *)text + i), next = vld1q_u8((const uint8_t *)text + i + 1);
    uint8x16_t first = vandq_u8(vqtbl1q_u8(vld1q_u8(p->first_low), vandq_u8(here, low_half)), vqtbl1q_u8(vld1q_u8(p->first_high), vshrq_n_u8(here, 4)));
    uint8x16_t second = vandq_u8(vqtbl1q_u8(vld1q_u8(p->second_low), vandq_u8(next, low_half)), vqtbl1q_u8(vld1q_u8(p->second_high), vshrq_n_u8(next, 4)));
    uint8x16_t buckets = vandq_u8(first, second);
    *longs |= mask_neon(vandq_u8(buckets, vdupq_n_u8(WEIR_PREFILTER_LONGS))) << i;
    *shorts |= mask_neon(vandq_u8(buckets, vdupq_n_u8(WEIR_PREFILTER_SHORTS))) << i;
  }
}

static bool scan_neon(const struct weir_prefilter *p, struct weir_match *match, struct weir_view *view) {
  return scan_with(p, match, view, block_neon, p);
}
#endif

weir_prefilter_scanner weir_prefilter_best(void) {
#if defined(WEIR_AVX2)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") ? scan_avx2 : weir_prefilter_plain;
#elif defined(WEIR_NEON)
  return scan_neon;
#else
  return weir_prefilter_plain;
#endif
}
