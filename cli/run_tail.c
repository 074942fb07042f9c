/* run_tail.c: the end of an output file. A kill or a full disk can leave half a record there, which a whole one must not follow on
 * the same line. Such a record was never acknowledged, so with a state in a file it is handed out again.
 *
 * What surely is the beginning of one of our records is taken out; anything else is somebody's, and gets a line end. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"

enum {
  SIGNATURE_CHARS = 86, DOTS = 2, /* of a JWS with Ed25519, compact */
  TAIL_MAX = 67000                /* bytes; no record is longer */
};

static bool is_jws_char(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/* Whether `tail` is a record of ours that was cut off: it has the header of `record`, and no whole signature. */
static bool is_half(weir_str tail, weir_str record) {
  const char *dot = memchr(record.ptr, '.', record.len);
  if (!dot) return false; /* --plain */
  size_t header = (size_t)(dot - record.ptr) + 1, dots = 0, behind = 0;
  if (memcmp(tail.ptr, record.ptr, tail.len < header ? tail.len : header) != 0) return false;
  for (size_t i = 0; i < tail.len; i++) {
    if (!is_jws_char(tail.ptr[i])) return false;
    behind = tail.ptr[i] == '.' ? 0 : behind + 1;
    dots += tail.ptr[i] == '.';
  }
  return dots < DOTS || (dots == DOTS && behind < SIGNATURE_CHARS);
}

/* What stands behind the last line end; *known false: it cannot be read. The output itself may be open for writing only. */
static weir_str read_tail(off_t size, char *buf, size_t cap, bool *known) {
  size_t want = (off_t)cap < size ? cap : (size_t)size;
  int fd = open("/dev/fd/1", O_RDONLY | O_CLOEXEC);
  ssize_t got = fd < 0 ? -1 : pread(fd, buf, want, size - (off_t)want);
  if (fd >= 0) close(fd);
  *known = got == (ssize_t)want;
  if (!*known) return (weir_str){ NULL, 0 };
  size_t from = want;
  while (from > 0 && buf[from - 1] != '\n') from--;
  return (weir_str){ buf + from, want - from };
}

/* Cuts the output at `size`, which becomes its end. */
static bool cut_output(off_t size) { return ftruncate(STDOUT_FILENO, size) == 0 && lseek(STDOUT_FILENO, size, SEEK_SET) >= 0; }

/* Half a record is taken out; any other line that has no end gets one. */
static bool mend(weir_str record, off_t size, char *buf) {
  bool known = false;
  weir_str tail = read_tail(size, buf, TAIL_MAX, &known);
  if (known && tail.len == 0) return true;
  if (known && is_half(tail, record)) {
    complain_text("run", "the output ended with half a record (%zu bytes): it was never handed over, and is taken out", tail.len);
    return cut_output(size - (off_t)tail.len);
  }
  return write(STDOUT_FILENO, "\n", 1) == 1;
}

bool run_mend_output(const struct run *r, weir_str record) {
  struct stat out;
  int flags = fcntl(STDOUT_FILENO, F_GETFL);
  off_t at = lseek(STDOUT_FILENO, 0, SEEK_CUR);
  if (!r->sync_output || fstat(STDOUT_FILENO, &out) != 0 || out.st_size == 0) return true;
  if (flags < 0 || (!(flags & O_APPEND) && at != out.st_size)) return true; /* it is written over, not continued */
  char *buf = malloc(TAIL_MAX);
  bool good = buf && mend(record, out.st_size, buf);
  free(buf);
  return good;
}

void run_take_back(const struct run *r, size_t len) {
  struct stat out;
  int why = errno;
  off_t at = lseek(STDOUT_FILENO, 0, SEEK_CUR);
  if (r->sync_output && len && at >= (off_t)len && fstat(STDOUT_FILENO, &out) == 0 && out.st_size == at) (void)cut_output(at - (off_t)len);
  errno = why;
}
