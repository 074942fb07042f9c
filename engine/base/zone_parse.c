/* zone_parse.c: from the bytes of a TZif file to a zone. The file holds everything twice: a block with 32-bit times for old readers,
 * which is skipped, and one with 64-bit times. Then the footer: a line with what holds after the last step, written as the
 * TZ of POSIX. All counts and indexes are checked before they are used: the file may be anything. */
#include "base/clock.h"
#include "base/zone.h"

#define HEADER_BYTES 44
/* RFC 8536, 3.2: no offset lies further from Greenwich. */
#define OFFSET_MIN_S (-(25 * 3600 - 1)) /* fixed: RFC 9636 */
#define OFFSET_MAX_S (26 * 3600 - 1) /* fixed: RFC 9636 */

bool weir_zone_name_good(weir_str name) {
  size_t part = 0;
  for (size_t i = 0; i < name.len; i++) {
    char c = name.ptr[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '+' && c != '/') return false;
    if (c == '/' && part == 0) return false;
    part = c == '/' ? 0 : part + 1;
  }
  return part > 0 && name.len <= WEIR_ZONE_NAME_MAX;
}

/* ---- the header and its blocks */

struct header {
  unsigned char version; /* 0: the first */
  uint32_t isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt;
};

static uint64_t big_endian(const unsigned char *p, int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; i++) value = value << 8 | p[i];
  return value;
}

static int64_t signed_64(const unsigned char *p) { return (int64_t)big_endian(p, 8); }
static int32_t signed_32(const unsigned char *p) { return (int32_t)(uint32_t)big_endian(p, 4); }

static bool read_header(weir_str bytes, size_t at, struct header *out) {
  if (bytes.len < HEADER_BYTES || at > bytes.len - HEADER_BYTES || memcmp(bytes.ptr + at, "TZif", 4) != 0) return false;
  const unsigned char *p = (const unsigned char *)bytes.ptr + at;
  uint32_t counts[6];
  for (int i = 0; i < 6; i++) counts[i] = (uint32_t)big_endian(p + 20 + 4 * i, 4);
  for (int i = 0; i < 6; i++) {
    if (counts[i] > WEIR_ZONE_FILE_MAX) return false; /* so that no sum below overflows */
  }
  *out = (struct header){ p[4], counts[0], counts[1], counts[2], counts[3], counts[4], counts[5] };
  return true;
}

static size_t block_bytes(const struct header *h, size_t time_bytes) {
  return h->timecnt * (time_bytes + 1) + h->typecnt * 6 + h->charcnt + h->leapcnt * (time_bytes + 4) + h->isstdcnt + h->isutcnt;
}

/* ---- the footer: std offset [dst [offset] [,date[/time],date[/time]]] */

struct reader {
  const char *at, *end;
};

static bool take(struct reader *r, char c) {
  if (r->at == r->end || *r->at != c) return false;
  r->at++;
  return true;
}

static bool read_number(struct reader *r, int max, int *out) {
  const char *begin = r->at;
  *out = 0;
  for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
    *out = *out * 10 + (*r->at - '0');
    if (*out > max) return false;
  }
  return r->at > begin;
}

/* "EST" or "<+0330>". */
static bool skip_name(struct reader *r) {
  const char *begin = r->at;
  if (take(r, '<')) {
    while (r->at < r->end && *r->at != '>') r->at++;
    return r->at > begin + 1 && take(r, '>');
  }
  while (r->at < r->end && ((*r->at >= 'a' && *r->at <= 'z') || (*r->at >= 'A' && *r->at <= 'Z'))) r->at++;
  return r->at - begin >= 3;
}

/* "2", "-3:30", "167:00:00" in seconds. */
static bool read_time(struct reader *r, int hours_max, int32_t *out) {
  int h, m = 0, s = 0;
  bool minus = take(r, '-');
  *out = 0;
  if (!minus) (void)take(r, '+');
  if (!read_number(r, hours_max, &h)) return false;
  if (take(r, ':') && (!read_number(r, 59, &m) || (take(r, ':') && !read_number(r, 59, &s)))) return false;
  *out = (h * 3600 + m * 60 + s) * (minus ? -1 : 1);
  return true;
}

static bool read_date(struct reader *r, struct weir_zone_date *out) {
  int month = 0, week = 0, weekday = 0, day = 0;
  bool good;
  *out = (struct weir_zone_date){ .form = '0', .time_s = 2 * 3600 };
  if (take(r, 'M')) {
    good = read_number(r, 12, &month) && take(r, '.') && read_number(r, 5, &week) && take(r, '.') && read_number(r, 6, &weekday) &&
           month > 0 && week > 0;
    out->form = 'M';
  } else if (take(r, 'J')) {
    good = read_number(r, 365, &day) && day > 0;
    out->form = 'J';
  } else {
    good = read_number(r, 365, &day);
  }
  out->month = (int16_t)month;
  out->week = (int16_t)week;
  out->weekday = (int16_t)weekday;
  out->day = (int16_t)day;
  return good && (!take(r, '/') || read_time(r, 167, &out->time_s));
}

/* POSIX counts westward. */
static bool read_offset(struct reader *r, int32_t *out) {
  int32_t west;
  if (!read_time(r, 24, &west)) return false;
  *out = -west;
  return true;
}

static bool read_footer(weir_str text, struct weir_zone_rule *out) {
  struct reader r = { text.ptr, text.ptr + text.len };
  *out = (struct weir_zone_rule){ .given = text.len > 0 };
  if (text.len == 0) return true; /* nothing is foreseen: the last step holds */
  if (!skip_name(&r) || !read_offset(&r, &out->offset_s)) return false;
  if (r.at == r.end) return true;
  out->summer = true;
  out->summer_offset_s = out->offset_s + 3600;
  if (!skip_name(&r)) return false;
  if (r.at < r.end && *r.at != ',' && !read_offset(&r, &out->summer_offset_s)) return false;
  return take(&r, ',') && read_date(&r, &out->begin) && take(&r, ',') && read_date(&r, &out->end) && r.at == r.end;
}

/* ---- the whole file */

static bool read_type(const unsigned char *types, uint32_t cnt, uint32_t index, int32_t *offset_s) {
  *offset_s = 0;
  if (index >= cnt) return false;
  *offset_s = signed_32(types + (size_t)index * 6);
  return *offset_s >= OFFSET_MIN_S && *offset_s <= OFFSET_MAX_S;
}

/* Fills the zone's steps from 1970 on. false: damaged. */
static bool read_steps(const unsigned char *block, const struct header *h, struct weir_zone_step *steps, struct weir_zone *zone) {
  const unsigned char *indexes = block + (size_t)h->timecnt * 8, *types = indexes + h->timecnt;
  int64_t before = INT64_MIN;
  if (!read_type(types, h->typecnt, 0, &zone->first_offset_s)) return false;
  for (uint32_t i = 0; i < h->timecnt; i++) {
    int64_t from_s = signed_64(block + (size_t)i * 8);
    int32_t offset_s;
    if (i > 0 && from_s <= before) return false;
    if (!read_type(types, h->typecnt, indexes[i], &offset_s)) return false;
    before = from_s;
    if (from_s <= -2 * 86400) zone->first_offset_s = offset_s; /* local days may begin before 1970 does in UTC */
    else steps[zone->step_cnt++] = (struct weir_zone_step){ from_s, offset_s };
  }
  return true;
}

weir_status weir_zone_parse(struct weir_arena *arena, weir_str name, weir_str bytes, const struct weir_zone **out, weir_error *err) {
  struct header h = { 0 };
  *out = NULL;
  if (!read_header(bytes, 0, &h)) return weir_fail(err, WEIR_E_FORMAT, "it is no time zone file (TZif)");
  if (h.version < '2') return weir_fail(err, WEIR_E_FORMAT, "it is of the first version of TZif, which ends in 2037: version 2 or later is needed");
  size_t at = HEADER_BYTES + block_bytes(&h, 4);
  if (!read_header(bytes, at, &h)) return weir_fail(err, WEIR_E_FORMAT, "it is damaged: its second header is missing");
  at += HEADER_BYTES;
  size_t len = block_bytes(&h, 8);
  if (at > bytes.len || len > bytes.len - at) return weir_fail(err, WEIR_E_FORMAT, "it is damaged: it ends too early");
  if (h.leapcnt > 0) return weir_fail(err, WEIR_E_FORMAT, "it counts leap seconds (a zone of \"right/\"), which nobody's clock does");

  weir_str footer = { bytes.ptr + at + len, bytes.len - at - len };
  const char *line_end = footer.len > 1 ? memchr(footer.ptr + 1, '\n', footer.len - 1) : NULL;
  if (!line_end || footer.ptr[0] != '\n') return weir_fail(err, WEIR_E_FORMAT, "it is damaged: it has no footer");
  footer = (weir_str){ footer.ptr + 1, (size_t)(line_end - footer.ptr) - 1 };

  struct weir_zone *zone = weir_arena_zalloc(arena, sizeof *zone);
  struct weir_zone_step *steps = weir_arena_array(arena, h.timecnt, sizeof *steps);
  if (!zone || !steps || !weir_arena_str(arena, name, &zone->name)) return weir_fail(err, WEIR_E_NOMEM, "no memory for the time zone");
  zone->steps = steps;
  if (!read_steps((const unsigned char *)bytes.ptr + at, &h, steps, zone)) {
    return weir_fail(err, WEIR_E_FORMAT, "it is damaged: a change of its offset makes no sense");
  }
  if (!read_footer(footer, &zone->rule)) return weir_fail(err, WEIR_E_FORMAT, "its footer \"%.*s\" cannot be read", WEIR_FMT(footer));
  *out = zone;
  return WEIR_OK;
}
