/* gate_max.c: max = 3: the rule fires at most three times for a person; { 3, per = "day" }: on a day of his calendar,
 * { 3, per = "post" }: under a post. Each time takes one of so many marks; they are claims, and come back when nothing of what
 * the rule sent arrived. */
#include "decide/gates.h"
#include "decide/parse.h"
#include "decide/when.h"
#include "limits.h"

enum per { PER_PERSON = 0, PER_POST, PER_DAY, PER_CNT };
static const weir_str names[PER_CNT] = { { "person", 6 }, { "post", 4 }, { "day", 3 } };

struct max {
  int64_t times;
  enum per per;
};

static weir_status parse_per(struct weir_parse *p, const struct weir_value *value, struct max *max) {
  weir_str near, quoted;
  if (!value) return WEIR_OK;
  if (value->kind != WEIR_VALUE_STR) return weir_parse_bad(p, "per", "expected \"person\", \"post\" or \"day\", not %s", weir_value_says(value));
  while (max->per < PER_CNT && !weir_str_eq(names[max->per], value->u.s)) max->per = (enum per)(max->per + 1);
  if (max->per < PER_CNT) return WEIR_OK;
  quoted = weir_parse_quote(value->u.s);
  near = weir_nearest(value->u.s, names, PER_CNT);
  if (near.len) return weir_parse_bad(p, "per", "\"%.*s\" is none of \"person\", \"post\", \"day\"; did you mean \"%.*s\"?", WEIR_FMT(quoted), WEIR_FMT(near));
  return weir_parse_bad(p, "per", "\"%.*s\" is none of \"person\", \"post\", \"day\"", WEIR_FMT(quoted));
}

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  static const weir_str known[] = { { "per", 3 } };
  weir_status status = WEIR_OK;
  *data = NULL;
  struct max *max = weir_arena_zalloc(p->arena, sizeof *max);
  if (!max) return weir_parse_no_memory(p);
  if (value && value->kind == WEIR_VALUE_TABLE) {
    status = weir_parse_known(p, value, known, 1);
    if (status == WEIR_OK && value->u.t->list_cnt != 1) status = weir_parse_bad(p, NULL, "expected a number, or { 3, per = \"day\" }");
    if (status == WEIR_OK) status = parse_per(p, weir_value_get(value, "per"), max);
    if (status != WEIR_OK) return status;
    value = &value->u.t->list[0];
  }
  status = weir_parse_int(p, NULL, value, 1, WEIR_GATE_TIMES_MAX, &max->times);
  if (status == WEIR_OK) *data = max;
  return status;
}

static void key_of(const struct max *max, const struct weir_decide *d, int64_t time, unsigned char key[WEIR_ID_BYTES]) {
  int64_t day = max->per == PER_DAY ? weir_zone_day(weir_when_zone(d), d->now_ms) : 0;
  weir_str post = max->per == PER_POST ? d->event->post : (weir_str){ NULL, 0 };
  weir_str parts[] = { WEIR_STR("max"), { (const char *)d->rule->id, sizeof d->rule->id }, names[max->per], post,
                       { (const char *)&day, sizeof day }, { (const char *)&time, sizeof time } };
  weir_id_hash((weir_str){ NULL, 0 }, parts, sizeof parts / sizeof parts[0], key);
}

/* The first mark that is not taken; max->times when all are. */
static weir_status first_free(const struct max *max, struct weir_decide *d, int64_t *time, weir_error *err) {
  weir_status status = weir_gate_person(d, err);
  for (*time = 0; status == WEIR_OK && *time < max->times; (*time)++) {
    unsigned char key[WEIR_ID_BYTES];
    bool held;
    key_of(max, d, *time, key);
    status = weir_gate_held(d, key, &held, err);
    if (status == WEIR_OK && !held) return WEIR_OK;
  }
  return status;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  const struct max *max = data;
  int64_t time;
  if (first_free(max, d, &time, err) != WEIR_OK) return WEIR_GATE_BROKEN;
  return time < max->times ? WEIR_GATE_PASS : WEIR_GATE_FAIL;
}

static weir_status claim(const void *data, struct weir_decide *d, weir_error *err) {
  const struct max *max = data;
  unsigned char key[WEIR_ID_BYTES];
  int64_t time, until_ms = d->now_ms + WEIR_CLAIM_MS;
  weir_status status = first_free(max, d, &time, err);
  if (status != WEIR_OK || time == max->times) return status;
  key_of(max, d, time, key);
  if (max->per == PER_DAY) {
    const struct weir_zone *zone = weir_when_zone(d);
    until_ms = weir_zone_utc(zone, weir_zone_day(zone, d->now_ms) + 1, 0);
  }
  return weir_gate_claim(d, key, until_ms, err);
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  const struct max *max = data;
  (void)d;
  weir_buf_text(out, "max: it fired ");
  weir_buf_int(out, max->times);
  weir_buf_text(out, " times for this person");
  if (max->per == PER_DAY) weir_buf_text(out, " today");
  if (max->per == PER_POST) weir_buf_text(out, " under this post");
}

const struct weir_gate_kind weir_gate_max = {
  .name = "max", .on_state = true, .takes = "a number, or { 3, per = \"person\", \"post\" or \"day\" }",
  .says = "The rule fires at most so many times for a person, or for a person and post or day.",
  .parse = parse, .ask = ask, .claim = claim, .explain = explain,
};
