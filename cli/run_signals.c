/* run_signals.c: signals become bytes in a pipe, so that the loop waits for them as for everything else. SIGTERM and SIGINT end
 * the run in good order; a second one ends it at once, which the state survives. SIGHUP loads the rules anew. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

/* A handler is given nothing but the signal, so its pipe must stand here. */
static int ends[2] = { -1, -1 };

static void note(int sig) {
  int kept = errno;
  char byte = sig == SIGHUP ? 'h' : 's';
  ssize_t done = write(ends[1], &byte, 1); /* a full pipe holds enough of them already */
  (void)done;
  errno = kept;
}

static bool catch_signal(int sig, int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = sig == SIGPIPE ? SIG_IGN : note;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  return sigaction(sig, &action, NULL) == 0;
}

bool run_signals_open(void) {
  if (pipe(ends) != 0) return false;
  for (int i = 0; i < 2; i++) {
    if (fcntl(ends[i], F_SETFD, FD_CLOEXEC) < 0 || fcntl(ends[i], F_SETFL, O_NONBLOCK) < 0) return false;
  }
  /* A reader that goes away is an error we report, not a death. */
  return catch_signal(SIGPIPE, 0) && catch_signal(SIGHUP, SA_RESTART) && catch_signal(SIGTERM, (int)SA_RESETHAND | SA_RESTART) &&
         catch_signal(SIGINT, (int)SA_RESETHAND | SA_RESTART);
}

int run_signals_fd(void) { return ends[0]; }

struct run_signals run_signals_take(void) {
  struct run_signals got = { false, false };
  char bytes[16];
  ssize_t len;
  while ((len = read(ends[0], bytes, sizeof bytes)) > 0) {
    for (ssize_t i = 0; i < len; i++) {
      if (bytes[i] == 'h') got.reload = true;
      else got.stop = true;
    }
  }
  return got;
}
