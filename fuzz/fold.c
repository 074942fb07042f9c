/* fold.c: folding and what is built on it, on any bytes, the fast way and the plain one.
 * The first three bytes choose how: loose or not, the room, a span. */
#include "fuzz.h"
#include "text/fold.h"
#include "text/utf8.h"
#include "text/walk.h"
#include "text/words.h"

struct folded {
  enum weir_fold_result result;
  char *bytes;
  size_t len, consumed;
};

/* Into a block of exactly `cap` bytes. */
static struct folded fold(weir_str text, bool loose, size_t cap) {
  struct folded f = { .bytes = malloc(cap) };
  f.result = (loose ? weir_fold_loose : weir_fold)(text, f.bytes, cap, &f.len, &f.consumed);
  MUST(f.len <= cap && f.consumed <= text.len);
  MUST(weir_utf8_valid((weir_str){ f.bytes, f.len }) == f.len);
  return f;
}

static weir_str view(const struct folded *f) { return (weir_str){ f->bytes, f->len }; }
static size_t ample(weir_str text) { return text.len * WEIR_FOLD_GROWTH + 160; }

static void must_fold_to(weir_str text, bool loose, weir_str expected) {
  struct folded f = fold(text, loose, ample(text));
  MUST(f.result == WEIR_FOLD_OK && f.consumed == text.len && weir_str_eq(view(&f), expected));
  free(f.bytes);
}

/* The plain way of folding gives the same bytes as the fast one. */
static void walk(weir_str text, const struct folded *fast) {
  struct weir_walk plain = { .out = fuzz_block(ample(text)), .cap = ample(text) };
  MUST(weir_walk_run(&plain, text) == fast->result && plain.consumed == fast->consumed);
  MUST(plain.len == fast->len && memcmp(plain.out, fast->bytes, fast->len) == 0);
  free(plain.out);
}

static bool between(weir_str text, size_t at) { return at == text.len || ((unsigned char)text.ptr[at] & 0xC0) != 0x80; }

/* With less room: a prefix, which is what its own original folds to. */
static void cut(weir_str text, weir_str good, bool loose, size_t cap, const struct folded *whole) {
  struct folded f = fold(text, loose, cap);
  if (f.result == WEIR_FOLD_CUT) {
    MUST(f.consumed <= good.len && between(good, f.consumed));
    must_fold_to((weir_str){ good.ptr, f.consumed }, loose, view(&f));
    if (!loose) MUST(f.len <= whole->len && memcmp(f.bytes, whole->bytes, f.len) == 0);
  } else {
    MUST(f.result == whole->result && f.consumed == whole->consumed && weir_str_eq(view(&f), view(whole)));
  }
  free(f.bytes);
}

static void span(weir_str text, weir_str good, bool loose, size_t folded_len, size_t start, size_t end) {
  size_t from, to, outer_from, outer_to;
  weir_fold_span(text, loose, start, end, &from, &to);
  MUST(from <= to && to <= good.len && between(good, from) && between(good, to));
  if (start >= folded_len) MUST(from == good.len);
  if (start >= end) MUST(from == to);
  if (start >= end || start >= folded_len) return;
  MUST(from < to);
  weir_fold_span(text, loose, start ? start - 1 : 0, end + 1, &outer_from, &outer_to);
  MUST(outer_from <= from && to <= outer_to);
}

/* Word boundaries, classes and the core can be asked for everywhere. */
static void words(weir_str folded) {
  size_t start, end, len, cnt = 0;
  weir_text_core(folded, &start, &end);
  MUST(start <= end && end <= folded.len && between(folded, start) && between(folded, end));
  for (size_t at = 0; at <= folded.len; at++) {
    if (!between(folded, at)) continue;
    bool starts = weir_word_starts(folded, at), ends = weir_word_ends(folded, at);
    if (at == 0) MUST(starts);
    if (at == folded.len) MUST(ends);
    if (at > 0) MUST(weir_utf8_before(folded, at) < at);
    if (at == folded.len) break;
    char put[4];
    uint32_t cp = weir_utf8_at(folded, at, &len);
    MUST(weir_char_class(cp) != 0);
    MUST(weir_utf8_put(cp, put) == len && memcmp(put, folded.ptr + at, len) == 0);
    cnt++;
  }
  MUST(weir_utf8_count(folded) == cnt);
}

static void repair(weir_str text, weir_str good) {
  size_t cap = text.len * 3, len;
  char *out = malloc(cap);
  MUST(weir_utf8_repair(text, out, cap, &len));
  MUST(weir_utf8_valid((weir_str){ out, len }) == len && len >= good.len);
  MUST(good.len == 0 || memcmp(out, good.ptr, good.len) == 0);
  MUST(good.len < text.len || len == text.len);
  free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input in = { data, size };
  uint8_t how = fuzz_byte(&in), a = fuzz_byte(&in), b = fuzz_byte(&in);
  bool loose = how & 1;
  weir_str text = fuzz_copy(fuzz_rest(&in)), good = { text.ptr, weir_utf8_valid(text) };
  struct folded whole = fold(text, loose, ample(text));

  MUST(whole.result == (good.len == text.len ? WEIR_FOLD_OK : WEIR_FOLD_INVALID) && whole.consumed == good.len);
  must_fold_to(good, loose, view(&whole));
  must_fold_to(view(&whole), loose, view(&whole));
  if (!loose) walk(text, &whole);
  if (loose) {
    struct folded strict = fold(good, false, ample(good));
    must_fold_to(view(&strict), true, view(&whole));
    free(strict.bytes);
  }
  cut(text, good, loose, whole.len ? a * (size_t)(1 + how / 16) % (whole.len + 1) : 0, &whole);
  cut(text, good, loose, whole.len + a, &whole);
  span(text, good, loose, whole.len, whole.len * a / 256, whole.len * b / 256);
  span(text, good, loose, whole.len, a, b);
  words(view(&whole));
  repair(text, good);
  free(whole.bytes);
  fuzz_drop(text);
  return 0;
}
