/* powercut.c: make powercut. A shop's day is decided with the state in a file, every operation on the disk is written down, and
 * the power is cut after each one: what was written and not flushed is kept, dropped or torn. From each such image
 *
 *   the state opens, and SQLite's integrity_check finds nothing,
 *   it is the last state that was committed, or the one that was being committed, and nothing in between,
 *   records not acknowledged are handed out again, with the bytes they had, or as tombstones that name them by their hash,
 *   the day goes on: the same events given again lead to the same records and the same state as without the cut;
 *
 * and from every eighth one the power is cut a second time, somewhere in that.
 *
 * IMAGES=2000 says how many, SEED=1 which day the first is; a day is good for 2,000. LYING=1 takes a disk whose flushes do
 * nothing, which must fail; a short run on such a disk is part of every run. */
#include <inttypes.h>

#include "durable_shop.h"
#include "power_disk.h"
#include "state_dump.h"
#include "weir.h"

enum { AUDS = 3, EACH = 6, GO_ON = 3, OPS_WANTED = 1700, POINTS_MAX = 1024, STEPS_MAX = 512, NOTES_MAX = 8192, RECORDS_MAX = 4096, AGAIN_EVERY = 8 };

static const char *const auds[AUDS] = { "douyin/papers", "douyin/books", "wechat/tutor" };

/* ---- a day, as it went without a cut */

struct point { /* a state that was committed */
  size_t begin, end; /* operations done before the call that committed it, and after */
  uint64_t digest;
  size_t step;
};

enum fate { HANDED, ACKED, EXPIRED, FATES };

struct note { /* what became of a record, after so many operations */
  size_t op;
  int aud;
  uint64_t seq;
  enum fate fate;
};

struct course { /* one way through some steps, on one tape */
  struct disk_tape tape;
  struct point points[POINTS_MAX];
  size_t point_cnt;
  struct note notes[NOTES_MAX];
  size_t note_cnt;
};

struct day {
  struct shop shop;
  struct course course;
  size_t steps, reopen_at;
  uint64_t after[STEPS_MAX];        /* what lives after each step */
  char *records[AUDS][RECORDS_MAX]; /* by seq */
};

/* An engine on the state file. */
struct host {
  weir_engine *engine;
  struct day *day;
  struct course *course; /* NULL: nobody writes it down */
  bool first;            /* the day's first way: its records and states are those that count */
  size_t step, begin;
  uint64_t handed[AUDS];
  char why[640];         /* what is wrong; empty: nothing */
};

static weir_ruleset *rules;
static weir_key *key;
static sqlite3 *db; /* the engine's connection */
static weir_verdict verdict;
static weir_error err;

static int on_connection(sqlite3 *connection, char **message, const struct sqlite3_api_routines *api) {
  (void)message, (void)api;
  db = connection;
  return SQLITE_OK;
}

__attribute__((format(printf, 2, 3))) static bool wrong(struct host *h, const char *format, ...) {
  va_list args;
  va_start(args, format);
  if (!h->why[0]) vsnprintf(h->why, sizeof h->why, format, args);
  va_end(args);
  return false;
}

/* ---- steps: what a host does with an engine, after each call of which the state may be a new one */

static void before(struct host *h) { h->begin = h->course ? h->course->tape.cnt : 0; }

static void after(struct host *h) {
  struct course *c = h->course;
  uint64_t digest;
  if (!c || h->why[0]) return;
  if (!state_dump(db, 0, &digest, NULL)) {
    wrong(h, "the state cannot be read: %s", sqlite3_errmsg(db));
    return;
  }
  if (c->point_cnt && c->points[c->point_cnt - 1].digest == digest) return;
  if (c->point_cnt == POINTS_MAX) disk_die("more states than expected");
  c->points[c->point_cnt++] = (struct point){ h->begin, c->tape.cnt, digest, h->step };
}

static void note(struct host *h, int aud, uint64_t seq, enum fate fate, size_t op) {
  struct course *c = h->course;
  if (!c) return;
  if (c->note_cnt == NOTES_MAX) disk_die("more records than expected");
  c->notes[c->note_cnt++] = (struct note){ op, aud, seq, fate };
}

static bool open_engine(struct host *h) {
  weir_config config = { .struct_size = sizeof config, .ruleset = rules, .state = disk_path, .key = key, .batch = true,
                         .chain = WEIR_STR(SHOP_CHAIN) };
  before(h);
  weir_status st = weir_engine_open(&h->engine, &config, &err);
  if (st) return wrong(h, "it does not open: %s", err.message);
  after(h);
  memset(h->handed, 0, sizeof h->handed);
  return true;
}

static bool close_engine(struct host *h) {
  uint64_t digest = 0;
  before(h);
  weir_engine_close(h->engine); /* writes acknowledgements that wait */
  h->engine = NULL;
  if (!h->course || h->why[0]) return true;
  sqlite3 *look;
  struct disk_tape *tape = disk_tape;
  size_t end = tape->cnt;
  disk_tape = NULL;
  bool read = sqlite3_open(disk_path, &look) == SQLITE_OK && sqlite3_exec(look, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK;
  if (!read || !state_dump(look, 0, &digest, NULL)) wrong(h, "the state cannot be read after closing: %s", sqlite3_errmsg(look));
  sqlite3_close(look);
  disk_tape = tape;
  struct course *c = h->course;
  if (c->points[c->point_cnt - 1].digest != digest) c->points[c->point_cnt++] = (struct point){ h->begin, end, digest, h->step };
  return !h->why[0];
}

static int aud_of(weir_str aud) {
  for (int i = 0; i < AUDS; i++) {
    if (weir_str_eq(aud, weir_str_of(auds[i]))) return i;
  }
  disk_die("a record for an account that the shop has not");
}

/* Whether the line is the tombstone of that one: somebody in it was erased. */
static bool is_tombstone_of(weir_str line, weir_str original) {
  static char claims[1 << 17];
  unsigned char hash[WEIR_SHA256_BYTES];
  char wanted[80] = "\"erased\":\"";
  size_t len = 0;
  if (weir_record_claims(line, claims, sizeof claims - 1, &len, &err) || len >= sizeof claims) return false;
  claims[len] = '\0';
  weir_sha256(original, hash);
  size_t at = strlen(wanted);
  at += weir_base64url(hash, sizeof hash, wanted + at);
  wanted[at] = '"';
  return strstr(claims, wanted) != NULL;
}

static bool take_record(struct host *h, const weir_record *r) {
  int aud = aud_of(r->aud);
  if (r->seq >= RECORDS_MAX) disk_die("more records than expected");
  char **known = &h->day->records[aud][r->seq];
  if (!*known && h->first) {
    *known = disk_copy(r->jws.ptr, r->jws.len);
    (*known)[r->jws.len] = '\0';
  }
  if (*known && !weir_str_eq(r->jws, weir_str_of(*known)) && !is_tombstone_of(r->jws, weir_str_of(*known))) return wrong(h, "record %" PRIu64 " of %s has other bytes", r->seq, auds[aud]);
  if (h->handed[aud] && r->seq != h->handed[aud] + 1) return wrong(h, "record %" PRIu64 " of %s comes after %" PRIu64, r->seq, auds[aud], h->handed[aud]);
  h->handed[aud] = r->seq;
  note(h, aud, r->seq, HANDED, disk_tape ? disk_tape->cnt : 0);
  return true;
}

static bool hand_out(struct host *h) {
  weir_record r;
  weir_status st;
  while ((st = weir_next_record(h->engine, &r, &err)) == WEIR_OK) {
    if (!take_record(h, &r)) return false;
  }
  return st == WEIR_NONE ? true : wrong(h, "records cannot be handed out: %s", err.message);
}

static bool commit(struct host *h) {
  before(h);
  if (weir_commit(h->engine, &err)) return wrong(h, "commit: %s", err.message);
  after(h);
  return true;
}

static bool acknowledge(struct host *h, int aud, uint64_t seq) {
  if (seq == 0) return true;
  before(h);
  if (weir_ack(h->engine, weir_str_of(auds[aud]), seq, &err)) return wrong(h, "ack: %s", err.message);
  note(h, aud, seq, ACKED, disk_tape ? disk_tape->cnt : 0);
  after(h);
  return true;
}

static bool decide(struct host *h, weir_str event, int64_t now) {
  for (int try = 0; try < 2; try++) {
    weir_status st = event.ptr ? weir_decide_json(h->engine, event, now, &verdict, &err) : weir_tick(h->engine, now, &verdict, &err);
    if (st >= 0) return true;
    if (st != WEIR_E_FULL) return wrong(h, "%.*s: %s", (int)event.len, event.ptr ? event.ptr : "", err.message);
    if (!commit(h)) return false;
  }
  return wrong(h, "there is no room: %s", err.message);
}

static bool expire(struct host *h, int64_t now) {
  uint64_t closed;
  before(h);
  if (weir_outbox_expire(h->engine, now, &closed, &err)) return wrong(h, "expire: %s", err.message);
  for (int i = 0; i < AUDS && closed; i++) note(h, i, h->handed[i], EXPIRED, h->begin); /* from there on they may be gone */
  after(h);
  return true;
}

static bool forget(struct host *h, size_t step) {
  const struct shop *shop = &h->day->shop;
  char id[32];
  uint64_t i = step * EACH; /* the last who asked there and is surely known */
  while (i > 0 && (shop_kind(shop, i) != SHOP_ASK || strcmp(shop_account(SHOP_ASK, shop_person(shop, i)), "papers") != 0)) i--;
  snprintf(id, sizeof id, "u%" PRIu64, shop_person(shop, i));
  before(h);
  if (weir_forget(h->engine, WEIR_STR("douyin"), WEIR_STR("papers"), weir_str_of(id), &err) < 0) return wrong(h, "forget: %s", err.message);
  after(h);
  return true;
}

static bool do_step(struct host *h, size_t step) {
  const struct shop *shop = &h->day->shop;
  char json[1024];
  int64_t now = shop_time(shop, step * EACH);
  h->step = step;
  while (weir_next_due(h->engine) <= now) {
    if (!decide(h, (weir_str){ NULL, 0 }, now)) return false;
  }
  for (uint64_t i = step * EACH; i < (step + 1) * EACH; i++) {
    now = shop_time(shop, i);
    if (!decide(h, (weir_str){ json, shop_event(shop, i, json, sizeof json) }, now)) return false;
  }
  if (!commit(h) || !hand_out(h)) return false;
  for (int i = 0; i < AUDS; i++) {
    uint64_t r = shop_random(shop->seed ^ 9, step * AUDS + (uint64_t)i), back = r / 4 % 2;
    if (r % 4 && h->handed[i] > back && !acknowledge(h, i, h->handed[i] - back)) return false;
  }
  if (step % 11 == 7 && !expire(h, now)) return false;
  if (step % 9 == 5 && !forget(h, step)) return false;
  if (step == h->day->reopen_at && !(close_engine(h) && open_engine(h) && hand_out(h))) return false;
  uint64_t digest;
  if (!state_dump(db, DUMP_LIVE, &digest, NULL)) return wrong(h, "the state cannot be read");
  if (h->first) h->day->after[step] = digest;
  else if (h->day->after[step] != digest) return wrong(h, "the day went on differently: another state after step %zu", step);
  return true;
}

/* ---- one image */

/* How far each account's records had come before a cut. */
static void told(const struct course *c, size_t cut, uint64_t seqs[AUDS][FATES]) {
  memset(seqs, 0, sizeof(uint64_t[AUDS][FATES]));
  for (size_t i = 0; i < c->note_cnt; i++) {
    const struct note *n = &c->notes[i];
    if (n->op <= cut && n->seq > seqs[n->aud][n->fate]) seqs[n->aud][n->fate] = n->seq;
  }
}

/* The last state that was committed for certain when the power went; -1: none. */
static long last_certain(const struct course *c, size_t cut) {
  long at = -1;
  for (size_t i = 0; i < c->point_cnt && c->points[i].end <= cut; i++) at = (long)i;
  return at;
}

/* The image's state is one of the two that it may be; *at says which. */
static bool is_old_or_new(struct host *h, const struct course *c, size_t cut, long *at) {
  uint64_t digest;
  char said[128];
  if (!state_is_sound(db, said)) return wrong(h, "integrity_check: %s", said);
  if (!state_dump(db, 0, &digest, NULL)) return wrong(h, "the state cannot be read: %s", sqlite3_errmsg(db));
  *at = last_certain(c, cut);
  if (*at >= 0 && c->points[*at].digest == digest) return true;
  bool possible = (size_t)(*at + 1) < c->point_cnt && (*at < 0 || c->points[*at + 1].begin < cut);
  if (possible && c->points[*at + 1].digest == digest) {
    ++*at;
    return true;
  }
  for (size_t i = 0; i < c->point_cnt; i++) {
    if (c->points[i].digest == digest) return wrong(h, "the state is number %zu; %ld was committed for certain", i, *at);
  }
  return wrong(h, "the state is neither the old one (number %ld) nor the new one", *at);
}

/* What was handed out and not acknowledged comes again; its bytes are looked at in take_record. */
static bool hands_out_again(struct host *h, const struct course *c, size_t cut) {
  uint64_t seqs[AUDS][FATES];
  told(c, cut, seqs);
  if (!hand_out(h)) return false;
  for (int i = 0; i < AUDS; i++) {
    const uint64_t *seq = seqs[i];
    if (seq[HANDED] > seq[ACKED] && seq[HANDED] > seq[EXPIRED] && h->handed[i] < seq[HANDED]) {
      return wrong(h, "record %" PRIu64 " of %s was handed out and is lost", seq[HANDED], auds[i]);
    }
    if (h->handed[i] && !acknowledge(h, i, seq[ACKED] < h->handed[i] ? seq[ACKED] : h->handed[i])) return false;
  }
  return true;
}

static bool goes_on(struct host *h, const struct course *c, long at) {
  size_t step = c->points[at].step;
  for (size_t i = 0; i < GO_ON && step + i < h->day->steps; i++) {
    if (!do_step(h, step + i)) return false;
  }
  return true;
}

static bool check(struct day *day, const struct course *c, size_t cut, const struct disk_image *image, struct course *again, char why[640]) {
  struct host h = { .day = day, .course = again };
  long at = -1;
  disk_tape = NULL;
  disk_lay(image);
  if (again) {
    memset(again, 0, sizeof *again);
    disk_tape_begin(&again->tape, image);
  }
  bool good = open_engine(&h) && is_old_or_new(&h, c, cut, &at) && hands_out_again(&h, c, cut) && goes_on(&h, c, at);
  if (again && again->point_cnt && at >= 0) { /* opening it changes nothing */
    again->points[0].begin = again->points[0].end = 0;
    again->points[0].step = c->points[at].step;
  }
  if (h.engine) close_engine(&h);
  disk_tape = NULL;
  memcpy(why, h.why, sizeof h.why);
  return good && !h.why[0];
}

/* ---- many images */

static struct {
  uint64_t images, twice, failed, by_mode[3];
} counts;
static bool quiet; /* failures are wanted */

static void tell(const struct day *day, size_t cut, size_t of, enum disk_mode mode, const char *which, const char *why) {
  static const char *const modes[] = { "kept", "dropped", "torn" };
  if (quiet || counts.failed > 20) return;
  printf("not ok - SEED=%" PRIu64 " %scut after operation %zu of %zu, unflushed writes %s: %s\n", day->shop.seed, which, cut, of,
         modes[mode], why);
}

static void cut_again(struct day *day, struct course *again, uint64_t seed, size_t first_cut) {
  struct disk_play play;
  struct disk_image image;
  char why[640];
  size_t cut = 1 + seed % (again->tape.cnt ? again->tape.cnt : 1);
  enum disk_mode mode = (enum disk_mode)(seed / 65536 % 3);
  if (again->tape.cnt == 0) return;
  disk_play_begin(&play, &again->tape, false);
  disk_play_to(&play, cut);
  disk_play_image(&play, mode, seed, &image);
  counts.twice++;
  if (!check(day, again, cut, &image, NULL, why)) {
    counts.failed++;
    char which[64];
    snprintf(which, sizeof which, "cut after %zu, then in what followed ", first_cut);
    tell(day, cut, again->tape.cnt, mode, which, why);
  }
  disk_image_free(&image);
  disk_play_end(&play);
}

/* Cuts after each operation in turn; with more images than operations it goes round again, with other tears. */
static void cut_everywhere(struct day *day, uint64_t images, bool lying) {
  static struct course again;
  struct disk_play play;
  size_t cnt = day->course.tape.cnt;
  uint64_t made = 0;
  for (uint64_t round = 0; made < images; round++) {
    disk_play_begin(&play, &day->course.tape, lying);
    for (size_t i = 0; i < cnt && made < images; i++, made++) {
      /* fewer images than operations: evenly over them */
      size_t cut = images < cnt ? 1 + (size_t)((uint64_t)i * cnt / images) : i + 1;
      uint64_t seed = disk_random(day->shop.seed, round * cnt + cut);
      enum disk_mode mode = (enum disk_mode)((cut + round + day->shop.seed) % 3);
      bool twice = !lying && made % AGAIN_EVERY == 0;
      struct disk_image image;
      char why[640];
      disk_play_to(&play, cut);
      disk_play_image(&play, mode, seed, &image);
      counts.images++;
      counts.by_mode[mode]++;
      if (!check(day, &day->course, cut, &image, twice ? &again : NULL, why)) {
        counts.failed++;
        tell(day, cut, cnt, mode, "", why);
      } else if (twice) {
        cut_again(day, &again, seed, cut);
      }
      if (twice) disk_tape_free(&again.tape);
      disk_image_free(&image);
    }
    disk_play_end(&play);
  }
}

/* The day without a cut, written down. */
static bool live(struct day *day, size_t ops_wanted) {
  static const struct disk_image nothing;
  struct host h = { .day = day, .course = &day->course, .first = true };
  disk_lay(&nothing);
  disk_tape_begin(&day->course.tape, NULL);
  bool good = open_engine(&h);
  for (size_t step = 0; good && step < STEPS_MAX && day->course.tape.cnt < ops_wanted; step++) {
    if (day->reopen_at == SIZE_MAX && day->course.tape.cnt > ops_wanted * 4 / 5) day->reopen_at = step;
    good = do_step(&h, step);
    day->steps = step + 1;
  }
  if (h.engine) close_engine(&h);
  disk_tape = NULL;
  if (h.why[0]) printf("not ok - SEED=%" PRIu64 " without a cut: %s\n", day->shop.seed, h.why);
  return good && !h.why[0];
}

static void end_day(struct day *day) {
  disk_tape_free(&day->course.tape);
  for (int i = 0; i < AUDS; i++) {
    for (int j = 0; j < RECORDS_MAX; j++) free(day->records[i][j]);
  }
  free(day);
}

static bool run_day(uint64_t seed, uint64_t images, bool lying) {
  struct day *day = calloc(1, sizeof *day);
  uint64_t failed = counts.failed, twice = counts.twice;
  if (!day) disk_die("no memory");
  day->shop = (struct shop){ .seed = seed, .persons = 40, .step_ms = 3600000 };
  day->reopen_at = SIZE_MAX;
  bool good = live(day, images < OPS_WANTED ? OPS_WANTED / 4 : OPS_WANTED);
  if (good) cut_everywhere(day, images, lying);
  if (good && !quiet && counts.failed == failed) {
    printf("ok - SEED=%" PRIu64 ": %zu operations on the disk, %zu states, %" PRIu64 " images, %" PRIu64 " of them cut a second time\n", seed,
           day->course.tape.cnt, day->course.point_cnt, images, counts.twice - twice);
  }
  (void)fflush(stdout);
  end_day(day);
  return good && counts.failed == failed;
}

static uint64_t number(const char *name, uint64_t otherwise) {
  const char *text = getenv(name);
  return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

/* A disk that lies must be found out: else the test would find nothing. */
static bool finds_a_liar(uint64_t seed) {
  enum { SAMPLE = 60 };
  uint64_t failed = counts.failed, images = counts.images;
  quiet = true;
  run_day(seed, SAMPLE, true);
  quiet = false;
  uint64_t found = counts.failed - failed;
  counts.failed = failed;
  counts.images = images;
  bool good = found >= SAMPLE / 3;
  printf("%s - a disk whose flushes do nothing is found out, in %" PRIu64 " of %d images\n", good ? "ok" : "not ok", found, SAMPLE);
  return good;
}

static bool load(const char *folder) {
  char path[600];
  snprintf(path, sizeof path, "%s/rules.lua", folder);
  FILE *f = fopen(path, "w");
  if (!f || fputs(shop_rules, f) < 0 || fclose(f) != 0) return false;
  weir_status st = weir_ruleset_load(&rules, path, NULL, &err);
  if (!st) st = weir_key_parse(&key, weir_str_of(shop_jwk), &err);
  (void)remove(path);
  if (st) printf("# %s\n", err.message);
  return !st;
}

int main(void) {
  enum { DAY_IMAGES = 2000 };
  static const struct disk_image nothing;
  uint64_t images = number("IMAGES", 2000), seed = number("SEED", 1), days = 0, passed = 0;
  const char *tmp = getenv("TMPDIR");
  char folder[256];
  if (!tmp || !*tmp) tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"; /* thousands of files that nobody keeps */
  snprintf(folder, sizeof folder, "%s/weir-powercut-XXXXXX", tmp);
  if (!mkdtemp(folder)) disk_die("no folder for the images");
  snprintf(disk_path, sizeof disk_path, "%s/shop.db", folder);
  if (!load(folder)) disk_die("the rules do not load");
  disk_register();
  sqlite3_auto_extension((void (*)(void))on_connection);
  printf("# SEED=%" PRIu64 " IMAGES=%" PRIu64 "\n", seed, images);
  passed += finds_a_liar(seed);
  for (days = 1; images > 0; days++) {
    uint64_t now = images < DAY_IMAGES ? images : DAY_IMAGES;
    passed += run_day(seed++, now, number("LYING", 0) != 0);
    images -= now;
  }
  printf("# %" PRIu64 " images: %" PRIu64 " kept, %" PRIu64 " dropped, %" PRIu64 " torn; %" PRIu64 " cut a second time; %" PRIu64 " failed\n", counts.images,
         counts.by_mode[DISK_KEPT], counts.by_mode[DISK_DROPPED], counts.by_mode[DISK_TORN], counts.twice, counts.failed);
  printf("%" PRIu64 " passed, %" PRIu64 " failed\n", passed, days - passed);
  disk_lay(&nothing);
  (void)rmdir(folder);
  weir_key_free(key);
  weir_ruleset_free(rules);
  return passed == days ? 0 : 1;
}
