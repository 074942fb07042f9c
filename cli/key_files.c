/* key_files.c: the files of a key that changes. Beside the key file, KEY, there may be
 *
 *   KEY.next   the key that takes over at the next reload: made by weir key rotate, after its public half was published
 *   KEY.old    the key that was before: its public half stays published until weir key retire
 *
 * The change itself is a commit of the state. What comes before it (KEY.old gets its name) and behind it (KEY.next becomes KEY) is
 * done by links and renames alone, needs no room on a disk, and can be done again: so whatever cuts it off, the next start or
 * reload finishes it. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

bool key_beside(const char *command, const char *path, const char *suffix, char out[KEY_PATH_MAX]) {
  int n = snprintf(out, KEY_PATH_MAX, "%s%s", path, suffix);
  if (n > 0 && n < KEY_PATH_MAX) return true;
  complain_text(command, "the name of the key file is too long");
  return false;
}

bool key_is_there(const char *path) {
  struct stat s;
  return lstat(path, &s) == 0;
}

static bool is_same_file(const char *a, const char *b) {
  struct stat x, y;
  return lstat(a, &x) == 0 && lstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool sync_folder_of(const char *path) {
  char name[KEY_PATH_MAX];
  snprintf(name, sizeof name, "%s", path);
  int fd = open(dirname(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool good = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL); /* EINVAL: this file system has nothing to flush */
  if (fd >= 0) close(fd);
  return good;
}

bool key_is_same(const weir_key *a, const weir_key *b) {
  weir_str x = weir_key_id(a), y = weir_key_id(b);
  return x.len == y.len && memcmp(x.ptr, y.ptr, x.len) == 0;
}

/* ---- the set that is published */

static bool add_to_set(const char *command, const weir_key *key, char *set, size_t cap) {
  char one[WEIR_JWK_BYTES];
  weir_error err;
  if (weir_key_public_jwks(key, one, &err)) {
    complain(command, &err);
    return false;
  }
  char *from = strchr(one, '['), *to = strrchr(one, ']');
  size_t len = strlen(set);
  if (!from || !to) return false;
  snprintf(set + len, cap - len, "%s%.*s", len ? "," : "{\"keys\":[", (int)(to - from - 1), from + 1);
  return true;
}

bool key_set(const char *command, const weir_key *const *keys, size_t cnt, char out[KEY_SET_BYTES]) {
  bool good = true;
  out[0] = '\0';
  for (size_t i = 0; i < cnt && good; i++) {
    bool again = false;
    for (size_t k = 0; k < i; k++) again = again || key_is_same(keys[k], keys[i]);
    if (!again) good = add_to_set(command, keys[i], out, KEY_SET_BYTES - 4);
  }
  size_t len = strlen(out);
  if (good) snprintf(out + len, KEY_SET_BYTES - len, "]}\n");
  return good;
}

/* ---- the change */

bool key_keep_old(const char *command, const char *path) {
  char old[KEY_PATH_MAX];
  if (!key_beside(command, path, ".old", old)) return false;
  if (link(path, old) == 0 || (errno == EEXIST && is_same_file(path, old))) return true;
  if (errno == EEXIST) complain_text(command, "%s is there still: the key before this one was not retired (weir key retire)", old);
  else complain_text(command, "%s cannot be made: %s", old, strerror(errno));
  return false;
}

void key_forget_old(const char *path) {
  char old[KEY_PATH_MAX];
  if (key_beside("key", path, ".old", old) && is_same_file(path, old)) (void)unlink(old);
}

bool key_take_next(const char *command, const char *path) {
  char next[KEY_PATH_MAX];
  if (!key_beside(command, path, ".next", next)) return false;
  if (rename(next, path) == 0 && sync_folder_of(path)) return true;
  complain_text(command, "the new key signs already, but %s could not be renamed to %s: %s (the next start tries again)", next, path, strerror(errno));
  return false;
}

weir_status open_with_key(const char *command, const char *path, weir_config *config, weir_key **key, weir_engine **out, weir_error *err) {
  char next[KEY_PATH_MAX];
  weir_error other;
  weir_status st = weir_engine_open(out, config, err);
  if (st != WEIR_E_KEY || !key_beside(command, path, ".next", next) || !key_is_there(next)) return st;
  weir_key *new_key = load_key(command, next, false);
  if (!new_key) return st;
  config->key = new_key;
  if (weir_engine_open(out, config, &other)) {
    config->key = *key;
    weir_key_free(new_key);
    return st;
  }
  weir_key_free(*key);
  *key = new_key;
  if (key_keep_old(command, path) && key_take_next(command, path)) complain_text(command, "a change of key that was cut off is finished: key %.*s signs now", FMT(weir_key_id(new_key)));
  return WEIR_OK;
}
