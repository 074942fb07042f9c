/* demo.c: a day under three videos of test papers, told for people. Also the shortest complete host of libweir: it loads rules,
 * opens an engine, feeds events by a clock of its own, fires timers between them, takes the signed records, checks them with
 * the public key, and reads the funnel.
 *
 *   demo RULES DAY.tsv OUT_DIR
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "weir.h"

#define FMT(s) (int)(s).len, ((s).len ? (s).ptr : "")

enum { PEOPLE_MAX = 512, LINE_MAX_BYTES = 2048, ZONE_S = 8 * 3600 };
static const int64_t day_ms = INT64_C(1795276800000); /* 2026-11-21T16:00:00Z: midnight in Shanghai */

/* What the demo's people know: the code and the WeChat id they were told. */
struct known { char contact[64], code[16], account[32]; };

struct demo {
  weir_ruleset *rules;
  weir_key *key;
  weir_engine *engine;
  FILE *log;
  struct known known[PEOPLE_MAX];
  int known_cnt;
  unsigned serial, answered, quiet;
  bool color;
};

static const char *c(const struct demo *d, const char *code) { return d->color ? code : ""; }
#define BOLD(d) c(d, "\033[1m")
#define DIM(d) c(d, "\033[2m")
#define CYAN(d) c(d, "\033[36m")
#define GREEN(d) c(d, "\033[32m")
#define YELLOW(d) c(d, "\033[33m")
#define OFF(d) c(d, "\033[0m")

static void die(const weir_error *err) {
  fprintf(stderr, "demo: %s%s%s\n", err->file, err->file[0] ? ": " : "", err->message);
  exit(2);
}

static weir_str str(const char *s) { return (weir_str){ s, strlen(s) }; }

/* ---- what people remember of the messages they got */

static struct known *person(struct demo *d, const char *contact) {
  for (int i = 0; i < d->known_cnt; i++) {
    if (strcmp(d->known[i].contact, contact) == 0) return &d->known[i];
  }
  if (d->known_cnt == PEOPLE_MAX) return &d->known[0];
  struct known *k = &d->known[d->known_cnt++];
  snprintf(k->contact, sizeof k->contact, "%s", contact);
  snprintf(k->account, sizeof k->account, "tutor_li");
  return k;
}

static bool is_code_char(char ch) { return (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9'); }

static void remember(struct demo *d, const char *contact, weir_str text) {
  struct known *k = person(d, contact);
  for (size_t i = 0; i + 6 <= text.len; i++) {
    size_t n = 0;
    while (i + n < text.len && is_code_char(text.ptr[i + n])) n++;
    if (n == 6) snprintf(k->code, sizeof k->code, "%.6s", text.ptr + i);
    i += n;
  }
  for (size_t i = 0; i + 10 <= text.len; i++) {
    if (memcmp(text.ptr + i, "tutor_wang", 10) == 0) snprintf(k->account, sizeof k->account, "tutor_wang");
  }
}

/* "{code:u1}" in a text of the day becomes the code that u1 was told. */
static void fill_codes(struct demo *d, const char *text, char *out, size_t cap) {
  size_t n = 0;
  while (*text && n + 16 < cap) {
    const char *end = strncmp(text, "{code:", 6) == 0 ? strchr(text, '}') : NULL;
    if (end) {
      char who[64];
      snprintf(who, sizeof who, "%.*s", (int)(end - text - 6), text + 6);
      n += (size_t)snprintf(out + n, cap - n, "%s", person(d, who)->code);
      text = end + 1;
    } else {
      out[n++] = *text++;
    }
  }
  out[n] = '\0';
}

/* ---- telling */

/* "add":["wants:paper","lang:zh"] for people: add wants:paper lang:zh */
static void print_members(const char *json, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if (json[i] == '"' && i + 1 < len && json[i + 1] == ':') {
      putchar(' ');
      i++;
    } else if (json[i] == ',') {
      putchar(' ');
    } else if (!strchr("\"[]{}", json[i])) {
      putchar(json[i]);
    }
  }
}

static void tell(struct demo *d, int64_t now, const char *who, weir_str text, const char *type, const weir_verdict *v) {
  int64_t of_day = (now / 1000 + ZONE_S) % 86400;
  bool quiet = v->action_cnt == 0;
  printf("%s%02d:%02d%s  %s%s%s", DIM(d), (int)(of_day / 3600), (int)(of_day / 60 % 60), OFF(d), quiet ? DIM(d) : BOLD(d), who, OFF(d));
  if (strcmp(type, "comment") != 0) printf(" %s(%s)%s", DIM(d), type, OFF(d));
  if (text.len) printf("  %s%.*s%s", quiet ? DIM(d) : "", FMT(text), OFF(d));
  if (v->result == WEIR_RESULT_REPEAT) printf("  %s(again: answered before)%s", YELLOW(d), OFF(d));
  if (v->result == WEIR_RESULT_IGNORED) printf("  %s(our own)%s", DIM(d), OFF(d));
  putchar('\n');
  for (size_t i = 0; i < v->action_cnt; i++) {
    const weir_action *a = &v->actions[i];
    weir_str shown = a->text.len ? a->text : a->json;
    /* Without a text the interesting part of the JSON stands behind the rule's name. */
    const char *rest = a->text.len ? NULL : strstr(shown.ptr, "\"rule\":");
    printf("       %s%-8.*s%s ", CYAN(d), FMT(a->kind), OFF(d));
    if (rest) {
      const char *comma = memchr(rest, ',', (size_t)(shown.ptr + shown.len - rest));
      if (comma) print_members(comma + 1, (size_t)(shown.ptr + shown.len - 1 - comma - 1));
    } else {
      printf("%.*s", FMT(shown));
    }
    if (i == 0) printf("  %s[%.*s]%s", DIM(d), FMT(a->rule), OFF(d));
    putchar('\n');
  }
  for (size_t i = 0; i < v->trace_cnt; i++) {
    const weir_trace *t = &v->trace[i];
    if (t->reason != WEIR_REASON_ACTION_DROPPED && t->reason != WEIR_REASON_ACTION_WAITS && t->reason != WEIR_REASON_ERROR) continue;
    printf("       %s%.*s: %.*s%s\n", YELLOW(d), FMT(t->rule), FMT(t->detail), OFF(d));
  }
}

static void keep_records(struct demo *d) {
  weir_record record;
  weir_error err;
  weir_status st;
  while ((st = weir_next_record(d->engine, &record, &err)) == WEIR_OK) {
    char aud[128];
    uint64_t seq = record.seq;
    snprintf(aud, sizeof aud, "%.*s", FMT(record.aud));
    fwrite(record.jws.ptr, 1, record.jws.len, d->log);
    fputc('\n', d->log);
    if (weir_ack(d->engine, str(aud), seq, &err)) die(&err);
  }
  if (st < 0) die(&err);
}

/* ---- living through the day */

static void fire_timers(struct demo *d, int64_t until) {
  weir_verdict v;
  weir_error err;
  while (weir_next_due(d->engine) <= until) {
    int64_t due = weir_next_due(d->engine);
    if (weir_tick(d->engine, due, &v, &err) < 0) die(&err);
    char contact[64];
    snprintf(contact, sizeof contact, "%.*s", FMT(v.contact));
    tell(d, due, contact, (weir_str){ NULL, 0 }, "timer", &v);
    if (v.action_cnt) d->answered++;
    keep_records(d);
  }
}

static void live(struct demo *d, char *line) {
  char *field[6] = { line };
  for (int i = 1; i < 6; i++) {
    char *tab = strchr(field[i - 1], '\t');
    if (!tab) return;
    *tab = '\0';
    field[i] = tab + 1;
  }
  const char *type = field[1], *who = field[2], *name = field[3], *post = field[4];
  int hour = (int)strtol(field[0], NULL, 10), minute = (int)strtol(field[0] + 3, NULL, 10);
  int64_t now = day_ms + (hour * 60 + minute) * INT64_C(60000);
  fire_timers(d, now);

  char text[LINE_MAX_BYTES], id[96], contact[80];
  fill_codes(d, field[5], text, sizeof text);
  bool again = strcmp(type, "repeat") == 0;
  if (again) type = "comment";
  bool douyin = strcmp(type, "comment") == 0 || strcmp(type, "echo") == 0;
  /* A comment is known by who wrote what under which post; everything else gets a number. */
  if (strcmp(type, "comment") == 0) snprintf(id, sizeof id, "dy-%.20s-%.4s-%zu", who, post, strlen(text));
  else snprintf(id, sizeof id, "ev-%u", d->serial++);
  if (strcmp(type, "comment") == 0 && !again && strcmp(who, "u1") == 0 && minute == 8) snprintf(id, sizeof id, "dy-u1-second");
  snprintf(contact, sizeof contact, "%s%s", douyin ? "" : "wx-", who);

  weir_event event = { .struct_size = sizeof event, .id = str(id), .channel = douyin ? str("douyin") : str("wechat_personal"),
                       .account = douyin ? str("papers") : str(person(d, who)->account), .type = str(type), .time_ms = now,
                       .contact_id = str(contact), .contact_name = str(name), .text = str(text), .post = str(post), .mentioned = -1, .is_follower = -1 };
  weir_verdict v;
  weir_error err;
  if (weir_decide(d->engine, &event, now, &v, &err)) die(&err);
  tell(d, now, name, event.text, type, &v);
  for (size_t i = 0; i < v.action_cnt; i++) remember(d, who, v.actions[i].text);
  if (v.action_cnt) d->answered++;
  else d->quiet++;
  keep_records(d);
}

/* ---- afterwards */

static void check_log(struct demo *d, const char *path, const char *keys_path) {
  char jwks[WEIR_JWK_BYTES], *line = malloc(70000);
  weir_keyset *keys = NULL;
  weir_verifier *verifier = NULL;
  weir_error err;
  unsigned good = 0, bad = 0;
  FILE *f = fopen(path, "r"), *k = fopen(keys_path, "w");
  if (!f || !k || !line) exit(2);
  if (weir_key_public_jwks(d->key, jwks, &err)) die(&err);
  fprintf(k, "%s\n", jwks);
  fclose(k);
  if (weir_keyset_parse(&keys, str(jwks), &err)) die(&err);
  weir_verify_config config = { .struct_size = sizeof config, .keys = keys };
  if (weir_verifier_open(&verifier, &config, &err)) die(&err);
  while (fgets(line, 70000, f)) {
    weir_check check;
    weir_str claims;
    line[strcspn(line, "\n")] = '\0';
    if (weir_verify_line(verifier, str(line), &check, &claims, &err)) die(&err);
    if (check == WEIR_CHECK_GOOD) good++;
    else bad++;
  }
  printf("\n%sThe records%s  %s: %u good, %u bad. Check them yourself:\n  build/weir verify %s --keys %s\n", BOLD(d), OFF(d), path, good, bad, path, keys_path);
  fclose(f);
  free(line);
  weir_verifier_close(verifier);
  weir_keyset_free(keys);
  if (bad) exit(1);
}

static void show_funnel(struct demo *d) {
  weir_stage_info stage;
  printf("\n%sThe funnel%s\n", BOLD(d), OFF(d));
  uint64_t first = 0;
  for (size_t i = 0; weir_ruleset_stage(d->rules, 0, i, &stage); i++) {
    uint64_t now = 0, entered = 0;
    if (weir_stage_count(d->engine, stage.funnel, stage.stage, &now, &entered)) continue;
    if (i == 0) first = entered;
    int bar = first ? (int)(entered * 40 / first) : 0;
    printf("  %-10.*s %3llu  %s", FMT(stage.stage), (unsigned long long)entered, stage.goal ? GREEN(d) : CYAN(d));
    for (int b = 0; b < bar; b++) fputs("█", stdout);
    printf("%s %d%%\n", OFF(d), first ? (int)(entered * 100 / first) : 0);
  }
}

int main(int argc, char **argv) {
  struct demo d = { .rules = NULL };
  weir_error err;
  if (argc != 4) {
    fprintf(stderr, "usage: demo RULES DAY.tsv OUT_DIR\n");
    return 2;
  }
  const char *none = getenv("NO_COLOR");
  d.color = isatty(STDOUT_FILENO) && !(none && *none);
  char log[512], keys[512], line[LINE_MAX_BYTES];
  snprintf(log, sizeof log, "%s/records.jws", argv[3]);
  snprintf(keys, sizeof keys, "%s/jwks.json", argv[3]);

  if (weir_ruleset_load(&d.rules, argv[1], NULL, &err)) die(&err);
  if (weir_key_generate(&d.key, NULL, &err)) die(&err);
  weir_config config = { .struct_size = sizeof config, .ruleset = d.rules, .key = d.key, .issuer = str("urn:weir:demo") };
  if (weir_engine_open(&d.engine, &config, &err)) die(&err);
  FILE *day = fopen(argv[2], "r");
  d.log = fopen(log, "w");
  if (!day || !d.log) {
    fprintf(stderr, "demo: %s cannot be opened\n", day ? log : argv[2]);
    return 2;
  }
  while (fgets(line, sizeof line, day)) {
    line[strcspn(line, "\n")] = '\0';
    if (line[0] != '#' && line[0]) live(&d, line);
  }
  fire_timers(&d, day_ms + INT64_C(86400000));
  fclose(day);
  fclose(d.log);

  printf("\n%u answered, %u left alone.\n", d.answered, d.quiet);
  show_funnel(&d);
  check_log(&d, log, keys);
  weir_engine_close(d.engine);
  weir_key_free(d.key);
  weir_ruleset_free(d.rules);
  return 0;
}
