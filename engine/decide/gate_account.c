/* gate_account.c: account = "wechat_personal/tutor_*" or a list: the event came to one of these accounts of ours. A star stands
 * for any ending of the channel or of the account. */
#include "decide/gates.h"

#include "decide/parse.h"

struct glob {
  weir_str channel, account; /* without the star */
  bool channel_star, account_star;
};

struct globs {
  const struct glob *items;
  struct weir_gate_list written;
};

/* Takes the star off the end of a part. false: there is one elsewhere. */
static bool take_star(weir_str *part, bool *star) {
  *star = part->len > 0 && part->ptr[part->len - 1] == '*';
  if (*star) part->len--;
  return part->len == 0 || !memchr(part->ptr, '*', part->len);
}

static weir_status parse_glob(struct weir_parse *p, weir_str text, struct glob *out) {
  weir_str quoted = weir_parse_quote(text);
  const char *slash = memchr(text.ptr, '/', text.len);
  if (!slash) {
    return weir_parse_bad(p, NULL, "\"%.*s\" is no account: write channel/account, such as \"douyin/papers\" or \"%.*s/*\"",
                          WEIR_FMT(quoted), WEIR_FMT(quoted));
  }
  out->channel = (weir_str){ text.ptr, (size_t)(slash - text.ptr) };
  out->account = (weir_str){ slash + 1, text.len - out->channel.len - 1 };
  if (out->channel.len == 0 || out->account.len == 0 || memchr(out->account.ptr, '/', out->account.len)) {
    return weir_parse_bad(p, NULL, "\"%.*s\" is no account: write channel/account, such as \"douyin/papers\"", WEIR_FMT(quoted));
  }
  if (!take_star(&out->channel, &out->channel_star) || !take_star(&out->account, &out->account_star)) {
    return weir_parse_bad(p, NULL, "\"%.*s\": a star may only end the channel or the account, as in \"wechat_personal/tutor_*\"",
                          WEIR_FMT(quoted));
  }
  return out->channel_star ? WEIR_OK : weir_gate_check_channel(p, out->channel);
}

static weir_status parse(struct weir_parse *p, const struct weir_value *value, const void **data) {
  *data = NULL;
  struct globs *globs = weir_arena_zalloc(p->arena, sizeof *globs);
  if (!globs) return weir_parse_no_memory(p);
  weir_status status = weir_parse_strings(p, NULL, value, &globs->written.items, &globs->written.cnt);
  if (status != WEIR_OK) return status;
  struct glob *items = weir_arena_array(p->arena, globs->written.cnt, sizeof *items);
  if (!items) return weir_parse_no_memory(p);
  for (uint32_t i = 0; status == WEIR_OK && i < globs->written.cnt; i++)
    status = parse_glob(p, globs->written.items[i], &items[i]);
  if (status != WEIR_OK) return status;
  globs->items = items;
  *data = globs;
  return WEIR_OK;
}

static bool fits(weir_str part, bool star, weir_str word) { return star ? weir_str_starts(word, part) : weir_str_eq(part, word); }

static enum weir_gate_answer ask(const void *data, struct weir_decide *d, weir_error *err) {
  const struct globs *globs = data;
  (void)err;
  for (uint32_t i = 0; i < globs->written.cnt; i++) {
    const struct glob *glob = &globs->items[i];
    if (fits(glob->channel, glob->channel_star, d->event->channel) &&
        fits(glob->account, glob->account_star, d->event->account)) {
      return WEIR_GATE_PASS;
    }
  }
  return WEIR_GATE_FAIL;
}

static void explain(const void *data, const struct weir_decide *d, struct weir_buf *out) {
  const struct globs *globs = data;
  weir_buf_text(out, "account is ");
  weir_buf_str(out, d->event->channel);
  weir_buf_byte(out, '/');
  weir_buf_str(out, d->event->account);
  weir_buf_text(out, ", not ");
  weir_gate_say_list(out, &globs->written);
}

const struct weir_gate_kind weir_gate_account = {
  .name = "account", .takes = "\"channel/account\" or a list; a star may end either part",
  .says = "The event came to one of these accounts.", .parse = parse, .ask = ask, .explain = explain,
};
