/* engine_alloc.c: after the engine is open, nothing asks the system for memory: not our code, PCRE2, Lua nor libsodium. Every
 * allocating function of libc is replaced here by one that counts; under a sanitizer, which does the same, the test is skipped. */
#define _GNU_SOURCE /* syscall */
#include "engine_support.h"

#ifdef WEIR_SANITIZED
static void nothing_is_allocated(void **state) { (void)state; skip(); }
#else

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static volatile bool watching; /* the compiler knows malloc, and that it reads no variables of ours */
static volatile size_t asked;

#define WATCH() (watching ? (void)asked++ : (void)0)
void *malloc(size_t n) { WATCH(); return __libc_malloc(n); }
void *calloc(size_t n, size_t size) { WATCH(); return __libc_calloc(n, size); }
void *realloc(void *p, size_t n) { WATCH(); return __libc_realloc(p, n); }
void *aligned_alloc(size_t align, size_t n) { WATCH(); return __libc_memalign(align, n); }
int posix_memalign(void **out, size_t align, size_t n) {
  WATCH();
  *out = __libc_memalign(align, n);
  return *out ? 0 : ENOMEM;
}
void *mmap(void *at, size_t n, int prot, int flags, int fd, off_t offset) {
  WATCH();
  return (void *)syscall(SYS_mmap, at, n, prot, flags, fd, offset);
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

static void drain(struct rig *r) {
  weir_record record;
  while (weir_next_record(r->engine, &record, &r->err) == WEIR_OK) {
    char aud[64];
    snprintf(aud, sizeof aud, "%.*s", (int)record.aud.len, record.aud.ptr);
    assert_int_equal(weir_ack(r->engine, (weir_str){ aud, strlen(aud) }, record.seq, &r->err), WEIR_OK);
  }
}

static void nothing_is_allocated(void **state) {
  (void)state;
  static const char *const texts[] = { "求电子版", "哈哈哈", "I want the paper", "不要 求电子版", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "Ｗａｎｔ ＰＡＰＥＲ é́ 🙏🏽", "" };
  struct rig r;
  rig_open(&r, pack, (weir_config){ .batch = true });

  /* An allocation is noticed at all. */
  watching = true;
  void *volatile noticed = malloc(1);
  free(noticed);
  watching = false;
  assert_int_equal(asked, 1);
  asked = 0;

  char json[512], id[32], who[32];
  for (int i = 0; i < 20000; i++) {
    r.now += 400;
    snprintf(id, sizeof id, "e%d", i);
    snprintf(who, sizeof who, "u%d", i % 997);
    const char *type = i % 50 == 7 ? "friend_request" : i % 501 == 3 ? "join" : i % 701 == 5 ? "leave" : "comment";
    snprintf(json, sizeof json, "{\"id\":\"%s\",\"time\":%lld,\"channel\":\"douyin\",\"account\":\"papers\",\"type\":\"%s\",\"contact\":{\"id\":\"%s\",\"name\":\"L\\u00efn\"},\"text\":\"%s\",\"post\":\"v%d\",\"attrs\":{\"a\":1}}",
             id, (long long)r.now, type, who, texts[i % 7], i / 500);
    watching = true;
    weir_status st = weir_decide_json(r.engine, (weir_str){ json, strlen(json) }, r.now, &r.verdict, &r.err);
    weir_status ticked = weir_tick(r.engine, r.now, &r.verdict, &r.err);
    if (i % 30 == 0) st = st ? st : weir_commit(r.engine, &r.err);
    watching = false;
    if (st || ticked < 0) fail_msg("event %d: %s", i, r.err.message);
    watching = true;
    drain(&r);
    watching = false;
  }
  weir_stats s = { .struct_size = sizeof s };
  weir_engine_stats(r.engine, &s);
  assert_true(s.decided > 3000 && s.timers > 1000 && s.records > 500 && s.limits > 20);
  assert_int_equal(asked, 0);
  rig_close(&r);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_allocated) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
