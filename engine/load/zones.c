/* zones.c: time zones by name. Each is read once, when a pack or account first names it, and parsed by base/; decisions never
 * look at the files again. What was read goes into the environment hash of records: other rules of summer time are other
 * decisions. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "limits.h"
#include "load/load.h"

#define ZONEINFO "/usr/share/zoneinfo"

static const char *folder_of(const struct weir_load *load) { return load->config->zoneinfo ? load->config->zoneinfo : ZONEINFO; }

/* "folder/name", NUL-terminated; false: no memory. */
static bool path_of(struct weir_load *load, weir_str folder, weir_str name, weir_str *out) {
  char *s = weir_arena_bytes(&load->work, folder.len + name.len + 2);
  *out = (weir_str){ s, folder.len + 1 + name.len };
  if (!s) return false;
  memcpy(s, folder.ptr, folder.len);
  s[folder.len] = '/';
  memcpy(s + folder.len + 1, name.ptr, name.len);
  s[out->len] = '\0';
  return true;
}

/* ---- the name that was meant */

struct names {
  weir_str items[WEIR_ZONE_FOLDER_MAX];
  uint32_t cnt;
};

/* Collects the zones in a folder and the folders in it. `below` is the folder's part of the names, with its slash. */
static void collect(struct weir_load *load, weir_str folder, weir_str below, struct names *names) {
  DIR *dir = opendir(folder.ptr);
  if (!dir) return;
  for (struct dirent *entry; names->cnt < WEIR_ZONE_FOLDER_MAX && (entry = readdir(dir));) {
    weir_str name = weir_str_of(entry->d_name), path, full;
    struct stat st;
    bool copies = below.len == 0 && (weir_str_eq(name, WEIR_STR("posix")) || weir_str_eq(name, WEIR_STR("right")));
    if (copies || !weir_zone_name_good(name) || name.ptr[0] < 'A' || name.ptr[0] > 'Z') continue; /* zones begin with a capital */
    char *s = weir_arena_bytes(&load->work, below.len + name.len + 2);
    if (!s || !path_of(load, folder, name, &path)) break;
    if (below.len) memcpy(s, below.ptr, below.len);
    memcpy(s + below.len, name.ptr, name.len);
    full = (weir_str){ s, below.len + name.len };
    if (stat(path.ptr, &st) != 0) continue;
    if (S_ISREG(st.st_mode)) {
      names->items[names->cnt++] = full;
    } else if (S_ISDIR(st.st_mode) && full.len < WEIR_ZONE_NAME_MAX) {
      s[full.len] = '/';
      collect(load, path, (weir_str){ s, full.len + 1 }, names);
    }
  }
  closedir(dir);
}

/* "Shanghai" means Asia/Shanghai. */
static weir_str by_city(const struct names *names, weir_str city) {
  for (uint32_t i = 0; i < names->cnt; i++) {
    weir_str name = names->items[i];
    if (name.len <= city.len || name.ptr[name.len - city.len - 1] != '/') continue;
    if (weir_str_eq((weir_str){ name.ptr + name.len - city.len, city.len }, city)) return name;
  }
  return (weir_str){ NULL, 0 };
}

static int by_bytes(const void *a, const void *b) { return weir_str_cmp(*(const weir_str *)a, *(const weir_str *)b); }

static weir_str nearest(struct weir_load *load, weir_str name) {
  struct names *names = weir_arena_zalloc(&load->work, sizeof *names);
  if (!names) return (weir_str){ NULL, 0 };
  collect(load, weir_str_of(folder_of(load)), WEIR_STR(""), names);
  if (names->cnt) qsort(names->items, names->cnt, sizeof *names->items, by_bytes); /* the message must not hang on the file system */
  weir_str found = by_city(names, name);
  return found.len ? found : weir_nearest(name, names->items, names->cnt);
}

/* ---- reading */

/* All of a file. WEIR_NONE: there is no such file; WEIR_E_IO: it cannot be read, and errno says why. */
static weir_status read_file(struct weir_load *load, const char *path, weir_str *out) {
  struct stat st;
  size_t len = 0;
  *out = (weir_str){ NULL, 0 };
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT || errno == ENOTDIR ? WEIR_NONE : WEIR_E_IO;
  bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= (off_t)WEIR_ZONE_FILE_MAX;
  char *bytes = regular ? weir_arena_bytes(&load->work, WEIR_ZONE_FILE_MAX) : NULL;
  while (bytes && len < WEIR_ZONE_FILE_MAX) {
    ssize_t got = read(fd, bytes + len, WEIR_ZONE_FILE_MAX - len);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) regular = false;
    if (got <= 0) break;
    len += (size_t)got;
  }
  close(fd);
  if (!regular) return WEIR_NONE; /* "Europe" is a folder, no zone */
  if (!bytes) return weir_load_no_memory(load);
  *out = (weir_str){ bytes, len };
  return WEIR_OK;
}

static void unknown(struct weir_reading *reading, const char *key, weir_str name) {
  weir_str near = nearest(reading->load, name);
  struct stat st;
  if (stat(folder_of(reading->load), &st) != 0)
    weir_reading_bad(reading, key, "there are no time zones in %s: the package tzdata has them", folder_of(reading->load));
  else if (near.len)
    weir_reading_bad(reading, key, "there is no time zone \"%.*s\"; did you mean \"%.*s\"?", WEIR_FMT(name), WEIR_FMT(near));
  else weir_reading_bad(reading, key, "there is no time zone \"%.*s\"; expected a name such as \"Asia/Shanghai\"", WEIR_FMT(name));
}

/* Takes the bytes of a zone into the hash over all of them. */
static void add_to_hash(struct weir_ruleset *ruleset, weir_str name, weir_str bytes) {
  weir_str parts[] = { { (const char *)ruleset->zones_id, WEIR_ID_BYTES }, name, bytes };
  unsigned char id[WEIR_ID_BYTES];
  weir_id_hash(WEIR_STR("weir zones"), parts, sizeof parts / sizeof *parts, id);
  memcpy(ruleset->zones_id, id, WEIR_ID_BYTES);
}

static weir_status add(struct weir_reading *reading, const char *key, weir_str name, weir_str bytes, const struct weir_zone **out) {
  struct weir_load *load = reading->load;
  struct weir_ruleset *ruleset = load->ruleset;
  weir_error err;
  if (!ruleset->zones) ruleset->zones = weir_arena_array(load->arena, WEIR_ZONES_MAX, sizeof *ruleset->zones);
  if (!ruleset->zones) return weir_load_no_memory(load);
  if (ruleset->zone_cnt == WEIR_ZONES_MAX) {
    weir_reading_bad(reading, key, "more than %d time zones are named", WEIR_ZONES_MAX);
    return WEIR_OK;
  }
  weir_status status = weir_zone_parse(load->arena, name, bytes, out, &err);
  if (status == WEIR_E_NOMEM) return weir_load_no_memory(load);
  if (status != WEIR_OK) {
    weir_reading_bad(reading, key, "the time zone \"%.*s\" cannot be used: %s", WEIR_FMT(name), err.message);
    return WEIR_OK;
  }
  add_to_hash(ruleset, name, bytes);
  ruleset->zones[ruleset->zone_cnt++] = *out;
  return WEIR_OK;
}

weir_status weir_load_zone(struct weir_reading *reading, const char *key, weir_str name, const struct weir_zone **out) {
  struct weir_load *load = reading->load;
  weir_str path, bytes;
  *out = NULL;
  if (!weir_zone_name_good(name)) {
    weir_reading_bad(reading, key, "expected the name of a time zone such as \"Asia/Shanghai\"");
    return WEIR_OK;
  }
  if (weir_str_eq(name, WEIR_STR("localtime"))) {
    weir_reading_bad(reading, key, "\"localtime\" is another zone on every machine: name the zone, such as \"Asia/Shanghai\"");
    return WEIR_OK;
  }
  for (uint32_t i = 0; i < load->ruleset->zone_cnt; i++) {
    if (weir_str_eq(load->ruleset->zones[i]->name, name)) *out = load->ruleset->zones[i];
  }
  if (*out) return WEIR_OK;
  if (!path_of(load, weir_str_of(folder_of(load)), name, &path)) return weir_load_no_memory(load);
  weir_status status = read_file(load, path.ptr, &bytes);
  if (status == WEIR_NONE) unknown(reading, key, name);
  else if (status == WEIR_E_IO) weir_reading_bad(reading, key, "the time zone file %s cannot be read", path.ptr);
  else if (status == WEIR_OK) return add(reading, key, name, bytes, out);
  return status == WEIR_E_NOMEM ? status : WEIR_OK;
}
