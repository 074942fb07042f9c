/* report_values.c: reading the JSON of a report, and writing its numbers for people. */
#include <string.h>

#include "report.h"

int64_t report_number(const json_t *object, const char *key) { return json_integer_value(json_object_get(object, key)); }

const char *report_string(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text ? text : "";
}

const char *report_quota(const json_t *usage, char out[200]) {
  const json_t *actions = json_object_get(usage, "actions"), *action;
  size_t i, len = 0;
  json_array_foreach(actions, i, action) {
    if (len < 120) len += (size_t)snprintf(out + len, 200 - len, "%s%.60s", i ? ", " : "", json_string_value(action));
  }
  snprintf(out + len, 200 - len, "%s%s", len ? ": " : "", report_string(usage, "quota"));
  return out;
}

/* "3.1 points less", "0.4 points more" */
static void points(double difference, char out[40]) {
  snprintf(out, 40, "%.1f points %s", (difference < 0 ? -difference : difference) * 100, difference < 0 ? "less" : "more");
}

const char *report_finding(const json_t *variant, const char *base, char out[300]) {
  const char *verdict = report_string(variant, "verdict"), *name = report_string(variant, "variant");
  char low[40], high[40];
  out[0] = '\0';
  points(json_real_value(json_object_get(variant, "difference_low")), low);
  points(json_real_value(json_object_get(variant, "difference_high")), high);
  if (strcmp(verdict, "better") == 0 || strcmp(verdict, "worse") == 0) {
    snprintf(out, 300, "`%.60s` does %s than `%.60s`: %s to %s", name, verdict, base, low, high);
  } else if (strcmp(verdict, "too early") == 0) {
    int len = snprintf(out, 300, "too early to say of `%.60s`: %s to %s than `%.60s`", name, low, high, base);
    int64_t needed = report_number(variant, "needed"), digits = 1;
    while (needed / digits >= 100) digits *= 10; /* it is a guess: two figures say enough */
    needed = (needed + digits - 1) / digits * digits;
    if (len > 0 && len < 300 && needed) snprintf(out + len, (size_t)(300 - len), "; about %lld people of each would tell", (long long)needed);
  }
  return out;
}

/* How many cells a character takes: two for those of East Asia and for pictures, none for marks that stand over others. Rough, for the
 * names of rules and stages. */
static int cells_of(uint32_t c) {
  static const struct {
    uint32_t from, to;
  } wide[] = { { 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f },
               { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1faff }, { 0x20000, 0x3fffd } };
  if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) || (c >= 0xfe00 && c <= 0xfe0f)) return 0;
  for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
    if (c >= wide[i].from && c <= wide[i].to) return 2;
  }
  return 1;
}

/* The character at `at`, of UTF-8 that jansson has checked; *len its bytes. */
static uint32_t char_at(const char *at, size_t *len) {
  const unsigned char *p = (const unsigned char *)at;
  *len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
  uint32_t c = *len == 1 ? p[0] : p[0] & (0x7fu >> *len);
  for (size_t i = 1; i < *len && p[i]; i++) c = c << 6 | (p[i] & 0x3fu);
  return c;
}

int report_cells(const char *text, int most, size_t *bytes) {
  int cells = 0;
  size_t at = 0, len, end = strlen(text);
  while (at < end) {
    int wide = cells_of(char_at(text + at, &len));
    if (cells + wide > most || at + len > end) break;
    cells += wide;
    at += len;
  }
  *bytes = at;
  return cells;
}
