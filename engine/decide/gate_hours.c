/* gate_hours.c: hours = "09:00-21:00", or a list: the clock of the person shows a time in one of them. "22:00-02:00" goes over
 * midnight. Closed, the next rule is tried; with defer = true the rule fires and what it sends waits until they open. */
#include "decide/gates.h"
#include "decide/parse.h"
#include "decide/when.h"
#include "base/clock.h"

#define DAY_MS 86400000

struct hours {
  struct weir_opening opening; /* first: when.c reads it */
  struct weir_gate_list written;
};

static weir_status bad_span(struct weir_parse *p, weir_str text) {
  weir_str quoted = weir_parse_quote(text);
  return weir_parse_bad(p, NULL, "\"%.*s\" are no hours: expected two times of day, such as \"09:00-21:00\"", WEIR_FMT(quoted));
}

static void insert(struct weir_hours_span *spans, uint32_t *cnt, struct weir_hours_span span) {
  uint32_t at = (*cnt)++;
  for (; at > 0 && spans[at - 1].from_ms > span.from_ms; at--) spans[at] = spans[at - 1];
  spans[at] = span;
}

static weir_status take_span(struct weir_parse *p, weir_str text, struct weir_hours_span *spans, uint32_t *cnt) {
  int32_t from, to;
  weir_str quoted = weir_parse_quote(text);
  if (!weir_wall_range_parse(text, true, &from, &to) || !memchr(text.ptr, '-', text.len) || from == DAY_MS) return bad_span(p, text);
  if (from == to) return weir_parse_bad(p, NULL, "\"%.*s\" is no time at all: leave the line out for all day", WEIR_FMT(quoted));
  if (from < to || to == 0) {
    insert(spans, cnt, (struct weir_hours_span){ from, to ? to : DAY_MS });
    return WEIR_OK;
  }
  insert(spans, cnt, (struct weir_hours_span){ from, DAY_MS });
  insert(spans, cnt, (struct weir_hours_span){ 0, to });
  return WEIR_OK;
}

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  *data = NULL;
  struct hours *hours = weir_arena_zalloc(p->arena, sizeof *hours);
  if (!hours) return weir_parse_no_memory(p);
  weir_status status = weir_parse_strings(p, NULL, value, &hours->written.items, &hours->written.cnt);
  if (status != WEIR_OK) return status;
  struct weir_hours_span *spans = weir_arena_array(p->arena, (size_t)hours->written.cnt * 2, sizeof *spans);
  if (!spans) return weir_parse_no_memory(p);
  for (uint32_t i = 0; i < hours->written.cnt; i++) {
    status = take_span(p, hours->written.items[i], spans, &hours->opening.span_cnt);
    if (status != WEIR_OK) return status;
  }
  for (uint32_t i = 1; i < hours->opening.span_cnt; i++) {
    if (spans[i].from_ms < spans[i - 1].to_ms) return weir_parse_bad(p, NULL, "two of the hours overlap: write them as one");
  }
  hours->opening.spans = spans;
  *data = hours;
  return WEIR_OK;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  return weir_when_ask(data, d, err);
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  const struct hours *hours = data;
  struct weir_local_time t;
  weir_zone_local(weir_when_zone(d), d->now_ms, &t);
  weir_buf_printf(out, "it is %02d:%02d there, not ", t.ms_of_day / 3600000, t.ms_of_day / 60000 % 60);
  weir_gate_say_list(out, &hours->written);
}

const struct weir_gate_kind weir_gate_hours = {
  .name = "hours", .on_state = true, .takes = "\"09:00-21:00\" or a list",
  .says = "The person's clock shows a time in these hours; with defer = true what is sent waits for them.",
  .parse = parse, .ask = ask, .explain = explain,
};
