/* fuzz.h: what the fuzz targets share: a check that ends the process, and taking an input apart.
 *
 * A target is one file with LLVMFuzzerTestOneInput. It asserts what must hold for every input, not only that nothing
 * crashes. What the library is given lies in a block of exactly its size, so that a byte read too far is found. */
#ifndef WEIR_FUZZ_H
#define WEIR_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Unlike assert() it cannot be compiled away. */
#define MUST(condition)                                                                                 \
  do {                                                                                                  \
    if (!(condition)) {                                                                                 \
      fprintf(stderr, "%s:%d: this must hold: %s\n", __FILE__, __LINE__, #condition);                   \
      abort();                                                                                          \
    }                                                                                                   \
  } while (0)

/* A failure says what it is. */
#define MUST_SAY(status, err) MUST((status) < 0 && (err).status == (status) && (err).message[0] != '\0')

struct fuzz_input {
  const uint8_t *at;
  size_t left;
};

/* The next byte; 0 when there are none left. */
static inline uint8_t fuzz_byte(struct fuzz_input *in) {
  if (in->left == 0) return 0;
  in->left--;
  return *in->at++;
}

static inline uint32_t fuzz_number(struct fuzz_input *in, uint32_t below) {
  uint32_t value = fuzz_byte(in);
  value = value << 8 | fuzz_byte(in);
  return below ? value % below : 0;
}

/* Up to and without `end`, which is skipped; all that is left when it is not there. */
static inline weir_str fuzz_until(struct fuzz_input *in, char end) {
  const uint8_t *stop = in->left ? memchr(in->at, end, in->left) : NULL;
  weir_str part = { (const char *)in->at, stop ? (size_t)(stop - in->at) : in->left };
  in->at += part.len;
  in->left -= part.len;
  if (stop) (void)fuzz_byte(in);
  return part;
}

static inline weir_str fuzz_rest(const struct fuzz_input *in) { return (weir_str){ (const char *)in->at, in->left }; }

static inline void *fuzz_block(size_t len) {
  void *block = malloc(len ? len : 1);
  if (!block) {
    fputs("out of memory\n", stderr);
    exit(1);
  }
  return block;
}

/* A copy in a block of exactly its size. */
static inline weir_str fuzz_copy(weir_str s) {
  char *bytes = malloc(s.len); /* for no bytes a pointer that may not be read */
  if (s.len && !bytes) {
    fputs("out of memory\n", stderr);
    exit(1);
  }
  if (s.len) memcpy(bytes, s.ptr, s.len);
  return (weir_str){ bytes, s.len };
}

static inline void fuzz_drop(weir_str s) { free((void *)(uintptr_t)s.ptr); }

#endif
