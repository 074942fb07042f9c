/* json.c (bench): what it costs to read an event line, beside jansson, and to write one.
 * CPU time of this thread, median of many short passes; the table goes to stdout, the numbers to $BUILD/bench/json.json. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "base/json.h"

#define PASSES 201
#define EVENTS_PER_PASS 500
#define NODES 128

static const char plain[] =
  "{\"id\":\"7401238812345678901\",\"time\":\"2026-11-22T09:00:00+08:00\",\"channel\":\"instagram\",\"account\":\"papers\","
  "\"type\":\"comment\",\"contact\":{\"id\":\"u_17841400008460056\",\"name\":\"Lin Wei\"},\"text\":\"Requesting for information "
  "please, can I have the electronic version?\",\"post\":\"v_18012345678901234\",\"lang\":\"en\",\"n\":3}";
static const char chinese[] =
  "{\"id\":\"7401238812345678901\",\"time\":\"2026-11-22T09:00:00+08:00\",\"channel\":\"douyin\",\"account\":\"papers\","
  "\"type\":\"comment\",\"contact\":{\"id\":\"u_17841400008460056\",\"name\":\"林老师\"},\"text\":\"老师您好，请问这份试卷有没有"
  "电子版可以发一下吗？孩子急着要用，谢谢\",\"post\":\"v_18012345678901234\",\"lang\":\"zh\"}";
static const char escaped[] =
  "{\"id\":\"7401238812345678901\",\"time\":\"2026-11-22T09:00:00+08:00\",\"channel\":\"douyin\",\"account\":\"papers\","
  "\"type\":\"comment\",\"contact\":{\"id\":\"u_17841400008460056\",\"name\":\"\\u6797\\u8001\\u5e08\"},\"text\":\"\\u6c42"
  "\\u7535\\u5b50\\u7248\\uff0c\\u8c22\\u8c22\\ud83d\\ude4f\",\"post\":\"v_18012345678901234\",\"lang\":\"zh\"}";

static struct weir_json nodes[NODES];
static unsigned char block[4096];
static size_t sink; /* keeps what is measured from being left out */

static void read_ours(weir_str text) {
  struct weir_arena arena;
  size_t cnt;
  weir_arena_fixed(&arena, block, sizeof block);
  if (weir_json_read(text, nodes, NODES, &arena, &cnt, NULL) != WEIR_OK) exit(2);
  sink += cnt;
}

static void read_and_get(weir_str text) {
  static const char *const keys[] = { "id", "channel", "account", "text", "post" };
  read_ours(text);
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) sink += nodes[weir_json_get(nodes, 0, weir_str_of(keys[i]))].str.len;
}

static void read_jansson(weir_str text) {
  json_t *root = json_loadb(text.ptr, text.len, 0, NULL);
  if (!root) exit(2);
  sink += json_object_size(root);
  json_decref(root);
}

static void write_ours(weir_str text) {
  char out[1024];
  struct weir_buf buf;
  weir_buf_init(&buf, out, sizeof out);
  weir_json_open(&buf, '{');
  weir_json_member(&buf, "id", WEIR_STR("dy-7401"));
  weir_json_member(&buf, "cause", WEIR_STR("7401238812345678901"));
  weir_json_member(&buf, "contact", WEIR_STR("u_17841400008460056"));
  weir_json_key(&buf, WEIR_STR("actions"));
  weir_json_open(&buf, '[');
  weir_json_open(&buf, '{');
  weir_json_member_int(&buf, "n", 1);
  weir_json_member(&buf, "kind", WEIR_STR("reply"));
  weir_json_member(&buf, "rule", WEIR_STR("test-papers/ask"));
  weir_json_member(&buf, "text", text);
  weir_json_close(&buf, '}');
  weir_json_close(&buf, ']');
  weir_json_close(&buf, '}');
  sink += buf.len;
}

static double now_ns(void) {
  struct timespec t;
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) != 0) exit(2);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median_ns(void (*work)(weir_str), weir_str text) {
  static double pass[PASSES];
  for (int p = 0; p < PASSES; p++) {
    double begin = now_ns();
    for (int i = 0; i < EVENTS_PER_PASS; i++) work(text);
    pass[p] = (now_ns() - begin) / EVENTS_PER_PASS;
  }
  qsort(pass, PASSES, sizeof pass[0], by_value);
  return pass[PASSES / 2];
}

int main(void) {
  const struct { const char *what; void (*work)(weir_str); weir_str text; } rows[] = {
    { "read, ASCII", read_ours, WEIR_STR(plain) },
    { "read and get 5, ASCII", read_and_get, WEIR_STR(plain) },
    { "read, Chinese", read_ours, WEIR_STR(chinese) },
    { "read, Chinese as \\u escapes", read_ours, WEIR_STR(escaped) },
    { "jansson, ASCII", read_jansson, WEIR_STR(plain) },
    { "jansson, Chinese", read_jansson, WEIR_STR(chinese) },
    { "write a decision", write_ours, WEIR_STR("有的，私信你了") },
  };
  const char *build = getenv("BUILD");
  char path[512];
  int n = snprintf(path, sizeof path, "%s/bench", build && *build ? build : "build");
  if (n < 0 || (size_t)n + sizeof "/json.json" > sizeof path) return 2;
  (void)mkdir(path, 0777); /* it may be there; if it cannot be made, fopen says so */
  (void)snprintf(path + n, sizeof path - (size_t)n, "/json.json");
  FILE *out = fopen(path, "w");
  if (!out) {
    perror(path);
    return 2;
  }
  printf("%-30s %8s %10s\n", "what", "bytes", "ns/event (median of passes)");
  fprintf(out, "{\"unit\":\"ns/event\",\"passes\":%d,\"rows\":[", PASSES);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    double ns = median_ns(rows[i].work, rows[i].text);
    char name[64];
    struct weir_buf quoted;
    weir_buf_init(&quoted, name, sizeof name);
    weir_json_str(&quoted, weir_str_of(rows[i].what));
    printf("%-30s %8zu %10.1f\n", rows[i].what, rows[i].text.len, ns);
    fprintf(out, "%s\n{\"what\":%.*s,\"bytes\":%zu,\"median\":%.1f}", i ? "," : "", WEIR_FMT(weir_buf_view(&quoted)),
            rows[i].text.len, ns);
  }
  fprintf(out, "]}\n");
  return fclose(out) == 0 && sink != 0 ? 0 : 2;
}
