/* fault_inject.c: linked into the command and into unit tests, lets one thing fail in them as the environment says.
 *
 *   FAULT=kind:number:ever  what fails: 0 host memory, 1 arenas, 2 heaps, 3 SQLite's memory, 4 stores; the n-th, once (0) or from then on (1)
 *   FAULT_REPORT=FILE       where the counts are written at the end: calls of each kind, how many failed, blocks held
 *   FAULT_FOLDER=FOLDER     temporary folders are made in it, so that those which a broken run leaves can be removed
 *   FAULT_DISK=1            engines that would keep their state in memory keep it in files in FAULT_FOLDER */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fault_points.h"
#include "weir.h"

static pid_t began_as; /* children of a test do not report */

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("FAULT");
  unsigned kind = 0, ever = 0;
  unsigned long nth = 0;
  began_as = getpid();
  (void)fault_watch_sqlite();
  if (text && sscanf(text, "%u:%lu:%u", &kind, &nth, &ever) == 3 && kind < FAULT_KINDS) fault_arm((enum fault_kind)kind, nth, ever);
}

__attribute__((destructor)) static void report(void) {
  const char *path = getenv("FAULT_REPORT");
  char line[256];
  int len = 0, fd;
  fault_disarm();
  if (!path || getpid() != began_as) return;
  for (int i = 0; i < FAULT_KINDS; i++) len += snprintf(line + len, sizeof line - (size_t)len, "%llu ", (unsigned long long)fault.seen[i]);
  len += snprintf(line + len, sizeof line - (size_t)len, "%llu %ld\n", (unsigned long long)fault.struck, fault.live);
  fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return;
  if (write(fd, line, (size_t)len) != len) (void)ftruncate(fd, 0);
  (void)close(fd);
}

/* The tests' templates are "/tmp/weir-NAME-XXXXXX": the other name is not longer, and goes into the same bytes. */
FAULT_WRAPPED(char *, mkdtemp, (char *template)) {
  const char *folder = getenv("FAULT_FOLDER");
  if (folder && strlen(folder) + 7 <= strlen(template)) snprintf(template, strlen(template) + 1, "%s/XXXXXX", folder);
  return __real_mkdtemp(template);
}

FAULT_WRAPPED(weir_status, weir_engine_open, (weir_engine **out, const weir_config *config, weir_error *err)) {
  static unsigned serial;
  const char *folder = getenv("FAULT_FOLDER");
  char path[256];
  if (!config || !folder || !getenv("FAULT_DISK") || config->state) return __real_weir_engine_open(out, config, err);
  weir_config on_disk = *config;
  snprintf(path, sizeof path, "%s/%u.db", folder, ++serial);
  on_disk.state = path;
  return __real_weir_engine_open(out, &on_disk, err);
}
