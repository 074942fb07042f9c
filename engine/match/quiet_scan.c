/* quiet_scan.c: one pass over a text as it came: is it UTF-8 of plain characters, and does it hold no way to write a literal?
 * AVX2 only: elsewhere every text is folded first. */
#include "limits.h"
#include "match/quiet.h"
#include "text/ascii.h"
#include "text/plain.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#include <immintrin.h>

#define INLINE static inline __attribute__((always_inline))
#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

/* Half bytes of the bytes of plain characters, as bits:
 *   1: E2 80 90..9F but 97    2: E3 80 80..9F and B0..BF    4: EF BC 80..8F    8: EF BC 9A..9F    16: E4..E9 and what follows
 *   32: digits    64: letters, and what stands beside them in ASCII    128: E2 80 A6, which is "..."
 * All these but the last are plain (text/plain.h); a few that are plain are not among them. */
#define ANY 16, 16, 16, 16, 16, 16, 16
static const struct weir_quiet_tables classes = {
  { { 96, 96, 225, 98, 112, 112, 112, 112, 112, 112, 64, 64, 64, 64, 64, 76 },
    { 147, ANY, 16, 16, 16, 16, 28, 16, 16, 16 },
    { 23, 23, 23, 23, 23, 23, 151, 22, 23, 23, 31, 31, 31, 31, 31, 31 } },
  { { [3] = 32, [4] = 64, [5] = 64, [6] = 64, [7] = 64, [14] = 159 },
    { [8] = 147, [9] = 16, [10] = 16, [11] = 28 },
    { [8] = 22, [9] = 27, [10] = 144, [11] = 18 } },
};

INLINE AVX2 __m256i spread(const uint8_t halves[16]) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)halves));
}

/* Each byte as the tables of its two halves say. */
INLINE AVX2 __m256i look(const struct weir_quiet_tables *t, int i, __m256i low_half, __m256i high_half) {
  return _mm256_and_si256(_mm256_shuffle_epi8(spread(t->low[i]), low_half), _mm256_shuffle_epi8(spread(t->high[i]), high_half));
}

INLINE AVX2 uint32_t high_bits(__m256i bytes) { return (uint32_t)_mm256_movemask_epi8(bytes); }
INLINE AVX2 uint32_t not_zero(__m256i bytes) { return ~high_bits(_mm256_cmpeq_epi8(bytes, _mm256_setzero_si256())); }

/* A text in which eight bytes can be read at each place: behind its last eight they are moved down. */
struct text {
  weir_str all;
  const char *ptr;
  size_t last;
  unsigned work; /* literals looked at */
};

/* Eight bytes in lower case; what is behind the text is 0. */
INLINE uint64_t load_lower(const struct text *text, size_t at) {
  size_t from = at < text->last ? at : text->last;
  uint64_t value;
  memcpy(&value, text->ptr + from, 8);
  return weir_ascii_lower8(value >> 8 * (at - from));
}

INLINE bool in_bitmap(const struct weir_prefilter *p, uint64_t hash) {
  uint64_t bit = hash >> p->bit_shift;
  return (p->bitmap[bit >> 6] >> (bit & 63)) & 1;
}

static unsigned lower(char c) {
  unsigned u = (unsigned char)c;
  return u - 'A' < 26 ? u + 32 : u;
}

static bool is_letter(unsigned c) { return c - 'a' < 26; }

/* The rest of a literal from `i` on, where the text goes on at `at`. Characters that differ may still fold to the same, unless
 * both are ASCII: a plain character of more bytes may fold to ASCII, but not the other way round. */
static bool goes_on(const struct weir_quiet_target *target, size_t i, weir_str text, size_t at) {
  while (i < target->len) {
    unsigned c = (unsigned char)target->literal[i], t;
    if (at >= text.len) return false;
    t = lower(text.ptr[at]);
    if (c != t) return t >= 0x80;
    i++, at++;
  }
  return !target->word || at >= text.len || !is_letter((unsigned char)target->literal[target->len - 1]) || !is_letter(lower(text.ptr[at]));
}

/* What stands before the way. */
static bool came_before(const struct weir_quiet_target *target, weir_str text, size_t at) {
  for (size_t i = target->piece; i > 0; i--, at--) {
    unsigned t;
    if (at == 0) return false;
    t = lower(text.ptr[at - 1]);
    if ((unsigned char)target->literal[i - 1] != t) return t >= 0x80;
  }
  return !target->word || at == 0 || !is_letter((unsigned char)target->literal[0]) || !is_letter(lower(text.ptr[at - 1]));
}

static bool has_second(const struct weir_quiet_target *target, weir_str text) {
  for (unsigned i = 0; i < target->second_cnt; i++) {
    const char *second = target->seconds[i], *at = text.ptr, *end = text.ptr + text.len - 2;
    for (; text.len > 2 && at < end && (at = memchr(at, second[0], (size_t)(end - at))) != NULL; at++) {
      if (at[1] == second[1] && at[2] == second[2]) return true;
    }
  }
  return target->second_cnt == 0;
}

/* A way may stand at a place of the text: whether one of its literals may. */
static bool may_match(const struct weir_quiet *q, struct text *text, uint32_t unit, size_t place) {
  const struct weir_prefilter_literal *way = (const struct weir_prefilter_literal *)(const void *)(q->ways->literals + unit);
  const char *bytes = (const char *)(way->postings + way->posting_cnt);
  size_t at = place - way->anchor;
  if (place < way->anchor || way->len > text->all.len - at) return false;
  for (size_t i = 0; i < way->len; i++) if ((unsigned char)bytes[i] != lower(text->all.ptr[at + i])) return false;
  for (uint32_t i = 0; i < way->posting_cnt; i++) {
    const struct weir_quiet_target *target = &q->targets[(way->postings[i] >> 3) & (WEIR_TARGET_MAX - 1)];
    if (++text->work > WEIR_QUIET_WORK) return true;
    if (goes_on(target, target->piece, text->all, at) && came_before(target, text->all, at) && has_second(target, text->all)) return true;
  }
  return false;
}

static bool look_up(const struct weir_quiet *q, struct text *text, uint64_t hash, size_t place) {
  const struct weir_prefilter *p = q->ways;
  uint32_t check = weir_prefilter_check(hash);
  if (!in_bitmap(p, hash)) return false;
  for (size_t at = (size_t)(hash >> p->entry_shift); p->entries[at].at & WEIR_ENTRY_AT; at = (at + 1) & p->entry_mask) {
    if (++text->work > WEIR_QUIET_WORK) return true;
    if (p->entries[at].check == check && may_match(q, text, (p->entries[at].at & WEIR_ENTRY_AT) - 1, place)) return true;
  }
  return false;
}

/* Of the long window at the first of the places. */
INLINE uint64_t hash_at(const struct text *text, size_t from, uint32_t places) {
  uint64_t bytes = load_lower(text, from + (unsigned)__builtin_ctz(places));
  return weir_prefilter_hash(bytes, 4 + (unsigned)((bytes >> 7) & 1));
}

/* Whether something may match by a way that begins at one of the places of a block. Most are known to be none by the bitmap,
 * which is asked for all of them without a branch. */
static bool any_long(const struct weir_quiet *q, struct text *text, size_t from, uint32_t places) {
  bool any = false;
  for (uint32_t rest = places; rest; rest &= rest - 1) any |= in_bitmap(q->ways, hash_at(text, from, rest));
  if (!any) return false;
  for (uint32_t rest = places; rest; rest &= rest - 1) {
    if (look_up(q, text, hash_at(text, from, rest), from + (unsigned)__builtin_ctz(rest))) return true;
  }
  return false;
}

static bool any_short(const struct weir_quiet *q, struct text *text, size_t from, uint32_t places) {
  const struct weir_prefilter *p = q->ways;
  for (; places; places &= places - 1) {
    size_t place = from + (unsigned)__builtin_ctz(places);
    uint64_t bytes = load_lower(text, place);
    unsigned c = bytes & 0xFF;
    if (p->any_single && c < 0x80) {
      for (uint32_t i = p->single_start[c]; i < p->single_start[c + 1]; i++) if (may_match(q, text, p->singles[i], place)) return true;
    }
    if (p->any_pair && look_up(q, text, weir_prefilter_hash(bytes, 2), place)) return true;
  }
  return false;
}

struct scan {
  uint32_t follow; /* of the next two places: a byte that follows a lead must stand there */
  __m256i classes; /* of all bytes */
};

/* 32 places from `from` on: their bytes, and those one to four behind. false: not quiet. */
/* By six bits: four shuffles, of which two bits choose one. */
INLINE AVX2 __m256i look_fine(const uint8_t fine[64], __m256i bytes) {
  __m256i half = _mm256_and_si256(bytes, _mm256_set1_epi8(15)), bit4 = _mm256_slli_epi16(bytes, 3), bit5 = _mm256_slli_epi16(bytes, 2);
  __m256i low = _mm256_blendv_epi8(_mm256_shuffle_epi8(spread(fine), half), _mm256_shuffle_epi8(spread(fine + 16), half), bit4);
  __m256i high = _mm256_blendv_epi8(_mm256_shuffle_epi8(spread(fine + 32), half), _mm256_shuffle_epi8(spread(fine + 48), half), bit4);
  return _mm256_blendv_epi8(low, high, bit5);
}

INLINE AVX2 bool block(const struct weir_quiet *q, struct text *text, struct scan *s, size_t from, __m256i a, __m256i b, __m256i c, __m256i d, __m256i e) {
  const __m256i half = _mm256_set1_epi8(15);
  const struct weir_quiet_tables *class_tables = &classes, *bucket_tables = &q->buckets;
  /* Twelve tables do not fit the registers beside all else: loading them where they are needed costs less than moving them
   * to the stack first, which is what compilers do when they know them. */
  __asm__("" : "+r"(class_tables), "+r"(bucket_tables));
#define LOW(v) _mm256_and_si256(v, half)
#define HIGH(v) _mm256_and_si256(_mm256_srli_epi16(v, 4), half)
  __m256i low_a = LOW(a), high_a = HIGH(a), low_b = LOW(b), high_b = HIGH(b), class_a, plain, buckets;
  uint32_t not_ascii = high_bits(a), lead = not_ascii & high_bits(_mm256_slli_epi16(a, 1)), places;
  class_a = look(class_tables, 0, low_a, high_a);
  plain = _mm256_and_si256(class_a, look(class_tables, 1, low_b, high_b));
  plain = _mm256_and_si256(_mm256_and_si256(plain, look(class_tables, 2, LOW(c), HIGH(c))), _mm256_set1_epi8((char)(q->dots ? 127 : 255)));
  buckets = _mm256_and_si256(look(bucket_tables, 0, low_a, high_a), look(bucket_tables, 1, low_b, high_b));
  buckets = _mm256_and_si256(buckets, look(bucket_tables, 2, LOW(d), HIGH(d)));
#undef LOW
#undef HIGH
  if ((lead & ~not_zero(plain)) | ((not_ascii & ~lead) ^ (lead << 1 | lead << 2 | s->follow))) return false;
  s->follow = lead >> 31 | (lead >> 30 & 1) | (lead >> 31) << 1;
  s->classes = _mm256_or_si256(s->classes, class_a);
  if (q->ways->is_fine) {
    const struct weir_quiet *tables = q; /* and twelve more */
    __asm__("" : "+r"(tables));
    buckets = _mm256_and_si256(buckets, _mm256_and_si256(look_fine(tables->fine[0], b), _mm256_and_si256(look_fine(tables->fine[1], c), look_fine(tables->fine[2], e))));
  }
  places = not_zero(buckets);
  if (text->all.len - from < 32) places &= (1u << (text->all.len - from)) - 1;
  if (places == 0) return true;
  const __m256i long_buckets = _mm256_set1_epi8((char)q->ways->long_buckets);
  uint32_t longs = not_zero(_mm256_and_si256(buckets, long_buckets)) & places, shorts = not_zero(_mm256_andnot_si256(long_buckets, buckets)) & places;
  return !(longs && any_long(q, text, from, longs)) && !(shorts && any_short(q, text, from, shorts));
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool digits_in_a_row(weir_str text, uint32_t run) {
  uint32_t cnt = 0;
  for (size_t i = 0; i < text.len; i++) {
    cnt = is_digit(text.ptr[i]) ? cnt + 1 : 0;
    if (cnt == run) return true;
  }
  return false;
}

INLINE AVX2 __m256i load(const char *at) { return _mm256_loadu_si256((const __m256i *)(const void *)at); }

/* Fewer than 32 bytes, and zeros. */
INLINE AVX2 __m256i load_part(const char *at, size_t len) {
  char bytes[32] = { 0 };
  /* cppcheck-suppress pointerOutOfBoundsCond ; len is below 32 */
  if (len >= 16) memcpy(bytes, at, 16), memcpy(bytes + len - 16, at + len - 16, 16);
  else if (len >= 8) memcpy(bytes, at, 8), memcpy(bytes + len - 8, at + len - 8, 8);
  else for (size_t i = 0; i < len; i++) bytes[i] = at[i];
  return load(bytes);
}

/* The last block: less than 32 bytes, and behind them nothing. */
INLINE AVX2 bool last_block(const struct weir_quiet *q, struct text *text, struct scan *s, size_t from, __m256i a) {
  __m256i high = _mm256_permute2x128_si256(a, a, 0x81); /* the upper half, and zeros */
  return block(q, text, s, from, a, _mm256_alignr_epi8(high, a, 1), _mm256_alignr_epi8(high, a, 2), _mm256_alignr_epi8(high, a, 3),
               _mm256_alignr_epi8(high, a, 4));
}

AVX2 static bool quiet_avx2(const struct weir_quiet *q, weir_str text) {
  struct scan s = { .follow = 0, .classes = _mm256_setzero_si256() };
  struct text places = { text, text.ptr, text.len - 8, 0 };
  char few[8] = { 0 };
  size_t at = 0;
  if (text.len > q->longest) return false;
  if (text.len < 8) {
    for (size_t i = 0; i < text.len; i++) few[i] = text.ptr[i];
    places.ptr = few, places.last = 0;
  }
  for (; at + 36 <= text.len; at += 32) {
    const char *bytes = text.ptr + at;
    if (!block(q, &places, &s, at, load(bytes), load(bytes + 1), load(bytes + 2), load(bytes + 3), load(bytes + 4))) return false;
  }
  if (at + 32 <= text.len) {
    /* Too near the end to look behind it. */
    __m256i a = load(text.ptr + at), next = load_part(text.ptr + at + 32, text.len - at - 32), between = _mm256_permute2x128_si256(a, next, 0x21);
    if (!block(q, &places, &s, at, a, _mm256_alignr_epi8(between, a, 1), _mm256_alignr_epi8(between, a, 2), _mm256_alignr_epi8(between, a, 3),
               _mm256_alignr_epi8(between, a, 4))) return false;
    at += 32;
  }
  if (!last_block(q, &places, &s, at, load_part(text.ptr + at, text.len - at)) || s.follow) return false;
  if (q->letters && not_zero(_mm256_and_si256(s.classes, _mm256_set1_epi8(64)))) return false;
  return !q->digits || !not_zero(_mm256_and_si256(s.classes, _mm256_set1_epi8(32))) || !digits_in_a_row(text, q->digits);
}

weir_quiet_scanner weir_quiet_best(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt") ? quiet_avx2 : NULL;
}
#else
weir_quiet_scanner weir_quiet_best(void) { return NULL; }
#endif
