/* gate_channel.c: channel = "douyin" or { "douyin", "tiktok" }: the event came from one of these platforms. */
#include "decide/gates.h"

#include "decide/parse.h"

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  weir_status status = weir_gate_parse_list(p, value, data);
  const struct weir_gate_list *list = *data;
  for (uint32_t i = 0; status == WEIR_OK && i < list->cnt; i++) {
    weir_str name = list->items[i], quoted = weir_parse_quote(name);
    const char *slash = memchr(name.ptr, '/', name.len);
    if (slash) {
      status = weir_parse_bad(p, NULL, "\"%.*s\" is an account: write channel = \"%.*s\" or account = \"%.*s\"", WEIR_FMT(quoted),
                              (int)(slash - name.ptr), name.ptr, WEIR_FMT(quoted));
    } else if (memchr(name.ptr, '*', name.len)) {
      status =
          weir_parse_bad(p, NULL, "\"%.*s\": a channel is named in full; leave the line out for all channels", WEIR_FMT(quoted));
    } else {
      status = weir_gate_check_channel(p, name);
    }
  }
  if (status != WEIR_OK) *data = NULL;
  return status;
}

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  (void)err;
  return weir_gate_list_has(data, d->event->channel) ? WEIR_GATE_PASS : WEIR_GATE_FAIL;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  weir_buf_text(out, "channel is ");
  weir_buf_str(out, d->event->channel);
  weir_buf_text(out, ", not ");
  weir_gate_say_list(out, data);
}

const struct weir_gate_kind weir_gate_channel = {
  .name = "channel", .takes = "a name or a list of names", .says = "The event came from one of these channels.",
  .parse = parse, .ask = ask, .explain = explain,
};
