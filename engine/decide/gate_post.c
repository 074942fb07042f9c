/* gate_post.c: post = "v1" or { "v1", "v2" }: the event belongs to one of these posts. */
#include "decide/gates.h"

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  (void)err;
  return d->event->post.len > 0 && weir_gate_list_has(data, d->event->post) ? WEIR_GATE_PASS : WEIR_GATE_FAIL;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  weir_buf_text(out, d->event->post.len ? "post is " : "there is no post; it must be ");
  if (d->event->post.len) {
    weir_buf_str(out, d->event->post);
    weir_buf_text(out, ", not ");
  }
  weir_gate_say_list(out, data);
}

const struct weir_gate_kind weir_gate_post = {
  .name = "post", .takes = "an id or a list of ids", .says = "The event belongs to one of these posts.",
  .parse = weir_gate_parse_list, .ask = ask, .explain = explain,
};
