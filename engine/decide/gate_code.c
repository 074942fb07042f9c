/* gate_code.c: code = "unknown" or { "used", "expired" }: what the code in a message or friend request came to. A text without
 * anything like a code passes only "none". */
#include "decide/gates.h"

#include "decide/action_fields.h"
#include "decide/parse.h"

static const weir_str names[] = {
  [WEIR_CODE_NONE] = { "none", 4 },       [WEIR_CODE_OK] = { "ok", 2 },           [WEIR_CODE_OWN] = { "own", 3 },
  [WEIR_CODE_USED] = { "used", 4 },       [WEIR_CODE_EXPIRED] = { "expired", 7 }, [WEIR_CODE_UNKNOWN] = { "unknown", 7 },
  [WEIR_CODE_LIMITED] = { "limited", 7 }, [WEIR_CODE_REFUSED] = { "refused", 7 },
};
#define NAME_CNT (sizeof names / sizeof names[0])

static weir_status parse_one(struct weir_parse *p, weir_str name, uint32_t *states) {
  for (uint32_t i = 0; i < NAME_CNT; i++) {
    if (!weir_str_eq(names[i], name)) continue;
    *states |= UINT32_C(1) << i;
    return WEIR_OK;
  }
  weir_str quoted = weir_parse_quote(name), near = weir_nearest(name, names, NAME_CNT);
  if (near.len) return weir_parse_bad(p, NULL, "\"%.*s\" is nothing that a code can be; did you mean \"%.*s\"?", WEIR_FMT(quoted), WEIR_FMT(near));
  return weir_parse_bad(p, NULL, "\"%.*s\" is nothing that a code can be: ok, own, used, expired, unknown, limited, refused or none", WEIR_FMT(quoted));
}

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  const weir_str *items;
  uint32_t cnt;
  *data = NULL;
  uint32_t *states = weir_arena_zalloc(p->arena, sizeof *states);
  if (!states) return weir_parse_no_memory(p);
  weir_status status = weir_fields_need_kind(p, WEIR_KIND_BIT(WEIR_EVENT_MESSAGE) | WEIR_KIND_BIT(WEIR_EVENT_FRIEND_REQUEST),
                                             "codes in messages and friend requests");
  if (status == WEIR_OK) status = weir_parse_strings(p, NULL, value, &items, &cnt);
  for (uint32_t i = 0; status == WEIR_OK && i < cnt; i++) status = parse_one(p, items[i], states);
  if (status == WEIR_OK) *data = states;
  return status;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  (void)err;
  return *(const uint32_t *)data >> d->code & 1 ? WEIR_GATE_PASS : WEIR_GATE_FAIL;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  (void)data;
  if (d->code == WEIR_CODE_NONE) {
    weir_buf_text(out, "code: there is none in the text");
    return;
  }
  weir_buf_text(out, "code is ");
  weir_buf_str(out, names[d->code]);
}

const struct weir_gate_kind weir_gate_code = {
  .name = "code",
  .needs_past = true,
  .takes = "\"ok\", \"own\", \"used\", \"expired\", \"unknown\", \"limited\", \"refused\", \"none\", or a list of them",
  .says = "What the code in the message came to: it joined two contacts, was used before, ran out, leads to nobody, was one too many wrong ones, or would join "
          "two who cannot be one.",
  .parse = parse,
  .ask = ask,
  .explain = explain,
};
