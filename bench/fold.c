/* fold.c (bench): what folding costs a byte, line by line, beside utf8proc doing NFKC and case folding alone.
 *
 * Lines come from COMMENTS=FILE when it is set, else from ../shared/corpora/comments (WEIR_SHARED names another place),
 * else from a few lines in here. CPU time of this thread; the two take turns, pass by pass; medians. The table goes to
 * stdout, the numbers to $BUILD/bench/fold.json. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <utf8proc.h>

#include "limits.h"
#include "text/fold.h"
#include "text/utf8.h"

#define PASSES 41
#define LINES_MAX 2000
#define BYTES_MAX 400000
#define LINE_BYTES_MAX 1000

struct lines {
  weir_str line[LINES_MAX];
  size_t cnt, bytes;
  char data[BYTES_MAX];
};

/* Which lines of a file a row takes. */
enum pick { ANY, ASCII_ONLY, MOSTLY_CHINESE };

static const struct row {
  const char *what, *file;
  enum pick pick;
  const char *own[4]; /* taken when there is no file */
} rows[] = {
  { "English, ASCII only", "en-reddit.txt", ASCII_ONLY, {
    "Requesting for information please, can I have the electronic version?",
    "I Would Also Like To Have The PDF of the Maths paper, thanks in advance",
    "interested! how much is it and where can I get it" } },
  { "Chinese only", "zh-weibo-dialogue.txt", MOSTLY_CHINESE, {
    "老师您好请问这份试卷有没有电子版可以发一下吗孩子急着要用谢谢",
    "求电子版资料，已经关注了，麻烦老师发一下！", "想要想要，怎么联系你呀？" } },
  { "Chinese comments", "zh-bilibili.txt", ANY, { "求电子版😭😭", "有没有PDF的，想要一份 thank you", "六年级上册的有吗？？？在线等" } },
  { "Chinese, traditional", NULL, ANY, { "老師您好請問這份試卷有沒有電子版可以發一下嗎孩子急著要用謝謝", "想要這份資料，請問怎麼聯繫？", "來個鏈接吧" } },
  { "Spanish", "es-tweets.txt", ANY, {
    "¿Me puedes enviar la versión electrónica? Sería genial, mañana la necesito",
    "Quiero el PDF por favor" } },
  { "Japanese", "ja-board.txt", ANY, { "資料がほしいです、どこで手に入りますか？", "ＰＤＦを送ってもらえますか。よろしくお願いします" } },
  { "Korean", "ko-movie.txt", ANY, { "자료 받고 싶어요 ㅠㅠ 링크 좀 부탁드립니다", "pdf를 보내주세요 감사합니다 ㅋㅋㅋ" } },
  { "Thai", "th-questions.txt", ANY, { "ขอไฟล์ pdf หน่อยได้ไหมครับ ขอบคุณมากครับ", "สนใจครับ ราคาเท่าไหร่ น้ำ" } },
  { "Arabic", "ar-tweets.txt", ANY, { "أريد النسخة الإلكترونية من فضلك", "كيف يمكنني الحصول على الملف؟ شُكْرًا" } },
  { "accents typed apart", NULL, ANY, {
    "Tie\xCC\x82\xCC\x81ng Vie\xCC\xA3\xCC\x82t co\xCC\x81 ba\xCC\x89n \xC4\x91ie\xCC\xA3\xCC\x82n tu\xCC\x9B\xCC\x89",
    "versio\xCC\x81n electro\xCC\x81nica man\xCC\x83" "ana" } },
};

static size_t sink; /* keeps what is measured from being left out */

static bool wanted(weir_str line, enum pick pick) {
  size_t high = 0;
  for (size_t i = 0; i < line.len; i++) high += (unsigned char)line.ptr[i] >= 0x80;
  if (line.len == 0 || line.len > LINE_BYTES_MAX || weir_utf8_valid(line) != line.len) return false;
  return pick == ANY || (pick == ASCII_ONLY && high == 0) || (pick == MOSTLY_CHINESE && high * 10 >= line.len * 9);
}

static void add_line(struct lines *lines, const char *text, size_t len, enum pick pick) {
  if (lines->cnt == LINES_MAX || len > BYTES_MAX - lines->bytes || !wanted((weir_str){ text, len }, pick)) return;
  memcpy(lines->data + lines->bytes, text, len);
  lines->line[lines->cnt++] = (weir_str){ lines->data + lines->bytes, len };
  lines->bytes += len;
}

static bool read_lines(struct lines *lines, const char *path, enum pick pick) {
  char buf[8192];
  FILE *f = fopen(path, "r");
  if (!f) return false;
  while (fgets(buf, sizeof buf, f)) add_line(lines, buf, strcspn(buf, "\r\n"), pick);
  return fclose(f) == 0 && lines->cnt > 0;
}

static void gather(struct lines *lines, const struct row *row) {
  const char *shared = getenv("WEIR_SHARED");
  char path[512];
  lines->cnt = lines->bytes = 0;
  if (row->file) {
    int n = snprintf(path, sizeof path, "%s/corpora/comments/%s", shared && *shared ? shared : "../shared", row->file);
    if (n > 0 && (size_t)n < sizeof path && read_lines(lines, path, row->pick)) return;
  }
  for (size_t i = 0; i < 4 && row->own[i]; i++) add_line(lines, row->own[i], strlen(row->own[i]), ANY);
}

static char out[WEIR_FOLD_MAX];

static void fold_line(weir_str line) {
  size_t len, consumed;
  if (weir_fold(line, out, sizeof out, &len, &consumed) != WEIR_FOLD_OK) exit(2);
  sink += len;
}
static void loose_line(weir_str line) {
  size_t len, consumed;
  if (weir_fold_loose(line, out, sizeof out, &len, &consumed) != WEIR_FOLD_OK) exit(2);
  sink += len;
}
static void utf8proc_line(weir_str line) {
  utf8proc_uint8_t *made = NULL;
  utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)line.ptr, (utf8proc_ssize_t)line.len, &made,
    (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE));
  if (n < 0) exit(2);
  sink += (size_t)n;
  free(made);
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

static void (*const ways[])(weir_str) = { fold_line, loose_line, utf8proc_line };
#define WAYS 3

/* ns a byte, median, for each way. Short inputs are repeated, so that a pass is long enough to be timed. */
static void measure(const struct lines *lines, double median[WAYS]) {
  static double pass[WAYS][PASSES];
  size_t repeat = 1 + 100000 / (lines->bytes + 1);
  for (int p = 0; p < PASSES; p++) {
    for (int w = 0; w < WAYS; w++) {
      double begin = now_ns();
      for (size_t r = 0; r < repeat; r++) {
        for (size_t i = 0; i < lines->cnt; i++) ways[w](lines->line[i]);
      }
      pass[w][p] = (now_ns() - begin) / (double)(repeat * lines->bytes);
    }
  }
  for (int w = 0; w < WAYS; w++) {
    qsort(pass[w], PASSES, sizeof pass[w][0], by_value);
    median[w] = pass[w][PASSES / 2];
  }
}

static void show(FILE *json, const char *what, const struct lines *lines, bool first) {
  double median[WAYS];
  if (lines->cnt == 0) return;
  measure(lines, median);
  printf("%-24s %6zu %7.1f %9.2f %9.2f %9.2f %7.1f\n", what, lines->cnt, (double)lines->bytes / (double)lines->cnt,
         median[0], median[1], median[2], median[2] / median[0]);
  fprintf(json, "%s\n{\"what\":\"%s\",\"lines\":%zu,\"bytes\":%zu,", first ? "" : ",", what, lines->cnt, lines->bytes);
  fprintf(json, "\"fold\":%.3f,\"loose\":%.3f,\"utf8proc\":%.3f}", median[0], median[1], median[2]);
}

int main(void) {
  static struct lines lines;
  const char *build = getenv("BUILD"), *comments = getenv("COMMENTS");
  char path[512];
  FILE *json;
  int n = snprintf(path, sizeof path, "%s/bench", build && *build ? build : "build");
  if (n < 0 || (size_t)n + sizeof "/fold.json" > sizeof path) return 2;
  (void)mkdir(path, 0777); /* it may be there; if it cannot be made, fopen says so */
  (void)snprintf(path + n, sizeof path - (size_t)n, "/fold.json");
  if (!(json = fopen(path, "w"))) {
    perror(path);
    return 2;
  }
  printf("%-24s %6s %7s %9s %9s %9s %7s\n", "ns a byte", "lines", "bytes", "fold", "loose", "utf8proc", "times");
  fprintf(json, "{\"unit\":\"ns/byte\",\"passes\":%d,\"tables\":\"%.*s\",\"rows\":[", PASSES, WEIR_FMT(weir_fold_version()));
  if (comments && *comments) {
    if (!read_lines(&lines, comments, ANY)) {
      perror(comments);
      (void)fclose(json);
      return 2;
    }
    show(json, "COMMENTS", &lines, true);
  }
  for (size_t i = 0; i < sizeof rows / sizeof rows[0] && !(comments && *comments); i++) {
    gather(&lines, &rows[i]);
    show(json, rows[i].what, &lines, i == 0);
  }
  fprintf(json, "]}\n");
  return fclose(json) == 0 && sink != 0 ? 0 : 2;
}
