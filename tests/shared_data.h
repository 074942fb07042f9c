/* shared_data.h: where tests find real data (comments, conformance suites) that is not part of the project.
 * WEIR_SHARED names the folder; without it ../shared is tried. Tests skip what is not there. */
#ifndef WEIR_TESTS_SHARED_DATA_H
#define WEIR_TESTS_SHARED_DATA_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* `rel` below that folder, or NULL when it is not there. */
static inline const char *shared_path(char *buf, size_t cap, const char *rel) {
  const char *root = getenv("WEIR_SHARED");
  int n = snprintf(buf, cap, "%s/%s", root && *root ? root : "../shared", rel);
  if (n < 0 || (size_t)n >= cap) return NULL;
  return access(buf, R_OK) == 0 ? buf : NULL;
}

/* The whole file with a NUL behind it, to be freed; NULL when it cannot be read. */
static inline char *shared_read(const char *path, size_t *len) {
  FILE *f = fopen(path, "rb");
  char *data = NULL;
  long size;
  *len = 0;
  if (!f) return NULL;
  if (fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0 && (data = malloc((size_t)size + 1))) {
    *len = fread(data, 1, (size_t)size, f);
    data[*len] = '\0';
  }
  fclose(f);
  return data;
}

#endif
