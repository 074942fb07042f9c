/* gate_segment.c: segment = "layers/creators" or a list: the person belongs to one of these layers. */
#include "decide/gates.h"

#include "decide/parse.h"
#include "limits.h"

struct layers {
  const struct weir_segment *segment[WEIR_SEGMENT_LAYERS_MAX];
  uint32_t layer[WEIR_SEGMENT_LAYERS_MAX];
  uint32_t cnt;
};

static weir_status no_layer(struct weir_parse *p, const struct weir_segment *segment, weir_str name) {
  weir_str quoted = weir_parse_quote(name), near = weir_nearest(name, segment->layers, segment->layer_cnt);
  if (near.len) return weir_parse_bad(p, NULL, "there is no layer \"%.*s\"; did you mean \"%.*s\"?", WEIR_FMT(quoted), WEIR_FMT(near));
  return weir_parse_bad(p, NULL, "there is no layer \"%.*s\" in segment \"%.*s\"", WEIR_FMT(quoted), WEIR_FMT(weir_parse_own_name(segment->name)));
}

static weir_status parse_one(struct weir_parse *p, weir_str text, struct layers *out) {
  weir_str pack, own, quoted = weir_parse_quote(text), any = { NULL, 0 };
  weir_parse_split_pack(p->pack, text, &pack, &own);
  const char *slash = own.len ? memchr(own.ptr, '/', own.len) : NULL;
  weir_str name = { own.ptr, slash ? (size_t)(slash - own.ptr) : own.len };
  weir_str layer = slash ? (weir_str){ slash + 1, own.len - name.len - 1 } : (weir_str){ NULL, 0 };
  for (uint32_t i = 0; i < p->ruleset->segment_cnt; i++) {
    const struct weir_segment *segment = &p->ruleset->segments[i];
    if (weir_parse_in_pack(segment->name, pack)) any = weir_parse_own_name(segment->name);
    if (!slash || !weir_parse_full_name(segment->name, pack, name)) continue;
    for (uint32_t k = 0; k < segment->layer_cnt; k++) {
      if (!weir_str_eq(segment->layers[k], layer)) continue;
      out->segment[out->cnt] = segment;
      out->layer[out->cnt++] = k;
      return WEIR_OK;
    }
    return no_layer(p, segment, layer);
  }
  if (any.len) return weir_parse_bad(p, NULL, "\"%.*s\" names no layer: write segment/layer, such as \"%.*s/...\"", WEIR_FMT(quoted), WEIR_FMT(any));
  return weir_parse_bad(p, NULL, "\"%.*s\" names no layer: the pack declares no segment (segment \"layers\" { by = \"points\", layers = { ... } })",
                        WEIR_FMT(quoted));
}

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  const weir_str *items;
  uint32_t cnt;
  *data = NULL;
  struct layers *layers = weir_arena_zalloc(p->arena, sizeof *layers);
  if (!layers) return weir_parse_no_memory(p);
  weir_status status = weir_parse_strings(p, NULL, value, &items, &cnt);
  if (status == WEIR_OK && cnt > WEIR_SEGMENT_LAYERS_MAX) return weir_parse_bad(p, NULL, "at most %d layers", WEIR_SEGMENT_LAYERS_MAX);
  for (uint32_t i = 0; i < cnt && status == WEIR_OK; i++) status = parse_one(p, items[i], layers);
  if (status == WEIR_OK) *data = layers;
  return status;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  const struct layers *layers = data;
  uint32_t own = 0;
  d->state_asked = true;
  for (uint32_t i = 0; i < layers->cnt; i++) {
    bool same = i > 0 && layers->segment[i] == layers->segment[i - 1];
    if (!same && weir_segment_layer(d, layers->segment[i], &own, err) != WEIR_OK) return WEIR_GATE_BROKEN;
    if (own == layers->layer[i]) return WEIR_GATE_PASS;
  }
  return WEIR_GATE_FAIL;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  const struct layers *layers = data;
  struct weir_decide own = *d; /* asking changes nothing but what is loaded already */
  uint32_t layer;
  if (weir_segment_layer(&own, layers->segment[0], &layer, NULL) != WEIR_OK) return;
  weir_buf_text(out, "segment: belongs to ");
  weir_buf_str(out, layers->segment[0]->layers[layer]);
}

const struct weir_gate_kind weir_gate_segment = {
  .name = "segment", .on_state = true, .needs_past = true, .takes = "\"segment/layer\" or a list",
  .says = "The person belongs to one of these layers of a segment, by how active he is beside the others.",
  .parse = parse, .ask = ask, .explain = explain,
};
