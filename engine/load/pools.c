/* pools.c: what is handed out: pool "name" { "a", "b", per_day = 20 }, and coupon "name" { file = "codes.txt" }, a pool of which each
 * member is given once. A file of codes lies beside the rule file that names it: one code a line. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "limits.h"
#include "load/load.h"
#include "text/utf8.h"

/* ---- What both have */

static int by_bytes(const void *a, const void *b) { return weir_str_cmp(*(const weir_str *)a, *(const weir_str *)b); }

static weir_status check_members(struct weir_reading *reading, const char *key, const struct weir_pool *pool, uint32_t most) {
  if (pool->member_cnt > most) {
    weir_reading_bad(reading, key, "has %u members; at most %u", pool->member_cnt, most);
    return WEIR_OK;
  }
  weir_str *sorted = weir_arena_array(&reading->load->work, pool->member_cnt, sizeof(*sorted));
  if (!sorted) return weir_load_no_memory(reading->load);
  for (uint32_t i = 0; i < pool->member_cnt; i++) {
    sorted[i] = pool->members[i];
    if (pool->members[i].len > WEIR_SCOPED_NAME_MAX)
      weir_reading_bad(reading, key, "the member \"%.*s...\" is too long: at most %d bytes", (int)weir_utf8_cut(pool->members[i], WEIR_TAG_MAX),
                       pool->members[i].ptr, WEIR_SCOPED_NAME_MAX);
  }
  if (pool->member_cnt) qsort(sorted, pool->member_cnt, sizeof(*sorted), by_bytes);
  for (uint32_t i = 1; i < pool->member_cnt; i++)
    if (weir_str_eq(sorted[i - 1], sorted[i])) weir_reading_bad(reading, key, "has \"%.*s\" twice", WEIR_FMT(sorted[i]));
  return WEIR_OK;
}

/* The list part of the declaration's table as a value. */
static struct weir_value list_of(const struct weir_decl *decl, struct weir_table *items) {
  struct weir_value list = { .kind = WEIR_VALUE_TABLE };
  *items = (struct weir_table){ .list = decl->body.u.t->list, .list_cnt = decl->body.u.t->list_cnt };
  list.u.t = items;
  return list;
}

static weir_status read_on_full(struct weir_reading *reading, struct weir_pool *pool) {
  static const weir_str words[] = { [WEIR_ON_FULL_NEXT] = { "next", 4 }, [WEIR_ON_FULL_DROP] = { "drop", 4 }, [WEIR_ON_FULL_HANDOFF] = { "handoff", 7 } };
  weir_str word = { 0 };
  weir_status status = weir_reading_str(reading, "on_full", WEIR_TAG_MAX, &word);
  if (status != WEIR_OK || !word.ptr) return status;
  for (size_t i = 0; i < 3; i++) {
    if (!weir_str_eq(word, words[i])) continue;
    pool->on_full = (enum weir_on_full)i;
    return WEIR_OK;
  }
  weir_str near = weir_nearest(word, words, 3);
  weir_reading_bad(reading, "on_full", "\"%.*s\" is none of \"next\", \"drop\", \"handoff\"%s%.*s%s", WEIR_FMT(word), near.len ? "; did you mean \"" : "",
                   WEIR_FMT(near), near.len ? "\"?" : "");
  return WEIR_OK;
}

static void read_count(struct weir_reading *reading, const char *key, uint32_t *out) {
  const struct weir_value *value = weir_reading_key(reading, key);
  int64_t number;
  if (value && weir_parse_int(&reading->parse, NULL, value, 1, WEIR_POOL_PER_DAY_MAX, &number) == WEIR_OK) *out = (uint32_t)number;
}

/* ---- pool "name" { "a", "b", per_day = 20, total = 500, out = { "b" } } */

static weir_status read_out(struct weir_reading *reading, struct weir_pool *pool) {
  const struct weir_value *value = weir_reading_key(reading, "out");
  const weir_str *names;
  uint32_t cnt = 0;
  if (!value) return WEIR_OK;
  weir_status status = weir_parse_strings(&reading->parse, NULL, value, &names, &cnt);
  bool *out = weir_arena_zalloc(reading->parse.arena, pool->member_cnt * sizeof(*out) + 1);
  if (!out) return weir_load_no_memory(reading->load);
  for (uint32_t i = 0; status == WEIR_OK && i < cnt; i++) {
    bool known = false;
    for (uint32_t k = 0; k < pool->member_cnt; k++)
      if (weir_str_eq(names[i], pool->members[k])) known = out[k] = true;
    if (known) continue;
    weir_str near = weir_nearest(names[i], pool->members, pool->member_cnt < WEIR_HINTS_MAX ? pool->member_cnt : WEIR_HINTS_MAX);
    weir_reading_bad(reading, "out", "\"%.*s\" is no member%s%.*s%s", WEIR_FMT(names[i]), near.len ? "; did you mean \"" : "", WEIR_FMT(near),
                     near.len ? "\"?" : "");
  }
  pool->out = out;
  return status == WEIR_E_NOMEM ? status : WEIR_OK;
}

static void check_name(struct weir_reading *reading) {
  const char *fault = weir_load_name_fault(reading->decl->name, WEIR_TAG_MAX);
  if (fault) weir_reading_bad(reading, "", "the name %s", fault);
}

weir_status weir_load_pool(struct weir_load *load, const struct weir_decl *decl, struct weir_pool *pool) {
  struct weir_reading reading;
  struct weir_table items;
  weir_status status;
  *pool = (struct weir_pool){ 0 };
  if (!weir_load_full_name(load, decl, decl->name, &pool->name)) return WEIR_E_NOMEM;
  if (decl->body.kind != WEIR_VALUE_TABLE) return WEIR_OK;
  weir_reading_begin(&reading, load, decl, load->arena);
  check_name(&reading);
  weir_reading_known(&reading, true);
  read_count(&reading, "per_day", &pool->per_day);
  read_count(&reading, "total", &pool->total);
  status = read_on_full(&reading, pool);
  struct weir_value list = list_of(decl, &items);
  reading.parse.key = WEIR_STR("");
  if (!items.list_cnt) {
    if (!decl->hurt)
      weir_reading_bad(&reading, "", "is empty: it needs what it hands out, such as { \"tutor_li\", \"tutor_wang\" }");
    return weir_reading_end(&reading, WEIR_OK);
  }
  if (status == WEIR_OK) status = weir_parse_strings(&reading.parse, NULL, &list, &pool->members, &pool->member_cnt);
  if (status == WEIR_OK) status = check_members(&reading, "", pool, WEIR_POOL_MEMBERS_MAX);
  if (status == WEIR_OK) status = read_out(&reading, pool);
  return weir_reading_end(&reading, status);
}

/* ---- coupon "name" { "CODE-1", "CODE-2" } or { file = "codes.txt" } */

static weir_str trim(weir_str line) {
  while (line.len && (line.ptr[line.len - 1] == ' ' || line.ptr[line.len - 1] == '\t' || line.ptr[line.len - 1] == '\r')) line.len--;
  while (line.len && (line.ptr[0] == ' ' || line.ptr[0] == '\t')) line.ptr++, line.len--;
  return line;
}

/* One code a line; empty lines and those that begin with # do not count. */
static weir_status read_lines(struct weir_reading *reading, weir_str raw, struct weir_pool *pool) {
  uint32_t cap = 1;
  for (size_t i = 0; i < raw.len; i++) cap += raw.ptr[i] == '\n';
  weir_str *codes = weir_arena_array(reading->parse.arena, cap, sizeof(*codes));
  if (!codes) return weir_load_no_memory(reading->load);
  if (weir_str_starts(raw, WEIR_STR("\xEF\xBB\xBF"))) raw = (weir_str){ raw.ptr + 3, raw.len - 3 };
  while (raw.len) {
    const char *end = memchr(raw.ptr, '\n', raw.len);
    size_t len = end ? (size_t)(end - raw.ptr) : raw.len;
    weir_str line = trim((weir_str){ raw.ptr, len });
    raw = (weir_str){ raw.ptr + len + (end != NULL), raw.len - len - (end != NULL) };
    if (!line.len || line.ptr[0] == '#') continue;
    if (!weir_arena_str(reading->parse.arena, line, &codes[pool->member_cnt++])) return weir_load_no_memory(reading->load);
  }
  pool->members = codes;
  return WEIR_OK;
}

/* All of a file, into the working memory. WEIR_OK with out->ptr NULL: it was told why not. */
static weir_status read_all(struct weir_reading *reading, const char *path, weir_str *out) {
  struct stat st;
  size_t len = 0;
  *out = (weir_str){ NULL, 0 };
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    weir_reading_bad(reading, "file", errno == ENOENT ? "there is no such file beside the rule file" : "the file cannot be opened");
    return WEIR_OK;
  }
  bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= (off_t)WEIR_COUPON_FILE_MAX;
  char *bytes = regular ? weir_arena_bytes(&reading->load->work, (size_t)st.st_size + 1) : NULL;
  bool good = bytes != NULL;
  while (good && len < (size_t)st.st_size) {
    ssize_t got = read(fd, bytes + len, (size_t)st.st_size - len);
    if (got < 0 && errno == EINTR) continue;
    good = got > 0;
    if (good) len += (size_t)got;
  }
  close(fd);
  if (regular && !bytes) return weir_load_no_memory(reading->load);
  if (!good) weir_reading_bad(reading, "file", "is no regular file of at most 8 MiB that can be read");
  else if (weir_utf8_valid((weir_str){ bytes, len }) != len) weir_reading_bad(reading, "file", "is not UTF-8");
  else *out = (weir_str){ bytes, len };
  return WEIR_OK;
}

/* The file's name as it goes into the hash and its path: beside the rule file that names it. */
static bool names_of(struct weir_reading *reading, weir_str name, weir_str *inner, weir_str *path) {
  const struct weir_load_file *file = &reading->load->files[reading->decl->file];
  weir_str of[] = { file->name, file->shown }, *to[] = { inner, path };
  for (int i = 0; i < 2; i++) {
    size_t folder = of[i].len;
    while (folder && of[i].ptr[folder - 1] != '/') folder--;
    char *s = weir_arena_bytes(&reading->load->work, folder + name.len + 1);
    if (!s) return false;
    if (folder) memcpy(s, of[i].ptr, folder);
    memcpy(s + folder, name.ptr, name.len);
    s[folder + name.len] = '\0';
    *to[i] = (weir_str){ s, folder + name.len };
  }
  return true;
}

static weir_status read_codes(struct weir_reading *reading, weir_str name, struct weir_pool *pool) {
  struct weir_load *load = reading->load;
  struct weir_load_extra *extra = weir_arena_zalloc(&load->work, sizeof(*extra));
  weir_str path;
  if (name.ptr[0] == '.' || memchr(name.ptr, '/', name.len) || memchr(name.ptr, '\\', name.len) || memchr(name.ptr, '\0', name.len)) {
    weir_reading_bad(reading, "file", "expected the name of a file beside this one, without folders");
    return WEIR_OK;
  }
  if (!extra || !names_of(reading, name, &extra->name, &path)) return weir_load_no_memory(load);
  weir_status status = read_all(reading, path.ptr, &extra->raw);
  if (status != WEIR_OK || !extra->raw.ptr) return status;
  weir_load_add_extra(load, extra);
  status = read_lines(reading, extra->raw, pool);
  if (status == WEIR_OK && !pool->member_cnt) weir_reading_bad(reading, "file", "has no codes: one a line");
  return status;
}

weir_status weir_load_coupon(struct weir_load *load, const struct weir_decl *decl, struct weir_pool *pools, uint32_t index) {
  struct weir_pool *pool = &pools[index];
  struct weir_reading reading;
  struct weir_table items;
  weir_str file = { 0 };
  *pool = (struct weir_pool){ .coupon = true, .total = 1 };
  if (!weir_load_full_name(load, decl, decl->name, &pool->name)) return WEIR_E_NOMEM;
  if (decl->body.kind != WEIR_VALUE_TABLE) return WEIR_OK;
  weir_reading_begin(&reading, load, decl, load->arena);
  check_name(&reading);
  for (uint32_t i = 0; i < index; i++)
    if (!pools[i].coupon && weir_str_eq(pools[i].name, pool->name)) weir_reading_bad(&reading, "", "there is a pool of that name: give one of them another");
  weir_reading_known(&reading, true);
  weir_status status = read_on_full(&reading, pool);
  if (status == WEIR_OK) status = weir_reading_str(&reading, "file", WEIR_LOAD_NAME_MAX, &file);
  if (status != WEIR_OK) return weir_reading_end(&reading, status);
  struct weir_value list = list_of(decl, &items);
  if ((file.ptr != NULL) == (items.list_cnt > 0)) {
    if (!decl->hurt) weir_reading_bad(&reading, "", "needs its codes: either a list, { \"CODE-1\", \"CODE-2\" }, or { file = \"codes.txt\" }");
    return weir_reading_end(&reading, WEIR_OK);
  }
  reading.parse.key = WEIR_STR("");
  if (file.ptr && file.len) status = read_codes(&reading, file, pool);
  else status = weir_parse_strings(&reading.parse, NULL, &list, &pool->members, &pool->member_cnt);
  if (status == WEIR_OK) status = check_members(&reading, file.ptr ? "file" : "", pool, WEIR_COUPON_CODES_MAX);
  return weir_reading_end(&reading, status);
}
