/* experiments.c: how a rule's variants stand: whom they reached, who came to a goal, and whether that says anything yet. */
#include <math.h>

#include "engine.h"

/* So far from the middle of a normal distribution lies what is passed by chance in 5 % of all experiments in which so many variants are
 * compared with one, and none differs (Bonferroni): quantiles at 1 - 0.025 / comparisons. */
static const double wide[WEIR_RULE_VARIANTS_MAX] = { 1.959964, 1.959964, 2.241403, 2.393980, 2.497705, 2.575829, 2.638257, 2.690110 };
static const double power_z = 0.841621; /* a difference that is there shall be seen in 80 % of all experiments */

/* The interval in which the true rate lies: Wilson's, which is right for few people and rates near 0 and 1, too. */
static void wilson(uint64_t hits, uint64_t all, double z, double *low, double *high) {
  *low = 0;
  *high = 1;
  if (all == 0) return;
  double n = (double)all, p = (double)hits / n, z2 = z * z;
  double middle = (p + z2 / (2 * n)) / (1 + z2 / n), half = z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  *low = middle - half > 0 ? middle - half : 0;
  *high = middle + half < 1 ? middle + half : 1;
}

static weir_status count_of(struct weir_store *store, weir_str rule, weir_str variant, enum weir_variant_count what, int64_t now_ms, uint64_t *out,
                            weir_error *err) {
  unsigned char key[WEIR_ID_BYTES];
  int64_t count = 0;
  weir_variant_key(rule, variant, what, key);
  weir_status st = store->ops->total(store, key, now_ms, &count, err);
  *out = (uint64_t)count;
  return st;
}

static weir_status read_counts(struct weir_store *store, const struct weir_rule *rule, const struct weir_variant *variant, int64_t now_ms, weir_variant_info *out,
                               weir_error *err) {
  uint64_t counts[WEIR_VARIANT_GOALS + 1];
  for (int what = 0; what <= WEIR_VARIANT_GOALS; what++) {
    weir_status st = count_of(store, rule->name, variant->name, (enum weir_variant_count)what, now_ms, &counts[what], err);
    if (st) return st;
  }
  *out = (weir_variant_info){ .rule = rule->name, .variant = variant->name, .weight = variant->weight, .persons = counts[WEIR_VARIANT_PERSONS],
                              .sent = counts[WEIR_VARIANT_SENT], .rejected = counts[WEIR_VARIANT_REJECTED], .goals = counts[WEIR_VARIANT_GOALS] };
  if (out->goals > out->persons) out->goals = out->persons; /* persons that were joined count once from then on */
  if (out->persons) out->rate = (double)out->goals / (double)out->persons;
  wilson(out->goals, out->persons, wide[1], &out->low, &out->high);
  return WEIR_OK;
}

/* Newcombe's interval of the difference of two rates, made from Wilson's of each (Statistics in Medicine 17, 873-890, 1998, method 10). */
static void compare(weir_variant_info *v, const weir_variant_info *base, double z) {
  double low, high, base_low, base_high;
  v->difference_low = -1;
  v->difference_high = 1;
  if (!v->persons || !base->persons) return;
  wilson(v->goals, v->persons, z, &low, &high);
  wilson(base->goals, base->persons, z, &base_low, &base_high);
  v->difference = v->rate - base->rate;
  v->difference_low = v->difference - hypot(v->rate - low, base_high - base->rate);
  v->difference_high = v->difference + hypot(high - v->rate, base->rate - base_low);
  if (v->difference_low > 0 || v->difference_high < 0) return;
  double p = (double)(v->goals + 1) / (double)(v->persons + 2), q = (double)(base->goals + 1) / (double)(base->persons + 2);
  double n = (z + power_z) * (z + power_z) * (p * (1 - p) + q * (1 - q)) / ((p - q) * (p - q));
  if (n < 1e9) v->needed = (uint64_t)ceil(n); /* also false when p is q */
}

/* With which the others are compared: the one that most people are to get, the first of them. */
static uint32_t base_of(const struct weir_rule *rule) {
  uint32_t base = 0;
  for (uint32_t i = 1; i < rule->variant_cnt; i++) {
    if (rule->variants[i].weight > rule->variants[base].weight) base = i;
  }
  return base;
}

static weir_status tell_variant(struct weir_store *store, const struct weir_rule *rule, uint32_t index, int64_t now_ms, weir_variant_info *out, weir_error *err) {
  uint32_t base = base_of(rule);
  weir_variant_info other;
  weir_status st = read_counts(store, rule, &rule->variants[index], now_ms, out, err);
  out->base = index == base;
  if (st || out->base) return st;
  st = read_counts(store, rule, &rule->variants[base], now_ms, &other, err);
  if (!st) compare(out, &other, wide[rule->variant_cnt - 1]);
  return st;
}

weir_status weir_experiments_each(const weir_ruleset *rs, struct weir_store *store, int64_t now_ms, void (*tell)(void *ctx, const weir_variant_info *variant),
                                  void *ctx, weir_error *err) {
  weir_variant_info info;
  weir_status st = WEIR_OK;
  for (uint32_t i = 0; i < rs->rule_cnt; i++) {
    for (uint32_t k = 0; k < rs->rules[i].variant_cnt && !st; k++) {
      st = tell_variant(store, &rs->rules[i], k, now_ms, &info, err);
      if (!st) tell(ctx, &info);
    }
  }
  return st;
}

weir_status weir_engine_variant(const weir_engine *engine, size_t index, weir_variant_info *out, weir_error *err) {
  if (!engine || !out) return weir_fail(err, WEIR_E_ARG, "weir_engine_variant needs an engine and a place for the answer");
  memset(out, 0, sizeof *out);
  const weir_ruleset *rs = engine->rooms.ruleset;
  for (uint32_t i = 0; i < rs->rule_cnt; i++) {
    const struct weir_rule *rule = &rs->rules[i];
    if (index < rule->variant_cnt) return tell_variant(engine->store, rule, (uint32_t)index, engine->decide.now_ms, out, err);
    index -= rule->variant_cnt;
  }
  return WEIR_NONE;
}
