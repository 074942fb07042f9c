/* run_counts.c: why actions waited, were dropped or skipped, as the state has counted it by rule and reason: the most frequent first. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

struct counted {
  char rule[RULE_NAME_MAX], what[WHAT_MAX];
  uint64_t cnt, today;
};

struct counts {
  struct counted *rows; /* COUNTS_MAX */
  size_t cnt;
  uint64_t more;        /* what found no row */
  int64_t today;
};

static bool is_ours(weir_str what) {
  static const char *const words[] = { "dropped ", "waiting ", "skipped " };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (what.len > strlen(words[i]) && memcmp(what.ptr, words[i], strlen(words[i])) == 0) return true;
  }
  return false;
}

static bool same(const char *text, weir_str s) { return strlen(text) == s.len && memcmp(text, s.ptr, s.len) == 0; }

static void take(void *ctx, const weir_count *count) {
  struct counts *all = ctx;
  size_t i = 0;
  if (!is_ours(count->what) || count->name.len >= RULE_NAME_MAX || count->what.len >= WHAT_MAX) return;
  while (i < all->cnt && !(same(all->rows[i].rule, count->name) && same(all->rows[i].what, count->what))) i++;
  if (i == COUNTS_MAX) {
    all->more += count->cnt;
    return;
  }
  struct counted *row = &all->rows[i];
  if (i == all->cnt) {
    memset(row, 0, sizeof *row);
    memcpy(row->rule, count->name.ptr, count->name.len);
    memcpy(row->what, count->what.ptr, count->what.len);
    all->cnt++;
  }
  row->cnt += count->cnt;
  if (count->day >= all->today) row->today += count->cnt;
}

static int by_frequency(const void *a, const void *b) {
  const struct counted *x = a, *y = b;
  if (x->cnt != y->cnt) return x->cnt > y->cnt ? -1 : 1;
  int order = strcmp(x->what, y->what);
  return order ? order : strcmp(x->rule, y->rule);
}

/* false: there is nothing to tell. The caller frees rows. */
static bool collect(const struct run *r, struct counts *all) {
  weir_error err;
  *all = (struct counts){ .rows = calloc(COUNTS_MAX, sizeof *all->rows), .today = r->now_ms / DAY_MS };
  if (!all->rows || weir_each_count(r->engine, 0, take, all, &err)) return false;
  qsort(all->rows, all->cnt, sizeof *all->rows, by_frequency);
  return all->cnt > 0;
}

void run_counts_print(const struct run *r, FILE *out) {
  struct counts all;
  if (collect(r, &all)) {
    fprintf(out, "weir run: what did not go out, or not at once:\n");
    for (size_t i = 0; i < all.cnt && i < COUNTS_SHOWN; i++) {
      fprintf(out, "%9llu  ", (unsigned long long)all.rows[i].cnt);
      print_text(out, (weir_str){ all.rows[i].what, strlen(all.rows[i].what) });
      fprintf(out, "  (");
      print_text(out, (weir_str){ all.rows[i].rule, strlen(all.rows[i].rule) });
      fprintf(out, ")\n");
    }
    for (size_t i = COUNTS_SHOWN; i < all.cnt; i++) all.more += all.rows[i].cnt;
    if (all.more) fprintf(out, "%9llu  for other reasons\n", (unsigned long long)all.more);
  }
  free(all.rows);
}

/* A text in JSON; false: it did not fit. */
static bool put_json(char *out, size_t cap, size_t *len, const char *text) {
  size_t at = *len;
  if (at + 2 >= cap) return false;
  out[at++] = '"';
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    if (at + 8 >= cap) return false;
    if (c == '"' || c == '\\') out[at++] = '\\';
    if (c >= 0x20) out[at++] = (char)c;
    else at += (size_t)snprintf(out + at, cap - at, "\\u%04x", c);
  }
  out[at++] = '"';
  *len = at;
  return true;
}

size_t run_counts_json(const struct run *r, char *out, size_t cap) {
  struct counts all;
  size_t len = 0;
  if (cap < 3) return 0;
  out[len++] = '[';
  bool any = collect(r, &all);
  for (size_t i = 0; any && i < all.cnt && i < COUNTS_SHOWN; i++) {
    const struct counted *row = &all.rows[i];
    size_t before = len;
    int n = snprintf(out + len, cap - len, "%s{\"rule\":", i ? "," : "");
    bool fits = n > 0 && (len += (size_t)n) < cap && put_json(out, cap, &len, row->rule);
    if (fits && (n = snprintf(out + len, cap - len, ",\"what\":")) > 0) fits = (len += (size_t)n) < cap && put_json(out, cap, &len, row->what);
    if (fits) {
      n = snprintf(out + len, cap - len, ",\"count\":%llu,\"today\":%llu}", (unsigned long long)row->cnt, (unsigned long long)row->today);
      fits = n > 0 && (len += (size_t)n) + 2 < cap;
    }
    if (fits) continue;
    len = before; /* the rest has no room */
    break;
  }
  free(all.rows);
  out[len++] = ']';
  out[len] = '\0';
  return len;
}
