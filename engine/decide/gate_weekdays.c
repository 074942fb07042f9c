/* gate_weekdays.c: weekdays = "mon-fri" or { "sat", "sun" }: it is one of these days where the person is. Closed, the next rule is
 * tried; with defer = true the rule fires and what it sends waits for such a day. */
#include "decide/gates.h"
#include "decide/parse.h"
#include "decide/when.h"

struct days {
  struct weir_opening opening; /* first: when.c reads it */
  struct weir_gate_list written;
};

static const weir_str names[7] = { { "mon", 3 }, { "tue", 3 }, { "wed", 3 }, { "thu", 3 }, { "fri", 3 }, { "sat", 3 }, { "sun", 3 } };
static const weir_str long_names[7] = { { "monday", 6 }, { "tuesday", 7 }, { "wednesday", 9 }, { "thursday", 8 },
                                        { "friday", 6 }, { "saturday", 8 }, { "sunday", 6 } };

/* 0 to 6; -1: no day. */
static int day_named(weir_str name) {
  for (int i = 0; i < 7; i++) {
    if (weir_str_eq(name, names[i]) || weir_str_eq(name, long_names[i])) return i;
  }
  return -1;
}

static weir_status bad_day(struct weir_parse *p, weir_str name) {
  weir_str quoted = weir_parse_quote(name), near = weir_nearest(name, long_names, 7);
  if (!near.len) near = weir_nearest(name, names, 7);
  if (near.len) return weir_parse_bad(p, NULL, "there is no day \"%.*s\"; did you mean \"%.*s\"?", WEIR_FMT(quoted), WEIR_FMT(near));
  return weir_parse_bad(p, NULL, "there is no day \"%.*s\": expected \"mon\", \"tue\" ... or a range such as \"mon-fri\"", WEIR_FMT(quoted));
}

static weir_status take_days(struct weir_parse *p, weir_str text, uint8_t *days) {
  const char *dash = text.len ? memchr(text.ptr, '-', text.len) : NULL;
  weir_str first = text, last = text;
  if (dash) {
    first.len = (size_t)(dash - text.ptr);
    last = (weir_str){ dash + 1, text.len - first.len - 1 };
  }
  int from = day_named(first), to = day_named(last);
  if (from < 0) return bad_day(p, first);
  if (to < 0) return bad_day(p, last);
  for (int i = from;; i = (i + 1) % 7) { /* "sat-mon" goes over the end of the week */
    *days = (uint8_t)(*days | 1u << i);
    if (i == to) return WEIR_OK;
  }
}

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  *data = NULL;
  struct days *days = weir_arena_zalloc(p->arena, sizeof *days);
  if (!days) return weir_parse_no_memory(p);
  weir_status status = weir_parse_strings(p, NULL, value, &days->written.items, &days->written.cnt);
  for (uint32_t i = 0; status == WEIR_OK && i < days->written.cnt; i++) status = take_days(p, days->written.items[i], &days->opening.days);
  if (status == WEIR_OK) *data = days;
  return status;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  return weir_when_ask(data, d, err);
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  const struct days *days = data;
  struct weir_local_time t;
  weir_zone_local(weir_when_zone(d), d->now_ms, &t);
  weir_buf_printf(out, "it is %.*s there, not ", WEIR_FMT(long_names[t.weekday - 1]));
  weir_gate_say_list(out, &days->written);
}

const struct weir_gate_kind weir_gate_weekdays = {
  .name = "weekdays", .on_state = true, .takes = "\"mon-fri\", a day, or a list",
  .says = "It is one of these days where the person is; with defer = true what is sent waits for one.",
  .parse = parse, .ask = ask, .explain = explain,
};
