/* run_control.c: the control socket: a Unix socket that only its owner can speak to, a command a line, one line back:
 * "ok ..." or "error ...".
 *
 * Nothing here waits: sockets do not block, each client has fixed room, and whoever neither reads nor ends his line costs
 * nothing but that. When all places are taken the client silent for longest makes room for a new one. */
#define _GNU_SOURCE 1 /* struct ucred */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "run.h"

/* ---- the socket */

static bool unblock(int fd) { return fcntl(fd, F_SETFD, FD_CLOEXEC) >= 0 && fcntl(fd, F_SETFL, O_NONBLOCK) >= 0; }

/* What already stands at the socket's name: NULL when it is free, or was left behind by a run that is gone. */
static const char *clear_place(const struct sockaddr_un *address) {
  struct stat s;
  if (lstat(address->sun_path, &s) != 0) return errno == ENOENT ? NULL : strerror(errno);
  if (!S_ISSOCK(s.st_mode)) return "there is a file of that name, and it is no socket";
  if (s.st_uid != geteuid()) return "there is a socket of that name, and it belongs to somebody else";
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0) return strerror(errno);
  const char *wrong = unblock(fd) ? NULL : strerror(errno);
  if (!wrong && (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno != ECONNREFUSED)) {
    wrong = "somebody answers there: another weir run?";
  }
  close(fd);
  if (!wrong && unlink(address->sun_path) != 0) wrong = strerror(errno);
  return wrong;
}

static const char *open_socket(struct run *r) {
  struct sockaddr_un address;
  struct stat s;
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  if (strlen(r->socket) >= sizeof address.sun_path) return "its name is too long for a socket";
  memcpy(address.sun_path, r->socket, strlen(r->socket));
  const char *wrong = clear_place(&address);
  if (wrong) return wrong;
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0) return strerror(errno);
  mode_t mask = umask(S_IXUSR | S_IRWXG | S_IRWXO); /* 0600 from its first moment */
  bool bound = bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
  umask(mask);
  if (!bound || !unblock(fd) || listen(fd, CLIENTS_MAX) != 0 || lstat(r->socket, &s) != 0) {
    wrong = strerror(errno);
    close(fd);
    return wrong;
  }
  r->control.fd = fd;
  r->control.dev = s.st_dev;
  r->control.ino = s.st_ino;
  return NULL;
}

bool run_control_open(struct run *r) {
  r->control.fd = -1;
  for (int i = 0; i < CLIENTS_MAX; i++) r->control.clients[i].fd = -1;
  if (!r->socket) return true;
  const char *wrong = open_socket(r);
  if (wrong) complain_text("run", "the control socket %s cannot be opened: %s", r->socket, wrong);
  return !wrong;
}

static void hang_up(struct run_client *c) {
  free(c->report);
  c->report = NULL;
  if (c->fd >= 0) close(c->fd);
  c->fd = -1;
}

void run_control_close(struct run *r) {
  struct stat s;
  if (!r->socket || r->control.fd < 0) return;
  for (int i = 0; i < CLIENTS_MAX; i++) hang_up(&r->control.clients[i]);
  if (lstat(r->socket, &s) == 0 && s.st_dev == r->control.dev && s.st_ino == r->control.ino) unlink(r->socket);
  close(r->control.fd);
  r->control.fd = -1;
}

/* ---- clients */

/* Sends what the client takes now; the rest waits until he can take more. */
static void send_some(struct run_client *c) {
  while (c->fd >= 0 && c->out_at < c->out_len) {
    ssize_t sent = send(c->fd, (c->report ? c->report : c->out) + c->out_at, c->out_len - c->out_at, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (sent < 0) hang_up(c);
    else c->out_at += (size_t)sent;
  }
  if (c->out_at < c->out_len && c->fd >= 0) return;
  c->out_at = c->out_len = 0;
  free(c->report);
  c->report = NULL;
}

/* `reply` is one line without its end; the room is empty, since no command is done while an answer waits. */
static void answer(struct run_client *c, const char *reply) {
  size_t len = strlen(reply);
  memcpy(c->out, reply, len);
  c->out[len] = '\n';
  c->out_len = len + 1;
  c->out_at = 0;
  send_some(c);
}

/* The same with an answer of any length, which is taken over and ends with its line. */
static void answer_long(struct run_client *c, char *report) {
  c->report = report;
  c->out_len = strlen(report);
  c->out_at = 0;
  send_some(c);
}

/* Who is at the other end: the mode of the socket keeps others out, this keeps out who got it open before. */
static bool is_owner(int fd) {
#ifdef SO_PEERCRED
  struct ucred peer;
  socklen_t len = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == geteuid();
#else
  uid_t uid;
  gid_t gid;
  return getpeereid(fd, &uid, &gid) == 0 && uid == geteuid();
#endif
}

static struct run_client *place_for(struct run *r) {
  struct run_client *best = &r->control.clients[0];
  for (int i = 0; i < CLIENTS_MAX; i++) {
    struct run_client *c = &r->control.clients[i];
    if (c->fd < 0) return c;
    if (c->heard_ms < best->heard_ms) best = c;
  }
  hang_up(best);
  return best;
}

static void welcome(struct run *r) {
  int fd = accept(r->control.fd, NULL, NULL);
  if (fd < 0) return; /* gone already */
  if (!is_owner(fd) || !unblock(fd)) {
    close(fd);
    return;
  }
  struct run_client *c = place_for(r);
  *c = (struct run_client){ .fd = fd, .heard_ms = run_monotonic_ms() };
}

static void listen_to(struct run_client *c) {
  ssize_t got = recv(c->fd, c->in + c->in_len, sizeof c->in - c->in_len, 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (got < 0) {
    hang_up(c);
    return;
  }
  c->ended = got == 0;
  c->in_len += (size_t)got;
  c->heard_ms = run_monotonic_ms();
}

/* Does the first command that is there whole. */
static void obey(struct run *r, struct run_client *c) {
  char *end = memchr(c->in, '\n', c->in_len);
  if (!end) {
    if (c->in_len == sizeof c->in) answer(c, "error the line is too long");
    if (c->in_len == sizeof c->in || c->ended) hang_up(c);
    return;
  }
  char reply[REPLY_MAX - 1], *report = NULL;
  size_t len = (size_t)(end - c->in);
  weir_str line = { c->in, len && c->in[len - 1] == '\r' ? len - 1 : len };
  c->waits = run_report(r, line, &report, reply, sizeof reply) ? NO_WAIT : run_command(r, line, reply, sizeof reply);
  c->in_len -= len + 1;
  memmove(c->in, end + 1, c->in_len);
  if (report) answer_long(c, report);
  else if (c->waits == NO_WAIT) answer(c, reply);
}

/* Whether he may do something now: his last answer was taken, and is not still to come. */
static bool may_speak(const struct run_client *c) { return c->fd >= 0 && !c->out_len && c->waits == NO_WAIT; }

static bool listens(const struct run_client *c) { return !c->ended && c->in_len < sizeof c->in; }

bool run_control_busy(const struct run *r) {
  if (r->control.fd < 0) return false;
  for (int i = 0; i < CLIENTS_MAX; i++) {
    const struct run_client *c = &r->control.clients[i];
    if (may_speak(c) && memchr(c->in, '\n', c->in_len)) return true;
  }
  return false;
}

size_t run_control_watch(const struct run *r, struct pollfd *out) {
  if (r->control.fd < 0) return 0;
  out[0] = (struct pollfd){ .fd = r->control.fd, .events = POLLIN };
  for (int i = 0; i < CLIENTS_MAX; i++) {
    const struct run_client *c = &r->control.clients[i];
    short events = c->out_len ? POLLOUT : listens(c) ? POLLIN : 0;
    out[1 + i] = (struct pollfd){ .fd = c->fd, .events = events };
  }
  return 1 + CLIENTS_MAX;
}

void run_control_serve(struct run *r, const struct pollfd *polled, size_t cnt) {
  if (cnt == 0) return;
  for (int i = 0; i < CLIENTS_MAX; i++) {
    struct run_client *c = &r->control.clients[i];
    short got = polled[1 + i].revents;
    if (c->fd < 0) continue;
    if (got & POLLOUT) send_some(c);
    else if (got & POLLIN) listen_to(c);
    else if (got) hang_up(c);
  }
  for (int i = 0; i < CLIENTS_MAX; i++) {
    if (may_speak(&r->control.clients[i])) obey(r, &r->control.clients[i]);
  }
  if (polled[0].revents) welcome(r);
}

void run_control_tell(struct run *r, enum run_wait what, const char *reply) {
  if (r->control.fd < 0) return;
  for (int i = 0; i < CLIENTS_MAX; i++) {
    struct run_client *c = &r->control.clients[i];
    if (c->fd < 0 || c->waits != what) continue;
    c->waits = NO_WAIT;
    answer(c, reply);
  }
}
