/* gate_chance.c: chance = 0.3 or "30%": so many of the events get through, chosen by hash: the same event always gets the same
 * answer, and no rule's choice says anything about another's. */
#include "decide/gates.h"
#include "decide/parse.h"

#define WHOLE INT64_C(1000000) /* chances are counted in millionths */

static weir_status bad(struct weir_parse *p, const struct weir_value *value) {
  return weir_parse_bad(p, NULL, "expected a share between 0 and 1 such as 0.3, or \"30%%\", not %s", weir_value_says(value));
}

/* "30%" */
static bool read_percent(weir_str text, double *out) {
  int64_t number = 0;
  if (text.len < 2 || text.len > 4 || text.ptr[text.len - 1] != '%') return false;
  for (size_t i = 0; i + 1 < text.len; i++) {
    if (text.ptr[i] < '0' || text.ptr[i] > '9') return false;
    number = number * 10 + (text.ptr[i] - '0');
  }
  *out = (double)number / 100;
  return true;
}

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  double share = -1;
  *data = NULL;
  int64_t *millionths = weir_arena_zalloc(p->arena, sizeof *millionths);
  if (!millionths) return weir_parse_no_memory(p);
  if (!value) return bad(p, value);
  if (value->kind == WEIR_VALUE_NUM) share = value->u.d;
  else if (value->kind == WEIR_VALUE_INT) share = value->u.i == 0 || value->u.i == 1 ? (double)value->u.i : -1;
  else if (value->kind != WEIR_VALUE_STR || !read_percent(value->u.s, &share)) return bad(p, value);
  if (!(share > 0 && share <= 1)) return weir_parse_bad(p, NULL, "expected a share above 0 and at most 1, such as 0.3 or \"30%%\"");
  *millionths = (int64_t)(share * (double)WHOLE + 0.5);
  *data = millionths;
  return WEIR_OK;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  weir_str parts[] = { WEIR_STR("chance"), d->id, { (const char *)d->rule->id, sizeof d->rule->id } };
  (void)err;
  uint64_t drawn = weir_hash64((weir_str){ NULL, 0 }, parts, sizeof parts / sizeof parts[0]) % (uint64_t)WHOLE;
  return (int64_t)drawn < *(const int64_t *)data ? WEIR_GATE_PASS : WEIR_GATE_FAIL;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  (void)d;
  weir_buf_text(out, "chance: this one is not among the ");
  weir_buf_int(out, *(const int64_t *)data / (WHOLE / 100));
  weir_buf_text(out, "%");
}

const struct weir_gate_kind weir_gate_chance = {
  .name = "chance", .takes = "a share such as 0.3 or \"30%\"", .says = "So many of the events get through, chosen by hash.",
  .parse = parse, .ask = ask, .explain = explain,
};
