/* fold.c: folding, the fast way. ASCII goes eight bytes at a time; what maps to itself or to one code point goes through
 * one table look-up; only where marks follow that may reorder or compose is the window used (window.h). Every step is
 * also the validation of its bytes.
 *
 * It writes ahead without looking, so it needs STEP_ROOM bytes free; when they are not there, the text is folded again
 * by walk.c, which knows how to cut. Nothing here may differ from walk.c but the speed. */
#include "text/fold.h"

#include "text/ascii.h"
#include "text/loose.h"
#include "text/walk.h"
#include "text/window.h"

/* The most that one step writes: a window of four-byte code points, and what an eight-byte store writes too much. */
#define STEP_ROOM (4 * (1 + WEIR_FOLD_RUN_MAX) + 8)
_Static_assert(WEIR_FOLD_EXPAND_BYTES <= STEP_ROOM, "one character may fold to more than a step may write");
/* Marks that may follow unsorted: a composed letter before them may hold up to four more. */
#define QUICK_MARKS (WEIR_FOLD_RUN_MAX - 4)

/* What is rare must not take registers from the loops that are hot, nor stand in their way. */
#if defined(__GNUC__) || defined(__clang__)
#define OUT_OF_LINE __attribute__((noinline))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#else
#define OUT_OF_LINE
#define LIKELY(x) (x)
#endif

struct fold {
  const unsigned char *in, *in_end;
  unsigned char *out, *out_start, *out_stop; /* beyond out_stop is less than STEP_ROOM */
};

weir_str weir_fold_version(void) { return WEIR_STR(WEIR_FOLD_TABLES_VERSION); }

/* How many of the first bytes are ASCII, given the high bits of eight; they are not all. */
static inline size_t ascii_first(uint64_t high) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return (size_t)__builtin_ctzll(high) >> 3;
#elif defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return (size_t)__builtin_clzll(high) >> 3;
#else
  unsigned char b[8];
  size_t n = 0;
  memcpy(b, &high, 8);
  while (b[n] == 0) n++;
  return n;
#endif
}

OUT_OF_LINE static void ascii(struct fold *f) {
  const unsigned char *p = f->in, *const start = p;
  unsigned char *q = f->out, *const stop = f->out_stop;
  size_t left = (size_t)(f->in_end - p), n = 8;
  uint64_t w, high;
  while (left >= 8 && q <= stop) {
    memcpy(&w, p, 8);
    high = w & UINT64_C(0x8080808080808080);
    w = weir_ascii_lower8(w);
    memcpy(q, &w, 8);
    if (high) n = ascii_first(high);
    p += n;
    q += n;
    left -= n;
    if (high) break;
  }
  if (left > 0 && left < 8 && n == 8 && p - start >= 8) {
    /* The last few bytes, together with some before them once more. */
    size_t back = 8 - left;
    memcpy(&w, p - back, 8);
    high = w & UINT64_C(0x8080808080808080);
    w = weir_ascii_lower8(w);
    memcpy(q - back, &w, 8);
    n = high ? ascii_first(high) - back : left;
    p += n;
    q += n;
  } else if (left < 8) {
    for (n = 0; n < left && *p < 0x80; n++) {
      unsigned c = *p++;
      *q++ = (unsigned char)(c - 'A' < 26 ? c + 32 : c);
    }
  }
  f->in = p;
  f->out = q;
}

static inline unsigned char *put_short(unsigned char *q, uint32_t value) {
  q[0] = (unsigned char)value;
  q[1] = (unsigned char)(value >> 8);
  q[2] = (unsigned char)(value >> 16);
  return q + WEIR_VALUE_BYTES(value);
}

/* Three-byte code points as long as they are plain: most of Chinese, Japanese, Korean. */
OUT_OF_LINE static void three_bytes(struct fold *f) {
  const unsigned char *p = f->in, *const end = f->in_end;
  unsigned char *q = f->out, *const stop = f->out_stop;
  while (end - p >= 3 && q <= stop) {
    uint32_t a = p[0] ^ 0xE0u, b = p[1] ^ 0x80u, c = p[2] ^ 0x80u, row = a << 6 | b, leaf, value;
    /* row below 0x20: overlong. Surrogates have a value of their own. */
    if (LIKELY(a <= 0x0F && (b | c) <= 0x3F && row >= 0x20)) {
      leaf = weir_fold_leaf[(uint32_t)weir_fold_mid[row] << 6 | c];
      if (LIKELY(leaf == 0)) {
        memcpy(q, p, 3);
        q += 3;
      } else {
        value = weir_fold_value[leaf];
        if (WEIR_KIND(value) != WEIR_KIND_SIMPLE) break;
        q = put_short(q, value);
      }
      p += 3;
    } else {
      if (*p != ' ') break;
      *q++ = *p++;
    }
  }
  f->in = p;
  f->out = q;
}

/* Two-byte code points as long as they are plain: accents, Cyrillic, Greek, Arabic. */
OUT_OF_LINE static void two_bytes(struct fold *f) {
  const unsigned char *p = f->in, *const end = f->in_end;
  unsigned char *q = f->out, *const stop = f->out_stop;
  while (end - p >= 2 && q <= stop) {
    uint32_t a = p[0] ^ 0xC0u, b = p[1] ^ 0x80u, value;
    /* a below 2: overlong. */
    if (a - 2 > 0x1D || b > 0x3F) {
      if (*p != ' ') break;
      *q++ = *p++;
      continue;
    }
    value = weir_fold_value[weir_fold_leaf[(uint32_t)weir_fold_mid[a] << 6 | b]];
    if (WEIR_KIND(value) == WEIR_KIND_IDENTITY) {
      memcpy(q, p, 2);
      q += 2;
    } else {
      if (WEIR_KIND(value) != WEIR_KIND_SIMPLE) break;
      q = put_short(q, value);
    }
    p += 2;
  }
  f->in = p;
  f->out = q;
}

static unsigned char *last_written(const struct fold *f) {
  unsigned char *q = f->out - 1;
  while ((*q & 0xC0) == 0x80) q--;
  return q;
}

static bool flush(struct fold *f, struct weir_window *w) {
  const struct weir_unit *unit;
  size_t cnt = weir_window_close(w, &unit);
  if (f->out > f->out_stop) return false;
  for (size_t i = 0; i < cnt; i++) f->out += weir_encode(unit[i].cp, f->out);
  weir_window_empty(w);
  return true;
}

/* From a mark or a slow character on: takes back the last code point written, whose marks these may be, and works in the
 * window until something plain comes. false: no room. */
static bool slow_run(struct fold *f) {
  struct weir_window w;
  uint32_t cp, value;
  size_t n;
  weir_window_empty(&w);
  if (f->out > f->out_start) {
    unsigned char *last = last_written(f);
    (void)weir_decode(last, (size_t)(f->out - last), &cp);
    f->out = last;
    weir_window_start(&w, cp, 0, 0);
  }
  while (f->in < f->in_end && (n = weir_decode(f->in, (size_t)(f->in_end - f->in), &cp)) > 0) {
    value = weir_fold_lookup(cp);
    if (WEIR_KIND(value) == WEIR_KIND_MARK) {
      weir_window_mark(&w, cp, WEIR_VALUE_CNT(value), 0, 0);
    } else if (WEIR_KIND(value) == WEIR_KIND_SLOW) {
      const uint32_t *item = weir_fold_items + WEIR_VALUE_AT(value);
      for (uint32_t i = 0; i < WEIR_VALUE_CNT(value); i++) {
        if (WEIR_ITEM_CCC(item[i]) != 0) {
          weir_window_mark(&w, WEIR_ITEM_CP(item[i]), WEIR_ITEM_CCC(item[i]), 0, 0);
        } else {
          if (!flush(f, &w)) return false;
          weir_window_start(&w, WEIR_ITEM_CP(item[i]), 0, 0);
        }
      }
    } else if (WEIR_KIND(value) != WEIR_KIND_REMOVED) {
      break;
    }
    f->in += n;
  }
  return flush(f, &w);
}

/* Marks that join nothing and come in order stay as they are: nearly all of Thai, Arabic, Hindi. */
static bool marks(struct fold *f) {
  const unsigned char *in = f->in;
  unsigned char *out = f->out;
  uint32_t cp, value, last = 0;
  size_t n;
  int cnt = 0;
  while (f->in < f->in_end && (n = weir_decode(f->in, (size_t)(f->in_end - f->in), &cp)) > 0) {
    value = weir_fold_lookup(cp);
    if (WEIR_KIND(value) == WEIR_KIND_MARK && WEIR_VALUE_CNT(value) >= last && cnt < QUICK_MARKS) {
      memcpy(f->out, f->in, n);
      f->out += n;
      last = WEIR_VALUE_CNT(value);
      cnt++;
    } else if (WEIR_KIND(value) == WEIR_KIND_MARK || WEIR_KIND(value) == WEIR_KIND_SLOW) {
      f->in = in;
      f->out = out;
      return slow_run(f);
    } else if (WEIR_KIND(value) != WEIR_KIND_REMOVED) {
      break;
    }
    f->in += n;
  }
  return true;
}

/* A jamo or vowel sign of class 0: joins the code point before it if there is such a pair. */
static void join(struct fold *f, uint32_t cp) {
  if (f->out > f->out_start) {
    unsigned char *last = last_written(f);
    uint32_t before, made;
    (void)weir_decode(last, (size_t)(f->out - last), &before);
    if ((made = weir_compose(before, cp)) != 0) {
      cp = made;
      f->out = last;
    }
  }
  f->out += weir_encode(cp, f->out);
}

enum step { STEP_ON, STEP_NO_ROOM, STEP_INVALID };

OUT_OF_LINE static enum step other(struct fold *f) {
  uint32_t cp, value;
  size_t n = weir_decode(f->in, (size_t)(f->in_end - f->in), &cp), len;
  if (n == 0) return STEP_INVALID;
  value = weir_fold_lookup(cp);
  switch (WEIR_KIND(value)) {
  case WEIR_KIND_IDENTITY:
    memcpy(f->out, f->in, n);
    f->out += n;
    break;
  case WEIR_KIND_SIMPLE: f->out = put_short(f->out, value); break;
  case WEIR_KIND_EXPAND:
    len = WEIR_VALUE_CNT(value);
    memcpy(f->out, weir_fold_pool + WEIR_VALUE_AT(value), len);
    f->out += len;
    break;
  case WEIR_KIND_MARK: return marks(f) ? STEP_ON : STEP_NO_ROOM;
  case WEIR_KIND_SLOW: return slow_run(f) ? STEP_ON : STEP_NO_ROOM;
  case WEIR_KIND_JOIN: join(f, cp); break;
  case WEIR_KIND_HANGUL: {
    unsigned char jamo[3] = { (unsigned char)value, (unsigned char)(value >> 8), (unsigned char)(value >> 16) };
    (void)weir_decode(jamo, 3, &cp);
    join(f, cp);
    break;
  }
  default: break; /* REMOVED */
  }
  f->in += n;
  return STEP_ON;
}

static enum weir_fold_result with_care(weir_str text, char *out, size_t cap, size_t *len, size_t *consumed) {
  unsigned char none;
  struct weir_walk walk = { .out = cap ? (unsigned char *)out : &none, .cap = cap };
  enum weir_fold_result result = weir_walk_run(&walk, text);
  *len = walk.len;
  *consumed = walk.consumed;
  return result;
}

enum weir_fold_result weir_fold(weir_str text, char *out, size_t cap, size_t *len, size_t *consumed) {
  const unsigned char *in = (const unsigned char *)text.ptr;
  struct fold f = { .in = in, .out = (unsigned char *)out, .out_start = (unsigned char *)out };
  enum step step = STEP_ON;
  if (text.len == 0 || cap < STEP_ROOM) return with_care(text, out, cap, len, consumed);
  f.in_end = in + text.len;
  f.out_stop = f.out + (cap - STEP_ROOM);
  while (f.in < f.in_end && step == STEP_ON) {
    const unsigned char *before = f.in;
    if (f.out > f.out_stop) step = STEP_NO_ROOM;
    else if (*f.in < 0x80) ascii(&f);
    else if (*f.in < 0xE0) two_bytes(&f);
    else if (*f.in < 0xF0) three_bytes(&f);
    if (f.in == before && step == STEP_ON) step = other(&f);
  }
  if (step == STEP_NO_ROOM) return with_care(text, out, cap, len, consumed);
  *len = (size_t)(f.out - f.out_start);
  *consumed = (size_t)(f.in - in);
  return step == STEP_ON ? WEIR_FOLD_OK : WEIR_FOLD_INVALID;
}

/* As weir_loose_next, for a byte of folded ASCII: spelt out, because Latin text is mostly that. */
static inline enum weir_loose_state ascii_next(enum weir_loose_state state, unsigned c) {
  bool word = (c - 'a' < 26) | (c - '0' < 10), space = (c - ' ' < 0x5F) | (c - '\t' < 5);
  bool gap = space & (state != WEIR_LOOSE_OTHER);
  return word ? WEIR_LOOSE_WORD : gap ? WEIR_LOOSE_GAP : WEIR_LOOSE_OTHER;
}

enum weir_fold_result weir_fold_loose(weir_str text, char *out, size_t cap, size_t *len, size_t *consumed) {
  enum weir_fold_result result = weir_fold(text, out, cap, len, consumed);
  unsigned char *bytes = (unsigned char *)out;
  enum weir_loose_state state = WEIR_LOOSE_OTHER, next;
  size_t end = *len, kept = 0, gap = 0, n = 1;
  for (size_t at = 0; at < end; at += n) {
    uint32_t cp = bytes[at];
    if (cp < 0x80) {
      n = 1;
      next = ascii_next(state, cp);
    } else {
      n = weir_decode(bytes + at, end - at, &cp);
      next = weir_loose_next(state, cp);
    }
    gap = state == WEIR_LOOSE_WORD ? kept : gap;
    kept = state == WEIR_LOOSE_GAP && next == WEIR_LOOSE_WORD ? gap : kept;
    for (size_t i = 0; i < n; i++) bytes[kept + i] = bytes[at + i];
    kept += n;
    state = next;
  }
  *len = kept;
  return result;
}
