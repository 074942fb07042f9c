/* cmd_control.c: one command to a running weir, over its control socket. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli.h"

static const char help[] =
  "usage: weir control SOCKET COMMAND ...\n\n"
  "Gives COMMAND to the running weir that listens at SOCKET (weir run --control SOCKET) and prints its answer. Only the user that\n"
  "weir runs as is heard. What there is: stats, report [DAYS], reload, snapshot FILE, forget channel/account/id, pool out|in ...,\n"
  "drain; weir run --help says what they do. A snapshot's FILE is in the folder of the running weir, unless it begins with /.\n\n"
  "Status 0: done; 1: it could not do it, and says why; 2: nobody answers.\n\n"
  "example:\n  weir control weir.sock snapshot shop-backup.db\n";

FILE *call_control(const char *command, const char *path) {
  struct sockaddr_un address;
  int fd = -1;
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  errno = ENAMETOOLONG;
  if (strlen(path) < sizeof address.sun_path) {
    memcpy(address.sun_path, path, strlen(path));
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
  }
  bool there = fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
  FILE *stream = there ? fdopen(fd, "r+") : NULL;
  if (stream) return stream;
  complain_text(command, "nobody answers at %s: %s", path, strerror(errno));
  if (fd >= 0) close(fd);
  return NULL;
}

int cmd_control(int argc, char **argv) {
  char *line = NULL;
  size_t cap = 0;
  if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
    print_help(stdout, help);
    return EXIT_GOOD;
  }
  if (argc < 3) {
    complain_text("control", "needs a socket and a command. Try: weir control --help");
    return EXIT_BROKEN;
  }
  for (int i = 2; i < argc; i++) {
    if (!strchr(argv[i], '\n')) continue;
    complain_text("control", "a command is one line");
    return EXIT_BROKEN;
  }
  FILE *stream = call_control("control", argv[1]);
  if (!stream) return EXIT_BROKEN;
  for (int i = 2; i < argc; i++) fprintf(stream, "%s%s", argv[i], i + 1 < argc ? " " : "\n");
  ssize_t len = fflush(stream) == 0 ? getline(&line, &cap, stream) : -1;
  int status = len <= 0 ? EXIT_BROKEN : strncmp(line, "ok", 2) == 0 ? EXIT_GOOD : EXIT_PROBLEMS;
  if (status == EXIT_GOOD) print_text(stdout, (weir_str){ line + (line[2] == ' ' ? 3 : 2), strcspn(line, "\n") - (line[2] == ' ' ? 3 : 2) });
  if (status == EXIT_GOOD) putchar('\n');
  if (status == EXIT_PROBLEMS) complain_text("control", "%.*s", (int)strcspn(line, "\n"), line);
  if (status == EXIT_BROKEN) complain_text("control", "the running weir ended without an answer");
  free(line);
  (void)fclose(stream);
  return status;
}
