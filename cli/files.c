/* files.c: reading whole files and single lines, both of bounded size. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

char *read_file(const char *command, const char *path, size_t max, size_t *len) {
  FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  *len = 0;
  if (!f) {
    complain_text(command, "%s cannot be opened: %s", path, strerror(errno));
    return NULL;
  }
  size_t cap = 4096, used = 0;
  char *data = malloc(cap + 1);
  while (data) {
    used += fread(data + used, 1, cap - used, f);
    if (used < cap) break;
    if (cap > max) break;
    char *more = realloc(data, cap * 2 + 1);
    if (!more) free(data);
    data = more;
    cap *= 2;
  }
  const char *wrong = !data ? "there is not enough memory" : ferror(f) ? strerror(errno) : used > max ? "it is too large" : NULL;
  if (f != stdin) fclose(f);
  if (wrong) {
    complain_text(command, "%s cannot be read: %s", path, wrong);
    free(data);
    return NULL;
  }
  data[used] = '\0';
  *len = used;
  return data;
}

bool write_into(const char *command, const char *folder, const char *name, const char *text) {
  char path[4096];
  int n = snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *f = n > 0 && (size_t)n < sizeof path ? fopen(path, "w") : NULL;
  bool good = f && fputs(text, f) >= 0;
  if (f && fclose(f) != 0) good = false;
  if (!good) complain_text(command, "%s cannot be written: %s", path, strerror(errno));
  return good;
}

bool replace_file(const char *command, const char *path, const char *text) {
  char part[KEY_PATH_MAX];
  int n = snprintf(part, sizeof part, "%s.part", path), why = ENAMETOOLONG;
  FILE *f = NULL;
  if (n > 0 && (size_t)n < sizeof part) {
    f = fopen(part, "we");
    why = errno;
  }
  bool good = f && fputs(text, f) >= 0 && fflush(f) == 0 && fsync(fileno(f)) == 0;
  if (f && !good) why = errno;
  if (f && fclose(f) != 0 && good) good = false, why = errno;
  if (good && (rename(part, path) != 0 || !sync_folder_of(path))) good = false, why = errno;
  if (good) return true;
  if (f) (void)unlink(part);
  complain_text(command, "%s cannot be written: %s", path, strerror(why));
  return false;
}

void name_of_folder(const char *folder, char out[48], const char *other) {
  size_t len = strlen(folder), used = 0;
  while (len && folder[len - 1] == '/') len--;
  size_t from = len;
  while (from && folder[from - 1] != '/') from--;
  for (size_t i = from; i < len && used < 40; i++) {
    unsigned char c = (unsigned char)folder[i];
    bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    out[used++] = good ? (char)c : '-';
  }
  out[used] = '\0';
  if (!used) snprintf(out, 48, "%s", other);
}

bool lines_open(struct lines *lines, int fd, size_t longest) {
  memset(lines, 0, sizeof *lines);
  lines->fd = fd;
  lines->cap = longest + 2; /* "\r\n" */
  lines->buf = malloc(lines->cap);
  return lines->buf != NULL;
}

void lines_close(struct lines *lines) {
  free(lines->buf);
  lines->buf = NULL;
}

static weir_str without_return(const char *ptr, size_t len) {
  if (len && ptr[len - 1] == '\r') len--;
  return (weir_str){ ptr, len };
}

enum lines_result lines_next(struct lines *lines, weir_str *line) {
  *line = (weir_str){ NULL, 0 };
  char *from = lines->buf + lines->start;
  size_t len = lines->end - lines->start;
  char *end = len ? memchr(from, '\n', len) : NULL;
  if (!end && !(lines->ended && len)) {
    if (lines->ended) {
      bool cut = lines->skipping; /* the last line was too long, and had no end */
      lines->skipping = false;
      lines->number += cut;
      return cut ? LINES_TOO_LONG : LINES_END;
    }
    if (lines->start == 0 && lines->end == lines->cap) { /* full, and no end in sight: what is here is thrown away */
      lines->skipping = true;
      lines->end = 0;
    }
    return LINES_EMPTY;
  }
  size_t line_len = end ? (size_t)(end - from) : len;
  lines->start += line_len + (end ? 1 : 0);
  lines->number++;
  if (lines->skipping) {
    lines->skipping = false;
    return LINES_TOO_LONG;
  }
  *line = without_return(from, line_len);
  return LINES_LINE;
}

enum lines_result lines_fill(struct lines *lines) {
  if (lines->start) {
    memmove(lines->buf, lines->buf + lines->start, lines->end - lines->start);
    lines->end -= lines->start;
    lines->start = 0;
  }
  while (true) {
    ssize_t got = read(lines->fd, lines->buf + lines->end, lines->cap - lines->end);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return LINES_ERROR;
    if (got == 0) lines->ended = true;
    lines->end += (size_t)got;
    return LINES_LINE;
  }
}

bool lines_ready(const struct lines *lines, int timeout_ms) {
  struct pollfd p = { .fd = lines->fd, .events = POLLIN };
  return poll(&p, 1, timeout_ms) > 0;
}
