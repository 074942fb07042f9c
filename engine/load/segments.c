/* segments.c: segment "layers" { by = "points", layers = { { "creators", 1 }, { "sharers", 9 }, { "readers", 90 } } } */
#include "limits.h"
#include "load/load.h"

static weir_status read_layer(struct weir_reading *reading, const struct weir_value *value, struct weir_segment *out) {
  const struct weir_table *t = value->kind == WEIR_VALUE_TABLE ? value->u.t : NULL;
  bool form = t && t->list_cnt == 2 && t->member_cnt == 0 && t->list[0].kind == WEIR_VALUE_STR && t->list[1].kind == WEIR_VALUE_INT;
  if (!form || t->list[1].u.i < 1 || t->list[1].u.i > 100) { /* fixed: percent */
    weir_reading_bad(reading, "layers", "expected names with their share in percent, such as { { \"creators\", 1 }, { \"sharers\", 9 }, { \"readers\", 90 } }");
    return WEIR_OK;
  }
  const char *fault = weir_load_name_fault(t->list[0].u.s, WEIR_TAG_MAX);
  if (fault) weir_reading_bad(reading, "layers", "\"%.*s\" %s", WEIR_FMT(t->list[0].u.s), fault);
  for (uint32_t i = 0; i < out->layer_cnt; i++)
    if (weir_str_eq(out->layers[i], t->list[0].u.s)) weir_reading_bad(reading, "layers", "has \"%.*s\" twice", WEIR_FMT(t->list[0].u.s));
  if (!weir_arena_str(reading->parse.arena, t->list[0].u.s, &out->layers[out->layer_cnt])) return weir_load_no_memory(reading->load);
  out->shares[out->layer_cnt++] = (uint32_t)t->list[1].u.i;
  return WEIR_OK;
}

static weir_status read_layers(struct weir_reading *reading, struct weir_segment *out) {
  const struct weir_value *value = weir_reading_key(reading, "layers");
  uint32_t cnt = value && value->kind == WEIR_VALUE_TABLE ? value->u.t->list_cnt : 0, sum = 0;
  weir_status status = WEIR_OK;
  if (cnt < 2 || cnt > WEIR_SEGMENT_LAYERS_MAX) {
    weir_reading_bad(reading, value ? "layers" : "", "needs `layers`, two to %d of them, the most active first: { { \"creators\", 1 }, { \"readers\", 99 } }",
                     WEIR_SEGMENT_LAYERS_MAX);
    return WEIR_OK;
  }
  for (uint32_t i = 0; i < cnt && status == WEIR_OK; i++) status = read_layer(reading, &value->u.t->list[i], out);
  for (uint32_t i = 0; i < out->layer_cnt; i++) sum += out->shares[i];
  if (status == WEIR_OK && out->layer_cnt == cnt && sum != 100) weir_reading_bad(reading, "layers", "the shares make %u percent, not 100", sum);
  return status;
}

static weir_status read_segment(struct weir_load *load, const struct weir_decl *decl, struct weir_segment *out) {
  struct weir_reading reading;
  *out = (struct weir_segment){ .layer_cnt = 0 };
  if (!weir_load_full_name(load, decl, decl->name, &out->name)) return WEIR_E_NOMEM;
  if (decl->body.kind != WEIR_VALUE_TABLE) return WEIR_OK;
  weir_reading_begin(&reading, load, decl, load->arena);
  const char *fault = weir_load_name_fault(decl->name, WEIR_TAG_MAX);
  if (fault) weir_reading_bad(&reading, "", "the name %s", fault);
  weir_reading_known(&reading, false);
  weir_status status = weir_reading_str(&reading, "by", WEIR_TAG_MAX, &out->by);
  if (status == WEIR_OK && !out->by.len && !decl->hurt) weir_reading_bad(&reading, "", "needs `by`: the counter that says how active somebody is");
  weir_segment_key(out->by, out->key);
  if (status == WEIR_OK) status = read_layers(&reading, out);
  return weir_reading_end(&reading, status);
}

weir_status weir_load_segments(struct weir_load *load) {
  uint32_t cnt = load->decls[WEIR_DECL_SEGMENT].cnt, i = 0;
  const struct weir_decl **sorted = weir_arena_array(&load->work, cnt, sizeof(*sorted));
  struct weir_segment *segments = weir_arena_array(load->arena, cnt, sizeof(*segments));
  if (!sorted || !segments) return weir_load_no_memory(load);
  if (cnt > WEIR_SEGMENTS_MAX) return weir_fail(&load->fatal, WEIR_E_LIMIT, "%u segments are declared; at most %d", cnt, WEIR_SEGMENTS_MAX);
  weir_status status = weir_load_doubles(load, WEIR_DECL_SEGMENT, sorted);
  for (const struct weir_decl *d = load->decls[WEIR_DECL_SEGMENT].first; status == WEIR_OK && d; d = d->next) status = read_segment(load, d, &segments[i++]);
  load->ruleset->segments = segments;
  load->ruleset->segment_cnt = i;
  return status;
}
