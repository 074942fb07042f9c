/* engine_alloc.c: after the engine is open, nothing asks the system for memory: not our code, PCRE2, Lua nor libsodium. Every
 * allocating function of libc is replaced here by one that counts; under a sanitizer, which does the same, the tests are skipped.
 * With a state in a file SQLite may ask, and nobody else; what it holds stays under its ceiling. What opening asks for is
 * weir_engine_bound, and the rooms say what is in use.
 *
 * The texts: the shared comments when they are there, and a few that are hostile. EVENTS=1000000 tries so many. */
#define _GNU_SOURCE 1 /* syscall, dladdr */
#include "engine_support.h"
#include "shared_data.h"

#ifdef WEIR_SANITIZED
static void nothing_is_allocated(void **state) { (void)state; skip(); }
static void only_sqlite_allocates(void **state) { (void)state; skip(); }
static void opening_asks_for_what_it_says(void **state) { (void)state; skip(); }
#else

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static volatile bool watching; /* the compiler knows malloc, and that it reads no variables of ours */
static volatile bool sqlite_may;
static volatile size_t asked, asked_bytes;

static bool is_sqlite(const void *from) {
  Dl_info info;
  return dladdr(from, &info) && info.dli_fname && strstr(info.dli_fname, "sqlite");
}

static void watch(const void *from, size_t n) {
  if (!watching || (sqlite_may && is_sqlite(from))) return;
  asked++;
  asked_bytes += n;
}

#define WATCH(n) watch(__builtin_return_address(0), n)
void *malloc(size_t n) { WATCH(n); return __libc_malloc(n); }
void *calloc(size_t n, size_t size) { WATCH(n * size); return __libc_calloc(n, size); }
void *realloc(void *p, size_t n) { WATCH(n); return __libc_realloc(p, n); }
void *aligned_alloc(size_t align, size_t n) { WATCH(n); return __libc_memalign(align, n); }
void *memalign(size_t align, size_t n) { WATCH(n); return __libc_memalign(align, n); }
int posix_memalign(void **out, size_t align, size_t n) {
  WATCH(n);
  *out = __libc_memalign(align, n);
  return *out ? 0 : ENOMEM;
}
void *mmap(void *at, size_t n, int prot, int flags, int fd, off_t offset) {
  WATCH(n);
#ifdef SYS_mmap2 /* 32-bit machines: the offset in pages of 4096 */
  return (void *)syscall(SYS_mmap2, at, n, prot, flags, fd, (long)(offset / 4096));
#else
  return (void *)syscall(SYS_mmap, at, n, prot, flags, fd, offset);
#endif
}
int brk(void *at) {
  WATCH(0);
  return syscall(SYS_brk, at) == (long)at ? 0 : -1;
}
char *strdup(const char *text) {
  WATCH(strlen(text));
  char *copy = __libc_malloc(strlen(text) + 1);
  return copy ? strcpy(copy, text) : NULL;
}

static const char pack[] =
  "words.want = { '求', 'want' }\n"
  "funnel 'f' { stages = { 'asked', 'done' } }\n"
  "pool 'ids' { 'a', 'b', per_day = 100000 }\n"
  "rule 'ask' { on = 'comment', match = [[({want}).{0,12}(?:电子版|paper)]], except = { '不要' }, once = 'post', reply = { '有 {match}', 'x {person.name}' },\n"
  "  message = { '加 {pool.ids} {code}', after = '1s..9s' }, follow = true, tag = 'a', stage = 'f/asked', set = { city = 'x' }, incr = 'points' }\n"
  "rule 'slow' { on = 'comment', match = [[(a+)+$]], reply = 'y' }\n"
  "rule 'added' { on = 'friend_request', run = function(e) e:accept() e:message('hi ' .. (e.person.name or '') .. #e.text) e:after('1s', 'later') end }\n"
  "rule 'spin' { on = 'join', run = function(e) while true do end end }\n"
  "rule 'hungry' { on = 'leave', run = function(e) local t = {} for i = 1, 1e9 do t[i] = { i } end end }\n"
  "rule 'later' { on = 'timer', message = 'later', stage = 'f/done' }\n";

/* ---- Texts: JSON strings without their quotes */

static char *shared_text;
static const char **texts;
static size_t text_cnt, text_room;

static void add_text(const char *text) {
  if (text_cnt == text_room) {
    text_room = text_room ? 2 * text_room : 1024;
    texts = realloc(texts, text_room * sizeof *texts);
    assert_non_null(texts);
  }
  texts[text_cnt++] = text;
}

/* Lines that need no escaping: most of them. */
static void read_shared(void) {
  char path[1024], file[1400];
  size_t len = 0;
  struct dirent *entry;
  DIR *dir = shared_path(path, sizeof path, "corpora/comments") ? opendir(path) : NULL;
  while (dir && (entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] == '.') continue;
    snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
    free(shared_text); /* the largest file is enough */
    char *text = shared_read(file, &len);
    shared_text = NULL;
    if (!text) continue;
    shared_text = text;
    if (len > (1u << 20)) break;
  }
  if (dir) closedir(dir);
  for (char *line = shared_text ? strtok(shared_text, "\r\n") : NULL; line && text_cnt < 200000; line = strtok(NULL, "\r\n"))
    if (strlen(line) < 400 && !strpbrk(line, "\"\\\t\x7f")) add_text(line);
}

static void gather_texts(void) {
  static const char *const own[] = { "求电子版", "哈哈哈", "I want the paper", "不要 求电子版", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
                                     "Ｗａｎｔ ＰＡＰＥＲ é́ 🙏🏽", "" };
  read_shared();
  for (size_t i = 0; i < 7; i++) add_text(own[i]);
}

/* The i-th text: ours come often enough that rules fire. */
static const char *text_of(size_t i) { return i % 3 ? texts[text_cnt - 7 + i % 7] : texts[i / 3 % text_cnt]; }

static size_t events_wanted(size_t otherwise) {
  const char *given = getenv("EVENTS");
  return given ? strtoul(given, NULL, 10) : otherwise;
}

/* ---- Deciding */

static void drain(struct rig *r) {
  weir_record record;
  while (weir_next_record(r->engine, &record, &r->err) == WEIR_OK) {
    char aud[64];
    snprintf(aud, sizeof aud, "%.*s", (int)record.aud.len, record.aud.ptr);
    if (weir_ack(r->engine, (weir_str){ aud, strlen(aud) }, record.seq, &r->err)) asked += 1000000;
  }
}

static void check_rooms(const struct rig *r, const weir_config *config) {
  weir_memory_room rooms[16];
  size_t cnt = weir_memory_stats(r->engine, rooms, 16), sum = 0;
  assert_int_equal(cnt, 7);
  for (size_t i = 0; i < cnt; i++) {
    if (rooms[i].live > rooms[i].peak || rooms[i].peak > rooms[i].limit)
      fail_msg("%s: %zu live, %zu peak, %zu limit", rooms[i].room, rooms[i].live, rooms[i].peak, rooms[i].limit);
    if (i) sum += rooms[i].limit;
  }
  assert_int_equal(sum, weir_engine_bound(config));
}

static void event_line(char *json, size_t cap, const struct rig *r, size_t i) {
  const char *type = i % 50 == 7 ? "friend_request" : i % 501 == 3 ? "join" : i % 701 == 5 ? "leave" : "comment";
  snprintf(json, cap, "{\"id\":\"e%zu\",\"time\":%lld,\"channel\":\"douyin\",\"account\":\"papers\",\"type\":\"%s\",\"contact\":{\"id\":\"u%zu\",\"name\":\"L\\u00efn\"},"
           "\"text\":\"%s\",\"post\":\"v%zu\",\"attrs\":{\"a\":1}}", i, (long long)r->now, type, i % 997, text_of(i), i / 500);
}

static void decide_many(struct rig *r, const weir_config *config, size_t events) {
  static char json[4096];
  for (size_t i = 0; i < events; i++) {
    r->now += 400;
    event_line(json, sizeof json, r, i);
    watching = true;
    weir_status st = weir_decide_json(r->engine, (weir_str){ json, strlen(json) }, r->now, &r->verdict, &r->err);
    weir_status ticked = weir_tick(r->engine, r->now, &r->verdict, &r->err);
    if (i % 30 == 0) st = st ? st : weir_commit(r->engine, &r->err);
    if (i % 30 == 0) drain(r);
    watching = false;
    if (st && st != WEIR_E_FORMAT) fail_msg("event %zu: %s: %s", i, r->err.message, json);
    if (ticked < 0) fail_msg("timer at %zu: %s", i, r->err.message);
    if (i % 997 == 0) check_rooms(r, config);
  }
  weir_stats s = { .struct_size = sizeof s };
  weir_engine_stats(r->engine, &s);
  print_message("# %llu events, %llu decided, %llu limits: %zu times memory was asked for\n", (unsigned long long)s.events, (unsigned long long)s.decided,
                (unsigned long long)s.limits, asked);
  assert_true(s.decided > events / 10 && s.timers > events / 40 && s.records > events / 100 && s.limits > events / 1000);
  assert_int_equal(asked, 0);
}

static void an_allocation_is_noticed(void) {
  watching = true;
  void *volatile noticed = malloc(1);
  free(noticed);
  watching = false;
  assert_int_equal(asked, 1);
  asked = asked_bytes = 0;
}

static void nothing_is_allocated(void **state) {
  (void)state;
  struct rig r;
  size_t events = events_wanted(20000);
  weir_config config = { .struct_size = sizeof config, .batch = true, .state_memory = (16u << 20) + events * 256 }; /* marks last for 8 days */
  an_allocation_is_noticed();
  rig_open(&r, pack, config);
  config.ruleset = r.rules;
  decide_many(&r, &config, events);
  rig_close(&r);
}

static void only_sqlite_allocates(void **state) {
  (void)state;
  struct rig r;
  char folder[] = "/tmp/weir-alloc-XXXXXX", path[64];
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/state.db", folder);
  weir_config config = { .struct_size = sizeof config, .batch = true, .state = path };
  rig_open(&r, pack, config);
  config.ruleset = r.rules;
  sqlite_may = true;
  decide_many(&r, &config, events_wanted(20000) / 10);
  sqlite_may = false;
  rig_close(&r);
  unlink(path);
  rmdir(folder);
}

/* One byte less would not do, one more is not asked for. */
static void opening_asks_for_what_it_says(void **state) {
  (void)state;
  struct rig r;
  rig_open(&r, pack, (weir_config){ .batch = true });
  weir_config config = { .struct_size = sizeof config, .ruleset = r.rules, .key = r.key, .batch = true, .chain = S("x") };
  weir_engine *engine = NULL;
  watching = true;
  weir_status st = weir_engine_open(&engine, &config, &r.err);
  watching = false;
  assert_int_equal(st, WEIR_OK);
  assert_true(asked_bytes <= weir_engine_bound(&config));
  assert_true(asked_bytes + 4096 > weir_engine_bound(&config)); /* libc may ask for a locale */
  asked = asked_bytes = 0;
  watching = true;
  st = weir_swap(engine, r.rules, &r.err);
  watching = false;
  assert_int_equal(st, WEIR_OK);
  assert_true(asked_bytes < weir_engine_bound(&config));
  asked = asked_bytes = 0;
  weir_engine_close(engine);
  rig_close(&r);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_allocated), cmocka_unit_test(only_sqlite_allocates),
                                      cmocka_unit_test(opening_asks_for_what_it_says) };
#ifndef WEIR_SANITIZED
  gather_texts();
#endif
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
#ifndef WEIR_SANITIZED
  free(shared_text);
  free(texts);
#endif
  return failed;
}
